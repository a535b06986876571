"""Names of pretrained models, and what each is made of. A new method is a new file and one row here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pretrained:
    """A model that `read_dl_model` knows by name, without a file."""

    type: str
    backbone: str  # a key of dlproc.features.backbone.VARIANTS


PRETRAINED = {
    "initial_dl_anomaly_medium.hdl": Pretrained(type="anomaly_detection", backbone="lite0"),
    "initial_dl_anomaly_large.hdl": Pretrained(type="anomaly_detection", backbone="lite2"),
}
