"""What a store in flash consists of (docs/formats/store.md): geometry, keys, records, sectors, and
all that a region holds, with the space rule.

Plain data: store.py fills it in from the bytes of a region.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MAGIC = 0x53545A42
VERSION = 1
HEADER_BYTES = 32
WRITE_ONCE = 1
ASSET, REMOVED, LOST, LOST_KEY, CHECKPOINT = 1, 2, 3, 4, 0x80
UNREADABLE = 0  # stands for a record of which only a checkpoint tells
PACED_SECTORS = 8  # a store of so many collects while it appends, and needs room for that
SKIPPED_FROM = 0x80  # an unknown kind from here on is passed over, one below refuses the region
SECTOR = struct.Struct("<IHHIIIIII")
RECORD = struct.Struct("<B3siQIIII")
PAIR = struct.Struct("<II")
PLACE_UNIT = 8

# How bad a finding is. The device refuses the region, an asset is gone, the newest records may be
# and nobody knows which, or it is not as the page says and the device goes on regardless.
REFUSED, DAMAGED, HIDDEN, DEVIATION = "refused", "damaged", "hidden", "deviation"


@dataclass(frozen=True)
class Geometry:
    """What a store is laid out on, from the product."""

    size: int
    sector_size: int
    program_unit: int
    erased: int = 0xFF

    @property
    def sectors(self) -> int:
        return self.size // self.sector_size

    @property
    def alignment(self) -> int:
        return max(self.program_unit, PLACE_UNIT)

    @property
    def capacity(self) -> int:
        return (self.sectors - 1) * (self.sector_size - HEADER_BYTES)

    def record_bytes(self, size: int) -> int:
        """Bytes of a record with so many bytes of data, header and fill included."""
        return HEADER_BYTES + (size + self.alignment - 1) // self.alignment * self.alignment


@dataclass(frozen=True)
class Finding:
    severity: str
    offset: int  # in the region
    what: str


@dataclass(frozen=True)
class Key:
    owner: int
    uid: int
    is_hash: bool = False  # nothing is known but the hash, which is the uid

    @property
    def hash(self) -> int:
        if self.is_hash:
            return self.uid & 0xFFFFFFFF
        low, high = self.uid & 0xFFFFFFFF, self.uid >> 32
        mixed = (
            (self.owner & 0xFFFFFFFF) * 0x9E3779B1 ^ low * 0x85EBCA6B ^ high * 0xC2B2AE35
        ) & 0xFFFFFFFF
        return mixed ^ mixed >> 15

    def __str__(self) -> str:
        if self.is_hash:
            return f"an asset with hash {self.uid:#x}"
        return f"owner {self.owner}, uid {self.uid:#x}"


@dataclass(frozen=True)
class Record:
    offset: int  # in the region
    kind: int
    replaces: int  # offset in the region, 0: not told
    key: Key
    flags: int
    size: int
    data_crc: int
    bytes: int  # header and fill included
    is_right: bool  # the data are as their CRC says

    @property
    def data_offset(self) -> int:
        return self.offset + HEADER_BYTES

    @property
    def is_lost(self) -> bool:
        return self.kind in (LOST, LOST_KEY)


@dataclass
class Sector:
    """A sector with a valid header, or what is known of one of the log that has none."""

    number: int
    sequence: int
    tail: int
    previous_end: int
    erases: int
    end: int = HEADER_BYTES  # of its records, from the start of the sector
    in_log: bool = False
    is_there: bool = True  # its header can be read
    gap: int = 0  # bytes of its records that cannot be followed
    records: list[Record] = field(default_factory=list)


@dataclass
class Store:
    """What a region holds."""

    geometry: Geometry
    is_new: bool = False
    head: Sector | None = None
    log: list[Sector] = field(default_factory=list)  # oldest first
    assets: dict[Key, Record] = field(default_factory=dict)
    removed: set[Key] = field(default_factory=set)  # with a record in the log that says so
    checkpoints: int = 0
    checkpoints_checked: int = 0  # pairs of them that the log still tells about
    hints: int = 0
    hints_checked: int = 0
    torn: int | None = None  # offset of what a power cut left behind the log
    is_closed: bool = False  # the head takes no more records
    erases: dict[int, int] = field(default_factory=dict)  # by sector, where its header is readable
    usage: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return any(each.severity == REFUSED for each in self.findings)

    @property
    def damaged(self) -> list[Record]:
        """Assets that the device reports as DATA_CORRUPT."""
        return [each for each in self.assets.values() if each.is_lost or not each.is_right]

    def admits(self, *sizes: int) -> bool:
        """The space rule: may new assets of these sizes be created, besides those there are?"""
        geometry = self.geometry
        bytes_of = [each.bytes for each in self.assets.values()]
        bytes_of += [geometry.record_bytes(size) for size in sizes]
        if any(size > geometry.sector_size - 2 * HEADER_BYTES for size in sizes):
            return False
        largest, total = max(bytes_of, default=0), sum(bytes_of)
        ranked = sorted([*bytes_of, largest], reverse=True)[: geometry.sectors - 2]
        needed = total + largest + sum(each - geometry.alignment for each in ranked)
        if geometry.sectors >= PACED_SECTORS and len(bytes_of) > 1:
            room = geometry.sector_size - HEADER_BYTES
            copied = max(2 * (room - largest), largest)
            needed += (total // copied + 1) * largest + room
        return needed <= geometry.capacity

    @property
    def largest_new(self) -> int | None:
        """Bytes of the largest asset that can be created, None if there is room for none."""
        if not self.admits(0):
            return None
        low, high = 0, self.geometry.sector_size - 2 * HEADER_BYTES
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.admits(middle) else (low, middle - 1)
        return low
