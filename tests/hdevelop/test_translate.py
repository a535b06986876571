"""Whole programs in Python: any program gives valid Python, and statements do what HDevelop's do."""

import ast
import warnings
from pathlib import Path

import pytest
from drawn_trees import NAMES, STATEMENTS, several
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlproc.hdevelop import port_report
from dlproc.hdevelop.differences import Check
from dlproc.hdevelop.files import Interface, Parameter
from dlproc.hdevelop.parser import parse_procedure, parse_readable
from dlproc.hdevelop.program import Procedure, Program
from dlproc.hdevelop.translate import translate
from dlproc.hdevelop.values import HDevelopException

QUIET = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def program(*procedures, path="drawn.hdev"):
    return Program(Path(path), "24.11", procedures)


def main(body):
    return Procedure("main", "drawn.hdev", Interface(), body, is_main=True)


@QUIET
@given(several(STATEMENTS, 4), several(STATEMENTS, 3), st.lists(NAMES, unique=True, max_size=4), NAMES)
def test_any_program_gives_valid_python(body, local, parameters, name):
    inputs, outputs = parameters[:2], parameters[2:]
    interface = Interface(control_inputs=tuple(map(Parameter, inputs)), control_outputs=tuple(map(Parameter, outputs)))
    procedures = [main(body)]
    if name != "main":
        procedures.append(Procedure(name, "drawn.hdev", interface, local))
    translation = translate(program(*procedures))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # 3[0] is drawn too
        compile(translation.text, "drawn.py", "exec")
    assert len(translation.sources) == translation.text.count("\n")


PIECES = ["if (X)", "elseif (Y)", "else", "endif", "for I := 1 to 3 by 1", "endfor", "while (X)", "endwhile", "break"]
PIECES += ["repeat", "until (X)", "switch (X)", "case 1:", "default:", "endswitch", "try", "catch (E)", "endtry"]
PIECES += [
    "continue",
    "return ()",
    "X := := 1",
    "Y := 'a",
    "f (X, \\\n  Y",
    "X := 1",
    "f (X, Y)",
    "* text",
    "\u2028",
    "?\n",
]


@QUIET
@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_lines_in_any_order_give_valid_python(lines):
    """What cannot be understood, and blocks that do not end or begin, are left to port."""
    translation = translate(program(main(parse_readable(lines))))
    compile(translation.text, "drawn.py", "exec")
    assert len(translation.sources) == translation.text.count("\n")


def test_a_line_that_cannot_be_understood():
    translation = translate(program(main(parse_readable(["X := 1", "endfor", "f (X, \\", "  Y"]))))
    assert "    # TODO port: endfor (line 2)\n    # endfor\n    raise NotImplementedError(" in translation.text
    assert "    # TODO port: f (line 3)\n    # f (X, \\\n    # Y\n    raise NotImplementedError(" in translation.text
    assert translation.report().splitlines()[1:] == [
        "  to port: main, line 2: endfor cannot be understood: expected a statement; got 'endfor'",
        "  to port: main, line 3: f cannot be understood: expected an operator, ',' or ')'; got the end of the statement",
    ]


def test_the_report_says_what_differs_in_the_calls_of_the_program(monkeypatch):
    checks = {
        "sobel_amp": Check("second library", "scipy.ndimage", "Only `'sum_abs'`: [more](page.md)."),
        "threshold": Check("reference text", "", ""),
        "skeleton": Check("not checked", "", "By scikit-image."),
        "boundary": Check("worked example", "", "As `skeleton`."),
        "tuple_rand": Check("not checked", "", ""),
        "dev_update_off": Check("not checked", "", "No effect."),
    }
    monkeypatch.setattr(port_report, "CHECKS", checks)
    monkeypatch.setattr(
        port_report, "REMARKS", {"Filters": "Mirrored at the border. And more.", "Segmentation": "Fast."}
    )
    lines = [
        "dev_update_off ()",
        "sobel_amp (Image, Amplitude, 'sum_abs', 3)",
        "sobel_amp (Image, Amplitude, 'sum_abs', 5)",
        "skeleton (Region, Skeleton)",
        "boundary (Region, Border, 'inner')",
        "Value := rand(3)",
        "threshold (Image, Region)",
    ]
    text = translate(program(main(parse_procedure(lines)))).report()
    assert text.splitlines()[3:] == [
        "  differs, all of 'Filters': Mirrored at the border.",
        "  differs: sobel_amp (line 2, line 3): Only 'sum_abs': more.",
        "  differs: skeleton (line 4): By scikit-image.",
        "  differs: boundary (line 5): By scikit-image.",
        "  not checked against HALCON: skeleton (line 4), tuple_rand (line 6)",
        "  to port: main, line 7: threshold is called otherwise than HALCON's "
        "threshold (Image : Region : MinGray, MaxGray : )",
    ]


