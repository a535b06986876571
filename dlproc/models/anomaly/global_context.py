"""Global context: whether the image as a whole makes sense.

Two networks look at the same features of one pass through the pretrained network.

*local* is `dlproc.models.anomaly.patch_statistics`: does each patch look as patches do. It finds scratches, stains,
breaks, and is blind to a part that looks right and should not be there.

*global* asks two questions of the image on a grid of 8 x 8 cells:

1. *Does each cell follow from the others?* A small network fills in cells that are hidden from it
   (`dlproc.features.context`), learning by gradient from the good images. What it fills in and what is there are
   compared; the difference, counted in the deviations that new good images show at this cell, is the map. It points at
   the part that is missing, double, misplaced or of the wrong kind.
2. *Is there as much of everything as always?* A Gaussian of the mean features (`dlproc.features.tokens`). It knows no
   places, so it counts parts that lie anywhere, which the first question cannot.

All distances, of maps and of images, are brought to one scale: 0 is what new good images show on average, 1 is one
standard deviation more. "New" are a fifth of the training images, up to 32, which the gradient never saw; the local
network is trained a second time without them, to see what it says of them. An image is as bad as the worst of the
answers says; so is a pixel.

Why these and not others: `benchmarks/ablation_global.md`.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from dlproc.features.backbone import Backbone, stage_channels
from dlproc.features.context import GRID, N_CELLS, ContextNetwork, draw_hidden, filled_in
from dlproc.features.patches import on_one_grid
from dlproc.features.tokens import Composition, Tokens, fit_composition, fit_tokens, mean_features, tensors_of
from dlproc.models.anomaly import patch_statistics
from dlproc.models.anomaly.arrays import check_arrays, check_mapping, check_whole
from dlproc.models.training_images import TrainingImages
from dlproc.schema.kinds import Mismatch

STRIDE = patch_statistics.STRIDE
LAST_STAGE = 7
VERSION = 2 + patch_statistics.VERSION  # its own, and that of its local network; both only grow
NETWORKS = ("local", "global")
_ALL_STAGES = tuple(range(1, LAST_STAGE + 1))
_STAGES = (3, 5, 6, 7)  # kept of each image
_TOKEN_STAGES = (5, 6, 7)
_COMPOSITION_STAGES = (3, 5)
_MAX_IMAGES = 1000  # whose features are kept for the gradient; of more images a random part is taken
_MAX_CALIBRATION = 32
_MAX_SECOND_TRAINING = 200  # images of the local network that is trained for calibration alone
_PRIOR_IMAGES = 30.0  # the covariance of all cells together counts as much as so many images at one cell
_PRIOR_LEVEL = 8.0
_LEAST_SPREAD = 0.1  # of the level: images that are all the same show none
_WEIGHT_DECAY, _BETAS, _MAX_GRADIENT = 0.05, (0.9, 0.98), 1.0
_WARM_UP = 100  # steps
_MEMORY = 0.99  # of the average of the weights

Image = tuple[Tensor, NDArray[np.bool_]]  # the network's input (1, 3, H, W), and the cells that count (h, w)
_Maps = dict[int, Tensor]


class OnePass:
    """A network that remembers the maps of the last images: the local and the global network ask for the same.

    Each thread has its own last images.
    """

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone
        self.variant = backbone.variant
        self._last = threading.local()

    def __call__(self, images: Tensor, stages: tuple[int, ...]) -> list[Tensor]:
        """As `Backbone`: feature maps behind the given stages."""
        if images is not getattr(self._last, "images", None):
            self._last.maps, self._last.images = self.backbone(images, _ALL_STAGES), images
        return [self._last.maps[stage - 1] for stage in stages]

    def parameters(self) -> Iterator[nn.Parameter]:
        """The network's."""
        return self.backbone.parameters()


@dataclass(frozen=True)
class Answer:
    """What one network says of some images, in standard deviations above new good ones.

    Attributes
    ----------
    maps : Tensor (N, H, W)
    cells : Tensor (N, 64) or None
        The global network's map before it is interpolated; 0 outside the domain.
    composition : Tensor (N,) or None
        The global network's second answer.
    """

    maps: Tensor
    cells: Tensor | None = None
    composition: Tensor | None = None


