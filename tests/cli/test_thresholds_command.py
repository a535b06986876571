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


def test_without_a_method_all_rules_are_shown_and_nothing_is_stored(dlproc, part, cells, workflow):
    """The hint after training says that this shows what other rules promise."""
    before = Path(part).read_bytes()
    code, out, _ = dlproc("thresholds", part, cells, "--value", "0.3", "--dry-run")
    assert code == 0
    lines = out.splitlines()
    (row,) = [line for line in lines if line.startswith("set by hand ")]
    matrix = dl.evaluate_dl_model(
        workflow.dataset, workflow.model, "split", ["validation", "test"],
        {"measures": "absolute_confusion_matrix", "anomaly_classification_thresholds": [0.3]},
    )[0]["absolute_confusion_matrix"][0]["confusion_matrix"].astype(int)  # fmt: skip
    (_, missed), (rejected, _) = matrix
    assert row.split() == [
        *["set", "by", "hand", "0.3000"],
        str(rejected), f"({rejected / 12:.1%})", str(missed), f"({missed / 8:.1%})", "-",
    ]  # fmt: skip
    assert lines[-3:-1] == [
        "threshold of the image, set by hand: 0.3000",
        f"threshold of the pixels: {workflow.thresholds[0]:.4f}",
    ]
    code, out, _ = dlproc("thresholds", part, cells)
    shown = [line for line in lines if not line.startswith("set by hand")][:-3]
    assert out.splitlines() == [
        *shown,
        f"threshold of the image, halcon: {workflow.thresholds[1][-1]:.4f}",
        f"threshold of the pixels: {workflow.thresholds[0]:.4f}",
        "nothing stored: --method or --value does it",
    ]
    assert Path(part).read_bytes() == before


def test_thresholds_of_your_own(dlproc, part, cells, workflow):
    assert dlproc("thresholds", part, "--value", "0.45") == (
        0,
        "threshold of the image, set by hand: 0.4500\n"
        f"threshold of the pixels: {workflow.thresholds[0]:.4f}\n"
        "stored: part.hdl\n",
        "",
    )
    assert stored(part)["anomaly_classification_threshold"] == "0.45"
    assert not {"anomaly_threshold_promise", "anomaly_threshold_n_ok"} & set(stored(part))
    assert dlproc("thresholds", part, "--pixel-value", "0.5")[1] == (
        "threshold of the image, set by hand: 0.4500\nthreshold of the pixels, set by hand: 0.5000\nstored: part.hdl\n"
    )
    assert dlproc("thresholds", part)[1] == (
        "threshold of the image, set by hand: 0.4500\nthreshold of the pixels, set by hand: 0.5000\n"
        "nothing stored: --method or --value does it\n"
    )
    # info and evaluate say the same, and repeat no promise.
    _, out, _ = dlproc("info", part)
    assert re.search(r"of_image +0\.45\n +of_image_origin +set by hand\n +promise +none\n", out)
    assert re.search(r"of_pixels +0\.5\n +of_pixels_origin +set by hand\n", out)
    _, out, _ = dlproc("evaluate", part, cells)
    assert "with the threshold of the model, 0.4500 (set by hand):" in out.splitlines()


def test_a_threshold_that_a_script_put_into_the_meta_data(dlproc, part):
    """As a program of HALCON does it."""
    assert '"of_image_origin": "halcon", "promise": "No promise' in dlproc("info", part, "--json")[1]
    model = dl.read_dl_model(part)
    meta_data = dl.get_dl_model_param(model, "meta_data")
    meta_data["anomaly_classification_threshold"] = "0.123"  # the model's own dictionary
    assert "anomaly_threshold_promise" in meta_data
    dl.write_dl_model(model, part)
    out = dlproc("info", part, "--json")[1]
    assert '"of_image": "0.123", "of_image_origin": "set by hand", "promise": null' in out
    assert "anomaly_threshold_promise" not in out and "halcon" not in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--value", "nan"], "--value: expected a number >= 0; got nan"),
        (["--value", "-1"], "--value: expected a number >= 0; got -1.0"),
        (["--pixel-value", "1.5"], "--pixel-value: expected a number in [0, 1]; got 1.5"),
        (["--method", "halcon"], "--method: expected a FOLDER of images to compute it from; got none"),
        (["--target-fpr", "0.1"], "--target-fpr: expected a FOLDER of images to compute it from; got none"),
        (["x", "--method", "halcon", "--value", "1"], "--method and --value: expected one of both; got both"),
        (["x", "--miss-cost", "-1"], "--miss-cost: expected a number > 0; got -1.0"),
    ],
)
def test_options_that_do_not_go_together(dlproc, part, options, message):
    before = Path(part).read_bytes()
    code, out, err = dlproc("thresholds", part, *options)
    assert (code, out, err) == (2, "", f"dlproc: error: {message}\n")
    assert Path(part).read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_a_link(dlproc, part, cells):
    Path("link.hdl").symlink_to(part)
    assert dlproc("thresholds", "link", cells, "--method", "max_f1", "--quiet")[0] == 0
    assert Path("link.hdl").is_symlink()
    assert stored(part)["anomaly_threshold_method"] == "max_f1"