def test_what_is_drawn_has_been_translated_too():
    """The test above would pass if everything were left to port."""
    body = parse_procedure(["X := 1", "if (X > 0)", "Y := X + 1", "endif"])
    assert "y = x + 1" in translate(program(main(body))).text


@pytest.mark.parametrize("text", ['1"""\nimport os\n"""', "24\\", '24"', " \u2028 24"])
def test_what_a_file_says_of_itself_stays_in_the_docstring(text):
    found = translate(Program(Path(f"{text}.hdev".replace("/", "")), text, (main(()),))).text
    tree = ast.parse(found)
    assert [type(statement).__name__ for statement in tree.body] == ["Expr", "Import", "FunctionDef", "If"]
    assert ast.get_docstring(tree).startswith("Ported from ")


def test_names_that_python_takes_for_the_same():
    body = parse_procedure(["\ufb01 := 1", "fi := 2", "Fi := 3"])  # the first is a ligature
    names = {node.id for node in ast.walk(ast.parse(translate(program(main(body))).text)) if isinstance(node, ast.Name)}
    assert {"fi", "fi_", "fi_2"} <= names


def functions_of(translation):
    """The functions of a translated program, by name."""
    names = {"__name__": "a_module"}
    exec(translation.text, names)  # noqa: S102 - our own text
    return names


def with_output(name, lines):
    interface = Interface(control_inputs=(Parameter("X"),), control_outputs=(Parameter("Y"),))
    return Procedure(name, "drawn.hdev", interface, parse_procedure(lines))


def test_the_value_of_a_switch_is_worked_out_once():
    lines = ["switch (int(rand(1)[0] * 0) + X)", "case 1:", "Y := 'one'", "break", "case 2:", "case 3:", "Y := 'more'"]
    lines += ["break", "default:", "Y := 'other'", "endswitch", "Case := Y"]  # `case` is taken
    translation = translate(program(main(parse_procedure(["f (1, Y)"])), with_output("f", lines)))
    assert translation.text.count("rand") == 1
    assert [functions_of(translation)["f"](x) for x in (1, 2, 3, 4)] == ["one", "more", "more", "other"]


def test_what_every_case_sets_needs_no_empty_tuple_first():
    def begins_empty(*lines):
        procedure = with_output("f", ["switch (X)", *lines, "endswitch"])
        translation = translate(program(main(parse_procedure(["f (1, Y)"])), procedure))
        return "y = []" in translation.text

    assert not begins_empty("case 1:", "Y := 'a'", "break", "default:", "Y := 'b'")
    assert not begins_empty("case 1:", "default:", "Y := 'b'", "break", "case 2:", "Y := 'c'")
    assert not begins_empty("case 1:", "Z := 1", "default:", "Y := 'b'")
    assert begins_empty("case 1:", "Y := 'a'", "break", "case 2:", "Y := 'b'")
    assert begins_empty("case 1:", "break", "default:", "Y := 'b'")
    assert begins_empty("case 1:", "if (X > 0)", "break", "endif", "Y := 1", "default:", "Y := 'b'")
    assert begins_empty("default:", "Y := 'b'", "break", "case 2:", "Z := 1")


def test_vectors_and_tuples_may_begin_as_results():
    """Nothing has been assigned to them before an operator or procedure gives one element."""
    lines = ["for I := 0 to 2 by 1", "f (I, Made.at(I))", "f (I, Filled[I])", "par_start <Thread> : f (I, Later.at(I))"]
    lines += ["endfor", "Text := 'm' + sum(Made.at(2)) + 'f' + sum(Filled) + 'l' + Later.length()", "throw (Text)"]
    translation = translate(program(main(parse_procedure(lines)), with_output("f", ["Y := 10 * X"])))
    with pytest.raises(Exception, match=r"^m20f30l3$"):
        functions_of(translation)["main"]()


