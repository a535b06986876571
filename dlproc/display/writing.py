"""Texts in windows: `dev_disp_text`, `disp_message` and what is behind them.

A text that asks the person at HDevelop to press Run is left out: nobody is there to press it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlproc.display.marks import Font, Words, color
from dlproc.display.windows import Window, active_window, restyle, window_of
from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, convert
from dlproc.schema.kinds import Flag, Real, as_list, describe, is_given, scalar
from dlproc.tuples.arithmetic import as_text

BOX_COLOR, SHADOW_COLOR = "#fce9d4", "#f28d26"
_WIDTH = 0.6  # of a letter of the usual font, in units of its height
_ROWS, _COLUMNS = ("top", "center", "bottom"), ("left", "center", "right")
_EDGE = 12  # pixels: HALCON's default distance from the window's edge
_BOX_OPTIONS = ("box", "box_color", "shadow", "shadow_color")
_OPTIONS = (*_BOX_OPTIONS, "border_radius", "box_padding", "shadow_sigma", "shadow_dx", "shadow_dy")
_FAMILIES = {"mono": "monospace", "courier": "monospace", "consolas": "monospace", "menlo": "monospace"}
_FAMILIES |= {"serif": "serif", "times": "serif"}


def dev_disp_text(
    string: Any,
    coord_system: Any,
    row: Any,
    column: Any,
    color: Any,
    gen_param_name: Any = None,
    gen_param_value: Any = None,
) -> None:
    """Write a text in the active window; see `disp_text`."""
    disp_text(active_window(), string, coord_system, row, column, color, gen_param_name, gen_param_value)


def disp_text(
    window_handle: Any,
    string: Any,
    coord_system: Any,
    row: Any,
    column: Any,
    color: Any,
    gen_param_name: Any = None,
    gen_param_value: Any = None,
) -> None:
    """Write a text in a window.

    Parameters
    ----------
    window_handle : Window
    string : str, number, or a list of them
        One line each; or, for lists of rows and columns, one text for each place. A text that begins with 'Press Run'
        or 'Press F5' is left out.
    coord_system : str
        ``'window'``: row and column count pixels of the window; ``'image'``: those of the image.
    row, column : float, str, or lists of them
        Where the text begins. In the window also ``'top'``, ``'center'``, ``'bottom'`` and ``'left'``, ``'center'``,
        ``'right'``.
    color : str or list of str
        Colours for the lines, in turn; ``[]`` or ``''``: those of the window.
    gen_param_name, gen_param_value : str, or lists of them
        ``'box'`` : 'true' (default) or 'false'; ``'box_color'`` : colour, default '#fce9d4'; ``'shadow'``,
        ``'shadow_color'`` : drawn as a thin line around the box. Understood, without effect: 'border_radius',
        'box_padding', 'shadow_sigma', 'shadow_dx', 'shadow_dy'.

    Raises
    ------
    DLParamError
        No open window, colour, place, or option like this.
    """
    window = window_of(window_handle)
    options = _options(gen_param_name, gen_param_value)
    box = options["box_color"] if options["box"] else None
    shadow = options["shadow_color"] if options["box"] and options["shadow"] else None
    _write(window, string, coord_system, row, column, color, box, shadow)


def disp_message(
    window_handle: Any, string: Any, coord_system: Any, row: Any, column: Any, color: Any, box: Any
) -> None:
    """Write a text in a window, as `disp_text` does; HALCON's procedure of older programs.

    Parameters
    ----------
    window_handle, string, coord_system, row, column, color
        As of `disp_text`. A row or column of -1 or ``[]`` is 12.
    box : str or list of str
        ``'true'``: in a box; ``'false'``: without; or the box's colour. A second value says the same of its shadow.

    Raises
    ------
    DLParamError
        No open window, colour or place like this.
    """
    window = window_of(window_handle)
    chosen = as_list(box) or ["false"]
    box_color = _box_color(chosen[0], BOX_COLOR)
    shadow = _box_color(chosen[1], SHADOW_COLOR) if len(chosen) > 1 else SHADOW_COLOR
    first, second = (_EDGE if not is_given(one) or scalar(one) == -1 else one for one in (row, column))
    _write(window, string, coord_system, first, second, color, box_color, shadow if box_color else None)


def disp_continue_message(window_handle: Any, color: Any = "black", box: Any = "true") -> None:
    """HALCON's "Press Run (F5) to continue". Nothing is written: nobody is there to press it."""
    window_of(window_handle)


def disp_end_of_program_message(window_handle: Any, color: Any = "black", box: Any = "true") -> None:
    """HALCON's note that the program is at its end. Nothing is written: it ends by itself."""
    window_of(window_handle)


