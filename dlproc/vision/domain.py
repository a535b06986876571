"""The domain of images, and parts cut out of them.

Every image has a domain, the pixels that count; that of a plain array is everything. Operators look at gray values
inside the domain only. Filters and arithmetic compute all pixels and keep the domain: what stands outside of it has a
meaning here, and none in HALCON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLParamError
from dlproc.images.domain import bounding_box, domain_of_image, intersected, with_domain
from dlproc.schema.kinds import as_list
from dlproc.vision.arguments import each_image, images_of, whole, wholes
from dlproc.vision.region import (
    Region,
    check_box,
    check_lengths,
    domain_region,
    gen_rectangle1,
    like_given,
    regions_of,
    union1,
)


def reduce_domain(image: Any, region: Any) -> Any:
    """Of an image only what lies in a region counts from now on.

    Parameters
    ----------
    image : image, or a list of them
        (H, W) or (H, W, C). Not changed; the result has the same pixels, not a copy.
    region : Region, bool array (H, W), or a list of them
        All together; as far as it lies inside of the image and of its domain. An image stands for its domain.

    Returns
    -------
    image with the attribute `domain`, or a list of them
        A plain array where everything still counts.

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> image = dl.reduce_domain(np.zeros((4, 6), np.uint8), dl.gen_rectangle1(1, 1, 2, 9))
    >>> dl.area_center(dl.get_domain(image))[0]
    10
    """
    inside = union1(regions_of(region, "region"))

    def reduced(one: NDArray[Any]) -> NDArray[Any]:
        return with_domain(one, intersected(inside.inside(*one.shape[:2]), domain_of_image(one)))

    return each_image(image, reduced)


def change_domain(image: Any, new_domain: Any) -> Any:
    """A region becomes the domain, as far as it lies inside of the image, whatever the domain was before."""
    inside = union1(regions_of(new_domain, "new_domain"))
    return each_image(image, lambda one: with_domain(one, inside.inside(*one.shape[:2])))


def full_domain(image: Any) -> Any:
    """Everything counts: a plain array with the same pixels."""
    return each_image(image, np.asarray)


def get_domain(image: Any) -> Any:
    """The domain as a region."""
    return each_image(image, domain_region)


def rectangle1_domain(image: Any, row1: Any, column1: Any, row2: Any, column2: Any) -> Any:
    """Of an image only what lies in a rectangle counts from now on; corners as for `gen_rectangle1`."""
    return reduce_domain(image, gen_rectangle1(row1, column1, row2, column2))


def crop_domain(image: Any) -> Any:
    """The part of an image in the smallest rectangle around its domain; everything of it counts, as in HALCON."""
    return each_image(image, lambda one: np.asarray(one)[_box(one)].copy())


def crop_domain_rel(image: Any, top: Any, left: Any, bottom: Any, right: Any) -> Any:
    """The part of an image in the smallest rectangle around its domain, less some pixels at each side.

    Negative numbers make it larger; what would lie outside of the image is 0 and does not count.
    """
    sides = {"top": top, "left": left, "bottom": bottom, "right": right}
    less = [whole(one, name, place=place) for place, (name, one) in enumerate(sides.items(), start=1)]

    def cropped(one: NDArray[Any]) -> NDArray[Any]:
        rows, columns = _box(one)
        corners = (rows.start + less[0], columns.start + less[1], rows.stop - 1 - less[2], columns.stop - 1 - less[3])
        return _cut(one, *corners)

    return each_image(image, cropped)


def crop_part(image: Any, row: Any, column: Any, width: Any, height: Any) -> Any:
    """Parts of images by their upper left corner and size; for lists of these, of each image all parts.

    Raises
    ------
    DLParamError
        A size below 1; lists of different lengths; a part without a pixel of the image.

    Notes
    -----
    Everything of a part counts, as in HALCON, whatever the domain was. What would lie outside of the image is 0 and
    does not count; HALCON lets parts reach beyond the right and lower side only.
    """
    rows, columns = wholes(row, "row", 1), wholes(column, "column", 2)
    widths = [whole(one, "width", low=1, place=3) for one in as_list(width)]
    heights = [whole(one, "height", low=1, place=4) for one in as_list(height)]
    check_lengths("row", [rows, columns, widths, heights])
    corners = [
        (top, left, top + n_rows - 1, left + n_columns - 1)
        for top, left, n_columns, n_rows in zip(rows, columns, widths, heights, strict=True)
    ]
    return _parts(image, row, corners)


def crop_rectangle1(image: Any, row1: Any, column1: Any, row2: Any, column2: Any) -> Any:
    """Parts of images by the corners of a rectangle, both inside; otherwise as `crop_part`."""
    sides = [wholes(one, "row1", place) for place, one in enumerate((row1, column1, row2, column2), start=1)]
    check_lengths("row1", sides)
    return _parts(image, row1, list(zip(*sides, strict=True)))


def _parts(image: Any, given: Any, corners: Sequence[tuple[int, int, int, int]]) -> Any:
    parts = [_cut(one, *corner) for one in images_of(image) for corner in corners]
    return parts if isinstance(given, list | tuple) else like_given(image, parts)


def _cut(image: NDArray[Any], top: int, left: int, bottom: int, right: int) -> NDArray[Any]:
    """The pixels of a rectangle, its corners included; 0, and outside of the domain, where the image has none."""
    height, width = bottom - top + 1, right - left + 1
    if height < 1 or width < 1:
        raise DLParamError("row2, column2", f"at least ({top}, {left})", f"({bottom}, {right})", halcon_code=1303)
    check_box(height, width, "width, height")
    there = Region(0, 0, np.ones(image.shape[:2], bool)).inside(height, width, top, left)
    if not there.any():
        got = f"rows {top} to {bottom}, columns {left} to {right}"
        raise DLParamError("row, column", "a part of the image", got, halcon_code=1301)
    part = np.zeros((height, width, *image.shape[2:]), image.dtype)
    rows, columns = slice(max(top, 0), bottom + 1), slice(max(left, 0), right + 1)
    part[bounding_box(there)] = np.asarray(image)[rows, columns]
    return with_domain(part, there)


def _box(image: NDArray[Any]) -> tuple[slice, slice]:
    domain = domain_of_image(image)
    if domain is None:
        return slice(0, image.shape[0]), slice(0, image.shape[1])
    if not domain.any():
        raise DLParamError("image", "a domain with at least one pixel", "an empty one", halcon_code=7886)
    return bounding_box(domain)
