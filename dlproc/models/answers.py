"""What the networks of a model with several of them say of some images, before it becomes scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dlproc.models.anomaly import global_context
from dlproc.models.handle import DLModel
from dlproc.scores import image_distance


@dataclass(frozen=True)
class Answer:
    """Distances of one image, in standard deviations above good ones: of its pixels (H, W), and as a whole."""

    distances: NDArray[np.float32]
    image_distance: float


def output_names(model: DLModel) -> list[str]:
    """Keys of a result: the combined answer and, where there are several networks, theirs."""
    endings = ["", *(f"_{network}" for network in model.parameters.get("gc_anomaly_networks", []))]
    return [f"{name}{ending}" for ending in endings for name in ("anomaly_image", "anomaly_score")]


def ask_networks(
    model: DLModel,
    reference: global_context.Reference,
    images: Tensor,
    inside: Tensor,
    domains: Sequence[NDArray[np.bool_] | None],
) -> list[dict[str, Answer]]:
    """For each image its answers by the ending of their keys: ``'_local'``, ``'_global'``, and ``''`` for the worse of
    both: of each pixel, and of the image.

    Parameters
    ----------
    reference : Reference
        The model's.
    images : Tensor (N, 3, H, W)
        The network's input.
    inside : Tensor (N, h, w)
        Cells that count.
    domains : sequence of array (H, W), bool, or None
        Pixels that count.
    """
    parameters = model.parameters
    tolerance, factor = parameters["anomaly_score_tolerance"], parameters["standard_deviation_factor"]
    answers = reference.answers(model.backbone, images, inside, parameters["gc_anomaly_networks"])
    by_network: dict[str, list[Answer]] = {}
    for network, answer in answers.items():
        maps = answer.maps.cpu().numpy()
        if network == "global":
            distances = reference.global_distances(answer, tolerance)
        else:
            level, spread = reference.local_scale(factor)
            tolerated = (_without_largest(_inside(m, d), tolerance) for m, d in zip(maps, domains, strict=True))
            distances = np.array([(image_distance(pixels, factor) - level) / spread for pixels in tolerated])
        by_network[network] = [Answer(m, float(d)) for m, d in zip(maps, distances, strict=True)]
    combined = [
        Answer(np.maximum.reduce([a.distances for a in same]), max(a.image_distance for a in same))
        for same in zip(*by_network.values(), strict=True)
    ]
    return [
        {"": both, **{f"_{network}": of_images[index] for network, of_images in by_network.items()}}
        for index, both in enumerate(combined)
    ]


def _inside(distances: NDArray[np.float32], domain: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    return distances.ravel() if domain is None else distances[domain]


def _without_largest(distances: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Without that share of them, rounded down."""
    n_left_out = int(share * distances.size)
    return (
        np.partition(distances, distances.size - n_left_out)[: distances.size - n_left_out] if n_left_out else distances
    )
