"""A batch of samples on its way through a model: gathered on the host, scored where the model is, fetched at once.

Nothing is copied image by image. On a graphics card the batch goes there in one piece, everything from the normalised
gray values to the scores is computed there, and the scores of the pixels and of the images come back in one piece,
while the host gathers the next batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.images.domain import cells_inside
from dlproc.images.tiles import padded_length
from dlproc.models.anomaly import global_context
from dlproc.models.answers import ask_networks
from dlproc.models.handle import DLModel
from dlproc.models.host import own_settings
from dlproc.models.runtimes.graph import affine_tensors, network_affine, network_input, scores
from dlproc.models.threads import threads_by_load
from dlproc.schema.domain import domain_of
from dlproc.scores import image_distance, to_score

Scores = tuple[NDArray[np.float32], float]  # of the pixels, 0 outside the domain, and of the image
_Samples = Sequence[Mapping[str, Any]]


def begin_scoring(samples: _Samples, model: DLModel) -> Callable[[], list[dict[str, Scores]]]:
    """Begin to score checked samples; the function that is returned waits for the scores of each, by the ending of
    their keys in a result: ``''``, and those of the model's networks where it has several.

    On a CPU everything is computed at once. A graphics card computes on while the caller gathers the next batch.
    """
    with own_settings(), torch.inference_mode():
        return _begin_scoring(samples, model)


def _begin_scoring(samples: _Samples, model: DLModel) -> Callable[[], list[dict[str, Scores]]]:
    factor = model.parameters["standard_deviation_factor"]
    inside = gather_cells(samples, model)
    if model.conversion is not None and model.conversion.graph:
        images = gather_images(samples, model).numpy()
        distances_on_host = model.conversion.session(model.device).distance_maps(images, inside)
        return _only_answer(_score_on_host(distances_on_host, samples, factor))
    assert model.reference is not None
    with threads_by_load(model.device.torch_device):
        cells = torch.from_numpy(inside).to(model.device.torch_device)
        images_of_network = network_images(samples, model)
        if isinstance(model.reference, global_context.Reference):
            return _score_networks(model, model.reference, images_of_network, cells, samples)
        distances = model.reference.distance_maps(model.backbone, images_of_network, cells)
        if distances.device.type == "cpu":
            return _only_answer(_score_on_host(distances.numpy(), samples, factor))
        return _only_answer(score_on_device(distances, samples, factor))


def network_images(samples: _Samples, model: DLModel) -> Tensor:
    """The images as the pretrained network expects them, (N, 3, H, W), on the model's device."""
    device = model.device.torch_device
    images = gather_images(samples, model).to(device, non_blocking=True)
    return network_input(images, *affine_tensors(model.parameters, device))


def gather_images(samples: _Samples, model: DLModel) -> Tensor:
    """The images as one batch (N, H, W, C) on the host, painted with the network's 0 outside their domains."""
    shape = len(samples), *samples[0]["image"].shape
    # A card fetches by itself, and while the host goes on, only from memory that stays in its place.
    batch = torch.empty(shape, dtype=torch.float32, pin_memory=model.device.torch_device.type == "cuda")
    np.stack([sample["image"] for sample in samples], out=batch.numpy())
    domains = [domain_of(sample) for sample in samples]
    if any(domain is not None for domain in domains):
        scale, shift = network_affine(model.parameters)
        neutral = (-shift / scale).astype(np.float32)
        for image, domain in zip(batch.numpy(), domains, strict=True):
            if domain is not None:
                image[~domain] = neutral
    return batch


def gather_cells(samples: _Samples, model: DLModel) -> NDArray[np.float32]:
    """Cells of the method's grid that touch the samples' domains: 1 or 0, (N, h, w)."""
    size = model.parameters["image_height"], model.parameters["image_width"]
    grid = grid_of(size, model)
    # With tiles the grid may stand over: cells behind the image hold none of its pixels.
    below, right = (padded_length(length) - length for length in size)
    inside = np.ones((len(samples), *grid), np.float32)
    for cells, sample in zip(inside, samples, strict=True):
        domain = domain_of(sample)
        if domain is not None or below or right:
            domain = np.ones(size, bool) if domain is None else domain
            cells[:] = cells_inside(np.pad(domain, ((0, below), (0, right))), *grid)
    return inside


def grid_of(size: tuple[int, int], model: DLModel) -> tuple[int, int]:
    """Rows and columns of the method's grid over images of this size; it covers them, and may stand over."""
    return padded_length(size[0]) // model.method.STRIDE, padded_length(size[1]) // model.method.STRIDE


def score_on_device(distances: Tensor, samples: _Samples, factor: float) -> Callable[[], list[Scores]]:
    """Distances (N, H, W) on a device as scores, computed there and brought back in one piece."""
    domains, together = [domain_of(sample) for sample in samples], None
    if any(domain is not None for domain in domains):
        whole = np.ones(distances.shape[1:], bool)
        stacked = np.stack([whole if domain is None else domain for domain in domains])
        together = torch.from_numpy(stacked).to(distances.device)
    anomaly_images, anomaly_scores = scores(distances, together, factor)
    fetched = _fetch(torch.cat([anomaly_scores[:, None], anomaly_images.flatten(1)], dim=1))

    def finish() -> list[Scores]:
        rows = fetched()
        return [(row[1:].reshape(distances.shape[1:]), float(row[0])) for row in rows]

    return finish


def _score_on_host(distances: NDArray[np.float32], samples: _Samples, factor: float) -> Callable[[], list[Scores]]:
    """Distances (N, H, W) as scores, by the definition in `dlproc.scores`."""
    scored = []
    for image, sample in zip(distances, samples, strict=True):
        domain = domain_of(sample)
        distance = image_distance(image.ravel() if domain is None else image[domain], factor)
        scored.append(_scores_of(image, distance, domain))
    return lambda: scored


def _score_networks(
    model: DLModel, reference: global_context.Reference, images: Tensor, cells: Tensor, samples: _Samples
) -> Callable[[], list[dict[str, Scores]]]:
    """Scores of a model with several networks."""
    domains = [domain_of(sample) for sample in samples]
    answers = ask_networks(model, reference, images, cells, domains)
    scored = [
        {ending: _scores_of(answer.distances, answer.image_distance, domain) for ending, answer in by_ending.items()}
        for by_ending, domain in zip(answers, domains, strict=True)
    ]
    return lambda: scored


def _scores_of(distances: NDArray[np.float32], distance: float, domain: NDArray[np.bool_] | None) -> Scores:
    """Distances (H, W), and that of the image, as scores."""
    anomaly_image = to_score(distances)
    if domain is not None:
        anomaly_image = np.where(domain, anomaly_image, np.float32(0))
    return anomaly_image, float(to_score(np.array([distance], np.float32))[0])


def _only_answer(finish: Callable[[], list[Scores]]) -> Callable[[], list[dict[str, Scores]]]:
    return lambda: [{"": scores_of_image} for scores_of_image in finish()]


def _fetch(values: Tensor) -> Callable[[], NDArray[np.float32]]:
    """Begin to bring a tensor to the host; the function that is returned waits for it."""
    if values.device.type != "cuda":
        return lambda: values.numpy()
    host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
    host.copy_(values, non_blocking=True)
    done = torch.cuda.Event()
    done.record(torch.cuda.current_stream(values.device))  # of this card; by itself it would be that of the first

    def wait() -> NDArray[np.float32]:
        done.synchronize()
        return host.numpy().copy()  # pinned memory is scarce: results that are kept must not hold it

    return wait
