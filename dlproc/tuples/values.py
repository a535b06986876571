"""What a tuple is: taken apart, checked, and combined with another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dlproc.errors import DLParamError

H_INT, H_REAL, H_STRING, H_MIXED, H_HANDLE, H_ANY = 1, 2, 4, 8, 16, 31
INT_MIN, INT_MAX = -(2**63), 2**63 - 1


def elements(value: Any, where: str, number: int = 1) -> list[Any]:
    """The elements of a tuple: a scalar is a tuple of one, None the empty tuple.

    Parameters
    ----------
    value : int, float, str, handle, or a sequence of them
        Arrays of one axis too.
    where : str
        Function and parameter for the error, ``'tuple_add(s1)'``.
    number : int
        Which parameter of the function that is, from 1.

    Returns
    -------
    list
        A new one.

    Raises
    ------
    DLParamError
        A sequence in the sequence, or an integer of more than 64 bits.
    """
    if hasattr(value, "tolist"):  # an array or scalar of numpy, without importing numpy
        value = value.tolist()
    if value is None:
        return []
    if not isinstance(value, list | tuple | range):
        return [_element(value, where, number)]
    return [_element(e, f"{where}[{i}]", number) for i, e in enumerate(value)]


def _element(value: Any, where: str, number: int) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple | range | set):
        raise DLParamError(
            where, "a number, a string or a handle", f"a {type(value).__name__}", halcon_code=1200 + number
        )
    if isinstance(value, int):  # also bool
        if not INT_MIN <= value <= INT_MAX:
            raise DLParamError(where, "an integer of 64 bits", f"{value}", halcon_code=1300 + number)
        return int(value)
    return value


def type_of(element: Any) -> int:
    """HALCON's number for the type of one element."""
    if isinstance(element, int):
        return H_INT
    if isinstance(element, float):
        return H_REAL
    return H_STRING if isinstance(element, str) else H_HANDLE


def shown(element: Any) -> str:
    """An element as it stands in an error."""
    return repr(element) if isinstance(element, int | float | str) else f"a {type(element).__name__}"


def numbers(value: Any, where: str, number: int = 1) -> list[Any]:
    """The elements of a tuple that may hold integers and reals only."""
    return _checked(value, where, number, (int, float), "an integer or a real")


def integers(value: Any, where: str, number: int = 1) -> list[int]:
    """The elements of a tuple that may hold integers only."""
    return _checked(value, where, number, (int,), "an integer")


def strings(value: Any, where: str, number: int = 1) -> list[str]:
    """The elements of a tuple that may hold strings only."""
    return _checked(value, where, number, (str,), "a string")


def indices(value: Any, where: str, number: int = 1) -> list[int]:
    """The elements of a tuple of integers; a real without fraction counts as one, as HALCON takes it for an index."""
    found = numbers(value, where, number)
    for i, element in enumerate(found):
        if isinstance(element, float) and not element.is_integer():
            raise DLParamError(f"{where}[{i}]", "an integer", repr(element), halcon_code=1200 + number)
    return [int(element) for element in found]


def _checked(value: Any, where: str, number: int, types: tuple[type, ...], expected: str) -> list[Any]:
    found = elements(value, where, number)
    for i, element in enumerate(found):
        if not isinstance(element, types):
            raise DLParamError(f"{where}[{i}]", expected, shown(element), halcon_code=1200 + number)
    return found


def comparable(found: list[Any], where: str, number: int = 1) -> list[Any]:
    """The same elements, if they are all numbers or all strings."""
    texts = [isinstance(element, str) for element in found]
    for i, element in enumerate(found):
        if not isinstance(element, int | float | str) or texts[i] != texts[0]:
            expected = "all numbers or all strings"
            raise DLParamError(f"{where}[{i}]", expected, shown(element), halcon_code=1200 + number)
    return found


def single(found: list[Any], where: str, number: int = 1) -> Any:
    """The element of a tuple of one."""
    if len(found) != 1:
        raise DLParamError(where, "one element", f"{len(found)}", halcon_code=1400 + number)
    return found[0]


def not_empty(found: list[Any], where: str, number: int = 1) -> list[Any]:
    """The same elements, if there are any."""
    if not found:
        raise DLParamError(where, "at least one element", "none", halcon_code=1400 + number)
    return found


def in_range(index: int, first: int, last: int, where: str, number: int = 1) -> int:
    """The same index, if it lies between the two, both included."""
    if not first <= index <= last:
        expected = f"an index from {first} to {last}" if first <= last else "an element to choose from"
        raise DLParamError(where, expected, f"{index}", halcon_code=1300 + number)
    return index


def paired(first: list[Any], second: list[Any], where: str, number: int = 2) -> Iterator[tuple[Any, Any]]:
    """Elements that belong together; a tuple of one goes with every element of the other.

    Parameters
    ----------
    where : str
        Function and second parameter.

    Raises
    ------
    DLParamError
        Different lengths, neither of them 0 or 1 (halcon_code 1400 + number).
    """
    if not first or not second:
        return iter(())
    if len(first) == 1:
        first = first * len(second)
    elif len(second) == 1:
        second = second * len(first)
    if len(first) != len(second):
        raise DLParamError(where, f"1 or {len(first)} elements", f"{len(second)}", halcon_code=1400 + number)
    return zip(first, second, strict=True)


def wrapped(value: int) -> int:
    """An integer brought into 64 bits as C does it: what does not fit is lost."""
    return (value - INT_MIN) % 2**64 + INT_MIN


def number_of(value: int | float) -> int | float:
    """A result: integers wrap around, reals stay."""
    return wrapped(value) if isinstance(value, int) else value


def evaluated(function: Callable[..., Any], arguments: tuple[Any, ...], where: str) -> Any:
    """``function(*arguments)``, or an error where the function has no value or none that a real holds."""
    try:
        return function(*arguments)
    except (ValueError, OverflowError, ZeroDivisionError):
        got = ", ".join(map(repr, arguments))
        raise DLParamError(where, "a number for which the result is a real", got, halcon_code=1301) from None


def named(function: Callable[..., Any], name: str, documentation: str) -> None:
    """Give a function of a family its own name and documentation."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = documentation
