"""``dlproc info``: what a model file holds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console
from dlproc.cli.model import model_path, origin_of_threshold

_PREPROCESSING = (
    "image_width",
    "image_height",
    "image_num_channels",
    "normalization_type",
    "image_range_min",
    "image_range_max",
    "mean_values_normalization",
    "deviation_values_normalization",
    "image_bits",
)


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc info``."""
    parser = options.add_command(commands, "info", run, "what a model file holds", "Say what a model file holds.")
    parser.add_argument("model", metavar="MODEL", help="model file, or name of a pretrained model")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the model and print what is known of it."""
    facts = model_facts(arguments.model)
    if arguments.json:
        console.result(json.dumps(facts))
        return 0
    for line in _lines(facts):
        console.result(line)
    return 0


def model_facts(file_name: str) -> dict[str, Any]:
    """Everything about a model that fits on a page, as plain JSON."""
    model = dl.read_dl_model(file_name)
    path = Path(file_name) if Path(file_name).is_file() else model_path(file_name)
    training = {name: value for name, value in model.training.items() if not hasattr(value, "dtype")}  # no fingerprints
    return {
        "file": str(path) if path.is_file() else None,
        "file_size_bytes": path.stat().st_size if path.is_file() else None,
        "type": dl.get_dl_model_param(model, "type"),
        "method": model.method_name,
        "network": model.backbone_name,
        "is_trained": model.is_trained,
        "precision": dl.get_dl_model_param(model, "precision"),
        "conversion": _conversion(model),
        "numbers_learnt": dl.get_dl_model_param(model, "num_trainable_params"),
        "preprocessing": {name: dl.get_dl_model_param(model, name) for name in _PREPROCESSING},
        "tile_size": dl.get_dl_model_param(model, "tile_size"),
        "tile_overlap": dl.get_dl_model_param(model, "tile_overlap"),
        "complexity": dl.get_dl_model_param(model, "complexity"),
        "standard_deviation_factor": dl.get_dl_model_param(model, "standard_deviation_factor"),
        "class_names": dl.get_dl_model_param(model, "class_names"),
        "training": training,
        "thresholds": _thresholds(model),
        "meta_data": _meta_data(model),
        "decision_rules": dl.get_dl_model_param(model, "decision_rules"),
    }


def _thresholds(model: dl.DLModel) -> dict[str, Any]:
    """What is stored, where it is from, and what it promises; empty without thresholds."""
    from dlproc.models.handle import score_facts
    from dlproc.schema.threshold_origin import CLASSIFICATION, SEGMENTATION, pixel_threshold_origin

    meta_data, origin = dl.get_dl_model_param(model, "meta_data"), origin_of_threshold(model)
    facts: dict[str, Any] = {}
    if SEGMENTATION in meta_data:
        facts["of_pixels"] = meta_data[SEGMENTATION]
        facts["of_pixels_origin"] = pixel_threshold_origin(meta_data, score_facts(model))
    if origin is not None:
        facts["of_image"] = meta_data[CLASSIFICATION]
        facts |= {"of_image_origin": origin.words(), "promise": origin.promise or None}
    return facts


def _meta_data(model: dl.DLModel) -> dict[str, str]:
    """What is stored, without an origin of thresholds that are no longer stored: it would promise for others."""
    from dlproc.models.handle import parameters_for_file

    stored: dict[str, str] = parameters_for_file(model)["meta_data"]
    return stored


def _conversion(model: dl.DLModel) -> dict[str, Any] | None:
    """What `optimize_dl_model_for_inference` made of it, and what it found; None of a model as it was trained."""
    conversion = model.conversion
    return None if conversion is None else {"converted_for": conversion.target(), **conversion.report}


def _lines(facts: dict[str, Any], indent: str = "") -> list[str]:
    """One line for each fact; those of a dictionary stand indented below its name."""
    width = max(len(name) for name in facts)
    lines = []
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name:<{width}}  {_text(value)}")
    return lines


def _text(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return json.dumps(value) if isinstance(value, dict) else str(value)
