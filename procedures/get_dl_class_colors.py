"""The procedure `get_dl_class_colors`."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from dlproc.errors import DLParamError
from dlproc.schema.check import convert
from dlproc.schema.kinds import Items, Text

_GREEN = "#00ff00"
_GREEN_NAMES = frozenset({"good", "ok", "background"})
_FIRST_HUE = 200  # degrees: from blue over red to yellow, and green left out
_LAST_HUE = 440
_FULL = 1.0
_DARK = 0.7


def get_dl_class_colors(
    class_names: str | Sequence[str], additional_green_class_names: str | Sequence[str] | None = None
) -> list[str]:
    """A colour for each class, green for those that are good.

    Parameters
    ----------
    class_names : list of str
    additional_green_class_names : list of str, optional
        Names that are green besides 'good', 'ok' and 'background', whose case does not matter.

    Returns
    -------
    list of str
        '#rrggbb' for each class, in their order; the colours of all that are not green differ.

    Raises
    ------
    DLParamError
        Not names.

    Notes
    -----
    The colours themselves are dlproc's own choice: hues at equal distances, every other one darker.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.get_dl_class_colors(["ok", "scratch", "dent"])
    ['#00ff00', '#00aaff', '#b20077']
    """
    # 1. Check the arguments.
    names = convert(class_names, Items("", kind=Text("")), "class_names", DLParamError)
    more = convert(additional_green_class_names, Items("", kind=Text("")), "additional_green_class_names", DLParamError)

    # 2. Spread the hues over the classes that are not green.
    is_green = [name.lower() in _GREEN_NAMES or name in more for name in names]
    n_others = is_green.count(False)
    step = (_LAST_HUE - _FIRST_HUE) / max(n_others, 1)
    others = iter(_color(_FIRST_HUE + place * step, _DARK if place % 2 else _FULL) for place in range(n_others))
    return [_GREEN if green else next(others) for green in is_green]


def _color(hue: float, value: float) -> str:
    parts = colorsys.hsv_to_rgb(hue % 360 / 360, 1, value)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
