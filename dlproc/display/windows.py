"""Windows, as HALCON scripts use them, without a screen.

A window keeps what is shown in it. A picture is drawn, with matplotlib, only when one is wanted: for the folder of
`save_windows_to`, or by `dump_window` and `dump_window_image`. So a program that was written for HDevelop runs where
there is no screen, and quickly.

As in HDevelop one window is *active*; operators whose names begin with ``dev_`` go there, and open a window of 512 x
512 where there is none. The others name their window; an integer, such as the 3600 of old scripts, or -1 means the
active one. The state of all windows is in one object of this module, since that is what the operators mean by it.

What differs from HALCON: where the program has set no part, the image is fitted into the window with its pixels square;
HALCON stretches it. The position of a window means nothing here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlproc.display.marks import Mark, Picture, Placed, Style, View, Words, can_join, color, merged
from dlproc.display.saving import at_end, is_display_off, is_saving, save_picture
from dlproc.errors import DLParamError
from dlproc.io.writing import atomic_write
from dlproc.schema.check import check_known, convert
from dlproc.schema.kinds import Real, as_list, describe, is_given, scalar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFAULT_SIZE = 512
_SMALLEST, _LARGEST = 32, 8192
_AUTOMATIC = (256, 1024)  # pixels of the longer side of a window that takes the image's size
_FIT = ((500, 800), (400, 600))  # smallest and largest width, height of a window that is fitted
_MAX_MARKS, _MAX_PICTURES = 2000, 32  # what a window remembers; what lies deepest goes first
_DEVICES = {"png": "png", "jpeg": "jpg", "jpg": "jpg", "tiff": "tif", "bmp": "bmp"}


_NOT_ON_SCREEN = 0  # the number of a window that nothing was shown in yet


class Window:
    """A handle of a window; what it holds is for the operators of this package."""

    def __init__(self, number: int, width: int | None, height: int | None, background: str, style: Style) -> None:
        self.number = number
        self.row, self.column = 0, 0
        self.width, self.height = width, height  # None: as the image
        self.background = background
        self.style = style
        self.part: tuple[float, float, float, float] | None = None  # None: the image
        self.image_shape: tuple[int, int] | None = None
        self.marks: deque[Placed] = deque(maxlen=_MAX_MARKS)
        self.text: Words | None = None  # what write_string goes on with
        self.params: dict[str, Any] = {}
        self.is_open = True
        self.is_changed = False  # since its picture was written

    def __repr__(self) -> str:
        return f"<Window {self.number}, {'open' if self.is_open else 'closed'}>"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        if self.width is not None and self.height is not None:
            return self.width, self.height
        height, width = self.image_shape or (_DEFAULT_SIZE, _DEFAULT_SIZE)
        scale = min(max(_AUTOMATIC[0] / max(width, height), 1), _AUTOMATIC[1] / max(width, height))
        return self.width or max(round(width * scale), 1), self.height or max(round(height * scale), 1)

    @property
    def view(self) -> View:
        """The part of the image that is seen."""
        if self.part is not None:
            return self.part
        width, height = self.size
        rows, columns = self.image_shape or (height, width)
        return 0, 0, rows - 1, columns - 1

    def add(self, mark: Mark) -> None:
        """Show something over what is there."""
        if not is_display_off():
            self.marks.append(Placed(mark, self.view, self.part is None))
            self.is_changed = True

    def add_picture(self, shown: Picture) -> None:
        """Show an image; what it covers is written before, where pictures are written, and gone."""
        if is_display_off():
            return
        if self.image_shape not in (None, shown.shape):
            self.part = None  # HDevelop, too, shows an image of another size as a whole
        self.image_shape = shown.shape
        last = self.marks[-1] if self.marks else None
        if shown.visible is None and self._is_covered_by(shown):
            self.keep()
            self.marks.clear()
        elif last and last.view == self.view and can_join(last.mark, shown):
            self.marks.pop()
            shown = merged(last.mark, shown)
        pictures = [one for one in self.marks if isinstance(one.mark, Picture)]
        if len(pictures) >= _MAX_PICTURES:
            self.marks.remove(pictures[0])
        self.add(shown)

    def _is_covered_by(self, shown: Picture) -> bool:
        """Whether an image fills the window, or hides all images that are in it."""
        first_row, first_column, last_row, last_column = self.view
        if min(first_row, first_column) >= 0 and last_row < shown.shape[0] and last_column < shown.shape[1]:
            return True
        pictures = [one for one in self.marks if isinstance(one.mark, Picture)]
        return bool(pictures) and all(
            one.view == self.view and isinstance(one.mark, Picture) and one.mark.shape == shown.shape
            for one in pictures
        )

    def keep(self) -> None:
        """Write the picture, where pictures are written and it was not written yet."""
        self.text = None
        if self.is_changed and self.marks and is_saving():
            save_picture(f"window_{self.number}", lambda content: _write(self.figure(), content, "png"))
        self.is_changed = False

    def figure(self) -> Figure:
        """What it shows."""
        from dlproc.display.rendering import draw_window

        return draw_window(list(self.marks), *self.size, self.background)


class _Screen:
    """The open windows, the active one last, and the settings that the next window begins with."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.windows: list[Window] = []
        self.n_opened = 0
        self.style = Style()
        self.attributes: dict[str, Any] = {}

    def open(self, width: int | None, height: int | None, background: str) -> Window:
        self.n_opened += 1
        window = Window(self.n_opened, width, height, background, self.style)
        self.windows.append(window)
        at_end(finish)
        return window

    def take(self, window: Window) -> None:
        """Put a window behind the others, with a number of its own."""
        self.n_opened += 1
        window.number = self.n_opened
        self.windows.insert(0, window)
        at_end(finish)

    def active(self) -> Window:
        return self.windows[-1] if self.windows else self.open(_DEFAULT_SIZE, _DEFAULT_SIZE, "#000000")


