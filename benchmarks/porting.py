"""How much of HDevelop is covered, and what running it costs: ``python benchmarks/porting.py``.

(a) Operators and procedures that the translator knows, by chapter; with ``--bindings FILE`` also how many of the
    operators of HALCON's Python bindings that is (the wheel mvtec-halcon, read as text).
(b) Programs: calls that are known and unknown; every translation must be valid Python. Those of the tests, and with
    ``--programs FOLDER`` those in a folder.
(c) Time to read and translate a program of 5,000 lines, and how that grows; against Python's own compiler on the
    result.
(d) What it costs that a person did not write the Python: ``dlproc run``, the port, and a script that was written by
    hand, on the same images and on plain arithmetic. All three must write the same results. In one process, and as
    three commands with everything that a start takes.

Ratios are taken within this one run; the calls take turns. It writes benchmarks/porting.md, too.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from common import interleaved_ms, rounded, write_elpv_mono, write_results

from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.run import run_hdevelop
from dlproc.hdevelop.translate import translate_file

HERE = Path(__file__).resolve().parent
PAGE = HERE / "porting.md"
PROGRAMS = HERE.parent / "tests" / "hdevelop" / "programs"
N_IMAGES, N_NUMBERS, N_LINES = 60, 3000, 5000

SPOTS = """
* Dark spots on solar cells.
list_image_files (ImageDir, 'png', [], ImageFiles)
ImageFiles := ImageFiles[0:NumImages - 1]
open_file (ResultFile, 'output', FileHandle)
for Index := 0 to |ImageFiles| - 1 by 1
    read_image (Image, ImageFiles[Index])
    mean_image (Image, ImageMean, 31, 31)
    dyn_threshold (Image, ImageMean, RegionDark, 12, 'dark')
    opening_circle (RegionDark, RegionOpening, 1.5)
    connection (RegionOpening, ConnectedRegions)
    select_shape (ConnectedRegions, Spots, 'area', 'and', 30, 'max')
    area_center (Spots, Areas, Rows, Columns)
    parse_filename (ImageFiles[Index], BaseName, _, _)
    fwrite_string (FileHandle, BaseName + ';' + |Areas| + ';' + sum([0,Areas]) + ';' + max([0,Areas]) + '\\n')
endfor
close_file (FileHandle)
"""
SPOTS_BY_HAND = """
from pathlib import Path
import numpy as np
from PIL import Image
from scipy import ndimage

CIRCLE = np.hypot(*np.mgrid[-1:2, -1:2]) <= 1.5

def main(image_dir, n_images, result_file):
    lines = []
    for path in sorted(Path(image_dir).glob("*.png"))[:n_images]:
        image = np.asarray(Image.open(path))
        mean = np.floor(ndimage.uniform_filter(image.astype(float), 31, mode="mirror") + 0.5)
        dark = np.pad(image <= mean - 12, 2)
        opened = ndimage.binary_dilation(ndimage.binary_erosion(dark, CIRCLE), CIRCLE)
        labels, _ = ndimage.label(opened, np.ones((3, 3)))
        areas = np.bincount(labels.ravel())[1:]
        areas = areas[areas >= 30]
        lines.append(f"{path.stem};{len(areas)};{areas.sum()};{areas.max(initial=0)}\\n")
    Path(result_file).write_text("".join(lines))
"""
NUMBERS = """
* Steps of Collatz's sequence from each number: nothing but the language.
Longest := 0
Steps := []
for Start := 1 to NumNumbers by 1
    Number := Start
    Count := 0
    while (Number != 1)
        if (Number % 2 == 0)
            Number := Number / 2
        else
            Number := 3 * Number + 1
        endif
        Count := Count + 1
    endwhile
    Steps := [Steps,Count]
    Longest := max2(Longest,Count)
endfor
open_file (ResultFile, 'output', FileHandle)
fwrite_string (FileHandle, sum(Steps) + ' ' + Longest + '\\n')
close_file (FileHandle)
"""
NUMBERS_BY_HAND = """
from pathlib import Path

def main(n_numbers, result_file):
    steps = []
    for number in range(1, n_numbers + 1):
        count = 0
        while number != 1:
            number = 3 * number + 1 if number % 2 else number // 2
            count += 1
        steps.append(count)
    Path(result_file).write_text(f"{sum(steps)} {max(steps)}\\n")
"""
STEP = """
* step {k}
Tuple{k} := []
for Index{k} := 0 to 9 by 1
    Tuple{k}[|Tuple{k}|] := Index{k} + {k}
    if (Tuple{k}[0] > 3)
        Text{k} := 'first ' + Tuple{k}[0] + ' of ' + Index{k}
    else
        Text{k} := ''
    endif
