"""Makes images of stores byte by byte, for the tests of the reader and of what it is used for.

Written from docs/formats/store.md. It keeps the rules unless it is told what to do wrong.
"""

from __future__ import annotations

import re
import struct
import zlib

from bz import paths, store
from bz.store_format import Geometry, Key, Store

HEADER = 32
SMALL = Geometry(size=4 * 2048, sector_size=2048, program_unit=8)


def read(image: Image) -> Store:
    return store.read(bytes(image.data), image.geometry)


def findings(found: Store) -> list[tuple[str, int]]:
    return [(each.severity, each.offset) for each in found.findings]


def example(page: str) -> list[bytes]:
    """The bytes of each block of a page of docs/formats that has offset and bytes in its lines."""
    text = (paths.ROOT / "docs" / "formats" / page).read_text("utf-8")
    row = re.compile(r"^[0-9a-f]{4} ((?: +[0-9a-f]{2}\b){1,16})", re.M)
    blocks = [row.findall(block) for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S)]
    return [bytes.fromhex("".join(rows)) for rows in blocks if rows]


def sums(data: bytes) -> int:
    """The uid of a checkpoint with these pairs."""
    words = struct.unpack(f"<{len(data) // 4}I", data)
    plain = [sum(words[: count + 1]) for count in range(len(words))]
    return sum(words) & 0xFFFFFFFF | (sum(plain) & 0xFFFFFFFF) << 32


class Image:
    """A region that is written like a log: sectors in turn, records one behind the other."""

    def __init__(self, geometry: Geometry = SMALL) -> None:
        self.geometry = geometry
        self.data = bytearray([geometry.erased]) * geometry.size
        self.sequence = 0
        self.at = 0  # of the next record
        self.live: dict[Key, tuple[int, int, bool]] = {}  # place, bytes of the record, lost

    def put(self, offset: int, data: bytes) -> None:
        self.data[offset : offset + len(data)] = data

    def flip(self, offset: int) -> None:
        self.data[offset] ^= 0x10

    def sector(
        self,
        tail: int | None = None,
        checkpoint: bool | list[tuple[int, int]] = False,
        **other: int,
    ) -> int:
        """Open the next sector; `other`: fields that are to be wrong."""
        size = self.geometry.sector_size
        start = self.sequence % self.geometry.sectors * size
        end = self.at - (self.sequence - 1) % self.geometry.sectors * size if self.sequence else 0
        self.sequence += 1
        oldest = max(1, self.sequence - (self.geometry.sectors - 2))
        fields = {
            "version": 1,
            "unit": self.geometry.program_unit,
            "size": size,
            "sequence": self.sequence,
            "tail": oldest if tail is None else tail,
            "end": end,
            "erases": (self.sequence - 1) // self.geometry.sectors,
        } | other
        head = struct.pack("<IHHIIIII", 0x53545A42, *fields.values())
        self.put(start, bytes([self.geometry.erased]) * size)
        self.put(start, head + struct.pack("<I", zlib.crc32(head)))
        self.at = start + HEADER
        if checkpoint is not False:
            pairs = self.pairs() if checkpoint is True else checkpoint
            data = b"".join(struct.pack("<II", *pair) for pair in pairs)
            self.record(0x80, Key(0, sums(data)), data)
        return start

    def pairs(self) -> list[tuple[int, int]]:
        """The checkpoint of what is live."""
        return [
            (key.hash, place // 8 | length // 8 << 19 | lost << 30)
            for key, (place, length, lost) in self.live.items()
        ]

    def record(
        self,
        kind: int,
        key: Key,
        data: bytes = b"",
        flags: int = 0,
        replaces: int = 0,
        **other: int,
    ) -> int:
        """Append a record; `other`: `size`, `data_crc` or `fill` that are to be wrong."""
        place = self.at
        head = struct.pack(
            "<B3siQIII",
            kind,
            (replaces // 8).to_bytes(3, "little"),
            key.owner,
            key.uid,
            flags,
            other.get("size", len(data)),
            other.get("data_crc", zlib.crc32(data)),
        )
        self.put(place, head + struct.pack("<I", zlib.crc32(head)) + data)
        length = self.geometry.record_bytes(other.get("size", len(data)))
        if "fill" in other:
            self.data[place + length - 1] = other["fill"]
        self.at += length
        self.live.pop(key, None)
        if kind in (1, 3):
            self.live[key] = place, length, kind == 3
        return place

    def asset(self, key: Key, data: bytes = b"data", flags: int = 0, hint: bool = True) -> int:
        """Set an asset, with the hint that names the record that it replaces."""
        old = self.live.get(key, (0, 0, False))[0] if hint else 0
        return self.record(1, key, data, flags, old)


ONE, TWO, THREE = Key(-1, 0x11), Key(-1, 0x22), Key(0x100, 0xFFFFFFFF00000001)


def three_sectors(checkpoint: bool = True) -> Image:
    """Three sectors of a log with everything in it that is good."""
    image = Image(Geometry(size=5 * 2048, sector_size=2048, program_unit=8))
    image.sector()
    image.asset(ONE)
    image.asset(TWO, bytes(700))
    image.asset(THREE, b"k" * 32)
    image.sector(checkpoint=checkpoint)
    image.asset(ONE, b"newer")
    image.record(2, TWO, replaces=image.live[TWO][0])
    image.sector(checkpoint=checkpoint)
    image.asset(TWO, b"again", hint=False)
    return image
