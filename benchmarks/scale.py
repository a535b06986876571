"""How training grows with the number of images: ``python benchmarks/scale.py``. Seconds and peak memory for 100, 1,000,
10,000 and 20,000 images, each in a fresh process.

The images are 256 x 256, all different, made when they are asked for and forgotten afterwards: 20,000 preprocessed
samples would take 15 GB on disk. So they do not come through `train_dl_model`, which reads samples from a folder, but
through what it calls itself, `train_on_samples`. The time to make them is taken off; that to read them from a disk is
not in these figures.

What should come out: time linear in the number of images (the milliseconds of one image do not grow), memory flat and
within ``'max_memory_mb'``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import PeakMemory, in_fresh_process, read_model, rounded, write_results
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from tqdm import tqdm

import dlproc as dl
from dlproc.models.train import SampleSource, train_on_samples

COUNTS = (100, 1_000, 10_000, 20_000)
SIZE = 256
N_TEXTURES = 8
MARGIN = 64


class Images:
    """Good images without end: random crops of a few textures, each a little brighter or darker.

    Attributes
    ----------
    seconds : float
        Spent making them, so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._textures = [_texture(number) for number in range(N_TEXTURES)]

    def sample(self, number: int) -> dict[str, Any]:
        """One as preprocessing makes it, always the same for a number: float32 (256, 256, 3), about -2 to 2."""
        start = time.perf_counter()
        generator = np.random.default_rng([N_TEXTURES, number])  # noqa: TID251 - the images are part of the definition
        texture = self._textures[number % N_TEXTURES]
        row, column = generator.integers(MARGIN, size=2)
        image = texture[row : row + SIZE, column : column + SIZE] + np.float32(generator.uniform(-0.2, 0.2))
        self.seconds += time.perf_counter() - start
        return {"image": image}


def _texture(number: int) -> NDArray[np.float32]:
    """Noise, smoothed the more the higher the number."""
    generator = np.random.default_rng(number)  # noqa: TID251
    noise = generator.standard_normal((SIZE + MARGIN, SIZE + MARGIN, 3)).astype(np.float32)
    smooth = gaussian_filter(noise, (1.0 + number, 1.0 + number, 0))
    return np.asarray(smooth / smooth.std(), np.float32)


def train(model: Any, images: Images, n_images: int, param: Any) -> None:
    """Train on so many images, made when they are asked for."""
    source = SampleSource(n_images, images.sample, str, lambda number: {"sample_index": number})
    train_on_samples(model, source, param, {}, show_progress=False)


def measure(name: str, n_images: int, max_memory_mb: int) -> dict[str, float]:
    """Train one model on so many images, in this process."""
    model = read_model(name, SIZE)
    model.backbone(torch.zeros(1, 3, SIZE, SIZE), (1,))  # reading the weights and the first call are not training
    options = {"max_memory_mb": max_memory_mb}
    param = dl.create_dl_train_param(model, gen_param_name="anomaly", gen_param_value=options)["anomaly_param"]
    images = Images()
    start = time.perf_counter()
    with PeakMemory() as memory:
        train(model, images, n_images, param)
    seconds = time.perf_counter() - start - images.seconds
    return {
        "seconds": seconds,
        "ms_per_image": seconds / n_images * 1e3,
        "peak_memory_mb": memory.peak_bytes / 1e6,
        "of_which_training_mb": (memory.peak_bytes - memory.before_bytes) / 1e6,
    }


def main(arguments: argparse.Namespace) -> None:
    """Measure each count in a fresh process, print, write."""
    limit = arguments.max_memory_mb
    if arguments.worker is not None:
        print(json.dumps(measure(arguments.model, arguments.worker, limit)))
        return
    options = ["--model", arguments.model, "--max-memory-mb", arguments.max_memory_mb]
    rows: dict[str, Any] = {}
    for n_images in tqdm(arguments.counts, desc="Scale", unit="training"):
        rows[str(n_images)] = rounded(in_fresh_process(Path(__file__), [*options, "--worker", n_images]), 1)
        tqdm.write(f"{n_images:6d} images {rows[str(n_images)]}")
    # From 1,000 images on: below, the fixed part of training counts more than the images.
    many = [row for n_images, row in rows.items() if int(n_images) >= 1_000]
    figures = {
        "model": arguments.model,
        "max_memory_mb": limit,
        "images": rows,
        "time_growth": round(many[-1]["ms_per_image"] / many[0]["ms_per_image"], 3) if many else None,
        "memory_growth": round(many[-1]["peak_memory_mb"] / many[0]["peak_memory_mb"], 3) if many else None,
    }
    print(figures)
    write_results("scale", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS), help="numbers of images")
    parser.add_argument("--model", default="medium", choices=("medium", "large"))
    parser.add_argument("--max-memory-mb", type=int, default=500, help="what training may add")
    parser.add_argument("--work", type=Path, default=None, help="not used; so that all benchmarks can be called alike")
    parser.add_argument("--worker", type=int, default=None, help=argparse.SUPPRESS)  # the process of one count
    main(parser.parse_args())
