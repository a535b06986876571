"""Which images the report shows, in which groups, and their pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlproc.images.overlay import TRUTH_COLOR, draw_outline, overlay
from dlproc.images.resize import zoom_image, zoom_mask
from dlproc.measures.confusion import is_at_least

GROUPS = ("missed", "false_alarm", "near", "other")
N_NEAR = 12  # how many correctly decided images count as near the threshold


def groups(scores: Sequence[float], is_nok: Sequence[bool], threshold: float) -> dict[str, list[int]]:
    """Positions of the images by group, the most telling first; the script of the page does the same.

    Returns
    -------
    dict
        ``missed``: anomalous and accepted, the lowest score first. ``false_alarm``: good and rejected, the highest
        first. ``near``: the right decisions that were the closest. ``other``: the rest, the highest score first.

    Examples
    --------
    >>> groups([0.2, 0.9, 0.1, 0.6], [False, True, True, False], 0.5)["missed"]
    [2]
    """
    values = np.asarray(scores, np.float32)
    rejected = is_at_least(values, threshold)
    positions = range(len(values))
    missed = [i for i in positions if is_nok[i] and not rejected[i]]
    alarms = [i for i in positions if not is_nok[i] and rejected[i]]
    distance = np.abs(values.astype(np.float64) - float(np.float32(threshold)))
    right = sorted((i for i in positions if is_nok[i] == rejected[i]), key=lambda i: (distance[i], i))
    return {
        "missed": sorted(missed, key=lambda i: (values[i], i)),
        "false_alarm": sorted(alarms, key=lambda i: (-values[i], i)),
        "near": right[:N_NEAR],
        "other": sorted(right[N_NEAR:], key=lambda i: (-values[i], i)),
    }


def chosen(scores: Sequence[float], is_nok: Sequence[bool], threshold: float, max_images: int) -> list[int]:
    """Positions of the images that are shown: all errors first, then those nearest to the threshold."""
    grouped = groups(scores, is_nok, threshold)
    values = np.asarray(scores, np.float64)
    rest = sorted(grouped["near"] + grouped["other"], key=lambda i: (abs(values[i] - threshold), i))
    return (grouped["missed"] + grouped["false_alarm"] + rest)[:max_images]


def pictures(
    image: NDArray[np.uint8],
    anomaly_image: NDArray[np.float32],
    anomaly_region: NDArray[np.bool_] | None,
    truth: NDArray[np.bool_] | None,
    threshold: float | None,
    max_side: int,
    size: tuple[int, int] | None = None,
) -> tuple[str, str]:
    """The image with region and annotation outlined, and with its scores laid over it, as data URIs.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), uint8
    anomaly_image, anomaly_region : arrays (H, W)
        Scores, and which pixels were decided to be anomalous.
    truth : array (H, W), bool, optional
        Which pixels are annotated as anomalous.
    threshold : float, optional
        Segmentation threshold.
    max_side : int
        Pixels of the longer side of a picture.
    size : (int, int), optional
        Height and width of the image before it was preprocessed: its proportions are those of the pictures.
    """
    longer = min(max_side, max(image.shape[:2]))
    proportions = image.shape[:2] if size is None else size
    height, width = (max(1, round(side * longer / max(proportions))) for side in proportions)
    small = np.rint(zoom_image(image, height, width)).astype(np.uint8)
    region, annotated = (
        None if mask is None else zoom_mask(mask, height, width).astype(bool) for mask in (anomaly_region, truth)
    )
    outlined = small if annotated is None else draw_outline(small, annotated, TRUTH_COLOR)
    outlined = outlined if region is None else draw_outline(outlined, region)
    return _data_uri(outlined), _data_uri(overlay(small, anomaly_image, region, threshold))


def _data_uri(image: NDArray[np.uint8]) -> str:
    pixels = image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
