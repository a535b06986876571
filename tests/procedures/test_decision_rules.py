"""Decisions by rules: which value, which rule, why; and Amazon's three rules as data."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlproc as dl
from dlproc.schema.check import kinds_of
from dlproc.schema.keys import DECISION_VALUES, DecisionConditionParam, DecisionReason, DecisionRuleParam

settings.register_profile("dlproc", deadline=None)
settings.load_profile("dlproc")


def result(**keys):
    """Two regions: 4 pixels at the top left, 1 at the bottom right, beside it one pixel that is a little weaker."""
    image = np.zeros((4, 5), np.float32)
    image[0:2, 0:2] = 0.75
    image[3, 4] = 0.625
    image[3, 3] = 0.5
    found = {"anomaly_image": image, "anomaly_score": 0.7}
    dl.threshold_dl_anomaly_results(0.625, 0.4, found)
    return found | keys


def condition(name, **keys):
    return {"value": name, **keys}


def rule(*conditions, name="a", decision="reject"):
    return {"name": name, "decision": decision, "all": list(conditions)}


def decide(rules, given=None):
    given = result() if given is None else given
    dl.apply_dl_decision_rules(given, rules)
    return given["decision"], given["decision_reasons"]


def value_of(name, given=None, **options):
    """The value as the reason gives it, of a condition that always holds."""
    _, (reason,) = decide([rule(condition(name, at_least=0, **options))], given)
    assert set(reason) <= set(DecisionReason.__annotations__)
    return reason["value"]


NONE = {"anomaly_region": np.zeros((4, 5), bool), "anomaly_score": 0.1, "anomaly_class": "ok"}


# --------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("name", "expected", "expected_of_none"),
    [
        ("anomaly_score", 0.7, 0.1),
        ("confidence", 0.75, 0.875),  # half of the way from 0.4 to 1; three quarters of the way from 0.4 to 0
        ("covered_area", 0.25, 0.0),
        ("number_of_regions", 2, 0),
        ("largest_region", 4, 0),
        ("largest_region_share", 0.2, 0.0),
        ("number_of_types", 1, 0),
    ],
)
def test_values(name, expected, expected_of_none):
    assert value_of(name) == pytest.approx(expected)
    assert value_of(name, result(**NONE)) == pytest.approx(expected_of_none)


def test_the_class():
    assert decide([rule(condition("anomaly_class", equals="nok"))])[0] == "reject"
    assert decide([rule(condition("anomaly_class", equals="ok"))])[0] == "accept"
    assert decide([rule(condition("anomaly_class", equals="ok"))], result(**NONE))[0] == "reject"


def test_options_of_regions_are_those_of_get_dl_anomaly_regions():
    for options in ({"min_area": 2}, {"border": "remove"}, {"border_width": 1}, {"hysteresis_threshold": 0.5}, {}):
        regions = dl.get_dl_anomaly_regions(result(), options)
        largest = regions[0]["area"] if regions else 0
        assert value_of("number_of_regions", **options) == len(regions)
        assert value_of("largest_region", **options) == largest
        assert value_of("largest_region_share", **options) == largest / 20
        assert value_of("covered_area", **options) == sum(region["area"] for region in regions) / 20


def test_shares_are_of_the_domain():
    domain = np.ones((4, 5), bool)
    domain[2:] = False
    given = result(domain=domain)
    dl.threshold_dl_anomaly_results(0.625, 0.4, given)
    assert value_of("covered_area", given) == value_of("largest_region_share", given) == 0.4
    assert value_of("number_of_regions", given) == 1


def test_confidence_at_the_threshold_and_at_the_ends():
    for score, expected in ((0.4, 0.5), (1.0, 1.0), (0.0, 1.0)):
        given = result(anomaly_score=score)
        dl.threshold_dl_anomaly_results(0.625, 0.4, given)
        assert value_of("confidence", given) == expected
    assert value_of("confidence", {"confidence": 0.3}) == 0.3  # one that is told is not computed
    for threshold, score in ((1.0, 1.0), (0.0, 0.0), (1.5, 0.0)):
        given = result(anomaly_score=score)
        dl.threshold_dl_anomaly_results(0.625, threshold, given)
        assert value_of("confidence", given) == (1.0 if threshold > 1 else 0.5)


@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_confidence_follows_the_score(threshold, a, b):
    """Of two images decided alike, the one farther from the threshold is the surer one; it never leaves 0.5 to 1."""
    found = []
    for score in sorted((a, b)):
        given = result(anomaly_score=score)
        dl.threshold_dl_anomaly_results(0.5, threshold, given)
        found.append((given["anomaly_class"], value_of("confidence", given)))
    (low_class, low), (high_class, high) = found
    assert 0.5 <= low <= 1
    if low_class == high_class:
        assert low <= high if low_class == "nok" else high <= low


def test_types_that_are_told_apart():
    anomalies = [
        {"name": "background", "covered_area": 0.75},
        {"name": "crack", "covered_area": 0.125},
        {"name": "dent", "covered_area": 0.0625},
    ]
    told = {"anomalies": anomalies}
    assert value_of("number_of_types", told) == 2
    assert value_of("covered_area", told, type="crack") == 0.125
    assert value_of("covered_area", told, type="stain") == 0
    assert value_of("covered_area", told) == 0.1875  # all but the background
    assert value_of("covered_area", result(**told)) == 0.25  # where there is a region it is counted
    assert value_of("number_of_types", {"anomalies": []}) == 0
    assert value_of("covered_area", type="anomaly") == 0.25  # without types all is of the one type 'anomaly'


# ------------------------------------------------------------------------------------------------------------- position


@pytest.mark.parametrize(
    ("comparisons", "expected"),
    [
        ({"touches": [0, 0, 3, 4]}, [[0, 0, 1, 1]]),  # the larger of two
        ({"touches": [2, 2, 3, 4]}, [[3, 4, 3, 4]]),
        ({"touches": [2, 0, 3, 3]}, None),
        ({"touches": [2, 0, 3, 3], "hysteresis_threshold": 0.5}, [[3, 3, 3, 4]]),
        ({"centre_in": [0, 0, 1, 1]}, [[0.5, 0.5]]),
        ({"centre_in": [2, 2, 3, 4]}, [[3.0, 4.0]]),
        ({"centre_in": [2, 2, 3, 4], "min_area": 2}, None),
        ({"touches": [1, 1, 3, 4], "centre_in": [1, 1, 3, 4]}, [[0, 0, 1, 1], [0.5, 0.5]]),
    ],
)
def test_position(comparisons, expected):
    decision, reasons = decide([rule(condition("position", **comparisons))])
    assert decision == ("accept" if expected is None else "reject")
    assert [reason["value"] for reason in reasons] == (expected or [])


# ---------------------------------------------------------------------------------------------------- rules and reasons

HOLDS, FAILS = condition("anomaly_score", at_least=0.5), condition("anomaly_score", less_than=0.5)


@pytest.mark.parametrize(
    ("entry", "n_reasons"),
    [
        ({"all": [HOLDS, HOLDS]}, 2),
        ({"all": [HOLDS, {"value": "largest_region", "less_than": 3}]}, 0),
        ({"any": [FAILS, HOLDS]}, 1),
        ({"any": [FAILS, FAILS]}, 0),
        ({"any": [FAILS, {"all": [HOLDS, {"any": [HOLDS, FAILS]}]}]}, 2),
        ({"any": [HOLDS, {"all": [HOLDS, {"any": [FAILS]}]}]}, 1),  # a group that does not hold gives no reason
    ],
)
def test_all_and_any(entry, n_reasons):
    decision, reasons = decide([{"name": "a", "decision": "review", **entry}])
    assert decision == ("review" if n_reasons else "accept")
    assert len(reasons) == n_reasons


def test_the_most_severe_decision_wins_and_every_rule_that_applies_gives_its_reasons():
    rules = [
        rule(HOLDS, name="first", decision="review"),
        rule(FAILS, name="second"),
        rule(condition("largest_region", at_least=4, at_most=9), name="third"),
        rule(condition("anomaly_class", equals="nok"), name="fourth", decision="review"),
    ]
    decision, reasons = decide(rules)
    assert decision == "reject"
    assert reasons == [
        {
            "rule": "first", "decision": "review", "value_name": "anomaly_score", "value": 0.7,
            "comparison": "at_least", "limit": 0.5, "text": "rule 'first': anomaly_score is 0.7, at least 0.5",
        },
        {
            "rule": "third", "decision": "reject", "value_name": "largest_region", "value": 4,
            "comparison": "at_least", "limit": 4, "text": "rule 'third': largest_region is 4, at least 4",
        },
        {
            "rule": "third", "decision": "reject", "value_name": "largest_region", "value": 4,
            "comparison": "at_most", "limit": 9, "text": "rule 'third': largest_region is 4, at most 9",
        },
        {
            "rule": "fourth", "decision": "review", "value_name": "anomaly_class", "value": "nok",
            "comparison": "equals", "limit": "nok", "text": "rule 'fourth': anomaly_class is nok",
        },
    ]  # fmt: skip
    assert decide(rules[3:])[0] == "review"
    assert decide(rules[1:2]) == ("accept", [])
    assert decide([]) == ("accept", [])


def test_texts_of_types_and_places():
    given = {"anomalies": [{"name": "crack", "covered_area": 1 / 3}]}
    _, (reason,) = decide([rule(condition("covered_area", type="crack", more_than=0.1))], given)
    assert reason["type"] == "crack"
    assert reason["text"] == "rule 'a': covered_area of 'crack' is 0.333333, more than 0.1"
    _, (reason,) = decide([rule(condition("position", centre_in=[0, 0, 1, 1]))])
    assert reason["text"] == "rule 'a': position is [0.5, 0.5], centre in [0, 0, 1, 1]"


def test_decisions_go_through_json():
    decide([rule(HOLDS, condition("position", touches=[0, 0, 3, 4]))], given := result())
    kept = {key: given[key] for key in ("decision", "decision_reasons")}
    assert json.loads(json.dumps(kept)) == kept


@given(
    hnp.arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32)),
    st.floats(0, 1, width=32),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_stricter_limit_never_rejects_more(image, score, a, b):
    decisions = []
    for limit in sorted((a, b)):
        given = {"anomaly_image": image, "anomaly_score": score}
        dl.threshold_dl_anomaly_results(0.5, 0.5, given)
        dl.apply_dl_decision_rules(given, [rule(condition("largest_region", at_least=limit))])
        decisions.append(given["decision"])
    assert decisions != ["accept", "reject"]


# --------------------------------------------------------------------------------------------------- by reference, errors


def test_only_the_decision_is_written():
    given = result(domain=np.ones((4, 5), bool), own=1)
    for array in given.values():
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    before = dict(given)
    decide([rule(HOLDS, condition("position", touches=[0, 0, 3, 4], hysteresis_threshold=0.5))], given)
    assert set(given) - set(before) == {"decision", "decision_reasons"}
    assert all(given[key] is before[key] for key in before)


def test_when_the_third_of_five_is_bad_none_is_decided():
    results = [result() for _ in range(5)]
    del results[2]["anomaly_region"]
    before = [dict(r) for r in results]
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_decision_rules(results, [rule(FAILS, condition("number_of_regions", at_least=1))])
    expected = "bool array of shape (H, W)"
    assert str(caught.value) == f"dl_results[2]['anomaly_region']: expected {expected}; got no such key"
    assert caught.value.halcon_code == 2894
    assert [set(r) for r in results] == [set(r) for r in before]


CRACK = {"name": "crack", "covered_area": 0.1}


@pytest.mark.parametrize(
    ("name", "keys", "given", "message"),
    [
        ("anomaly_score", {}, {}, "dl_results[0]['anomaly_score']: expected a number in [0, 1]; got no such key"),
        (
            "confidence",
            {},
            {"anomaly_score": 0.5},
            "dl_results[0]['anomaly_classification_threshold']: expected a number >= 0; got no such key",
        ),
        (
            "confidence",
            {},
            {"confidence": 80},
            "dl_results[0]['confidence']: expected a number in [0, 1]; got 80",
        ),
        (
            "number_of_types",
            {},
            {},
            "dl_results[0]['anomaly_region']: expected bool array of shape (H, W); got no such key",
        ),
        (
            "covered_area",
            {"type": "crack"},
            result(),
            "dl_results[0]['anomalies']: expected the types that were found; got no such key (rules[0]['all'][0] asks for "
            "type 'crack', and dlproc's own models tell no types apart)",
        ),
        (
            "number_of_types",
            {},
            {"anomalies": [CRACK, CRACK]},
            "dl_results[0]['anomalies'][1]['name']: expected each type once; got 'crack'",
        ),
        (
            "covered_area",
            {"type": "crack"},
            {"anomalies": [{"name": "crack", "covered_area": 12.5}]},
            "dl_results[0]['anomalies'][0]['covered_area']: expected a number in [0, 1]; got 12.5",
        ),
        (
            "largest_region",
            {},
            result(domain=np.ones((5, 4), bool)),
            "dl_results[0]['domain']: expected an array of the anomaly region's size, (4, 5); got (5, 4)",
        ),
        (
            "largest_region",
            {},
            result(domain=np.zeros((4, 5), bool)),
            "dl_results[0]['domain']: expected at least one pixel; got none",
        ),
        (
            "largest_region",
            {"hysteresis_threshold": 0.5},
            {"anomaly_region": np.ones((4, 5), bool)},
            "dl_results[0]['anomaly_segmentation_threshold']: expected a number >= 0; got no such key",
        ),
    ],
)
def test_results_that_lack_something(name, keys, given, message):
    with pytest.raises(dl.DLDictError) as caught:
        decide([rule(condition(name, at_least=0, **keys))], given)
    assert str(caught.value) == message
    assert "decision" not in given


def test_rules_that_do_not_fit_the_result():
    with pytest.raises(dl.DLParamError) as caught:
        decide([rule(HOLDS), rule(HOLDS, condition("position", touches=[0, 0, 4, 4]), name="b")])
    assert str(caught.value) == (
        "rules[1]['all'][1]['touches']: expected a box inside of the image of dl_results[0], 4 rows and 5 columns; "
        "got [0, 0, 4, 4]"
    )
    with pytest.raises(dl.DLParamError) as caught:
        decide([rule({"any": [condition("largest_region", at_least=1, hysteresis_threshold=0.8)]})])
    assert str(caught.value) == (
        "rules[0]['all'][0]['any'][0]['hysteresis_threshold']: expected at most the segmentation threshold of "
        "dl_results[0], 0.625; got 0.8"
    )
    with pytest.raises(dl.DLParamError, match="did you mean 'anomaly_score'"):
        decide([rule(condition("anomaly_scor", at_least=0.5))])


def test_rules_of_a_model_decide_its_results(workflow, tmp_path):
    """From the file of a model to decisions on real images."""
    model = workflow.model
    rules = [
        rule(condition("anomaly_class", equals="nok"), name="score"),
        rule(condition("largest_region", at_least=5, border="remove"), name="spot", decision="review"),
    ]
    dl.set_dl_model_param(model, "decision_rules", rules)
    dl.write_dl_model(model, tmp_path / "model.hdl")
    dl.set_dl_model_param(model, "decision_rules", [])  # the fixture as it was
    again = dl.read_dl_model(tmp_path / "model.hdl")
    results = dl.apply_dl_model(again, workflow.samples())
    segmentation, classification = workflow.thresholds
    dl.threshold_dl_anomaly_results(segmentation, classification[-1], results)
    dl.apply_dl_decision_rules(results, dl.get_dl_model_param(again, "decision_rules"))
    for found in results:
        regions = dl.get_dl_anomaly_regions(found, {"border": "remove"})
        has_spot = bool(regions) and regions[0]["area"] >= 5
        expected = "reject" if found["anomaly_class"] == "nok" else "review" if has_spot else "accept"
        assert found["decision"] == expected
    assert {found["decision"] for found in results} >= {"reject"}


# -------------------------------------------------------------------------------------------------------------- Amazon
# Lookout for Vision's developer guide, "Determining if an image is anomalous", publishes three rules. Here they stand
# once more as functions, in our words, with its comparisons: confidence >= limit, area > limit, number > limit.


def is_surely_anomalous(prediction, confidence_limit):
    """Its confidences are of type Float, 32 bits."""
    return prediction["IsAnomalous"] and np.float32(prediction["Confidence"]) >= np.float32(confidence_limit)


def covers_too_much(prediction, confidence_limit, label, area_limit):
    areas = [a["PixelAnomaly"]["TotalPercentageArea"] for a in prediction["Anomalies"] if a["Name"] == label]
    return is_surely_anomalous(prediction, confidence_limit) and any(area > area_limit for area in areas)


def has_too_many_types(prediction, confidence_limit, n_types_limit):
    n_types = len({a["Name"] for a in prediction["Anomalies"]} - {"background"})
    return is_surely_anomalous(prediction, confidence_limit) and n_types > n_types_limit


def amazons_rules(confidence_limit, label, area_limit, n_types_limit):
    sure = [{"value": "anomaly_class", "equals": "nok"}, {"value": "confidence", "at_least": confidence_limit}]
    area = {"value": "covered_area", "type": label, "more_than": area_limit}
    types = {"value": "number_of_types", "more_than": n_types_limit}
    return [
        {"name": "classification", "decision": "reject", "all": sure},
        {"name": "coverage", "decision": "reject", "all": [*sure, area]},
        {"name": "types", "decision": "reject", "all": [*sure, types]},
    ]


def as_result(prediction):
    areas = {a["Name"]: a["PixelAnomaly"]["TotalPercentageArea"] for a in prediction["Anomalies"]}
    return {
        "anomaly_class": "nok" if prediction["IsAnomalous"] else "ok",
        "confidence": prediction["Confidence"],
        "anomalies": [{"name": name, "covered_area": area} for name, area in areas.items()],
    }


# Hundredths, so that equality with a limit is common, and any other number.
share = st.integers(0, 100).map(lambda n: n / 100) | st.floats(0, 1)
labels = st.sampled_from(["background", "crack", "dent", "stain", "scratch"])
predictions = st.builds(
    lambda is_anomalous, confidence, areas: {
        "IsAnomalous": is_anomalous,
        "Confidence": confidence,
        "Anomalies": [{"Name": name, "PixelAnomaly": {"TotalPercentageArea": area}} for name, area in areas.items()],
    },
    st.booleans(),
    share,
    st.dictionaries(labels, share, max_size=5),
)


@given(predictions, st.data(), share, labels, share.filter(lambda s: s < 1), st.integers(0, 5))
def test_amazons_three_rules_are_expressible_one_to_one(prediction, data, limit, label, area_limit, n_types_limit):
    # Limits that are exactly met are drawn often.
    limit = data.draw(st.sampled_from([limit, prediction["Confidence"]]))
    areas = [a["PixelAnomaly"]["TotalPercentageArea"] for a in prediction["Anomalies"] if a["Name"] == label]
    area_limit = data.draw(st.sampled_from([area_limit, *(area for area in areas if area < 1)]))
    expected = {
        "classification": is_surely_anomalous(prediction, limit),
        "coverage": covers_too_much(prediction, limit, label, area_limit),
        "types": has_too_many_types(prediction, limit, n_types_limit),
    }
    rules = json.loads(json.dumps(amazons_rules(limit, label, area_limit, n_types_limit)))
    for one in rules:
        assert decide([one], as_result(prediction))[0] == ("reject" if expected[one["name"]] else "accept")
    decision, reasons = decide(rules, as_result(prediction))
    assert decision == ("reject" if any(expected.values()) else "accept")
    assert {reason["rule"] for reason in reasons} == {name for name, applies in expected.items() if applies}


# ------------------------------------------------------------------------------------------------------ documentation

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "decision_rules.md").read_text(encoding="utf-8")


def test_the_page_of_rules_runs_and_prints_what_it_says(capsys):
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    names = {}
    exec(compile(code, "decision_rules.md", "exec"), names)  # noqa: S102 - our own text
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["reject", "rule 'large spot': largest_region is 64, at least 50"]
    assert {reason["rule"] for reason in names["result"]["decision_reasons"]} == {"classification", "coverage"}


def test_the_page_of_rules_names_everything_that_a_rule_may_hold():
    for name in (*DECISION_VALUES, *kinds_of(DecisionConditionParam), *kinds_of(DecisionRuleParam)):
        assert f"`{name}`" in PAGE or f"`'{name}'`" in PAGE, name
    for message in re.findall(r"`(rules\[0\].*?)` \|", PAGE):
        place, expected = message.split(": expected ")
        bad = {
            "largest_regoin": condition("largest_regoin", at_least=1),
            "got 5": condition("covered_area", more_than=5),
            "at_most": condition("anomaly_score", at_least=0.8, at_most=0.2),
        }
        (entry,) = [entry for sign, entry in bad.items() if sign in expected]
        with pytest.raises(dl.DLParamError) as caught:
            decide([rule(entry)])
        assert caught.value.where == place
        assert str(caught.value).endswith(expected.split("...; ")[-1])
