"""Measures the images of a build: code, data and memory, in all and per partition.

From the sections and symbols of the ELF files (docs: the linker script's __part_<name>_*
symbols). It only reads.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from bz.console import BzError

_WRITE, _ALLOCATED = 0x1, 0x2
_OWNER = re.compile(
    r"__(part_(?P<name>\w+)|(?P<other>manager|shared|agent))_(?P<kind>code|ram)_start"
)


def measure(path: Path) -> dict[str, Any]:
    """Bytes of text (code, constants), data (initialised), bss (other memory), and the owners."""
    if not path.exists():
        raise BzError(f"there is no {path}", "run ./bz build")
    with path.open("rb") as file:
        elf = ELFFile(file)
        sizes = {"text": 0, "data": 0, "bss": 0}
        for section in elf.iter_sections():
            flags = section["sh_flags"]
            if not flags & _ALLOCATED:
                continue
            if section["sh_type"] == "SHT_NOBITS":
                sizes["bss"] += section["sh_size"]
            elif flags & _WRITE:
                sizes["data"] += section["sh_size"]
            else:
                sizes["text"] += section["sh_size"]
        table = elf.get_section_by_name(".symtab")
        symbols = (
            {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()} if table else {}
        )
    return {"file": str(path), **sizes, "owners": _owners(symbols)}


def _owners(symbols: dict[str, int]) -> dict[str, dict[str, int]]:
    """Bytes of code and of memory between each pair of start and end symbols."""
    owners: dict[str, dict[str, int]] = {}
    for symbol, start in symbols.items():
        found = _OWNER.fullmatch(symbol)
        end = symbols.get(symbol.removesuffix("_start") + "_end")
        if found and end is not None:
            name = f"partition {found['name']}" if found["name"] else found["other"]
            owners.setdefault(name, {"code": 0, "ram": 0})[found["kind"]] = end - start
    return dict(sorted(owners.items()))
