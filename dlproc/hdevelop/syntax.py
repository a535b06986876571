"""The tree of an HDevelop program: expressions and statements.

Trees are frozen and compare by what they say, not by where they stood: a statement knows its `line`, but two statements
that differ in nothing else are equal. Parentheses are not kept; the printer puts them where the tree needs them.

Several spellings mean one thing, and the tree has the newer one: ``=`` is ``'=='``, ``#`` and ``<>`` are ``'!='``,
``D.['key']`` is ``D.key``, ``T[[1,2]]`` is ``T[1,2]``.

Not here: what a name is. Whether ``Image`` holds an image, or ``sum(T)`` is a function that exists, is for the reader
of the tree to say; likewise which arguments of a call are inputs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

#: Binary operators, weakest first; operators of one row are equally strong and group from the left. After MVTec's
#: table "Operation precedence" (HALCON 25.11). The unary operators stand between the last two rows.
BINARY_OPERATORS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("xor",),
    ("and",),
    ("bor",),
    ("bxor",),
    ("band",),
    ("==", "!=", "=~"),
    (">", "<", ">=", "<="),
    ("[==]", "[!=]"),
    ("[>]", "[<]", "[>=]", "[<=]"),
    ("+", "-"),
    ("*", "/", "%"),
    ("$",),
)
UNARY_OPERATORS = ("-", "not", "bnot")
UNARY_STRENGTH = 2 * len(BINARY_OPERATORS) - 3
STRENGTH: dict[str, int] = {op: 2 * row for row, ops in enumerate(BINARY_OPERATORS) for op in ops}

#: Other spellings, and what they mean.
SAME_OPERATORS = {"=": "==", "#": "!=", "<>": "!=", "[=]": "[==]", "[#]": "[!=]", "[<>]": "[!=]"}

#: Words that cannot be the name of a variable: those that begin or divide a statement, and those within expressions.
STATEMENT_WORDS = frozenset(
    [
        "if",
        "ifelse",
        "elseif",
        "else",
        "endif",
        "for",
        "endfor",
        "while",
        "endwhile",
        "repeat",
        "until",
        "switch",
        "case",
        "default",
        "endswitch",
        "try",
        "catch",
        "endtry",
        "throw",
        "break",
        "continue",
        "return",
        "stop",
        "exit",
        "global",
        "import",
        "par_start",
        "par_join",
    ]
)
OPERATOR_WORDS = frozenset(["or", "xor", "and", "bor", "bxor", "band", "not", "bnot"])
RESERVED_WORDS = STATEMENT_WORDS | OPERATOR_WORDS | frozenset(["true", "false", "to", "by", "dict"])

WORD = re.compile(r"[^\W\d]\w*")
CONSTANT = re.compile(r"H_(MSG|TYPE)_\w+|HNULL")

#: How deep a tree may be: no program that a person wrote comes near, and walking it never exhausts Python's stack.
DEEPEST = 200


# Expressions


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from 0 on; `base` is how it was written: 10, 16 (``0xff``) or 8 (``017``)."""

    value: int
    base: int = 10


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a point or an exponent, from 0 on."""

    value: float


@dataclass(frozen=True, slots=True)
class String:
    """A text, its escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean:
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Constant:
    """A name that HALCON gives a meaning: ``H_MSG_TRUE``, ``H_TYPE_INT``, ``HNULL``."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, control or iconic. ``_`` is HDevelop's word for a result that nobody wants."""

    name: str


@dataclass(frozen=True, slots=True)
class Tuple:
    """``[1,'two',X]``; tuples inside tuples are concatenated when it is evaluated."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """``[first:last]`` or ``[first:step:last]``: numbers up to and with `last`."""

    first: Expression
    last: Expression
    step: Expression | None = None


@dataclass(frozen=True, slots=True)
class Vector:
    """``{A,B}``, a vector of tuples, objects or vectors."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Dict:
    """``dict{name: value, ['some name']: value}`` as pairs of key and value; a bare name is a `String`."""

    entries: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``-X``, ``not X``, ``bnot X``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``; `operator` is one of `STRENGTH`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """``name(arguments)`` within an expression."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """``T[i]``; with several indices, ``T[1,3]``, `index` is a `Tuple`."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Range:
    """``T[first:last]``, both ends included."""

    base: Expression
    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class Characters:
    """``S{first}``, one character, or ``S{first:last}``, both ends included."""

    base: Expression
    first: Expression
    last: Expression | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """``|T|``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Element:
    """``V.at(i)``, an element of a vector."""

    vector: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class MethodCall:
    """Another operation of a vector: ``V.length()``, ``V.insert(i, X)``, ``V.remove(i)``, ``V.clear()``."""

    vector: Expression
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """``D.key`` or ``D.[key]``, the value of a key of a dictionary; a bare name is a `String`."""

    dictionary: Expression
    key: Expression


Expression: TypeAlias = (
    Integer
    | Real
    | String
    | Boolean
    | Constant
    | Variable
    | Tuple
    | Sequence
    | Vector
    | Dict
    | Unary
    | Binary
    | FunctionCall
    | Index
    | Range
    | Characters
    | Length
    | Element
    | MethodCall
    | Access
)
#: What can stand left of ``:=``: a variable, or parts of one.
Target: TypeAlias = Variable | Index | Range | Characters | Element | Access


# Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What all statements have.

    Attributes
    ----------
    line : int
        Where it begins, counted from 1. No part of equality.
    note : str
        The comment behind it on its line, ``// note``.
    """

    line: int = field(default=0, compare=False)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Statement):
    """A statement with an end: `end_note` is the comment behind ``endif``, ``endfor`` or ``until``."""

    end_note: str = ""


