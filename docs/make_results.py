"""Write docs/results.md from benchmarks/results.json: ``python docs/make_results.py``. A test compares the two.

Where the curve for few good images has been measured, its picture docs/images/few_good.png is drawn, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_HERE = Path(__file__).resolve().parent
RESULTS = _HERE.parent / "benchmarks" / "results.json"
PAGE = _HERE / "results.md"
CURVE = _HERE / "images" / "few_good.png"

_TITLE = """# Results

Made by `python docs/make_results.py` from `benchmarks/results.json`: every figure was written there by the command
that is named with it. [benchmarks/README.md](../benchmarks/README.md) says what each command measures and where the
images are from; [benchmarks/ablation.md](../benchmarks/ablation.md) what else was tried, also what failed. One set of
defaults everywhere. Ratios are taken within one run; absolute times are those of the machine that is named.
"""
_NOT_MEASURED = "Not measured."
_MODELS = ("medium", "large")


# --- Goals


@dataclass(frozen=True)
class Goal:
    """What was asked for, and where the figure stands.

    Attributes
    ----------
    benchmark : str
        Key of results.json.
    text : str
        The goal as a reader finds it.
    value : callable
        From the benchmark's figures to the number, or None where it was not measured.
    limit : float
    at_least : bool
        The number must be at least (True) or at most (False) the limit.
    """

    benchmark: str
    text: str
    value: Callable[[Any], float | None]
    limit: float
    at_least: bool = True

    def row(self, results: Mapping[str, Any]) -> str:
        """The goal's row: text, figure, verdict."""
        value = self.value(results[self.benchmark]["figures"]) if self.benchmark in results else None
        if value is None:
            return f"| {self.text} | – | not measured |"
        reached = value >= self.limit if self.at_least else value <= self.limit
        return f"| {self.text} | {number(value, 4)} | {'reached' if reached else '**not reached**'} |"


def at(figures: Any, *path: str) -> Any:
    """What lies at a path of keys, a list as its mean; None where there is nothing."""
    for key in path:
        if not isinstance(figures, Mapping) or key not in figures:
            return None
        figures = figures[key]
    if isinstance(figures, list):
        return None if not figures or None in figures else float(np.mean(figures))
    return figures


def worst(figures: Any, key: str, largest: bool = False) -> float | None:
    """The smallest (or largest) figure of that name over the sets."""
    values = [row[key] for row in figures.get("sets", {}).values()]
    return None if not values else max(values) if largest else min(values)


def mean_image_auroc(figures: Any, model: str) -> float | None:
    """Mean over the sets and seeds."""
    values = [at(row, "image_auroc") for row in figures.get(model, {}).values()]
    return float(np.mean(values)) if values and None not in values else None


def gained_by_large(figures: Any) -> float | None:
    """Mean image AUROC of large minus that of medium."""
    means = [mean_image_auroc(figures, model) for model in _MODELS]
    return None if None in means else means[1] - means[0]  # type: ignore[operator]


def mean_of_runs(figures: Any, scene: str, label: str) -> dict[str, float]:
    """Figures of the runs of logical.py as their means, of each anomaly under its name; empty where there is no run."""
    rows = [{**run, **run.get("by_type", {})} for run in figures.get(scene, {}).get(label, [])]
    numbers = [key for key in (rows[0] if rows else {}) if key not in ("by_type", "train_s")]
    return {key: float(np.mean([row[key] for row in rows])) for key in numbers}


