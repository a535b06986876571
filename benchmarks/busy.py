"""What other programs on the machine cost: ``python benchmarks/busy.py``.

One image through `apply_dl_model` (medium, 256 x 256), and a training on 250 solar cells, on a quiet machine, beside
one busy process for each core, and (one image) beside one busy process. Ways to share the cores are measured in
processes of their own, each the same trained model:

- ``dlproc``: as it is, see `dlproc.models.threads`
- ``all threads``: as without that module, always all threads
- ``one thread``: ``torch.set_num_threads(1)``
- ``passive``, ``spin N``: all threads, with OpenMP's OMP_WAIT_POLICY=PASSIVE, or libgomp's GOMP_SPINCOUNT=N
- ``onnx runtime``, ``onnx runtime passive``: the converted model, its own threads spinning or not; ``openvino``

Wall-clock milliseconds; the median and what nine of ten images stay below. Another program on the machine spoils these
figures more than those of any other benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from common import in_fresh_process, preprocessed_set, read_model, rounded, write_elpv_mono, write_results

import dlproc as dl

SIZE = 256
N_WARM_UP = 5
CONVERTED = ("onnx runtime", "openvino")
ENVIRONMENT = {
    "passive": {"OMP_WAIT_POLICY": "PASSIVE"},
    "spin 1000": {"GOMP_SPINCOUNT": "1000"},
    "spin 10000": {"GOMP_SPINCOUNT": "10000"},
}
WAYS = ("dlproc", "all threads", "one thread", *ENVIRONMENT, "onnx runtime", "onnx runtime passive", "openvino")
TRAINING_WAYS = ("dlproc", "all threads", "one thread")


@contextmanager
def busy_processes(number: int) -> Iterator[None]:
    """Processes that do nothing but compute, while the block runs."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def always_all_threads() -> Any:
    """Make dlproc work as if no load were ever seen, all threads computing each image."""
    from dlproc.models.anomaly import patch_statistics
    from dlproc.models.threads import Load

    patched = patch.object(patch_statistics, "_n_workers", lambda *_: 1)
    patched.start()
    return patch.object(Load, "is_busy", lambda _: False)


def passive_onnx_runtime() -> Any:
    """ONNX Runtime whose threads sleep while they wait."""
    import onnxruntime

    made = onnxruntime.SessionOptions

    def options() -> Any:
        without_spinning = made()
        without_spinning.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return without_spinning

    return patch.object(onnxruntime, "SessionOptions", options)


def of_way(way: str) -> Any:
    """The context in which a way is measured."""
    if way == "one thread":
        torch.set_num_threads(1)
    if way == "onnx runtime passive":
        return passive_onnx_runtime()
    return always_all_threads() if way == "all threads" or way in ENVIRONMENT else nullcontext()


def time_one_image(way: str, work: Path, n_rounds: int) -> dict[str, float]:
    """Median and ninth decile of the time of one image, in this process."""
    name = next((converted for converted in CONVERTED if way.startswith(converted)), "torch")
    model = dl.read_dl_model(work / f"busy {name}.hdl")
    noise = np.random.default_rng(0).normal(0, 0.5, (SIZE, SIZE, 3))  # noqa: TID251 - what is timed
    sample = {"image": noise.astype(np.float32)}
    seconds = []
    for _ in range(n_rounds + N_WARM_UP):
        begin = time.perf_counter()
        dl.apply_dl_model(model, sample)
        seconds.append(time.perf_counter() - begin)
    ms = np.array(seconds[N_WARM_UP:]) * 1e3
    return {"median_ms": float(np.median(ms)), "p90_ms": float(np.quantile(ms, 0.9)), "longest_ms": float(ms.max())}


def time_training(_: str, work: Path, __: int) -> dict[str, float]:
    """Seconds of a training, the first in this process."""
    model = read_model("medium", SIZE)
    dataset = preprocessed_set(write_elpv_mono(work / "elpv_mono"), work, model)
    param = dl.create_dl_train_param(model, enable_display=False)
    begin = time.perf_counter()
    dl.train_dl_model(dataset, model, param)
    return {"train_s": time.perf_counter() - begin}


TASKS: dict[str, Callable[[str, Path, int], dict[str, float]]] = {"image": time_one_image, "training": time_training}


def write_models(work: Path) -> None:
    """The trained model as a file, also converted."""
    model = read_model("medium", SIZE)
    dataset = preprocessed_set(write_elpv_mono(work / "elpv_mono"), work, model)
    dl.train_dl_model(dataset, model, dl.create_dl_train_param(model, enable_display=False))
    dl.write_dl_model(model, work / "busy torch.hdl")
    samples = dl.read_dl_samples(dataset, list(range(8)))
    for converted in CONVERTED:
        names = ["runtime", "ai_accelerator_interface"]
        (device,) = dl.query_available_dl_devices(names, ["cpu", converted.replace(" ", "_")])
        made, _ = dl.optimize_dl_model_for_inference(model, device, "float32", samples)
        dl.write_dl_model(made, work / f"busy {converted}.hdl")


def measure(task: str, ways: tuple[str, ...], loads: tuple[int, ...], arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of each way, by the number of busy processes beside it."""
    figures: dict[str, Any] = {}
    for n_busy in loads:
        with busy_processes(n_busy):
            for way in ways:
                worker = [task, "--way", way, "--rounds", arguments.rounds, "--work", arguments.work]
                found = in_fresh_process(Path(__file__), worker, environment=ENVIRONMENT.get(way))
                figures.setdefault(way, {})[f"beside_{n_busy}"] = found
                print(task, f"beside {n_busy}", way, found, flush=True)
    return figures


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    if arguments.task:
        with of_way(arguments.way):
            print(json.dumps(TASKS[arguments.task](arguments.way, arguments.work, arguments.rounds)))
        return
    n_cores = os.cpu_count() or 1
    write_models(arguments.work)
    figures: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "image": measure("image", WAYS, (0, 1, n_cores), arguments),
        "training": measure("training", TRAINING_WAYS, (0, n_cores), arguments),
    }
    quiet = figures["image"]["all threads"]["beside_0"]["median_ms"]
    image, training = figures["image"]["dlproc"], figures["training"]["dlproc"]
    busy = f"beside_{n_cores}"
    figures |= {
        "image_p90_busy_over_quiet": image[busy]["p90_ms"] / image["beside_0"]["median_ms"],
        "image_quiet_over_all_threads": image["beside_0"]["median_ms"] / quiet,
        "training_busy_over_quiet": training[busy]["train_s"] / training["beside_0"]["train_s"],
    }
    write_results("busy", rounded(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", choices=TASKS, help=argparse.SUPPRESS)  # of a process of its own
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=60, help="images of each measurement")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    main(parser.parse_args())
