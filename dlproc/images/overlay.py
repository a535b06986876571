"""Scores and regions drawn over an image, as arrays: for reports and files, without a plotting library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from dlproc.images.resize import nearest, zoomed_bands

# Of the palette of Okabe and Ito, which the colour-blind can tell apart: vermilion and sky blue.
REGION_COLOR = (213, 94, 0)
TRUTH_COLOR = (86, 180, 233)
# The colour map viridis at 0, 0.1, ..., 1 (S. van der Walt, N. Smith, 2015): readable for the colour-blind and in grey.
_VIRIDIS = np.array(
    [
        (68, 1, 84),
        (72, 36, 117),
        (65, 68, 135),
        (53, 95, 141),
        (42, 120, 142),
        (33, 145, 140),
        (34, 168, 132),
        (68, 191, 112),
        (122, 209, 81),
        (189, 223, 38),
        (253, 231, 37),
    ],
    np.float32,
)
_PIXELS_AT_ONCE = 1 << 20
_PIXELS_PER_LINE = 160  # an outline is one pixel wide for so many pixels of the image's longer side


def color_scores(scores: NDArray[np.float32], threshold: float | None = None) -> NDArray[np.uint8]:
    """Colours of scores on a scale that is the same for every image.

    Parameters
    ----------
    scores : array (H, W)
        0 to 1.
    threshold : float, optional
        The score that lies in the middle of the colours; not given, or not between 0 and 1: 0.5.

    Returns
    -------
    array (H, W, 3), uint8

    Examples
    --------
    >>> import numpy as np
    >>> color_scores(np.float32([[0.0, 0.3, 1.0]]), threshold=0.3).tolist()
    [[[68, 1, 84], [33, 145, 140], [253, 231, 37]]]
    """
    middle = threshold if threshold is not None and 0 < threshold < 1 else 0.5
    place = np.interp(scores, [0, middle, 1], [0, (len(_VIRIDIS) - 1) / 2, len(_VIRIDIS) - 1])
    channels = [np.interp(place, np.arange(len(_VIRIDIS)), _VIRIDIS[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def to_rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W), (H, W, 1) or (H, W, 3) as (H, W, 3)."""
    colors = image if image.ndim == 3 else image[:, :, np.newaxis]
    return np.repeat(colors, 3, axis=2) if colors.shape[2] == 1 else colors


def blend(image: NDArray[np.uint8], colors: NDArray[np.uint8], opacity: float) -> NDArray[np.uint8]:
    """Colours (H, W, 3) laid over an image; opacity 0 shows the image alone, 1 the colours alone."""
    mixed = (1 - opacity) * to_rgb(image).astype(np.float32) + opacity * colors.astype(np.float32)
    return np.rint(mixed).astype(np.uint8)


def draw_outline(
    image: NDArray[np.uint8], mask: NDArray[np.bool_], color: tuple[int, int, int] = REGION_COLOR
) -> NDArray[np.uint8]:
    """The image with the outline of a mask (H, W), just outside of it; wider on a larger image."""
    drawn = to_rgb(image).copy()
    if mask.any():
        drawn[_outline(mask, _line_width(mask.shape))] = color
    return drawn


def overlay(
    image: NDArray[np.uint8],
    anomaly_image: NDArray[np.float32],
    anomaly_region: NDArray[np.bool_] | None,
    threshold: float | None,
    opacity: float = 0.6,
) -> NDArray[np.uint8]:
    """Scores in colours, and the outline of the region, over an image.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), uint8
        Gray values; C 1 or 3.
    anomaly_image : array (h, w), float32
        Scores 0 to 1; brought to the image's size.
    anomaly_region : array (h, w), bool, optional
        Pixels decided to be anomalous; brought to the image's size.
    threshold : float, optional
        Segmentation threshold, which lies in the middle of the colours.
    opacity : float
        Of the colours, 0 to 1.

    Returns
    -------
    array (H, W, 3), uint8
    """
    height, width = image.shape[:2]
    drawn = np.empty((height, width, 3), np.uint8)
    for band, scores in zoomed_bands(anomaly_image, height, width):
        drawn[band] = blend(image[band], color_scores(scores, threshold), opacity)
    if anomaly_region is not None:
        _outline_zoomed(drawn, anomaly_region.astype(bool))
    return drawn


def _outline_zoomed(drawn: NDArray[np.uint8], region: NDArray[np.bool_]) -> None:
    """Draw the outline of a region in place, as `draw_outline` of the region brought to the image's size; in bands."""
    height, width = drawn.shape[:2]
    rows, columns = nearest(region.shape[0], height), nearest(region.shape[1], width)
    margin = _line_width((height, width))
    n_rows = max(margin, _PIXELS_AT_ONCE // width)
    for top in range(0, height, n_rows):
        first, below = max(0, top - margin), min(top + n_rows, height)
        band = rows[first : below + margin]
        if region[band[0] : band[-1] + 1].any():
            line = _outline(region[np.ix_(band, columns)], margin)
            drawn[top:below][line[top - first : below - first]] = REGION_COLOR


def _line_width(shape: tuple[int, ...]) -> int:
    return max(1, round(max(shape) / _PIXELS_PER_LINE))


def _outline(mask: NDArray[np.bool_], line_width: int) -> NDArray[np.bool_]:
    """The pixels around a mask, so that what lies in it stays visible; at the border of the image it is open."""
    outline: NDArray[np.bool_] = binary_dilation(mask, iterations=line_width)
    outline &= ~mask
    return outline
