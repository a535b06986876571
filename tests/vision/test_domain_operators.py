"""Domains of images and parts cut out of them. Second sources: sets of pixels, slices of arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import dlproc as dl
from dlproc.images.domain import domain_of_image

GRAY = arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8)))
REGIONS = st.builds(
    dl.Region.of_mask,
    arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.integers(-4, 6),
    st.integers(-4, 6),
)


def everything(image):
    return dl.gen_rectangle1(0, 0, image.shape[0] - 1, image.shape[1] - 1)


@given(GRAY, REGIONS, REGIONS)
def test_laws(image, first, second):
    whole = everything(image)
    reduced = dl.reduce_domain(image, first)
    assert dl.get_domain(reduced) == dl.intersection(first, whole)
    assert dl.get_domain(dl.reduce_domain(reduced, second)) == dl.intersection(dl.intersection(first, whole), second)
    assert dl.get_domain(dl.reduce_domain(reduced, image)) == dl.get_domain(reduced)  # an image stands for its domain
    assert dl.get_domain(dl.change_domain(reduced, second)) == dl.intersection(second, whole)
    assert type(dl.full_domain(reduced)) is np.ndarray
    assert dl.get_domain(image) == whole
    np.testing.assert_array_equal(dl.full_domain(reduced), image)
    assert dl.threshold(reduced, "min", "max") == dl.get_domain(reduced)
    found = dl.threshold(reduced, 100, 200)
    assert found == dl.intersection(dl.threshold(image, 100, 200), dl.get_domain(reduced))
    if dl.get_domain(reduced).area:
        cropped = dl.crop_domain(reduced)
        row1, column1, row2, column2 = dl.smallest_rectangle1(dl.get_domain(reduced))
        np.testing.assert_array_equal(cropped, image[row1 : row2 + 1, column1 : column2 + 1])
        assert type(cropped) is np.ndarray


def test_the_given_image_is_not_changed():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    image.setflags(write=False)
    reduced = dl.reduce_domain(image, dl.gen_circle(1, 1, 1))
    assert domain_of_image(image) is None
    assert np.shares_memory(reduced, image)
    assert not reduced.flags.writeable


def test_lists():
    images = [np.zeros((3, 4), np.uint8), np.zeros((5, 5, 3), np.float32)]
    region = [dl.gen_rectangle1(0, 0, 0, 1), dl.gen_rectangle1(4, 4, 9, 9)]
    reduced = dl.reduce_domain(images, region)
    assert [one.area for one in dl.get_domain(reduced)] == [2, 3]
    assert dl.reduce_domain([], region) == []
    assert dl.get_domain(dl.rectangle1_domain(images[0], 1, 1, 5, 2)) == dl.gen_rectangle1(1, 1, 2, 2)
    mask = np.zeros((3, 4), bool)
    mask[1, 2] = True
    assert dl.get_domain(dl.reduce_domain(images[0], mask)) == dl.gen_rectangle1(1, 2, 1, 2)


def test_parts():
    image = np.arange(20, dtype=np.uint8).reshape(4, 5)
    np.testing.assert_array_equal(dl.crop_part(image, 1, 2, 3, 2), [[7, 8, 9], [12, 13, 14]])
    np.testing.assert_array_equal(dl.crop_rectangle1(image, 1, 2, 2, 4), [[7, 8, 9], [12, 13, 14]])
    beyond = dl.crop_part(image, 3, 4, 2, 2)
    np.testing.assert_array_equal(np.asarray(beyond), [[19, 0], [0, 0]])
    assert dl.get_domain(beyond) == dl.gen_rectangle1(0, 0, 0, 0)
    before = dl.crop_rectangle1(image, -1, -1, 0, 0)
    np.testing.assert_array_equal(np.asarray(before), [[0, 0], [0, 0]])
    assert dl.get_domain(before) == dl.gen_rectangle1(1, 1, 1, 1)
    first, second = dl.crop_part(image, [0, 2], [0, 1], [1, 2], [2, 1])
    np.testing.assert_array_equal(first, [[0], [5]])
    np.testing.assert_array_equal(second, [[11, 12]])
    colour = dl.crop_part(np.dstack([image] * 3), 1, 2, 3, 2)
    assert colour.shape == (2, 3, 3)
    reduced = dl.reduce_domain(image, dl.gen_rectangle1(1, 1, 2, 3))
    np.testing.assert_array_equal(dl.crop_domain(reduced), [[6, 7, 8], [11, 12, 13]])
    np.testing.assert_array_equal(dl.crop_domain_rel(reduced, -1, 0, 0, 1), [[1, 2], [6, 7], [11, 12]])
    assert dl.crop_domain(image).shape == (4, 5)


IMAGE = np.zeros((4, 5), np.uint8)


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.reduce_domain("x", IMAGE), 1201, "image: expected an image, an array of numbers (H, W) or (H, W, C); got 'x' (read_image reads a file)"),
        (lambda: dl.reduce_domain([IMAGE, np.zeros(3)], IMAGE), 1201, "image[1]: expected an image, an array of numbers (H, W) or (H, W, C); got float64 array of shape (3,)"),
        (lambda: dl.reduce_domain(IMAGE, 7), 1201, "region: expected a region, or a bool array (H, W); got 7"),
        (lambda: dl.crop_domain(dl.reduce_domain(IMAGE, dl.gen_empty_region())), 7886, "image: expected a domain with at least one pixel; got an empty one"),
        (lambda: dl.crop_part(IMAGE, 4, 0, 1, 1), 1301, "row, column: expected a part of the image; got rows 4 to 4, columns 0 to 0"),
        (lambda: dl.crop_part(IMAGE, 0, 0, 0, 1), 1303, "width: expected at least 1; got 0"),
        (lambda: dl.crop_part(IMAGE, [0, 1], 0, 1, 1), 1401, "row: expected as many values as the others have; got 2, 1, 1, 1"),
        (lambda: dl.crop_rectangle1(IMAGE, 2, 0, 1, 3), 1303, "row2, column2: expected at least (2, 0); got (1, 3)"),
        (lambda: dl.crop_part(IMAGE, 0, 0, 1e5, 1e5), 1301, "width, height: expected a region whose box has at most 268435456 pixels; got 100000 x 100000"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call()
    assert str(caught.value) == message
    assert caught.value.halcon_code == code


def test_each_side_of_a_domain_is_cropped_by_its_own_number():
    image = np.arange(80, dtype=np.uint8).reshape(8, 10)
    inside = dl.rectangle1_domain(image, 1, 2, 6, 8)
    np.testing.assert_array_equal(dl.crop_domain_rel(inside, 1, 2, 0, 3), image[2:7, 4:6])
    larger = dl.crop_domain_rel(inside, 0, -1, -1, 0)
    np.testing.assert_array_equal(larger, image[1:8, 1:9])
    with pytest.raises(dl.DLParamError) as caught:
        dl.crop_domain_rel(inside, 0, 0, "x", 0)
    assert (str(caught.value), caught.value.halcon_code) == ("bottom: expected a number; got 'x'", 1203)
