"""Which training images look bad: their distance from what the others show is far above that of most.

Each image has one number, how far it is when the others are what is known. Most are good; where the bad ones are is
not known. So the middle and the spread are taken from the median, which a few bad ones cannot move: the median, and
1.4826 times the median absolute deviation, which is the standard deviation of numbers that are normally distributed
[1]_. Reported is what lies four such deviations above.

Good images have a long tail: of 250 good ones 2 to 4 are reported, the oddest. One or two defective ones among 250
images were all found, of five 7 in 10. Among 20 or 50 images only 1 or 2 in 10 are found: what is learnt of so few
images, a bad one has changed too much (`benchmarks/extend.py`, ``results.json``). It is a list to look at, not a
decision.

References
----------
.. [1] C. Leys et al.: Detecting outliers: do not use standard deviation around the mean, use absolute deviation around
   the median. Journal of Experimental Social Psychology 49, 2013.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MIN_IMAGES = 10  # of fewer the median absolute deviation says little
LEAST_DEVIATIONS = 4.0
_TO_STANDARD_DEVIATION = 1.4826
_LEAST_SPREAD = 0.1  # images that are all the same show none


def suspicious_distances(
    distances: NDArray[np.float32], fingerprints: NDArray[np.uint64] | None = None
) -> list[tuple[int, float]]:
    """Index, and how many robust standard deviations above the median, of the suspicious ones; the farthest first.

    Parameters
    ----------
    distances : array (n,)
        One for each image; higher is less like the others.
    fingerprints : array (n,), optional
        Equal for images that are the same: of copies one counts for the median and the spread, because they do not show
        how images differ.

    Examples
    --------
    >>> suspicious_distances(np.array([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 30], np.float32))
    [(10, 18.9)]
    """
    values = distances.astype(np.float64)
    distinct = values if fingerprints is None else values[np.unique(fingerprints, return_index=True)[1]]
    if len(distinct) < MIN_IMAGES:
        return []
    middle = np.median(distinct)
    spread = max(_TO_STANDARD_DEVIATION * float(np.median(np.abs(distinct - middle))), _LEAST_SPREAD)
    deviations = (values - middle) / spread
    order = np.argsort(-deviations, kind="stable")
    return [
        (int(index), round(float(deviations[index]), 1)) for index in order if deviations[index] >= LEAST_DEVIATIONS
    ]
