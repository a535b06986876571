"""The procedure `preprocess_dl_model_anomaly`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLParamError
from dlproc.procedures.preprocess_dl_samples import preprocess_dl_samples
from dlproc.schema.keys import DLPreprocessParam
from dlproc.schema.kinds import describe, is_given


def preprocess_dl_model_anomaly(
    anomaly_images: NDArray[Any] | Sequence[NDArray[Any]], dl_preprocess_param: DLPreprocessParam
) -> Any:
    """Bring annotations to the size that a model takes.

    Parameters
    ----------
    anomaly_images : array (H, W), or list of arrays
        0 where nothing is wrong, above 0 where something is; not changed. Of one with a domain as
        ``'domain_handling'`` says.
    dl_preprocess_param : DLPreprocessParam
        As of `preprocess_dl_samples`.

    Returns
    -------
    array (image_height, image_width), float32; or a list of them for a list
        The nearest value of each pixel: no new value appears.

    Raises
    ------
    DLParamError
        No annotation; one of another kind, or with values below 0; parameters that are not valid.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3)
    >>> dl.preprocess_dl_model_anomaly(np.ones((50, 100), np.uint8), param).shape
    (32, 64)
    """
    # 1. Check that there are annotations.
    if not is_given(anomaly_images):
        raise DLParamError("anomaly_images", "an annotation at least", "none")
    is_list = isinstance(anomaly_images, list | tuple)
    truths: list[Any] = list(anomaly_images) if is_list else [anomaly_images]
    names = [f"anomaly_images[{place}]" if is_list else "anomaly_images" for place in range(len(truths))]
    for name, truth in zip(names, truths, strict=True):
        if not isinstance(truth, np.ndarray) or truth.ndim != 2 or 0 in truth.shape:
            raise DLParamError(name, "an array (H, W)", describe(truth), halcon_code=1201)

    # 2. Preprocess each as the annotation of a black image of its size and domain.
    results = []
    for name, truth in zip(names, truths, strict=True):
        black = np.zeros(truth.shape, np.uint8)
        sample: dict[str, Any] = {"image": black, "anomaly_ground_truth": np.asarray(truth)}
        if getattr(truth, "domain", None) is not None:
            sample["domain"] = truth.domain
        try:
            preprocess_dl_samples(sample, dl_preprocess_param)  # type: ignore[arg-type]  # the keys of a DLSample
        except DLDictError as error:
            raise DLParamError(name, error.expected, error.got, error.hint, halcon_code=error.halcon_code) from None
        results.append(sample["anomaly_ground_truth"].astype(np.float32))
    return results if is_list else results[0]
