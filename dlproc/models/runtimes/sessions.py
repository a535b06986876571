"""What runs an ONNX graph: ONNX Runtime or OpenVINO. Arrays in, arrays out."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from dlproc.models.runtimes.extras import needed
from dlproc.models.runtimes.graph import DISTANCE, FACTOR, IMAGE, INSIDE

_ANY_FACTOR = np.zeros(1, np.float32)  # the distances do not depend on it


class Session(Protocol):
    """A graph that is ready to run."""

    def distance_maps(self, images: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
        """Samples (N, H, W, C) and cells that count (N, h, w) to distances (N, H, W)."""


def onnx_runtime_session(graph: bytes) -> Any:
    """ONNX Runtime's own session on the CPU, with as many threads as torch has."""
    onnxruntime = needed("onnxruntime", "onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors; not that an input has a default, which is meant
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class OnnxRuntimeSession:
    """The graph in ONNX Runtime on the CPU."""

    def __init__(self, graph: bytes) -> None:
        self._session = onnx_runtime_session(graph)

    def distance_maps(self, images: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
        feeds = {IMAGE: images, INSIDE: inside, FACTOR: _ANY_FACTOR}
        distances: NDArray[np.float32] = self._session.run([DISTANCE], feeds)[0]
        return distances


class OpenVinoSession:
    """The graph in OpenVINO.

    Parameters
    ----------
    device : str
        OpenVINO's name, ``'CPU'`` or ``'GPU.0'``.
    precision : str
        ``'float16'``: half precision where the device has it; a CPU that has bfloat16 only takes that, one that has
        neither computes in float32.
    """

    def __init__(self, graph: bytes, device: str, precision: str) -> None:
        openvino = needed("openvino", "openvino")
        core = openvino.Core()
        model = core.read_model(graph)
        # Without the scoring, which dlproc does; what is not asked for is not computed.
        factor = next(parameter for parameter in model.get_parameters() if parameter.friendly_name == FACTOR)
        kept = [parameter for parameter in model.get_parameters() if parameter is not factor]
        distances = next(result for result in model.get_results() if DISTANCE in result.get_output_tensor(0).names)
        options: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": "f16" if precision == "float16" else "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        if device == "CPU":
            options["INFERENCE_NUM_THREADS"] = torch.get_num_threads()
        self._model = core.compile_model(openvino.Model([distances], kept), device, options)

    def distance_maps(self, images: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.array(self._model({IMAGE: images, INSIDE: inside})[0])  # a copy: the next call uses the same memory
