"""HDevelop text cut into lines, and lines of code into tokens.

One line here is one statement: a backslash at the end of a line continues it on the next. Positions count characters of
the whole text; `Source.place` says them as line and column.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from dlproc.errors import DLSyntaxError
from dlproc.hdevelop import syntax

_SPACE = re.compile(r"(?:[^\S\n]|\\[^\S\n]*\n)+")
_TOKEN = re.compile(
    r"""
      (?P<real>    (?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? | [0-9]+[eE][+-]?[0-9]+ )
    | (?P<integer> 0[xX][0-9a-fA-F]+ | [0-9]+ )
    | (?P<string>  '(?:[^'\\\n]|\\.)*' )
    | (?P<word>    [^\W\d]\w* )
    | (?P<symbol>  := | \[(?:[=!<>]=|<>|[=\#<>])\] | [=!<>]= | =~ | <> | [-+*/%$=\#<>()\[\]{}|,:.] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9a-fA-F]{2})|0(?P<octal>[0-7]{1,3})|(?P<one>.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "v": "\v", "b": "\b", "r": "\r", "f": "\f", "a": "\a", "\\": "\\", "'": "'", "\n": ""}
_WHOLE = re.compile(r"(?:[^\n]*\\[^\S\n]*\n)*[^\n]*")  # a statement, with the lines that continue it
_IMPORT = re.compile(r"import[^\S\n]+(?!:=)([^\n]*)")
# What stands behind these HDevelop ignores: files of HALCON 17 have lines such as "return ())".
_COMPLETE = re.compile(r"(?:return|stop|exit)[^\S\n]*\([^\S\n]*\)")
_LARGEST = 2**64  # an integer has 64 bits
_MOST_DIGITS = 400  # of a number: more are no number of 64 bits, and slow to read


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of code.

    Attributes
    ----------
    kind : str
        ``'word'``, ``'integer'``, ``'real'``, ``'string'``, ``'symbol'`` or ``'end'``, the end of the statement.
    text : str
        As written.
    position : int
        Of its first character in the source.
    """

    kind: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Line:
    """A statement, comment or empty line.

    Attributes
    ----------
    kind : str
        ``'code'``, ``'comment'``, ``'exported'``, ``'import'``, ``'blank'`` or ``'unreadable'``.
    position : int
        Of its first character that is not a space.
    text : str
        Of a comment, an exported line, an import or what cannot be understood; else empty.
    tokens : tuple of Token
        Of code, the last one of kind ``'end'``; else empty.
    note : str
        The comment behind code; why a line cannot be understood.
    """

    kind: str
    position: int
    text: str = ""
    tokens: tuple[Token, ...] = ()
    note: str = ""


class Source:
    """A text, the places in it, and errors about them.

    Parameters
    ----------
    lines : sequence of str
        Lines without their ends. A line may hold line feeds, as a continued statement of a file does; each begins a
        line of its own.
    where : str
        Begins each error message, e.g. ``'inspect.hdev, procedure main'``.

    Attributes
    ----------
    begins : list of int
        The positions where the statements begin, as far as they have been read.
    blamed : int
        The position of what the last error is to blame on.
    """

    def __init__(self, lines: Sequence[str], where: str = "") -> None:
        self.text = "\n".join(lines).replace("\r\n", "\n")
        self.where = where
        self.begins: list[int] = []
        self.blamed = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line(self, position: int) -> int:
        """The line, from 1, of a position."""
        return bisect.bisect_right(self._starts, position)

    def place(self, position: int) -> str:
        line = self.line(position)
        column = position - self._starts[line - 1] + 1
        return f"{self.where}{', ' if self.where else ''}line {line}, column {column}"

    def begin(self, position: int) -> int:
        """Where the statement at a position begins."""
        return self.begins[bisect.bisect_right(self.begins, position) - 1]

    def error(self, position: int, expected: str, got: str, hint: str = "", *, blamed: int | None = None) -> NoReturn:
        self.blamed = position if blamed is None else blamed
        raise DLSyntaxError(self.place(position), expected, got, hint)


def read_lines(source: Source, unreadable: Mapping[int, str] = MappingProxyType({})) -> list[Line]:
    """All lines of a source.

    Parameters
    ----------
    source : Source
    unreadable : mapping of int to str
        Statements to leave as they are, by where they begin, with the reason.

    Raises
    ------
    DLSyntaxError
        A character that the language does not have, or a text without its closing quote.
    """
    lines, position = [], 0
    source.begins.clear()
    while position <= len(source.text):
        source.begins.append(position)
        if position in unreadable:
            line, position = _unread(source, position, unreadable[position])
        else:
            line, position = _read_line(source, position)
        lines.append(line)
    return lines


def read_tokens(source: Source, position: int = 0) -> tuple[tuple[Token, ...], str, int]:
    """The tokens of one statement, the comment behind it, and the position of the line feed that ends it."""
    text, tokens, note = source.text, [], ""
    while True:
        if space := _SPACE.match(text, position):
            position = space.end()
        if position >= len(text) or text[position] == "\n":
            break
        if text.startswith("//", position):
            end = _line_end(text, position)
            note = text[position + 2 : end].strip()
            break
        found = _TOKEN.match(text, position)
        if not found:
            _reject(source, position)
        tokens.append(Token(str(found.lastgroup), found.group(), position))
        position = found.end()
    tokens.append(Token("end", "", position))
    return tuple(tokens), note, _line_end(text, position)


def integer(source: Source, token: Token) -> syntax.Integer:
    """The number of an integer token: decimal, ``0x`` hexadecimal, ``0`` octal, as in C."""
    text = token.text.lower()
    base, digits = 10, text
    if text.startswith("0x"):
        base, digits = 16, text[2:]
    elif len(text) > 1 and text.startswith("0") and not set(text) & {"8", "9"}:
        base, digits = 8, text[1:]
    if len(digits) > _MOST_DIGITS or (value := int(digits, base)) >= _LARGEST:
        source.error(token.position, "an integer of at most 64 bits", f"one of {len(digits)} digits")
    return syntax.Integer(value, base)


def real(source: Source, token: Token) -> syntax.Real:
    """The number of a real token."""
    value = float(token.text)
    if value == float("inf"):
        source.error(token.position, "a real number of at most 1.8e308", "a larger one")
    return syntax.Real(value)


def string(token: Token) -> syntax.String:
    """The text of a string token, its escapes resolved; a backslash that begins none stays."""
    return syntax.String(_ESCAPE.sub(_resolve, token.text[1:-1]))


def _resolve(escape: re.Match[str]) -> str:
    if escape["hex"]:
        return chr(int(escape["hex"], 16))
    if escape["octal"]:
        return chr(int(escape["octal"], 8))
    return _ESCAPED.get(escape["one"], escape.group())


def _unread(source: Source, position: int, reason: str) -> tuple[Line, int]:
    """A statement that is not understood, and the position of the next."""
    found = _WHOLE.match(source.text, position)
    assert found is not None  # it matches nothing, too
    text = found.group()
    first = position + len(text) - len(text.lstrip())
    return Line("unreadable", first, text.strip(), note=reason), found.end() + 1


def _read_line(source: Source, position: int) -> tuple[Line, int]:
    """The line at a position, and the position of the next."""
    text = source.text
    end = _line_end(text, position)
    first = position + len(text[position:end]) - len(text[position:end].lstrip())
    content = text[first:end].rstrip()
    if not content:
        return Line("blank", position), end + 1
    if content.startswith("*"):
        return Line("comment", first, content[1:]), end + 1
    if content.startswith("//"):
        return Line("comment", first, content[2:]), end + 1
    if content.startswith("#"):
        return Line("exported", first, content[1:]), end + 1
    if found := _IMPORT.match(content):
        return Line("import", first, found[1].strip()), end + 1
    if (found := _COMPLETE.match(content)) and not content[found.end() :].lstrip().startswith("//"):
        tokens, _, _ = read_tokens(Source([found.group()]))
        tokens = tuple(Token(token.kind, token.text, first + token.position) for token in tokens)
        return Line("code", first, tokens=tokens, note=content[found.end() :].strip()), end + 1
    tokens, note, end = read_tokens(source, first)
    return Line("code", first, tokens=tokens, note=note), end + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _reject(source: Source, position: int) -> NoReturn:
    character = source.text[position]
    if character == "'":
        source.error(position, "a text that ends with a single quote", "none before the end of the line")
    if character == "\\":
        source.error(position, "a backslash at the end of the line only, to continue it", "more behind it")
    if character == '"':
        source.error(position, "a text in single quotes", "a double quote")
    source.error(position, "a name, a number, a text or an operator", repr(character))