GOALS = (
    Goal("quality", "image AUROC, `medium`, magnetic_tile: at least 0.965",
         lambda f: at(f, "medium", "magnetic_tile", "image_auroc"), 0.965),
    Goal("quality", "image AUROC, `medium`, aws_cookie: at least 0.995",
         lambda f: at(f, "medium", "aws_cookie", "image_auroc"), 0.995),
    Goal("quality", "image AUROC, `medium`, elpv_mono: at least 0.960",
         lambda f: at(f, "medium", "elpv_mono", "image_auroc"), 0.960),
    Goal("quality", "pixel AUROC, `medium`, magnetic_tile: at least 0.90",
         lambda f: at(f, "medium", "magnetic_tile", "pixel_auroc"), 0.90),
    Goal("quality", "AU-PRO(0.3), `medium`, magnetic_tile: at least 0.75",
         lambda f: at(f, "medium", "magnetic_tile", "au_pro_0.3"), 0.75),
    Goal("quality", "mean image AUROC of `large` above that of `medium` (by how much)", gained_by_large, 1e-9),
    Goal("logical", "image AUROC of `global`'s global network on logical anomalies (trays): at least 0.95",
         lambda f: mean_of_runs(f, "tray", "global_network").get("image_auroc"), 0.95),
    Goal("logical", "where that of `medium` is at most 0.80",
         lambda f: mean_of_runs(f, "tray", "medium").get("image_auroc"), 0.80, False),
    Goal("speed", "`medium`, one image over the limit of this machine's arithmetic: at most 3",
         lambda f: at(f, "medium", "batch_1", "apply_over_limit"), 3.0, False),
    Goal("speed", "`large`, the same: at most 3", lambda f: at(f, "large", "batch_1", "apply_over_limit"), 3.0, False),
    Goal("scale", "time linear: an image of the largest training takes at most 1.1 times that of 1,000",
         lambda f: at(f, "time_growth"), 1.1, False),
    Goal("scale", "memory flat: the largest training takes at most 1.1 times that of 1,000 images",
         lambda f: at(f, "memory_growth"), 1.1, False),
    Goal("versus_anomalib", "fit at least 25 times faster than anomalib (the worst set)",
         lambda f: worst(f, "fit_times_faster"), 25.0),
    Goal("versus_anomalib", "one image at least 2 times faster (the worst set)",
         lambda f: worst(f, "apply_times_faster"), 2.0),
    Goal("versus_anomalib", "peak memory at most half (the worst set)",
         lambda f: worst(f, "memory_share", largest=True), 0.5, False),
    Goal("versus_anomalib", "image AUROC on no set lower (the smallest gain)",
         lambda f: worst(f, "auroc_gained"), 0.0),
    Goal("gpu", "`medium`, batch 1 on a GPU: at least half of the bare network's images per second",
         lambda f: at(f, "medium", "batch_1", "share_of_network"), 0.5),
    Goal("gpu", "`medium`, batch 64 on a GPU: at least half of the bare network's",
         lambda f: at(f, "medium", "batch_64", "share_of_network"), 0.5),
    Goal("busy", "beside a busy program on each core nine of ten images within 4 times the quiet median",
         lambda f: at(f, "image_p90_busy_over_quiet"), 4.0, False),
    Goal("busy", "beside them training within 4 times the quiet time",
         lambda f: at(f, "training_busy_over_quiet"), 4.0, False),
    Goal("busy", "on the quiet machine at most 1.05 times the time of all threads always",
         lambda f: at(f, "image_quiet_over_all_threads"), 1.05, False),
    Goal("memory", "`dlproc detect`, 24 megapixels in colour: below 600 MB",
         lambda f: at(f, "24_megapixels_colour", "peak_mb"), 600.0, False),
    Goal("memory", "the same with an overlay: below 800 MB",
         lambda f: at(f, "24_megapixels_colour", "peak_with_overlay_mb"), 800.0, False),
)  # fmt: skip


def goals(results: Mapping[str, Any]) -> list[str]:
    """The table of goals."""
    return ["| goal | measured | |", "|---|---|---|", *(goal.row(results) for goal in GOALS)]


# --- Words and numbers

_NAMES = {
    "auroc": "AUROC",
    "au pro": "AU-PRO",
    "f1": "F1",
    "gflop per s": "GFLOP/s",
    "onnx": "ONNX",
    "cpu": "CPU",
    "magnetic tile": "magnetic_tile",
    "aws cookie": "aws_cookie",
    "elpv mono": "elpv_mono",
}
_UNITS = ("ms", "s", "mb")
_MOST_COLUMNS = 10


