"""The procedure `dev_display_anomaly_detection_evaluation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.display.evaluation import draw_evaluation
from dlproc.display.figures import check_windows, figure_of_windows, finished, undrawn
from dlproc.display.panels import Evaluation
from dlproc.display.saving import is_display_off
from dlproc.errors import DLDictError, DLParamError
from dlproc.schema.check import check_keys, check_options, convert
from dlproc.schema.keys import (
    CLASS_NAMES,
    EVALUATION_DISPLAY_MODES,
    MODEL_TYPES,
    AnomalyScoreHistogram,
    DisplayEvaluationGenParam,
    EvalParams,
    EvaluationResult,
    ProCurve,
    TypeEvaluation,
)
from dlproc.schema.kinds import Array, Nested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The key that a mode reads, and the measure of evaluate_dl_model that gives it; the others read the histogram.
_KEY_AND_MEASURE = {
    "absolute_confusion_matrix": ("absolute_confusion_matrix", "absolute_confusion_matrix"),
    "relative_confusion_matrix": ("relative_confusion_matrix", "relative_confusion_matrix"),
    "pie_charts_precision": ("absolute_confusion_matrix", "precision"),
    "pie_charts_recall": ("absolute_confusion_matrix", "recall"),
    "pro_curve": ("pro_curve", "au_pro"),
    "anomaly_types": ("anomaly_types", "anomaly_types"),
}
_HISTOGRAM = ("anomaly_score_histogram", "anomaly_score_histogram")


def dev_display_anomaly_detection_evaluation(
    evaluation_result: EvaluationResult,
    eval_params: EvalParams,
    gen_param: Mapping[str, Any] | None = None,
    window_handle_dict: dict[str, Any] | None = None,
) -> Figure:
    """Draw what `evaluate_dl_model` measured.

    Parameters
    ----------
    evaluation_result : EvaluationResult
        Read: ``'anomaly_score_histogram'``, and for the modes that need them ``'absolute_confusion_matrix'``,
        ``'relative_confusion_matrix'``, ``'pro_curve'``, ``'anomaly_types'``; of ``'global_evaluation'``, where there,
        areas, ``'confidence_intervals'`` and ``'undefined'``.
    eval_params : EvalParams
        Read: ``'evaluation_type'``, and where there ``'class_names'``, ``'anomaly_classification_thresholds'``,
        ``'confidence'``.
    gen_param : mapping, optional
        ``'display_mode'`` : list, default ``['score_histogram', 'score_legend']``; a panel for each of:

        - ``'score_histogram'``: for each score the share of ok images that score so much or more, and of nok images
          that score so much or less. At a threshold these are the false alarms and, but for equality, the misses.
        - ``'score_legend'``: what its lines are.
        - ``'absolute_confusion_matrix'``, ``'relative_confusion_matrix'``: rows predicted, columns truth.
        - ``'pie_charts_precision'``: of the images predicted ok, nok, how many are. ``'pie_charts_recall'``: of the
          images that are, how many are predicted so.
        - dlproc's own: ``'roc'``, ``'precision_recall'``, from the scores; ``'pro_curve'``, the overlap with the
          defects up to 30 % false positives; ``'anomaly_types'``, recall and AUROC of each kind of defect with
          confidence intervals, the worst on top.
        - ``'all'``: every one that there is data for.

        ``'classification_threshold_index'`` : int, from 0, default the last; the threshold of matrices, pies and
        recalls.
        ``'estimated_thresholds'`` : up to three numbers for the histogram, in place of the evaluation's.
        ``'histogram_min'``, ``'histogram_max'`` : limits of the score, default 0 and -1, which means 1.
        ``'row_col_names_color'``, ``'display_column_width'`` ('equal', 'minimal'), ``'display_matrix_color'`` : look
        of the matrices. ``'font'``, ``'font_size'``, ``'show'`` : as in `dev_display_dl_data`.
    window_handle_dict : dict, optional
        Written: ``'figure'``, which the next call with this dictionary draws into again.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig(file)``; `save_windows_to` does it for all.

    Raises
    ------
    DLDictError
        A mode whose data is missing; the message names the measure to ask `evaluate_dl_model` for. Another
        `evaluation_type`.
    DLParamError
        An unknown option or mode; more than three estimated thresholds; an index out of range.
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.

    Notes
    -----
    A measure that is undefined, such as a ROC without nok images, is an empty panel that says the reason. Lines of ok
    and nok images have HALCON's colours and differ in style as well.
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, DisplayEvaluationGenParam, "gen_param")
    check_windows(window_handle_dict)
    check_keys(eval_params, EvalParams, ["evaluation_type"], "eval_params")
    if eval_params["evaluation_type"] not in MODEL_TYPES:
        expected = " or ".join(map(repr, MODEL_TYPES))
        raise DLDictError("eval_params['evaluation_type']", expected, repr(eval_params["evaluation_type"]))
    check_keys(evaluation_result, EvaluationResult, ["anomaly_score_histogram"], "evaluation_result")
    histogram = evaluation_result["anomaly_score_histogram"]
    where = "evaluation_result['anomaly_score_histogram']"
    check_keys(histogram, AnomalyScoreHistogram, ["ok_x", "ok_y", "nok_x", "nok_y"], where)
    if not histogram["ok_x"] and not histogram["nok_x"]:
        raise DLDictError(where, "the score of at least one image", "none")
    if len(options["estimated_thresholds"]) > 3:
        got = f"{len(options['estimated_thresholds'])}"
        raise DLParamError("gen_param['estimated_thresholds']", "at most 3 numbers", got)
    low, high = options["histogram_min"], options["histogram_max"]
    if 0 <= high <= low:
        raise DLParamError("gen_param['histogram_max']", f"more than histogram_min, {low:g}, or -1", f"{high:g}")
    modes = _modes(evaluation_result, options["display_mode"])
    _check_data(evaluation_result)

    # 2. Choose the threshold of matrices, pies and recalls.
    thresholds = list(eval_params.get("anomaly_classification_thresholds", []))
    index = options["classification_threshold_index"]
    if index is not None and index >= len(thresholds):
        expected = f"an index from 0 to {len(thresholds) - 1}" if thresholds else "none: no threshold was evaluated"
        raise DLParamError("gen_param['classification_threshold_index']", expected, f"{index}")
    index = len(thresholds) - 1 if index is None else index
    measured = evaluation_result.get("global_evaluation", {})
    if is_display_off():
        return undrawn()

    # 3. Unpack what the panels read, and draw them.
    evaluation = Evaluation(
        np.asarray(histogram["ok_x"], np.float64),
        np.asarray(histogram["nok_x"], np.float64),
        np.asarray(histogram["ok_y"], np.float64),
        np.asarray(histogram["nok_y"], np.float64),
        names=_names(eval_params),
        thresholds=options["estimated_thresholds"] or thresholds,
        threshold=thresholds[index] if thresholds else None,
        matrix=_matrix(evaluation_result, "absolute_confusion_matrix", index, modes),
        relative_matrix=_matrix(evaluation_result, "relative_confusion_matrix", index, modes),
        pro_curve=evaluation_result.get("pro_curve"),
        types=evaluation_result.get("anomaly_types", []),
        threshold_index=index,
        numbers=measured,
        undefined=measured.get("undefined", {}),
        intervals=measured.get("confidence_intervals", {}),
        confidence=eval_params.get("confidence", 0.95),
    )
    figure = figure_of_windows(window_handle_dict, options["show"])
    draw_evaluation(figure, modes, evaluation, options)

    # 4. Show it only when asked for, and write it where pictures are written.
    return finished(figure, "evaluation", options["show"])


