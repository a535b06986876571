"""Which files of a folder are images, and what is said of the others."""

import io
import os
import sys

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import dlproc as dl
from dlproc.io import listing
from dlproc.io.listing import image_endings, list_image_names, list_images

GREY = Image.fromarray(np.random.Generator(np.random.PCG64(1)).integers(0, 256, (32, 32), np.uint8))
FORMATS = ["PNG", "JPEG", "WEBP", "AVIF", "BMP", "GIF", "TIFF", "JPEG2000", "PCX", "PPM", "TGA", "QOI", "SGI", "ICO"]
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


def encoded(name, **options):
    content = io.BytesIO()
    GREY.convert("RGB").save(content, name, **options)
    return content.getvalue()


def reason_of(tmp_path, name, content):
    """None for an image, else why the file is passed over."""
    path = tmp_path / "folder" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    found = list_images(tmp_path / "folder")
    assert len(found.names) + len(found.passed_over) == 1
    return found.passed_over[0].reason if found.passed_over else None


@pytest.mark.parametrize("ending", ["", ".dat", ".png~", ".heic"])
@pytest.mark.parametrize("name", FORMATS)
def test_content_says_what_the_ending_does_not(tmp_path, name, ending):
    content = encoded(name)
    if name == "TIFF" and ending == ".heic":
        pytest.skip("raw files of cameras are TIFF files with a preview; the ending decides")
    assert reason_of(tmp_path, f"image{ending}", content) is None
    assert dl.read_image(tmp_path / "folder" / f"image{ending}").shape == (32, 32, 3)


@pytest.mark.parametrize(
    "name",
    ["1.jpg", "2.webp", "3.jfif", "4.avif", "5.tga", "6.apng", "7.JPG", "8.tar.png", "9.mpo", "10.jpe", "ü 零.Tiff"],
)
def test_endings_of_images_are_believed(tmp_path, name):
    assert reason_of(tmp_path, name, b"") is None  # read_image says what is wrong with it


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.txt", b"text", listing.OTHER),
        ("table.csv", b"P5,P6\n1,2\n", listing.OTHER),  # PGM begins so, too
        ("code.h", b"#define A 1\n", listing.OTHER),  # and XBM
        ("empty", b"", listing.OTHER),
        ("one", b"P", listing.OTHER),
        ("film.mpg", b"\0\0\1\xb3" + bytes(20), listing.OTHER),
        ("page.pdf", b"%PDF-1.7\n\0", listing.OTHER),
        ("page.html", b"<!doctype html><svg></svg>", listing.OTHER),
        ("part.hdl", b"\x89HDF\r\n\x1a\n" + bytes(50), listing.OTHER),
        ("1.heic", HEIC, listing.NOT_READ),
        ("1.HEIC", b"", listing.NOT_READ),
        ("IMG_1", HEIC, listing.NOT_READ),
        ("1.cr2", encoded("TIFF"), listing.NOT_READ),  # Pillow would read the preview
        ("1.dng", encoded("TIFF"), listing.NOT_READ),
        ("1.jxr", b"II\xbc\x01" + bytes(20), listing.NOT_READ),
        ("jxr", b"II\xbc\x01" + bytes(20), listing.NOT_READ),
        ("exr", b"v/1\x01" + bytes(20), listing.NOT_READ),
        ("1.svg", b"<svg/>", listing.NOT_READ),
        ("drawing", b"<?xml version='1.0'?><svg/>", listing.NOT_READ),
        ("1.dcm", bytes(200), listing.NOT_READ),
        ("scan", bytes(128) + b"DICM" + bytes(50), listing.NOT_READ),
        ("broken", encoded("PNG")[:20], listing.NOT_READ),  # begins like an image, with a damaged head
        (".1.png", encoded("PNG"), listing.HIDDEN),
        ("._1.jpg", b"\0\5\x16\7", listing.HIDDEN),
        (".DS_Store", b"\0\0\0\1Bud1", listing.HIDDEN),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0", listing.SYSTEM),
        ("desktop.ini", b"[x]", listing.SYSTEM),
        (".ipynb_checkpoints/1.png", b"", listing.HIDDEN),
        (".Trash-1000/files/2.png", b"", listing.HIDDEN),
        ("@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg", b"", listing.SYSTEM),
        ("__MACOSX/good/._1.jpg", b"", listing.SYSTEM),
        ("$RECYCLE.BIN/1.png", b"", listing.SYSTEM),
        ("System Volume Information/1.png", b"", listing.SYSTEM),
    ],
)
def test_what_is_passed_over_has_a_reason(tmp_path, name, content, reason):
    assert reason_of(tmp_path, name, content) == reason


