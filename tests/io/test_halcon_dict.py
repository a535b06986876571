"""Files of HALCON's write_dict."""

import contextlib
import struct

import pytest
from halcon_dict_bytes import file_of
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl
from dlproc.io.halcon_dict import parse

PARAM = file_of(
    [
        ("image_width", 1, [480]),
        ("image_range_min", 2, [-2.0]),
        ("normalization_type", 4, ["none"]),
        ("class_names", 4, ["gut", "schlecht äöü"]),
        ("mean_values_normalization", 2, [123.675, 116.28, 103.53]),
        ("nothing", 1, []),
    ]
)


def test_preprocessing_parameters(tmp_path):
    path = tmp_path / "part_dl_preprocess_params.hdict"
    path.write_bytes(PARAM)
    assert dl.read_dict(path, [], []) == {
        "image_width": 480,
        "image_range_min": -2.0,
        "normalization_type": "none",
        "class_names": ["gut", "schlecht äöü"],
        "mean_values_normalization": [123.675, 116.28, 103.53],
        "nothing": [],
    }


INTEGERS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)
TUPLES = st.one_of(
    st.tuples(st.just(1), INTEGERS),
    st.tuples(st.just(2), st.lists(st.floats(allow_nan=False), max_size=4)),
    st.tuples(st.just(4), st.lists(st.text(max_size=6), max_size=4)),
)


@given(st.dictionaries(st.text(max_size=5), TUPLES, max_size=5))
def test_what_is_written_is_read(entries):
    content = file_of([(key, kind, values) for key, (kind, values) in entries.items()])
    expected = {key: values[0] if len(values) == 1 else values for key, (_, values) in entries.items()}
    assert parse(content, "a.hdict") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            PARAM.replace(b"\0u\0\0\0\0\x01", b"\0u\0\0\0\0\x05", 1),
            "integers (1), reals (2) or texts (4) under the key 'image_width' at byte 44; got type 5",
        ),
        (
            PARAM.replace(b"\0u\0\0\0\0\x01", b"\0u\0\0\0\x01\x01", 1),
            "a tuple under the key 'image_width' at byte 40; got the bytes 00 00 00 01",
        ),
        (b"HDICTIONARY\0\x01\x02" + PARAM[14:], "version 1 1 of the form at byte 12; got the bytes 01 02"),
        (
            PARAM[:14] + struct.pack(">q", 10**9),
            "a number of entries that fits into the file at byte 14; got 1000000000",
        ),
        (PARAM[:-1], f"the end at byte {len(PARAM) - 11}; got the bytes {PARAM[-11:-1].hex(' ')}"),
        (PARAM + b"!", f"nothing behind the end at byte {len(PARAM)}; got 1 bytes"),
        (PARAM.replace(b"gut\0u", b"gut\0l"), "the end of a text in UTF-8 at byte 190; got the bytes 00 6c"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path, content, message):
    path = tmp_path / "a.hdict"
    path.write_bytes(content)
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dict(path)
    hint = "in HALCON, dict_to_json writes what json_to_dict reads here"
    assert str(caught.value) == f"{path}: expected {message} ({hint})"
    assert caught.value.halcon_code == 7780


@given(st.data())
def test_damaged_files_are_errors_and_take_no_memory(data):
    """Any byte changed, anything cut off: a dictionary or an error that says so, nothing else."""
    content = bytearray(PARAM)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            assert isinstance(parse(damaged, "a.hdict"), dict)
        except dl.DLFileError as error:
            assert error.halcon_code == 7780


@given(st.binary(max_size=200))
def test_arbitrary_bytes(content):
    for start in (b"", PARAM[:14], PARAM[:22]):
        with contextlib.suppress(dl.DLFileError):
            parse(start + content, "a.hdict")
