"""Patch statistics: what good images look like at each place, and anywhere.

Features of a pretrained network are read on a grid of one patch for 16 x 16 pixels. Two questions are asked of each
patch:

1. *Is this normal here?* A Gaussian for each place (`dlproc.features.gaussian`). Sharp where the parts are aligned.
2. *Has anything like it been seen anywhere?* The distance to the nearest of a bank of patches, chosen by greedy
k-centre
   (`dlproc.features.coreset`). Robust where the parts move.

Both answers are brought to one scale with good images that are treated as if they were new: 0 is what good images show
at this place on average, 1 is one standard deviation above. Their mean is the distance; `dlproc.scores` makes it a
score.

Why these two, these stages and these numbers: `benchmarks/ablation.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from dlproc.features.backbone import Backbone
from dlproc.features.coreset import KCentre
from dlproc.features.gaussian import PositionGaussians, fit_position_gaussians
from dlproc.features.neighbours import nearest_distance
from dlproc.features.patches import on_one_grid, smooth_grid

STRIDE = 16  # pixels per patch
STAGES = (3, 4, 5, 6)
LAST_STAGE = max(STAGES)
_BANK_STAGE = 5
_BANK_CAPACITY = 1000  # patches for complexity 1 and domain_ratio 1
_MAX_CANDIDATES = 60_000  # patches that compete for a place in the bank, drawn at random
_EPOCHS_TO_FULL = 10
_MAX_FEATURE_BYTES = 256 << 20  # features kept for the Gaussians; of more images a random part is taken
_N_CALIBRATION = 32  # images treated as if they were new
_LEAST_SPREAD = 0.01
_CALIBRATION_PRIOR = 8.0  # the image as a whole counts as much as so many images at one place


@dataclass(frozen=True)
class Reference:
    """What training learnt, as tensors on the model's device.

    Attributes
    ----------
    gaussians : PositionGaussians
        Question 1.
    bank : Tensor (M, D)
        Question 2: patches of stage 5, standardised by `bank_center` and `bank_weight` (D,).
    level, spread : Tensor (2, P)
        For both questions what good images show at each place: mean and standard deviation of the distance.
    grid : (int, int)
        Rows and columns of patches.
    """

    gaussians: PositionGaussians
    bank: Tensor
    bank_center: Tensor
    bank_weight: Tensor
    bank_squares: Tensor
    level: Tensor
    spread: Tensor
    grid: tuple[int, int]

    def distance_maps(self, backbone: Backbone, images: Tensor, inside: Tensor) -> Tensor:
        """How far each pixel is from what good images show, in standard deviations.

        Parameters
        ----------
        images : Tensor (N, 3, H, W)
            The network's input.
        inside : Tensor (N, h, w), float
            1 for cells that touch the image's domain, 0 for the others, which do not count.

        Returns
        -------
        Tensor (N, H, W)
            Interpolated between the cells that count; without meaning outside the domain.
        """
        features, bank_features = extract(backbone, images, self.grid)
        n_images = len(images)
        here = self.gaussians.distances(features)
        standardised = (bank_features - self.bank_center) * self.bank_weight
        anywhere = nearest_distance(standardised.flatten(0, 1), self.bank, self.bank_squares).view(n_images, -1)
        both = (torch.stack([here, anywhere], dim=1) - self.level) / self.spread  # (N, 2, P)
        weights = inside[:, None]
        weighted = torch.cat([both.mean(dim=1).view_as(weights) * weights, weights], dim=1)
        maps = functional.interpolate(weighted, size=images.shape[-2:], mode="bilinear", align_corners=False)
        return maps[:, 0] / maps[:, 1].clamp(min=1e-6)  # the mean of the cells around that count

    def n_numbers(self) -> int:
        """How many numbers were learnt."""
        return sum(tensor.numel() for tensor in self._tensors().values())

    def to(self, device: torch.device) -> Reference:
        """The same on another device."""
        return Reference.from_tensors({name: t.to(device) for name, t in self._tensors().items()}, self.grid)

    def to_tree(self) -> dict[str, Any]:
        """As arrays for a file; the large ones as float16, which holds them exactly (`_representable`)."""
        arrays = {name: tensor.cpu().contiguous().numpy() for name, tensor in self._tensors().items()}
        for name in ("whitening", "bank"):
            arrays[name] = arrays[name].astype(np.float16)
        del arrays["bank_squares"]
        return {"grid": list(self.grid), **arrays}

    def _tensors(self) -> dict[str, Tensor]:
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("gaussians", "grid")}
        return {f.name: getattr(self.gaussians, f.name) for f in fields(self.gaussians)} | own

    @staticmethod
    def from_tensors(tensors: Mapping[str, Tensor], grid: tuple[int, int]) -> Reference:
        """Put together from the tensors by name."""
        gaussian_names = {f.name for f in fields(PositionGaussians)}
        gaussians = PositionGaussians(**{name: tensors[name] for name in gaussian_names})
        return Reference(gaussians, **{n: t for n, t in tensors.items() if n not in gaussian_names}, grid=grid)


def read_reference(tree: Mapping[str, Any]) -> Reference:
    """The inverse of `Reference.to_tree`, on the CPU."""
    # A clone lies where torch's own allocator puts it; NumPy's memory is aligned now one way, now another.
    arrays = {n: torch.from_numpy(array.astype(np.float32)).clone() for n, array in tree.items() if n != "grid"}
    arrays["bank_squares"] = arrays["bank"].square().sum(dim=1)
    return Reference.from_tensors(arrays, (int(tree["grid"][0]), int(tree["grid"][1])))


def extract(backbone: Backbone, images: Tensor, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Features of all stages (N, P, C), and of the bank's stage (N, P, D), on the grid."""
    maps = backbone(images, STAGES)
    bank_map = maps[STAGES.index(_BANK_STAGE)]
    return on_one_grid(maps, grid), on_one_grid([bank_map], grid)


