"""The procedure `create_evaluation_default_param`."""

from __future__ import annotations

from collections.abc import Sequence

from dlproc.errors import DLParamError
from dlproc.schema.check import convert
from dlproc.schema.keys import MODEL_TYPES, EvalParams
from dlproc.schema.kinds import Integer, Items, Text


def create_evaluation_default_param(
    evaluation_type: str, class_ids_model: int | Sequence[int] | None = None
) -> EvalParams:
    """What `evaluate_dl_model` measures when it is asked for nothing else.

    Parameters
    ----------
    evaluation_type : str
        ``'anomaly_detection'`` or ``'gc_anomaly_detection'``.
    class_ids_model : list of int, optional
        Numbers of the classes; not given: 0 and 1, ok and nok.

    Returns
    -------
    EvalParams
        Written: ``'evaluation_type'``, ``'class_ids'``, ``'num_classes'``, ``'evaluate_instances'`` (0) and
        ``'measures'`` (['anomaly_score_histogram']).

    Raises
    ------
    DLParamError
        Another type; numbers that are none.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.create_evaluation_default_param("anomaly_detection", [0, 1])["measures"]
    ['anomaly_score_histogram']
    """
    # 1. Check the arguments.
    kind = convert(evaluation_type, Text("", choices=tuple(MODEL_TYPES)), "evaluation_type", DLParamError)
    class_ids = convert(class_ids_model, Items("", kind=Integer("", low=0)), "class_ids_model", DLParamError) or [0, 1]

    # 2. Write them down.
    return {
        "evaluation_type": kind,
        "class_ids": class_ids,
        "num_classes": len(class_ids),
        "evaluate_instances": 0,
        "measures": ["anomaly_score_histogram"],
    }
