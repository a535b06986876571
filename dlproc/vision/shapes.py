"""Regions made from numbers: rectangles, ellipses, polygons, lines, points, runs; and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.draw import line, polygon

from dlproc.errors import DLParamError
from dlproc.schema.kinds import as_list
from dlproc.vision.arguments import wholes
from dlproc.vision.region import Region, check_box, check_lengths, gen_empty_region, like_given, number, regions_of

_EDGE = 1e-9  # pixels whose centres lie on an edge belong to the region, whatever rounding does


def gen_rectangle2(row: Any, column: Any, phi: Any, length1: Any, length2: Any) -> Any:
    """Rectangles of any direction: the pixels whose centres lie inside, or on an edge; a list for lists.

    Parameters
    ----------
    row, column : number
        The centre.
    phi : number
        Direction of `length1` in radians, from the columns' axis, mathematically positive.
    length1, length2 : number
        Half of the sides, at least 0.
    """

    def inside(along: NDArray[Any], across: NDArray[Any], length1: float, length2: float) -> NDArray[np.bool_]:
        return (abs(along) <= length1 + _EDGE) & (abs(across) <= length2 + _EDGE)

    return _turned(row, column, phi, length1, length2, ("length1", "length2"), inside)


def gen_ellipse(row: Any, column: Any, phi: Any, radius1: Any, radius2: Any) -> Any:
    """Ellipses: the pixels whose centres lie inside, or on the edge; a list for lists of numbers.

    `phi` is the direction of `radius1`, as for `gen_rectangle2`.
    """

    def inside(along: NDArray[Any], across: NDArray[Any], radius1: float, radius2: float) -> NDArray[np.bool_]:
        in_box = (abs(along) <= radius1 + _EDGE) & (abs(across) <= radius2 + _EDGE)
        if min(radius1, radius2) == 0:
            return in_box
        return in_box & ((along / radius1) ** 2 + (across / radius2) ** 2 <= 1 + _EDGE)

    return _turned(row, column, phi, radius1, radius2, ("radius1", "radius2"), inside)


def gen_region_points(rows: Any, columns: Any) -> Region:
    """The region of single pixels; reals are rounded."""
    places = wholes(rows, "rows", 1), wholes(columns, "columns", 2)
    check_lengths("rows", places)
    return of_pixels(np.array(places[0], np.int64), np.array(places[1], np.int64))


def gen_region_runs(row: Any, column_begin: Any, column_end: Any) -> Region:
    """The region of runs: in a row all pixels from one column to another, both included."""
    values = [
        wholes(one, name, place)
        for place, (one, name) in enumerate(
            ((row, "row"), (column_begin, "column_begin"), (column_end, "column_end")), start=1
        )
    ]
    check_lengths("row", values)
    if not values[0]:
        return gen_empty_region()
    rows, begins, ends = (np.array(one, np.int64) for one in values)
    if (ends < begins).any():
        first = int(np.flatnonzero(ends < begins)[0])
        raise DLParamError("column_end", f"at least column_begin, {begins[first]}", f"{ends[first]}", halcon_code=1303)
    top, left = int(rows.min()), int(begins.min())
    height, width = int(rows.max()) - top + 1, int(ends.max()) - left + 1
    check_box(height, width, "row, column_begin, column_end")
    mask = np.zeros((height, width), bool)
    for where, begin, end in zip(rows - top, begins - left, ends - left, strict=True):
        mask[where, begin : end + 1] = True
    return Region.of_mask(mask, top, left)


def gen_region_line(begin_row: Any, begin_col: Any, end_row: Any, end_col: Any) -> Any:
    """Lines of one pixel's width from one pixel to another; a list for lists of numbers."""
    names = ("begin_row", "begin_col", "end_row", "end_col")
    ends = [
        wholes(one, name, place)
        for place, (one, name) in enumerate(zip((begin_row, begin_col, end_row, end_col), names, strict=True), start=1)
    ]
    check_lengths("begin_row", ends)
    return like_given(
        begin_row, [_lines([top, bottom], [left, right]) for top, left, bottom, right in zip(*ends, strict=True)]
    )


def gen_region_polygon(rows: Any, columns: Any) -> Region:
    """The lines from corner to corner, each of one pixel's width; not closed."""
    corners = wholes(rows, "rows", 1), wholes(columns, "columns", 2)
    check_lengths("rows", corners)
    return _lines(*corners)


