"""Thresholds from scores, by HALCON's rule; `dlproc.measures.operating_points` has the other rules.

Segmentation: a pixel belongs to the anomaly from mean + 4 standard deviations of the pixel scores of good images.
Classification: above all good images; below all anomalous ones; and one between, that balances the two errors.

References
----------
.. [1] MVTec, HALCON reference, ``compute_dl_anomaly_thresholds``: the observable rule.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_ROOM = 1e-6  # scores of one image in batches of different sizes differ by less
_SEGMENTATION_FACTOR = 4.0


def segmentation_threshold(pixel_scores: Iterable[NDArray[np.float32]]) -> float:
    """min(1, mean + 4 s) of all pixel scores; s is the sample deviation (divided by n - 1).

    Parameters
    ----------
    pixel_scores : iterable of arrays (N,)
        The scores inside the domain, image by image; visited once, summed in float64.
    """
    count, total, total_of_squares = 0, 0.0, 0.0
    for scores in pixel_scores:
        values = scores.astype(np.float64)
        count += values.size
        total += float(values.sum())
        total_of_squares += float((values**2).sum())
    mean = total / count
    variance = max(total_of_squares - count * mean**2, 0.0) / max(count - 1, 1)
    return min(1.0, mean + _SEGMENTATION_FACTOR * variance**0.5)


def classification_thresholds(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]) -> list[float]:
    """HALCON's thresholds for the image score.

    Parameters
    ----------
    ok_scores : array (N,), N >= 1
        Scores of good images that were not trained on.
    nok_scores : array (M,)
        Scores of anomalous images; M may be 0.

    Returns
    -------
    list of float
        ``[just above all ok]`` where there is no nok score; else ``[just above all ok, all nok, between]``. "Just
        above" is the next float32, because scores are compared in float32 (HALCON multiplies by 1 + 1e-15, in double).

    Examples
    --------
    >>> import numpy as np
    >>> classification_thresholds(np.array([0.25, 0.125]), np.array([0.5, 0.75]))[1:]
    [0.5, 0.375]
    """
    max_ok = float(ok_scores.max())
    above_ok = float(np.nextafter(np.float32(max_ok), np.float32(np.inf)))
    if len(nok_scores) == 0:
        return [above_ok]
    min_nok = float(nok_scores.min())
    if max_ok <= min_nok:
        return [above_ok, min_nok, (max_ok + min_nok) / 2]
    return [above_ok, min_nok, max(_balanced(ok_scores, nok_scores), min_nok)]


def with_room(threshold: float, scores: NDArray[np.float64]) -> float:
    """The same decisions on these scores, from a threshold that is no score itself.

    In a batch of another size the same image scores a rounding error more or less. A threshold that *is* the score of
    an image would then decide that image by chance; so it keeps a millionth from the scores on both sides, or half of
    their distance where that is less.

    Parameters
    ----------
    threshold : float
        As a rule has chosen it.
    scores : array (N,)
        The scores that it was chosen on.

    Returns
    -------
    float
        At most a millionth away.

    Examples
    --------
    >>> import numpy as np
    >>> round(with_room(0.5, np.array([0.25, 0.5])), 7)
    0.499999
    """
    rounded = scores.astype(np.float32).astype(np.float64)  # as they are compared
    limit = float(np.float32(threshold))
    below, from_it_on = rounded[rounded < limit], rounded[rounded >= limit]
    lower = float(below.max()) if below.size else -np.inf
    upper = float(from_it_on.min()) if from_it_on.size else np.inf
    room = min(_ROOM, (upper - lower) / 2)
    moved = float(np.float32(min(max(limit, lower + room), upper - room)))
    return moved if lower < moved <= upper else threshold


def _balanced(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]) -> float:
    """The first pooled score, ascending, that minimises the sum of both error rates, counted as HALCON counts."""
    scores = np.concatenate([ok_scores, nok_scores])
    is_nok = np.arange(len(scores)) >= len(ok_scores)
    order = np.argsort(scores, kind="stable")  # stable: equal scores keep ok before nok
    # Both rates times n_ok * n_nok, in integers: 1 - 2/3 and 1/3 must be equal, or "the first" means nothing.
    false_positive = (len(ok_scores) - np.cumsum(~is_nok[order])) * len(nok_scores)
    false_negative = np.cumsum(is_nok[order]) * len(ok_scores)
    return float(scores[order][np.argmin(false_positive + false_negative)])
