"""The procedure `preprocess_dl_samples`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlproc.errors import DLDictError, DLParamError
from dlproc.images.domain import bounding_box, domain_of_image, with_domain
from dlproc.images.normalize import (
    ALL_BITS,
    IMAGENET_DEVIATION,
    IMAGENET_MEAN,
    match_channels,
    normalize,
    to_gray_values,
)
from dlproc.images.resize import zoom_image, zoom_mask
from dlproc.procedures.replace_legacy_preprocessing_parameters import replace_legacy_preprocessing_parameters
from dlproc.remarks import BITS, file_of_sample, remark
from dlproc.schema.check import check_keys, check_list
from dlproc.schema.domain import domain_of, place_of_domain
from dlproc.schema.keys import DLPreprocessParam, DLSample
from dlproc.schema.kinds import describe
from dlproc.schema.preprocess_param import valid_preprocess_param

_STRETCHING = ("all_channels", "first_channel")
_BITS_OF_CAMERAS = (10, 12)
_MOST_BITS_REMARKED = _BITS_OF_CAMERAS[-1]


def preprocess_dl_samples(
    dl_sample_batch: DLSample | Sequence[DLSample], dl_preprocess_param: DLPreprocessParam
) -> None:
    """Bring images to the size, channels and gray values that a model takes.

    Parameters
    ----------
    dl_sample_batch : sequence of DLSample
        Read: ``'image'``, (H, W) or (H, W, C) with C 1 or 3; uint8; uint16, 0 to 2**image_bits - 1; other integers and
        reals, 0 to 255, or any range where the normalisation stretches it;
        ``'anomaly_ground_truth'`` and ``'domain'``, (H, W) each, where there; the domain of the image itself
        (`reduce_domain`). Of two domains counts what they have in common.
        Written: ``'image'``, float32 (image_height, image_width, image_num_channels); ``'anomaly_ground_truth'``,
        resized without new values; ``'domain'``, resized with 'keep_domain' and removed otherwise; so is the
        domain of the image itself. All samples are changed or, on an error, none is.
    dl_preprocess_param : DLPreprocessParam
        Read only. ``'domain_handling'``: 'full_domain' ignores the domain, 'crop_domain' cuts the image to the box
        around it, 'keep_domain' keeps it. ``'normalization_type'``: 'none' maps 0 ... 255 to image_range_min ... max;
        'constant_values' takes (gray - mean) / deviation of ImageNet or of the keys ``'mean_values_normalization'`` and
        ``'deviation_values_normalization'``; 'all_channels' and 'first_channel' stretch each image to the range.

    Raises
    ------
    DLDictError
        A sample without image; an image, annotation or domain of another kind or size; gray values outside of what
        counts; NaN; an empty domain (7886).
    DLParamError
        The parameters are not valid.

    Notes
    -----
    The steps and their order are HALCON's: domain, size, gray values, channels. dlproc's own choices: uint16 counts as
    0 to 65535 and is brought to 0 to 255; with ``'image_bits'`` 10 or 12 it counts as 0 to 1023 or 4095, as cameras
    with so many bits write it. An image that seems to have 10 or 12 bits is remarked by the logger ``dlproc``. With
    'none', reals are taken to be in the range already, as HALCON does; other integers count as gray values. Equal gray
    values give equal floats, bit by bit, on every processor; beside image and sample, memory is taken for a few rows.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3)
    >>> samples = dl.gen_dl_samples_from_images(np.full((50, 100), 255, np.uint8))
    >>> dl.preprocess_dl_samples(samples, param)
    >>> samples[0]["image"].shape, samples[0]["image"].max()
    ((32, 64, 3), np.float32(128.0))
    """
    # 1. Check the parameters; work on a copy, with today's names.
    if not isinstance(dl_preprocess_param, Mapping):
        raise DLParamError("dl_preprocess_param", "a DLPreprocessParam dictionary", describe(dl_preprocess_param))
    param: dict[str, Any] = dict(dl_preprocess_param)
    replace_legacy_preprocessing_parameters(param)
    param = valid_preprocess_param(param, "dl_preprocess_param")

    # 2. Compute everything before anything is changed.
    batch = check_list(dl_sample_batch, "dl_sample_batch")
    changes = [_preprocess(sample, param, f"dl_sample_batch[{index}]") for index, sample in enumerate(batch)]

    # 3. Write the results; a domain that was used up goes.
    for sample, change in zip(batch, changes, strict=True):
        sample.pop("domain", None)
        sample.update(change)


def _preprocess(sample: Mapping[str, Any], param: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The keys of one sample that preprocessing writes."""
    _check(sample, param, where)
    arrays = {key: sample[key] for key in ("image", "anomaly_ground_truth", "domain") if key in sample}
    domain, of_image = domain_of(sample), domain_of_image(sample["image"])
    height, width = param["image_height"], param["image_width"]

    # a. Domain handling.
    if param["domain_handling"] == "crop_domain" and domain is not None:
        box = bounding_box(domain)
        arrays = {key: array[box] for key, array in arrays.items()}
    if param["domain_handling"] != "keep_domain":
        arrays.pop("domain", None)
        of_image = None

    # b. Size: the image is averaged, annotation and domain keep their values.
    written = {key: zoom_mask(array, height, width) for key, array in arrays.items() if key != "image"}
    of_image = None if of_image is None else zoom_mask(of_image, height, width).astype(bool)
    image = np.asarray(arrays["image"])
    bits = param.get("image_bits", ALL_BITS)
    gray = zoom_image(image, height, width, lambda rows: to_gray_values(rows, bits)).reshape(height, width, -1)

    # c. Gray values, then channels.
    normalized = normalize(
        gray,
        param["normalization_type"],
        param["image_range_min"],
        param["image_range_max"],
        param.get("mean_values_normalization", IMAGENET_MEAN),
        param.get("deviation_values_normalization", IMAGENET_DEVIATION),
        is_gray_value=image.dtype.kind != "f",
    )
    channels = match_channels(normalized, param["image_num_channels"])
    written["image"] = with_domain(np.ascontiguousarray(channels, np.float32), of_image)

    # d. The domain, or both, must have a pixel left.
    domain = domain_of(written)
    if domain is not None and not domain.any():
        place = f"{where}['{place_of_domain(written)}']"
        raise DLDictError(place, "a domain with a pixel left at the model's size", "none", halcon_code=7886)
    return written


