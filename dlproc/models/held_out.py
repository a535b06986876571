"""Which images a model has learnt from: their scores say nothing about new ones.

A model remembers 64 bits of the SHA-256 of every preprocessed image that it was trained on. So an image is recognised
by its gray values, under any name and in any dataset, wherever it is preprocessed to the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDataError
from dlproc.models.handle import DLModel


def image_fingerprint(image: NDArray[Any]) -> int:
    """64 bits that say which preprocessed image this is."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)  # no copy: an image may be large
    return int.from_bytes(digest.digest()[:8], "little")


def was_trained_on(model: DLModel, sample: Mapping[str, Any]) -> bool:
    """Whether a preprocessed sample's image is one of those that the model was trained on."""
    if not knows_its_images(model):
        return False
    known = model.training["image_fingerprints"]  # ascending
    fingerprint = np.uint64(image_fingerprint(sample["image"]))
    place = int(np.searchsorted(known, fingerprint))
    return place < len(known) and bool(known[place] == fingerprint)


def knows_its_images(model: DLModel) -> bool:
    """Whether the model remembers what it was trained on; if not, nothing can be said to be new to it."""
    known = model.training.get("image_fingerprints")
    return known is not None and len(known) > 0


def without_joined(model: DLModel, indices: list[int], read: Callable[[int], Mapping[str, Any]]) -> list[int]:
    """Without the images that joined the model after the training: they may lie in any split, and are not new to it.

    `read` gives the preprocessed sample of an index; it is asked only where images have joined.
    """
    if not model.training.get("n_images_added"):
        return indices
    return [index for index in indices if not was_trained_on(model, read(index))]


def check_is_new(model: DLModel, sample: Mapping[str, Any], where: str) -> None:
    """Raise `DLDataError` for an image that the model was trained on: it would be used as if it were new."""
    if was_trained_on(model, sample):
        got = f"image_id {sample['image_id']}, which it was trained on"
        hint = "keep the split that was trained with; the same image may also lie in the folder twice"
        raise DLDataError(where, "images that the model was not trained on", got, hint)
