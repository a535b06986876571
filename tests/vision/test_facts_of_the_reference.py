"""What HALCON's public reference says in numbers or rules, as worked examples; each names where it comes from.

The reference is MVTec's *HALCON Operator Reference*, a page for each operator. Other sources are named in the tests.
"""

import numpy as np
import pytest
from scipy import ndimage

import dlproc as dl
from dlproc.errors import DLParamError

STEP = np.zeros((9, 40), np.uint8)
STEP[:, 20:] = 100


# --- Filters: gauss_image, gauss_filter, sobel_amp


@pytest.mark.parametrize(
    ("smooth", "sigmas"),
    [
        (dl.gauss_image, {3: 0.65, 5: 0.87, 7: 1.43, 9: 1.88, 11: 2.31}),
        (dl.gauss_filter, {3: 0.6, 5: 1.075, 7: 1.55, 9: 2.025, 11: 2.55}),
    ],
)
def test_two_gaussians_with_their_sigmas(smooth, sigmas):
    point = np.pad([[1.0]], 9)
    for size, sigma in sigmas.items():
        weights = smooth(point, size)[9]
        reach = size // 2
        expected = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
        np.testing.assert_allclose(weights[9 - reach : 10 + reach] / weights[9], expected)
        assert weights[: 9 - reach].max() == 0
    with pytest.raises(DLParamError, match="size: expected one of 3, 5, 7, 9, 11; got 13"):
        smooth(point, 13)


def test_sobel_doubles_what_it_smoothed():
    """By hand, of a step of 100: (100 · 4) / 4; 2 · 100 · (1 - w) with w = 1 / 4 of the binomial filter of 3."""
    assert dl.sobel_amp(STEP, "sum_abs", 3)[4, 18:22].tolist() == [0, 100, 100, 0]
    assert dl.sobel_amp(STEP, "sum_abs_binomial", 5)[4, 17:23].tolist() == [0, 50, 150, 150, 50, 0]
    weight = np.exp(-1 / (2 * 0.65**2)) / (1 + 2 * np.exp(-1 / (2 * 0.65**2)))  # of gauss_image of 3, beside the middle
    expected = [0, round(200 * weight), round(200 * (1 - weight))]
    assert dl.sobel_amp(STEP, "sum_abs", 5)[4, 17:20].tolist() == expected == [0, 38, 162]


@pytest.mark.parametrize("size", [5, 7, 9, 11, 13])
@pytest.mark.parametrize("kind", ["sum_abs", "sum_sqrt", "thin_sum_abs", "thin_max_abs", "x", "y"])
def test_sobel_is_what_the_reference_takes_it_apart_into(kind, size):
    """sobel_amp: the image doubled, smoothed by a filter of Size - 2, and the operator of size 3 on it."""
    image = ndimage.gaussian_filter(np.random.Generator(np.random.PCG64(size)).normal(100, 60, (30, 25)), 1)
    doubled = dl.scale_image(image, 2, 0)
    smooth = dl.gauss_image(doubled, size - 2)
    np.testing.assert_allclose(dl.sobel_amp(image, kind, size), dl.sobel_amp(smooth, kind, 3), atol=1e-8)
    smooth = dl.binomial_filter(doubled, size - 2, 3)
    two_sizes = dl.sobel_amp(image, f"{kind}_binomial", [size, 5])
    np.testing.assert_allclose(two_sizes, dl.sobel_amp(smooth, kind, 3), atol=1e-8)


def test_types_of_sobel_amplitudes():
    """x and y: (1, 2, 1) across, differences along; b / 4 and a / 4. SciPy's `sobel` computes the same numbers."""
    image = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (12, 15)).astype(np.float64)
    down, right = (ndimage.sobel(image, axis, mode="mirror") / 4 for axis in (0, 1))
    np.testing.assert_allclose(dl.sobel_amp(image, "x", 3), right)
    np.testing.assert_allclose(dl.sobel_amp(image, "y", 3), down)
    np.testing.assert_allclose(dl.sobel_amp(image, "sum_abs", 3), abs(down) + abs(right))
    np.testing.assert_allclose(dl.sobel_amp(image, "sum_sqrt", 3), np.hypot(down, right))
    for dtype, type_of_x in ((np.uint8, "int1"), (np.uint16, "int2"), (np.int16, "int2"), (np.float32, "real")):
        given = image.astype(dtype)
        assert dl.get_image_type(dl.sobel_amp(given, "x", 3)) == type_of_x
        assert dl.sobel_amp(given, "sum_abs", 3).dtype == dtype
    assert dl.sobel_amp((STEP > 0).astype(np.uint8) * 255, "x", 3).max() == 127  # cut off at the type's bound


