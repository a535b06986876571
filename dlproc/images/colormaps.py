"""The colours of scores: HALCON's colour schemes, and viridis, without a plotting library."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dlproc.images.overlay import color_scores

COLOR_SCHEMES = ("jet", "inverse_jet", "hot", "inverse_hot", "viridis")


def colored(values: NDArray[np.floating], scheme: str) -> NDArray[np.uint8]:
    """Colours of values.

    Parameters
    ----------
    values : array (H, W)
        0 to 1.
    scheme : str
        One of `COLOR_SCHEMES`: 'jet' goes from blue over green to red, 'hot' from black over red and yellow to white;
        'inverse_…' the other way round.

    Returns
    -------
    array (H, W, 3), uint8

    Examples
    --------
    >>> import numpy as np
    >>> colored(np.array([[0.0, 0.5, 1.0]]), "hot").tolist()
    [[[0, 0, 0], [255, 128, 0], [255, 255, 255]]]
    """
    share = np.clip(np.asarray(values, np.float64), 0, 1)
    if scheme == "viridis":
        return color_scores(share.astype(np.float32))
    share = 1 - share if scheme.startswith("inverse") else share
    if scheme.endswith("jet"):
        channels = [1.5 - np.abs(4 * share - middle) for middle in (3, 2, 1)]
    else:
        channels = [3 * share - first for first in (0, 1, 2)]
    return np.rint(255 * np.clip(np.stack(channels, axis=-1), 0, 1)).astype(np.uint8)
