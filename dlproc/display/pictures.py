"""A sample and its result: pictures side by side, with outlines, captions and a colour bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import block_reduce

from dlproc.display.figures import NOK_COLOR, OK_COLOR, letters, line_inches, plain, text_inches, wrap
from dlproc.images.shown import displayable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = (0, (2.5, 1.5))  # the truth's outline; the result's is solid
_PICTURE_INCHES = 3.4  # with scale_windows 0.8, HALCON's default
_TALLEST = 1.25  # a portrait picture is at most so high, in units of _PICTURE_INCHES
_NARROWEST_CAPTION = "anomaly ground truth"  # a panel is wide enough for it
_TITLE_PAD = 0.6  # in units of the font size: a title is clear of the uppermost number of a colour bar
_GAP, _PAD = 0.22, 0.08  # inches: between panels, and between a picture and what belongs to it
_MOST_PIXELS = 2048  # of a side that are drawn: more are not seen, and take time and memory
_COLOR_MAPS = {
    "viridis": "viridis",  # readable for the colour-blind and in grey print
    "jet": "jet",
    "inverse_jet": "jet_r",
    "hot": "hot",
    "inverse_hot": "hot_r",
}


def picture_row(
    figure: Figure,
    image_shape: tuple[int, ...],
    titles: Sequence[str],
    captions: Sequence[str],
    has_bar: Sequence[bool],
    has_line_below: bool,
    options: Mapping[str, Any],
) -> list[tuple[Axes, Axes | None]]:
    """Lay out pictures side by side, each with its title, its caption in as many lines as it needs, and its colour bar.

    Parameters
    ----------
    titles, captions, has_bar
        One of each for each picture. With `has_line_below` there is room for one more line below the captions.

    Returns
    -------
    list
        For each picture its axes, and the axes of its colour bar or None.
    """
    # All sizes in inches, so that nothing is left to chance: captions cannot overlap, and nothing is cut off.
    side = _PICTURE_INCHES * options["scale_windows"] / 0.8
    aspect = image_shape[0] / image_shape[1]
    width = min(side, _TALLEST * side / aspect)
    height = width * aspect
    panel = max(width, text_inches(_NARROWEST_CAPTION, options))
    bar = options["map_color_bar_width"] / 100
    wrapped_titles = [wrap(title, panel, options) for title in titles]
    wrapped_captions = [wrap(caption, panel, options) for caption in captions]
    top = line_inches(options, max(t.count("\n") + 1 for t in wrapped_titles) + _TITLE_PAD) + _PAD
    n_below = max((c.count("\n") + 1 for c in wrapped_captions if c), default=0) + has_line_below
    bottom = line_inches(options, n_below) + 2 * _PAD
    bars = [_PAD + bar if has and bar else 0.0 for has in has_bar]
    total = sum(bars) + len(titles) * (panel + _GAP)
    figure.set_size_inches(total, top + height + bottom)
    left = _GAP / 2
    axes: list[tuple[Axes, Axes | None]] = []
    for title, caption, bar_space in zip(wrapped_titles, wrapped_captions, bars, strict=True):
        x, y, h = left + (panel - width) / 2, bottom / (top + height + bottom), height / (top + height + bottom)
        ax = figure.add_axes((x / total, y, width / total, h))
        ax.set(xticks=[], yticks=[])
        ax.set_title(plain(title), pad=_TITLE_PAD * options["font_size"], **letters(options))
        ax.set_xlabel(plain(caption), **letters(options))
        bar_ax = None
        if bar_space:
            thickness = max(bar - text_inches("0.00", options) - _PAD, 0.05)
            bar_ax = figure.add_axes(((x + width + _PAD) / total, y, thickness / total, h))
        axes.append((ax, bar_ax))
        left += panel + bar_space + _GAP
    return axes


def thin(values: NDArray[Any], function: Callable[..., Any]) -> NDArray[Any]:
    """One value for each square of a large array (H, W) or (H, W, C), such as its maximum; a small one as it is."""
    step = _step(values.shape)
    if step == 1:
        return values
    rows, columns = (length // step * step for length in values.shape[:2])
    return block_reduce(values[:rows, :columns], (step, step, 1)[: values.ndim], function)


def thinned_extent(shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Where `thin` leaves an image of this shape, in its pixels: left, right, bottom, top."""
    step = _step(shape)
    return -0.5, shape[1] // step * step - 0.5, shape[0] // step * step - 0.5, -0.5


