"""What `optimize_dl_model_for_inference` made of a model."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from dlproc.models.devices import DLDevice
from dlproc.models.runtimes.sessions import OnnxRuntimeSession, OpenVinoSession, Session


@dataclass
class Conversion:
    """How a model was converted.

    Attributes
    ----------
    precision : str
        ``'float32'``, ``'float16'`` or ``'int8'``.
    runtime, ai_accelerator_interface : str
        Kind of the device that it was converted for.
    graph : bytes
        The ONNX graph; empty where torch runs it.
    report : dict
        The `ConversionReport`; empty for a graph that was read from an ONNX file without one.
    """

    precision: str
    runtime: str
    ai_accelerator_interface: str
    graph: bytes = b""
    report: dict[str, Any] = field(default_factory=dict)
    _session: Session | None = field(default=None, repr=False)
    _process: int = field(default=0, repr=False)

    def session(self, device: DLDevice) -> Session:
        """The graph, ready to run; loaded when it is first needed."""
        if self._session is None or self._process != os.getpid():  # after a fork its threads are not there
            self._process = os.getpid()
            if self.ai_accelerator_interface == "openvino":
                self._session = OpenVinoSession(self.graph, device.openvino_name, self.precision)
            else:
                self._session = OnnxRuntimeSession(self.graph)
        return self._session

    def forget_session(self) -> None:
        """Load it anew at the next use: the device has changed."""
        self._session = None

    def target(self) -> str:
        """What it was converted for, in words: ``'cpu with onnx_runtime'``."""
        interface = self.ai_accelerator_interface
        return self.runtime + (f" with {interface}" if interface != "none" else "")

    def fits(self, device: DLDevice) -> bool:
        """Whether the model can run there without being converted anew."""
        kind = device.runtime, device.ai_accelerator_interface
        return kind == (self.runtime, self.ai_accelerator_interface)
