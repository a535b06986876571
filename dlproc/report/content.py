"""What the page says, as plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from dlproc.measures.annotations import annotation_remarks
from dlproc.measures.brightness import LARGE_SHIFT, is_changed, shift
from dlproc.measures.confusion import is_at_least
from dlproc.printable import printable
from dlproc.report.gallery import GROUPS, N_NEAR, groups
from dlproc.schema.kinds import as_list
from dlproc.schema.threshold_origin import BY_HAND, KEPT, image_threshold_origin, without_stale_origin
from dlproc.version import __version__

MAX_LIGHT = 200
_FEW = 20
_TITLES = {
    "missed": "Missed defects",
    "false_alarm": "False alarms",
    "near": "Right, but nearest to the threshold",
    "other": "Right",
}
_VERDICTS = {
    "missed": "accepted: a missed defect",
    "found": "rejected, rightly",
    "false_alarm": "rejected: a false alarm",
    "accepted": "accepted, rightly",
}
_CHOSEN_HERE = {
    "best_f1": "chosen for this page: neither evaluation nor model has a threshold, so it is the one with the best F1 "
    "on these very images. It promises nothing for new ones.",
    "median": "chosen for this page: neither evaluation nor model has a threshold, so it is the median of these "
    "scores. It is a place to begin, no decision.",
}


@dataclass(frozen=True)
class Evaluated:
    """What `evaluate_dl_model` returned, the two thresholds at which the page begins, and where the first is from."""

    result: Mapping[str, Any]
    params: Mapping[str, Any]
    threshold: float
    source: str
    segmentation_threshold: float | None


def first_threshold(
    evaluation: Mapping[str, Any], eval_params: Mapping[str, Any], meta_data: Mapping[str, str]
) -> tuple[float, str]:
    """The threshold at which the page begins, and where it is from: 'given', 'stored', 'best_f1' or 'median'."""
    if given := as_list(eval_params.get("anomaly_classification_thresholds")):
        return float(given[-1]), "given"
    if "anomaly_classification_threshold" in meta_data:
        return float(meta_data["anomaly_classification_threshold"]), "stored"
    best = evaluation.get("global_evaluation", {}).get("image_best_f1_threshold")
    if best is not None:
        return float(best), "best_f1"
    return float(median(row["anomaly_score"] for row in evaluation["image_scores"])), "median"


def segmentation_threshold(eval_params: Mapping[str, Any], meta_data: Mapping[str, str]) -> float | None:
    """The threshold of the pixels: the evaluation's, or else the model's; None without one."""
    stored = eval_params.get("anomaly_segmentation_threshold", meta_data.get("anomaly_segmentation_threshold"))
    return None if stored is None else float(stored)


def trained_light(training: Mapping[str, Any]) -> list[tuple[float, float]] | None:
    """Mean gray value and contrast of the images that a model was trained on, of up to 200 of them, evenly chosen.

    None where the model does not know them.
    """
    known = training.get("image_brightness")
    if known is None or len(known) == 0:
        return None
    return [(float(mean), float(contrast)) for mean, contrast in known[:: -(-len(known) // MAX_LIGHT)]]


def page_content(
    title: str,
    evaluated: Evaluated,
    drawn: Mapping[int, tuple[str, str]],
    light: Mapping[str, Sequence[tuple[float, float]] | None],
    dataset: Mapping[str, Any],
    described: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that the template names.

    Parameters
    ----------
    drawn : mapping
        For the position of each image that is shown, its two pictures as data URIs.
    light : mapping
        For each side mean gray value and contrast of its images, or None where they are not known.
    described : mapping
        Of `describe_model`.
    """
    evaluation, eval_params, threshold = evaluated.result, evaluated.params, evaluated.threshold
    images = [_as_text(image) for image in evaluation["image_scores"]]
    scores = [float(image["anomaly_score"]) for image in images]
    is_nok = [image["anomaly_label"] == "nok" for image in images]
    measures = evaluation.get("global_evaluation", {})
    intervals, undefined = measures.get("confidence_intervals", {}), measures.get("undefined", {})
    of_pixels = [name for name in measures if name.startswith(("pixel_", "au_pro"))]
    rejected = is_at_least(scores, threshold)
    truth = np.array(is_nok)
    n_missed, n_false_alarms = int((truth & ~rejected).sum()), int((~truth & rejected).sum())
    counts = {"n": len(images), "n_ok": int((~truth).sum()), "n_nok": int(truth.sum())}
    shown_light = _brightness(light)
    return {
        "version": __version__,
        "title": title,
        "counts": counts,
        "model_line": described["line"],
        "measures": measures,
        "intervals": intervals,
        "undefined": undefined,
        "confidence": eval_params.get("confidence", 0.95),
        "recall_rows": _recall_rows(measures, eval_params),
        "has_pixel_measures": bool(of_pixels),
        "pixels_undefined": undefined[of_pixels[0]]
        if of_pixels and all(measures[n] is None for n in of_pixels)
        else "",
        "stored": {
            "threshold": threshold,
            "n_missed": n_missed,
            "n_false_alarms": n_false_alarms,
            "n_found": counts["n_nok"] - n_missed,
            "n_accepted_ok": counts["n_ok"] - n_false_alarms,
        },
        "origin": _origin(threshold, evaluated.source, described["meta_data"], described["facts"]),
        "warnings": [
            *_warnings(shown_light, counts, eval_params.get("n_trained_on", 0), described["n_rules"]),
            *(annotation_remarks(evaluation["annotations"]) if "annotations" in evaluation else []),
        ],
        "segmentation_threshold": evaluated.segmentation_threshold,
        "gallery": _gallery(images, scores, is_nok, threshold, drawn),
        "n_hidden": len(images) - len(drawn),
        "types": sorted({image["anomaly_type"] for image in images}),
        "type_rows": _type_rows(evaluation, images, rejected),
        "size_rows": evaluation.get("regions_by_size", []),
        "pro_curve": evaluation.get("pro_curve"),
        "brightness": shown_light,
        "settings": [*described["settings"], *_dataset_settings(dataset, eval_params)],
        "data": {
            "scores": scores,
            "is_nok": is_nok,
            "types": [image["anomaly_type"] for image in images],
            "threshold": threshold,
            "thresholds": {
                "stored": threshold,
                "zero_miss": min((s for s, nok in zip(scores, is_nok, strict=True) if nok), default=None),
                "best_f1": measures.get("image_best_f1_threshold"),
            },
            "pro_curve": evaluation.get("pro_curve"),
            "n_near": N_NEAR,
            "verdicts": _VERDICTS,
            "brightness": [
                {"name": name, "means": [mean for mean, _ in values], "is_nok": "defective" in name}
                for name, values in light.items()
                if values
            ],
        },
    }