def _step(shape: tuple[int, ...]) -> int:
    return -(-max(shape[:2]) // _MOST_PIXELS)


def draw_image(
    ax: Axes, image: NDArray[Any], domain: NDArray[np.bool_] | None, preprocess_param: Mapping[str, Any] | None
) -> None:
    """The gray values, as far as they are known; what lies outside the domain is dimmed."""
    thinned = thin(image, np.mean).astype(image.dtype)
    shown = displayable(thinned, preprocess_param, None if domain is None else thin(domain, np.max))
    extent = thinned_extent(image.shape)
    ax.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=extent)


def draw_anomaly_image(
    ax: Axes, bar_ax: Axes | None, scores: NDArray[np.float32], threshold: float | None, options: Mapping[str, Any]
) -> None:
    """The scores on a scale that is the same for every image: 0, the threshold in the middle of the colours, 1."""
    from matplotlib.colors import Normalize, TwoSlopeNorm

    is_inside = threshold is not None and 0 < threshold < 1
    norm = TwoSlopeNorm(vmin=0, vcenter=threshold or 0, vmax=1) if is_inside else Normalize(0, 1)
    opacity = int(options["map_transparency"], 16) / 255
    color_map = _COLOR_MAPS[options["heatmap_color_scheme"]]
    thinned, extent = thin(scores, np.max), thinned_extent(scores.shape)
    drawn = ax.imshow(thinned, cmap=color_map, norm=norm, alpha=opacity, interpolation="nearest", extent=extent)
    if bar_ax is not None:
        middle = threshold if is_inside and threshold is not None else 0.5
        bar = ax.figure.colorbar(drawn, cax=bar_ax)
        bar.set_ticks([0, middle, 1], labels=["0", f"{middle:.2f}" if is_inside else "0.5", "1"])
        bar.ax.tick_params(labelsize=options["font_size"], labelfontfamily=letters(options)["fontfamily"])


def outline(
    ax: Axes,
    mask: NDArray[np.bool_] | None,
    color: str,
    line_width: float,
    is_dashed: bool = False,
    extent: tuple[float, float, float, float] | None = None,
) -> None:
    """The outline of a mask with a white seam, so that it is seen on any ground; nothing where it is absent or empty.

    With an `extent` (left, right, bottom, top) the mask lies there, otherwise pixel by pixel on an image.
    """
    if mask is None or not mask.any():
        return
    left, right, bottom, top = extent or thinned_extent(mask.shape)
    mask = thin(mask, np.max)
    n_rows, n_columns = mask.shape
    framed = np.pad(mask, 1).astype(np.float32)  # a region that touches the border is closed there
    columns = left + (np.arange(-1, n_columns + 1) + 0.5) * (right - left) / n_columns
    rows = top + (np.arange(-1, n_rows + 1) + 0.5) * (bottom - top) / n_rows
    limits = ax.get_xlim(), ax.get_ylim()
    ax.contour(columns, rows, framed, [0.5], colors="white", linewidths=1.8 * line_width, alpha=0.7)
    lines = ax.contour(columns, rows, framed, [0.5], colors=[color], linewidths=line_width)
    if is_dashed:
        lines.set_linestyle(DASHES)
    ax.set(xlim=limits[0], ylim=limits[1])


def fill(ax: Axes, mask: NDArray[np.bool_] | None, color: str, opacity: str) -> None:
    """The area of a mask in a translucent colour."""
    from matplotlib.colors import to_rgba

    if mask is not None and int(opacity, 16):
        thinned = thin(mask, np.max)
        tinted = np.zeros((*thinned.shape, 4), np.float32)
        tinted[thinned] = (*to_rgba(color)[:3], int(opacity, 16) / 255)
        ax.imshow(tinted, interpolation="nearest", extent=thinned_extent(mask.shape))


def frame(ax: Axes, is_nok: bool) -> None:
    """The picture's border in the colour of its class; it differs in width, too."""
    for spine in ax.spines.values():
        spine.set(color=NOK_COLOR if is_nok else OK_COLOR, linewidth=2.5 if is_nok else 1.0)


def key_of_outlines(ax: Axes, options: Mapping[str, Any]) -> None:
    """A line below the caption that says which outline is which."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=options["anomaly_region_label_color"], lw=options["line_width"], ls=DASHES),
        Line2D([], [], color=options["anomaly_region_result_color"], lw=options["line_width"]),
    ]
    font = {"size": options["font_size"] * 0.9, "family": letters(options)["fontfamily"]}
    caption = ax.get_xlabel()
    down = line_inches(options, caption.count("\n") + 1 if caption else 0) + _PAD
    height = ax.get_window_extent().height / ax.figure.dpi
    ax.legend(
        handles,
        ["truth", "result"],
        loc="upper center",
        bbox_to_anchor=(0.5, -down / height),
        ncols=2,
        frameon=False,
        prop=font,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.6,
        columnspacing=1.2,
    )
