"""Images per second on a graphics card: ``python benchmarks/gpu.py``.

`apply_dl_model` from samples in the host's memory to results there, against the bare truncated network on a batch that
is on the card already; medium and large, 256 x 256, one image and 64 at once, float32 and float16. The network computes
in float32 proper (no TF32) in both. Asked: at least half of the bare network's rate.

Without a card it says so and writes nothing. ``--device cpu`` runs the same code on the CPU, to see that it works, and
marks the figures so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from common import write_results

import dlproc as dl
from dlproc.models.anomaly.patch_statistics import STAGES
from dlproc.models.host import own_settings
from dlproc.models.scoring import network_images, score_on_device

BATCHES = (1, 64)
N_CALLS = {1: 200, 64: 10}  # batches in flight in one call
ALLOW_ALL = {"max_score_difference": 1.0, "max_pixel_difference": 1.0}


def painted_samples(model: Any, n_samples: int) -> list[Any]:
    """Noise, preprocessed: what an image shows does not change the time."""
    generator = np.random.Generator(np.random.PCG64(0))
    samples = dl.gen_dl_samples_from_images(list(generator.integers(0, 256, (n_samples, 256, 256, 3)).astype(np.uint8)))
    dl.preprocess_dl_samples(samples, dl.create_dl_preprocess_param_from_model(model))
    return samples


def images_per_second(call: Callable[[], object], n_images: int, n_repeats: int) -> float:
    """Median rate, after a warm-up; on a card until everything is computed."""
    rates = []
    for repeat in range(n_repeats + 2):
        begin = time.perf_counter()
        call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if repeat >= 2:
            rates.append(n_images / (time.perf_counter() - begin))
    return float(np.median(rates))


def bare_network(model: Any, samples: list[Any], n_calls: int) -> Callable[[], object]:
    """The truncated network alone, call after call, on images that are where it is."""
    with torch.inference_mode():
        images = network_images(samples, model)

    def call() -> object:
        with torch.inference_mode(), own_settings():
            return [model.backbone(images, STAGES) for _ in range(n_calls)][-1]

    return call


def rates(model: Any, n_at_once: int, n_calls: int, n_repeats: int) -> dict[str, float]:
    """Rates of both, and their ratio."""
    dl.set_dl_model_param(model, "batch_size", n_at_once)
    samples = painted_samples(model, n_at_once)
    batch = samples * n_calls  # n_calls batches in one call: one is gathered while another is computed
    network = images_per_second(bare_network(model, samples, n_calls), len(batch), n_repeats)
    apply = images_per_second(lambda: dl.apply_dl_model(model, batch), len(batch), n_repeats)
    return {"network_per_s": round(network, 1), "apply_per_s": round(apply, 1), "ratio": round(apply / network, 3)}


def same_as_on_the_cpu(native: Any, model: Any) -> float:
    """Largest change of a score against the CPU; the scoring of a card is tried where there is none, too."""
    samples = painted_samples(native, 8)
    before = [result["anomaly_score"] for result in dl.apply_dl_model(native, samples)]
    after = [result["anomaly_score"] for result in dl.apply_dl_model(model, samples)]
    with torch.inference_mode(), own_settings():
        device = model.device.torch_device
        inside = torch.ones(len(samples), 16, 16, device=device)
        distances = model.reference.distance_maps(model.backbone, network_images(samples, model), inside)
        on_device = [score for _, score in score_on_device(distances, samples, 3.0)()]
    return float(np.abs(np.array([after, on_device]) - before).max())


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, and write where there is a card."""
    runtime = "gpu" if arguments.device == "cuda" else "cpu"
    devices = dl.query_available_dl_devices(["runtime", "ai_accelerator_interface"], [runtime, "none"])
    if not devices:
        print("this machine has no graphics card that torch can use: nothing measured (--device cpu tries the code)")
        return
    figures: dict[str, Any] = {"device": devices[0].name}
    for name in ("medium", "large"):
        native = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
        dl.set_dl_model_param(native, "image_size", [256, 256])
        dl.train_dl_model_anomaly_dataset(native, painted_samples(native, 8))
        for precision in dl.get_dl_device_param(devices[0], "precisions"):
            samples = painted_samples(native, 8)
            model, _ = dl.optimize_dl_model_for_inference(native, devices[0], precision, samples, ALLOW_ALL)
            rows: dict[str, Any] = {"max_score_difference": float(f"{same_as_on_the_cpu(native, model):.2g}")}
            for n_at_once in BATCHES:
                n_calls = N_CALLS[n_at_once] if runtime == "gpu" else 1
                rows[f"batch_{n_at_once}"] = rates(model, n_at_once, n_calls, 5 if runtime == "gpu" else 1)
            figures[f"{name} {precision}"] = rows
            print(name, precision, rows)
    if runtime == "gpu":
        write_results("gpu", figures)
    else:
        print("computed on the CPU: the code path of a card was tried, these are no figures of one; nothing written")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    main(parser.parse_args())
