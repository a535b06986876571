"""A few patches that stand for many: greedy k-centre.

Starting from one patch, the patch farthest from all chosen ones is added again and again. The largest distance that is
left, the covering radius, falls with each; no choice of k patches has less than half of its radius [1]_.

The plain loop reads all patches once for each choice and waits for the memory. Here many are chosen per reading, and
the result is the same: a patch's distance to the chosen ones can only fall, so within the block of the farthest patches
the loop may go on as long as its farthest is at least as far as anything outside the block was.

References
----------
.. [1] T. F. Gonzalez: Clustering to minimize the maximum intercluster distance. Theoretical Computer Science 38, 1985.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_BLOCK = 512


class KCentre:
    """Greedy k-centre that grows in steps.

    Parameters
    ----------
    patches : Tensor (N, D), float32
        The candidates.
    first : int
        Index of the patch to start from.

    Attributes
    ----------
    chosen : list of int
        Indices of the chosen patches, in the order of their choice.
    """

    def __init__(self, patches: Tensor, first: int) -> None:
        self.patches = patches
        self.squares = (patches * patches).sum(dim=1)
        self.distances = torch.full_like(self.squares, torch.inf)  # squared, to the nearest chosen patch
        self.chosen: list[int] = []
        self._add([first])
        self.first_radius = self.radius()

    def radius(self) -> float:
        """Largest distance of a patch to the nearest chosen one."""
        return float(self.distances.max().clamp(min=0).sqrt())

    def grow(self, n_centres: int, on_step: Callable[[int], object] = lambda n: None) -> None:
        """Add patches until `n_centres` are chosen, or none is left that differs from a chosen one.

        `on_step` is told how many were added, for a progress bar.
        """
        n_centres = min(n_centres, len(self.patches))
        while len(self.chosen) < n_centres:
            picked = self._pick_from_block(n_centres - len(self.chosen))
            if not picked:
                return
            self._add(picked)
            on_step(len(picked))

    def _pick_from_block(self, n_most: int) -> list[int]:
        """The next choices, as far as the block of the farthest patches can tell."""
        n_block = min(_BLOCK, len(self.patches) - 1)
        farthest = torch.topk(self.distances, n_block + 1)
        bound = farthest.values[-1]  # nothing outside the block is farther
        block = farthest.indices[:-1] if n_block else farthest.indices
        distances = self.distances[block].clone()
        between = (
            torch.cdist(self.patches[block], self.patches[block], compute_mode="donot_use_mm_for_euclid_dist") ** 2
        )
        picked: list[int] = []
        while len(picked) < n_most:
            index = int(distances.argmax())
            if distances[index] <= 0 or (picked and distances[index] < bound):
                break
            picked.append(int(block[index]))
            distances = torch.minimum(distances, between[index])
        return picked

    def _add(self, indices: list[int]) -> None:
        centres = self.patches[indices]
        squares = torch.addmm(self.squares[:, None], self.patches, centres.T, alpha=-2.0) + self.squares[indices]
        self.distances = torch.minimum(self.distances, squares.min(dim=1).values)
        self.distances[indices] = 0.0  # exactly, whatever rounding says
        self.chosen += indices
