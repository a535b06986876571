"""Good images that join a trained model."""

import copy

import numpy as np
import pytest
import torch

import dlproc as dl
from dlproc.features.gaussian import PRIOR_IMAGES, PositionGaussians
from dlproc.models import extend
from dlproc.models.anomaly import extension


def brighter(samples, by=0.9):
    """The same images in another light, and so new to the model."""
    return [{"image": sample["image"] * np.float32(0.8) + np.float32(by)} for sample in samples]


def scores(model, samples):
    return np.array([result["anomaly_score"] for result in dl.apply_dl_model(model, samples)])


@pytest.fixture
def trained(workflow):
    return copy.deepcopy(workflow.model)


@pytest.fixture(scope="module")
def good(workflow):
    """12 good images that the model does not know, in another light."""
    samples = [*workflow.samples("validation"), *workflow.samples("test")]
    return brighter([sample for sample in samples if sample["anomaly_label"] == "ok"])


def file_bytes(model, path):
    dl.write_dl_model(model, path)
    return path.read_bytes()


def test_a_change_of_light_is_learnt_and_defects_are_still_seen(workflow, trained, good):
    bad = brighter([sample for sample in workflow.samples() if sample["anomaly_label"] == "nok"])
    new = good[8:]
    before, old = scores(trained, new), scores(trained, workflow.samples("train"))
    report = dl.extend_dl_model(trained, good[:8])
    after = scores(trained, new)
    assert (after < before).all()
    assert after.mean() < before.mean() - 0.2 * (before.mean() - old.mean())
    assert scores(trained, bad).mean() > after.mean()
    assert report["n_images_added"] == 8
    assert report["n_images"] == trained.training["n_images"] == 20  # 12 and 8
    assert report["n_patches"] == len(trained.reference.bank) > len(workflow.model.reference.bank)
    assert report["n_patches"] == len(workflow.model.reference.bank) + report["n_patches_added"]
    np.testing.assert_allclose(report["scores_before"], scores(workflow.model, good[:8]))
    np.testing.assert_allclose(report["scores_after"], scores(trained, good[:8]))


@pytest.mark.parametrize("gen_param", [None, {"method": "conformal"}])
def test_images_that_joined_do_not_set_the_thresholds(workflow, trained, gen_param):
    """They lie in the same dataset, and would promise too much."""
    good = [sample for sample in workflow.samples("test") if sample["anomaly_label"] == "ok"]
    dl.extend_dl_model(trained, good[:2])
    dl.compute_dl_anomaly_thresholds(trained, workflow.dataset, gen_param)
    n_new = len(good) - 2 + (len(workflow.samples("validation")) if gen_param else 0)
    assert trained.parameters["meta_data"]["anomaly_threshold_n_ok"] == f"{n_new}"
    assert dl.estimate_dl_operating_points(trained, workflow.dataset)["n_ok"] == len(good) - 2 + len(
        workflow.samples("validation")
    )


def test_ctrl_c_at_the_very_end_changes_nothing(trained, good, tmp_path, monkeypatch):
    before = file_bytes(trained, tmp_path / "before.hdl")
    calls = []

    def apply_twice(*arguments):
        calls.append(arguments)
        if len(calls) == 2:  # the scores afterwards
            raise KeyboardInterrupt
        return dl.apply_dl_model(*arguments)

    monkeypatch.setattr(extend, "apply_dl_model", apply_twice)
    with pytest.raises(KeyboardInterrupt):
        dl.extend_dl_model(trained, good)
    assert file_bytes(trained, tmp_path / "after.hdl") == before
    dl.extend_dl_model(trained, good)  # the images are still new to it


