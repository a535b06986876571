"""The procedure `estimate_dl_operating_points`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from tqdm import tqdm

from dlproc.errors import DLDataError
from dlproc.measures import operating_points as rules
from dlproc.measures.thresholds import with_room
from dlproc.models.handle import DLModel, check_model
from dlproc.models.held_out import check_is_new, image_fingerprint, knows_its_images, without_joined
from dlproc.models.operate import apply_dl_model, check_preprocessing
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys, check_options
from dlproc.schema.keys import DLDataset, DLDatasetSample, OperatingPointsGenParam
from dlproc.schema.keys import OperatingPoints as OperatingPointsDict


def estimate_dl_operating_points(
    dl_model_handle: DLModel, dl_dataset: DLDataset, gen_param: Mapping[str, Any] | None = None
) -> OperatingPointsDict:
    """Compare thresholds: what each rule promises, and what it costs on the labelled images.

    dlproc's own; HALCON has no such procedure. Nothing is changed: choose a row, and pass its ``'threshold'`` to
    `threshold_dl_anomaly_results`, or let `compute_dl_anomaly_thresholds` with the same ``'method'`` store it with the
    model.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained.
    dl_dataset : DLDataset
        Preprocessed and split. Read: the preprocessed samples of splits 'validation' and 'test', and all that are
        'nok'. The model must not have been trained on them.
    gen_param : mapping, optional
        ``'target_fprs'`` : list of float in (0, 1], default 0.01 and 0.05; a row 'target_fpr' and a row 'conformal' for
        each. ``'confidence'`` : float, default 0.95, of guarantees and intervals. ``'miss_cost'``,
        ``'false_alarm_cost'`` : default 10 and 1. ``'defect_rate'`` : share of defective parts in production; default:
        as in the images, where defects usually are far more frequent than in production.
        ``'enable_display'`` : bool, default False. A progress bar on the terminal.

    Returns
    -------
    OperatingPoints
        ``'operating_points'`` : a dictionary for each rule with ``'method'``, ``'threshold'`` (None where the images do
        not suffice), ``'promise'`` (a sentence; or what is missing), ``'is_guaranteed'``, ``'target_fpr'``,
        ``'n_ok'``, ``'n_nok'``, and what it does to these images: ``'quantile'``, ``'n_false_alarms'``,
        ``'n_missed'``, ``'false_alarm_rate'`` and ``'miss_rate'`` with their intervals, ``'cost'``.
        ``'n_ok'``, ``'n_nok'``, ``'confidence'``, ``'defect_rate'`` : what it is from.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881), or takes other samples.
    DLDataError
        No good image outside split 'train', or an image that the model was trained on.

    Notes
    -----
    Rates are counted on the images that the rules chose their thresholds on, so in every row they are a little better
    than new images will be: a threshold just above all good images rejects none of them. What may be expected of new
    ones is the promise. Of images that are the same, pixel by pixel, one counts, except for HALCON's rule.

    See Also
    --------
    compute_dl_anomaly_thresholds : one of these, stored with the model.
    """
    # 1. Check the arguments and fill in the defaults.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = check_options(gen_param, OperatingPointsGenParam, "gen_param")
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])
    indices = without_joined(model, _held_out(dl_dataset), lambda index: read_dl_samples(dl_dataset, index)[0])
    is_nok = np.array([dl_dataset["samples"][index]["anomaly_label"] == "nok" for index in indices])
    is_test = np.array([dl_dataset["samples"][index].get("split") == "test" for index in indices])
    if is_nok.all():
        hint = "leave good images out of the training: split_dl_dataset with less than 100 percent"
        raise DLDataError("dl_dataset['samples']", "good samples with split 'validation' or 'test'", "none", hint)

    # 2. Score the images; none may be one that was trained on.
    scores, is_copy, seen = np.zeros(len(indices)), np.zeros(len(indices), bool), set[int]()
    progress = tqdm(indices, desc="Operating points", unit="image", disable=not options["enable_display"])
    for position, index in enumerate(progress):
        sample = read_dl_samples(dl_dataset, index)[0]
        check_is_new(model, sample, f"dl_dataset['samples'][{index}]")
        scores[position] = apply_dl_model(model, [sample], "anomaly_score")[0]["anomaly_score"]
        fingerprint = image_fingerprint(sample["image"])
        is_copy[position] = fingerprint in seen  # of an image that is there already: it promises nothing further
        seen.add(fingerprint)
    ok, nok, confidence = scores[~is_nok & ~is_copy], scores[is_nok & ~is_copy], options["confidence"]

    # 3. Let every rule choose.
    costs = rules.Costs(options["miss_cost"], options["false_alarm_cost"], options["defect_rate"])
    of_halcon = scores[~is_nok & is_test], scores[is_nok]  # with copies, as in HALCON
    choices: list[tuple[str, float | None, rules.Choice]] = [
        ("halcon", None, rules.halcon(*of_halcon)),
        ("zero_miss", None, rules.zero_miss(nok, confidence)),
        ("max_f1", None, rules.max_f1(ok, nok)),
        ("min_cost", None, rules.min_cost(ok, nok, costs)),
    ]
    choices += [("target_fpr", target, rules.target_fpr(ok, target)) for target in options["target_fprs"]]
    choices += [
        ("conformal", target, rules.conformal(ok, target, confidence)) for target in [*options["target_fprs"], None]
    ]

    # 4. Count what each would do.
    points: list[dict[str, Any]] = []
    for method, target, choice in choices:
        promised = choice if knows_its_images(model) else choice.without_guarantee()
        point = {"method": method, **asdict(promised), "target_fpr": target}
        # Two methods look at good images alone.
        looked_at = of_halcon if method == "halcon" else (ok, nok[:0] if method in ("target_fpr", "conformal") else nok)
        point["n_ok"], point["n_nok"] = map(len, looked_at)
        if choice.threshold is not None:
            point["threshold"] = with_room(choice.threshold, np.concatenate(looked_at))
            point |= asdict(rules.outcome(point["threshold"], ok, nok, costs, confidence))
        points.append(point)
    return {
        "operating_points": points,  # type: ignore[typeddict-item]
        "n_ok": len(ok),
        "n_nok": len(nok),
        "confidence": confidence,
        "defect_rate": options["defect_rate"],
    }


def _held_out(dl_dataset: DLDataset) -> list[int]:
    """Positions of the samples that serve: not for training, or not good."""
    indices = []
    for index, sample in enumerate(dl_dataset["samples"]):
        if sample.get("anomaly_label") == "nok" or sample.get("split") in ("validation", "test"):
            check_keys(sample, DLDatasetSample, ["anomaly_label"], f"dl_dataset['samples'][{index}]")
            indices.append(index)
    return indices
