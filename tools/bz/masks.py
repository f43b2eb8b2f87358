"""How long the secure side keeps non-secure interrupts waiting: for `bz bench`.

A secure exception begins with a priority above every non-secure one. The manager lowers it with a
byte store to SHPR2 and raises it again before it returns; with CPSID i it masks them too. The
plugin (tests/bench/plugin.c) follows that from instruction to instruction, and keeps the longest
run; here are the places that it has to know, and what is wrong if its answer makes no sense.

A store's value is not visible to the plugin, so labels stand behind the stores (spm/entry.S).
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from elftools.elf.elffile import ELFFile

from bz.console import BzError

METRIC = "interrupts_masked_max"
PRIORITY_BYTE = 0xE000ED1F  # SHPR2, SVCall: ARM DDI 0553
_RETURN = bytes([0x70, 0x47])  # bx lr
# Symbols by what they mean to the plugin: these names, and others that begin with one and `_`.
LABELS = {
    "enter": ("spm_trap_entry", "spm_interrupt_entry"),
    "leave": ("spm_trap_exit", "spm_interrupt_exit"),
    "lowered": ("spm_priority_lowered",),
    "raised": ("spm_priority_raised",),
}


class Symbol(NamedTuple):
    """A symbol of an image."""

    name: str
    address: int
    size: int
    is_function: bool


@dataclass
class Run:
    """The longest run that was seen; of its addresses the plugin keeps the first 65536."""

    instructions: int = 0
    addresses: list[int] = field(default_factory=list)
    stores: list[int] = field(default_factory=list)  # behind what wrote the priority

    def take(self, word: str, value: int) -> None:
        """One line of the plugin's."""
        if word == "masked":
            self.instructions = value
            self.addresses.clear()
        elif word == "in":
            self.addresses.append(value)
        elif word == "store":
            self.stores.append(value)


class Names:
    """`function+0x12` for an address: the nearest function or label before it, in any image."""

    def __init__(self, symbols: dict[str, list[Symbol]]) -> None:
        self._named = sorted(
            (each.address, each.name)
            for image in symbols.values()
            for each in image
            if each.is_function or meaning_of(each.name)
        )

    def of(self, address: int) -> str:
        index = bisect.bisect_right(self._named, (address, "\x7f")) - 1
        if index < 0:
            return f"{address:#x}"
        start, name = self._named[index]
        return name + (f"+{address - start:#x}" if address > start else "")


def meaning_of(name: str) -> str | None:
    """What a label tells the plugin."""
    for word, starts in LABELS.items():
        if any(name == start or name.startswith(f"{start}_") for start in starts):
            return word
    return None


def requests(elf: Path, symbols: list[Symbol], watch_from: int) -> list[str]:
    """Lines of the plugin's file of requests."""
    lines = [f"watch {watch_from:x}", f"priority {PRIORITY_BYTE:x}"]
    found = {word: [each for each in symbols if meaning_of(each.name) == word] for word in LABELS}
    for word, labels in found.items():
        if not labels:
            raise BzError(
                f"the secure image has no symbol {LABELS[word][0]}, which is measured",
                "put the label back (spm/entry.S), or correct LABELS in tools/bz/masks.py",
            )
        lines += [f"{word} {each.address:x}" for each in labels]
    for each in found["leave"]:
        if _bytes_of(elf, each.address, each.address + 2) != _RETURN:
            raise BzError(
                f"the label {each.name} does not stand at a `bx lr`",
                "put it at the last instruction of the exception (spm/entry.S)",
            )
    return lines + [f"{word} {address:x}" for word, address in _primask_writers(elf, symbols)]


def _primask_writers(elf: Path, symbols: list[Symbol]) -> list[tuple[str, int]]:
    """Every place of the manager's code that may be CPS or MSR PRIMASK: ARM DDI 0553, C2.4.

    The second half of a longer instruction may look like one; nothing executes that.
    """
    ends = {each.name: each.address for each in symbols}
    start, end = ends["__manager_code_start"], ends["__manager_code_end"]
    code = _bytes_of(elf, start, end)
    writers = []
    for at in range(0, len(code) - 3, 2):
        first = int.from_bytes(code[at : at + 2], "little")
        second = int.from_bytes(code[at + 2 : at + 4], "little")
        if first & 0xFFFE == 0xB672:
            writers.append(("disable", start + at))
        elif first & 0xFFFE == 0xB662:
            writers.append(("enable", start + at))
        elif first & 0xFFF0 == 0xF380 and second == 0x8810:
            writers.append(("restore", start + at))
    return writers


def _bytes_of(elf: Path, start: int, end: int) -> bytes:
    with elf.open("rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            offset = start - segment["p_vaddr"]
            if offset >= 0 and end <= segment["p_vaddr"] + segment["p_filesz"]:
                return segment.data()[offset : offset + end - start]
    raise BzError(f"{elf.name} has no code at {start:#x}", "see its linker script")


def check(run: Run, symbols: dict[str, list[Symbol]]) -> None:
    """Refuses a measurement that was led astray by a label that is missing."""
    names = Names(symbols)
    labelled = {
        each.address for each in symbols["secure"] if meaning_of(each.name) in ("lowered", "raised")
    }
    for store in run.stores:
        if store not in labelled:
            raise BzError(
                f"the trap's priority is written before {names.of(store)}, which has no label",
                "write spm_priority_lowered_... or spm_priority_raised_... there (spm/entry.S)",
            )
    ends = {each.name: each.address for each in symbols["secure"]}
    ranges = [
        (ends[f"__{code}_code_start"], ends[f"__{code}_code_end"]) for code in ("manager", "shared")
    ]
    for address in run.addresses:
        if not any(start <= address < end for start, end in ranges):
            raise BzError(
                f"the handler's exit was not seen before {names.of(address)} ran",
                "each `bx lr` that ends an exception needs a label spm_trap_exit_... (spm/entry.S)",
            )
