"""Models with tiles: parameters, sizes that no network takes, defects of a few pixels, and no seams."""

import copy

import numpy as np
import pytest
from rolled_sheet import draw_sheet

import dlproc as dl
from dlproc.models import checkpoint, train
from dlproc.models.anomaly import patch_statistics
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam

HEIGHT, WIDTH = 300, 530  # no multiples of 32


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def preprocessed(model, images, **keys):
    samples = dl.gen_dl_samples_from_images(images)
    for sample in samples:
        sample.update(copy.deepcopy(keys))
    param = dl.create_dl_preprocess_param_from_model(model, domain_handling="keep_domain")
    dl.preprocess_dl_samples(samples, param)
    return samples


def sheets(n, seed, n_scratches=0):
    drawn = generator(seed)
    return [draw_sheet(HEIGHT, WIDTH, drawn, n_scratches) for _ in range(n)]


def trained(tile, overlap, size, n_images=4):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "tile_overlap", overlap)
    dl.set_dl_model_param(model, "tile_size", tile)
    dl.set_dl_model_param(model, "image_dimensions", [*size, 1])
    dl.train_dl_model_anomaly_dataset(model, preprocessed(model, [image for image, _ in sheets(n_images, 0)]))
    return model


@pytest.fixture(scope="module")
def tiled():
    return trained(256, 96, (WIDTH, HEIGHT))


# ------------------------------------------------------------------------------------------------------------ parameters


def test_tiles_are_off_by_default_and_allow_any_size(model):
    assert dl.get_dl_model_param(model, "tile_size") == 0
    assert dl.get_dl_model_param(model, "tile_overlap") == 128
    dl.set_dl_model_param(model, "tile_size", 512.0)
    for size in ([4000, 3000], [200, 5000], [33, 32]):
        dl.set_dl_model_param(model, "image_size", size)
        dl.check_dl_preprocess_param(dl.create_dl_preprocess_param_from_model(model))


