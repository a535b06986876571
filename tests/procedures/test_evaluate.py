"""Thresholds, decisions and evaluation."""

import copy

import numpy as np
import pytest

import dlproc as dl


def result(score=0.5, shape=(4, 5)):
    return {"anomaly_image": np.linspace(0, 1, np.prod(shape), dtype=np.float32).reshape(shape), "anomaly_score": score}


# ------------------------------------------------------------------------------------------------------------ thresholds


def test_threshold_writes_halcons_keys_and_nothing_else():
    given = result(0.5)
    given["anomaly_image"].setflags(write=False)
    before = dict(given)
    dl.threshold_dl_anomaly_results(0.25, 0.5, given)
    assert set(given) - set(before) == {
        "anomaly_region",
        "anomaly_class",
        "anomaly_class_id",
        "anomaly_segmentation_threshold",
        "anomaly_classification_threshold",
    }
    assert all(given[key] is before[key] for key in before)
    assert (given["anomaly_class"], given["anomaly_class_id"]) == ("nok", 1)
    assert given["anomaly_region"].dtype == bool


def test_when_the_third_of_five_results_is_bad_none_is_changed():
    results = [result() for _ in range(5)]
    results[2]["anomaly_image"] = results[2]["anomaly_image"].astype(np.float64)
    before = [dict(r) for r in results]
    with pytest.raises(dl.DLDictError) as caught:
        dl.threshold_dl_anomaly_results(0.5, 0.5, results)
    assert str(caught.value) == (
        "dl_results[2]['anomaly_image']: expected float32 array of shape (H, W), values in [0, 1]; "
        "got float64 array of shape (4, 5)"
    )
    assert [set(r) for r in results] == [set(r) for r in before]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ((1.5, 0.5), "anomaly_segmentation_threshold: expected a number in [0, 1]; got 1.5"),
        ((0.5, -0.1), "anomaly_classification_threshold: expected a number >= 0; got -0.1"),
        ((0.5, [0.1, 0.2]), "anomaly_classification_threshold: expected a number >= 0; got [0.1, 0.2]"),
        (("0.5", 0.5), "anomaly_segmentation_threshold: expected a number in [0, 1]; got '0.5'"),
    ],
)
def test_bad_thresholds(thresholds, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.threshold_dl_anomaly_results(*thresholds, [result()])
    assert str(caught.value) == message


def test_thresholds_of_the_workflow_keep_halcons_rule(workflow):
    """Once more by hand, from the scores themselves."""
    segmentation, classification = workflow.thresholds
    pixels = np.concatenate(
        [r["anomaly_image"].ravel() for r in dl.apply_dl_model(workflow.model, workflow.samples("validation"))]
    ).astype(np.float64)
    assert segmentation == pytest.approx(min(1, pixels.mean() + 4 * pixels.std(ddof=1)), abs=1e-9)
    test = workflow.samples()
    scores = np.array([r["anomaly_score"] for r in dl.apply_dl_model(workflow.model, test)])
    is_nok = np.array([s["anomaly_label"] == "nok" for s in test])
    assert scores[~is_nok].max() < classification[0] < scores[~is_nok].max() + 2e-6
    assert scores[is_nok].min() - 2e-6 < classification[1] < scores[is_nok].min()
    only_ok = dl.compute_dl_anomaly_thresholds(workflow.model, workflow.dataset, {"use_ok_samples_only": "true"})
    assert only_ok == (segmentation, classification[:1])
    dl.compute_dl_anomaly_thresholds(workflow.model, workflow.dataset)  # the fixture's meta data again


def test_thresholds_need_validation_and_good_test_images(workflow):
    cases = {
        "validation": "expected at least one sample with split 'validation'; got none "
        "(give split_dl_dataset a validation_percent above 0 and enough good images)",
        "test": "expected at least one 'ok' sample with split 'test'; got none "
        "(leave good images for the test: training_percent + validation_percent below 100)",
    }
    for missing, message in cases.items():
        dataset = copy.deepcopy(workflow.dataset)
        for sample in dataset["samples"]:
            if sample["split"] == missing and sample["anomaly_label"] == "ok":
                sample["split"] = "train"
        with pytest.raises(dl.DLDataError) as caught:
            dl.compute_dl_anomaly_thresholds(workflow.model, dataset)
        assert str(caught.value) == "dl_dataset['samples']: " + message


def test_misspelt_option_of_thresholds(workflow):
    with pytest.raises(dl.DLParamError, match="did you mean 'use_ok_samples_only'"):
        dl.compute_dl_anomaly_thresholds(workflow.model, workflow.dataset, {"use_ok_sample_only": True})


def test_untrained_model_has_no_thresholds(workflow, model):
    with pytest.raises(dl.DLModelError) as caught:
        dl.compute_dl_anomaly_thresholds(model, workflow.dataset)
    assert caught.value.halcon_code == 7881


# ------------------------------------------------------------------------------------------------------------ evaluation


def test_the_histogram_is_the_default_and_always_there(workflow):
    evaluation, params = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", ["validation", "test"], [])
    assert set(evaluation) == {"anomaly_score_histogram"}
    assert len(evaluation["anomaly_score_histogram"]["nok_x"]) == 8
    assert params == {
        "evaluation_type": "anomaly_detection",
        "class_ids": [0, 1],
        "num_classes": 2,
        "class_names": ["ok", "nok"],
        "evaluate_instances": 0,
        "measures": ["anomaly_score_histogram"],
    }


def test_the_three_ways_to_select_samples_agree(workflow):
    indices = dl.find_dl_samples(workflow.dataset["samples"], "split", "test", "match")
    ids = [workflow.dataset["samples"][i]["image_id"] for i in indices]
    ways = [("split", "test"), ("sample_indices", indices), ("image_ids", np.array(ids))]
    first, *others = (
        dl.evaluate_dl_model(workflow.dataset, workflow.model, *way, {"measures": "image_auroc"})[0] for way in ways
    )
    assert all(other == first for other in others)
    assert set(first["global_evaluation"]) == {"image_auroc", "confidence_intervals"}


def test_precision_asks_for_the_matrix_too(workflow):
    options = {"measures": ["precision"], "anomaly_classification_thresholds": [0.3, 0.5]}
    evaluation, params = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", options)
    assert set(evaluation) == {"anomaly_score_histogram", "absolute_confusion_matrix", "global_evaluation"}
    assert len(evaluation["global_evaluation"]["precision_per_class"]) == 4
    assert len(evaluation["global_evaluation"]["mean_precision"]) == 2
    assert params["anomaly_classification_thresholds"] == [0.3, 0.5]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("split", "tets", None),
            "sample_select_values: expected one of 'train', 'validation', 'test'; got 'tets' (did you mean 'test'?)",
        ),
        (
            ("splits", "test", None),
            "sample_select_method: expected one of 'split', 'image_ids', 'sample_indices'; got 'splits' (did you mean 'split'?)",
        ),
        (("image_ids", [999], None), "dl_dataset['samples']: expected a sample with image_id 999; got none"),
        (
            ("split", "test", {"measures": ["image_auc"]}),
            "gen_param['measures'][0]: expected one of 'anomaly_score_histogram', 'precision', 'recall', "
            "'absolute_confusion_matrix', 'relative_confusion_matrix', 'image_auroc', 'image_average_precision', 'image_best_f1', "
            "'precision_at_recall_1', 'fpr_at_recall', 'anomaly_types', 'image_scores', 'pixel_auroc', "
            "'pixel_average_precision', 'pixel_best_f1', 'pixel_iou', 'au_pro', 'regions', 'all'; got 'image_auc' "
            "(did you mean 'image_auroc'?)",
        ),
    ],
)
def test_evaluation_errors(workflow, arguments, message):
    with pytest.raises(dl.DLError) as caught:
        dl.evaluate_dl_model(workflow.dataset, workflow.model, *arguments)
    assert str(caught.value) == message


