"""Models of type 'gc_anomaly_detection': parameters, training by batches, results, files."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from logical_tray import paint_logical, write_logical_set

import dlproc as dl
from dlproc.features import context
from dlproc.features.tokens import fit_composition, fit_tokens, mean_features
from dlproc.models import by_batches
from dlproc.models.anomaly import global_context, patch_statistics
from dlproc.models.held_out import was_trained_on
from dlproc.models.scoring import network_images
from dlproc.rng import numpy_generator
from dlproc.schema.keys import ANOMALY_MEASURES

NETWORKS = ("local", "global")
QUICK = {"num_epochs": 2, "evaluation_interval_epochs": 1, "display_param": {"enabled": False}}


def seeded(seed):
    return np.random.Generator(np.random.PCG64(seed))


def new_model(size=64):
    model = dl.read_dl_model("initial_dl_anomaly_global.hdl")
    dl.set_dl_model_param(model, "image_size", [size, size])
    return model


@pytest.fixture(scope="module", autouse=True)
def _short_epochs():
    steps = by_batches.STEPS_PER_EPOCH
    by_batches.STEPS_PER_EPOCH = 3
    yield
    by_batches.STEPS_PER_EPOCH = steps


@pytest.fixture(scope="module")
def trays(tmp_path_factory):
    """A preprocessed dataset of painted trays: 16 good to train, 4 to validate, 3 good and 4 others to test."""
    folder = tmp_path_factory.mktemp("trays")
    dataset = dl.read_dl_dataset_mvtec(write_logical_set(folder / "images", 20, 3, 1, seed=5))
    param = dl.create_dl_preprocess_param_from_model(new_model(), "none")
    dl.preprocess_dl_dataset(dataset, folder / "data", param, {"show_progress": False})
    return dataset


@pytest.fixture(scope="module")
def trained(trays):
    """A trained model, which tests must not change, and what training reported."""
    model = new_model()
    return model, *dl.train_dl_model(trays, model, QUICK)


def samples_of(dataset, split="test"):
    return dl.read_dl_samples(dataset, dl.find_dl_samples(dataset["samples"], "split", split, "match"))


def results_of(model, dataset):
    return dl.apply_dl_model(model, samples_of(dataset))


def assert_same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert a.keys() == b.keys()
        for key in a:
            np.testing.assert_array_equal(a[key], b[key])


# ---------------------------------------------------------------------------------------------------------- parameters


def test_the_pretrained_name_and_its_parameters():
    model = dl.read_dl_model("initial_dl_anomaly_global.hdl")
    expected = {
        "type": "gc_anomaly_detection",
        "image_dimensions": [256, 256, 3],
        "image_range_min": -127.0,
        "image_range_max": 128.0,
        "normalization_type": "none",
        "gc_anomaly_networks": ["local", "global"],
        "patch_size": 16,
        "anomaly_score_tolerance": 0.0,
        "learning_rate": 0.002,
        "meta_data": {},
        "num_trainable_params": 0,
    }
    assert {name: dl.get_dl_model_param(model, name) for name in expected} == expected
    assert repr(model) == "<DLModel gc_anomaly_detection, lite0, 256 x 256, not trained>"
    param = dl.create_dl_preprocess_param_from_model(model, "none")
    assert (param["model_type"], param["image_range_min"], param["image_range_max"]) == (
        "gc_anomaly_detection",
        -127.0,
        128.0,
    )
    dl.check_dl_preprocess_param(param)


def test_the_network_gets_gray_values_as_it_was_trained():
    """(gray - 127) / 128 from the range -127 to 128: by hand 0 -> -127/128, 255 -> 1."""
    model = new_model()
    sample = {"image": np.zeros((64, 64, 3), np.uint8)}
    sample["image"][32:] = 255
    dl.preprocess_dl_samples([sample], dl.create_dl_preprocess_param_from_model(model, "none"))
    network_input = network_images([sample], model)
    assert [float(network_input.min()), float(network_input.max())] == pytest.approx([-127 / 128, 1.0])


def test_gc_anomaly_networks_are_stored_once_and_in_one_order():
    model = new_model()
    for given, stored in ((["global", "local"], ["local", "global"]), ("global", ["global"])):
        dl.set_dl_model_param(model, "gc_anomaly_networks", given)
        assert dl.get_dl_model_param(model, "gc_anomaly_networks") == stored


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "gc_anomaly_networks",
            ["local", "globl"],
            "set_dl_model_param('gc_anomaly_networks')[1]: expected one of 'local', 'global'; got 'globl' "
            "(did you mean 'global'?)",
        ),
        (
            "gc_anomaly_networks",
            [],
            "set_dl_model_param('gc_anomaly_networks'): expected a list, at least 1 of each one of 'local', 'global'; "
            "got an empty list",
        ),
        (
            "patch_size",
            20,
            "set_dl_model_param('patch_size'): expected an integer in [8, 64], a multiple of 8; got 20",
        ),
        (
            "anomaly_score_tolerance",
            0.6,
            "set_dl_model_param('anomaly_score_tolerance'): expected a number in [0, 0.5]; got 0.6",
        ),
    ],
)
def test_values_that_are_not_valid(name, value, message):
    model = new_model()
    before = copy.deepcopy(model.parameters)
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_dl_model_param(model, name, value)
    assert str(caught.value) == message
    assert model.parameters == before


def test_what_shapes_the_model_cannot_be_set_after_training(trained):
    with pytest.raises(dl.DLModelError) as caught:
        dl.set_dl_model_param(trained[0], "patch_size", 32)
    assert str(caught.value) == (
        "set_dl_model_param('patch_size'): expected a model that is not trained; got a trained one "
        "(it is 16; read an untrained model to change it)"
    )
    assert caught.value.halcon_code == 7883


def test_parameters_of_the_other_type_are_no_parameters():
    with pytest.raises(dl.DLParamError, match="gc_anomaly_networks") as caught:
        dl.get_dl_model_param(dl.read_dl_model("initial_dl_anomaly_medium.hdl"), "gc_anomaly_networks")
    assert caught.value.halcon_code == 7788
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_dl_model_param(new_model(), "momentum", 0.9)
    assert str(caught.value) == (
        "gen_param_name: expected a parameter that models of type 'gc_anomaly_detection' have here; got 'momentum' "
        "(leave this line out)"
    )


def test_keep_domain_is_for_the_other_type():
    with pytest.raises(dl.DLParamError) as caught:
        dl.create_dl_preprocess_param_from_model(new_model(), "none", "keep_domain")
    assert "expected 'full_domain' or 'crop_domain' for model_type 'gc_anomaly_detection'; got 'keep_domain'" in str(
        caught.value
    )


# ------------------------------------------------------------------------------------------------------------- results


def test_results_have_the_answers_of_both_networks(trained, trays):
    for result in results_of(trained[0], trays):
        assert list(result) == [
            f"anomaly_{kind}{ending}" for ending in ("", "_local", "_global") for kind in ("image", "score")
        ]
        images = [result[f"anomaly_image_{name}"] for name in NETWORKS]
        np.testing.assert_array_equal(result["anomaly_image"], np.maximum(*images))  # the worse of both
        assert result["anomaly_score"] == max(result[f"anomaly_score_{name}"] for name in NETWORKS)
        for image in images:
            assert (image.shape, image.dtype) == ((64, 64), np.float32)
            assert 0 <= image.min() <= image.max() < 1


@pytest.mark.parametrize("network", NETWORKS)
def test_one_network_alone(trained, trays, network):
    model = copy.copy(trained[0])
    model.parameters = dict(model.parameters)
    dl.set_dl_model_param(model, "gc_anomaly_networks", network)
    for alone, both in zip(results_of(model, trays), results_of(trained[0], trays), strict=True):
        assert alone["anomaly_score"] == alone[f"anomaly_score_{network}"] == both[f"anomaly_score_{network}"]
        np.testing.assert_array_equal(alone["anomaly_image"], both[f"anomaly_image_{network}"])
        assert len(alone) == 4


def test_outputs_can_be_chosen(trained, trays):
    sample = samples_of(trays)[0]
    assert list(dl.apply_dl_model(trained[0], [sample], "anomaly_image_global")[0]) == ["anomaly_image_global"]
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "gc_anomaly_networks": ["local"]}
    with pytest.raises(dl.DLParamError) as caught:
        dl.apply_dl_model(model, [sample], ["anomaly_score_global"])
    assert str(caught.value).startswith(
        "outputs: expected one of 'anomaly_image', 'anomaly_score', 'anomaly_image_local', 'anomaly_score_local'; "
        "got 'anomaly_score_global'"
    )


def test_batch_size_changes_nothing(trained, trays):
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "batch_size": 4}
    for ours, theirs in zip(results_of(model, trays), results_of(trained[0], trays), strict=True):
        for key in ours:
            np.testing.assert_allclose(ours[key], theirs[key], atol=1e-5)


def test_tolerance_leaves_out_the_largest_distances(trained, trays):
    """Scores fall, maps stay; of the local network by hand from its map."""
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "anomaly_score_tolerance": 0.25}
    sample = samples_of(trays)[0]
    (before,), (after,) = (dl.apply_dl_model(m, [sample]) for m in (trained[0], model))
    for name in NETWORKS:
        assert after[f"anomaly_score_{name}"] <= before[f"anomaly_score_{name}"]
        np.testing.assert_array_equal(after[f"anomaly_image_{name}"], before[f"anomaly_image_{name}"])
    with torch.inference_mode():
        inside = torch.ones(1, 4, 4)
        maps = model.reference.answers(model.backbone, network_images([sample], model), inside)["local"].maps
    kept = np.sort(maps.numpy().ravel())[: 64 * 64 * 3 // 4]
    largest = kept[-round(0.1 * len(kept)) :].astype(np.float64)
    level, spread = model.reference.local_scale(3.0)
    distance = (largest.mean() + 3.0 * largest.std() - level) / spread
    q = (distance + 3) / 2 + np.sqrt(((distance + 3) / 2) ** 2 + 0.25)
    assert after["anomaly_score_local"] == pytest.approx(q / (q + 12), abs=1e-5)


def test_thresholds_decide_for_each_network(trained, trays):
    results = results_of(trained[0], trays)
    result = results[0]
    dl.threshold_dl_anomaly_results(0.3, result["anomaly_score_local"], results)
    for ending in ("", "_local", "_global"):
        region = result[f"anomaly_image{ending}"] >= np.float32(0.3)
        np.testing.assert_array_equal(result[f"anomaly_region{ending}"], region)
        is_nok = result[f"anomaly_score{ending}"] >= result["anomaly_score_local"]
        assert (result[f"anomaly_class{ending}"], result[f"anomaly_class_id{ending}"]) == (
            ("nok", 1) if is_nok else ("ok", 0)
        )
    assert result["anomaly_class_local"] == "nok"  # equality is an anomaly
    lacking = [dict(results[0]), {k: v for k, v in results[1].items() if k != "anomaly_score_global"}]
    before = [dict(r) for r in lacking]
    with pytest.raises(dl.DLDictError) as caught:
        dl.threshold_dl_anomaly_results(0.3, 0.1, lacking)
    assert str(caught.value) == "dl_results[1]['anomaly_score_global']: expected a number in [0, 1]; got no such key"
    assert [list(r) for r in lacking] == [list(r) for r in before]


def test_thresholds_are_for_the_networks_that_were_asked(trained, trays):
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "meta_data": {}}
    dl.compute_dl_anomaly_thresholds(model, trays)
    assert model.parameters["meta_data"]["anomaly_threshold_gc_anomaly_networks"] == "['local', 'global']"
    dl.evaluate_dl_model(trays, model, "split", "test", {"measures": "precision"})
    dl.set_dl_model_param(model, "gc_anomaly_networks", "global")
    with pytest.raises(dl.DLModelError) as caught:
        dl.evaluate_dl_model(trays, model, "split", "test", {"measures": "precision"})
    assert str(caught.value) == (
        "meta_data['anomaly_classification_threshold']: expected one for scores with gc_anomaly_networks ['global'], "
        "the model's; got for ['local', 'global'] (run compute_dl_anomaly_thresholds anew)"
    )


def test_a_domain_hides_what_lies_outside(trained, trays):
    sample = samples_of(trays)[0]
    domain = np.zeros((64, 64), bool)
    domain[16:48, 16:] = True
    painted = np.where(domain[:, :, None], sample["image"], np.float32(77))
    ours, theirs = (
        dl.apply_dl_model(trained[0], [{"image": image, "domain": domain}])[0] for image in (sample["image"], painted)
    )
    assert_same([ours], [theirs])
    assert all((ours[f"anomaly_image{ending}"][~domain] == 0).all() for ending in ("", "_local", "_global"))


@pytest.mark.parametrize("patch_size", [8, 40, 64])
def test_patch_size_scales_what_the_local_network_sees(trays, patch_size):
    model = new_model()
    dl.set_dl_model_param(model, "patch_size", patch_size)
    dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 1})
    side = max(32, round(64 * 16 / patch_size / 32) * 32) // 16  # by hand: 8 -> 128 pixels, 40 and 64 -> 32
    assert model.reference.local.grid == (side, side)
    assert results_of(model, trays)[0]["anomaly_image_local"].shape == (64, 64)


@pytest.mark.parametrize("size", [(64, 96), (256, 64), (32, 288)])
def test_images_that_are_not_square(tmp_path, size):
    """Rows as many as cells and columns more; rows finer and columns coarser than the cells; and the other way round."""
    dataset = dl.read_dl_dataset_mvtec(write_logical_set(tmp_path / "images", 5, 1, 1, seed=5))
    model = new_model()
    dl.set_dl_model_param(model, "image_size", size[::-1])
    dl.set_dl_model_param(model, "patch_size", 32)
    param = dl.create_dl_preprocess_param_from_model(model, "none")
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    dl.train_dl_model(dataset, model, {**QUICK, "num_epochs": 1})
    results = results_of(model, dataset)
    assert {result[f"anomaly_image_{name}"].shape for result in results for name in NETWORKS} == {size}
    dl.write_dl_model(model, tmp_path / "model.hdl")
    assert_same(results_of(dl.read_dl_model(tmp_path / "model.hdl"), dataset), results)


def test_the_rest_of_the_workflow_takes_the_combined_answer(trained, trays, tmp_path):
    """Thresholds, evaluation, operating points, rules, pictures and the report."""
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "meta_data": {}}
    segmentation, classification = dl.compute_dl_anomaly_thresholds(model, trays)
    options = {"measures": "all", "anomaly_classification_thresholds": classification}
    evaluation, eval_params = dl.evaluate_dl_model(trays, model, "split", "test", options)
    assert eval_params["evaluation_type"] == "gc_anomaly_detection"
    results = results_of(model, trays)
    scores = {row["anomaly_score"] for row in evaluation["image_scores"]}
    assert scores == {result["anomaly_score"] for result in results}
    assert dl.estimate_dl_operating_points(model, trays)["n_nok"] == 4
    dl.threshold_dl_anomaly_results(segmentation, classification[-1], results)
    rule = {"name": "high", "decision": "reject", "all": [{"value": "anomaly_score", "at_least": classification[-1]}]}
    dl.apply_dl_decision_rules(results, [rule])
    assert [r["decision"] == "reject" for r in results] == [r["anomaly_class"] == "nok" for r in results]
    assert dl.dev_display_anomaly_detection_evaluation(evaluation, eval_params).axes
    assert dl.dev_display_dl_data_tiled(trays, model, 4, "test").axes
    keys = [f"anomaly_{kind}_{name}" for name in NETWORKS for kind in ("result", "both", "image")]
    assert len(dl.dev_display_dl_data(samples_of(trays)[-1], results[-1], trays, keys).axes) == 8  # two colour bars
    dl.write_dl_report(evaluation, eval_params, trays, model, tmp_path / "report.html")
    assert "gc_anomaly_networks" in (tmp_path / "report.html").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------ training


def test_what_training_reports(trained):
    _, result, train_infos, evaluation_infos = trained
    assert set(result) == {"total_loss", "final_epoch"}
    assert result["final_epoch"] == 2
    assert [info["epoch"] for info in train_infos] == [1, 2]
    assert result["total_loss"] == train_infos[-1]["mean_loss"] > 0
    told = [(info["epoch"], info["split"], info["n_images"]) for info in evaluation_infos]
    assert told == [(1, "validation", 4), (2, "validation", 4)]


def test_training_goes_down(trays):
    model = new_model()
    _, _, infos = dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 20, "evaluation_interval_epochs": 19})
    assert infos[-1]["loss"] < infos[0]["loss"] or infos[0]["epoch"] == 19
    _, train_infos, _ = dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 25, "num_samples_mean_loss": 96}, 20)
    assert [info["epoch"] for info in train_infos] == [21, 22, 23, 24, 25]


def test_the_same_seed_gives_the_same_bytes_in_any_order(trained, trays, tmp_path):
    dataset = {**trays, "samples": trays["samples"][::-1]}
    model = new_model()
    dl.train_dl_model(dataset, model, QUICK)
    assert_same(results_of(model, trays), results_of(trained[0], trays))
    for name, handle in (("a", model), ("b", trained[0])):
        dl.write_dl_model(handle, tmp_path / name)
    assert (tmp_path / "a.hdl").read_bytes() == (tmp_path / "b.hdl").read_bytes()
    other = new_model()
    dl.train_dl_model(dataset, other, {**QUICK, "seed_rand": 7})
    assert dl.get_system("seed_rand") == 42
    assert results_of(other, trays)[0]["anomaly_score_global"] != results_of(model, trays)[0]["anomaly_score_global"]


def test_training_that_was_interrupted_goes_on_from_a_file(trained, trays, tmp_path):
    first = new_model()
    dl.train_dl_model(trays, first, {**QUICK, "num_epochs": 1})
    dl.write_dl_model(first, tmp_path / "half.hdl")
    second = dl.read_dl_model(tmp_path / "half.hdl")
    result, train_infos, _ = dl.train_dl_model(trays, second, QUICK, 1)
    assert (result["final_epoch"], [info["epoch"] for info in train_infos]) == (2, [2])
    assert_same(results_of(second, trays), results_of(trained[0], trays))


def test_ctrl_c_leaves_the_last_complete_epoch(trained, trays, monkeypatch):
    model = new_model()
    step, calls = global_context.Learner.step, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 5:  # in the second epoch of three steps
            raise KeyboardInterrupt
        return step(*arguments)

    monkeypatch.setattr(global_context.Learner, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dl.train_dl_model(trays, model, {**QUICK, "evaluation_interval_epochs": 2})
    assert (model.training["final_epoch"], model.learner.n_steps) == (1, 3)
    dl.train_dl_model(trays, model, QUICK, 1)
    assert_same(results_of(model, trays), results_of(trained[0], trays))


def test_ctrl_c_in_the_first_epoch_changes_nothing(trays, monkeypatch):
    model = new_model()
    before = copy.deepcopy(model.parameters)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(global_context.Learner, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dl.train_dl_model(trays, model, QUICK)
    assert (model.reference, model.learner, model.training, model.parameters) == (None, None, {}, before)


def test_ctrl_c_in_the_first_epoch_of_a_resumed_training_changes_nothing(trays, monkeypatch):
    model = new_model()
    dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 1})
    dl.compute_dl_anomaly_thresholds(model, trays)
    before = state_of(model)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(global_context.Learner, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dl.train_dl_model(trays, model, QUICK, 1)
    assert_unchanged(model, before)


@pytest.mark.parametrize("is_trained", [True, False])
def test_an_error_after_an_evaluation_leaves_the_model_as_it_was(trays, tmp_path, is_trained):
    """The first epoch is evaluated and committed; then the folder to write to is gone."""
    model, start = new_model(), int(is_trained)
    if is_trained:
        dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 1})
        dl.compute_dl_anomaly_thresholds(model, trays)
    meta_data, before = model.parameters["meta_data"], state_of(model)
    (tmp_path / "at_2.hdl").mkdir()  # a folder where the file should be
    strategies = [
        {"type": "epochs", "basename": str(tmp_path / "at"), "epochs": [2]},
        {"type": "current", "basename": str(tmp_path / "current")},
    ]
    change = [{"epochs": [1], "values": [0.001]}]
    param = {**QUICK, "num_epochs": 3, "serialization_strategies": strategies, "change_strategies": change}
    with pytest.raises(dl.DLFileError):
        dl.train_dl_model(trays, model, param, start)
    assert dl.read_dl_model(tmp_path / "current.hdl").training["final_epoch"] == 2
    assert_unchanged(model, before)
    assert model.parameters["meta_data"] is meta_data


def state_of(model):
    learner = model.learner and (model.learner.n_steps, model.learner.to_tree())
    return model.reference, model.learner, model.training, copy.deepcopy((learner, model.parameters, model.training))


def assert_unchanged(model, before):
    reference, learner, training, _ = before
    assert (model.reference is reference, model.learner is learner, model.training is training) == (True,) * 3
    np.testing.assert_equal(state_of(model)[3], before[3])


@pytest.mark.parametrize("start_epoch", [1, 4])
def test_a_start_that_is_not_where_training_ended(trained, trays, start_epoch):
    before = state_of(trained[0])
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(trays, trained[0], {**QUICK, "num_epochs": 9}, start_epoch)
    assert str(caught.value) == (
        f"start_epoch: expected 2, the epochs that the model was trained for, or 0; got {start_epoch} "
        "(start_epoch 0 begins anew)"
    )
    assert_unchanged(trained[0], before)


def test_what_was_looked_through_anew_was_trained_for_no_epoch(trays):
    """And says so, though the model was trained before."""
    model = new_model()
    dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 1})
    dl.normalize_dl_gc_anomaly_features(trays, model, {"show_progress": False})
    with pytest.raises(dl.DLParamError, match="expected 0, the epochs"):
        dl.train_dl_model(trays, model, QUICK, 1)
    dl.normalize_dl_gc_anomaly_scores(trays, model)
    assert (model.training["final_epoch"], model.training["n_steps"]) == (0, 0)


def test_other_images_cannot_go_on(trained, trays):
    """As many, and of the same names; four are others, one of which the gradient did not see before."""
    train, others = (
        sorted_by_name(s for s in trays["samples"] if s["split"] == split) for split in ("train", "validation")
    )
    held_out, *seen = numpy_generator("gc_anomaly_detection: images").permutation(16)[2:]  # the third, and so on
    replaced = dict(zip([held_out, *seen[:3]], others, strict=True))
    moved = [
        {**replaced[n], "split": "train", "image_file_name": s["image_file_name"]} if n in replaced else s
        for n, s in enumerate(train)
    ]
    before = state_of(trained[0])
    for samples, got in (
        (moved, "3 others among them, or the same in another order of their names"),
        (train[1:], "15"),
    ):
        with pytest.raises(dl.DLDataError) as caught:
            dl.train_dl_model({**trays, "samples": samples}, trained[0], {**QUICK, "num_epochs": 3}, 2)
        assert str(caught.value) == (
            "dl_dataset['samples']: expected the 16 images of split 'train' that training began with; "
            f"got {got} (start_epoch 0 begins anew with others)"
        )
        assert caught.value.halcon_code == 7925
    assert_unchanged(trained[0], before)


def sorted_by_name(samples):
    return sorted(samples, key=lambda sample: sample["image_file_name"])


def test_the_best_stays_the_best_when_training_goes_on(trays, tmp_path, monkeypatch):
    """Losses as they could be: 0.5 after the first epoch, then 0.7, 0.4, 0.6."""
    monkeypatch.setattr(
        global_context.Learner, "loss", lambda learner, *_: {3: 0.5, 6: 0.7, 9: 0.4}.get(learner.n_steps, 0.6)
    )
    best = [{"type": "best", "basename": str(tmp_path / "best")}]
    model = new_model()
    for start_epoch, epoch_of_the_best in enumerate([1, 1, 3, 3]):
        param = {**QUICK, "num_epochs": start_epoch + 1, "serialization_strategies": best}
        dl.train_dl_model(trays, model, param, start_epoch)
        assert dl.read_dl_model(tmp_path / "best.hdl").training["final_epoch"] == epoch_of_the_best
        dl.write_dl_model(model, tmp_path / "kept")
        model = dl.read_dl_model(tmp_path / "kept.hdl")
    assert "least_loss" not in model.training
    dl.train_dl_model(trays, model, {**QUICK, "num_epochs": 2, "serialization_strategies": best})  # anew
    assert dl.read_dl_model(tmp_path / "best.hdl").training["final_epoch"] == 1


def test_strategies_write_models(trays, tmp_path):
    model = new_model()
    strategies = [
        {"type": "best", "basename": str(tmp_path / "best")},
        {"type": "epochs", "basename": str(tmp_path / "at"), "epochs": [1, 3]},
        {"type": "final", "basename": str(tmp_path / "final")},
        {"type": "current", "basename": str(tmp_path / "current")},
    ]
    names, values = (
        ["serialize"] * 4 + ["change", "evaluate"],
        [
            *strategies,
            {"epochs": [1, 2], "values": [0.004, 0.001], "initial_value": 0.003},
            {"measures": "image_scores"},
        ],
    )
    param = dl.create_dl_train_param(model, 3, 2, "false", 42, names, values)
    _, train_infos, evaluation_infos = dl.train_dl_model(trays, model, param)
    assert [info["learning_rate"] for info in train_infos] == [0.003, 0.004, 0.001]
    assert dl.get_dl_model_param(model, "learning_rate") == 0.001
    assert [info["epoch"] for info in evaluation_infos] == [2, 3]
    assert len(evaluation_infos[0]["evaluation_result"]["image_scores"]) == 4
    stems = ["at_1", "at_3", "best", "current", "final"]
    files = [f"{stem}{ending}" for stem in stems for ending in (".hdl", "_info.hdict")]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)
    best = dl.read_dict(tmp_path / "best_info.hdict")
    assert best["epoch"] == min(evaluation_infos, key=lambda info: info["loss"])["epoch"]
    assert dl.read_dict(tmp_path / "at_1_info.hdict")["train_info"] == train_infos[:1]
    assert_same(results_of(dl.read_dl_model(tmp_path / "final.hdl"), trays), results_of(model, trays))
    assert dl.read_dl_model(tmp_path / "at_1.hdl").training["final_epoch"] == 1


def test_batch_by_batch(trays):
    """The way of a script that does not use train_dl_model."""
    model = new_model()
    samples = samples_of(trays, "train")
    with pytest.raises(dl.DLModelError) as caught:
        dl.train_dl_model_batch(model, samples[:4])
    assert str(caught.value) == (
        "dl_model_handle: expected a model with normalised features; got one without "
        "(run normalize_dl_gc_anomaly_features first, or train_dl_model, which does all of it)"
    )
    assert caught.value.halcon_code == 7881
    dl.normalize_dl_gc_anomaly_features(trays, model, {"show_progress": False})
    assert model.reference is None
    for _ in range(2):
        assert dl.train_dl_model_batch(model, samples[:4])["total_loss"] > 0
    dl.normalize_dl_gc_anomaly_scores(trays, model)
    assert model.training["n_steps"] == 2
    before = model.learner.n_steps, {k: v.clone() for k, v in model.learner.network.state_dict().items()}
    bad = [samples[0], samples[1], {**samples[2], "anomaly_label": "nok"}, samples[3]]
    with pytest.raises(dl.DLDictError) as caught:
        dl.train_dl_model_batch(model, bad)
    assert str(caught.value) == (
        "dl_sample_batch[2]['anomaly_label']: expected 'ok'; got 'nok' (train on good images only)"
    )
    assert model.learner.n_steps == before[0]
    assert all(torch.equal(v, before[1][k]) for k, v in model.learner.network.state_dict().items())
    assert results_of(model, trays)[0]["anomaly_score"] > 0


def test_the_gradient_never_sees_what_sets_the_scale(trays):
    """Step by step, too: by hand the three of 16 (a fifth) whose order says so."""
    order = numpy_generator("gc_anomaly_detection: images").permutation(16)
    samples = dl.read_dl_samples(
        trays, [trays["samples"].index(s) for s in sorted_by_name(s for s in trays["samples"] if s["split"] == "train")]
    )
    model = new_model()
    dl.normalize_dl_gc_anomaly_features(trays, model, {"show_progress": False})
    looked_through = model.learner
    losses, networks = [], []
    for batch in (samples, [samples[number] for number in range(16) if number not in order[:3]]):
        model.learner = looked_through
        losses.append(dl.train_dl_model_batch(model, batch)["total_loss"])
        networks.append(model.learner.network.state_dict())
    assert losses[0] == losses[1] > 0
    assert all(torch.equal(networks[0][name], networks[1][name]) for name in networks[0])
    before = model.learner
    assert dl.train_dl_model_batch(model, [samples[number] for number in order[:3]])["total_loss"] > 0
    assert model.learner is before  # no step
    assert before.n_steps == 1


def test_of_few_images_all_count_step_by_step(trays):
    train = [s for s in trays["samples"] if s["split"] == "train"][:4]
    model = new_model()
    dl.normalize_dl_gc_anomaly_features({**trays, "samples": train}, model, {"show_progress": False})
    dl.train_dl_model_batch(model, dl.read_dl_samples({**trays, "samples": train}, [0]))
    assert model.learner.n_steps == 1


def test_images_of_a_batch_are_remembered(trays):
    model, others = new_model(), samples_of(trays, "validation")
    dl.normalize_dl_gc_anomaly_features(trays, model, {"show_progress": False})
    for _ in range(2):
        dl.train_dl_model_batch(model, others[:2])
    dl.normalize_dl_gc_anomaly_scores(trays, model)
    assert [was_trained_on(model, sample) for sample in others] == [True, True, False, False]
    assert all(was_trained_on(model, sample) for sample in samples_of(trays, "train"))
    known = model.training["image_fingerprints"]
    assert (len(known), known.dtype, model.training["n_images"]) == (18, np.uint64, 16)
    assert (np.diff(known) > 0).all()
    with pytest.raises(dl.DLDataError, match="which it was trained on"):
        dl.compute_dl_anomaly_thresholds(model, trays, {"method": "conformal"})


def test_operators_of_the_other_type(trained, trays, model):
    samples = samples_of(trays, "train")[:1]
    with pytest.raises(dl.DLModelError) as caught:
        dl.train_dl_model_anomaly_dataset(trained[0], samples)
    assert str(caught.value) == (
        "dl_model_handle: expected a model of type 'anomaly_detection'; got one of type 'gc_anomaly_detection' "
        "(that is trained with train_dl_model, or train_dl_model_batch)"
    )
    for call in (
        lambda: dl.train_dl_model_batch(model, samples),
        lambda: dl.normalize_dl_gc_anomaly_features(trays, model),
        lambda: dl.normalize_dl_gc_anomaly_scores(trays, model),
    ):
        with pytest.raises(dl.DLModelError) as caught:
            call()
        assert str(caught.value) == (
            "dl_model_handle: expected a model of type 'gc_anomaly_detection'; got one of type 'anomaly_detection' "
            "(that is trained with train_dl_model, or train_dl_model_anomaly_dataset)"
        )


def test_what_only_the_other_type_can_is_refused(trained, trays, tmp_path):
    model, samples = trained[0], samples_of(trays, "validation")
    apply_it = "(apply it as it is, on a CPU or a graphics card (set_dl_model_param 'runtime'), and write it as .hdl)"
    no_graph = f"expected a model of type 'anomaly_detection'; got one of type 'gc_anomaly_detection' {apply_it}"
    device = dl.query_available_dl_devices("runtime", "cpu")[0]
    before = results_of(model, trays)
    for call, message in (
        (lambda: dl.optimize_dl_model_for_inference(model, device, "float32", samples), no_graph),
        (lambda: dl.write_dl_model(model, tmp_path / "model.onnx"), no_graph),
        (
            lambda: dl.extend_dl_model(model, samples),
            "expected a model that can be extended; got one of type 'gc_anomaly_detection' (train it anew with the "
            "images in split 'train')",
        ),
    ):
        with pytest.raises(dl.DLModelError) as caught:
            call()
        assert str(caught.value) == f"dl_model_handle: {message}"
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(trays, model, {"anomaly_param": {"checkpoint_dir": str(tmp_path / "kept")}})
    assert str(caught.value) == (
        "train_param: expected a BatchTrainParam, for type 'gc_anomaly_detection'; got 'anomaly_param' (that is for type "
        "'anomaly_detection'; here 'serialize' keeps what is done, and start_epoch goes on)"
    )
    assert_same(results_of(model, trays), before)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------------------- train param


def test_the_train_param_has_halcons_keys():
    param = dl.create_dl_train_param(new_model(), 30, 5, True, 73, ["change"], [{"epochs": 5, "values": 0.001}])
    assert param == {
        "num_epochs": 30,
        "evaluation_interval_epochs": 5,
        "evaluation_param": None,
        "change_strategies": [
            {"model_param": "learning_rate", "epochs": [5], "values": [0.001], "initial_value": None}
        ],
        "serialization_strategies": [{"type": "best", "basename": "model_best", "epochs": []}],
        "seed_rand": 73,
        "display_param": {**param["display_param"], "enabled": True},
        "update_interval_seconds": 2.0,
        "num_samples_mean_loss": 1000,
        "evaluate_before_train": False,
    }
    assert (
        dl.create_dl_train_param(new_model(), gen_param_name="serialize", gen_param_value=[[]])[
            "serialization_strategies"
        ]
        == []
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "anomaly",
            {},
            "gen_param_name[0]: expected one of 'evaluate', 'augment', 'change', 'serialize', 'display'; got 'anomaly' (that "
            "is for type 'anomaly_detection'; here 'serialize' keeps what is done, and start_epoch goes on)",
        ),
        (
            "augment",
            {"mirror": "c"},
            "gen_param_value[0]: expected nothing, or 'augmentation_percentage' 0; got a dictionary with 1 keys (the "
            "features of an image are computed once; put varied images into split 'train' instead)",
        ),
        (
            "change",
            {"model_param": "momentum"},
            "gen_param_value[0]['model_param']: expected one of 'learning_rate'; got 'momentum'",
        ),
        (
            "change",
            {"epochs": [1, 2], "values": [0.1]},
            "gen_param_value[0]['values']: expected 2 numbers, one for each epoch; got 1",
        ),
        (
            "serialize",
            {"type": "epochs"},
            "gen_param_value[0]['epochs']: expected numbers of epochs, for type 'epochs'; got []",
        ),
        (
            "serialize",
            {"basename": "no_such_folder/model"},
            "gen_param_value[0]['basename']: expected a file in an existing folder; got no folder 'no_such_folder'",
        ),
        (
            "serialize",
            {"typ": "best"},
            "gen_param_value[0]: expected one of 'type', 'basename', 'epochs'; got 'typ' (did you mean 'type'?)",
        ),
    ],
)
def test_options_of_training_that_are_not_valid(name, value, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.create_dl_train_param(new_model(), gen_param_name=name, gen_param_value=[value])
    assert str(caught.value) == message


@pytest.mark.parametrize("measure", [*ANOMALY_MEASURES, "all"])
def test_measures_that_need_thresholds_are_refused_before_training(trained, trays, measure):
    """Those, and only those, that evaluate_dl_model itself refuses of a model without thresholds."""
    model = copy.copy(trained[0])
    model.parameters = {**model.parameters, "meta_data": {}}
    try:
        dl.evaluate_dl_model({**trays, "samples": []}, model, "split", "validation", {"measures": measure})
    except dl.DLParamError as error:
        where, expected = "train_param['evaluation_param']['anomaly_classification_thresholds']", error.expected
    except dl.DLDataError:  # behind the check of the options: no sample
        by_batches.valid_batch_param({"evaluation_param": {"measures": measure}})
        return
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(trays, model, {**QUICK, "evaluation_param": {"measures": measure}})
    hint = "a model that is being trained has none of its own"
    assert str(caught.value) == f"{where}: expected {expected}; got none ({hint})"
    options = {"measures": measure, "anomaly_classification_thresholds": [0.5]}
    by_batches.valid_batch_param({"evaluation_param": options})


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"evaluate_instances": True}, "['evaluate_instances']: expected False: images are evaluated; got True"),
        ({"class_ids": [1]}, "['class_ids']: expected [0, 1]; got [1]"),
    ],
)
def test_an_evaluation_that_cannot_be_is_refused_before_training(trays, option, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(trays, new_model(), {**QUICK, "evaluation_param": option})
    assert str(caught.value) == f"train_param['evaluation_param']{message}"


def test_a_start_behind_the_end(trained, trays):
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(trays, trained[0], QUICK, 2)
    assert str(caught.value) == "start_epoch: expected less than num_epochs, 2; got 2"


# ---------------------------------------------------------------------------------------------------------------- file


def test_a_model_comes_back_to_the_last_bit(trained, trays, tmp_path):
    model = trained[0]
    dl.write_dl_model(model, tmp_path / "model.hdl")
    again = dl.read_dl_model(tmp_path / "model.hdl")
    assert again.parameters == model.parameters
    for key, value in model.training.items():
        np.testing.assert_equal(again.training[key], value)
    assert_same(results_of(again, trays), results_of(model, trays))
    dl.write_dl_model(again, tmp_path / "again.hdl")
    assert (tmp_path / "again.hdl").read_bytes() == (tmp_path / "model.hdl").read_bytes()
    assert dl.get_dl_model_param(again, "num_trainable_params") > 100_000


def test_a_model_that_moved_keeps_one_local_network(trained, tmp_path):
    model = copy.copy(trained[0])
    model.parameters = dict(model.parameters)
    dl.write_dl_model(model, tmp_path / "before.hdl")
    dl.set_dl_model_param(model, "runtime", "cpu")
    assert model.reference is not trained[0].reference
    assert model.learner.local is model.reference.local
    dl.write_dl_model(model, tmp_path / "after.hdl")
    assert (tmp_path / "after.hdl").read_bytes() == (tmp_path / "before.hdl").read_bytes()


def test_a_model_that_does_not_fit_on_a_device_stays_where_it_was(trained, monkeypatch):
    model = copy.copy(trained[0])
    model.parameters = dict(model.parameters)
    before = dict(vars(model))

    def out_of_memory(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(global_context.Learner, "to", out_of_memory)
    with pytest.raises(torch.OutOfMemoryError):
        model.move_to(replace(model.device, name="a smaller one"))
    assert {name: value is vars(model)[name] for name, value in before.items()} == dict.fromkeys(before, True)


def test_what_is_applied_lies_in_memory_as_a_file_will_give_it(trained):
    """Row by row: products of matrices that lie otherwise differ in the last bit."""
    reference = trained[0].reference
    parts = [reference, reference.tokens, reference.composition, reference.local, reference.local.gaussians]
    tensors = {(n, k): v for n, part in enumerate(parts) for k, v in vars(part).items() if isinstance(v, torch.Tensor)}
    assert len(tensors) > 15
    assert [name for name, tensor in tensors.items() if not tensor.is_contiguous()] == []


@pytest.mark.parametrize("is_trained", [True, False])
def test_a_file_of_another_version_of_the_method(trained, tmp_path, monkeypatch, is_trained):
    """Of the local network's method, too; also where so far there is only the state of a training."""
    model = copy.copy(trained[0])
    model.reference = model.reference if is_trained else None
    monkeypatch.setattr(global_context, "VERSION", patch_statistics.VERSION)
    dl.write_dl_model(model, tmp_path / "model.hdl")
    monkeypatch.undo()
    assert patch_statistics.VERSION < global_context.VERSION
    with pytest.raises(dl.DLVersionError) as caught:
        dl.read_dl_model(tmp_path / "model.hdl")
    assert str(caught.value) == (
        f"{tmp_path / 'model.hdl'}: expected a model trained by version {global_context.VERSION} of its method; got "
        f"version {patch_statistics.VERSION} (train it anew: its scores would be others)"
    )


