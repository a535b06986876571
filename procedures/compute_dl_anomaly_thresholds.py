"""The procedure `compute_dl_anomaly_thresholds`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dlproc.errors import DLDataError
from dlproc.measures.thresholds import classification_thresholds, segmentation_threshold
from dlproc.models.handle import DLModel, check_model
from dlproc.models.operate import apply_dl_model, check_preprocessing, pixels_inside
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.keys import DLDataset, DLResult, ThresholdsGenParam


def compute_dl_anomaly_thresholds(
    dl_model_handle: DLModel, dl_dataset: DLDataset, gen_param: Mapping[str, Any] | None = None
) -> tuple[float, list[float]]:
    """Find the thresholds that turn scores into decisions, by HALCON's rule.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained. Written: ``'meta_data'`` gets ``'anomaly_segmentation_threshold'`` and
        ``'anomaly_classification_threshold'`` (the last one), as strings, so that they travel with the model's file.
    dl_dataset : DLDataset
        Preprocessed and split. Read: the preprocessed samples of split 'validation', the good ones of split 'test', and
        all that are 'nok'.
    gen_param : mapping, optional
        ``'use_ok_samples_only'`` : bool, default False. Take the classification threshold from good images alone.
        ``'enable_display'`` : bool, default False. A progress bar on the terminal.

    Returns
    -------
    anomaly_segmentation_threshold : float
        min(1, mean + 4 standard deviations) of the pixel scores of all validation images, inside their domains.
    anomaly_classification_thresholds : list of float
        ``[above all ok, at the lowest nok, between]``: with the first no good test image is rejected; with the second
        no 'nok' image is missed; the third lies midway where the classes are apart, and otherwise has the least sum of
        both error rates. Only the first without a 'nok' image, or with ``'use_ok_samples_only'``.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881), or takes other samples.
    DLDataError
        No 'validation' sample, or no good 'test' sample.

    Notes
    -----
    A score that equals a threshold is anomalous, so "above all ok" is the next float32 after their largest score.

    References
    ----------
    .. [1] MVTec, HALCON reference, ``compute_dl_anomaly_thresholds``: the observable rule.
    """
    # 1. Check the arguments, and that the images that the rule needs are there.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = check_options(gen_param, ThresholdsGenParam, "gen_param")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])
    samples = dl_dataset["samples"]
    validation = find_dl_samples(samples, "split", "validation", "match")
    nok = find_dl_samples(samples, "anomaly_label", "nok", "match")
    ok = sorted(set(find_dl_samples(samples, "split", "test", "match")) - set(nok))
    if not validation:
        hint = "give split_dl_dataset a validation_percent above 0 and enough good images"
        raise DLDataError("dl_dataset['samples']", "at least one sample with split 'validation'", "none", hint)
    if not ok:
        hint = "leave good images for the test: training_percent + validation_percent below 100"
        raise DLDataError("dl_dataset['samples']", "at least one 'ok' sample with split 'test'", "none", hint)
    if options["use_ok_samples_only"]:
        nok = []

    # 2. Pixels: the scores of all validation images, one image in memory at a time.
    progress = tqdm(
        total=len(validation) + len(ok) + len(nok),
        desc="Thresholds",
        unit="image",
        disable=not options["enable_display"],
    )
    with progress:
        results = _results(model, dl_dataset, validation, progress)
        segmentation = segmentation_threshold(pixels_inside(result) for result in results)

        # 3. Images: the scores of good test images and of all that are not good.
        ok_scores = _image_scores(model, dl_dataset, ok, progress)
        nok_scores = _image_scores(model, dl_dataset, nok, progress)
    classification = classification_thresholds(ok_scores, nok_scores)

    # 4. They travel with the model, as strings.
    model.parameters["meta_data"]["anomaly_segmentation_threshold"] = repr(segmentation)
    model.parameters["meta_data"]["anomaly_classification_threshold"] = repr(classification[-1])
    return segmentation, classification


def _results(model: DLModel, dl_dataset: DLDataset, indices: list[int], progress: tqdm[Any]) -> Iterator[DLResult]:
    for index in indices:
        yield apply_dl_model(model, read_dl_samples(dl_dataset, index))[0]
        progress.update()


def _image_scores(
    model: DLModel, dl_dataset: DLDataset, indices: list[int], progress: tqdm[Any]
) -> NDArray[np.float64]:
    return np.array([result["anomaly_score"] for result in _results(model, dl_dataset, indices, progress)], np.float64)
