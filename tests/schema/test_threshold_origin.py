"""Where a threshold is from, believed only while it is the same threshold of the same scores."""

import numpy as np
import pytest

import dlproc as dl
from dlproc.schema import threshold_origin as origin
from dlproc.schema.threshold_origin import CLASSIFICATION, SEGMENTATION, ThresholdOrigin

PROMISE = "At most 5 % of new good images are rejected."
PARAMETERS = {"standard_deviation_factor": 3.0}
TRAINING = {"image_fingerprints": np.array([1, 2, 3], np.uint64)}
FACTS = origin.score_facts(PARAMETERS, TRAINING, "float32")
COMPUTED = ThresholdOrigin("conformal", PROMISE, True, "80 good and 0 defective images")


def stored():
    meta_data = {"line": "3"}
    of_method = {"method": "conformal", "promise": PROMISE, "is_guaranteed": "true", "n_ok": "80", "n_nok": "0"}
    origin.write_thresholds(meta_data, {SEGMENTATION: 0.25, CLASSIFICATION: 0.5}, FACTS, of_method)
    return meta_data


def facts(parameters=PARAMETERS, training=TRAINING, precision="float32"):
    return origin.score_facts(parameters, training, precision)


BY_HAND = ThresholdOrigin("set by hand")
CASES = [  # what is changed in the meta data, what the model is now, where the threshold of the image is from
    ({}, FACTS, COMPUTED),
    ({CLASSIFICATION: "0.50"}, FACTS, COMPUTED),  # the same number
    ({CLASSIFICATION: "0.5001"}, FACTS, BY_HAND),
    ({CLASSIFICATION: "high"}, FACTS, BY_HAND),
    ({"anomaly_threshold_value": None}, FACTS, BY_HAND),
    ({SEGMENTATION: "0.3"}, FACTS, COMPUTED),
    ({CLASSIFICATION: None}, FACTS, None),
    ({}, facts(training={"image_fingerprints": np.array([1, 2, 4], np.uint64)}), BY_HAND),  # of another model
    ({}, facts(training={}), BY_HAND),
    ({}, facts(precision="int8"),
     ThresholdOrigin("conformal", images=COMPUTED.images, doubt="from scores in float32")),
    ({}, facts({"standard_deviation_factor": 4.0}),
     ThresholdOrigin("conformal", images=COMPUTED.images, doubt="for scores with another standard_deviation_factor")),
]  # fmt: skip


def changed(changes):
    meta_data = {**stored(), **{key: text for key, text in changes.items() if text is not None}}
    return {key: text for key, text in meta_data.items() if changes.get(key, "") is not None}


@pytest.mark.parametrize(("changes", "now", "expected"), CASES)
def test_of_the_image(changes, now, expected):
    meta_data = changed(changes)
    assert origin.image_threshold_origin(meta_data, now) == expected
    # What a file gets says the same, and promises nothing for a value that somebody else chose.
    written = origin.without_stale_origin(meta_data, now)
    assert origin.image_threshold_origin(written, now) == expected
    is_by_hand = expected is None or expected == BY_HAND
    assert ("anomaly_threshold_promise" in written) == (not is_by_hand)
    assert ("anomaly_threshold_n_ok" in written) == (not is_by_hand)
    assert written["line"] == "3"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "mean + 4 standard deviations of good images"),
        ({CLASSIFICATION: "0.6"}, "mean + 4 standard deviations of good images"),
        ({SEGMENTATION: "0.3"}, "set by hand"),
        ({SEGMENTATION: None}, None),
    ],
)
def test_of_the_pixels(changes, expected):
    meta_data = changed(changes)
    assert origin.pixel_threshold_origin(meta_data, FACTS) == expected
    assert origin.pixel_threshold_origin(origin.without_stale_origin(meta_data, FACTS), FACTS) == expected


def test_words():
    assert COMPUTED.words() == "conformal"
    assert BY_HAND.words() == "set by hand"
    assert ThresholdOrigin("halcon", doubt="from scores in float32").words() == "halcon, from scores in float32"


def test_set_by_hand():
    meta_data = stored()
    origin.set_thresholds_by_hand(meta_data, {SEGMENTATION: 0.3}, FACTS)
    assert origin.image_threshold_origin(meta_data, FACTS) == COMPUTED
    assert origin.pixel_threshold_origin(meta_data, FACTS) == "set by hand"

    origin.set_thresholds_by_hand(meta_data, {CLASSIFICATION: 0.4}, FACTS)
    assert meta_data == {
        "line": "3",
        SEGMENTATION: "0.3",
        CLASSIFICATION: "0.4",
        "anomaly_threshold_value": "0.4",
        "anomaly_threshold_value_of_pixels": "0.3",
        "anomaly_threshold_method": "set by hand",
        "anomaly_threshold_method_of_pixels": "set by hand",
        **FACTS,
    }
    # Set by hand for these scores: with another factor it is refused like any other.
    later = facts({"standard_deviation_factor": 4.0})
    assert origin.changed_parameter(meta_data, FACTS) is None
    assert origin.changed_parameter(meta_data, later) == ("standard_deviation_factor", "4.0", "3.0")


def test_a_value_that_a_script_writes_belongs_to_the_scores_of_now():
    """Stale is the origin then, not the value."""
    meta_data = {**stored(), CLASSIFICATION: "0.7"}
    assert origin.changed_parameter(meta_data, facts({"standard_deviation_factor": 4.0})) is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (CLASSIFICATION, "high", "x: expected a number as text; got 'high' (y)"),
        (CLASSIFICATION, "0,5", "x: expected a number as text; got '0,5' (y)"),
        (CLASSIFICATION, "nan", "x: expected a number from 0 as text; got 'nan' (y)"),
        (CLASSIFICATION, "inf", "x: expected a number from 0 as text; got 'inf' (y)"),
        (CLASSIFICATION, "-0.1", "x: expected a number from 0 as text; got '-0.1' (y)"),
        (SEGMENTATION, "1.5", "x: expected a number from 0 to 1 as text; got '1.5' (y)"),
    ],
)
def test_texts_that_are_no_threshold(name, text, message):
    with pytest.raises(dl.DLModelError) as caught:
        origin.stored_number({name: text}, name, "x", "y")
    assert str(caught.value) == message
    assert origin.stored_number({}, name, "x") is None
    assert origin.stored_number({name: "1"}, name, "x") == 1.0
