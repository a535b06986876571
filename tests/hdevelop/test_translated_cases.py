"""Translated programs leave in the variables of main what the interpreter leaves there."""

import sys
from pathlib import Path

import pytest
from interpreter import _Interpreter, run, run_body
from reference import agree

from dlproc.errors import DLParamError
from dlproc.hdevelop import syntax
from dlproc.hdevelop.files import Interface, Parameter, read_hdevelop
from dlproc.hdevelop.names import snake_case
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.program import Procedure, Program, read_program, walk_statements
from dlproc.hdevelop.translate import translate

PROGRAMS = Path(__file__).parent / "programs"


def program(body, *others):
    return Program(Path("drawn.hdev"), "24.11", (Procedure("main", "drawn.hdev", Interface(), body, True), *others))


def variables_of_main(text):
    """What the Python program's main has in its variables at its end, and the globals."""
    found, namespace = {}, {"__name__": "ported"}

    def at_return(frame, event, _):
        if event == "return" and (frame.f_code.co_filename, frame.f_code.co_name) == ("ported.py", "main"):
            found.update(frame.f_locals)

    exec(compile(text, "ported.py", "exec"), namespace)  # noqa: S102 - our own text
    sys.setprofile(at_return)
    try:
        namespace["main"]()
    finally:
        sys.setprofile(None)
    return namespace | found


def compare(expected, translation, names=None):
    got = variables_of_main(translation.text)
    for name in expected if names is None else names:
        value = next(got[key] for key in (f"{snake_case(name)}_", snake_case(name)) if key in got)
        assert agree(expected[name], value), f"{name}: {value}, not {expected[name]}\n{translation.text}"


def test_the_language():
    expected = run(read_hdevelop(PROGRAMS / "language.hdev"))
    read = read_program(PROGRAMS / "language.hdev")
    statements = walk_statements(read.main.body)
    counters = {part.target.name for part in statements if isinstance(part, syntax.For)}  # not kept behind a loop
    compare(expected, translate(read), expected.keys() - counters - {"Thrown"})  # errors have texts of their own


#: Programs of main, with the variables that are compared.
MAINS = {
    "names that translated programs use themselves": (
        "Steps Replaced Inserted ExceptionTuple Y Z V Caught",
        """
        Steps := 3
        Replaced := 4
        Inserted := 2
        ExceptionTuple := 5
        Y := 0.0
        for X := 0 to 2.0 by 0.5
            Y := Y + X
        endfor
        Z := Steps
        V := {1,2}
        V.insert(0, Inserted)
        V.at(1) := Replaced
        try
            throw (7)
        catch (Caught)
        endtry
        """,
    ),
    "a last value that changes": (
        "T N I A B J",
        """
        T := [1,2,3]
        N := 0
        for I := 0 to |T| - 1 by 1
            T := [T,5]
            I := I + 0
            N := N + 1
            if (N > 9)
                break
            endif
        endfor
        A := 4
        for J := 0 to A by 1
            A := 2
        endfor
        B := J
        """,
    ),
    "a first value that changes": (
        "L I A",
        """
        N := 2
        L := []
        for I := N to 5 by 1
            L := [L,I]
            N := 9
        endfor
        A := I
        """,
    ),
    "a last value in a dictionary": (
        "I A",
        """
        D := dict{n: 3}
        for I := 0 to D.n by 1
            D.n := 1
        endfor
        A := I
        """,
    ),
    "steps that are computed, in both directions": (
        "L I K A",
        """
        S := -2
        L := []
        for I := 5 to 0 by S
            L := [L,I]
        endfor
        A := I
        S := 2
        for K := 5 to 0 by -S
            L := [L,K]
            S := 1
        endfor
        A := [A,K]
        """,
    ),
    "counting up to a real": (
        "L S M Y A",
        """
        Last := 3.0
        L := []
        for X := 0 to Last by 1
            L := [L,X / 2]
            S := 'x' + X
        endfor
        M := 0
        for Y := 0 to Last by 1
            M := M + Y / 2
        endfor
        A := Y
        """,
    ),
    "a vector that becomes shorter": (
        "V I A",
        """
        V := {1,2,3}
        for I := 0 to V.length() - 1 by 1
            V.remove(0)
        endfor
        A := I
        """,
    ),
    "parts of tuples in dictionaries, without the key": (
        "D X Y Z N",
        """
        D := dict{one: 4, several: [1,2]}
        D.rows[0] := 5
        D.columns[2] := 7
        D.names[[1,3]] := ['a','b']
        D.part[1:3] := 0.5
        D.one[0] := 5
        D.several[0] := 9
        D.several[3] := 8
        D.one[|D.one|] := 6
        K := 'computed'
        D.[K][1] := 3
        D.inner := dict{}
        D.inner.value := 1
        D.inner.rows[1] := 2
        X := D.rows
        Y := D.one
        Z := D.inner.rows
        N := |D.columns|
        """,
    ),
    "parts of vectors that are shorter": (
        "V W U N",
        """
        V.at(1).at(1) := 3
        V.at(0).at(2) := ['a','b']
        V.at(0).at(2) := ['a','c']
        W.at(1)[2] := 7
        W.at(1)[0:1] := 4
        U.at(1).insert(0, 5)
        N := V.at(0).length()
        """,
    ),
    "a global variable that is read first": (
        "G H A B N",
        """
        global tuple G
        global tuple H
        global tuple A
        N := |H|
        G := [G,1]
        H := 5
        A[2] := 'a'
        B := [G,H]
        """,
    ),
    "a global vector": (
        "N",
        """
        global tuple vector(1) V
        V.at(1) := 5
        N := V.length()
        """,
    ),
    "continue where the loop's variable is changed": (
        "L I",
        """
        L := []
        for I := 0 to 5 by 1
            if (I == 2)
                I := 3
                continue
            endif
            L := [L,I]
        endfor
        """,
    ),
}


