"""``dlproc extend``: good images join a trained model, without training it again."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, counted
from dlproc.cli.images import named_images, passed_over_in_words
from dlproc.cli.model import file_of_model, new_model_path, own_preprocess_param, read_trained_model
from dlproc.errors import DLDataError, DLDictError, DLError, DLFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlproc.cli.images import NamedImage
    from dlproc.io.listing import PassedOver
    from dlproc.schema.keys import DLSample, ExtendReport

_DESCRIPTION = """\
Let good images join a trained model: images that it rejects although somebody has looked and found the part good.

IMAGES are named as for dlproc detect: files, folders (with all folders below), patterns like "new/*.png", or - for file
names on standard input. All of them must be good, and new to the model. The images of the training are not needed.

The thresholds are forgotten, because the scores of all images move a little; dlproc thresholds computes them again.
"""


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc extend``."""
    parser = options.add_command(commands, "extend", run, "let good images join a model", _DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="model file, rewritten unless -o names another")
    parser.add_argument("images", metavar="IMAGES", nargs="+", help="files, folders, patterns, or -")
    parser.add_argument("-o", "--output", type=options.path, metavar="MODEL", help="file to write instead, .hdl")
    parser.add_argument("--force", action="store_true", help="replace an existing file of -o")
    parser.add_argument(
        "--keep-thresholds", action="store_true", help="keep the thresholds, without what was promised of them"
    )
    options.add_max_megapixels(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read the images, extend the model, and write it; no other process writes this model meanwhile."""
    from dlproc.io.locks import locked

    if arguments.output is None:
        file = file_of_model(arguments.model)
    else:
        file = new_model_path(arguments.output, arguments.force)
    with locked(file, "model file"):
        return _extend(file, arguments, console)


def _extend(file: Path, arguments: argparse.Namespace, console: Console) -> int:
    # 1. Everything that can be wrong, before the work begins.
    model = read_trained_model(arguments.model)
    passed_over: list[PassedOver] = []
    images = named_images(arguments.images, passed_over)
    names, samples = _read(images, own_preprocess_param(model))
    for line in passed_over_in_words(passed_over):
        if line:
            console.remark(line)
    if not names:
        raise DLDataError(" ".join(arguments.images), "at least one good image", "none")

    # 2. Extend and write: the file holds the old model or the new one.
    try:
        report = dl.extend_dl_model(model, samples, {"keep_thresholds": arguments.keep_thresholds})
    except (DLDataError, DLDictError) as error:
        raise _with_file_names(error, names) from error
    dl.write_dl_model(model, file)

    # 3. Say what happened.
    _say(report, names, console)
    written = file if arguments.output else arguments.model
    console.result(f"written: {written}")
    if report["forgotten_thresholds"]:
        computes = f"dlproc thresholds {written} FOLDER --method halcon computes them"
        console.remark(f"the thresholds are forgotten: {computes}")
    elif arguments.keep_thresholds:
        console.remark("the thresholds are kept; what was promised of them no longer holds")
    return 0


def _read(images: Iterable[NamedImage | DLError], param: Any) -> tuple[list[str], list[DLSample]]:
    """Names and preprocessed samples of all images."""
    from dlproc.io.images import read_image_file
    from dlproc.remarks import from_file

    names: list[str] = []
    samples: list[DLSample] = []
    for image in images:
        if isinstance(image, DLError):
            raise image
        batch = dl.gen_dl_samples_from_images(read_image_file(Path(image.name)))
        try:
            with from_file(image.name):
                dl.preprocess_dl_samples(batch, param)
        except DLDictError as error:
            raise DLFileError(image.name, error.expected, error.got, error.hint, halcon_code=5201) from error
        names.append(image.name)
        samples += batch
    return names, samples


def _say(report: ExtendReport, names: Sequence[str], console: Console) -> None:
    for name, before, after in zip(names, report["scores_before"], report["scores_after"], strict=True):
        console.result(f"{before:.4f} -> {after:.4f}  {name}")
    console.result(f"{counted(len(names), 'image')} joined: the model knows {counted(report['n_images'], 'image')}")


def _with_file_names(error: DLError, names: Sequence[str]) -> DLError:
    """The same error with the images' names in the place of ``dl_samples[3]``."""

    def named(text: str) -> str:
        return re.sub(r"dl_samples\[(\d+)\](\['\w+'\])?", lambda found: names[int(found[1])], text)

    return type(error)(named(error.where), error.expected, named(error.got), error.hint, halcon_code=error.halcon_code)
