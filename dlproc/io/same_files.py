"""Files with the same bytes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_BLOCK = 1 << 20


def file_digest(path: Path) -> bytes:
    """16 bytes that say which content a file has; read a part at a time."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.digest()


def same_file(root: Path, names: Iterable[str], others: Iterable[str]) -> tuple[str, str] | None:
    """The first two files with the same bytes, one of each list; None where there are no such files.

    Only files of one length are read. Files that cannot be read are left to those who need their content.
    """
    by_size: defaultdict[int, list[str]] = defaultdict(list)
    for name in names:
        by_size[_size(root / name)].append(name)
    contents: dict[int, dict[bytes, str]] = {}
    for other in others:
        size = _size(root / other)
        if size <= 0 or size not in by_size:
            continue
        if size not in contents:
            contents[size] = {digest: name for name in reversed(by_size[size]) if (digest := _digest(root / name))}
        same = contents[size].get(_digest(root / other))
        if same is not None:
            return same, other
    return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _digest(path: Path) -> bytes:
    try:
        return file_digest(path)
    except OSError:
        return b""
