"""The figures of the ``dev_display`` procedures are written, or not drawn, as windows are."""

import sys

import numpy as np
import pytest
from PIL import Image

import dlproc as dl


@pytest.fixture
def sample():
    image = np.full((32, 32, 3), 0.5, np.float32)
    scores = np.zeros((32, 32), np.float32)
    scores[4:8, 4:8] = 0.9
    return {"image": image, "image_id": 3}, {"anomaly_image": scores, "anomaly_score": 0.9}


@pytest.fixture
def evaluation():
    histogram = {"ok_x": [0.1, 0.2], "ok_y": [1.0, 0.5], "nok_x": [0.6], "nok_y": [1.0]}
    return {"anomaly_score_histogram": histogram}, {"evaluation_type": "anomaly_detection"}


def test_figures_are_written_with_numbers(tmp_path, sample, evaluation, workflow):
    dl.save_windows_to(tmp_path)
    windows = {}
    for _ in range(2):
        figure = dl.dev_display_dl_data(*sample, None, ["image", "anomaly_image"], None, windows)
    dl.dev_display_anomaly_detection_evaluation(*evaluation)
    dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 2, "test")
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["dl_data_001.png", "dl_data_002.png", "evaluation_001.png", "tiles_001.png"]
    width, height = figure.get_size_inches() * 100
    with Image.open(tmp_path / "dl_data_002.png") as picture:
        assert picture.size == pytest.approx((width, height), abs=1)
    assert windows["figure"] is figure


def test_nothing_is_written_after_an_error(tmp_path, sample):
    dl.save_windows_to(tmp_path)
    with pytest.raises(dl.DLParamError):
        dl.dev_display_dl_data(*sample, None, ["image"], {"font_sise": 9})
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_drawn_with_the_display_off(tmp_path, sample, evaluation, workflow, monkeypatch):
    dl.save_windows_to(tmp_path)
    dl.display_off()
    tiled = sys.modules["dlproc.procedures.dev_display_dl_data_tiled"]
    monkeypatch.setattr(tiled, "read_dl_samples", None)  # no sample is read
    figures = [
        dl.dev_display_dl_data(*sample, None, ["image"], None, {}),
        dl.dev_display_anomaly_detection_evaluation(*evaluation),
        dl.dev_display_dl_data_tiled(workflow.dataset, workflow.model, 2, "test"),
    ]
    assert [figure.axes for figure in figures] == [[], [], []]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(dl.DLParamError, match="font_sise"):  # a mistake is told all the same
        dl.dev_display_dl_data(*sample, None, ["image"], {"font_sise": 9})


def test_matplotlib_is_needed_for_pictures_only(tmp_path, sample, gray, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setattr("dlproc.display.saving.find_spec", lambda name: None)
    dl.dev_display(gray)
    dl.dev_disp_text("text", "window", 12, 12, "black")
    dl.dev_close_window()
    with pytest.raises(ImportError, match=r'drawing needs matplotlib: pip install "dlproc\[viz\]"'):
        dl.save_windows_to(tmp_path)
    with pytest.raises(ImportError, match="drawing needs matplotlib"):
        dl.dump_window_image(dl.dev_open_window(0, 0, 64, 64, "black"))
    dl.display_off()
    assert dl.dev_display_dl_data(*sample, None, ["image"]) is None
