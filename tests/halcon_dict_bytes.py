"""Files as HALCON's write_dict writes them, byte by byte from the description of their form."""

import struct


def text(value):
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw + b"\0u"


def elements(kind, values):
    head = bytes([kind]) + struct.pack(">q", len(values))
    if kind == 4:
        return head + b"".join(map(text, values))
    return head + struct.pack(f">{len(values)}{ {1: 'q', 2: 'd'}[kind] }", *values)


def file_of(entries):
    body = b"".join(b"\x04" + text(key) + bytes(4) + elements(kind, values) for key, kind, values in entries)
    return b"HDICTIONARY\0\x01\x01" + struct.pack(">q", len(entries)) + body + b"YRANOITCIDH"
