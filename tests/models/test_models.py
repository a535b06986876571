"""The handle, the operators, training and the file."""

import copy

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_erosion

import dlproc as dl
from dlproc.features.backbone import Backbone
from dlproc.models import operate, train
from dlproc.models.anomaly import patch_statistics
from dlproc.models.scoring import network_images


def noise_samples(n, size=64, seed=0, n_channels=3):
    generator = np.random.Generator(np.random.PCG64(seed))
    return [{"image": generator.normal(0, 0.5, (size, size, n_channels)).astype(np.float32)} for _ in range(n)]


def scores(model, samples):
    return [result["anomaly_score"] for result in dl.apply_dl_model(model, samples)]


@pytest.fixture
def trained(model):
    dl.train_dl_model_anomaly_dataset(model, noise_samples(6))
    return model


# ------------------------------------------------------------------------------------------------------------ parameters


def test_parameters_and_defaults():
    model = dl.read_dl_model("initial_dl_anomaly_large.hdl")
    assert dl.get_dl_model_param(model, "type") == "anomaly_detection"
    assert dl.get_dl_model_param(model, "image_dimensions") == [480, 480, 3]
    assert dl.get_dl_model_param(model, "class_names") == ["ok", "nok"]
    assert (dl.get_dl_model_param(model, "image_range_min"), dl.get_dl_model_param(model, "image_range_max")) == (-2, 2)
    assert dl.get_dl_model_param(model, "standard_deviation_factor") == 3.0
    assert dl.get_dl_model_param(model, "complexity") == 15
    assert dl.get_dl_model_param(model, "runtime") == "cpu"
    assert dl.get_dl_model_param(model, "precision") == "float32"
    assert dl.get_dl_model_param(model, "num_trainable_params") == 0
    assert "lite2" in dl.get_dl_model_param(model, "summary")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "image_width",
            100,
            "set_dl_model_param('image_width'): expected an integer >= 32, a multiple of 32; got 100 "
            "(with tiles any size: set 'tile_size' first)",
        ),
        (
            "image_width",
            "256",
            "set_dl_model_param('image_width'): expected an integer >= 32; got '256'",
        ),
        ("image_num_channels", 2, "set_dl_model_param('image_num_channels'): expected 1 or 3; got 2"),
        (
            "image_size",
            [64],
            "set_dl_model_param('image_size'): expected 2 numbers, image_width, image_height; got [64]",
        ),
        ("batch_size", 0, "set_dl_model_param('batch_size'): expected an integer >= 1; got 0"),
        (
            "standard_deviation_factor",
            -1,
            "set_dl_model_param('standard_deviation_factor'): expected a number >= 0; got -1",
        ),
        (
            "type",
            "anomaly_detection",
            "set_dl_model_param('type'): expected a parameter that can be set; got one that can only be read",
        ),
        ("meta_data", {"a": 1}, "set_dl_model_param('meta_data')['a']: expected a string; got 1"),
        ("runtime", "fpga", "set_dl_model_param('runtime'): expected one of 'cpu', 'gpu'; got 'fpga'"),
        ("device", "cpu", "set_dl_model_param('device'): expected a device of query_available_dl_devices; got 'cpu'"),
        (
            "learning_rate",
            0.1,
            "gen_param_name: expected a parameter that models of type 'anomaly_detection' have here; "
            "got 'learning_rate' (leave this line out)",
        ),
    ],
)
def test_invalid_parameters_are_named_and_change_nothing(model, name, value, message):
    before = copy.deepcopy(model.parameters)
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_dl_model_param(model, name, value)
    assert str(caught.value) == message
    assert model.parameters == before


def test_misspelt_parameter(model):
    for call in (
        lambda: dl.get_dl_model_param(model, "image_widht"),
        lambda: dl.set_dl_model_param(model, "image_widht", 64),
    ):
        with pytest.raises(dl.DLParamError, match=r"got 'image_widht' \(did you mean 'image_width'\?\)"):
            call()


