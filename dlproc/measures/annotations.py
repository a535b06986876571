"""How far the annotations of the pixels go, and what measures of pixels make of the rest.

Measures of pixels take a good image to have no anomalous pixel, unless an annotation says otherwise; a defective image
without annotation is left out of them, and one whose annotation is empty counts as good all over. So a set that is
annotated in part has other figures than the whole set would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class AnnotationCounts:
    """Counts of images by their annotation.

    Attributes
    ----------
    n_nok : int
        Defective images.
    n_annotated : int
        Of these, with an annotation.
    n_empty : int
        Of those, without an anomalous pixel.
    n_ok_anomalous : int
        Good images whose annotation has anomalous pixels.
    """

    n_nok: int = 0
    n_annotated: int = 0
    n_empty: int = 0
    n_ok_anomalous: int = 0

    def add(self, is_nok: bool, truth: NDArray[np.generic] | None) -> None:
        """Count one image; `truth` is its annotation, > 0 where anomalous, or None."""
        is_anomalous = truth is not None and bool((np.asarray(truth) > 0).any())
        self.n_nok += is_nok
        self.n_annotated += is_nok and truth is not None
        self.n_empty += is_nok and truth is not None and not is_anomalous
        self.n_ok_anomalous += not is_nok and is_anomalous


def annotation_remarks(counts: Mapping[str, Any]) -> list[str]:
    """What a reader of measures of pixels should know, a sentence each; `counts` as in `AnnotationCounts`.

    Examples
    --------
    >>> annotation_remarks({"n_nok": 10, "n_annotated": 5, "n_empty": 0, "n_ok_anomalous": 0})
    ['5 of 10 defective images have an annotation; measures of pixels leave out the others.']
    """
    remarks = []
    n_nok, n_annotated, n_empty = (counts[name] for name in ("n_nok", "n_annotated", "n_empty"))
    if 0 < n_annotated < n_nok:
        have = "has" if n_annotated == 1 else "have"
        text = f"{n_annotated} of {n_nok} defective images {have} an annotation"
        remarks.append(f"{text}; measures of pixels leave out the others.")
    if n_empty:
        are = "is" if n_empty == 1 else "are"
        text = f"{n_empty} of {n_annotated} annotations of defective images {are} empty at the model's size"
        remarks.append(f"{text}; measures of pixels take these images for good all over.")
    if counts["n_ok_anomalous"]:
        n = counts["n_ok_anomalous"]
        text = "1 good image has an annotation" if n == 1 else f"{n} good images have annotations"
        remarks.append(f"{text} with anomalous pixels; measures of pixels take them for defects.")
    return remarks
