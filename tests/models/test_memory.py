"""Training takes no more memory than it may, however many images there are."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import dlproc as dl
from dlproc.models.anomaly.collected import LEAST_FIRST, Collected, Costs, Sizes, choose_sizes
from dlproc.models.train import SampleSource, check_memory, train_on_samples
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam

N_IMAGES = 20_000
MAX_MEMORY_MB = 100
# In a process of its own, after a tiny training: what libraries take when they are first used is not the training's.
SCRIPT = f"""
import gc, json, sys, threading, time
import numpy as np, psutil
import dlproc as dl
from dlproc.models import train
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam

noise = np.random.Generator(np.random.PCG64(0)).normal(0, 0.5, (64, 64, 3)).astype(np.float32)
process, done, peak = psutil.Process(), threading.Event(), [0]

def own_bytes():
    memory = process.memory_info()
    return memory.rss - getattr(memory, "shared", 0)  # not the pages of the libraries' files

def watch():
    while not done.wait(0.003):
        peak[0] = max(peak[0], own_bytes())

def read(number):
    row, column = divmod(number * 7, 31)
    return {{"image": np.roll(noise, (row % 64, column), (0, 1))[:32, :32] + np.float32(number % 97 / 97)}}

def train_on(n_images, **options):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [32, 32])
    param = check_options({{"domain_ratio": 0.02, **options}}, AnomalyTrainParam, "param")
    train.train_on_samples(model, train.SampleSource(n_images, read, str, lambda n: {{}}), param, {{}}, False)
    return model

train_on(20)
gc.collect()
before = own_bytes()
thread = threading.Thread(target=watch)
thread.start()
model = train_on({N_IMAGES}, max_memory_mb={MAX_MEMORY_MB})
done.set(); thread.join()
print(json.dumps({{"added_mb": (peak[0] - before) / 1e6, "n_images": model.training["n_images"],
                  "n_kept": int(model.reference.counts[0].max())}}))
