"""Drawing: a sample and its result, an evaluation, a contact sheet; compared with pictures that were looked at."""

import re
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from sklearn.metrics import precision_recall_curve, roc_curve

import dlproc as dl
from dlproc.display.figures import NOK_COLOR, OK_COLOR, shorten, text_inches, wrap
from dlproc.display.pictures import draw_anomaly_image, draw_image, fill, outline
from dlproc.display.tiles import MAX_TILE_PIXELS, small_mask, small_picture
from dlproc.schema.check import kinds_of
from dlproc.schema.keys import EVALUATION_DISPLAY_MODES, DisplayDataGenParam

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))

from pictures import DPI, FOLDER, PICTURES, evaluation, sample_and_result

mpl.use("Agg")
LETTERS = {"font": "sans", "font_size": 10.0}
show_evaluation = dl.dev_display_anomaly_detection_evaluation


def titles(figure):
    return [ax.get_title() for ax in figure.axes if ax.get_title()]


def texts(figure):
    """Everything that is written in a figure."""
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_visible() and text.get_text()]


def assert_text_is_inside_and_apart(figure):
    """No text is cut off at the figure's edge, and no two texts overlap."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    boxes = []
    for text in figure.findobj(mpl.text.Text):
        box = text.get_window_extent()
        if text.get_visible() and text.get_text().strip():
            boxes.append((text.get_text(), box))
    assert boxes
    for index, (name, box) in enumerate(boxes):
        assert box.x0 > -1 and box.y0 > -1 and box.x1 < width + 1 and box.y1 < height + 1, (name, box)
        for other, that in boxes[index + 1 :]:
            overlap = min(box.x1, that.x1) - max(box.x0, that.x0), min(box.y1, that.y1) - max(box.y0, that.y0)
            assert min(overlap) < 1.5, (name, other, overlap)


# ------------------------------------------------------------------------------------------------------- golden pictures


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_stay_as_they_were_looked_at(name, tmp_path):
    actual = tmp_path / f"{name}.png"
    PICTURES[name]().savefig(actual, dpi=DPI)
    difference = compare_images(FOLDER / f"{name}.png", actual, tol=3)
    assert difference is None, f"{difference}\nlook at {actual}; if it is meant so: python tests/golden/pictures.py"


def test_a_picture_that_changed_is_noticed(tmp_path):
    """The tolerance lets the anti-aliasing of letters pass, not another colour of an outline."""
    sample, result = sample_and_result()
    keys = ["image", "anomaly_ground_truth", "anomaly_result", "anomaly_both", "anomaly_image"]
    figure = dl.dev_display_dl_data(sample, result, None, keys, {"anomaly_region_result_color": "#0072b2"})
    figure.savefig(tmp_path / "changed.png", dpi=DPI)
    assert compare_images(FOLDER / "display_dl_data.png", tmp_path / "changed.png", tol=3) is not None


# --------------------------------------------------------------------------------------------------- dev_display_dl_data


@pytest.fixture
def drawn(workflow):
    sample = dict(workflow.samples()[0])
    sample["anomaly_ground_truth"] = np.zeros((128, 128), np.uint8)
    sample["anomaly_ground_truth"][20:40, 30:60] = 1
    results = dl.apply_dl_model(workflow.model, [sample])
    dl.threshold_dl_anomaly_results(0.4, 0.3, results)
    return sample, results[0], workflow.dataset


def test_what_is_drawn_by_default(drawn):
    figure = dl.dev_display_dl_data(*drawn)
    assert titles(figure) == ["image", "anomaly ground truth", "anomaly result", "anomaly image"]
    assert "score" in figure.axes[2].get_xlabel()
    assert figure.axes[0].get_xlabel() == "image 0: nok (1)"


def test_only_image_and_truth_without_a_result(drawn):
    sample, _, dataset = drawn
    assert titles(dl.dev_display_dl_data(sample, [], dataset, "anomaly_ground_truth", [], {})) == [
        "anomaly ground truth"
    ]
    assert titles(dl.dev_display_dl_data(sample)) == ["image", "anomaly ground truth"]


def test_the_scale_of_scores_is_fixed(drawn):
    figure = dl.dev_display_dl_data(*drawn, ["anomaly_image"])
    norm = figure.axes[0].images[1].norm
    assert (norm.vmin, norm.vcenter, norm.vmax) == (0, 0.4, 1)
    figure = dl.dev_display_dl_data(*drawn, ["anomaly_image"], {"anomaly_region_threshold": 0.7})
    assert figure.axes[0].images[1].norm.vcenter == 0.7


def test_gray_values_are_shown_as_the_camera_saw_them(drawn, workflow):
    sample, _, dataset = drawn
    shown = np.asarray(dl.dev_display_dl_data(sample, None, dataset, "image").axes[0].images[0].get_array())
    original = dl.read_image(workflow.image_dir / dataset["samples"][0]["image_file_name"])
    assert abs(shown[..., 0].mean() - original.mean()) < 1


def test_the_window_dictionary_is_used_again(drawn):
    windows = {}
    first = dl.dev_display_dl_data(*drawn, ["image"], None, windows)
    second = dl.dev_display_dl_data(*drawn, ["image", "anomaly_both"], None, windows)
    assert first is second is windows["figure"]
    assert titles(second) == ["image", "anomaly both"]


def test_no_window_is_opened(drawn):
    from matplotlib import pyplot

    dl.dev_display_dl_data(*drawn)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3), (6, 5, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_any_image_can_be_drawn(shape, dtype):
    image = np.random.Generator(np.random.PCG64(0)).integers(0, 255, shape).astype(dtype)
    dl.dev_display_dl_data({"image": image}).canvas.draw()


def test_display_errors(drawn):
    sample, given, dataset = drawn
    cases = [
        (
            (sample, given, dataset, ["anomaly_imag"]),
            "keys_for_display[0]: expected one of 'image', 'anomaly_ground_truth', 'anomaly_result', 'anomaly_both', "
            "'anomaly_image', 'anomaly_result_local', 'anomaly_both_local', 'anomaly_image_local', "
            "'anomaly_result_global', 'anomaly_both_global', 'anomaly_image_global'; got 'anomaly_imag' (did you mean 'anomaly_image'?)",
        ),
        (
            (sample, None, dataset, ["anomaly_image"]),
            "dl_result['anomaly_image']: expected float32 array of shape (H, W), values in [0, 1]; got no such key",
        ),
        (
            (sample, given, dataset, ["image"], {"linewidth": 3}),
            "did you mean 'line_width'?",
        ),
        (([sample, sample], given), "dl_sample: expected one dictionary; got 2"),
        ((sample, given, dataset, [], [], 3), "window_handle_dict: expected a dictionary, or None; got 3"),
        (
            ({**sample, "image": np.zeros((3, 3), np.uint8)}, given),
            "dl_sample['anomaly_ground_truth']: expected an array of the image's size, (3, 3); "
            "got uint8 array of shape (128, 128) (the sample must be preprocessed, as it was for apply_dl_model)",
        ),
    ]
    for arguments, message in cases:
        with pytest.raises(dl.DLError) as caught:
            dl.dev_display_dl_data(*arguments)
        assert message in str(caught.value)


def test_without_matplotlib_the_message_says_what_to_install(drawn, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'drawing needs matplotlib: pip install "dlproc\[viz\]"'):
        dl.dev_display_dl_data(*drawn)


def test_a_window_is_opened_when_asked_for(drawn):
    """With matplotlib's Agg, which has no screen, the figure at least has a manager and belongs to pyplot."""
    from matplotlib import pyplot

    windows = {}
    dl.dev_display_dl_data(*drawn, ["image"], None, windows)
    shown = dl.dev_display_dl_data(*drawn, ["image"], {"show": "true"}, windows)
    assert shown.canvas.manager is not None
    assert dl.dev_display_dl_data(*drawn, ["image"], {"show": True}, windows) is shown
    pyplot.close(shown)


