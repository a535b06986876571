"""The procedure `dev_display_dl_data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dlproc.display.figures import check_windows, figure_of_windows, finished, undrawn
from dlproc.display.pictures import (
    draw_anomaly_image,
    draw_image,
    fill,
    frame,
    key_of_outlines,
    outline,
    picture_row,
)
from dlproc.display.saving import is_display_off
from dlproc.display.windows import open_for_keys
from dlproc.errors import DLDictError, DLParamError
from dlproc.measures.confusion import is_at_least
from dlproc.schema.check import check_keys, check_list, check_options, convert
from dlproc.schema.domain import domain_of, only_inside
from dlproc.schema.keys import CLASS_IDS, CLASS_NAMES, DisplayDataGenParam, DLDataset, DLResult, DLSample
from dlproc.schema.kinds import Items, Text, describe, is_given

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OF_RESULT = ("anomaly_result", "anomaly_both", "anomaly_image")
_ENDINGS = ("", "_local", "_global")
_NEED_RESULT = tuple(f"{key}{ending}" for ending in _ENDINGS for key in _OF_RESULT)
_KEYS = ("image", "anomaly_ground_truth", *_NEED_RESULT)


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
        Read: ``'anomaly_image'``, ``'anomaly_score'``, and after `threshold_dl_anomaly_results` the thresholds,
        ``'anomaly_region'`` and ``'anomaly_class_id'``; for keys to display that end in '_local' or '_global' the same
        with that ending. Not needed for 'image' and 'anomaly_ground_truth'.
    dl_dataset_info : DLDataset or mapping, optional
        Read: ``'class_names'``, ``'class_ids'`` (default 'ok' 0, 'nok' 1), ``'preprocess_param'``, where there, to show
        the gray values that the camera saw; otherwise a preprocessed image is stretched to its own extremes.
    keys_for_display : list of str, optional
        One picture for each of: ``'image'``; ``'anomaly_ground_truth'``, the annotation, outline dashed;
        ``'anomaly_result'``, the region, outline solid, with class and score; ``'anomaly_both'``, both;
        ``'anomaly_image'``, the scores on a fixed scale, from 0 over the segmentation threshold in the middle to 1; and
        of 'gc_anomaly_detection' the last three with ``'_local'`` and ``'_global'``. Not given: image, annotation,
        'anomaly_result' and 'anomaly_image', where there is data for them.
    gen_param : mapping, optional
        HALCON's options, whose meaning, ranges and defaults `DisplayDataGenParam` lists. Those with an effect:
        ``'anomaly_region_threshold'``, ``'anomaly_classification_threshold'`` : number; -1 means the result's own.
        ``'map_transparency'``, ``'anomaly_color_transparency'`` : two hexadecimal digits, the opacity of the scores
        over the image and of the regions' fill.
        ``'anomaly_region_label_color'``, ``'anomaly_region_result_color'`` : '#rrggbb' or '#rrggbbaa'.
        ``'heatmap_color_scheme'`` : 'viridis', 'jet', 'inverse_jet', 'hot', 'inverse_hot'.
        ``'scale_windows'``, ``'font'``, ``'font_size'``, ``'line_width'``, ``'map_color_bar_width'`` : sizes.
        ``'display_ground_truth_anomaly_regions'``, ``'display_labels'``, ``'display_classification_ids'``,
        ``'display_classification_color_frame'``, ``'display_bottom_desc'``, ``'display_legend'`` : bool.
        ``'show'`` : bool, default False; open a window (dlproc's own key).
        Understood, so that a script keeps running, but **without effect** here: ``'threshold_width'``,
        ``'segmentation_max_weight'``, ``'segmentation_draw'``, ``'segmentation_transparency'``,
        ``'segmentation_exclude_class_ids'``, ``'bbox_label_color'``, ``'bbox_display_confidence'``,
        ``'bbox_text_color'``, ``'display_direction'``.
    window_handle_dict : dict, optional
        HALCON's place for windows. Written: ``'figure'``, which the next call with this dictionary draws into again, so
        that a loop over images does not pile up figures; for each key that is shown a list with a window, for
        programs that write a text into it. `dev_close_window_dict` closes all.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig(file)``; `save_windows_to` does it for all. No window is opened unless asked for.

    Raises
    ------
    DLDictError
        A key that is read is missing, or its value is of another kind.
    DLParamError
        An unknown key to display, or an unknown option.
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.

    Notes
    -----
    Colours differ from HALCON's where those cannot be told apart by the colour-blind or in grey print: viridis for the
    scores, which hide the image (with HALCON's opacity, 'cc', a dark part would look like a low score), blue and
    vermilion for truth and result, black letters on white. The outlines differ in style as well, and the frames of ok
    and nok pictures in width.
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, DisplayDataGenParam, "gen_param")
    sample = _only(dl_sample, "dl_sample")
    result = _only(dl_result, "dl_result") if is_given(dl_result) else {}
    info: dict[str, Any] = {"class_names": CLASS_NAMES, "class_ids": CLASS_IDS}
    info |= _only(dl_dataset_info, "dl_dataset_info") if is_given(dl_dataset_info) else {}
    check_keys(info, DLDataset, ["class_names", "class_ids"], "dl_dataset_info")
    check_windows(window_handle_dict)
    if is_given(keys_for_display):
        keys = convert(keys_for_display, Items("", kind=Text("", choices=_KEYS)), "keys_for_display", DLParamError)
    else:
        keys = ["image"] + ["anomaly_ground_truth"] * ("anomaly_ground_truth" in sample)
        keys += ["anomaly_result", "anomaly_image"] if result else []
    _check_data(sample, result, keys)
    if is_display_off():
        open_for_keys(window_handle_dict, keys)
        return undrawn()

    # 2. Decide by the thresholds of the options; without them, take what the result decided. Without any, no region.
    region_threshold = _threshold(options, "anomaly_region_threshold", result, "anomaly_segmentation_threshold")
    class_threshold = _threshold(
        options, "anomaly_classification_threshold", result, "anomaly_classification_threshold"
    )
    answers = {key: _answer(result, _ending(key)) for key in keys if key in _NEED_RESULT}
    is_nok = {key: _is_nok(answer, class_threshold, options) for key, answer in answers.items()}
    region = {key: _region(answer, region_threshold, options) for key, answer in answers.items()}
    truth = None
    if "anomaly_ground_truth" in sample and options["display_ground_truth_anomaly_regions"]:
        truth = sample["anomaly_ground_truth"] > 0

    # 3. Write what stands below each picture, and lay the pictures out.
    label_line = _label_line(sample, info, options)
    below = dict.fromkeys(keys, label_line)
    for key, answer in answers.items():
        result_line = _result_line(answer, is_nok[key], class_threshold, info, options)
        is_both, is_image = key.startswith("anomaly_both"), key.startswith("anomaly_image")
        below[key] = "" if is_image else f"{label_line}\n{result_line}".strip() if is_both else result_line
    captions = [below[key] if options["display_bottom_desc"] else "" for key in keys]
    has_key = any(key.startswith("anomaly_both") for key in keys) and options["display_legend"]
    figure = figure_of_windows(window_handle_dict, options["show"])
    open_for_keys(window_handle_dict, keys)
    axes = picture_row(
        figure,
        sample["image"].shape,
        [key.replace("_", " ") for key in keys],
        captions,
        [key.startswith("anomaly_image") and options["display_legend"] for key in keys],
        has_key,
        options,
    )

    # 4. Draw one picture for each key.
    label_color, result_color = options["anomaly_region_label_color"], options["anomaly_region_result_color"]
    is_labelled_nok = _is_labelled_nok(sample)
    for key, (ax, bar_ax) in zip(keys, axes, strict=True):
        draw_image(ax, sample["image"], domain_of(sample), info.get("preprocess_param"))
        is_image, is_both = key.startswith("anomaly_image"), key.startswith("anomaly_both")
        if is_image:
            draw_anomaly_image(ax, bar_ax, answers[key]["anomaly_image"], region_threshold, options)
        elif key in answers:
            fill(ax, region[key], result_color, options["anomaly_color_transparency"])
        if key in answers:
            outline(ax, region[key], result_color, options["line_width"])
        if key == "anomaly_ground_truth":
            fill(ax, truth, label_color, options["anomaly_color_transparency"])
        if key == "anomaly_ground_truth" or is_both:
            outline(ax, truth, label_color, options["line_width"], is_dashed=True)
        shown_class = is_labelled_nok if key == "anomaly_ground_truth" else None if is_image else is_nok.get(key)
        if shown_class is not None and options["display_classification_color_frame"]:
            frame(ax, shown_class)
        if is_both and has_key:
            key_of_outlines(ax, options)

    # 5. Show it only when asked for, and write it where pictures are written.
    return finished(figure, "dl_data", options["show"])


def _only(dictionary: object, where: str) -> dict[str, Any]:
    """The one dictionary; HALCON's tuple of one is understood."""
    batch = check_list(dictionary, where)
    if len(batch) != 1:
        raise DLDictError(where, "one dictionary", f"{len(batch)}")
    return batch[0]


