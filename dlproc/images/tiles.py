"""Tiles: where a large image is cut, and how the parts are blended, along one axis at a time.

All tiles have the same size and lie on multiples of `STEP`, the coarsest stride of the networks, so that their feature
maps lie on one grid. Neighbours overlap. Near the border of a tile a network sees less of what is around; so within the
overlap a tile's weight falls to its border, and the neighbour's rises as much: the weights of all tiles sum to 1
everywhere, and no seam is left.

A length is in pixels, or in cells of a feature map: the functions count in whatever they are given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP = 32  # pixels


def padded_length(length: int) -> int:
    """The next multiple of `STEP`: what an image is brought to before it is cut.

    Examples
    --------
    >>> padded_length(4000), padded_length(3000)
    (4000, 3008)
    """
    return -(-length // STEP) * STEP


def tile_starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where the tiles begin that cover a length; the last one is shifted inwards, so that it has full size.

    Parameters
    ----------
    length, tile, overlap : int
        Neighbours overlap by `overlap` at least. tile <= length; where it is less, 0 <= overlap < tile.

    Examples
    --------
    >>> tile_starts(length=1000, tile=400, overlap=100)
    [0, 300, 600]
    >>> tile_starts(length=1100, tile=400, overlap=100)
    [0, 300, 600, 700]
    """
    if tile == length:
        return [0]
    return [*range(0, length - tile, tile - overlap), length - tile]


def blend_weights(length: int, starts: list[int], tile: int, overlap: int) -> NDArray[np.float32]:
    """Weight of each cell of each tile along one axis; over all tiles that hold a place they sum to 1.

    Parameters
    ----------
    length : int
        Cells of the whole axis.
    starts : list of int
        First cell of each tile, ascending, as of `tile_starts`.
    tile, overlap : int
        Cells of a tile, and over how many its weight falls to its border. At the ends of the axis it does not fall.

    Returns
    -------
    array (n_tiles, tile), float32

    Examples
    --------
    >>> blend_weights(6, [0, 2], tile=4, overlap=2)
    array([[1., 1., 1., 0.],
           [0., 1., 1., 1.]], dtype=float32)
    >>> blend_weights(8, [0, 2], tile=6, overlap=4)[0]
    array([1.  , 1.  , 1.  , 0.75, 0.25, 0.  ], dtype=float32)
    """
    # Nothing in the outer quarter of the overlap, where features are least right, everything in the inner quarter.
    ramp = np.clip((np.arange(tile) + 0.5 - overlap / 4) / (overlap / 2 or 1), 0, 1)
    total = np.zeros(length)
    weights = np.ones((len(starts), tile))
    for weight, start in zip(weights, starts, strict=True):
        weight *= ramp if start > 0 else 1
        weight *= ramp[::-1] if start + tile < length else 1
        total[start : start + tile] += weight
    for weight, start in zip(weights, starts, strict=True):
        weight /= total[start : start + tile]
    return weights.astype(np.float32)
