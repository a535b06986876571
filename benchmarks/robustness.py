"""What changes that are no defects do to the decisions: ``python benchmarks/robustness.py --data FOLDER``.

The protocol in seven lines:

1. A draw takes 20 good images of ``train/good`` for training, 5 good and 5 defective ones of ``test`` for the test.
2. *as is*: the images as they are.
3. *shifted*: a random crop, of the old size, of the image continued on each side by 5 % of its mirror image.
4. *brightness*: gray values g become c (g - 128) + 128 + b, clipped; c uniform in 0.8 to 1.2, b in -25 to 25, by image.
5. *squares*: three squares in random strong colours, 6 % of the shorter side, in the outer tenth of the image.
6. Each of the last three is measured twice: only the test images are changed, good ones as well as defective ones (as
   when something changes after training); training images, too (each anew at random, as when the line is like that).
7. 50 draws, `medium` with its defaults at 256 x 256: image AUROC, and precision at recall 1 (no defect missed).

The squares lie in the background where the part leaves one at the border (aws_cookie); on sets that show nothing but
the part they lie on its edge.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import SETS, available_sets, read_model, write_results
from numpy.typing import NDArray
from tqdm import tqdm

import dlproc as dl
from dlproc.measures.curve import operating_curve, precision_at_recall_1
from dlproc.measures.roc import auroc

SIZE = 256
N_TRAIN, N_GOOD, N_DEFECTIVE = 20, 5, 5
Image = NDArray[np.generic]
Pattern = Callable[[Image, np.random.Generator], Image]


def as_is(image: Image, generator: np.random.Generator) -> Image:
    """The image."""
    return image


def shifted(image: Image, generator: np.random.Generator) -> Image:
    """Moved by up to 5 % of its sides; what comes in at the border is the mirror image."""
    height, width = image.shape[:2]
    rows, columns = max(1, height // 20), max(1, width // 20)
    larger = np.pad(image, ((rows, rows), (columns, columns), *[(0, 0)] * (image.ndim - 2)), mode="reflect")
    row, column = generator.integers(2 * rows + 1), generator.integers(2 * columns + 1)
    return larger[row : row + height, column : column + width]


def brightness(image: Image, generator: np.random.Generator) -> Image:
    """Another contrast and another brightness."""
    changed = generator.uniform(0.8, 1.2) * (image.astype(np.float64) - 128) + 128 + generator.uniform(-25, 25)
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)


def squares(image: Image, generator: np.random.Generator) -> Image:
    """Three coloured squares near the border."""
    changed = np.stack([image] * 3, axis=-1) if image.ndim == 2 else image.copy()
    height, width = changed.shape[:2]
    side = max(2, round(0.06 * min(height, width)))
    for _ in range(3):
        # Along a random edge at a random place, and up to a tenth of the image away from it.
        place = [int(generator.integers(height - side + 1)), int(generator.integers(width - side + 1))]
        axis, at_end = int(generator.integers(2)), bool(generator.integers(2))
        depth = int(generator.integers(max(1, changed.shape[axis] // 10 - side + 1)))
        place[axis] = changed.shape[axis] - side - depth if at_end else depth
        colour = generator.permutation([255, int(generator.integers(256)), 0])  # strong: one channel full, one empty
        changed[place[0] : place[0] + side, place[1] : place[1] + side] = colour
    return changed


PATTERNS: dict[str, Pattern] = {"as is": as_is, "shifted": shifted, "brightness": brightness, "squares": squares}


def read_set(folder: Path) -> dict[str, list[Image]]:
    """The images of a set: to train on, good ones and defective ones to test; as they are in the files."""
    dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": 0})
    images: dict[str, list[Image]] = {"train": [], "good": [], "defective": []}
    for index, sample in enumerate(dataset["samples"]):
        part = "train" if sample["split"] == "train" else "good" if sample["anomaly_label"] == "ok" else "defective"
        images[part].append(dl.gen_dl_samples(dataset, index, "image_only")[0]["image"])
    return images


def changed_samples(images: list[Image], pattern: Pattern, param: Any, generator: np.random.Generator) -> list[Any]:
    """Preprocessed samples of the images, each changed."""
    samples = dl.gen_dl_samples_from_images([np.ascontiguousarray(pattern(image, generator)) for image in images])
    dl.preprocess_dl_samples(samples, param)
    return samples


def draw_once(images: dict[str, list[Image]], name: str, draw: int) -> dict[str, tuple[float, float]]:
    """AUROC and precision at recall 1 of one draw, by pattern and by what was changed."""
    chosen = np.random.default_rng(draw)  # noqa: TID251 - the draws are part of the definition
    parts = {
        part: [images[part][int(index)] for index in chosen.permutation(len(images[part]))[:n]]
        for part, n in {"train": N_TRAIN, "good": N_GOOD, "defective": N_DEFECTIVE}.items()
    }
    is_nok = np.arange(N_GOOD + N_DEFECTIVE) >= N_GOOD

    def trained(pattern: Pattern, number: int) -> Any:
        model = read_model(name, SIZE)
        param = dl.create_dl_preprocess_param_from_model(model)
        generator = np.random.default_rng([draw, number, 0])  # noqa: TID251
        dl.train_dl_model_anomaly_dataset(model, changed_samples(parts["train"], pattern, param, generator))
        return model, param

    plain, figures = trained(as_is, 0), {}
    for number, (pattern_name, pattern) in enumerate(PATTERNS.items()):
        models = {"": plain} if pattern is as_is else {", test only": plain, ", training too": trained(pattern, number)}
        for changed, (model, param) in models.items():
            generator = np.random.default_rng([draw, number, 1])  # noqa: TID251 - the same test images for both
            test = changed_samples([*parts["good"], *parts["defective"]], pattern, param, generator)
            scores = np.array([result["anomaly_score"] for result in dl.apply_dl_model(model, test, "anomaly_score")])
            area, precision = auroc(scores, is_nok), precision_at_recall_1(operating_curve(scores, is_nok))
            assert area is not None and precision is not None
            figures[pattern_name + changed] = area, float(precision)
    return figures


def summary(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Means over the draws, with the standard errors of the means."""
    values = np.array(pairs)
    mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / len(values) ** 0.5 if len(values) > 1 else [0, 0]
    return {
        "image_auroc": round(float(mean[0]), 4),
        "image_auroc_standard_error": round(float(error[0]), 4),
        "precision_at_recall_1": round(float(mean[1]), 4),
        "precision_at_recall_1_standard_error": round(float(error[1]), 4),
    }


def main(arguments: argparse.Namespace) -> None:
    """Measure all sets, print, write."""
    figures: dict[str, Any] = {}
    for name, folder in available_sets(arguments.sets, arguments.data, arguments.work, "Robustness"):
        images = read_set(folder)
        runs = [draw_once(images, arguments.model, draw) for draw in tqdm(range(arguments.draws), desc=name)]
        figures[name] = {pattern: summary([run[pattern] for run in runs]) for pattern in runs[0]}
        for pattern, row in figures[name].items():
            tqdm.write(f"{name:14s} {pattern:26s} {row}")
    write_results("robustness", {"model": arguments.model, "draws": arguments.draws, "sets": figures})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for intermediate files")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--model", default="medium", choices=("medium", "large"))
    main(parser.parse_args())
