"""Gray values inside regions, filters, and regions out of gray values. Second sources: NumPy, Pillow, loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFilter
from scipy import ndimage
from scipy.special import comb

import dlproc as dl

GRAY = arrays(np.uint8, st.tuples(st.integers(2, 7), st.integers(2, 7)))
REGIONS = st.builds(
    dl.Region.of_mask,
    arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.integers(-4, 6),
    st.integers(-4, 6),
)
IMAGE = np.arange(20, dtype=np.uint8).reshape(4, 5)
SQUARE = dl.gen_rectangle1(0, 0, 1, 1)  # 0, 1, 5, 6


def inside(image, region):
    rows, columns = region.pixels()
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [int(image[r, c]) for r, c in pairs if 0 <= r < image.shape[0] and 0 <= c < image.shape[1]]


@given(GRAY, REGIONS, REGIONS)
def test_gray_values_are_those_of_numpy(image, region, domain):
    reduced = dl.reduce_domain(image, domain)
    values = inside(image, region)  # the domain of the image does not matter
    mean, deviation = dl.intensity(region, reduced)
    low, high, span = dl.min_max_gray(region, reduced, 0)
    absolute, relative = dl.gray_histo(region, reduced)
    if values:
        assert mean == pytest.approx(np.mean(values))
        assert deviation == pytest.approx(np.std(values))
        assert (low, high, span) == (min(values), max(values), max(values) - min(values))
        assert sum(relative) == pytest.approx(1)
    else:
        assert (mean, deviation, low, high, span, sum(relative)) == (0, 0, 0, 0, 0, 0)
    assert absolute == [values.count(gray) for gray in range(256)]
    assert dl.intensity(reduced, image) == dl.intensity(domain, image)
    assert dl.gray_histo_abs(region, reduced, 8) == [sum(absolute[n : n + 8]) for n in range(0, 256, 8)]
    assert [one for one in (low, high, span, mean) if not isinstance(one, float)] == []


def test_gray_values_by_hand():
    assert dl.intensity(SQUARE, IMAGE) == (3, pytest.approx(np.sqrt(6.5)))
    assert dl.intensity(IMAGE, IMAGE)[0] == 9.5
    assert dl.min_max_gray([SQUARE, IMAGE], IMAGE, 0) == ([0, 0], [6, 19], [6, 19])
    assert dl.min_max_gray(IMAGE, IMAGE, 10) == (2, 17, 15)
    assert dl.min_max_gray(IMAGE, IMAGE, 50) == (9, 9, 0)
    assert dl.gray_histo_abs(IMAGE, IMAGE, 100) == [20, 0, 0]
    assert len(dl.gray_histo(IMAGE, IMAGE.astype(np.uint16))[0]) == 65536
    names = ["area", "row", "column", "mean", "min", "max", "median", "entropy"]
    assert dl.gray_features(SQUARE, IMAGE, names) == pytest.approx([12, 11 / 12, 7 / 12, 3, 0, 6, 1, 2])
    assert dl.gray_features(SQUARE, IMAGE, "mean") == 3
    assert dl.gray_features([SQUARE, dl.gen_empty_region()], IMAGE, ["mean", "max"]) == [3, 6, 0, 0]
    assert dl.intensity(SQUARE, np.dstack([IMAGE, IMAGE * 0]))[0] == 3  # of several channels the first
    regions = [SQUARE, dl.gen_rectangle1(3, 0, 3, 4)]
    assert dl.select_gray(regions, IMAGE, "mean", "and", 10, "max") == regions[1:]
    assert dl.select_gray(regions, IMAGE, ["mean", "max"], "or", ["min", 19], [3, 19]) == regions


def test_weighted_centre_and_equal_shares():
    assert dl.area_center_gray(SQUARE, IMAGE) == (12, 11 / 12, 7 / 12)
    image = np.array([[7, 7, 50, 90]], np.uint8)
    assert dl.equ_histo_image(image).tolist() == [[128, 128, 191, 255]]
    left = dl.equ_histo_image(dl.reduce_domain(image, dl.gen_rectangle1(0, 0, 0, 2)))
    assert np.asarray(left)[0, :3].tolist() == [170, 170, 255]
    assert dl.get_domain(left) == dl.gen_rectangle1(0, 0, 0, 2)


# --- Filters


def around(image, rows, columns):
    """For each pixel what lies in a window, the image going on as its mirror image."""
    padded = np.pad(image, ((rows // 2,) * 2, (columns // 2,) * 2), mode="reflect")
    return np.lib.stride_tricks.sliding_window_view(padded.astype(np.float64), (rows, columns))


@given(arrays(np.uint8, (6, 7)), st.sampled_from([(3, 3), (5, 3), (1, 5)]))
def test_filters_are_what_they_say(image, size):
    width, height = size
    windows = around(image, height, width)
    np.testing.assert_array_equal(dl.mean_image(image, width, height), np.floor(windows.mean(axis=(2, 3)) + 0.5 + 1e-9))
    np.testing.assert_array_equal(dl.median_rect(image, width, height), np.median(windows, axis=(2, 3)))
    weights = np.outer(comb(height - 1, range(height)), comb(width - 1, range(width)))
    smoothed = (windows * weights).sum(axis=(2, 3)) / weights.sum()
    np.testing.assert_allclose(dl.binomial_filter(image.astype(np.float64), width, height), smoothed)
    mean = np.floor(windows.mean(axis=(2, 3)) + 0.5 + 1e-9)  # that of mean_image, which has integers
    emphasized = np.clip((image - mean) * 2 + image, 0, 255)
    np.testing.assert_array_equal(dl.emphasize(image, width, height, 2), emphasized)
    low, high = dl.gray_erosion_rect(image, height, width), dl.gray_dilation_rect(image, height, width)
    for row, column in itertools.product(range(6), range(7)):
        part = image[
            max(row - height // 2, 0) : row + height // 2 + 1, max(column - width // 2, 0) : column + width // 2 + 1
        ]
        assert (low[row, column], high[row, column]) == (part.min(), part.max())
    assert (dl.gray_opening_rect(image, height, width) <= image).all()
    assert (dl.gray_closing_rect(image, height, width) >= image).all()
    np.testing.assert_array_equal(dl.gray_range_rect(image, height, width), high - low)


def test_filters_are_those_of_pillow():
    generator = np.random.Generator(np.random.PCG64(4))
    image = generator.integers(0, 256, (20, 30), np.uint8)
    picture, middle = Image.fromarray(image), np.s_[3:-3, 3:-3]
    for mine, theirs in (
        (dl.median_image(image, "square", 2, "mirrored"), ImageFilter.MedianFilter(5)),
        (dl.gray_erosion_rect(image, 3, 3), ImageFilter.MinFilter(3)),
        (dl.gray_dilation_rect(image, 5, 5), ImageFilter.MaxFilter(5)),
        (dl.median_rect(image, 3, 3), ImageFilter.MedianFilter(3)),
    ):
        np.testing.assert_array_equal(mine[middle], np.asarray(picture.filter(theirs))[middle])


def test_filters_by_hand():
    point = np.zeros((5, 5))
    point[2, 2] = 9
    assert dl.mean_image(point, 2, 4)[:, 1].tolist() == pytest.approx([1.2, 0.6, 0.6, 0.6, 1.2])  # 3 and 5, row 2 twice
    cross = np.zeros((5, 5), np.uint8)
    cross[2, :], cross[:, 2] = 9, 9
    assert dl.median_image(cross, "circle", 1, "mirrored")[2, 2] == 9
    assert dl.median_image(cross, "square", 1, 0)[2, 2] == 9
    assert dl.median_image(np.full((3, 3), 5, np.uint8), "square", 1, 200).tolist() == [
        [200, 5, 200],
        [5] * 3,
        [200, 5, 200],
    ]
    step = np.zeros((5, 6), np.uint8)
    step[:, 3:] = 80
    assert dl.sobel_amp(step, "sum_abs", 3)[2].tolist() == [0, 0, 80, 80, 0, 0]
    assert dl.sobel_amp(step.T, "sum_sqrt", 3)[:, 2].tolist() == [0, 0, 80, 80, 0, 0]
    corner = np.zeros((5, 5))
    corner[3:, 3:] = 40
    assert dl.sobel_amp(corner, "sum_abs", 3)[2, 2] == 20
    assert dl.sobel_amp(corner, "sum_sqrt", 3)[2, 2] == pytest.approx(np.sqrt(200))
    smooth = dl.gauss_filter(np.pad([[1.0]], 9), 5)
    assert (smooth > 0).sum() == 25
    assert smooth[9, 10] / smooth[9, 9] == pytest.approx(np.exp(-1 / (2 * 1.075**2)))
    wide = dl.smooth_image(np.pad([[1.0]], 9), "gauss", 0.8)
    assert wide.sum() == pytest.approx(1)
    assert wide[10, 10] / wide[9, 9] == pytest.approx(np.exp(-1 / 0.8**2))


@pytest.mark.parametrize(
    "change",
    [
        lambda image: dl.mean_image(image, 3, 3),
        lambda image: dl.median_image(image, "circle", 1, "continued"),
        lambda image: dl.gauss_filter(image, 3),
        lambda image: dl.sobel_amp(image, "sum_abs", 3),
        lambda image: dl.gray_closing_rect(image, 3, 3),
    ],
)
def test_filters_keep_type_and_domain_and_look_at_all_pixels(change):
    reduced = dl.reduce_domain(IMAGE, SQUARE)
    result = change(reduced)
    assert dl.get_domain(result) == SQUARE
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(np.asarray(result), change(IMAGE))
    colour = change(np.dstack([IMAGE, 255 - IMAGE]))
    np.testing.assert_array_equal(colour[:, :, 1], change(255 - IMAGE))
    assert len(change([IMAGE, IMAGE])) == 2


# --- Segmentation


def test_threshold():
    image = dl.reduce_domain(IMAGE, dl.gen_rectangle1(1, 1, 3, 3))
    assert dl.threshold(image, 7, "max") == dl.difference(dl.get_domain(image), dl.gen_rectangle1(1, 1, 1, 1))
    assert [one.area for one in dl.threshold(image, ["min", 8], [7, 255])] == [2, 7]
    assert [one.area for one in dl.threshold([IMAGE, image], 10, 10)] == [1, 0]
    assert dl.threshold(np.dstack([IMAGE, IMAGE * 0]), 5, 9) == dl.gen_rectangle1(1, 0, 1, 4)
    assert dl.fast_threshold(image, 7, 8, 20) == dl.threshold(image, 7, 8)


def otsu(values):
    """The threshold that divides best, by the definition."""

    def between(threshold):
        dark, light = values[values <= threshold], values[values > threshold]
        return dark.size * light.size * (dark.mean() - light.mean()) ** 2 if dark.size and light.size else 0

    return max(range(256), key=between)


@given(arrays(np.uint8, (5, 6), elements=st.integers(0, 255)).filter(lambda image: len(np.unique(image)) > 2))
@settings(max_examples=50)
def test_binary_threshold_is_that_of_otsu(image):
    dark, used = dl.binary_threshold(image, "max_separability", "dark")
    light, same = dl.binary_threshold(image, "max_separability", "light")
    assert used == same
    assert isinstance(used, int)
    values = image.ravel().astype(float)

    def quality(threshold):
        return [
            part.size * (part.mean() - values.mean()) ** 2
            for part in (values[values <= threshold], values[values > threshold])
            if part.size
        ]

    assert sum(quality(used)) == pytest.approx(sum(quality(otsu(values))))
    assert dl.intersection(dark, light).area == 0
    assert dl.union2(dark, light).area == image.size
    assert dark == dl.threshold(image, 0, used)


def test_binary_threshold_looks_at_the_domain():
    image = np.array([[10, 20, 200, 210], [255] * 4], np.uint8)
    upper = dl.reduce_domain(image, dl.gen_rectangle1(0, 0, 0, 3))
    region, used = dl.binary_threshold(upper, "max_separability", "light")
    assert region == dl.gen_rectangle1(0, 2, 0, 3)
    assert 20 <= used < 200
    empty = dl.reduce_domain(image, dl.gen_empty_region())
    assert dl.binary_threshold(empty, "max_separability", "dark") == (dl.gen_empty_region(), 0)
    regions, used = dl.binary_threshold([upper, image / 255], "max_separability", "dark")
    assert len(regions) == len(used) == 2


def test_thresholds_beside_another_image():
    gray, middle = np.array([[10, 14, 15, 16, 20, 30]], np.uint8), np.full((1, 6), 15, np.uint8)
    found = {
        way: dl.get_region_points(dl.dyn_threshold(gray, middle, 5, way))[1]
        for way in ("light", "dark", "equal", "not_equal")
    }
    assert found == {"light": [4, 5], "dark": [0], "equal": [0, 1, 2, 3, 4], "not_equal": [5]}
    reduced = dl.reduce_domain(gray, dl.gen_rectangle1(0, 4, 0, 4))
    assert dl.dyn_threshold(reduced, middle, 5, "light").area == 1
    flat = np.full((9, 9), 100, np.uint8)
    flat[4, 4] = 130
    assert dl.var_threshold(flat, 5, 5, 0.5, 10, "light") == dl.gen_rectangle1(4, 4, 4, 4)
    assert dl.var_threshold(flat, 5, 5, 0.5, 40, "light").area == 0
    assert dl.var_threshold(flat, 5, 5, -1, -300, "light").area == 81
    mean, deviation = 100 + 30 / 25, np.sqrt(30 * 30 / 25 - (30 / 25) ** 2)
    scale = (130 - mean) / deviation
    assert dl.var_threshold(flat, 5, 5, scale * 0.999, 0.1, "light").area == 1
    assert dl.var_threshold(flat, 5, 5, scale * 1.001, 0.1, "light").area == 0


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.min_max_gray(SQUARE, IMAGE, 51), 1301, "percent: expected at most 50; got 51"),
        (lambda: dl.intensity(5, IMAGE), 1201, "regions: expected a region, or a bool array (H, W); got 5"),
        (lambda: dl.intensity(SQUARE, [IMAGE, IMAGE]), 1201, "image: expected one image; got 2"),
        (lambda: dl.gray_histo(SQUARE, IMAGE.astype(np.float32)), 1201, "image: expected an image of type byte or uint2; got float32 array of shape (4, 5)"),
        (lambda: dl.gray_features(SQUARE, IMAGE, "meen"), 1301, "features: expected one of 'area', 'mean', 'deviation', 'min', 'max', 'median', 'entropy', 'row', 'column'; got 'meen' (did you mean 'mean'?)"),
        (lambda: dl.select_gray(SQUARE, IMAGE, "mean", "and", [0, 1], 3), 1401, "min, max: expected 1 numbers, one for each feature; got 2 and 1"),
        (lambda: dl.mean_image(IMAGE, 0, 3), 1301, "mask_width: expected at least 1; got 0"),
        (lambda: dl.gray_erosion_rect(IMAGE, 0, 3), 1301, "mask_height: expected at least 1; got 0"),
        (lambda: dl.gauss_filter(IMAGE, 4), 1301, "size: expected one of 3, 5, 7, 9, 11; got 4"),
        (lambda: dl.sobel_amp(IMAGE, "sum", 3), 1301, "filter_type: expected one of 'sum_abs', 'sum_sqrt', 'thin_sum_abs', 'thin_max_abs', 'x', 'y', 'sum_abs_binomial', 'sum_sqrt_binomial', 'thin_sum_abs_binomial', 'thin_max_abs_binomial', 'x_binomial', 'y_binomial'; got 'sum' (did you mean 'sum_abs'?)"),
        (lambda: dl.sobel_amp(IMAGE, "sum_abs", 4), 1302, "size: expected an odd number; got 4"),
        (lambda: dl.median_image(IMAGE, "circle", 1, "mirror"), 1303, "margin: expected one of 'mirrored', 'cyclic', 'continued'; got 'mirror' (did you mean 'mirrored'?)"),
        (lambda: dl.threshold(IMAGE, "low", 5), 1201, "min_gray: expected a number; got 'low'"),
        (lambda: dl.binary_threshold(IMAGE, "smooth_histo", "dark"), 1301, "method: expected 'max_separability'; got 'smooth_histo' (the smoothing of HALCON's histogram is not offered)"),
        (lambda: dl.dyn_threshold(IMAGE, IMAGE, 5, "lite"), 1302, "light_dark: expected one of 'light', 'dark', 'equal', 'not_equal'; got 'lite' (did you mean 'light'?)"),
        (lambda: dl.dyn_threshold(IMAGE, IMAGE.T, 5, "light"), 1201, "threshold_image: expected an image of shape (4, 5); got uint8 array of shape (5, 4)"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call()
    assert str(caught.value) == message
    assert caught.value.halcon_code == code


def test_bounds_of_integer_images_lose_their_fraction():
    image = np.array([[1, 2, 3]], np.uint8)
    assert dl.threshold(image, 1.9, 2.2).area == 2  # 1 to 2
    assert dl.threshold(image.astype(np.float32), 1.9, 2.2).area == 1
    assert dl.threshold(image, [2.5, "min"], ["max", 2.5]) == dl.threshold(image, [2, 0], [255, 2])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_medians_of_all_types(dtype):
    image = (np.arange(63).reshape(7, 9) * 37 % 64).astype(dtype) / (1 if dtype != np.float32 else dtype(64))
    image = image.astype(dtype) * (300 if dtype == np.uint16 else 1)
    expected = ndimage.median_filter(image, (3, 5), mode="mirror")
    np.testing.assert_array_equal(dl.median_rect(image, 5, 3), expected)
    assert dl.median_rect(image, 5, 3).dtype == dtype