@pytest.mark.parametrize("name", ["anything.png", "x.png.overlay.png", "no_ending", "7.dat"])
def test_overlays_are_known_by_their_mark(tmp_path, name):
    mark = PngInfo()
    mark.add_text(*listing.OVERLAY_MARK)
    assert reason_of(tmp_path, name, encoded("PNG", pnginfo=mark)) == listing.OVERLAY


def test_a_name_alone_makes_no_overlay(tmp_path):
    assert reason_of(tmp_path, "x.overlay.png", encoded("PNG")) is None


def test_images_are_sorted_relative_and_once(paint):
    folder = paint(dict.fromkeys(["b/2.PNG", "b/1.tif", "a.jpg", "b/c/3.bmp", ".hidden/4.png"], (8, 8)))
    (folder / "note.txt").touch()
    (folder / "folder.png").mkdir()  # a folder, whatever its name
    (folder / "folder.png" / "5.png").write_bytes(encoded("PNG"))
    assert list_image_names(folder) == ["a.jpg", "b/1.tif", "b/2.PNG", "b/c/3.bmp", "folder.png/5.png"]
    assert list_image_names(folder, ["b/c"]) == ["b/c/3.bmp"]
    assert list_image_names(folder, ["b", "b/c", "missing"]) == ["b/1.tif", "b/2.PNG", "b/c/3.bmp"]
    assert list_image_names(folder / ".hidden") == ["4.png"]  # the folder itself may have any name
    assert list_images(folder).passed_over_as(listing.HIDDEN, listing.OTHER) == [".hidden/", "note.txt"]


def test_links(paint, tmp_path):
    folder = paint(dict.fromkeys(["a/1.png", "b/2.png"], (8, 8)))
    try:
        (folder / "a" / "up").symlink_to(folder, target_is_directory=True)
        (folder / "a" / "beside").symlink_to(folder / "b", target_is_directory=True)
        (folder / "a" / "gone.png").symlink_to(tmp_path / "nothing.png")
        (folder / "b" / "file.png").symlink_to(folder / "a" / "1.png")
    except OSError:
        pytest.skip("this system lets no one make links")
    found = list_images(folder)
    assert found.names == ["a/1.png", "a/beside/2.png", "a/beside/file.png", "b/2.png", "b/file.png"]
    assert [(one.name, one.reason) for one in found.passed_over] == [
        ("a/gone.png", listing.BROKEN_LINK),
        ("a/up/", listing.LOOP),
    ]


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="rights of POSIX")
def test_what_cannot_be_opened_is_said(paint):
    folder = paint(dict.fromkeys(["a.png", "locked/b.png"], (8, 8)))
    os.mkfifo(folder / "pipe.png")  # would be waited for for ever
    if os.geteuid() == 0:
        assert list_images(folder).passed_over_as(listing.UNREADABLE) == ["pipe.png"]
        pytest.skip("root may read everything")
    (folder / "closed").write_bytes(encoded("PNG"))
    (folder / "closed").chmod(0)
    (folder / "locked").chmod(0)
    try:
        found = list_images(folder)
    finally:
        (folder / "locked").chmod(0o700)
    assert found.names == ["a.png"]
    assert found.passed_over_as(listing.UNREADABLE) == ["closed", "locked/", "pipe.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf_8_and_long_ones(tmp_path):
    for name in (b"\xff\xfe.png", b"a" * 251 + b".png", "ü".encode() * 125 + b".jpg"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:  # noqa: PTH118, PTH123 - a name of bytes
            file.write(encoded("PNG"))
    names = list_image_names(tmp_path)
    assert names == ["a" * 251 + ".png", "ü" * 125 + ".jpg", os.fsdecode(b"\xff\xfe.png")]
    assert all(dl.read_image(tmp_path / name).shape == (32, 32, 3) for name in names)


def test_endings_are_those_of_formats_that_are_decoded():
    assert {".png", ".jpg", ".webp", ".avif", ".tga", ".jfif", ".apng", ".mpo", ".jp2", ".tif"} <= image_endings()
    assert not {".pdf", ".eps", ".wmf", ".h5", ".mpg", ".txt"} & image_endings()