def test_every_option_of_halcon_is_understood():
    """HALCON's names and defaults, from its documentation; none is an error, so that a script keeps running."""
    halcon = {
        "threshold_width": 1024, "scale_windows": 0.8, "font": "mono", "font_size": 14, "line_width": 2,
        "map_transparency": "cc", "map_color_bar_width": 140, "anomaly_region_threshold": -1,
        "anomaly_classification_threshold": -1, "anomaly_region_label_color": "#40e0d0",
        "anomaly_color_transparency": "40", "anomaly_region_result_color": "#ff0000c0", "segmentation_max_weight": 0,
        "segmentation_draw": "fill", "segmentation_transparency": "aa", "segmentation_exclude_class_ids": [],
        "bbox_label_color": "#00000099", "bbox_display_confidence": 1, "bbox_text_color": "#eeeeee",
        "display_bottom_desc": 1, "display_legend": 1, "display_ground_truth_anomaly_regions": 1,
        "display_classification_ids": 1, "display_classification_color_frame": 1, "display_labels": 1,
        "display_direction": 1, "heatmap_color_scheme": "jet",
    }  # fmt: skip
    assert set(halcon) | {"show"} == set(kinds_of(DisplayDataGenParam))
    figure = dl.dev_display_dl_data(*sample_and_result(), None, ["anomaly_both", "anomaly_image"], halcon)
    assert_text_is_inside_and_apart(figure)


