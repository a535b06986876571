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

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_BLOCK = 512
_MAX_DISTANCES = 1 << 21  # distances held at once: 8 MB
_ROUNDING = 1e-6  # a radius that is above the wanted one by less than float32 can tell counts as reached


class KCentre:
    """Greedy k-centre that grows in steps.

    Parameters
    ----------
    patches : Tensor (N, D), float32
        The candidates.
    first : int
        Index of the patch to start from.
    chosen, distances : list of int and Tensor (N,), optional
        Where an earlier run had arrived; the choice goes on from there as if it had never stopped.

    Attributes
    ----------
    chosen : list of int
        Indices of the chosen patches, in the order of their choice.
    distances : Tensor (N,)
        Squared distance of each patch to the nearest chosen one.
    first_radius : float
        The radius with one patch.
    """

    def __init__(
        self, patches: Tensor, first: int, chosen: Sequence[int] = (), distances: Tensor | None = None
    ) -> None:
        self.patches = patches
        blocks = patches.split(max(1, _MAX_DISTANCES // patches.shape[1]))
        self.squares = torch.cat([(block * block).sum(dim=1) for block in blocks])
        self.distances = torch.full_like(self.squares, torch.inf)
        self.chosen: list[int] = []
        self._add([first])
        self.first_radius = self.radius()
        if distances is not None:
            self.chosen, self.distances = list(chosen), distances.to(patches.device)

    def radius(self) -> float:
        """Largest distance of a patch to the nearest chosen one."""
        return float(self.distances.max().clamp(min=0).sqrt())

    def grow(
        self, n_centres: int, on_step: Callable[[int], object] = lambda n: None, least_radius: float = 0.0
    ) -> None:
        """Add patches until `n_centres` are chosen, or the radius is at most `least_radius`: not one more.

        `on_step` is told how many were added, for a progress bar and for keeping the state.
        """
        n_centres = min(n_centres, len(self.patches))
        least_radius *= 1 + _ROUNDING
        while len(self.chosen) < n_centres and self.radius() > least_radius:
            picked = self._pick_from_block(n_centres - len(self.chosen), least_radius)
            self._add(picked)
            on_step(len(picked))

    def _pick_from_block(self, n_most: int, least_radius: float) -> list[int]:
        """The next choices, at least one, as far as the block of the farthest patches can tell."""
        n_block = min(_BLOCK, len(self.patches) - 1)
        farthest = torch.topk(self.distances, n_block + 1)
        bound = farthest.values[-1]  # nothing outside the block is farther
        block = farthest.indices[:-1] if n_block else farthest.indices
        distances = self.distances[block].clone()
        between = (
            torch.cdist(self.patches[block], self.patches[block], compute_mode="donot_use_mm_for_euclid_dist") ** 2
        )
        # Near the wanted radius one at a time, so that the radius of all patches is looked at before the next.
        enough = (least_radius * 1.001) ** 2
        picked: list[int] = []
        while len(picked) < n_most:
            index = int(distances.argmax())
            if picked and (distances[index] <= enough or distances[index] < bound):
                break
            picked.append(int(block[index]))
            distances = torch.minimum(distances, between[index])
        return picked

    def _add(self, indices: list[int]) -> None:
        centres, squares = self.patches[indices], self.squares[indices]
        for rows in torch.arange(len(self.patches)).split(max(1, _MAX_DISTANCES // len(indices))):
            part = slice(int(rows[0]), int(rows[-1]) + 1)
            distances = torch.addmm(self.squares[part, None], self.patches[part], centres.T, alpha=-2.0) + squares
            self.distances[part] = torch.minimum(self.distances[part], distances.min(dim=1).values)
        self.distances[indices] = 0.0  # exactly, whatever rounding says
        self.chosen += indices