def test_pixels_are_measured_where_masks_are(workflow, tmp_path):
    """A painted defect with its mask: pixel AUROC is high, and agrees with scikit-learn."""
    from PIL import Image
    from sklearn.metrics import roc_auc_score

    for name in ("good", "spot", "masks/spot"):
        (tmp_path / "d" / name).mkdir(parents=True)
    good = sorted((workflow.image_dir / "good").iterdir())
    for number, file in enumerate(good[:3]):
        image = dl.read_image(file)
        Image.fromarray(image).save(tmp_path / "d" / "good" / f"{number}.png")
        mask = np.zeros(image.shape, np.uint8)
        mask[100:180, 60:140] = 255
        Image.fromarray(np.where(mask > 0, 255, image).astype(np.uint8)).save(tmp_path / "d" / "spot" / f"{number}.png")
        Image.fromarray(mask).save(tmp_path / "d" / "masks" / "spot" / f"{number}.png")
    dataset = dl.read_dl_dataset_anomaly(
        tmp_path / "d", tmp_path / "d" / "masks", gen_param={"image_sub_dirs": ["good", "spot"]}
    )
    for sample in dataset["samples"]:
        sample["split"] = "test"
    param = dl.create_dl_preprocess_param_from_model(workflow.model)
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", param, {"show_progress": False})
    measured, _ = dl.evaluate_dl_model(dataset, workflow.model, "split", "test", {"measures": ["pixel_auroc"]})
    samples = dl.read_dl_samples(dataset, range(6))
    maps = np.stack([r["anomaly_image"] for r in dl.apply_dl_model(workflow.model, samples)])
    truth = np.stack([np.asarray(s.get("anomaly_ground_truth", np.zeros((128, 128)))) > 0 for s in samples])
    assert measured["global_evaluation"]["pixel_auroc"] == pytest.approx(
        roc_auc_score(truth.ravel(), maps.ravel()), abs=1e-4
    )
    assert measured["global_evaluation"]["pixel_auroc"] > 0.9


