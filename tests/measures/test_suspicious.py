"""Which images look bad, from one number for each."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from dlproc.measures.suspicious import LEAST_DEVIATIONS, MIN_IMAGES, suspicious_distances


def draw(n, seed=0):
    return np.random.Generator(np.random.PCG64(seed)).normal(3, 2, n).astype(np.float32)


def test_deviations_by_scipy():
    distances = np.concatenate([draw(50), np.array([40, 25], np.float32)])
    spread = median_abs_deviation(distances, scale="normal")
    expected = [(index, round((distances[index] - np.median(distances)) / spread, 1)) for index in (50, 51)]
    found = suspicious_distances(distances)
    assert [index for index, _ in found] == [50, 51]
    assert [deviations for _, deviations in found] == pytest.approx([e for _, e in expected], abs=0.1)


def test_normal_numbers_are_hardly_ever_accused():
    """Beyond four deviations lie 3 of 100,000; with the uncertainty of the median's spread a few more."""
    assert sum(len(suspicious_distances(draw(100, seed))) for seed in range(200)) <= 10


def test_a_third_of_bad_ones_does_not_hide_them():
    distances = np.concatenate([draw(40), draw(20, 1) + np.float32(60)])
    assert {index for index, _ in suspicious_distances(distances)} == set(range(40, 60))


def test_equality_is_suspicious_and_low_is_not():
    distances = np.array([1.0] * 5 + [2.0] * 5 + [3.0] * 5, np.float32)  # median 2, spread 1.4826
    at = np.float32(2 + LEAST_DEVIATIONS * 1.4826)
    assert [i for i, _ in suspicious_distances(np.append(distances, [np.nextafter(at, np.float32(9)), 2, -50]))] == [15]


def test_few_or_equal_images_accuse_nobody():
    assert suspicious_distances(np.append(draw(MIN_IMAGES - 2), np.float32(1000))) == []
    assert suspicious_distances(np.full(20, 7, np.float32)) == []
