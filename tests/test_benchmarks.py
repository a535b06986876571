"""What the figures of the benchmarks rest on."""

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlproc.features.backbone import read_backbone
from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.translate import translate_file
from dlproc.models.devices import first_device

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "benchmarks"))

import common  # noqa: E402
import operators  # noqa: E402
import porting  # noqa: E402
import robustness  # noqa: E402
import speed  # noqa: E402


def by_hand():
    """Multiply-adds of EfficientNet-Lite0 to stage 5 at 256 x 256, from the table of its stages."""
    total, side, n_in = 128 * 128 * 32 * 3 * 9, 128, 32  # the stem
    stages = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5)]
    for expansion, n_out, repeats, first_stride, kernel in stages:
        for repeat in range(repeats):
            n_wide = n_in * expansion
            total += side * side * n_in * n_wide if expansion > 1 else 0
            side //= first_stride if repeat == 0 else 1
            total += side * side * n_wide * (kernel * kernel + n_out)
            n_in = n_out
    return total


def test_the_multiply_adds_of_the_network_are_counted():
    model = SimpleNamespace(backbone=read_backbone("lite0", 5), device=first_device("cpu"))
    assert speed.multiply_adds(model) == by_hand() == 317_739_008  # the 318 million


def test_the_checks_of_operators_are_counted():
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert results["operators"]["figures"] == operators.counts(), "run python benchmarks/operators.py"


def test_the_command_of_a_result_names_no_folder_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["/x/speed.py", "--work", "out", "--data", str(tmp_path), "--draws", "3"])
    assert common._command() == "python benchmarks/speed.py --data FOLDER --draws 3"
    monkeypatch.setattr(sys, "argv", ["speed.py", "--data", "../shared/data", "--environment", "env"])
    assert common._command() == "python benchmarks/speed.py --data ../shared/data"


def test_peak_memory_is_seen_though_it_was_given_back():
    with common.PeakMemory() as memory:
        block = np.ones(100 << 20, np.uint8)
        time.sleep(0.1)
        del block
    assert 90e6 < memory.peak_bytes - memory.before_bytes < 200e6


def test_calls_take_turns():
    order = []
    common.interleaved_ms({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b"] * 5  # three rounds to warm up


def test_a_process_of_its_own_says_what_failed(tmp_path):
    (tmp_path / "good.py").write_text("print('words'); print('{\"a\": 1}')")
    (tmp_path / "bad.py").write_text("print('why'); raise SystemExit(3)")
    assert common.in_fresh_process(tmp_path / "good.py", []) == {"a": 1}
    with pytest.raises(SystemExit, match="ended with status 3:\nwhy"):
        common.in_fresh_process(tmp_path / "bad.py", [])


@pytest.fixture
def image():
    return np.random.Generator(np.random.PCG64(3)).integers(50, 200, (60, 100), np.uint8)


@pytest.mark.parametrize("seed", range(5))
def test_a_shift_moves_the_image(image, seed):
    moved = robustness.shifted(image, np.random.Generator(np.random.PCG64(seed)))
    assert moved.shape == image.shape
    places = [
        (row, column)
        for row in range(-3, 4)
        for column in range(-5, 6)
        if np.array_equal(moved[5:-5, 6:-6], np.roll(image, (row, column), (0, 1))[5:-5, 6:-6])
    ]
    assert len(places) == 1


@pytest.mark.parametrize("seed", range(5))
def test_squares_lie_at_the_border_and_leave_the_rest(image, seed):
    changed = robustness.squares(image, np.random.Generator(np.random.PCG64(seed)))
    different = (changed != image[:, :, None]).any(axis=2)
    assert 4 * 4 <= different.sum() <= 3 * 4 * 4  # 6 % of 60 pixels are 4
    assert not different[6:-6, 10:-10].any()


def test_brightness_is_linear_before_it_is_clipped(image):
    changed = robustness.brightness(image, np.random.Generator(np.random.PCG64(1))).astype(float)
    inside = (changed > 0) & (changed < 255)
    contrast, offset = np.polyfit(image[inside], changed[inside], 1)
    assert 0.8 <= contrast <= 1.2
    assert abs(offset - 128 * (1 - contrast)) <= 25.5
    assert np.abs(contrast * image[inside] + offset - changed[inside]).max() <= 0.6


def test_the_page_on_porting_is_made_from_the_results():
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    assert porting.PAGE.read_text(encoding="utf-8") == porting.page(results["porting"]["figures"])


def test_the_calls_of_a_program_are_counted():
    rows = porting.covered([porting.PROGRAMS / "unknown.hdev"])
    row = rows["unknown.hdev"]
    assert (row["halcon"], row["lines"], row["calls"], row["unknown"]) == ("22.11.0.0", 19, 13, 6)
    assert "find_shape_model" in row["unknown_names"]
    counted = porting.totals(rows)
    assert (counted["programs"], counted["complete"], counted["known"]) == (1, 0, 7)


def test_a_program_has_as_many_lines_as_were_asked_for(tmp_path):
    program = read_hdevelop(porting.synthetic(100, tmp_path)).procedures[0]
    assert len(program.lines) == 100
    assert translate_file(porting.synthetic(100, tmp_path)).unknown == ()


def test_three_forms_must_agree(tmp_path, monkeypatch):
    monkeypatch.setattr(porting, "called", lambda words: None)  # whole commands take seconds
    by_hand = "from pathlib import Path\n\n\ndef main(n, out):\n    Path(out).write_text(str(n + {}) + '\\n')\n"
    program = "\nopen_file (ResultFile, 'output', F)\nfwrite_string (F, N + 1 + '\\n')\nclose_file (F)"
    figures = porting.three_forms(program, by_hand.format(1), {"N": "4"}, (4,), tmp_path)
    assert figures["port_over_by_hand"] == pytest.approx(figures["port_ms"] / figures["by_hand_ms"])
    with pytest.raises(SystemExit, match="do not agree"):
        porting.three_forms(program, by_hand.format(2), {"N": "4"}, (4,), tmp_path)
