"""What the report is given, checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlproc.errors import DLDataError, DLDictError, DLParamError
from dlproc.io.writing import check_writable
from dlproc.schema.check import check_keys, check_list, convert
from dlproc.schema.keys import EvalParams, EvaluationResult, ImageScore
from dlproc.schema.kinds import Text
from dlproc.schema.threshold_origin import THRESHOLDS, stored_number

_READ = ("global_evaluation", "anomaly_types", "pro_curve", "regions_by_size")
_READ_PARAMS = ("anomaly_classification_thresholds", "anomaly_segmentation_threshold", "recalls", "confidence")
_READ_IMAGE = ("image_id", "anomaly_label", "anomaly_type", "anomaly_score")


def check_evaluation(evaluation_result: object, eval_params: object) -> list[dict[str, Any]]:
    """The images of an evaluation; an error that names the key unless everything that is read is of its kind."""
    check_keys(evaluation_result, EvaluationResult, [], "evaluation_result")
    check_keys(eval_params, EvalParams, [], "eval_params")
    assert isinstance(evaluation_result, dict) and isinstance(eval_params, dict)  # check_keys saw to it
    where = "evaluation_result['image_scores']"
    if "image_scores" not in evaluation_result:
        hint = "evaluate_dl_model with gen_param {'measures': 'all', ...} or with measure 'image_scores'"
        raise DLDictError(where, "the scores of the images", "no such key", hint)
    given = [key for key in _READ if key in evaluation_result]
    check_keys(evaluation_result, EvaluationResult, given, "evaluation_result")
    check_keys(eval_params, EvalParams, [key for key in _READ_PARAMS if key in eval_params], "eval_params")
    images = check_list(evaluation_result["image_scores"], where)
    if not images:
        raise DLDataError(where, "at least one image", "none")
    for index, image in enumerate(images):
        named = [key for key in ("image_file_name",) if key in image]
        check_keys(image, ImageScore, [*_READ_IMAGE, *named], f"{where}[{index}]")
    return images


def check_stored_thresholds(meta_data: Mapping[str, str]) -> None:
    """Raise `DLModelError` when a threshold that is stored with the model is no number from 0."""
    for name in THRESHOLDS:
        stored_number(meta_data, name, f"dl_model_handle: meta_data['{name}']")


def check_target(file_name: object) -> Path:
    """The file to write. What stands in its way is said before the work, not after it."""
    path = Path(convert(file_name, Text(""), "file_name", DLParamError))
    if not path.name:
        raise DLParamError("file_name", "the name of a file", repr(file_name))
    check_writable(path)
    return path
