"""``dlproc export``."""

import json
import re
import shutil
import sys

import pytest

import dlproc as dl

pytestmark = pytest.mark.usefixtures("one_export")


def test_export_to_onnx_and_the_other_commands_on_it(dlproc, model_file, workflow, tmp_path):
    out_file = tmp_path / "cells.onnx"
    code, out, err = dlproc("export", model_file, out_file)
    assert (code, err) == (0, "Converting, and comparing on 4 images\n")
    number = r"[\d.e+-]+"
    lines = out.splitlines()
    assert lines[0] == "float32 in onnx_runtime, on 4 drawn images:"
    found = re.fullmatch(
        rf"largest difference of scores: images ({number}), pixels ({number}) \(allowed 1e-05 and 2e-05\)", lines[1]
    )
    assert float(found[1]) <= 1e-5 and float(found[2]) <= 2e-5
    assert lines[2] == "decisions flipped: 0"
    assert re.fullmatch(r"time of an image: [\d.]+ ms before, [\d.]+ ms after", lines[3])
    assert lines[4] == f"written: {out_file}, {out_file.stat().st_size / 1e6:.1f} MB"

    facts = json.loads(dlproc("info", out_file, "--json")[1])
    assert (facts["precision"], facts["conversion"]["converted_for"]) == ("float32", "cpu with onnx_runtime")
    assert facts["conversion"]["n_samples"] == 4
    assert json.loads(dlproc("info", model_file, "--json")[1])["conversion"] is None

    defective = next((workflow.image_dir / "defective").iterdir())
    assert dlproc("detect", out_file, defective) == dlproc("detect", model_file, defective)


def test_export_in_8_bits_is_compared_on_a_folder(dlproc, model_file, workflow, tmp_path):
    out_file = tmp_path / "cells.hdl"
    options = ("--precision", "int8", "--accelerator", "openvino", "--images", workflow.image_dir, "--quiet")
    options = (*options, "--max-pixel-difference", 0.5, "--max-score-difference", 0.5)
    code, out, err = dlproc("export", model_file, out_file, *options)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "int8 in openvino, on 32 images:"
    assert dl.get_dl_model_param(dl.read_dl_model(out_file), "precision") == "int8"

    out_file.unlink()
    code, out, err = dlproc("export", model_file, out_file, *options, "--max-score-difference", 0)
    assert (code, out) == (2, "")
    assert re.match(r"dlproc: error: optimize_dl_model_for_inference: expected scores that change by at most 0 ", err)
    assert not out_file.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("m.txt",), "OUT: expected a file name that ends in .onnx or .hdl; got 'm.txt'"),
        (("m.onnx", "--precision", "int8"), "--images: expected a folder of images to compare on, for int8; got none"),
        (
            ("m.onnx", "--accelerator", "openvino"),
            "OUT: expected a file name that ends in .hdl, with --accelerator openvino; got 'm.onnx' "
            "(OpenVINO reads the file that onnx_runtime gives, too)",
        ),
    ],
)
def test_what_does_not_go_together(dlproc, model_file, arguments, message):
    assert dlproc("export", model_file, *arguments) == (2, "", f"dlproc: error: {message}\n")


def test_an_accelerator_that_is_not_installed(dlproc, model_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    message = (
        "dlproc: error: --accelerator: expected openvino on this machine; got none (pip install dlproc[openvino])\n"
    )
    assert dlproc("export", model_file, "m.hdl", "--accelerator", "openvino") == (2, "", message)


def test_an_existing_file_is_replaced_only_when_forced(dlproc, model_file, tmp_path):
    file = tmp_path / "cells.hdl"
    shutil.copy(model_file, file)
    code, out, err = dlproc("export", file, file)
    expected = "expected a file that does not exist; got an existing one (--force replaces it)"
    assert (code, out, err) == (2, "", f"dlproc: error: {file}: {expected}\n")
    assert file.read_bytes() == model_file.read_bytes()
    assert dlproc("export", file, file, "--force")[0] == 0
    assert repr(dl.read_dl_model(file)).endswith("float32 for cpu with onnx_runtime>")


def test_a_folder_that_does_not_exist_is_said_before_the_work(dlproc, model_file, tmp_path, monkeypatch):
    monkeypatch.setattr(dl, "optimize_dl_model_for_inference", None)  # is not come to
    folder = tmp_path / "nowhere"
    expected = f"{folder / 'm.onnx'}: expected a file in an existing folder; got no folder {folder}"
    assert dlproc("export", model_file, folder / "m.onnx") == (2, "", f"dlproc: error: {expected}\n")
