"""From preprocessed samples to distances and scores, as one graph of tensors.

It is what `apply_dl_model` runs with torch, and what is written as ONNX for other runtimes: there is no second way to
compute a distance. For the scores there are two, because NumPy is quicker on a CPU: `dlproc.scores`, which defines
them, and their twins here, for a graphics card and for graphs that bring their own scoring. A test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlproc.features.backbone import Backbone
from dlproc.images.normalize import to_gray_affine
from dlproc.models.registry import Reference
from dlproc.scores import OFFSET, SCALE, SOFTNESS, TAIL

# The pretrained networks were trained on (gray - 127) / 128; see dlproc.images.normalize.
_NETWORK_MEAN, _NETWORK_DEVIATION = 127.0, 128.0
# Names of what goes into the graph and comes out of it; see dlproc.models.runtimes.export.
IMAGE, INSIDE, FACTOR = "image", "inside", "standard_deviation_factor"
DISTANCE = "distance"
OUTPUTS = ("anomaly_image", "anomaly_score", DISTANCE)
NORMALIZATION = (  # in the order of to_gray_affine's arguments
    "normalization_type",
    "image_range_min",
    "image_range_max",
    "mean_values_normalization",
    "deviation_values_normalization",
)


def network_affine(parameters: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift (C,) from a sample's values to what the pretrained network expects."""
    scale, shift = to_gray_affine(parameters["image_num_channels"], *(parameters[name] for name in NORMALIZATION))
    return scale / _NETWORK_DEVIATION, (shift - _NETWORK_MEAN) / _NETWORK_DEVIATION


def network_input(images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Samples (N, H, W, C) as the pretrained network expects them, (N, 3, H, W)."""
    # (N, H, W, C) seen as (N, C, H, W) is what torch calls channels_last, the quick layout on a CPU.
    values = (images * scale + shift).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
    return values.contiguous(memory_format=torch.channels_last)


def affine_tensors(parameters: Mapping[str, Any], device: torch.device) -> tuple[Tensor, Tensor]:
    """What `network_affine` gives, on a device, and brought there once."""
    scale, shift = network_affine(parameters)
    return _on_device(tuple(scale.tolist()), device), _on_device(tuple(shift.tolist()), device)


@lru_cache(maxsize=16)
def _on_device(values: tuple[float, ...], device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        return torch.tensor(values, dtype=torch.float32, device=device)


class ScoringGraph(nn.Module):
    """Everything behind preprocessing, as a module that can be written as ONNX."""

    def __init__(self, backbone: nn.Module, reference: Reference, parameters: Mapping[str, Any]) -> None:
        super().__init__()
        self.backbone = backbone
        self.reference = reference
        self.scale, self.shift = (torch.from_numpy(v.astype(np.float32)) for v in network_affine(parameters))

    def forward(self, image: Tensor, inside: Tensor, factor: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Samples (N, H, W, C), cells that count (N, h, w), and the weight of the spread, to the scores of pixels
        (N, H, W) and of images (N,), as if the whole image counted, and the distances (N, H, W).
        """
        seen = network_input(image, self.scale, self.shift)
        distances = self.reference.distance_maps(self.backbone, seen, inside)  # type: ignore[arg-type]
        anomaly_images, anomaly_scores = scores(distances, None, factor)
        return anomaly_images, anomaly_scores, distances


class HalfBackbone(nn.Module):
    """The pretrained network in half precision; the features that it gives are float32 again."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.variant = backbone.variant
        self.backbone = backbone.half()

    def forward(self, images: Tensor, stages: tuple[int, ...]) -> list[Tensor]:
        return [features.float() for features in self.backbone(images.half(), stages)]


def scores(distances: Tensor, domain: Tensor | None, factor: float | Tensor) -> tuple[Tensor, Tensor]:
    """Distances (N, H, W) and domains (N, H, W), bool, to anomaly images (N, H, W) and anomaly scores (N,)."""
    anomaly_images = to_score(distances)
    if domain is not None:
        anomaly_images = torch.where(domain, anomaly_images, 0.0)
    return anomaly_images, to_score(image_distance(distances, domain, factor))


def to_score(distance: Tensor) -> Tensor:
    """The twin of `dlproc.scores.to_score`."""
    half = (distance + OFFSET) / 2
    root = torch.sqrt(half * half + SOFTNESS**2)
    q = torch.where(half > 0, root + half, SOFTNESS**2 / (root - half.clamp(max=0)))
    return q / (q + SCALE)


def image_distance(distances: Tensor, domain: Tensor | None, factor: float | Tensor) -> Tensor:
    """The twin of `dlproc.scores.image_distance`, for each image of (N, H, W): (N,)."""
    flat = distances.flatten(1)
    n_tail = max(1, round(TAIL * flat.shape[1]))
    if domain is None:
        tail = flat.topk(n_tail, sorted=False).values
        return _mean_and_spread(tail, torch.ones_like(tail), factor)
    counts = domain.flatten(1).sum(dim=1, keepdim=True).double()
    n_of_image = torch.round(TAIL * counts).clamp(min=1)  # (N, 1); half to even, as Python's round
    tail = flat.masked_fill(~domain.flatten(1), -torch.inf).topk(n_tail).values
    is_tail = torch.arange(n_tail, device=tail.device) < n_of_image
    return _mean_and_spread(torch.where(is_tail, tail, 0.0), is_tail.float(), factor)


def _mean_and_spread(tail: Tensor, weight: Tensor, factor: float | Tensor) -> Tensor:
    """Mean + factor * standard deviation of the values (N, K) whose weight is 1, not 0: (N,)."""
    n_tail = weight.sum(dim=1)
    mean = (tail * weight).sum(dim=1) / n_tail
    variance = ((tail - mean[:, None]).square() * weight).sum(dim=1) / n_tail
    return mean + factor * variance.sqrt()
