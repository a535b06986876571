"""The size of an image, from the head of its file: nothing is decoded."""

from __future__ import annotations

from pathlib import Path

from dlproc.errors import DLFileError
from dlproc.io import pillow
from dlproc.io.refusal import refusal
from dlproc.io.tiff import BEGINNINGS, size_of_tiff


def image_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, as `read_image` will give them.

    Raises
    ------
    DLFileError
        It cannot be opened, or is no image (halcon_code 5201).
    """
    try:
        with path.open("rb") as stream:
            if stream.read(4).startswith(BEGINNINGS):
                return size_of_tiff(path)
            stream.seek(0)
            with pillow.opened(stream, str(path)) as image:
                return image.size
    except DLFileError:
        raise
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise refusal(path, str(error) or type(error).__name__) from error
