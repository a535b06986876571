"""Arithmetic of tuples, element by element (see `dlproc.tuples` for the rules of all of them).

``tuple_sin`` to ``tuple_erfc`` and ``tuple_pow`` to ``tuple_ldexp`` always give reals; angles are in radians.
`tuple_floor` and `tuple_ceil` give reals too, `tuple_round`, `tuple_int` and `tuple_sgn` integers. The bit functions
take integers only.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dlproc.errors import DLParamError
from dlproc.tuples.values import (
    comparable,
    elements,
    evaluated,
    integers,
    named,
    number_of,
    numbers,
    paired,
    shown,
    wrapped,
)


def _real(name: str, function: Callable[[float], float], meaning: str) -> Callable[[Any], list[float]]:
    """A function of one number that gives a real."""

    def elementwise(t: Any) -> list[float]:
        where = f"{name}(t)"
        return [float(evaluated(function, (x,), f"{where}[{i}]")) for i, x in enumerate(numbers(t, where))]

    named(elementwise, name, f"{meaning} of each element: a list of reals.")
    return elementwise


tuple_sin = _real("tuple_sin", math.sin, "Sine")
tuple_cos = _real("tuple_cos", math.cos, "Cosine")
tuple_tan = _real("tuple_tan", math.tan, "Tangent")
tuple_asin = _real("tuple_asin", math.asin, "Arc sine, from -1 to 1,")
tuple_acos = _real("tuple_acos", math.acos, "Arc cosine, from -1 to 1,")
tuple_atan = _real("tuple_atan", math.atan, "Arc tangent")
tuple_sinh = _real("tuple_sinh", math.sinh, "Hyperbolic sine")
tuple_cosh = _real("tuple_cosh", math.cosh, "Hyperbolic cosine")
tuple_tanh = _real("tuple_tanh", math.tanh, "Hyperbolic tangent")
tuple_asinh = _real("tuple_asinh", math.asinh, "Inverse hyperbolic sine")
tuple_acosh = _real("tuple_acosh", math.acosh, "Inverse hyperbolic cosine, from 1 on,")
tuple_atanh = _real("tuple_atanh", math.atanh, "Inverse hyperbolic tangent, between -1 and 1,")
tuple_exp = _real("tuple_exp", math.exp, "Power of e")
tuple_exp2 = _real("tuple_exp2", math.exp2, "Power of 2")
tuple_exp10 = _real("tuple_exp10", lambda x: math.pow(10.0, x), "Power of 10")
tuple_log = _real("tuple_log", math.log, "Natural logarithm")
tuple_log2 = _real("tuple_log2", math.log2, "Logarithm to the base 2")
tuple_log10 = _real("tuple_log10", math.log10, "Logarithm to the base 10")
tuple_sqrt = _real("tuple_sqrt", math.sqrt, "Square root")
tuple_cbrt = _real("tuple_cbrt", math.cbrt, "Cube root")
tuple_fabs = _real("tuple_fabs", math.fabs, "Absolute value, always real,")
tuple_floor = _real("tuple_floor", math.floor, "Largest whole number that is not greater")
tuple_ceil = _real("tuple_ceil", math.ceil, "Smallest whole number that is not less")
tuple_tgamma = _real("tuple_tgamma", math.gamma, "Gamma function")
tuple_lgamma = _real("tuple_lgamma", math.lgamma, "Logarithm of the gamma function's absolute value")
tuple_erf = _real("tuple_erf", math.erf, "Error function")
tuple_erfc = _real("tuple_erfc", math.erfc, "Complementary error function")


def _integer(name: str, function: Callable[[float], int], meaning: str) -> Callable[[Any], list[int]]:
    """A function of one number that gives an integer."""

    def elementwise(t: Any) -> list[int]:
        where = f"{name}(t)"
        found = [evaluated(function, (x,), f"{where}[{i}]") for i, x in enumerate(numbers(t, where))]
        return elements(found, where)  # an error for what has more than 64 bits

    named(elementwise, name, f"{meaning} of each element: a list of integers. Strings are an error.")
    return elementwise


def _half_away_from_zero(x: float) -> int:
    whole = math.floor(abs(x))
    whole += abs(x) - whole >= 0.5
    return -whole if x < 0 else whole


tuple_int = _integer("tuple_int", math.trunc, "Integer, the fraction cut off,")
tuple_round = _integer("tuple_round", _half_away_from_zero, "Nearest integer, halves away from zero,")
tuple_sgn = _integer("tuple_sgn", lambda x: (x > 0) - (x < 0), "Sign, -1, 0 or 1,")


def tuple_rad(deg: Any) -> list[float]:
    """Radians of each angle in degrees: a list of reals."""
    return [math.radians(x) for x in numbers(deg, "tuple_rad(deg)")]


def tuple_deg(rad: Any) -> list[float]:
    """Degrees of each angle in radians: a list of reals."""
    return [math.degrees(x) for x in numbers(rad, "tuple_deg(rad)")]


def tuple_real(t: Any) -> list[float]:
    """Each element as a real. Strings are an error; `tuple_number` reads them."""
    return [float(x) for x in numbers(t, "tuple_real(t)")]


def tuple_abs(t: Any) -> list[Any]:
    """Absolute value of each element; integers stay integers."""
    return [number_of(abs(x)) for x in numbers(t, "tuple_abs(t)")]


def tuple_neg(t: Any) -> list[Any]:
    """Each element with the other sign; integers stay integers."""
    return [number_of(-x) for x in numbers(t, "tuple_neg(t)")]


def tuple_add(s1: Any, s2: Any) -> list[Any]:
    """Sum of two tuples, element by element; where one side is a string, both are joined.

    A real that becomes text has six significant digits, and ``.0`` if it is whole: ``'r=' + 2.0`` is ``'r=2.0'``.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_add([1, 2.5, "a"], 1)
    [2, 3.5, 'a1']
    """
    first, second = elements(s1, "tuple_add(s1)"), elements(s2, "tuple_add(s2)", 2)
    for number, found in enumerate((first, second), start=1):
        for i, x in enumerate(found):
            if not isinstance(x, int | float | str):
                where = f"tuple_add(s{number})[{i}]"
                raise DLParamError(where, "a number or a string", shown(x), halcon_code=1200 + number)
    return [_sum(a, b) for a, b in paired(first, second, "tuple_add(s2)")]


def _sum(a: Any, b: Any) -> Any:
    return as_text(a) + as_text(b) if isinstance(a, str) or isinstance(b, str) else number_of(a + b)


def as_text(element: Any) -> str:
    """A number or a string as the text that HALCON makes of it when it joins strings; true and false as 1 and 0."""
    if not isinstance(element, float):
        return str(int(element) if isinstance(element, bool | np.bool_) else element)
    text = f"{element:g}"
    return text if any(sign in text for sign in ".en") else f"{text}.0"  # 1e+10, inf and nan stay


def tuple_sub(d1: Any, d2: Any) -> list[Any]:
    """Difference of two tuples, element by element."""
    return _numeric("tuple_sub", ("d1", d1), ("d2", d2), operator.sub)


def tuple_mult(p1: Any, p2: Any) -> list[Any]:
    """Product of two tuples, element by element."""
    return _numeric("tuple_mult", ("p1", p1), ("p2", p2), operator.mul)


def tuple_div(q1: Any, q2: Any) -> list[Any]:
    """Quotient of two tuples, element by element; of two integers it is an integer, cut towards zero.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_div([7, -7, 7.0], 2)
    [3, -3, 3.5]
    """
    return _numeric("tuple_div", ("q1", q1), ("q2", q2), _quotient)


def tuple_mod(t1: Any, t2: Any) -> list[int]:
    """Remainder of the division of integers; it has the sign of the first one, as in C: -7 and 3 give -1."""
    pairs = paired(integers(t1, "tuple_mod(t1)"), integers(t2, "tuple_mod(t2)", 2), "tuple_mod(t2)")
    return [a - b * _quotient(a, b, "tuple_mod(t2)") for a, b in pairs]


def _numeric(name: str, one: tuple[str, Any], other: tuple[str, Any], function: Callable[..., Any]) -> list[Any]:
    where = f"{name}({other[0]})"
    pairs = paired(numbers(one[1], f"{name}({one[0]})"), numbers(other[1], where, 2), where)
    return [number_of(function(a, b)) for a, b in pairs]


def _quotient(a: Any, b: Any, where: str = "tuple_div(q2)") -> Any:
    if b == 0:
        raise DLParamError(where, "a divisor other than 0", repr(b), halcon_code=1302)
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _real_of_two(name: str, function: Callable[..., float], meaning: str) -> Callable[[Any, Any], list[float]]:
    """A function of two numbers that gives a real."""

    def elementwise(t1: Any, t2: Any) -> list[float]:
        where = f"{name}(t2)"
        pairs = paired(numbers(t1, f"{name}(t1)"), numbers(t2, where, 2), where)
        return [float(evaluated(function, pair, f"{name}[{i}]")) for i, pair in enumerate(pairs)]

    named(elementwise, name, f"{meaning}, element by element: a list of reals.")
    return elementwise


tuple_pow = _real_of_two("tuple_pow", math.pow, "The first to the power of the second")
tuple_fmod = _real_of_two("tuple_fmod", math.fmod, "Remainder of a division of reals, with the sign of the first")
tuple_hypot = _real_of_two("tuple_hypot", math.hypot, "Root of the sum of the two squares")
tuple_ldexp = _real_of_two(
    "tuple_ldexp", lambda x, n: math.ldexp(x, int(n)), "The first times 2 to the power of the second"
)


def tuple_atan2(y: Any, x: Any) -> list[float]:
    """Angle from the axis of x to the point (x, y), from -pi to pi, element by element: a list of reals."""
    where = "tuple_atan2(x)"
    return [math.atan2(*pair) for pair in paired(numbers(y, "tuple_atan2(y)"), numbers(x, where, 2), where)]


def _two(name: str, function: Callable[[Any, Any], Any], meaning: str) -> Callable[[Any, Any], list[Any]]:
    """The greater or the smaller one of two elements."""

    def elementwise(t1: Any, t2: Any) -> list[Any]:
        where = f"{name}(t2)"
        pairs = paired(elements(t1, f"{name}(t1)"), elements(t2, where, 2), where)
        return [chosen(list(pair), function, f"{name}[{i}]") for i, pair in enumerate(pairs)]

    named(elementwise, name, f"{meaning} of two tuples, element by element; of an integer and a real it is a real.")
    return elementwise


def chosen(found: list[Any], function: Callable[..., Any], where: str) -> Any:
    """The extreme one of several elements; a real if one of them is real."""
    extreme = function(comparable(found, where))
    return float(extreme) if any(isinstance(x, float) for x in found) else extreme


tuple_max2 = _two("tuple_max2", max, "The greater one")
tuple_min2 = _two("tuple_min2", min, "The smaller one")


def _bits(name: str, function: Callable[[int, int], int], meaning: str) -> Callable[[Any, Any], list[int]]:
    """A function of the bits of two integers."""

    def elementwise(t1: Any, t2: Any) -> list[int]:
        where = f"{name}(t2)"
        pairs = paired(integers(t1, f"{name}(t1)"), integers(t2, where, 2), where)
        return [wrapped(function(a, b)) for a, b in pairs]

    named(elementwise, name, f"{meaning} of two tuples of integers, element by element.")
    return elementwise


tuple_band = _bits("tuple_band", operator.and_, "Bitwise and")
tuple_bor = _bits("tuple_bor", operator.or_, "Bitwise or")
tuple_bxor = _bits("tuple_bxor", operator.xor, "Bitwise exclusive or")


def tuple_bnot(t: Any) -> list[int]:
    """Bitwise complement of each integer."""
    return [~x for x in integers(t, "tuple_bnot(t)")]


def tuple_lsh(t: Any, shift: Any) -> list[int]:
    """Bits of each integer shifted to the left, by 0 to 63; what leaves the 64 bits is lost."""
    return [wrapped(a << _bit(b, "tuple_lsh(shift)")) for a, b in _shifts("tuple_lsh", t, shift)]


def tuple_rsh(t: Any, shift: Any) -> list[int]:
    """Bits of each integer shifted to the right, by 0 to 63; the sign is kept."""
    return [a >> _bit(b, "tuple_rsh(shift)") for a, b in _shifts("tuple_rsh", t, shift)]


def _shifts(name: str, t: Any, shift: Any) -> list[tuple[int, int]]:
    where = f"{name}(shift)"
    return list(paired(integers(t, f"{name}(t)"), integers(shift, where, 2), where))


def _bit(shift: int, where: str) -> int:
    if not 0 <= shift < 64:
        raise DLParamError(where, "a number of bits from 0 to 63", f"{shift}", halcon_code=1302)
    return shift
