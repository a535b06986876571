"""dlproc's own measures in `evaluate_dl_model`: against the scores themselves, and scikit-learn."""

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import average_precision_score, roc_auc_score

import dlproc as dl
from dlproc.schema.keys import ANOMALY_MEASURES

THRESHOLDS = {"measures": "all", "anomaly_classification_thresholds": [0.3]}


@pytest.fixture(scope="module")
def annotated(workflow, tmp_path_factory):
    """Three good cells and, of each, one with a bright square and its mask; and one defective cell without a mask."""
    folder = tmp_path_factory.mktemp("annotated")
    for name in ("good", "square", "masks/square"):
        (folder / name).mkdir(parents=True)
    for number, file in enumerate(sorted((workflow.image_dir / "good").iterdir())[:3]):
        image = dl.read_image(file)
        Image.fromarray(image).save(folder / "good" / f"{number}.png")
        mask = np.zeros(image.shape, np.uint8)
        mask[100:180, 60:140] = 255
        painted = np.where(mask > 0, 255, image).astype(np.uint8)
        Image.fromarray(painted).save(folder / "square" / f"{number}.png")
        Image.fromarray(mask).save(folder / "masks" / "square" / f"{number}.png")
    Image.fromarray(painted).save(folder / "square" / "no_mask.png")
    dataset = dl.read_dl_dataset_anomaly(folder, folder / "masks", gen_param={"image_sub_dirs": ["good", "square"]})
    for sample in dataset["samples"]:
        sample["split"] = "test"
    param = dl.create_dl_preprocess_param_from_model(workflow.model)
    dl.preprocess_dl_dataset(dataset, folder / "data", param, {"show_progress": False})
    return dataset


def test_all_is_all(workflow, annotated):
    evaluation, params = dl.evaluate_dl_model(annotated, workflow.model, "split", "test", THRESHOLDS)
    assert params["measures"] == list(ANOMALY_MEASURES)
    assert set(evaluation) == {
        *("anomaly_score_histogram", "absolute_confusion_matrix", "relative_confusion_matrix", "global_evaluation"),
        *("anomaly_types", "image_scores", "pro_curve", "regions", "regions_by_size", "annotations"),
    }
    assert evaluation["annotations"] == {"n_nok": 4, "n_annotated": 3, "n_empty": 0, "n_ok_anomalous": 0}
    assert "undefined" not in evaluation["global_evaluation"]
    assert (params["confidence"], params["recalls"]) == (0.95, [0.9, 0.95, 0.99, 1.0])
    assert params["anomaly_segmentation_threshold"] == workflow.thresholds[0]


def test_numbers_agree_with_the_scores(workflow, annotated):
    evaluation, _ = dl.evaluate_dl_model(annotated, workflow.model, "split", "test", THRESHOLDS)
    measured = evaluation["global_evaluation"]
    samples = dl.read_dl_samples(annotated, range(7))
    results = dl.apply_dl_model(workflow.model, samples)
    scores = np.array([result["anomaly_score"] for result in results])
    is_nok = np.array([sample["anomaly_label"] == "nok" for sample in samples])
    assert measured["image_auroc"] == pytest.approx(roc_auc_score(is_nok, scores), abs=1e-9)
    assert measured["image_average_precision"] == pytest.approx(average_precision_score(is_nok, scores), abs=1e-9)
    assert measured["zero_miss_threshold"] == scores[is_nok].min()
    known = [i for i in range(7) if "anomaly_ground_truth" in samples[i] or not is_nok[i]]
    maps = np.stack([results[i]["anomaly_image"] for i in known])
    truth = np.stack([np.asarray(samples[i].get("anomaly_ground_truth", np.zeros((128, 128)))) > 0 for i in known])
    assert len(known) == 6
    assert measured["pixel_auroc"] == pytest.approx(roc_auc_score(truth.ravel(), maps.ravel()), abs=1e-9)
    assert measured["pixel_average_precision"] == pytest.approx(
        average_precision_score(truth.ravel(), maps.ravel()), abs=1e-9
    )
    reached = maps >= np.float32(workflow.thresholds[0])
    assert measured["pixel_iou"] == pytest.approx((reached & truth).sum() / (reached | truth).sum(), abs=1e-12)
    intervals = dict(measured["confidence_intervals"])
    assert all(0 <= low <= high <= 1 for low, high in intervals.pop("fpr_at_recall"))
    assert set(intervals) == {"image_auroc", "image_average_precision", "image_best_f1", "precision_at_recall_1"}
    assert all(low <= measured[name] <= high for name, (low, high) in intervals.items())
    assert 0.5 < measured["au_pro_05"] <= measured["au_pro"] <= 1
    assert [image["anomaly_score"] for image in evaluation["image_scores"]] == scores.tolist()