@pytest.mark.parametrize("name", ["image_width", "image_height", "image_num_channels", "image_range_min", "complexity"])
def test_what_shapes_a_model_is_fixed_by_training(trained, name):
    before = dl.get_dl_model_param(trained, name)
    dl.set_dl_model_param(trained, name, before)  # the same value is no change
    other = {"image_num_channels": 1, "image_range_min": -3.0}.get(name, 96)
    with pytest.raises(dl.DLModelError) as caught:
        dl.set_dl_model_param(trained, name, other)
    assert str(caught.value) == (
        f"set_dl_model_param('{name}'): expected a model that is not trained; got a trained one "
        f"(it is {before}; read an untrained model to change it)"
    )
    assert caught.value.halcon_code == 7883


def test_what_does_not_shape_a_model_may_be_set_after_training(trained):
    samples = noise_samples(3, seed=1)
    before = scores(trained, samples)
    dl.set_dl_model_param(trained, "standard_deviation_factor", 1.0)
    dl.set_dl_model_param(trained, "batch_size", 2)
    dl.set_dl_model_param(trained, "meta_data", {"line": "3"})
    after = scores(trained, samples)
    assert all(b > a for b, a in zip(before, after, strict=True))


def test_devices():
    cpu, *accelerators = dl.query_available_dl_devices(["runtime", "id"], ["cpu", 0])
    assert {device.ai_accelerator_interface for device in accelerators} == {"onnx_runtime", "openvino"}
    assert dl.get_dl_device_param(cpu, "type") == "cpu"
    assert cpu in dl.query_available_dl_devices(["runtime", "runtime"], ["gpu", "cpu"])
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "device", cpu)
    assert dl.get_dl_model_param(model, "device") == cpu
    with pytest.raises(dl.DLParamError, match="did you mean 'runtime'"):
        dl.query_available_dl_devices("runtme", "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_no_gpu_is_said(model):
    with pytest.raises(dl.DLModelError) as caught:
        dl.set_dl_model_param(model, "runtime", "gpu")
    assert str(caught.value) == (
        "runtime: expected a device of kind 'gpu' on this machine; got none (set 'runtime' to 'cpu')"
    )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
def test_gpu_scores_as_the_cpu(trained):
    samples = noise_samples(4, seed=1)
    before = scores(trained, samples)
    dl.set_dl_model_param(trained, "runtime", "gpu")
    np.testing.assert_allclose(scores(trained, samples), before, atol=1e-3)


def test_the_network_is_always_asked_for_exact_float32(model, monkeypatch):
    """The flags hold for a graphics card, and can be looked at without one."""
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    flags = []

    def forward(network, images, stages, real=Backbone.forward):
        flags.append((torch.backends.cudnn.conv.fp32_precision, torch.backends.cudnn.deterministic))
        return real(network, images, stages)

    monkeypatch.setattr(Backbone, "forward", forward)
    calls = (
        lambda: dl.train_dl_model_anomaly_dataset(model, noise_samples(4)),
        lambda: dl.apply_dl_model(model, noise_samples(1)),
        lambda: dl.extend_dl_model(model, noise_samples(1, seed=1)),
    )
    for call in calls:
        flags.clear()
        call()
        assert set(flags) == {("ieee", True)}
    assert torch.backends.cudnn.allow_tf32
    assert not torch.backends.cudnn.deterministic


def test_one_image_can_be_trained_on_and_is_remarked(model, caplog):
    """A golden sample gives scores that mean something; but nobody should take them for more."""
    dl.train_dl_model_anomaly_dataset(model, noise_samples(1))
    assert 0 <= scores(model, noise_samples(1, seed=1))[0] <= 1
    dl.train_dl_model_anomaly_dataset(model, noise_samples(1) * 2)
    rest = "how good parts differ is not learnt from it; add images of other good parts"
    assert caplog.messages == [
        f"training: one image: {rest}",
        f"training: 2 images that are all the same: {rest}",
    ]
    caplog.clear()
    dl.train_dl_model_anomaly_dataset(model, noise_samples(2))
    assert caplog.messages == []


def test_torch_may_be_told_of_tf32_in_its_newer_words(trained, monkeypatch):
    monkeypatch.setattr(torch.backends, "fp32_precision", "tf32")
    assert 0 <= scores(trained, noise_samples(1))[0] <= 1
    assert torch.backends.fp32_precision == torch.backends.cudnn.conv.fp32_precision == "tf32"


def test_a_model_for_the_cpu_does_not_look_at_graphics_cards(monkeypatch):
    def begins_to_use_it(*arguments):
        raise RuntimeError("CUDA cannot be initialised in a process that was forked")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", begins_to_use_it)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "runtime", "cpu")
    assert dl.get_dl_model_param(model, "runtime") == "cpu"


def test_unknown_model_name():
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_model("initial_dl_anomaly_mediun.hdl")
    assert str(caught.value) == (
        "initial_dl_anomaly_mediun.hdl: expected an existing file, or the name of a pretrained model; got neither "
        "(did you mean 'initial_dl_anomaly_medium.hdl'?)"
    )
    assert caught.value.halcon_code == 5200


def test_a_pretrained_name_in_another_folder_is_a_path():
    with pytest.raises(dl.DLFileError):
        dl.read_dl_model("models/initial_dl_anomaly_medium.hdl")


def test_the_extension_is_added_behind_a_dot(model, tmp_path):
    dl.write_dl_model(model, tmp_path / "model_1.5")
    assert [path.name for path in tmp_path.iterdir()] == ["model_1.5.hdl"]
    assert dl.read_dl_model(tmp_path / "model_1.5").reference is None


def test_cleared_model(model):
    dl.clear_dl_model(model)
    with pytest.raises(dl.DLModelError) as caught:
        dl.get_dl_model_param(model, "type")
    assert str(caught.value) == "dl_model_handle: expected a model; got one that was cleared"


def test_any_handle_can_be_cleared(model, tmp_path):
    file, dictionary = dl.open_file(tmp_path / "a.txt", "output"), {"key": 1}
    dl.fwrite_string(file, "text")
    dl.clear_handle([model, file, dictionary])
    dl.clear_handle([model, file])
    dl.clear_handle([])
    dl.clear_handle(dl.create_matrix(2, 2, 0.5))
    assert (tmp_path / "a.txt").read_text() == "text"
    assert dictionary == {"key": 1}
    with pytest.raises(dl.DLModelError, match="got one that was cleared"):
        dl.get_dl_model_param(model, "type")
    with pytest.raises(dl.DLParamError) as caught:
        dl.clear_handle([dictionary, 7])
    assert str(caught.value) == "handle: expected a handle; got 7"


# ----------------------------------------------------------------------------------------------------------------- apply


def test_untrained_model(model):
    with pytest.raises(dl.DLModelError) as caught:
        dl.apply_dl_model(model, noise_samples(1))
    assert str(caught.value) == (
        "dl_model_handle: expected a trained model; got one that is not trained "
        "(run train_dl_model, or read_dl_model of a trained file)"
    )
    assert caught.value.halcon_code == 7881


@pytest.mark.parametrize(
    ("image", "code", "message"),
    [
        (
            np.zeros((64, 64, 3), np.uint8),
            7790,
            "['image']: expected float32 array of shape (64, 64, 3); got uint8 array of shape (64, 64, 3) "
            "(run preprocess_dl_samples with the parameters of this model first)",
        ),
        (
            np.zeros((32, 64, 3), np.float32),
            7789,
            "['image']: expected float32 array of shape (64, 64, 3); got float32 array of shape (32, 64, 3) "
            "(run preprocess_dl_samples with the parameters of this model first)",
        ),
        (
            np.full((64, 64, 3), np.nan, np.float32),
            7791,
            "['image']: expected finite gray values; got NaN or infinite ones",
        ),
    ],
)
def test_samples_that_are_not_preprocessed(trained, image, code, message):
    batch = noise_samples(3)
    batch[2]["image"] = image
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_model(trained, batch)
    assert str(caught.value) == "dl_sample_batch[2]" + message
    assert caught.value.halcon_code == code


def test_bad_domains(trained):
    for domain, message in [
        (np.zeros((64, 64), bool), "['domain']: expected a domain with at least one pixel; got an empty one"),
        (
            np.ones((64, 32), bool),
            "['domain']: expected bool array of shape (64, 64); got bool array of shape (64, 32)",
        ),
    ]:
        with pytest.raises(dl.DLDictError) as caught:
            dl.apply_dl_model(trained, {**noise_samples(1)[0], "domain": domain})
        assert str(caught.value) == "dl_sample_batch[0]" + message


def test_sample_without_image_and_unknown_output(trained):
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_model(trained, [{"image_id": 1}])
    assert str(caught.value) == "dl_sample_batch[0]['image']: expected an image; got no such key"
    assert caught.value.halcon_code == 7783
    with pytest.raises(dl.DLParamError, match="did you mean 'anomaly_image'"):
        dl.apply_dl_model(trained, noise_samples(1), ["anomaly_imag"])


def test_result_keys_types_and_nothing_changed(trained):
    sample = noise_samples(1)[0]
    sample["image"].setflags(write=False)
    before = dict(sample)
    (result,) = dl.apply_dl_model(trained, sample, [])
    assert set(result) == {"anomaly_image", "anomaly_score"}
    assert result["anomaly_image"].shape == (64, 64)
    assert result["anomaly_image"].dtype == np.float32
    assert 0 < result["anomaly_image"].min() <= result["anomaly_image"].max() < 1
    assert type(result["anomaly_score"]) is float
    assert all(sample[key] is before[key] for key in before)
    assert dl.apply_dl_model(trained, []) == []


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_batch_size_and_order_change_no_score(trained, batch_size):
    samples = noise_samples(7, seed=2)
    expected = np.array(scores(trained, samples))
    dl.set_dl_model_param(trained, "batch_size", batch_size)
    np.testing.assert_allclose(scores(trained, samples), expected, atol=1e-5)
    np.testing.assert_allclose(scores(trained, samples[::-1]), expected[::-1], atol=1e-5)


# -------------------------------------------------------------------------------------------------------- normalisation


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("constant_values", -2, 2), ("none", -2, 2), ("none", -127, 128), ("none", 0, 255)]
)
def test_the_network_sees_the_same_however_the_input_was_normalised(workflow, tmp_path, kind, low, high):
    """The trap: fed with another normalisation a network still answers, only worse. Here it does not notice."""
    dataset = copy.deepcopy(workflow.dataset)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    dl.set_dl_model_param(model, "image_range_min", low)
    dl.set_dl_model_param(model, "image_range_max", high)
    param = dl.create_dl_preprocess_param_from_model(model, kind)
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    sample = dl.read_dl_samples(dataset, 0)[0]
    model.parameters.update(operate.adopt_preprocessing(param))
    seen = network_images([sample], model)[0].numpy()
    gray = {"image": dl.read_image(workflow.image_dir / dataset["samples"][0]["image_file_name"])}
    dl.preprocess_dl_samples(gray, dl.create_dl_preprocess_param("anomaly_detection", 128, 128, 3, 0, 255, "none"))
    np.testing.assert_allclose(seen, (gray["image"].transpose(2, 0, 1) - 127) / 128, atol=1e-4)

    dl.train_dl_model(dataset, model, workflow.train_param)
    test = dl.find_dl_samples(dataset["samples"], "split", "test", "match")
    np.testing.assert_allclose(
        scores(model, dl.read_dl_samples(dataset, test)), scores(workflow.model, workflow.samples()), atol=0.02
    )


