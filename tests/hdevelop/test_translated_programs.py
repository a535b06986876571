"""Whole programs, translated and run: their variables and files are those that the interpreter finds without it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn import programs
from hypothesis import HealthCheck, given, settings
from interpreter import run, run_body
from reference import VectorValue, agree
from test_interpreter import LANGUAGE

import dlproc as dl
from dlproc.hdevelop import syntax
from dlproc.hdevelop.files import Interface, read_hdevelop
from dlproc.hdevelop.names import snake_case
from dlproc.hdevelop.program import Procedure, Program, read_program, walk_statements
from dlproc.hdevelop.run import run_hdevelop, with_values
from dlproc.hdevelop.translate import translate

PROGRAMS = Path(__file__).parent / "programs"
REPOSITORY = Path(__file__).parents[2]


def variables_of(translation):
    """Run a translated program; the variables of its main at the end, and global ones."""
    code = compile(translation.text, "translated.py", "exec")
    namespace = {"__name__": "translated"}
    exec(code, namespace)  # noqa: S102 - our own text
    found = {}

    def at_return(frame, event, argument):
        if event == "return" and frame.f_code.co_name == "main" and frame.f_code.co_filename == "translated.py":
            found.update(frame.f_locals)

    sys.setprofile(at_return)
    try:
        namespace["main"]()
    finally:
        sys.setprofile(None)
    return {**{name: value for name, value in namespace.items() if not callable(value)}, **found}


def compared(expected, found, loop_variables=()):
    """Assert that both have the same variables with the same values; indices of loops are what they are."""
    for name, value in expected.items():
        names = [python for python in (snake_case(name), f"{snake_case(name)}_") if python in found]
        if names or name not in loop_variables:
            assert names, f"{name} is missing"
            if name not in loop_variables:
                assert same(value, found[names[0]]), f"{name}: {found[names[0]]!r}, not {value!r}"


def same(expected, found):
    if hasattr(expected, "dtype"):
        return np.array_equal(expected, found)
    if isinstance(expected, VectorValue):
        return len(expected.elements) == len(found) and all(map(same, expected.elements, found))
    if isinstance(expected, dict):
        return list(expected) == list(found) and all(same(expected[key], found[key]) for key in expected)
    if isinstance(expected, list):
        elements = list(found) if isinstance(found, list | tuple) else [found]  # of one object: it, or a list of it
        return len(expected) == len(elements) and all(map(same, expected, elements))
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(expected, bool | int | float | str):
        return agree([int(expected) if isinstance(expected, bool) else expected], found)
    return expected == found or type(expected) is type(found)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_drawn_programs(body):
    main = Procedure("main", "drawn.hdev", Interface(), body, is_main=True)
    found = variables_of(translate(Program(Path("drawn.hdev"), "24.11", (main,))))
    loops = {
        statement.target.name
        for statement in walk_statements(body)
        if isinstance(statement, syntax.For) and isinstance(statement.target, syntax.Variable)
    }
    compared(run_body(body), found, loops)


@pytest.fixture(scope="module")
def language():
    return variables_of(translate(read_program(PROGRAMS / "language.hdev")))


@pytest.mark.parametrize("name", sorted(LANGUAGE))
def test_the_language(name, language):
    compared({name: LANGUAGE[name]}, language)


@pytest.fixture
def at_cells(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(cells, tmp_path / "cells")
    return tmp_path


def as_script(translation):
    """Run the port as a person would, with Python."""
    Path("port.py").write_text(translation.text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "port.py"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_anomaly_workflow(at_cells):
    """Interpreter, ``dlproc run`` and the ported script: the same classes, scores to the last digit, areas."""
    program = PROGRAMS / "anomaly_workflow.hdev"
    expected = run(read_hdevelop(program), changes={"OutputDir": "out"})
    truth = Path("out/results.csv").read_text(encoding="utf-8")
    translation = run_hdevelop(program, {"OutputDir": "out_run"}, figures="figures")
    assert Path("out_run/results.csv").read_text(encoding="utf-8") == truth
    as_script(translation)
    assert Path("out_run/results.csv").read_text(encoding="utf-8") == truth
    assert truth.count("nok") == expected["Tally"][0]["nok"] > 0
    assert translation.unknown == ()
    names = {path.name for path in Path("figures").iterdir()}
    assert {"evaluation_001.png", "dl_data_001.png"} <= names
    # What the port left behind is read by dlproc as well.
    assert dl.read_dict("out_run/model_final_dl_preprocess_params.hdict")["image_width"] == 128


@pytest.mark.parametrize("name", ["anomaly_old_style", "dark_spots"])
def test_other_programs(name, at_cells):
    libraries = [read_hdevelop(PROGRAMS / file) for file in ("describe_spots.hdvp", "cell_tools.hdpl")]
    expected = run(read_hdevelop(PROGRAMS / f"{name}.hdev"), libraries if name == "dark_spots" else [])
    for made in Path.cwd().iterdir():
        if made.name != "cells":
            shutil.rmtree(made) if made.is_dir() else made.unlink()
    dl.set_system("seed_rand", 42)
    found = variables_of(translate(read_program(PROGRAMS / f"{name}.hdev")))
    loops = {key for key in expected if key in ("I", "Index", "J")}
    compared({key: value for key, value in expected.items() if key not in ("Exception", "ThreadIDs")}, found, loops)


def test_values_replace_the_first_assignment_only(tmp_path):
    program = read_program(PROGRAMS / "language.hdev")
    changed = with_values(program, {"Last": "5"})
    assert variables_of(translate(changed))["times"] == 5
    assert variables_of(translate(program))["times"] == 3


def test_unknown_operators_are_named_with_their_lines():
    translation = translate(read_program(PROGRAMS / "unknown.hdev"))
    assert [(use.line, use.name) for use in translation.unknown] == [
        (7, "create_shape_model"),
        (8, "get_shape_model_contours"),
        (11, "find_shape_model"),
        (13, "vector_angle_to_rigid"),
        (15, "affine_trans_contour_xld"),
        (19, "clear_shape_model"),
    ]
    for use in translation.unknown:
        assert f"# TODO port: {use.name} (line {use.line})\n" in translation.text
