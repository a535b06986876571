"""The trees are written by hand from HDevelop's documented language; the programs are our own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlproc.errors import DLError, DLSyntaxError
from dlproc.hdevelop import syntax as s
from dlproc.hdevelop.parser import parse_expression, parse_procedure, parse_readable
from dlproc.hdevelop.printer import print_expression, print_procedure
from dlproc.hdevelop.program import walk_statements

A, B, C, D, T, V, X = (s.Variable(name) for name in "ABCDTVX")
ZERO, ONE, TWO, THREE = (s.Integer(value) for value in range(4))
MINUS_ONE = s.Unary("-", ONE)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("4711", s.Integer(4711)),
        ("0xbeef", s.Integer(48879, 16)),
        ("073421", s.Integer(30481, 8)),
        ("0", ZERO),
        ("089", s.Integer(89)),
        ("9223372036854775808", s.Integer(2**63)),
        ("73.815", s.Real(73.815)),
        (".56", s.Real(0.56)),
        ("3.", s.Real(3.0)),
        ("32E19", s.Real(32e19)),
        ("1.5e-3", s.Real(0.0015)),
        ("-17.32e-122", s.Unary("-", s.Real(17.32e-122))),
        ("true", s.Boolean(True)),
        ("false", s.Boolean(False)),
        ("H_MSG_TRUE", s.Constant("H_MSG_TRUE")),
        ("H_TYPE_INT", s.Constant("H_TYPE_INT")),
        ("HNULL", s.Constant("HNULL")),
        ("_", s.Variable("_")),
        ("Größe_2", s.Variable("Größe_2")),
        ("[]", s.Tuple(())),
        ("[1]", s.Tuple((ONE,))),
        ("[1,'a',X]", s.Tuple((ONE, s.String("a"), X))),
        ("[[1,2],3]", s.Tuple((s.Tuple((ONE, TWO)), THREE))),
        ("[1:3]", s.Sequence(ONE, THREE)),
        ("[1:2:3]", s.Sequence(ONE, THREE, TWO)),
        ("[[1:3]]", s.Tuple((s.Sequence(ONE, THREE),))),
        ("[1:3,X]", s.Tuple((s.Sequence(ONE, THREE), X))),
        ("{}", s.Vector(())),
        ("{[1],{2}}", s.Vector((s.Tuple((ONE,)), s.Vector((TWO,))))),
        ("dict{}", s.Dict(())),
        ("dict{a: 1, ['b c']: [2]}", s.Dict(((s.String("a"), ONE), (s.String("b c"), s.Tuple((TWO,)))))),
        ("dict{[X]: dict{or: 1}}", s.Dict(((X, s.Dict(((s.String("or"), ONE),))),))),
        ("dict", s.Variable("dict")),
        ("T[0]", s.Index(T, ZERO)),
        ("T[|T|-1]", s.Index(T, s.Binary("-", s.Length(T), ONE))),
        ("T[1,3]", s.Index(T, s.Tuple((ONE, THREE)))),
        ("T[[1,3]]", s.Index(T, s.Tuple((ONE, THREE)))),
        ("T[[1]]", s.Index(T, s.Tuple((ONE,)))),
        ("T[0:2]", s.Range(T, ZERO, TWO)),
        ("T[[0:2]]", s.Index(T, s.Sequence(ZERO, TWO))),
        ("T[0:2:3]", s.Index(T, s.Sequence(ZERO, THREE, TWO))),
        ("T[0][1]", s.Index(s.Index(T, ZERO), ONE)),
        ("['a','b'][X]", s.Index(s.Tuple((s.String("a"), s.String("b"))), X)),
        ("X{0}", s.Characters(X, ZERO)),
        ("X{1:2}", s.Characters(X, ONE, TWO)),
        ("|T|", s.Length(T)),
        ("||A|-|B||", s.Length(s.Binary("-", s.Length(A), s.Length(B)))),
        ("V.at(0)", s.Element(V, ZERO)),
        ("V.at(0).at(1)[2]", s.Index(s.Element(s.Element(V, ZERO), ONE), TWO)),
        ("V.length()", s.MethodCall(V, "length", ())),
        ("V.insert(1,A).insert(2,B)", s.MethodCall(s.MethodCall(V, "insert", (ONE, A)), "insert", (TWO, B))),
        ("D.key", s.Access(D, s.String("key"))),
        ("D.['key with space']", s.Access(D, s.String("key with space"))),
        ("D.['key']", s.Access(D, s.String("key"))),
        ("D.[X].at", s.Access(s.Access(D, X), s.String("at"))),
        ("D.samples[2].image", s.Access(s.Index(s.Access(D, s.String("samples")), TWO), s.String("image"))),
        ("sum(T)", s.FunctionCall("sum", (T,))),
        ("rand( 3 )[0]", s.Index(s.FunctionCall("rand", (THREE,)), ZERO)),
        ("environment ()", s.FunctionCall("environment", ())),
        ("((A))", A),
        ("not A", s.Unary("not", A)),
        ("bnot A", s.Unary("bnot", A)),
        ("--A", s.Unary("-", s.Unary("-", A))),
        ("2 * \\ \n  3", s.Binary("*", TWO, THREE)),
        ("A // what follows is a comment", A),
    ],
)
def test_expressions(text, tree):
    assert parse_expression(text) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("''", ""),
        (r"'Sobel\'s edge-filter'", "Sobel's edge-filter"),
        (r"'a\nb\tc\vd\be\rf\fg\ah\\i'", "a\nb\tc\vd\be\rf\fg\ah\\i"),
        (r"'\x41\0101'", "AA"),
        (r"'C:\Data\Images'", r"C:\Data\Images"),  # begins no escape: stays
        (r"'C:\\Data'", r"C:\Data"),
        (r"'\\n'", r"\n"),
        ("'// * # no comment'", "// * # no comment"),
        ("'long \\\ntext'", "long text"),
        ("'{\"a\": 1}'", '{"a": 1}'),
        ("'in three '\\\n  'parts, ' \\\n  'one text'", "in three parts, one text"),  # as genuine programs have it
        ("'' 'a' ''", "a"),
    ],
)
def test_strings(text, value):
    assert parse_expression(text) == s.String(value)


def test_texts_in_a_row_within_a_statement():
    (call,) = parse_procedure(["f ('a' 'b', ['c' 'd', 'e']{0})"])
    assert call.arguments == (s.String("ab"), s.Characters(s.Tuple((s.String("cd"), s.String("e"))), s.Integer(0)))


# After the table "Operation precedence" of HALCON's documentation, weakest first.
ROWS = [
    ["or"],
    ["xor"],
    ["and"],
    ["bor"],
    ["bxor"],
    ["band"],
    ["==", "!=", "=~"],
    ["<", ">", "<=", ">="],
    ["[==]", "[!=]"],
    ["[<]", "[>]", "[<=]", "[>=]"],
    ["+", "-"],
    ["*", "/", "%"],
    ["$"],
]
PAIRS = [
    (weak, strong)
    for row, weaks in enumerate(ROWS)
    for strongs in ROWS[row + 1 :]
    for weak in weaks
    for strong in strongs
]


def test_the_stronger_operator_binds_first():
    for weak, strong in PAIRS:
        stronger = s.Binary(strong, B, C)
        assert parse_expression(f"A {weak} B {strong} C") == s.Binary(weak, A, stronger), (weak, strong)
        assert parse_expression(f"B {strong} C {weak} A") == s.Binary(weak, stronger, A), (weak, strong)


def test_operators_of_a_row_group_from_the_left():
    for row in ROWS:
        for first in row:
            for second in row:
                expected = s.Binary(second, s.Binary(first, A, B), C)
                assert parse_expression(f"A {first} B {second} C") == expected, (first, second)


@pytest.mark.parametrize("unary", ["-", "not", "bnot"])
def test_a_unary_operator_is_weaker_than_formatting_and_stronger_than_the_rest(unary):
    for row in ROWS[:-1]:
        for operator in row:
            expected = s.Binary(operator, s.Unary(unary, A), s.Unary(unary, B))
            assert parse_expression(f"{unary} A {operator} {unary} B") == expected
    assert parse_expression(f"{unary} A$B") == s.Unary(unary, s.Binary("$", A, B))


@pytest.mark.parametrize(
    ("old", "new"),
    [("=", "=="), ("#", "!="), ("<>", "!="), ("[=]", "[==]"), ("[#]", "[!=]"), ("[<>]", "[!=]")],
)
def test_old_spellings(old, new):
    assert parse_expression(f"A{old}B") == parse_expression(f"A {new} B") == s.Binary(new, A, B)


def test_values_of_documented_expressions():
    """The documentation's own examples of how numbers and texts are joined, which show the grouping."""

    def value(tree):
        if not isinstance(tree, s.Binary):
            return tree.value
        left, right = value(tree.left), value(tree.right)
        if tree.operator == "*":
            return left * right
        return f"{left}{right}" if isinstance(left, str) or isinstance(right, str) else left + right

    assert value(parse_expression("'Text ' + 3.1 * 2")) == "Text 6.2"
    assert value(parse_expression("3.1 + 2 + ' Text'")) == "5.1 Text"
    assert value(parse_expression("3.1 + (2 + ' Text')")) == "3.12 Text"


