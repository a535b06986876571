"""Arithmetic on images, pixel by pixel.

All computes in float64 and gives the type of the first image: results are rounded, a half up, and cut off at the bounds
of that type. Of two images the domain of the result is what they have in common; pixels outside of it are computed,
too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.schema.kinds import describe
from dlproc.vision.arguments import COMPUTED, common_domain, computed, each_image, in_type, pairs_of
from dlproc.vision.region import like_given, number

_Pixels = NDArray[Any]


def add_image(image1: Any, image2: Any, mult: Any, add: Any) -> Any:
    """(image1 + image2) · mult + add."""
    return _combined(image1, image2, ("image1", "image2"), np.add, mult, add)


def sub_image(image_minuend: Any, image_subtrahend: Any, mult: Any, add: Any) -> Any:
    """(minuend - subtrahend) · mult + add; with mult 1 and add 128 bytes below and above can be told apart."""
    names = ("image_minuend", "image_subtrahend")
    return _combined(image_minuend, image_subtrahend, names, np.subtract, mult, add)


def mult_image(image1: Any, image2: Any, mult: Any, add: Any) -> Any:
    """image1 · image2 · mult + add."""
    return _combined(image1, image2, ("image1", "image2"), np.multiply, mult, add)


def div_image(image1: Any, image2: Any, mult: Any, add: Any) -> Any:
    """image1 / image2 · mult + add; where the divisor is 0 the quotient counts as 0, dlproc's own choice."""

    def quotient(first: _Pixels, second: _Pixels) -> _Pixels:
        return np.divide(first, second, out=np.zeros_like(first), where=second != 0)

    return _combined(image1, image2, ("image1", "image2"), quotient, mult, add)


def abs_diff_image(image1: Any, image2: Any, mult: Any) -> Any:
    """|image1 - image2| · mult."""
    return _combined(image1, image2, ("image1", "image2"), lambda one, other: abs(one - other), mult, 0)


def max_image(image1: Any, image2: Any) -> Any:
    """The larger gray value at each pixel."""
    return _combined(image1, image2, ("image1", "image2"), np.maximum, 1, 0)


def min_image(image1: Any, image2: Any) -> Any:
    """The smaller gray value at each pixel."""
    return _combined(image1, image2, ("image1", "image2"), np.minimum, 1, 0)


def abs_image(image: Any) -> Any:
    """Gray values without their sign."""
    return each_image(image, lambda one: computed(one, np.abs))


def invert_image(image: Any) -> Any:
    """255 - gray for byte, 65535 - gray for uint2, -gray for the types with a sign."""

    def inverted(one: _Pixels) -> _Pixels:
        if one.dtype.kind == "u":
            return with_domain(np.iinfo(one.dtype).max - np.asarray(one), domain_of_image(one))
        return computed(one, np.negative)

    return each_image(image, inverted)


def scale_image(image: Any, mult: Any, add: Any) -> Any:
    """Gray · mult + add."""
    factor, summand = number(mult, "mult", place=1), number(add, "add", place=2)
    return each_image(image, lambda one: computed(one, lambda gray: gray * factor + summand))


def scale_image_max(image: Any) -> Any:
    """A byte image whose darkest pixel inside the domain is 0 and whose brightest 255, each channel by itself.

    One with a single gray value becomes 0.
    """

    def stretched(one: _Pixels) -> _Pixels:
        domain, gray = domain_of_image(one), np.asarray(one).astype(np.float64)
        planes = gray.reshape(*gray.shape[:2], -1)
        inside = planes.reshape(-1, planes.shape[2]) if domain is None else planes[domain]
        if not inside.size:
            return with_domain(np.zeros(one.shape, np.uint8), domain)
        low, high = inside.min(axis=0), inside.max(axis=0)
        scale = np.divide(255, high - low, out=np.zeros_like(low), where=high > low)
        return with_domain(in_type(((planes - low) * scale).reshape(gray.shape), np.dtype(np.uint8), COMPUTED), domain)

    return each_image(image, stretched)


def equ_histo_image(image: Any) -> Any:
    """Byte images with all gray values about as often: each becomes 255 · the share of pixels that are not brighter.

    Shares are of the pixels inside the domain, of each channel by itself.
    """

    def equalized(one: _Pixels) -> _Pixels:
        if one.dtype != np.uint8:
            raise DLParamError("image", "an image of type byte", describe(one), halcon_code=1201)
        domain, pixels = domain_of_image(one), np.asarray(one).reshape(*one.shape[:2], -1)
        result = np.empty_like(pixels)
        for channel in range(pixels.shape[2]):
            plane = pixels[:, :, channel]
            counts = np.bincount(plane.ravel() if domain is None else plane[domain], minlength=256).cumsum()
            result[:, :, channel] = in_type(255 * counts / max(int(counts[-1]), 1), one.dtype)[plane]
        return with_domain(result.reshape(one.shape), domain)

    return each_image(image, equalized)


def _combined(
    first: Any,
    second: Any,
    names: tuple[str, str],
    change: Callable[[_Pixels, _Pixels], _Pixels],
    mult: Any,
    add: Any,
) -> Any:
    """Images of the first's type, with the domain that both have in common."""
    factor, summand = number(mult, "mult", place=1), number(add, "add", place=2)
    results = []
    for one, other in pairs_of(first, second, names):
        values = change(np.asarray(one).astype(np.float64), np.asarray(other).astype(np.float64)) * factor + summand
        results.append(with_domain(in_type(values, one.dtype, COMPUTED), common_domain(one, other)))
    return like_given(first, results)