_SHAPES = {  # of the arrays of a file beside the networks; D components of a token, n images
    "whitening": "64 D D",
    "level": "64",
    "spread": "64",
    "composition_scale": "2",
    "context_scale": "2",
    "local_tails": "n 2",
}


@dataclass(frozen=True)
class Reference:
    """What training learnt, as tensors on the model's device.

    Attributes
    ----------
    local : patch_statistics.Reference
    patch_size : int
        Pixels that a patch of the local network stands for.
    tokens, composition, network
        Of the global network; see `dlproc.features.tokens` and `dlproc.features.context`.
    whitening : Tensor (64, D, D)
        Of what is filled in wrongly at each cell.
    level, spread : Tensor (64,)
        Mean and deviation of the cells' distances for new good images.
    composition_scale, context_scale : Tensor (2,)
        The same for the two answers about the image.
    local_tails : Tensor (n, 2)
        For new good images mean and deviation of the local map's largest distances, from which follow level and spread
        of the local network's image score for any 'standard_deviation_factor'.
    """

    local: patch_statistics.Reference
    patch_size: int
    tokens: Tokens
    composition: Composition
    network: ContextNetwork
    whitening: Tensor
    level: Tensor
    spread: Tensor
    composition_scale: Tensor
    context_scale: Tensor
    local_tails: Tensor

    def answers(
        self, backbone: Backbone, images: Tensor, inside: Tensor, networks: Sequence[str] = NETWORKS
    ) -> dict[str, Answer]:
        """Ask the networks, ``'local'`` or ``'global'`` or both; `inside` (N, h, w) as of `patch_statistics`."""
        one_pass = OnePass(backbone)
        answers = {}
        if "local" in networks:
            maps = local_maps(self.local, one_pass, images, inside, self.patch_size)
            answers["local"] = Answer(maps)
        if "global" in networks:
            counts = _cells_that_count(inside)
            features = _features(one_pass, images)
            cells = _cell_distances(self.network, self.tokens(_of_stages(features, _TOKEN_STAGES)), self.whitening)
            cells = (cells - self.level) / self.spread * counts
            means = mean_features(_of_stages(features, _COMPOSITION_STAGES), counts)
            level, spread = self.composition_scale
            composition = (self.composition.distances(means) - level) / spread
            answers["global"] = Answer(_to_pixels(cells, counts, images.shape[-2:]), cells, composition)
        return answers

    def global_distances(self, answer: Answer, tolerance: float) -> NDArray[np.float32]:
        """One number for each image: the worse of both questions; (N,)."""
        assert answer.cells is not None and answer.composition is not None
        level, spread = self.context_scale
        context = (_whole(answer.cells, tolerance) - level) / spread
        return torch.maximum(context, answer.composition).cpu().numpy().astype(np.float32)

    def local_scale(self, factor: float) -> tuple[float, float]:
        """Level and spread of the local network's image distances, tail mean + factor * tail deviation."""
        distances = self.local_tails[:, 0] + factor * self.local_tails[:, 1]
        level, spread = _level_and_spread(distances)
        return float(level), float(spread)

    def distance_maps(self, backbone: Backbone, images: Tensor, inside: Tensor) -> Tensor:
        """Both networks' maps in one, (N, H, W)."""
        answers = self.answers(backbone, images, inside)
        return torch.maximum(answers["local"].maps, answers["global"].maps)

    def n_numbers(self) -> int:
        """How many numbers were learnt."""
        parts = [*tensors_of(self.tokens).values(), *tensors_of(self.composition).values(), *self._own().values()]
        return self.local.n_numbers() + sum(t.numel() for t in [*parts, *self.network.parameters()])

    def to(self, device: torch.device) -> Reference:
        """The same on another device."""
        return replace(
            self,
            local=self.local.to(device),
            tokens=Tokens(**{n: t.to(device) for n, t in tensors_of(self.tokens).items()}),
            composition=Composition(**{n: t.to(device) for n, t in tensors_of(self.composition).items()}),
            network=copy.deepcopy(self.network).to(device),
            **{n: t.to(device) for n, t in self._own().items()},  # type: ignore[arg-type]  # only tensors
        )

    def to_tree(self) -> dict[str, Any]:
        """As arrays for a file."""
        return {
            "local": self.local.to_tree(),
            "patch_size": self.patch_size,
            "tokens": _to_arrays(tensors_of(self.tokens)),
            "composition": _to_arrays(tensors_of(self.composition)),
            "network": _to_arrays(self.network.state_dict()),
            "own": _to_arrays(self._own()),
        }

    def _own(self) -> dict[str, Tensor]:
        names = "whitening", "level", "spread", "composition_scale", "context_scale", "local_tails"
        return {name: getattr(self, name) for name in names}


