"""A reference for HDevelop's expressions: slow, plain, and written without a look at the translator.

`evaluate` walks a tree of `dlproc.hdevelop.syntax` over values that are **always** lists, as in HALCON's documentation:
a number is a tuple of one, and a dictionary is a handle in a tuple of one. A vector is a `VectorValue`. What has no
value raises `NoValue`. Only inside of dictionaries, which programs and operators share, a tuple of one is its element.

Indexing, sequences, arithmetic, comparison, joining of strings, formats, dictionaries and vectors are written here;
so are the functions that programs use most. Other named functions are those of `dlproc.tuples`, which have tests of
their own.

Sources: MVTec's operator reference, ``tuple_*``; the language chapters "Tuple operations" (its table of examples is in
`test_reference.py`), "Set, comparison, and Boolean operations", "Dictionaries" and "Vectors".
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dlproc as dl
from dlproc.errors import DLError
from dlproc.hdevelop import syntax as s


class NoValue(Exception):
    """HALCON answers with an error."""


@dataclass
class VectorValue:
    """A vector: its elements are lists, or vectors."""

    elements: list[Any]


def evaluate(tree: s.Expression, variables: Mapping[str, Any]) -> Any:
    """The value of an expression: a list, or a `VectorValue`."""
    match tree:
        case s.Integer(number) | s.Real(number) | s.String(number):
            return [number]
        case s.Boolean(truth):
            return [1 if truth else 0]
        case s.Constant(name):
            return dl.tuple_constant(name)
        case s.Variable(name):
            return variables[name]
        case s.Tuple(elements):
            return [x for element in elements for x in evaluate(element, variables)]
        case s.Sequence(first, last, step):
            by = [1] if step is None else evaluate(step, variables)
            return _sequence(evaluate(first, variables), evaluate(last, variables), by)
        case s.Vector(elements):
            return VectorValue([evaluate(element, variables) for element in elements])
        case s.Dict(entries):
            return [{_one(evaluate(k, variables)): plain(evaluate(v, variables)) for k, v in entries}]
        case s.Unary(operator, operand):
            return [_UNARY[operator](x) for x in evaluate(operand, variables)]
        case s.Binary(operator, left, right):
            return _BINARY[operator](evaluate(left, variables), evaluate(right, variables))
        case s.Length(operand):
            return [len(evaluate(operand, variables))]
        case s.FunctionCall(name, arguments):
            return _call(name, [evaluate(argument, variables) for argument in arguments])
    return _part(tree, variables)


def _part(tree: s.Expression, variables: Mapping[str, Any]) -> Any:
    match tree:
        case s.Index(base, index):
            found = evaluate(base, variables)
            return [_at(found, i) for i in evaluate(index, variables)]
        case s.Range(base, first, last):
            found = evaluate(base, variables)
            a, b = _one(evaluate(first, variables)), _one(evaluate(last, variables))
            return [] if b == a - 1 and 0 <= a <= len(found) else [_at(found, i) for i in _upwards(a, b)]
        case s.Characters(base, first, last):
            a = _one(evaluate(first, variables))
            b = a if last is None else _one(evaluate(last, variables))
            return ["".join(_at(list(text), i) for i in _upwards(a, b)) for text in evaluate(base, variables)]
        case s.Access(dictionary, key):
            found, wanted = _one(evaluate(dictionary, variables)), _one(evaluate(key, variables))
            if not isinstance(found, dict) or wanted not in found:
                raise NoValue(f"no key {wanted!r}")
            return values(found[wanted])
        case s.Element(vector, index):
            return _at(evaluate(vector, variables).elements, _one(evaluate(index, variables)))
        case s.MethodCall(vector, "length", ()):
            return [len(evaluate(vector, variables).elements)]
        case s.MethodCall(vector, "concat", (other,)):
            return VectorValue(evaluate(vector, variables).elements + evaluate(other, variables).elements)
    raise TypeError(f"not covered: {tree}")


def _one(values: list[Any]) -> Any:
    if len(values) != 1:
        raise NoValue(f"one value wanted, {len(values)} given")
    return values[0]


def _at(elements: list[Any], index: Any) -> Any:
    if not 0 <= index < len(elements) or index != int(index):
        raise NoValue(f"no element {index} of {len(elements)}")
    return elements[int(index)]


def _upwards(first: int, last: int) -> range:
    if last < first - 1:
        raise NoValue(f"a range from {first} down to {last}")
    return range(first, last + 1)


def _sequence(first: list[Any], last: list[Any], step: list[Any]) -> list[Any]:
    a, b, by = _one(first), _one(last), _one(step)
    if by == 0 or (b - a) * by < 0:
        raise NoValue(f"no way from {a} to {b} in steps of {by}")
    count = math.floor((b - a) / by + 1e-9) + 1
    whole = all(isinstance(x, int) for x in (a, b, by))
    return [a + i * by if whole else float(a + i * by) for i in range(count)]


# Operators


def _pairs(left: list[Any], right: list[Any]) -> list[tuple[Any, Any]]:
    """One with one, one with all, all with all; nothing with anything is nothing."""
    if not left or not right:
        return []
    if len(left) == 1:
        return [(left[0], b) for b in right]
    if len(right) == 1:
        return [(a, right[0]) for a in left]
    if len(left) != len(right):
        raise NoValue(f"{len(left)} and {len(right)} elements")
    return list(zip(left, right, strict=True))


def _elementwise(function: Callable[[Any, Any], Any]) -> Callable[[list[Any], list[Any]], list[Any]]:
    return lambda left, right: [function(a, b) for a, b in _pairs(left, right)]


def text_of(value: Any) -> str:
    """A number as it is joined to a string: six digits, and a real is to be told from an integer."""
    if not isinstance(value, float):
        return str(value)
    text = f"{value:g}"
    return text if re.search("[.ein]", text) else text + ".0"


def _numbers(*values: Any) -> None:
    if any(isinstance(value, str | dict) for value in values):
        raise NoValue("numbers wanted")


def _wrap(value: Any) -> Any:
    """Integers have 64 bits."""
    if isinstance(value, int):
        value &= 2**64 - 1
        return value - 2**64 if value >= 2**63 else value
    return value


def _plus(a: Any, b: Any) -> Any:
    if isinstance(a, str) or isinstance(b, str):
        return text_of(a) + text_of(b)
    return _wrap(a + b)


def _minus(a: Any, b: Any) -> Any:
    _numbers(a, b)
    return _wrap(a - b)


def _times(a: Any, b: Any) -> Any:
    _numbers(a, b)
    return _wrap(a * b)


def _over(a: Any, b: Any) -> Any:
    """Two integers give an integer, cut towards zero."""
    _numbers(a, b)
    if b == 0:
        raise NoValue("division by zero")
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    quotient = abs(a) // abs(b)
    return quotient if (a >= 0) == (b > 0) else -quotient


def _rest(a: Any, b: Any) -> Any:
    """Of integers only, with the sign of the first."""
    if not isinstance(a, int) or not isinstance(b, int) or b == 0:
        raise NoValue("two integers wanted, the second not 0")
    return int(math.fmod(a, b)) if abs(a) < 2**52 else a - b * _over(a, b)


def _negative(a: Any) -> Any:
    _numbers(a)
    return _wrap(-a)


def _truth(value: Any) -> bool:
    _numbers(value)
    return value != 0


def _logical(function: Callable[[bool, bool], bool]) -> Callable[[list[Any], list[Any]], list[Any]]:
    def both(left: list[Any], right: list[Any]) -> list[Any]:
        if not left or not right:
            raise NoValue("an empty tuple is neither true nor false")
        return [1 if function(_truth(a), _truth(b)) else 0 for a, b in _pairs(left, right)]

    return both


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, dict) or isinstance(b, dict):
        return a is b
    return isinstance(a, str) == isinstance(b, str) and a == b


def _before(a: Any, b: Any) -> bool:
    if isinstance(a, dict) or isinstance(b, dict) or isinstance(a, str) != isinstance(b, str):
        raise NoValue("two numbers or two strings wanted")
    return bool(a < b)


def _same(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(_equal(a, b) for a, b in zip(left, right, strict=True))


def _less(left: list[Any], right: list[Any]) -> bool:
    """As words in a dictionary: the first difference decides, then the length."""
    for a, b in zip(left, right, strict=False):
        if _before(a, b):
            return True
        if _before(b, a):
            return False
    return len(left) < len(right)


def _answer(truth: bool) -> list[int]:
    return [1 if truth else 0]


def _integers(function: Callable[[int, int], int]) -> Callable[[list[Any], list[Any]], list[Any]]:
    def bits(a: Any, b: Any) -> Any:
        if not isinstance(a, int) or not isinstance(b, int):
            raise NoValue("integers wanted")
        return _wrap(function(a, b))

    return _elementwise(bits)


def _format(values: list[Any], formats: list[Any]) -> list[str]:
    """C's printf; without a letter it is ``d``, ``g`` or ``s``, as the value is."""
    found = re.fullmatch(r"([-+ #0]*)(\d*)(\.\d*)?([dxXeEfgs]?)", _one(formats))
    if found is None:
        raise NoValue(f"no format: {formats}")
    flags, width, digits, letter = found.groups(default="")
    return [_printed(value, flags, width, digits, letter) for value in values]


