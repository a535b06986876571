"""Size, type and channels of images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2hsv, rgb2lab, rgb2xyz, rgb2yiq, rgb2yuv

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.schema.kinds import describe
from dlproc.vision.arguments import common_domain, each_image, images_of, in_type, one_image, whole, word
from dlproc.vision.region import like_given

# HALCON's names. Its 'int8' has 8 bytes; numpy's has 8 bits, and is HALCON's 'int1'.
TYPES: dict[str, np.dtype[Any]] = {
    "byte": np.dtype(np.uint8),
    "uint2": np.dtype(np.uint16),
    "int1": np.dtype(np.int8),
    "int2": np.dtype(np.int16),
    "int4": np.dtype(np.int32),
    "int8": np.dtype(np.int64),
    "real": np.dtype(np.float32),
}
_NAMES = {dtype: name for name, dtype in TYPES.items()} | {np.dtype(np.float64): "real", np.dtype(np.float16): "real"}
_GRAY = (0.299, 0.587, 0.114)
_SPACES = {"hsv": rgb2hsv, "yiq": rgb2yiq, "yuv": rgb2yuv, "cielab": rgb2lab, "ciexyz": rgb2xyz}


def get_image_size(image: Any) -> tuple[Any, Any]:
    """Width and height in pixels, in this order; lists for a list."""
    images = images_of(image)
    return like_given(image, [one.shape[1] for one in images]), like_given(image, [one.shape[0] for one in images])


def get_image_type(image: Any) -> Any:
    """HALCON's name of the type: 'byte', 'uint2', 'int1', 'int2', 'int4', 'int8' (64 bit) or 'real' (any float)."""
    return each_image(image, _type)


def get_image_pointer1(image: Any) -> tuple[int, str, int, int]:
    """Address, type, width and height of an image; the address is that of numpy's memory, for what it is worth."""
    one = one_image(image)
    return int(np.asarray(one).ctypes.data), _type(one), one.shape[1], one.shape[0]


def count_channels(multi_channel_image: Any) -> Any:
    """How many channels an image has."""
    return each_image(multi_channel_image, lambda one: _planes(one).shape[2], "multi_channel_image")


def convert_image_type(image: Any, new_type: Any) -> Any:
    """The same gray values in another type, cut off at its bounds; reals are rounded, a half up. The domain stays.

    Parameters
    ----------
    image : image, or a list of them
    new_type : str
        As of `get_image_type`. 'direction', 'cyclic', 'complex' and vector fields are not known.
    """
    dtype = TYPES[word(new_type, list(TYPES), "new_type")]
    return each_image(image, lambda one: with_domain(in_type(np.asarray(one), dtype), domain_of_image(one)))


def rgb1_to_gray(rgb_image: Any) -> Any:
    """Luminance 0.299 red + 0.587 green + 0.114 blue, in the image's type; an image with one channel stays as it is."""

    def gray(one: NDArray[Any]) -> NDArray[Any]:
        planes = _planes(one)
        if planes.shape[2] == 1:
            return one if one.ndim == 2 else with_domain(planes[:, :, 0], domain_of_image(one))
        if planes.shape[2] < 3:
            raise DLParamError("rgb_image", "an image with 3 channels, or one", describe(one), halcon_code=1201)
        return with_domain(_luminance(planes), domain_of_image(one))

    return each_image(rgb_image, gray, "rgb_image")


def rgb3_to_gray(image_red: Any, image_green: Any, image_blue: Any) -> Any:
    """As `rgb1_to_gray`, from three images with one channel each."""
    return rgb1_to_gray(compose3(image_red, image_green, image_blue))


def trans_from_rgb(image_red: Any, image_green: Any, image_blue: Any, color_space: Any) -> tuple[Any, Any, Any]:
    """The three channels of another colour space.

    Parameters
    ----------
    image_red, image_green, image_blue : image with one channel
        Of the same type: byte (0 to 255), uint2 (0 to 65535) or real (0 to 1).
    color_space : str
        ``'hsv'``, ``'yiq'``, ``'yuv'``, ``'cielab'``, ``'ciexyz'``.

    Returns
    -------
    three images
        For 'hsv' of the type of the input, hue 0 to the type's largest value as in HALCON for byte (real: radians);
        the others real, as scikit-image gives them, which is not HALCON's scale.
    """
    together = one_image(compose3(image_red, image_green, image_blue))
    name = word(color_space, list(_SPACES), "color_space")
    largest = np.iinfo(together.dtype).max if together.dtype.kind in "ui" else 1
    converted = _SPACES[name](np.asarray(together).astype(np.float64) / largest)
    if name != "hsv":
        converted = converted.astype(np.float32)
    elif together.dtype.kind == "f":
        converted = (converted * [2 * np.pi, 1, 1]).astype(together.dtype)
    else:
        converted = in_type(converted * largest, together.dtype)
    first, second, third = decompose3(with_domain(converted, domain_of_image(together)))
    return first, second, third


