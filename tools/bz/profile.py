"""Where executed instructions come from: functions and source files of a set of ELF files.

Used by `bz bench --profile-functions` and for docs/figures.md. Functions are the symbols that an
image has, files are the sources that were compiled: what the compiler has put into its caller, from
a header or not, counts as the caller's. The measuring application is left out of both counts.
"""

from __future__ import annotations

import bisect
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from bz import paths
from bz.masks import Symbol

_MEASURING = "tests/bench/ns/"


@dataclass(frozen=True)
class Profile:
    """Instructions by (image, function) and by source file, most first."""

    functions: list[tuple[tuple[str, str], int]]
    files: list[tuple[str, int]]
    instructions: int  # all of them
    unknown: int  # those without debug information


class _Ranges:
    """Names of address ranges that do not overlap."""

    def __init__(self, ranges: list[tuple[int, int, Any]]) -> None:
        self._ranges = sorted(ranges, key=lambda each: each[:2])
        self._starts = [start for start, _, _ in self._ranges]

    def find(self, address: int) -> Any:
        index = bisect.bisect_right(self._starts, address) - 1
        if index < 0:
            return None
        _, end, name = self._ranges[index]
        return name if address < end else None


def make(
    executions: dict[int, int], images: dict[str, Path], symbols: dict[str, list[Symbol]]
) -> Profile:
    """The profile of a set of executed addresses."""
    functions: Counter[tuple[str, str]] = Counter()
    files: Counter[str] = Counter()
    unknown = 0
    names = _Ranges(
        [each for image, path in images.items() for each in _functions(image, path, symbols[image])]
    )
    units = _Ranges([each for path in images.values() for each in _units(path)])
    for address, count in executions.items():
        file = units.find(address)
        if file and file.startswith(_MEASURING):
            continue
        functions[names.find(address) or ("?", f"{address:#x}")] += count
        if file:
            files[file] += count
        else:
            unknown += count
    return Profile(_most_first(functions), _most_first(files), sum(executions.values()), unknown)


def _most_first(counted: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _functions(
    image: str, path: Path, symbols: list[Symbol]
) -> list[tuple[int, int, tuple[str, str]]]:
    """Ranges of the functions of an image; one without size (assembly) ends at the next."""
    with path.open("rb") as file:
        ends = [
            section["sh_addr"] + section["sh_size"]
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & 0x4  # executable
        ]
    found: dict[int, Symbol] = {}
    for each in sorted(symbols, key=lambda symbol: (symbol.address, symbol.name)):
        if each.is_function:
            found.setdefault(each.address, each)
    starts = sorted(found)
    ranges = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = min((end for end in ends if end > start), default=start)
        end = min(end, following) if following is not None else end
        if found[start].size:
            end = min(end, start + found[start].size)
        ranges.append((start, end, (image, found[start].name)))
    return ranges


def _units(path: Path) -> list[tuple[int, int, str]]:
    """Ranges of addresses by the source file that was compiled there."""
    with path.open("rb") as file:
        dwarf = ELFFile(file).get_dwarf_info()
        return [
            (each.begin_addr, each.begin_addr + each.length, _source(dwarf, each.info_offset))
            for each in dwarf.get_aranges().entries
            if each.begin_addr != 0  # what the linker has left out
        ]


def _source(dwarf: Any, offset: int) -> str:
    """Name of a compilation unit's source file, as a path from the checkout."""
    unit = dwarf.get_CU_at(offset)
    name = _text(unit.get_top_DIE().attributes["DW_AT_name"].value)
    if not name.endswith((".c", ".S")):  # the assembler takes the file of the first instruction
        name = next(filter(re.compile(r"\.S$").search, _line_files(dwarf, unit)), name)
    name = posixpath.normpath(name).removeprefix(f"{paths.ROOT}/")
    return re.sub(r"^(\.\./)+", "", name)  # libraries come from another tree


def _line_files(dwarf: Any, unit: Any) -> list[str]:
    """The files that instructions of a compilation unit come from."""
    header = dwarf.line_program_for_CU(unit).header
    folders = [_text(each) for each in header.include_directory]
    if header.version < 5:  # the folder of the compilation is not in the list
        folders.insert(0, "")
    return [posixpath.join(folders[each.dir_index], _text(each)) for each in header.file_entry]


def _text(value: Any) -> str:
    """A name as debug information of any version holds it."""
    value = getattr(value, "name", None) or getattr(value, "DW_LNCT_path", None) or value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
