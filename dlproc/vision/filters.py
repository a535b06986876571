"""Filters.

They compute all pixels, with what lies around them inside or outside of the domain, and keep the domain. At the border
the image goes on as its mirror image (its last row is not repeated). Each channel is filtered by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import rank

from dlproc.errors import DLParamError
from dlproc.schema.kinds import describe, scalar
from dlproc.vision.arguments import computed, each_image, whole, word
from dlproc.vision.region import Region, gen_circle, number

_Pixels = NDArray[Any]
_MIRRORED = "mirror"
_MARGINS = {"mirrored": _MIRRORED, "cyclic": "wrap", "continued": "nearest"}
_PADDING = {_MIRRORED: "reflect", "wrap": "wrap", "nearest": "edge"}  # numpy's names for the same
_SIGMAS = {3: 0.6, 5: 1.075, 7: 1.55, 9: 2.025, 11: 2.55}  # of HALCON's gauss_filter
_MAX_SIDE = 5001


def mean_image(image: Any, mask_width: Any, mask_height: Any) -> Any:
    """Each pixel becomes the mean of a rectangle around it; an even side counts as the next odd one."""
    size = _sides(mask_height, mask_width, (2, 1))
    return _filtered(image, lambda plane: _mean(plane, size))


def median_image(image: Any, mask_type: Any, radius: Any, margin: Any) -> Any:
    """Each pixel becomes the median of what lies around it.

    Parameters
    ----------
    image : image, or a list of them
    mask_type : str
        ``'circle'`` or ``'square'``.
    radius : int
        In pixels; a square has sides of 2 · radius + 1.
    margin : str or number
        What lies outside of the image: ``'mirrored'``, ``'cyclic'``, ``'continued'`` (the nearest pixel), or a gray
        value.
    """
    reach = whole(radius, "radius", low=1, high=_MAX_SIDE // 2, place=2)
    footprint = np.ones((2 * reach + 1, 2 * reach + 1), bool)
    if word(mask_type, ("circle", "square"), "mask_type") == "circle":
        circle = gen_circle(0, 0, reach)
        assert isinstance(circle, Region)
        footprint = circle.mask
    if isinstance(scalar(margin), str):
        return _medians(image, footprint, _MARGINS[word(margin, tuple(_MARGINS), "margin", place=3)])
    value = number(margin, "margin", place=3)
    return _filtered(
        image, lambda plane: ndimage.median_filter(plane, footprint=footprint, mode="constant", cval=value)
    )


def median_rect(image: Any, mask_width: Any, mask_height: Any) -> Any:
    """Each pixel becomes the median of a rectangle around it."""
    return _medians(image, np.ones(_sides(mask_height, mask_width, (2, 1)), bool), _MIRRORED)


def gauss_filter(image: Any, size: Any) -> Any:
    """Smoothed with a Gaussian of 3, 5, 7, 9 or 11 pixels, whose sigma is 0.6, 1.075, 1.55, 2.025 or 2.55."""
    length = whole(size, "size")
    if length not in _SIGMAS:
        raise DLParamError("size", f"one of {', '.join(map(str, _SIGMAS))}", describe(size), halcon_code=1301)
    sigma, reach = _SIGMAS[length], length // 2
    return _filtered(image, lambda plane: ndimage.gaussian_filter(plane, sigma, mode=_MIRRORED, radius=reach))


def gauss_image(image: Any, size: Any) -> Any:
    """The older name of `gauss_filter`."""
    return gauss_filter(image, size)


def smooth_image(image: Any, filter: Any, alpha: Any) -> Any:
    """Smoothed with a Gaussian of sigma `alpha`; of HALCON's filters only ``'gauss'`` is known."""
    word(filter, ("gauss",), "filter")
    sigma = number(alpha, "alpha", low=0.01, place=2)
    return _filtered(image, lambda plane: ndimage.gaussian_filter(plane, sigma, mode=_MIRRORED))


def binomial_filter(image: Any, mask_width: Any, mask_height: Any) -> Any:
    """Smoothed with binomial coefficients, nearly a Gaussian; an even side counts as the next odd one."""
    size = _sides(mask_height, mask_width, (2, 1), high=37)
    return _filtered(image, lambda plane: _binomial(plane, size))


def sobel_amp(image: Any, filter_type: Any, size: Any) -> Any:
    """Strength of edges, by Sobel's masks.

    Parameters
    ----------
    image : image, or a list of them
    filter_type : str
        Of the differences a along rows and b along columns: ``'sum_abs'`` : (|a| + |b|) / 4; ``'sum_sqrt'`` :
        √(a² + b²) / 4. HALCON's other types are not known.
    size : int
        Odd, 3 to 39. From 5 on the image is smoothed first, with binomial coefficients of size - 2.

    Returns
    -------
    image, or a list of them
        Of the same type.
    """
    kind = word(filter_type, ("sum_abs", "sum_sqrt"), "filter_type")
    length = whole(size, "size", low=3, high=39, place=2)
    if length % 2 == 0:
        raise DLParamError("size", "an odd number", f"{length}", halcon_code=1302)

    def amplitude(plane: _Pixels) -> _Pixels:
        smooth = plane if length == 3 else _binomial(plane, (length - 2, length - 2))
        down, right = (ndimage.sobel(smooth, axis, mode=_MIRRORED) for axis in (0, 1))
        return (abs(down) + abs(right)) / 4 if kind == "sum_abs" else np.hypot(down, right) / 4

    return _filtered(image, amplitude)


