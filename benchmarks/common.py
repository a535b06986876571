"""What the benchmarks share: the sets, and the file of results."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dlproc.io.container import atomic_write

RESULTS = Path(__file__).with_name("results.json")
FOLDERS = ("magnetic_tile", "aws_cookie")  # in MVTec's layout, below --data
SETS = (*FOLDERS, "elpv_mono")


def set_folder(name: str, data: Path, work: Path) -> Path | None:
    """Folder of a set in MVTec's layout; None where the set is not on this machine."""
    if name == "elpv_mono":
        return write_elpv_mono(work / "elpv_mono")
    return data / name if (data / name).is_dir() else None


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


def write_results(benchmark: str, figures: dict[str, Any]) -> None:
    """Put the figures of one benchmark into results.json, beside the command and the versions that repeat them."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    # The folder for intermediate files is this machine's own and changes no figure.
    options = [
        word for index, word in enumerate(sys.argv) if index > 0 and "--work" not in sys.argv[index - 1 : index + 1]
    ]
    results[benchmark] = {
        "command": shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *options]),
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "versions": {name: version(name) for name in ("dlproc", "torch", "numpy", "scikit-image")},
        "figures": figures,
    }
    atomic_write(RESULTS, (json.dumps(results, indent=2) + "\n").encode())