@pytest.mark.parametrize(
    ("before", "name", "value", "message"),
    [
        ({}, "tile_size", 500, "expected an integer >= 0, a multiple of 32; got 500"),
        ({}, "tile_overlap", 20, "expected an integer >= 0, a multiple of 32; got 20"),
        (
            {},
            "tile_size",
            128,
            "expected 0, or 256 at least, twice 'tile_overlap'; got 128 (set a smaller 'tile_overlap' first)",
        ),
        ({"tile_overlap": 0}, "tile_size", 32, "expected 0, or 64 at least; got 32"),
        ({"tile_size": 256}, "tile_overlap", 160, "expected at most 128, half of 'tile_size'; got 160"),
        (
            {},
            "image_height",
            100,
            "expected an integer >= 32, a multiple of 32; got 100 (with tiles any size: set 'tile_size' first)",
        ),
        ({"tile_size": 256}, "image_height", 31, "expected an integer >= 32; got 31"),
        (
            {"tile_size": 256, "image_width": 100},
            "tile_size",
            0,
            "expected tiles, because 'image_width' is 100; got 0, no tiles (set it to a multiple of 32 first)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(model, before, name, value, message):
    for parameter, given in before.items():
        dl.set_dl_model_param(model, parameter, given)
    parameters = copy.deepcopy(model.parameters)
    with pytest.raises(dl.DLParamError) as caught:
        dl.set_dl_model_param(model, name, value)
    assert str(caught.value) == f"set_dl_model_param('{name}'): {message}"
    assert model.parameters == parameters


@pytest.mark.parametrize(("name", "value"), [("tile_size", 512), ("tile_size", 0), ("tile_overlap", 64)])
def test_training_fixes_the_tiles(tiled, name, value):
    with pytest.raises(dl.DLModelError, match="read an untrained model to change it") as caught:
        dl.set_dl_model_param(tiled, name, value)
    assert caught.value.halcon_code == 7883


# ---------------------------------------------------------------------------------------------------------------- results


def test_original_pixels_are_kept(tiled):
    image = sheets(1, 3)[0][0]
    (sample,) = preprocessed(tiled, [image])
    assert sample["image"].shape == (HEIGHT, WIDTH, 1)
    assert len(np.unique(sample["image"])) == len(np.unique(image))  # no gray value was mixed from two


def test_a_defect_of_a_few_pixels_is_found_where_it_is(tiled):
    """And vanishes when the image is shrunk, which is why there are tiles."""
    good, scratched = sheets(5, 1), sheets(5, 2, n_scratches=1)
    shrunk = trained(0, 128, (128, 96))
    scores = {}
    for model in (tiled, shrunk):
        good_scores, scratched_scores = (
            [
                result["anomaly_score"]
                for result in dl.apply_dl_model(model, preprocessed(model, [image for image, _ in images]))
            ]
            for images in (good, scratched)
        )
        scores[model] = np.mean(np.greater.outer(scratched_scores, good_scores))  # AUROC
    assert scores[tiled] == 1
    assert scores[shrunk] < 0.8
    samples = preprocessed(tiled, [image for image, _ in good])
    above_good = max(float(result["anomaly_image"].max()) for result in dl.apply_dl_model(tiled, samples)) + 0.01
    for image, truth in scratched:
        (result,) = dl.apply_dl_model(tiled, preprocessed(tiled, [image]))
        regions = dl.get_dl_anomaly_regions(result, {"anomaly_segmentation_threshold": above_good})
        region = max(regions, key=lambda r: r["peak"])
        distance = np.abs(np.argwhere(truth) - (region["peak_row"], region["peak_column"])).max(axis=1).min()
        assert distance <= 16  # one patch


def test_no_seam(tiled):
    """Maps of two layouts agree away from the border, and do not jump more at the end of a tile than elsewhere."""
    samples = preprocessed(tiled, [image for image, _ in sheets(3, 5)])
    maps, inner = {}, np.s_[:, 48:-48, 48:-48]
    for tile, overlap in ((544, 128), (256, 96), (256, 0)):  # all in one tile; in three; in three that do not overlap
        model = tiled if (tile, overlap) == (256, 96) else trained(tile, overlap, (WIDTH, HEIGHT))
        maps[tile, overlap] = np.stack([r["anomaly_image"] for r in dl.apply_dl_model(model, samples)])
    whole, blended, cut = (each[inner] for each in maps.values())
    assert np.abs(blended - whole).mean() < 0.35 * whole.std()
    assert np.corrcoef(blended.ravel(), whole.ravel())[0, 1] > 0.9 > np.corrcoef(cut.ravel(), whole.ravel())[0, 1]
    steps = {layout: np.abs(np.diff(each, axis=2)).mean(axis=(0, 1)) for layout, each in maps.items()}
    for border in (160, 256, 288, 416):
        assert steps[256, 96][border - 8 : border + 8].max() < 1.4 * np.median(steps[256, 96])


def test_without_regard_to_tiles_where_the_image_is_one(model):
    """With one tile that holds the image, the maps are those without tiles; the image score, too."""
    images = [generator(n).integers(0, 256, (64, 96), np.uint8) for n in range(4)]
    results = []
    for tile in (0, 256):
        other = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(other, "tile_size", tile)
        dl.set_dl_model_param(other, "image_size", [96, 64])
        samples = preprocessed(other, images)
        dl.train_dl_model_anomaly_dataset(other, samples)
        results.append(dl.apply_dl_model(other, samples)[0])
    np.testing.assert_allclose(results[0]["anomaly_image"], results[1]["anomaly_image"], atol=1e-5)
    assert results[0]["anomaly_score"] == pytest.approx(results[1]["anomaly_score"], abs=1e-5)


def test_a_scratched_image_among_the_good_ones_is_named(tiled):
    """Also where the features of few images are kept."""
    images = [image for image, _ in sheets(12, 8)]
    images[5] = sheets(1, 9, n_scratches=6)[0][0]
    model = copy.deepcopy(tiled)
    samples = preprocessed(model, images)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patch_statistics, "_MAX_FEATURE_BYTES", 0)
        patch.setattr(patch_statistics, "_N_CALIBRATION", 4)
        result = dl.train_dl_model_anomaly_dataset(model, samples, {"domain_ratio": 0.2})
    assert int(model.reference.counts[0].max()) == 4
    assert [record["sample_index"] for record in result["suspicious"]] == [5]


def test_a_training_with_other_tiles_does_not_go_on(model, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    param = {"checkpoint_dir": str(folder)}
    samples = preprocessed(model, [np.zeros((480, 480), np.uint8)])

    def interrupted(*arguments):
        raise KeyboardInterrupt

    dl.set_dl_model_param(model, "tile_size", 256)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(patch_statistics, "_grow_bank", interrupted)
        dl.train_dl_model_anomaly_dataset(model, samples, param)
    dl.set_dl_model_param(model, "tile_size", 512)
    with pytest.raises(
        dl.DLParamError, match=f"^{folder.as_posix()}: expected .* tile_size 512; got one with tile_size 256"
    ):
        dl.train_dl_model_anomaly_dataset(model, samples, param)


def large(n):
    """Noise of 35 x 32 patches, so that neighbours share covariances."""
    return [{"image": generator(seed).normal(0, 0.5, (560, 512, 1)).astype(np.float32)} for seed in range(n)]


@pytest.fixture
def untrained_large(model):
    dl.set_dl_model_param(model, "tile_size", 256)
    dl.set_dl_model_param(model, "image_dimensions", [512, 560, 1])
    return model


def test_a_large_model_cannot_be_extended(untrained_large):
    samples = large(3)
    dl.train_dl_model_anomaly_dataset(untrained_large, samples[:2], {"domain_ratio": 0.02})
    assert untrained_large.reference.gaussians.whitening.shape[0] == 18 * 16
    before = untrained_large.reference
    with pytest.raises(dl.DLModelError) as caught:
        dl.extend_dl_model(untrained_large, samples[2:])
    assert str(caught.value) == (
        "dl_model_handle: expected a model that can be extended, of up to 1024 patches of 16 x 16 pixels; got one of 1152 "
        "(train it anew, with the new images)"
    )
    assert untrained_large.reference is before


def test_an_interrupted_training_of_large_images_gives_the_same_bytes(untrained_large, tmp_path, monkeypatch):
    """Of five images the features of two are kept; it breaks off behind the first of the others."""
    monkeypatch.setattr(checkpoint, "_SECONDS", 0.0)
    monkeypatch.setattr(patch_statistics, "_MAX_FEATURE_BYTES", 0)
    monkeypatch.setattr(patch_statistics, "_LEAST_LARGE_IMAGES", 2)
    samples, files = large(5), []
    for cut in (None, 4):
        folder = None if cut is None else str(tmp_path / "kept")
        reads = []

        def read(number, cut=cut, reads=reads):
            reads.append(number)
            if len(reads) == cut:
                raise KeyboardInterrupt
            return samples[number]

        param = check_options({"checkpoint_dir": folder, "domain_ratio": 0.02}, AnomalyTrainParam, "param")
        source = train.SampleSource(5, read, str, lambda number: {"sample_index": number})
        if cut is not None:
            with pytest.raises(KeyboardInterrupt):
                train.train_on_samples(untrained_large, source, param, {}, False)
        train.train_on_samples(untrained_large, source, param, {}, False)
        assert len(reads) == (5 if cut is None else 6)
        dl.write_dl_model(untrained_large, tmp_path / "model.hdl")
        files.append((tmp_path / "model.hdl").read_bytes())
    assert files[0] == files[1]


def test_a_file_gives_the_same_bytes(tiled, tmp_path):
    dl.write_dl_model(tiled, tmp_path / "tiled.hdl")
    read = dl.read_dl_model(tmp_path / "tiled.hdl")
    assert [dl.get_dl_model_param(read, n) for n in ("tile_size", "tile_overlap")] == [256, 96]
    samples = preprocessed(tiled, [sheets(1, 6)[0][0]])
    ours, theirs = (dl.apply_dl_model(model, samples)[0] for model in (tiled, read))
    assert np.array_equal(ours["anomaly_image"], theirs["anomaly_image"])
    assert ours["anomaly_score"] == theirs["anomaly_score"]


def test_batch_size_and_domain(tiled):
    """Together or one by one; and what lies outside the domain has no influence, at the standing-over border neither."""
    image = sheets(1, 7)[0][0]
    domain = np.zeros((HEIGHT, WIDTH), bool)
    domain[150:, 200:] = True
    painted = image.copy()
    painted[~domain] = 7
    dl.set_dl_model_param(tiled, "batch_size", 2)
    try:
        samples = preprocessed(tiled, [image, painted], domain=domain)
        together = dl.apply_dl_model(tiled, samples)
    finally:
        dl.set_dl_model_param(tiled, "batch_size", 1)
    (alone,) = dl.apply_dl_model(tiled, samples[:1])
    np.testing.assert_allclose(together[0]["anomaly_image"], together[1]["anomaly_image"], atol=1e-5)
    np.testing.assert_allclose(together[0]["anomaly_image"], alone["anomaly_image"], atol=1e-5)
    assert together[0]["anomaly_score"] == pytest.approx(alone["anomaly_score"], abs=1e-5)
    assert not alone["anomaly_image"][~domain].any()


def test_samples_of_another_size_are_refused(tiled):
    sample = {"image": np.zeros((320, 544, 1), np.float32)}
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_model(tiled, [sample])
    assert str(caught.value) == (
        "dl_sample_batch[0]['image']: expected float32 array of shape (300, 530, 1); got float32 array of shape "
        "(320, 544, 1) (run preprocess_dl_samples with the parameters of this model first)"
    )


def test_a_model_with_tiles_is_not_exported(tiled, tmp_path):
    with pytest.raises(dl.DLModelError) as caught:
        dl.write_dl_model(tiled, tmp_path / "tiled.onnx")
    assert str(caught.value) == (
        "dl_model_handle: expected a model without tiles; got one with 'tile_size' (apply it as it is, on a CPU "
        "or a graphics card, and write it as .hdl)"
    )
    assert not list(tmp_path.iterdir())
