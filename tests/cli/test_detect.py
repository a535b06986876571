"""``dlproc detect``: decisions, forms of output, broken images, bounded memory."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import weakref
from pathlib import Path, PurePath

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.cli.detect import inspect
from dlproc.cli.images import NamedImage


@pytest.fixture
def broken(cells, tmp_path):
    """A folder with a good image between broken ones of every kind."""
    folder = tmp_path / "broken"
    folder.mkdir()
    whole = sorted((cells / "good").iterdir())[0]
    shutil.copy(whole, folder / "b.png")
    (folder / "a_truncated.png").write_bytes(whole.read_bytes()[:5000])
    (folder / "c_empty.png").touch()
    (folder / "d_text.png").write_text("no picture")
    return folder


SENSITIVE = 0.3  # a threshold of the pixels that gives regions on these few images


@pytest.fixture(scope="session")
def sensitive_file(workflow, tmp_path_factory):
    """The workflow's model with that threshold."""
    path = tmp_path_factory.mktemp("sensitive") / "cells.hdl"
    dl.write_dl_model(workflow.model, path)
    model = dl.read_dl_model(path)
    meta_data = dl.get_dl_model_param(model, "meta_data") | {"anomaly_segmentation_threshold": str(SENSITIVE)}
    dl.set_dl_model_param(model, "meta_data", meta_data)
    dl.write_dl_model(model, path)
    return path


def by_the_workflow(workflow, files):
    """Score, class and region by the library's own steps: the second source."""
    model = workflow.model
    param = dl.create_dl_preprocess_param_from_model(model)
    samples = dl.gen_dl_samples_from_images(dl.read_image(files))
    dl.preprocess_dl_samples(samples, param)
    results = dl.apply_dl_model(model, samples)
    dl.threshold_dl_anomaly_results(SENSITIVE, workflow.thresholds[1][-1], results)
    return results


def test_scores_are_those_of_the_workflow_to_the_last_bit(dlproc, sensitive_file, workflow, cells):
    code, out, err = dlproc("detect", sensitive_file, cells, "--json", "--quiet")
    records = [json.loads(line) for line in out.splitlines()]
    files = [str(path) for path in sorted(cells.rglob("*.png"))]
    assert [record["image"] for record in records] == files
    expected = by_the_workflow(workflow, files)
    assert [record["anomaly_score"] for record in records] == [result["anomaly_score"] for result in expected]
    assert [record["anomaly_class"] for record in records] == [result["anomaly_class"] for result in expected]
    assert any(record["covered_area"] > 0 for record in records)
    assert [record["covered_area"] for record in records] == [result["anomaly_region"].mean() for result in expected]
    assert {record["threshold"] for record in records} == {workflow.thresholds[1][-1]}
    assert all((r["decision"] == "reject") == (r["anomaly_class"] == "nok") for r in records)
    assert (code, err) == (1, "")
    # ... and so are those of the samples that preprocess_dl_dataset wrote to disk.
    stored = {s["image_file_name"]: i for i, s in enumerate(workflow.dataset["samples"])}
    for record in records[::5]:
        name = Path(record["image"]).relative_to(cells).as_posix()
        (result,) = dl.apply_dl_model(workflow.model, dl.read_dl_samples(workflow.dataset, stored[name]))
        assert result["anomaly_score"] == record["anomaly_score"]


@pytest.mark.parametrize("normalization_type", ["all_channels", "none", "constant_values"])
def test_the_preprocessing_is_that_of_the_training(dlproc, painted, model, tmp_path, normalization_type):
    if normalization_type == "none":
        dl.set_dl_model_param(model, "image_range_min", -1.0)
        dl.set_dl_model_param(model, "image_range_max", 3.0)
    if normalization_type == "constant_values":
        dl.set_dl_model_param(model, "mean_values_normalization", [100.0, 110.0, 120.0])
    param = dl.create_dl_preprocess_param_from_model(model, normalization_type)
    dl.preprocess_dl_dataset(painted, tmp_path / "data", param, {"show_progress": False})
    dl.train_dl_model(painted, model, {"display_param": {"enabled": False}})
    dl.compute_dl_anomaly_thresholds(model, painted)
    dl.write_dl_model(model, tmp_path / "model.hdl")
    _, out, _ = dlproc("detect", tmp_path / "model.hdl", painted["image_dir"], "--json")
    results = dl.apply_dl_model(model, dl.read_dl_samples(painted, range(len(painted["samples"]))))
    assert [json.loads(line)["anomaly_score"] for line in out.splitlines()] == [r["anomaly_score"] for r in results]


