"""``dlproc detect --save-overlays``: one picture for each image, none over another."""

import json
import shutil
from pathlib import Path, PurePath

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.cli.images import NamedImage
from dlproc.cli.overlays import OPACITY, write_overlay
from dlproc.images.overlay import REGION_COLOR, overlay
from dlproc.images.verdict import COLORS, with_verdict
from dlproc.io.listing import OVERLAY, list_images


@pytest.fixture
def folders(cells, tmp_path, monkeypatch):
    """Two images of one name in two folders."""
    monkeypatch.chdir(tmp_path)
    for name, file in zip("ab", sorted((cells / "defective").iterdir())[:2], strict=True):
        Path(name).mkdir()
        shutil.copy(file, Path(name, "1.png"))
    return tmp_path


def test_two_images_of_one_name_have_two_overlays(dlproc, model_file, folders):
    _, out, _ = dlproc("detect", model_file, "a", "b", "--save-overlays", "out", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    files = [Path("out", name, "1.png.overlay.png") for name in "ab"]
    assert [Path(record["overlay"]) for record in records] == files
    pictures = [np.array(Image.open(file)) for file in files]
    rows, columns = np.array(Image.open("a/1.png")).shape
    assert all(picture.shape[1:] == (columns, 3) for picture in pictures)  # as large as the image, not as the model's
    assert all(rows < picture.shape[0] < 1.2 * rows for picture in pictures)  # and the verdict below
    assert (pictures[0] != pictures[1]).any()
    _, out, _ = dlproc("detect", model_file, "a", "--save-overlays", "out", "--csv", "--quiet")
    assert out.splitlines()[1].endswith(f",{Path('out', '1.png.overlay.png')},")


def test_a_folder_that_is_named_by_its_whole_path(dlproc, model_file, folders):
    for folder in "ab":
        dlproc("detect", model_file, folders / folder, "--save-overlays", "out")
    names = sorted(path.name for path in Path("out").iterdir())  # the overlay of the first 1.png stays
    assert len(names) == 2
    assert names[1] == "1.png.overlay.png"
    assert names[0].startswith("1.png-")
    dlproc("detect", model_file, folders / "b", "--save-overlays", "out")
    assert sorted(path.name for path in Path("out").iterdir()) == names


def test_overlays_are_no_images(dlproc, model_file, folders, workflow):
    for _ in range(2):
        _, out, err = dlproc("detect", model_file, ".", "--save-overlays", "seen")
        assert len(out.splitlines()) == 2
    names = sorted(path for path in Path("seen").rglob("*.png"))
    assert [path.as_posix() for path in names] == ["seen/a/1.png.overlay.png", "seen/b/1.png.overlay.png"]
    assert err.endswith(f"\npassed over: overlays of dlproc 2 ({names[0]}, {names[1]})\n")
    names[0].rename("a/renamed.png")  # also under another name, and when it is named itself
    code, out, err = dlproc("detect", model_file, "a/renamed.png")
    assert (code, out) == (2, "")
    assert err == "0 images: nothing to decide\npassed over: overlays of dlproc 1 (a/renamed.png)\n"
    assert [s["image_file_name"] for s in dl.read_dl_dataset_anomaly(".")["samples"]] == ["a/1.png", "b/1.png"]


@pytest.mark.parametrize("decision", ["accept", "reject", "review"])
def test_what_is_drawn(tmp_path, decision):
    scores = np.full((32, 32), 0.2, np.float32)
    scores[8:16, 8:16] = 0.9
    result = result_of(scores, scores >= 0.5, decision)
    image = np.full((192, 256), 100, np.uint8)
    path = write_overlay(tmp_path / "new" / "folder", NamedImage("x.png", PurePath("x.png")), image, result)
    drawn = np.array(Image.open(path))
    expected = overlay(image, scores, result["anomaly_region"], 0.5, OPACITY)
    np.testing.assert_array_equal(drawn[2:190, 2:254], expected[2:190, 2:254])
    assert (drawn == REGION_COLOR).all(axis=2)[2:190, 2:254].any()
    for side in (drawn[:2], drawn[190:192], drawn[:192, :2], drawn[:192, 254:]):
        assert (side == COLORS[decision]).all()
    strip = drawn[192:]
    assert (strip[:2] == COLORS[decision]).all()  # the words stand inside
    assert (strip < 60).all(axis=2).sum() > 100  # and are black
    assert list_images(tmp_path).passed_over_as(OVERLAY) == ["new/folder/x.png.overlay.png"]


def test_a_small_picture_is_continued_beside(tmp_path):
    picture = np.full((40, 30, 3), 200, np.uint8)
    drawn = with_verdict(picture, "reject", 0.5306, 0.3532)
    np.testing.assert_array_equal(drawn[1:39, 1:29], picture[1:39, 1:29])
    assert drawn.shape[1] > 60
    assert not drawn[:40, 30:].any()


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_images_that_are_no_bytes_are_stretched(tmp_path, dtype):
    result = result_of(np.zeros((32, 32), np.float32), np.zeros((32, 32), bool), "accept")
    ramp = np.linspace(500, 1500, 192 * 256).reshape(192, 256).astype(dtype)
    source = NamedImage("x.tif", PurePath("x.tif"))
    drawn = np.array(Image.open(write_overlay(tmp_path, source, ramp, result)))
    expected = np.rint((ramp.astype(float) - 500) / 1000 * 255).astype(np.uint8)
    expected = overlay(expected, result["anomaly_image"], result["anomaly_region"], 0.5, OPACITY)
    np.testing.assert_array_equal(drawn[2:190, 2:254], expected[2:190, 2:254])
    flat = np.full((192, 256), 7, dtype)
    drawn = np.array(Image.open(write_overlay(tmp_path, source, flat, result)))
    assert np.ptp(drawn[2:190, 2:254, 0]) == 0


def result_of(scores, region, decision):
    return {
        "anomaly_image": scores,
        "anomaly_region": region,
        "anomaly_segmentation_threshold": 0.5,
        "anomaly_score": 0.9,
        "anomaly_classification_threshold": 0.5,
        "decision": decision,
    }


def test_a_folder_that_cannot_be_made(dlproc, model_file, folders):
    Path("file").touch()
    assert dlproc("detect", model_file, "a", "--save-overlays", "file") == (
        2,
        "",
        "dlproc: error: file: expected a folder for the overlays; got a file\n",
    )
