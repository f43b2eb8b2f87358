"""Programmer errors of partitions: each ends the partition, with its name and the rule in the log.

Where the product resets, every row needs a start of its own; where it starts partitions afresh, all
rows go through one board, which has to be of use after each.
"""

from __future__ import annotations

import struct

import pytest
from ff.driver import (
    CLIENT,
    COMMUNICATION_FAILURE,
    FF,
    FF_CHECK,
    HEAP,
    LOW,
    REFUSED,
    RESTART,
    SERVER,
    SERVER_ADDRESS,
    SERVER_TOUCH,
    Driver,
    drivers,
)
from ff.rules import ANSWERED, LENT, NOT_AT_LEVEL_1, NUMBERS, RULES, WITH_CONNECT, line

NOT_SUPPORTED = -134
EVERY_LEVEL = (("server", "reply-twice"), ("client", "call-in"), ("mapper", "write-to-in"))


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff"), FF)


@pytest.fixture(scope="module")
def restarting(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff_restart"), RESTART)


def ends_device(driver: Driver, partition: str, name: str) -> None:
    said = driver.end_of(f"break {NUMBERS[partition]} {name}")
    assert said.startswith(line(partition, RULES[partition, name]))


@pytest.mark.parametrize(("partition", "name"), RULES, ids=["-".join(row) for row in RULES])
def test_device_resets(driver_of, partition: str, name: str) -> None:
    ends_device(driver_of(3), partition, name)


@pytest.mark.parametrize(("partition", "name"), EVERY_LEVEL)
@pytest.mark.parametrize("level", (1, 2))
def test_device_resets_at_every_level(driver_of, level: int, partition: str, name: str) -> None:
    ends_device(driver_of(level), partition, name)


def status_of(partition: str, name: str) -> int:
    if partition == "server" and name in WITH_CONNECT:
        return REFUSED
    return 0 if name in ANSWERED else COMMUNICATION_FAILURE


@pytest.mark.parametrize("partition", NUMBERS)
def test_partition_starts_afresh(restarting, isolation: int, partition: str) -> None:
    driver = restarting(isolation)
    number = NUMBERS[partition]
    for name in [name for owner, name in RULES if owner == partition]:
        if isolation == 1 and name in NOT_AT_LEVEL_1:
            continue
        before = len(driver.ends())
        assert driver.ask(f"break {number} {name}")[0] == status_of(partition, name), name
        assert driver.do(number, 99)[0] == NOT_SUPPORTED, f"of no use after {name}"
        first, *more = driver.ends()[before:]
        assert first.startswith(line(partition, RULES[partition, name])), name
        assert all(" in partition " not in text and " ended: " not in text for text in more), name


def test_close_that_would_wait_for_ever(driver_of) -> None:
    """low closes a connection to legacy, which meanwhile waits for low."""
    said = driver_of(3).end_of(f"play {LOW} C6(RC4(x))")
    assert said == "spm: partition low ended: psa_close() to a partition that waits for it"


def test_message_of_another_partition(restarting, isolation: int) -> None:
    driver = restarting(isolation)
    for name, words in LENT.items():
        before = len(driver.ends())
        assert driver.ask(f"break {CLIENT} {name}")[0] == 0, "the client goes on"
        assert driver.ends()[before:] == [line("server", words)]


def test_heap_is_its_partitions_own(restarting, isolation: int) -> None:
    """And so is data, of course: what the heap belongs to is the same region."""
    driver = restarting(isolation)
    status, (heap, *_) = driver.do(HEAP, FF_CHECK, *struct.unpack("<2I", b"address\0"))
    assert status == 0 and heap != 0
    status, (own, *_) = driver.do(SERVER, SERVER_ADDRESS)
    assert driver.do(SERVER, SERVER_TOUCH, own) == (0, [0x600DF00D, 0])
    before = len(driver.ends())
    status, (word, *_) = driver.do(SERVER, SERVER_TOUCH, heap)
    if isolation == 1:
        assert (status, word) == (0, 0x5A5A5A5A)
    else:
        assert status == COMMUNICATION_FAILURE
        assert driver.ends()[before].startswith("spm: fault: MemManage fault in partition server")
        assert f"address 0x{heap:08x}" in driver.ends()[before]
