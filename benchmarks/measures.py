"""How fast the measures are: ``python benchmarks/measures.py``. Ratios are taken within this one run.

(a) Measures of images, against scikit-learn's and torchmetrics' functions on the same arrays.
(b) AU-PRO of 100 maps of 256 x 256, against the straightforward method: label every region of the ground truth, sweep
    200 thresholds, average the overlaps. The maps have 200 different scores, so that both must give the same number.
(c) 1,000 images of 1024 x 1024, all measures of pixels: time and peak memory.
(d) The guarantee: simulated false-alarm rates over 2,000 draws, drawn into docs/images/guarantee.png.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from common import write_results
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.measure import label
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from dlproc.measures.curve import average_precision, best_f1, operating_curve
from dlproc.measures.operating_points import conformal, guaranteed_rate, target_fpr
from dlproc.measures.pixels import PixelScores, au_pro, components_of
from dlproc.measures.roc import auroc
from dlproc.rng import numpy_generator

N_DRAWS = 2000
FIGURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "guarantee.png"


def seconds(call: Callable[[], Any], n_repeats: int) -> tuple[float, Any]:
    """Median time of a call, after a warm-up, and what it returned."""
    call()
    times = []
    for _ in range(n_repeats):
        start = time.perf_counter()
        value = call()
        times.append(time.perf_counter() - start)
    return float(np.median(times)), value


def image_measures() -> dict[str, Any]:
    """Our functions against the others', for three numbers of images."""
    import torch
    from torchmetrics.functional.classification import binary_auroc, binary_average_precision

    generator = numpy_generator("benchmark")
    figures = {}
    for n_images in (100, 10_000, 1_000_000):
        truth = generator.random(n_images) < 0.3
        scores = generator.normal(truth * 1.0, 1).astype(np.float32)
        probability, target = torch.from_numpy(1 / (1 + np.exp(-scores))), torch.from_numpy(truth.astype(np.int64))

        def sklearn_f1(truth: NDArray[np.bool_] = truth, scores: NDArray[np.float32] = scores) -> float:
            precision, recall, _ = precision_recall_curve(truth, scores)
            return float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12)))

        calls: dict[str, dict[str, Callable[[], Any]]] = {
            "image_auroc": {
                "dlproc": lambda s=scores, t=truth: auroc(s, t),
                "scikit-learn": lambda s=scores, t=truth: roc_auc_score(t, s),
                "torchmetrics": lambda p=probability, t=target: float(binary_auroc(p, t)),
            },
            "image_average_precision": {
                "dlproc": lambda s=scores, t=truth: float(average_precision(operating_curve(s, t))),
                "scikit-learn": lambda s=scores, t=truth: average_precision_score(t, s),
                "torchmetrics": lambda p=probability, t=target: float(binary_average_precision(p, t)),
            },
            "image_best_f1": {
                "dlproc": lambda s=scores, t=truth: float(best_f1(operating_curve(s, t))),
                "scikit-learn": sklearn_f1,
            },
        }
        for measure, by_library in calls.items():
            timed = {name: seconds(call, 5 if n_images > 100_000 else 50) for name, call in by_library.items()}
            row = {f"{name}_ms": round(t * 1e3, 4) for name, (t, _) in timed.items()}
            row["ratio_to_scikit_learn"] = round(timed["dlproc"][0] / timed["scikit-learn"][0], 3)
            row["difference"] = float(abs(timed["dlproc"][1] - timed["scikit-learn"][1]))
            figures[f"{measure}, {n_images} images"] = row
            print(measure, n_images, row)
    return figures


def defect_maps(n_maps: int, size: int) -> tuple[list[NDArray[np.float32]], list[NDArray[np.bool_]]]:
    """Maps with some defects each, scores on 200 levels."""
    generator = numpy_generator("benchmark maps")
    maps, truths = [], []
    for _ in range(n_maps):
        blobs = gaussian_filter(generator.random((size, size)), 8)
        truth = blobs > np.quantile(blobs, 0.97)
        noise = gaussian_filter(generator.random((size, size)), 2)
        score = (noise - 0.35) * 2.5 + 0.2 * truth
        maps.append((np.clip(np.rint(score * 200), 1, 200) / 200).astype(np.float32))
        truths.append(truth)
    return maps, truths


def straightforward_au_pro(maps: list[NDArray[np.float32]], truths: list[NDArray[np.bool_]], limit: float) -> float:
    """Label every region, sweep 200 thresholds, average the overlaps; regions and good pixels are found once."""
    stack, good = np.stack(maps), ~np.stack(truths)
    regions = []
    for scores, truth in zip(maps, truths, strict=True):
        components = label(truth, connectivity=2)
        regions += [scores[components == number] for number in range(1, components.max() + 1)]
    rates, overlaps = [0.0], [0.0]
    for threshold in np.arange(200, 0, -1) / 200:
        reached = stack >= np.float32(threshold)
        rates.append(np.count_nonzero(reached & good) / np.count_nonzero(good))
        overlaps.append(float(np.mean([np.mean(region >= np.float32(threshold)) for region in regions])))
    rates_, overlaps_ = np.array(rates), np.array(overlaps)
    inside = rates_ <= limit
    x, y = np.append(rates_[inside], limit), np.append(overlaps_[inside], np.interp(limit, rates_, overlaps_))
    return float(np.trapezoid(y, x) / limit)


