"""Fixtures: real pictures (solar cells of the package elpv-dataset) and small painted ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dlproc as dl

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "examples"))

from solar_cells import write_solar_cells  # noqa: E402


@pytest.fixture(autouse=True)
def _seed() -> Any:
    yield
    dl.set_system("seed_rand", 42)


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of real images: 24 good and 8 defective solar cells."""
    return write_solar_cells(tmp_path_factory.mktemp("cells"), 24, 8)


@pytest.fixture
def paint(tmp_path: Path) -> Callable[..., Path]:
    """Write grey images of noise: ``paint({"good/1.png": (40, 50)})`` -> the folder."""

    def write(sizes: dict[str, tuple[int, ...]], folder: str = "images") -> Path:
        generator = np.random.Generator(np.random.PCG64(7))
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        for name, size in sizes.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(generator.integers(0, 256, size, np.uint8)).save(root / name)
        return root

    return write


class Workflow:
    """The state of a finished workflow, made once for many tests, which must not change it."""

    def __init__(self, cells: Path, folder: Path) -> None:
        self.image_dir = cells
        self.folder = folder
        self.dataset = dl.read_dl_dataset_anomaly(cells)
        dl.split_dl_dataset(self.dataset, 50, 20)
        self.model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(self.model, "image_size", [128, 128])
        self.param = dl.create_dl_preprocess_param_from_model(self.model)
        dl.preprocess_dl_dataset(self.dataset, folder / "data", self.param, {"show_progress": False})
        self.train_param = dl.create_dl_train_param(self.model, enable_display=False)
        self.train_result, *_ = dl.train_dl_model(self.dataset, self.model, self.train_param)
        self.thresholds = dl.compute_dl_anomaly_thresholds(self.model, self.dataset)

    def samples(self, split: str = "test") -> list[Any]:
        return dl.read_dl_samples(self.dataset, dl.find_dl_samples(self.dataset["samples"], "split", split, "match"))


@pytest.fixture(scope="session")
def workflow(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    return Workflow(cells, tmp_path_factory.mktemp("workflow"))


@pytest.fixture
def model() -> Any:
    """An untrained model of 64 x 64."""
    handle = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(handle, "image_size", [64, 64])
    return handle


@pytest.fixture
def painted(paint: Callable[..., Path]) -> Any:
    """A small split dataset of painted images: 8 good, 2 not."""
    names = [f"good/{n}.png" for n in range(8)] + ["dent/0.png", "dent/1.png"]
    dataset = dl.read_dl_dataset_anomaly(paint(dict.fromkeys(names, (40, 50))))
    dl.split_dl_dataset(dataset, 50, 25)
    return dataset