def pixels_of(options):
    keys = ["anomaly_both", "anomaly_image", "anomaly_ground_truth"]
    canvas = FigureCanvasAgg(dl.dev_display_dl_data(*sample_and_result(), None, keys, options))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("scale_windows", 0.5),
        ("font", "mono"),
        ("font_size", 14),
        ("line_width", 4),
        ("map_transparency", "40"),
        ("map_color_bar_width", 140),
        ("anomaly_region_threshold", 0.6),
        ("anomaly_classification_threshold", 0.9),
        ("anomaly_region_label_color", "#40e0d0"),
        ("anomaly_region_result_color", "#ff0000c0"),
        ("anomaly_color_transparency", "c0"),
        ("heatmap_color_scheme", "inverse_hot"),
        ("display_bottom_desc", False),
        ("display_legend", False),
        ("display_ground_truth_anomaly_regions", False),
        ("display_classification_ids", False),
        ("display_classification_color_frame", False),
        ("display_labels", False),
    ],
)
def test_each_option_has_an_effect(option, value):
    usual, changed = pixels_of(None), pixels_of({option: value})
    assert usual.shape != changed.shape or (usual != changed).any()


@pytest.mark.parametrize("option", ["threshold_width", "segmentation_max_weight"])
def test_options_of_other_model_types_have_none(option):
    np.testing.assert_array_equal(pixels_of(None), pixels_of({option: 1}))


def test_the_opacity_of_the_scores():
    """By hand: 'ff' shows the scores alone, '00' the image alone."""
    sample, result = sample_and_result()
    for opacity, alpha in (("ff", 1.0), ("00", 0.0), ("cc", 0.8)):
        ax = dl.dev_display_dl_data(sample, result, None, "anomaly_image", {"map_transparency": opacity}).axes[0]
        assert ax.images[1].get_alpha() == pytest.approx(alpha)


def test_words_below_a_result():
    sample, result = sample_and_result()
    cases = {
        None: "nok (1): score 0.543 ≥ 0.415",
        ("display_classification_ids", False): "nok: score 0.543 ≥ 0.415",
        ("display_labels", False): "(1): score 0.543 ≥ 0.415",
        ("anomaly_classification_threshold", 0.6): "ok (0): score 0.543 < 0.600",
        ("anomaly_classification_threshold", float(np.float32(0.543))): "nok (1): score 0.543 ≥ 0.543",
    }
    for option, expected in cases.items():
        options = dict([option]) if option else None
        figure = dl.dev_display_dl_data(sample, result, None, "anomaly_result", options)
        assert figure.axes[0].get_xlabel() == expected


def test_what_the_result_decided_is_drawn():
    """A region that was cleaned and a class that rules decided are shown, not thresholded anew."""
    sample, result = sample_and_result()
    result.update(anomaly_region=np.zeros((96, 128), bool), anomaly_class="ok", anomaly_class_id=0)
    figure = dl.dev_display_dl_data(sample, result, None, "anomaly_result")
    assert figure.axes[0].get_xlabel() == "ok (0): score 0.543 ≥ 0.415"
    assert not figure.axes[0].collections  # no outline
    again = dl.dev_display_dl_data(sample, result, None, "anomaly_result", {"anomaly_region_threshold": 0.34})
    assert again.axes[0].collections


def test_dictionaries_that_are_drawn_stay_as_they_are():
    sample, result = sample_and_result()
    for array in (sample["image"], sample["anomaly_ground_truth"], result["anomaly_image"], result["anomaly_region"]):
        array.setflags(write=False)
    before = [dict(sample), dict(result)]
    dl.dev_display_dl_data(sample, result, None, ["anomaly_both", "anomaly_image"])
    for dictionary, old in zip((sample, result), before, strict=True):
        assert list(dictionary) == list(old)
        assert all(dictionary[key] is value for key, value in old.items())


@pytest.mark.parametrize("shape", [(96, 128), (200, 64), (50, 300), (400, 16)])
@pytest.mark.parametrize("options", [None, {"font": "mono", "font_size": 16}])
def test_no_text_overlaps_or_is_cut_off(shape, options):
    keys = ["image", "anomaly_ground_truth", "anomaly_result", "anomaly_both", "anomaly_image"]
    info = {"class_names": ["intact", "broken by a fall from a great height"], "class_ids": [0, 1]}
    figure = dl.dev_display_dl_data(*sample_and_result(*shape), info, keys, options)
    assert_text_is_inside_and_apart(figure)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"map_transparency": "0.8"},
            "gen_param['map_transparency']: expected two hexadecimal digits, '00' (not seen) to 'ff' (opaque); got '0.8'",
        ),
        (
            {"anomaly_region_result_color": "ligth gray"},
            "gen_param['anomaly_region_result_color']: expected a colour, '#rrggbb', '#rrggbbaa' or a name like 'light gray'; "
            "got 'ligth gray' (did you mean 'light gray'?)",
        ),
        (
            {"heatmap_color_scheme": "heat"},
            "gen_param['heatmap_color_scheme']: expected one of 'viridis', 'jet', 'inverse_jet', 'hot', 'inverse_hot'; got 'heat'",
        ),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.dev_display_dl_data(*sample_and_result(), None, None, options)
    assert str(caught.value) == message


