"""``dlproc train``: from a folder of images to a model with thresholds."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, counted
from dlproc.cli.folder import (
    check_pictures,
    leave_out_broken,
    preprocess,
    read_folder,
    set_aside_trained,
    share_held_out,
    work_folder,
)
from dlproc.cli.model import new_model_path
from dlproc.cli.proportions import note_proportions
from dlproc.errors import DLDataError, DLError, DLParamError

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import BatchTrainParam, DLDataset, SuspiciousImage, TrainParam

_MAX_SUSPICIOUS = 10  # are named on the terminal
_FEW_GOOD_IMAGES = 20
_NAMES = {name: f"initial_dl_anomaly_{name}.hdl" for name in ("medium", "large", "global")}
_DESCRIPTION = """\
Learn from the good images of a folder what is normal, choose the thresholds, and write the model.

FOLDER is one of
  a folder with a sub-folder named good or ok; images in other sub-folders count as defective
  a folder in the layout of MVTec AD: train/good, test/good, test/<type>, ground_truth/<type>
  a folder with nothing but good images directly in it
--good, --defective and --masks are for other names. A table says what each folder counts as; dlproc check shows it, and
looks at the images, without a training.

A part of the good images is trained on; the others, and all defective ones, set the thresholds and test them.
"""


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc train``."""
    parser = options.add_command(commands, "train", run, "learn from good images", _DESCRIPTION)
    parser.add_argument("folder", type=options.path, metavar="FOLDER", help="folder of images")
    parser.add_argument("-o", "--output", type=options.path, metavar="MODEL", required=True, help="file to write, .hdl")
    parser.add_argument(
        "--force", action="store_true", help="replace an existing file, and begin an interrupted training anew"
    )
    parser.add_argument(
        "--model",
        default="medium",
        metavar="NAME",
        help="medium (default), large, global (also for parts that are missing, double or misplaced), or a model file",
    )
    parser.add_argument(
        "--size", type=_size, metavar="N or WxH", help="size of the model's images, multiples of 32 (default 256)"
    )
    parser.add_argument(
        "--tile",
        type=int,
        metavar="N",
        help="look at large images in tiles of N x N of their own pixels, like 512; --size may be any then (default: "
        "that of the first image)",
    )
    parser.add_argument("--train-percent", type=float, metavar="N", help="share of the good images (default 60)")
    parser.add_argument("--validation-percent", type=float, default=20.0, metavar="N", help="the same (default 20)")
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="of every random choice (default 42)")
    options.add_method(parser, default="halcon")
    parser.add_argument(
        "--work-dir", type=options.path, metavar="DIR", help="keep preprocessed images here, and carry on from them"
    )
    parser.add_argument(
        "--max-memory-mb", type=float, metavar="MB", help="most memory that learning adds to the process, 10^6 bytes"
    )
    parser.add_argument(
        "--exclude-suspicious", action="store_true", help="learn without the good images that look bad (twice the time)"
    )
    options.add_labels(parser)
    parser.add_argument(
        "--keep-going", action="store_true", help="name images that cannot be read, and learn without them"
    )
    parser.add_argument(
        "--bits",
        type=int,
        metavar="N",
        help="bits that the gray values of 16-bit images have, 10 or 12 for many cameras (default 16)",
    )
    options.add_max_megapixels(parser)
    options.add_runtime(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Train, compute thresholds, write; no other process writes this model meanwhile."""
    from dlproc.io.locks import locked

    output = new_model_path(arguments.output, arguments.force)
    with locked(output, "model file"):
        return _train(output, arguments, console)


def _train(output: Path, arguments: argparse.Namespace, console: Console) -> int:
    # 1. Everything that can be wrong, before the work begins.
    method_options = options.method_options(arguments)
    dl.set_system("seed_rand", arguments.seed)
    model = _untrained_model(arguments.model, arguments.size, arguments.tile, arguments.runtime)
    if arguments.bits is not None:
        dl.set_dl_model_param(model, "image_bits", arguments.bits)
    dataset = read_folder(
        arguments.folder,
        console,
        labels=options.labels(arguments),
        validation_percent=arguments.validation_percent,
        flat_is_good=True,
    )
    if arguments.keep_going:
        leave_out_broken(dataset, model, console)
    if arguments.tile and arguments.size is None:
        _take_size(model, dataset, console)
    _split(dataset, arguments, console)
    _check_enough(dataset, method_options, arguments.folder)
    checkpoint = _checkpoint(output, arguments.force)
    train_param = _train_param(dataset, model, checkpoint, arguments, console)

    # 2. Learn.
    with work_folder(arguments.work_dir, checkpoint) as folder:
        preprocess(dataset, model, folder, console)
        check_pictures(dataset)
        n_train = sum(sample["split"] == "train" for sample in dataset["samples"])
        _say_begin(n_train, checkpoint, console)
        note_proportions(model, dataset)
        train_result, *_ = dl.train_dl_model(dataset, model, train_param)
        n_excluded = _say_suspicious(train_result.get("suspicious", []), console)
        _say_copies(model, console)

        # 3. Choose the thresholds, and count what they do to the images that were not trained on.
        console.step("Computing thresholds")
        gen_param = {"enable_display": console.shows_bars, **method_options}
        try:
            _set_aside_copies(dataset, model, console)
            _, thresholds = dl.compute_dl_anomaly_thresholds(model, dataset, gen_param)
        except (DLError, KeyboardInterrupt) as error:  # too few images for the method: the training is not lost
            dl.write_dl_model(model, output)
            written = f"written without thresholds: {output}; dlproc thresholds computes them"
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(written) from None
            console.remark(written)
            raise
        result, _ = dl.evaluate_dl_model(
            dataset,
            model,
            "split",
            ["validation", "test"],
            {"measures": "absolute_confusion_matrix", "anomaly_classification_thresholds": [thresholds[-1]]},
        )
        dl.write_dl_model(model, output)

    # 4. Say what happened.
    (accepted, missed), (rejected, found) = (
        (int(ok), int(nok)) for ok, nok in result["absolute_confusion_matrix"][0]["confusion_matrix"]
    )
    console.result(f"trained on {counted(n_train - n_excluded, 'good image')}")
    console.result(f"threshold {thresholds[-1]:.4f} ({arguments.method}), on the images that were not trained on:")
    console.result(f"  {rejected} of {counted(accepted + rejected, 'good image')} rejected")
    if missed + found:
        console.result(f"  {missed} of {counted(missed + found, 'defective image')} missed")
    else:
        console.result("  no defective image to test it on")
    console.result(f"written: {output} ({output.stat().st_size / 1e6:.1f} MB)")
    command = f"dlproc thresholds {output} {arguments.folder}"
    console.remark(f"{command} shows what other rules promise and cost; --method or --value stores another threshold")
    return 0


def _untrained_model(name: str, size: tuple[int, int] | None, tile: int | None, runtime: str) -> DLModel:
    """The model to train. A file keeps its size and tiles unless others are asked for."""
    model = dl.read_dl_model(_NAMES.get(name, name))
    if tile is not None:
        dl.set_dl_model_param(model, "tile_size", tile)
    if size is None and name in _NAMES and not tile:
        size = 256, 256
    if size is not None:
        if any(side % 32 for side in size) and not dl.get_dl_model_param(model, "tile_size"):
            expected, got = "multiples of 32, like 256 or 320x256", f"{size[0]}x{size[1]}"
            raise DLParamError("--size", expected, got, "with --tile any size from 32 on")
        dl.set_dl_model_param(model, "image_size", list(size))
    if runtime != "cpu":
        dl.set_dl_model_param(model, "runtime", runtime)
    return model


def _take_size(model: DLModel, dataset: DLDataset, console: Console) -> None:
    """Give the model the size of the first image, so that images of this size keep their pixels."""
    from dlproc.io.image_size import image_size

    first = dataset["samples"][0]["image_file_name"]
    width, height = image_size(Path(dataset["image_dir"]) / first)
    dl.set_dl_model_param(model, "image_size", [width, height])
    console.remark(f"images of {width} x {height} pixels, as {first}")


def _checkpoint(output: Path, is_forced: bool) -> Path:
    """Folder beside the model, where an interrupted training keeps what it has done."""
    from dlproc.models.checkpoint import remove_checkpoint

    folder = output.with_name(output.name + ".checkpoint")
    if is_forced:
        remove_checkpoint(folder)
    return folder


def _train_param(
    dataset: DLDataset, model: DLModel, checkpoint: Path, arguments: argparse.Namespace, console: Console
) -> TrainParam | BatchTrainParam:
    """How to train; an error now if the memory is too little."""
    from dlproc.models.train import check_memory

    if dl.get_dl_model_param(model, "type") != "anomaly_detection":
        return _batch_train_param(model, arguments, console)
    own = {"checkpoint_dir": checkpoint.as_posix(), "exclude_suspicious": arguments.exclude_suspicious}
    if arguments.max_memory_mb is not None:
        own["max_memory_mb"] = arguments.max_memory_mb
    param = dl.create_dl_train_param(
        model, enable_display=console.shows_bars, gen_param_name="anomaly", gen_param_value=own
    )
    n_train = sum(sample["split"] == "train" for sample in dataset["samples"])
    check_memory(model, n_train, param["anomaly_param"], "gen_param")  # type: ignore[typeddict-item]  # of this type
    return param


def _batch_train_param(model: DLModel, arguments: argparse.Namespace, console: Console) -> BatchTrainParam:
    """How to train a model by batches, writing nothing on the way."""
    given = {
        "--max-memory-mb": arguments.max_memory_mb is not None,
        "--exclude-suspicious": arguments.exclude_suspicious,
    }
    for option in (name for name, is_given in given.items() if is_given):
        expected, got = "a model of type 'anomaly_detection', medium or large", "one of type 'gc_anomaly_detection'"
        raise DLParamError(option, expected, got, "leave this option out")
    param = dl.create_dl_train_param(model, enable_display=console.shows_bars)
    return {**param, "serialization_strategies": []}  # type: ignore[typeddict-item]  # of this type


def _say_begin(n_train: int, checkpoint: Path, console: Console) -> None:
    from dlproc.models.checkpoint import images_kept

    kept = images_kept(checkpoint)
    if kept is None or kept[0] == 0:
        console.step(f"Training on {counted(n_train, 'image')}")
    else:
        console.remark(f"Continuing at image {kept[0] + 1 if kept[0] < kept[1] else kept[1]} of {kept[1]}")


def _say_suspicious(suspicious: Sequence[SuspiciousImage], console: Console) -> int:
    """Name the good images that look bad; returns how many were left out."""
    n_found, is_one = len(suspicious), len(suspicious) == 1
    if suspicious and suspicious[0]["is_excluded"]:
        console.remark(
            f"left out, because {'it looks' if is_one else 'they look'} bad: {counted(n_found, 'good image')}"
        )
    elif suspicious:
        did = "looks unlike the others; is it good?" if is_one else "look unlike the others; are they good?"
        console.remark(f"{counted(n_found, 'good image')} {did}")
    for record in suspicious[:_MAX_SUSPICIOUS]:
        where, deviations = record["image_file_name"], record["deviations"]
        console.remark(f"  {where}: score {record['anomaly_score']:.4f}, {deviations:.1f} deviations above the others")
    if n_found > _MAX_SUSPICIOUS:
        console.remark(f"  and {n_found - _MAX_SUSPICIOUS} more")
    return sum(record["is_excluded"] for record in suspicious)


def _say_copies(model: DLModel, console: Console) -> None:
    """Count the images that were trained on more than once."""
    fingerprints = model.training["image_fingerprints"].tolist()
    n_copies = len(fingerprints) - len(set(fingerprints))
    if n_copies:
        said = f"{n_copies} of the {len(fingerprints)} images that were trained on"
        console.remark(f"{said} {'is a copy of another' if n_copies == 1 else 'are copies of others'}, pixel by pixel")


def _split(dataset: DLDataset, arguments: argparse.Namespace, console: Console) -> None:
    """Share out the images, or keep the split of the layout; an error now if a share would be empty."""
    where, samples = str(arguments.folder), dataset["samples"]
    n_good = sum(sample["anomaly_label"] == "ok" for sample in samples)
    is_mvtec = any("split" in sample for sample in samples)
    train_percent, validation_percent = arguments.train_percent, arguments.validation_percent
    if is_mvtec:
        if train_percent is not None:
            console.remark("--train-percent has no effect: in this layout train/good is what is trained on")
        if not any(sample["split"] == "test" and sample["anomaly_label"] == "ok" for sample in samples):
            console.remark("no image in test/good: half of the validation images set the threshold of the image")
            share_held_out([sample for sample in samples if sample["split"] == "validation"])
    else:
        train_percent = 60.0 if train_percent is None else train_percent
        if not (train_percent > 0 < validation_percent and train_percent + validation_percent < 100):
            expected = "shares above 0 whose sum is below 100, so that good images are left for the test"
            got = f"{train_percent:g} and {validation_percent:g}"
            raise DLParamError("--train-percent and --validation-percent", expected, got)
        if n_good >= 3:  # one for each share
            dl.split_dl_dataset(dataset, train_percent, validation_percent)
    shares = {sample.get("split") for sample in samples if sample["anomaly_label"] == "ok"}
    if not {"train", "validation", "test"} <= shares:
        expected = "at least 3 good images: to train on, for the threshold of the pixels, for that of the image"
        raise DLDataError(where, expected, f"{n_good}", "more are better: 50 or more are a good start")
    if n_good < _FEW_GOOD_IMAGES:
        console.remark(f"only {n_good} good images: the model may be too strict, and the thresholds are uncertain")


def _check_enough(dataset: DLDataset, method_options: dict[str, Any], folder: Path) -> None:
    """Raise before the training if the method will lack images after it."""
    from dlproc.measures import operating_points as rules

    held_out = [sample for sample in dataset["samples"] if sample["split"] != "train"]
    n_nok = sum(sample["anomaly_label"] == "nok" for sample in held_out)
    n_ok, method = len(held_out) - n_nok, method_options["method"]
    if method in ("zero_miss", "max_f1", "min_cost") and n_nok == 0:
        raise DLDataError(str(folder), f"a defective image, for method '{method}'", "none")
    if method == "conformal" and "target_fpr" in method_options:
        target, confidence = method_options["target_fpr"], method_options.get("confidence", 0.95)
        if rules.n_rejected_allowed(n_ok, target, confidence) < 0:
            hint = rules.too_few(n_ok, target, confidence)
            raise DLDataError(str(folder), "enough good images that are not trained on", f"{n_ok}", hint)


def _set_aside_copies(dataset: DLDataset, model: DLModel, console: Console) -> None:
    """Images that were not meant to be trained on but are the same, pixel by pixel, as one that was."""
    held_out = {index for index, sample in enumerate(dataset["samples"]) if sample["split"] != "train"}
    n_copies = len(held_out.difference(set_aside_trained(dataset, model)))
    if n_copies:
        console.remark(f"left out: {counted(n_copies, 'image')} with a copy among those that were trained on")


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)(?:[xX](\d+))?", text)
    sides = [int(side) for side in match.groups(default=match[1])] if match else []
    if not sides or min(sides) < 32:
        raise argparse.ArgumentTypeError(f"expected multiples of 32, like 256 or 320x256; got '{text}'")
    return sides[0], sides[1]
