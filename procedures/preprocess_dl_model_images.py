"""The procedure `preprocess_dl_model_images`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLParamError
from dlproc.procedures.preprocess_dl_samples import preprocess_dl_samples
from dlproc.schema.keys import DLPreprocessParam, DLSample
from dlproc.schema.kinds import is_given


def preprocess_dl_model_images(
    images: NDArray[Any] | Sequence[NDArray[Any]], dl_preprocess_param: DLPreprocessParam
) -> Any:
    """Bring images to the size, channels and gray values that a model takes.

    Parameters
    ----------
    images : array (H, W) or (H, W, C), or list of arrays
        What `preprocess_dl_samples` takes as ``'image'``; not changed.
    dl_preprocess_param : DLPreprocessParam
        As of `preprocess_dl_samples`.

    Returns
    -------
    array (image_height, image_width, image_num_channels), float32; or a list of them for a list

    Raises
    ------
    DLParamError
        No image; an image of another kind, or with NaN or an empty domain (7886); parameters that are not valid.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3)
    >>> dl.preprocess_dl_model_images(np.full((50, 100), 255, np.uint8), param).shape
    (32, 64, 3)
    """
    # 1. One sample for each image: the steps are those of samples.
    if not is_given(images):
        raise DLParamError("images", "an image at least", "none")
    is_list = isinstance(images, list | tuple)
    given: list[Any] = list(images) if is_list else [images]
    samples: list[DLSample] = [{"image": image} for image in given]

    # 2. Preprocess them; an error names the image, and not the sample that nobody has seen.
    try:
        preprocess_dl_samples(samples, dl_preprocess_param)
    except DLDictError as error:
        place = error.where.removeprefix("dl_sample_batch").partition("['")[0]
        where = f"images{place}" if is_list else "images"
        raise DLParamError(where, error.expected, error.got, error.hint, halcon_code=error.halcon_code) from None
    results = [sample["image"] for sample in samples]
    return results if is_list else results[0]
