"""Decision rules: what is a rule, and what can never be one."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlproc as dl
from dlproc.schema.check import kinds_of
from dlproc.schema.decision_rules import VALUES, holds, valid_decision_rules
from dlproc.schema.keys import DECISION_VALUES, DecisionConditionParam

settings.register_profile("dlproc", deadline=None)
settings.load_profile("dlproc")


def rule(*conditions, **keys):
    return {"name": "a", "decision": "reject", "all": list(conditions), **keys}


SCORE = {"value": "anomaly_score", "at_least": 0.5}
NESTED = rule(SCORE, {"any": [{"value": "confidence", "less_than": 0.6}, {"all": [SCORE, SCORE]}]})


def test_every_value_is_known():
    assert tuple(VALUES) == DECISION_VALUES


def test_a_checked_copy():
    given = [NESTED, rule({"value": "largest_region", "more_than": 3.0, "min_area": 2}, name="b")]
    before = copy.deepcopy(given)
    checked = valid_decision_rules(given)
    assert given == before == checked
    assert type(checked[1]["all"][0]["more_than"]) is int
    checked[0]["all"][1]["any"][0]["less_than"] = 0.7
    assert given == before  # nothing is shared
    assert json.loads(json.dumps(valid_decision_rules(given))) == valid_decision_rules(given)
    assert valid_decision_rules(tuple(given)) == valid_decision_rules(given)


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_no_rules(nothing):
    assert valid_decision_rules(nothing) == []


def test_one_rule_and_one_condition_need_no_list():
    assert valid_decision_rules({"name": "a", "decision": "review", "any": SCORE}) == [
        {"name": "a", "decision": "review", "any": [SCORE]}
    ]


def value(name, **keys):
    return rule({"value": name, **keys})


IN_ALL = "rules[0]['all']"
FIRST = "rules[0]['all'][0]"
ALL_KEYS = ", ".join(map(repr, [*kinds_of(DecisionConditionParam), "all", "any"]))
NUMBERS = "'value', 'at_least', 'more_than', 'at_most', 'less_than'"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        # Structure.
        ("reject", "rules: expected a list of rules, each a dictionary; got 'reject'"),
        ([3], "rules[0]: expected a dictionary; got 3"),
        ({"decision": "reject", "all": [SCORE]}, "rules[0]['name']: expected a string; got no such key"),
        ({"name": " ", "decision": "reject", "all": [SCORE]}, "rules[0]['name']: expected a name; got ' '"),
        ({"name": "a", "all": [SCORE]}, "rules[0]['decision']: expected one of 'review', 'reject'; got no such key"),
        (
            {"name": "a", "decision": "rejected", "all": [SCORE]},
            "rules[0]['decision']: expected one of 'review', 'reject'; got 'rejected' (did you mean 'reject'?)",
        ),
        (
            {"name": "a", "decision": "accept", "all": [SCORE]},
            "rules[0]['decision']: expected one of 'review', 'reject'; got 'accept'",
        ),
        (
            {"name": "a", "decison": "reject", "all": [SCORE]},
            "rules[0]: expected one of 'all', 'any', 'name', 'decision'; got 'decison' (did you mean 'decision'?)",
        ),
        (
            {"name": "a", "decision": "reject"},
            "rules[0]: expected conditions under 'all' or under 'any'; got neither",
        ),
        (rule(SCORE, any=[SCORE]), "rules[0]: expected conditions under 'all' or under 'any'; got both"),
        (rule(), f"{IN_ALL}: expected a list of at least one condition; got []"),
        (rule({"any": []}), f"{FIRST}['any']: expected a list of at least one condition; got []"),
        (rule("anomaly_score"), f"{FIRST}: expected a dictionary; got 'anomaly_score'"),
        (
            rule({"any": [SCORE], "value": "confidence"}),
            f"{FIRST}: expected one of 'all', 'any'; got 'value'",
        ),
        ([rule(SCORE), rule(SCORE)], "rules[1]['name']: expected a name of its own; got 'a', the name of rules[0]"),
        # Keys, values, comparisons.
        (
            rule({"at_least": 0.5}),
            f"{FIRST}['value']: expected one of {', '.join(map(repr, DECISION_VALUES))}; got no such key",
        ),
        (
            value("score", at_least=0.5),
            f"{FIRST}['value']: expected one of {', '.join(map(repr, DECISION_VALUES))}; "
            "got 'score' (did you mean 'anomaly_score'?)",
        ),
        (
            value("anomaly_score", at_leats=0.5),
            f"{FIRST}: expected one of {ALL_KEYS}; got 'at_leats' (did you mean 'at_least'?)",
        ),
        (
            value("anomaly_score", equals="nok"),
            f"{FIRST}: expected one of {NUMBERS}; got 'equals'",
        ),
        (value("anomaly_class", at_least=0.5), f"{FIRST}: expected one of 'value', 'equals'; got 'at_least'"),
        (
            value("anomaly_class", equals="not ok"),
            f"{FIRST}['equals']: expected one of 'ok', 'nok'; got 'not ok' (did you mean 'nok'?)",
        ),
        (value("anomaly_score", at_least=0.5, type="crack"), f"{FIRST}: expected one of {NUMBERS}; got 'type'"),
        (value("anomaly_score", at_least=0.5, min_area=3), f"{FIRST}: expected one of {NUMBERS}; got 'min_area'"),
        (
            value("covered_area", at_least=0.5, type="crack", min_area=3),
            f"{FIRST}: expected 'type' without options of regions; got 'value', 'at_least', 'type', 'min_area'",
        ),
        (
            value("confidence"),
            f"{FIRST}: expected one or more of 'at_least', 'more_than', 'at_most', 'less_than' for 'confidence'; "
            "got none of them",
        ),
        (
            value("number_of_regions", at_least=1, border="drop"),
            f"{FIRST}['border']: expected one of 'keep', 'remove'; got 'drop'",
        ),
        (
            value("position", touches=[3, 0, 2, 5]),
            f"{FIRST}['touches']: expected [row1, column1, row2, column2] with row1 <= row2 and column1 <= column2; "
            "got [3, 0, 2, 5]",
        ),
        (
            value("position", centre_in=[1, 2, 3]),
            f"{FIRST}['centre_in']: expected [row1, column1, row2, column2] with row1 <= row2 and column1 <= column2; "
            "got [1, 2, 3]",
        ),
        # Limits.
        (value("anomaly_score", at_least="0.5"), f"{FIRST}['at_least']: expected a number in [0, 1]; got '0.5'"),
        (value("anomaly_score", at_most=True), f"{FIRST}['at_most']: expected a number in [0, 1]; got True"),
        (value("covered_area", more_than=5), f"{FIRST}['more_than']: expected a number in [0, 1]; got 5"),
        (value("number_of_types", more_than=1.5), f"{FIRST}['more_than']: expected an integer >= 0; got 1.5"),
        (
            value("anomaly_score", more_than=1),
            f"{FIRST}['more_than']: expected a limit that anomaly_score can pass; 1 is the largest there is; got 1",
        ),
        (
            value("number_of_regions", less_than=0),
            f"{FIRST}['less_than']: expected a limit that number_of_regions can pass; 0 is the smallest there is; got 0",
        ),
        (
            value("anomaly_score", at_least=0.8, at_most=0.2),
            f"{FIRST}: expected limits that one anomaly_score can meet; got 'at_least' 0.8 and 'at_most' 0.2",
        ),
        (
            value("number_of_regions", more_than=2, less_than=3),
            f"{FIRST}: expected limits that one number_of_regions can meet; got 'more_than' 2 and 'less_than' 3",
        ),
        # The same 0.3 in float32, in which scores are compared.
        (
            value("confidence", at_least=0.3, less_than=0.300000000001),
            f"{FIRST}: expected limits that one confidence can meet; got 'at_least' 0.3 and 'less_than' 0.300000000001",
        ),
        (
            [rule(SCORE, name="b"), rule(SCORE, {"all": [{"value": "anomaly_score", "less_than": 0.5}]})],
            "rules[1]['all']: expected conditions that one anomaly_score can meet; "
            "got 'at_least' 0.5 and 'less_than' 0.5",
        ),
        (
            rule({"value": "anomaly_class", "equals": "ok"}, {"value": "anomaly_class", "equals": "nok"}),
            f"{IN_ALL}: expected conditions that one anomaly_class can meet; got 'equals' ok and 'equals' nok",
        ),
        (
            [rule(SCORE, name="b"), value("anomaly_score", at_least=1.5)],
            "rules[1]['all'][0]['at_least']: expected a number in [0, 1]; got 1.5",
        ),
    ],
)
def test_what_is_no_rule(rules, message):
    with pytest.raises(dl.DLParamError) as caught:
        valid_decision_rules(rules)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "rules",
    [
        rule({"any": [SCORE, {"value": "anomaly_score", "less_than": 0.2}]}),  # one or the other
        rule(
            {"value": "covered_area", "type": "a", "at_least": 0.5},
            {"value": "covered_area", "type": "b", "at_most": 0.1},
        ),
        rule(
            {"value": "number_of_regions", "min_area": 1, "at_least": 5},
            {"value": "number_of_regions", "min_area": 9, "less_than": 5},
        ),
        rule({"value": "position", "touches": [0, 0, 1, 1]}, {"value": "position", "touches": [5, 5, 6, 6]}),
        value("anomaly_score", at_least=0, at_most=1),
        value("anomaly_score", at_least=0.5, at_most=0.5),
    ],
)
def test_what_only_seems_impossible(rules):
    assert valid_decision_rules(rules) == [rules]


limits = st.dictionaries(
    st.sampled_from(["at_least", "more_than", "at_most", "less_than"]), st.integers(0, 4), min_size=1
)


@given(limits, st.booleans())
def test_a_condition_is_an_error_exactly_when_no_value_meets_it(limits, is_count):
    """Tried with every value there is: 0 to 8, and for the score 0 to 1 in steps of an eighth."""
    name, scale = ("number_of_types", 1) if is_count else ("anomaly_score", 4)
    limits = {comparison: limit / scale for comparison, limit in limits.items()}
    values = range(9) if is_count else [n / 8 for n in range(9)]
    possible = any(all(holds(name, v, comparison, limit) for comparison, limit in limits.items()) for v in values)
    try:
        valid_decision_rules(value(name, **limits))
    except dl.DLParamError:
        assert not possible
    else:
        assert possible


def test_scores_are_compared_in_float32_and_areas_are_not():
    in_float32 = 0.699999988079071  # float(np.float32(0.7))
    assert holds("anomaly_score", in_float32, "at_least", 0.7)
    assert holds("confidence", in_float32, "at_most", 0.7)
    assert not holds("anomaly_score", in_float32, "less_than", 0.7)
    assert not holds("covered_area", in_float32, "at_least", 0.7)
    assert holds("covered_area", 7 / 10, "at_least", 0.7)
    assert not holds("covered_area", 7 / 10, "more_than", 0.7)


# ----------------------------------------------------------------------------------------------------- with the model


def test_rules_travel_with_the_model(model, tmp_path):
    assert dl.get_dl_model_param(model, "decision_rules") == []
    rules = [NESTED, rule({"value": "position", "touches": [0, 0, 5, 5]}, name="b")]
    dl.set_dl_model_param(model, "decision_rules", rules)
    given = copy.deepcopy(rules)
    rules[0]["all"][0]["at_least"] = 0.9
    read = dl.get_dl_model_param(model, "decision_rules")
    assert read == given
    read[0]["all"].clear()
    assert dl.get_dl_model_param(model, "decision_rules") == given
    dl.write_dl_model(model, tmp_path / "model.hdl")
    again = dl.read_dl_model(tmp_path / "model.hdl")
    assert dl.get_dl_model_param(again, "decision_rules") == given
    dl.set_dl_model_param(again, "decision_rules", [])
    assert dl.get_dl_model_param(again, "decision_rules") == []


def test_a_bad_rule_leaves_the_model_as_it_was(model):
    dl.set_dl_model_param(model, "decision_rules", NESTED)
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_dl_model_param(model, "decision_rules", [rule(SCORE), value("anomaly_score", at_least=2)])
    assert str(caught.value) == (
        "set_dl_model_param('decision_rules')[1]['all'][0]['at_least']: expected a number in [0, 1]; got 2"
    )
    assert dl.get_dl_model_param(model, "decision_rules") == [NESTED]


def test_a_file_from_before_there_were_rules(model, tmp_path):
    del model.parameters["decision_rules"]
    dl.write_dl_model(model, tmp_path / "old.hdl")
    assert dl.get_dl_model_param(dl.read_dl_model(tmp_path / "old.hdl"), "decision_rules") == []
