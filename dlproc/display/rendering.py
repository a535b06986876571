"""A window's picture: what was shown in it, drawn with matplotlib on a figure of the window's size."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import block_reduce

from dlproc.display.figures import empty_figure
from dlproc.display.marks import Areas, Lines, Picture, Placed, View, Words, shaped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100  # a pixel of the window is a pixel of the file
MARGIN = 12  # pixels between a text that stands at the window's edge and the edge
_LINE_HEIGHT = 1.25  # of the font's size
_LUTS = {"jet": "jet", "inverse_jet": "jet_r", "hot": "hot", "inverse_hot": "hot_r", "inverse": "gray_r"}
_LUTS |= {"temperature": "hot", "rainbow": "gist_rainbow", "cyclic_temperature": "twilight"}


def draw_window(placed: Sequence[Placed], width: int, height: int, background: str) -> Figure:
    """The figure of a window.

    Parameters
    ----------
    placed : sequence
        What it shows, the lowest first.
    width, height : int
        Its size, pixels.
    background : str
        '#rrggbb'.
    """
    figure = empty_figure(None, show=False)
    figure.set_dpi(DPI)
    figure.set_size_inches(width / DPI, height / DPI)
    figure.set_facecolor(background)
    ax, before = None, None
    for order, one in enumerate(placed):
        mark, view = one.mark, one.view
        if isinstance(mark, Words) and not mark.is_in_image:
            _draw_words(figure, None, mark, width, height, order)
            ax = None  # what comes next lies above it
            continue
        if ax is None or (view, one.fits) != before:
            ax, before = _axes(figure, width, height, view, one.fits, order), (view, one.fits)
        if isinstance(mark, Picture):
            _draw_picture(ax, mark, order)
        elif isinstance(mark, Areas):
            step = max(1, math.floor(min((view[3] - view[1] + 1) / width, (view[2] - view[0] + 1) / height)))
            _draw_areas(ax, mark, view, step, order)
        elif isinstance(mark, Lines):
            _draw_lines(ax, mark, order)
        else:
            _draw_words(figure, ax, mark, width, height, order)
            ax = None
    return figure


def _axes(figure: Figure, width: int, height: int, view: View, fits: bool, order: int) -> Axes:
    """Axes over the window, or over its middle, in rows and columns of the image."""
    first_row, first_column, last_row, last_column = view
    n_rows, n_columns = last_row - first_row + 1, last_column - first_column + 1
    scale = min(width / n_columns, height / n_rows)
    shares = (n_columns * scale / width, n_rows * scale / height) if fits else (1.0, 1.0)
    ax = figure.add_axes(((1 - shares[0]) / 2, (1 - shares[1]) / 2, *shares), zorder=order)
    ax.set_axis_off()
    ax.set_autoscale_on(False)
    ax.set(xlim=(first_column - 0.5, last_column + 0.5), ylim=(last_row + 0.5, first_row - 0.5))
    return ax


def pixels_of(figure: Figure) -> NDArray[np.uint8]:
    """The picture as an image (height, width, 3), uint8."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a box is drawn for a letter that the font lacks
        canvas.draw()
    return np.array(np.asarray(canvas.buffer_rgba())[:, :, :3])


