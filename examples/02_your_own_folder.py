"""The same with your own images: ``python examples/02_your_own_folder.py FOLDER``.

Two layouts are understood. Either a folder ``good`` (or ``ok``) with good images, and beside it any number of folders
with images that are not good; there may be none. Or MVTec AD's: ``train/good``, ``test/good``, ``test/<type>``,
``ground_truth/<type>/<name>_mask.png``. ``docs/folders.md`` has the rules; ``dlproc check FOLDER`` says what each
folder counts as.

Written to ``--output``: the trained model, a table of all test images, and a picture of the ones that matter: the
highest scores, the false alarms and the missed ones.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import dlproc as dl


def main(folder: Path, output: Path, model_name: str, size: int) -> None:
    """Train on the good images of `folder`, and test on the others."""
    # ---- 1. The images, in either layout.
    if any(path.name.lower() == "train" for path in folder.glob("*/")):
        dataset = dl.read_dl_dataset_mvtec(folder)
    else:
        dataset = dl.read_dl_dataset_anomaly(folder)
        dl.split_dl_dataset(dataset, 60, 20)

    # ---- 2. Model, preprocessing, training. An interrupted run carries on where it was: 'auto'.
    model = dl.read_dl_model(model_name)
    dl.set_dl_model_param(model, "image_size", [size, size])
    preprocess_param = dl.create_dl_preprocess_param_from_model(model)
    output.mkdir(parents=True, exist_ok=True)
    dl.preprocess_dl_dataset(dataset, output / "preprocessed", preprocess_param, {"overwrite_files": "auto"})
    dl.train_dl_model(dataset, model)

    # ---- 3. Thresholds. Without defective images the last one is "just above all good test images".
    segmentation_threshold, classification_thresholds = dl.compute_dl_anomaly_thresholds(
        model, dataset, {"enable_display": True}
    )
    threshold = classification_thresholds[-1]
    dl.write_dl_model(model, output / "model.hdl")

    # ---- 4. Decide on every test image, and write the table.
    test = dl.find_dl_samples(dataset["samples"], "split", "test", "match")
    rows = []
    for index in test:
        described = dataset["samples"][index]
        result = dl.apply_dl_model(model, dl.read_dl_samples(dataset, index))
        dl.threshold_dl_anomaly_results(segmentation_threshold, threshold, result)
        score, decided = result[0]["anomaly_score"], result[0]["anomaly_class"]
        rows.append((described["image_file_name"], described["anomaly_label"], decided, score, index))
    rows.sort(key=lambda row: -row[3])
    with (output / "test.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "decided", "score"])
        writer.writerows([name, label, decided, f"{score:.4f}"] for name, label, decided, score, _ in rows)

    # ---- 5. Draw what matters.
    missed = [row for row in rows if row[1] == "nok" and row[2] == "ok"]
    false_alarms = [row for row in rows if row[1] == "ok" and row[2] == "nok"]
    for title, chosen in (("highest", rows[:5]), ("missed", missed[:5]), ("false_alarm", false_alarms[:5])):
        for number, (_, _, _, _, index) in enumerate(chosen):
            sample = dl.read_dl_samples(dataset, index)
            result = dl.apply_dl_model(model, sample)
            dl.threshold_dl_anomaly_results(segmentation_threshold, threshold, result)
            figure = dl.dev_display_dl_data(sample[0], result[0], dataset)
            figure.savefig(output / f"{title}_{number}.png", dpi=100)

    n_nok = sum(row[1] == "nok" for row in rows)
    print(f"{len(rows)} test images, threshold {threshold:.3f}:")
    print(f"  {len(false_alarms)} of {len(rows) - n_nok} good ones rejected")
    print(f"  {len(missed)} of {n_nok} defective ones missed")
    print(f"Table, pictures and model: {output}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of images")
    parser.add_argument("--output", type=Path, default=Path("output/02_your_own_folder"), help="folder for results")
    parser.add_argument("--model", default="initial_dl_anomaly_medium.hdl", help="pretrained model")
    parser.add_argument("--size", type=int, default=256, help="pixels, a multiple of 32")
    arguments = parser.parse_args()
    try:
        main(arguments.folder, arguments.output, arguments.model, arguments.size)
    except dl.DLError as error:
        raise SystemExit(f"error: {error}") from None
