"""What a tuple holds, distances of strings, and the shuffle."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl

WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("given_tuple", "whole", "each"),
    [
        (5, "integer", ["integer"]),
        ([1.5, 2.0], "real", ["real", "real"]),
        (["a"], "string", ["string"]),
        ([1, "a"], "any", ["integer", "string"]),
        ([], "any", []),
        ([{}, {"a": 1}], "dict", ["dict", "dict"]),
        ([{}, None], "handle", ["dict", "handle"]),
        ([{}, 5], "any", ["dict", "integer"]),
        (None, "any", []),
    ],
)
def test_semantic_types(given_tuple, whole, each):
    assert dl.tuple_sem_type(given_tuple) == [whole]
    assert dl.tuple_sem_type_elem(given_tuple) == each


def test_kinds_of_handles(tmp_path, model):
    window = dl.dev_open_window(0, 0, 64, 64, "black")
    handles = [model, window, dl.create_matrix(2, 2, 0), dl.query_available_dl_devices()[0]]
    file = dl.open_file(tmp_path / "a", "output")
    words = ["dl_model", "window", "matrix", "dl_device", "file"]
    assert dl.tuple_sem_type_elem([*handles, file]) == words  # HALCON's own example has 'matrix', 'integer', …
    assert dl.tuple_sem_type_elem([handles[2], 1, 1.0, "HALCON", None]) == [
        "matrix", "integer", "real", "string", "handle",
    ]  # fmt: skip
    assert dl.tuple_is_valid_handle([*handles, file]) == [1]
    dl.close_window(window)
    dl.close_file(file)
    cleared = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.clear_dl_model(cleared)
    for gone in (window, file, cleared):  # MVTec's reference: a cleared handle is 'handle', and not valid
        assert dl.tuple_sem_type_elem([gone]) == ["handle"]
        assert dl.tuple_is_valid_handle(gone) == [0]


@pytest.mark.parametrize(
    ("given_tuple", "valid"), [({}, 1), ([{}, {}], 1), ([{}, None], 0), ([{}, 1], 0), (5, 0), ("a", 0), ([], 0)]
)
def test_valid_handles(given_tuple, valid):
    assert dl.tuple_is_valid_handle(given_tuple) == [valid]


def test_what_can_be_written(tmp_path, model):
    good = {"image": np.zeros((2, 2), np.uint8), "name": "a", "inner": {"list": [1, 2.0, "x"]}}
    assert dl.tuple_is_serializable_elem([1, 2.5, "a", good, model, {"model": model}]) == [1, 1, 1, 1, 0, 0]
    assert dl.tuple_is_serializable([1, good]) == dl.tuple_is_serializable([]) == [1]
    assert dl.tuple_is_serializable([1, model]) == [0]
    dl.write_dict(good, tmp_path / "good.hdict")


def slow_distance(first, second):
    """The definition, by recursion."""

    @cache
    def edits(n, m):
        if not n or not m:
            return n + m
        return min(edits(n - 1, m) + 1, edits(n, m - 1) + 1, edits(n - 1, m - 1) + (first[n - 1] != second[m - 1]))

    return edits(len(first), len(second))


@given(WORDS, WORDS)
def test_distances_of_strings(first, second):
    assert dl.tuple_str_distance(first, second, "levenshtein") == [slow_distance(first, second)]


def test_distances_of_several_strings():
    assert dl.tuple_str_distance(["Halcon", "part"], ["HALCON", "parts"], "levenshtein") == [5, 1]
    assert dl.tuple_str_distance([], "a", "levenshtein") == []
    with pytest.raises(dl.DLParamError) as caught:
        dl.tuple_str_distance("a", "b", "ocr")
    assert str(caught.value) == "tuple_str_distance(mode): expected one of 'levenshtein'; got 'ocr'"
    assert caught.value.halcon_code == 1303
    with pytest.raises(dl.DLParamError, match=r"^tuple_str_distance\(str2\): expected 1 or 2 elements; got 3$"):
        dl.tuple_str_distance(["a", "b"], ["a", "b", "c"], "levenshtein")


@given(st.lists(st.one_of(st.integers(-5, 5), st.text(max_size=2)), max_size=20))
def test_a_shuffle_keeps_the_elements(elements):
    shuffled = dl.tuple_shuffle(elements)
    assert sorted(map(repr, shuffled)) == sorted(map(repr, elements))


def test_a_shuffle_is_random_and_repeatable():
    dl.set_system("seed_rand", 3)
    first, second = dl.tuple_shuffle(list(range(50))), dl.tuple_shuffle(list(range(50)))
    assert first != list(range(50)) and first != second
    dl.set_system("seed_rand", 3)
    assert dl.tuple_shuffle(list(range(50))) == first
