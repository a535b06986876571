"""Files with a right checksum that were made to do harm, or are nonsense: an error that names the file, little memory."""

import io
import json
import struct
import sys
import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest

import dlproc as dl
from dlproc.io import container, plain_hdf5
from dlproc.io.container import HEADER_BYTES

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "benchmarks"))

import fuzz

HEADER = {"dlproc": "0.1.0", "fingerprint": "", "format_version": 1, "kind": "dict", "length": 0, "sha256": ""}
ARRAYS = [np.arange(3.0), np.zeros((2, 2), np.uint8), np.array([[True, False], [True, True]])]
DAMAGED = "(the file is damaged; take a copy or write it anew)"
NO_HEADER = "expected a readable header; got a damaged one"
SPECIAL = "expected a structure of the form that dlproc writes; got '{}' in another place"


def refused(file, content):
    file.write_bytes(content)
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert caught.value.halcon_code == 7780
    return str(caught.value)


@pytest.mark.parametrize("name", HEADER)
def test_a_header_without_a_key(tmp_path, name):
    header = {key: value for key, value in HEADER.items() if key != name}
    assert refused(tmp_path / "a", fuzz.signed(header, b"x" * 99)) == f"{tmp_path / 'a'}: {NO_HEADER} {DAMAGED}"


@pytest.mark.parametrize("change", [
    {"kind": 3}, {"kind": ["dict"]}, {"sha256": None}, {"fingerprint": {}}, {"length": True}, {"length": -1},
    {"length": 1e3}, {"format_version": True}, {"format_version": None}, {"dlproc": 1}, {"more": 1},
])  # fmt: skip
def test_a_header_with_another_value(tmp_path, change):
    header = HEADER | {"length": 99} | change
    header["sha256"] = change.get("sha256", container._checksum(header, b"x" * 99))
    content = container._render_header(header) + b"x" * 99
    assert refused(tmp_path / "a", content) == f"{tmp_path / 'a'}: {NO_HEADER} {DAMAGED}"


def test_a_length_that_the_file_has_not(tmp_path):
    content = container._render_header(HEADER | {"length": 2**60})
    assert (
        refused(tmp_path / "a", content) == f"{tmp_path / 'a'}: expected {2**60 + 512} bytes; got 512 bytes {DAMAGED}"
    )


@pytest.mark.parametrize(("text", "message"), [
    (b"[1, 2]", "expected a dictionary; got [1, 2]"),
    (b"7", "expected a dictionary; got 7"),
    (b'{"a": \xff}', "expected a structure that is JSON; got ''utf-8' codec can't decode byte 0xff in position 6: invalid start byte'"),
    (b'{"a": 1', "expected a structure that is JSON; got 'Expecting ',' delimiter: line 1 column 8 (char 7)'"),
    (b"", "expected a structure that is JSON; got 'Expecting value: line 1 column 1 (char 0)'"),
    (b'{"a": NaN}', "expected a structure that is JSON; got 'NaN is not JSON'"),
    (b'{"a": ' + b"[" * 100_000, "expected at most 64 levels; got more"),
    (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}", "expected at most 64 levels; got more"),
    (b'{"a": ' + b'{"b":' * 70 + b"1" + b"}" * 71, "expected at most 64 levels; got more"),
    (b'{"$items": 3}', SPECIAL.format("$items")),
    (b'{"a": {"$items": [3]}}', "expected pairs of a key and a value; got 3"),
    (b'{"a": {"$items": [[1, 2], [1, 3]]}}', SPECIAL.format("$items")),
    (b'{"a": {"$items": [[[], 3]]}}', "expected pairs of a key and a value; got [[], 3]"),
    (b'{"a": {"$array": 3}}', "expected a dataset 'arrays/3'; got none"),
    (b'{"a": {"$array": -1}}', "expected a dataset 'arrays/-1'; got none"),
    (b'{"a": {"$array": true}}', "expected a dataset 'arrays/True'; got none"),
    (b'{"a": {"$array": 0.0}}', "expected a dataset 'arrays/0.0'; got none"),
    (b'{"a": {"$array": "0"}}', "expected a dataset 'arrays/0'; got none"),
    (b'{"a": {"$array": null}}', "expected a dataset 'arrays/None'; got none"),
    (b'{"a": [{"$array": 0}, {"$array": 0}]}', "expected a dataset 'arrays/0'; got none"),
    (b'{"a": {"$array": 0}}', "expected a structure that uses each array; got one without 'arrays/1'"),
    (b'{"a": {"$array": 0, "b": 1}}', SPECIAL.format("$array")),
    (b'{"a": {"$array": 0, "$domain": 2}}', "expected domains of the sizes of their images; got others"),
    (b'{"a": {"$array": 1, "$domain": 0}}', "expected domains of the sizes of their images; got others"),
    (b'{"a": {"$real": "1e5"}}', SPECIAL.format("$real")),
    (b'{"a": {"$real": []}}', SPECIAL.format("$real")),
    (b'{"$other": 1}', SPECIAL.format("$other")),
])  # fmt: skip
def test_a_structure_that_is_nonsense(tmp_path, text, message):
    arrays = ARRAYS if b"$" in text else []
    assert refused(tmp_path / "a", fuzz.rebuilt(HEADER, text, arrays)) == f"{tmp_path / 'a'}: {message} {DAMAGED}"