def check_reference(tree: object, variant: str, size: tuple[int, int], where: str = "reference") -> None:
    """Raise `Mismatch` unless `read_reference` can make a reference for this network and size of images of it."""
    own = check_mapping(tree, ("local", "patch_size", "tokens", "composition", "network", "own"), where)
    sizes = _check_parts(own, variant, size, ("network",), where)
    check_arrays(own["own"], _SHAPES, sizes, f"{where}['own']")


def _check_parts(
    tree: Mapping[str, Any], variant: str, size: tuple[int, int], networks: tuple[str, ...], where: str
) -> dict[str, int]:
    """Check what a reference and a learner have in common; returns the sizes by letter."""
    patch_size = check_whole(tree, "patch_size", 1, where)
    if tree["local"] is not None:
        patch_statistics.check_reference(tree["local"], variant, _local_size(size, patch_size), f"{where}['local']")
    channels = stage_channels(variant)
    sizes = {
        "F": sum(channels[stage - 1] for stage in _TOKEN_STAGES),
        "G": sum(channels[stage - 1] for stage in _COMPOSITION_STAGES),
    }
    check_arrays(tree["tokens"], {"projection": "F D", "weight": "F", "mean": "64 F"}, sizes, f"{where}['tokens']")
    check_arrays(tree["composition"], {"mean": "G", "whitening": "G G"}, sizes, f"{where}['composition']")
    if sizes["D"] > sizes["F"]:
        raise Mismatch("no more components than channels", f"{sizes['D']}", f"{where}['tokens']['projection']")
    with torch.device("meta"):  # shapes alone
        state = ContextNetwork(sizes["D"]).state_dict()
    shapes = {name: " ".join(map(str, tensor.shape)) for name, tensor in state.items()}
    for network in networks:
        check_arrays(tree[network], shapes, {}, f"{where}['{network}']")
    return sizes


def read_reference(tree: Mapping[str, Any]) -> Reference:
    """The inverse of `Reference.to_tree`, on the CPU."""
    return Reference(
        patch_statistics.read_reference(tree["local"]),
        int(tree["patch_size"]),
        Tokens(**_to_tensors(tree["tokens"])),
        Composition(**_to_tensors(tree["composition"])),
        _read_network(tree["network"]),
        **_to_tensors(tree["own"]),
    )


# ------------------------------------------------------------------------------------------------------------- learning