def dev_disp_error_text(exception: Any, *more: Any) -> None:
    """Write the message of an exception, and further texts, in the active window.

    Parameters
    ----------
    exception : list, str
        What ``catch`` caught: ``[code, additional code, message, …]``, whose message is written; or a text.
    *more : str
        Further lines.
    """
    caught = as_list(exception)
    is_tuple = len(caught) >= 3 and isinstance(caught[0], int) and isinstance(caught[2], str)
    lines = [f"Error {caught[0]}", caught[2]] if is_tuple else caught
    lines += [line for one in more for line in as_list(one)]
    window = active_window()
    _write(window, lines, "window", _EDGE, _EDGE, "red", BOX_COLOR, SHADOW_COLOR)


# --- Fonts


def set_display_font(
    window_handle: Any, size: Any, font: Any = "mono", bold: Any = "false", slant: Any = "false"
) -> None:
    """The font of texts in a window.

    Parameters
    ----------
    window_handle : Window
    size : float
        Height, pixels of the window; -1: 16.
    font : str
        ``'mono'``, ``'sans'``, ``'serif'``; of other names, such as 'Courier' or 'Arial', the nearest of these.
    bold, slant : str
        ``'true'`` or ``'false'``.

    Raises
    ------
    DLParamError
        No open window; no size; neither 'true' nor 'false'.
    """
    window = window_of(window_handle)
    height = convert(size, Real(""), "size", DLParamError)
    height = 16.0 if height == -1 else convert(height, Real("", low=1, high=1000), "size", DLParamError)
    flags = [bool(convert(one, Flag(""), name, DLParamError)) for one, name in ((bold, "bold"), (slant, "slant"))]
    restyle(window, font=Font(_family(scalar(font)), height, *flags))


def set_font(window_handle: Any, font: Any) -> None:
    """The font of texts in a window by HALCON's name of it.

    Parameters
    ----------
    window_handle : Window
    font : str
        Such as ``'mono-16'``, ``'default-Bold-18'``, ``'-Courier-18-*-*-*-*-'``: of it the family (see
        `set_display_font`), the first number, and the words Bold and Italic are understood.

    Raises
    ------
    DLParamError
        No open window; no text.
    """
    window = window_of(window_handle)
    name = scalar(font)
    if not isinstance(name, str):
        raise DLParamError("font", "a font's name, such as 'mono-16'", describe(font), halcon_code=1202)
    size = re.search(r"-([0-9]{1,3})\b", name)
    is_bold, is_slanted = "bold" in name.lower(), bool(re.search("italic|oblique", name.lower()))
    height = float(size.group(1)) if size and int(size.group(1)) else window.style.font.size
    restyle(window, font=Font(_family(name.lstrip("-").split("-")[0]), height, is_bold, is_slanted))


def get_font(window_handle: Any) -> str:
    """The font of texts in a window, as `set_font` takes it."""
    font = window_of(window_handle).style.font
    family = {"monospace": "mono", "sans-serif": "sans"}.get(font.family, font.family)
    style = "-Bold" * font.is_bold + "-Italic" * font.is_slanted
    return f"{family}{style}-{font.size:g}"


def query_font(window_handle: Any) -> list[str]:
    """Names that `set_font` takes; others become the nearest of them."""
    window_of(window_handle)
    return ["mono", "sans", "serif", "Courier", "Arial", "Times New Roman"]


def get_font_extents(window_handle: Any) -> tuple[int, int, int, int]:
    """How much room letters take, roughly; see `get_string_extents`.

    Returns
    -------
    max_ascent, max_descent, max_width, max_height : int
        Pixels of the window.
    """
    return get_string_extents(window_handle, "W")


def get_string_extents(window_handle: Any, values: Any) -> tuple[int, int, int, int]:
    """How much room a text takes, roughly: letters are taken to be 0.6 times as wide as high, as in 'mono'.

    Returns
    -------
    ascent, descent, width, height : int
        Pixels of the window.
    """
    size = window_of(window_handle).style.font.size
    text = "".join(_texts(values))
    ascent, descent = round(0.8 * size), round(0.2 * size)
    return ascent, descent, round(_WIDTH * size * len(text)), ascent + descent


# --- The text cursor of old programs


def set_tposition(window_handle: Any, row: Any, column: Any) -> None:
    """Where `write_string` begins, in rows and columns of the image.

    Raises
    ------
    DLParamError
        No open window; no number.
    """
    window = window_of(window_handle)
    place = [convert(one, Real(""), name, DLParamError) for one, name in ((row, "row"), (column, "column"))]
    window.text = Words([], place[0], place[1], True, window.style.colors[:1], window.style.font)


