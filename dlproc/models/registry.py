"""Names of pretrained models, and what each is made of. A new method is a new file and a row in each table here.

A method is a module with the names of `Method`; what it learns is an object with the methods of `Reference`. Nothing
else in `dlproc.models` knows a method by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from dlproc.features.backbone import Backbone
from dlproc.models.anomaly import extension, global_context, patch_statistics
from dlproc.models.training_images import TrainingImages
from dlproc.schema.keys import GC_DEFAULTS, AnomalyModelParam, GcAnomalyModelParam


class Reference(Protocol):
    """What a method has learnt."""

    def distance_maps(self, backbone: Backbone, images: Tensor, inside: Tensor) -> Tensor:
        """(N, 3, H, W), and (N, h, w) cells that count, to (N, H, W) in standard deviations above good images."""

    def n_numbers(self) -> int:
        """How many numbers were learnt."""

    def to(self, device: torch.device) -> Reference:
        """The same on another device."""

    def to_tree(self) -> dict[str, Any]:
        """As arrays for a file."""


class Method(Protocol):
    """A way to learn from good images."""

    @property
    def VERSION(self) -> int:
        """Of what is learnt; a model file of another version would have other scores, and is refused."""

    @property
    def STRIDE(self) -> int:
        """Pixels per cell of the grid on which a domain is looked at."""

    @property
    def LAST_STAGE(self) -> int:
        """Stage of the network behind which nothing is needed."""

    def check_reference(self, tree: object, variant: str, size: tuple[int, int]) -> None:
        """Raise `Mismatch` unless `read_reference` can make a reference of a file's content."""

    def read_reference(self, tree: Mapping[str, Any]) -> Reference:
        """The inverse of `Reference.to_tree`, on the CPU."""


class MethodInOneGo(Method, Protocol):
    """A method that sees each image once; the others are trained by batches, see `dlproc.models.by_batches`."""

    def train(
        self,
        backbone: Backbone,
        images: TrainingImages,
        n_images: int,
        anomaly_param: Mapping[str, Any],
        complexity: int,
        generator: np.random.Generator,
        show_progress: bool,
    ) -> tuple[Any, ...]:
        """Learn; the fields of `Learnt`."""

    def check_memory(
        self, variant: str, images: TrainingImages, anomaly_param: Mapping[str, Any], complexity: int, where: str
    ) -> object:
        """Raise `DLParamError` unless training fits into ``'max_memory_mb'``; no image is read."""


@dataclass(frozen=True)
class ModelType:
    """What the models of one type have in common."""

    parameters: type  # a TypedDict of dlproc.schema.keys
    defaults: Mapping[str, Any]  # where they are others than there


@dataclass(frozen=True)
class Pretrained:
    """A model that `read_dl_model` knows by name, without a file."""

    type: str
    method: str  # a key of METHODS
    backbone: str  # a key of dlproc.features.backbone.VARIANTS


IN_ONE_GO: dict[str, MethodInOneGo] = {"patch_statistics": patch_statistics}
METHODS: dict[str, Method] = {**IN_ONE_GO, "global_context": global_context}
TYPES = {
    "anomaly_detection": ModelType(AnomalyModelParam, {}),
    "gc_anomaly_detection": ModelType(GcAnomalyModelParam, GC_DEFAULTS),
}
PRETRAINED = {
    "initial_dl_anomaly_medium.hdl": Pretrained("anomaly_detection", "patch_statistics", "lite0"),
    "initial_dl_anomaly_large.hdl": Pretrained("anomaly_detection", "patch_statistics", "lite2"),
    "initial_dl_anomaly_global.hdl": Pretrained("gc_anomaly_detection", "global_context", "lite0"),
}
# Methods that good images can join later; the others must be trained anew.
EXTENSIONS = {"patch_statistics": extension.extend_reference}
# Methods whose models can be converted for another device or precision, and written as ONNX.
CONVERTIBLE = ("patch_statistics",)
