"""What each threshold gives, for images: average precision, F1, precision at recall 1, false alarms at a recall.

An image is rejected when its score is the threshold or more. As the threshold falls past the scores, one distinct score
after the other, more anomalous images are found (true positives) and more good ones are rejected (false positives):
a curve of counts. Every measure here is read off it, and none looks at the scores again, so a strictly increasing map
of the scores changes none of them.

Positive means anomalous. Recall: of the anomalous images, the share that is rejected. Precision: of the rejected
images, the share that is anomalous. *Precision at recall 1* is what is asked of an inspection that must not miss
anything: with the largest threshold that misses none, how much of what it rejects is rightly rejected [1]_.

The counts may carry leading axes, one curve for each bootstrap sample; the measures then do, too.

References
----------
.. [1] Average precision as in scikit-learn: the mean of the precisions, weighted with the steps of recall, without
   interpolation (which is too optimistic: J. Davis, M. Goadrich, ICML 2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlproc.measures.roc import validate

_ROUNDING = 1e-9


@dataclass(frozen=True)
class OperatingCurve:
    """Counts at each distinct score, the largest first.

    Attributes
    ----------
    thresholds : array (K,)
        The distinct scores, descending.
    found : array (..., K)
        Anomalous images that score the threshold or more.
    false_alarms : array (..., K)
        Good images that do.
    """

    thresholds: NDArray[np.float64]
    found: NDArray[np.int64]
    false_alarms: NDArray[np.int64 | np.float64]

    @property
    def n_nok(self) -> int:
        return int(self.found[..., -1].max(initial=0)) if self.found.size else 0

    @property
    def n_ok(self) -> int:
        return int(self.false_alarms[..., -1].max(initial=0)) if self.false_alarms.size else 0


def operating_curve(scores: NDArray[np.generic], is_anomalous: NDArray[np.bool_]) -> OperatingCurve:
    """Count, threshold by threshold.

    Parameters
    ----------
    scores : array (N,)
        Higher is more anomalous. Any scale.
    is_anomalous : array (N,), bool
        The truth.

    Examples
    --------
    >>> import numpy as np
    >>> curve = operating_curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    >>> curve.thresholds.tolist(), curve.found.tolist(), curve.false_alarms.tolist()
    ([0.8, 0.4, 0.1], [1, 2, 2], [0, 1, 2])
    """
    validate(scores, is_anomalous)
    order = np.argsort(scores)[::-1]
    ordered, truth = np.asarray(scores, np.float64)[order], np.asarray(is_anomalous)[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True)[: len(ordered)])  # the last of equal scores
    found = np.cumsum(truth, dtype=np.int64)[last]
    return OperatingCurve(ordered[last], found, last + 1 - found)


def average_precision(curve: OperatingCurve) -> NDArray[np.float64] | None:
    """Mean of the precisions over the steps of recall, 0 to 1; None without an anomalous image."""
    if curve.n_nok == 0:
        return None
    steps = np.diff(curve.found, axis=-1, prepend=0)
    return np.asarray(np.sum(steps * _precision(curve), axis=-1) / curve.n_nok)


def best_f1(curve: OperatingCurve) -> NDArray[np.float64] | None:
    """Largest harmonic mean of precision and recall over all thresholds, 0 to 1; None without an anomalous image."""
    return np.asarray(_f1(curve).max(axis=-1)) if curve.n_nok else None


def best_f1_threshold(curve: OperatingCurve) -> float | None:
    """The largest threshold with the best F1; None without an anomalous image."""
    return float(curve.thresholds[int(np.argmax(_f1(curve)))]) if curve.n_nok else None


def precision_at_recall_1(curve: OperatingCurve) -> NDArray[np.float64] | None:
    """Of the images that are rejected when none is missed, the share that is anomalous; None without such an image.

    Examples
    --------
    >>> import numpy as np
    >>> scores, truth = np.array([0.1, 0.5, 0.4, 0.8]), np.array([False, False, True, True])
    >>> float(precision_at_recall_1(operating_curve(scores, truth)))  # 0.5 is rejected with the other two
    0.6666666666666666
    """
    if curve.n_nok == 0:
        return None
    return np.asarray(curve.n_nok / (curve.n_nok + false_alarms_at(curve, curve.n_nok)))


def zero_miss_threshold(curve: OperatingCurve) -> float | None:
    """The largest threshold that misses no anomalous image: their smallest score; None without such an image."""
    return float(curve.thresholds[int(np.argmax(curve.found == curve.n_nok))]) if curve.n_nok else None


def fpr_at_recall(curve: OperatingCurve, recall: float) -> NDArray[np.float64] | None:
    """Share of the good images that is rejected when at least `recall` of the anomalous ones is, 0 to 1.

    None where one of the classes has no image.
    """
    if curve.n_nok == 0 or curve.n_ok == 0:
        return None
    n_wanted = int(np.ceil(recall * curve.n_nok - _ROUNDING))
    return np.asarray(false_alarms_at(curve, n_wanted) / curve.n_ok)


def _precision(curve: OperatingCurve) -> NDArray[np.float64]:
    return np.asarray(curve.found / np.maximum(curve.found + curve.false_alarms, 1))


def _f1(curve: OperatingCurve) -> NDArray[np.float64]:
    return np.asarray(2 * curve.found / np.maximum(curve.found + curve.false_alarms + curve.n_nok, 1))


def false_alarms_at(curve: OperatingCurve, n_wanted: int) -> NDArray[np.int64 | np.float64]:
    """Good images that are rejected with the largest threshold that finds so many anomalous ones."""
    first = np.argmax(curve.found >= n_wanted, axis=-1)
    return np.take_along_axis(curve.false_alarms, np.expand_dims(first, -1), axis=-1)[..., 0]
