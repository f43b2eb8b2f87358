"""Makes partitions/ of an SDK: all that the author of a partition needs to write, compile and check
it without this tree.

    compile_manifests   checks manifests and writes their headers (tools/gen/compile_manifests.py)
    gen/ product.json manifests/   what it reads: the generator's loader, the product declared
    partitions.json     contract, compiler flags, and what a manifest can name: device registers,
                        interrupts, services
    include/            the PSA APIs, those of the Platform service and of storage
    partition.ld lib/   a link of one partition alone, as a check: what it needs, how large it is

Called by the command that makes an SDK, after the build. It only writes below its folder.
"""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bz import paths
from bz.variant import Variant

GEN = paths.ROOT / "tools" / "gen"
COMPILER = "compile_manifests"
NEEDED = ("__init__", "emit_headers", "output", "product", "source")  # and what these import

# For partitions; the rest of include/bartizan is for applications, or between our images.
HEADERS = ("psa/*.h", "bartizan/platform_service.h", "bartizan/storage.h")


def export(variant: Variant, folder: Path) -> None:
    """Fills `folder`, which is partitions/ of the SDK; `variant` is built."""
    folder.mkdir(parents=True, exist_ok=True)
    _copy_compiler(folder)
    product = variant.product
    _write_product(product, folder)
    _copy_headers(variant, folder / "include")
    _copy_link_check(variant, folder)
    _write_json(folder / "partitions.json", description(product))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")


def _copy_compiler(folder: Path) -> None:
    (folder / "gen").mkdir(exist_ok=True)
    for name in _modules():
        shutil.copyfile(GEN / f"{name}.py", folder / "gen" / f"{name}.py")
    command = folder / COMPILER
    shutil.copyfile(GEN / f"{COMPILER}.py", command)
    command.chmod(0o755)


def _modules() -> list[str]:
    """What compile_manifests needs of tools/gen; the rest emits a whole product's tables."""
    found: set[str] = set()
    left = list(NEEDED)
    while left:
        name = left.pop()
        if name not in found and (GEN / f"{name}.py").is_file():
            found.add(name)
            left += _imports(GEN / f"{name}.py")
    return sorted(found)


def _imports(file: Path) -> Iterator[str]:
    """Modules of gen that a file imports when it is imported itself."""
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module == "gen":
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gen."):
            yield node.module.removeprefix("gen.")


def _write_product(product: Any, folder: Path) -> None:
    """The declarations after `extends`, with the isolation level and profile of the SDK, and the
    partitions from outside the tree, if there are any, like its own."""
    tree = product.tree.plain()
    tree["product"] |= {"isolation": product.isolation, "profile": product.profile}
    tree["partition"] = [
        {**each, "manifest": _copy_manifest(each["manifest"], each["name"], folder)}
        for each in [*tree.get("partition", []), *_outside(product)]
    ]
    _write_json(folder / "product.json", tree)


def _outside(product: Any) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "id": each.id, "manifest": each.manifest.file}
        for each in product.partitions
        if each.is_outside
    ]


def _copy_manifest(file: str, partition: str, folder: Path) -> str:
    """The header of a partition is named like its manifest's file, so that name is kept."""
    copied = Path("manifests") / partition / Path(file).name
    (folder / copied).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(paths.ROOT / file, folder / copied)
    return str(copied)


def _copy_headers(variant: Variant, include: Path) -> None:
    """No psa_manifest/ is among them: compile_manifests writes one that has new services too."""
    sources = [(paths.ROOT / "include", pattern) for pattern in HEADERS]
    for source, pattern in [*sources, (variant.generated, "bartizan/nv_counters.h")]:
        for header in sorted(source.glob(pattern)):
            place = include / header.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(header, place)


def _copy_link_check(variant: Variant, folder: Path) -> None:
    from gen.emit_linker import partition_script

    (folder / "lib").mkdir(exist_ok=True)
    shared = variant.product.shared_archives
    for archive in sorted(variant.directory.rglob("*.a")):
        if archive.name in shared:
            shutil.copyfile(archive, folder / "lib" / archive.name)
    script = partition_script(variant.product, _traps(variant))
    (folder / "partition.ld").write_text(script, "utf-8")


def _traps(variant: Variant) -> list[str]:
    """The functions of the manager that a partition can call, by the sections they are in."""
    from elftools.elf.elffile import ELFFile

    entry = variant.directory / "spm" / "CMakeFiles" / "spe.dir" / "entry.S.obj"
    with entry.open("rb") as file:
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab").iter_symbols()
        return sorted(
            symbol.name
            for symbol in symbols
            if symbol["st_info"]["bind"] == "STB_GLOBAL"
            and isinstance(symbol["st_shndx"], int)
            and elf.get_section(symbol["st_shndx"]).name.startswith(".shared.text")
        )


def description(product: Any) -> dict[str, Any]:
    """partitions.json."""
    from gen.emit_build import cpu_flags_secure
    from gen.model import CONTRACT_VERSION

    return {
        "contract_version": CONTRACT_VERSION,
        "product": product.name,
        "isolation_level": product.isolation,
        "cflags": [flag for flag in cpu_flags_secure(product) if flag != "-mcmse"],
        "mmio_regions": [
            {"name": each.name, "base": each.base, "size": each.size}
            for each in product.peripherals
        ],
        "interrupts": [{"name": each.name, "number": each.number} for each in product.interrupts],
        "services": [
            {
                "name": service.name,
                "sid": service.sid,
                "version": service.version,
                "handle": service.handle,
            }
            for service in product.services
        ],
    }