def test_a_region_of_another_size_is_an_error():
    sample, result = sample_and_result()
    result["anomaly_region"] = np.zeros((3, 4), bool)
    with pytest.raises(dl.DLDictError) as caught:
        dl.dev_display_dl_data(sample, result)
    assert str(caught.value) == (
        "dl_result['anomaly_region']: expected an array of the image's size, (96, 128); got bool array of shape (3, 4) "
        "(the sample must be preprocessed, as it was for apply_dl_model)"
    )


# --------------------------------------------------------------------------------------------------------------- windows


def test_closing_the_windows_of_a_dictionary():
    from matplotlib import pyplot

    windows = {}
    shown = dl.dev_display_dl_data(*sample_and_result(), None, "image", {"show": True}, windows)
    assert pyplot.fignum_exists(shown.number)
    dl.dev_close_window_dict(windows)
    assert windows == {}
    assert not pyplot.fignum_exists(shown.number)
    dl.dev_display_dl_data(*sample_and_result(), None, "image", None, windows)
    assert set(windows) == {"figure", "image"}
    dl.dev_close_window_dict(windows)
    assert windows == {}


def test_a_window_that_the_user_closed_is_opened_anew():
    from matplotlib import pyplot

    windows = {}
    first = dl.dev_display_dl_data(*sample_and_result(), None, "image", {"show": True}, windows)
    pyplot.close(first)
    second = dl.dev_display_dl_data(*sample_and_result(), None, "image", {"show": True}, windows)
    assert second is not first
    assert pyplot.fignum_exists(second.number)
    dl.dev_close_window_dict(windows)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "window_handle_dict: expected a dictionary; got None"),
        ([], "window_handle_dict: expected a dictionary, or None; got []"),
        (
            {"figure": 3},
            "window_handle_dict['figure']: expected a figure that an earlier call returned, or None; got 3",
        ),
    ],
)
def test_closing_what_is_no_window_dictionary(given, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.dev_close_window_dict(given)
    assert str(caught.value) == message


def test_lines_fit_their_width():
    assert wrap("one two three", 0.45, LETTERS) == "one\ntwo\nthree"
    lines = wrap("a_word_that_is_too_long_for_it b", 1, LETTERS).split("\n")
    assert len(lines) == 2
    assert all(text_inches(line, LETTERS) <= 1 for line in lines)
    assert shorten("short", 1, LETTERS) == "short"
    assert shorten("a_word_that_is_too_long_for_it", 1, LETTERS).endswith("…")


# ------------------------------------------------------------------------------ dev_display_anomaly_detection_evaluation


def at(line, score):
    """The height of a line drawn in steps, 'pre' or 'post'."""
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    if line.get_drawstyle() == "steps-pre":
        return y[np.searchsorted(x, score, side="left")]
    return y[np.searchsorted(x, score, side="right") - 1]


def test_histogram_and_legend_are_the_default():
    """The steps that are drawn say at any score what counting says."""
    result, params = evaluation()
    ax, legend = show_evaluation(result, params).axes
    ok, nok, *thresholds = ax.lines[:5]
    ok_scores, nok_scores = (np.array(result["anomaly_score_histogram"][key]) for key in ("ok_x", "nok_x"))
    for score in [*np.linspace(0.01, 0.99, 40), ok_scores[3], nok_scores[3]]:
        assert at(ok, score) == pytest.approx(np.mean(ok_scores >= score))
        assert at(nok, score) == pytest.approx(np.mean(nok_scores <= score))
    assert [line.get_xdata()[0] for line in thresholds] == params["anomaly_classification_thresholds"]
    assert ax.get_xlim() == (0, 1)
    assert [text.get_text() for text in legend.get_legend().get_texts()] == [
        "ok images (n = 30)\nthat score so much or more",
        "nok images (n = 20)\nthat score so much or less",
        "threshold 0.520",
        "threshold 0.300",
        "threshold 0.420, in use",
    ]


def test_curves_can_be_told_apart_in_grey_print():
    ok, nok, *thresholds = show_evaluation(*evaluation()).axes[0].lines[:5]
    assert len({str(line._dash_pattern) for line in (ok, nok, *thresholds[:2])}) == 4  # solid, three kinds of dashes
    assert (ok.get_color(), nok.get_color()) == (OK_COLOR, NOK_COLOR)
    for color in (OK_COLOR, NOK_COLOR):
        assert np.dot(to_rgb(color), [0.299, 0.587, 0.114]) < 0.6  # dark enough on white


def test_all_draws_what_there_is_data_for():
    result, params = evaluation()
    assert len(show_evaluation(result, params, {"display_mode": "all"}).subfigs) == 5  # rows
    only = {"anomaly_score_histogram": result["anomaly_score_histogram"]}
    figure = show_evaluation(only, {"evaluation_type": "anomaly_detection"}, {"display_mode": "all"})
    assert titles(figure) == ["Score histogram", "ROC", "Precision and recall"]


@pytest.mark.parametrize(("n_ok", "n_nok"), [(30, 20), (30, 0), (0, 20)])
@pytest.mark.parametrize("letters", [{}, {"font": "mono", "font_size": 15}])
def test_what_is_undefined_is_said_and_nothing_overlaps(n_ok, n_nok, letters):
    result, params = evaluation(n_ok, n_nok)
    if not n_nok:
        result["anomaly_types"] = []
    result["pro_curve"] = None
    result["global_evaluation"]["undefined"]["au_pro"] = "no annotation has an anomalous pixel"
    figure = show_evaluation(result, params, {"display_mode": "all", **letters})
    written = " ".join(" ".join(texts(figure)).split())
    assert "Undefined: no annotation has an anomalous pixel" in written
    assert ("Undefined: no nok image" in written) == (n_nok == 0)
    assert ("Undefined: no ok image" in written) == (n_ok == 0)
    assert_text_is_inside_and_apart(figure)


def test_twelve_kinds_of_defect_with_long_names():
    result, params = evaluation()
    described = result["anomaly_types"][0]
    names = ["a very long name that goes on and on and on " * 2, "without_" * 9, "withoutanyblank" * 5, "$a$b$"]
    names += [f"kind {number}" for number in range(8)]
    result["anomaly_types"] = [{**described, "anomaly_type": name} for name in names]
    figure = show_evaluation(result, params, {"display_mode": "anomaly_types"})
    assert len(figure.axes[0].patches) == 12
    assert_text_is_inside_and_apart(figure)


def test_the_worst_kind_is_on_top():
    result, params = evaluation()
    options = {"display_mode": "anomaly_types"}
    shown = [text.get_text() for text in show_evaluation(result, params, options).axes[0].get_yticklabels()]
    assert shown[0] == "crack (n = 4)"
    figure = show_evaluation(result, params, {**options, "classification_threshold_index": 1})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.9, 0.9, 0.9]
    without = {"evaluation_type": "anomaly_detection"}
    assert len(show_evaluation(result, without, options).axes) == 1  # no threshold: AUROC alone