def test_the_numbers_of_threads_can_be_put_into_a_tuple():
    lines = ["for I := 0 to 2 by 1", "par_start <Threads.at(I)> : f (I, Made.at(I))", "endfor"]
    lines += ["convert_vector_to_tuple (Threads, All)", "par_join (All)", "convert_vector_to_tuple (Made, Values)"]
    lines += [
        "convert_tuple_to_vector_1d (Values, 2, Pairs)",
        "throw (|All| + ' ' + sum(Pairs.at(0)) + ' ' + Pairs.at(1))",
    ]
    translation = translate(program(main(parse_procedure(lines)), with_output("f", ["Y := 10 * X"])))
    with pytest.raises(Exception, match=r"^3 10 20$"):
        functions_of(translation)["main"]()


def thrown(*lines):
    """What a program throws in its last line."""
    translation = translate(program(main(parse_procedure(list(lines)))))
    try:
        functions_of(translation)["main"]()
    except HDevelopException as error:
        return error.value
    raise AssertionError("nothing was thrown")


def test_what_is_negative_is_divided_as_hdevelop_does():
    """Towards zero; Python's // goes down."""
    lines = ["A := neg(7) / 2", "tuple_neg (7, B)", "tuple_sub (3, 10, C)", "D := -[7, 4]"]
    assert thrown(*lines, "throw ([A, B / 2, C / 2, C % 4, D[0] / 2])") == [-3, -3, -3, -3, -3]


def test_truth_among_numbers_is_written_as_a_number():
    lines = ["Ok := true", "if (rand(1) > 2)", "Ok := 5", "endif", "Ok2 := 5", "Ok2 := 1 == 1", "T := [true, 2]"]
    lines += ["D := dict{flag: true}", "D.flag := 3", "D.flag := false", "N := sum([1, 2] [>] 1)"]
    text = "'' + Ok + Ok2 + T[0] + D.flag + N + (true + true) + abs(true)"
    assert thrown(*lines, f"throw ({text})") == "1110121"


def test_the_operators_of_arithmetic_are_signs():
    lines = ["tuple_add (X, 2, Y)", "tuple_mult (Y, Y, Y)", "tuple_div (Y, 2.0, Y)"]
    text = translate(program(main(parse_procedure(["X := 1", *lines])))).text
    assert "y = x + 2" in text
    assert "y *= y" in text or "y = y * y" in text
    assert "tuple_" not in text


@pytest.mark.parametrize(
    "lines",
    [
        ["V.insert(0, V)"],  # no vector that HDevelop knows: its dimension would grow for ever
        ["A := 1", "V.at(0) := A", "A := V"],
        ["B := " + "|[" * 24 + "1" + ",1]|" * 24],  # each part is written once, not twice within each other
        ["B := " + "(" * 30 + "'a'" + "$'s')" * 30],
    ],
)
def test_what_could_take_for_ever(lines):
    assert translate(program(main(parse_procedure(lines)))).text.count("\n") > 5


def test_a_parameter_is_no_global_variable():
    interface = Interface(control_inputs=(Parameter("G"),), control_outputs=(Parameter("H"),))
    local = Procedure("change", "drawn.hdev", interface, parse_procedure(["global tuple G", "G := G + 1", "H := G"]))
    text = translate(program(main(parse_procedure(["change (1, X)"])), local)).text
    compile(text, "drawn.py", "exec")
    assert "global g\n" not in text


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (["for I := 0 to 1 by 1"], ["endfor"]),
        (["try", "Y := 1", "catch (E)"], ["endtry"]),
        (["switch (A)", "case 1:", "if (B)", "break", "endif"], ["endswitch"]),
    ],
)
def test_more_blocks_within_each_other_than_python_allows(begin, end):
    fine, too_many = (translate(program(main(parse_procedure([*begin * n, "X := 1", *end * n])))) for n in (9, 40))
    for translation in (fine, too_many):
        compile(translation.text, "drawn.py", "exec")
    assert fine.unknown == ()
    assert [use.name for use in too_many.unknown] == ["too many blocks within each other"]