def train(
    backbone: Backbone,
    images: Iterable[tuple[Tensor, NDArray[np.bool_]]],
    n_images: int,
    anomaly_param: Mapping[str, Any],
    complexity: int,
    generator: np.random.Generator,
    show_progress: bool,
) -> tuple[Reference, float, int]:
    """Learn from good images, each visited once.

    Parameters
    ----------
    backbone : Backbone
        The pretrained network.
    images : iterable of (Tensor (1, 3, H, W), array (h, w))
        The network's input and which patches count; `n_images` of them.
    anomaly_param : mapping
        Checked ``AnomalyTrainParam``.
    complexity : int
        With the domain ratio the capacity of the bank: 1000 * complexity * domain_ratio patches.
    generator : numpy Generator
        Draws which images and patches are kept where not all can be.

    Returns
    -------
    reference : Reference
    final_error : float
        Covering radius of the bank as a share of what it was with one patch.
    final_epoch : int
        Epoch in which the bank was full or good enough.
    """
    collected = _Collected(n_images, generator)
    capacity = max(1, round(_BANK_CAPACITY * complexity * anomaly_param["domain_ratio"]))
    with torch.inference_mode():
        for image, inside in images:
            features, bank_features = extract(backbone, image, inside.shape)
            collected.add(features[0], bank_features[0], inside)
        bank, final_error, final_epoch = _grow_bank(collected, anomaly_param, capacity, show_progress)
        reference = _calibrate(collected, bank, float(anomaly_param["regularization_noise"]))
    # Through the form of a file and back: what is used from now on is what a file will give, down to the memory layout,
    # on which the last bit of a matrix product depends.
    restored = read_reference(reference.to_tree()).to(reference.bank.device)
    return restored, final_error, final_epoch


