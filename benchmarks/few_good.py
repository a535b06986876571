"""How few good images are enough: ``python benchmarks/few_good.py --data FOLDER``.

For 1, 2, 4, 8, 16 and 32 good images to train on: image AUROC, and pixel AUROC where there are masks, on the whole test
part of the set, with the defaults at 256 x 256. Each number is measured with several draws of the good images: draw
number d permutes ``train/good`` with a generator seeded with d and takes the first ones, so a larger number holds the
smaller ones' images. Mean, smallest and largest over the draws. Of a set with fewer good images than asked for, the
number is left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from common import SETS, available_sets, preprocessed_set, read_model, write_results
from tqdm import tqdm

import dlproc as dl

COUNTS = (1, 2, 4, 8, 16, 32)
SIZE = 256
MEASURES = {"image_auroc": "image_auroc", "pixel_auroc": "pixel_auroc"}


def measure(dataset: Any, name: str, chosen: list[int]) -> dict[str, float | None]:
    """Train on the chosen images of a preprocessed dataset, and measure on its split 'test'."""
    samples = [
        {**sample, "split": "train" if index in chosen else "test" if sample["split"] == "test" else "unused"}
        for index, sample in enumerate(dataset["samples"])
    ]
    few = {**dataset, "samples": samples}
    model = read_model(name, SIZE)
    dl.train_dl_model(few, model, dl.create_dl_train_param(model, enable_display=False))
    result, _ = dl.evaluate_dl_model(few, model, "split", "test", {"measures": list(MEASURES.values())})
    return {name: result["global_evaluation"][key] for name, key in MEASURES.items()}


def summary(runs: list[dict[str, float | None]]) -> dict[str, Any]:
    """Mean, smallest and largest of each measure over the draws; None without masks."""
    row: dict[str, Any] = {"draws": len(runs)}
    for name in MEASURES:
        values = [run[name] for run in runs if run[name] is not None]
        row[name] = None
        if values:
            row[name] = {"mean": np.mean(values), "min": np.min(values), "max": np.max(values)}
            row[name] = {key: round(float(value), 4) for key, value in row[name].items()}
    return row


def main(arguments: argparse.Namespace) -> None:
    """Measure all sets and numbers of images, print, write."""
    figures: dict[str, Any] = {}
    for name, folder in available_sets(arguments.sets, arguments.data, arguments.work, "Few good images"):
        dataset = preprocessed_set(folder, arguments.work, read_model(arguments.model, SIZE))
        good = dl.find_dl_samples(dataset["samples"], "split", "train", "match")
        figures[name] = {}
        for n_images in tqdm([n for n in arguments.counts if n <= len(good)], desc=name, unit="count"):
            runs = []
            for draw in range(arguments.draws):
                generator = np.random.default_rng(draw)  # noqa: TID251 - the draws are part of the definition
                chosen = [int(index) for index in generator.permutation(good)[:n_images]]
                runs.append(measure(dataset, arguments.model, chosen))
            figures[name][str(n_images)] = summary(runs)
            tqdm.write(f"{name} {n_images:3d} {figures[name][str(n_images)]}")
    write_results("few_good", {"model": arguments.model, "sets": figures})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for preprocessed samples")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--counts", type=int, nargs="+", default=list(COUNTS), help="numbers of good images")
    parser.add_argument("--draws", type=int, default=5, help="of the good images, for each number")
    parser.add_argument("--model", default="medium", choices=("medium", "large"))
    main(parser.parse_args())