screen = _Screen()


def active_window() -> Window:
    """The window that ``dev_`` operators go to."""
    return screen.active()


def window_of(handle: object, where: str = "window_handle") -> Window:
    """The window that a handle means.

    Raises
    ------
    DLParamError
        No handle of a window, or of one that is closed (halcon_code 2404).
    """
    given = scalar(handle)
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        return screen.active()
    if not isinstance(given, Window):
        raise DLParamError(where, "a window from dev_open_window", describe(handle), halcon_code=2404)
    if not given.is_open:
        raise DLParamError(where, "an open window", "one that is closed", halcon_code=2404)
    if given.number == _NOT_ON_SCREEN:
        screen.take(given)
    return given


def open_for_keys(window_handle_dict: object, keys: Sequence[str]) -> None:
    """Put a window for each key into a dictionary of windows, in a list as HALCON does; an open one stays.

    Programs make it the active one and write a text into it: ``dev_set_window (WindowHandles[0])``. Only then it comes
    to the screen: a dictionary that is never closed leaves nothing behind.
    """
    if isinstance(window_handle_dict, dict):
        for key in keys:
            kept = window_handle_dict.get(key)
            if not (isinstance(kept, list) and isinstance(kept[0], Window) and kept[0].is_open):
                window_handle_dict[key] = [Window(_NOT_ON_SCREEN, None, None, "#000000", screen.style)]


def close_all(handles: Iterable[object]) -> None:
    """Close the windows among these, which may be lists of them."""
    for handle in handles:
        for one in handle if isinstance(handle, list) else [handle]:
            if isinstance(one, Window) and one in screen.windows:
                close_window(one)
            elif isinstance(one, Window):
                one.is_open = False


def finish() -> None:
    """At the end of a program: write what was not yet written, close all windows, and begin anew."""
    flush_windows()
    for window in screen.windows:
        window.is_open = False
        window.marks.clear()
    screen.reset()


def flush_windows() -> None:
    """Write the pictures of all windows that changed since they were written. dlproc's own.

    Only where `save_windows_to` has named a folder. The windows stay open, and what they show stays in them.
    """
    for window in sorted(screen.windows, key=lambda one: one.number):
        window.keep()


# --- Opening and closing


