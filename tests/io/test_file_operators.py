"""HALCON's operators on files and folders."""

import errno
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """images/{b.png, a.JPG, notes.txt}, images/good/{1.bmp}, images/good/deep/{2.tif}."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.JPG", "notes.txt", "good/1.bmp", "good/deep/2.tif"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return "images"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("files", ["a.JPG", "b.png", "notes.txt"]),
        ("directories", ["good/"]),
        (["files", "directories"], ["a.JPG", "b.png", "good/", "notes.txt"]),
        (["files", "recursive"], ["a.JPG", "b.png", "good/1.bmp", "good/deep/2.tif", "notes.txt"]),
        (["files", "recursive", "max_depth 2"], ["a.JPG", "b.png", "good/1.bmp", "notes.txt"]),
        (["files", "recursive", "max_files 3"], ["a.JPG", "b.png", "good/1.bmp"]),
        (["directories", "recursive"], ["good/", "good/deep/"]),
        ([], []),
    ],
)
def test_list_files(folder, options, expected):
    assert dl.list_files(folder, options) == [f"images/{name}" for name in expected]


@pytest.mark.parametrize("current", ["", ".", [""], ["."]])
def test_the_current_folder(folder, monkeypatch, current):
    monkeypatch.chdir(folder)
    assert dl.list_files(current, "files") == ["a.JPG", "b.png", "notes.txt"]
    assert dl.list_image_files(current, "default", []) == ["a.JPG", "b.png"]
    assert dl.list_image_files(current, "bmp", "recursive") == ["good/1.bmp"]


def test_links_to_files_are_listed_on_demand(folder, tmp_path):
    try:
        (tmp_path / "images" / "c.png").symlink_to(tmp_path / "images" / "b.png")
    except OSError:
        pytest.skip("links need a right that this user does not have")
    assert dl.list_files(folder, "files") == ["images/a.JPG", "images/b.png", "images/notes.txt"]
    assert "images/c.png" in dl.list_files(folder, ["files", "follow_links"])


def test_list_image_files(folder):
    assert dl.list_image_files(folder, "default", []) == ["images/a.JPG", "images/b.png"]
    assert dl.list_image_files(folder, ["png", "bmp"], "recursive") == ["images/b.png", "images/good/1.bmp"]
    assert dl.list_image_files(["images/good", folder], "default", []) == [
        "images/good/1.bmp",
        "images/a.JPG",
        "images/b.png",
    ]


def test_links_are_followed_only_on_demand_and_never_in_a_circle(folder, tmp_path):
    try:
        (tmp_path / "images" / "good" / "again").symlink_to(tmp_path / "images", target_is_directory=True)
    except OSError:
        pytest.skip("links need a right that this user does not have")
    assert "images/good/again/b.png" not in dl.list_files(folder, ["files", "recursive"])
    assert dl.list_files(folder, ["files", "recursive", "follow_links"]) == dl.list_files(
        folder, ["files", "recursive"]
    )


def test_file_exists_make_dir_and_delete(folder):
    assert dl.file_exists("images/b.png") == dl.file_exists("images") == 1
    assert dl.file_exists(["images/b.png", "nothing"]) == [1, 0]
    dl.make_dir("output")
    assert dl.file_exists("output") == 1
    dl.delete_file("images/b.png")
    assert dl.file_exists("images/b.png") == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("images/good/part_01.png", ("part_01", "png", "images/good/")),
        ("part.tar.gz", ("part.tar", "gz", "")),
        ("C:\\parts\\a.bmp", ("a", "bmp", "C:/parts/")),
        ("folder.d/README", ("README", "", "folder.d/")),
        (".hidden", (".hidden", "", "")),
        ("/a/", ("", "", "/a/")),
        (["a/b.png", "c"], (["b", "c"], ["png", ""], ["a/", ""])),
    ],
)
def test_parse_filename(name, expected):
    assert dl.parse_filename(name) == expected


@given(st.text(alphabet="ab./", max_size=12))
def test_the_parts_of_a_name_are_the_name(name):
    base, extension, directory = dl.parse_filename(name)
    assert directory + base + (f".{extension}" if extension else "") == name
    assert "/" not in base + extension


def test_text_files(tmp_path):
    path = tmp_path / "log.txt"
    handle = dl.open_file(path, "output")
    dl.fwrite_string(handle, ["Teil ", 7, ": gut, ", 0.5, " ", True, " ", 1 > 2])
    dl.fnew_line(handle)
    dl.fwrite_string(handle, "größer")
    dl.close_file(handle)
    assert path.read_bytes().replace(b"\r", b"") == "Teil 7: gut, 0.5 1 0\ngrößer".encode()
    handle = dl.open_file(path, ["append", "utf8_encoding"])
    dl.fwrite_string(handle, "\n")
    dl.close_file([handle])
    handle = dl.open_file(path, "input")
    assert [dl.fread_line(handle) for _ in range(3)] == [("Teil 7: gut, 0.5 1 0\n", 0), ("größer\n", 0), ("", 1)]
    with pytest.raises(dl.DLFileError, match=r"expected a file that was opened to write; got one to read$"):
        dl.fwrite_string(handle, "x")
    dl.close_file(handle)
    with pytest.raises(dl.DLFileError, match=r"expected an open file; got one that is closed$"):
        dl.fread_line(handle)
    path.write_bytes(b"\xff\xfe")
    handle = dl.open_file(path, "input")
    with pytest.raises(dl.DLFileError, match="expected text in UTF-8; got other bytes"):
        dl.fread_line(handle)
    dl.close_file(handle)


def test_a_full_disk_is_told_with_the_file(tmp_path, monkeypatch):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    handle = dl.open_file(tmp_path / "log.txt", "output")
    handle.stream.close()
    handle.stream = Full()
    for call in (lambda: dl.fwrite_string(handle, "x"), lambda: dl.close_file(handle)):
        with pytest.raises(dl.DLFileError) as caught:
            call()
        path = (tmp_path / "log.txt").as_posix()
        assert str(caught.value) == f"{path}: expected a file that can be written; got No space left on device"
        assert caught.value.halcon_code == 7781


@pytest.mark.parametrize(
    ("format", "name", "shape", "dtype"),
    [
        ("png", "a.png", (5, 7), np.uint8),
        ("png best", "b", (5, 7, 3), np.uint8),
        ("png", "c.png", (5, 7), np.uint16),
        ("tiff", "d", (5, 7), np.uint16),
        ("bmp", "e.bmp", (5, 7, 3), np.uint8),
    ],
)
def test_images_come_back(tmp_path, format, name, shape, dtype):
    image = np.random.Generator(np.random.PCG64(0)).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    dl.write_image(image, format, 0, tmp_path / name)
    (file,) = tmp_path.iterdir()
    assert file.suffix == {"p": ".png", "t": ".tif", "b": ".bmp"}[format[0]]
    np.testing.assert_array_equal(dl.read_image(file), image)


def test_jpeg_quality(tmp_path):
    image = np.random.Generator(np.random.PCG64(0)).integers(0, 255, (32, 32)).astype(np.uint8)
    for quality in (10, 90):
        dl.write_image(image, f"jpeg {quality}", 0, tmp_path / f"q{quality}")
    assert (tmp_path / "q90.jpg").stat().st_size > (tmp_path / "q10.jpg").stat().st_size


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.file_exists(5), 1201, "file_name: expected a path; got 5"),
        (lambda: dl.list_files("nowhere", "files"), 5200, "nowhere: expected an existing folder; got none"),
        (lambda: dl.list_files("images", "file"), None, None),
        (lambda: dl.list_files("images", ["files", "max_depth"]), None, "options: expected 'max_depth N' with a number; got 'max_depth'"),
        (lambda: dl.list_image_files("images", "png", "files"), None, None),
        (lambda: dl.make_dir("images"), None, "images: expected a folder that does not exist; got an existing one"),
        (lambda: dl.make_dir("no/where"), None, None),
        (lambda: dl.delete_file("nothing"), 5200, "nothing: expected an existing file; got none"),
        (lambda: dl.open_file("nothing", "input"), 5200, "nothing: expected an existing file; got none"),
        (lambda: dl.open_file("nothing", "input_binary"), None, None),
        (lambda: dl.open_file(5, "input"), 1201, "file_name: expected a path; got 5"),
        (lambda: dl.fread_line("images/b.png"), 2404, "file_handle: expected a file from open_file; got 'images/b.png'"),
        (lambda: dl.write_image(np.zeros((2, 2)), "png", 0, "x"), None, "image: expected an array (H, W) of uint8 or uint16, or (H, W, 3) of uint8; got float64 array of shape (2, 2)"),
        (lambda: dl.write_image(np.zeros((2, 2), np.uint16), "jpeg", 0, "x"), None, "image: expected uint8, for jpeg; got uint16 (png and tiff hold 16 bits)"),
        (lambda: dl.write_image(np.zeros((2, 2), np.uint8), "jpeg 0", 0, "x"), None, "format: expected 'jpeg 1' to 'jpeg 100'; got 'jpeg 0'"),
        (lambda: dl.write_image(np.zeros((2, 2), np.uint8), "gif", 0, "x"), None, None),
        (lambda: dl.write_image(np.zeros((2, 2), np.uint8), "png", 0, "no/where"), 7781, None),
    ],
)  # fmt: skip
def test_errors(folder, call, code, message):
    with pytest.raises(dl.DLError) as caught:
        call()
    assert message is None or str(caught.value) == message
    assert caught.value.halcon_code == code
    assert dl.list_files(".", ["files", "directories"]) == ["images/"]


def test_a_stopwatch():
    begin = dl.count_seconds()
    assert dl.count_seconds() >= begin


def test_a_list_of_one_file_is_that_file(tmp_path):
    files = [dl.open_file(tmp_path / "text.txt", "output")]
    dl.fwrite_string(files, "a")
    dl.fnew_line(files)
    dl.close_file(files)
    files = [dl.open_file(tmp_path / "text.txt", "input")]
    assert (dl.fread_char(files), dl.fread_line(files), dl.fread_line(files)) == ("a", ("\n", 0), ("", 1))
    dl.close_file(files)


def test_ends_of_lines(tmp_path):
    """MVTec's reference of fread_line: line feed, carriage return and form feed end a line; CR LF counts as LF."""
    path = tmp_path / "lines.txt"
    path.write_bytes("a\r\nb\rc\fd\ne\u2028f\r".encode())
    file = dl.open_file(path, "input")
    lines = [dl.fread_line(file) for _ in range(7)]
    dl.close_file(file)
    assert lines == [("a\n", 0), ("b\r", 0), ("c\f", 0), ("d\n", 0), ("e\u2028", 0), ("f\r", 0), ("", 1)]


