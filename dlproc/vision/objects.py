"""Tuples of objects: images, regions and contours, whatever they are. Numbers of objects begin with 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlproc.errors import DLParamError
from dlproc.images.domain import domain_of_image
from dlproc.schema.kinds import describe
from dlproc.vision.arguments import whole, wholes
from dlproc.vision.contours import Contour
from dlproc.vision.region import Region, is_image, regions_of


def get_obj_class(object: Any) -> Any:
    """'image', 'region' (also a bool array) or 'xld_cont'; a list for a list."""
    if isinstance(object, list | tuple):
        return [_class(one) for one in object]
    return _class(object)


def clear_obj(objects: Any) -> None:
    """Nothing: Python frees what nobody has any more. Here so that ported scripts run."""


def copy_obj(objects: Any, index: Any, num_obj: Any) -> Any:
    """Some objects, from a number on, pixels not copied; -1 objects: all that follow. One object for one."""
    own = _list(objects)
    first = whole(index, "index", low=1, place=1)
    n_wanted = whole(num_obj, "num_obj", low=-1, place=2)
    last = len(own) if n_wanted == -1 else first - 1 + n_wanted
    if first > len(own) + (n_wanted == -1) or last > len(own):
        raise DLParamError("num_obj", f"numbers up to {len(own)}", f"{first} to {last}", halcon_code=1302)
    chosen = own[first - 1 : last]
    return chosen[0] if len(chosen) == 1 else chosen


def remove_obj(objects: Any, index: Any) -> list[Any]:
    """The objects without those of some numbers."""
    own = _list(objects)
    gone = {_number(one, len(own)) for one in wholes(index, "index")}
    return [one for place, one in enumerate(own, start=1) if place not in gone]


def insert_obj(objects: Any, objects_insert: Any, index: Any) -> list[Any]:
    """The objects, and others before that of a number; one more than there are means at the end."""
    own = _list(objects)
    place = _number(whole(index, "index"), len(own) + 1) - 1
    return [*own[:place], *_list(objects_insert), *own[place:]]


def replace_obj(objects: Any, objects_replace: Any, index: Any) -> list[Any]:
    """The objects, those of some numbers replaced by others, one by one."""
    own, others = list(_list(objects)), _list(objects_replace)
    places = [_number(one, len(own)) for one in wholes(index, "index")]
    if len(others) != len(places):
        raise DLParamError("index", f"{len(others)} numbers, as many as objects", f"{len(places)}", halcon_code=1401)
    for place, other in zip(places, others, strict=True):
        own[place - 1] = other
    return own


def test_equal_region(regions1: Any, regions2: Any) -> int:
    """1 if there are as many regions on both sides and each has the same pixels; else 0."""
    return int(regions_of(regions1, "regions1") == regions_of(regions2, "regions2"))


def test_equal_obj(objects1: Any, objects2: Any) -> int:
    """1 if there are as many objects on both sides and each is equal: kind, pixels, type and domain; else 0."""
    first, second = _list(objects1), _list(objects2)
    is_equal = len(first) == len(second) and all(map(_equal, first, second))
    return int(is_equal)


def _list(objects: Any) -> list[Any]:
    own = list(objects) if isinstance(objects, list | tuple) else [objects]
    for one in own:
        _class(one)
    return own


def _class(one: Any) -> str:
    if isinstance(one, Region) or (isinstance(one, np.ndarray) and one.ndim == 2 and one.dtype == bool):
        return "region"
    if is_image(one):
        return "image"
    if isinstance(one, Contour):
        return "xld_cont"
    raise DLParamError("objects", "an image, a region or a contour", describe(one), halcon_code=1201)


def _number(given: int, largest: int) -> int:
    if not 1 <= given <= largest:
        expected = f"numbers from 1 to {largest}" if largest else "none, of no objects"
        raise DLParamError("index", expected, f"{given}", halcon_code=1301)
    return given


def _equal(first: Any, second: Any) -> bool:
    kinds = _class(first), _class(second)
    if kinds[0] != kinds[1]:
        return False
    if kinds[0] == "region":
        return regions_of(first) == regions_of(second)
    if kinds[0] == "xld_cont":
        return bool(first == second)
    domains = [domain_of_image(one) for one in (first, second)]
    same_domain = domains[0] is domains[1] or (
        domains[0] is not None and domains[1] is not None and np.array_equal(domains[0], domains[1])
    )
    return same_domain and first.dtype == second.dtype and np.array_equal(np.asarray(first), np.asarray(second))
