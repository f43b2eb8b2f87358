"""Emits fault_tables.c: the names behind the fault story (spm/fault_tables.h).

The first place that an address lies in is the one that is named, so the order is from the small and
particular to the large: what the secure image is made of, other memory, flash, peripherals.
"""

from __future__ import annotations

from pathlib import Path

from gen.model import Partition, Product
from gen.output import banner

_MEMORY, _FLASH, _PERIPHERAL = "SPM_PLACE_MEMORY", "SPM_PLACE_FLASH", "SPM_PLACE_PERIPHERAL"
_CORE_BASE, _CORE_END = 0xE0000000, 0xE0100000  # private peripheral bus: DDI 0553, B3.1

# Parts of the secure image by their symbols in spe.ld.
_IMAGE = (
    ("gateways", "the gateways"),
    ("shared_code", "shared secure code"),
    ("manager_code", "code of the manager"),
    ("manager_ram", "RAM of the manager"),
    ("agent_ram", "stacks of the gateways' and the idle thread"),
)
_MEMORY_NAMES = {
    "boot_code": "code of boot",
    "boot_ram": "RAM of boot",
    "handoff": "hand-off memory",
    "retained": "retained memory",
    "secure_ram": "unused secure RAM",
    "ns_ram": "non-secure RAM",
}


def fault_tables(product: Product) -> str:
    """The text of fault_tables.c."""
    symbols = [name for name, _ in _parts(product)]
    rows = [
        _row(f"(uint32_t)__{name}_start", f"(uint32_t)__{name}_end", _MEMORY, text)
        for name, text in _parts(product)
    ]
    rows += _memories(product) + _flash(product) + _peripherals(product)
    rows.append(_row(_hex(_CORE_BASE), _hex(_CORE_END), _MEMORY, "registers of the core"))
    externs = "".join(
        f"extern uint8_t __{name}_{end}[];\n" for name in symbols for end in ("start", "end")
    )
    manifests = "".join(
        [f'    "{_manifest(partition)}",\n' for partition in product.ranked] or ["    0,\n"]
    )
    services = "".join(
        [
            f'    "{service.name}",\n'
            for service in sorted(product.services, key=lambda service: service.sid)
        ]
        or ["    0,\n"]
    )
    return (
        f"{banner(product.file, 'Names for the fault story.')}"
        '#include "spm/fault_tables.h"\n\n'
        f"{externs}\n"
        f"const struct spm_place spm_places[] = {{\n{''.join(rows)}}};\n"
        f"const uint32_t spm_place_count = {len(rows)}U;\n\n"
        f"const char *const spm_service_names[] = {{\n{services}}};\n\n"
        f"const char *const spm_partition_manifests[] = {{\n{manifests}}};\n\n"
        f'const char spm_product_file[] = "{product.file}";\n'
    )


def _manifest(partition: Partition) -> str:
    """Same source, same bits: of a file outside the tree only the name gets into the image."""
    file = Path(partition.manifest.file)
    return file.name if file.is_absolute() else str(file)


def _hex(address: int) -> str:
    return f"{address:#010x}U"


def _row(first: str, end: str, kind: str, name: str, region: int = 0) -> str:
    return f'    {{{first}, {end}, {kind}, {region}U, "{name}"}},\n'


def _span(base: int, size: int, kind: str, name: str, region: int = 0) -> str:
    return _row(_hex(base), _hex(base + size), kind, name, region)


def _parts(product: Product) -> list[tuple[str, str]]:
    parts = list(_IMAGE)
    for partition in product.partitions:
        parts += [
            (f"part_{partition.name}_{kind}", f"{words} of partition {partition.name}")
            for kind, words in (("code", "code"), ("ram", "RAM"))
        ]
    return parts


def _memories(product: Product) -> list[str]:
    return [
        _span(
            memory.base,
            memory.size,
            _MEMORY,
            _MEMORY_NAMES.get(memory.name, f"memory {memory.name}"),
        )
        for memory in product.memories.values()
    ]


def _flash(product: Product) -> list[str]:
    base = product.flash.base
    rows = [
        _span(base + region.offset, region.size, _FLASH, region.name, region.number)
        for region in product.regions
    ]
    for image in product.images:
        for words, offset, size in (
            ("slot", image.slot_offset, image.slot_size),
            ("secondary slot", image.secondary_offset, image.secondary_size),
        ):
            rows.append(_span(base + offset, size, _MEMORY, f"{words} of image {image.name}"))
    return rows + [_span(base, product.flash.size, _MEMORY, "flash that no region names")]


def _peripherals(product: Product) -> list[str]:
    known = {(each.base, each.size): each.name for each in product.peripherals}
    for partition in product.partitions:
        for grant in partition.peripherals:
            known.setdefault((grant.base, grant.size), grant.name)
    return [_span(base, size, _PERIPHERAL, name) for (base, size), name in known.items()]
