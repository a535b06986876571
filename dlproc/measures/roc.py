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