def test_words_and_letters(tmp_path):
    """MVTec's reference of fread_string: white space and ends of lines part words; other control characters do not."""
    path = tmp_path / "words.txt"
    path.write_bytes(b"  one\ttwo\r\n\r\nth\x1cree x")
    file = dl.open_file(path, "input")
    assert [dl.fread_string(file) for _ in range(3)] == [("one", 0), ("two", 0), ("th\x1cree", 0)]
    assert [dl.fread_char(file) for _ in range(2)] == ["x", "eof"]
    assert dl.fread_string(file) == ("", 1)
    dl.close_file(file)
    file = dl.open_file(path, "input")
    assert dl.fread_string(file) == ("one", 0)
    assert [dl.fread_char(file) for _ in range(6)] == ["t", "w", "o", "nl", "nl", "t"]
    dl.close_file(file)


def test_the_streams_of_the_process_are_files(tmp_path, monkeypatch, capsys):
    """MVTec's reference of open_file reserves the names 'standard' and 'error'."""
    monkeypatch.chdir(tmp_path)
    for name in ("standard", "error"):
        file = dl.open_file(name, "output")
        dl.fwrite_string(file, [f"{name} ", 7])
        dl.fnew_line(file)
        dl.close_file(file)
        with pytest.raises(dl.DLFileError, match=f"^{name}: expected an open file; got one that is closed$"):
            dl.fwrite_string(file, "x")
    assert tuple(capsys.readouterr()) == ("standard 7\n", "error 7\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    file = dl.open_file("standard", "input")
    assert (dl.fread_string(file), dl.fread_string(file)) == (("yes", 0), ("", 1))
    dl.close_file(file)
    assert not list(tmp_path.iterdir())
