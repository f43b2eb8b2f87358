"""Emits the headers and the image table: layout.h, bartizan/product.h, boot_images.c,
crypto_algorithms.h, psa_manifest/*.h.

Each function returns the text of one file. The product is complete and checked; nothing is decided
here.
"""

from __future__ import annotations

import hashlib

from gen import standard
from gen.model import (
    CONTRACT_VERSION,
    GATEWAYS_OFFSET,
    GATEWAYS_SIZE,
    NVMEM_SIZE,
    Partition,
    Product,
    Service,
)
from gen.output import banner
from gen.profiles import PROFILE_NUMBERS

CONTRACT_SECTION = ".bartizan.contract"


def _define(name: str, value: int | str) -> str:
    text = (
        f'"{value}"' if isinstance(value, str) else f"{value:#x}U" if value > 0xFFF else f"{value}U"
    )
    return f"#define {name} {text}"


def _guarded(file: str, guard: str, role: str, lines: list[str]) -> str:
    body = "\n".join(lines)
    return f"{banner(file, role)}#ifndef {guard}\n#define {guard}\n\n{body}\n\n#endif\n"


def _parts(product: Product) -> list[str]:
    """Parts of FF-M that the product uses: the manager has no code for the others."""
    manifests = [partition.manifest for partition in product.partitions]
    services = product.services
    return [
        _define("SPM_IRQS", sum(len(manifest.irqs) for manifest in manifests)),
        _define("SPM_HAS_IPC", int(any(manifest.model == "IPC" for manifest in manifests))),
        _define("SPM_HAS_HEAP", int(any(manifest.heap_size for manifest in manifests))),
        _define("SPM_HAS_CONNECTIONS", int(any(each.connection_based for each in services))),
        _define("SPM_HAS_MM_IOVEC", int(any(each.mm_iovec for each in services))),
        _define(
            "SPM_HAS_PARTITION_KEY",
            int(any("partition_key" in each.secrets for each in product.partitions)),
        ),
        _define("SPM_HAS_RESTART", int(any(product.restarts(each) for each in product.partitions))),
    ]


def layout_header(product: Product) -> str:
    """layout.h: addresses, sizes and counts, usable from C and assembly."""
    lines = [_define("PRODUCT_NAME", product.name), _define("PRODUCT_VERSION", product.version), ""]
    for memory in product.memories.values():
        name = memory.name.upper()
        lines += [_define(f"{name}_BASE", memory.base), _define(f"{name}_SIZE", memory.size)]
    flash = product.flash
    lines += [
        "",
        _define("FLASH_BASE", flash.base),
        _define("FLASH_SIZE", flash.size),
        _define("FLASH_SECTOR_SIZE", flash.sector_size),
        _define("FLASH_PROGRAM_UNIT", flash.program_unit),
        _define("FLASH_ERASED", flash.erased),
        "",
    ]
    for region in product.regions:
        name = region.name.upper()
        lines += [
            _define(f"FLASH_{name}_OFFSET", region.offset),
            _define(f"FLASH_{name}_SIZE", region.size),
            _define(f"FLASH_{name}_SECTOR_SIZE", region.sector_size),
            _define(f"FLASH_REGION_{name}", region.number),
        ]
    lines += ["", _define("IMAGE_COUNT", len(product.images))]
    for image in product.images:
        name = image.name.upper()
        lines += [
            _define(f"IMAGE_{name}_ID", image.id),
            _define(f"IMAGE_{name}_SLOT_OFFSET", image.slot_offset),
            _define(f"IMAGE_{name}_SLOT_SIZE", image.slot_size),
            _define(f"IMAGE_{name}_SECONDARY_OFFSET", image.secondary_offset),
            _define(f"IMAGE_{name}_SECONDARY_SIZE", image.secondary_size),
            _define(f"IMAGE_{name}_HEADER_SIZE", image.header_size),
        ]
    gateways = product.payload_base(product.secure_image) + GATEWAYS_OFFSET
    lines += [
        "",
        _define("GATEWAYS_BASE", gateways),
        _define("GATEWAYS_SIZE", GATEWAYS_SIZE),
        "",
        _define("CLOCK_HZ", product.cpu.clock_hz),
        _define("MPU_REGIONS_MIN", product.cpu.mpu_regions),
        _define("BOOT_FAULTING_BOOTS_MAX", product.faulting_boots_max),
        _define("SPM_PARTITIONS", len(product.partitions)),
        _define("SPM_SERVICES", max(1, len(product.services))),
        _define("SPM_CONNECTIONS", product.connections),
        *_parts(product),
        "",
    ]
    lines += [_define(key.upper(), product.profile_values[key]) for key in PROFILE_NUMBERS]
    lines += [
        _define("ITS_QUOTAS", len(product.its_quota)),
        _define("ITS_ENCRYPTION", int(product.profile_values["its_encryption"])),
        _define("NV_COUNTERS", len(product.nv_counters)),
    ]
    return _guarded(product.file, "LAYOUT_H", "Addresses, sizes and counts of the product.", lines)


