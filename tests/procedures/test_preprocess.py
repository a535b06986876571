"""Preprocessing: parameters, samples, and the dataset folder with everything that can go wrong."""

import copy
import os
import pathlib
import re
import shutil

import numpy as np
import pytest

import dlproc as dl
from dlproc.io import container, sample_folder
from dlproc.procedures import preprocess_dl_dataset as procedure

PARAM = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3)
QUIET = {"show_progress": False}


def param(**changes):
    return dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3) | changes


# ------------------------------------------------------------------------------------------------------------ parameters


def test_defaults_are_halcons():
    assert PARAM == {
        "model_type": "anomaly_detection",
        "image_width": 64,
        "image_height": 32,
        "image_num_channels": 3,
        "image_range_min": -127.0,
        "image_range_max": 128.0,
        "normalization_type": "none",
        "domain_handling": "full_domain",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_width": 30}, "['image_width']: expected an integer >= 32; got 30"),
        ({"image_num_channels": 2}, "['image_num_channels']: expected 1 or 3; got 2"),
        ({"image_range_max": -200}, "['image_range_max']: expected more than image_range_min, -127; got -200"),
        (
            {"model_type": "detection"},
            "['model_type']: expected one of 'anomaly_detection', 'gc_anomaly_detection'; got 'detection'",
        ),
        (
            {"normalization_type": "constant"},
            "['normalization_type']: expected one of 'all_channels', 'first_channel', 'constant_values', 'none'; "
            "got 'constant' (did you mean 'constant_values'?)",
        ),
        ({"mean_values_normalization": [1.0, 2.0]}, "['mean_values_normalization']: expected 1 or 3 numbers; got 2"),
        ({"image_widht": 64}, ": expected one of 'model_type', "),
    ],
)
def test_invalid_parameters_are_named(changes, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.check_dl_preprocess_param(PARAM | changes)
    assert str(caught.value).startswith("dl_preprocess_param" + message)


def test_missing_parameter_is_named_and_the_check_can_be_switched_off():
    incomplete = {key: value for key, value in PARAM.items() if key != "image_height"}
    with pytest.raises(dl.DLParamError) as caught:
        dl.check_dl_preprocess_param(incomplete)
    assert str(caught.value) == ("dl_preprocess_param['image_height']: expected an integer >= 32; got no such key")
    dl.check_dl_preprocess_param(incomplete | {"check_params": False})
    # What uses the parameters checks them all the same: a misspelling is heard after preprocessing, too.
    with pytest.raises(dl.DLParamError, match="did you mean 'constant_values'"):
        dl.preprocess_dl_samples(sample(), PARAM | {"check_params": False, "normalization_type": "constant_value"})
    with pytest.raises(dl.DLParamError, match="did you mean 'image_width'"):
        dl.preprocess_dl_samples(sample(), PARAM | {"check_params": False, "image_widht": 3})


def test_what_is_checked_is_what_is_used():
    """HALCON's tuples of one, and reals where integers are meant, in a dictionary that no procedure made."""
    plain, spelt = sample(domain=np.eye(50, 70, dtype=bool)), sample(domain=np.eye(50, 70, dtype=bool))
    dl.preprocess_dl_samples(plain, param(domain_handling="keep_domain"))
    tuples = param(normalization_type=["none"], domain_handling=["keep_domain"], image_width=64.0, image_height=[32])
    dl.preprocess_dl_samples(spelt, tuples)
    np.testing.assert_array_equal(spelt["image"], plain["image"])
    np.testing.assert_array_equal(spelt["domain"], plain["domain"])


def test_numpy_numbers_and_positions_as_in_halcon():
    created = dl.create_dl_preprocess_param(
        "anomaly_detection", np.int64(64), 32.0, 3, [], [], "none", "full_domain", [], [], [], []
    )
    assert created == PARAM
    assert type(created["image_width"]) is int


def test_legacy_names():
    old = {"normalization_type": "true"}
    dl.replace_legacy_preprocessing_parameters(old)
    assert old == {"normalization_type": "first_channel"}


# --------------------------------------------------------------------------------------------------------------- samples


def sample(**keys):
    return {"image": np.random.Generator(np.random.PCG64(0)).integers(0, 256, (50, 70, 3), np.uint8), **keys}


def test_only_the_written_keys_change_and_arrays_are_replaced_not_written():
    before = sample(image_id=4, note="kept", anomaly_ground_truth=np.eye(50, 70, dtype=np.uint8))
    for array in (before["image"], before["anomaly_ground_truth"]):
        array.setflags(write=False)
    after = dict(before)
    dl.preprocess_dl_samples([after], PARAM)
    assert {key for key in after if after[key] is not before[key]} == {"image", "anomaly_ground_truth"}
    assert after["image"].dtype == np.float32
    assert after["image"].shape == (32, 64, 3)
    assert after["image"].flags.c_contiguous
    assert set(np.unique(after["anomaly_ground_truth"])) <= {0, 1}


def test_when_the_third_of_five_is_bad_none_is_changed():
    batch = [sample() for _ in range(5)]
    batch[2]["image"] = batch[2]["image"].astype(np.float64)
    batch[2]["image"][3, 3] = np.nan
    before = [dict(s) for s in batch]
    with pytest.raises(dl.DLDictError) as caught:
        dl.preprocess_dl_samples(batch, PARAM)
    assert str(caught.value) == "dl_sample_batch[2]['image']: expected finite gray values; got NaN or infinite ones"
    assert all(after[key] is old[key] for after, old in zip(batch, before, strict=True) for key in old)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"image": None}, "['image']: expected array of shape (H, W) or (H, W, C); got None"),
        (
            {"image": np.zeros((4, 4, 4), np.uint8)},
            "['image']: expected an array of numbers of shape (H, W), (H, W, 1) or (H, W, 3); got uint8 array of shape (4, 4, 4)",
        ),
        (
            {"anomaly_ground_truth": np.zeros((9, 9))},
            "['anomaly_ground_truth']: expected an array of the image's size, (50, 70); got float64 array of shape (9, 9)",
        ),
        (
            {"domain": np.zeros((50, 70), bool)},
            "['domain']: expected a domain with at least one pixel; got an empty one",
        ),
        (
            {"domain": np.ones((50, 70))},
            "['domain']: expected bool array of shape (H, W); got float64 array of shape (50, 70)",
        ),
    ],
)
def test_bad_samples_are_named(keys, message):
    with pytest.raises(dl.DLDictError) as caught:
        dl.preprocess_dl_samples(sample(**keys), PARAM)
    assert str(caught.value) == "dl_sample_batch[0]" + message


