"""Real pictures for the examples: solar cells from the package elpv-dataset, written into folders as a user has them.

2,624 electroluminescence images of solar cells, 300 x 300, each with the probability that it is defective [1]_. Taken
here are monocrystalline cells that the experts agreed on: probability 0 is good, 1 is defective.

.. [1] C. Deitsch et al.: Automatic classification of defective photovoltaic module cells in electroluminescence images.
   Solar Energy 185, 2019. Images under CC BY-NC-SA 4.0.
"""

from __future__ import annotations

import csv
import shutil
from importlib.util import find_spec
from pathlib import Path


def write_solar_cells(folder: Path, n_good: int, n_defective: int) -> Path:
    """Copy cells to `folder`/good and `folder`/defective, evenly spread over the set; return `folder`."""
    spec = find_spec("elpv_dataset")
    if spec is None or spec.origin is None:
        raise SystemExit('The pictures come from a package: pip install -c constraints.txt -e ".[examples]"')
    data = Path(spec.origin).parent / "data"
    cells: dict[str, list[str]] = {"good": [], "defective": []}
    with (data / "labels.csv").open(newline="") as file:
        for name, probability, kind in csv.reader(file, delimiter=" ", skipinitialspace=True):
            if kind == "mono" and float(probability) in (0.0, 1.0):
                cells["defective" if float(probability) else "good"].append(name)
    for kind, n_wanted in (("good", n_good), ("defective", n_defective)):
        names = sorted(cells[kind])
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for index in range(min(n_wanted, len(names))):
            name = names[index * len(names) // min(n_wanted, len(names))]
            shutil.copyfile(data / name, folder / kind / Path(name).name)
    return folder
