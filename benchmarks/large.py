"""Large images in tiles: ``python benchmarks/large.py``. Generated pictures of a rolled sheet, scratches of 7 x 3
pixels.

(a) For each size image AUROC with tiles of 512 pixels, and without: the image shrunk to at most 256 pixels a side.
(b) For each size, colour images, in processes of their own: seconds (of the clock, and of all cores together) and peak
    memory of `apply_dl_model` for one image, peak memory of training on five, sizes of the model's file and of one
    preprocessed sample.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import PeakMemory, in_fresh_process, rounded, write_results

import dlproc as dl
from dlproc.measures.roc import auroc
from dlproc.models.train import SampleSource, train_on_samples
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples"))

from rolled_sheet import draw_sheet

SIZES = ((1000, 1000), (2000, 1500), (4000, 3000), (200, 5000))  # width, height
TILE = 512
N_TRAIN, N_TEST = 6, 15  # images of (a); N_TEST good ones and as many with one scratch
N_TRAIN_MEMORY, N_REPEATS = 5, 3


def untrained(size: tuple[int, int], n_channels: int, tile: int) -> Any:
    """A model for images of this size."""
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "tile_size", tile)
    dl.set_dl_model_param(model, "image_dimensions", [*size, n_channels])
    return model


def sheet(size: tuple[int, int], model: Any, n_scratches: int, seed: int, number: int) -> Any:
    """The picture of this number, each time the same, as a sample of the model."""
    generator = np.random.Generator(np.random.PCG64([seed, number]))
    batch = dl.gen_dl_samples_from_images(draw_sheet(size[1], size[0], generator, n_scratches)[0])
    dl.preprocess_dl_samples(batch, dl.create_dl_preprocess_param_from_model(model))
    return batch[0]


def train(model: Any, size: tuple[int, int], n: int) -> None:
    """As `train_dl_model` does, reading one sample at a time."""
    source = SampleSource(n, lambda number: sheet(size, model, 0, 1, number), str, lambda number: {})
    train_on_samples(model, source, check_options(None, AnomalyTrainParam, "anomaly_param"), {}, False)


def accuracy(size: tuple[int, int]) -> dict[str, float]:
    """Image AUROC with tiles and without."""
    shrunk = tuple(max(32, round(256 * side / max(size) / 32) * 32) for side in size)
    models = {"image_auroc_tiles": untrained(size, 1, TILE), "image_auroc_shrunk": untrained(shrunk, 1, 0)}
    for model in models.values():
        train(model, size, N_TRAIN)
    scores: dict[str, list[float]] = {name: [] for name in models}
    for n_scratches in (0, 1):
        for number in range(N_TEST):
            for name, model in models.items():
                sample = sheet(size, model, n_scratches, 2 + n_scratches, number)
                (result,) = dl.apply_dl_model(model, [sample], "anomaly_score")
                scores[name].append(result["anomaly_score"])
    is_scratched = np.arange(2 * N_TEST) >= N_TEST
    return {name: auroc(np.array(values), is_scratched) or 0.0 for name, values in scores.items()}


def measure_training(size: tuple[int, int], path: Path) -> dict[str, float]:
    """Peak memory of training; writes the model."""
    model = untrained(size, 3, TILE)
    with PeakMemory() as memory:
        train(model, size, N_TRAIN_MEMORY)
    dl.write_dl_model(model, path)
    return {"train_peak_memory_mb": memory.peak_bytes / 1e6, "model_file_mb": path.stat().st_size / 1e6}


def measure_applying(size: tuple[int, int], path: Path) -> dict[str, float]:
    """Time and peak memory of one image with a model from a file."""
    model = dl.read_dl_model(path)
    sample = sheet(size, model, 1, 2, 0)
    seconds, cpu_seconds = [], []
    with PeakMemory() as memory:
        for _ in range(N_REPEATS):
            start, cpu_start = time.perf_counter(), time.process_time()
            dl.apply_dl_model(model, [sample])
            seconds.append(time.perf_counter() - start)
            cpu_seconds.append(time.process_time() - cpu_start)
    megapixels = size[0] * size[1] / 1e6
    return {
        "apply_s": min(seconds),
        "apply_cpu_s": min(cpu_seconds),
        "apply_cpu_s_per_megapixel": min(cpu_seconds) / megapixels,
        "apply_peak_memory_mb": memory.peak_bytes / 1e6,
        "sample_mb": sample["image"].nbytes / 1e6,
    }


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    arguments.work.mkdir(parents=True, exist_ok=True)
    path = arguments.work / "large.hdl"
    if arguments.part:  # a process of its own, started below
        part = {"train": measure_training, "apply": measure_applying}[arguments.part]
        print(json.dumps(part(tuple(arguments.size), path)))
        return
    figures: dict[str, Any] = {"tile_size": TILE, "threads": torch.get_num_threads()}
    for size in SIZES:
        row: dict[str, float] = {}
        for part in ("train", "apply"):
            options = ["--work", arguments.work, "--part", part, "--size", *size]
            row |= in_fresh_process(Path(__file__), options)
        row |= accuracy(size)
        figures[f"{size[0]} x {size[1]}"] = rounded(row)
        print(size, figures[f"{size[0]} x {size[1]}"], flush=True)
    write_results("large_images", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for the model")
    parser.add_argument("--part", choices=("train", "apply"), help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, nargs=2, help=argparse.SUPPRESS)
    main(parser.parse_args())
