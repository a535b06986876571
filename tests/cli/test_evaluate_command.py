"""``dlproc evaluate``: the table, the numbers, and that trained images do not count."""

import json
import re
import shutil

import pytest
from PIL import Image

import dlproc as dl


def test_the_numbers_are_those_of_the_library(dlproc, model_file, workflow, cells, tmp_path):
    code, out, err = dlproc("evaluate", model_file, cells, "--json", tmp_path / "e.json")
    assert code == 0
    content = (tmp_path / "e.json").read_bytes()
    assert content.startswith(b"{")  # no byte-order mark
    written = json.loads(content)
    # The second source: the procedure itself, on the splits that were not trained on.
    expected, _ = dl.evaluate_dl_model(
        workflow.dataset,
        workflow.model,
        "split",
        ["validation", "test"],
        {"measures": "all", "anomaly_classification_thresholds": [workflow.thresholds[1][-1]]},
    )
    ours, theirs = written["evaluation_result"]["global_evaluation"], expected["global_evaluation"]
    for name in ("image_auroc", "image_average_precision", "precision_at_recall_1", "zero_miss_threshold"):
        assert ours[name] == theirs[name]
    matrix = expected["absolute_confusion_matrix"][0]["confusion_matrix"]
    assert written["evaluation_result"]["absolute_confusion_matrix"][0]["confusion_matrix"] == matrix.tolist()
    assert written["eval_params"]["anomaly_classification_thresholds"] == [workflow.thresholds[1][-1]]

    lines = out.splitlines()
    n_trained = sum(sample["split"] == "train" for sample in workflow.dataset["samples"])
    assert lines[0] == f"{24 - n_trained} good and 8 defective images"
    assert re.search(rf"^image AUROC +{theirs['image_auroc']:.3f}  \d\.\d{{3}} to \d\.\d{{3}}$", out, re.MULTILINE)
    (accepted, missed), (rejected, found) = matrix.astype(int).tolist()
    assert re.search(rf"^  accepted +{accepted} +{missed}$", out, re.MULTILINE)
    assert re.search(rf"^  rejected +{rejected} +{found}$", out, re.MULTILINE)
    assert re.search(rf"^defective +8 +{found} ", out, re.MULTILINE)
    assert lines[-1] == f"written: {tmp_path / 'e.json'}"
    assert err.splitlines() == [
        "folder     files  counts as  masks",
        "defective      8  defective",
        "good          24  good",
        f"{cells}: 24 good images, 8 defective (defective 8)",
        "Preprocessing 32 images",
        f"left out: {n_trained} images that the model was trained on",
        f"Evaluating {32 - n_trained} images",
    ]


def test_a_report(dlproc, model_file, cells, tmp_path):
    code, out, err = dlproc("evaluate", model_file, cells, "--report", tmp_path / "r.html")
    assert code == 0
    assert out.splitlines()[-1] == f"written: {tmp_path / 'r.html'}"
    assert err.splitlines()[-1] == "Writing the report"
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{model_file.name} on {cells}" in page
    assert "trained on" in page  # the light of the training images is compared, although they are not evaluated


def test_good_images_alone_have_no_auroc(dlproc, model_file, workflow, tmp_path):
    for index in dl.find_dl_samples(workflow.dataset["samples"], "split", "test", "match"):
        sample = workflow.dataset["samples"][index]
        if sample["anomaly_label"] == "ok":
            shutil.copy(workflow.image_dir / sample["image_file_name"], tmp_path)
    assert dlproc("evaluate", model_file, tmp_path, "--quiet") == (
        2,
        "",
        f"dlproc: error: {tmp_path}: expected a folder that says whether its images are good, like good/1.png; got none "
        f"among {len(list(tmp_path.iterdir()))} images (--good . says that all of them are good, --defective . that all "
        "are defective)\n",
    )
    code, out, _ = dlproc("evaluate", model_file, tmp_path, "--good", ".")
    assert code == 0
    assert "image AUROC  " not in out
    assert "not measured: image AUROC, " in out


def test_only_trained_images(dlproc, model_file, workflow, tmp_path):
    (tmp_path / "other names").mkdir()
    for index in dl.find_dl_samples(workflow.dataset["samples"], "split", "train", "match"):
        name = workflow.dataset["samples"][index]["image_file_name"]
        shutil.copy(workflow.image_dir / name, tmp_path / "other names" / f"{index}.png")
    code, out, err = dlproc("evaluate", model_file, tmp_path / "other names", "--good", ".", "--quiet")
    assert (code, out) == (2, "")
    assert err == (
        f"dlproc: error: {(tmp_path / 'other names').as_posix()}: expected images that the model was not trained on; "
        "got 12 images, all of them trained on\n"
    )


