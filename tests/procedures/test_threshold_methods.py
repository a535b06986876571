"""Thresholds by other methods than HALCON's, operating points, and images that the model was trained on."""

import copy
import hashlib

import numpy as np
import pytest

import dlproc as dl
from dlproc.measures import operating_points as rules
from dlproc.models.held_out import was_trained_on


@pytest.fixture
def fresh(workflow):
    """The workflow's model with meta data of its own, and its dataset."""
    before = dict(workflow.model.parameters["meta_data"])
    yield workflow.model, workflow.dataset
    workflow.model.parameters["meta_data"] = before


def held_out_scores(workflow, label):
    samples = workflow.samples("validation") + workflow.samples("test")
    results = dl.apply_dl_model(workflow.model, samples)
    return np.array([r["anomaly_score"] for r, s in zip(results, samples, strict=True) if s["anomaly_label"] == label])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"method": "zero_miss"}, lambda ok, nok: nok.min()),
        ({"method": "max_f1"}, lambda ok, nok: rules.max_f1(ok, nok).threshold),
        ({"method": "target_fpr", "target_fpr": 0.25}, lambda ok, nok: rules.target_fpr(ok, 0.25).threshold),
        ({"method": "conformal"}, lambda ok, nok: np.nextafter(np.float32(ok.max()), np.float32(2))),
        (
            {"method": "min_cost", "miss_cost": 5, "false_alarm_cost": 1},
            lambda ok, nok: rules.min_cost(ok, nok, rules.Costs(5, 1)).threshold,
        ),
    ],
)
def test_methods_use_the_images_that_were_not_trained_on(workflow, fresh, options, expected):
    segmentation, classification = dl.compute_dl_anomaly_thresholds(*fresh, options)
    assert segmentation == workflow.thresholds[0]
    ok, nok = held_out_scores(workflow, "ok"), held_out_scores(workflow, "nok")
    assert classification == pytest.approx([expected(ok, nok)], abs=2e-6)
    scores = np.concatenate([ok, nok])
    assert np.array_equal(scores >= classification[0], scores >= expected(ok, nok))
    assert np.abs(scores - classification[0]).min() > 5e-7  # so that no rounding decides


