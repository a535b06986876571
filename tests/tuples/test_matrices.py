"""Matrices: arrays that a dictionary holds as handles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlproc as dl

MATRICES = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-100, 100))


@given(MATRICES)
def test_elements_go_in_and_out(array):
    rows, columns = array.shape
    matrix = dl.create_matrix(rows, columns, array.reshape(-1).tolist())
    np.testing.assert_array_equal(matrix, array)
    assert dl.get_size_matrix(matrix) == (rows, columns)
    assert dl.get_full_matrix(matrix) == array.reshape(-1).tolist()
    assert dl.get_value_matrix(matrix, rows - 1, columns - 1) == array[-1, -1]
    np.testing.assert_allclose(dl.sum_matrix(matrix, "rows"), array.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(dl.sum_matrix(matrix, "columns"), array.sum(axis=0, keepdims=True))
    assert dl.get_full_matrix(dl.sum_matrix(matrix, "full")) == pytest.approx([array.sum()])
    assert dl.get_full_matrix(dl.get_diagonal_matrix(matrix, 0)) == np.diag(array).tolist()


def test_single_elements_and_copies():
    matrix = dl.create_matrix(2, 3, 0)
    copy = dl.copy_matrix([matrix])
    dl.set_value_matrix(matrix, [0, 1], [1, 2], [5, 6])
    dl.set_value_matrix(matrix, 1, 0, 7)
    assert dl.get_full_matrix(matrix) == [0, 5, 0, 7, 0, 6]
    assert dl.get_value_matrix(matrix, [0, 1], [1, 2]) == [5, 6]
    assert dl.get_full_matrix(copy) == [0] * 6
    dl.set_full_matrix(matrix, 2)
    assert dl.get_full_matrix(matrix) == [2] * 6
    dl.set_full_matrix(matrix, [1, 2, 3, 4, 5, 6])
    assert dl.get_full_matrix(dl.get_diagonal_matrix(matrix, 1)) == [2, 6]
    assert dl.get_full_matrix(dl.create_matrix(2, 2, "identity")) == [1, 0, 0, 1]
    assert dl.get_full_matrix(dl.create_matrix(3, 3, [3, 7, 1])) == [3, 0, 0, 0, 7, 0, 0, 0, 1]  # the main diagonal
    assert dl.get_full_matrix(dl.create_matrix(2, 3, [4, 5])) == [4, 0, 0, 0, 5, 0]
    assert dl.get_full_matrix(dl.create_matrix(1, 3, [4, 5, 6])) == [4, 5, 6]
    dl.clear_matrix([matrix, copy])


def test_the_confusion_matrix_of_an_evaluation_is_a_tuple_not_an_image(workflow):
    options = {"measures": "all", "anomaly_classification_thresholds": [0.5], "show_progress": False}
    evaluation, _ = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", options)
    (entry,) = dl.get_dict_tuple(evaluation, "absolute_confusion_matrix")
    assert dl.get_dict_param(entry, "key_data_type", "confusion_matrix") == "tuple"
    matrix = dl.get_dict_tuple(entry, "confusion_matrix")
    assert sum(dl.get_full_matrix(matrix)) == len(workflow.samples())
    assert dl.get_value_matrix(matrix, 0, 0) == matrix[0, 0]
    other = dl.create_dict()
    dl.set_dict_tuple(other, "matrix", matrix)
    assert dl.get_dict_tuple(other, "matrix") is matrix
    assert dl.tuple_sem_type(matrix) == dl.tuple_sem_type([matrix]) == ["matrix"]


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda m: dl.create_matrix(0, 2, 1), None, "rows: expected an integer >= 1; got 0"),
        (lambda m: dl.create_matrix(2, 2, [1, 2, 3]), 1403, "value: expected 1, 2 (the main diagonal) or 4 numbers; got 3"),
        (lambda m: dl.set_full_matrix(m, [1, 2]), 1402, "values: expected 1 or 4 numbers; got 2"),
        (lambda m: dl.create_matrix(2, 2, "unit"), 1303, "value: expected one of 'identity'; got 'unit'"),
        (lambda m: dl.create_matrix(100000, 100000, 1), 1301, "rows, columns: expected at most 67108864 elements; got 10000000000"),
        (lambda m: dl.get_value_matrix(m, 2, 0), None, "row: expected an integer in [0, 1]; got 2"),
        (lambda m: dl.get_value_matrix(m, [0, 1], [0]), 1403, "row, column: expected as many of both; got 2, 1"),
        (lambda m: dl.set_value_matrix(m, [0, 1], [0, 1], [1, 2, 3]), 1404, "value: expected 1 or 2 numbers; got 3"),
        (lambda m: dl.get_full_matrix("m"), 2404, "matrix_id: expected a matrix; got 'm'"),
        (lambda m: dl.sum_matrix(m, "row"), 1302, "sum_type: expected one of 'rows', 'columns', 'full'; got 'row' (did you mean 'rows'?)"),
        (lambda m: dl.get_diagonal_matrix(m, 5), None, "diagonal: expected an integer in [-1, 1]; got 5"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    matrix = dl.create_matrix(2, 2, [1, 2, 3, 4])
    with pytest.raises(dl.DLParamError) as caught:
        call(matrix)
    assert str(caught.value) == message
    assert caught.value.halcon_code == code
    assert dl.get_full_matrix(matrix) == [1, 2, 3, 4]
