"""The resolved product: what the loader produces and every emitter reads.

Plain data, complete and checked: an emitter never has to validate, and never changes it. Sizes are
in bytes, offsets are from the start of the flash, addresses are absolute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gen.source import Node

TLV_RESERVE_BYTES = 0x2000  # end of a slot that a payload may not use: TLVs, signatures, trailer
GATEWAYS_OFFSET = 0x400  # of the non-secure callable code from the start of the secure payload
GATEWAYS_SIZE = 0x100
MPU_GROUP = 4  # SPM_MPU_GROUP of spm/tables.h
MPU_RESERVED = 3  # two kept by the platform, one of the manager
MPU_GRANULE = 32
STATELESS_MAX = 32

PRIORITIES = ("LOW", "NORMAL", "HIGH")
# What the manager does for a partition on request (spm/partition.h), by spm_partition.rights.
RIGHTS = ("handoff", "reset")
SECRETS = ("generator_seed", "runtime_root", "attestation_key", "boot_seed")
FLASH_RIGHTS = {"read": 1, "read-write": 3}
PSA_ROT = "PSA-ROT"
APPLICATION_ROT = "APPLICATION-ROT"
# What [budget] can limit: bytes of a binary, or of the RAM that data, bss and stacks take.
BUDGETS = ("boot_code", "boot_ram", "secure_code", "secure_ram")
PARTITION_BUDGETS = ("code", "ram")


@dataclass(frozen=True)
class Memory:
    name: str
    base: int
    size: int
    world: str
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class Flash:
    base: int
    size: int
    sector_size: int
    program_unit: int
    erased: int
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class Region:
    name: str
    number: int
    offset: int
    size: int
    owner: str
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class Image:
    name: str
    id: int
    world: str
    slot_offset: int
    slot_size: int
    secondary_offset: int
    secondary_size: int
    header_size: int
    key: str
    node: Node = field(repr=False, compare=False)

    @property
    def payload_size(self) -> int:
        """Bytes that code and data of the image may use."""
        return self.slot_size - self.header_size - TLV_RESERVE_BYTES


@dataclass(frozen=True)
class Peripheral:
    """A stretch of device registers; as a grant, `writable` says how it is granted."""

    name: str
    base: int
    size: int
    writable: bool
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class FlashGrant:
    region: Region
    rights: str


@dataclass
class Service:
    name: str
    sid: int
    version: int
    strict: bool
    connection_based: bool
    non_secure_clients: bool
    stateless_handle: int | None  # 1..32 as declared, None for "auto"
    node: Node = field(repr=False, compare=False)
    partition: str = ""
    stateless_index: int | None = None
    signal_bit: int = 0

    @property
    def symbol(self) -> str:
        return f"{self.name.lower()}_sfn"

    @property
    def handle(self) -> int | None:
        """The static handle of a stateless service."""
        if self.stateless_index is None:
            return None
        return 0x40000000 | (self.version << 8) | self.stateless_index


@dataclass(frozen=True)
class Irq:
    source: str
    signal: str
    signal_bit: int
    handling: str


@dataclass
class Manifest:
    file: str
    header: str  # base name of the generated psa_manifest header
    name: str
    rot: str
    model: str
    priority: str
    entry: str | None
    stack_size: int
    heap_size: int
    services: list[Service]
    mmio: list[Node]
    irqs: list[Irq]
    dependencies: list[Node]
    weak_dependencies: list[Node]
    node: Node = field(repr=False, compare=False)


@dataclass
class Partition:
    name: str
    id: int
    manifest: Manifest
    directory: str
    libraries: list[str]
    secrets: list[str]
    rights: list[str]
    flash: list[FlashGrant]
    budget: dict[str, int]
    node: Node = field(repr=False, compare=False)
    peripherals: list[Peripheral] = field(default_factory=list)
    dependency_sids: list[int] = field(default_factory=list)

    @property
    def is_psa_rot(self) -> bool:
        return self.manifest.rot == PSA_ROT


@dataclass(frozen=True)
class Cpu:
    core: str
    dsp: bool
    fpu: bool
    clock_hz: int
    mpu_regions: int


@dataclass
class Product:
    name: str
    title: str
    platform: str
    version: str
    security_counter: int
    release: bool
    isolation: int
    profile: str
    profile_values: dict[str, Any]
    cpu: Cpu
    qemu_machine: str
    memories: dict[str, Memory]
    flash: Flash
    regions: list[Region]
    images: list[Image]
    boot_stack_size: int
    faulting_boots_max: int  # in a row, then boot holds the application
    ns_stack_size: int
    manager_stack_size: int
    agent_stack_size: int
    connections: int
    shared_libraries: list[str]
    peripherals: list[Peripheral]
    partitions: list[Partition]
    budget: dict[str, int]  # for the profile, by BUDGETS
    file: str  # the product file, relative to the repository root
    files: list[str]  # every file it was read from: base products, the product, manifests
    tree: Node = field(repr=False)  # the declaration after `extends`

    @property
    def services(self) -> list[Service]:
        return [service for partition in self.partitions for service in partition.manifest.services]

    @property
    def secure_image(self) -> Image:
        return next(image for image in self.images if image.world == "secure")

    @property
    def non_secure_image(self) -> Image:
        return next(image for image in self.images if image.world == "non-secure")

    def payload_base(self, image: Image) -> int:
        """The address at which the payload of an image executes."""
        return self.flash.base + image.slot_offset + image.header_size
