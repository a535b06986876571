"""The procedure `check_dl_preprocess_param`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, convert, kinds_of
from dlproc.schema.keys import DLPreprocessParam
from dlproc.schema.kinds import describe

_REQUIRED = (
    "model_type",
    "image_width",
    "image_height",
    "image_num_channels",
    "image_range_min",
    "image_range_max",
    "normalization_type",
    "domain_handling",
)


def check_dl_preprocess_param(dl_preprocess_param: Mapping[str, Any]) -> None:
    """Check the parameters of preprocessing; return silently when they are right.

    Parameters
    ----------
    dl_preprocess_param : DLPreprocessParam
        Read: all keys. With ``'check_params'`` False nothing is checked, because it was before.

    Raises
    ------
    DLParamError
        A key that is missing or unknown (with a did-you-mean), or a value that is not valid.

    Examples
    --------
    >>> import dlproc as dl
    >>> param = dl.create_dl_preprocess_param("anomaly_detection", 256, 256, 3)
    >>> dl.check_dl_preprocess_param(param)
    >>> dl.check_dl_preprocess_param(param | {"domain_handling": "crop"})
    Traceback (most recent call last):
    dlproc.errors.DLParamError: dl_preprocess_param['domain_handling']: expected one of 'full_domain', 'crop_domain', \
'keep_domain'; got 'crop' (did you mean 'crop_domain'?)
    """
    where = "dl_preprocess_param"
    if not isinstance(dl_preprocess_param, Mapping):
        raise DLParamError(where, "a DLPreprocessParam dictionary", describe(dl_preprocess_param))
    known = kinds_of(DLPreprocessParam)
    # 1. All keys are known, and none is missing.
    for key in dl_preprocess_param:
        check_known(key, known, where)
    if dl_preprocess_param.get("check_params", True) in (False, 0, "false"):
        return
    for key in _REQUIRED:
        if key not in dl_preprocess_param:
            raise DLParamError(f"{where}['{key}']", known[key].expected(), "no such key")
    # 2. Each value is of its kind.
    values = {
        key: convert(value, known[key], f"{where}['{key}']", DLParamError) for key, value in dl_preprocess_param.items()
    }
    # 3. The values fit each other.
    n_channels = values["image_num_channels"]
    if n_channels == 2:
        raise DLParamError(f"{where}['image_num_channels']", "1 or 3", "2")
    low, high = values["image_range_min"], values["image_range_max"]
    if low >= high:
        raise DLParamError(f"{where}['image_range_max']", f"more than image_range_min, {low:g}", f"{high:g}")
    for key in ("mean_values_normalization", "deviation_values_normalization"):
        if key in values and len(values[key]) not in (1, 3):
            raise DLParamError(f"{where}['{key}']", "1 or 3 numbers", f"{len(values[key])}")
    if len(values.get("mean_values_normalization", ())) != len(values.get("deviation_values_normalization", ())):
        got = ", ".join(k for k in ("mean_values_normalization", "deviation_values_normalization") if k in values)
        raise DLParamError(where, "mean_values_normalization and deviation_values_normalization of one length", got)
