"""Circles and rectangles around regions and inside of them. Pixels are points, their centres."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.vision.hull import hull_points
from dlproc.vision.region import Region, like_given, regions_of

_Circle = tuple[float, float, float]  # row, column, radius
_TOLERANCE = 1e-9


def smallest_circle(regions: Any) -> tuple[Any, Any, Any]:
    """Row, column and radius of the smallest circle around each region; 0.0 of an empty one.

    The circle is that around the centres of the pixels; its radius is 0.5 larger, since pixels are no points.
    """
    return _columns(regions, enclosing_circle, 3)


def smallest_rectangle2(regions: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Centre, direction and half lengths of the smallest rectangle of any direction around each region.

    Returns
    -------
    row, column, phi, length1, length2 : float, or lists of float
        Direction of the longer side in radians, -pi/2 to pi/2, mathematically positive; 0.0 of an empty region.
    """
    return _columns(regions, enclosing_rectangle, 5)


def inner_circle(regions: Any) -> tuple[Any, Any, Any]:
    """Row, column and radius of the largest circle inside of each region, the first one row by row; 0.0 of an empty
    one.

    The circle is one of `gen_circle`: its radius is a multiple of 0.5, and its centre lies on that of a pixel or, where
    the radius is a whole number, on a corner between pixels.
    """
    return _columns(regions, inscribed_circle, 3)


def diameter_region(regions: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The two pixels that are farthest from each other, row and column of each (int), and their distance."""
    return _columns(regions, diameter, 5)


def enclosing_circle(region: Region) -> _Circle:
    """The smallest circle around the centres of all pixels, its radius 0.5 larger.

    Welzl's algorithm on the hull, without recursion.
    """
    points = hull_points(region)
    if not len(points):
        return 0.0, 0.0, 0.0
    circle: _Circle = (*points[0].tolist(), 0.0)
    for third, point in enumerate(points):
        if _holds(circle, point):
            continue
        circle = (*point.tolist(), 0.0)
        for second, other in enumerate(points[:third]):
            if _holds(circle, other):
                continue
            circle = _through_two(point, other)
            for first in points[:second]:
                if not _holds(circle, first):
                    circle = _through_three(point, other, first)
    row, column, radius = circle
    return row, column, radius + 0.5


def enclosing_rectangle(region: Region) -> tuple[float, float, float, float, float]:
    """The smallest rectangle: one of its sides lies on one of the hull."""
    points = hull_points(region)
    if not len(points):
        return 0.0, 0.0, 0.0, 0.0, 0.0
    best: tuple[float, tuple[float, ...]] | None = None
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        length = np.hypot(*(end - start))
        along = (end - start) / length if length else np.array([0.0, 1.0])
        across = np.array([-along[1], along[0]])
        (low1, high1), (low2, high2) = _extent(points, along), _extent(points, across)
        centre = along * (low1 + high1) / 2 + across * (low2 + high2) / 2
        half1, half2 = (high1 - low1) / 2, (high2 - low2) / 2
        if half2 > half1:
            along, half1, half2 = across, half2, half1
        area = half1 * half2
        if best is None or area < best[0] - _TOLERANCE:
            phi = float(np.arctan2(-along[0], along[1]))
            best = area, (*centre, _folded(phi), half1, half2)
    assert best is not None
    row, column, phi, length1, length2 = (float(value) for value in best[1])
    return row, column, phi, length1, length2


def inscribed_circle(region: Region) -> _Circle:
    """The largest circle of `gen_circle` that lies in the region."""
    if not region.area:
        return 0.0, 0.0, 0.0
    # On a grid twice as fine, which has the corners between pixels, too: distances to the nearest pixel outside.
    padded = np.pad(region.mask, 1)
    fine = np.ones([2 * side - 1 for side in padded.shape], bool)
    fine[::2, ::2] = padded
    halves = ndimage.distance_transform_edt(fine)  # in halves of a pixel
    radii = np.zeros(fine.shape)
    radii[::2, ::2] = np.ceil(halves[::2, ::2] / 2 - 0.5) - 0.5  # the largest k + 0.5 below the distance
    radii[1::2, 1::2] = np.ceil(halves[1::2, 1::2] / 2) - 1  # the largest whole number below it
    row, column = np.unravel_index(int(radii.argmax()), radii.shape)
    return float(region.row - 1 + row / 2), float(region.column - 1 + column / 2), float(radii.max())


def diameter(region: Region) -> tuple[int, int, int, int, float]:
    """Rows and columns of the two pixels that are farthest from each other, and their distance."""
    points = hull_points(region).astype(np.int64)
    if len(points) < 2:
        row, column = points[0].tolist() if len(points) else (0, 0)
        return row, column, row, column, 0.0
    first, last = max(combinations(points, 2), key=lambda pair: int(((pair[0] - pair[1]) ** 2).sum()))
    (row1, column1), (row2, column2) = first.tolist(), last.tolist()
    return row1, column1, row2, column2, float(np.hypot(*(first - last)))


def _extent(points: NDArray[np.float64], direction: NDArray[np.float64]) -> tuple[float, float]:
    """How far points reach along a direction."""
    places = points[:, 0] * direction[0] + points[:, 1] * direction[1]
    return float(places.min()), float(places.max())


def _columns(regions: Any, measured: Callable[[Region], tuple[float, ...]], n_outputs: int) -> Any:
    """What is measured of each region, as one output for each number."""
    found = [measured(one) for one in regions_of(regions)]
    return tuple(like_given(regions, [one[place] for one in found]) for place in range(n_outputs))


def _holds(circle: _Circle, point: NDArray[np.float64]) -> bool:
    return bool(np.hypot(point[0] - circle[0], point[1] - circle[1]) <= circle[2] + _TOLERANCE)


def _through_two(first: NDArray[np.float64], second: NDArray[np.float64]) -> _Circle:
    row, column = (first + second) / 2
    return float(row), float(column), float(np.hypot(*(first - second)) / 2)


def _through_three(first: NDArray[np.float64], second: NDArray[np.float64], third: NDArray[np.float64]) -> _Circle:
    """The circle through three points that are not in one line: corners of a hull never are."""
    matrix = 2 * np.stack([second - first, third - first])
    values = np.array([((second - first) ** 2).sum(), ((third - first) ** 2).sum()])
    offset = np.linalg.solve(matrix, values)
    row, column = first + offset
    return float(row), float(column), float(np.hypot(*offset))


def _folded(phi: float) -> float:
    """A direction as an angle above -pi/2, up to pi/2."""
    if phi > np.pi / 2 + _TOLERANCE:
        return phi - np.pi
    return phi + np.pi if phi <= -np.pi / 2 + _TOLERANCE else phi
