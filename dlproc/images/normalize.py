"""Gray values: from the camera's to the model's input, and from there to what the network expects.

The trap that this module exists for: the pretrained networks expect ``(gray - 127) / 128``, HALCON's models take
-2 ... 2 after 'constant_values' (ImageNet mean and deviation) or any range after 'none'. A network that is fed with the
wrong one still answers, only worse: image AUROC fell from 0.93 to 0.69 on one set. So each normalisation has its
inverse here, side by side, and the model goes through gray values 0 to 255 on the way to the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IMAGENET_MEAN = (123.675, 116.28, 103.53)  # red, green, blue; gray values
IMAGENET_DEVIATION = (58.395, 57.12, 57.375)
_RGB_TO_GRAY = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as HALCON's rgb1_to_gray
ALL_BITS = 16  # of uint16


def to_gray_values(image: NDArray[np.generic], bits: int = ALL_BITS) -> NDArray[np.float32]:
    """The image as float32 gray values; uint16 is brought from 0 ... 2**bits - 1 to 0 ... 255."""
    gray = image.astype(np.float32)
    if image.dtype == np.uint16:
        gray /= np.float32((2**bits - 1) / 255)
    return gray


def match_channels(image: NDArray[np.float32], n_channels: int) -> NDArray[np.float32]:
    """(H, W, 1) to (H, W, 3) by repetition, (H, W, 3) to (H, W, 1) by luminance; otherwise unchanged.

    Equal colours give equal floats, bit by bit, whatever their place, the image's size and the processor: the weighted
    sum is written out, because the sums of a matrix product are rounded in an order of its own.
    """
    if image.shape[2] == n_channels:
        return image
    if n_channels == 3:
        return np.repeat(image, 3, axis=2)
    red, green, blue = _RGB_TO_GRAY
    return image[:, :, 0:1] * red + image[:, :, 1:2] * green + image[:, :, 2:3] * blue


def normalize(
    gray: NDArray[np.float32],
    normalization_type: str,
    range_min: float,
    range_max: float,
    mean: Sequence[float] = IMAGENET_MEAN,
    deviation: Sequence[float] = IMAGENET_DEVIATION,
    is_gray_value: bool = True,
) -> NDArray[np.float32]:
    """Map gray values to the range of a model's input.

    Parameters
    ----------
    gray : array (H, W, C), float32
        Gray values 0 to 255.
    normalization_type : str
        ``'none'``: 0 ... 255 becomes the range, linearly; ``'all_channels'``: the smallest and largest value of each
        channel become the range; ``'first_channel'``: those of channel 0, for all; ``'constant_values'``:
        (gray - mean) / deviation, whatever the range says.
    range_min, range_max : float
        The range of the model's input.
    mean, deviation : sequences of C numbers
        For ``'constant_values'``; those of ImageNet. A single channel is tripled first, as HALCON does.
    is_gray_value : bool
        False: with ``'none'`` leave the values as they are (an image that came as float is taken to be in the range).

    Returns
    -------
    array (H, W, C), float32
    """
    if normalization_type == "constant_values":
        gray = match_channels(gray, len(mean)) if gray.shape[2] == 1 else gray
        centred = gray - np.asarray(mean, np.float32)
        return np.asarray(centred / np.asarray(deviation, np.float32), np.float32)
    span = np.float32(range_max - range_min)
    if normalization_type == "none":
        return gray * (span / np.float32(255)) + np.float32(range_min) if is_gray_value else gray
    channels = gray if normalization_type == "all_channels" else gray[:, :, :1]
    low = channels.min(axis=(0, 1))
    extent = channels.max(axis=(0, 1)) - low
    scale = np.where(extent > 0, span / np.where(extent > 0, extent, 1), 1).astype(np.float32)
    return (gray - low) * scale + np.float32(range_min)


def denormalize(
    values: NDArray[np.float32],
    normalization_type: str,
    range_min: float,
    range_max: float,
    mean: Sequence[float] = IMAGENET_MEAN,
    deviation: Sequence[float] = IMAGENET_DEVIATION,
) -> NDArray[np.float32]:
    """Gray values 0 to 255 again: the inverse of `normalize`, where an image was not stretched to its own extremes."""
    scale, shift = to_gray_affine(values.shape[2], normalization_type, range_min, range_max, mean, deviation)
    return values * scale.astype(np.float32) + shift.astype(np.float32)


def to_gray_affine(
    n_channels: int,
    normalization_type: str,
    range_min: float,
    range_max: float,
    mean: Sequence[float] = IMAGENET_MEAN,
    deviation: Sequence[float] = IMAGENET_DEVIATION,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift (C,) that bring normalised values of `n_channels` channels back: gray = value * scale + shift."""
    if normalization_type == "constant_values":
        if n_channels == 1 and len(mean) == 3:
            # Normalised in three channels, then made grey: v = sum_c w_c (g - m_c) / d_c, solved for g.
            weight = _RGB_TO_GRAY.astype(np.float64) / np.asarray(deviation)
            return np.array([1 / weight.sum()]), np.array([weight @ np.asarray(mean) / weight.sum()])
        return np.array(deviation, np.float64), np.array(mean, np.float64)
    scale = 255 / (range_max - range_min)
    return np.full(n_channels, scale), np.full(n_channels, -range_min * scale)