def write_string(window_handle: Any, string: Any) -> None:
    """Write texts and numbers, one behind the other, where the text cursor stands.

    Raises
    ------
    DLParamError
        No open window.
    """
    window = window_of(window_handle)
    if window.text is None:
        set_tposition(window, window.view[0] + _EDGE, window.view[1] + _EDGE)
    assert window.text is not None
    text = "".join(_texts(string))
    before = window.text.lines
    changed = replace(window.text, lines=[*before[:-1], before[-1] + text] if before else [text])
    if window.marks and window.marks[-1].mark is window.text:
        window.marks.pop()  # the same text with more letters
    window.add(changed)
    window.text = changed


def new_line(window_handle: Any) -> None:
    """Put the text cursor at the beginning of the next line.

    Raises
    ------
    DLParamError
        No open window.
    """
    window = window_of(window_handle)
    write_string(window, "")
    assert window.text is not None
    window.text.lines.append("")


def _write(
    window: Window,
    string: Any,
    coord_system: Any,
    row: Any,
    column: Any,
    color_given: Any,
    box: str | None,
    shadow: str | None,
) -> None:
    """One text at one place, or one for each of several."""
    system = scalar(coord_system)
    check_known(system, ("window", "image"), "coord_system", halcon_code=1303)
    lines = _texts(string)
    if lines and re.match(r"press (run|'?f5)", lines[0].strip(), re.IGNORECASE):
        return
    rows = [_coordinate(one, "row", _ROWS, system) for one in as_list(row)]
    columns = [_coordinate(one, "column", _COLUMNS, system) for one in as_list(column)]
    n_places = max(len(rows), len(columns))
    if not rows or not columns or any(len(one) not in (1, n_places) for one in (rows, columns)):
        raise DLParamError("row, column", "as many of both", f"{len(rows)}, {len(columns)}", halcon_code=1404)
    if n_places > 1 and len(lines) not in (1, n_places):
        raise DLParamError("string", f"1 text, or {n_places}, one for each place", f"{len(lines)}", halcon_code=1401)
    given = [one for one in as_list(color_given) if one not in ("", "auto")]
    colors = tuple(color(one, "color") for one in given) or window.style.colors
    font, is_in_image = window.style.font, system == "image"
    if n_places == 1:
        window.add(Words(_split(lines), rows[0], columns[0], is_in_image, colors, font, box, shadow))
        return
    for place in range(n_places):
        text, own = lines[place % len(lines)], colors[place % len(colors)]
        at = rows[place % len(rows)], columns[place % len(columns)]
        window.add(Words(_split([text]), *at, is_in_image, (own,), font, box, shadow))


def _texts(given: Any) -> list[str]:
    """Texts and numbers as texts, the numbers as HALCON writes them."""
    return [as_text(one) for one in as_list(given)]


def _split(lines: list[str]) -> list[str]:
    return [part for line in lines for part in line.split("\n")]


def _coordinate(given: Any, name: str, words: tuple[str, ...], system: Any) -> float | str:
    if isinstance(given, str):
        if system == "image":
            raise DLParamError(name, "a number, in the image", repr(given), halcon_code=1304)
        check_known(given, words, name, halcon_code=1304)
        return given
    return float(convert(given, Real(""), name, DLParamError))


def _box_color(given: Any, default: str) -> str | None:
    if given in ("true", True):
        return default
    return None if given in ("false", False, "") else color(given, "box")


def _options(names: Any, values: Any) -> dict[str, Any]:
    """The options of a text with their defaults; names and values, or one dictionary."""
    options: dict[str, Any] = {
        "box": True, "box_color": BOX_COLOR, "shadow": True, "shadow_color": SHADOW_COLOR,
    }  # fmt: skip
    given = scalar(names)
    pairs = list(given.items()) if isinstance(given, Mapping) else []
    if not isinstance(given, Mapping):
        lists = as_list(names), as_list(values)
        if len(lists[0]) != len(lists[1]):
            expected = f"{len(lists[0])} values, one for each name"
            raise DLParamError("gen_param_value", expected, f"{len(lists[1])}", halcon_code=1407)
        pairs = list(zip(*lists, strict=True))
    for name, value in pairs:
        check_known(name, _OPTIONS, "gen_param_name", halcon_code=1306)
        if name in ("box", "shadow"):
            options[name] = bool(convert(value, Flag(""), "gen_param_value", DLParamError))
        elif name in ("box_color", "shadow_color"):
            options[name] = color(value, "gen_param_value")
    return options


def _family(name: Any) -> str:
    word = str(name).lower()
    return next((family for known, family in _FAMILIES.items() if word.startswith(known)), "sans-serif")
