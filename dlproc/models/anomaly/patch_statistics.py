"""Patch statistics: what good images look like at each place, and anywhere.

Features of a pretrained network are read on a grid of one patch for 16 x 16 pixels. Two questions are asked of each
patch:

1. *Is this normal here?* A Gaussian for each place (`dlproc.features.gaussian`). Sharp where the parts are aligned.
2. *Has anything like it been seen anywhere?* The distance to the nearest of a bank of patches, chosen by greedy
   k-centre (`dlproc.features.coreset`). Robust where the parts move.

Both answers are brought to one scale with good images that are treated as if they were new: 0 is what good images show
at this place on average, 1 is one standard deviation above. Their weighted mean is the distance; `dlproc.scores` makes
it a score.

The bank keeps patches as PatchCore does [1]_: the features as the network gives them, not standardised, the deeper
stage averaged over 3 x 3 cells, with zeros around the image, so that cells at the border count less.

Why these two, these stages and these numbers: `benchmarks/ablation.md`.

References
----------
.. [1] K. Roth et al.: Towards total recall in industrial anomaly detection. CVPR 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dlproc.features.backbone import Backbone, stage_channels
from dlproc.features.blocks import Blocks
from dlproc.features.coreset import KCentre
from dlproc.features.gaussian import N_DIRECTIONS, PositionGaussians, fit_position_gaussians
from dlproc.features.neighbours import nearest_distance
from dlproc.features.patches import on_one_grid, smooth_grid
from dlproc.features.tiled import PIXELS_AT_ONCE_CPU
from dlproc.images.tiles import padded_length
from dlproc.models.anomaly.arrays import check_arrays
from dlproc.models.anomaly.collected import LEAST_FIRST, Collected, Costs, Sizes, choose_sizes
from dlproc.models.threads import in_parallel, threads_by_load
from dlproc.models.training_images import Learnt, TrainingImages
from dlproc.schema.kinds import Mismatch, describe
from dlproc.scores import image_distance

STRIDE = 16  # pixels per patch
STAGES = (3, 4, 5, 6)
LAST_STAGE = max(STAGES)
VERSION = 2  # of what is learnt: a model of another version has other scores
_FINE_STAGE, _DEEP_STAGE = 3, 5  # of the bank
_WEIGHTS = (0.4, 0.6)  # of the two answers
_BANK_CAPACITY = 1000  # patches for complexity 1 and domain_ratio 1
_MAX_CANDIDATES = 60_000  # patches that compete for a place in the bank, drawn at random
_EPOCHS_TO_FULL = 10
_MAX_FEATURE_BYTES = 256 << 20  # features kept for the Gaussians; of more images a random part is taken
_N_CALIBRATION = 32  # images treated as if they were new
_LEAST_LARGE_IMAGES = 4  # whose features are kept, however large they are
_PATCHES_AT_ONCE = 4096
_LEAST_SPREAD = 0.01
_CALIBRATION_PRIOR = 16.0  # the image as a whole counts as much as so many images at one place
_HALF_IN_A_FILE = ("whitening", "bank")
_SHAPES = {  # of the arrays of a file; P places, C channels, K directions, B blocks, M patches in the bank
    "projection": "C K",
    "mean": "P K",
    "whitening": "B K K",
    "bank": "M D",
    "level": "2 P",
    "spread": "2 P",
    "counts": "2 P",
}
_MAX_AT_ONCE = 16  # small images that go through the network together
_PIXELS_AT_ONCE = 256 * 256
_FIXED_BYTES = 30e6  # the network's weights and the libraries' own blocks
_BYTES_PER_PIXEL = 400.0  # of images that go through the network together: the images, and the two widest layers
_BYTES_IN_FLIGHT = 512e6  # of what goes through the network in several threads, each with images of its own
_BYTES_PER_TILED_PIXEL = 64.0  # of an image that is cut into tiles: it itself, its gray values, the network's input
_CHECKPOINT_BYTES = 40e6  # a part that is written is in memory some times over
_COPIES_OF_PART = 6
_BYTES_PER_IMAGE = 120.0  # its number, notes and distance


# Features of all stages and of the bank, cells that count, and distances of images; see `_see`.
_Seen = tuple[Tensor, Tensor, NDArray[np.bool_], NDArray[np.float32] | None]


@dataclass(frozen=True)
class Reference:
    """What training learnt, as tensors on the model's device.

    Attributes
    ----------
    gaussians : PositionGaussians
        Question 1.
    bank : Tensor (M, D)
        Question 2: patches of two stages, see `bank_patches`.
    level, spread : Tensor (2, P)
        For both questions what good images show at each place: mean and standard deviation of the distance.
    counts : Tensor (2, P)
        How many images the Gaussian, and the level, of each place are from.
    grid : (int, int)
        Rows and columns of patches.
    """

    gaussians: PositionGaussians
    bank: Tensor
    bank_squares: Tensor
    level: Tensor
    spread: Tensor
    counts: Tensor
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
        distances = self.standardised(self.raw_distances(*extract(backbone, images, self.grid)))
        weights = inside[:, None]
        weighted = torch.cat([distances.view_as(weights) * weights, weights], dim=1)
        size = self.grid[0] * STRIDE, self.grid[1] * STRIDE  # with tiles the last cells may stand over
        maps = functional.interpolate(weighted, size=size, mode="bilinear", align_corners=False)
        maps = maps[:, :, : images.shape[-2], : images.shape[-1]]
        return maps[:, 0] / maps[:, 1].clamp(min=1e-6)  # the mean of the cells around that count

    def raw_distances(self, features: Tensor, bank_features: Tensor) -> Tensor:
        """Answers to both questions (N, 2, P), of features (N, P, C) and patches (N, P, D)."""
        here = self.gaussians.distances(features, self.grid)
        anywhere = nearest_distance(bank_features.flatten(0, 1), self.bank, self.bank_squares)
        return torch.stack([here, anywhere.view(features.shape[0], -1)], dim=1)

    def standardised(self, raw_distances: Tensor) -> Tensor:
        """Both answers (N, 2, P) as one, in standard deviations above good images, (N, P)."""
        deviations = (raw_distances - self.level) / self.spread
        return _WEIGHTS[0] * deviations[:, 0] + _WEIGHTS[1] * deviations[:, 1]

    def n_numbers(self) -> int:
        """How many numbers were learnt."""
        return sum(tensor.numel() for tensor in self._tensors().values())

    def to(self, device: torch.device) -> Reference:
        """The same on another device."""
        return Reference.from_tensors({name: t.to(device) for name, t in self._tensors().items()}, self.grid)

    def to_tree(self) -> dict[str, Any]:
        """As arrays for a file; the large ones as float16, which holds them exactly (`representable`)."""
        arrays = {name: tensor.cpu().contiguous().numpy() for name, tensor in self._tensors().items()}
        for name in _HALF_IN_A_FILE:
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


def check_reference(tree: object, variant: str, size: tuple[int, int], where: str = "reference") -> None:
    """Raise `Mismatch` unless `read_reference` can make a reference for this network and size of images of it."""
    own = tree if isinstance(tree, dict) else {}
    grid = padded_length(size[0]) // STRIDE, padded_length(size[1]) // STRIDE
    if own.get("grid") != list(grid):
        raise Mismatch(
            f"{list(grid)}, as for the size of the model's images", describe(own.get("grid")), f"{where}['grid']"
        )
    channels = stage_channels(variant)
    sizes = {
        "P": grid[0] * grid[1],
        "C": sum(channels[stage - 1] for stage in STAGES),
        "D": sum(channels[stage - 1] for stage in (_FINE_STAGE, _DEEP_STAGE)),
    }
    check_arrays({name: array for name, array in own.items() if name != "grid"}, _SHAPES, sizes, where)
    if sizes["B"] not in (sizes["P"], Blocks.of(grid).n_blocks):
        raise Mismatch("a covariance for each place, or block of places", f"{sizes['B']}", f"{where}['whitening']")


def read_reference(tree: Mapping[str, Any]) -> Reference:
    """The inverse of `Reference.to_tree`, on the CPU."""
    # A clone lies where torch's own allocator puts it; NumPy's memory is aligned now one way, now another.
    arrays = {n: torch.from_numpy(array.astype(np.float32)).clone() for n, array in tree.items() if n != "grid"}
    arrays["bank_squares"] = arrays["bank"].square().sum(dim=1)
    return Reference.from_tensors(arrays, (int(tree["grid"][0]), int(tree["grid"][1])))


def extract(backbone: Backbone, images: Tensor, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Features of all stages (N, P, C), and the patches that are compared with the bank (N, P, D), on the grid."""
    features = on_one_grid(backbone(images, STAGES), grid)
    return features, bank_patches(features, backbone.variant, grid)


