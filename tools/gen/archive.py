"""Looks into the archive of a partition from outside the tree before it is linked.

Called by external.py once the product is complete. What the linker would say in its own words, or
not at all, is said here with the names that the partition's author knows: a file that is no
archive, code for another processor, a function that the manifest names and nobody defines, an
archive that was compiled with headers of another contract or manifest.

`python -m gen.archive OBJECT ARCHIVE FUNCTION...` checks what the build links of an archive, when
only these functions shall be visible. The linker finds members by the archive's index, which may
lead to what is no member here, so that object says the last word.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from elftools.elf.elffile import ELFFile

from gen.emit_headers import CONTRACT_SECTION, contract_mark
from gen.model import CONTRACT_VERSION, Cpu, Partition, Product
from gen.source import ProductError

_MAGIC, _THIN_MAGIC = b"!<arch>\n", b"!<thin>\n"
_HEADER_SIZE = 60  # of a member: name 16, date 12, owner 6, group 6, mode 8, size 10, end mark 2
_INDEX_NAMES = ("/", "//", "/SYM64/")  # of the archive itself: symbols, long names
_UNDEFINED = "SHN_UNDEF"
_GLOBAL = ("STB_GLOBAL", "STB_WEAK")
_BINDINGS = ("STB_LOCAL", *_GLOBAL)  # not STB_GNU_UNIQUE, which no tool makes local
_INDIRECT = "STT_LOOS"  # STT_GNU_IFUNC: the linker makes code for it outside the partition
# Addenda to, and Errata in, the ABI for the Arm Architecture, 3.3.5: Tag_CPU_arch. What the core
# executes: v6-M, v6S-M, v7 of profile M, v7E-M, v8-M.
_CORE_ARCHITECTURES = {"cortex-m33": (10, 11, 12, 13, 16, 17)}
# What spe.ld has a place for in the region of a partition, or refuses by itself (constructors), or
# drops (tables of exceptions). A section .gateways would come to lie among the manager's.
_SECTIONS = re.compile(
    r"\.(text|rodata|data|bss|preinit_array|init_array|fini_array|ctors|dtors)(\..*)?"
    r"|\.ARM\.(exidx|extab).*"
)
# What is in no image. A linker script takes sections by name, whether they are loaded or not, so
# there is no other name that could not be one of the manager's.
_UNLOADED = re.compile(
    r"|\.(symtab|symtab_shndx|strtab|shstrtab|group|comment|ARM\.attributes|bartizan\.contract)"
    r"|\.(rela?|note|z?debug_|stab|llvm).*"
)
_ALLOCATED, _EXECUTABLE, _THREAD_LOCAL = 0x2, 0x4, 0x400  # sh_flags
_PROFILE_M = ord("M")
_VFP_REGISTERS = 1  # Tag_ABI_VFP_args: arguments in floating-point registers


@dataclass
class _Content:
    """What all members of an archive have together."""

    functions: set[str] = field(default_factory=set)
    marks: list[str] = field(default_factory=list)
    count: int = 0


def check(product: Product, partition: Partition) -> None:
    """Refuses an archive that cannot be this partition in this product."""
    path = Path(partition.archive)
    content = _Content()
    for name, data in _members(path):
        _check_member(path, name, data, product.cpu, content)
    if content.count == 0:
        _fail(path, "it has no member", "put the partition's object files into it (ar rcsD)")
    _check_marks(product, partition, content.marks)
    for function, asked_by, node in partition.manifest.functions:
        if function not in content.functions:
            node.fail(
                f"{asked_by} needs function '{function}', which archive {path} does not define",
                "define it in the partition, not static, or correct the manifest",
            )


def _fail(path: Path, what: str, todo: str) -> NoReturn:
    raise ProductError(str(path), None, what, todo)


# ---- The archive ---------------------------------------------------------------------------------


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    data = path.read_bytes()
    if data.startswith(_THIN_MAGIC):
        _fail(path, "it is a thin archive, without the code", "make it with 'ar rcsD'")
    if not data.startswith(_MAGIC):
        _fail(path, "it is no archive", "make one of the object files with 'ar rcsD'")
    at, long_names, is_first = len(_MAGIC), b"", True
    while at < len(data):
        header = data[at : at + _HEADER_SIZE]
        if header[58:] != b"`\n" or not header[48:58].strip().isdigit():
            _fail(path, f"its member at byte {at} is damaged", "make the archive again")
        size = int(header[48:58])
        body = data[at + _HEADER_SIZE : at + _HEADER_SIZE + size]
        if len(body) != size:
            _fail(path, f"its member at byte {at} is cut off", "make the archive again")
        name = header[:16].rstrip().decode("ascii", "replace")
        if name == "//":
            long_names = body
        if name not in _INDEX_NAMES:
            yield _member_name(name, long_names), body
            is_first = False
        elif not is_first:
            _fail(path, f"its member at byte {at} is a second index", "make the archive again")
        at += _HEADER_SIZE + size + size % 2


def _member_name(name: str, long_names: bytes) -> str:
    if name.startswith("/") and name[1:].isdigit():
        name = long_names[int(name[1:]) :].split(b"\n")[0].decode("utf-8", "replace")
    return name.removesuffix("/")


# ---- A member ------------------------------------------------------------------------------------


def _check_member(path: Path, name: str, data: bytes, cpu: Cpu, content: _Content) -> None:
    try:
        elf = ELFFile(io.BytesIO(data))
        _check_machine(path, name, elf)
        _check_attributes(path, name, elf, cpu)
        _check_sections(path, name, elf)
        _collect(path, name, elf, content)
    except ProductError:
        raise
    except Exception:  # whatever the parser makes of a damaged file
        what = f"its member {name} is no object file"
        _fail(path, what, "leave it out, or compile it again")
    content.count += 1


def _check_machine(path: Path, name: str, elf: ELFFile) -> None:
    header = elf.header
    if header["e_machine"] != "EM_ARM" or elf.elfclass != 32 or not elf.little_endian:
        what = f"its member {name} is for {elf.get_machine_arch()} ({elf.elfclass} bits)"
        _fail(path, what, "compile it with arm-none-eabi-gcc, flags of partitions.json")
    if header["e_type"] != "ET_REL":
        _fail(path, f"its member {name} is linked already", "put its object files into the archive")
    if any(section.name.startswith(".gnu.lto_") for section in elf.iter_sections()):
        _fail(path, f"its member {name} is compiled with -flto", "compile it with -fno-lto")


def _attributes(elf: ELFFile) -> dict[str, int]:
    section = elf.get_section_by_name(".ARM.attributes")
    if section is None:
        return {}
    found = {}
    for subsection in section.iter_subsections():
        for group in subsection.iter_subsubsections("TAG_FILE"):
            found |= {attribute.tag: attribute.value for attribute in group.iter_attributes()}
    return found


def _check_attributes(path: Path, name: str, elf: ELFFile, cpu: Cpu) -> None:
    found = _attributes(elf)
    flags = "compile it with the cflags of partitions.json"
    if not found and not _has_code(elf):
        return
    profile = found.get("TAG_CPU_ARCH_PROFILE", _PROFILE_M)
    if found.get("TAG_CPU_ARCH") not in _CORE_ARCHITECTURES[cpu.core] or profile != _PROFILE_M:
        _fail(path, f"its member {name} is for another core than {cpu.core}", flags)
    if found.get("TAG_ABI_VFP_ARGS") == _VFP_REGISTERS:
        _fail(path, f"its member {name} has the hard float ABI", f"{flags}: -mfloat-abi=soft")
    if found.get("TAG_FP_ARCH"):
        _fail(path, f"its member {name} uses floating-point registers", f"{flags}: +nofp")
    if found.get("TAG_DSP_EXTENSION") and not cpu.dsp:
        _fail(path, f"its member {name} uses DSP instructions", f"{flags}: +nodsp")


def _has_code(elf: ELFFile) -> bool:
    return any(each["sh_flags"] & _EXECUTABLE and each["sh_size"] for each in elf.iter_sections())


def _check_sections(path: Path, name: str, elf: ELFFile) -> None:
    """Names count for empty sections too: their alignment and their symbols remain."""
    for section in elf.iter_sections():
        flags = section["sh_flags"]
        if flags & _THREAD_LOCAL:
            what = f"its member {name} has variables of a thread ({section.name})"
            _fail(path, what, "remove _Thread_local: a partition has one thread")
        is_unloaded = not flags & _ALLOCATED and _UNLOADED.fullmatch(section.name) is not None
        if not is_unloaded and _SECTIONS.fullmatch(section.name) is None:
            what = (
                f"its member {name} has a section {section.name}, which has no place in the image"
            )
            _fail(path, what, "use .text, .rodata, .data and .bss, or names that begin like these")


def _collect(path: Path, name: str, elf: ELFFile, content: _Content) -> None:
    table = elf.get_section_by_name(".symtab")
    for symbol in table.iter_symbols() if table is not None else ():
        info = symbol["st_info"]
        if info["bind"] not in _BINDINGS or info["type"] == _INDIRECT:
            what = f"its member {name} has symbol {symbol.name}, which asks for a dynamic linker"
            _fail(path, what, "remove the attribute ifunc, or the type gnu_unique_object")
        is_function = info["type"] in ("STT_FUNC", "STT_NOTYPE")  # the latter: of an assembler
        if is_function and info["bind"] in _GLOBAL and symbol["st_shndx"] != _UNDEFINED:
            content.functions.add(symbol.name)
    for section in elf.iter_sections():
        if section.name == CONTRACT_SECTION:
            content.marks += section.data().decode("ascii").rstrip("\0").split("\0")


def check_linked(item: Path, archive: Path, functions: list[str]) -> None:
    """Sections and symbols of one object, which the linker made of an archive."""
    with item.open("rb") as file:
        elf = ELFFile(file)
        _check_sections(archive, "that its index names", elf)
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            is_seen = symbol["st_info"]["bind"] != "STB_LOCAL"
            if is_seen and symbol["st_shndx"] != _UNDEFINED and symbol.name not in functions:
                what = f"its symbol {symbol.name} would be seen by the rest of the image"
                _fail(archive, what, "make it static")


# ---- Contract ------------------------------------------------------------------------------------


def _check_marks(product: Product, partition: Partition, marks: list[str]) -> None:
    """Every header of a manifest leaves its mark in the objects that include it."""
    path = Path(partition.archive)
    header = f"psa_manifest/{partition.manifest.header}.h"
    again = "write the headers again with compile_manifests, then compile it again"
    for mark in marks:
        version = mark.split(" ")[0]
        if version != str(CONTRACT_VERSION):
            what = f"it was compiled for contract {version}, this is contract {CONTRACT_VERSION}"
            _fail(path, what, f"{again} (partitions/ of this product's SDK)")
    own = {mark for mark in marks if mark.split(" ")[1:2] == [partition.manifest.name]}
    if not own:
        _fail(path, f"no object in it was compiled with {header}", f"include it, {again}")
    if own != {contract_mark(product, partition)}:
        what = f"it was compiled with another {header} than {partition.manifest.file} makes"
        _fail(path, what, again)


# ---- Command line --------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    try:
        check_linked(Path(arguments[0]), Path(arguments[1]), arguments[2:])
    except ProductError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
