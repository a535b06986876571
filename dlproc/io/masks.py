"""Read annotations: which pixels of an image are anomalous."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError
from dlproc.io import pillow
from dlproc.io.images import read_image_file
from dlproc.io.tiff import BEGINNINGS
from dlproc.remarks import MASK, remark

_JPEG = ("JPEG", "MPO")
_PERHAPS_LOSSY = ("WEBP", "AVIF", "JPEG2000")
_HALF = 128


def read_mask(paths: Sequence[Path], shape: tuple[int, int], hint: str = "") -> NDArray[Any]:
    """The annotation of an image, of one file or several.

    Parameters
    ----------
    paths : sequence of Path
        The files; what one of them marks is anomalous.
    shape : (H, W)
        Size of the image.
    hint : str
        For the message of an error.

    Returns
    -------
    array of shape (H, W)
        > 0 where anomalous. A single file as it is, of a colour image the largest channel; of several files, and of
        those whose compression changed gray values 0 and 255.

    Raises
    ------
    DLFileError
        A file that cannot be read.
    DLDictError
        A mask of another size than the image.
    """
    masks = []
    for path in paths:
        mask, is_changed = read_mask_file(path)
        if mask.shape != shape:
            expected = f"an annotation of the image's size, {shape}"
            raise DLDictError(path.as_posix(), expected, f"{mask.shape}", hint)
        if is_changed:
            remark(MASK, path, f"its compression changes gray values: {_HALF} and more counts as anomalous")
        masks.append(mask)
    return masks[0] if len(masks) == 1 else united(masks)


def read_mask_file(path: Path) -> tuple[NDArray[Any], bool]:
    """One file of an annotation, (H, W), and whether its compression changed gray values, so that black is not all 0.

    Then values from 128 on have become 255 and the others 0.
    """
    mask = read_image_file(path)
    mask = mask.max(axis=2) if mask.ndim == 3 else mask  # saved as a colour image
    form = _format(path)
    is_changed = form in _JPEG or (form in _PERHAPS_LOSSY and len(np.unique(mask)) > 2)
    return (np.where(mask >= _HALF, 255, 0).astype(np.uint8) if is_changed else mask), is_changed


def _format(path: Path) -> str | None:
    """Pillow's name for the format of an image that could be read; None for TIFF, which Pillow cannot always open."""
    with path.open("rb") as stream:
        if stream.read(4).startswith(BEGINNINGS):
            return None
        stream.seek(0)
        with pillow.opened(stream, str(path)) as image:
            return image.format


def united(masks: Sequence[NDArray[Any]]) -> NDArray[np.uint8]:
    """Parts of an annotation as one: 255 where one of them is above 0."""
    return np.where(np.logical_or.reduce([mask > 0 for mask in masks]), 255, 0).astype(np.uint8)
