"""Read and write models (.hdl, .onnx)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dlproc.errors import DLError, DLFileError, DLModelError, DLParamError, DLVersionError
from dlproc.features.backbone import VARIANTS
from dlproc.io.container import read_container, write_container
from dlproc.io.files import FileHandle, close_file
from dlproc.io.paths import path_text
from dlproc.models.anomaly.arrays import check_mapping, check_whole
from dlproc.models.anomaly.global_context import Reference, check_learner, read_learner
from dlproc.models.devices import DLDevice, query_available_dl_devices
from dlproc.models.handle import DLModel, check_model, parameters_for_file, valid_parameters
from dlproc.models.registry import METHODS, PRETRAINED
from dlproc.models.runtimes.conversion import Conversion
from dlproc.models.runtimes.onnx_file import read_onnx, write_onnx
from dlproc.schema.check import check_options
from dlproc.schema.keys import AnomalyTrainParam
from dlproc.schema.kinds import Mismatch, describe, did_you_mean, scalar


def read_dl_model(file_name: str | Path) -> DLModel:
    """Read a model: a pretrained one by name, or one that `write_dl_model` wrote.

    Parameters
    ----------
    file_name : str or Path
        ``'initial_dl_anomaly_medium.hdl'`` (EfficientNet-Lite0: small and fast) or ``'initial_dl_anomaly_large.hdl'``
        (EfficientNet-Lite2: more channels, slower) for patches that look wrong,
        ``'initial_dl_anomaly_global.hdl'`` (type 'gc_anomaly_detection') also for parts that are missing, double or
        misplaced; they need no file and no internet. Or a path. A file of that name
        in the current folder comes first. A missing ``.hdl`` is added. An ``.onnx`` file that `write_dl_model` wrote
        gives a converted model that ONNX Runtime computes (needs ``pip install dlproc[onnx]``).

    Returns
    -------
    DLModel
        Runs on the CPU; ``set_dl_model_param(model, 'runtime', 'gpu')`` moves it. A converted model runs on the first
        device of the kind that it was converted for.

    Raises
    ------
    DLFileError
        No such file and no such name (halcon_code 5200); not a model of dlproc, or damaged (7780).
    DLVersionError
        Written by a newer dlproc, or trained by another version of its method (7782).
    DLModelError
        A converted model, and no device of its kind is here, or a package is missing.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    <DLModel anomaly_detection, lite0, 480 x 480, not trained>
    """
    given = scalar(file_name)
    if not isinstance(given, str | os.PathLike) or not Path(given).name:
        raise DLParamError(
            "file_name", "a path, or the name of a pretrained model", describe(file_name), halcon_code=1201
        )
    path = Path(given) if Path(given).is_file() else _with_extension(Path(given))
    if path.is_file():
        return _from_onnx(path) if _is_onnx(path) else _from_file(path)
    if path.name in PRETRAINED and len(path.parts) == 1:
        pretrained = PRETRAINED[path.name]
        return DLModel(pretrained.method, pretrained.backbone, pretrained.type)
    hint = did_you_mean(path.name, PRETRAINED) or "pretrained models: " + ", ".join(PRETRAINED)
    raise DLFileError(
        str(file_name), "an existing file, or the name of a pretrained model", "neither", hint, halcon_code=5200
    )


def write_dl_model(dl_model_handle: DLModel, file_name: str | Path) -> None:
    """Write a model to one file, all of it or nothing.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained or not. Written are its parameters with ``'meta_data'`` (the thresholds, once they are computed), what
        it learnt, and how: normalisation, options, seed and versions. Not written are the pretrained weights, which
        come from their package and are identified by name, and the device.
        A converted model is written with its graph and needs nothing else.
    file_name : str or Path
        The file, usually ``.hdl``, which is added where missing; replaced when it exists. With ``.onnx`` a trained
        model becomes one ONNX file that any ONNX runtime can run: from the preprocessed image to the scores, with
        ``preprocess_param``, thresholds and rules in its metadata (docs/runtimes.md; needs ``dlproc[onnx]``).

    Raises
    ------
    DLFileError
        The file cannot be written (halcon_code 7781).
    DLModelError
        To ``.onnx``: the model is not trained (7881) or not of type 'anomaly_detection', a package is missing, or the
        graph does not give the model's scores: it is run on drawn images before it is written.

    Notes
    -----
    `read_dl_model` gives back the same scores to the last bit on the same machine; from ``.onnx`` the same to 1e-5.
    """
    path = Path(path_text(file_name, "file_name", 2))
    if _is_onnx(path):
        write_onnx(check_model(dl_model_handle, must_be_trained=True), path)
        return
    model = check_model(dl_model_handle)
    content: dict[str, Any] = {
        "method": model.method_name,
        "method_version": model.method.VERSION,
        "backbone": model.backbone_name,
        "parameters": parameters_for_file(model),
        "reference": None if model.reference is None else model.reference.to_tree(),
        "training": model.training,
    }
    if model.conversion is not None:
        content["conversion"] = {
            "precision": model.conversion.precision,
            "runtime": model.conversion.runtime,
            "ai_accelerator_interface": model.conversion.ai_accelerator_interface,
            "graph": np.frombuffer(model.conversion.graph, np.uint8),
            "report": model.conversion.report,
        }
    if model.learner is not None:
        content["learner"] = model.learner.to_tree(without_local=_shares_local(model))
    write_container(_with_extension(path), content, "dl_model", where="dl_model_handle")


def clear_dl_model(dl_model_handle: DLModel) -> None:
    """Let go of the memory of a model; its handle cannot be used any more. Python does this by itself in time."""
    check_model(dl_model_handle).clear()


def clear_handle(handle: Any) -> None:
    """Let go of what handles stand for: models as `clear_dl_model`, files as `close_file`; Python does it of all else.

    One that is cleared or closed already is no error. A dictionary keeps its content for others that hold it.

    Raises
    ------
    DLParamError
        A number or a text, which is no handle (halcon_code 1201).
    """
    handles = handle if isinstance(handle, list | tuple) else [handle]  # a matrix is one, not its numbers
    for one in handles:
        if isinstance(one, int | float | str):
            raise DLParamError("handle", "a handle", describe(one), halcon_code=1201)
    for one in handles:
        if isinstance(one, DLModel):
            one.clear()
        elif isinstance(one, FileHandle) and not one.is_closed:
            close_file(one)


def _is_onnx(path: Path) -> bool:
    return path.suffix.lower() == ".onnx"


def _with_extension(path: Path) -> Path:
    return path if path.suffix.lower() in (".hdl", ".onnx") else path.with_name(path.name + ".hdl")


def _shares_local(model: DLModel) -> bool:
    """Whether what is trained and what is applied have the same local network."""
    reference, learner = model.reference, model.learner
    return isinstance(reference, Reference) and learner is not None and learner.local is reference.local


_KEYS = ("method", "method_version", "backbone", "parameters", "reference", "training")
_OPTIONAL = ("learner", "conversion")
_FOREIGN = (AttributeError, IndexError, KeyError, OverflowError, RuntimeError, TypeError, ValueError)


def _from_file(path: Path) -> DLModel:
    content = read_container(path, "dl_model")
    with _damage_named(path):
        check_mapping(content, (*_KEYS, *(key for key in _OPTIONAL if key in content)), "model")
        model = _handle(path, content)
        if content["reference"] is not None or content.get("learner") is not None:
            version = content["method_version"]
            if version != model.method.VERSION:
                expected = f"a model trained by version {model.method.VERSION} of its method"
                hint = "train it anew: its scores would be others"
                raise DLVersionError(str(path), expected, f"version {version}", hint, halcon_code=7782)
        size = model.parameters["image_height"], model.parameters["image_width"]
        if content["reference"] is not None:
            model.method.check_reference(content["reference"], model.backbone_name, size)
            model.reference = model.method.read_reference(content["reference"])
        if content.get("learner") is not None:
            check_learner(content["learner"], model.backbone_name, size)
            local = model.reference.local if isinstance(model.reference, Reference) else None
            local = local if content["learner"]["local"] is None else None
            model.learner = read_learner(content["learner"], model.device.torch_device, local)
        if "conversion" in content:
            model.conversion = _conversion(content["conversion"])
    if model.conversion is not None:
        model.move_to(_device_for(model.conversion))
    return model


def _from_onnx(path: Path) -> DLModel:
    content, conversion = read_onnx(path)
    with _damage_named(path):
        model = _handle(path, content)
    model.conversion = conversion
    model.move_to(_device_for(conversion))
    return model


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """What is wrong in the content of a file as an error that names the file."""
    try:
        yield
    except DLVersionError:
        raise
    except Mismatch as mismatch:
        expected = f"{mismatch.expected} as {mismatch.path}" if mismatch.path else mismatch.expected
        raise DLFileError(str(path), expected, mismatch.got, _DAMAGED, halcon_code=7780) from None
    except DLError as error:
        expected = f"{error.expected} as {error.where}"
        raise DLFileError(str(path), expected, error.got, _DAMAGED, halcon_code=7780) from None
    except _FOREIGN as error:
        got = f"another content: {type(error).__name__}, {str(error)[:100]}"
        raise DLFileError(str(path), "the content of a model", got, _DAMAGED, halcon_code=7780) from None


_DAMAGED = "the file is damaged; take a copy or write it anew"


def _handle(path: Path, content: Mapping[str, Any]) -> DLModel:
    """A model with its parameters, without what it learnt."""
    for key, known in (("method", METHODS), ("backbone", VARIANTS)):
        if content[key] not in known:
            expected, got = f"a model whose {key} this dlproc knows", describe(content[key])
            raise DLVersionError(str(path), expected, got, "install a newer dlproc", halcon_code=7782)
    parameters, training = content["parameters"], content["training"]
    if not isinstance(parameters, dict) or not isinstance(training, dict):
        raise Mismatch("dictionaries 'parameters' and 'training'", describe(parameters), "model")
    model_type = parameters.get("type")
    if (content["method"], model_type) not in {(known.method, known.type) for known in PRETRAINED.values()}:
        raise Mismatch(f"a model type of method '{content['method']}'", describe(model_type), "parameters['type']")
    model = DLModel(content["method"], content["backbone"], str(model_type))
    model.parameters.update(valid_parameters(parameters, model))
    _check_training(training)
    model.training = training
    return model


def _check_training(training: Mapping[str, Any]) -> None:
    """Check of the record of a training what is computed with later."""
    known = training.get("image_fingerprints", np.zeros(0, np.uint64))
    if not isinstance(known, np.ndarray) or known.ndim != 1 or known.dtype != np.uint64:
        raise Mismatch("a list of uint64", describe(known), "training['image_fingerprints']")
    light = training.get("image_brightness", np.zeros((0, 2)))
    if not isinstance(light, np.ndarray) or light.ndim != 2 or light.shape[1] != 2 or not np.isfinite(light).all():
        raise Mismatch("finite pairs of numbers", describe(light), "training['image_brightness']")
    if "n_images" in training:
        check_whole(training, "n_images", 0, "training")
    if "anomaly_param" in training:
        check_options(training["anomaly_param"], AnomalyTrainParam, "training['anomaly_param']")


def _conversion(content: object) -> Conversion:
    keys = ("precision", "runtime", "ai_accelerator_interface", "graph", "report")
    conversion = check_mapping(content, keys, "conversion")
    graph, report = conversion["graph"], conversion["report"]
    if not isinstance(graph, np.ndarray) or graph.dtype != np.uint8 or not isinstance(report, dict):
        raise Mismatch("a graph as bytes, and a report", describe(graph), "conversion")
    for key in keys[:3]:
        if not isinstance(conversion[key], str):
            raise Mismatch("a string", describe(conversion[key]), f"conversion['{key}']")
    return Conversion(**{**conversion, "graph": graph.tobytes()})


def _device_for(conversion: Conversion) -> DLDevice:
    """The first device of the kind that a model was converted for."""
    names, kind = ["runtime", "ai_accelerator_interface"], [conversion.runtime, conversion.ai_accelerator_interface]
    devices = query_available_dl_devices(names, kind)
    if not devices:
        extra = {"openvino": "pip install dlproc[openvino]", "onnx_runtime": "pip install dlproc[onnx]"}
        hint = extra.get(conversion.ai_accelerator_interface, "convert the original model for a device of this machine")
        expected = f"a device that the model was converted for, {conversion.target()}"
        raise DLModelError("read_dl_model", expected, "none", hint)
    return devices[0]