def compose2(image1: Any, image2: Any) -> Any:
    """One image with the channels of two."""
    return _composed([image1, image2])


def compose3(image1: Any, image2: Any, image3: Any) -> Any:
    """One image with the channels of three; its domain is what they have in common."""
    return _composed([image1, image2, image3])


def compose4(image1: Any, image2: Any, image3: Any, image4: Any) -> Any:
    """One image with the channels of four."""
    return _composed([image1, image2, image3, image4])


def decompose2(multi_channel_image: Any) -> Any:
    """The two channels of an image."""
    return _decomposed(multi_channel_image, 2)


def decompose3(multi_channel_image: Any) -> Any:
    """The three channels of an image, each an image (H, W); the domain stays."""
    return _decomposed(multi_channel_image, 3)


def decompose4(multi_channel_image: Any) -> Any:
    """The four channels of an image."""
    return _decomposed(multi_channel_image, 4)


def access_channel(multi_channel_image: Any, channel: Any) -> Any:
    """One channel of an image; the first has the number 1."""

    def chosen(one: NDArray[Any]) -> NDArray[Any]:
        planes = _planes(one)
        number = whole(channel, "channel", low=1, high=planes.shape[2])
        return with_domain(planes[:, :, number - 1], domain_of_image(one))

    return each_image(multi_channel_image, chosen, "multi_channel_image")


def append_channel(multi_channel_image: Any, image: Any) -> Any:
    """The channels of an image, and behind them those of another."""
    return _composed([multi_channel_image, image])


def image_to_channels(multi_channel_image: Any) -> list[Any]:
    """The channels of an image as a list of images (H, W)."""
    image = one_image(multi_channel_image, "multi_channel_image")
    planes = _planes(image)
    return [with_domain(planes[:, :, channel], domain_of_image(image)) for channel in range(planes.shape[2])]


def channels_to_image(images: Any) -> Any:
    """One image with the channels of a list of images."""
    given = images_of(images, "images")
    if not given:
        raise DLParamError("images", "at least one image", "none", halcon_code=1201)
    return _joined(given)


def _type(image: NDArray[Any]) -> str:
    if image.dtype not in _NAMES:
        raise DLParamError("image", f"an image of {', '.join(map(str, _NAMES))}", describe(image), halcon_code=1201)
    return _NAMES[image.dtype]


def _planes(image: NDArray[Any]) -> NDArray[Any]:
    """The image as (H, W, C)."""
    plain = np.asarray(image)
    return plain[:, :, np.newaxis] if plain.ndim == 2 else plain


def _luminance(planes: NDArray[Any]) -> NDArray[Any]:
    """Sums written out, not a matrix product: equal colours must give equal gray values at every place."""
    red, green, blue = (planes[:, :, channel] for channel in range(3))
    if planes.dtype.kind in "ui" and planes.dtype.itemsize <= 4:  # exact: 0.299 · 255 + … may fall just below a half
        red, green, blue = (plane.astype(np.int64) for plane in (red, green, blue))
        return ((red * 299 + green * 587 + blue * 114 + 500) // 1000).astype(planes.dtype)
    weights = np.array(_GRAY)
    return in_type(red * weights[0] + green * weights[1] + blue * weights[2], planes.dtype)


def _composed(given: list[Any]) -> Any:
    """Channel lists joined image by image: lists of the same length."""
    names = [f"image{place}" for place in range(1, len(given) + 1)]
    lists = [images_of(one, name) for one, name in zip(given, names, strict=True)]
    for images, name in zip(lists, names, strict=True):
        if len(images) != len(lists[0]):
            raise DLParamError(name, f"{len(lists[0])} images", f"{len(images)}", halcon_code=1201)
    return like_given(given[0], [_joined(list(images)) for images in zip(*lists, strict=True)])


def _joined(images: list[NDArray[Any]]) -> NDArray[Any]:
    for place, image in enumerate(images, start=1):
        if image.shape[:2] != images[0].shape[:2] or image.dtype != images[0].dtype:
            expected = f"{images[0].dtype.name}, {images[0].shape[0]} x {images[0].shape[1]}, as the first image"
            raise DLParamError(f"image{place}", expected, describe(image), halcon_code=1201)
    return with_domain(np.concatenate([_planes(image) for image in images], axis=2), common_domain(*images))


def _decomposed(given: Any, n_channels: int) -> tuple[Any, ...]:
    images = images_of(given, "multi_channel_image")
    for image in images:
        if _planes(image).shape[2] != n_channels:
            expected = f"an image with {n_channels} channels"
            raise DLParamError("multi_channel_image", expected, describe(image), halcon_code=1201)
    return tuple(
        like_given(given, [with_domain(image[:, :, channel], domain_of_image(image)) for image in images])
        for channel in range(n_channels)
    )
