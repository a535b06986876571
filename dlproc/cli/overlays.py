"""Overlays on disk: each image with its scores, its regions and what was decided."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dlproc.cli.images import NamedImage

OPACITY = 0.35  # the picture itself stays to be seen
_ENDING = ".overlay.png"
_LONGEST_NAME = 240  # bytes; file systems take 255, and a file that is being written has a longer name


def write_overlay(folder: Path, source: NamedImage, image: NDArray[np.generic], result: Any) -> Path:
    """Draw the scores, the regions and the decision of a result over its image and write that as PNG.

    The file carries a mark, so that it is never taken for an image to inspect or to learn from.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    source : NamedImage
        The image's file, which gives the overlay its place; see `overlay_path`.
    image : array (H, W) or (H, W, 3)
        The image as it was read.
    result : DLResult
        Read: ``'anomaly_image'``, ``'anomaly_region'``, ``'anomaly_segmentation_threshold'``, ``'anomaly_score'``,
        ``'anomaly_classification_threshold'``, ``'decision'``.

    Returns
    -------
    Path
        The file.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from dlproc.images.overlay import overlay
    from dlproc.images.shown import displayable
    from dlproc.images.verdict import with_verdict
    from dlproc.io.listing import OVERLAY_MARK
    from dlproc.io.writing import atomic_write, make_folder

    scores, region, threshold = (result[f"anomaly_{key}"] for key in ("image", "region", "segmentation_threshold"))
    drawn = overlay(displayable(image), scores, region, threshold, OPACITY)
    drawn = with_verdict(drawn, result["decision"], result["anomaly_score"], result["anomaly_classification_threshold"])
    mark = PngInfo()
    mark.add_text(*OVERLAY_MARK)
    mark.add_text(*_origin(source))
    content = io.BytesIO()
    Image.fromarray(drawn).save(content, "PNG", pnginfo=mark)
    path = overlay_path(folder, source)
    if not path.parent.is_dir():
        make_folder(path.parent)
    atomic_write(path, content.getvalue())
    return path


def overlay_path(folder: Path, source: NamedImage) -> Path:
    """Where the overlay of an image goes: a place of its own for each image.

    It is the image's place below the folder, with its whole name, so that ``1.png`` and ``1.jpg`` have two overlays.
    Where another file lies there already, such as the overlay of an image of the same place, or where the name would be
    too long, a part of a checksum of the image's path is added. The same image always has the same overlay.
    """
    path = folder / source.place
    plain = path.with_name(path.name + _ENDING)
    is_short = len(os.fsencode(plain.name)) <= _LONGEST_NAME
    if is_short and (not plain.exists() or (plain.is_file() and _is_overlay_of(source, plain))):
        return plain
    added = f"-{_origin(source)[1]}{_ENDING}"
    stem = path.name
    while len(os.fsencode(stem + added)) > _LONGEST_NAME:
        stem = stem[:-1]
    return path.with_name(stem + added)


def _origin(source: NamedImage) -> tuple[str, str]:
    """Keyword and text that say in the overlay which image it is of."""
    whole = os.path.normcase(Path(source.name).absolute())
    return "Source", hashlib.sha256(os.fsencode(whole)).hexdigest()[:12]


def _is_overlay_of(source: NamedImage, path: Path) -> bool:
    with path.open("rb") as stream:
        return b"\0".join(part.encode() for part in _origin(source)) in stream.read(512)