def _draw_picture(ax: Axes, mark: Picture, order: int) -> None:
    height, width = mark.pixels.shape[:2]
    step_rows, step_columns = -(-mark.shape[0] // height), -(-mark.shape[1] // width)
    extent = (-0.5, width * step_columns - 0.5, height * step_rows - 0.5, -0.5)
    drawn = mark.pixels if mark.pixels.ndim == 3 else _mapped(mark.pixels, mark.lut)
    if mark.visible is not None:
        drawn = np.dstack([drawn, np.where(mark.visible, 255, 0).astype(np.uint8)])
    ax.imshow(drawn, extent=extent, interpolation="nearest", zorder=order, aspect="auto")


def _mapped(gray: NDArray[np.uint8], lut: str) -> NDArray[np.uint8]:
    import matplotlib as mpl

    if lut not in _LUTS:
        return np.stack([gray] * 3, axis=-1)
    colors: NDArray[np.uint8] = mpl.colormaps[_LUTS[lut]](gray, bytes=True)
    return colors[:, :, :3]


def _draw_areas(ax: Axes, mark: Areas, view: View, step: int, order: int) -> None:
    """Only what lies in the view is looked at, and no finer than the window shows it."""
    top, left = math.floor(view[0]) - step, math.floor(view[1]) - step
    height, width = math.ceil(view[2]) - top + 1 + step, math.ceil(view[3]) - left + 1 + step
    palette, style = mark.style.colors, mark.style
    canvas = None
    if style.draw == "fill":
        canvas = np.zeros((-(-height // step), -(-width // step), 4), np.uint8)
    lines: list[NDArray[np.float64]] = []
    line_colors: list[str] = []
    for place, region in enumerate(mark.regions):
        shown = shaped(region, style.shape)
        color = palette[place % len(palette)]
        box = _visible_box(shown.row, shown.column, shown.mask.shape, (top, left, height, width), step)
        if box is None:
            continue
        row, column, n_rows, n_columns = box
        mask = shown.inside(n_rows, n_columns, row, column)
        mask = mask if step == 1 else block_reduce(mask, (step, step), np.max)
        if canvas is not None:
            first_row, first_column = (row - top) // step, (column - left) // step
            part = canvas[first_row : first_row + mask.shape[0], first_column : first_column + mask.shape[1]]
            part[mask] = _rgba(color)
        else:
            segments = _edges(mask) * step + (column - 0.5, row - 0.5)
            lines.append(segments)
            line_colors += [color] * len(segments)
    if canvas is not None:
        n_rows, n_columns = canvas.shape[0] * step, canvas.shape[1] * step
        extent = (left - 0.5, left + n_columns - 0.5, top + n_rows - 0.5, top - 0.5)
        ax.imshow(canvas, extent=extent, interpolation="nearest", zorder=order, aspect="auto")
    elif lines:
        _draw_segments(ax, np.concatenate(lines), line_colors, style.line_width, order)


def _visible_box(
    row: int, column: int, shape: tuple[int, ...], window: tuple[int, int, int, int], step: int
) -> tuple[int, int, int, int] | None:
    """The part of a region's box that lies in the window's, in whole steps of the window's grid."""
    top, left, height, width = window
    first_row, first_column = max(row - top, 0) // step * step, max(column - left, 0) // step * step
    last_row, last_column = min(row - top + shape[0], height), min(column - left + shape[1], width)
    if last_row <= first_row or last_column <= first_column:
        return None
    return top + first_row, left + first_column, last_row - first_row, last_column - first_column


def _edges(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Straight lines (n, 2, 2), of points (column, row), along the sides of pixels where the mask ends.

    The upper left corner of the upper left pixel is (0, 0).
    """
    framed = np.pad(mask, 1)
    level = _runs(framed[1:, 1:-1] ^ framed[:-1, 1:-1])
    upright = _runs((framed[1:-1, 1:] ^ framed[1:-1, :-1]).T)
    across = np.stack([level[:, [1, 0]], level[:, [2, 0]]], axis=1)
    down = np.stack([upright[:, [0, 1]], upright[:, [0, 2]]], axis=1)
    return np.concatenate([across, down]).astype(np.float64)


def _runs(bits: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Line, start and stop of each run of true values, (n, 3)."""
    steps = np.diff(np.pad(bits, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(steps == 1), np.argwhere(steps == -1)
    return np.column_stack([starts, stops[:, 1]])


def _draw_segments(ax: Axes, segments: NDArray[np.float64], colors: list[str], line_width: float, order: int) -> None:
    from matplotlib.collections import LineCollection

    look: dict[str, Any] = {"linewidths": _points(line_width), "capstyle": "projecting", "zorder": order}
    ax.add_collection(LineCollection(list(segments), colors=colors, snap=False, **look))


def _draw_lines(ax: Axes, mark: Lines, order: int) -> None:
    from matplotlib.collections import LineCollection, PolyCollection

    palette, style = mark.style.colors, mark.style
    colors = [palette[place % len(palette)] for place in range(len(mark.paths))]
    paths = [np.column_stack([columns, rows]) for rows, columns in mark.paths]
    lengths = tuple(length / style.line_width for length in style.line_style)  # matplotlib counts in line widths
    dashes: Any = (0, lengths) if lengths else "solid"
    if mark.is_closed and style.draw == "fill":
        ax.add_collection(PolyCollection(paths, facecolors=colors, edgecolors="none", zorder=order, snap=False))
    else:
        closed = [np.concatenate([path, path[:1]]) for path in paths] if mark.is_closed else paths
        look: dict[str, Any] = {"linewidths": _points(style.line_width), "linestyles": dashes, "zorder": order}
        ax.add_collection(LineCollection(closed, colors=colors, snap=False, **look))


def _draw_words(figure: Figure, ax: Axes | None, mark: Words, width: int, height: int, order: int) -> None:
    font = mark.font
    letters: dict[str, Any] = {
        "fontfamily": font.family,
        "fontsize": _points(font.size),
        "fontweight": "bold" if font.is_bold else "normal",
        "fontstyle": "italic" if font.is_slanted else "normal",
        "linespacing": _LINE_HEIGHT,
        "parse_math": False,
        "zorder": order,
    }
    if ax is not None:
        # In the image, but drawn by the figure, so that a text beside the image part is seen, too.
        columns, rows = ax.transData.transform((float(mark.column), float(mark.row)))
        at, vertical, horizontal = (columns / width, rows / height), "top", "left"
    else:
        at, vertical, horizontal = _place(mark, width, height)
    draw: Any = figure.text
    groups = [mark.lines] if len(mark.colors) == 1 else [[line] for line in mark.lines]
    total = len(mark.lines) * font.size * _LINE_HEIGHT
    shift = {"top": 0.0, "center": total / 2, "bottom": total}[vertical]
    for place, lines in enumerate(groups):
        color = mark.colors[place % len(mark.colors)]
        y, anchor = at[1], vertical
        if len(groups) > 1:  # line by line, each in its colour, from the block's upper edge down
            y, anchor = at[1] + (shift - place * font.size * _LINE_HEIGHT) / height, "top"
        text = draw(at[0], y, "\n".join(lines), color=color, va=anchor, ha=horizontal, **letters)
        if mark.box is not None:
            edge = mark.shadow or "none"
            text.set_bbox({"facecolor": mark.box, "edgecolor": edge, "linewidth": 0.8, "pad": 3})


def _place(mark: Words, width: int, height: int) -> tuple[tuple[float, float], str, str]:
    """Where a text stands in the window, and which of its edges stands there."""
    down = {"top": (MARGIN, "top"), "center": (height / 2, "center"), "bottom": (height - MARGIN, "bottom")}
    along = {"left": (MARGIN, "left"), "center": (width / 2, "center"), "right": (width - MARGIN, "right")}
    row, vertical = down[mark.row] if isinstance(mark.row, str) else (mark.row, "top")
    column, horizontal = along[mark.column] if isinstance(mark.column, str) else (mark.column, "left")
    return (column / width, 1 - row / height), vertical, horizontal


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def _rgba(color: str) -> tuple[int, ...]:
    digits = color.lstrip("#").ljust(8, "f")
    return tuple(int(digits[place : place + 2], 16) for place in range(0, 8, 2))
