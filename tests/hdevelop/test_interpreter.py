"""The interpreter, and with it the programs in the folder `programs`: what they compute was found without it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from drawn import programs
from hypothesis import HealthCheck, given, settings
from interpreter import run, run_body
from PIL import Image
from reference import VectorValue
from scipy import ndimage

from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.printer import print_procedure

PROGRAMS = Path(__file__).parent / "programs"

#: What ``language.hdev`` leaves in its variables, worked out by hand from HDevelop's reference.
LANGUAGE = {
    "Passes": [1, 2, 3],
    "AfterLoop": [4],
    "AfterNoPass": [5],
    "AfterBreak": [6],
    "Skipping": [0, 3, 6, 9],
    "Times": [3],
    "Halves": [0.0, 0.5, 1.0],
    "Odd": [1, 3, 5],
    "Seen": [1, 3, 4],
    "Path": ["(ab)(b)(cC)(c)(d(e)"],
    "T": [1, 2, 3],
    "U": [9, 2, 3],
    "Grown": [7, 0, 0, 8],
    "New": ["first", "second"],
    "Many": ["x", 0, "y", 0, 4, 0],
    "Nested": [1, 2, 3, 2, 3],
    "Picked": [0, 0, 0],
    "Count": [8],
    "Quotients": [3, -3, 3.5, -1, 1],
    "Texts": ["3a", "a12", "b0.1", "c1.0", "d1", "e1", "e2"],
    "Formats": ["007", "3.14", "  ab|", "ff", "-1.5|"],
    "Part": ["omaa"],
    "Equal": [1, 0, 0, 1, 1, 1],
    "Masked": [20, 30],
    "Truth": [1, 0, 1, 0],
    "List": [99, 2],
    "D": [{"number": 42, "list": [1, 5], "inner": {"deep": "xy"}, "some key": [2, 2]}],
    "Keys": ["number", "list", "inner", "some key"],
    "KeyExists": [1, 0],
    "Done": [3],
    "Unset": [],
    "Numbers": [42, 7],
    "V": VectorValue([[0, 5], [1], [2, 3]]),
    "W": VectorValue([]),
    "VectorLength": [3, 3],
    "VectorAll": [0, -1, 1, -1, 2, 3, -1],
    "Inner": [0, 5],
    "Both": VectorValue([[9, 9], [2, 3], ["new"], [1], [2]]),
    "Corner": [3, 4, 6, 2],
    "CaughtText": ["text"],
    "CaughtTuple": [30005, "inner", "more"],
    "CaughtIndex": [1],
    "Counter": [12],
    "LocalCounter": ["mine"],
    "Factorial": [120],
    "One": [2],
    "Two": [1],
}


@pytest.fixture
def at_cells(cells, tmp_path, monkeypatch):
    """A working folder with the solar cells in ``cells``, as the programs expect them."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(cells, tmp_path / "cells")
    return cells


@pytest.mark.parametrize("name", sorted(LANGUAGE))
def test_the_language(name):
    variables = run(read_hdevelop(PROGRAMS / "language.hdev"))
    assert variables[name] == LANGUAGE[name]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_drawn_program_is_printed_read_and_does_the_same(body):
    read = parse_procedure(print_procedure(body))
    assert read == body
    assert repr(run_body(read)) == repr(run_body(body))


def test_settings_can_be_changed():
    variables = run(read_hdevelop(PROGRAMS / "language.hdev"), changes={"Last": 5})
    assert variables["Times"] == [5]


def _areas_of_dark_spots(file):
    """The same with scipy: a 3 x 3 square is a circle of radius 1.5."""
    image = np.asarray(Image.open(file))
    opened = ndimage.binary_opening(image <= int(0.6 * image.mean()), np.ones((3, 3)))
    labels, n = ndimage.label(opened, np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    return sorted(int(a) for a in areas if 40 <= a <= 20000)


def test_dark_spots(at_cells):
    libraries = [read_hdevelop(PROGRAMS / name) for name in ("describe_spots.hdvp", "cell_tools.hdpl")]
    variables = run(read_hdevelop(PROGRAMS / "dark_spots.hdev"), libraries)
    files = sorted((at_cells / "defective").iterdir())[:4]
    expected = [_areas_of_dark_spots(file) for file in files]
    assert [sorted(areas) for areas in variables["AreasOfImages"].elements] == expected
    pooled = sorted((area for areas in expected for area in areas), reverse=True)
    assert variables["AllAreas"] == pooled
    assert variables["Sizes"] == [
        sum(a < 200 for a in pooled),
        sum(200 <= a < 1000 for a in pooled),
        sum(a >= 1000 for a in pooled),
    ]
    assert variables["Codes"][1:] == [31002, 30003]
    assert variables["First"] + variables["Second"] == pytest.approx([2.5, sum(pooled) / len(pooled)])
    lines = Path("dark_spots.txt").read_text().splitlines()
    assert lines[:2] == ["images;4", f"spots;{len(pooled)}"]
    assert lines[-1] == "sizes;" + " ".join(map(str, variables["Sizes"]))


def test_the_anomaly_workflow(at_cells):
    variables = run(read_hdevelop(PROGRAMS / "anomaly_workflow.hdev"), changes={"OutputDir": "out"})
    assert variables["Counts"] == [8, 24]
    assert variables["Tally"][0]["not readable"] == 1
    classes = variables["Classes"]
    assert (variables["Tally"][0]["ok"], variables["Tally"][0]["nok"]) == (classes.count("ok"), classes.count("nok"))
    threshold = variables["AnomalyClassificationThreshold"][0]
    scores = [np.float32(score) for score in variables["Scores"]]
    assert classes == ["nok" if score >= np.float32(threshold) else "ok" for score in scores]
    assert variables["MeanRecall"][0] > 0.8
    lines = Path("out/results.csv").read_text().splitlines()
    assert lines[0] == "file;class;score;area"
    assert lines[-1] == "not_there;error 5200;;"
    assert [line.split(";")[1] for line in lines[1:-1]] == classes


def test_the_workflow_of_the_old_style(at_cells):
    variables = run(read_hdevelop(PROGRAMS / "anomaly_old_style.hdev"))
    assert variables["Quality"] == ["a first try"]
    assert variables["Right"][0] + variables["Wrong"][0] == len(variables["TestIndices"])
    assert variables["Accuracy"][0] > 70
    assert variables["Message"][1] == f"Regions: {sum(variables['NumRegions'])}"
    assert all(0 <= pixel <= 300 for pixel in variables["Boxes"])
