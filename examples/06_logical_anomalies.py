"""Find what is missing, double or misplaced: an essay with pictures.

Run it with ``python examples/06_logical_anomalies.py``. It takes some three minutes on two cores and needs no internet.
The pictures are in ``output/06_logical_anomalies``. The page "Global context" of the documentation
(docs/global_context.md) says more.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from logical_tray import ANOMALIES, write_logical_set

import dlproc as dl


def main(output: Path, n_train: int, n_test: int, n_epochs: int) -> None:
    """Train two models on trays, and see what each of them sees."""
    # ---- 1. Trays with three kits. Every part may lie in any well of its row, so no well tells on its own; but each
    # row holds one screw, one nut and one washer, and all metal has one finish. The test has trays that break one of
    # these rules, with parts that are flawless.
    image_dir = write_logical_set(output / "trays", n_train, n_test, max(1, n_test // 4), seed=1)
    dl.set_system("seed_rand", 73)

    # ---- 2. The usual model asks of each patch whether it looks as patches do. Here they all do.
    medium = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(medium, "image_size", [256, 256])
    dataset = dl.read_dl_dataset_mvtec(image_dir)
    param = dl.create_dl_preprocess_param_from_model(medium)
    dl.preprocess_dl_dataset(dataset, output / "for_medium", param, {"overwrite_files": "auto"})
    dl.train_dl_model(dataset, medium)
    print_table("medium", medium, dataset)

    # ---- 3. The global model has a second network that asks whether the image as a whole makes sense. It takes gray
    # values in another range, so the images are preprocessed for it.
    model = dl.read_dl_model("initial_dl_anomaly_global.hdl")
    dataset = dl.read_dl_dataset_mvtec(image_dir)
    param = dl.create_dl_preprocess_param_from_model(model, "none")
    dl.preprocess_dl_dataset(dataset, output / "for_global", param, {"overwrite_files": "auto"})

    # ---- 4. It is trained by epochs, as HALCON's models with batches are. Every ten epochs it is evaluated on good
    # images of split 'validation', and the best so far is written. Ctrl-C leaves the last complete epoch; to go on,
    # give the number of epochs as `start_epoch`.
    best = {"type": "best", "basename": str(output / "model_best")}
    train_param = dl.create_dl_train_param(model, n_epochs, min(10, n_epochs), True, 73, "serialize", best)
    result, _, evaluations = dl.train_dl_model(dataset, model, train_param)
    print(f"\nLoss after {result['final_epoch']} epochs: {result['total_loss']:.4f}, on validation images")
    print("  " + ", ".join(f"{info['loss']:.4f} (epoch {info['epoch']})" for info in evaluations))

    # ---- 5. Which network says what? Parameters may be changed after training; the thresholds belong to the choice.
    for networks in (["local"], ["global"], ["local", "global"]):
        dl.set_dl_model_param(model, "gc_anomaly_networks", networks)
        print_table(" + ".join(networks), model, dataset)

    # ---- 6. From here on it is a model like any other: thresholds, decisions, regions, files.
    segmentation, classification = dl.compute_dl_anomaly_thresholds(model, dataset)
    dl.write_dl_model(model, output / "trays.hdl")

    # ---- 7. Look. For each rule the first tray that breaks it: the annotation, and what each network says.
    keys = ["anomaly_ground_truth", "anomaly_image_local", "anomaly_image_global", "anomaly_result_global"]
    for kind in ("good", *ANOMALIES["tray"]):
        of_kind = f"test/{kind}/"
        index = next(i for i, s in enumerate(dataset["samples"]) if of_kind in s["image_file_name"])
        sample = dl.read_dl_samples(dataset, index)
        results = dl.apply_dl_model(model, sample)
        dl.threshold_dl_anomaly_results(segmentation, classification[-1], results)
        shown = keys if kind != "good" else ["image", *keys[1:]]
        figure = dl.dev_display_dl_data(sample[0], results[0], dataset, shown)
        figure.savefig(output / f"{kind}.png", dpi=100)
        print(
            f"{kind:10s} {results[0]['anomaly_class']:3s}  local {results[0]['anomaly_score_local']:.3f}  global ",
            end="",
        )
        print(f"{results[0]['anomaly_score_global']:.3f}")
    print(f"\nPictures and model: {output}")


def print_table(name: str, model: Any, dataset: Any) -> None:
    """How well the images are told apart, in all and for each rule."""
    result, _ = dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": ["image_auroc", "anomaly_types"]})
    types = ", ".join(f"{row['anomaly_type']} {row['image_auroc']:.2f}" for row in result["anomaly_types"])
    print(f"{name:15s} image AUROC {result['global_evaluation']['image_auroc']:.3f}  ({types})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--output", type=Path, default=Path("output/06_logical_anomalies"), help="folder for everything"
    )
    parser.add_argument("--good", type=int, default=150, help="good trays to train on")
    parser.add_argument(
        "--test", type=int, default=40, help="good trays to test on, and a fourth of it of each anomaly"
    )
    parser.add_argument("--epochs", type=int, default=75, help="epochs of the global network")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.test, arguments.epochs)
