"""The error of an image file that is not read."""

from __future__ import annotations

from pathlib import Path

from dlproc.errors import DLFileError


def refusal(path: Path, got: str, hint: str = "") -> DLFileError:
    """The error of a file that is no image, or is one that would lose gray values."""
    return DLFileError(str(path), "one complete image, grey or colour", got, hint, halcon_code=5201)
