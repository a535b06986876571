"""Where the thresholds in a model's ``'meta_data'`` are from, and what may still be said of them.

`compute_dl_anomaly_thresholds` writes two thresholds, as HALCON does, and beside them their origin: the method, what it
promises, and which values and which scores it belongs to. ``'meta_data'`` is a dictionary that every script may change.
So the origin is believed only while the value, the training and the parameters that scores depend on are the same:

======================================  ================================================================
stored                                  `ThresholdOrigin.method`, promise
======================================  ================================================================
the value that a method computed        the method, its promise
another value, or no origin             ``'set by hand'``, no promise
the value, but of another training      ``'set by hand'``, no promise
the value, of scores in another         the method and the precision, no promise: the scores differ a little
precision (a model was converted)
the value, of scores with another       refused (`changed_parameter`): these scores are other ones
``'standard_deviation_factor'``
======================================  ================================================================
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlproc.errors import DLModelError
from dlproc.schema.keys import OF_SCORES

SEGMENTATION, CLASSIFICATION = "anomaly_segmentation_threshold", "anomaly_classification_threshold"
THRESHOLDS = (SEGMENTATION, CLASSIFICATION)  # the keys of HALCON
PREFIX = "anomaly_threshold_"  # of all keys of the origin
BY_HAND = "set by hand"
KEPT = "kept from before images joined"
OF_PIXELS = "mean + 4 standard deviations of good images"
# The values that the origin belongs to, and the scores.
_VALUE_OF = {CLASSIFICATION: PREFIX + "value", SEGMENTATION: PREFIX + "value_of_pixels"}
_METHOD, _PROMISE, _IS_GUARANTEED = PREFIX + "method", PREFIX + "promise", PREFIX + "is_guaranteed"
_METHOD_OF_PIXELS = PREFIX + "method_of_pixels"
_TRAINING, _PRECISION = PREFIX + "training", PREFIX + "precision"


@dataclass(frozen=True)
class ThresholdOrigin:
    """Where the threshold of the image is from.

    Attributes
    ----------
    method : str
        Of `compute_dl_anomaly_thresholds`, `BY_HAND` or `KEPT`.
    promise : str
        What it promises for new images; empty where it promises nothing.
    is_guaranteed : bool
        Whether the promise is a guarantee.
    images : str
        "12 good and 8 defective images", where that is known.
    doubt : str
        Why what the method promised does not hold; empty where it does.
    """

    method: str
    promise: str = ""
    is_guaranteed: bool = False
    images: str = ""
    doubt: str = ""

    def words(self) -> str:
        """``'halcon'``, ``'set by hand'``, ``'halcon, from scores in float32'``."""
        return f"{self.method}, {self.doubt}" if self.doubt else self.method


def score_facts(parameters: Mapping[str, Any], training: Mapping[str, Any], precision: str) -> dict[str, str]:
    """All that the scores of a model depend on, as texts; what an origin is compared with."""
    fingerprints = np.asarray(training.get("image_fingerprints", ()), np.uint64)
    digest = hashlib.sha256(fingerprints.tobytes()).hexdigest()[:16]
    return {
        **{PREFIX + name: repr(parameters[name]) for name in OF_SCORES if name in parameters},
        _PRECISION: precision,
        _TRAINING: digest,
    }


def write_thresholds(
    meta_data: dict[str, str], thresholds: Mapping[str, float], facts: Mapping[str, str], origin: Mapping[str, str]
) -> None:
    """Put thresholds, by the names of `THRESHOLDS`, and their origin in the place of what is there; all else stays."""
    forget_thresholds(meta_data)
    values = {name: repr(value) for name, value in thresholds.items()}
    meta_data |= values
    meta_data |= {PREFIX + key: text for key, text in origin.items()}
    meta_data |= {_VALUE_OF[name]: text for name, text in values.items()}
    meta_data |= facts


def set_thresholds_by_hand(
    meta_data: dict[str, str], thresholds: Mapping[str, float], facts: Mapping[str, str]
) -> None:
    """Put one or both thresholds, by the names of `THRESHOLDS`, in the place of those that are there.

    The scores that a threshold of the image is for are noted with it. What is known of the other threshold stays.
    """
    meta_data |= {name: repr(float(value)) for name, value in thresholds.items()}
    known = without_stale_origin(meta_data, facts)
    known |= {_VALUE_OF[name]: meta_data[name] for name in thresholds} | {_TRAINING: facts[_TRAINING]}
    if SEGMENTATION in thresholds:
        known[_METHOD_OF_PIXELS] = BY_HAND
    if CLASSIFICATION in thresholds:
        known |= {_METHOD: BY_HAND, **facts}
    meta_data.clear()
    meta_data.update(known)


def forget_thresholds(meta_data: dict[str, str]) -> None:
    """Take thresholds, and what was promised of them, out of the meta data; everything else in it stays."""
    for key in [key for key in meta_data if key in THRESHOLDS or key.startswith(PREFIX)]:
        del meta_data[key]


def image_threshold_origin(meta_data: Mapping[str, str], facts: Mapping[str, str]) -> ThresholdOrigin | None:
    """Where the threshold of the image is from; None where there is none."""
    if CLASSIFICATION not in meta_data:
        return None
    if not _is_of(meta_data, CLASSIFICATION, facts):
        return ThresholdOrigin(BY_HAND)
    n_ok, n_nok = (meta_data.get(PREFIX + key) for key in ("n_ok", "n_nok"))
    images = f"{n_ok} good and {n_nok} defective images" if n_ok is not None and n_nok is not None else ""
    method, doubt = meta_data.get(_METHOD, BY_HAND), ""
    changed = changed_parameter(meta_data, facts)
    if changed is not None:
        doubt = f"for scores with another {changed[0]}"
    elif meta_data.get(_PRECISION) != facts[_PRECISION]:
        doubt = f"from scores in {meta_data.get(_PRECISION)}"
    if doubt:
        return ThresholdOrigin(method, images=images, doubt=doubt)
    is_guaranteed = meta_data.get(_IS_GUARANTEED) == "true"
    return ThresholdOrigin(method, meta_data.get(_PROMISE, ""), is_guaranteed, images)


def pixel_threshold_origin(meta_data: Mapping[str, str], facts: Mapping[str, str]) -> str | None:
    """Where the threshold of the pixels is from; None where there is none."""
    if SEGMENTATION not in meta_data:
        return None
    if not _is_of(meta_data, SEGMENTATION, facts):
        return BY_HAND
    return meta_data.get(_METHOD_OF_PIXELS, OF_PIXELS)


def changed_parameter(meta_data: Mapping[str, str], facts: Mapping[str, str]) -> tuple[str, str, str] | None:
    """A parameter of `OF_SCORES` that is another than the threshold is for: its name, value, former value."""
    if not _is_of(meta_data, CLASSIFICATION, facts):
        return None
    for name in OF_SCORES:
        value = facts.get(PREFIX + name)
        computed_with = meta_data.get(PREFIX + name, value)
        if value is not None and computed_with is not None and computed_with != value:
            return name, value, computed_with
    return None


def without_stale_origin(meta_data: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    """A copy without an origin that belongs to other values or to another training."""
    stale = {_VALUE_OF[SEGMENTATION], _METHOD_OF_PIXELS} if not _is_of(meta_data, SEGMENTATION, facts) else set()
    if not _is_of(meta_data, CLASSIFICATION, facts):
        kept = {_VALUE_OF[SEGMENTATION], _METHOD_OF_PIXELS, _TRAINING} - stale
        stale |= {key for key in meta_data if key.startswith(PREFIX) and key not in kept}
    return {key: text for key, text in meta_data.items() if key not in stale}


def stored_number(meta_data: Mapping[str, str], name: str, where: str, hint: str = "") -> float | None:
    """A threshold as a number; None where there is none.

    Raises
    ------
    DLModelError
        The text is no number from 0 (for the pixels: from 0 to 1).
    """
    text = meta_data.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise DLModelError(where, "a number as text", repr(text), hint) from None
    if not 0 <= value <= (1 if name == SEGMENTATION else math.inf) or math.isinf(value):
        expected = "a number from 0 to 1" if name == SEGMENTATION else "a number from 0"
        raise DLModelError(where, f"{expected} as text", repr(text), hint)
    return value


def _is_of(meta_data: Mapping[str, str], name: str, facts: Mapping[str, str]) -> bool:
    """Whether the origin belongs to the threshold that is stored, and to this training."""
    value = meta_data.get(name)
    if value is None or meta_data.get(_TRAINING) != facts[_TRAINING]:
        return False
    try:
        return float(value) == float(meta_data[_VALUE_OF[name]])
    except (KeyError, TypeError, ValueError):
        return False
