"""Regions: sets of pixels, as HALCON understands them.

A region is not an image of labels: it has no size of its own, may lie outside of every image, and two regions may
overlap. Kept is the smallest box around its pixels, and which pixels of the box belong to it.

Operators take one region or a list of them (HALCON's tuple of objects), and give back as many. A bool array, such as
``'anomaly_region'`` of a result, counts as the region of its true pixels; an image, also one of 0 and 1, as its domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image
from dlproc.schema.kinds import as_list, describe, is_array, scalar

MAX_PIXELS = 1 << 28  # of a region's box: a byte each
_EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Region:
    """A set of pixels.

    Attributes
    ----------
    row, column : int
        Of the upper left pixel of the box; 0 for the empty region.
    mask : array (h, w), bool
        Which pixels of the box belong to it; each of its four sides has one. (0, 0) for the empty region.
    """

    row: int
    column: int
    mask: NDArray[np.bool_]

    @staticmethod
    def of_mask(mask: NDArray[Any], row: int = 0, column: int = 0) -> Region:
        """The true pixels of an array (h, w) whose upper left pixel is at (row, column)."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if rows.size == 0:
            return Region(0, 0, np.zeros((0, 0), bool))
        box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return Region(row + int(rows[0]), column + int(columns[0]), np.array(box, bool))

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    def pixels(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of all pixels, row by row."""
        rows, columns = np.nonzero(self.mask)
        return rows + self.row, columns + self.column

    def inside(self, height: int, width: int, row: int = 0, column: int = 0) -> NDArray[np.bool_]:
        """Which pixels of a box (height, width) at (row, column) belong to it."""
        shown = np.zeros((height, width), bool)
        place, part = self.seen_in(height, width, row, column)
        shown[place] = part
        return shown

    def seen_in(
        self, height: int, width: int, row: int = 0, column: int = 0
    ) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
        """Where a box and that of the region overlap: rows and columns within the box, and the region's pixels there.

        Of a small region in a large image this is much less than `inside`.
        """
        top, left = self.row - row, self.column - column
        rows = slice(min(max(top, 0), height), min(max(top + self.mask.shape[0], 0), height))
        columns = slice(min(max(left, 0), width), min(max(left + self.mask.shape[1], 0), width))
        part = self.mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        return (rows, columns), part

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Region):
            return NotImplemented
        same_place = (self.row, self.column) == (other.row, other.column)
        return same_place and np.array_equal(self.mask, other.mask)

    def __hash__(self) -> int:
        return hash((self.row, self.column, self.mask.shape, self.mask.tobytes()))

    def __repr__(self) -> str:
        height, width = self.mask.shape
        return f"<Region of {self.area} pixels, {height} x {width} at ({self.row}, {self.column})>"


def regions_of(given: object, where: str = "regions") -> list[Region]:
    """One region, or a list of them, as a list; an image stands for its domain, as in HALCON.

    Raises
    ------
    DLParamError
        Something else.
    """
    objects = given if isinstance(given, list | tuple) else [given]
    regions = []
    for place, one in enumerate(objects):
        if isinstance(one, np.ndarray) and one.ndim == 2 and one.dtype == bool:
            regions.append(Region.of_mask(one))
        elif isinstance(one, Region):
            regions.append(one)
        elif is_image(one) and one.size:
            regions.append(domain_region(one))
        else:
            name = f"{where}[{place}]" if isinstance(given, list | tuple) else where
            raise DLParamError(name, "a region, or a bool array (H, W)", describe(one), halcon_code=1201)
    return regions


def is_image(given: Any) -> bool:
    """Whether this is an image, and not a region."""
    return is_array(given) and given.ndim in (2, 3) and given.dtype.kind in "uif"


def domain_region(image: NDArray[Any]) -> Region:
    """The domain of an image as a region."""
    domain = domain_of_image(image)
    return Region.of_mask(np.ones(image.shape[:2], bool) if domain is None else domain)


def like_given(given: object, results: Sequence[Any]) -> Any:
    """One result for one object, a list for a list."""
    return list(results) if isinstance(given, list | tuple) else results[0]


def each_region(region: object, changed: Callable[[Region], Region]) -> Any:
    """One region for one, a list for a list."""
    return like_given(region, [changed(one) for one in regions_of(region, "region")])


def number(given: object, where: str, low: float | None = None, place: int = 1) -> float:
    """A finite number, at least `low`; a list of one number counts. `place`: which of HALCON's control parameters."""
    value = scalar(given)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise DLParamError(where, "a number", describe(given), halcon_code=1200 + place)
    if low is not None and value < low:
        raise DLParamError(where, f"at least {low:g}", f"{value}", halcon_code=1300 + place)
    return float(value)


def check_box(height: float, width: float, where: str) -> None:
    """A box that can be held in memory."""
    if height * width > MAX_PIXELS:
        expected = f"a region whose box has at most {MAX_PIXELS} pixels"
        raise DLParamError(where, expected, f"{height:g} x {width:g}", halcon_code=1301)


# --- Making regions


def gen_empty_region() -> Region:
    """The region without a pixel."""
    return Region.of_mask(np.zeros((0, 0), bool))


def gen_rectangle1(row1: Any, column1: Any, row2: Any, column2: Any) -> Region | list[Region]:
    """Rectangles along the axes, with their corners; a list for lists of numbers.

    Raises
    ------
    DLParamError
        Lists of different lengths; a lower right corner above or left of the upper left one; too large.
    """
    corners = [as_list(one) for one in (row1, column1, row2, column2)]
    check_lengths("row1", corners)
    regions = []
    for values in zip(*corners, strict=True):
        top, left, bottom, right = (
            int(np.floor(number(value, "row1, column1, row2, column2") + 0.5)) for value in values
        )
        if bottom < top or right < left:
            raise DLParamError("row2, column2", f"at least ({top}, {left})", f"({bottom}, {right})", halcon_code=1301)
        check_box(bottom - top + 1, right - left + 1, "row2, column2")
        regions.append(Region(top, left, np.ones((bottom - top + 1, right - left + 1), bool)))
    return like_given(row1, regions)


def gen_circle(row: Any, column: Any, radius: Any) -> Region | list[Region]:
    """Circles; a list for lists of numbers.

    As in HALCON only symmetric ones: the radius is rounded down to a multiple of 0.5 (to 0.5 at least), so that the
    diameter is a whole number. Where that is odd the centre is rounded to that of a pixel; where it is even to a corner
    between pixels, and from whole numbers up and to the left: ``gen_circle(9, 9, 2)`` lies around (8.5, 8.5) and
    reaches from row 7 to row 10. The pixels whose centres are at most the radius away belong to it.

    Raises
    ------
    DLParamError
        Lists of different lengths; a radius below 0, or too large.
    """
    values = [as_list(one) for one in (row, column, radius)]
    check_lengths("row", values)
    regions = []
    for centre_row, centre_column, length in zip(*values, strict=True):
        middle = number(centre_row, "row"), number(centre_column, "column")
        reach = number(length, "radius", low=0)
        check_box(2 * reach + 1, 2 * reach + 1, "radius")
        mask = circle_mask(reach)
        diameter = mask.shape[0]
        if diameter % 2:
            top, left = (int(np.floor(centre + 0.5)) - diameter // 2 for centre in middle)
        else:
            top, left = (int(np.ceil(centre)) - diameter // 2 for centre in middle)
        regions.append(Region.of_mask(mask, top, left))
    return like_given(row, regions)


def circle_mask(radius: float) -> NDArray[np.bool_]:
    """The circle of a radius, rounded down to a multiple of 0.5, as a mask whose sides are its diameter."""
    diameter = max(1, int(np.floor(2 * radius + 1e-9)))
    away = np.arange(diameter) - (diameter - 1) / 2
    return np.asarray(away[:, None] ** 2 + away**2 <= diameter**2 / 4)


def region_to_bin(region: Any, foreground_gray: int, background_gray: int, width: int, height: int) -> NDArray[Any]:
    """An image (height, width), uint8, with one gray value inside of the regions and another outside.

    Raises
    ------
    DLParamError
        No regions; a gray value below 0 or above 255; a size below 1, or too large.
    """
    grays, named = [], {"foreground_gray": foreground_gray, "background_gray": background_gray}
    for place, (name, given) in enumerate(named.items(), start=1):
        gray = number(given, name, low=0, place=place)
        if gray > 255:
            raise DLParamError(name, "at most 255", f"{gray:g}", halcon_code=1300 + place)
        grays.append(np.uint8(gray))
    size = int(number(height, "height", low=1, place=4)), int(number(width, "width", low=1, place=3))
    check_box(*size, "width, height")
    return np.where(shown_in(regions_of(region, "region"), *size), *grays)


# --- Sets of pixels


def connection(region: Any) -> list[Region]:
    """The parts of regions that hang together, by sides or corners; ordered by their first pixel, row by row."""
    parts = []
    for one in (one for one in regions_of(region, "region") if one.area):
        labels, _ = ndimage.label(one.mask, _EIGHT_NEIGHBOURS)
        for label, box in enumerate(ndimage.find_objects(labels), start=1):
            top, left = (side.start for side in box)
            parts.append(Region.of_mask(labels[box] == label, one.row + top, one.column + left))
    return parts


def union1(region: Any) -> Region:
    """All regions as one."""
    return _union(regions_of(region, "region"))


def union2(region1: Any, region2: Any) -> Any:
    """Each region of the first together with all of the second."""
    return _with_all(region1, region2, lambda first, second: _union([first, second]))


def intersection(region1: Any, region2: Any) -> Any:
    """What each region of the first has in common with any of the second."""
    return _with_all(region1, region2, lambda first, second: _part(first, first.mask & _seen_by(first, second)))


def difference(region: Any, sub: Any) -> Any:
    """Each region of the first without all of the second."""
    return _with_all(region, sub, lambda first, second: _part(first, first.mask & ~_seen_by(first, second)))


def symm_difference(region1: Any, region2: Any) -> Any:
    """What belongs to each region of the first, or to any of the second, but not to both."""

    def either(first: Region, second: Region) -> Region:
        both = _union([first, second])
        height, width = both.mask.shape
        shared = first.inside(height, width, both.row, both.column) & second.inside(
            height, width, both.row, both.column
        )
        return _part(both, both.mask & ~shared)

    return _with_all(region1, region2, either)


def fill_up(region: Any) -> Any:
    """Regions without holes: pixels that cannot be left by their sides belong to them, too."""
    return each_region(region, lambda one: _part(one, ndimage.binary_fill_holes(one.mask)))


# --- Tuples of objects


def gen_empty_obj() -> list[Any]:
    """The empty tuple of objects."""
    return []


def count_obj(objects: Any) -> int:
    """How many objects these are."""
    return len(objects) if isinstance(objects, list | tuple) else 1


def select_obj(objects: Any, index: Any) -> Any:
    """Objects by their numbers, which begin with 1; a list for a list of numbers.

    Raises
    ------
    DLParamError
        No such number.
    """
    own = list(objects) if isinstance(objects, list | tuple) else [objects]
    for one in as_list(index):
        if isinstance(one, bool) or not isinstance(one, int | np.integer) or not 1 <= one <= len(own):
            expected = f"numbers from 1 to {len(own)}" if own else "none, of no objects"
            raise DLParamError("index", expected, describe(one), halcon_code=1301)
    return like_given(index, [own[int(one) - 1] for one in as_list(index)])


def concat_obj(objects1: Any, objects2: Any) -> list[Any]:
    """The objects of both, one behind the other."""
    lists = [list(one) if isinstance(one, list | tuple) else [one] for one in (objects1, objects2)]
    return [*lists[0], *lists[1]]


def shown_in(regions: Iterable[Region], height: int, width: int, row: int = 0, column: int = 0) -> NDArray[np.bool_]:
    """Which pixels of a box (height, width) at (row, column) belong to at least one of some regions."""
    shown = np.zeros((height, width), bool)
    for one in regions:
        place, part = one.seen_in(height, width, row, column)
        shown[place] |= part
    return shown


def _part(region: Region, mask: NDArray[Any]) -> Region:
    """Some pixels of a region's box."""
    return Region.of_mask(mask, region.row, region.column)


def _seen_by(region: Region, other: Region) -> NDArray[np.bool_]:
    """Which pixels of a region's box belong to another one."""
    height, width = region.mask.shape
    return other.inside(height, width, region.row, region.column)


def _union(regions: Iterable[Region]) -> Region:
    parts = [one for one in regions if one.area]
    if not parts:
        return gen_empty_region()
    top, left = min(one.row for one in parts), min(one.column for one in parts)
    bottom = max(one.row + one.mask.shape[0] for one in parts)
    right = max(one.column + one.mask.shape[1] for one in parts)
    check_box(bottom - top, right - left, "regions")
    return Region(top, left, shown_in(parts, bottom - top, right - left, top, left))


def _with_all(first: Any, second: Any, combined: Any) -> Any:
    every = _union(regions_of(second, "region2"))
    return like_given(first, [combined(one, every) for one in regions_of(first, "region1")])


def check_lengths(where: str, lists: Sequence[Sequence[Any]]) -> None:
    """Lists of the same length."""
    lengths = {len(one) for one in lists}
    if len(lengths) > 1:
        got = ", ".join(str(len(one)) for one in lists)
        raise DLParamError(where, "as many values as the others have", got, halcon_code=1401)
