"""Partitions in the form of the public compliance suite, linked from outside the tree, unmodified:
a driver of PSA RoT with four windows, an interrupt and a heap, a server and a client of the
Application RoT, manifests of FF-M 1.0 and 1.1.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from machine import Debugger, Machine, symbols_of
from outside import HERE, compile_archive, done, partitions_of

from bz import build, device, variant
from bz.emulator import APPLICATION, SECURE, Emulator
from bz.variant import Extras, Variant
from gen import ProductError, load_product

PRODUCT = "tests/qemu/suite/suite.toml"
SUITE = Path(__file__).parent / "suite"
NAMES = ("driver", "client", "server")
WORK, TOUCH, READ = 1, 2, 3
NVMEM, DRIVER_WINDOW, SERVER_WINDOW = 0x3810_0000, 0x3810_0400, 0x3810_0420
UART2, WATCHDOG = 0x5020_2000, 0x5008_1000


@pytest.fixture(scope="module")
def extras() -> Iterator[Extras]:
    """The three archives, compiled outside the tree with partitions/ of an SDK."""
    away = HERE / "suite"
    shutil.rmtree(away, ignore_errors=True)
    shutil.copytree(SUITE, away)
    parts = partitions_of(variant.find(PRODUCT, 3), away / "sdk")
    headers = away / "headers"
    done(parts / "compile_manifests", away / "manifest_list.json", "--out", headers)
    for name in NAMES:
        compile_archive(parts, headers, away / f"{name}.c", away / f"{name}_partition.a")
    yield Extras(
        (str(away / "manifest_list.json"),),
        tuple((f"{name}_partition", str(away / f"{name}_partition.a")) for name in sorted(NAMES)),
    )
    shutil.rmtree(HERE)


@pytest.fixture
def built(extras: Extras, isolation: int) -> Variant:
    found = replace(variant.find(PRODUCT, isolation, extras=extras), application="suite")
    build.build(found)
    return found


@pytest.fixture
def machine(built: Variant, tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(built, tmp_path / "device.bin")
    device.create(machine.path, built.product, seed=1)
    for image in built.product.images:
        machine.install(image.name, built.signed(image.world).read_bytes())
    yield machine
    machine.power_off()


def start(machine: Machine, *extra: str) -> Emulator:
    board = machine.power_on(*extra)
    board.wait_for("^suite: ready$", source=APPLICATION)
    return board


def call(board: Emulator, letter: str, kind: int, word: int) -> tuple[int, int]:
    """Status and word that the service answers."""
    board.write(f"{letter}{kind}{word:08x}")
    found = board.wait_for(rf"^suite: {letter} (-?\d+) 0x([0-9a-f]+)$", source=APPLICATION)
    return int(found[1]), int(found[2], 16)


def test_they_work(machine: Machine) -> None:
    """Each window, the interrupt, the heap, calls from both worlds; a window outlives a reset."""
    printed = machine.path.with_name("uart2.txt")
    board = start(machine, "-serial", f"file:{printed}", *machine.qmp_options)
    assert call(board, "u", WORK, 0x1234ABCD) == (0, 9)  # nine bytes, an interrupt each
    assert call(board, "w", WORK, 0x0FFF_FFFF) == (0, 1)
    assert call(board, "d", WORK, 41) == (0, 42)
    assert call(board, "s", WORK, 0x55) == (0, 0x56)
    assert call(board, "c", WORK, 0x20) == (0, 0x42)
    assert call(board, "o", WORK, 1)[0] < 0, "a service that is closed to this side"
    for _ in range(40):  # the heap gives back what it gave
        assert call(board, "u", WORK, 0xAB)[0] == 0
    assert call(board, "n", WORK, 0xC0FFEE11) == (0, 0)
    machine.qmp("system_reset")
    board.wait_for("^suite: ready$", source=APPLICATION)
    assert call(board, "n", READ, 0x3FC) == (0, 0xC0FFEE11)
    assert call(board, "u", WORK, 0) == (0, 9)
    lines = printed.read_text().splitlines()
    assert lines == ["1234abcd", "00000055", "00000020", *["000000ab"] * 40, "00000000"]


def test_regions_of_the_driver(built: Variant) -> None:
    """At level 3 seven regions, which 16 hold: every one of them was loaded in the test above."""
    text = (built.generated / "spm_tables.c").read_text()
    own = {1: 2, 2: 2, 3: 3}[built.isolation]
    lists = re.findall(r"struct spm_mpu_region \w+\[\] = \{\n(.*?)\};", text, re.S)
    assert max(each.count("\n") for each in lists) == own + 4
    assert "0x38100003U, 0x381003e3U" in text, "the window of 1 KiB, read-write, device memory"


# A partition, an address that is not its own, what the fault story calls it.
FOREIGN = (
    ("s", NVMEM + 0x3FC, "peripheral FF_NVMEM_REGION"),
    ("c", NVMEM, "peripheral FF_NVMEM_REGION"),
    ("s", DRIVER_WINDOW, "peripheral FF_DRIVER_PARTITION_MMIO"),
    ("d", SERVER_WINDOW, "peripheral FF_SERVER_PARTITION_MMIO"),
    ("c", UART2, "peripheral FF_UART_REGION"),
    ("s", WATCHDOG, "peripheral FF_WATCHDOG_REGION"),
    ("d", NVMEM + 0x440, "0x38100440"),  # right behind the windows: nobody's
)
WHO = {"d": "driver_partition", "c": "client_partition", "s": "server_partition"}


def faults(machine: Machine, command: str) -> list[str]:
    """The fault story that a command ends in."""
    board = start(machine, "-no-reboot")
    board.write(command)
    board.wait_for("^spm: resetting$", source=SECURE)
    board.wait_exit()
    assert board.lines(APPLICATION)[-1] == "suite: ready", "it came back"
    machine.power_off()
    return [line for line in board.lines(SECURE) if line.startswith("spm: fault: ")]


def test_windows_are_closed_to_others(machine: Machine) -> None:
    """At every isolation level: device registers are granted one by one."""
    for letter, address, place in FOREIGN:
        said = faults(machine, f"{letter}{TOUCH}{address:08x}")
        assert said[0].startswith(f"spm: fault: MemManage fault in partition {WHO[letter]}, pc ")
        assert said[1].startswith("spm: fault: tried to read 4 bytes at "), said
        assert place in said[1], said


@pytest.mark.parametrize("address", (NVMEM, NVMEM & ~0x1000_0000, SERVER_WINDOW))
def test_windows_are_closed_to_the_application(machine: Machine, address: int) -> None:
    """By both addresses of the RAM."""
    board = start(machine, "-no-reboot")
    board.write(f"!{address:08x}")
    board.wait_exit()
    assert board.lines(APPLICATION)[-1] == "suite: ready", "it read secure memory"
    machine.power_off()


def test_memory_of_one_another(machine: Machine) -> None:
    """Level 1: all partitions are one. Level 2: Application RoT is closed. 3: so is PSA RoT."""
    symbols = symbols_of(machine.variant.elf("secure"))
    level = machine.variant.isolation
    server = symbols["__part_server_partition_ram_start"] + 32
    its = symbols["__part_its_ram_start"] + 32
    for letter, address, closed_from in (("c", server, 2), ("d", server, 2), ("d", its, 3)):
        command = f"{letter}{TOUCH}{address:08x}"
        if level >= closed_from:
            assert f"in partition {WHO[letter]}" in faults(machine, command)[0]
            continue
        board = start(machine)
        assert call(board, letter, TOUCH, address)[0] == 0
        machine.power_off()


def test_eight_regions_are_not_enough_for_the_driver(extras: Extras, tmp_path: Path) -> None:
    """The generator says so, with the numbers, at the line of the manifest."""
    product = tmp_path / "eight.toml"
    product.write_text(
        (SUITE / "suite.toml")
        .read_text()
        .replace("mpu_regions = 16", "")
        .replace("../../../products/", "products/")
    )
    with pytest.raises(ProductError) as caught:
        load_product(product, 3, extra_lists=extras.lists, extra_archives=dict(extras.archives))
    message = str(caught.value)
    assert re.match(
        rf"{HERE}/suite/driver_psa\.json:\d+: partition 'driver_partition' needs 7 MPU "
        r"regions at isolation level 3, 5 are available; keep at most 2 mmio_regions",
        message,
    ), message


def register(debugger: Debugger, number: int) -> int:
    return int.from_bytes(bytes.fromhex(debugger.ask(f"p{number:x}")), "little")


def test_a_core_with_fewer_regions_than_planned(machine: Machine) -> None:
    """The manager refuses to start: it could not load what its tables say. The emulated core always
    has 16, so the register that it has just read MPU_TYPE into is changed."""
    symbols = symbols_of(machine.variant.elf("secure"))
    board = machine.power_on(*Debugger.options(machine))
    debugger = Debugger(machine)
    debugger.run_to(symbols["spm_start"] & ~1)
    debugger.run_to(symbols["platform_init"] & ~1)
    debugger.run_to(register(debugger, 14) & ~1)
    for _ in range(4):
        debugger.ask("s")
        read = [number for number in range(8) if register(debugger, number) == 16 << 8]
        if read:
            break
    (number,) = read
    debugger.ask(f"P{number:x}={(15 << 8).to_bytes(4, 'little').hex()}")
    debugger.leave()
    board.wait_for("^spm: halted$", source=SECURE)
    assert board.lines(SECURE)[-2] == (
        "spm: this core has fewer MPU regions than the product plans for (mpu_regions)"
    )
    assert not board.lines(APPLICATION)
