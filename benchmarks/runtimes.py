"""How fast each runtime is on the CPU, and how near to the model: ``python benchmarks/runtimes.py``.

The model (medium, or --models) is trained on 250 solar cells at 256 x 256 and converted for torch, ONNX Runtime and
OpenVINO in each precision. `apply_dl_model` is timed for one sample and for eight at once, each runtime in processes of
its own: for a while after a call the threads of a runtime wait spinning, and would take the cores of the next. The
processes take turns, so that what disturbs the machine disturbs all. Parity is over the 160 test images: largest
change of an image's score and of a pixel's, flipped decisions, image AUROC. With --data the parity alone is also
measured on the sets of that folder.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import FOLDERS, in_fresh_process, set_folder, write_elpv_mono, write_results
from sklearn.metrics import roc_auc_score

import dlproc as dl

BATCHES = (1, 8)
N_PROCESSES = 5  # for each runtime
ALLOW_ALL = {"max_score_difference": 1.0, "max_pixel_difference": 1.0}


def trained_model(folder: Path, work: Path, name: str) -> tuple[Any, list[Any]]:
    """A model of 256 x 256 with thresholds, and the test samples."""
    dataset = dl.read_dl_dataset_mvtec(folder)
    model = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
    dl.set_dl_model_param(model, "image_size", [256, 256])
    param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, work, param, {"overwrite_files": "auto", "show_progress": False})
    dl.train_dl_model(dataset, model, dl.create_dl_train_param(model, enable_display=False))
    dl.compute_dl_anomaly_thresholds(model, dataset)
    test = dl.find_dl_samples(dataset["samples"], "split", "test", "match")
    return model, dl.read_dl_samples(dataset, test)


def conversions(model: Any, samples: list[Any]) -> dict[str, tuple[Any, Any]]:
    """Every runtime and precision of the CPU: the converted model and its report."""
    made = {}
    for device in dl.query_available_dl_devices("runtime", "cpu"):
        interface = device.ai_accelerator_interface
        for precision in dl.get_dl_device_param(device, "precisions"):
            name = f"{'torch' if interface == 'none' else interface} {precision}"
            made[name] = dl.optimize_dl_model_for_inference(model, device, precision, samples, ALLOW_ALL)
    return made


def parity(model: Any, report: Any, samples: list[Any]) -> dict[str, Any]:
    """What the conversion changed."""
    labels = [sample["anomaly_label_id"] for sample in samples]
    scores = [result["anomaly_score"] for result in dl.apply_dl_model(model, samples, "anomaly_score")]
    return {
        "max_score_difference": float(f"{report['max_score_difference']:.2g}"),
        "max_pixel_difference": float(f"{report['max_pixel_difference']:.2g}"),
        "n_flipped": report["n_flipped"],
        "n_images": report["n_samples"],
        "image_auroc": round(float(roc_auc_score(labels, scores)), 4),
        "graph_mb": round(report["graph_bytes"] / 1e6, 1),
    }


def times_ms(path: Path, n_rounds: int) -> dict[str, float]:
    """Median milliseconds for an image, by the size of the batch, in this process."""
    model = dl.read_dl_model(path)
    noise = np.random.default_rng(0).normal(0, 0.5, (max(BATCHES), 256, 256, 3))  # noqa: TID251 - what is timed
    samples = [{"image": image} for image in noise.astype(np.float32)]
    times = {}
    for n_at_once in BATCHES:
        dl.set_dl_model_param(model, "batch_size", n_at_once)
        seconds = []
        for _ in range(n_rounds + 5):
            begin = time.perf_counter()
            dl.apply_dl_model(model, samples[:n_at_once])
            seconds.append(time.perf_counter() - begin)
        times[f"batch_{n_at_once}_ms"] = float(np.median(seconds[5:])) / n_at_once * 1e3
    return times


def times_of_all(models: dict[str, Any], work: Path, n_rounds: int) -> dict[str, dict[str, float]]:
    """The same for each runtime, the median of its processes."""
    paths = {key: work / f"{key.replace(' ', '_')}.hdl" for key in models}
    for key, model in models.items():
        dl.write_dl_model(model, paths[key])
    runs: dict[str, list[dict[str, float]]] = {key: [] for key in models}
    for _ in range(N_PROCESSES):
        for key, path in paths.items():
            runs[key].append(in_fresh_process(Path(__file__), ["--worker", path, "--rounds", n_rounds]))
    return {
        key: {name: round(float(np.median([run[name] for run in of_one])), 2) for name in of_one[0]}
        for key, of_one in runs.items()
    }


def main(arguments: argparse.Namespace) -> None:
    """Convert, compare, time, print, write."""
    if arguments.worker is not None:
        print(json.dumps(times_ms(arguments.worker, arguments.rounds)))
        return
    figures: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in arguments.models:
        model, samples = trained_model(write_elpv_mono(arguments.work / "elpv_mono"), arguments.work / "elpv_256", name)
        made = conversions(model, samples)
        rows = {key: parity(converted, report, samples) for key, (converted, report) in made.items()}
        for key, times in times_of_all(
            {k: pair[0] for k, pair in made.items()}, arguments.work, arguments.rounds
        ).items():
            rows[key] |= times
        figures[name] = rows
        for set_name in FOLDERS if arguments.data else ():
            folder = set_folder(set_name, arguments.data, arguments.work)
            if folder is not None:
                model, samples = trained_model(folder, arguments.work / f"{set_name}_256", name)
                found = conversions(model, samples).items()
                figures[f"{name} {set_name}"] = {key: parity(*pair, samples) for key, pair in found}
    for key, value in figures.items():
        print(key, *(value.items() if isinstance(value, dict) else [value]), sep="\n  ")
    write_results("runtimes", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["medium"], choices=("medium", "large"))
    parser.add_argument("--rounds", type=int, default=40, help="calls of each process that its median is of")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)  # the process of one converted model
    parser.add_argument("--data", type=Path, help="folder with sets in the layout of MVTec AD")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    main(parser.parse_args())