def application_header(product: Product) -> str:
    """bartizan/product.h: what an application may know of the product; the same for each level."""
    image, ram = product.non_secure_image, product.memories["ns_ram"]
    lines = [
        _define("BARTIZAN_PRODUCT", product.name),
        _define("BARTIZAN_CLOCK_HZ", product.cpu.clock_hz),
        _define("BARTIZAN_UART_BASE", product.ns_uart_base),
        "",
        "/* Code and initial data of the application. */",
        _define("BARTIZAN_NS_CODE_BASE", product.payload_base(image)),
        _define("BARTIZAN_NS_CODE_SIZE", image.payload_size),
        "/* All of its memory. */",
        _define("BARTIZAN_NS_RAM_BASE", ram.base),
        _define("BARTIZAN_NS_RAM_SIZE", ram.size),
        "/* The end of that memory: no start writes it, so it survives a reset. */",
        _define("BARTIZAN_NVMEM_BASE", product.nvmem_base),
        _define("BARTIZAN_NVMEM_SIZE", NVMEM_SIZE),
    ]
    return _guarded(
        product.file, "BARTIZAN_PRODUCT_H", "What an application may know of the product.", lines
    )


def boot_images(product: Product) -> str:
    """boot_images.c: the table behind boot/boot.h."""
    rows = []
    for image in product.images:
        world = "BOOT_WORLD_SECURE" if image.world == "secure" else "BOOT_WORLD_NON_SECURE"
        name = image.name.upper()
        rows.append(
            f"    {{\n"
            f"        .id = IMAGE_{name}_ID,\n"
            f'        .name = "{image.name}",\n'
            f"        .slot_offset = IMAGE_{name}_SLOT_OFFSET,\n"
            f"        .slot_size = IMAGE_{name}_SLOT_SIZE,\n"
            f"        .header_size = IMAGE_{name}_HEADER_SIZE,\n"
            f"        .world = {world},\n"
            f"    }},\n"
        )
    return (
        f"{banner(product.file, 'The images that boot verifies, in product order.')}"
        f'#include "boot/boot.h"\n\n#include "layout.h"\n\n'
        f"const struct boot_image boot_images[] = {{\n{''.join(rows)}}};\n"
        f"const uint32_t boot_image_count = IMAGE_COUNT;\n"
    )


def crypto_algorithms(product: Product) -> str:
    """crypto_algorithms.h: one definition for each selected algorithm."""
    lines = [
        f"#define CRYPTO_ALG_{name.upper()} 1"
        for name in product.profile_values["crypto_algorithms"]
    ]
    return _guarded(
        product.file, "CRYPTO_ALGORITHMS_H", f"Algorithms of profile '{product.profile}'.", lines
    )