def _modes(evaluation_result: EvaluationResult, asked: list[str]) -> list[str]:
    """The panels to draw, each once; an error if one of those that are named has no data."""
    if "all" in asked:
        return [m for m in EVALUATION_DISPLAY_MODES if _KEY_AND_MEASURE.get(m, _HISTOGRAM)[0] in evaluation_result]
    for mode in asked:
        key, measure = _KEY_AND_MEASURE.get(mode, _HISTOGRAM)
        if key not in evaluation_result:
            hint = f"display_mode '{mode}': ask evaluate_dl_model for the measure '{measure}'"
            raise DLDictError(f"evaluation_result['{key}']", "what to display", "no such key", hint, halcon_code=2894)
    return list(dict.fromkeys(asked))


def _check_data(evaluation_result: EvaluationResult) -> None:
    """Raise `DLDictError` unless the curve and the kinds of defect, where there, hold what is drawn of them."""
    if evaluation_result.get("pro_curve") is not None:
        where = "evaluation_result['pro_curve']"
        check_keys(evaluation_result["pro_curve"], ProCurve, ["false_positive_rate", "overlap"], where)
    for index, described in enumerate(evaluation_result.get("anomaly_types", [])):
        where = f"evaluation_result['anomaly_types'][{index}]"
        check_keys(described, TypeEvaluation, ["anomaly_type", "n_images", "image_auroc"], where)


def _names(eval_params: EvalParams) -> tuple[str, str]:
    """The class names, ok before nok."""
    names = dict(zip(eval_params.get("class_ids", [0, 1]), eval_params.get("class_names", CLASS_NAMES), strict=False))
    return str(names.get(0, "ok")), str(names.get(1, "nok"))


def _matrix(evaluation_result: EvaluationResult, key: str, index: int, modes: list[str]) -> Any:
    """The matrix of the threshold in use, or None where no panel needs it."""
    if key not in {_KEY_AND_MEASURE.get(mode, _HISTOGRAM)[0] for mode in modes}:
        return None
    matrices: list[Any] = evaluation_result[key]  # type: ignore[literal-required]
    where = f"evaluation_result['{key}']"
    if not 0 <= index < len(matrices):
        raise DLDictError(
            where, "a matrix for each of eval_params['anomaly_classification_thresholds']", f"{len(matrices)}"
        )
    matrix = convert(matrices[index], Nested("", "ConfusionMatrix"), f"{where}[{index}]", DLDictError)
    where = f"{where}[{index}]['confusion_matrix']"
    counts = convert(matrix.get("confusion_matrix"), Array("", dtypes=("float64",)), where, DLDictError)
    if counts.shape != (2, 2):
        raise DLDictError(where, "a matrix of 2 x 2", f"one of {' x '.join(map(str, counts.shape))}")
    return counts
