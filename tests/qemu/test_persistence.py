"""What the device keeps over resets and power cuts, in the real flash file."""

from __future__ import annotations

import random
import re

from machine import Machine

from bz.emulator import APPLICATION

START = re.compile(r"^demo: this is start number (\d+) of this device$")


def start_number(machine: Machine) -> int:
    board = machine.power_on()
    number = int(board.wait_for(START, source=APPLICATION)[1])
    board.wait_for("^demo: done$")
    machine.power_off()
    return number


def test_counter_grows_with_every_start(machine: Machine) -> None:
    """The demo faults on purpose at the first start, and the device starts again by itself."""
    assert [start_number(machine) for _ in range(4)] == [1, 3, 4, 5]


def test_counter_survives_reset_without_power_cut(machine: Machine) -> None:
    assert start_number(machine) == 1
    board = machine.power_on(*machine.qmp_options)
    assert board.wait_for(START)[1] == "3"
    board.wait_for("^demo: done$")
    machine.qmp("system_reset")
    assert board.wait_for(START)[1] == "4"
    board.wait_for("^demo: done$")


def test_counter_survives_kills_at_any_moment(machine: Machine) -> None:
    """Power cuts at random moments, the write of the counter among them: it never goes back."""
    moments = random.Random(20)
    last = 0
    for _ in range(25):
        board = machine.power_on()
        board.run_for(moments.uniform(0.02, 0.9))
        shown = [int(found[1]) for line in board.lines(APPLICATION) if (found := START.match(line))]
        machine.power_off()
        assert all(number > last for number in shown), f"{shown} after {last}"
        last = max([last, *shown])
    final = start_number(machine)
    assert final >= last and final - last <= 25, "acknowledged counts were lost"
    assert start_number(machine) == final + 1
