"""The procedure `apply_dl_decision_rules`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLDictError, DLParamError
from dlproc.images.regions import find_at, label_regions
from dlproc.measures.confusion import is_at_least
from dlproc.schema.check import check_keys, check_list, convert, kinds_of
from dlproc.schema.decision_rules import BOXES, REGION_OPTIONS, VALUES, holds, valid_decision_rules
from dlproc.schema.domain import domain_of, place_of_domain
from dlproc.schema.keys import DECISIONS, AnomalyType, DLResult
from dlproc.scores import confidence


def apply_dl_decision_rules(dl_results: DLResult | Sequence[DLResult], rules: Sequence[Mapping[str, Any]]) -> None:
    """Accept, review or reject images by rules that are data, and say why. dlproc's own procedure.

    Every rule is looked at; of those that apply the most severe decision wins: 'reject' before 'review'. Where none
    applies the image is accepted: 'accept'. Either every result is changed or, on an error, none is.

    Parameters
    ----------
    dl_results : sequence of DLResult
        Changed in place. Read, as far as the rules ask: ``'anomaly_score'``, float; ``'anomaly_class'``;
        ``'confidence'``, float 0 to 1, and without it score, class and ``'anomaly_classification_threshold'``;
        ``'anomaly_region'``, bool (H, W), ``'domain'``, bool (H, W), where there; for 'hysteresis_threshold'
        ``'anomaly_image'``, float32 (H, W), and ``'anomaly_segmentation_threshold'``; ``'anomalies'``, a list of
        dictionaries ``{'name': str, 'covered_area': 0 to 1}``, each name once, where types are told apart. What
        `threshold_dl_anomaly_results` leaves is enough for rules that ask for no type.
        Written: ``'decision'``, 'accept', 'review' or 'reject'; ``'decision_reasons'``, a list of `DecisionReason`: for
        each rule that applies, in the order of the rules, each comparison that holds.
    rules : list of dict
        `DecisionRuleParam`: ``{'name': ..., 'decision': 'reject' or 'review', 'all' or 'any': [conditions]}``, where an
        entry may again be ``{'all': [...]}`` or ``{'any': [...]}``. ``get_dl_model_param(model, 'decision_rules')``
        gives those of a model. A condition is ``{'value': name, comparison: limit}``; see docs/decision_rules.md.

    Raises
    ------
    DLParamError
        A rule that is misspelt or can never hold; a box outside of an image; a hysteresis threshold above the
        segmentation threshold. The message names the place: ``rules[1]['all'][0]['at_least']``.
    DLDictError
        A key that a rule asks for is missing in a result (halcon_code 2894), or holds something else.

    Notes
    -----
    Every condition is evaluated, also when the rule is settled, so that whether a batch is an error depends on its keys
    alone. Scores and confidences are compared in float32. Where a result has no ``'confidence'`` it is 0.5 at the
    classification threshold and 1 at the end of the scores on the decided side (`dlproc.scores.confidence`).

    Examples
    --------
    >>> import dlproc as dl, numpy as np
    >>> result = {"anomaly_image": np.float32([[0.1, 0.7], [0.1, 0.1]]), "anomaly_score": 0.7}
    >>> dl.threshold_dl_anomaly_results(0.5, 0.6, result)
    >>> dl.apply_dl_decision_rules(result, [
    ...     {"name": "any spot", "decision": "review", "all": [{"value": "number_of_regions", "at_least": 1}]},
    ...     {"name": "large", "decision": "reject", "all": [{"value": "covered_area", "more_than": 0.3}]}])
    >>> result["decision"], result["decision_reasons"][0]["text"]
    ('review', "rule 'any spot': number_of_regions is 1, at least 1")
    """
    # 1. Check the rules and the batch.
    checked = valid_decision_rules(rules, "rules")
    results = check_list(dl_results, "dl_results")

    # 2. Decide all of them; nothing is written yet.
    decided = []
    for index, result in enumerate(results):
        reasons = []
        for number, rule in enumerate(checked):
            found = _reasons(rule, result, f"dl_results[{index}]", f"rules[{number}]")
            about_rule = {"rule": rule["name"], "decision": rule["decision"]}
            reasons += [about_rule | reason | {"text": _text(rule["name"], reason)} for reason in found or []]
        decision = max((reason["decision"] for reason in reasons), key=DECISIONS.index, default="accept")
        decided.append({"decision": decision, "decision_reasons": reasons})

    # 3. Write.
    for result, written in zip(results, decided, strict=True):
        result.update(written)


def _reasons(entry: Mapping[str, Any], result: dict[str, Any], where: str, path: str) -> list[dict[str, Any]] | None:
    """The comparisons that hold in a rule, group or condition; None where it does not hold."""
    for key in ("all", "any"):
        if key in entry:
            found = [_reasons(item, result, where, f"{path}['{key}'][{i}]") for i, item in enumerate(entry[key])]
            holding = [reason for reasons in found if reasons is not None for reason in reasons]
            return None if (None in found if key == "all" else not holding) else holding
    name = entry["value"]
    about = {"value_name": name} | {key: entry[key] for key in ("type",) if key in entry}
    if name == "position":
        place = _position(entry, result, where, path)
        if place is None:
            return None
        return [about | {"value": place[key], "comparison": key, "limit": entry[key]} for key in place]
    value = _value(entry, result, where, path)
    limits = {key: entry[key] for key in VALUES[name].comparisons if key in entry}
    if not all(holds(name, value, comparison, limit) for comparison, limit in limits.items()):
        return None
    return [about | {"value": value, "comparison": comparison, "limit": limit} for comparison, limit in limits.items()]


def _value(condition: Mapping[str, Any], result: dict[str, Any], where: str, path: str) -> Any:
    """What a condition looks at, from the keys of a result."""
    name = condition["value"]
    if name in ("anomaly_score", "anomaly_class") or (name == "confidence" and name in result):
        return _read(result, name, where)
    if name == "confidence":
        score, threshold = (_read(result, k, where) for k in ("anomaly_score", "anomaly_classification_threshold"))
        return confidence(score, threshold, _read(result, "anomaly_class", where) == "nok")
    if name == "number_of_types":
        types = set(_types(result, where)) - {"background"} if "anomalies" in result else None
        return len(types) if types is not None else int(_read(result, "anomaly_region", where).any())
    if "type" in condition and "anomalies" not in result and condition["type"] != "anomaly":
        hint = f"{path} asks for type '{condition['type']}', and dlproc's own models tell no types apart"
        raise DLDictError(f"{where}['anomalies']", "the types that were found", "no such key", hint, halcon_code=2894)
    if name == "covered_area" and "type" in condition and ("anomalies" in result or condition["type"] != "anomaly"):
        return _types(result, where).get(condition["type"], 0.0)
    if name == "covered_area" and "anomalies" in result and "anomaly_region" not in result:
        return min(1.0, math.fsum(area for kind, area in _types(result, where).items() if kind != "background"))
    labels, n_pixels = _regions(condition, result, where, path)
    if name == "number_of_regions":
        return int(labels.max())
    n_counted = int(np.count_nonzero(labels if name == "covered_area" else labels == 1))  # region 1 is the largest
    return n_counted if name == "largest_region" else n_counted / n_pixels


def _position(condition: Mapping[str, Any], result: dict[str, Any], where: str, path: str) -> dict[str, Any] | None:
    """Box and centre of the largest region that lies where the condition says, for the comparisons it has."""
    labels, _ = _regions(condition, result, where, path)
    boxes = {key: tuple(condition[key]) for key in BOXES if key in condition}
    for key, box in boxes.items():
        if box[2] >= labels.shape[0] or box[3] >= labels.shape[1]:
            expected = f"a box inside of the image of {where}, {labels.shape[0]} rows and {labels.shape[1]} columns"
            raise DLParamError(f"{path}['{key}']", expected, repr(list(box)))
    found = find_at(labels, **boxes)
    return None if found is None else {key: list(found[BOXES.index(key)]) for key in boxes}


def _regions(
    condition: Mapping[str, Any], result: dict[str, Any], where: str, path: str
) -> tuple[NDArray[np.int32], int]:
    """The regions of a result as a condition's options want them, and the pixels that shares are of."""
    options = {key: condition[key] for key in REGION_OPTIONS if key in condition}
    region = _read(result, "anomaly_region", where)
    for key in ("domain", "anomaly_image"):
        if key in result:
            _read(result, key, where, region.shape)
    domain = domain_of(result)
    if domain is not None and not domain.any():
        expected = "at least one pixel"
        raise DLDictError(f"{where}['{place_of_domain(result)}']", expected, "none", halcon_code=7886)
    weaker_threshold = options.pop("hysteresis_threshold", None)
    if weaker_threshold is not None:
        threshold = _read(result, "anomaly_segmentation_threshold", where)
        if np.float32(weaker_threshold) > np.float32(threshold):
            expected = f"at most the segmentation threshold of {where}, {threshold:g}"
            raise DLParamError(f"{path}['hysteresis_threshold']", expected, f"{weaker_threshold:g}")
        options["weaker"] = is_at_least(_read(result, "anomaly_image", where, region.shape), weaker_threshold)
    n_pixels = region.size if domain is None else int(np.count_nonzero(domain))
    return label_regions(region, domain=domain, **options), n_pixels