def test_where_a_threshold_is_from_travels_with_the_model(workflow, fresh, tmp_path):
    model, dataset = fresh
    _, (threshold,) = dl.compute_dl_anomaly_thresholds(
        model, dataset, {"method": "conformal", "target_fpr": 0.5, "confidence": 0.9}
    )
    dl.write_dl_model(model, tmp_path / "model.hdl")
    meta_data = dl.get_dl_model_param(dl.read_dl_model(tmp_path / "model.hdl"), "meta_data")
    ok = held_out_scores(workflow, "ok")
    assert meta_data == {
        "anomaly_segmentation_threshold": repr(workflow.thresholds[0]),
        "anomaly_classification_threshold": repr(threshold),
        "anomaly_threshold_method": "conformal",
        "anomaly_threshold_promise": "At most 50 % of new good images are rejected, with 90 % confidence: "
        f"{len(ok)} good images guarantee it.",
        "anomaly_threshold_is_guaranteed": "true",
        "anomaly_threshold_n_ok": str(len(ok)),
        "anomaly_threshold_n_nok": "0",
        "anomaly_threshold_quantile": repr(float((ok < threshold).mean())),
        "anomaly_threshold_target_fpr": "0.5",
        "anomaly_threshold_confidence": "0.9",
        # What all that belongs to.
        "anomaly_threshold_value": repr(threshold),
        "anomaly_threshold_value_of_pixels": repr(workflow.thresholds[0]),
        "anomaly_threshold_standard_deviation_factor": "3.0",
        "anomaly_threshold_precision": "float32",
        "anomaly_threshold_training": hashlib.sha256(model.training["image_fingerprints"].tobytes()).hexdigest()[:16],
    }
    # Another method leaves nothing of the first.
    dl.compute_dl_anomaly_thresholds(model, dataset)
    assert "anomaly_threshold_target_fpr" not in model.parameters["meta_data"]
    assert model.parameters["meta_data"]["anomaly_threshold_method"] == "halcon"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"method": "conformal", "target_fpr": 0.01},
            "dl_dataset['samples']: expected enough images for method 'conformal'; got 12 good ones "
            "(you need 287 more good images for 1 % at 95 % confidence; these 12 allow 22.1 %)",
        ),
        (
            {"method": "target_fpr"},
            "gen_param['target_fpr']: expected a number, for method 'target_fpr'; got none",
        ),
        (
            {"method": "min_cost", "miss_cost": 3},
            "gen_param['false_alarm_cost']: expected a number, for method 'min_cost'; got none",
        ),
        (
            {"method": "max_f1", "target_fpr": 0.1},
            "gen_param['target_fpr']: expected to be given with method 'target_fpr' or 'conformal'; got method 'max_f1'",
        ),
        (
            {"target_fpr": 0.1},
            "gen_param['target_fpr']: expected to be given with method 'target_fpr' or 'conformal'; got method 'halcon'",
        ),
        (
            {"method": "conformal", "use_ok_samples_only": True},
            "gen_param['use_ok_samples_only']: expected to be given with method 'halcon'; got method 'conformal'",
        ),
        (
            {"method": "conformall"},
            "gen_param['method']: expected one of 'halcon', 'zero_miss', 'max_f1', 'target_fpr', 'min_cost', 'conformal'; "
            "got 'conformall' (did you mean 'conformal'?)",
        ),
        (
            {"method": "conformal", "confidence": 1.0},
            "gen_param['confidence']: expected a number in [0.5, 0.9999]; got 1.0",
        ),
    ],
)
def test_bad_methods_are_heard_and_nothing_is_stored(fresh, options, message):
    model, dataset = fresh
    before = dict(model.parameters["meta_data"])
    with pytest.raises(dl.DLError) as caught:
        dl.compute_dl_anomaly_thresholds(model, dataset, options)
    assert str(caught.value) == message
    assert model.parameters["meta_data"] == before


def test_an_image_without_a_label_is_not_taken_for_a_good_one(workflow, fresh):
    model, dataset = fresh
    unlabelled = copy.deepcopy(dataset)
    index = dl.find_dl_samples(unlabelled["samples"], "split", "validation", "match")[0]
    del unlabelled["samples"][index]["anomaly_label"]
    dl.compute_dl_anomaly_thresholds(model, unlabelled, {"method": "conformal"})
    assert model.parameters["meta_data"]["anomaly_threshold_n_ok"] == "11"


def test_without_nok_images_the_methods_that_need_them_say_so(fresh):
    model, dataset = fresh
    good = copy.deepcopy(dataset)
    good["samples"] = [sample for sample in good["samples"] if sample["anomaly_label"] == "ok"]
    with pytest.raises(
        dl.DLDataError, match=r"got 12 good ones and 0 'nok' ones \(needs at least one defective image\)"
    ):
        dl.compute_dl_anomaly_thresholds(model, good, {"method": "zero_miss"})
    points = dl.estimate_dl_operating_points(model, good)
    by_method = {point["method"]: point for point in points["operating_points"]}
    assert by_method["zero_miss"]["threshold"] is None
    assert by_method["zero_miss"]["promise"] == "needs at least one defective image"
    assert by_method["target_fpr"]["miss_rate"] is None
    assert points["n_nok"] == 0


# ------------------------------------------------------------------------------------------------- trained-on images


def test_a_model_knows_what_it_was_trained_on(workflow, tmp_path):
    dl.write_dl_model(workflow.model, tmp_path / "model.hdl")
    for model in (workflow.model, dl.read_dl_model(tmp_path / "model.hdl")):
        assert all(was_trained_on(model, sample) for sample in workflow.samples("train"))
        assert not any(was_trained_on(model, sample) for sample in workflow.samples("test"))