def call(name, *arguments, **more):
    return s.Call(name, arguments, **more)


@pytest.mark.parametrize(
    ("lines", "tree"),
    [
        (["* a comment "], s.Comment(" a comment")),
        (["   *"], s.Comment("")),
        (["    *write_image (A, 'png', 0, B) \\"], s.Comment("write_image (A, 'png', 0, B) \\")),
        (["// another"], s.Comment(" another")),
        ([""], s.Blank()),
        (["  \t"], s.Blank()),
        (["#^^ exported"], s.ExportedCode("^^ exported")),
        (["X := 1 // why"], s.Assign(X, ONE, note="why")),
        (["T[0] := 1"], s.Assign(s.Index(T, ZERO), ONE)),
        (["T[1,3] := 'abc'"], s.Assign(s.Index(T, s.Tuple((ONE, THREE))), s.String("abc"))),
        (["T[0:2] := 1"], s.Assign(s.Range(T, ZERO, TWO), ONE)),
        (["V.at(1).at(0) := [1]"], s.Assign(s.Element(s.Element(V, ONE), ZERO), s.Tuple((ONE,)))),
        (["D.key := X"], s.Assign(s.Access(D, s.String("key")), X)),
        (["D.['a b'][1] := X"], s.Assign(s.Index(s.Access(D, s.String("a b")), ONE), X)),
        (["stop := 1"], s.Assign(s.Variable("stop"), ONE)),
        (["dev_update_off ()"], call("dev_update_off")),
        (["f(A,B , 1)"], call("f", A, B, ONE)),
        (["f // alone"], call("f", note="alone")),
        (["f (A, \\", "   B)   // both"], call("f", A, B, note="both")),
        (["f (A, \\  \n   B)"], call("f", A, B)),
        (["f (V.at(0), D.image, _)"], call("f", s.Element(V, ZERO), s.Access(D, s.String("image")), s.Variable("_"))),
        (["V.clear()"], s.Execute(s.MethodCall(V, "clear", ()))),
        (["throw ([A,1])"], s.Throw(s.Tuple((A, ONE)))),
        (["break"], s.Break()),
        (["break ()"], s.Break()),
        (["continue"], s.Continue()),
        (["return ()"], s.Return()),
        (["return"], s.Return()),
        (["stop ()"], s.Stop()),
        (["exit()"], s.Exit()),
        (["global tuple X"], s.Global("tuple", "X")),
        (["global object vector(2) X"], s.Global("object", "X", 2)),
        (["global def tuple X"], s.Global("tuple", "X", 0, True)),
        (["global tuple vector"], s.Global("tuple", "vector")),
        (["par_start <X> : f (A, B)"], s.ParStart(X, call("f", A, B))),
        (["par_start<T[1]>:f()"], s.ParStart(s.Index(T, ONE), call("f"))),
        (["par_start <V.at(0)> : f (A) // x"], s.ParStart(s.Element(V, ZERO), call("f", A), note="x")),
        (["par_join ([A,B])"], s.ParJoin(s.Tuple((A, B)))),
        (["import C:/procedures//common"], s.Import("C:/procedures//common")),
        (["import .\\lib.hdpl "], s.Import(".\\lib.hdpl")),
        (["import := 1"], s.Assign(s.Variable("import"), ONE)),
        (["if (A)", "endif"], s.If((s.Branch(A, ()),))),
        (["if (A) and (B)", "endif"], s.If((s.Branch(s.Binary("and", A, B), ()),))),
        (["ifelse (A)", "else", "endif"], s.If((s.Branch(A, ()),), s.Otherwise(()))),
        (
            ["if (A) // 1", "f ()", "elseif (B) // 2", "* two", "elseif (C)", "else // 4", "", "endif // 5"],
            s.If(
                (
                    s.Branch(A, (call("f"),), note="1"),
                    s.Branch(B, (s.Comment(" two"),), note="2"),
                    s.Branch(C, ()),
                ),
                s.Otherwise((s.Blank(),), note="4"),
                end_note="5",
            ),
        ),
        (
            ["for X := 0 to |T| - 1 by 2", "f ()", "endfor"],
            s.For(X, ZERO, s.Binary("-", s.Length(T), ONE), TWO, (call("f"),)),
        ),
        (["for X := 3 to 0 by -1 // down", "endfor"], s.For(X, THREE, ZERO, MINUS_ONE, (), note="down")),
        (["for X := 1 to 3", "endfor"], s.For(X, ONE, THREE, ONE, ())),
        (["for (X := 1 to 3 by 2)", "endfor"], s.For(X, ONE, THREE, TWO, ())),
        (["while (A)", "break", "endwhile"], s.While(A, (s.Break(),))),
        (["repeat", "f ()", "until (A > 1) // done"], s.Repeat((call("f"),), s.Binary(">", A, ONE), end_note="done")),
        (
            ["switch (A)", "* all", "case 1:", "case -1: // or less", "f ()", "break", "default:", "endswitch"],
            s.Switch(
                A,
                (s.Comment(" all"),),
                (s.Case(ONE, ()), s.Case(MINUS_ONE, (call("f"), s.Break()), note="or less"), s.Case(None, ())),
            ),
        ),
        (["try", "f ()", "catch (X)", "throw (X)", "endtry"], s.Try((call("f"),), s.Catch(X, (s.Throw(X),)))),
        (["try", "catch", "endtry"], s.Try((), s.Catch(None, ()))),
    ],
)
def test_statements(lines, tree):
    assert parse_procedure(lines) == (tree,)


