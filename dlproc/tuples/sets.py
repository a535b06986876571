"""Tuples as sets: each element once (see `dlproc.tuples` for the rules of all tuple functions)."""

from __future__ import annotations

from typing import Any

from dlproc.tuples.values import H_HANDLE, H_INT, H_REAL, H_STRING, elements, type_of


def _as_set(value: Any, where: str, number: int) -> list[Any]:
    """Each element once, integers before reals, strings and handles, each kind in ascending order."""
    once: dict[Any, Any] = {}
    for element in elements(value, where, number):
        once.setdefault(_set_key(element), element)
    kinds = [[e for (kind, _), e in once.items() if kind == wanted] for wanted in (H_INT, H_REAL, H_STRING, H_HANDLE)]
    return [*sorted(kinds[0]), *sorted(kinds[1]), *sorted(kinds[2]), *kinds[3]]


def _set_key(element: Any) -> tuple[int, Any]:
    """1 and 1.0 are different elements of a set; handles are the same if they are one thing."""
    kind = type_of(element)
    return kind, id(element) if kind == H_HANDLE else element


def tuple_union(set_1: Any, set_2: Any) -> list[Any]:
    """The elements of one tuple or the other, each once.

    The result is ordered: integers, reals, strings, each ascending, then handles. 1 and 1.0 are different elements, as
    for `tuple_intersection`, `tuple_difference` and `tuple_symmdiff`.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_union([2, 5, 3], [4.0, 5.0])
    [2, 3, 5, 4.0, 5.0]
    """
    first, second = _as_set(set_1, "tuple_union(set_1)", 1), _as_set(set_2, "tuple_union(set_2)", 2)
    return _as_set(first + second, "tuple_union", 1)


def tuple_intersection(set_1: Any, set_2: Any) -> list[Any]:
    """The elements that both tuples have, each once, in the order of `tuple_union`."""
    first, second = _as_set(set_1, "tuple_intersection(set_1)", 1), _as_set(set_2, "tuple_intersection(set_2)", 2)
    keys = {_set_key(e) for e in second}
    return [e for e in first if _set_key(e) in keys]


def tuple_difference(set_1: Any, set_2: Any) -> list[Any]:
    """The elements of the first tuple that the second has not, each once, in the order of `tuple_union`."""
    first, second = _as_set(set_1, "tuple_difference(set_1)", 1), _as_set(set_2, "tuple_difference(set_2)", 2)
    keys = {_set_key(e) for e in second}
    return [e for e in first if _set_key(e) not in keys]


def tuple_symmdiff(set_1: Any, set_2: Any) -> list[Any]:
    """The elements that only one of the two tuples has, each once, in the order of `tuple_union`."""
    first, second = _as_set(set_1, "tuple_symmdiff(set_1)", 1), _as_set(set_2, "tuple_symmdiff(set_2)", 2)
    return tuple_union(tuple_difference(first, second), tuple_difference(second, first))
