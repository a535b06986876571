"""The procedure `replace_legacy_preprocessing_parameters`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

_CURRENT_NAMES = {"true": "first_channel", "false": "none", True: "first_channel", False: "none"}


def replace_legacy_preprocessing_parameters(dl_preprocess_param: MutableMapping[str, Any]) -> None:
    """Bring the parameters of old scripts to today's names, in place.

    Parameters
    ----------
    dl_preprocess_param : DLPreprocessParam
        Read and written: ``'normalization_type'``, where 'true' becomes 'first_channel' and 'false' 'none'. Removed:
        ``'contrast_normalization'``, the older name of the same switch.

    Examples
    --------
    >>> import dlproc as dl
    >>> param = {"contrast_normalization": "true"}
    >>> dl.replace_legacy_preprocessing_parameters(param)
    >>> param
    {'normalization_type': 'first_channel'}
    """
    if "contrast_normalization" in dl_preprocess_param:
        dl_preprocess_param["normalization_type"] = dl_preprocess_param.pop("contrast_normalization")
    stored = dl_preprocess_param.get("normalization_type")
    if isinstance(stored, str | bool) and stored in _CURRENT_NAMES:
        dl_preprocess_param["normalization_type"] = _CURRENT_NAMES[stored]
