"""The domain of a sample: at its key 'domain', at its image, or at both, which is the same to everybody."""

import numpy as np
import pytest

import dlproc as dl
from dlproc.images.domain import domain_of_image, with_domain

HANDLINGS = ("full_domain", "crop_domain", "keep_domain")


def light_region(image):
    """What a script does between preprocessing and the model: the cell without its dark border."""
    region = dl.threshold(image, -1.6, "max")
    return dl.opening_circle(dl.fill_up(region), 2.5)


def reduced(samples):
    for sample in samples:
        sample["image"] = dl.reduce_domain(sample["image"], light_region(sample["image"]))


def with_key(samples):
    """The same samples with plain images and the key."""
    return [
        {**sample, "image": np.asarray(sample["image"]), "domain": np.array(sample["image"].domain)}
        for sample in samples
    ]


@pytest.fixture(scope="module")
def cell_samples(workflow):
    samples = workflow.samples()[:6]
    reduced(samples)
    assert all(200 < sample["image"].domain.sum() < sample["image"].domain.size for sample in samples)
    return samples


def test_the_image_tells_a_model_what_the_key_does(workflow, cell_samples):
    by_image = dl.apply_dl_model(workflow.model, cell_samples)
    by_key = dl.apply_dl_model(workflow.model, with_key(cell_samples))
    plain = dl.apply_dl_model(workflow.model, [{"image": np.asarray(sample["image"])} for sample in cell_samples])
    for sample, one, other, whole in zip(cell_samples, by_image, by_key, plain, strict=True):
        assert one["anomaly_score"] == other["anomaly_score"] != whole["anomaly_score"]
        assert one["anomaly_image"].tobytes() == other["anomaly_image"].tobytes()
        np.testing.assert_array_equal(one["domain"], other["domain"])
        np.testing.assert_array_equal(one["anomaly_image"].domain, sample["image"].domain)
        assert domain_of_image(other["anomaly_image"]) is None
        assert "domain" not in whole
    for results in (by_image, by_key):
        dl.threshold_dl_anomaly_results(0.3, 0.3, results)
    for sample, one, other in zip(cell_samples, by_image, by_key, strict=True):
        assert not (one["anomaly_region"] & ~sample["image"].domain).any()
        np.testing.assert_array_equal(one["anomaly_region"], other["anomaly_region"])
        region = dl.threshold(one["anomaly_image"], 0.3, "max")  # as an operator has it
        assert region == dl.threshold(np.where(one["domain"], one["anomaly_image"], 0), 0.3, 1)
    assert any(one["anomaly_region"].any() for one in by_image)


def test_of_two_domains_counts_what_they_have_in_common(workflow, cell_samples):
    upper = np.zeros((128, 128), bool)
    upper[:70] = True
    both = [{**sample, "domain": upper} for sample in cell_samples]
    together = [{"image": np.asarray(s["image"]), "domain": upper & s["image"].domain} for s in cell_samples]
    pairs = zip(dl.apply_dl_model(workflow.model, both), dl.apply_dl_model(workflow.model, together), strict=True)
    for one, other in pairs:
        assert one["anomaly_image"].tobytes() == other["anomaly_image"].tobytes()
        np.testing.assert_array_equal(one["domain"], other["domain"])
        np.testing.assert_array_equal(one["anomaly_image"].domain, other["domain"])


def test_a_result_whose_image_is_reduced_is_decided_inside(workflow):
    (result,) = dl.apply_dl_model(workflow.model, workflow.samples()[:1])
    result["anomaly_image"] = dl.reduce_domain(result["anomaly_image"], dl.gen_rectangle1(0, 0, 20, 127))
    dl.threshold_dl_anomaly_results(0.05, 0.5, [result])
    assert result["anomaly_region"].any()
    assert not result["anomaly_region"][21:].any()
    regions = dl.get_dl_anomaly_regions(result, {"anomaly_segmentation_threshold": 0.05})
    assert sum(region["area"] for region in regions) == result["anomaly_region"].sum()


@pytest.mark.parametrize("handling", HANDLINGS)
@pytest.mark.parametrize("place", ["image", "key", "both"])
def test_preprocessing(handling, place):
    generator = np.random.Generator(np.random.PCG64(3))
    pixels = generator.integers(0, 256, (60, 80), np.uint8)
    domain, half = np.zeros((60, 80), bool), np.ones((60, 80), bool)
    domain[10:40, 20:60] = True
    half[:, 60:] = False
    image = pixels if place == "key" else with_domain(pixels, domain if place == "image" else half)
    sample = {"image": image} | ({} if place == "image" else {"domain": domain})
    param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3, [], [], "none", handling)
    dl.preprocess_dl_samples(sample, param)
    assert sample["image"].shape == (32, 64, 3)
    assert ("domain" in sample) == (handling == "keep_domain" and place != "image")
    assert (domain_of_image(sample["image"]) is not None) == (handling == "keep_domain" and place != "key")
    if handling == "keep_domain":
        rows, columns = (np.arange(32) + 0.5) * 60 / 32, (np.arange(64) + 0.5) * 80 / 64
        expected = ((rows >= 10) & (rows < 40))[:, None] & ((columns >= 20) & (columns < 60))
        found = domain_of_image(sample["image"]) if place == "image" else sample["domain"]
        np.testing.assert_array_equal(found, expected)
    else:
        cut = pixels[10:40, 20:60] if handling == "crop_domain" else pixels
        other = {"image": cut}
        dl.preprocess_dl_samples(other, param | {"domain_handling": "full_domain"})
        assert sample["image"].tobytes() == other["image"].tobytes()


