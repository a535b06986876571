"""Read thousands of damaged and hostile files whose checksums are right: ``python benchmarks/fuzz.py``.

Models (.hdl) and dictionaries (.hdict) are changed at one to three places, in one of six ways: the header, the JSON of
the structure, its text, the arrays, bytes of the HDF5 content, and HDF5 that dlproc does not write (filters, chunks,
links, thousands of names for one array). Length and checksum are computed again, so that the change reaches the reader.

Each file must be read, or give one of dlproc's own errors. A model that is read is applied to an image, and that must
not give a foreign error either. Memory is the peak that `tracemalloc` sees while a file is read, time that of
the processor. Each 1,000 files
are read in a process of their own, so that a crash is counted and not fatal.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import random  # noqa: TID251 - the seed of each file is its number
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
from common import in_fresh_process, write_results

import dlproc as dl
from dlproc.errors import DLError
from dlproc.io import container
from dlproc.io.container import HEADER_BYTES

_PER_PROCESS = 1000
_PROCESSES = 3  # at once
_STRANGE: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 1e308, 0.5, "", "x" * 3000, "\ud800", "medium", "$array", [],
    {}, [[]], {"$array": 0}, {"$array": -1}, {"$array": True}, {"$array": 10**9}, {"$array": 0, "$domain": 0},
    {"$array": 0, "$domain": 1}, {"$items": 3}, {"$items": [[1]]}, {"$items": [[[], 1]]}, {"$real": "nan"},
    {"$real": "1e5"}, {"$real": []}, {"$": 1}, {"$items": [[1, 2], [1, 3]]},
]  # fmt: skip
_DTYPES = ("?", "i1", "u1", "i2", "u4", "i8", "u8", "f2", "f4", "f8", ">f4", ">i8")
Parts = tuple[dict[str, Any], Any, list[Any], bytes]  # header, structure, arrays, body


# --- Files to begin with


def seeds(folder: Path) -> list[Path]:
    """Write small files of each kind: a trained model, an untrained one, a sample, a dataset, a bit of everything."""
    generator = np.random.Generator(np.random.PCG64(0))
    images = list(generator.integers(0, 256, (4, 64, 64), np.uint8))
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [64, 64])
    dl.set_dl_model_param(model, "complexity", 1)
    samples = dl.gen_dl_samples_from_images(images)
    dl.preprocess_dl_samples(samples, dl.create_dl_preprocess_param_from_model(model))
    dl.write_dl_model(model, folder / "untrained.hdl")
    dl.train_dl_model_anomaly_dataset(model, samples)
    dl.set_dl_model_param(model, "meta_data", {"anomaly_classification_threshold": "0.5"})
    dl.write_dl_model(model, folder / "trained.hdl")
    everything = {
        "bool": np.eye(3, dtype=bool), "empty": np.zeros((0, 2)), "scalar": np.float32(1), "point": np.array(2.0),
        "big": np.arange(4, dtype=">i4"), 7: [1, 2.5, None, True, float("nan"), {"$deep": {"er": ["x"]}}],
        "domain": dl.full_domain(images[0]),
    }  # fmt: skip
    dl.write_dict(everything, folder / "everything.hdict")
    dl.write_dict(samples[0], folder / "sample.hdict")
    described = [{"image_id": n, "image_file_name": f"{n}.png", "anomaly_label": "ok"} for n in range(5)]
    dl.write_dict({"image_dir": "images", "samples": described}, folder / "dataset.hdict")
    return sorted(folder.iterdir())


@cache
def parts_of(file: Path) -> Parts:
    """Header, structure, arrays and body of a file."""
    content = file.read_bytes()
    with h5py.File(io.BytesIO(content)) as opened:
        structure = json.loads(opened["structure"][()].tobytes())
        arrays = [opened[f"arrays/{number}"][()] for number in range(len(opened.get("arrays", ())))]
    return json.loads(content[7:HEADER_BYTES]), structure, arrays, content[HEADER_BYTES:]


def signed(header: dict[str, Any], body: bytes) -> bytes:
    """A file with the right length and checksum, as far as the header has them."""
    header = dict(header)
    if "length" in header:
        header["length"] = len(body)
    if "sha256" in header:
        header["sha256"] = container._checksum(header, body)
    return container._render_header(header)[:HEADER_BYTES] + body


# --- Changes


def nodes(tree: Any) -> list[tuple[Any, Any]]:
    """Each place of a nested structure, as a container and a key."""
    found, waiting = [], [tree]
    while waiting:
        here = waiting.pop()
        keys = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            found.append((here, key))
            waiting.append(here[key])
    return found


def change_header(parts: Parts, draw: random.Random) -> bytes:
    """A key of the header missing, more, or of another kind."""
    header, _, _, body = parts
    name = draw.choice([*header, "more"])
    if draw.random() < 0.3 and name in header:
        header.pop(name)
        return container._render_header(header)[:HEADER_BYTES] + body if name == "sha256" else signed(header, body)
    header[name] = draw.choice(_STRANGE)
    if name in ("length", "sha256"):
        return container._render_header(header)[:HEADER_BYTES] + body
    return signed(header, body)


def change_structure(parts: Parts, draw: random.Random) -> bytes:
    """Values of the structure of another kind, missing, moved, or nested deeply."""
    header, structure, arrays, _ = parts
    for _ in range(draw.randint(1, 3)):
        here, key = draw.choice(nodes(structure) or [([structure], 0)])
        way = draw.randrange(5)
        if way == 0 and isinstance(here, dict):
            here.pop(key)
        elif way == 1:
            other, other_key = draw.choice(nodes(structure) or [([1], 0)])
            here[key] = json.loads(json.dumps(other[other_key]))
        elif way == 2:
            deep: Any = 1
            for _ in range(draw.choice((10, 70, 150))):
                deep = [deep] if draw.random() < 0.5 else {"a": deep}
            here[key] = deep
        else:
            here[key] = draw.choice(_STRANGE)
    return rebuilt(header, json.dumps(draw.choice((structure, structure, structure, [structure]))).encode(), arrays)


def change_text(parts: Parts, draw: random.Random) -> bytes:
    """Bytes of the JSON changed, cut or repeated; other UTF-8, nesting beyond any stack, endless numbers."""
    header, structure, arrays, _ = parts
    text = bytearray(json.dumps(structure).encode())
    way, place = draw.randrange(6), draw.randrange(len(text))
    if way == 0:
        text = text[:place]
    elif way == 1:
        text[place] = draw.randrange(256)
    elif way == 2:
        text[place:place] = draw.choice((b"[" * 100_000, b'{"a":' * 50_000, b"9" * 6000, b"NaN", b"-Infinity", b"\xff"))
    elif way == 3:
        text[place:place] = text[draw.randrange(len(text)) :][:200]
    elif way == 4:
        text = bytearray(b"[" * 200_000 + b"]" * 200_000)
    else:
        text = bytearray(draw.randbytes(draw.randrange(200)))
    return rebuilt(header, bytes(text), arrays)


def change_arrays(parts: Parts, draw: random.Random) -> bytes:
    """Arrays of another type or shape, missing, more, or with NaN and other bytes."""
    header, structure, arrays, _ = parts
    if not arrays:
        return change_structure(parts, draw)
    number, way = draw.randrange(len(arrays)), draw.randrange(6)
    array = np.array(arrays[number])
    if way == 0:
        arrays.pop(number)
    elif way == 1:
        arrays.append(array)
    elif way == 2:
        with np.errstate(all="ignore"):
            arrays[number] = array.astype(draw.choice(_DTYPES))
    elif way == 3 and array.size:
        raw = bytearray(array.tobytes())
        for _ in range(draw.randint(1, 20)):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        arrays[number] = np.frombuffer(bytes(raw), np.uint8).view(array.dtype.newbyteorder("=")).reshape(array.shape)
    elif way == 4 and array.dtype.kind == "f" and array.size:
        array.flat[draw.randrange(array.size)] = draw.choice((np.nan, np.inf, -np.inf))
        arrays[number] = array
    else:
        arrays[number] = draw.choice((array.reshape(-1), array[None], array[..., :1] if array.ndim else array, array.T))
    return rebuilt(header, json.dumps(structure).encode(), arrays)


def change_bytes(parts: Parts, draw: random.Random) -> bytes:
    """Bytes of the HDF5 content, mostly of its own structures, changed, cut, or repeated."""
    header, _, _, body = parts
    changed = bytearray(body)
    marks = [found for mark in (b"TREE", b"SNOD", b"HEAP", b"\1\0\5\0\1\0") for found in _all_places(body, mark)]
    for _ in range(draw.randint(1, 4)):
        near = draw.choice([*marks, 0, draw.randrange(len(body))])
        place = min(len(changed) - 1, near + draw.randrange(64))
        way = draw.randrange(5)
        if way == 0:
            changed[place] ^= 1 << draw.randrange(8)
        elif way == 1:
            changed[place : place + 8] = draw.choice((0, 1, 2**32, 2**63, 2**64 - 1, len(body), near)).to_bytes(
                8, "little"
            )
        elif way == 2:
            changed[place : place + 2] = draw.choice((b"\xff\xff", b"\0\0", b"\1\0", b"\x10\0", b"\x0b\0"))
        elif way == 3:
            changed[place:place] = draw.randbytes(draw.randint(1, 16))
        else:
            del changed[place : place + draw.randint(1, 2000)]
        if not changed:
            changed = bytearray(1)
    return signed(header, bytes(changed))


def foreign_hdf5(parts: Parts, draw: random.Random) -> bytes:
    """What the HDF5 library can write and dlproc never does."""
    header, structure, arrays, _ = parts
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=HEADER_BYTES, libver=draw.choice(("earliest", "latest"))) as file:
        text = np.frombuffer(json.dumps(structure).encode(), np.uint8)
        file.create_dataset("structure", data=text)
        for number, array in enumerate(arrays[1:], 1):
            file.create_dataset(f"arrays/{number}", data=array)
        group, way = file.require_group("arrays"), draw.randrange(9)
        if way == 0:  # three kilobytes that unpack to two gigabytes
            group.create_dataset("0", (2**31,), "u1", chunks=(2**24,), compression="gzip", fillvalue=0)
        elif way == 1:
            group.create_dataset("0", (2**40,), "f8", chunks=(2**20,))
        elif way == 2:
            group["0"] = h5py.ExternalLink("other.h5", "x")
        elif way == 3:
            group["0"] = h5py.SoftLink("/structure")
        elif way == 4:  # one array of 50 kB under thousands of names
            one = file.create_dataset("one", data=np.zeros(50_000, np.uint8))
            for number in range(draw.choice((3000, 200, 200, 200))):
                group[f"{number}" if number == 0 else f"more{number}"] = one
        elif way == 5:
            group.create_dataset("0", data=np.array([b"text"], object), dtype=h5py.string_dtype())
        elif way == 6:
            layout = h5py.VirtualLayout((2**30,), "f8")
            layout[:10] = h5py.VirtualSource("other.h5", "x", (10,))
            group.create_virtual_dataset("0", layout)
        elif way == 7:
            group.create_dataset("0", (2**20,), "f8", external=[("other.bin", 0, 2**23)])
        else:
            group.create_dataset("0", data=arrays[0] if arrays else 0).attrs["note"] = "x"
    return signed(header, buffer.getvalue()[HEADER_BYTES:])


CHANGES: tuple[Callable[[Parts, random.Random], bytes], ...] = (
    change_header, change_structure, change_text, change_arrays, change_bytes, foreign_hdf5,
)  # fmt: skip


def rebuilt(header: dict[str, Any], text: bytes, arrays: list[Any]) -> bytes:
    """A file with another text of the structure, and other arrays."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=HEADER_BYTES, libver="earliest") as file:
        file.create_dataset("structure", data=np.frombuffer(text, np.uint8))
        for number, array in enumerate(arrays):
            file.create_dataset(f"arrays/{number}", data=array)
    return signed(header, buffer.getvalue()[HEADER_BYTES:])


