"""``dlproc train``: images that cannot be read, and what the model keeps of the shape of the others."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import dlproc as dl
from dlproc.cli.proportions import proportions_of, remark_on_proportions
from dlproc.io.image_size import image_size


@pytest.fixture
def parts(cells, tmp_path, monkeypatch):
    """Few real images, wider than high: 120 x 90."""
    monkeypatch.chdir(tmp_path)
    for kind, number in (("good", 8), ("defective", 2)):
        Path("parts", kind).mkdir(parents=True)
        for file in sorted((cells / kind).iterdir())[:number]:
            with Image.open(file) as picture:
                picture.resize((120, 90)).save(Path("parts", kind, file.name))
    return Path("parts")


def train(dlproc, *options):
    return dlproc("train", "parts", "-o", "part.hdl", "--size", "64", *options)


def test_broken_images_are_named_and_left_out(dlproc, parts):
    whole = sorted((parts / "good").iterdir())[0]
    (parts / "good" / "0_cut.png").write_bytes(whole.read_bytes()[:2000])
    (parts / "good" / "zero.png").touch()
    Image.fromarray(np.full((90, 120), 0.5, np.float32)).save(parts / "defective" / "reals.tif")
    code, out, err = train(dlproc)
    assert (code, out) == (2, "")
    assert not Path("part.hdl").exists()
    code, out, err = train(dlproc, "--keep-going")
    assert code == 0  # there is a model, of the images that can be read
    lines = err.splitlines()
    folder = Path("parts")
    left_out = [line for line in lines if line.startswith("dlproc: left out: ")]
    assert [line.removeprefix("dlproc: left out: ").split(":")[0] for line in left_out] == [
        str(folder / "defective" / "reals.tif"),
        (folder / "good" / "0_cut.png").as_posix(),
        (folder / "good" / "zero.png").as_posix(),
    ]
    assert left_out[0].endswith(": expected gray values from 0 to 255; got float32, 0.5 to 0.5")
    assert left_out[2].endswith(": expected one complete image, grey or colour; got an empty file")
    assert "3 images left out, 10 kept" in lines
    quiet = train(dlproc, "--keep-going", "--force", "--quiet")
    assert (quiet[0], quiet[2].splitlines()) == (0, left_out)  # errors are said in any case


def test_nothing_is_left_out_where_nothing_is_broken(dlproc, parts):
    with_option = train(dlproc, "--keep-going", "--quiet")
    model = Path("part.hdl").read_bytes()
    assert with_option[0] == 0
    assert with_option[2] == ""
    assert train(dlproc, "--force", "--quiet") == with_option
    assert Path("part.hdl").read_bytes() == model


def test_an_image_of_another_shape_is_remarked(dlproc, parts):
    train(dlproc, "--quiet")
    assert proportions_of(dl.read_dl_model("part.hdl")) == (1.3333, 1.3333)
    with Image.open(sorted((parts / "good").iterdir())[0]) as picture:
        for name, size in {"same.png": (240, 180), "near.png": (150, 100), "turned.png": (90, 120)}.items():
            picture.resize(size).save(name)
    _, out, err = dlproc("detect", "part.hdl", "same.png", "near.png", "turned.png", "--json")
    remarks = {record["image"]: record.get("remarks") for record in map(json.loads, out.splitlines())}
    words = "90 x 120 pixels, width : height 0.75; of the training images 1.33"
    assert remarks == {"same.png": None, "near.png": None, "turned.png": [words]}
    assert f"1 image of other proportions than those trained on; turned.png: {words}\n" in err


@pytest.mark.parametrize(
    ("known", "size", "is_remarked"),
    [
        ((1.0, 1.0), (120, 100), False),  # 1.2: the last that is not
        ((1.0, 1.0), (121, 100), True),
        ((1.0, 1.0), (100, 121), True),
        ((1.0, 2.0), (240, 100), False),
        ((1.0, 2.0), (241, 100), True),
        (None, (1, 1000), False),
    ],
)
def test_how_far_is_far(known, size, is_remarked):
    assert bool(remark_on_proportions(known, *size)) == is_remarked


def test_models_that_do_not_know(model):
    assert proportions_of(model) is None
    dl.set_dl_model_param(model, "meta_data", {"training_width_to_height": "wide"})
    assert proportions_of(model) is None


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "pgm", "jp2"])
def test_sizes_from_the_head_are_those_of_the_image(tmp_path, ending):
    Image.fromarray(np.zeros((30, 50), np.uint8)).save(tmp_path / f"x.{ending}")
    assert image_size(tmp_path / f"x.{ending}") == (50, 30) == dl.read_image(tmp_path / f"x.{ending}").shape[1::-1]


def test_sizes_of_turned_and_planar_images(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.zeros((30, 50), np.uint8)).save(tmp_path / "x.jpg", exif=exif)
    tifffile.imwrite(tmp_path / "x.tif", np.zeros((3, 30, 50), np.uint16), photometric="rgb", planarconfig="separate")
    for name in ("x.jpg", "x.tif"):
        assert image_size(tmp_path / name) == (50, 30) == dl.read_image(tmp_path / name).shape[1::-1]
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(dl.DLFileError, match="expected one complete image, grey or colour; got "):
        image_size(tmp_path / "text.png")
    with pytest.raises(dl.DLFileError):
        image_size(tmp_path / "none.png")
