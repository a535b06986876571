"""How much memory one large image takes: ``python benchmarks/memory.py``.

Peak resident memory of ``dlproc detect`` on a single image (medium, 256 x 256), in a process of its own, with one
thread. A small image gives what the process takes by itself. The images are painted: a colour JPEG of 24 megapixels and
a grey PNG of 178 megapixels, each with and without an overlay.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from common import preprocessed_set, read_model, rounded, write_elpv_mono, write_results
from PIL import Image

import dlproc as dl

SIZE = 256
IMAGES = {  # width, height, channels, ending
    "base": (256, 256, 3, "png"),
    "24_megapixels_colour": (6000, 4000, 3, "jpg"),
    "178_megapixels_grey": (16000, 11125, 1, "png"),
}


def paint(path: Path, width: int, height: int, n_channels: int) -> None:
    """Write an image of noise; one that is there stays."""
    if path.exists():
        return
    generator = np.random.default_rng(0)  # noqa: TID251 - what is looked at does not matter
    shape = (height, width, 3) if n_channels == 3 else (height, width)
    Image.fromarray(generator.integers(100, 140, shape, np.uint8)).save(path, quality=90)


def peak_of_detect(model: Path, image: Path, overlays: Path | None) -> float:
    """Peak resident memory of the command, in MB."""
    command = [sys.executable, "-m", "dlproc", "detect", str(model), str(image), "--quiet"]
    command += ["--save-overlays", str(overlays)] if overlays else []
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.Error:  # it has just ended
            break
        time.sleep(0.002)
    if process.wait() == 2:
        raise SystemExit(f"{image} was not inspected")
    return peak / 1e6


def write_model(work: Path) -> Path:
    """A trained model with thresholds."""
    path = work / "memory.hdl"
    model = read_model("medium", SIZE)
    dataset = preprocessed_set(write_elpv_mono(work / "elpv_mono"), work, model)
    dl.train_dl_model(dataset, model, dl.create_dl_train_param(model, enable_display=False))
    dl.set_dl_model_param(
        model, "meta_data", {"anomaly_segmentation_threshold": "0.5", "anomaly_classification_threshold": "0.5"}
    )
    dl.write_dl_model(model, path)
    return path


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    arguments.work.mkdir(parents=True, exist_ok=True)
    model, figures = write_model(arguments.work), {}
    for name in arguments.images:
        width, height, n_channels, ending = IMAGES[name]
        image = arguments.work / f"{name}.{ending}"
        paint(image, width, height, n_channels)
        row: dict[str, Any] = {"decoded_mb": width * height * n_channels / 1e6}
        row["peak_mb"] = peak_of_detect(model, image, None)
        if name != "base":
            row["peak_with_overlay_mb"] = peak_of_detect(model, image, arguments.work / "overlays")
        figures[name] = row
        print(name, row, flush=True)
    write_results("memory", rounded(figures, 0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for images and samples")
    parser.add_argument("--images", nargs="+", choices=IMAGES, default=list(IMAGES), help="which of the images")
    main(parser.parse_args())
