"""Runtime counters on the running device: who may use them, resets, power cuts, wear, and damaged
flash.

The product is vault/: a counter of the non-secure side, one of both worlds, one of a partition.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable

import pytest
from machine import Machine, symbols_of
from vault_driver import DATA_CORRUPT, DOES_NOT_EXIST, NOT_PERMITTED, SUCCESS, VAULT, Vault, twice

from bz.emulator import APPLICATION

OPEN, COMMON, HIDDEN = 1, 0x80000002, 3
REGIONS = ("nv_counters", "nv_counters_copy")
TOLD = re.compile(r"^vault: steps (-?\d+) (\w+)$")


@pytest.fixture
def vault(machine_of: Callable[..., Machine]) -> Vault:
    return Vault(machine_of(VAULT))


def test_clients(vault: Vault) -> None:
    for client, allowed, refused in (
        (vault.client, (OPEN, COMMON), HIDDEN),
        (vault.partition, (HIDDEN, COMMON), OPEN),
    ):
        for counter in allowed:
            assert client.step(counter) == SUCCESS
        assert client.step(refused) == client.count(refused)[0] == NOT_PERMITTED
        for unknown in (0, 4, 0x80000001, 0xFFFFFFFF):
            assert client.step(unknown) == client.count(unknown)[0] == DOES_NOT_EXIST

    def check() -> None:
        assert vault.client.count(OPEN) == (SUCCESS, 1)
        assert vault.client.count(COMMON) == vault.partition.count(COMMON) == (SUCCESS, 2)
        assert vault.partition.count(HIDDEN) == (SUCCESS, 1)

    twice(vault, check)


def test_kills_never_turn_back(vault: Vault) -> None:
    """Power cuts at random moments of counting without end."""
    moments = random.Random(6)
    last = 0
    for _ in range(10):
        status, value = vault.client.count(OPEN)
        assert status == SUCCESS
        assert last <= value <= last + 1, "one step can have been under way"
        vault.board.write("steps\n")
        vault.board.wait_for(TOLD)
        vault.board.run_for(moments.uniform(0.01, 0.15))
        vault.machine.power_off()
        told = [TOLD.match(line) for line in vault.board.lines(APPLICATION)]
        values = [int(found[2], 16) for found in told if found]
        assert {found[1] for found in told if found} == {"0"}
        assert values == list(range(value + 1, value + 1 + len(values)))
        last = values[-1]
        vault.start()
    assert last > 10


def sector_erases(vault: Vault, name: str) -> list[int]:
    """Erase counts in the headers of the region's sectors (docs/formats/store.md)."""
    region = next(each for each in vault.machine.product.regions if each.name == name)
    heads = [
        vault.machine.read(region.offset + at, 32) for at in range(0, region.size, region.sector_size)
    ]
    return [struct.unpack_from("<I", head, 24)[0] for head in heads if head[:4] == b"BZTS"]


def test_wear(vault: Vault) -> None:
    """400 steps of 40 bytes in each region, in sectors of 4 KiB: four erases, two for each."""
    steps = 400
    for _ in range(steps):
        assert vault.client.step(OPEN) == SUCCESS
    vault.machine.power_off()
    for name in REGIONS:
        erases = sector_erases(vault, name)
        assert len(erases) == 2
        assert sum(erases) <= steps * 40 // 4000, name
        assert max(erases) - min(erases) <= 1
    vault.start()
    assert vault.client.count(OPEN) == (SUCCESS, steps)


def test_damage_is_made_up_for_or_told(vault: Vault) -> None:
    """The newest records of one region: right all the same. Of both: no value, rather than a lower
    one. The other counters are not concerned."""
    for _ in range(5):
        assert vault.client.step(OPEN) == SUCCESS
    assert vault.client.step(COMMON) == SUCCESS
    regions = [each for each in vault.machine.product.regions if each.name in REGIONS]
    places = [region.offset + 32 + 4 * 40 + 32 for region in regions]  # data of the fifth step
    for at in places:
        vault.machine.power_off()
        assert vault.machine.read(at, 4) == (5).to_bytes(4, "little")
        saved = [vault.machine.read(each.offset, each.size) for each in regions]
        vault.machine.write(at, (4).to_bytes(4, "little"))
        vault.start()
        assert vault.client.count(OPEN) == (SUCCESS, 5)
        vault.machine.power_off()
        for region, data in zip(regions, saved, strict=True):
            vault.machine.write(region.offset, data)
    for at in places:
        vault.machine.write(at, (4).to_bytes(4, "little"))
    vault.start()
    assert vault.client.count(OPEN) == (DATA_CORRUPT, 0)
    assert vault.client.step(OPEN) == DATA_CORRUPT
    assert vault.client.count(COMMON) == (SUCCESS, 1)


def test_no_code_without_counters(machine: Machine, machine_of: Callable[..., Machine]) -> None:
    code = {"counter_read", "counter_increment", "nv_counters"}
    assert not code & set(symbols_of(machine.variant.elf("secure")))
    assert code <= set(symbols_of(machine_of(VAULT).variant.elf("secure")))
