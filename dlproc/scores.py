"""From distances to scores: maps that are fixed, strictly increasing, and never see a test image.

A distance counts standard deviations above what good images show; it has no upper end, and may be negative. A score
lies in (0, 1). Nothing is clipped, so the order of images and pixels, and with it every measure, is the same for both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CENTRE = 4.0  # this distance has the score 0.5
_WIDTH = 4.0
_TAIL = 0.1  # the share of the pixels that makes the image score


def to_score(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """1/2 + t / (2 + 2 |t|) with t = (distance - 4) / 4: 0 deviations -> 0.25, 4 -> 0.5, 8 -> 0.75, 16 -> 0.875.

    An algebraic sigmoid: unlike the logistic function it does not run into 1 in float32, so that two strong anomalies
    can still be told apart.
    """
    t = (distance - np.float32(_CENTRE)) / np.float32(_WIDTH)
    return (np.float32(0.5) + np.float32(0.5) * t / (1 + np.abs(t))).astype(np.float32)


def image_distance(distances: NDArray[np.float32], standard_deviation_factor: float) -> float:
    """One number for an image: mean + factor * standard deviation of the tenth of its pixels with the largest
    distances.

    Parameters
    ----------
    distances : array (N,)
        The pixels inside the domain, N >= 1.
    standard_deviation_factor : float
        Weight of the spread. The larger, the more a few strong pixels count: it suits small defects.
    """
    n_tail = max(1, round(_TAIL * distances.size))
    tail = np.partition(distances, distances.size - n_tail)[-n_tail:].astype(np.float64)
    return float(tail.mean() + standard_deviation_factor * tail.std())
