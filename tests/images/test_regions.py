"""Regions: what belongs together, where it is, and the way to the original image and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib.path import Path as Polygon
from scipy import ndimage

from dlproc.images.regions import describe_regions, find_at, label_regions, outline, to_original

settings.register_profile("dlproc", deadline=None)
settings.load_profile("dlproc")

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))
EIGHT = np.ones((3, 3))


def picture(text):
    """Rows of '#' and '.'."""
    return np.array([[c == "#" for c in row] for row in text.split()])


@st.composite
def scored_masks(draw):
    """A mask of strong pixels and one of weaker pixels around them."""
    weaker = draw(masks)
    return weaker & draw(hnp.arrays(bool, weaker.shape)), weaker


# --------------------------------------------------------------------------------------------------------------- labels


@given(masks)
def test_labels_are_those_of_scipy_in_the_order_of_size(mask):
    expected, n_regions = ndimage.label(mask, EIGHT)
    labels = label_regions(mask)
    assert labels.max() == n_regions
    assert ((labels > 0) == mask).all()
    assert len({(a, b) for a, b in zip(labels[mask], expected[mask], strict=True)}) == n_regions  # one to one
    areas = np.bincount(labels.ravel())[1:].tolist()
    assert areas == sorted(areas, reverse=True)
    firsts = [np.argmax(labels.ravel() == number) for number in range(1, n_regions + 1)]
    assert sorted(zip([-a for a in areas], firsts, strict=True)) == list(zip([-a for a in areas], firsts, strict=True))


@given(masks, st.integers(1, 5), st.integers(1, 5))
def test_more_min_area_never_adds_a_region(mask, a, b):
    few, many = label_regions(mask, min_area=max(a, b)), label_regions(mask, min_area=min(a, b))
    assert few.max() <= many.max()
    assert (np.bincount(few.ravel())[1:] >= max(a, b)).all()
    assert (many[few > 0] == few[few > 0]).all()  # the largest keep their numbers


@given(masks)
def test_hysteresis_with_equal_thresholds_is_a_plain_threshold(mask):
    assert (label_regions(mask, weaker=mask) == label_regions(mask)).all()


@given(scored_masks())
def test_hysteresis_keeps_what_holds_a_strong_pixel(drawn):
    """SciPy's propagation of the strong pixels inside the weaker ones."""
    strong, weaker = drawn
    expected = ndimage.binary_propagation(strong, EIGHT, mask=weaker)
    assert ((label_regions(strong, weaker=weaker) > 0) == expected).all()


def test_hysteresis_joins_at_corners():
    strong, weaker = picture("#... .... ...."), picture("#..# .#.. ....")
    assert label_regions(strong, weaker=weaker).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_domain_and_ignored_pixels_belong_to_no_region_and_part_it():
    mask = picture("##### ##### #####")
    domain, ignored = picture("##### ##### ....."), picture("..#.. ..#.. .....")
    assert label_regions(mask, domain=domain, ignored=ignored).tolist() == [[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0] * 5]
    # Growing does not pass them, either.
    strong = picture("#.... ..... .....")
    grown = label_regions(strong, weaker=mask, domain=domain, ignored=ignored)
    assert grown.tolist() == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0] * 5]


def test_border_regions_are_removed_at_the_image_the_domain_and_the_frame():
    mask = picture("#..... ...... ..#... ....## ......")
    assert (
        label_regions(mask, border="remove").tolist() == (mask & picture("...... ...... ..#... ...... ......")).tolist()
    )
    # The box around the domain, columns 2 to 5: now the middle region touches.
    domain = np.zeros(mask.shape, bool)
    domain[:, 2:] = True
    assert label_regions(mask, domain=domain, border="remove").max() == 0
    # A frame of one pixel does not count, and what touches it from inside is at the border.
    labels = label_regions(mask, border_width=1)
    assert (labels > 0).tolist() == picture("...... ...... ..#... ....#. ......").tolist()
    labels = label_regions(mask, border_width=1, border="remove")
    assert (labels > 0).tolist() == picture("...... ...... ..#... ...... ......").tolist()
    assert label_regions(mask, border_width=3).max() == 0  # nothing is left


def test_nothing_in_nothing_out():
    labels = label_regions(np.zeros((3, 4), bool), border="remove")
    assert labels.max() == 0
    assert labels.dtype == np.int32
    assert describe_regions(labels, np.zeros((3, 4), np.float32)) == []
    assert find_at(labels) is None


# ---------------------------------------------------------------------------------------------------------- description


def test_a_region_by_hand():
    scores = np.zeros((5, 6), np.float32)
    scores[1:3, 2] = 0.5, 0.75
    scores[3, 3] = 0.75
    (region,) = describe_regions(label_regions(scores > 0), scores, n_pixels=12)
    contour = region.pop("contour")
    assert region == {
        "area": 3, "area_share": 0.25, "row1": 1, "column1": 2, "row2": 3, "column2": 3,
        "row": 2.0, "column": pytest.approx(7 / 3), "peak": 0.75, "peak_row": 2, "peak_column": 2,
        "mean_score": pytest.approx(2 / 3),
    }  # fmt: skip
    assert type(region["area"]) is type(region["row1"]) is type(region["peak_row"]) is int
    assert contour.dtype == np.float64
    assert contour[:, 0].min() == 0.5
    assert contour[:, 1].max() == 3.5
    assert describe_regions(label_regions(scores > 0), scores)[0]["area_share"] == 0.1


