"""Converted models: ONNX, ONNX Runtime, OpenVINO, half precision, 8 bits, and the scoring of a graphics card."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import dlproc as dl
from dlproc.features.backbone import read_backbone
from dlproc.models import optimize
from dlproc.models.held_out import was_trained_on
from dlproc.models.runtimes import extras, graph, onnx_file
from dlproc.models.runtimes.export import export_graph
from dlproc.models.scoring import begin_scoring, network_images, score_on_device
from dlproc.scores import image_distance, to_score

pytestmark = pytest.mark.usefixtures("one_export")
INTERFACES = ("onnx_runtime", "openvino")


def device_of(interface):
    (device,) = dl.query_available_dl_devices(["runtime", "ai_accelerator_interface"], ["cpu", interface])
    return device


def scores(model, samples):
    return np.array([result["anomaly_score"] for result in dl.apply_dl_model(model, samples)])


def images(model, samples):
    return np.stack([result["anomaly_image"] for result in dl.apply_dl_model(model, samples)])


@pytest.fixture(scope="module")
def samples(workflow):
    """Good and defective solar cells, one of them with a domain."""
    batch = workflow.samples()[:10]
    domain = np.zeros((128, 128), bool)
    domain[20:90, 37:101] = True
    return [*batch, {**batch[0], "domain": domain}]


@pytest.fixture(scope="module")
def converted(workflow, samples):
    """``converted("openvino", "int8")`` -> model and report, each made once."""
    done = {}

    def convert(interface, precision):
        key = interface, precision
        if key not in done:
            device = device_of(interface)
            # A model of twelve small images: with int8 the worst pixel changes by a little more than is allowed usually.
            options = {"max_pixel_difference": 0.2} if precision == "int8" else {}
            done[key] = dl.optimize_dl_model_for_inference(workflow.model, device, precision, samples, options)
        return done[key]

    return convert


# ------------------------------------------------------------------------------------------- one definition, two twins


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (5, 15), (64, 96)])  # 0.1 * 25 = 2.5: half to even
@pytest.mark.parametrize("has_domain", [False, True])
def test_the_twins_of_the_scores_agree_with_their_definition(shape, has_domain):
    generator = np.random.Generator(np.random.PCG64(3))
    distances = generator.normal(2, 6, (7, *shape)).astype(np.float32)
    distances[0] = 1.5  # all the same: no spread
    domains = generator.random(distances.shape) < 0.4
    domains[:, 0, 0] = True
    given = torch.from_numpy(domains) if has_domain else None
    anomaly_images, anomaly_scores = graph.scores(torch.from_numpy(distances), given, 2.5)
    for index, image in enumerate(distances):
        inside = domains[index] if has_domain else np.ones(shape, bool)
        np.testing.assert_allclose(anomaly_images[index], np.where(inside, to_score(image), 0), atol=2e-7)
        expected = to_score(np.float32([image_distance(image[inside], 2.5)]))
        np.testing.assert_allclose(anomaly_scores[index], expected[0], atol=1e-6)


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize(("kind", "low", "high"), [("constant_values", -2, 2), ("none", -127, 128), ("none", 0, 1)])
def test_gray_values_reach_the_network_in_one_step(n_channels, kind, low, high):
    """By hand: normalise a gray value as HALCON does, then see (gray - 127) / 128 behind the graph's one step."""
    gray = np.float32([0, 1, 127, 200, 255])[None, :, None, None].repeat(n_channels, axis=3)  # (N, H, W, C)
    mean, deviation = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    if kind == "none":
        sample = gray * (high - low) / 255 + low
    elif n_channels == 3:
        sample = (gray - mean) / deviation
    else:
        sample = ((gray - mean) / deviation) @ np.array([[0.299], [0.587], [0.114]])
    parameters = {
        "image_num_channels": n_channels,
        "normalization_type": kind,
        "image_range_min": low,
        "image_range_max": high,
        "mean_values_normalization": mean.tolist(),
        "deviation_values_normalization": deviation.tolist(),
    }
    affine = graph.affine_tensors(parameters, torch.device("cpu"))
    seen = graph.network_input(torch.from_numpy(sample.astype(np.float32)), *affine).numpy()
    assert seen.shape == (1, 3, 5, 1)
    np.testing.assert_allclose(seen[0, :, :, 0], np.repeat((gray[0, None, :, 0, 0] - 127) / 128, 3, axis=0), atol=2e-6)