def _printed(value: Any, flags: str, width: str, digits: str, letter: str) -> str:
    if not letter:
        letter = "s" if isinstance(value, str) else "g" if isinstance(value, float) else "d"
    if letter == "s":
        text = text_of(value)
        text = text if not digits else text[: int(digits[1:] or 0)]
        return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))
    _numbers(value)
    if letter in "dxX":
        flags = flags.replace("0", "") if digits else flags
        whole = int(value) if letter == "d" else int(value) % 2**64  # C's x is without a sign
        return f"%{flags}{width}{digits}{letter}" % whole
    return f"%{flags}{width}{digits}{letter}" % float(value)


_UNARY: dict[str, Callable[[Any], Any]] = {
    "-": _negative,
    "not": lambda a: 0 if _truth(a) else 1,
    "bnot": lambda a: ~a,
}
_BINARY: dict[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "+": _elementwise(_plus),
    "-": _elementwise(_minus),
    "*": _elementwise(_times),
    "/": _elementwise(_over),
    "%": _elementwise(_rest),
    "and": _logical(lambda a, b: a and b),
    "or": _logical(lambda a, b: a or b),
    "xor": _logical(lambda a, b: a != b),
    "band": _integers(lambda a, b: a & b),
    "bor": _integers(lambda a, b: a | b),
    "bxor": _integers(lambda a, b: a ^ b),
    "==": lambda a, b: _answer(_same(a, b)),
    "!=": lambda a, b: _answer(not _same(a, b)),
    "<": lambda a, b: _answer(_less(a, b)),
    ">": lambda a, b: _answer(_less(b, a)),
    "<=": lambda a, b: _answer(not _less(b, a)),
    ">=": lambda a, b: _answer(not _less(a, b)),
    "[==]": _elementwise(lambda a, b: int(_equal(a, b))),
    "[!=]": _elementwise(lambda a, b: int(not _equal(a, b))),
    "[<]": _elementwise(lambda a, b: int(_before(a, b))),
    "[>]": _elementwise(lambda a, b: int(_before(b, a))),
    "[<=]": _elementwise(lambda a, b: int(not _before(b, a))),
    "[>=]": _elementwise(lambda a, b: int(not _before(a, b))),
    "$": _format,
    "=~": lambda a, b: dl.tuple_regexp_test(a, b),
}


