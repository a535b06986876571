"""Type, channels, arithmetic, painting and geometry of images. Second sources: by hand, Pillow, scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage.color import rgb2hsv

import dlproc as dl
from dlproc.images.domain import domain_of_image

NAMES = {
    "byte": "uint8",
    "uint2": "uint16",
    "int1": "int8",
    "int2": "int16",
    "int4": "int32",
    "int8": "int64",
    "real": "float32",
}
BYTES = arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6)))
IMAGE = np.arange(12, dtype=np.uint8).reshape(3, 4)
REDUCED = dl.reduce_domain(IMAGE, dl.gen_rectangle1(0, 0, 1, 1))


def test_sizes_and_types():
    assert dl.get_image_size(IMAGE) == (4, 3)
    assert dl.get_image_pointer1(IMAGE)[1:] == ("byte", 4, 3)
    assert dl.get_image_size([IMAGE, np.zeros((5, 6, 3))]) == ([4, 6], [3, 5])
    assert {name: dl.get_image_type(np.zeros((1, 1), dtype)) for name, dtype in NAMES.items()} == {n: n for n in NAMES}
    assert dl.get_image_type(np.zeros((1, 1), np.float64)) == "real"
    assert dl.count_channels([IMAGE, np.zeros((5, 6, 3)), np.zeros((5, 6, 1))]) == [1, 3, 1]
    for name, dtype in NAMES.items():
        made = dl.gen_image_const(name, 4, [3])
        assert (made.shape, made.dtype.name, made.max()) == ((3, 4), dtype, 0)


@given(arrays(np.float64, (2, 3), elements=st.floats(-1e30, 1e30)), st.sampled_from(sorted(NAMES)))
def test_conversion_cuts_off_and_rounds(values, name):
    converted = dl.convert_image_type(values, name)
    assert converted.dtype.name == NAMES[name]
    for before, after in zip(values.ravel().tolist(), converted.ravel().tolist(), strict=True):
        if name == "real":
            assert after == np.float32(before)
        else:
            info = np.iinfo(NAMES[name])
            expected = min(max(int(np.floor(before + 0.5)), info.min), info.max)  # Python's integers have no bounds
            assert abs(after - expected) <= (1024 if name == "int8" else 0)  # beyond 2**53 reals are no integers


def test_conversion_by_hand():
    reals = np.array([[-0.6, -0.5, 0.5, 254.5, 300, np.nan]], np.float32)
    assert dl.convert_image_type(reals, "byte").tolist() == [[0, 0, 1, 255, 255, 0]]
    assert dl.convert_image_type(reals[:, :5], "int1").tolist() == [[-1, 0, 1, 127, 127]]
    assert dl.convert_image_type(np.array([[-5, 70000]]), "uint2").tolist() == [[0, 65535]]
    assert dl.convert_image_type(np.array([[1e30, -1e30]]), "int8").tolist() == [[2**63 - 1024, -(2**63)]]
    assert dl.convert_image_type(np.array([[200]], np.uint8), "int1").tolist() == [[127]]
    assert dl.get_domain(dl.convert_image_type(REDUCED, "real")) == dl.get_domain(REDUCED)


def test_luminance_is_that_of_pillow():
    generator = np.random.Generator(np.random.PCG64(1))
    colour = generator.integers(0, 256, (40, 50, 3), np.uint8)
    gray = dl.rgb1_to_gray(colour)
    assert gray.dtype == np.uint8
    assert abs(gray.astype(int) - np.asarray(Image.fromarray(colour).convert("L"))).max() <= 1
    assert dl.rgb1_to_gray(np.full((1, 1, 3), 255, np.uint8)).item() == 255
    assert dl.rgb1_to_gray(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)).tolist() == [[76, 150, 29]]
    np.testing.assert_allclose(dl.rgb1_to_gray(colour.astype(np.float32)), colour @ [0.299, 0.587, 0.114], rtol=1e-6)
    np.testing.assert_array_equal(dl.rgb3_to_gray(*dl.decompose3(colour)), gray)
    assert dl.rgb1_to_gray(IMAGE) is IMAGE
    assert dl.rgb1_to_gray(IMAGE[:, :, None]).shape == (3, 4)
    assert dl.get_domain(dl.rgb1_to_gray(dl.reduce_domain(colour, dl.gen_circle(9, 9, 5)))) == dl.gen_circle(9, 9, 5)


def test_hue_saturation_value():
    generator = np.random.Generator(np.random.PCG64(2))
    colour = generator.integers(0, 256, (8, 9, 3), np.uint8)
    channels = dl.trans_from_rgb(*dl.decompose3(colour), "hsv")
    for channel, expected in zip(channels, np.moveaxis(rgb2hsv(colour), 2, 0), strict=True):
        assert channel.dtype == np.uint8
        np.testing.assert_allclose(channel, expected * 255, atol=0.5 + 1e-9)
    hue, saturation, value = dl.trans_from_rgb(*(np.full((1, 1), v, np.float32) for v in (0, 1, 0)), "hsv")
    assert (hue.item(), saturation.item(), value.item()) == (pytest.approx(2 * np.pi / 3), 1, 1)


@given(st.lists(arrays(np.uint8, (2, 3)), min_size=2, max_size=4))
def test_channels_come_apart_as_they_were_put_together(images):
    together = dl.channels_to_image(images)
    assert dl.count_channels(together) == len(images)
    for one, other in zip(dl.image_to_channels(together), images, strict=True):
        np.testing.assert_array_equal(one, other)
    compose = {2: dl.compose2, 3: dl.compose3, 4: dl.compose4}[len(images)]
    decompose = {2: dl.decompose2, 3: dl.decompose3, 4: dl.decompose4}[len(images)]
    np.testing.assert_array_equal(compose(*images), together)
    assert all(map(np.array_equal, decompose(together), images))
    np.testing.assert_array_equal(dl.access_channel(together, 2), images[1])
    appended = images[0]
    for one in images[1:]:
        appended = dl.append_channel(appended, one)
    np.testing.assert_array_equal(appended, together)


def test_domains_of_channels():
    left, upper = dl.gen_rectangle1(0, 0, 2, 1), dl.gen_rectangle1(0, 0, 0, 3)
    together = dl.compose2(dl.reduce_domain(IMAGE, left), dl.reduce_domain(IMAGE, upper))
    assert dl.get_domain(together) == dl.intersection(left, upper)
    assert dl.get_domain(list(dl.decompose2(together))) == [dl.intersection(left, upper)] * 2
    first, second, third = dl.decompose3([np.dstack([IMAGE] * 3)] * 2)
    assert len(first) == len(second) == len(third) == 2


A = np.array([[0, 10, 200, 255]], np.uint8)
B = np.array([[5, 10, 100, 0]], np.uint8)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (lambda: dl.add_image(A, B, 0.5, 0), [3, 10, 150, 128]),
        (lambda: dl.add_image(A, B, 1, 0), [5, 20, 255, 255]),
        (lambda: dl.sub_image(A, B, 1, 128), [123, 128, 228, 255]),
        (lambda: dl.sub_image(A, B, [2], 0), [0, 0, 200, 255]),
        (lambda: dl.mult_image(A, B, 0.01, 1), [1, 2, 201, 1]),
        (lambda: dl.div_image(A, B, 10, 1), [1, 11, 21, 1]),
        (lambda: dl.abs_diff_image(A, B, 1), [5, 0, 100, 255]),
        (lambda: dl.max_image(A, B), [5, 10, 200, 255]),
        (lambda: dl.min_image(A, B), [0, 10, 100, 0]),
        (lambda: dl.invert_image(A), [255, 245, 55, 0]),
        (lambda: dl.invert_image(np.array([[-128, 5]], np.int8)), [127, -5]),
        (lambda: dl.invert_image(np.array([[0, 65535]], np.uint16)), [65535, 0]),
        (lambda: dl.abs_image(np.array([[-128, 5, -5]], np.int8)), [127, 5, 5]),
        (lambda: dl.scale_image(A, 1.5, -10), [0, 5, 255, 255]),
        (lambda: dl.scale_image_max(np.array([[2.0, 4, 3]])), [0, 255, 128]),
        (lambda: dl.scale_image_max(np.full((1, 2), 9, np.uint16)), [0, 0]),
        (lambda: dl.gen_image_proto(A, 300), [255] * 4),
    ],
)  # fmt: skip
def test_arithmetic_by_hand(result, expected):
    assert result().tolist() == [expected]


@given(BYTES, BYTES.map(lambda image: image.astype(np.int16)))
def test_laws_of_arithmetic(image, other):
    np.testing.assert_array_equal(dl.invert_image(dl.invert_image(image)), image)
    np.testing.assert_array_equal(dl.sub_image(image, image, 1, 128), np.full(image.shape, 128))
    np.testing.assert_array_equal(dl.add_image(image, image, 0.5, 0), image)
    assert dl.add_image(other, other, 1, 0).dtype == np.int16
    low, high = dl.min_image(image, dl.mirror_image(image, "row")), dl.max_image(image, dl.mirror_image(image, "row"))
    assert (low <= high).all()


def test_domains_of_arithmetic():
    left, upper = dl.gen_rectangle1(0, 0, 2, 1), dl.gen_rectangle1(0, 0, 0, 3)
    result = dl.add_image(dl.reduce_domain(IMAGE, left), dl.reduce_domain(IMAGE, upper), 1, 0)
    assert dl.get_domain(result) == dl.intersection(left, upper)
    np.testing.assert_array_equal(np.asarray(result), IMAGE * 2)  # all pixels are computed
    assert dl.get_domain(dl.scale_image(REDUCED, 2, 0)) == dl.get_domain(REDUCED)
    inside = dl.scale_image_max(REDUCED)  # 0, 1, 4, 5 in the domain
    assert np.asarray(inside)[:2, :2].tolist() == [[0, 51], [204, 255]]
    both = dl.sub_image([IMAGE, IMAGE + 1], IMAGE, 1, 0)
    assert [one.max() for one in both] == [0, 1]


def test_painting():
    square = dl.gen_rectangle1(0, 0, 2, 2)
    image = np.zeros((3, 4), np.uint8)
    image.setflags(write=False)
    assert dl.paint_region(square, image, 9, "fill").tolist() == [[9, 9, 9, 0]] * 3
    assert dl.paint_region(square, image, [9], "margin").tolist() == [[9, 9, 9, 0], [9, 0, 9, 0], [9, 9, 9, 0]]
    two = dl.paint_region([square, dl.gen_rectangle1(1, 1, 1, 99)], image, [300, 7.5], "fill")
    assert two.tolist() == [[255, 255, 255, 0], [255, 8, 8, 8], [255, 255, 255, 0]]
    colour = dl.paint_region(dl.gen_rectangle1(0, 0, 0, 0), np.zeros((1, 2, 3), np.uint8), [1, 2, 3], "fill")
    assert colour.tolist() == [[[1, 2, 3], [0, 0, 0]]]
    assert dl.get_domain(dl.paint_region(square, REDUCED, 1, "fill")) == dl.get_domain(REDUCED)
    assert image.max() == 0
    own = dl.copy_image(image)
    assert dl.overpaint_region(own, square, 5, "fill") is None
    assert own.tolist() == [[5, 5, 5, 0]] * 3
    assert dl.paint_region(REDUCED, image, 1, "fill").sum() == 0 + 4  # an image stands for its domain


def test_single_gray_values():
    image = IMAGE.copy()
    assert dl.get_grayval(image, 1, 2) == 6
    assert dl.get_grayval(image, [0, 2], [3, 0]) == [3, 8]
    assert dl.get_grayval(np.dstack([IMAGE, IMAGE + 1]), 1, 2) == [6, 7]
    dl.set_grayval(image, [0, 1], [0, 1], [50, 60.4])
    assert (image[0, 0], image[1, 1]) == (50, 60)
    colour = np.zeros((2, 2, 3), np.uint8)
    dl.set_grayval(colour, [0, 1], [0, 0], [1, 2, 3, 4, 5, 6])
    assert colour[:, 0].tolist() == [[1, 2, 3], [4, 5, 6]]
    shared = dl.reduce_domain(image, dl.gen_rectangle1(0, 0, 0, 0))
    dl.set_grayval(shared, 2, 3, 99)
    assert image[2, 3] == 99


def test_labels():
    regions = [dl.gen_rectangle1(0, 0, 1, 1), dl.gen_rectangle1(1, 1, 1, 3)]
    labels = dl.region_to_label(regions, "byte", 4, 3)
    assert labels.tolist() == [[1, 1, 0, 0], [1, 2, 2, 2], [0, 0, 0, 0]]
    assert dl.label_to_region(labels) == [dl.difference(regions[0], regions[1]), regions[1]]
    assert dl.label_to_region(dl.reduce_domain(labels, regions[1])) == [regions[1]]
    means = dl.region_to_mean(regions[:1], IMAGE)
    assert means.tolist() == [[3, 3, 0, 0], [3, 3, 0, 0], [0, 0, 0, 0]]  # of 0, 1, 4, 5


def test_zoom():
    for way in ("nearest_neighbor", "bilinear", "bicubic", "constant", "weighted"):
        assert dl.zoom_image_size(np.full((3, 4), 77, np.uint8), 9, 2, way).tolist() == [[77] * 9] * 2
        colour = dl.zoom_image_size(np.full((3, 4, 3), 7, np.uint16), 2, 5, way)
        assert (colour.shape, colour.dtype) == ((5, 2, 3), np.uint16)
    halves = np.array([[0, 100, 50, 150], [0, 100, 50, 150]], np.uint8)
    assert dl.zoom_image_size(halves, 2, 1, "constant").tolist() == [[50, 100]]
    assert dl.zoom_image_size(halves, 2, 2, "nearest_neighbor").tolist() == [[100, 150]] * 2
    assert dl.zoom_image_factor(halves, 0.5, 0.5, "constant").tolist() == [[50, 100]]
    assert dl.zoom_image_factor(halves, 0.01, 3, "bilinear").shape == (6, 1)
    ramp = np.arange(0, 200, 2, dtype=np.uint8)[None].repeat(3, 0)
    twice = dl.zoom_image_size(ramp, 200, 3, "bilinear")
    assert abs(twice[1, 10:-10].astype(float) - (np.arange(10, 190) - 0.5)).max() <= 0.5
    assert domain_of_image(dl.zoom_image_size(REDUCED, 9, 9, "constant")) is None  # as in HALCON


@given(BYTES)
def test_mirrors_and_turns(image):
    for mode in ("row", "column", "diagonal"):
        np.testing.assert_array_equal(dl.mirror_image(dl.mirror_image(image, mode), mode), image)
    turned = image
    for _ in range(4):
        turned = dl.rotate_image(turned, 90, "constant")
    np.testing.assert_array_equal(turned, image)
    np.testing.assert_array_equal(
        dl.rotate_image(image, 180, "bilinear"), dl.mirror_image(dl.mirror_image(image, "row"), "column")
    )
    np.testing.assert_array_equal(dl.rotate_image(image, -90, "constant"), dl.rotate_image(image, 270, "constant"))


def test_mirrors_by_hand():
    assert dl.mirror_image(IMAGE, "row")[0].tolist() == [8, 9, 10, 11]
    assert dl.mirror_image(IMAGE, "column")[0].tolist() == [3, 2, 1, 0]
    assert dl.mirror_image(IMAGE, "diagonal").shape == (4, 3)
    assert dl.get_domain(dl.mirror_image(REDUCED, "row")) == dl.gen_rectangle1(1, 0, 2, 1)
    assert dl.rotate_image(IMAGE, 90, "constant")[0].tolist() == [3, 7, 11]  # counterclockwise
    light = np.zeros((41, 41), np.uint8)
    light[20, 25:40] = 200  # to the right of the centre
    turned = dl.rotate_image(light, 45, "bilinear")
    _, row, column = dl.area_center(dl.threshold(turned, 60, 255))
    assert (row, column) == (
        pytest.approx(20 - 12 * np.sqrt(0.5), abs=0.5),
        pytest.approx(20 + 12 * np.sqrt(0.5), abs=0.5),
    )
    corners = dl.difference(dl.gen_rectangle1(0, 0, 40, 40), dl.get_domain(turned))
    assert np.asarray(turned)[0, 0] == 0
    assert dl.count_obj(dl.connection(corners)) == 4
    full = dl.rotate_image(np.full((41, 41), 200, np.uint8), 30, "bilinear")
    assert np.asarray(full)[full.domain].min() > 90  # half at the edge at least


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.get_image_type(np.zeros((2, 2), np.uint32)), 1201, "image: expected an image of uint8, uint16, int8, int16, int32, int64, float32, float64, float16; got uint32 array of shape (2, 2)"),
        (lambda: dl.convert_image_type(IMAGE, "bytes"), 1301, "new_type: expected one of 'byte', 'uint2', 'int1', 'int2', 'int4', 'int8', 'real'; got 'bytes' (did you mean 'byte'?)"),
        (lambda: dl.rgb1_to_gray(np.zeros((2, 2, 2))), 1201, "rgb_image: expected an image with 3 channels, or one; got float64 array of shape (2, 2, 2)"),
        (lambda: dl.compose3(IMAGE, IMAGE, IMAGE.T), 1201, "image3: expected uint8, 3 x 4, as the first image; got uint8 array of shape (4, 3)"),
        (lambda: dl.decompose3(IMAGE), 1201, "multi_channel_image: expected an image with 3 channels; got uint8 array of shape (3, 4)"),
        (lambda: dl.access_channel(IMAGE, 2), 1301, "channel: expected at most 1; got 2"),
        (lambda: dl.channels_to_image([]), 1201, "images: expected at least one image; got none"),
        (lambda: dl.gen_image_const("byte", 0, 5), 1302, "width: expected at least 1; got 0"),
        (lambda: dl.gen_image_const("byte", 2.5, 5), 1202, "width: expected an integer; got 2.5"),
        (lambda: dl.add_image(IMAGE, IMAGE.T, 1, 0), 1201, "image2: expected an image of shape (3, 4); got uint8 array of shape (4, 3)"),
        (lambda: dl.add_image([IMAGE] * 3, [IMAGE] * 2, 1, 0), 1401, "image2: expected 1 image, or 3; got 2"),
        (lambda: dl.add_image(IMAGE, IMAGE, "1", 0), 1201, "mult: expected a number; got '1'"),
        (lambda: dl.scale_image(IMAGE, 1, None), 1202, "add: expected a number; got None"),
        (lambda: dl.paint_region(IMAGE, IMAGE, [1, 2], "fill"), 1401, "grayval: expected 1 value, or 1, one for each channel; got 2"),
        (lambda: dl.paint_region(IMAGE, IMAGE, 1, "filled"), 1302, "type: expected one of 'fill', 'margin'; got 'filled' (did you mean 'fill'?)"),
        (lambda: dl.get_grayval(IMAGE, 1, 4), 1302, "column: expected 0 to 3; got 4"),
        (lambda: dl.get_grayval(IMAGE, [-1], [0]), 1301, "row: expected 0 to 2; got -1"),
        (lambda: dl.set_grayval(IMAGE.copy(), [0, 1], [0, 1], [1, 2, 3]), 1403, "grayval: expected 1 value, or 2; got 3"),
        (lambda: dl.set_grayval(np.broadcast_to(np.uint8(1), (2, 2)), 0, 0, 1), None, "image: expected an array that may be written into; got a read-only uint8 array of shape (2, 2)"),
        (lambda: dl.zoom_image_size(IMAGE, 4, 4, "linear"), 1303, "interpolation: expected one of 'nearest_neighbor', 'bilinear', 'bicubic', 'constant', 'weighted'; got 'linear' (did you mean 'bilinear'?)"),
        (lambda: dl.zoom_image_factor(IMAGE, 0, 1, "constant"), 1301, "scale_width: expected at least 0.0001; got 0"),
        (lambda: dl.mirror_image(IMAGE, "rows"), 1301, "mode: expected one of 'row', 'column', 'diagonal'; got 'rows' (did you mean 'row'?)"),
        (lambda: dl.region_to_label([dl.gen_empty_region()] * 256, "byte", 2, 2), 1301, "region: expected at most 255 regions for this type; got 256"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call()
    assert str(caught.value) == message
    assert caught.value.halcon_code == code
