"""ROC: how well a score tells two classes apart, over all thresholds.

The receiver operating characteristic is the share of anomalous items found against the share of good items falsely
reported, as the threshold falls. Its area (AUROC) is the probability that a randomly drawn anomalous item scores above
a randomly drawn good one, ties counting one half [1]_: 1 is perfect, 0.5 is chance. An item is an image or a pixel.

References
----------
.. [1] J. A. Hanley, B. J. McNeil: The meaning and use of the area under a ROC curve. Radiology 143, 1982.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

_LOW_BITS = 12
_N_BINS = (0x3F800000 >> _LOW_BITS) + 1  # 0x3F800000 is the pattern of 1.0


def validate(scores: NDArray[np.generic], is_anomalous: NDArray[np.bool_]) -> None:
    """Raise ValueError unless both have the same shape and every score is a number."""
    if scores.shape != is_anomalous.shape:
        raise ValueError(f"scores of shape {scores.shape}, labels of shape {is_anomalous.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")


def auroc(scores: NDArray[np.generic], is_anomalous: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve, from ranks.

    Parameters
    ----------
    scores : array (N,)
        Higher is more anomalous. Any scale.
    is_anomalous : array (N,), bool
        The truth.

    Returns
    -------
    float or None
        0 to 1; None where one of the classes has no item, because then there is nothing to tell apart.

    Examples
    --------
    >>> import numpy as np
    >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    validate(scores, is_anomalous)
    n_nok = int(np.count_nonzero(is_anomalous))
    n_ok = is_anomalous.size - n_nok
    if n_ok == 0 or n_nok == 0:
        return None
    # Rank-sum form, [1] and Mann-Whitney: ties share their mean rank.
    rank_sum = float(rankdata(scores)[is_anomalous].sum())
    return (rank_sum - n_nok * (n_nok + 1) / 2) / (n_ok * n_nok)


class PixelScores:
    """AUROC of more scores than fit into memory, added image by image.

    Counts scores in [0, 1] in bins: those whose float32 patterns agree in all but the lowest 12 bits share one, about
    2,000 bins for each factor of two. Within a bin all scores count as tied, which moves the area by less than 1e-4.
    """

    def __init__(self) -> None:
        self.counts = np.zeros((2, _N_BINS), np.int64)  # (ok or nok, bin)

    def add(self, scores: NDArray[np.float32], is_anomalous: NDArray[np.bool_]) -> None:
        """Count the scores of one image, arrays (N,)."""
        validate(scores, is_anomalous)
        # The patterns of IEEE floats >= 0, read as integers, are ordered as the numbers are.
        bins = np.ascontiguousarray(scores, np.float32).view(np.uint32) >> _LOW_BITS
        for row, chosen in enumerate((~is_anomalous, is_anomalous)):
            self.counts[row] += np.bincount(bins[chosen], minlength=_N_BINS)

    def auroc(self) -> float | None:
        """As the function `auroc`, of all that was added."""
        n_ok, n_nok = self.counts.sum(axis=1)
        if n_ok == 0 or n_nok == 0:
            return None
        ok_below = np.cumsum(self.counts[0]) - self.counts[0]
        wins = (self.counts[1] * (ok_below + self.counts[0] / 2)).sum()
        return float(wins / (float(n_ok) * float(n_nok)))
