"""The report as a file: what it holds, that it is safe, and that it is all or nothing."""

import base64
import copy
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc.images.resize import zoom_image
from dlproc.measures.brightness import brightness, is_changed, shift
from dlproc.report.content import trained_light
from dlproc.report.gallery import chosen, groups, pictures


@pytest.fixture(scope="module")
def evaluated(workflow):
    options = {"measures": "all", "anomaly_classification_thresholds": [workflow.thresholds[1][-1]]}
    return dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", options)


def write(workflow, evaluated, path, options=None):
    dl.write_dl_report(*evaluated, workflow.dataset, workflow.model, path, {"image_size": 32, **(options or {})})
    return path.read_text(encoding="utf-8")


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL).group(1))


def test_the_page_holds_everything_it_shows(workflow, evaluated, tmp_path):
    page = write(workflow, evaluated, tmp_path / "report.html")
    assert "://" not in re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", page).replace(
        "http://www.w3.org/2000/svg", ""
    )
    assert page.count('class="card') == len(evaluated[0]["image_scores"])
    data = data_of(page)
    assert data["scores"] == [image["anomaly_score"] for image in evaluated[0]["image_scores"]]
    measured = evaluated[0]["global_evaluation"]
    assert f"<b>{measured['image_auroc']:.3f}</b>" in page
    low, high = measured["confidence_intervals"]["image_auroc"]
    assert f"{low:.3f} to {high:.3f}" in page
    assert "Measures of pixels are not defined: no anomalous pixel is annotated." in page
    assert workflow.model.parameters["meta_data"]["anomaly_threshold_promise"] in page


def test_numbers_without_a_browser_are_those_of_the_confusion_matrix(workflow, evaluated, tmp_path):
    page = write(workflow, evaluated, tmp_path / "report.html")
    (ok_ok, nok_ok), (ok_nok, nok_nok) = evaluated[0]["absolute_confusion_matrix"][0]["confusion_matrix"].astype(int)
    for name, value in (
        ("n_accepted_ok", ok_ok),
        ("n_missed", nok_ok),
        ("n_false_alarms", ok_nok),
        ("n_found", nok_nok),
    ):
        assert f'<b id="{name}">{value}</b>' in page


def test_the_same_input_gives_the_same_bytes(workflow, evaluated, tmp_path):
    assert write(workflow, evaluated, tmp_path / "a.html") == write(workflow, evaluated, tmp_path / "b.html")


def test_hostile_names_stay_text(workflow, evaluated, tmp_path):
    result = copy.deepcopy(evaluated[0])
    name = "x</script><script>alert(1)</script>\"'<img src=q>.png"
    result["image_scores"][0] |= {"image_file_name": name, "anomaly_type": name}
    result["anomaly_types"] = [{**result["anomaly_types"][0], "anomaly_type": name}]
    page = write(workflow, (result, evaluated[1]), tmp_path / "report.html", {"title": "<b>bold</b>"})
    assert "<script>alert" not in page
    assert "<img src=q>" not in page
    assert "<b>bold" not in page
    assert page.count("<script") == 2
    assert data_of(page)["types"][0] == name


def test_of_many_images_the_errors_and_the_nearest_are_shown(workflow, evaluated, tmp_path):
    page = write(workflow, evaluated, tmp_path / "report.html", {"max_images": 3})
    shown = [int(index) for index in re.findall(r'data-index="(\d+)"', page)]
    images = evaluated[0]["image_scores"]
    scores, is_nok = [i["anomaly_score"] for i in images], [i["anomaly_label"] == "nok" for i in images]
    assert sorted(shown) == sorted(chosen(scores, is_nok, workflow.thresholds[1][-1], 3))
    assert f"3 of {len(images)} images are shown" in page
    assert write(workflow, evaluated, tmp_path / "none.html", {"max_images": 0}).count('class="card') == 0