def test_the_models_own_threshold_serves_where_none_is_given(workflow):
    own, params = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "all"})
    assert own["absolute_confusion_matrix"][0]["threshold"] == workflow.thresholds[1][-1]
    assert params["anomaly_classification_thresholds"] == [workflow.thresholds[1][-1]]
    before = workflow.model.parameters["meta_data"]
    try:
        for meta_data, message in (
            ({}, "gen_param['anomaly_classification_thresholds']: expected thresholds, for precision; got none"),
            (
                {"anomaly_classification_threshold": "high"},
                "meta_data['anomaly_classification_threshold']: expected a number as text; got 'high' "
                "(compute_dl_anomaly_thresholds computes it anew)",
            ),
        ):
            workflow.model.parameters["meta_data"] = meta_data
            with pytest.raises(dl.DLError) as caught:
                dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "precision"})
            assert str(caught.value) == message
    finally:
        workflow.model.parameters["meta_data"] = before


def test_a_damaged_threshold_does_not_matter_where_none_is_needed(workflow):
    before = workflow.model.parameters["meta_data"]
    workflow.model.parameters["meta_data"] = {"anomaly_segmentation_threshold": "high"}
    try:
        dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "image_auroc"})
        with pytest.raises(dl.DLModelError, match=r"meta_data\['anomaly_segmentation_threshold'\]: expected a number"):
            dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "pixel_iou"})
    finally:
        workflow.model.parameters["meta_data"] = before


def test_images_that_were_trained_on_are_counted(workflow):
    n_train = len(workflow.samples("train"))
    for splits, expected in (("test", None), (["train", "test"], n_train)):
        _, params = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", splits)
        assert params.get("n_trained_on") == expected