def emphasize(image: Any, mask_width: Any, mask_height: Any, factor: Any) -> Any:
    """More contrast: (gray - mean) · factor + gray, the mean of a rectangle around each pixel."""
    size = _sides(mask_height, mask_width, (2, 1))
    by = number(factor, "factor", place=3)

    def sharpened(plane: _Pixels) -> _Pixels:
        return (plane - _mean(plane, size)) * by + plane

    return _filtered(image, sharpened)


def gray_erosion_rect(image: Any, mask_height: Any, mask_width: Any) -> Any:
    """Each pixel becomes the darkest of a rectangle around it, as far as that lies in the image."""
    size = _sides(mask_height, mask_width, (1, 2))
    return _filtered(image, lambda plane: _darkest(plane, size))


def gray_dilation_rect(image: Any, mask_height: Any, mask_width: Any) -> Any:
    """Each pixel becomes the brightest of a rectangle around it, as far as that lies in the image."""
    size = _sides(mask_height, mask_width, (1, 2))
    return _filtered(image, lambda plane: _brightest(plane, size))


def gray_opening_rect(image: Any, mask_height: Any, mask_width: Any) -> Any:
    """Erosion, then dilation: bright spots smaller than the rectangle go."""
    size = _sides(mask_height, mask_width, (1, 2))
    return _filtered(image, lambda plane: _brightest(_darkest(plane, size), size))


def gray_closing_rect(image: Any, mask_height: Any, mask_width: Any) -> Any:
    """Dilation, then erosion: dark spots smaller than the rectangle go."""
    size = _sides(mask_height, mask_width, (1, 2))
    return _filtered(image, lambda plane: _darkest(_brightest(plane, size), size))


def gray_range_rect(image: Any, mask_height: Any, mask_width: Any) -> Any:
    """Each pixel becomes the difference of the brightest and the darkest of a rectangle around it."""
    size = _sides(mask_height, mask_width, (1, 2))
    return _filtered(image, lambda plane: _brightest(plane, size) - _darkest(plane, size))


def mean_and_deviation(plane: _Pixels, height: Any, width: Any) -> tuple[_Pixels, _Pixels]:
    """Mean and standard deviation of a rectangle around each pixel, float64 (H, W)."""
    size, gray = _sides(height, width, (2, 1)), plane.astype(np.float64)
    mean, square = _mean(gray, size), _mean(gray * gray, size)
    return mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _mean(plane: _Pixels, size: tuple[int, int]) -> _Pixels:
    """Mean of a rectangle around each pixel; of integers the exact sum, divided once.

    SciPy adds and subtracts along a line, and what is rounded goes with it: of reals the last digits depend on the
    pixels before. Sums of integers are found again by rounding.
    """
    if not (plane == np.floor(plane)).all():
        return np.asarray(ndimage.uniform_filter(plane, size, mode=_MIRRORED))
    sums = plane
    for axis, length in enumerate(size):
        sums = np.rint(ndimage.uniform_filter1d(sums, length, axis, mode=_MIRRORED) * length)
    return sums / (size[0] * size[1])


def _filtered(image: Any, change: Callable[[_Pixels], _Pixels]) -> Any:
    """Each channel changed as float64, the image's type and domain kept."""

    def by_channel(gray: _Pixels) -> _Pixels:
        if gray.ndim == 2:
            return change(gray)
        return np.stack([change(gray[:, :, channel]) for channel in range(gray.shape[2])], axis=2)

    return each_image(image, lambda one: computed(one, by_channel))


def _medians(image: Any, footprint: NDArray[np.bool_], mode: str) -> Any:
    """The median of a footprint around each pixel; of bytes by their histograms, which is ten times as quick."""
    below, right = (side // 2 for side in footprint.shape)

    def of_plane(plane: _Pixels) -> _Pixels:
        if not ((plane >= 0) & (plane <= 255) & (plane == np.floor(plane))).all():
            return np.asarray(ndimage.median_filter(plane, footprint=footprint, mode=mode))
        padded = np.pad(plane.astype(np.uint8), ((below, below), (right, right)), _PADDING[mode])  # type: ignore[call-overload]
        height, width = plane.shape
        return np.asarray(rank.median(padded, footprint)[below : below + height, right : right + width])

    return _filtered(image, of_plane)


def _sides(height: Any, width: Any, places: tuple[int, int], high: int = _MAX_SIDE) -> tuple[int, int]:
    """Height and width of a mask, both odd."""
    given = (height, "mask_height", places[0]), (width, "mask_width", places[1])
    rows, columns = (whole(side, name, low=1, high=high, place=place) for side, name, place in given)
    return rows + 1 - rows % 2, columns + 1 - columns % 2


def _binomial(plane: _Pixels, size: tuple[int, int]) -> _Pixels:
    for axis, length in enumerate(size):
        kernel = np.poly1d([0.5, 0.5]) ** (length - 1)
        plane = ndimage.correlate1d(plane, kernel.coeffs, axis, mode=_MIRRORED)
    return plane


def _darkest(plane: _Pixels, size: tuple[int, int]) -> _Pixels:
    # The nearest pixel of the border lies in the rectangle anyway: so nothing outside counts.
    darkest: _Pixels = ndimage.minimum_filter(plane, size, mode="nearest")
    return darkest


def _brightest(plane: _Pixels, size: tuple[int, int]) -> _Pixels:
    brightest: _Pixels = ndimage.maximum_filter(plane, size, mode="nearest")
    return brightest
