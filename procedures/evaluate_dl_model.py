"""The procedure `evaluate_dl_model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dlproc.errors import DLDataError, DLParamError
from dlproc.measures.annotations import AnnotationCounts
from dlproc.measures.confusion import confusion_matrix, mean_of_defined, precision, recall, relative
from dlproc.measures.histogram import anomaly_score_histogram
from dlproc.measures.pixels import PixelScores, components_of
from dlproc.measures.regions import by_size, defects
from dlproc.measures.summary import image_measures, pixel_measures, type_measures
from dlproc.models.handle import DLModel, check_model, stored_threshold
from dlproc.models.held_out import was_trained_on
from dlproc.models.operate import apply_dl_model, check_preprocessing, pixels_inside
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_indices, check_keys, check_options, convert
from dlproc.schema.domain import counted
from dlproc.schema.keys import (
    ANOMALY_MEASURES,
    CLASS_IDS,
    CLASS_NAMES,
    NEED_THRESHOLD,
    SPLITS,
    DLDataset,
    DLDatasetSample,
    EvalParams,
    EvaluateGenParam,
    EvaluationResult,
)
from dlproc.schema.kinds import Integer, Items, Text, describe
from dlproc.tuples.matrices import Matrix

_OF_PIXELS = {"pixel_auroc", "pixel_average_precision", "pixel_best_f1", "pixel_iou", "au_pro"}


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
        ``'measures'`` : list of the names below, or ``'all'``; default ``'anomaly_score_histogram'``, which is always
        measured.
        ``'anomaly_classification_thresholds'`` : list of float, for the measures that need a decision; ``'recall'`` of
        the types is given for each. Not given: the model's own, of `compute_dl_anomaly_thresholds`.
        ``'anomaly_segmentation_threshold'`` : float, for what is found of the pixels and defects; default: the model's
        own, of `compute_dl_anomaly_thresholds`.
        ``'recalls'`` : list of float in (0, 1], for ``'fpr_at_recall'``; default 0.9, 0.95, 0.99, 1.
        ``'confidence'`` : float, level of the confidence intervals, default 0.95.
        ``'show_progress'`` : bool, default False.

    Returns
    -------
    evaluation_result : EvaluationResult
        HALCON's keys: ``'anomaly_score_histogram'`` : two curves over the score. ``'absolute_confusion_matrix'``,
        ``'relative_confusion_matrix'`` : for each threshold rows predicted, columns ground truth, ok before nok.
        ``'global_evaluation'`` : ``'precision_per_class'``, ``'mean_precision'``, ``'recall_per_class'``,
        ``'mean_recall'`` (measures ``'precision'`` and ``'recall'``; each a list, threshold by threshold; -1 where
        undefined).

        dlproc's own, in ``'global_evaluation'``, for images: ``'image_auroc'``, ``'image_average_precision'``,
        ``'image_best_f1'`` (with ``'image_best_f1_threshold'``), ``'precision_at_recall_1'`` (with
        ``'zero_miss_threshold'``), ``'fpr_at_recall'``; ``'confidence_intervals'`` has [low, high] of each. For pixels:
        ``'pixel_auroc'``, ``'pixel_average_precision'``, ``'pixel_best_f1'`` (with its threshold), ``'pixel_iou'``,
        ``'au_pro'`` (to a false-positive rate of 0.3; ``'au_pro_05'`` to 0.05). What is undefined is None, and
        ``'undefined'`` says why.

        And beside it: ``'anomaly_types'`` : each kind of defect against all good images. ``'image_scores'`` : every
        image with its score. ``'regions'`` (with ``'regions_by_size'``) : every annotated defect, found or missed.
        ``'pro_curve'`` : with measure ``'au_pro'``. ``'annotations'`` : with a measure of pixels or ``'regions'``, how
        many images are annotated, and how many annotations contradict the labels.
    eval_params : EvalParams
        How it was measured. ``'n_trained_on'`` : how many of the images the model was trained on, where there are any:
        on those it looks better than it is.

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
    The kind of a defect is the sample's ``'anomaly_type'`` or else the name of the image's folder.

    Measures of pixels go over the pixels of good images (none is anomalous) and of images with an annotation, inside
    the domain; a 'nok' image without an annotation tells nothing about its pixels and is left out of them.

    Intervals: DeLong for AUROC; Clopper and Pearson for recalls, false-positive rates and precision at recall 1; a
    stratified bootstrap of 1,000 samples from `set_system`'s seed for average precision and best F1; how far each can
    be trusted is said in `dlproc.measures.intervals`. The numbers say how well the model does
    on images *like these*: thresholds that were chosen on the same images make their matrices look better than new
    images will.
    """
    # 1. Check the arguments and fill in the defaults.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = check_options(gen_param, EvaluateGenParam, "gen_param")
    measures = {"anomaly_score_histogram", *options["measures"]}
    thresholds, segmentation = options["anomaly_classification_thresholds"], options["anomaly_segmentation_threshold"]
    if options["evaluate_instances"]:
        raise DLParamError("gen_param['evaluate_instances']", "False: images are evaluated", "True")
    if sorted(options["class_ids"]) != CLASS_IDS:
        raise DLParamError("gen_param['class_ids']", f"{CLASS_IDS}", f"{list(options['class_ids'])}")
    if "all" in measures:
        measures = set(ANOMALY_MEASURES)
    if measures & {*NEED_THRESHOLD, "anomaly_types"} and not thresholds:
        own = stored_threshold(model, "anomaly_classification_threshold")
        thresholds = options["anomaly_classification_thresholds"] = [] if own is None else [own]
    if segmentation is None and measures & {*_OF_PIXELS, "regions"}:
        segmentation = stored_threshold(model, "anomaly_segmentation_threshold")
    if measures & NEED_THRESHOLD and not thresholds:
        where = "gen_param['anomaly_classification_thresholds']"
        raise DLParamError(where, f"thresholds, for {', '.join(sorted(measures & NEED_THRESHOLD))}", "none")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])

    # 2. Select the samples; each must have a label.
    indices = _select(dl_dataset, sample_select_method, sample_select_values)
    for index in indices:
        check_keys(dl_dataset["samples"][index], DLDatasetSample, ["anomaly_label"], f"dl_dataset['samples'][{index}]")

    # 3. Score each image; one is in memory at a time.
    is_nok = np.array([dl_dataset["samples"][index]["anomaly_label"] == "nok" for index in indices])
    scores = np.zeros(len(indices))
    pixels, annotations, n_trained_on = PixelScores(segmentation), AnnotationCounts(), 0
    regions: list[dict[str, Any]] = []
    progress = tqdm(indices, desc="Evaluating", unit="image", disable=not options["show_progress"])
    for position, index in enumerate(progress):
        sample = read_dl_samples(dl_dataset, index)[0]
        result = apply_dl_model(model, [sample])[0]
        scores[position] = result["anomaly_score"]
        n_trained_on += was_trained_on(model, sample)
        annotations.add(bool(is_nok[position]), sample.get("anomaly_ground_truth"))
        if measures & (_OF_PIXELS | {"regions"}) and ("anomaly_ground_truth" in sample or not is_nok[position]):
            truth = np.asarray(sample.get("anomaly_ground_truth", np.zeros(result["anomaly_image"].shape))) > 0
            components = counted(components_of(truth), result)
            if measures & _OF_PIXELS:
                pixels.add(pixels_inside(result), components)
            found = defects(pixels_inside(result), components, segmentation)
            regions += [{"image_id": sample["image_id"], **asdict(defect)} for defect in found]

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
    recalls, confidence = options["recalls"], options["confidence"]
    own_measures = image_measures(scores, is_nok, measures, recalls, confidence, numpy_generator)
    if measures & _OF_PIXELS:
        measured = pixels.measure()
        own_measures.add(pixel_measures(measured, measures))
        if "au_pro" in measures:
            evaluation["pro_curve"] = measured.pro_curve
    global_evaluation |= own_measures.values
    global_evaluation |= {"confidence_intervals": own_measures.intervals} if own_measures.intervals else {}
    global_evaluation |= {"undefined": own_measures.undefined} if own_measures.undefined else {}
    images = _image_scores(dl_dataset, indices, scores)
    if "anomaly_types" in measures:
        types = [image["anomaly_type"] for image in images]
        evaluation["anomaly_types"] = type_measures(scores, is_nok, types, thresholds, options["confidence"])
    if "image_scores" in measures:
        evaluation["image_scores"] = images
    if "regions" in measures:
        evaluation["regions"] = regions
        evaluation["regions_by_size"] = by_size([r["area"] for r in regions], [r["found"] for r in regions])
    evaluation |= {"annotations": asdict(annotations)} if measures & (_OF_PIXELS | {"regions"}) else {}
    evaluation |= {"global_evaluation": global_evaluation} if global_evaluation else {}
    eval_params = _eval_params(measures, options, segmentation) | {"evaluation_type": model.parameters["type"]}
    return evaluation, eval_params | ({"n_trained_on": n_trained_on} if n_trained_on else {})  # type: ignore[return-value]


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
    return [{"confusion_matrix": matrix.view(Matrix), "threshold": threshold} for matrix, threshold in pairs]