@pytest.mark.parametrize(
    ("label", "warning"), [("ok", "there is no defective image"), ("nok", "there is no good image")]
)
def test_one_class_alone_makes_a_page(workflow, tmp_path, label, warning):
    indices = dl.find_dl_samples(workflow.dataset["samples"], "anomaly_label", label, "match")[:1]
    options = {"measures": "all", "anomaly_classification_thresholds": [0.4]}
    evaluated = dl.evaluate_dl_model(workflow.dataset, workflow.model, "sample_indices", indices, options)
    page = write(workflow, evaluated, tmp_path / "report.html")
    assert warning in page
    assert "not defined: no " in page


def test_the_scores_alone_are_enough(workflow, tmp_path):
    evaluated = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", {"measures": "image_scores"})
    page = write(workflow, evaluated, tmp_path / "report.html")
    assert data_of(page)["threshold"] == float(
        workflow.model.parameters["meta_data"]["anomaly_classification_threshold"]
    )
    assert "AUROC of images" not in page


def test_a_changed_light_is_a_warning(workflow, evaluated, tmp_path):
    """The good test images are darkened on disk; the page says by how much."""
    folder = tmp_path / "data"
    dataset = copy.deepcopy(workflow.dataset)
    dl.preprocess_dl_dataset(dataset, folder, dict(workflow.param), {"show_progress": False})
    changed = "the brightness of the good images that were evaluated differs from that of the training"
    assert changed not in write(workflow, evaluated, tmp_path / "same.html")
    indices = [i for i, s in enumerate(dataset["samples"]) if s["split"] == "test" and s["anomaly_label"] == "ok"]
    samples = dl.read_dl_samples(dataset, indices)
    for sample in samples:
        sample["image"] = sample["image"] - np.float32(2)  # about 115 gray values
    dl.write_dl_samples(dataset, indices, samples)
    dl.write_dl_report(*evaluated, dataset, workflow.model, tmp_path / "dark.html", {"max_images": 1})
    assert changed in (tmp_path / "dark.html").read_text(encoding="utf-8")
    # The light of the training is the model's own: it is known also where no training image is at hand.
    for sample in [sample for sample in dataset["samples"] if sample["split"] == "train"]:
        dataset["samples"].remove(sample)
    dl.write_dl_report(*evaluated, dataset, workflow.model, tmp_path / "alone.html", {"max_images": 1})
    assert changed in (tmp_path / "alone.html").read_text(encoding="utf-8")


def test_the_page_does_not_grow_with_the_training():
    assert trained_light({}) is None
    known = np.arange(2002, dtype=np.float32).reshape(-1, 2)
    chosen_light = trained_light({"image_brightness": known})
    assert 100 < len(chosen_light) <= 200
    assert chosen_light[0] == (0.0, 1.0) and chosen_light[-1][0] > 1900
    assert len(trained_light({"image_brightness": known[:200]})) == 200


def test_what_makes_figures_too_good_or_uncertain_is_said(workflow, tmp_path):
    options = {"measures": "all"}
    evaluated = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", ["train", "test"], options)
    page = write(workflow, evaluated, tmp_path / "report.html", {"max_images": 1})
    n_train = len(workflow.samples("train"))
    assert f"{n_train} of the images were trained on. The model knows them, and all figures are too good." in page
    assert "there are only 8 defective images: mind the width of the intervals." in page
    rules = [{"name": "a", "decision": "review", "all": [{"value": "anomaly_score", "at_least": 0.3}]}]
    dl.set_dl_model_param(workflow.model, "decision_rules", rules)
    try:
        page = write(workflow, evaluated, tmp_path / "report.html", {"max_images": 1})
    finally:
        dl.set_dl_model_param(workflow.model, "decision_rules", [])
    assert "the model decides by rules of its own (1)" in page


