"""``dlproc doctor``: what is installed, and whether it works."""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import dlproc as dl
from dlproc.cli import options
from dlproc.cli.console import Console
from dlproc.errors import DLError
from dlproc.version import __version__

_PACKAGES = ("numpy", "scipy", "scikit-image", "torch", "h5py", "pillow", "tifffile", "tqdm", "lazy-loader", "jinja2")
# Module -> what it is for. All are in an extra of pyproject.toml.
_OPTIONAL = {
    "matplotlib": "pictures of dev_display procedures: pip install dlproc[viz]",
    "onnxruntime": "models in ONNX Runtime: pip install dlproc[onnx]",
    "onnx": "writing ONNX files: pip install dlproc[onnx]",
    "onnxscript": "writing ONNX files: pip install dlproc[onnx]",
    "openvino": "models in OpenVINO: pip install dlproc[openvino]",
}
_SIZE = 64
_N_GOOD = 12
_DESCRIPTION = """\
Say what is installed, and try whether it works: versions, devices, the pretrained networks, optional packages, and a
self-test that trains a small model. Exit code 2 if something is wrong.
"""


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc doctor``."""
    options.add_command(commands, "doctor", run, "check the installation", _DESCRIPTION)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what is found; 2 if something is wrong."""
    console.result(f"dlproc {__version__} in {Path(dl.__path__[0])}")
    console.result(f"Python {platform.python_version()} on {platform.platform()}")
    for name in _PACKAGES:
        console.result(f"  {name} {_version(name)}")
    console.result(f"devices: {', '.join(_shown(device) for device in dl.query_available_dl_devices())}")
    problems = 0
    for line, is_right in (*_weights(), *_optional(), *_self_test()):
        console.result(line)
        problems += not is_right
    console.result("all is well" if problems == 0 else f"problems: {problems}")
    return 2 if problems else 0


def _shown(device: dl.DLDevice) -> str:
    interface = device.ai_accelerator_interface
    return f"{device.runtime} {device.id} ({device.name}{'' if interface == 'none' else ', ' + interface})"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "version unknown"


def _weights() -> Iterator[tuple[str, bool]]:
    """Whether each pretrained network is there and is the published one; reading it checks its hash."""
    from dlproc.features.backbone import VARIANTS, read_backbone

    for variant, facts in VARIANTS.items():
        try:
            read_backbone(variant, last_stage=1)
        except DLError as error:
            yield f"network {variant}: {error}", False
        else:
            yield f"network {variant}: right, sha256 {facts.sha256[:12]}… ({facts.file_name})", True


def _optional() -> Iterator[tuple[str, bool]]:
    for module, purpose in _OPTIONAL.items():
        there = find_spec(module) is not None
        yield f"optional {module}: " + (f"{_version(module)}" if there else f"not installed ({purpose})"), True


def _self_test() -> Iterator[tuple[str, bool]]:
    """Each step with its seconds; the first that fails is the last."""
    steps = _steps()
    while True:
        begin = time.perf_counter()
        try:
            name = next(steps, None)
        except Exception as error:  # whatever is wrong with this machine is the answer
            yield f"self-test: failed: {type(error).__name__}: {error}", False
            return
        if name is None:
            return
        yield f"self-test: {name}, {time.perf_counter() - begin:.1f} s", True


def _steps() -> Iterator[str]:
    """Paint, train, score, write and read; the name of each when it is done."""
    import numpy as np

    from dlproc.io.locks import temporary_folder
    from dlproc.rng import numpy_generator

    generator = numpy_generator("doctor")
    images = generator.integers(100, 130, (_N_GOOD + 1, _SIZE, _SIZE)).astype(np.uint8)
    images[-1, 20:44, 20:44] = 0  # the defect
    yield f"{_N_GOOD} good images and a defective one painted"

    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "image_size", [_SIZE, _SIZE])
    samples = dl.gen_dl_samples_from_images(list(images))
    dl.preprocess_dl_samples(samples, dl.create_dl_preprocess_param_from_model(model))
    half = _N_GOOD // 2
    dl.train_dl_model_anomaly_dataset(model, samples[:half])
    yield f"model trained on {half} of them"

    scores = [result["anomaly_score"] for result in dl.apply_dl_model(model, samples[half:])]
    if scores[-1] <= max(scores[:-1]):
        raise RuntimeError(f"the defect scores {scores[-1]:.3f}, a good image {max(scores[:-1]):.3f}")
    yield f"the defect scores {scores[-1]:.3f}, the others at most {max(scores[:-1]):.3f}"

    with temporary_folder() as folder:
        dl.write_dl_model(model, folder / "model.hdl")
        again = dl.apply_dl_model(dl.read_dl_model(folder / "model.hdl"), samples[-1])
    if again[0]["anomaly_score"] != scores[-1]:
        raise RuntimeError(f"the model that was read scores {again[0]['anomaly_score']}, not {scores[-1]}")
    yield "model written and read, the same score to the last bit"
