"""Files, folders, patterns and lines as the images of a run; and where their overlays go."""

import io
import os
import re
from pathlib import Path, PurePath

import pytest

from dlproc.cli.images import NamedImage, named_images, passed_over_in_words
from dlproc.cli.overlays import overlay_path
from dlproc.errors import DLFileError
from dlproc.io import listing
from dlproc.io.listing import PassedOver


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("a/1.png", "a/2.JPG", "a/notes.txt", "a/deep/3.png", "b/1.png", "[x].png", "x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def images(*names):
    """What the names stand for, and what is passed over."""
    passed_over = []
    return list(named_images(names, passed_over)), [(one.name.replace(os.sep, "/"), one.reason) for one in passed_over]


def found(*names):
    return [one.name.replace(os.sep, "/") for one in images(*names)[0]]


def test_files_folders_and_patterns(tree):
    assert found("x.png", "a/notes.txt") == ["x.png", "a/notes.txt"]  # a file is taken as it is named
    assert found("a") == ["a/1.png", "a/2.JPG", "a/deep/3.png"]
    assert found("*/1.png") == ["a/1.png", "b/1.png"]
    assert found("a/*") == ["a/1.png", "a/2.JPG", "a/deep/3.png"]  # a folder that fits stands for what is in it
    assert found("**/3.png") == ["a/deep/3.png"]
    assert found("a/**") == ["a/1.png", "a/2.JPG", "a/deep/3.png"]  # each once, although a folder and its files fit
    assert found("a/1.png", "a/1.png") == ["a/1.png", "a/1.png"]
    assert found(str(tree / "b" / "*")) == [(tree / "b" / "1.png").as_posix()]


def test_a_name_with_brackets_is_a_name_first(tree):
    assert found("[x].png") == ["[x].png"]
    assert found("[xy].png") == ["x.png"]


def test_lines_of_standard_input(tree, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffa/1.png\r\n\n with blank .png\nlast.png"))
    assert found("-") == ["a/1.png", " with blank .png", "last.png"]


def test_what_is_passed_over(tree):
    for name in ("a/.1.png", "a/Thumbs.db", "a/deep/1.heic", "a/@eaDir/1.png"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).touch()
    beside = [
        ("a/.1.png", listing.HIDDEN),
        ("a/@eaDir/", listing.SYSTEM),
        ("a/Thumbs.db", listing.SYSTEM),
        ("a/deep/1.heic", listing.NOT_READ),
        ("a/notes.txt", listing.OTHER),
    ]
    assert images("a")[1] == beside
    assert images("a/*")[1] == [(name.removesuffix("/"), reason) for name, reason in beside[1:]]
    assert images("a/notes.txt") == ([NamedImage("a/notes.txt", PurePath("a/notes.txt"))], [])  # it is to be tried


def test_a_file_that_is_no_image_may_be_skipped(tree):
    passed_over = []
    assert not list(named_images(["a/notes.txt"], passed_over, skip_others=True))
    assert passed_over == [PassedOver("a/notes.txt", listing.OTHER)]
    assert [one.name for one in named_images(["missing.txt"], [], skip_others=True)] == ["missing.txt"]


def test_where_nothing_is_found_it_says_what_there_is(tree):
    (tree / "texts").mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "d.txt", "e.heic"):
        (tree / "texts" / name).touch()
    ((error,), _), ((other,), _) = images("texts"), images("texts/*")
    assert isinstance(error, DLFileError)
    names = [Path("texts", name) for name in ("a.txt", "b.txt", "c.txt", "e.heic")]
    beside = (
        f"passed over: other files 4 ({names[0]}, {names[1]}, {names[2]} and 1 more), "
        f"image of a kind that is not read here, or damaged 1 ({names[3]})"
    )
    assert str(error) == f"texts: expected a folder with images; got none in it or below ({beside})"
    assert str(other) == f"texts/*: expected a pattern that fits image files; got none that does ({beside})"


def test_the_words_for_what_is_passed_over():
    passed_over = [
        PassedOver(".a", listing.HIDDEN),
        PassedOver("b.heic", listing.NOT_READ),
        PassedOver("c.txt", listing.OTHER),
        PassedOver("d/", listing.UNREADABLE),
    ]
    assert passed_over_in_words(passed_over) == (
        "passed over: hidden 1 (.a), other files 1 (c.txt)",
        "left out, but may be images: b.heic (image of a kind that is not read here, or damaged), d/ (cannot be opened)",
    )
    assert passed_over_in_words([]) == ("", "")


# ------------------------------------------------------------------------------------------------------------- places


def places(*names):
    return [one.place.as_posix() for one in images(*names)[0]]


def test_results_go_below_what_was_named(tree):
    assert places("a") == places(str(tree / "a")) == ["1.png", "2.JPG", "deep/3.png"]
    assert places("a", str(tree / "b")) == ["a/1.png", "a/2.JPG", "a/deep/3.png", "b/1.png"]
    assert places(".")[:1] == ["[x].png"]
    assert places("a/1.png", "a/../b/1.png", str(tree / "x.png")) == ["a/1.png", "b/1.png", "x.png"]
    assert places("*/1.png") == ["a/1.png", "b/1.png"]


def overlay_of(name, place):
    return overlay_path(Path("out"), NamedImage(name, PurePath(place)))


def test_each_image_has_an_overlay_of_its_own(tree):
    assert overlay_of("a/1.png", "1.png") == Path("out/1.png.overlay.png")
    assert overlay_of("a/1.jpg", "1.jpg") == Path("out/1.jpg.overlay.png")
    Path("out").mkdir()
    Path("out/1.png.overlay.png").touch()  # a file of somebody else stays
    other = overlay_of("a/1.png", "1.png")
    assert re.fullmatch(r"1\.png-[0-9a-f]{12}\.overlay\.png", other.name)
    assert overlay_of("b/1.png", "1.png") != other == overlay_of(str(tree / "a" / "1.png"), "1.png")
    Path("out/2.png.overlay.png").mkdir()
    assert overlay_of("a/2.png", "2.png").name.startswith("2.png-")


@pytest.mark.parametrize("stem", ["a" * 251, "ü" * 125, "零" * 83])
def test_long_names_are_cut(tree, stem):
    paths = [overlay_of(f"{folder}/{stem}.png", f"{stem}.png") for folder in "ab"]
    assert len(set(paths)) == 2
    assert all(200 < len(os.fsencode(path.name)) <= 240 for path in paths)
