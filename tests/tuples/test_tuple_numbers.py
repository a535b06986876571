"""Arithmetic, comparison, types and features of tuples. Expected numbers by hand, or from numpy where it is named."""

import inspect
import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

import dlproc as dl
from dlproc.errors import DLParamError

INTEGERS = st.integers(-(2**63), 2**63 - 1)
SMALL = st.integers(-1000, 1000)
REALS = st.floats(-1e6, 1e6)


def typed(values):
    return [(type(x), x) for x in values]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (dl.tuple_add([1, 2, 3], 2), [3, 4, 5]),
        (dl.tuple_add(1, 2.0), [3.0]),
        (dl.tuple_add("Text1", "Text2"), ["Text1Text2"]),
        (dl.tuple_add(17, "3"), ["173"]),
        (dl.tuple_add("Text ", 3.1 * 2), ["Text 6.2"]),
        (dl.tuple_add(["a", 1], [2.0, 1 / 3]), ["a2.0", 4 / 3]),
        (dl.tuple_add("", [1e10, 1 / 3, 0.0, math.inf]), ["1e+10", "0.333333", "0.0", "inf"]),
        (dl.tuple_add([], [1, 2]), []),
        (dl.tuple_sub([5, 5.5], 2), [3, 3.5]),
        (dl.tuple_mult([1, 2, 3], [1, 2, 3]), [1, 4, 9]),
        (dl.tuple_div([7, -7, 7, -7], [2, 2, -2, -2]), [3, -3, -3, 3]),
        (dl.tuple_div([7, 7.0], [2.0, 2]), [3.5, 3.5]),
        (dl.tuple_mod([7, -7, 7, -7], [3, 3, -3, -3]), [1, -1, 1, -1]),
        (dl.tuple_fmod(-7, 3), [-1.0]),
        (dl.tuple_pow(2, [3, -1]), [8.0, 0.5]),
        (dl.tuple_ldexp([2, 10], [1, -2]), [4.0, 2.5]),
        (dl.tuple_hypot(3, 4), [5.0]),
        (dl.tuple_neg([1, -2.5]), [-1, 2.5]),
        (dl.tuple_abs([-1, -2.5]), [1, 2.5]),
        (dl.tuple_fabs([-1, -2.5]), [1.0, 2.5]),
        (dl.tuple_sgn([-3, 0, 0.5]), [-1, 0, 1]),
        (dl.tuple_floor([2.7, -2.7, 3]), [2.0, -3.0, 3.0]),
        (dl.tuple_ceil([2.2, -2.7, 3]), [3.0, -2.0, 3.0]),
        (dl.tuple_round([0.5, 1.5, 2.5, -0.5, 0.49999999999999994, 4]), [1, 2, 3, -1, 0, 4]),
        (dl.tuple_int([2.9, -2.9, 4]), [2, -2, 4]),
        (dl.tuple_real([1, 2.5]), [1.0, 2.5]),
        (dl.tuple_max2([1, 5.0, "b"], [3, 4, "a"]), [3, 5.0, "b"]),
        (dl.tuple_max2([1], [0.5]), [1.0]),
        (dl.tuple_min2([1, 5], 3), [1, 3]),
        (dl.tuple_band([12, -1], 10), [8, 10]),
        (dl.tuple_bor(12, 10), [14]),
        (dl.tuple_bxor(12, 10), [6]),
        (dl.tuple_bnot([0, 5]), [-1, -6]),
        (dl.tuple_lsh([1, 3], [4, 63]), [16, -(2**63)]),
        (dl.tuple_rsh([16, -5], 1), [8, -3]),
        (dl.tuple_and([1, 1, 0], [2.5, 0, 0]), [1, 0, 0]),
        (dl.tuple_or([1, 0], 0), [1, 0]),
        (dl.tuple_xor([1, 0, 1], [1, 1, 0]), [0, 1, 1]),
        (dl.tuple_not([0, 3, 0.0]), [1, 0, 1]),
        (dl.tuple_add(True, [np.int64(2), np.float32(0.5)]), [3, 1.5]),
        (dl.tuple_add(np.array([1, 2]), None), []),
    ],
)
def test_elementwise(result, expected):
    assert typed(result) == typed(expected)


