"""Regions out of gray values. Only pixels inside the domain are looked at; of several channels the first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image
from dlproc.schema.kinds import as_list, scalar
from dlproc.vision.arguments import common_domain, first_channel, images_of, pairs_of, whole, word
from dlproc.vision.filters import mean_and_deviation
from dlproc.vision.region import Region, check_lengths, like_given, number

_BESIDE = ("light", "dark", "equal", "not_equal")


def threshold(image: Any, min_gray: Any, max_gray: Any) -> Any:
    """The pixels with gray values from `min_gray` to `max_gray`.

    Parameters
    ----------
    image : image, or a list of them
        Only pixels of its domain are looked at, as in HALCON.
    min_gray, max_gray : number, ``'min'`` or ``'max'``; or lists of them
        Both included; the words stand for no bound. Of images with integers the fraction of a bound is cut off, as in
        HALCON.

    Returns
    -------
    Region, or a list of them
        A list for a list of images, or for lists of bounds: of each image a region for each pair.

    Raises
    ------
    DLParamError
        Not an image; lists of different lengths; a range that is none.
    """
    images, lows, highs = images_of(image), as_list(min_gray), as_list(max_gray)
    check_lengths("min_gray", [lows, highs])
    bounds = []
    for low, high in zip(lows, highs, strict=True):
        smallest = -np.inf if low == "min" else number(low, "min_gray", place=1)
        largest = np.inf if high == "max" else number(high, "max_gray", place=2)
        if largest < smallest:
            raise DLParamError("max_gray", f"at least min_gray, {smallest:g}", f"{largest:g}", halcon_code=1302)
        bounds.append((smallest, largest))
    regions = []
    for one in images:
        gray, domain = first_channel(one), domain_of_image(one)
        cut = (lambda bound: bound) if gray.dtype.kind == "f" else np.trunc
        regions += [_region((gray >= cut(low)) & (gray <= cut(high)), domain) for low, high in bounds]
    is_list = isinstance(image, list | tuple) or isinstance(min_gray, list | tuple)
    return regions if is_list else regions[0]


def fast_threshold(image: Any, min_gray: Any, max_gray: Any, min_size: Any) -> Any:
    """As `threshold`, which is quick enough here: `min_size` is checked only, and small regions are found, too."""
    whole(min_size, "min_size", low=1, place=3)
    return threshold(image, min_gray, max_gray)


def binary_threshold(image: Any, method: Any, light_dark: Any) -> tuple[Any, Any]:
    """The dark or the light pixels, by a threshold that is found in the gray values of the domain.

    Parameters
    ----------
    image : image, or a list of them
    method : str
        ``'max_separability'`` : by Otsu. HALCON's 'smooth_histo' is not offered.
    light_dark : str
        ``'dark'`` : gray values up to the threshold; ``'light'`` : above it.

    Returns
    -------
    region : Region, or a list of them
    used_threshold : int or float, or a list of them
        0 for an empty domain. dlproc's own choice: it belongs to the dark pixels.

    References
    ----------
    .. [1] N. Otsu, "A threshold selection method from gray-level histograms", 1979, as scikit-image has it.
    """
    if scalar(method) == "smooth_histo":
        hint = "the smoothing of HALCON's histogram is not offered"
        raise DLParamError("method", "'max_separability'", "'smooth_histo'", hint, halcon_code=1301)
    word(method, ("max_separability",), "method")
    is_dark = word(light_dark, ("dark", "light"), "light_dark", place=2) == "dark"
    regions, thresholds = [], []
    for one in images_of(image):
        gray, domain = first_channel(one), domain_of_image(one)
        values = gray.ravel() if domain is None else gray[domain]
        used = threshold_otsu(values).item() if values.size else 0
        regions.append(_region(gray <= used if is_dark else gray > used, domain))
        thresholds.append(used)
    return like_given(image, regions), like_given(image, thresholds)


def dyn_threshold(orig_image: Any, threshold_image: Any, offset: Any, light_dark: Any) -> Any:
    """Pixels that differ from those of another image, often a smoothed one.

    Parameters
    ----------
    orig_image, threshold_image : image, or lists of as many
    offset : number
    light_dark : str
        ``'light'`` : gray >= threshold + offset; ``'dark'`` : gray <= threshold - offset; ``'equal'`` : within offset,
        both included; ``'not_equal'`` : further away.
    """
    distance = number(offset, "offset", place=1)
    side = word(light_dark, _BESIDE, "light_dark", place=2)
    regions = []
    for one, other in pairs_of(orig_image, threshold_image, ("orig_image", "threshold_image")):
        gray, middle = (first_channel(image).astype(np.float64) for image in (one, other))
        regions.append(_region(_beside(gray, middle, distance, side), common_domain(one, other)))
    return like_given(orig_image, regions)


def var_threshold(
    image: Any, mask_width: Any, mask_height: Any, std_dev_scale: Any, abs_threshold: Any, light_dark: Any
) -> Any:
    """Pixels that differ from the mean of what lies around them, by the standard deviation there.

    Parameters
    ----------
    image : image, or a list of them
    mask_width, mask_height : int
        Of the rectangle around each pixel.
    std_dev_scale, abs_threshold : number
        The offset is std_dev_scale · deviation, but at least `abs_threshold`; for a scale below 0 the smaller of
        both.
    light_dark : str
        As of `dyn_threshold`.
    """
    scale, least = number(std_dev_scale, "std_dev_scale", place=3), number(abs_threshold, "abs_threshold", place=4)
    side = word(light_dark, _BESIDE, "light_dark", place=5)
    regions = []
    for one in images_of(image):
        gray = first_channel(one).astype(np.float64)
        mean, deviation = mean_and_deviation(gray, mask_height, mask_width)
        offset = np.maximum(scale * deviation, least) if scale >= 0 else np.minimum(scale * deviation, least)
        regions.append(_region(_beside(gray, mean, offset, side), domain_of_image(one)))
    return like_given(image, regions)


def _beside(gray: NDArray[Any], middle: NDArray[Any], offset: Any, side: str) -> NDArray[np.bool_]:
    light: NDArray[np.bool_] = gray >= middle + offset
    dark: NDArray[np.bool_] = gray <= middle - offset
    if side in ("light", "dark"):
        return light if side == "light" else dark
    equal: NDArray[np.bool_] = (gray >= middle - offset) & (gray <= middle + offset)
    return equal if side == "equal" else ~equal


def _region(found: NDArray[np.bool_], domain: NDArray[np.bool_] | None) -> Region:
    return Region.of_mask(found if domain is None else found & domain)
