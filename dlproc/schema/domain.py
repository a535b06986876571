"""What counts of a sample, or of a result: two places tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.images.domain import domain_of_image, intersected


def domain_of(dictionary: Mapping[str, Any]) -> NDArray[np.bool_] | None:
    """The pixels of a DLSample, or of a DLResult, that count.

    Parameters
    ----------
    dictionary : DLSample or DLResult
        Read, where there: ``'domain'``, bool (H, W); the domain that ``'image'`` carries, in a result
        ``'anomaly_image'``. Of one size.

    Returns
    -------
    array (H, W), bool, or None
        What belongs to both; None for everything.
    """
    image = dictionary.get("image", dictionary.get("anomaly_image"))
    return intersected(dictionary.get("domain"), domain_of_image(image))


def only_inside(region: NDArray[np.bool_], dictionary: Mapping[str, Any]) -> NDArray[np.bool_]:
    """The pixels of a region (H, W) that count."""
    domain = domain_of(dictionary)
    return region if domain is None else region & domain


def counted(values: NDArray[Any], dictionary: Mapping[str, Any]) -> NDArray[Any]:
    """Of values for each pixel (H, W) those that count, (N,), row by row."""
    domain = domain_of(dictionary)
    return values.ravel() if domain is None else values[domain]


def place_of_domain(dictionary: Mapping[str, Any]) -> str:
    """The key that a message names when the domain is wrong."""
    if "domain" in dictionary:
        return "domain"
    return "image" if "image" in dictionary else "anomaly_image"