NAMES_OF_NUMPY = [
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "atan", "exp", "exp2",
    "log", "log2", "log10", "sqrt", "cbrt", "rad", "deg", "floor", "ceil", "fabs",
]  # fmt: skip


def test_integers_wrap_around_at_64_bits():
    top, bottom = 2**63 - 1, -(2**63)
    assert dl.tuple_add(top, 1) == [bottom]
    assert dl.tuple_sub(bottom, 1) == [top]
    assert dl.tuple_mult(2**62, 4) == [0]
    assert dl.tuple_neg(bottom) == dl.tuple_abs(bottom) == dl.tuple_div(bottom, -1) == [bottom]
    assert dl.tuple_sum([top, 1]) == [bottom]
    assert dl.tuple_cumul([top, 1]) == [top, bottom]


@given(st.lists(st.tuples(INTEGERS, INTEGERS), min_size=1))
def test_integer_arithmetic_is_that_of_int64(pairs):
    a, b = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    for name, function in {"add": np.add, "sub": np.subtract, "mult": np.multiply, "band": np.bitwise_and}.items():
        assert getattr(dl, f"tuple_{name}")(a.tolist(), b.tolist()) == function(a, b).tolist()


@given(SMALL, SMALL.filter(bool))
def test_quotient_and_remainder_make_the_number(a, b):
    (quotient,), (remainder,) = dl.tuple_div(a, b), dl.tuple_mod(a, b)
    assert quotient * b + remainder == a
    assert abs(remainder) < abs(b)
    assert remainder == math.fmod(a, b)


@pytest.mark.parametrize("name", NAMES_OF_NUMPY)
def test_functions_are_those_of_numpy(name):
    values = [0.1, 0.5, 1.0, 2.5]
    known = {"asinh": "arcsinh", "atan": "arctan", "rad": "deg2rad", "deg": "rad2deg"}
    expected = getattr(np, known.get(name, name))(values)
    assert getattr(dl, f"tuple_{name}")(values) == pytest.approx(expected, rel=1e-14)


VALUES = [0.1, 0.5, 1.0, 2.5, 7.25]
#: What SciPy and NumPy compute, function by function; the values are in the domain of each.
SECOND_SOURCES = {
    "tgamma": (special.gamma, VALUES),
    "lgamma": (special.gammaln, VALUES),
    "erf": (special.erf, [-2.5, *VALUES]),
    "erfc": (special.erfc, [-2.5, *VALUES]),
    "exp10": (special.exp10, [-2.5, *VALUES]),
    "cbrt": (special.cbrt, [-2.5, *VALUES]),
    "asin": (np.arcsin, [-1.0, -0.3, 0.0, 0.7]),
    "acos": (np.arccos, [-1.0, -0.3, 0.0, 0.7]),
    "acosh": (np.arccosh, [1.0, 1.5, 20.0]),
    "atanh": (np.arctanh, [-0.9, 0.0, 0.5]),
    "sgn": (np.sign, [-2.5, 0.0, *VALUES]),
    "abs": (np.abs, [-2.5, 0.0, *VALUES]),
    "neg": (np.negative, [-2.5, 0.0, *VALUES]),
    "cumul": (np.cumsum, [-2.5, *VALUES]),
    "int": (np.trunc, [-2.5, -0.9, *VALUES]),
    "sort": (np.sort, [3.0, -2.5, *VALUES]),
}
OF_TWO = {"pow": np.power, "fmod": np.fmod, "hypot": np.hypot, "atan2": np.arctan2, "max2": np.maximum}
OF_TWO |= {"min2": np.minimum, "add": np.add, "sub": np.subtract, "mult": np.multiply, "div": np.divide}


@pytest.mark.parametrize("name", SECOND_SOURCES)
def test_functions_are_those_of_a_second_library(name):
    function, values = SECOND_SOURCES[name]
    assert getattr(dl, f"tuple_{name}")(values) == pytest.approx(function(values), rel=1e-13)


@pytest.mark.parametrize("name", OF_TWO)
def test_functions_of_two_are_those_of_numpy(name):
    first, second = [0.5, 7.25, 3.0, 2.0], [2.0, 0.75, 3.0, 5.5]
    assert getattr(dl, f"tuple_{name}")(first, second) == pytest.approx(OF_TWO[name](first, second), rel=1e-14)


