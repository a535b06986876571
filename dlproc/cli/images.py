"""The images that a user names: files, folders, patterns, or lines on standard input.

A name is that very path: no ending is added and no other folder is searched.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TextIO

from dlproc.errors import DLError, DLFileError

if TYPE_CHECKING:
    from dlproc.io.listing import PassedOver

STANDARD_INPUT = "-"
_N_NAMED = 3  # files of each kind, of those that are passed over


@dataclass(frozen=True)
class NamedImage:
    """A file to look at.

    Attributes
    ----------
    name : str
        Its path, as the user will read it.
    place : PurePath
        Where results of this image go below a folder of results; see `named_images`.
    """

    name: str
    place: PurePath


def named_images(
    names: Sequence[str], passed_over: list[PassedOver], skip_others: bool = False
) -> Iterator[NamedImage | DLError]:
    """Find the images, one after the other; where an argument is wrong, an error stands in their place.

    Parameters
    ----------
    names : sequence of str
        Files are taken as they are; of folders the images in them and in all folders below, sorted; of patterns
        (``*``, ``?``, ``[…]``, ``**`` for folders) the images that fit, sorted, because Windows' shells do not expand
        them, and the images in the folders that fit; for ``-`` the lines of standard input, each the name of a file.
    passed_over : list of PassedOver
        Whatever lies there and is no image to look at is added, with its path.
    skip_others : bool
        Whether files that are named and are no images are passed over; without it they are tried.

    Notes
    -----
    The place of an image in a named folder is its path below that folder; where several arguments are given, the
    folder's own name stands in front. A file that is named itself has its path as the place, where that is relative and
    leads down, and else its name. Two images may have one place.
    """
    is_one_of_several = len(names) > 1
    for name in names:
        if name == STANDARD_INPUT:
            for line in _lines(sys.stdin):
                yield from _file(line, passed_over, skip_others)
        elif os.path.isdir(name):  # noqa: PTH112 - False for names that the system does not take
            yield from _below(Path(name), passed_over, is_one_of_several)
        elif os.path.lexists(name) or not glob.has_magic(name):  # a name with brackets in it is a name first
            yield from _file(name, passed_over, skip_others)
        else:
            yield from _fitting(name, passed_over)


def passed_over_in_words(passed_over: Iterable[PassedOver]) -> tuple[str, str]:
    """What was passed over, in a line; and what of it may be or hold images that nobody looked at, in another.

    Each line is empty where there is nothing to say.
    """
    from dlproc.io.listing import MAY_HIDE_IMAGES

    found = list(passed_over)
    clear = [one for one in found if one.reason not in MAY_HIDE_IMAGES]
    doubtful = [f"{one.name} ({one.reason})" for one in found if one.reason in MAY_HIDE_IMAGES]
    return (
        f"passed over: {_by_reason(clear)}" if clear else "",
        f"left out, but may be images: {_first_of(doubtful)}" if doubtful else "",
    )


def _lines(stream: TextIO) -> Iterator[str]:
    for line in stream:
        name = line.rstrip("\r\n").removeprefix("\ufeff")  # some shells begin a pipe with a byte-order mark
        if name.strip():
            yield name


def _file(name: str, passed_over: list[PassedOver], skip_others: bool) -> Iterator[NamedImage]:
    """A file that is named itself: it is looked at unless it is an overlay, or others are to be skipped."""
    from dlproc.io import listing

    reason = listing.why_no_image(Path(name)) if os.path.isfile(name) else None  # noqa: PTH113 - as above
    if reason == listing.OVERLAY or (skip_others and reason):
        passed_over.append(listing.PassedOver(name, reason))
    else:
        yield NamedImage(name, _own_place(name))


def _below(folder: Path, passed_over: list[PassedOver], is_one_of_several: bool) -> Iterator[NamedImage | DLError]:
    from dlproc.io.listing import PassedOver, list_images

    found = list_images(folder)
    beside = [PassedOver(_joined(folder, one.name), one.reason) for one in found.passed_over]
    passed_over += beside
    front = Path(os.path.normpath(folder.absolute())).name if is_one_of_several else ""
    for name in found.names:
        yield NamedImage(str(folder / name), PurePath(front, name))
    if not found.names:
        hint = f"passed over: {_by_reason(beside)}" if beside else ""
        yield DLFileError(str(folder), "a folder with images", "none in it or below", hint, halcon_code=5200)


def _fitting(pattern: str, passed_over: list[PassedOver]) -> Iterator[NamedImage | DLError]:
    from dlproc.io.listing import PassedOver, list_images, why_passed_over

    images: set[str] = set()  # ** finds a folder and also the files in it
    beside: dict[str, str] = {}
    for name in glob.glob(pattern, recursive=True):  # noqa: PTH207 - a pattern may be absolute
        path = Path(name)
        reason = why_passed_over(path)
        if path.is_dir() and not reason:
            found = list_images(path)
            images.update(str(path / one) for one in found.names)
            beside.update((_joined(path, one.name), one.reason) for one in found.passed_over)
        elif reason:
            beside[name] = reason
        else:
            images.add(str(path))
    others = [PassedOver(name, beside[name]) for name in sorted(beside)]
    passed_over += others
    for name in sorted(images, key=Path):
        yield NamedImage(name, _own_place(name))
    if not images:
        hint = f"passed over: {_by_reason(others)}" if others else ""
        yield DLFileError(pattern, "a pattern that fits image files", "none that does", hint, halcon_code=5200)


def _joined(folder: Path, name: str) -> str:
    return str(folder / name) + (os.sep if name.endswith("/") else "")


def _own_place(name: str) -> PurePath:
    path = Path(os.path.normpath(name))
    leads_down = not path.is_absolute() and not path.drive and ".." not in path.parts
    return path if leads_down else PurePath(path.name)


def _by_reason(passed_over: Sequence[PassedOver]) -> str:
    """``'hidden 2 (.a, .b), other files 1 (notes.txt)'``."""
    from dlproc.io.listing import REASONS

    names = {reason: [one.name for one in passed_over if one.reason == reason] for reason in REASONS}
    return ", ".join(f"{reason} {len(found)} ({_first_of(found)})" for reason, found in names.items() if found)


def _first_of(names: Sequence[str]) -> str:
    more = len(names) - _N_NAMED
    return ", ".join(names[:_N_NAMED]) + (f" and {more} more" if more > 0 else "")
