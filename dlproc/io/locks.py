"""Locks: one process at a time builds a folder or writes a model.

A lock is a small file beside what it protects, ``.NAME.dlproc.lock``, with the operating system's own lock on it. The
text of the file says who holds the lock, for the message. What decides is the system's lock: it ends with its process,
however that ends, so a lock is never stale. The file that a killed process leaves is taken over, and removed, by the
next one. A file system without locks gives no protection and no error.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dlproc.errors import DLFileError

_SUFFIX = ".dlproc.lock"
_TEMPORARY = "dlproc-"  # how the names of temporary folders begin
_NEW_S = 60.0  # a lock file without a text is that of a process that begins just now, or else this old
_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone tells text from other files
_held: set[tuple[str, int, int]] = set()  # lock file, process, thread: who holds a folder may lock it again

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read by others, so it lies behind the text

    def lock_descriptor(descriptor: int) -> bool | None:
        """Lock an open file for this process; False where another holds it. Closing the file ends the lock."""
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def is_still_at(path: Path, descriptor: int) -> bool:
        """Whether a path still leads to an open file: on Windows an open file cannot be moved or removed."""
        return True

else:
    import fcntl

    def lock_descriptor(descriptor: int) -> bool | None:
        """Lock an open file for this process; False where another holds it, None where the file system has no locks.

        Closing the file ends the lock.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            return None
        return True

    def is_still_at(path: Path, descriptor: int) -> bool:
        """Whether a path still leads to an open file, which its last holder may have moved or removed."""
        try:
            return os.path.samestat(path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False


def lock_file(path: Path) -> Path:
    """The file that stands for the lock of a folder or file, which need not exist; links are followed."""
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name}{_SUFFIX}")


@contextmanager
def locked(path: str | Path, what: str = "folder") -> Iterator[None]:
    """Hold a folder or file for this thread while the block runs, so that no other process works on it.

    Parameters
    ----------
    path : str or Path
        What to hold. It need not exist; the folders above it are made.
    what : str
        Its name in the message: ``'folder'``, ``'file'``.

    Raises
    ------
    DLFileError
        Another process, or another thread, holds it; the message says which one and since when. Or the lock file cannot
        be written (halcon_code 7781).
    """
    file = lock_file(Path(path))
    holder = (str(file), os.getpid(), threading.get_ident())
    if holder in _held:
        yield
        return
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _take(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DLFileError(
            str(path), f"a {what} beside which a lock file can be written", reason, halcon_code=7781
        ) from error
    if descriptor is None:
        hint = f"wait until it is done, or name another {what}"
        raise DLFileError(str(path), f"a {what} that no other process works on", _holder(file), hint, halcon_code=7781)
    _held.add(holder)
    try:
        _write_holder(descriptor)
        yield
    finally:
        _held.discard(holder)
        _release(file, descriptor)


def remove_if_abandoned(file: Path) -> None:
    """Remove a file that a killed process had locked while it wrote it; one that is still held stays.

    Without locks: one that was not written to for a minute.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | _BINARY)
    except OSError:  # not there, or somebody else's
        return
    is_free = lock_descriptor(descriptor)
    if is_free is None:
        is_free = time.time() - os.fstat(descriptor).st_mtime > _NEW_S
    if is_free and is_still_at(file, descriptor):
        _release(file, descriptor)
    else:
        os.close(descriptor)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder ``dlproc-…`` among the system's temporary ones, removed afterwards; first those of killed processes
    are.
    """
    base = Path(tempfile.gettempdir())
    _remove_abandoned_folders(base)
    folder = base / f"{_TEMPORARY}{secrets.token_hex(8)}"
    with locked(folder):
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _take(file: Path) -> int | None:
    """Open a lock file, made where it is missing, and lock it; None where another holds it."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | _BINARY, 0o666)
        if lock_descriptor(descriptor) is False:
            os.close(descriptor)
            return None
        if is_still_at(file, descriptor):
            return descriptor
        os.close(descriptor)  # its holder has just removed it


def _release(file: Path, descriptor: int) -> None:
    """Remove a locked file. On Windows it must be closed before; elsewhere it is removed while the lock is held."""
    if sys.platform == "win32":
        os.close(descriptor)
    with suppress(OSError):
        file.unlink()
    if sys.platform != "win32":
        os.close(descriptor)


def _write_holder(descriptor: int) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    with suppress(OSError):  # on a full disk the lock holds, too
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since}).encode())


def _holder(file: Path) -> str:
    """Who holds a lock, in words."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return f"one that process {record['pid']} on {record['host']} has held since {record['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "one that another process holds"


def _remove_abandoned_folders(base: Path) -> None:
    """Remove the temporary folders of processes that were killed; each is known by its lock file."""
    for file in base.glob(f".{_TEMPORARY}*{_SUFFIX}"):
        try:
            state = file.lstat()
            if state.st_size == 0 and time.time() - state.st_mtime < _NEW_S:
                continue  # its process is about to lock it
            descriptor = os.open(file, os.O_RDWR | _BINARY)
        except OSError:  # removed meanwhile, or another user's
            continue
        if not lock_descriptor(descriptor) or not is_still_at(file, descriptor):
            os.close(descriptor)
            continue
        shutil.rmtree(base / file.name.removeprefix(".").removesuffix(_SUFFIX), ignore_errors=True)
        _release(file, descriptor)
