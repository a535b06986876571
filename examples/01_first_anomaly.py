"""Find defects in solar cells after seeing good ones only: the whole workflow, from a folder to drawn defects.

Run it with ``python examples/01_first_anomaly.py``. It takes about a minute on two cores and needs no internet. The
pictures that it draws are in ``output/01_first_anomaly``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from solar_cells import write_solar_cells

import dlproc as dl


def main(output: Path, n_good: int, n_defective: int) -> None:
    """Run the workflow; `n_good` and `n_defective` say how many cells."""
    # ---- 1. A folder of images. Whatever lies in a folder named "good" is good, everything else is not.
    print(f"Writing {n_good} good and {n_defective} defective cells to {output / 'cells'}")
    image_dir = write_solar_cells(output / "cells", n_good, n_defective)
    dataset = dl.read_dl_dataset_anomaly(image_dir)

    # ---- 2. Share it out. All defective cells go to the test: training never sees a defect.
    dl.set_system("seed_rand", 73)
    dl.split_dl_dataset(dataset, 60, 15)
    for split in ("train", "validation", "test"):
        print(f"  {split:10s} {len(dl.find_dl_samples(dataset['samples'], 'split', split, 'match')):4d} images")

    # ---- 3. A pretrained model. It has seen photographs, but no solar cell yet.
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_width", 256)
    dl.set_dl_model_param(model, "image_height", 256)

    # ---- 4. Preprocess: every image gets the size and the gray values that the model takes.
    preprocess_param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, output / "preprocessed", preprocess_param, {"overwrite_files": "auto"})

    # ---- 5. Train: learn what good cells look like.
    train_result, _, _ = dl.train_dl_model(dataset, model, dl.create_dl_train_param(model))
    print(f"Trained: error {train_result['final_error']:.3f} after epoch {train_result['final_epoch']}")

    # ---- 6. Find the thresholds, and measure how well they do.
    segmentation_threshold, classification_thresholds = dl.compute_dl_anomaly_thresholds(model, dataset)
    classification_threshold = classification_thresholds[-1]
    result, _ = dl.evaluate_dl_model(
        dataset,
        model,
        "split",
        "test",
        {"measures": "all", "anomaly_classification_thresholds": [classification_threshold]},
    )
    matrix = result["absolute_confusion_matrix"][0]["confusion_matrix"].astype(int)
    print(f"Image AUROC {result['global_evaluation']['image_auroc']:.3f}")
    print(f"With a classification threshold of {classification_threshold:.3f}:")
    print(f"  good cells:      {matrix[0, 0]:3d} accepted, {matrix[1, 0]:3d} rejected (false alarms)")
    print(f"  defective cells: {matrix[1, 1]:3d} rejected, {matrix[0, 1]:3d} accepted (missed)")

    # ---- 7. Write the model to one file, and use it as the inspection machine will: read it, score images, decide.
    dl.write_dl_model(model, output / "solar_cells.hdl")
    machine = dl.read_dl_model(output / "solar_cells.hdl")
    files = sorted((image_dir / "defective").iterdir())[:4] + sorted((image_dir / "good").iterdir())[:2]
    samples = dl.gen_dl_samples_from_images(dl.read_image(files))
    dl.preprocess_dl_samples(samples, preprocess_param)
    results = dl.apply_dl_model(machine, samples)
    dl.threshold_dl_anomaly_results(segmentation_threshold, classification_threshold, results)

    # ---- 8. Look.
    for file, sample, decided in zip(files, samples, results, strict=True):
        figure = dl.dev_display_dl_data(sample, decided, dataset, ["image", "anomaly_result", "anomaly_image"])
        figure.savefig(output / f"{file.parent.name}_{file.stem}.png", dpi=100)
        share = np.mean(decided["anomaly_region"])
        print(f"  {file.name}: {decided['anomaly_class']}, score {decided['anomaly_score']:.3f}, region {share:.1%}")
    print(f"Pictures and model: {output}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("output/01_first_anomaly"), help="folder for everything")
    parser.add_argument("--good", type=int, default=200, help="good cells")
    parser.add_argument("--defective", type=int, default=60, help="defective cells")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.defective)
