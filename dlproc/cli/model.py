"""Models as the commands need them: trained, with thresholds, and the preprocessing that they were trained with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dlproc as dl
from dlproc.errors import DLFileError, DLModelError

if TYPE_CHECKING:
    from dlproc.cli.console import Console
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import DLPreprocessParam
    from dlproc.schema.threshold_origin import ThresholdOrigin


def read_trained_model(file_name: str, runtime: str = "cpu") -> DLModel:
    """A model that can be applied.

    Raises
    ------
    DLFileError
        No such file, or no model.
    DLModelError
        It is not trained.
    """
    model = dl.read_dl_model(file_name)
    if not model.is_trained:
        hint = "dlproc train FOLDER -o MODEL trains one"
        raise DLModelError(file_name, "a trained model", "one that is not trained", hint, halcon_code=7881)
    if runtime != "cpu":
        dl.set_dl_model_param(model, "runtime", runtime)
    return model


def stored_thresholds(model: DLModel, file_name: str) -> tuple[float, float]:
    """Thresholds of the pixels and of the image, that `compute_dl_anomaly_thresholds` left in the model.

    Raises
    ------
    DLModelError
        There are none, or a text that is no number from 0; or they are for scores with another
        'standard_deviation_factor', 'gc_anomaly_networks' or 'anomaly_score_tolerance'.
    """
    from dlproc.models.handle import score_facts
    from dlproc.schema.threshold_origin import changed_parameter, stored_number

    meta_data = dl.get_dl_model_param(model, "meta_data")
    changed = changed_parameter(meta_data, score_facts(model))
    if changed is not None:
        name, value, computed_with = changed
        expected = f"thresholds that were computed with the model's {name}, {value}"
        raise DLModelError(file_name, expected, f"with {computed_with}", "dlproc thresholds computes them anew")
    values = []
    for name in ("anomaly_segmentation_threshold", "anomaly_classification_threshold"):
        hint = f"dlproc thresholds {file_name} FOLDER --method halcon computes it"
        value_of_name = stored_number(meta_data, name, f"{file_name}: '{name}'", hint)
        if value_of_name is None:
            raise DLModelError(file_name, f"a model with '{name}' in its meta_data", "none", hint)
        values.append(value_of_name)
    return values[0], values[1]


def origin_of_threshold(model: DLModel) -> ThresholdOrigin | None:
    """Where the threshold of the image is from; None where there is none."""
    from dlproc.models.handle import score_facts
    from dlproc.schema.threshold_origin import image_threshold_origin

    return image_threshold_origin(dl.get_dl_model_param(model, "meta_data"), score_facts(model))


def remark_rules(model: DLModel, console: Console) -> None:
    """Say that `detect` does not go by the threshold alone, where the model has rules."""
    rules = dl.get_dl_model_param(model, "decision_rules")
    if rules:
        names = ", ".join(repr(rule["name"]) for rule in rules)
        console.remark(f"note: dlproc detect decides by the rules of the model ({names}), not by the threshold alone")


def remark_memory(model: DLModel, console: Console) -> None:
    """Say so where training images cannot be told from new ones, because an older dlproc trained the model."""
    from dlproc.models.held_out import knows_its_images

    if not knows_its_images(model):
        console.remark(
            "note: this model does not know which images it was trained on; with those the figures are too good"
        )


def own_preprocess_param(model: DLModel) -> DLPreprocessParam:
    """How images become samples of this model, exactly as they did when it was trained."""
    return dl.create_dl_preprocess_param_from_model(model, dl.get_dl_model_param(model, "normalization_type"))


def model_path(file_name: str | Path) -> Path:
    """The file that `write_dl_model` writes: it adds ``.hdl`` unless the name ends so, or in ``.onnx``."""
    path = Path(file_name)
    return path if path.suffix.lower() in (".hdl", ".onnx") else path.with_name(path.name + ".hdl")


def file_of_model(file_name: str) -> Path:
    """The file that was read, so that it can be written again.

    Raises
    ------
    DLFileError
        Its name ends neither in ``.hdl`` nor in ``.onnx``: it would be written beside the old one.
    """
    path = Path(file_name) if Path(file_name).is_file() else model_path(file_name)
    if path != model_path(path):
        raise DLFileError(str(path), "a model file whose name ends in .hdl, to be written again", path.name)
    return path.resolve()  # a link stays one


def new_model_path(path: Path, is_forced: bool) -> Path:
    """Where a model can be written.

    Raises
    ------
    DLFileError
        It cannot be written; there is a file, and `is_forced` is False.
    """
    from dlproc.io.writing import check_writable

    output = model_path(path)
    check_writable(output)
    if output.exists() and not is_forced:
        raise DLFileError(str(output), "a file that does not exist", "an existing one", "--force replaces it")
    return output