def test_functions_with_a_narrow_domain():
    assert dl.tuple_asin([0.5, -1]) == pytest.approx(np.arcsin([0.5, -1]))
    assert dl.tuple_acos([0.5, -1]) == pytest.approx(np.arccos([0.5, -1]))
    assert dl.tuple_atanh(0.5) == pytest.approx([0.5 * math.log(3)])
    assert dl.tuple_acosh(1.25) == pytest.approx([math.log(2)])
    assert dl.tuple_atan2([1, -1], [0, -1]) == pytest.approx([math.pi / 2, -3 * math.pi / 4])
    assert dl.tuple_exp10(-2) == pytest.approx([0.01])
    assert dl.tuple_tgamma(5) == [24.0]
    assert dl.tuple_lgamma(5) == pytest.approx([math.log(24)])
    assert dl.tuple_erf(0) == [0.0]
    assert dl.tuple_erfc(0) == [1.0]


# t1, t2, and the results of less, less_equal, equal for the whole tuples; from HDevelop's own table of comparisons.
COMPARISONS = [
    (1, 1.0, (0, 1, 1)),
    ([], [], (0, 1, 1)),
    ([], "", (1, 1, 0)),
    ([1, 2], [1, 2, 3], (1, 1, 0)),
    ([2, 0], [2, 1], (1, 1, 0)),
    ([1, 9], [2, 1], (1, 1, 0)),
    ("Hugo", "hugo", (1, 1, 0)),
    ([4711, "Hugo"], [4711, "Hugo"], (0, 1, 1)),
]


@pytest.mark.parametrize(("t1", "t2", "expected"), COMPARISONS)
def test_whole_comparisons(t1, t2, expected):
    less, less_equal, equal = ([x] for x in expected)
    assert dl.tuple_less(t1, t2) == dl.tuple_greater(t2, t1) == less
    assert dl.tuple_less_equal(t1, t2) == dl.tuple_greater_equal(t2, t1) == less_equal
    assert dl.tuple_equal(t1, t2) == dl.tuple_equal(t2, t1) == equal
    assert dl.tuple_not_equal(t1, t2) == [1 - equal[0]]
    assert dl.tuple_less(t2, t1) == [1 - less_equal[0]]


def test_elementwise_comparisons():
    assert dl.tuple_less_elem([1, 2, 3], [3, 2, 1]) == [1, 0, 0]
    assert dl.tuple_less_equal_elem([1, 2, 3], [3, 2, 1]) == [1, 1, 0]
    assert dl.tuple_greater_elem([1, 2, 3], 1.5) == [0, 1, 1]
    assert dl.tuple_greater_equal_elem([1, 2, 3], [3, 2, 1]) == [0, 1, 1]
    assert dl.tuple_equal_elem(["a", "b", "c"], "b") == [0, 1, 0]
    assert dl.tuple_not_equal_elem([1, "1"], 1) == [0, 1]
    assert dl.tuple_equal([1, "2"], [1, 2]) == [0]


def test_handles_are_equal_if_they_are_one_thing():
    sample, twin = {"image_id": 1}, {"image_id": 1}
    assert dl.tuple_equal_elem([sample, twin, sample], [sample, sample, 1]) == [1, 0, 0]
    assert dl.tuple_find([1, sample, twin], twin) == [2]
    assert dl.tuple_select([sample], 0)[0] is sample
    assert dl.tuple_union([sample, sample], [twin]) == [sample, twin]


@pytest.mark.parametrize(
    ("value", "number", "name"),
    [([1, 2], 1, "int"), (0.5, 2, "real"), (["a"], 4, "string"), ([{}], 16, "handle"), ([1, 2.0], 8, "mixed")],
)
def test_types(value, number, name):
    assert dl.tuple_type(value) == [number] == dl.tuple_constant(f"H_TYPE_{name.upper()}")
    for other in ("int", "real", "string", "handle", "mixed"):
        assert getattr(dl, f"tuple_is_{other}")(value) == [int(other == name)]


def test_types_of_elements():
    mixed = [1, 2.0, "3", {}]
    assert dl.tuple_type_elem(mixed) == [1, 2, 4, 16]
    assert dl.tuple_is_int_elem(mixed) == [1, 0, 0, 0]
    assert dl.tuple_is_real_elem(mixed) == [0, 1, 0, 0]
    assert dl.tuple_is_string_elem(mixed) == [0, 0, 1, 0]
    assert dl.tuple_is_handle_elem(mixed) == [0, 0, 0, 1]
    assert dl.tuple_is_nan_elem([1, math.nan, 0.5]) == [0, 1, 0]
    assert dl.tuple_type([]) == dl.tuple_constant("H_TYPE_ANY") == [31]
    assert dl.tuple_is_mixed([]) == dl.tuple_is_int([]) == [0]


