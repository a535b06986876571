"""Where pictures go when a program shows them: into a folder, or nowhere.

A program that was written for HDevelop opens windows and shows things in them. Here nobody looks on, so each picture
that such a program would have shown can be written to a folder. This module keeps which folder that is, how many
pictures are in it, and whether anything is shown at all; `windows.py` and the ``dev_display`` procedures ask it.
"""

from __future__ import annotations

import atexit
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from dlproc.errors import DLParamError
from dlproc.io.writing import atomic_write, make_folder, remove_parts
from dlproc.schema.check import convert
from dlproc.schema.kinds import Integer, describe, is_given, scalar

MAX_PICTURES = 200


class _Saving:
    """Where to, how many, and what to write before the program ends. There is one, as there is one screen."""

    def __init__(self) -> None:
        self.is_off = False
        self.folder: Path | None = None
        self.limit = MAX_PICTURES
        self.n_written = 0
        self.is_told = False  # that there are too many pictures
        self.numbers: Counter[str] = Counter()  # how many pictures each window, or procedure, has written
        self.at_end: Callable[[], None] | None = None


_saving = _Saving()


def save_windows_to(folder: str | Path | None, max_pictures: int = MAX_PICTURES) -> None:
    """From now on write each picture that the program shows to a folder. dlproc's own.

    The picture of a window is written when it is about to be lost (the window is cleared or closed, or an image covers
    what is in it), with `flush_windows`, and when Python ends. Names tell the window and count: ``window_1_003.png``;
    the figures of the ``dev_display`` procedures are ``dl_data_001.png``, ``evaluation_001.png``, ``tiles_001.png``.

    Parameters
    ----------
    folder : str or Path, or None
        Made where it does not exist; pictures of the same names in it are replaced. None, the default state: nothing is
        written.
    max_pictures : int
        Of all windows together; then one warning says that no more are written.

    Raises
    ------
    DLParamError
        No path; a number below 1.
    DLFileError
        The folder cannot be made, or not written to (halcon_code 7781).
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.save_windows_to(None)
    """
    path = scalar(folder) if is_given(folder) else None
    if path is not None and (not isinstance(path, str | Path) or not str(path)):
        raise DLParamError("folder", "a path, or None", describe(folder))
    limit = convert(max_pictures, Integer("", low=1), "max_pictures", DLParamError)
    if path is not None:
        if find_spec("matplotlib") is None:  # told now, and not when the first picture is about to be lost
            raise ImportError('drawing needs matplotlib: pip install "dlproc[viz]"')
        make_folder(path)
        remove_parts(Path(path))
    _saving.folder = None if path is None else Path(path).resolve()  # the program may change its current folder
    _saving.limit, _saving.n_written, _saving.is_told = limit, 0, False
    _saving.numbers.clear()


def display_off() -> None:
    """Show nothing from now on: dlproc's own, for ``dlproc run --no-display``.

    Operators on windows still give handles, but keep and write nothing; the ``dev_display`` procedures give an empty
    figure, or None where matplotlib is not installed.
    """
    _saving.is_off = True


def display_on() -> None:
    """Show things again, after `display_off`."""
    _saving.is_off = False


def is_display_off() -> bool:
    """Whether `display_off` is in force."""
    return _saving.is_off


def is_saving() -> bool:
    """Whether there is a folder to write to, and it is not yet known to be full."""
    return not _saving.is_off and _saving.folder is not None and not _saving.is_told


@contextmanager
def for_one_program(folder: Path | None, is_off: bool) -> Iterator[None]:
    """Pictures of one program go to a folder of its own, or nowhere; afterwards all is as it was before."""
    before = vars(_saving).copy()
    try:
        _saving.numbers = Counter()
        save_windows_to(folder)
        _saving.is_off = is_off
        yield
    finally:
        vars(_saving).update(before, at_end=_saving.at_end)


def save_picture(name: str, write: Callable[[BytesIO], Any]) -> Path | None:
    """Write a picture, if pictures are to be written.

    Parameters
    ----------
    name : str
        Of the window; a number is put behind it.
    write : callable
        Writes the picture as PNG into the memory that it is given.

    Returns
    -------
    Path or None
        The file.

    Raises
    ------
    DLFileError
        It cannot be written (halcon_code 7781).
    """
    if not is_saving() or _saving.folder is None:
        return None
    if _saving.n_written == _saving.limit:
        _saving.is_told = True
        text = f"{_saving.folder.as_posix()} holds {_saving.limit} pictures: no more are written"
        warnings.warn(f"{text} (save_windows_to(folder, max_pictures=…) allows more)", stacklevel=2)
        return None
    _saving.numbers[name] += 1
    path = _saving.folder / f"{name}_{_saving.numbers[name]:03d}.png"
    content = BytesIO()
    write(content)
    atomic_write(path, content.getvalue())
    _saving.n_written += 1
    return path


def at_end(function: Callable[[], None]) -> None:
    """Have something called, once, when Python ends."""
    if _saving.at_end is None:
        _saving.at_end = function
        atexit.register(function)