def test_an_untrained_model_comes_back(tmp_path):
    model = new_model()
    for name, value in (("patch_size", 32), ("anomaly_score_tolerance", 0.01), ("gc_anomaly_networks", "global")):
        dl.set_dl_model_param(model, name, value)
    dl.write_dl_model(model, tmp_path / "model.hdl")
    assert dl.read_dl_model(tmp_path / "model.hdl").parameters == model.parameters
    dl.clear_dl_model(model)
    with pytest.raises(dl.DLModelError):
        dl.get_dl_model_param(model, "type")


# ------------------------------------------------------------------------------------------------- what it is made from


def test_a_hidden_cell_does_not_tell_on_itself():
    network = context.ContextNetwork(4)
    network.draw(seeded(0))
    tokens = torch.from_numpy(seeded(1).normal(size=(1, 64, 4)).astype(np.float32))
    changed = tokens.clone()
    changed[0, 27] += 5  # row 3, column 3: in the tile of rows and columns 2 to 3
    with torch.inference_mode():
        before, after = (context.filled_in(network, t)[0] for t in (tokens, changed))
    differs = (before != after).any(dim=1).view(8, 8)
    # Tiles from which row 3, column 3 is at most one cell away do not see it.
    assert not differs[2:6, 2:6].any()
    assert differs[0:2].all()