def words(key: str) -> str:
    """A key as a reader reads it: 'train_peak_memory_mb' -> 'train peak memory, MB'."""
    if "`" in key:  # a text already
        return key
    text = key.replace("_", " ")
    for word, name in _NAMES.items():
        text = re.sub(rf"\b{word}\b", name, text)
    before, _, last = text.rpartition(" ")
    if before and last in _UNITS:
        return f"{before.rstrip(',')}, {last.replace('mb', 'MB')}"
    return text


def number(value: Any, digits: int = 3) -> str:
    """A value for a cell; floats with so many digits, but none that say nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value != 0 and abs(value) < 10**-digits:
            return f"{value:.1e}"
        size = abs(value)
        return f"{value:,.{digits if size <= 1 else 2 if size < 10 else 1 if size < 1000 else 0}f}"
    if isinstance(value, list):
        return ", ".join(number(item, digits) for item in value)
    return str(value).replace("|", "\\|")


def table(rows: Mapping[str, Mapping[str, Any]], first: str = "") -> list[str]:
    """A row for each entry, a column for each key that one of them has."""
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    head = [f"| {first} | {' | '.join(map(words, columns))} |", "|" + "---|" * (len(columns) + 1)]
    body = (f"| {words(name)} | {' | '.join(number(row.get(key)) for key in columns)} |" for name, row in rows.items())
    return [*head, *body]


def leaves(figures: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Every dictionary that holds values, under its path: {'medium, onnx': {'ms': 3.1}}."""
    own = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    rows = {", ".join(map(words, path)): own} if own else {}
    for key, value in figures.items():
        if isinstance(value, Mapping):
            rows |= leaves(value, (*path, key))
    return rows


def anything(figures: Mapping[str, Any], heading: str = "###") -> list[str]:
    """Tables of figures of any structure: what is alike in one table, the rest under headings."""
    values = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    nested = {key: value for key, value in figures.items() if isinstance(value, Mapping) and value}
    lines = []
    if values:
        rows = (f"| {words(key)} | {number(value)} |" for key, value in values.items())
        lines += ["| | |", "|---|---|", *rows, ""]
    found = leaves(nested)
    columns = [set(row) for row in found.values()]
    if columns and all(row & columns[0] for row in columns) and len(set.union(*columns)) <= _MOST_COLUMNS:
        return [*lines, *table(found), ""]
    for key, value in nested.items():
        lines += [f"{heading} {words(key)}", "", *anything(value, heading + "#"), ""]
    return lines


# --- Sections


def accuracy(figures: Mapping[str, Any]) -> list[str]:
    """Models and sets; mean of the seeds."""
    rows = {
        f"{model}, {name}": {key: at(row, key) for key in row}
        for model, sets in figures.items()
        for name, row in sets.items()
    }
    return ["Mean of the seeds.", "", *table(rows, "model, set")]


_OF_SPEED = {
    "multiply_adds_million": "multiply-adds of the network for one image, million",
    "network_ms": "bare network, one image alone, ms",
    "apply_ms": "`apply_dl_model`, the same, ms",
    "apply_ratio": "… as a multiple of the bare network",
    "feature_pass_s": "bare network over 250 images, s",
    "train_s": "`train_dl_model` on them, s",
    "train_ratio": "… as a multiple of that",
    "train_peak_memory_mb": "… peak memory, with torch itself, MB",
    "model_file_mb": "model file, MB",
}


