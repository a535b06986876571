"""Every random number of dlproc comes from here, so that one seed gives the same bytes.

A generator is drawn from the seed *and* from what it is for. So the order of the calls in a script does not matter, and
a call that was interrupted and is made again draws the same numbers as the first time.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlproc.errors import DLParamError

DEFAULT_SEED = 42
_MAX_SEED = 2**63 - 1
_system = {"seed_rand": DEFAULT_SEED}
_streams: dict[str, np.random.Generator] = {}


def set_system(system_parameter: str | Sequence[str], value: object) -> None:
    """Set a parameter of the whole system, as HALCON's operator of the same name.

    Parameters
    ----------
    system_parameter : str or sequence of one str
        Only ``'seed_rand'`` is known: the seed of every random choice (the split, the patches drawn in training).
    value : int
        0 to 2**63 - 1. dlproc's own choice: without this call the seed is 42, and not the clock as in HALCON, so that
        a script gives the same result each time.

    Raises
    ------
    DLParamError
        Another parameter, or a value that is no such integer.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.set_system("seed_rand", 73)
    >>> dl.get_system("seed_rand")
    73
    >>> dl.set_system("seed_rand", 42)
    """
    name = _known_name(system_parameter)
    given: Any = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    is_whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not is_whole or not 0 <= int(given) <= _MAX_SEED:
        raise DLParamError(f"set_system('{name}')", "an integer from 0 to 2**63 - 1", repr(value), halcon_code=1302)
    _system[name] = int(given)
    _streams.clear()


def get_system(query: str | Sequence[str]) -> int:
    """The present value of a system parameter; see `set_system`."""
    return _system[_known_name(query)]


def numpy_generator(purpose: str) -> np.random.Generator:
    """A generator for one purpose, for example ``'split_dl_dataset'``, from the seed in force."""
    return np.random.default_rng([_system["seed_rand"], zlib.crc32(purpose.encode())])  # noqa: TID251 - the one place


def numpy_stream(purpose: str) -> np.random.Generator:
    """The generator for one purpose that goes on from call to call, until `set_system` begins it anew.

    For what a script draws itself, again and again in a loop; dlproc's own work takes `numpy_generator`.
    """
    return _streams.setdefault(purpose, numpy_generator(purpose))


def _known_name(name: str | Sequence[str]) -> str:
    given = name[0] if isinstance(name, list | tuple) and len(name) == 1 else name
    if given not in _system:
        raise DLParamError("set_system", f"one of {', '.join(map(repr, _system))}", repr(name), halcon_code=1301)
    return str(given)
