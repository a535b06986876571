"""Figures, their windows, and the letters in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dlproc.display.saving import save_picture
from dlproc.display.windows import Window
from dlproc.errors import DLParamError
from dlproc.schema.kinds import describe, is_given

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# HALCON's colours of the two classes; blue and orange-red are told apart in every kind of colour blindness.
OK_COLOR, NOK_COLOR = "#1354ad", "#ff3410"
FAMILIES = {"sans": "sans-serif", "mono": "monospace", "serif": "serif"}
_LINE_HEIGHT = 1.25  # of the font size
_HINTING = 1.04  # on a coarse screen letters are a little wider than in print
_POINTS_PER_INCH = 72


def empty_figure(kept: Figure | None, show: bool) -> Figure:
    """A white figure with nothing in it: the one that was kept, as long as its window is open, or a new one."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('drawing needs matplotlib: pip install "dlproc[viz]"') from error
    is_usable = kept is not None and (not show or _has_window(kept))
    figure = kept if kept is not None and is_usable else _pyplot_figure() if show else Figure()
    figure.clear()
    figure.set_layout_engine("none")
    figure.set_facecolor("white")
    return figure


def figure_of_windows(window_handle_dict: object, show: bool) -> Figure:
    """An empty figure: the one in the window dictionary, or a new one, which is put there."""
    if not isinstance(window_handle_dict, dict):
        return empty_figure(None, show)
    figure = empty_figure(window_handle_dict.get("figure"), show)
    window_handle_dict["figure"] = figure
    return figure


def check_windows(window_handle_dict: object) -> None:
    """Raise `DLParamError` unless it is a dictionary, or None; HALCON, too, refuses []."""
    if window_handle_dict is not None and not isinstance(window_handle_dict, dict):
        raise DLParamError("window_handle_dict", "a dictionary, or None", describe(window_handle_dict))
    check_figure(window_handle_dict.get("figure") if window_handle_dict else None, "window_handle_dict['figure']")


def check_figure(value: object, where: str) -> Figure | None:
    """The figure, or None where nothing is given, or a window, which is none; anything else is a `DLParamError`."""
    if not is_given(value) or isinstance(value, Window):
        return None
    if not (hasattr(value, "savefig") and hasattr(value, "canvas")):
        raise DLParamError(where, "a figure that an earlier call returned, or None", describe(value))
    return value  # type: ignore[return-value]  # without importing matplotlib this is as near as one gets


def show_figure(figure: Figure) -> None:
    """Open or refresh the figure's window without stopping the script."""
    assert figure.canvas.manager is not None  # empty_figure saw to it
    figure.canvas.manager.show()
    figure.canvas.draw_idle()
    figure.canvas.flush_events()


def finished(figure: Figure, name: str, show: bool) -> Figure:
    """The figure, when all is drawn: shown where that is asked for, written where `save_windows_to` says so."""
    if show:
        show_figure(figure)
    save_picture(name, figure.savefig)
    return figure


def undrawn() -> Figure:
    """What a procedure returns while `display_off` is in force: an empty figure, or None without matplotlib."""
    nothing: Any = None
    try:
        return empty_figure(None, show=False)
    except ImportError:
        return nothing


def close_figure(figure: Figure) -> None:
    """Close the figure's window, where it has one, and let go of what is drawn."""
    if figure.canvas.manager is not None:
        from matplotlib import pyplot

        pyplot.close(figure)
    figure.clear()


def letters(options: Mapping[str, Any], scale: float = 1.0) -> dict[str, Any]:
    """The keyword arguments of a text for the options 'font' and 'font_size'."""
    return {"fontsize": options["font_size"] * scale, "fontfamily": FAMILIES[options["font"]]}


def line_inches(options: Mapping[str, Any], n_lines: float = 1) -> float:
    """Height of lines of text, inches."""
    return float(n_lines * _LINE_HEIGHT * options["font_size"] / _POINTS_PER_INCH)


def text_inches(text: str, options: Mapping[str, Any], is_bold: bool = False) -> float:
    """Width of a line of text, inches."""
    em = _em_width(text, FAMILIES[options["font"]], "bold" if is_bold else "normal")
    return _HINTING * em * float(options["font_size"]) / _POINTS_PER_INCH


def wrap(text: str, width_inches: float, options: Mapping[str, Any]) -> str:
    """The text in lines that fit the width; a word that is too long for a line is shortened with ….

    A no-break space becomes a space, but no line ends there.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_inches(longer, options) > width_inches:
                lines.append(line)
                longer = word
            line = shorten(longer, width_inches, options)
        lines.append(line)
    return "\n".join(lines).replace("\u00a0", " ")


def shorten(text: str, width_inches: float, options: Mapping[str, Any], is_bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, and …."""
    shown = text
    while len(shown) > 2 and text_inches(shown, options, is_bold) > width_inches:
        shown = shown[:-2].rstrip() + "…"
    return shown


def plain(text: str) -> str:
    """The text as matplotlib prints it letter by letter: a pair of dollars is no formula."""
    return text.replace("$", r"\$")


@lru_cache(maxsize=4096)
def _em_width(text: str, family: str, weight: str) -> float:
    """Width of the text in units of the font size."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=family, weight=weight, size=100)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 100


def _has_window(figure: Figure) -> bool:
    """Whether pyplot still knows the figure: a user may have closed its window."""
    from matplotlib import pyplot

    return figure.canvas.manager is not None and pyplot.fignum_exists(figure.number)


def _pyplot_figure() -> Figure:
    from matplotlib import pyplot

    return pyplot.figure()
