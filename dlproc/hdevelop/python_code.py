"""Pieces of Python text: how tightly they hold together, quotes, and lines that fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dlproc.hdevelop.kinds import ANYTHING, Kind

# Python's precedence, weakest first.
TERNARY, OR, AND, NOT, COMPARISON, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM, PRODUCT, SIGN, POWER, ATOM = range(14)

_SHORT = 16  # an index behind other brackets that is shorter is no place to break a line
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression: its text, what is known of its value, and how strong its weakest operator is."""

    text: str
    kind: Kind = ANYTHING
    strength: int = ATOM

    def at_least(self, strength: int) -> str:
        """The text, in parentheses if it holds together less strongly."""
        return self.text if self.strength >= strength else f"({self.text})"

    @property
    def atom(self) -> str:
        """The text as something that an index, a key or a method can follow; a number needs parentheses there."""
        return f"({self.text})" if self.strength < ATOM or self.text[0].isdigit() else self.text


@dataclass(frozen=True, slots=True)
class Hole:
    """A value within an f-string, with the format behind its colon."""

    code: Code
    format: str = ""


def quoted(text: str) -> str:
    """A text as a literal, in double quotes unless that needs more backslashes."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + _escaped(text, quote) + quote


def formatted(parts: Sequence[str | Hole]) -> str | None:
    """An f-string; None where one cannot be written because a value needs quotes of both kinds or a backslash."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(_escaped(part, '"').replace("{", "{{").replace("}", "}}"))
            continue
        inner = part.code.text
        if '"' in inner:
            inner = inner.replace('"', "'") if "'" not in inner else "\\"
        if "\\" in inner or '"' in part.format or "\\" in part.format:
            return None
        inner = f" {inner}" if inner.startswith("{") else inner
        texts.append("{" + inner + (f":{part.format}" if part.format else "") + "}")
    return 'f"' + "".join(texts) + '"'


def call(name: str, arguments: Sequence[str]) -> str:
    """``name(arguments)``."""
    return f"{name}({', '.join(arguments)})"


def wrapped(line: str, indent: int, width: int = 88) -> list[str]:
    """A statement in lines of at most `width` characters, broken at brackets; longer where it has none to break."""
    margin = " " * indent
    if len(margin) + len(line) <= width:
        return [margin + line]
    bracket = _last_bracket(line)
    if bracket is None:
        return [margin + line]
    start, end = bracket
    head, inside, tail = line[: start + 1], line[start + 1 : end], line[end:]
    name, equals, value = line.partition(" = ")
    if equals and len(margin) + len(head) > width and len(name) < start:
        inner = " " * (indent + 4)
        body = wrapped(value, indent + 4, width)
        return [f"{margin}{name} = (", *body, f"{margin})"]
    inner = " " * (indent + 4)
    elements = _elements(inside)
    is_display = line[start] != "(" and not (start and (line[start - 1].isalnum() or line[start - 1] in "_)]}\"'"))
    if is_display or (len(elements) > 1 and len(inner) + len(inside) > width):
        body = [part for element in elements for part in wrapped(f"{element},", indent + 4, width)]
    elif len(elements) > 1:
        body = [inner + inside]
    else:
        body = wrapped(inside, indent + 4, width)
    return [margin + head, *body, margin + tail]


def _last_bracket(line: str) -> tuple[int, int] | None:
    """Where the last bracket at the outermost level that holds something opens and closes."""
    found, opened, depth = None, 0, 0
    for place, sign in _signs(line):
        if sign in "([{":
            opened = place if depth == 0 else opened
            depth += 1
        elif sign in ")]}":
            depth -= 1
            is_short = line[opened] == "[" and opened > 0 and line[opened - 1] in ")]}" and place - opened < _SHORT
            if depth == 0 and place > opened + 1 and not (found and is_short):
                found = (opened, place)
    return found


def _elements(inside: str) -> list[str]:
    """What commas divide, at the outermost level."""
    elements, start, depth = [], 0, 0
    for place, sign in _signs(inside):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            elements.append(inside[start:place].strip())
            start = place + 1
    last = inside[start:].strip()
    return [*elements, last] if last else elements


def _signs(line: str) -> list[tuple[int, str]]:
    """The brackets and commas of a line of Python with their places, but for those within texts and comments."""
    parts = re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*|[()\[\]{},]', line)
    return [(part.start(), part[0]) for part in parts if len(part[0]) == 1]


def _escaped(text: str, quote: str) -> str:
    signs = [_ESCAPES.get(sign) or (sign if sign.isprintable() else repr(sign)[1:-1]) for sign in text]
    return "".join(f"\\{sign}" if sign == quote else sign for sign in signs)
