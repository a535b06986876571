"""Regions made from numbers, changed and measured. Second sources: sets of Python, scikit-image, SciPy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from scipy.spatial.distance import pdist
from skimage.draw import ellipse
from skimage.measure import regionprops
from skimage.morphology import convex_hull_image

import dlproc as dl
from dlproc.vision.hull import hull_points
from dlproc.vision.region import Region

MASKS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))
REGIONS = st.builds(Region.of_mask, MASKS, st.integers(-5, 5), st.integers(-5, 5))
FULL = REGIONS.filter(lambda region: region.area)
SQUARE = dl.gen_rectangle1(2, 3, 5, 8)
EMPTY = dl.gen_empty_region()


def pixels(region):
    return set(zip(*dl.get_region_points(region), strict=True))


# --- Made from numbers, and back


@given(REGIONS)
def test_points_and_runs_make_the_region_again(region):
    assert dl.gen_region_points(*dl.get_region_points(region)) == region
    rows, begins, ends = dl.get_region_runs(region)
    assert dl.gen_region_runs(rows, begins, ends) == region
    assert sum(end - begin + 1 for begin, end in zip(begins, ends, strict=True)) == region.area
    assert rows == sorted(rows)


def test_rectangles_and_ellipses():
    assert dl.gen_rectangle2(10, 20, 0, 5, 3) == dl.gen_rectangle1(7, 15, 13, 25)
    assert dl.gen_rectangle2(10, 20, np.pi / 2, 5, 3) == dl.gen_rectangle1(5, 17, 15, 23)
    falling = dl.gen_rectangle2(0, 0, -np.pi / 4, 10 * np.sqrt(2), 0)  # to the right and down
    assert pixels(falling) == {(n, n) for n in range(-10, 11)}
    assert dl.gen_ellipse(5, 6, 0.3, 4.5, 4.5) == dl.gen_circle(5, 6, 4.5)
    assert dl.gen_ellipse(5, 6, 0, 4, 0) == dl.gen_rectangle1(5, 2, 5, 10)
    rows, columns = ellipse(40, 50, 20 + 1e-7, 31 + 1e-7, rotation=0.4)  # scikit-image leaves the edge out
    assert dl.gen_ellipse(40, 50, 0.4, 31, 20) == dl.gen_region_points(rows.tolist(), columns.tolist())
    assert dl.count_obj(dl.gen_rectangle2([1, 2], [1, 2], [0, 1], [2, 3], [1, 1])) == 2
    ra, rb, phi = dl.elliptic_axis(dl.gen_ellipse(100, 100, 0.7, 60, 20))
    assert (ra, rb, phi) == (pytest.approx(60, rel=0.01), pytest.approx(20, rel=0.02), pytest.approx(0.7, abs=0.01))


def test_lines_and_polygons():
    assert pixels(dl.gen_region_line(1, 1, 1, 4)) == {(1, n) for n in range(1, 5)}
    assert pixels(dl.gen_region_line(0, 0, -3, 3)) == {(-n, n) for n in range(4)}
    assert dl.count_obj(dl.gen_region_line([0, 1], [0, 1], [2, 3], [2, 3])) == 2
    corner = dl.gen_region_polygon([0, 0, 4], [0, 4, 4])
    assert pixels(corner) == {(0, n) for n in range(5)} | {(n, 4) for n in range(5)}
    triangle = dl.gen_region_polygon_filled([0, 0, 4], [0, 4, 4])
    assert pixels(triangle) == {(r, c) for r in range(5) for c in range(5) if r <= c}
    assert dl.gen_region_polygon_filled([2, 2, 5, 5], [3, 8, 8, 3]) == SQUARE
    assert dl.gen_region_polygon_filled([7], [3]) == dl.gen_rectangle1(7, 3, 7, 3)
    assert (
        dl.gen_region_polygon_filled([], []) == dl.gen_region_polygon([], []) == dl.gen_region_points([], []) == EMPTY
    )
    contour = dl.gen_contour_polygon_xld([0, 0, 4, 0], [0, 4, 4, 0])
    assert dl.get_contour_xld(contour) == ([0, 0, 4, 0], [0, 4, 4, 0])
    assert dl.gen_region_contour_xld(contour, "filled") == triangle
    margin = dl.gen_region_contour_xld([contour], "margin")
    assert margin == [dl.union2(corner, dl.gen_region_line(4, 4, 0, 0))]
    assert repr(contour) == "<Contour of 4 points>"
    assert contour == dl.gen_contour_polygon_xld([0, 0, 4, 0], [0, 4, 4, 0]) != dl.gen_contour_polygon_xld(1, 2)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=8))
def test_a_convex_polygon_is_its_hull_and_its_lines(points):
    region = dl.gen_region_points(*map(list, zip(*points, strict=True)))
    rows, columns = hull_points(region).T.tolist()
    drawn, lines = (
        dl.gen_region_polygon_filled(rows, columns),
        dl.gen_region_polygon(rows + rows[:1], columns + columns[:1]),
    )
    assert dl.union2(dl.shape_trans(region, "convex"), lines) == drawn


# --- Changed


@given(REGIONS, REGIONS, st.integers(-9, 9), st.integers(-9, 9))
def test_sets_and_places(first, second, row, column):
    assert pixels(dl.symm_difference(first, second)) == pixels(first) ^ pixels(second)
    assert pixels(dl.symm_difference([first], [second, first])[0]) == pixels(first) ^ (pixels(second) | pixels(first))
    moved = dl.move_region(first, row, column)
    assert pixels(moved) == {(r + row, c + column) for r, c in pixels(first)}
    assert dl.test_equal_region(dl.move_region(moved, -row, -column), first) == 1
    assert dl.zoom_region(first, 1, 1) == first
    doubled = {(2 * r + i, 2 * c + j) for r, c in pixels(first) for i in (0, 1) for j in (0, 1)}
    assert pixels(dl.zoom_region(first, 2, 2)) == doubled
    assert dl.zoom_region(dl.zoom_region(first, 3, 2), 1 / 3, 0.5) == first


@given(FULL)
def test_borders(region):
    own = pixels(region)
    cross = ((0, 1), (1, 0), (0, -1), (-1, 0))
    inner = {(r, c) for r, c in own if any((r + i, c + j) not in own for i, j in cross)}
    outer = {(r + i, c + j) for r, c in own for i, j in cross} - own
    assert pixels(dl.boundary(region, "inner")) == inner
    assert pixels(dl.boundary(region, "outer")) == outer
    assert pixels(dl.skeleton(region)) <= own
    assert dl.count_obj(dl.connection(dl.skeleton(region))) == dl.count_obj(dl.connection(region))


def test_holes_by_size():
    ring = dl.difference(dl.gen_circle(20, 20, 15), [dl.gen_circle(20, 14, 3), dl.gen_circle(20, 27, 1)])
    assert dl.fill_up_shape(ring, "area", 1, 10) == dl.union2(ring, dl.gen_circle(20, 27, 1))
    assert dl.fill_up_shape(ring, "area", 1, 1000) == dl.gen_circle(20, 20, 15)
    assert dl.fill_up_shape([SQUARE], "area", 1, 1000) == [SQUARE]
    assert dl.connect_and_holes(ring) == (1, 2)
    assert dl.area_holes([ring, SQUARE]) == [32 + 4, 0]  # circles with diameters of 6 and 2


@pytest.mark.parametrize("metric", ["city-block", "chessboard", "euclidean"])
def test_distances(metric):
    region = [dl.gen_rectangle1(0, 1, 3, 4), dl.gen_circle(5, 6, 2)]
    mask = dl.region_to_bin(region, 1, 0, 9, 8).astype(bool)
    own, others = (
        set(zip(*map(list, np.nonzero(mask)), strict=True)),
        set(zip(*map(list, np.nonzero(~mask)), strict=True)),
    )
    frame = set(itertools.product(range(-1, 9), range(-1, 10))) - own
    measure = {
        "city-block": lambda r, c: abs(r) + abs(c),
        "chessboard": lambda r, c: max(abs(r), abs(c)),
        "euclidean": lambda r, c: np.hypot(r, c),
    }[metric]
    inside = dl.distance_transform(region, metric, "true", 9, 8)
    outside = dl.distance_transform(region, metric, "false", 9, 8)
    assert inside.dtype == outside.dtype == (np.float32 if metric == "euclidean" else np.int32)
    for row, column in own:
        assert inside[row, column] == pytest.approx(min(measure(row - r, column - c) for r, c in frame))
    for row, column in others:
        assert outside[row, column] == pytest.approx(min(measure(row - r, column - c) for r, c in own))
    assert not inside[~mask].any()
    assert not outside[mask].any()
    assert not dl.distance_transform(EMPTY, metric, "false", 3, 3).any()


# --- Enclosing forms


@given(FULL)
@settings(max_examples=60)
def test_enclosing_forms(region):
    points = np.array(sorted(pixels(region)), float)
    row, column, radius = dl.smallest_circle(region)
    distances = np.hypot(*(points - [row, column]).T)
    assert distances.max() == pytest.approx(radius - 0.5, abs=1e-6)  # HALCON adds 0.5: pixels are no points
    # Smallest: no circle through two or three pixels that holds all is smaller (two of them are the diameter, at least).
    assert radius - 0.5 >= pdist(points).max(initial=0) / 2 - 1e-9
    for step in itertools.product((-0.01, 0, 0.01), repeat=2):
        assert np.hypot(*(points - [row + step[0], column + step[1]]).T).max() >= radius - 0.5 - 1e-9

    row, column, phi, length1, length2 = dl.smallest_rectangle2(region)
    along = (points[:, 1] - column) * np.cos(phi) - (points[:, 0] - row) * np.sin(phi)
    across = (points[:, 1] - column) * np.sin(phi) + (points[:, 0] - row) * np.cos(phi)
    assert abs(along).max() == pytest.approx(length1, abs=1e-6)
    assert abs(across).max() == pytest.approx(length2, abs=1e-6)
    assert length1 >= length2 - 1e-9
    assert -np.pi / 2 < phi <= np.pi / 2 + 1e-8
    for angle in np.linspace(0, np.pi, 181):
        turned = points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        assert np.prod(np.ptp(turned, axis=0)) >= 4 * length1 * length2 - 1e-6

    row, column, radius = dl.inner_circle(region)
    assert pixels(dl.gen_circle(row, column, radius)) <= pixels(region)
    larger = pixels(dl.gen_circle(0, 0, radius + 0.5))
    first = min(larger)
    moved = ({(r - first[0] + top, c - first[1] + left) for r, c in larger} for top, left in pixels(region))
    assert not any(one <= pixels(region) for one in moved)
    *ends, diameter = dl.diameter_region(region)
    assert diameter == pytest.approx(pdist(points).max(initial=0))
    assert {tuple(ends[:2]), tuple(ends[2:])} <= pixels(region)


@given(FULL)
def test_simpler_forms_hold_the_region(region):
    for form in ("convex", "rectangle1", "rectangle2"):  # 'outer_circle' may leave pixels out, as in HALCON
        around = dl.shape_trans(region, form)
        assert dl.difference(region, around).area == 0, form
    assert dl.difference(dl.shape_trans(region, "inner_circle"), region).area == 0
    hull = dl.shape_trans(region, "convex")
    if dl.elliptic_axis(region)[1] > 1e-6:  # of a line scikit-image knows none
        expected = convex_hull_image(region.mask, offset_coordinates=False)
        assert hull == Region.of_mask(expected, region.row, region.column)
    assert dl.convexity(region) == pytest.approx(region.area / hull.area)


def test_forms_by_hand():
    assert dl.smallest_circle(SQUARE) == (3.5, 5.5, pytest.approx(np.hypot(1.5, 2.5) + 0.5))
    assert dl.smallest_rectangle2(SQUARE) == (3.5, 5.5, 0, 2.5, 1.5)
    assert dl.smallest_rectangle2(dl.gen_rectangle1(0, 0, 9, 2))[2:] == (pytest.approx(np.pi / 2), 4.5, 1)
    turned = dl.smallest_rectangle2(dl.gen_rectangle2(100, 100, 0.4, 60, 20))
    assert turned == (
        pytest.approx(100, abs=0.7),
        pytest.approx(100, abs=0.7),
        pytest.approx(0.4, abs=0.02),
        pytest.approx(60, abs=1),
        pytest.approx(20, abs=1),
    )
    assert dl.inner_circle(dl.gen_circle(7, 8, 3.5)) == (7, 8, 3.5)
    assert dl.inner_circle(dl.gen_circle(7, 8, 3)) == (6.5, 7.5, 3)
    assert dl.inner_circle([SQUARE, dl.gen_rectangle1(4, 5, 4, 5)]) == ([3.5, 4], [4.5, 5], [2, 0.5])
    assert dl.smallest_circle([EMPTY, dl.gen_rectangle1(4, 5, 4, 5)]) == ([0, 4], [0, 5], [0, 0.5])
    assert dl.smallest_rectangle2(EMPTY) == (0, 0, 0, 0, 0)
    assert dl.inner_circle(EMPTY) == (0, 0, 0)
    assert dl.diameter_region(EMPTY) == (0, 0, 0, 0, 0)
    assert dl.shape_trans(EMPTY, "convex") == EMPTY
    assert dl.shape_trans([SQUARE], "ellipse")[0].area == pytest.approx(24, abs=4)
    assert dl.smallest_circle([]) == ([], [], [])


def test_numbers_about_regions():
    assert dl.height_width_ratio(SQUARE) == (4, 6, pytest.approx(4 / 6))
    assert dl.circularity([dl.gen_circle(0, 0, 50), dl.gen_rectangle1(0, 0, 0, 60)])[0] > 0.98
    anisometry, bulkiness, structure = dl.eccentricity(dl.gen_ellipse(0, 0, 0, 40, 20))
    assert (anisometry, bulkiness, structure) == (
        pytest.approx(2, rel=0.01),
        pytest.approx(1, rel=0.01),
        pytest.approx(1, rel=0.02),
    )
    (expected,) = regionprops(dl.gen_ellipse(0, 0, 0.5, 40, 20).mask.astype(np.uint8))
    assert dl.convexity(dl.gen_ellipse(0, 0, 0.5, 40, 20)) == pytest.approx(expected.solidity, abs=0.02)
    drop = dl.union1([dl.gen_circle(0, 0, 10.5), dl.gen_rectangle1(-1, 0, 1, 40)])
    assert dl.orientation_region(drop) == pytest.approx(0, abs=0.01)
    assert abs(
        dl.orientation_region(
            dl.shape_trans(dl.union1([dl.gen_circle(0, 0, 10.5), dl.gen_rectangle1(-1, -40, 1, 0)]), "convex")
        )
    ) == pytest.approx(np.pi, abs=0.01)
    assert dl.orientation_region(EMPTY) == 0
    assert dl.select_shape([SQUARE, drop], "convexity", "and", 0.99, 1) == [SQUARE]


def test_borders_as_numbers():
    assert dl.contlength(SQUARE) == 2 * 3 + 2 * 5
    assert dl.compactness(dl.gen_rectangle1(0, 0, 99, 99)) == pytest.approx(396**2 / (4 * np.pi * 10000))
    assert dl.compactness(dl.gen_circle(0, 0, 50)) == pytest.approx(1, abs=0.12)
    distance, sigma, round_, sides = dl.roundness(dl.gen_circle(9, 9, 40))
    assert (distance, round_) == (pytest.approx(40, abs=0.5), pytest.approx(1 - sigma / distance))
    assert round_ > 0.98
    assert dl.roundness(dl.gen_rectangle1(0, 0, 99, 99))[3] == pytest.approx(4, abs=0.3)
    assert sides > 8
    assert dl.roundness([EMPTY, dl.gen_rectangle1(3, 3, 3, 3)]) == ([0, 0], [0, 0], [0, 1], [0, 0])
    names = ["max_diameter", "outer_radius", "inner_radius", "rect2_phi", "rect2_len1", "rect2_len2", "orientation"]
    values = [np.hypot(3, 5), np.hypot(1.5, 2.5) + 0.5, 2, 0, 2.5, 1.5, 0]
    assert dl.region_features(SQUARE, names) == pytest.approx(values)
    assert dl.select_shape([SQUARE, dl.gen_circle(0, 0, 9)], "roundness", "and", 0.9, 1) == [dl.gen_circle(0, 0, 9)]


def test_order_and_choice():
    first, second, third = (
        dl.gen_rectangle1(0, 10, 5, 14),
        dl.gen_rectangle1(1, 0, 6, 4),
        dl.gen_rectangle1(20, 5, 25, 9),
    )
    regions = [third, first, second]
    assert dl.sort_region(regions, "upper_left", "true", "row") == [first, second, third]
    assert dl.sort_region(regions, "upper_left", "true", "column") == [second, third, first]
    assert dl.sort_region(regions, "upper_left", "false", "row") == [third, second, first]
    assert dl.sort_region(regions, "character", "true", "row") == [second, first, third]
    assert dl.sort_region(regions, "character", "true", "column") == [second, third, first]
    assert dl.sort_region(regions, "lower_right", True, "column") == [second, third, first]
    slanted = Region.of_mask(np.eye(3, dtype=bool)[::-1])
    assert dl.sort_region([slanted, dl.gen_rectangle1(0, 1, 0, 1)], "first_point", "true", "column")[1] == slanted
    assert dl.sort_region([slanted, dl.gen_rectangle1(0, 1, 0, 1)], "last_point", "true", "column")[0] == slanted
    assert dl.select_shape_std([first, third, dl.gen_circle(0, 0, 9)], "max_area", 0) == [dl.gen_circle(0, 0, 9)]
    assert dl.select_shape_std([first, dl.gen_circle(0, 0, 9)], "rectangle1", 90) == [first]
    slanting = dl.gen_rectangle2(50, 50, 0.5, 30, 20)
    assert dl.select_shape_std([slanting, dl.gen_circle(0, 0, 9)], "rectangle2", 90) == [slanting]
    assert dl.select_shape_std([slanting], "rectangle1", 90) == dl.select_shape_std([], "max_area", 0) == []
    assert dl.select_region_point(regions, 3, 11) == [first]
    assert dl.test_region_point(first, 3, 11) == dl.test_region_point([SQUARE, first], 3, 11) == 1
    assert dl.test_region_point(SQUARE, 3, 11) == 0
    assert dl.test_region_point([], 0, 0) == 0


# --- Objects


def test_objects():
    image, contour = np.zeros((3, 4), np.uint8), dl.gen_contour_polygon_xld(1, 2)
    objects = [image, SQUARE, contour, np.zeros((2, 2), bool)]
    assert dl.get_obj_class(objects) == ["image", "region", "xld_cont", "region"]
    assert dl.get_obj_class(image) == "image"
    assert dl.clear_obj(objects) is None
    assert dl.copy_obj(objects, 2, 1) is SQUARE
    assert dl.copy_obj(objects, 2, 2) == objects[1:3]
    assert dl.count_obj(dl.copy_obj(objects, 1, -1)) == 4
    first, third = dl.gen_circle(0, 0, 1), dl.gen_circle(0, 0, 2)
    regions = [SQUARE, first, third]
    assert dl.copy_obj([], 1, -1) == dl.remove_obj([SQUARE], 1) == []
    assert dl.remove_obj(regions, [3, 1]) == [first]
    assert dl.insert_obj(regions, EMPTY, 2) == [SQUARE, EMPTY, first, third]
    assert dl.insert_obj(regions, [EMPTY, EMPTY], 4) == [*regions, EMPTY, EMPTY]
    assert dl.replace_obj(regions, [EMPTY, SQUARE], [3, 2]) == [SQUARE, SQUARE, EMPTY]
    assert regions == [SQUARE, first, third]


def test_equality():
    image = np.zeros((6, 9), np.uint8)
    reduced = dl.reduce_domain(image, SQUARE)
    assert dl.test_equal_region(SQUARE, [SQUARE]) == 1
    assert dl.test_equal_region(SQUARE, [SQUARE, SQUARE]) == dl.test_equal_region(SQUARE, EMPTY) == 0
    assert dl.test_equal_obj([image, SQUARE], [image.copy(), SQUARE]) == 1
    assert dl.test_equal_obj(reduced, dl.copy_image(reduced)) == 1
    for other in (image + 1, image.astype(np.int16), reduced, SQUARE, [image, image], image[1:]):
        assert dl.test_equal_obj(image, other) == 0
    assert dl.test_equal_obj(dl.gen_contour_polygon_xld(1, 2), dl.gen_contour_polygon_xld(1, 2)) == 1


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: dl.gen_rectangle2(0, 0, "x", 1, 1), 1203, "phi: expected a number; got 'x'"),
        (lambda: dl.gen_ellipse(0, 0, 0, 1, -1), 1305, "radius2: expected at least 0; got -1"),
        (lambda: dl.gen_region_points([0, 1], [0]), 1401, "rows: expected as many values as the others have; got 2, 1"),
        (lambda: dl.gen_region_points([0, 1e6], [0, 1e6]), 1301, "rows, columns: expected a region whose box has at most 268435456 pixels; got 1e+06 x 1e+06"),
        (lambda: dl.gen_region_runs([0, 1], [0, 5], [1, 4]), 1303, "column_end: expected at least column_begin, 5; got 4"),
        (lambda: dl.gen_region_line(0, 0, 1e6, 1e6), 1301, "rows, columns: expected a region whose box has at most 268435456 pixels; got 1e+06 x 1e+06"),
        (lambda: dl.gen_contour_polygon_xld([], []), 1401, "row: expected at least one point; got none"),
        (lambda: dl.gen_region_contour_xld(SQUARE, "filled"), 1201, "contour: expected a contour; got <Region of 24 pixels, 4 x 6 at (2, 3)>"),
        (lambda: dl.move_region(SQUARE, None, 0), 1201, "row: expected a number; got None"),
        (lambda: dl.zoom_region(SQUARE, 1e9, 1), 1301, None),
        (lambda: dl.boundary(SQUARE, "filled"), 1301, "boundary_type: expected one of 'inner', 'inner_filled', 'outer'; got 'filled' (did you mean 'inner_filled'?)"),
        (lambda: dl.shape_trans(SQUARE, "inner_rectangle1"), 1301, None),
        (lambda: dl.sort_region([SQUARE], "upper_left", "yes", "row"), 1302, "order: expected one of 'true', 'false'; got 'yes'"),
        (lambda: dl.select_shape_std([SQUARE], "rectangle1", "x"), 1202, "percent: expected a number; got 'x'"),
        (lambda: dl.distance_transform(SQUARE, "octagonal", "true", 3, 3), 1301, "metric: expected one of 'city-block', 'chessboard', 'euclidean'; got 'octagonal'"),
        (lambda: dl.get_obj_class(5), 1201, "objects: expected an image, a region or a contour; got 5"),
        (lambda: dl.copy_obj([SQUARE], 1, 2), 1302, "num_obj: expected numbers up to 1; got 1 to 2"),
        (lambda: dl.remove_obj([SQUARE], 2), 1301, "index: expected numbers from 1 to 1; got 2"),
        (lambda: dl.replace_obj([SQUARE], [SQUARE, SQUARE], 1), 1401, "index: expected 2 numbers, as many as objects; got 1"),
    ],
)  # fmt: skip
def test_errors(call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call()
    assert message is None or str(caught.value) == message
    assert code is None or caught.value.halcon_code == code


def test_a_distance_in_a_picture_is_that_of_scipy():
    mask = dl.gen_circle(20, 20, 15)
    found = dl.distance_transform(mask, "euclidean", "true", 41, 41)
    np.testing.assert_allclose(found, ndimage.distance_transform_edt(dl.region_to_bin(mask, 1, 0, 41, 41)), rtol=1e-6)
