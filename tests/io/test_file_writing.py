"""One function writes files: what may stand in the way, what a killed process leaves, what is checked before work."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import dlproc as dl
from dlproc.io import writing
from dlproc.io.locks import locked, remove_if_abandoned
from dlproc.io.writing import atomic_write, check_space, check_writable, make_folder, remove_parts

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def message(call, *arguments):
    with pytest.raises(dl.DLFileError) as caught:
        call(*arguments)
    assert caught.value.halcon_code == 7781
    return str(caught.value)


def test_a_new_file_and_a_replaced_one_leave_nothing_beside_them(tmp_path):
    file = tmp_path / "a.txt"
    atomic_write(file, b"old")
    atomic_write(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@posix
@pytest.mark.parametrize("is_there", [True, False])
def test_links_are_followed_and_stay(tmp_path, is_there):
    target, link, second = tmp_path / "there" / "a.txt", tmp_path / "link", tmp_path / "second"
    target.parent.mkdir()
    if is_there:
        target.write_bytes(b"old")
    link.symlink_to(target)
    second.symlink_to("link")
    atomic_write(second, b"new")
    assert (second.readlink(), link.readlink()) == (Path("link"), target)
    assert target.read_bytes() == b"new"


@posix
def test_permissions_stay(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"old")
    file.chmod(0o640)
    atomic_write(file, b"new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    os.umask(before := os.umask(0))
    atomic_write(tmp_path / "b.txt", b"new")
    assert stat.S_IMODE((tmp_path / "b.txt").stat().st_mode) == 0o666 & ~before


@posix
def test_into_a_pipe_is_written(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    check_writable(pipe)  # writes nothing
    atomic_write(pipe, b"content")
    reader.join()
    assert read == [b"content"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
def test_into_a_device_is_written():
    atomic_write("/dev/null", b"content")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/stdout of Linux")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_stays_what_it_is(tmp_path, name):
    code = (
        "from dlproc.io.writing import atomic_write, check_writable; print('before', flush=True); "
        f"check_writable('{name}'); atomic_write('{name}', b'written\\n'); print('after')"
    )
    with (tmp_path / "out.txt").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out.txt").read_text() == "before\nwritten\nafter\n"
    piped = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert piped.stdout == b"before\nwritten\nafter\n"


@posix
def test_what_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for call in (check_writable, lambda name: atomic_write(name, b"")):
            assert message(call, "folder") == "folder: expected a file to write to; got a folder"
            assert message(call, "socket") == "socket: expected a file to write to; got a socket"
            no_folder = f"{Path('no/a.txt')}: expected a file in an existing folder; got no folder no"
            assert message(call, str(Path("no/a.txt"))) == no_folder
            assert message(call, "a\0b").startswith(r"a\x00b: expected a file that can be written; got embedded null")
    monkeypatch.setattr(stat, "S_IFBLK", 0)
    monkeypatch.setattr(writing, "_REFUSED", ((stat.S_ISREG, "a block device"),))
    (tmp_path / "disk").write_bytes(b"old")
    assert message(atomic_write, "disk", b"") == "disk: expected a file to write to; got a block device"


def test_a_write_protected_file_stays(tmp_path, monkeypatch):
    file = tmp_path / "a.txt"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # an administrator may write everywhere
    expected = f"{file}: expected a file that can be written; got one that is write-protected"
    assert message(check_writable, file) == expected
    assert message(atomic_write, file, b"new") == expected
    assert file.read_bytes() == b"old"


def test_a_name_of_250_bytes(tmp_path):
    file = tmp_path / ("ä" * 120 + "0123456.ä")
    atomic_write(file, b"content")
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_a_killed_process_left_is_removed_by_the_next_writer(tmp_path):
    file, part = tmp_path / "a.txt", tmp_path / ".a.txt.dlproc.part"
    for call in (lambda: atomic_write(file, b"new"), lambda: check_writable(file), lambda: remove_parts(tmp_path)):
        part.write_bytes(b"half")
        os.utime(part, (0, 0))
        call()
        assert not part.exists()


def test_what_another_process_is_writing_is_waited_for(tmp_path, monkeypatch):
    file, part = tmp_path / "a.txt", tmp_path / ".a.txt.dlproc.part"
    descriptor = writing._open_part(part)
    remove_if_abandoned(part)
    remove_parts(tmp_path)
    assert part.exists()
    monkeypatch.setattr(writing, "_WAIT_S", 0.05)
    assert message(atomic_write, file, b"second") == (
        f"{part}: expected a file that no other process writes; got one that another process is writing "
        "(remove it if none does)"
    )
    monkeypatch.setattr(writing, "_WAIT_S", 30)
    timer = threading.Timer(0.1, writing._remove_part, (part, descriptor))
    timer.start()
    atomic_write(file, b"third")
    timer.join()
    assert file.read_bytes() == b"third"
    assert list(tmp_path.iterdir()) == [file]


def test_many_writers_of_one_file(tmp_path):
    """Each write is whole, and the last one is there."""
    file = tmp_path / "a.bin"
    contents = [bytes([number]) * 10_000 for number in range(8)]
    threads = [threading.Thread(target=atomic_write, args=(file, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    file = tmp_path / "a.txt"
    atomic_write(file, b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert message(atomic_write, file, b"new") == (
        f"{file}: expected a file that can be written; got No space left on device"
    )
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_space_is_looked_at_before(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, 2_500_000))
    check_space(tmp_path / "not" / "there", 2_500_000, "images")
    assert message(check_space, tmp_path / "not", 2_500_001, "images") == (
        f"{tmp_path / 'not'}: expected 2.5 MB of free space for images; got 2.5 MB (name a folder on another disk)"
    )
    assert "expected 30 MB" in message(check_space, tmp_path, 30_000_000, "images")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    make_folder(tmp_path / "new" / "one")
    assert list((tmp_path / "new" / "one").iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    assert (
        message(make_folder, tmp_path / "file")
        == f"{tmp_path / 'file'}: expected a folder that can be written; got a file"
    )

    def read_only(*arguments):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    assert message(make_folder, tmp_path) == (
        f"{tmp_path}: expected a folder that can be written; got Read-only file system"
    )
    assert message(check_writable, tmp_path / "a.hdl") == (
        f"{tmp_path / 'a.hdl'}: expected a file that can be written; got Read-only file system"
    )
    with pytest.raises(
        dl.DLFileError, match="expected a folder beside which a lock file can be written; got Read-only"
    ):
        locked(tmp_path / "work").__enter__()
