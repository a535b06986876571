"""Read images: grey or colour, 8 or 16 bit, as the camera wrote them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from dlproc.errors import DLFileError, DLParamError
from dlproc.io.decoding import decode
from dlproc.io.paths import path_text
from dlproc.io.refusal import refusal
from dlproc.rng import get_system
from dlproc.schema.kinds import describe

# HALCON's list less 'ima', 'jxr' and 'xwd', which nothing here reads, and 'ras'; in the order in which they are tried.
# They are what a name without an ending may mean, and the 'default' of list_image_files; dlproc.io.listing knows more.
_TRIED = (".tif", ".tiff", ".gif", ".bmp", ".jpg", ".jpeg", ".jp2", ".png", ".pcx", ".pbm", ".pnm", ".pgm", ".ppm")
HALCON_ENDINGS = frozenset(_TRIED)


@overload
def read_image(file_name: str | Path) -> NDArray[Any]: ...  # type: ignore[overload-overlap]  # a str is a Sequence
@overload
def read_image(file_name: Sequence[str | Path]) -> list[NDArray[Any]]: ...
def read_image(file_name: str | Path | Sequence[str | Path]) -> NDArray[Any] | list[NDArray[Any]]:
    """Read an image file, or several.

    Parameters
    ----------
    file_name : str or Path, or a sequence of them
        tif, gif, bmp, jpg, jp2, png, pcx, pbm, pgm, ppm, webp, avif, tga, sgi and other formats of Pillow. As in
        HALCON, the extension may be left out, and a relative name is also looked for below the folder of
        ``set_system('image_dir', …)``; several are separated as in PATH.

    Returns
    -------
    array, or list of arrays for a sequence
        (H, W) grey or (H, W, 3) red, green, blue, row 0 on top, with the gray values and the type that are stored:
        uint8 or uint16; of TIFF also other integers and reals. Transparency is left out, palettes and CMYK become
        red, green and blue, fewer than 8 bits are stretched to 0 … 255. The table is in docs/images.md.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200); not an image, truncated, several pages, a kind that would lose gray values,
        or more pixels than ``get_system('max_image_megapixels')`` (5201).

    Notes
    -----
    No image is turned: an orientation in EXIF data or TIFF tags is not applied, in no format, because cameras on
    machines write none and HALCON does not apply it. A tag other than 1 is remarked by the logger ``dlproc``, and so
    are channels that are left out, and a JPEG file whose codes end too early or too late.

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
    if not isinstance(file_name, Sequence) or isinstance(file_name, bytes | bytearray | memoryview):
        raise DLParamError("file_name", "a path, or a list of paths", describe(file_name))
    return [_read_one(Path(path_text(name, f"file_name[{index}]"))) for index, name in enumerate(file_name)]


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
    try:
        is_there, got = path.is_file(), "a folder" if path.is_dir() else "no such file"
    except (OSError, ValueError) as error:  # a name that is too long, a folder that may not be looked into
        is_there, got = False, getattr(error, "strerror", None) or str(error)
    if not is_there:
        raise DLFileError(str(path), "an image file", got, halcon_code=5200)
    return _read_existing(path)


def _read_existing(path: Path) -> NDArray[Any]:
    if path.stat().st_size == 0:
        raise refusal(path, "an empty file")
    try:
        return decode(path)
    except DLFileError:
        raise
    except UnidentifiedImageError:
        raise refusal(path, "a file of another kind, or damaged") from None
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise refusal(path, str(error) or type(error).__name__) from error


def _places(name: Path) -> Iterator[Path]:
    """Where an image may lie: as named, with an extension, and the same below the folders of 'image_dir'."""
    folders = str(get_system("image_dir")).split(os.pathsep)
    for path in [name, *(Path(folder) / name for folder in folders)]:
        yield path
        yield from (path.with_name(path.name + extension) for extension in _TRIED if path.name)
