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
MAPS_MAX = 2  # SPM_MAPS_MAX of spm/tables.h
STATELESS_MAX = 32
PARTITIONS_MAX = 30  # the manager keeps them, the agent and the idle thread in one word
SERVICES_MAX = 256
IRQS_MAX = 32
IRQ_NUMBER_MAX = 479  # external interrupts of Armv8-M Mainline
DOORBELL_BIT = 3  # PSA_DOORBELL
IDLE_STACK_SIZE = 128
CONTRACT_VERSION = 1  # of headers, wire formats and archives: what is built for one fits no other
HEAP_HEAD_SIZE = 16  # the heap's own words, zeroed before the partition starts
HEAP_SIZE_MIN = 32
NVMEM_SIZE = 0x400  # end of ns_ram that a start leaves as it is

# Archives without data whose code every partition may execute.
SHARED_ARCHIVES = ("libpartition_api.a", "libcrc.a", "libc.a", "libc_nano.a", "libgcc.a")
# The manager's own: nothing of a partition may be named like them.
MANAGER_ARCHIVES = ("libplatform_spm.a", "libfault.a", "libthumb.a", "liblog.a")

PRIORITIES = ("HIGH", "NORMAL", "LOW")
PANICS = ("reset", "restart")  # what the end of an Application RoT partition leads to
# What the manager does for a partition on request (spm/partition.h), by spm_partition.rights.
RIGHTS = ("handoff", "reset")
SECRETS = ("generator_seed", "runtime_root", "attestation_key", "boot_seed", "partition_key")
FLASH_RIGHTS = {"read": 1, "read-write": 3}
NONSECURE = "nonsecure"  # the non-secure side as a client
# Taken, as owners, as symbols or as clients.
NO_PARTITION = ("boot", "none", "agent", "manager", "shared", NONSECURE)
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
    sector_size: int  # what its owner erases at once: one or more sectors of the flash
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
class Interrupt:
    """A name of an external interrupt, for manifests."""

    name: str
    number: int


@dataclass(frozen=True)
class Quota:
    """What a client may have in Internal Trusted Storage."""

    client: str  # a partition, or NONSECURE
    assets: int
    bytes: int
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class NvCounter:
    """A runtime counter of the Platform service."""

    name: str
    id: int
    clients: list[str]  # partitions, or NONSECURE
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True)
class FlashGrant:
    region: Region
    rights: str


def static_handle(version: int, index: int) -> int:
    """The handle of a stateless service (spm/call.c)."""
    return 0x40000000 | (version << 8) | index


@dataclass
class Service:
    name: str
    sid: int
    version: int
    strict: bool
    connection_based: bool
    non_secure_clients: bool
    stateless_handle: int | None  # 1..32 as declared, None for "auto"
    mm_iovec: bool
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
        return static_handle(self.version, self.stateless_index)


@dataclass
class Irq:
    """An interrupt that a partition handles."""

    source: Node  # as declared: a number or the name of an [[interrupt]]
    signal: str
    flih: str | None  # its first-level handler
    from_start: bool  # enabled when the partition starts
    node: Node = field(repr=False, compare=False)
    signal_bit: int = 0
    number: int = 0

    @property
    def handling(self) -> str:
        return "FLIH" if self.flih else "SLIH"


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

    @property
    def signals(self) -> int:
        """The signals that are assigned to it; services of an SFN partition have none."""
        bits = [irq.signal_bit for irq in self.irqs]
        if self.model == "IPC":
            bits += [DOORBELL_BIT] + [service.signal_bit for service in self.services]
        return sum(1 << bit for bit in bits)

    @property
    def functions(self) -> list[tuple[str, str, Node]]:
        """The functions of the partition that the manager calls, what asks for each, and where."""
        functions = []
        if self.entry:
            key = "entry_init" if self.model == "SFN" else "entry_point"
            functions.append((self.entry, key, self.node.value[key]))
        if self.model == "SFN":
            functions += [
                (each.symbol, f"service {each.name}", each.node.value["name"])
                for each in self.services
            ]
        return functions + [
            (irq.flih, f"interrupt {irq.node.value['name'].value}", irq.node.value["name"])
            for irq in self.irqs
            if irq.flih
        ]

    @property
    def map_regions(self) -> int:
        """MPU regions that are kept free for mapped vectors."""
        return MAPS_MAX if any(service.mm_iovec for service in self.services) else 0


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
    enabled: bool = True
    left_out: Node | None = None  # where the profile says so
    algorithms: list[str] = field(default_factory=list)  # of Crypto, without which it cannot work
    peripherals: list[Peripheral] = field(default_factory=list)
    dependency_sids: list[int] = field(default_factory=list)
    is_outside: bool = False  # built outside the tree, with headers that were generated for it
    archive: str = ""  # then: its code, absolute

    @property
    def is_psa_rot(self) -> bool:
        return self.manifest.rot == PSA_ROT

    @property
    def archives(self) -> list[str]:
        """Names of the archives whose code and data belong to the partition."""
        return [f"libpartition_{self.name}.a"] + [f"lib{name}.a" for name in self.libraries]


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
    ns_uart: str  # name of the application's UART
    ns_uart_base: int
    manager_stack_size: int
    agent_stack_size: int
    connections: int
    partition_panic: str
    shared_libraries: list[str]
    peripherals: list[Peripheral]
    interrupts: list[Interrupt]
    partitions: list[Partition]
    disabled: list[Partition]  # with enabled = false, or left out: nothing of them is built
    budget: dict[str, int]  # for the profile, by BUDGETS
    its_quota: list[Quota]  # of the profile
    nv_counters: list[NvCounter]
    file: str  # the product file, relative to the repository root
    files: list[str]  # every file it was read from: base products, the product, manifests
    tree: Node = field(repr=False)  # the declaration after `extends`

    @property
    def services(self) -> list[Service]:
        return [service for partition in self.partitions for service in partition.manifest.services]

    @property
    def parts(self) -> list[str]:
        """Names of what an application can find: services, and algorithms of Crypto."""
        names = [service.name for service in self.services]
        has_crypto = "PSA_CRYPTO" in names
        return names + (self.profile_values["crypto_algorithms"] if has_crypto else [])

    @property
    def ranked(self) -> list[Partition]:
        """The order of spm_partitions: highest priority first, then as declared."""
        return sorted(
            self.partitions, key=lambda partition: PRIORITIES.index(partition.manifest.priority)
        )

    @property
    def shared_archives(self) -> list[str]:
        return list(SHARED_ARCHIVES) + [f"lib{name}.a" for name in self.shared_libraries]

    @property
    def secure_image(self) -> Image:
        return next(image for image in self.images if image.world == "secure")

    @property
    def non_secure_image(self) -> Image:
        return next(image for image in self.images if image.world == "non-secure")

    def restarts(self, partition: Partition) -> bool:
        """Its end makes the partition start afresh, not the device."""
        return self.partition_panic == "restart" and not partition.is_psa_rot

    @property
    def nvmem_base(self) -> int:
        """The application's memory that survives a reset: NVMEM_SIZE bytes."""
        ram = self.memories["ns_ram"]
        return ram.base + ram.size - NVMEM_SIZE

    def payload_base(self, image: Image) -> int:
        """The address at which the payload of an image executes."""
        return self.flash.base + image.slot_offset + image.header_size
