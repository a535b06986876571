"""What translated programs need besides plain Python: HDevelop's tuples, vectors and exceptions.

In Python a tuple of one element is mostly the element itself, ``7``, and another one a list. Where it cannot be known
which of the two a value will be, `single` and `as_tuple` make one of it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from dlproc.errors import DLError, DLParamError
from dlproc.tuples import arithmetic

# HALCON's numbers for what Python finds wrong by itself.
_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (FileNotFoundError, 5200),
    (KeyError, 2894),
    (IndexError, 1302),
    (ZeroDivisionError, 1302),
    (ValueError, 1301),
    (TypeError, 1201),
    (MemoryError, 6001),
)
_OTHER_CODE = 21000  # an error without a number of HALCON's


class HDevelopException(Exception):
    """What a program throws itself, ``throw (value)``.

    Attributes
    ----------
    value : int, float, str, handle, or list of them
        The tuple that ``catch`` gets.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        super().__init__(" ".join(as_text(part) for part in as_tuple(value)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.value,)


def exception_tuple(error: Exception) -> Any:
    """An exception as ``catch (Exception)`` hands it over.

    Returns
    -------
    The value that was thrown, or a list of 8: HALCON's number of the error (`DLError.halcon_code`; 21000 where there
    is none), 0, the message, an empty text, the program's line (0: not known, in a port), operator, 1, procedure.

    Raises
    ------
    NotImplementedError
        It is one: an operator that is not there is not an error to be handled, but a place to port.
    """
    if isinstance(error, HDevelopException):
        return error.value
    if isinstance(error, NotImplementedError):
        raise error
    code = error.halcon_code if isinstance(error, DLError) else None
    code = code or next((number for kind, number in _CODES if isinstance(error, kind)), _OTHER_CODE)
    procedure, line, operator = _place_of(error)
    return [code, 0, message_of(error), "", line, operator, 1, procedure]


#: Where the lines of programs that `dlproc run` executes come from, by the name of their code: procedure and line.
sources: dict[str, Sequence[tuple[str, int]]] = {}


def _place_of(error: Exception) -> tuple[str, int, str]:
    """Procedure, line (0 where it is not known) and operator of an error in a translated program."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "", 0, ""
    last = max(place for place, frame in enumerate(frames) if frame.filename == frames[0].filename)
    operator = frames[last + 1].name if last + 1 < len(frames) else ""
    known, number = sources.get(frames[last].filename, ()), frames[last].lineno or 1
    procedure, line = known[number - 1] if number <= len(known) else (frames[last].name, 0)
    return procedure, line, operator


def message_of(error: BaseException) -> str:
    """What went wrong, in words; also of what Python finds by itself, whose own words speak of Python."""
    text = str(error) or type(error).__name__
    if isinstance(error, DLError):
        return text
    if isinstance(error, KeyError):
        return f"the dictionary has no key {text}"
    if isinstance(error, NameError) and "'" in text:  # the name stands in quotes
        name = text.split("'")[1]
        return f"{name} has no value yet"
    return "there is no element with this index" if isinstance(error, IndexError) else text


def as_tuple(value: Any) -> list[Any]:
    """A tuple as a list: of a single value a list of one, of None and [] the empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | range) else [value]


def single(value: Any) -> Any:
    """The element of a tuple that must have exactly one.

    Raises
    ------
    DLParamError
        It has none, or several (halcon_code 1401).
    """
    if not isinstance(value, list | tuple):
        return value
    if len(value) != 1:
        raise DLParamError("tuple", "exactly one element", f"{len(value)}", halcon_code=1401)
    return value[0]


def as_text(value: Any) -> str:
    """A single value as HDevelop writes it when it joins texts: reals with six digits, true and false as 1 and 0."""
    return arithmetic.as_text(single(value))


def element_of(vector: list[Any], index: int) -> Any:
    """An element of a vector that is to be changed in part: empty where the vector is shorter."""
    _check_index(index)
    return vector[index] if index < len(vector) else []


def replaced(vector: list[Any], index: int, value: Any) -> list[Any]:
    """A vector with another element at an index; behind the end it grows, with empty tuples between."""
    _check_index(index)
    longer = [*vector, *([] for _ in range(index + 1 - len(vector)))]
    longer[index] = value
    return longer


def inserted(vector: list[Any], index: int, value: Any) -> list[Any]:
    """A vector with one more element, at an index; behind the end it grows, with empty tuples between."""
    _check_index(index)
    longer = [*vector, *([] for _ in range(index - len(vector)))]
    return [*longer[:index], value, *longer[index:]]


def steps(first: Any, last: Any, step: Any) -> Iterator[Any]:
    """The values of ``for I := first to last by step``: reals as soon as one of the three is, added up one by one."""
    value, end, by = (single(number) for number in (first, last, step))
    if by == 0:
        raise DLParamError("by", "a step other than 0", "0", halcon_code=1301)
    value = value + 0 * by if not isinstance(end, float) else float(value)
    while value <= end if by > 0 else value >= end:
        yield value
        value += by


def _check_index(index: int) -> None:
    if index < 0:
        raise DLParamError("index of a vector", "at least 0", f"{index}", halcon_code=1301)