def test_data_of_another_normalisation_is_refused(workflow, tmp_path):
    dataset = copy.deepcopy(workflow.dataset)
    param = dl.create_dl_preprocess_param_from_model(workflow.model, "none")
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    with pytest.raises(dl.DLModelError) as caught:
        dl.evaluate_dl_model(dataset, workflow.model, "split", "test")
    assert str(caught.value) == (
        "dl_dataset['preprocess_param']['normalization_type']: expected 'constant_values', as in the model; got 'none' "
        "(preprocess with create_dl_preprocess_param_from_model)"
    )


def test_constants_of_ones_own_go_from_the_model_to_the_samples_and_back(cells, tmp_path):
    dataset = dl.read_dl_dataset_anomaly(cells)
    dl.split_dl_dataset(dataset, 50, 20)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [64, 64])
    dl.set_dl_model_param(model, "mean_values_normalization", [10, 20, 30])
    dl.set_dl_model_param(model, "deviation_values_normalization", [50, 60, 70])
    param = dl.create_dl_preprocess_param_from_model(model)
    assert param["mean_values_normalization"] == [10, 20, 30]
    dl.preprocess_dl_dataset(dataset, tmp_path / "own", param, {"show_progress": False})
    dl.train_dl_model(dataset, model, {"display_param": {"enabled": False}})
    usual = dl.create_dl_preprocess_param("anomaly_detection", 64, 64, 3, -2, 2, "constant_values")
    dl.preprocess_dl_dataset(dataset, tmp_path / "usual", usual, {"show_progress": False})
    with pytest.raises(dl.DLModelError, match="mean_values_normalization"):
        dl.evaluate_dl_model(dataset, model, "split", "test")


