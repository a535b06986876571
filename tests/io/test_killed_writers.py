"""Writers that are killed at random moments: each file is the old or the new one, and the next run leaves nothing."""

import random  # noqa: TID251 - moments, not results
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import dlproc as dl

FILES = """
import sys
from pathlib import Path
from dlproc.io.writing import atomic_write
folder = Path(sys.argv[1])
print("begins", flush=True)
for number in range(int(sys.argv[2])):
    for name in "abc":
        atomic_write(folder / name, bytes([number % 256]) * 2_000_000)
"""
FOLDER = """
import sys
from pathlib import Path
import dlproc as dl
folder = Path(sys.argv[1])
model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
dl.write_dl_model(model, folder / "model.hdl")
print("begins", flush=True)
for number in range(int(sys.argv[2])):
    dl.set_dl_model_param(model, "meta_data", {"number": str(number)})
    dataset = dl.read_dl_dataset_anomaly(folder / "images")
    param = dl.create_dl_preprocess_param("anomaly_detection", 64, 64, 1)
    param["image_range_min"] = -float(number + 1)
    dl.preprocess_dl_dataset(dataset, folder / "work", param, {"overwrite_files": "auto", "show_progress": False})
    dl.write_dl_model(model, folder / "model.hdl")
"""


def killed(code, folder, seconds):
    """Run a script and kill it so many seconds after its first word; whether it was still running."""
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), "1000000"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "begins\n"
        time.sleep(seconds)
        return process.poll() is None
    finally:
        process.kill()  # SIGKILL, on Windows TerminateProcess: nothing in it can prevent or notice it
        process.stdout.close()
        process.wait(60)


def finished(code, folder):
    subprocess.run([sys.executable, "-c", code, str(folder), "1"], check=True, stdout=subprocess.PIPE)


def test_files(tmp_path):
    draw = random.Random(7)
    for name in "abc":
        (tmp_path / name).write_bytes(bytes([77]) * 2_000_000)
    left = 0
    for _ in range(12):
        assert killed(FILES, tmp_path, draw.uniform(0, 0.1))
        for name in "abc":
            content = (tmp_path / name).read_bytes()
            assert content == content[:1] * 2_000_000
        left += len(list(tmp_path.glob(".*")))
        assert {path.name for path in tmp_path.iterdir()} <= {"a", "b", "c"} | {f".{n}.dlproc.part" for n in "abc"}
    finished(FILES, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"], (
        f"{left} parts were left by those killed"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_folder_of_samples_and_a_model(tmp_path, seed):
    draw = random.Random(seed)
    (tmp_path / "images" / "good").mkdir(parents=True)
    for number in range(6):
        Image.fromarray(np.full((40, 50), 30 * number, np.uint8)).save(tmp_path / "images" / "good" / f"{number}.png")
    assert killed(FOLDER, tmp_path, draw.uniform(0, 0.4))
    dl.read_dl_model(tmp_path / "model.hdl")
    if (tmp_path / "work").exists():
        dataset = dl.read_dict(tmp_path / "work" / "dl_dataset.hdict")
        dl.read_dl_samples(dataset, range(6))
    for file in tmp_path.rglob("*_dlsample.hdict"):  # also of the folder that was being built
        dl.read_dict(file)
    finished(FOLDER, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "model.hdl", "work"]
    dl.read_dl_samples(dl.read_dict(tmp_path / "work" / "dl_dataset.hdict"), range(6))
    names = {path.name for path in (tmp_path / "work").rglob("*") if path.is_file()}
    assert names == {"dl_dataset.hdict", *(f"{number}_dlsample.hdict" for number in range(6))}
    assert dl.get_dl_model_param(dl.read_dl_model(tmp_path / "model.hdl"), "meta_data") == {"number": "0"}
