"""What all panels of an evaluation share: the data they read, axes, and empty axes that say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dlproc.display.figures import letters, plain, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

DEFAULT_FONT_SIZE = 10.0  # panels have the sizes of their tables at this one, and grow with it
MUTED = "#555555"


@dataclass(frozen=True)
class Evaluation:
    """What the panels read: arrays and numbers.

    Attributes
    ----------
    ok_scores, nok_scores : array (N,), (M,)
        Ascending; empty where there is no such image.
    ok_shares, nok_shares : array (N,), (M,)
        Share of the ok images with that score or more, of the nok images with that score or less.
    names : tuple of str
        The class names, ok before nok.
    thresholds : list of float
        Those that the histogram shows.
    threshold : float or None
        The one in use.
    matrix, relative_matrix : array (2, 2) or None
        Rows predicted, columns truth, for that threshold; counts, and shares of the column.
    pro_curve : mapping or None
        ``'false_positive_rate'``, ``'overlap'``.
    types : sequence of mapping
        As `TypeEvaluation` of `dlproc.schema.keys`.
    threshold_index : int
        Which of the types' recalls to show.
    numbers, undefined, intervals : mapping
        Measures, the reasons of those that are None, and confidence intervals.
    confidence : float
        Level of the intervals.
    """

    ok_scores: NDArray[np.float64]
    nok_scores: NDArray[np.float64]
    ok_shares: NDArray[np.float64]
    nok_shares: NDArray[np.float64]
    names: tuple[str, str] = ("ok", "nok")
    thresholds: Sequence[float] = ()
    threshold: float | None = None
    matrix: NDArray[np.float64] | None = None
    relative_matrix: NDArray[np.float64] | None = None
    pro_curve: Mapping[str, Any] | None = None
    types: Sequence[Mapping[str, Any]] = ()
    threshold_index: int = 0
    numbers: Mapping[str, Any] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    intervals: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.95


def titled_axes(panel: SubFigure, title: str, options: Mapping[str, Any]) -> Axes:
    """The one axes of a panel."""
    ax = panel.subplots()
    ax.set_title(title, **letters(options, 1.1))
    style_axes(ax, options)
    return ax


def style_axes(ax: Axes, options: Mapping[str, Any]) -> None:
    """No box, and numbers a little smaller than words."""
    ax.spines[["top", "right"]].set_visible(False)
    family, size = letters(options)["fontfamily"], options["font_size"]
    ax.tick_params(labelsize=0.9 * size, labelfontfamily=family, pad=0.4 * size)


def write_reason(ax: Axes, reason: str, options: Mapping[str, Any]) -> None:
    """An empty axis that says why it is empty."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, linestyle=(0, (3, 3)), color=MUTED, linewidth=0.8)
    text = plain(wrap(f"Undefined: {reason}", 2.0 * options["font_size"] / DEFAULT_FONT_SIZE, options))
    ax.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=ax.transAxes, **letters(options))


def missing_class(evaluation: Evaluation) -> str:
    """Why a curve of both classes is undefined."""
    missing = evaluation.names[int(len(evaluation.ok_scores) > 0)]
    return f"no {missing} image"


def legend_letters(options: Mapping[str, Any], scale: float = 1.0) -> dict[str, Any]:
    """The letters of `dlproc.display.figures.letters`, as a legend takes them."""
    return {"size": options["font_size"] * scale, "family": letters(options)["fontfamily"]}