def speed(figures: Mapping[str, Any]) -> list[str]:
    """The steps, the limit, the rest."""
    lines = [f"Threads: {figures['threads']}. `import dlproc`: {figures['import_s'] * 1e3:.1f} ms.", ""]
    models = {name: row for name, row in figures.items() if isinstance(row, Mapping)}
    batches = {
        f"{name}, {key.replace('_', ' ')}": value
        for name, row in models.items()
        for key, value in row.items()
        if isinstance(value, Mapping)
    }
    if batches:
        text = "Milliseconds of the whole batch. *Scoring* is what `apply_dl_model` takes beyond the bare network; the"
        text += "\n*limit* is the network's multiply-adds at the rate of a large matrix product in the same process."
        steps = {key: {name: row[key] for name, row in batches.items()} for key in next(iter(batches.values()))}
        lines += [text, "", *table(steps), ""]
    rest = {
        text: {name: row.get(key) for name, row in models.items()}
        for key, text in _OF_SPEED.items()
        if any(key in row for row in models.values())
    }
    return [*lines, *table(rest)]


def scale(figures: Mapping[str, Any]) -> list[str]:
    """One row for each number of images."""
    rows = {f"{int(n_images):,}": row for n_images, row in figures["images"].items()}
    limit = figures["max_memory_mb"]
    given = "without a limit on memory" if limit is None else f"`max_memory_mb` {limit}"
    return [f"Model `{figures['model']}`, {given}.", "", *table(rows, "images")]


def versus(figures: Mapping[str, Any]) -> list[str]:
    """Both libraries side by side, set by set."""
    rows = {}
    for name, row in figures["sets"].items():
        for library in ("dlproc", "anomalib"):
            rows[f"{name}, {library}"] = {k: v for k, v in row[library].items() if k not in ("threads", "patches")}
    ratios = {
        name: {key: value for key, value in row.items() if not isinstance(value, Mapping)}
        for name, row in figures["sets"].items()
    }
    packages = ", ".join(f"{name} {version}" for name, version in figures["packages"].items())
    text = f"{figures['patches']:,} patches in both banks. anomalib's environment: {packages}."
    return [text, "", *table(rows, "set, library"), "", *table(ratios, "set")]


def logical(figures: Mapping[str, Any]) -> list[str]:
    """Scenes and networks; means of the seeds."""
    networks = {"medium": "medium", "global_network": "global, its global network alone", "both_networks": "global"}
    rows = {
        f"{scene}, {name}": mean_of_runs(figures, scene, label)
        for scene, runs_of in figures.items()
        for label, name in networks.items()
        if label in runs_of
    }
    return ["Mean of the seeds.", "", *table(rows, "scene, model")]


def few_good(figures: Mapping[str, Any]) -> list[str]:
    """The picture, and mean (smallest – largest) for each set and number of images."""
    lines = [f"Model `{figures['model']}`; mean over the draws of the good images (smallest – largest).", ""]
    lines += ["![Image AUROC and pixel AUROC over the number of good images](images/few_good.png)", ""]
    for measure in ("image_auroc", "pixel_auroc"):
        rows = {}
        for name, counts in figures["sets"].items():
            cells = {n_images: row[measure] for n_images, row in counts.items() if row.get(measure)}
            shown = {n: f"{row['mean']:.3f} ({row['min']:.3f} – {row['max']:.3f})" for n, row in cells.items()}
            rows |= {name: shown} if shown else {}
        lines += [*table(rows, f"{words(measure)}; good images"), ""] if rows else []
    return lines


def robustness(figures: Mapping[str, Any]) -> list[str]:
    """Patterns by sets, AUROC and precision at recall 1."""
    lines = [f"Model `{figures['model']}`, {figures['draws']} draws; mean ± standard error.", ""]
    patterns = list(dict.fromkeys(pattern for rows in figures["sets"].values() for pattern in rows))
    for measure in ("image_auroc", "precision_at_recall_1"):
        rows = {
            pattern: {
                name: f"{row[pattern][measure]:.3f} ± {row[pattern][measure + '_standard_error']:.3f}"
                for name, row in figures["sets"].items()
                if pattern in row
            }
            for pattern in patterns
        }
        lines += [*table(rows, words(measure)), ""]
    return lines


