"""The operator that applies a model, and what training and applying share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.errors import DLDictError, DLModelError
from dlproc.images.domain import cells_inside
from dlproc.images.normalize import IMAGENET_DEVIATION, IMAGENET_MEAN, denormalize
from dlproc.models.handle import DLModel, check_model
from dlproc.schema.check import check_keys, check_known, check_list
from dlproc.schema.keys import DLResult, DLSample
from dlproc.schema.kinds import as_list, describe
from dlproc.scores import image_distance, to_score

_OUTPUTS = ("anomaly_image", "anomaly_score")
# The pretrained networks were trained on (gray - 127) / 128; see dlproc.images.normalize.
_NETWORK_MEAN, _NETWORK_DEVIATION = 127.0, 128.0
_NORMALIZATION = (  # in the order of denormalize's arguments
    "normalization_type",
    "image_range_min",
    "image_range_max",
    "mean_values_normalization",
    "deviation_values_normalization",
)
_RANGE = ("image_range_min", "image_range_max")
_CONSTANTS = {
    "mean_values_normalization": list(IMAGENET_MEAN),
    "deviation_values_normalization": list(IMAGENET_DEVIATION),
}


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
        training samples were; ``'domain'``, bool (image_height, image_width), where there. Nothing is changed.
    outputs : list of str, optional
        ``'anomaly_image'``, ``'anomaly_score'``; not given: both.

    Returns
    -------
    list of DLResult
        One for each sample, in order. ``'anomaly_image'``, float32 (image_height, image_width), scores 0 to 1, 0
        outside the domain; ``'anomaly_score'``, float, 0 to 1; ``'domain'`` where the sample has one.

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
    The samples go through the network ``batch_size`` at a time. That changes scores by rounding at most, below 1e-5.
    What lies outside the domain does not influence the scores inside: it is painted over before the network sees it.
    """
    model = check_model(dl_model_handle, must_be_trained=True)
    assert model.reference is not None
    wanted = as_list(outputs) or list(_OUTPUTS)
    for name in wanted:
        check_known(name, _OUTPUTS, "outputs")
    batch = check_list(dl_sample_batch, "dl_sample_batch")
    for index, sample in enumerate(batch):
        check_sample(sample, model, f"dl_sample_batch[{index}]")

    results: list[DLResult] = []
    n_at_once = model.parameters["batch_size"]
    for start in range(0, len(batch), n_at_once):
        samples = batch[start : start + n_at_once]
        images = network_input(samples, model)
        inside = torch.from_numpy(np.stack([cells(sample, model) for sample in samples]).astype(np.float32))
        with torch.inference_mode():
            maps = model.reference.distance_maps(model.backbone, images, inside.to(images.device)).cpu().numpy()
        results += [_result(distances, sample, model, wanted) for distances, sample in zip(maps, samples, strict=True)]
    return results


def check_preprocessing(model: DLModel, preprocess_param: Mapping[str, Any]) -> None:
    """Raise `DLModelError` unless a dataset was preprocessed as the model needs it.

    Size, channels and type must always agree; once the model is trained, the normalisation, too.
    """
    where = "dl_dataset['preprocess_param']"
    pairs = [("model_type", "type")] + [(n, n) for n in ("image_width", "image_height", "image_num_channels")]
    if model.reference is not None:
        pairs.append(("normalization_type", "normalization_type"))
        is_constant = preprocess_param.get("normalization_type") == "constant_values"
        pairs += [(name, name) for name in (_CONSTANTS if is_constant else _RANGE)]
    for key, name in pairs:
        given = preprocess_param.get(key, _CONSTANTS.get(key))
        if given != model.parameters[name]:
            expected = f"{model.parameters[name]!r}, as in the model"
            hint = "preprocess with create_dl_preprocess_param_from_model"
            raise DLModelError(f"{where}['{key}']", expected, repr(given), hint, halcon_code=7925)


