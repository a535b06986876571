import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlproc.hdevelop import syntax as s
from dlproc.hdevelop.parser import parse_expression, parse_procedure
from dlproc.hdevelop.printer import print_expression, print_procedure, print_statement

# Drawn trees

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: name not in s.RESERVED_WORDS and not s.CONSTANT.fullmatch(name)
)
TEXTS = st.text(max_size=6)
LEAVES = st.one_of(
    st.builds(s.Integer, st.integers(0, 2**64 - 1), st.sampled_from([10, 16])),
    st.builds(s.Integer, st.integers(0, 2**64 - 1), st.just(8)),
    st.builds(s.Real, st.floats(0, allow_nan=False, allow_infinity=False)),
    st.builds(s.String, TEXTS),
    st.builds(s.Boolean, st.booleans()),
    st.builds(s.Constant, st.sampled_from(["H_MSG_TRUE", "H_TYPE_ANY", "HNULL"])),
    st.builds(s.Variable, NAMES),
)


def several(part, most=3):
    return st.lists(part, max_size=most).map(tuple)


def larger(part):
    key = st.one_of(part, st.builds(s.String, st.one_of(NAMES, TEXTS)))
    return st.one_of(
        st.builds(s.Tuple, several(part)),
        st.builds(s.Sequence, part, part, st.one_of(st.none(), part)),
        st.builds(s.Vector, several(part)),
        st.builds(s.Dict, several(st.tuples(key, part))),
        st.builds(s.Unary, st.sampled_from(s.UNARY_OPERATORS), part),
        st.builds(s.Binary, st.sampled_from(sorted(s.STRENGTH)), part, part),
        st.builds(s.FunctionCall, NAMES, several(part)),
        st.builds(s.Index, part, part),
        st.builds(s.Range, part, part, part),
        st.builds(s.Characters, part, part, st.one_of(st.none(), part)),
        st.builds(s.Length, part),
        st.builds(s.Element, part, part),
        st.builds(s.MethodCall, part, NAMES.filter(lambda name: name != "at"), several(part)),
        st.builds(s.Access, part, key),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=12)
SMALL = st.recursive(LEAVES, larger, max_leaves=4)


def parts(part):
    return st.one_of(
        st.builds(s.Index, part, SMALL),
        st.builds(s.Range, part, SMALL, SMALL),
        st.builds(s.Characters, part, SMALL, st.one_of(st.none(), SMALL)),
        st.builds(s.Element, part, SMALL),
        st.builds(s.Access, part, st.builds(s.String, st.one_of(NAMES, TEXTS))),
    )


TARGETS = st.recursive(st.builds(s.Variable, NAMES), parts, max_leaves=2)
ONE_LINE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8)
NOTES = ONE_LINE.map(str.strip)
LINES = ONE_LINE.map(str.rstrip)
CALLS = st.builds(s.Call, NAMES, several(SMALL))
SIMPLE = st.one_of(
    st.builds(s.Comment, LINES),
    st.builds(s.Blank),
    st.builds(s.ExportedCode, LINES),
    st.builds(s.Import, NOTES.filter(lambda text: text and not text.startswith(":="))),
    st.builds(s.Assign, TARGETS, SMALL, note=NOTES),
    st.builds(s.Call, NAMES, several(SMALL), note=NOTES),
    st.builds(s.Execute, st.builds(s.MethodCall, TARGETS, st.just("clear"), several(SMALL)), note=NOTES),
    st.builds(s.Throw, SMALL, note=NOTES),
    st.builds(s.ParJoin, SMALL, note=NOTES),
    st.builds(s.ParStart, TARGETS, CALLS, note=NOTES),
    st.builds(s.Global, st.sampled_from(["tuple", "object"]), NAMES, st.integers(0, 9), st.booleans(), note=NOTES),
    *(st.builds(kind, note=NOTES) for kind in (s.Break, s.Continue, s.Return, s.Stop, s.Exit)),
)