def test_errors_name_what_is_missing_and_write_nothing(workflow, evaluated, tmp_path):
    path = tmp_path / "report.html"
    without = {key: value for key, value in evaluated[0].items() if key != "image_scores"}
    with pytest.raises(dl.DLDictError) as caught:
        dl.write_dl_report(without, evaluated[1], workflow.dataset, workflow.model, path)
    assert str(caught.value) == (
        "evaluation_result['image_scores']: expected the scores of the images; got no such key "
        "(evaluate_dl_model with gen_param {'measures': 'all', ...} or with measure 'image_scores')"
    )
    other = copy.deepcopy(evaluated[0])
    other["image_scores"][0]["image_id"] = 999
    with pytest.raises(dl.DLDataError, match=r"dl_dataset\['samples'\]: expected a sample with image_id 999; got none"):
        dl.write_dl_report(other, evaluated[1], workflow.dataset, workflow.model, path)
    with pytest.raises(dl.DLParamError, match="did you mean 'max_images'"):
        dl.write_dl_report(*evaluated, workflow.dataset, workflow.model, path, {"max_image": 3})
    with pytest.raises(dl.DLFileError, match="expected a file in an existing folder"):
        dl.write_dl_report(
            *evaluated, workflow.dataset, workflow.model, tmp_path / "none" / "r.html", {"max_images": 1}
        )
    assert list(tmp_path.iterdir()) == []


def changed(evaluated, **values):
    """The evaluation with other values in its second image; None takes the key away."""
    result = copy.deepcopy(evaluated[0])
    image = {**result["image_scores"][1], **values}
    result["image_scores"][1] = {key: value for key, value in image.items() if value is not None}
    return result, evaluated[1]


SECOND = "evaluation_result['image_scores'][1]"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"anomaly_score": None}, "['anomaly_score']: expected a number; got no such key"),
        ({"anomaly_score": float("nan")}, "['anomaly_score']: expected a number; got nan"),
        ({"anomaly_label": "bad"}, "['anomaly_label']: expected one of 'ok', 'nok'; got 'bad'"),
        ({"anomaly_type": None}, "['anomaly_type']: expected a string; got no such key"),
        ({"image_file_name": 3}, "['image_file_name']: expected a string; got 3"),
    ],
)
def test_a_bad_image_is_named_and_nothing_is_written(workflow, evaluated, tmp_path, values, message):
    path = tmp_path / "report.html"
    with pytest.raises(dl.DLDictError) as caught:
        dl.write_dl_report(*changed(evaluated, **values), workflow.dataset, workflow.model, path)
    assert str(caught.value) == SECOND + message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("result", "params", "error", "message"),
    [
        ([], {}, dl.DLDictError, "evaluation_result: expected a EvaluationResult dictionary; got []"),
        ({"image_scores": []}, [1], dl.DLDictError, "eval_params: expected a EvalParams dictionary; got [1]"),
        ({"image_scores": []}, {}, dl.DLDataError, "evaluation_result['image_scores']: expected at least one image; got none"),
        (
            {"image_scores": [], "global_evaluation": None},
            {},
            dl.DLDictError,
            "evaluation_result['global_evaluation']: expected a GlobalEvaluation dictionary; got None",
        ),
    ],
)  # fmt: skip
def test_what_is_no_evaluation_is_refused(workflow, tmp_path, result, params, error, message):
    with pytest.raises(error) as caught:
        dl.write_dl_report(result, params, workflow.dataset, workflow.model, tmp_path / "report.html")
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_the_way_of_the_file_is_said_before_the_work(workflow, evaluated, tmp_path, monkeypatch):
    def no_work(*_):
        raise AssertionError("an image was read before the file was looked at")

    monkeypatch.setitem(dl.procedures.write_dl_report.__globals__, "read_dl_samples", no_work)
    missing = tmp_path / "none" / "report.html"
    for path, error, message in (
        (missing, dl.DLFileError, f"{missing}: expected a file in an existing folder; got no folder {missing.parent}"),
        (tmp_path, dl.DLFileError, f"{tmp_path}: expected a file to write to; got a folder"),
        ("", dl.DLParamError, "file_name: expected the name of a file; got ''"),
        (3, dl.DLParamError, "file_name: expected a string; got 3"),
    ):  # fmt: skip
        with pytest.raises(error) as caught:
            dl.write_dl_report(*evaluated, workflow.dataset, workflow.model, path)
        assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_bytes_and_no_text_can_be_written(workflow, evaluated, tmp_path):
    """As `os.fsdecode` gives them for a file name of Linux that is no UTF-8."""
    result, params = changed(evaluated, image_file_name="a\udcff.png", anomaly_type="t\udcfe", anomaly_label="nok")
    result["anomaly_types"] = [{**result["anomaly_types"][0], "anomaly_type": "t\udcfe"}]
    page = write(workflow, (result, params), tmp_path / "report.html", {"title": "\udcfd"})
    assert "a\\udcff.png" in page
    assert data_of(page)["types"][1] == "t\\udcfe"
    assert '<tr data-type="t\\udcfe">' in page  # the same text in both, or the script counts none of this type