def test_constants_are_those_of_numpy():
    single, double = np.finfo(np.float32), np.finfo(np.float64)
    assert dl.tuple_constant("H_PI") == [math.pi]
    assert dl.tuple_constant("H_FLOAT32_EPSILON") == [float(single.eps)]
    assert dl.tuple_constant("H_FLOAT32_MAX") == [float(single.max)]
    assert dl.tuple_constant("H_FLOAT64_MAX") == [float(double.max)]
    assert dl.tuple_constant("H_FLOAT64_MIN") == [float(double.tiny)]
    assert dl.tuple_constant("H_INT_MIN") == [np.iinfo(np.int64).min]


def test_features():
    values = [3, 1, 4, 1, 5.5, 9]
    assert dl.tuple_sum([3, 1, 4]) == [8]
    assert typed(dl.tuple_sum([1, 2.0])) == typed([3.0])
    assert dl.tuple_sum(["a", "b"]) == ["ab"]
    assert dl.tuple_sum([]) == []
    assert dl.tuple_cumul([10, -10, 10, 5]) == np.cumsum([10, -10, 10, 5]).tolist()
    assert dl.tuple_cumul(["a", "b"]) == ["a", "ab"]
    assert dl.tuple_mean(values) == pytest.approx([np.mean(values)])
    assert dl.tuple_deviation(values) == pytest.approx([np.std(values, ddof=1)])
    assert dl.tuple_deviation(7) == [0.0]
    assert dl.tuple_median([5, 1, 3]) == [3]
    assert dl.tuple_median([1, 2, 3, 4]) == [3]  # the upper one
    assert typed(dl.tuple_max([1, 2, 0.5])) == typed([2.0])
    assert typed(dl.tuple_min([1, 2])) == typed([1])
    assert dl.tuple_max(["a", "B"]) == ["a"]
    assert dl.tuple_select_rank([9, 7, 8], 1) == [8]


def test_histogram():
    assert dl.tuple_histo_range([0, 1, 1, 2, 3, 9, -1], 0, 3, 2) == ([3, 2], [2.0])
    assert dl.tuple_histo_range([0, 1, 2, 3, 4, 5], 0, 5, 4) == ([2, 1, 2, 1], [1.5])  # as HALCON's page describes it
    assert dl.tuple_histo_range([0, 1], 0, 1, 4) == ([1, 0, 1, 0], [0.5])  # a comb
    assert dl.tuple_histo_range([0.0, 1.0, 1.5, 2.0], 0, 2, 2) == ([2, 2], [1.0])  # 1.0 belongs to the first bin
    assert dl.tuple_histo_range([0.5, 0.5, 1.0], 0.5, 0.5, 3) == ([2, 0, 0], [0.0])


@given(st.lists(st.one_of(SMALL, REALS), min_size=1), st.integers(1, 20))
def test_a_histogram_counts_every_number_in_its_range(values, bins):
    histo, _ = dl.tuple_histo_range(values, min(values), max(values), bins)
    assert sum(histo) == len(values)
    assert len(histo) == bins