def bank_patches(features: Tensor, variant: str, grid: tuple[int, int]) -> Tensor:
    """Two stages out of the features of all, the deeper one averaged over 3 x 3 cells, (N, P, C) -> (N, P, D)."""
    fine, deep = (features[..., _channels_of(stage, variant)] for stage in (_FINE_STAGE, _DEEP_STAGE))
    deep_map = deep.mT.unflatten(2, grid)  # (N, D, h, w)
    return torch.cat([fine, functional.avg_pool2d(deep_map, 3, stride=1, padding=1).flatten(2).mT], dim=2)


def _channels_of(stage: int, variant: str) -> slice:
    """Where a stage stands in the features of all."""
    n_channels = [stage_channels(variant)[number - 1] for number in STAGES]
    first = sum(n_channels[: STAGES.index(stage)])
    return slice(first, first + n_channels[STAGES.index(stage)])


def train(
    backbone: Backbone,
    images: TrainingImages,
    n_images: int,
    anomaly_param: Mapping[str, Any],
    complexity: int,
    generator: np.random.Generator,
    show_progress: bool,
) -> Learnt:
    """Learn from good images, each read once.

    Parameters
    ----------
    backbone : Backbone
        The pretrained network.
    images : TrainingImages
        The network's input and which patches count; `n_images` of them.
    anomaly_param : mapping
        Checked ``AnomalyTrainParam``.
    complexity : int
        With the domain ratio the capacity of the bank: 1000 * complexity * domain_ratio patches.
    generator : numpy Generator
        Draws which images and patches are kept where not all can be.

    Raises
    ------
    DLParamError
        As of `check_memory`. No image was read.
    """
    capacity = bank_capacity(anomaly_param, complexity)
    sizes = check_memory(backbone.variant, images, anomaly_param, complexity)
    collected = Collected(n_images, sizes, images.grid, generator)
    n_kept, noise = len(collected.kept), float(anomaly_param["regularization_noise"])
    image_distances = np.zeros(n_images, np.float32)
    kept_parts = iter(images.checkpoint.parts() if images.checkpoint else ())
    n_workers = _n_workers(images, anomaly_param, next(backbone.parameters()).device)
    with torch.inference_mode():
        # 1. Images whose features are kept. They give the Gaussians, a first bank, and what new good images look like.
        _visit(backbone, images, collected, n_kept, kept_parts, None, image_distances, n_workers)
        bank = _grow_bank(collected, anomaly_param, capacity, images, "first")
        patches = (bank_patches(own[None], backbone.variant, images.grid)[0] for own in collected.features)
        anywhere = _distances_without(collected, bank, patches)
        n_again = _N_CALIBRATION if n_kept < n_images else 0  # will be compared with the final bank
        calibration = [
            bank_patches(own[None], backbone.variant, images.grid)[0] for own in collected.features[:n_again]
        ]
        gaussians, here = fit_position_gaussians(collected.features, collected.inside, noise, n_kept, images.grid)
        gaussians = PositionGaussians(gaussians.projection, gaussians.mean, representable(gaussians.whitening))
        collected.drop_features()
        reference = _calibrate(collected, gaussians, bank, here, anywhere)
        distances = reference.standardised(torch.stack([here, anywhere], dim=1))
        image_distances[collected.kept] = _of_images(distances, collected.inside, images)
        # 2. The others are new to it, so it can tell which look bad. Their patches compete for the final bank.
        if n_kept < n_images:
            _visit(backbone, images, collected, n_images, kept_parts, reference, image_distances, n_workers)
            bank = _grow_bank(collected, anomaly_param, capacity, images, "final")
            reference = _calibrate(collected, gaussians, bank, here, _distances_without(collected, bank, calibration))
    # Through the form of a file and back: what is used from now on is what a file will give, down to the memory layout,
    # on which the last bit of a matrix product depends.
    restored = read_reference(reference.to_tree()).to(reference.bank.device)
    return Learnt(restored, bank.error, bank.epoch, image_distances)


