"""Numbers into strings and back (see `dlproc.tuples` for the rules of all tuple functions)."""

from __future__ import annotations

import math
import re
from typing import Any

from dlproc.errors import DLParamError
from dlproc.tuples.arithmetic import as_text
from dlproc.tuples.values import INT_MAX, INT_MIN, elements, integers, shown, single, strings

_FORMAT = re.compile(r"([-+ #0]*)([0-9]{0,4})(?:\.([0-9]{0,4}))?([duioxXeEfFgGs]?)")
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)")
_REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def tuple_string(t: Any, format: Any) -> list[str]:
    """Numbers as strings, and strings brought to a width: ``T$'10.3f'``.

    Parameters
    ----------
    t : int, float, str, or a list of them
    format : str
        As in C's printf, without the per cent sign: *flags*, *width*, *.precision*, *conversion*, none of them needed.

        - flags: ``-`` to the left, ``+`` always a sign, space for a missing sign, ``0`` filled with zeros, ``#`` the
          other form (``0x`` before hexadecimal, ``0`` before octal numbers, the point stays).
        - conversions: ``d``, ``i``, ``u`` integer, ``o`` octal, ``x``, ``X`` hexadecimal, ``f`` fixed, ``e``, ``E``
          exponent, ``g``, ``G`` the shorter one with *precision* significant digits, ``s`` string.
        - without a conversion: ``d`` for integers, ``g`` for reals, ``s`` for strings; ``.4`` gives 4 significant
          digits of a real.

    Returns
    -------
    list of str
        As many as `t` has elements. A real for an integer conversion is cut to an integer, an integer for a real one
        becomes real, and a number for ``s`` is written as `tuple_add` writes it.

    Raises
    ------
    DLParamError
        Not such a format (halcon_code 1302); a string for a conversion of numbers, or a handle (1201).

    Notes
    -----
    What differs: exponents have two digits on every system (on Windows HALCON once wrote three); width and precision
    have four digits at most.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_string([3.14159, 2], ".2f")
    ['3.14', '2.00']
    >>> dl.tuple_string(["total", 255], "-8s"), dl.tuple_string(255, "#x")
    (['total   ', '255     '], ['0xff'])
    """
    where = "tuple_string(format)"
    text = single(strings(format, where, 2), where, 2)
    parts = _FORMAT.fullmatch(text)
    if parts is None:
        expected = "a format like '10.3f': flags, width, .precision, and one of d u i o x X e E f g G s"
        raise DLParamError(where, expected, repr(text), halcon_code=1302)
    flags, width, precision, conversion = parts.groups()
    found = elements(t, "tuple_string(t)")
    return [_formatted(x, flags, width, precision, conversion, f"tuple_string(t)[{i}]") for i, x in enumerate(found)]


def _formatted(x: Any, flags: str, width: str, precision: str | None, conversion: str, where: str) -> str:
    if not isinstance(x, int | float | str):
        raise DLParamError(where, "a number or a string", shown(x), halcon_code=1201)
    conversion = conversion or ("d" if isinstance(x, int) else "g" if isinstance(x, float) else "s")
    dotted = "" if precision is None else f".{precision or 0}"
    if conversion == "s":
        return f"%{'-' if '-' in flags else ''}{width}{dotted}s" % as_text(x)
    if isinstance(x, str):
        raise DLParamError(where, f"a number for the conversion '{conversion}'", repr(x), halcon_code=1201)
    if conversion in "eEfFgG":
        flags = flags if math.isfinite(x) else flags.replace("0", "")
        return f"%{flags}{width}{dotted}{conversion}" % x
    return _formatted_integer(_cut(x, where), flags, width, dotted, conversion)


def _cut(x: int | float, where: str) -> int:
    if isinstance(x, int):
        return x
    if not INT_MIN <= x <= INT_MAX:  # also not a number
        raise DLParamError(where, "a number that fits an integer of 64 bits", repr(x), halcon_code=1301)
    return int(x)


def _formatted_integer(x: int, flags: str, width: str, dotted: str, conversion: str) -> str:
    """As C does it: octal, hexadecimal and ``u`` are without a sign, and a precision switches the flag ``0`` off."""
    flags = flags.replace("0", "") if dotted else flags
    if conversion in "oxXu":
        x %= 2**64
        flags = flags.replace("+", "").replace(" ", "")
    if conversion == "o" and "#" in flags:
        digits = f"%{dotted}o" % x
        digits = digits if digits.startswith("0") else f"0{digits}"
        return (
            digits.ljust(int(width or 0))
            if "-" in flags
            else digits.rjust(int(width or 0), "0" if "0" in flags else " ")
        )
    if x == 0 or conversion in "diu":
        flags = flags.replace("#", "")  # C writes a plain 0
    return f"%{flags}{width}{dotted}{conversion}" % x