def test_holes_are_squares_of_two_to_four_cells():
    hidden = context.draw_hidden(seeded(0), 500).reshape(-1, 8, 8)
    assert hidden.any(axis=(1, 2)).all()
    assert hidden.sum(axis=(1, 2)).max() <= 3 * 16
    assert (hidden.mean(axis=0) > 0.1).all()  # corners, too


def test_tokens_are_principal_components():
    """NumPy's singular values as the second source."""
    features = seeded(0).normal(size=(10, 64, 20)).astype(np.float32) * np.arange(1, 21, dtype=np.float32)
    tokens = fit_tokens(torch.from_numpy(features), torch.ones(10, 64))(torch.from_numpy(features)).numpy()
    centred = features - features.mean(axis=0)
    deviation = centred.std(axis=(0, 1))
    standardised = centred / (deviation + 0.1 * deviation.mean() + 1e-3)
    singular = np.linalg.svd(standardised.reshape(-1, 20), compute_uv=False)[:16]
    spread = np.sqrt((tokens.reshape(-1, 16) ** 2).mean(axis=0))
    expected = singular[::-1] / np.sqrt((singular**2).mean())
    np.testing.assert_allclose(spread, expected, rtol=1e-3)


def test_composition_left_out_is_what_a_fit_without_the_image_says():
    generator = seeded(0)
    means = torch.from_numpy(generator.normal(size=(60, 5)).astype(np.float32))
    _, left_out = fit_composition(means)
    refitted = [
        fit_composition(torch.cat([means[:n], means[n + 1 :]]))[0].distances(means[n : n + 1]).item() for n in range(60)
    ]
    np.testing.assert_allclose(left_out.numpy(), refitted, rtol=0.03)  # the spread of the channels is not taken out


