"""Making, choosing, changing, searching tuples, and tuples as sets. Expected results by hand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl
from dlproc.errors import DLParamError

NUMBERS = st.lists(st.one_of(st.integers(-5, 5), st.integers(-5, 5).map(float)))
MIXED = st.lists(st.one_of(st.integers(-5, 5), st.integers(-5, 5).map(float), st.sampled_from("abc")))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (dl.tuple_length([1, "a", 2.5]), [3]),
        (dl.tuple_length("text"), [1]),
        (dl.tuple_length([]), [0]),
        (dl.tuple_concat(1, ["a", 2]), [1, "a", 2]),
        (dl.tuple_gen_const(3, "x"), ["x", "x", "x"]),
        (dl.tuple_gen_const(2.9, 0), [0, 0]),
        (dl.tuple_gen_sequence(3, 20, 2), [3, 5, 7, 9, 11, 13, 15, 17, 19]),
        (dl.tuple_gen_sequence(100, -100, -100), [100, 0, -100]),
        (dl.tuple_gen_sequence(0, 1, 0.25), [0.0, 0.25, 0.5, 0.75, 1.0]),
        (dl.tuple_gen_sequence(5, 5, 1), [5]),
        (dl.tuple_select([10, 20, 30], [2, 0, 1.0]), [30, 10, 20]),
        (dl.tuple_select([10], []), []),
        (dl.tuple_select_range([1, 2, 3, 4], 1, 2), [2, 3]),
        (dl.tuple_select_range([1, 2, 3], 2, 1), []),
        (dl.tuple_select_range([1, 2, 3], 3, 2), []),
        (dl.tuple_select_range([1, 2, 3], [], []), []),
        (dl.tuple_first_n([1, 2, 3], 1), [1, 2]),
        (dl.tuple_last_n([1, 2, 3], 1), [2, 3]),
        (dl.tuple_select_mask([1, "b", 3], [1, 0, 0.5]), [1, 3]),
        (dl.tuple_remove([1, 2, 3, 4], [0, 2, 0]), [2, 4]),
        (dl.tuple_insert([0, 1, 0, 1, 0, 1], 3, [2, 2, 2]), [0, 1, 0, 2, 2, 2, 1, 0, 1]),
        (dl.tuple_insert([1], 1, 2), [1, 2]),
        (dl.tuple_replace([1], [2, 4], [3, 5]), [1, 0, 3, 0, 5]),
        (dl.tuple_replace([0, 1, 2, 3], [0, 1], "x"), ["x", "x", 2, 3]),
        (dl.tuple_replace([], 1, 7), [0, 7]),
        (dl.tuple_replace([1, 2], [], []), [1, 2]),
        (dl.tuple_find([3, 4, 5, 6, 1, 2, 3, 4, 0], [3, 4]), [0, 6]),
        (dl.tuple_find([1, 1, 1], [1, 1]), [0, 1]),
        (dl.tuple_find(["a", 1], 1.0), [1]),
        (dl.tuple_find([1, 2], 3), [-1]),
        (dl.tuple_find([1, 2], [1, 2, 3]), [-1]),
        (dl.tuple_find_first([1, 2, 1], 1), [0]),
        (dl.tuple_find_last([1, 2, 1], 1), [2]),
        (dl.tuple_find_last([], 1), [-1]),
        (dl.tuple_inverse([1, "a", 3]), [3, "a", 1]),
        (dl.tuple_sort([3, 1.5, 2]), [1.5, 2, 3]),
        (dl.tuple_sort(["b", "B", "a"]), ["B", "a", "b"]),
        (dl.tuple_sort_index([30, 10, 20, 10]), [1, 3, 2, 0]),
        (dl.tuple_uniq([0, 0, 1, 1, 1, 2, 0, 1]), [0, 1, 2, 0, 1]),
        (dl.tuple_repeat([1, "a"], 2), [1, "a", 1, "a"]),
        (dl.tuple_repeat_elem([1, "a"], 2), [1, 1, "a", "a"]),
        (dl.tuple_union([0, 1, 3, 3, 5], [3, 4]), [0, 1, 3, 4, 5]),
        (dl.tuple_intersection([3, 1, 2, 9, 1], [10, 2, 4, 3, 2]), [2, 3]),
        (dl.tuple_difference([3, 1, 2, 9, 1], [10, 2]), [1, 3, 9]),
        (dl.tuple_symmdiff([0, 1, 3, 3, 5], [2, 3, 5, 10]), [0, 1, 2, 10]),
        (dl.tuple_union(["b", 1.0, 1], ["a", 1]), [1, 1.0, "a", "b"]),
        (dl.tuple_difference([1, 1.0], [1]), [1.0]),
        (dl.tuple_union([], [2, 1]), [1, 2]),
    ],
)
def test_results(result, expected):
    assert [(type(x), x) for x in result] == [(type(x), x) for x in expected]


@given(NUMBERS)
def test_sorting_is_a_permutation_in_order(values):
    assert dl.tuple_sort(values) == sorted(values)
    assert dl.tuple_select(values, dl.tuple_sort_index(values)) == sorted(values)
    assert sorted(dl.tuple_sort_index(values)) == list(range(len(values)))


@given(MIXED)
def test_laws_of_order(values):
    assert dl.tuple_inverse(dl.tuple_inverse(values)) == values
    once = dl.tuple_uniq(values)
    assert dl.tuple_uniq(once) == once
    assert all(a != b for a, b in pairwise(once))
    assert set(once) == set(values)


@given(MIXED, st.data())
def test_a_tuple_is_the_sum_of_its_ranges(values, data):
    at = data.draw(st.integers(0, len(values)))
    head = dl.tuple_select_range(values, 0, at - 1) if values else []
    assert head == dl.tuple_first_n(values, at - 1)
    assert dl.tuple_concat(head, dl.tuple_last_n(values, at)) == values


@given(MIXED, MIXED)
def test_laws_of_sets(a, b):
    union, intersection = dl.tuple_union(a, b), dl.tuple_intersection(a, b)
    assert union == dl.tuple_union(b, a)
    assert intersection == dl.tuple_intersection(b, a)
    assert dl.tuple_union(dl.tuple_difference(a, b), dl.tuple_union(intersection, dl.tuple_difference(b, a))) == union
    assert dl.tuple_symmdiff(a, b) == dl.tuple_difference(union, intersection)
    keys = [(type(x), x) for x in union]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {(type(x), x) for x in a + b}


@given(MIXED, st.lists(st.one_of(st.integers(-5, 5), st.sampled_from("abc")), min_size=1, max_size=3))
def test_what_is_found_is_there(values, wanted):
    places = dl.tuple_find(values, wanted)
    expected = [i for i in range(len(values)) if values[i : i + len(wanted)] == wanted]
    assert places == (expected or [-1])
    assert dl.tuple_find_first(values, wanted) == places[:1]
    assert dl.tuple_find_last(values, wanted) == places[-1:]


def test_random_numbers_come_from_the_seed():
    dl.set_system("seed_rand", 7)
    first, second = dl.tuple_rand(3), dl.tuple_rand(3)
    dl.set_system("seed_rand", 7)
    try:
        assert dl.tuple_rand(6) == first + second
        assert first != second
        assert all(0 <= x < 1 for x in first + second)
    finally:
        dl.set_system("seed_rand", 42)


@pytest.mark.parametrize(
    ("call", "message", "code"),
    [
        (lambda: dl.tuple_select([1, 2], 2), "tuple_select(index): expected an index from 0 to 1; got 2", 1302),
        (lambda: dl.tuple_select([1, 2], -1), "tuple_select(index): expected an index from 0 to 1; got -1", 1302),
        (lambda: dl.tuple_select([], 0), "tuple_select(index): expected an element to choose from; got 0", 1302),
        (lambda: dl.tuple_select([1, 2], 0.5), "tuple_select(index)[0]: expected an integer; got 0.5", 1202),
        (
            lambda: dl.tuple_select_range([1, 2, 3], 2, 0),
            "tuple_select_range(rightindex): expected an index from 1 to 2; got 0",
            1303,
        ),
        (lambda: dl.tuple_select_mask([1, 2], [1]), "tuple_select_mask(mask): expected 2 elements; got 1", 1402),
        (lambda: dl.tuple_first_n([1], [0, 1]), "tuple_first_n(index): expected one element; got 2", 1402),
        (lambda: dl.tuple_last_n([1, 2], 3), "tuple_last_n(index): expected an index from 0 to 2; got 3", 1302),
        (lambda: dl.tuple_remove([1], 1), "tuple_remove(index): expected an index from 0 to 0; got 1", 1302),
        (lambda: dl.tuple_insert([], 0, 1), "tuple_insert(tuple): expected at least one element; got none", 1401),
        (
            lambda: dl.tuple_replace([1], [0, 1], [1, 2, 3]),
            "tuple_replace(replace_tuple): expected 1 or 2 elements; got 3",
            1403,
        ),
        (lambda: dl.tuple_replace([1], [], 2), "tuple_replace(replace_tuple): expected none; got 1", 1403),
        (
            lambda: dl.tuple_replace([1], -1, 2),
            "tuple_replace(index): expected an index from 0 to 67108863; got -1",
            1302,
        ),
        (lambda: dl.tuple_sort([1, "a"]), "tuple_sort(tuple)[1]: expected all numbers or all strings; got 'a'", 1201),
        (
            lambda: dl.tuple_gen_const(-1, 0),
            "tuple_gen_const(length): expected a length from 0 to 67108864; got -1",
            1301,
        ),
        (
            lambda: dl.tuple_gen_sequence(1, 5, -1),
            "tuple_gen_sequence(step): expected a finite step other than 0 from 1 towards 5; got -1",
            1303,
        ),
        (
            lambda: dl.tuple_gen_sequence(1, 1e300, 1),
            "tuple_gen_sequence(end): expected a length from 0 to 67108864; got 1e+300",
            1302,
        ),
    ],
)
def test_errors(call, message, code):
    with pytest.raises(DLParamError) as raised:
        call()
    assert str(raised.value) == message
    assert raised.value.halcon_code == code