def test_lines_to_read(dlproc, model_file, cells, workflow, monkeypatch):
    monkeypatch.chdir(cells)
    (name,) = [sorted(p.name for p in Path("defective").iterdir())[0]]
    (result,) = by_the_workflow(workflow, [f"defective/{name}"])
    assert dlproc("detect", model_file, f"defective/{name}") == (
        1,
        f"reject  {result['anomaly_score']:.4f}  {Path('defective', name)}\n",
        "1 image: 1 rejected\n",
    )


def test_a_table(dlproc, model_file, cells):
    code, out, _ = dlproc("detect", model_file, cells / "good", "--csv", "--quiet")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 24
    assert list(rows[0]) == [
        "image",
        "decision",
        "anomaly_class",
        "anomaly_score",
        "threshold",
        "covered_area",
        "reasons",
        "overlay",
        "error",
    ]
    assert {row["decision"] for row in rows} <= {"accept", "reject"}
    assert code == int(any(row["decision"] == "reject" for row in rows))


def test_all_accepted_is_0(dlproc, model_file, cells, workflow):
    files = sorted((cells / "good").iterdir())
    accepted = [f for f, r in zip(files, by_the_workflow(workflow, files), strict=True) if r["anomaly_class"] == "ok"]
    code, out, err = dlproc("detect", model_file, *accepted[:3])
    assert code == 0
    assert out.count("accept") == 3
    assert err == "3 images: 3 accepted\n"


# ------------------------------------------------------------------------------------------------------ broken images


def test_a_broken_image_ends_the_run_and_is_named(dlproc, model_file, broken):
    code, out, err = dlproc("detect", model_file, broken / "b.png", broken / "c_empty.png", broken / "b.png")
    assert code == 2
    assert out.count("\n") == 1  # what was decided before is told
    assert (
        err
        == f"dlproc: error: {broken / 'c_empty.png'}: expected one complete image, grey or colour; got an empty file\n"
    )


def test_with_keep_going_broken_images_are_passed_over(dlproc, model_file, broken):
    code, out, err = dlproc("detect", model_file, broken, "--json", "--keep-going")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 2  # not inspected is not accepted
    assert [Path(record["image"]).name for record in records] == [
        "a_truncated.png",
        "b.png",
        "c_empty.png",
        "d_text.png",
    ]
    assert ["error" in record for record in records] == [True, False, True, True]
    assert set(records[0]) == {"image", "error"}
    assert records[3]["error"] == (
        f"{broken / 'd_text.png'}: expected one complete image, grey or colour; got a file of another kind, or damaged"
    )
    assert err.startswith("4 images: ")
    assert err.endswith("3 could not be inspected\n")


