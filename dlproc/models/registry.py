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
from dlproc.models.anomaly import extension, patch_statistics
from dlproc.models.training_images import TrainingImages


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

    def read_reference(self, tree: Mapping[str, Any]) -> Reference:
        """The inverse of `Reference.to_tree`, on the CPU."""


@dataclass(frozen=True)
class Pretrained:
    """A model that `read_dl_model` knows by name, without a file."""

    type: str
    method: str  # a key of METHODS
    backbone: str  # a key of dlproc.features.backbone.VARIANTS


METHODS: dict[str, Method] = {"patch_statistics": patch_statistics}
PRETRAINED = {
    "initial_dl_anomaly_medium.hdl": Pretrained("anomaly_detection", "patch_statistics", "lite0"),
    "initial_dl_anomaly_large.hdl": Pretrained("anomaly_detection", "patch_statistics", "lite2"),
}
# Methods that good images can join later; the others must be trained anew.
EXTENSIONS = {"patch_statistics": extension.extend_reference}
