"""A model as one ONNX file that needs nothing else: network, statistics, scoring, and what to feed it.

The only input that must be fed is ``image``. Everything that a program around it has to know stands in the file's
metadata, as text or JSON: ``preprocess_param``, the two thresholds, ``decision_rules``; ``dlproc_model`` is for
`read_dl_model`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.errors import DLFileError, DLModelError, DLVersionError
from dlproc.io.writing import atomic_write
from dlproc.models.handle import parameters_for_file
from dlproc.models.runtimes.conversion import Conversion
from dlproc.models.runtimes.export import check_convertible, export_graph
from dlproc.models.runtimes.extras import needed
from dlproc.models.runtimes.graph import FACTOR, IMAGE, INSIDE, NORMALIZATION, OUTPUTS, network_affine
from dlproc.models.runtimes.sessions import onnx_runtime_session
from dlproc.rng import numpy_generator
from dlproc.version import __version__

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel

_FORMAT = 1
_SIZE = ("image_width", "image_height", "image_num_channels")
_THRESHOLDS = ("anomaly_classification_threshold", "anomaly_segmentation_threshold")
_N_CHECKED = 2
_LIMIT = 1e-5
_DOCUMENTATION = (
    "Image anomaly detection, written by dlproc. Feed 'image': float32 (N, {image_height}, {image_width}, "
    "{image_num_channels}), preprocessed as the metadata 'preprocess_param' says. 'anomaly_score' (N,): 0 to 1, higher "
    "is more anomalous; 'nok' where it is >= the metadata 'anomaly_classification_threshold', compared in float32. "
    "'anomaly_image' (N, {image_height}, {image_width}): the same for each pixel. 'inside' and "
    "'standard_deviation_factor' may be left out."
)


def write_onnx(model: DLModel, path: Path) -> None:
    """Write a trained model; one that is not converted is exported, run on drawn images, and compared, first.

    Raises
    ------
    DLModelError
        The model is not of type 'anomaly_detection'; a package is missing; the model was converted for torch; the graph
        does not say what the model says.
    OSError
        The file cannot be written.
    """
    check_convertible(model)
    onnx = needed("onnx", "onnx")
    if model.conversion is not None and model.conversion.ai_accelerator_interface != "onnx_runtime":
        # OpenVINO computes a graph in another precision than ONNX Runtime would, so the file would have other scores.
        expected = "a model that is not converted, or converted for onnx_runtime"
        got = f"one that was converted for {model.conversion.target()}"
        hint = "convert the original for a device with ai_accelerator_interface 'onnx_runtime'"
        raise DLModelError("dl_model_handle", expected, got, hint)
    graph = export_graph(model, "float32") if model.conversion is None else model.conversion.graph
    proto = onnx.load_from_string(graph)
    _add_defaults(proto, model)
    proto.producer_name, proto.producer_version = "dlproc", __version__
    proto.doc_string = _DOCUMENTATION.format(**model.parameters)
    del proto.metadata_props[:]  # of a file that was read
    for key, text in _metadata(model).items():
        proto.metadata_props.add(key=key, value=text)
    onnx.checker.check_model(proto)
    content = proto.SerializeToString()
    if model.conversion is None:
        _check_written(model, content)
    atomic_write(path, content)


def read_onnx(path: Path) -> tuple[dict[str, Any], Conversion]:
    """What a file of `write_onnx` says of its model, and its graph, for ONNX Runtime on the CPU.

    Raises
    ------
    DLFileError
        It cannot be read, or is no ONNX file of dlproc (halcon_code 7780).
    DLVersionError
        Written by a newer dlproc (7782).
    DLModelError
        onnxruntime is not installed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DLFileError(str(path), "a file that can be read", str(error), halcon_code=7780) from error
    needed("onnxruntime", "onnx")
    try:
        metadata = onnx_runtime_session(content).get_modelmeta().custom_metadata_map
        version = int(metadata["dlproc_format"])
        facts = json.loads(metadata["dlproc_model"])
    except Exception as error:  # ONNX Runtime's errors have no common base
        expected, got = "an ONNX file written by dlproc", f"another file, or a damaged one: {type(error).__name__}"
        raise DLFileError(str(path), expected, got, halcon_code=7780) from error
    if version > _FORMAT:
        expected, got = f"a file of format {_FORMAT} or less", f"format {version}"
        raise DLVersionError(str(path), expected, got, "install a newer dlproc", halcon_code=7782)
    facts["training"] = {name: _from_json(value) for name, value in facts["training"].items()}
    return facts, Conversion(facts["precision"], "cpu", "onnx_runtime", content, facts["report"])


