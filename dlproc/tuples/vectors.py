"""Tuples into vectors and back: a vector of HDevelop is a list of values, each one value or a list of them."""

from __future__ import annotations

from typing import Any

from dlproc.errors import DLParamError
from dlproc.tuples.values import elements, integers, single


def convert_tuple_to_vector_1d(input_tuple: Any, sub_tuple_length: Any) -> list[Any]:
    """Cut a tuple into a vector of tuples.

    Parameters
    ----------
    input_tuple : int, float, str, handle, or a list of them
    sub_tuple_length : int
        How many elements each gets, at least 1; the last one may get fewer.

    Returns
    -------
    list
        Of values where `sub_tuple_length` is 1, else of lists.

    Raises
    ------
    DLParamError
        Another length (halcon_code 1302).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.convert_tuple_to_vector_1d([1, 2, 3, 4, 5], 2)
    [[1, 2], [3, 4], [5]]
    >>> dl.convert_tuple_to_vector_1d([1, 2], 1)
    [1, 2]
    """
    where = "convert_tuple_to_vector_1d(sub_tuple_length)"
    length = single(integers(sub_tuple_length, where, 2), where, 2)
    if length < 1:
        raise DLParamError(where, "at least 1", f"{length}", halcon_code=1302)
    values = elements(input_tuple, "convert_tuple_to_vector_1d(input_tuple)")
    if length == 1:
        return values
    return [values[start : start + length] for start in range(0, len(values), length)]


def convert_vector_to_tuple(input_vector: Any) -> list[Any]:
    """All values of a vector, one after the other, also those of vectors within it.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.convert_vector_to_tuple([[1, 2], 3, [], [[4], [5, 6]]])
    [1, 2, 3, 4, 5, 6]
    """
    if not isinstance(input_vector, list | tuple):
        return elements(input_vector, "convert_vector_to_tuple(input_vector)")
    return [value for part in input_vector for value in convert_vector_to_tuple(part)]
