"""The network's 1x1 convolutions in 8 bits, with ranges measured on samples.

Only those: they are most of the multiply-adds, and rounding them changes scores least. Depthwise convolutions in 8 bits
are no quicker and cost three times as much accuracy; the sums behind blocks, and the statistics of the patches, do not
survive 8 bits at all (figures: docs/runtimes.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.io.locks import temporary_folder
from dlproc.models.runtimes.extras import needed


def quantize_graph(graph: bytes, feeds: Iterable[dict[str, NDArray[np.float32]]]) -> bytes:
    """The graph with 8-bit convolutions (QDQ form, which ONNX Runtime and OpenVINO both run).

    Parameters
    ----------
    graph : bytes
        An ONNX file of `dlproc.models.runtimes.export`.
    feeds : iterable of dict
        Its inputs, one sample after the other; their activations set the ranges.
    """
    onnx = needed("onnx", "onnx")
    quantization = needed("onnxruntime.quantization", "onnx")
    proto = onnx.load_from_string(graph)
    waiting = iter(feeds)

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc,name-defined]
        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(waiting, None)

    with temporary_folder() as folder, _quiet():
        path = folder / "quantized.onnx"
        quantization.quantize_static(
            proto,
            path,
            Reader(),
            quant_format=quantization.QuantFormat.QDQ,
            nodes_to_quantize=_pointwise_convolutions(proto),
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )
        return path.read_bytes()


def _pointwise_convolutions(proto: Any) -> list[str]:
    """Names of the nodes with a kernel of one pixel."""
    kernels = {constant.name: tuple(constant.dims[2:]) for constant in proto.graph.initializer}
    return [node.name for node in proto.graph.node if node.op_type == "Conv" and kernels.get(node.input[1]) == (1, 1)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the advice to preprocess the model, which brings nothing here."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
