"""The procedure `gen_confusion_matrix`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlproc.display.windows import window_of
from dlproc.display.writing import disp_text
from dlproc.errors import DLParamError
from dlproc.measures.confusion import relative
from dlproc.schema.check import check_options
from dlproc.schema.keys import ConfusionGenParam
from dlproc.schema.kinds import as_list, describe, is_given
from dlproc.tuples.matrices import Matrix


def gen_confusion_matrix(
    ground_truth_labels: Any,
    predicted_classes: Any,
    gen_param_name: str | Sequence[str] | None = None,
    gen_param_value: Any = None,
    window_handle: Any = None,
) -> Matrix:
    """Count how often each class was taken for each class, and write the counts in a window.

    Parameters
    ----------
    ground_truth_labels, predicted_classes : list of int, or list of str
        What each image is, and what it was taken for: one of both for each image.
    gen_param_name, gen_param_value : list of the same length, optional
        ``'display_matrix'`` : 'absolute' (default), 'relative', or 'none': not written in a window.
        ``'return_matrix'`` : 'absolute' (default) or 'relative': shares of the column.
        Understood, without effect: ``'display_color'``, ``'display_column_width'``, ``'class_to_use'``.
    window_handle : Window, optional
        What the counts are written in; not given: nowhere.

    Returns
    -------
    Matrix
        float64, a row for each class that was predicted, a column for each class that is true; the classes are all that
        occur, sorted. `get_value_matrix` and the like read it.

    Raises
    ------
    DLParamError
        No labels; more of one than of the other; numbers and texts mixed; an unknown option; no open window.

    Notes
    -----
    Rows and columns are as in the matrices of `evaluate_dl_model`. Which names HALCON's parameters have is taken from
    programs that use them.

    Examples
    --------
    >>> import dlproc as dl
    >>> matrix = dl.gen_confusion_matrix(["ok", "nok", "nok"], ["ok", "nok", "ok"])
    >>> dl.get_full_matrix(matrix)  # rows predicted nok, ok; columns truly nok, ok
    [1.0, 0.0, 1.0, 1.0]
    """
    # 1. Check the arguments.
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_value", f"{len(names)} values, one for each name", f"{len(values)}")
    options = check_options(dict(zip(map(str, names), values, strict=True)), ConfusionGenParam, "gen_param")
    truth, predicted = (
        _labels(ground_truth_labels, "ground_truth_labels"),
        _labels(predicted_classes, "predicted_classes"),
    )
    if len(truth) != len(predicted):
        raise DLParamError("predicted_classes", f"{len(truth)} labels, one for each image", f"{len(predicted)}")
    if isinstance(truth[0], str) != isinstance(predicted[0], str):
        expected = "texts" if isinstance(truth[0], str) else "numbers"
        raise DLParamError("predicted_classes", f"{expected}, as in ground_truth_labels", describe(predicted[0]))
    is_shown = is_given(window_handle) and options["display_matrix"] != "none"
    window = window_of(window_handle) if is_shown else None

    # 2. Count.
    classes = sorted({*truth, *predicted})
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, ([classes.index(one) for one in predicted], [classes.index(one) for one in truth]), 1)

    # 3. Write them, and return what is asked for.
    if window is not None:
        shown = relative(counts) if options["display_matrix"] == "relative" else counts
        disp_text(window, _table(shown, classes, options["display_matrix"] == "relative"), "window", 12, 12, "black")
    return (relative(counts) if options["return_matrix"] == "relative" else counts).view(Matrix)


def _labels(given: Any, where: str) -> list[Any]:
    labels = [one.item() if isinstance(one, np.generic) else one for one in as_list(given)]
    if not labels:
        raise DLParamError(where, "a label at least", "none")
    kind = str if isinstance(labels[0], str) else int
    for place, label in enumerate(labels):
        if not isinstance(label, kind) or isinstance(label, bool):
            raise DLParamError(f"{where}[{place}]", "numbers, or texts", describe(label))
    return labels


def _table(counts: Any, classes: list[Any], is_relative: bool) -> list[str]:
    """Lines of text: rows predicted, columns true."""
    cells = [["predicted \\ true", *map(str, classes)]]
    for name, row in zip(classes, counts, strict=True):
        cells.append([str(name), *(f"{number:.1%}" if is_relative else f"{number:.0f}" for number in row)])
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