def _image_scores(dl_dataset: DLDataset, indices: list[int], scores: NDArray[np.float64]) -> list[dict[str, Any]]:
    """One dictionary for each image of the selection."""
    rows = []
    for index, score in zip(indices, scores, strict=True):
        sample = dl_dataset["samples"][index]
        is_nok = sample["anomaly_label"] == "nok"
        folder = PurePosixPath(sample.get("image_file_name", "")).parent.name
        kind = sample.get("anomaly_type") or folder or "nok"
        row = {key: sample[key] for key in ("image_id", "image_file_name", "anomaly_label") if key in sample}
        rows.append(row | {"anomaly_type": kind if is_nok else "", "anomaly_score": float(score)})
    return rows


def _eval_params(measures: set[str], options: Mapping[str, Any], segmentation: float | None) -> dict[str, Any]:
    thresholds = options["anomaly_classification_thresholds"]
    of_pixels = segmentation is not None and bool(measures & {"pixel_iou", "regions"})
    has_intervals = bool(measures - NEED_THRESHOLD - {"anomaly_score_histogram"})
    eval_params: dict[str, Any] = {
        "evaluation_type": "anomaly_detection",
        "class_ids": [0, 1],
        "num_classes": 2,
        "class_names": list(CLASS_NAMES),
        "evaluate_instances": 0,
        "measures": [name for name in ANOMALY_MEASURES if name in measures],
    }
    eval_params |= {"anomaly_classification_thresholds": thresholds} if thresholds else {}
    eval_params |= {"anomaly_segmentation_threshold": segmentation} if of_pixels else {}
    eval_params |= {"recalls": list(options["recalls"])} if "fpr_at_recall" in measures else {}
    return eval_params | ({"confidence": options["confidence"]} if has_intervals else {})