@dataclass
class Learner:
    """A model that is being trained: what the good images said when they were looked through, and the state of the
    gradient's method. It can be put aside between two steps, into a file too, and taken up again.

    Attributes
    ----------
    local, patch_size, tokens, composition, composition_scale, local_tails
        As in `Reference`.
    held_out, held_out_inside : Tensor (n, 64, D), (n, 64)
        Tokens of the images that the gradient does not see.
    network, average : ContextNetwork
        What is trained, and the mean of its last some hundred states, which is what is used.
    record : dict
        What the model's `training` will say of it; and ``'gradient_images'``, ``'held_out_images'``, the numbers of
        the images that the gradient sees and does not see, in their order. `dlproc.models.by_batches` adds more.
    n_steps : int
        Steps so far.
    """

    local: patch_statistics.Reference
    patch_size: int
    tokens: Tokens
    composition: Composition
    composition_scale: Tensor
    local_tails: Tensor
    held_out: Tensor
    held_out_inside: Tensor
    network: ContextNetwork
    average: ContextNetwork
    record: dict[str, Any] = field(default_factory=dict)
    n_steps: int = 0
    optimizer: torch.optim.AdamW = field(init=False)

    def __post_init__(self) -> None:
        self.network.requires_grad_(True)
        self.average.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), betas=_BETAS, weight_decay=_WEIGHT_DECAY)

    def step(self, tokens: Tensor, inside: Tensor, generator: np.random.Generator, learning_rate: float) -> float:
        """One step of the gradient on tokens (N, 64, D) of which `inside` (N, 64) count; the loss before it."""
        self.n_steps += 1
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * min(1.0, self.n_steps / _WARM_UP)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss_of_holes(tokens, inside, generator)
        loss.backward()
        clip_grad_norm_(self.network.parameters(), _MAX_GRADIENT)
        self.optimizer.step()
        memory = min(_MEMORY, (self.n_steps + 1) / (self.n_steps + 10))
        with torch.no_grad():
            for mean, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(new, 1 - memory)
        return float(loss.detach())

    def loss_of_holes(self, tokens: Tensor, inside: Tensor, generator: np.random.Generator) -> Tensor:
        """Mean square of what is filled in wrongly where holes are drawn into images (N, 64, D); a number."""
        hidden = torch.from_numpy(draw_hidden(generator, len(tokens))).to(tokens.device)
        weight = (hidden * inside)[:, :, None]
        difference = (self.network(tokens, hidden) - tokens) * weight
        loss: Tensor = difference.square().sum() / (weight.sum().clamp(min=1) * tokens.shape[2])
        return loss

    def reference(self) -> Reference:
        """What can be used: with the average of the weights, and the scale that new good images give it."""
        network = copy.deepcopy(self.average).eval()
        counts = self.held_out_inside
        with torch.inference_mode():
            wrong = (self.held_out - filled_in(network, self.held_out)) * counts[:, :, None]
            whitening = _whitening(wrong, counts)
            cells = _left_out(_norms(whitening, wrong), counts)
            level, spread = _scale_of_cells(cells, counts)
            whole = _whole((cells - level) / spread * counts, 0.0)
            scale = torch.stack(_level_and_spread(whole))
        reference = Reference(
            self.local,
            self.patch_size,
            self.tokens,
            self.composition,
            network,
            whitening,
            level,
            spread,
            self.composition_scale,
            scale,
            self.local_tails,
        )
        # Through the form of a file and back: what is used from now on is what a file will give.
        return read_reference(reference.to_tree()).to(self.held_out.device)

    def loss(self, tokens: Tensor, inside: Tensor) -> float:
        """Mean square of what is filled in wrongly for images (N, 64, D) that the gradient does not see."""
        with torch.inference_mode():
            wrong = (tokens - filled_in(self.average, tokens)) * inside[:, :, None]
            return float(wrong.square().sum() / (inside.sum().clamp(min=1) * tokens.shape[2]))

    def copy(self) -> Learner:
        """Another one with the same state. What a step does not change is shared."""
        other = replace(
            self, network=copy.deepcopy(self.network), average=copy.deepcopy(self.average), record=dict(self.record)
        )
        other.optimizer.load_state_dict(copy.deepcopy(self.optimizer.state_dict()))
        return other

    def to(self, device: torch.device, local: patch_statistics.Reference | None = None) -> Learner:
        """The same on another device; with a local network that is there already, where one is given."""
        return read_learner(self.to_tree(without_local=local is not None), device, local)

    def to_tree(self, without_local: bool = False) -> dict[str, Any]:
        """As arrays for a file; without the local network where the model's reference brings it."""
        moments = self.optimizer.state_dict()["state"]
        return {
            "local": None if without_local else self.local.to_tree(),
            "patch_size": self.patch_size,
            "tokens": _to_arrays(tensors_of(self.tokens)),
            "composition": _to_arrays(tensors_of(self.composition)),
            "own": _to_arrays({name: getattr(self, name) for name in _LEARNT_BEFORE}),
            "network": _to_arrays(self.network.state_dict()),
            "average": _to_arrays(self.average.state_dict()),
            "moments": {str(number): _to_arrays(state) for number, state in moments.items()},
            "record": self.record,
            "n_steps": self.n_steps,
        }