@pytest.mark.parametrize("name", MAINS)
def test_main(name):
    names, text = MAINS[name]
    body = parse_procedure(text.strip("\n").splitlines())
    compare(run_body(body), translate(program(body)), names.split())


def test_a_global_variable_counts_a_loop():
    count = parse_procedure(["global tuple G", "for G := 0 to 3 by 1", "X := G", "endfor", "return ()"])
    body = parse_procedure(["global tuple G", "G := 0", "count ()", "A := G"])
    translation = translate(program(body, Procedure("count", "drawn.hdev", Interface(), count)))
    assert variables_of_main(translation.text)["a"] == 4


#: What procedure `change` does with the global G, the lines of main, and what the Python program says of G.
GLOBALS = {
    "set in a procedure, then read": ("G := 5", ["change ()", "A := [G,1]"], "g = 5\n"),
    "joined in a procedure": ("G := [G,5]", ["change ()", "A := [G,1]"], "g = [*g, 5]\n"),
    "set only if something holds": ("G := 5", ["if (A == 2)", "change ()", "endif", "A := [G,1]"], "g = [5]\n"),
    "set in both branches": ("X := G", ["if (A == 2)", "G := 1", "else", "G := 2", "endif", "change ()"], "g = 1\n"),
    "set by an operator": ("tuple_sort (A, G)", ["change ()", "A := G"], "g = "),
    "set in one case": (
        "X := G",
        ["switch (A)", "case 1:", "G := 1", "endswitch", "change ()", "A := |G|"],
        "g = [1]\n",
    ),
    "returned from before it is set": ("G := 5", ["leave (1)", "A := |G|"], "g = [5]\n"),
    "counted by a loop": ("X := G", ["for G := 1 to 2 by 1", "change ()", "endfor", "A := G"], "g = 1\n"),
    "read by a procedure that another calls": ("again ()", ["change ()", "G := 1", "A := G"], "g = [1]\n"),
}


