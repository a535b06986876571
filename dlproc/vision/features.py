"""Numbers about regions: area, box, moments, and the choice by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list
from dlproc.vision.region import Region, like_given, number, regions_of


def area_center(regions: Any) -> tuple[Any, Any, Any]:
    """Area in pixels, and row and column of the centre of gravity (0.0 of an empty region); lists for a list."""
    found = regions_of(regions)
    return (
        like_given(regions, [one.area for one in found]),
        like_given(regions, [_centre(one)[0] for one in found]),
        like_given(regions, [_centre(one)[1] for one in found]),
    )


def smallest_rectangle1(regions: Any) -> tuple[Any, Any, Any, Any]:
    """First row, first column, last row and last column of the box around each region; 0 of an empty one."""
    corners = [_corners(one) for one in regions_of(regions)]
    row1, column1, row2, column2 = (like_given(regions, [corner[side] for corner in corners]) for side in range(4))
    return row1, column1, row2, column2


def region_features(regions: Any, features: Any) -> Any:
    """Numbers about regions.

    Parameters
    ----------
    regions : Region, or a list of them
    features : str or list of str
        ``'area'``; ``'row'``, ``'column'``: of the centre of gravity; ``'row1'``, ``'column1'``, ``'row2'``,
        ``'column2'``, ``'width'``, ``'height'``: of the box; ``'ratio'``: height to width; ``'ra'``, ``'rb'``,
        ``'phi'``: radii and direction (radians, from the columns' axis, mathematically positive) of the ellipse with
        the same moments; ``'anisometry'``: ra to rb;
        ``'circularity'``: area to that of the circle around the centre that reaches the farthest pixel, at most 1;
        ``'connect_num'``: parts that hang together; ``'holes_num'``, ``'area_holes'``: holes, and pixels in them.

    Returns
    -------
    float, or list of float
        A number for one region and one feature; otherwise a list, region by region and in each feature by feature. All
        are 0.0 for an empty region.

    Raises
    ------
    DLParamError
        An unknown feature.
    """
    names = as_list(features)
    for name in names:
        check_known(name, _FEATURES, "features")
    values = [_feature(one, name) for one in regions_of(regions) for name in names]
    is_one = not isinstance(regions, list | tuple) and not isinstance(features, list | tuple)
    return values[0] if is_one else values


def select_shape(regions: Any, features: Any, operation: str, min: Any, max: Any) -> list[Region]:
    """Regions whose features lie from `min` to `max`, both included.

    Parameters
    ----------
    regions : Region, or a list of them
    features : str or list of str
        As of `region_features`.
    operation : str
        ``'and'``: all features must; ``'or'``: one of them.
    min, max : number, ``'min'`` or ``'max'``; or lists of them
        One for each feature; the words stand for no bound.

    Raises
    ------
    DLParamError
        An unknown feature or operation; another number of bounds than of features.
    """
    names, lows, highs = as_list(features), as_list(min), as_list(max)
    for name in names:
        check_known(name, _FEATURES, "features")
    check_known(operation, ("and", "or"), "operation")
    if not len(names) == len(lows) == len(highs):
        got = f"{len(lows)} and {len(highs)}"
        raise DLParamError("min, max", f"{len(names)} numbers, one for each feature", got, halcon_code=1401)
    bounds = [
        (-np.inf if low == "min" else number(low, "min"), np.inf if high == "max" else number(high, "max"))
        for low, high in zip(lows, highs, strict=True)
    ]
    decide = all if operation == "and" else any
    return [
        one
        for one in regions_of(regions)
        if decide(low <= _feature(one, name) <= high for name, (low, high) in zip(names, bounds, strict=True))
    ]


def _feature(region: Region, name: str) -> float:
    return float(_FEATURES[name](region)) if region.area else 0.0


def _centre(region: Region) -> tuple[float, float]:
    rows, columns = region.pixels()
    return (float(rows.mean()), float(columns.mean())) if rows.size else (0.0, 0.0)


def _corners(region: Region) -> tuple[int, int, int, int]:
    height, width = region.mask.shape
    if not region.area:
        return 0, 0, 0, 0
    return region.row, region.column, region.row + height - 1, region.column + width - 1


def _ellipse(region: Region) -> tuple[float, float, float]:
    """Radii and direction of the ellipse with the same second moments."""
    rows, columns = (values - values.mean() for values in region.pixels())
    m20, m02, m11 = (rows * rows).mean(), (columns * columns).mean(), (rows * columns).mean()
    root = np.hypot(m20 - m02, 2 * m11)
    radii = (np.sqrt(2 * np.maximum(m20 + m02 + sign * root, 0)) for sign in (1, -1))
    phi = -0.5 * np.arctan2(2 * m11, m02 - m20)
    return *(float(radius) for radius in radii), float(phi)  # type: ignore[return-value]  # two and one


def _anisometry(region: Region) -> float:
    ra, rb, _ = _ellipse(region)
    return ra / rb if rb > 0 else 0.0


def _circularity(region: Region) -> float:
    rows, columns = region.pixels()
    row, column = _centre(region)
    farthest = ((rows - row) ** 2 + (columns - column) ** 2).max()
    return min(1.0, region.area / (np.pi * farthest)) if farthest > 0 else 1.0


def _holes(region: Region) -> Any:
    return ndimage.binary_fill_holes(region.mask) & ~region.mask


_FEATURES: dict[str, Callable[[Region], float]] = {
    "area": lambda one: one.area,
    "row": lambda one: _centre(one)[0],
    "column": lambda one: _centre(one)[1],
    "row1": lambda one: _corners(one)[0],
    "column1": lambda one: _corners(one)[1],
    "row2": lambda one: _corners(one)[2],
    "column2": lambda one: _corners(one)[3],
    "height": lambda one: one.mask.shape[0],
    "width": lambda one: one.mask.shape[1],
    "ratio": lambda one: one.mask.shape[0] / one.mask.shape[1],
    "ra": lambda one: _ellipse(one)[0],
    "rb": lambda one: _ellipse(one)[1],
    "phi": lambda one: _ellipse(one)[2],
    "anisometry": _anisometry,
    "circularity": _circularity,
    "connect_num": lambda one: ndimage.label(one.mask, np.ones((3, 3), bool))[1],
    "holes_num": lambda one: ndimage.label(_holes(one))[1],
    "area_holes": lambda one: _holes(one).sum(),
}
