"""Where a command writes: results to standard output, progress and remarks to standard error.

Every line goes through `printable`, so that no file name can make a second line. Cells of tables go through `csv_text`.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from dlproc.errors import DLFileError
from dlproc.printable import is_escaped, printable

# How a cell begins that a spreadsheet takes for a formula, also with full-width characters, and behind a semicolon,
# which is the separator in many countries. Or with the apostrophe that marks an escaped cell.
_FORMULA = re.compile("(^|;)[\\s\"']*[=+@\uff0b\uff0d\uff1d\uff20-]|^'")


class OutputClosed(Exception):
    """Nobody reads standard output any more, as behind ``| head``."""


@dataclass
class Console:
    """Standard output and standard error as a command uses them.

    Attributes
    ----------
    is_quiet : bool
        Nothing but results and errors is written.
    """

    is_quiet: bool = False

    @property
    def shows_bars(self) -> bool:
        """Whether progress bars are drawn: on a terminal."""
        return not self.is_quiet and is_terminal(sys.stderr)

    def result(self, line: str = "") -> None:
        """Write a line of the result, at once, so that a reader has it while the next image is looked at."""
        try:
            print(printable(line), flush=True)
        except OSError as error:
            # Windows says EINVAL where others say EPIPE.
            if isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL:
                raise OutputClosed from None
            reason = error.strerror or str(error)
            raise DLFileError("standard output", "an output that can be written", reason) from error

    def remark(self, line: str) -> None:
        """Write what is good to know but is no result."""
        if not self.is_quiet:
            _print_error_stream(line)

    def step(self, line: str) -> None:
        """Say what begins now; on a terminal a progress bar says it."""
        if not self.shows_bars:
            self.remark(line)

    def note(self, line: str) -> None:
        """Write an error, or another line that is said even when quiet."""
        _print_error_stream(f"dlproc: {line}")


def prepare_streams() -> None:
    """Let every file name be written, whatever the console can show: escapes stand for the rest."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")


def use_utf8() -> None:
    """Write the same bytes on every machine; for tables that a program reads. A terminal keeps its own encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not is_terminal(sys.stdout):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person may be looking; a program without a console, as of pythonw, has no streams at all."""
    return stream is not None and not stream.closed and stream.isatty()


def forget_output() -> None:
    """Keep Python from complaining at its end about an output that nobody reads."""
    if sys.stdout is sys.__stdout__ and sys.__stdout__ is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def csv_text(text: str) -> str:
    r"""A text as a cell of a table that any program can read line by line, and a spreadsheet takes for no formula.

    A text that begins with ``=``, ``+``, ``-`` or ``@``, also behind a semicolon, or that holds a line break or another
    character that `printable` escapes, becomes an apostrophe and the text as JSON writes it. So does one that begins
    with an apostrophe: ``json.loads(f'"{cell[1:]}"')`` is the text of every cell that begins so.

    Examples
    --------
    >>> print(csv_text("a.png"), csv_text("=1+1.png"), csv_text("-b.png"), csv_text("two\nlines.png"))
    a.png '=1+1.png '-b.png 'two\nlines.png
    """
    if not _FORMULA.search(text) and not any(map(is_escaped, text)):
        return text
    return "'" + json.dumps(text)[1:-1].replace(";", r"\u003b")


def aligned(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Lines of a table: the first column to the left, the others to the right, two spaces between."""
    rows = [list(map(printable, row)) for row in rows]  # before the widths are counted
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def counted(number: int, what: str) -> str:
    """``'1 image'``, ``'2 images'``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _print_error_stream(line: str) -> None:
    stream: TextIO | None = sys.stderr
    if stream is not None:  # print would take None for standard output
        print(printable(line), file=stream, flush=True)
