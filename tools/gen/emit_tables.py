"""Emits spm_tables.c, the manager's view of the product (spm/tables.h).

The isolation level ends here: it decides which MPU regions a partition's list has, and nowhere else
in the firmware is it known. Addresses are symbols of spe.ld; sums with constants keep them static
initialisers.
"""

from __future__ import annotations

from gen.model import FLASH_RIGHTS, MPU_GROUP, Manifest, Partition, Product, Service
from gen.output import banner

# RBAR: SH = 0, AP in bits 2..1, XN in bit 0. RLAR: AttrIndx in bits 3..1, enable in bit 0.
_RBAR_CODE = 0x6  # read-only for any privilege, executable
_RBAR_DATA = 0x3  # read-write for any privilege, never executed
_RBAR_DATA_READ = 0x7  # read-only for any privilege, never executed
_RBAR_MANAGER = 0x1  # read-write, privileged only, never executed
_RLAR_NORMAL = 0x1  # attribute 0: normal memory
_RLAR_DEVICE = 0x3  # attribute 1: device registers
_GRANULE = 32
AGENT_REGIONS = "spm_agent_regions"  # the array of the thread behind the gateways

Region = tuple[str, str]


def region_arrays(product: Product) -> dict[str, str]:
    """The name of the array in spm_tables.c that holds the MPU regions of each partition."""
    regions = _RegionLists(product)
    return {partition.name: regions.name(partition) for partition in product.partitions}


def spm_tables(product: Product) -> str:
    """The text of spm_tables.c."""
    regions = _RegionLists(product)
    parts = [
        banner(product.file, f"The manager's tables, isolation level {product.isolation}."),
        '#include "spm/spm.h"\n',
        _declarations(product, regions),
        regions.text(),
        _peripherals(product),
        _partitions(product, regions),
        _services(product),
        _agent_services(product),
        _stateless(product),
        _irqs(product),
        _flash_grants(product),
    ]
    return "\n".join(part for part in parts if part)


# ---- MPU regions ---------------------------------------------------------------------------------


def _memory(start: str, end: str, access: int) -> Region:
    """The region of the link-time range start..end (end is one past it, both multiples of 32)."""
    return (f"(uint32_t){start} + {access}U", f"(uint32_t){end} - {_GRANULE - _RLAR_NORMAL}U")


def _code(start: str, end: str) -> Region:
    return _memory(start, end, _RBAR_CODE)


def _ram(start: str, end: str) -> Region:
    return _memory(start, end, _RBAR_DATA)


class _RegionLists:
    """The list of every partition and of the agent; equal lists are one array."""

    def __init__(self, product: Product) -> None:
        agent = _agent_list(product.isolation)
        self.names: dict[tuple[Region, ...], str] = {tuple(agent): AGENT_REGIONS}
        self.of: dict[str, tuple[Region, ...]] = {}
        for partition in product.partitions:
            regions = tuple(_partition_list(product.isolation, partition))
            self.of[partition.name] = regions
            self.names.setdefault(regions, f"{partition.name}_regions")

    def name(self, partition: Partition) -> str:
        return self.names[self.of[partition.name]]

    def count(self, partition: Partition) -> int:
        return max(MPU_GROUP, len(self.of[partition.name]))

    def symbols(self) -> set[str]:
        """Link-time symbols that the lists use."""
        words = [word for regions in self.names for region in regions for word in region]
        words += list(_ram("__manager_ram_start", "__manager_ram_end"))
        return {word.split(")")[1].split(" ")[0] for word in words if word.startswith("(uint32_t)")}

    def text(self) -> str:
        lists = []
        for regions, name in self.names.items():
            storage = "" if name == AGENT_REGIONS else "static "
            rows = "".join(f"    {{{rbar}, {rlar}}},\n" for rbar, rlar in regions)
            rows += "    {0U, 0U},\n" * (MPU_GROUP - len(regions))
            lists.append(f"{storage}const struct spm_mpu_region {name}[] = {{\n{rows}}};\n")
            if not storage:
                count = max(MPU_GROUP, len(regions))
                lists.append(f"const uint32_t spm_agent_region_count = {count}U;\n")
        rbar, rlar = _memory("__manager_ram_start", "__manager_ram_end", _RBAR_MANAGER)
        lists.append(
            f"const struct spm_mpu_region spm_manager_region = {{\n    {rbar},\n    {rlar},\n}};\n"
        )
        return "\n".join(lists)


def _agent_list(isolation: int) -> list[Region]:
    """The gateway code runs unprivileged, so its region is part of the agent's list; and of every
    other's, since a second non-secure caller must find it, to be turned away, while they run."""
    if isolation == 1:
        return [
            _code("__code_start", "__code_end"),
            _ram("__agent_ram_start", "__partitions_ram_end"),
        ]
    if isolation == 2:
        return [_code("__code_start", "__code_end"), _ram("__agent_ram_start", "__psa_rot_ram_end")]
    return [
        _code("__gateways_start", "__shared_code_end"),
        _ram("__agent_ram_start", "__agent_ram_end"),
    ]


