"""Packages that only some runtimes need."""

from __future__ import annotations

import importlib
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from dlproc.errors import DLModelError


def is_installed(package: str) -> bool:
    """Whether a package is there, without loading it."""
    return find_spec(package) is not None


def needed(package: str, extra: str) -> Any:
    """The module, or `DLModelError` that says what to install."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        got = f"none that can be loaded: {error}" if is_installed(package) else "none"
        raise DLModelError(package, "an installed package", got, f"pip install dlproc[{extra}]") from error


def version(package: str) -> str:
    """The installed version."""
    return metadata.version(package)
