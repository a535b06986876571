"""Numbers about regions: area, box, moments, and the choice by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list, scalar
from dlproc.vision.enclosing import diameter, enclosing_circle, enclosing_rectangle, inscribed_circle
from dlproc.vision.hull import convex_hull
from dlproc.vision.morphology import inner_boundary
from dlproc.vision.region import Region, like_given, number, regions_of


def area_center(regions: Any) -> tuple[Any, Any, Any]:
    """Area in pixels, and row and column of the centre of gravity (0.0 of an empty region); lists for a list."""
    found = regions_of(regions)
    rows, columns = zip(*map(_centre, found), strict=True) if found else ((), ())
    areas = [one.area for one in found]
    return like_given(regions, areas), like_given(regions, rows), like_given(regions, columns)


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
        ``'bulkiness'``, ``'struct_factor'``: see `eccentricity`;
        ``'circularity'``: area to that of the circle around the centre that reaches the farthest pixel, at most 1;
        ``'convexity'``: area to that of the convex hull; ``'contlength'``, ``'compactness'``, ``'roundness'``,
        ``'num_sides'``, ``'orientation'``: see the operators `contlength`, `compactness`, `roundness`,
        `orientation_region`; ``'max_diameter'``: see `diameter_region`; ``'outer_radius'``, ``'inner_radius'``: see
        `smallest_circle`, `inner_circle`; ``'rect2_phi'``, ``'rect2_len1'``, ``'rect2_len2'``: see
        `smallest_rectangle2`;
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
    names = as_list(features)
    for name in names:
        check_known(name, _FEATURES, "features")
    check_known(scalar(operation), ("and", "or"), "operation")
    bounds = bounds_of(names, min, max)
    decide = all if scalar(operation) == "and" else any
    return [
        one
        for one in regions_of(regions)
        if decide(low <= _feature(one, name) <= high for name, (low, high) in zip(names, bounds, strict=True))
    ]


def bounds_of(features: list[Any], min: Any, max: Any) -> list[tuple[float, float]]:
    """Smallest and largest value for each feature; the words 'min' and 'max' stand for none."""
    lows, highs = as_list(min), as_list(max)
    if not len(features) == len(lows) == len(highs):
        got = f"{len(lows)} and {len(highs)}"
        raise DLParamError("min, max", f"{len(features)} numbers, one for each feature", got, halcon_code=1401)
    return [
        (-np.inf if low == "min" else number(low, "min"), np.inf if high == "max" else number(high, "max"))
        for low, high in zip(lows, highs, strict=True)
    ]


def circularity(regions: Any) -> Any:
    """Area to that of the circle around the centre that reaches the farthest pixel, at most 1."""
    return _numbers(regions, "circularity")


def convexity(regions: Any) -> Any:
    """Area to that of the convex hull, at most 1."""
    return _numbers(regions, "convexity")


def contlength(regions: Any) -> Any:
    """Length of the outer border of all parts, through the centres of pixels; holes do not count.

    To a neighbour beside, above or below it is 1, to others √2. A line is followed there and back.
    """
    return _numbers(regions, "contlength")


def compactness(regions: Any) -> Any:
    """Length² / (4 · pi · area) of the border's length as of `contlength`, at least 1; 1 for a circle."""
    return _numbers(regions, "compactness")


def roundness(regions: Any) -> tuple[Any, Any, Any, Any]:
    """How even the distance from the centre to the border is.

    Returns
    -------
    distance, sigma, roundness, sides : float, or lists of float
        Mean and standard deviation of the distance to the pixels of the border; 1 - sigma / distance; how many sides a
        regular polygon has with such a roundness, by Haralick and Shapiro's formula.
    """
    found = [_roundness(one) if one.area else (0.0, 0.0, 0.0, 0.0) for one in regions_of(regions)]
    distance, sigma, round_, sides = (like_given(regions, [one[place] for one in found]) for place in range(4))
    return distance, sigma, round_, sides


def elliptic_axis(regions: Any) -> tuple[Any, Any, Any]:
    """Radii and direction of the ellipse with the same moments; the direction in radians, mathematically positive."""
    return _numbers(regions, "ra"), _numbers(regions, "rb"), _numbers(regions, "phi")


def eccentricity(regions: Any) -> tuple[Any, Any, Any]:
    """Anisometry ra / rb, bulkiness pi · ra · rb / area, and structure factor anisometry · bulkiness - 1."""
    names = ("anisometry", "bulkiness", "struct_factor")
    anisometry, bulkiness, structure = (_numbers(regions, name) for name in names)
    return anisometry, bulkiness, structure


def orientation_region(regions: Any) -> Any:
    """Direction from -pi to pi: that of `elliptic_axis`, turned round where the farthest pixel lies on the other
    side.
    """
    return like_given(regions, [_orientation(one) if one.area else 0.0 for one in regions_of(regions)])


def height_width_ratio(regions: Any) -> tuple[Any, Any, Any]:
    """Height, width, and height to width of the box around each region."""
    found = regions_of(regions)
    heights, widths = [one.mask.shape[0] for one in found], [one.mask.shape[1] for one in found]
    return like_given(regions, heights), like_given(regions, widths), _numbers(regions, "ratio")


def connect_and_holes(regions: Any) -> tuple[Any, Any]:
    """Parts that hang together, and holes."""
    parts, holes = ([int(value) for value in _values(regions, name)] for name in ("connect_num", "holes_num"))
    return like_given(regions, parts), like_given(regions, holes)


