"""The same gray value gives the same float: at every place, in every size of image, on every processor.

Second sources: arithmetic with fractions, and the same computation in processes that use other kernels.
"""

import hashlib
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import dlproc as dl
from dlproc.images.normalize import match_channels, normalize, to_gray_values
from dlproc.images.resize import zoom_image

SIZES = [(530, 300), (512, 96), (96, 512), (1, 1), (1, 7), (13, 1), (37, 53), (61, 1023), (255, 257)]


def noise(*shape, dtype=np.uint8):
    high = np.iinfo(dtype).max + 1
    return np.random.Generator(np.random.PCG64(3)).integers(0, high, shape, dtype)


def floats_of_gray_values(size):
    """Each gray value that occurs in an image of this size, and which floats it became with one channel."""
    gray = noise(*size)
    colours = match_channels(normalize(np.repeat(to_gray_values(gray)[:, :, None], 3, axis=2), "none", -127, 128), 1)
    return {value: set(colours[:, :, 0][gray == value].tolist()) for value in np.unique(gray).tolist()}


def test_equal_colours_have_one_luminance_everywhere():
    everywhere = {}
    for size in SIZES:
        for value, floats in floats_of_gray_values(size).items():
            everywhere.setdefault(value, set()).update(floats)
    assert len(everywhere) == 256
    assert {value: len(floats) for value, floats in everywhere.items()} == dict.fromkeys(range(256), 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_equal_colours_have_one_gray_value_in_rgb1_to_gray(dtype):
    colours = noise(16, 3).astype(dtype)
    for height, width in SIZES:
        places = np.arange(height * width).reshape(height, width) % 16
        gray = dl.rgb1_to_gray(colours[places])
        assert gray.dtype == dtype
        assert all(len(np.unique(gray[places == number])) == 1 for number in np.unique(places))


def test_luminance_of_16_bit_is_exact():
    colours = noise(40, 50, 3, dtype=np.uint16)
    exact = [(299 * r + 587 * g + 114 * b + 500) // 1000 for r, g, b in colours.reshape(-1, 3).tolist()]
    assert dl.rgb1_to_gray(colours).ravel().tolist() == exact


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [(256, 256), (32, 640), (7, 5), (1, 1)])
def test_a_plain_image_stays_plain_in_every_size(size, target):
    for gray in (to_gray_values(np.full(size, 40000, np.uint16)), np.full((*size, 3), 193, np.uint8)):
        assert np.unique(zoom_image(gray, *target)).tolist() == [gray.ravel()[0]]


def test_a_strip_of_an_image_is_resized_as_the_whole():
    """The same neighbours, elsewhere in a larger image: the same floats."""
    strip = noise(40, 60, 3)
    for axis, (height, width) in ((0, (24, 36)), (1, (24, 36)), (0, (100, 75)), (1, (100, 75))):
        twice = np.concatenate([strip, strip], axis=axis)
        size = (2 * height, width) if axis == 0 else (height, 2 * width)
        parts = np.split(zoom_image(twice, *size), 2, axis=axis)
        # An axis that grows looks one pixel over the seam.
        inner = np.s_[3:-3, 3:-3]
        np.testing.assert_array_equal(parts[0][inner], parts[1][inner])
        np.testing.assert_array_equal(parts[0][inner], zoom_image(strip, height, width)[inner])


@pytest.mark.parametrize(("n_source", "n_target"), [(7, 3), (400, 91), (130, 128), (300, 7), (5, 1)])
def test_the_mean_is_the_exact_one_rounded_once(n_source, n_target):
    column = noise(n_source, 1)
    exact = []
    for target in range(n_target):
        begin, end = Fraction(target * n_source, n_target), Fraction((target + 1) * n_source, n_target)
        overlaps = [max(Fraction(0), min(end, row + 1) - max(begin, row)) for row in range(n_source)]
        total = sum(int(gray) * overlap for gray, overlap in zip(column[:, 0], overlaps, strict=True))
        exact.append(np.float32(float(total / (end - begin))))
    np.testing.assert_array_equal(zoom_image(column, n_target, 1)[:, 0], np.array(exact))


@pytest.mark.parametrize("n_at_once", [1, 1000, 1 << 30])
def test_bands_change_nothing(monkeypatch, n_at_once):
    image = noise(131, 97, 3)
    sizes = [(50, 60), (131, 60), (200, 300), (64, 300), (300, 30)]
    expected = [zoom_image(image, *size) for size in sizes]
    monkeypatch.setattr("dlproc.images.resize._VALUES_AT_ONCE", n_at_once)
    for size, whole in zip(sizes, expected, strict=True):
        np.testing.assert_array_equal(zoom_image(image, *size), whole)


def digest():
    """All floats that preprocessing makes of some images."""
    made = hashlib.sha256()
    for height, width in SIZES:
        for image in (noise(height, width, 3), noise(height, width, dtype=np.uint16)):
            gray = zoom_image(image, 64, 96, to_gray_values).reshape(64, 96, -1)
            for kind in ("none", "constant_values", "all_channels"):
                made.update(match_channels(normalize(gray, kind, -127, 128), 1).tobytes())
    return made.hexdigest()


def kernels():
    """Environments in which the libraries choose other code than here."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    yield {
        "ATEN_CPU_CAPABILITY": "default",
        "NPY_DISABLE_CPU_FEATURES": " ".join(found),
        "OPENBLAS_CORETYPE": "Nehalem",
    }
    yield {"ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"}
    flags = Path("/proc/cpuinfo")
    if flags.is_file() and "avx512f" in flags.read_text(encoding="utf-8"):
        yield {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize("environment", list(kernels()), ids=lambda names: names["OPENBLAS_CORETYPE"])
def test_other_kernels_make_the_same_floats(environment):
    code = "import test_same_gray_values as test; print(test.digest())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (run.returncode, run.stdout.strip()) == (0, digest()), run.stderr
