"""The procedure `create_dl_train_param`."""

from __future__ import annotations

from typing import Any

from dlproc.errors import DLParamError
from dlproc.models.by_batches import OF_OTHER_TYPE, valid_batch_param, valid_change, valid_serialization
from dlproc.models.handle import DLModel, check_model
from dlproc.schema.check import check_known, check_options, convert
from dlproc.schema.keys import (
    AnomalyTrainParam,
    BatchTrainParam,
    EvaluateGenParam,
    TrainDisplayParam,
    TrainParam,
)
from dlproc.schema.kinds import Flag, Integer, as_list, describe, is_given


def create_dl_train_param(
    dl_model_handle: DLModel,
    num_epochs: int | None = None,
    evaluation_interval_epochs: object = None,
    enable_display: bool | str = True,
    random_seed: object = None,
    gen_param_name: object = None,
    gen_param_value: object = None,
) -> TrainParam | BatchTrainParam:
    """Say how a model is trained.

    Parameters
    ----------
    dl_model_handle : DLModel
        The model to be trained.
    num_epochs : int, optional
        Most epochs; see ``'max_num_epochs'`` of `train_dl_model`. Not given: 30; for 'gc_anomaly_detection' 75, each of
        16 steps of 32 images.
    evaluation_interval_epochs : int, optional
        'gc_anomaly_detection': epochs between two evaluations, default 10. Otherwise ignored, as in HALCON.
    enable_display : bool
        A progress bar on the terminal.
    random_seed : int, optional
        'gc_anomaly_detection': not given, that of `set_system`. Otherwise ignored, as in HALCON.
    gen_param_name, gen_param_value : list of the same length
        For 'anomaly_detection' ``'anomaly'`` with a dictionary of ``'max_num_epochs'``, ``'error_threshold'``,
        ``'domain_ratio'``, ``'regularization_noise'``, and dlproc's own ``'max_memory_mb'``, ``'checkpoint_dir'``,
        ``'exclude_suspicious'``; see `train_dl_model`.

        For 'gc_anomaly_detection' each of

        ``'evaluate'`` : options of `evaluate_dl_model`, which is then called at each interval with split 'validation'.
        ``'change'`` : ``'model_param'`` ('learning_rate'), ``'epochs'``, ``'values'``, ``'initial_value'``; may be
        given several times.
        ``'serialize'`` : ``'type'`` ('best', 'current', 'epochs', 'final'), ``'basename'`` (default ``model_<type>``,
        in the current folder), ``'epochs'``; may be given several times. Without it the best model is written, as in
        HALCON; with ``[[]]`` for ``gen_param_value`` none.
        ``'display'`` : ``'enabled'``; HALCON's other keys are understood and have no effect.
        ``'augment'`` : only ``{}``, or ``'augmentation_percentage'`` 0: the features of an image are computed once.

    Returns
    -------
    TrainParam or BatchTrainParam
        ``'anomaly_param'`` with all keys, ``'display_param'`` with ``'enabled'``. For 'gc_anomaly_detection' all
        keys of `BatchTrainParam`.

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
    model = check_model(dl_model_handle)
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_value", f"{len(names)} values, as many as names", f"{len(values)}")
    if model.parameters["type"] == "gc_anomaly_detection":
        own = {
            "num_epochs": num_epochs,
            "evaluation_interval_epochs": evaluation_interval_epochs,
            "seed_rand": random_seed,
            "display_param": {"enabled": enable_display} if is_given(enable_display) else None,
        }
        return _by_batches({name: value for name, value in own.items() if is_given(value)}, names, values)
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


def _by_batches(param: dict[str, Any], names: list[Any], values: list[Any]) -> BatchTrainParam:
    """All keys of a `BatchTrainParam`, from what is given and the names with their values."""
    changes: list[dict[str, Any]] = []
    serializations: list[dict[str, Any]] = [] if "serialize" in names else [valid_serialization({}, "")]
    known = ("evaluate", "augment", "change", "serialize", "display")
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        if name == "anomaly":
            raise DLParamError(
                f"gen_param_name[{index}]", f"one of {', '.join(map(repr, known))}", repr(name), OF_OTHER_TYPE
            )
        check_known(name, known, f"gen_param_name[{index}]")
        where = f"gen_param_value[{index}]"
        if name == "evaluate":
            check_options(value, EvaluateGenParam, where)
            param["evaluation_param"] = dict(value) if is_given(value) else None
        elif name == "display":
            param["display_param"] = {
                **param.get("display_param", {}),
                **check_options(value, TrainDisplayParam, where),
            }
        elif name == "augment" and is_given(value) and dict(value).get("augmentation_percentage", len(value)) != 0:
            hint = "the features of an image are computed once; put varied images into split 'train' instead"
            raise DLParamError(where, "nothing, or 'augmentation_percentage' 0", describe(value), hint)
        elif name == "change":
            changes.append(valid_change(value, where))
        elif name == "serialize" and is_given(value):
            serializations.append(valid_serialization(value, where))
    param |= {"change_strategies": changes, "serialization_strategies": serializations}
    return valid_batch_param(param)  # type: ignore[return-value]  # keys of BatchTrainParam
