"""How fast: ``python benchmarks/speed.py``. All ratios are taken within this one run; absolute times are this
machine's.

(a) From the file to the regions, one image and eight at once: decode (a PNG of 300 x 300), preprocess (to 256 x 256),
    the network, scoring (what `apply_dl_model` takes beyond the bare network), threshold and regions.
(b) `apply_dl_model` against the limit: the multiply-adds of the network, counted convolution by convolution, at the
    rate of a large float32 matrix product in this process, with the same threads.
(c) `train_dl_model` on 250 images, against the bare feature pass over them; and its peak memory.
(d) ``import dlproc``, in fresh processes.

The bare network is that of the model, cut behind the last stage that is read, on a tensor that is ready. Times are
medians; the steps take turns.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import (
    PeakMemory,
    interleaved_ms,
    preprocessed_set,
    read_model,
    rounded,
    write_elpv_mono,
    write_results,
)
from torch import Tensor, nn

import dlproc as dl

SIZE = 256
N_IMAGES = 250
MATRIX = 2048  # rows and columns of the product that says how fast this machine multiplies
BATCHES = (1, 8)


def network_input(model: Any, n_images: int) -> Tensor:
    """A tensor as the network takes it: channels last, no value special."""
    batch = torch.linspace(-1, 1, n_images * 3 * SIZE * SIZE).view(n_images, SIZE, SIZE, 3)
    return batch.to(model.device.torch_device).permute(0, 3, 1, 2)


def bare_network(model: Any, images: Tensor) -> Callable[[], object]:
    """The truncated network alone, on a tensor that is ready."""
    backbone = model.backbone

    def call() -> object:
        with torch.inference_mode():
            return backbone(images, (len(backbone.stages),))

    return call


def multiply_adds(model: Any) -> int:
    """Of the truncated network for one image: outputs x inputs per output, over all convolutions.

    Lite0 to stage 5 has 318 million at 256 x 256.
    """
    total = 0

    def count(layer: Any, _: object, output: Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.conv.weight[0].numel()

    # Layers, not their convolutions: some are computed as matrix products.
    layers = [module for module in model.backbone.modules() if isinstance(getattr(module, "conv", None), nn.Conv2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    bare_network(model, network_input(model, 1))()
    for hook in hooks:
        hook.remove()
    return total


def train(work: Path, name: str) -> tuple[Any, Any, dict[str, float]]:
    """A model trained on 250 solar cells, with the times that it took."""
    model = read_model(name, SIZE)
    dataset = preprocessed_set(write_elpv_mono(work / "elpv_mono"), work, model)
    train_param = dl.create_dl_train_param(model, enable_display=False)
    assert len(dl.find_dl_samples(dataset["samples"], "split", "train", "match")) == N_IMAGES

    feature_pass = bare_network(model, network_input(model, 1))
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


def steps(model: Any, dataset: Any, n_images: int, n_rounds: int) -> dict[str, float]:
    """Median milliseconds of each step from the files of a batch to its regions, and of the matrix product."""
    dl.set_dl_model_param(model, "batch_size", n_images)
    indices = dl.find_dl_samples(dataset["samples"], "anomaly_label", "nok", "match")[:n_images]
    param = dl.create_dl_preprocess_param_from_model(model)
    raw = dl.gen_dl_samples(dataset, indices, "image_only")
    batch = [dict(sample) for sample in raw]
    dl.preprocess_dl_samples(batch, param)
    results = dl.apply_dl_model(model, batch)
    # A threshold that leaves regions to be found in each image, as a defect does.
    threshold = float(np.quantile(results[0]["anomaly_image"], 0.97))

    def find_regions() -> None:
        found = [dict(result) for result in results]
        dl.threshold_dl_anomaly_results(threshold, 0.5, found)
        for result in found:
            dl.get_dl_anomaly_regions(result)

    matrix = torch.linspace(-1, 1, MATRIX * MATRIX).view(MATRIX, MATRIX)
    # Each kind of work in turns with its like alone: the thread pools of different libraries slow each other.
    turns: list[dict[str, Callable[[], object]]] = [
        {"matrix_product": lambda: torch.mm(matrix, matrix)},
        {
            "network": bare_network(model, network_input(model, n_images)),
            "apply": lambda: dl.apply_dl_model(model, batch),
        },
        {"decode": lambda: dl.gen_dl_samples(dataset, indices, "image_only")},
        {"preprocess": lambda: dl.preprocess_dl_samples([dict(sample) for sample in raw], param)},
        {"region": find_regions},
    ]
    return {name: ms for calls in turns for name, ms in interleaved_ms(calls, n_rounds).items()}


def measure_steps(model: Any, dataset: Any, n_images: int, n_rounds: int) -> dict[str, float]:
    """(a) and (b) for one size of the batch; milliseconds are those of the whole batch."""
    ms = steps(model, dataset, n_images, n_rounds)
    rate = 2 * MATRIX**3 / ms["matrix_product"] * 1e3  # operations in a second
    limit_ms = n_images * 2 * multiply_adds(model) / rate * 1e3
    total_ms = ms["decode"] + ms["preprocess"] + ms["apply"] + ms["region"]
    return {
        "decode_ms": ms["decode"],
        "preprocess_ms": ms["preprocess"],
        "network_ms": ms["network"],
        "scoring_ms": ms["apply"] - ms["network"],
        "region_ms": ms["region"],
        "total_ms": total_ms,
        "images_per_second": n_images / total_ms * 1e3,
        "apply_ms": ms["apply"],
        "matrix_product_gflop_per_s": rate / 1e9,
        "limit_ms": limit_ms,
        "network_over_limit": ms["network"] / limit_ms,
        "apply_over_limit": ms["apply"] / limit_ms,
    }


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    figures: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in ("medium", "large"):
        model, dataset, training = train(arguments.work, name)
        sample = dl.read_dl_samples(dataset, 0)
        # The two alone, nothing between them: the caches are warm, as on a line that does nothing else.
        alone: dict[str, Callable[[], object]] = {
            "network": bare_network(model, network_input(model, 1)),
            "apply": lambda model=model, sample=sample: dl.apply_dl_model(model, sample),
        }
        ms = interleaved_ms(alone, 50)
        figures[name] = {
            "network_ms": ms["network"],
            "apply_ms": ms["apply"],
            "apply_ratio": ms["apply"] / ms["network"],
            **training,
            "multiply_adds_million": multiply_adds(model) / 1e6,
        }
        for n_images in BATCHES:
            figures[name][f"batch_{n_images}"] = measure_steps(model, dataset, n_images, arguments.rounds)
        dl.write_dl_model(model, arguments.work / "speed.hdl")
        figures[name]["model_file_mb"] = (arguments.work / "speed.hdl").stat().st_size / 1e6
    code = "import time, sys; t = time.perf_counter(); import dlproc; t = time.perf_counter() - t"
    code += "; assert 'torch' not in sys.modules; print(t)"
    imports = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(9)
    ]
    figures = rounded(figures) | {"import_s": round(float(np.median(imports)), 4)}
    for key, value in figures.items():
        print(key, value)
    write_results("speed", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    parser.add_argument("--rounds", type=int, default=30, help="repeats of each step")
    main(parser.parse_args())