def test_sample_without_image():
    with pytest.raises(dl.DLDictError) as caught:
        dl.preprocess_dl_samples([{"image_id": 1}], PARAM)
    assert str(caught.value) == (
        "dl_sample_batch[0]['image']: expected array of shape (H, W) or (H, W, C); got no such key"
    )


def test_preprocessing_twice_is_heard():
    constant = param(normalization_type="constant_values")
    batch = [sample()]
    dl.preprocess_dl_samples(batch, constant)
    with pytest.raises(dl.DLDictError, match="do not preprocess a sample twice"):
        dl.preprocess_dl_samples(batch, constant)


@pytest.mark.parametrize("kind", ["none", "constant_values", "all_channels", "first_channel"])
def test_grey_colour_8_and_16_bit_give_the_same_sample(kind):
    grey = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (50, 70), np.uint8)
    variants = [grey, grey[:, :, np.newaxis], np.dstack([grey] * 3), grey.astype(np.uint16) * 257]
    batch = dl.gen_dl_samples_from_images(variants)
    dl.preprocess_dl_samples(batch, param(normalization_type=kind))
    for other in batch[1:]:
        np.testing.assert_allclose(other["image"], batch[0]["image"], atol=1e-4)


def test_domain_handling():
    domain = np.zeros((50, 70), bool)
    domain[10:20, 30:60] = True
    full, crop, keep = (dict(sample(domain=domain)) for _ in range(3))
    dl.preprocess_dl_samples(full, param(domain_handling="full_domain"))
    dl.preprocess_dl_samples(crop, param(domain_handling="crop_domain"))
    dl.preprocess_dl_samples(keep, param(domain_handling="keep_domain"))
    assert "domain" not in full
    assert "domain" not in crop
    np.testing.assert_array_equal(keep["image"], full["image"])
    assert keep["domain"].shape == (32, 64)
    assert keep["domain"].mean() == pytest.approx(domain.mean(), abs=0.02)
    cropped = {"image": sample()["image"][10:20, 30:60]}
    dl.preprocess_dl_samples(cropped, PARAM)
    np.testing.assert_array_equal(crop["image"], cropped["image"])