def test_what_a_card_would_score_is_what_the_cpu_scores(workflow, samples):
    """The code path of a graphics card, on the CPU: scores computed by torch in one piece, domains among them."""
    model = workflow.model
    with torch.inference_mode():
        distances = model.reference.distance_maps(model.backbone, network_images(samples, model), torch.ones(11, 8, 8))
        on_device = score_on_device(distances[:10], samples[:10], 3.0)()
    for (image, score), result in zip(on_device, dl.apply_dl_model(model, samples[:10]), strict=True):
        np.testing.assert_allclose(image, result["anomaly_image"], atol=1e-6)
        assert score == pytest.approx(result["anomaly_score"], abs=1e-6)
    (pair,) = score_on_device(distances[10:], samples[10:], 3.0)()
    assert (pair[0][~samples[10]["domain"]] == 0).all()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_half_precision_of_the_network_changes_features_little(device):
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("this machine has no GPU")
    image = torch.linspace(-1, 1, 3 * 64 * 64).reshape(1, 3, 64, 64).to(device)
    with torch.inference_mode():
        full = read_backbone("lite0", 5).to(device)(image, (3, 5))
        half = graph.HalfBackbone(read_backbone("lite0", 5).to(device))(image, (3, 5))
    for a, b in zip(full, half, strict=True):
        assert b.dtype == torch.float32
        assert 0 < (a - b).abs().max() < 0.02 * a.abs().max()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_conversion_for_a_card(workflow, samples, precision):
    device = dl.query_available_dl_devices(["runtime", "ai_accelerator_interface"], ["gpu", "none"])[0]
    model, report = dl.optimize_dl_model_for_inference(workflow.model, device, precision, samples)
    assert report["max_score_difference"] <= {"float32": 1e-5, "float16": 0.02}[precision]
    dl.set_dl_model_param(model, "batch_size", 4)
    np.testing.assert_array_equal(images(model, samples), images(model, samples))


def test_a_batch_is_gathered_once_and_changes_nothing(workflow, samples):
    """Read-only samples, gathered together, give what each gives alone."""
    before = [sample["image"].copy() for sample in samples]
    for sample in samples:
        sample["image"].setflags(write=False)
    together = network_images(samples, workflow.model)
    for index, sample in enumerate(samples):
        assert torch.equal(network_images([sample], workflow.model)[0], together[index])
        np.testing.assert_array_equal(sample["image"], before[index])
    outside = ~samples[10]["domain"]
    np.testing.assert_allclose(together[10].numpy()[:, outside], 0, atol=1e-6)
    assert len(begin_scoring(samples[:3], workflow.model)()) == 3


# ------------------------------------------------------------------------------------------------------ conversion


@pytest.mark.parametrize(
    ("interface", "precision", "score_limit"),
    [
        ("none", "float32", 0.0),
        ("onnx_runtime", "float32", 1e-6),
        ("onnx_runtime", "float16", 0.02),
        ("onnx_runtime", "int8", 0.05),
        ("openvino", "float32", 1e-6),
        ("openvino", "float16", 0.02),
        ("openvino", "int8", 0.05),
    ],
)
def test_a_converted_model_says_the_same(workflow, samples, converted, tmp_path, interface, precision, score_limit):
    model, report = converted(interface, precision)
    native, other = scores(workflow.model, samples), scores(model, samples)
    assert np.abs(other - native).max() <= score_limit
    # The report holds what can be seen here.
    assert report["max_score_difference"] == np.abs(other - native).max()
    pixels = np.abs(images(model, samples) - images(workflow.model, samples))
    assert report["max_pixel_difference"] == pytest.approx(pixels.max(), abs=1e-9)
    assert report["worst_sample"] == np.abs(other - native).argmax()
    threshold = np.float32(workflow.thresholds[1][-1])
    flipped = (np.float32(native) >= threshold) != (np.float32(other) >= threshold)
    assert report["flipped_samples"] == np.flatnonzero(flipped).tolist()
    assert report["n_flipped"] == flipped.sum()
    assert report["native_ms"] > 0 and report["converted_ms"] > 0
    assert report["ai_accelerator_interface"] == interface
    # Its parameters.
    assert dl.get_dl_model_param(model, "precision") == precision
    assert dl.get_dl_model_param(model, "precision_is_converted") is True
    assert dl.get_dl_model_param(model, "device") == device_of(interface)
    # A file gives it back, to the last bit.
    dl.write_dl_model(model, tmp_path / "converted.hdl")
    again = dl.read_dl_model(tmp_path / "converted.hdl")
    np.testing.assert_array_equal(images(again, samples), images(model, samples))
    assert again.conversion.report == report
    assert dl.get_dl_model_param(again, "device") == device_of(interface)
    assert was_trained_on(again, workflow.samples("train")[0])


