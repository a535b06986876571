"""dlproc's file: a header of 512 bytes, then HDF5. Models (.hdl), dictionaries and samples (.hdict) are all of this
form.

The header is the HDF5 user block, so every HDF5 tool opens the file. It is text::

    DLPROC {"dlproc": "0.1.0", "fingerprint": "", "format_version": 1, "kind": "dict", "length": 8192, "sha256": "…"}

padded with spaces to the end of the block. The checksum covers the header and the rest, and finds damage. Inside are
one dataset ``structure`` (UTF-8 JSON) and one dataset for each array, ``arrays/0``, ``arrays/1``, ...; no pickle, no
object dtype. An image with a domain is two of them; only then the format version is 2.

A checksum does not keep out a file that was made to do harm. So files are read by `dlproc.io.plain_hdf5`, not by the
HDF5 library, which can crash or take any amount of memory: no link is followed, nothing is unpacked, a file declares no
more than it holds, and each array is used once.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLFileError, DLVersionError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.io.plain_hdf5 import Dataset, NotPlainError, find_datasets
from dlproc.io.writing import atomic_write
from dlproc.schema.kinds import describe
from dlproc.version import __version__

FORMAT_VERSION = 2
_WITHOUT_DOMAINS = 1  # the version that files have without an image with a domain, which older versions can read
_MAGIC = b"DLPROC "
HEADER_BYTES = 512
_MAX_DEPTH = 64
_ARRAY_KINDS = "biuf"  # bool, integers, reals: what HDF5 holds without an object dtype
_HEADER = {"dlproc": str, "fingerprint": str, "format_version": int, "kind": str, "length": int, "sha256": str}
Tree = Any  # dictionaries, lists, strings, numbers, None and arrays, nested


def write_container(
    path: str | Path, tree: Mapping[Any, Tree], kind: str, fingerprint: str = "", where: str = ""
) -> None:
    """Write a dictionary into one file, all of it or nothing.

    Parameters
    ----------
    path : str or Path
        The file; replaced when it exists. Its folder must exist.
    tree : mapping
        Dictionaries (keys str or int), lists, strings, numbers, bools, None, and arrays of bool, integers or reals.
    kind : str
        What the file is, ``'dict'`` or ``'dl_model'``.
    fingerprint : str
        Up to 64 characters that tell what the content was made from; read back by `read_header`.
    where : str
        How the user calls the dictionary, for messages.

    Raises
    ------
    DLDictError
        The dictionary holds something that a file cannot hold; the message names its key.
    DLFileError
        The file cannot be written (halcon_code 7781).
    """
    arrays: list[NDArray[np.generic]] = []
    structure = _encode(tree, arrays, where or "dictionary", 0)
    atomic_write(path, _to_bytes(structure, arrays, kind, fingerprint))


def check_content(tree: Mapping[Any, Tree], where: str) -> None:
    """Raise `DLDictError` unless `write_container` could write this."""
    _encode(tree, [], where, 0)


def read_container(path: str | Path, kind: str) -> dict[Any, Tree]:
    """Read what `write_container` wrote.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200), not a dlproc file, another kind, or damaged (7780).
    DLVersionError
        Written by a newer dlproc (7782).
    """
    return read_with_fingerprint(path, kind)[0]


def read_with_fingerprint(path: str | Path, kind: str) -> tuple[dict[Any, Tree], str]:
    """What `read_container` reads, and the fingerprint that it was written with."""
    header, body = _read_whole(path, kind)
    if _checksum(header, body) != header["sha256"]:
        raise _damaged(path, "content that fits its checksum", "other content")
    try:
        datasets = find_datasets(body, HEADER_BYTES)
        if "structure" not in datasets or len(datasets["structure"].shape) != 1:
            raise _damaged(path, "a dataset 'structure'", "none")
        structure = _parse_json(datasets.pop("structure").array(body).tobytes())
        arrays = _Arrays(datasets, body)
        tree = _decode(structure, arrays, 0)
        arrays.check_all_used()
    except NotPlainError as error:
        raise _damaged(path, "HDF5 of the form that dlproc writes", str(error)) from None
    except _StructureError as error:
        raise _damaged(path, error.expected, error.got) from None
    if not isinstance(tree, dict):
        raise _damaged(path, "a dictionary", describe(tree))
    return tree, header["fingerprint"]


def read_header(path: str | Path) -> dict[str, Any]:
    """The header alone, without reading the rest: kind, fingerprint, versions, length."""
    try:
        with Path(path).open("rb") as file:
            return _check_header(file.read(HEADER_BYTES), path)
    except DLFileError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


# ------------------------------------------------------------------------------------------------------- bytes and
# header


def _to_bytes(structure: Tree, arrays: list[NDArray[np.generic]], kind: str, fingerprint: str) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver="earliest", userblock_size=HEADER_BYTES) as file:  # what plain_hdf5 reads
        text = json.dumps(structure, separators=(",", ":")).encode()
        file.create_dataset("structure", data=np.frombuffer(text, np.uint8))
        for index, array in enumerate(arrays):
            file.create_dataset(f"arrays/{index}", data=array)
    body = buffer.getvalue()[HEADER_BYTES:]
    assert len(find_datasets(body, HEADER_BYTES)) == len(arrays) + 1  # a new version of the library writes as before
    header = {
        "dlproc": __version__,
        "fingerprint": fingerprint,
        "format_version": FORMAT_VERSION if b'"$domain":' in text else _WITHOUT_DOMAINS,
        "kind": kind,
        "length": len(body),
    }
    header["sha256"] = _checksum(header, body)
    return _render_header(header) + body


def _render_header(header: Mapping[str, Any]) -> bytes:
    return (_MAGIC + json.dumps(header, sort_keys=True).encode()).ljust(HEADER_BYTES - 1) + b"\n"


def _checksum(header: Mapping[str, Any], body: bytes) -> str:
    unsigned = {key: value for key, value in header.items() if key != "sha256"}
    total = hashlib.sha256(_render_header(unsigned))
    total.update(body)
    return total.hexdigest()


_THREE_LINES = (
    "model = dl.read_dl_model('initial_dl_anomaly_medium.hdl'); dl.train_dl_model(dl_dataset, model); "
    "dl.write_dl_model(model, '{}')"
)


def _check_header(block: bytes, path: str | Path) -> dict[str, Any]:
    if not block.startswith(_MAGIC):
        hint = "files written by HALCON itself cannot be read"
        if Path(path).suffix == ".hdl":
            hint += f"; train anew, three lines: {_THREE_LINES.format(Path(path).name)}"
        raise DLFileError(str(path), "a file written by dlproc", "another file", hint, halcon_code=7780)
    try:
        header = json.loads(block[len(_MAGIC) :])
        version = header["format_version"]
        if type(version) is int and version > FORMAT_VERSION:
            got = f"version {version}, written by dlproc {header['dlproc']}"
            expected = f"a file of format version {FORMAT_VERSION} or less"
            raise DLVersionError(str(path), expected, got, "install a newer dlproc", halcon_code=7782)
        wrong = [name for name, kind in _HEADER.items() if type(header[name]) is not kind]  # a bool is no int here
        if wrong or header.keys() != _HEADER.keys() or header["length"] < 0 or _render_header(header) != block:
            raise ValueError("header differs")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(path, "a readable header", "a damaged one") from None
    return dict(header)


def _read_whole(path: str | Path, kind: str) -> tuple[dict[str, Any], bytes]:
    """The header, and the rest; a file of another kind or length is not read as a whole."""
    try:
        with Path(path).open("rb") as file:
            header = _check_header(file.read(HEADER_BYTES), path)
            if header["kind"] != kind:
                got = f"one of kind '{header['kind']}'"
                raise DLFileError(str(path), f"a file of kind '{kind}'", got, halcon_code=7780)
            expected, n_bytes = HEADER_BYTES + header["length"], os.fstat(file.fileno()).st_size
            if n_bytes != expected:
                raise _damaged(path, f"{expected} bytes", f"{n_bytes} bytes")
            return header, file.read(header["length"])
    except DLFileError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: Exception) -> DLFileError:
    code = 5200 if isinstance(error, FileNotFoundError) else 7780
    reason = getattr(error, "strerror", None) or str(error)
    return DLFileError(str(path), "a file that can be read", reason, halcon_code=code)


def _damaged(path: str | Path, expected: str, got: str) -> DLFileError:
    return DLFileError(str(path), expected, got, "the file is damaged; take a copy or write it anew", halcon_code=7780)


# -------------------------------------------------------------------------------------------------- tree <-> JSON,
# arrays


def _encode(value: Tree, arrays: list[NDArray[np.generic]], where: str, depth: int) -> Tree:
    """Plain JSON, with {"$array": n}, {"$array": n, "$domain": m}, {"$real": "nan"} and {"$items": [[key, value], ...]}
    where JSON has no word.
    """
    if depth > _MAX_DEPTH:
        raise DLDictError(where, f"at most {_MAX_DEPTH} levels", "more", halcon_code=2899)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else {"$real": repr(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind in _ARRAY_KINDS and value.dtype.itemsize <= 8:
        domain = domain_of_image(value)
        arrays.append(value)
        if domain is None:
            return {"$array": len(arrays) - 1}
        arrays.append(domain)
        return {"$array": len(arrays) - 2, "$domain": len(arrays) - 1}
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, list | tuple):
        return [_encode(item, arrays, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    if isinstance(value, Mapping):
        return _encode_mapping(value, arrays, where, depth)
    expected = "a dictionary, list, string, number, or array of numbers"
    raise DLDictError(where, expected, describe(value) if isinstance(value, np.ndarray) else type(value).__name__)


def _encode_mapping(value: Mapping[Any, Tree], arrays: list[NDArray[np.generic]], where: str, depth: int) -> Tree:
    items = []
    for key, item in value.items():
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise DLDictError(where, "keys that are strings or integers", repr(key))
        items.append([key, _encode(item, arrays, f"{where}[{key!r}]", depth + 1)])
    if all(isinstance(key, str) and not key.startswith("$") for key, _ in items):
        return dict(items)
    return {"$items": items}


class _StructureError(Exception):
    """The structure of a file is not one that `_encode` makes."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(expected, got)
        self.expected = expected
        self.got = got


