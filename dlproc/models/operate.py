"""The operator that applies a model, and what training and applying share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLModelError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.images.normalize import ALL_BITS, IMAGENET_DEVIATION, IMAGENET_MEAN, to_gray_affine
from dlproc.models.answers import output_names
from dlproc.models.handle import DLModel, check_model
from dlproc.models.runtimes.graph import NORMALIZATION
from dlproc.models.scoring import Scores, begin_scoring
from dlproc.schema.check import check_keys, check_known, check_list
from dlproc.schema.domain import counted, domain_of, place_of_domain
from dlproc.schema.keys import DLResult, DLSample
from dlproc.schema.kinds import array_hint, as_list, describe, is_array

_RANGE = ("image_range_min", "image_range_max")
_CONSTANTS = {
    "mean_values_normalization": list(IMAGENET_MEAN),
    "deviation_values_normalization": list(IMAGENET_DEVIATION),
}
_USUAL = {**_CONSTANTS, "image_bits": ALL_BITS}  # where the dataset does not say it


def apply_dl_model(
    dl_model_handle: DLModel,
    dl_sample_batch: DLSample | Sequence[DLSample],
    outputs: str | Sequence[str] | None = None,
) -> list[DLResult]:
    """Score preprocessed samples: how anomalous is each pixel, and each image.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained.
    dl_sample_batch : sequence of DLSample
        Any number. Read: ``'image'``, float32 (image_height, image_width, image_num_channels), preprocessed as the
        training samples were; ``'domain'``, bool (image_height, image_width), where there. The image itself may have a
        domain (`reduce_domain`); of both counts what they have in common. Nothing is changed.
    outputs : list of str, optional
        ``'anomaly_image'``, ``'anomaly_score'``, and for 'gc_anomaly_detection' the same with ``'_local'`` and
        ``'_global'``, as 'gc_anomaly_networks' has them; not given: all.

    Returns
    -------
    list of DLResult
        One for each sample, in order. ``'anomaly_image'``, float32 (image_height, image_width), scores 0 to 1, 0
        outside the domain, which it has where the sample's image had one; ``'anomaly_score'``, float, 0 to 1;
        ``'domain'``, bool (image_height, image_width), where the sample has one, or its image.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881).
    DLDictError
        A sample has no image (7783), one of another size (7789) or type (7790), NaN (7791), or an empty domain (7886).
    DLParamError
        An unknown output.

    Notes
    -----
    The samples go through the network ``batch_size`` at a time. That changes scores by rounding at most, below 1e-6
    where the network computes in float32.
    What lies outside the domain does not influence the scores inside: it is painted over before the network sees it.
    """
    model = check_model(dl_model_handle, must_be_trained=True)
    names = output_names(model)
    wanted = as_list(outputs) or names
    for name in wanted:
        check_known(name, names, "outputs")
    batch = check_list(dl_sample_batch, "dl_sample_batch")
    for index, sample in enumerate(batch):
        check_sample(sample, model, f"dl_sample_batch[{index}]")

    results: list[DLResult] = []
    begun: deque[tuple[list[dict[str, Any]], Callable[[], list[dict[str, Scores]]]]] = deque()
    n_at_once = model.parameters["batch_size"]
    for start in range(0, len(batch), n_at_once):
        samples = batch[start : start + n_at_once]
        begun.append((samples, begin_scoring(samples, model)))
        if len(begun) > 1:  # a graphics card computes the newer batch while the older one is fetched
            results += _results(*begun.popleft(), wanted)
    while begun:
        results += _results(*begun.popleft(), wanted)
    return results


def check_preprocessing(model: DLModel, preprocess_param: Mapping[str, Any]) -> None:
    """Raise `DLModelError` unless a dataset was preprocessed as the model needs it.

    Size, channels and type must always agree; once the model is trained, the normalisation, too.
    """
    where = "dl_dataset['preprocess_param']"
    pairs = [("model_type", "type")] + [(n, n) for n in ("image_width", "image_height", "image_num_channels")]
    if model.is_trained:
        pairs.append(("normalization_type", "normalization_type"))
        is_constant = preprocess_param.get("normalization_type") == "constant_values"
        pairs += [(name, name) for name in (_CONSTANTS if is_constant else _RANGE)]
        pairs.append(("image_bits", "image_bits"))
    for key, name in pairs:
        given = preprocess_param.get(key, _USUAL.get(key))
        if given != model.parameters[name]:
            expected = f"{model.parameters[name]!r}, as in the model"
            hint = "preprocess with create_dl_preprocess_param_from_model"
            raise DLModelError(f"{where}['{key}']", expected, repr(given), hint, halcon_code=7925)


def adopt_preprocessing(preprocess_param: Mapping[str, Any]) -> dict[str, Any]:
    """The model's parameters that training on samples preprocessed so will set."""
    # Constants that are not written down are the usual ones, never what the model had before.
    return {name: preprocess_param.get(name, _USUAL.get(name)) for name in (*NORMALIZATION, "image_bits")}


