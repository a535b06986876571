"""Colours, lines and other settings of windows; see `windows.py` for what a window is here."""

from __future__ import annotations

from typing import Any

from dlproc.display.marks import COLORED, color, colors
from dlproc.display.windows import real, restyle, screen, window_of
from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, convert
from dlproc.schema.kinds import Integer, as_list, describe, scalar

# --- Colours and lines


def dev_set_color(color_name: Any) -> None:
    """The colour of what is drawn next, in the active window and those that are opened later; see `set_color`."""
    restyle(None, colors=colors(color_name, "color_name"))


def set_color(window_handle: Any, color: Any) -> None:
    """The colour of what is drawn next in a window; of several, objects take one after the other.

    Colours are '#rrggbb', '#rrggbbaa' with an opacity, or names such as 'red', 'orange', 'light gray', 'spring green'.

    Raises
    ------
    DLParamError
        No open window; no colour.
    """
    restyle(window_of(window_handle), colors=colors(color, "color"))


def dev_set_colored(num_colors: Any) -> None:
    """3, 6 or 12 colours, which objects take one after the other; see `set_colored`."""
    restyle(None, colors=_colored(num_colors, "num_colors"))


def set_colored(window_handle: Any, number_of_colors: Any) -> None:
    """3, 6 or 12 colours, which objects take one after the other.

    The first six are red, green, blue, cyan, magenta and yellow, as in HALCON; the further ones are dlproc's own.

    Raises
    ------
    DLParamError
        No open window; another number.
    """
    restyle(window_of(window_handle), colors=_colored(number_of_colors, "number_of_colors"))


def set_rgb(window_handle: Any, red: Any, green: Any, blue: Any) -> None:
    """The colour by its three parts, 0 to 255, or lists of them; see `set_color`."""
    byte = Integer("", low=0, high=255)
    parts = [
        [convert(one, byte, name, DLParamError) for one in as_list(given)]
        for given, name in ((red, "red"), (green, "green"), (blue, "blue"))
    ]
    if len({len(part) for part in parts}) != 1:
        raise DLParamError("red, green, blue", "as many of each", ", ".join(str(len(one)) for one in parts))
    set_color(window_handle, ["#" + "".join(f"{part:02x}" for part in one) for one in zip(*parts, strict=True)])


def get_rgb(window_handle: Any) -> tuple[Any, Any, Any]:
    """Red, green and blue of the colour of a window, 0 to 255; of several colours lists of them."""
    given = window_of(window_handle).style.colors
    parts = [[int(one[place : place + 2], 16) for one in given] for place in (1, 3, 5)]
    red, green, blue = (part if len(given) > 1 else part[0] for part in parts)
    return red, green, blue


def dev_set_draw(draw_mode: Any) -> None:
    """``'fill'`` or ``'margin'``: regions filled, or as outlines."""
    restyle(None, draw=_known(draw_mode, ("fill", "margin"), "draw_mode"))


def set_draw(window_handle: Any, mode: Any) -> None:
    """``'fill'`` or ``'margin'``: regions filled, or as outlines, in one window."""
    restyle(window_of(window_handle), draw=_known(mode, ("fill", "margin"), "mode"))


def get_draw(window_handle: Any) -> str:
    """``'fill'`` or ``'margin'``, as `set_draw` said."""
    return window_of(window_handle).style.draw


def dev_set_line_width(line_width: Any) -> None:
    """Width of lines and outlines, pixels of the window."""
    restyle(None, line_width=real(line_width, "line_width", low=0.1))


def set_line_width(window_handle: Any, width: Any) -> None:
    """Width of lines and outlines in one window, pixels of it."""
    restyle(window_of(window_handle), line_width=real(width, "width", low=0.1))


def get_line_width(window_handle: Any) -> float:
    """Width of lines and outlines, pixels of the window."""
    return window_of(window_handle).style.line_width


def set_line_style(window_handle: Any, style: Any) -> None:
    """Lengths of dashes and gaps of lines, pixels of the window; ``[]``: unbroken. Regions' outlines stay unbroken."""
    lengths = tuple(real(one, "style", low=0) for one in as_list(style))
    restyle(window_of(window_handle), line_style=lengths * (1 + len(lengths) % 2))


