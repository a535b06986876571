"""Folders: which images are there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dlproc.io.images import IMAGE_EXTENSIONS


def list_image_names(folder: str | Path, sub_dirs: Iterable[str] = ()) -> list[str]:
    """Image files below a folder, recursively, links followed.

    Parameters
    ----------
    folder : str or Path
        Where to look.
    sub_dirs : iterable of str
        Only below these folders of it; empty: everywhere.

    Returns
    -------
    list of str
        Names relative to `folder`, with forward slashes, each once, sorted: the order does not depend on the machine.
    """
    root = Path(folder)
    roots = [root / sub_dir for sub_dir in sub_dirs] or [root]
    names = {path.relative_to(root).as_posix() for start in roots for path in _walk(start)}
    return sorted(name for name in names if Path(name).suffix.lower() in IMAGE_EXTENSIONS)


def _walk(start: Path) -> Iterable[Path]:
    seen = set()  # a link to a folder above would lead round in circles
    for folder, sub_dirs, file_names in os.walk(start, followlinks=True):
        seen.add(os.path.realpath(folder))
        sub_dirs[:] = [name for name in sub_dirs if os.path.realpath(Path(folder, name)) not in seen]
        yield from (Path(folder, name) for name in file_names)
