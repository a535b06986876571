"""The procedure `add_colormap_to_image`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.images.colormaps import COLOR_SCHEMES, colored
from dlproc.images.overlay import blend
from dlproc.images.shown import displayable
from dlproc.schema.check import convert
from dlproc.schema.kinds import Text, describe

_OPACITY = 0.5


def add_colormap_to_image(
    gray_value_image: NDArray[Any], image: NDArray[Any], heatmap_color_scheme: str = "jet"
) -> NDArray[np.uint8]:
    """Lay gray values, such as scores, in colours over an image.

    Parameters
    ----------
    gray_value_image : array (H, W)
        uint8: 0 to 255. Other types: 0 to 1, as `apply_dl_model` gives scores; where a value lies outside of that, from
        the smallest to the largest value.
    image : array (H, W) or (H, W, C)
        uint8 as it is; other types are stretched to their extremes.
    heatmap_color_scheme : str
        ``'jet'``, ``'inverse_jet'``, ``'hot'``, ``'inverse_hot'``, and dlproc's own ``'viridis'``, which the
        colour-blind can read.

    Returns
    -------
    array (H, W, 3), uint8
        HALCON's ColoredImage: half the image, half the colours.

    Raises
    ------
    DLParamError
        Not such images, or not of one size; another scheme.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> scores = np.float32([[0.0, 1.0]])
    >>> dl.add_colormap_to_image(scores, np.zeros((1, 2), np.uint8), "hot").tolist()
    [[[0, 0, 0], [128, 128, 128]]]
    """
    # 1. Check the arguments.
    scheme = convert(heatmap_color_scheme, Text("", choices=COLOR_SCHEMES), "heatmap_color_scheme", DLParamError)
    for name, given, dimensions in (("gray_value_image", gray_value_image, (2,)), ("image", image, (2, 3))):
        is_array = isinstance(given, np.ndarray) and given.ndim in dimensions and given.dtype.kind in "buif"
        if not is_array or 0 in given.shape:
            expected = "an array (H, W)" + " or (H, W, C)" * (3 in dimensions)
            raise DLParamError(name, expected, describe(given), halcon_code=1201)
    if image.shape[:2] != gray_value_image.shape:
        raise DLParamError("image", f"an image of {gray_value_image.shape}", describe(image))

    # 2. Bring the gray values to 0 to 1.
    values = np.asarray(gray_value_image, np.float64)
    low, high = float(values.min()), float(values.max())
    if gray_value_image.dtype == np.uint8:
        values = values / 255
    elif low < 0 or high > 1:
        values = (values - low) / (high - low if high > low else 1)

    # 3. Mix their colours with the image.
    return blend(displayable(np.asarray(image)), colored(values, scheme), _OPACITY)
