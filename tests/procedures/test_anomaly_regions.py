"""The procedure that finds regions in a result."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlproc as dl
from dlproc.schema.keys import AnomalyRegion, OriginalRegion

settings.register_profile("dlproc", deadline=None)
settings.load_profile("dlproc")

# Few different scores, so that equality with a threshold is common.
scores = st.integers(0, 10).map(lambda n: np.float32(n / 10))
anomaly_images = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=scores)
thresholds = st.integers(0, 10).map(lambda n: n / 10)


def result(**keys):
    image = np.zeros((5, 6), np.float32)
    image[1:3, 1:3] = 0.75
    image[4, 5] = 1
    image[1, 3] = 0.5
    return {"anomaly_image": image, "anomaly_segmentation_threshold": 0.75, **keys}


def boxes(regions):
    return [tuple(r[key] for key in ("row1", "column1", "row2", "column2")) for r in regions]


@given(anomaly_images, thresholds, st.data())
def test_areas_sum_to_the_thresholded_area(image, threshold, data):
    given = {"anomaly_image": image, "anomaly_score": float(image.max())}
    if data.draw(st.booleans()):
        given["domain"] = data.draw(hnp.arrays(bool, image.shape).filter(np.any))
    dl.threshold_dl_anomaly_results(threshold, threshold, given)
    regions = dl.get_dl_anomaly_regions(given)
    assert sum(region["area"] for region in regions) == given["anomaly_region"].sum()
    n_pixels = given["domain"].sum() if "domain" in given else image.size
    assert sum(region["area_share"] for region in regions) == pytest.approx(given["anomaly_region"].sum() / n_pixels)
    if regions:
        assert max(region["peak"] for region in regions) == image[given["anomaly_region"]].max()
    # Hysteresis with the same threshold changes nothing; a lower one never adds a region.
    same = dl.get_dl_anomaly_regions(given, {"hysteresis_threshold": threshold})
    assert boxes(same) == boxes(regions)
    lower = data.draw(st.floats(0, threshold))
    grown = dl.get_dl_anomaly_regions(given, {"hysteresis_threshold": lower})
    assert len(grown) <= len(regions)
    assert sum(region["area"] for region in grown) >= sum(region["area"] for region in regions)


def test_the_result_is_only_read():
    given = result(domain=np.ones((5, 6), bool), own=1)
    for value in given.values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    before = dict(given)
    dl.get_dl_anomaly_regions(given, {"original_size": [60, 50]})
    assert given.keys() == before.keys()
    assert all(given[key] is before[key] for key in before)


def test_keys_are_those_of_the_schema_and_come_largest_first():
    regions = dl.get_dl_anomaly_regions([result()], {"original_size": (12, 5)})
    assert boxes(regions) == [(1, 1, 2, 2), (4, 5, 4, 5)]
    assert [region["area"] for region in regions] == [4, 1]
    assert regions[0]["area_share"] == 4 / 30
    assert set(regions[0]) == set(AnomalyRegion.__annotations__)
    assert set(regions[0]["original"]) == set(OriginalRegion.__annotations__)
    assert boxes([region["original"] for region in regions]) == [(1, 2, 2, 5), (4, 10, 4, 11)]
    assert regions[0]["original"]["column"] == 3.5  # columns 2, 3, 4, 5
    assert "original" not in dl.get_dl_anomaly_regions(result())[0]


def test_a_threshold_of_ones_own_needs_no_other():
    given = result()
    del given["anomaly_segmentation_threshold"]
    assert boxes(dl.get_dl_anomaly_regions(given, {"anomaly_segmentation_threshold": 0.5})) == [
        (1, 1, 2, 3),
        (4, 5, 4, 5),
    ]
    assert boxes(dl.get_dl_anomaly_regions(result(), {"anomaly_segmentation_threshold": 1})) == [(4, 5, 4, 5)]


def test_options():
    assert boxes(dl.get_dl_anomaly_regions(result(), {"hysteresis_threshold": 0.5})) == [(1, 1, 2, 3), (4, 5, 4, 5)]
    assert boxes(dl.get_dl_anomaly_regions(result(), {"min_area": 2})) == [(1, 1, 2, 2)]
    assert boxes(dl.get_dl_anomaly_regions(result(), {"border": "remove"})) == [(1, 1, 2, 2)]
    assert boxes(dl.get_dl_anomaly_regions(result(), {"border_width": 2})) == [(2, 2, 2, 2)]
    printed = np.zeros((5, 6), bool)
    printed[1:3, 2] = True
    assert boxes(dl.get_dl_anomaly_regions(result(), {"ignore_region": printed})) == [(1, 1, 2, 1), (4, 5, 4, 5)]
    domain = np.ones((5, 6), bool)
    domain[4] = False
    assert boxes(dl.get_dl_anomaly_regions(result(domain=domain))) == [(1, 1, 2, 2)]


def test_the_part_of_the_original_that_was_cropped():
    """A sample of 5 x 6 pixels that was rows 100 to 109 and columns 200 to 211 of an image of 640 x 480."""
    options = {"original_size": [640, 480], "original_box": [100, 200, 109, 211]}
    largest, _ = dl.get_dl_anomaly_regions(result(), options)
    assert boxes([largest["original"]]) == [(102, 202, 105, 205)]
    assert (largest["original"]["row"], largest["original"]["column"]) == (103.5, 203.5)
    alone = dl.get_dl_anomaly_regions(result(), {"original_box": [100, 200, 109, 211], "original_size": []})
    assert boxes([alone[0]["original"]]) == boxes([largest["original"]])


def test_regions_of_real_images_lie_where_the_preprocessing_took_them_from():
    """A bright spot in a cropped image comes back to its place within a pixel of the model."""
    image = np.zeros((300, 400), np.uint8)
    image[150:170, 220:250] = 255
    domain = np.zeros(image.shape, bool)
    domain[60:260, 100:380] = True
    (sample,) = dl.gen_dl_samples_from_images([image])
    sample["domain"] = domain
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [96, 64])
    param = dl.create_dl_preprocess_param_from_model(model, "none", "crop_domain")
    dl.preprocess_dl_samples(sample, param)
    gray = sample["image"][..., 0]
    found = {"anomaly_image": ((gray - gray.min()) / np.ptp(gray)).astype(np.float32)}
    options = {"anomaly_segmentation_threshold": 0.5, "original_size": [400, 300], "original_box": [60, 100, 259, 379]}
    (region,) = dl.get_dl_anomaly_regions(found, options)
    row_px, column_px = 200 / 64, 280 / 96
    assert region["original"]["row"] == pytest.approx(159.5, abs=row_px / 2)
    assert region["original"]["column"] == pytest.approx(234.5, abs=column_px / 2)
    assert boxes([region["original"]])[0] == pytest.approx((150, 220, 169, 249), abs=row_px)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (
            {"anomaly_image": np.zeros((2, 2), np.float32)},
            None,
            "dl_result['anomaly_segmentation_threshold']: expected a number >= 0; got no such key",
        ),
        (
            {"anomaly_segmentation_threshold": 0.5},
            None,
            "dl_result['anomaly_image']: expected float32 array of shape (H, W), values in [0, 1]; got no such key",
        ),
        (
            result(domain=np.ones((5, 5), bool)),
            None,
            "dl_result['domain']: expected an array of the anomaly image's size, (5, 6); got (5, 5)",
        ),
        (result(domain=np.zeros((5, 6), bool)), None, "dl_result['domain']: expected at least one pixel; got none"),
        ([result(), result()], None, "dl_result: expected one result; got 2"),
    ],
)
def test_bad_results(given, options, message):
    with pytest.raises(dl.DLDictError) as caught:
        dl.get_dl_anomaly_regions(given, options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_aera": 3}, "did you mean 'min_area'?"),
        ({"min_area": 0}, "gen_param['min_area']: expected an integer >= 1; got 0"),
        ({"border": "delete"}, "gen_param['border']: expected one of 'keep', 'remove'; got 'delete'"),
        (
            {"hysteresis_threshold": 0.8},
            "gen_param['hysteresis_threshold']: expected at most the segmentation threshold, 0.75; got 0.8",
        ),
        (
            {"ignore_region": np.zeros((6, 5), bool)},
            "gen_param['ignore_region']: expected an array of the anomaly image's size, (5, 6); got (6, 5)",
        ),
        ({"original_size": [640]}, "gen_param['original_size']: expected two numbers, [width, height]; got [640]"),
        (
            {"original_box": [9, 0, 0, 9]},
            "gen_param['original_box']: expected [row1, column1, row2, column2] with row1 <= row2 and column1 <= column2; "
            "got [9, 0, 0, 9]",
        ),
        (
            {"original_size": [640, 480], "original_box": [0, 0, 480, 100]},
            "gen_param['original_box']: expected a box inside of the original image, 640 x 480; got [0, 0, 480, 100]",
        ),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.get_dl_anomaly_regions(result(), options)
    assert message in str(caught.value)