@pytest.mark.parametrize("procedure", ["estimate_dl_operating_points", "compute_dl_anomaly_thresholds"])
def test_images_that_were_trained_on_cannot_pass_for_new_ones(workflow, fresh, procedure):
    """A dataset that was split anew after the training."""
    model, dataset = fresh
    again = copy.deepcopy(dataset)
    index = dl.find_dl_samples(again["samples"], "split", "train", "match")[0]
    again["samples"][index]["split"] = "test"
    options = {"method": "max_f1"} if procedure.startswith("compute") else None
    with pytest.raises(dl.DLDataError) as caught:
        getattr(dl, procedure)(model, again, options)
    image_id = again["samples"][index]["image_id"]
    assert str(caught.value) == (
        f"dl_dataset['samples'][{index}]: expected images that the model was not trained on; "
        f"got image_id {image_id}, which it was trained on "
        "(keep the split that was trained with; the same image may also lie in the folder twice)"
    )
    if procedure.startswith("compute"):
        dl.compute_dl_anomaly_thresholds(model, again)  # HALCON's rule asks nothing of the kind


# ---------------------------------------------------------------------------------------------------- operating points


def test_the_table_of_operating_points(workflow, fresh):
    model, dataset = fresh
    before = copy.deepcopy(dataset)
    meta_data = dict(model.parameters["meta_data"])
    table = dl.estimate_dl_operating_points(
        model, dataset, {"target_fprs": [0.3], "confidence": 0.9, "miss_cost": 4, "defect_rate": 0.02}
    )
    ok, nok = held_out_scores(workflow, "ok"), held_out_scores(workflow, "nok")
    assert (table["n_ok"], table["n_nok"]) == (len(ok), len(nok)) == (12, 8)
    rows = {(point["method"], point["target_fpr"]): point for point in table["operating_points"]}
    assert list(rows) == [
        ("halcon", None),
        ("zero_miss", None),
        ("max_f1", None),
        ("min_cost", None),
        ("target_fpr", 0.3),
        ("conformal", 0.3),
        ("conformal", None),
    ]
    assert rows["halcon", None]["threshold"] == workflow.thresholds[1][-1]
    assert [key for key, point in rows.items() if point["is_guaranteed"]] == [
        ("zero_miss", None),
        ("conformal", 0.3),
        ("conformal", None),
    ]
    assert rows["zero_miss", None]["n_missed"] == 0
    assert rows["conformal", None]["n_false_alarms"] == 0
    for point in rows.values():  # counted once more, by hand
        threshold = np.float32(point["threshold"])
        assert point["n_false_alarms"] == (ok.astype(np.float32) >= threshold).sum()
        assert point["n_missed"] == (nok.astype(np.float32) < threshold).sum()
        assert point["false_alarm_interval"][0] <= point["false_alarm_rate"] <= point["false_alarm_interval"][1]
        expected = 0.02 * 4 * point["miss_rate"] + 0.98 * point["false_alarm_rate"]
        assert point["cost"] == pytest.approx(expected)
    assert rows["min_cost", None]["cost"] == min(point["cost"] for point in rows.values())
    assert dataset == before and model.parameters["meta_data"] == meta_data


def test_each_row_is_what_compute_stores(fresh):
    model, dataset = fresh
    options = {"target_fprs": 0.3, "miss_cost": 4, "false_alarm_cost": 2}
    for point in dl.estimate_dl_operating_points(model, dataset, options)["operating_points"]:
        gen_param = {"method": point["method"]}
        if point["method"] == "min_cost":
            gen_param |= {"miss_cost": 4, "false_alarm_cost": 2}
        if point["target_fpr"] is not None:
            gen_param["target_fpr"] = point["target_fpr"]
        _, thresholds = dl.compute_dl_anomaly_thresholds(model, dataset, gen_param)
        assert thresholds[-1] == point["threshold"]
        assert model.parameters["meta_data"]["anomaly_threshold_promise"] == point["promise"]


