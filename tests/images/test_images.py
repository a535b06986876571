import numpy as np
import pytest
from skimage.transform import downscale_local_mean

from dlproc.images.domain import bounding_box, cells_inside
from dlproc.images.normalize import denormalize, match_channels, normalize, to_gray_values
from dlproc.images.resize import zoom_image, zoom_mask


def noise(*shape, dtype=np.uint8):
    return np.random.Generator(np.random.PCG64(1)).integers(0, 256, shape).astype(dtype)


def test_shrinking_is_the_mean_of_the_pixels_below():
    image = noise(60, 80, 3)
    np.testing.assert_allclose(zoom_image(image, 20, 20), downscale_local_mean(image, (3, 4, 1)), rtol=1e-5)


def test_one_bright_pixel_is_dimmed_but_not_lost():
    image = np.zeros((1000, 1000), np.uint8)
    image[501, 333] = 255
    assert zoom_image(image, 100, 100).sum() == pytest.approx(255 / 100, rel=1e-4)


def test_growing_is_linear_and_mixed_sizes_work():
    ramp = np.arange(8, dtype=np.uint8)[:, np.newaxis].repeat(40, axis=1)
    zoomed = zoom_image(ramp, 32, 20)
    assert zoomed.shape == (32, 20)
    assert (np.diff(zoomed[:, 0]) >= 0).all()
    assert 0 <= zoomed.min() < zoomed.max() <= 7


def test_same_size_changes_nothing():
    image = noise(32, 64, 3)
    np.testing.assert_array_equal(zoom_image(image, 32, 64), image)


def test_masks_get_no_new_value():
    mask = np.array([[0, 7], [255, 0]], np.uint8)
    np.testing.assert_array_equal(zoom_mask(mask, 4, 2), [[0, 7], [0, 7], [255, 0], [255, 0]])
    assert set(np.unique(zoom_mask(noise(51, 37), 20, 30))) <= set(range(256))


def test_16_bit_counts_as_65535_levels():
    np.testing.assert_allclose(to_gray_values(np.array([[0, 65535]], np.uint16)), [[0, 255]], rtol=1e-6)


@pytest.mark.parametrize("kind", ["none", "constant_values"])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_normalisation_is_undone_exactly(kind, n_channels):
    gray = noise(8, 8, n_channels).astype(np.float32)
    values = normalize(gray, kind, -2, 2)
    values = match_channels(values, n_channels)
    again = denormalize(values, kind, -2, 2)
    np.testing.assert_allclose(again, gray, atol=1e-3)


def test_all_channels_stretches_each_and_first_channel_all_by_the_first():
    gray = np.stack([np.linspace(10, 20, 9), np.linspace(0, 200, 9)], -1).reshape(3, 3, 2).astype(np.float32)
    stretched = normalize(gray, "all_channels", -1, 1)
    np.testing.assert_allclose(stretched.min(axis=(0, 1)), [-1, -1])
    np.testing.assert_allclose(stretched.max(axis=(0, 1)), [1, 1], rtol=1e-6)
    by_first = normalize(gray, "first_channel", -1, 1)
    np.testing.assert_allclose(by_first[..., 0], stretched[..., 0])
    assert by_first[..., 1].max() == pytest.approx((200 - 10) * 0.2 - 1, rel=1e-5)


def test_a_constant_image_survives_stretching():
    assert (normalize(np.full((4, 4, 3), 9, np.float32), "all_channels", -2, 2) == -2).all()


def test_cells_are_inside_when_a_pixel_of_them_is():
    domain = np.zeros((8, 8), bool)
    domain[:, :2] = True
    np.testing.assert_array_equal(cells_inside(domain, 2, 2), [[True, False], [True, False]])
    domain[:] = False
    domain[5, 5] = True
    np.testing.assert_array_equal(cells_inside(domain, 2, 2), [[False, False], [False, True]])


def test_bounding_box():
    domain = np.zeros((9, 9), bool)
    domain[2, 3] = domain[5, 7] = True
    assert bounding_box(domain) == (slice(2, 6), slice(3, 8))