def describe_model(
    parameters: Mapping[str, Any], training: Mapping[str, Any], line: str, facts: Mapping[str, str]
) -> dict[str, Any]:
    """A model's settings for the page: a line, its meta data, what its scores depend on, and tables."""
    meta_data = without_stale_origin(parameters["meta_data"], facts)
    hidden = {"meta_data", "decision_rules"}
    trained = {key: value for key, value in training.items() if not isinstance(value, np.ndarray | dict)}
    nested = {
        f"{key}: {name}": value
        for key, values in training.items()
        if isinstance(values, dict)
        for name, value in values.items()
    }
    rules = [f"{rule['name']}: {rule['decision']}" for rule in parameters["decision_rules"]]
    settings = [
        {"title": "Model", "rows": [item for item in parameters.items() if item[0] not in hidden]},
        {"title": "Training", "rows": [*trained.items(), *nested.items()]},
        {
            "title": "Stored with the model",
            "rows": [*meta_data.items(), ("decision_rules", rules or "none")],
        },
    ]
    return {
        "line": line,
        "meta_data": meta_data,
        "settings": settings,
        "n_rules": len(rules),
        "facts": facts,
    }


def _recall_rows(measures: Mapping[str, Any], eval_params: Mapping[str, Any]) -> list[tuple[float, Any, Any]]:
    """Recall, false-positive rate and its interval."""
    rates = measures.get("fpr_at_recall", [])
    intervals = measures.get("confidence_intervals", {}).get("fpr_at_recall", [None] * len(rates))
    return list(zip(eval_params.get("recalls", []), rates, intervals, strict=False))


