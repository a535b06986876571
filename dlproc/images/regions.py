"""Regions of an image: connected pixels that were decided to be anomalous, each with its size, place and outline.

Rows and columns count from 0 at the centre of the pixel at the top left, as in HALCON: a pixel (r, c) covers the square
from (r - 0.5, c - 0.5) to (r + 0.5, c + 0.5). Pixels that touch at a corner belong together (8 neighbours). A box is
``(row1, column1, row2, column2)``, first and last pixel inside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import measure

from dlproc.images.domain import bounding_box

Box = tuple[int, int, int, int]


def label_regions(
    region: NDArray[np.bool_],
    *,
    weaker: NDArray[np.bool_] | None = None,
    domain: NDArray[np.bool_] | None = None,
    ignored: NDArray[np.bool_] | None = None,
    min_area: int = 1,
    border: str = "keep",
    border_width: int = 0,
) -> NDArray[np.int32]:
    """Number the connected regions of a mask, the largest first.

    Parameters
    ----------
    region : array (H, W), bool
        Pixels that reach the threshold.
    weaker : array (H, W), bool, optional
        Pixels that reach a lower threshold. A region grows over those that it is connected with (hysteresis).
    domain : array (H, W), bool, optional
        Where the image counts, at least one pixel; pixels outside belong to no region.
    ignored : array (H, W), bool, optional
        Pixels that belong to no region.
    min_area : int
        Pixels that a region has at least.
    border : 'keep' or 'remove'
        Whether regions that touch the frame are kept. The frame is the image, or the box around its domain, less
        `border_width` pixels on each side.
    border_width : int
        Pixels at each side that belong to no region.

    Returns
    -------
    array (H, W), int32
        0: no region; 1 to n: the regions by area, largest first; of equal ones that first whose first pixel comes first
        row by row.

    Notes
    -----
    ``skimage.filters.apply_hysteresis_threshold`` is not used: it joins 4 neighbours, and equality is below for it.

    Examples
    --------
    >>> import numpy as np
    >>> label_regions(np.array([[1, 0, 0, 1], [0, 0, 0, 1], [1, 0, 1, 0]], bool))
    array([[2, 0, 0, 1],
           [0, 0, 0, 1],
           [3, 0, 1, 0]], dtype=int32)
    """
    frame = _frame(region.shape, domain, border_width)
    counting = np.zeros(region.shape, bool)
    counting[frame] = True
    if domain is not None:
        counting &= domain
    if ignored is not None:
        counting &= ~ignored
    strong = region & counting
    labels = measure.label(strong if weaker is None else (weaker & counting) | strong, connectivity=2)

    areas = np.bincount(labels.ravel())
    is_kept = areas >= min_area
    if weaker is not None:
        is_kept &= np.bincount(labels[strong], minlength=areas.size) > 0
    if border == "remove":
        is_kept[_on_edge(labels[frame])] = False
    is_kept[0] = False
    kept = np.flatnonzero(is_kept)
    number = np.zeros(areas.size, np.int32)
    number[kept[np.argsort(-areas[kept], kind="stable")]] = np.arange(1, kept.size + 1)
    return number[labels]


def describe_regions(
    labels: NDArray[np.int32], scores: NDArray[np.float32], n_pixels: int | None = None
) -> list[dict[str, Any]]:
    """Size, place, scores and outline of each region.

    Parameters
    ----------
    labels : array (H, W), int32
        Of `label_regions`.
    scores : array (H, W), float32
        Score of each pixel.
    n_pixels : int, optional
        Pixels that `area_share` is a share of; without it those of the image.

    Returns
    -------
    list of dict
        For region 1, 2, ...: ``area``, pixels; ``area_share``, 0 to 1; ``row1``, ``column1``, ``row2``, ``column2``,
        int, the smallest box, inclusive; ``row``, ``column``, centre of gravity; ``peak``, largest score, with
        ``peak_row``, ``peak_column`` (the first such pixel row by row); ``mean_score``; ``contour``, see `outline`.
    """
    regions = []
    for properties in measure.regionprops(labels):
        row1, column1, row_end, column_end = map(int, properties.bbox)
        mask = properties.image
        inside = np.where(mask, scores[properties.slice], -1)
        peak_row, peak_column = np.unravel_index(np.argmax(inside), mask.shape)
        row, column = properties.centroid
        regions.append(
            {
                "area": int(properties.area),
                "area_share": int(properties.area) / (n_pixels or labels.size),
                "row1": row1,
                "column1": column1,
                "row2": row_end - 1,
                "column2": column_end - 1,
                "row": float(row),
                "column": float(column),
                "peak": float(inside[peak_row, peak_column]),
                "peak_row": row1 + int(peak_row),
                "peak_column": column1 + int(peak_column),
                "mean_score": float(inside[mask].mean(dtype=np.float64)),
                "contour": outline(mask) + np.array([row1, column1]),
            }
        )
    return regions


def outline(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The outer border of one connected region as a closed line.

    Parameters
    ----------
    mask : array (H, W), bool
        One region of 8 neighbours.

    Returns
    -------
    array (N, 2), float64
        Rows and columns; the last point is the first. The line runs half-way between pixels inside and outside, also
        at the border of the image, so that the centres of all pixels lie within it. Holes have no line.
    """
    contours = measure.find_contours(np.pad(mask, 1).astype(float), 0.5, fully_connected="high")
    outer: NDArray[np.float64] = min(contours, key=lambda contour: contour[:, 0].min())  # no hole begins higher up
    return outer - 1