_LEARNT_BEFORE = ("composition_scale", "local_tails", "held_out", "held_out_inside")


def check_learner(tree: object, variant: str, size: tuple[int, int], where: str = "learner") -> None:
    """Raise `Mismatch` unless `read_learner` can make a learner for this network and size of images of it."""
    keys = ("local", "patch_size", "tokens", "composition", "own", "network", "average", "moments", "record", "n_steps")
    own = check_mapping(tree, keys, where)
    sizes = _check_parts(own, variant, size, ("network", "average"), where)
    shapes = {name: _SHAPES[name] for name in ("composition_scale", "local_tails")}
    check_arrays(own["own"], {**shapes, "held_out": "H 64 D", "held_out_inside": "H 64"}, sizes, f"{where}['own']")
    check_whole(own, "n_steps", 0, where)
    if not isinstance(own["moments"], dict) or not isinstance(own["record"], dict):
        raise Mismatch("dictionaries 'moments' and 'record'", "something else", where)


def read_learner(
    tree: Mapping[str, Any], device: torch.device, local: patch_statistics.Reference | None = None
) -> Learner:
    """The inverse of `Learner.to_tree`; `local` where the tree has none."""

    def on_device(arrays: Mapping[str, Any]) -> dict[str, Tensor]:
        return {name: tensor.to(device) for name, tensor in _to_tensors(arrays).items()}

    learner = Learner(
        local or patch_statistics.read_reference(tree["local"]).to(device),
        int(tree["patch_size"]),
        Tokens(**on_device(tree["tokens"])),
        Composition(**on_device(tree["composition"])),
        network=_read_network(tree["network"]).to(device),
        average=_read_network(tree["average"]).to(device),
        record=tree["record"],
        n_steps=int(tree["n_steps"]),
        **on_device(tree["own"]),
    )
    state = learner.optimizer.state_dict()
    state["state"] = {int(number): _to_tensors(arrays) for number, arrays in tree["moments"].items()}
    learner.optimizer.load_state_dict(state)
    return learner


