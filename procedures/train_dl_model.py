"""The procedure `train_dl_model`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlproc.errors import DLDataError, DLParamError
from dlproc.io.container import read_header
from dlproc.io.sample_folder import sample_file_name
from dlproc.models.handle import DLModel, check_model
from dlproc.models.operate import adopt_preprocessing, check_preprocessing
from dlproc.models.train import SampleSource, check_memory, train_on_samples
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys, check_options, convert
from dlproc.schema.keys import AnomalyTrainParam, DisplayParam, DLDataset, DLTrainResult, TrainParam
from dlproc.schema.kinds import Real, describe, is_given


def train_dl_model(
    dl_dataset: DLDataset,
    dl_model_handle: DLModel,
    train_param: TrainParam | None = None,
    start_epoch: float = 0,
) -> tuple[DLTrainResult, list[Any], list[Any]]:
    """Train a model on the good images of a dataset.

    Parameters
    ----------
    dl_dataset : DLDataset
        Preprocessed and split. Read: ``'preprocess_param'``, ``'dlsample_dir'``, ``'samples'``; of these the ones with
        ``'split'`` 'train', which must all be good.
    dl_model_handle : DLModel
        Changed: it is trained afterwards, and knows how its input is normalised. On an error or Ctrl-C it is as before.
    train_param : TrainParam, optional
        Of `create_dl_train_param`. ``'anomaly_param'`` holds:

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
        HALCON's place for resuming other types of models; only 0 here. See ``'checkpoint_dir'``.

    Returns
    -------
    train_result : DLTrainResult
        ``'final_error'``, ``'final_epoch'``, and dlproc's own ``'suspicious'``: the training images that look bad, the
        most suspicious first; look at them.
    train_infos, evaluation_infos : list
        Empty for anomaly detection, as in HALCON.

    Raises
    ------
    DLDictError
        The dataset is not preprocessed or not split.
    DLDataError
        No image, or one that is not good, in split 'train' (halcon_code 7882).
    DLModelError
        The dataset was preprocessed for another size, number of channels or type than the model's.
    DLParamError
        An option that is not valid; ``'max_memory_mb'`` is too little, with the number that is needed; the folder
        ``'checkpoint_dir'`` is of another training.

    Notes
    -----
    One seed (`set_system`), the same bytes: batch size and the order of the samples change nothing.
    """
    # 1. Check the arguments and fill in the defaults.
    model = check_model(dl_model_handle, must_be_original=True)
    param = check_options(train_param, TrainParam, "train_param")
    anomaly_param = check_options(param["anomaly_param"], AnomalyTrainParam, "train_param['anomaly_param']")
    display_param = check_options(param["display_param"], DisplayParam, "train_param['display_param']")
    if is_given(start_epoch) and convert(start_epoch, Real(""), "start_epoch", DLParamError) != 0:
        raise DLParamError("start_epoch", "0", describe(start_epoch), "anomaly detection trains in one go")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])

    # 2. The images to learn from: all of split 'train', and good.
    indices = find_dl_samples(dl_dataset["samples"], "split", "train", "match")
    for index in indices:
        if dl_dataset["samples"][index].get("anomaly_label", "ok") != "ok":
            where = f"dl_dataset['samples'][{index}]['anomaly_label']"
            raise DLDataError(where, "'ok' in split 'train'", "'nok'", "train on good images only", halcon_code=7882)
    if not indices:
        where = "dl_dataset['samples']"
        raise DLDataError(where, "good images with split 'train'", "none", "run split_dl_dataset", halcon_code=7882)
    # In an order that does not depend on how the dataset was listed.
    indices.sort(key=lambda index: dl_dataset["samples"][index]["image_file_name"])

    # 3. Learn, reading one sample at a time.
    check_memory(model, len(indices), anomaly_param, "train_param['anomaly_param']")
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
    preprocessing = adopt_preprocessing(dl_dataset["preprocess_param"])
    return train_on_samples(model, source, anomaly_param, preprocessing, display_param["enabled"]), [], []
