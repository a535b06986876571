"""Training that is interrupted goes on from where it was, and gives the same bytes."""

import shutil

import numpy as np
import pytest
import torch

import dlproc as dl
from dlproc.features import coreset
from dlproc.features.coreset import KCentre
from dlproc.models import checkpoint as module
from dlproc.models import train
from dlproc.models.anomaly import patch_statistics
from dlproc.models.checkpoint import images_kept
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam

N_IMAGES = 40


class PowerCut(BaseException):
    """What no code of the library catches by name."""


def sample(number):
    generator = np.random.Generator(np.random.PCG64(number))
    return {"image_id": number, "image": generator.normal(0, 0.5, (64, 64, 3)).astype(np.float32)}


def train_on(folder, n_images=N_IMAGES, read=sample, **options):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [64, 64])
    given = {"checkpoint_dir": None if folder is None else str(folder), **options}
    param = check_options(given, AnomalyTrainParam, "dl_train_param")
    source = train.SampleSource(n_images, read, lambda number: f"{number}", lambda number: {"sample_index": number})
    result = train.train_on_samples(model, source, param, {}, show_progress=False)
    return model, result


def file_bytes(model, path):
    dl.write_dl_model(model, path)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Parts after every batch, four images in a batch; 12 images whose features are kept, so that there are two stages."""
    monkeypatch.setattr(module, "_SECONDS", 0.0)
    monkeypatch.setattr(patch_statistics, "_MAX_AT_ONCE", 4)
    monkeypatch.setattr(patch_statistics, "_MAX_FEATURE_BYTES", 0)
    monkeypatch.setattr(patch_statistics, "_N_CALIBRATION", 12)


@pytest.fixture
def uninterrupted(tmp_path, _small):
    return file_bytes(train_on(None)[0], tmp_path / "uninterrupted.hdl")


def cut_at(n_th):
    """Reads samples, and fails at the n-th."""
    reads = []

    def read(number):
        reads.append(number)
        if len(reads) == n_th:
            raise PowerCut
        return sample(number)

    return read, reads


@pytest.mark.parametrize("n_th", [1, 3, 7, 12, 13, 22, 40])
def test_interrupted_between_images(tmp_path, uninterrupted, n_th):
    folder = tmp_path / "kept"
    with pytest.raises(PowerCut):
        train_on(folder, read=cut_at(n_th)[0])
    n_done = (n_th - 1) // 4 * 4  # batches of four; what came in the last one is read again
    assert images_kept(folder) == (n_done, N_IMAGES)
    read, reads = cut_at(None)
    model, _ = train_on(folder, read=read)
    assert len(reads) == N_IMAGES - n_done
    assert file_bytes(model, tmp_path / "again.hdl") == uninterrupted
    assert not folder.exists()


def test_interrupted_again_and_again(tmp_path, uninterrupted):
    folder = tmp_path / "kept"
    for _ in range(N_IMAGES // 8 - 1):
        with pytest.raises(PowerCut):
            train_on(folder, read=cut_at(9)[0])
    model, _ = train_on(folder)
    assert file_bytes(model, tmp_path / "again.hdl") == uninterrupted


@pytest.mark.parametrize(("n_th_bank", "n_th"), [(1, 1), (1, 3), (2, 1), (2, 4)])
def test_interrupted_while_the_bank_is_built(tmp_path, n_th_bank, n_th, monkeypatch):
    """In the first bank and in the final one, inside a step, when distances are half computed."""
    monkeypatch.setattr(coreset, "_BLOCK", 16)
    expected = file_bytes(train_on(None, domain_ratio=0.01)[0], tmp_path / "expected.hdl")
    folder, steps, real = tmp_path / "kept", [], KCentre._add

    def add(self, indices):
        steps[:] = [*steps, 0] if not self.chosen else [*steps[:-1], steps[-1] + 1]
        if len(steps) == n_th_bank and steps[-1] == n_th:
            self.distances[: len(self.distances) // 2] = 0.0
            raise KeyboardInterrupt
        real(self, indices)

    monkeypatch.setattr(KCentre, "_add", add)
    with pytest.raises(KeyboardInterrupt):
        train_on(folder, domain_ratio=0.01)
    steps_when_cut = steps.copy()
    monkeypatch.setattr(KCentre, "_add", real)
    read, reads = cut_at(None)
    model, _ = train_on(folder, read=read, domain_ratio=0.01)
    assert steps_when_cut[-1] == n_th
    assert len(reads) == (0 if n_th_bank == 2 else N_IMAGES - 12)
    assert file_bytes(model, tmp_path / "again.hdl") == expected


def test_a_bank_goes_on_as_if_it_had_never_stopped():
    generator = torch.Generator().manual_seed(3)
    patches = torch.randn(3000, 6, generator=generator)
    whole = KCentre(patches, 5)
    whole.grow(400)
    states = []
    half = KCentre(patches, 5)
    half.grow(400, lambda n: states.append((half.chosen.copy(), half.distances.clone())))
    chosen, distances = states[len(states) // 2]
    rest = KCentre(patches, 5, chosen, distances)
    rest.grow(400)
    assert len(chosen) < 400
    assert rest.chosen == whole.chosen
    assert torch.equal(rest.distances, whole.distances)


def test_a_damaged_part_is_read_again(tmp_path, uninterrupted):
    folder = tmp_path / "kept"
    with pytest.raises(PowerCut):
        train_on(folder, read=cut_at(30)[0])
    part = folder / "part_000003.hdict"
    part.write_bytes(part.read_bytes()[:-7])
    assert images_kept(folder) == (12, N_IMAGES)
    read, reads = cut_at(None)
    model, _ = train_on(folder, read=read)
    assert len(reads) == N_IMAGES - 12
    assert file_bytes(model, tmp_path / "again.hdl") == uninterrupted


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"domain_ratio": 0.3}, "a folder of the same training: domain_ratio 0.3; got one with domain_ratio 0.1"),
        ({"n_images": 39}, r"a folder of the same training: images 39, digest \w+; got one with images 40, digest \w+"),
        ({"seed": 7}, "a folder of the same training: seed_rand 7; got one with seed_rand 42"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_kept(tmp_path, change, message):
    folder = tmp_path / "kept"
    with pytest.raises(PowerCut):
        train_on(folder, read=cut_at(20)[0])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    dl.set_system("seed_rand", change.pop("seed", 42))
    hint = r" \(remove the folder, or name another, to start anew\)$"
    with pytest.raises(dl.DLParamError, match=f"^{folder.as_posix()}: expected {message}{hint}"):
        train_on(folder, **change)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_is_no_checkpoint_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(dl.DLFileError) as caught:
        train_on(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path.as_posix()}: expected a folder that is empty, or of a training that was interrupted; "
        "got another folder (name another as checkpoint_dir)"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_procedure_knows_changed_samples(workflow, tmp_path, monkeypatch):
    """A dataset's samples are known by the checksums of their files, without reading them."""
    shutil.copytree(workflow.dataset["dlsample_dir"], tmp_path / "samples")
    dataset = {**workflow.dataset, "dlsample_dir": (tmp_path / "samples").as_posix()}
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    param = {"display_param": {"enabled": False}, "anomaly_param": {"checkpoint_dir": str(tmp_path / "kept")}}
    real, n_calls = patch_statistics.extract, []

    def extract(*arguments):
        n_calls.append(1)
        if len(n_calls) == 2:
            raise PowerCut
        return real(*arguments)

    monkeypatch.setattr(patch_statistics, "extract", extract)
    with pytest.raises(PowerCut):
        dl.train_dl_model(dataset, model, param)
    index = dl.find_dl_samples(dataset["samples"], "split", "train", "match")[0]
    changed = dl.read_dl_samples(dataset, index)
    changed[0]["image"] = changed[0]["image"] + 1
    intact = (tmp_path / "samples" / dataset["samples"][index]["dlsample_file_name"]).read_bytes()
    dl.write_dl_samples(dataset, index, changed)
    with pytest.raises(
        dl.DLParamError, match=r"expected a folder of the same training: images 12, digest \w+; got one"
    ):
        dl.train_dl_model(dataset, model, param)
    (tmp_path / "samples" / dataset["samples"][index]["dlsample_file_name"]).write_bytes(intact)
    dl.train_dl_model(dataset, model, param)
    assert len(n_calls) == 2 + 2  # three batches of four, one of which was kept
    assert not (tmp_path / "kept").exists()


