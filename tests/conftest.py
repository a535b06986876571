"""How the tests run side by side, what each leaves behind (nothing), and the pictures they share."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

# pytest-xdist runs the tests in several processes. Each takes one thread: more would only wait for one another. torch,
# NumPy and SciPy read this when they are imported; a test that needs two threads starts a process of its own.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import numpy as np
import pytest
from PIL import Image

import dlproc as dl
from dlproc import rng
from dlproc.display import hdevelop_shell
from dlproc.display.windows import finish
from dlproc.io.locks import locked
from dlproc.io.writing import atomic_write

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "examples"))

from solar_cells import write_solar_cells  # noqa: E402

MOST_WORKERS = 4  # each needs about 1 GB and makes the shared fixtures for itself

# A machine that does other things takes longer, and is not wrong.
hypothesis.settings.register_profile("dlproc", deadline=None)
hypothesis.settings.load_profile("dlproc")


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run folders of tests in one process for each core, and a single file in this one: that starts sooner."""
    if any(Path(name.split("::")[0]).is_file() for name in config.args):
        return 0
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(n_cores, MOST_WORKERS) if n_cores > 1 else 0


@pytest.fixture(autouse=True)
def _leave_nothing_behind() -> Any:
    """Whatever a test sets or opens, the next one begins as a program does."""
    folder, environment, system = Path.cwd(), dict(os.environ), dict(rng._system)
    yield
    os.chdir(folder)
    for name in {*os.environ, *environment} - {"PYTEST_CURRENT_TEST"}:
        if name not in environment:
            del os.environ[name]
        elif os.environ.get(name) != environment[name]:
            os.environ[name] = environment[name]
    rng._system.update(system)
    rng._streams.clear()
    dl.display_on()
    dl.save_windows_to(None)
    finish()
    hdevelop_shell._preferences.clear()


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


@pytest.fixture(scope="module")
def one_export(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Writing a graph takes ten seconds, so it is done once for a model and a precision, in all processes together."""
    from dlproc.models import optimize
    from dlproc.models.runtimes import onnx_file
    from dlproc.models.runtimes.export import check_exportable, export_graph

    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "graphs"
    folder.mkdir(exist_ok=True)

    def export(model: Any, precision: str) -> bytes:
        check_exportable(model)
        content = hashlib.sha256(precision.encode())
        for name, array in sorted(model.reference.to_tree().items()):
            content.update(f"{name} {np.shape(array)}".encode() + np.ascontiguousarray(array).tobytes())
        shaping = {name: value for name, value in sorted(model.parameters.items()) if name != "meta_data"}
        content.update(repr(shaping).encode())
        file = folder / f"{content.hexdigest()}.onnx"
        while not file.exists():
            with suppress(dl.DLFileError), locked(file):  # another process is writing this very graph: wait for it
                atomic_write(file, export_graph(model, precision))
            time.sleep(0.1)
        return file.read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optimize, "export_graph", export)
        patch.setattr(onnx_file, "export_graph", export)
        yield
