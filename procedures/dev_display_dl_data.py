"""The procedure `dev_display_dl_data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.display import draw_anomaly_image, draw_image, new_figure, outline, show_figure
from dlproc.errors import DLDictError, DLParamError
from dlproc.measures.confusion import is_at_least
from dlproc.schema.check import check_keys, check_list, check_options, convert
from dlproc.schema.keys import CLASS_IDS, CLASS_NAMES, DisplayDataGenParam, DLDataset, DLResult, DLSample
from dlproc.schema.kinds import Items, Text, describe, is_given

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KEYS = ("image", "anomaly_ground_truth", "anomaly_result", "anomaly_both", "anomaly_image")
_NEED_RESULT = ("anomaly_result", "anomaly_both", "anomaly_image")


def dev_display_dl_data(
    dl_sample: DLSample,
    dl_result: DLResult | None = None,
    dl_dataset_info: Mapping[str, Any] | None = None,
    keys_for_display: str | list[str] | None = None,
    gen_param: Mapping[str, Any] | None = None,
    window_handle_dict: dict[str, Any] | None = None,
) -> Figure:
    """Draw a sample, what is known of it, and what the model says of it, side by side.

    Parameters
    ----------
    dl_sample : DLSample
        Read: ``'image'`` and, where there, ``'image_id'``, ``'anomaly_label'``, ``'anomaly_ground_truth'``,
        ``'domain'``.
    dl_result : DLResult, optional
        Read: ``'anomaly_image'``, ``'anomaly_score'``, and after `threshold_dl_anomaly_results` the thresholds. Not
        needed for 'image' and 'anomaly_ground_truth'.
    dl_dataset_info : DLDataset or mapping, optional
        Read: ``'class_names'``, ``'class_ids'`` (default 'ok' 0, 'nok' 1), ``'preprocess_param'``, where there, to show
        the gray values that the camera saw; otherwise a preprocessed image is stretched to its own extremes.
    keys_for_display : list of str, optional
        One picture for each of: ``'image'``; ``'anomaly_ground_truth'``, the annotation's outline;
        ``'anomaly_result'``, the region's outline with class and score; ``'anomaly_both'``, both outlines;
        ``'anomaly_image'``, the scores on a fixed scale, from 0 over the segmentation threshold in the middle to 1. Not
        given: all but 'anomaly_both' that there is data for.
    gen_param : mapping, optional
        ``'anomaly_region_threshold'``, ``'anomaly_classification_threshold'`` : number, default -1, which means the
        result's own.
        ``'show'`` : bool, default False; open a window (dlproc's own key). ``'line_width'``, ``'font_size'``,
        ``'anomaly_region_result_color'``, ``'anomaly_region_label_color'``, ``'display_bottom_desc'``,
        ``'display_legend'``,
        ``'display_ground_truth_anomaly_regions'``, ``'display_classification_ids'``.
    window_handle_dict : dict, optional
        HALCON's place for windows. Written: ``'figure'``, which the next call with this dictionary draws into again, so
        that a loop over images does not pile up figures.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig(file)``. No window is opened unless asked for.

    Raises
    ------
    DLDictError
        A key that is read is missing, or its value is of another kind.
    DLParamError
        An unknown key to display, or an unknown option.
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, DisplayDataGenParam, "gen_param")
    sample = _only(dl_sample, "dl_sample")
    result = _only(dl_result, "dl_result") if is_given(dl_result) else {}
    info: dict[str, Any] = {"class_names": CLASS_NAMES, "class_ids": CLASS_IDS}
    info |= _only(dl_dataset_info, "dl_dataset_info") if is_given(dl_dataset_info) else {}
    check_keys(info, DLDataset, ["class_names", "class_ids"], "dl_dataset_info")
    if window_handle_dict is not None and not isinstance(window_handle_dict, dict):
        raise DLParamError("window_handle_dict", "a dictionary, or None", describe(window_handle_dict))
    if is_given(keys_for_display):
        keys = convert(keys_for_display, Items("", kind=Text("", choices=_KEYS)), "keys_for_display", DLParamError)
    else:
        keys = ["image"] + ["anomaly_ground_truth"] * ("anomaly_ground_truth" in sample)
        keys += ["anomaly_result", "anomaly_image"] if result else []
    _check_data(sample, result, keys)

    # 2. Decide with the thresholds of the options, or else of the result; without any, draw no region.
    region_threshold = _threshold(options, "anomaly_region_threshold", result, "anomaly_segmentation_threshold")
    class_threshold = _threshold(
        options, "anomaly_classification_threshold", result, "anomaly_classification_threshold"
    )
    region = truth = None
    if result and region_threshold is not None:
        region = is_at_least(result["anomaly_image"], region_threshold)
        region &= result.get("domain", True)
    if "anomaly_ground_truth" in sample and options["display_ground_truth_anomaly_regions"]:
        truth = sample["anomaly_ground_truth"] > 0

    # 3. Draw one picture for each key.
    figure, axes = new_figure(len(keys), sample["image"].shape, window_handle_dict, options)
    label_line = _label_line(sample, info, options)
    result_line = _result_line(result, class_threshold, info, options) if result else ""
    result_color, label_color = options["anomaly_region_result_color"], options["anomaly_region_label_color"]
    for key, ax in zip(keys, axes, strict=True):
        if key == "anomaly_image":
            draw_anomaly_image(ax, result["anomaly_image"], region_threshold, options["display_legend"])
        else:
            draw_image(ax, sample["image"], sample.get("domain"), info.get("preprocess_param"))
        if key in ("anomaly_ground_truth", "anomaly_both"):
            outline(ax, truth, label_color, options["line_width"])
        if key in _NEED_RESULT:
            outline(ax, region, result_color, options["line_width"])
        below = {"anomaly_result": result_line, "anomaly_both": f"{label_line}\n{result_line}", "anomaly_image": ""}
        _write(ax, key, below.get(key, label_line), options)

    # 4. Show it only when asked for.
    if options["show"]:
        show_figure(figure)
    return figure