def test_curves_agree_with_scikit_learn():
    result, params = evaluation()
    histogram = result["anomaly_score_histogram"]
    scores = np.concatenate([histogram["ok_x"], histogram["nok_x"]])
    truth = np.arange(len(scores)) >= len(histogram["ok_x"])
    figure = show_evaluation(result, params, {"display_mode": ["roc", "precision_recall"]})
    curve, steps = (ax.lines[1] for ax in figure.axes)
    false_rate, true_rate, _ = roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.get_xdata(), false_rate)
    np.testing.assert_allclose(curve.get_ydata(), true_rate)
    precision, recall, _ = precision_recall_curve(truth, scores)
    np.testing.assert_allclose(steps.get_xdata()[1:], recall[:-1][::-1])
    np.testing.assert_allclose(steps.get_ydata()[1:], precision[:-1][::-1])


def test_pies_and_matrices_count_the_same():
    result, params = evaluation()
    modes = ["absolute_confusion_matrix", "relative_confusion_matrix", "pie_charts_precision", "pie_charts_recall"]
    figure = show_evaluation(result, params, {"display_mode": modes, "classification_threshold_index": 0})
    matrix = result["absolute_confusion_matrix"][0]["confusion_matrix"]
    absolute, relative, *pies = figure.axes
    assert absolute.get_title() == "Confusion matrix, threshold 0.520"
    assert [text.get_text() for text in absolute.texts[::2]] == [f"{count:.0f}" for count in matrix.ravel()]
    assert [text.get_text() for text in relative.texts[::2]] == ["100.0%", "35.0%", "0.0%", "65.0%"]
    for pie, counts in zip(pies, (matrix[0], matrix[1], matrix[:, 0], matrix[:, 1]), strict=True):
        angles = [abs(wedge.theta2 - wedge.theta1) for wedge in pie.patches]
        np.testing.assert_allclose(angles, 360 * counts[counts > 0] / counts.sum(), atol=1e-3)
    assert [pie.get_title() for pie in pies] == [
        "predicted ok: 37",
        "predicted nok: 13",
        "ok images: 30",
        "nok images: 20",
    ]