def test_thresholds_are_forgotten_and_told(workflow, trained, good):
    segmentation, classification = workflow.thresholds[0], workflow.thresholds[1][-1]
    trained.parameters["meta_data"]["line"] = "3"
    report = dl.extend_dl_model(trained, good)
    assert report["forgotten_thresholds"] == {
        "anomaly_segmentation_threshold": segmentation,
        "anomaly_classification_threshold": classification,
    }
    assert trained.parameters["meta_data"] == {"line": "3"}
    kept = copy.deepcopy(workflow.model)
    assert dl.extend_dl_model(kept, good, {"keep_thresholds": True})["forgotten_thresholds"] == {}
    meta_data = kept.parameters["meta_data"]
    assert float(meta_data["anomaly_segmentation_threshold"]) == segmentation
    assert float(meta_data["anomaly_classification_threshold"]) == classification
    assert meta_data["anomaly_threshold_method"] == "kept from before images joined"
    assert meta_data["anomaly_threshold_standard_deviation_factor"] == "3.0"
    assert "anomaly_threshold_promise" not in meta_data and "anomaly_threshold_n_ok" not in meta_data


def test_a_model_from_a_file_and_any_order_give_the_same_bytes(trained, good, tmp_path):
    dl.write_dl_model(trained, tmp_path / "model.hdl")
    again = dl.read_dl_model(tmp_path / "model.hdl")
    dl.extend_dl_model(trained, good)
    dl.extend_dl_model(again, good[::-1])
    assert file_bytes(again, tmp_path / "a.hdl") == file_bytes(trained, tmp_path / "b.hdl")


def test_two_halves_are_nearly_the_whole(workflow, trained, good):
    halves = copy.deepcopy(trained)
    dl.extend_dl_model(trained, good[:6])
    dl.extend_dl_model(halves, good[:3])
    dl.extend_dl_model(halves, good[3:6])
    test = [*workflow.samples(), *brighter(workflow.samples("train"))]
    np.testing.assert_allclose(scores(halves, test), scores(trained, test), atol=0.05)
    assert halves.training["n_images"] == trained.training["n_images"]
    np.testing.assert_array_equal(halves.training["image_fingerprints"], trained.training["image_fingerprints"])
    torch.testing.assert_close(halves.reference.gaussians.mean, trained.reference.gaussians.mean, rtol=1e-3, atol=1e-3)
    assert torch.equal(halves.reference.counts, trained.reference.counts)


def test_the_images_are_known_afterwards(trained, good):
    dl.extend_dl_model(trained, good[:3])
    with pytest.raises(dl.DLDataError) as caught:
        dl.extend_dl_model(trained, [good[4], good[1]])
    assert (
        str(caught.value) == "dl_samples[1]: expected an image that is new to the model; got one that it was trained on"
    )


def test_what_cannot_join_is_named_and_nothing_is_changed(workflow, trained, good, tmp_path):
    before = file_bytes(trained, tmp_path / "before.hdl")
    small = np.zeros((64, 64, 3), np.float32)
    hint = " (run preprocess_dl_samples with the parameters of this model first)"
    for third, error, message in [
        ({**good[2], "anomaly_label": "nok"}, dl.DLDictError, "['anomaly_label']: expected 'ok'; got 'nok' (only good images can join)"),
        (workflow.samples("train")[0], dl.DLDataError, ": expected an image that is new to the model; got one that it was trained on"),
        ({"image": small}, dl.DLDictError, f"['image']: expected float32 array of shape (128, 128, 3); got float32 array of shape (64, 64, 3){hint}"),
        ({}, dl.DLDictError, "['image']: expected an image; got no such key"),
        (good[0], dl.DLDataError, ": expected each image once; got the same image as dl_samples[0]"),
    ]:  # fmt: skip
        with pytest.raises(error) as caught:
            dl.extend_dl_model(trained, [good[0], good[1], third, good[3], good[4]])
        assert str(caught.value) == "dl_samples[2]" + message
    with pytest.raises(dl.DLDataError) as caught:
        dl.extend_dl_model(trained, [])
    assert str(caught.value) == "dl_samples: expected at least one good sample; got none"
    with pytest.raises(dl.DLParamError, match="did you mean 'keep_thresholds'"):
        dl.extend_dl_model(trained, good, {"keep_threshold": True})
    assert file_bytes(trained, tmp_path / "after.hdl") == before


def test_samples_are_only_read(trained, good):
    samples = [{**sample, "image": sample["image"].copy()} for sample in good[:2]]
    for sample in samples:
        sample["image"].setflags(write=False)
    keys = [dict(sample) for sample in samples]
    dl.extend_dl_model(trained, samples)
    assert all(sample[key] is old[key] for sample, old in zip(samples, keys, strict=True) for key in old)