# --------------------------------------------------------------------------------------------------------------- dataset


def run(dataset, folder, mode=False, p=None):
    return dl.preprocess_dl_dataset(dataset, folder, p if p is not None else param(), QUIET | {"overwrite_files": mode})


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_layout_keys_and_reading_back(painted, tmp_path):
    p = param(normalization_type="constant_values")
    file = run(painted, tmp_path / "new" / "data", p=p)
    assert file == (tmp_path / "new" / "data" / "dl_dataset.hdict").as_posix()
    assert painted["preprocess_param"] is p
    assert (p["check_params"], p["image_range_min"], p["image_range_max"]) == (False, -2.0, 2.0)
    assert painted["dlsample_dir"] == (tmp_path / "new" / "data" / "samples").as_posix()
    assert painted["samples"][3]["dlsample_file_name"] == "3_dlsample.hdict"
    assert dl.read_dict(file) == painted
    read = dl.read_dl_samples(painted, [3])[0]
    assert (read["image_id"], read["image"].shape) == (3, (32, 64, 3))
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["data"]


def test_existing_folder_is_an_error_and_stays(painted, tmp_path):
    run(painted, tmp_path / "data")
    before = content(tmp_path / "data")
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "data", p=param(image_width=32))
    assert str(caught.value) == (
        f"{(tmp_path / 'data').as_posix()}: expected a folder that does not exist; got an existing one "
        "(gen_param {'overwrite_files': True} replaces it, 'auto' keeps what is still right)"
    )
    assert content(tmp_path / "data") == before


def test_overwriting_replaces_the_folder(painted, tmp_path):
    run(painted, tmp_path / "data")
    run(painted, tmp_path / "data", True, param(image_width=32))
    assert dl.read_dl_samples(painted, 0)[0]["image"].shape == (32, 32, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "images"]


def test_a_folder_with_other_files_is_never_deleted(painted, tmp_path):
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "images", True)
    assert str(caught.value) == (
        f"{(tmp_path / 'images').as_posix()}: expected a folder with nothing but preprocessed samples, because it is "
        f"replaced; got '{next((tmp_path / 'images').iterdir()).name}' in it (choose another folder)"
    )
    assert len(list((tmp_path / "images").rglob("*.png"))) == 10


@pytest.mark.parametrize("damage", ["truncated", "empty", "text"])
def test_a_broken_image_is_named_and_nothing_is_half_written(painted, tmp_path, damage):
    broken = tmp_path / "images" / painted["samples"][4]["image_file_name"]
    broken.write_bytes({"truncated": broken.read_bytes()[:700], "empty": b"", "text": b"no image"}[damage])
    before, p = copy.deepcopy(painted), param()
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "data", p=p)
    assert str(caught.value).startswith(f"{broken.as_posix()}: expected one complete image, grey or colour; got ")
    assert str(caught.value).endswith("(image_id 4)")
    assert painted == before
    assert p == param()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images"]


def test_a_broken_image_leaves_an_existing_folder_as_it_was(painted, tmp_path):
    run(painted, tmp_path / "data")
    before = content(tmp_path / "data")
    (tmp_path / "images" / painted["samples"][0]["image_file_name"]).write_bytes(b"")
    with pytest.raises(dl.DLFileError):
        run(painted, tmp_path / "data", True)
    assert content(tmp_path / "data") == before


