"""The procedure `get_dl_evaluation_optimization_method`."""

from __future__ import annotations

from collections.abc import Sequence

from dlproc.errors import DLParamError
from dlproc.schema.check import convert
from dlproc.schema.kinds import Items, Text


def get_dl_evaluation_optimization_method(evaluation_keys: str | Sequence[str]) -> str:
    """Whether a measure of an evaluation is better when it is smaller, or larger.

    Parameters
    ----------
    evaluation_keys : list of str
        Names of measures.

    Returns
    -------
    str
        ``'min'`` if all names contain 'error', ``'max'`` if none does, ``'mixed'`` otherwise.

    Raises
    ------
    DLParamError
        No names.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.get_dl_evaluation_optimization_method(["image_auroc", "top1_error"])
    'mixed'
    """
    # 1. Check the names.
    names = convert(evaluation_keys, Items("", kind=Text(""), min_length=1), "evaluation_keys", DLParamError)

    # 2. Errors are to be small, all else large.
    are_errors = {"error" in name for name in names}
    return "mixed" if len(are_errors) > 1 else "min" if are_errors.pop() else "max"
