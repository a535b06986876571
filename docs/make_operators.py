"""Write docs/operators.md: ``python docs/make_operators.py``. A test compares page and code.

From the table of operators that the translator knows (dlproc/hdevelop/operators.py, functions.py), what differs and how
it was checked (differences.py), and docs/operator_notes.py.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from operator_notes import NOT_YET, OWN

import dlproc as dl
from dlproc.hdevelop.differences import CHECKS, NOT_CHECKED, REMARKS, WAYS
from dlproc.hdevelop.functions import FUNCTIONS, PLAIN, Function
from dlproc.hdevelop.names import snake_case
from dlproc.hdevelop.operators import OPERATORS, Operator

_TITLE = """# Every operator and procedure

Made by `python docs/make_operators.py` from the tables that `dlproc port` works with and from `docs/operator_notes.py`.
[porting.md](porting.md) says what holds for all of them: how tuples, objects and errors become Python.

The first column is HALCON's notation, `name (iconic in : iconic out : control in : control out)`. In the second, what
stands in brackets may be left out. The third says what differs from HALCON; *same* means that the check found no
difference, *unknown* that there was no check. The last says how it was checked. HALCON itself was not at hand.

| how it was checked | operators | |
|---|---|---|
{ways}

`dlproc port` repeats in its report what differs for the calls of a program, and which of them are not checked.

{contents}
"""
_TUPLES = """\
As functions in expressions, `sin(T)`, and as operators, `tuple_sin (T, R)`: {n} of them, all that HALCON's Python
bindings have. Where it is known that a value is one number or one text, a ported program has plain Python, if there is
some; else the function `tuple_…`, which takes single values and lists, and **returns a list**. Elements are combined as
in HALCON: each with its partner, or one with all. Integers have 64 bits in the functions, and any length in plain
Python. What has no value, such as the root of -1, and a division by zero are errors."""
_NOT_YET = """\
Well-known operators and procedures that dlproc does not have. In a ported program each is a `# TODO port` with the line
as it was, and `raise NotImplementedError`; `dlproc run` stops there. What stands in between can be ordinary Python: an
image is a NumPy array, and a region gives its pixels with `get_region_points` or a mask with `region_to_bin`."""
_WAYS = {
    "reference text": "code and tests follow what HALCON's public reference says",
    "worked example": "a result worked out by hand from the reference's definition",
    "second library": "another library computes the same numbers",
    "not checked": "what HALCON does in detail is not known",
}
_OWN = "HALCON does not have these."


def operators_page() -> str:
    """The page as Markdown."""
    chapters = {operator.chapter: _chapter(operator.chapter) for operator in OPERATORS.values()}
    headings = [*chapters, "Tuple functions", "Not yet", "dlproc's own"]
    contents = " ·\n".join(f"[{heading}](#{_anchor(heading)})" for heading in headings)
    parts = [_TITLE.format(contents=contents, ways=_ways()), *chapters.values(), _tuples(), _not_yet(), _own()]
    return "\n".join(parts)


def _ways() -> str:
    """How many operators were checked in which way."""
    counts = Counter(check.way for check in CHECKS.values())
    return "\n".join(f"| {way} | {counts[way]} | {_WAYS[way]} |" for way in WAYS)


def _differs(name: str) -> str:
    """The last two cells of an operator's row."""
    check = CHECKS[name]
    return f"{check.differs or ('unknown' if check.way == NOT_CHECKED else 'same')} | {check.text}"


def python_call(operator: Operator) -> str:
    """How Python calls it: ``area, row, column = dl.area_center(regions)``."""
    results = [snake_case(output.name) for output in operator.outputs]
    names = [snake_case(parameter.name) for parameter in operator.inputs]
    call = f"dl.{operator.name}({_arguments(operator.name, names)})"
    return f"{', '.join(results)} = {call}" if results else call


def _arguments(name: str, names: list[str]) -> str:
    """The arguments, in brackets those at the end that have a default."""
    parameters = list(inspect.signature(getattr(dl, name)).parameters.values())
    n_needed = sum(parameter.default is parameter.empty for parameter in parameters)
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        n_needed = len(names)
    needed, optional = names[:n_needed], names[n_needed:]
    text = ", ".join(needed)
    return f"{text}[{', ' if text else ''}{', '.join(optional)}]" if optional else text


def _chapter(chapter: str) -> str:
    rows = [
        f"| `{operator.signature}` | `{python_call(operator)}` | {_differs(operator.name)} |"
        for operator in OPERATORS.values()
        if operator.chapter == chapter
    ]
    said = [REMARKS[chapter], ""] if chapter in REMARKS else []
    return _section(chapter, [*said, "| HALCON | Python | differs | checked |", "|---|---|---|---|", *rows])


def _tuples() -> str:
    found: dict[str, tuple[Function, list[str]]] = {}
    for name, function in FUNCTIONS.items():
        found.setdefault(function.name, (function, []))[1].append(name)
    rows = []
    for _, (function, names) in sorted(found.items()):
        arguments = ", ".join(inspect.signature(getattr(dl, function.operator)).parameters)
        spelt = ", ".join(f"`{name}({arguments})`" for name in names)
        calls = [f"`{_plain(name)}`" for name in names if name in PLAIN]
        calls.append(f"`dl.{function.operator}({arguments})`")
        rows.append(f"| {spelt} | {', '.join(calls)} | {_differs(function.operator)} |")
    said = _TUPLES.format(n=len(found))
    return _section(
        "Tuple functions", [said, "", "| HDevelop | Python | differs | checked |", "|---|---|---|---|", *rows]
    )


def _plain(name: str) -> str:
    """Plain Python for single values: ``math.sin(t)``."""
    arguments = inspect.signature(getattr(dl, FUNCTIONS[name].operator)).parameters
    return PLAIN[name].template.format(*arguments)


def _not_yet() -> str:
    rows = [f"| {theme} | {_code(names.split())} | {instead} |" for theme, names, instead in NOT_YET]
    return _section("Not yet", [_NOT_YET, "", "| | names | instead |", "|---|---|---|", *rows])


def _own() -> str:
    rows = [f"| `dl.{name}` | {text} |" for name, text in OWN.items()]
    return _section("dlproc's own", [_OWN, "", "| | |", "|---|---|", *rows])


def _section(heading: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {heading}", "", *lines]) + "\n"


def _anchor(heading: str) -> str:
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    page = Path(__file__).with_name("operators.md")
    page.write_text(operators_page(), encoding="utf-8")
    print(f"wrote {page}")
