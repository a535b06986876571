"""Decision rules as data: what a rule may say, and whether a comparison holds.

A rule is a dictionary (`DecisionRuleParam`) of a name, a decision and conditions under ``'all'`` or ``'any'``. Rules
are checked once, before they are stored or applied: what cannot mean anything, or can never hold, is an error.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlproc.errors import DLParamError
from dlproc.schema.check import check_box, check_known, convert, kinds_of
from dlproc.schema.keys import DecisionConditionParam, DecisionGroupParam, DecisionRuleParam
from dlproc.schema.kinds import Integer, Kind, Real, Text, as_list, describe

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "equals": operator.eq,
}
BOXES = ("touches", "centre_in")
REGION_OPTIONS = ("min_area", "hysteresis_threshold", "border", "border_width")
_LIMITS = ("at_least", "more_than", "at_most", "less_than")


@dataclass(frozen=True)
class _Value:
    """What a condition on this value may hold.

    Attributes
    ----------
    kind : Kind
        Of a limit; for numbers it has the smallest and largest value.
    number : callable
        The type in which values and limits are compared.
    comparisons, options : tuple of str
        Keys.
    """

    kind: Kind
    number: Callable[[Any], Any] = float
    comparisons: tuple[str, ...] = _LIMITS
    options: tuple[str, ...] = ()


_SHARE, _COUNT = Real("", low=0.0, high=1.0), Integer("", low=0)
# Scores and confidences are float32 numbers and are compared so: a limit of 0.7 is met by a score that *is* 0.7 in
# float32. A share of pixels is a quotient, exact to float64.
VALUES = {
    "anomaly_score": _Value(_SHARE, np.float32),
    "confidence": _Value(_SHARE, np.float32),
    "anomaly_class": _Value(Text("", choices=("ok", "nok")), str, ("equals",)),
    "covered_area": _Value(_SHARE, options=("type", *REGION_OPTIONS)),
    "number_of_regions": _Value(_COUNT, int, options=REGION_OPTIONS),
    "largest_region": _Value(_COUNT, int, options=REGION_OPTIONS),
    "largest_region_share": _Value(_SHARE, options=REGION_OPTIONS),
    "number_of_types": _Value(_COUNT, int),
    "position": _Value(_COUNT, comparisons=BOXES, options=REGION_OPTIONS),
}


def valid_decision_rules(rules: object, where: str = "rules") -> list[dict[str, Any]]:
    """A checked copy of decision rules, in plain numbers, strings, lists and dictionaries.

    Parameters
    ----------
    rules : list of dict
        As `DecisionRuleParam` says. None, [] or () mean no rules; one dictionary counts as a list of one.
    where : str
        How the user calls them, for the message.

    Raises
    ------
    DLParamError
        An unknown key, value or comparison (with a did-you-mean), a limit outside of the value's range, an empty list
        of conditions, two rules of one name, or conditions that can never hold. The message names the place:
        ``rules[1]['all'][0]['at_least']``.

    Notes
    -----
    Whether conditions can hold together is looked at for one value at a time, in one condition and among those that an
    'all' joins. Rules that contradict each other in a less plain way are not found.

    Examples
    --------
    >>> valid_decision_rules({"name": "large", "decision": "reject",
    ...                       "all": [{"value": "largest_region", "at_least": 50.0}]})
    [{'name': 'large', 'decision': 'reject', 'all': [{'value': 'largest_region', 'at_least': 50}]}]
    """
    given = [rules] if isinstance(rules, Mapping) else as_list(rules)
    if rules is not None and not isinstance(rules, Mapping | list | tuple):
        raise DLParamError(where, "a list of rules, each a dictionary", describe(rules))
    checked = [_rule(rule, f"{where}[{index}]") for index, rule in enumerate(given)]
    names = [rule["name"] for rule in checked]
    for index, name in enumerate(names):
        if name in names[:index]:
            got = f"{name!r}, the name of {where}[{names.index(name)}]"
            raise DLParamError(f"{where}[{index}]['name']", "a name of its own", got)
    return checked


def holds(value_name: str, value: Any, comparison: str, limit: Any) -> bool:
    """Whether a value compares so with a limit."""
    number = VALUES[value_name].number
    return bool(COMPARISONS[comparison](number(value), number(limit)))


def _rule(rule: object, where: str) -> dict[str, Any]:
    kinds = kinds_of(DecisionRuleParam)
    entry = _dictionary(rule, kinds, where)
    for key in ("name", "decision"):
        if key not in entry:
            raise DLParamError(f"{where}['{key}']", kinds[key].expected(), "no such key")
    checked = {key: convert(entry[key], kinds[key], f"{where}['{key}']", DLParamError) for key in ("name", "decision")}
    if not checked["name"].strip():
        raise DLParamError(f"{where}['name']", "a name", repr(checked["name"]))
    return checked | _group({key: entry[key] for key in ("all", "any") if key in entry}, where)


def _group(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    """``{'all': [...]}`` or ``{'any': [...]}``, checked."""
    for key in entry:
        check_known(key, kinds_of(DecisionGroupParam), where)
    if len(entry) != 1:
        raise DLParamError(where, "conditions under 'all' or under 'any'", "both" if entry else "neither")
    ((key, entries),) = entry.items()
    place = f"{where}['{key}']"
    if not isinstance(entries, list | tuple | Mapping) or not entries:
        raise DLParamError(place, "a list of at least one condition", describe(entries))
    listed = [entries] if isinstance(entries, Mapping) else entries
    checked = [_entry(item, f"{place}[{index}]") for index, item in enumerate(listed)]
    if key == "all":
        _check_together(checked, place)
    return {key: checked}


def _entry(entry: object, where: str) -> dict[str, Any]:
    known = (*kinds_of(DecisionConditionParam), *kinds_of(DecisionGroupParam))
    dictionary = _dictionary(entry, known, where)
    return _group(dictionary, where) if {"all", "any"} & set(dictionary) else _condition(dictionary, where)


def _condition(condition: Mapping[str, Any], where: str) -> dict[str, Any]:
    kinds = kinds_of(DecisionConditionParam)
    if "value" not in condition:
        raise DLParamError(f"{where}['value']", kinds["value"].expected(), "no such key")
    checked = {"value": convert(condition["value"], kinds["value"], f"{where}['value']", DLParamError)}
    value = VALUES[checked["value"]]
    for key, given in condition.items():
        check_known(key, ("value", *value.comparisons, *value.options), where)
        kind = value.kind if key in value.comparisons else kinds[key]
        if key in BOXES:
            checked[key] = check_box(given, f"{where}['{key}']")
        else:
            checked[key] = convert(given, kind, f"{where}['{key}']", DLParamError)
    if not any(key in checked for key in value.comparisons):
        expected = f"one or more of {', '.join(map(repr, value.comparisons))} for '{checked['value']}'"
        raise DLParamError(where, expected, "none of them")
    if "type" in checked and any(key in checked for key in REGION_OPTIONS):
        raise DLParamError(where, "'type' without options of regions", f"{', '.join(map(repr, checked))}")
    _check_alone(checked, where)
    return checked


def _check_alone(condition: dict[str, Any], where: str) -> None:
    """Every limit on its own can be met, and all of them by one number."""
    limits = {key: condition[key] for key in _LIMITS if key in condition}
    for comparison, limit in limits.items():
        if _is_empty([_range(condition["value"], comparison, limit)]):
            end = "largest" if comparison == "more_than" else "smallest"
            expected = f"a limit that {condition['value']} can pass; {limit:g} is the {end} there is"
            raise DLParamError(f"{where}['{comparison}']", expected, f"{limit:g}")
    if _is_empty([_range(condition["value"], comparison, limit) for comparison, limit in limits.items()]):
        both = " and ".join(f"'{comparison}' {limit}" for comparison, limit in limits.items())
        raise DLParamError(where, f"limits that one {condition['value']} can meet", both)


def _check_together(entries: list[dict[str, Any]], where: str) -> None:
    """Conditions on the same value, joined by 'all', can hold together."""
    by_value: dict[str, list[dict[str, Any]]] = {}
    for condition in _joined(entries):
        options = {key: condition[key] for key in sorted(condition) if key not in (*COMPARISONS, *BOXES)}
        by_value.setdefault(repr(options), []).append(condition)
    for conditions in by_value.values():
        name = conditions[0]["value"]
        limits = [(key, c[key]) for c in conditions for key in VALUES[name].comparisons if key in c]
        classes = {limit for key, limit in limits if key == "equals"}
        if len(classes) > 1 or _is_empty([_range(name, key, limit) for key, limit in limits if key in _LIMITS]):
            both = " and ".join(f"'{key}' {limit}" for key, limit in limits)
            raise DLParamError(where, f"conditions that one {name} can meet", both)


def _joined(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The conditions that must all hold: those listed, and those of an 'all' among them."""
    joined = []
    for entry in entries:
        joined += _joined(entry["all"]) if "all" in entry else [entry] if "value" in entry else []
    return joined


def _range(value_name: str, comparison: str, limit: float) -> tuple[Any, Any]:
    """Smallest and largest number that the value can be and that compares so with the limit."""
    value = VALUES[value_name]
    smallest, largest = value.number(0), math.inf if value.number is int else value.number(1)
    number = value.number(limit)
    if comparison in ("more_than", "less_than"):
        number = _next(number, math.inf if comparison == "more_than" else -math.inf)
    return (number, largest) if comparison in ("at_least", "more_than") else (smallest, number)


def _next(number: Any, towards: float) -> Any:
    if isinstance(number, int):
        return number + (1 if towards > 0 else -1)
    return np.nextafter(number, type(number)(towards))


def _is_empty(ranges: list[tuple[Any, Any]]) -> bool:
    return bool(ranges) and max(low for low, _ in ranges) > min(high for _, high in ranges)


def _dictionary(given: object, known: Any, where: str) -> Mapping[str, Any]:
    """A dictionary whose keys are all known."""
    if not isinstance(given, Mapping):
        raise DLParamError(where, "a dictionary", describe(given))
    for key in given:
        check_known(key, known, where)
    return given
