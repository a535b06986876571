"""The procedure `dev_display_dl_data_tiled`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlproc.display.figures import check_figure, empty_figure, finished, undrawn
from dlproc.display.saving import is_display_off
from dlproc.display.tiles import Tile, draw_tiles, small_mask, small_picture, small_scores, verdict
from dlproc.errors import DLDataError, DLModelError, DLParamError
from dlproc.images.shown import displayable
from dlproc.measures.confusion import is_at_least
from dlproc.models.handle import DLModel, check_model
from dlproc.models.operate import apply_dl_model, check_preprocessing
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_keys, check_options, convert
from dlproc.schema.domain import domain_of, only_inside
from dlproc.schema.keys import SPLITS, DisplayTiledGenParam, DLDataset, DLResult, DLSample
from dlproc.schema.kinds import Integer, Items, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SEGMENTATION = "anomaly_segmentation_threshold"
_CLASSIFICATION = "anomaly_classification_threshold"


def dev_display_dl_data_tiled(
    dl_dataset: DLDataset,
    dl_model_handle: DLModel,
    num_samples: int,
    split: str | list[str],
    gen_param: Mapping[str, Any] | None = None,
    window_handle: Figure | None = None,
) -> Figure:
    """Draw some samples of a dataset as tiles on one sheet, with what the model makes of them.

    Parameters
    ----------
    dl_dataset : DLDataset
        Preprocessed. Read: the samples of the split, with ``'image'`` and, where there, ``'anomaly_label'``,
        ``'anomaly_ground_truth'``, ``'domain'``.
    dl_model_handle : DLModel
        Read: of its ``'meta_data'`` the thresholds ``'anomaly_segmentation_threshold'`` (regions) and
        ``'anomaly_classification_threshold'`` (right or wrong), where `compute_dl_anomaly_thresholds` wrote them. An
        untrained model shows images and annotations.
    num_samples : int
        How many, at least 1; all of them when the split has fewer.
    split : str or list of str
        ``'train'``, ``'validation'``, ``'test'``.
    gen_param : mapping, optional
        ``'order'`` (dlproc's own) : ``'random'``, default: drawn, the same ones with the same seed; ``'score'``: the
        highest scores first; ``'image_id'``: the first ones.
        ``'display_input'`` : bool, default True; False shows the scores in place of the image.
        ``'display_ground_truth'`` : bool, default True; outline the annotation, dashed.
        ``'display_result'`` : bool, default whether the model is trained; outline the region, write score and decision.
        ``'background_color'`` '#ffffff', ``'spacing_row'`` 0, ``'spacing_col'`` 0, ``'window_width'`` 640,
        ``'window_height'`` 480, in pixels of 1/100 inch: the sheet grows where tiles would get too small to read,
        and ends below the last row.
        ``'window_row'``, ``'window_col'`` : understood, but without effect.
        ``'line_width'``, ``'font'``, ``'font_size'``, ``'anomaly_region_result_color'``,
        ``'anomaly_region_label_color'``, ``'show'`` : as in `dev_display_dl_data`.
    window_handle : matplotlib.figure.Figure, optional
        What an earlier call returned; it is drawn into again. For a window of `dev_open_window`, as HALCON programs
        give it, a figure of its own is made.

    Returns
    -------
    matplotlib.figure.Figure
        HALCON's WindowHandleOut. Save it with ``figure.savefig(file)``; `save_windows_to` does it for all.

    Raises
    ------
    DLDataError
        The split has no sample.
    DLDictError
        The dataset was not preprocessed.
    DLModelError
        Scores are asked for and the model is not trained (halcon_code 7881), or takes other samples; a threshold in its
        meta data is no number.
    DLParamError
        An unknown split or option.
    DLFileError
        A sample's file is missing or damaged.
    ImportError
        matplotlib is not installed: ``pip install "dlproc[viz]"``.

    Notes
    -----
    HALCON shows only its other model types so. A right decision has a thin blue frame, a wrong one a thick orange-red
    one and the words "MISSED" or "FALSE ALARM" in bold. One sample is in memory at a time; what is kept of it is small.
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, DisplayTiledGenParam, "gen_param")
    model = check_model(dl_model_handle)
    number = convert(num_samples, Integer("", low=1), "num_samples", DLParamError)
    splits = convert(split, Items("", kind=Text("", choices=SPLITS), min_length=1), "split", DLParamError)
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    kept = check_figure(window_handle, "window_handle")
    if options["display_result"] is None:
        options["display_result"] = model.is_trained
    if options["display_result"] or options["order"] == "score" or not options["display_input"]:
        check_model(model, must_be_trained=True)
        check_preprocessing(model, dl_dataset["preprocess_param"])
    thresholds = {name: _threshold(model, name) for name in (_SEGMENTATION, _CLASSIFICATION)}

    # 2. Choose the samples.
    indices = find_dl_samples(dl_dataset["samples"], "split", splits, "or")
    if not indices:
        raise DLDataError("dl_dataset['samples']", f"samples with split {' or '.join(map(repr, splits))}", "none")
    if is_display_off():
        return undrawn()
    chosen = _choose(dl_dataset, model, indices, number, options["order"])

    # 3. Make a tile of each, one after the other.
    tiles = []
    for index in chosen:
        sample = read_dl_samples(dl_dataset, index)[0]
        check_keys(sample, DLSample, ["image"], f"dl_dataset['samples'][{index}]")
        is_scored = options["display_result"] or not options["display_input"]
        result: DLResult = apply_dl_model(model, [sample])[0] if is_scored else {}
        tiles.append(_tile(dl_dataset, index, sample, result, thresholds, options))

    # 4. Draw them, show the figure only when asked for, and write it where pictures are written.
    figure = empty_figure(kept, options["show"])
    draw_tiles(figure, tiles, _header(tiles, len(indices), splits, thresholds, options), options)
    return finished(figure, "tiles", options["show"])


