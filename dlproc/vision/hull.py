"""The convex hull of a region, and what is measured on it. Pixels are points, their centres."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from skimage.draw import line

from dlproc.vision.region import Region

_Points = NDArray[np.float64]


def hull_points(region: Region) -> _Points:
    """The corners of the convex hull, (N, 2), rows and columns, in order around it."""
    if not region.area:
        return np.zeros((0, 2))
    firsts = region.mask.argmax(axis=1)
    lasts = region.mask.shape[1] - 1 - region.mask[:, ::-1].argmax(axis=1)
    rows = np.flatnonzero(region.mask.any(axis=1))  # only the first and the last pixel of a row can be corners
    candidates = {(int(row), int(column)) for row in rows for column in (firsts[row], lasts[row])}
    ordered = sorted(candidates)
    if len(ordered) > 2:
        ordered = _half(ordered)[:-1] + _half(ordered[::-1])[:-1]
    return np.array(ordered, np.float64).reshape(-1, 2) + np.array([region.row, region.column])


def convex_hull(region: Region) -> Region:
    """All pixels whose centres lie within the convex hull, or on its sides."""
    corners = hull_points(region)
    if len(corners) < 3:
        return _line(corners)
    height, width = region.mask.shape
    first, last = np.zeros(height, np.int64), np.full(height, width - 1)  # of each row
    whole = corners.astype(np.int64) - (region.row, region.column)
    for (row1, column1), (row2, column2) in pairwise([*whole, whole[0]]):
        rows = np.arange(min(row1, row2), max(row1, row2) + 1)
        if row2 > row1:  # the hull lies to the right of the side: the first column that is not before it
            first[rows] = np.maximum(first[rows], column1 - (column1 - column2) * (rows - row1) // (row2 - row1))
        elif row2 < row1:
            last[rows] = np.minimum(last[rows], column1 + (column1 - column2) * (rows - row1) // (row1 - row2))
    columns = np.arange(width)
    inside = (columns >= first[:, np.newaxis]) & (columns <= last[:, np.newaxis])
    return Region.of_mask(inside, region.row, region.column)


def _line(corners: _Points) -> Region:
    """The pixels of the line through one or two corners."""
    if not len(corners):
        return Region.of_mask(np.zeros((0, 0), bool))
    first, last = corners[0].astype(int), corners[-1].astype(int)
    top, left = np.minimum(first, last)
    mask = np.zeros(abs(first - last) + 1, bool)
    mask[line(first[0] - top, first[1] - left, last[0] - top, last[1] - left)] = True
    return Region.of_mask(mask, int(top), int(left))


def _half(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One side of the hull of sorted points (Andrew's monotone chain)."""
    chain: list[tuple[int, int]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(first: tuple[int, int], second: tuple[int, int], third: tuple[int, int]) -> int:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])
