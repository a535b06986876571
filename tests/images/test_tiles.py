"""Where tiles lie, and that their weights leave no seam."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlproc.images.tiles import STEP, blend_weights, padded_length, tile_starts


@pytest.mark.parametrize(("length", "padded"), [(32, 32), (33, 64), (200, 224), (3000, 3008), (4000, 4000)])
def test_sides_become_multiples_of_the_coarsest_stride(length, padded):
    assert padded_length(length) == padded


@pytest.mark.parametrize(
    ("length", "tile", "overlap", "starts"),
    [
        (512, 512, 128, [0]),
        (96, 96, 128, [0]),  # a tile that was made as small as the image
        (544, 512, 128, [0, 32]),
        (896, 512, 128, [0, 384]),
        (928, 512, 128, [0, 384, 416]),  # the last one is shifted inwards
        (1024, 512, 0, [0, 512]),
    ],
)
def test_tiles_begin_where_counted_by_hand(length, tile, overlap, starts):
    assert tile_starts(length, tile, overlap) == starts


@given(st.integers(1, 60), st.integers(2, 20), st.data())
def test_tiles_cover_everything_and_weights_sum_to_one(n_length, n_tile, data):
    length, tile = n_length * STEP, min(n_tile, n_length) * STEP
    overlap = data.draw(st.integers(0, n_tile // 2)) * STEP
    starts = tile_starts(length, tile, overlap)
    assert starts[0] == 0
    assert starts[-1] + tile == length
    assert all(start % STEP == 0 for start in starts)
    assert all(0 < b - a <= tile - overlap for a, b in pairwise(starts))
    for stride in (8, 16, 32):
        weights = blend_weights(length // stride, [s // stride for s in starts], tile // stride, overlap // stride)
        total = np.zeros(length // stride)
        for weight, start in zip(weights, starts, strict=True):
            assert weight.min() >= 0
            total[start // stride : (start + tile) // stride] += weight
        np.testing.assert_allclose(total, 1, atol=1e-6)


def test_the_outer_quarter_of_the_overlap_does_not_count():
    weights = blend_weights(24, [0, 8], tile=16, overlap=8)
    np.testing.assert_array_equal(weights[0], [1] * 10 + [0.875, 0.625, 0.375, 0.125] + [0, 0])
    np.testing.assert_array_equal(weights[1], weights[0][::-1])
