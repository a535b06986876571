"""``dlproc evaluate``: how well a model tells the images of a folder apart."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, aligned, counted
from dlproc.cli.folder import preprocess, read_folder, set_aside_trained, work_folder
from dlproc.cli.model import origin_of_threshold, read_trained_model, remark_memory, remark_rules, stored_thresholds

if TYPE_CHECKING:
    from dlproc.schema.keys import EvaluationResult

_DESCRIPTION = """\
Measure how well a model tells good images from defective ones, with the thresholds that are stored in it.

FOLDER is laid out as for dlproc train. Images that the model was trained on are left out, because on them it looks
better than it is.
"""
_LITTLE_OVERLAP = 0.05  # intersection over union of regions and annotations
_MEASURES = {  # name in the evaluation, and in the table
    "image_auroc": "image AUROC",
    "image_average_precision": "average precision",
    "image_best_f1": "best F1",
    "precision_at_recall_1": "precision at recall 1",
    "pixel_auroc": "pixel AUROC",
    "pixel_average_precision": "pixel average precision",
    "pixel_iou": "pixel IoU at the threshold",
    "au_pro": "AU-PRO to 30 % false positives",
    "au_pro_05": "AU-PRO to 5 % false positives",
}


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc evaluate``."""
    parser = options.add_command(commands, "evaluate", run, "measure a model on a folder", _DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="model file")
    parser.add_argument("folder", type=options.path, metavar="FOLDER", help="folder of images")
    parser.add_argument("--report", type=options.path, metavar="FILE", help="write one page of HTML to look at")
    parser.add_argument("--json", type=options.path, metavar="FILE", help="write all numbers")
    options.add_labels(parser)
    options.add_max_megapixels(parser)
    options.add_runtime(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Evaluate, print the table, and write report and numbers."""
    from dlproc.io.writing import atomic_write, check_writable
    from dlproc.measures.annotations import annotation_remarks

    model = read_trained_model(arguments.model, arguments.runtime)
    segmentation, classification = stored_thresholds(model, arguments.model)
    for file in filter(None, (arguments.report, arguments.json)):
        check_writable(file)  # an error now, and not when all is computed
    dataset = read_folder(arguments.folder, console, labels=options.labels(arguments))
    with work_folder() as folder:
        preprocess(dataset, model, folder, console)
        indices = set_aside_trained(dataset, model)
        n_trained = len(dataset["samples"]) - len(indices)
        if n_trained:
            console.remark(f"left out: {counted(n_trained, 'image')} that the model was trained on")
        console.step(f"Evaluating {counted(len(indices), 'image')}")
        gen_param = {
            "measures": "all",
            "anomaly_classification_thresholds": [classification],
            "anomaly_segmentation_threshold": segmentation,
            "show_progress": console.shows_bars,
        }
        result, eval_params = dl.evaluate_dl_model(dataset, model, "sample_indices", indices, gen_param)
        if arguments.report:
            console.step("Writing the report")
            options_of_report = {
                "title": f"{Path(arguments.model).name} on {arguments.folder}",
                "show_progress": console.shows_bars,
            }
            dl.write_dl_report(result, eval_params, dataset, model, arguments.report, options_of_report)

    origin = origin_of_threshold(model)
    remark_rules(model, console)
    remark_memory(model, console)
    for line in _table(result, eval_params["confidence"], f" ({origin.words()})" if origin else ""):
        console.result(line)
    for line in annotation_remarks(result["annotations"]):
        console.remark(f"note: {line}")
    _remark_outlines(result, segmentation, console)
    if arguments.json:
        content = json.dumps(_plain({"evaluation_result": result, "eval_params": eval_params}), indent=1)
        atomic_write(arguments.json, content.encode())
    for file in (arguments.report, arguments.json):
        if file:
            console.result(f"written: {file}")
    return 0


def _remark_outlines(result: EvaluationResult, segmentation: float, console: Console) -> None:
    """Say where images are rejected rightly, but hardly anything of their defects is outlined."""
    overlap = result["global_evaluation"].get("pixel_iou")
    if overlap is not None and overlap < _LITTLE_OVERLAP:
        console.remark(
            f"the threshold of the pixels, {segmentation:.4f}, outlines hardly anything of the annotated defects. It "
            "lies above what the good validation images show: more of them may lower it (dlproc thresholds takes half "
            "of all that were not trained on). detect --save-overlays shows the scores of all pixels in any case"
        )


def _table(result: EvaluationResult, confidence: float, origin: str) -> list[str]:
    """The evaluation as lines to read; `origin` says where the threshold is from."""
    overall = result["global_evaluation"]
    counts = result["absolute_confusion_matrix"][0]
    matrix = counts["confusion_matrix"].astype(int)
    n_ok, n_nok = (int(n) for n in matrix.sum(axis=0))
    lines = [f"{n_ok} good and {n_nok} defective images", ""]

    rows = []
    for name, title in _MEASURES.items():
        value = overall.get(name)
        if value is not None:
            interval = overall["confidence_intervals"].get(name)
            rows.append([title, f"{value:.3f}", _interval(interval)])
    if rows:
        lines += [*aligned([["measure", "value", f"{confidence:.0%} interval"], *rows]), ""]
    if overall.get("zero_miss_threshold") is not None:
        lines += [f"no defective image is missed up to a threshold of {overall['zero_miss_threshold']:.4f}", ""]

    lines.append(f"with the threshold of the model, {counts['threshold']:.4f}{origin}:")
    titles = ["", "good", "defective"]
    named = [["accepted", *map(str, matrix[0])], ["rejected", *map(str, matrix[1])]]
    lines += aligned([titles, *named], indent="  ")

    types = result.get("anomaly_types", [])
    if types:
        rows = [
            [
                kind["anomaly_type"],
                str(kind["n_images"]),
                str(round(kind["recall"][0] * kind["n_images"])),
                _number(kind["image_auroc"]),
                _interval(kind["image_auroc_interval"]),
            ]
            for kind in types
        ]
        lines += ["", *aligned([["defect type", "images", "rejected", "AUROC", "interval"], *rows])]
    titles_of: dict[str, list[str]] = {}
    for name, reason in overall.get("undefined", {}).items():
        if name in _MEASURES:
            titles_of.setdefault(reason, []).append(_MEASURES[name])
    lines += [""] * bool(titles_of)
    return lines + [f"not measured: {', '.join(titles)}: {reason}" for reason, titles in titles_of.items()]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(interval: list[float] | None) -> str:
    return "" if not interval else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _plain(value: Any) -> Any:
    """Arrays as lists and numbers that JSON does not have as null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
