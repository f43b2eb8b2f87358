"""The port of the emulated boards: every function of platform.h, checked on the board.

A program that runs in place of boot (tests/qemu/platform) prints "ok <name>" or "not ok <name> ..."
for each check, over a chain of resets, and a summary. This driver adds what the board cannot do to
itself: power cuts, a look into the device file, a lock-up. Time is counted in instructions, so that
the watchdog needs no waiting and a loaded machine changes nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bz import build, device, paths, variant
from bz.emulator import LOCKUP_CODE, SECURE, Board, Emulator

PRODUCTS = ("an505", "an521")
INSTRUCTION_TIME = ("-icount", "shift=6,sleep=off")
MODE_NMI_READ = 0x494D4E52  # these two stand in platform/main.c
MARK = 0x4B52414D


class Rig:
    """The test program of a product and a blank device file."""

    def __init__(self, product_name: str, path: Path) -> None:
        found = variant.find(product_name)
        build.configure(paths.ROOT, found.directory, build.options_of(found))
        build.ninja(
            found.directory, f"building the platform test of {product_name}", ("platform_test",)
        )
        self.product: Any = found.product
        self.kernel = found.directory / "bin" / "platform_test.elf"
        self.path = path
        self._boards: list[Emulator] = []
        device.create(path, self.product, provisioned=False)

    def power_on(self) -> Emulator:
        board = Emulator(Board.of(self.product), self.path, self.kernel, INSTRUCTION_TIME)
        self._boards.append(board)
        return board.start()

    def power_off(self) -> None:
        for board in self._boards:
            board.kill()

    def sector(self, from_end: int) -> int:
        """Offset of one of the last sectors of the scratch region (loader)."""
        region = device.find_region(self.product, "loader")
        return region.offset + region.size - from_end * self.product.flash.sector_size

    @property
    def mark(self) -> int:
        return struct.unpack("<I", device.read(self.path, self.product, self.sector(1), 4))[0]

    def set_mode(self, mode: int) -> None:
        device.write(self.path, self.product, self.sector(2), struct.pack("<I", mode))


@pytest.fixture(params=PRODUCTS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(request.param, tmp_path / "device.bin")
    yield made
    made.power_off()


@pytest.fixture
def checks() -> Callable[[Emulator], list[str]]:
    """Runs a board to its summary; the names of the checks, all of which have passed."""

    def run(board: Emulator) -> list[str]:
        summary = board.wait_for(r"^platform: (\d+) passed, (\d+) failed$", source=SECURE)
        passed, failed = summary.groups()
        lines = board.lines(SECURE)
        assert [line for line in lines if line.startswith("not ok ")] == []
        names = [line.removeprefix("ok ") for line in lines if line.startswith("ok ")]
        assert (int(passed), int(failed)) == (len(names), 0)
        return names

    return run


def names_in_source() -> set[str]:
    """The names of all checks, read from the program: none may be skipped on the way."""
    folder = Path(__file__).parent / "platform"
    text = "".join(path.read_text() for path in sorted(folder.glob("*.c")))
    function = r"\b(?:report_check|report_equal|expect_\w+|check_reason)"
    calls = re.findall(function + r"\(\"(\w+)\",\s*(false, )?", text)
    return {name for name, refused in calls if not refused}


def test_every_check_passes(rig: Rig, checks: Callable[[Emulator], list[str]]) -> None:
    board = rig.power_on()
    names = checks(board)
    assert len(names) == len(set(names))
    assert set(names) == names_in_source()
    board.run_for(0.2)
    assert board.is_running, "platform_halt() must not end in a lock-up"
    assert board.lines(SECURE)[-1].startswith("platform: "), "a halted device says no more"


def test_flash_survives_power_cut(rig: Rig, checks: Callable[[Emulator], list[str]]) -> None:
    board = rig.power_on()
    board.wait_for("^note mark absent$", source=SECURE)
    board.wait_for("^note mark written$", source=SECURE)
    board.kill()
    assert rig.mark == MARK
    board = rig.power_on()
    board.wait_for("^note mark found$", source=SECURE)
    checks(board)


def test_retained_memory_is_lost_without_power(rig: Rig) -> None:
    for _ in range(2):
        board = rig.power_on()
        board.wait_for("^note start$", source=SECURE)
        board.wait_for("^ok reason_cold$", source=SECURE)
        board.wait_for("^ok reason_requested$", source=SECURE)
        board.kill()


def test_provisioning_is_closed_in_nmi(rig: Rig) -> None:
    rig.set_mode(MODE_NMI_READ)
    board = rig.power_on()
    assert board.wait_exit() == LOCKUP_CODE
    assert board.lines(SECURE)[-1] == "note reading in nmi"