def mutated(file: Path, seed: int) -> bytes:
    """The bytes of a file, changed as the seed says."""
    draw = random.Random(seed)
    header, structure, arrays, body = parts_of(file)
    return draw.choice(CHANGES)((dict(header), copy.deepcopy(structure), list(arrays), body), draw)


def _all_places(content: bytes, mark: bytes) -> list[int]:
    found, place = [], content.find(mark)
    while place >= 0 and len(found) < 100:
        found.append(place)
        place = content.find(mark, place + 1)
    return found


# --- Reading


def read_one(file: Path, sample: Any) -> tuple[str, float, float]:
    """Read a file, and apply a model: what came of it, the processor's seconds and bytes of the reading.

    'read', 'refused' (one of dlproc's errors that names the file), 'refused later' (only when it was applied), or the
    name of a foreign exception.
    """
    tracemalloc.start()
    start, came, model = time.process_time(), "read", None
    try:
        if file.suffix == ".hdl":
            model = dl.read_dl_model(file)
        else:
            dl.read_dict(file)
    except DLError as error:
        came = "refused" if str(file) in str(error) else f"no name: {error}"
    except BaseException as error:
        came = f"{type(error).__name__}: {error}"[:200]
    seconds, (_, n_bytes) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if model is not None and model.is_trained:
        try:
            dl.apply_dl_model(model, [sample])
        except DLError:
            came = "refused later"
        except Exception as error:
            came = f"applied, {type(error).__name__}: {error}"[:200]
    return came, seconds, n_bytes


