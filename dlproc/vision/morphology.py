"""Opening, closing, dilation and erosion of regions.

A region grows and shrinks in the plane, not in an image: nothing is cut off at a border.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.vision.region import Region, check_box, circle_mask, each_region, number

CROSS = ndimage.generate_binary_structure(2, 1)  # a pixel and its four neighbours
_LEAST_RADIUS = 0.5
_SMALL = 121  # pixels of an element's box


def dilation_circle(region: Any, radius: float) -> Any:
    """Each pixel becomes a circle, that of `gen_circle`, whose radius is a multiple of 0.5.

    Of a whole number the diameter is even: the larger part then lies to the right and below, as for
    `dilation_rectangle1`.
    """
    return each_region(region, lambda one: _dilated(one, _circle(radius)))


def erosion_circle(region: Any, radius: float) -> Any:
    """What remains are the pixels around which a whole circle, that of `dilation_circle`, belongs to the region."""
    return each_region(region, lambda one: _eroded(one, _circle(radius)))


def opening_circle(region: Any, radius: float) -> Any:
    """Erosion, then dilation: what is too narrow for the circle goes."""
    return each_region(region, lambda one: _dilated(_eroded(one, _circle(radius)), _circle(radius)))


def closing_circle(region: Any, radius: float) -> Any:
    """Dilation, then erosion: gaps that are too narrow for the circle are closed."""
    return each_region(region, lambda one: _eroded(_dilated(one, _circle(radius)), _circle(radius)))


def dilation_rectangle1(region: Any, width: int, height: int) -> Any:
    """Each pixel becomes a rectangle around it; of an even side the larger part lies to the right, or below."""
    return each_region(region, lambda one: _dilated(one, _rectangle(width, height)))


def erosion_rectangle1(region: Any, width: int, height: int) -> Any:
    """What remains are the pixels around which a whole rectangle belongs to the region.

    The rectangle is that of `dilation_rectangle1`: for an even side more goes at the right, or at the bottom.
    """
    return each_region(region, lambda one: _eroded(one, _rectangle(width, height)))


def opening_rectangle1(region: Any, width: int, height: int) -> Any:
    """Erosion, then dilation, with a rectangle: what it fits into stays in its place."""
    return each_region(region, lambda one: _dilated(_eroded(one, _rectangle(width, height)), _rectangle(width, height)))


def closing_rectangle1(region: Any, width: int, height: int) -> Any:
    """Dilation, then erosion, with a rectangle."""
    return each_region(region, lambda one: _eroded(_dilated(one, _rectangle(width, height)), _rectangle(width, height)))


def inner_boundary(region: Region) -> Region:
    """The pixels that have a neighbour beside, above or below outside of the region."""
    border = region.mask & ~ndimage.binary_erosion(region.mask, CROSS)
    return Region.of_mask(border, region.row, region.column)


def _circle(radius: float) -> NDArray[np.bool_]:
    reach = number(radius, "radius", low=_LEAST_RADIUS)
    check_box(2 * reach + 1, 2 * reach + 1, "radius")
    return circle_mask(reach)


def _rectangle(width: int, height: int) -> NDArray[np.bool_]:
    sides = (int(number(height, "height", low=1)), int(number(width, "width", low=1)))
    check_box(*sides, "width, height")
    return np.ones(sides, bool)


def _reach(element: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """How far an element reaches above, below, to the left and to the right of its middle pixel.

    Of an even side, which has no middle, further down and to the right.
    """
    height, width = element.shape
    return (height - 1) // 2, height // 2, (width - 1) // 2, width // 2


def _dilated(region: Region, element: NDArray[np.bool_]) -> Region:
    above, below, left, right = _reach(element)
    height, width = region.mask.shape
    check_box(height + above + below, width + left + right, "region")
    padded = np.pad(region.mask, ((above, below), (left, right)))
    return Region.of_mask(_grown(padded, element), region.row - above, region.column - left)


def _eroded(region: Region, element: NDArray[np.bool_]) -> Region:
    """What is left when the outside grows, by the element turned round.

    The nearest pixel outside of the box lies right beside it.
    """
    if region.mask.shape[0] < element.shape[0] or region.mask.shape[1] < element.shape[1]:
        return Region.of_mask(np.zeros((0, 0), bool))
    outside = np.pad(~region.mask, 1, constant_values=True)
    turned = _grown(outside[::-1, ::-1], element)[::-1, ::-1]
    return Region.of_mask(~turned[1:-1, 1:-1], region.row, region.column)


def _grown(mask: NDArray[np.bool_], element: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask dilated, of the same size: in a time that does not depend on the element, unless that is small."""
    if element.all():
        # Of an even side SciPy's filter grows by the larger amount to the right and below, as `_reach` says.
        return np.asarray(ndimage.maximum_filter(mask, element.shape, mode="constant"), bool)
    above, below, left, right = _reach(element)
    if element.size <= _SMALL or not mask.any():
        # SciPy's middle of an even side is the pixel behind it.
        padded = np.pad(element, ((below - above, 0), (right - left, 0)))
        return np.asarray(ndimage.binary_dilation(mask, padded))
    # A large circle: pixels whose distance from the region is at most the radius. Of an even diameter the centre lies
    # on a corner between pixels, below and to the right of its middle pixel: on a grid twice as fine.
    if below == above:
        nearest = ndimage.distance_transform_edt(~mask)
        return np.asarray(nearest <= element.shape[0] / 2)
    fine = np.ones((2 * mask.shape[0], 2 * mask.shape[1]), bool)
    fine[::2, ::2] = ~mask
    nearest = ndimage.distance_transform_edt(np.pad(fine, ((1, 0), (1, 0)), constant_values=True))
    return np.asarray(nearest[:-1:2, :-1:2] <= element.shape[0])
