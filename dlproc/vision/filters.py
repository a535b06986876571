"""Filters.

They compute all pixels, with what lies around them inside or outside of the domain, and keep the domain. At the border
the image goes on as its mirror image (its last row is not repeated). Each channel is filtered by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import rank

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.schema.kinds import as_list, describe, scalar
from dlproc.vision.arguments import COMPUTED, computed, each_image, in_type, whole, word
from dlproc.vision.region import number

_Pixels = NDArray[Any]
_MIRRORED = "mirror"
_MARGINS = {"mirrored": _MIRRORED, "cyclic": "wrap", "continued": "nearest"}
_PADDING = {_MIRRORED: "reflect", "wrap": "wrap", "nearest": "edge"}  # numpy's names for the same
_FILTER_SIGMAS = {3: 0.6, 5: 1.075, 7: 1.55, 9: 2.025, 11: 2.55}  # of HALCON's gauss_filter
_IMAGE_SIGMAS = {3: 0.65, 5: 0.87, 7: 1.43, 9: 1.88, 11: 2.31}  # of HALCON's gauss_image
_AMPLITUDES = ("sum_abs", "sum_sqrt", "thin_sum_abs", "thin_max_abs", "x", "y")
_BINOMIAL = "_binomial"
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
        away = np.arange(-reach, reach + 1)
        footprint = away[:, None] ** 2 + away**2 <= reach**2
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
    """Smooth with a Gaussian of 3, 5, 7, 9 or 11 pixels, whose sigma is 0.6, 1.075, 1.55, 2.025 or 2.55."""
    length = _size_of_gaussian(size)
    return _filtered(image, lambda plane: _gaussian(plane, length, _FILTER_SIGMAS))


def gauss_image(image: Any, size: Any) -> Any:
    """Smooth with a Gaussian of 3, 5, 7, 9 or 11 pixels, whose sigma is 0.65, 0.87, 1.43, 1.88 or 2.31.

    HALCON's older filter, with other sigmas than `gauss_filter`.
    """
    length = _size_of_gaussian(size)
    return _filtered(image, lambda plane: _gaussian(plane, length, _IMAGE_SIGMAS))


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
        Of the differences a down the rows and b along the columns: ``'sum_abs'`` : (|a| + |b|) / 4; ``'sum_sqrt'`` :
        √(a² + b²) / 4; ``'x'`` : b / 4 and ``'y'`` : a / 4, with their sign. For ``'thin_sum_abs'`` and
        ``'thin_max_abs'`` |a| counts only where it is largest in its column, and |b| in its row; their sum, or the
        larger of both, / 4.
        With ``'_binomial'`` behind it the image is smoothed by `binomial_filter`, else by `gauss_image`.
    size : int, or list of two int
        3; 5, 7, 9, 11 or 13; for '_binomial' any odd number from 3 to 39, or width and height. From 5 on the image is
        smoothed first by a filter of size - 2, and amplitudes are doubled, since smoothing makes them smaller.

    Returns
    -------
    image, or a list of them
        Of the same type; for ``'x'`` and ``'y'`` int1 of a byte image, int2 of other images with integers. Cut off at
        the bounds of the type.
    """
    given = str(scalar(filter_type))
    is_binomial = given.endswith(_BINOMIAL)
    if not is_binomial or given.removesuffix(_BINOMIAL) not in _AMPLITUDES:
        word(filter_type, (*_AMPLITUDES, *(name + _BINOMIAL for name in _AMPLITUDES)), "filter_type")
    kind = given.removesuffix(_BINOMIAL)
    width, height = _sobel_size(size, is_binomial)

    def amplitude(plane: _Pixels) -> _Pixels:
        if (width, height) == (3, 3):
            return _amplitude(plane, kind)
        if is_binomial:
            return 2 * _amplitude(_binomial(plane, (height - 2, width - 2)), kind)
        return 2 * _amplitude(_gaussian(plane, width - 2, _IMAGE_SIGMAS), kind)

    if kind in ("x", "y"):
        return _filtered(image, amplitude, _signed)
    return _filtered(image, amplitude)


