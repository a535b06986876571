"""Do the images of the test have the light of those that were trained on? If not, scores mean something else.

Each image is described by its mean gray value and its contrast, the standard deviation of its gray values. Good images
of both sides are compared by the standardised difference of their means (Cohen's d): by how many standard deviations,
as they spread from image to image, did the light change. A change is reported when it is large and not by chance: of a
few images the mean varies by much, so Welch's test must say that fewer than one of a hundred such sets would differ so.

References
----------
.. [1] J. Cohen: Statistical Power Analysis for the Behavioral Sciences, 1988: 0.8 and above is a large effect.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

MIN_IMAGES = 5
_AT_ONCE = 1 << 20  # pixels
LARGE_SHIFT = 1.0
_BY_CHANCE = 0.01
_LEAST_SPREAD = 0.5  # gray values: below this a change is not seen, and identical images would make it infinite


def brightness(gray: NDArray[np.generic], domain: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Mean gray value and contrast of an image (H, W, C), inside its domain; gray values 0 to 255."""
    pixels = gray if domain is None else gray[domain]
    if pixels.size <= _AT_ONCE:
        values = pixels.astype(np.float64)
        return float(values.mean()), float(values.std())
    # A part at a time: a large image as float64 would take twice its memory.
    pixels, mean = pixels.ravel(), pixels.mean(dtype=np.float64)
    parts = (pixels[first : first + _AT_ONCE].astype(np.float64) for first in range(0, pixels.size, _AT_ONCE))
    return float(mean), float(np.sqrt(sum(np.square(part - mean).sum() for part in parts) / pixels.size))


def shift(train: list[float], test: list[float]) -> float | None:
    """Standardised difference of the means; None with fewer than five images on a side.

    Examples
    --------
    >>> round(shift([100.0, 102, 98, 101, 99], [110.0, 112, 108, 111, 109]), 1)
    6.3
    """
    if min(len(train), len(test)) < MIN_IMAGES:
        return None
    spread = np.sqrt((np.var(train, ddof=1) + np.var(test, ddof=1)) / 2)
    return float((np.mean(test) - np.mean(train)) / max(spread, _LEAST_SPREAD))


def is_changed(train: list[float], test: list[float]) -> bool:
    """Whether the light changed: by much, and not by chance.

    Examples
    --------
    >>> is_changed([100.0, 102, 98, 101, 99], [110.0, 112, 108, 111, 109])
    True
    """
    size = shift(train, test)
    if size is None or abs(size) < LARGE_SHIFT:
        return False
    variances = [max(float(np.var(values, ddof=1)), _LEAST_SPREAD**2) / len(values) for values in (train, test)]
    statistic = abs(np.mean(test) - np.mean(train)) / np.sqrt(sum(variances))
    # The smaller number of degrees of freedom: Welch's own lies above it, so this is the more careful one.
    return bool(2 * t.sf(statistic, min(len(train), len(test)) - 1) < _BY_CHANCE)
