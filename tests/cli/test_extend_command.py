"""``dlproc extend``: good images join a model."""

import json
import shutil
from pathlib import Path

import pytest

import dlproc as dl


@pytest.fixture
def place(workflow, model_file, tmp_path, monkeypatch):
    """A folder with a copy of the model, a folder of two good images that are new to it, and one of the training."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(model_file, "part.hdl")
    good = {split: [] for split in ("train", "validation", "test")}
    for sample in workflow.dataset["samples"]:
        if sample["anomaly_label"] == "ok":
            good[sample["split"]].append(workflow.image_dir / sample["image_file_name"])
    Path("new").mkdir()
    for name, file in zip(("1.png", "2.png"), good["test"], strict=False):
        shutil.copy(file, Path("new", name))
    shutil.copy(good["train"][0], "old.png")
    return tmp_path


def scores_by_the_library(model_file, files, place):
    """The second source: `extend_dl_model` itself."""
    model = dl.read_dl_model(model_file)
    samples = dl.gen_dl_samples_from_images(dl.read_image([str(place / file) for file in files]))
    dl.preprocess_dl_samples(samples, dl.create_dl_preprocess_param_from_model(model))
    return dl.extend_dl_model(model, samples)


def test_good_images_join(dlproc, model_file, place):
    expected = scores_by_the_library(model_file, ["new/1.png", "new/2.png"], place)
    before = Path("part.hdl").read_bytes()
    code, out, err = dlproc("extend", "part.hdl", "new", "-o", "wider")
    scores = zip(("1.png", "2.png"), expected["scores_before"], expected["scores_after"], strict=True)
    lines = [f"{old:.4f} -> {new:.4f}  {Path('new', name)}\n" for name, old, new in scores]
    joined = f"2 images joined: the model knows {expected['n_images']} images\n"
    assert (code, out) == (0, "".join(lines) + joined + "written: wider.hdl\n")
    assert err == "the thresholds are forgotten: dlproc thresholds wider.hdl FOLDER --method halcon computes them\n"
    assert Path("part.hdl").read_bytes() == before
    _, out, _ = dlproc("info", "wider.hdl", "--json")
    assert json.loads(out)["training"]["n_images_added"] == 2
    code, _, err = dlproc("extend", "wider.hdl", "new/1.png")
    image = Path("new/1.png")
    assert (code, err) == (
        2,
        f"dlproc: error: {image}: expected an image that is new to the model; got one that it was trained on\n",
    )


def test_the_model_itself_is_rewritten_and_can_keep_its_thresholds(dlproc, place):
    code, out, err = dlproc("extend", "part.hdl", "new/*.png", "--keep-thresholds")
    assert (code, out.splitlines()[-1]) == (0, "written: part.hdl")
    assert err == "the thresholds are kept; what was promised of them no longer holds\n"
    assert dlproc("detect", "part.hdl", "new")[0] in (0, 1)  # it can decide


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["new/1.png", "old.png"],
            "old.png: expected an image that is new to the model; got one that it was trained on",
        ),
        (["new/1.png", "copy.png"], "copy.png: expected each image once; got the same image as new/1.png"),
        (["new/1.png", "broken.png"], "broken.png: expected one complete image, grey or colour; got an empty file"),
        (["new/1.png", "none.png"], "none.png: expected an image file; got no such file"),
        (["empty"], "empty: expected a folder with images; got none in it or below"),
    ],
)
def test_what_cannot_join_is_named_and_nothing_is_written(dlproc, place, names, message):
    shutil.copy("new/1.png", "copy.png")
    Path("broken.png").touch()
    Path("empty").mkdir()
    before = Path("part.hdl").read_bytes()
    assert dlproc("extend", "part.hdl", *names) == (2, "", f"dlproc: error: {message}\n")
    assert Path("part.hdl").read_bytes() == before
    assert dlproc("extend", "part.hdl", *names, "-o", "other.hdl")[0] == 2
    assert not Path("other.hdl").exists()


def test_files_that_are_there_are_kept(dlproc, place):
    Path("there.hdl").write_text("old")
    code, _, err = dlproc("extend", "part.hdl", "new", "-o", "there.hdl")
    assert (code, err) == (
        2,
        "dlproc: error: there.hdl: expected a file that does not exist; got an existing one (--force replaces it)\n",
    )
    assert dlproc("extend", "part.hdl", "new", "-o", "there.hdl", "--force")[0] == 0


def test_what_is_passed_over_is_said(dlproc, place):
    Path("new/notes.txt").write_text("text")
    _, _, err = dlproc("extend", "part.hdl", "new", "--keep-thresholds")
    assert err.startswith(f"passed over: other files 1 ({Path('new/notes.txt')})\n")
