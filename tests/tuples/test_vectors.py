"""Tuples into vectors and back."""

import pytest

import dlproc as dl


def test_there_and_back():
    for length in range(1, 8):
        vector = dl.convert_tuple_to_vector_1d([1, "b", 3.5, 4, 5], length)
        assert len(vector) == -(-5 // length)
        assert dl.convert_vector_to_tuple(vector) == [1, "b", 3.5, 4, 5]
    assert (
        dl.convert_tuple_to_vector_1d([], 2) == dl.convert_vector_to_tuple([]) == dl.convert_vector_to_tuple([[]]) == []
    )
    assert dl.convert_tuple_to_vector_1d(7, 2) == [[7]]


def test_a_length_is_at_least_1():
    with pytest.raises(dl.DLParamError) as caught:
        dl.convert_tuple_to_vector_1d([1, 2], 0)
    assert str(caught.value) == "convert_tuple_to_vector_1d(sub_tuple_length): expected at least 1; got 0"
    assert caught.value.halcon_code == 1302