# Functions


def _call(name: str, arguments: list[list[Any]]) -> list[Any]:
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](*arguments)
    try:
        found = getattr(dl, _OPERATORS.get(name, f"tuple_{name}"))(*arguments)
    except DLError as error:
        raise NoValue(str(error)) from None
    return list(found)


_OPERATORS = {"firstn": "tuple_first_n", "lastn": "tuple_last_n"}


def _map(function: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    return lambda values: [function(value) for value in values]


def _places(values: list[Any], wanted: list[Any]) -> list[int]:
    """Where a tuple lies in another one; -1 where nowhere."""
    n = len(wanted)
    found = [i for i in range(len(values) - n + 1) if _same(values[i : i + n], wanted)]
    return found or [-1]


def _without_repeats(values: list[Any]) -> list[Any]:
    return [x for i, x in enumerate(values) if i == 0 or not _equal(x, values[i - 1])]


def _rounded(x: Any) -> int:
    """To the nearest; halves away from zero."""
    down = math.floor(x)
    if x - down == 0.5:
        return down + 1 if x > 0 else down
    return down if x - down < 0.5 else down + 1


def _extreme(choose: Callable[..., Any]) -> Callable[[list[Any]], list[Any]]:
    def extreme(values: list[Any]) -> list[Any]:
        if not values:
            raise NoValue("no element")
        found = choose(values)
        return [float(found) if any(isinstance(x, float) for x in values) else found]

    return extreme


def _of_two(choose: Callable[..., Any]) -> Callable[[list[Any], list[Any]], list[Any]]:
    return _elementwise(
        lambda a, b: float(choose(a, b)) if isinstance(a, float) or isinstance(b, float) else choose(a, b)
    )


def _total(values: list[Any]) -> list[Any]:
    total = 0
    for value in values:
        total = total + value
    return [total]


def _split(texts: list[Any], separators: list[Any]) -> list[str]:
    """Every character of a separator cuts; empty parts are left out."""
    parts = []
    for text, marks in _pairs(texts, separators):
        part = ""
        for character in text:
            if character in marks:
                parts.append(part)
                part = ""
            else:
                part += character
        parts.append(part)
    return [part for part in parts if part]


def _removed(values: list[Any], places: list[Any]) -> list[Any]:
    for place in places:
        _at(values, place)
    return [x for i, x in enumerate(values) if i not in places]


_FUNCTIONS: dict[str, Callable[..., list[Any]]] = {
    "sum": _total,
    "mean": lambda values: [math.fsum(values) / len(values)],
    "median": lambda values: [statistics.median_high(values)],
    "max": _extreme(max),
    "min": _extreme(min),
    "max2": _of_two(max),
    "min2": _of_two(min),
    "abs": _map(abs),
    "fabs": _map(lambda x: abs(float(x))),
    "sgn": _map(lambda x: (x > 0) - (x < 0)),
    "int": _map(int),
    "real": _map(float),
    "round": _map(_rounded),
    "floor": _map(lambda x: float(math.floor(x))),
    "ceil": _map(lambda x: float(math.ceil(x))),
    "sqrt": _map(lambda x: math.sqrt(x)),
    "rad": _map(lambda x: x * math.pi / 180),
    "deg": _map(lambda x: x * 180 / math.pi),
    "pow": _elementwise(lambda a, b: float(a) ** float(b)),
    "sort": lambda values: sorted(values),
    "sort_index": lambda values: sorted(range(len(values)), key=lambda i: values[i]),
    "inverse": lambda values: values[::-1],
    "uniq": _without_repeats,
    "find": _places,
    "find_first": lambda values, wanted: _places(values, wanted)[:1],
    "find_last": lambda values, wanted: _places(values, wanted)[-1:],
    "subset": lambda values, places: [_at(values, i) for i in places],
    "remove": _removed,
    "gen_tuple_const": lambda n, value: [_one(value)] * int(_one(n)),
    "cumul": lambda values: [sum(values[: i + 1]) for i in range(len(values))],
    "strlen": _map(len),
    "strstr": _elementwise(lambda a, b: a.find(b)),
    "strrstr": _elementwise(lambda a, b: a.rfind(b)),
    "split": _split,
    "ord": _map(ord),
    "chr": _map(chr),
    "is_int": lambda values: _answer(bool(values) and all(isinstance(x, int) for x in values)),
    "is_real": lambda values: _answer(bool(values) and all(isinstance(x, float) for x in values)),
    "is_string": lambda values: _answer(bool(values) and all(isinstance(x, str) for x in values)),
    "is_string_elem": _map(lambda x: int(isinstance(x, str))),
    "union": lambda a, b: sorted(set(a) | set(b)),
    "intersection": lambda a, b: sorted(set(a) & set(b)),
    "difference": lambda a, b: sorted(set(a) - set(b)),
    "symmdiff": lambda a, b: sorted(set(a) ^ set(b)),
}


# Between this reference and Python as programs write it


def plain(value: Any) -> Any:
    """A value of this reference as a program in Python holds it: a tuple of one is its element."""
    if isinstance(value, VectorValue):
        return [plain(element) for element in value.elements]
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def values(value: Any) -> Any:
    """The other way round, of what is no vector; an iconic object stays as it is."""
    if isinstance(value, bool):
        return [int(value)]
    return [value] if isinstance(value, int | float | str | dict) else value


def agree(expected: Any, found: Any) -> bool:
    """Whether a value found in Python is what this reference expects.

    A tuple of one may be its element or a list of one, true and false may be bools; integers and strings are exact,
    reals are reals and equal to 9 digits.
    """
    if isinstance(expected, VectorValue):
        return len(expected.elements) == len(found) and all(map(agree, expected.elements, found))
    found = list(found) if isinstance(found, list | tuple) else [found]
    return len(expected) == len(found) and all(map(_agree, expected, found))


def _agree(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        if not isinstance(found, dict) or list(expected) != list(found):
            return False
        return all(agree(values(expected[key]), found[key]) for key in expected)
    if isinstance(expected, float):
        return isinstance(found, float) and math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, int):
        return isinstance(found, int) and expected == found
    return type(found) is type(expected) and expected == found
