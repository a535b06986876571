"""A sample that is read belongs to the dataset that asks for it, whoever wrote into its folder meanwhile."""

import sys

import pytest

import dlproc as dl
from dlproc.io.locks import lock_file, locked


@pytest.fixture
def products(paint):
    """Two datasets of the same names: two products."""

    def dataset(name):
        names = [f"good/{n}.png" for n in range(5)] + ["bad/0.png"]
        described = dl.read_dl_dataset_anomaly(paint(dict.fromkeys(names, (40, 50)), name))
        dl.split_dl_dataset(described, 50, 25)
        return described

    return dataset("first"), dataset("second")


def preprocess(dataset, folder, overwrite=False, **changes):
    param = dl.create_dl_preprocess_param("anomaly_detection", 64, 64, 3, **changes)
    dl.preprocess_dl_dataset(dataset, folder, param, {"overwrite_files": overwrite, "show_progress": False})


def foreign(dataset, index=2):
    with pytest.raises(dl.DLFileError) as caught:
        dl.read_dl_samples(dataset, index)
    assert caught.value.halcon_code == 7780
    return str(caught.value)


def message(dataset, index, got):
    sample = dataset["samples"][index]
    return (
        f"{dataset['dlsample_dir']}/{sample['image_id']}_dlsample.hdict: expected the sample with image_id "
        f"{sample['image_id']}, of '{sample['image_file_name']}'; got {got} (was another dataset preprocessed into this "
        "folder? run preprocess_dl_dataset again, into one of its own)"
    )


OTHER = "one that was made from another image, or with other parameters"


def test_another_product_in_the_same_folder(products, tmp_path, model):
    first, second = products
    preprocess(first, tmp_path / "work")
    assert dl.read_dl_samples(first, 2)[0]["image_id"] == first["samples"][2]["image_id"]
    preprocess(second, tmp_path / "work", "auto")
    assert foreign(first) == message(first, 2, OTHER)
    with pytest.raises(dl.DLFileError, match="was another dataset preprocessed into this folder"):
        dl.train_dl_model(first, model, {"display_param": {"enabled": False}})
    assert not model.is_trained
    dl.read_dl_samples(second, range(len(second["samples"])))


def test_other_parameters_in_the_same_folder(products, tmp_path):
    first, _ = products
    preprocess(first, tmp_path / "work")
    before = dl.copy_dict(first, "deep", True)
    preprocess(first, tmp_path / "work", True, image_range_min=0.0, image_range_max=1.0)
    assert foreign(before) == message(before, 2, OTHER)


def test_a_dataset_that_is_read_again_later(products, tmp_path):
    first, second = products
    preprocess(first, tmp_path / "work")
    again = dl.read_dict(tmp_path / "work" / "dl_dataset.hdict")
    assert again["samples"] == first["samples"]
    dl.read_dl_samples(again, 2)
    preprocess(second, tmp_path / "work", "auto")
    foreign(again)


def test_samples_that_were_changed_on_purpose_are_taken_and_made_again(products, tmp_path):
    first, _ = products
    preprocess(first, tmp_path / "work")
    (sample,) = dl.read_dl_samples(first, 2)
    untouched = sample["image"].copy()
    sample["image"] = sample["image"] * 0 + 1
    dl.write_dl_samples(first, 2, sample)
    assert dl.read_dl_samples(first, 2)[0]["image"].max() == 1
    later = dl.read_dict(tmp_path / "work" / "dl_dataset.hdict")
    assert dl.read_dl_samples(later, 2)[0]["image"].max() == 1
    preprocess(first, tmp_path / "work", "auto")
    assert (dl.read_dl_samples(first, 2)[0]["image"] == untouched).all()


def test_without_a_fingerprint_the_image_id_decides(products, tmp_path):
    first, _ = products
    preprocess(first, tmp_path / "work")
    for sample in first["samples"]:
        del sample["dlsample_fingerprint"]
    dl.read_dl_samples(first, 2)
    folder = tmp_path / "work" / "samples"
    (folder / "2_dlsample.hdict").write_bytes((folder / "3_dlsample.hdict").read_bytes())
    index = dl.find_dl_samples(first["samples"], "image_id", 2, "match")[0]
    assert foreign(first, index) == message(first, index, "one with image_id 3")


def test_a_folder_is_built_by_one_at_a_time(products, tmp_path):
    import threading

    first, second = products
    caught = []

    def other():
        with pytest.raises(dl.DLFileError) as error:
            preprocess(second, tmp_path / "work")
        caught.append(error.value.expected)

    with locked(tmp_path / "work"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        preprocess(first, tmp_path / "work")  # who holds the folder may build it
    assert caught == ["a folder that no other process works on"]
    assert not lock_file(tmp_path / "work").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_a_folder_stays_a_link(products, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "disk", target_is_directory=True)
    preprocess(products[0], tmp_path / "work", True)
    assert (tmp_path / "work").is_symlink()
    assert (tmp_path / "disk" / "dl_dataset.hdict").is_file()
    assert products[0]["dlsample_dir"] == (tmp_path / "work" / "samples").as_posix()
    preprocess(products[0], tmp_path / "work", "auto")
    assert (tmp_path / "work").is_symlink()


def test_too_little_space_is_said_before_an_image_is_read(products, tmp_path, monkeypatch):
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 0, 200_000))
    monkeypatch.setattr(
        sys.modules["dlproc.procedures.preprocess_dl_dataset"], "gen_dl_samples", None
    )  # would be a TypeError
    with pytest.raises(dl.DLFileError) as caught:
        preprocess(products[0], tmp_path / "work")
    assert str(caught.value) == (
        f"{tmp_path / 'work'}: expected 0.3 MB of free space for 6 preprocessed samples; got 0.2 MB "
        "(name a folder on another disk)"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]
