"""Fixtures of the system tests: variants built once, device files, boards that end with their test.

Everything runs on the emulated board with the images that users get; a test that needs to misbehave uses the product
in probe/, which is an505 with one more partition and an application that attacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bz import build, device, paths, signing, variant
from bz.emulator import APPLICATION, SECURE, Board, Emulator
from bz.variant import Variant

PROBE = "tests/qemu/probe/probe.toml"


class Machine:
    """A device file and the boot program of a variant: power it on as often as needed."""

    def __init__(self, built: Variant, path: Path) -> None:
        self.variant = built
        self.product = built.product
        self.path = path
        self._boards: list[Emulator] = []

    def power_on(self, *extra: str) -> Emulator:
        board = Emulator(Board.of(self.product), self.path, self.variant.boot_elf, extra)
        self._boards.append(board)
        return board.start()

    def power_off(self) -> None:
        for board in self._boards:
            board.kill()
        self._boards.clear()

    def slot(self, name: str) -> tuple[int, int]:
        return device.slot_of(self.product, name)

    def read(self, offset: int, size: int) -> bytes:
        return device.read(self.path, self.product, offset, size)

    def write(self, offset: int, data: bytes) -> None:
        device.write(self.path, self.product, offset, data)

    def install(self, name: str, data: bytes) -> None:
        device.write_image(self.path, self.product, name, data)


def boot_refusal(machine: Machine) -> str:
    """Power on, expect the defined end state; the line that says why. Nothing may have been started."""
    board = machine.power_on()
    board.wait_for(r"^boot: halted$", source=SECURE)
    board.run_for(0.2)
    assert not board.lines(APPLICATION), "the application ran although boot refused"
    assert not [line for line in board.lines(SECURE) if line.startswith("spm:")], "the manager ran"
    assert board.lines(SECURE)[-1] == "boot: halted"
    machine.power_off()
    return board.lines(SECURE)[-2]


@pytest.fixture(scope="session")
def built() -> Callable[..., Variant]:
    """Builds a variant once in a session: built('an505', isolation=3)."""
    done: dict[tuple[object, ...], Variant] = {}

    def get(
        product: str = "an505", isolation: int | None = None, profile: str | None = None
    ) -> Variant:
        key = (product, isolation, profile)
        if key not in done:
            found = variant.find(product, isolation, profile)
            build.build(found)
            done[key] = found
        return done[key]

    return get


@pytest.fixture
def machine_of(built: Callable[..., Variant], tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes provisioned machines with signed images in their slots; all are off when the test ends."""
    made: list[Machine] = []

    def get(
        product: str = "an505", isolation: int | None = None, profile: str | None = None
    ) -> Machine:
        found = built(product, isolation, profile)
        machine = Machine(found, tmp_path / f"device{len(made)}.bin")
        device.create(machine.path, found.product, seed=1)
        for image in found.product.images:
            machine.install(image.name, found.signed(image.world).read_bytes())
        made.append(machine)
        return machine

    yield get
    for machine in made:
        machine.power_off()


@pytest.fixture
def machine(machine_of: Callable[..., Machine]) -> Machine:
    """The default product, ready to power on."""
    return machine_of()


class Attacker:
    """The probe product with the attacking application, which takes commands."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        payload = machine.variant.directory / "bin" / "attack.bin"
        signed = machine.path.with_name("attack_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        self.board = machine.power_on("-no-reboot")
        self.board.wait_for("^attack: ready$", source=APPLICATION)

    def tell(self, command: str) -> None:
        self.board.write(command + "\n")

    def fault_of(self, command: str) -> str:
        """Sends a command that must end in a fault or panic of the secure world; the line that says so."""
        self.tell(command)
        said = self.board.wait_for(r"^spm: (fault|partition \S+ ended): .*$", source=SECURE)
        self.board.wait_exit()
        answers = self.board.lines(APPLICATION)
        assert answers[-1] == "attack: ready", f"the attack came back: {answers[-1]}"
        return said[0]


@pytest.fixture(params=(1, 2, 3), ids=lambda level: f"level{level}")
def isolation(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def attacker(machine_of: Callable[..., Machine], isolation: int) -> Attacker:
    """At each isolation level."""
    return Attacker(machine_of(PROBE, isolation))


@pytest.fixture
def attacker3(machine_of: Callable[..., Machine]) -> Attacker:
    """At level 3 only."""
    return Attacker(machine_of(PROBE, 3))


def symbols_of(elf: Path) -> dict[str, int]:
    """Addresses of an ELF file's symbols."""
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {symbol.name: symbol["st_value"] for symbol in table.iter_symbols() if symbol.name}


@pytest.fixture(scope="session")
def root() -> Path:
    return paths.ROOT
