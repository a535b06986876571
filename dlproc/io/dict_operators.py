"""HALCON's operators on dictionaries, for plain Python dictionaries.

A script that was ported line by line can keep its ``set_dict_tuple (DLSample, 'image_id', 7)``; in new code
``sample["image_id"] = 7`` does the same. As in HALCON a value is a *tuple* (numbers, texts and handles) or an *object*
(an image or a region, here an array). A tuple of one element may be stored as that element: what is given is kept.
Handles, also dictionaries within dictionaries, are references: both sides see a change.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

from dlproc.errors import DLDictError, DLParamError
from dlproc.schema.check import check_dictionary, check_known
from dlproc.schema.kinds import as_list, describe, did_you_mean, scalar
from dlproc.tuples.matrices import Matrix
from dlproc.vision.contours import Contour
from dlproc.vision.region import Region

MAX_LENGTH = 1 << 26  # elements of a tuple that grows by an index: more is a mistake, and would take all memory
_MAX_DEPTH = 64
_PARAMS = ("keys", "key_exists", "key_data_type")


def create_dict() -> dict[Any, Any]:
    """A new, empty dictionary: ``{}``.

    Examples
    --------
    >>> import dlproc as dl
    >>> sample = dl.create_dict()
    >>> dl.set_dict_tuple(sample, "image_label_id", [0])
    >>> sample
    {'image_label_id': [0]}
    """
    return {}


def set_dict_tuple(dict_handle: MutableMapping[Any, Any], key: Hashable, tuple: Any) -> None:
    """Store a tuple under a key.

    Parameters
    ----------
    dict_handle : dict
        Changed.
    key : str or int
        What was there under this key, tuple or object, is replaced.
    tuple : int, float, str, handle, or a list of them
        A list is copied; handles in it, such as dictionaries and models, stay the same things. An array of numbers with
        one axis becomes a list.

    Raises
    ------
    DLDictError
        Not a dictionary (halcon_code 2404); a value that no tuple holds, such as a list in a list or an image.
    DLParamError
        A key that is neither a text nor an integer.
    """
    own = check_dictionary(dict_handle)
    own[_key(key)] = _checked_tuple(tuple, f"dict_handle[{key!r}]")


def set_dict_tuple_at(dict_handle: MutableMapping[Any, Any], key: Hashable, index: Any, value: Any) -> None:
    """Set single elements of a tuple that a dictionary holds.

    Parameters
    ----------
    dict_handle : dict
        Changed. Without a tuple under the key a new one begins.
    key : str or int
    index : int or list of int
        From 0 on. Behind the end the tuple grows; what lies between is 0.
    value : int, float, str, handle, or a list of them
        One for all indices, or one for each.

    Raises
    ------
    DLDictError, DLParamError
        As of `set_dict_tuple`; an index below 0 or above 67108863, or not an integer; another number of values than of
        indices.
    """
    own, name = check_dictionary(dict_handle), _key(key)
    where = f"dict_handle[{key!r}]"
    indices, values = as_list(index), as_list(_checked_tuple(value, where))
    for place in indices:
        if isinstance(place, bool) or not isinstance(place, int | np.integer) or not 0 <= place < MAX_LENGTH:
            raise DLParamError("index", f"integers from 0 to {MAX_LENGTH - 1}", describe(place), halcon_code=2897)
    if len(values) not in (1, len(indices)):
        raise DLParamError("value", f"1 value, or {len(indices)}, one for each index", f"{len(values)}")
    before = own.get(name, [])
    elements = [] if _is_object(before) else list(as_list(before))
    elements += [0] * (max(map(int, indices), default=-1) + 1 - len(elements))
    for place, element in zip(indices, values * len(indices) if len(values) == 1 else values, strict=True):
        elements[int(place)] = element
    stays_single = len(elements) == 1 and name in own and not isinstance(before, list | np.ndarray)
    own[name] = elements[0] if stays_single else elements


def get_dict_tuple(dict_handle: Mapping[Any, Any], key: Hashable) -> Any:
    """The tuple that is stored under a key.

    Parameters
    ----------
    dict_handle : dict
    key : str or int

    Returns
    -------
    int, float, str, handle, or a list of them
        As it was stored. A list is a copy; the handles in it are not.

    Raises
    ------
    DLDictError
        No such key (halcon_code 2894); an object is stored there (2896).
    DLParamError
        A key that is neither a text nor an integer.
    """
    value = _value(dict_handle, key)
    if _is_object(value):
        hint = "get_dict_object reads it"
        raise DLDictError(f"dict_handle[{key!r}]", "a tuple", f"an object, {describe(value)}", hint, halcon_code=2896)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def set_dict_object(object: Any, dict_handle: MutableMapping[Any, Any], key: Hashable) -> None:
    """Store an image or a region, or several, under a key.

    Parameters
    ----------
    object : image (array), Region, bool array (H, W), Contour, or a list of them
        Not copied. An empty list is an empty object, and a list of one that one, as a tuple of one object is in HALCON.
    dict_handle : dict
        Changed.
    key : str or int
        What was there under this key, tuple or object, is replaced.

    Raises
    ------
    DLDictError
        Not a dictionary (halcon_code 2404); no such object.
    DLParamError
        A key that is neither a text nor an integer.
    """
    own = check_dictionary(dict_handle)
    if not _is_object(object) and object != []:
        expected = "an image, a region or a contour, or a list of them"
        raise DLDictError("object", expected, describe(object), "set_dict_tuple stores numbers and texts")
    own[_key(key)] = object[0] if isinstance(object, list | tuple) and len(object) == 1 else object


def get_dict_object(dict_handle: Mapping[Any, Any], key: Hashable) -> Any:
    """The image, region or contour that is stored under a key; the object itself, not a copy.

    Raises
    ------
    DLDictError
        No such key (halcon_code 2894); a tuple is stored there.
    DLParamError
        A key that is neither a text nor an integer.
    """
    value = _value(dict_handle, key)
    if not _is_object(value) and value != []:
        hint = "get_dict_tuple reads it"
        raise DLDictError(f"dict_handle[{key!r}]", "an object", f"a tuple, {describe(value)}", hint)
    return value


def get_dict_param(dict_handle: Mapping[Any, Any], gen_param_name: Any, key: Any) -> Any:
    """What a dictionary holds.

    Parameters
    ----------
    dict_handle : dict
    gen_param_name : str
        ``'keys'``; ``'key_exists'``; ``'key_data_type'``.
    key : str, int, or a list of them
        Of which keys; ``[]`` for ``'keys'``.

    Returns
    -------
    list, or for a single key its element
        ``'keys'`` : all keys, in the order in which they were set. ``'key_exists'`` : 1 or 0. ``'key_data_type'`` :
        'tuple' or 'object'.

    Raises
    ------
    DLDictError
        Not a dictionary (halcon_code 2404); for ``'key_data_type'`` no such key (2894).
    DLParamError
        An unknown name; a key for ``'keys'``, or none for the others.
    """
    own, name = check_dictionary(dict_handle), scalar(gen_param_name)
    check_known(name, _PARAMS, "gen_param_name")
    keys = [_key(one) for one in as_list(key)]
    if name == "keys":
        if keys:
            raise DLParamError("key", "[], for 'keys'", describe(key))
        return list(own)
    if not keys:
        raise DLParamError("key", f"a key at least, for '{name}'", "none")
    if name == "key_exists":
        answers: list[Any] = [int(one in own) for one in keys]
    else:
        answers = ["object" if _is_object(_value(own, one)) else "tuple" for one in keys]
    return answers if isinstance(key, list | tuple | np.ndarray) else answers[0]


def remove_dict_key(dict_handle: MutableMapping[Any, Any], key: Any) -> None:
    """Remove keys with what is stored under them; one that is not there is left alone.

    Parameters
    ----------
    dict_handle : dict
        Changed.
    key : str, int, or a list of them

    Raises
    ------
    DLDictError
        Not a dictionary (halcon_code 2404).
    DLParamError
        A key that is neither a text nor an integer. Nothing was removed.
    """
    own = check_dictionary(dict_handle)
    for one in [_key(one) for one in as_list(key)]:
        own.pop(one, None)


def dict_to_json(dict_handle: Mapping[Any, Any], gen_param_name: object = None, gen_param_value: object = None) -> str:
    """A dictionary of tuples, with dictionaries inside, as a text in JSON.

    Parameters
    ----------
    dict_handle : dict
        Keys that are integers become texts: JSON has no others.
    gen_param_name, gen_param_value : list
        HALCON's places for options; there are none here: ``[]`` or None.

    Raises
    ------
    DLDictError
        Not a dictionary (halcon_code 2404); a value that JSON does not have: an object, a handle, NaN or an infinity.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.dict_to_json({"threshold": 0.4, "class_names": ["ok", "nok"]})
    '{"threshold": 0.4, "class_names": ["ok", "nok"]}'
    """
    _no_options(gen_param_name, gen_param_value)
    return json.dumps(_plain(check_dictionary(dict_handle), "dict_handle", 0), ensure_ascii=False)


def json_to_dict(json_string: str, gen_param_name: object = None, gen_param_value: object = None) -> dict[str, Any]:
    """A text in JSON as a dictionary.

    Parameters
    ----------
    json_string : str
        An object in braces. Its null becomes an empty tuple, ``[]``.
    gen_param_name, gen_param_value : list
        HALCON's places for options; there are none here: ``[]`` or None.

    Raises
    ------
    DLParamError
        No JSON (the message says where), not an object in braces, or nested more than 64 deep.
    """
    _no_options(gen_param_name, gen_param_value)
    text = scalar(json_string)
    if not isinstance(text, str):
        raise DLParamError("json_string", "a text", describe(json_string), halcon_code=1201)
    try:
        content = _without_null(json.loads(text, parse_constant=_no_number), 0)
    except RecursionError:
        raise DLParamError(
            "json_string", f"objects nested at most {_MAX_DEPTH} deep", "more", halcon_code=2899
        ) from None
    except ValueError as error:
        raise DLParamError("json_string", "JSON", f"a text that is none: {error}") from None
    if not isinstance(content, dict):
        raise DLParamError("json_string", "an object in braces", describe(content))
    return content


def _key(given: object) -> str | int:
    key = scalar(given)
    key = key.item() if isinstance(key, np.generic) else key
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise DLParamError("key", "a text that is not empty, or an integer", describe(given), halcon_code=1202)
    return key


def _value(dict_handle: Any, key: Hashable) -> Any:
    own, name = check_dictionary(dict_handle), _key(key)
    if name not in own:
        hint = did_you_mean(name, [one for one in own if isinstance(one, str)]) if isinstance(name, str) else ""
        raise DLDictError(f"dict_handle[{name!r}]", "a key of the dictionary", "no such key", hint, halcon_code=2894)
    return own[name]


def _is_object(value: Any) -> bool:
    """Whether this is an image, a region or a contour, or several: arrays with rows and columns, or lists of such."""
    if isinstance(value, np.ndarray):
        return value.ndim >= 2 and not isinstance(value, Matrix)
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, Region | Contour | np.ndarray) and _is_object(one) for one in value)
    return isinstance(value, Region | Contour)


def _checked_tuple(given: Any, where: str) -> Any:
    """The tuple as it is stored: a single element, or a new list."""
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "biufU":
        return given.tolist()
    if isinstance(given, list | tuple):
        return [_checked_element(element, f"{where}[{place}]") for place, element in enumerate(given)]
    return _checked_element(given, where)


def _checked_element(given: Any, where: str) -> Any:
    if isinstance(given, np.generic):
        given = given.item()
    is_object = isinstance(given, np.ndarray | Region | Contour) and not isinstance(given, Matrix)
    if given is None or is_object or isinstance(given, list | tuple | set | bytes | complex):
        hint = "set_dict_object stores images and regions" if is_object else ""
        raise DLDictError(where, "a number, a text or a handle", describe(given), hint, halcon_code=2896)
    return given


def _plain(value: Any, where: str, depth: int) -> Any:
    """The value as JSON has it."""
    if depth > _MAX_DEPTH:
        raise DLDictError(where, f"dictionaries nested at most {_MAX_DEPTH} deep", "more", halcon_code=2899)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{where}[{key!r}]", depth + 1) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.ndim <= 1:
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{place}]", depth + 1) for place, item in enumerate(value)]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool | int | str) or (isinstance(value, float) and np.isfinite(value)):
        return value
    raise DLDictError(where, "a number, a text, or a dictionary or list of such", describe(value))


def _without_null(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _without_null(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_null(item, depth + 1) for item in value]
    return [] if value is None else value


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _no_options(names: object, values: object) -> None:
    for name, given in (("gen_param_name", names), ("gen_param_value", values)):
        if as_list(given):
            raise DLParamError(name, "[], there are no options here", describe(given))
