import pytest
from drawn_trees import EXPRESSIONS, STATEMENTS, several
from hypothesis import HealthCheck, given, settings

from dlproc.hdevelop import syntax as s
from dlproc.hdevelop.parser import parse_expression, parse_procedure
from dlproc.hdevelop.printer import print_expression, print_procedure, print_statement


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
