"""The place where a long training keeps what it has done, so that Ctrl-C or a power cut does not lose it.

A folder. ``job.hdict`` says which training it belongs to; ``part_000000.hdict``, ``part_000001.hdict``, ... hold what
was taken from the images, in order; ``bank.hdict`` how far the choice of patches is. Each file is written once, all of
it or nothing, and only what is new: so keeping costs the same at the end as at the beginning, and little memory.

A folder of another training is an error, never mixed in and never thrown away.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlproc.errors import DLFileError, DLParamError
from dlproc.io.container import read_container, write_container
from dlproc.io.writing import make_folder

_KIND = "dl_checkpoint"
WITHOUT_SUSPICIOUS = "without_suspicious"  # a checkpoint in the checkpoint: of the training anew without some images
_JOB, _BANK = "job.hdict", "bank.hdict"
_SECONDS = 20.0  # between two writes
_PART_BYTES = 8 << 20  # or earlier, when so much has come together: it is in memory some times over while it is written


class Checkpoint:
    """A folder, and the clock that says when to write into it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.n_parts = 0
        self._last_write = time.monotonic()

    def open(self, job: Mapping[str, Any], n_images: int) -> None:
        """Begin, or go on where the same training was interrupted.

        Parameters
        ----------
        job : mapping
            All that the result depends on: plain values by name, for comparison and for the message.

        Raises
        ------
        DLParamError
            The folder belongs to another training; the message names the first difference.
        DLFileError
            Something else lies in the folder, or it cannot be written.
        """
        path = self.folder / _JOB
        if path.is_file():
            kept = read_container(path, _KIND)["job"]
            for name in sorted({*kept, *job}):
                if kept.get(name) != job.get(name):
                    raise DLParamError(
                        f"{self.folder.as_posix()}",
                        f"a folder of the same training: {name} {job.get(name)}",
                        f"one with {name} {kept.get(name)}",
                        "remove the folder, or name another, to start anew",
                    )
            return
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            expected = "a folder that is empty, or of a training that was interrupted"
            got = "another folder" if self.folder.is_dir() else "a file"
            raise DLFileError(self.folder.as_posix(), expected, got, "name another as checkpoint_dir")
        make_folder(self.folder)
        write_container(path, {"job": dict(job), "n_images": n_images}, _KIND)

    def is_due(self, n_bytes: int = 0) -> bool:
        """Whether it is time to write, with so many bytes that are not yet written."""
        return n_bytes >= _PART_BYTES or time.monotonic() - self._last_write >= _SECONDS

    def parts(self) -> Iterator[dict[str, Any]]:
        """What an interrupted training left, in order, as far as it is whole."""
        n_done = 0
        while (path := self._part(self.n_parts)).is_file():
            try:
                part = read_container(path, _KIND)
            except DLFileError:  # what a power cut may leave; these images are read again
                return
            if part["first"] != n_done:
                return
            n_done = part["last"]
            yield part
            self.n_parts += 1

    def add_part(self, part: Mapping[str, Any]) -> None:
        """Keep the next part."""
        write_container(self._part(self.n_parts), part, _KIND)
        self.n_parts += 1
        self._last_write = time.monotonic()

    def bank(self, stage: str) -> dict[str, Any] | None:
        """How far the choice of patches was in this stage, if it had begun."""
        path = self.folder / _BANK
        state = read_container(path, _KIND) if path.is_file() else {}
        return state if state.get("stage") == stage else None

    def keep_bank(self, state: Mapping[str, Any]) -> None:
        """Keep how far the choice of patches is, and its ``'stage'``, instead of what was kept of it before."""
        write_container(self.folder / _BANK, state, _KIND)
        self._last_write = time.monotonic()

    def remove(self) -> None:
        """The training is done. What cannot be removed, because something else has it open, stays."""
        with suppress(OSError):
            remove_checkpoint(self.folder)

    def remove_if_empty(self) -> None:
        """Nothing came of the training yet: it must not stand in the way of one with other images."""
        if not self._part(0).is_file():
            self.remove()

    def _part(self, number: int) -> Path:
        return self.folder / f"part_{number:06d}.hdict"


def images_kept(folder: Path) -> tuple[int, int] | None:
    """How many images an interrupted training has done, and of how many; None where there is no such folder."""
    if not (folder / _JOB).is_file():
        return None
    n_done = 0
    for part in Checkpoint(folder).parts():
        n_done = int(part["last"])
    return n_done, int(read_container(folder / _JOB, _KIND)["n_images"])


def remove_checkpoint(folder: Path) -> None:
    """Remove a checkpoint, and nothing that is not one."""
    if not (folder / _JOB).is_file():
        return
    remove_checkpoint(folder / WITHOUT_SUSPICIOUS)
    parts = sorted(folder.glob("part_*.hdict"), reverse=True)  # what is left when this is interrupted fits together
    for path in [*folder.glob(".*.part"), folder / _BANK, *parts, folder / _JOB]:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # something else lies in it: it is not ours
        folder.rmdir()


def digest(identities: Iterable[str]) -> str:
    """One short word for a sequence of images, each by what identifies it."""
    total = hashlib.sha256()
    for identity in identities:
        total.update(identity.encode() + b"\n")
    return total.hexdigest()[:16]