def area_holes(regions: Any) -> Any:
    """Pixels in holes."""
    return like_given(regions, [int(value) for value in _values(regions, "area_holes")])


def _values(regions: Any, name: str) -> list[float]:
    return [_feature(one, name) for one in regions_of(regions)]


def _numbers(regions: Any, name: str) -> Any:
    return like_given(regions, _values(regions, name))


def _orientation(region: Region) -> float:
    phi = _ellipse(region)[2]
    rows, columns = region.pixels()
    row, column = _centre(region)
    along = (columns - column) * np.cos(phi) - (rows - row) * np.sin(phi)
    distances = (rows - row) ** 2 + (columns - column) ** 2
    ahead, behind = (distances[side].max(initial=0) for side in (along >= 0, along < 0))
    if behind <= ahead + 1e-6:  # of a symmetric region neither, whatever rounding does
        return phi
    return phi + np.pi if phi <= 0 else phi - np.pi


def _roundness(region: Region) -> tuple[float, float, float, float]:
    row, column = _centre(region)
    rows, columns = inner_boundary(region).pixels()
    distances = np.hypot(rows - row, columns - column)
    mean, deviation = float(distances.mean()), float(distances.std())
    if mean == 0:
        return 0.0, 0.0, 1.0, 0.0
    return mean, deviation, 1 - deviation / mean, 1.4111 * (mean / deviation) ** 0.4724 if deviation > 0 else 0.0


def _length(region: Region) -> float:
    """The outer border of each part by its blocks of 2 x 2 pixels.

    Two pixels side by side are a step of 1, with two outside beside them; two in a diagonal are a step of √2 there and
    back; of three the border cuts the corner.
    """
    if not _holes(region).any():
        return _length_of(region.mask)
    parts, _ = ndimage.label(region.mask, np.ones((3, 3), bool))
    boxes = enumerate(ndimage.find_objects(parts), start=1)
    return sum(_length_of(ndimage.binary_fill_holes(parts[box] == part)) for part, box in boxes)


def _length_of(mask: NDArray[np.bool_]) -> float:
    padded = np.pad(mask, 1).astype(np.int8)
    first, second, third, fourth = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    inside = first + second + third + fourth
    is_diagonal = (inside == 2) & (first == fourth)
    straight, corners = int(((inside == 2) & ~is_diagonal).sum()), int((inside == 3).sum())
    return straight + np.sqrt(2) * float(corners + 2 * int(is_diagonal.sum()))


def _bulkiness(region: Region) -> float:
    ra, rb, _ = _ellipse(region)
    return float(np.pi * ra * rb / region.area)


def _feature(region: Region, name: str) -> float:
    return float(_FEATURES[name](region)) if region.area else 0.0


def _centre(region: Region) -> tuple[float, float]:
    if not region.area:
        return 0.0, 0.0
    row, column = (int(n @ np.arange(n.size)) / region.area for n in _counts(region))
    return row + region.row, column + region.column


def _counts(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many pixels the rows, and the columns, of the region's box have."""
    return region.mask.sum(axis=1), region.mask.sum(axis=0)


def _corners(region: Region) -> tuple[int, int, int, int]:
    height, width = region.mask.shape
    if not region.area:
        return 0, 0, 0, 0
    return region.row, region.column, region.row + height - 1, region.column + width - 1


def _ellipse(region: Region) -> tuple[float, float, float]:
    """Radii and direction of the ellipse with the same second moments; sums are of integers, and exact."""
    in_rows, in_columns = _counts(region)
    area, rows, columns = region.area, np.arange(in_rows.size), np.arange(in_columns.size)
    row, column = int(in_rows @ rows), int(in_columns @ columns)
    m20 = (int(in_rows @ rows**2) * area - row**2) / area**2
    m02 = (int(in_columns @ columns**2) * area - column**2) / area**2
    m11 = (int(rows @ (region.mask @ columns)) * area - row * column) / area**2
    root = np.hypot(m20 - m02, 2 * m11)
    radii = (np.sqrt(2 * np.maximum(m20 + m02 + sign * root, 0)) for sign in (1, -1))
    phi = -0.5 * np.arctan2(2 * m11, m02 - m20)
    phi = phi + np.pi if phi <= -np.pi / 2 else phi  # above -pi/2, up to pi/2
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
    "bulkiness": _bulkiness,
    "struct_factor": lambda one: _anisometry(one) * _bulkiness(one) - 1,
    "circularity": _circularity,
    "contlength": _length,
    "compactness": lambda one: max(1.0, _length(one) ** 2 / (4 * np.pi * one.area)),
    "roundness": lambda one: _roundness(one)[2],
    "num_sides": lambda one: _roundness(one)[3],
    "orientation": _orientation,
    "max_diameter": lambda one: diameter(one)[4],
    "outer_radius": lambda one: enclosing_circle(one)[2],
    "inner_radius": lambda one: inscribed_circle(one)[2],
    "rect2_phi": lambda one: enclosing_rectangle(one)[2],
    "rect2_len1": lambda one: enclosing_rectangle(one)[3],
    "rect2_len2": lambda one: enclosing_rectangle(one)[4],
    "convexity": lambda one: one.area / convex_hull(one).area,
    "connect_num": lambda one: ndimage.label(one.mask, np.ones((3, 3), bool))[1],
    "holes_num": lambda one: ndimage.label(_holes(one))[1],
    "area_holes": lambda one: _holes(one).sum(),
}