@pytest.mark.parametrize("name", GLOBALS)
def test_a_global_variable_is_empty_at_first(name):
    statement, lines, written = GLOBALS[name]
    change = parse_procedure(["global tuple G", "A := 1", statement, "return ()"])
    again = parse_procedure(["global tuple G", "N := |G|", "return ()"])
    leave = parse_procedure(["global tuple G", "if (X == 1)", "return ()", "endif", "G := 5", "return ()"])
    others = [
        Procedure("change", "drawn.hdev", Interface(), change),
        Procedure("again", "drawn.hdev", Interface(), again),
        Procedure("leave", "drawn.hdev", Interface(control_inputs=(Parameter("X"),)), leave),
    ]
    body = parse_procedure(["global tuple G", "A := 1", *lines])
    translation = translate(program(body, *others))
    interpreter = _Interpreter([], {})
    interpreter.procedures = {one.name: one for one in others}
    interpreter.bodies = {one.name: one.body for one in others} | {"main": body}
    compare(interpreter.main(), translation, ["A"])
    assert written in translation.text
    assert "\ng = []\n" in translation.text


def test_operators_that_select_are_written_as_indices():
    lines = ["T := [5,6,7]", "I := 1", "tuple_select (T, I, X)", "tuple_select_range (T, 0, I, R)"]
    lines += ["tuple_find (T, 6, J)", "tuple_select (T, J, Y)", "tuple_select (T, I - 2, Z)"]
    text = translate(program(parse_procedure(lines[:-1]))).text
    for line in ("x = t[i]", "r = t[: i + 1]", "y = dl.tuple_select(t, j)"):
        assert f"    {line}\n" in text
    assert (variables_of_main(text)["x"], variables_of_main(text)["r"], variables_of_main(text)["y"]) == (
        6,
        [5, 6],
        [6],
    )
    with pytest.raises(DLParamError, match=r"^tuple_select\(index\): expected an index from 0 to 2; got -1$"):
        variables_of_main(translate(program(parse_procedure(lines))).text)


def test_a_global_object_is_empty_at_first():
    body = parse_procedure(["global object O", "count_obj (O, N)"])
    assert variables_of_main(translate(program(body)).text)["n"] == 0


def test_several_results_go_to_keys_of_one_dictionary():
    body = parse_procedure(
        [
            "gen_rectangle1 (Region, 1, 2, 3, 5)",
            "D := dict{}",
            "NewD := 7",
            "area_center (Region, D.area, D.row, D.column)",
        ]
    )
    got = variables_of_main(translate(program(body)).text)
    assert got["d"] == {"area": 12, "row": 2.0, "column": 3.5}
    assert got["new_d"] == 7


def test_gray_values_of_a_colour_image_are_several():
    body = parse_procedure(
        [
            "gen_image_const (Image, 'byte', 4, 4)",
            "compose2 (Image, Image, Both)",
            "get_grayval (Both, 1, 1, Grays)",
            "N := |Grays|",
        ]
    )
    assert variables_of_main(translate(program(body)).text)["n"] == 2


def test_a_tuple_of_one_image_is_an_image_in_a_dictionary():
    body = parse_procedure(
        [
            "gen_empty_obj (Image)",
            "gen_image_const (Image, 'byte', 100, 80)",
            "create_dict (DLSample)",
            "set_dict_object (Image, DLSample, 'image')",
            "create_dl_preprocess_param ('anomaly_detection', 64, 32, 3, -127, 128, 'none', 'full_domain', [], [], [], "
            "[], Param)",
            "preprocess_dl_samples (DLSample, Param)",
            "get_dict_object (Small, DLSample, 'image')",
            "get_image_size (Small, Width, Height)",
        ]
    )
    got = variables_of_main(translate(program(body)).text)
    assert (got["width"], got["height"]) == (64, 32)


def test_keys_of_foreign_dictionaries_can_be_anything():
    lines = [
        """json_to_dict ('{"class_names": "ok", "recall": 0.5}', [], [], D)""",
        "N := |D.class_names|",
        "Name := D.class_names[0]",
        "R := D.recall[0] * 2",
    ]
    got = variables_of_main(translate(program(parse_procedure(lines))).text)
    assert (got["n"], got["name"], got["r"]) == (1, "ok", 1.0)