def dev_open_window(row: Any, column: Any, width: Any, height: Any, background: Any) -> Window:
    """Open a window, which becomes the active one.

    Parameters
    ----------
    row, column : int
        Without effect: there is no screen.
    width, height : int
        Pixels, 32 to 8192; -1: as the image that is shown in it, from 256 to 1024 at its longer side.
    background : str
        A colour.

    Returns
    -------
    Window
        The handle; nothing is drawn before a picture is wanted.

    Raises
    ------
    DLParamError
        Another size; no colour.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> window = dl.dev_open_window(0, 0, 64, 48, "black")
    >>> dl.dev_display(np.full((48, 64), 255, np.uint8))
    >>> image = dl.dump_window_image(window)
    >>> image.shape, int(image.min())
    ((48, 64, 3), 255)
    >>> dl.dev_close_window()
    """
    sizes = _side(width, "width"), _side(height, "height")
    window = screen.open(*sizes, color(scalar(background), "background"))
    window.row, window.column = _whole(row, "row"), _whole(column, "column")
    return window


def dev_open_window_fit_size(
    row: Any, column: Any, width: Any, height: Any, width_limit: Any = None, height_limit: Any = None
) -> Window:
    """Open a window with the proportions of `width` and `height`, within limits.

    Parameters
    ----------
    row, column : int
        Without effect.
    width, height : int
        Of an image, for example.
    width_limit, height_limit : int or list of two int
        Smallest and largest size of the window; one number is the largest alone; -1, ``[]`` or None: 500 to 800 and 400
        to 600. Where not all can be held, the proportions and the largest size are.

    Returns
    -------
    Window

    Raises
    ------
    DLParamError
        Sizes or limits that are none.
    """
    size = _fitted(width, height, width_limit, height_limit)
    window = dev_open_window(row, column, *size, "black")
    window.part = None
    return window


def dev_open_window_fit_image(
    image: Any, row: Any, column: Any, width_limit: Any = None, height_limit: Any = None
) -> Window:
    """Open a window with the proportions of an image; see `dev_open_window_fit_size`."""
    height, width = _shape(image)
    return dev_open_window_fit_size(row, column, width, height, width_limit, height_limit)


def dev_resize_window_fit_size(
    row: Any, column: Any, width: Any, height: Any, width_limit: Any = None, height_limit: Any = None
) -> None:
    """Give the active window the proportions of `width` and `height`; see `dev_open_window_fit_size`.

    It shows the whole image again, whatever `dev_set_part` said.
    """
    window = screen.active()
    size = _fitted(width, height, width_limit, height_limit)
    window.keep()
    window.width, window.height = size
    window.part = None


def dev_resize_window_fit_image(
    image: Any, row: Any, column: Any, width_limit: Any = None, height_limit: Any = None
) -> None:
    """Give the active window the proportions of an image; see `dev_open_window_fit_size`."""
    height, width = _shape(image)
    dev_resize_window_fit_size(row, column, width, height, width_limit, height_limit)


def open_window(
    row: Any,
    column: Any,
    width: Any,
    height: Any,
    father_window: Any = None,
    mode: Any = "visible",
    machine: Any = "",
) -> Window:
    """Open a window; `father_window`, `mode` and `machine` are without effect. See `dev_open_window`.

    Its background is black, or what ``set_window_attr('background_color', …)`` said.
    """
    return dev_open_window(row, column, width, height, screen.attributes.get("background_color", "black"))


def dev_close_window() -> None:
    """Close the active window; the one that was active before it is so again. Without a window nothing is done."""
    if screen.windows:
        close_window(screen.windows[-1])


def close_window(window_handle: Any) -> None:
    """Close a window, or several; where pictures are written, theirs are.

    Raises
    ------
    DLParamError
        No open window.
    """
    for window in [window_of(one) for one in as_list(window_handle)]:
        window.keep()
        window.marks.clear()
        window.is_open = False
        if window in screen.windows:
            screen.windows.remove(window)


def dev_clear_window() -> None:
    """Empty the active window."""
    clear_window(screen.active())


