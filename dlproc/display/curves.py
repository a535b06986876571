"""Panels of an evaluation that are curves: score histogram with its legend, ROC, precision-recall, overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.display.figures import NOK_COLOR, OK_COLOR, letters, plain
from dlproc.display.panels import (
    MUTED,
    Evaluation,
    legend_letters,
    missing_class,
    titled_axes,
    write_reason,
)
from dlproc.measures.confusion import is_at_least
from dlproc.measures.curve import OperatingCurve, average_precision, operating_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

_NOK_DASHES = (0, (4, 1.6))
_THRESHOLD_STYLES = ((0, (1, 1)), (0, (3, 1, 1, 1)), (0, (6, 2)))  # of thresholds that are drawn, but not in use
_N_NOTES = 3  # lines below a curve
_MARK: dict[str, Any] = {"marker": "o", "ls": "", "color": "black", "mfc": "white", "mew": 1.6, "ms": 6}


def draw_histogram(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Both curves over the score, the thresholds, and each image as a tick."""
    ax = titled_axes(panel, "Score histogram", options)
    low, high = _score_limits(evaluation, options)
    ok_x = np.concatenate([[min(low, 0.0)], evaluation.ok_scores, [high + 1]])
    ok_y = np.concatenate([[1], evaluation.ok_shares, [0]])
    nok_x = np.concatenate([[min(low, 0.0)], evaluation.nok_scores, [high + 1]])
    nok_y = np.concatenate([[0], evaluation.nok_shares, [1]])
    ok_style, nok_style = _class_lines()
    # A share of "x or more" holds from below up to x, a share of "x or less" from x upwards.
    if len(evaluation.ok_scores):
        ax.step(ok_x, ok_y, where="pre", **ok_style)
    if len(evaluation.nok_scores):
        ax.step(nok_x, nok_y, where="post", **nok_style)
    for threshold, style in _threshold_lines(evaluation):
        ax.axvline(threshold, ymin=0.125, **style)
    # Each image once more, as a tick below: two lanes.
    ax.vlines(evaluation.ok_scores, -0.06, -0.02, color=OK_COLOR, lw=0.8)
    ax.vlines(evaluation.nok_scores, -0.12, -0.08, color=NOK_COLOR, lw=0.8)
    ax.axhline(0, color="black", lw=0.6)
    ax.set(xlim=(low, high), ylim=(-0.14, 1.02), yticks=np.linspace(0, 1, 6))
    ax.set_xlabel("image score (each tick: one image)", **letters(options))
    ax.set_ylabel("share of images", **letters(options))


