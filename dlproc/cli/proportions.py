"""Proportions of images: a model squeezes every image to its own size, so that one of another shape looks distorted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dlproc as dl

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import DLDataset

FACTOR = 1.2  # 4:3 and 5:4 differ by 1.07, 4:3 and 3:2 by 1.13, 16:9 and 4:3 by 1.33
_KEY = "training_width_to_height"  # of the model's meta_data: the least and the largest, in one text


def note_proportions(model: DLModel, dataset: DLDataset) -> None:
    """Keep in the model's meta data how wide the training images are for their height."""
    from dlproc.io.image_size import image_size

    root = Path(dataset["image_dir"])
    files = [root / sample["image_file_name"] for sample in dataset["samples"] if sample["split"] == "train"]
    shapes = [width / height for width, height in map(image_size, files)]
    meta_data = dl.get_dl_model_param(model, "meta_data")
    noted = f"{min(shapes):.4f} {max(shapes):.4f}"
    dl.set_dl_model_param(model, "meta_data", {**meta_data, _KEY: noted})


def proportions_of(model: DLModel) -> tuple[float, float] | None:
    """The least and the largest width : height of the training images; None where the model does not know them."""
    noted = str(dl.get_dl_model_param(model, "meta_data").get(_KEY, "")).split()
    try:
        least, largest = (float(word) for word in noted)
    except ValueError:
        return None
    return (least, largest) if 0 < least <= largest else None


def remark_on_proportions(known: tuple[float, float] | None, width: int, height: int) -> str | None:
    """What to say of an image whose width : height is more than `FACTOR` times off the training images'."""
    if known is None or known[0] / FACTOR <= width / height <= known[1] * FACTOR:
        return None
    shown = " to ".join(dict.fromkeys(f"{shape:.2f}" for shape in known))
    return f"{width} x {height} pixels, width : height {width / height:.2f}; of the training images {shown}"
