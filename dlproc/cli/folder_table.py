"""The table that says what a command takes each folder for: folder, files, counts as, masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dlproc.cli.console import counted
from dlproc.cli.images import passed_over_in_words
from dlproc.io.image_folder import ImageFolder
from dlproc.io.layout import LabelledImage
from dlproc.io.relative_names import folder_of, parts_of, some

_MAX_ROWS = 30
_LABELS = {"ok": "good", "nok": "defective", "": "label not known"}
_TITLES = ("folder", "files", "counts as", "masks")


@dataclass(frozen=True)
class Row:
    """Files of one folder that count as the same.

    Attributes
    ----------
    folder : str
        Relative to the root; ``'.'`` is the root.
    n_files : int
        How many.
    counts_as : str
        ``'good'``, ``'defective'``, with the split; ``'masks'``; or why they are not used.
    n_with_mask : int
        How many of them have a mask.
    """

    folder: str
    n_files: int
    counts_as: str
    n_with_mask: int = 0


def rows_of(found: ImageFolder, flat_label: str = "") -> list[Row]:
    """One row for all files of a folder that count as the same; each file is in one row.

    `flat_label` is the label of images of which nothing else says it.
    """
    layout = found.layout
    n_files: Counter[tuple[str, str]] = Counter()
    n_with_mask: Counter[tuple[str, str]] = Counter()
    for image in layout.images:
        key = image.folder, counts_as(image, layout.has_splits, flat_label)
        n_files[key] += 1
        n_with_mask[key] += bool(image.masks)
    n_files.update((_mask_folder(found, name), "masks") for name in layout.masks)
    n_files.update((folder_of(name), "not used: --masks names other masks") for name in layout.other_masks)
    return _rows(n_files, n_with_mask)


def counts_as(image: LabelledImage, has_splits: bool, flat_label: str = "") -> str:
    """What an image counts as, with its split."""
    if has_splits and not image.split:
        return "not used: not in train, validation or test"
    label = _LABELS[image.label or flat_label]
    return f"{label}, {image.split}" if image.split else label


def table_lines(rows: Sequence[Row]) -> list[str]:
    """The rows as lines; deep folders are put together where there are too many."""
    cells = [_TITLES]
    for row in _few(rows):
        masks = f"{row.n_with_mask} of {row.n_files}" if 0 < row.n_with_mask < row.n_files else f"{row.n_with_mask}"
        cells.append((row.folder, f"{row.n_files}", row.counts_as, masks if row.n_with_mask else ""))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for folder, files, meaning, masks in cells:
        line = f"{folder:<{widths[0]}}  {files:>{widths[1]}}  {meaning:<{widths[2]}}  {masks}"
        lines.append(line.rstrip())
    return lines


def remarks(found: ImageFolder) -> list[str]:
    """What the table cannot say: masks without an image, and what the listing passed over."""
    lines = []
    unmatched = found.layout.unmatched
    if unmatched:
        where = sorted({_mask_folder(found, name).split("/")[0] for name in unmatched})
        belong = "belongs" if len(unmatched) == 1 else "belong"
        lines.append(f"{counted(len(unmatched), 'file')} in {some(where)} {belong} to no image: {some(unmatched)}")
    lines += filter(None, passed_over_in_words(found.passed_over))
    return lines


def _mask_folder(found: ImageFolder, name: str) -> str:
    folder = folder_of(name)
    if found.outside_masks is None:
        return folder
    return found.outside_masks.as_posix() + ("" if folder == "." else f"/{folder}")


def _few(rows: Sequence[Row]) -> list[Row]:
    """Not too many rows: folders below a depth are put together, as ``a/b/…``."""
    few = list(rows)
    for depth in (4, 3, 2, 1):
        if len(few) <= _MAX_ROWS:
            break
        few = _joined(rows, depth)
    if len(few) <= _MAX_ROWS:
        return few
    rest = few[_MAX_ROWS:]
    meanings: Counter[str] = Counter()
    for row in rest:
        meanings[row.counts_as] += row.n_files
    more = [Row(f"{len(rest)} more", number, name) for name, number in meanings.items()]
    return few[:_MAX_ROWS] + more


def _joined(rows: Sequence[Row], depth: int) -> list[Row]:
    n_files: Counter[tuple[str, str]] = Counter()
    n_with_mask: Counter[tuple[str, str]] = Counter()
    for row in rows:
        parts = parts_of(row.folder)
        key = row.folder if len(parts) <= depth else "/".join((*parts[:depth], "…")), row.counts_as
        n_files[key] += row.n_files
        n_with_mask[key] += row.n_with_mask
    return _rows(n_files, n_with_mask)


def _rows(n_files: Counter[tuple[str, str]], n_with_mask: Counter[tuple[str, str]]) -> list[Row]:
    return [Row(key[0], n, key[1], n_with_mask[key]) for key, n in sorted(n_files.items())]