def test_a_table_needs_good_images_and_known_options(fresh, model):
    trained, dataset = fresh
    only_train = copy.deepcopy(dataset)
    for sample in only_train["samples"]:
        sample["split"] = "train" if sample["anomaly_label"] == "ok" else "test"
    with pytest.raises(dl.DLDataError, match="expected good samples with split 'validation' or 'test'; got none"):
        dl.estimate_dl_operating_points(trained, only_train)
    with pytest.raises(dl.DLParamError, match="did you mean 'target_fprs'"):
        dl.estimate_dl_operating_points(trained, dataset, {"target_fpr": 0.1})
    with pytest.raises(dl.DLModelError):
        dl.estimate_dl_operating_points(model, dataset)


# ------------------------------------------------------------------------------------------------- what does not last


def test_training_anew_forgets_the_thresholds_and_what_they_promised(workflow, tmp_path):
    dl.write_dl_model(workflow.model, tmp_path / "model.hdl")
    model = dl.read_dl_model(tmp_path / "model.hdl")
    dl.compute_dl_anomaly_thresholds(model, workflow.dataset, {"method": "conformal"})
    model.parameters["meta_data"]["line"] = "3"
    dl.train_dl_model(workflow.dataset, model, {"display_param": {"enabled": False}})
    assert model.parameters["meta_data"] == {"line": "3"}


def test_thresholds_of_other_scores_do_not_serve(workflow, fresh):
    model, dataset = fresh
    dl.compute_dl_anomaly_thresholds(model, dataset, {"method": "conformal"})
    dl.set_dl_model_param(model, "standard_deviation_factor", 0.0)
    try:
        with pytest.raises(dl.DLModelError) as caught:
            dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": "precision"})
        assert str(caught.value) == (
            "meta_data['anomaly_classification_threshold']: expected one for scores with standard_deviation_factor 0.0, the "
            "model's; got for 3.0 (run compute_dl_anomaly_thresholds anew)"
        )
        dl.evaluate_dl_model(dataset, model, "split", "test")  # nothing asks for it here
    finally:
        dl.set_dl_model_param(model, "standard_deviation_factor", 3.0)


def test_without_a_memory_of_its_images_a_model_guarantees_nothing(workflow, fresh):
    model, dataset = fresh
    known = model.training.pop("image_fingerprints")
    try:
        dl.compute_dl_anomaly_thresholds(model, dataset, {"method": "conformal"})
        points = dl.estimate_dl_operating_points(model, dataset)["operating_points"]
    finally:
        model.training["image_fingerprints"] = known
    reason = "No promise for new images: the model does not know which images it was trained on. Train it anew."
    assert model.parameters["meta_data"]["anomaly_threshold_promise"] == reason
    assert model.parameters["meta_data"]["anomaly_threshold_is_guaranteed"] == "false"
    assert not any(point["is_guaranteed"] for point in points)


def test_options_in_a_list_of_one_are_heard_as_well(fresh):
    with pytest.raises(dl.DLParamError, match=r"'miss_cost'.*expected to be given with method 'min_cost'"):
        dl.compute_dl_anomaly_thresholds(*fresh, [{"method": "halcon", "miss_cost": 3}])


def test_a_copy_of_an_image_promises_nothing_further(workflow, fresh):
    """Ten copies of the good images would allow a promise that the images themselves do not."""
    model, dataset = fresh
    n_ok = len(held_out_scores(workflow, "ok"))
    held_out = [s for s in dataset["samples"] if s["split"] != "train" and s["anomaly_label"] == "ok"]
    many = {**dataset, "samples": [*dataset["samples"], *(dict(sample) for sample in held_out * 10)]}
    with pytest.raises(dl.DLDataError, match=rf"got {n_ok} good ones \(you need {299 - n_ok} more good images"):
        dl.compute_dl_anomaly_thresholds(model, many, {"method": "conformal", "target_fpr": 0.01})
    dl.compute_dl_anomaly_thresholds(model, many, {"method": "conformal"})
    assert model.parameters["meta_data"]["anomaly_threshold_n_ok"] == f"{n_ok}"
    points = dl.estimate_dl_operating_points(model, many)
    assert points["n_ok"] == n_ok
    (promised,) = [p for p in points["operating_points"] if p["method"] == "conformal" and p["target_fpr"] is None]
    assert f": {n_ok} good images guarantee it." in promised["promise"]
