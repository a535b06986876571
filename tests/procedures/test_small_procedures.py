"""Small procedures that programs call around the workflow."""

import copy

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import confusion_matrix

import dlproc as dl
from dlproc.images.colormaps import colored


class ImageWithDomain(np.ndarray):
    """As `reduce_domain` gives it: an array with an attribute."""


def read_only(array):
    array.flags.writeable = False
    return array


# ---------------------------------------------------------------------------------------------------- preprocessing


@pytest.fixture
def param():
    return dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3)


@pytest.mark.parametrize("normalization_type", ["none", "constant_values", "all_channels"])
def test_images_are_preprocessed_as_samples_are(normalization_type):
    param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3, None, None, normalization_type)
    before = copy.deepcopy(param)
    generator = np.random.Generator(np.random.PCG64(1))
    images = [read_only(generator.integers(0, 256, shape).astype(np.uint8)) for shape in ((40, 90), (50, 50, 3))]
    samples = dl.gen_dl_samples_from_images(images)
    dl.preprocess_dl_samples(samples, param)
    for given_image, sample in zip(images, samples, strict=True):
        np.testing.assert_array_equal(dl.preprocess_dl_model_images(given_image, param), sample["image"])
    together = dl.preprocess_dl_model_images(images, param)
    assert [image.shape for image in together] == [(32, 64, 3)] * 2
    assert param == before


def test_annotations_keep_their_values(param):
    truth = np.zeros((50, 100), np.uint8)
    truth[:25, :50] = 7
    small = dl.preprocess_dl_model_anomaly(read_only(truth), param)
    assert small.dtype == np.float32 and small.shape == (32, 64)
    assert set(np.unique(small)) == {0, 7}
    assert (small[:16, :32] == 7).all() and small[16:].max() == 0
    both = dl.preprocess_dl_model_anomaly([truth, truth.astype(np.float32) / 7], param)
    np.testing.assert_array_equal(both[0], small)
    np.testing.assert_allclose(both[1], small / 7)
    strict = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3, None, None, "constant_values")
    np.testing.assert_array_equal(dl.preprocess_dl_model_anomaly(truth, strict), small)


