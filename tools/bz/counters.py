"""Reads boot's counters from a device file (docs/formats/counters.md).

Used by `device info` and by tests. It only reads: boot alone writes counters.
"""

from __future__ import annotations

import binascii
import struct
import zlib

MAGIC = 0x434E5A42
VERSION = 1
ID_BOOT = 0
ID_FIRST_IMAGE = 1  # plus the image id: security counter of that image
COUNTERS = 16
_HEADER = struct.Struct("<IIII")
_ENTRY = struct.Struct("<BBHI")


class CountersError(ValueError):
    """The region has content that this reader does not know."""


def read(region: bytes, sector_size: int, program_unit: int, erased: int = 0xFF) -> dict[int, int]:
    """The value of every counter that is above 0."""
    header_size, entry_size = max(16, program_unit), max(8, program_unit)
    blank = bytes([erased])
    values: dict[int, int] = {}
    is_ours, is_new = False, True
    for start in range(0, len(region), sector_size):
        magic, version, sequence, crc = _HEADER.unpack_from(region, start)
        if magic == MAGIC and crc == zlib.crc32(region[start : start + 12]):
            if version != VERSION:
                raise CountersError(f"version {version} is not known")
            if sequence in (0, 0xFFFFFFFF):
                raise CountersError(f"no writer gives sequence {sequence:#x}")
            is_ours = True
        body = region[start + header_size : start + sector_size]
        is_new = is_new and body == blank * len(body)
        for place in range(0, len(body) - entry_size + 1, entry_size):
            entry = decode_entry(body[place : place + 8])
            if entry and entry[1] > values.get(entry[0], 0):
                values[entry[0]] = entry[1]
    if not (is_ours or is_new or values):
        raise CountersError("no valid sector, and not new")
    return values


def decode_entry(data: bytes) -> tuple[int, int] | None:
    """(counter, value) of an entry, or None where both checks do not hold."""
    kind, zeros, crc, value = _ENTRY.unpack(data)
    counted = data[:1] + data[2:]
    if zeros != 8 * len(counted) - int.from_bytes(counted, "little").bit_count():
        return None
    if crc != binascii.crc_hqx(data[:1] + data[4:8], 0xFFFF):
        return None
    return (kind - 0x40, value) if 0x40 <= kind < 0x40 + COUNTERS else None
