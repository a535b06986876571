"""Read HDF5 of the plain form that `dlproc.io.container` writes, without the HDF5 library.

That library can crash, or take any amount of memory, on a file that was made to do so. Files of dlproc need little of
HDF5: groups, and datasets of numbers that lie in the file in one piece. This module reads just that, and compares every
place and length with the length of the file. Filters, chunks, links, virtual and external storage are refused.

The names of the parts are those of the format's description: superblock, object header, message, B-tree, local heap,
symbol table node [1]_. All numbers are little-endian; addresses count from the end of the user block.

References
----------
.. [1] The HDF Group, "HDF5 File Format Specification Version 3.0", sections II.A, III.A, III.C, III.D, IV.A.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_VERSIONS = bytes([0, 0, 0, 0, 0, 8, 8, 0])  # of the superblock and its parts; addresses and lengths have 8 bytes
_BASE_AT, _ROOT_HEADER_AT = 24, 64
_UNDEFINED = 2**64 - 1  # the address of an empty dataset
_NIL, _DATASPACE, _DATATYPE, _FILL_VALUE, _LAYOUT, _TIME, _SYMBOL_TABLE = 0, 1, 3, 5, 8, 18, 17
_OF_A_DATASET = {_NIL, _DATASPACE, _DATATYPE, _FILL_VALUE, _LAYOUT, _TIME}
_SHARED = 2  # flag of a message whose content stands elsewhere
_CONTIGUOUS = bytes([3, 1])  # version and class of a layout
_SOFT_LINK = 2
_MAX_DEPTH = 8  # of a B-tree
_MAX_AXES = 32
_MAX_NAME = 64


class NotPlainError(Exception):
    """The bytes are damaged, or use a part of HDF5 that dlproc does not write; the text says what was found."""


@dataclass(frozen=True)
class Dataset:
    """Where an array lies in the file, and what its bytes mean."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    address: int

    @property
    def n_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def array(self, body: bytes) -> NDArray[np.generic]:
        """Return a copy of the array, which can be written to."""
        if self.n_bytes == 0:
            return np.empty(self.shape, self.dtype)
        numbers = np.frombuffer(body, self.dtype, math.prod(self.shape), self.address)
        if self.dtype == np.bool_ and numbers.view(np.uint8).max() > 1:
            raise NotPlainError("a bool that is neither 0 nor 1")
        return numbers.reshape(self.shape).copy()


def find_datasets(body: bytes, user_block: int) -> dict[str, Dataset]:
    """Find the datasets of a file, in the root and in the groups of the root.

    Parameters
    ----------
    body : bytes
        The file behind its user block.
    user_block : int
        Bytes before it.

    Returns
    -------
    dict of str to Dataset
        By name, ``'structure'``, ``'arrays/0'``. Together they declare no more bytes than the file has.

    Raises
    ------
    NotPlainError
        The file is damaged, or in another form.
    """
    reader = _Reader(body)
    if body[:8] != _SIGNATURE or body[8:16] != _VERSIONS or reader.number(_BASE_AT) != user_block:
        raise NotPlainError("another superblock")
    found: dict[str, Dataset] = {}
    for name, address in reader.members(reader.number(_ROOT_HEADER_AT)).items():
        messages = reader.messages(address)
        if _SYMBOL_TABLE in messages:
            members = reader.members(address)
            found |= {f"{name}/{inner}": reader.dataset(f"{name}/{inner}", at) for inner, at in members.items()}
        elif _DATATYPE in messages:
            found[name] = reader.dataset(name, address)
    if sum(dataset.n_bytes for dataset in found.values()) > len(body):
        raise NotPlainError("datasets that are larger than the file")
    return found


