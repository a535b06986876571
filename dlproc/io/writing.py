"""The one function that writes files, and what is asked before long work: can it be written, is there space.

A file is written beside its place, as ``.NAME.dlproc.part``, flushed to the disk, and moved there when complete. A
crash leaves the old file or the new one. The part is locked while it is written; one that a killed process left is
removed by the next that writes the same file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dlproc.errors import DLFileError
from dlproc.io.locks import is_still_at, lock_descriptor, remove_if_abandoned

PART_SUFFIX = ".dlproc.part"
_LONGEST_NAME = 200  # bytes, so that the name of the part is not too long for the file system
_WAIT_S = 30.0  # for another process that writes the same file
_WINDOWS_MOVE_S = (0.01, 0.05, 0.2, 0.5)
_BINARY = getattr(os, "O_BINARY", 0)
_REFUSED = ((stat.S_ISDIR, "a folder"), (stat.S_ISBLK, "a block device"), (stat.S_ISSOCK, "a socket"))
_DESCRIPTORS = re.compile(r"/proc/(\d+)(/task/\d+)?/fd|/dev/fd")


def atomic_write(path: str | Path, content: bytes) -> None:
    """Write a file: it is the old one or the new one, never half of it.

    Links are followed. A regular file is replaced and keeps its permissions. Into a device or a pipe, such as
    ``/dev/stdout``, the content is written; what stands there stays.

    Raises
    ------
    DLFileError
        It cannot be written (halcon_code 7781): the message names it, and says why.
    """
    with naming(path):
        if _is_replaced(Path(path)):
            _replace(Path(os.path.realpath(path)), content)
        else:
            _write_into(Path(path), content)


def check_writable(path: str | Path) -> None:
    """Raise unless `atomic_write` can begin to write a file: before long work.

    Raises
    ------
    DLFileError
        It cannot be written (halcon_code 7781).
    """
    with naming(path):
        if _is_replaced(Path(path)):
            part = _part(Path(os.path.realpath(path)))
            _remove_part(part, _open_part(part))


def make_folder(path: str | Path, expected: str = "a folder that can be written") -> None:
    """Make a folder, with those above it, unless it is there; raise unless files can be written into it.

    Raises
    ------
    DLFileError
        It cannot be made, or no file can be written there (halcon_code 7781).
    """
    if Path(path).is_file():
        raise DLFileError(str(path), expected, "a file", halcon_code=7781)
    with naming(path, expected):
        Path(path).mkdir(parents=True, exist_ok=True)
        part = _part(Path(path) / "folder")
        _remove_part(part, _open_part(part))


def check_space(folder: str | Path, n_bytes: int, for_what: str) -> None:
    """Raise unless the disk of a folder, which need not exist yet, has so much space.

    Raises
    ------
    DLFileError
        It has less (halcon_code 7781); the message says how much.
    """
    existing = Path(os.path.realpath(folder))
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    with naming(folder):
        free = shutil.disk_usage(existing).free
    if free < n_bytes:
        expected = f"{_megabytes(n_bytes)} of free space for {for_what}"
        raise DLFileError(str(folder), expected, _megabytes(free), "name a folder on another disk", halcon_code=7781)


def remove_parts(folder: Path) -> None:
    """Remove what killed processes left of files that they were writing into a folder."""
    for part in folder.glob(f".*{PART_SUFFIX}"):
        remove_if_abandoned(part)


@contextmanager
def naming(path: str | Path, expected: str = "a file that can be written") -> Iterator[None]:
    """An error of the system, such as a full disk, as one that names the file."""
    try:
        yield
    except DLFileError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        folder = Path(path).parent
        if isinstance(error, FileNotFoundError) and not folder.is_dir():
            expected, reason = "a file in an existing folder", f"no folder {folder}"
        else:
            reason = getattr(error, "strerror", None) or str(error)
        raise DLFileError(str(path), expected, reason, halcon_code=7781) from error


# --- Regular files


def _replace(target: Path, content: bytes) -> None:
    part = _part(target)
    descriptor = _open_part(part)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        _keep_permissions(target, part)
        if sys.platform == "win32":
            os.close(descriptor)
        _move(part, target)
    except BaseException:
        _remove_part(part, descriptor)
        raise
    if sys.platform != "win32":
        os.close(descriptor)


def _part(target: Path) -> Path:
    """Where a file is built, always the same, so that the next writer finds what a killed one left."""
    name = target.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return target.with_name(f".{name}{PART_SUFFIX}")


def _open_part(part: Path) -> int:
    """Open a new file, locked. One that a killed process left is removed; one that is being written is waited for."""
    end = time.monotonic() + _WAIT_S
    while True:
        _remove_abandoned(part)
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        except FileExistsError:
            if time.monotonic() > end:
                got = "one that another process is writing"
                raise DLFileError(
                    str(part), "a file that no other process writes", got, "remove it if none does", halcon_code=7781
                ) from None
            time.sleep(0.02)
            continue
        if lock_descriptor(descriptor) is not False and is_still_at(part, descriptor):
            return descriptor
        os.close(descriptor)  # another process took it for abandoned


def _remove_abandoned(part: Path) -> None:
    """On Windows a part is closed, and so not locked, for the moment before it is moved."""
    with suppress(OSError):
        if sys.platform != "win32" or time.time() - part.stat().st_mtime > 1.0:
            remove_if_abandoned(part)


def _remove_part(part: Path, descriptor: int) -> None:
    """Remove a part; on Windows closed first, elsewhere while it is locked."""
    if sys.platform == "win32":
        with suppress(OSError):  # closed already
            os.close(descriptor)
    with suppress(OSError):
        part.unlink()
    if sys.platform != "win32":
        os.close(descriptor)


def _keep_permissions(target: Path, part: Path) -> None:
    try:
        before = target.stat()
    except FileNotFoundError:
        return
    if hasattr(os, "chown"):
        with suppress(OSError):  # only an administrator can give a file away
            os.chown(part, before.st_uid, before.st_gid)
    part.chmod(stat.S_IMODE(before.st_mode))


def _move(part: Path, target: Path) -> None:
    """Windows refuses while another program has the file open, such as a virus scanner, mostly for a moment."""
    for wait in _WINDOWS_MOVE_S if sys.platform == "win32" else ():
        try:
            part.replace(target)
            return
        except PermissionError:
            time.sleep(wait)
    part.replace(target)


# --- What is no regular file


def _is_replaced(path: Path) -> bool:
    """Whether a path is, or will be, a regular file; False: it is written into."""
    try:
        mode = path.stat().st_mode  # of what a link leads to
    except FileNotFoundError:
        return True
    for is_refused, kind in _REFUSED:
        if is_refused(mode):
            raise DLFileError(str(path), "a file to write to", kind, halcon_code=7781)
    if not stat.S_ISREG(mode) or _descriptor_link(path) is not None:
        return False
    if not os.access(path, os.W_OK):
        raise DLFileError(str(path), "a file that can be written", "one that is write-protected", halcon_code=7781)
    return True


def _write_into(path: Path, content: bytes) -> None:
    """Write into a device, a pipe, or what a process has open."""
    link = _descriptor_link(path)
    if link is not None and link.parent == Path(f"/proc/{os.getpid()}/fd"):
        # Its own descriptor, so that what is printed afterwards stands behind it, as on a pipe, in a file, too.
        if sys.stdout is not None:
            sys.stdout.flush()
        with os.fdopen(os.dup(int(link.name)), "wb") as file:
            file.write(content)
        return
    with path.open("ab" if link is not None else "wb") as file:
        file.write(content)


def _descriptor_link(path: Path) -> Path | None:
    """The link ``/proc/PID/fd/N`` that a name such as ``/dev/stdout`` leads to; None for other names."""
    for _ in range(40):  # as many links as Linux follows
        folder = os.path.realpath(path.parent)
        if _DESCRIPTORS.fullmatch(folder) and path.name.isdigit():
            return Path(folder, path.name)
        if not path.is_symlink():
            return None
        path = Path(folder, path.readlink())
    return None


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.0f} MB" if n_bytes >= 1e7 else f"{n_bytes / 1e6:.1f} MB"
