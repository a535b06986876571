"""Fill the template: plain values in, the text of a page out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from dlproc.printable import printable


def render_page(content: Mapping[str, Any]) -> str:
    """The page as text, everything inside it: styles, script, pictures.

    Parameters
    ----------
    content : mapping
        What `write_dl_report` collects; see ``template.html``.

    Notes
    -----
    File names are not to be trusted: everything is escaped, what the script reads is JSON in which ``<`` cannot end the
    script's element, and a mark that turns the direction of writing is shown as an escape.
    """
    folder = files("dlproc.report")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.filters |= {"number": number, "percent": percent, "interval": interval, "words": words}
    template = environment.from_string((folder / "template.html").read_text(encoding="utf-8"))
    parts = {name: Markup((folder / name).read_text(encoding="utf-8")) for name in ("style.css", "script.js")}
    return template.render(content, style=parts["style.css"], script=parts["script.js"])


def _shown(value: object) -> object:
    """What the template writes for a value."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def number(value: float | None, digits: int = 3) -> str:
    """A number with fixed digits; a dash for None.

    Examples
    --------
    >>> number(0.91251), number(None)
    ('0.913', '–')
    """
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share as percent; a dash for None."""
    return "–" if value is None else f"{100 * value:.1f} %"


def interval(bounds: list[float] | None) -> str:
    """Both ends of an interval; nothing for None."""
    return "" if not bounds else f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def words(value: object) -> str:
    """A setting as a reader would write it: lists with commas, strings without quotes, long numbers cut."""
    if isinstance(value, list | tuple):
        return ", ".join(words(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
