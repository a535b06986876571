"""A contact sheet: many samples at a glance, each on a tile with outlines, score and decision.

A right decision has a thin blue frame, a wrong one a thick orange-red one; below it stands in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dlproc.display.figures import NOK_COLOR, OK_COLOR, letters, line_inches, plain, shorten, text_inches, wrap
from dlproc.display.pictures import outline
from dlproc.images.overlay import color_scores
from dlproc.images.resize import zoom_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 100
MAX_TILE_PIXELS = 384  # longer side of what is kept of an image: enough for print, little to remember
_PAD = 8  # pixels around a tile and its caption, before the spacing of the options
_SMALLEST = 96  # pixels, width of a tile that still shows something
_VERDICTS = {  # (truth is nok, decided nok)
    (False, False): "accepted",
    (False, True): "FALSE ALARM",
    (True, True): "found",
    (True, False): "MISSED",
}


@dataclass(frozen=True)
class Tile:
    """One sample, small.

    Attributes
    ----------
    picture : array (h, w) or (h, w, 3)
        uint8; the image, or the scores as colours.
    truth, region : array (h, w), bool, or None
        To be outlined.
    title : str
        The sample: "12: nok".
    score : float or None
        Of the image.
    is_right : bool or None
        Whether the decision is the truth; None where one of both is not known.
    """

    picture: NDArray[np.uint8]
    truth: NDArray[np.bool_] | None
    region: NDArray[np.bool_] | None
    title: str
    score: float | None
    is_right: bool | None


def verdict(is_nok: bool | None, is_decided_nok: bool | None) -> tuple[str, bool | None]:
    """What became of a sample in a word or two, and whether that is right; ('', None) where it is not known.

    Examples
    --------
    >>> verdict(True, False)
    ('MISSED', False)
    >>> verdict(None, True)
    ('rejected', None)
    """
    if is_decided_nok is None:
        return "", None
    if is_nok is None:
        return ("rejected" if is_decided_nok else "accepted"), None
    return _VERDICTS[is_nok, is_decided_nok], is_nok == is_decided_nok


def small_picture(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gray values or colours, at most `MAX_TILE_PIXELS` high and wide."""
    height, width = _small_size(pixels.shape)
    return np.clip(np.rint(zoom_image(pixels, height, width)), 0, 255).astype(np.uint8)


def small_scores(scores: NDArray[np.float32], threshold: float | None) -> NDArray[np.uint8]:
    """Scores as colours, (h, w, 3), small; on the same scale for every image."""
    return color_scores(zoom_image(scores, *_small_size(scores.shape)), threshold)


