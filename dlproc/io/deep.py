"""More than 8 bits in PNG, PNM and JPEG 2000, which Pillow would cut to 8 bits or stretch to 16."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_PNG_BEGINNING = b"\x89PNG\r\n\x1a\n"
_N_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of PNG's colour types; 4 is grey and 6 colour with transparency
_PNM = re.compile(rb"P([2356])" + rb"(?:\s|#[^\n\r]*[\n\r])+(\d+)" * 3 + rb"(?:#[^\n\r]*[\n\r])?\s")
_SIZE_OF_CODESTREAM = b"\xff\x4f\xff\x51"  # the first two markers


def is_deep_png(first: bytes) -> bool:
    """Whether the first bytes are those of a PNG file with 16 bits and more than one channel."""
    return first.startswith(_PNG_BEGINNING) and len(first) >= 26 and first[24] == 16 and first[25] in (2, 4, 6)


def read_deep_png(data: bytes) -> NDArray[np.uint16]:
    """(H, W) or (H, W, 3) of a PNG file with 16 bits for each channel; transparency is left out.

    Raises
    ------
    ValueError
        A chunk that is damaged or missing.
    """
    chunks = list(_png_chunks(data))
    width, height, _, color_type, _, _, is_interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    packed = b"".join(content for name, content in chunks if name == b"IDAT")

    def decoded(mode: str, layout: str) -> NDArray[Any]:
        image = Image.frombytes(mode, (width, height), packed, "zip", layout, is_interlaced)
        return np.asarray(image)

    if _N_CHANNELS[color_type] == 2:  # grey and transparency together are 32 bits
        return (decoded("I", "I;32B").view(np.uint32) >> 16).astype(np.uint16)
    mode = "RGB" if color_type == 2 else "RGBA"
    # Pillow keeps one of the two bytes: asked for either order of bytes, it gives the high and the low one.
    made = decoded(mode, f"{mode};16B")[:, :, :3].astype(np.uint16)
    made <<= 8
    made |= decoded(mode, f"{mode};16L")[:, :, :3]
    return made


def read_deep_pnm(data: bytes) -> NDArray[np.uint16] | None:
    """(H, W) or (H, W, 3) of a PGM or PPM file whose largest value is above 255, as it is stored; None of another file.

    Raises
    ------
    ValueError
        Fewer values than the image has.
    """
    head = _PNM.match(data[:4096])
    if head is None or int(head[4]) <= 255:
        return None
    kind, (width, height) = head[1], (int(head[number]) for number in (2, 3))
    shape = (height, width, 3) if kind in b"36" else (height, width)
    if kind in b"56":
        n_bytes = 2 * int(np.prod(shape))
        body = data[head.end() : head.end() + n_bytes]
        if len(body) < n_bytes:
            raise ValueError(f"{len(body)} of {n_bytes} bytes")
        return np.frombuffer(body, ">u2").reshape(shape).astype(np.uint16)
    words = re.sub(rb"#[^\n]*", b"", data[head.end() :]).split()[: int(np.prod(shape))]
    if len(words) < np.prod(shape):
        raise ValueError(f"{len(words)} of {np.prod(shape)} values")
    return np.array(list(map(int, words)), np.uint16).reshape(shape)


def bits_of_jpeg_2000(data: bytes) -> list[int]:
    """Bits of each channel of a JPEG 2000 file, negative where its values have a sign."""
    place = data.find(_SIZE_OF_CODESTREAM)
    if place < 0:
        raise ValueError("no codestream")
    n_channels = int.from_bytes(data[place + 40 : place + 42], "big")
    depths = data[place + 42 : place + 42 + 3 * n_channels : 3]
    return [-((depth & 127) + 1) if depth & 128 else depth + 1 for depth in depths]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG_BEGINNING)
    while place + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + length]
        end = place + 8 + length
        if zlib.crc32(name + content) != int.from_bytes(data[end : end + 4], "big"):
            raise ValueError(f"a damaged chunk {name.decode('latin-1')}")
        yield name, content
        if name == b"IEND":
            return
        place = end + 4
    raise ValueError("the end of the file is missing")
