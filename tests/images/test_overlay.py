"""Overlays as arrays."""

import numpy as np
import pytest

from dlproc.images.overlay import REGION_COLOR, blend, color_scores, draw_outline, overlay


def test_colours_are_those_of_matplotlib():
    mpl = pytest.importorskip("matplotlib")
    scores = np.linspace(0, 1, 256, dtype=np.float32)[np.newaxis]
    expected = mpl.colormaps["viridis"](scores, bytes=True)[..., :3]
    assert np.abs(color_scores(scores).astype(int) - expected).max() <= 14  # ten straight pieces


def test_the_threshold_lies_in_the_middle():
    middle = color_scores(np.float32([[0.5]]))
    for threshold in (0.1, 0.3, 0.9):
        np.testing.assert_array_equal(color_scores(np.float32([[threshold]]), threshold), middle)
    np.testing.assert_array_equal(color_scores(np.float32([[0.5]]), 1.0), middle)  # no room above: the plain scale


def test_blending_by_hand():
    image, colors = np.full((1, 2), 100, np.uint8), np.zeros((1, 2, 3), np.uint8)
    np.testing.assert_array_equal(blend(image, colors, 0.25), np.full((1, 2, 3), 75))
    np.testing.assert_array_equal(blend(image, colors, 0.0), np.full((1, 2, 3), 100))


def test_an_outline_lies_around_its_region_and_nowhere_else():
    image, mask = np.zeros((8, 8, 1), np.uint8), np.zeros((8, 8), bool)
    mask[2:4, 3:6] = True
    image.setflags(write=False)
    drawn = draw_outline(image, mask)
    marked = (drawn == REGION_COLOR).all(axis=2)
    expected = np.zeros((8, 8), bool)
    expected[1:5, 3:6] = True
    expected[2:4, 2:7] = True
    expected[2:4, 3:6] = False
    assert not marked[mask].any()
    assert marked[expected].all()
    assert not marked[[0, 5, 6, 7]].any()
    np.testing.assert_array_equal(draw_outline(image, np.zeros((8, 8), bool)), np.zeros((8, 8, 3)))


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 1), (40, 60, 3), (16, 8)])
def test_scores_of_another_size_are_brought_to_the_image(shape):
    scores = np.zeros((8, 8), np.float32)
    scores[:4] = 1
    drawn = overlay(np.full(shape, 128, np.uint8), scores, scores > 0.5, 0.5)
    assert drawn.shape == (*shape[:2], 3)
    assert drawn.dtype == np.uint8
    top, bottom = drawn[0, 0].astype(int), drawn[-1, -1].astype(int)
    assert top[0] > bottom[0]  # yellow above, violet below
