"""The procedure `gen_dl_samples_from_images`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError
from dlproc.schema.keys import DLSample
from dlproc.schema.kinds import describe


def gen_dl_samples_from_images(images: NDArray[np.generic] | Sequence[NDArray[np.generic]]) -> list[DLSample]:
    """Wrap images into samples, one dictionary for each.

    Parameters
    ----------
    images : array or sequence of arrays
        Each (H, W) or (H, W, C). One array of two or three dimensions is one image.

    Returns
    -------
    list of DLSample
        Each with the only key ``'image'``; the array is shared, not copied. A list for one image, too.

    Raises
    ------
    DLDictError
        An image that is not an array of two or three dimensions.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> samples = dl.gen_dl_samples_from_images([np.zeros((4, 6), np.uint8)] * 2)
    >>> len(samples), samples[0]["image"].shape
    (2, (4, 6))
    """
    batch = [images] if isinstance(images, np.ndarray) and images.ndim < 4 else list(images)
    for index, image in enumerate(batch):
        if not isinstance(image, np.ndarray) or image.ndim not in (2, 3):
            raise DLDictError(f"images[{index}]", "an array of shape (H, W) or (H, W, C)", describe(image))
    return [{"image": image} for image in batch]
