"""The procedure `check_dl_preprocess_param`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.schema.preprocess_param import valid_preprocess_param


def check_dl_preprocess_param(dl_preprocess_param: Mapping[str, Any]) -> None:
    """Check the parameters of preprocessing; return silently when they are right.

    Parameters
    ----------
    dl_preprocess_param : DLPreprocessParam
        Read: all keys. With ``'check_params'`` False nothing is checked here, because it was before; the procedures
        that use the parameters check them all the same.

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
    if not isinstance(dl_preprocess_param, Mapping) or dl_preprocess_param.get("check_params", True):
        valid_preprocess_param(dl_preprocess_param, "dl_preprocess_param")