def test_disk_full_is_named_and_nothing_is_left(painted, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = copy.deepcopy(painted)
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "data")
    name = (tmp_path / "data.partial" / "samples" / "0_dlsample.hdict").as_posix()
    assert str(caught.value) == f"{name}: expected a file that can be written; got No space left on device"
    assert painted == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images"]


def test_no_permission_is_named(painted, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "data")
    name = (tmp_path / "data.partial").as_posix()
    assert str(caught.value) == f"{name}: expected a folder that can be written; got Permission denied"


def interrupt_after(n_samples, monkeypatch):
    """Ctrl-C after some samples; returns the list of samples that are made."""
    made = []
    real = container.write_container

    def write(path, *args, **kwargs):
        if len(made) == n_samples:
            raise KeyboardInterrupt
        made.append(path.name)
        real(path, *args, **kwargs)

    monkeypatch.setattr(__import__(procedure.__module__, fromlist=["x"]), "write_container", write)
    return made


def test_ctrl_c_keeps_what_is_done_and_auto_carries_on(painted, tmp_path, monkeypatch):
    before, p = copy.deepcopy(painted), param()
    with monkeypatch.context() as patch:
        interrupt_after(6, patch)
        with pytest.raises(KeyboardInterrupt) as caught:
            run(painted, tmp_path / "data", p=p)
    partial = (tmp_path / "data.partial").as_posix()
    assert str(caught.value) == f"finished samples are kept in '{partial}'; {{'overwrite_files': 'auto'}} carries on"
    assert painted == before
    assert p == param()
    assert not (tmp_path / "data").exists()

    with monkeypatch.context() as patch:
        made = interrupt_after(100, patch)
        run(painted, tmp_path / "data", "auto", p)
    assert len(made) == 10 - 6
    resumed = content(tmp_path / "data")
    run(copy.deepcopy(before), tmp_path / "data", True)
    whole = content(tmp_path / "data")
    assert {name: data for name, data in resumed.items() if name.startswith("samples")} == {
        name: data for name, data in whole.items() if name.startswith("samples")
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "images"]


def test_auto_makes_only_what_changed(painted, tmp_path, monkeypatch):
    p = param(normalization_type="constant_values")
    run(painted, tmp_path / "data", p=p)
    changed = tmp_path / "images" / painted["samples"][2]["image_file_name"]
    shutil.copyfile(tmp_path / "images" / painted["samples"][7]["image_file_name"], changed)
    os.utime(changed, ns=(1, 1))
    made = interrupt_after(100, monkeypatch)
    run(painted, tmp_path / "data", "auto", p)
    assert made == ["2_dlsample.hdict"]
    images = [dl.read_dl_samples(painted, index)[0]["image"] for index in (2, 7)]
    np.testing.assert_array_equal(*images)


def test_auto_with_other_parameters_makes_all_anew_and_removes_old_images(painted, tmp_path, monkeypatch):
    run(painted, tmp_path / "data")
    smaller = {**painted, "samples": painted["samples"][:4]}
    made = interrupt_after(100, monkeypatch)
    run(smaller, tmp_path / "data", "auto", param(image_width=32))
    assert len(made) == 4
    assert len(list((tmp_path / "data" / "samples").iterdir())) == 4


def test_write_and_read_samples_with_a_reduced_domain(painted, tmp_path):
    run(painted, tmp_path / "data")
    batch = dl.read_dl_samples(painted, [1, 2])
    for s in batch:
        s["domain"] = s["image"][:, :, 0] > 0
    dl.write_dl_samples(painted, [1, 2], batch, [], [])
    again = dl.read_dl_samples(painted, [1, 2])
    np.testing.assert_array_equal(again[1]["domain"], batch[1]["domain"])
    assert again[1]["domain"].dtype == bool


