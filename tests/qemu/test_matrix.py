"""Who can touch what: every kind of partition, and the non-secure side, against every kind of
memory and register, at each isolation level.

What must hold follows here from what the levels promise (ARCHITECTURE.md, "Isolation levels"),
never from the generated tables. The product in matrix/ recovers from the faults of attempts, so
that one start of the board makes hundreds of them; products have no such thing, which is tested
too.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from machine import Debugger, Machine, symbols_of

from bz import signing, variant
from bz.emulator import APPLICATION, SECURE

MATRIX = "tests/qemu/matrix/matrix.toml"
NONSECURE = "nonsecure"
PARTITIONS = ("psa_sfn", "psa_ipc", "app_sfn", "app_ipc")
SUBJECTS = (NONSECURE, *PARTITIONS)  # by their number in matrix/ns/main.c
PSA_ROT = ("psa_sfn", "psa_ipc", "crypto", "agent")

READ, WRITE, EXECUTE = "read", "write", "execute"
NUMBERS = {READ: 1, WRITE: 2, EXECUTE: 3}
PLANT = 0x47704770  # matrix/attempt.h: "bx lr" twice
WIDTH = 0xFFFFF  # the bits that every register here has
RETURN = b"\x70\x47"

DATA, CODE, DEVICE, NOTHING = "data", "code", "device", "nothing"


@dataclass(frozen=True)
class Target:
    """One word. `returns`: branching to it comes back, if nothing forbids it."""

    name: str
    kind: str
    owner: str
    address: int
    returns: bool = True
    writable: bool = True  # a device block: granted for writing too


@dataclass(frozen=True)
class Outcome:
    value: int
    cfsr: int
    sfsr: int
    where: int
    pc: int

    @property
    def came_back(self) -> bool:
        return self.cfsr == 0 and self.sfsr == 0


# --- what the levels promise --------------------------------------------------------------------


def partition_may(level: int, subject: str, access: str, target: Target) -> bool:
    if target.kind == DEVICE:  # at every level: what the manifest asks for
        return target.owner == subject and access != EXECUTE and (access == READ or target.writable)
    if target.kind == NOTHING or target.owner == NONSECURE:
        return False
    if target.kind == CODE:
        return access != WRITE and (level < 3 or target.owner in ("shared", subject))
    if access == EXECUTE or target.owner == "manager":
        return False
    if level == 1:
        return True
    if level == 2 and subject in PSA_ROT:
        return target.owner in PSA_ROT
    return target.owner == subject


def nonsecure_may(access: str, target: Target) -> bool:
    return target.owner == NONSECURE and (access != EXECUTE or target.kind == CODE)


# --- the targets --------------------------------------------------------------------------------


class Image:
    """Symbols and contents of an ELF file."""

    def __init__(self, path: Path) -> None:
        self.symbols = symbols_of(path)
        with path.open("rb") as file:
            elf = ELFFile(file)
            self._sections = [
                (section["sh_addr"], section.data())
                for section in elf.iter_sections()
                if section["sh_flags"] & 2 and section["sh_type"] == "SHT_PROGBITS"
            ]

    def read(self, address: int, size: int) -> bytes:
        for start, data in self._sections:
            if start <= address and address + size <= start + len(data):
                return data[address - start : address - start + size]
        raise AssertionError(f"nothing at {address:#x}")

    def find(self, wanted: bytes, start: str, end: str) -> int:
        """The first place of these bytes between two symbols."""
        first, last = self.symbols[start], self.symbols[end]
        for base, data in self._sections:
            at = data[: max(0, last - base)].find(wanted, max(0, first - base))
            while at >= 0 and at % 2 != 0:
                at = data[: max(0, last - base)].find(wanted, at + 1)
            if at >= 0:
                return base + at
        raise AssertionError(f"{wanted.hex()} is nowhere between {start} and {end}")


def partition_targets(secure: Image, name: str) -> list[Target]:
    at = secure.symbols
    own = f"__part_{name}"
    heap_end, ram_end = at[f"{own}_heap_end"], at[f"{own}_ram_end"]
    return [
        Target(f"{name}'s data", DATA, name, at[f"{name}_data"]),
        Target(f"{name}'s bss", DATA, name, at[f"{name}_bss"]),
        Target(f"{name}'s stack", DATA, name, at[f"{own}_stack_limit"]),
        Target(f"{name}'s heap", DATA, name, heap_end - 4),
        Target(f"{name}'s last word of RAM", DATA, name, ram_end - 4),
        Target(f"{name}'s code", CODE, name, at[f"{name}_return"] & ~1),
        Target(f"{name}'s first code", CODE, name, at[f"{own}_code_start"], returns=False),
        Target(f"{name}'s last code", CODE, name, at[f"{own}_code_end"] - 4, returns=False),
    ]


def secure_targets(secure: Image) -> list[Target]:
    at = secure.symbols

    def returning(name: str, owner: str, start: str, end: str) -> Target:
        return Target(name, CODE, owner, secure.find(RETURN, start, end))

    return [
        Target("manager stack", DATA, "manager", at["__manager_ram_start"]),
        Target("manager data", DATA, "manager", at["__manager_data_start"]),
        Target("manager's last word of RAM", DATA, "manager", at["__manager_ram_end"] - 4),
        Target("agent stack", DATA, "agent", at["__agent_stack_limit"]),
        Target("idle stack", DATA, "agent", at["__idle_stack_limit"]),
        Target("last word behind the idle stack", DATA, "agent", at["__agent_ram_end"] - 4),
        Target("crypto's RAM", DATA, "crypto", at["__part_crypto_ram_start"]),
        Target("RAM behind all", NOTHING, "none", at["__partitions_ram_end"]),
        Target("vectors", CODE, "manager", at["spm_vectors"], returns=False),
        Target("before the gateways", CODE, "manager", at["__gateways_start"] - 4, returns=False),
        Target("a gateway", CODE, "shared", at["__gateways_start"]),
        Target("shared code", CODE, "shared", (at["psa_wait"] & ~1) + 2),
        Target("last shared code", CODE, "shared", at["__shared_code_end"] - 4, returns=False),
        Target("first manager code", CODE, "manager", at["__manager_code_start"], returns=False),
        returning("manager code", "manager", "__manager_code_start", "__manager_code_end"),
        Target("last manager code", CODE, "manager", at["__manager_code_end"] - 4, returns=False),
        returning("crypto's code", "crypto", "__part_crypto_code_start", "__part_crypto_code_end"),
        Target("last code of all", CODE, "app_ipc", at["__code_end"] - 4, returns=False),
        Target("initial data", NOTHING, "none", at["__manager_data_load"]),
    ]


# Addresses of the board, from its documentation: nothing here may be reached by anybody.
CLOSED = {
    "provisioning": 0x8000_0000,
    "counters": 0x8000_1000,
    "fault log": 0x8000_5000,
    "ITS flash": 0x8001_0000,
    "secure image header": 0x8010_0000,
    "secondary slot": 0x8018_0000,
    "boot code": 0x1000_0000,
    "boot RAM": 0x3000_0000,
    "hand-off": 0x3000_6000,
    "retained RAM": 0x3000_7000,
    "other name of secure RAM": 0x2800_0000,
    "other name of boot RAM": 0x2000_0000,
    "unused secure RAM": 0x3803_0000,
    "secure UART": 0x5020_0010,
    "security controller": 0x5008_0010,
    "secure watchdog": 0x5008_1000,
    "memory controller": 0x5800_7000,
    "DMA": 0x5011_0030,
    "secure Ethernet": 0x5200_0000,
}

# Open to the non-secure side, but not to partitions.
OUTSIDE = {"application's UART": 0x4020_1010, "GPIO": 0x4010_0010}

# What privileged code of a world has; partitions have nothing there.
SYSTEM = {
    "SysTick": 0xE000_E010,
    "interrupt enables": 0xE000_E100,
    "VTOR": 0xE000_ED08,
    "MPU_CTRL": 0xE000_ED94,
    "MPU_RLAR": 0xE000_EDA0,
    "SAU_CTRL": 0xE000_EDD0,
    "STIR": 0xE000_EF00,
    "FPCCR": 0xE000_EF34,
    "non-secure MPU_CTRL": 0xE002_ED94,
    "non-secure VTOR": 0xE002_ED08,
}

DEVICES = (
    Target("uart2", DEVICE, "psa_sfn", 0x5020_2010),
    Target("uart3", DEVICE, "app_sfn", 0x5020_3010),
    Target("uart4", DEVICE, "app_sfn", 0x5020_4010, writable=False),
    Target("timer0", DEVICE, "app_ipc", 0x5000_0008),
)


def targets_of(secure: Image, application: Image) -> list[Target]:
    found = secure_targets(secure)
    for name in PARTITIONS:
        found += partition_targets(secure, name)
    found += [Target(name, NOTHING, "none", address) for name, address in CLOSED.items()]
    found += DEVICES
    found += [
        Target("non-secure data", DATA, NONSECURE, application.symbols["ns_data"]),
        Target("non-secure code", CODE, NONSECURE, application.symbols["ns_return"] & ~1),
    ]
    return found


# --- the board ----------------------------------------------------------------------------------


class Matrix:
    """The matrix product at one level, running. Time follows the instructions."""

    def __init__(self, machine: Machine, *options: str) -> None:
        self.machine = machine
        payload = machine.variant.directory / "bin" / "matrix.bin"
        signed = machine.path.with_name("matrix_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        self.secure = Image(machine.variant.elf("secure"))
        self.application = Image(payload.with_suffix(".elf"))
        self.level = machine.variant.isolation
        self.board = machine.power_on("-no-reboot", "-icount", "shift=6,sleep=off", *options)

    def wait_ready(self) -> Matrix:
        self.board.wait_for("^matrix: ready$", source=APPLICATION)
        return self

    def tell(self, command: str) -> None:
        self.board.write(command + "\n")

    def attempt_all(
        self, subject: str, tries: list[tuple[str, Target]], value: int = PLANT
    ) -> Iterator[tuple[str, Target, Outcome]]:
        number = SUBJECTS.index(subject)
        for access, target in tries:
            self.tell(f"{number:x} {NUMBERS[access]:x} {target.address:x} {value:x}")
        for access, target in tries:
            words = self.board.wait_for(r"^matrix: (-?\d+) (.*)$", source=APPLICATION)
            assert words[1] == "0", f"{subject}: {access} {target.name}: status {words[1]}"
            yield access, target, Outcome(*(int(word, 16) for word in words[2].split()))


@pytest.fixture
def matrix(machine_of: Callable[..., Machine], isolation: int) -> Matrix:
    return Matrix(machine_of(MATRIX, isolation)).wait_ready()


def is_data_fault(outcome: Outcome, address: int) -> bool:
    """A MemManage or BusFault of a load or store, with the address that was tried."""
    memory = (outcome.cfsr & 0x82) == 0x82
    bus = (outcome.cfsr & 0x8200) == 0x8200
    return (memory or bus) and outcome.where == address


def is_fetch_fault(outcome: Outcome, address: int) -> bool:
    return (outcome.cfsr & 0x101 != 0 or outcome.sfsr != 0) and outcome.pc == address


def wrong(may: bool, access: str, target: Target, outcome: Outcome) -> str | None:
    """What is not as it should be, in words."""
    if may:
        if not outcome.came_back:
            return "faulted"
        written = target.kind in (DATA, DEVICE) and target.writable
        if access == READ and written and (outcome.value ^ PLANT) & WIDTH != 0:
            return f"read {outcome.value:#x}"
        return None
    if outcome.came_back:
        return "came back"
    fits = is_fetch_fault if access == EXECUTE else is_data_fault
    return None if fits(outcome, target.address) else f"another fault: {outcome}"


def tries_at(targets: list[Target], may: Callable[[str, Target], bool]) -> list[tuple[str, Target]]:
    """Written first, then read, then executed, unless that is allowed and leads nowhere."""
    return [
        (access, target)
        for target in targets
        for access in (WRITE, READ, EXECUTE)
        if access != EXECUTE or target.returns or not may(access, target)
    ]


@pytest.mark.parametrize("subject", PARTITIONS)
def test_partition_touches_what_its_level_promises(matrix: Matrix, subject: str) -> None:
    def may(access: str, target: Target) -> bool:
        return partition_may(matrix.level, subject, access, target)

    matrix.tell("ask 3 2")  # the partition with the longest list has run: nothing of it stays
    matrix.board.wait_for("^matrix: status 0$", source=APPLICATION)
    targets = targets_of(matrix.secure, matrix.application)
    targets += [Target(name, NOTHING, "none", at) for name, at in (OUTSIDE | SYSTEM).items()]
    failures = []
    count = 0
    for access, target, outcome in matrix.attempt_all(subject, tries_at(targets, may)):
        count += 1
        what = wrong(may(access, target), access, target, outcome)
        if what:
            failures.append(f"{access} {target.name} at {target.address:#x}: {what}")
    assert count > 200
    assert not failures


def test_nonsecure_side_touches_its_own_world_only(matrix: Matrix) -> None:
    targets = [
        target
        for target in targets_of(matrix.secure, matrix.application)
        if target.name != "a gateway"  # the way in
    ]
    failures = []
    for access, target, outcome in matrix.attempt_all(NONSECURE, tries_at(targets, nonsecure_may)):
        if nonsecure_may(access, target) or target.owner == NONSECURE:
            good = outcome.came_back or access == EXECUTE
        else:
            wanted = 0x1 if access == EXECUTE else 0x8  # SFSR: INVEP, AUVIOL
            good = outcome.sfsr & wanted != 0 and outcome.cfsr == 0
        if not good:
            failures.append(f"{access} {target.name} at {target.address:#x}: {outcome}")
    assert not failures


# --- the two threads without a partition ----------------------------------------------------------


class Stepper:
    """A thread that is stopped, and made to try one instruction at a time."""

    R6, R7, LR, PC = 6, 7, 14, 15
    ARMED = 0x7E57A12D  # matrix/attempt.h

    def __init__(self, debugger: Debugger, secure: Image, place: int) -> None:
        self.debugger = debugger
        self.place = place  # where it stopped: faults lead back to it
        self.back = secure.symbols["agent_refuse"]  # where what was branched to comes back
        start, end = secure.symbols["__shared_code_start"], secure.symbols["__shared_code_end"]
        code = struct.unpack(f"<{(end - start) // 2}H", secure.read(start, end - start))
        # LDR and STR of a low register at [another one, #0]: their place and the base register.
        self.at = {
            access: next(
                (start + 2 * i, word >> 3 & 7)
                for i, word in enumerate(code)
                if word & 0xFFC0 == pattern and word >> 3 & 7 not in (word & 7, 6, 7)
            )
            for access, pattern in ((READ, 0x6800), (WRITE, 0x6000))
        }

    def set(self, register: int, value: int) -> None:
        assert self.debugger.ask(f"P{register:x}={value.to_bytes(4, 'little').hex()}") == "OK"

    def comes_back(self, access: str, address: int) -> bool:
        self.set(self.R6, self.place)
        self.set(self.R7, self.ARMED)
        if access == EXECUTE:
            self.set(self.LR, self.back | 1)
            self.set(self.PC, address)
            good = self.back
        else:
            instruction, base = self.at[access]
            self.set(base, address)
            self.set(self.PC, instruction)
            good = instruction + 2
        at = self.debugger.run_to(self.place, good)
        assert at in (self.place, good)
        self.set(self.R7, 0)
        return at == good


def agent_may(level: int, access: str, target: Target) -> bool:
    """Everything of all partitions at level 1, of PSA RoT at level 2, its own at level 3."""
    return target.kind != DEVICE and partition_may(level, "agent", access, target)


@pytest.mark.parametrize(
    ("thread", "command"), (("agent_version", "1 0 0 0"), ("spm_idle", "ask 4 c"))
)
def test_agent_and_idle_touch_what_their_level_promises(
    machine_of: Callable[..., Machine], isolation: int, thread: str, command: str
) -> None:
    machine = machine_of(MATRIX, isolation)
    matrix = Matrix(machine, *Debugger.options(machine))
    debugger = Debugger(machine)
    debugger.run_to(matrix.application.symbols["board_uart_read"] & ~1)
    matrix.tell(command)
    place = matrix.secure.symbols[thread.replace("agent_version", "agent_call")] & ~1
    assert debugger.run_to(place) == place
    stepper = Stepper(debugger, matrix.secure, place)
    targets = targets_of(matrix.secure, matrix.application)
    tries = tries_at(targets, lambda access, target: agent_may(isolation, access, target))
    failures = [
        f"{access} {target.name}: {'' if good else 'not '}reached"
        for access, target in tries
        # A gateway answers before it returns; what lies there is not the return that is waited for.
        if not (access == EXECUTE and target.name in ("a gateway", "shared code"))
        if (good := stepper.comes_back(access, target.address))
        != agent_may(isolation, access, target)
    ]
    debugger.leave()
    assert len(tries) > 150
    assert not failures


@pytest.mark.parametrize("what", ("first data", "last data", "provisioning"))
def test_manager_cannot(machine_of: Callable[..., Machine], isolation: int, what: str) -> None:
    """Execute its own data, or read what boot has closed: in handlers of all kinds."""
    machine = machine_of(MATRIX, isolation)
    matrix = Matrix(machine, *Debugger.options(machine))
    debugger = Debugger(machine)
    at = matrix.secure.symbols
    trap, entry = at["spm_trap_entry"] & ~1, at["spm_fault_entry"] & ~1
    assert debugger.run_to(trap) == trap
    assert debugger.ask("me000ed94,4") == "07000000"  # MPU_CTRL: on, in HardFault and NMI too
    if what == "provisioning":
        instruction, base = Stepper(debugger, matrix.secure, trap).at[READ]
        debugger.ask(f"P{base:x}={CLOSED['provisioning'].to_bytes(4, 'little').hex()}")
    else:
        first = what == "first data"
        instruction = at["__manager_ram_start"] if first else at["__manager_ram_end"] - 4
    debugger.skip_to(instruction)
    assert debugger.run_to(entry, instruction + 2, instruction + 4) == entry
    debugger.leave()


# --- products are without the hook ---------------------------------------------------------------


def calls_from(secure: Image, start: str, end: str) -> set[int]:
    """Where BL instructions between two symbols lead. ARM DDI 0553, BL (T1)."""
    first = secure.symbols[start] & ~1
    code = secure.read(first, (secure.symbols[end] & ~1) - first)
    found = set()
    for at in range(0, len(code) - 2, 2):
        high, low = struct.unpack_from("<2H", code, at)
        if high & 0xF800 == 0xF000 and low & 0xD000 == 0xD000:
            sign = high >> 10 & 1
            i1, i2 = 1 - ((low >> 13 & 1) ^ sign), 1 - ((low >> 11 & 1) ^ sign)
            offset = (high & 0x3FF) << 12 | (low & 0x7FF) << 1 | i1 << 23 | i2 << 22
            found.add(first + at + 4 + offset - (sign << 24))
    return found


def fault_functions(secure: Image) -> tuple[set[int], set[int]]:
    """What the vectors of HardFault to SecureFault hold, and what the code there calls."""
    vectors = struct.unpack("<5I", secure.read(secure.symbols["spm_vectors"] + 12, 20))
    entry = secure.symbols["spm_fault_entry"] & ~1
    end = min(
        (name for name, at in secure.symbols.items() if at & ~1 > entry + 8 and at & 1),
        key=lambda name: secure.symbols[name],
    )
    return set(vectors), calls_from(secure, "spm_fault_entry", end)


@pytest.mark.parametrize("product", ("an505", "an521"))
def test_products_have_no_hook(built: Callable[..., variant.Variant], product: str) -> None:
    secure = Image(built(product).elf("secure"))
    vectors, called = fault_functions(secure)
    assert vectors == {secure.symbols["spm_fault_entry"] | 1}
    assert called == {secure.symbols["spm_fault"] & ~1}
    assert not [name for name in secure.symbols if "__wrap" in name or "matrix" in name]


def test_hook_would_be_seen(built: Callable[..., variant.Variant]) -> None:
    secure = Image(built(MATRIX).elf("secure"))
    assert fault_functions(secure)[1] == {secure.symbols["__wrap_spm_fault"] & ~1}


# --- attacks that need these partitions -----------------------------------------------------------

ATTACKS = {  # how many checks each has at least
    "edges": 36,
    "arrays": 15,
    "handles": 37,
    "stack": 10,
    "interrupts": 8,
    "fp": 66,
    "dma": 12,
    "split": 60,
    "mapped": 2,
    "maps": 15,
}


def run_attack(matrix: Matrix, name: str, count: int) -> None:
    matrix.tell(f"attack {name}")
    matrix.board.wait_for(f"^matrix: {name} done$", source=APPLICATION)
    lines = matrix.board.lines(APPLICATION)
    checks = lines[lines.index("matrix: ready") + 1 : -1]
    assert [line for line in checks if not line.endswith(": ok")] == []
    assert len(checks) >= count


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(matrix: Matrix, name: str) -> None:
    run_attack(matrix, name, ATTACKS[name])


@pytest.mark.parametrize("level", (2, 3))
def test_mapped_blocks_of_partitions(machine_of: Callable[..., Machine], level: int) -> None:
    """A PSA RoT partition reaches memory of an Application RoT one only while it is lent to it."""
    run_attack(Matrix(machine_of(MATRIX, level)).wait_ready(), "blocks", 15)


NO_MESSAGE = "a message handle that it does not serve"


@pytest.mark.parametrize(
    ("command", "partition", "rule"),
    (
        ("ask 2 3", "psa_ipc", NO_MESSAGE),
        ("ask 4 3", "app_ipc", NO_MESSAGE),
        ("ask 2 4", "app_sfn", NO_MESSAGE),
        ("ask 2 d", "app_ipc", NO_MESSAGE),
        ("ask 3 6", "app_sfn", "a trap that it may not raise"),
    ),
    ids=("replied twice", "replied twice, APP", "message of another", "reply for another", "SFN"),
)
def test_message_of_another_is_refused(
    matrix: Matrix, command: str, partition: str, rule: str
) -> None:
    matrix.tell(command)
    said = matrix.board.wait_for(r"^spm: partition (\S+) ended: (.*)$", source=SECURE)
    assert (said[1], said[2]) == (partition, rule)


@pytest.mark.parametrize("subject", PARTITIONS)
def test_message_before_is_refused(matrix: Matrix, subject: str) -> None:
    """The same client's last one: what was answered is over."""
    for _ in range(2):
        matrix.tell(f"ask {SUBJECTS.index(subject):x} 11")
    said = matrix.board.wait_for(r"^spm: partition (\S+) ended: (.*)$", source=SECURE)
    assert (said[1], said[2]) == (subject, NO_MESSAGE)


@pytest.mark.parametrize("command", ("ask 2 13", "ask 2 14"), ids=("manager's", "not aligned"))
def test_message_goes_to_memory_of_its_server(matrix: Matrix, command: str) -> None:
    matrix.tell(command)
    matrix.tell("ask 2 2")
    said = matrix.board.wait_for(r"^spm: partition (\S+) ended: (.*)$", source=SECURE)
    assert (said[1], said[2]) == ("psa_ipc", "a buffer in memory that it may not access")


@pytest.mark.parametrize("level", (2, 3))
def test_odd_blocks_are_not_lent(machine_of: Callable[..., Machine], level: int) -> None:
    """Regions of the MPU are made of blocks of 32 bytes: what lies beside would be in them."""
    matrix = Matrix(machine_of(MATRIX, level)).wait_ready()
    matrix.tell("ask 4 12")
    matrix.board.wait_for(
        "^spm: partition app_ipc ended: a vector that its service maps and that is not made of 32-",
        source=SECURE,
    )