def _partition_list(isolation: int, partition: Partition) -> list[Region]:
    own = f"__part_{partition.name}"
    if isolation == 3:
        regions = [
            _code("__gateways_start", "__shared_code_end"),
            _ram(f"{own}_ram_start", f"{own}_ram_end"),
            _code(f"{own}_code_start", f"{own}_code_end"),
        ]
    elif isolation == 2 and not partition.is_psa_rot:
        regions = [_code("__code_start", "__code_end"), _ram(f"{own}_ram_start", f"{own}_ram_end")]
    else:
        regions = _agent_list(isolation)
    for grant in partition.peripherals:
        access = _RBAR_DATA if grant.writable else _RBAR_DATA_READ
        limit = grant.base + grant.size - _GRANULE
        regions.append((f"{grant.base + access:#x}U", f"{limit + _RLAR_DEVICE:#x}U"))
    return regions


# ---- Tables --------------------------------------------------------------------------------------


def _declarations(product: Product, regions: _RegionLists) -> str:
    symbols = regions.symbols()
    for partition in product.partitions:
        own = f"__part_{partition.name}"
        symbols |= {
            f"{own}_{name}"
            for name in (
                "stack_limit",
                "stack_top",
                "data_load",
                "data_start",
                "data_end",
                "bss_start",
                "bss_end",
            )
        }
        symbols |= {f"{own}_heap_start"} if partition.manifest.heap_size else set()
    lines = [f"extern uint8_t {symbol}[];\n" for symbol in sorted(symbols)]
    for partition in product.partitions:
        lines += _prototypes(partition.manifest)
    return "".join(lines)


def _prototypes(manifest: Manifest) -> list[str]:
    lines = []
    if manifest.model == "IPC":
        lines.append(f"void {manifest.entry}(void);\n")
    else:
        lines += [f"psa_status_t {manifest.entry}(void);\n"] if manifest.entry else []
        lines += [
            f"psa_status_t {service.symbol}(const psa_msg_t *message);\n"
            for service in manifest.services
        ]
    return lines + [f"psa_flih_result_t {irq.flih}(void);\n" for irq in manifest.irqs if irq.flih]


def _words(name: str, values: list[int]) -> str:
    rows = "".join(f"    0x{value:08x}U,\n" for value in values)
    return f"static const uint32_t {name}[] = {{\n{rows}}};\n"


def _peripherals(product: Product) -> str:
    return "\n".join(
        _words(f"{partition.name}_peripherals", [grant.base for grant in partition.peripherals])
        for partition in product.partitions
        if partition.peripherals
    )


def _table(declaration: str, count_name: str, rows: list[str]) -> str:
    """A table and its count; an empty one keeps a zeroed element, which ISO C asks for."""
    body = "".join(rows) if rows else "    {0},\n"
    return f"const {declaration}[] = {{\n{body}}};\nconst uint32_t {count_name} = {len(rows)}U;\n"


def _row(fields: list[tuple[str, str]]) -> str:
    return (
        "    {\n" + "".join(f"        .{name} = {value},\n" for name, value in fields) + "    },\n"
    )


def _partitions(product: Product, regions: _RegionLists) -> str:
    rows = [_partition(product, partition, regions) for partition in product.ranked]
    return _table("struct spm_partition spm_partitions", "spm_partition_count", rows)


def _partition(product: Product, partition: Partition, regions: _RegionLists) -> str:
    manifest = partition.manifest
    name = partition.name
    entry = manifest.entry or "NULL"
    secrets = " | ".join(f"(1U << SPM_SECRET_{secret.upper()})" for secret in partition.secrets)
    rights = " | ".join(f"(1U << SPM_RIGHT_{right.upper()})" for right in partition.rights)
    return _row(
        [
            ("id", f"{partition.id:#x}"),
            ("name", f'"{name}"'),
            ("rot", "SPM_ROT_PSA" if partition.is_psa_rot else "SPM_ROT_APPLICATION"),
            ("restart", f"{int(product.restarts(partition))}U"),
            ("entry", entry if manifest.model == "IPC" else "NULL"),
            ("sfn_init", entry if manifest.model == "SFN" else "NULL"),
            ("stack_limit", f"(uint32_t)__part_{name}_stack_limit"),
            ("stack_top", f"(uint32_t)__part_{name}_stack_top"),
            ("heap_base", f"(uint32_t)__part_{name}_heap_start" if manifest.heap_size else "0U"),
            ("heap_size", f"{manifest.heap_size}U"),
            *_memory_init(name),
            ("regions", regions.name(partition)),
            ("region_count", f"{regions.count(partition)}U"),
            ("services", _service_words(product, partition.dependency_sids)),
            ("signals", f"0x{manifest.signals:08x}U"),
            ("rights", rights or "0U"),
            ("secrets", secrets or "0U"),
            ("peripherals", f"{name}_peripherals" if partition.peripherals else "NULL"),
            ("peripheral_count", f"{len(partition.peripherals)}U"),
        ]
    )


