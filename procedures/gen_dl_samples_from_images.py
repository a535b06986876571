"""The procedure `gen_dl_samples_from_images`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError
from dlproc.schema.keys import DLSample
from dlproc.schema.kinds import array_hint, describe, is_array


def gen_dl_samples_from_images(images: NDArray[np.generic] | Sequence[NDArray[np.generic]]) -> list[DLSample]:
    """Wrap images into samples, one dictionary for each.

    Parameters
    ----------
    images : array or sequence of arrays
        Each (H, W) or (H, W, C). One array of two or three dimensions is one image. For others, as of PIL or
        torch, the error says what makes an array of it.

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
    is_batch = isinstance(images, np.ndarray) and images.ndim >= 4
    if isinstance(images, np.ndarray) and not is_batch:
        batch = [images]
    elif is_batch or isinstance(images, list | tuple | Iterator):
        batch = list(images)
    else:
        raise DLDictError("images", "an image, or a list of images", describe(images), array_hint(images))
    for index, image in enumerate(batch):
        if not is_array(image) or image.ndim not in (2, 3):
            expected = "an array of shape (H, W) or (H, W, C)"
            raise DLDictError(f"images[{index}]", expected, describe(image), array_hint(image))
    return [{"image": image} for image in batch]