def pro() -> dict[str, Any]:
    """Ours and the straightforward method on the same maps."""
    maps, truths = defect_maps(100, 256)
    ours, area = seconds(lambda: au_pro(maps, truths, 0.3), 3)
    theirs, expected = seconds(lambda: straightforward_au_pro(maps, truths, 0.3), 1)
    figures = {
        "dlproc_s": round(ours, 3),
        "straightforward_s": round(theirs, 3),
        "times_faster": round(theirs / ours, 1),
        "au_pro": area,
        "difference": abs(area - expected),
    }
    print("AU-PRO", figures)
    return figures


def large() -> dict[str, Any]:
    """1,000 images of 1024 x 1024 in bounded memory."""
    generator = numpy_generator("benchmark large")
    truth = gaussian_filter(generator.random((1024, 1024)), 16)
    components = components_of(truth > np.quantile(truth, 0.98)).ravel()
    pixels, process = PixelScores(0.5), psutil.Process()
    before = peak = process.memory_info().rss
    spent = 0.0
    for _ in range(1000):
        scores = generator.random(components.size, np.float32) * np.float32(0.8) + np.float32(0.1) * (components > 0)
        start = time.perf_counter()
        pixels.add(scores, components)
        spent += time.perf_counter() - start
        peak = max(peak, process.memory_info().rss)
    start = time.perf_counter()
    measured = pixels.measure()
    spent += time.perf_counter() - start
    peak = max(peak, process.memory_info().rss)
    figures = {
        "seconds": round(spent, 1),
        "peak_memory_mb": round(peak / 2**20),
        "of_which_before_mb": round(before / 2**20),
        "pixel_auroc": measured.auroc,
    }
    print("1,000 images of 1024 x 1024", figures)
    return figures


def guarantee() -> dict[str, Any]:
    """How often the true false-alarm rate exceeds the one asked for, over many sets of good images.

    The scores are uniform, so the true rate of a threshold is known: the part above it. That is no restriction: the
    rules see ranks only.
    """
    generator = numpy_generator("benchmark guarantee")
    n_images = (59, 93, 150, 300, 600)
    figures, rates = {}, {}
    for n in n_images:
        draws = generator.random((N_DRAWS, n))
        for name, rule in (
            ("conformal", lambda scores: conformal(scores, 0.05, 0.95)),
            ("target_fpr", lambda scores: target_fpr(scores, 0.05)),
        ):
            rates[name, n] = np.array([1 - (rule(scores).threshold or 0.0) for scores in draws])
            figures[f"{name}, {n} good images"] = {
                "share_of_draws_above_5_percent": float(np.mean(rates[name, n] > 0.05)),
                "mean_false_alarm_rate": round(float(rates[name, n].mean()), 4),
            }
    figures["best bound of 59 images"] = round(guaranteed_rate(59, 0, 0.95), 4)
    draw_guarantee(rates, n_images)
    print("guarantee", figures)
    return figures


def draw_guarantee(rates: dict[tuple[str, int], NDArray[np.float64]], n_images: tuple[int, ...]) -> None:
    """Two panels: the simulated rates of each rule, and the promise as a line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    titles = {
        "target_fpr": "'target_fpr': the 5 % quantile",
        "conformal": "'conformal': 5 %, guaranteed at 95 %",
    }
    for ax, (name, title) in zip(figure.subplots(1, 2, sharey=True), titles.items(), strict=True):
        values = [rates[name, n] * 100 for n in n_images]
        ax.boxplot(values, whis=(5, 95), showfliers=False, medianprops={"color": "#d55e00", "linewidth": 2})
        ax.axhline(5, color="#0072b2", linestyle="--", label="asked for: 5 %")
        above = [f"{n}\n{np.mean(rates[name, n] > 0.05):.1%}" for n in n_images]
        ax.set_xticks(range(1, len(n_images) + 1), above)
        ax.set_xlabel("good images; below: share of draws above 5 %")
        ax.set_title(title, fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("true false-alarm rate, %")
    figure.axes[0].set_ylim(0, 15)
    figure.axes[1].legend(loc="upper right", frameon=False)
    figure.savefig(FIGURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Measure, print, and write results.json."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    figures = {"guarantee": guarantee(), "large": large(), "au_pro": pro(), "images": image_measures()}
    write_results("measures", figures)


if __name__ == "__main__":
    main()
