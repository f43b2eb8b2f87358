"""The secure image is updated alone: an application that was linked and signed once keeps calling,
and the services keep its data, whatever partitions the new secure image has.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machine import Machine, symbols_of
from outside import HERE, ticker_archive, with_ticker

from bz import build, signing
from bz.emulator import APPLICATION, SECURE
from bz.variant import Variant

START = r"^demo: this is start number (\d+) of this device$"


@pytest.fixture(scope="module")
def newer() -> Iterator[Variant]:
    """A secure image with one more partition, which comes from outside the tree."""
    built = with_ticker(ticker_archive(), 3)
    build.build(built)
    yield built
    shutil.rmtree(HERE)


@pytest.fixture
def device(machine_of: Callable[..., Machine]) -> Iterator[Machine]:
    """With the default secure image and the demo, which keeps a number in ITS."""
    machine = machine_of("an505", 3)
    assert started(machine) == "1"
    assert started(machine) == "3"  # the demo faults at the first start, on purpose
    yield machine
    machine.power_off()


def started(machine: Machine) -> str:
    """The number that the demo read from ITS; all its calls worked."""
    board = machine.power_on()
    number = board.wait_for(START, source=APPLICATION)[1]
    board.wait_for("^demo: done$", source=APPLICATION)
    assert not [line for line in board.lines(APPLICATION) if "FAILED" in line]
    machine.power_off()
    return number


def update(machine: Machine, payload: Path, version: str, counter: int = 2) -> None:
    """A new secure image in its slot; the application's slot stays as it is, bit for bit."""
    offset, size = machine.slot("nonsecure")
    before = machine.read(offset, size)
    signed = machine.path.with_name("secure_signed.bin")
    signing.sign_image(machine.product, "secure", payload, signed, version, counter)
    machine.install("secure", signed.read_bytes())
    assert machine.read(offset, size) == before


def gateways(built: Variant) -> dict[str, int]:
    symbols = symbols_of(built.elf("secure"))
    return {name: at for name, at in symbols.items() if name.endswith("_gateway")}


def test_gateways_are_where_they_were(built: Callable[..., Variant], newer: Variant) -> None:
    old = built("an505", 3)
    images = {each.name: gateways(each) for each in (old, newer, built("an505", 1))}
    assert len(gateways(old)) == 7
    assert all(each == gateways(old) for each in images.values()), images
    assert (
        symbols_of(newer.elf("secure"))["spm_start"] != symbols_of(old.elf("secure"))["spm_start"]
    )


def test_a_partition_is_added(device: Machine, newer: Variant) -> None:
    update(device, newer.payload("secure"), "0.2.0")
    assert [started(device), started(device)] == ["4", "5"]


def test_the_isolation_level_changes(device: Machine, built: Callable[..., Variant]) -> None:
    update(device, built("an505", 1).payload("secure"), "0.2.0")
    assert started(device) == "4"


def test_the_new_image_is_what_runs(device: Machine, newer: Variant) -> None:
    """And the old one does not come back: its security counter is behind the device's."""
    update(device, newer.payload("secure"), "0.3.0", counter=5)
    board = device.power_on()
    board.wait_for("^demo: done$", source=APPLICATION)
    assert any("0.3.0" in line for line in board.lines(SECURE)), board.lines(SECURE)
    device.power_off()


def test_a_gateway_that_moves_would_be_noticed(device: Machine, newer: Variant) -> None:
    """The tests above bite: with two gateways swapped the demo's calls do not work."""
    payload = bytearray(newer.payload("secure").read_bytes())
    symbols = gateways(newer)
    base = symbols_of(newer.elf("secure"))["__secure_image_start"]
    call, close = (
        (symbols[name] & ~1) - base for name in ("psa_call_gateway", "psa_version_gateway")
    )
    swapped = bytes(payload[close : close + 8])
    payload[close : close + 8], payload[call : call + 8] = payload[call : call + 8], swapped
    changed = device.path.with_name("swapped.bin")
    changed.write_bytes(payload)
    update(device, changed, "0.4.0")
    board = device.power_on("-no-reboot")
    board.run_for(3.0)
    assert "demo: done" not in board.lines(APPLICATION)
    device.power_off()
