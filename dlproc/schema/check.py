"""Checks that turn a wrong dictionary into an error which names the key.

Nothing here changes what it is given. Options come back as a new dictionary with defaults filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, get_type_hints

from dlproc.errors import DLDictError, DLError, DLParamError
from dlproc.schema import keys
from dlproc.schema.kinds import NO_DEFAULT, Integer, Items, Kind, Mismatch, describe, did_you_mean, is_given, scalar


def check_options(given: object, options: type, where: str) -> dict[str, Any]:
    """All options of a closed parameter dictionary, the given ones and the defaults of the others.

    Parameters
    ----------
    given : mapping, or None, [] or () for "nothing given"
        What the user wrote. A list of one dictionary counts as that dictionary (a HALCON tuple of one handle).
    options : TypedDict class
        One of `dlproc.schema.keys` whose values all have defaults, or need none.
    where : str
        How the user calls it, for the message: ``"gen_param"``.

    Raises
    ------
    DLParamError
        A key that is not known (with a did-you-mean), or a value of another kind.
    """
    known = kinds_of(options)
    values = {key: kind.default for key, kind in known.items() if kind.default is not NO_DEFAULT}
    if not is_given(given):
        return values
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    if not isinstance(given, Mapping):
        raise DLParamError(where, f"a dictionary with keys of {options.__name__}, or None", describe(given))
    for key in given:
        check_known(str(key), known, where)
    for key, value in given.items():
        if value is not None or known[key].default is not None:  # where None is the default it means "not given"
            values[key] = convert(value, known[key], f"{where}['{key}']", DLParamError)
    return values


_WRITTEN_BY = dict.fromkeys(("preprocess_param", "dlsample_dir"), "preprocess_dl_dataset writes it")


def check_keys(dictionary: object, schema: type, required: Iterable[str], where: str) -> None:
    """Check that an open data dictionary holds the keys that are read, each of its kind.

    Raises
    ------
    DLDictError
        Not a dictionary, a key missing (halcon_code 2894), or a value of another kind.
    """
    if not isinstance(dictionary, dict):
        raise DLDictError(where, f"a {schema.__name__} dictionary", describe(dictionary), halcon_code=2404)
    known = kinds_of(schema)
    for key in required:
        if key not in dictionary:
            hint = _WRITTEN_BY.get(key, "") if where == "dl_dataset" else ""
            raise DLDictError(f"{where}['{key}']", known[key].expected(), "no such key", hint, halcon_code=2894)
        convert(dictionary[key], known[key], f"{where}['{key}']", DLDictError)


def check_dictionary(given: Any) -> Any:
    """The dictionary that an operator is given as `dict_handle`, also in a list of one.

    Raises
    ------
    DLDictError
        Something else (halcon_code 2404).
    """
    dictionary = scalar(given)
    if not isinstance(dictionary, Mapping):
        raise DLDictError("dict_handle", "a dictionary", describe(given), halcon_code=2404)
    return dictionary


def check_list(dictionaries: object, where: str) -> list[dict[str, Any]]:
    """A batch as a list: a list of dictionaries, or one dictionary (a HALCON tuple of one handle)."""
    batch = [dictionaries] if isinstance(dictionaries, dict) else dictionaries
    if not isinstance(batch, Sequence) or isinstance(batch, str | bytes):
        raise DLDictError(where, "a list of dictionaries", describe(dictionaries))
    for index, dictionary in enumerate(batch):
        if not isinstance(dictionary, dict):
            raise DLDictError(f"{where}[{index}]", "a dictionary", describe(dictionary))
    return list(batch)


def check_indices(given: object, n_samples: int, where: str) -> list[int]:
    """Positions of samples as a list, each from 0 to n_samples - 1."""
    indices: list[int] = convert(given, Items("", kind=Integer("")), where, DLParamError)
    for index in indices:
        if not 0 <= index < n_samples:
            raise DLParamError(where, f"indices from 0 to {n_samples - 1}", f"{index}", halcon_code=7926)
    return indices


def check_box(given: object, where: str) -> list[int]:
    """A box as a list ``[row1, column1, row2, column2]`` of pixels, first and last one inside."""
    box: list[int] = convert(given, Items("", kind=Integer("", low=0)), where, DLParamError)
    if len(box) != 4 or box[0] > box[2] or box[1] > box[3]:
        expected = "[row1, column1, row2, column2] with row1 <= row2 and column1 <= column2"
        raise DLParamError(where, expected, repr(box))
    return box


def check_known(name: object, known: Iterable[str], where: str, halcon_code: int | None = None) -> None:
    """Raise `DLParamError` with a did-you-mean unless the name is one of the known ones."""
    names = list(known)
    if name not in names:
        expected, hint = f"one of {', '.join(map(repr, names))}", did_you_mean(str(name), names)
        raise DLParamError(where, expected, describe(name), hint, halcon_code=halcon_code)


def convert(value: object, kind: Kind, where: str, error: type[DLError]) -> Any:
    """The value in its plain form, or an error that names where it stands."""
    try:
        return kind.convert(value)
    except Mismatch as mismatch:
        raise error(where + mismatch.path, mismatch.expected, mismatch.got, mismatch.hint) from None


@cache
def kinds_of(schema: type) -> dict[str, Kind]:
    """The kind of each key of a TypedDict of `dlproc.schema.keys`."""
    hints = get_type_hints(schema, globalns=vars(keys), include_extras=True)
    return {key: next(m for m in hint.__metadata__ if isinstance(m, Kind)) for key, hint in hints.items()}
