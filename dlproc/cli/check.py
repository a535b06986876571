"""``dlproc check``: look at a folder of images before anything is learnt from it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from dlproc.cli import options
from dlproc.cli.console import Console, aligned, counted
from dlproc.errors import DLError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlproc.io.folder_check import Finding, ImageFacts
    from dlproc.io.image_folder import ImageFolder

FINE, TO_LOOK_AT, BAD_INPUT = 0, 1, 2
_MAX_FILES = 5  # are named of one finding
_DESCRIPTION = """\
Read every image of a folder and say what it counts as, and what is broken, double, contradictory or odd, before a
training. FOLDER is laid out as for dlproc train.

exit codes: 0 nothing found, 1 something to look at, 2 what train or evaluate would refuse
"""


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc check``."""
    parser = options.add_command(commands, "check", run, "look at a folder before a training", _DESCRIPTION)
    parser.add_argument("folder", type=options.path, metavar="FOLDER", help="folder of images")
    parser.add_argument("--json", action="store_true", help="one JSON object, with all files")
    options.add_labels(parser)
    options.add_max_megapixels(parser)
    options.add_quiet(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read, judge, and say it."""
    from tqdm import tqdm

    from dlproc.cli.folder import find_folder
    from dlproc.cli.folder_table import remarks, rows_of, table_lines
    from dlproc.io import folder_check

    found, flat_label = find_folder(arguments.folder, options.labels(arguments), flat_is_good=True)
    rows = rows_of(found, flat_label)
    said: list[Finding] = list(_of_labels(found, flat_label))
    if not arguments.json:
        for line in [*table_lines(rows), *remarks(found), ""]:
            console.result(line)
    used = [replace(image, label=image.label or flat_label) for image in found.layout.used]
    console.step(f"Reading {counted(len(used), 'image')}")
    progress = tqdm(used, "Reading", unit="image", disable=not console.shows_bars)
    facts = [folder_check.read_facts(found, image) for image in progress]
    said += folder_check.findings(found, facts)
    light = folder_check.light_of_sets(facts)
    if arguments.json:
        content = {
            "folder": str(arguments.folder),
            "table": [asdict(row) for row in rows],
            "passed_over": [asdict(one) for one in found.passed_over],
            "light": light,
            "sizes": _sizes(facts),
            "findings": [asdict(finding) for finding in said],
        }
        console.result(json.dumps(content, allow_nan=False))
    else:
        for line in _text(facts, light, said):
            console.result(line)
    severities = {finding.severity for finding in said}
    return BAD_INPUT if folder_check.ERROR in severities else TO_LOOK_AT if severities else FINE


def _of_labels(found: ImageFolder, flat_label: str) -> list[Finding]:
    """What is to be said of labels that are not known, or that the folder's own name gave."""
    from dlproc.cli.folder import check_labels
    from dlproc.io.folder_check import ERROR, REMARK, Finding
    from dlproc.io.relative_names import some

    try:
        check_labels(found, flat_label)
    except DLError as error:
        unknown = found.layout.unlabelled
        names, folders = [image.name for image in unknown], sorted({image.folder for image in unknown})
        text = f"nothing says whether {counted(len(names), 'image')} are good, in {some(folders)}: --good NAME or "
        text = f"{text}--defective NAME says it" if names else str(error)
        return [Finding("label_not_known", ERROR, text, names)]
    if flat_label:
        text = "no folder is named good or ok: all images count as good"
        return [Finding("label_guessed", REMARK, text, [])]
    return []


def _sizes(facts: Sequence[ImageFacts]) -> list[dict[str, int]]:
    from collections import Counter

    sizes = Counter((one.width, one.height) for one in facts if not one.error)
    return [{"width": width, "height": height, "n_images": n} for (width, height), n in sizes.most_common()]


def _text(facts: Sequence[ImageFacts], light: Mapping[str, Mapping[str, Any]], said: Sequence[Finding]) -> list[str]:
    """Sizes, light, and what was found, as lines."""
    lines = [_line_of_sizes(_sizes(facts))] if light else []
    rows = [
        [
            name,
            f"{one['n_images']}",
            f"{one['mean']:.1f} ± {one['mean_spread']:.1f}",
            f"{one['contrast']:.1f} ± {one['contrast_spread']:.1f}",
        ]
        for name, one in light.items()
    ]
    if rows:
        lines += ["", *aligned([["set", "images", "brightness", "contrast"], *rows]), ""]
    for finding in said:
        lines.append(f"{finding.severity}: {finding.text}")
        lines += [f"  {name}" for name in finding.files[:_MAX_FILES]]
        if len(finding.files) > _MAX_FILES:
            lines.append(f"  and {len(finding.files) - _MAX_FILES} more")
    if not said:
        lines.append("nothing to look at")
    return lines


def _line_of_sizes(sizes: Sequence[Mapping[str, int]]) -> str:
    if len(sizes) == 1:
        return f"all images have {sizes[0]['width']} x {sizes[0]['height']} pixels"
    widths, heights = [one["width"] for one in sizes], [one["height"] for one in sizes]
    ranges = f"{min(widths)} to {max(widths)} pixels wide, {min(heights)} to {max(heights)} high"
    return f"{len(sizes)} sizes of images: {ranges}"
