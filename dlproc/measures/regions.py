"""Defects one by one: which are found, and does their size matter.

A defect is a connected component of the ground truth. With a threshold it is found when at least one of its pixels
reaches the threshold: so its largest score, the peak, says with which thresholds it is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.measures.confusion import is_at_least

SIZE_LIMITS = (64, 256, 1024, 4096)  # pixels: squares of 8, 16, 32 and 64


@dataclass(frozen=True)
class Defect:
    """A component of a ground truth, and how it scores."""

    area: int  # pixels
    peak: float
    found: bool | None  # whether a pixel reaches the threshold; None without one
    overlap: float | None  # share of its pixels that do


def defects(scores: NDArray[np.float32], components: NDArray[np.int64], threshold: float | None = None) -> list[Defect]:
    """The components of one image.

    Parameters
    ----------
    scores : array (N,)
        Scores of the pixels that count.
    components : array (N,)
        Number of the component that a pixel is in; 0: none.
    threshold : float, optional
        Segmentation threshold.

    Examples
    --------
    >>> import numpy as np
    >>> defects(np.float32([0.1, 0.5, 0.75]), np.array([0, 1, 1]), 0.6)
    [Defect(area=2, peak=0.75, found=True, overlap=0.5)]
    """
    numbers = np.unique(components[components > 0])
    if len(numbers) == 0:
        return []
    areas = np.bincount(components)[numbers]
    peaks = ndimage.maximum(scores, components, numbers)
    if threshold is None:
        return [Defect(int(area), float(peak), None, None) for area, peak in zip(areas, peaks, strict=True)]
    reached = np.bincount(components[is_at_least(scores, threshold)], minlength=int(numbers[-1]) + 1)[numbers]
    shares = reached / areas
    return [Defect(int(a), float(p), bool(s > 0), float(s)) for a, p, s in zip(areas, peaks, shares, strict=True)]


def by_size(areas: Sequence[int], found: Sequence[bool | None]) -> list[dict[str, int | None]]:
    """Count defects in ranges of size; ranges without a defect are left out.

    Returns
    -------
    list of dict
        ``area_from``, ``area_to`` : pixels, both included, None: no limit. ``n_regions``, ``n_found`` : how many, and
        how many of them are found; None where that is not known.

    Examples
    --------
    >>> by_size([10, 60, 100], [True, False, True])[0]
    {'area_from': 1, 'area_to': 64, 'n_regions': 2, 'n_found': 1}
    """
    rows: list[dict[str, int | None]] = []
    for low, high in zip((1, *(limit + 1 for limit in SIZE_LIMITS)), (*SIZE_LIMITS, None), strict=True):
        inside = [f for f, area in zip(found, areas, strict=True) if area >= low and (high is None or area <= high)]
        n_found = None if None in inside else sum(map(bool, inside))
        if inside:
            rows.append({"area_from": low, "area_to": high, "n_regions": len(inside), "n_found": n_found})
    return rows
