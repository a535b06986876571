"""The procedure `threshold_dl_anomaly_results`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlproc.errors import DLDictError, DLParamError
from dlproc.measures.confusion import is_at_least
from dlproc.schema.check import check_keys, check_list, convert
from dlproc.schema.domain import only_inside
from dlproc.schema.keys import DLResult
from dlproc.schema.kinds import Real


def threshold_dl_anomaly_results(
    anomaly_segmentation_threshold: float,
    anomaly_classification_threshold: float,
    dl_results: DLResult | Sequence[DLResult],
) -> None:
    """Decide, pixel by pixel and image by image, what counts as an anomaly.

    A model only scores. This procedure turns scores into decisions and writes them into the dictionaries it is given,
    as HALCON does. Either every result is changed or, on an error, none is.

    Parameters
    ----------
    anomaly_segmentation_threshold : float
        Smallest pixel score that belongs to the region. Unit: score, 0 to 1.
    anomaly_classification_threshold : float
        Smallest image score that makes an image 'nok'. Unit: score, >= 0; above 1 no image is 'nok'.
    dl_results : sequence of DLResult
        Results of `apply_dl_model`, changed in place.
        Read: ``'anomaly_image'``, float32 (H, W), scores 0 to 1, row 0 at the top, in preprocessed pixels;
        ``'anomaly_score'``, float; ``'domain'``, bool (H, W), where there, and the domain of the anomaly image itself.
        Of a model of type 'gc_anomaly_detection' also the keys that end in ``'_local'`` and ``'_global'``, which the
        same thresholds decide: the scores of all networks are on one scale.
        Written: ``'anomaly_region'``, bool (H, W), False outside the domain; ``'anomaly_class'``, ``'ok'`` or
        ``'nok'``;
        ``'anomaly_class_id'``, 0 or 1 (each also with these endings); ``'anomaly_segmentation_threshold'`` and
        ``'anomaly_classification_threshold'``, float.

    Raises
    ------
    DLParamError
        A threshold that is not one number, a segmentation threshold outside 0 to 1, a classification threshold below 0.
    DLDictError
        A result lacks a key that is read, or its value has another type or shape; the message names it.

    Notes
    -----
    Equality is an anomaly. Comparisons are made in float32, as the scores are: with a float64 threshold of 0.7 a pixel
    whose score *is* 0.7 would be missed.

    References
    ----------
    .. [1] MVTec, HALCON reference, Deep Learning / Anomaly Detection, "Specific Parameters".

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> result = {"anomaly_image": np.float32([[0.1, 0.7]]), "anomaly_score": 0.7}
    >>> dl.threshold_dl_anomaly_results(0.5, 0.7, [result])
    >>> result["anomaly_region"], result["anomaly_class"]
    (array([[False,  True]]), 'nok')
    """
    # 1. Check everything before anything is changed.
    where = "anomaly_segmentation_threshold", "anomaly_classification_threshold"
    segmentation = convert(anomaly_segmentation_threshold, Real("", low=0.0, high=1.0), where[0], DLParamError)
    classification = convert(anomaly_classification_threshold, Real("", low=0.0), where[1], DLParamError)
    results = check_list(dl_results, "dl_results")
    for index, result in enumerate(results):
        keys = [f"{key}{ending}" for ending in _endings(result) for key in ("anomaly_image", "anomaly_score")]
        check_keys(result, DLResult, keys, f"dl_results[{index}]")
        if "domain" in result:
            check_keys(result, DLResult, ["domain"], f"dl_results[{index}]")
        for key in ("domain", *keys[2::2]):
            if key in result and result[key].shape != result["anomaly_image"].shape:
                expected = f"an array of the anomaly image's size, {result['anomaly_image'].shape}"
                raise DLDictError(f"dl_results[{index}]['{key}']", expected, f"{result[key].shape}")

    # 2. Decide, in float32 as the scores are, so that equality means equality.
    for result in results:
        for ending in _endings(result):
            region = is_at_least(result[f"anomaly_image{ending}"], segmentation)
            is_nok = bool(is_at_least(result[f"anomaly_score{ending}"], classification))
            result[f"anomaly_region{ending}"] = only_inside(region, result)
            result[f"anomaly_class{ending}"] = "nok" if is_nok else "ok"
            result[f"anomaly_class_id{ending}"] = int(is_nok)
        result["anomaly_segmentation_threshold"] = segmentation
        result["anomaly_classification_threshold"] = classification


def _endings(result: Mapping[str, Any]) -> list[str]:
    """Which answers a result holds: the model's, and those of its networks."""
    return ["", *(ending for ending in ("_local", "_global") if f"anomaly_image{ending}" in result)]
