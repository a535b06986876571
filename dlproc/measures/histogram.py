"""The anomaly-score histogram: two cumulated curves over the score, as HALCON's evaluation shows them.

For each score x: the share of good images that score x or more (they would be rejected with a threshold of x), and the
share of anomalous images that score x or less. Where the curves cross, both kinds of error are equally frequent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def anomaly_score_histogram(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]) -> dict[str, list[float]]:
    """Both curves; a class without images has empty lists.

    Returns
    -------
    dict
        ``ok_x``, ``nok_x``: the scores, ascending. ``ok_y``: n/n, (n-1)/n, ..., 1/n. ``nok_y``: 1/n, ..., n/n.

    Examples
    --------
    >>> import numpy as np
    >>> anomaly_score_histogram(np.array([0.3, 0.1]), np.array([0.9]))
    {'ok_x': [0.1, 0.3], 'ok_y': [1.0, 0.5], 'nok_x': [0.9], 'nok_y': [1.0]}
    """
    n_ok, n_nok = len(ok_scores), len(nok_scores)
    return {
        "ok_x": np.sort(ok_scores).tolist(),
        "ok_y": (np.arange(n_ok, 0, -1) / max(n_ok, 1)).tolist(),
        "nok_x": np.sort(nok_scores).tolist(),
        "nok_y": (np.arange(1, n_nok + 1) / max(n_nok, 1)).tolist(),
    }
