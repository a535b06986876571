"""Training: the operator, and what it shares with the procedure `train_dl_model`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.errors import DLDataError, DLDictError, DLModelError
from dlproc.images.shown import known_gray_values
from dlproc.io.locks import locked
from dlproc.measures.brightness import brightness
from dlproc.measures.suspicious import suspicious_distances
from dlproc.models.checkpoint import WITHOUT_SUSPICIOUS, Checkpoint, digest
from dlproc.models.handle import SHAPING, DLModel, check_model, check_type, forget_thresholds
from dlproc.models.held_out import image_fingerprint
from dlproc.models.host import own_settings
from dlproc.models.operate import check_sample
from dlproc.models.registry import IN_ONE_GO
from dlproc.models.scoring import gather_cells, grid_of, network_images
from dlproc.models.training_images import Learnt, TrainingImages
from dlproc.remarks import ONE_IMAGE, remark
from dlproc.rng import get_system, numpy_generator
from dlproc.schema.check import check_list, check_options
from dlproc.schema.domain import domain_of
from dlproc.schema.keys import AnomalyTrainParam, DLSample, DLTrainResult, SuspiciousImage
from dlproc.scores import to_score
from dlproc.version import __version__


@dataclass(frozen=True)
class SampleSource:
    """Samples that come one at a time, when asked for.

    Attributes
    ----------
    n_samples : int
    read : callable
        Gives the sample of a number, 0 to `n_samples` - 1, each time the same.
    identity : callable
        Gives a word for it that is another one when its content is; asked when a checkpoint is kept.
    describe : callable
        Gives what a user knows it by: keys of SuspiciousImage.
    """

    n_samples: int
    read: Callable[[int], Mapping[str, Any]]
    identity: Callable[[int], str]
    describe: Callable[[int], dict[str, Any]]


def train_dl_model_anomaly_dataset(
    dl_model_handle: DLModel,
    dl_samples: DLSample | Sequence[DLSample],
    dl_train_param: Mapping[str, Any] | None = None,
) -> DLTrainResult:
    """Train a model on good samples that are in memory.

    Parameters
    ----------
    dl_model_handle : DLModel
        Changed: it is trained afterwards. On an error or Ctrl-C it is as before.
    dl_samples : sequence of DLSample
        Preprocessed as the model's ``normalization_type`` and range say. Read: ``'image'`` and, where there,
        ``'domain'`` and ``'image_id'``; ``'anomaly_label'``, where there, must be 'ok'.
    dl_train_param : mapping, optional
        The keys of AnomalyTrainParam; see `train_dl_model`.

    Returns
    -------
    DLTrainResult
        ``'final_error'``, ``'final_epoch'``, ``'suspicious'``.

    Raises
    ------
    DLDataError
        No sample (halcon_code 7882).
    DLDictError
        As of `apply_dl_model`; a sample that is not good.
    DLParamError
        An unknown key, or a value that is not valid; less ``'max_memory_mb'`` than is needed; a ``'checkpoint_dir'``
        of another training.
    DLModelError
        The model is of another type.
    """
    model = check_type(dl_model_handle, "anomaly_detection", "train_dl_model, or train_dl_model_batch")
    check_model(model, must_be_original=True)
    anomaly_param = check_options(dl_train_param, AnomalyTrainParam, "dl_train_param")
    samples = check_list(dl_samples, "dl_samples")
    for index, sample in enumerate(samples):
        if sample.get("anomaly_label", "ok") != "ok":
            where = f"dl_samples[{index}]['anomaly_label']"
            raise DLDictError(
                where, "'ok'", repr(sample["anomaly_label"]), "train on good images only", halcon_code=7882
            )
    check_memory(model, len(samples), anomaly_param, "dl_train_param")
    for index, sample in enumerate(samples):
        check_sample(sample, model, f"dl_samples[{index}]")
    source = SampleSource(
        n_samples=len(samples),
        read=samples.__getitem__,
        identity=lambda number: _identity(samples[number]),
        describe=lambda number: _described(samples[number], number),
    )
    return train_on_samples(model, source, anomaly_param, {}, show_progress=False)


def _identity(sample: Mapping[str, Any]) -> str:
    domain = domain_of(sample)
    shown = "" if domain is None else str(image_fingerprint(np.asarray(domain, np.float32)))
    return f"{image_fingerprint(sample['image'])} {shown}"


def _described(sample: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {"sample_index": number} | ({"image_id": sample["image_id"]} if "image_id" in sample else {})


@own_settings()
def train_on_samples(
    model: DLModel,
    source: SampleSource,
    anomaly_param: Mapping[str, Any],
    preprocessing: Mapping[str, Any],
    show_progress: bool,
) -> DLTrainResult:
    """Learn from samples that come one at a time.

    Parameters
    ----------
    anomaly_param : mapping
        Checked AnomalyTrainParam.
    preprocessing : mapping
        Parameters of the model that hold from now on, because the samples were made with them.

    The model is changed only at the very end. No other process uses the folder ``'checkpoint_dir'`` meanwhile.
    """
    folder = anomaly_param["checkpoint_dir"]
    with locked(folder) if folder is not None else nullcontext():
        return _train_on_samples(model, source, anomaly_param, preprocessing, show_progress)


def _train_on_samples(
    model: DLModel,
    source: SampleSource,
    anomaly_param: Mapping[str, Any],
    preprocessing: Mapping[str, Any],
    show_progress: bool,
) -> DLTrainResult:
    if source.n_samples == 0:
        raise DLDataError("dl_samples", "at least one good sample to train on", "none", halcon_code=7882)
    learner = stand_in(model, preprocessing)
    folder = anomaly_param["checkpoint_dir"]
    words = [source.identity(number) for number in range(source.n_samples)] if folder is not None else []

    def learn(numbers: list[int], checkpoint: Checkpoint | None) -> tuple[TrainingImages, Learnt]:
        images = training_images(learner, source, numbers, checkpoint, show_progress)
        if checkpoint is not None:
            job = _job(learner, [words[number] for number in numbers], anomaly_param)
            checkpoint.open(job, len(numbers))
        try:
            learnt = IN_ONE_GO[model.method_name].train(
                model.backbone,
                images,
                len(numbers),
                anomaly_param,
                learner.parameters["complexity"],
                numpy_generator("train_dl_model"),
                show_progress,
            )
        except Exception:  # not Ctrl-C: that training may go on
            if checkpoint is not None:
                checkpoint.remove_if_empty()
            raise
        return images, Learnt(*learnt)

    numbers = list(range(source.n_samples))
    checkpoint = Checkpoint(Path(folder)) if folder is not None else None
    images, learnt = learn(numbers, checkpoint)
    suspicious = _suspicious(learnt, images.fingerprints, source, anomaly_param["exclude_suspicious"])
    if anomaly_param["exclude_suspicious"] and suspicious:
        # Anew without them: what they gave cannot be taken out of a bank and of Gaussians exactly.
        del images, learnt  # before the second training, which may take as much memory
        excluded = {number for number, _ in suspicious}
        numbers = [number for number in numbers if number not in excluded]
        again = Checkpoint(Path(folder) / WITHOUT_SUSPICIOUS) if folder is not None else None
        images, learnt = learn(numbers, again)
        if again is not None:
            again.remove()
    records = [record for _, record in suspicious]
    if len(np.unique(images.fingerprints)) == 1:
        given = "one image" if len(numbers) == 1 else f"{len(numbers)} images that are all the same"
        remark(
            ONE_IMAGE,
            "training",
            f"{given}: how good parts differ is not learnt from it; add images of other good parts",
        )

    model.parameters.update(preprocessing)
    model.reference = learnt.reference
    forget_thresholds(model)  # they were for the scores of what was learnt before
    model.training = {
        "n_images": len(numbers),
        "image_fingerprints": np.sort(images.fingerprints),
        # mean gray value, contrast; empty if not known
        "image_brightness": images.light[~np.isnan(images.light).any(axis=1)],
        "anomaly_param": {name: value for name, value in anomaly_param.items() if name != "checkpoint_dir"},
        "seed_rand": get_system("seed_rand"),
        "final_error": learnt.final_error,
        "final_epoch": learnt.final_epoch,
        # not the place in the dataset: one model, the same bytes, however the images are listed
        "suspicious": [{key: value for key, value in record.items() if key != "sample_index"} for record in records],
        "versions": _versions(),
    }
    if checkpoint is not None:
        checkpoint.remove()
    result = {"final_error": learnt.final_error, "final_epoch": learnt.final_epoch}
    return {**result, "suspicious": copy.deepcopy(records)}  # type: ignore[typeddict-item]


def check_memory(model: DLModel, n_images: int, anomaly_param: Mapping[str, Any], where: str) -> None:
    """Raise `DLParamError` unless training on so many images fits into ``'max_memory_mb'``."""
    checkpoint = Checkpoint(Path(anomaly_param["checkpoint_dir"])) if anomaly_param["checkpoint_dir"] else None
    source = SampleSource(n_images, lambda number: {}, str, lambda number: {})
    images = training_images(model, source, range(n_images), checkpoint, False)
    complexity = model.parameters["complexity"]
    IN_ONE_GO[model.method_name].check_memory(model.backbone_name, images, anomaly_param, complexity, where)


def stand_in(model: DLModel, preprocessing: Mapping[str, Any]) -> DLModel:
    """A model with the new parameters, so that the model itself stays as it is until the end."""
    learner = DLModel(model.method_name, model.backbone_name, model.parameters["type"])
    learner.parameters = {**model.parameters, **preprocessing}
    learner.device = model.device
    low, high = learner.parameters["image_range_min"], learner.parameters["image_range_max"]
    if low >= high:
        expected = f"less than image_range_max, {high:g}"
        raise DLModelError("image_range_min", expected, f"{low:g}", halcon_code=7791)
    return learner


def training_images(
    learner: DLModel, source: SampleSource, numbers: Sequence[int], checkpoint: Checkpoint | None, show_progress: bool
) -> TrainingImages:
    """The samples of some numbers, as the method takes them."""
    parameters = learner.parameters
    size = parameters["image_height"], parameters["image_width"]

    def read(place: int) -> tuple[Tensor, NDArray[np.bool_], int, tuple[float, float]]:
        number = numbers[place]
        sample = source.read(number)
        check_sample(sample, learner, f"dl_samples[{number}]")
        gray = known_gray_values(sample["image"], parameters)
        light = (np.nan, np.nan) if gray is None else brightness(gray, domain_of(sample))
        inside = gather_cells([sample], learner)[0].astype(bool)
        return network_images([sample], learner), inside, image_fingerprint(sample["image"]), light

    grid, tile, factor = grid_of(size, learner), parameters["tile_size"], parameters["standard_deviation_factor"]
    return TrainingImages(read, len(numbers), size, grid, tile, factor, checkpoint, show_progress)


def _job(learner: DLModel, words: Sequence[str], anomaly_param: Mapping[str, Any]) -> dict[str, Any]:
    """All that a training depends on, by name."""
    shaping = {name: learner.parameters[name] for name in sorted(SHAPING) if name in learner.parameters}
    options = {name: anomaly_param[name] for name in sorted(anomaly_param) if name != "checkpoint_dir"}
    return {
        "images": f"{len(words)}, digest {digest(words)}",
        "method": learner.method_name,
        "network": learner.backbone_name,
        "runtime": learner.parameters["runtime"],
        "standard_deviation_factor": learner.parameters["standard_deviation_factor"],
        "seed_rand": get_system("seed_rand"),
        **_versions(),
        **shaping,
        **options,
    }


def _suspicious(
    learnt: Learnt, fingerprints: NDArray[np.uint64], source: SampleSource, are_excluded: bool
) -> list[tuple[int, SuspiciousImage]]:
    """Number and record of the training images that look bad, the most suspicious first."""
    if learnt.image_distances is None:
        return []
    found: list[tuple[int, SuspiciousImage]] = []
    for number, deviations in suspicious_distances(learnt.image_distances, fingerprints):
        score = float(to_score(learnt.image_distances[number : number + 1])[0])
        record = {"anomaly_score": score, "deviations": deviations, "is_excluded": are_excluded}
        found.append((number, {**source.describe(number), **record}))  # type: ignore[typeddict-item]
    return found


def _versions() -> dict[str, str]:
    return {"dlproc": __version__, "torch": str(torch.__version__), "numpy": np.__version__}
