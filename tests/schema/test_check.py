import numpy as np
import pytest

import dlproc as dl
from dlproc.schema import keys
from dlproc.schema.check import check_keys, check_options, kinds_of
from dlproc.schema.kinds import Kind, describe

SCHEMAS = [value for value in vars(keys).values() if isinstance(value, type) and hasattr(value, "__total__")]


def test_every_key_of_every_dictionary_has_a_kind_with_a_meaning():
    assert len(SCHEMAS) > 15
    for schema in SCHEMAS:
        for key, kind in kinds_of(schema).items():
            assert isinstance(kind, Kind), (schema, key)
            assert kind.meaning, (schema, key)


def test_defaults_are_of_their_kind():
    for schema in SCHEMAS:
        for key, kind in kinds_of(schema).items():
            has_default = (
                schema.__name__.endswith("Param") and kind.default is not None and type(kind.default) is not object
            )
            if has_default:
                kind.convert(kind.default)  # raises Mismatch otherwise; the key is in the traceback
                assert key


def test_unknown_option_is_an_error_with_a_did_you_mean():
    with pytest.raises(dl.DLParamError) as caught:
        check_options({"overwrite_split": True, "overwrite_spilt": True}, keys.SplitGenParam, "gen_param")
    assert str(caught.value) == (
        "gen_param: expected one of 'overwrite_split', 'model_type'; got 'overwrite_spilt' (did you mean 'overwrite_split'?)"
    )


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_not_given_means_defaults(nothing):
    assert check_options(nothing, keys.SplitGenParam, "gen_param") == {"overwrite_split": False, "model_type": ""}


@pytest.mark.parametrize("true", [True, 1, "true", np.True_, [1], np.int64(1)])
def test_all_of_halcons_spellings_of_true(true):
    assert check_options({"overwrite_split": true}, keys.SplitGenParam, "gen_param")["overwrite_split"] is True


@pytest.mark.parametrize(
    ("value", "got"), [("yes", "'yes'"), (2, "2"), (None, "None"), (np.zeros((2, 2)), "float64 array of shape (2, 2)")]
)
def test_wrong_value_is_named(value, got):
    with pytest.raises(dl.DLParamError) as caught:
        check_options({"overwrite_split": value}, keys.SplitGenParam, "gen_param")
    assert str(caught.value) == f"gen_param['overwrite_split']: expected True, False; got {got}"


@pytest.mark.parametrize("value", [np.float32(0.25), np.float64(0.25), [0.25], np.array([0.25])])
def test_numpy_numbers_are_numbers(value):
    converted = check_options({"domain_ratio": value}, keys.AnomalyTrainParam, "p")["domain_ratio"]
    assert converted == 0.25
    assert type(converted) is float


@pytest.mark.parametrize("value", [0, -0.1, 1.1, float("nan"), "0.5", True])
def test_domain_ratio_is_in_its_interval(value):
    with pytest.raises(dl.DLParamError, match=r"p\['domain_ratio'\]: expected a number in \(0, 1\]; got "):
        check_options({"domain_ratio": value}, keys.AnomalyTrainParam, "p")


def test_array_values_outside_their_range_are_named_without_printing_the_array():
    result = {"anomaly_image": np.full((4, 4), 1.5, np.float32)}
    with pytest.raises(dl.DLDictError) as caught:
        check_keys(result, keys.DLResult, ["anomaly_image"], "dl_results[2]")
    assert str(caught.value) == (
        "dl_results[2]['anomaly_image']: expected float32 array of shape (H, W), values in [0, 1]; "
        "got float32 array of shape (4, 4), values in [1.5, 1.5]"
    )


def test_missing_key_has_halcons_number():
    with pytest.raises(dl.DLDictError) as caught:
        check_keys({}, keys.DLResult, ["anomaly_score"], "dl_results[0]")
    assert str(caught.value) == "dl_results[0]['anomaly_score']: expected a number in [0, 1]; got no such key"
    assert caught.value.halcon_code == 2894


def test_describe_is_short():
    assert len(describe("x" * 1000)) <= 120
    assert describe({"a": 1, "b": np.zeros(3)}) == "a dictionary with 2 keys"
    assert describe(list(range(10))) == "a list of length 10"
