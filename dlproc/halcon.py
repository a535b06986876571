"""The deep-learning and dictionary part of HALCON's Python bindings: ``import dlproc.halcon as ha``.

A script that was written for them keeps its calls: the same names, the same order and names of arguments, none of them
with a default, results in lists, twins with ``_s`` for results of one element, `HOperatorError` with ``error_code``.
What is computed, and what its parameters mean, is dlproc's; `docs/porting.md` says where that differs.

Handles are what dlproc works with: a dictionary is a Python dictionary, a model a `DLModel`, a device a `DLDevice`. A
list of one handle counts as that handle. An image or region is a NumPy array.

>>> import dlproc.halcon as ha
>>> model = ha.read_dl_model("initial_dl_anomaly_medium.hdl")
>>> ha.get_dl_model_param(model, "image_dimensions")
[480, 480, 3]
>>> ha.get_dl_model_param_s(model, "type")
'anomaly_detection'
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

import dlproc as dl
from dlproc.errors import DLError
from dlproc.schema.kinds import as_list, describe, scalar

_P = ParamSpec("_P")
_R = TypeVar("_R")
_INTERNAL = 7779  # HALCON's number for an error of deep learning that has none of its own


class HError(Exception):
    """Base of the errors of this module.

    Attributes
    ----------
    message : str
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class HOperatorError(HError):
    """An operator failed.

    Attributes
    ----------
    error_code : int
        HALCON's number, where the error has one; otherwise 7779.
    message : str
    extended_error_code : int
        0.
    extended_error_message : str
        Empty.
    """

    def __init__(self, error_code: int, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.extended_error_code = 0
        self.extended_error_message = ""


class HTupleConversionError(HError):
    """A result is not of one element, where a twin with ``_s`` promises one."""


class HInteropError(HError):
    """A Python value has no counterpart."""


def _operator(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Errors of dlproc as `HOperatorError`."""

    @functools.wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except DLError as error:
            raise HOperatorError(error.halcon_code or _INTERNAL, str(error)) from error

    return called


def _as_tuple(value: Any) -> list[Any]:
    """A result as HALCON gives it: a list, in which what is true or false is a text."""
    return [str(one).lower() if isinstance(one, bool) else one for one in as_list(value)]


def _single(values: list[Any], what: str) -> Any:
    if len(values) != 1:
        raise HTupleConversionError(f"{what}: expected one element; got {len(values)}")
    return values[0]


# --- Models


@_operator
def read_dl_model(file_name: str) -> Any:
    """See `dlproc.read_dl_model`."""
    return dl.read_dl_model(file_name)


@_operator
def write_dl_model(dlmodel_handle: Any, file_name: str) -> None:
    """See `dlproc.write_dl_model`."""
    dl.write_dl_model(dlmodel_handle, file_name)


@_operator
def clear_dl_model(dlmodel_handle: Any) -> None:
    """See `dlproc.clear_dl_model`; also for several."""
    for one in as_list(dlmodel_handle):
        dl.clear_dl_model(one)


@_operator
def get_dl_model_param(dlmodel_handle: Any, gen_param_name: str) -> list[Any]:
    """See `dlproc.get_dl_model_param`."""
    return _as_tuple(dl.get_dl_model_param(dlmodel_handle, gen_param_name))


def get_dl_model_param_s(dlmodel_handle: Any, gen_param_name: str) -> Any:
    """The same for a parameter of one element."""
    return _single(get_dl_model_param(dlmodel_handle, gen_param_name), gen_param_name)


@_operator
def set_dl_model_param(dlmodel_handle: Any, gen_param_name: str, gen_param_value: Any) -> None:
    """See `dlproc.set_dl_model_param`."""
    dl.set_dl_model_param(dlmodel_handle, gen_param_name, gen_param_value)


@_operator
def apply_dl_model(dlmodel_handle: Any, dlsample_batch: Any, outputs: Any) -> list[Any]:
    """See `dlproc.apply_dl_model`."""
    return list(dl.apply_dl_model(dlmodel_handle, dlsample_batch, outputs))


@_operator
def train_dl_model_anomaly_dataset(dlmodel_handle: Any, dlsamples: Any, dltrain_param: Any) -> Any:
    """See `dlproc.train_dl_model_anomaly_dataset`."""
    return dl.train_dl_model_anomaly_dataset(dlmodel_handle, dlsamples, dltrain_param)


@_operator
def train_dl_model_batch(dlmodel_handle: Any, dlsample_batch: Any) -> Any:
    """See `dlproc.train_dl_model_batch`."""
    return dl.train_dl_model_batch(dlmodel_handle, dlsample_batch)


@_operator
def optimize_dl_model_for_inference(
    dlmodel_handle: Any, dldevice_handle: Any, precision: str, dlsamples: Any, gen_param: Any
) -> tuple[Any, Any]:
    """See `dlproc.optimize_dl_model_for_inference`; for one device."""
    device = _single(as_list(dldevice_handle), "dldevice_handle")
    return dl.optimize_dl_model_for_inference(dlmodel_handle, device, precision, dlsamples, gen_param)


# --- Devices


@_operator
def query_available_dl_devices(gen_param_name: Any, gen_param_value: Any) -> list[Any]:
    """See `dlproc.query_available_dl_devices`."""
    return list(dl.query_available_dl_devices(gen_param_name, gen_param_value))


def query_available_dl_devices_s(gen_param_name: Any, gen_param_value: Any) -> Any:
    """The same where exactly one device fits."""
    return _single(query_available_dl_devices(gen_param_name, gen_param_value), "query_available_dl_devices_s")


@_operator
def get_dl_device_param(dldevice_handle: Any, gen_param_name: str) -> list[Any]:
    """See `dlproc.get_dl_device_param`."""
    return _as_tuple(dl.get_dl_device_param(dldevice_handle, gen_param_name))


def get_dl_device_param_s(dldevice_handle: Any, gen_param_name: str) -> Any:
    """The same for a parameter of one element."""
    return _single(get_dl_device_param(dldevice_handle, gen_param_name), gen_param_name)


# --- Dictionaries


def create_dict() -> Any:
    """See `dlproc.create_dict`."""
    return dl.create_dict()


@_operator
def set_dict_tuple(dict_handle: Any, key: Any, tuple: Any) -> None:
    """See `dlproc.set_dict_tuple`."""
    dl.set_dict_tuple(dict_handle, key, tuple)


@_operator
def set_dict_tuple_at(dict_handle: Any, key: Any, index: Any, value: Any) -> None:
    """See `dlproc.set_dict_tuple_at`."""
    dl.set_dict_tuple_at(dict_handle, key, index, value)


@_operator
def get_dict_tuple(dict_handle: Any, key: Any) -> list[Any]:
    """See `dlproc.get_dict_tuple`."""
    return _as_tuple(dl.get_dict_tuple(dict_handle, key))


def get_dict_tuple_s(dict_handle: Any, key: Any) -> Any:
    """The same for a tuple of one element."""
    return _single(get_dict_tuple(dict_handle, key), f"key {key!r}")


@_operator
def set_dict_object(object: Any, dict_handle: Any, key: Any) -> None:
    """See `dlproc.set_dict_object`."""
    dl.set_dict_object(object, dict_handle, key)


@_operator
def get_dict_object(dict_handle: Any, key: Any) -> Any:
    """See `dlproc.get_dict_object`."""
    return dl.get_dict_object(dict_handle, key)


@_operator
def get_dict_param(dict_handle: Any, gen_param_name: str, key: Any) -> list[Any]:
    """See `dlproc.get_dict_param`."""
    return as_list(dl.get_dict_param(dict_handle, gen_param_name, key))


def get_dict_param_s(dict_handle: Any, gen_param_name: str, key: Any) -> Any:
    """The same for one key."""
    return _single(get_dict_param(dict_handle, gen_param_name, key), gen_param_name)


@_operator
def remove_dict_key(dict_handle: Any, key: Any) -> None:
    """See `dlproc.remove_dict_key`."""
    dl.remove_dict_key(dict_handle, key)


@_operator
def copy_dict(dict_handle: Any, gen_param_name: Any, gen_param_value: Any) -> Any:
    """See `dlproc.copy_dict`."""
    return dl.copy_dict(dict_handle, gen_param_name, gen_param_value)


@_operator
def read_dict(file_name: str, gen_param_name: Any, gen_param_value: Any) -> Any:
    """See `dlproc.read_dict`."""
    return dl.read_dict(file_name, gen_param_name, gen_param_value)


@_operator
def write_dict(dict_handle: Any, file_name: str, gen_param_name: Any, gen_param_value: Any) -> None:
    """See `dlproc.write_dict`."""
    dl.write_dict(dict_handle, file_name, gen_param_name, gen_param_value)


@_operator
def dict_to_json(dict_handle: Any, gen_param_name: Any, gen_param_value: Any) -> list[str]:
    """See `dlproc.dict_to_json`; a text for each dictionary."""
    return [dl.dict_to_json(one, gen_param_name, gen_param_value) for one in as_list(dict_handle)]


def dict_to_json_s(dict_handle: Any, gen_param_name: Any, gen_param_value: Any) -> str:
    """The same for one dictionary."""
    text: str = _single(dict_to_json(dict_handle, gen_param_name, gen_param_value), "dict_to_json_s")
    return text


@_operator
def json_to_dict(json_string: Any, gen_param_name: Any, gen_param_value: Any) -> list[Any]:
    """See `dlproc.json_to_dict`; a dictionary for each text."""
    return [dl.json_to_dict(one, gen_param_name, gen_param_value) for one in as_list(json_string)]


def json_to_dict_s(json_string: Any, gen_param_name: Any, gen_param_value: Any) -> Any:
    """The same for one text."""
    return _single(json_to_dict(json_string, gen_param_name, gen_param_value), "json_to_dict_s")


# --- From and to Python


def from_python_dict(dict_val: Mapping[Any, Any], unknown_hook: Callable[[Any], Any] | None = None) -> Any:
    """A dictionary with all that is in it, as a handle: a new one, also for the dictionaries within.

    Parameters
    ----------
    dict_val : dict
        Keys that are texts or integers; values that are numbers, texts, handles, arrays, dictionaries, or lists of
        numbers, texts, handles and dictionaries.
    unknown_hook : callable, optional
        Asked for what to take instead of any other value.

    Raises
    ------
    HInteropError
        Not a dictionary; a list in a list, arrays in a list, another key, or a value that has no counterpart.
    """
    if not isinstance(dict_val, Mapping):
        raise HInteropError(f"dict_val: expected a dictionary; got {describe(dict_val)}")
    return {_key(key): _from_python(value, unknown_hook, f"[{key!r}]") for key, value in dict_val.items()}


def as_python_dict(hhandle: Any, hobject_hook: Callable[[Any], Any] | None = None) -> dict[Any, Any]:
    """A copy of a dictionary and of those within, in which every tuple is a list.

    Parameters
    ----------
    hhandle : dict
    hobject_hook : callable, optional
        Gives what to put in the place of an image or region.
    """
    return _as_python(hhandle, hobject_hook, _as_tuple)


def as_python_dict_s(hhandle: Any, hobject_hook: Callable[[Any], Any] | None = None) -> dict[Any, Any]:
    """The same with single elements instead of lists.

    Raises
    ------
    HTupleConversionError
        A tuple has another number of elements than one.
    """
    return _as_python(hhandle, hobject_hook, lambda value: _single(_as_tuple(value), "as_python_dict_s"))


def himage_from_numpy_array(arr: NDArray[Any]) -> NDArray[Any]:
    """A copy of an image (H, W), or (H, W, channels).

    Raises
    ------
    HInteropError
        Not such an array.
    """
    return _image(arr, "arr")


def himage_as_numpy_array(obj: Any) -> NDArray[Any]:
    """A copy of an image as an array (H, W), or (H, W, channels).

    Raises
    ------
    HInteropError
        Not an image.
    """
    return _image(obj, "obj")


def _image(given: Any, what: str) -> NDArray[Any]:
    if not isinstance(given, np.ndarray) or given.ndim not in (2, 3) or 0 in given.shape:
        raise HInteropError(f"{what}: expected an array (H, W) or (H, W, channels); got {describe(given)}")
    return np.array(given)


def _key(key: Any) -> str | int:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise HInteropError(f"expected keys that are texts or integers; got {describe(key)}")
    return key


def _from_python(value: Any, unknown_hook: Callable[[Any], Any] | None, where: str) -> Any:
    if isinstance(value, Mapping):
        return from_python_dict(value, unknown_hook)
    if isinstance(value, list | tuple):
        if any(isinstance(one, list | tuple | np.ndarray) for one in value):
            raise HInteropError(f"{where}: expected a list of numbers, texts or dictionaries; got {describe(value)}")
        return [_from_python(one, unknown_hook, f"{where}[{place}]") for place, one in enumerate(value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | float | str | np.ndarray) or type(value).__module__.startswith("dlproc."):
        return value
    if unknown_hook is None:
        raise HInteropError(f"{where}: expected a number, a text, a handle or an array; got {describe(value)}")
    return unknown_hook(value)


def _as_python(
    handle: Any, hobject_hook: Callable[[Any], Any] | None, as_value: Callable[[Any], Any]
) -> dict[Any, Any]:
    handle = scalar(handle)
    if not isinstance(handle, Mapping):
        raise HInteropError(f"expected a dictionary; got {describe(handle)}")
    copied: dict[Any, Any] = {}
    for key, value in handle.items():
        if isinstance(value, np.ndarray) and value.ndim >= 2:
            copied[key] = value if hobject_hook is None else hobject_hook(value)
        else:
            inner = [
                _as_python(one, hobject_hook, as_value) if isinstance(one, Mapping) else one for one in as_list(value)
            ]
            copied[key] = as_value(inner)
    return copied