def pixels_inside(result: Mapping[str, Any]) -> NDArray[np.float32]:
    """The scores of a result's pixels inside its domain, (N,)."""
    return counted(np.asarray(result["anomaly_image"]), result)


def check_sample(sample: Mapping[str, Any], model: DLModel, where: str) -> None:
    """Raise `DLDictError` unless the sample is preprocessed as the model takes it."""
    parameters = model.parameters
    shape = parameters["image_height"], parameters["image_width"], parameters["image_num_channels"]
    if "image" not in sample:
        raise DLDictError(f"{where}['image']", "an image", "no such key", halcon_code=7783)
    image = sample["image"]
    expected = f"float32 array of shape {shape}"
    hint = "run preprocess_dl_samples with the parameters of this model first"
    if not is_array(image) or image.dtype != np.float32:
        raise DLDictError(f"{where}['image']", expected, describe(image), array_hint(image) or hint, halcon_code=7790)
    if image.shape != shape:
        raise DLDictError(f"{where}['image']", expected, describe(image), hint, halcon_code=7789)
    if not np.isfinite(image).all():
        raise DLDictError(f"{where}['image']", "finite gray values", "NaN or infinite ones", halcon_code=7791)
    if "domain" in sample:
        check_keys(sample, DLSample, ["domain"], where)
        if sample["domain"].shape != shape[:2]:
            expected = f"bool array of shape {shape[:2]}"
            raise DLDictError(f"{where}['domain']", expected, describe(sample["domain"]), halcon_code=7789)
    domain = domain_of(sample)
    if domain is not None and not domain.any():
        place, expected = f"{where}['{place_of_domain(sample)}']", "a domain with at least one pixel"
        raise DLDictError(place, expected, "an empty one", halcon_code=7886)
    _check_range(np.asarray(image) if domain is None else np.asarray(image)[domain], parameters, f"{where}['image']")


def _check_range(image: NDArray[np.float32], parameters: Mapping[str, Any], where: str) -> None:
    """Raise where values cannot come from `preprocess_dl_samples`: by more than the range itself outside of it."""
    low, high = float(image.min()), float(image.max())
    scale, shift = to_gray_affine(parameters["image_num_channels"], *(parameters[name] for name in NORMALIZATION))
    black, white = float(((0 - shift) / scale).min()), float(((255 - shift) / scale).max())
    if low < 2 * black - white or high > 2 * white - black:
        expected = f"values from about {black:.3g} to {white:.3g}, as preprocess_dl_samples makes them for this model"
        hint = "preprocess with create_dl_preprocess_param_from_model"
        raise DLDictError(where, expected, f"{low:.3g} to {high:.3g}", hint, halcon_code=7791)


def _results(
    samples: Sequence[Mapping[str, Any]], finish: Callable[[], list[dict[str, Scores]]], wanted: list[str]
) -> list[DLResult]:
    """The scores of a batch as results."""
    results: list[DLResult] = []
    for sample, answers in zip(samples, finish(), strict=True):
        result: dict[str, Any] = {}
        domain = domain_of(sample)
        of_images = None if domain_of_image(sample["image"]) is None else domain
        for ending, (anomaly_image, score) in answers.items():
            if not (np.isfinite(score) and np.isfinite(anomaly_image).all()):  # NaN is not above any threshold
                expected, hint = "a model whose scores are finite", "its file is damaged; train it again"
                raise DLModelError("dl_model_handle", expected, "NaN or infinity", hint)
            named = {f"anomaly_image{ending}": with_domain(anomaly_image, of_images), f"anomaly_score{ending}": score}
            result |= {name: value for name, value in named.items() if name in wanted}
        if domain is not None:
            result["domain"] = domain
        results.append(result)  # type: ignore[arg-type]  # keys of DLResult
    return results
