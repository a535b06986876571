"""Logical anomalies, which every patch hides: ``python benchmarks/logical.py``.

Trays and mats painted by ``examples/logical_tray.py``, 150 good images to train on, 60 good and 20 of each anomaly to
test on, 256 x 256, defaults; three seeds that no choice was made on (that was done on seeds 1001 and 1002). For each
seed: image AUROC in all and by anomaly, pixel AUROC, and how often the largest score of an anomalous image lies in its
mask, for medium, and for global with its global network alone and with both.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import write_results
from tqdm import tqdm

import dlproc as dl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples"))
from logical_tray import ANOMALIES, write_logical_set

SEEDS = (1, 2, 3)
N_TRAIN, N_TEST, N_OF_EACH = 150, 60, 20


def measure(folder: Path, work: Path, name: str, seed: int) -> dict[str, dict[str, Any]]:
    """Train one model on a set, and measure it with each choice of networks."""
    dl.set_system("seed_rand", seed)
    dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": 0})
    model = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
    dl.set_dl_model_param(model, "image_size", [256, 256])
    normalization = dl.get_dl_model_param(model, "normalization_type")
    param = dl.create_dl_preprocess_param_from_model(model, normalization)
    quiet = {"overwrite_files": "auto", "show_progress": False}
    dl.preprocess_dl_dataset(dataset, work / f"{folder.name}_{name}", param, quiet)
    start = time.perf_counter()
    dl.train_dl_model(dataset, model, {"display_param": {"enabled": False}})
    train_s = time.perf_counter() - start
    if name != "global":
        return {name: _measured(dataset, model) | {"train_s": round(train_s, 1)}}
    figures = {"global": {"train_s": round(train_s, 1)}}
    for label, networks in (("global_network", ["global"]), ("both_networks", ["local", "global"])):
        dl.set_dl_model_param(model, "gc_anomaly_networks", networks)
        figures[label] = _measured(dataset, model)
    return figures


def _measured(dataset: Any, model: Any) -> dict[str, Any]:
    """The measures of the test images."""
    result, _ = dl.evaluate_dl_model(
        dataset, model, "split", "test", {"measures": ["image_auroc", "pixel_auroc", "anomaly_types"]}
    )
    total = result["global_evaluation"]
    by_type = {row["anomaly_type"]: round(row["image_auroc"], 4) for row in result["anomaly_types"]}
    return {
        "image_auroc": round(total["image_auroc"], 4),
        "pixel_auroc": round(total["pixel_auroc"], 4),
        "peak_in_mask": round(_share_of_peaks(dataset, model), 4),
        "by_type": by_type,
    }


def _share_of_peaks(dataset: Any, model: Any) -> float:
    """Share of the anomalous images whose largest pixel score lies in the mask."""
    hits = []
    for index, row in enumerate(dataset["samples"]):
        if row["split"] == "test" and row["anomaly_label"] == "nok":
            sample = dl.read_dl_samples(dataset, index)[0]
            peak = dl.apply_dl_model(model, [sample], "anomaly_image")[0]["anomaly_image"].argmax()
            hits.append(sample["anomaly_ground_truth"].flat[peak] > 0)
    return float(np.mean(hits))


def main(arguments: argparse.Namespace) -> None:
    """Measure all seeds, print the table, write the results."""
    figures: dict[str, Any] = {scene: {} for scene in arguments.scenes}
    for scene in arguments.scenes:
        for seed in tqdm(SEEDS, desc=scene, unit="seed"):
            folder = arguments.work / f"logical_{scene}_{seed}"
            if not (folder / "complete").exists():
                write_logical_set(folder, N_TRAIN, N_TEST, N_OF_EACH, seed, scene)
                (folder / "complete").touch()
            for name in ("medium", "global"):
                for label, measured in measure(folder, arguments.work, name, seed).items():
                    figures[scene].setdefault(label, []).append(measured)
        print(f"{scene:6s} {'':15s} image AUROC, pixel AUROC, peaks in mask; " + ", ".join(ANOMALIES[scene]))
        for label, runs in figures[scene].items():
            if "image_auroc" in runs[0]:
                values = [np.mean([run[key] for run in runs]) for key in ("image_auroc", "pixel_auroc", "peak_in_mask")]
                values += [np.mean([run["by_type"][anomaly] for run in runs]) for anomaly in ANOMALIES[scene]]
                print(f"{'':6s} {label:15s} " + "  ".join(f"{value:.3f}" for value in values), flush=True)
    write_results("logical", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for pictures and samples")
    parser.add_argument("--scenes", nargs="+", default=list(ANOMALIES), choices=list(ANOMALIES))
    main(parser.parse_args())
