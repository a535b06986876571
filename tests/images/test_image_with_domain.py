"""The image with a domain: what keeps it, and what gives a plain array."""

import copy
import pickle  # noqa: TID251

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import dlproc as dl
from dlproc.images.domain import ImageWithDomain, domain_of_image, intersected, with_domain
from dlproc.schema.domain import counted, domain_of, only_inside

SIZE = st.tuples(st.integers(1, 6), st.integers(1, 6))


@st.composite
def images(draw):
    """An image and a domain that is not everything."""
    shape = draw(SIZE) + draw(st.sampled_from([(), (1,), (3,)]))
    pixels = draw(arrays(st.sampled_from([np.uint8, np.float32, np.int16]), shape, elements=st.integers(0, 100)))
    return pixels, draw(arrays(bool, shape[:2]).filter(lambda domain: not domain.all()))


@given(images())
def test_copies_keep_the_domain(drawn):
    pixels, domain = drawn
    image = with_domain(pixels, domain)
    pickled = pickle.loads(pickle.dumps(image))  # noqa: S301 - what was just written
    for kept in (image.copy(), image.astype(np.float64), copy.copy(image), copy.deepcopy(image), pickled):
        assert isinstance(kept, ImageWithDomain)
        np.testing.assert_array_equal(kept.domain, domain)
        np.testing.assert_array_equal(np.asarray(kept), pixels)
        assert not np.shares_memory(kept, pixels)
    assert copy.deepcopy([image])[0].domain is not None


@given(images())
def test_what_is_computed_is_a_plain_array(drawn):
    image = with_domain(*drawn)
    computed = [
        image + 1, 1 + image, -image, image == image, image[::-1], image[:], np.flip(image), image.max(axis=0),
        np.where(image > 0, image, 0), np.stack([image]), np.asarray(image), np.ascontiguousarray(image), image[..., None],
        np.add(image, image, where=image > 0, out=np.zeros(image.shape, image.dtype)), np.pad(image, 1), image.swapaxes(0, 1),
    ]  # fmt: skip
    assert all(domain_of_image(one) is None for one in computed)
    np.testing.assert_array_equal(image + 1, drawn[0] + 1)
    assert isinstance(image.sum(), np.generic)


def test_writing_into_the_image_keeps_the_domain():
    pixels = np.zeros((2, 3), np.uint8)
    image = dl.reduce_domain(pixels, dl.gen_rectangle1(0, 0, 0, 1))
    image += 1
    image[1, 2] = 9
    assert image.domain.sum() == 2
    np.testing.assert_array_equal(pixels, [[1, 1, 1], [1, 1, 9]])  # the pixels are shared
    np.testing.assert_array_equal(np.asarray(image), pixels)


def test_a_domain_cannot_be_written_into_and_is_the_images_own():
    domain = np.zeros((2, 3), bool)
    image = with_domain(np.zeros((2, 3)), domain)
    domain[:] = True
    assert not image.domain.any()
    with pytest.raises(ValueError, match="read-only"):
        image.domain[0, 0] = True


def test_everything_is_a_plain_array():
    image = np.zeros((2, 3, 3), np.uint8)
    assert type(with_domain(image, np.ones((2, 3), bool))) is np.ndarray
    assert type(with_domain(with_domain(image, np.zeros((2, 3), bool)), None)) is np.ndarray
    with pytest.raises(ValueError, match="shape"):
        with_domain(image, np.zeros((3, 2), bool))


@given(st.integers(0, 3))
def test_of_two_domains_counts_what_they_have_in_common(case):
    generator = np.random.Generator(np.random.PCG64(case))
    of_key, of_image = (generator.random((4, 5)) < 0.5 for _ in range(2))
    pixels = np.zeros((4, 5, 3), np.float32)
    assert domain_of({"image": pixels}) is None
    assert domain_of({}) is None
    np.testing.assert_array_equal(domain_of({"image": pixels, "domain": of_key}), of_key)
    np.testing.assert_array_equal(domain_of({"image": with_domain(pixels, of_image)}), of_image)
    both = {"image": with_domain(pixels, of_image), "domain": of_key}
    np.testing.assert_array_equal(domain_of(both), of_key & of_image)
    np.testing.assert_array_equal(only_inside(np.ones((4, 5), bool), both), of_key & of_image)
    assert counted(np.arange(20).reshape(4, 5), both).tolist() == np.flatnonzero(of_key & of_image).tolist()
    result = {"anomaly_image": with_domain(pixels[:, :, 0], of_image), "domain": of_key}
    np.testing.assert_array_equal(domain_of(result), of_key & of_image)
    assert intersected(None, None) is None