def _check_data(sample: Mapping[str, Any], result: Mapping[str, Any], keys: list[str]) -> None:
    check_keys(sample, DLSample, ["image", *(set(sample) & {"anomaly_ground_truth", "domain"})], "dl_sample")
    for ending in sorted({_ending(key) for key in keys if key in _NEED_RESULT}):
        check_keys(result, DLResult, [f"anomaly_image{ending}", f"anomaly_score{ending}"], "dl_result")
    parts = ("anomaly_region", "anomaly_class_id", "anomaly_image", "anomaly_score")
    decided = {"domain", *(f"{part}{ending}" for part in parts for ending in _ENDINGS)}
    check_keys(result, DLResult, sorted(set(result) & decided), "dl_result")
    shape = sample["image"].shape[:2]
    arrays = [("dl_sample", sample, key) for key in ("anomaly_ground_truth", "domain")]
    arrays += [("dl_result", result, key) for key in sorted(set(result) & decided) if not np.isscalar(result[key])]
    for where, dictionary, key in arrays:
        if key in dictionary and dictionary[key].shape != shape:
            hint = "the sample must be preprocessed, as it was for apply_dl_model"
            expected = f"an array of the image's size, {shape}"
            raise DLDictError(f"{where}['{key}']", expected, describe(dictionary[key]), hint)


