"""Run an HDevelop program, read it as Python, and see that both say the same: an essay.

``inspect_cells.hdev``, beside this file, is a program as HALCON's HDevelop saves it: it learns from good solar cells,
reduces the domain to the silicon, chooses thresholds and decides about cells. Neither HALCON nor a licence is needed.

Run it with ``python examples/05_run_hdevelop.py``. It takes half a minute on two cores and needs no internet; the
pictures, results and the Python program are in ``output/05_run_hdevelop``. The same from the command line::

    dlproc run examples/inspect_cells.hdev --set ImageDir=cells
    dlproc port examples/inspect_cells.hdev
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from solar_cells import write_solar_cells

from dlproc.hdevelop.run import run_hdevelop
from dlproc.hdevelop.translate import translate_file

PROGRAM = Path(__file__).with_name("inspect_cells.hdev")


def main(output: Path, n_good: int, n_defective: int) -> None:
    """The program run as it is, then ported and run as Python."""
    image_dir = write_solar_cells(output / "cells", n_good, n_defective)

    # ---- 1. Run it, as it is. Two variables of its main procedure get other values, as with `--set`. No window opens:
    # what the program shows is written as PNG into the folder that `figures` names.
    values = {"ImageDir": image_dir.as_posix(), "OutputDir": output.as_posix()}
    run_hdevelop(PROGRAM, values, figures=output)
    print("\nWhat the program wrote:")
    print((output / "results.csv").read_text(encoding="utf-8"))

    # ---- 2. Port it. The report says which calls dlproc knows, and which a person would have to port: here none.
    translation = translate_file(PROGRAM)
    print(translation.report())
    script = output / "inspect_cells.py"
    script.write_text(translation.text, encoding="utf-8")

    # ---- 3. Read it. Names are HALCON's in Python's spelling, comments are kept, and where plain Python does the same
    # there is plain Python: `DLSamples[Index].image` became `dl_samples[index]["image"]`.
    print("\nThe procedure that reduces the domain, in Python:")
    print(translation.text.split("\n\n\n")[1])

    # ---- 4. Run the port: a Python program like any other, in a process of its own. It still has the folders that the
    # HDevelop program names: `cells` and `inspection`, in the folder where it is started.
    # (PYTHONPATH: in case dlproc is found through a relative path, which would mean another folder there.)
    paths = [str(Path(path).resolve()) for path in sys.path if path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    subprocess.run([sys.executable, script.name], cwd=output, env=environment, check=True)

    # ---- 5. Both must have decided the same about every cell, to the last digit.
    ours = (output / "results.csv").read_text(encoding="utf-8")
    theirs = (output / "inspection" / "results.csv").read_text(encoding="utf-8")
    if ours != theirs:
        raise SystemExit(f"The port differs from the program:\n{theirs}")
    print(f"\nThe port wrote the same {len(ours.splitlines()) - 1} decisions, scores and areas.")
    print(f"Pictures, results and the Python program: {output}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("output/05_run_hdevelop"), help="folder for everything")
    parser.add_argument("--good", type=int, default=80, help="good cells")
    parser.add_argument("--defective", type=int, default=20, help="defective cells")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.defective)