@pytest.mark.parametrize("n_channels", [1, 3])
def test_one_and_three_channels(cells, tmp_path, n_channels):
    dataset = dl.read_dl_dataset_anomaly(cells)
    dl.split_dl_dataset(dataset, 50, 20)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_dimensions", [64, 64, n_channels])
    param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    dl.train_dl_model(dataset, model, {"display_param": {"enabled": False}})
    result, _ = dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": "image_auroc"})
    assert result["global_evaluation"]["image_auroc"] > 0.6


# ---------------------------------------------------------------------------------------------------------------- domain


def test_what_lies_outside_the_domain_has_no_influence(model):
    domain = np.zeros((64, 64), bool)
    domain[:, 16:48] = True
    train, test = noise_samples(6), noise_samples(1, seed=3)[0]
    for sample in train:
        sample["domain"] = domain
    dl.train_dl_model_anomaly_dataset(model, train)
    spoiled = {"image": np.where(domain[..., None], test["image"], np.float32(2)), "domain": domain}
    clean, dirty = dl.apply_dl_model(model, [{**test, "domain": domain}, spoiled])
    assert clean["anomaly_score"] == dirty["anomaly_score"]
    np.testing.assert_array_equal(clean["anomaly_image"], dirty["anomaly_image"])
    assert (clean["anomaly_image"][~domain] == 0).all()
    assert (clean["anomaly_image"][domain] > 0).all()
    dl.threshold_dl_anomaly_results(0.0, 0.0, [clean])
    np.testing.assert_array_equal(clean["anomaly_region"], domain)
    assert clean["domain"] is domain


