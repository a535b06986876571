"""Strings in tuples (see `dlproc.tuples` for the rules of all tuple functions).

Positions count code points from 0. Searches give -1 where nothing is found.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.tuples.values import elements, in_range, indices, named, not_empty, paired, shown, single, strings


def tuple_strlen(t1: Any) -> list[int]:
    """Number of characters of each string."""
    return [len(text) for text in strings(t1, "tuple_strlen(t1)")]


def _search(name: str, find: Callable[[str, str], int], meaning: str) -> Callable[[Any, Any], list[int]]:
    def elementwise(string: Any, to_find: Any) -> list[int]:
        where = f"{name}(to_find)"
        pairs = paired(strings(string, f"{name}(string)"), strings(to_find, where, 2), where)
        return [find(text, wanted) for text, wanted in pairs]

    named(elementwise, name, f"{meaning} in each string, or -1: a list of integers.")
    return elementwise


def _find_character(text: str, wanted: str) -> int:
    return text.find(wanted[0]) if wanted else -1


def _find_last_character(text: str, wanted: str) -> int:
    return text.rfind(wanted[0]) if wanted else -1


tuple_strstr = _search("tuple_strstr", str.find, "First position of a string")
tuple_strrstr = _search("tuple_strrstr", str.rfind, "Last position of a string")
tuple_strchr = _search("tuple_strchr", _find_character, "First position of the first character of `to_find`")
tuple_strrchr = _search("tuple_strrchr", _find_last_character, "Last position of the first character of `to_find`")


def tuple_str_first_n(string: Any, position: Any) -> list[str]:
    """The characters of each string up to a position, included; none for the position -1.

    Strings without a position are an error (halcon_code 1402), as for `tuple_str_last_n`; no strings give none.
    """
    return [
        text[: in_range(at, -1, len(text) - 1, "tuple_str_first_n(position)", 2) + 1]
        for text, at in _at("tuple_str_first_n", string, position)
    ]


def tuple_str_last_n(string: Any, position: Any) -> list[str]:
    """The characters of each string from a position on; none for its length as position."""
    return [
        text[in_range(at, 0, len(text), "tuple_str_last_n(position)", 2) :]
        for text, at in _at("tuple_str_last_n", string, position)
    ]


def _at(name: str, string: Any, position: Any) -> list[tuple[str, int]]:
    where = f"{name}(position)"
    texts, positions = strings(string, f"{name}(string)"), indices(position, where, 2)
    return list(paired(texts, not_empty(positions, where, 2) if texts else positions, where))


def tuple_substr(string: Any, position_1: Any, position_2: Any) -> list[str]:
    """The characters of each string from one position to another, both included: ``S{a:b}``.

    Nothing is left where the second position is just before the first. Strings without positions are an error
    (halcon_code 1402); no strings give none.
    """
    name = "tuple_substr"
    first, last = indices(position_1, f"{name}(position_1)", 2), indices(position_2, f"{name}(position_2)", 3)
    if len(first) != len(last):
        raise DLParamError(f"{name}(position_2)", f"{len(first)} elements", f"{len(last)}", halcon_code=1403)
    spans, texts = list(zip(first, last, strict=True)), strings(string, f"{name}(string)")
    where = f"{name}(position_1)"
    pairs = paired(texts, not_empty(spans, where, 2) if texts else spans, where)
    return [_span(text, a, b) for text, (a, b) in pairs]


def _span(text: str, first: int, last: int) -> str:
    in_range(first, 0, len(text), "tuple_substr(position_1)", 2)
    return text[first : in_range(last, first - 1, len(text) - 1, "tuple_substr(position_2)", 3) + 1]


def tuple_str_bit_select(tuple: Any, index: Any) -> list[Any]:
    """The character of each string at an index, ``S{i}``; of an integer the bit, 0 or 1."""
    name = "tuple_str_bit_select"
    pairs = paired(elements(tuple, f"{name}(tuple)"), indices(index, f"{name}(index)", 2), f"{name}(index)")
    return [_character_or_bit(element, at) for element, at in pairs]


def _character_or_bit(element: Any, at: int) -> Any:
    name = "tuple_str_bit_select"
    if isinstance(element, str):
        return element[in_range(at, 0, len(element) - 1, f"{name}(index)", 2)]
    if not isinstance(element, int):
        raise DLParamError(f"{name}(tuple)", "strings or integers", shown(element), halcon_code=1201)
    return element >> in_range(at, 0, 63, f"{name}(index)", 2) & 1


def tuple_split(string: Any, separator: Any) -> list[str]:
    """Strings cut at separators.

    Parameters
    ----------
    string, separator : str, or a list of str
        Every *character* of a separator separates. One separator for all strings, one string for all separators, or as
        many of each.

    Returns
    -------
    list of str
        The parts of all strings, one after the other. Empty parts, between two separators or at the ends, are left out.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_split("part_07.png", "_.")
    ['part', '07', 'png']
    """
    where = "tuple_split(separator)"
    pairs = paired(strings(string, "tuple_split(string)"), strings(separator, where, 2), where)
    return [part for text, between in pairs for part in _parts(text, between) if part]


def _parts(text: str, separators: str) -> list[str]:
    return re.split(f"[{re.escape(separators)}]", text) if separators else [text]


def tuple_join(strings: Any, separators: Any) -> list[str]:
    """All strings joined to one, for each separator anew: ['a', 'b'] and ['-', ''] give ['a-b', 'ab']."""
    parts = _texts(strings, "tuple_join(strings)")
    return [between.join(parts) for between in _texts(separators, "tuple_join(separators)", 2)]


_texts = strings  # tuple_join has a parameter of the same name


def tuple_str_replace(string: Any, before: Any, after: Any) -> list[str]:
    """Each string with every occurrence of one string replaced by another.

    `before` and `after` have one element each, or as many as each other; then each string is changed by one pair after
    the other.
    """
    name = "tuple_str_replace"
    old, new = strings(before, f"{name}(before)", 2), strings(after, f"{name}(after)", 3)
    pairs = list(paired(old, new, f"{name}(after)", 3))
    result = strings(string, f"{name}(string)")
    for a, b in pairs:
        result = [text.replace(a, b) if a else text for text in result]
    return result


def tuple_environment(names: Any) -> list[str]:
    """The values of environment variables; an empty string for one that is not set."""
    return [os.environ.get(name, "") for name in strings(names, "tuple_environment(names)")]


def tuple_str_distance(str1: Any, str2: Any, mode: Any) -> list[int]:
    """How many letters must be inserted, deleted or replaced to make one string the other.

    Parameters
    ----------
    str1, str2 : str, or lists of str
        A single string goes with all of the others; if one is empty, so is the result.
    mode : str
        ``'levenshtein'``; HALCON has no other, either.

    Returns
    -------
    list of int

    Raises
    ------
    DLParamError
        Lists of different lengths (halcon_code 1402); another mode (1303).

    References
    ----------
    .. [1] V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_str_distance("kitten", ["sitting", "kitten"], "levenshtein")
    [3, 0]
    """
    name = "tuple_str_distance"
    check_known(single(strings(mode, f"{name}(mode)", 3), f"{name}(mode)", 3), ("levenshtein",), f"{name}(mode)", 1303)
    first, second = strings(str1, f"{name}(str1)"), strings(str2, f"{name}(str2)", 2)
    return [_edits(a, b) for a, b in paired(first, second, f"{name}(str2)")]


def _edits(first: str, second: str) -> int:
    """Row by row of the table of distances between all beginnings of both."""
    above = list(range(len(second) + 1))
    for n, letter in enumerate(first, start=1):
        row = [n]
        for place, other in enumerate(second, start=1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (letter != other)))
        above = row
    return above[-1]
