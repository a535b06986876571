"""The domain: where an image counts, as a bool mask (H, W)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bounding_box(domain: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the smallest rectangle around the domain, which must not be empty."""
    rows, columns = np.flatnonzero(domain.any(axis=1)), np.flatnonzero(domain.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def cells_inside(domain: NDArray[np.bool_], n_rows: int, n_columns: int) -> NDArray[np.bool_]:
    """Cells of a grid over the image that hold at least one pixel of the domain.

    Parameters
    ----------
    domain : array (H, W), bool
        H and W are multiples of `n_rows` and `n_columns`.
    """
    cells = domain.reshape(n_rows, domain.shape[0] // n_rows, n_columns, domain.shape[1] // n_columns)
    touched: NDArray[np.bool_] = np.any(cells, axis=(1, 3))
    return touched