def gen_region_polygon_filled(rows: Any, columns: Any) -> Region:
    """The pixels of a polygon's lines, and those within; corners that are reals are rounded first, as in HALCON."""
    corners = wholes(rows, "rows", 1), wholes(columns, "columns", 2)
    check_lengths("rows", corners)
    return filled_polygon(*corners)


def get_region_points(region: Any) -> tuple[list[int], list[int]]:
    """Rows and columns of all pixels, row by row; of several regions one behind the other."""
    found = [one.pixels() for one in regions_of(region, "region")]
    rows, columns = ([value for one in found for value in one[axis].tolist()] for axis in (0, 1))
    return rows, columns


def get_region_runs(region: Any) -> tuple[list[int], list[int], list[int]]:
    """Row, first and last column of all runs, row by row; of several regions one behind the other."""
    runs: tuple[list[int], list[int], list[int]] = ([], [], [])
    for one in regions_of(region, "region"):
        padded = np.pad(one.mask, ((0, 0), (1, 1)))
        rows, begins = np.nonzero(padded[:, 1:] & ~padded[:, :-1])
        _, ends = np.nonzero(padded[:, :-1] & ~padded[:, 1:])
        for values, found in zip(runs, (rows + one.row, begins + one.column, ends - 1 + one.column), strict=True):
            values += found.tolist()
    return runs


def of_pixels(rows: NDArray[Any], columns: NDArray[Any]) -> Region:
    """The region of pixels by their coordinates."""
    if not rows.size:
        return gen_empty_region()
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    check_box(height, width, "rows, columns")
    mask = np.zeros((height, width), bool)
    mask[rows - top, columns - left] = True
    return Region(top, left, mask)


def filled_polygon(rows: Iterable[float], columns: Iterable[float]) -> Region:
    """The pixels whose centres lie within a polygon, and those on the lines between its corners, rounded."""
    heights, widths = np.array(list(rows), np.float64), np.array(list(columns), np.float64)
    if not heights.size:
        return gen_empty_region()
    check_box(np.ptp(heights) + 1, np.ptp(widths) + 1, "rows, columns")
    top, left = np.floor(heights.min()), np.floor(widths.min())
    inner = polygon(heights - top, widths - left)
    corners = [np.floor(one + 0.5).astype(np.int64) for one in (heights, widths)]
    outline = _line_pixels(*(np.append(one, one[0]) for one in corners))
    return of_pixels(
        np.concatenate([inner[0] + int(top), outline[0]]), np.concatenate([inner[1] + int(left), outline[1]])
    )


def _lines(rows: Any, columns: Any) -> Region:
    if not len(rows):
        return gen_empty_region()
    check_box(int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1, "rows, columns")
    return of_pixels(*_line_pixels(np.array(rows, np.int64), np.array(columns, np.int64)))


def _line_pixels(rows: NDArray[Any], columns: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The pixels of the lines from point to point."""
    parts: list[tuple[NDArray[Any], NDArray[Any]]] = [(rows[:1], columns[:1])]
    ends = zip(rows[:-1].tolist(), columns[:-1].tolist(), rows[1:].tolist(), columns[1:].tolist(), strict=True)
    parts += [line(*both) for both in ends]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _turned(
    row: Any,
    column: Any,
    phi: Any,
    length1: Any,
    length2: Any,
    names: tuple[str, str],
    inside: Callable[[NDArray[Any], NDArray[Any], float, float], NDArray[np.bool_]],
) -> Any:
    """Figures around a centre, in a direction."""
    values = [as_list(one) for one in (row, column, phi, length1, length2)]
    check_lengths("row", values)
    regions = []
    for one in zip(*values, strict=True):
        middle, centre, angle = (
            number(value, name, place=place)
            for place, (value, name) in enumerate(zip(one[:3], ("row", "column", "phi"), strict=True), start=1)
        )
        longer, shorter = (number(one[3 + n], names[n], low=0, place=4 + n) for n in (0, 1))
        reach = np.hypot(longer, shorter)
        check_box(2 * reach + 1, 2 * reach + 1, ", ".join(names))
        top, left = int(np.floor(middle - reach)), int(np.floor(centre - reach))
        down = np.arange(top, int(np.ceil(middle + reach)) + 1)[:, None] - middle
        right = np.arange(left, int(np.ceil(centre + reach)) + 1) - centre
        along, across = right * np.cos(angle) - down * np.sin(angle), right * np.sin(angle) + down * np.cos(angle)
        regions.append(Region.of_mask(inside(along, across, longer, shorter), top, left))
    return like_given(row, regions)
