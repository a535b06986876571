"""What was decided of an image, drawn below it and around it: for pictures that are looked at without a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dlproc.images.overlay import REGION_COLOR

# Of the palette of Okabe and Ito, which the colour-blind can tell apart; the words say it, too.
COLORS = {"accept": (0, 158, 115), "reject": REGION_COLOR, "review": (230, 159, 0)}
_SMALLEST_LETTERS, _LARGEST_LETTERS = 11, 96  # pixels
_LINES_PER_IMAGE = 16  # a line of text takes this share of the image's height, where its width allows
_SIDES_PER_FRAME = 96


def with_verdict(
    picture: NDArray[np.uint8], decision: str, anomaly_score: float, threshold: float
) -> NDArray[np.uint8]:
    """The picture with a frame in the colour of the decision, and a strip below that says it.

    Parameters
    ----------
    picture : array (H, W, 3)
        Left as it is.
    decision : str
        ``'accept'``, ``'reject'`` or ``'review'``.
    anomaly_score, threshold : float
        Of the image.

    Returns
    -------
    array (H + h, W, 3), uint8
        Rows and columns of the picture stay where they are. A picture that is narrower than the words is continued to
        the right in black.
    """
    height, width = picture.shape[:2]
    words = f"{decision} {anomaly_score:.4f}"
    strip = _strip([f"{words} (threshold {threshold:.4f})", words], COLORS[decision], width, height)
    canvas = np.zeros((height + strip.shape[0], strip.shape[1], 3), np.uint8)
    canvas[:height, :width] = picture
    canvas[height:] = strip
    line = max(1, round(min(height, width) / _SIDES_PER_FRAME))
    for side in (np.s_[:line, :width], np.s_[height - line : height, :width], np.s_[:height, :line]):
        canvas[side] = COLORS[decision]
    canvas[:height, width - line : width] = COLORS[decision]
    return canvas


def _strip(texts: list[str], color: tuple[int, int, int], width: int, height: int) -> NDArray[np.uint8]:
    """The longest text that fits, or the last one; as wide as the image, or wider where even that does not fit."""
    wanted = float(np.clip(height / _LINES_PER_IMAGE, _SMALLEST_LETTERS, _LARGEST_LETTERS))
    for text in texts:
        fitting = width / (_font(100).getlength(text) / 100 + 1)  # with half a letter's height on both sides
        if fitting >= _SMALLEST_LETTERS:
            break
    size = max(_SMALLEST_LETTERS, int(min(wanted, fitting)))
    font = _font(size)
    n_columns = max(width, int(np.ceil(font.getlength(text) + size)))
    drawn = Image.new("RGB", (n_columns, round(1.6 * size)), color)
    ImageDraw.Draw(drawn).text((size / 2, 0.8 * size), text, (0, 0, 0), font, anchor="lm")
    return np.asarray(drawn)


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # it is what comes for a given size
    return font