def test_the_edge_of_a_domain_scores_like_its_middle(model):
    """A round domain, and a strip thinner than a cell: good pixels look good all over."""
    rows, columns = np.mgrid[:64, :64]
    for domain in ((rows - 32) ** 2 + (columns - 32) ** 2 < 26**2, (columns > 20) & (columns < 27)):
        model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(model, "image_size", [64, 64])
        dl.train_dl_model_anomaly_dataset(model, [{**s, "domain": domain} for s in noise_samples(30)])
        new = [{**s, "domain": domain} for s in noise_samples(8, seed=9)]
        maps = np.stack([r["anomaly_image"] for r in dl.apply_dl_model(model, new)])
        inner = binary_erosion(domain, iterations=2 if domain.mean() < 0.2 else 8)
        assert abs(maps[:, domain & ~inner].mean() - maps[:, inner].mean()) < 0.06
        assert maps[:, domain].max() < 0.75


def test_a_defect_outside_the_domain_is_not_seen_and_one_inside_is(workflow):
    domain = np.zeros((128, 128), bool)
    domain[:, 64:] = True
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    dl.train_dl_model_anomaly_dataset(model, [{**s, "domain": domain} for s in workflow.samples("train")])
    sample = next(s for s in workflow.samples() if s["anomaly_label"] == "ok")
    with_defect = {}
    for side, columns in (("outside", slice(16, 48)), ("inside", slice(80, 112))):
        image = sample["image"].copy()
        image[40:80, columns] = -2
        with_defect[side] = {**sample, "image": image, "domain": domain}
    clean, outside, inside = scores(model, [{**sample, "domain": domain}, *with_defect.values()])
    assert outside == clean
    assert inside > clean + 0.2


# -------------------------------------------------------------------------------------------------------------- training


def test_training_result_and_memory_of_it(model):
    result = dl.train_dl_model_anomaly_dataset(model, noise_samples(4), {"max_num_epochs": 3})
    assert set(result) == {"final_error", "final_epoch", "suspicious"}
    assert 0 <= result["final_error"] <= 1
    assert result["final_epoch"] <= 3
    assert model.training["n_images"] == 4
    assert model.training["seed_rand"] == 42
    assert dl.get_dl_model_param(model, "num_trainable_params") > 1000


