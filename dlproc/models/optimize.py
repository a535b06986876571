"""The operator that converts a model for a device and a precision, and proves that it still says the same."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from dlproc.errors import DLDataError, DLModelError, DLParamError
from dlproc.measures.confusion import is_at_least
from dlproc.models.devices import DLDevice, check_device, precisions_of
from dlproc.models.handle import DLModel, check_model, stored_threshold
from dlproc.models.operate import apply_dl_model, pixels_inside
from dlproc.models.runtimes.conversion import Conversion
from dlproc.models.runtimes.export import check_convertible, export_graph
from dlproc.models.runtimes.extras import needed, version
from dlproc.models.runtimes.graph import FACTOR, IMAGE, INSIDE
from dlproc.models.runtimes.quantize import quantize_graph
from dlproc.models.scoring import gather_cells, gather_images
from dlproc.schema.check import check_known, check_list, check_options
from dlproc.schema.keys import PRECISIONS, ConversionReport, DLResult, DLSample, OptimizeGenParam
from dlproc.version import __version__

# What scores may differ by when the user says nothing: of images, of pixels. float32 leaves rounding alone. The others
# are what the benchmarks show where the AUROC of the images stays within a point; see docs/runtimes.md.
_LIMITS = {"float32": (1e-5, 2e-5), "float16": (0.02, 0.05), "int8": (0.05, 0.15)}
_PACKAGES = {"none": (), "onnx_runtime": ("onnx", "onnxruntime"), "openvino": ("onnx", "openvino")}


def optimize_dl_model_for_inference(
    dl_model_handle: DLModel,
    dl_device_handle: DLDevice,
    precision: str,
    dl_samples: DLSample | Sequence[DLSample],
    gen_param: Mapping[str, Any] | None = None,
) -> tuple[DLModel, ConversionReport]:
    """Convert a trained model for a device and a precision, and refuse where its scores change too much.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained, not converted, of type 'anomaly_detection'. Not changed.
    dl_device_handle : DLDevice
        A device of `query_available_dl_devices`. Its ``'ai_accelerator_interface'`` says what will compute: 'none'
        torch, 'onnx_runtime' (needs ``pip install dlproc[onnx]``), 'openvino' (``dlproc[openvino]``).
    precision : str
        ``'float32'``; ``'float16'``, the network in half precision; ``'int8'``, its 1x1 convolutions in 8 bits. With
        torch only 'float32' on a CPU, and 'float32' and 'float16' on a graphics card.
    dl_samples : sequence of DLSample
        Preprocessed samples as in production, good and defective: 20 and more. All of them are run through both
        models; with 'int8' they also set the ranges. Read: ``'image'``, ``'domain'`` where there.
    gen_param : mapping, optional
        ``'max_score_difference'``, ``'max_pixel_difference'``: the most that the score of an image or of a pixel may
        change. Not given: 1e-5 and 2e-5 for 'float32', 0.02 and 0.05 for 'float16', 0.05 and 0.15 for 'int8'.

    Returns
    -------
    dl_model_handle_converted : DLModel
        Used like the original. It can be written and read; of its parameters only 'device', 'runtime', 'meta_data',
        'standard_deviation_factor', 'batch_size' and 'decision_rules' can be set.
    conversion_report : ConversionReport
        Largest differences, flipped decisions, the limits, and the time that both take.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881) or is converted already (7883), or of another type; a package is
        missing; the scores differ by more than is allowed: the message has the figures, and no model is returned.
    DLParamError
        An unknown precision, or one that the device does not have; an unknown option.
    DLDataError
        No sample.
    DLDictError
        As of `apply_dl_model`.

    Notes
    -----
    The thresholds of the model stay as they are. A decision can flip only where a score lies as near to the threshold
    as the scores differ; ``'flipped_samples'`` of the report names these images. After 'int8' compute the thresholds
    anew with the converted model.
    """
    model = check_model(dl_model_handle, must_be_trained=True, must_be_original=True)
    check_convertible(model)
    device = check_device(dl_device_handle)
    check_known(precision, PRECISIONS, "precision")
    if precision not in precisions_of(device):
        expected = f"one of {', '.join(map(repr, precisions_of(device)))} on {device.name} with torch"
        hint = "take a device with ai_accelerator_interface 'onnx_runtime' or 'openvino'"
        raise DLParamError("precision", expected, repr(precision), hint, halcon_code=7791)
    options = check_options(gen_param, OptimizeGenParam, "gen_param")
    samples = check_list(dl_samples, "dl_samples")
    if not samples:
        raise DLDataError("dl_samples", "at least one sample to compare the models on", "none")
    threshold = stored_threshold(model, "anomaly_classification_threshold")

    before, native_ms = _timed(model, samples)
    converted = _convert(model, device, precision, samples)
    after, converted_ms = _timed(converted, samples)
    report = _compare(before, after, threshold)
    limits = zip(("max_score_difference", "max_pixel_difference"), _LIMITS[precision], strict=True)
    for name, usual in limits:
        report[f"{name}_limit"] = usual if options[name] is None else options[name]  # type: ignore[literal-required]
    assert converted.conversion is not None
    report |= {
        "precision": precision,
        "device": device.name,
        "runtime": device.runtime,
        "ai_accelerator_interface": device.ai_accelerator_interface,
        "batch_size": model.parameters["batch_size"],
        "native_ms": native_ms,
        "converted_ms": converted_ms,
        "times_faster": native_ms / converted_ms,
        "graph_bytes": len(converted.conversion.graph),
        "versions": _versions(device),
    }
    _check_parity(report)
    converted.conversion.report = dict(copy.deepcopy(report))
    return converted, report


def _convert(model: DLModel, device: DLDevice, precision: str, samples: Sequence[Mapping[str, Any]]) -> DLModel:
    """A second model that computes in the precision on the device."""
    converted = DLModel(model.method_name, model.backbone_name)
    converted.parameters = copy.deepcopy(model.parameters)
    converted.training = copy.deepcopy(model.training)
    interface = device.ai_accelerator_interface
    converted.conversion = Conversion(precision, device.runtime, interface)
    if interface == "none":
        converted.reference = model.reference
    else:
        needed("openvino" if interface == "openvino" else "onnxruntime", _extra(interface))
        # OpenVINO is told to compute in half precision; ONNX Runtime takes it from the graph.
        half = precision == "float16" and interface == "onnx_runtime"
        graph = export_graph(model, "float16" if half else "float32")
        converted.conversion.graph = quantize_graph(graph, _feeds(samples, model)) if precision == "int8" else graph
    converted.move_to(device)
    return converted


def _extra(interface: str) -> str:
    return "openvino" if interface == "openvino" else "onnx"


def _feeds(samples: Sequence[Mapping[str, Any]], model: DLModel) -> Any:
    """The samples as inputs of the graph, one by one."""
    factor = np.zeros(1, np.float32)
    for sample in samples:
        images = gather_images([sample], model).numpy()
        yield {IMAGE: images, INSIDE: gather_cells([sample], model), FACTOR: factor}


def _timed(model: DLModel, samples: Sequence[Any]) -> tuple[list[DLResult], float]:
    """Results, and the milliseconds that an image takes: the median over the batches, after a warm-up."""
    n_at_once = model.parameters["batch_size"]
    apply_dl_model(model, samples[:n_at_once])
    results: list[DLResult] = []
    times = []
    for start in range(0, len(samples), n_at_once):
        batch = samples[start : start + n_at_once]
        begin = time.perf_counter()
        results += apply_dl_model(model, batch)
        times.append((time.perf_counter() - begin) / len(batch) * 1e3)
    return results, float(np.median(times))


def _compare(before: Sequence[DLResult], after: Sequence[DLResult], threshold: float | None) -> ConversionReport:
    """Differences between results of the same samples."""
    scores = [np.array([result["anomaly_score"] for result in results]) for results in (before, after)]
    differences = np.abs(scores[1] - scores[0])
    pixels = [float(np.abs(pixels_inside(a) - pixels_inside(b)).max()) for a, b in zip(after, before, strict=True)]
    flipped: list[int] = []
    if threshold is not None:
        decisions = [is_at_least(s.astype(np.float32), threshold) for s in scores]
        flipped = np.flatnonzero(decisions[0] != decisions[1]).tolist()
    return {
        "n_samples": len(before),
        "max_score_difference": float(differences.max()),
        "max_pixel_difference": max(pixels),
        "worst_sample": int(differences.argmax()),
        "anomaly_classification_threshold": threshold,
        "n_flipped": None if threshold is None else len(flipped),
        "flipped_samples": flipped,
    }


def _check_parity(report: ConversionReport) -> None:
    """Raise `DLModelError` with the figures where the scores differ by more than is allowed."""
    score, pixel = report["max_score_difference"], report["max_pixel_difference"]
    # A NaN is not "at most" anything.
    if score <= report["max_score_difference_limit"] and pixel <= report["max_pixel_difference_limit"]:
        return
    expected = (
        f"scores that change by at most {report['max_score_difference_limit']:g} (images) and "
        f"{report['max_pixel_difference_limit']:g} (pixels) with {report['precision']}"
    )
    flipped = "" if report["n_flipped"] is None else f", {report['n_flipped']} decisions flipped"
    got = f"{score:.2g} (dl_samples[{report['worst_sample']}]) and {pixel:.2g}{flipped} of {report['n_samples']} images"
    hint = "take a higher precision, or allow more with max_score_difference and max_pixel_difference"
    raise DLModelError("optimize_dl_model_for_inference", expected, got, hint)


def _versions(device: DLDevice) -> dict[str, str]:
    packages = _PACKAGES[device.ai_accelerator_interface]
    return {"dlproc": __version__, "torch": str(torch.__version__), **{name: version(name) for name in packages}}