def test_options_of_the_histogram_and_the_matrices():
    result, params = evaluation()
    options = {"estimated_thresholds": [0.2], "histogram_min": 0.1, "histogram_max": 0.8}
    ax = show_evaluation(result, params, options).axes[0]
    assert [line.get_xdata()[0] for line in ax.lines[2:4]] == [0.2, 0.42]  # and the one in use
    assert ax.get_xlim() == (0.1, 0.8)
    options = {
        "display_mode": "absolute_confusion_matrix",
        "display_column_width": "minimal",
        "row_col_names_color": "light gray",
        "display_matrix_color": 0,
    }
    ax = show_evaluation(result, params, options).axes[0]
    assert ax.get_aspect() == 1.6
    assert ax.xaxis.label.get_color() == "#d3d3d3"
    assert not np.asarray(ax.images[0].get_array()).any()


@pytest.mark.parametrize(
    ("missing", "mode", "measure"),
    [
        ("absolute_confusion_matrix", "absolute_confusion_matrix", "absolute_confusion_matrix"),
        ("absolute_confusion_matrix", "pie_charts_precision", "precision"),
        ("absolute_confusion_matrix", "pie_charts_recall", "recall"),
        ("relative_confusion_matrix", "relative_confusion_matrix", "relative_confusion_matrix"),
        ("pro_curve", "pro_curve", "au_pro"),
        ("anomaly_types", "anomaly_types", "anomaly_types"),
    ],
)
def test_missing_data_names_the_measure_to_ask_for(missing, mode, measure):
    result, params = evaluation()
    del result[missing]
    with pytest.raises(dl.DLDictError) as caught:
        show_evaluation(result, params, {"display_mode": mode})
    assert str(caught.value) == (
        f"evaluation_result['{missing}']: expected what to display; got no such key "
        f"(display_mode '{mode}': ask evaluate_dl_model for the measure '{measure}')"
    )


@pytest.mark.parametrize(
    ("params", "options", "message"),
    [
        (
            {"evaluation_type": "classification"},
            None,
            "eval_params['evaluation_type']: expected 'anomaly_detection' or 'gc_anomaly_detection'; got 'classification'",
        ),
        (
            {},
            {"estimated_thresholds": [0.1, 0.2, 0.3, 0.4]},
            "gen_param['estimated_thresholds']: expected at most 3 numbers; got 4",
        ),
        (
            {},
            {"classification_threshold_index": 3},
            "gen_param['classification_threshold_index']: expected an index from 0 to 2; got 3",
        ),
        (
            {"anomaly_classification_thresholds": []},
            {"classification_threshold_index": 0},
            "gen_param['classification_threshold_index']: expected none: no threshold was evaluated; got 0",
        ),
        (
            {"anomaly_classification_thresholds": [0.1] * 4},
            {"display_mode": "pie_charts_recall"},
            "evaluation_result['absolute_confusion_matrix']: expected a matrix for each of "
            "eval_params['anomaly_classification_thresholds']; got 3",
        ),
        (
            {},
            {"histogram_min": 0.5, "histogram_max": 0.4},
            "gen_param['histogram_max']: expected more than histogram_min, 0.5, or -1; got 0.4",
        ),
        ({}, {"histogram_maximum": 0.4}, "(did you mean 'histogram_max'?)"),
        ({}, {"display_mode": "rocs"}, "(did you mean 'roc'?)"),
    ],
)
def test_errors_of_the_evaluation(params, options, message):
    result, usual = evaluation()
    windows = {}
    with pytest.raises(dl.DLError) as caught:
        show_evaluation(result, {**usual, **params}, options, windows)
    assert str(caught.value) == message or (message.startswith("(did") and str(caught.value).endswith(message))
    assert windows == {}


def test_an_evaluation_of_nothing():
    result, params = evaluation(0, 0)
    with pytest.raises(dl.DLDictError) as caught:
        show_evaluation(result, params)
    assert str(caught.value) == (
        "evaluation_result['anomaly_score_histogram']: expected the score of at least one image; got none"
    )


def test_the_evaluation_of_the_workflow(workflow):
    """From training to figure, with each measure that evaluate_dl_model knows."""
    _, thresholds = workflow.thresholds
    options = {"measures": "all", "anomaly_classification_thresholds": thresholds}
    result, params = dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", options)
    windows = {}
    figure = show_evaluation(result, params, {"display_mode": "all"}, windows)
    assert titles(figure)[0] == "Score histogram"
    assert_text_is_inside_and_apart(figure)
    for mode in EVALUATION_DISPLAY_MODES:
        assert show_evaluation(result, params, {"display_mode": mode}, windows) is figure


# --------------------------------------------------------------------------------------------- dev_display_dl_data_tiled