def test_a_name_cannot_turn_the_direction_of_writing(workflow, evaluated, tmp_path):
    result, params = changed(evaluated, image_file_name="a\u202e\n.png", anomaly_type="t\u2066", anomaly_label="nok")
    page = write(workflow, (result, params), tmp_path / "report.html", {"title": "\u202etitle"})
    assert "\u202e" not in page and "\u2066" not in page
    assert '<div class="name">a\\u202e\\n.png</div>' in page and "<title>\\u202etitle</title>" in page


@pytest.mark.parametrize(
    ("has_measures", "has_stored", "sentence"),
    [
        (True, True, "by method 'halcon' from"),
        (True, False, "the one with the best F1 on these very images"),
        (False, False, "the median of these scores"),
    ],
)
def test_the_page_says_where_its_threshold_is_from(
    workflow, evaluated, tmp_path, monkeypatch, has_measures, has_stored, sentence
):
    result = {k: v for k, v in evaluated[0].items() if has_measures or k != "global_evaluation"}
    params = {k: v for k, v in evaluated[1].items() if k != "anomaly_classification_thresholds"}
    if not has_stored:
        monkeypatch.setitem(workflow.model.parameters, "meta_data", {})
    page = write(workflow, (result, params), tmp_path / "report.html", {"max_images": 0})
    assert sentence in page.replace("&#39;", "'")
    assert "given to the evaluation" not in page
    scores = [image["anomaly_score"] for image in evaluated[0]["image_scores"]]
    expected = {
        "by method 'halcon' from": workflow.thresholds[1][-1],
        "the one with the best F1 on these very images": evaluated[0]["global_evaluation"]["image_best_f1_threshold"],
        "the median of these scores": float(np.median(scores)),
    }
    assert data_of(page)["threshold"] == pytest.approx(expected[sentence], abs=1e-12)


def test_a_threshold_that_a_script_stored(workflow, evaluated, tmp_path, monkeypatch):
    params = {k: v for k, v in evaluated[1].items() if not k.startswith("anomaly_")}
    stored = {"anomaly_classification_threshold": "0.25", "anomaly_threshold_method": "ours"}
    monkeypatch.setitem(workflow.model.parameters, "meta_data", stored)
    page = write(workflow, (evaluated[0], params), tmp_path / "report.html", {"max_images": 0})
    assert "0.2500, set by hand. No promise for new images." in page
    stored["anomaly_classification_threshold"] = "none yet"
    with pytest.raises(dl.DLModelError) as caught:
        write(workflow, (evaluated[0], params), tmp_path / "bad.html")
    assert str(caught.value) == (
        "dl_model_handle: meta_data['anomaly_classification_threshold']: expected a number as text; got 'none yet'"
    )
    assert not (tmp_path / "bad.html").exists()


def test_two_hundred_images_stay_below_ten_megabytes(workflow):
    """Real cells at the default size of a picture, with the model's scores and regions."""
    indices = dl.find_dl_samples(workflow.dataset["samples"], "split", "test", "match")[:8]
    sizes = []
    for index, sample in zip(indices, dl.read_dl_samples(workflow.dataset, indices), strict=True):
        image = dl.read_image(workflow.image_dir / workflow.dataset["samples"][index]["image_file_name"])
        assert min(image.shape[:2]) >= 256  # not enlarged, so as fine as a picture can be
        scores = dl.apply_dl_model(workflow.model, [sample])[0]["anomaly_image"]
        height, width = image.shape[:2]
        scores = zoom_image(scores, height, width)
        sizes.append(sum(map(len, pictures(image, scores, scores > np.median(scores), None, 0.5, 256))))
    assert 200 * np.mean(sizes) < 10e6


