"""Which gray values are taken, of every type of number; 10 and 12 bits; memory."""

import tracemalloc

import numpy as np
import pytest

import dlproc as dl
from dlproc.images.overlay import overlay
from dlproc.images.shown import displayable


def param(normalization_type="constant_values", **further):
    return dl.create_dl_preprocess_param(
        "anomaly_detection", 32, 32, 3, -127, 128, normalization_type, gen_param=further or None
    )


def preprocessed(image, **further):
    (sample,) = dl.gen_dl_samples_from_images(image)
    dl.preprocess_dl_samples(sample, param(**further))
    return sample["image"]


def ramp(low, high, dtype):
    return np.linspace(low, high, 32 * 32).reshape(32, 32).astype(dtype)


@pytest.mark.parametrize("kind", ["none", "constant_values"])
@pytest.mark.parametrize(
    ("low", "high", "dtype", "got"),
    [
        (0, 2**31 + 2**10, np.uint32, "uint32, 0 to 2.14748e+09"),
        (-5, 100, np.int8, "int8, -5 to 100"),
        (0, 256, np.int32, "int32, 0 to 256"),
        (-300, 200, np.int16, "int16, -300 to 200"),
        (0, 1000, np.int64, "int64, 0 to 1000"),
        (0, 4095, np.uint64, "uint64, 0 to 4095"),
        (0, 256, np.float32, "float32, 0 to 256"),
        (-300, 0, np.float64, "float64, -300 to 0"),
        (0, 2048, np.float16, "float16, 0 to 2048"),
    ],
)
def test_gray_values_out_of_range_are_refused_with_the_range_that_came(kind, low, high, dtype, got):
    with pytest.raises(dl.DLDictError) as caught:
        preprocessed(ramp(low, high, dtype), normalization_type=kind)
    is_real = np.dtype(dtype).kind == "f"
    mapped, hint = "gray values from 0 to 255", "scale them; uint16 counts as 0 to 65535"
    if low < 0:
        hint = "do not preprocess a sample twice"
    if kind == "none" and is_real:
        mapped = "values from -127 to 128, because real ones are not mapped with 'none'"
        hint = "bring gray values to uint8 for 0 to 255, to uint16 for 0 to 65535"
    assert str(caught.value) == f"dl_sample_batch[0]['image']: expected {mapped}; got {got} ({hint})"


INTEGERS, REALS = (np.uint32, np.uint64, np.int16, np.int32, np.int64), (np.float16, np.float32, np.float64)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        *(("none", dtype) for dtype in INTEGERS),  # reals are in the range of the model already
        *((kind, dtype) for kind in ("constant_values", "all_channels") for dtype in (*INTEGERS, *REALS)),
    ],
)
def test_gray_values_of_other_types_count_as_those_of_uint8(kind, dtype):
    gray = ramp(0, 255, np.uint8)
    expected = preprocessed(gray, normalization_type=kind)
    np.testing.assert_array_equal(preprocessed(gray.astype(dtype), normalization_type=kind), expected)


def test_normalisations_that_stretch_take_any_range():
    for dtype in (np.int32, np.float32):
        stretched = preprocessed(ramp(-5000, 90000, dtype), normalization_type="all_channels")
        assert (stretched.min(), stretched.max()) == pytest.approx((-127, 128))


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_bits_scale_to_255(bits, caplog):
    gray = ramp(0, 255, np.uint8)
    deep = (gray.astype(np.float64) * (2**bits - 1) / 255).round().astype(np.uint16)
    error = abs(preprocessed(deep, image_bits=bits) - preprocessed(gray)).max()
    assert error <= 0.6 * 255 / (2**bits - 1) / 57  # half a step of the camera
    if bits < 16:
        deep[3, 4] = 2**bits
        with pytest.raises(dl.DLDictError) as caught:
            preprocessed(deep, image_bits=bits)
        expected = f"gray values from 0 to {2**bits - 1}, 'image_bits' {bits}; got 0 to {2**bits}"
        assert str(caught.value) == f"dl_sample_batch[0]['image']: expected {expected}"
    assert not caplog.records


@pytest.mark.parametrize(
    ("high", "bits"), [(255, None), (256, 10), (1023, 10), (1024, 12), (4095, 12), (4096, None), (65535, None)]
)
def test_an_image_that_seems_to_have_10_or_12_bits_is_remarked(high, bits, caplog):
    preprocessed(ramp(0, high, np.uint16))
    text = f"looks like {bits} bits of a camera, and counts as nearly black (image_bits {bits} scales it)"
    expected = [f"dl_sample_batch[0]: 16 bits, but no value above {high}: {text}"] if bits else []
    assert caplog.messages == expected
    caplog.clear()
    preprocessed(ramp(0, high, np.uint16), normalization_type="all_channels")
    assert not caplog.records


def test_bits_travel_with_the_model():
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    assert dl.get_dl_model_param(model, "image_bits") == 16
    assert "image_bits" not in dl.create_dl_preprocess_param_from_model(model)
    dl.set_dl_model_param(model, "image_bits", 12)
    assert dl.create_dl_preprocess_param_from_model(model)["image_bits"] == 12
    assert dl.create_dl_preprocess_param_from_model(model, gen_param={"image_bits": 10})["image_bits"] == 10
    for wrong in (7, 17, "many"):
        with pytest.raises(dl.DLParamError):
            dl.set_dl_model_param(model, "image_bits", wrong)


def peak(function):
    """Most memory that a call takes beside what is there before, in bytes; NumPy's arrays are counted."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(4000, 6000), (2000, 3000, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_preprocessing_takes_memory_for_a_few_rows(shape, dtype):
    image = np.ones(shape, dtype) * 200
    (sample,) = dl.gen_dl_samples_from_images(image)
    assert peak(lambda: dl.preprocess_dl_samples(sample, param())) < 25e6  # the image in float32: 72 to 96 MB


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_overlay_takes_little_more_than_its_pixels(dtype):
    image, scores = np.ones((2000, 3000), dtype), np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    drawn = 2000 * 3000 * 3
    assert peak(lambda: overlay(displayable(image), scores, scores > 0.9, 0.5)) < drawn + 40e6
