"""The procedure `normalize_dl_gc_anomaly_features`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.errors import DLDataError
from dlproc.models.by_batches import GLOBAL, Images, normalize_features
from dlproc.models.handle import DLModel, check_type
from dlproc.models.operate import adopt_preprocessing, check_preprocessing
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.keys import DLDataset, NormalizeGenParam


def normalize_dl_gc_anomaly_features(
    dl_dataset: DLDataset, dl_model_handle: DLModel, gen_param: Mapping[str, Any] | None = None
) -> None:
    """Look the good images through, before the first `train_dl_model_batch`. `train_dl_model` does this by itself.

    Parameters
    ----------
    dl_dataset : DLDataset
        Preprocessed and split. Read: the preprocessed samples of split 'train', which must all be good.
    dl_model_handle : DLModel
        Of type 'gc_anomaly_detection'. Changed: it knows how the features of good images are spread, its local network
        is trained, and the training of its global network begins anew. On an error or Ctrl-C it is as before.
    gen_param : mapping, optional
        ``'show_progress'`` : bool, default True. A progress bar on the terminal.

    Raises
    ------
    DLModelError
        Another type of model; a dataset that was preprocessed for another one.
    DLDictError
        The dataset is not preprocessed.
    DLDataError
        No image, or one that is not good, in split 'train' (halcon_code 7882).
    DLParamError
        An unknown option.

    Notes
    -----
    HALCON's name. What is computed here is dlproc's own choice: everything that is learnt without a gradient.
    """
    # 1. Check the arguments.
    model = check_type(dl_model_handle, GLOBAL, "train_dl_model, or train_dl_model_anomaly_dataset")
    options = check_options(gen_param, NormalizeGenParam, "gen_param")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])
    samples = dl_dataset["samples"]

    # 2. The images: all of split 'train', good, in an order that does not depend on how the dataset was listed.
    indices = find_dl_samples(samples, "split", "train", "match")
    for index in indices:
        if samples[index].get("anomaly_label", "ok") != "ok":
            where = f"dl_dataset['samples'][{index}]['anomaly_label']"
            raise DLDataError(where, "'ok' in split 'train'", "'nok'", "train on good images only", halcon_code=7882)
    if not indices:
        where = "dl_dataset['samples']"
        raise DLDataError(where, "good images with split 'train'", "none", "run split_dl_dataset", halcon_code=7882)
    indices.sort(key=lambda index: samples[index]["image_file_name"])

    # 3. Look them through; the model changes when all is done.
    images = Images(lambda number: read_dl_samples(dl_dataset, indices[number])[0], len(indices))
    preprocessing = adopt_preprocessing(dl_dataset["preprocess_param"])
    learner, _, _ = normalize_features(model, images, preprocessing, options["show_progress"])
    model.parameters.update(preprocessing)
    model.learner = learner
