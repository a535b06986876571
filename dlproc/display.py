"""Drawing with matplotlib, for the procedures whose names begin with ``dev_display``.

matplotlib is an extra, ``pip install "dlproc[viz]"``, and is imported when something is drawn. Figures are made without
pyplot, so that nothing is global and no window opens; `show_figure` is the exception that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dlproc.images.normalize import IMAGENET_DEVIATION, IMAGENET_MEAN, denormalize

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PICTURE_INCHES = 3.4
_SCORE_COLORS = "viridis"  # readable for the colour-blind and in grey print


def new_figure(
    n_pictures: int, image_shape: tuple[int, ...], windows: dict[str, Any] | None, options: Mapping[str, Any]
) -> tuple[Figure, list[Axes]]:
    """A figure with pictures side by side; the one kept in `windows` is emptied and used again."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('drawing needs matplotlib: pip install "dlproc[viz]"') from error
    figure = windows.get("figure") if windows else None
    if figure is None or (options["show"] and figure.canvas.manager is None):
        figure = _pyplot_figure() if options["show"] else Figure()
    figure.clear()
    height = _PICTURE_INCHES * min(max(image_shape[0] / image_shape[1], 0.4), 2.5)
    figure.set_size_inches(_PICTURE_INCHES * n_pictures + 0.6, height + 0.9)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(1, n_pictures, squeeze=False)[0]
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    if windows is not None:
        windows["figure"] = figure
    return figure, list(axes)


def draw_image(
    ax: Axes, image: NDArray[Any], domain: NDArray[np.bool_] | None, preprocess_param: Mapping[str, Any] | None
) -> None:
    """The gray values, as far as they are known; what lies outside the domain is dimmed."""
    pixels = _displayable(image, preprocess_param)
    if domain is not None:
        pixels = np.where(domain[:, :, np.newaxis] if pixels.ndim == 3 else domain, pixels, pixels // 3)
    ax.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")


def draw_anomaly_image(ax: Axes, scores: NDArray[np.float32], threshold: float | None, has_legend: bool) -> None:
    """The scores on a scale that is the same for every image: 0, the threshold in the middle of the colours, 1."""
    from matplotlib.colors import Normalize, TwoSlopeNorm

    middle = threshold if threshold is not None and 0 < threshold < 1 else None
    norm = Normalize(0, 1) if middle is None else TwoSlopeNorm(vmin=0, vcenter=middle, vmax=1)
    drawn = ax.imshow(scores, cmap=_SCORE_COLORS, norm=norm, interpolation="nearest")
    if has_legend:
        bar = ax.figure.colorbar(drawn, ax=ax, fraction=0.05, pad=0.03)
        bar.set_ticks([0, 0.5, 1] if middle is None else [0, middle, 1])
        bar.set_ticklabels(["0", "0.5" if middle is None else f"{middle:.2f}", "1"])


def outline(ax: Axes, mask: NDArray[np.bool_] | None, color: str, line_width: float) -> None:
    """The outline of a mask; nothing where it is absent or empty."""
    if mask is None or not mask.any():
        return
    framed = np.pad(mask, 1).astype(np.float32)  # a region that touches the border is closed there
    rows, columns = np.arange(-1, mask.shape[0] + 1), np.arange(-1, mask.shape[1] + 1)
    ax.contour(columns, rows, framed, levels=[0.5], colors=[color], linewidths=line_width)
    ax.set(xlim=(-0.5, mask.shape[1] - 0.5), ylim=(mask.shape[0] - 0.5, -0.5))


def show_figure(figure: Figure) -> None:
    """Open or refresh the figure's window without stopping the script."""
    assert figure.canvas.manager is not None  # new_figure saw to it
    figure.canvas.manager.show()
    figure.canvas.draw_idle()
    figure.canvas.flush_events()


def _pyplot_figure() -> Figure:
    from matplotlib import pyplot

    return pyplot.figure()


def _displayable(image: NDArray[Any], preprocess_param: Mapping[str, Any] | None) -> NDArray[np.uint8]:
    """Gray values 0 to 255 for the eye."""
    pixels = image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image
    if image.dtype == np.uint8:
        return pixels
    values = np.asarray(image, np.float32)
    is_preprocessed = values.ndim == 3 and image.dtype == np.float32 and preprocess_param is not None
    if is_preprocessed and preprocess_param and preprocess_param["normalization_type"] in ("none", "constant_values"):
        gray = denormalize(
            values,
            preprocess_param["normalization_type"],
            preprocess_param["image_range_min"],
            preprocess_param["image_range_max"],
            preprocess_param.get("mean_values_normalization", IMAGENET_MEAN),
            preprocess_param.get("deviation_values_normalization", IMAGENET_DEVIATION),
        )
    else:
        low, high = float(values.min()), float(values.max())
        gray = (values - low) * (255 / (high - low) if high > low else 1)
    shown = np.clip(np.rint(gray), 0, 255).astype(np.uint8)
    return shown[:, :, 0] if shown.ndim == 3 and shown.shape[2] == 1 else shown