def test_groups_by_hand():
    scores, is_nok = [0.25, 0.8, 0.5, 0.6, 0.1, 0.7], [False, True, True, False, True, False]
    assert groups(scores, is_nok, 0.55) == {"missed": [4, 2], "false_alarm": [5, 3], "near": [1, 0], "other": []}
    assert groups([0.5], [True], 0.5)["near"] == [0]  # equality rejects
    assert chosen(scores, is_nok, 0.55, 3) == [4, 2, 5]


def test_pictures_are_small_and_keep_their_shape():
    import base64
    import io

    from PIL import Image

    scores = np.zeros((60, 120), np.float32)
    for uri in pictures(np.zeros((60, 120, 3), np.uint8), scores, scores > 1, scores > 1, 0.5, 40):
        header, content = uri.split(",")
        assert header == "data:image/jpeg;base64"
        assert Image.open(io.BytesIO(base64.b64decode(content))).size == (40, 20)


def test_brightness_by_hand():
    gray = np.array([[[0.0], [10.0]], [[20.0], [200.0]]], np.float32)
    assert brightness(gray, np.array([[True, True], [True, False]])) == (10.0, pytest.approx((200 / 3) ** 0.5))
    assert shift([1.0] * 4, [2.0] * 9) is None
    assert shift([100.0] * 5, [101.0] * 5) == 2.0  # no spread at all counts as half a gray value


def test_a_change_of_light_is_large_and_not_by_chance():
    """Of sets with the same light fewer than one of a hundred is reported; a change by two deviations always is."""
    generator = np.random.Generator(np.random.PCG64(1))
    same = [is_changed(list(generator.normal(100, 9, 20)), list(generator.normal(100, 9, 6))) for _ in range(1000)]
    assert np.mean(same) < 0.01
    darker = [is_changed(list(generator.normal(100, 9, 40)), list(generator.normal(80, 9, 20))) for _ in range(200)]
    assert all(darker)
    assert not is_changed([100.0] * 4, [200.0] * 4)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((416, 160), (128, 49)),  # 128 is the model's size; 160 / 416 * 128 = 49.2
        ((96, 384), (32, 128)),
        ((64, 64), (128, 128)),
    ],
)
def test_pictures_have_the_proportions_of_the_images(workflow, paint, tmp_path, shape, expected):
    """Not those of the model, which sees squares."""
    dataset = dl.read_dl_dataset_anomaly(paint({"good/1.png": shape, "good/2.png": shape}))
    for sample in dataset["samples"]:
        sample["split"] = "test"
    dl.preprocess_dl_dataset(dataset, tmp_path / "data", workflow.param, {"show_progress": False})
    result, params = dl.evaluate_dl_model(dataset, workflow.model, "split", "test", {"measures": "all"})
    page = tmp_path / "report.html"
    dl.write_dl_report(result, params, dataset, workflow.model, page)
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page.read_text(encoding="utf-8"))
    sizes = {Image.open(io.BytesIO(base64.b64decode(content))).size[::-1] for content in found}
    assert len(found) == 4 and sizes == {expected}
    # Where the files are gone, the proportions are those of the model.
    dataset["image_dir"] = "gone"
    dl.write_dl_report(result, params, dataset, workflow.model, page)
    first = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page.read_text(encoding="utf-8"))[1]
    assert Image.open(io.BytesIO(base64.b64decode(first))).size == (128, 128)


def test_an_evaluation_of_another_model_is_refused(workflow, evaluated, tmp_path):
    result, params = evaluated
    images = [dict(image) for image in result["image_scores"]]
    images[0]["anomaly_score"] += 0.1
    with pytest.raises(dl.DLModelError) as caught:
        dl.write_dl_report({**result, "image_scores": images}, params, workflow.dataset, workflow.model, tmp_path / "r")
    score = images[0]["anomaly_score"]
    assert str(caught.value) == (
        f"dl_model_handle: expected the model that was evaluated; got one that scores image_id {images[0]['image_id']} "
        f"{score - 0.1:.4f}, not {score:.4f} (pass the model that was evaluated, or evaluate again)"
    )
    assert not (tmp_path / "r").exists()