def small_mask(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask, small; a single pixel that is set is never lost."""
    height, width = _small_size(mask.shape)
    return zoom_image(mask.astype(np.float32), height, width) > 0 if (height, width) != mask.shape else mask


def draw_tiles(figure: Figure, tiles: Sequence[Tile], header: str, options: Mapping[str, Any]) -> None:
    """All tiles on one sheet, row by row; the sheet grows where tiles would get too small to read."""
    layout = _layout(tiles, options)
    wrapped = wrap(header, layout.sheet_width / PIXELS_PER_INCH - 0.3, options)
    header_height = PIXELS_PER_INCH * line_inches(options, wrapped.count("\n") + 1) + 2 * _PAD
    # Two lines of header are reckoned with; a window that is narrow for its letters grows by the others.
    height = layout.sheet_height + max(header_height - PIXELS_PER_INCH * line_inches(options, 2) - 2 * _PAD, 0)
    figure.set_size_inches(layout.sheet_width / PIXELS_PER_INCH, height / PIXELS_PER_INCH)
    figure.set_facecolor(options["background_color"])
    # One axis in pixels for the whole sheet: hundreds of axes would be slow.
    ax = figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    ax.set(xlim=(0, layout.sheet_width), ylim=(height, 0), autoscale_on=False)
    ink = _ink(options["background_color"])
    ax.text(_PAD, _PAD, plain(wrapped), ha="left", va="top", color=ink, **letters(options))
    for index, tile in enumerate(tiles):
        row, column = divmod(index, layout.n_columns)
        left = layout.left + column * layout.column_step
        top = header_height + row * layout.row_step
        _draw_tile(ax, tile, left, top, layout, ink, options)
    ax.set(xlim=(0, layout.sheet_width), ylim=(height, 0), aspect="auto")


@dataclass(frozen=True)
class _Layout:
    """Places of the tiles, in pixels."""

    n_columns: int
    tile_width: float
    tile_height: float
    column_step: float
    row_step: float
    left: float
    sheet_width: float
    sheet_height: float


def _layout(tiles: Sequence[Tile], options: Mapping[str, Any]) -> _Layout:
    """As many columns as make the tiles largest in the window, which grows until their captions fit.

    What the tiles leave of the window's height is cut off.
    """
    aspect = max(tile.picture.shape[0] / tile.picture.shape[1] for tile in tiles)
    lines = [(line, is_bold) for tile in tiles for line, is_bold in _caption(tile)]
    caption_width = max(text_inches(line, options, is_bold) for line, is_bold in lines) * PIXELS_PER_INCH
    caption_height = PIXELS_PER_INCH * line_inches(options, max(len(_caption(tile)) for tile in tiles)) + 4
    header_height = PIXELS_PER_INCH * line_inches(options, 2) + 2 * _PAD
    beside, below = _PAD + options["spacing_col"], _PAD + options["spacing_row"] + caption_height
    narrowest = max(_SMALLEST, min(caption_width, 2 * _SMALLEST))
    width, height = options["window_width"], options["window_height"]

    def tile_width(n_columns: int) -> float:
        n_rows = -(-len(tiles) // n_columns)
        return float(min((width - _PAD) / n_columns - beside, ((height - header_height) / n_rows - below) / aspect))

    n_columns = max(range(1, len(tiles) + 1), key=tile_width)
    while tile_width(n_columns) < narrowest:
        width, height = width * 1.02, height * 1.02
        n_columns = max(range(1, len(tiles) + 1), key=tile_width)
    widest = tile_width(n_columns)
    n_rows = -(-len(tiles) // n_columns)
    grid_width = n_columns * (widest + beside) - options["spacing_col"] + _PAD
    return _Layout(
        n_columns=n_columns,
        tile_width=widest,
        tile_height=widest * aspect,
        column_step=widest + beside,
        row_step=widest * aspect + below,
        left=_PAD + (width - grid_width) / 2,
        sheet_width=width,
        sheet_height=header_height + n_rows * (widest * aspect + below) - options["spacing_row"],
    )


def _draw_tile(
    ax: Axes, tile: Tile, left: float, top: float, layout: _Layout, ink: str, options: Mapping[str, Any]
) -> None:
    from matplotlib.patches import Rectangle

    right, bottom = left + layout.tile_width, top + layout.tile_height
    extent = (left, right, bottom, top)
    ax.imshow(tile.picture, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="antialiased")
    outline(ax, tile.region, options["anomaly_region_result_color"], options["line_width"], extent=extent)
    outline(ax, tile.truth, options["anomaly_region_label_color"], options["line_width"], True, extent)
    color, width = {None: (ink, 0.6), True: (OK_COLOR, 1.0), False: (NOK_COLOR, 3.0)}[tile.is_right]
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=color, linewidth=width))
    for number, (line, is_bold) in enumerate(_caption(tile)):
        y = bottom + 4 + PIXELS_PER_INCH * line_inches(options, number)
        shown = shorten(line, layout.tile_width / PIXELS_PER_INCH, options, is_bold)
        weight = "bold" if is_bold else "normal"
        ax.text(left, y, plain(shown), ha="left", va="top", color=ink, weight=weight, **letters(options))


def _caption(tile: Tile) -> list[tuple[str, bool]]:
    """Lines below the tile, and whether they are bold."""
    score = [(f"score {tile.score:.3f}", False)] if tile.score is not None else []
    return [(tile.title, tile.is_right is False), *score]


def _small_size(shape: tuple[int, ...]) -> tuple[int, int]:
    scale = min(1.0, MAX_TILE_PIXELS / max(shape[:2]))
    return max(round(shape[0] * scale), 1), max(round(shape[1] * scale), 1)


def _ink(background: str) -> str:
    """Black or white, whichever is read better."""
    red, green, blue = (int(background[i : i + 2], 16) for i in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#ffffff"
