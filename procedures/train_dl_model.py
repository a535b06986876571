"""The procedure `train_dl_model`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlproc.errors import DLDataError, DLParamError
from dlproc.io.container import read_header
from dlproc.io.sample_folder import sample_file_name
from dlproc.models.by_batches import Images, train_by_batches, valid_batch_param
from dlproc.models.handle import DLModel, check_model
from dlproc.models.operate import adopt_preprocessing, check_preprocessing
from dlproc.models.train import SampleSource, check_memory, train_on_samples
from dlproc.procedures.evaluate_dl_model import evaluate_dl_model
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys, check_options, convert
from dlproc.schema.keys import AnomalyTrainParam, BatchTrainParam, DisplayParam, DLDataset, DLTrainResult, TrainParam
from dlproc.schema.kinds import Integer, Real, describe, is_given


def train_dl_model(
    dl_dataset: DLDataset,
    dl_model_handle: DLModel,
    train_param: TrainParam | BatchTrainParam | None = None,
    start_epoch: float = 0,
) -> tuple[DLTrainResult, list[Any], list[Any]]:
    """Train a model on the good images of a dataset.

    Parameters
    ----------
    dl_dataset : DLDataset
        Preprocessed and split. Read: ``'preprocess_param'``, ``'dlsample_dir'``, ``'samples'``; of these the ones with
        ``'split'`` 'train', which must all be good.
    dl_model_handle : DLModel
        Changed: it is trained afterwards, and knows how its input is normalised. On an error it is as before; on
        Ctrl-C, too, but for a model of type 'gc_anomaly_detection' (see Notes).
    train_param : TrainParam or BatchTrainParam, optional
        Of `create_dl_train_param`. For models of type 'gc_anomaly_detection' see there, and Notes. For the others
        ``'anomaly_param'`` holds:

        ``'domain_ratio'`` : how many patches the bank keeps, in (0, 1], default 0.1: at most 1000 · complexity ·
        domain_ratio, which is 1,500 with the defaults. Larger may be finer and costs time, in training and after it.

        ``'max_num_epochs'``, ``'error_threshold'`` : the bank of kept patches grows in epochs, by one tenth of its
        capacity each, until it is full, no epoch is left (default 30), or the error is at most the threshold (default
        0.001). The error is the distance of the patch that is farthest from the bank, as a share of what it was at the
        beginning.

        ``'regularization_noise'`` : deviation of the noise that is expected on the features, default 0.0001. Larger
        makes the model more tolerant; try it when few images make it too strict.

        and dlproc's own:

        ``'max_memory_mb'`` : most memory that training adds to the process, 10^6 bytes. Less than is of use means
        statistics of fewer images; less than the least that is needed is an error, before an image is read.

        ``'checkpoint_dir'`` : a folder where a training that is interrupted, by Ctrl-C or a power cut, keeps what it
        has done. The same call goes on from there, and gives the same bytes. Removed in the end.

        ``'exclude_suspicious'`` : True: train anew without the images that look bad; takes twice as long where there
        are some.
    start_epoch : float
        'gc_anomaly_detection': the number of epochs that the model was trained for already; it goes on from there, as
        if it had not been interrupted, with the same images. 0 begins anew. For 'anomaly_detection' only 0: see
        ``'checkpoint_dir'``.

    Returns
    -------
    train_result : DLTrainResult
        ``'final_error'``, ``'final_epoch'``, and dlproc's own ``'suspicious'``: the training images that look bad, the
        most suspicious first; look at them. For 'gc_anomaly_detection' ``'total_loss'``, ``'final_epoch'``.
    train_infos, evaluation_infos : list of TrainInfo, list of EvaluationInfo
        One for each epoch, and for each evaluation. Empty for 'anomaly_detection', as in HALCON.

    Raises
    ------
    DLDictError
        The dataset is not preprocessed or not split.
    DLDataError
        No image, or one that is not good, in split 'train' (halcon_code 7882); a training that goes on with other
        images (7925).
    DLModelError
        The dataset was preprocessed for another size, number of channels or type than the model's.
    DLParamError
        An option that is not valid; ``'max_memory_mb'`` is too little, with the number that is needed; the folder
        ``'checkpoint_dir'`` is of another training; ``start_epoch`` is not what the model was trained for;
        ``'evaluation_param'`` asks for measures that need thresholds, without them.

    Notes
    -----
    One seed (`set_system`), the same bytes: batch size and the order of the samples change nothing.

    A model of type 'gc_anomaly_detection' looks all images through first (`normalize_dl_gc_anomaly_features`), then
    trains its global network epoch by epoch, evaluates it on the good images of split 'validation' at each interval,
    and at the end puts its scores on one scale (`normalize_dl_gc_anomaly_scores`). Ctrl-C leaves it as it was after the
    last complete epoch of this call; without one it is as before.
    """
    # 1. Check the arguments and fill in the defaults.
    model = check_model(dl_model_handle, must_be_original=True)
    is_by_batches = model.parameters["type"] == "gc_anomaly_detection"
    param = valid_batch_param(train_param) if is_by_batches else _param_of_one_go(train_param, start_epoch)
    first = convert(start_epoch, Integer("", low=0), "start_epoch", DLParamError) if is_given(start_epoch) else 0
    if is_by_batches and first >= param["num_epochs"]:
        raise DLParamError("start_epoch", f"less than num_epochs, {param['num_epochs']}", f"{first}")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])

    # 2. The images to learn from: all of split 'train', and good.
    indices = _by_name(dl_dataset, find_dl_samples(dl_dataset["samples"], "split", "train", "match"))
    for index in indices:
        if dl_dataset["samples"][index].get("anomaly_label", "ok") != "ok":
            where = f"dl_dataset['samples'][{index}]['anomaly_label']"
            raise DLDataError(where, "'ok' in split 'train'", "'nok'", "train on good images only", halcon_code=7882)
    if not indices:
        where = "dl_dataset['samples']"
        raise DLDataError(where, "good images with split 'train'", "none", "run split_dl_dataset", halcon_code=7882)

    # 3. Learn by batches, and evaluate on good images of split 'validation'.
    preprocessing = adopt_preprocessing(dl_dataset["preprocess_param"])
    if is_by_batches:
        is_ok = {"split": "validation", "anomaly_label": "ok"}.items()
        every = range(len(dl_dataset["samples"]))
        validation = _by_name(dl_dataset, [i for i in every if is_ok <= dl_dataset["samples"][i].items()])

        def evaluate(evaluation_param: Mapping[str, Any]) -> Any:
            return evaluate_dl_model(dl_dataset, model, "split", "validation", evaluation_param)[0]

        def images(of: list[int]) -> Images:
            return Images(lambda number: read_dl_samples(dl_dataset, of[number])[0], len(of))

        return train_by_batches(model, images(indices), images(validation), param, preprocessing, first, evaluate)

    # 4. Or in one go, reading one sample at a time.
    check_memory(model, len(indices), param["anomaly_param"], "train_param['anomaly_param']")
    folder = Path(dl_dataset["dlsample_dir"])

    def identity(number: int) -> str:
        sample = dl_dataset["samples"][indices[number]]
        return str(
            read_header(folder / sample.get("dlsample_file_name", sample_file_name(sample["image_id"])))["sha256"]
        )

    def names(number: int) -> dict[str, Any]:
        sample = dl_dataset["samples"][indices[number]]
        return {"sample_index": indices[number]} | {key: sample[key] for key in ("image_id", "image_file_name")}

    source = SampleSource(len(indices), lambda number: read_dl_samples(dl_dataset, indices[number])[0], identity, names)
    shows = param["display_param"]["enabled"]
    return train_on_samples(model, source, param["anomaly_param"], preprocessing, shows), [], []


def _param_of_one_go(train_param: object, start_epoch: object) -> dict[str, Any]:
    """Options of 'anomaly_detection', checked."""
    param = check_options(train_param, TrainParam, "train_param")
    for name, options in (("anomaly_param", AnomalyTrainParam), ("display_param", DisplayParam)):
        param[name] = check_options(param[name], options, f"train_param['{name}']")
    if is_given(start_epoch) and convert(start_epoch, Real(""), "start_epoch", DLParamError) != 0:
        raise DLParamError("start_epoch", "0", describe(start_epoch), "anomaly detection trains in one go")
    return param


def _by_name(dl_dataset: DLDataset, indices: list[int]) -> list[int]:
    """In an order that does not depend on how the dataset was listed."""
    return sorted(indices, key=lambda index: dl_dataset["samples"][index]["image_file_name"])
