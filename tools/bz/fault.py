"""Fault records: reads the fault log of a device file, and finds the source lines they are about.

Format: docs/formats/fault.md. Used by why-reset, fault and run. It only reads; the emulator may be
off, and for a log that was printed no device is needed at all.
"""

from __future__ import annotations

import re
import struct
import subprocess
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bz.console import BzError, short
from bz.variant import Variant

MAGIC = 0x52465A42
RECORD_BYTES = 512
_FIELDS = struct.Struct("<IHHIBBBBHHi9I16xHH")
_TEXT_OFFSET, _TEXT_BYTES, _CRC_OFFSET = 0x50, 428, 0x1FC

KINDS = {
    3: "HardFault",
    4: "MemManage fault",
    5: "BusFault",
    6: "UsageFault",
    7: "SecureFault",
    16: "panic",
}
WORLDS = {1: "boot", 2: "manager", 3: "partition", 4: "gateway", 5: "non-secure"}
ACCESSES = {1: "read", 2: "write", 3: "execute", 4: "call", 5: "none"}
PC_KNOWN, ADDRESS_KNOWN, HANDED_ON = 1, 2, 4

# A line of the secure log that belongs to a record.
_LOGGED = re.compile(r"\b(?:boot: record \| |spm: fault: |spm: partition |boot: fault )(.*)$")
_PLACES = re.compile(r"\b(pc|lr) (0x[0-9a-f]{8})\b")


@dataclass(frozen=True)
class Record:
    """One fault, as the device recorded it."""

    sequence: int
    kind: int
    world: int
    access: int
    flags: int
    access_size: int
    rule: int
    partition: int
    pc: int
    lr: int
    sp: int
    address: int
    xpsr: int
    exc_return: int
    cfsr: int
    hfsr: int
    sfsr: int
    text: str

    def view(self) -> dict[str, Any]:
        """The fields for a machine; what the device did not know is None."""
        known = bool(self.flags & PC_KNOWN)
        return {
            "sequence": self.sequence,
            "kind": KINDS.get(self.kind, f"exception {self.kind}"),
            "world": WORLDS.get(self.world, "unknown"),
            "partition": self.partition or None,
            "access": ACCESSES.get(self.access),
            "access_size": self.access_size or None,
            "address": self.address if self.flags & ADDRESS_KNOWN else None,
            "pc": self.pc if known else None,
            "lr": self.lr if known else None,
            "sp": self.sp if known else None,
            "handed_on": bool(self.flags & HANDED_ON),
            "rule": self.rule if KINDS.get(self.kind) == "panic" else None,
            "cfsr": self.cfsr,
            "hfsr": self.hfsr,
            "sfsr": self.sfsr,
            "text": self.text,
        }


def parse(data: bytes) -> Record | None:
    """The record in 512 bytes, or None where there is no valid one."""
    magic, version, size, *fields, length, _ = _FIELDS.unpack_from(data)
    (crc,) = struct.unpack_from("<I", data, _CRC_OFFSET)
    if magic != MAGIC or version == 0 or size != RECORD_BYTES or length > _TEXT_BYTES:
        return None
    if crc != zlib.crc32(data[:_CRC_OFFSET]):
        return None
    text = data[_TEXT_OFFSET : _TEXT_OFFSET + length].decode("ascii", errors="replace")
    return Record(*fields, "".join(each for each in text if each == "\n" or each.isprintable()))


def read_log(region: bytes) -> list[Record]:
    """The records of a fault log, oldest first."""
    found = [
        parse(region[start : start + RECORD_BYTES])
        for start in range(0, len(region) - RECORD_BYTES + 1, RECORD_BYTES)
    ]
    return sorted(
        (record for record in found if record and record.sequence),
        key=lambda record: record.sequence,
    )


def of_device(path: Path, product: Any) -> list[Record]:
    from bz import device

    region = device.find_region(product, "fault_log")
    return read_log(device.read(path, product, region.offset, region.size))


def text_of_log(lines: Iterable[str]) -> list[str]:
    """The lines of a captured log that tell of faults, without what stands before them."""
    return [match[1] for line in lines if (match := _LOGGED.search(line.rstrip()))]


# --- source lines ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where in the sources an address is."""

    register: str
    address: int
    image: str
    function: str
    line: str  # file:line

    def __str__(self) -> str:
        return f"{self.register} {self.address:#010x} is {self.function}() at {self.line}"


def elf_files(variant: Variant) -> list[Path]:
    """The images of a build: boot, the secure image, the applications."""
    folder = variant.boot_elf.parent
    return [path for path in sorted(folder.glob("*.elf")) if path.is_file()]


def _holds(path: Path, address: int) -> bool:
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            start = section["sh_addr"]
            if section["sh_flags"] & 4 and start <= address < start + section["sh_size"]:
                return True
    return False


def find_place(register: str, address: int, elves: list[Path]) -> Place | None:
    """Function, file and line of an address of code; None if no ELF file has it."""
    code = address & ~1
    looked_up = code - 2 if register == "lr" else code  # the call, not what follows it
    for path in elves:
        if not _holds(path, looked_up):
            continue
        done = subprocess.run(
            ["arm-none-eabi-addr2line", "-f", "-e", str(path), hex(looked_up)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BzError(
                "arm-none-eabi-addr2line failed", "run ./bz setup", done.stderr or done.stdout
            )
        function, line = (done.stdout.splitlines() + ["??", "??:0"])[:2]
        if function != "??":
            line = re.sub(r" \(discriminator \d+\)$", "", line).removeprefix("./")
            return Place(register, address, path.stem, function, _shorten(line))
    return None


def _shorten(line: str) -> str:
    """file:line with the file as seen from the checkout."""
    file, _, number = line.rpartition(":")
    return f"{re.sub(r'^.*?/(?=(boot|spm|services|lib|platform|ns|tests)/)', '', file)}:{number}"


def places_of(record: Record, elves: list[Path]) -> list[Place]:
    if not record.flags & PC_KNOWN:
        return []
    found = [find_place("pc", record.pc, elves), find_place("lr", record.lr, elves)]
    return [place for place in found if place]


def places_in_text(lines: Iterable[str], elves: list[Path]) -> list[Place]:
    """The places that a told story names, each once."""
    found: dict[tuple[str, str], Place | None] = {}
    for line in lines:
        for register, address in _PLACES.findall(line):
            if (register, address) not in found:
                found[register, address] = find_place(register, int(address, 16), elves)
    return [place for place in found.values() if place]


def story(record: Record, elves: list[Path]) -> list[str]:
    """What a person reads: the device's own words, then the source lines."""
    lines = record.text.rstrip("\n").split("\n")
    return lines + [str(place) for place in places_of(record, elves)]


def image_note(elves: list[Path]) -> str:
    return (
        f"source lines from {short(elves[0].parent)}" if elves else "no ELF files: run ./bz build"
    )