@given(masks, st.randoms(use_true_random=False))
def test_every_pixel_lies_in_its_box_and_contour(mask, random):
    scores = np.array([[random.random() for _ in row] for row in mask], np.float32)
    labels = label_regions(mask)
    regions = describe_regions(labels, scores)
    assert sum(region["area"] for region in regions) == mask.sum()
    for number, region in enumerate(regions, 1):
        rows, columns = np.nonzero(labels == number)
        assert (region["row1"], region["row2"]) == (rows.min(), rows.max())
        assert (region["column1"], region["column2"]) == (columns.min(), columns.max())
        assert (region["row"], region["column"]) == (pytest.approx(rows.mean()), pytest.approx(columns.mean()))
        assert region["peak"] == scores[labels == number].max() == scores[region["peak_row"], region["peak_column"]]
        assert region["mean_score"] == pytest.approx(scores[labels == number].mean(dtype=float))
        contour = region["contour"]
        assert (contour[0] == contour[-1]).all()
        assert contour.min(axis=0).tolist() == [rows.min() - 0.5, columns.min() - 0.5]
        assert contour.max(axis=0).tolist() == [rows.max() + 0.5, columns.max() + 0.5]
        assert Polygon(contour).contains_points(np.stack([rows, columns], axis=1)).all()


def test_the_outline_is_the_outer_one():
    ring = picture("### #.# ###")
    assert np.ptp(outline(ring), axis=0).tolist() == [3, 3]
    ring_at_a_corner = picture(".#. #.# .#.")  # joined at corners alone
    assert np.ptp(outline(ring_at_a_corner), axis=0).tolist() == [3, 3]


# --------------------------------------------------------------------------------------------------------- the original


def test_to_the_original_by_hand():
    scores = np.zeros((4, 4), np.float32)
    scores[1, 2] = 1
    (region,) = describe_regions(label_regions(scores > 0), scores)
    original = to_original(region, (4, 4), (10, 20, 17, 25))  # 8 rows from row 10, 6 columns from column 20
    contour = original.pop("contour")
    # The pixel covers rows 2 and 3 of the 8, and columns 3 to 4.5 of the 6.
    assert original == {
        "area": 3.0, "row1": 12, "column1": 23, "row2": 13, "column2": 24,
        "row": 12.5, "column": 23.25, "peak_row": 12.5, "peak_column": 23.25,
    }  # fmt: skip
    assert contour.min(axis=0).tolist() == [11.5, 22.5]
    assert contour.max(axis=0).tolist() == [13.5, 24.0]


@given(masks.filter(np.any), st.integers(0, 50), st.integers(0, 50), st.integers(1, 40), st.integers(1, 40))
def test_to_the_original_and_back(mask, row1, column1, height, width):
    (region, *_) = describe_regions(label_regions(mask), mask.astype(np.float32))
    box = (row1, column1, row1 + height - 1, column1 + width - 1)
    original = to_original(region, mask.shape, box)
    scale = np.array([height, width]) / mask.shape
    for names in (("row", "column"), ("peak_row", "peak_column")):
        back = (np.array([original[n] for n in names]) - (row1, column1) + 0.5) / scale - 0.5
        assert back == pytest.approx(np.array([region[n] for n in names]), abs=1e-9)
    back = (original["contour"] - (row1, column1) + 0.5) / scale - 0.5
    assert back == pytest.approx(region["contour"], abs=1e-9)
    assert original["area"] == pytest.approx(region["area"] * height * width / mask.size)
    # The box in the original holds the contour and no whole pixel more.
    low, high = original["contour"].min(axis=0), original["contour"].max(axis=0)
    assert ([original["row1"], original["column1"]] <= low + 0.5 + 1e-6).all()
    assert ([original["row2"], original["column2"]] >= high - 0.5 - 1e-6).all()
    assert (low + 0.5 - [original["row1"], original["column1"]] < 1).all()
    assert ([original["row2"], original["column2"]] - (high - 0.5) < 1).all()
    assert box[0] <= original["row1"] <= original["row2"] <= box[2]
    assert box[1] <= original["column1"] <= original["column2"] <= box[3]


@given(masks.filter(np.any))
def test_an_image_that_was_not_resized_is_its_own_original(mask):
    (region, *_) = describe_regions(label_regions(mask), mask.astype(np.float32))
    original = to_original(region, mask.shape, (0, 0, mask.shape[0] - 1, mask.shape[1] - 1))
    for key, value in original.items():
        assert np.asarray(value) == pytest.approx(np.asarray(region[key]))


# --------------------------------------------------------------------------------------------------------------- places


def test_the_largest_region_at_a_place():
    labels = label_regions(picture("##.... ##.... ...... ....## ....##"))
    one, two = ((0, 0, 1, 1), (0.5, 0.5)), ((3, 4, 4, 5), (3.5, 4.5))
    assert find_at(labels) == one
    assert find_at(labels, touches=(1, 1, 4, 5)) == one
    assert find_at(labels, touches=(1, 2, 4, 5)) == two
    assert find_at(labels, touches=(2, 0, 2, 5)) is None
    assert find_at(labels, centre_in=(4, 5, 4, 5)) == two  # the centre lies on the edge of that pixel
    assert find_at(labels, centre_in=(2, 0, 2, 5)) is None
    assert find_at(labels, touches=(0, 0, 0, 0), centre_in=(3, 4, 4, 5)) is None  # not the same region


def test_a_box_that_only_the_regions_box_meets_is_not_touched():
    labels = label_regions(picture("#.. #.. ###"))
    assert find_at(labels, touches=(0, 1, 1, 2)) is None
    assert find_at(labels, touches=(0, 1, 2, 2)) is not None
