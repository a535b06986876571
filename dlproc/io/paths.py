"""Paths as operators are given them."""

from __future__ import annotations

from pathlib import Path

from dlproc.errors import DLParamError
from dlproc.schema.kinds import describe, scalar


def path_text(given: object, where: str, place: int = 1) -> str:
    """A path, or a list of one, as a text. `place`: which of HALCON's control parameters.

    Raises
    ------
    DLParamError
        Something else, or an empty text (halcon_code 1200 + place).
    """
    name = scalar(given)
    if not isinstance(name, str | Path) or not str(name):
        raise DLParamError(where, "a path", describe(given), halcon_code=1200 + place)
    return str(name)