def clear_window(window_handle: Any) -> None:
    """Empty a window; where pictures are written, that of what it showed is.

    Raises
    ------
    DLParamError
        No open window.
    """
    window = window_of(window_handle)
    window.keep()
    window.marks.clear()


def dev_set_window(window_handle: Any) -> None:
    """Make a window the active one.

    Raises
    ------
    DLParamError
        No open window.
    """
    window = window_of(window_handle)
    if window in screen.windows:
        screen.windows.remove(window)
    screen.windows.append(window)


def dev_get_window() -> Window | int:
    """The active window, or -1 where none is open."""
    return screen.windows[-1] if screen.windows else -1


# --- Size and part


def dev_set_window_extents(row: Any, column: Any, width: Any, height: Any) -> None:
    """Place and size of the active window; -1 keeps what it is. The place is without effect."""
    set_window_extents(screen.active(), row, column, width, height)


def set_window_extents(window_handle: Any, row: Any, column: Any, width: Any, height: Any) -> None:
    """Place and size of a window; -1 keeps what it is.

    Raises
    ------
    DLParamError
        No open window; another size.
    """
    window = window_of(window_handle)
    place = _whole(row, "row"), _whole(column, "column")
    sizes = _side(width, "width"), _side(height, "height")
    window.keep()
    window.row, window.column = (new if new >= 0 else old for new, old in zip(place, _place(window), strict=True))
    window.width, window.height = (new or old for new, old in zip(sizes, (window.width, window.height), strict=True))


def get_window_extents(window_handle: Any) -> tuple[int, int, int, int]:
    """Row, column, width and height of a window.

    Raises
    ------
    DLParamError
        No open window.
    """
    window = window_of(window_handle)
    return (*_place(window), *window.size)


def dev_set_part(row1: Any, column1: Any, row2: Any, column2: Any) -> None:
    """The part of the image that the active window shows; see `set_part`."""
    set_part(screen.active(), row1, column1, row2, column2)


def set_part(window_handle: Any, row1: Any, column1: Any, row2: Any, column2: Any) -> None:
    """The part of the image that a window shows.

    Parameters
    ----------
    window_handle : Window
    row1, column1, row2, column2 : int or float
        The pixels in the corners. `row2` or `column2` -1 or -2: the whole image. It holds for what is shown from now
        on, until an image of another size is; what is in the window already stays as it is.

    Raises
    ------
    DLParamError
        No open window; a part without a pixel.
    """
    window = window_of(window_handle)
    names = ("row1", "column1", "row2", "column2")
    part = [real(one, name) for one, name in zip((row1, column1, row2, column2), names, strict=True)]
    if part[2] in (-1, -2) or part[3] in (-1, -2):
        window.part = None
        return
    if part[2] < part[0] or part[3] < part[1]:
        expected, got = f"at least ({part[0]:g}, {part[1]:g})", f"({part[2]:g}, {part[3]:g})"
        raise DLParamError("row2, column2", expected, got, halcon_code=1304)
    window.part = (part[0], part[1], part[2], part[3])


def get_part(window_handle: Any) -> tuple[int, int, int, int]:
    """The part of the image that a window shows: row and column of its first and of its last pixel.

    Raises
    ------
    DLParamError
        No open window.
    """
    first_row, first_column, last_row, last_column = (round(one) for one in window_of(window_handle).view)
    return first_row, first_column, last_row, last_column


# --- Pictures of windows


def dump_window(window_handle: Any, device: Any, file_name: Any) -> None:
    """Write what a window shows to a file.

    Parameters
    ----------
    window_handle : Window
    device : str
        ``'png'`` (also ``'png best'``, ``'png fastest'``, ``'png none'``), ``'jpeg'`` (also ``'jpeg 90'``), ``'tiff'``,
        ``'bmp'``.
    file_name : str or Path
        Without an extension that of the format is added; replaced when it exists.

    Raises
    ------
    DLParamError
        No open window; another format, such as 'postscript'; no path.
    DLFileError
        The file cannot be written (halcon_code 7781).
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.
    """
    window = window_of(window_handle)
    word, *options = str(as_list(device)[0] if is_given(device) else "").split(" ")
    check_known(word, _DEVICES, "device", halcon_code=1302)
    path = scalar(file_name)
    if not isinstance(path, str | Path) or not str(path):
        raise DLParamError("file_name", "a path", describe(file_name), halcon_code=1203)
    file = Path(path)
    file = file if file.suffix else file.with_name(f"{file.name}.{_DEVICES[word]}")
    if is_display_off():
        return
    content = BytesIO()
    _write(window.figure(), content, word, int(options[0]) if options and options[0].isdigit() else 95)
    atomic_write(file, content.getvalue())


