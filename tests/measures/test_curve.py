"""Measures of images against scikit-learn and hand calculation."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from dlproc.measures.curve import (
    average_precision,
    best_f1,
    best_f1_threshold,
    fpr_at_recall,
    operating_curve,
    precision_at_recall_1,
    zero_miss_threshold,
)
from dlproc.measures.summary import image_measures, type_measures


def draw(n_images, digits, seed=3):
    generator = np.random.Generator(np.random.PCG64(seed))
    truth = generator.random(n_images) < 0.3
    return np.round(generator.normal(truth * 1.2, 1), digits), truth  # few digits: many ties


@pytest.mark.parametrize(("n_images", "digits"), [(30, 1), (500, 1), (500, 8), (20_000, 3)])
def test_agree_with_scikit_learn(n_images, digits):
    scores, truth = draw(n_images, digits)
    curve = operating_curve(scores, truth)
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    false_positive_rate, true_positive_rate, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert average_precision(curve) == pytest.approx(average_precision_score(truth, scores), abs=1e-9)
    assert best_f1(curve) == pytest.approx(f1.max(), abs=1e-9)
    assert best_f1_threshold(curve) == pytest.approx(thresholds[np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]])
    assert precision_at_recall_1(curve) == pytest.approx(precision[recall == 1].max(), abs=1e-9)
    assert zero_miss_threshold(curve) == scores[truth].min()
    for wanted in (0.5, 0.9, 0.95, 0.99, 1.0):
        expected = false_positive_rate[np.argmax(true_positive_rate >= wanted - 1e-12)]
        assert fpr_at_recall(curve, wanted) == pytest.approx(expected, abs=1e-9)


def test_a_recall_that_rounding_would_miss():
    """0.1 + 0.2 of ten images are three, although 0.1 + 0.2 > 0.3 in binary."""
    scores, truth = np.arange(20, 0, -1.0), np.arange(20) % 2 == 0
    assert fpr_at_recall(operating_curve(scores, truth), 0.1 + 0.2) == 0.2


def test_one_class_is_none_with_the_reason():
    names = ["image_auroc", "image_average_precision", "image_best_f1", "precision_at_recall_1", "fpr_at_recall"]

    def generator(_):
        return np.random.Generator(np.random.PCG64(0))

    for is_nok, reason in ((False, "no anomalous image"), (True, "no good image")):
        summary = image_measures(np.array([0.1, 0.2]), np.full(2, is_nok), names, [1.0], 0.95, generator)
        assert summary.values.pop("fpr_at_recall") == [None]
        assert set(summary.values.values()) == {None}
        assert set(summary.undefined.values()) == {reason}
        assert set(summary.undefined) == {*summary.values, "fpr_at_recall"}
        assert summary.intervals == {}


def test_types_by_hand():
    scores = np.array([0.1, 0.2, 0.3, 0.9, 0.15, 0.8])
    truth = np.array([False, False, False, True, True, True])
    rows = type_measures(scores, truth, ["", "", "", "crack", "stain", "crack"], [0.5, 0.1], 0.95)
    assert [(r["anomaly_type"], r["n_images"], r["image_auroc"], r["recall"]) for r in rows] == [
        ("crack", 2, 1.0, [1.0, 1.0]),
        ("stain", 1, 1 / 3, [0.0, 1.0]),
    ]
    low, high = rows[1]["image_auroc_interval"]  # of one image nearly everything is possible
    assert low < 0.1 and high > 0.8
    assert rows[1]["recall_interval"][0] == pytest.approx([0.0, 0.975])  # 1 - 0.025, by hand
