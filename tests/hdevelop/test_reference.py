"""The reference evaluator against the documentation's tables, and the drawn expressions against the printer."""

import pytest
from drawn import expressions
from hypothesis import given, settings
from reference import NoValue, VectorValue, agree, evaluate, plain

from dlproc.hdevelop.parser import parse_expression
from dlproc.hdevelop.printer import print_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # MVTec's language chapter, "Tuple operations", table 1
        ("5 * 5", [25]),
        ("[5] * [5]", [25]),
        ("[1,2,3] * 2", [2, 4, 6]),
        ("[1,2,3] * 2.1 + 10", [12.1, 14.2, 16.3]),
        ("[1,2,3] * [1,2,3]", [1, 4, 9]),
        ("'Text1' + 'Text2'", ["Text1Text2"]),
        ("17 + '3'", ["173"]),
        ("'Text ' + 3.1 * 2", ["Text 6.2"]),
        ("3.1 + 2 + ' Text'", ["5.1 Text"]),
        ("3.1 + (2 + ' Text')", ["3.12 Text"]),
        # "Set, comparison, and Boolean operations", table 3
        ("1 == 1.0", [1]),
        ("[] == []", [1]),
        ("'' == []", [0]),
        ("[1,'2'] == [1,2]", [0]),
        ("[1,2,3] == [1,2]", [0]),
        ("[4711,'Hugo'] == [4711,'Hugo']", [1]),
        ("'Hugo' == 'hugo'", [0]),
        ("2 > 1.0", [1]),
        ("[5,4,1] > [5,4]", [1]),
        ("[2,1] > [2,0]", [1]),
        ("true > false", [1]),
        ("'Hugo' < 'hugo'", [1]),
        # the operator reference, tuple_div, tuple_mod, tuple_string, tuple_find, tuple_uniq, tuple_select
        ("7 / 2", [3]),
        ("-7 / 2", [-3]),
        ("7 / 2.0", [3.5]),
        ("-7 % 3", [-1]),
        ("[]+1", []),
        ("[2,2,3,'a','a',2,3,'b','b'][4:6]", ["a", 2, 3]),
        ("subset([2,2,3,'a','a',2,3,'b','b'],[3,6,7])", ["a", 3, "b"]),
        ("remove([2,2,3,'a','a',2,3,'b','b'],[3,6,7])", [2, 2, 3, "a", 2, "b"]),
        ("find([2,2,3,'a','a',2,3,'b','b'],[2,3])", [1, 5]),
        ("uniq([2,2,3,'a','a',2,3,'b','b'])", [2, 3, "a", 2, 3, "b"]),
        ("7$'.2d'", ["07"]),
        ("1.0 / 3 + ''", ["0.333333"]),
        ("'a' + 1.0", ["a1.0"]),
        ("[3:2:8]", [3, 5, 7]),
        ("[5:-2:1]", [5, 3, 1]),
        ("[0:0.5:1]", [0.0, 0.5, 1.0]),
        ("[1,2,3][1:0]", []),
        ("'anomaly'{0:3} + 'anomaly'{6}", ["anomy"]),
        ("D.a[1] + D.['b c'].x", [9]),
        ("|V.at(1)| + V.length()", [4]),
    ],
)
def test_documented_values(text, value):
    variables = {"D": [{"a": [1, 2], "b c": {"x": 7}}], "V": VectorValue([[1], [2, 3]])}
    assert evaluate(parse_expression(text), variables) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "[1,2,3] * [1,2]",
        "3.1 * (2 + ' Text')",
        "[1][1]",
        "1 / 0",
        "'a' < 1",
        "[] and 1",
        "dict{}.a",
        "{1}.at(1)",
        "[1:0]",
    ],
)
def test_what_has_no_value(text):
    with pytest.raises(NoValue):
        evaluate(parse_expression(text), {})


@settings(max_examples=300, deadline=None)
@given(expressions())
def test_a_drawn_expression_is_printed_read_and_evaluated_to_the_same(drawn):
    tree, variables = drawn
    read = parse_expression(print_expression(tree))
    assert read == tree
    assert agree(evaluate(read, variables), plain(evaluate(tree, variables)))


@settings(max_examples=200, deadline=None)
@given(expressions(kind="integer", length=3))
def test_a_drawn_expression_has_the_type_it_was_drawn_for(drawn):
    value = evaluate(*drawn)
    assert len(value) == 3
    assert all(type(element) is int and abs(element) < 2**53 for element in value)


def test_agree_tells_types_apart():
    assert agree([1], True) and agree([1], [1]) and agree(["a", 2.0], ["a", 2.0]) and agree([0.1 + 0.2], 0.3)
    assert not agree([1], 1.0) and not agree([1.0], 1) and not agree(["1"], 1) and not agree([1, 2], [1])
