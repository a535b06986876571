"""Expressions in Python have the values that the reference gives them, whatever is known of their variables."""

import math

import pytest
from drawn import expressions
from hypothesis import given, settings
from reference import NoValue, VectorValue, agree, evaluate, plain, values

import dlproc as dl
from dlproc.hdevelop import values as run_time
from dlproc.hdevelop.expressions import Expressions
from dlproc.hdevelop.kinds import ANYTHING, UNKNOWN, Kind, join, join_as_stored
from dlproc.hdevelop.parser import parse_expression
from dlproc.hdevelop.printer import print_expression

TYPES = {bool: "truth", int: "integer", float: "real", str: "string", dict: "dict"}


def kind_of(value):
    """What is known of a value if all is known."""
    if isinstance(value, VectorValue):
        kind = UNKNOWN
        for element in value.elements:
            kind = join_as_stored(kind, kind_of(element))
        return Kind(kind.form, kind.type, kind.dimension + 1)
    kind = UNKNOWN
    for element in value:
        kind = join(kind, Kind("one", TYPES[type(element)]))
    return Kind("one" if len(value) == 1 else "many", kind.type)


def in_python(tree, variables, kinds, keys):
    imported = set()
    code = Expressions(lambda name: f"v_{name}", kinds, keys, lambda key, kind: None, imported).of(tree)
    names = {f"v_{name}": plain(value) for name, value in variables.items()}
    helpers = {name: getattr(run_time, name) for name in imported - {"math"}}
    value = eval(code.text, {"dl": dl, "math": math, **helpers, **names})  # noqa: S307 - our own text
    if code.kind.is_one:
        assert not isinstance(value, list), code.text
    if code.kind.is_many:
        assert isinstance(value, list), code.text
    return value, code


def keys_of(variables):
    found = {}
    waiting = [element for value in variables.values() if isinstance(value, list) for element in value]
    while waiting:
        element = waiting.pop()
        if isinstance(element, dict):
            for key, value in element.items():
                found[key] = join_as_stored(found.get(key, UNKNOWN), kind_of(values(value)))
                waiting += values(value)
    return found


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "anything"])
@given(drawn=expressions())
@settings(max_examples=400, deadline=None)
def test_values(is_known, drawn):
    tree, variables = drawn
    try:
        expected = evaluate(tree, variables)
    except NoValue:
        return
    stored = keys_of(variables)

    def kind(name):
        known = kind_of(variables[name])
        if is_known:
            return known
        return Kind("either", "any", known.dimension) if known.dimension else ANYTHING

    got, code = in_python(tree, variables, kind, lambda key: stored.get(key, UNKNOWN) if is_known else ANYTHING)
    assert agree(expected, got), f"{print_expression(tree)}  ->  {code.text}: {got}, not {expected}"


ONE = {"I": "natural", "J": "integer", "X": "real", "S": "string", "B": "truth", "D": "dict"}
MANY = {"T": "natural", "P": "real", "A": "string"}


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("I + 1", "i + 1"),
        ("I / 2", "i // 2"),
        ("J / 2", "dl.tuple_div(j, 2)[0]"),
        ("X / 2", "x / 2"),
        ("'part ' + I + ': ' + X$'.2f'", "f\"part {i}: {x:.2f}\""),
        ("'r=' + X", "f\"r={as_text(x)}\""),
        ("S + '.png'", "f\"{s}.png\""),
        ("S + S", "s + s"),
        ("|T|", "len(t)"),
        ("T[|T| - 1]", "t[-1]"),
        ("T[I:|T| - 1]", "t[i:]"),
        ("T[0:I]", "t[: i + 1]"),
        ("[0:|T| - 1]", "list(range(len(t)))"),
        ("[T,I]", "[*t, i]"),
        ("T + 1", "dl.tuple_add(t, 1)"),
        ("T == []", "t == []"),
        ("S == 'ok' and I > 0", "s == \"ok\" and i > 0"),
        ("not (I == 0)", "not i == 0"),
        ("not B", "not b"),
        ("'v' + (B band B)", "f\"v{as_text(b & b)}\""),
        ("sqrt(X)", "math.sqrt(x)"),
        ("sum(P) / |P|", "sum(p) / len(p)"),
        ("max2(I, J)", "max(i, j)"),
        ("rad(90)", "math.radians(90)"),
        ("gen_tuple_const(I, 0)", "[0] * i"),
        ("dict{a: 1, ['b c']: T}", "{\"a\": 1, \"b c\": t}"),
        ("D.image_id", "d[\"image_id\"]"),
        ("sort(A)[0]", "sorted(a)[0]"),
        ("strlen(S) - 1", "len(s) - 1"),
        ("S{0}", "s[0]"),
        ("S{strlen(S) - 1}", "s[-1]"),
        ("S{|S| - 1}", "s[1 - 1]"),  # of a text |S| is 1
        ("S{0:2}", "s[:3]"),
        ("-(I - J)", "-(i - j)"),
        ("I - (J - 1)", "i - (j - 1)"),
    ],
)  # fmt: skip
def test_what_a_person_would_write(text, python):
    kinds = {name: Kind("one", kind) for name, kind in ONE.items()}
    kinds |= {name: Kind("many", kind) for name, kind in MANY.items()}
    written = Expressions(
        str.lower, kinds.__getitem__, lambda key: Kind("one", "natural"), lambda key, kind: None, set()
    )
    assert written.of(parse_expression(text)).text == python
