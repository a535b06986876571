"""Regions: sets of pixels. Second sources: sets of Python, and scikit-image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage import draw
from skimage.measure import label, regionprops

import dlproc as dl
from dlproc.vision.region import Region

MASKS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))
REGIONS = st.builds(Region.of_mask, MASKS, st.integers(-5, 5), st.integers(-5, 5))


def pixels(region):
    return set(zip(*(values.tolist() for values in region.pixels()), strict=True))


@given(MASKS, st.integers(-5, 5), st.integers(-5, 5))
def test_a_region_is_its_pixels(mask, row, column):
    region = Region.of_mask(mask, row, column)
    expected = {(int(r) + row, int(c) + column) for r, c in zip(*np.nonzero(mask), strict=True)}
    assert pixels(region) == expected
    assert region.area == len(expected)
    assert region == Region.of_mask(np.pad(mask, 2), row - 2, column - 2)
    assert hash(region) == hash(Region.of_mask(np.pad(mask, 2), row - 2, column - 2))
    shown = region.inside(6, 4, -2, 1)
    assert {(int(r) - 2, int(c) + 1) for r, c in zip(*np.nonzero(shown), strict=True)} == {
        (r, c) for r, c in expected if -2 <= r < 4 and 1 <= c < 5
    }


@given(REGIONS, REGIONS, REGIONS)
def test_sets(first, second, third):
    a, b, c = map(pixels, (first, second, third))
    assert pixels(dl.union1([first, second, third])) == a | b | c
    assert pixels(dl.union2(first, [second, third])) == a | b | c
    assert pixels(dl.intersection(first, [second, third])) == a & (b | c)
    assert pixels(dl.difference(first, [second, third])) == a - (b | c)
    assert [pixels(one) for one in dl.difference([first, second], third)] == [a - c, b - c]


@given(REGIONS)
def test_parts_hang_together_and_are_all(region):
    parts = dl.connection(region)
    assert sum(part.area for part in parts) == region.area
    assert dl.union1(parts) == region
    assert len(parts) == label(region.mask, connectivity=2).max() if region.area else parts == []
    assert all(dl.connection(part) == [part] for part in parts)
    first = [min(pixels(part)) for part in parts]
    assert first == sorted(first)


@given(REGIONS, st.sampled_from([0.5, 1, 1.5, 2, 3.5]))
@settings(max_examples=60)
def test_morphology(region, radius):
    own = pixels(region)
    shift = 0.5 if radius == int(radius) else 0  # an even diameter: the larger part to the right and below
    steps = [step for step in range(-4, 5) if abs(step - shift) <= radius]
    near = [(r, c) for r in steps for c in steps if (r - shift) ** 2 + (c - shift) ** 2 <= radius * radius]
    dilated = {(row + r, column + c) for row, column in own for r, c in near}
    eroded = {(row, column) for row, column in own if all((row + r, column + c) in own for r, c in near)}
    assert pixels(dl.dilation_circle(region, radius)) == dilated
    assert pixels(dl.erosion_circle(region, radius)) == eroded
    opened, closed = dl.opening_circle(region, radius), dl.closing_circle(region, radius)
    assert pixels(opened) <= own <= pixels(closed)
    assert dl.opening_circle(opened, radius) == opened
    assert dl.closing_circle(closed, radius) == closed


def test_rectangles_as_elements():
    point = dl.gen_rectangle1(5, 7, 5, 7)
    assert dl.dilation_rectangle1(point, 5, 3) == dl.gen_rectangle1(4, 5, 6, 9)
    square = dl.gen_rectangle1(0, 0, 9, 9)
    assert dl.erosion_rectangle1(square, 3, 5) == dl.gen_rectangle1(2, 1, 7, 8)
    line = dl.union1([square, dl.gen_rectangle1(4, 10, 4, 30)])
    assert dl.opening_rectangle1(line, 3, 3) == square
    assert dl.closing_rectangle1(dl.difference(square, point), 3, 3) == square


@pytest.mark.parametrize("radius", [0.5, 1, 1.5, 2, 2.5, 5, 10, 10.5])
def test_a_circle_is_that_of_scikit_image(radius):
    """Around a pixel for an odd diameter, around a corner of pixels for an even one."""
    centre = (20, 20) if radius % 1 else (19.5, 19.5)
    rows, columns = draw.disk(centre, radius)
    assert dl.gen_circle(20, 20, radius) == dl.gen_region_points(rows.tolist(), columns.tolist())


def test_making_regions():
    assert dl.gen_rectangle1(1, 2, 3, 5) == Region(1, 2, np.ones((3, 4), bool))
    assert dl.gen_circle([3, 8], [4, 4], [0.5, 1]) == [dl.gen_rectangle1(3, 4, 3, 4), dl.gen_rectangle1(7, 3, 8, 4)]
    image = np.array([[0, 100, 200], [50, 128, 255]], np.uint8)
    assert pixels(dl.threshold(image, 100, 200)) == {(0, 1), (0, 2), (1, 1)}
    assert [one.area for one in dl.threshold(image, [0, 200], [99, 255])] == [2, 2]
    assert dl.threshold(image, 1, 2) == dl.gen_empty_region()
    shown = dl.region_to_bin([dl.gen_rectangle1(-5, 1, 0, 9), dl.gen_rectangle1(1, 0, 1, 0)], 255, 7, 3, 2)
    np.testing.assert_array_equal(shown, np.array([[7, 255, 255], [255, 7, 7]], np.uint8))


def test_tuples_of_objects():
    regions = [dl.gen_rectangle1(n, 0, n, n) for n in range(3)]
    assert dl.count_obj(regions) == 3
    assert dl.count_obj(regions[0]) == 1
    assert dl.count_obj(dl.gen_empty_obj()) == 0
    assert dl.select_obj(regions, 1) is regions[0]
    assert dl.select_obj(regions, [3, 1]) == [regions[2], regions[0]]
    assert dl.concat_obj(dl.gen_empty_obj(), regions[1]) == [regions[1]]
    assert dl.concat_obj(regions, regions[0]) == [*regions, regions[0]]


def test_a_result_of_a_model_is_a_region():
    mask = np.zeros((8, 8), bool)
    mask[1:3, 1:3] = mask[5:7, 4] = True
    parts = dl.connection(mask)
    assert dl.area_center(parts) == ([4, 2], [1.5, 5.5], [1.5, 4.0])
    assert dl.smallest_rectangle1(parts) == ([1, 5], [1, 4], [2, 6], [2, 4])
    assert dl.smallest_rectangle1(parts[0]) == (1, 1, 2, 2)


def test_holes():
    ring = dl.difference(dl.gen_circle(20, 20, 10), [dl.gen_circle(20, 20, 4), dl.gen_circle(20, 27, 1)])
    assert dl.region_features(ring, "holes_num") == 2
    assert dl.region_features(ring, "area_holes") == dl.gen_circle(0, 0, 4).area + 4
    assert dl.fill_up(ring) == dl.gen_circle(20, 20, 10)
    # A hole that can be left by its corners only is one.
    diamond = Region.of_mask(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool))
    assert dl.fill_up(diamond).area == 5


@given(MASKS.filter(lambda mask: mask.any()))
def test_features_are_those_of_scikit_image(mask):
    (expected,) = regionprops(mask.astype(np.uint8))
    region = Region.of_mask(mask)
    names = ["area", "row", "column", "row1", "column1", "row2", "column2", "height", "width"]
    row1, column1, row2, column2 = expected.bbox
    values = [expected.area, *expected.centroid, row1, column1, row2 - 1, column2 - 1, row2 - row1, column2 - column1]
    np.testing.assert_allclose(dl.region_features(region, names), values)
    # scikit-image adds a twelfth: the moment of a pixel's own square.
    rows, columns = np.nonzero(mask)
    moments = np.cov(np.stack([rows, columns]), bias=True) if rows.size > 1 else np.zeros((2, 2))
    axes = 2 * np.sqrt(np.clip(np.linalg.eigvalsh(moments)[::-1], 0, None))
    np.testing.assert_allclose(dl.region_features(region, ["ra", "rb"]), axes, atol=1e-6)


def test_directions_and_forms():
    def feature(region, name):
        return dl.region_features(region, name)

    flat, upright = dl.gen_rectangle1(0, 0, 2, 20), dl.gen_rectangle1(0, 0, 20, 2)
    falling = Region.of_mask(np.eye(9, dtype=bool))  # to the right and down
    assert feature(flat, "phi") == pytest.approx(0)
    assert abs(feature(upright, "phi")) == pytest.approx(np.pi / 2)
    assert feature(falling, "phi") == pytest.approx(-np.pi / 4)
    assert feature(flat, "anisometry") == pytest.approx(np.sqrt((21**2 - 1) / (3**2 - 1)))
    assert feature(falling, "anisometry") == 0  # a line has no width
    assert feature(dl.gen_circle(0, 0, 50), "circularity") > 0.98
    assert feature(flat, "circularity") < 0.3
    assert feature(flat, "ratio") == pytest.approx(3 / 21)
    assert dl.region_features([flat, falling], ["area", "connect_num"]) == [63, 1, 9, 1]
    assert dl.region_features(dl.gen_empty_region(), ["area", "row", "circularity"]) == [0, 0, 0]


def test_the_choice_by_features():
    regions = [dl.gen_circle(20, 20, 2), dl.gen_circle(60, 60, 10), dl.gen_rectangle1(0, 0, 1, 60)]
    assert dl.select_shape(regions, "area", "and", 100, 400) == [regions[1], regions[2]]
    assert dl.select_shape(regions, ["area", "circularity"], "and", [100, 0.8], [400, "max"]) == [regions[1]]
    assert dl.select_shape(regions, ["area", "circularity"], "or", ["min", 0.8], [20, 1]) == regions[:2]
    assert dl.select_shape(dl.gen_empty_obj(), "area", "and", 0, 1) == []
    with_area = dl.select_shape(regions, "area", "and", regions[0].area, regions[0].area)
    assert with_area == [regions[0]]  # the bounds count


REGION = dl.gen_rectangle1(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.connection("x"), 1201, "region: expected a region, or a bool array (H, W); got 'x'"),
        (lambda: dl.area_center([REGION, 5]), 1201, "regions[1]: expected a region, or a bool array (H, W); got 5"),
        (lambda: dl.threshold(np.zeros((2, 2), bool), 0, 1), 1201, "image: expected an image, an array of numbers (H, W) or (H, W, C); got bool array of shape (2, 2)"),
        (lambda: dl.threshold(np.zeros((2, 2)), 5, 1), 1302, "max_gray: expected at least min_gray, 5; got 1"),
        (lambda: dl.threshold(np.zeros((2, 2)), [1, 2], 3), 1401, "min_gray: expected as many values as the others have; got 2, 1"),
        (lambda: dl.gen_rectangle1(2, 2, 1, 5), 1301, "row2, column2: expected at least (2, 2); got (1, 5)"),
        (lambda: dl.gen_circle(0, 0, -1), 1301, "radius: expected at least 0; got -1"),
        (lambda: dl.gen_rectangle1(0, 0, 1e6, 1e6), 1301, "row2, column2: expected a region whose box has at most 268435456 pixels; got 1e+06 x 1e+06"),
        (lambda: dl.gen_circle(0, 0, 1e5), 1301, "radius: expected a region whose box has at most 268435456 pixels; got 200001 x 200001"),
        (lambda: dl.region_to_bin(REGION, 300, 0, 4, 4), 1301, "foreground_gray: expected at most 255; got 300"),
        (lambda: dl.region_to_bin(REGION, 255, 0, "x", 4), 1203, "width: expected a number; got 'x'"),
        (lambda: dl.dilation_circle(REGION, 0.4), 1301, "radius: expected at least 0.5; got 0.4"),
        (lambda: dl.select_obj([REGION], 0), 1301, "index: expected numbers from 1 to 1; got 0"),
        (lambda: dl.select_obj([], 1), 1301, "index: expected none, of no objects; got 1"),
        (lambda: dl.region_features(REGION, "are"), None, None),
        (lambda: dl.select_shape(REGION, "area", "nor", 0, 1), None, None),
        (lambda: dl.select_shape(REGION, "area", "and", [0, 1], 1), 1401, "min, max: expected 1 numbers, one for each feature; got 2 and 1"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call()
    assert message is None or str(caught.value) == message
    assert caught.value.halcon_code == code


def test_regions_of_a_picture():
    """As a script has it: threshold, connection, selection."""
    image = np.full((60, 80), 30, np.uint8)
    rows, columns = np.mgrid[:60, :80]
    image[(rows - 20) ** 2 + (columns - 20) ** 2 <= 81] = 200
    image[40:44, 30:70] = 210
    image[10, 60] = 220
    regions = dl.connection(dl.threshold(image, 128, 255))
    assert dl.count_obj(regions) == 3
    (circle,) = dl.select_shape(regions, ["area", "circularity"], "and", [50, 0.8], ["max", "max"])
    assert dl.area_center(circle)[1:] == (20, 20)
    labels, n = ndimage.label(image > 127)
    assert n == 3
    assert circle.area == (labels == labels[20, 20]).sum()


def test_an_image_stands_for_its_domain():
    """As in HALCON, where every image has one: the box of a reduced image, what of an image is outside of a region."""
    image, circle = np.zeros((40, 50, 3), np.uint8), dl.gen_circle(20, 20, 5.5)
    reduced = dl.reduce_domain(image[:, :, 0], circle)
    assert dl.area_center(image) == (2000, 19.5, 24.5)
    assert dl.smallest_rectangle1(reduced) == (15, 15, 25, 25)
    assert dl.area_center([reduced, circle, image])[0] == [circle.area, circle.area, 2000]
    assert dl.difference(image, circle).area == 2000 - circle.area
    assert dl.union1([reduced]) == dl.connection(reduced)[0] == dl.opening_circle(reduced, 0.5) == circle


def test_many_small_regions_in_a_large_image():
    """Each region costs its own box, not the image: 10,000 of them in 4000 x 3000 pixels took minutes before."""
    rows, columns = np.meshgrid(np.arange(0, 3000, 30), np.arange(0, 4000, 40), indexing="ij")
    corners = [one.ravel().tolist() for one in (rows, columns, rows + 3, columns + 3)]
    regions, image = dl.gen_rectangle1(*corners), np.zeros((3000, 4000), np.uint8)
    assert dl.union1(regions).area == 160_000
    assert dl.intensity(regions, image)[0] == [0.0] * 10_000
    assert dl.region_to_bin(regions, 1, 0, 4000, 3000).sum() == 160_000
    assert dl.paint_region(regions, image, 1, "fill").sum() == 160_000
    assert len(dl.select_gray(regions, image, "mean", "and", 0, 0)) == 10_000


@given(arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 40))), st.floats(0.5, 12))
@settings(max_examples=50, deadline=None)
def test_large_circles_are_those_of_the_definition(mask, radius):
    region, circle = Region.of_mask(mask, 3, -4), dl.gen_circle(0, 0, radius).mask
    before, behind = (circle.shape[0] - 1) // 2, circle.shape[0] // 2
    element = np.pad(circle, ((behind - before, 0), (behind - before, 0)))  # SciPy's middle is that of an odd side
    grown = ndimage.binary_dilation(np.pad(mask, behind), element)
    assert dl.dilation_circle(region, radius) == Region.of_mask(grown, 3 - behind, -4 - behind)
    assert dl.erosion_circle(region, radius) == Region.of_mask(ndimage.binary_erosion(mask, element), 3, -4)
