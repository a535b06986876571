"""Arguments that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlproc.cli.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

# Keys of ThresholdsGenParam that are options, as they are spelt there. Their ranges are checked where they are read.
_NUMBERS = {
    "target_fpr": ("SHARE", "target_fpr, conformal: share of good images that may be rejected, 0.01 for 1 %%"),
    "confidence": ("SHARE", "conformal, zero_miss: probability that the promise holds (default 0.95)"),
    "miss_cost": ("COST", "min_cost: cost of a defective part that is accepted"),
    "false_alarm_cost": ("COST", "min_cost: cost of a good part that is rejected"),
    "defect_rate": ("SHARE", "min_cost: share of defective parts in production (default: as in the images)"),
}


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace, Console], int], summary: str, description: str
) -> argparse.ArgumentParser:
    """A parser for one command; `description` is shown by ``dlproc NAME --help``."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """``--quiet``."""
    parser.add_argument("--quiet", action="store_true", help="write results and errors only")


def add_runtime(parser: argparse.ArgumentParser) -> None:
    """``--runtime``."""
    parser.add_argument("--runtime", choices=("cpu", "gpu"), default="cpu", help="where to compute (default cpu)")


def add_max_megapixels(parser: argparse.ArgumentParser) -> None:
    """``--max-megapixels``."""
    parser.add_argument(
        "--max-megapixels", type=float, metavar="N", help="largest image that is read, 10^6 pixels (default 500)"
    )


def add_method(parser: argparse.ArgumentParser, default: str | None) -> None:
    """``--method`` and the numbers that the methods take."""
    methods = ("halcon", "zero_miss", "max_f1", "target_fpr", "min_cost", "conformal")
    parser.add_argument(
        "--method",
        choices=methods,
        default=default,
        help="rule of the threshold of the image" + (f" (default {default})" if default else ""),
    )
    for name, (unit, text) in _NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar=unit, help=text)


def add_labels(parser: argparse.ArgumentParser) -> None:
    """``--good``, ``--defective``, ``--masks``: what folders mean whose names do not say it."""
    for option, label in (("--good", "good"), ("--defective", "defective")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="NAME",
            help=f"a folder whose images are {label}: its name, its path below FOLDER, or . for FOLDER itself; may be "
            "given several times",
        )
    parser.add_argument(
        "--masks", default="", metavar="DIR", help="folder of the masks (default: those named ground_truth or masks)"
    )


def labels(arguments: argparse.Namespace) -> dict[str, Any]:
    """What `add_labels` took, by the names of ReadMvtecGenParam."""
    return {name: getattr(arguments, name) for name in ("good", "defective", "masks")}


def method_options(arguments: argparse.Namespace, are_for_all: bool = False) -> dict[str, Any]:
    """What `add_method` took, as generic parameters of `compute_dl_anomaly_thresholds`; only what is given.

    Checked here already, so that a forgotten number is heard before the work begins. With `are_for_all` the numbers
    are for all methods, side by side, and those of other methods are left out here.
    """
    from dlproc.schema.threshold_options import OPTIONS_OF, valid_threshold_options

    gen_param = {"method": arguments.method, **numbers(arguments)}
    if are_for_all:
        gen_param = {name: gen_param[name] for name in ("method", *OPTIONS_OF[arguments.method]) if name in gen_param}
    valid_threshold_options(gen_param, "gen_param")
    return gen_param


def numbers(arguments: argparse.Namespace) -> dict[str, float]:
    """The numbers that are given, by the names of ThresholdsGenParam."""
    return {name: getattr(arguments, name) for name in _NUMBERS if getattr(arguments, name) is not None}


def path(text: str) -> Path:
    """A path; an empty one is refused, because it would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path; got an empty one")
    return Path(text)
