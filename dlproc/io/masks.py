"""Read annotations: which pixels of an image are anomalous."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlproc.errors import DLDictError
from dlproc.io.images import read_image

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
        those whose compression changes gray values (`is_lossy`), 0 and 255, where 128 and more of those is anomalous.

    Raises
    ------
    DLFileError
        A file that cannot be read.
    DLDictError
        A mask of another size than the image.
    """
    masks = []
    for path in paths:
        mask = read_image(path)
        mask = mask.max(axis=2) if mask.ndim == 3 else mask  # saved as a colour image
        if mask.shape != shape:
            expected = f"an annotation of the image's size, {shape}"
            raise DLDictError(path.as_posix(), expected, f"{mask.shape}", hint)
        masks.append(np.where(mask >= _HALF, 255, 0).astype(np.uint8) if is_lossy(path, mask) else mask)
    if len(masks) == 1:
        return masks[0]
    return np.where(np.logical_or.reduce([mask > 0 for mask in masks]), 255, 0).astype(np.uint8)


def is_lossy(path: Path, mask: NDArray[Any]) -> bool:
    """Whether the compression of a file changed the gray values of a mask, so that black is not all 0."""
    with Image.open(path) as image:
        form = image.format
    return form in _JPEG or (form in _PERHAPS_LOSSY and len(np.unique(mask)) > 2)
