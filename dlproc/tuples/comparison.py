"""Comparison, logic and types of tuples (see `dlproc.tuples` for the rules of all of them).

``tuple_less`` and its kin compare **whole** tuples and give one 0 or 1: the first pair of elements that differs
decides, and if one tuple begins with the other, the longer one is the greater. ``tuple_less_elem`` and its kin
compare element by element and give as many. Numbers are compared with numbers, integer or real, and strings with
strings by their code points; asking whether a number is *less* than a string is an error, they are just not equal.
Handles are equal if they are the same thing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.tuples.values import (
    H_ANY,
    H_HANDLE,
    H_INT,
    H_MIXED,
    H_REAL,
    H_STRING,
    INT_MAX,
    INT_MIN,
    elements,
    named,
    numbers,
    paired,
    shown,
    single,
    strings,
    type_of,
)

Comparison = Callable[[Any, Any], list[int]]


def same(a: Any, b: Any) -> bool:
    """Whether two elements are equal: by value for numbers and strings, the same thing for handles."""
    if isinstance(a, int | float | str) and isinstance(b, int | float | str):
        return a == b
    return a is b


def _order(a: Any, b: Any, where: str) -> int:
    """Minus one, 0 or 1 for less, equal and greater."""
    if isinstance(a, str) != isinstance(b, str) or not all(isinstance(x, int | float | str) for x in (a, b)):
        raise DLParamError(where, "two numbers or two strings", f"{shown(a)} and {shown(b)}", halcon_code=1202)
    return int(a > b) - int(a < b)


def _whole_order(first: list[Any], second: list[Any], where: str) -> int:
    for a, b in zip(first, second, strict=False):
        order = _order(a, b, where)
        if order:
            return order
    return (len(first) > len(second)) - (len(first) < len(second))


def _comparisons(name: str, compare: Callable[[int, int], bool], meaning: str) -> tuple[Comparison, Comparison]:
    """The function on whole tuples and the one on elements."""

    def whole(t1: Any, t2: Any) -> list[int]:
        first, second = elements(t1, f"{name}(t1)"), elements(t2, f"{name}(t2)", 2)
        return [int(compare(_whole_order(first, second, name), 0))]

    def elementwise(t1: Any, t2: Any) -> list[int]:
        where = f"{name}_elem(t2)"
        pairs = paired(elements(t1, f"{name}_elem(t1)"), elements(t2, where, 2), where)
        return [int(compare(_order(a, b, f"{name}_elem[{i}]"), 0)) for i, (a, b) in enumerate(pairs)]

    named(whole, name, f"``[1]`` if the tuple t1 as a whole is {meaning} t2, else ``[0]``.")
    named(
        elementwise, f"{name}_elem", f"1 for each element of t1 that is {meaning} its partner in t2, 0 for the others."
    )
    return whole, elementwise


tuple_less, tuple_less_elem = _comparisons("tuple_less", operator.lt, "less than")
tuple_less_equal, tuple_less_equal_elem = _comparisons("tuple_less_equal", operator.le, "less than or equal to")
tuple_greater, tuple_greater_elem = _comparisons("tuple_greater", operator.gt, "greater than")
tuple_greater_equal, tuple_greater_equal_elem = _comparisons(
    "tuple_greater_equal", operator.ge, "greater than or equal to"
)


def tuple_equal(t1: Any, t2: Any) -> list[int]:
    """``[1]`` if two tuples have the same length and equal elements, else ``[0]``; 1 equals 1.0, but not '1'."""
    return [int(_equal(elements(t1, "tuple_equal(t1)"), elements(t2, "tuple_equal(t2)", 2)))]


def tuple_not_equal(t1: Any, t2: Any) -> list[int]:
    """``[0]`` if two tuples have the same length and equal elements, else ``[1]``."""
    return [int(not _equal(elements(t1, "tuple_not_equal(t1)"), elements(t2, "tuple_not_equal(t2)", 2)))]


def _equal(first: list[Any], second: list[Any]) -> bool:
    return len(first) == len(second) and all(map(same, first, second))


def tuple_equal_elem(t1: Any, t2: Any) -> list[int]:
    """1 for each element of t1 that is equal to its partner in t2, 0 for the others."""
    where = "tuple_equal_elem(t2)"
    return [int(same(a, b)) for a, b in paired(elements(t1, "tuple_equal_elem(t1)"), elements(t2, where, 2), where)]


def tuple_not_equal_elem(t1: Any, t2: Any) -> list[int]:
    """0 for each element of t1 that is equal to its partner in t2, 1 for the others."""
    where = "tuple_not_equal_elem(t2)"
    pairs = paired(elements(t1, "tuple_not_equal_elem(t1)"), elements(t2, where, 2), where)
    return [int(not same(a, b)) for a, b in pairs]


def _logical(name: str, function: Callable[[bool, bool], bool], meaning: str) -> Comparison:
    """A function of two truth values; every number but 0 is true."""

    def elementwise(t1: Any, t2: Any) -> list[int]:
        where = f"{name}(t2)"
        pairs = paired(numbers(t1, f"{name}(t1)"), numbers(t2, where, 2), where)
        return [int(function(a != 0, b != 0)) for a, b in pairs]

    named(
        elementwise, name, f"{meaning} of two tuples of numbers, element by element: 0 is false, every other is true."
    )
    return elementwise


tuple_and = _logical("tuple_and", operator.and_, "Logical and")
tuple_or = _logical("tuple_or", operator.or_, "Logical or")
tuple_xor = _logical("tuple_xor", operator.xor, "Logical exclusive or")


def tuple_not(t: Any) -> list[int]:
    """1 for each number that is 0, 0 for the others."""
    return [int(x == 0) for x in numbers(t, "tuple_not(t)")]


def tuple_type(t: Any) -> list[int]:
    """Type of a whole tuple: 1 integers, 2 reals, 4 strings, 16 handles, 8 several of them, 31 an empty tuple.

    HALCON may also answer 8 for a tuple that once held several types; here only the present elements count.
    """
    return [_type(elements(t, "tuple_type(t)"))]


def _type(found: list[Any]) -> int:
    types = {type_of(element) for element in found}
    return H_ANY if not types else types.pop() if len(types) == 1 else H_MIXED


def tuple_type_elem(t: Any) -> list[int]:
    """Type of each element: 1 integer, 2 real, 4 string, 16 handle."""
    return [type_of(element) for element in elements(t, "tuple_type_elem(t)")]


def tuple_sem_type(t: Any) -> list[str]:
    """What a whole tuple holds, as a word.

    Parameters
    ----------
    t : int, float, str, handle, or a list of them

    Returns
    -------
    list of one str
        ``'integer'``, ``'real'``, ``'string'``; of handles of one kind that kind, such as ``'dict'``, ``'dl_model'``,
        ``'dl_device'``, ``'window'``, ``'file'``, ``'matrix'``; of several ``'handle'``; of different types, and of an
        empty tuple, ``'any'``.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_sem_type({"class_ids": [0, 1]}), dl.tuple_sem_type([1, "a"])
    (['dict'], ['any'])
    """
    found = _elements_or_matrix(t, "tuple_sem_type(t)")
    words = {_sem_type(element) for element in found}
    if len(words) == 1:
        return [words.pop()]
    return ["handle" if found and all(type_of(element) == H_HANDLE for element in found) else "any"]


def tuple_sem_type_elem(t: Any) -> list[str]:
    """What each element is, as a word; see `tuple_sem_type`.

    None, the handle of nothing, is 'handle', and so is a model that was cleared, or a window or file that was closed.
    """
    return [_sem_type(element) for element in _elements_or_matrix(t, "tuple_sem_type_elem(t)")]


def _elements_or_matrix(t: Any, where: str) -> list[Any]:
    """An array with rows and columns is a handle, too: that of a matrix."""
    is_matrix = getattr(t, "ndim", 0) == 2
    if is_matrix or not isinstance(t, list | tuple):
        return [t] if is_matrix else elements(t, where)
    return [one if getattr(one, "ndim", 0) == 2 else elements([one], where)[0] for one in t]


_HANDLES = {"dict": "dict", "DLModel": "dl_model", "DLDevice": "dl_device", "Window": "window", "FileHandle": "file"}
_HANDLES |= {"Matrix": "matrix", "ndarray": "matrix"}


def _sem_type(element: Any) -> str:
    words = {H_INT: "integer", H_REAL: "real", H_STRING: "string"}
    if type_of(element) in words:
        return words[type_of(element)]
    return "handle" if _is_cleared(element) else _HANDLES.get(type(element).__name__, "handle")


def _is_cleared(handle: Any) -> bool:
    """Whether a model was cleared, a window closed, or a file closed."""
    is_gone = getattr(handle, "is_cleared", False) or getattr(handle, "is_closed", False)
    return bool(is_gone) or not getattr(handle, "is_open", True)


def tuple_is_valid_handle(handle: Any) -> list[int]:
    """``[1]`` if a tuple holds handles only, and each is one of something, else ``[0]``.

    None is the handle of nothing. A model that was cleared, or a window or file that was closed, is not valid any more.
    """
    found = _elements_or_matrix(handle, "tuple_is_valid_handle(handle)")
    return [int(bool(found) and all(map(_is_valid, found)))]


def _is_valid(element: Any) -> bool:
    return type_of(element) == H_HANDLE and element is not None and not _is_cleared(element)


def tuple_is_serializable(tuple: Any) -> list[int]:
    """``[1]`` if `write_dict` can write all elements, else ``[0]``: numbers, strings, and dictionaries of them."""
    return [int(all(tuple_is_serializable_elem(tuple)))]


def tuple_is_serializable_elem(tuple: Any) -> list[int]:
    """1 for each element that `write_dict` can write, 0 for the others; see `tuple_is_serializable`."""
    return [int(_is_serializable(one)) for one in _elements_or_matrix(tuple, "tuple_is_serializable(tuple)")]


def _is_serializable(value: Any) -> bool:
    """Also of what stands in dictionaries: arrays, such as images, and lists."""
    if isinstance(value, dict):
        return all(isinstance(key, int | str) and _is_serializable(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_serializable, value))
    return isinstance(value, int | float | str) or hasattr(value, "ndim")


def _type_tests(name: str, wanted: int, meaning: str) -> tuple[Callable[[Any], list[int]], Callable[[Any], list[int]]]:
    """The test of a whole tuple and the one of each element."""

    def whole(t: Any) -> list[int]:
        return [int(_type(elements(t, f"{name}(t)")) == wanted)]

    def elementwise(t: Any) -> list[int]:
        return [int(type_of(element) == wanted) for element in elements(t, f"{name}_elem(t)")]

    named(whole, name, f"``[1]`` if a tuple holds {meaning} and nothing else, else ``[0]``; an empty one holds none.")
    named(elementwise, f"{name}_elem", f"1 for each element that is one of the {meaning}, 0 for the others.")
    return whole, elementwise


tuple_is_int, tuple_is_int_elem = _type_tests("tuple_is_int", H_INT, "integers")
tuple_is_real, tuple_is_real_elem = _type_tests("tuple_is_real", H_REAL, "reals")
tuple_is_string, tuple_is_string_elem = _type_tests("tuple_is_string", H_STRING, "strings")
tuple_is_handle, tuple_is_handle_elem = _type_tests("tuple_is_handle", H_HANDLE, "handles")


def tuple_is_mixed(t: Any) -> list[int]:
    """``[1]`` if a tuple holds elements of several types, else ``[0]``."""
    return [int(_type(elements(t, "tuple_is_mixed(t)")) == H_MIXED)]


def tuple_is_nan_elem(t: Any) -> list[int]:
    """1 for each number that is not a number (NaN), 0 for the others."""
    return [int(math.isnan(x)) for x in numbers(t, "tuple_is_nan_elem(t)")]


CONSTANTS: dict[str, Any] = {
    "H_PI": math.pi,
    "H_TYPE_INT": H_INT,
    "H_TYPE_REAL": H_REAL,
    "H_TYPE_STRING": H_STRING,
    "H_TYPE_MIXED": H_MIXED,
    "H_TYPE_HANDLE": H_HANDLE,
    "H_TYPE_ANY": H_ANY,
    "H_MSG_TRUE": 2,
    "H_MSG_FALSE": 3,
    "H_MSG_VOID": 4,
    "H_MSG_FAIL": 5,
    "H_INT_MIN": INT_MIN,
    "H_INT_MAX": INT_MAX,
    "H_INT64_MIN": INT_MIN,
    "H_INT64_MAX": INT_MAX,
    "H_INT32_MIN": -(2**31),
    "H_INT32_MAX": 2**31 - 1,
    "H_FLOAT32_EPSILON": 2.0**-23,
    "H_FLOAT32_MIN": 2.0**-126,
    "H_FLOAT32_MAX": (2 - 2.0**-23) * 2.0**127,
    "H_FLOAT64_EPSILON": 2.0**-52,
    "H_FLOAT64_MIN": 2.0**-1022,
    "H_FLOAT64_MAX": (2 - 2.0**-52) * 2.0**1023,
    "HNULL": None,
}


def tuple_constant(name: Any) -> list[Any]:
    """Value of a constant of HDevelop's language.

    Parameters
    ----------
    name : str
        ``'H_PI'``, ``'H_TYPE_INT'``, ``'H_MSG_TRUE'``, ``'H_INT_MAX'``, ``'H_FLOAT64_EPSILON'`` … ``'HNULL'``, the
        handle of nothing, is None.

    Returns
    -------
    list of one int, float or None

    Raises
    ------
    DLParamError
        An unknown name (halcon_code 1301).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_constant("H_INT32_MAX")
    [2147483647]
    """
    where = "tuple_constant(name)"
    wanted = single(strings(name, where), where)
    check_known(wanted, CONSTANTS, where, halcon_code=1301)
    return [CONSTANTS[wanted]]
