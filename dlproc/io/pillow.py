"""Pillow as a decoder, without its limit on the size, its warnings, and its copies of the whole image."""

from __future__ import annotations

import struct
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

# Formats that hold no pixels which Pillow could decode by itself: data of the weather, videos, drawings, PostScript.
NOT_DECODED = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "IPTC", "MPEG", "PALM", "PDF", "WMF"})
_EXIF_ORIENTATION = 274
_PIXELS_AT_ONCE = 1 << 20
# What a mode becomes: its first channel, or colours. Modes that are not here stay as they are.
_FIRST_CHANNEL = ("LA", "La")
_FIRST_THREE = ("RGBA", "RGBa", "RGBX")
_AS_THEY_ARE = ("L", "RGB", "I", "F", "I;16", "I;16L", "I;16B")
_filters = threading.Lock()


@contextmanager
def opened(stream: IO[bytes], name: str, formats: Iterable[str] | None = None) -> Iterator[ImageFile.ImageFile]:
    """The image in a stream, of which the head is read; like `Image.open`, but for its limit on the size.

    Without `formats` all of Pillow's are tried.

    Raises
    ------
    UnidentifiedImageError
        No format of Pillow fits.
    """
    Image.init()
    first = stream.read(16)
    for format_name in formats or Image.ID:
        factory, accepts = Image.OPEN[format_name]
        if format_name in NOT_DECODED:
            continue
        try:
            answer = accepts is None or accepts(first)
            if isinstance(answer, str) or not answer:  # a text says why this version of Pillow cannot
                continue
            stream.seek(0)
            with _no_warnings():  # of damaged EXIF data
                image = factory(stream, name)
        except (SyntaxError, IndexError, TypeError, struct.error):  # as Pillow: not this format
            continue
        with image:
            yield image
        return
    raise UnidentifiedImageError("no image format that is known")


def orientation(image: Image.Image) -> int:
    """The orientation in the EXIF data, 1 to 8; 1 where there is none that can be read."""
    try:
        with _no_warnings():
            value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # damaged EXIF data are no fault of the pixels
        return 1
    return value if value in range(1, 9) else 1


def pixels(image: Image.Image) -> NDArray[Any]:
    """The pixels of an image: (H, W) or (H, W, 3), of the type of its mode.

    Transparency is left out and the colours under it stay as they are stored; palettes, CMYK, YCbCr and HSV become red,
    green, blue; a bilevel image becomes 0 and 255.
    """
    image.load()
    width, height = image.size
    n_rows = max(1, _PIXELS_AT_ONCE // max(width, 1))
    made: NDArray[Any] | None = None
    for top in range(0, height, n_rows):  # Pillow's own way through bytes takes three times the memory
        below = min(top + n_rows, height)
        part = _plain(image.crop((0, top, width, below)))
        if made is None:
            made = np.empty((height, *part.shape[1:]), part.dtype.newbyteorder("="))
        made[top:below] = part
    if made is None:
        raise ValueError(f"an image of {width} x {height} pixels")
    return made


def _plain(image: Image.Image) -> NDArray[Any]:
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode not in (*_AS_THEY_ARE, *_FIRST_CHANNEL, *_FIRST_THREE):
        image = image.convert("RGB")
    array = np.asarray(image)
    if image.mode in _FIRST_CHANNEL:
        return array[:, :, 0]
    return array[:, :, :3] if image.mode in _FIRST_THREE else array


@contextmanager
def _no_warnings() -> Iterator[None]:
    with _filters, warnings.catch_warnings():  # the list of filters is shared by all threads
        warnings.simplefilter("ignore")
        yield