def test_an_annotation_is_cropped_to_its_domain():
    param = dl.create_dl_preprocess_param("anomaly_detection", 64, 32, 3, None, None, "none", "crop_domain")
    truth = np.zeros((50, 100), np.uint8).view(ImageWithDomain)
    truth[:10, :20] = 1
    truth.domain = np.zeros((50, 100), bool)
    truth.domain[:10, :20] = True
    assert dl.preprocess_dl_model_anomaly(truth, param).min() == 1


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda p: dl.preprocess_dl_model_images([], p), None, "images: expected an image at least; got none"),
        (lambda p: dl.preprocess_dl_model_images([np.zeros((4, 4), np.uint8), np.zeros((4, 4, 2), np.uint8)], p), None, "images[1]: expected an array of numbers of shape (H, W), (H, W, 1) or (H, W, 3); got uint8 array of shape (4, 4, 2)"),
        (lambda p: dl.preprocess_dl_model_images(np.full((4, 4), np.nan, np.float32), p), None, "images: expected finite gray values; got NaN or infinite ones"),
        (lambda p: dl.preprocess_dl_model_anomaly([], p), None, "anomaly_images: expected an annotation at least; got none"),
        (lambda p: dl.preprocess_dl_model_anomaly([np.zeros((4, 4), np.int16), np.full((4, 4), -2, np.int16)], p), None, "anomaly_images[1]: expected values of 0 or more; got -2"),
        (lambda p: dl.preprocess_dl_model_anomaly(np.zeros((4, 4, 3), np.uint8), p), 1201, "anomaly_images: expected an array (H, W); got uint8 array of shape (4, 4, 3)"),
        (lambda p: dl.preprocess_dl_model_images(np.zeros((4, 4), np.uint8), 5), None, "dl_preprocess_param: expected a DLPreprocessParam dictionary; got 5"),
    ],
)  # fmt: skip
def test_errors_of_preprocessing(param, call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call(param)
    assert str(caught.value) == message
    assert caught.value.halcon_code == code


# ----------------------------------------------------------------------------------------------------- confusion matrix


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_confusion_matrix_is_scikit_learns_transposed(pairs):
    truth, predicted = map(list, zip(*pairs, (0, 1), strict=True))
    matrix = dl.gen_confusion_matrix(truth, predicted, [], [], [])
    np.testing.assert_array_equal(matrix, confusion_matrix(truth, predicted).T)
    shares = dl.gen_confusion_matrix(truth, predicted, "return_matrix", "relative")
    expected = confusion_matrix(truth, predicted).T
    np.testing.assert_allclose(shares, expected / np.maximum(expected.sum(axis=0), 1))


def test_the_confusion_matrix_is_written_in_a_window():
    window = dl.dev_open_window(0, 0, 400, 200, "white")
    truth, predicted = ["ok", "ok", "nok"], ["ok", "nok", "nok"]
    dl.gen_confusion_matrix(truth, predicted, ["display_matrix"], ["relative"], window)
    assert window.marks[-1].mark.lines == ["predicted \\ true     nok     ok", "             nok  100.0%  50.0%", "              ok    0.0%  50.0%"]  # fmt: skip
    dl.gen_confusion_matrix(truth, predicted, "display_matrix", "none", window)
    assert len(window.marks) == 1
    dl.close_window(window)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "ground_truth_labels: expected a label at least; got none"),
        (([0, 1], [0]), "predicted_classes: expected 2 labels, one for each image; got 1"),
        (([0], ["a"]), "predicted_classes: expected numbers, as in ground_truth_labels; got 'a'"),
        (([0, "a"], [0, 1]), "ground_truth_labels[1]: expected numbers, or texts; got 'a'"),
        (([0], [0], ["display_matrix"], []), "gen_param_value: expected 1 values, one for each name; got 0"),
        (([0], [0], "display_matrx", "none"), "gen_param: expected one of 'display_matrix', 'return_matrix', 'display_color', 'display_column_width', 'class_to_use'; got 'display_matrx' (did you mean 'display_matrix'?)"),
    ],
)  # fmt: skip
def test_errors_of_the_confusion_matrix(arguments, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.gen_confusion_matrix(*arguments)
    assert str(caught.value) == message


# --------------------------------------------------------------------------------------------------------------- colours


@given(st.lists(st.sampled_from(["ok", "Good", "a", "b", "c", "extra", "d", "e"]), max_size=12))
def test_class_colors(names):
    colors = dl.get_dl_class_colors(names, ["extra"])
    green = {"ok", "Good", "extra"}
    assert [color == "#00ff00" for color in colors] == [name in green for name in names]
    others = [color for color in colors if color != "#00ff00"]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize("scheme", ["jet", "inverse_jet", "hot", "inverse_hot", "viridis"])
def test_colour_schemes_are_near_matplotlibs(scheme):
    values = np.linspace(0, 1, 101)[np.newaxis]
    theirs = mpl.colormaps[{"inverse_jet": "jet_r", "inverse_hot": "hot_r"}.get(scheme, scheme)](values, bytes=True)
    difference = np.abs(colored(values, scheme).astype(int) - theirs[..., :3]).mean()
    assert difference < (3 if scheme == "viridis" else 20)  # matplotlib's jet and hot have other corners


def test_a_color_map_over_an_image():
    gray = np.uint8([[0, 255]])
    image = np.uint8([[0, 100]])
    out = dl.add_colormap_to_image(read_only(gray), read_only(image), "jet")
    assert out.dtype == np.uint8
    assert out.tolist() == [[[0, 0, 64], [114, 50, 50]]]  # half of (0, 0, 128), half of (128, 0, 0) and 100
    scores = np.float32([[0, 0.5]])
    low, middle = dl.add_colormap_to_image(scores, np.zeros((1, 2, 3), np.uint8), "hot")[0].tolist()
    assert low == [0, 0, 0] and middle == [128, 64, 0]
    wide = dl.add_colormap_to_image(np.float32([[-1, 3]]), np.zeros((1, 2), np.uint8), "hot")[0].tolist()
    assert wide == [[0, 0, 0], [128, 128, 128]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((2, 2, 3)), np.zeros((2, 2)), "jet"), "gray_value_image: expected an array (H, W); got float64 array of shape (2, 2, 3)"),
        ((np.zeros((2, 2)), np.zeros((3, 2)), "jet"), "image: expected an image of (2, 2); got float64 array of shape (3, 2)"),
        ((np.zeros((2, 2)), np.zeros((2, 2)), "jett"), "heatmap_color_scheme: expected one of 'jet', 'inverse_jet', 'hot', 'inverse_hot', 'viridis'; got 'jett' (did you mean 'jet'?)"),
    ],
)  # fmt: skip
def test_errors_of_the_color_map(arguments, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.add_colormap_to_image(*arguments)
    assert str(caught.value) == message


@given(hnp.arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32)))
def test_colours_do_not_depend_on_the_other_values(values):
    image = np.zeros((3, 4), np.uint8)
    whole = dl.add_colormap_to_image(values, image, "jet")
    np.testing.assert_array_equal(whole[1:2], dl.add_colormap_to_image(values[1:2], image[1:2], "jet"))


# ---------------------------------------------------------------------------------------------------- evaluation, model


def test_default_parameters_of_an_evaluation():
    assert dl.create_evaluation_default_param("gc_anomaly_detection", [0, 1]) == {
        "evaluation_type": "gc_anomaly_detection",
        "class_ids": [0, 1],
        "num_classes": 2,
        "evaluate_instances": 0,
        "measures": ["anomaly_score_histogram"],
    }
    assert dl.create_evaluation_default_param("anomaly_detection", [])["num_classes"] == 2
    with pytest.raises(dl.DLParamError) as caught:
        dl.create_evaluation_default_param("classification", [])
    assert str(caught.value) == "evaluation_type: expected one of 'anomaly_detection', 'gc_anomaly_detection'; got 'classification'"  # fmt: skip


@pytest.mark.parametrize(
    ("names", "expected"),
    [("top1_error", "min"), (["mean_iou"], "max"), (["top1_error", "x_error"], "min"), (["error", "f_score"], "mixed")],
)
def test_which_way_a_measure_is_better(names, expected):
    assert dl.get_dl_evaluation_optimization_method(names) == expected


def test_the_size_of_a_batch(model):
    dl.set_dl_model_param_max_gpu_batch_size(model, 64)
    assert dl.get_dl_model_param(model, "batch_size") == 64
    with pytest.raises(dl.DLParamError, match=r"^batch_size_upper_bound: expected an integer >= 1; got 0$"):
        dl.set_dl_model_param_max_gpu_batch_size(model, 0)
    assert dl.get_dl_model_param(model, "batch_size") == 64
