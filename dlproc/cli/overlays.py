"""Overlays on disk: each image with its scores and regions drawn over it."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPACITY = 0.35  # the picture itself stays to be seen


def write_overlay(folder: Path, image_name: str, image: NDArray[np.generic], result: Any) -> Path:
    """Draw the scores and regions of a result over its image and write that as PNG; returns the file.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    image_name : str
        The image's file, which gives the overlay its place; see `overlay_path`.
    image : array (H, W) or (H, W, 3)
        The image as it was read.
    result : DLResult
        Read: ``'anomaly_image'``, ``'anomaly_region'``, ``'anomaly_segmentation_threshold'``.
    """
    from PIL import Image

    from dlproc.images.overlay import overlay
    from dlproc.images.shown import displayable
    from dlproc.io.writing import atomic_write, make_folder

    scores, region, threshold = (result[f"anomaly_{key}"] for key in ("image", "region", "segmentation_threshold"))
    drawn = overlay(displayable(image), scores, region, threshold, OPACITY)
    path = overlay_path(folder, image_name)
    if not path.parent.is_dir():
        make_folder(path.parent)
    content = BytesIO()
    Image.fromarray(drawn).save(content, "PNG")
    atomic_write(path, content.getvalue())
    return path


def overlay_path(folder: Path, image_name: str) -> Path:
    """Where the overlay of an image goes: a place of its own for each image.

    The image's path is repeated below the folder, as seen from the current folder, or whole and below ``_root`` where
    the image lies elsewhere. So ``a/1.png`` and ``b/1.png`` have two overlays; and so have ``1.png`` and ``1.jpg``,
    because the name keeps its ending.
    """
    path = Path(os.path.normpath(Path.cwd() / image_name))
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    else:  # without the root, but with the letter of a Windows drive
        drive = path.drive.replace(":", "").strip("\\/").replace("\\", "/")
        path = Path("_root", drive, *path.parts[1:])  # no folder here is taken for it
    return folder / path.with_name(path.name + ".overlay.png")