def test_the_options_of_training_do_what_they_say(workflow):
    samples = workflow.samples("train")

    def train(complexity=15, **param):
        model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(model, "image_size", [128, 128])
        dl.set_dl_model_param(model, "complexity", complexity)
        result = dl.train_dl_model_anomaly_dataset(model, samples, param)
        return model, len(model.reference.bank), result

    _, size, usual = train(domain_ratio=0.02)
    assert size == 300
    assert usual["final_epoch"] == 10
    assert train(domain_ratio=0.04)[1] == 600
    assert train(complexity=30, domain_ratio=0.02)[1] == 600
    _, few, early = train(domain_ratio=0.02, max_num_epochs=2)
    assert (few, early["final_epoch"]) == (60, 2)
    assert early["final_error"] > usual["final_error"]
    _, enough, stopped = train(domain_ratio=0.02, error_threshold=early["final_error"])
    assert (enough, stopped["final_epoch"]) == (60, 2)
    between = (early["final_error"] + usual["final_error"]) / 2
    _, n_patches, exact = train(domain_ratio=0.02, error_threshold=between)
    assert 60 < n_patches < 300  # not only whole tenths
    assert exact["final_epoch"] == -(-n_patches // 30)
    assert between * 0.98 < exact["final_error"] <= between
    assert train(domain_ratio=0.0004)[1] == 6  # fewer than one patch for each epoch
    strict, _, _ = train(regularization_noise=0.0)
    tolerant, _, _ = train(regularization_noise=1.0)
    assert tolerant.reference.gaussians.projection.abs().sum() < strict.reference.gaussians.projection.abs().sum()


def test_no_good_images(model):
    with pytest.raises(dl.DLDataError) as caught:
        dl.train_dl_model_anomaly_dataset(model, [])
    assert str(caught.value) == "dl_samples: expected at least one good sample to train on; got none"
    assert caught.value.halcon_code == 7882


def test_a_bad_image_among_the_training_images(model):
    samples = noise_samples(3)
    samples[1]["anomaly_label"] = "nok"
    with pytest.raises(dl.DLDictError) as caught:
        dl.train_dl_model_anomaly_dataset(model, samples)
    assert str(caught.value) == "dl_samples[1]['anomaly_label']: expected 'ok'; got 'nok' (train on good images only)"
    assert model.reference is None


def odd_one(n_good=30, place=11):
    samples = noise_samples(n_good)
    samples[place] = {"image": samples[place]["image"].copy(), "image_id": 77}
    samples[place]["image"][16:48, 16:48] = 2.0
    return samples


def test_a_suspicious_training_image_is_reported(model):
    result = dl.train_dl_model_anomaly_dataset(model, odd_one())
    (record,) = result["suspicious"]
    assert record["sample_index"] == 11
    assert record["image_id"] == 77
    assert record["deviations"] >= 4
    assert record["is_excluded"] is False
    assert 0.4 < record["anomaly_score"] < 1
    assert model.training["suspicious"] == [{key: record[key] for key in record if key != "sample_index"}]
    assert dl.train_dl_model_anomaly_dataset(model, noise_samples(30))["suspicious"] == []


def test_suspicious_images_are_found_also_among_those_whose_features_are_not_kept(model, monkeypatch):
    monkeypatch.setattr(patch_statistics, "_MAX_FEATURE_BYTES", 0)
    monkeypatch.setattr(patch_statistics, "_N_CALIBRATION", 12)
    for place in (0, 11, 22, 29):
        result = dl.train_dl_model_anomaly_dataset(model, odd_one(place=place))
        assert result["suspicious"][0]["sample_index"] == place


def test_training_without_the_suspicious_is_training_on_the_others(model, tmp_path):
    samples = odd_one()
    result = dl.train_dl_model_anomaly_dataset(model, samples, {"exclude_suspicious": True})
    assert [record["is_excluded"] for record in result["suspicious"]] == [True]
    assert model.training["n_images"] == 29
    others = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(others, "image_size", [64, 64])
    dl.train_dl_model_anomaly_dataset(others, samples[:11] + samples[12:])
    assert scores(model, samples) == scores(others, samples)
    np.testing.assert_array_equal(model.training["image_fingerprints"], others.training["image_fingerprints"])


def test_the_procedure_names_the_file(workflow, tmp_path):
    """A defective image that was put into the training."""
    dataset = copy.deepcopy(workflow.dataset)
    for index, sample in enumerate(dataset["samples"]):
        if sample["anomaly_label"] == "ok":
            sample["split"] = "train"
        else:
            bad = index
    dataset["samples"][bad] |= {"split": "train", "anomaly_label": "ok"}
    dataset["dlsample_dir"] = str(tmp_path)
    for index in range(len(dataset["samples"])):
        image = dl.read_dl_samples(workflow.dataset, index)[0]
        if index == bad:
            image["image"][30:90, 30:90] = -2
        dl.write_dl_samples(dataset, index, [image])
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    result, *_ = dl.train_dl_model(dataset, model, workflow.train_param)
    described = dataset["samples"][bad]
    first = result["suspicious"][0]
    assert (first["sample_index"], first["image_id"]) == (bad, described["image_id"])
    assert first["image_file_name"] == described["image_file_name"]
    deviations = [record["deviations"] for record in result["suspicious"]]
    assert deviations == sorted(deviations, reverse=True)


def test_misspelt_training_option(model):
    with pytest.raises(dl.DLParamError, match="did you mean 'domain_ratio'"):
        dl.train_dl_model_anomaly_dataset(model, noise_samples(2), {"domain_ration": 0.2})


@pytest.mark.parametrize("n_images", [1, 2])
def test_one_or_two_images_are_enough_to_train(model, n_images):
    dl.train_dl_model_anomaly_dataset(model, noise_samples(n_images))
    results = dl.apply_dl_model(model, noise_samples(2, seed=5))
    assert all(np.isfinite(result["anomaly_image"]).all() for result in results)


def test_identical_images_are_enough_to_train(model):
    dl.train_dl_model_anomaly_dataset(model, noise_samples(1) * 5)
    image = noise_samples(1)[0]["image"]
    noisy = image + noise_samples(1, seed=5)[0]["image"] * np.float32(0.02)
    unlike = {"image": -image}
    same, nearly, other = scores(model, [{"image": image}, {"image": noisy}, unlike])
    assert same < nearly < other < 0.99999


def test_a_single_flat_image_is_enough_to_train(model):
    flat = {"image": np.zeros((64, 64, 3), np.float32)}
    dl.train_dl_model_anomaly_dataset(model, flat, {"regularization_noise": 0})
    assert scores(model, [flat])[0] < scores(model, noise_samples(1))[0] < 1


def test_the_smallest_size():
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [32, 64])
    samples = [{"image": s["image"][:, :32].copy()} for s in noise_samples(3)]
    dl.train_dl_model_anomaly_dataset(model, samples)
    assert dl.apply_dl_model(model, samples)[0]["anomaly_image"].shape == (64, 32)