class _Reader:
    """The bytes of a file; each read is compared with their number."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.n_steps_left = len(body) // 8 + 64  # through messages and entries of trees, of at least 8 bytes

    def take(self, address: int, n_bytes: int) -> bytes:
        if address + n_bytes > len(self.body):
            raise NotPlainError(f"an address behind the end of the file, {address}")
        return self.body[address : address + n_bytes]

    def number(self, address: int) -> int:
        """An address or a length: 8 bytes."""
        return int.from_bytes(self.take(address, 8), "little")

    def messages(self, address: int) -> dict[int, bytes]:
        """The messages of an object header, by type; those of one type are all the same in a plain file."""
        version, _, _, _, n_bytes = struct.unpack("<BBHII", self.take(address, 12))
        if version != 1:
            raise NotPlainError(f"an object header of version {version}")
        found: dict[int, bytes] = {}
        place, end = address + 16, address + 16 + n_bytes
        while place < end:
            self.step()
            kind, size, flags = struct.unpack("<HHB", self.take(place, 5))
            if flags & _SHARED or (kind in found and kind != _NIL):
                raise NotPlainError(f"a message of type {kind} that is shared, or stands there twice")
            found[kind] = self.take(place + 8, size)
            place += 8 + size
        return found

    def members(self, address: int) -> dict[str, int]:
        """The object headers of a group's members by name; a group of another form has none."""
        table = self.messages(address).get(_SYMBOL_TABLE, b"")
        if len(table) < 16:
            return {}
        tree, heap = struct.unpack_from("<QQ", table)
        if self.take(heap, 4) != b"HEAP":
            raise NotPlainError("a group without names")
        names_at, names_end = self.number(heap + 24), self.number(heap + 24) + self.number(heap + 8)
        found: dict[str, int] = {}
        for node in self.leaves(tree, _MAX_DEPTH):
            if self.take(node, 4) != b"SNOD":
                raise NotPlainError("a group without members")
            (n_entries,) = struct.unpack("<H", self.take(node + 6, 2))
            for number in range(n_entries):
                self.step()
                name_at, header, cache = struct.unpack("<QQI", self.take(node + 8 + 40 * number, 20))
                name = self.name(names_at + name_at, names_end)
                if name in found:
                    raise NotPlainError(f"two members '{name}'")
                if cache != _SOFT_LINK:
                    found[name] = header
        return found

    def leaves(self, address: int, depth: int) -> list[int]:
        """The symbol table nodes below a node of a B-tree, in order."""
        if self.take(address, 5) != b"TREE\0" or depth == 0:
            raise NotPlainError("a group without a tree of members")
        level, n_children = struct.unpack("<BH", self.take(address + 5, 3))
        found: list[int] = []
        for number in range(n_children):
            self.step()
            child = self.number(address + 32 + 16 * number)
            found += self.leaves(child, min(depth - 1, level)) if level else [child]
        return found

    def step(self) -> None:
        self.n_steps_left -= 1
        if self.n_steps_left < 0:
            raise NotPlainError("more members or messages than the file has room for")

    def name(self, address: int, end: int) -> str:
        text, zero, _ = self.take(address, min(_MAX_NAME, max(0, end - address))).partition(b"\0")
        if not zero or not text.isascii():
            raise NotPlainError("a name that does not end")
        return text.decode()

    def dataset(self, name: str, address: int) -> Dataset:
        """The dataset of an object header."""
        messages = self.messages(address)
        others = messages.keys() - _OF_A_DATASET
        if others or not {_DATASPACE, _DATATYPE, _LAYOUT} <= messages.keys():
            raise NotPlainError(f"'{name}' with {_FORBIDDEN.get(min(others, default=-1), 'something else in it')}")
        dtype = _DTYPES.get(messages[_DATATYPE].ljust(_LONGEST, b"\0"))
        if dtype is None:
            raise NotPlainError(f"'{name}' with something else than plain numbers")
        layout = messages[_LAYOUT]
        if layout[:2] != _CONTIGUOUS or len(layout) < 18:
            raise NotPlainError(f"'{name}' in chunks, compact or virtual")
        place, n_bytes = struct.unpack_from("<QQ", layout, 2)
        found = Dataset(dtype, _shape(name, messages[_DATASPACE]), place)
        if found.n_bytes != n_bytes or (n_bytes and place + n_bytes > len(self.body)):
            raise NotPlainError(f"'{name}' with {found.n_bytes} bytes, of which the file has not so many")
        return found


def _shape(name: str, message: bytes) -> tuple[int, ...]:
    """The shape that a dataspace says."""
    if len(message) < 8 or message[0] != 1 or message[1] > _MAX_AXES or len(message) < 8 + 8 * message[1]:
        raise NotPlainError(f"'{name}' of another form of shape")
    shape = struct.unpack_from(f"<{message[1]}Q", message, 8)
    if any(side >= 2**48 for side in shape):
        raise NotPlainError(f"'{name}' of shape {shape}")
    return shape


def _fixed(size: int, is_signed: bool, is_big: bool) -> bytes:
    """The datatype of integers."""
    return struct.pack("<BBHIHH", 0x10, is_big | is_signed << 3, 0, size, 0, 8 * size)


def _real(size: int, n_exponent: int, is_big: bool) -> bytes:
    """The datatype of reals: mantissa, exponent, sign, from the lowest bit on."""
    n_bits = 8 * size
    n_mantissa = n_bits - 1 - n_exponent
    first = struct.pack("<BBBBIHH", 0x11, 0x20 | is_big, n_bits - 1, 0, size, 0, n_bits)
    return first + struct.pack("<BBBBI", n_mantissa, n_exponent, 0, n_mantissa, 2 ** (n_exponent - 1) - 1)


_BOOL = struct.pack("<BBHI", 0x18, 2, 0, 1) + _fixed(1, True, False) + b"FALSE\0\0\0TRUE\0\0\0\0\0\1"
_LONGEST = 48
_DTYPES: dict[bytes, np.dtype[Any]] = {_BOOL.ljust(_LONGEST, b"\0"): np.dtype(np.bool_)}
for _order in "<>":
    for _size in (1, 2, 4, 8):
        for _letter in "iu":
            _code = _fixed(_size, _letter == "i", _order == ">")
            _DTYPES[_code.ljust(_LONGEST, b"\0")] = np.dtype(f"{_order}{_letter}{_size}")
    for _size, _n_exponent in ((2, 5), (4, 8), (8, 11)):
        _DTYPES[_real(_size, _n_exponent, _order == ">").ljust(_LONGEST, b"\0")] = np.dtype(f"{_order}f{_size}")
_FORBIDDEN = {7: "external storage", 11: "a filter", 12: "an attribute", 16: "a continued header"}
