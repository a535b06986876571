"""Opening, closing, dilation and erosion of regions.

A region grows and shrinks in the plane, not in an image: nothing is cut off at a border.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.vision.region import Region, check_box, each_region, gen_circle, number

CROSS = ndimage.generate_binary_structure(2, 1)  # a pixel and its four neighbours
_LEAST_RADIUS = 0.5
_SMALL = 121  # pixels of an element's box


def dilation_circle(region: Any, radius: float) -> Any:
    """Each pixel becomes a circle: what is at most `radius` (0.5 at least, as in HALCON) away belongs to the region."""
    return each_region(region, lambda one: _dilated(one, _circle(radius)))


def erosion_circle(region: Any, radius: float) -> Any:
    """What remains are the pixels around which a whole circle belongs to the region."""
    return each_region(region, lambda one: _eroded(one, _circle(radius)))


def opening_circle(region: Any, radius: float) -> Any:
    """Erosion, then dilation: what is too narrow for the circle goes."""
    return each_region(region, lambda one: _dilated(_eroded(one, _circle(radius)), _circle(radius)))


def closing_circle(region: Any, radius: float) -> Any:
    """Dilation, then erosion: gaps that are too narrow for the circle are closed."""
    return each_region(region, lambda one: _eroded(_dilated(one, _circle(radius)), _circle(radius)))


def dilation_rectangle1(region: Any, width: int, height: int) -> Any:
    """Each pixel becomes a rectangle around it."""
    return each_region(region, lambda one: _dilated(one, _rectangle(width, height)))


def erosion_rectangle1(region: Any, width: int, height: int) -> Any:
    """What remains are the pixels around which a whole rectangle belongs to the region."""
    return each_region(region, lambda one: _eroded(one, _rectangle(width, height)))


def opening_rectangle1(region: Any, width: int, height: int) -> Any:
    """Erosion, then dilation, with a rectangle."""
    return each_region(region, lambda one: _dilated(_eroded(one, _rectangle(width, height)), _rectangle(width, height)))


def closing_rectangle1(region: Any, width: int, height: int) -> Any:
    """Dilation, then erosion, with a rectangle."""
    return each_region(region, lambda one: _eroded(_dilated(one, _rectangle(width, height)), _rectangle(width, height)))


def inner_boundary(region: Region) -> Region:
    """The pixels that have a neighbour beside, above or below outside of the region."""
    border = region.mask & ~ndimage.binary_erosion(region.mask, CROSS)
    return Region.of_mask(border, region.row, region.column)


def _circle(radius: float) -> NDArray[np.bool_]:
    """A circle as a mask with odd sides, its centre in the middle."""
    circle = gen_circle(0, 0, number(radius, "radius", low=_LEAST_RADIUS))
    assert isinstance(circle, Region)
    return circle.mask


def _rectangle(width: int, height: int) -> NDArray[np.bool_]:
    """A rectangle with odd sides as a mask; of an even side, which has no middle, the next odd one."""
    sides = (int(number(height, "height", low=1)), int(number(width, "width", low=1)))
    check_box(*sides, "width, height")
    return np.ones([side + 1 - side % 2 for side in sides], bool)


def _dilated(region: Region, element: NDArray[np.bool_]) -> Region:
    below, right = (side // 2 for side in element.shape)
    height, width = region.mask.shape
    check_box(height + 2 * below, width + 2 * right, "region")
    padded = np.pad(region.mask, ((below, below), (right, right)))
    return Region.of_mask(_grown(padded, element), region.row - below, region.column - right)


def _eroded(region: Region, element: NDArray[np.bool_]) -> Region:
    """What is left when the outside grows. The nearest pixel outside of the box lies right beside it."""
    below, right = (side // 2 for side in element.shape)
    if region.mask.shape[0] <= 2 * below or region.mask.shape[1] <= 2 * right:
        return Region.of_mask(np.zeros((0, 0), bool))
    outside = np.pad(~region.mask, 1, constant_values=True)
    return Region.of_mask(~_grown(outside, element)[1:-1, 1:-1], region.row, region.column)


def _grown(mask: NDArray[np.bool_], element: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask dilated, of the same size: in a time that does not depend on the element, unless that is small."""
    if element.all():
        return np.asarray(ndimage.maximum_filter(mask, element.shape, mode="constant"), bool)
    if element.size <= _SMALL or not mask.any():
        return np.asarray(ndimage.binary_dilation(mask, element))
    # A circle: the squares of distances between pixels are integers, as are those within it.
    along = np.arange(element.shape[0]) - element.shape[0] // 2
    reach = (along[:, np.newaxis] ** 2 + along**2)[element].max()
    nearest = ndimage.distance_transform_edt(~mask)
    return np.asarray(np.rint(nearest * nearest) <= reach)
