"""A HALCON user's script, line by line: the HDevelop call as a comment, below it the call in Python.

Names, keys and the order of arguments are HALCON's. Three things differ. HDevelop writes outputs last, Python returns
them. ``DLModelHandle`` is written ``dl_model_handle``. A tuple is a list, and `[]` may be left out at the end.

Run it with ``python examples/03_port_from_hdevelop.py``; the pictures are again the solar cells of example 01.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from solar_cells import write_solar_cells

import dlproc as dl


def main(output: Path, n_good: int, n_defective: int) -> None:
    """The workflow of HALCON's anomaly-detection example."""
    image_dir = write_solar_cells(output / "cells", n_good, n_defective)

    # set_system ('seed_rand', 73)
    dl.set_system("seed_rand", 73)

    # ---- Dataset.
    # GenParamDataset := dict{image_sub_dirs: ['good', 'defective']}
    gen_param_dataset = {"image_sub_dirs": ["good", "defective"]}
    # read_dl_dataset_anomaly (ImageDir, [], [], [], GenParamDataset, DLDataset)
    dl_dataset = dl.read_dl_dataset_anomaly(image_dir, [], [], [], gen_param_dataset)
    # split_dl_dataset (DLDataset, 50, 10, [])
    dl.split_dl_dataset(dl_dataset, 50, 10, [])

    # ---- Model.
    # read_dl_model ('initial_dl_anomaly_medium.hdl', DLModelHandle)
    dl_model_handle = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    # set_dl_model_param (DLModelHandle, 'image_width', 256)
    dl.set_dl_model_param(dl_model_handle, "image_width", 256)
    # set_dl_model_param (DLModelHandle, 'image_height', 256)
    dl.set_dl_model_param(dl_model_handle, "image_height", 256)
    # set_dl_model_param (DLModelHandle, 'complexity', 15)
    dl.set_dl_model_param(dl_model_handle, "complexity", 15)
    # query_available_dl_devices ('runtime', 'cpu', DLDeviceHandles)
    dl_device_handles = dl.query_available_dl_devices("runtime", "cpu")
    # set_dl_model_param (DLModelHandle, 'device', DLDeviceHandles[0])
    dl.set_dl_model_param(dl_model_handle, "device", dl_device_handles[0])

    # ---- Preprocessing.
    # create_dl_preprocess_param_from_model (DLModelHandle, 'constant_values', 'full_domain', [], [], [], Param)
    dl_preprocess_param = dl.create_dl_preprocess_param_from_model(
        dl_model_handle, "constant_values", "full_domain", [], [], []
    )
    # preprocess_dl_dataset (DLDataset, OutputDir, DLPreprocessParam, dict{overwrite_files: true}, DLDatasetFileName)
    dl_dataset_file_name = dl.preprocess_dl_dataset(
        dl_dataset, output / "data", dl_preprocess_param, {"overwrite_files": True}
    )
    print(f"Preprocessed: {dl_dataset_file_name}")

    # ---- Training.
    # TrainParamAnomaly := dict{error_threshold: 0.001, domain_ratio: 0.25, regularization_noise: 0.01}
    train_param_anomaly = {"error_threshold": 0.001, "domain_ratio": 0.25, "regularization_noise": 0.01}
    # create_dl_train_param (DLModelHandle, 15, [], 'true', 73, 'anomaly', TrainParamAnomaly, TrainParam)
    train_param = dl.create_dl_train_param(dl_model_handle, 15, [], "true", 73, "anomaly", train_param_anomaly)
    # train_dl_model (DLDataset, DLModelHandle, TrainParam, 0, TrainResults, TrainInfos, EvaluationInfos)
    train_results, train_infos, evaluation_infos = dl.train_dl_model(dl_dataset, dl_model_handle, train_param, 0)
    print(f"Trained: {train_results}, {train_infos}, {evaluation_infos}")

    # ---- Thresholds and evaluation.
    # set_dl_model_param (DLModelHandle, 'standard_deviation_factor', 1.0)
    dl.set_dl_model_param(dl_model_handle, "standard_deviation_factor", 1.0)
    # compute_dl_anomaly_thresholds (DLModelHandle, DLDataset, dict{enable_display: true}, SegThr, ClassThrs)
    segmentation_threshold, classification_thresholds = dl.compute_dl_anomaly_thresholds(
        dl_model_handle, dl_dataset, {"enable_display": True}
    )
    # GenParamEval := dict{measures: 'all', anomaly_classification_thresholds: ClassThrs}
    gen_param_eval = {"measures": "all", "anomaly_classification_thresholds": classification_thresholds}
    # evaluate_dl_model (DLDataset, DLModelHandle, 'split', 'test', GenParamEval, EvaluationResult, EvalParams)
    evaluation_result, _eval_params = dl.evaluate_dl_model(dl_dataset, dl_model_handle, "split", "test", gen_param_eval)
    print(f"Evaluated: mean recall {evaluation_result['global_evaluation']['mean_recall']}")
    # ClassThr := ClassThrs[|ClassThrs| - 1]
    classification_threshold = classification_thresholds[-1]
    # write_dl_model (DLModelHandle, 'model_final.hdl')
    dl.write_dl_model(dl_model_handle, output / "model_final.hdl")

    # ---- Inference.
    # DLDatasetInfo := dict{class_names: ['ok', 'nok'], class_ids: [0, 1]}
    dl_dataset_info = {"class_names": ["ok", "nok"], "class_ids": [0, 1]}
    # WindowDict := dict{}
    window_dict: dict[str, object] = {}
    # list_image_files (ImageDir + '/defective', ['png'], [], ImageFiles)
    image_files = dl.list_image_files(image_dir / "defective", ["png"], [])
    # for I := 0 to 2 by 1
    for index in range(3):
        # read_image (Image, ImageFiles[I])
        image = dl.read_image(image_files[index])
        # gen_dl_samples_from_images (Image, DLSample)
        dl_samples = dl.gen_dl_samples_from_images(image)
        # preprocess_dl_samples (DLSample, DLPreprocessParam)
        dl.preprocess_dl_samples(dl_samples, dl_preprocess_param)
        # apply_dl_model (DLModelHandle, DLSample, [], DLResult)
        dl_results = dl.apply_dl_model(dl_model_handle, dl_samples, [])
        # threshold_dl_anomaly_results (SegThr, ClassThr, DLResult)
        dl.threshold_dl_anomaly_results(segmentation_threshold, classification_threshold, dl_results)
        # dev_display_dl_data (DLSample, DLResult, DLDatasetInfo, ['anomaly_result', 'anomaly_image'], [], WindowDict)
        figure = dl.dev_display_dl_data(
            dl_samples[0], dl_results[0], dl_dataset_info, ["anomaly_result", "anomaly_image"], [], window_dict
        )
        figure.savefig(output / f"result_{index}.png", dpi=100)
        # parse_filename (ImageFiles[I], BaseName, Extension, Directory)
        base_name, extension, _ = dl.parse_filename(image_files[index])
        print(f"{base_name}.{extension}: {dl_results[0]['anomaly_class']}, {dl_results[0]['anomaly_score']:.3f}")
    # endfor


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--output", type=Path, default=Path("output/03_port_from_hdevelop"), help="folder for everything"
    )
    parser.add_argument("--good", type=int, default=80, help="good cells")
    parser.add_argument("--defective", type=int, default=20, help="defective cells")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.defective)
