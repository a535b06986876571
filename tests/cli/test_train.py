"""``dlproc train``: layouts, shares, what is refused, what is kept."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.models.anomaly import patch_statistics


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def spots(paint):
    """10 good and 2 defective images of noise."""
    return paint(dict.fromkeys([f"good/{n}.png" for n in range(10)] + ["spot/0.png", "dent/0.png"], (40, 50)))


def test_a_folder_with_sub_folders(dlproc, spots, tmp_path):
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "trained on 6 good images"  # 60 % of 10
    assert re.fullmatch(r"threshold 0\.\d{4} \(halcon\), on the images that were not trained on:", lines[1])
    assert re.fullmatch(r"  \d of 4 good images rejected", lines[2])
    assert re.fullmatch(r"  \d of 2 defective images missed", lines[3])
    assert re.fullmatch(r"written: part\.hdl \(\d\.\d MB\)", lines[4])
    assert err.splitlines() == [
        "folder  files  counts as  masks",
        "dent        1  defective",
        "good       10  good",
        "spot        1  defective",
        f"{spots}: 10 good images, 2 defective (dent 1, spot 1)",
        "only 10 good images: the model may be too strict, and the thresholds are uncertain",
        "Preprocessing 12 images",
        "Training on 6 images",
        "Computing thresholds",
        f"dlproc thresholds part.hdl {spots} shows what other rules promise and cost; --method or --value stores another threshold",
    ]
    model = dl.read_dl_model("part.hdl")
    assert dl.get_dl_model_param(model, "image_size") == [64, 64]
    assert float(dl.get_dl_model_param(model, "meta_data")["anomaly_classification_threshold"]) > 0
    assert [path.name for path in tmp_path.iterdir() if path != spots] == ["part.hdl"]


def test_the_same_as_the_library(dlproc, spots, tmp_path):
    assert dlproc("train", spots, "-o", "part", "--size", "96x64", "--seed", "7", "--train-percent", "50")[0] == 0
    dl.set_system("seed_rand", 7)
    dataset = dl.read_dl_dataset_anomaly(spots)
    dl.split_dl_dataset(dataset, 50, 20)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [96, 64])
    param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    dl.train_dl_model(dataset, model, {"display_param": {"enabled": False}})
    dl.compute_dl_anomaly_thresholds(model, dataset)
    ours = dl.read_dl_model("part.hdl")
    meta_data = dl.get_dl_model_param(ours, "meta_data")
    del meta_data["training_width_to_height"]  # of the command alone
    assert meta_data == dl.get_dl_model_param(model, "meta_data")
    assert ours.training["seed_rand"] == 7


def test_tiles_keep_the_size_of_the_images(dlproc, paint):
    folder = paint(dict.fromkeys([f"good/{n}.png" for n in range(8)] + ["spot/0.png"], (70, 300)))
    code, _, err = dlproc("train", folder, "-o", "part", "--tile", "256")
    assert code == 0
    assert err.splitlines()[4] == f"images of 300 x 70 pixels, as {Path('good/0.png').as_posix()}"
    model = dl.read_dl_model("part.hdl")
    assert [dl.get_dl_model_param(model, name) for name in ("image_size", "tile_size")] == [[300, 70], 256]
    assert dlproc("detect", "part.hdl", folder / "spot" / "0.png")[0] in (0, 1)
    assert dlproc("train", folder, "-o", "other", "--tile", "256", "--size", "290x64")[0] == 0
    assert dl.get_dl_model_param(dl.read_dl_model("other.hdl"), "image_size") == [290, 64]


def test_a_flat_folder_of_good_images(dlproc, paint):
    folder = paint(dict.fromkeys([f"{n}.png" for n in range(20)], (40, 50)))
    code, out, err = dlproc("train", folder, "-o", "part.hdl", "--size", "64")
    assert code == 0
    assert out.splitlines()[3] == "  no defective image to test it on"
    assert err.splitlines()[:4] == [
        "folder  files  counts as  masks",
        ".          20  good",
        "no folder named good or ok: all 20 images count as good",
        f"{folder}: 20 good images, 0 defective",
    ]


@pytest.mark.parametrize("has_test_good", [True, False])
def test_the_layout_of_mvtec(dlproc, paint, has_test_good):
    names = [f"train/good/{n}.png" for n in range(20)] + ["test/crack/0.png", "ground_truth/crack/0_mask.png"]
    names += [f"test/good/{n}.png" for n in range(3)] * has_test_good
    folder = paint(dict.fromkeys(names, (40, 50)))
    code, out, err = dlproc("train", folder, "-o", "part.hdl", "--size", "64", "--train-percent", "50")
    assert code == 0
    assert out.splitlines()[0] == "trained on 16 good images"  # the other 20 % validate
    assert re.fullmatch(rf"  \d of {7 if has_test_good else 4} good images rejected", out.splitlines()[2])
    remarks = [
        f"{folder}: {23 if has_test_good else 20} good images, 1 defective (crack 1)",
        "--train-percent has no effect: in this layout train/good is what is trained on",
    ]
    if not has_test_good:
        remarks.append("no image in test/good: half of the validation images set the threshold of the image")
    table = [line for line in err.splitlines() if line not in remarks]
    assert err.splitlines()[-len(remarks) - 4 : -4] == remarks
    assert table[:2] == ["folder              files  counts as        masks", "ground_truth/crack      1  masks"]
    assert "test/crack              1  defective, test  1" in table
    assert "train/good             20  good, train" in table


def test_quiet(dlproc, spots):
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64", "--quiet")
    assert (code, err) == (0, "")
    assert out.startswith("trained on ")


def test_an_existing_model_is_not_replaced_unless_forced(dlproc, spots):
    Path("part.hdl").write_text("precious")
    assert dlproc("train", spots, "-o", "part") == (
        2,
        "",
        "dlproc: error: part.hdl: expected a file that does not exist; got an existing one (--force replaces it)\n",
    )
    assert Path("part.hdl").read_text() == "precious"
    assert dlproc("train", spots, "-o", "part", "--size", "64", "--force")[0] == 0
    dl.read_dl_model("part.hdl")


def test_what_is_refused_before_the_work_begins(dlproc, spots, paint, tmp_path):
    few = paint(dict.fromkeys(["good/1.png", "good/2.png", "x/1.png"], (40, 50)), "few")
    nobody = paint(dict.fromkeys(["a/1.png", "b/2.png", "0.png"], (40, 50)), "nobody")
    (tmp_path / "empty").mkdir()
    (tmp_path / "dir.hdl").mkdir()
    hint = "more are better: 50 or more are a good start"
    shares = "shares above 0 whose sum is below 100, so that good images are left for the test"
    for arguments, message in [
        (["none"], "none: expected a folder of images; got no such folder"),
        (["empty"], f"{Path('empty')}: expected at least one image file; got none (searched in all folders below)"),
        ([spots / "good" / "1.png"], f"{spots / 'good' / '1.png'}: expected a folder of images; got a file"),
        ([few], f"{few}: expected at least 3 good images: to train on, for the threshold of the pixels, for that of the image; got 2 ({hint})"),
        ([nobody], f"{nobody}: expected good images, in a folder named 'good' or 'ok'; got none among 3 images (folders: ., a, b; --good NAME says which are good)"),
        ([spots, "--train-percent", "90"], f"--train-percent and --validation-percent: expected {shares}; got 90 and 20"),
        ([spots, "--size", "100"], "--size: expected multiples of 32, like 256 or 320x256; got 100x100 (with --tile any size from 32 on)"),
        ([spots, "--size", "20"], "argument --size: expected multiples of 32, like 256 or 320x256; got '20' (see dlproc train --help)"),
        ([spots, "--tile", "200"], "--tile: expected an integer >= 0, a multiple of 32; got 200"),
        ([spots, "--seed", "-1"], "set_system('seed_rand'): expected an integer from 0 to 2**63 - 1; got -1"),
        ([spots, "--model", "tiny"], "tiny: expected an existing file, or the name of a pretrained model; got neither (pretrained models: initial_dl_anomaly_medium.hdl, initial_dl_anomaly_large.hdl, initial_dl_anomaly_global.hdl)"),
    ]:  # fmt: skip
        code, out, err = dlproc("train", *arguments, "-o", "part.hdl")
        assert (code, out, err.splitlines()[-1]) == (2, "", f"dlproc: error: {message}")
    for output, message in [
        ("dir", "dir.hdl: expected a file to write to; got a folder"),
        ("none/part", f"{Path('none/part.hdl')}: expected a file in an existing folder; got no folder none"),
        ("", "argument -o/--output: expected a path; got an empty one (see dlproc train --help)"),
    ]:
        assert dlproc("train", spots, "-o", output) == (2, "", f"dlproc: error: {message}\n")
    assert not Path("part.hdl").exists()


def test_a_broken_image_is_named(dlproc, spots):
    (spots / "good" / "3.png").write_bytes(b"")
    code, _, err = dlproc("train", spots, "-o", "part", "--size", "64")
    assert code == 2
    assert err.splitlines()[-1] == (
        f"dlproc: error: {(spots / 'good' / '3.png').as_posix()}: "
        "expected one complete image, grey or colour; got an empty file (image_id 4)"
    )


def test_a_file_to_start_from(dlproc, spots):
    model = dl.read_dl_model("initial_dl_anomaly_large.hdl")
    dl.set_dl_model_param(model, "image_size", [96, 64])
    dl.set_dl_model_param(model, "complexity", 2)
    dl.write_dl_model(model, "start.hdl")
    assert dlproc("train", spots, "-o", "part", "--model", "start.hdl", "--quiet")[0] == 0
    trained = dl.read_dl_model("part.hdl")
    assert (trained.backbone_name, dl.get_dl_model_param(trained, "image_size")) == ("lite2", [96, 64])
    assert dl.get_dl_model_param(trained, "complexity") == 2
    assert dlproc("train", spots, "-o", "again", "--model", "part.hdl", "--size", "64")[2] == (
        "dlproc: error: --size: expected a model that is not trained; got a trained one "
        "(it is 96; read an untrained model to change it)\n"
    )


def test_preprocessed_images_are_kept_and_used_again(dlproc, spots, monkeypatch):
    assert dlproc("train", spots, "-o", "part", "--size", "64", "--work-dir", "work")[0] == 0
    first = dl.read_dl_model("part.hdl")
    assert (Path("work") / "dl_dataset.hdict").is_file()
    monkeypatch.setattr(sys.modules["dlproc.procedures.gen_dl_samples"], "read_image", None)  # nothing is read again
    assert dlproc("train", spots, "-o", "part2", "--size", "64", "--work-dir", "work")[0] == 0
    second = dl.read_dl_model("part2.hdl")
    assert dl.get_dl_model_param(first, "meta_data") == dl.get_dl_model_param(second, "meta_data")


def test_ctrl_c_says_what_is_kept(dlproc, spots, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dl, "train_dl_model", stop)
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64", "--quiet")
    assert (code, out, err) == (130, "", "dlproc: stopped; nothing is kept\n")
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64", "--quiet", "--work-dir", "work")
    assert err == "dlproc: stopped; what is preprocessed is kept in work: the same command carries on from there\n"
    assert not Path("part.hdl").exists()


def test_an_interrupted_training_goes_on(dlproc, spots, monkeypatch):
    monkeypatch.setattr(patch_statistics, "_MAX_AT_ONCE", 2)
    arguments = ("train", spots, "-o", "part", "--size", "64", "--quiet")
    assert dlproc(*arguments)[0] == 0
    expected = Path("part.hdl").read_bytes()
    Path("part.hdl").unlink()
    real, calls = patch_statistics.extract, []

    def extract(*images):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*images)

    monkeypatch.setattr(patch_statistics, "extract", extract)
    code, _, err = dlproc(*arguments)
    assert (code, err) == (
        130,
        "dlproc: stopped; what is learnt is kept in part.hdl.checkpoint: the same command carries on from there\n",
    )
    code, _, err = dlproc("train", spots, "-o", "part", "--size", "96")
    assert code == 2
    assert err.endswith("image_height 96; got one with image_height 64 (--force begins anew)\n")
    code, _, err = dlproc(*arguments[:-1])
    assert code == 0
    assert "Continuing at image 5 of 6" in err.splitlines()
    assert not Path("part.hdl.checkpoint").exists()
    assert Path("part.hdl").read_bytes() == expected


def test_force_starts_anew(dlproc, spots, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(patch_statistics, "_grow_bank", stop)
        assert dlproc("train", spots, "-o", "part", "--size", "64", "--quiet")[0] == 130
    assert dlproc("train", spots, "-o", "part", "--size", "96", "--quiet")[0] == 2
    assert dlproc("train", spots, "-o", "part", "--size", "96", "--quiet", "--force")[0] == 0
    assert not Path("part.hdl.checkpoint").exists()


def test_too_little_memory_is_refused_before_the_work_begins(dlproc, spots):
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64", "--max-memory-mb", "10")
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"dlproc: error: --max-memory-mb: expected at least \d+ MB for images of this size and this many patches; got 10 "
        r"\(a smaller --size needs less\)",
        err.splitlines()[-1],
    )
    assert "Preprocessing" not in err
    assert dlproc("train", spots, "-o", "part", "--size", "64", "--max-memory-mb", "300", "--quiet")[0] == 0


@pytest.mark.parametrize("is_excluded", [False, True])
def test_a_bad_image_among_the_good_is_named(dlproc, paint, is_excluded):
    folder = paint(dict.fromkeys([f"good/{n:02d}.png" for n in range(40)], (40, 50)))
    bad = np.array(Image.open(folder / "good" / "07.png"))
    bad[8:32, 10:40] = 0
    for name in ("07", "11", "23"):  # one at least is trained on
        Image.fromarray(np.roll(bad, int(name), 1)).save(folder / "good" / f"{name}.png")
    extra = ["--exclude-suspicious"] if is_excluded else []
    code, out, err = dlproc("train", folder, "-o", "part", "--size", "64", *extra)
    assert code == 0
    said = r"left out, because (it looks|they look) bad: (\d) good images?"
    if not is_excluded:
        said = r"(\d) good images? (looks unlike the others; is it good|look unlike the others; are they good)\?"
    (found,) = [match for line in err.splitlines() if (match := re.fullmatch(said, line))]
    n_found = int(found[2] if is_excluded else found[1])
    named = re.findall(r"^  (good/\d\d\.png): score 0\.\d{4}, \d+\.\d deviations above the others$", err, re.MULTILINE)
    assert len(named) == n_found >= 1
    assert set(named) <= {"good/07.png", "good/11.png", "good/23.png"}
    assert out.splitlines()[0] == f"trained on {24 - n_found * is_excluded} good images"
    assert "with a copy" not in err


def test_copies_of_training_images_do_not_set_the_threshold(dlproc, paint):
    folder = paint(dict.fromkeys([f"good/{n}.png" for n in range(20)], (40, 50)))
    for n in range(10):
        shutil.copy(folder / "good" / f"{n}.png", folder / "good" / f"copy{n}.png")
    code, _, err = dlproc("train", folder, "-o", "part", "--size", "64")
    assert code == 0
    (line,) = [line for line in err.splitlines() if line.startswith("left out")]
    assert re.fullmatch(r"left out: \d images? with a copy among those that were trained on", line)


@pytest.mark.parametrize("name", ["copy.png", "copy.bmp"])
def test_a_picture_among_good_and_defective_ones_is_an_error_before_the_training(dlproc, spots, name):
    """The same bytes at once, the same pixels in another file after the preprocessing."""
    Image.open(spots / "good" / "3.png").save(spots / "spot" / name)
    if name == "copy.png":
        shutil.copy(spots / "good" / "3.png", spots / "spot" / name)
    code, _, err = dlproc("train", spots, "-o", "part", "--size", "64")
    assert code == 2
    assert err.splitlines()[-1] == (
        f"dlproc: error: {(spots / 'good/3.png').as_posix()}: expected a picture that is good, or defective; got the same "
        f"picture as {(spots / 'spot' / name).as_posix()}, which counts as defective (remove one of them)"
    )
    assert ("Preprocessing" in err, "Training" in err) == (name == "copy.bmp", False)


def test_too_few_images_for_the_method_are_noticed_before_the_training(dlproc, spots):
    code, out, err = dlproc(
        "train", spots, "-o", "part", "--size", "64", "--method", "conformal", "--target-fpr", "0.01"
    )
    assert (code, out) == (2, "")
    n_held_out = 299 - int(re.search(r"you need (\d+) more good images", err).group(1))
    assert err.splitlines()[-1].startswith(
        f"dlproc: error: {spots}: expected enough good images that are not trained on; got {n_held_out} (you need "
    )
    assert "Training" not in err and not Path("part.hdl").exists()
    only_good = spots / "good"
    code, _, err = dlproc("train", only_good, "-o", "part", "--size", "64", "--method", "zero_miss")
    assert (code, err.splitlines()[-1]) == (
        2,
        f"dlproc: error: {only_good}: expected a defective image, for method 'zero_miss'; got none",
    )


def test_what_fails_after_the_training_does_not_lose_it(dlproc, spots, monkeypatch):
    def fail(*_):
        raise dl.DLDataError("dl_dataset", "more images", "none")

    monkeypatch.setattr(dl, "compute_dl_anomaly_thresholds", fail)
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64")
    assert (code, out) == (2, "")
    assert err.splitlines()[-2] == "written without thresholds: part.hdl; dlproc thresholds computes them"
    assert dl.read_dl_model("part.hdl").reference is not None


def test_ctrl_c_after_the_training_does_not_lose_it(dlproc, spots, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dl, "compute_dl_anomaly_thresholds", stop)
    written = "written without thresholds: part.hdl; dlproc thresholds computes them"
    code, out, err = dlproc("train", spots, "-o", "part", "--size", "64", "--quiet")
    assert (code, out, err) == (130, "", f"dlproc: stopped; {written}\n")
    assert dl.read_dl_model("part.hdl").reference is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tile", "500"), "--tile: expected an integer >= 0, a multiple of 32; got 500"),
        (("--tile", "32"), "--tile: expected 0, or 64 at least; got 32"),
    ],
)
def test_options_are_called_by_their_names(dlproc, spots, arguments, message):
    code, _, err = dlproc("train", spots, "-o", "part", *arguments)
    assert code == 2
    assert err.startswith(f"dlproc: error: {message}")


def test_a_model_of_the_command_line_finds_a_spot(dlproc, spots):
    """Noise with a black square, in the streaming form, end to end."""
    assert dlproc("train", spots, "-o", "part", "--size", "64", "--quiet")[0] == 0
    image = np.array(Image.open(spots / "good" / "0.png"))
    image[10:30, 15:35] = 0
    Image.fromarray(image).save("spot.png")
    code, out, _ = dlproc("detect", "part", "spot.png", "--json", "--quiet")
    record = json.loads(out)
    assert (code, record["decision"]) == (1, "reject")
    assert record["covered_area"] > 0.05


def test_the_global_model(dlproc, spots, monkeypatch):
    from dlproc.models import by_batches

    monkeypatch.setattr(by_batches, "STEPS_PER_EPOCH", 1)
    command = ["train", spots, "-o", "part", "--model", "global", "--size", "64"]
    for options in (["--max-memory-mb", "500"], ["--exclude-suspicious"]):
        code, _, err = dlproc(*command, *options)
        assert (code, err.splitlines()[-1]) == (
            2,
            f"dlproc: error: {options[0]}: expected a model of type 'anomaly_detection', medium or large; got one of type "
            "'gc_anomaly_detection' (leave this option out)",
        )
    assert dlproc(*command, "--quiet")[0] == 0
    assert sorted(path.name for path in Path().glob("*.hdl")) == ["part.hdl"]  # no model_best.hdl by the way
    model = dl.read_dl_model("part.hdl")
    assert dl.get_dl_model_param(model, "type") == "gc_anomaly_detection"
    assert "anomaly_classification_threshold" in dl.get_dl_model_param(model, "meta_data")
    code, out, _ = dlproc("detect", "part.hdl", spots / "good" / "1.png")
    assert code in (0, 1)
    assert out
    assert "gc_anomaly_detection" in dlproc("info", "part.hdl")[1]
