"""Panels of an evaluation that count decisions: confusion matrices and pies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dlproc.display.figures import NOK_COLOR, OK_COLOR, letters, plain, shorten
from dlproc.display.panels import (
    MUTED,
    Evaluation,
    legend_letters,
    titled_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

_HATCH = "////"


def draw_absolute_matrix(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Counts."""
    _draw_matrix(panel, evaluation.matrix, "Confusion matrix", "{:.0f}", evaluation, options)


def draw_relative_matrix(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Shares of the images that are ok, and that are nok."""
    _draw_matrix(panel, evaluation.relative_matrix, "Share of the true class", "{:.1%}", evaluation, options)


def _draw_matrix(
    panel: SubFigure,
    matrix: NDArray[np.float64] | None,
    title: str,
    form: str,
    evaluation: Evaluation,
    options: Mapping[str, Any],
) -> None:
    assert matrix is not None  # the procedure saw to it
    from matplotlib.colors import LinearSegmentedColormap

    ax = titled_axes(panel, f"{title}, threshold {evaluation.threshold:.3f}", options)
    n_true = np.array([len(evaluation.ok_scores), len(evaluation.nok_scores)])
    shares = matrix / np.maximum(matrix.sum(axis=0, keepdims=True), 1e-12)
    shades = LinearSegmentedColormap.from_list("", ["#ffffff", OK_COLOR])
    shown = shares if options["display_matrix_color"] else np.zeros((2, 2))
    ax.imshow(shown, cmap=shades, vmin=0, vmax=1)
    words = (("accepted", "missed"), ("false alarms", "found"))
    for row in (0, 1):
        for column in (0, 1):
            color = "white" if shown[row, column] > 0.5 else "black"
            text = form.format(matrix[row, column]) if n_true[column] else "–"
            ax.text(column, row - 0.06, text, ha="center", va="center", color=color, **letters(options, 1.5))
            ax.text(
                column, row + 0.28, words[row][column], ha="center", va="center", color=color, **letters(options, 0.85)
            )
    ax.set_aspect(1.0 if options["display_column_width"] == "equal" else 1.6)
    ax.axhline(0.5, color="black", lw=0.6)
    ax.axvline(0.5, color="black", lw=0.6)
    for spine in ax.spines.values():
        spine.set_visible(True)
    names = [plain(shorten(name, 0.8, options)) for name in evaluation.names]
    ax.set_xticks([0, 1], names)
    ax.set_yticks([0, 1], names, rotation=90, va="center")
    ax.tick_params(length=0, labelcolor=options["row_col_names_color"])
    ax.set_xlabel("truth", color=options["row_col_names_color"], **letters(options))
    ax.set_ylabel("predicted", color=options["row_col_names_color"], **letters(options))


def draw_precision_pies(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Of the images predicted ok, and predicted nok, how many are."""
    assert evaluation.matrix is not None
    _draw_pies(panel, "Precision", "predicted {}", "are {}", evaluation.matrix, evaluation, options)


def draw_recall_pies(panel: SubFigure, evaluation: Evaluation, options: Mapping[str, Any]) -> None:
    """Of the images that are ok, and nok, how many are predicted so."""
    assert evaluation.matrix is not None
    _draw_pies(panel, "Recall", "{} images", "predicted {}", evaluation.matrix.T, evaluation, options)


def _draw_pies(
    panel: SubFigure,
    title: str,
    whole: str,
    part: str,
    counts: NDArray[np.float64],
    evaluation: Evaluation,
    options: Mapping[str, Any],
) -> None:
    """One pie for each row of the counts; the wedges are the columns, ok blue and plain, nok orange-red and hatched."""
    from matplotlib.patches import Patch

    panel.suptitle(f"{title}, threshold {evaluation.threshold:.3f}", **letters(options, 1.1))
    edge: dict[str, Any] = {"edgecolor": "white", "linewidth": 1.0}
    styles = [{"facecolor": OK_COLOR, **edge}, {"facecolor": NOK_COLOR, "hatch": _HATCH, **edge}]
    for index, ax in enumerate(panel.subplots(1, 2)):
        total = counts[index].sum()
        lines = [whole.format(evaluation.names[index]) + f": {total:.0f}"]
        for n, name in zip(counts[index], evaluation.names, strict=True):
            lines.append(f"{part.format(name)}: {n:.0f}" + (f" ({n / total:.1%})" if total else ""))
        if total:
            drawn = np.flatnonzero(counts[index])
            wedges, *_ = ax.pie(counts[index][drawn], startangle=90, counterclock=False, radius=1.0)
            for wedge, number in zip(wedges, drawn, strict=True):
                wedge.set(**styles[number])
        else:
            ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xticks=[], yticks=[])
            ax.axis("off")
            ax.text(0, 0, "none", ha="center", va="center", color=MUTED, **letters(options))
        ax.set_title(plain(lines[0]), **letters(options))
        # A line of words for each wedge, with a patch of its style, can be read however thin the wedge is.
        patches = [Patch(**style) for style in styles]
        ax.legend(patches, [plain(line) for line in lines[1:]], loc="upper center", bbox_to_anchor=(0.5, 0.02),
                  frameon=False, prop=legend_letters(options, 0.9), handlelength=1.4, borderpad=0)  # fmt: skip
