"""``dlproc thresholds``: choose another threshold, knowing what each promises and costs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, aligned, counted
from dlproc.cli.folder import preprocess, read_folder, set_aside_trained, share_held_out, work_folder
from dlproc.cli.model import file_of_model, read_trained_model, remark_memory, remark_rules
from dlproc.errors import DLDataError

if TYPE_CHECKING:
    from dlproc.schema.keys import OperatingPoint

_DESCRIPTION = """\
Compute the thresholds of a trained model anew, show what other rules would give, and store the chosen one in the model.

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
    parser.add_argument("model", metavar="MODEL", help="model file, rewritten unless --dry-run")
    parser.add_argument("folder", type=options.path, metavar="FOLDER", help="folder of images")
    options.add_method(parser, is_required=True)
    parser.add_argument("--dry-run", action="store_true", help="show the thresholds, leave the model as it is")
    options.add_labels(parser)
    options.add_runtime(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compute, show, and store; no other process writes this model meanwhile."""
    from dlproc.io.locks import locked
    from dlproc.io.writing import check_writable

    file = file_of_model(arguments.model)
    if arguments.dry_run or not file.is_file():  # not written, or not there: reading it says so
        return _choose(file, arguments, console)
    check_writable(file)
    with locked(file, "model file"):
        return _choose(file, arguments, console)


def _choose(file: Path, arguments: argparse.Namespace, console: Console) -> int:
    model = read_trained_model(arguments.model, arguments.runtime)
    gen_param, numbers = options.method_options(arguments, are_for_all=True), options.numbers(arguments)
    dataset = read_folder(arguments.folder, console, labels=options.labels(arguments))

    with work_folder() as folder:
        preprocess(dataset, model, folder, console)
        new = [dataset["samples"][index] for index in set_aside_trained(dataset, model)]
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
        is_shown = {"enable_display": console.shows_bars}
        points = dl.estimate_dl_operating_points(model, dataset, {**point_options, **is_shown})
        n_ok, n_nok = points["n_ok"], points["n_nok"]
        console.result(f"{counted(n_ok, 'good image')} and {n_nok} defective, none of them trained on")
        console.result()
        for line in _table(points["operating_points"]):
            console.result(line)
        miss_cost, false_alarm_cost = (point_options.get(name, usual) for name, usual in _USUAL_COSTS.items())
        rate = f"{100 * numbers['defect_rate']:g} %" if "defect_rate" in numbers else "as many as in these images"
        console.result(
            f"cost: mean of an image, with {miss_cost:g} for a miss, {false_alarm_cost:g} for a false alarm; "
            f"defective: {rate}"
        )
        console.result()
        console.step("Computing thresholds")
        segmentation, thresholds = dl.compute_dl_anomaly_thresholds(model, dataset, {**gen_param, **is_shown})

    console.result(f"threshold of the image, {arguments.method}: {thresholds[-1]:.4f}")
    console.result(f"threshold of the pixels: {segmentation:.4f}")
    if arguments.dry_run:
        console.result(f"not stored: {arguments.model}")
    else:
        dl.write_dl_model(model, file)
        console.result(f"stored: {arguments.model}")
    remark_rules(model, console)
    remark_memory(model, console)
    return 0


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
