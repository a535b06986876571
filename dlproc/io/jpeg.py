"""Whether the pixels of a JPEG file are whole.

The format has no checksum, and libjpeg guesses in silence what is missing. A baseline file has one scan: the codes of
all blocks, one after the other. Where bytes are wrong the codes after them are read otherwise, and mostly make more or
fewer blocks than the image has. Both can be seen: the blocks end before the bytes do, or the other way round.
"""

from __future__ import annotations

import re

from PIL import Image

_BASELINE = (0xC0, 0xC1)  # start of frame, Huffman codes in sequence
_OTHER_FRAMES = (0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))
_MARKER_AFTER_SCAN = re.compile(b"\xff[^\x00\xd0-\xd7\xff]")
_N_BYTES = 16  # more than a decoder looks ahead
_SHRINK = 8  # the least that libjpeg can decode: one pixel for each block


def is_scan_broken(data: bytes, mode: str, size: tuple[int, int]) -> bool:
    """Whether the blocks of a baseline JPEG file do not end where its scan ends.

    Parameters
    ----------
    data : bytes
        The file.
    mode : str
        ``'L'``, ``'RGB'`` or ``'CMYK'``.
    size : (width, height)
        Pixels.

    Returns
    -------
    bool
        False for progressive files, which cannot be checked so.
    """
    begin = _begin_of_only_scan(data)
    if begin is None:
        return False
    end = _MARKER_AFTER_SCAN.search(data, begin)
    if end is None or data[end.start() + 1] != _END_OF_IMAGE:
        return end is None or (data[end.start() + 1] != _START_OF_SCAN and not _is_table(data[end.start() + 1]))
    stop = end.start()
    needs_no_more = _holds_all_blocks(data[:stop] + bytes(_N_BYTES), mode, size)
    needs_less = stop - begin > _N_BYTES and _holds_all_blocks(data[: stop - _N_BYTES], mode, size)
    return needs_less or not needs_no_more


def _begin_of_only_scan(data: bytes) -> int | None:
    """Where the codes of a baseline file begin; None for other kinds."""
    place = 2
    is_baseline = False
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # fill bytes
            place += 1
            continue
        if marker in _WITHOUT_LENGTH:
            place += 2
            continue
        if marker in _OTHER_FRAMES:
            return None
        is_baseline = is_baseline or marker in _BASELINE
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == _START_OF_SCAN:
            return place if is_baseline else None
    return None


def _is_table(marker: int) -> bool:
    """Tables or a comment between the scans of a file that has one scan for each channel."""
    return marker in (0xC4, 0xDB, 0xDD, 0xDC, 0xFE) or 0xE0 <= marker <= 0xEF


def _holds_all_blocks(data: bytes, mode: str, size: tuple[int, int]) -> bool:
    """Whether libjpeg finds the codes of all blocks without asking for more bytes."""
    small = tuple(-(-side // _SHRINK) for side in size)
    try:
        Image.frombytes(mode, (small[0], small[1]), data, "jpeg", mode, "", _SHRINK, 0)
    except ValueError:
        return False
    return True
