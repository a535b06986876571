"""The procedure `evaluate_dl_model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dlproc.errors import DLDataError, DLParamError
from dlproc.measures.confusion import confusion_matrix, mean_of_defined, precision, recall, relative
from dlproc.measures.histogram import anomaly_score_histogram
from dlproc.measures.roc import PixelScores, auroc
from dlproc.models.handle import DLModel, check_model
from dlproc.models.operate import apply_dl_model, check_preprocessing, pixels_inside
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_indices, check_keys, check_options, convert
from dlproc.schema.keys import (
    ANOMALY_MEASURES,
    CLASS_IDS,
    CLASS_NAMES,
    SPLITS,
    DLDataset,
    DLDatasetSample,
    EvalParams,
    EvaluateGenParam,
    EvaluationResult,
)
from dlproc.schema.kinds import Integer, Items, Text, describe

_NEED_THRESHOLD = {"precision", "recall", "absolute_confusion_matrix", "relative_confusion_matrix"}


def evaluate_dl_model(
    dl_dataset: DLDataset,
    dl_model_handle: DLModel,
    sample_select_method: str,
    sample_select_values: object,
    gen_param: Mapping[str, Any] | None = None,
) -> tuple[EvaluationResult, EvalParams]:
    """Measure how well a model tells good images from anomalous ones.

    Parameters
    ----------
    dl_dataset : DLDataset
        Preprocessed. Read: the preprocessed samples that are selected, with ``'anomaly_label'``.
    dl_model_handle : DLModel
        Trained.
    sample_select_method : str
        ``'split'``, ``'image_ids'`` or ``'sample_indices'``.
    sample_select_values : str, int or list of them
        Names of splits, image ids, or positions in ``dl_dataset['samples']`` from 0.
    gen_param : mapping, optional
        ``'measures'`` : list of ``'anomaly_score_histogram'`` (default, always measured), ``'precision'``,
        ``'recall'``,
        ``'absolute_confusion_matrix'``, ``'relative_confusion_matrix'``, and dlproc's own ``'image_auroc'`` and
        ``'pixel_auroc'``; or ``'all'``.
        ``'anomaly_classification_thresholds'`` : list of float, for the four measures that need a decision.
        ``'show_progress'`` : bool, default False.

    Returns
    -------
    evaluation_result : EvaluationResult
        ``'anomaly_score_histogram'`` : two curves over the score. ``'absolute_confusion_matrix'``,
        ``'relative_confusion_matrix'`` : for each threshold rows predicted, columns ground truth, ok before nok.
        ``'global_evaluation'`` : ``'precision_per_class'``, ``'mean_precision'``, ``'recall_per_class'``,
        ``'mean_recall'`` (each a list, threshold by threshold; -1 where undefined), ``'image_auroc'``,
        ``'pixel_auroc'`` (None where undefined).
    eval_params : EvalParams
        How it was measured.

    Raises
    ------
    DLParamError
        An unknown method, measure or key; a measure that needs thresholds, without them.
    DLDataError
        No sample is selected.
    DLModelError
        The model is not trained (halcon_code 7881), or takes other samples.

    Notes
    -----
    Pixel AUROC goes over the pixels of good images (none is anomalous) and of images with an annotation; a 'nok' image
    without one tells nothing about its pixels and is left out of it. Undefined is None or, for HALCON's measures, -1.
    """
    # 1. Check the arguments and fill in the defaults.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = check_options(gen_param, EvaluateGenParam, "gen_param")
    measures = {"anomaly_score_histogram", *options["measures"]}
    thresholds = options["anomaly_classification_thresholds"]
    if options["evaluate_instances"]:
        raise DLParamError("gen_param['evaluate_instances']", "False: images are evaluated", "True")
    if sorted(options["class_ids"]) != CLASS_IDS:
        raise DLParamError("gen_param['class_ids']", f"{CLASS_IDS}", f"{list(options['class_ids'])}")
    if "all" in measures:
        measures = set(ANOMALY_MEASURES)
    if measures & _NEED_THRESHOLD and not thresholds:
        where = "gen_param['anomaly_classification_thresholds']"
        raise DLParamError(where, f"thresholds, for {', '.join(sorted(measures & _NEED_THRESHOLD))}", "none")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])

    # 2. Select the samples; each must have a label.
    indices = _select(dl_dataset, sample_select_method, sample_select_values)
    for index in indices:
        check_keys(dl_dataset["samples"][index], DLDatasetSample, ["anomaly_label"], f"dl_dataset['samples'][{index}]")

    # 3. Score each image; one is in memory at a time.
    is_nok = np.array([dl_dataset["samples"][index]["anomaly_label"] == "nok" for index in indices])
    scores = np.zeros(len(indices))
    pixels = PixelScores()
    progress = tqdm(indices, desc="Evaluating", unit="image", disable=not options["show_progress"])
    for position, index in enumerate(progress):
        sample = read_dl_samples(dl_dataset, index)[0]
        result = apply_dl_model(model, [sample])[0]
        scores[position] = result["anomaly_score"]
        if "pixel_auroc" in measures and ("anomaly_ground_truth" in sample or not is_nok[position]):
            truth = np.asarray(sample.get("anomaly_ground_truth", np.zeros(result["anomaly_image"].shape))) > 0
            pixels.add(pixels_inside(result), truth[result["domain"]] if "domain" in result else truth.ravel())

    # 4. Measure.
    evaluation: dict[str, Any] = {"anomaly_score_histogram": anomaly_score_histogram(scores[~is_nok], scores[is_nok])}
    matrices = [confusion_matrix(scores, is_nok, threshold) for threshold in thresholds]
    if measures & {"absolute_confusion_matrix", "precision", "recall"}:
        evaluation["absolute_confusion_matrix"] = _with_thresholds(matrices, thresholds)
    if "relative_confusion_matrix" in measures:
        evaluation["relative_confusion_matrix"] = _with_thresholds([relative(m) for m in matrices], thresholds)
    global_evaluation: dict[str, Any] = {}
    for name, measure in (("precision", precision), ("recall", recall)):
        if name in measures:
            per_threshold = [measure(matrix) for matrix in matrices]
            global_evaluation[f"{name}_per_class"] = [value for values in per_threshold for value in values]
            global_evaluation[f"mean_{name}"] = [mean_of_defined(values) for values in per_threshold]
    if "image_auroc" in measures:
        global_evaluation["image_auroc"] = auroc(scores, is_nok)
    if "pixel_auroc" in measures:
        global_evaluation["pixel_auroc"] = pixels.auroc()
    if global_evaluation:
        evaluation["global_evaluation"] = global_evaluation
    return evaluation, _eval_params(measures, thresholds)  # type: ignore[return-value]


def _select(dl_dataset: DLDataset, method: str, values: object) -> list[int]:
    """Positions of the selected samples; an error if there is none."""
    samples = dl_dataset["samples"]
    methods = ("split", "image_ids", "sample_indices")
    method = convert(method, Text("", choices=methods), "sample_select_method", DLParamError)
    where = "sample_select_values"
    if method == "split":
        splits = convert(values, Items("", kind=Text("", choices=SPLITS)), where, DLParamError)
        indices = find_dl_samples(samples, "split", splits, "or")
    elif method == "image_ids":
        ids = convert(values, Items("", kind=Integer("")), where, DLParamError)
        indices = find_dl_samples(samples, "image_id", ids, "or")
        missing = set(ids) - {samples[index]["image_id"] for index in indices}
        if missing:
            raise DLDataError("dl_dataset['samples']", f"a sample with image_id {min(missing)}", "none")
    else:
        indices = check_indices(values, len(samples), where)
    if not indices:
        raise DLDataError("dl_dataset['samples']", f"samples with {method} {describe(values)}", "none")
    return indices


def _with_thresholds(matrices: list[NDArray[np.float64]], thresholds: list[float]) -> list[dict[str, Any]]:
    pairs = zip(matrices, thresholds, strict=True)
    return [{"confusion_matrix": matrix, "threshold": threshold} for matrix, threshold in pairs]


def _eval_params(measures: set[str], thresholds: list[float]) -> dict[str, Any]:
    eval_params: dict[str, Any] = {
        "evaluation_type": "anomaly_detection",
        "class_ids": [0, 1],
        "num_classes": 2,
        "class_names": list(CLASS_NAMES),
        "evaluate_instances": 0,
        "measures": [name for name in ANOMALY_MEASURES if name in measures],
    }
    if thresholds:
        eval_params["anomaly_classification_thresholds"] = thresholds
    return eval_params
