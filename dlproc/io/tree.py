"""Folders: what is there, and which images."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
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
    names = {
        (folder / name).relative_to(root).as_posix()
        for start in roots
        for folder, _, file_names in walk(start)
        for name in file_names
    }
    return sorted(name for name in names if Path(name).suffix.lower() in IMAGE_EXTENSIONS)


def walk(
    start: Path, follow_links: bool = True, depth: int | None = None
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder, with the names of the folders and of the files in it, from `start` on, at most `depth` folders deep.

    Folders that cannot be read are passed over.
    """
    seen = set()  # a link to a folder above would lead round in circles
    for name, sub_dirs, file_names in os.walk(start, followlinks=follow_links):
        folder = Path(name)
        seen.add(os.path.realpath(folder))
        yield folder, list(sub_dirs), file_names
        is_deepest = depth is not None and len(folder.relative_to(start).parts) + 1 >= depth
        sub_dirs[:] = [] if is_deepest else [one for one in sub_dirs if os.path.realpath(folder / one) not in seen]
