import pickle  # noqa: TID251 - what a worker process does with an error

import pytest

import dlproc as dl

KINDS = [
    dl.DLDictError,
    dl.DLParamError,
    dl.DLDataError,
    dl.DLModelError,
    dl.DLFileError,
    dl.DLVersionError,
    dl.DLSyntaxError,
]


@pytest.mark.parametrize("kind", KINDS)
def test_message_has_where_expected_got_and_hint(kind):
    error = kind("samples[2]['image']", "an image", "None", "read it first", halcon_code=7783)
    assert str(error) == "samples[2]['image']: expected an image; got None (read it first)"
    assert (error.where, error.expected, error.got, error.hint) == (
        "samples[2]['image']",
        "an image",
        "None",
        "read it first",
    )
    assert error.halcon_code == 7783


@pytest.mark.parametrize("kind", KINDS)
def test_survives_pickling(kind):
    error = kind("where", "this", "that", halcon_code=5200)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert str(again) == str(error) == "where: expected this; got that"
    assert again.halcon_code == 5200


def test_errors_are_pythons_own_kinds_too():
    assert issubclass(dl.DLDictError, ValueError)
    assert issubclass(dl.DLParamError, ValueError)
    assert issubclass(dl.DLFileError, OSError)
    assert issubclass(dl.DLVersionError, dl.DLFileError)
    assert all(issubclass(kind, dl.DLError) for kind in KINDS)
