"""What a window shows: pictures, areas, lines and texts, kept until they are drawn.

Coordinates are rows and columns of an image, a pixel's centre being whole numbers, unless a text stands in the window.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor
from skimage.measure import block_reduce

from dlproc.errors import DLParamError
from dlproc.schema.kinds import COLOR_NAMES, array_hint, as_list, describe, did_you_mean, is_array
from dlproc.vision.region import Region

MAX_SIDE = 2048  # pixels of a picture's longer side that are kept: more are not seen in a window
_MORE_NAMES = {"violet red": "#d02090", "light goldenrod": "#eedd82", "medium forest green": "#6b8e23"}
# HALCON's first six colours, and six more that are told apart on a gray ground.
_SIX = ("red", "green", "blue", "cyan", "magenta", "yellow")
_TWELVE = (*_SIX, "coral", "slate blue", "spring green", "orange red", "pink", "cadet blue")
COLORED = {number: _TWELVE[:number] for number in (3, 6, 12)}


@dataclass(frozen=True)
class Font:
    """Letters: a family of matplotlib, the height in pixels of the window."""

    family: str = "monospace"
    size: float = 16.0
    is_bold: bool = False
    is_slanted: bool = False


@dataclass(frozen=True)
class Style:
    """How a window draws what comes next. Colours are '#rrggbb' or '#rrggbbaa'; objects take them in turn."""

    colors: tuple[str, ...] = ("#ff0000",)
    draw: str = "fill"
    line_width: float = 1.0
    line_style: tuple[float, ...] = ()
    lut: str = "default"
    shape: str = "original"
    font: Font = field(default_factory=Font)


@dataclass(frozen=True)
class Picture:
    """An image: uint8 (h, w) or (h, w, 3), perhaps smaller than the image itself, which has `shape`.

    `visible`, bool (h, w), is None where all of it is seen.
    """

    pixels: NDArray[np.uint8]
    shape: tuple[int, int]
    lut: str
    visible: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Areas:
    """Regions, filled or as outlines."""

    regions: list[Region]
    style: Style


@dataclass(frozen=True)
class Lines:
    """Polygons and lines: arrays of rows and columns; closed ones are filled with the style's draw 'fill'."""

    paths: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
    is_closed: bool
    style: Style


@dataclass
class Words:
    """Lines of text at a place: numbers, or 'top', 'center', 'bottom', 'left', 'right' of the window."""

    lines: list[str]
    row: float | str
    column: float | str
    is_in_image: bool
    colors: tuple[str, ...]
    font: Font
    box: str | None = None
    shadow: str | None = None


Mark = Picture | Areas | Lines | Words
View = tuple[float, float, float, float]  # first row, first column, last row, last column: centres of pixels


@dataclass(frozen=True)
class Placed:
    """A mark, and the part of the image that the window showed when it was drawn, as it stays on a screen.

    With `fits` the part is fitted into the window, its pixels square; otherwise it is stretched, as HALCON does.
    """

    mark: Mark
    view: View
    fits: bool


def color(given: object, where: str) -> str:
    """A colour of HALCON as '#rrggbb' or '#rrggbbaa'.

    Raises
    ------
    DLParamError
        No such colour.
    """
    text = str(given).lower() if isinstance(given, str) else ""
    if text in COLOR_NAMES or text in _MORE_NAMES:
        return (COLOR_NAMES | _MORE_NAMES)[text]
    if re.fullmatch("#([0-9a-f]{6}|[0-9a-f]{8})", text):
        return text
    if re.fullmatch("[a-z ]+", text):
        try:
            return "#" + "".join(f"{part:02x}" for part in ImageColor.getrgb(text.replace(" ", "")))
        except ValueError:
            pass
    expected = "a colour, '#rrggbb', '#rrggbbaa' or a name like 'light gray'"
    hint = did_you_mean(text, [*COLOR_NAMES, *_TWELVE])
    raise DLParamError(where, expected, describe(given), hint, halcon_code=1301)


def colors(given: object, where: str) -> tuple[str, ...]:
    """One colour or several; at least one."""
    found = tuple(color(one, where) for one in as_list(given))
    if not found:
        raise DLParamError(where, "at least one colour", "none", halcon_code=1401)
    return found