def _as_text(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with names that can be printed; what reads the page's data sees the same."""
    names = {key: row[key] for key in ("image_file_name", "anomaly_type") if key in row}
    return {**row, **{key: printable(name) for key, name in names.items()}}


def _origin(threshold: float, source: str, meta_data: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, Any]:
    """Where the threshold is from, in a sentence."""
    if source in _CHOSEN_HERE:
        return {"is_guaranteed": False, "text": f"{threshold:.4f}, {_CHOSEN_HERE[source]}"}
    stored = meta_data.get("anomaly_classification_threshold")
    if stored is None or float(stored) != threshold:
        return {
            "is_guaranteed": False,
            "text": f"{threshold:.4f}, given to the evaluation; nothing is known of its origin.",
        }
    origin = image_threshold_origin(meta_data, facts)
    assert origin is not None  # it is stored
    if origin.method in (BY_HAND, KEPT):
        return {"is_guaranteed": False, "text": f"{threshold:.4f}, {origin.method}. No promise for new images."}
    text = f"{threshold:.4f}, by method '{origin.method}'" + (f" from {origin.images}" if origin.images else "")
    if origin.doubt:
        text += f", but {origin.doubt}: what it promised does not hold. Compute the thresholds anew."
        return {"is_guaranteed": False, "text": text}
    return {"is_guaranteed": origin.is_guaranteed, "text": f"{text}. {origin.promise}".rstrip()}


def _gallery(
    images: Sequence[Mapping[str, Any]],
    scores: Sequence[float],
    is_nok: Sequence[bool],
    threshold: float,
    drawn: Mapping[int, tuple[str, str]],
) -> list[dict[str, Any]]:
    """The groups in order, each with its cards."""
    grouped = groups(scores, is_nok, threshold)
    gallery = []
    for name in GROUPS:
        is_right = name in ("near", "other")
        cards = []
        for position in grouped[name]:
            if position not in drawn:
                continue
            image, nok = images[position], is_nok[position]
            right, wrong = ("found", "missed") if nok else ("accepted", "false_alarm")
            cards.append(
                {
                    "index": position,
                    "is_right": is_right,
                    "name": image.get("image_file_name", f"image {image['image_id']}"),
                    "type": image["anomaly_type"],
                    "truth": image["anomaly_type"] if nok else "good",
                    "verdict": _VERDICTS[right if is_right else wrong],
                    "score": image["anomaly_score"],
                    "outlined": drawn[position][0],
                    "heat": drawn[position][1],
                }
            )
        gallery.append({"name": name, "title": _TITLES[name], "n": len(grouped[name]), "images": cards})
    return gallery


def _type_rows(
    evaluation: Mapping[str, Any], images: Sequence[Mapping[str, Any]], rejected: Any
) -> list[dict[str, Any]]:
    rows = []
    for row in map(_as_text, evaluation.get("anomaly_types", [])):
        mine = [
            bool(hit)
            for image, hit in zip(images, rejected, strict=True)
            if image["anomaly_type"] == row["anomaly_type"]
        ]
        rows.append({**row, "found": f"{sum(mine)} of {len(mine)}"})
    return rows


def _brightness(light: Mapping[str, Sequence[tuple[float, float]] | None]) -> dict[str, Any]:
    """Rows for each side, and the shift between the good images of train and test."""
    train, test, _ = light.values()
    known = {name: np.array(values) for name, values in light.items() if values}
    if train is None or test is None:
        reason = "preprocessing stretched each image to its own smallest and largest gray value"
        return {"reason": f"Not known: {reason}, or the model is of an older dlproc."}
    if not known:
        return {"reason": "Not known: there is no image."}
    rows = [
        {
            "name": name,
            "n": len(values),
            "mean": float(values[:, 0].mean()),
            "mean_spread": float(values[:, 0].std()),
            "contrast": float(values[:, 1].mean()),
            "contrast_spread": float(values[:, 1].std()),
        }
        for name, values in known.items()
    ]
    sides = [([row[k] for row in train], [row[k] for row in test]) for k in (0, 1)]
    shifts = [shift(*values) for values in sides]
    return {
        "reason": "",
        "rows": rows,
        "mean_shift": shifts[0],
        "contrast_shift": shifts[1],
        "changed": [name for name, values in zip(("mean", "contrast"), sides, strict=True) if is_changed(*values)],
        "limit": LARGE_SHIFT,
    }


def _warnings(light: Mapping[str, Any], counts: Mapping[str, int], n_trained_on: int, n_rules: int) -> list[str]:
    warnings = []
    if n_trained_on:
        warnings.append(
            f"{n_trained_on} of the images were trained on. The model knows them, and all figures are too good."
        )
    if n_rules:
        warnings.append(
            f"the model decides by rules of its own ({n_rules}), which may accept or reject other images than this "
            "threshold does; this page is about the threshold."
        )
    for key, name in (("n_ok", "good"), ("n_nok", "defective")):
        if 0 < counts[key] < _FEW:
            warnings.append(f"there are only {counts[key]} {name} images: mind the width of the intervals.")
    for key, name in (("mean", "brightness"), ("contrast", "contrast")):
        if key in light.get("changed", ()):
            by = f"{abs(light[key + '_shift']):.1f} standard deviations"
            warnings.append(
                f"the {name} of the good images that were evaluated differs from that of the training by {by}. "
                "A changed light looks like an anomaly; no promise about thresholds holds across it."
            )
    if counts["n_nok"] == 0:
        warnings.append("there is no defective image: how many defects would be missed is not known.")
    if counts["n_ok"] == 0:
        warnings.append("there is no good image: how many good parts would be rejected is not known.")
    return warnings


def _dataset_settings(dataset: Mapping[str, Any], eval_params: Mapping[str, Any]) -> list[dict[str, Any]]:
    numbers: dict[str, int] = {}
    for sample in dataset["samples"]:
        key = f"{sample.get('split', 'no split')}, {sample.get('anomaly_label', 'no label')}"
        numbers[key] = numbers.get(key, 0) + 1
    hidden = ("check_params", "measures", "class_ids", "class_names", "num_classes", "evaluate_instances")
    tables = {
        "Preprocessing": dataset["preprocess_param"],
        "Images of the dataset": numbers,
        "Evaluation": eval_params,
    }
    return [
        {"title": title, "rows": [item for item in table.items() if item[0] not in hidden]}
        for title, table in tables.items()
    ]
