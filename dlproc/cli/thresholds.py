"""``dlproc thresholds``: choose another threshold, knowing what each promises and costs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, aligned, counted
from dlproc.cli.folder import preprocess, read_folder, set_aside_trained, share_held_out, work_folder
from dlproc.cli.model import file_of_model, origin_of_threshold, read_trained_model, remark_memory, remark_rules
from dlproc.errors import DLDataError, DLParamError

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import DLDataset, OperatingPoint

_DESCRIPTION = """\
Show what each rule for the threshold of a trained model gives, and store one.

  dlproc thresholds MODEL                           the thresholds that are stored, and where they are from
  dlproc thresholds MODEL FOLDER                    all rules side by side; nothing is stored
  dlproc thresholds MODEL FOLDER --method METHOD    the same, and the one is stored
  dlproc thresholds MODEL --value 0.4               a threshold of your own is stored; FOLDER is not needed

FOLDER is laid out as for dlproc train. Images that the model was trained on are left out. The others are what the
threshold of the image is from; half of the good ones also set the threshold of the pixels.

  halcon      midway between good and defective images (HALCON's rule, which looks at the other half of the good ones)
  zero_miss   the largest that misses no defective image of the folder
  max_f1      the best balance of misses and false alarms
  target_fpr  so that --target-fpr of these good images are rejected
  min_cost    the cheapest with --miss-cost and --false-alarm-cost
  conformal   from good images alone, with a guarantee for new ones: at most --target-fpr of the good images are
              rejected, with probability --confidence
"""
_USUAL_COSTS = {"miss_cost": 10.0, "false_alarm_cost": 1.0}  # defaults of estimate_dl_operating_points
_POINT_OPTIONS = ("confidence", "miss_cost", "false_alarm_cost", "defect_rate")


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc thresholds``."""
    parser = options.add_command(commands, "thresholds", run, "choose the threshold of a model", _DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="model file, rewritten where a threshold is stored")
    parser.add_argument("folder", type=options.path, metavar="FOLDER", nargs="?", help="folder of images")
    options.add_method(parser, default=None)
    parser.add_argument("--value", type=float, metavar="SCORE", help="store this threshold of the image, set by hand")
    parser.add_argument(
        "--pixel-value", type=float, metavar="SCORE", help="store this threshold of the pixels, set by hand"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the thresholds, leave the model as it is")
    options.add_labels(parser)
    options.add_max_megapixels(parser)
    options.add_runtime(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compare, choose, store; no other process writes this model meanwhile."""
    from dlproc.io.locks import locked
    from dlproc.io.writing import check_writable

    _check_together(arguments)
    gen_param = options.method_options(arguments, are_for_all=True) if arguments.method else {}
    is_stored = bool(gen_param) or _by_hand(arguments)
    file = file_of_model(arguments.model) if is_stored else None
    if file is None or arguments.dry_run or not file.is_file():  # not written, or not there: reading it says so
        return _choose(None if arguments.dry_run else file, gen_param, arguments, console)
    check_writable(file)
    with locked(file, "model file"):
        return _choose(file, gen_param, arguments, console)


def _choose(file: Path | None, gen_param: dict[str, Any], arguments: argparse.Namespace, console: Console) -> int:
    """Read the model, show, change it, and write it to the file, if there is one."""
    model = read_trained_model(arguments.model, arguments.runtime)
    if arguments.folder is not None:
        _compare(model, gen_param, arguments, console)
    if _by_hand(arguments):
        _set_by_hand(model, arguments)

    _say_stored(model, console)
    if file is None:
        console.result(
            f"not stored: {arguments.model}" if arguments.dry_run else "nothing stored: --method or --value does it"
        )
    else:
        dl.write_dl_model(model, file)
        console.result(f"stored: {arguments.model}")
    remark_rules(model, console)
    if arguments.folder is not None:
        remark_memory(model, console)
    return 0


def _by_hand(arguments: argparse.Namespace) -> bool:
    return arguments.value is not None or arguments.pixel_value is not None


def _check_together(arguments: argparse.Namespace) -> None:
    """Raise `DLParamError` for options that contradict each other, or lack something, before the work begins."""
    from dlproc.schema.check import check_options, convert
    from dlproc.schema.keys import ThresholdsGenParam
    from dlproc.schema.kinds import Real

    for option, value, high in (("--value", arguments.value, None), ("--pixel-value", arguments.pixel_value, 1.0)):
        if value is not None:
            convert(value, Real("", low=0.0, high=high), option, DLParamError)
    check_options(options.numbers(arguments), ThresholdsGenParam, "gen_param")
    if arguments.method is not None and arguments.value is not None:
        raise DLParamError("--method and --value", "one of both", "both")
    needs_images = ["--method"] if arguments.method is not None else []
    needs_images += [f"--{name.replace('_', '-')}" for name in options.numbers(arguments)]
    if needs_images and arguments.folder is None:
        raise DLParamError(needs_images[0], "a FOLDER of images to compute it from", "none")


def _compare(model: DLModel, gen_param: dict[str, Any], arguments: argparse.Namespace, console: Console) -> None:
    """Print what each rule gives for the images of the folder, and store the one that is asked for in the model."""
    numbers, is_shown = options.numbers(arguments), {"enable_display": console.shows_bars}
    dataset = read_folder(arguments.folder, console, labels=options.labels(arguments))
    with work_folder() as folder:
        preprocess(dataset, model, folder, console)
        indices = set_aside_trained(dataset, model)
        new = [dataset["samples"][index] for index in indices]
        n_good = sum(sample["anomaly_label"] == "ok" for sample in new)
        if n_good < 2:  # one for each threshold
            expected = "at least 2 good images that the model was not trained on"
            raise DLDataError(str(arguments.folder), expected, f"{n_good}")
        share_held_out(new)

        # All rules side by side first: where the chosen one needs more images, the table shows what there is.
        console.step("Comparing thresholds")
        point_options: dict[str, Any] = {name: numbers[name] for name in _POINT_OPTIONS if name in numbers}
        if "target_fpr" in numbers:
            point_options["target_fprs"] = [numbers["target_fpr"]]
        points = dl.estimate_dl_operating_points(model, dataset, {**point_options, **is_shown})
        if arguments.value is not None:
            points["operating_points"].append(_point_of_value(model, dataset, indices, arguments.value))
        console.result(
            f"{counted(points['n_ok'], 'good image')} and {points['n_nok']} defective, none of them trained on"
        )
        console.result()
        for line in _table(points["operating_points"]):
            console.result(line)
        costs = [point_options.get(name, usual) for name, usual in _USUAL_COSTS.items()]
        rate = f"{100 * numbers['defect_rate']:g} %" if "defect_rate" in numbers else "as many as in these images"
        console.result(
            f"cost: mean of an image, with {costs[0]:g} for a miss, {costs[1]:g} for a false alarm; defective: {rate}"
        )
        console.result()
        if gen_param:
            console.step("Computing thresholds")
            dl.compute_dl_anomaly_thresholds(model, dataset, {**gen_param, **is_shown})


def _point_of_value(model: DLModel, dataset: DLDataset, indices: list[int], value: float) -> OperatingPoint:
    """A row of the table for a threshold that no rule chose."""
    from dlproc.schema.threshold_origin import BY_HAND

    gen_param = {"measures": "absolute_confusion_matrix", "anomaly_classification_thresholds": [value]}
    result, _ = dl.evaluate_dl_model(dataset, model, "sample_indices", indices, gen_param)
    (accepted, missed), (rejected, found) = result["absolute_confusion_matrix"][0]["confusion_matrix"].astype(int)
    return {
        "method": BY_HAND,
        "threshold": value,
        "promise": "No promise for new images.",
        "target_fpr": None,
        "n_false_alarms": int(rejected),
        "false_alarm_rate": float(rejected / (accepted + rejected)),
        "n_missed": int(missed),
        "miss_rate": float(missed / (missed + found)) if missed + found else None,
    }


def _set_by_hand(model: DLModel, arguments: argparse.Namespace) -> None:
    """Store the values that are given."""
    from dlproc.models.handle import score_facts
    from dlproc.schema.threshold_origin import CLASSIFICATION, SEGMENTATION, set_thresholds_by_hand

    given = {CLASSIFICATION: arguments.value, SEGMENTATION: arguments.pixel_value}
    values = {name: value for name, value in given.items() if value is not None}
    set_thresholds_by_hand(dl.get_dl_model_param(model, "meta_data"), values, score_facts(model))


def _say_stored(model: DLModel, console: Console) -> None:
    """The thresholds of the model, and where they are from."""
    from dlproc.models.handle import score_facts
    from dlproc.schema.threshold_origin import (
        BY_HAND,
        CLASSIFICATION,
        SEGMENTATION,
        pixel_threshold_origin,
        stored_number,
    )

    meta_data, origin = dl.get_dl_model_param(model, "meta_data"), origin_of_threshold(model)
    pixels = pixel_threshold_origin(meta_data, score_facts(model))
    for name, what, words in (
        (CLASSIFICATION, "image", origin and origin.words()),
        (SEGMENTATION, "pixels", BY_HAND if pixels == BY_HAND else None),
    ):
        value = stored_number(meta_data, name, f"meta_data['{name}']")
        shown = "none" if value is None else f"{value:.4f}"
        console.result(f"threshold of the {what}{f', {words}' if words else ''}: {shown}")


def _table(points: list[OperatingPoint]) -> list[str]:
    rows = []
    for point in points:
        target = point["target_fpr"]
        rows.append(
            [
                point["method"] + ("" if target is None else f" {target:g}"),
                "-" if point["threshold"] is None else f"{point['threshold']:.4f}",
                _share(point.get("n_false_alarms"), point.get("false_alarm_rate")),
                _share(point.get("n_missed"), point.get("miss_rate")),
                "-" if point.get("cost") is None else f"{point['cost']:.3g}",
            ]
        )
    lines = aligned([["method", "threshold", "false alarms", "missed", "cost"], *rows])
    notes = [f"{row[0]}: {point['promise']}" for row, point in zip(rows, points, strict=True)]
    return [*lines, "", *notes]


def _share(number: int | None, rate: float | None) -> str:
    return "-" if number is None or rate is None else f"{number} ({rate:.1%})"
