"""Good images that join a trained model, and bad ones among the training images: ``python benchmarks/extend.py``.

Drift: the light of the line changes (gray values times `LIGHT`, clipped at 255). A model of ``train/good`` and its
threshold, which accepts 90 % of one half of the good test images, meet the other half and the defective ones in the new
light: false alarms. Then N good training images, taken in the new light, join by `extend_dl_model`. Measured again on
images that it has never seen, with the same threshold, and with one set anew from the first half in both lights.

Suspicious: sets of good images in which 0, 1, 2 or 5 defective ones are planted; how many of these are reported, and
how many good ones.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import Any

import numpy as np
from common import SETS, available_sets, write_results
from tqdm import tqdm

import dlproc as dl
from dlproc.io.listing import list_image_names

LIGHT = 1.6
QUANTILE = 0.9  # the threshold: this share of good images is accepted
N_ADDED = (0, 1, 3, 10, 30)
SIZE = 256
N_GOOD = (20, 50, 250)
N_PLANTED = (0, 1, 2, 5)
SEEDS = (0, 1, 2)


def preprocessed(files: list[Path], model: Any, light: float = 1.0) -> list[Any]:
    """Images as the model takes them, in another light."""
    param = dl.create_dl_preprocess_param_from_model(model)
    samples = []
    for file in files:
        gray = dl.read_image(file).astype(np.float32) * light
        samples.append({"image": np.clip(np.round(gray), 0, 255).astype(np.uint8)})
    dl.preprocess_dl_samples(samples, param)
    return samples


def new_model() -> Any:
    """An untrained model."""
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [SIZE, SIZE])
    return model


def files_of(folder: Path) -> dict[str, list[Path]]:
    """Images by what they are, each list in a random order."""
    generator = np.random.default_rng(0)  # noqa: TID251 - fixed by the definition of the benchmark
    parts = {"train": list_image_names(folder, ["train/good"]), "good": list_image_names(folder, ["test/good"])}
    parts["bad"] = [name for name in list_image_names(folder, ["test"]) if not name.startswith("test/good/")]
    return {part: list(generator.permutation([folder / name for name in names])) for part, names in parts.items()}


def scores(model: Any, samples: list[Any]) -> Any:
    """Scores of images."""
    return np.array([result["anomaly_score"] for result in dl.apply_dl_model(model, samples, "anomaly_score")])


def drift(files: dict[str, list[Path]]) -> dict[str, Any]:
    """False alarms and misses in the new light, with so many images joined."""
    model = new_model()
    n_join = min(max(N_ADDED), len(files["train"]) // 3)
    dl.train_dl_model_anomaly_dataset(model, preprocessed(files["train"][n_join:], model))
    half = len(files["good"]) // 2
    old = preprocessed(files["good"][:half], model)
    set_anew, good = (preprocessed(part, model, LIGHT) for part in (files["good"][:half], files["good"][half:]))
    good_old_light = preprocessed(files["good"][half:], model)
    bad = preprocessed(files["bad"], model, LIGHT)
    join = preprocessed(files["train"][:n_join], model, LIGHT)
    threshold = np.quantile(scores(model, old), QUANTILE)
    rows: dict[str, Any] = {}
    for n_added in [n for n in N_ADDED if n <= n_join]:
        extended = copy.deepcopy(model)
        if n_added:
            dl.extend_dl_model(extended, join[:n_added])
        of_good, of_bad, of_old = (scores(extended, part) for part in (good, bad, good_old_light))
        anew = np.quantile(np.concatenate([scores(extended, old), scores(extended, set_anew)]), QUANTILE)
        ranks = (of_bad[:, None] > of_good).mean() + (of_bad[:, None] == of_good).mean() / 2
        rows[str(n_added)] = {
            "false_alarms": float((of_good > threshold).mean()),
            "found": float((of_bad > threshold).mean()),
            "found_threshold_set_anew": float((of_bad > anew).mean()),
            "image_auroc": float(ranks),
            "false_alarms_threshold_set_anew": float((of_good > anew).mean()),
            "false_alarms_old_light": float((of_old > threshold).mean()),
        }
    halves = copy.deepcopy(model)
    n_half = min(10, n_join) // 2
    dl.extend_dl_model(halves, join[:n_half])
    dl.extend_dl_model(halves, join[n_half : 2 * n_half])
    at_once = copy.deepcopy(model)
    dl.extend_dl_model(at_once, join[: 2 * n_half])
    difference = np.abs(scores(halves, good + bad) - scores(at_once, good + bad))
    return {"images_joined": rows, "two_halves_difference": float(difference.max())}


def suspicious(files: dict[str, list[Path]]) -> dict[str, Any]:
    """Reported of the planted ones and of the good ones, by size of the set and number planted."""
    everything = preprocessed([*files["train"], *files["good"]], new_model())
    bad = preprocessed(files["bad"], new_model())
    rows: dict[str, Any] = {}
    for n_good in [n for n in N_GOOD if n <= len(everything)]:
        for n_planted in N_PLANTED:
            found, accused, seeds = 0, 0, SEEDS if n_good < max(N_GOOD) else SEEDS[:1]
            for seed in seeds:
                generator = np.random.default_rng(seed)  # noqa: TID251 - fixed by the definition of the benchmark
                good = [everything[i] for i in generator.permutation(len(everything))[: n_good - n_planted]]
                planted = [bad[i] for i in generator.permutation(len(bad))[:n_planted]]
                result = dl.train_dl_model_anomaly_dataset(new_model(), [*good, *planted])
                reported = [record["sample_index"] for record in result["suspicious"]]
                found += sum(index >= len(good) for index in reported)
                accused += sum(index < len(good) for index in reported)
            rows[f"{n_good} images, {n_planted} planted"] = {
                "found": round(found / (n_planted * len(seeds)), 3) if n_planted else None,
                "good_reported_per_set": round(accused / len(seeds), 2),
            }
    return rows


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    figures: dict[str, Any] = {"light": LIGHT}
    for name, folder in available_sets(SETS, arguments.data, arguments.work, "Extend"):
        files = files_of(folder)
        figures[name] = {"drift": drift(files), "suspicious": suspicious(files)}
        for what, rows in {**figures[name]["drift"]["images_joined"], **figures[name]["suspicious"]}.items():
            tqdm.write(f"{name:14s} {what:24s} {rows}")
    write_results("extend", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for written sets")
    main(parser.parse_args())