def test_means_are_of_the_cells_that_count():
    features = torch.arange(8.0).view(1, 4, 2)
    inside = torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert mean_features(features, inside).tolist() == [[2.0, 3.0]]


def test_few_images(trays):
    """One image, and five: nothing fails, nothing is infinite."""
    for n_images in (1, 5):
        train = [s for s in trays["samples"] if s["split"] == "train"][:n_images]
        model = new_model()
        dl.train_dl_model({**trays, "samples": train}, model, {**QUICK, "num_epochs": 1})
        assert all(np.isfinite(r["anomaly_score"]) for r in results_of(model, trays))


# ------------------------------------------------------------------------------------------------------------ generator


def test_painted_pictures_repeat_and_masks_mark_what_changed():
    squares = {"good": 0, "missing": 2, "doubled": 2, "misplaced": 4, "mixed": 1}  # each of 48 x 48 pixels
    for kind, n_squares in squares.items():
        (image, mask), (again, _) = (paint_logical(seeded(3), kind) for _ in range(2))
        np.testing.assert_array_equal(image, again)
        assert (image.shape, image.dtype, mask.shape) == ((256, 256, 3), np.uint8, (256, 256))
        assert (mask > 0).sum() == pytest.approx(n_squares * 48**2, rel=0.05)


@pytest.mark.parametrize("kind", ["good", "missing", "doubled", "mixed"])
def test_parts_on_a_mat(kind):
    image, mask = paint_logical(seeded(4), kind, "mat")
    assert image.shape == (256, 256, 3)
    assert (mask > 0).any() == (kind != "good")
