"""Images made, copied and painted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.schema.kinds import as_list, describe
from dlproc.vision.arguments import (
    each_image,
    first_channel,
    in_type,
    one_image,
    whole,
    wholes,
    word,
)
from dlproc.vision.channels import TYPES
from dlproc.vision.morphology import inner_boundary
from dlproc.vision.region import Region, check_box, check_lengths, number, regions_of

_PAINTED = ("fill", "margin")


def gen_image_const(type: Any, width: Any, height: Any) -> NDArray[Any]:
    """An image (height, width) of zeros; `type` as of `get_image_type`."""
    dtype = TYPES[word(type, list(TYPES), "type")]
    size = whole(height, "height", low=1, place=3), whole(width, "width", low=1, place=2)
    check_box(*size, "width, height")
    return np.zeros(size, dtype)


def gen_image_proto(image: Any, grayval: Any) -> Any:
    """An image of the same size, type and domain, with one gray value, or one for each channel."""
    values = [number(one, "grayval") for one in as_list(grayval)]

    def made(one: NDArray[Any]) -> NDArray[Any]:
        filled = np.empty_like(np.asarray(one))
        filled[...] = in_type(np.array(_by_channel(values, one, "grayval", 1)), one.dtype)
        return with_domain(filled, domain_of_image(one))

    return each_image(image, made)


def copy_image(image: Any) -> Any:
    """The same with pixels of its own, so that `set_grayval` and `overpaint_region` change only one of them."""
    return each_image(image, lambda one: one.copy())


def paint_region(region: Any, image: Any, grayval: Any, type: Any) -> Any:
    """A copy of an image with regions painted into it.

    Parameters
    ----------
    region : Region, bool array (H, W), or a list of them
        Painted one after the other; what lies outside of the image is left out.
    image : image, or a list of them
    grayval : number or list of numbers
        One for all, one for each channel, or for each region as many as there are channels. Rounded and cut off at the
        bounds of the image's type.
    type : str
        ``'fill'`` : all pixels; ``'margin'`` : those that have a neighbour beside, above or below outside of the
        region.

    Raises
    ------
    DLParamError
        Another word; another number of gray values.
    """

    def painted(one: NDArray[Any]) -> NDArray[Any]:
        pixels = np.asarray(one).copy()
        _paint(pixels, regions_of(region, "region"), grayval, type)
        return with_domain(pixels, domain_of_image(one))

    return each_image(image, painted)


def overpaint_region(image: Any, region: Any, grayval: Any, type: Any) -> None:
    """As `paint_region`, but into the image itself; nothing is returned, as in HALCON.

    Raises
    ------
    DLParamError
        As `paint_region`; an array that must not be written into.
    """
    given = _writable(image)
    _paint(np.asarray(given), regions_of(region, "region"), grayval, type)


def set_grayval(image: Any, row: Any, column: Any, grayval: Any) -> None:
    """Write gray values into an image itself, at points that must lie inside of it.

    Parameters
    ----------
    image : image
        Changed, as in HALCON.
    row, column : int, or lists of int
    grayval : number or list of numbers
        One for all points, or for each point as many as there are channels.

    Raises
    ------
    DLParamError
        A point outside; another number of values; an array that must not be written into.
    """
    given = _writable(image)
    points = _points(given, row, column)
    values = np.array([number(one, "grayval", place=3) for one in as_list(grayval)])
    n_channels = 1 if given.ndim == 2 else given.shape[2]
    if values.size not in (1, len(points[0]) * n_channels):
        expected = f"1 value, or {len(points[0]) * n_channels}"
        raise DLParamError("grayval", expected, f"{values.size}", halcon_code=1403)
    each = values if values.size == 1 else values.reshape(len(points[0]), *given.shape[2:])
    np.asarray(given)[points] = in_type(each, given.dtype)


def get_grayval(image: Any, row: Any, column: Any) -> Any:
    """Gray values at points, which must lie inside of the image; of several channels all, point by point."""
    given = one_image(image)
    values = np.asarray(given)[_points(given, row, column)].reshape(-1).tolist()
    return values[0] if len(values) == 1 and not isinstance(row, list | tuple) else values


def region_to_label(region: Any, type: Any, width: Any, height: Any) -> NDArray[Any]:
    """An image of numbers: 1 in the first region, 2 in the second, …, and 0 outside; later regions cover earlier ones.

    `type`: 'byte' (up to 255 regions), 'uint2', 'int2', 'int4', 'int8' or 'real'.
    """
    labels = gen_image_const(type, width, height)
    regions = regions_of(region, "region")
    largest = 1 << 24 if labels.dtype.kind == "f" else int(np.iinfo(labels.dtype).max)
    if len(regions) > largest:
        raise DLParamError("region", f"at most {largest} regions for this type", f"{len(regions)}", halcon_code=1301)
    for label, one in enumerate(regions, start=1):
        place, inside = one.seen_in(*labels.shape)
        labels[place][inside] = label
    return labels


def label_to_region(label_image: Any) -> list[Region]:
    """For each gray value above 0 that occurs inside the domain a region, in ascending order."""
    image = one_image(label_image, "label_image")
    labels, domain = first_channel(image), domain_of_image(image)
    counts = labels > 0 if domain is None else (labels > 0) & domain
    numbers = np.zeros(labels.shape, np.int32)  # 1, 2, … for the gray values
    numbers[counts] = np.unique(labels[counts], return_inverse=True)[1] + 1
    boxes = enumerate(ndimage.find_objects(numbers), start=1)
    return [Region.of_mask(numbers[box] == number, box[0].start, box[1].start) for number, box in boxes]


def region_to_mean(regions: Any, image: Any) -> NDArray[Any]:
    """A copy of an image in which each region has its mean gray value; elsewhere it is 0."""
    given = one_image(image)
    gray = np.asarray(given)
    shown = np.zeros_like(gray)
    for one in regions_of(regions):
        place, inside = one.seen_in(*gray.shape[:2])
        if inside.any():
            mean = gray[place][inside].astype(np.float64).mean(axis=0, keepdims=True)
            shown[place][inside] = in_type(mean, gray.dtype)
    return with_domain(shown, domain_of_image(given))


def _paint(pixels: NDArray[Any], regions: list[Region], grayval: Any, kind: Any) -> None:
    """Paint into an array."""
    painted = word(kind, _PAINTED, "type", place=2)
    values = [number(one, "grayval") for one in as_list(grayval)]
    n_channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    by_region = len(values) == len(regions) * n_channels and len(values) not in (1, n_channels)
    for place, one in enumerate(regions):
        own = values[place * n_channels : (place + 1) * n_channels] if by_region else values
        region = one if painted == "fill" else inner_boundary(one)
        box, inside = region.seen_in(*pixels.shape[:2])
        pixels[box][inside] = in_type(np.array(_by_channel(own, pixels, "grayval", 1)), pixels.dtype)


def _by_channel(values: list[float], image: NDArray[Any], where: str, place: int) -> list[float] | float:
    """One value for all channels, or one for each."""
    n_channels = 1 if image.ndim == 2 else image.shape[2]
    if len(values) == 1:
        return values[0]
    if len(values) != n_channels:
        expected = f"1 value, or {n_channels}, one for each channel"
        raise DLParamError(where, expected, f"{len(values)}", halcon_code=1400 + place)
    return values


def _points(image: NDArray[Any], row: Any, column: Any) -> tuple[list[int], list[int]]:
    rows, columns = wholes(row, "row", 1), wholes(column, "column", 2)
    check_lengths("row", [rows, columns])
    for place, (name, values, size) in enumerate((("row", rows, image.shape[0]), ("column", columns, image.shape[1]))):
        outside = [value for value in values if not 0 <= value < size]
        if outside:
            raise DLParamError(name, f"0 to {size - 1}", f"{outside[0]}", halcon_code=1301 + place)
    return rows, columns


def _writable(image: Any) -> NDArray[Any]:
    given = one_image(image)
    if not given.flags.writeable:
        raise DLParamError("image", "an array that may be written into", f"a read-only {describe(given)}")
    return given
