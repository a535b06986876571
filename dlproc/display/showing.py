"""Images, regions, contours and simple shapes in windows: `dev_display` and the operators ``disp_…``.

Rows and columns are those of the image; see `windows.py` for what a window is here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.display.marks import Areas, Lines, ellipse, finite_path, picture, turned
from dlproc.display.saving import is_display_off
from dlproc.display.windows import Window, active_window, window_of
from dlproc.errors import DLParamError
from dlproc.schema.check import convert
from dlproc.schema.kinds import Integer, as_list, describe
from dlproc.vision.region import Region

Path = tuple[NDArray[np.float64], NDArray[np.float64]]


def dev_display(object: Any) -> None:
    """Show an object in the active window; a window opens where there is none.

    Parameters
    ----------
    object : array, Region, contour, or a list of these
        An image (H, W) or (H, W, C): uint8 as it is, other types stretched from their smallest value, black, to their
        largest, white; of an image with a domain only what lies in it. A `Region`, or a bool array (H, W) as one, in
        the colour, draw mode and line width of the window; of several colours each region takes the next one. A
        contour: anything with attributes ``rows`` and ``columns``.

    Raises
    ------
    DLParamError
        Anything else.
    """
    _show(active_window(), object, "object")


def disp_obj(object: Any, window_handle: Any) -> None:
    """Show an object in a window; see `dev_display`."""
    _show(window_of(window_handle), object, "object")


def disp_image(image: Any, window_handle: Any) -> None:
    """Show an image in a window, of several channels the first; see `dev_display`."""
    disp_channel(image, window_handle, 1)


def disp_color(color_image: Any, window_handle: Any) -> None:
    """Show a colour image in a window; see `dev_display`."""
    _show(window_of(window_handle), color_image, "color_image")


def disp_channel(multichannel_image: Any, window_handle: Any, channel: Any) -> None:
    """Show one channel of an image, from 1 on, in gray.

    Raises
    ------
    DLParamError
        No open window; not an image; no such channel.
    """
    window = window_of(window_handle)
    number = convert(channel, Integer("", low=1), "channel", DLParamError)
    for image in [] if is_display_off() else as_objects(multichannel_image):
        n_channels = image.shape[2] if isinstance(image, np.ndarray) and image.ndim == 3 else 1
        if number > n_channels:
            raise DLParamError("channel", f"1 to {n_channels}", f"{number}", halcon_code=1302)
        window.add_picture(picture(image, "multichannel_image", window.style.lut, number))


def disp_region(disp_regions: Any, window_handle: Any) -> None:
    """Show regions in a window; see `dev_display`."""
    _show(window_of(window_handle), disp_regions, "disp_regions")


def disp_xld(xld_object: Any, window_handle: Any) -> None:
    """Show contours in a window; see `dev_display`."""
    _show(window_of(window_handle), xld_object, "xld_object")


def disp_circle(window_handle: Any, row: Any, column: Any, radius: Any) -> None:
    """Draw circles, filled or as lines as `set_draw` says; lists for several.

    Raises
    ------
    DLParamError
        No open window; lists of different lengths; what is no number.
    """
    _shapes(window_handle, lambda r, c, size: ellipse(r, c, 0, size, size), row=row, column=column, radius=radius)


def disp_ellipse(window_handle: Any, center_row: Any, center_col: Any, phi: Any, radius1: Any, radius2: Any) -> None:
    """Draw ellipses, turned by `phi` (rad, counter-clockwise), filled or as lines; see `disp_circle`."""
    own = {"center_row": center_row, "center_col": center_col, "phi": phi, "radius1": radius1, "radius2": radius2}
    _shapes(window_handle, ellipse, **own)


def disp_rectangle1(window_handle: Any, row1: Any, column1: Any, row2: Any, column2: Any) -> None:
    """Draw rectangles along the axes, with the pixels in their corners, filled or as lines; see `disp_circle`."""
    own = {"row1": row1, "column1": column1, "row2": row2, "column2": column2}
    _shapes(window_handle, _rectangle, **own)


def disp_rectangle2(window_handle: Any, center_row: Any, center_col: Any, phi: Any, length1: Any, length2: Any) -> None:
    """Draw rectangles turned by `phi` (rad, counter-clockwise) of half sides `length1`, `length2`.

    See `disp_circle`.
    """
    own = {"center_row": center_row, "center_col": center_col, "phi": phi, "length1": length1, "length2": length2}
    corners = np.array([1, 1, -1, -1]), np.array([1, -1, -1, 1])
    _shapes(
        window_handle,
        lambda r, c, angle, half, other: turned(r, c, angle, corners[0] * half, corners[1] * other),
        **own,
    )


def disp_line(window_handle: Any, row1: Any, column1: Any, row2: Any, column2: Any) -> None:
    """Draw lines from one point to another; lists for several. Errors as of `disp_circle`."""
    own = {"row1": row1, "column1": column1, "row2": row2, "column2": column2}
    _shapes(window_handle, lambda r1, c1, r2, c2: _path([r1, r2], [c1, c2]), is_closed=False, **own)


def disp_arrow(window_handle: Any, row1: Any, column1: Any, row2: Any, column2: Any, size: Any) -> None:
    """Draw arrows to the second point, the head 6 times `size` pixels of the image long; errors as of `disp_circle`."""
    own = {"row1": row1, "column1": column1, "row2": row2, "column2": column2, "size": size}
    _shapes(window_handle, _arrow, is_closed=False, **own)


def disp_cross(window_handle: Any, row: Any, column: Any, size: Any, angle: Any) -> None:
    """Draw crosses whose arms together are `size` pixels of the image long, turned by `angle`, rad.

    Errors as of `disp_circle`.
    """
    own = {"row": row, "column": column, "size": size, "angle": angle}
    for turn in (0, np.pi / 2):
        _shapes(
            window_handle,
            lambda r, c, length, phi, turn=turn: turned(r, c, phi + turn, [-length / 2, length / 2], [0, 0]),
            is_closed=False,
            **own,
        )


def disp_polygon(window_handle: Any, row: Any, column: Any) -> None:
    """Draw a line through points.

    Raises
    ------
    DLParamError
        No open window; as many rows as columns are needed; what is no number.
    """
    window = window_of(window_handle)
    path = finite_path(as_list(row), as_list(column), "row, column")
    window.add(Lines([path], False, window.style))


def as_objects(given: Any) -> list[Any]:
    """One object, or a list of them, as a list."""
    return list(given) if isinstance(given, list | tuple) else [given]


def _show(window: Window, given: Any, where: str) -> None:
    """All objects of a tuple, each kind in its way; regions and contours take their colours in turn."""
    if is_display_off():
        return
    checked: list[Any] = []
    for place, one in enumerate(as_objects(given)):
        name = f"{where}[{place}]" if isinstance(given, list | tuple) else where
        if isinstance(one, np.ndarray) and one.ndim == 2 and one.dtype == bool:
            checked.append(Region.of_mask(one))
        elif isinstance(one, np.ndarray):
            checked.append(picture(one, name, window.style.lut))
        elif isinstance(one, Region):
            checked.append(one)
        elif hasattr(one, "rows") and hasattr(one, "columns"):
            checked.append(finite_path(one.rows, one.columns, name))
        else:
            expected = "an image, a region, a contour, or a list of these"
            raise DLParamError(name, expected, describe(one), halcon_code=1201)
    for one in checked:
        if not isinstance(one, Region | tuple):
            window.add_picture(one)
    regions = [one for one in checked if isinstance(one, Region)]
    if regions:
        window.add(Areas(regions, window.style))
    paths = [one for one in checked if isinstance(one, tuple)]
    if paths:
        window.add(Lines(paths, False, window.style))


def _shapes(window_handle: Any, outline: Callable[..., Path], is_closed: bool = True, **given: Any) -> None:
    """One shape for each set of numbers; a single number goes with all of the others."""
    window = window_of(window_handle)
    lists = [as_list(one) for one in given.values()]
    length = max(len(one) for one in lists)
    names = ", ".join(given)
    if any(len(one) not in (1, length) for one in lists):
        got = ", ".join(str(len(one)) for one in lists)
        raise DLParamError(names, "as many numbers of each", got, halcon_code=1402)
    rows = [one * length if len(one) == 1 else one for one in lists]
    try:
        sets = [[float(number) for number in numbers] for numbers in zip(*rows, strict=True)]
    except (TypeError, ValueError):
        raise DLParamError(names, "numbers", describe(next(iter(given.values()))), halcon_code=1202) from None
    if sets:
        window.add(Lines([outline(*numbers) for numbers in sets], is_closed, window.style))


def _path(rows: Sequence[float], columns: Sequence[float]) -> Path:
    return np.asarray(rows, np.float64), np.asarray(columns, np.float64)


def _rectangle(row1: float, column1: float, row2: float, column2: float) -> Path:
    top, left, bottom, right = row1 - 0.5, column1 - 0.5, row2 + 0.5, column2 + 0.5
    return _path([top, top, bottom, bottom], [left, right, right, left])


def _arrow(row1: float, column1: float, row2: float, column2: float, size: float) -> Path:
    """From the first point to the second, and back and forth for the two sides of the head."""
    angle = np.arctan2(row1 - row2, column2 - column1)
    length = min(6 * size, np.hypot(row2 - row1, column2 - column1))
    rows, columns = turned(row2, column2, angle, np.array([-length, -length]), np.array([length / 2, -length / 2]))
    return _path([row1, row2, rows[0], row2, rows[1]], [column1, column2, columns[0], column2, columns[1]])
