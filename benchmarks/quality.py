"""How well the models tell good from bad: ``python benchmarks/quality.py --data FOLDER``.

For each set and model, with three seeds: image AUROC, pixel AUROC and AU-PRO(0.3) where there are masks, with the
defaults, at 256 x 256, trained on all of ``train/good`` and measured on ``test``. `FOLDER` holds ``magnetic_tile`` and
``aws_cookie`` in MVTec's layout; elpv_mono is written from the package elpv-dataset. No default was chosen by a set's
name.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from common import SETS, available_sets, write_results
from tqdm import tqdm

import dlproc as dl

SEEDS = (0, 1, 2)
MODELS = ("medium", "large")
MEASURES = {
    "image_auroc": "image_auroc",
    "precision_at_recall_1": "precision_at_recall_1",
    "pixel_auroc": "pixel_auroc",
    "au_pro": "au_pro_0.3",
}


def measure(folder: Path, work: Path, name: str, size: int, seed: int, factor: float | None) -> dict[str, float | None]:
    """Train on a set with one seed, and measure."""
    dl.set_system("seed_rand", seed)
    dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": 0})
    model = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
    dl.set_dl_model_param(model, "image_size", [size, size])
    param = dl.create_dl_preprocess_param_from_model(model)
    quiet = {"overwrite_files": "auto", "show_progress": False}
    dl.preprocess_dl_dataset(dataset, work / f"{folder.name}_{size}", param, quiet)
    dl.train_dl_model(dataset, model, dl.create_dl_train_param(model, enable_display=False))
    if factor is not None:
        dl.set_dl_model_param(model, "standard_deviation_factor", factor)
    result, _ = dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": list(MEASURES)})
    return {key: result["global_evaluation"][name] for name, key in MEASURES.items()}


def main(arguments: argparse.Namespace) -> None:
    """Measure all sets and models, print the table, write the results."""
    figures: dict[str, Any] = {}
    sets = list(available_sets(SETS, arguments.data, arguments.work, "Sets"))
    tasks = [(model, name, folder) for model in arguments.models for name, folder in sets]
    for model, name, folder in tqdm(tasks, desc="Quality", unit="set"):
        runs = [measure(folder, arguments.work, model, arguments.size, seed, arguments.factor) for seed in SEEDS]
        figures.setdefault(model, {})[name] = {
            measure_name: [None if run[measure_name] is None else round(run[measure_name], 4) for run in runs]
            for measure_name in runs[0]
        }
        text = ", ".join(
            f"{measure_name} {np.mean(values):.4f}"
            for measure_name, values in figures[model][name].items()
            if None not in values
        )
        tqdm.write(f"{model:7s} {name:14s} {text}")
    for model, sets in figures.items():
        mean = np.mean([np.mean(values["image_auroc"]) for values in sets.values()])
        print(f"{model:7s} mean image AUROC {mean:.4f}")
    write_results("quality" if arguments.factor is None else f"quality_factor_{arguments.factor:g}", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    parser.add_argument("--size", type=int, default=256, help="pixels")
    parser.add_argument("--factor", type=float, default=None, help="standard_deviation_factor, instead of the default")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    main(parser.parse_args())
