"""Confidence intervals: against second sources, and do they cover."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from dlproc.measures.curve import average_precision, best_f1, fpr_at_recall, operating_curve, precision_at_recall_1
from dlproc.measures.intervals import auroc_interval, bootstrap_interval, proportion_interval
from dlproc.measures.roc import auroc


def generator(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def test_delong_by_the_definition():
    """The variance from the placement values, written as in the paper, with all pairs."""
    draw = generator(1)
    nok, ok = np.round(draw.normal(1, 1, 40), 1), np.round(draw.normal(0, 1, 60), 1)
    wins = (nok[:, None] > ok) + 0.5 * (nok[:, None] == ok)
    variance = wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 60
    half = norm.ppf(0.95) * np.sqrt(variance)
    low, high = auroc_interval(np.concatenate([nok, ok]), np.arange(100) < 40, 0.9)
    assert (low, high) == pytest.approx((wins.mean() - half, wins.mean() + half), abs=1e-12)


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


def test_intervals_of_auroc_cover_the_truth():
    """Of 400 tests of 40 + 40 images from two normal distributions, about 95 % hold the true area."""
    draw = generator(7)
    truth = np.arange(80) < 40
    true_area = norm.cdf(1 / np.sqrt(2))  # P(N(1, 1) > N(0, 1))
    covered = 0
    for _ in range(400):
        scores = draw.normal(truth * 1.0, 1)
        low, high = auroc_interval(scores, truth)
        assert low <= auroc(scores, truth) <= high
        covered += low <= true_area <= high
    assert 0.91 <= covered / 400 <= 0.985


@pytest.mark.parametrize(("n_ok", "n_nok"), [(2, 1), (10, 10), (100, 40)])
def test_classes_that_are_apart_do_not_make_certain(n_ok, n_nok):
    """By hand: nobody of n_ok was rejected, so up to u = 1 - 0.025^(1/n_ok) of all may be."""
    scores, truth = np.arange(n_ok + n_nok, dtype=float), np.arange(n_ok + n_nok) >= n_ok
    curve, rejected = operating_curve(scores, truth), 1 - 0.025 ** (1 / n_ok)
    low, high = bootstrap_interval(curve, precision_at_recall_1, generator())
    assert high == 1
    assert low == pytest.approx(n_nok / (n_nok + rejected * n_ok))
    low, high = bootstrap_interval(curve, partial(fpr_at_recall, recall=1.0), generator())
    assert (low, high) == (0, pytest.approx(rejected))
    for measure in (average_precision, best_f1):
        low, high = bootstrap_interval(curve, measure, generator())
        assert 0 < low < high == 1
