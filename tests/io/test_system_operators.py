"""Time, error texts, and parameters of the system."""

import datetime
import os
import re
from pathlib import Path

import pytest

import dlproc as dl
from dlproc import rng
from dlproc.io.system_operators import _TEXTS
from dlproc.rng import _FIXED, _system

SOURCES = Path(dl.__file__).resolve().parent


@pytest.fixture(autouse=True)
def _as_before():
    before = dict(_system)
    yield
    _system.update(before)


def test_waiting():
    begin = dl.count_seconds()
    dl.wait_seconds(0.05)
    assert 0.05 <= dl.count_seconds() - begin < 5
    with pytest.raises(dl.DLParamError, match=r"^seconds: expected a number in \[0, "):
        dl.wait_seconds(-1)


def test_the_time_is_in_halcons_order():
    before = datetime.datetime.now()
    milliseconds, second, minute, hour, day, day_of_year, month, year = dl.get_system_time()
    after = datetime.datetime.now()
    told = datetime.datetime(year, month, day, hour, minute, second, 1000 * milliseconds)
    assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= told <= after
    assert day_of_year == (told.date() - datetime.date(year, 1, 1)).days + 1


def test_error_texts():
    assert dl.get_error_text(5200) == "file not found"
    assert dl.get_error_text([1201, 1302, 1403]) == [
        "wrong type of control parameter 1",
        "wrong value of control parameter 2",
        "wrong number of values of control parameter 3",
    ]
    assert dl.get_error_text(99999) == dl.get_error_text(1200) == ""
    assert dl.get_extended_error_info() == ("", 0, "")


def test_every_number_that_is_raised_has_a_text():
    sources = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")]
    used = {int(number) for text in sources for number in re.findall(r"halcon_code=(\d{4})\b", text)}
    assert {number for number in used if number > 2000} <= set(_TEXTS)
    assert all(dl.get_error_text(number) for number in used if number % 100)  # 1200 + n is written out in the source


def test_the_folder_of_images(monkeypatch):
    monkeypatch.setitem(rng._system, "image_dir", None)  # as a program begins
    monkeypatch.delenv("HALCONIMAGES", raising=False)
    assert dl.get_image_dir() == "."
    monkeypatch.setenv("HALCONIMAGES", "images of HALCON")
    assert dl.get_image_dir() == dl.get_system("image_dir") == "images of HALCON"
    dl.set_system("image_dir", "pictures")
    assert dl.get_image_dir() == dl.get_system("image_dir") == "pictures"


def test_parameters_without_a_meaning_here_are_kept():
    dl.set_system("clip_region", "false")
    dl.set_system(["width"], [4096])
    assert (dl.get_system("clip_region"), dl.get_system("width")) == ("false", 4096)
    dl.set_system("seed_rand", 5)
    drawn = dl.tuple_rand(2)
    dl.set_system("border_shape_models", "true")  # another parameter does not begin the random numbers anew
    assert dl.tuple_rand(2) != drawn
    assert dl.get_system("seed_rand") == 5


def test_what_can_only_be_read():
    assert dl.get_system("processor_num") == (os.cpu_count() or 1)
    assert dl.get_system("operating_system") in ("Linux", "Windows", "Darwin")
    assert dl.get_system("is_license_valid") == "true"
    with pytest.raises(dl.DLParamError, match=r"^set_system: expected one of"):
        dl.set_system("processor_num", 1)


def test_the_folder_of_halcons_examples_is_told_by_its_variable(monkeypatch):
    monkeypatch.setenv("HALCONEXAMPLES", "/opt/halcon/examples")
    assert dl.get_system("example_dir") == "/opt/halcon/examples"
    monkeypatch.delenv("HALCONEXAMPLES")
    with pytest.raises(dl.DLParamError) as caught:
        dl.get_system("example_dir")
    assert str(caught.value) == (
        "get_system('example_dir'): expected the folder of HALCON's examples in the environment variable "
        "HALCONEXAMPLES; got none"
    )


@pytest.mark.parametrize("name", _FIXED)
def test_what_would_change_results_is_refused(name):
    dl.set_system(name, _FIXED[name])
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_system(name, 4)
    assert str(caught.value) == f"set_system('{name}'): expected {_FIXED[name]!r}; got 4"
    assert caught.value.halcon_code == 1302


def test_an_unknown_parameter_is_told():
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_system("seed_rant", 4)
    assert str(caught.value).endswith("; got 'seed_rant' (did you mean 'seed_rand'?)")
    with pytest.raises(dl.DLParamError) as caught:
        dl.get_system("zzz")
    assert str(caught.value).endswith("; got 'zzz' (parameters of HALCON without a meaning here are left out)")
    assert caught.value.halcon_code == 1301