def dump_window_image(window_handle: Any) -> NDArray[np.uint8]:
    """What a window shows, as an image (height, width, 3), uint8.

    With `display_off` an image of the window's size in its background colour.

    Raises
    ------
    DLParamError
        No open window.
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.
    """
    window = window_of(window_handle)
    if is_display_off():
        width, height = window.size
        red_green_blue = [int(window.background[place : place + 2], 16) for place in (1, 3, 5)]
        return np.full((height, width, 3), red_green_blue, np.uint8)
    from dlproc.display.rendering import pixels_of

    return pixels_of(window.figure())


def _write(figure: Figure, content: BytesIO, word: str, quality: int = 95) -> None:
    from dlproc.display.rendering import pixels_of

    options = {"quality": quality} if word in ("jpeg", "jpg") else {}
    Image.fromarray(pixels_of(figure)).save(content, {"jpg": "JPEG"}.get(word, word.upper()), **options)


# --- Checks


def restyle(window: Window | None, **changes: Any) -> None:
    """Change the settings of one window; of None those of the active window, and of those to come."""
    if window is not None:
        window.style = replace(window.style, **changes)
        return
    screen.style = replace(screen.style, **changes)
    for active in islice(reversed(screen.windows), 1):
        active.style = replace(active.style, **changes)


def _place(window: Window) -> tuple[int, int]:
    return window.row, window.column


def _whole(given: Any, name: str) -> int:
    return round(real(given, name))


def real(given: Any, name: str, low: float | None = None) -> float:
    """A finite number, at least `low`."""
    return float(convert(given, Real("", low=low), name, DLParamError))


def _side(given: Any, name: str) -> int | None:
    pixels = _whole(given, name)
    if pixels == -1:
        return None
    if not _SMALLEST <= pixels <= _LARGEST:
        raise DLParamError(name, f"{_SMALLEST} to {_LARGEST} pixels, or -1", f"{pixels}", halcon_code=1303)
    return pixels


def _shape(image: Any) -> tuple[int, int]:
    one = image[0] if isinstance(image, list | tuple) and image else image
    if not isinstance(one, np.ndarray) or one.ndim not in (2, 3) or 0 in one.shape:
        raise DLParamError("image", "an image, an array (H, W) or (H, W, C)", describe(image), halcon_code=1201)
    return one.shape[0], one.shape[1]


def _fitted(width: Any, height: Any, width_limit: Any, height_limit: Any) -> tuple[int, int]:
    """Width and height in the given proportions: as given, but not below the smallest nor above the largest size."""
    size = [convert(one, Real("", low=1), name, DLParamError) for one, name in ((width, "width"), (height, "height"))]
    limits = [_limits(one, default) for one, default in zip((width_limit, height_limit), _FIT, strict=True)]
    smallest = max(low / side for (low, _), side in zip(limits, size, strict=True))
    largest = min(high / side for (_, high), side in zip(limits, size, strict=True))
    scale = min(max(1.0, smallest), largest)
    fitted = [min(max(round(side * scale), _SMALLEST), _LARGEST) for side in size]
    return fitted[0], fitted[1]


def _limits(given: Any, default: tuple[int, int]) -> tuple[float, float]:
    if not is_given(given) or scalar(given) == -1:
        return default
    limits = [real(one, "width_limit, height_limit", low=1) for one in as_list(given)]
    if len(limits) == 1:
        return 0, limits[0]
    if len(limits) != 2 or limits[1] < limits[0]:
        raise DLParamError("width_limit, height_limit", "[smallest, largest], one number, or -1", describe(given))
    return limits[0], limits[1]
