"""HALCON's operators on folders and whole files that `files.py` does not have."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dlproc.errors import DLFileError
from dlproc.io.paths import path_text
from dlproc.io.writing import atomic_write


def remove_dir(dir_name: str | Path) -> None:
    """Remove a folder that is empty.

    Raises
    ------
    DLFileError
        No such folder (halcon_code 5200); it is not empty, or cannot be removed.
    """
    folder = _folder(dir_name)
    if any(folder.iterdir()):
        raise DLFileError(folder.as_posix(), "an empty folder", "one that is not", "remove_dir_recursively removes it")
    try:
        folder.rmdir()
    except OSError as error:
        raise DLFileError(folder.as_posix(), "a folder that can be removed", error.strerror or str(error)) from error


def remove_dir_recursively(dir_name: str | Path) -> None:
    """Remove a folder with all that is in it. What links in it lead to stays.

    Raises
    ------
    DLFileError
        No such folder (halcon_code 5200), or it cannot be removed. The current folder, and those that it lies in, are
        never removed.
    """
    folder = _folder(dir_name)
    if folder.is_symlink() or Path.cwd().resolve().is_relative_to(folder.resolve()):
        got = "a link to one" if folder.is_symlink() else "the current folder, or one that it lies in"
        raise DLFileError(folder.as_posix(), "a folder that may be removed", got)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise DLFileError(folder.as_posix(), "a folder that can be removed", error.strerror or str(error)) from error


def copy_file(source_file: str | Path, destination_file: str | Path) -> None:
    """Copy a file; the copy replaces what is there.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200), or the copy cannot be written (7781).
    """
    source = Path(path_text(source_file, "source_file", 1))
    target = Path(path_text(destination_file, "destination_file", 2))
    if not source.is_file():
        raise DLFileError(source.as_posix(), "an existing file", "none", halcon_code=5200)
    atomic_write(target, source.read_bytes())


def get_current_dir() -> str:
    """The current folder, with forward slashes."""
    return Path.cwd().as_posix()


def set_current_dir(dir_name: str | Path) -> None:
    """Make a folder the current one: names of files without a folder count from there.

    Raises
    ------
    DLFileError
        No such folder (halcon_code 5200), or it cannot be entered.
    """
    folder = _folder(dir_name)
    try:
        os.chdir(folder)
    except OSError as error:
        raise DLFileError(folder.as_posix(), "a folder that can be entered", error.strerror or str(error)) from error


def _folder(given: object) -> Path:
    folder = Path(path_text(given, "dir_name", 1))
    if not folder.is_dir():
        raise DLFileError(folder.as_posix(), "an existing folder", "none", halcon_code=5200)
    return folder
