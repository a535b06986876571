"""A tree as HDevelop text, in one way: four blanks per block, parentheses only where the tree needs them.

``parse_procedure(print_procedure(tree)) == tree`` for every tree that can be written (names are names, no note holds a
line feed, and it is not nearly as deep as `syntax.DEEPEST`); printing what was read is therefore stable.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlproc.hdevelop import syntax

_INDENT = "    "
_ESCAPES = {
    "\n": r"\n",
    "\t": r"\t",
    "\v": r"\v",
    "\b": r"\b",
    "\r": r"\r",
    "\f": r"\f",
    "\a": r"\a",
    "\\": r"\\",
    "'": r"\'",
}
#: What indices and keys can stand behind without parentheses. A number cannot: ``3.at(0)`` begins with ``3.``.
_SOLID = (
    syntax.String,
    syntax.Boolean,
    syntax.Constant,
    syntax.Variable,
    syntax.Tuple,
    syntax.Sequence,
    syntax.Vector,
    syntax.Dict,
    syntax.FunctionCall,
    syntax.Index,
    syntax.Range,
    syntax.Characters,
    syntax.Length,
    syntax.Element,
    syntax.MethodCall,
    syntax.Access,
)


def print_expression(expression: syntax.Expression) -> str:
    """An expression as text.

    Examples
    --------
    >>> from dlproc.hdevelop.parser import parse_expression
    >>> print_expression(parse_expression("(1+( 2*X )) # |T|"))
    '1 + 2 * X != |T|'
    """
    match expression:
        case syntax.Integer() | syntax.Real() | syntax.String() | syntax.Boolean():
            return _constant(expression)
        case syntax.Constant(name) | syntax.Variable(name):
            return name
        case syntax.Unary(operator, operand):
            space = "" if operator == "-" else " "
            return operator + space + _at_least(syntax.UNARY_STRENGTH, operand)
        case syntax.Binary(operator, left, right):
            strength = syntax.STRENGTH[operator]
            space = "" if operator == "$" else " "
            return _at_least(strength, left) + space + operator + space + _at_least(strength + 1, right)
        case syntax.FunctionCall(name, arguments):
            return f"{name}({_list(arguments)})"
        case syntax.Length(operand):
            return f"|{print_expression(operand)}|"
        case syntax.Tuple(elements):
            return f"[{_elements(elements)}]"
        case syntax.Sequence():
            return f"[{_interval(expression)}]"
        case syntax.Vector(elements):
            return f"{{{_list(elements)}}}"
        case syntax.Dict(entries):
            return "dict{" + ", ".join(f"{_key(key)}: {print_expression(value)}" for key, value in entries) + "}"
    return _part(expression)


def print_statement(statement: syntax.Statement) -> list[str]:
    """A statement as lines of text."""
    return list(_lines(statement, ""))


def print_procedure(body: syntax.Body) -> list[str]:
    """The statements of a procedure as lines of text.

    Examples
    --------
    >>> from dlproc.hdevelop.parser import parse_procedure
    >>> print_procedure(parse_procedure(["if(X=1)", "stop()", "endif"]))
    ['if (X == 1)', '    stop ()', 'endif']
    """
    return [line for statement in body for line in _lines(statement, "")]


# Expressions


def _constant(value: syntax.Integer | syntax.Real | syntax.String | syntax.Boolean) -> str:
    match value:
        case syntax.Integer(number, 16):
            return f"{number:#x}"
        case syntax.Integer(number, 8):
            return f"0{number:o}"
        case syntax.String(text):
            return "'" + "".join(_ESCAPES.get(c) or (f"\\x{ord(c):02x}" if ord(c) < 32 else c) for c in text) + "'"
        case syntax.Boolean(truth):
            return "true" if truth else "false"
    return repr(value.value)


def _part(expression: syntax.Expression) -> str:
    """An expression that is a part of another: an index, a range, a key."""
    match expression:
        case syntax.Index(base, syntax.Tuple(elements)) if len(elements) > 1:
            return f"{_base(base)}[{_elements(elements)}]"
        case syntax.Index(base, syntax.Sequence(_, _, step) as index) if step is not None:
            return f"{_base(base)}[{_interval(index)}]"
        case syntax.Index(base, index):
            return f"{_base(base)}[{print_expression(index)}]"
        case syntax.Range(base, first, last):
            return f"{_base(base)}[{print_expression(first)}:{print_expression(last)}]"
        case syntax.Characters(base, first, last):
            return f"{_base(base)}{{{print_expression(first)}{':' + print_expression(last) if last else ''}}}"
        case syntax.Element(vector, index):
            return f"{_base(vector)}.at({print_expression(index)})"
        case syntax.MethodCall(vector, name, arguments):
            return f"{_base(vector)}.{name}({_list(arguments)})"
        case syntax.Access(dictionary, key):
            return f"{_base(dictionary)}.{_key(key)}"
    raise TypeError(f"no expression of HDevelop: {type(expression).__name__}")


def _at_least(strength: int, expression: syntax.Expression) -> str:
    """An operand, in parentheses where its own operator is weaker."""
    text = print_expression(expression)
    own = strength
    if isinstance(expression, syntax.Binary):
        own = syntax.STRENGTH[expression.operator]
    elif isinstance(expression, syntax.Unary):
        own = syntax.UNARY_STRENGTH
    return text if own >= strength else f"({text})"


def _base(expression: syntax.Expression) -> str:
    text = print_expression(expression)
    return text if isinstance(expression, _SOLID) else f"({text})"


def _key(key: syntax.Expression) -> str:
    if isinstance(key, syntax.String) and syntax.WORD.fullmatch(key.value):
        return key.value
    return f"[{print_expression(key)}]"


def _list(expressions: tuple[syntax.Expression, ...]) -> str:
    return ", ".join(map(print_expression, expressions))


def _elements(elements: tuple[syntax.Expression, ...]) -> str:
    """The inside of a tuple, without blanks, as HDevelop writes it."""
    return ",".join(map(print_expression, elements))


def _interval(sequence: syntax.Sequence) -> str:
    parts = (sequence.first, sequence.step, sequence.last)
    return ":".join(print_expression(part) for part in parts if part is not None)


# Statements


def _lines(statement: syntax.Statement, indent: str) -> Iterator[str]:
    match statement:
        case syntax.Blank():
            yield ""
        case syntax.Comment(text):
            yield f"{indent}*{text}"
        case syntax.Unreadable(text):
            yield from (indent + part.strip() for part in text.split("\n"))
        case syntax.ExportedCode(text):
            yield f"{indent}#{text}"
        case syntax.Import(source):
            yield f"{indent}import {source}"
        case syntax.Block():
            yield from _block(statement, indent)
        case _:
            yield indent + _one_line(statement) + _note(statement.note)


def _one_line(statement: syntax.Statement) -> str:
    match statement:
        case syntax.Assign(target, value):
            return f"{print_expression(target)} := {print_expression(value)}"
        case syntax.Call(name, arguments):
            return f"{name} ({_list(arguments)})"
        case syntax.Execute(operation):
            return print_expression(operation)
        case syntax.Throw(exception):
            return f"throw ({print_expression(exception)})"
        case syntax.Break() | syntax.Continue():
            return type(statement).__name__.lower()
        case syntax.Return() | syntax.Stop() | syntax.Exit():
            return f"{type(statement).__name__.lower()} ()"
        case syntax.Global(kind, name, dimension, defines):
            vector = f" vector({dimension})" if dimension else ""
            return f"global{' def' if defines else ''} {kind}{vector} {name}"
        case syntax.ParStart(thread, call):
            return f"par_start <{print_expression(thread)}> : {_one_line(call)}"
        case syntax.ParJoin(threads):
            return f"par_join ({print_expression(threads)})"
    raise TypeError(f"no statement of HDevelop: {type(statement).__name__}")


def _block(block: syntax.Block, indent: str) -> Iterator[str]:
    match block:
        case syntax.If(branches, otherwise):
            for word, branch in zip(["if"] + ["elseif"] * len(branches), branches, strict=False):
                yield f"{indent}{word} ({print_expression(branch.condition)}){_note(branch.note)}"
                yield from _body(branch.body, indent)
            if otherwise:
                yield f"{indent}else{_note(otherwise.note)}"
                yield from _body(otherwise.body, indent)
            end = "endif"
        case syntax.For(target, first, last, step, body):
            start, stop, by = print_expression(first), print_expression(last), print_expression(step)
            yield f"{indent}for {print_expression(target)} := {start} to {stop} by {by}{_note(block.note)}"
            yield from _body(body, indent)
            end = "endfor"
        case syntax.While(condition, body):
            yield f"{indent}while ({print_expression(condition)}){_note(block.note)}"
            yield from _body(body, indent)
            end = "endwhile"
        case syntax.Repeat(body, condition):
            yield f"{indent}repeat{_note(block.note)}"
            yield from _body(body, indent)
            end = f"until ({print_expression(condition)})"
        case syntax.Switch(value, before, cases):
            yield f"{indent}switch ({print_expression(value)}){_note(block.note)}"
            yield from _body(before, indent)
            for case in cases:
                label = "default" if case.value is None else f"case {print_expression(case.value)}"
                yield f"{indent}{label}:{_note(case.note)}"
                yield from _body(case.body, indent)
            end = "endswitch"
        case syntax.Try(body, catch):
            yield f"{indent}try{_note(block.note)}"
            yield from _body(body, indent)
            caught = f" ({print_expression(catch.target)})" if catch.target else ""
            yield f"{indent}catch{caught}{_note(catch.note)}"
            yield from _body(catch.body, indent)
            end = "endtry"
        case _:
            raise TypeError(f"no statement of HDevelop: {type(block).__name__}")
    yield indent + end + _note(block.end_note)


def _body(body: syntax.Body, indent: str) -> Iterator[str]:
    for statement in body:
        yield from _lines(statement, indent + _INDENT)


def _note(note: str) -> str:
    return f" // {note}" if note else ""
