"""Distance of each patch to the nearest patch of a bank, exactly."""

from __future__ import annotations

import torch
from torch import Tensor

_MAX_BLOCK = 1 << 23  # distances held at once: 32 MB


def nearest_distance(patches: Tensor, bank: Tensor, bank_squares: Tensor) -> Tensor:
    """Euclidean distance of each patch to its nearest neighbour in the bank.

    Parameters
    ----------
    patches : Tensor (N, D)
        What to look up.
    bank : Tensor (M, D)
        What was kept.
    bank_squares : Tensor (M,)
        Squared norms of the bank's rows, computed once.

    Returns
    -------
    Tensor (N,)
    """
    n_rows = max(1, _MAX_BLOCK // len(bank))
    distances = []
    # A graph that is written for other runtimes takes any number of images, so it cannot hold a number of blocks.
    for block in [patches] if torch.compiler.is_compiling() else patches.split(n_rows):
        # |p - b|² = |p|² + (|b|² - 2 p·b), and |p|² does not matter to which b is the nearest.
        nearest = torch.addmm(bank_squares, block, bank.T, alpha=-2.0).min(dim=1).indices
        # The distance itself from the difference: of a patch that is in the bank the formula above leaves the root of
        # a rounding error, which would depend on how many images went through the network together.
        distances.append(torch.linalg.vector_norm(block - bank[nearest], dim=1))
    return torch.cat(distances)