def test_types_regions_and_images(workflow, annotated):
    evaluation, _ = dl.evaluate_dl_model(annotated, workflow.model, "split", "test", THRESHOLDS)
    (square,) = evaluation["anomaly_types"]
    assert (square["anomaly_type"], square["n_images"]) == ("square", 4)
    assert evaluation["image_scores"][0].keys() == {
        *("image_id", "image_file_name", "anomaly_label", "anomaly_type", "anomaly_score")
    }
    assert {image["anomaly_type"] for image in evaluation["image_scores"]} == {"", "square"}
    areas = [region["area"] for region in evaluation["regions"]]
    assert len(areas) == 3
    assert len(set(areas)) == 1  # the same square three times
    (row,) = evaluation["regions_by_size"]
    assert (row["n_regions"], row["n_found"]) == (3, sum(region["found"] for region in evaluation["regions"]))
    assert row["area_from"] <= areas[0] <= row["area_to"]


def test_a_type_of_ones_own_comes_before_the_folder(workflow, annotated):
    own = dict(annotated, samples=[dict(sample) for sample in annotated["samples"]])
    own["samples"][-1]["anomaly_type"] = "glare"
    evaluation, _ = dl.evaluate_dl_model(own, workflow.model, "split", "test", {"measures": "anomaly_types"})
    assert [row["anomaly_type"] for row in evaluation["anomaly_types"]] == ["glare", "square"]
    assert len(evaluation["anomaly_types"][0]["recall"]) == 1  # at the model's own threshold: none was given


def test_what_is_undefined_says_why(workflow):
    """Solar cells have no masks; and a selection without a good image."""
    evaluation, _ = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", THRESHOLDS)
    reason = "no anomalous pixel is annotated"
    names = ("pixel_auroc", "pixel_average_precision", "pixel_best_f1", "pixel_best_f1_threshold", "pixel_iou")
    assert evaluation["global_evaluation"]["undefined"] == dict.fromkeys([*names, "au_pro", "au_pro_05"], reason)
    assert evaluation["pro_curve"] is None
    nok = dl.find_dl_samples(workflow.dataset["samples"], "anomaly_label", "nok", "match")
    options = {"measures": ["image_auroc", "fpr_at_recall"], "recalls": 1.0}
    evaluation, _ = dl.evaluate_dl_model(workflow.dataset, workflow.model, "sample_indices", nok, options)
    assert evaluation["global_evaluation"] == {
        "image_auroc": None,
        "fpr_at_recall": [None],
        "undefined": {"image_auroc": "no good image", "fpr_at_recall": "no good image"},
    }


def test_without_a_segmentation_threshold_nothing_is_found_or_missed(workflow, annotated):
    before = workflow.model.parameters["meta_data"]
    workflow.model.parameters["meta_data"] = {}
    try:
        options = {"measures": ["pixel_iou", "regions"]}
        evaluation, params = dl.evaluate_dl_model(annotated, workflow.model, "split", "test", options)
        given, _ = dl.evaluate_dl_model(
            annotated, workflow.model, "split", "test", options | {"anomaly_segmentation_threshold": 0.01}
        )
    finally:
        workflow.model.parameters["meta_data"] = before
    assert evaluation["global_evaluation"]["undefined"] == {"pixel_iou": "no segmentation threshold"}
    assert {region["found"] for region in evaluation["regions"]} == {None}
    assert "anomaly_segmentation_threshold" not in params
    assert {region["overlap"] for region in given["regions"]} == {1.0}


def test_intervals_do_not_depend_on_the_order_of_the_images(workflow):
    indices = dl.find_dl_samples(workflow.dataset["samples"], "split", "test", "match")
    options = {"measures": ["image_auroc", "image_average_precision", "precision_at_recall_1", "fpr_at_recall"]}
    first, second = (
        dl.evaluate_dl_model(workflow.dataset, workflow.model, "sample_indices", order, options)[0]
        for order in (indices, indices[::-1])
    )
    assert first["global_evaluation"] == second["global_evaluation"]


def test_the_result_can_be_written_and_read(workflow, annotated, tmp_path):
    evaluation, _ = dl.evaluate_dl_model(annotated, workflow.model, "split", "test", THRESHOLDS)
    dl.write_dict(evaluation, tmp_path / "evaluation.hdict")
    again = dl.read_dict(tmp_path / "evaluation.hdict")
    assert again["global_evaluation"] == evaluation["global_evaluation"]
    assert again["regions"] == evaluation["regions"]
