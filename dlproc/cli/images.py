"""The images that a user names: files, folders, patterns, or lines on standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from dlproc.errors import DLError, DLFileError

STANDARD_INPUT = "-"


def named_images(names: Iterable[str], left_out: Path | None = None) -> Iterator[str | DLError]:
    """File names, one after the other, or in the place of names an error that says what is wrong with an argument.

    Parameters
    ----------
    names : iterable of str
        Files are taken as they are; of folders the images in them and in all folders below, sorted; of patterns
        (``*``, ``?``, ``[…]``, ``**`` for folders) the images that fit, sorted, because Windows' shells do not expand
        them; for ``-`` the lines of standard input, each the name of a file.
    left_out : Path, optional
        Images below this folder are passed over, because this run writes it.
    """
    for name in names:
        if name == STANDARD_INPUT:
            yield from _lines(sys.stdin)
        elif Path(name).is_dir():
            yield from _below(Path(name), left_out)
        elif Path(name).exists() or not glob.has_magic(name):  # a name with brackets in it is a name first
            yield name
        else:
            yield from _fitting(name, left_out)


def _lines(stream: TextIO) -> Iterator[str]:
    for line in stream:
        name = line.rstrip("\r\n").removeprefix("\ufeff")  # some shells begin a pipe with a byte-order mark
        if name.strip():
            yield name


def _below(folder: Path, left_out: Path | None) -> Iterator[str | DLError]:
    from dlproc.io.listing import list_image_names  # imports numpy

    excluded = left_out.resolve() if left_out is not None else None
    is_empty = True
    for name in list_image_names(folder):
        path = folder / name
        if excluded is None or excluded not in path.resolve().parents:
            is_empty = False
            yield str(path)
    if is_empty:
        yield DLFileError(str(folder), "a folder with images", "none in it or below", halcon_code=5200)


def _fitting(pattern: str, left_out: Path | None) -> Iterator[str | DLError]:
    from dlproc.io.images import HALCON_ENDINGS

    paths = sorted(Path(name) for name in glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    excluded = left_out.resolve() if left_out is not None else None
    images = [path for path in paths if path.suffix.lower() in HALCON_ENDINGS and path.is_file()]
    images = [path for path in images if excluded is None or excluded not in path.resolve().parents]
    if not images:
        yield DLFileError(pattern, "a pattern that fits image files", "none that does", halcon_code=5200)
    yield from map(str, images)