def test_no_lines_are_no_statements():
    assert parse_procedure([]) == ()


def test_each_statement_knows_its_line():
    """Counted by hand; the third entry holds two lines, as a continued statement of a file does."""
    first, _, third, branch, last = parse_procedure(
        [
            "* one",
            "",
            "f (A, \\\n   B)",
            "if (A)",
            "  g ()",
            "elseif (B)",
            "  h ()",
            "else",
            "  i ()",
            "endif",
            "stop ()",
        ]
    )
    assert [first.line, third.line, branch.line, last.line] == [1, 3, 5, 12]
    assert [part.line for part in branch.branches] == [5, 7]
    assert [part.body[0].line for part in branch.branches] == [6, 8]
    assert (branch.otherwise.line, branch.otherwise.body[0].line) == (9, 10)


def test_line_is_no_part_of_equality_but_the_note_is():
    assert parse_procedure(["", "f ()"])[1] == parse_procedure(["f ()"])[0]
    assert parse_procedure(["f () // a"]) != parse_procedure(["f ()"])


@pytest.mark.parametrize(("line", "note"), [("return ())", ")"), ("  stop( )）", "）"), ("exit () 'x", "'x")])
def test_what_stands_behind_a_complete_statement_is_kept_as_a_note(line, note):
    """HDevelop runs such lines; it never looked at what stands behind."""
    (statement,) = parse_procedure([line])
    assert type(statement) in (s.Return, s.Stop, s.Exit)
    assert statement.note == note