def test_ctrl_c_leaves_the_model_as_it_was_and_the_same_call_works_again(workflow):
    samples = workflow.samples("train")

    def read(number):
        if number == 3:
            raise KeyboardInterrupt
        return samples[number]

    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    param = workflow.train_param["anomaly_param"]
    before = copy.deepcopy(model.parameters)
    with pytest.raises(KeyboardInterrupt):
        source = train.SampleSource(len(samples), read, str, lambda number: {})
        train.train_on_samples(model, source, param, {"image_range_min": -9}, False)
    assert (model.reference, model.training, model.parameters) == (None, {}, before)
    dl.train_dl_model(workflow.dataset, model, workflow.train_param)
    assert scores(model, workflow.samples()) == scores(workflow.model, workflow.samples())


def test_training_in_another_order_with_the_same_seed_gives_the_same_bytes(workflow):
    shuffled = {**workflow.dataset, "samples": workflow.dataset["samples"][::-1]}
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    dl.set_dl_model_param(model, "batch_size", 5)
    dl.train_dl_model(shuffled, model, workflow.train_param)
    dl.set_dl_model_param(model, "batch_size", 1)
    assert scores(model, workflow.samples()) == scores(workflow.model, workflow.samples())


def test_of_many_images_only_a_part_is_kept_and_memory_stays(monkeypatch, workflow):
    monkeypatch.setattr(patch_statistics, "_MAX_FEATURE_BYTES", 0)
    monkeypatch.setattr(patch_statistics, "_N_CALIBRATION", 5)
    monkeypatch.setattr(patch_statistics, "_MAX_CANDIDATES", 100)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    dl.train_dl_model(workflow.dataset, model, workflow.train_param)
    assert len(model.reference.bank) <= 100
    assert np.isfinite(scores(model, workflow.samples())).all()


