"""A linked image as the report reads it: where symbols are, and the words of a table.

Used by areas.py and rights.py. It only reads; a symbol that is not there is an error that names it.
"""

from __future__ import annotations

import struct
from pathlib import Path

from elftools.elf.elffile import ELFFile

from bz.console import BzError


class Elf:
    """Symbols and contents of one ELF file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._symbols: dict[str, list[tuple[int, int]]] = {}
        with path.open("rb") as file:
            elf = ELFFile(file)
            for each in elf.get_section_by_name(".symtab").iter_symbols():
                found = self._symbols.setdefault(each.name, [])
                found.append((each["st_value"], each["st_size"]))
            self._contents = [
                (section["sh_addr"], section.data())
                for section in elf.iter_sections()
                if section["sh_addr"] and section["sh_type"] == "SHT_PROGBITS"
            ]

    def has(self, name: str) -> bool:
        return name in self._symbols

    def at(self, name: str) -> int:
        """The address of a symbol."""
        return self._only(name, self._symbols.get(name, []))[0]

    def words(self, name: str, within: tuple[str, str]) -> list[int]:
        """The 32-bit words of a table that lies between two symbols."""
        low, high = self.at(within[0]), self.at(within[1])
        found = [each for each in self._symbols.get(name, []) if low <= each[0] < high]
        address, size = self._only(name, found)
        for start, data in self._contents:
            if start <= address and address + size <= start + len(data):
                held = data[address - start : address - start + size]
                return list(struct.unpack(f"<{size // 4}I", held))
        raise BzError(f"{self.path}: {name} has no contents", "build it again: ./bz build")

    def _only(self, name: str, found: list[tuple[int, int]]) -> tuple[int, int]:
        if len(found) != 1:
            raise BzError(
                f"{self.path} has {len(found)} symbols {name}, not one",
                "build it again: ./bz build",
            )
        return found[0]
