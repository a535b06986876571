"""What ``dlproc port`` says about the calls of a program: what differs from HALCON, and what was not checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from dlproc.hdevelop import syntax
from dlproc.hdevelop.calls import WITHOUT_EFFECT
from dlproc.hdevelop.differences import CHECKS, REMARKS
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.program import Procedure, Program, walk_expressions, walk_statements

_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
_AS_ANOTHER = re.compile(r"As `(\w+)`\.")
_MOST_LINES = 6  # that are named for one operator


def difference_lines(program: Program, left_to_port: Collection[tuple[str, int]]) -> list[str]:
    """A line for each chapter and operator that differs, and one for all operators that were not checked.

    Parameters
    ----------
    program : Program
    left_to_port : collection of (str, int)
        Procedure and line of the statements that have no translation: they are not looked at.
    """
    places = _places(program, left_to_port)
    chapters = dict.fromkeys(map(_chapter, places))
    lines = [
        f"  differs, all of '{chapter}': {_plain(_first_sentence(REMARKS[chapter]))}"
        for chapter in chapters
        if chapter in REMARKS
    ]
    lines += [
        f"  differs: {name} ({_listed(own)}): {_plain(_differs(name))}"
        for name, own in places.items()
        if CHECKS[name].differs
    ]
    unchecked = [f"{name} ({_listed(own)})" for name, own in places.items() if not CHECKS[name].is_checked]
    if unchecked:
        lines.append(f"  not checked against HALCON: {', '.join(unchecked)}")
    return lines


def _places(program: Program, left_to_port: Collection[tuple[str, int]]) -> dict[str, list[str]]:
    """Where a program calls what dlproc has, by operator, in the order of the text."""
    own = {procedure.name for procedure in program.procedures}
    found: dict[str, list[str]] = {}
    for procedure in sorted(program.procedures, key=lambda one: one.is_main):
        for name, line in _calls(procedure):
            is_ours = name in CHECKS and name not in own and _chapter(name) != WITHOUT_EFFECT
            if is_ours and (procedure.name, line) not in left_to_port:
                found.setdefault(name, []).append(f"{'' if procedure.is_main else procedure.name + ' '}line {line}")
    return found


def _calls(procedure: Procedure) -> Iterator[tuple[str, int]]:
    """Operators and functions with their lines."""
    for statement in walk_statements(procedure.body):
        if isinstance(statement, syntax.Call):
            yield statement.name, statement.line
        for node in walk_expressions(statement):
            if isinstance(node, syntax.FunctionCall) and node.name in FUNCTIONS:
                yield FUNCTIONS[node.name].operator, statement.line


def _chapter(name: str) -> str:
    return OPERATORS[name].chapter if name in OPERATORS else "Tuple functions"


def _listed(places: list[str]) -> str:
    """``line 3, line 9, inspect line 4``."""
    unique = list(dict.fromkeys(places))
    named = ", ".join(unique[:_MOST_LINES])
    return f"{named} and {len(unique) - _MOST_LINES} more" if len(unique) > _MOST_LINES else named


def _differs(name: str) -> str:
    """What differs; of an operator that differs as another one does, what is said there."""
    differs = CHECKS[name].differs
    other = _AS_ANOTHER.fullmatch(differs)
    return _differs(other.group(1)) if other and other.group(1) in CHECKS else differs


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _plain(markdown: str) -> str:
    """Without links and signs of Markdown."""
    return _LINK.sub(r"\1", markdown).replace("`", "")