def check_memory(
    variant: str,
    images: TrainingImages,
    anomaly_param: Mapping[str, Any],
    complexity: int,
    where: str = "anomaly_param",
) -> Sizes:
    """How much is kept of the images, so that training takes no more than ``'max_memory_mb'``.

    Counted are all arrays that are alive together at the worst moment: what is kept of the images, the statistics with
    their copies, blocks of distances, the network with the intermediate results of the images that go through it
    together, and what is written to the checkpoint.

    Raises
    ------
    DLParamError
        Not even the least fits.
    """
    n_images, n_cells = len(images), images.grid[0] * images.grid[1]
    channels = stage_channels(variant)
    n_features, n_bank_features = (
        sum(channels[stage - 1] for stage in STAGES),
        sum(channels[stage - 1] for stage in (_FINE_STAGE, _DEEP_STAGE)),
    )
    capacity = bank_capacity(anomaly_param, complexity)
    shared = Blocks.of(images.grid)
    is_fine = shared.edge > 1
    matrices = shared.n_blocks * N_DIRECTIONS**2
    blocks = 32 * min(n_cells, 1024) * n_features + 5 * 32 * N_DIRECTIONS**2
    calibration = n_cells * n_bank_features  # of each image that is treated as if it were new
    bank = capacity * (4 * n_bank_features + min(n_cells, 1 + (1 << 23) // capacity))
    part = _CHECKPOINT_BYTES + is_fine * _COPIES_OF_PART * 4.0 * n_cells * n_features  # one large image is a part
    costs = Costs(
        fixed=_FIXED_BYTES
        + 4.0 * ((3 + is_fine) * matrices + 8 * n_cells * n_features + blocks + bank)
        + 4.0 * (0 if is_fine else _N_CALIBRATION) * calibration
        + _n_passes(images) * _network_bytes(images)
        + (part if images.checkpoint else 0)
        + _BYTES_PER_IMAGE * n_images,
        per_kept_image=4.0 * (n_cells * (n_features + N_DIRECTIONS + 6) + is_fine * calibration),
        per_candidate=4.0 * (2 * n_bank_features + 16),
    )
    n_least = _LEAST_LARGE_IMAGES if is_fine else _N_CALIBRATION
    n_candidates = max(capacity, 2 * LEAST_FIRST)
    least = Sizes(min(n_images, n_least), min(n_images * n_cells, n_candidates, _MAX_CANDIDATES))
    most = Sizes(
        min(n_images, max(n_least, _MAX_FEATURE_BYTES // (4 * n_cells * n_features))),
        min(n_images * n_cells, _MAX_CANDIDATES),
    )
    return choose_sizes(least, most, costs, anomaly_param["max_memory_mb"], where)


def bank_capacity(anomaly_param: Mapping[str, Any], complexity: int) -> int:
    """How many patches training puts into the bank at most."""
    return max(1, round(_BANK_CAPACITY * complexity * anomaly_param["domain_ratio"]))


def _network_bytes(images: TrainingImages) -> float:
    """What goes through the network together, with its intermediate results."""
    pixels = _n_at_once(images) * images.size[0] * images.size[1]
    if images.tile == 0:
        return _BYTES_PER_PIXEL * pixels
    rows, columns = (min(images.tile, padded_length(length)) for length in images.size)
    return _BYTES_PER_PIXEL * max(PIXELS_AT_ONCE_CPU, rows * columns) + _BYTES_PER_TILED_PIXEL * pixels


def _n_passes(images: TrainingImages) -> int:
    """Passes through the network at the same time that the memory is counted for, on every machine: 2, or 1 of large
    images.
    """
    return max(1, min(2, int(_BYTES_IN_FLIGHT // _network_bytes(images))))


def _n_workers(images: TrainingImages, anomaly_param: Mapping[str, Any], device: torch.device) -> int:
    """Threads that each compute images of their own; what is learnt does not depend on it."""
    if device.type != "cpu":
        return 1
    if anomaly_param["max_memory_mb"] is not None:
        return min(_n_passes(images), torch.get_num_threads())
    return max(1, min(int(_BYTES_IN_FLIGHT // _network_bytes(images)), torch.get_num_threads()))


def _n_at_once(images: TrainingImages) -> int:
    """Small images go through the network together; how many depends on their size alone, and so does rounding."""
    return max(1, min(_MAX_AT_ONCE, _PIXELS_AT_ONCE // (images.size[0] * images.size[1])))


def _visit(
    backbone: Backbone,
    images: TrainingImages,
    collected: Collected,
    n_stop: int,
    kept_parts: Iterator[Mapping[str, Any]],
    reference: Reference | None,
    image_distances: NDArray[np.float32],
    n_workers: int,
) -> None:
    """Look at the next images, up to place `n_stop` of the order; with a reference, tell how far they are from it."""
    while collected.n_done < n_stop and (part := next(kept_parts, None)) is not None:
        numbers = collected.order[part["first"] : part["last"]]
        collected.restore(part, next(backbone.parameters()).device)
        images.restore(numbers, part)
        image_distances[numbers] = part["distances"]

    def keep() -> None:
        if images.checkpoint is not None and collected.n_new_bytes:
            part = collected.take_part()
            numbers = collected.order[part["first"] : part["last"]]
            images.checkpoint.add_part({**part, **images.notes(numbers), "distances": image_distances[numbers]})

    try:
        with images.progress(collected.n_done, n_stop) as progress:
            n_at_once = _n_at_once(images)
            batches = [
                collected.order[n : min(n + n_at_once, n_stop)] for n in range(collected.n_done, n_stop, n_at_once)
            ]
            see: Callable[[list[int]], _Seen] = partial(_see, backbone, images, reference)
            with closing(in_parallel(see, batches, n_workers)) as seen:
                for numbers, (features, bank_features, inside, distances) in zip(batches, seen, strict=True):
                    if distances is not None:
                        image_distances[numbers] = distances
                    collected.add(features, bank_features, inside)
                    progress.update(len(numbers))
                    if images.checkpoint is not None and images.checkpoint.is_due(collected.n_new_bytes):
                        keep()
    finally:  # Ctrl-C, too
        keep()


def _see(backbone: Backbone, images: TrainingImages, reference: Reference | None, numbers: list[int]) -> _Seen:
    """Features of some images, of all stages and of the bank, cells that count, and how far they are from a reference.

    Computed in a thread of its own, which does not know of the inference mode of the others.
    """
    with torch.inference_mode():
        batch, inside = images.batch(numbers)
        with threads_by_load(batch.device):
            features, bank_features = extract(backbone, batch, images.grid)
            if reference is None:
                return features, bank_features, inside, None
            distances = reference.standardised(reference.raw_distances(features, bank_features))
        return features, bank_features, inside, _of_images(distances, torch.from_numpy(inside).flatten(1), images)


def _of_images(distances: Tensor, inside: Tensor, images: TrainingImages) -> NDArray[np.float32]:
    """Distances of patches (N, P) as one number for each image, as for the image score."""
    rows = zip(distances.cpu().numpy(), inside.cpu().numpy(), strict=True)
    return np.array([image_distance(row[mask], images.standard_deviation_factor) for row, mask in rows], np.float32)


@dataclass(frozen=True)
class _Bank:
    """The bank, where each of its patches is from, and how good it is."""

    patches: Tensor  # (M, D)
    image: NDArray[np.intp]  # (M,)
    position: NDArray[np.intp]  # (M,)
    error: float
    epoch: int


def _grow_bank(
    collected: Collected, anomaly_param: Mapping[str, Any], capacity: int, images: TrainingImages, stage: str
) -> _Bank:
    """Choose the bank's patches: until it is full, no epoch is left, or the error is reached with the next patch."""
    candidates = collected.candidates[: collected.n_filled]
    first = int(collected.generator.integers(len(candidates)))
    kept = images.checkpoint.bank(stage) if images.checkpoint else None
    if kept is None:
        centres = KCentre(candidates, first)
    else:
        centres = KCentre(candidates, first, kept["chosen"].tolist(), torch.from_numpy(kept["distances"]))
    n_most = min(capacity * min(anomaly_param["max_num_epochs"], _EPOCHS_TO_FULL) // _EPOCHS_TO_FULL, capacity)
    n_most = min(max(n_most, 1), len(candidates))
    radius = anomaly_param["error_threshold"] * centres.first_radius
    last = centres.chosen.copy(), centres.distances.clone()

    def keep() -> None:
        if images.checkpoint is not None:
            state = {"stage": stage, "chosen": np.array(last[0]), "distances": last[1].cpu().numpy()}
            images.checkpoint.keep_bank(state)

    with images.progress(len(centres.chosen), n_most, "Building the bank", "patch") as progress:

        def on_step(n_added: int) -> None:
            nonlocal last
            last = centres.chosen.copy(), centres.distances.clone()
            progress.update(n_added)
            if images.checkpoint is not None and images.checkpoint.is_due():
                keep()

        try:
            centres.grow(n_most, on_step, radius)
        except BaseException:  # Ctrl-C, too
            keep()
            raise
    chosen = centres.chosen
    return _Bank(
        patches=representable(candidates[chosen]),
        image=collected.candidate_image[chosen],
        position=collected.candidate_position[chosen],
        error=min(centres.radius() / centres.first_radius, 1.0) if centres.first_radius > 0 else 0.0,
        epoch=max(1, -(-len(chosen) * _EPOCHS_TO_FULL // capacity)),
    )


def _calibrate(
    collected: Collected, gaussians: PositionGaussians, bank: _Bank, here: Tensor, anywhere: Tensor
) -> Reference:
    """Find what both distances are for good images that are new: `here` and `anywhere`, (n, P), without themselves."""
    inside = collected.inside[:_N_CALIBRATION]
    units = gaussians.mean.shape[1] ** 0.5, deviation_of(bank.patches)
    levels, spreads = zip(
        *(
            level_and_spread(distances[:_N_CALIBRATION], inside, collected.grid, unit)
            for distances, unit in zip((here, anywhere), units, strict=True)
        ),
        strict=True,
    )
    # Of a place that no training image has inside its domain the Gaussians say nothing.
    spreads[0][~collected.inside.any(dim=0)] = torch.inf
    return Reference(
        gaussians,
        bank.patches,
        bank.patches.square().sum(dim=1),
        torch.stack(levels),
        torch.stack(spreads),
        torch.stack([collected.inside.sum(dim=0), inside.sum(dim=0)]).float(),
        collected.grid,
    )


def _distances_without(collected: Collected, bank: _Bank, patches: Iterable[Tensor]) -> Tensor:
    """Distances of kept images (n, P), of their patches (P, D) each, to the bank without those of their own."""
    squares = bank.patches.square().sum(dim=1)
    return torch.stack(
        [
            _distance_without(collected, bank, squares, own, number)
            for number, own in zip(collected.kept, patches, strict=False)
        ]
    )


def _distance_without(collected: Collected, bank: _Bank, squares: Tensor, patches: Tensor, number: int) -> Tensor:
    """Distance of an image's patches (P, D) to the bank without those of its own; (P,)."""
    is_other = bank.image != number
    if is_other.all():
        return nearest_distance(patches, bank.patches, squares)
    if is_other.any():
        others = torch.from_numpy(is_other).to(patches.device)
        return nearest_distance(patches, bank.patches[others], squares[others])
    # A single image is all there is: without the patch's own neighbourhood, an eighth of the image to each side.
    rows, columns = np.divmod(np.arange(len(patches)), collected.grid[1])
    bank_rows, bank_columns = np.divmod(bank.position, collected.grid[1])
    nearest = []
    for first in range(0, len(patches), _PATCHES_AT_ONCE):
        some = slice(first, first + _PATCHES_AT_ONCE)
        apart = np.maximum(np.abs(rows[some, None] - bank_rows), np.abs(columns[some, None] - bank_columns))
        is_near = apart < max(min(collected.grid) // 8, 1)
        is_near &= ~is_near.all(axis=1, keepdims=True)
        distances = torch.cdist(patches[some], bank.patches)
        distances[torch.from_numpy(is_near).to(patches.device)] = torch.inf
        nearest.append(distances.min(dim=1).values)
    return torch.cat(nearest)


def level_and_spread(distances: Tensor, inside: Tensor, grid: tuple[int, int], unit: float) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of distances (n, P) at each place, smoothed, shrunk to those of the whole image.

    `unit` is a typical distance of two patches; the deviation is at least a hundredth of it.
    """
    counts = inside.sum(dim=0)

    def at_each_place(values: Tensor) -> Tensor:
        """Mean of (n, P) over the images, over 5 x 5 places, and over the whole image as a prior."""
        total = smooth_grid((values * inside).sum(dim=0), grid, 5)
        overall = values[inside].mean()
        return (total + _CALIBRATION_PRIOR * overall) / (smooth_grid(counts.float(), grid, 5) + _CALIBRATION_PRIOR)

    level = at_each_place(distances)
    variance = at_each_place((distances - level).square())
    # Images that are all the same show no spread at all.
    return level, variance.sqrt().clamp(min=_LEAST_SPREAD * unit)


def deviation_of(patches: Tensor) -> float:
    """Root mean square distance of patches (M, D) from their mean; 1 where there is none."""
    return float(patches.var(dim=0, correction=0).sum().sqrt()) or 1.0


def representable(tensor: Tensor) -> Tensor:
    """Rounded to what float16 holds, so that a file can be half as large and give the same scores to the last bit."""
    return tensor.half().float()
