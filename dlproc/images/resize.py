"""Bring an image to the model's size, as HALCON's ``zoom_image_size`` does; the aspect ratio is not kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize, resize_local_mean


def zoom_image(image: NDArray[np.generic], height: int, width: int) -> NDArray[np.float32]:
    """Resize with averaging, so that a small defect is dimmed but never skipped.

    HALCON's interpolation 'constant': along an axis that shrinks, a target pixel is the mean of the source pixels below
    it; along an axis that grows, it is interpolated linearly.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
        Gray values of any type.
    height, width : int
        Size of the result in pixels.

    Returns
    -------
    array (height, width) or (height, width, C), float32
        Gray values on the scale of the input.
    """
    zoomed = image.astype(np.float32)
    for axis, size in ((0, height), (1, width)):
        if size == zoomed.shape[axis]:
            continue
        shape = tuple(size if i == axis else n for i, n in enumerate(zoomed.shape))
        if size < zoomed.shape[axis]:
            zoomed = resize_local_mean(zoomed, shape, channel_axis=_channel_axis(image), preserve_range=True)
        else:
            zoomed = resize(zoomed, shape, order=1, mode="edge", anti_aliasing=False, preserve_range=True)
    return zoomed.astype(np.float32, copy=False)


def zoom_mask(mask: NDArray[np.generic], height: int, width: int) -> NDArray[np.generic]:
    """Resize a mask or an annotation (H, W) to (height, width) by nearest neighbour: no new value appears."""
    rows = _nearest(mask.shape[0], height)
    columns = _nearest(mask.shape[1], width)
    return np.ascontiguousarray(mask[np.ix_(rows, columns)])


def _nearest(n_source: int, n_target: int) -> NDArray[np.intp]:
    """For each target pixel the source pixel that holds its centre."""
    return ((np.arange(n_target) + 0.5) * n_source / n_target).astype(np.intp)


def _channel_axis(image: NDArray[np.generic]) -> int | None:
    return 2 if image.ndim == 3 else None
