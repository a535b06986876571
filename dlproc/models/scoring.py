"""A batch of samples on its way through a model: gathered on the host, scored where the model is, fetched at once.

Nothing is copied image by image. On a graphics card the batch goes there in one piece, everything from the normalised
gray values to the scores is computed there, and the scores of the pixels and of the images come back in one piece,
while the host gathers the next batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.images.domain import cells_inside
from dlproc.images.tiles import padded_length
from dlproc.models.handle import DLModel
from dlproc.models.runtimes.graph import affine_tensors, network_affine, network_input, scores
from dlproc.scores import image_distance, to_score

Scores = tuple[NDArray[np.float32], float]  # of the pixels, 0 outside the domain, and of the image
_Samples = Sequence[Mapping[str, Any]]


def begin_scoring(samples: _Samples, model: DLModel) -> Callable[[], list[Scores]]:
    """Begin to score checked samples; the function that is returned waits for the scores of each.

    On a CPU everything is computed at once. A graphics card computes on while the caller gathers the next batch.
    """
    factor = model.parameters["standard_deviation_factor"]
    inside = gather_cells(samples, model)
    if model.conversion is not None and model.conversion.graph:
        images = gather_images(samples, model).numpy()
        return _score_on_host(model.conversion.session(model.device).distance_maps(images, inside), samples, factor)
    assert model.reference is not None
    with torch.inference_mode(), exact_float32():
        cells = torch.from_numpy(inside).to(model.device.torch_device)
        distances = model.reference.distance_maps(model.backbone, network_images(samples, model), cells)
        if distances.device.type == "cpu":
            return _score_on_host(distances.numpy(), samples, factor)
        return score_on_device(distances, samples, factor)


def network_images(samples: _Samples, model: DLModel) -> Tensor:
    """The images as the pretrained network expects them, (N, 3, H, W), on the model's device."""
    device = model.device.torch_device
    images = gather_images(samples, model).to(device, non_blocking=True)
    return network_input(images, *affine_tensors(model.parameters, device))


def gather_images(samples: _Samples, model: DLModel) -> Tensor:
    """The images as one batch (N, H, W, C) on the host, painted with the network's 0 outside their domains."""
    shape = len(samples), *samples[0]["image"].shape
    # A card fetches by itself, and while the host goes on, only from memory that stays in its place.
    batch = torch.empty(shape, pin_memory=model.device.torch_device.type == "cuda")
    np.stack([sample["image"] for sample in samples], out=batch.numpy())
    if any("domain" in sample for sample in samples):
        scale, shift = network_affine(model.parameters)
        neutral = (-shift / scale).astype(np.float32)
        for image, sample in zip(batch.numpy(), samples, strict=True):
            if "domain" in sample:
                image[~sample["domain"]] = neutral
    return batch


def gather_cells(samples: _Samples, model: DLModel) -> NDArray[np.float32]:
    """Cells of the method's grid that touch the samples' domains: 1 or 0, (N, h, w)."""
    size = model.parameters["image_height"], model.parameters["image_width"]
    grid = grid_of(size, model)
    # With tiles the grid may stand over: cells behind the image hold none of its pixels.
    below, right = (padded_length(length) - length for length in size)
    inside = np.ones((len(samples), *grid), np.float32)
    for cells, sample in zip(inside, samples, strict=True):
        if "domain" in sample or below or right:
            domain = np.pad(sample.get("domain", np.ones(size, bool)), ((0, below), (0, right)))
            cells[:] = cells_inside(domain, *grid)
    return inside


def grid_of(size: tuple[int, int], model: DLModel) -> tuple[int, int]:
    """Rows and columns of the method's grid over images of this size; it covers them, and may stand over."""
    return padded_length(size[0]) // model.method.STRIDE, padded_length(size[1]) // model.method.STRIDE


def score_on_device(distances: Tensor, samples: _Samples, factor: float) -> Callable[[], list[Scores]]:
    """Distances (N, H, W) on a device as scores, computed there and brought back in one piece."""
    domain = None
    if any("domain" in sample for sample in samples):
        whole = np.ones(distances.shape[1:], bool)
        domain = torch.from_numpy(np.stack([sample.get("domain", whole) for sample in samples])).to(distances.device)
    anomaly_images, anomaly_scores = scores(distances, domain, factor)
    fetched = _fetch(torch.cat([anomaly_scores[:, None], anomaly_images.flatten(1)], dim=1))

    def finish() -> list[Scores]:
        rows = fetched()
        return [(row[1:].reshape(distances.shape[1:]), float(row[0])) for row in rows]

    return finish


@contextmanager
def exact_float32() -> Iterator[None]:
    """Convolutions on a graphics card in float32 as on a CPU, not in TF32, and by algorithms that give the same bytes
    twice.
    """
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield


def _score_on_host(distances: NDArray[np.float32], samples: _Samples, factor: float) -> Callable[[], list[Scores]]:
    """Distances (N, H, W) as scores, by the definition in `dlproc.scores`."""
    scored = []
    for image, sample in zip(distances, samples, strict=True):
        domain = sample.get("domain")
        anomaly_image = to_score(image)
        if domain is not None:
            anomaly_image = np.where(domain, anomaly_image, np.float32(0))
        distance = image_distance(image.ravel() if domain is None else image[domain], factor)
        scored.append((anomaly_image, float(to_score(np.array([distance], np.float32))[0])))
    return lambda: scored


def _fetch(values: Tensor) -> Callable[[], NDArray[np.float32]]:
    """Begin to bring a tensor to the host; the function that is returned waits for it."""
    if values.device.type != "cuda":
        return lambda: values.numpy()
    host = torch.empty(values.shape, pin_memory=True)
    host.copy_(values, non_blocking=True)
    done = torch.cuda.Event()
    done.record()

    def wait() -> NDArray[np.float32]:
        done.synchronize()
        return host.numpy().copy()  # pinned memory is scarce: results that are kept must not hold it

    return wait
