"""HALCON's matrices, as far as programs use them to read a confusion matrix.

A matrix is a NumPy array of float64 with two axes, of the class `Matrix`, so that a dictionary holds it as what it is
in HALCON: a handle among tuples, not an image. Every array of numbers with two axes is taken where a matrix is wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known, convert
from dlproc.schema.kinds import Integer, Real, as_list, describe

_LARGEST = 1 << 26  # elements: more is a mistake, and would take all memory


class Matrix(np.ndarray[Any, np.dtype[np.float64]]):
    """An array (rows, columns), float64; it only says that it is no image."""


def create_matrix(rows: Any, columns: Any, value: Any) -> Matrix:
    """A new matrix.

    Parameters
    ----------
    rows, columns : int
        At least 1.
    value : float, list of float, or str
        One number for all elements; all of them, row by row; those of the main diagonal, with 0 elsewhere; or
        ``'identity'``.

    Returns
    -------
    Matrix
        Array (rows, columns), float64.

    Raises
    ------
    DLParamError
        A size below 1, or too large; another number of values (halcon_code 1403).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.get_full_matrix(dl.create_matrix(2, 2, [1, 2, 3, 4]))
    [1.0, 2.0, 3.0, 4.0]
    """
    shape = [convert(n, Integer("", low=1), name, DLParamError) for n, name in ((rows, "rows"), (columns, "columns"))]
    if shape[0] * shape[1] > _LARGEST:
        raise DLParamError("rows, columns", f"at most {_LARGEST} elements", f"{shape[0] * shape[1]}", halcon_code=1301)
    if isinstance(value, str):
        check_known(value, ("identity",), "value", halcon_code=1303)
        return np.eye(*shape).view(Matrix)
    given = [convert(one, Real(""), "value", DLParamError) for one in as_list(value)]
    n_diagonal = min(shape)
    if len(given) == n_diagonal > 1:
        matrix = np.zeros(shape)
        np.fill_diagonal(matrix, given)
        return matrix.view(Matrix)
    if len(given) not in (1, shape[0] * shape[1]):
        expected = f"1, {n_diagonal} (the main diagonal) or {shape[0] * shape[1]} numbers"
        raise DLParamError("value", expected, f"{len(given)}", halcon_code=1403)
    return np.resize(np.array(given, np.float64), shape).view(Matrix)


def clear_matrix(matrix_id: Any) -> None:
    """Let go of matrices. Nothing to do here: memory is freed with the last reference."""
    for one in matrix_id if isinstance(matrix_id, list | tuple) else [matrix_id]:
        _matrix(one)


def copy_matrix(matrix_id: Any) -> Matrix:
    """A copy of a matrix."""
    return _matrix(matrix_id).copy().view(Matrix)


def get_size_matrix(matrix_id: Any) -> tuple[int, int]:
    """Number of rows, number of columns."""
    matrix = _matrix(matrix_id)
    return matrix.shape[0], matrix.shape[1]


def get_full_matrix(matrix_id: Any) -> list[float]:
    """All elements of a matrix, row by row."""
    return [float(one) for one in _matrix(matrix_id).reshape(-1)]


def set_full_matrix(matrix_id: Any, values: Any) -> None:
    """Set all elements of a matrix, row by row; one number goes to all of them.

    Raises
    ------
    DLParamError
        No matrix (halcon_code 2404); another number of values (1402).
    """
    matrix = _matrix(matrix_id)
    n_values = len(as_list(values))
    if n_values not in (1, matrix.size):
        raise DLParamError("values", f"1 or {matrix.size} numbers", f"{n_values}", halcon_code=1402)
    matrix[...] = create_matrix(matrix.shape[0], matrix.shape[1], values)


def get_value_matrix(matrix_id: Any, row: Any, column: Any) -> Any:
    """Elements of a matrix.

    Parameters
    ----------
    matrix_id : array (rows, columns)
    row, column : int, or lists of int of one length
        From 0 on.

    Returns
    -------
    float, or list of float for lists of rows and columns

    Raises
    ------
    DLParamError
        No matrix (halcon_code 2404); no such element (1302, 1303).
    """
    matrix = _matrix(matrix_id)
    rows, columns = _places(matrix, row, column)
    values = [float(one) for one in matrix[rows, columns]]
    return values if isinstance(row, list | tuple) or isinstance(column, list | tuple) else values[0]


def set_value_matrix(matrix_id: Any, row: Any, column: Any, value: Any) -> None:
    """Set elements of a matrix; see `get_value_matrix`."""
    matrix = _matrix(matrix_id)
    rows, columns = _places(matrix, row, column)
    values = [convert(one, Real(""), "value", DLParamError) for one in as_list(value)]
    if len(values) not in (1, len(rows)):
        raise DLParamError("value", f"1 or {len(rows)} numbers", f"{len(values)}", halcon_code=1404)
    matrix[rows, columns] = values


def get_diagonal_matrix(matrix_id: Any, diagonal: Any) -> Matrix:
    """A diagonal of a matrix as a matrix with one column; 0 is the main one, 1 the one above it, -1 below."""
    matrix = _matrix(matrix_id)
    place = convert(diagonal, Integer("", low=1 - matrix.shape[0], high=matrix.shape[1] - 1), "diagonal", DLParamError)
    return np.diagonal(matrix, place).reshape(-1, 1).copy().view(Matrix)


def sum_matrix(matrix_id: Any, sum_type: Any) -> Matrix:
    """Sums of a matrix, as a matrix: ``'rows'`` (one column), ``'columns'`` (one row) or ``'full'`` (one element)."""
    matrix = _matrix(matrix_id)
    axes: dict[str, Any] = {"rows": 1, "columns": 0, "full": (0, 1)}
    check_known(sum_type, axes, "sum_type", halcon_code=1302)
    return np.sum(np.asarray(matrix), axis=axes[sum_type], keepdims=True).view(Matrix)


def _matrix(given: Any) -> NDArray[Any]:
    one = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    if not isinstance(one, np.ndarray) or one.ndim != 2 or one.dtype.kind not in "iuf":
        raise DLParamError("matrix_id", "a matrix", describe(one), halcon_code=2404)
    return one


def _places(matrix: NDArray[Any], row: Any, column: Any) -> tuple[list[int], list[int]]:
    rows, columns = (
        [
            convert(one, Integer("", low=0, high=length - 1), name, DLParamError)
            for one in (given if isinstance(given, list | tuple) else [given])
        ]
        for given, name, length in ((row, "row", matrix.shape[0]), (column, "column", matrix.shape[1]))
    )
    if len(rows) != len(columns):
        raise DLParamError("row, column", "as many of both", f"{len(rows)}, {len(columns)}", halcon_code=1403)
    return rows, columns
