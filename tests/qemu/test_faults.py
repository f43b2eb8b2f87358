"""The fault story on the emulated board: what the device says of each kind of fault in each world.

Each test makes one fault, and checks the words three times: as the failing image logs them, as boot
tells them at the next start, and as the host reads them from the device file with the emulator off.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from gdbstub import Stub
from machine import PROBE, Machine, symbols_of

from bz import device, fault, paths, signing
from bz.emulator import SECURE, Emulator
from bz.fault import Record

PROBE_MANIFEST = "tests/qemu/probe/manifest.yaml"
PROBE_PRODUCT = "tests/qemu/probe/probe.toml"
CLOCK = ("-icount", "shift=6,sleep=off")


class Victim:
    """A device with the attacking application; it resets as a real one does."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.symbols = symbols_of(machine.variant.elf("secure"))
        payload = machine.variant.directory / "bin" / "attack.bin"
        signed = machine.path.with_name(f"{machine.path.stem}_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())

    def start(self, *extra: str) -> Emulator:
        board = self.machine.power_on(*CLOCK, *extra)
        board.wait_for("^attack: ready$")
        return board

    def fault(self, board: Emulator, command: str) -> list[str]:
        """The lines that the failing image says."""
        before = len(board.lines(SECURE))
        board.write(command + "\n")
        board.wait_for("^(spm: resetting|boot: reset reason panic)$", source=SECURE)
        said = board.lines(SECURE)[before:]
        prefix = "spm: fault: " if said[0].startswith("spm: fault: ") else "spm: "
        return [line.removeprefix(prefix) for line in said if line.startswith(prefix)][
            : -1 if prefix == "spm: " and said[-1] == "spm: resetting" else None
        ]

    def told_by_boot(self, board: Emulator) -> list[str]:
        """The lines that boot says at the start after it."""
        before = len(board.lines(SECURE))
        board.wait_for("^boot: (image|halted)", source=SECURE)
        lines = board.lines(SECURE)
        start = max(at for at, line in enumerate(lines) if line.startswith("boot: Bartizan"))
        assert start <= before
        return [
            line.removeprefix("boot: record | ")
            for line in lines[start:]
            if line.startswith("boot: record | ")
        ]

    def log(self) -> list[Record]:
        return fault.of_device(self.machine.path, self.machine.product)


@pytest.fixture
def victim(machine_of: Callable[..., Machine]) -> Victim:
    return Victim(machine_of(PROBE, 3))


@dataclass(frozen=True)
class Case:
    """A command of the attacking application and the story that must follow."""

    command: str
    who: str
    tried: str
    lacks: str | None
    fields: tuple[str | int | None, ...]  # kind, world, access, size, address
    level: int = 3


NONE_OPENS = "no grant opens secure memory; services answer psa_call()"
NO_PARTITION = "nothing; no grant opens this to a partition"
BUS_REFUSES = "nothing it could be given; the bus refuses this"
OWN_HANDLER = "a handler of its own for this fault"
SECURE_FAULT = "SecureFault in the non-secure world"
IN_PROBE = " in partition probe"
RAM = 0x38000100  # RAM of the manager, at an offset that nothing else is


def nonsecure(name: str, kind: str, size: int, address: int = RAM) -> Case:
    place = "RAM of the manager"
    return Case(
        f"access {name} {RAM:x}",
        SECURE_FAULT,
        f"tried to {kind} {size} bytes at {address:#010x}: {place}",
        NONE_OPENS,
        ("SecureFault", "non-secure", kind, size, address),
    )


# No address register is valid here: kind, size and address are decoded from the instruction.
DECODED = [
    nonsecure("ldr", "read", 4),
    nonsecure("str", "write", 4),
    nonsecure("ldrb", "read", 1),
    nonsecure("strb", "write", 1),
    nonsecure("ldrsh", "read", 2),
    nonsecure("strh", "write", 2),
    nonsecure("ldrd", "read", 8),
    nonsecure("strd", "write", 8),
    nonsecure("ldm", "read", 16),
    nonsecure("stmdb", "write", 8),
    nonsecure("ldrex", "read", 4),
    nonsecure("stl", "write", 4),
    nonsecure("tbb", "read", 1),
    nonsecure("vldr", "read", 4),
    nonsecure("sp", "read", 2),  # from the stack pointer, behind each kind of frame
    nonsecure("sp_odd", "write", 1),
    nonsecure("sp_fp", "read", 4),
]


def place(command: str, address: int, name: str) -> Case:
    return Case(
        f"{command} {address:x}",
        SECURE_FAULT,
        f"tried to {command} 4 bytes at {address:#010x}: {name}",
        NONE_OPENS,
        ("SecureFault", "non-secure", command, 4, address),
    )


PLACES = [
    place("read", 0x80000000, "flash region provisioning"),
    place("write", 0x80010004, "flash region its"),
    place("read", 0x80180000, "secondary slot of image secure"),
    place("read", 0x80080000, "flash that no region names"),
    place("read", 0x30006000, "hand-off memory"),
    place("read", 0x30007000, "retained memory"),
    place("read", 0x3803FF00, "unused secure RAM"),
    place("read", 0x10000000, "code of boot"),
    place("read", 0x50200000, "peripheral uart0"),
    place("write", 0x50110004, "peripheral dma"),
]

NONSECURE = [
    Case(
        "access call 80110001",
        SECURE_FAULT,
        "tried to call at 0x80110000: ",
        "a gateway there; psa_call() has one",
        ("SecureFault", "non-secure", "call", None, 0x80110000),
    ),
    Case(
        "access undefined",
        "HardFault in the non-secure world",
        "cause: undefined instruction",
        OWN_HANDLER,
        ("HardFault", "non-secure", "none", None, None),
    ),
    Case(
        "access ldr 4f000004",
        "BusFault in the non-secure world",
        "tried to read 4 bytes at 0x4f000004: unknown place",
        OWN_HANDLER,
        ("BusFault", "non-secure", "read", 4, 0x4F000004),
    ),
    Case(
        "access call 4f000001",
        "HardFault in the non-secure world",
        "tried to execute at 0x4f000000: unknown place",
        OWN_HANDLER,
        ("HardFault", "non-secure", "execute", None, 0x4F000000),
    ),
    Case(
        "handled undefined",
        "UsageFault in the non-secure world",
        "cause: undefined instruction",
        OWN_HANDLER,
        ("UsageFault", "non-secure", "none", None, None),
    ),
    Case(
        "handled call 4f000001",
        "MemManage fault in the non-secure world",
        "tried to execute at 0x4f000000: unknown place",
        OWN_HANDLER,
        ("MemManage fault", "non-secure", "execute", None, 0x4F000000),
    ),
    Case(
        "handled divide",
        "UsageFault in the non-secure world",
        "cause: division by zero",
        OWN_HANDLER,
        ("UsageFault", "non-secure", "none", None, None),
    ),
]


def partition(
    command: str,
    kind: str,
    tried: str,
    lacks: str | None,
    fields: tuple[str | int | None, ...],
    level: int = 3,
) -> Case:
    return Case(
        f"probe {command}",
        kind + IN_PROBE,
        tried,
        lacks,
        (kind.split()[0] + (" fault" if " " in kind else ""), "partition", *fields),
        level,
    )


PARTITION = [
    partition(
        "2 38000100",
        "MemManage fault",
        "tried to read 4 bytes at 0x38000100: RAM of the manager",
        NO_PARTITION,
        ("read", 4, 0x38000100),
    ),
    partition(
        "18 38000102 7",
        "MemManage fault",
        "tried to write 1 bytes at 0x38000102: RAM of the manager",
        NO_PARTITION,
        ("write", 1, 0x38000102),
    ),
    partition(
        "2 80010000",
        "MemManage fault",
        "tried to read 4 bytes at 0x80010000: flash region its",
        f'the flash functions, with region "its" in flash of {PROBE_PRODUCT}',
        ("read", 4, 0x80010000),
    ),
    partition(
        "3 50200004",
        "MemManage fault",
        "tried to write 4 bytes at 0x50200004: peripheral uart0",
        f"mmio_regions: [{{name: uart0, permission: READ-WRITE}}] in {PROBE_MANIFEST}",
        ("write", 4, 0x50200004),
    ),
    partition(
        "2 50202000",
        "MemManage fault",
        "tried to read 4 bytes at 0x50202000: peripheral uart2",
        f"mmio_regions: [{{name: uart2, permission: READ-ONLY}}] in {PROBE_MANIFEST}",
        ("read", 4, 0x50202000),
    ),
    partition(
        "2 e000ed94",
        "BusFault",
        "tried to read 4 bytes at 0xe000ed94: registers of the core",
        BUS_REFUSES,
        ("read", 4, 0xE000ED94),
    ),
    partition(
        "2 5f000008",
        "BusFault",
        "tried to read 4 bytes at 0x5f000008: peripheral hole",
        BUS_REFUSES,
        ("read", 4, 0x5F000008),
    ),
    partition(
        "4 38000101",
        "MemManage fault",
        "tried to execute at 0x38000100: RAM of the manager",
        NO_PARTITION,
        ("execute", None, 0x38000100),
    ),
    partition(
        "4 28200001",
        "SecureFault",
        "cause: branch out of the secure world",
        None,
        ("none", None, None),
    ),
    partition("15", "UsageFault", "cause: undefined instruction", None, ("none", None, None)),
    partition("16", "HardFault", "cause: ", None, ("none", None, None)),
    partition(
        "17 38000101",
        "UsageFault",
        "tried to read 8 bytes at 0x38000101: RAM of the manager, unaligned access",
        NO_PARTITION,
        ("read", 8, 0x38000101),
    ),
    partition(
        "c",
        "UsageFault",
        "cause: stack overflow",
        f"a larger stack_size in {PROBE_MANIFEST}",
        ("none", None, None),
    ),
]

CASES = [*DECODED, *PLACES, *NONSECURE, *PARTITION]


def serving(command: str) -> str:
    """The line about the call that the probe works on."""
    return f"serving: PROBE, type {int(command.split()[1], 16)}, for the non-secure world"


def check_record(record: Record, case: Case) -> None:
    seen = record.view()
    kind, world, access, size, address = case.fields
    assert (seen["kind"], seen["world"], seen["access"]) == (kind, world, access)
    assert (seen["access_size"], seen["address"]) == (size, address)
    assert seen["partition"] == (0x200 if world == "partition" else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
def test_story(machine_of: Callable[..., Machine], case: Case) -> None:
    victim = Victim(machine_of(PROBE, case.level))
    board = victim.start()
    said = victim.fault(board, case.command)
    assert said[0].startswith(f"{case.who}, pc ")
    assert ("pc unknown" in said[0]) == (case.tried == "cause: stack overflow")
    assert said[1].startswith(case.tried)
    rest = [f"lacks: {case.lacks}"] if case.lacks else []
    if case.command.startswith("probe "):
        rest.append(serving(case.command))
    assert said[2:] == rest
    assert victim.told_by_boot(board) == said
    victim.machine.power_off()
    (record,) = victim.log()
    assert record.text.rstrip("\n").split("\n") == said
    assert record.sequence == 1
    check_record(record, case)


@pytest.mark.parametrize("product", ("an521",))
def test_story_without_fpu(machine_of: Callable[..., Machine], product: str) -> None:
    """The other core: no FP frames, the demo's own fault."""
    machine = machine_of(product)
    board = machine.power_on()
    board.wait_for(r"^boot: record \| tried to read 4 bytes at 0x38000000: RAM of the manager$")
    board.wait_for("^demo: done$")


@pytest.mark.parametrize("level", (1, 2))
def test_story_at_lower_levels(machine_of: Callable[..., Machine], level: int) -> None:
    victim = Victim(machine_of(PROBE, level))
    board = victim.start()
    said = victim.fault(board, "probe 2 38000100")
    assert said[0].startswith("MemManage fault in partition probe, pc 0x")
    assert said[1] == "tried to read 4 bytes at 0x38000100: RAM of the manager"
    assert victim.told_by_boot(board) == said


# --- the manager, the gateways' thread and boot: a debugger makes them fault ----------------------


def go_on_at(stub: Stub, pc: int, argument: int = 0) -> None:
    """Registers are written all at once: r0 first, the program counter is number 15."""
    registers = bytearray.fromhex(stub.ask("g").replace("x", "0"))
    registers[0:4] = argument.to_bytes(4, "little")
    registers[60:64] = pc.to_bytes(4, "little")
    assert stub.ask(f"G{registers.hex()}") == "OK"


def derail(victim: Victim, stop_at: int, pc: int) -> Emulator:
    """Power on, stop at an address, and go on at another."""
    path = Path(f"{victim.machine.path}.gdb")
    board = victim.machine.power_on(*Stub.options(path))
    with Stub(path) as stub:
        stub.run_to(stop_at)
        go_on_at(stub, pc)
        stub.ask("D")
    return board


# Where to go on, what it is: the manager runs privileged, with the default map behind its regions.
# The emulator compares the priorities of the last two as if they were non-secure: from a trap they
# escalate.
MANAGER = {
    "MemManage fault": (
        0x38000100,
        "MemManage fault",
        "tried to execute at 0x38000100: RAM of the manager",
    ),
    "BusFault": (0x08000000, "HardFault", "tried to execute at 0x08000000: unknown place"),
    "SecureFault": (0x28200000, "HardFault", "cause: branch out of the secure world"),
}


@pytest.mark.parametrize("case", MANAGER)
def test_story_of_the_manager(victim: Victim, case: str) -> None:
    pc, kind, tried = MANAGER[case]
    board = derail(victim, victim.symbols["spm_first_thread"], pc)
    board.wait_for("^spm: resetting$")
    told = victim.told_by_boot(board)
    assert told[0].startswith(f"{kind} in the manager, pc {pc:#010x}, ")
    assert told[1:] == [tried, "lacks: nothing; the secure image is wrong"]


def test_story_of_the_gateways_thread(victim: Victim) -> None:
    board = derail(victim, victim.symbols["spm_agent_start"], victim.symbols["spm_fault"] & ~1)
    board.wait_for("^spm: resetting$")
    told = victim.told_by_boot(board)
    assert told[0].startswith("MemManage fault in the gateways' thread, pc ")
    assert told[1].startswith("tried to execute at ") and told[1].endswith(": code of the manager")


def test_story_of_boot(victim: Victim) -> None:
    symbols = symbols_of(victim.machine.variant.boot_elf)
    board = derail(victim, symbols["counters_mount"], 0x08000000)
    said = board.wait_for("^boot: fault bus fault, number 5, status .*, in boot at pc 0x08000000$")[
        0
    ]
    assert victim.told_by_boot(board) == [said.removeprefix("boot: fault ")]
    victim.machine.power_off()
    (record,) = victim.log()
    assert record.view()["world"] == "boot"


# --- panics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command, said",
    [
        ("d", ["partition probe ended: psa_panic()"]),
        (
            "a 0 3",
            [
                "partition probe ended: a flash region that it has no grant for",
                "lacks: an entry in flash, secrets or rights of partition probe in "
                + PROBE_PRODUCT,
            ],
        ),
        (
            "f",
            [
                "partition probe ended: a service that it may not use that way",
                f"lacks: an entry in dependencies of {PROBE_MANIFEST}",
            ],
        ),
    ],
)
def test_story_of_a_panic(victim: Victim, command: str, said: list[str]) -> None:
    said = [*said, serving(f"probe {command}")]
    board = victim.start()
    assert victim.fault(board, f"probe {command}") == said
    assert victim.told_by_boot(board) == said
    victim.machine.power_off()
    (record,) = victim.log()
    assert record.view()["kind"] == "panic" and record.partition == 0x200
    assert record.view()["pc"] is not None


# --- the record: kept, once, and only if it is whole ----------------------------------------------


def test_record_is_kept_over_kill(victim: Victim) -> None:
    board = victim.start()
    said = victim.fault(board, "read 38000100")
    board.wait_for(r"^boot: record \| lacks: ")
    board.wait_for("^boot: image secure ")
    victim.machine.power_off()
    assert [record.text.split("\n")[1] for record in victim.log()] == [said[1]]
    board = victim.start()
    assert not [line for line in board.lines(SECURE) if "record" in line], "told twice"
    victim.machine.power_off()
    assert len(victim.log()) == 1, "kept twice"


RECORD = 0x30007020  # retained memory behind what is the platform's
TOLD = "a record of this test"


def make_record(sequence: int = 0) -> bytes:
    """A valid record, as docs/formats/fault.md has it."""
    text = TOLD.encode()
    head = struct.pack("<IHHIBBBBHHi", fault.MAGIC, 1, 512, sequence, 7, 5, 1, 3, 4, 0, 0)
    body = (head.ljust(0x4C, b"\0") + struct.pack("<HH", len(text), 0) + text).ljust(0x1FC, b"\0")
    return body + struct.pack("<I", zlib.crc32(body))


def reset_with_record(victim: Victim, record: bytes) -> Emulator:
    """The manager resets because of a fault, and this is what the retained memory holds then."""
    path = Path(f"{victim.machine.path}.gdb")
    board = victim.machine.power_on(*Stub.options(path))
    with Stub(path) as stub:
        stub.run_to(victim.symbols["spm_first_thread"])
        assert stub.ask(f"M{RECORD:x},{len(record):x}:{record.hex()}") == "OK"
        go_on_at(stub, victim.symbols["platform_reset"] & ~1, argument=4)
        stub.ask("D")
    board.wait_for("^boot: reset reason fault$")
    board.wait_for("^attack: ready$")
    victim.machine.power_off()
    return board


def test_whole_record_is_told_and_kept(victim: Victim) -> None:
    board = reset_with_record(victim, make_record())
    assert f"boot: record | {TOLD}" in board.lines(SECURE)
    assert [record.text for record in victim.log()] == [TOLD]


@pytest.mark.parametrize("offset", (0, 4, 6, 8, 0x20, 0x4C, 0x4D, 0x60, 0x1FB, 0x1FC))
def test_record_that_is_not_whole_is_ignored(victim: Victim, offset: int) -> None:
    record = bytearray(make_record())
    record[offset] ^= 0x40
    board = reset_with_record(victim, bytes(record))
    assert "boot: the fault left no record" in board.lines(SECURE)
    assert not [line for line in board.lines(SECURE) if "boot: record" in line]
    assert victim.log() == []


def test_record_that_was_told_before_is_ignored(victim: Victim) -> None:
    board = reset_with_record(victim, make_record(sequence=5))
    assert "boot: the fault left no record" in board.lines(SECURE)
    assert victim.log() == []


def test_record_without_a_fault_is_ignored(victim: Victim) -> None:
    """Retained memory holds a record, but the device was switched on."""
    path = Path(f"{victim.machine.path}.gdb")
    board = victim.machine.power_on(*Stub.options(path))
    with Stub(path) as stub:
        record = make_record()
        assert stub.ask(f"M{RECORD:x},{len(record):x}:{record.hex()}") == "OK"
        stub.ask("D")
    board.wait_for("^attack: ready$")
    assert not [line for line in board.lines(SECURE) if "record" in line]
    victim.machine.power_off()
    assert victim.log() == []


def test_a_fault_costs_one_append_and_nothing_else(victim: Victim) -> None:
    region = device.find_region(victim.machine.product, "fault_log")
    board = victim.start()
    victim.fault(board, "read 38000100")
    board.wait_for("^attack: ready$")
    victim.machine.power_off()
    data = victim.machine.read(region.offset, region.size)
    assert data[512:] == b"\xff" * (region.size - 512)
    board = victim.start()
    victim.machine.power_off()
    assert victim.machine.read(region.offset, region.size) == data, "a start without a fault wrote"


def test_log_keeps_the_last_ones(victim: Victim) -> None:
    """More faults than the region has places: the oldest go, the numbers go on."""
    for number in range(1, 20):
        board = victim.start()
        victim.fault(board, f"read {0x38000000 + 4 * number:x}")
        board.wait_for("^boot: image secure ")
        victim.machine.power_off()
    records = victim.log()
    assert [record.sequence for record in records] == list(range(9, 20))
    assert records[-1].address == 0x38000000 + 4 * 19


# --- too many in a row ----------------------------------------------------------------------------

HELD = r"^boot: the application is held after 3 faults in a row, until the next power-on$"


def test_application_is_held_after_three_faults_in_a_row(victim: Victim) -> None:
    board = victim.start()
    for _ in range(2):
        victim.fault(board, "read 38000100")
        board.wait_for("^attack: ready$")
    victim.fault(board, "probe d")
    board.wait_for(HELD)
    board.wait_for("^boot: halted$")
    board.run_for(0.3)
    assert board.lines(SECURE)[-1] == "boot: halted"
    victim.machine.power_off()
    assert len(victim.log()) == 3
    board = victim.start()  # a power-on starts afresh
    victim.fault(board, "read 38000100")
    board.wait_for("^attack: ready$")


def test_confirmed_start_clears_the_count(victim: Victim) -> None:
    board = victim.start()
    for _ in range(5):
        board.write("confirm\n")
        board.wait_for("^attack: confirmed, status 0$")
        victim.fault(board, "read 38000100")
        board.wait_for("^attack: ready$")
    assert not [line for line in board.lines(SECURE) if "held" in line]


def test_count_is_kept_without_confirmation_between(victim: Victim) -> None:
    """Confirmed once, then three in a row: held."""
    board = victim.start()
    board.write("confirm\n")
    board.wait_for("^attack: confirmed, status 0$")
    for _ in range(2):
        victim.fault(board, "read 38000100")
        board.wait_for("^attack: ready$")
    victim.fault(board, "read 38000100")
    board.wait_for(HELD)


def test_requested_reset_clears_the_count(victim: Victim) -> None:
    board = victim.start()
    for _ in range(4):
        victim.fault(board, "read 38000100")
        board.wait_for("^attack: ready$")
        board.write("reset\n")
        board.wait_for("^boot: reset reason requested$")
        board.wait_for("^attack: ready$")
    assert not [line for line in board.lines(SECURE) if "held" in line]


def test_handed_on_fault_of_its_own_mpu(victim: Victim) -> None:
    board = victim.start()
    said = victim.fault(board, "mpu 0 0")
    assert said[0].startswith("MemManage fault in the non-secure world, pc 0x802")
    assert re.match(r"tried to write 2 bytes at 0x28[0-9a-f]{5}6: non-secure RAM$", said[1])
    assert said[2:] == [f"lacks: {OWN_HANDLER}"]
    assert victim.told_by_boot(board) == said
    victim.machine.power_off()
    assert victim.log()[0].view()["handed_on"]


@pytest.mark.parametrize("symbol", ("spm_copy", "__manager_code_start"))
def test_forged_frame_does_not_make_secure_code_read(victim: Victim, symbol: str) -> None:
    """A program counter in secure memory: what is there is not decoded for the application."""
    board = victim.start()
    address = victim.symbols[symbol] & ~1
    said = victim.fault(board, f"mpu 1 {address:x}")
    assert f", pc {address:#010x}, " in said[0]
    assert re.match(r"tried an unknown access at 0x28[0-9a-f]{5}6: non-secure RAM$", said[1])


@pytest.mark.parametrize("frame", (0x38000700, 0x30007020, 0xFFFFFFF0, 0x28200002, 0x283FFFF0))
def test_frame_that_the_application_cannot_read_is_not_read(victim: Victim, frame: int) -> None:
    """In secure memory, past the end of memory, not aligned, over an edge."""
    said = victim.fault(victim.start(), f"mpu {frame:x} 0")
    assert ", pc unknown, lr unknown, " in said[0]
    assert said[1].startswith("tried an unknown access at 0x28")


def test_hand_on_from_a_thread_is_refused(victim: Victim) -> None:
    board = victim.start()
    board.write("handon\n")
    board.wait_for("^attack: handed on, status -133$")
    board.write("check framework\n")
    board.wait_for("^attack: framework done$")


# --- the host -------------------------------------------------------------------------------------


def bz(*arguments: str | Path) -> str:
    done = subprocess.run(
        [paths.ROOT / "bz", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_why_reset_and_decode_name_the_line(machine: Machine, tmp_path: Path) -> None:
    """The demo's fault on purpose, from the device file and from the log of the emulator."""
    board = machine.power_on()
    board.wait_for("^demo: done$")
    machine.power_off()
    place = re.compile(r"^pc 0x8\w+ is read_secure_memory\(\) at ns/apps/demo/main\.c:\d+$", re.M)
    said = bz("why-reset", machine.path)
    assert "SecureFault in the non-secure world, pc 0x8" in said
    assert "tried to read 4 bytes at 0x38000000: RAM of the manager" in said
    assert f"lacks: {NONE_OPENS}" in said
    assert place.search(said)
    (told,) = json.loads(bz("why-reset", machine.path, "--json"))["faults"]
    assert (told["access"], told["address"], told["access_size"]) == ("read", 0x38000000, 4)
    assert told["places"][0]["function"] == "read_secure_memory"
    log = tmp_path / "console.txt"
    log.write_text("\n".join(f"{line.source:>11} | {line.text}" for line in board.transcript))
    for source in (log, machine.path):
        assert place.search(bz("fault", "decode", source))


def test_why_reset_of_a_device_without_faults(machine: Machine) -> None:
    assert "the fault log is empty" in bz("why-reset", machine.path)
    assert json.loads(bz("why-reset", machine.path, "--json"))["faults"] == []