class _Arrays:
    """The arrays of a file, each of which is taken once, so that a small file cannot become a large dictionary."""

    def __init__(self, datasets: dict[str, Dataset], body: bytes) -> None:
        self.datasets = datasets
        self.body = body

    def take(self, index: object) -> NDArray[np.generic]:
        """The array of a number, which nothing else may use."""
        name = f"arrays/{index}"
        if type(index) is not int or name not in self.datasets:
            raise _StructureError(f"a dataset '{name[:40]}'", "none")
        try:
            return self.datasets.pop(name).array(self.body)
        except ValueError as error:  # more than NumPy can count
            raise _StructureError(f"an array '{name}'", str(error)) from None

    def check_all_used(self) -> None:
        """Raise if the structure names fewer arrays than there are."""
        for name in self.datasets:
            raise _StructureError("a structure that uses each array", f"one without '{name}'")


def _parse_json(text: bytes) -> Tree:
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise _StructureError(f"at most {_MAX_DEPTH} levels", "more") from None
    except ValueError as error:  # no UTF-8, no JSON, a number of thousands of digits
        raise _StructureError("a structure that is JSON", f"'{error}'") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _decode(value: Tree, arrays: _Arrays, depth: int) -> Tree:
    """The inverse of `_encode`."""
    if depth > _MAX_DEPTH:
        raise _StructureError(f"at most {_MAX_DEPTH} levels", "more")
    if isinstance(value, list):
        return [_decode(item, arrays, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    special = {key for key in value if key.startswith("$")}
    if not special:
        return {key: _decode(item, arrays, depth + 1) for key, item in value.items()}
    if value.keys() == {"$array"}:
        return arrays.take(value["$array"])
    if value.keys() == {"$array", "$domain"}:
        return _with_domain(arrays.take(value["$array"]), arrays.take(value["$domain"]))
    if value.keys() == {"$real"} and value["$real"] in ("nan", "inf", "-inf"):
        return float(value["$real"])
    if value.keys() == {"$items"} and isinstance(value["$items"], list):
        items = dict(_decode_item(item, arrays, depth) for item in value["$items"])
        if len(items) == len(value["$items"]):
            return items
    raise _StructureError("a structure of the form that dlproc writes", f"'{min(special)[:40]}' in another place")


def _decode_item(item: Tree, arrays: _Arrays, depth: int) -> tuple[str | int, Tree]:
    if not isinstance(item, list) or len(item) != 2 or type(item[0]) not in (str, int):
        raise _StructureError("pairs of a key and a value", describe(item))
    return item[0], _decode(item[1], arrays, depth + 1)


def _with_domain(image: NDArray[np.generic], domain: NDArray[np.generic]) -> NDArray[np.generic]:
    if domain.dtype != np.bool_ or image.ndim < 2 or domain.shape != image.shape[:2]:
        raise _StructureError("domains of the sizes of their images", "others")
    return with_domain(image, domain.astype(np.bool_, copy=False))
