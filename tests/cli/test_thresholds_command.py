"""``dlproc thresholds``: the table, what is stored, and what is left alone."""

import os
import re
import shutil
from pathlib import Path

import pytest

import dlproc as dl


@pytest.fixture
def part(model_file, tmp_path, monkeypatch):
    """A model file that a test may rewrite."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(model_file, "part.hdl")
    return "part.hdl"


def stored(file):
    return dl.get_dl_model_param(dl.read_dl_model(file), "meta_data")


def held_out(workflow, dataset_label=None):
    """The workflow's dataset as the command shares it out: half of the good images that were not trained on."""
    samples = [dict(s) for s in workflow.dataset["samples"]]
    dl.split_dl_dataset({"samples": [s for s in samples if s["split"] != "train"]}, 0, 50, {"overwrite_split": True})
    return {**workflow.dataset, "samples": samples}


@pytest.mark.parametrize(
    ("options", "gen_param"),
    [
        ([], {"method": "halcon"}),
        ([], {"method": "zero_miss"}),
        (["--confidence", "0.9"], {"method": "conformal", "confidence": 0.9}),
        (["--target-fpr", "0.25"], {"method": "target_fpr", "target_fpr": 0.25}),
        (["--miss-cost", "5", "--false-alarm-cost", "2", "--defect-rate", "0.1"],
         {"method": "min_cost", "miss_cost": 5, "false_alarm_cost": 2, "defect_rate": 0.1}),
    ],
    ids=lambda value: value.get("method") if isinstance(value, dict) else "",
)  # fmt: skip
def test_stores_what_the_procedure_computes(dlproc, part, workflow, cells, options, gen_param):
    code, out, _ = dlproc("thresholds", part, cells, "--method", gen_param["method"], *options)
    assert code == 0
    meta_data = dict(workflow.model.parameters["meta_data"])
    try:
        segmentation, classification = dl.compute_dl_anomaly_thresholds(workflow.model, held_out(workflow), gen_param)
        expected = workflow.model.parameters["meta_data"]
        assert stored(part) == expected
    finally:
        workflow.model.parameters["meta_data"] = meta_data
    assert out.splitlines()[-3:] == [
        f"threshold of the image, {gen_param['method']}: {classification[-1]:.4f}",
        f"threshold of the pixels: {segmentation:.4f}",
        f"stored: {part}",
    ]


def test_the_table(dlproc, part, workflow, cells):
    _, out, err = dlproc("thresholds", part, cells, "--method", "conformal", "--dry-run")
    lines = out.splitlines()
    assert lines[0] == "12 good images and 8 defective, none of them trained on"
    assert re.fullmatch(r"method +threshold +false alarms +missed +cost", lines[2])
    points = dl.estimate_dl_operating_points(workflow.model, held_out(workflow))["operating_points"]
    for point in points:
        name = point["method"] + (f" {point['target_fpr']:g}" if point["target_fpr"] else "")
        threshold = "-" if point["threshold"] is None else f"{point['threshold']:.4f}"
        (row,) = [line for line in lines if re.match(rf"{re.escape(name)} +(\d\.\d{{4}}|-) ", line)]
        assert re.match(rf"{re.escape(name)} +{threshold} ", row)
        assert f"{name}: {point['promise']}" in lines
    assert (
        "cost: mean of an image, with 10 for a miss, 1 for a false alarm; defective: as many as in these images"
        in lines
    )
    assert err.splitlines()[-2:] == ["Comparing thresholds", "Computing thresholds"]


def test_dry_run_leaves_the_file(dlproc, part, cells):
    before = Path(part).read_bytes()
    code, out, _ = dlproc("thresholds", part, cells, "--method", "max_f1", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, f"not stored: {part}")
    assert Path(part).read_bytes() == before


def test_more_than_the_images_allow(dlproc, part, cells):
    before = Path(part).read_bytes()
    code, out, err = dlproc("thresholds", part, cells, "--method", "conformal", "--target-fpr", "0.01")
    assert code == 2
    assert "conformal 0.01" in out  # the table shows what there is
    # ln 0.05 / ln 0.99 = 298.07: 299 good images, and 12 are there
    assert re.fullmatch(
        rf"dlproc: error: {re.escape(str(cells))}: expected enough images for method 'conformal'; .*"
        r"you need 287 more good images for 1 % at 95 % confidence.*",
        err.splitlines()[-1],
    )
    assert Path(part).read_bytes() == before


def test_wrong_options(dlproc, part, cells, paint):
    assert dlproc("thresholds", part, cells)[2].startswith(
        "dlproc: error: the following arguments are required: --method (see"
    )
    _, _, err = dlproc("thresholds", part, cells, "--method", "target_fpr", "--target-fpr", "2")
    assert err.splitlines()[-1].startswith("dlproc: error: --target-fpr")
    one = paint({"good/1.png": (64, 64), "bad/1.png": (64, 64)}, "one")
    _, _, err = dlproc("thresholds", part, one, "--method", "halcon")
    assert err.splitlines()[-1] == (
        f"dlproc: error: {one}: expected at least 2 good images that the model was not trained on; got 1"
    )


def test_a_model_whose_name_cannot_be_written_again(dlproc, part, cells):
    Path(part).rename("part.model")
    assert dlproc("thresholds", "part.model", cells, "--method", "halcon") == (
        2,
        "",
        "dlproc: error: part.model: expected a model file whose name ends in .hdl, to be written again; got part.model\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_a_link(dlproc, part, cells):
    Path("link.hdl").symlink_to(part)
    assert dlproc("thresholds", "link", cells, "--method", "max_f1", "--quiet")[0] == 0
    assert Path("link.hdl").is_symlink()
    assert stored(part)["anomaly_threshold_method"] == "max_f1"
