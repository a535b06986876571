"""Models that are trained by batches: the operator that makes one step, and the epochs of `train_dl_model`.

The features of an image do not change while the network learns, so they are computed once; an epoch is then a matter of
seconds, and always of the same number of steps, whatever the number of images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from dlproc.errors import DLDataError, DLDictError, DLModelError, DLParamError
from dlproc.io.dicts import write_dict
from dlproc.models.anomaly import global_context
from dlproc.models.anomaly.global_context import Learner
from dlproc.models.file import write_dl_model
from dlproc.models.handle import DLModel, check_type, forget_thresholds
from dlproc.models.host import own_settings
from dlproc.models.operate import check_sample
from dlproc.models.train import SampleSource, stand_in, training_images
from dlproc.models.training_images import TrainingImages
from dlproc.rng import get_system, numpy_generator, set_system
from dlproc.schema.check import check_list, check_options
from dlproc.schema.keys import (
    ANOMALY_MEASURES,
    CLASS_IDS,
    NEED_THRESHOLD,
    AnomalyTrainParam,
    BatchTrainParam,
    ChangeParam,
    DLSample,
    DLTrainResult,
    EvaluateGenParam,
    SerializeParam,
    TrainDisplayParam,
)
from dlproc.version import __version__

STEPS_PER_EPOCH = 16
IMAGES_PER_STEP = 32
GLOBAL = "gc_anomaly_detection"
# What only the training itself needs of its record; the rest is told as the model's `training`.
OF_THE_LEARNER = {"preprocessing", "gradient_images", "gradient_fingerprints", "held_out_fingerprints", "least_loss"}
# A hint for options as 'max_memory_mb' and 'checkpoint_dir'.
OF_OTHER_TYPE = "that is for type 'anomaly_detection'; here 'serialize' keeps what is done, and start_epoch goes on"


@dataclass(frozen=True)
class Images:
    """Preprocessed samples that are read when they are needed."""

    read: Callable[[int], Mapping[str, Any]]
    n_images: int


@own_settings()
def train_dl_model_batch(dl_model_handle: DLModel, dl_sample_batch: DLSample | Sequence[DLSample]) -> DLTrainResult:
    """Make one step of training.

    Parameters
    ----------
    dl_model_handle : DLModel
        Of type 'gc_anomaly_detection', its features normalised by `normalize_dl_gc_anomaly_features`. Changed: one step
        further. What `apply_dl_model` says, and which images the model was trained on, changes with
        `normalize_dl_gc_anomaly_scores`, which belongs behind the last step. On an error or Ctrl-C it is as before.
    dl_sample_batch : sequence of DLSample
        Good ones. Read: ``'image'`` and, where there, ``'domain'``; ``'anomaly_label'``, where there, must be 'ok'.
        Images of split 'train' that are kept for the scale (see Notes) may be among them; they have no part in the
        step.

    Returns
    -------
    DLTrainResult
        ``'total_loss'`` : mean square of what the global network filled in wrongly in the images of the step, before
        it. Where all of the batch are kept for the scale: the same of these, and no step is made.

    Raises
    ------
    DLModelError
        Another type of model; features that are not normalised (halcon_code 7881).
    DLDictError
        As of `apply_dl_model`; a sample that is not good.

    Notes
    -----
    `train_dl_model` does all of it, and quicker: it computes the features of an image once, not in each step.

    Of five images or more `normalize_dl_gc_anomaly_features` keeps a fifth for the scale of the scores, which asks what
    images show that the gradient has not seen. They are recognised by their gray values: one that was varied passes for
    another. Images that the batch brings in from elsewhere are remembered as trained on; ``'n_images'`` of what is
    known of the training counts those of `normalize_dl_gc_anomaly_features`.
    """
    model = check_type(dl_model_handle, GLOBAL, "train_dl_model, or train_dl_model_anomaly_dataset")
    learner = check_learner(model)
    samples = check_list(dl_sample_batch, "dl_sample_batch")
    if not samples:
        raise DLDictError("dl_sample_batch", "at least one sample", "none", halcon_code=7784)
    for index, sample in enumerate(samples):
        where = f"dl_sample_batch[{index}]"
        check_sample(sample, model, where)
        if sample.get("anomaly_label", "ok") != "ok":
            where, hint = f"{where}['anomaly_label']", "train on good images only"
            raise DLDictError(where, "'ok'", repr(sample["anomaly_label"]), hint, halcon_code=7882)
    tokens, inside, fingerprints = _tokens(model, learner, Images(samples.__getitem__, len(samples)))
    is_held_out = np.isin(fingerprints, learner.record["held_out_fingerprints"])
    generator = numpy_generator(f"train_dl_model_batch: step {learner.n_steps}")
    if is_held_out.all():
        return {"total_loss": float(learner.loss_of_holes(tokens, inside, generator).detach())}
    takes_part = torch.from_numpy(~is_held_out).to(tokens.device)
    further = learner.copy()
    loss = further.step(tokens[takes_part], inside[takes_part], generator, model.parameters["learning_rate"])
    # Before what is learnt can be applied: an image that was trained on must not pass for a new one.
    further.record["image_fingerprints"] = np.union1d(further.record["image_fingerprints"], fingerprints)
    model.learner = further
    return {"total_loss": loss}


def check_learner(model: DLModel) -> Learner:
    """The state of training, or an error: there is none."""
    if model.learner is None:
        hint = "run normalize_dl_gc_anomaly_features first, or train_dl_model, which does all of it"
        raise DLModelError("dl_model_handle", "a model with normalised features", "one without", hint, halcon_code=7881)
    return model.learner


def valid_batch_param(train_param: object) -> dict[str, Any]:
    """All options of a `BatchTrainParam`, those within it, too, checked and with defaults."""
    if isinstance(train_param, Mapping) and "anomaly_param" in train_param:
        expected = f"a BatchTrainParam, for type '{GLOBAL}'"
        raise DLParamError("train_param", expected, "'anomaly_param'", OF_OTHER_TYPE)
    param = check_options(_given(train_param), BatchTrainParam, "train_param")
    param["display_param"] = check_options(
        _given(param["display_param"]), TrainDisplayParam, "train_param['display_param']"
    )
    if param["evaluation_param"]:
        _check_evaluation(param["evaluation_param"], "train_param['evaluation_param']")
    for name, check in (("change_strategies", valid_change), ("serialization_strategies", valid_serialization)):
        where = f"train_param['{name}']"
        param[name] = [check(value, f"{where}[{index}]") for index, value in enumerate(param[name] or ())]
    return param


def _check_evaluation(given: object, where: str) -> None:
    """Raise `DLParamError` for options with which `evaluate_dl_model` would fail when the first epochs are over."""
    options = check_options(given, EvaluateGenParam, where)
    measures = set(ANOMALY_MEASURES) if "all" in options["measures"] else set(options["measures"])
    if measures & NEED_THRESHOLD and not options["anomaly_classification_thresholds"]:
        expected = f"thresholds, for {', '.join(sorted(measures & NEED_THRESHOLD))}"
        hint = "a model that is being trained has none of its own"
        raise DLParamError(f"{where}['anomaly_classification_thresholds']", expected, "none", hint)
    if options["evaluate_instances"]:
        raise DLParamError(f"{where}['evaluate_instances']", "False: images are evaluated", "True")
    if sorted(options["class_ids"]) != CLASS_IDS:
        raise DLParamError(f"{where}['class_ids']", f"{CLASS_IDS}", f"{list(options['class_ids'])}")


def _given(options: object) -> object:
    """Without the keys whose value is None: they were not given, but filled in by an earlier check."""
    if not isinstance(options, Mapping):
        return options
    return {key: value for key, value in options.items() if value is not None}


def valid_change(given: object, where: str) -> dict[str, Any]:
    """A change strategy with its defaults."""
    change = check_options(_given(given), ChangeParam, where)
    if len(change["epochs"]) != len(change["values"]):
        expected = f"{len(change['epochs'])} numbers, one for each epoch"
        raise DLParamError(f"{where}['values']", expected, f"{len(change['values'])}")
    return change


def valid_serialization(given: object, where: str) -> dict[str, Any]:
    """A serialization strategy with its defaults."""
    strategy = check_options(given, SerializeParam, where)
    if not strategy.get("basename"):
        strategy["basename"] = f"model_{strategy['type']}"
    if (strategy["type"] == "epochs") != bool(strategy["epochs"]):
        expected = "numbers of epochs, for type 'epochs'" if strategy["type"] == "epochs" else "none, for this type"
        raise DLParamError(f"{where}['epochs']", expected, f"{list(strategy['epochs'])}")
    folder = Path(strategy["basename"]).parent
    if not folder.is_dir():
        raise DLParamError(f"{where}['basename']", "a file in an existing folder", f"no folder '{folder.as_posix()}'")
    return strategy


@own_settings()
def normalize_features(
    model: DLModel, images: Images, preprocessing: Mapping[str, Any], show_progress: bool
) -> tuple[Learner, Tensor, Tensor]:
    """Look the good images through; see `dlproc.models.anomaly.global_context.look_through`. The model stays as it is.

    Parameters
    ----------
    preprocessing : mapping
        Parameters of the model that will hold from then on, because the samples were made with them.
    """
    seen = _as_seen(model, preprocessing, images, show_progress)
    anomaly_param = check_options(None, AnomalyTrainParam, "anomaly_param")
    learner, tokens, inside = global_context.look_through(
        model.backbone,
        seen,
        anomaly_param,
        model.parameters["complexity"],
        model.parameters["patch_size"],
        numpy_generator,
    )
    held_out = learner.record.pop("held_out_images")
    learner.record |= {
        "gradient_fingerprints": seen.fingerprints[learner.record["gradient_images"]],
        "held_out_fingerprints": np.sort(seen.fingerprints[held_out]),
        "least_loss": None,  # of an evaluation so far
        "final_epoch": 0,
        "n_images": images.n_images,
        "image_fingerprints": np.sort(seen.fingerprints),
        "image_brightness": seen.light[~np.isnan(seen.light).any(axis=1)],
        "seed_rand": get_system("seed_rand"),
        "preprocessing": dict(preprocessing),
        "versions": {"dlproc": __version__, "torch": str(torch.__version__), "numpy": np.__version__},
    }
    return learner, tokens, inside


def commit(model: DLModel, learner: Learner, epoch: int) -> None:
    """Make what was learnt so far what the model says."""
    reference = learner.reference()
    learner.record["final_epoch"] = epoch
    record = {key: value for key, value in learner.record.items() if key not in OF_THE_LEARNER}
    model.parameters.update(learner.record["preprocessing"])
    model.reference, model.learner = reference, learner.copy()
    model.learner.local = reference.local  # the same, so that a file holds it once
    forget_thresholds(model)  # they were for the scores of what was learnt before
    model.training = {**record, "n_steps": learner.n_steps}


@own_settings()
def train_by_batches(
    model: DLModel,
    train: Images,
    validation: Images,
    param: Mapping[str, Any],
    preprocessing: Mapping[str, Any],
    start_epoch: int,
    evaluate: Callable[[Mapping[str, Any]], Any],
) -> tuple[DLTrainResult, list[dict[str, Any]], list[dict[str, Any]]]:
    """The epochs of `train_dl_model`.

    Parameters
    ----------
    train, validation : Images
        Good samples to learn from, and others to evaluate on; of the latter there may be none.
    param : mapping
        Of `valid_batch_param`.
    start_epoch : int
        0, or the number of epochs that the model was trained for: then it goes on from there, with the same images.
    evaluate : callable
        From ``'evaluation_param'`` to what `evaluate_dl_model` measures on the validation images.

    The model changes only when an evaluation or the whole training is complete; on Ctrl-C it becomes what it was after
    the last complete epoch of this call, on an error what it was before.
    """
    shows = param["display_param"]["enabled"]
    with _seed(param["seed_rand"]), _as_before_on_error(model):
        if start_epoch == 0:
            learner, tokens, inside = normalize_features(model, train, preprocessing, shows)
        else:
            learner = check_learner(model).copy()
            tokens, inside = _tokens_of_the_gradient(model, learner, train, start_epoch)
        run = _Run(model, learner, param, start_epoch, evaluate)
        check = _tokens(model, learner, validation)[:2] if validation.n_images else None
        run.run(tokens, inside, check)
    losses = run.train_infos[-1:] or [{"mean_loss": 0.0}]
    result: DLTrainResult = {"total_loss": losses[0]["mean_loss"], "final_epoch": run.epoch}
    return result, run.train_infos, run.evaluation_infos


class _Run:
    """One call of `train_by_batches` while it goes on."""

    def __init__(
        self,
        model: DLModel,
        learner: Learner,
        param: Mapping[str, Any],
        start_epoch: int,
        evaluate: Callable[[Mapping[str, Any]], Any],
    ) -> None:
        self.model, self.learner, self.param, self.evaluate = model, learner, param, evaluate
        self.start_epoch = self.epoch = start_epoch
        self.is_committed = False
        self.losses: list[float] = []
        self.train_infos: list[dict[str, Any]] = []
        self.evaluation_infos: list[dict[str, Any]] = []
        self.first_learning_rate = float(model.parameters["learning_rate"])
        self.learning_rate = self._learning_rate(start_epoch)

    def run(self, tokens: Tensor, inside: Tensor, check: tuple[Tensor, Tensor] | None) -> None:
        n_epochs, interval = self.param["num_epochs"], self.param["evaluation_interval_epochs"]
        progress = tqdm(
            total=n_epochs,
            initial=self.epoch,
            desc="Training",
            unit="epoch",
            mininterval=self.param["update_interval_seconds"],
            disable=not self.param["display_param"]["enabled"],
        )
        try:
            if self.param["evaluate_before_train"] and self.epoch == 0:
                self._evaluate(check)
            while self.epoch < n_epochs:
                further = self.learner.copy()
                self._epoch(further, tokens, inside)
                self.learner, self.epoch, self.is_committed = further, self.epoch + 1, False
                self.learning_rate = self._learning_rate(self.epoch)
                progress.update()
                progress.set_postfix(loss=f"{self.train_infos[-1]['mean_loss']:.4f}")
                if self.epoch % interval == 0 or self.epoch == n_epochs:
                    self._evaluate(check)
                self._serialize("epochs")
            self._commit()
            self._serialize("final")
        except KeyboardInterrupt:
            if self.epoch > self.start_epoch:
                self._commit()
            raise
        finally:
            progress.close()

    def _epoch(self, learner: Learner, tokens: Tensor, inside: Tensor) -> None:
        """Steps over images in a random order, each as often as the others."""
        generator = numpy_generator(f"train_dl_model: epoch {self.epoch + 1}")
        n_looks = STEPS_PER_EPOCH * IMAGES_PER_STEP
        rounds = [generator.permutation(len(tokens)) for _ in range(-(-n_looks // len(tokens)))]
        losses = []
        for images in np.concatenate(rounds)[:n_looks].reshape(STEPS_PER_EPOCH, IMAGES_PER_STEP):
            losses.append(learner.step(tokens[images], inside[images], generator, self.learning_rate))
        self.losses += losses
        n_mean = max(1, self.param["num_samples_mean_loss"] // IMAGES_PER_STEP)
        info = {"mean_loss": float(np.mean(self.losses[-n_mean:])), "learning_rate": self.learning_rate}
        self.train_infos.append({"epoch": self.epoch + 1, **info})

    def _evaluate(self, check: tuple[Tensor, Tensor] | None) -> None:
        """Note the loss for images that the gradient does not see, and write the model where a strategy says so."""
        tokens, inside = check or (self.learner.held_out, self.learner.held_out_inside)
        split = "validation" if check else "train"
        loss = self.learner.loss(tokens, inside)
        info: dict[str, Any] = {"epoch": self.epoch, "split": split, "n_images": len(tokens), "loss": loss}
        self._commit()
        if self.param["evaluation_param"] and check:
            info["evaluation_result"] = self.evaluate(self.param["evaluation_param"])
        self.evaluation_infos.append(info)
        least_loss = self.learner.record["least_loss"]
        is_best = least_loss is None or loss < least_loss
        if is_best:
            for learner in (self.learner, check_learner(self.model)):  # what goes on, and what a file will hold
                learner.record["least_loss"] = loss
        self._serialize("current")
        if is_best:
            self._serialize("best")

    def _commit(self) -> None:
        if not self.is_committed:
            commit(self.model, self.learner, self.epoch)
            self.model.parameters["learning_rate"] = self.learning_rate
            self.is_committed = True

    def _serialize(self, kind: str) -> None:
        """Write the model for each strategy of this type, and beside it what is known of it."""
        for strategy in self.param["serialization_strategies"]:
            if strategy["type"] != kind or (kind == "epochs" and self.epoch not in strategy["epochs"]):
                continue
            self._commit()
            ending = f"_{self.epoch}" if kind == "epochs" else ""
            write_dl_model(self.model, f"{strategy['basename']}{ending}.hdl")
            info = {"epoch": self.epoch, "train_info": self.train_infos[-1:], "evaluation_info": []}
            info["evaluation_info"] = [i for i in self.evaluation_infos if i["epoch"] == self.epoch]
            write_dict({**info, "strategy": strategy}, f"{strategy['basename']}{ending}_info.hdict")

    def _learning_rate(self, epoch: int) -> float:
        """That of the model at the beginning, or what the strategies make of it after so many epochs."""
        rate = self.first_learning_rate
        for change in self.param["change_strategies"]:
            rate = rate if change["initial_value"] is None else change["initial_value"]
            for changes_after, value in zip(change["epochs"], change["values"], strict=True):
                rate = value if changes_after <= epoch else rate
        return rate


def _tokens_of_the_gradient(model: DLModel, learner: Learner, train: Images, start_epoch: int) -> tuple[Tensor, Tensor]:
    """Tokens of the images that the gradient saw when the training began, and which of them count; or an error: it
    would not be the same training that goes on.
    """
    record, hint = learner.record, "start_epoch 0 begins anew"
    if start_epoch != record["final_epoch"]:
        expected = f"{record['final_epoch']}, the epochs that the model was trained for, or 0"
        raise DLParamError("start_epoch", expected, f"{start_epoch}", hint)
    where, n_images, numbers = "dl_dataset['samples']", record["n_images"], record["gradient_images"]
    expected, hint = f"the {n_images} images of split 'train' that training began with", f"{hint} with others"
    if train.n_images != n_images:
        raise DLDataError(where, expected, f"{train.n_images}", hint, halcon_code=7925)
    images = Images(lambda place: train.read(int(numbers[place])), len(numbers))
    tokens, inside, fingerprints = _tokens(model, learner, images)
    n_others = int((fingerprints != record["gradient_fingerprints"]).sum())
    if n_others:
        got = f"{n_others} others among them, or the same in another order of their names"
        raise DLDataError(where, expected, got, hint, halcon_code=7925)
    return tokens, inside


def _tokens(model: DLModel, learner: Learner, images: Images) -> tuple[Tensor, Tensor, NDArray[np.uint64]]:
    """Tokens (N, 64, D), which count (N, 64), and fingerprints (N,) of all images."""
    seen = _as_seen(model, learner.record["preprocessing"], images, show_progress=False)
    rows = [global_context.tokens_of(learner, model.backbone, *seen[number]) for number in range(len(seen))]
    return torch.stack([tokens for tokens, _ in rows]), torch.stack([counts for _, counts in rows]), seen.fingerprints


def _as_seen(model: DLModel, preprocessing: Mapping[str, Any], images: Images, show_progress: bool) -> TrainingImages:
    """Samples as the network takes them, checked, by a model with the parameters that they were preprocessed with."""
    source = SampleSource(images.n_images, images.read, str, lambda number: {})
    return training_images(stand_in(model, preprocessing), source, range(images.n_images), None, show_progress)


@contextmanager
def _as_before_on_error(model: DLModel) -> Iterator[None]:
    """Put the model back when what is inside fails; an interruption by the user is no failure."""
    reference, learner, training = model.reference, model.learner, model.training
    parameters, meta_data = dict(model.parameters), dict(model.parameters["meta_data"])
    try:
        yield
    except Exception:
        model.reference, model.learner, model.training = reference, learner, training
        model.parameters.update(parameters)
        # The dictionary itself stays: get_dl_model_param hands it out.
        model.parameters["meta_data"].clear()
        model.parameters["meta_data"].update(meta_data)
        raise


@contextmanager
def _seed(seed: int | None) -> Iterator[None]:
    """The seed in force inside."""
    before = get_system("seed_rand")
    try:
        if seed is not None:
            set_system("seed_rand", seed)
        yield
    finally:
        set_system("seed_rand", before)
