"""What operators are given: images, single values, words. And gray values back in the type of an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image, intersected, with_domain
from dlproc.schema.check import check_known
from dlproc.schema.kinds import array_hint, as_list, describe, scalar
from dlproc.vision.region import is_image, like_given, number

COMPUTED = 1e-9  # by so much a result may be off by the order of additions, which must not decide how it is rounded
_IMAGE = "an image, an array of numbers (H, W) or (H, W, C)"


def images_of(given: object, where: str = "image") -> list[NDArray[Any]]:
    """One image, or a list of them, as a list.

    Raises
    ------
    DLParamError
        Something else; a bool array, which is a region.
    """
    is_list = isinstance(given, list | tuple)
    objects: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    for place, one in enumerate(objects):
        if not is_image(one) or one.size == 0:
            name = f"{where}[{place}]" if is_list else where
            raise DLParamError(name, _IMAGE, describe(one), array_hint(one), halcon_code=1201)
    return objects


def each_image(given: object, changed: Callable[[NDArray[Any]], Any], where: str = "image") -> Any:
    """One result for one image, a list for a list."""
    return like_given(given, [changed(one) for one in images_of(given, where)])


def one_image(given: object, where: str = "image") -> NDArray[Any]:
    """A single image, or a list of one."""
    images = images_of(given, where)
    if len(images) != 1:
        raise DLParamError(where, "one image", f"{len(images)}", halcon_code=1201)
    return images[0]


def pairs_of(first: object, second: object, names: tuple[str, str]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Images two by two: as many of both, or one of the second for all of the first.

    Raises
    ------
    DLParamError
        Other numbers of images; two of different sizes.
    """
    firsts, seconds = images_of(first, names[0]), images_of(second, names[1])
    if len(seconds) not in (1, len(firsts)):
        raise DLParamError(names[1], f"1 image, or {len(firsts)}", f"{len(seconds)}", halcon_code=1401)
    pairs = list(zip(firsts, seconds * len(firsts) if len(seconds) == 1 else seconds, strict=True))
    for one, other in pairs:
        if one.shape != other.shape:
            raise DLParamError(names[1], f"an image of shape {one.shape}", describe(other), halcon_code=1201)
    return pairs


def first_channel(image: NDArray[Any]) -> NDArray[Any]:
    """What operators for one channel look at: of several channels the first."""
    plain = np.asarray(image)
    return plain if plain.ndim == 2 else plain[:, :, 0]


def common_domain(*images: NDArray[Any]) -> NDArray[np.bool_] | None:
    """What belongs to the domains of all images."""
    domain = None
    for image in images:
        domain = intersected(domain, domain_of_image(image))
    return domain


def in_type(values: NDArray[Any], dtype: np.dtype[Any], tolerance: float = 0.0) -> NDArray[Any]:
    """Gray values as another type: cut off at its bounds, reals rounded where it has integers only.

    A half is rounded up, and so is what `tolerance` is below it.
    """
    if dtype.kind == "f" or values.dtype == dtype:
        return values.astype(dtype)
    info = np.iinfo(dtype)
    if values.dtype.kind == "f":
        values = np.floor(np.nan_to_num(values) + (0.5 + tolerance))
        high = float(info.max)  # of 64 bits the largest is no real number: the next smaller one
        return np.clip(values, info.min, np.nextafter(high, 0) if high > info.max else high).astype(dtype)
    own = np.iinfo(values.dtype)
    return np.clip(values, max(info.min, own.min), min(info.max, own.max)).astype(dtype)


def computed(
    image: NDArray[Any], change: Callable[[NDArray[Any]], NDArray[Any]], dtype: np.dtype[Any] | None = None
) -> NDArray[Any]:
    """An image with the same domain, its gray values changed as float64; of the same type, or of another."""
    values = change(np.asarray(image).astype(np.float64))
    return with_domain(in_type(values, dtype or image.dtype, COMPUTED), domain_of_image(image))


def whole(given: object, where: str, low: int | None = None, high: int | None = None, place: int = 1) -> int:
    """An integer; a real that is one counts."""
    value = number(given, where, low, place)
    if value != int(value):
        raise DLParamError(where, "an integer", describe(given), halcon_code=1200 + place)
    if high is not None and value > high:
        raise DLParamError(where, f"at most {high}", f"{value:g}", halcon_code=1300 + place)
    return int(value)


def wholes(given: object, where: str, place: int = 1) -> list[int]:
    """Integers; reals are rounded, as coordinates are."""
    return [int(np.floor(number(one, where, place=place) + 0.5)) for one in as_list(given)]


def coordinate(given: object, where: str, place: int = 1) -> int:
    """A single row or column; a real is rounded."""
    return int(np.floor(number(given, where, place=place) + 0.5))


def word(given: object, choices: Sequence[str], where: str, place: int = 1) -> str:
    """One of some words."""
    text = scalar(given)
    check_known(text, choices, where, 1300 + place)
    return str(text)


def switch(given: object, where: str, place: int = 1) -> bool:
    """HALCON's 'true' or 'false'; Python's True and False count."""
    value = scalar(given)
    return value if isinstance(value, bool) else word(value, ("true", "false"), where, place) == "true"