def test_dataset_that_is_not_ready(workflow, model):
    dataset = {key: value for key, value in workflow.dataset.items() if key != "preprocess_param"}
    cases = [
        (
            dataset,
            dl.DLDictError,
            "dl_dataset['preprocess_param']: expected a DLPreprocessParam dictionary; got no such key "
            "(preprocess_dl_dataset writes it)",
        ),
        (
            workflow.dataset,
            dl.DLModelError,
            "dl_dataset['preprocess_param']['image_width']: expected 64, as in the model; got 128 "
            "(preprocess with create_dl_preprocess_param_from_model)",
        ),
    ]
    for data, kind, message in cases:
        with pytest.raises(kind) as caught:
            dl.train_dl_model(data, model)
        assert str(caught.value) == message


def test_training_split_is_empty_or_not_good(workflow):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    unsplit = {**workflow.dataset, "samples": [{**s, "split": "test"} for s in workflow.dataset["samples"]]}
    with pytest.raises(dl.DLDataError) as caught:
        dl.train_dl_model(unsplit, model)
    assert str(caught.value) == (
        "dl_dataset['samples']: expected good images with split 'train'; got none (run split_dl_dataset)"
    )
    assert caught.value.halcon_code == 7882
    bad = {**workflow.dataset, "samples": [{**s, "split": "train"} for s in workflow.dataset["samples"]]}
    with pytest.raises(dl.DLDataError) as caught:
        dl.train_dl_model(bad, model)
    assert str(caught.value) == (
        "dl_dataset['samples'][0]['anomaly_label']: expected 'ok' in split 'train'; got 'nok' (train on good images only)"
    )


# ------------------------------------------------------------------------------------------------------------------ file


def test_a_model_comes_back_to_the_last_bit(workflow, tmp_path):
    dl.write_dl_model(workflow.model, tmp_path / "model")
    again = dl.read_dl_model(tmp_path / "model.hdl")
    assert again.parameters == workflow.model.parameters
    assert again.training.keys() == workflow.model.training.keys()
    for key, value in workflow.model.training.items():
        np.testing.assert_equal(again.training[key], value)
    for ours, theirs in zip(
        dl.apply_dl_model(again, workflow.samples()), dl.apply_dl_model(workflow.model, workflow.samples()), strict=True
    ):
        assert ours["anomaly_score"] == theirs["anomaly_score"]
        np.testing.assert_array_equal(ours["anomaly_image"], theirs["anomaly_image"])
    dl.write_dl_model(again, tmp_path / "again.hdl")
    assert (tmp_path / "again.hdl").read_bytes() == (tmp_path / "model.hdl").read_bytes()


def test_a_file_of_another_version_of_the_method_is_refused(trained, tmp_path, monkeypatch):
    path = tmp_path / "model.hdl"
    monkeypatch.setattr(patch_statistics, "VERSION", patch_statistics.VERSION - 1)
    dl.write_dl_model(trained, path)
    monkeypatch.undo()
    with pytest.raises(dl.DLVersionError) as caught:
        dl.read_dl_model(path)
    assert str(caught.value) == (
        f"{path}: expected a model trained by version {patch_statistics.VERSION} of its method; "
        f"got version {patch_statistics.VERSION - 1} (train it anew: its scores would be others)"
    )


def test_an_untrained_model_can_be_written(model, tmp_path):
    dl.set_dl_model_param(model, "complexity", 20)
    dl.write_dl_model(model, tmp_path / "untrained.hdl")
    again = dl.read_dl_model(tmp_path / "untrained.hdl")
    assert dl.get_dl_model_param(again, "complexity") == 20
    assert again.reference is None


def test_a_file_of_the_name_comes_before_the_pretrained_model(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dl.write_dl_model(model, "initial_dl_anomaly_medium.hdl")
    assert dl.get_dl_model_param(dl.read_dl_model("initial_dl_anomaly_medium.hdl"), "image_width") == 64


def test_every_damage_of_a_model_file_is_found(trained, tmp_path):
    path = tmp_path / "model.hdl"
    dl.write_dl_model(trained, path)
    content = path.read_bytes()
    for position in np.linspace(0, len(content) - 1, 25).astype(int):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        path.write_bytes(bytes(damaged))
        with pytest.raises(dl.DLFileError):
            dl.read_dl_model(path)
    path.write_bytes(content[:-1])
    with pytest.raises(dl.DLFileError, match="the file is damaged"):
        dl.read_dl_model(path)
