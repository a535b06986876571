"""dlproc's file: a header of 512 bytes, then HDF5. Models (.hdl), dictionaries and samples (.hdict) are all of this
form.

The header is the HDF5 user block, so every HDF5 tool opens the file. It is text::

    DLPROC {"dlproc": "0.1.0", "fingerprint": "", "format_version": 1, "kind": "dict", "length": 8192, "sha256": "…"}

padded with spaces to the end of the block. The checksum covers the header and the rest; it is verified before the HDF5
library sees a byte, because that library can crash on damaged ones. Inside are one dataset ``structure`` (UTF-8 JSON)
and one dataset for each array, ``arrays/0``, ``arrays/1``, ...; no pickle, no object dtype, no link is followed. An
image with a domain is two of them; only then the format version is 2.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLFileError, DLVersionError
from dlproc.images.domain import domain_of_image, with_domain
from dlproc.io.writing import atomic_write
from dlproc.schema.kinds import describe
from dlproc.version import __version__

FORMAT_VERSION = 2
_WITHOUT_DOMAINS = 1  # the version that files have without an image with a domain, which older versions can read
_MAGIC = b"DLPROC "
HEADER_BYTES = 512
_MAX_DEPTH = 64
_ARRAY_KINDS = "biuf"  # bool, integers, reals: what HDF5 holds without an object dtype
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
    content = _read_bytes(path)
    header = _check_header(content[:HEADER_BYTES], path)
    if header["kind"] != kind:
        raise DLFileError(str(path), f"a file of kind '{kind}'", f"one of kind '{header['kind']}'", halcon_code=7780)
    body = content[HEADER_BYTES:]
    if len(body) != header["length"]:
        got = f"{len(content)} bytes"
        raise _damaged(path, f"{HEADER_BYTES + header['length']} bytes", got)
    if _checksum(header, body) != header["sha256"]:
        raise _damaged(path, "content that fits its checksum", "other content")
    with h5py.File(io.BytesIO(content), "r") as file:
        structure = json.loads(_dataset(file, "structure", path).tobytes().decode())
        try:
            tree = _decode(structure, lambda index: _dataset(file, f"arrays/{index}", path))
        except ValueError:
            raise _damaged(path, "domains of the sizes of their images", "others") from None
    assert isinstance(tree, dict)
    return tree, header["fingerprint"]


def read_header(path: str | Path) -> dict[str, Any]:
    """The header alone, without reading the rest: kind, fingerprint, versions, length."""
    try:
        with Path(path).open("rb") as file:
            return _check_header(file.read(HEADER_BYTES), path)
    except OSError as error:
        raise _unreadable(path, error) from error


# ------------------------------------------------------------------------------------------------------- bytes and
# header


def _to_bytes(structure: Tree, arrays: list[NDArray[np.generic]], kind: str, fingerprint: str) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=HEADER_BYTES) as file:
        text = json.dumps(structure, separators=(",", ":")).encode()
        file.create_dataset("structure", data=np.frombuffer(text, np.uint8))
        for index, array in enumerate(arrays):
            file.create_dataset(f"arrays/{index}", data=array)
    body = buffer.getvalue()[HEADER_BYTES:]
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
    return hashlib.sha256(_render_header(unsigned) + body).hexdigest()


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
        if isinstance(version, int) and version > FORMAT_VERSION:
            got = f"version {version}, written by dlproc {header['dlproc']}"
            expected = f"a file of format version {FORMAT_VERSION} or less"
            raise DLVersionError(str(path), expected, got, "install a newer dlproc", halcon_code=7782)
        if _render_header(header) != block or not isinstance(header["length"], int):
            raise ValueError("header differs")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(path, "a readable header", "a damaged one") from None
    return dict(header)


def _dataset(file: h5py.File, name: str, path: str | Path) -> NDArray[np.generic]:
    if not isinstance(file.get(name, getlink=True), h5py.HardLink) or not isinstance(file[name], h5py.Dataset):
        raise _damaged(path, f"a dataset '{name}'", "none")
    dataset = file[name]
    if dataset.dtype.kind not in _ARRAY_KINDS or dataset.external or dataset.is_virtual:
        raise _damaged(path, f"plain numbers in '{name}'", f"{dataset.dtype}")
    return np.asarray(dataset[()])


def _read_bytes(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: OSError) -> DLFileError:
    code = 5200 if isinstance(error, FileNotFoundError) else 7780
    return DLFileError(str(path), "a file that can be read", _reason(error), halcon_code=code)


def _damaged(path: str | Path, expected: str, got: str) -> DLFileError:
    return DLFileError(str(path), expected, got, "the file is damaged; take a copy or write it anew", halcon_code=7780)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


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


def _decode(value: Tree, array: Any) -> Tree:
    if isinstance(value, list):
        return [_decode(item, array) for item in value]
    if not isinstance(value, dict):
        return value
    if "$domain" in value:
        return with_domain(array(int(value["$array"])), array(int(value["$domain"])))
    if "$array" in value:
        return array(int(value["$array"]))
    if "$real" in value:
        return float(value["$real"])
    if "$items" in value:
        return {key: _decode(item, array) for key, item in value["$items"]}
    return {key: _decode(item, array) for key, item in value.items()}
