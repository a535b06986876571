"""What the commands take the images of a folder for, and that they say it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlproc.cli.folder_table import Row, remarks, rows_of, table_lines
from dlproc.io.image_folder import read_image_folder

SIZE = (40, 50)


def table(folder, **given):
    return table_lines(rows_of(read_image_folder(folder, **given)))


def test_the_table_counts_each_file_once(paint):
    names = ["train/ok/1.png", "train/ok/day2/2.png", "train/bad/3.png", "test/ok/1.png", "test/ng/1.png"]
    names += ["test/ng/2.png", "ground_truth/ng/1_mask.png", "ground_truth/ng/7_mask.png", "extra/1.png"]
    folder = paint(dict.fromkeys([*names, "test/ng/.3.png"], SIZE))
    (folder / "notes.txt").write_text("")
    assert table(folder) == [
        "folder           files  counts as                                   masks",
        "extra                1  not used: not in train, validation or test",
        "ground_truth/ng      2  masks",
        "test/ng              2  defective, test                             1 of 2",
        "test/ok              1  good, test",
        "train/bad            1  defective, test",
        "train/ok             1  good, train",
        "train/ok/day2        1  good, train",
    ]
    assert remarks(read_image_folder(folder)) == [
        "1 file in ground_truth belongs to no image: ground_truth/ng/7_mask.png",
        "passed over: hidden 1 (test/ng/.3.png), other files 1 (notes.txt)",
    ]


def test_many_folders_are_put_together():
    rows = [Row(f"good/{day}/{hour}", 2, "good", 1) for day in range(10) for hour in range(9)]
    assert table_lines(rows)[:2] == ["folder    files  counts as  masks", "good/0/…     18  good       9 of 18"]
    assert len(table_lines(rows)) == 11
    lines = table_lines([Row(f"type{n:03d}", 1, "defective") for n in range(40)])
    assert lines[-1] == "10 more     10  defective"
    assert sum(int(line.split()[-2]) for line in lines[1:]) == 40


def test_options_name_folders_and_masks(dlproc, paint, model_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["OK_parts/1.png", "OK_parts/dirty/2.png", "scratch/3.png", "segm/scratch/3.png"]
    folder = paint(dict.fromkeys(names, SIZE))
    given = ["--good", "OK_parts", "--defective", str(folder / "OK_parts" / "dirty"), "--masks", str(folder / "segm")]
    code, out, err = dlproc("evaluate", model_file, folder, *given, "--json", "e.json", "--report", "r.html")
    assert code == 0, err
    assert err.splitlines()[:6] == [
        "folder          files  counts as  masks",
        "OK_parts            1  good",
        "OK_parts/dirty      1  defective",
        "scratch             1  defective  1",
        "segm/scratch        1  masks",
        f"{folder}: 1 good image, 2 defective (dirty 1, scratch 1)",
    ]
    assert out.startswith("1 good and 2 defective images\n")
    remark = "1 of 2 defective images has an annotation; measures of pixels leave out the others."
    assert f"note: {remark}" in err.splitlines()
    assert remark in Path("r.html").read_text(encoding="utf-8")
    counts = json.loads(Path("e.json").read_text())["evaluation_result"]["annotations"]
    assert counts == {"n_nok": 2, "n_annotated": 1, "n_empty": 0, "n_ok_anomalous": 0}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("bad", "2 images defective, because FOLDER itself is called so; --good . or --defective . says otherwise"),
        ("good", "2 images good, because FOLDER itself is called so; --good . or --defective . says otherwise"),
    ],
)
def test_a_folder_whose_own_name_says_it(dlproc, paint, model_file, name, line):
    folder = paint(dict.fromkeys([f"{name}/1.png", f"{name}/2.png"], SIZE)) / name
    code, out, err = dlproc("evaluate", model_file, folder)
    assert code == 0
    assert line.replace("FOLDER", str(folder)) in err.splitlines()
    assert out.startswith("2 good and 0" if name == "good" else "0 good and 2")


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (
            ["1.png", "2.png"],
            [],
            "FOLDER: expected a folder that says whether its images are good, like good/1.png; got none among 2 images "
            "(--good . says that all of them are good, --defective . that all are defective)",
        ),
        (
            ["a/1.png", "b/2.png"],
            [],
            "FOLDER: expected good images, in a folder named 'good' or 'ok'; got none among 2 images (folders: a, b; "
            "--good NAME says which are good)",
        ),
        (
            ["train/good/1.png", "test/2.png"],
            [],
            "FOLDER/test/2.png: expected a folder that says whether it is good, like 'good' or 'bad'; got none (--good test "
            "or --defective test; in a script gen_param {'good': ['test']})",
        ),
        (
            ["masks/1.png"],
            [],
            "FOLDER: expected at least one image file; got none: 1 file with names of masks (searched in all folders below)",
        ),
        (["good/1.png"], ["--good", "godo"], "--good: expected the name of a folder with images; got 'godo' (did you mean 'good'?)"),
        (["good/1.png"], ["--masks", "none"], "--masks: expected an existing folder; got 'none'"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_asked(dlproc, paint, model_file, names, options, message):
    folder = paint(dict.fromkeys(names, SIZE))
    for command in (["evaluate"], ["thresholds", "--method", "conformal"]):
        code, out, err = dlproc(command[0], model_file, folder, *command[1:], *options)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1] == f"dlproc: error: {message}".replace("FOLDER", folder.as_posix())


def test_the_same_picture_among_good_and_defective_ones(dlproc, paint, model_file):
    folder = paint(dict.fromkeys(["good/1.png", "good/2.png", "bad/3.png"], SIZE))
    shutil.copy(folder / "good" / "2.png", folder / "bad" / "2.png")
    same = (
        f"dlproc: error: {folder.as_posix()}/good/2.png: expected a picture that is good, or defective; got the same picture "
        f"as {folder.as_posix()}/bad/2.NEW, which counts as defective (remove one of them)"
    )
    code, _, err = dlproc("evaluate", model_file, folder)
    assert (code, err.splitlines()[-1]) == (2, same.replace("NEW", "png"))
    assert "Preprocessing" not in err
    (folder / "bad" / "2.png").unlink()
    Image.fromarray(np.asarray(Image.open(folder / "good" / "2.png"))).save(folder / "bad" / "2.tif")  # other bytes
    code, _, err = dlproc("evaluate", model_file, folder)
    assert (code, err.splitlines()[-1]) == (2, same.replace("NEW", "tif"))
