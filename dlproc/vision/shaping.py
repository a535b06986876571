"""Regions of another place, size or form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import skeletonize

from dlproc.vision.arguments import coordinate, switch, whole, word
from dlproc.vision.enclosing import enclosing_circle, enclosing_rectangle, inscribed_circle
from dlproc.vision.features import area_center, elliptic_axis, select_shape
from dlproc.vision.hull import convex_hull
from dlproc.vision.morphology import CROSS, inner_boundary
from dlproc.vision.region import (
    Region,
    check_box,
    each_region,
    fill_up,
    gen_circle,
    number,
    regions_of,
    shown_in,
    union2,
)
from dlproc.vision.shapes import gen_ellipse, gen_rectangle2

_METRICS = ("city-block", "chessboard", "euclidean")
_FORMS = ("convex", "ellipse", "outer_circle", "inner_circle", "rectangle1", "rectangle2")
_CORNERS = ("upper_left", "upper_right", "lower_left", "lower_right")
_SORT_MODES = ("character", "first_point", "last_point", *_CORNERS)
_LEAST_SCALE = 1e-4


def move_region(region: Any, row: Any, column: Any) -> Any:
    """Regions moved by whole pixels, down and to the right."""
    down, right = coordinate(row, "row", 1), coordinate(column, "column", 2)
    return each_region(region, lambda one: Region(one.row + down, one.column + right, one.mask) if one.area else one)


def zoom_region(region: Any, scale_width: Any, scale_height: Any) -> Any:
    """Regions stretched away from the origin: a pixel belongs to one if the pixel that its centre comes from did."""
    right = number(scale_width, "scale_width", low=_LEAST_SCALE, place=1)
    down = number(scale_height, "scale_height", low=_LEAST_SCALE, place=2)

    def zoomed(one: Region) -> Region:
        spans = []
        for start, length, factor in zip((one.row, one.column), one.mask.shape, (down, right), strict=True):
            check_box(length * factor, 1, "scale_width, scale_height")
            places = np.arange(int(np.floor(start * factor)) - 1, int(np.ceil((start + length) * factor)) + 1)
            spans.append((places, np.floor((places + 0.5) / factor).astype(np.int64) - start))
        check_box(len(spans[0][0]), len(spans[1][0]), "scale_width, scale_height")
        (rows, from_rows), (columns, from_columns) = spans
        good = [(n >= 0) & (n < length) for n, length in zip((from_rows, from_columns), one.mask.shape, strict=True)]
        if not good[0].any() or not good[1].any():
            return Region.of_mask(np.zeros((0, 0), bool))
        mask = one.mask[np.ix_(from_rows[good[0]], from_columns[good[1]])]
        return Region.of_mask(mask, int(rows[good[0]][0]), int(columns[good[1]][0]))

    return each_region(region, zoomed)


def boundary(region: Any, boundary_type: Any) -> Any:
    """The border of regions, one pixel wide.

    ``'inner'`` : their own pixels; ``'inner_filled'`` : those, without the borders of holes; ``'outer'`` : the pixels
    around them.
    """
    return each_region(region, _BOUNDARIES[word(boundary_type, tuple(_BOUNDARIES), "boundary_type")])


def skeleton(region: Any) -> Any:
    """Regions thinned to lines in their middle, by scikit-image; single pixels may differ from HALCON's."""
    return each_region(
        region, lambda one: Region.of_mask(skeletonize(np.pad(one.mask, 1)), one.row - 1, one.column - 1)
    )


def shape_trans(region: Any, type: Any) -> Any:
    """Regions by simpler ones.

    Parameters
    ----------
    region : Region, bool array (H, W), or a list of them
        An empty one stays empty.
    type : str
        ``'convex'`` : the convex hull; ``'ellipse'`` : with the same moments; ``'rectangle1'``, ``'rectangle2'`` :
        the smallest around; ``'outer_circle'``, ``'inner_circle'`` : the circle that `gen_circle` makes of what
        `smallest_circle` or `inner_circle` gives, so that a pixel may lie outside of the former, as in HALCON. HALCON's
        other types are not known.
    """
    form = word(type, _FORMS, "type")
    return each_region(region, lambda one: _TRANSFORMED[form](one) if one.area else one)