def test_annotations_of_mvtec_give_pixel_measures(dlproc, paint, tmp_path, monkeypatch):
    names = [f"train/good/{n}.png" for n in range(10)] + [
        "test/good/0.png",
        "test/crack/0.png",
        "ground_truth/crack/0_mask.png",
    ]
    folder = paint(dict.fromkeys(names, (64, 64)))
    mask = Image.new("L", (64, 64))
    mask.paste(255, (10, 10, 40, 40))
    mask.save(folder / "ground_truth/crack/0_mask.png")
    crack = Image.open(folder / "test/crack/0.png")
    crack.paste(0, (10, 10, 40, 40))
    crack.save(folder / "test/crack/0.png")
    monkeypatch.chdir(tmp_path)
    assert dlproc("train", folder, "-o", "part", "--size", "64", "--quiet")[0] == 0
    code, out, _ = dlproc("evaluate", "part", folder)
    assert code == 0
    assert out.startswith("3 good and 1 defective images\n")  # 20 % of 10 validate
    assert re.search(r"^pixel AUROC +0\.\d{3}", out, re.MULTILINE)
    assert re.search(r"^AU-PRO to 30 % false positives +0\.\d{3}", out, re.MULTILINE)


def test_what_is_refused_before_the_work_begins(dlproc, model_file, cells, tmp_path):
    for option in ("--json", "--report"):
        assert dlproc("evaluate", model_file, cells, option, tmp_path / "none" / "e") == (
            2,
            "",
            f"dlproc: error: {tmp_path / 'none' / 'e'}: expected a file in an existing folder; got no folder {tmp_path / 'none'}\n",
        )
        assert dlproc("evaluate", model_file, cells, option, tmp_path)[2] == (
            f"dlproc: error: {tmp_path}: expected a file to write to; got a folder\n"
        )
    assert dlproc("evaluate", model_file, tmp_path / "none")[2] == (
        f"dlproc: error: {tmp_path / 'none'}: expected a folder of images; got no such folder\n"
    )
    assert dlproc("evaluate", "initial_dl_anomaly_large", cells)[2] == (
        "dlproc: error: initial_dl_anomaly_large: expected a trained model; got one that is not trained "
        "(dlproc train FOLDER -o MODEL trains one)\n"
    )


def test_ctrl_c(dlproc, model_file, cells, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dl, "evaluate_dl_model", stop)
    assert dlproc("evaluate", model_file, cells, "--quiet") == (130, "", "dlproc: stopped; nothing is kept\n")


@pytest.mark.parametrize("command", [["evaluate"], ["thresholds", "--method", "halcon"]])
def test_a_damaged_model(dlproc, model_file, cells, tmp_path, command):
    content = bytearray(model_file.read_bytes())
    content[-1000] ^= 1
    (tmp_path / "m.hdl").write_bytes(content)
    assert dlproc(*command, tmp_path / "m.hdl", cells) == (
        2,
        "",
        f"dlproc: error: {tmp_path / 'm.hdl'}: expected content that fits its checksum; got other content "
        "(the file is damaged; take a copy or write it anew)\n",
    )


def test_what_the_figures_do_not_say_is_remarked(dlproc, workflow, cells, tmp_path):
    """A model of an older dlproc knows no training images; and one with rules does not go by its threshold alone."""
    dl.write_dl_model(workflow.model, tmp_path / "old.hdl")
    model = dl.read_dl_model(tmp_path / "old.hdl")
    del model.training["image_fingerprints"]
    rules = [{"name": "unsure", "decision": "review", "all": [{"value": "anomaly_score", "at_least": 0.3}]}]
    dl.set_dl_model_param(model, "decision_rules", rules)
    dl.write_dl_model(model, tmp_path / "old.hdl")
    memory = "note: this model does not know which images it was trained on; with those the figures are too good"
    decides = "note: dlproc detect decides by the rules of the model ('unsure'), not by the threshold alone"
    for command in (["evaluate"], ["thresholds", "--method", "conformal", "--dry-run"]):
        name, *options = command
        code, _, err = dlproc(name, tmp_path / "old.hdl", cells, *options)
        assert code == 0
        assert {memory, decides} <= set(err.splitlines())
