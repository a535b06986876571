"""Folders, and the folders in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def walk(
    start: Path,
    follow_links: bool = True,
    depth: int | None = None,
    on_error: Callable[[Path], None] | None = None,
    on_loop: Callable[[Path], None] | None = None,
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Each folder, with the names of the folders and of the files in it, from `start` on, at most `depth` folders deep.

    Folders whose names the caller takes out of the list are not entered. Neither are folders that cannot be read, and
    links to a folder above the one that they lie in, which would lead round in circles; `on_error` and `on_loop` are
    called with their paths.
    """

    def passed_over(error: OSError) -> None:
        if on_error is not None:
            on_error(Path(error.filename))

    above = {start: _with_parents(start)}  # where each folder and those on the way to it really lie
    for name, sub_dirs, file_names in os.walk(start, followlinks=follow_links, onerror=passed_over):
        folder = Path(name)
        on_the_way = above.pop(folder)
        yield folder, sub_dirs, file_names
        is_deepest = depth is not None and len(folder.relative_to(start).parts) + 1 >= depth
        entered = []
        for one in () if is_deepest else sub_dirs:
            if os.path.realpath(folder / one) not in on_the_way:
                above[folder / one] = on_the_way | _with_parents(folder / one)
                entered.append(one)
            elif on_loop is not None:
                on_loop(folder / one)
        sub_dirs[:] = entered


def _with_parents(folder: Path) -> frozenset[str]:
    place = Path(os.path.realpath(folder))
    return frozenset(map(str, (place, *place.parents)))
