"""The procedure `compute_dl_anomaly_thresholds`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dlproc.errors import DLDataError
from dlproc.measures import operating_points as rules
from dlproc.measures.thresholds import classification_thresholds, segmentation_threshold, with_room
from dlproc.models.handle import DLModel, check_model, score_facts
from dlproc.models.held_out import check_is_new, image_fingerprint, knows_its_images, without_joined
from dlproc.models.operate import apply_dl_model, check_preprocessing, pixels_inside
from dlproc.procedures.find_dl_samples import find_dl_samples
from dlproc.procedures.read_dl_samples import read_dl_samples
from dlproc.schema.check import check_keys
from dlproc.schema.keys import DLDataset, DLResult
from dlproc.schema.kinds import is_given
from dlproc.schema.threshold_options import OPTIONS_OF, valid_threshold_options
from dlproc.schema.threshold_origin import CLASSIFICATION, SEGMENTATION, write_thresholds


def compute_dl_anomaly_thresholds(
    dl_model_handle: DLModel, dl_dataset: DLDataset, gen_param: Mapping[str, Any] | None = None
) -> tuple[float, list[float]]:
    """Find the thresholds that turn scores into decisions: by HALCON's rule, or by one that makes a promise.

    Parameters
    ----------
    dl_model_handle : DLModel
        Trained. Written: ``'meta_data'`` gets ``'anomaly_segmentation_threshold'`` and
        ``'anomaly_classification_threshold'`` (the last one), as strings, so that they travel with the model's file;
        and where the latter is from, in keys that begin with ``'anomaly_threshold_'``: ``method``, ``promise``,
        ``is_guaranteed``, ``n_ok``, ``n_nok``, ``quantile`` (share of the good images below it), the options, and what
        it belongs to: ``value`` and ``value_of_pixels``, ``training`` (a digest of the images), ``precision``,
        ``standard_deviation_factor`` and for 'gc_anomaly_detection' ``gc_anomaly_networks`` and
        ``anomaly_score_tolerance``. With another value the threshold counts as set by hand, and nothing is promised.
    dl_dataset : DLDataset
        Preprocessed and split. Read: the preprocessed samples of split 'validation', the good ones of split 'test', and
        all that are 'nok'.
    gen_param : mapping, optional
        ``'method'`` : str, the rule of the classification threshold, default ``'halcon'``.
        ``'use_ok_samples_only'`` : bool, default False; for 'halcon'. Take the threshold from good images alone.
        ``'target_fpr'`` : float in (0, 1], for 'target_fpr' and 'conformal'. Share of good images that may be rejected.
        ``'confidence'`` : float, default 0.95; for 'conformal' and 'zero_miss'. Probability that the promise holds.
        ``'miss_cost'``, ``'false_alarm_cost'``, ``'defect_rate'`` : for 'min_cost'; the last one is the share of
        defective parts in production, default: as in the images.
        ``'enable_display'`` : bool, default False. A progress bar on the terminal.

    Returns
    -------
    anomaly_segmentation_threshold : float
        min(1, mean + 4 standard deviations) of the pixel scores of all validation images, inside their domains.
    anomaly_classification_thresholds : list of float
        ``[above all ok, at the lowest nok, between]``: with the first no good test image is rejected; with the second
        no 'nok' image is missed; the third lies midway where the classes are apart, and otherwise has the least sum of
        both error rates. Only the first without a 'nok' image, or with ``'use_ok_samples_only'``. With another method
        a list of one:

        ``'zero_miss'`` : the largest that misses none of the 'nok' images. ``'max_f1'`` : the best F1. ``'target_fpr'``
        : the smallest that rejects at most this share of the good images. ``'min_cost'`` : the least mean cost.
        ``'conformal'`` : from good images alone, with a guarantee: of new good images at most ``'target_fpr'`` are
        rejected, with probability ``'confidence'``. That takes 59 good images for 5 % at 95 %, 299 for 1 %; without
        ``'target_fpr'`` the best that the images allow.

    Raises
    ------
    DLModelError
        The model is not trained (halcon_code 7881), or takes other samples.
    DLDataError
        No 'validation' sample, or no good 'test' sample; too few images for the method (the message says how many are
        missing); with a method other than 'halcon', an image that the model was trained on.
    DLParamError
        An unknown option, one that belongs to another method, or one that the method lacks.

    Notes
    -----
    Good images that the model was trained on score lower than new ones, and would promise too much. So 'halcon' takes
    the good images of split 'test', as HALCON does, and the other methods those of 'validation' and 'test'. Of those
    that look at 'nok' images take the figures of `evaluate_dl_model` on the same images with a grain of salt: the
    threshold was chosen to suit them. Good images that joined the model later (`extend_dl_model`) are left out. Of
    images that are the same, pixel by pixel, one counts; with 'halcon' all do. A promise holds for images like these:
    same line, same camera, same light.

    A score that equals a threshold is anomalous. A threshold keeps a millionth from the scores that it was chosen on:
    in batches of another size an image scores a rounding error more or less, and must be decided alike.

    References
    ----------
    .. [1] MVTec, HALCON reference, ``compute_dl_anomaly_thresholds``: the observable rule.
    .. [2] `dlproc.measures.operating_points` derives the guarantees.

    See Also
    --------
    estimate_dl_operating_points : all methods side by side.
    """
    # 1. Check the arguments, and that the images that the rule needs are there.
    model = check_model(dl_model_handle, must_be_trained=True)
    options = valid_threshold_options(gen_param, "gen_param")
    method = options["method"]
    check_keys(dl_dataset, DLDataset, ["samples", "preprocess_param", "dlsample_dir"], "dl_dataset")
    check_preprocessing(model, dl_dataset["preprocess_param"])
    samples = dl_dataset["samples"]
    validation = find_dl_samples(samples, "split", "validation", "match")
    nok = find_dl_samples(samples, "anomaly_label", "nok", "match")
    if method == "halcon":  # of its split everything that is not 'nok', as in HALCON
        ok = sorted(set(find_dl_samples(samples, "split", "test", "match")) - set(nok))
    else:
        held_out = set(find_dl_samples(samples, "split", ["validation", "test"], "or"))
        ok = sorted(held_out & set(find_dl_samples(samples, "anomaly_label", "ok", "match")))
    validation, ok = (
        without_joined(model, indices, lambda index: read_dl_samples(dl_dataset, index)[0])
        for indices in (validation, ok)
    )
    if not validation:
        hint = "give split_dl_dataset a validation_percent above 0 and enough good images"
        raise DLDataError("dl_dataset['samples']", "at least one sample with split 'validation'", "none", hint)
    if not ok:
        hint = "leave good images for the test: training_percent + validation_percent below 100"
        raise DLDataError("dl_dataset['samples']", "at least one 'ok' sample with split 'test'", "none", hint)
    if options["use_ok_samples_only"] or method in ("target_fpr", "conformal"):
        nok = []

    # 2. Pixels: the scores of all validation images, one image in memory at a time.
    n_images = len(validation) + len(ok) + len(nok)
    with tqdm(total=n_images, desc="Thresholds", unit="image", disable=not options["enable_display"]) as progress:
        validated = _results(model, dl_dataset, validation, progress)
        segmentation = segmentation_threshold(pixels_inside(result) for result in validated)

        # 3. Images: the scores of good ones and, where the method looks at them, of those that are not.
        must_be_new = method != "halcon"
        ok_results = list(_results(model, dl_dataset, ok, progress, must_be_new, "anomaly_score"))
        nok_results = list(_results(model, dl_dataset, nok, progress, must_be_new, "anomaly_score"))

    # 4. Let the method choose.
    ok_scores, nok_scores = (
        np.array([result["anomaly_score"] for result in results], np.float64) for results in (ok_results, nok_results)
    )
    choice = _choose(method, options, ok_scores, nok_scores)
    if not knows_its_images(model):
        choice = choice.without_guarantee()
    if choice.threshold is None:
        looks_at_nok = method not in ("target_fpr", "conformal")
        got = f"{len(ok_scores)} good ones" + (f" and {len(nok_scores)} 'nok' ones" if looks_at_nok else "")
        raise DLDataError("dl_dataset['samples']", f"enough images for method '{method}'", got, choice.promise)
    thresholds = classification_thresholds(ok_scores, nok_scores) if method == "halcon" else [choice.threshold]
    scores = np.concatenate([ok_scores, nok_scores])
    thresholds = [with_room(threshold, scores) for threshold in thresholds]

    # 5. The thresholds travel with the model, as strings, and where they are from.
    origin = {"method": method, "promise": choice.promise, "is_guaranteed": str(choice.is_guaranteed).lower()}
    quantile = rules.outcome(thresholds[-1], ok_scores, nok_scores, None, options["confidence"]).quantile
    origin |= {"n_ok": str(len(ok_scores)), "n_nok": str(len(nok_scores)), "quantile": repr(quantile)}
    origin |= {name: repr(options[name]) for name in OPTIONS_OF[method] if is_given(options[name])}
    values = {SEGMENTATION: segmentation, CLASSIFICATION: thresholds[-1]}
    write_thresholds(model.parameters["meta_data"], values, score_facts(model), origin)
    return segmentation, thresholds


def _choose(method: str, options: Mapping[str, Any], ok: NDArray[np.float64], nok: NDArray[np.float64]) -> rules.Choice:
    if method == "zero_miss":
        return rules.zero_miss(nok, options["confidence"])
    if method == "max_f1":
        return rules.max_f1(ok, nok)
    if method == "target_fpr":
        return rules.target_fpr(ok, options["target_fpr"])
    if method == "min_cost":
        costs = rules.Costs(options["miss_cost"], options["false_alarm_cost"], options["defect_rate"])
        return rules.min_cost(ok, nok, costs)
    if method == "conformal":
        return rules.conformal(ok, options["target_fpr"], options["confidence"])
    return rules.halcon(ok, nok)


def _results(
    model: DLModel,
    dl_dataset: DLDataset,
    indices: list[int],
    progress: tqdm[Any],
    must_be_new: bool = False,
    outputs: str | None = None,
) -> Iterator[DLResult]:
    seen: set[int] = set()
    for index in indices:
        progress.update()
        sample = read_dl_samples(dl_dataset, index)[0]
        if must_be_new:
            check_is_new(model, sample, f"dl_dataset['samples'][{index}]")
            fingerprint = image_fingerprint(sample["image"])
            if fingerprint in seen:  # a copy is no further image, and promises nothing
                continue
            seen.add(fingerprint)
        yield apply_dl_model(model, [sample], outputs)[0]