def look_through(
    backbone: Backbone,
    images: TrainingImages,
    anomaly_param: Mapping[str, Any],
    complexity: int,
    patch_size: int,
    generators: Callable[[str], np.random.Generator],
) -> tuple[Learner, Tensor, Tensor]:
    """Everything that is learnt without a gradient: the local network, tokens, composition, and their scales.

    Parameters
    ----------
    images : TrainingImages
        Each is read once, those for calibration (and up to 200 others) twice.
    anomaly_param, complexity
        Of the local network, as of `patch_statistics.train`.
    generators : callable
        A random generator for a purpose.

    Returns
    -------
    learner : Learner
        Its gradient has not begun.
    tokens, inside : Tensor (N, 64, D), (N, 64)
        The images that the gradient may see.
    """
    n_images = len(images)
    order = generators("gc_anomaly_detection: images").permutation(n_images)
    n_held_out = min(_MAX_CALIBRATION, n_images // 5)
    kept = {int(image): place for place, image in enumerate(order[: _MAX_IMAGES + n_held_out])}
    features: list[Tensor] = [torch.empty(0)] * len(kept)
    counts: list[Tensor] = [torch.empty(0)] * len(kept)
    one_pass = OnePass(backbone)

    def read_first(number: int) -> Image:
        image, inside = images[number]
        if number in kept:
            features[kept[number]] = _features(one_pass, image)[0].half()
            counts[kept[number]] = _cells_that_count(torch.from_numpy(inside)[None].to(image.device))[0]
        return image, inside

    def train_local(read: Callable[[int], Image], numbers: Sequence[int], bars: bool) -> patch_statistics.Reference:
        of_local = _images_of_local(images, read, numbers, patch_size, bars)
        generator = generators("gc_anomaly_detection: local network")
        # OnePass is called as a backbone is; besides that only its variant is needed.
        learnt = patch_statistics.train(
            one_pass,  # type: ignore[arg-type]
            of_local,
            len(of_local),
            anomaly_param,
            complexity,
            generator,
            bars,
        )
        local: patch_statistics.Reference = learnt.reference
        return local

    with torch.inference_mode():
        local = train_local(read_first, range(n_images), images.show_progress)
        tails = _local_tails(local, one_pass, images, order, n_held_out, patch_size, train_local)
        every, inside = torch.stack(features).float(), torch.stack(counts)
        composition, distances = fit_composition(mean_features(_of_stages(every, _COMPOSITION_STAGES), inside))
        of_tokens = _of_stages(every, _TOKEN_STAGES)
        # Through the form of a file, and image by image, as when training goes on another day: the same bits.
        tokens = Tokens(**_to_tensors(_to_arrays(tensors_of(fit_tokens(of_tokens, inside)))))
        tokens = Tokens(**{name: tensor.to(of_tokens.device) for name, tensor in tensors_of(tokens).items()})
        every_token = torch.cat([tokens(image) for image in of_tokens.split(1)])
    fit = slice(n_held_out, None)
    check = slice(n_held_out) if n_held_out else slice(None)
    network = ContextNetwork(every_token.shape[2]).float()
    network.draw(generators("gc_anomaly_detection: weights"))
    network.to(every_token.device)
    learner = Learner(
        local,
        patch_size,
        tokens,
        composition,
        torch.stack(_level_and_spread(distances)),
        tails,
        every_token[check].clone(),
        inside[check].clone(),
        network,
        copy.deepcopy(network),
        {
            "gradient_images": order[n_held_out:][:_MAX_IMAGES] if n_held_out else order,
            "held_out_images": order[:n_held_out],
        },
    )
    # As it will be when it comes back from a file, so that training goes on in the same way.
    return learner.to(every_token.device), every_token[fit].clone(), inside[fit].clone()


def tokens_of(learner: Learner, backbone: Backbone, image: Tensor, inside: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
    """Tokens (64, D) of an image, and which of them count (64,)."""
    with torch.inference_mode():
        features = _features(OnePass(backbone), image).half().float()
        counts = _cells_that_count(torch.from_numpy(inside)[None].to(image.device))
        tokens = learner.tokens(_of_stages(features, _TOKEN_STAGES))
    return tokens[0].clone(), counts[0].clone()


def local_maps(
    local: patch_statistics.Reference, backbone: OnePass, images: Tensor, inside: Tensor, patch_size: int
) -> Tensor:
    """The local network's maps (N, H, W), in standard deviations of each pixel."""
    scaled = _scaled(images, patch_size)
    cells = functional.adaptive_max_pool2d(inside[:, None], _local_grid(scaled))[:, 0]
    maps = local.distance_maps(backbone, scaled, cells)  # type: ignore[arg-type]  # called as a backbone is
    if scaled is images:
        return maps
    size = images.shape[-2:]
    return functional.interpolate(maps[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


def tail(distances: Tensor) -> Tensor:
    """Mean and deviation of the tenth of the pixels (K,) with the largest distances, as `dlproc.scores` takes them."""
    largest = distances.topk(max(1, round(0.1 * len(distances)))).values
    return torch.stack([largest.mean(), largest.std(correction=0)])


def _local_tails(
    local: patch_statistics.Reference,
    one_pass: OnePass,
    images: TrainingImages,
    order: NDArray[np.intp],
    n_held_out: int,
    patch_size: int,
    train_local: Callable[[Callable[[int], Image], Sequence[int], bool], patch_statistics.Reference],
) -> Tensor:
    """Tails of the local maps of images that the local network was not trained on; of few images, of all of them."""
    others = np.sort(order[n_held_out:][:_MAX_SECOND_TRAINING])
    if n_held_out:
        local = train_local(images.__getitem__, others.tolist(), False)
    tails = []
    for number in np.sort(order[:n_held_out]) if n_held_out else others:
        image, inside = images[int(number)]
        counts = torch.from_numpy(inside.astype(np.float32))[None].to(image.device)
        distances = local_maps(local, one_pass, image, counts, patch_size)[0]
        pixels = functional.interpolate(counts[None], size=distances.shape, mode="nearest")[0, 0] > 0
        tails.append(tail(distances[pixels]))
    return torch.stack(tails)


# -------------------------------------------------------------------------------------------------------------- details


def _features(one_pass: OnePass, images: Tensor) -> Tensor:
    """Features of the stages that are kept on the grid of cells, (N, 64, C)."""
    return on_one_grid(one_pass(images, _STAGES), (GRID, GRID)).contiguous()


def _of_stages(features: Tensor, stages: tuple[int, ...]) -> Tensor:
    """The channels of some of the stages that are kept."""
    # The widths of the stages follow from the number of channels: only the published variants have these sums.
    widths = _WIDTHS[features.shape[-1]]
    parts = dict(zip(_STAGES, features.split(widths, dim=-1), strict=True))
    return torch.cat([parts[stage] for stage in stages], dim=-1)


def _widths() -> dict[int, list[int]]:
    from dlproc.features.backbone import VARIANTS, stage_channels

    by_variant = [[stage_channels(name)[stage - 1] for stage in _STAGES] for name in VARIANTS]
    return {sum(widths): widths for widths in by_variant}


_WIDTHS = _widths()


def _cells_that_count(inside: Tensor) -> Tensor:
    """Patches (N, h, w) that count, on the grid of cells: (N, 64), float."""
    return functional.adaptive_max_pool2d(inside[:, None].float(), (GRID, GRID)).flatten(1)


def _images_of_local(
    images: TrainingImages,
    read: Callable[[int], Image],
    numbers: Sequence[int],
    patch_size: int,
    show_progress: bool,
) -> TrainingImages:
    """Some of the images as the local network sees them."""

    def read_one(place: int) -> tuple[Tensor, NDArray[np.bool_], int, tuple[float, float]]:
        image, inside = _for_local(*read(numbers[place]), patch_size)
        return image, inside, 0, (np.nan, np.nan)  # fingerprint and light are noted where the image itself is read

    height, width = size = _local_size(images.size, patch_size)
    grid = height // STRIDE, width // STRIDE
    no_tiles, factor = 0, images.standard_deviation_factor
    return TrainingImages(read_one, len(numbers), size, grid, no_tiles, factor, None, show_progress)


def _local_size(size: tuple[int, int], patch_size: int) -> tuple[int, int]:
    """Height and width of the image that the local network sees."""
    height, width = (max(32, round(side * STRIDE / patch_size / 32) * 32) for side in size)
    return height, width


def _for_local(image: Tensor, inside: NDArray[np.bool_], patch_size: int) -> Image:
    """An image as the local network sees it: so large that a patch of 16 pixels is one of `patch_size`."""
    scaled = _scaled(image, patch_size)
    if scaled is image:
        return image, inside
    cells = functional.adaptive_max_pool2d(torch.from_numpy(inside.astype(np.float32))[None], _local_grid(scaled))
    return scaled, (cells[0] > 0).numpy()


def _scaled(images: Tensor, patch_size: int) -> Tensor:
    height, width = _local_size((images.shape[-2], images.shape[-1]), patch_size)
    if (height, width) == tuple(images.shape[-2:]):
        return images
    shrinks = height < images.shape[-2] or width < images.shape[-1]
    resized = functional.interpolate(
        images, size=(height, width), mode="bilinear", align_corners=False, antialias=shrinks
    )
    return resized.contiguous(memory_format=torch.channels_last)


def _local_grid(images: Tensor) -> tuple[int, int]:
    return images.shape[-2] // STRIDE, images.shape[-1] // STRIDE


def _cell_distances(network: ContextNetwork, tokens: Tensor, whitening: Tensor) -> Tensor:
    return _norms(whitening, tokens - filled_in(network, tokens))


def _whitening(wrong: Tensor, counts: Tensor) -> Tensor:
    """For each cell the inverse Cholesky factor of the covariance of what is filled in wrongly, (64, D, D)."""
    by_cell = wrong.transpose(0, 1).double()  # (64, n, D)
    scatter = by_cell.mT @ by_cell
    pooled = scatter.sum(dim=0) / counts.sum().clamp(min=1)
    identity = torch.eye(pooled.shape[0], dtype=pooled.dtype, device=pooled.device)
    pooled = pooled + (0.01 * pooled.diagonal().mean() + 1e-6) * identity
    n_images = counts.sum(dim=0)[:, None, None]
    factor = torch.linalg.cholesky((scatter + _PRIOR_IMAGES * pooled) / (n_images + _PRIOR_IMAGES))
    inverse: Tensor = torch.linalg.solve_triangular(factor, identity.expand_as(factor), upper=False)
    return inverse.float()


def _norms(whitening: Tensor, wrong: Tensor) -> Tensor:
    """|W_p r_np|: (N, 64)."""
    return torch.linalg.vector_norm(torch.einsum("pij,npj->npi", whitening, wrong), dim=2)


def _left_out(cells: Tensor, counts: Tensor) -> Tensor:
    """Distances (n, 64) of images that took part in the covariance, as if they had not.

    By the leverage (Sherman and Morrison), as in `dlproc.features.gaussian`.
    """
    leverage = cells.square() / (counts.sum(dim=0) + _PRIOR_IMAGES)
    return cells / (1 - leverage.clamp(max=0.98)).sqrt()


def _scale_of_cells(cells: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the distances of new good images at each cell, drawn to those of all cells."""

    def drawn(values: Tensor) -> Tensor:
        overall = (values * counts).sum() / counts.sum().clamp(min=1)
        return ((values * counts).sum(dim=0) + _PRIOR_LEVEL * overall) / (counts.sum(dim=0) + _PRIOR_LEVEL)

    level = drawn(cells)
    spread = drawn((cells - level).square()).sqrt()
    return level, torch.maximum(spread, _LEAST_SPREAD * level).clamp(min=1e-6)


def _whole(cells: Tensor, tolerance: float) -> Tensor:
    """One number for the cells (N, 64) of an image: the root of the mean square of what lies above 0.

    Mean and not maximum: what is wrong at one place can be told from several, and nothing adds up where all is right.
    """
    above = cells.clamp(min=0)
    n_left_out = int(tolerance * N_CELLS)
    if n_left_out:
        above = above.sort(dim=1).values[:, : N_CELLS - n_left_out]
    return above.square().mean(dim=1).sqrt()


def _to_pixels(cells: Tensor, counts: Tensor, size: torch.Size) -> Tensor:
    """Interpolated between the cells that count."""
    both = torch.stack([cells * counts, counts], dim=1).unflatten(2, (GRID, GRID))
    maps = functional.interpolate(both, size=size, mode="bilinear", align_corners=False)
    return maps[:, 0] / maps[:, 1].clamp(min=1e-6)


def _level_and_spread(distances: Tensor) -> tuple[Tensor, Tensor]:
    level = distances.mean()
    spread = distances.std(correction=1) if len(distances) > 1 else torch.zeros_like(level)
    return level, torch.maximum(spread, _LEAST_SPREAD * level.abs()).clamp(min=1e-6)


def _read_network(arrays: Mapping[str, Any]) -> ContextNetwork:
    tensors = _to_tensors(arrays)
    network = ContextNetwork(tensors["enter.weight"].shape[1]).float()
    network.load_state_dict(tensors)
    return network.requires_grad_(False).eval()


def _to_arrays(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    # A copy: training goes on in the same memory. Row by row, as from a file: other products differ in the last bit.
    return {name: np.array(tensor.detach().cpu().numpy(), np.float32, order="C") for name, tensor in tensors.items()}


def _to_tensors(arrays: Mapping[str, Any]) -> dict[str, Tensor]:
    # A clone lies where torch's own allocator puts it; NumPy's memory is aligned now one way, now another.
    return {name: torch.from_numpy(np.asarray(array, np.float32)).clone() for name, array in arrays.items()}