@pytest.mark.parametrize("interface", ["none", *INTERFACES])
def test_the_size_of_a_batch_and_a_second_call_change_nothing(workflow, samples, converted, interface):
    model, _ = converted(interface, "float32")
    alone = scores(model, samples), images(model, samples)
    np.testing.assert_array_equal(images(model, samples), alone[1])
    dl.set_dl_model_param(model, "batch_size", 4)
    together = scores(model, samples), images(model, samples)
    np.testing.assert_array_equal(images(model, samples), together[1])
    dl.set_dl_model_param(model, "batch_size", 1)
    assert np.abs(together[0] - alone[0]).max() <= 1e-6
    assert np.abs(together[1] - alone[1]).max() <= 1e-6


def test_the_other_procedures_take_a_converted_model(workflow, converted):
    model, _ = converted("onnx_runtime", "float32")
    param = dl.create_dl_preprocess_param_from_model(model)
    assert param == dl.create_dl_preprocess_param_from_model(workflow.model)
    result, _ = dl.evaluate_dl_model(workflow.dataset, model, "split", "test", {"measures": "image_auroc"})
    expected, _ = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "image_auroc"})
    assert result["global_evaluation"]["image_auroc"] == expected["global_evaluation"]["image_auroc"]
    segmentation, classification = dl.compute_dl_anomaly_thresholds(model, workflow.dataset)
    assert segmentation == pytest.approx(workflow.thresholds[0], abs=1e-5)
    np.testing.assert_allclose(classification, workflow.thresholds[1], atol=1e-5)


def test_the_weight_of_the_spread_can_be_set_afterwards(workflow, samples, converted):
    model, _ = converted("openvino", "float32")
    before = dict(workflow.model.parameters)
    for handle in (model, workflow.model):
        dl.set_dl_model_param(handle, "standard_deviation_factor", 0.5)
    try:
        np.testing.assert_allclose(scores(model, samples), scores(workflow.model, samples), atol=1e-6)
    finally:
        for handle in (model, workflow.model):
            dl.set_dl_model_param(handle, "standard_deviation_factor", before["standard_deviation_factor"])


# ------------------------------------------------------------------------------------------------------------ refusal


def test_scores_that_differ_too_much_are_refused(workflow, samples, converted):
    _, report = converted("onnx_runtime", "int8")
    device = device_of("onnx_runtime")
    before = scores(workflow.model, samples)
    with pytest.raises(dl.DLModelError) as caught:
        options = {"max_score_difference": 0, "max_pixel_difference": 0.5}
        dl.optimize_dl_model_for_inference(workflow.model, device, "int8", samples, options)
    assert str(caught.value) == (
        "optimize_dl_model_for_inference: expected scores that change by at most 0 (images) and 0.5 (pixels) with int8; "
        f"got {report['max_score_difference']:.2g} (dl_samples[{report['worst_sample']}]) and "
        f"{report['max_pixel_difference']:.2g}, {report['n_flipped']} decisions flipped of 11 images "
        "(take a higher precision, or allow more with max_score_difference and max_pixel_difference)"
    )
    np.testing.assert_array_equal(scores(workflow.model, samples), before)


def test_differences_are_counted_as_by_hand():
    """Three images: one moves over the threshold, one stays on it (equality is an anomaly), one only in a pixel."""
    before = [{"anomaly_score": s, "anomaly_image": np.full((2, 2), s, np.float32)} for s in (0.25, 0.5, 0.125)]
    after = [{"anomaly_score": s, "anomaly_image": np.full((2, 2), s, np.float32)} for s in (0.75, 0.5, 0.125)]
    after[2]["anomaly_image"] = np.float32([[0.125, 0.125], [1, 0.125]])
    report = optimize._compare(before, after, 0.5)
    assert (report["max_score_difference"], report["max_pixel_difference"], report["worst_sample"]) == (0.5, 0.875, 0)
    assert (report["n_flipped"], report["flipped_samples"]) == (1, [0])
    assert optimize._compare(before, after, None)["n_flipped"] is None


