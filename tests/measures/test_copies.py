"""Copies of an image show nothing of how images differ."""

import numpy as np

from dlproc.measures.suspicious import suspicious_distances


def test_identical_images_are_not_suspicious():
    distances = np.array([0.0] * 23 + [0.5], np.float32)  # as the last one came out of 24 that were the same
    assert suspicious_distances(distances) == [(23, 5.0)]
    assert suspicious_distances(distances, np.full(24, 7, np.uint64)) == []


def test_copies_count_once_and_are_all_named():
    values = np.array([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 30], np.float32)
    fingerprints = np.arange(11, dtype=np.uint64)
    alone = suspicious_distances(values, fingerprints)
    assert alone == suspicious_distances(values) == [(10, 18.9)]
    # Six more copies of the bad one would move the median, if they counted; all seven are named.
    copies = np.append(values, [30] * 6).astype(np.float32)
    same = np.append(fingerprints, [10] * 6).astype(np.uint64)
    assert suspicious_distances(copies, same) == [(place, 18.9) for place in range(10, 17)]
