"""What the benchmarks share: the sets, the clocks, the memory, processes of their own, and the file of results."""

from __future__ import annotations

import datetime
import json
import os
import platform
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from PIL import Image
from tqdm import tqdm

import dlproc as dl
from dlproc.io.writing import atomic_write

RESULTS = Path(__file__).with_name("results.json")
FOLDERS = ("magnetic_tile", "aws_cookie")  # in MVTec's layout, below --data
SETS = (*FOLDERS, "elpv_mono")
_OF_THIS_MACHINE = ("--work", "--environment")  # folders for intermediate files: they change no figure


# --- The sets


def set_folder(name: str, data: Path, work: Path) -> Path | None:
    """Folder of a set in MVTec's layout; None where the set is not on this machine."""
    if name == "elpv_mono":
        return write_elpv_mono(work / "elpv_mono")
    return data / name if (data / name).is_dir() else None


def available_sets(names: Sequence[str], data: Path, work: Path, what: str) -> Iterator[tuple[str, Path]]:
    """Names and folders of the sets that are on this machine, with a progress bar; of the others it says so."""
    for name in tqdm(names, desc=what, unit="set"):
        folder = set_folder(name, data, work)
        if folder is None:
            tqdm.write(f"{name}: not below {data}, left out")
        else:
            yield name, folder


def write_elpv_mono(folder: Path) -> Path:
    """Monocrystalline solar cells: 250 good ones to train, 60 good and 100 defective ones to test.

    Probability 0 is good, 1 is defective, the rest is left out. Sorted by file name; then one generator, seeded with 0,
    first permutes the good cells and then the defective ones.
    """
    if (folder / "complete").exists():
        return folder
    from elpv_dataset.utils import load_dataset

    spec = find_spec("elpv_dataset")
    assert spec is not None and spec.origin is not None
    names = np.genfromtxt(Path(spec.origin).parent / "data" / "labels.csv", dtype=str)[:, 0]
    images, probability, kind = load_dataset()
    order = np.argsort(names)
    generator = np.random.default_rng(0)  # noqa: TID251 - fixed by the definition of the set
    good, defective = (
        generator.permutation([i for i in order if kind[i] == "mono" and probability[i] == p]) for p in (0.0, 1.0)
    )
    parts = {"train/good": good[:250], "test/good": good[250:310], "test/defective": defective[:100]}
    for part, indices in parts.items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        for index in indices:
            Image.fromarray(images[index]).save(folder / part / Path(names[index]).name)
    (folder / "complete").touch()
    return folder


def read_model(name: str, size: int) -> Any:
    """An untrained model, 'medium' or 'large', for samples of size x size pixels."""
    model = dl.read_dl_model(f"initial_dl_anomaly_{name}.hdl")
    dl.set_dl_model_param(model, "image_size", [size, size])
    return model


def preprocessed_set(folder: Path, work: Path, model: Any) -> Any:
    """The DLDataset of a set, preprocessed for a model; what an earlier run wrote is used again."""
    dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": 0})
    param = dl.create_dl_preprocess_param_from_model(model)
    quiet = {"overwrite_files": "auto", "show_progress": False}
    size = dl.get_dl_model_param(model, "image_width")
    dl.preprocess_dl_dataset(dataset, work / f"{folder.name}_{size}", param, quiet)
    return dataset


# --- Time and memory


def median_ms(call: Callable[[], object], n_repeats: int = 50) -> float:
    """Median time of a call in milliseconds, after a warm-up."""
    return interleaved_ms({"call": call}, n_repeats)["call"]


def interleaved_ms(calls: Mapping[str, Callable[[], object]], n_rounds: int) -> dict[str, float]:
    """Median time of each call in milliseconds, after a warm-up.

    The calls take turns, so that a machine that is slower for a while is so for all of them and the ratios hold.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_number in range(-3, n_rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if round_number >= 0:
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) * 1e3 for name, values in times.items()}


class PeakMemory:
    """Largest resident memory of this process while the block runs, sampled every 5 ms; with what it was before."""

    def __enter__(self) -> PeakMemory:
        self.before_bytes = self.peak_bytes = psutil.Process().memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._done.wait(0.005):
            self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def in_fresh_process(
    script: Path,
    arguments: Sequence[object],
    python: str | Path = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run a script in a process of its own, and return what its last line says, which is JSON.

    For figures that another measurement in the same process would change: peak memory, time of the first call.
    """
    command = [str(python), str(script), *map(str, arguments)]
    variables = os.environ | dict(environment or {})
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=variables, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)} ended with status {done.returncode}:\n{done.stdout}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


# --- The results


def rounded(figures: Any, digits: int = 3) -> Any:
    """The same nested dictionary with its floats rounded."""
    if isinstance(figures, Mapping):
        return {key: rounded(value, digits) for key, value in figures.items()}
    if isinstance(figures, list | tuple):
        return [rounded(value, digits) for value in figures]
    return round(figures, digits) if isinstance(figures, float) else figures


def write_results(benchmark: str, figures: dict[str, Any]) -> None:
    """Put the figures of one benchmark into results.json, beside the command and the versions that repeat them."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[benchmark] = {
        "command": _command(),
        "date": datetime.date.today().isoformat(),
        "machine": {
            "cpu": _name_of_cpu(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
        "versions": {name: version(name) for name in ("dlproc", "torch", "numpy", "scikit-image")},
        "figures": figures,
    }
    atomic_write(RESULTS, (json.dumps(results, indent=2) + "\n").encode())


def _command() -> str:
    """What was called, without what is this machine's own: folders of intermediate files, absolute paths."""
    words = sys.argv[1:]
    kept = [word for i, word in enumerate(words) if not {word, *words[max(i - 1, 0) : i]} & set(_OF_THIS_MACHINE)]
    clean = [("FILE" if Path(word).is_file() else "FOLDER") if Path(word).is_absolute() else word for word in kept]
    return shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *clean])


def _name_of_cpu() -> str:
    """Such as 'AMD EPYC'; '' where the system does not say."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
