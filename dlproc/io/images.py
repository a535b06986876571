"""Read images: grey or colour, 8 or 16 bit, as the camera wrote them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from dlproc.errors import DLFileError, DLParamError
from dlproc.rng import get_system
from dlproc.schema.kinds import describe

# HALCON's list less 'ima', 'jxr' and 'xwd', which nothing here reads, and 'ras'; in the order in which they are tried.
# They are what a name without an ending may mean, and the 'default' of list_image_files; dlproc.io.listing knows more.
_TRIED = (".tif", ".tiff", ".gif", ".bmp", ".jpg", ".jpeg", ".jp2", ".png", ".pcx", ".pbm", ".pnm", ".pgm", ".ppm")
HALCON_ENDINGS = frozenset(_TRIED)
_TIFF_BITS = 258  # the tag BitsPerSample
_GREY_MODES = {"1": "L", "LA": "L", "La": "L"}
_KEPT_MODES = ("L", "I", "I;16", "I;16B", "I;16L", "F", "RGB")


@overload
def read_image(file_name: str | Path) -> NDArray[Any]: ...  # type: ignore[overload-overlap]  # a str is a Sequence
@overload
def read_image(file_name: Sequence[str | Path]) -> list[NDArray[Any]]: ...
def read_image(file_name: str | Path | Sequence[str | Path]) -> NDArray[Any] | list[NDArray[Any]]:
    """Read an image file, or several.

    Parameters
    ----------
    file_name : str or Path, or a sequence of them
        tif, gif, bmp, jpg, jp2, png, pcx, pbm, pgm, ppm. As in HALCON, the extension may be left out, and a relative
        name is also looked for below the folder of ``set_system('image_dir', …)``; several are separated as in PATH.

    Returns
    -------
    array, or list of arrays for a sequence
        (H, W) grey or (H, W, 3) red, green, blue; uint8, uint16, int32 or float32, row 0 on top. Transparency is left
        out, palettes become colours, a bilevel image 0 and 255. An orientation in EXIF data is not applied: cameras on
        machines do not write it. PNG with 16 bits for each of three colours is read with 8.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200), not an image, truncated, or several pages (5201).

    Examples
    --------
    >>> import dlproc as dl, numpy as np, pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "grey.png"
    ...     Image.fromarray(np.full((2, 3), 7, np.uint8)).save(file)
    ...     dl.read_image(file)
    array([[7, 7, 7],
           [7, 7, 7]], dtype=uint8)
    """
    if isinstance(file_name, str | Path):
        return _read_one(Path(file_name))
    if not isinstance(file_name, Sequence):
        raise DLParamError("file_name", "a path, or a list of paths", describe(file_name))
    return [_read_one(Path(name)) for name in file_name]


def _read_one(name: Path) -> NDArray[Any]:
    path = next((path for path in _places(name) if path.is_file()), None)
    if path is None:
        raise DLFileError(str(name), "an image file", "a folder" if name.is_dir() else "no such file", halcon_code=5200)
    return _read_existing(path)


def read_image_file(path: Path) -> NDArray[Any]:
    """Read the image with exactly this path; no ending is added and no other folder is searched.

    Raises
    ------
    DLFileError
        As `read_image`.
    """
    if not path.is_file():
        raise DLFileError(str(path), "an image file", "a folder" if path.is_dir() else "no such file", halcon_code=5200)
    return _read_existing(path)


def _read_existing(path: Path) -> NDArray[Any]:
    if path.stat().st_size == 0:
        raise _not_an_image(path, "an empty file")
    try:
        return _decode(path)
    except DLFileError:
        raise
    except UnidentifiedImageError:
        raise _not_an_image(path, "a file of another kind, or damaged") from None
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise _not_an_image(path, str(error) or type(error).__name__) from error


def _places(name: Path) -> Iterator[Path]:
    """Where an image may lie: as named, with an extension, and the same below the folders of 'image_dir'."""
    folders = str(get_system("image_dir")).split(os.pathsep)
    for path in [name, *(Path(folder) / name for folder in folders)]:
        yield path
        yield from (path.with_name(path.name + extension) for extension in _TRIED if path.name)


def _decode(path: Path) -> NDArray[Any]:
    with Image.open(path) as image:
        n_pages = getattr(image, "n_frames", 1)
        if n_pages > 1:
            raise _not_an_image(path, f"{n_pages} pages")
        if isinstance(image, TiffImageFile) and image.mode == "RGB" and 16 in image.tag_v2.get(_TIFF_BITS, ()):
            return _three_channels(np.asarray(tifffile.imread(path)), path)  # Pillow would keep 8 bits of the 16
        if image.mode in _GREY_MODES:
            return np.array(image.convert(_GREY_MODES[image.mode]))
        is_16_bit = image.mode == "I;16B" or (image.mode == "I" and image.format == "PPM")
        if is_16_bit:  # Pillow gives 32 bits for some of them
            return np.array(image).astype(np.uint16)
        return np.array(image if image.mode in _KEPT_MODES else image.convert("RGB"))


def _three_channels(image: NDArray[Any], path: Path) -> NDArray[Any]:
    if image.ndim == 3 and image.shape[0] == 3 and image.shape[2] > 4:  # stored plane by plane
        image = np.moveaxis(image, 0, 2)
    if image.ndim != 3 or image.shape[2] < 3:
        raise _not_an_image(path, f"data of shape {image.shape}")
    return np.ascontiguousarray(image[:, :, :3])


def _not_an_image(path: Path, got: str) -> DLFileError:
    return DLFileError(str(path), "one complete image, grey or colour", got, halcon_code=5201)
