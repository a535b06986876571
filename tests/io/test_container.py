"""dlproc's file: damage is found before HDF5 sees a byte, and a crash leaves the old file or the new one."""

import hashlib
import json
import os

import h5py
import numpy as np
import pytest

import dlproc as dl
from dlproc.io.container import HEADER_BYTES, read_header, write_container

CONTENT = {
    "names": ["ok", "nok"],
    "image": np.arange(12, dtype=np.float32).reshape(3, 4),
    7: {"deep": [1, [2.5, None]]},
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "content.hdict"
    dl.write_dict(CONTENT, path)
    return path


def rewrite_header(path, **changes):
    """A file with another header and the checksum that fits it."""
    content = path.read_bytes()
    header = json.loads(content[7:HEADER_BYTES]) | changes
    unsigned = {key: value for key, value in header.items() if key != "sha256"}

    def render(values):
        return (b"DLPROC " + json.dumps(values, sort_keys=True).encode()).ljust(HEADER_BYTES - 1) + b"\n"

    header["sha256"] = hashlib.sha256(render(unsigned) + content[HEADER_BYTES:]).hexdigest()
    path.write_bytes(render(header) + content[HEADER_BYTES:])


def test_round_trip(file):
    again = dl.read_dict(file)
    assert again["names"] == ["ok", "nok"]
    assert again[7] == {"deep": [1, [2.5, None]]}
    np.testing.assert_array_equal(again["image"], CONTENT["image"])
    assert again["image"].dtype == np.float32


def test_the_file_is_hdf5_and_the_same_content_gives_the_same_bytes(file, tmp_path):
    with h5py.File(file) as opened:
        assert set(opened) == {"structure", "arrays"}
    dl.write_dict(CONTENT, tmp_path / "again.hdict")
    assert (tmp_path / "again.hdict").read_bytes() == file.read_bytes()
    assert read_header(file)["kind"] == "dict"


def test_no_other_file_is_left(file):
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("position", [0, 7, 40, 300, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 900, -1])
def test_every_flipped_bit_is_found_before_hdf5_sees_it(file, position, monkeypatch):
    content = bytearray(file.read_bytes())
    content[position] ^= 4
    file.write_bytes(bytes(content))
    monkeypatch.setattr(h5py, "File", None)  # would fail with a TypeError
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert caught.value.halcon_code in (7780, 7782)


def test_flipped_byte_message(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert str(caught.value) == (
        f"{file}: expected content that fits its checksum; got other content "
        "(the file is damaged; take a copy or write it anew)"
    )


@pytest.mark.parametrize("n_bytes", [3, 100, HEADER_BYTES, 1000])
def test_truncated_file(file, n_bytes):
    file.write_bytes(file.read_bytes()[:n_bytes])
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert caught.value.halcon_code == 7780


def test_truncated_message_gives_the_sizes(file):
    n_bytes = file.stat().st_size
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(file)
    assert str(caught.value) == (
        f"{file}: expected {n_bytes} bytes; got 1000 bytes (the file is damaged; take a copy or write it anew)"
    )


def test_future_version(file):
    rewrite_header(file, format_version=7, dlproc="9.1.0")
    with pytest.raises(dl.DLVersionError) as caught:
        dl.read_dict(file)
    assert str(caught.value) == (
        f"{file}: expected a file of format version 2 or less; got version 7, written by dlproc 9.1.0 "
        "(install a newer dlproc)"
    )
    assert caught.value.halcon_code == 7782


def test_not_a_dlproc_file(tmp_path):
    path = tmp_path / "model.hdl"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(2000))
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_model(path)
    assert str(caught.value) == (
        f"{path}: expected a file written by dlproc; got another file (files written by HALCON itself cannot be read; "
        "train anew, three lines: model = dl.read_dl_model('initial_dl_anomaly_medium.hdl'); "
        "dl.train_dl_model(dl_dataset, model); dl.write_dl_model(model, 'model.hdl'))"
    )


def test_a_dictionary_is_not_a_model(file):
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_model(file)
    assert str(caught.value) == f"{file}: expected a file of kind 'dl_model'; got one of kind 'dict'"


def test_missing_file(tmp_path):
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(tmp_path / "none.hdict")
    assert (
        str(caught.value)
        == f"{tmp_path / 'none.hdict'}: expected a file that can be read; got No such file or directory"
    )
    assert caught.value.halcon_code == 5200


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {"b": object()}]}, "dict_handle['a'][1]['b']: expected {e}; got object"),
        ({"a": np.array(["x"])}, "dict_handle['a']: expected {e}; got str32 array of shape (1,)"),
        ({"a": np.array([None])}, "dict_handle['a']: expected {e}; got object array of shape (1,)"),
        ({1.5: 1}, "dict_handle: expected keys that are strings or integers; got 1.5"),
    ],
)
def test_what_a_file_cannot_hold_is_named_and_nothing_is_written(tmp_path, value, message):
    with pytest.raises(dl.DLDictError) as caught:
        dl.write_dict(value, tmp_path / "a.hdict")
    assert str(caught.value) == message.format(e="a dictionary, list, string, number, or array of numbers")
    assert list(tmp_path.iterdir()) == []


def test_unserialisable_content_can_be_left_out(tmp_path):
    content = {"a": 1, "b": object(), "c": [1, object()]}
    dl.write_dict(content, tmp_path / "a.hdict", "raise_error_if_content_not_serializable", "false")
    assert dl.read_dict(tmp_path / "a.hdict") == {"a": 1, "c": [1]}


def test_endless_dictionary_is_an_error(tmp_path):
    endless = {}
    endless["self"] = endless
    with pytest.raises(dl.DLDictError) as caught:
        dl.write_dict(endless, tmp_path / "a.hdict")
    assert caught.value.halcon_code == 2899


def test_disk_full_leaves_the_old_file(file, monkeypatch):
    before = file.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(dl.DLFileError) as caught:
        dl.write_dict({"new": 1}, file)
    assert str(caught.value) == f"{file}: expected a file that can be written; got No space left on device"
    assert caught.value.halcon_code == 7781
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_links_in_a_file_are_not_followed(tmp_path):
    """A crafted file with a correct checksum, whose array is a link to another file."""
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as opened:
        opened["secret"] = np.arange(3)
    path = tmp_path / "crafted.hdict"
    write_container(path, {"a": np.zeros(2)}, "dict")
    with h5py.File(path, "r+") as opened:
        del opened["arrays/0"]
        opened["arrays/0"] = h5py.ExternalLink(str(other), "secret")
    rewrite_header(path, length=path.stat().st_size - HEADER_BYTES)
    with pytest.raises(dl.DLFileError, match="expected a dataset 'arrays/0'; got none"):
        dl.read_dict(path)


def test_copy_dict_shares_values_unless_deep():
    original = {"a": [1, 2]}
    assert dl.copy_dict(original, [], [])["a"] is original["a"]
    deep = dl.copy_dict(original, "deep", True)
    assert deep == original
    assert deep["a"] is not original["a"]