PIXELS = np.full((60, 80), 7, np.uint8)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ({"image": with_domain(PIXELS, PIXELS > 9)}, "['image']: expected a domain with at least one pixel; got an empty one"),
        ({"image": with_domain(PIXELS, np.arange(80) + PIXELS < 9), "domain": np.arange(80) + PIXELS > 50}, "['domain']: expected a domain with at least one pixel; got an empty one"),
        ({"image": with_domain(PIXELS, np.arange(80) + PIXELS == 7)}, "['image']: expected a domain with a pixel left at the model's size; got none"),
    ],
)  # fmt: skip
def test_preprocessing_an_empty_domain(sample, message):
    param = dl.create_dl_preprocess_param("anomaly_detection", 32, 32, 3, [], [], "none", "keep_domain")
    before = dict(sample)
    with pytest.raises(dl.DLDictError) as caught:
        dl.preprocess_dl_samples([{"image": PIXELS}, sample], param)
    assert str(caught.value) == "dl_sample_batch[1]" + message
    assert caught.value.halcon_code == 7886
    assert all(sample[key] is before[key] for key in before)


def test_a_model_refuses_an_empty_domain(workflow, cell_samples):
    sample = {"image": dl.reduce_domain(cell_samples[0]["image"], dl.gen_empty_region())}
    with pytest.raises(dl.DLDictError) as caught:
        dl.apply_dl_model(workflow.model, [cell_samples[0], sample])
    assert str(caught.value) == (
        "dl_sample_batch[1]['image']: expected a domain with at least one pixel; got an empty one"
    )
    assert caught.value.halcon_code == 7886


def test_pictures_dim_what_lies_outside(workflow, cell_samples):
    for name in ("image", "anomaly_image"):
        figures = []
        for sample in (cell_samples[0], *with_key(cell_samples[:1])):
            (result,) = dl.apply_dl_model(workflow.model, [sample])
            figures.append(dl.dev_display_dl_data(sample, result, workflow.dataset, name, [], {}))
        first, second = ([np.asarray(image.get_array()) for image in figure.axes[0].images] for figure in figures)
        assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    figure = dl.dev_display_dl_data(cell_samples[0], {}, workflow.dataset, "image", [], {})
    whole = dl.dev_display_dl_data(
        {"image": np.asarray(cell_samples[0]["image"])}, {}, workflow.dataset, "image", [], {}
    )
    shown, full = (np.asarray(one.axes[0].images[0].get_array()) for one in (figure, whole))
    inside = cell_samples[0]["image"].domain
    np.testing.assert_array_equal(shown[inside], full[inside])
    assert shown[~inside].mean() < full[~inside].mean()


def test_the_example_of_halcon(cells, tmp_path):
    """Read all samples back, reduce their images, write them, train; the same at inference, on real images."""

    def prepared(place):
        dataset = dl.read_dl_dataset_anomaly(cells)
        dl.split_dl_dataset(dataset, 50, 20)
        model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(model, "image_size", [64, 64])
        param = dl.create_dl_preprocess_param_from_model(model, "constant_values", "full_domain")
        dl.preprocess_dl_dataset(dataset, tmp_path / place, param, {"show_progress": False})
        indices = list(range(len(dataset["samples"])))
        samples = dl.read_dl_samples(dataset, indices)
        reduced(samples)
        domains = [sample["image"].domain for sample in samples]
        dl.write_dl_samples(dataset, indices, with_key(samples) if place == "key" else samples)
        again = dl.read_dl_samples(dataset, indices)
        for sample, domain in zip(again, domains, strict=True):
            kept = sample["domain"] if place == "key" else sample["image"].domain
            np.testing.assert_array_equal(kept, domain)
        dl.train_dl_model(dataset, model, dl.create_dl_train_param(model, enable_display=False))
        thresholds = dl.compute_dl_anomaly_thresholds(model, dataset)
        measured, _ = dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": "all", "show_progress": False})
        return model, param, thresholds, measured

    answers = []
    for place in ("image", "key"):
        model, param, (segmentation, classification), measured = prepared(place)
        samples = dl.gen_dl_samples_from_images(
            dl.read_image([str(p) for p in sorted((cells / "defective").iterdir())])
        )
        dl.preprocess_dl_samples(samples, param)
        reduced(samples)
        results = dl.apply_dl_model(model, samples if place == "image" else with_key(samples), [])
        dl.threshold_dl_anomaly_results(segmentation / 2, classification[-1], results)
        for sample, result in zip(samples, results, strict=True):
            assert not (result["anomaly_region"] & ~sample["image"].domain).any()
        regions = [result["anomaly_region"].tobytes() for result in results]
        answers.append((segmentation, classification, measured["global_evaluation"], regions))
    assert answers[0] == answers[1]
    assert any(any(region) for region in answers[0][3])