@pytest.mark.parametrize(
    ("call", "message", "code"),
    [
        (lambda: dl.tuple_mult([1, 2, 3], [1, 2]), "tuple_mult(p2): expected 1 or 3 elements; got 2", 1402),
        (lambda: dl.tuple_mult(3.1, [2, "Text"]), "tuple_mult(p2)[1]: expected an integer or a real; got 'Text'", 1202),
        (lambda: dl.tuple_sin({}), "tuple_sin(t)[0]: expected an integer or a real; got a dict", 1201),
        (lambda: dl.tuple_add(1, [{}]), "tuple_add(s2)[0]: expected a number or a string; got a dict", 1202),
        (
            lambda: dl.tuple_add([1, [2]], 1),
            "tuple_add(s1)[1]: expected a number, a string or a handle; got a list",
            1201,
        ),
        (lambda: dl.tuple_neg(2**63), "tuple_neg(t): expected an integer of 64 bits; got 9223372036854775808", 1301),
        (lambda: dl.tuple_div(1, [1, 0]), "tuple_div(q2): expected a divisor other than 0; got 0", 1302),
        (lambda: dl.tuple_div(1.0, 0.0), "tuple_div(q2): expected a divisor other than 0; got 0.0", 1302),
        (lambda: dl.tuple_mod(1, 0), "tuple_mod(t2): expected a divisor other than 0; got 0", 1302),
        (lambda: dl.tuple_mod(1, 2.0), "tuple_mod(t2)[0]: expected an integer; got 2.0", 1202),
        (
            lambda: dl.tuple_sqrt([4, -1]),
            "tuple_sqrt(t)[1]: expected a number for which the result is a real; got -1",
            1301,
        ),
        (
            lambda: dl.tuple_exp(1000),
            "tuple_exp(t)[0]: expected a number for which the result is a real; got 1000",
            1301,
        ),
        (
            lambda: dl.tuple_pow(-8, 0.5),
            "tuple_pow[0]: expected a number for which the result is a real; got -8, 0.5",
            1301,
        ),
        (lambda: dl.tuple_int(1e30), f"tuple_int(t)[0]: expected an integer of 64 bits; got {int(1e30)}", 1301),
        (lambda: dl.tuple_lsh(1, 64), "tuple_lsh(shift): expected a number of bits from 0 to 63; got 64", 1302),
        (
            lambda: dl.tuple_less([1, "a"], [1, 2]),
            "tuple_less: expected two numbers or two strings; got 'a' and 2",
            1202,
        ),
        (lambda: dl.tuple_max([1, "a"]), "tuple_max(tuple)[1]: expected all numbers or all strings; got 'a'", 1201),
        (lambda: dl.tuple_min([]), "tuple_min(tuple): expected at least one element; got none", 1401),
        (lambda: dl.tuple_mean([]), "tuple_mean(tuple): expected at least one element; got none", 1401),
        (
            lambda: dl.tuple_histo_range([1], 2, 1, 3),
            "tuple_histo_range(max): expected a finite number that is not less than 2; got 1",
            1303,
        ),
    ],
)
def test_errors(call, message, code):
    with pytest.raises(DLParamError) as raised:
        call()
    assert str(raised.value) == message
    assert raised.value.halcon_code == code


def test_a_misspelt_constant_is_heard():
    with pytest.raises(
        DLParamError, match=r"^tuple_constant\(name\): expected one of 'H_PI', .*did you mean 'H_TYPE_INT'"
    ):
        dl.tuple_constant("H_TYPE_IN")


def test_every_operator_says_what_it_does_under_its_own_name():
    names = [name for name in dl.__all__ if name.startswith("tuple_")]
    assert len(names) > 130
    for name in names:
        function = getattr(dl, name)
        assert function.__name__ == function.__qualname__ == name
        assert function.__module__.startswith("dlproc.tuples.")
        assert inspect.getdoc(function).strip().endswith((".", "]", "}", ")"))


def test_nothing_given_is_changed():
    given_list = [3, 1, 2]
    for name in ("tuple_sort", "tuple_inverse", "tuple_cumul", "tuple_neg", "tuple_uniq"):
        getattr(dl, name)(given_list)
    dl.tuple_replace(given_list, 5, 9)
    dl.tuple_insert(given_list, 0, 9)
    assert given_list == [3, 1, 2]


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    st.integers(-5, 70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        ["08", "0x", "(a", "[[:alpha:]", "$1", "10.2f", "s", "H_PI", {}, 2**64, [1, [2]], np.zeros((2, 2))]
    ),
)


@given(st.sampled_from([n for n in dl.__all__ if n.startswith("tuple_")]), st.data())
def test_any_call_gives_a_list_or_an_error_of_ours(name, data):
    function = getattr(dl, name)
    arguments = [
        data.draw(st.one_of(ANYTHING, st.lists(ANYTHING, max_size=4))) for _ in inspect.signature(function).parameters
    ]
    try:
        with mock.patch("dlproc.tuples.selection.MAX_LENGTH", 1000):
            result = function(*arguments)
    except DLParamError as error:
        assert 1200 < error.halcon_code < 1500
    else:
        assert isinstance(result, list) or name == "tuple_histo_range"