def test_an_untrained_model_cannot_be_extended(model):
    with pytest.raises(dl.DLModelError, match="expected a trained model; got one that is not trained"):
        dl.extend_dl_model(model, [{"image": np.zeros((64, 64, 3), np.float32)}])


def test_a_domain_is_respected(workflow):
    """Where the new images do not count, nothing changes."""
    half = np.zeros((128, 128), bool)
    half[:, :64] = True
    model = copy.deepcopy(workflow.model)
    samples = [{**sample, "domain": half} for sample in brighter(workflow.samples())[:3]]
    dl.extend_dl_model(model, samples)
    old, new = workflow.model.reference, model.reference
    outside = torch.from_numpy(~half[::16, ::16].ravel().copy())
    assert torch.equal(old.gaussians.whitening[outside], new.gaussians.whitening[outside])
    assert torch.equal(old.level[:, outside], new.level[:, outside])
    assert (new.counts - old.counts).tolist() == [[0.0 if cell else 3.0 for cell in outside]] * 2


# ------------------------------------------------------------------------------------------- the formulas, by NumPy


def gaussians_of(points, counts):
    """Mean and covariance of points (n, K), with the prior of identity; as `PositionGaussians` of one place."""
    deviations = points - points.mean(axis=0)
    covariance = (deviations.T @ deviations + PRIOR_IMAGES * np.eye(points.shape[1])) / (counts + PRIOR_IMAGES)
    whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    tensors = (torch.from_numpy(array.astype(np.float32))[None] for array in (points.mean(axis=0), whitening))
    return PositionGaussians(torch.eye(points.shape[1]), *tensors)


def test_merged_statistics_are_those_of_all_points():
    points = np.random.Generator(np.random.PCG64(1)).normal(0, 2, (30, 4))
    points[20:] += 3
    new = torch.from_numpy(points[20:].astype(np.float32))[:, None]
    inside = torch.ones(10, 1, dtype=torch.bool)
    merged = extension._merge(gaussians_of(points[:20], 20), torch.tensor([20.0]), new, inside)
    expected = gaussians_of(points, 30)
    torch.testing.assert_close(merged.mean, expected.mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(merged.whitening, expected.whitening, rtol=2e-3, atol=2e-3)  # kept as float16
    left_out = extension._left_out(merged, torch.tensor([30.0]), new)
    for number in range(10):
        others = gaussians_of(np.delete(points, 20 + number, axis=0), 29)
        distance = others.distances(new[number : number + 1], (1, 1))
        torch.testing.assert_close(left_out[number], distance[0], rtol=5e-3, atol=5e-3)


def test_merged_level_and_spread_are_those_of_all_distances():
    values = np.random.Generator(np.random.PCG64(2)).normal(5, 1, 40).astype(np.float32)
    values[30:] += 2
    groups = [(torch.tensor([part.mean()]), torch.tensor([part.std()])) for part in (values[:30], values[30:])]
    level, spread = extension._merge_spread(*groups, torch.tensor([30.0]), torch.tensor([10]))
    assert float(level) == pytest.approx(values.mean(), rel=1e-5)
    assert float(spread) == pytest.approx(values.std(), rel=1e-5)


def test_a_full_bank_stays_at_its_limit(trained, good):
    reference = trained.reference
    features = torch.zeros(1, 64, 424)
    far = torch.from_numpy(np.random.Generator(np.random.PCG64(0)).normal(0, 500, (1, 64, 152)).astype(np.float32))
    inside = torch.ones(1, 64, dtype=torch.bool)
    free = extension.extend(reference, features, far, inside, 10_000)
    assert (free.n_patches_added, free.n_patches_removed) == (64, 0)
    limit = len(reference.bank) // 2 + 10
    full = extension.extend(reference, features, far, inside, limit)
    assert full.n_patches == len(full.reference.bank) == 2 * limit
    assert full.n_patches_removed == len(reference.bank) + 64 - 2 * limit
