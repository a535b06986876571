"""Strings, formats and regular expressions. Expected texts by hand, those of formats as C's printf prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl
from dlproc.errors import DLParamError

WORDS = st.lists(st.text("abc", min_size=1, max_size=4), max_size=6)


@pytest.mark.parametrize(
    ("value", "format", "expected"),
    [
        (23, "10.2f", "     23.00"),
        (23, "-10.2f", "23.00     "),
        (4, ".7f", "4.0000000"),
        (1234.56789, "+10.3f", " +1234.568"),
        (255, "x", "ff"),
        (255, "X", "FF"),
        (255, "#x", "0xff"),
        (8, "#o", "010"),
        (8, "#6o", "   010"),
        (8, "-#6o", "010   "),
        (0, "#x", "0"),
        (0, "#o", "0"),
        (-1, "x", "f" * 16),
        (-1, "u", str(2**64 - 1)),
        (0xFF, ".5d", "00255"),
        (7, "05d", "00007"),
        (7, "08.3d", "     007"),
        (-7, "5d", "   -7"),
        (7, "+d", "+7"),
        (7, " i", " 7"),
        (7.9, "d", "7"),
        (12345.678, "e", "1.234568e+04"),
        (12345.678, ".2E", "1.23E+04"),
        (2018.11, ".1", "2e+03"),
        (2018.11, ".3", "2.02e+03"),
        (2018.11, ".4", "2018"),
        (2018.11, ".5", "2018.1"),
        (3.14159, "10.3", "      3.14"),
        (3.456, ".0f", "3"),
        (3, "#.0f", "3."),
        (5, "4", "   5"),
        (5, "", "5"),
        ("total", "10s", "     total"),
        ("total", "-10s", "total     "),
        ("total", "-10.3s", "tot       "),
        ("total", "7", "  total"),
        (2.0, "5s", "  2.0"),
        (float("inf"), "05f", "  inf"),
    ],
)
def test_formats(value, format, expected):
    assert dl.tuple_string(value, format) == [expected]


def test_a_format_goes_with_every_element():
    assert dl.tuple_string([1, 2.25, "x"], "4") == ["   1", "2.25", "   x"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", 20),
        ("020", 16),
        ("0x20", 32),
        ("-0x20", -32),
        ("+7", 7),
        ("0", 0),
        (" 55.6 ", 55.6),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1e3", -1000.0),
        ("00.5", 0.5),
        ("08", "08"),
        ("", ""),
        ("12a", "12a"),
        ("nan", "nan"),
        ("1_000", "1_000"),
        ("٣", "٣"),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_numbers_in_strings(text, value):
    (number,) = dl.tuple_number(text)
    assert (type(number), number) == (type(value), value)
    assert dl.tuple_is_number(text) == [int(not isinstance(value, str))]


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_survives_its_text(value):
    assert dl.tuple_number(dl.tuple_string(value, "d")) == [value]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (dl.tuple_is_number([1, 2.5, "3", "x", {}]), [1, 1, 1, 0, 0]),
        (dl.tuple_number([1, 2.5, "3"]), [1, 2.5, 3]),
        (dl.tuple_chr([72, 8364]), ["H", "€"]),
        (dl.tuple_chrt([72, 105, 0, 33, 0]), ["Hi", 0, "!", 0]),
        (dl.tuple_ord(["H", "€"]), [72, 8364]),
        (dl.tuple_ords(["Hi", 0, "!"]), [72, 105, 0, 33]),
        (dl.tuple_strlen(["", "Größe"]), [0, 5]),
        (dl.tuple_strstr(["part_part", "x"], "part"), [0, -1]),
        (dl.tuple_strrstr("part_part", ["part", "_", "q"]), [5, 4, -1]),
        (dl.tuple_strchr("part_part", ["r_", "t", ""]), [2, 3, -1]),
        (dl.tuple_strrchr(["part_part", "b"], "tx"), [8, -1]),
        (dl.tuple_strstr([], "a"), []),
        (dl.tuple_str_first_n(["part", "ab"], [2, 0]), ["par", "a"]),
        (dl.tuple_str_first_n("part", -1), [""]),
        (dl.tuple_str_last_n("part", [1, 4]), ["art", ""]),
        (dl.tuple_substr("part", [0, 2], [1, 3]), ["pa", "rt"]),
        (dl.tuple_substr(["part", "abc"], 1, 2), ["ar", "bc"]),
        (dl.tuple_substr("part", 2, 1), [""]),
        (dl.tuple_substr([], [], []), []),
        (dl.tuple_str_first_n([], []), []),
        (dl.tuple_str_last_n([], 1), []),
        (dl.tuple_str_bit_select(["part", 6], [1, 2]), ["a", 1]),
        (dl.tuple_split(["alpha:1", "beta:2", "gamma:3"], "a:"), ["lph", "1", "bet", "2", "g", "mm", "3"]),
        (
            dl.tuple_split("alpha:1 beta:2 gamma:3", [":", "123"]),
            ["alpha", "1 beta", "2 gamma", "3", "alpha:", " beta:", " gamma:"],
        ),
        (dl.tuple_split("a]b^c-d\\e", "]^-\\"), ["a", "b", "c", "d", "e"]),
        (dl.tuple_split(["a,b", "c;d"], [",", ";"]), ["a", "b", "c", "d"]),
        (dl.tuple_split(",,", ","), []),
        (dl.tuple_split("ab", ""), ["ab"]),
        (dl.tuple_join(["a", "b", "c"], ["/", ""]), ["a/b/c", "abc"]),
        (dl.tuple_str_replace(["a.b.c", "x"], ".", "_"), ["a_b_c", "x"]),
        (dl.tuple_str_replace("abc", ["a", "b"], ["b", "-"]), ["--c"]),
    ],
)
def test_results(result, expected):
    assert [(type(x), x) for x in result] == [(type(x), x) for x in expected]


@given(WORDS)
def test_splitting_undoes_joining(words):
    assert dl.tuple_split(dl.tuple_join(words, ";"), ";") == words


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_characters_and_code_points(text):
    assert dl.tuple_chrt(dl.tuple_ords(text)) == ([text] if text else [])
    assert dl.tuple_sum(dl.tuple_chr(dl.tuple_ords(text))) == ([text] if text else [])


def test_environment(monkeypatch):
    monkeypatch.setenv("DLPROC_TEST", "here")
    monkeypatch.delenv("DLPROC_ABSENT", raising=False)
    assert dl.tuple_environment(["DLPROC_TEST", "DLPROC_ABSENT"]) == ["here", ""]


@pytest.mark.parametrize(
    ("data", "expression", "expected"),
    [
        ("abba", "b+", ["bb"]),
        (["ab", "cd"], "[a-b]", ["a", ""]),
        ("part_07.png", r"(.*)_(\d+)", ["part", "07"]),
        (["a1", "b2", "c"], r"([a-z])(\d)", ["a", "b", ""]),
        ("c", r"([a-z])(\d)", ["", ""]),
        ("ac", "a(b)?(c)", ["", "c"]),
        ("ABC", ["b", "ignore_case"], ["B"]),
        ("x\nyz", ["^y.", "multiline"], ["yz"]),
        ("a\nb", "a.b", [""]),
        ("a\nb", ["a.b", "dot_matches_all", "newline_lf"], ["a\nb"]),
        ("a\n", "a$", ["a"]),
        ("a\n", r"a\z", [""]),
        ("a\n", r"a\Z", ["a"]),
        ("part 7x", "[[:alpha:]]+", ["part"]),
        ("x-y", "[^[:alnum:]_]", ["-"]),
        ("ab", "(?<first>a)", ["a"]),
        ("xab", "(?<=x)a(?:b)", ["ab"]),
        (r"a[:digit:]", r"\[:digit:\]", ["[:digit:]"]),
        ("٣4", r"\d", ["4"]),
        ("a[b", "[[b]+", ["[b"]),
    ],
)
def test_regular_expressions_match(data, expression, expected):
    assert dl.tuple_regexp_match(data, expression) == expected


def test_regular_expressions_replace():
    assert dl.tuple_regexp_replace("aXbX", "X", "-") == ["a-bX"]
    assert dl.tuple_regexp_replace(["aXbX", "c"], ["x", "replace_all", "ignore_case"], "-") == ["a-b-", "c"]
    assert dl.tuple_regexp_replace("img10.bmp", r"img(.*)\.(bmp)", "$2_$1$$$0\\n$3${1}0") == ["bmp_10$img10.bmp\\n100"]


def test_regular_expressions_select_and_count():
    names = ["a.png", "b.tif", "c.PNG"]
    assert dl.tuple_regexp_select(names, [r"\.png$", "ignore_case"]) == ["a.png", "c.PNG"]
    assert dl.tuple_regexp_select(names, [r"\.png$", "invert_match"]) == ["b.tif", "c.PNG"]
    assert dl.tuple_regexp_test(names, r"\.png$") == [1]
    assert dl.tuple_regexp_test("a", "b") == [0]


@pytest.mark.parametrize(
    ("call", "message", "code"),
    [
        (
            lambda: dl.tuple_string(1, "%d"),
            "tuple_string(format): expected a format like '10.3f': flags, width, .precision, and one of d u i o x X e E f g G s; got '%d'",
            1302,
        ),
        (
            lambda: dl.tuple_string(["a"], "d"),
            "tuple_string(t)[0]: expected a number for the conversion 'd'; got 'a'",
            1201,
        ),
        (lambda: dl.tuple_string([1, {}], "d"), "tuple_string(t)[1]: expected a number or a string; got a dict", 1201),
        (
            lambda: dl.tuple_string(float("nan"), "d"),
            "tuple_string(t)[0]: expected a number that fits an integer of 64 bits; got nan",
            1301,
        ),
        (
            lambda: dl.tuple_number(["1", str(2**63)]),
            "tuple_number(t)[1]: expected an integer of 64 bits; got '9223372036854775808'",
            1301,
        ),
        (lambda: dl.tuple_ord("ab"), "tuple_ord(t)[0]: expected a string of one character; got 'ab'", 1301),
        (lambda: dl.tuple_chr(-1), "tuple_chr(t)[0]: expected a code point from 0 to 1114111; got -1", 1301),
        (lambda: dl.tuple_strlen(7), "tuple_strlen(t1)[0]: expected a string; got 7", 1201),
        (
            lambda: dl.tuple_str_first_n("abc", 3),
            "tuple_str_first_n(position): expected an index from -1 to 2; got 3",
            1302,
        ),
        (lambda: dl.tuple_substr("abc", 0, 3), "tuple_substr(position_2): expected an index from -1 to 2; got 3", 1303),
        (lambda: dl.tuple_substr("abc", [0, 1], 2), "tuple_substr(position_2): expected 2 elements; got 1", 1403),
        # MVTec's reference of tuple_substr: strings without positions are an error, no strings are none
        (
            lambda: dl.tuple_substr("abc", [], []),
            "tuple_substr(position_1): expected at least one element; got none",
            1402,
        ),
        (
            lambda: dl.tuple_str_first_n("abc", []),
            "tuple_str_first_n(position): expected at least one element; got none",
            1402,
        ),
        (
            lambda: dl.tuple_str_last_n(["a"], []),
            "tuple_str_last_n(position): expected at least one element; got none",
            1402,
        ),
        (
            lambda: dl.tuple_regexp_match("a", "(a"),
            "tuple_regexp_match(expression)[0]: expected a regular expression that Python's re can carry out; got '(a' (missing ), unterminated subpattern at position 0)",
            1302,
        ),
        (
            lambda: dl.tuple_regexp_match("a", ["a", "ignorecase"]),
            "tuple_regexp_match(expression)[1]: expected one of 'ignore_case', 'multiline', 'dot_matches_all', 'newline_lf'; got 'ignorecase' (did you mean 'ignore_case'?)",
            1302,
        ),
    ],
)
def test_errors(call, message, code):
    with pytest.raises(DLParamError) as raised:
        call()
    assert str(raised.value) == message
    assert raised.value.halcon_code == code


def test_digits_without_end_are_refused_at_once():
    with pytest.raises(DLParamError, match="an integer of 64 bits"):
        dl.tuple_number("9" * 100_000)
    assert dl.tuple_number("0" * 5000 + "x") == ["0" * 5000 + "x"]
    assert dl.tuple_number("0" * 5000 + "7") == [7]
