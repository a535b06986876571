"""The folder of a preprocessed dataset, built beside its place and moved there when complete.

Layout, HALCON's: ``dl_dataset.hdict`` and ``samples/<image_id>_dlsample.hdict``. While it is being built it is called
``<folder>.partial``. So an existing folder stays whole until the new one is complete, and an interrupted run leaves
finished samples that the next one can take over.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlproc.errors import DLFileError
from dlproc.io.container import HEADER_BYTES, read_header, read_with_fingerprint
from dlproc.io.writing import atomic_write, make_folder, naming
from dlproc.schema.kinds import describe

DATASET_FILE = "dl_dataset.hdict"
SAMPLES_FOLDER = "samples"
_SAMPLE_SUFFIX = "_dlsample.hdict"
_CHANGED = "-own"  # behind the fingerprint of a sample that was written by write_dl_samples: 'auto' makes it again


def sample_file_name(image_id: int) -> str:
    """``<image_id>_dlsample.hdict``."""
    return f"{image_id}{_SAMPLE_SUFFIX}"


def partial_folder(folder: Path) -> Path:
    """Where a folder is built."""
    return folder.with_name(folder.name + ".partial")


def check_replaceable(folder: Path) -> None:
    """Raise unless a folder is absent, or holds nothing but what preprocessing wrote: replacing deletes it.

    Raises
    ------
    DLFileError
        Something else lies in it, for example the images themselves; the message names one such file.
    """
    if folder.exists() and not folder.is_dir():
        raise DLFileError(folder.as_posix(), "a folder", "a file")
    for path in folder.iterdir() if folder.is_dir() else ():
        if _does_not_matter(path):
            continue
        is_ours = path.name == DATASET_FILE or (path.name == SAMPLES_FOLDER and path.is_dir())
        foreign = [path] if not is_ours else _foreign_samples(path) if path.is_dir() else []
        if foreign:
            expected = "a folder with nothing but preprocessed samples, because it is replaced"
            raise DLFileError(folder.as_posix(), expected, f"'{foreign[0].name}' in it", "choose another folder")


def recover(folder: Path) -> None:
    """Undo what a run left that was killed while it replaced the folder."""
    old = _old_folder(folder)
    if old.exists():
        check_replaceable(old)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.replace(folder)


def start_build(folder: Path, keep: bool) -> Path:
    """Make the folder for building, with what an interrupted run left there if `keep`; returns its samples folder."""
    partial = partial_folder(folder)
    with naming(partial, "a folder that can be written"):
        if partial.exists() and not keep:
            check_replaceable(partial)
            shutil.rmtree(partial)
        samples = partial / SAMPLES_FOLDER
        samples.mkdir(parents=True, exist_ok=True)
    make_folder(samples)
    return samples


def move_into_place(folder: Path) -> None:
    """The finished folder takes the place of the old one; if it cannot, the old one is back in its place.

    Raises
    ------
    DLFileError
        A folder cannot be moved, for example because a file in it is open (halcon_code 7781).
    """
    old = _old_folder(folder)
    with naming(folder, "a folder that can be replaced"):
        if folder.exists():
            folder.replace(old)
        try:
            partial_folder(folder).replace(folder)
        except BaseException:
            if old.exists() and not folder.exists():
                old.replace(folder)
            raise


def remove_old(folder: Path) -> None:
    """Remove the folder that was replaced; what cannot be removed now goes with the next build."""
    shutil.rmtree(_old_folder(folder), ignore_errors=True)


def _old_folder(folder: Path) -> Path:
    return folder.with_name(folder.name + ".old")


def fingerprint(files: list[Path], content: Mapping[str, Any]) -> str:
    """60 characters that change when a source file (name, size, time of change) or one of the values does."""
    states = [
        [path.as_posix(), path.stat().st_size, path.stat().st_mtime_ns] if path.is_file() else None for path in files
    ]
    text = json.dumps([states, content], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:60]


def has_fingerprint(path: Path, expected: str) -> bool:
    """Whether a sample is there, readable, and made from the same."""
    try:
        header = read_header(path)
    except DLFileError:
        return False
    return bool(header["fingerprint"] == expected and path.stat().st_size == HEADER_BYTES + header["length"])


def changed_fingerprint(recorded: str) -> str:
    """The fingerprint of a sample that is written in place of the preprocessed one."""
    return recorded + _CHANGED if recorded else ""


def read_sample(path: Path, described: Mapping[str, Any]) -> dict[str, Any]:
    """Read a sample and check that it is the one that a dataset describes, and no sample of another dataset.

    Parameters
    ----------
    path : Path
        The file.
    described : mapping
        The sample in the dataset. Read: ``'image_id'``, ``'image_file_name'`` for the message, and
        ``'dlsample_fingerprint'``. Without the last, or for a file of `write_dict`, only the image id is compared.

    Raises
    ------
    DLFileError
        The file cannot be read, is damaged, or is a sample of another dataset.
    """
    sample, found = read_with_fingerprint(path, "dict")
    recorded = described.get("dlsample_fingerprint", "")
    if recorded and found and found.removesuffix(_CHANGED) != recorded:
        got = "one that was made from another image, or with other parameters"
    elif sample.get("image_id", described["image_id"]) != described["image_id"]:
        got = f"one with image_id {describe(sample['image_id'])}"
    else:
        return sample
    name = described.get("image_file_name")
    expected = f"the sample with image_id {described['image_id']}" + (f", of '{name}'" if name else "")
    hint = "was another dataset preprocessed into this folder? run preprocess_dl_dataset again, into one of its own"
    raise DLFileError(path.as_posix(), expected, got, hint, halcon_code=7780)


def link_or_copy(source: Path, target: Path) -> None:
    """Let two names stand for one file where the disk can, which costs no space; files are replaced, never changed."""
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        atomic_write(target, source.read_bytes())


def remove_others(samples: Path, names: list[str]) -> None:
    """Remove what an earlier run, with other images or killed, left in a samples folder and beside it."""
    for name in {path.name for path in samples.iterdir()} - set(names):
        (samples / name).unlink()
    for path in samples.parent.glob(".*.part"):
        path.unlink()


def _foreign_samples(samples: Path) -> list[Path]:
    return [path for path in samples.iterdir() if not path.name.endswith(_SAMPLE_SUFFIX) and not _does_not_matter(path)]


def _does_not_matter(path: Path) -> bool:
    """What a killed run, or the system's file browser, leaves behind."""
    return path.name.endswith(".part") or path.name in (".DS_Store", "Thumbs.db", "desktop.ini")