def psa_manifest_headers(product: Product) -> dict[str, str]:
    """psa_manifest/: sid.h, pid.h and one header for each partition."""
    files = {
        "psa_manifest/sid.h": sid_header(product.file, product.services),
        "psa_manifest/pid.h": _pid_header(product),
    }
    for partition in product.partitions:
        files[f"psa_manifest/{partition.manifest.header}.h"] = _partition_header(product, partition)
    return files


def sid_header(file: str, services: list[Service]) -> str:
    """psa_manifest/sid.h. The standard services are there whatever a product has: a client asks
    psa_version(). file: what the others are declared in."""
    own = [service for service in services if service.name not in standard.NAMES]
    lines = []
    for service in (*standard.STANDARD, *own):
        lines += [
            f"#define {service.name}_SID (0x{service.sid:08x}U)",
            f"#define {service.name}_VERSION ({service.version}U)",
        ]
        if service.handle is not None:
            lines.append(f"#define {service.name}_HANDLE (0x{service.handle:08x}U)")
    role = "Services: ids, versions, static handles."
    return _guarded(file, "PSA_MANIFEST_SID_H", role, lines)


def _pid_header(product: Product) -> str:
    lines = [
        f"#define {partition.manifest.name} ({partition.id:#x})" for partition in product.partitions
    ]
    return _guarded(product.file, "PSA_MANIFEST_PID_H", "Partition ids by manifest name.", lines)


def _partition_header(product: Product, partition: Partition) -> str:
    manifest = partition.manifest
    name = manifest.name.upper()
    lines = [
        '#include "psa/service.h"',
        "",
        f"#define {name}_MODEL_{manifest.model} 1",
        f"#define {name}_STACK_SIZE ({manifest.stack_size}U)",
        f"#define {name}_HEAP_SIZE ({manifest.heap_size}U)",
        *_signals_and_functions(partition),
    ]
    if partition.is_outside:
        lines += _mark_lines(contract_mark(product, partition))
    guard = f"PSA_MANIFEST_{manifest.header.upper().replace('-', '_').replace('.', '_')}_H"
    role = f"Partition '{partition.name}', from {manifest.file}."
    return _guarded(product.file, guard, role, lines)


def contract_mark(product: Product, partition: Partition) -> str:
    """What an object is compiled for: the contract's version, the partition, and a digest of all
    that its code takes from the headers: signals, prototypes, handles of the services it calls."""
    used = [
        f"{service.sid} {service.version} {service.handle}"
        for service in product.services
        if service.sid in partition.dependency_sids
    ]
    text = "\n".join([partition.manifest.model, *_signals_and_functions(partition), *used])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{CONTRACT_VERSION} {partition.manifest.name} {digest}"


def _mark_lines(mark: str) -> list[str]:
    """A section that is never loaded; the build of the product looks for it in the archive."""
    return [
        "",
        f'__asm__(".pushsection {CONTRACT_SECTION}, \\"\\", %progbits\\n"',
        f'        "\\t.asciz \\"{mark}\\"\\n"',
        '        "\\t.popsection");',
    ]


def _signals_and_functions(partition: Partition) -> list[str]:
    manifest = partition.manifest
    lines = []
    if manifest.model == "SFN":
        lines += [f"psa_status_t {manifest.entry}(void);"] if manifest.entry else []
        lines += [
            f"psa_status_t {service.symbol}(const psa_msg_t *message);"
            for service in manifest.services
        ]
    else:
        lines.append(f"void {manifest.entry}(void);")
        lines += [
            f"#define {service.name}_SIGNAL ((psa_signal_t)1U << {service.signal_bit})"
            for service in manifest.services
        ]
    lines += [
        f"#define {irq.signal} ((psa_signal_t)1U << {irq.signal_bit})" for irq in manifest.irqs
    ]
    return lines + [f"psa_flih_result_t {irq.flih}(void);" for irq in manifest.irqs if irq.flih]