def test_interrupted_while_training_without_the_suspicious_ones(tmp_path, monkeypatch):
    def read(number):
        image = sample(number)["image"]
        return {"image": image * np.float32(3.5) if number == 5 else image}

    expected, result = train_on(None, read=read, exclude_suspicious=True)
    assert [record["sample_index"] for record in result["suspicious"]] == [5]
    folder, reads = tmp_path / "kept", []

    def read_some(number):
        reads.append(number)
        if len(reads) == N_IMAGES + 30:
            raise PowerCut
        return read(number)

    with pytest.raises(PowerCut):
        train_on(folder, read=read_some, exclude_suspicious=True)
    reads.clear()
    model, _ = train_on(folder, read=read_some, exclude_suspicious=True)
    assert len(reads) == N_IMAGES - 1 - 28  # of 39, 28 were kept
    assert file_bytes(model, tmp_path / "a.hdl") == file_bytes(expected, tmp_path / "b.hdl")
    assert not folder.exists()


def test_a_first_image_that_fails_leaves_no_checkpoint(tmp_path):
    def broken(number):
        return {"image_id": number, "image": np.zeros((3, 3))}

    with pytest.raises(dl.DLDictError):
        train_on(tmp_path / "kept", read=broken)
    assert not (tmp_path / "kept").exists()
    train_on(tmp_path / "kept")  # not refused as another training


def test_a_checkpoint_that_cannot_be_removed_does_not_cost_the_training(tmp_path, uninterrupted, monkeypatch):
    def is_open_elsewhere(path, missing_ok=False):
        raise PermissionError(13, "used by another process")

    with monkeypatch.context() as patched:
        patched.setattr(type(tmp_path), "unlink", is_open_elsewhere)
        model, _ = train_on(tmp_path / "kept")
    assert file_bytes(model, tmp_path / "model.hdl") == uninterrupted
    assert (tmp_path / "kept" / "job.hdict").is_file()
    again, _ = train_on(tmp_path / "kept")
    assert file_bytes(again, tmp_path / "again.hdl") == uninterrupted
    assert not (tmp_path / "kept").exists()
