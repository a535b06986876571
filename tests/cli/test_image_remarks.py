"""What the command line says of images that could be read, and its limit on their size."""

import numpy as np
from PIL import Image

import dlproc as dl


def turned(path, orientation):
    tags = Image.Exif()
    tags[274] = orientation
    Image.fromarray(np.full((40, 60), 90, np.uint8)).save(path, exif=tags)


def test_a_remark_is_shown_once_and_counted(dlproc, model_file, tmp_path):
    for number in range(3):
        turned(tmp_path / f"{number}.png", 6)
    Image.fromarray(np.full((40, 60), 900, np.uint16)).save(tmp_path / "deep.png")
    _, out, err = dlproc("detect", model_file, tmp_path)
    assert len(out.splitlines()) == 4
    notes = [line for line in err.splitlines() if line.startswith("note: ")]
    assert notes == [
        f"note: {tmp_path / '0.png'}: a tag says orientation 6; images are read as stored, not turned",
        f"note: {tmp_path / 'deep.png'}: 16 bits, but no value above 900: looks like 10 bits of a camera, and counts "
        "as nearly black (dlproc train --bits 10 scales it)",
        "note: orientation tags: 3 remarks in all",
    ]
    assert "note: " not in dlproc("detect", model_file, tmp_path, "--quiet")[2]


def test_the_limit_on_the_size_is_an_option(dlproc, model_file, tmp_path):
    path = tmp_path / "large.png"
    Image.new("L", (2000, 1000)).save(path)
    code, _, err = dlproc("detect", model_file, path, "--max-megapixels", "1.5")
    assert code == 2
    assert err.splitlines()[-1] == (
        f"dlproc: error: {path}: expected an image of at most 1.5 megapixels; got 2000 x 1000, 2.0 megapixels "
        "(--max-megapixels 2 allows it)"
    )
    assert dlproc("detect", model_file, path, "--max-megapixels", "2")[0] != 2
    assert dl.get_system("max_image_megapixels") == 500
    code, _, err = dlproc("detect", model_file, path, "--max-megapixels", "0")
    assert (code, err.splitlines()[-1]) == (2, "dlproc: error: --max-megapixels: expected a number above 0; got 0.0")


def test_bits_are_stored_in_the_model(dlproc, tmp_path):
    noise = np.random.Generator(np.random.PCG64(0))
    (tmp_path / "set" / "good").mkdir(parents=True)
    for number in range(6):
        Image.fromarray(noise.integers(0, 1024, (64, 64), np.uint16)).save(tmp_path / "set" / "good" / f"{number}.png")
    model = tmp_path / "part.hdl"
    _, _, err = dlproc("train", tmp_path / "set", "-o", tmp_path / "black.hdl", "--size", 64)
    assert f"note: {tmp_path / 'set' / 'good'}" in err  # whichever of the images is the first
    code, _, err = dlproc("train", tmp_path / "set", "-o", model, "--size", 64, "--bits", 10)
    assert (code, "looks like" in err) == (0, False)
    assert dl.get_dl_model_param(dl.read_dl_model(model), "image_bits") == 10
    _, _, err = dlproc("detect", model, tmp_path / "set" / "good" / "0.png")
    assert "looks like" not in err
    Image.fromarray(np.full((64, 64), 1024, np.uint16)).save(tmp_path / "other.png")
    code, _, err = dlproc("detect", model, tmp_path / "other.png")
    assert code == 2
    assert "expected gray values from 0 to 1023, 'image_bits' 10; got 1024 to 1024" in err
