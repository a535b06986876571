"""A trained model as an ONNX graph.

Inputs: ``image`` (N, H, W, C), float32, preprocessed samples; ``inside`` (N, h, w), float32, 1 for cells of the
method's grid that touch the sample's domain; ``standard_deviation_factor`` (1,), float32. Outputs: ``anomaly_image``
(N, H, W) and ``anomaly_score`` (N,), both as if the whole image counted, and ``distance`` (N, H, W), from which dlproc
itself computes the scores.
"""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from dlproc.errors import DLModelError
from dlproc.models.registry import CONVERTIBLE
from dlproc.models.runtimes.extras import needed
from dlproc.models.runtimes.graph import FACTOR, IMAGE, INSIDE, OUTPUTS, HalfBackbone, ScoringGraph

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel

_OPSET = 20
_LARGE = 1 << 16  # numbers; a constant of so many is stored as float16 where that loses nothing


def check_convertible(model: DLModel) -> None:
    """Raise `DLModelError` unless models of this method can be converted."""
    if model.method_name not in CONVERTIBLE:
        expected, got = "a model of type 'anomaly_detection'", f"one of type '{model.parameters['type']}'"
        hint = "apply it as it is, on a CPU or a graphics card (set_dl_model_param 'runtime'), and write it as .hdl"
        raise DLModelError("dl_model_handle", expected, got, hint)


def check_exportable(model: DLModel) -> None:
    """Raise `DLModelError` unless the model can be written as a graph: one that has no tiles."""
    check_convertible(model)
    if model.parameters.get("tile_size", 0):
        hint = "apply it as it is, on a CPU or a graphics card, and write it as .hdl"
        raise DLModelError("dl_model_handle", "a model without tiles", "one with 'tile_size'", hint)


def export_graph(model: DLModel, precision: str) -> bytes:
    """The graph of a trained model that is not converted, as the bytes of an ONNX file.

    Parameters
    ----------
    model : DLModel
        Not changed.
    precision : str
        ``'float32'``; ``'float16'``: the network in half precision, the statistics of the patches in float32.

    Raises
    ------
    DLModelError
        As of `check_exportable`; a package is not installed; or the method cannot be written for any number of images.
    """
    check_exportable(model)
    onnx = needed("onnx", "onnx")
    needed("onnxscript", "onnx")  # torch writes with it
    assert model.reference is not None
    graph, example = _graph_and_example(model, precision)
    n_images = torch.export.Dim("n")
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            graph,
            example,
            dynamo=True,
            verbose=False,
            opset_version=_OPSET,
            input_names=[IMAGE, INSIDE, FACTOR],
            output_names=OUTPUTS,
            dynamic_shapes={"image": {0: n_images}, "inside": {0: n_images}, "factor": None},
        )
    assert program is not None
    proto = program.model_proto
    fixed = [value.name for value in (proto.graph.input[0], *proto.graph.output) if _n_images(value) is not None]
    if fixed:
        expected, got = "a method that can be written for any number of images", "one that fixed their number"
        hint = f"{', '.join(fixed)}; len(tensor) fixes a size, tensor.shape[0] does not"
        raise DLModelError("dl_model_handle", expected, got, hint)
    _forget_sources(proto)
    store_as_half(proto)
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString())


def store_as_half(proto: Any) -> None:
    """Store large constants as float16, with a cast behind, where that loses nothing: they were rounded in training."""
    onnx = needed("onnx", "onnx")
    casts = []
    for constant in proto.graph.initializer:
        values = onnx.numpy_helper.to_array(constant)
        if values.dtype != "float32" or values.size < _LARGE:
            continue
        half = values.astype("float16")
        if (half.astype("float32") == values).all():
            name = constant.name
            constant.CopyFrom(onnx.numpy_helper.from_array(half, f"{name}_half"))
            casts.append(onnx.helper.make_node("Cast", [constant.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)


def _graph_and_example(model: DLModel, precision: str) -> tuple[ScoringGraph, tuple[torch.Tensor, ...]]:
    """The module on the CPU, and inputs of the right shapes."""
    assert model.reference is not None
    cpu = torch.device("cpu")
    own = copy.deepcopy(model.backbone).to(cpu)
    backbone = HalfBackbone(own) if precision == "float16" else own
    graph = ScoringGraph(backbone, model.reference.to(cpu), model.parameters).eval()
    parameters, stride = model.parameters, model.method.STRIDE
    height, width = parameters["image_height"], parameters["image_width"]
    # Two images: torch takes a size of 1 for one that never changes.
    images = torch.zeros(2, height, width, parameters["image_num_channels"], dtype=torch.float32)
    inside = torch.ones(2, height // stride, width // stride, dtype=torch.float32)
    factor = torch.tensor([parameters["standard_deviation_factor"]], dtype=torch.float32)
    return graph, (images, inside, factor)


def _n_images(value: Any) -> int | None:
    """The first size of an input or output where it is fixed."""
    first = value.type.tensor_type.shape.dim[0]
    return int(first.dim_value) if first.HasField("dim_value") else None


def _forget_sources(proto: Any) -> None:
    """Take out from which lines of code each node comes."""
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del proto.metadata_props[:]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without torch's remarks on its own parts, which a user can do nothing about."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
