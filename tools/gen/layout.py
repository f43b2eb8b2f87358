"""Rules about where things lie: memories, flash, slots and MPU regions.

Called by product.py after decoding. Every function either returns or raises a ProductError that
names both places of a conflict. It changes nothing in the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from gen.model import (
    GATEWAYS_OFFSET,
    GATEWAYS_SIZE,
    MPU_GRANULE,
    MPU_RESERVED,
    Image,
    Product,
    Region,
)
from gen.source import Node

ADDRESS_SPACE = 1 << 32
HEADER_STEP = 0x400  # the vector table behind the header must be aligned to its own size
PROGRAM_UNITS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class _Extent:
    what: str
    start: int
    size: int
    node: Node

    @property
    def end(self) -> int:
        return self.start + self.size


def _key(node: Node, key: str) -> Node:
    return node.value.get(key, node)


def _check_apart(extents: list[_Extent]) -> None:
    """Refuses two extents that share a byte; reports at the one that is written later."""
    ordered = sorted(extents, key=lambda extent: (extent.start, extent.end))
    widest: _Extent | None = None
    for extent in ordered:
        if widest is not None and extent.start < widest.end:
            _fail_overlap(extents, widest, extent)
        if widest is None or extent.end > widest.end:
            widest = extent


def _fail_overlap(extents: list[_Extent], one: _Extent, two: _Extent) -> NoReturn:
    first, second = sorted((one, two), key=extents.index)
    second.node.fail(
        f"{second.what} ({second.start:#x}..{second.end - 1:#x}) overlaps {first.what} "
        f"({first.start:#x}..{first.end - 1:#x}, {first.node.file}:{first.node.line})",
        "move or shrink one of them",
    )


def _check_multiple(value: int, step: int, name: str, node: Node) -> None:
    if value % step != 0:
        node.fail(
            f"{name} {value:#x} is not a multiple of {step:#x}",
            f"use {value // step * step:#x} or {(value // step + 1) * step:#x}",
        )


def _memory_extents(product: Product) -> list[_Extent]:
    extents = [
        _Extent(f"memory '{memory.name}'", memory.base, memory.size, memory.node)
        for memory in product.memories.values()
    ]
    flash = product.flash
    return extents + [_Extent("the flash", flash.base, flash.size, flash.node)]


def check_memories(product: Product) -> None:
    """[memory.*] and [flash] lie in the address space, on MPU boundaries, apart from each other."""
    for memory in product.memories.values():
        _check_multiple(
            memory.base, MPU_GRANULE, f"base of memory '{memory.name}'", _key(memory.node, "base")
        )
        _check_multiple(
            memory.size, MPU_GRANULE, f"size of memory '{memory.name}'", _key(memory.node, "size")
        )
    extents = _memory_extents(product)
    for extent in extents:
        if extent.end > ADDRESS_SPACE:
            _key(extent.node, "size").fail(
                f"{extent.what} ends at {extent.end:#x}, past the 32-bit address space",
                "shrink or move it",
            )
    _check_apart(extents)
    _check_world(product)
    _check_stacks(product)


def _check_world(product: Product) -> None:
    for memory in product.memories.values():
        wanted = "non-secure" if memory.name == "ns_ram" else "secure"
        if memory.name in _NAMED_MEMORIES and memory.world != wanted:
            _key(memory.node, "world").fail(
                f"memory '{memory.name}' is {memory.world}", f'write world = "{wanted}"'
            )


_NAMED_MEMORIES = ("boot_code", "boot_ram", "handoff", "retained", "secure_ram", "ns_ram")


def _check_stacks(product: Product) -> None:
    tree = product.tree.value
    for table, key, size, memory in (
        ("boot", "stack_size", product.boot_stack_size, "boot_ram"),
        ("nonsecure", "stack_size", product.ns_stack_size, "ns_ram"),
        ("manager", "stack_size", product.manager_stack_size, "secure_ram"),
    ):
        if size >= product.memories[memory].size:
            tree[table].value[key].fail(
                f"stack of {size} bytes does not fit in memory '{memory}' "
                f"({product.memories[memory].size} bytes)",
                "shrink the stack",
            )


def check_flash(product: Product) -> None:
    """Flash geometry, regions and slots: sector boundaries, bounds, no overlap."""
    flash = product.flash
    sector = flash.sector_size
    if sector & (sector - 1) != 0 or sector < MPU_GRANULE:
        _key(flash.node, "sector_size").fail(
            f"sector_size {sector} is not a power of two",
            f"write a power of two of at least {MPU_GRANULE}",
        )
    if flash.program_unit not in PROGRAM_UNITS or flash.program_unit > sector:
        _key(flash.node, "program_unit").fail(
            f"program_unit {flash.program_unit}", "write 1, 2, 4, 8, 16 or 32"
        )
    _check_multiple(flash.base, sector, "base of the flash", _key(flash.node, "base"))
    _check_multiple(flash.size, sector, "size of the flash", _key(flash.node, "size"))
    extents = _flash_extents(product)
    for extent in extents:
        _check_multiple(
            extent.start, sector, f"offset of {extent.what}", _key(extent.node, "offset")
        )
        _check_multiple(extent.size, sector, f"size of {extent.what}", _key(extent.node, "size"))
        if extent.end > flash.size:
            _key(extent.node, "size").fail(
                f"{extent.what} ends at {extent.end:#x}, past the flash of {flash.size:#x} bytes",
                "move or shrink it",
            )
    for region in product.regions:
        _check_region_sectors(product, region)
    _check_apart(extents)
    for image in product.images:
        _check_image(product, image)


def _check_region_sectors(product: Product, region: Region) -> None:
    """A region's own sector is a power of two of the flash's, and divides the region."""
    own, sector = region.sector_size, product.flash.sector_size
    if own == sector:
        return
    if own & (own - 1) != 0 or own < sector or region.size % own != 0:
        _key(region.node, "sector_size").fail(
            f"sector_size {own:#x} of region '{region.name}' does not fit its size "
            f"{region.size:#x} and the flash's sectors of {sector:#x}",
            f"write {sector:#x} times a power of two that divides the region, or leave it out",
        )


def _flash_extents(product: Product) -> list[_Extent]:
    extents = [
        _Extent(f"region '{region.name}'", region.offset, region.size, region.node)
        for region in product.regions
    ]
    for image in product.images:
        extents.append(
            _Extent(
                f"the slot of image '{image.name}'",
                image.slot_offset,
                image.slot_size,
                image.node.value["slot"],
            )
        )
        extents.append(
            _Extent(
                f"the secondary slot of image '{image.name}'",
                image.secondary_offset,
                image.secondary_size,
                image.node.value["secondary"],
            )
        )
    return extents


def _check_image(product: Product, image: Image) -> None:
    node = image.node.value
    _check_multiple(
        image.header_size, HEADER_STEP, f"header_size of image '{image.name}'", node["header_size"]
    )
    _check_multiple(
        product.payload_base(image),
        HEADER_STEP,
        f"payload address of image '{image.name}'",
        node["slot"],
    )
    if image.payload_size < GATEWAYS_OFFSET + GATEWAYS_SIZE:
        node["slot"].fail(
            f"the slot of image '{image.name}' ({image.slot_size:#x} bytes) has no room behind the "
            f"header of {image.header_size:#x} bytes and before the signatures",
            "enlarge it",
        )
    if image.secondary_size != image.slot_size:
        node["secondary"].fail(
            f"the slots of image '{image.name}' differ in size ({image.slot_size:#x} and "
            f"{image.secondary_size:#x})",
            "make them equal",
        )


def check_mpu(product: Product) -> None:
    """Grants of device registers: boundaries, no memory among them, one owner, enough regions."""
    extents = _memory_extents(product)
    for peripheral in product.peripherals:
        _check_peripheral(peripheral.name, peripheral.base, peripheral.size, peripheral.node)
        _check_apart(
            extents
            + [
                _Extent(
                    f"peripheral '{peripheral.name}'",
                    peripheral.base,
                    peripheral.size,
                    peripheral.node,
                )
            ]
        )
    granted: list[_Extent] = []
    for partition in product.partitions:
        for grant in partition.peripherals:
            what = f"mmio region '{grant.name}' of partition '{partition.name}'"
            _check_peripheral(grant.name, grant.base, grant.size, grant.node)
            granted.append(_Extent(what, grant.base, grant.size, grant.node))
            _check_apart(extents + [granted[-1]])
    _check_apart(granted)
    _check_region_counts(product)


def _check_region_counts(product: Product) -> None:
    own = 3 if product.isolation == 3 else 2
    available = product.cpu.mpu_regions - MPU_RESERVED
    for partition in product.partitions:
        maps = partition.manifest.map_regions
        needed = own + len(partition.peripherals) + maps
        if needed > available:
            partition.peripherals[-1].node.fail(
                f"partition '{partition.name}' needs {needed} MPU regions at isolation level "
                f"{product.isolation}{f' ({maps} of them for mm_iovec)' if maps else ''}, "
                f"{available} are available",
                f"keep at most {available - own - maps} mmio_regions"
                f"{', or write mm_iovec: disable' if maps else ''}",
            )


def _check_peripheral(name: str, base: int, size: int, node: Node) -> None:
    _check_multiple(base, MPU_GRANULE, f"base of mmio region '{name}'", _key(node, "base"))
    _check_multiple(size, MPU_GRANULE, f"size of mmio region '{name}'", _key(node, "size"))
    if base + size > ADDRESS_SPACE:
        node.fail(f"mmio region '{name}' ends past the 32-bit address space", "shrink or move it")
