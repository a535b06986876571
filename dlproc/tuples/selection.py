"""Making, choosing from, changing and searching tuples (see `dlproc.tuples` for the rules of all of them).

Indices count from 0; a real without fraction is one too. An index outside the tuple is an error, never counted from the
end.
"""

from __future__ import annotations

import math
from typing import Any

from dlproc.errors import DLParamError
from dlproc.rng import numpy_stream
from dlproc.tuples.comparison import same
from dlproc.tuples.values import comparable, elements, in_range, indices, not_empty, number_of, numbers, paired, single

MAX_LENGTH = 2**26  # a longer tuple is taken for a mistake; its memory would be asked for at once


def tuple_length(tuple: Any) -> list[int]:
    """Number of elements, ``|T|``, as a list of one."""
    return [len(elements(tuple, "tuple_length(tuple)"))]


def tuple_concat(t1: Any, t2: Any) -> list[Any]:
    """The elements of one tuple, then those of the other: ``[T1, T2]``."""
    return elements(t1, "tuple_concat(t1)") + elements(t2, "tuple_concat(t2)", 2)


def tuple_gen_const(length: Any, const: Any) -> list[Any]:
    """A tuple of equal elements; a real length is cut down to an integer."""
    n = _length(length, "tuple_gen_const(length)")
    return [single(elements(const, "tuple_gen_const(const)", 2), "tuple_gen_const(const)", 2)] * n


def _length(length: Any, where: str, number: int = 1) -> int:
    n = single(numbers(length, where, number), where, number)
    if not 0 <= n <= MAX_LENGTH:
        raise DLParamError(where, f"a length from 0 to {MAX_LENGTH}", f"{n!r}", halcon_code=1300 + number)
    return int(n)


