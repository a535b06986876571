"""Files, folders, patterns and lines as the images of a run; and where their overlays go."""

import io
import os
from pathlib import Path

import pytest

from dlproc.cli.images import named_images
from dlproc.cli.overlays import overlay_path
from dlproc.errors import DLFileError


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("a/1.png", "a/2.JPG", "a/notes.txt", "a/deep/3.png", "b/1.png", "[x].png", "x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*names, **options):
    return [name.replace(os.sep, "/") for name in named_images(names, **options)]


def test_files_folders_and_patterns(tree):
    assert found("x.png", "a/notes.txt") == ["x.png", "a/notes.txt"]  # a file is taken as it is named
    assert found("a") == ["a/1.png", "a/2.JPG", "a/deep/3.png"]
    assert found("*/1.png") == ["a/1.png", "b/1.png"]
    assert found("a/*") == ["a/1.png", "a/2.JPG"]
    assert found("**/3.png") == ["a/deep/3.png"]
    assert found(str(tree / "b" / "*")) == [(tree / "b" / "1.png").as_posix()]


def test_a_name_with_brackets_is_a_name_first(tree):
    assert found("[x].png") == ["[x].png"]
    assert found("[xy].png") == ["x.png"]


def test_lines_of_standard_input(tree, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffa/1.png\r\n\n with blank .png\nlast.png"))
    assert found("-") == ["a/1.png", " with blank .png", "last.png"]


def test_what_the_run_writes_is_left_out(tree):
    assert found("a", left_out=Path("a/deep")) == ["a/1.png", "a/2.JPG"]
    (error,) = named_images(["a/deep"], Path("a/deep"))
    assert isinstance(error, DLFileError)
    assert str(error) == f"{Path('a/deep')}: expected a folder with images; got none in it or below"


def test_each_image_has_an_overlay_of_its_own(tree):
    names = ["a/1.png", "b/1.png", "1.png", "1.jpg", "1.jpg.png", str(tree.parent / "1.png"), "../1.tif"]
    paths = [overlay_path(Path("out"), name) for name in names]
    assert len(set(paths)) == len(names)
    assert paths[0] == Path("out/a/1.png.overlay.png")
    assert overlay_path(Path("out"), "a/../a/./1.png") == paths[0]
    assert paths[5] == Path("out", "_root", *tree.parent.parts[1:], "1.png.overlay.png")
