"""The procedure `write_dl_report`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from dlproc.errors import DLDataError, DLFileError, DLModelError
from dlproc.images.shown import displayable, known_gray_values
from dlproc.io.image_size import image_size
from dlproc.io.writing import atomic_write
from dlproc.measures.brightness import brightness
from dlproc.measures.confusion import is_at_least
from dlproc.models.handle import DLModel, check_model, score_facts
from dlproc.models.operate import apply_dl_model, check_preprocessing
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.report import content
from dlproc.report.gallery import chosen, pictures
from dlproc.report.given import check_evaluation, check_stored_thresholds, check_target
from dlproc.report.page import render_page
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.domain import domain_of, only_inside
from dlproc.schema.keys import DLDataset, EvalParams, EvaluationResult, ReportGenParam

SAME_SCORE = 2e-3  # by so much a score may differ on another device


def write_dl_report(
    evaluation_result: EvaluationResult,
    eval_params: EvalParams,
    dl_dataset: DLDataset,
    dl_model_handle: DLModel,
    file_name: str | Path,
    gen_param: Mapping[str, Any] | None = None,
) -> str:
    """Write an evaluation as one page that opens in any browser, without a network. dlproc's own procedure.

    The page holds the summary, the curves, a threshold slider that counts and sorts anew, the images with their regions
    and scores (missed defects first, then false alarms, then those nearest to the threshold), each kind of defect, the
    measures, the brightness of train against test with a warning where they differ, and how everything was made.

    Parameters
    ----------
    evaluation_result, eval_params : EvaluationResult, EvalParams
        Of `evaluate_dl_model`. Read: ``'image_scores'`` (needed; measure 'image_scores' or 'all') and whatever else was
        measured.
    dl_dataset : DLDataset
        The dataset that was evaluated. Read: the preprocessed samples of the images that are shown, up to 200 of the
        evaluated ones for the brightness, and from the image files, where they are still there, their size: pictures
        have the proportions of the images, not those of the model.
    dl_model_handle : DLModel
        The model that was evaluated. Read: parameters, ``'meta_data'``, and what it knows of the images that it was
        trained on.
    file_name : str or Path
        The file to write, usually ``.html``; replaced when it exists.
    gen_param : mapping, optional
        ``'title'`` : str, default 'Inspection report'. ``'max_images'`` : int, default 200; of more images the errors
        and those nearest to the threshold are shown, about 30 kB each, and all are counted. ``'image_size'`` : int,
        default 256, pixels of the longer side of a picture. ``'show_progress'`` : bool, default False.

    Returns
    -------
    str
        The file, with forward slashes.

    Raises
    ------
    DLDictError
        ``'image_scores'`` is missing, or a key that is read holds another kind of value; the message names it.
    DLDataError
        No image was evaluated, or one that was is not in the dataset.
    DLModelError
        The model is not trained (halcon_code 7881), takes other samples, stores a threshold that is no number, or gives
        other scores than the evaluation has.
    DLParamError
        An unknown option, or no file name.
    DLFileError
        The file cannot be written (halcon_code 7781); a folder that is missing is noticed before the work.

    Notes
    -----
    The page begins at the last of the classification thresholds of the evaluation, or else at the one that is stored
    with the model, or else at the best F1, or else at the median score, and says which. The same input gives the same
    bytes: no clock is asked.
    """
    # 1. Check the arguments; find the images of the evaluation in the dataset.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = check_options(gen_param, ReportGenParam, "gen_param")
    images = check_evaluation(evaluation_result, eval_params)
    check_stored_thresholds(model.parameters["meta_data"])
    path = check_target(file_name)
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])
    index_of = {sample["image_id"]: index for index, sample in enumerate(dl_dataset["samples"])}
    for image in images:
        if image["image_id"] not in index_of:
            raise DLDataError("dl_dataset['samples']", f"a sample with image_id {image['image_id']}", "none")

    # 2. Draw the images that are shown, one in memory at a time.
    threshold, source = content.first_threshold(evaluation_result, eval_params, model.parameters["meta_data"])
    segmentation = content.segmentation_threshold(eval_params, model.parameters["meta_data"])
    scores, is_nok = [image["anomaly_score"] for image in images], [image["anomaly_label"] == "nok" for image in images]
    drawn: dict[int, tuple[str, str]] = {}
    shown = chosen(scores, is_nok, threshold, options["max_images"])
    for position in tqdm(shown, desc="Drawing", unit="image", disable=not options["show_progress"]):
        sample = read_dl_samples(dl_dataset, index_of[images[position]["image_id"]])[0]
        result = apply_dl_model(model, [sample])[0]
        _check_score(result["anomaly_score"], images[position])
        region = None
        if segmentation is not None:
            region = only_inside(is_at_least(result["anomaly_image"], segmentation), result)
        gray = displayable(sample["image"], dl_dataset["preprocess_param"], domain_of(sample))
        truth = sample["anomaly_ground_truth"].astype(bool) if "anomaly_ground_truth" in sample else None
        size = _original_size(dl_dataset, index_of[images[position]["image_id"]])
        drawn[position] = pictures(
            gray, result["anomaly_image"], region, truth, segmentation, options["image_size"], size
        )

    # 3. The light of train and test.
    evaluated = [index_of[image["image_id"]] for image in images]
    sides = {
        "evaluated, good": [index for index, nok in zip(evaluated, is_nok, strict=True) if not nok],
        "evaluated, defective": [index for index, nok in zip(evaluated, is_nok, strict=True) if nok],
    }
    light = {"trained on": content.trained_light(model.training)}
    light |= {name: _light(dl_dataset, indices) for name, indices in sides.items()}

    # 4. Fill in the page and write it, all of it or nothing.
    described = content.describe_model(model.parameters, model.training, repr(model)[1:-1], score_facts(model))
    evaluation = content.Evaluated(evaluation_result, eval_params, threshold, source, segmentation)
    page = render_page(content.page_content(options["title"], evaluation, drawn, light, dl_dataset, described))
    # A file name of Linux may hold bytes that are no text; they are written as \\udcff and so on.
    atomic_write(path, page.encode(errors="backslashreplace"))
    return path.as_posix()


def _check_score(score: float, image: Mapping[str, Any]) -> None:
    """Raise `DLModelError` where the model gives an image another score than it had in the evaluation."""
    if abs(score - image["anomaly_score"]) > SAME_SCORE:
        got = f"one that scores image_id {image['image_id']} {score:.4f}, not {image['anomaly_score']:.4f}"
        hint = "pass the model that was evaluated, or evaluate again"
        raise DLModelError("dl_model_handle", "the model that was evaluated", got, hint)


def _original_size(dl_dataset: DLDataset, index: int) -> tuple[int, int] | None:
    """Height and width of an image before it was preprocessed; None if that is not known, or only a part was kept."""
    name = dl_dataset["samples"][index].get("image_file_name")
    if dl_dataset["preprocess_param"].get("domain_handling") == "crop_domain" or not isinstance(name, str):
        return None
    try:
        width, height = image_size(Path(dl_dataset.get("image_dir", "")) / name)
    except DLFileError:  # gone since it was preprocessed
        return None
    return height, width


def _light(dl_dataset: DLDataset, indices: list[int]) -> list[tuple[float, float]] | None:
    """Mean gray value and contrast of up to 200 images; None where preprocessing stretched the gray values."""
    if len(indices) > content.MAX_LIGHT:
        drawn = numpy_generator("write_dl_report").choice(len(indices), content.MAX_LIGHT, replace=False)
        indices = [indices[position] for position in np.sort(drawn)]
    measured = []
    for index in indices:
        sample = read_dl_samples(dl_dataset, index)[0]
        gray = known_gray_values(sample["image"], dl_dataset["preprocess_param"])
        if gray is None:
            return None
        measured.append(brightness(gray, domain_of(sample)))
    return measured
