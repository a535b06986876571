"""HALCON's operators on dictionaries."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl


def test_the_lines_of_a_script():
    """As a port writes them, one for one."""
    sample = dl.create_dict()
    dl.set_dict_tuple(sample, "image_id", 7)
    dl.set_dict_tuple(sample, "anomaly_label", "ok")
    dl.set_dict_tuple(sample, 0, "this is zero")
    image = np.zeros((4, 6), np.uint8)
    dl.set_dict_object([image], sample, "image")
    assert sample["image"] is image
    dl.set_dict_object(image, sample, "image")
    assert sample == {"image_id": 7, "anomaly_label": "ok", 0: "this is zero", "image": image}
    assert dl.get_dict_tuple(sample, "image_id") == 7
    assert dl.get_dict_object(sample, "image") is image
    assert dl.get_dict_param(sample, "keys", []) == ["image_id", "anomaly_label", 0, "image"]
    assert dl.get_dict_param(sample, "key_exists", ["image", "nothing", 0]) == [1, 0, 1]
    assert dl.get_dict_param(sample, "key_exists", "nothing") == 0
    assert dl.get_dict_param(sample, "key_data_type", ["image", "image_id"]) == ["object", "tuple"]
    dl.remove_dict_key(sample, ["image", 0, "nothing"])
    assert sample == {"image_id": 7, "anomaly_label": "ok"}


def test_tuples_are_copied_and_handles_are_references():
    inner, scores = {"a": 1}, [0.1, 0.2]
    own = {}
    dl.set_dict_tuple(own, "samples", [inner])
    dl.set_dict_tuple(own, "scores", scores)
    scores[0] = 9.0
    assert own["scores"] == [0.1, 0.2]
    dl.get_dict_tuple(own, "scores").append(3)
    assert own["scores"] == [0.1, 0.2]
    assert dl.get_dict_tuple(own, "samples")[0] is inner
    dl.set_dict_tuple(own, "result", inner)
    assert dl.get_dict_tuple(own, "result") is inner


def test_numbers_of_numpy_become_plain():
    own = {}
    dl.set_dict_tuple(own, "a", np.float32(0.5))
    dl.set_dict_tuple(own, "b", np.array([1, 2]))
    dl.set_dict_tuple(own, "c", (np.int64(3), "x"))
    assert own == {"a": 0.5, "b": [1, 2], "c": [3, "x"]}
    assert [type(value) for value in (own["a"], own["b"][0], own["c"][0])] == [float, int, int]


@pytest.mark.parametrize(
    ("before", "index", "value", "after"),
    [
        ({}, 0, 5, [5]),
        ({}, 2, 5, [0, 0, 5]),
        ({"k": [1, 2, 3]}, 1, "x", [1, "x", 3]),
        ({"k": [1, 2]}, [0, 3], [7, 8], [7, 2, 0, 8]),
        ({"k": [1, 2]}, [0, 1], 9, [9, 9]),
        ({"k": 1}, 0, 4, 4),
        ({"k": 1}, 1, 4, [1, 4]),
        ({"k": np.zeros((2, 2))}, 0, 4, [4]),
        ({"k": [1]}, [], [], [1]),
    ],
)
def test_single_elements(before, index, value, after):
    if value == []:
        with pytest.raises(dl.DLParamError):
            dl.set_dict_tuple_at(before, "k", [0], value)
    dl.set_dict_tuple_at(before, "k", index, value)
    assert before == {"k": after}


IMAGE = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "kind", "code", "message"),
    [
        (lambda d: dl.get_dict_tuple(d, "imag"), dl.DLDictError, 2894, "dict_handle['imag']: expected a key of the dictionary; got no such key (did you mean 'image'?)"),
        (lambda d: dl.get_dict_tuple(d, 3), dl.DLDictError, 2894, "dict_handle[3]: expected a key of the dictionary; got no such key"),
        (lambda d: dl.get_dict_tuple(d, "image"), dl.DLDictError, 2896, "dict_handle['image']: expected a tuple; got an object, float32 array of shape (2, 3) (get_dict_object reads it)"),
        (lambda d: dl.get_dict_object(d, "id"), dl.DLDictError, None, "dict_handle['id']: expected an object; got a tuple, 7 (get_dict_tuple reads it)"),
        (lambda d: dl.get_dict_param(d, "key_data_type", "x"), dl.DLDictError, 2894, "dict_handle['x']: expected a key of the dictionary; got no such key"),
        (lambda d: dl.get_dict_param(d, "key_exist", "x"), dl.DLParamError, None, None),
        (lambda d: dl.get_dict_param(d, "keys", "x"), dl.DLParamError, None, "key: expected [], for 'keys'; got 'x'"),
        (lambda d: dl.get_dict_param(d, "key_exists", []), dl.DLParamError, None, "key: expected a key at least, for 'key_exists'; got none"),
        (lambda d: dl.set_dict_tuple(d, "", 1), dl.DLParamError, 1202, "key: expected a text that is not empty, or an integer; got ''"),
        (lambda d: dl.set_dict_tuple(d, 1.5, 1), dl.DLParamError, 1202, "key: expected a text that is not empty, or an integer; got 1.5"),
        (lambda d: dl.set_dict_tuple(d, "k", [1, [2]]), dl.DLDictError, 2896, "dict_handle['k'][1]: expected a number, a text or a handle; got [2]"),
        (lambda d: dl.set_dict_tuple(d, "k", None), dl.DLDictError, 2896, "dict_handle['k']: expected a number, a text or a handle; got None"),
        (lambda d: dl.set_dict_tuple(d, "k", IMAGE), dl.DLDictError, 2896, "dict_handle['k']: expected a number, a text or a handle; got float32 array of shape (2, 3) (set_dict_object stores images and regions)"),
        (lambda d: dl.set_dict_object(5, d, "k"), dl.DLDictError, None, "object: expected an image, a region or a contour, or a list of them; got 5 (set_dict_tuple stores numbers and texts)"),
        (lambda d: dl.set_dict_tuple_at(d, "id", -1, 5), dl.DLParamError, 2897, "index: expected integers from 0 to 67108863; got -1"),
        (lambda d: dl.set_dict_tuple_at(d, "id", 10**12, 5), dl.DLParamError, 2897, "index: expected integers from 0 to 67108863; got 1000000000000"),
        (lambda d: dl.set_dict_tuple_at(d, "id", [0, 1, 2], [5, 6]), dl.DLParamError, None, "value: expected 1 value, or 3, one for each index; got 2"),
        (lambda d: dl.remove_dict_key(d, ["id", 0.5]), dl.DLParamError, 1202, "key: expected a text that is not empty, or an integer; got 0.5"),
        (lambda d: dl.set_dict_tuple([], "k", 1), dl.DLDictError, 2404, None),
        (lambda d: dl.dict_to_json(d), dl.DLDictError, None, "dict_handle['image']: expected a number, a text, or a dictionary or list of such; got float32 array of shape (2, 3)"),
        (lambda d: dl.dict_to_json({"a": [1.0, float("nan")]}), dl.DLDictError, None, "dict_handle['a'][1]: expected a number, a text, or a dictionary or list of such; got nan"),
        (lambda d: dl.dict_to_json({}, ["indent"], [2]), dl.DLParamError, None, None),
        (lambda d: dl.json_to_dict("[1]"), dl.DLParamError, None, None),
        (lambda d: dl.json_to_dict('{"a": NaN}'), dl.DLParamError, None, "json_string: expected JSON; got a text that is none: NaN is no number of JSON"),
        (lambda d: dl.json_to_dict("{'a': 1}"), dl.DLParamError, None, "json_string: expected JSON; got a text that is none: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (lambda d: dl.json_to_dict('{"a":' * 5000 + "1" + "}" * 5000), dl.DLParamError, 2899, "json_string: expected objects nested at most 64 deep; got more"),
    ],
)  # fmt: skip
def test_errors_say_what_and_change_nothing(call, kind, code, message):
    own = {"image": IMAGE, "id": 7}
    with pytest.raises(kind) as caught:
        call(own)
    assert message is None or str(caught.value) == message
    assert code is None or caught.value.halcon_code == code
    assert list(own) == ["image", "id"]
    assert own["image"] is IMAGE
    assert own["id"] == 7


VALUES = st.recursive(
    st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_json_and_back(dictionary):
    text = dl.dict_to_json(dictionary)
    assert dl.json_to_dict(text) == dictionary == json.loads(text)


def test_json_has_no_integers_as_keys_and_no_null():
    assert dl.dict_to_json({0: "a"}) == '{"0": "a"}'
    assert dl.json_to_dict('{"a": null, "b": [1, null]}', [], []) == {"a": [], "b": [1, []]}
