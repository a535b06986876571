"""TIFF: what a file holds, by its tags.

tifffile decodes what it can. Pillow decodes the rest, compressed or with fewer than 8 bits. It would turn images, which
is prevented, and cut 16 bits to 8, which is worked around or refused.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from dlproc.io import pillow
from dlproc.io.refusal import refusal
from dlproc.remarks import CHANNELS, remark

BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION = 274
_REDUCED = 1  # bit of NewSubfileType: a smaller version of another page
_MASK_PAGE = 4
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_N_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3}
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_TWO_BYTES = ("RGB;16", "RGBA;16", "RGBX;16")  # Pillow's names, less the order of bytes
_TRANSPARENCY = (1, 2)  # of the tag ExtraSamples
_INSTALL = "pip install imagecodecs, or save it without compression"
logging.getLogger("tifffile").addHandler(logging.NullHandler())  # errors are raised here, and not printed as well


def read_tiff(path: Path, check_size: Callable[[int, int], None]) -> tuple[NDArray[Any], int]:
    """The pixels of a TIFF file, and its orientation, 1 to 8.

    Parameters
    ----------
    path : Path
    check_size : callable
        Raises where an image of this width and height is not to be decoded.

    Raises
    ------
    DLFileError
        Several pages, a part that is missing, or a kind that would lose gray values.
    """
    with tifffile.TiffFile(path) as file:
        page = _only_page(file, path)
        check_size(page.imagewidth, page.imagelength)
        turned = page.tags.get(_ORIENTATION)
        orientation = int(turned.value) if turned is not None and turned.value in range(1, 9) else 1
        _check_strips(page, path)
        bits = page.bitspersample
        is_plain = page.photometric in _N_COLOURS and isinstance(bits, int) and bits >= 8 and bits % 8 == 0
        if not is_plain:
            return _by_pillow(path, page), orientation
        _check_samples(page, path)
        try:
            pixels = page.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            pixels = _by_pillow(path, page)
        else:
            pixels = _without_extra(pixels.reshape(_shape(page)), page, path)
            pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
            pixels = _black_is_zero(pixels, page)
        return pixels, orientation


def size_of_tiff(path: Path) -> tuple[int, int]:
    """Width and height of the image that `read_tiff` reads."""
    with tifffile.TiffFile(path) as file:
        page = _only_page(file, path)
        return int(page.imagewidth), int(page.imagelength)


def _only_page(file: tifffile.TiffFile, path: Path) -> Any:
    pages = [page.aspage() for page in file.pages]
    pages = [page for page in pages if not int(page.subfiletype) & (_REDUCED | _MASK_PAGE)] or pages[:1]
    metadata = file.imagej_metadata if file.is_imagej else None
    n_pages = max(len(pages), int((metadata or {}).get("images", 1)))
    if n_pages > 1:
        raise refusal(path, f"{n_pages} pages")
    if pages[0].imagedepth > 1:
        raise refusal(path, f"{pages[0].imagedepth} layers")
    return pages[0]


def _check_strips(page: Any, path: Path) -> None:
    """Raise where bytes are missing, because tifffile would put zeros in their place."""
    n_bytes = path.stat().st_size
    places = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if not places or any(length == 0 or start + length > n_bytes for start, length in places):
        raise refusal(path, "a part of its pixels missing")


def _check_samples(page: Any, path: Path) -> None:
    n_colours, n_samples = _N_COLOURS[page.photometric], page.samplesperpixel
    if n_samples < n_colours:
        raise refusal(path, f"{n_samples} channels in a colour image")
    is_said = all(kind in _TRANSPARENCY for kind in page.extrasamples)
    if n_colours == 1 and n_samples > 2 and not (is_said and len(page.extrasamples) == n_samples - 1):
        raise refusal(
            path, f"{n_samples} channels that are no colours", "save the one that is meant, or red, green and blue"
        )
    if page.sampleformat not in (_UNSIGNED, _SIGNED, _FLOAT):
        raise refusal(path, "gray values that are complex numbers, or of an unknown type")
    if page.photometric == _WHITE_IS_ZERO and page.sampleformat != _UNSIGNED:
        raise refusal(path, "white as zero, with gray values that have a sign")


def _shape(page: Any) -> tuple[int, ...]:
    plane = page.imagelength, page.imagewidth
    if page.samplesperpixel == 1:
        return plane
    return (page.samplesperpixel, *plane) if page.planarconfig == 2 else (*plane, page.samplesperpixel)


def _without_extra(pixels: NDArray[Any], page: Any, path: Path) -> NDArray[Any]:
    """(H, W) or (H, W, 3): channels to the end, and only the colours of them."""
    if pixels.ndim == 2:
        return pixels
    if page.planarconfig == 2:
        pixels = np.moveaxis(pixels, 0, 2)
    n_colours = _N_COLOURS[page.photometric]
    further = page.samplesperpixel - n_colours - sum(kind in _TRANSPARENCY for kind in page.extrasamples)
    if further > 0:
        of_all = f"{further} of {page.samplesperpixel} channels"
        remark(CHANNELS, path, f"{of_all} are neither colours nor transparency, and are left out")
    return np.ascontiguousarray(pixels[:, :, 0] if n_colours == 1 else pixels[:, :, :3])


def _black_is_zero(pixels: NDArray[Any], page: Any) -> NDArray[Any]:
    if page.photometric != _WHITE_IS_ZERO:
        return pixels
    return np.subtract(pixels.dtype.type(2**page.bitspersample - 1), pixels)


def _by_pillow(path: Path, page: Any) -> NDArray[Any]:
    bits, photometric = page.bitspersample, page.photometric
    depth = bits if isinstance(bits, int) else max(bits)
    is_grey = page.samplesperpixel == 1 and photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    data = _untagged(path, page)
    with pillow.opened(io.BytesIO(data), str(path)) as image:
        layout: Any = image.tile[0][3]
        layout = layout[0] if isinstance(layout, tuple) else layout
        if depth <= 8:
            return pillow.pixels(image)
        if is_grey and depth in (12, 16) and image.mode.startswith("I;16"):
            pixels = pillow.pixels(image).astype(np.uint16)
            return np.subtract(np.uint16(2**depth - 1), pixels) if photometric == _WHITE_IS_ZERO else pixels
        if is_grey and depth == 32 and image.mode in ("I", "F") and photometric == _BLACK_IS_ZERO:
            pixels = pillow.pixels(image)
            return pixels.view(np.uint32) if page.sampleformat == _UNSIGNED else pixels
        if not (photometric == _RGB and depth == 16 and len(image.tile) == 1 and layout[:-1] in _TWO_BYTES):
            kind = f"{depth} bits with the compression {page.compression.name}"
            raise refusal(
                path, kind if photometric in _N_COLOURS else f"{depth} bits of {page.photometric.name}", _INSTALL
            )
    # Pillow keeps one of the two bytes: asked for either order of bytes, it gives the high and the low one.
    own, other = ("L", "B") if sys.byteorder == "little" else ("B", "L")
    high, low = (_with_layout(data, path, f"{layout[:-1]}{order}") for order in (own, other))
    made = high.astype(np.uint16)
    made <<= 8
    made |= low
    return made


def _with_layout(data: bytes, path: Path, layout: str) -> NDArray[Any]:
    with pillow.opened(io.BytesIO(data), str(path)) as image:
        tile: Any = image.tile[0]
        parts = (*tile[:3], (layout, *tile[3][1:]))
        tiles: Any = [tile._make(parts) if hasattr(tile, "_make") else parts]  # a plain tuple before Pillow 11
        image.tile = tiles
        return pillow.pixels(image)


def _untagged(path: Path, page: Any) -> bytes:
    """The file without its orientation, by which Pillow would turn it."""
    data = path.read_bytes()
    tag = page.tags.get(_ORIENTATION)
    if tag is None or tag.value == 1:
        return data
    one = (1).to_bytes(2, "little" if page.parent.byteorder == "<" else "big")
    return data[: tag.valueoffset] + one + data[tag.valueoffset + 2 :]
