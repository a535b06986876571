"""How fast each runtime is on the CPU, and how near to the model: ``python benchmarks/runtimes.py``.

The model (medium, or --models) is trained on 250 solar cells at 256 x 256 and converted for torch, ONNX Runtime and
OpenVINO in each precision. `apply_dl_model` is timed for one sample and for eight at once; the runtimes take turns, so
that what disturbs the machine disturbs all. Parity is over the 160 test images: largest change of an image's score and
of a pixel's, flipped decisions, image AUROC. With --data the parity alone is also measured on the sets of that folder.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import FOLDERS, set_folder, write_elpv_mono, write_results
from sklearn.metrics import roc_auc_score

import dlproc as dl

BATCHES = (1, 8)
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


def times_ms(models: dict[str, Any], samples: list[Any], n_at_once: int, n_rounds: int) -> dict[str, float]:
    """Median milliseconds for an image; one call of each model, round after round."""
    batch = samples[:n_at_once]
    times: dict[str, list[float]] = {name: [] for name in models}
    for model in models.values():
        dl.set_dl_model_param(model, "batch_size", n_at_once)
        dl.apply_dl_model(model, batch)
    for _ in range(n_rounds):
        for name, model in models.items():
            begin = time.perf_counter()
            dl.apply_dl_model(model, batch)
            times[name].append(time.perf_counter() - begin)
    return {name: float(np.median(values)) / n_at_once * 1e3 for name, values in times.items()}


def main(arguments: argparse.Namespace) -> None:
    """Convert, compare, time, print, write."""
    figures: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in arguments.models:
        model, samples = trained_model(write_elpv_mono(arguments.work / "elpv_mono"), arguments.work / "elpv_256", name)
        made = conversions(model, samples)
        rows = {key: parity(converted, report, samples) for key, (converted, report) in made.items()}
        for n_at_once in BATCHES:
            models = {key: converted for key, (converted, _) in made.items()}
            for key, ms in times_ms(models, samples, n_at_once, arguments.rounds).items():
                rows[key][f"batch_{n_at_once}_ms"] = round(ms, 2)
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
    parser.add_argument("--rounds", type=int, default=40, help="calls of each model that the median is of")
    parser.add_argument("--data", type=Path, help="folder with sets in the layout of MVTec AD")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    main(parser.parse_args())