Body: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Comment(Statement):
    """``* text``, a line of its own; `text` is all behind the star."""

    text: str


@dataclass(frozen=True, slots=True)
class Blank(Statement):
    """An empty line."""


@dataclass(frozen=True, slots=True)
class Unreadable(Statement):
    """What cannot be understood, as it was written; only `dlproc.hdevelop.parser.parse_readable` gives it.

    Attributes
    ----------
    reason : str
        What was expected there, and what stood there.
    """

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExportedCode(Statement):
    """``# text``, a line that HDevelop ignores and hands on to exported code."""

    text: str


@dataclass(frozen=True, slots=True)
class Assign(Statement):
    """``target := value``."""

    target: Target
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Statement):
    """``name (arguments)``: an operator or procedure; arguments in HDevelop's order.

    That order is iconic inputs, iconic outputs, control inputs, control outputs.
    """

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Execute(Statement):
    """An operation of a vector that stands alone, ``V.clear()``."""

    operation: MethodCall


@dataclass(frozen=True, slots=True)
class Branch(Statement):
    """``if (condition)`` or ``elseif (condition)`` with what follows."""

    condition: Expression
    body: Body


@dataclass(frozen=True, slots=True)
class Otherwise(Statement):
    """``else`` with what follows."""

    body: Body


@dataclass(frozen=True, slots=True)
class If(Block):
    """``if … elseif … else … endif``; the first branch is the ``if``, and holds its note."""

    branches: tuple[Branch, ...]
    otherwise: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class For(Block):
    """``for target := first to last by step … endfor``, with `last`."""

    target: Target
    first: Expression
    last: Expression
    step: Expression
    body: Body


@dataclass(frozen=True, slots=True)
class While(Block):
    """``while (condition) … endwhile``."""

    condition: Expression
    body: Body


@dataclass(frozen=True, slots=True)
class Repeat(Block):
    """``repeat … until (condition)``: ends when `condition` is true."""

    body: Body
    condition: Expression


@dataclass(frozen=True, slots=True)
class Case(Statement):
    """``case value:``, or ``default:`` where `value` is None; without a `Break` it falls through."""

    value: Expression | None
    body: Body


@dataclass(frozen=True, slots=True)
class Switch(Block):
    """``switch (value) … endswitch``; `before` holds what stands before the first case: comments."""

    value: Expression
    before: Body
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Catch(Statement):
    """``catch (target)`` with what follows; without parentheses, `target` is None."""

    target: Target | None
    body: Body


@dataclass(frozen=True, slots=True)
class Try(Block):
    """``try … catch (Exception) … endtry``."""

    body: Body
    catch: Catch


@dataclass(frozen=True, slots=True)
class Throw(Statement):
    """``throw (exception)``."""

    exception: Expression


@dataclass(frozen=True, slots=True)
class Break(Statement):
    """``break``: leaves a loop or a switch."""


@dataclass(frozen=True, slots=True)
class Continue(Statement):
    """``continue``."""


@dataclass(frozen=True, slots=True)
class Return(Statement):
    """``return ()``."""


@dataclass(frozen=True, slots=True)
class Stop(Statement):
    """``stop ()``."""


@dataclass(frozen=True, slots=True)
class Exit(Statement):
    """``exit ()``."""


@dataclass(frozen=True, slots=True)
class Global(Statement):
    """``global tuple Name``, ``global def object vector(2) Name``.

    Attributes
    ----------
    kind : str
        ``'tuple'`` or ``'object'``.
    dimension : int
        Of a vector; 0 for none.
    defines : bool
        Whether ``def`` marks the place of definition.
    """

    kind: str
    name: str
    dimension: int = 0
    defines: bool = False


@dataclass(frozen=True, slots=True)
class ParStart(Statement):
    """``par_start <thread> : call``."""

    thread: Target
    call: Call


@dataclass(frozen=True, slots=True)
class ParJoin(Statement):
    """``par_join (threads)``."""

    threads: Expression


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """``import source``: a folder, a library or a procedure file."""

    source: str
