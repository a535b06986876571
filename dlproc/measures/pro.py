"""AU-PRO: how much of each defect is found, small ones counting as much as large ones.

Per-region overlap (PRO) at a threshold is the mean, over all connected components of the ground truth, of the share of
the component's pixels that reach the threshold. Against the share of good pixels that reach it (false-positive rate)
it is a curve; AU-PRO is the area up to a limit of the false-positive rate, divided by the limit [1]_: 1 is perfect.

References
----------
.. [1] P. Bergmann et al.: The MVTec Anomaly Detection Dataset. IJCV 129, 2021, section 5.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label


def au_pro(
    anomaly_images: Sequence[NDArray[np.float32]], ground_truths: Sequence[NDArray[np.bool_]], limit: float = 0.3
) -> float | None:
    """Area under the per-region-overlap curve up to a false-positive rate.

    Parameters
    ----------
    anomaly_images : sequence of arrays (H, W)
        Scores, higher is more anomalous.
    ground_truths : sequence of arrays (H, W), bool
        True where anomalous; components are 8-connected.
    limit : float
        Largest false-positive rate, in (0, 1].

    Returns
    -------
    float or None
        0 to 1; None without a component or without a good pixel.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.array([[True, False, False, False]])
    >>> au_pro([np.array([[0.9, 0.1, 0.2, 0.3]], np.float32)], [truth])
    1.0
    """
    scores, false_steps, overlap_steps = [], [], []
    n_good = sum(int(np.count_nonzero(~truth)) for truth in ground_truths)
    components = [label(truth, connectivity=2) for truth in ground_truths]
    n_components = sum(int(component.max(initial=0)) for component in components)
    if n_good == 0 or n_components == 0:
        return None
    for anomaly_image, component in zip(anomaly_images, components, strict=True):
        sizes = np.bincount(component.ravel())
        # Each pixel is one step of the curve: to the right if it is good, up by its share of its component otherwise.
        steps = 1 / (np.maximum(sizes, 1)[component] * n_components)
        scores.append(anomaly_image.ravel())
        false_steps.append(np.where(component == 0, 1 / n_good, 0).ravel())
        overlap_steps.append(np.where(component > 0, steps, 0).ravel())
    pooled = np.concatenate(scores)
    order = np.argsort(-pooled, kind="stable")
    # Pixels with the same score are reached by the same threshold: only the last of them is a point of the curve.
    last_of_score = np.append(np.diff(pooled[order]) != 0, True)
    false_rate = np.append(0, np.cumsum(np.concatenate(false_steps)[order])[last_of_score])
    overlap = np.append(0, np.cumsum(np.concatenate(overlap_steps)[order])[last_of_score])
    return _area_up_to(limit, false_rate, overlap)


def _area_up_to(limit: float, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Area under a curve of ascending x from 0 to the limit by trapezia, divided by the limit."""
    inside = x <= limit
    x_cut, y_cut = np.append(x[inside], limit), np.append(y[inside], np.interp(limit, x, y))
    return min(float(np.trapezoid(y_cut, x_cut) / limit), 1.0)