def fill_up_shape(region: Any, feature: Any, min: Any, max: Any) -> Any:
    """Regions without those holes of which a feature, such as 'area', lies from `min` to `max`.

    `feature`: as of `region_features`.
    """

    def filled(one: Region) -> Region:
        holes, _ = ndimage.label(ndimage.binary_fill_holes(one.mask) & ~one.mask)
        parts = [
            Region.of_mask(holes[box] == label, one.row + box[0].start, one.column + box[1].start)
            for label, box in enumerate(ndimage.find_objects(holes), start=1)
        ]
        together: Region = union2(one, select_shape(parts, feature, "and", min, max))
        return together

    return each_region(region, filled)


def sort_region(regions: Any, sort_mode: Any, order: Any, row_or_col: Any) -> list[Region]:
    """Regions in another order.

    Parameters
    ----------
    regions : list of Region
    sort_mode : str
        ``'upper_left'``, ``'upper_right'``, ``'lower_left'``, ``'lower_right'`` : a corner of the box;
        ``'first_point'``, ``'last_point'`` : the first pixel of the first row, the last of the last; ``'character'`` :
        as one reads, in lines of regions that overlap in height.
    order : str
        ``'true'`` : ascending; ``'false'`` : descending.
    row_or_col : str
        ``'row'`` : by rows, and where these are the same by columns; ``'column'`` : the other way round.
    """
    given = regions_of(regions)
    mode = word(sort_mode, _SORT_MODES, "sort_mode")
    is_descending = not switch(order, "order", place=2)
    by_rows = word(row_or_col, ("row", "column"), "row_or_col", place=3) == "row"
    if mode == "character":
        ordered = _as_read(given, by_rows)
        return ordered[::-1] if is_descending else ordered
    points = [_point(one, mode) for one in given]
    keys = points if by_rows else [(column, row) for row, column in points]
    places = sorted(range(len(given)), key=keys.__getitem__, reverse=is_descending)
    return [given[place] for place in places]


def select_shape_std(regions: Any, shape: Any, percent: Any) -> list[Region]:
    """Regions of a form.

    Parameters
    ----------
    regions : Region, bool array (H, W), or a list of them
    shape : str
        ``'max_area'`` : the largest, the first of several; ``'rectangle1'``, ``'rectangle2'`` : those that fill at
        least `percent` of the rectangle around them.
    percent : number
        0 to 100.
    """
    form = word(shape, ("max_area", "rectangle1", "rectangle2"), "shape")
    share, found = number(percent, "percent", low=0, place=2), regions_of(regions)
    if form == "max_area":
        return [max(found, key=lambda one: one.area)] if found else []
    return [one for one in found if one.area and 100 * one.area / _TRANSFORMED[form](one).area >= share]


def select_region_point(regions: Any, row: Any, column: Any) -> list[Region]:
    """The regions that a pixel belongs to."""
    line, place = coordinate(row, "row", 1), coordinate(column, "column", 2)
    return [one for one in regions_of(regions) if one.inside(1, 1, line, place).any()]


def test_region_point(regions: Any, row: Any, column: Any) -> int:
    """1 if at least one of the regions holds the pixel; else 0."""
    return int(bool(select_region_point(regions, row, column)))


