"""Reading, splitting and finding."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dlproc as dl


def test_labels_ids_and_annotations(paint):
    images = paint({f"{kind}/{n}.png": (8, 8) for kind in ("Good", "crack") for n in (1, 2)})
    masks = paint({"crack/1_mask.png": (8, 8)}, "masks")
    dataset = dl.read_dl_dataset_anomaly(images, masks)
    assert dataset["class_names"] == ["ok", "nok"]
    assert dataset["class_ids"] == [0, 1]
    assert dataset["image_dir"] == images.as_posix()
    assert dataset["anomaly_dir"] == masks.as_posix()
    assert dataset["samples"] == [
        {"image_id": 0, "image_file_name": "Good/1.png", "anomaly_label": "ok"},
        {"image_id": 1, "image_file_name": "Good/2.png", "anomaly_label": "ok"},
        {
            "image_id": 2,
            "image_file_name": "crack/1.png",
            "anomaly_label": "nok",
            "anomaly_file_name": "crack/1_mask.png",
        },
        {"image_id": 3, "image_file_name": "crack/2.png", "anomaly_label": "nok"},
    ]


def test_halcon_and_python_spellings_give_the_same(paint):
    images = paint({"good/1.png": (8, 8), "crack/1.png": (8, 8), "other/1.png": (8, 8)})
    halcon = dl.read_dl_dataset_anomaly(str(images) + "/", [], [], [], {"image_sub_dirs": ["good", "crack"]})
    assert halcon == dl.read_dl_dataset_anomaly(images, gen_param={"image_sub_dirs": ("good", "crack")})
    assert [sample["image_file_name"] for sample in halcon["samples"]] == ["crack/1.png", "good/1.png"]
    assert "anomaly_dir" not in halcon


def test_lists_instead_of_a_search(paint):
    images = paint({"good/1.png": (8, 8), "crack/1.png": (8, 8)})
    masks = paint({"m.png": (8, 8)}, "masks")
    dataset = dl.read_dl_dataset_anomaly(images, masks, ["crack/1.png", "good/1.png"], ["m.png", ""])
    assert [sample.get("anomaly_file_name") for sample in dataset["samples"]] == ["m.png", None]


def test_bad_folders_are_named(tmp_path, paint):
    empty = tmp_path / "empty"
    empty.mkdir()
    images = paint({"good/1.png": (8, 8)})
    unrelated = paint({"x.png": (8, 8)}, "masks")
    cases = [
        (
            (tmp_path / "none",),
            dl.DLFileError,
            f"image_dir: expected an existing folder; got '{tmp_path.as_posix()}/none'",
        ),
        (
            (empty,),
            dl.DLDataError,
            f"{empty}: expected at least one image file; got none (searched in all folders below)",
        ),
        (
            (images, unrelated),
            dl.DLDataError,
            f"{unrelated}: expected annotations of the images; got none that matches among 1 image files",
        ),
        ((["a", "b"],), dl.DLParamError, "image_dir: expected one path to a folder; got ['a', 'b']"),
        ((5,), dl.DLParamError, "image_dir: expected one path to a folder; got 5"),
        (
            (images, unrelated, ["good/1.png"], ["x.png", "x.png"]),
            dl.DLParamError,
            "anomaly_list: expected 1 names, one for each image ('' for none); got 2",
        ),
        (
            (images, None, ["good/2.png"]),
            dl.DLFileError,
            f"{images.as_posix()}/good/2.png: expected an existing file; got no such file",
        ),
    ]
    for arguments, kind, message in cases:
        with pytest.raises(kind) as caught:
            dl.read_dl_dataset_anomaly(*arguments)
        assert str(caught.value) == message


def test_unknown_option_of_reading(paint):
    with pytest.raises(dl.DLParamError, match=re.escape("got 'image_subdirs' (did you mean 'image_sub_dirs'?)")):
        dl.read_dl_dataset_anomaly(paint({"good/1.png": (8, 8)}), gen_param={"image_subdirs": ["good"]})


def test_mvtec_layout(paint):
    names = [f"train/good/{n:02d}.png" for n in range(10)] + ["test/good/0.png", "test/hole/1.png", "test/hole/10.png"]
    root = paint(dict.fromkeys([*names, "ground_truth/hole/1_mask.png", "ground_truth/hole/10_mask.png"], (8, 8)))
    dataset = dl.read_dl_dataset_mvtec(root)
    splits = [sample["split"] for sample in dataset["samples"]]
    assert splits.count("validation") == 2
    assert splits.count("train") == 8
    test = [sample for sample in dataset["samples"] if sample["split"] == "test"]
    assert [(s["anomaly_label"], s.get("anomaly_file_name")) for s in test] == [
        ("ok", None),
        ("nok", "ground_truth/hole/1_mask.png"),
        ("nok", "ground_truth/hole/10_mask.png"),
    ]
    assert dataset == dl.read_dl_dataset_mvtec(root, {"validation_percent": 20})
    dl.set_system("seed_rand", 1)
    assert dataset != dl.read_dl_dataset_mvtec(root)
    none = dl.read_dl_dataset_mvtec(root, {"validation_percent": 0})
    assert "validation" not in {sample["split"] for sample in none["samples"]}


def test_mvtec_layout_without_good_images(paint):
    root = paint({"test/good/0.png": (8, 8)})
    with pytest.raises(dl.DLDataError) as caught:
        dl.read_dl_dataset_mvtec(root)
    assert str(caught.value) == (
        f"{root.as_posix()}: expected a good image below a folder 'train', like train/good/1.png; got none"
    )


def test_mvtec_layout_of_other_spellings(paint):
    """Any case, ok, parts of masks, a folder of validation; a defective image of train is for the test."""
    names = [f"Train/OK/{n}.png" for n in range(5)] + ["Train/Bad/7.png", "validation/good/8.png", "extra/9.png"]
    names += ["Test/ok/0.png", "Test/NG/0.png", "Ground_truth/ng/0/000.png", "Ground_truth/ng/0/001.png"]
    root = paint(dict.fromkeys(names, (8, 8)))
    dataset = dl.read_dl_dataset_mvtec(root)
    described = {
        sample["image_file_name"]: (sample["anomaly_label"], sample["split"], sample.get("anomaly_file_name"))
        for sample in dataset["samples"]
    }
    assert described == {
        **{f"Train/OK/{n}.png": ("ok", "train", None) for n in range(5)},
        "validation/good/8.png": ("ok", "validation", None),
        "Test/ok/0.png": ("ok", "test", None),
        "Test/NG/0.png": ("nok", "test", ["Ground_truth/ng/0/000.png", "Ground_truth/ng/0/001.png"]),
        "Train/Bad/7.png": ("nok", "test", None),
    }
    assert [sample["image_id"] for sample in dataset["samples"]] == list(range(9))


def test_mvtec_options(paint, tmp_path):
    names = ["train/normal/1.png", "train/normal/2.png", "test/normal/1.png", "test/dent/1.png", "segm/dent/1.png"]
    root = paint(dict.fromkeys(names, (8, 8)))
    dataset = dl.read_dl_dataset_mvtec(root, {"good": ["normal"], "masks": "segm"})
    assert [sample["anomaly_label"] for sample in dataset["samples"]] == ["ok", "ok", "nok", "ok"]
    assert dataset["samples"][2]["anomaly_file_name"] == "segm/dent/1.png"
    outside = paint({"dent/1_gt.png": (8, 8)}, "elsewhere")
    dataset = dl.read_dl_dataset_mvtec(root, {"good": "normal", "defective": ["segm"], "masks": str(outside)})
    assert (dataset["anomaly_dir"], dataset["samples"][2]["anomaly_file_name"]) == (outside.as_posix(), "dent/1_gt.png")
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_dataset_mvtec(root, {"masks": "none"})
    assert str(caught.value) == "gen_param['masks']: expected an existing folder; got 'none'"
    unlabelled = paint(dict.fromkeys(["train/good/1.png", "test/2.png"], (8, 8)), "unlabelled")
    with pytest.raises(dl.DLDataError) as caught:
        dl.read_dl_dataset_mvtec(unlabelled)
    assert str(caught.value) == (
        f"{unlabelled.as_posix()}/test/2.png: expected a folder that says whether it is good, like 'good' or 'bad'; "
        "got none (--good test or --defective test; in a script gen_param {'good': ['test']})"
    )


def test_labels_of_nested_folders_and_by_the_rules_of_halcon(paint):
    root = paint(dict.fromkeys(["good/1.png", "good/day2/1.png", "dent/2.png", "ground_truth/dent/2_mask.png"], (8, 8)))
    dataset = dl.read_dl_dataset_anomaly(root)
    assert [(s["image_file_name"], s["anomaly_label"]) for s in dataset["samples"]] == [
        ("dent/2.png", "nok"),
        ("good/1.png", "ok"),
        ("good/day2/1.png", "ok"),
    ]
    assert dataset["anomaly_dir"] == root.as_posix()
    assert dataset["samples"][0]["anomaly_file_name"] == "ground_truth/dent/2_mask.png"
    halcon = dl.read_dl_dataset_anomaly(root, gen_param={"rules": "halcon"})
    assert [(s["image_file_name"], s["anomaly_label"]) for s in halcon["samples"]] == [
        ("dent/2.png", "nok"),
        ("good/1.png", "ok"),
        ("good/day2/1.png", "nok"),
        ("ground_truth/dent/2_mask.png", "nok"),
    ]
    with_masks = dl.read_dl_dataset_anomaly(
        root, root / "ground_truth", gen_param={"rules": "halcon", "image_sub_dirs": ["dent"]}
    )
    assert [s["anomaly_file_name"] for s in with_masks["samples"]] == ["dent/2_mask.png"]
    with pytest.raises(dl.DLParamError) as caught:
        dl.read_dl_dataset_anomaly(root, gen_param={"rules": "halcon", "good": ["dent"]})
    assert str(caught.value) == "gen_param['good']: expected nothing with 'rules': 'halcon'; got ['dent']"
    named = dl.read_dl_dataset_anomaly(root, root / "ground_truth", gen_param={"good": "dent", "defective": ["day2"]})
    assert [s["anomaly_label"] for s in named["samples"]] == ["ok", "ok", "nok"]
    assert named["samples"][0]["anomaly_file_name"] == "dent/2_mask.png"


def test_masks_of_several_parts_and_of_jpeg(paint):
    root = paint(dict.fromkeys(["good/0.png", "dent/1.png", "dent/2.png"], (40, 40)))
    halves = np.zeros((2, 40, 40), np.uint8)
    halves[0, :10], halves[1, 29:] = 128, 255  # gray values of MVTec LOCO differ from part to part
    (root / "masks" / "dent" / "1").mkdir(parents=True)
    for n, half in enumerate(halves):
        Image.fromarray(half).save(root / "masks" / "dent" / "1" / f"{n}.png")
    Image.fromarray(halves[1]).save(root / "masks" / "dent" / "2.jpg", quality=30)
    assert np.unique(dl.read_image(root / "masks" / "dent" / "2.jpg")).size > 2  # black is not all 0
    one, two, _ = dl.gen_dl_samples(dl.read_dl_dataset_anomaly(root), [0, 1, 2])
    assert np.array_equal(one["anomaly_ground_truth"], np.where(halves.max(axis=0) > 0, 255, 0))
    assert np.array_equal(two["anomaly_ground_truth"], halves[1])


def dataset_of(n_ok, n_nok=0):
    labels = ["ok"] * n_ok + ["nok"] * n_nok
    return {"samples": [{"image_file_name": f"{i:03d}.png", "anomaly_label": label} for i, label in enumerate(labels)]}


def counts(dataset):
    splits = [sample["split"] for sample in dataset["samples"]]
    return tuple(splits.count(name) for name in ("train", "validation", "test"))


def test_nok_images_go_to_the_test():
    dataset = dataset_of(20, 5)
    dl.split_dl_dataset(dataset, 50, 10, [])
    assert counts(dataset) == (10, 2, 8 + 5)
    assert all(sample["split"] == "test" for sample in dataset["samples"] if sample["anomaly_label"] == "nok")


@pytest.mark.parametrize(("n_ok", "expected"), [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1))])
def test_few_images_leave_no_wanted_split_empty(n_ok, expected):
    dataset = dataset_of(n_ok)
    dl.split_dl_dataset(dataset, 50, 10)
    assert counts(dataset) == expected


def test_split_errors():
    split = dataset_of(4)
    dl.split_dl_dataset(split, 50, 50)
    cases = [
        ((dataset_of(4), 80, 30), "training_percent + validation_percent: expected at most 100; got 110"),
        ((dataset_of(4), -1, 30), "training_percent: expected a number >= 0; got -1"),
        (
            (split, 50, 50),
            "dl_dataset: expected a dataset that is not split; got one that is "
            "(gen_param {'overwrite_split': True} replaces it)",
        ),
        (
            (dataset_of(0, 3), 50, 10),
            "dl_dataset: expected at least one good image; got none among 3 samples "
            "(good images lie in a folder named 'good' or 'ok')",
        ),
        (
            ({"samples": [{"anomaly_label": "ok"}]}, 50, 10),
            "dl_dataset['samples'][0]['image_file_name']: expected a string; got no such key",
        ),
        (([], 50, 10), "dl_dataset: expected a DLDataset dictionary; got []"),
    ]
    for arguments, message in cases:
        before = copy.deepcopy(arguments)
        with pytest.raises(dl.DLError) as caught:
            dl.split_dl_dataset(*arguments)
        assert str(caught.value) == message
        assert arguments == before


def test_find_dl_samples():
    samples = [{"split": "train", "tags": ["a", "b"]}, {"split": "test"}, {"tags": ["b"]}]
    assert dl.find_dl_samples(samples, "split", "test", "match") == [1]
    assert dl.find_dl_samples(samples, ["split"], ["test"], ["match"]) == [1]
    with pytest.raises(dl.DLParamError) as caught:
        dl.find_dl_samples(samples, ["split", "tags"], "test", "match")
    assert str(caught.value) == "key_name: expected one key; got ['split', 'tags']"
    assert dl.find_dl_samples(samples, "tags", ["a", "b"], "match") == [0]
    assert dl.find_dl_samples(samples, "tags", ["b", "c"], "contain") == [0, 2]
    assert dl.find_dl_samples(samples, "split", ["x"], "or") == []
    with pytest.raises(dl.DLParamError) as caught:
        dl.find_dl_samples(samples, "split", "test", "contains")
    assert (
        str(caught.value) == "mode: expected one of 'match', 'or', 'contain'; got 'contains' (did you mean 'contain'?)"
    )


def test_gen_dl_samples(paint):
    images = paint({"good/1.png": (8, 6), "crack/1.png": (8, 6, 3)})
    masks = paint({"crack/1.png": (8, 6)}, "masks")
    dataset = dl.read_dl_dataset_anomaly(images, masks)
    crack, good = dl.gen_dl_samples(dataset, [0, 1], "anomaly_detection", [])
    assert (crack["image_id"], crack["anomaly_label"], crack["anomaly_label_id"]) == (0, "nok", 1)
    assert crack["image"].shape == (8, 6, 3)
    assert crack["anomaly_ground_truth"].shape == (8, 6)
    assert set(good) == {"image_id", "image", "anomaly_label", "anomaly_label_id"}
    assert set(dl.gen_dl_samples(dataset, 0, "image_only")[0]) == {"image_id", "image"}


def test_gen_dl_samples_errors(paint):
    images = paint({"good/1.png": (8, 6), "crack/1.png": (8, 6)})
    masks = paint({"crack/1.png": (9, 6)}, "masks")
    dataset = dl.read_dl_dataset_anomaly(images, masks)
    unlabelled = {**dataset, "samples": [{"image_id": 3, "image_file_name": "good/1.png"}]}
    cases = [
        ((dataset, 2), "sample_indices: expected indices from 0 to 1; got 2"),
        (
            (dataset, 0),
            f"{masks.as_posix()}/crack/1.png: expected an annotation of the image's size, (8, 6); got (9, 6) (image_id 0)",
        ),
        (
            (unlabelled, 0, "anomaly_detection"),
            "dl_dataset['samples'][0]['anomaly_label']: expected 'ok' or 'nok'; got no such key "
            "(gen_param {'ignore_missing_labels': True} accepts it)",
        ),
        (
            (dataset, 0, "segmentation"),
            "restrict_keys_dl_sample: expected one of 'anomaly_detection', 'gc_anomaly_detection', 'image_only', 'off'; "
            "got 'segmentation'",
        ),
    ]
    for arguments, message in cases:
        with pytest.raises(dl.DLError) as caught:
            dl.gen_dl_samples(*arguments)
        assert str(caught.value) == message
    assert set(dl.gen_dl_samples(unlabelled, 0)[0]) == {"image_id", "image"}


def test_gen_dl_samples_from_images():
    grey, colour = np.zeros((4, 5), np.uint8), np.zeros((4, 5, 3), np.uint16)
    assert [list(sample) for sample in dl.gen_dl_samples_from_images([grey, colour])] == [["image"], ["image"]]
    assert dl.gen_dl_samples_from_images(colour)[0]["image"] is colour
    with pytest.raises(dl.DLDictError) as caught:
        dl.gen_dl_samples_from_images([grey, "a.png"])
    assert (
        str(caught.value)
        == "images[1]: expected an array of shape (H, W) or (H, W, C); got 'a.png' (read_image reads a file)"
    )


def test_paths_are_plain_strings_that_a_file_can_hold(paint, tmp_path):
    dataset = dl.read_dl_dataset_anomaly(Path(paint({"good/1.png": (8, 8)})))
    dl.write_dict(dataset, tmp_path / "d.hdict")
    assert dl.read_dict(tmp_path / "d.hdict") == dataset


def test_image_file_that_is_no_image_is_found_when_it_is_read(paint):
    root = paint({"good/1.png": (8, 8)})
    (root / "good" / "2.png").write_text("text")
    dataset = dl.read_dl_dataset_anomaly(root)
    with pytest.raises(dl.DLFileError) as caught:
        dl.gen_dl_samples(dataset, [0, 1])
    assert str(caught.value) == (
        f"{root.as_posix()}/good/2.png: expected one complete image, grey or colour; "
        "got a file of another kind, or damaged (image_id 1)"
    )