endfor
Last{k} := Index{k}
threshold (Image, Region{k}, {k}, 255)
"""


# --- (a) Operators


def operators(bindings: Path | None) -> dict[str, Any]:
    """How many are known, by chapter; and of those that HALCON's bindings have."""
    figures: dict[str, Any] = {
        "by_chapter": dict(Counter(operator.chapter for operator in OPERATORS.values())),
        "tuple_functions": len({function.operator for function in FUNCTIONS.values()}),
    }
    if bindings is not None:
        with zipfile.ZipFile(bindings) as wheel:
            tree = ast.parse(wheel.read("halcon/operator_set.py"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        names -= {name for name in names if name.endswith("_s") and name[:-2] in names}  # twins
        known = {*OPERATORS, *(function.operator for function in FUNCTIONS.values())}
        figures["bindings"] = {"wheel": bindings.name.split("-py3")[0], "operators": len(names)}
        figures["bindings"]["known"] = len(names & known)
    return figures


# --- (b) Programs


def covered(files: Sequence[Path]) -> dict[str, Any]:
    """Of each program: version, lines, calls, what is unknown; and whether its translation compiles."""
    rows = {}
    for file in files:
        translation = translate_file(file)
        compile(translation.text, file.name, "exec")
        unknown = Counter(use.name for use in translation.unknown)
        rows[file.name] = {
            "halcon": translation.program.version,
            "lines": sum(len(procedure.lines) for procedure in read_hdevelop(file).procedures),
            "calls": len(translation.uses),
            "unknown": len(translation.unknown),
            "unknown_names": sorted(unknown),
        }
    return rows


# --- (c) Translation


def synthetic(n_lines: int, folder: Path) -> Path:
    """A program of so many lines: steps of 12 lines each, and assignments."""
    n_steps = n_lines // len(STEP.strip().splitlines())
    lines = "\n".join(STEP.strip().replace("{k}", str(k)) for k in range(n_steps)).splitlines()
    lines = ["gen_image_const (Image, 'byte', 8, 8)", *lines]
    lines += [f"Number{k} := {k}" for k in range(n_lines - len(lines))]
    return write_program("\n".join(lines), folder / f"lines_{n_lines}.hdev")


def translation_times(folder: Path) -> dict[str, Any]:
    """Seconds of the whole way from the file to the text, for programs of growing length."""
    figures: dict[str, Any] = {}
    for n_lines in (N_LINES // 4, N_LINES // 2, N_LINES):
        file = synthetic(n_lines, folder)
        text = translate_file(file).text
        times: dict[str, Callable[[], object]] = {
            "translate": lambda file=file: translate_file(file),
            "compile": lambda text=text: compile(text, "x.py", "exec"),
        }
        ms = interleaved_ms(times, 3)
        figures[f"{n_lines:,} lines"] = {
            "seconds": ms["translate"] / 1e3,
            "lines_per_second": n_lines / ms["translate"] * 1e3,
            "times_compile": ms["translate"] / ms["compile"],
        }
    return figures


# --- (d) Overhead


def overhead(work: Path) -> dict[str, Any]:
    """The two programs, each in its three forms."""
    images = write_elpv_mono(work / "elpv_mono") / "test" / "defective"
    spots = {"ImageDir": images.as_posix(), "NumImages": str(N_IMAGES)}
    return {
        "images": three_forms(SPOTS, SPOTS_BY_HAND, spots, (images, N_IMAGES), work),
        "language": three_forms(NUMBERS, NUMBERS_BY_HAND, {"NumNumbers": str(N_NUMBERS)}, (N_NUMBERS,), work),
    }


def three_forms(program: str, by_hand: str, values: Mapping[str, str], given: Sequence[Any], work: Path) -> Any:
    """Milliseconds of run, port and hand-written script, and as multiples of the latter."""
    folder = (work / "porting").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results = {form: folder / f"{form}.txt" for form in ("run", "port", "by_hand")}
    head = [f"{name} := {value if value.isdecimal() else repr(value)}" for name, value in values.items()]
    settings = "\n".join([*head, f"ResultFile := '{results['port'].as_posix()}'"])
    file = write_program(settings + program, folder / "program.hdev")
    port, script = folder / "port.py", folder / "by_hand.py"
    port.write_text(translate_file(file).text, encoding="utf-8")
    arguments = [str(one) if isinstance(one, Path) else one for one in (*given, results["by_hand"])]
    script.write_text(f"{by_hand}\n\nif __name__ == '__main__':\n    main(*{arguments!r})\n", encoding="utf-8")

    own = {"ResultFile": results["run"].as_posix()}
    by_hand_main = function_of(script)
    in_process: dict[str, Callable[[], object]] = {
        "run": lambda: run_hdevelop(file, own, display=False),
        "port": function_of(port),
        "by_hand": lambda: by_hand_main(*arguments),
    }
    ms = interleaved_ms(in_process, 7)
    texts = {form: path.read_text(encoding="utf-8") for form, path in results.items()}
    if len(set(texts.values())) != 1:
        raise SystemExit(f"the three forms do not agree: {texts}")
    command = [sys.executable, "-m", "dlproc", "run", "--quiet", "--no-display", str(file)]
    commands = {
        "run": [*command, "--set", f"ResultFile={own['ResultFile']}"],
        "port": [sys.executable, str(port)],
        "by_hand": [sys.executable, str(script)],
    }
    calls = {f"command_{form}": lambda words=words: called(words) for form, words in commands.items()}
    ms |= interleaved_ms(calls, 5)
    return {
        **{f"{form}_ms": ms[form] for form in ms},
        "run_over_port": ms["run"] / ms["port"],
        "port_over_by_hand": ms["port"] / ms["by_hand"],
        "run_over_by_hand": ms["run"] / ms["by_hand"],
        "command_run_over_by_hand": ms["command_run"] / ms["command_by_hand"],
        "command_run_over_port": ms["command_run"] / ms["command_port"],
    }


def function_of(script: Path) -> Callable[..., object]:
    """The function ``main`` of a script."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), names)  # noqa: S102 - our own text
    main: Callable[..., object] = names["main"]
    return main


def called(words: Sequence[str]) -> None:
    """Run a command to its end."""
    subprocess.run(words, check=True, env=os.environ, stdout=subprocess.DEVNULL)


def write_program(text: str, path: Path) -> Path:
    """Lines of a main procedure as a file of HDevelop."""
    rows = [
        f"<c>{escape(line)}</c>" if line.startswith("*") or not line else f"<l>{escape(line)}</l>"
        for line in text.strip().splitlines()
    ]
    body = "\n".join(rows)
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<hdevelop file_version="1.2" halcon_version="24.11.1.0">\n'
        f'<procedure name="main">\n<interface/>\n<body>\n{body}\n</body>\n</procedure>\n</hdevelop>\n',
        encoding="utf-8",
    )
    return path


# --- The page

_TITLE = """# Porting: what is covered, and what it costs

Written by `python benchmarks/porting.py --programs FOLDER --bindings FILE`. The figures are also in
[results.json](results.json). Ratios are taken within one run, the three forms in turns; milliseconds and
seconds are a rough guide only. [docs/operators.md](../docs/operators.md) names
every operator, and what to do instead of those that are not there.
"""
_PUBLIC = """\
{programs} programs as people put them on the web, HALCON 10 to 24.11: blobs, matching, measuring, OCR, calibration,
texture. They are not part of the repository. All are read, and all give valid Python. Of {calls} calls {known} are
known, {percent}; {complete} programs are known completely. Some of the others are procedures of the authors, in files
that they did not add. What more than one program lacks, and how many do:

{common}."""
_OVERHEAD = """\
Two programs in three forms each: `dlproc run`, what `dlproc port` made of it, and a script that was written by hand,
for the images with NumPy, SciPy and Pillow alone. All three write the same results. *images*: {n_images} solar cells of
300 × 300, a mean of 31 × 31, a threshold, an opening, parts with their areas. *language*: the steps of Collatz's
sequence for the numbers up to {n_numbers:,}, nothing but loops and integers.
"""


def page(figures: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    parts = [_TITLE, _operators(figures["operators"])]
    own, public = figures["programs"], figures.get("public_programs", {})
    parts.append(_programs("The programs of the tests", "In `tests/hdevelop/programs`.", own))
    if public:
        parts.append(_public(public))
    parts.append(_translation(figures["translation"]))
    parts.append(_overhead(figures["overhead"]))
    return "\n".join(parts)


def totals(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Calls of several programs together."""
    calls, unknown = (sum(row[key] for row in rows.values()) for key in ("calls", "unknown"))
    return {
        "programs": len(rows),
        "complete": sum(row["unknown"] == 0 for row in rows.values()),
        "calls": calls,
        "known": calls - unknown,
        "share_known": (calls - unknown) / calls,
    }


def _operators(figures: Mapping[str, Any]) -> str:
    chapters = figures["by_chapter"]
    rows = [f"| {chapter} | {number} |" for chapter, number in chapters.items()]
    rows.append(f"| Tuple functions | {figures['tuple_functions']} |")
    rows.append(f"| **together** | **{sum(chapters.values()) + figures['tuple_functions']}** |")
    lines = ["## Operators", "", "| chapter | known |", "|---|---|", *rows, ""]
    if "bindings" in figures:
        theirs = figures["bindings"]
        known = f"{theirs['known']}, {theirs['known'] / theirs['operators']:.0%},"
        lines += [
            f"Of the {theirs['operators']:,} operators of HALCON's Python bindings ({theirs['wheel']}) {known} are",
            "known. The others in this table are procedures, and operators of HDevelop itself.",
            "",
        ]
    return "\n".join(lines)


def _programs(heading: str, text: str, rows: Mapping[str, Any]) -> str:
    lines = [
        f"| {name} | {row['halcon']} | {row['lines']} | {row['calls']} | {row['calls'] - row['unknown']} | "
        f"{', '.join(f'`{one}`' for one in row['unknown_names'])} |"
        for name, row in rows.items()
    ]
    head = ["| program | HALCON | lines | calls | known | unknown |", "|---|---|---|---|---|---|"]
    return "\n".join([f"## {heading}", "", text, "", *head, *lines, ""])


def _public(rows: Mapping[str, Any]) -> str:
    all_ = totals(rows)
    counts = Counter(name for row in rows.values() for name in row["unknown_names"])
    text = _PUBLIC.format(
        **all_,
        percent=f"{all_['share_known']:.0%}",
        common=", ".join(f"`{name}` ({number})" for name, number in counts.most_common() if number > 1),
    )
    return _programs("Public programs", text, rows)


def _translation(figures: Mapping[str, Any]) -> str:
    rows = [
        f"| {name} | {row['seconds']:.2f} | {row['lines_per_second']:,.0f} | {row['times_compile']:.0f} |"
        for name, row in figures.items()
    ]
    head = ["| | s | lines/s | times Python's `compile` of the result |", "|---|---|---|---|"]
    text = "From the file to the text of the Python program: one procedure of so many lines."
    return "\n".join(["## Translating long programs", "", text, "", *head, *rows, ""])


_ROWS = {
    "run_ms": "`dlproc run`, in a process that has started, ms",
    "port_ms": "the port, ms",
    "by_hand_ms": "by hand, ms",
    "run_over_port": "run / port",
    "port_over_by_hand": "port / by hand",
    "command_run_ms": "`dlproc run`, the whole command, ms",
    "command_port_ms": "`python port.py`, the whole command, ms",
    "command_by_hand_ms": "the script, the whole command, ms",
    "command_run_over_port": "run / port, whole commands",
    "command_run_over_by_hand": "run / by hand, whole commands",
}


def _overhead(figures: Mapping[str, Any]) -> str:
    rows = []
    for key, text in _ROWS.items():
        form = "{:,.0f}" if key.endswith("_ms") else "{:.2f}"
        rows.append(f"| {text} | {' | '.join(form.format(row[key]) for row in figures.values())} |")
    text = _OVERHEAD.format(n_images=N_IMAGES, n_numbers=N_NUMBERS)
    head = [f"| | {' | '.join(figures)} |", "|---|---|---|"]
    return "\n".join(["## Run, port, or write by hand", "", text, *head, *rows, ""])


def main(arguments: argparse.Namespace) -> None:
    """Measure, print, write."""
    folder = arguments.work / "porting"
    folder.mkdir(parents=True, exist_ok=True)
    own = sorted(file for file in PROGRAMS.iterdir() if file.suffix in (".hdev", ".hdvp", ".hdpl"))
    figures: dict[str, Any] = {"operators": operators(arguments.bindings), "programs": covered(own)}
    if arguments.programs is not None:
        figures["public_programs"] = covered(sorted(arguments.programs.glob("*.hdev")))
    figures["translation"] = translation_times(folder)
    figures["overhead"] = overhead(arguments.work)
    figures = rounded(figures)
    for key, value in figures.items():
        print(key, value)
    write_results("porting", figures)
    PAGE.write_text(page(figures), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("output/benchmarks"), help="folder for intermediate files")
    parser.add_argument("--programs", type=Path, help="a folder of further programs (.hdev)")
    parser.add_argument("--bindings", type=Path, help="the wheel of HALCON's Python bindings, a file")
    main(parser.parse_args())
