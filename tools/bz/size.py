"""Measures the images of a build: in all, per partition, per library, and the biggest functions;
and compares them with the product's budgets.

From the sections and symbols of the ELF files (the linker script's __part_<name>_* symbols) and
from the linker's map, which knows the archives. It only reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from elftools.elf.elffile import ELFFile

from bz.console import BzError
from bz.variant import Variant

KINDS = ("text", "data", "bss", "stack")
_WRITE, _ALLOCATED = 0x1, 0x2
# Between these symbols lies all that an image's binary holds.
_BINARY = ("boot_code", "secure_image", "ns_image")
_OWNER = re.compile(r"__(?:part_(?P<name>\w+)|(?P<other>manager|shared|agent))_(?:code|ram)_start")
_SECTION = re.compile(r"(\.\w[\w.]*)(?:\s|$)")
# Address, size and file of an input section; a long name of it stands on a line of its own.
_INPUT = re.compile(r" \S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(/?\S.*\.(?:o|obj)\)?)$")
_ARCHIVE = re.compile(r"lib([^/]+)\.a\([^)]*\)$")
_TARGET = re.compile(r"CMakeFiles/([^/]+)\.dir/")


def measure(path: Path) -> dict[str, Any]:
    """Bytes of text (code, constants), data (initialised), bss, stack; of the binary, which holds
    text, data and what lies between, and of the RAM; the same per owner."""
    if not path.exists():
        raise BzError(f"there is no {path}", "run ./bz build")
    with path.open("rb") as file:
        elf = ELFFile(file)
        sizes = dict.fromkeys(KINDS, 0)
        for section in elf.iter_sections():
            if kind := _kind_of(section):
                sizes[kind] += section["sh_size"]
        table = elf.get_section_by_name(".symtab")
        symbols = (
            {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()} if table else {}
        )
    binary = sizes["text"] + sizes["data"]
    for name in _BINARY:
        if f"__{name}_end" in symbols:
            binary = symbols[f"__{name}_end"] - symbols[f"__{name}_start"]
    return {
        "file": str(path),
        **sizes,
        "binary": binary,
        "ram": sizes["data"] + sizes["bss"] + sizes["stack"],
        "owners": _owners(symbols),
    }


def _kind_of(section: Any) -> str | None:
    """What a section counts as; None for what is not in the device's memory."""
    if not section["sh_flags"] & _ALLOCATED:
        return None
    if section.name.endswith("stack"):
        return "stack"
    if section["sh_type"] == "SHT_NOBITS":
        return "bss"
    return "data" if section["sh_flags"] & _WRITE else "text"


def _owners(symbols: dict[str, int]) -> dict[str, dict[str, int]]:
    """Bytes of each partition, of the manager, of shared code and of the agent."""

    def between(prefix: str, start: str, end: str) -> int:
        return symbols.get(f"{prefix}_{end}", 0) - symbols.get(f"{prefix}_{start}", 0)

    owners = {}
    for found in filter(None, map(_OWNER.fullmatch, symbols)):
        prefix = f"__part_{found['name']}" if found["name"] else f"__{found['other']}"
        ram = between(prefix, "ram_start", "ram_end")
        data = between(prefix, "data_start", "data_end")
        stack = between(prefix, "stack_limit", "stack_top")
        owners[f"partition {found['name']}" if found["name"] else found["other"]] = {
            "text": between(prefix, "code_start", "code_end"),
            "data": data,
            "bss": ram - data - stack,
            "stack": stack,
            "ram": ram,
        }
    return dict(sorted(owners.items()))


def libraries(path: Path) -> dict[str, dict[str, int]]:
    """Bytes that each archive, and the image's own objects, give to an image."""
    with path.open("rb") as file:
        kinds = {section.name: _kind_of(section) for section in ELFFile(file).iter_sections()}
    found: dict[str, dict[str, int]] = {}
    kind = None
    map_text = path.with_suffix(".map").read_text(encoding="utf-8", errors="replace")
    _, _, memory_map = map_text.partition("Linker script and memory map")
    for line in memory_map.splitlines():
        if section := _SECTION.match(line):
            kind = kinds.get(section[1])
        elif kind and (part := _INPUT.match(line)):
            sizes = found.setdefault(_library_of(part[3]), dict.fromkeys(KINDS, 0))
            sizes[kind] += int(part[2], 16)
    used = {name: sizes for name, sizes in found.items() if any(sizes.values())}
    return dict(sorted(used.items(), key=lambda item: (-item[1]["text"], item[0])))


def _library_of(file: str) -> str:
    if archive := _ARCHIVE.search(file):
        return archive[1]
    target = _TARGET.search(file)
    return target[1] if target else PurePosixPath(file).name


def functions(path: Path, count: int) -> list[dict[str, Any]]:
    """The biggest functions of an image."""
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        sizes = {
            (symbol["st_value"], symbol.name): symbol["st_size"]
            for symbol in table.iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"
        }
    biggest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:count]
    return [{"name": name, "bytes": size} for (_, name), size in biggest]


# ---- Budgets -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """Bytes that a part of the product may take, and those that it takes."""

    name: str
    used: int
    limit: int


def budgets(variant: Variant) -> list[Budget]:
    """Each budget of the product, with what the images that were built take of it."""
    product = variant.product
    limits = dict(product.budget)
    for partition in product.partitions:
        limits |= {f"{partition.name} {what}": size for what, size in partition.budget.items()}
    if not limits:
        return []
    used = _used(variant)
    for partition in product.partitions:
        if partition.archive:  # from outside the tree: not in what the product has budgets for
            for what in ("code", "ram"):
                used[f"secure_{what}"] -= used[f"{partition.name} {what}"]
    return [
        Budget(name.replace("_", " "), used.get(name, 0), limit) for name, limit in limits.items()
    ]


def exceeded_budgets(variant: Variant) -> list[str]:
    """A line with the numbers for each budget of the product that a build exceeds."""
    return [
        f"{each.name} takes {each.used} of {each.limit} bytes, {each.used - each.limit} too many"
        for each in budgets(variant)
        if each.used > each.limit
    ]


def _used(variant: Variant) -> dict[str, int]:
    """Bytes by the names of budgets, of the images that were built."""
    used = {}
    for name, path in (("boot", variant.boot_elf), ("secure", variant.elf("secure"))):
        if path.exists():
            measured = measure(path)
            used |= {f"{name}_code": measured["binary"], f"{name}_ram": measured["ram"]}
            for owner, sizes in measured["owners"].items():
                partition = owner.removeprefix("partition ")
                used[f"{partition} code"] = sizes["text"] + sizes["data"]
                used[f"{partition} ram"] = sizes["ram"]
    return used
