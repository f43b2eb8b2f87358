"""Reads a store from the bytes of its flash region: the second reader of docs/formats/store.md.

Written from that page alone and sharing nothing with lib/store, so that each checks the other. Used
by `bz store check`, `bz device info` and tests. It takes any bytes, never writes, and tells every
place that is not as the page says. It keeps the contents of assets to itself: what it returns says
where they are, and only `data_of` reads them, for tests and for what is no secret.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from bz.store_format import (
    ASSET,
    CHECKPOINT,
    DAMAGED,
    DEVIATION,
    HEADER_BYTES,
    HIDDEN,
    LOST,
    LOST_KEY,
    MAGIC,
    PAIR,
    PLACE_UNIT,
    RECORD,
    REFUSED,
    REMOVED,
    SECTOR,
    SKIPPED_FROM,
    UNREADABLE,
    VERSION,
    WRITE_ONCE,
    Finding,
    Geometry,
    Key,
    Record,
    Sector,
    Store,
)


def _offset_of(place: int) -> int:
    """Of a place in a checkpoint: offset in the region."""
    return (place & 0x7FFFF) * PLACE_UNIT


def _length_of(place: int) -> int:
    """Of a place in a checkpoint: bytes of the record."""
    return (place >> 19 & 0x7FF) * PLACE_UNIT


def data_of(region: bytes, record: Record) -> bytes:
    """The data of an asset."""
    return region[record.data_offset : record.data_offset + record.size]


def read(region: bytes, geometry: Geometry, is_selective: bool = False) -> Store:
    """Read a region. `is_selective`: its owner passes over records that do not count for him, so
    that checkpoints and hints may name older records of an asset than the latest."""
    reader = _Reader(region, geometry, is_selective)
    reader.read()
    return reader.store


class _Reader:
    def __init__(self, region: bytes, geometry: Geometry, is_selective: bool) -> None:
        self.region = region
        self.geometry = geometry
        self.is_selective = is_selective
        self.store = Store(geometry)
        self.has_gaps = False  # records are missing
        self.start = 0  # sequence of the sector that a mount begins with
        self.kept: dict[int, Record] = {}  # every asset record of the log, by offset

    def find(self, severity: str, offset: int, what: str) -> None:
        self.store.findings.append(Finding(severity, offset, what))

    def is_erased(self, start: int, end: int) -> bool:
        return self.region[start:end].count(self.geometry.erased) == max(end - start, 0)

    def first_written(self, start: int, end: int) -> int:
        """Offset of the first byte that is not erased."""
        kept = self.region[start:end].lstrip(bytes([self.geometry.erased]))
        return end - len(kept)

    def read(self) -> None:
        sectors = self._headers()
        if self.store.is_refused:
            return
        if not sectors:
            self._without_header()
            return
        self._chain(sectors)
        if self.store.is_refused:
            return
        for place, sector in enumerate(self.store.log):
            if sector is self.store.head:
                self._head_records(sector)
            else:
                self._older_records(sector, self.store.log[place + 1])
        self._replay()
        self._account()

    # ---- Sector headers

    def _headers(self) -> list[Sector]:
        geometry, found = self.geometry, []
        for number in range(geometry.sectors):
            start = number * geometry.sector_size
            magic, version, unit, size, sequence, tail, previous, erases, crc = SECTOR.unpack_from(
                self.region, start
            )
            if magic != MAGIC or crc != zlib.crc32(self.region[start : start + 28]):
                continue
            if version != VERSION:
                self.find(REFUSED, start + 4, f"format version {version} is not known")
            elif unit != geometry.program_unit or size != geometry.sector_size:
                self.find(
                    REFUSED,
                    start + 6,
                    f"made for program unit {unit} and sector size {size}, not for "
                    f"{geometry.program_unit} and {geometry.sector_size}",
                )
            else:
                found.append(Sector(number, sequence, tail, previous, erases))
                self.store.erases[number] = erases
        return found

    def _without_header(self) -> None:
        """A new region, or unknown content."""
        size = self.geometry.sector_size
        for start in range(0, self.geometry.size, size):
            body = start + HEADER_BYTES
            if not self.is_erased(body, start + size):
                self.find(
                    REFUSED,
                    self.first_written(body, start + size),
                    "no sector has a valid header, and the region is not new",
                )
                return
        self.store.is_new = True
        self.store.usage = {"free": self.geometry.size}

    def _chain(self, sectors: list[Sector]) -> None:
        """Find the log: all sectors from tail to head."""
        geometry = self.geometry
        head = max(sectors, key=lambda each: each.sequence)
        place = head.number * geometry.sector_size
        if head.sequence == 0:
            self.find(REFUSED, place + 12, "sequence 0: the first sector has 1")
            return
        if not max(1, head.sequence - (geometry.sectors - 2)) <= head.tail <= head.sequence:
            self.find(
                REFUSED,
                place + 16,
                f"tail {head.tail} of the head, sequence {head.sequence}: no sector would be free",
            )
            return
        by_number = {each.number: each for each in sectors}
        for sequence in range(head.tail, head.sequence + 1):
            number = (head.number - (head.sequence - sequence)) % geometry.sectors
            sector = by_number.get(number)
            if sector is None or sector.sequence != sequence:
                sector = Sector(number, sequence, 1, 0, 0, is_there=False)
            sector.in_log = True
            self.store.log.append(sector)
        self.store.head = head
        self.start = self._find_start()
        for sector in self.store.log:
            if not sector.is_there:
                self.find(
                    self._severity(sector),
                    sector.number * geometry.sector_size,
                    f"sector {sector.sequence} of the log is missing",
                )
        for sector in [] if self.store.is_refused else sectors:
            self._check_header(sector, head)

    def _find_start(self) -> int:
        """Sequence of the sector that a mount starts from: with the newest checkpoint, or the tail.
        What is damaged before it, the mount does not see."""
        for sector in reversed(self.store.log):
            if not sector.is_there:
                break  # and refuses
            place = sector.number * self.geometry.sector_size
            limit = place + self.geometry.sector_size
            first = self._record(place + HEADER_BYTES, limit)
            if first and first.kind == CHECKPOINT and self._is_usable(sector, first):
                return sector.sequence
        return self.store.log[0].sequence

    def _is_usable(self, sector: Sector, record: Record) -> bool:
        """True when a mount may begin with this checkpoint: all places are in the log of then."""
        if record.key.uid != self._sums(record) or record.size % PAIR.size:
            return False
        for _, _, place in self._pairs(record):
            offset, length = _offset_of(place), _length_of(place)
            within = offset % self.geometry.sector_size
            then = self._sequence_at(offset, sector)
            if (
                place >> 31
                or offset >= self.geometry.size
                or (offset | length) % self.geometry.alignment
                or not HEADER_BYTES <= length <= self.geometry.sector_size - within
                or within < HEADER_BYTES
                or not sector.tail <= then < sector.sequence
            ):
                return False
        return True

    def _severity(self, sector: Sector) -> str:
        return REFUSED if sector.sequence >= self.start else DAMAGED

    def _check_header(self, sector: Sector, head: Sector) -> None:
        start = sector.number * self.geometry.sector_size
        if not sector.in_log:
            # The very first header may be there twice: one did not read back, with an ECC error.
            if head.tail <= sector.sequence and sector.sequence != 1:
                self.find(
                    DEVIATION, start + 12, f"sequence {sector.sequence} is there a second time"
                )
            return
        if not 1 <= sector.tail <= min(sector.sequence, head.tail):
            self.find(
                DEVIATION,
                start + 16,
                f"tail {sector.tail} of sector {sector.sequence} is above that of the head",
            )
        end = sector.previous_end
        if sector.sequence == 1:
            if end != 0:
                self.find(DEVIATION, start + 20, "previous end of the first sector is not 0")
        elif sector.sequence > head.tail and (
            not HEADER_BYTES <= end <= self.geometry.sector_size or end % self.geometry.alignment
        ):
            before = self.store.log[sector.sequence - head.tail - 1]
            what = f"previous end {end}: no record of the sector before ends there"
            self.find(self._severity(before), start + 20, what)

    # ---- Records of a sector

    def _record(self, start: int, limit: int) -> Record | None:
        """The record whose header is at this offset, None where there is none that fits."""
        if limit - start < HEADER_BYTES:
            return None
        kind, replaces, owner, uid, flags, size, data_crc, crc = RECORD.unpack_from(
            self.region, start
        )
        if crc != zlib.crc32(self.region[start : start + 28]):
            return None
        if size > limit - start - HEADER_BYTES:
            return None
        data = self.region[start + HEADER_BYTES : start + HEADER_BYTES + size]
        return Record(
            start,
            kind,
            int.from_bytes(replaces, "little") * PLACE_UNIT,
            Key(owner, uid, kind == LOST_KEY),
            flags,
            size,
            data_crc,
            self.geometry.record_bytes(size),
            data_crc == zlib.crc32(data),
        )

    def _records(self, sector: Sector, limit: int) -> None:
        """Follow the records as far as there are any."""
        start = sector.number * self.geometry.sector_size
        while record := self._record(start + sector.end, start + limit):
            sector.records.append(record)
            sector.end += record.bytes

    def _head_records(self, sector: Sector) -> None:
        size = self.geometry.sector_size
        start = sector.number * size
        self._records(sector, size)
        end = min(sector.end + HEADER_BYTES, size)
        if not self.is_erased(start + sector.end, start + end):
            self._leftover(sector)
            self.store.torn, self.store.is_closed = start + sector.end, True
        elif sector.records and not sector.records[-1].is_right:
            torn = sector.records.pop()
            sector.end -= torn.bytes
            self._leftover(sector)
            self.store.torn, self.store.is_closed = torn.offset, True
        else:
            self._leftover(sector)

    def _older_records(self, sector: Sector, successor: Sector) -> None:
        """Records up to exactly where the next sector says."""
        size = self.geometry.sector_size
        start, end = sector.number * size, successor.previous_end
        if not successor.is_there or not HEADER_BYTES <= end <= size:
            end = size  # not known; told already
        self._records(sector, end)
        if sector.end == end:
            self._leftover(sector)
        elif successor.is_there:
            at = min(sector.end, end)
            what = f"no valid record header, but the records go on to {start + end:#x}"
            self.find(self._severity(sector), start + at, what)
        if sector.end != end:
            sector.gap = max(end - sector.end, 0)
            self.has_gaps = True

    def _leftover(self, sector: Sector) -> None:
        """Behind the log one record can be unfinished; nothing follows it."""
        limit = (sector.number + 1) * self.geometry.sector_size
        end = sector.number * self.geometry.sector_size + sector.end
        if self.is_erased(end, limit):
            return
        torn = self._record(end, limit)
        after = end + (torn.bytes if torn else HEADER_BYTES)
        if not self.is_erased(after, limit):
            at = self.first_written(after, limit)
            self.find(
                HIDDEN,
                end,
                f"the log ends here, but something was written behind it, at {at:#x}: "
                "no power cut leaves that",
            )

    # ---- The log

    def _replay(self) -> None:
        """Go through all records in order: the latest of a key decides."""
        for sector in self.store.log:
            for place, record in enumerate(list(sector.records)):
                self._check_record(record)
                if record.kind == CHECKPOINT:
                    self._checkpoint(sector, record, place == 0)
                elif record.kind in (ASSET, REMOVED, LOST, LOST_KEY):
                    if not self.has_gaps:  # or what it refers to may be missing
                        self._check_hint(sector, record)
                        self._check_write_once(record)
                    self._apply(record)
                elif record.kind < SKIPPED_FROM:
                    what = f"unknown kind {record.kind:#x} of record"
                    self.find(self._severity(sector), record.offset, what)
        for record in [each for sector in self.store.log for each in sector.records]:
            self._check_data(record)
        self._find_orphans()

    def _check_data(self, record: Record) -> None:
        if record.kind == UNREADABLE:
            return  # told already
        offset, is_live = record.offset, self.store.assets.get(record.key) is record
        if is_live and record.is_lost:
            self.find(DAMAGED, offset, f"the data of {record.key} were damaged, and are lost")
        elif is_live and not record.is_right:
            self.find(DAMAGED, offset, f"the data of {record.key} are damaged")
        elif not record.is_right:
            self.find(DEVIATION, offset, "the data of a record that no longer counts are damaged")

    def _apply(self, record: Record) -> None:
        store, key = self.store, record.key
        store.assets.pop(Key(0, key.hash, True), None)  # lost with its key: this one ends it
        if record.kind == REMOVED:
            store.assets.pop(key, None)
            store.removed.add(key)
            return
        if record.kind == LOST_KEY:
            lost = self.kept.get(record.replaces)
            if lost is not None and store.assets.get(lost.key) is lost:
                del store.assets[lost.key]
        store.assets[key] = record
        store.removed.discard(key)
        self.kept[record.offset] = record

    def _check_record(self, record: Record) -> None:
        """What the page says of one record alone."""
        offset = record.offset
        if record.kind in (REMOVED, LOST, LOST_KEY) and record.size:
            self.find(DEVIATION, offset + 20, f"a record of kind {record.kind} has data")
        if record.kind in (REMOVED, CHECKPOINT) and record.flags:
            self.find(DEVIATION, offset + 16, f"a record of kind {record.kind:#x} has flags")
        if record.kind == CHECKPOINT and (record.key.owner or record.replaces):
            self.find(DEVIATION, offset + 1, "a checkpoint has an owner, or replaces something")
        if record.kind == CHECKPOINT and record.is_right and record.key.uid != self._sums(record):
            self.find(DEVIATION, offset + 8, "a checkpoint's sums are not those of its pairs")
        fill = record.data_offset + record.size
        if not self.is_erased(fill, offset + record.bytes):
            self.find(DEVIATION, fill, "the fill behind a record is not erased")

    def _check_write_once(self, record: Record) -> None:
        """It may be copied, by a collection, or replaced when it was damaged."""
        old = self.store.assets.get(record.key)
        if old is None or not old.flags & WRITE_ONCE or old.is_lost or not old.is_right:
            return
        if record.is_lost or self._is_copy(old, record):
            return
        self.find(DEVIATION, record.offset, f"changes {record.key}, which is write-once")

    def _replaces(self, record: Record, named: Record) -> bool:
        """True when `named` is what the record replaces."""
        if record.kind == LOST_KEY:
            is_key = named.key.hash == record.key.hash
        else:
            is_key = named.key == record.key
        return is_key and (self.is_selective or self.store.assets.get(named.key) is named)

    def _is_copy(self, old: Record, new: Record) -> bool:
        return (
            (old.kind, old.flags, old.size, old.data_crc)
            == (new.kind, new.flags, new.size, new.data_crc)
        ) and data_of(self.region, old) == data_of(self.region, new)

    def _sequence_at(self, offset: int, sector: Sector) -> int:
        """Which sequence the sector at an offset had while `sector` was the head."""
        number = offset // self.geometry.sector_size
        return sector.sequence - (sector.number - number) % self.geometry.sectors

    def _is_in_log(self, offset: int, sector: Sector) -> bool:
        """True when what `sector` says of a place can be compared with the log of today."""
        return self._sequence_at(offset, sector) >= self.store.log[0].sequence

    def _check_hint(self, sector: Sector, record: Record) -> None:
        """`replaces` tells the record that was the latest of the key, or nothing."""
        if record.replaces == 0:
            return
        self.store.hints += 1
        if record.replaces >= self.geometry.size:
            self.find(DEVIATION, record.offset + 1, "replaces a place outside the region")
            return
        if not self._is_in_log(record.replaces, sector):
            return
        self.store.hints_checked += 1
        named = self.kept.get(record.replaces)
        if named is None or not self._replaces(record, named):
            self.find(
                DEVIATION,
                record.offset + 1,
                f"replaces {record.replaces:#x}, which is not the latest record of {record.key}",
            )

    # ---- Checkpoints

    def _pairs(self, record: Record) -> Iterator[tuple[int, int, int]]:
        """Offset, hash and place of each pair."""
        for at in range(0, record.size // PAIR.size * PAIR.size, PAIR.size):
            place = record.data_offset + at
            yield (place, *PAIR.unpack_from(self.region, place))

    def _sums(self, record: Record) -> int:
        """What the uid of a checkpoint is: the sum of all its words, and the sum of these sums."""
        plain = weighted = 0
        for _, *pair in self._pairs(record):
            for word in pair:
                plain += word
                weighted += plain
        return plain & 0xFFFFFFFF | (weighted & 0xFFFFFFFF) << 32

    def _checkpoint(self, sector: Sector, record: Record, is_first: bool) -> None:
        store = self.store
        store.checkpoints += 1
        if not is_first:
            self.find(DEVIATION, record.offset, "a checkpoint is not the first of its sector")
        if not is_first or not record.is_right:
            return
        if record.size % PAIR.size:
            self.find(DEVIATION, record.offset + 20, "a checkpoint ends in the middle of a pair")
        if self.has_gaps:
            if sector.sequence == self.start and self._is_usable(sector, record):
                self._adopt(sector, record)
            return
        by_place = {each.offset: each for each in store.assets.values()}
        told: set[int] = set()
        for at, hashed, place in self._pairs(record):
            self._check_pair(sector, at, hashed, place, by_place, told)
        if self.is_selective:  # the latest record of an asset, or its only one, may not count
            return
        for each in store.assets.values():
            if each.offset not in told:
                self.find(
                    DEVIATION,
                    record.offset,
                    f"the checkpoint lacks {each.key}, whose record is at {each.offset:#x}",
                )

    def _check_pair(
        self,
        sector: Sector,
        at: int,
        hashed: int,
        place: int,
        by_place: dict[int, Record],
        told: set[int],
    ) -> None:
        offset, length = _offset_of(place), _length_of(place)
        if place >> 31 or offset + length > self.geometry.size:
            self.find(DEVIATION, at + 4, "a checkpoint names a place that there is not")
            return
        if offset in told:
            self.find(DEVIATION, at, f"a checkpoint names {offset:#x} twice")
        told.add(offset)
        if not self._is_in_log(offset, sector):
            return
        self.store.checkpoints_checked += 1
        named = (self.kept if self.is_selective else by_place).get(offset)
        if named is None:
            self.find(DEVIATION, at, f"a checkpoint names {offset:#x}, which is no live asset")
        elif (hashed, length, bool(place >> 30 & 1)) != (
            named.key.hash,
            named.bytes,
            named.is_lost,
        ):
            self.find(DEVIATION, at, f"a checkpoint disagrees with the record at {offset:#x}")

    def _adopt(self, sector: Sector, record: Record) -> None:
        """Believe a checkpoint, because records before it are missing."""
        self.store.assets.clear()
        by_number = {each.number: each for each in self.store.log}
        for _, hashed, place in self._pairs(record):
            offset = _offset_of(place)
            if not self._is_in_log(offset, sector):
                continue  # moved by a later collection
            home = by_number[offset // self.geometry.sector_size]
            found = self._named(hashed, place)
            self.store.assets[found.key] = found
            if offset >= home.number * self.geometry.sector_size + home.end:
                home.records.append(found)
                home.gap -= found.bytes

    def _named(self, hashed: int, place: int) -> Record:
        """The record that a pair names, or one that stands for a damaged one."""
        offset, length = _offset_of(place), _length_of(place)
        found = self._record(offset, offset + length)
        kind = LOST if place >> 30 & 1 else ASSET
        is_it = found and (found.key.hash, found.bytes) == (hashed, length)
        if found and is_it and (found.kind == kind or (found.is_lost and kind == LOST)):
            return found
        key, size = Key(0, hashed, True), length - HEADER_BYTES
        self.find(DAMAGED, offset, f"the record of {key} is damaged")
        return Record(offset, UNREADABLE, 0, key, 0, size, 0, length, False)

    def _find_orphans(self) -> None:
        """Assets that the checkpoint of the start has in a sector that was collected since, and no
        record behind it tells of: the copies are lost."""
        if self.is_selective:  # its owner may have dropped them without a removal
            return
        log = [each for each in self.store.log if each.sequence >= self.start]
        records = [each for sector in log for each in sector.records]
        if not records or records[0].kind != CHECKPOINT or not self._is_usable(log[0], records[0]):
            return
        told = {each.key.hash for each in records[1:]}
        for _, hashed, place in self._pairs(records[0]):
            offset = _offset_of(place)
            if hashed in told or self._is_in_log(offset, log[0]):
                continue
            key, length = Key(0, hashed, True), _length_of(place)
            self.find(DAMAGED, offset, f"the copy of {key} that was made of this one is missing")
            size = length - HEADER_BYTES
            self.store.assets[key] = Record(offset, UNREADABLE, 0, key, 0, size, 0, length, False)

    # ---- Space

    def _account(self) -> None:
        """Where the bytes of the region are; the parts add up to its size."""
        geometry, store = self.geometry, self.store
        live = {each.offset for each in store.assets.values()}
        usage = dict.fromkeys(("live", "stale", "fill", "checkpoints", "headers", "ends"), 0)
        for sector in store.log:
            usage["headers"] += HEADER_BYTES
            for record in sector.records:
                kind = "live" if record.offset in live else "stale"
                kind = "checkpoints" if record.kind == CHECKPOINT else kind
                usage[kind] += HEADER_BYTES + record.size
                usage["fill"] += record.bytes - HEADER_BYTES - record.size
            usage["stale"] += sector.gap
            if sector is not store.head or store.is_closed:
                used = HEADER_BYTES + sum(each.bytes for each in sector.records) + sector.gap
                usage["ends"] += geometry.sector_size - used
        usage["room"] = 0
        if store.head and not store.is_closed:
            usage["room"] = geometry.sector_size - store.head.end
        usage["free"] = (geometry.sectors - len(store.log)) * geometry.sector_size
        store.usage = usage