def tuple_number(t: Any) -> list[Any]:
    """Strings as the numbers they spell; a string that spells none stays, and so do numbers.

    Parameters
    ----------
    t : int, float, str, or a list of them
        ``'20'`` is 20, ``'2e1'`` 20.0, ``'0x20'`` 32 and, beware, ``'020'`` 16: a leading 0 means octal. ``'08'`` is no
        octal number and stays a string. Spaces around the number do not matter.

    Returns
    -------
    list of int, float or str

    Raises
    ------
    DLParamError
        An integer of more than 64 bits (halcon_code 1301).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_number(["20", "0.5", "020", "part 7"])
    [20, 0.5, 16, 'part 7']
    """
    found = elements(t, "tuple_number(t)")
    return [_number(x, f"tuple_number(t)[{i}]") if isinstance(x, str) else x for i, x in enumerate(found)]


def _number(text: str, where: str) -> int | float | str:
    digits = text.strip()
    if _INTEGER.fullmatch(digits):
        value = _integer(digits)
        if value is not None and not INT_MIN <= value <= INT_MAX:
            raise DLParamError(where, "an integer of 64 bits", repr(text), halcon_code=1301)
        return text if value is None else value
    return float(digits) if _REAL.fullmatch(digits) else text


def _integer(digits: str) -> int | None:
    """The value of digits in C's notation, or None: 08 is no octal number. Too many digits are not read at all."""
    sign, bare = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    significant = bare[2:] if bare[:2] in ("0x", "0X") else bare
    if len(significant.lstrip("0")) > 64:
        return 2**64
    if bare[:2] in ("0x", "0X"):
        return sign * int(bare, 16)
    if bare[0] == "0":
        return sign * int(bare, 8) if not set(bare) & set("89") else None
    return sign * int(bare)


def tuple_is_number(t: Any) -> list[int]:
    """1 for each element that is a number, or a string that spells one (see `tuple_number`), 0 for the others."""
    return [int(_is_number(x)) for x in elements(t, "tuple_is_number(t)")]


def _is_number(x: Any) -> bool:
    if not isinstance(x, str):
        return isinstance(x, int | float)
    digits = x.strip()
    if _INTEGER.fullmatch(digits):
        return _integer(digits) is not None
    return _REAL.fullmatch(digits) is not None


def tuple_chr(t: Any) -> list[str]:
    """One string of one character for each code point."""
    return [_character(x, f"tuple_chr(t)[{i}]") for i, x in enumerate(integers(t, "tuple_chr(t)"))]


def _character(code: int, where: str) -> str:
    if not 0 <= code < 0x110000:
        raise DLParamError(where, "a code point from 0 to 1114111", f"{code}", halcon_code=1301)
    return chr(code)


def tuple_chrt(t: Any) -> list[Any]:
    """Code points joined to strings, up to each 0, which stays a number: [72, 105, 0, 33] becomes ['Hi', 0, '!']."""
    result: list[Any] = []
    for i, code in enumerate(integers(t, "tuple_chrt(t)")):
        if code == 0:
            result.append(0)
        elif result and isinstance(result[-1], str):
            result[-1] += _character(code, f"tuple_chrt(t)[{i}]")
        else:
            result.append(_character(code, f"tuple_chrt(t)[{i}]"))
    return result


def tuple_ord(t: Any) -> list[int]:
    """The code point of each string, which must have one character."""
    found = strings(t, "tuple_ord(t)")
    for i, text in enumerate(found):
        if len(text) != 1:
            raise DLParamError(f"tuple_ord(t)[{i}]", "a string of one character", repr(text), halcon_code=1301)
    return [ord(text) for text in found]


def tuple_ords(t: Any) -> list[int]:
    """The code points of all characters of all strings, one after the other; integers among them stay."""
    result: list[int] = []
    for i, x in enumerate(elements(t, "tuple_ords(t)")):
        if not isinstance(x, int | str):
            raise DLParamError(f"tuple_ords(t)[{i}]", "a string or an integer", shown(x), halcon_code=1201)
        result += [x] if isinstance(x, int) else map(ord, x)
    return result
