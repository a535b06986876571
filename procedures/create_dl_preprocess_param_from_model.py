"""The procedure `create_dl_preprocess_param_from_model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.images.normalize import ALL_BITS, IMAGENET_DEVIATION, IMAGENET_MEAN
from dlproc.models.handle import DLModel, get_dl_model_param
from dlproc.procedures.create_dl_preprocess_param import create_dl_preprocess_param
from dlproc.schema.keys import DLPreprocessParam
from dlproc.schema.kinds import is_given


def create_dl_preprocess_param_from_model(
    dl_model_handle: DLModel,
    normalization_type: str = "constant_values",
    domain_handling: str = "full_domain",
    set_background_id: object = None,
    class_ids_background: object = None,
    gen_param: Mapping[str, Any] | None = None,
) -> DLPreprocessParam:
    """Say how images become samples of a model: its size, channels and range, read from it.

    Parameters
    ----------
    dl_model_handle : DLModel
        Read: ``type``, ``image_width``, ``image_height``, ``image_num_channels``, ``image_range_min``,
        ``image_range_max``, ``image_bits``; with 'constant_values' and no `gen_param` also
        ``mean_values_normalization`` and ``deviation_values_normalization``. Set these first.
    normalization_type, domain_handling : str
        As of `create_dl_preprocess_param`.
    set_background_id, class_ids_background : list
        HALCON's places for segmentation models: ``[]`` or None.
    gen_param : mapping, optional
        Further keys, taken over as they are.

    Returns
    -------
    DLPreprocessParam

    Raises
    ------
    DLParamError
        A value that is not valid, or an unknown key.
    """
    # Constants of the model's own are handed on; the usual ones are not written down, as in HALCON.
    usual = {
        "mean_values_normalization": list(IMAGENET_MEAN),
        "deviation_values_normalization": list(IMAGENET_DEVIATION),
    }
    own = {name: get_dl_model_param(dl_model_handle, name) for name in usual}
    if normalization_type == "constant_values" and own != usual and not is_given(gen_param):
        gen_param = own
    bits = get_dl_model_param(dl_model_handle, "image_bits")
    if bits != ALL_BITS and (not is_given(gen_param) or isinstance(gen_param, Mapping)):
        gen_param = {"image_bits": bits, **(gen_param or {})}
    return create_dl_preprocess_param(
        get_dl_model_param(dl_model_handle, "type"),
        get_dl_model_param(dl_model_handle, "image_width"),
        get_dl_model_param(dl_model_handle, "image_height"),
        get_dl_model_param(dl_model_handle, "image_num_channels"),
        get_dl_model_param(dl_model_handle, "image_range_min"),
        get_dl_model_param(dl_model_handle, "image_range_max"),
        normalization_type,
        domain_handling,
        None,
        set_background_id,
        class_ids_background,
        gen_param,
    )
