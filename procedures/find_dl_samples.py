"""The procedure `find_dl_samples`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_list, convert
from dlproc.schema.kinds import Text, as_list, describe, scalar


def find_dl_samples(samples: Sequence[Mapping[str, Any]], key_name: str, key_value: object, mode: str) -> list[int]:
    """Find the samples whose key has a value.

    Parameters
    ----------
    samples : sequence of dict
        Usually ``dl_dataset['samples']``. Read: the key `key_name`; a sample without it is passed over.
    key_name : str
        The key to look at.
    key_value : object or list
        The value or values to compare with.
    mode : str
        ``'match'``: the stored value equals `key_value` as a whole. ``'or'``: the stored value is one of `key_value`.
        ``'contain'``: the stored list contains one of `key_value`.

    Returns
    -------
    list of int
        Indices, from 0, ascending; empty when there is none.

    Raises
    ------
    DLParamError
        Another mode, or no single key.

    Examples
    --------
    >>> import dlproc as dl
    >>> samples = [{"split": "train"}, {"split": "test"}, {"image_id": 2}, {"split": "train"}]
    >>> dl.find_dl_samples(samples, "split", "train", "match")
    [0, 3]
    >>> dl.find_dl_samples(samples, "split", ["test", "train"], "or")
    [0, 1, 3]
    """
    key = scalar(key_name)
    if not isinstance(key, str | int):
        raise DLParamError("key_name", "one key", describe(key_name), halcon_code=1202)
    mode = convert(mode, Text("", choices=("match", "or", "contain")), "mode", DLParamError)
    wanted = as_list(key_value)
    found = []
    for index, sample in enumerate(check_list(samples, "samples")):
        if key not in sample:
            continue
        stored = as_list(sample[key])
        if mode == "match":
            is_found = stored == wanted
        elif mode == "or":
            is_found = len(stored) == 1 and stored[0] in wanted
        else:
            is_found = any(value in wanted for value in stored)
        if is_found:
            found.append(index)
    return found
