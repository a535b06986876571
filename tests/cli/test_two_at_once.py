"""Two commands at once on the same folder or model: one of them is refused, none gives a model of the other product."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import dlproc as dl
from dlproc.io.locks import lock_file, locked


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def held_elsewhere(path, call):
    """The result of a call while another thread holds a file or folder."""
    is_held, is_done = threading.Event(), threading.Event()

    def hold():
        with locked(path):
            is_held.set()
            is_done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait()
    try:
        return call()
    finally:
        is_done.set()
        thread.join()


def test_what_another_process_holds_is_refused_with_a_name(dlproc, paint, model_file, tmp_path):
    folder = paint(dict.fromkeys([f"good/{n}.png" for n in range(6)], (40, 50)))
    copy = tmp_path / "copy.hdl"
    copy.write_bytes(model_file.read_bytes())
    for held, arguments in [
        ("part.hdl", ["train", folder, "-o", "part"]),
        ("work", ["train", folder, "-o", "part", "--size", "64", "--work-dir", "work"]),
        (copy, ["thresholds", copy, folder, "--method", "halcon"]),
    ]:
        code, out, err = held_elsewhere(held, lambda: dlproc(*arguments))  # noqa: B023  (called at once)
        assert (code, out) == (2, "")
        what = "folder" if held == "work" else "model file"
        assert f"error: {held}: expected a {what} that no other process works on; got one that process " in err
        assert f"(wait until it is done, or name another {what})" in err
        assert not Path("part.hdl").exists()
        assert not lock_file(Path(held)).exists()


def test_two_trainings_that_share_a_work_folder_and_a_model(paint, tmp_path):
    """The one that comes second is refused; the model is of the product of the other."""
    names = dict.fromkeys([f"good/{n}.png" for n in range(8)], (40, 50))
    for product in ("first", "second"):
        paint(names if product == "first" else dict.fromkeys(names, (60, 60)), product)
    command = [sys.executable, "-m", "dlproc", "train", "--size", "64", "--work-dir", "work", "--force", "-o", "part"]
    processes = {}
    for product in ("first", "second"):
        processes[product] = subprocess.Popen([*command, product], stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
    errors = {product: process.communicate(timeout=300)[1] for product, process in processes.items()}
    codes = {product: process.returncode for product, process in processes.items()}
    winners = [product for product, code in codes.items() if code == 0]
    assert winners, errors
    for product in set(codes) - set(winners):
        assert codes[product] == 2
        assert "that no other process works on; got one that process " in errors[product], errors
    dataset = dl.read_dict(Path("work/dl_dataset.hdict"))
    assert Path(dataset["image_dir"]).name == winners[-1] or len(winners) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "part.hdl", "second", "work"]


def test_a_training_that_fails_leaves_the_old_model(dlproc, paint, model_file, monkeypatch):
    folder = paint(dict.fromkeys([f"good/{n}.png" for n in range(6)], (40, 50)))
    old = model_file.read_bytes()
    Path("part.hdl").write_bytes(old)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    code, out, err = dlproc("train", folder, "-o", "part.hdl", "--force", "--size", "64")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].endswith("expected a file that can be written; got No space left on device")
    assert Path("part.hdl").read_bytes() == old
    assert sorted(path.name for path in Path().iterdir()) == ["images", "part.hdl"]
