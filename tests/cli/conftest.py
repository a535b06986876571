"""A command in this process, and the file of a trained model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlproc as dl
from dlproc.cli.main import main


@pytest.fixture
def dlproc(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``dlproc("info", file)`` -> exit code, standard output, standard error."""

    def run(*argv: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in argv])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return (code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def model_file(workflow: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflow's model as a file: 128 x 128, with thresholds."""
    path = tmp_path_factory.mktemp("model") / "cells.hdl"
    dl.write_dl_model(workflow.model, path)
    return path
