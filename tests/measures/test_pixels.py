"""Measures of pixels against scikit-learn, the straightforward method and hand calculation."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.metrics import average_precision_score, jaccard_score, precision_recall_curve, roc_auc_score

from dlproc.measures.pixels import PixelScores, au_pro, components_of
from dlproc.measures.regions import by_size, defects


@pytest.fixture(scope="module")
def pictures():
    """Four maps with several defects each; scores of two digits, so that many are equal."""
    generator = np.random.Generator(np.random.PCG64(11))
    truths = [gaussian_filter(generator.random((32, 40)), 2) > 0.53 for _ in range(4)]
    noise = [gaussian_filter(generator.random((32, 40)), 1) for _ in range(4)]
    maps = [np.round(n + 0.2 * t, 2).clip(0, 1).astype(np.float32) for n, t in zip(noise, truths, strict=True)]
    return maps, truths


def added(pictures, threshold=None):
    pixels = PixelScores(threshold)
    for scores, truth in zip(*pictures, strict=True):
        pixels.add(scores.ravel(), components_of(truth).ravel())
    return pixels


def straightforward_au_pro(maps, truths, limit):
    """Label every region, sweep the thresholds, average the overlaps: as published, in the simplest words."""
    n_good = sum(int((~truth).sum()) for truth in truths)
    rates, overlaps = [0.0], [0.0]
    for threshold in np.unique(np.stack(maps))[::-1]:
        rates.append(sum(int(((m >= threshold) & ~t).sum()) for m, t in zip(maps, truths, strict=True)) / n_good)
        shares = []
        for scores, truth in zip(maps, truths, strict=True):
            components = components_of(truth)
            shares += [(scores[components == n] >= threshold).mean() for n in range(1, components.max() + 1)]
        overlaps.append(np.mean(shares))
    inside = np.array(rates) <= limit
    x, y = np.array(rates)[inside], np.array(overlaps)[inside]
    return np.trapezoid(np.append(y, np.interp(limit, rates, overlaps)), np.append(x, limit)) / limit


def test_agree_with_scikit_learn(pictures):
    measured = added(pictures, 0.6).measure()
    scores, truth = (np.concatenate([array.ravel() for array in arrays]) for arrays in pictures)
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    assert measured.auroc == pytest.approx(roc_auc_score(truth, scores), abs=1e-9)
    assert measured.average_precision == pytest.approx(average_precision_score(truth, scores), abs=1e-9)
    assert measured.best_f1 == pytest.approx(f1.max(), abs=1e-9)
    assert measured.best_f1_threshold == thresholds[f1.argmax()]
    assert measured.iou == pytest.approx(jaccard_score(truth, scores >= np.float32(0.6)), abs=1e-9)


@pytest.mark.parametrize("limit", [0.3, 0.05, 1.0])
def test_au_pro_equals_the_straightforward_method(pictures, limit):
    assert au_pro(*pictures, limit) == pytest.approx(straightforward_au_pro(*pictures, limit), abs=1e-9)


def test_the_drawn_curve_rises_from_the_limit_values_to_one(pictures):
    curve = added(pictures).measure().pro_curve
    rates, overlaps = np.array(curve["false_positive_rate"]), np.array(curve["overlap"])
    assert (rates[0], rates[-1]) == (0, 1)
    assert (np.diff(rates) > 0).all() and (np.diff(overlaps) >= 0).all()
    inside = rates <= 0.3
    drawn_area = np.trapezoid(overlaps[inside], rates[inside]) / 0.3
    assert drawn_area == pytest.approx(au_pro(*pictures, 0.3), abs=2e-3)


def test_saturation_by_hand():
    """A defect of four pixels that counts as covered with two: the overlap is 1 when its two best are reached."""
    pixels = PixelScores()
    pixels.add(np.float32([0.9, 0.8, 0.1, 0.1, 0.5]), np.array([1, 1, 1, 1, 0]), saturation=[2])
    assert pixels.measure().au_pro == (1.0, 1.0)
    plain = PixelScores()
    plain.add(np.float32([0.9, 0.8, 0.1, 0.1, 0.5]), np.array([1, 1, 1, 1, 0]))
    assert plain.measure().au_pro == (0.5, 0.5)


def test_undefined_is_none():
    pixels = PixelScores(0.5)
    pixels.add(np.float32([0.0, 1.0]), np.array([0, 0]))
    measured = pixels.measure()
    assert (measured.auroc, measured.au_pro, measured.pro_curve, measured.iou) == (None, (None, None), None, None)
    pixels.add(np.float32([1.0]), np.array([1]))
    assert pixels.measure().auroc == 0.75  # above 0, tied with 1: (1 + 1/2) / 2, by hand


def test_the_counters_know_what_they_cannot_hold():
    pixels = PixelScores()
    pixels.add(np.float32([0.5, 1.5]), np.array([0, 1]))
    with pytest.raises(ValueError, match=r"scores of more than 16 million pixels must lie in \[0, 1\]"):
        pixels._count()


def test_au_pro_by_hand():
    truth = np.array([[1, 1, 0, 0, 0, 0, 0, 1]], bool)
    # Thresholds fall: one pixel of the first region (overlap 1/4), the second region (3/4), a good pixel (FPR 1/5),
    # the rest of the first region (1), the other good pixels.
    scores = np.float32([[0.9, 0.6, 0.7, 0.1, 0.2, 0.3, 0.4, 0.8]])
    # PRO at FPR 0 is 3/4, at 1/5 3/4, then 1; up to 0.3 the rise at FPR 1/5 is vertical: 0.2 * 3/4 + 0.1 * 1, over 0.3.
    assert au_pro([scores], [truth], 0.3) == pytest.approx((0.2 * 0.75 + 0.1) / 0.3, abs=1e-12)


def test_au_pro_is_half_the_limit_for_constant_scores_and_none_without_defects():
    truth = np.zeros((4, 4), bool)
    assert au_pro([np.zeros((4, 4), np.float32)], [truth]) is None
    truth[0, 0] = True
    assert au_pro([np.zeros((4, 4), np.float32)], [truth], 0.3) == pytest.approx(0.15)


def test_defects_by_hand():
    components = np.array([1, 1, 0, 2, 2, 2, 2])
    found = defects(np.float32([0.2, 0.4, 0.9, 0.6, 0.7, 0.1, 0.6]), components, 0.6)
    assert [(d.area, d.found, d.overlap) for d in found] == [(2, False, 0.0), (4, True, 0.75)]
    assert [d.peak for d in found] == [np.float32(0.4), np.float32(0.7)]
    assert defects(np.float32([0.5]), np.array([1]))[0].found is None
    assert defects(np.float32([0.5]), np.array([0]), 0.5) == []


def test_sizes_of_defects():
    rows = by_size([1, 64, 65, 5000], [True, False, True, True])
    assert [tuple(row.values()) for row in rows] == [(1, 64, 2, 1), (65, 256, 1, 1), (4097, None, 1, 1)]
    assert by_size([5], [None]) == [{"area_from": 1, "area_to": 64, "n_regions": 1, "n_found": None}]
