"""Measures against scikit-learn, SciPy and hand calculation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import confusion_matrix as sklearn_confusion
from sklearn.metrics import roc_auc_score

from dlproc.measures.confusion import confusion_matrix, is_at_least, mean_of_defined, precision, recall, relative
from dlproc.measures.histogram import anomaly_score_histogram
from dlproc.measures.roc import auroc
from dlproc.measures.thresholds import classification_thresholds, segmentation_threshold, with_room


@pytest.fixture
def drawn():
    generator = np.random.Generator(np.random.PCG64(3))
    truth = generator.random(500) < 0.3
    scores = np.round(generator.random(500) * 0.6 + truth * 0.3, 2)  # rounded: many ties
    return scores, truth


def test_auroc_agrees_with_scikit_learn(drawn):
    scores, truth = drawn
    assert auroc(scores, truth) == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


def test_auroc_is_the_mann_whitney_statistic(drawn):
    scores, truth = drawn
    statistic = mannwhitneyu(scores[truth], scores[~truth]).statistic
    assert auroc(scores, truth) == pytest.approx(statistic / (truth.sum() * (~truth).sum()), abs=1e-12)


@pytest.mark.parametrize("truth", [np.zeros(4, bool), np.ones(4, bool), np.zeros(0, bool)])
def test_auroc_of_one_class_is_none(truth):
    assert auroc(np.linspace(0, 1, len(truth)), truth) is None


def test_auroc_refuses_nan():
    with pytest.raises(ValueError, match="scores must be finite"):
        auroc(np.array([0.1, np.nan]), np.array([True, False]))


def test_confusion_matrix_is_scikit_learns_transposed(drawn):
    scores, truth = drawn
    expected = sklearn_confusion(truth, is_at_least(scores, 0.5)).T  # scikit-learn has the truth in rows
    np.testing.assert_array_equal(confusion_matrix(scores, truth, 0.5), expected)


def test_precision_and_recall_by_hand():
    matrix = np.array([[8.0, 1.0], [2.0, 4.0]])  # rows: predicted ok, nok
    assert precision(matrix) == [8 / 9, 4 / 6]
    assert recall(matrix) == [8 / 10, 4 / 5]
    np.testing.assert_allclose(relative(matrix), [[0.8, 0.2], [0.2, 0.8]])


def test_undefined_is_minus_one_and_never_predicted_is_zero():
    only_ok = np.array([[5.0, 0.0], [0.0, 0.0]])
    assert precision(only_ok) == [1.0, -1.0]
    assert recall(only_ok) == [1.0, -1.0]
    assert mean_of_defined(precision(only_ok)) == 1.0
    nothing_predicted_nok = np.array([[5.0, 3.0], [0.0, 0.0]])
    assert precision(nothing_predicted_nok) == [5 / 8, 0.0]
    assert mean_of_defined([-1.0, -1.0]) == -1.0


def test_equality_is_anomalous_also_for_a_float64_threshold():
    score = float(np.float32(0.7))
    assert bool(np.float32(0.7) >= np.float64(0.7)) is False  # the trap
    assert is_at_least(np.float32([0.7]), np.float64(0.7)).all()
    assert is_at_least(score, 0.7)


def test_histogram_by_hand():
    histogram = anomaly_score_histogram(np.array([0.4, 0.1, 0.2]), np.array([0.9, 0.3]))
    assert histogram == {
        "ok_x": [0.1, 0.2, 0.4],
        "ok_y": [1.0, 2 / 3, 1 / 3],
        "nok_x": [0.3, 0.9],
        "nok_y": [0.5, 1.0],
    }


def test_segmentation_threshold_is_mean_plus_four_sample_deviations():
    pixels = [np.float32([0.1, 0.2]), np.float32([0.3])]
    assert segmentation_threshold(pixels) == pytest.approx(
        0.2 + 4 * 0.1, abs=1e-6
    )  # s of 0.1, 0.2, 0.3 is 0.1, by hand
    assert segmentation_threshold([np.float32([0.0, 1.0])]) == 1.0


def test_classification_thresholds_of_separate_classes():
    above_ok, at_nok, between = classification_thresholds(np.array([0.1, 0.25]), np.array([0.75, 0.5]))
    assert above_ok == np.nextafter(np.float32(0.25), np.float32(1))
    assert (at_nok, between) == (0.5, 0.375)
    assert not is_at_least(0.25, above_ok)


def test_classification_thresholds_of_mixed_classes_by_hand():
    # pooled: ok .1 .2 .6, nok .3 .7 .8. FPR + FNR after each: 2/3, 1/3, 1/3 + 1/3, 0 + 1/3, ... : the first least is .2,
    # and the rule never goes below the lowest nok, .3.
    thresholds = classification_thresholds(np.array([0.1, 0.2, 0.6]), np.array([0.3, 0.7, 0.8]))
    assert thresholds[1:] == [0.3, 0.3]
    # pooled: ok .1 .4, nok .2 .5 .6 .7: 1/2, 1/2 + 1/4, 0 + 1/4, ... : the least is at .4.
    assert classification_thresholds(np.array([0.1, 0.4]), np.array([0.2, 0.5, 0.6, 0.7]))[2] == 0.4


def test_without_nok_there_is_one_threshold():
    assert len(classification_thresholds(np.array([0.1, 0.2]), np.array([]))) == 1


@given(
    st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9),
    st.one_of(st.floats(0, 1.5, width=32), st.integers(0, 8)),
)
def test_room_around_a_threshold_changes_no_decision_on_its_scores(scores, threshold):
    """An integer stands for one of the scores: the case that matters."""
    scores = np.array(scores, np.float64)
    given_threshold = float(scores[threshold % len(scores)]) if isinstance(threshold, int) else threshold
    moved = with_room(given_threshold, scores)
    assert np.array_equal(is_at_least(scores, moved), is_at_least(scores, given_threshold))
    assert abs(moved - given_threshold) < 1.1e-6
    gaps = np.diff(np.unique(scores))
    if not gaps.size or gaps.min() > 4e-6:
        assert np.abs(scores - moved).min() > 5e-7