def test_a_sheet_of_the_workflow(workflow):
    """Titles, scores and verdicts are those of apply, threshold and the labels, by hand."""
    segmentation, classification = workflow.thresholds
    options = {"order": "image_id"}
    figure = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 100, "test", options)
    samples = sorted(workflow.samples(), key=lambda sample: sample["image_id"])
    results = dl.apply_dl_model(workflow.model, samples)
    dl.threshold_dl_anomaly_results(segmentation, classification[-1], results)
    words = {("ok", "ok"): "accepted", ("ok", "nok"): "FALSE ALARM", ("nok", "nok"): "found", ("nok", "ok"): "MISSED"}
    expected, n_wrong = [], 0
    for sample, result in zip(samples, results, strict=True):
        label, decided = sample["anomaly_label"], result["anomaly_class"]
        expected += [f"{sample['image_id']} {label}, {words[label, decided]}", f"score {result['anomaly_score']:.3f}"]
        n_wrong += label != decided
    header, *captions = texts(figure)
    assert captions == expected
    assert f"{n_wrong} decided wrongly" in header
    assert len([frame for frame in figure.axes[0].patches if frame.get_linewidth() == 3]) == n_wrong
    assert_text_is_inside_and_apart(figure)


def test_which_samples_are_shown(workflow):
    def ids(number, order, split="test"):
        figure = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, number, split, {"order": order})
        return [int(text.split()[0]) for text in texts(figure)[1:] if not text.startswith("score")]

    assert ids(4, "random") == ids(4, "random")
    assert len(set(ids(6, "random"))) == 6
    usual = ids(8, "random")
    dl.set_system("seed_rand", 1)
    assert ids(8, "random") != usual
    samples = workflow.dataset["samples"]
    assert ids(3, "image_id") == sorted(s["image_id"] for s in samples if s["split"] == "test")[:3]
    scores = {s["image_id"]: dl.apply_dl_model(workflow.model, [s])[0]["anomaly_score"] for s in workflow.samples()}
    assert ids(5, "score") == sorted(scores, key=scores.get, reverse=True)[:5]
    both = ids(1000, "image_id", ["validation", "train"])
    assert both == sorted(s["image_id"] for s in samples if s["split"] != "test")


def test_a_sheet_before_training(workflow):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    figure = dl.dev_display_dl_data_tiled(workflow.dataset, model, 3, "train")
    captions = texts(figure)[1:]
    assert len(captions) == 3
    assert all(re.fullmatch(r"\d+ ok", text) for text in captions)
    for options in ({"display_result": True}, {"display_input": False}, {"order": "score"}):
        with pytest.raises(dl.DLModelError) as caught:
            dl.dev_display_dl_data_tiled(workflow.dataset, model, 3, "train", options)
        assert caught.value.halcon_code == 7881


def test_the_sheet_is_drawn_again_into_its_window(workflow):
    first = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 2, "test", {"background_color": "#102030"})
    assert first.get_facecolor()[:3] == pytest.approx(to_rgb("#102030"))
    second = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 2, "test", None, first)
    assert second is first
    assert first.get_facecolor()[:3] == (1, 1, 1)
    window = dl.dev_open_window(0, 0, 300, 300, "black")  # what HALCON draws into; here the sheet is a figure
    third = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 2, "test", None, window)
    assert third is not first
    assert len(third.axes) == len(second.axes)
    dl.dev_close_window()


def test_the_sheet_is_as_wide_as_was_asked_for_and_grows_for_many(workflow):
    def width(number, **options):
        figure = dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, number, "test", options)
        assert_text_is_inside_and_apart(figure)
        return figure.get_size_inches()[0] * 100

    assert width(2) == pytest.approx(640)
    assert width(2, window_width=900, window_height=700) == pytest.approx(900)
    assert width(14, window_width=300, window_height=200) > 300
    assert width(4, spacing_col=50, spacing_row=50, display_input=False, font_size=7) == pytest.approx(640)


def test_what_is_kept_of_an_image_is_small():
    image = np.zeros((2000, 1000, 3), np.uint8)
    assert small_picture(image).shape == (MAX_TILE_PIXELS, MAX_TILE_PIXELS // 2, 3)
    mask = np.zeros((2000, 1000), bool)
    mask[1234, 567] = True  # a single pixel is not lost
    assert small_mask(mask).sum() in range(1, 5)
    assert small_mask(mask[:50, :50]).shape == (50, 50)  # never enlarged


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, "test"), "num_samples: expected an integer >= 1; got 0"),
        ((3, "tset"), "split: expected one of 'train', 'validation', 'test'; got 'tset' (did you mean 'test'?)"),
        ((3, []), "split: expected a list, at least 1 of each one of 'train', 'validation', 'test'; got an empty list"),
        (
            (3, "test", None, 7),
            "window_handle: expected a figure that an earlier call returned, or None; got 7",
        ),
        (
            (3, "test", {"order": "scores"}),
            "gen_param['order']: expected one of 'random', 'score', 'image_id'; got 'scores' (did you mean 'score'?)",
        ),
    ],
)
def test_errors_of_the_sheet(workflow, arguments, message):
    with pytest.raises(dl.DLParamError) as caught:
        dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, *arguments)
    assert str(caught.value) == message