def distance_transform(region: Any, metric: Any, foreground: Any, width: Any, height: Any) -> NDArray[Any]:
    """How far pixels are from the region's border.

    Parameters
    ----------
    region : Region, bool array (H, W), or a list of them
        All together.
    metric : str
        ``'city-block'``, ``'chessboard'`` (int32), ``'euclidean'`` (float32).
    foreground : str
        ``'true'`` : for pixels of the region the distance to the nearest outside, 1 at the border; what lies outside of
        the image is outside. ``'false'`` : for the other pixels the distance to the region, 0 where there is none.
    width, height : int
        Of the image.

    Returns
    -------
    array (height, width)
        0 for all other pixels.
    """
    name = word(metric, _METRICS, "metric")
    is_inside = switch(foreground, "foreground", place=2)
    size = whole(height, "height", low=1, place=4), whole(width, "width", low=1, place=3)
    check_box(*size, "width, height")
    mask = shown_in(regions_of(region, "region"), *size)
    if not is_inside and not mask.any():
        return np.zeros(size, np.float32 if name == "euclidean" else np.int32)
    counted = np.pad(mask, 1) if is_inside else ~mask
    if name == "euclidean":
        distance = ndimage.distance_transform_edt(counted).astype(np.float32)
    else:
        kind = "taxicab" if name == "city-block" else "chessboard"
        distance = ndimage.distance_transform_cdt(counted, kind).astype(np.int32)
    return distance[1:-1, 1:-1].copy() if is_inside else distance


def _outer_boundary(region: Region) -> Region:
    padded = np.pad(region.mask, 1)
    return Region.of_mask(ndimage.binary_dilation(padded, CROSS) & ~padded, region.row - 1, region.column - 1)


def _point(region: Region, mode: str) -> tuple[int, int]:
    """Row and column of the point that a region is sorted by."""
    height, width = region.mask.shape
    if mode == "first_point":
        return region.row, region.column + int(region.mask[0].argmax()) if region.area else region.column
    if mode == "last_point":
        last = width - 1 - int(region.mask[-1, ::-1].argmax()) if region.area else 0
        return region.row + max(height - 1, 0), region.column + last
    row = region.row if mode.startswith("upper") else region.row + height - 1
    return row, region.column if mode.endswith("left") else region.column + width - 1


def _as_read(regions: list[Region], by_rows: bool) -> list[Region]:
    """Lines of regions that overlap with the first of the line in height, from left to right; or columns, downwards."""

    def span(one: Region) -> tuple[int, int, int]:
        rows, columns = (one.row, one.row + one.mask.shape[0]), (one.column, one.column + one.mask.shape[1])
        return (*rows, columns[0]) if by_rows else (*columns, rows[0])

    lines: list[list[Region]] = []
    for one in sorted(regions, key=lambda region: span(region)[0]):
        if lines and span(one)[0] < span(lines[-1][0])[1]:
            lines[-1].append(one)
        else:
            lines.append([one])
    return [one for line in lines for one in sorted(line, key=lambda region: span(region)[2])]


def _ellipse(region: Region) -> Region:
    _, row, column = area_center(region)
    ra, rb, phi = elliptic_axis(region)
    ellipse: Region = gen_ellipse(row, column, phi, ra, rb)
    return ellipse


def _circle(found: tuple[float, float, float]) -> Region:
    circle = gen_circle(*found)
    assert isinstance(circle, Region)
    return circle


def _box(region: Region) -> Region:
    height, width = region.mask.shape
    return Region(region.row, region.column, np.ones((height, width), bool))


def _rectangle2(region: Region) -> Region:
    rectangle: Region = gen_rectangle2(*enclosing_rectangle(region))
    return rectangle


_TRANSFORMED: dict[str, Callable[[Region], Region]] = {
    "convex": convex_hull,
    "ellipse": _ellipse,
    "outer_circle": lambda region: _circle(enclosing_circle(region)),
    "inner_circle": lambda region: _circle(inscribed_circle(region)),
    "rectangle1": _box,
    "rectangle2": _rectangle2,
}
_BOUNDARIES: dict[str, Callable[[Region], Region]] = {
    "inner": inner_boundary,
    "inner_filled": lambda region: inner_boundary(fill_up(region)),
    "outer": _outer_boundary,
}