def test_a_score_that_is_no_number_is_refused():
    result = {"anomaly_score": 0.5, "anomaly_image": np.full((2, 2), np.nan, np.float32)}
    report = optimize._compare([result], [result], None)
    limits = {"max_score_difference_limit": 1.0, "max_pixel_difference_limit": 1.0, "precision": "int8"}
    with pytest.raises(dl.DLModelError, match=r"got 0 .* and nan of 1 images"):
        optimize._check_parity({**report, **limits})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"precision": "float64"}, dl.DLParamError, "precision: expected one of 'float32', 'float16', 'int8'; got 'float64' (did you mean 'float16'?)"),
        ({"precision": "int8"}, dl.DLParamError, "precision: expected one of 'float32' on CPU with torch; got 'int8' (take a device with ai_accelerator_interface 'onnx_runtime' or 'openvino')"),
        ({"device": "cpu"}, dl.DLParamError, "dl_device_handle: expected a device of query_available_dl_devices; got str"),
        ({"samples": []}, dl.DLDataError, "dl_samples: expected at least one sample to compare the models on; got none"),
        ({"gen_param": {"max_score_diference": 1}}, dl.DLParamError, "gen_param: expected one of 'max_score_difference', 'max_pixel_difference'; got 'max_score_diference' (did you mean 'max_score_difference'?)"),
    ],
)  # fmt: skip
def test_bad_arguments(workflow, samples, change, error, message):
    arguments = {"device": device_of("none"), "precision": "float32", "samples": samples, "gen_param": None, **change}
    with pytest.raises(error) as caught:
        dl.optimize_dl_model_for_inference(workflow.model, *arguments.values())
    assert str(caught.value) == message


