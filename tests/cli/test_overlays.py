"""``dlproc detect --save-overlays``: one picture for each image, none over another."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlproc.cli.overlays import OPACITY, write_overlay
from dlproc.images.overlay import REGION_COLOR, overlay


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
    size = np.array(Image.open("a/1.png")).shape
    assert [picture.shape for picture in pictures] == [(*size, 3)] * 2  # as large as the image, not as the model's
    assert (pictures[0] != pictures[1]).any()
    _, out, _ = dlproc("detect", model_file, "a", "--save-overlays", "out", "--csv", "--quiet")
    assert out.splitlines()[1].endswith(f",{files[0]},")


def test_overlays_below_the_images_are_not_inspected(dlproc, model_file, folders):
    for _ in range(2):
        _, out, _ = dlproc("detect", model_file, ".", "--save-overlays", "seen", "--quiet")
        assert len(out.splitlines()) == 2
    assert len(list(Path("seen").rglob("*.png"))) == 2


def test_what_is_drawn(tmp_path):
    scores = np.full((32, 32), 0.2, np.float32)
    scores[8:16, 8:16] = 0.9
    result = {"anomaly_image": scores, "anomaly_region": scores >= 0.5, "anomaly_segmentation_threshold": 0.5}
    image = np.full((64, 96), 100, np.uint8)
    path = write_overlay(tmp_path / "new" / "folder", "x.png", image, result)
    drawn = np.array(Image.open(path))
    np.testing.assert_array_equal(drawn, overlay(image, scores, result["anomaly_region"], 0.5, OPACITY))
    assert (drawn == REGION_COLOR).all(axis=2).any()


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_images_that_are_no_bytes_are_stretched(tmp_path, dtype):
    result = {
        "anomaly_image": np.zeros((32, 32), np.float32),
        "anomaly_region": np.zeros((32, 32), bool),
        "anomaly_segmentation_threshold": 0.5,
    }
    ramp = np.linspace(500, 1500, 32 * 32).reshape(32, 32).astype(dtype)
    drawn = np.array(Image.open(write_overlay(tmp_path, "x.tif", ramp, result)))
    expected = np.rint((ramp.astype(float) - 500) / 1000 * 255).astype(np.uint8)
    np.testing.assert_array_equal(
        drawn, overlay(expected, result["anomaly_image"], result["anomaly_region"], 0.5, OPACITY)
    )
    flat = np.full((32, 32), 7, dtype)
    assert np.ptp(np.array(Image.open(write_overlay(tmp_path, "flat.tif", flat, result)))[:, :, 0]) == 0


def test_a_folder_that_cannot_be_made(dlproc, model_file, folders):
    Path("file").touch()
    assert dlproc("detect", model_file, "a", "--save-overlays", "file") == (
        2,
        "",
        "dlproc: error: file: expected a folder for the overlays; got a file\n",
    )
