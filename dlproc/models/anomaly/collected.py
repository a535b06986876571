"""What training keeps of the images while they pass by: memory does not grow with their number.

- Of some images, drawn at random, all features: for statistics of each place, and to treat images as if they were new.
  They are visited first, so that statistics are there when the others come.
- Of every image some patches, drawn at random: they compete for a place in the bank.

How much is kept is `Sizes`, which follows from the memory that training may take.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.errors import DLParamError

MEGABYTE = 1e6
LEAST_FIRST = 512  # candidates that the kept images give together at least: the first bank is chosen among them


@dataclass(frozen=True)
class Sizes:
    """How much is kept.

    Attributes
    ----------
    n_kept : int
        Images whose features are kept.
    n_candidates : int
        Most patches that compete for the bank.
    """

    n_kept: int
    n_candidates: int


@dataclass(frozen=True)
class Costs:
    """Bytes that training takes."""

    fixed: float
    per_kept_image: float
    per_candidate: float

    def of(self, sizes: Sizes) -> float:
        """In all."""
        return self.fixed + self.per_kept_image * sizes.n_kept + self.per_candidate * sizes.n_candidates


def choose_sizes(least: Sizes, most: Sizes, costs: Costs, max_memory_mb: float | None, where: str) -> Sizes:
    """As much as the memory allows, and no more than is of use.

    Raises
    ------
    DLParamError
        Not even the least fits.
    """
    if max_memory_mb is None:
        return most
    allowed, needed = max_memory_mb * MEGABYTE, costs.of(least)
    if allowed < needed:
        expected = f"at least {math.ceil(needed / MEGABYTE)} MB for images of this size and this many patches"
        hint = "a smaller image_width, image_height, complexity or domain_ratio needs less"
        raise DLParamError(f"{where}['max_memory_mb']", expected, f"{max_memory_mb:g}", hint)
    share = min(1.0, (allowed - needed) / max(costs.of(most) - needed, 1.0))
    return Sizes(
        least.n_kept + math.floor(share * (most.n_kept - least.n_kept)),
        least.n_candidates + math.floor(share * (most.n_candidates - least.n_candidates)),
    )


class Collected:
    """What is kept, filled image by image in the order of `order`.

    Attributes
    ----------
    order : list of int
        Numbers of the images as they are to be visited; those whose features are kept come first.
    kept : list of int
        Numbers of the images whose features are kept, in a random order.
    n_done : int
        How many images of `order` were added.
    n_new_bytes : int
        How much was added since the last part was taken.
    features : Tensor (n_kept, P, C)
    inside : Tensor (n_kept, P), bool
    candidates : Tensor (n, D)
        Of which the first `n_filled` are there.
    candidate_image, candidate_position : array (n,)
        Number of the image, and cell in it, that a candidate is from.
    """

    def __init__(self, n_images: int, sizes: Sizes, grid: tuple[int, int], generator: np.random.Generator) -> None:
        self.n_images = n_images
        self.grid = grid
        self.generator = generator
        self.kept: list[int] = generator.permutation(n_images)[: sizes.n_kept].tolist()
        if len(self.kept) == n_images:
            self.order = list(range(n_images))
        else:
            self.order = [*self.kept, *np.setdiff1d(np.arange(n_images), self.kept).tolist()]
        self._row = {image: row for row, image in enumerate(self.kept)}
        self._sizes = sizes
        n_reserved = sum(self._quota(visit) for visit in range(n_images))
        self.candidate_image = np.zeros(n_reserved, np.int64)
        self.candidate_position = np.zeros(n_reserved, np.int64)
        self.features, self.inside, self.candidates = torch.empty(0), torch.empty(0), torch.empty(0)
        self.n_filled = 0
        self.n_done = 0
        self._last_state = generator.bit_generator.state  # behind the last image that was added completely
        self._part_from, self._filled_from = 0, 0  # what is not yet in a part begins here
        self.n_new_bytes = 0  # and takes so much

    def add(self, features: Tensor, bank_features: Tensor, inside: NDArray[np.bool_]) -> None:
        """Take note of the next images: features (N, P, C), of the bank (N, P, D), cells that count (N, h, w).

        All of them or, when interrupted, none.
        """
        if self.n_done == 0:
            self._reserve(features[0], bank_features[0])
        n_done, n_filled, n_bytes = self.n_done, self.n_filled, self.n_new_bytes
        for own, own_bank, flat in zip(features, bank_features, inside.reshape(len(inside), -1), strict=True):
            number = self.order[n_done]
            row = self._row.get(number)
            if row is not None:
                self.features[row] = own
                self.inside[row] = torch.from_numpy(flat)
                n_bytes += 4 * own.numel()
            chosen = np.sort(self.generator.permutation(np.flatnonzero(flat))[: self._quota(n_done)])
            place = slice(n_filled, n_filled + len(chosen))
            self.candidates[place] = own_bank[torch.from_numpy(chosen).to(own_bank.device)]
            self.candidate_image[place] = number
            self.candidate_position[place] = chosen
            n_done, n_filled, n_bytes = n_done + 1, place.stop, n_bytes + 4 * len(chosen) * own_bank.shape[1]
        state = self.generator.bit_generator.state
        self.n_done, self.n_filled, self.n_new_bytes, self._last_state = n_done, n_filled, n_bytes, state

    def take_part(self) -> dict[str, Any]:
        """What was added since the last part, for a file."""
        rows = self._rows(self._part_from, self.n_done)
        filled = slice(self._filled_from, self.n_filled)
        part = {
            "first": self._part_from,
            "last": self.n_done,
            "features": self.features[rows].cpu().numpy() if rows else np.empty(0, np.float32),
            "inside": self.inside[rows].cpu().numpy() if rows else np.empty(0, np.bool_),
            "candidates": self.candidates[filled].cpu().numpy(),
            "candidate_image": self.candidate_image[filled],
            "candidate_position": self.candidate_position[filled],
            "generator": self._last_state,
        }
        self._part_from, self._filled_from, self.n_new_bytes = self.n_done, self.n_filled, 0
        return part

    def restore(self, part: Mapping[str, Any], device: torch.device) -> None:
        """The inverse of `take_part`, on a fresh object."""
        candidates = torch.from_numpy(part["candidates"]).to(device)
        rows = self._rows(part["first"], part["last"])
        if rows:
            features = torch.from_numpy(part["features"]).to(device)
            if self.n_done == 0:
                self._reserve(features[0], candidates)
            self.features[rows] = features
            self.inside[rows] = torch.from_numpy(part["inside"]).to(device)
        filled = slice(self.n_filled, self.n_filled + len(candidates))
        self.candidates[filled] = candidates
        self.candidate_image[filled] = part["candidate_image"]
        self.candidate_position[filled] = part["candidate_position"]
        self.generator.bit_generator.state = self._last_state = part["generator"]
        self.n_filled, self.n_done = filled.stop, part["last"]
        self._part_from, self._filled_from = self.n_done, self.n_filled

    def drop_features(self) -> None:
        """They are used up."""
        self.features = torch.empty(0)

    def _rows(self, first: int, last: int) -> list[int]:
        return [self._row[number] for number in self.order[first:last] if number in self._row]

    def _quota(self, visit: int) -> int:
        """How many patches of an image compete: as many of each or, where that would leave the first bank hardly any,
        more of the kept ones, and what remains of the others; of more images than patches, every so many gives one.
        """
        n_most, n_kept, n_cells = self._sizes.n_candidates, len(self.kept), self.grid[0] * self.grid[1]
        n_of_kept = -(-min(LEAST_FIRST, n_most // 2) // n_kept)
        if n_kept == self.n_images or n_most // self.n_images >= n_of_kept:
            return min(max(n_most // self.n_images, 1), n_cells)
        if visit < n_kept:
            return min(n_of_kept, n_cells)
        n_left, n_others, place = n_most - n_kept * n_of_kept, self.n_images - n_kept, visit - n_kept
        return min((place + 1) * n_left // n_others - place * n_left // n_others, n_cells)

    def _reserve(self, features: Tensor, bank_features: Tensor) -> None:
        n_kept, n_cells = len(self.kept), self.grid[0] * self.grid[1]
        self.features = features.new_empty((n_kept, *features.shape))
        self.inside = torch.zeros((n_kept, n_cells), dtype=torch.bool, device=features.device)
        self.candidates = bank_features.new_empty((len(self.candidate_image), bank_features.shape[-1]))