def _types(result: dict[str, Any], where: str) -> dict[str, float]:
    """Covered area of each type of anomaly."""
    areas: dict[str, float] = {}
    for index, entry in enumerate(_read(result, "anomalies", where)):
        place = f"{where}['anomalies'][{index}]"
        name, area = (_read(entry, key, place, schema=AnomalyType) for key in ("name", "covered_area"))
        if name in areas:
            raise DLDictError(f"{place}['name']", "each type once", repr(name))
        areas[name] = area
    return areas


def _read(
    result: dict[str, Any], key: str, where: str, shape: tuple[int, ...] | None = None, schema: type = DLResult
) -> Any:
    """A key of a result in its plain form."""
    check_keys(result, schema, [key], where)
    value = convert(result[key], kinds_of(schema)[key], f"{where}['{key}']", DLDictError)
    if shape is not None and value.shape != shape:
        raise DLDictError(f"{where}['{key}']", f"an array of the anomaly region's size, {shape}", f"{value.shape}")
    return value


def _text(rule: str, reason: Mapping[str, Any]) -> str:
    name = reason["value_name"] + (f" of '{reason['type']}'" if "type" in reason else "")
    how = reason["comparison"].replace("_", " ")
    limit = "" if how == "equals" else f", {how} {_short(reason['limit'])}"
    return f"rule '{rule}': {name} is {_short(reason['value'])}{limit}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
