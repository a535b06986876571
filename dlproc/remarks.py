"""Remarks: what a user should know of an image although it could be read.

They go to the logger ``dlproc`` as warnings. Without a handler Python writes them to standard error; the command line
shows the first of each kind and counts the others. They are no Python warnings: those may be turned into errors, and
which of them are shown depends on filters that all threads share.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dlproc.printable import printable

LOGGER = logging.getLogger("dlproc")

ORIENTATION = "orientation"
CHANNELS = "channels"
BITS = "bits"
SCAN = "scan"
MASK = "mask"
ONE_IMAGE = "one image"

_file: ContextVar[str] = ContextVar("file", default="")


@contextmanager
def from_file(path: object) -> Iterator[None]:
    """Say of which file the sample is that is worked on inside; see `file_of_sample`."""
    token = _file.set(str(path))
    try:
        yield
    finally:
        _file.reset(token)


def file_of_sample() -> str:
    """The file of the sample that is worked on now; empty where nobody has said it."""
    return _file.get()


def remark(kind: str, where: object, text: str) -> None:
    """Say something about a file or a sample.

    Parameters
    ----------
    kind : str
        Remarks of one kind say the same of different images; in the log record as ``record.kind``.
    where : object
        The file or sample, at the beginning of the message.
    text : str
        What was found, and what was done about it.
    """
    LOGGER.warning("%s: %s", printable(str(where)), text, extra={"kind": kind})
