"""Scores do not depend on what the program around dlproc has set, and nothing of it is changed."""

import multiprocessing
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import dlproc as dl
from dlproc.models import host

SIZE = 64
PARAM = dl.create_dl_preprocess_param("anomaly_detection", SIZE, SIZE, 3, normalization_type="constant_values")


def noise(n, seed=0):
    generator = np.random.Generator(np.random.PCG64(seed))
    images = [generator.integers(0, 256, (SIZE, SIZE, 3), np.uint8) for _ in range(n)]
    samples = dl.gen_dl_samples_from_images(images)
    dl.preprocess_dl_samples(samples, PARAM)
    return samples


def scores():
    """Of a model that is read, trained, applied, extended and applied again."""
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [SIZE, SIZE])
    dl.train_dl_model_anomaly_dataset(model, noise(5))
    before = dl.apply_dl_model(model, noise(2, 1))
    dl.extend_dl_model(model, noise(1, 2))
    return [result["anomaly_score"] for result in before + dl.apply_dl_model(model, noise(2, 1))]


@pytest.fixture(scope="module")
def usual():
    return scores()


def restored(change, restore):
    def run():
        change()
        try:
            return scores()
        finally:
            restore()

    return run


def inside(context):
    def run():
        with context():
            return scores()

    return run


def with_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return scores()


HOSTS = {
    "default type": restored(
        lambda: torch.set_default_dtype(torch.float64), lambda: torch.set_default_dtype(torch.float32)
    ),
    "default device": inside(lambda: torch.device("meta")),
    "inference mode": inside(torch.inference_mode),
    "no gradients": inside(torch.no_grad),
    "autocast": inside(lambda: torch.autocast("cpu", dtype=torch.bfloat16)),
    "bfloat16": restored(
        lambda: torch.set_float32_matmul_precision("medium"), lambda: torch.set_float32_matmul_precision("highest")
    ),
    "deterministic": restored(
        lambda: torch.use_deterministic_algorithms(True), lambda: torch.use_deterministic_algorithms(False)
    ),
    "errors of numpy": inside(lambda: np.errstate(all="raise")),
    "warnings": with_warnings_as_errors,
}


@pytest.mark.parametrize("run", HOSTS.values(), ids=HOSTS)
def test_scores_do_not_depend_on_it(run, usual):
    assert run() == usual


def test_the_random_numbers_of_the_host_stay(usual):
    before = torch.get_rng_state()
    assert scores() == usual
    assert torch.equal(torch.get_rng_state(), before)


def test_calls_that_overlap_give_the_settings_back(monkeypatch):
    """The first ends while the second goes on: each restored what it had found, and so what the other had set."""
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    settings = [(where, name) for where, name, _ in host._exact_settings()]
    before = [getattr(where, name) for where, name in settings]
    first, second = host.own_settings(), host.own_settings()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"  # the second still computes
    second.__exit__(None, None, None)
    assert [getattr(where, name) for where, name in settings] == before


def test_eight_threads_and_one_model(usual):
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [SIZE, SIZE])
    dl.train_dl_model_anomaly_dataset(model, noise(5))
    found = {}

    def work(number):
        found[number] = [result["anomaly_score"] for result in dl.apply_dl_model(model, noise(2, 1))]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [usual[:2]] * 8


FORK = f"""
import multiprocessing, sys, torch
sys.path.insert(0, {str(Path(__file__).parent)!r})
torch.set_num_threads(2)
import dlproc as dl
from test_host_process import SIZE, noise
model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
dl.set_dl_model_param(model, "image_size", [SIZE, SIZE])
dl.train_dl_model_anomaly_dataset(model, noise(3))

def work(queue, n_threads):
    torch.set_num_threads(n_threads)
    try:
        queue.put(len(dl.apply_dl_model(model, noise(2, 1))))
    except dl.DLError as error:
        queue.put(str(error))

context = multiprocessing.get_context("fork")
for n_threads in (2, 1):
    queue = context.Queue()
    process = context.Process(target=work, args=(queue, n_threads), daemon=True)
    process.start()
    print(queue.get(timeout=120))
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_a_forked_process_gets_an_error_where_torch_would_wait_for_ever():
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    error, n_results = done.stdout.splitlines()
    assert error.startswith("this process: expected a process that was not forked after dlproc had computed with ")
    assert "start workers with multiprocessing.get_context('spawn')" in error
    assert n_results == "2"  # with one thread it works


WITHOUT_CONSOLE = """
import sys
sys.stdout = sys.stderr = sys.stdin = None
from dlproc.cli.main import main
code = main(["info", "initial_dl_anomaly_medium.hdl"])
wrong = main(["info", "gone.hdl"])
open(sys.argv[1], "w").write(f"{code} {wrong}")
"""


def test_a_program_without_a_console(tmp_path):
    """As with pythonw on Windows."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_CONSOLE, str(tmp_path / "codes")], timeout=500)
    assert done.returncode == 0
    assert (tmp_path / "codes").read_text() == "0 2"