def _only(dictionary: object, where: str) -> dict[str, Any]:
    """The one dictionary; HALCON's tuple of one is understood."""
    batch = check_list(dictionary, where)
    if len(batch) != 1:
        raise DLDictError(where, "one dictionary", f"{len(batch)}")
    return batch[0]


def _check_data(sample: Mapping[str, Any], result: Mapping[str, Any], keys: list[str]) -> None:
    check_keys(sample, DLSample, ["image"], "dl_sample")
    if "anomaly_ground_truth" in sample:
        check_keys(sample, DLSample, ["anomaly_ground_truth"], "dl_sample")
    for key in keys:
        if key in _NEED_RESULT:
            check_keys(result, DLResult, ["anomaly_image", "anomaly_score"], "dl_result")
    shape = sample["image"].shape[:2]
    for name, array in (("dl_sample['anomaly_ground_truth']", sample.get("anomaly_ground_truth")),
                        ("dl_result['anomaly_image']", result.get("anomaly_image"))):  # fmt: skip
        if array is not None and array.shape != shape:
            hint = "the sample must be preprocessed, as it was for apply_dl_model"
            raise DLDictError(name, f"an array of the image's size, {shape}", describe(array), hint)


def _threshold(options: Mapping[str, Any], option: str, result: Mapping[str, Any], key: str) -> float | None:
    value = options[option] if options[option] >= 0 else result.get(key)
    return None if value is None else float(value)


def _class_text(class_id: int, info: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    names = dict(zip(info["class_ids"], info["class_names"], strict=False))
    return (
        f"{names.get(class_id, class_id)} ({class_id})"
        if options["display_classification_ids"]
        else str(names.get(class_id))
    )


def _label_line(sample: Mapping[str, Any], info: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    label = sample.get("anomaly_label")
    parts = [f"image {sample['image_id']}"] if "image_id" in sample else []
    parts += [_class_text(int(label == "nok"), info, options)] if label else []
    return ": ".join(parts)


def _result_line(
    result: Mapping[str, Any], threshold: float | None, info: Mapping[str, Any], options: Mapping[str, Any]
) -> str:
    score = result["anomaly_score"]
    if threshold is None:
        return f"score {score:.3f}"
    is_nok = bool(is_at_least(np.float32(score), threshold))
    sign = "≥" if is_nok else "<"
    return f"{_class_text(int(is_nok), info, options)}: score {score:.3f} {sign} {threshold:.3f}"


def _write(ax: Axes, title: str, below: str, options: Mapping[str, Any]) -> None:
    ax.set_title(title.replace("_", " "), fontsize=options["font_size"])
    if options["display_bottom_desc"] and below:
        ax.set_xlabel(below, fontsize=options["font_size"])
