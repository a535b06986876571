"""The procedure `create_dl_preprocess_param`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, kinds_of
from dlproc.schema.keys import DLPreprocessParam
from dlproc.schema.kinds import describe, is_given, scalar
from dlproc.schema.preprocess_param import valid_preprocess_param


def create_dl_preprocess_param(
    dl_model_type: str,
    image_width: int,
    image_height: int,
    image_num_channels: int,
    image_range_min: float | None = None,
    image_range_max: float | None = None,
    normalization_type: str = "none",
    domain_handling: str = "full_domain",
    ignore_class_ids: object = None,
    set_background_id: object = None,
    class_ids_background: object = None,
    gen_param: Mapping[str, Any] | None = None,
) -> DLPreprocessParam:
    """Say how images become samples: size, channels, and how gray values are mapped.

    Parameters
    ----------
    dl_model_type : str
        ``'anomaly_detection'`` or ``'gc_anomaly_detection'``.
    image_width, image_height : int
        Size of a sample in pixels: the model's, multiples of 32 but with tiles.
    image_num_channels : int
        1 or 3.
    image_range_min, image_range_max : float, optional
        What gray value 0 and 255 become; not given: -127 and 128.
    normalization_type : str
        ``'none'``, ``'constant_values'``, ``'all_channels'`` or ``'first_channel'``; see `preprocess_dl_samples`.
    domain_handling : str
        ``'full_domain'``, ``'crop_domain'`` or ``'keep_domain'``; see `preprocess_dl_samples`.
    ignore_class_ids, set_background_id, class_ids_background : list
        HALCON's places for segmentation models: ``[]`` or None.
    gen_param : mapping, optional
        Further keys, taken over as they are, for example ``'mean_values_normalization'``.

    Returns
    -------
    DLPreprocessParam
        Checked by `check_dl_preprocess_param`.

    Raises
    ------
    DLParamError
        A value that is not valid, or an unknown key.

    Examples
    --------
    >>> import dlproc as dl
    >>> param = dl.create_dl_preprocess_param("anomaly_detection", 256, 256, 3, [], [], "none", "full_domain")
    >>> param["image_range_min"], param["image_range_max"]
    (-127.0, 128.0)
    """
    segmentation_only = {
        "ignore_class_ids": ignore_class_ids,
        "set_background_id": set_background_id,
        "class_ids_background": class_ids_background,
    }
    for name, value in segmentation_only.items():
        if is_given(value):
            raise DLParamError(name, "nothing, [] or None", describe(value), "for segmentation models only")
    preprocess_param: dict[str, Any] = {
        "model_type": dl_model_type,
        "image_width": image_width,
        "image_height": image_height,
        "image_num_channels": image_num_channels,
        "image_range_min": image_range_min if is_given(image_range_min) else -127.0,
        "image_range_max": image_range_max if is_given(image_range_max) else 128.0,
        "normalization_type": normalization_type,
        "domain_handling": domain_handling,
    }
    given = scalar(gen_param) if is_given(gen_param) else {}
    if not isinstance(given, Mapping):
        raise DLParamError("gen_param", "a dictionary, or None", describe(gen_param))
    for key in given:
        check_known(key, kinds_of(DLPreprocessParam), "gen_param")
    # Plain numbers from here on: a width may have come as a numpy scalar or as 256.0.
    return valid_preprocess_param(preprocess_param | dict(given), "dl_preprocess_param")  # type: ignore[return-value]