def test_what_a_converted_model_does_not_do(workflow, samples, converted, tmp_path):
    model, _ = converted("onnx_runtime", "float32")
    original = (
        "dl_model_handle: expected a model as it was trained; got one that was converted to float32 for "
        "cpu with onnx_runtime (take the model that it was made from)"
    )
    settable = "'device', 'runtime', 'meta_data', 'standard_deviation_factor', 'batch_size', 'decision_rules'"
    for call, message in (
        (lambda: dl.optimize_dl_model_for_inference(model, device_of("none"), "float32", samples), original),
        (lambda: dl.train_dl_model(workflow.dataset, model), original),
        (lambda: dl.train_dl_model_anomaly_dataset(model, samples), original),
        (
            lambda: dl.set_dl_model_param(model, "complexity", 3),
            f"gen_param_name: expected one of {settable}, as the model is converted; got 'complexity' "
            "(set it before the conversion)",
        ),
        (
            lambda: dl.set_dl_model_param(model, "device", device_of("openvino")),
            "set_dl_model_param('device'): expected a device as it was converted for, cpu with onnx_runtime; got cpu, "
            "ai_accelerator_interface 'openvino' (convert the original model for it)",
        ),
        (
            lambda: dl.set_dl_model_param(workflow.model, "device", device_of("openvino")),
            "set_dl_model_param('device'): expected a device with ai_accelerator_interface 'none'; got 'openvino' "
            "(optimize_dl_model_for_inference converts a model for such a device)",
        ),
        (
            lambda: dl.write_dl_model(converted("openvino", "float32")[0], tmp_path / "m.onnx"),
            "dl_model_handle: expected a model that is not converted, or converted for onnx_runtime; "
            "got one that was converted for cpu with openvino "
            "(convert the original for a device with ai_accelerator_interface 'onnx_runtime')",
        ),
    ):
        with pytest.raises(dl.DLModelError) as caught:
            call()
        assert str(caught.value) == message
    dl.set_dl_model_param(model, "runtime", "cpu")  # where it is
    dl.set_dl_model_param(model, "device", device_of("onnx_runtime"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("package", "extra"), [("onnx", "onnx"), ("onnxscript", "onnx"), ("openvino", "openvino")])
def test_a_missing_extra_is_named(workflow, samples, monkeypatch, package, extra):
    device = device_of("openvino")
    monkeypatch.setattr(optimize, "export_graph", export_graph)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(dl.DLModelError) as caught:
        dl.optimize_dl_model_for_inference(workflow.model, device, "float32", samples)
    assert str(caught.value) == f"{package}: expected an installed package; got none (pip install dlproc[{extra}])"


def test_devices_are_what_is_installed(monkeypatch):
    names = [device.ai_accelerator_interface for device in dl.query_available_dl_devices("runtime", "cpu")]
    assert names == ["none", "onnx_runtime", "openvino"]
    assert dl.get_dl_device_param(device_of("openvino"), "ai_accelerator_interface") == "openvino"
    assert dl.get_dl_device_param(device_of("none"), "precisions") == ["float32"]
    assert dl.get_dl_device_param(device_of("onnx_runtime"), "precisions") == ["float32", "float16", "int8"]
    for package in ("onnxruntime", "openvino"):
        monkeypatch.setitem(sys.modules, package, None)
    names = [device.ai_accelerator_interface for device in dl.query_available_dl_devices("runtime", "cpu")]
    assert names == ["none"]


def test_a_converted_model_on_a_machine_without_its_device(converted, tmp_path, monkeypatch):
    dl.write_dl_model(converted("openvino", "float32")[0], tmp_path / "m.hdl")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(dl.DLModelError) as caught:
        dl.read_dl_model(tmp_path / "m.hdl")
    assert str(caught.value) == (
        "read_dl_model: expected a device that the model was converted for, cpu with openvino; got none "
        "(pip install dlproc[openvino])"
    )


def test_a_package_that_is_there_but_broken(monkeypatch, tmp_path):
    (tmp_path / "broken_runtime.py").write_text("import nothing_of_this_name", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(dl.DLModelError) as caught:
        extras.needed("broken_runtime", "onnx")
    assert str(caught.value) == (
        "broken_runtime: expected an installed package; got none that can be loaded: No module named "
        "'nothing_of_this_name' (pip install dlproc[onnx])"
    )


# ---------------------------------------------------------------------------------------------------------- ONNX files

PLAIN = """
import json, sys
import numpy, onnxruntime
assert not any(name.split(".")[0] in ("dlproc", "torch") for name in sys.modules)
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options)
about = session.get_modelmeta().custom_metadata_map
param = json.loads(about["preprocess_param"])
gray = numpy.load(sys.argv[2]).astype(numpy.float32)
gray = gray[:, :, None].repeat(3, axis=2)
assert gray.shape == (param["image_height"], param["image_width"], param["image_num_channels"])
assert param["normalization_type"] == "constant_values"
image = (gray - param["mean_values_normalization"]) / param["deviation_values_normalization"]
batch = numpy.stack([image, image[::-1]]).astype(numpy.float32)
anomaly_image, anomaly_score = session.run(["anomaly_image", "anomaly_score"], {"image": batch})
threshold = numpy.float32(about["anomaly_classification_threshold"])
numpy.savez(sys.argv[3], anomaly_image=anomaly_image, anomaly_score=anomaly_score, is_nok=anomaly_score >= threshold)
"""


@pytest.fixture(scope="module")
def onnx_model(workflow, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "cells.onnx"
    dl.write_dl_model(workflow.model, path)
    return path


def test_onnx_runtime_and_numpy_alone_give_the_scores_of_a_picture(workflow, onnx_model, tmp_path):
    picture = next((workflow.image_dir / "defective").iterdir())
    gray = np.asarray(Image.open(picture))[:128, :128]  # a part of the model's size
    np.save(tmp_path / "gray.npy", gray)
    command = [sys.executable, "-c", PLAIN, str(onnx_model), str(tmp_path / "gray.npy"), str(tmp_path / "out.npz")]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (0, "")
    out = np.load(tmp_path / "out.npz")
    samples = dl.gen_dl_samples_from_images([gray, gray[::-1]])
    dl.preprocess_dl_samples(samples, workflow.param)
    results = dl.apply_dl_model(workflow.model, samples)
    dl.threshold_dl_anomaly_results(0.5, workflow.thresholds[1][-1], results)
    for index, result in enumerate(results):
        assert np.abs(out["anomaly_image"][index] - result["anomaly_image"]).max() < 1e-5
        assert abs(out["anomaly_score"][index] - result["anomaly_score"]) < 1e-5
        assert out["is_nok"][index] == (result["anomaly_class"] == "nok")


def test_the_program_of_the_page_on_runtimes_gives_the_scores(workflow, onnx_model, tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "runtimes.md").read_text(encoding="utf-8")
    (program,) = (code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "InferenceSession" in code)
    picture = next((workflow.image_dir / "defective").iterdir())
    shutil.copy(onnx_model, tmp_path / "part.onnx")
    shutil.copy(picture, tmp_path / "new.png")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(program, names)  # noqa: S102 - our own page
    samples = dl.gen_dl_samples_from_images(dl.read_image([picture]))
    assert max(samples[0]["image"].shape) > max(names["image"].shape)  # it is shrunk
    dl.preprocess_dl_samples(samples, workflow.param)
    (result,) = dl.apply_dl_model(workflow.model, samples)
    assert abs(names["anomaly_score"][0] - result["anomaly_score"]) < 1e-5
    assert np.abs(names["anomaly_image"][0] - result["anomaly_image"]).max() < 1e-4


def test_a_model_read_from_onnx(workflow, samples, onnx_model):
    model = dl.read_dl_model(onnx_model)
    assert repr(model) == "<DLModel anomaly_detection, lite0, 128 x 128, float32 for cpu with onnx_runtime>"
    np.testing.assert_allclose(scores(model, samples), scores(workflow.model, samples), atol=1e-6)
    np.testing.assert_allclose(images(model, samples), images(workflow.model, samples), atol=1e-6)
    same = {**workflow.model.parameters}
    assert model.parameters == same
    assert was_trained_on(model, workflow.samples("train")[0])
    assert not was_trained_on(model, workflow.samples("test")[0])
    np.testing.assert_array_equal(model.training["image_brightness"], workflow.model.training["image_brightness"])


def test_a_file_follows_what_is_set_after_it_was_read(samples, onnx_model, tmp_path):
    """A factor that is set later is the default of the graph that is written then; so are new thresholds."""
    model = dl.read_dl_model(onnx_model)
    dl.set_dl_model_param(model, "standard_deviation_factor", 0.0)
    dl.set_dl_model_param(model, "meta_data", {"anomaly_classification_threshold": "0.25"})
    dl.write_dl_model(model, tmp_path / "other.onnx")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(tmp_path / "other.onnx", options)
    assert [(i.name, i.type) for i in session.get_inputs()] == [("image", "tensor(float)")]
    whole = [sample["image"] for sample in samples if "domain" not in sample]
    seen = session.run(["anomaly_score"], {"image": np.stack(whole)})[0]
    np.testing.assert_allclose(seen, scores(model, samples[: len(whole)]), atol=1e-6)
    about = session.get_modelmeta().custom_metadata_map
    assert about["anomaly_classification_threshold"] == "0.25"
    assert "anomaly_segmentation_threshold" not in about
    assert json.loads(about["decision_rules"]) == []


def test_int8_as_an_onnx_file(samples, converted, tmp_path):
    model, report = converted("onnx_runtime", "int8")
    dl.write_dl_model(model, tmp_path / "int8.onnx")
    again = dl.read_dl_model(tmp_path / "int8.onnx")
    np.testing.assert_array_equal(images(again, samples), images(model, samples))
    assert dl.get_dl_model_param(again, "precision") == "int8"
    assert again.conversion.report == report
    full, _ = converted("onnx_runtime", "float32")
    assert len(model.conversion.graph) < len(full.conversion.graph)


def test_onnx_files_that_cannot_be_written_or_read(workflow, model, onnx_model, tmp_path):
    with pytest.raises(dl.DLModelError) as caught:
        dl.write_dl_model(model, tmp_path / "m.onnx")
    assert caught.value.halcon_code == 7881
    with pytest.raises(dl.DLFileError) as caught:
        dl.write_dl_model(workflow.model, tmp_path / "no" / "m.onnx")
    assert caught.value.halcon_code == 7781
    (tmp_path / "half.onnx").write_bytes(onnx_model.read_bytes()[:10_000])
    (tmp_path / "text.onnx").write_bytes(b"no graph")
    for name in ("half.onnx", "text.onnx"):
        with pytest.raises(
            dl.DLFileError, match="expected an ONNX file written by dlproc; got another file, or a"
        ) as bad:
            dl.read_dl_model(tmp_path / name)
        assert bad.value.halcon_code == 7780
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_model(tmp_path / "none.onnx")
    assert caught.value.halcon_code == 5200
    assert not (tmp_path / "m.onnx").exists()


def test_a_graph_that_says_something_else_is_not_written(workflow, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_file, "_LIMIT", -1.0)
    with pytest.raises(
        dl.DLModelError, match="write_dl_model: expected an ONNX graph whose scores differ by at most -1"
    ):
        dl.write_dl_model(workflow.model, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_method_that_fixes_the_number_of_images_is_refused(workflow, monkeypatch):
    class Fixed:
        def distance_maps(self, backbone, images, inside):
            return images[:, 0].reshape(len(images), 128, 128)  # len() gives a plain number

        def to(self, device):
            return self

    monkeypatch.setattr(workflow.model, "reference", Fixed())
    with pytest.raises(dl.DLModelError, match="expected a method that can be written for any number of images"):
        export_graph(workflow.model, "float32")