def _check(sample: Mapping[str, Any], param: Mapping[str, Any], where: str) -> None:
    """Raise `DLDictError` unless the arrays of the sample can be preprocessed."""
    check_keys(sample, DLSample, ["image"], where)
    image = sample["image"]
    if image.dtype.kind not in "biuf" or (image.ndim == 3 and image.shape[2] not in (1, 3)):
        expected = "an array of numbers of shape (H, W), (H, W, 1) or (H, W, 3)"
        raise DLDictError(f"{where}['image']", expected, describe(image))
    for key in ("anomaly_ground_truth", "domain"):
        if key in sample:
            check_keys(sample, DLSample, [key], where)
            if sample[key].shape != image.shape[:2]:
                expected = f"an array of the image's size, {image.shape[:2]}"
                raise DLDictError(f"{where}['{key}']", expected, describe(sample[key]))
    domain = domain_of(sample)
    if domain is not None and not domain.any():
        place, expected = f"{where}['{place_of_domain(sample)}']", "a domain with at least one pixel"
        raise DLDictError(place, expected, "an empty one", halcon_code=7886)
    truth = sample.get("anomaly_ground_truth")
    if truth is not None and truth.min() < 0:
        raise DLDictError(f"{where}['anomaly_ground_truth']", "values of 0 or more", f"{truth.min():g}")
    if image.dtype == np.uint16:
        _check_bits(image, param, sample, where)
    elif image.dtype not in (np.uint8, np.bool_):
        _check_gray_values(image, param, f"{where}['image']")


def _check_gray_values(image: Any, param: Mapping[str, Any], where: str) -> None:
    """Raise unless the values of another type are gray values 0 to 255, or what the normalisation takes."""
    low, high = float(image.min()), float(image.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise DLDictError(where, "finite gray values", "NaN or infinite ones")
    kind, got = param["normalization_type"], f"{image.dtype.name}, {low:g} to {high:g}"
    if kind in _STRETCHING:
        return
    if kind == "none" and image.dtype.kind == "f":
        least, most = param["image_range_min"], param["image_range_max"]
        if low < least or high > most:
            expected = f"values from {least:g} to {most:g}, because real ones are not mapped with 'none'"
            raise DLDictError(where, expected, got, "bring gray values to uint8 for 0 to 255, to uint16 for 0 to 65535")
        return
    # Floats from 0 to 1 would look black after (gray - mean) / deviation, and so would a sample preprocessed before.
    is_share = image.dtype.kind == "f" and 0 < high <= 1
    if low < 0 or high > 255 or is_share:
        hint = "do not preprocess a sample twice" if low < 0 else "scale them; uint16 counts as 0 to 65535"
        hint = "multiply an image of 0 to 1 by 255; do not preprocess a sample twice" if is_share else hint
        raise DLDictError(where, "gray values from 0 to 255", got, hint)


def _check_bits(image: Any, param: Mapping[str, Any], sample: Mapping[str, Any], where: str) -> None:
    """Raise where a 16-bit image has more than 'image_bits'; remark where it seems to have fewer than 16."""
    bits, high = param.get("image_bits", ALL_BITS), int(image.max())
    if high > 2**bits - 1:
        expected = f"gray values from 0 to {2**bits - 1}, 'image_bits' {bits}"
        raise DLDictError(f"{where}['image']", expected, f"{int(image.min())} to {high}")
    if bits == ALL_BITS and param["normalization_type"] not in _STRETCHING and 255 < high < 2**_MOST_BITS_REMARKED:
        seen = next(n for n in _BITS_OF_CAMERAS if high < 2**n)
        name = f"image_id {sample['image_id']}" if "image_id" in sample else where
        text = f"16 bits, but no value above {high}: looks like {seen} bits of a camera, and counts as nearly black"
        remark(BITS, file_of_sample() or name, f"{text} (image_bits {seen} scales it)")
