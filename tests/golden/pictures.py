"""The pictures that the display procedures must keep drawing, from data made by formulas.

When a picture is meant to change, look at the new ones and keep them: ``python tests/golden/pictures.py`` from the root of the
repository, with the versions of constraints.txt (matplotlib brings its own letters, so that they are the same everywhere).
"""

from pathlib import Path

import numpy as np

import dlproc as dl
from dlproc.display.figures import empty_figure
from dlproc.display.tiles import Tile, draw_tiles, small_mask, small_picture, verdict
from dlproc.measures.histogram import anomaly_score_histogram
from dlproc.schema.check import check_options
from dlproc.schema.keys import DisplayTiledGenParam

FOLDER = Path(__file__).resolve().parent
DPI = 50


def sample_and_result(height=96, width=128, label="nok", score=0.543):
    """A striped part with a bright spot, found with a halo around it."""
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    distance = np.hypot(rows - 0.35, columns - 0.4)
    image = (120 + 50 * np.sin(20 * columns)).astype(np.uint8)
    image[distance < 0.06] = 240
    sample = {"image": image, "image_id": 13, "anomaly_label": label}
    if label == "nok":
        sample["anomaly_ground_truth"] = (distance < 0.07).astype(np.uint8)
    scores = (0.15 + 0.6 * np.exp(-((distance / 0.12) ** 2))).astype(np.float32)
    result = {"anomaly_image": scores, "anomaly_score": score}
    dl.threshold_dl_anomaly_results(0.34, 0.415, result)
    return sample, result


def evaluation(n_ok=30, n_nok=20, thresholds=(0.52, 0.3, 0.42)):
    """What `evaluate_dl_model` returns for scores on two overlapping ramps, counted here by hand."""
    ok, nok = np.linspace(0.1, 0.5, n_ok) ** 1.2, np.linspace(0.3, 0.9, n_nok)
    counts = [[[np.sum(ok < t), np.sum(nok < t)], [np.sum(ok >= t), np.sum(nok >= t)]] for t in thresholds]
    matrices = [np.array(c, np.float64) for c in counts]
    shares = [m / np.maximum(m.sum(axis=0, keepdims=True), 1) for m in matrices]
    rates = np.linspace(0, 1, 101)
    names = ("crack", "missing_corner", "particle that lies on the surface and not in it at all")
    result = {
        "anomaly_score_histogram": anomaly_score_histogram(ok, nok),
        "absolute_confusion_matrix": [
            {"confusion_matrix": m, "threshold": t} for m, t in zip(matrices, thresholds, strict=True)
        ],
        "relative_confusion_matrix": [
            {"confusion_matrix": m, "threshold": t} for m, t in zip(shares, thresholds, strict=True)
        ],
        "global_evaluation": {
            "confidence_intervals": {"image_auroc": [0.85, 0.97]},
            "au_pro": 0.79,
            "au_pro_05": 0.41,
            "undefined": {},
        },
        "pro_curve": {"false_positive_rate": rates.tolist(), "overlap": (1 - np.exp(-12 * rates)).tolist()},
        "anomaly_types": [
            {
                "anomaly_type": name,
                "n_images": 4 + 3 * number,
                "image_auroc": 0.7 + 0.1 * number,
                "image_auroc_interval": [0.6 + 0.1 * number, 0.8 + 0.08 * number],
                "recall": [0.2, 0.9, 0.5 + 0.2 * number],
                "recall_interval": [[0.1, 0.4], [0.8, 1.0], [0.3 + 0.2 * number, 0.7 + 0.15 * number]],
            }
            for number, name in enumerate(names)
        ],
    }
    params = {
        "evaluation_type": "anomaly_detection",
        "class_ids": [0, 1],
        "class_names": ["ok", "nok"],
        "anomaly_classification_thresholds": list(thresholds),
        "confidence": 0.95,
    }
    return result, params


def display_dl_data():
    keys = ["image", "anomaly_ground_truth", "anomaly_result", "anomaly_both", "anomaly_image"]
    return dl.dev_display_dl_data(*sample_and_result(), None, keys)


def display_evaluation():
    return dl.dev_display_anomaly_detection_evaluation(*evaluation())


def display_evaluation_all():
    return dl.dev_display_anomaly_detection_evaluation(*evaluation(), {"display_mode": "all"})


def display_tiled():
    """The sheet without a model: one tile of each verdict."""
    tiles = []
    for number, (label, score) in enumerate((("ok", 0.2), ("ok", 0.5), ("nok", 0.5), ("nok", 0.3))):
        sample, result = sample_and_result(label=label, score=score)
        words, is_right = verdict(label == "nok", score >= 0.415)
        truth = small_mask(sample["anomaly_ground_truth"] > 0) if label == "nok" else None
        region = small_mask(result["anomaly_region"])
        picture = small_picture(sample["image"])
        tiles.append(Tile(picture, truth, region, f"{number} {label}, {words}", score, is_right))
    figure = empty_figure(None, False)
    draw_tiles(figure, tiles, "4 of 4 samples", check_options(None, DisplayTiledGenParam, "gen_param"))
    return figure


PICTURES = {
    "display_dl_data": display_dl_data,
    "display_evaluation": display_evaluation,
    "display_evaluation_all": display_evaluation_all,
    "display_tiled": display_tiled,
}

if __name__ == "__main__":
    for name, draw in PICTURES.items():
        draw().savefig(FOLDER / f"{name}.png", dpi=DPI)
        print(f"wrote {FOLDER / name}.png")
