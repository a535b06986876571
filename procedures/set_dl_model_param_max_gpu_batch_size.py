"""The procedure `set_dl_model_param_max_gpu_batch_size`."""

from __future__ import annotations

from dlproc.errors import DLParamError
from dlproc.models.handle import DLModel, check_model, set_dl_model_param
from dlproc.schema.check import convert
from dlproc.schema.kinds import Integer


def set_dl_model_param_max_gpu_batch_size(dl_model_handle: DLModel, batch_size_upper_bound: int) -> None:
    """Set the model's parameter 'batch_size' to an upper bound.

    Parameters
    ----------
    dl_model_handle : DLModel
        Changed: its parameter ``'batch_size'``.
    batch_size_upper_bound : int
        At least 1.

    Raises
    ------
    DLModelError
        Not a model.
    DLParamError
        Below 1.

    Notes
    -----
    HALCON tries out how many samples fit into the graphics card's memory. Here nothing is tried: the networks need a
    few megabytes for a sample, and the size of a batch changes no result.
    """
    # 1. Check the arguments.
    model = check_model(dl_model_handle)
    size = convert(batch_size_upper_bound, Integer("", low=1), "batch_size_upper_bound", DLParamError)

    # 2. Set it.
    set_dl_model_param(model, "batch_size", size)