def tuple_gen_sequence(start: Any, end: Any, step: Any) -> list[Any]:
    """Equidistant numbers from start on, not beyond end: ``[start:step:end]``.

    Parameters
    ----------
    start, end, step : int or float
        `step` is not 0 and leads from `start` towards `end`. Integers if all three are, else reals.

    Returns
    -------
    list of int or of float
        ``start + i * step``; `end` itself only if the steps meet it.

    Raises
    ------
    DLParamError
        A step of 0, or in the other direction (halcon_code 1303).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_gen_sequence(10, 1, -4)
    [10, 6, 2]
    """
    name = "tuple_gen_sequence"
    given = {"start": start, "end": end, "step": step}
    checked = [single(numbers(v, f"{name}({k})", n), f"{name}({k})", n) for n, (k, v) in enumerate(given.items(), 1)]
    first, last, by = checked
    if by == 0 or (last - first) * by < 0 or not all(map(math.isfinite, checked)):
        expected = f"a finite step other than 0 from {first!r} towards {last!r}"
        raise DLParamError(f"{name}(step)", expected, f"{by!r}", halcon_code=1303)
    if any(isinstance(x, float) for x in checked):
        # A last value that only rounding has put behind the end still belongs to the sequence.
        n = _length((last - first) / by + 1e-9 + 1, f"{name}(end)", 2)
        return [float(first + i * by) for i in range(n)]
    n = _length((last - first) // by + 1, f"{name}(end)", 2)
    return [number_of(first + i * by) for i in range(n)]


def tuple_rand(length: Any) -> list[float]:
    """Random reals from 0 up to 1, 1 not included.

    The calls go on in one stream of numbers, as in HALCON. ``set_system('seed_rand', …)`` begins it anew; without it
    every run of a script draws the same numbers.
    """
    n = _length(length, "tuple_rand(length)")
    return [float(x) for x in numpy_stream("tuple_rand").random(n)]


def tuple_shuffle(tuple: Any) -> list[Any]:
    """The elements in random order, drawn as those of `tuple_rand` are.

    Examples
    --------
    >>> import dlproc as dl
    >>> sorted(dl.tuple_shuffle([3, 1, 2]))
    [1, 2, 3]
    """
    found = elements(tuple, "tuple_shuffle(tuple)")
    return [found[place] for place in numpy_stream("tuple_shuffle").permutation(len(found))]


def tuple_select(tuple: Any, index: Any) -> list[Any]:
    """The elements at some indices, in their order: ``T[I]``.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_select(["a", "b", "c"], [2, 0, 0])
    ['c', 'a', 'a']
    """
    found = elements(tuple, "tuple_select(tuple)")
    wanted = indices(index, "tuple_select(index)", 2)
    return [found[in_range(i, 0, len(found) - 1, "tuple_select(index)", 2)] for i in wanted]


def tuple_select_range(tuple: Any, leftindex: Any, rightindex: Any) -> list[Any]:
    """The elements from one index to another, both included: ``T[a:b]``.

    None, if the right index is just before the left one, or if both are empty.
    """
    name = "tuple_select_range"
    found = elements(tuple, f"{name}(tuple)")
    if not elements(leftindex, f"{name}(leftindex)", 2) and not elements(rightindex, f"{name}(rightindex)", 3):
        return []
    left = _index(leftindex, 0, len(found), f"{name}(leftindex)", 2)
    right = _index(rightindex, left - 1, len(found) - 1, f"{name}(rightindex)", 3)
    return found[left : right + 1]


def _index(index: Any, first: int, last: int, where: str, number: int) -> int:
    return in_range(single(indices(index, where, number), where, number), first, last, where, number)


def tuple_first_n(tuple: Any, index: Any) -> list[Any]:
    """The elements up to an index, included; none for the index -1."""
    found = elements(tuple, "tuple_first_n(tuple)")
    return found[: _index(index, -1, len(found) - 1, "tuple_first_n(index)", 2) + 1]


def tuple_last_n(tuple: Any, index: Any) -> list[Any]:
    """The elements from an index on; none for the length as index."""
    found = elements(tuple, "tuple_last_n(tuple)")
    return found[_index(index, 0, len(found), "tuple_last_n(index)", 2) :]


def tuple_select_mask(tuple: Any, mask: Any) -> list[Any]:
    """The elements whose partner in the mask, of the same length, is greater than 0."""
    found, chosen = elements(tuple, "tuple_select_mask(tuple)"), numbers(mask, "tuple_select_mask(mask)", 2)
    if len(found) != len(chosen):
        got = f"{len(chosen)}"
        raise DLParamError("tuple_select_mask(mask)", f"{len(found)} elements", got, halcon_code=1402)
    return [element for element, wanted in zip(found, chosen, strict=True) if wanted > 0]


def tuple_select_rank(tuple: Any, rank_index: Any) -> list[Any]:
    """The number that stands at an index once the tuple is sorted."""
    ordered = sorted(numbers(tuple, "tuple_select_rank(tuple)"))
    return [ordered[_index(rank_index, 0, len(ordered) - 1, "tuple_select_rank(rank_index)", 2)]]


def tuple_remove(tuple: Any, index: Any) -> list[Any]:
    """The tuple without the elements at some indices; an index may come twice."""
    found = elements(tuple, "tuple_remove(tuple)")
    where = "tuple_remove(index)"
    gone = {in_range(i, 0, len(found) - 1, where, 2) for i in indices(index, where, 2)}
    return [element for i, element in enumerate(found) if i not in gone]


def tuple_insert(tuple: Any, index: Any, insert_tuple: Any) -> list[Any]:
    """The tuple with others put in before an index; the length as index puts them at the end.

    HALCON refuses an empty tuple here; so does this.
    """
    found = not_empty(elements(tuple, "tuple_insert(tuple)"), "tuple_insert(tuple)")
    where = "tuple_insert(insert_tuple)"
    new = not_empty(elements(insert_tuple, where, 3), where, 3)
    at = _index(index, 0, len(found), "tuple_insert(index)", 2)
    return found[:at] + new + found[at:]


def tuple_replace(tuple: Any, index: Any, replace_tuple: Any) -> list[Any]:
    """The tuple with other elements at some indices.

    Parameters
    ----------
    tuple : tuple
    index : int or list of int
        From 0 on. Behind the end the tuple grows, and what lies between is 0.
    replace_tuple : int, float, str, handle, or a list of them
        One for all indices, or one for each.

    Raises
    ------
    DLParamError
        An index below 0 (halcon_code 1302), or another number of new elements than of indices (1403).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_replace([1], [2, 4], [3, 5])
    [1, 0, 3, 0, 5]
    """
    found = elements(tuple, "tuple_replace(tuple)")
    at = indices(index, "tuple_replace(index)", 2)
    where = "tuple_replace(replace_tuple)"
    new = elements(replace_tuple, where, 3)
    if len(new) not in (1, len(at)) or (new and not at):
        raise DLParamError(where, f"1 or {len(at)} elements" if at else "none", f"{len(new)}", halcon_code=1403)
    for i in at:
        in_range(i, 0, MAX_LENGTH - 1, "tuple_replace(index)", 2)
    found += [0] * (max(at, default=-1) + 1 - len(found))
    for i, element in paired(at, new, where, 3):
        found[i] = element
    return found


def tuple_repeat(tuple: Any, num: Any) -> list[Any]:
    """The whole tuple several times: [1, 2] twice is [1, 2, 1, 2]."""
    found = elements(tuple, "tuple_repeat(tuple)")
    return found * _times(num, len(found), "tuple_repeat(num)")


def tuple_repeat_elem(tuple: Any, num: Any) -> list[Any]:
    """Each element several times: [1, 2] twice is [1, 1, 2, 2]."""
    found = elements(tuple, "tuple_repeat_elem(tuple)")
    n = _times(num, len(found), "tuple_repeat_elem(num)")
    return [element for element in found for _ in range(n)]


def _times(num: Any, length: int, where: str) -> int:
    n = _length(num, where, 2)
    _length(n * length, where, 2)
    return n


def tuple_find(tuple: Any, to_find: Any) -> list[int]:
    """Where a tuple begins within another one: all the indices, or ``[-1]``.

    Parameters
    ----------
    tuple : tuple
    to_find : tuple
        Its elements must follow each other in `tuple`. An empty one is found nowhere; if both are empty, so is the
        result.

    Returns
    -------
    list of int

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_find([3, 4, 5, 6, 1, 2, 3, 4, 0], [3, 4])
    [0, 6]
    """
    found, wanted = elements(tuple, "tuple_find(tuple)"), elements(to_find, "tuple_find(to_find)", 2)
    if not found and not wanted:
        return []
    return _places(found, wanted) or [-1]


def tuple_find_first(tuple: Any, to_find: Any) -> list[int]:
    """The first index where a tuple begins within another one, or ``[-1]``."""
    found, wanted = elements(tuple, "tuple_find_first(tuple)"), elements(to_find, "tuple_find_first(to_find)", 2)
    return (_places(found, wanted) or [-1])[:1]


def tuple_find_last(tuple: Any, to_find: Any) -> list[int]:
    """The last index where a tuple begins within another one, or ``[-1]``."""
    found, wanted = elements(tuple, "tuple_find_last(tuple)"), elements(to_find, "tuple_find_last(to_find)", 2)
    return (_places(found, wanted) or [-1])[-1:]


def _places(found: list[Any], wanted: list[Any]) -> list[int]:
    if not wanted:
        return []
    n = len(wanted)
    return [i for i in range(len(found) - n + 1) if all(map(same, found[i : i + n], wanted))]


def tuple_inverse(tuple: Any) -> list[Any]:
    """The elements from the last to the first."""
    return elements(tuple, "tuple_inverse(tuple)")[::-1]


def tuple_sort(tuple: Any) -> list[Any]:
    """The elements in ascending order, numbers or strings; both together are an error. Equal ones keep their order."""
    return sorted(comparable(elements(tuple, "tuple_sort(tuple)"), "tuple_sort(tuple)"))


def tuple_sort_index(tuple: Any) -> list[int]:
    """The indices that sort a tuple: ``tuple_select(T, tuple_sort_index(T))`` is sorted."""
    found = comparable(elements(tuple, "tuple_sort_index(tuple)"), "tuple_sort_index(tuple)")
    return sorted(range(len(found)), key=found.__getitem__)


def tuple_uniq(tuple: Any) -> list[Any]:
    """One of each run of equal elements: [0, 0, 1, 1, 0] becomes [0, 1, 0]."""
    found = elements(tuple, "tuple_uniq(tuple)")
    return [b for i, b in enumerate(found) if i == 0 or not same(found[i - 1], b)]