def picture(image: Any, where: str, lut: str = "default", channel: int | None = None) -> Picture:
    """An image as it is seen.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
        uint8 is shown as it is; other types are stretched from their smallest value, black, to their largest, white.
        Three channels are colours; of other numbers the first one is shown. Where it has an attribute ``domain``, bool
        (H, W), only that is seen.
    channel : int, optional
        From 1: show this one.

    Raises
    ------
    DLParamError
        Not an image.
    """
    is_image = is_array(image) and image.ndim in (2, 3) and image.dtype.kind in "buif"
    if not is_image or 0 in image.shape:
        expected = "an image, an array (H, W) or (H, W, C)"
        raise DLParamError(where, expected, describe(image), array_hint(image), halcon_code=1201)
    domain = getattr(image, "domain", None)
    values = np.asarray(image)
    if channel is not None or (values.ndim == 3 and values.shape[2] != 3):
        values = values if values.ndim == 2 else values[:, :, (channel or 1) - 1]
    step = -(-max(values.shape[:2]) // MAX_SIDE)
    gray = values if step == 1 else block_reduce(values, (step, step, 1)[: values.ndim], np.mean)
    visible = None if domain is None or np.all(domain) else np.asarray(domain, bool)
    if visible is not None and step > 1:
        visible = block_reduce(visible, (step, step), np.max)
    shown = np.rint(gray) if values.dtype == np.uint8 else _stretched(gray, visible)
    return Picture(np.array(shown, np.uint8), (image.shape[0], image.shape[1]), lut, visible)


def _stretched(values: NDArray[Any], visible: NDArray[np.bool_] | None) -> NDArray[Any]:
    gray = values.astype(np.float64)
    counted = gray if visible is None else gray[visible]
    counted = counted[np.isfinite(counted)]
    low, high = (float(counted.min()), float(counted.max())) if counted.size else (0.0, 0.0)
    scaled = (gray - low) * (255 / (high - low) if high > low else 1)
    return np.clip(np.rint(np.nan_to_num(scaled, posinf=255, neginf=0)), 0, 255)


def can_join(below: Mark, above: Picture) -> TypeGuard[Picture]:
    """Whether the one below is a picture of the same size and colours, of which the upper one hides only a part."""
    is_alike = isinstance(below, Picture) and (below.shape, below.lut) == (above.shape, above.lut)
    return is_alike and above.visible is not None


def merged(below: Picture, above: Picture) -> Picture:
    """Two pictures that `can_join` as one."""
    if below.pixels.ndim != above.pixels.ndim:
        below, above = _as_color(below), _as_color(above)
    assert above.visible is not None
    where = above.visible if above.pixels.ndim == 2 else above.visible[:, :, np.newaxis]
    pixels = np.where(where, above.pixels, below.pixels)
    return replace(above, pixels=pixels, visible=None if below.visible is None else below.visible | above.visible)


def _as_color(one: Picture) -> Picture:
    is_gray = one.pixels.ndim == 2
    return replace(one, pixels=np.stack([one.pixels] * 3, axis=-1)) if is_gray else one


def shaped(region: Region, shape: str) -> Region:
    """The region as `dev_set_shape` wants it drawn."""
    return region if shape == "original" else Region(region.row, region.column, np.ones_like(region.mask))


def finite_path(rows: Any, columns: Any, where: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns of a line as arrays of one length.

    Raises
    ------
    DLParamError
        Different lengths, or what is no number.
    """
    try:
        pair = np.asarray(rows, np.float64).reshape(-1), np.asarray(columns, np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise DLParamError(where, "numbers", f"{describe(rows)}, {describe(columns)}", halcon_code=1201) from None
    if pair[0].shape != pair[1].shape:
        raise DLParamError(where, "as many rows as columns", f"{pair[0].size}, {pair[1].size}", halcon_code=1401)
    return pair


def ellipse(
    row: float, column: float, phi: float, radius1: float, radius2: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on an ellipse whose longer axis, `radius1`, is turned by `phi`, rad, against the columns."""
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    along, across = radius1 * np.cos(angles), radius2 * np.sin(angles)
    return turned(row, column, phi, along, across)


def turned(
    row: float, column: float, phi: float, along: Sequence[float] | NDArray[Any], across: Sequence[float] | NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points by their distances along and across an axis that is turned by `phi`, counter-clockwise."""
    along, across = np.asarray(along, np.float64), np.asarray(across, np.float64)
    return row - along * np.sin(phi) - across * np.cos(phi), column + along * np.cos(phi) - across * np.sin(phi)