def to_original(region: dict[str, Any], shape: tuple[int, int], box: Box) -> dict[str, Any]:
    """The geometry of a region in the image that was resized to the model's size.

    Parameters
    ----------
    region : dict
        Of `describe_regions`.
    shape : (H, W)
        Size of the image that the region is in.
    box : (row1, column1, row2, column2)
        The part of the original image that was resized to it, inclusive.

    Returns
    -------
    dict
        ``area``, float, in original pixels; the smallest box of whole pixels that the region's box touches, int;
        ``row``, ``column``, ``peak_row``, ``peak_column``, ``contour``, float: the centre of pixel r maps to
        ``(r + 0.5) * scale - 0.5``, so that 0 becomes 0.5 where the scale is 2.
    """
    origin = np.array([box[0], box[1]], np.float64)
    size = (box[2] - box[0] + 1, box[3] - box[1] + 1)
    scale = np.array(size, np.float64) / shape

    row, column = ((np.array([region["row"], region["column"]]) + 0.5) * scale - 0.5 + origin).tolist()
    peak = ((np.array([region["peak_row"], region["peak_column"]]) + 0.5) * scale - 0.5 + origin).tolist()
    return {
        "area": region["area"] * float(scale.prod()),
        # Edges of pixels, in whole numbers: no rounding can add or lose a pixel.
        "row1": box[0] + region["row1"] * size[0] // shape[0],
        "column1": box[1] + region["column1"] * size[1] // shape[1],
        "row2": box[0] - (-(region["row2"] + 1) * size[0] // shape[0]) - 1,
        "column2": box[1] - (-(region["column2"] + 1) * size[1] // shape[1]) - 1,
        "row": row,
        "column": column,
        "peak_row": peak[0],
        "peak_column": peak[1],
        "contour": (region["contour"] + 0.5) * scale - 0.5 + origin,
    }


def find_at(
    labels: NDArray[np.int32], touches: Box | None = None, centre_in: Box | None = None
) -> tuple[Box, tuple[float, float]] | None:
    """Box and centre of the largest region with a pixel in one box and its centre of gravity in another.

    Parameters
    ----------
    labels : array (H, W), int32
        Of `label_regions`.
    touches, centre_in : (row1, column1, row2, column2), optional
        The boxes; one that is not given asks nothing.
    """
    for properties in measure.regionprops(labels):
        row1, column1, row_end, column_end = map(int, properties.bbox)
        row, column = map(float, properties.centroid)
        if touches is not None:
            part = labels[touches[0] : touches[2] + 1, touches[1] : touches[3] + 1]
            if not (part == properties.label).any():
                continue
        if centre_in is not None:
            is_in_rows = centre_in[0] - 0.5 <= row <= centre_in[2] + 0.5
            if not (is_in_rows and centre_in[1] - 0.5 <= column <= centre_in[3] + 0.5):
                continue
        return (row1, column1, row_end - 1, column_end - 1), (row, column)
    return None


def _frame(shape: tuple[int, ...], domain: NDArray[np.bool_] | None, width: int) -> tuple[slice, slice]:
    """The image, or the box around its domain, less some pixels on each side; it may be empty."""
    rows, columns = (slice(0, shape[0]), slice(0, shape[1])) if domain is None else bounding_box(domain)
    smaller = [slice(s.start + width, max(s.stop - width, s.start + width)) for s in (rows, columns)]
    return smaller[0], smaller[1]


def _on_edge(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Labels in the first and last row and column."""
    sides = labels[:1], labels[-1:], labels[:, :1], labels[:, -1:]
    return np.concatenate([side.ravel() for side in sides])