def porting(figures: Mapping[str, Any]) -> list[str]:
    """What is known of what programs call, and what it costs that nobody wrote the Python."""
    rows = {}
    for key, text in (("programs", "the programs of the tests"), ("public_programs", "public programs")):
        programs = figures.get(key, {}).values()
        calls = sum(row["calls"] for row in programs)
        unknown = sum(row["unknown"] for row in programs)
        if calls:
            rows[text] = {"programs": len(programs), "calls": calls, "share known": (calls - unknown) / calls}
    ratios = {
        name: {key: value for key, value in row.items() if "_over_" in key} for name, row in figures["overhead"].items()
    }
    number_of = sum(figures["operators"]["by_chapter"].values()) + figures["operators"]["tuple_functions"]
    lines = [f"{number_of} operators, procedures and tuple functions are known.", "", *table(rows), ""]
    return [*lines, *table(figures["translation"], "translating"), "", *table(ratios, "program")]


@dataclass(frozen=True)
class Section:
    """A chapter of the page, for one key of results.json."""

    benchmark: str
    heading: str
    text: str
    render: Callable[[Mapping[str, Any]], list[str]] = anything


def busy(figures: Mapping[str, Any]) -> list[str]:
    """One image and a training, beside other programs and not."""
    kinds = [("image", ("median_ms", "p90_ms", "longest_ms")), ("training", ("train_s",))]
    lines = []
    for kind, names in kinds:
        rows = {
            f"`{way}`": {f"{words(load)}: {words(name)}": row[name] for load, row in loads.items() for name in names}
            for way, loads in figures[kind].items()
        }
        lines += [f"### {kind.capitalize()}\n", *table(rows), ""]
    return lines


SECTIONS = (
    Section("quality", "Accuracy", "Trained on all good images of a set, with the defaults, at 256 × 256.", accuracy),
    Section("quality_factor_1", "Accuracy with `standard_deviation_factor` 1", "What HALCON's examples set.", accuracy),
    Section(
        "logical",
        "Logical anomalies",
        "Parts missing, doubled or in the wrong place, each patch normal by itself, on generated pictures;\n"
        "[more on them](global_context.md).",
        logical,
    ),
    Section(
        "few_good",
        "Few good images",
        "How many good images are enough? Measured on the whole test part of each set.",
        few_good,
    ),
    Section(
        "robustness",
        "Changes that are no defects",
        "20 good images to train on, 5 good and 5 defective ones to test.\n"
        "[robustness.py](../benchmarks/robustness.py) says what each pattern changes; *test only*: it came after\n"
        "training, *training too*: the images to train on show it as well.",
        robustness,
    ),
    Section("large_images", "Large images", "Original pixels in tiles, in bounded memory."),
    Section("memory", "Memory of large images", "Peak of `dlproc detect` on one image; base: a small one.", table),
    Section("speed", "Speed", "From the file to the regions, on 256 × 256 pixels.", speed),
    Section("scale", "Training on many images", "Each number of images in a process of its own.", scale),
    Section("runtimes", "Runtimes", "The same model in torch, ONNX Runtime and OpenVINO."),
    Section(
        "busy",
        "Beside other programs",
        "`medium` at 256 × 256: on a quiet machine (beside 0), and beside 1 or 2 programs that only compute.\n"
        "[busy.py](../benchmarks/busy.py) says what each way is; [what follows from it](threads.md).",
        busy,
    ),
    Section("gpu", "GPU", "The same code on a graphics card."),
    Section(
        "versus_anomalib",
        "Beside anomalib",
        "PatchCore of anomalib with the same weights, images and number of patches; for each set, each library in a\n"
        "process of its own. Without decoding and resizing.",
        versus,
    ),
    Section("extend", "Good images that join later", "`extend_dl_model`, and suspicious training images."),
    Section(
        "porting",
        "Porting from HALCON",
        "What HDevelop programs call, and what running them costs; [more on it](../benchmarks/porting.md).",
        porting,
    ),
    Section(
        "operators",
        "How HALCON's operators were checked",
        "Against HALCON's public reference, worked examples and other libraries; HALCON itself was not at hand.\n"
        "How each one was, and what differs: [every operator](operators.md).",
        table,
    ),
    Section(
        "fuzz",
        "Damaged and hostile files",
        "Models and dictionaries, changed at random places, with the right checksum: read, refused with an error that\n"
        "names the file, or refused when the model is applied. Memory and processor time are of the worst file.",
    ),
    Section("measures", "Measures", "Against scikit-learn and torchmetrics, and what the promises hold."),
)


