"""Drives the application of the product ff: one command a line, one answer a line.

Every test of the product goes through here. Boards live as long as a module's tests, one for each
isolation level, and are started again if one has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from machine import Machine

from bz import device, signing
from bz.emulator import APPLICATION, SECURE, Emulator
from bz.variant import Variant

FF = "tests/qemu/ff/ff.toml"
RESTART = "tests/qemu/ff/ff_restart.toml"

# Partitions by number: actor/partitions.h
HIGH, MID1, MID2, LOW, ROT, LEGACY, SLIH, FLIH = range(1, 9)
SERVER, CLIENT, MAPPER, HEAP, FP1, FP2, TRACE = range(9, 16)
OWN = 0  # the application itself, in check()

# Types of calls: ff.h
FF_CHECK = 3
SERVER_STATUS, SERVER_COUNT, SERVER_CLOSED = 13, 16, 17
SERVER_ADDRESS, SERVER_TOUCH = 18, 19
FLIH_START = 10

PROGRAMMER_ERROR, REFUSED, BUSY, COMMUNICATION_FAILURE = -129, -130, -131, -145

WAIT = 10.0  # seconds, for an answer that takes far less

ENDED = r"^spm: (fault|partition \S+ ended): .*$"

# Time follows the instructions: 64 ns each; interrupts come at the same places in every run.
CLOCK = ("-icount", "shift=6,sleep=off")


class Driver:
    """A machine with the driving application, on until close()."""

    def __init__(self, variant: Variant, path: Path, options: tuple[str, ...] = CLOCK) -> None:
        self.machine = Machine(variant, path)
        self._options = options
        payload = variant.directory / "bin" / "drive.bin"
        signed = path.with_suffix(".signed")
        signing.sign_image(variant.product, "nonsecure", payload, signed)
        device.create(path, variant.product, seed=1)
        self.machine.install("secure", variant.signed("secure").read_bytes())
        self.machine.install("nonsecure", signed.read_bytes())
        self.board: Emulator | None = None

    def on(self) -> Driver:
        """Switched on, with an empty trace, whatever was before."""
        if self.board is not None and self.board.exit_code is None:
            self.trace()
            return self
        self.machine.power_off()
        self.board = self.machine.power_on("-no-reboot", *self._options)
        self.board.wait_for("^ff: ready$", source=APPLICATION)
        return self

    def close(self) -> None:
        self.machine.power_off()
        self.board = None

    def tell(self, command: str) -> None:
        assert self.board is not None
        self.board.write(command + "\n")

    def ask(self, command: str) -> tuple[int, list[int]]:
        """The status of an answer, and its words."""
        self.tell(command)
        said = self.board.wait_for(r"^ff: answer (-?\d+)((?: [0-9a-f]{8})*)$", WAIT, APPLICATION)
        return int(said[1]), [int(word, 16) for word in said[2].split()]

    def play(self, number: int, script: str) -> int:
        return self.ask(f"play {number} {script}")[0]

    def check(self, number: int, name: str) -> int:
        """0, or the line of the source that was not as expected."""
        return self.ask(f"check {number} {name}")[0]

    def do(self, number: int, what: int, a: int = 0, b: int = 0) -> tuple[int, list[int]]:
        return self.ask(f"do {number} {what:x} {a:x} {b:x}")

    def trace(self) -> str:
        self.tell("trace")
        return self.board.wait_for(r"^ff: trace \[(.*)\]$", WAIT, APPLICATION)[1]

    def end_of(self, command: str) -> str:
        """A command that must end the device: the line that says why."""
        before = len(self.board.lines(APPLICATION))
        self.tell(command)
        said = self.board.wait_for(ENDED, source=SECURE)
        self.board.wait_exit()
        answers = self.board.lines(APPLICATION)[before:]
        assert not answers, f"the application came back: {answers[-1]}"
        return said[0]

    def ends(self) -> list[str]:
        """What ended so far, by the secure log."""
        return [line for line in self.board.lines(SECURE) if " ended: " in line or "fault:" in line]


def drivers(
    built: Callable[..., Variant], folder: Path, product: str, options: tuple[str, ...] = CLOCK
) -> Iterator[Callable[[int], Driver]]:
    """For a fixture: makes the driver of an isolation level, once; off in the end."""
    made: dict[int, Driver] = {}

    def get(isolation: int) -> Driver:
        if isolation not in made:
            variant = built(product, isolation)
            made[isolation] = Driver(variant, folder / f"device{isolation}.bin", options)
        return made[isolation].on()

    yield get
    for driver in made.values():
        driver.close()