def _memory_init(name: str) -> list[tuple[str, str]]:
    own = f"__part_{name}"
    return [
        ("memory.load", f"(const uint32_t *){own}_data_load"),
        ("memory.data", f"(uint32_t *){own}_data_start"),
        ("memory.data_end", f"(uint32_t *){own}_data_end"),
        ("memory.bss", f"(uint32_t *){own}_bss_start"),
        ("memory.bss_end", f"(uint32_t *){own}_bss_end"),
    ]


def _ranks(product: Product) -> dict[str, int]:
    return {partition.name: rank for rank, partition in enumerate(product.ranked)}


def _service_words(product: Product, sids: list[int]) -> str:
    """The set of these services as SPM_SERVICE_WORDS words, by place in spm_services."""
    places = [service.sid for service in _sorted_services(product)]
    words = [0] * max(1, (len(places) + 31) // 32)
    for sid in sids:
        place = places.index(sid)
        words[place // 32] |= 1 << place % 32
    return "{" + ", ".join(f"0x{word:08x}U" for word in words) + "}"


def _sorted_services(product: Product) -> list[Service]:
    return sorted(product.services, key=lambda service: service.sid)


def _services(product: Product) -> str:
    ranks = _ranks(product)
    model = {partition.name: partition.manifest.model for partition in product.partitions}
    rows = []
    for place, service in enumerate(_sorted_services(product)):
        is_sfn = model[service.partition] == "SFN"
        policy = "SPM_VERSION_STRICT" if service.strict else "SPM_VERSION_RELAXED"
        rows.append(
            _row(
                [
                    ("sid", f"0x{service.sid:08x}U"),
                    ("version", f"{service.version}U"),
                    ("handle", f"0x{service.handle or 0:08x}U"),
                    ("thread", f"&spm_threads[{ranks[service.partition]}]"),
                    ("mask", f"1U << {place % 32}"),
                    ("word", f"{place // 32}U"),
                    ("version_policy", policy),
                    ("connection_based", f"{int(service.connection_based)}U"),
                    ("mm_iovec", f"{int(service.mm_iovec)}U"),
                    ("sfn", service.symbol if is_sfn else "NULL"),
                    ("signal", "SPM_SIGNAL_SFN" if is_sfn else f"1U << {service.signal_bit}"),
                ]
            )
        )
    body = "".join(rows) or "    {0},\n"
    return f"const struct spm_service spm_services[SPM_SERVICES] = {{\n{body}}};\n"


def _agent_services(product: Product) -> str:
    open_sids = [service.sid for service in product.services if service.non_secure_clients]
    words = _service_words(product, open_sids)
    return f"const uint32_t spm_agent_services[SPM_SERVICE_WORDS] = {words};\n"


def _irqs(product: Product) -> str:
    rows = [
        _row(
            [
                ("number", f"{irq.number}U"),
                ("partition", f"{rank}U"),
                ("from_start", f"{int(irq.from_start)}U"),
                ("signal", f"1U << {irq.signal_bit}"),
                ("flih", irq.flih or "NULL"),
            ]
        )
        for rank, partition in enumerate(product.ranked)
        for irq in partition.manifest.irqs
    ]
    return "const struct spm_irq spm_irqs[] = {\n" + ("".join(rows) or "    {0},\n") + "};\n"


def _stateless(product: Product) -> str:
    rows = [
        f"    [{service.stateless_index}] = &spm_services[{position}], /* {service.name} */\n"
        for position, service in enumerate(_sorted_services(product))
        if service.stateless_index is not None
    ]
    body = "".join(rows) if rows else "    NULL,\n"
    return (
        f"const struct spm_service *const spm_stateless_services[SPM_STATELESS_MAX] = {{\n"
        f"{body}}};\n"
    )


def _flash_grants(product: Product) -> str:
    rows = []
    for rank, partition in enumerate(product.ranked):
        for grant in partition.flash:
            rights = "SPM_FLASH_READ"
            if FLASH_RIGHTS[grant.rights] & 2:
                rights += " | SPM_FLASH_WRITE"
            rows.append(
                _row(
                    [
                        ("partition", f"{rank}U"),
                        ("region", f"{grant.region.number}U"),
                        ("rights", rights),
                        ("offset", f"{grant.region.offset:#x}U"),
                        ("size_bytes", f"{grant.region.size:#x}U"),
                    ]
                )
            )
    return _table("struct spm_flash_grant spm_flash_grants", "spm_flash_grant_count", rows)