def _ending(key: str) -> str:
    """Which network a key to display is of: ``''``, ``'_local'`` or ``'_global'``."""
    return next((ending for ending in _ENDINGS[1:] if key.endswith(ending)), "")


def _answer(result: Mapping[str, Any], ending: str) -> dict[str, Any]:
    """The result with what one network says in the place of what both say."""
    combined = {key: value for key, value in result.items() if not ending or not key.startswith("anomaly_")}
    return combined | {
        key.removesuffix(ending): value for key, value in result.items() if ending and key.endswith(ending)
    }


def _threshold(options: Mapping[str, Any], option: str, result: Mapping[str, Any], key: str) -> float | None:
    value = options[option] if options[option] >= 0 else result.get(key)
    return None if value is None else float(value)


def _is_nok(result: Mapping[str, Any], threshold: float | None, options: Mapping[str, Any]) -> bool | None:
    if options["anomaly_classification_threshold"] < 0 and "anomaly_class_id" in result:
        return bool(result["anomaly_class_id"])
    return None if threshold is None or not result else bool(is_at_least(result["anomaly_score"], threshold))


def _region(result: Mapping[str, Any], threshold: float | None, options: Mapping[str, Any]) -> NDArray[np.bool_] | None:
    if options["anomaly_region_threshold"] < 0 and "anomaly_region" in result:
        return np.asarray(result["anomaly_region"])
    if threshold is None or not result:
        return None
    return only_inside(is_at_least(result["anomaly_image"], threshold), result)


def _is_labelled_nok(sample: Mapping[str, Any]) -> bool | None:
    return sample["anomaly_label"] == "nok" if "anomaly_label" in sample else None


def _class_text(is_nok: bool, info: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """'nok (1)', 'nok', '(1)' or nothing, as the options ask."""
    class_id = int(is_nok)
    name = dict(zip(info["class_ids"], info["class_names"], strict=False)).get(class_id, class_id)
    parts = [str(name)] * options["display_labels"] + [f"({class_id})"] * options["display_classification_ids"]
    return " ".join(parts)


def _label_line(sample: Mapping[str, Any], info: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    is_nok = _is_labelled_nok(sample)
    parts = [f"image {sample['image_id']}"] if "image_id" in sample else []
    parts += [_class_text(is_nok, info, options)] if is_nok is not None else []
    return ": ".join(part for part in parts if part)


def _result_line(
    result: Mapping[str, Any],
    is_nok: bool | None,
    threshold: float | None,
    info: Mapping[str, Any],
    options: Mapping[str, Any],
) -> str:
    """'nok (1): score 0.543 ≥ 0.415', or less where less is known."""
    score = f"score {result['anomaly_score']:.3f}"
    if threshold is not None:
        score += f" {'≥' if is_at_least(result['anomaly_score'], threshold) else '<'} {threshold:.3f}"
    score = score.replace(" ", "\u00a0")  # not broken into lines
    decided = "" if is_nok is None else _class_text(is_nok, info, options)
    return f"{decided}: {score}" if decided else score
