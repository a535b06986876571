"""Which options go with which method of `compute_dl_anomaly_thresholds`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_options
from dlproc.schema.keys import ThresholdsGenParam
from dlproc.schema.kinds import is_given

OPTIONS_OF: dict[str, tuple[str, ...]] = {
    "halcon": ("use_ok_samples_only",),
    "zero_miss": ("confidence",),
    "max_f1": (),
    "target_fpr": ("target_fpr",),
    "min_cost": ("miss_cost", "false_alarm_cost", "defect_rate"),
    "conformal": ("target_fpr", "confidence"),
}
_NEEDED = {"target_fpr": ("target_fpr",), "min_cost": ("miss_cost", "false_alarm_cost")}


def valid_threshold_options(gen_param: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """All options, checked, with defaults filled in.

    Raises
    ------
    DLParamError
        An unknown option or value; one that the method needs and that is missing; one that the method would not look
        at, because a number that has no effect is as bad as a misspelt one.
    """
    options = check_options(gen_param, ThresholdsGenParam, where)
    method = options["method"]
    for name in _NEEDED.get(method, ()):
        if options[name] is None:
            raise DLParamError(f"{where}['{name}']", f"a number, for method '{method}'", "none")
    given: Any = gen_param[0] if isinstance(gen_param, list | tuple) and gen_param else gen_param or {}
    for name in sorted({name for names in OPTIONS_OF.values() for name in names} - set(OPTIONS_OF[method])):
        if is_given(given.get(name)) and options[name] is not False:
            methods = " or ".join(repr(m) for m, names in OPTIONS_OF.items() if name in names)
            raise DLParamError(f"{where}['{name}']", f"to be given with method {methods}", f"method '{method}'")
    return options