def blocks(part):
    body = several(part, 2)
    branches = st.lists(st.builds(s.Branch, SMALL, body, note=NOTES), min_size=1, max_size=3).map(tuple)
    otherwise = st.one_of(st.none(), st.builds(s.Otherwise, body, note=NOTES))
    cases = several(st.builds(s.Case, st.one_of(st.none(), SMALL), body, note=NOTES))
    catch = st.builds(s.Catch, st.one_of(st.none(), TARGETS), body, note=NOTES)
    notes = {"note": NOTES, "end_note": NOTES}
    return st.one_of(
        st.builds(s.If, branches, otherwise, end_note=NOTES),
        st.builds(s.For, TARGETS, SMALL, SMALL, SMALL, body, **notes),
        st.builds(s.While, SMALL, body, **notes),
        st.builds(s.Repeat, body, SMALL, **notes),
        st.builds(s.Switch, SMALL, body, cases, **notes),
        st.builds(s.Try, body, catch, **notes),
    )


STATEMENTS = st.recursive(SIMPLE, blocks, max_leaves=6)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(EXPRESSIONS)
def test_reading_what_was_printed_gives_the_expression(tree):
    assert parse_expression(print_expression(tree)) == tree


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(several(STATEMENTS, 4))
def test_reading_what_was_printed_gives_the_procedure(body):
    printed = print_procedure(body)
    assert not any("\n" in line for line in printed)
    assert parse_procedure(printed) == body


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("(1-2)-3", "1 - 2 - 3"),
        ("- ( 1 + X )", "-(1 + X)"),
        ("not(A=1)", "not (A == 1)"),
        ("(not A)=1", "not A == 1"),
        ("(X*2) $ '.2f'", "(X * 2)$'.2f'"),
        ("A$(-B)", "A$(-B)"),
        ("[ 1 , 'a' ]", "[1,'a']"),
        ("{1,[2,3]}", "{1, [2,3]}"),
        ("f(1,g( ))", "f(1, g())"),
        ("dict{['a']:1,['a b']:2,[X]:3}", "dict{a: 1, ['a b']: 2, [X]: 3}"),
        ("D.['a'].['2']", "D.a.['2']"),
        ("T[[1,2]]", "T[1,2]"),
        ("(A+B)[0]", "(A + B)[0]"),
        ("(3).at(0)", "(3).at(0)"),
        ("[1:2:9]", "[1:2:9]"),
        ("0XFF + 010 + 1e2", "0xff + 010 + 100.0"),
        (r"'\x09\0047\x01\\d'", r"'\t\'\x01\\d'"),
        ("A [<>] B", "A [!=] B"),
    ],
)
def test_expressions_are_printed_one_way(text, printed):
    assert print_expression(parse_expression(text)) == printed


def test_a_procedure_is_printed_one_way():
    """Written by hand."""
    written = ["*note", "if( A=1 )//  why", "X:=2", "elseif(B)", "else// no", "  f(X,'a' )", "endif"]
    written += ["for I:=0 to 3", "V.at( I ):={}", "endfor// I", "try", "catch( E )", "  throw( E )", "endtry"]
    written += [
        "switch(X)",
        "case 1 :",
        "break()",
        "default:",
        "endswitch",
        "repeat",
        "until(X)",
        "while(X)",
        "",
        "endwhile",
    ]
    written += [
        "global def object vector( 2 ) W",
        "par_start<Id>:f(  )",
        "par_join(Id)",
        "import  ./procs",
        "return",
        "f (A, \\",
        "B)",
    ]
    assert print_procedure(parse_procedure(written)) == [
        "*note",
        "if (A == 1) // why",
        "    X := 2",
        "elseif (B)",
        "else // no",
        "    f (X, 'a')",
        "endif",
        "for I := 0 to 3 by 1",
        "    V.at(I) := {}",
        "endfor // I",
        "try",
        "catch (E)",
        "    throw (E)",
        "endtry",
        "switch (X)",
        "case 1:",
        "    break",
        "default:",
        "endswitch",
        "repeat",
        "until (X)",
        "while (X)",
        "",
        "endwhile",
        "global def object vector(2) W",
        "par_start <Id> : f ()",
        "par_join (Id)",
        "import ./procs",
        "return ()",
        "f (A, B)",
    ]


def test_a_statement_alone():
    assert print_statement(s.While(s.Boolean(True), (s.Break(),))) == ["while (true)", "    break", "endwhile"]


def test_what_is_no_tree_is_named():
    with pytest.raises(TypeError, match=r"^no expression of HDevelop: int$"):
        print_expression(3)
    with pytest.raises(TypeError, match=r"^no statement of HDevelop: Integer$"):
        print_procedure((s.Integer(3),))
    with pytest.raises(TypeError, match=r"^no statement of HDevelop: Block$"):
        print_procedure((s.Block(),))