def test_windows_line_ends():
    assert parse_procedure(["f (A, \\\r\n B)\r", "* x\r"]) == (call("f", A, B), s.Comment(" x"))


EXPRESSION_ERRORS = [
    ("", "line 1, column 1: expected a value; got the end of the statement"),
    ("1 +", "line 1, column 4: expected a value; got the end of the statement"),
    ("A B", "line 1, column 3: expected an operator or the end; got 'B'"),
    ("(1", "line 1, column 3: expected an operator or ')'; got the end of the statement"),
    ("f(1 2)", "line 1, column 5: expected an operator, ',' or ')'; got '2'"),
    ("[1,]", "line 1, column 4: expected a value; got ']'"),
    ("[1", "line 1, column 3: expected an operator, ',' or ']'; got the end of the statement"),
    ("T[]", "line 1, column 3: expected an index; got ']'"),
    ("T[1:2", "line 1, column 6: expected an operator or ']'; got the end of the statement"),
    ("|T", "line 1, column 3: expected an operator or '|'; got the end of the statement"),
    ("A.1", "line 1, column 2: expected an operator or the end; got '.1'"),
    ("A.", "line 1, column 3: expected a key or an operation behind the point; got the end of the statement"),
    ("V.at()", "line 1, column 5: expected one index for .at(); got 0"),
    ("V.at(1, 2)", "line 1, column 5: expected one index for .at(); got 2"),
    ("dict{1: 2}", "line 1, column 6: expected a key; got '1'"),
    ("dict{a 2}", "line 1, column 8: expected ':'; got '2'"),
    ("dict{a: 2 b: 3}", "line 1, column 11: expected ',' or '}'; got 'b'"),
    ("A and or B", "line 1, column 7: expected a value; got 'or'"),
    ("'abc", "line 1, column 1: expected a text that ends with a single quote; got none before the end of the line"),
    ("'abc\\'", "line 1, column 1: expected a text that ends with a single quote; got none before the end of the line"),
    ('f("x")', "line 1, column 3: expected a text in single quotes; got a double quote"),
    ("A ? B", "line 1, column 3: expected a name, a number, a text or an operator; got '?'"),
    (
        "A \\ B",
        "line 1, column 3: expected a backslash at the end of the line only, to continue it; got more behind it",
    ),
    ("1 + \\\n  )", "line 2, column 3: expected a value; got ')'"),
    ("A\nB", "line 2, column 1: expected the end; got a second line (a backslash continues a line)"),
    ("1" * 23, "line 1, column 1: expected an integer of at most 64 bits; got one of 23 digits"),
    ("1e999", "line 1, column 1: expected a real number of at most 1.8e308; got a larger one"),
    ("A " + "X" * 60, f"line 1, column 3: expected an operator or the end; got '{'X' * 37}...'"),
]


