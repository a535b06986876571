"""Locks: one process at a time, a message that says which, and nothing left by processes that were killed."""

import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

import dlproc as dl
from dlproc.io.locks import lock_file, locked, temporary_folder

HOLD = "import sys; from dlproc.io.locks import locked\nwith locked(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
TEMPORARY = "from dlproc.io.locks import temporary_folder\nwith temporary_folder() as f: (f / 'a').touch(); print(f, flush=True); input()"


def started(code, *arguments, **options):
    """A process that has printed its first line, and that line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    )  # fmt: skip
    return process, process.stdout.readline().strip()


def ended(process):
    process.stdin.close()
    process.stdout.close()
    return process.wait(60)


def test_another_process_is_named_and_the_lock_ends_with_it(tmp_path):
    folder = tmp_path / "work"
    process, _ = started(HOLD, folder)
    try:
        with pytest.raises(dl.DLFileError) as caught, locked(folder):
            pass
        assert caught.value.halcon_code == 7781
        found = re.fullmatch(
            rf"{re.escape(str(folder))}: expected a folder that no other process works on; got one that process (\d+) on "
            rf"(.+) has held since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \(wait until it is done, or name another folder\)",
            str(caught.value),
        )
        assert found.groups() == (str(process.pid), platform.node())
        process.kill()
    finally:
        ended(process)
    assert lock_file(folder).exists()  # what a killed process leaves
    with locked(folder):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_holder_may_lock_again_and_nobody_else(tmp_path):
    caught = []

    def other():
        try:
            with locked(tmp_path / "work"):
                pass
        except dl.DLFileError as error:
            caught.append(error.got)

    with locked(tmp_path / "work"), locked(tmp_path / "work"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        with locked(tmp_path / "other"):
            pass
    assert len(caught) == 1
    assert f"process {os.getpid()} on" in caught[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_and_its_folder_are_one(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "work")
    assert lock_file(tmp_path / "link") == lock_file(tmp_path / "work")


def test_the_folders_above_are_made(tmp_path):
    with locked(tmp_path / "a" / "b"):
        assert (tmp_path / "a").is_dir()


def test_temporary_folders_of_killed_processes_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = os.environ | {"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)}
    (tmp_path / "dlproc-of-a-user").mkdir()
    killed, killed_folder = started(TEMPORARY, env=environment)
    killed.kill()
    ended(killed)
    running, running_folder = started(TEMPORARY, env=environment)
    try:
        assert not Path(killed_folder).exists()
        with temporary_folder() as folder:
            assert folder.is_dir()
        assert Path(running_folder).exists()
    finally:
        ended(running)
    assert [path.name for path in tmp_path.iterdir()] == ["dlproc-of-a-user"]


def test_a_temporary_folder_is_removed_after_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyError), temporary_folder():
        raise KeyError
    assert list(tmp_path.iterdir()) == []
