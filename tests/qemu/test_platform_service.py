"""The Platform service on the running device: status and reset, from both worlds."""

from __future__ import annotations

import re

from machine import PROBE, Attacker

from bz.emulator import APPLICATION, SECURE, Emulator

STATUS = re.compile(r"^attack: status life cycle (\w+) reason (\d+) boot (\d+) update (\d+)$")
PANIC = "probe d"
READ_SECURE = "read 38000000"
DOES_NOT_EXIST, BUFFER_TOO_SMALL = -140, -138


def status_of(board: Emulator) -> tuple[int, int, int, int]:
    board.wait_for("^attack: ready$", source=APPLICATION)
    board.write("status\n")
    said = board.wait_for(STATUS, source=APPLICATION)
    return int(said[1], 16), int(said[2]), int(said[3]), int(said[4])


def test_misuse_is_answered(attacker: Attacker) -> None:
    attacker.tell("check platform")
    attacker.board.wait_for("^attack: platform done$")
    answers = attacker.board.lines(APPLICATION)[1:-1]
    assert len(answers) == 11
    assert not [line for line in answers if not line.endswith(": ok")]


def test_every_reset_reason_is_told(machine_of) -> None:
    """Power-on, asked for, panic, fault: what boot printed is what the service tells."""
    machine = machine_of(PROBE, 3)
    Attacker(machine)
    machine.power_off()
    board = machine.power_on()
    steps = (
        ("cold", 1, "reset"),
        ("requested", 2, PANIC),
        ("panic", 5, READ_SECURE),
        ("fault", 4, ""),
    )
    for boot, (word, reason, command) in enumerate(steps, start=2):
        board.wait_for(f"^boot: reset reason {word}$", source=SECURE)
        assert status_of(board) == (0x3000, reason, boot, 0)
        board.write(command + "\n")
    machine.power_off()
    assert status_of(machine.power_on()) == (0x3000, 1, 2 + len(steps), 0)


def test_reset_does_not_return(attacker3: Attacker) -> None:
    attacker3.tell("reset")
    attacker3.board.wait_exit()
    assert attacker3.board.lines(APPLICATION)[-1] == "attack: ready"
    assert not [
        line for line in attacker3.board.lines(SECURE) if "ended" in line or "fault" in line
    ]


def test_partitions_are_clients_too(attacker: Attacker) -> None:
    attacker.tell("probe 20 0 0")  # PROBE_BOOT_COUNT
    said = attacker.board.wait_for(r"^attack: probe status (-?\d+) word (\w+)$")
    assert said.groups() == ("0", "00000001")


def fault_of(board: Emulator, size: int = 429) -> tuple[int, list[str]]:
    """Status and lines of the last fault, as the application gets them."""
    first = len(board.lines(APPLICATION))
    board.write(f"fault {size:x}\n")
    said = board.wait_for(r"^attack: fault status (-?\d+)$", source=APPLICATION)
    rows = [line for line in board.lines(APPLICATION)[first:] if "fault | " in line]
    return int(said[1]), [row.removeprefix("attack: fault | ") for row in rows]


def test_the_last_fault_is_told_until_power_off(machine_of) -> None:
    machine = machine_of(PROBE, 3)
    Attacker(machine)
    machine.power_off()
    board = machine.power_on()
    for command in (PANIC, READ_SECURE):
        board.wait_for("^attack: ready$", source=APPLICATION)
        first = len(board.lines(SECURE))
        board.write(command + "\n")
        board.wait_for("^attack: ready$", source=APPLICATION)
        mark = "boot: record | "
        told = [
            row.removeprefix(mark) for row in board.lines(SECURE)[first:] if row.startswith(mark)
        ]
        assert told and fault_of(board) == (0, told)
        size = len("\n".join(told)) + 1
        assert fault_of(board, size) == (0, told)
        assert fault_of(board, size - 1) == (BUFFER_TOO_SMALL, [])
        board.write("reset\n")
        board.wait_for("^boot: reset reason requested$", source=SECURE)
        board.wait_for("^attack: ready$", source=APPLICATION)
        assert fault_of(board) == (0, told)
        board.write("reset\n")
    machine.power_off()
    board = machine.power_on()
    board.wait_for("^attack: ready$", source=APPLICATION)
    assert fault_of(board) == (DOES_NOT_EXIST, [])
