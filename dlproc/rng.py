"""Every random number of dlproc comes from here, so that one seed gives the same bytes.

A generator is drawn from the seed *and* from what it is for. So the order of the calls in a script does not matter, and
a call that was interrupted and is made again draws the same numbers as the first time.
"""

from __future__ import annotations

import os
import platform
import zlib
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from dlproc.errors import DLParamError

DEFAULT_SEED = 42
_MAX_SEED = 2**63 - 1
# What programs set. All but the seed, the folder and the largest size of images changes nothing here: it is kept, and
# can be read.
_system: dict[str, Any] = {
    "seed_rand": DEFAULT_SEED,
    "image_dir": None,  # as HALCONIMAGES says
    "max_image_megapixels": 500.0,
    "clip_region": "true",
    "width": 512,
    "height": 512,
    "neighborhood": 8,
    "store_empty_region": "true",
    "no_object_result": "true",
    "empty_region_result": "true",
    "init_new_image": "true",
    "int_zooming": "true",
    "border_shape_models": "false",
    "pregenerate_shape_models": "false",
    "max_connection": 0,
    "do_low_error": "false",
    "flush_graphic": "true",
    "flush_file": "true",
    "backing_store": "true",
    "update_lut": "false",
    "use_window_thread": "false",
    "default_font": "default",
    "thread_num": "default",
    "thread_pool": "true",
    "parallelize_operators": "true",
    "tsp_thread_num": "default",
    "reentrant": "true",
    "image_cache_capacity": 4194304,
    "global_mem_cache": "exclusive",
    "temporary_mem_cache": "exclusive",
    "temporary_mem_reservoir": "false",
    "cudnn_deterministic": "false",
    "cudnn_benchmark": "false",
    "filename_encoding": "utf8",
    "tuple_string_operator_mode": "codepoint",
    "read_halcon_files_encoding": "auto",
    "write_halcon_files_encoding": "auto",
    "ocr_trainf_version": 3,
}
_FIXED: dict[str, Any] = {"neighborhood": 8, "store_empty_region": "true", "tuple_string_operator_mode": "codepoint"}


def _example_dir() -> str:
    """HALCON's examples, of which only its own variable can tell."""
    folder = os.environ.get("HALCONEXAMPLES")
    if folder is None:
        expected = "the folder of HALCON's examples in the environment variable HALCONEXAMPLES"
        raise DLParamError("get_system('example_dir')", expected, "none", halcon_code=1301)
    return folder


_ONLY_READ: dict[str, Callable[[], Any]] = {
    "example_dir": _example_dir,
    "operating_system": platform.system,
    "processor_num": lambda: os.cpu_count() or 1,
    "is_license_valid": lambda: "true",
}
_streams: dict[str, np.random.Generator] = {}


def set_system(system_parameter: str | Sequence[str], value: object) -> None:
    """Set a parameter of the whole system, as HALCON's operator of the same name.

    Parameters
    ----------
    system_parameter : str or sequence of one str
        ``'seed_rand'``: the seed of every random choice (the split, the patches drawn in training). ``'image_dir'``:
        what `get_image_dir` gives, and where `read_image` looks, too; without this call what the environment variable
        HALCONIMAGES says, or the current folder, '.'. ``'max_image_megapixels'``, dlproc's own: the largest image that
        `read_image` decodes, in 10^6 pixels, 500 without this call. Others that HALCON programs set, and that change
        nothing here, are kept for `get_system`: sizes and clipping ('width', 'height', 'clip_region': regions are never
        clipped here), threads, caches, graphics, encodings.
    value : int, or what the parameter takes
        Of 'seed_rand' 0 to 2**63 - 1. dlproc's own choice: without this call the seed is 42, and not the clock as in
        HALCON, so that a script gives the same result each time. ``'neighborhood'`` can only be 8, and
        ``'store_empty_region'`` only 'true': otherwise results would differ.

    Raises
    ------
    DLParamError
        Another parameter, or another value.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.set_system("seed_rand", 73)
    >>> dl.get_system("seed_rand")
    73
    >>> dl.set_system("seed_rand", 42)
    """
    name = _known_name(system_parameter, _system, "set_system")
    given: Any = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    if name in _FIXED and given != _FIXED[name]:
        raise DLParamError(f"set_system('{name}')", repr(_FIXED[name]), repr(value), halcon_code=1302)
    if name == "max_image_megapixels":
        is_real = isinstance(given, int | float | np.integer | np.floating) and not isinstance(given, bool)
        if not is_real or not 0 < float(given) < np.inf:
            raise DLParamError(f"set_system('{name}')", "a number above 0", repr(value), halcon_code=1302)
    if name != "seed_rand":
        _system[name] = given
        return
    is_whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not is_whole or not 0 <= int(given) <= _MAX_SEED:
        raise DLParamError(f"set_system('{name}')", "an integer from 0 to 2**63 - 1", repr(value), halcon_code=1302)
    _system[name] = int(given)
    _streams.clear()


def get_system(query: str | Sequence[str]) -> Any:
    """The present value of a system parameter; see `set_system`.

    Also ``'operating_system'``, such as 'Linux' or 'Windows', ``'processor_num'``, and ``'is_license_valid'``, which is
    'true': none is needed. ``'example_dir'`` is what the environment variable HALCONEXAMPLES says; an error if it does
    not exist.
    """
    name = _known_name(query, (*_system, *_ONLY_READ), "get_system")
    if name == "image_dir" and _system[name] is None:
        return os.environ.get("HALCONIMAGES") or "."
    return _ONLY_READ[name]() if name in _ONLY_READ else _system[name]


def numpy_generator(purpose: str) -> np.random.Generator:
    """A generator for one purpose, for example ``'split_dl_dataset'``, from the seed in force."""
    return np.random.default_rng([_system["seed_rand"], zlib.crc32(purpose.encode())])  # noqa: TID251 - the one place


def numpy_stream(purpose: str) -> np.random.Generator:
    """The generator for one purpose that goes on from call to call, until `set_system` begins it anew.

    For what a script draws itself, again and again in a loop; dlproc's own work takes `numpy_generator`.
    """
    return _streams.setdefault(purpose, numpy_generator(purpose))


def _known_name(name: str | Sequence[str], known: Iterable[str], where: str) -> str:
    given = name[0] if isinstance(name, list | tuple) and len(name) == 1 else name
    names = list(known)
    if given not in names:
        near = get_close_matches(str(given), names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "parameters of HALCON without a meaning here are left out"
        expected = f"one of {', '.join(map(repr, names))}"
        raise DLParamError(where, expected, repr(name), hint, halcon_code=1301)
    return str(given)
