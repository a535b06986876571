"""The procedure `create_dl_train_param`."""

from __future__ import annotations

from typing import Any

from dlproc.errors import DLParamError
from dlproc.models.handle import DLModel, check_model
from dlproc.schema.check import check_known, check_options, convert
from dlproc.schema.keys import AnomalyTrainParam, TrainParam
from dlproc.schema.kinds import Flag, Integer, as_list, is_given


def create_dl_train_param(
    dl_model_handle: DLModel,
    num_epochs: int | None = None,
    evaluation_interval_epochs: object = None,
    enable_display: bool | str = True,
    random_seed: object = None,
    gen_param_name: object = None,
    gen_param_value: object = None,
) -> TrainParam:
    """Say how a model is trained.

    Parameters
    ----------
    dl_model_handle : DLModel
        The model to be trained.
    num_epochs : int, optional
        Most epochs; see ``'max_num_epochs'`` of `train_dl_model`. Not given: 30.
    evaluation_interval_epochs, random_seed
        Ignored for anomaly detection, as in HALCON; the seed is that of `set_system`.
    enable_display : bool
        A progress bar on the terminal.
    gen_param_name, gen_param_value : list of the same length
        ``'anomaly'`` with a dictionary of ``'max_num_epochs'``, ``'error_threshold'``, ``'domain_ratio'``,
        ``'regularization_noise'``, and dlproc's own ``'max_memory_mb'``, ``'checkpoint_dir'``,
        ``'exclude_suspicious'``; see `train_dl_model`.

    Returns
    -------
    TrainParam
        ``'anomaly_param'`` with all keys, ``'display_param'`` with ``'enabled'``.

    Raises
    ------
    DLParamError
        Another name, lists of different lengths, an unknown key, or a value that is not valid.

    Examples
    --------
    >>> import dlproc as dl
    >>> model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    >>> param = dl.create_dl_train_param(model, 15, [], "false", 73, "anomaly", {"domain_ratio": 0.25})
    >>> param["anomaly_param"]["max_num_epochs"], param["anomaly_param"]["domain_ratio"]
    (15, 0.25)
    """
    check_model(dl_model_handle)
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_value", f"{len(names)} values, as many as names", f"{len(values)}")
    given: dict[str, Any] = {}
    if is_given(num_epochs):
        given["max_num_epochs"] = convert(num_epochs, Integer("", low=1), "num_epochs", DLParamError)
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        check_known(name, ("anomaly",), f"gen_param_name[{index}]")
        check_options(value, AnomalyTrainParam, f"gen_param_value[{index}]")
        given |= dict(value) if is_given(value) else {}
    return {
        "anomaly_param": check_options(given, AnomalyTrainParam, "gen_param_value"),  # type: ignore[typeddict-item]
        "display_param": {
            "enabled": not is_given(enable_display) or convert(enable_display, Flag(""), "enable_display", DLParamError)
        },
    }
