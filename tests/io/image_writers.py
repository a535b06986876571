"""Image files that no library here writes: 16-bit colours as PNG, as PNM, and as TIFF with LZW."""

import struct
import zlib

import numpy as np


def png(pixels, color_type, interlaced=False):
    """A PNG file with 16 bits; row by row another of the five filters."""
    height, width, n_channels = pixels.shape
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(
        _filtered(pixels[row::down, column::right], 2 * n_channels)
        for row, column, down, right in passes
        if pixels[row::down, column::right].size
    )
    head = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, interlaced)
    packed = zlib.compress(rows)
    parts = [(b"IHDR", head), (b"IDAT", packed[:20]), (b"IDAT", packed[20:]), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in parts
    )


def _filtered(pixels, step):
    """Rows of PNG's bytes: none, left, above, their mean, Paeth."""
    lines = np.ascontiguousarray(pixels.astype(">u2")).view(np.uint8).reshape(len(pixels), -1).astype(int)
    made = b""
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else np.zeros_like(line)
        left, corner = (np.concatenate([np.zeros(step, int), one[:-step]]) for one in (line, above))
        guess = left + above - corner
        nearest = [abs(guess - one) for one in (left, above, corner)]
        paeth = np.where(
            (nearest[0] <= nearest[1]) & (nearest[0] <= nearest[2]),
            left,
            np.where(nearest[1] <= nearest[2], above, corner),
        )
        kind = number % 5
        expected = (np.zeros_like(line), left, above, (left + above) // 2, paeth)[kind]
        made += bytes([kind]) + ((line - expected) % 256).astype(np.uint8).tobytes()
    return made


def lzw(data):
    """Bytes as codes of 9 bits, the table emptied before it grows: LZW that any decoder reads."""
    codes = []
    for start in range(0, len(data), 200):
        codes += [256, *data[start : start + 200]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


def tiff(pixels, photometric=2, compression=1, tags=(), byte_order="<", predictor=1):
    """A TIFF file of one strip, uint8 or uint16 (H, W, C), with further tags (number, type, values)."""
    height, width, n_channels = pixels.shape
    stored = pixels.astype(pixels.dtype.newbyteorder(byte_order))
    if predictor == 2:
        stored = np.diff(pixels, axis=1, prepend=pixels[:, :1] * 0).astype(stored.dtype)
    strip = stored.tobytes()
    strip = lzw(strip) if compression == 5 else strip
    entries = {
        256: (3, [width]),
        257: (3, [height]),
        258: (3, [8 * pixels.itemsize] * n_channels),
        259: (3, [compression]),
        262: (3, [photometric]),
        273: (4, [8]),
        277: (3, [n_channels]),
        278: (3, [height]),
        279: (4, [len(strip)]),
        317: (3, [predictor]),
    }
    entries |= {number: (kind, values) for number, kind, values in tags}
    start = 8 + len(strip) + len(strip) % 2
    further = start + 2 + 12 * len(entries) + 4
    table, tail = struct.pack(byte_order + "H", len(entries)), b""
    for number in sorted(entries):
        kind, values = entries[number]
        content = struct.pack(f"{byte_order}{len(values)}{ {3: 'H', 4: 'I'}[kind] }", *values)
        if len(content) > 4:
            tail, content = tail + content, struct.pack(byte_order + "I", further + len(tail))
        table += struct.pack(byte_order + "HHI", number, kind, len(values)) + content.ljust(4, b"\0")
    mark = b"II*\0" if byte_order == "<" else b"MM\0*"
    body = strip + bytes(len(strip) % 2)
    return mark + struct.pack(byte_order + "I", start) + body + table + bytes(4) + tail
