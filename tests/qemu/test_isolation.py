"""Attacks from the non-secure side and from a partition, at every isolation level.

What must be refused by status is checked inside the attacking application; what must fault ends the
board, and the secure log must say who did what.
"""

from __future__ import annotations

import pytest
from machine import PROBE, Attacker, symbols_of

CHECKS = (
    "framework",
    "handles",
    "types",
    "vectors",
    "connections",
    "echo",
    "partition",
    "handler",
    "registers",
    "interrupts",
    "threads",
    "changed",
    "unprivileged",
    "masked",
    "its",
    "crypto",
)


def run_check(attacker: Attacker, name: str) -> None:
    attacker.tell(f"check {name}")
    attacker.board.wait_for(f"^attack: {name} done$")
    answers = [line for line in attacker.board.lines("application") if line.startswith("attack: ")]
    assert len(answers) > 2, "the check checked nothing"
    assert not [line for line in answers[1:-1] if not line.endswith(": ok")]


@pytest.mark.parametrize("name", CHECKS)
def test_calls_are_checked(attacker: Attacker, name: str) -> None:
    run_check(attacker, name)


@pytest.mark.parametrize("name", ("interrupts", "threads"))
def test_interrupts_that_come_with_a_trap(machine_of, isolation: int, name: str) -> None:
    """Time runs freely here: an interrupt may become pending with the very instruction that traps,
    is taken first, and leaves its mark on the frame that the trap finds."""
    run_check(Attacker(machine_of(PROBE, isolation), free_running=True), name)


# --- the non-secure side against the secure world -----------------------------------------------

SECURE_PLACES = {
    "secure RAM": "__manager_ram_start",
    "secure code": "__manager_code_start",
    "a partition's RAM": "__part_crypto_ram_start",
    "vectors": "spm_vectors",
}


@pytest.mark.parametrize("place", SECURE_PLACES)
@pytest.mark.parametrize("access", ("read", "write"))
def test_nonsecure_access_to_secure_memory_faults(
    attacker3: Attacker, access: str, place: str
) -> None:
    address = symbols_of(attacker3.machine.variant.elf("secure"))[SECURE_PLACES[place]]
    said = attacker3.fault_of(f"{access} {address:x} 12345678")
    assert "SecureFault in the non-secure world" in said
    assert "SFSR 0x00000008" in said  # AUVIOL


@pytest.mark.parametrize(
    "address",
    (0x80000000, 0x30006000, 0x10000000, 0x80180000, 0x50200000, 0x38030000),
    ids=("provisioning", "hand-off", "boot", "secondary slot", "secure UART", "unused secure RAM"),
)
def test_nonsecure_read_of_secure_address_faults(attacker3: Attacker, address: int) -> None:
    assert "SecureFault in the non-secure world" in attacker3.fault_of(f"read {address:x}")


def test_nonsecure_branch_into_secure_code_faults(attacker3: Attacker) -> None:
    address = symbols_of(attacker3.machine.variant.elf("secure"))["grant_trap_take_secret"]
    said = attacker3.fault_of(f"execute {address:x}")
    assert "SecureFault" in said and "SFSR 0x00000001" in said  # INVEP


@pytest.mark.parametrize(
    "offset", (4, 0x38, 0xFC), ids=("past the SG", "past the last gateway", "end of region")
)
def test_nonsecure_branch_past_a_gateway_faults(attacker3: Attacker, offset: int) -> None:
    base = symbols_of(attacker3.machine.variant.elf("secure"))["__gateways_start"]
    said = attacker3.fault_of(f"execute {base + offset:x}")
    assert "SecureFault" in said and "SFSR 0x00000001" in said


def test_gateways_stay_where_they_are(attacker3: Attacker) -> None:
    """An application that was linked before must find them: addresses are part of the interface."""
    secure = symbols_of(attacker3.machine.variant.elf("secure"))
    psa = ("psa_framework_version", "psa_version", "psa_connect", "psa_call", "psa_close")
    names = (*psa, "bartizan_report_fault", "bartizan_confirm_start")
    base = 0x80100800
    assert [secure[f"{name}_gateway"] for name in names] == [
        base + 8 * i + 1 for i in range(len(names))
    ]
    linked = symbols_of(attacker3.machine.variant.directory / "bin" / "attack.elf")
    assert all(linked[f"{name}_gateway"] == secure[f"{name}_gateway"] for name in names)


# --- a partition against the manager and other partitions ---------------------------------------

READ, WRITE, EXECUTE = 2, 3, 4


@pytest.mark.parametrize("command", (READ, WRITE), ids=("read", "write"))
@pytest.mark.parametrize(
    "place",
    ("__manager_ram_start", "__part_its_ram_start", "__part_crypto_ram_start", "__agent_ram_start"),
)
def test_partition_cannot_touch_others_ram(attacker3: Attacker, place: str, command: int) -> None:
    address = symbols_of(attacker3.machine.variant.elf("secure"))[place]
    said = attacker3.fault_of(f"probe {command:x} {address:x} 0")
    assert "MemManage fault in partition probe" in said and f"address 0x{address:08x}" in said


def test_application_rot_cannot_touch_psa_rot_at_level_2(machine_of) -> None:
    attacker = Attacker(machine_of(PROBE, 2))
    address = symbols_of(attacker.machine.variant.elf("secure"))["__part_crypto_ram_start"]
    assert "MemManage fault in partition probe" in attacker.fault_of(
        f"probe {READ:x} {address:x} 0"
    )