def read_many(first: int, n_files: int, folder: Path) -> dict[str, Any]:
    """Read `n_files` changed files; the figures."""
    (folder / "seeds").mkdir(exist_ok=True)
    files = seeds(folder / "seeds")
    sample = dl.read_dict(folder / "seeds" / "sample.hdict")
    counts: Counter[str] = Counter()
    slowest_s = largest_mb = 0.0
    bad = []
    for seed in range(first, first + n_files):
        source = files[seed % len(files)]
        file = folder / f"changed{source.suffix}"
        file.write_bytes(mutated(source, seed))
        came, seconds, n_bytes = read_one(file, sample)
        counts[came if came in ("read", "refused", "refused later") else "foreign"] += 1
        if came not in ("read", "refused", "refused later"):
            bad.append(f"seed {seed}: {came}")
        slowest_s, largest_mb = max(slowest_s, seconds), max(largest_mb, n_bytes / 1e6)
    return {**counts, "slowest_s": slowest_s, "largest_mb": largest_mb, "bad": bad[:20]}


def main() -> None:
    """Read, print, and write results.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many (default 10000)")
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first is not None:  # one process of many
        with TemporaryDirectory() as folder:
            print(json.dumps(read_many(arguments.first, arguments.files, Path(folder))))
        return
    total: Counter[str] = Counter()
    slowest_s = largest_mb = 0.0

    def read_part(first: int) -> dict[str, Any]:
        n_files = min(_PER_PROCESS, arguments.files - first)
        try:
            return in_fresh_process(Path(__file__), ["--first", first, "--files", n_files])
        except SystemExit as crash:
            return {"crashed processes": 1, "slowest_s": 0.0, "largest_mb": 0.0, "bad": [str(crash)]}

    with ThreadPoolExecutor(_PROCESSES) as pool:
        parts = list(pool.map(read_part, range(0, arguments.files, _PER_PROCESS)))
    for figures in parts:
        slowest_s, largest_mb = max(slowest_s, figures.pop("slowest_s")), max(largest_mb, figures.pop("largest_mb"))
        for line in figures.pop("bad"):
            print(line)
        total.update(figures)
    print(f"{arguments.files} files: {dict(total)}, {slowest_s:.2f} s, {largest_mb:.1f} MB")
    names = ("read", "refused", "refused later", "foreign", "crashed processes")
    counts = {name.replace(" ", "_"): total[name] for name in names}
    figures = {"files": arguments.files, **counts, "slowest_s": round(slowest_s, 2), "largest_mb": round(largest_mb, 1)}
    write_results("fuzz", {key.replace("foreign", "foreign_errors"): value for key, value in figures.items()})


if __name__ == "__main__":
    main()
