"""Laws that hold for whatever is drawn."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlproc as dl
from dlproc.measures.confusion import confusion_matrix, is_at_least
from dlproc.measures.operating_points import Costs, conformal, max_f1, min_cost, target_fpr, zero_miss
from dlproc.measures.pixels import PixelScores, components_of
from dlproc.measures.roc import auroc
from dlproc.measures.summary import image_measures
from dlproc.measures.thresholds import classification_thresholds
from dlproc.scores import image_distance, to_score

settings.register_profile("dlproc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dlproc")

unit = st.floats(0, 1, width=32)
score_lists = st.lists(unit, min_size=1, max_size=30).map(np.array)


@st.composite
def labelled_scores(draw):
    n = draw(st.integers(2, 40))
    scores = draw(hnp.arrays(np.float64, n, elements=unit))
    return scores, draw(hnp.arrays(bool, n))


@given(hnp.arrays(np.float32, (4, 5), elements=unit), unit, unit)
def test_threshold_is_monotone_and_inclusive(image, a, b):
    low, high = sorted((a, b))
    regions = []
    for threshold in (low, high):
        result = {"anomaly_image": image, "anomaly_score": float(image.max())}
        dl.threshold_dl_anomaly_results(threshold, threshold, [result])
        assert (result["anomaly_class"] == "nok") == result["anomaly_region"].any()
        regions.append(result["anomaly_region"])
    assert (regions[1] <= regions[0]).all()
    at_the_score = {"anomaly_image": image, "anomaly_score": 0.5}
    dl.threshold_dl_anomaly_results(float(image[1, 1]), 0.5, at_the_score)
    assert at_the_score["anomaly_region"][1, 1]
    assert at_the_score["anomaly_class"] == "nok"


@given(
    st.lists(st.sampled_from(["ok", "nok"]), min_size=1, max_size=60).filter(lambda labels: "ok" in labels),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 2**32),
    st.randoms(use_true_random=False),
)
def test_a_split_is_a_partition_stable_under_seed_and_order(labels, a, b, seed, random):
    training, validation = min(a, b), max(a, b) - min(a, b)
    samples = [{"image_file_name": f"{i:03d}", "anomaly_label": label} for i, label in enumerate(labels)]
    shuffled = [dict(sample) for sample in samples]
    random.shuffle(shuffled)
    for batch in (samples, shuffled):
        dl.set_system("seed_rand", seed)
        dl.split_dl_dataset({"samples": batch}, training, validation)
    assert sorted(samples, key=str) == sorted(shuffled, key=str)
    assert all(sample["split"] in ("train", "validation", "test") for sample in samples)
    assert all(sample["split"] == "test" for sample in samples if sample["anomaly_label"] == "nok")
    n_ok = labels.count("ok")
    for name, percent in (("train", training), ("validation", validation)):
        n = sum(sample["split"] == name for sample in samples)
        assert n >= int(n_ok * percent / 100)
        assert percent > 0 or n == 0


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
arrays = hnp.arrays(
    st.sampled_from([np.bool_, np.uint8, np.uint16, np.int64, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
)
trees = st.dictionaries(
    st.text(max_size=8) | st.integers(),
    st.recursive(plain, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=5), t, max_size=3)),
    max_size=5,
)


@given(trees)
def test_read_dict_undoes_write_dict(tree):
    with tempfile.TemporaryDirectory() as folder:
        dl.write_dict(tree, Path(folder) / "t.hdict")
        assert dl.read_dict(Path(folder) / "t.hdict") == tree


@given(arrays)
def test_arrays_come_back_with_type_shape_and_bytes(array):
    with tempfile.TemporaryDirectory() as folder:
        dl.write_dict({"a": array}, Path(folder) / "t.hdict")
        again = np.asarray(dl.read_dict(Path(folder) / "t.hdict")["a"])
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()


@given(st.binary(max_size=3000))
def test_arbitrary_bytes_are_an_error_not_a_crash(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.hdict"
        path.write_bytes(b"DLPROC " + content)
        try:
            dl.read_dict(path)
        except dl.DLFileError as error:
            assert str(path) in str(error)
        else:
            raise AssertionError("read something that nobody wrote")


@given(labelled_scores())
def test_measures_are_unchanged_by_a_monotone_map(drawn):
    scores, truth = drawn
    ranks = np.searchsorted(np.unique(scores), scores)  # strictly increasing in the score, and nothing else
    mapped = ranks**3 * 7.0 - 2.0
    names = ["image_auroc", "image_average_precision", "image_best_f1", "precision_at_recall_1", "fpr_at_recall"]
    before, after = (
        image_measures(values, truth, names, [0.5, 1.0], 0.95, lambda _: np.random.Generator(np.random.PCG64(1)))
        for values in (scores, mapped)
    )
    thresholds = ("image_best_f1_threshold", "zero_miss_threshold")  # these are scores, and are mapped with them
    assert {k: v for k, v in before.values.items() if k not in thresholds} == {
        k: v for k, v in after.values.items() if k not in thresholds
    }
    assert (before.intervals, before.undefined) == (after.intervals, after.undefined)
    pixels, mapped_pixels = PixelScores(), PixelScores()
    components = components_of(truth.reshape(1, -1)).ravel()
    pixels.add(scores.astype(np.float32), components)
    mapped_pixels.add(mapped.astype(np.float32), components)
    assert replace(pixels.measure(), best_f1_threshold=None) == replace(mapped_pixels.measure(), best_f1_threshold=None)


@given(labelled_scores(), st.integers(1, 5))
def test_pixels_that_are_counted_measure_as_pixels_that_are_kept(drawn, n_images):
    scores, truth = drawn[0].astype(np.float32), drawn[1]
    scores = np.maximum(scores, np.float32(2**-10))
    components = components_of(truth.reshape(1, -1)).ravel()
    kept, counted = PixelScores(0.5), PixelScores(0.5)
    for _ in range(n_images):
        kept.add(scores, components)
        counted.add(scores, components)
        counted._count()
    a, b = kept.measure(), counted.measure()
    assert (a.auroc, a.best_f1, a.best_f1_threshold, a.iou) == (b.auroc, b.best_f1, b.best_f1_threshold, b.iou)
    if a.auroc is not None:
        np.testing.assert_allclose([a.average_precision, *a.au_pro], [b.average_precision, *b.au_pro], atol=1e-12)
        np.testing.assert_allclose(a.pro_curve["overlap"], b.pro_curve["overlap"], atol=1e-12)


@given(labelled_scores())
def test_saturation_at_the_full_size_changes_nothing_and_less_raises_the_overlap(drawn):
    scores, truth = drawn[0].astype(np.float32), drawn[1]
    components = components_of(truth.reshape(1, -1)).ravel()
    sizes = np.bincount(components)[1:]
    areas = []
    for saturation in (None, sizes, np.maximum(sizes // 2, 1), np.ones_like(sizes)):
        pixels = PixelScores()
        pixels.add(scores, components, saturation)
        areas.append(pixels.measure((1.0,)).au_pro[0])
    if areas[0] is not None:
        np.testing.assert_allclose(areas[1], areas[0], atol=1e-12)
        assert areas[0] <= areas[2] + 1e-12 and areas[2] <= areas[3] + 1e-12


@given(score_lists, score_lists, st.floats(0.01, 0.5), st.floats(0.1, 10), st.floats(0.1, 10))
def test_operating_points_do_what_they_say(ok, nok, target, miss_cost, false_alarm_cost):
    """Each against a search through all thresholds."""
    pooled = np.concatenate([ok, nok])
    candidates = [*pooled, np.nextafter(np.float32(pooled.max()), np.float32(2))]
    false_alarm_rates = {t: is_at_least(ok, t).mean() for t in candidates}
    costs = Costs(miss_cost, false_alarm_cost)

    def cost(threshold):
        misses, alarms = (~is_at_least(nok, threshold)).sum(), is_at_least(ok, threshold).sum()
        return (misses * miss_cost + alarms * false_alarm_cost) / len(pooled)

    def f1(threshold):
        found, alarms = is_at_least(nok, threshold).sum(), is_at_least(ok, threshold).sum()
        return 2 * found / (found + alarms + len(nok))

    assert zero_miss(nok, 0.95).threshold == nok.min()
    assert np.isclose(f1(max_f1(ok, nok).threshold), max(map(f1, candidates)))
    assert np.isclose(cost(min_cost(ok, nok, costs).threshold), min(map(cost, candidates)))
    chosen = target_fpr(ok, target).threshold
    assert is_at_least(ok, chosen).mean() <= target + 1e-9
    allowed = [t for t in candidates if false_alarm_rates[t] <= target + 1e-9]
    assert is_at_least(nok, chosen).sum() >= is_at_least(nok, min(allowed)).sum()
    bound = conformal(ok, None, 0.95)
    assert not is_at_least(ok, bound.threshold).any()
    assert bound.is_guaranteed


@given(labelled_scores())
def test_auroc_is_the_share_of_pairs_in_the_right_order(drawn):
    scores, truth = drawn
    pairs = [(float(n > o) + 0.5 * float(n == o)) for n in scores[truth] for o in scores[~truth]]
    area = auroc(scores, truth)
    assert (area is None) == (not pairs)
    assert area is None or abs(area - np.mean(pairs)) < 1e-12


@given(labelled_scores(), unit)
def test_a_confusion_matrix_counts_every_image_once(drawn, threshold):
    scores, truth = drawn
    matrix = confusion_matrix(scores, truth, threshold)
    assert matrix.sum() == len(scores)
    assert matrix[:, 1].sum() == truth.sum()


@given(score_lists, score_lists)
def test_classification_thresholds_keep_their_promises(ok, nok):
    above_ok, at_nok, between = classification_thresholds(ok, nok)
    assert not is_at_least(ok, above_ok).any()
    assert is_at_least(nok, at_nok).all()
    assert between >= min(at_nok, between)
    assert between >= at_nok or ok.max() <= nok.min()


@given(st.lists(st.floats(-50, 50, width=16), min_size=2, max_size=50, unique=True))
def test_the_score_is_strictly_increasing_and_never_reaches_its_ends(distances):
    ordered = np.sort(np.array(distances, np.float32))
    scores = to_score(ordered)
    assert (np.diff(scores) > 0).all() or np.diff(ordered).min() < 1e-3
    assert (np.diff(scores) >= 0).all()
    assert scores.min() > 0
    assert scores.max() < 1
    assert to_score(np.float32([1e6]))[0] <= 1


@given(
    hnp.arrays(np.float32, st.integers(1, 200), elements=st.floats(-5, 50, width=32)), st.floats(0, 5), st.floats(0, 5)
)
def test_the_image_score_grows_with_the_factor_and_not_with_the_order(distances, a, b):
    low, high = sorted((a, b))
    assert image_distance(distances, low) <= image_distance(distances, high) + 1e-6
    assert abs(image_distance(distances, a) - image_distance(distances[::-1].copy(), a)) < 1e-4
    assert distances.max() >= image_distance(distances, 0) - 1e-4