def _threshold(model: DLModel, name: str) -> float | None:
    """The threshold that travels with the model, a string there, or None."""
    text = (model.parameters["meta_data"] or {}).get(name)
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        where = f"get_dl_model_param(dl_model_handle, 'meta_data')['{name}']"
        raise DLModelError(where, "a number", repr(text), "compute_dl_anomaly_thresholds writes it") from None


def _choose(dl_dataset: DLDataset, model: DLModel, indices: list[int], number: int, order: str) -> list[int]:
    """Positions of the samples to show, in the order of the tiles."""
    if order == "random":
        drawn = numpy_generator("dev_display_dl_data_tiled").permutation(len(indices))
        return [indices[position] for position in drawn[:number]]
    if order == "image_id":
        return sorted(indices, key=lambda index: int(dl_dataset["samples"][index]["image_id"]))[:number]
    scores = {i: apply_dl_model(model, read_dl_samples(dl_dataset, i), "anomaly_score") for i in indices}
    return sorted(indices, key=lambda index: -scores[index][0]["anomaly_score"])[:number]


def _tile(
    dl_dataset: DLDataset,
    index: int,
    sample: DLSample,
    result: DLResult,
    thresholds: Mapping[str, float | None],
    options: Mapping[str, Any],
) -> Tile:
    """What is kept of a sample: a small picture, small masks, words."""
    segmentation, classification = thresholds[_SEGMENTATION], thresholds[_CLASSIFICATION]
    if options["display_input"]:
        pixels = displayable(sample["image"], dl_dataset["preprocess_param"], domain_of(sample))
        picture = small_picture(pixels)
    else:
        picture = small_scores(result["anomaly_image"], segmentation)
    truth = region = is_decided_nok = None
    if options["display_ground_truth"] and "anomaly_ground_truth" in sample:
        truth = small_mask(np.asarray(sample["anomaly_ground_truth"]) > 0)
    if options["display_result"] and segmentation is not None:
        region = small_mask(only_inside(is_at_least(result["anomaly_image"], segmentation), result))
    if options["display_result"] and classification is not None:
        is_decided_nok = bool(is_at_least(result["anomaly_score"], classification))
    label = sample.get("anomaly_label")
    words, is_right = verdict(None if label is None else label == "nok", is_decided_nok)
    image_id = str(dl_dataset["samples"][index]["image_id"])
    title = ", ".join(part for part in (" ".join(filter(None, (image_id, label))), words) if part)
    return Tile(picture, truth, region, title, result["anomaly_score"] if options["display_result"] else None, is_right)


def _header(
    tiles: list[Tile],
    n_samples: int,
    splits: list[str],
    thresholds: Mapping[str, float | None],
    options: Mapping[str, Any],
) -> str:
    """A line over the sheet: what is shown, what is wrong, and by which thresholds."""
    order = {"random": "drawn at random", "score": "highest scores first", "image_id": "first ids"}[options["order"]]
    parts = [f"{len(tiles)} of {n_samples} samples ({', '.join(splits)}), {order}"]
    if options["display_result"] and thresholds[_CLASSIFICATION] is not None:
        parts.append(f"{sum(tile.is_right is False for tile in tiles)} decided wrongly (thick frame)")
        parts.append(f"threshold {thresholds[_CLASSIFICATION]:.3f}")
    lines = ["truth dashed"] * any(tile.truth is not None for tile in tiles)
    lines += ["region solid"] * any(tile.region is not None for tile in tiles)
    return "\u00a0· ".join(part.replace(" ", "\u00a0") for part in parts + lines)