def emphasize(image: Any, mask_width: Any, mask_height: Any, factor: Any) -> Any:
    """More contrast: (gray - mean) · factor + gray, with the gray values of `mean_image` as mean.

    Of images with integers those are rounded before the difference is taken.
    """
    size = _sides(mask_height, mask_width, (2, 1))
    by = number(factor, "factor", place=3)

    def emphasized(one: _Pixels) -> _Pixels:
        gray = np.asarray(one)
        mean = np.asarray(mean_image(gray, size[1], size[0]))
        values = (gray.astype(np.float64) - mean) * by + gray
        return with_domain(in_type(values, one.dtype, COMPUTED), domain_of_image(one))

    return each_image(image, emphasized)


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


def _filtered(
    image: Any,
    change: Callable[[_Pixels], _Pixels],
    type_of: Callable[[np.dtype[Any]], np.dtype[Any]] = lambda dtype: dtype,
) -> Any:
    """Each channel changed as float64, the image's domain kept, and its type, unless `type_of` says another."""

    def by_channel(gray: _Pixels) -> _Pixels:
        if gray.ndim == 2:
            return change(gray)
        return np.stack([change(gray[:, :, channel]) for channel in range(gray.shape[2])], axis=2)

    return each_image(image, lambda one: computed(one, by_channel, type_of(one.dtype)))


def _signed(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type of differences of gray values, as HALCON has it."""
    if dtype.kind == "f":
        return dtype
    return np.dtype(np.int8 if dtype == np.uint8 else np.int16)


def _sobel_size(size: Any, is_binomial: bool) -> tuple[int, int]:
    """Width and height of a Sobel filter."""
    given = as_list(size)
    if len(given) > (2 if is_binomial else 1) or not given:
        expected = "a number, or width and height" if is_binomial else "one number, two only with '_binomial'"
        raise DLParamError("size", expected, f"{len(given)} numbers", halcon_code=1402)
    lengths = [whole(one, "size", low=3, high=39 if is_binomial else 13, place=2) for one in given]
    for length in lengths:
        if length % 2 == 0:
            raise DLParamError("size", "an odd number", f"{length}", halcon_code=1302)
    return lengths[0], lengths[-1]


def _amplitude(plane: _Pixels, kind: str) -> _Pixels:
    """Sobel's differences, combined as `kind` says."""
    down, right = (ndimage.sobel(plane, axis, mode=_MIRRORED) / 4 for axis in (0, 1))
    if kind in ("x", "y"):
        return np.asarray(right if kind == "x" else down)
    if kind == "sum_sqrt":
        return np.asarray(np.hypot(down, right))
    sizes = abs(down), abs(right)  # (H, W) each
    if kind == "sum_abs":
        return np.asarray(sizes[0] + sizes[1])
    thin_down, thin_right = (_ridge(one, axis) for axis, one in enumerate(sizes))
    return thin_down + thin_right if kind == "thin_sum_abs" else np.maximum(thin_down, thin_right)


def _ridge(values: _Pixels, axis: int) -> _Pixels:
    """Values where they are largest along an axis, else 0; of two that are equal the first."""
    values = np.round(values, 9)  # the order of additions must not decide what is equal
    before = ndimage.correlate1d(values, [1, 0, 0], axis, mode="constant")
    after = ndimage.correlate1d(values, [0, 0, 1], axis, mode="constant")
    return np.where((values > before) & (values >= after), values, 0)


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


def _size_of_gaussian(size: Any) -> int:
    length = whole(size, "size")
    if length not in _FILTER_SIGMAS:
        raise DLParamError("size", f"one of {', '.join(map(str, _FILTER_SIGMAS))}", describe(size), halcon_code=1301)
    return length


def _gaussian(plane: _Pixels, length: int, sigmas: Mapping[int, float]) -> _Pixels:
    smooth = ndimage.gaussian_filter(plane, sigmas[length], mode=_MIRRORED, radius=length // 2)
    return np.asarray(smooth)


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