def draw_legend(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """What the lines of the histogram are."""
    from matplotlib.lines import Line2D

    ax = panel.subplots()
    ax.axis("off")
    handles, labels = [], []
    shares = ("that score so much or more", "that score so much or less")
    counts = (len(evaluation.ok_scores), len(evaluation.nok_scores))
    for name, count, style, share in zip(evaluation.names, counts, _class_lines(), shares, strict=True):
        if count:
            handles.append(Line2D([], [], **style))
            labels.append(f"{name} images (n = {count})\n{share}")
        else:
            handles.append(Line2D([], [], lw=0))
            labels.append(f"no {name} image")
    for threshold, style in _threshold_lines(evaluation):
        handles.append(Line2D([], [], **style))
        in_use = threshold == evaluation.threshold and len(_threshold_lines(evaluation)) > 1
        labels.append(f"threshold {threshold:.3f}" + (", in use" if in_use else ""))
    ax.legend(handles, [plain(label) for label in labels], loc="center left", bbox_to_anchor=(0, 0.5),
              frameon=False, prop=legend_letters(options), handlelength=2.6, labelspacing=0.8, borderpad=0)  # fmt: skip


def _class_lines() -> tuple[dict[str, Any], dict[str, Any]]:
    """Style of the lines of ok and of nok images."""
    return {"color": OK_COLOR, "lw": 1.8}, {"color": NOK_COLOR, "lw": 1.8, "ls": _NOK_DASHES}


def _threshold_lines(evaluation: Evaluation) -> list[tuple[float, dict[str, Any]]]:
    """The thresholds of the histogram, each with its style; the one in use is solid."""
    lines: list[tuple[float, dict[str, Any]]] = []
    n_others = 0
    for threshold in dict.fromkeys([*evaluation.thresholds, *_given(evaluation.threshold)]):
        if threshold == evaluation.threshold:
            lines.append((threshold, {"color": "black", "lw": 1.4}))
        else:
            style = _THRESHOLD_STYLES[n_others % len(_THRESHOLD_STYLES)]
            lines.append((threshold, {"color": MUTED, "lw": 1.2, "ls": style}))
            n_others += 1
    return lines


def _score_limits(evaluation: Evaluation, options: Mapping[str, Any]) -> tuple[float, float]:
    low, high = options["histogram_min"], options["histogram_max"]
    if high < 0:
        drawn = [1.0, *evaluation.ok_scores[-1:], *evaluation.nok_scores[-1:], *evaluation.thresholds]
        high = float(max(drawn))
    return low, high


def draw_roc(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Images rejected, nok against ok; undefined without one of the classes."""
    ax = titled_axes(panel, "ROC", options)
    ok, nok = evaluation.ok_scores, evaluation.nok_scores
    if not (len(ok) and len(nok)):
        write_reason(ax, missing_class(evaluation), options)
        return
    curve = _operating_curve(evaluation)
    false_alarms, found = np.append(0, curve.false_alarms) / len(ok), np.append(0, curve.found) / len(nok)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=":")
    ax.plot(false_alarms, found, color=OK_COLOR, lw=1.8, clip_on=False, zorder=3)
    if evaluation.threshold is not None:
        _mark(ax, *(float(is_at_least(scores, evaluation.threshold).mean()) for scores in (ok, nok)))
    names = evaluation.names
    _unit_square(ax, f"{names[0]} images rejected", f"{names[1]} images rejected", options)
    area = float(np.trapezoid(found, false_alarms))
    _write_notes(panel, [_number("AUROC", "image_auroc", area, evaluation)], evaluation.threshold, options)


def draw_precision_recall(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Precision against recall of the nok images; undefined without one."""
    ax = titled_axes(panel, "Precision and recall", options)
    ok, nok = evaluation.ok_scores, evaluation.nok_scores
    if not len(nok):
        write_reason(ax, missing_class(evaluation), options)
        return
    curve = _operating_curve(evaluation)
    recall, precision = curve.found / len(nok), curve.found / (curve.found + curve.false_alarms)
    ax.axhline(len(nok) / (len(ok) + len(nok)), color=MUTED, lw=0.8, ls=":")
    # A staircase, nothing is interpolated: up to a recall, precision is that of the threshold which reaches it.
    steps: dict[str, Any] = {"where": "pre", "color": OK_COLOR, "lw": 1.8, "zorder": 3, "clip_on": False}
    ax.step(np.append(0, recall), np.append(precision[:1], precision), **steps)
    marked = None
    if evaluation.threshold is not None:
        n_false, n_found = (int(is_at_least(scores, evaluation.threshold).sum()) for scores in (ok, nok))
        if n_false + n_found:  # with nothing rejected there is no precision
            marked = evaluation.threshold
            _mark(ax, n_found / len(nok), n_found / (n_false + n_found))
    _unit_square(ax, f"recall of {evaluation.names[1]}", f"precision of {evaluation.names[1]}", options)
    area = average_precision(curve)
    assert area is not None  # there is a nok image
    number = _number("average precision", "image_average_precision", float(area), evaluation)
    _write_notes(panel, [number], marked, options)


def draw_pro_curve(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Overlap with the defects against the false-positive rate of the pixels, up to 0.3."""
    ax = titled_axes(panel, "Per-region overlap", options)
    if evaluation.pro_curve is None:
        write_reason(ax, evaluation.undefined.get("au_pro", "not measured"), options)
        return
    rate, overlap = (np.asarray(evaluation.pro_curve[key], np.float64) for key in ("false_positive_rate", "overlap"))
    ax.plot(rate, overlap, color=OK_COLOR, lw=1.8, zorder=3)
    ax.axvline(0.05, color=MUTED, lw=0.8, ls=":")
    _unit_square(ax, "good pixels reported", "share of a defect found", options)
    ax.set(xlim=(0, 0.3), xticks=[0, 0.05, 0.1, 0.2, 0.3])
    limits = (("au_pro", "0.3"), ("au_pro_05", "0.05"))
    areas = [(limit, evaluation.numbers.get(key)) for key, limit in limits]
    notes = [f"AU-PRO to {limit}: {area:.3f}" for limit, area in areas if area is not None]
    _write_notes(panel, notes or ["mean over the defects"], None, options)


def _operating_curve(evaluation: Evaluation) -> OperatingCurve:
    scores = np.concatenate([evaluation.ok_scores, evaluation.nok_scores])
    return operating_curve(scores, np.arange(len(scores)) >= len(evaluation.ok_scores))


def _unit_square(ax: Axes, x_label: str, y_label: str, options: Mapping[str, Any]) -> None:
    ticks = np.linspace(0, 1, 6)
    ax.set(xlim=(0, 1), ylim=(0, 1.02), xticks=ticks, yticks=ticks)
    ax.set_box_aspect(1)
    ax.set_xlabel(plain(x_label), **letters(options))
    ax.set_ylabel(plain(y_label), **letters(options))


def _number(name: str, key: str, computed: float, evaluation: Evaluation) -> str:
    """The measure in words, as it was evaluated or else computed here, with its confidence interval if there is one."""
    value, interval = evaluation.numbers.get(key), evaluation.intervals.get(key)
    text = f"{name} {computed if value is None else value:.3f}"
    return text if interval is None else f"{text}\n{evaluation.confidence:.0%} CI {interval[0]:.3f}–{interval[1]:.3f}"


def _mark(ax: Axes, x: float, y: float) -> None:
    """The point of the curve that belongs to the threshold in use."""
    ax.plot(x, y, **_MARK, clip_on=False, zorder=4)


def _write_notes(panel: SubFigure, notes: Sequence[str], threshold: float | None, options: Mapping[str, Any]) -> None:
    """Lines below the axes, where no curve can be hidden by them."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=OK_COLOR, lw=1.8)] + [Line2D([], [], lw=0)] * (len(notes) - 1)
    labels = list(notes)
    if threshold is not None:
        handles.append(Line2D([], [], **_MARK))
        labels.append(f"threshold {threshold:.3f}")
    for _ in range(sum(label.count("\n") + 1 for label in labels), _N_NOTES):  # so that panels in a row align
        handles.append(Line2D([], [], lw=0))
        labels.append(" ")
    panel.legend(handles, labels, loc="outside lower center", frameon=False, prop=legend_letters(options, 0.9),
                 handlelength=1.4, borderpad=0, labelspacing=0.3)  # fmt: skip


def _given(value: float | None) -> list[float]:
    return [] if value is None else [value]