def test_a_split_without_samples(workflow):
    dataset = {**workflow.dataset, "samples": [s for s in workflow.dataset["samples"] if s["split"] == "test"]}
    with pytest.raises(dl.DLDataError) as caught:
        dl.dev_display_dl_data_tiled(dataset, workflow.model, 3, ["train", "validation"])
    assert str(caught.value) == "dl_dataset['samples']: expected samples with split 'train' or 'validation'; got none"


def test_a_threshold_that_is_no_number(workflow, monkeypatch):
    monkeypatch.setitem(workflow.model.parameters, "meta_data", {"anomaly_segmentation_threshold": "high"})
    with pytest.raises(dl.DLModelError) as caught:
        dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 3, "test")
    assert str(caught.value) == (
        "get_dl_model_param(dl_model_handle, 'meta_data')['anomaly_segmentation_threshold']: expected a number; got 'high' "
        "(compute_dl_anomaly_thresholds writes it)"
    )


def test_a_large_image_is_thinned_for_the_eye_and_loses_no_defect():
    """4100 rows and columns: 3 x 3 pixels become one; a single pixel still shows, in the scores and as an outline."""
    scores = np.full((4100, 4100), 0.2, np.float32)
    scores[1000, 2000] = 0.9
    region = scores > 0.5
    figure = Figure()
    ax = figure.add_subplot()
    draw_image(ax, np.full((4100, 4100, 3), 100, np.uint8), None, None)
    draw_anomaly_image(ax, None, scores, None, {"map_transparency": "ff", "heatmap_color_scheme": "viridis"})
    outline(ax, region, "#d55e00", 1.0)
    fill(ax, region, "#d55e00", "40")
    gray, map_, tint = (drawn.get_array() for drawn in ax.images)
    assert gray.shape == (1366, 1366, 3)
    assert (gray == 100).all()
    assert [tuple(place) for place in np.argwhere(map_ > 0.5)] == [(1000 // 3, 2000 // 3)]
    assert [tuple(place) for place in np.argwhere(tint[:, :, 3] > 0)] == [(1000 // 3, 2000 // 3)]
    assert all(drawn.get_extent() == [-0.5, 4097.5, 4097.5, -0.5] for drawn in ax.images)
    points = np.concatenate([path.vertices for lines in ax.collections for path in lines.get_paths() if len(path)])
    assert np.abs(points - (2000, 1000)).max() <= 3  # in pixels of the large image


# -------------------------------------------------------------------------------------- a model of two networks, its keys


def test_maps_of_both_networks_are_drawn():
    sample, result = sample_and_result()
    own = {key: value for key, value in result.items() if key.startswith("anomaly_") and not key.endswith("_threshold")}
    result = {**result, **{f"{key}_global": value for key, value in own.items()}}
    result["anomaly_score_global"] = 0.987
    keys = ["anomaly_result", "anomaly_result_global", "anomaly_image_global"]
    figure = dl.dev_display_dl_data(sample, result, None, keys)
    assert titles(figure)[:3] == [key.replace("_", " ") for key in keys]
    shown = " ".join(texts(figure))
    assert f"{result['anomaly_score']:.3f}" in shown
    assert "0.987" in shown
    with pytest.raises(dl.DLDictError) as caught:
        dl.dev_display_dl_data(sample, result, None, "anomaly_image_local")
    assert str(caught.value).startswith("dl_result['anomaly_image_local']: expected float32 array")


def test_programs_find_a_window_for_each_key(workflow):
    """``get_dict_tuple (WindowDict, 'image', WindowHandles)``, ``dev_set_window (WindowHandles[0])``."""
    windows = {}
    before = dl.dev_get_window()
    sample = workflow.samples()[0]
    dl.dev_display_dl_data(sample, [], workflow.dataset, "image", [], windows)
    (handle,) = windows["image"]
    assert dl.dev_get_window() == before  # nothing is on the screen yet
    dl.dev_set_window(handle)
    assert dl.dev_get_window() is handle
    dl.dev_disp_text("a text", "window", 12, 12, "black", [], [])
    dl.dev_display_dl_data(sample, [], workflow.dataset, "image", [], windows)
    assert windows["image"] == [handle]
    dl.dev_close_window_dict(windows)
    assert windows == {}
    assert repr(handle).endswith("closed>")
