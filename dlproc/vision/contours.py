"""Contours: polygons with corners between pixels, as far as regions are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.schema.kinds import as_list, describe
from dlproc.vision.arguments import word
from dlproc.vision.region import check_lengths, like_given, number
from dlproc.vision.shapes import filled_polygon, gen_region_polygon


@dataclass(frozen=True, eq=False)
class Contour:
    """A line through points.

    Attributes
    ----------
    rows, columns : array (N,), float64
        Of the points; closed where the last is the first.
    """

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contour):
            return NotImplemented
        return np.array_equal(self.rows, other.rows) and np.array_equal(self.columns, other.columns)

    def __hash__(self) -> int:
        return hash((self.rows.tobytes(), self.columns.tobytes()))

    def __repr__(self) -> str:
        return f"<Contour of {self.rows.size} points>"


def gen_contour_polygon_xld(row: Any, col: Any) -> Contour:
    """The contour through points.

    Raises
    ------
    DLParamError
        No point; other numbers of rows than of columns.
    """
    rows = [number(one, "row", place=1) for one in as_list(row)]
    columns = [number(one, "col", place=2) for one in as_list(col)]
    check_lengths("row", [rows, columns])
    if not rows:
        raise DLParamError("row", "at least one point", "none", halcon_code=1401)
    return Contour(np.array(rows), np.array(columns))


def get_contour_xld(contour: Any) -> tuple[list[float], list[float]]:
    """Rows and columns of a contour's points."""
    (one,) = _contours(contour, single=True)
    return one.rows.tolist(), one.columns.tolist()


def gen_region_contour_xld(contour: Any, mode: Any) -> Any:
    """The region of a contour.

    Parameters
    ----------
    contour : Contour, or a list of them
    mode : str
        ``'filled'`` : closed, the pixels whose centres lie within and those of the line; ``'margin'`` : those of the
        line from point to point.
    """
    is_filled = word(mode, ("filled", "margin"), "mode") == "filled"
    make = filled_polygon if is_filled else lambda rows, columns: gen_region_polygon(list(rows), list(columns))
    return like_given(contour, [make(one.rows, one.columns) for one in _contours(contour)])


def _contours(given: Any, single: bool = False) -> list[Contour]:
    contours = list(given) if isinstance(given, list | tuple) else [given]
    for one in contours:
        if not isinstance(one, Contour):
            raise DLParamError("contour", "a contour", describe(one), halcon_code=1201)
    if single and len(contours) != 1:
        raise DLParamError("contour", "one contour", f"{len(contours)}", halcon_code=1201)
    return contours
