"""Confusion matrix, precision and recall at one threshold, in HALCON's layout.

Rows are the predicted class, columns the ground truth, class 0 'ok' first. An image is predicted 'nok' when its score
is the threshold or more. Precision of a class: of the images predicted so, the share that is so. Recall: of the images
that are so, the share predicted so.

HALCON's conventions for what is undefined: both are -1 for a class without images, precision is 0 for a class that was
never predicted, and means go over the classes that exist.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def confusion_matrix(
    scores: NDArray[np.float64], is_anomalous: NDArray[np.bool_], threshold: float
) -> NDArray[np.float64]:
    """Counts, (2, 2): rows predicted ok, nok; columns ground truth ok, nok.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([0.1, 0.5, 0.5, 0.9]), np.array([False, False, True, True]), 0.5)
    array([[1., 0.],
           [1., 2.]])
    """
    predicted = is_at_least(scores, threshold).astype(int)
    matrix = np.zeros((2, 2))
    np.add.at(matrix, (predicted, is_anomalous.astype(int)), 1)
    return matrix


def relative(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts as shares of their ground-truth column; a column without images stays 0."""
    return matrix / np.maximum(matrix.sum(axis=0, keepdims=True), 1)


def precision(matrix: NDArray[np.float64]) -> list[float]:
    """Precision of ok and nok; -1 for a class without images, 0 for one never predicted."""
    n_predicted, n_true = matrix.sum(axis=1), matrix.sum(axis=0)
    return [float(matrix[c, c] / max(n_predicted[c], 1)) if n_true[c] else -1.0 for c in (0, 1)]


def recall(matrix: NDArray[np.float64]) -> list[float]:
    """Recall of ok and nok; -1 for a class without images."""
    n_true = matrix.sum(axis=0)
    return [float(matrix[c, c] / n_true[c]) if n_true[c] else -1.0 for c in (0, 1)]


def mean_of_defined(values: list[float]) -> float:
    """Mean over the classes that exist; -1 where none does."""
    defined = [value for value in values if value >= 0]
    return float(np.mean(defined)) if defined else -1.0


def is_at_least(scores: Any, threshold: float) -> NDArray[np.bool_]:
    """Where scores reach the threshold, compared in float32 as scores are; equality counts as anomalous.

    A float64 threshold of 0.7 would miss a score that *is* 0.7 in float32.
    """
    reached: NDArray[np.bool_] = np.asarray(scores, np.float32) >= np.float32(threshold)
    return reached
