"""Decode an image file: gray values as they are stored, by what the file says of itself.

Pillow decodes what has 8 bits. For TIFF, and for more than 8 bits in PNG, PNM and JPEG 2000, there are functions of our
own, because Pillow would cut such values to 8 bits, or stretch them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlproc.errors import DLFileError
from dlproc.io import deep, pillow
from dlproc.io.jpeg import is_scan_broken
from dlproc.io.refusal import refusal
from dlproc.io.tiff import BEGINNINGS, read_tiff
from dlproc.remarks import ORIENTATION, SCAN, remark
from dlproc.rng import get_system

_N_FIRST_BYTES = 32
_N_HEAD_BYTES = 1 << 16  # where an AVIF file says how many bits it has
_SAVE_OTHERWISE = "save it as TIFF or PNG, which are read with 16 bits"


def decode(path: Path) -> NDArray[Any]:
    """The pixels of an image file; see `dlproc.read_image`.

    Raises
    ------
    DLFileError
        More megapixels than the limit of the system, several pages, or a kind that would lose gray values.
    Exception
        Whatever a decoder raises on damaged bytes.
    """
    with path.open("rb") as stream:
        first = stream.read(_N_FIRST_BYTES)
        if first.startswith(BEGINNINGS):
            pixels, orientation = read_tiff(path, lambda width, height: check_size(width, height, path))
        else:
            stream.seek(0)
            with pillow.opened(stream, str(path)) as image:
                check_size(*image.size, path)
                n_pages = getattr(image, "n_frames", 1)
                if n_pages > 1 and image.format != "MPO":  # a camera's picture, then stereo or small versions of it
                    raise refusal(path, f"{n_pages} pages")
                pixels, orientation = _pixels(image, path, first), pillow.orientation(image)
    if orientation != 1:
        remark(ORIENTATION, path, f"a tag says orientation {orientation}; images are read as stored, not turned")
    return pixels


def check_size(width: int, height: int, path: Path) -> None:
    """Raise `DLFileError` for an image that is larger than the system's limit, before it is decoded."""
    limit, megapixels = float(get_system("max_image_megapixels")), width * height / 1e6
    if megapixels > limit:
        expected, got = f"an image of at most {limit:g} megapixels", f"{width} x {height}, {megapixels:.1f} megapixels"
        hint = f"set_system('max_image_megapixels', {int(np.ceil(megapixels))}) allows it"
        raise DLFileError(str(path), expected, got, hint, halcon_code=5201)


def _pixels(image: Any, path: Path, first: bytes) -> NDArray[Any]:
    if image.format == "PNG" and deep.is_deep_png(first):
        return deep.read_deep_png(path.read_bytes())
    if image.format == "PPM":
        stored = deep.read_deep_pnm(path.read_bytes())
        return pillow.pixels(image) if stored is None else stored
    if image.format == "JPEG2000":
        return _jpeg_2000(image, path)
    if image.format == "AVIF" and _has_deep_avif(path):
        raise refusal(path, "an AVIF image of more than 8 bits", _SAVE_OTHERWISE)
    if image.format == "SGI" and first[3] == 2:
        raise refusal(path, "an SGI image of 16 bits", _SAVE_OTHERWISE)
    pixels = pillow.pixels(image)
    if image.format == "JPEG" and is_scan_broken(path.read_bytes(), image.mode, image.size):
        remark(SCAN, path, "a part of its pixels is damaged or missing, and was guessed")
    return pixels


def _jpeg_2000(image: Image.Image, path: Path) -> NDArray[Any]:
    bits = deep.bits_of_jpeg_2000(path.read_bytes())
    if min(bits) < 0:
        raise refusal(path, "a JPEG 2000 image whose gray values have a sign", _SAVE_OTHERWISE)
    if max(bits) <= 8:
        return pillow.pixels(image)
    if len(bits) > 1:
        raise refusal(path, f"a JPEG 2000 colour image of {max(bits)} bits", _SAVE_OTHERWISE)
    return pillow.pixels(image).astype(np.uint16) >> (16 - bits[0])  # Pillow stretches them to 16 bits


def _has_deep_avif(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_N_HEAD_BYTES)
    place = head.find(b"av1C")  # the box of the decoder's settings; bit 6 of its third byte: more than 8 bits
    return place >= 0 and bool(head[place + 6] & 0x40)