def dev_set_lut(lut_name: Any) -> None:
    """Colours of gray images that are shown next; see `set_lut`."""
    restyle(None, lut=_lut(lut_name))


def set_lut(window_handle: Any, look_up_table: Any) -> None:
    """Colours of gray images that are shown next in a window.

    ``'jet'``, ``'inverse_jet'``, ``'hot'``, ``'inverse_hot'``, ``'temperature'``, ``'rainbow'``,
    ``'cyclic_temperature'`` and ``'inverse'`` are matplotlib's nearest ones; HALCON's others, and tables of numbers,
    are understood and shown as ``'default'``, gray.
    """
    restyle(window_of(window_handle), lut=_lut(look_up_table))


def dev_set_paint(mode: Any) -> None:
    """How images are painted. Understood, without effect: here they are always painted as images."""


def set_paint(window_handle: Any, mode: Any) -> None:
    """How images are painted. Understood, without effect: here they are always painted as images."""
    window_of(window_handle)


def dev_set_shape(shape: Any) -> None:
    """How regions are drawn; see `set_shape`."""
    restyle(None, shape=_shape_name(shape))


def set_shape(window_handle: Any, shape: Any) -> None:
    """How regions are drawn in a window: ``'original'``, or ``'rectangle1'``, the box around each.

    Raises
    ------
    DLParamError
        HALCON's other shapes, which are not drawn here (halcon_code 1302).
    """
    restyle(window_of(window_handle), shape=_shape_name(shape))


def dev_set_contour_style(style: Any) -> None:
    """How contours are drawn. Understood, without effect: contours are lines here."""


# --- Attributes


def set_window_attr(attribute_name: Any, attribute_value: Any) -> None:
    """Attributes of windows that `open_window` opens later: ``'background_color'``; others are without effect."""
    for name, value in zip(as_list(attribute_name), as_list(attribute_value), strict=False):
        screen.attributes[str(name)] = color(value, "attribute_value") if name == "background_color" else value


def set_window_param(window_handle: Any, param: Any, value: Any) -> None:
    """Parameters of a window: ``'background_color'``; others, such as ``'flush'``, are kept without effect.

    Raises
    ------
    DLParamError
        No open window; no colour; another number of values than of names.
    """
    window = window_of(window_handle)
    names, values = as_list(param), as_list(value)
    values = [value] if len(names) == 1 else values
    if len(names) != len(values):
        raise DLParamError("value", f"{len(names)} values, one for each name", f"{len(values)}", halcon_code=1403)
    checked = {
        str(name): color(scalar(one), "value") if name == "background_color" else one
        for name, one in zip(names, values, strict=True)
    }
    window.params |= checked
    window.background = checked.get("background_color", window.background)


def get_window_param(window_handle: Any, param: Any) -> Any:
    """What `set_window_param` set, and ``'background_color'``.

    Raises
    ------
    DLParamError
        No open window; a parameter that was not set.
    """
    window = window_of(window_handle)
    known = {"background_color": window.background, **window.params}
    name = scalar(param)
    check_known(name, known, "param", halcon_code=1302)
    return known[str(name)]


def flush_buffer(window_handle: Any) -> None:
    """Have a window show what is drawn in it. Nothing to do here."""
    window_of(window_handle)


def _known(given: Any, known: tuple[str, ...], name: str) -> str:
    word = scalar(given)
    check_known(word, known, name, halcon_code=1301)
    return str(word)


def _colored(given: Any, name: str) -> tuple[str, ...]:
    number = convert(given, Integer(""), name, DLParamError)
    if number not in COLORED:
        raise DLParamError(name, "3, 6 or 12", f"{number}", halcon_code=1301)
    return colors(list(COLORED[number]), name)


def _lut(given: Any) -> str:
    name = scalar(given)
    return name if isinstance(name, str) else "default"


def _shape_name(given: Any) -> str:
    name = scalar(given)
    if name not in ("original", "rectangle1"):
        raise DLParamError("shape", "'original' or 'rectangle1'", describe(given), halcon_code=1301)
    return str(name)
