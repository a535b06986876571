"""``dlproc train`` with one image many times: what is said, and what is missing."""

import re
import shutil

import dlproc as dl


def test_copies_are_said_and_nothing_is_suspicious(dlproc, paint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = paint({"good/00.png": (64, 64)}, "parts")
    for number in range(1, 24):
        shutil.copy(folder / "good" / "00.png", folder / "good" / f"{number:02}.png")
    code, _, err = dlproc("train", folder, "-o", "part.hdl", "--size", "64")
    lines = err.splitlines()
    assert code == 2
    (found,) = re.findall(
        r"^(\d+) of the (\d+) images that were trained on are copies of others, pixel by pixel$", err, re.M
    )
    assert int(found[0]) == int(found[1]) - 1
    assert "deviations above the others" not in err
    assert "written without thresholds: part.hdl; dlproc thresholds computes them" in lines
    assert re.fullmatch(
        r"dlproc: error: .*parts: expected images that the model was not trained on; got 24 images, only 1 of them "
        r"different, all of them trained on \(add images of other good parts: a copy cannot set a threshold\)",
        lines[-1],
    )
    meta_data = dl.get_dl_model_param(dl.read_dl_model("part.hdl"), "meta_data")
    assert not any("threshold" in key for key in meta_data)