def provenance(result: Mapping[str, Any]) -> str:
    """Where figures are from: command, date, machine, versions."""
    machine = result.get("machine", {})
    cores = [f"{machine['cores']} cores"] if "cores" in machine else []
    threads = [f"threads: {machine['threads']}"] if "threads" in machine else []
    cpu = [machine.get("cpu") or machine.get("processor", "")]
    versions = ", ".join(f"{name} {version}" for name, version in result.get("versions", {}).items())
    python = [f"Python {machine['python']}"] if "python" in machine else []
    parts = [result.get("date", ""), ", ".join(part for part in [*cpu, *cores, *threads, *python] if part), versions]
    return " · ".join([f"`{result['command']}`", *(part for part in parts if part)])


def sections(results: Mapping[str, Any]) -> Iterable[str]:
    """The chapters; also those of benchmarks that this page does not know by name."""
    known = {section.benchmark for section in SECTIONS}
    others = tuple(Section(key, words(key), "") for key in results if key not in known)
    for section in (*SECTIONS, *others):
        yield f"\n## {section.heading}\n"
        if section.text:
            yield f"{section.text}\n"
        if section.benchmark not in results:
            yield _NOT_MEASURED
            continue
        result = results[section.benchmark]
        lines = section.render(result["figures"])
        while lines and not lines[-1]:
            lines.pop()
        yield "\n".join([provenance(result), "", *lines])


def results_page(results: Mapping[str, Any] | None = None) -> str:
    """The page as Markdown, of results.json or of the given results."""
    if results is None:
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = "\n".join([_TITLE, "## Goals\n", *goals(results), *sections(results)]) + "\n"
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def draw_few_good(figures: Mapping[str, Any], path: Path) -> None:
    """Two panels, a line for each set: the mean over the draws, and from the smallest to the largest as a band."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    panels = figure.subplots(1, 2)
    colours = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # told apart with any colour vision
    markers = ("o", "s", "^", "D")
    for ax, measure, title in zip(panels, ("image_auroc", "pixel_auroc"), ("image", "pixel"), strict=True):
        for (name, counts), colour, marker in zip(figures["sets"].items(), colours, markers, strict=False):
            points = [(int(n), row[measure]) for n, row in counts.items() if row.get(measure)]
            if not points:
                continue
            n_images = [n for n, _ in points]
            low, mean, high = ([row[key] for _, row in points] for key in ("min", "mean", "max"))
            ax.fill_between(n_images, low, high, color=colour, alpha=0.15, linewidth=0)
            ax.plot(n_images, mean, color=colour, marker=marker, markersize=5, label=name)
        shown = sorted({int(n) for counts in figures["sets"].values() for n in counts})
        ax.set_xscale("log", base=2)
        ax.set_xticks(shown, [str(n) for n in shown])
        ax.minorticks_off()
        ax.set_xlabel("good images to train on")
        ax.set_ylabel(f"{title} AUROC")
        ax.grid(axis="y", color="#dddddd", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.set_ylim(top=1.0)
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    measured = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(results_page(measured), encoding="utf-8")
    print(f"wrote {PAGE}")
    if "few_good" in measured:
        draw_few_good(measured["few_good"]["figures"], CURVE)
        print(f"wrote {CURVE}")
