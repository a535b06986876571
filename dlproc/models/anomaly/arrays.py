"""Check the arrays of a model file, so that damage is found when the file is read, not when the model is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlproc.schema.kinds import Mismatch, describe

_REAL = ("float16", "float32")
_MAY_BE_INFINITE = ("level", "spread")  # of a place that no training image shows; it is not asked


def check_arrays(tree: object, shapes: Mapping[str, str], sizes: dict[str, int], where: str) -> None:
    """Check that a mapping holds finite arrays of the given shapes, and nothing else.

    Parameters
    ----------
    tree : object
        What was read.
    shapes : mapping of str to str
        For each array its axes, numbers or letters, such as ``'P K'``. A letter stands for one size everywhere.
    sizes : dict of str to int
        Sizes of letters that are known; the others are entered.
    where : str
        For the message.

    Raises
    ------
    Mismatch
        An array is missing, unknown, of another shape or type, or holds NaN or infinity.
    """
    if not isinstance(tree, dict) or tree.keys() != shapes.keys():
        raise Mismatch(f"the arrays {', '.join(shapes)}", describe_keys(tree), where)
    for name, axes in shapes.items():
        array, path = tree[name], f"{where}['{name}']"
        if not isinstance(array, np.ndarray) or array.dtype.name not in _REAL or array.ndim != len(axes.split()):
            raise Mismatch(f"an array ({', '.join(axes.split())}) of reals", describe(array), path)
        for axis, size in zip(axes.split(), array.shape, strict=True):
            wanted = int(axis) if axis.isdigit() else sizes.setdefault(axis, size)
            if size == 0:
                raise Mismatch("an array that is not empty", describe(array), path)
            if size != wanted:
                known = " ".join(str(sizes.get(one, one)) for one in axes.split())
                raise Mismatch(f"an array of shape ({known.replace(' ', ', ')})", describe(array), path)
        if name not in _MAY_BE_INFINITE and not np.isfinite(array).all():
            raise Mismatch("finite numbers", "NaN or infinity", path)


def check_whole(tree: Mapping[str, Any], key: str, low: int, where: str) -> int:
    """A whole number of a mapping, at least `low`."""
    value = tree.get(key)
    if type(value) is not int or value < low:
        raise Mismatch(f"an integer >= {low}", describe(value), f"{where}['{key}']")
    return value


def check_mapping(tree: object, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    """A dictionary with exactly these keys."""
    if not isinstance(tree, dict) or tree.keys() != set(keys):
        raise Mismatch(f"a dictionary with {', '.join(keys)}", describe_keys(tree), where)
    return tree


def describe_keys(tree: object) -> str:
    """A dictionary by some of its keys."""
    if not isinstance(tree, dict):
        return describe(tree)
    return describe(", ".join(map(str, list(tree)[:10])) or "nothing")
