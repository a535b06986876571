"""How fast: ``python benchmarks/speed.py``. All ratios are taken within this one run; absolute times are this
machine's.

(a) `apply_dl_model` for one preprocessed 256 x 256 sample, against the bare truncated network on the same tensor.
(b) `train_dl_model` on 250 images, against the bare feature pass over them; and its peak memory.
(c) ``import dlproc``, in fresh processes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from common import write_elpv_mono, write_results

import dlproc as dl
from dlproc.models.anomaly.patch_statistics import LAST_STAGE, STAGES

N_REPEATS = 50
N_IMAGES = 250


def median_ms(call: Callable[[], object], n_repeats: int = N_REPEATS) -> float:
    """Median time of a call in milliseconds, after a warm-up."""
    for _ in range(3):
        call()
    times = []
    for _ in range(n_repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) * 1e3


class PeakMemory:
    """Largest resident memory of this process while the block runs, sampled every 5 ms."""

    def __enter__(self) -> PeakMemory:
        self.peak_bytes, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.005):
            self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def trained_model(work: Path, name: str) -> tuple[Any, Any, dict[str, float]]:
    """A model trained on 250 solar cells, with the times that it took."""
    dataset = dl.read_dl_dataset_mvtec(write_elpv_mono(work / "elpv_mono"), {"validation_percent": 0})
    model = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
    dl.set_dl_model_param(model, "image_size", [256, 256])
    param = dl.create_dl_preprocess_param_from_model(model)
    quiet = {"overwrite_files": "auto", "show_progress": False}
    dl.preprocess_dl_dataset(dataset, work / "elpv_mono_256", param, quiet)
    train_param = dl.create_dl_train_param(model, enable_display=False)
    train = dl.find_dl_samples(dataset["samples"], "split", "train", "match")
    assert len(train) == N_IMAGES

    image = torch.zeros(1, 3, 256, 256).contiguous(memory_format=torch.channels_last)
    feature_pass = bare_network(model, image)
    feature_pass()
    times: dict[str, list[float]] = {"feature_pass": [], "train": []}
    with PeakMemory() as memory:
        for _ in range(3):
            start = time.perf_counter()
            for _ in range(N_IMAGES):
                feature_pass()
            middle = time.perf_counter()
            dl.train_dl_model(dataset, model, train_param)
            times["feature_pass"].append(middle - start)
            times["train"].append(time.perf_counter() - middle)
    seconds = {f"{key}_s": float(np.median(value)) for key, value in times.items()}
    ratio = seconds["train_s"] / seconds["feature_pass_s"]
    return model, dataset, {**seconds, "train_ratio": ratio, "train_peak_memory_mb": memory.peak_bytes / 1e6}


def bare_network(model: Any, image: torch.Tensor) -> Callable[[], object]:
    """The truncated network alone, on a tensor that is ready."""
    backbone = model.backbone
    assert len(backbone.stages) == LAST_STAGE

    def call() -> object:
        with torch.inference_mode():
            return backbone(image, STAGES)

    return call


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    figures: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in ("medium", "large"):
        model, dataset, training = trained_model(arguments.work, name)
        sample = dl.read_dl_samples(dataset, 0)
        image = torch.from_numpy(sample[0]["image"]).permute(2, 0, 1)[None]
        network_ms = median_ms(bare_network(model, image))
        apply_ms = median_ms(lambda model=model, sample=sample: dl.apply_dl_model(model, sample))
        figures[name] = {
            "network_ms": network_ms,
            "apply_ms": apply_ms,
            "apply_ratio": apply_ms / network_ms,
            **training,
        }
        dl.write_dl_model(model, arguments.work / "speed.hdl")
        figures[name]["model_file_mb"] = (arguments.work / "speed.hdl").stat().st_size / 1e6
    code = "import time, sys; t = time.perf_counter(); import dlproc; t = time.perf_counter() - t"
    code += "; assert 'torch' not in sys.modules; print(t)"
    imports = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(9)
    ]
    figures["import_s"] = float(np.median(imports))
    figures = {
        k: {n: round(x, 3) for n, x in v.items()} if isinstance(v, dict) else round(v, 4) for k, v in figures.items()
    }
    for key, value in figures.items():
        print(key, value)
    write_results("speed", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    main(parser.parse_args())