"""


def test_20_000_images_in_the_memory_that_is_allowed():
    finished = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    measured = json.loads(finished.stdout)
    assert measured["n_images"] == N_IMAGES
    assert 1000 < measured["n_kept"] < N_IMAGES  # as many as fit, not all
    assert 5 < measured["added_mb"] <= MAX_MEMORY_MB


# Two images of 1.5 megapixels with tiles, and a checkpoint: one of its parts is as large as the features of an image.
LARGE_SCRIPT = (
    SCRIPT.replace(":32, :32]", ":, :]")
    .replace("(64, 64, 3)", "(1200, 1250, 3)")
    .replace(
        '"image_size", [32, 32])', '"tile_size", 256)\n    dl.set_dl_model_param(model, "image_size", [1250, 1200])'
    )
    .replace(f"train_on({N_IMAGES}, max_memory_mb={MAX_MEMORY_MB})", "train_on(2, checkpoint_dir=sys.argv[1])")
    .replace("train_on(20)", "")
)


def test_large_images_in_the_memory_that_is_said_to_be_needed(tmp_path):
    """Not more, and not less than a third of it, else larger images are refused for nothing."""
    command = [sys.executable, "-c", LARGE_SCRIPT, str(tmp_path / "kept")]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "tile_size", 256)
    dl.set_dl_model_param(model, "image_size", [1250, 1200])
    param = {"domain_ratio": 0.02, "max_memory_mb": 0.001, "checkpoint_dir": str(tmp_path / "kept")}
    with pytest.raises(dl.DLParamError) as caught:
        check_memory(model, 2, check_options(param, AnomalyTrainParam, "param"), "param")
    needed = int(caught.value.expected.split()[2])
    assert needed / 3 < json.loads(finished.stdout)["added_mb"] <= needed


def needs(size, n_images, **options):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [size, size])
    check_memory(model, n_images, check_options(options, AnomalyTrainParam, "param"), "param")


def test_too_little_is_refused_with_the_number_before_an_image_is_read(workflow):
    dataset = {**workflow.dataset, "dlsample_dir": "/nowhere"}
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [128, 128])
    with pytest.raises(dl.DLParamError) as caught:
        dl.train_dl_model(dataset, model, {"anomaly_param": {"max_memory_mb": 20}})
    number = int(caught.value.expected.split()[2])
    assert str(caught.value) == (
        f"train_param['anomaly_param']['max_memory_mb']: expected at least {number} MB for images of this size and "
        "this many patches; got 20 (a smaller image_width, image_height, complexity or domain_ratio needs less)"
    )
    needs(128, 12, max_memory_mb=number)
    with pytest.raises(dl.DLParamError):
        needs(128, 12, max_memory_mb=number - 1)
    with pytest.raises(dl.DLParamError, match=r"^dl_train_param\['max_memory_mb'\]: expected at least"):
        dl.train_dl_model_anomaly_dataset(model, workflow.samples("train"), {"max_memory_mb": 20})


def test_what_is_needed_at_least_hardly_grows_with_the_number_of_images():
    def least(size, n_images):
        with pytest.raises(dl.DLParamError) as caught:
            needs(size, n_images, max_memory_mb=0.001)
        return int(caught.value.expected.split()[2])

    assert least(256, 1_000) <= least(256, 100_000) <= least(256, 1_000) + 20
    assert least(480, 1_000) > least(256, 1_000) > least(64, 1_000)


def test_the_page_on_training_says_what_is_needed(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"At 256 × 256 at least (\d+) MB are needed, at 480 × 480 (\d+) MB", page)
    for size, number in zip((256, 480), map(int, said), strict=True):
        needs(size, 250, max_memory_mb=number)
        needs(size, 250, max_memory_mb=number + 40, checkpoint_dir=str(tmp_path / "kept"))
        with pytest.raises(dl.DLParamError):
            needs(size, 250, max_memory_mb=number - 1)


def test_what_is_kept_is_between_the_least_and_the_most():
    least, most, costs = Sizes(32, 1_000), Sizes(500, 60_000), Costs(1e6, 1e4, 100.0)
    assert costs.of(least) == 1e6 + 32e4 + 1e5  # by hand: 1.42 MB
    assert choose_sizes(least, most, costs, None, "param") == most
    assert choose_sizes(least, most, costs, 1.42, "param") == least
    assert choose_sizes(least, most, costs, 12.0, "param") == most
    half = choose_sizes(least, most, costs, (1.42 + 12.0) / 2, "param")
    assert half == Sizes(266, 30_500)
    assert costs.of(half) <= (1.42 + 12.0) / 2 * 1e6


@pytest.mark.parametrize(("n_images", "n_candidates"), [(3, 1000), (7, 20), (50, 20), (1000, 20)])
def test_candidates_never_exceed_what_is_reserved(n_images, n_candidates):
    generator = np.random.Generator(np.random.PCG64(0))
    collected = Collected(n_images, Sizes(min(n_images, 5), n_candidates), (2, 2), generator)
    for _ in range(n_images):
        collected.add(torch.ones(1, 4, 3), torch.ones(1, 4, 2), np.ones((1, 2, 2), bool))
    assert collected.n_filled == len(collected.candidates) <= n_candidates
    assert collected.n_filled == min(n_images * min(4, n_candidates // n_images or 1), n_candidates)
    assert sorted(collected.order) == list(range(n_images))
    assert collected.order[: len(collected.kept)] in (collected.kept, list(range(n_images)))


@pytest.mark.parametrize(("n_images", "n_kept"), [(20_000, 32), (100_000, 4), (700, 32), (5_000, 400)])
@pytest.mark.parametrize("n_candidates", [2 * LEAST_FIRST, 1500, 60_000])
def test_the_first_bank_always_has_candidates(n_images, n_kept, n_candidates):
    """It is chosen among those of the kept images, which come first."""
    generator = np.random.Generator(np.random.PCG64(0))
    collected = Collected(n_images, Sizes(n_kept, n_candidates), (32, 32), generator)
    quotas = [collected._quota(visit) for visit in range(n_images)]
    assert sum(quotas[:n_kept]) >= LEAST_FIRST
    assert 0.9 * n_candidates <= sum(quotas) <= n_candidates
    others = quotas[n_kept:]
    assert max(others) - min(others) <= 1  # no image counts more than another


def test_many_images_in_the_least_memory():
    """As much as the error says is needed is enough, also with a tiny bank."""
    n_images = 3_000
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [32, 32])
    param = check_options({"domain_ratio": 0.001, "max_memory_mb": 0.001}, AnomalyTrainParam, "param")
    with pytest.raises(dl.DLParamError) as caught:
        check_memory(model, n_images, param, "param")
    param["max_memory_mb"] = int(caught.value.expected.split()[2])
    noise = np.random.Generator(np.random.PCG64(0)).normal(0, 0.5, (96, 96, 3)).astype(np.float32)

    def read(number):
        row, column = divmod(number % 3600, 60)
        return {"image": noise[row : row + 32, column : column + 32]}

    source = SampleSource(n_images, read, str, lambda number: {})
    train_on_samples(model, source, param, {}, show_progress=False)
    assert len(model.reference.bank) == 15
