"""``dlproc export``: a model for another runtime, with proof that it says the same."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console, counted
from dlproc.cli.folder import preprocess, read_folder, work_folder
from dlproc.cli.model import new_model_path, own_preprocess_param, read_trained_model
from dlproc.errors import DLModelError, DLParamError

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import ConversionReport, DLSample

_DESCRIPTION = """\
Write a trained model for another runtime, after comparing its scores with those of the model.

OUT.onnx: one ONNX file from the preprocessed image to the scores, for any ONNX runtime; thresholds and preprocessing
stand in its metadata. OUT.hdl: a model for the other commands that the accelerator computes.

The scores are compared on up to 100 images of --images, which is laid out as for dlproc train; without it on drawn
images, which is enough for float32 alone. Where they differ by more than is allowed, nothing is written.
"""
_N_IMAGES = 100
_N_DRAWN = 4
_PACKAGES = {"onnx_runtime": "onnx", "openvino": "openvino"}


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc export``."""
    parser = options.add_command(commands, "export", run, "write a model for another runtime", _DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="model file")
    parser.add_argument("out", type=options.path, metavar="OUT", help="the file to write, .onnx or .hdl")
    parser.add_argument("--images", type=options.path, metavar="FOLDER", help="images to compare the scores on")
    precisions = ("float32", "float16", "int8")
    parser.add_argument("--precision", choices=precisions, default="float32", help="default float32")
    text = "what will compute (default onnx_runtime)"
    parser.add_argument("--accelerator", choices=tuple(_PACKAGES), default="onnx_runtime", help=text)
    for name, what in (("score", "the score of an image"), ("pixel", "the score of a pixel")):
        text = f"most that {what} may change"
        parser.add_argument(f"--max-{name}-difference", type=float, metavar="D", help=text)
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert, compare, say what was found, and write; no other process writes this file meanwhile."""
    from dlproc.io.locks import locked

    _check(arguments)
    out = new_model_path(arguments.out, arguments.force)
    with locked(out, "model file"):
        return _export(out, arguments, console)


def _export(out: Path, arguments: argparse.Namespace, console: Console) -> int:
    from dlproc.models.runtimes.export import check_exportable

    model = read_trained_model(arguments.model)
    check_exportable(model)
    devices = dl.query_available_dl_devices("ai_accelerator_interface", arguments.accelerator)
    if not devices:
        hint = f"pip install dlproc[{_PACKAGES[arguments.accelerator]}]"
        raise DLModelError("--accelerator", f"{arguments.accelerator} on this machine", "none", hint)
    samples = _drawn(model) if arguments.images is None else _of_folder(arguments.images, model, console)
    console.step(f"Converting, and comparing on {counted(len(samples), 'image')}")
    limits = {name: getattr(arguments, name) for name in ("max_score_difference", "max_pixel_difference")}
    given: dict[str, Any] = {name: limit for name, limit in limits.items() if limit is not None}
    converted, report = dl.optimize_dl_model_for_inference(model, devices[0], arguments.precision, samples, given)
    dl.write_dl_model(converted, out)
    for line in _lines(report, "drawn image" if arguments.images is None else "image"):
        console.result(line)
    console.result(f"written: {out}, {out.stat().st_size / 1e6:.1f} MB")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Raise `DLParamError` for what does not go together."""
    suffix = arguments.out.suffix.lower()
    if suffix not in (".onnx", ".hdl"):
        raise DLParamError("OUT", "a file name that ends in .onnx or .hdl", repr(arguments.out.name))
    if suffix == ".onnx" and arguments.accelerator == "openvino":
        expected = "a file name that ends in .hdl, with --accelerator openvino"
        hint = "OpenVINO reads the file that onnx_runtime gives, too"
        raise DLParamError("OUT", expected, repr(arguments.out.name), hint)
    if arguments.images is None and arguments.precision != "float32":
        raise DLParamError("--images", f"a folder of images to compare on, for {arguments.precision}", "none")


def _drawn(model: DLModel) -> list[DLSample]:
    """Noise, preprocessed as the model takes it."""
    import numpy as np

    from dlproc.rng import numpy_generator

    size = [dl.get_dl_model_param(model, f"image_{name}") for name in ("height", "width", "num_channels")]
    images = numpy_generator("export").integers(0, 256, (_N_DRAWN, *size)).astype(np.uint8)
    samples = dl.gen_dl_samples_from_images(list(images))
    dl.preprocess_dl_samples(samples, own_preprocess_param(model))
    return samples


def _of_folder(images: Path, model: DLModel, console: Console) -> list[DLSample]:
    """Up to 100 images of the folder, evenly spread."""
    dataset = read_folder(images, console, flat_is_good=True)
    every = -(-len(dataset["samples"]) // _N_IMAGES)
    dataset["samples"] = dataset["samples"][::every]
    with work_folder() as folder:
        preprocess(dataset, model, folder, console)
        return dl.read_dl_samples(dataset, list(range(len(dataset["samples"]))))


def _lines(report: ConversionReport, what: str) -> list[str]:
    score, pixel = report["max_score_difference"], report["max_pixel_difference"]
    limits = f"{report['max_score_difference_limit']:g} and {report['max_pixel_difference_limit']:g}"
    flipped = "no threshold in the model" if report["n_flipped"] is None else f"{report['n_flipped']}"
    return [
        f"{report['precision']} in {report['ai_accelerator_interface']}, on {counted(report['n_samples'], what)}:",
        f"largest difference of scores: images {score:.2g}, pixels {pixel:.2g} (allowed {limits})",
        f"decisions flipped: {flipped}",
        f"time of an image: {report['native_ms']:.1f} ms before, {report['converted_ms']:.1f} ms after",
    ]
