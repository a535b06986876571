"""Images for the eye: gray values 0 to 255, of whatever a sample holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.images.normalize import IMAGENET_DEVIATION, IMAGENET_MEAN, denormalize

_VALUES_AT_ONCE = 1 << 20
_USUAL = {"normalization_type": "constant_values", "image_range_min": -2.0, "image_range_max": 2.0}


def known_gray_values(
    image: NDArray[np.generic], preprocess_param: Mapping[str, Any] | None
) -> NDArray[np.float32] | None:
    """Gray values 0 to 255 as the camera saw them, (H, W, C); None where preprocessing lost them.

    Parameters
    ----------
    image : array (H, W, C), float32
        A preprocessed image.
    preprocess_param : mapping, optional
        How it was preprocessed. With 'all_channels' and 'first_channel' each image was stretched to its own extremes.
    """
    if preprocess_param is None or preprocess_param["normalization_type"] not in ("none", "constant_values"):
        return None
    return denormalize(
        np.asarray(image, np.float32),
        preprocess_param["normalization_type"],
        preprocess_param["image_range_min"],
        preprocess_param["image_range_max"],
        preprocess_param.get("mean_values_normalization", IMAGENET_MEAN),
        preprocess_param.get("deviation_values_normalization", IMAGENET_DEVIATION),
    )


def displayable(
    image: NDArray[np.generic],
    preprocess_param: Mapping[str, Any] | None = None,
    domain: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """The image as uint8 (H, W) or (H, W, 3): as the camera saw it where that is known, otherwise stretched.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
        uint8 is shown as it is; preprocessed float32 by `known_gray_values`, and where `preprocess_param` is not given
        as 'constant_values', the usual one, if that gives gray values; anything else from its smallest value, black, to
        its largest, white.
    preprocess_param : mapping, optional
        How it was preprocessed.
    domain : array (H, W), bool, optional
        What lies outside is dimmed.
    """
    shown: NDArray[np.uint8]
    if image.dtype == np.uint8:
        shown = np.asarray(image)
    else:
        is_sample = image.ndim == 3 and image.dtype == np.float32
        known = known_gray_values(image, preprocess_param or _USUAL) if is_sample else None
        if preprocess_param is None and known is not None and not _are_gray_values(known):
            known = None  # it was not preprocessed in the usual way
        shown = _stretched(image) if known is None else np.clip(np.rint(known), 0, 255).astype(np.uint8)
    if domain is not None:
        shown = np.where(domain[:, :, np.newaxis] if shown.ndim == 3 else domain, shown, shown // 3)
    return shown[:, :, 0] if shown.ndim == 3 and shown.shape[2] == 1 else shown


def _are_gray_values(gray: NDArray[np.float32]) -> bool:
    """Within 0 to 255 but for rounding."""
    return bool(gray.min() >= -1 and gray.max() <= 256)


def _stretched(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """From the smallest value, black, to the largest, white; some rows at once, because the image may be large."""
    low, high = float(image.min()), float(image.max())
    shift, scale = np.float32(low), np.float32(255 / (high - low) if high > low else 1)
    shown = np.empty(image.shape, np.uint8)
    n_rows = max(1, _VALUES_AT_ONCE // max(1, image[0].size))
    for top in range(0, len(image), n_rows):
        rows = slice(top, top + n_rows)
        shown[rows] = np.clip(np.rint((image[rows].astype(np.float32) - shift) * scale), 0, 255)
    return shown
