"""The operator `extend_dl_model`."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from dlproc.errors import DLDataError, DLDictError, DLModelError
from dlproc.images.shown import known_gray_values
from dlproc.measures.brightness import brightness
from dlproc.models.anomaly.patch_statistics import Reference, bank_capacity
from dlproc.models.handle import DLModel, check_model, forget_thresholds, score_facts, stored_threshold
from dlproc.models.held_out import image_fingerprint, was_trained_on
from dlproc.models.host import own_settings
from dlproc.models.operate import apply_dl_model, check_sample
from dlproc.models.registry import EXTENSIONS
from dlproc.models.scoring import gather_cells, network_images
from dlproc.schema.check import check_list, check_options
from dlproc.schema.domain import domain_of
from dlproc.schema.keys import DLSample, ExtendGenParam, ExtendReport
from dlproc.schema.threshold_origin import KEPT, THRESHOLDS, write_thresholds


@own_settings()
def extend_dl_model(
    dl_model_handle: DLModel, dl_samples: DLSample | Sequence[DLSample], gen_param: ExtendGenParam | None = None
) -> ExtendReport:
    """Let confirmed good images join a trained model, without training it anew.

    For false alarms on the line: somebody looks, finds the part good, and from then on the model knows such parts. The
    images of the training are not needed; a model that was read from a file will do.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained. Changed: it knows the images, and its thresholds are forgotten. On an error it is as before.
    dl_samples : sequence of DLSample
        Good images that the model was not trained on, preprocessed as for `apply_dl_model`. Read: ``'image'`` and,
        where there, ``'domain'``; ``'anomaly_label'``, where there, must be 'ok'. Nothing is changed.
    gen_param : ExtendGenParam, optional
        ``'keep_thresholds'`` : True: leave the thresholds in the model, without what was promised of them. Default
        False.

    Returns
    -------
    ExtendReport
        How many images and patches the model is from now, the images' scores before and after, and the thresholds that
        were forgotten.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881), or cannot be extended: its images are too large, or it is of type
        'gc_anomaly_detection'.
    DLDictError
        As of `apply_dl_model`; a sample that is not good (7882).
    DLDataError
        No sample; one that the model was trained on; one image twice.

    Notes
    -----
    Thresholds are forgotten because the scale of the scores moves a little, and with it what a threshold promises. Set
    them anew with `compute_dl_anomaly_thresholds`, which leaves the images that joined out.

    An image weighs as much as one of the training: ten that join 250 do not shift what is normal, but they widen it
    where they lie. The order of the samples changes nothing. Two calls with one half each give nearly what one
    call gives. The directions in which features are compared stay those of the training: when more images have
    joined than it was trained on, train anew.
    """
    # 1. Check everything.
    model = check_model(dl_model_handle, must_be_trained=True, must_be_original=True)
    options = check_options(gen_param, ExtendGenParam, "gen_param")
    if model.method_name not in EXTENSIONS:
        got, hint = f"one of type '{model.parameters['type']}'", "train it anew with the images in split 'train'"
        raise DLModelError("dl_model_handle", "a model that can be extended", got, hint)
    assert isinstance(model.reference, Reference)
    if model.reference.gaussians.are_shared:
        expected = "a model that can be extended, of up to 1024 patches of 16 x 16 pixels"
        rows, columns = model.reference.grid
        raise DLModelError(
            "dl_model_handle", expected, f"one of {rows * columns}", "train it anew, with the new images"
        )
    samples: list[DLSample] = check_list(dl_samples, "dl_samples")  # type: ignore[assignment]
    if not samples:
        raise DLDataError("dl_samples", "at least one good sample", "none", halcon_code=7882)
    new_fingerprints = np.array(_check_samples(samples, model), np.uint64)

    # 2. Compute, in an order that does not depend on the user's.
    ordered = [samples[index] for index in np.argsort(new_fingerprints)]
    light = np.array([_light(sample, model) for sample in ordered], np.float32)
    before = _scores_by(model.reference, samples, model)
    capacity = bank_capacity(model.training["anomaly_param"], model.parameters["complexity"])
    with torch.inference_mode():
        images = [network_images([sample], model) for sample in ordered]
        inside = gather_cells(ordered, model).astype(bool)
        extended = EXTENSIONS[model.method_name](model.reference, model.backbone, images, inside, capacity)
    after = _scores_by(extended.reference, samples, model)
    meta_data, training = model.parameters["meta_data"], model.training
    stored = {name: stored_threshold(model, name) for name in THRESHOLDS}
    thresholds = {name: value for name, value in stored.items() if value is not None}

    # 3. Write.
    model.reference = extended.reference
    forget_thresholds(model)
    model.training = {
        **training,
        "n_images": training["n_images"] + len(samples),
        "n_images_added": training.get("n_images_added", 0) + len(samples),
        "image_fingerprints": np.sort(np.concatenate([training["image_fingerprints"], new_fingerprints])),
        "image_brightness": np.concatenate([training["image_brightness"], light[~np.isnan(light).any(axis=1)]]),
    }
    if options["keep_thresholds"]:
        write_thresholds(meta_data, thresholds, score_facts(model), {"method": KEPT, "method_of_pixels": KEPT})
    return {
        "n_images_added": len(samples),
        "n_images": model.training["n_images"],
        "n_patches_added": extended.n_patches_added,
        "n_patches_removed": extended.n_patches_removed,
        "n_patches": extended.n_patches,
        "scores_before": before,
        "scores_after": after,
        "forgotten_thresholds": {} if options["keep_thresholds"] else thresholds,
    }


def _scores_by(reference: Reference, samples: Sequence[DLSample], model: DLModel) -> list[float]:
    """The samples' scores by another reference; the model stays as it is."""
    other = copy.copy(model)
    other.reference = reference
    return [result["anomaly_score"] for result in apply_dl_model(other, samples, "anomaly_score")]


def _check_samples(samples: Sequence[Mapping[str, Any]], model: DLModel) -> list[int]:
    """The samples' fingerprints, or an error that names the first sample that cannot join."""
    seen: dict[int, int] = {}
    for index, sample in enumerate(samples):
        where = f"dl_samples[{index}]"
        if sample.get("anomaly_label", "ok") != "ok":
            hint = "only good images can join"
            raise DLDictError(
                f"{where}['anomaly_label']", "'ok'", repr(sample["anomaly_label"]), hint, halcon_code=7882
            )
        check_sample(sample, model, where)
        if was_trained_on(model, sample):
            raise DLDataError(where, "an image that is new to the model", "one that it was trained on")
        fingerprint = image_fingerprint(sample["image"])
        if fingerprint in seen:
            raise DLDataError(where, "each image once", f"the same image as dl_samples[{seen[fingerprint]}]")
        seen[fingerprint] = index
    return list(seen)


def _light(sample: Mapping[str, Any], model: DLModel) -> tuple[float, float]:
    gray = known_gray_values(sample["image"], model.parameters)
    return (np.nan, np.nan) if gray is None else brightness(gray, domain_of(sample))