class _Collected:
    """What is kept of the images while they pass by: memory does not grow with their number."""

    def __init__(self, n_images: int, generator: np.random.Generator) -> None:
        self.n_images = n_images
        self.generator = generator
        self.kept: list[int] = []  # numbers of the images whose features are kept, in a random order
        self.place: dict[int, int] = {}  # where in `kept` an image is
        self.features = torch.empty(0)  # (n_kept, P, C)
        self.bank_features = torch.empty(0)  # (n_calibration, P, D)
        self.inside = torch.empty(0)  # (n_kept, P)
        self.candidates: list[Tensor] = []
        self.candidate_image: list[NDArray[np.intp]] = []
        self.candidate_position: list[NDArray[np.intp]] = []
        self.grid = (0, 0)
        self.n_seen = 0

    def add(self, features: Tensor, bank_features: Tensor, inside: NDArray[np.bool_]) -> None:
        """Take note of one image: features (P, C), of the bank's stage (P, D), cells that count (h, w)."""
        if self.n_seen == 0:
            self._begin(features, bank_features, inside.shape)
        flat = inside.ravel()
        if self.n_seen in self.place:
            place = self.place[self.n_seen]
            self.features[place] = features
            self.inside[place] = torch.from_numpy(flat)
            if place < len(self.bank_features):
                self.bank_features[place] = bank_features
        positions = np.flatnonzero(flat)
        n_candidates = min(len(positions), max(1, _MAX_CANDIDATES // self.n_images))
        chosen = np.sort(self.generator.permutation(positions)[:n_candidates])
        self.candidates.append(bank_features[torch.from_numpy(chosen).to(bank_features.device)])
        self.candidate_image.append(np.full(len(chosen), self.n_seen))
        self.candidate_position.append(chosen)
        self.n_seen += 1

    def _begin(self, features: Tensor, bank_features: Tensor, grid: tuple[int, int]) -> None:
        self.grid = grid
        n_kept = min(self.n_images, max(_N_CALIBRATION, _MAX_FEATURE_BYTES // (features.numel() * 4)))
        self.kept = self.generator.permutation(self.n_images)[:n_kept].tolist()
        self.place = {image: place for place, image in enumerate(self.kept)}
        n_calibration = min(n_kept, _N_CALIBRATION)
        self.features = features.new_empty((n_kept, *features.shape))
        self.bank_features = bank_features.new_empty((n_calibration, *bank_features.shape))
        self.inside = torch.zeros((n_kept, features.shape[0]), dtype=torch.bool, device=features.device)


@dataclass(frozen=True)
class _Bank:
    """The bank, and where each of its patches is from."""

    patches: Tensor  # (M, D), standardised
    center: Tensor
    weight: Tensor
    image: NDArray[np.intp]  # (M,)
    position: NDArray[np.intp]  # (M,)


def _grow_bank(
    collected: _Collected, anomaly_param: Mapping[str, Any], capacity: int, show_progress: bool
) -> tuple[_Bank, float, int]:
    """Choose the bank's patches, a tenth of its capacity in each epoch."""
    candidates = torch.cat(collected.candidates)
    collected.candidates.clear()
    center, deviation = candidates.mean(dim=0), candidates.std(dim=0, correction=0)
    weight = 1 / (deviation + 0.1 * deviation.mean() + 1e-3)
    candidates = (candidates - center) * weight
    centres = KCentre(candidates, first=int(collected.generator.integers(len(candidates))))
    error, epoch = 1.0, 0
    with tqdm(
        total=min(capacity, len(candidates)), desc="Building the bank", unit="patch", disable=not show_progress
    ) as progress:
        progress.update(1)
        for epoch in range(1, anomaly_param["max_num_epochs"] + 1):
            centres.grow(min(capacity, -(-capacity * epoch // _EPOCHS_TO_FULL)), progress.update)
            error = centres.radius() / centres.first_radius if centres.first_radius > 0 else 0.0
            if error <= anomaly_param["error_threshold"] or len(centres.chosen) >= min(capacity, len(candidates)):
                break
    chosen = centres.chosen
    bank = _Bank(
        patches=_representable(candidates[chosen]),
        center=center,
        weight=weight,
        image=np.concatenate(collected.candidate_image)[chosen],
        position=np.concatenate(collected.candidate_position)[chosen],
    )
    return bank, min(error, 1.0), epoch


def _calibrate(collected: _Collected, bank: _Bank, noise: float) -> Reference:
    """Fit the Gaussians, and find what both distances are for good images that are new."""
    n_calibration = len(collected.bank_features)
    inside = collected.inside
    gaussians, here = fit_position_gaussians(collected.features, inside, noise, n_calibration)
    gaussians = PositionGaussians(gaussians.projection, gaussians.mean, _representable(gaussians.whitening))
    anywhere = torch.stack(
        [
            _distance_without(collected, bank, (collected.bank_features[place] - bank.center) * bank.weight, place)
            for place in range(n_calibration)
        ]
    )
    dimensions = gaussians.mean.shape[1], bank.patches.shape[1]
    levels, spreads = zip(
        *(
            _level_and_spread(distances, inside[:n_calibration], collected.grid, n_dimensions)
            for distances, n_dimensions in zip((here, anywhere), dimensions, strict=True)
        ),
        strict=True,
    )
    # Of a place that no training image has inside its domain the Gaussians say nothing.
    spreads[0][~inside.any(dim=0)] = torch.inf
    return Reference(
        gaussians,
        bank.patches,
        bank.center,
        bank.weight,
        bank.patches.square().sum(dim=1),
        torch.stack(levels),
        torch.stack(spreads),
        collected.grid,
    )


def _distance_without(collected: _Collected, bank: _Bank, patches: Tensor, place: int) -> Tensor:
    """Distance of an image's patches (P, D) to the bank without those of its own; (P,)."""
    is_other = torch.from_numpy(bank.image != collected.kept[place])
    if is_other.any():
        others = bank.patches[is_other.to(patches.device)]
        return nearest_distance(patches, others, others.square().sum(dim=1))
    # A single image is all there is: without the patch's own neighbourhood, an eighth of the image to each side.
    rows, columns = np.divmod(np.arange(len(patches)), collected.grid[1])
    bank_rows, bank_columns = np.divmod(bank.position, collected.grid[1])
    apart = np.maximum(np.abs(rows[:, None] - bank_rows), np.abs(columns[:, None] - bank_columns))
    is_near = apart < max(min(collected.grid) // 8, 1)
    is_near &= ~is_near.all(axis=1, keepdims=True)
    distances = torch.cdist(patches, bank.patches)
    distances[torch.from_numpy(is_near).to(patches.device)] = torch.inf
    return distances.min(dim=1).values


def _level_and_spread(
    distances: Tensor, inside: Tensor, grid: tuple[int, int], n_dimensions: int
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of distances (n, P) at each place, smoothed, shrunk to those of the whole image."""
    counts = inside.sum(dim=0)

    def at_each_place(values: Tensor) -> Tensor:
        """Mean of (n, P) over the images, over 5 x 5 places, and over the whole image as a prior."""
        total = smooth_grid((values * inside).sum(dim=0), grid, 5)
        overall = values[inside].mean()
        return (total + _CALIBRATION_PRIOR * overall) / (smooth_grid(counts.float(), grid, 5) + _CALIBRATION_PRIOR)

    level = at_each_place(distances)
    variance = at_each_place((distances - level).square())
    # Images that are all the same show no spread at all: a share of what unit noise in each dimension would show.
    return level, variance.sqrt().clamp(min=_LEAST_SPREAD * n_dimensions**0.5)


def _representable(tensor: Tensor) -> Tensor:
    """Rounded to what float16 holds, so that a file can be half as large and give the same scores to the last bit."""
    return tensor.half().float()
