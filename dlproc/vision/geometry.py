"""Images of another size or direction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize, rotate

from dlproc.images.domain import domain_of_image, with_domain
from dlproc.images.resize import zoom_image, zoom_mask
from dlproc.vision.arguments import each_image, in_type, whole, word
from dlproc.vision.region import check_box, number

_INTERPOLATIONS = ("nearest_neighbor", "bilinear", "bicubic", "constant", "weighted")
_ORDERS = {"nearest_neighbor": 0, "bilinear": 1, "bicubic": 3, "constant": 1, "weighted": 1}
_LEAST_SCALE = 1e-4


def zoom_image_size(image: Any, width: Any, height: Any, interpolation: Any) -> Any:
    """Images of another size.

    Parameters
    ----------
    image : image, or a list of them
    width, height : int
        In pixels, at least 1.
    interpolation : str
        ``'nearest_neighbor'``, ``'bilinear'``, ``'bicubic'`` between pixels; ``'constant'`` averages what a pixel
        covers where the image shrinks, and is bilinear where it grows; ``'weighted'`` smoothes with a Gaussian before
        it shrinks.

    Returns
    -------
    image, or a list of them
        Of the same type. Everything counts: as in HALCON the domain is not looked at.

    Notes
    -----
    Pixels are averaged by scikit-image, so gray values may differ from HALCON's by one.
    """
    size = whole(height, "height", low=1, place=2), whole(width, "width", low=1, place=1)
    check_box(*size, "width, height")
    by = word(interpolation, _INTERPOLATIONS, "interpolation", place=3)
    return each_image(image, lambda one: _zoomed(np.asarray(one), size, by))


def zoom_image_factor(image: Any, scale_width: Any, scale_height: Any, interpolation: Any) -> Any:
    """Images of another size by factors; the size is rounded, at least 1. Otherwise as `zoom_image_size`."""
    factors = [
        number(scale_height, "scale_height", low=_LEAST_SCALE, place=2),
        number(scale_width, "scale_width", low=_LEAST_SCALE, place=1),
    ]
    by = word(interpolation, _INTERPOLATIONS, "interpolation", place=3)

    def zoomed(one: NDArray[Any]) -> NDArray[Any]:
        height, width = (max(1, round(n * by)) for n, by in zip(one.shape, factors, strict=False))
        check_box(height, width, "scale_width, scale_height")
        return _zoomed(np.asarray(one), (height, width), by)

    return each_image(image, zoomed)


def mirror_image(image: Any, mode: Any) -> Any:
    """Images mirrored; the domain goes along.

    Parameters
    ----------
    image : image, or a list of them
    mode : str
        ``'row'`` : the first row becomes the last; ``'column'`` : the first column becomes the last; ``'diagonal'`` :
        rows become columns.
    """
    name = word(mode, tuple(_MIRRORS), "mode")

    def mirrored(one: NDArray[Any]) -> NDArray[Any]:
        domain = domain_of_image(one)
        pixels = np.ascontiguousarray(_MIRRORS[name](np.asarray(one)))
        return with_domain(pixels, None if domain is None else _MIRRORS[name](domain))

    return each_image(image, mirrored)


def rotate_image(image: Any, phi: Any, interpolation: Any) -> Any:
    """Images turned around their centre, counterclockwise.

    Parameters
    ----------
    image : image, or a list of them
    phi : float
        Degrees. For 90 and 270 height and width change places; for others the size stays, and corners are cut off.
    interpolation : str
        As of `zoom_image_size`; 'constant' and 'weighted' are bilinear.

    Returns
    -------
    image, or a list of them
        Of the same type; what comes from outside of the image is 0 and does not count. As in HALCON the domain is not
        looked at.
    """
    angle = number(phi, "phi", place=1)
    order = _ORDERS[word(interpolation, _INTERPOLATIONS, "interpolation", place=2)]

    def turned(one: NDArray[Any]) -> NDArray[Any]:
        pixels = np.asarray(one)
        if angle % 90 == 0:
            return np.ascontiguousarray(np.rot90(pixels, int(angle // 90)))
        values = rotate(pixels.astype(np.float64), angle, order=order, preserve_range=True, mode="constant")
        there = rotate(np.ones(pixels.shape[:2]), angle, order=0, mode="constant") > 0.5
        return with_domain(in_type(values * (there if values.ndim == 2 else there[:, :, None]), pixels.dtype), there)

    return each_image(image, turned)


def _zoomed(image: NDArray[Any], size: tuple[int, int], interpolation: str) -> NDArray[Any]:
    if interpolation == "nearest_neighbor":
        return zoom_mask(image, *size)
    if interpolation == "constant":
        return in_type(zoom_image(image, *size), image.dtype)
    shrinks = interpolation == "weighted" and (size[0] < image.shape[0] or size[1] < image.shape[1])
    values = resize(
        image.astype(np.float64),
        (*size, *image.shape[2:]),
        order=_ORDERS[interpolation],
        mode="edge",
        anti_aliasing=shrinks,
        preserve_range=True,
    )
    return in_type(values, image.dtype)


_MIRRORS = {
    "row": lambda array: array[::-1],
    "column": lambda array: array[:, ::-1],
    "diagonal": lambda array: array.swapaxes(0, 1),
}