def crafted(write, libver="earliest"):
    """A file whose arrays/0 is written by the HDF5 library as `write` says."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=HEADER_BYTES, libver=libver) as file:
        file["structure"] = np.frombuffer(json.dumps({"a": {"$array": 0}}).encode(), np.uint8)
        write(file.create_group("arrays"))
    return fuzz.signed(HEADER, buffer.getvalue()[HEADER_BYTES:])


def thousands_of_names(group):
    one = group.create_dataset("0", data=np.zeros(53_000, np.uint8))
    for number in range(1, 3000):
        group[str(number)] = one


def virtual(group):
    layout = h5py.VirtualLayout((2**30,), "f8")
    layout[:10] = h5py.VirtualSource("other.h5", "x", (10,))
    group.create_virtual_dataset("0", layout)


@pytest.mark.parametrize(("write", "got"), [
    (lambda group: group.create_dataset("0", (2**31,), "u1", chunks=(2**24,), compression="gzip"), "'arrays/0' with a filter"),
    (lambda group: group.create_dataset("0", (2**40,), "f8", chunks=(2**20,)), "'arrays/0' in chunks, compact or virtual"),
    (lambda group: group.create_dataset("0", (2**20,), "f8", external=[("b", 0, 2**23)]), "'arrays/0' with external storage"),
    (lambda group: group.create_dataset("0", data=np.array([b"x"], object), dtype=h5py.string_dtype()), "'arrays/0' with something else than plain numbers"),
    (lambda group: group.create_dataset("0", data=np.zeros(2, "f8,i4")), "'arrays/0' with something else than plain numbers"),
    (lambda group: group.create_dataset("0", data=1).attrs.create("note", 1), "'arrays/0' with "),
    (virtual, "'arrays/0' in chunks, compact or virtual"),
    (thousands_of_names, "datasets that are larger than the file"),
])  # fmt: skip
def test_hdf5_that_dlproc_does_not_write(tmp_path, write, got):
    content = crafted(write)
    tracemalloc.start()
    message = refused(tmp_path / "a", content)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert message.startswith(f"{tmp_path / 'a'}: expected HDF5 of the form that dlproc writes; got {got}")


@pytest.mark.parametrize("link", [h5py.ExternalLink("other.h5", "x"), h5py.SoftLink("/structure")])
def test_links(tmp_path, link):
    def write(group):
        group["0"] = link

    assert "expected a dataset 'arrays/0'; got none" in refused(tmp_path / "a", crafted(write))


def test_the_newest_form_of_hdf5(tmp_path):
    content = crafted(lambda group: group.create_dataset("0", data=1), "latest")
    assert "expected HDF5 of the form that dlproc writes; got another superblock" in refused(tmp_path / "a", content)


def test_a_bool_that_is_none(tmp_path):
    content = bytearray(fuzz.rebuilt(HEADER, b'{"a": {"$array": 0}}', [np.array([True] * 9)]))
    place = content.index(b"\1" * 9)
    content[place] = 7
    assert "got a bool that is neither 0 nor 1" in refused(tmp_path / "a", fuzz.signed(HEADER, bytes(content[512:])))


def test_what_cannot_be_opened(tmp_path):
    for name in (tmp_path, "a\0b"):
        with pytest.raises(dl.DLFileError) as caught:
            dl.read_dict(name)
        assert caught.value.halcon_code == 7780


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return fuzz.seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_files_that_are_changed_anywhere(seeds, tmp_path, first):
    """Of 10,000 such files: benchmarks/fuzz.py."""
    sample = dl.read_dict(next(file for file in seeds if file.name == "sample.hdict"))
    for seed in range(first, first + 100):
        source = seeds[seed % len(seeds)]
        file = tmp_path / f"changed{source.suffix}"
        file.write_bytes(fuzz.mutated(source, seed))
        came, seconds, n_bytes = fuzz.read_one(file, sample)
        assert came in ("read", "refused", "refused later"), f"seed {seed}"
        assert seconds < 10, f"seed {seed}"
        assert n_bytes < 50e6, f"seed {seed}"


def test_one_header_that_is_read_again_and_again():
    """Many members may lead to one long header; reading all of them would take hours."""
    body = struct.pack("<BBHIIxxxx", 1, 0, 0, 1, 80_000) + bytes(80_000)  # 10,000 empty messages
    reader = plain_hdf5._Reader(body)
    reader.messages(0)
    with pytest.raises(plain_hdf5.NotPlainError, match="more members or messages than the file has room for"):
        reader.messages(0)
