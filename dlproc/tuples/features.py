"""Numbers that describe a whole tuple (see `dlproc.tuples` for the rules of all tuple functions)."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Any

from dlproc.errors import DLParamError
from dlproc.tuples.arithmetic import chosen
from dlproc.tuples.values import comparable, elements, indices, not_empty, number_of, numbers, single


def tuple_sum(tuple: Any) -> list[Any]:
    """Sum of the numbers, or the strings joined; of an empty tuple it is ``[]``.

    Integers give an integer that wraps around at 64 bits; with one real among them the sum is real.
    """
    found = comparable(elements(tuple, "tuple_sum(tuple)"), "tuple_sum(tuple)")
    if not found:
        return []
    return ["".join(found) if isinstance(found[0], str) else number_of(sum(found))]


def tuple_cumul(tuple: Any) -> list[Any]:
    """The sums of the first one, two, three … numbers, or the strings joined in the same way."""
    found = comparable(elements(tuple, "tuple_cumul(tuple)"), "tuple_cumul(tuple)")
    return [x if isinstance(x, str) else number_of(x) for x in accumulate(found)]


def tuple_mean(tuple: Any) -> list[float]:
    """Arithmetic mean of the numbers, a real. An empty tuple is an error."""
    found = not_empty(numbers(tuple, "tuple_mean(tuple)"), "tuple_mean(tuple)")
    return [float(sum(found) / len(found))]


def tuple_median(tuple: Any) -> list[Any]:
    """The number of rank n / 2: the middle one, and for an even number of elements the **upper** of the two in the
    middle.

    An empty tuple is an error.
    """
    found = not_empty(numbers(tuple, "tuple_median(tuple)"), "tuple_median(tuple)")
    return [sorted(found)[len(found) // 2]]


def tuple_deviation(tuple: Any) -> list[float]:
    """Standard deviation of the numbers with the divisor n - 1, 0 for a single number. An empty tuple is an error."""
    found = not_empty(numbers(tuple, "tuple_deviation(tuple)"), "tuple_deviation(tuple)")
    mean = sum(found) / len(found)
    return [math.sqrt(math.fsum((x - mean) ** 2 for x in found) / max(1, len(found) - 1))]


def tuple_max(tuple: Any) -> list[Any]:
    """The greatest number or string; a real as soon as one element is real. An empty tuple is an error."""
    where = "tuple_max(tuple)"
    return [chosen(not_empty(elements(tuple, where), where), max, where)]


def tuple_min(tuple: Any) -> list[Any]:
    """The smallest number or string; a real as soon as one element is real. An empty tuple is an error."""
    where = "tuple_min(tuple)"
    return [chosen(not_empty(elements(tuple, where), where), min, where)]


def tuple_histo_range(tuple: Any, min: Any, max: Any, num_bins: Any) -> tuple[list[int], list[float]]:
    """How many numbers fall into each of several bins of equal size.

    Parameters
    ----------
    tuple : int, float, or a list of them
        At least one number.
    min, max : int or float
        Numbers outside are not counted. Cut to integers where `tuple` holds nothing but integers.
    num_bins : int
        1 or more.

    Returns
    -------
    histo : list of int
        One count for each bin. A real that lies just between two bins belongs to the first of them.
    bin_size : list of one float
        ``(max - min) / num_bins`` if there is a real in `tuple`, else ``(max - min + 1) / num_bins``.

    Raises
    ------
    DLParamError
        An empty tuple, `max` below `min` (halcon_code 1303), no bins (1304).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_histo_range([0, 1, 1, 2, 3, 9], 0, 3, 2)
    ([3, 2], [2.0])
    """
    name = "tuple_histo_range"
    found = not_empty(numbers(tuple, f"{name}(tuple)"), f"{name}(tuple)")
    low = single(numbers(min, f"{name}(min)", 2), f"{name}(min)", 2)
    high = single(numbers(max, f"{name}(max)", 3), f"{name}(max)", 3)
    bins = single(indices(num_bins, f"{name}(num_bins)", 4), f"{name}(num_bins)", 4)
    if not math.isfinite(low) or not math.isfinite(high) or high < low:
        raise DLParamError(
            f"{name}(max)", f"a finite number that is not less than {low!r}", repr(high), halcon_code=1303
        )
    if not 1 <= bins <= 2**24:
        raise DLParamError(f"{name}(num_bins)", "an integer from 1 to 2**24", f"{bins}", halcon_code=1304)
    whole = all(isinstance(x, int) for x in found)
    low, high = (math.floor(low), math.floor(high)) if whole else (low, high)
    size = (high - low + whole) / bins
    histo = [0] * bins
    for x in found:
        if low <= x <= high:
            position = (x - low) / size if size else 0
            at = math.floor(position) if whole else math.ceil(position) - 1
            histo[sorted((0, at, bins - 1))[1]] += 1
    return histo, [size]