@pytest.mark.parametrize(("text", "message"), EXPRESSION_ERRORS)
def test_errors_of_expressions(text, message):
    with pytest.raises(DLSyntaxError) as caught:
        parse_expression(text)
    assert str(caught.value) == message


PROCEDURE_ERRORS = [
    (["X Y"], "line 1, column 3: expected ':=' or '('; got 'Y'"),
    (["T[0]"], "line 1, column 5: expected ':='; got the end of the statement"),
    (["X = 1"], "line 1, column 3: expected ':=' or '('; got '='"),
    (["T[0] = 1"], "line 1, column 6: expected ':='; got '='"),
    (["", "f (A) g"], "line 2, column 7: expected ':=' or the end of the statement; got 'g'"),
    (["f() := 1"], "line 1, column 1: expected a variable, or part of one, left of ':='; got another expression"),
    (["[A,B] := 1"], "line 1, column 1: expected a variable, or part of one, left of ':='; got another expression"),
    (["X := 1 2"], "line 1, column 8: expected an operator or the end of the statement; got '2'"),
    (
        ["if (A)", "f ()"],
        "line 2, column 5: expected 'elseif' or 'else' or 'endif' for the 'if' of line 1; got the end of the procedure",
    ),
    (
        ["if (A)", "endwhile"],
        "line 2, column 1: expected 'elseif' or 'else' or 'endif' for the 'if' of line 1; got 'endwhile'",
    ),
    (
        ["if (A)", "else", "elseif (B)", "endif"],
        "line 3, column 1: expected 'endif' for the 'if' of line 1; got 'elseif'",
    ),
    (
        ["while (A)", "  for X := 1 to 2 by 1", "endwhile"],
        "line 3, column 1: expected 'endfor' for the 'for' of line 2; got 'endwhile'",
    ),
    (["endif"], "line 1, column 1: expected a statement; got 'endif' (no block is open here that it belongs to)"),
    (["for X = 1 to 2"], "line 1, column 7: expected ':='; got '='"),
    (["for X := 1 until 2"], "line 1, column 12: expected an operator or 'to'; got 'until'"),
    (["for 3 := 1 to 2"], "line 1, column 5: expected a loop variable; got another expression"),
    (["try", "endtry"], "line 2, column 1: expected 'catch' for the 'try' of line 1; got 'endtry'"),
    (["try", "catch (1)", "endtry"], "line 2, column 8: expected a variable for the exception; got another expression"),
    (["repeat", "until"], "line 2, column 6: expected a value; got the end of the statement"),
    (["switch (A)", "case 1 2:", "endswitch"], "line 2, column 8: expected an operator or ':'; got '2'"),
    (["switch (A)", "default 2", "endswitch"], "line 2, column 9: expected ':'; got '2'"),
    (["global X"], "line 1, column 8: expected 'def', 'tuple' or 'object'; got 'X'"),
    (["global tuple vector(X) Y"], "line 1, column 21: expected the dimension of the vector, a number; got 'X'"),
    (["par_start X : f ()"], "line 1, column 11: expected '<'; got 'X'"),
    (["par_start <X> f ()"], "line 1, column 15: expected ':'; got 'f'"),
    (["par_start <X> : A"], "line 1, column 17: expected a call; got another expression"),
    (["import"], "line 1, column 7: expected a folder or file to import; got the end of the statement"),
    (["stop (1)"], "line 1, column 7: expected ')'; got '1'"),
    (["break 2"], "line 1, column 7: expected the end of the statement; got '2'"),
]


