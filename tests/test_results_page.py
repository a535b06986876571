"""The results page says what results.json holds, goals included."""

import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "docs"))

import make_results  # noqa: E402
from make_results import Goal, anything, at, number, results_page, words  # noqa: E402

SPEED = {
    "command": "python benchmarks/speed.py",
    "date": "2026-01-31",
    "machine": {"cpu": "A Processor", "cores": 2, "threads": 1, "python": "3.11.7"},
    "versions": {"dlproc": "0.1.0", "torch": "2.13.0"},
    "figures": {
        "threads": 1,
        "import_s": 0.002,
        "medium": {"apply_ms": 11.8, "batch_1": {"decode_ms": 1.5, "apply_over_limit": 2.5}},
        "large": {"apply_ms": 14.2, "batch_1": {"decode_ms": 1.5, "apply_over_limit": 3.25}},
    },
}


def test_the_page_is_made_from_the_results():
    assert make_results.PAGE.read_text(encoding="utf-8") == results_page(), "run python docs/make_results.py"


def test_goals_are_said_plainly():
    page = results_page({"speed": SPEED})
    assert "| `medium`, one image over the limit of this machine's arithmetic: at most 3 | 2.50 | reached |" in page
    assert "| `large`, the same: at most 3 | 3.25 | **not reached** |" in page
    assert "| peak memory at most half (the worst set) | – | not measured |" in page


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (0.5, True, "reached"),
        (0.5, False, "reached"),
        (0.4999, True, "**not reached**"),
        (0.51, False, "**not reached**"),
    ],
)
def test_a_goal_that_is_just_met_is_reached(value, at_least, verdict):
    goal = Goal("gpu", "a goal", lambda figures: at(figures, "share"), 0.5, at_least)
    assert goal.row({"gpu": {"figures": {"share": value}}}) == f"| a goal | {value:.4f} | {verdict} |"


def test_the_worst_set_decides():
    a = {"fit_times_faster": 30.0, "apply_times_faster": 2.5, "memory_share": 0.2, "auroc_gained": 0.01}
    b = {"fit_times_faster": 24.0, "apply_times_faster": 3.0, "memory_share": 0.6, "auroc_gained": 0.0}
    figures = {"patches": 2000, "packages": {}, "sets": {"a": a, "b": b}}
    rows = [goal.row({"versus_anomalib": {"figures": figures}}) for goal in make_results.GOALS[12:16]]
    assert rows == [
        "| fit at least 25 times faster than anomalib (the worst set) | 24.0 | **not reached** |",
        "| one image at least 2 times faster (the worst set) | 2.50 | reached |",
        "| peak memory at most half (the worst set) | 0.6000 | **not reached** |",
        "| image AUROC on no set lower (the smallest gain) | 0.0000 | reached |",
    ]


def test_a_section_says_where_its_figures_are_from():
    page = results_page({"speed": SPEED})
    assert (
        "\n`python benchmarks/speed.py` · 2026-01-31 · A Processor, 2 cores, threads: 1, Python 3.11.7 · "
        "dlproc 0.1.0, torch 2.13.0\n"
    ) in page
    assert "|  | medium, batch 1 | large, batch 1 |\n|---|---|---|\n| decode, ms | 1.50 | 1.50 |\n" in page
    assert "| `apply_dl_model`, the same, ms | 11.8 | 14.2 |\n" in page


def test_what_was_not_measured_says_so():
    page = results_page({"speed": SPEED})
    assert (
        "## Accuracy\n\nTrained on all good images of a set, with the defaults, at 256 × 256.\n\nNot measured.\n"
        in page
    )


def test_a_benchmark_that_the_page_does_not_know_is_shown():
    page = results_page({"new_one": {"command": "python benchmarks/new.py", "figures": {"peak_memory_mb": 12}}})
    expected = "## new one\n\n`python benchmarks/new.py`\n\n| | |\n|---|---|\n| peak memory, MB | 12 |\n"
    assert page.endswith(expected)


def test_figures_that_are_alike_share_a_table():
    figures = {"medium": {"onnx": {"ms": 3.0}, "torch": {"ms": 7.25, "parity": 0.0}}}
    assert anything(figures) == [
        "|  | ms | parity |",
        "|---|---|---|",
        "| medium, ONNX | 3.00 | – |",
        "| medium, torch | 7.25 | 0.000 |",
        "",
    ]


def test_figures_that_are_not_alike_stand_under_headings():
    assert anything({"drift": {"found": 1}, "light": {"gray": 2}}) == [
        "### drift", "", "| | |", "|---|---|", "| found | 1 |", "", "",
        "### light", "", "| | |", "|---|---|", "| gray | 2 |", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (True, "yes"), (20000, "20,000"), (0.96449, "0.964"), (-0.0036, "-0.004"), (2.456, "2.46"),
     (11.84, "11.8"), (1347.57, "1,348"), (2.2e-6, "2.2e-06"), (0.0, "0.000"), ([1, 2.5], "1, 2.50"), ("a|b", "a\\|b")],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("key", "text"),
    [("train_peak_memory_mb", "train peak memory, MB"), ("image_auroc", "image AUROC"), ("seconds", "seconds"),
     ("magnetic_tile", "magnetic_tile"), ("`apply_dl_model`, ms", "`apply_dl_model`, ms"), ("ms", "ms")],
)  # fmt: skip
def test_words(key, text):
    assert words(key) == text


def test_the_curve_is_drawn(tmp_path):
    row = {"draws": 2, "image_auroc": {"mean": 0.9, "min": 0.8, "max": 1.0}, "pixel_auroc": None}
    make_results.draw_few_good({"sets": {"aws_cookie": {"1": row, "2": row}}}, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
