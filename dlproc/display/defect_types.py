"""The panel of an evaluation that has a row for each kind of defect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.display.figures import OK_COLOR, letters, plain, shorten, text_inches, wrap
from dlproc.display.panels import (
    DEFAULT_FONT_SIZE,
    MUTED,
    Evaluation,
    style_axes,
    titled_axes,
    write_reason,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

_LONGEST_NAME = 2.4  # inches, of the name of a kind of defect in each of two lines


def draw_types(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Recall as bars and AUROC as points, the worst kind on top, each with its confidence interval."""
    if not evaluation.types:
        write_reason(titled_axes(panel, "Kinds of defect", options), f"no {evaluation.names[1]} image", options)
        return
    panel.suptitle("Kinds of defect", **letters(options, 1.1))
    index = evaluation.threshold_index
    has_recall = evaluation.threshold is not None and all(len(t.get("recall", [])) > index for t in evaluation.types)
    types = list(evaluation.types)
    types.sort(key=lambda t: (t["recall"][index] if has_recall else 0, _or_last(t["image_auroc"])))
    axes = panel.subplots(1, 1 + has_recall, sharey=True, squeeze=False)[0]
    for ax in axes:
        style_axes(ax, options)
        ax.set(xlim=(0, 1), ylim=(len(types) - 0.4, -0.6), xticks=np.linspace(0, 1, 6))
        ax.grid(axis="x", color="#dddddd", lw=0.6)
        ax.set_axisbelow(True)
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(types)), [plain(type_label(t, options)) for t in types])
    if has_recall:
        axes[0].set_xlabel(f"recall at threshold {evaluation.threshold:.3f}", **letters(options))
        _draw_recalls(axes[0], types, index, options)
    is_undefined = all(t["image_auroc"] is None for t in types)
    against = f"AUROC against all {evaluation.names[0]} images"
    axes[-1].set_xlabel("AUROC: undefined" if is_undefined else against, **letters(options))
    _draw_aurocs(axes[-1], types, options)


def type_label(described: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """The name in at most two lines, and how many images."""
    count = f" (n = {described['n_images']})"
    width = _LONGEST_NAME * options["font_size"] / DEFAULT_FONT_SIZE - text_inches(count, options)
    lines = wrap(str(described["anomaly_type"]).replace("_", " "), width, options).split("\n")
    if len(lines) > 2:
        lines[1] = shorten(" ".join(lines[1:]) + " ………", width, options)  # too long for certain
    return "\n".join(lines[:2]) + count


def _draw_recalls(ax: Axes, types: Sequence[Mapping[str, Any]], index: int, options: Mapping[str, Any]) -> None:
    recalls = [described["recall"][index] for described in types]
    ax.barh(range(len(types)), recalls, height=0.62, color="#9db8de", edgecolor=OK_COLOR, lw=0.8)
    for position, (recall, described) in enumerate(zip(recalls, types, strict=True)):
        intervals = described.get("recall_interval") or []
        _whisker(ax, position, intervals[index] if len(intervals) > index else None)
        _write_value(ax, position, f"{recall:.2f}", options)


def _draw_aurocs(ax: Axes, types: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> None:
    ax.axvline(0.5, color=MUTED, lw=0.8, ls=":", zorder=0)
    for position, described in enumerate(types):
        value = described["image_auroc"]
        _whisker(ax, position, described.get("image_auroc_interval"))
        if value is not None:
            ax.plot(value, position, "D", color="white", mec="black", mew=1.4, ms=6, clip_on=False, zorder=4)
        _write_value(ax, position, "–" if value is None else f"{value:.2f}", options)


def _whisker(ax: Axes, position: int, interval: Sequence[float] | None) -> None:
    if interval is not None:
        ax.plot(interval, [position, position], "|-", color="black", lw=1.2, ms=6, mew=1.2, clip_on=False, zorder=3)


def _write_value(ax: Axes, position: int, text: str, options: Mapping[str, Any]) -> None:
    """The number beside the axes, where no bar can cover it."""
    at_the_edge: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    ax.annotate(text, (1, position), (7, 0), **at_the_edge, **letters(options, 0.9))


def _or_last(value: float | None) -> float:
    return np.inf if value is None else value
