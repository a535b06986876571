"""The parameters of preprocessing, checked and in their plain form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, convert, kinds_of
from dlproc.schema.keys import DLPreprocessParam
from dlproc.schema.kinds import describe

REQUIRED = (
    "model_type",
    "image_width",
    "image_height",
    "image_num_channels",
    "image_range_min",
    "image_range_max",
    "normalization_type",
    "domain_handling",
)
_PER_CHANNEL = ("mean_values_normalization", "deviation_values_normalization")


def valid_preprocess_param(given: object, where: str) -> dict[str, Any]:
    """A new dictionary with every value in its plain form: what is checked is what is used.

    Raises
    ------
    DLParamError
        A key that is missing or unknown (with a did-you-mean), or a value that is not valid.
    """
    if not isinstance(given, Mapping):
        raise DLParamError(where, "a DLPreprocessParam dictionary", describe(given))
    known = kinds_of(DLPreprocessParam)
    # 1. All keys are known, and none is missing.
    for key in given:
        check_known(key, known, where)
    for key in REQUIRED:
        if key not in given:
            raise DLParamError(f"{where}['{key}']", known[key].expected(), "no such key")
    # 2. Each value is of its kind.
    values = {key: convert(value, known[key], f"{where}['{key}']", DLParamError) for key, value in given.items()}
    # 3. The values fit each other.
    if values["domain_handling"] == "keep_domain" and values["model_type"] != "anomaly_detection":
        expected = f"'full_domain' or 'crop_domain' for model_type '{values['model_type']}'"
        raise DLParamError(f"{where}['domain_handling']", expected, "'keep_domain'")
    if values["image_num_channels"] == 2:
        raise DLParamError(f"{where}['image_num_channels']", "1 or 3", "2")
    low, high = values["image_range_min"], values["image_range_max"]
    if low >= high:
        raise DLParamError(f"{where}['image_range_max']", f"more than image_range_min, {low:g}", f"{high:g}")
    for key in _PER_CHANNEL:
        if key in values and len(values[key]) not in (1, 3):
            raise DLParamError(f"{where}['{key}']", "1 or 3 numbers", f"{len(values[key])}")
    if len(values.get(_PER_CHANNEL[0], ())) != len(values.get(_PER_CHANNEL[1], ())):
        got = ", ".join(key for key in _PER_CHANNEL if key in values)
        raise DLParamError(where, f"{_PER_CHANNEL[0]} and {_PER_CHANNEL[1]} of one length", got)
    return values