@pytest.mark.parametrize(("lines", "message"), PROCEDURE_ERRORS)
def test_errors_of_procedures(lines, message):
    with pytest.raises(DLSyntaxError) as caught:
        parse_procedure(lines)
    assert str(caught.value) == message


def test_errors_begin_with_where():
    with pytest.raises(DLSyntaxError) as caught:
        parse_procedure(["", "X Y"], "inspect.hdev, procedure main")
    assert caught.value.where == "inspect.hdev, procedure main, line 2, column 3"


DEEP = "expected brackets, operators and blocks less deeply nested; got too deep a nesting"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9999,
        "[" * 9999,
        "{" * 9999,
        "|" * 9999,
        "-" * 9999,
        "not " * 9999,
        "f(" * 9999,
        "dict{a:" * 9999,
        "T[" * 9999,
        "T{" * 9999,
        "D.[" * 9999,
        "V.at(" * 9999,
        "1" + "+1" * 9999,
        "A" + ".b" * 9999,
        "A" + "[0]" * 9999,
        "A" + " or (B" * 9999,
    ],
)
def test_deep_nesting_is_an_error_not_a_crash(text):
    with pytest.raises(DLSyntaxError) as caught:
        parse_expression(text)
    assert str(caught.value).endswith(DEEP)


@pytest.mark.parametrize("line", ["if (A)", "while (A)", "repeat", "for X := 1 to 2", "try", "switch (A)"])
def test_deep_blocks_are_an_error_not_a_crash(line):
    with pytest.raises(DLSyntaxError) as caught:
        parse_procedure([line] * 9999)
    assert str(caught.value).endswith(DEEP)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 40 + "1" + ")" * 40,
        "f(" * 45 + "1" + ")" * 45,
        "'a'" + " + X" * 190,
        "-" * 45 + "1",
        "T[" * 24 + "1" + "]" * 24,
    ],
)
def test_what_is_allowed_can_be_walked(text):
    tree = parse_expression(text)
    assert parse_expression(print_expression(tree)) == tree
    hash(tree)


def test_many_lines_and_long_tuples_are_no_depth():
    assert len(parse_expression("[" + ",".join("1" * 50_000) + "]").elements) == 50_000
    lines = ["if (A)"] + ["elseif (B)"] * 2000 + ["endif"] * 1
    assert len(parse_procedure(lines * 3)) == 3