def test_sample_file_errors(painted, tmp_path):
    run(painted, tmp_path / "data")
    batch = dl.read_dl_samples(painted, [1])
    cases = [
        (lambda: dl.read_dl_samples(painted, []), "sample_indices: expected at least one index; got none"),
        (lambda: dl.read_dl_samples(painted, 99), "sample_indices: expected indices from 0 to 9; got 99"),
        (
            lambda: dl.write_dl_samples(painted, [2], batch),
            "dl_sample_batch[0]['image_id']: expected 2, as in the dataset; got 1",
        ),
        (
            lambda: dl.write_dl_samples(painted, [1, 2], batch),
            "dl_sample_batch: expected 2 samples, as many as sample_indices; got 1",
        ),
        (
            lambda: dl.read_dl_samples({"samples": painted["samples"]}, 0),
            "dl_dataset['dlsample_dir']: expected a string; got no such key (preprocess_dl_dataset writes it)",
        ),
    ]
    for call, message in cases:
        with pytest.raises(dl.DLError) as caught:
            call()
        assert str(caught.value) == message
    missing = tmp_path / "data" / "samples" / "1_dlsample.hdict"
    missing.unlink()
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_samples(painted, 1)
    assert str(caught.value) == (
        f"{missing.as_posix()}: expected a preprocessed sample; got no such file (image_id 1: run preprocess_dl_dataset)"
    )


def test_two_samples_of_one_image_id_are_an_error(painted, tmp_path):
    painted["samples"][7]["image_id"] = 2
    with pytest.raises(dl.DLDictError) as caught:
        run(painted, tmp_path / "data")
    assert (
        str(caught.value) == "dl_dataset['samples'][7]['image_id']: expected a number of its own; got 2, as of sample 2"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images"]


def test_a_folder_that_cannot_be_moved_leaves_the_old_one_in_its_place(painted, tmp_path, monkeypatch):
    run(painted, tmp_path / "data")
    before, dataset = content(tmp_path / "data"), copy.deepcopy(painted)
    real = pathlib.Path.replace

    def refuse(self, target):
        if self.name.endswith(".partial"):
            raise PermissionError(13, "The process cannot access the file")
        return real(self, target)

    monkeypatch.setattr(pathlib.Path, "replace", refuse)
    with pytest.raises(dl.DLFileError) as caught:
        run(painted, tmp_path / "data", True, param(image_width=32))
    assert str(caught.value) == (
        f"{(tmp_path / 'data').as_posix()}: expected a folder that can be replaced; got The process cannot access the file"
    )
    assert content(tmp_path / "data") == before
    assert painted == dataset


def test_what_a_killed_run_leaves_is_no_obstacle(painted, tmp_path):
    """Killed while replacing: the old folder is still called .old, and parts of files lie about."""
    run(painted, tmp_path / "data")
    (tmp_path / "data").rename(tmp_path / "data.old")
    (tmp_path / "data.partial" / "samples").mkdir(parents=True)
    (tmp_path / "data.partial" / ".dl_dataset.hdict.0011.part").write_bytes(b"half")
    (tmp_path / "data.partial" / "samples" / ".1_dlsample.hdict.0011.part").write_bytes(b"half")
    with pytest.raises(dl.DLFileError):
        run(painted, tmp_path / "data")  # the old folder is back in its place, and not to be overwritten
    run(painted, tmp_path / "data", "auto")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "images"]
    assert len(content(tmp_path / "data")) == 11


def test_writing_samples_is_all_or_nothing(painted, tmp_path):
    run(painted, tmp_path / "data")
    before = content(tmp_path / "data")
    batch = dl.read_dl_samples(painted, [0, 1, 2])
    batch[0]["image"] = batch[0]["image"] * 2
    batch[2]["note"] = object()
    with pytest.raises(dl.DLDictError, match=re.escape("dl_sample_batch[2]['note']: expected a dictionary, list")):
        dl.write_dl_samples(painted, [0, 1, 2], batch)
    assert content(tmp_path / "data") == before


def test_folder_names():
    assert sample_folder.sample_file_name(12) == "12_dlsample.hdict"
