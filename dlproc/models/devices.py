"""Devices that a model can run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from dlproc.errors import DLModelError, DLParamError
from dlproc.models.runtimes.extras import is_installed
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list, scalar


@dataclass(frozen=True)
class DLDevice:
    """A device: kind of hardware, number among its kind, name, and the software that computes on it."""

    runtime: str  # 'cpu' or 'gpu'
    id: int
    name: str
    ai_accelerator_interface: str = "none"  # 'none': torch; 'onnx_runtime', 'openvino': for converted models

    @property
    def torch_device(self) -> torch.device:
        """The same device in torch's words; what torch does for an accelerator it does on the CPU."""
        is_cuda = self.runtime == "gpu" and self.ai_accelerator_interface == "none"
        return torch.device("cuda", self.id) if is_cuda else torch.device("cpu")

    @property
    def openvino_name(self) -> str:
        """The same device in OpenVINO's words."""
        return "CPU" if self.runtime == "cpu" else f"GPU.{self.id}"


_CPU = DLDevice("cpu", 0, "CPU")
_FILTERS = ("runtime", "id", "name", "ai_accelerator_interface")


def query_available_dl_devices(gen_param_name: object = None, gen_param_value: object = None) -> list[DLDevice]:
    """List the devices of this machine that models can run on.

    Parameters
    ----------
    gen_param_name, gen_param_value : list of the same length
        Filters: ``'runtime'`` ('cpu', 'gpu'), ``'id'``, ``'name'``, ``'ai_accelerator_interface'`` ('none',
        'onnx_runtime', 'openvino'). A device must fit one value of each name, so
        ``(['runtime', 'runtime'], ['gpu', 'cpu'])`` gives all. Nothing given: all.

    Returns
    -------
    list of DLDevice
        First those on which every model runs: graphics cards, then the CPU. Then those that run models which
        `optimize_dl_model_for_inference` converted for them: ONNX Runtime, and what OpenVINO finds. May be empty.

    Raises
    ------
    DLParamError
        An unknown filter, or lists of different lengths.

    Examples
    --------
    >>> import dlproc as dl
    >>> names = ["runtime", "ai_accelerator_interface"]
    >>> [device.runtime for device in dl.query_available_dl_devices(names, ["cpu", "none"])]
    ['cpu']
    """
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_value", f"{len(names)} values, as many as names", f"{len(values)}")
    wanted: dict[str, list[Any]] = {}
    for name, value in zip(names, values, strict=True):
        check_known(name, _FILTERS, "gen_param_name")
        wanted.setdefault(name, []).append(value)
    devices = _native()
    if is_installed("onnxruntime"):
        devices.append(DLDevice("cpu", 0, "CPU", "onnx_runtime"))
    if "openvino" in wanted.get("ai_accelerator_interface", ["openvino"]):  # asking it takes half a second
        devices += _openvino()
    return _fitting(devices, wanted)


def get_dl_device_param(dl_device_handle: DLDevice, gen_param_name: str) -> Any:
    """A property of a device: ``'runtime'`` or ``'type'`` ('cpu', 'gpu'), ``'id'``, ``'name'``,
    ``'ai_accelerator_interface'`` ('none', 'onnx_runtime', 'openvino'), ``'precisions'`` (a list: what
    `optimize_dl_model_for_inference` can convert to for it).
    """
    device = check_device(dl_device_handle)
    check_known(gen_param_name, ("type", "precisions", *_FILTERS), "gen_param_name")
    if gen_param_name == "precisions":
        return list(precisions_of(device))
    return getattr(device, "runtime" if gen_param_name == "type" else gen_param_name)


def check_device(device: object) -> DLDevice:
    """The device, also from a list of one, or `DLParamError`."""
    device = scalar(device)
    if not isinstance(device, DLDevice):
        expected = "a device of query_available_dl_devices"
        raise DLParamError("dl_device_handle", expected, type(device).__name__, halcon_code=2404)
    return device


def precisions_of(device: DLDevice) -> tuple[str, ...]:
    """What models can be converted to for a device."""
    if device.ai_accelerator_interface != "none":
        return ("float32", "float16", "int8")
    # torch on a CPU computes half precision some 25 times slower, and has no 8-bit convolutions that would be quicker.
    return ("float32", "float16") if device.runtime == "gpu" else ("float32",)


def first_device(runtime: str) -> DLDevice:
    """The first device of a kind that runs every model; raises `DLModelError` where the machine has none."""
    if runtime == "cpu":
        return _CPU  # without a look at the graphics cards: a model for the CPU must not begin to use them
    devices = _fitting(_native(), {"runtime": [runtime]})
    if not devices:
        raise DLModelError("runtime", "a device of kind 'gpu' on this machine", "none", "set 'runtime' to 'cpu'")
    return devices[0]


def _native() -> list[DLDevice]:
    """Those that torch computes on."""
    cards = [DLDevice("gpu", number, torch.cuda.get_device_name(number)) for number in range(torch.cuda.device_count())]
    return [*cards, _CPU]


def _openvino() -> list[DLDevice]:
    """The CPU and graphics cards that OpenVINO finds, where it is installed."""
    try:
        import openvino
    except ImportError:  # not installed, or not for this machine
        return []
    core = openvino.Core()
    devices = []
    for name in core.available_devices:
        kind, _, number = name.partition(".")
        if kind in ("CPU", "GPU"):
            full_name = core.get_property(name, "FULL_DEVICE_NAME")
            devices.append(DLDevice(kind.lower(), int(number or 0), full_name, "openvino"))
    return devices


def _fitting(devices: Sequence[DLDevice], wanted: Mapping[str, list[Any]]) -> list[DLDevice]:
    return [device for device in devices if all(getattr(device, name) in fits for name, fits in wanted.items())]
