"""Panels of an evaluation: score histogram, matrices, pies, ROC, precision-recall, per-region overlap, kinds of defect.

Scales are fixed (0 to 1), so that two figures can be laid beside each other. What belongs to good images is blue, solid
and plain; what belongs to anomalous ones is orange-red, dashed and hatched: the colours are HALCON's, the rest is for
the colour-blind and for grey print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlproc.display.curves import draw_histogram, draw_legend, draw_precision_recall, draw_pro_curve, draw_roc
from dlproc.display.defect_types import draw_types, type_label
from dlproc.display.figures import shorten
from dlproc.display.matrices import draw_absolute_matrix, draw_precision_pies, draw_recall_pies, draw_relative_matrix
from dlproc.display.panels import DEFAULT_FONT_SIZE, Evaluation

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

_ROW_INCHES = 9.7  # panels side by side are together not wider, at the default font size
_LONGEST_CLASS = 0.8  # inches, of the name of a class, likewise


def draw_evaluation(figure: Figure, modes: Sequence[str], evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """One panel for each mode, in rows as wide as a page."""
    scale = options["font_size"] / DEFAULT_FONT_SIZE
    ok_name, nok_name = (shorten(name, _LONGEST_CLASS * scale, options) for name in evaluation.names)
    evaluation = replace(evaluation, names=(ok_name, nok_name))
    rows: list[list[str]] = [[]]
    for mode in modes:
        if rows[-1] and sum(_PANELS[m][1] for m in rows[-1]) + _PANELS[mode][1] > _ROW_INCHES:
            rows.append([])
        rows[-1].append(mode)
    widths = [[_PANELS[mode][1] for mode in row] for row in rows]
    heights = [max(_panel_inches(mode, evaluation, options) for mode in row) for row in rows]
    figure.set_size_inches(scale * max(map(sum, widths)), scale * sum(heights))
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
    subfigures = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for row, row_widths, of_row in zip(rows, widths, subfigures, strict=True):
        panels = of_row.subfigures(1, len(row), width_ratios=row_widths, squeeze=False)[0]
        for mode, panel in zip(row, panels, strict=True):
            _PANELS[mode][0](panel, evaluation, options)


def _panel_inches(mode: str, evaluation: Evaluation, options: Mapping[str, Any]) -> float:
    """Height of a panel at the default font size; that of the kinds of defect grows with their number."""
    if mode in ("roc", "precision_recall", "pro_curve"):
        return 4.0
    if mode != "anomaly_types":
        return 3.3
    n_lines = sum(type_label(described, options).count("\n") + 1 for described in evaluation.types)
    return 1.2 + max(2, len(evaluation.types)) * 0.18 + n_lines * 0.16


_Panel = Callable[["SubFigure", Evaluation, Mapping[str, Any]], None]
# For each display mode what draws it, and its width in inches at the default font size.
_PANELS: dict[str, tuple[_Panel, float]] = {
    "score_histogram": (draw_histogram, 5.8),
    "score_legend": (draw_legend, 3.4),
    "absolute_confusion_matrix": (draw_absolute_matrix, 3.2),
    "relative_confusion_matrix": (draw_relative_matrix, 3.2),
    "pie_charts_precision": (draw_precision_pies, 4.8),
    "pie_charts_recall": (draw_recall_pies, 4.8),
    "roc": (draw_roc, 3.2),
    "precision_recall": (draw_precision_recall, 3.2),
    "pro_curve": (draw_pro_curve, 3.2),
    "anomaly_types": (draw_types, 9.2),
}