def adopt_preprocessing(preprocess_param: Mapping[str, Any]) -> dict[str, Any]:
    """The model's parameters that training on samples preprocessed so will set."""
    # Constants that are not written down are the usual ones, never what the model had before.
    return {name: preprocess_param.get(name, _CONSTANTS.get(name)) for name in _NORMALIZATION}


def pixels_inside(result: Mapping[str, Any]) -> NDArray[np.float32]:
    """The scores of a result's pixels inside its domain, (N,)."""
    scores: NDArray[np.float32] = result["anomaly_image"]
    return scores[result["domain"]] if "domain" in result else scores.ravel()


def check_sample(sample: Mapping[str, Any], model: DLModel, where: str) -> None:
    """Raise `DLDictError` unless the sample is preprocessed as the model takes it."""
    parameters = model.parameters
    shape = parameters["image_height"], parameters["image_width"], parameters["image_num_channels"]
    if "image" not in sample:
        raise DLDictError(f"{where}['image']", "an image", "no such key", halcon_code=7783)
    image = sample["image"]
    expected = f"float32 array of shape {shape}"
    hint = "run preprocess_dl_samples with the parameters of this model first"
    if not isinstance(image, np.ndarray) or image.dtype != np.float32:
        raise DLDictError(f"{where}['image']", expected, describe(image), hint, halcon_code=7790)
    if image.shape != shape:
        raise DLDictError(f"{where}['image']", expected, describe(image), hint, halcon_code=7789)
    if not np.isfinite(image).all():
        raise DLDictError(f"{where}['image']", "finite gray values", "NaN or infinite ones", halcon_code=7791)
    if "domain" in sample:
        check_keys(sample, DLSample, ["domain"], where)
        if sample["domain"].shape != shape[:2]:
            expected = f"bool array of shape {shape[:2]}"
            raise DLDictError(f"{where}['domain']", expected, describe(sample["domain"]), halcon_code=7789)
        if not sample["domain"].any():
            got = "an empty one"
            raise DLDictError(f"{where}['domain']", "a domain with at least one pixel", got, halcon_code=7886)


def cells(sample: Mapping[str, Any], model: DLModel) -> NDArray[np.bool_]:
    """Cells of the method's grid that touch the sample's domain, (h, w)."""
    stride = model.method.STRIDE
    grid = model.parameters["image_height"] // stride, model.parameters["image_width"] // stride
    return cells_inside(sample["domain"], *grid) if "domain" in sample else np.ones(grid, bool)


def network_input(samples: Sequence[Mapping[str, Any]], model: DLModel) -> Tensor:
    """Images as the pretrained network expects them, (N, 3, H, W): gray values again, then (gray - 127) / 128."""
    images = []
    for sample in samples:
        gray = denormalize(sample["image"], *(model.parameters[name] for name in _NORMALIZATION))
        values = (gray - np.float32(_NETWORK_MEAN)) / np.float32(_NETWORK_DEVIATION)
        if "domain" in sample:
            values = np.where(sample["domain"][:, :, np.newaxis], values, np.float32(0))
        images.append(torch.from_numpy(values))
    # (N, H, W, C) seen as (N, C, H, W) is what torch calls channels_last, the quick layout on a CPU.
    batch = torch.stack(images).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
    return batch.contiguous(memory_format=torch.channels_last).to(model.device.torch_device)


def _result(distances: NDArray[np.float32], sample: Mapping[str, Any], model: DLModel, outputs: list[str]) -> DLResult:
    """Distances (H, W) as a result, by the fixed map of `dlproc.scores`."""
    result: DLResult = {}
    domain = sample.get("domain")
    if "anomaly_image" in outputs:
        scores = to_score(distances)
        result["anomaly_image"] = scores if domain is None else np.where(domain, scores, np.float32(0))
    if "anomaly_score" in outputs:
        inside = distances.ravel() if domain is None else distances[domain]
        distance = image_distance(inside, model.parameters["standard_deviation_factor"])
        result["anomaly_score"] = float(to_score(np.array([distance], np.float32))[0])
    if domain is not None:
        result["domain"] = domain
    return result