@pytest.mark.parametrize(
    "place", ("__manager_code_start", "__part_crypto_code_start", "__part_its_code_start")
)
def test_partition_cannot_read_others_code(attacker3: Attacker, place: str) -> None:
    address = symbols_of(attacker3.machine.variant.elf("secure"))[place]
    assert "MemManage fault in partition probe" in attacker3.fault_of(
        f"probe {READ:x} {address:x} 0"
    )


def test_partition_cannot_touch_manager_ram_at_any_level(attacker: Attacker) -> None:
    address = symbols_of(attacker.machine.variant.elf("secure"))["__manager_ram_start"]
    assert "MemManage fault in partition probe" in attacker.fault_of(
        f"probe {WRITE:x} {address:x} 0"
    )


@pytest.mark.parametrize(
    "address",
    (0x80010000, 0x80000000, 0x50200000, 0xE000ED94, 0x30006000),
    ids=("ITS flash", "provisioning", "secure UART", "MPU_CTRL", "hand-off"),
)
def test_partition_cannot_read_devices_or_flash(attacker3: Attacker, address: int) -> None:
    assert "in partition probe" in attacker3.fault_of(f"probe {READ:x} {address:x} 0")


def test_partition_cannot_execute_its_data(attacker3: Attacker) -> None:
    address = symbols_of(attacker3.machine.variant.elf("secure"))["__part_probe_ram_start"]
    assert "MemManage fault in partition probe" in attacker3.fault_of(
        f"probe {EXECUTE:x} {address + 0x401:x} 0"
    )


def test_partition_stack_overflow_is_caught(attacker: Attacker) -> None:
    said = attacker.fault_of("probe c 0 0")
    assert "UsageFault in partition probe" in said and "CFSR 0x00100000" in said  # STKOF


def test_every_stack_is_sealed(machine_of) -> None:
    """No return into the secure world can unstack what lies above an empty stack."""
    machine = machine_of()
    machine.power_on(*machine.qmp_options).wait_for("^demo: done$")
    symbols = symbols_of(machine.variant.elf("secure"))
    tops = [name for name in symbols if name.endswith("_stack_top")]
    assert len(tops) == 3 + len(machine.product.partitions)  # manager, agent, idle
    for name in tops:
        assert machine.memory(symbols[name] - 8, 2) == [0xFEF5EDA5, 0xFEF5EDA5], name


@pytest.mark.parametrize("address", (0xFEFFFFFF, 0xFFFFFFFD, 0xFFFFFFBC), ids=hex)
def test_forged_return_faults(attacker3: Attacker, address: int) -> None:
    """A branch from the non-secure world to a value that means "return into the secure world"."""
    assert "fault" in attacker3.fault_of(f"execute {address:x}")


# --- a partition that breaks a rule of the framework ends, with its name and the rule -----------

RULES = {
    "5": "a message handle that it does not serve",
    "6": "a vector index above 3",
    "7": "more output than the client's vector holds",
    "8 38000000": "a buffer in memory that it may not access",
    "9 38000000": "a buffer in memory that it may not access",
    "8 28200000": "a buffer in memory that it may not access",
    "a 0 3": "a flash region that it has no grant for",
    "a 0 0": "a flash region that it has no grant for",
    "a 0 ffffffff": "a flash region that it has no grant for",
    "b 0 0": "a secret that it has no grant for",
    "b 0 1f": "a secret that it has no grant for",
    "b 0 ffffffff": "a secret that it has no grant for",
    "21 0 0": "a request that it has no right to",
    "21 0 1": "a request that it has no right to",
    "21 0 2": "a request that it has no right to",
    "d": "psa_panic()",
    "f": "a service that it may not use that way",
    "11": "a trap that it may not raise",
    "28": "a stack pointer outside its stack",
}


@pytest.mark.parametrize("command", RULES)
def test_partition_that_breaks_a_rule_ends(attacker3: Attacker, command: str) -> None:
    assert attacker3.fault_of(f"probe {command}") == f"spm: partition probe ended: {RULES[command]}"


READ_INTO, WRITE_FROM = 8, 9  # psa_read() and psa_write() of 4 bytes


@pytest.mark.parametrize(
    ("command", "place", "distance"),
    (
        (READ_INTO, "code_start", 0),
        (READ_INTO, "ram_start", -2),
        (READ_INTO, "ram_end", -2),
        (WRITE_FROM, "ram_start", -2),
        (WRITE_FROM, "ram_end", -2),
        (WRITE_FROM, "code_end", -2),
    ),
)
def test_partition_names_a_buffer_at_its_edge(
    attacker3: Attacker, command: int, place: str, distance: int
) -> None:
    """What the manager reads and writes for a partition is what the partition could itself."""
    edge = symbols_of(attacker3.machine.variant.elf("secure"))[f"__part_probe_{place}"]
    said = attacker3.fault_of(f"probe {command:x} {edge + distance:x} 0")
    assert said == "spm: partition probe ended: a buffer in memory that it may not access"


def test_connect_message_has_no_vectors(attacker3: Attacker) -> None:
    attacker3.tell("probe 29 0 0")
    attacker3.board.wait_for("^attack: probe status 0 ")
    attacker3.tell("connect f001 2")
    attacker3.board.wait_for(
        "^spm: partition probe ended: a message handle that it does not serve$"
    )


def test_reason_is_known_at_the_next_start(attacker3: Attacker) -> None:
    attacker3.fault_of("probe d")
    again = attacker3.machine
    again.power_off()
    board = again.power_on()
    board.wait_for("^attack: ready$")
    board.write("probe d\n")
    board.wait_for("^spm: partition probe ended")
    board.wait_for("^boot: reset reason panic")
    board.write("read 38000000\n") if board.wait_for("^attack: ready$") else None
    board.wait_for("^boot: reset reason fault")
