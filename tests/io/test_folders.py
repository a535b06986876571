"""Folders and whole files."""

import sys
from pathlib import Path

import pytest

import dlproc as dl


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "deep").mkdir(parents=True)
    (tmp_path / "results" / "deep" / "a.txt").write_text("a")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_folders_are_removed(here):
    dl.remove_dir("empty")
    dl.remove_dir_recursively(["results"])
    assert list(here.iterdir()) == []


def test_what_a_link_leads_to_stays(here):
    try:
        (here / "results" / "link").symlink_to(here / "empty", target_is_directory=True)
        (here / "link").symlink_to(here / "empty", target_is_directory=True)
    except OSError:
        pytest.skip("links need a right that this user does not have")
    (here / "empty" / "kept.txt").write_text("kept")
    dl.remove_dir_recursively("results")
    assert (here / "empty" / "kept.txt").read_text() == "kept"
    with pytest.raises(dl.DLFileError, match=r"^link: expected a folder that may be removed; got a link to one$"):
        dl.remove_dir_recursively("link")


def test_a_file_is_copied(here):
    dl.copy_file("results/deep/a.txt", Path("b.txt"))
    (here / "results" / "deep" / "a.txt").write_text("new")
    assert (here / "b.txt").read_text() == "a"
    dl.copy_file("results/deep/a.txt", "b.txt")
    assert (here / "b.txt").read_text() == "new"


def test_the_current_folder(here):
    before = dl.get_current_dir()
    assert Path(before) == here.resolve() or Path(before) == here
    dl.set_current_dir("results")
    assert dl.get_current_dir() == f"{before}/results"
    assert dl.file_exists("deep") == 1


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.remove_dir("nowhere"), 5200, "nowhere: expected an existing folder; got none"),
        (lambda: dl.remove_dir("results"), None, "results: expected an empty folder; got one that is not (remove_dir_recursively removes it)"),
        (lambda: dl.remove_dir_recursively("results/deep/a.txt"), 5200, "results/deep/a.txt: expected an existing folder; got none"),
        (lambda: dl.remove_dir_recursively("."), None, ".: expected a folder that may be removed; got the current folder, or one that it lies in"),
        (lambda: dl.remove_dir_recursively("/"), None, "/: expected a folder that may be removed; got the current folder, or one that it lies in"),
        (lambda: dl.remove_dir_recursively(""), 1201, "dir_name: expected a path; got ''"),
        (lambda: dl.copy_file("nothing", "x"), 5200, "nothing: expected an existing file; got none"),
        (lambda: dl.copy_file("results/deep/a.txt", "no/where"), 7781, None),
        (lambda: dl.copy_file("results/deep/a.txt", 5), 1202, "destination_file: expected a path; got 5"),
        (lambda: dl.set_current_dir("nowhere"), 5200, "nowhere: expected an existing folder; got none"),
    ],
)  # fmt: skip
def test_errors(here, call, code, message):
    if message is not None and message.startswith("/") and sys.platform == "win32":
        pytest.skip("a drive has another name")
    with pytest.raises(dl.DLError) as caught:
        call()
    assert message is None or str(caught.value) == message
    assert caught.value.halcon_code == code
    assert sorted(path.name for path in here.rglob("*")) == ["a.txt", "deep", "empty", "results"]


def test_words_and_letters(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Teil 7:\n  größer\t0.5\n", encoding="utf-8")
    handle = dl.open_file(path, "input")
    words = [dl.fread_string(handle) for _ in range(5)]
    assert words == [("Teil", 0), ("7:", 0), ("größer", 0), ("0.5", 0), ("", 1)]
    dl.close_file(handle)
    path.write_text("ä\nb", encoding="utf-8")
    handle = dl.open_file(path, "input")
    assert [dl.fread_char(handle) for _ in range(5)] == ["ä", "nl", "b", "eof", "eof"]
    dl.close_file(handle)
    with pytest.raises(dl.DLFileError, match=r"expected an open file; got one that is closed$"):
        dl.fread_char(handle)
    handle = dl.open_file(path, "output")
    with pytest.raises(dl.DLFileError, match=r"expected a file that was opened to read; got one to write$"):
        dl.fread_string(handle)
    dl.close_file(handle)
