"""Confidence intervals: against second sources, and do they cover."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from dlproc.measures.curve import average_precision, best_f1, operating_curve
from dlproc.measures.intervals import (
    auroc_interval,
    bootstrap_interval,
    fpr_at_recall_interval,
    precision_at_recall_1_interval,
    proportion_interval,
)
from dlproc.measures.roc import auroc


def generator(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def test_delong_by_the_definition():
    """The variance from the placement values, written as in the paper, with all pairs."""
    draw = generator(1)
    nok, ok = np.round(draw.normal(1, 1, 40), 1), np.round(draw.normal(0, 1, 60), 1)
    wins = (nok[:, None] > ok) + 0.5 * (nok[:, None] == ok)
    variance = wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 60
    area = wins.mean()
    half = norm.ppf(0.95) * np.sqrt(variance) / (area * (1 - area))  # on the scale of log(A / (1 - A))
    odds = area / (1 - area) * np.exp([-half, half])
    interval = auroc_interval(np.concatenate([nok, ok]), np.arange(100) < 40, 0.9)
    assert interval == pytest.approx(odds / (1 + odds), abs=1e-12)


def test_perfect_separation_is_not_certainty():
    """Newcombe's method 5 for 10 against 10, area 1: 1 - A = z * s(A), solved by hand with a table of s."""
    scores, truth = np.arange(20.0), np.arange(20) >= 10
    low, high = auroc_interval(scores, truth)
    assert high == 1
    deviation = np.sqrt(low * (1 - low) * (1 + 9 * ((1 - low) / (2 - low) + low / (1 + low))) / 100)
    assert 1 - low == pytest.approx(1.959964 * deviation, abs=1e-6)
    assert 0.7 < low < 0.95
    assert auroc_interval(-scores, truth) == pytest.approx((0, 1 - low), abs=1e-9)
    one = auroc_interval(scores[:11], truth[:11])
    assert one[1] == 1 and one[0] < 0.6
    assert auroc_interval(scores[:10], truth[:10]) is None


@pytest.mark.parametrize(("n_hits", "n_trials"), [(0, 59), (3, 10), (10, 10), (1, 1)])
def test_proportions_agree_with_scipy(n_hits, n_trials):
    expected = binomtest(n_hits, n_trials).proportion_ci(0.9, method="exact")
    assert proportion_interval(n_hits, n_trials, 0.9) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert proportion_interval(0, 0) is None


def test_bootstrap_is_what_drawing_images_gives():
    """Against the plain way: draw images of both classes, measure, take percentiles."""
    draw = generator(2)
    truth = np.arange(90) < 30
    scores = draw.normal(truth * 1.5, 1)
    plain = []
    for _ in range(1000):
        chosen = np.concatenate([draw.choice(30, 30), 30 + draw.choice(60, 60)])
        plain.append(average_precision(operating_curve(scores[chosen], truth[chosen])))
    ours = bootstrap_interval(operating_curve(scores, truth), average_precision, generator(3))
    assert ours == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.015)


def test_bootstrap_depends_on_the_seed_alone(monkeypatch):

    draw = generator(4)
    scores, truth = draw.random(50), np.arange(50) % 3 == 0
    curve = operating_curve(scores, truth)
    shuffled = draw.permutation(50)
    other_order = operating_curve(scores[shuffled], truth[shuffled])
    first = bootstrap_interval(curve, average_precision, generator(5))
    assert bootstrap_interval(other_order, average_precision, generator(5)) == first
    assert bootstrap_interval(curve, average_precision, generator(6)) != first
    one_class = operating_curve(scores, np.zeros(50, bool))
    assert bootstrap_interval(one_class, average_precision, generator()) is None


@pytest.mark.parametrize(("distance", "n_nok", "n_ok"), [(1.0, 40, 40), (2.9, 20, 80), (3.3, 60, 80)])
def test_intervals_of_auroc_cover_the_truth(distance, n_nok, n_ok):
    """Of 600 tests with images from two normal distributions, areas 0.76, 0.98 and 0.99, about 95 % hold the truth."""
    draw = generator(7)
    truth = np.arange(n_nok + n_ok) < n_nok
    true_area = norm.cdf(distance / np.sqrt(2))
    covered = 0
    for _ in range(600):
        scores = draw.normal(truth * distance, 1)
        low, high = auroc_interval(scores, truth)
        assert low <= auroc(scores, truth) <= high
        covered += low <= true_area <= high
    assert 0.91 <= covered / 600 <= 0.99


@pytest.mark.parametrize(("n_nok", "n_ok"), [(20, 80), (60, 80)])
@pytest.mark.parametrize("recall", [0.8, 0.95, 0.99])
def test_intervals_of_false_alarms_at_a_recall_cover_the_truth(recall, n_nok, n_ok):
    """The true rate is known: good N(0, 1) above the (1 - recall) quantile of anomalous N(2.5, 1)."""
    draw = generator(8)
    truth = np.arange(n_nok + n_ok) < n_nok
    true_rate = norm.sf(2.5 + norm.ppf(1 - recall))
    held = 0
    for _ in range(300):
        low, high = fpr_at_recall_interval(operating_curve(draw.normal(truth * 2.5, 1), truth), recall)
        held += low <= true_rate <= high
    assert held / 300 >= 0.93


def test_intervals_of_average_precision_mostly_cover_the_truth():
    draw = generator(9)
    truth = np.arange(100) < 40
    many = np.arange(200_000) < 80_000
    true_value = average_precision(operating_curve(draw.normal(many * 1.5, 1), many))
    held = 0
    for number in range(200):
        curve = operating_curve(draw.normal(truth * 1.5, 1), truth)
        low, high = bootstrap_interval(curve, average_precision, generator(number))
        held += low <= true_value <= high
    assert held / 200 >= 0.85


def test_how_low_defects_may_score_the_lowest_does_not_say():
    scores, truth = np.array([0.1, 0.2, 0.3, 0.5, 0.4, 0.8]), np.arange(6) >= 3
    curve = operating_curve(scores, truth)
    assert fpr_at_recall_interval(curve, 1.0) == (0.0, 1.0)
    assert precision_at_recall_1_interval(curve) == (0.5, 1.0)  # if every good image were rejected: 3 of 6
    assert fpr_at_recall_interval(operating_curve(scores, np.zeros(6, bool)), 1.0) is None


def test_a_value_lies_in_its_interval():
    """All anomalous images below all good ones, where every bootstrap sample is better than the images themselves."""
    scores, truth = np.arange(20.0), np.arange(20) < 10
    curve = operating_curve(scores, truth)
    for measure in (average_precision, best_f1):
        low, high = bootstrap_interval(curve, measure, generator())
        assert low <= measure(curve) <= high


@pytest.mark.parametrize(("n_ok", "n_nok"), [(2, 1), (10, 10), (100, 40)])
def test_classes_that_are_apart_do_not_make_certain(n_ok, n_nok):
    """By hand: nobody of n_ok was rejected, so up to u = 1 - 0.025^(1/n_ok) of all may be, at every threshold."""
    scores, truth = np.arange(n_ok + n_nok, dtype=float), np.arange(n_ok + n_nok) >= n_ok
    curve, rejected = operating_curve(scores, truth), 1 - 0.025 ** (1 / n_ok)
    low, high = bootstrap_interval(curve, best_f1, generator())
    assert (low, high) == (pytest.approx(2 * n_nok / (2 * n_nok + rejected * n_ok)), 1)
    low, high = bootstrap_interval(curve, average_precision, generator())
    assert 0 < low < high == 1