def _metadata(model: DLModel) -> dict[str, str]:
    """Texts that travel in the file."""
    parameters = parameters_for_file(model)
    preprocess_param = {
        "model_type": parameters["type"],
        **{name: parameters[name] for name in (*_SIZE, *NORMALIZATION)},
        "domain_handling": "full_domain",
    }
    conversion = model.conversion
    facts = {
        "method": model.method_name,
        "backbone": model.backbone_name,
        "precision": model.precision,
        "parameters": parameters,
        "training": {name: _to_json(value) for name, value in model.training.items()},
        "report": {} if conversion is None else conversion.report,
    }
    thresholds = {name: parameters["meta_data"][name] for name in _THRESHOLDS if name in parameters["meta_data"]}
    return {
        "dlproc_format": str(_FORMAT),
        "preprocess_param": json.dumps(preprocess_param),
        **thresholds,
        "decision_rules": json.dumps(parameters["decision_rules"]),
        "class_names": json.dumps(parameters["class_names"]),
        "dlproc_model": json.dumps(facts),
    }


def _add_defaults(proto: Any, model: DLModel) -> None:
    """Let ``inside`` and the factor be left out: the whole image counts then, with the factor of the model.

    An ONNX input that is also a constant has that constant as its default.
    """
    onnx = needed("onnx", "onnx")
    graph, helper = proto.graph, onnx.helper

    def constant(name: str, values: Any, kind: Any) -> None:
        graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(values, kind), name))

    if not any(initializer.name == FACTOR for initializer in graph.initializer):
        stride = model.method.STRIDE
        constant(
            "grid", [model.parameters["image_height"] // stride, model.parameters["image_width"] // stride], "int64"
        )
        # (1, 1, 1) stands for all cells of all images.
        constant(INSIDE, np.ones((1, 1, 1)), "float32")
        constant(FACTOR, [0.0], "float32")
        (inside,) = (value for value in graph.input if value.name == INSIDE)
        inside.CopyFrom(helper.make_tensor_value_info(INSIDE, onnx.TensorProto.FLOAT, ["m", "rows", "columns"]))
        for node in graph.node:
            node.input[:] = ["inside_of_all" if name == INSIDE else name for name in node.input]
        first = [
            helper.make_node("Shape", [IMAGE], ["n_images"], start=0, end=1),
            helper.make_node("Concat", ["n_images", "grid"], ["cells"], axis=0),
            helper.make_node("Expand", [INSIDE, "cells"], ["inside_of_all"]),
        ]
        nodes = [*first, *graph.node]
        del graph.node[:]
        graph.node.extend(nodes)
    (factor,) = (initializer for initializer in graph.initializer if initializer.name == FACTOR)
    values = np.array([model.parameters["standard_deviation_factor"]], np.float32)
    factor.CopyFrom(onnx.numpy_helper.from_array(values, FACTOR))


def _check_written(model: DLModel, content: bytes) -> None:
    """Raise `DLModelError` unless ONNX Runtime gets the model's scores of two drawn images from the file's content."""
    from dlproc.models.operate import apply_dl_model  # which reads models, too

    height, width, n_channels = (model.parameters[name] for name in ("image_height", "image_width", _SIZE[2]))
    scale, shift = network_affine(model.parameters)
    drawn = numpy_generator("write_onnx").normal(0, 0.5, (_N_CHECKED, height, width, n_channels))
    images = ((drawn - shift) / scale).astype(np.float32)
    anomaly_images, scores, _ = onnx_runtime_session(content).run(OUTPUTS, {IMAGE: images})
    results = apply_dl_model(model, [{"image": image} for image in images])
    difference = max(
        max(float(np.abs(result["anomaly_image"] - image).max()), abs(result["anomaly_score"] - float(score)))
        for result, image, score in zip(results, anomaly_images, scores, strict=True)
    )
    if not difference <= _LIMIT:
        expected, got = f"an ONNX graph whose scores differ by at most {_LIMIT:g}", f"{difference:.2g}"
        raise DLModelError("write_dl_model", expected, got, "please report this: it is a fault of dlproc")


def _to_json(value: Any) -> Any:
    """Arrays as lists, with type and shape."""
    if not isinstance(value, np.ndarray):
        return value
    return {"dtype": value.dtype.name, "shape": list(value.shape), "values": value.ravel().tolist()}


def _from_json(value: Any) -> Any:
    """The inverse."""
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "values"}:
        return value
    return np.array(value["values"], value["dtype"]).reshape(value["shape"])
