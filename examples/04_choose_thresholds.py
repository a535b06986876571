"""Choose a threshold that one can defend: an essay with figures.

Run it with ``python examples/04_choose_thresholds.py``. It takes about a minute on two cores and needs no internet. The
figures and the report are in ``output/04_choose_thresholds``. The page "From score to decision" of the documentation
(docs/score_to_decision.md) explains the ideas.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from solar_cells import write_solar_cells

import dlproc as dl

MISS_COST, FALSE_ALARM_COST, DEFECT_RATE = 50.0, 1.0, 0.02


def main(output: Path, n_good: int, n_defective: int) -> None:
    """Train a model, and find out what its scores are good for."""
    # ---- 1. A model, as in example 01. But now half of the good cells are kept out of the training: what they teach
    # about the threshold is worth more than what they would add to the model.
    image_dir = write_solar_cells(output / "cells", n_good, n_defective)
    dataset = dl.read_dl_dataset_anomaly(image_dir)
    dl.set_system("seed_rand", 73)
    dl.split_dl_dataset(dataset, 50, 20)
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [256, 256])
    preprocess_param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, output / "preprocessed", preprocess_param, {"overwrite_files": "auto"})
    dl.train_dl_model(dataset, model)
    segmentation_threshold, halcon_thresholds = dl.compute_dl_anomaly_thresholds(model, dataset)

    # ---- 2. Are the scores any good? These measures need no threshold, and say how sure they are.
    options = {"measures": "all", "anomaly_classification_thresholds": halcon_thresholds}
    result, eval_params = dl.evaluate_dl_model(dataset, model, "split", "test", options)
    measured = result["global_evaluation"]
    print("Without a threshold (95 % confidence intervals):")
    for name in ("image_auroc", "image_average_precision", "precision_at_recall_1"):
        low, high = measured["confidence_intervals"][name]
        print(f"  {name:24s} {measured[name]:.3f}  ({low:.3f} to {high:.3f})")
    print(f"  pixel_auroc              none: {measured['undefined']['pixel_auroc']}")

    # ---- 3. Every rule, side by side: what it promises, and what it would do to the cells that were kept out. A missed
    # cell costs fifty good ones, and two of a hundred cells are defective, far fewer than in this test.
    costs = {"miss_cost": MISS_COST, "false_alarm_cost": FALSE_ALARM_COST, "defect_rate": DEFECT_RATE}
    table = dl.estimate_dl_operating_points(model, dataset, costs)
    print(f"\nFrom {table['n_ok']} good and {table['n_nok']} defective cells that the model has not seen:")
    print_table(table["operating_points"])

    # ---- 4. Take the one with a guarantee: at most 5 % of the good cells to come are rejected, with 95 % confidence.
    # If the images do not suffice, take what they allow; the model stores which it was.
    target = next(p for p in table["operating_points"] if p["method"] == "conformal" and p["target_fpr"] == 0.05)
    gen_param: dict[str, Any] = {"method": "conformal"}
    if target["threshold"] is not None:
        gen_param["target_fpr"] = 0.05
    _, (threshold,) = dl.compute_dl_anomaly_thresholds(model, dataset, gen_param)
    print(f"\nStored with the model: {dl.get_dl_model_param(model, 'meta_data')['anomaly_threshold_promise']}")

    # ---- 5. Ask for more than the images can give, and be told.
    try:
        dl.compute_dl_anomaly_thresholds(model, dataset, {"method": "conformal", "target_fpr": 0.001})
    except dl.DLDataError as error:
        print(f"For 0.1 %: {error.hint}.")

    # ---- 6. Between "certainly good" and "certainly not" a person may look: rules as data, stored with the model.
    rules = [
        {"name": "scores high", "decision": "reject", "all": [{"value": "anomaly_score", "at_least": threshold}]},
        {
            "name": "in doubt",
            "decision": "review",
            "all": [{"value": "anomaly_score", "at_least": 0.95 * threshold, "less_than": threshold}],
        },
    ]
    dl.set_dl_model_param(model, "decision_rules", rules)
    dl.write_dl_model(model, output / "solar_cells.hdl")

    # ---- 7. Decide, with reasons.
    test = dl.find_dl_samples(dataset["samples"], "split", "test", "match")
    decisions = {"accept": 0, "review": 0, "reject": 0}
    for index in test:
        results = dl.apply_dl_model(model, dl.read_dl_samples(dataset, index))
        dl.threshold_dl_anomaly_results(segmentation_threshold, threshold, results)
        dl.apply_dl_decision_rules(results, rules)
        decisions[results[0]["decision"]] += 1
        if results[0]["decision"] == "review" and decisions["review"] == 1:
            reason = results[0]["decision_reasons"][0]["text"]
            print(f"For example, image {dataset['samples'][index]['image_id']}: {reason}")
    print("Decisions on the test: " + ", ".join(f"{number} {name}" for name, number in decisions.items()))

    # ---- 8. Look: the histogram with all thresholds, the curves, and the page that opens in a browser.
    options["anomaly_classification_thresholds"] = [threshold]
    result, eval_params = dl.evaluate_dl_model(dataset, model, "split", "test", options)
    display = {"display_mode": ["score_histogram", "score_legend"], "estimated_thresholds": halcon_thresholds}
    figure = dl.dev_display_anomaly_detection_evaluation(result, eval_params, display)
    figure.savefig(output / "thresholds.png", dpi=100)
    figure = dl.dev_display_anomaly_detection_evaluation(
        result, eval_params, {"display_mode": ["roc", "precision_recall", "absolute_confusion_matrix"]}
    )
    figure.savefig(output / "curves.png", dpi=100)
    figure = dl.dev_display_dl_data_tiled(dataset, model, 12, "test")
    figure.savefig(output / "tiles.png", dpi=100)
    dl.write_dl_report(result, eval_params, dataset, model, output / "report.html")
    print(f"Figures, report and model: {output}")


def print_table(operating_points: list[Any]) -> None:
    """One line for each rule, and its promise below."""
    print(f"  {'rule':18s} {'threshold':>9s} {'false alarms':>13s} {'missed':>7s} {'cost':>7s}")
    for point in operating_points:
        target = point["target_fpr"]
        rule = point["method"] + (f" {100 * target:.3g} %" if target is not None else "")
        if point["threshold"] is None:
            print(f"  {rule:18s} {'none':>9s}")
        else:
            numbers = f"{point['threshold']:9.4f} {point['false_alarm_rate']:13.1%} {point['n_missed']:7d}"
            print(f"  {rule:18s} {numbers} {point['cost']:7.3f}")
        print(f"      {point['promise']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--output", type=Path, default=Path("output/04_choose_thresholds"), help="folder for everything"
    )
    parser.add_argument("--good", type=int, default=240, help="good cells")
    parser.add_argument("--defective", type=int, default=60, help="defective cells")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.defective)
