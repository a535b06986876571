"""Parts of file names that are relative to a folder, with forward slashes on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

Folders = tuple[str, ...]


def folders_of(name: str) -> Folders:
    """The folders above a file, from the root on: ``'a/b/1.png'`` -> ``('a', 'b')``."""
    return PurePosixPath(name).parts[:-1]


def folder_of(name: str) -> str:
    """The folder of a file as one text; ``'.'`` is the root."""
    return PurePosixPath(name).parent.as_posix()


def stem_of(name: str) -> str:
    """The name of a file without its folders and its ending."""
    return PurePosixPath(name).stem


def parts_of(folder: str) -> Folders:
    """The parts of a folder's name, with slashes of both kinds: ``'./a/b/'`` -> ``('a', 'b')``."""
    return tuple(part for part in PurePosixPath(folder.replace("\\", "/")).parts if part != ".")


def is_below(name: str, folder: Folders) -> bool:
    """Whether a file lies in a folder or in one below it; upper and lower case do not matter."""
    lower = [part.casefold() for part in folders_of(name)[: len(folder)]]
    return lower == [part.casefold() for part in folder]


def some(names: Sequence[str], n_shown: int = 3) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:n_shown]) + (", …" if len(names) > n_shown else "")