CLASSICAL = [
    "* Count dark screws on a bright belt, judge each by its length.",
    "dev_update_off ()",
    "dev_close_window ()",
    "ImageFiles := []",
    "list_image_files ('images/screws', 'default', ['recursive','follow_links'], ImageFiles)",
    "tuple_regexp_select (ImageFiles, ['\\\\.(tif|png)$','ignore_case'], ImageFiles)",
    "MinLength := 12.5    // mm",
    "PixelSize := 0.05",
    "",
    "global tuple NumBad",
    "NumBad := 0",
    "for Index := 0 to |ImageFiles| - 1 by 1",
    "    try",
    "        read_image (Image, ImageFiles[Index])",
    "    catch (Exception)",
    "        if (Exception[0] = 5200 or Exception[0] # 5233)",
    "            continue",
    "        endif",
    "        throw (Exception)",
    "    endtry",
    "    rgb1_to_gray (Image, Gray)",
    "    get_image_size (Gray, Width, Height)",
    "    threshold (Gray, Dark, 0, min2(128, 255))",
    "    connection (Dark, Parts)",
    "    select_shape (Parts, Screws, ['area','anisometry'], 'and', [50,2.0], \\",
    "                  [99999,'max'])",
    "    count_obj (Screws, Number)",
    "    Lengths := gen_tuple_const(Number, -1.0)",
    "    for I := 1 to Number by 1",
    "        select_obj (Screws, Screw, I)",
    "        region_features (Screw, 'max_diameter', Diameter)",
    "        Lengths[I - 1] := Diameter * PixelSize",
    "    endfor",
    "    IsBad := Lengths [<] MinLength",
    "    NumBad := NumBad + sum(IsBad)",
    "    Text := 'Image ' + (Index + 1)$'03d' + ': ' + |Lengths| + ' screws, mean ' + mean(Lengths)$'.2f' + ' mm'",
    "    parse_filename (ImageFiles[Index], BaseName, Extension, Directory)",
    "    if (not (max(IsBad) > 0) and |Lengths| > 0)",
    "        Result := 'ok'",
    "    elseif (|Lengths| == 0)",
    "        Result := 'empty'",
    "    else",
    "        Result := 'nok'",
    "    endif",
    "    switch (sum(IsBad))",
    "    case 0:",
    "        Color := 'green'",
    "        break",
    "    case 1:",
    "    case 2:",
    "        Color := 'yellow'",
    "        break",
    "    default:",
    "        Color := 'red'",
    "    endswitch",
    "    Flags := (lsh(1, Index) bor 0x0f) band bnot 8",
    "    Short := BaseName{0:2}",
    "    Vec.at(Index) := {Lengths, [Result,Color]}",
    "endfor",
    "Tries := 0",
    "repeat",
    "    Tries := Tries + 1",
    "    par_start <ThreadID> : wait_seconds (0.1)",
    "    par_join (ThreadID)",
    "until (Tries >= 3)",
    "while (true)",
    "    break",
    "endwhile",
    "stop ()",
    "return ()",
    "",
]

ANOMALY = [
    "* Learn what good bottles look like, then find bad ones.",
    "set_system ('seed_rand', 73)",
    "RootDir := './data'",
    "GenParam := dict{image_sub_dirs: ['good','broken'], ['mask suffix']: '_mask'}",
    "read_dl_dataset_anomaly (RootDir + '/bottles', RootDir + '/labels', [], [], GenParam, DLDataset)",
    "split_dl_dataset (DLDataset, 50, 10, [])",
    "read_dl_model ('initial_dl_anomaly_medium.hdl', DLModelHandle)",
    "set_dl_model_param (DLModelHandle, 'image_size', [320,320])",
    "create_dl_preprocess_param_from_model (DLModelHandle, 'constant_values', 'full_domain', [], [], [], DLPreprocessParam)",
    "PreprocessSettings := dict{overwrite_files: true}",
    "preprocess_dl_dataset (DLDataset, './preprocessed', DLPreprocessParam, PreprocessSettings, DLDatasetFileName)",
    "Indices := [0:|DLDataset.samples| - 1]",
    "read_dl_samples (DLDataset, Indices, DLSampleBatch)",
    "for Index := 0 to |DLSampleBatch| - 1 by 1",
    "    DLSample := DLSampleBatch[Index]",
    "    Image := DLSample.image",
    "    threshold (Image, Region, 'min', 1.5)",
    "    reduce_domain (Image, Region, ImageReduced)",
    "    DLSample.image := ImageReduced",
    "endfor",
    "create_dl_train_param (DLModelHandle, 15, [], 'true', 73, 'anomaly', dict{error_threshold: 0.001}, DLTrainParam)",
    "train_dl_model (DLDataset, DLModelHandle, DLTrainParam, 0, TrainResults, TrainInfos, EvaluationInfos)",
    "compute_dl_anomaly_thresholds (DLModelHandle, DLDataset, dict{}, SegmentationThreshold, ClassificationThresholds)",
    "MetaData.anomaly_segmentation_threshold := SegmentationThreshold$'.16e'",
    "Confusion := EvaluationResult.absolute_confusion_matrix[|ClassificationThresholds| - 1].confusion_matrix",
    "gen_dl_samples_from_images (Image, DLSample)",
    "apply_dl_model (DLModelHandle, DLSample, [], DLResult)",
    "if (DLResult.anomaly_class == 'nok' and DLResult.anomaly_score >= number(MetaData.['threshold']))",
    "    dev_disp_text (['score',DLResult.anomaly_score$'.3f'], 'window', 'top', 'left', 'red', [], [])",
    "endif",
]


