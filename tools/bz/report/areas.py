"""Where everything lies: flash and memories as trees of areas, each cut into areas without a hole.

Addresses are of the product and of the symbols of the linked images. Called by facts.py; read by
strips.py (drawing), rights.py and the tables. Nothing is rounded or left out: the areas of a tree
add up to its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bz import image
from bz.report.elf import Elf
from gen.model import Image, Memory, Partition, Product

# Owners that are no partition.
BOOT, MANAGER, SHARED, AGENT = "boot", "manager", "shared", "agent"
APPLICATION, FREE, RESERVED, PLAN = "application", "free", "reserved", "plan"

_MEMORIES = {
    "boot_code": "code of boot, read-only once shipped",
    "boot_ram": "wiped before boot starts the secure image",
    "handoff": "boot writes it, the manager reads it once and wipes it",
    "retained": "reset reason and fault record, kept across a reset",
    "secure_ram": "the manager, the agent and the partitions",
    "ns_ram": "the application",
}
_REGIONS = {
    "provisioning": "device secrets, trust anchors, life cycle",
    "counters": "number of starts, security counters",
    "journal": "journal of updates",
    "fault_log": "the last fault records",
    "its": "Internal Trusted Storage",
    "ps": "Protected Storage",
    "loader": "a loader for updates",
}


@dataclass(frozen=True)
class Area:
    """A stretch of memory. `owner`: whom it belongs to; PLAN if that is told of its parts."""

    name: str
    start: int
    size: int
    owner: str
    parts: tuple[Area, ...] = ()
    note: str = ""  # what it is for

    @property
    def end(self) -> int:
        return self.start + self.size

    def leaves(self) -> Iterator[Area]:
        """The smallest areas, in the order of their addresses."""
        if not self.parts:
            yield self
        for each in self.parts:
            yield from each.leaves()


def cut(start: int, end: int, areas: list[Area], gap: str = "free") -> tuple[Area, ...]:
    """The areas by address, with what lies between them; empty ones are left out."""
    found: list[Area] = []
    position = start
    for each in sorted((each for each in areas if each.size), key=lambda each: each.start):
        if each.start < position or each.end > end:
            raise ValueError(f"{each.name} does not fit in {start:#x}..{end:#x}")
        if each.start > position:
            found.append(Area(gap, position, each.start - position, FREE))
        found.append(each)
        position = each.end
    if position < end:
        found.append(Area(gap, position, end - position, FREE))
    return tuple(found)


def between(elf: Elf, name: str, first: str, last: str, owner: str) -> Area:
    """The area between two symbols."""
    start = elf.at(first)
    return Area(name, start, elf.at(last) - start, owner)


# ---- Flash ---------------------------------------------------------------------------------------


def flash(product: Product, secure: Elf, signed: dict[str, Path]) -> Area:
    """The flash: regions, slots, and the images in the primary ones, by image name."""
    base = product.flash.base
    areas = [
        Area(
            region.name,
            base + region.offset,
            region.size,
            RESERVED if region.owner == "none" else region.owner,
            note=_REGIONS.get(region.name, ""),
        )
        for region in product.regions
    ]
    for each in product.images:
        found = image.parse(signed[each.name].read_bytes())
        areas.append(_slot(product, each, found, secure))
        areas.append(
            Area(
                f"secondary slot of image {each.name}",
                base + each.secondary_offset,
                each.secondary_size,
                RESERVED,
                note="for an update",
            )
        )
    end = base + product.flash.size
    return Area("flash", base, product.flash.size, PLAN, cut(base, end, areas))


def _slot(product: Product, described: Image, held: image.Image, secure: Elf) -> Area:
    start = product.flash.base + described.slot_offset
    payload = start + held.header_size
    end = payload + held.payload_size
    if described.world == "secure":
        parts = secure_code(product, secure)
    else:
        parts = [Area("application", payload, held.payload_size, APPLICATION)]
    parts += [
        Area(f"header of image {described.name}", start, held.header_size, BOOT),
        Area(f"signature of image {described.name}", end, held.size - (end - start), BOOT),
    ]
    return Area(
        f"slot of image {described.name}",
        start,
        described.slot_size,
        PLAN,
        cut(start, start + described.slot_size, parts),
    )


def secure_code(product: Product, elf: Elf) -> list[Area]:
    """What the binary of the secure image is made of."""
    gateways = between(elf, "gateways", "__gateways_start", "__gateways_end", SHARED)
    data = between(elf, "initial data", "__code_end", "__secure_image_end", MANAGER)
    areas = [
        replace(data, note="first values of variables, copied to RAM at the start"),
        between(elf, "vectors", "__secure_image_start", "__gateways_start", MANAGER),
        replace(gateways, note="the only way in for the application"),
        between(elf, "shared code", "__shared_code_start", "__shared_code_end", SHARED),
        between(elf, "code of the manager", "__manager_code_start", "__manager_code_end", MANAGER),
    ]
    for each in product.partitions:
        own = f"__part_{each.name}_code"
        areas.append(
            between(elf, f"code of partition {each.name}", f"{own}_start", f"{own}_end", each.name)
        )
    return areas


# ---- RAM, and the ROM of boot --------------------------------------------------------------------


def memories(product: Product, boot: Elf, secure: Elf, application: Elf) -> list[Area]:
    """The memories of the product, in its order."""
    contents = {
        "boot_code": _boot_code(boot),
        "boot_ram": _boot_ram(boot),
        "secure_ram": _secure_ram(product, secure),
        "ns_ram": _application_ram(application),
    }
    found = []
    for each in product.memories.values():
        parts = contents.get(each.name)
        end = each.base + each.size
        cut_parts = cut(each.base, end, parts) if parts else ()
        owner = _memory_owner(each, bool(parts))
        note = _MEMORIES.get(each.name, "")
        found.append(Area(each.name, each.base, each.size, owner, cut_parts, note))
    return found


def _memory_owner(memory: Memory, has_parts: bool) -> str:
    if has_parts:
        return PLAN
    if memory.world != "secure":
        return APPLICATION
    return BOOT if memory.name in _MEMORIES else RESERVED


def _boot_code(elf: Elf) -> list[Area]:
    return [between(elf, "code of boot", "__boot_code_start", "__boot_code_end", BOOT)]


def _boot_ram(elf: Elf) -> list[Area]:
    return [
        between(elf, "stack of boot", "__boot_stack_limit", "__boot_stack_top", BOOT),
        between(elf, "data of boot", "__boot_data_start", "__boot_data_end", BOOT),
        between(elf, "bss of boot", "__boot_bss_start", "__boot_bss_end", BOOT),
    ]


def _secure_ram(product: Product, elf: Elf) -> list[Area]:
    data = ("__manager_data_start", "__manager_bss_start")
    return [
        between(elf, "stack of the manager", "__manager_ram_start", "__manager_stack_top", MANAGER),
        between(elf, "data of the manager", *data, MANAGER),
        between(elf, "bss of the manager", data[1], "__manager_ram_end", MANAGER),
        between(elf, "stack of the agent", "__agent_ram_start", "__agent_stack_top", AGENT),
        between(elf, "stack of the idle thread", "__idle_stack_limit", "__agent_ram_end", AGENT),
        *(area for each in product.partitions for area in partition_ram(each, elf)),
    ]


def partition_ram(partition: Partition, elf: Elf) -> list[Area]:
    """Stack, data, bss and heap; what rounds each up for the MPU belongs to it."""
    own = f"__part_{partition.name}"
    has_heap = elf.has(f"{own}_heap_start")
    ends = [("stack", "ram_start"), ("data", "data_start"), ("bss", "bss_start")]
    ends += [("heap", "heap_start")] if has_heap else []
    starts = [*(symbol for _, symbol in ends), "ram_end"]
    return [
        between(
            elf,
            f"{kind} of partition {partition.name}",
            f"{own}_{start}",
            f"{own}_{after}",
            partition.name,
        )
        for (kind, start), after in zip(ends, starts[1:], strict=True)
    ]


def _application_ram(elf: Elf) -> list[Area]:
    return [
        between(elf, "stack of the application", "__ns_stack_limit", "__ns_stack_top", APPLICATION),
        between(elf, "data of the application", "__data_start", "__data_end", APPLICATION),
        between(elf, "bss of the application", "__bss_start", "__bss_end", APPLICATION),
        between(elf, "heap of the application", "__heap_start", "__heap_end", APPLICATION),
    ]


# ---- Looking into them ---------------------------------------------------------------------------


def name_of(first: Area, last: Area) -> str:
    """Words for all that lies from one area to another."""
    if first == last:
        return first.name
    kind, _, whose = first.name.partition(" of ")
    same = bool(whose) and last.name.endswith(f" of {whose}")
    return f"{kind if same else first.name} to {last.name}"


def partition_parts(memories: list[Area], name: str) -> list[tuple[str, int]]:
    """Kind and bytes of each part of a partition's RAM."""
    return [
        (leaf.name.partition(" ")[0], leaf.size)
        for memory in memories
        for leaf in memory.leaves()
        if leaf.owner == name
    ]


def partition_code(flash: Area, name: str) -> int:
    """Bytes of a partition's code and constants."""
    wanted = f"code of partition {name}"
    return sum(leaf.size for leaf in flash.leaves() if leaf.name == wanted)
