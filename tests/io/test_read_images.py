import os

import numpy as np
import pytest
import tifffile
from PIL import Image

import dlproc as dl
from dlproc.io.masks import read_mask
from dlproc.io.matching import match_annotations

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)


def test_grey_and_colour_8_and_16_bit(tmp_path):
    colour = np.dstack([GREY, GREY + 50, GREY + 100])
    deep = GREY.astype(np.uint16) * 5000
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    Image.fromarray(colour).save(tmp_path / "colour.bmp")
    Image.fromarray(deep).save(tmp_path / "deep.png")
    tifffile.imwrite(tmp_path / "deep.tif", deep)
    tifffile.imwrite(tmp_path / "deep_colour.tif", colour.astype(np.uint16) * 200)
    (tmp_path / "deep.pgm").write_bytes(b"P5\n4 3\n65535\n" + deep.astype(">u2").tobytes())
    for name, expected in [
        ("deep.pgm", deep),
        ("grey.png", GREY),
        ("colour.bmp", colour),
        ("deep.png", deep),
        ("deep.tif", deep),
        ("deep_colour.tif", colour.astype(np.uint16) * 200),
    ]:
        image = dl.read_image(tmp_path / name)
        np.testing.assert_array_equal(image, expected, err_msg=name)
        assert image.dtype == expected.dtype, name


def test_palette_transparency_and_bilevel(tmp_path):
    Image.fromarray(GREY).convert("P").save(tmp_path / "palette.png")
    Image.fromarray(np.dstack([GREY] * 4)).save(tmp_path / "alpha.png")
    Image.fromarray(GREY > 5).save(tmp_path / "bilevel.png")
    assert dl.read_image(tmp_path / "palette.png").shape == (3, 4, 3)
    np.testing.assert_array_equal(dl.read_image(tmp_path / "alpha.png"), np.dstack([GREY] * 3))
    np.testing.assert_array_equal(dl.read_image(tmp_path / "bilevel.png"), np.where(GREY > 5, 255, 0))


def test_a_list_gives_a_list(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    assert [image.shape for image in dl.read_image([tmp_path / "a.png", str(tmp_path / "a.png")])] == [(3, 4)] * 2


def test_what_is_no_image_is_named(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("this is not an image")
    (tmp_path / "folder.png").mkdir()
    messages = {
        "empty.png": "expected one complete image, grey or colour; got an empty file",
        "text.png": "expected one complete image, grey or colour; got a file of another kind, or damaged",
        "folder.png": "expected an image file; got a folder",
        "none.png": "expected an image file; got no such file",
    }
    for name, message in messages.items():
        with pytest.raises(dl.DLFileError) as caught:
            dl.read_image(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: {message}"


@pytest.mark.parametrize("extension", ["png", "jpg", "bmp", "tif", "pgm"])
def test_truncated_image_is_an_error(tmp_path, extension):
    path = tmp_path / f"image.{extension}"
    noise = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (200, 200), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(dl.DLFileError, match="expected one complete image, grey or colour; got "):
        dl.read_image(path)


def test_several_pages(tmp_path):
    pages = [Image.fromarray(GREY), Image.fromarray(GREY + 1)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_image(tmp_path / "pages.tif")
    assert str(caught.value) == f"{tmp_path / 'pages.tif'}: expected one complete image, grey or colour; got 2 pages"


@pytest.mark.parametrize(
    ("images", "annotations", "expected"),
    [
        (["crack/1.png"], ["crack/1.png"], {"crack/1.png": "crack/1.png"}),  # the same name
        (["crack/1.png"], ["x/1_mask.png"], {"crack/1.png": "x/1_mask.png"}),  # contained
        (
            ["a/1.png", "b/1.png"],
            ["a/1_m.png", "b/1_m.png"],
            {"a/1.png": "a/1_m.png", "b/1.png": "b/1_m.png"},
        ),  # folder
        (["good/1.png", "a/1.png"], ["a/1_m.png"], {"a/1.png": "a/1_m.png"}),  # two claim it, the folder decides
        (["good/1.png"], ["a/1_m.png", "b/1_m.png"], {}),  # a good image among other folders' defects
        (["good/9.png"], ["a/1_m.png"], {}),
    ],
)
def test_matching_of_annotations(images, annotations, expected):
    assert match_annotations(images, annotations) == expected


def test_ambiguous_annotations_are_named():
    with pytest.raises(dl.DLDataError) as caught:
        match_annotations(["c/cell-1.png"], ["c/cell-1_mask.png", "c/cell-10_mask.png"])
    assert str(caught.value) == (
        "c/cell-1.png: expected one matching annotation; got 2: c/cell-10_mask.png, c/cell-1_mask.png "
        "(set gen_param['file_name_anomaly_only'] to what annotation names have more, for example '_mask')"
    )
    annotations = ["c/cell-1_mask.png", "c/cell-10_mask.png"]
    assert match_annotations(["c/cell-1.png"], annotations, "", "_mask") == {"c/cell-1.png": "c/cell-1_mask.png"}


def test_the_extension_may_be_left_out_and_image_dir_is_searched(tmp_path, monkeypatch):
    (tmp_path / "parts").mkdir()
    (tmp_path / "here").mkdir()
    Image.fromarray(GREY).save(tmp_path / "parts" / "bolt.png")
    Image.fromarray(GREY + 1).save(tmp_path / "parts" / "bolt.tif")
    Image.fromarray(GREY + 2).save(tmp_path / "parts" / "bolt.v2.bmp")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(dl.read_image("parts/bolt"), GREY + 1)  # tif comes first
    np.testing.assert_array_equal(dl.read_image("parts/bolt.png"), GREY)
    np.testing.assert_array_equal(dl.read_image("parts/bolt.v2"), GREY + 2)
    with pytest.raises(dl.DLFileError, match=r"^bolt: expected an image file; got no such file$"):
        dl.read_image("bolt")
    before = dl.get_system("image_dir")
    try:
        dl.set_system("image_dir", os.pathsep.join([str(tmp_path / "here"), str(tmp_path / "parts")]))
        np.testing.assert_array_equal(dl.read_image("bolt"), GREY + 1)
        np.testing.assert_array_equal(dl.read_image("bolt.v2.bmp"), GREY + 2)
    finally:
        dl.set_system("image_dir", before)


def test_a_pnm_head_of_many_spaces_is_read_at_once(tmp_path):
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5" + b" " * 60 + b"#a\r2 1\n1023\n\x03\xff\x00\x01")
    assert dl.read_image(path).tolist() == [[1023, 1]]


def test_pillow_s_own_limit_on_the_size_does_not_hold_for_masks(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)  # twice as many pixels would be an error, more a warning
    Image.fromarray(GREY).save(tmp_path / "mask.png")
    assert read_mask([tmp_path / "mask.png"], GREY.shape).tolist() == GREY.tolist()
