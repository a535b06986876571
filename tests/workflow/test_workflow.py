"""The whole workflow on real solar cells, as a user writes it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dlproc as dl
from dlproc.measures.roc import auroc


def test_the_call_sequence_of_halcon_runs_as_written(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image_dir, anomaly_dir, output_dir = str(cells), [], str(tmp_path / "out")
    files = [str(path) for path in sorted((cells / "defective").iterdir())[:2]]

    dl.set_system("seed_rand", 73)
    ds = dl.read_dl_dataset_anomaly(image_dir, anomaly_dir, [], [], {"image_sub_dirs": ["good", "defective"]})
    dl.split_dl_dataset(ds, 50, 10, [])
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_width", 256)
    dl.set_dl_model_param(model, "image_height", 256)
    pp = dl.create_dl_preprocess_param_from_model(model, "constant_values", "full_domain", [], [], [])
    dl.preprocess_dl_dataset(ds, output_dir, pp, {"overwrite_files": True})
    anomaly = {"domain_ratio": 0.25, "error_threshold": 0.001, "regularization_noise": 0.01}
    tp = dl.create_dl_train_param(model, 15, [], "false", 73, "anomaly", anomaly)
    train_result, train_infos, evaluation_infos = dl.train_dl_model(ds, model, tp, 0)
    segmentation_threshold, classification_thresholds = dl.compute_dl_anomaly_thresholds(
        model, ds, {"enable_display": False}
    )
    result, params = dl.evaluate_dl_model(
        ds, model, "split", "test", {"measures": "all", "anomaly_classification_thresholds": classification_thresholds}
    )
    dl.write_dl_model(model, "model_final.hdl")
    samples = dl.gen_dl_samples_from_images([dl.read_image(f) for f in files])
    dl.preprocess_dl_samples(samples, pp)
    results = dl.apply_dl_model(model, samples, [])
    dl.threshold_dl_anomaly_results(segmentation_threshold, classification_thresholds[-1], results)
    figure = dl.dev_display_dl_data(samples[0], results[0], ds, ["anomaly_result", "anomaly_image"], [], {})

    assert set(train_result) == {"final_error", "final_epoch", "suspicious"}
    assert (train_infos, evaluation_infos) == ([], [])
    assert 0 < segmentation_threshold <= 1
    assert len(classification_thresholds) == 3
    assert result["global_evaluation"]["image_auroc"] > 0.85
    assert result["global_evaluation"]["pixel_auroc"] is None  # elpv has no masks
    assert params["evaluation_type"] == "anomaly_detection"
    assert len(result["absolute_confusion_matrix"]) == 3
    assert Path("model_final.hdl").is_file()
    assert results[0]["anomaly_region"].shape == (256, 256)
    assert len(figure.axes) == 3  # two pictures and a colour bar


def test_the_pythonic_form_gives_the_same_scores(workflow, tmp_path):
    """Defaults left out, paths, numpy numbers: the same bytes as the fixture, which trained the same."""
    dataset = dl.read_dl_dataset_anomaly(workflow.image_dir)
    dl.split_dl_dataset(dataset, np.float64(50), np.int64(20), gen_param={"overwrite_split": np.False_})
    model = dl.read_dl_model(Path("initial_dl_anomaly_medium.hdl"))
    dl.set_dl_model_param(model, "image_width", np.int64(128))
    dl.set_dl_model_param(model, "image_height", 128.0)
    param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, gen_param={"show_progress": np.bool_(False)})
    dl.train_dl_model(dataset, model, {"display_param": {"enabled": False}})
    for split in ("test", "validation"):
        ours, theirs = (dl.apply_dl_model(m, workflow.samples(split)) for m in (model, workflow.model))
        for a, b in zip(ours, theirs, strict=True):
            assert a["anomaly_score"] == b["anomaly_score"]
            np.testing.assert_array_equal(a["anomaly_image"], b["anomaly_image"])


def test_defective_cells_score_higher(workflow):
    samples = workflow.samples()
    scores = np.array([result["anomaly_score"] for result in dl.apply_dl_model(workflow.model, samples)])
    assert auroc(scores, np.array([sample["anomaly_label"] == "nok" for sample in samples])) > 0.8


def test_evaluation_agrees_with_the_scores_and_the_decisions(workflow):
    """A second way to the same numbers: apply, threshold and count by hand."""
    segmentation, classification = workflow.thresholds
    evaluation, _ = dl.evaluate_dl_model(
        workflow.dataset,
        workflow.model,
        "split",
        "test",
        {"measures": "all", "anomaly_classification_thresholds": classification},
    )
    samples = workflow.samples()
    results = dl.apply_dl_model(workflow.model, samples)
    for number, threshold in enumerate(classification):
        dl.threshold_dl_anomaly_results(segmentation, threshold, results)
        counted = np.zeros((2, 2))
        for sample, result in zip(samples, results, strict=True):
            counted[result["anomaly_class_id"], sample["anomaly_label_id"]] += 1
        np.testing.assert_array_equal(evaluation["absolute_confusion_matrix"][number]["confusion_matrix"], counted)
        assert evaluation["absolute_confusion_matrix"][number]["threshold"] == threshold
    assert evaluation["absolute_confusion_matrix"][0]["confusion_matrix"][1, 0] == 0  # above all ok: no false alarm
    assert evaluation["absolute_confusion_matrix"][1]["confusion_matrix"][0, 1] == 0  # at the lowest nok: none missed


def test_thresholds_travel_with_the_model_as_strings(workflow, tmp_path):
    segmentation, classification = workflow.thresholds
    dl.write_dl_model(workflow.model, tmp_path / "model.hdl")
    meta_data = dl.get_dl_model_param(dl.read_dl_model(tmp_path / "model.hdl"), "meta_data")
    assert all(isinstance(value, str) for value in meta_data.values())
    assert float(meta_data["anomaly_segmentation_threshold"]) == segmentation
    assert float(meta_data["anomaly_classification_threshold"]) == classification[-1]


@pytest.mark.parametrize(
    "example",
    ["01_first_anomaly.py", "03_port_from_hdevelop.py", "04_choose_thresholds.py", "05_run_hdevelop.py"],
)
def test_examples_run(example, tmp_path):
    run_example(example, tmp_path, "--good", "30", "--defective", "8")
    assert len(list(tmp_path.glob("*.png"))) >= 3
    assert list(tmp_path.glob("*.hdl"))


def test_example_of_logical_anomalies(tmp_path):
    run_example("06_logical_anomalies.py", tmp_path, "--good", "20", "--test", "4", "--epochs", "1")
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"good.png", "missing.png", "doubled.png", "misplaced.png", "mixed.png", "trays.hdl"}
    assert names >= {"model_best.hdl", "model_best_info.hdict"}


def test_example_with_ones_own_folder(cells, tmp_path):
    run_example("02_your_own_folder.py", tmp_path, str(cells), "--size", "128")
    table = (tmp_path / "test.csv").read_text().splitlines()
    assert table[0] == "image,label,decided,score"
    assert sum(",nok," in line for line in table) >= 8  # each defective cell is in the test
    assert len(list(tmp_path.glob("highest_*.png"))) == 5


def test_example_with_a_wrong_folder_ends_in_one_line(tmp_path):
    finished = run_example("02_your_own_folder.py", tmp_path, str(tmp_path / "none"), check=False)
    assert finished.returncode == 1
    assert (
        finished.stderr.strip()
        == f"error: image_dir: expected an existing folder; got '{(tmp_path / 'none').as_posix()}'"
    )


def run_example(example, output, *arguments, check=True):
    path = Path(__file__).resolve().parents[2] / "examples" / example
    command = [sys.executable, str(path), *arguments, "--output", str(output)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert not check or finished.returncode == 0, finished.stderr
    return finished


def test_hdevelop_lines_of_example_03_name_what_python_calls():
    """Each HDevelop call in a comment is followed by the Python call of the same name."""
    source = (Path(__file__).resolve().parents[2] / "examples" / "03_port_from_hdevelop.py").read_text(encoding="utf-8")
    lines = [line.strip() for line in source.splitlines()]
    calls = [(i, m.group(1)) for i, line in enumerate(lines) if (m := re.match(r"# (\w+) \(", line))]
    assert len(calls) > 15
    for index, name in calls:
        if hasattr(dl, name):
            assert any(f"dl.{name}(" in line for line in lines[index + 1 : index + 3]), name


def test_json_of_a_result_is_possible_without_arrays(workflow):
    result = dl.apply_dl_model(workflow.model, workflow.samples()[:1], "anomaly_score")[0]
    assert json.loads(json.dumps(result)) == result
