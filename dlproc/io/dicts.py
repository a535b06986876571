"""Dictionaries as files (.hdict), and copies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlproc.errors import DLParamError
from dlproc.io import halcon_dict
from dlproc.io.container import read_container, write_container
from dlproc.io.paths import path_text
from dlproc.schema.check import check_dictionary, check_known, convert
from dlproc.schema.kinds import Flag, as_list, describe

_SKIP = object()


def read_dict(file_name: str | Path, gen_param_name: object = None, gen_param_value: object = None) -> dict[Any, Any]:
    """Read a dictionary from a file that `write_dict` wrote, here or in HALCON.

    Parameters
    ----------
    file_name : str or Path
        The file, usually ``.hdict``. Of HALCON's own files those can be read that hold tuples of integers, reals or
        texts only, such as the preprocessing parameters beside a model of the Deep Learning Tool.
    gen_param_name, gen_param_value : list
        HALCON's places for options; there are none here: ``[]`` or None.

    Returns
    -------
    dict
        Equal to what was written: tuples come back as lists, numpy scalars as numbers. From a file of HALCON a tuple
        of one element is that element.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200), not such a file, damaged, or one of HALCON with something else in it (7780).
    DLVersionError
        Written by a newer dlproc (7782).
    """
    _options(gen_param_name, gen_param_value, ())
    path = Path(path_text(file_name, "file_name"))
    if _is_from_halcon(path):
        return halcon_dict.parse(path.read_bytes(), path)
    return read_container(path, "dict")


def write_dict(
    dict_handle: Mapping[Any, Any], file_name: str | Path, gen_param_name: object = None, gen_param_value: object = None
) -> None:
    """Write a dictionary to a file, all of it or nothing.

    Parameters
    ----------
    dict_handle : dict
        Dictionaries, lists, strings, numbers, None and arrays, nested at will.
    file_name : str or Path
        The file, usually ``.hdict``; replaced when it exists.
    gen_param_name, gen_param_value : list
        ``'raise_error_if_content_not_serializable'`` with True (default) or False: leave out such values.

    Raises
    ------
    DLDictError
        A value that a file cannot hold; the message names its key.
    DLFileError
        The file cannot be written (halcon_code 7781).

    Examples
    --------
    >>> import dlproc as dl, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "limits.hdict"
    ...     dl.write_dict({"threshold": 0.4, "names": ("ok", "nok")}, file)
    ...     dl.read_dict(file)
    {'threshold': 0.4, 'names': ['ok', 'nok']}
    """
    dict_handle = check_dictionary(dict_handle)
    options = _options(gen_param_name, gen_param_value, ("raise_error_if_content_not_serializable",))
    if not options.get("raise_error_if_content_not_serializable", True):
        dict_handle = serializable(dict_handle)
    write_container(path_text(file_name, "file_name", 2), dict_handle, "dict", where="dict_handle")


def copy_dict(
    dict_handle: Mapping[Any, Any], gen_param_name: object = None, gen_param_value: object = None
) -> dict[Any, Any]:
    """Copy a dictionary: a new one with the same values, which are shared.

    Parameters
    ----------
    dict_handle : dict
        What to copy.
    gen_param_name, gen_param_value : list
        ``'deep'`` with True: the values are copied, too. dlproc's own spelling; without it the copy is shallow, as in
        HALCON.
    """
    dict_handle = check_dictionary(dict_handle)
    options = _options(gen_param_name, gen_param_value, ("deep",))
    return copy.deepcopy(dict(dict_handle)) if options.get("deep", False) else dict(dict_handle)


def _is_from_halcon(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(halcon_dict.MAGIC)) == halcon_dict.MAGIC
    except (OSError, ValueError):  # read_container says what is wrong
        return False


def _options(names: object, values: object, known: tuple[str, ...]) -> dict[str, bool]:
    """HALCON's options as two tuples of the same length, here all of them switches."""
    if len(as_list(names)) != len(as_list(values)):
        raise DLParamError(
            "gen_param_name", f"{len(as_list(values))} names, as many as values", f"{len(as_list(names))}"
        )
    options = {}
    for name, value in zip(as_list(names), as_list(values), strict=True):
        if not known:
            raise DLParamError("gen_param_name", "none", describe(names))
        check_known(name, known, "gen_param_name")
        options[name] = convert(value, Flag(""), "gen_param_value", DLParamError)
    return options


def serializable(value: Any) -> Any:
    """Return the value without the parts that a file cannot hold."""
    if isinstance(value, Mapping):
        kept = {key: serializable(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not _SKIP}
    if isinstance(value, list | tuple):
        return [item for item in map(serializable, value) if item is not _SKIP]
    plain = value is None or isinstance(value, bool | int | float | str | Path | np.generic)
    return value if plain or (isinstance(value, np.ndarray) and value.dtype.kind in "biuf") else _SKIP
