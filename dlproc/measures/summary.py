"""All measures of images, or of pixels, at once: values, confidence intervals, and why what is undefined is so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.measures.confusion import is_at_least
from dlproc.measures.curve import (
    OperatingCurve,
    average_precision,
    best_f1,
    best_f1_threshold,
    fpr_at_recall,
    operating_curve,
    precision_at_recall_1,
    zero_miss_threshold,
)
from dlproc.measures.intervals import (
    auroc_interval,
    bootstrap_interval,
    fpr_at_recall_interval,
    precision_at_recall_1_interval,
    proportion_interval,
)
from dlproc.measures.pixels import PixelMeasures
from dlproc.measures.roc import auroc

_OF_A_CURVE: dict[str, Callable[[OperatingCurve], NDArray[np.float64] | None]] = {
    "image_average_precision": average_precision,
    "image_best_f1": best_f1,
    "precision_at_recall_1": precision_at_recall_1,
}
_WITH_THRESHOLD = {
    "image_best_f1": ("image_best_f1_threshold", best_f1_threshold),
    "precision_at_recall_1": ("zero_miss_threshold", zero_miss_threshold),
}


@dataclass
class Summary:
    """Values by name of the measure; intervals of those that have one; reasons of those that are None."""

    values: dict[str, Any] = field(default_factory=dict)
    intervals: dict[str, Any] = field(default_factory=dict)
    undefined: dict[str, str] = field(default_factory=dict)

    def add(self, other: Summary) -> None:
        """Take in what another one holds."""
        self.values |= other.values
        self.intervals |= other.intervals
        self.undefined |= other.undefined


def image_measures(
    scores: NDArray[np.float64],
    is_anomalous: NDArray[np.bool_],
    names: Collection[str],
    recalls: Sequence[float],
    confidence: float,
    generator_for: Callable[[str], np.random.Generator],
) -> Summary:
    """Measure images.

    Parameters
    ----------
    scores : array (N,)
        Higher is more anomalous.
    is_anomalous : array (N,), bool
        The truth.
    names : collection of str
        Which of ``'image_auroc'``, ``'image_average_precision'``, ``'image_best_f1'``, ``'precision_at_recall_1'``,
        ``'fpr_at_recall'`` to measure; other names are left alone.
    recalls : sequence of float
        For ``'fpr_at_recall'``.
    confidence : float
        Level of the intervals.
    generator_for : callable
        Gives for the name of a measure the generator that draws its bootstrap samples, so that the interval of one
        measure does not depend on what else is measured.
    """
    curve = operating_curve(scores, is_anomalous)
    reason = reason_undefined(curve.n_ok, curve.n_nok, "image")
    summary = Summary()
    if "image_auroc" in names:
        _note(summary, "image_auroc", auroc(scores, is_anomalous), reason)
        if reason is None:
            _note_interval(summary, "image_auroc", auroc_interval(scores, is_anomalous, confidence))
    for name, measure in _OF_A_CURVE.items():
        if name in names:
            # Without a good image these would say 1, whatever the scores: nothing was there to be confused with.
            value = measure(curve) if reason is None else None
            _note(summary, name, None if value is None else float(value), reason)
            if name == "precision_at_recall_1":
                interval = precision_at_recall_1_interval(curve, confidence)
            else:
                interval = bootstrap_interval(curve, measure, generator_for(name), confidence)
            _note_interval(summary, name, interval)
            if name in _WITH_THRESHOLD:
                threshold_name, threshold_of = _WITH_THRESHOLD[name]
                _note(summary, threshold_name, threshold_of(curve) if reason is None else None, reason)
    if "fpr_at_recall" in names:
        rates = [fpr_at_recall(curve, recall) for recall in recalls]
        summary.values["fpr_at_recall"] = [None if rate is None else float(rate) for rate in rates]
        if reason is None:
            intervals = [fpr_at_recall_interval(curve, recall, confidence) for recall in recalls]
            summary.intervals["fpr_at_recall"] = [list(interval) for interval in intervals if interval]
        else:
            summary.undefined["fpr_at_recall"] = reason
    return summary


def type_measures(
    scores: NDArray[np.float64],
    is_anomalous: NDArray[np.bool_],
    types: Sequence[str],
    thresholds: Sequence[float],
    confidence: float,
) -> list[dict[str, Any]]:
    """For each kind of anomalous image, in alphabetical order: how well it is told from all good ones, and found.

    Returns
    -------
    list of dict
        ``anomaly_type``, ``n_images``, ``image_auroc``, ``image_auroc_interval``, and for each threshold ``recall`` and
        ``recall_interval``.
    """
    rows = []
    kinds = np.asarray(types)
    for kind in sorted({kind for kind, is_nok in zip(types, is_anomalous, strict=True) if is_nok}):
        is_kind = is_anomalous & (kinds == kind)
        chosen = is_kind | ~is_anomalous
        interval = auroc_interval(scores[chosen], is_kind[chosen], confidence)
        n_found = [int(np.count_nonzero(is_at_least(scores[is_kind], threshold))) for threshold in thresholds]
        n_images = int(np.count_nonzero(is_kind))
        rows.append(
            {
                "anomaly_type": kind,
                "n_images": n_images,
                "image_auroc": auroc(scores[chosen], is_kind[chosen]),
                "image_auroc_interval": None if interval is None else list(interval),
                "recall": [n / n_images for n in n_found],
                "recall_interval": [list(proportion_interval(n, n_images, confidence) or ()) for n in n_found],
            }
        )
    return rows


def pixel_measures(measured: PixelMeasures, names: Collection[str]) -> Summary:
    """Of what was measured of the pixels, that which is asked for: ``'pixel_auroc'``, ``'pixel_average_precision'``,
    ``'pixel_best_f1'`` with its threshold, ``'pixel_iou'``, ``'au_pro'`` with ``'au_pro_05'``.
    """
    reason = reason_undefined(measured.n_ok, measured.n_nok, "pixel")
    if measured.n_nok == 0 and measured.n_ok:
        reason = "no anomalous pixel is annotated"
    values = {
        "pixel_auroc": {"pixel_auroc": measured.auroc},
        "pixel_average_precision": {"pixel_average_precision": measured.average_precision},
        "pixel_best_f1": {
            "pixel_best_f1": measured.best_f1,
            "pixel_best_f1_threshold": measured.best_f1_threshold,
        },
        "pixel_iou": {"pixel_iou": measured.iou},
        "au_pro": {"au_pro": measured.au_pro[0], "au_pro_05": measured.au_pro[1]},
    }
    summary = Summary()
    for name in [name for name in values if name in names]:
        for key, value in values[name].items():
            _note(summary, key, value, reason or "no segmentation threshold")
    return summary


def reason_undefined(n_ok: int, n_nok: int, unit: str) -> str | None:
    """Why a measure of two classes is undefined; None where it is defined.

    Examples
    --------
    >>> reason_undefined(3, 0, "image")
    'no anomalous image'
    """
    if n_nok == 0:
        return f"no anomalous {unit}" if n_ok else f"no {unit}"
    return f"no good {unit}" if n_ok == 0 else None


def _note(summary: Summary, name: str, value: float | None, reason: str | None) -> None:
    summary.values[name] = value
    if value is None:
        assert reason is not None
        summary.undefined[name] = reason


def _note_interval(summary: Summary, name: str, interval: tuple[float, float] | None) -> None:
    if interval is not None:
        summary.intervals[name] = list(interval)