@pytest.mark.parametrize("program", [CLASSICAL, ANOMALY], ids=["classical", "anomaly"])
def test_programs(program):
    body = parse_procedure(program)
    printed = print_procedure(body)
    assert parse_procedure(printed) == body
    assert print_procedure(parse_procedure(printed)) == printed


def test_a_program_in_detail():
    body = parse_procedure(CLASSICAL)
    loop = next(statement for statement in body if isinstance(statement, s.For))
    assert (loop.line, loop.target) == (12, s.Variable("Index"))
    assert [type(statement).__name__ for statement in loop.body][:3] == ["Try", "Call", "Call"]
    select = next(x for x in loop.body if isinstance(x, s.Call) and x.name == "select_shape")
    assert (select.line, len(select.arguments)) == (25, 6)
    assert body[6].note == "mm"
    (switch,) = (x for x in loop.body if isinstance(x, s.Switch))
    assert [case.value for case in switch.cases] == [ZERO, ONE, TWO, None]


PIECES = [
    "A",
    "1",
    "'x'",
    ".5",
    "0x1",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "|",
    ",",
    ":",
    ".",
    ":=",
    "==",
    "[<]",
    "-",
    "$",
    "not",
    "and",
]
PIECES += [
    "dict{",
    "if",
    "else",
    "endif",
    "for",
    "to",
    "by",
    "endfor",
    "case",
    "try",
    "catch",
    "par_start",
    "<",
    ">",
    "global",
    "*",
]
PIECES += [
    "import",
    "//",
    "\\\n",
    "\n",
    "'",
    "#",
    "until",
    "repeat",
    "switch",
    "endswitch",
    "default",
    "endtry",
    "throw",
    "é",
    "٣",
]


def tree_or_error(parse, text):
    """The one or the other; any other exception fails the test."""
    try:
        return parse(text)
    except DLError as error:
        assert type(error) is DLSyntaxError
        assert error.where.startswith("line ")
        return None


def unreadable(*lines):
    """The lines that are not understood, with their texts; all others must be."""
    body = parse_readable(lines)
    return {
        statement.line: statement.text for statement in walk_statements(body) if isinstance(statement, s.Unreadable)
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["if (X)", "Y := 1", "endif"], {}),
        (["X := 1", "endfor", "Y := 2"], {2: "endfor"}),  # as a genuine program has it
        (["for I := 0 to 2 by 1", "if (I)", "X := I", "endfor"], {2: "if (I)"}),
        (["if (X)", "endwhile", "else", "endif"], {2: "endwhile"}),
        (["X := 1", "while (X)", "Y := 2"], {2: "while (X)"}),
        (["  X := := 2  ", "Y := 1"], {1: "X := := 2"}),
        (["Y := 1", "f (X, \\\n  'abc)", "Y := 2", "A ? B"], {2: "f (X, \\\n  'abc)", 5: "A ? B"}),
        (["Y := 1", "f (X, \\", "  'abc)", "Y := 2"], {2: "f (X, \\\n  'abc)"}),
        (["* a path: C:\\", "'", "Y := 1"], {2: "'"}),
        (["if (X", "Y := 1", "endif"], {1: "if (X", 3: "endif"}),
    ],
)
def test_what_cannot_be_understood_is_left_as_it_is(lines, expected):
    assert unreadable(*lines) == expected


def test_why_a_line_cannot_be_understood():
    (statement,) = parse_readable(["X := := 2"])
    assert statement == s.Unreadable("X := := 2", "expected a value; got ':='")


def test_what_is_no_program_is_an_error_all_the_same():
    lines = ["Dear reader,"] * 50
    assert len(unreadable(*lines)) == 50
    with pytest.raises(DLSyntaxError, match=r"^letter\.txt, line 51, column 6: "):
        parse_readable([*lines, "Dear reader,"], "letter.txt")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)), max_size=12))
def test_any_lines_can_be_read_so(lines):
    body = parse_readable(lines)
    assert parse_readable(print_procedure(body)) is not None
    assert (tree_or_error(parse_procedure, lines) is None) == bool(unreadable(*lines))


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_text_is_a_tree_or_an_error(text):
    expression = tree_or_error(parse_expression, text)
    if expression is not None:
        assert parse_expression(print_expression(expression)) == expression
    body = tree_or_error(parse_procedure, text.split("\n"))
    if body is not None:
        printed = print_procedure(body)
        assert parse_procedure(printed) == body
        assert print_procedure(parse_procedure(printed)) == printed
