"""Devices that a model can run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from dlproc.errors import DLModelError, DLParamError
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list


@dataclass(frozen=True)
class DLDevice:
    """A device: kind of runtime, number among its kind, and name."""

    runtime: str  # 'cpu' or 'gpu'
    id: int
    name: str

    @property
    def torch_device(self) -> torch.device:
        """The same device in torch's words."""
        return torch.device("cpu") if self.runtime == "cpu" else torch.device("cuda", self.id)


_FILTERS = ("runtime", "id", "name")


def query_available_dl_devices(gen_param_name: object = None, gen_param_value: object = None) -> list[DLDevice]:
    """List the devices of this machine that models can run on.

    Parameters
    ----------
    gen_param_name, gen_param_value : list of the same length
        Filters: ``'runtime'`` ('cpu', 'gpu'), ``'id'``, ``'name'``. A device must fit one value of each name, so
        ``(['runtime', 'runtime'], ['gpu', 'cpu'])`` gives all. Nothing given: all.

    Returns
    -------
    list of DLDevice
        Graphics cards first; may be empty.

    Raises
    ------
    DLParamError
        An unknown filter, or lists of different lengths.

    Examples
    --------
    >>> import dlproc as dl
    >>> [device.runtime for device in dl.query_available_dl_devices(["runtime"], ["cpu"])]
    ['cpu']
    """
    names, values = as_list(gen_param_name), as_list(gen_param_value)
    if len(names) != len(values):
        raise DLParamError("gen_param_value", f"{len(names)} values, as many as names", f"{len(values)}")
    wanted: dict[str, list[Any]] = {}
    for name, value in zip(names, values, strict=True):
        check_known(name, _FILTERS, "gen_param_name")
        wanted.setdefault(name, []).append(value)
    devices = [
        DLDevice("gpu", number, torch.cuda.get_device_name(number)) for number in range(torch.cuda.device_count())
    ]
    devices.append(DLDevice("cpu", 0, "CPU"))
    return [device for device in devices if all(getattr(device, name) in fits for name, fits in wanted.items())]


def get_dl_device_param(dl_device_handle: DLDevice, gen_param_name: str) -> Any:
    """A property of a device: ``'runtime'`` or ``'type'`` ('cpu', 'gpu'), ``'id'``, ``'name'``."""
    if not isinstance(dl_device_handle, DLDevice):
        expected = "a device of query_available_dl_devices"
        raise DLParamError("dl_device_handle", expected, type(dl_device_handle).__name__, halcon_code=2404)
    check_known(gen_param_name, ("type", *_FILTERS), "gen_param_name")
    return getattr(dl_device_handle, "runtime" if gen_param_name == "type" else gen_param_name)


def first_device(runtime: str) -> DLDevice:
    """The first device of a kind; raises `DLModelError` where the machine has none."""
    devices = query_available_dl_devices("runtime", runtime)
    if not devices:
        raise DLModelError("runtime", "a device of kind 'gpu' on this machine", "none", "set 'runtime' to 'cpu'")
    return devices[0]
