"""The procedure `normalize_dl_gc_anomaly_scores`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlproc.models.by_batches import GLOBAL, check_learner, commit
from dlproc.models.handle import DLModel, check_type
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.keys import DLDataset, NormalizeGenParam


def normalize_dl_gc_anomaly_scores(
    dl_dataset: DLDataset, dl_model_handle: DLModel, gen_param: Mapping[str, Any] | None = None
) -> None:
    """Put the scores of both networks on one scale, after the last `train_dl_model_batch` and before the thresholds.

    `train_dl_model` does this by itself; a second time it changes nothing but that the thresholds are forgotten.

    Parameters
    ----------
    dl_dataset : DLDataset
        HALCON's place for the images. Those that the scale is from are a fifth of the images of
        `normalize_dl_gc_anomaly_features`, which the model still knows; nothing is read here.
    dl_model_handle : DLModel
        Of type 'gc_anomaly_detection'. Changed: `apply_dl_model` gives the scores of what was learnt so far; thresholds
        are taken out of its meta data.
    gen_param : mapping, optional
        ``'show_progress'`` : bool. Understood; it takes a second.

    Raises
    ------
    DLModelError
        Another type of model; features that are not normalised (halcon_code 7881).
    DLDictError
        No dataset.
    DLParamError
        An unknown option.
    """
    # 1. Check the arguments.
    model = check_type(dl_model_handle, GLOBAL, "train_dl_model, or train_dl_model_anomaly_dataset")
    check_keys(dl_dataset, DLDataset, ["samples"], "dl_dataset")
    check_options(gen_param, NormalizeGenParam, "gen_param")
    learner = check_learner(model)

    # 2. From the training's state to what is applied.
    commit(model, learner, int(learner.record["final_epoch"]))