def test_broken_images_in_the_other_forms(dlproc, model_file, broken):
    _, out, _ = dlproc("detect", model_file, broken / "c_empty.png", "--keep-going")
    message = f"{broken / 'c_empty.png'}: expected one complete image, grey or colour; got an empty file"
    assert out == f"error   ------  {message}\n"
    _, out, _ = dlproc("detect", model_file, broken / "c_empty.png", "--keep-going", "--csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["decision"], row["error"]) == ("", message)


def test_an_image_that_cannot_be_preprocessed_is_named(dlproc, model_file, tmp_path):
    Image.fromarray(np.full((40, 40), 0.5, np.float32)).save(tmp_path / "float.tif")
    code, out, err = dlproc("detect", model_file, tmp_path / "float.tif")
    assert (code, out) == (2, "")
    assert err == (
        f"dlproc: error: {tmp_path / 'float.tif'}: expected gray values from 0 to 255; got float32, 0.5 to 0.5 "
        "(multiply an image of 0 to 1 by 255; do not preprocess a sample twice)\n"
    )


def test_what_is_not_there(dlproc, model_file, tmp_path):
    (tmp_path / "empty").mkdir()
    for name, message in {
        "none.png": "expected an image file; got no such file",
        "*.png": "expected a pattern that fits image files; got none that does",
        "empty": "expected a folder with images; got none in it or below",
    }.items():
        expected = f"{tmp_path / name}: {message}"
        assert dlproc("detect", model_file, tmp_path / name) == (2, "", f"dlproc: error: {expected}\n")
        code, out, _ = dlproc("detect", model_file, tmp_path / name, "--keep-going", "--json", "--quiet")
        assert (code, json.loads(out)) == (2, {"image": str(tmp_path / name), "error": expected})


def test_a_folder_named_on_standard_input_is_no_image(dlproc, model_file, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{tmp_path}\n"))
    code, _, err = dlproc("detect", model_file, "-")
    assert (code, err) == (2, f"dlproc: error: {tmp_path}: expected an image file; got a folder\n")


# -------------------------------------------------------------------------------------------------------------- models


def test_models_that_cannot_decide(dlproc, workflow, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert dlproc("detect", "initial_dl_anomaly_medium.hdl", "x.png") == (
        2,
        "",
        "dlproc: error: initial_dl_anomaly_medium.hdl: expected a trained model; got one that is not trained "
        "(dlproc train FOLDER -o MODEL trains one)\n",
    )
    dl.write_dl_model(workflow.model, "bare.hdl")
    model = dl.read_dl_model("bare.hdl")
    dl.set_dl_model_param(model, "meta_data", {})
    dl.write_dl_model(model, "bare.hdl")
    assert dlproc("detect", "bare.hdl", "x.png") == (
        2,
        "",
        "dlproc: error: bare.hdl: expected a model with 'anomaly_segmentation_threshold' in its meta_data; got none "
        "(dlproc thresholds bare.hdl FOLDER --method halcon computes it)\n",
    )
    dl.set_dl_model_param(
        model, "meta_data", {"anomaly_segmentation_threshold": "0.5", "anomaly_classification_threshold": "high"}
    )
    dl.write_dl_model(model, "bare.hdl")
    assert dlproc("detect", "bare.hdl", "x.png")[2].startswith(
        "dlproc: error: bare.hdl: 'anomaly_classification_threshold': expected a number as text; got 'high' ("
    )
    Path("text.hdl").write_text("no model")
    assert dlproc("detect", "text.hdl", "x.png") == (
        2,
        "",
        "dlproc: error: text.hdl: expected a file written by dlproc; got another file "
        "(files written by HALCON itself cannot be read; train anew: dlproc train FOLDER -o text.hdl)\n",
    )


def test_thresholds_of_other_scores_are_refused(dlproc, workflow, tmp_path, monkeypatch):
    """The factor was changed after the thresholds were computed: the scores are no longer those."""
    monkeypatch.chdir(tmp_path)
    dl.write_dl_model(workflow.model, "part.hdl")
    model = dl.read_dl_model("part.hdl")
    dl.set_dl_model_param(model, "standard_deviation_factor", 1.0)
    dl.write_dl_model(model, "part.hdl")
    assert dlproc("detect", "part.hdl", "x.png") == (
        2,
        "",
        "dlproc: error: part.hdl: expected thresholds that were computed with the model's standard_deviation_factor, 1.0; "
        "got with 3.0 (dlproc thresholds computes them anew)\n",
    )


# ----------------------------------------------------------------------------------------------------------- streaming


class Pixels(np.ndarray):
    """An array that can be watched."""


def test_no_more_than_a_batch_is_held(model, tmp_path, monkeypatch):
    """2,000 names, a stand-in for reading and scoring: what is alive when a result comes out is a batch at most."""
    alive, most = [], 0

    def read_image(path):
        image = np.zeros((64, 64), np.uint8).view(Pixels)
        nonlocal alive, most
        alive = [watched for watched in [*alive, weakref.ref(image)] if watched() is not None]
        most = max(most, len(alive))
        return image

    def apply(handle, samples):
        return [{"anomaly_image": np.zeros((64, 64), np.float32), "anomaly_score": 0.25} for _ in samples]

    monkeypatch.setattr("dlproc.io.images.read_image_file", read_image)
    monkeypatch.setattr(dl, "apply_dl_model", apply)
    dl.set_dl_model_param(model, "batch_size", 4)
    taken = []

    def names():
        for number in range(2000):
            taken.append(number)
            yield NamedImage(f"{number}.png", PurePath(f"{number}.png"))

    tracemalloc.start()
    peaks = []
    for count, record in enumerate(inspect(model, (0.5, 0.5), names()), 1):
        assert record["image"] == f"{count - 1}.png"
        assert len(taken) <= count + 3  # names are asked for when they are needed
        if count in (200, 2000):
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
    tracemalloc.stop()
    assert most <= 4
    assert peaks[1] < 1.2 * peaks[0] < 5e6


def test_an_answer_comes_before_the_next_question(model_file, cells):
    """A program that writes a name and waits for its line gets it, although the pipe stays open."""
    command = [sys.executable, "-m", "dlproc", "detect", str(model_file), "-", "--json", "--quiet"]
    files = sorted((cells / "defective").iterdir())[:2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for file in files:
            process.stdin.write(f"{file}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["image"] == str(file)
        process.stdin.close()
        assert process.wait(60) == 1


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error on Windows")
def test_a_reader_that_leaves_ends_the_run_quietly(model_file, cells):
    command = [sys.executable, "-m", "dlproc", "detect", str(model_file), str(cells), "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 2


def test_names_of_any_script_on_a_console_of_ascii(model_file, cells, tmp_path):
    name = "Ausschuß 零件.png"
    shutil.copy(sorted((cells / "defective").iterdir())[0], tmp_path / name)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    outputs = {}
    for form in ("--json", "--csv", "--quiet"):
        command = [sys.executable, "-m", "dlproc", "detect", str(model_file), name, form, "--quiet"]
        finished = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
        assert (finished.returncode, finished.stderr) == (1, b"")
        outputs[form] = finished.stdout
    assert json.loads(outputs["--json"])["image"] == name
    assert outputs["--json"].isascii()
    assert outputs["--csv"].decode("utf-8").splitlines()[1].startswith(name)
    assert b"Ausschu\\xdf" in outputs["--quiet"]


def test_ctrl_c_says_what_is_done(dlproc, model_file, cells, monkeypatch):
    files = sorted((cells / "good").iterdir())[:3]

    def stopped(path):
        if path == files[2]:
            raise KeyboardInterrupt
        return dl.read_image(path)

    monkeypatch.setattr("dlproc.io.images.read_image_file", stopped)
    code, out, err = dlproc("detect", model_file, *files)
    assert (code, out.count("\n"), err) == (130, 2, "dlproc: stopped; 2 images were done\n")


def test_a_batch_changes_no_decision(dlproc, model_file, cells):
    one = dlproc("detect", model_file, cells, "--json", "--quiet")[1]
    eight = dlproc("detect", model_file, cells, "--json", "--quiet", "--batch-size", 8)[1]
    pairs = [(json.loads(a), json.loads(b)) for a, b in zip(one.splitlines(), eight.splitlines(), strict=True)]
    for a, b in pairs:
        assert a["decision"] == b["decision"]
        assert a["anomaly_score"] == pytest.approx(b["anomaly_score"], abs=1e-5)


def test_decision_rules_of_the_model(dlproc, sensitive_file, workflow, cells, tmp_path):
    """Rules that travel with the model decide, and their reasons are told in every form."""
    model_file = tmp_path / "rules.hdl"
    model = dl.read_dl_model(sensitive_file)
    files = sorted((cells / "defective").iterdir())
    results = by_the_workflow(workflow, files)
    limit = max(result["anomaly_region"].mean() for result in results) / 2
    rules = [
        {"name": "any", "decision": "review", "all": [{"value": "anomaly_class", "equals": "nok"}]},
        {"name": "large", "decision": "reject", "all": [{"value": "covered_area", "at_least": limit}]},
    ]
    dl.set_dl_model_param(model, "decision_rules", rules)
    dl.write_dl_model(model, model_file)
    expected = [
        "reject" if r["anomaly_region"].mean() >= limit else "review" if r["anomaly_class"] == "nok" else "accept"
        for r in results
    ]
    assert len(set(expected)) >= 2
    code, out, _ = dlproc("detect", model_file, *files, "--json", "--quiet")
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["decision"] for record in records] == expected
    large = next(record for record in records if record["decision"] == "reject")
    assert large["reasons"][-1]["rule"] == "large"
    assert large["reasons"][-1]["limit"] == limit
    text = large["reasons"][-1]["text"]
    assert text in dlproc("detect", model_file, large["image"], "--quiet")[1]
    (row,) = csv.DictReader(io.StringIO(dlproc("detect", model_file, large["image"], "--quiet", "--csv")[1]))
    assert text in row["reasons"]
    assert code == 1
    # Nothing rejected, something for a person to look at: that is not 0.
    dl.set_dl_model_param(model, "decision_rules", rules[:1])
    dl.write_dl_model(model, model_file)
    nok = files[[r["anomaly_class"] for r in results].index("nok")]
    code, out, err = dlproc("detect", model_file, nok)
    assert (code, out[:6], err) == (1, "review", "1 image: 1 set for review\n")


def test_regions_are_in_pixels_of_the_image(dlproc, sensitive_file, workflow, cells):
    files = sorted((cells / "defective").iterdir())
    results = by_the_workflow(workflow, files)
    file = max(zip(files, results, strict=True), key=lambda pair: pair[1]["anomaly_region"].sum())[0]
    record = json.loads(dlproc("detect", sensitive_file, file, "--json", "--quiet")[1])
    height, width = np.array(Image.open(file)).shape
    assert record["regions"]
    assert sum(region["area_share"] for region in record["regions"]) == pytest.approx(record["covered_area"])
    for region in record["regions"]:
        assert 0 <= region["row1"] <= region["row2"] < height
        assert 0 <= region["column1"] <= region["column2"] < width
        assert (region["row2"] - region["row1"] + 1) * (region["column2"] - region["column1"] + 1) / (
            height * width
        ) >= (0.999 * region["area_share"])
    assert max(region["row2"] for region in record["regions"]) > 128  # not of the model's 128 x 128
