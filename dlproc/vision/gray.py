"""Gray values inside regions: extremes, mean, histogram, and the choice by them.

Where regions are asked for, an image stands for its domain: ``intensity (Image, Image, Mean, Deviation)``. What counts
is what lies in the region and in the image; the domain of the image does not matter, as in HALCON. Of several channels
the first is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list, describe
from dlproc.vision.arguments import first_channel, one_image, word
from dlproc.vision.features import bounds_of
from dlproc.vision.region import Region, like_given, number, regions_of

_Values = NDArray[Any]


def min_max_gray(regions: Any, image: Any, percent: Any) -> tuple[Any, Any, Any]:
    """Smallest and largest gray value inside regions, and their difference.

    Parameters
    ----------
    regions : Region, bool array (H, W), image, or a list of them
    image : image
    percent : float
        0 to 50: the share of the darkest pixels, and of the brightest, that is left out; with 50 both are the median.

    Returns
    -------
    three floats, or lists of float for a list of regions
        0.0 for a region without a pixel in the image.
    """
    share = number(percent, "percent", low=0)
    if share > 50:
        raise DLParamError("percent", "at most 50", f"{share:g}", halcon_code=1301)

    def extremes(values: _Values) -> tuple[float, float]:
        if not values.size:
            return 0.0, 0.0
        ordered = np.sort(values)
        if share == 50:
            return (float(ordered[(values.size - 1) // 2]),) * 2
        left_out = int(values.size * share / 100)
        return float(ordered[left_out]), float(ordered[-1 - left_out])

    found = [extremes(values) for values in _values_of(regions, image)]
    low, high = [one[0] for one in found], [one[1] for one in found]
    spans = [top - bottom for bottom, top in found]
    return like_given(regions, low), like_given(regions, high), like_given(regions, spans)


def intensity(regions: Any, image: Any) -> tuple[Any, Any]:
    """Mean and standard deviation (the mean square's root) of the gray values inside regions; 0.0 of none."""
    found = _values_of(regions, image)
    means = [_FEATURES["mean"](values) if values.size else 0.0 for values in found]
    deviations = [_FEATURES["deviation"](values) if values.size else 0.0 for values in found]
    return like_given(regions, means), like_given(regions, deviations)


def gray_histo(regions: Any, image: Any) -> tuple[list[int], list[float]]:
    """How many pixels inside a region have each gray value, and their shares.

    Parameters
    ----------
    regions : Region, bool array (H, W), image, or a list of them
        Of several all pixels together, as often as they occur.
    image : image
        byte (256 values) or uint2 (65536).
    """
    counts = _counts(regions, image, 1)
    return counts.tolist(), (counts / max(int(counts.sum()), 1)).tolist()


def gray_histo_abs(regions: Any, image: Any, quantization: Any) -> list[int]:
    """How many pixels inside a region have gray values 0 to q - 1, q to 2q - 1, …; of byte or uint2."""
    step = number(quantization, "quantization", low=1)
    counts: list[int] = _counts(regions, image, step).tolist()
    return counts


def gray_features(regions: Any, image: Any, features: Any) -> Any:
    """Numbers about gray values inside regions.

    Parameters
    ----------
    regions : Region, bool array (H, W), image, or a list of them
    image : image
    features : str or list of str
        ``'mean'``, ``'deviation'``, ``'min'``, ``'max'``, ``'median'``; ``'entropy'`` : of the gray values' shares, in
        bits; ``'area'`` : sum of the gray values; ``'row'``, ``'column'`` : centre of gravity weighted by them.

    Returns
    -------
    float, or list of float
        A number for one region and one feature; otherwise a list, region by region and in each feature by feature. 0.0
        for a region without a pixel in the image.
    """
    names = as_list(features)
    for name in names:
        check_known(name, _NAMES, "features", 1301)
    found = regions_of(regions)
    values = [_feature(one, one_image(image), name) for one in found for name in names]
    is_one = not isinstance(regions, list | tuple) and not isinstance(features, list | tuple)
    return values[0] if is_one else values


def area_center_gray(regions: Any, image: Any) -> tuple[Any, Any, Any]:
    """Sum of the gray values inside regions, and row and column of the centre of gravity weighted by them."""
    given, found = one_image(image), regions_of(regions)
    names = ("area", "row", "column")
    area, row, column = (like_given(regions, [_feature(one, given, name) for one in found]) for name in names)
    return area, row, column


def select_gray(regions: Any, image: Any, features: Any, operation: Any, min: Any, max: Any) -> list[Region]:
    """Regions whose gray values have features from `min` to `max`, both included.

    Parameters
    ----------
    regions : Region, bool array (H, W), or a list of them
    image : image
    features, operation, min, max
        As of `gray_features`, and otherwise as of `select_shape`.
    """
    names = as_list(features)
    for name in names:
        check_known(name, _NAMES, "features", 1301)
    decide = all if word(operation, ("and", "or"), "operation", place=2) == "and" else any
    bounds, gray = bounds_of(names, min, max), one_image(image)
    return [
        one
        for one in regions_of(regions)
        if decide(low <= _feature(one, gray, name) <= high for name, (low, high) in zip(names, bounds, strict=True))
    ]


def _inside(region: Region, image: NDArray[Any]) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Rows and columns of the image where a region's box lies, and which pixels there belong to it."""
    return region.seen_in(*image.shape[:2])


def _values_of(regions: Any, image: Any) -> list[_Values]:
    """The gray values inside each region."""
    given = one_image(image)
    places = (_inside(one, given) for one in regions_of(regions))
    return [first_channel(given)[place][inside] for place, inside in places]


def _counts(regions: Any, image: Any, step: float) -> NDArray[np.int64]:
    dtype = one_image(image).dtype
    if dtype not in (np.uint8, np.uint16):
        raise DLParamError("image", "an image of type byte or uint2", describe(one_image(image)), halcon_code=1201)
    values = np.concatenate([np.zeros(0, dtype), *_values_of(regions, image)])
    n_bins = int(np.ceil((int(np.iinfo(dtype).max) + 1) / step))
    return np.bincount((values / step).astype(np.int64), minlength=n_bins)


def _feature(region: Region, image: NDArray[Any], name: str) -> float:
    place, inside = _inside(region, image)
    values = first_channel(image)[place][inside]
    if not values.size:
        return 0.0
    if name in _FEATURES:
        return _FEATURES[name](values)
    axis = 0 if name == "row" else 1
    places = np.nonzero(inside)[axis] + place[axis].start
    total = values.sum(dtype=np.float64)
    return float((places * values.astype(np.float64)).sum() / total) if total else 0.0


def _entropy(values: _Values) -> float:
    shares = np.unique(values, return_counts=True)[1] / values.size
    return float(-(shares * np.log2(shares)).sum()) + 0.0  # no -0.0


_FEATURES: dict[str, Callable[[_Values], float]] = {
    "area": lambda values: float(values.sum(dtype=np.float64)),
    "mean": lambda values: float(values.mean(dtype=np.float64)),
    "deviation": lambda values: float(values.std(dtype=np.float64)),
    "min": lambda values: float(values.min()),
    "max": lambda values: float(values.max()),
    "median": lambda values: float(np.sort(values)[(values.size - 1) // 2]),
    "entropy": _entropy,
}
_NAMES = (*_FEATURES, "row", "column")
