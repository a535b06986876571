"""Files that HALCON's write_dict wrote, as far as their form is known: tuples of integers, reals or texts.

The form was found by looking at such files; it is documented nowhere::

    'HDICTIONARY' 00, 01 01, number of entries (int64)
    each entry:  04, key                       a key that is a text
                 00 00 00 00                   a tuple follows
                 type (1, 2 or 4), number of elements (int64), the elements
    'YRANOITCIDH'

    integer: int64    real: double    text: length (uint32), that many bytes of UTF-8, 00, 'u'

Numbers are big-endian. Whatever else is met (an image, a dictionary in the dictionary, a tuple of mixed elements) is an
error with the place in the file: nothing is guessed. A file says how long its parts are; no more is ever read, or
memory taken, than it has bytes.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from dlproc.errors import DLFileError

MAGIC = b"HDICTIONARY\0"
_VERSION = b"\x01\x01"
_END = b"YRANOITCIDH"
_TEXT_KEY = 4
_TUPLE = 0
_FORMATS = {1: "q", 2: "d"}  # integers and reals, eight bytes each
_TEXT = 4
_LEAST_ENTRY, _LEAST_TEXT = 20, 6  # bytes


def parse(content: bytes, path: str | Path) -> dict[str, Any]:
    """The dictionary of a file's bytes; a tuple of one element is that element, others are lists.

    Raises
    ------
    DLFileError
        Not such a file, damaged, or with something in it that cannot be read (halcon_code 7780).
    """
    reader = _Reader(content, path)
    reader.expect(MAGIC, "a dictionary of HALCON")
    reader.expect(_VERSION, "version 1 1 of the form")
    dictionary: dict[str, Any] = {}
    for _ in range(reader.count("q", _LEAST_ENTRY, "entries")):
        reader.expect(bytes([_TEXT_KEY]), "a key that is a text")
        key = reader.text()
        reader.expect(struct.pack(">I", _TUPLE), f"a tuple under the key '{key}'")
        dictionary[key] = reader.elements(key)
    reader.expect(_END, "the end")
    if reader.place != len(content):
        raise reader.error("nothing behind the end", f"{len(content) - reader.place} bytes")
    return dictionary


class _Reader:
    """Bytes, and how far they are read."""

    def __init__(self, content: bytes, path: str | Path) -> None:
        self.content = content
        self.path = path
        self.place = 0

    def error(self, expected: str, got: str) -> DLFileError:
        hint = "in HALCON, dict_to_json writes what json_to_dict reads here"
        return DLFileError(str(self.path), f"{expected} at byte {self.place}", got, hint, halcon_code=7780)

    def take(self, n: int, what: str) -> bytes:
        if n > len(self.content) - self.place:
            raise self.error(f"{n} bytes of {what}", f"{len(self.content) - self.place} up to the end of the file")
        taken = self.content[self.place : self.place + n]
        self.place += n
        return taken

    def expect(self, wanted: bytes, what: str) -> None:
        found = self.content[self.place : self.place + len(wanted)]
        if found != wanted:
            raise self.error(what, f"the bytes {found.hex(' ') or 'of nothing: the file ends'}")
        self.place += len(wanted)

    def count(self, form: str, least_bytes: int, what: str) -> int:
        """A number of things that take so many bytes at least; one that the file cannot hold is an error."""
        before = self.place
        (n,) = struct.unpack(f">{form}", self.take(struct.calcsize(form), f"the number of {what}"))
        if not 0 <= n * least_bytes <= len(self.content) - self.place:
            self.place = before
            raise self.error(f"a number of {what} that fits into the file", f"{n}")
        return int(n)

    def text(self) -> str:
        raw = self.take(self.count("I", 1, "bytes of a text"), "a text")
        self.expect(b"\0u", "the end of a text in UTF-8")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise self.error("a text in UTF-8 before this", "other bytes") from None

    def elements(self, key: str) -> Any:
        kind = self.take(1, "a type")[0]
        if kind not in (*_FORMATS, _TEXT):
            self.place -= 1
            expected = f"integers (1), reals (2) or texts (4) under the key '{key}'"
            raise self.error(expected, f"type {kind}")
        n = self.count("q", _LEAST_TEXT if kind == _TEXT else 8, "elements")
        if kind == _TEXT:
            values: list[Any] = [self.text() for _ in range(n)]
        else:
            values = list(struct.unpack(f">{n}{_FORMATS[kind]}", self.take(8 * n, "numbers")))
        return values[0] if n == 1 else values
