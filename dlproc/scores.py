"""From distances to scores: maps that are fixed, strictly increasing, and never see a test image.

A distance counts standard deviations above what good images show; it has no upper end, and may be negative. A score
lies in (0, 1). Nothing is clipped, so the order of images and pixels, and with it every measure, is the same for both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OFFSET = 3.0  # deviations: what is so far below the good images has a score near 0
SCALE = 12.0  # deviations above that, for a score of 1/2
SOFTNESS = 0.5  # how gently the score bends towards 0 there
TAIL = 0.1  # the share of the pixels that makes the image score


def to_score(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map a distance to q / (q + 12) with q = distance + 3: 0 deviations -> 0.2, 3 -> 1/3, 9 -> 1/2, 21 -> 2/3.

    Rational, because that runs into 1 much later in float32 than an exponential does: two strong anomalies can still be
    told apart. Nearly straight near the good images, and steepest there: so HALCON's rule for the segmentation
    threshold, mean + 4 standard deviations of the scores of good pixels, lands 3 to 6 deviations above them on the sets
    of the benchmarks. Below -3, which hardly occurs, q is a hyperbola that stays above 0.
    """
    half = (distance + np.float32(OFFSET)) / 2
    with np.errstate(invalid="ignore", over="ignore"):  # an endless distance has no score: apply_dl_model refuses NaN
        root = np.sqrt(half**2 + np.float32(SOFTNESS**2))
        # root + half, written without cancellation where half is negative.
        q = np.where(half > 0, root + half, np.float32(SOFTNESS**2) / (root - np.minimum(half, 0)))
        return (q / (q + np.float32(SCALE))).astype(np.float32)


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
    n_tail = max(1, round(TAIL * distances.size))
    tail = np.partition(distances, distances.size - n_tail)[-n_tail:].astype(np.float64)
    return float(tail.mean() + standard_deviation_factor * tail.std())


def confidence(score: float, threshold: float, is_anomalous: bool) -> float:
    """How sure a decision is: 0.5 at the threshold, 1 at the end of the scores on the side that was decided, straight
    between. dlproc's own choice: it orders images as their scores do, and is no probability.

    Parameters
    ----------
    score, threshold : float
        Score of the image, 0 to 1, and the smallest score that is anomalous, >= 0.
    is_anomalous : bool
        What was decided.

    Examples
    --------
    >>> confidence(0.7, 0.4, True), confidence(0.1, 0.4, False)
    (0.75, 0.875)
    """
    length = 1 - threshold if is_anomalous else threshold
    beyond = score - threshold if is_anomalous else threshold - score
    return 0.5 + 0.5 * min(max(beyond / length, 0.0), 1.0) if length > 0 else 0.5