def test_thin_edges_have_one_pixel():
    assert dl.sobel_amp(STEP, "thin_sum_abs", 3)[4, 18:22].tolist() == [0, 100, 0, 0]
    assert dl.sobel_amp(STEP, "thin_max_abs", 7)[4].astype(bool).sum() == 1
    corner = np.zeros((7, 7))
    corner[3:, 3:] = 40
    down, right = (abs(ndimage.sobel(corner, axis, mode="mirror")) / 4 for axis in (0, 1))
    assert dl.sobel_amp(corner, "thin_sum_abs", 3)[2, 5] == down[2, 5] == 40
    assert dl.sobel_amp(corner, "thin_max_abs", 3)[5, 2] == right[5, 2] == 40


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [
        ("sum_abs", 15, "size: expected at most 13; got 15"),
        ("sum_abs", 4, "size: expected an odd number; got 4"),
        ("sum_abs", [5, 7], "size: expected one number, two only with '_binomial'; got 2 numbers"),
        ("sum_abs_binomial", 41, "size: expected at most 39; got 41"),
        ("sum", 3, "filter_type: "),
    ],
)
def test_sobel_refuses(kind, size, message):
    with pytest.raises(DLParamError, match=message):
        dl.sobel_amp(STEP, kind, size)


def test_rings_of_low_contrast_are_counted():
    """21 painted rings, 8 of them too faint for amplitudes that are not doubled."""
    rows, columns = np.mgrid[:150, :350]
    image = np.full(rows.shape, 80.0)
    contrasts = np.r_[np.full(8, 20), np.full(13, 40)]
    for place, contrast in enumerate(contrasts):
        distance = np.hypot(rows - 25 - 50 * (place // 7), columns - 25 - 50 * (place % 7))
        image[(distance > 10) & (distance < 16)] += contrast
    noise = np.random.Generator(np.random.PCG64(0)).normal(0, 1, image.shape)
    rings = np.rint(image + noise).astype(np.uint8)
    edges = dl.threshold(dl.sobel_amp(rings, "sum_abs", 5), 25, 255)
    found = dl.select_shape(dl.connection(dl.fill_up(dl.closing_circle(edges, 3.5))), "area", "and", 500, 2000)
    assert dl.count_obj(found) == 21
    halved = dl.threshold(dl.sobel_amp(rings, "sum_abs", 5), 50, 255)
    found = dl.select_shape(dl.connection(dl.fill_up(dl.closing_circle(halved, 3.5))), "area", "and", 500, 2000)
    assert dl.count_obj(found) == 13


# --- Rectangles with even sides: dilation_rectangle1, erosion_rectangle1


def test_even_sides_reach_further_to_the_right_and_below():
    square = dl.gen_rectangle1(10, 10, 20, 20)
    grown = dl.dilation_rectangle1(square, 4, 2)
    assert grown == dl.gen_rectangle1(10, 9, 21, 22)
    assert dl.area_center(grown)[0] == 168
    assert dl.erosion_rectangle1(square, 4, 2) == dl.gen_rectangle1(10, 11, 19, 18)
    assert dl.dilation_rectangle1(square, 2, 1) == dl.gen_rectangle1(10, 10, 20, 21)
    assert dl.erosion_rectangle1(square, 1, 2) == dl.gen_rectangle1(10, 10, 19, 20)
    assert dl.erosion_rectangle1(square, 11, 11) == dl.gen_rectangle1(15, 15, 15, 15)
    assert dl.erosion_rectangle1(square, 12, 11).area == 0


@pytest.mark.parametrize(("width", "height"), [(2, 2), (4, 3), (3, 4), (6, 2), (1, 8), (5, 5)])
def test_rectangles_against_the_definition(width, height):
    """Dilation is the union of all rectangles around pixels, erosion of those that lie in the region (duality)."""
    mask = np.random.Generator(np.random.PCG64(3)).random((25, 25)) < 0.8
    region = dl.threshold(mask.astype(np.uint8), 1, 1)
    element = [
        (row, column)
        for row in range(-((height - 1) // 2), height // 2 + 1)
        for column in range(-((width - 1) // 2), width // 2 + 1)
    ]
    own = set(zip(*dl.get_region_points(region), strict=True))

    def pixels(one):
        return set(zip(*dl.get_region_points(one), strict=True))

    grown = {(row + down, column + right) for row, column in own for down, right in element}
    inside = {
        (row, column) for row, column in own if all((row + down, column + right) in own for down, right in element)
    }
    assert pixels(dl.dilation_rectangle1(region, width, height)) == grown
    assert pixels(dl.erosion_rectangle1(region, width, height)) == inside
    opened, closed = dl.opening_rectangle1(region, width, height), dl.closing_rectangle1(region, width, height)
    assert pixels(opened) == {(row + down, column + right) for row, column in inside for down, right in element}
    assert pixels(opened) <= own <= pixels(closed)
    assert dl.opening_rectangle1(opened, width, height) == opened
    assert dl.closing_rectangle1(closed, width, height) == closed


# --- Circles: gen_circle, smallest_circle, inner_circle


@pytest.mark.parametrize(
    ("row", "column", "radius", "box"),
    [
        (9, 9, 2, (7, 7, 10, 10)),  # an even diameter: whole numbers go down to the next half
        (9.2, 9.5, 2, (8, 8, 11, 11)),  # to the closest half
        (9, 9, 2.5, (7, 7, 11, 11)),
        (9.4, 8.6, 2.5, (7, 7, 11, 11)),  # to the closest whole number
        (9, 9, 2.4, (7, 7, 10, 10)),  # down to a multiple of 0.5
        (9, 9, 2.9, (7, 7, 11, 11)),
    ],
)
def test_circles_are_symmetric(row, column, radius, box):
    circle = dl.gen_circle(row, column, radius)
    assert dl.smallest_rectangle1(circle) == box
    mask = dl.region_to_bin(dl.move_region(circle, -box[0], -box[1]), 1, 0, box[3] - box[1] + 1, box[2] - box[0] + 1)
    for turned in (mask[::-1], mask[:, ::-1], mask.T):
        np.testing.assert_array_equal(turned, mask)


def test_the_radius_of_the_smallest_circle_has_half_a_pixel_more():
    assert dl.smallest_circle(dl.gen_rectangle1(0, 0, 0, 8)) == (0, 4, 4.5)
    assert dl.region_features(dl.gen_rectangle1(3, 3, 3, 3), "outer_radius") == 0.5


def test_the_inner_circle_is_the_first_of_the_largest():
    """The biggest discrete circle that fits completely, as far to the upper left as possible."""
    assert dl.inner_circle(dl.gen_rectangle1(0, 0, 9, 29)) == (4.5, 4.5, 5)
    assert dl.inner_circle(dl.gen_rectangle1(0, 0, 29, 8)) == (4, 4, 4.5)


# --- Shape: contlength, compactness, circularity, elliptic_axis, orientation_region


def test_lengths_of_contours():
    """Steps of 1 and √2 through the centres of pixels; all parts, no holes. By hand."""
    square = dl.gen_rectangle1(0, 0, 9, 9)
    assert dl.contlength(square) == 36
    assert dl.contlength(dl.difference(square, dl.gen_rectangle1(3, 3, 6, 6))) == 36
    assert dl.contlength(dl.union2(square, dl.gen_rectangle1(0, 20, 0, 24))) == 36 + 8
    assert dl.contlength(dl.gen_region_line(0, 0, 4, 4)) == pytest.approx(8 * np.sqrt(2))
    ring = dl.difference(square, dl.gen_rectangle1(2, 2, 7, 7))
    assert dl.contlength(dl.union2(ring, dl.gen_rectangle1(4, 4, 5, 5))) == 36 + 4  # a part within a hole
    step = dl.union2(dl.gen_rectangle1(0, 0, 4, 1), dl.gen_rectangle1(3, 0, 4, 4))  # an L: its inner corner is cut
    assert dl.contlength(step) == pytest.approx(4 + 1 + 2 + np.sqrt(2) + 2 + 1 + 4)
    assert dl.compactness(square) == pytest.approx(36**2 / (4 * np.pi * 100))
    assert dl.contlength(dl.gen_rectangle1(5, 5, 5, 5)) == 0


def test_axes_of_ellipses():
    """Ra = √(8 (M20 + M02 + √((M20 - M02)² + 4 M11²))) / 2, Phi above -pi/2, up to pi/2; by hand of bars."""
    bar = dl.gen_rectangle1(0, 0, 0, 9)  # M02 = (100 - 1) / 12
    assert dl.elliptic_axis(bar) == (pytest.approx(np.sqrt(16 * 99 / 12) / 2), 0, 0)
    assert dl.elliptic_axis(dl.gen_rectangle1(0, 0, 9, 0))[2] == pytest.approx(np.pi / 2)
    assert dl.elliptic_axis(dl.gen_region_line(0, 0, -9, 9))[2] == pytest.approx(np.pi / 4)
    assert dl.circularity(dl.gen_circle(9, 9, 20)) == 1  # cut off at 1
    assert dl.circularity(bar) == pytest.approx(10 / (np.pi * 4.5**2))


# --- Gray values: min_max_gray, intensity, gray_features


def test_extremes_of_gray_values():
    """The example of the reference: 60 pixels, 5 percent, a histogram of 2, 8, 0, 7, 13, …, 10, 10, 5, 3, 1, 1."""
    counts = {0: 2, 1: 8, 3: 7, 4: 13, 250: 10, 251: 10, 252: 5, 253: 3, 254: 1, 255: 1}
    image = np.repeat(list(counts), list(counts.values())).astype(np.uint8).reshape(6, 10)
    assert dl.min_max_gray(image, image, 5) == (1, 253, 252)
    assert dl.min_max_gray(image, image, 50) == (4, 4, 0)  # the median


def test_features_of_gray_values_look_at_the_region_only():
    image = np.arange(20, dtype=np.uint8).reshape(4, 5)
    reduced = dl.reduce_domain(image, dl.gen_rectangle1(0, 0, 0, 1))
    row = dl.gen_rectangle1(1, 0, 1, 4)  # 5 to 9, outside of the domain
    assert dl.intensity(row, reduced) == (7, pytest.approx(np.sqrt(2)))
    assert dl.min_max_gray(row, reduced, 0) == (5, 9, 4)
    assert dl.gray_features(row, reduced, ["mean", "area"]) == [7, 35]
    assert sum(dl.gray_histo(row, reduced)[0]) == 5
    assert dl.area_center_gray(row, reduced)[0] == 35
    assert dl.intensity(reduced, reduced) == (0.5, 0.5)  # an image in the place of regions stands for its domain


# --- Forms: gen_region_polygon_filled, boundary


def test_corners_of_a_filled_polygon_are_rounded_first():
    assert dl.gen_region_polygon_filled([0.4, 0.4, 4.6, 4.6], [0.6, 4.4, 4.4, 0.6]) == dl.gen_rectangle1(0, 1, 5, 4)


def test_a_boundary_without_those_of_holes():
    square, hole = dl.gen_rectangle1(0, 0, 9, 9), dl.gen_rectangle1(4, 4, 5, 5)
    ring = dl.difference(square, hole)
    assert dl.boundary(ring, "inner_filled") == dl.boundary(square, "inner")
    assert dl.area_center(dl.boundary(ring, "inner"))[0] == 36 + 8
    assert dl.area_center(dl.boundary(ring, "outer"))[0] == 40 + 4
