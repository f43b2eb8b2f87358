"""Partitions that start afresh after their end: what their clients, their servers and others see.

The product is ff_restart. An end that must not lead to a new start resets the device.
"""

from __future__ import annotations

import pytest
from ff.driver import (
    CLIENT,
    COMMUNICATION_FAILURE,
    FLIH,
    FLIH_START,
    HEAP,
    HIGH,
    LEGACY,
    LOW,
    MAPPER,
    MID1,
    MID2,
    OWN,
    PROGRAMMER_ERROR,
    RESTART,
    ROT,
    SERVER,
    SERVER_CLOSED,
    SERVER_COUNT,
    SLIH,
    Driver,
    drivers,
)

STRICT = 0xF101

# Who plays what, the status that the application gets, and the trace that must come of it: '!' is
# PSA_ERROR_COMMUNICATION_FAILURE in a caller of the partition that has ended.
PLAYS = {
    "its own caller": [(MID1, "aXb", COMMUNICATION_FAILURE, "a"), (MID1, "c", 0, "c")],
    "by a fault": [(MID1, "aYb", COMMUNICATION_FAILURE, "a"), (MID1, "c", 0, "c")],
    "after the answer": [(MID1, "aRXb", 0, "a"), (MID1, "c", 0, "c")],
    "in a chain": [(HIGH, "aC2(bC3(cX)d)e", 0, "abc!de"), (HIGH, "C2(aC3(b)c)", 0, "abc")],
    "in a chain, the lower one": [(HIGH, "aC4(bX)c", 0, "ab!c"), (HIGH, "C4(a)", 0, "a")],
    "in the middle of a chain": [(HIGH, "aC2(bC3(c)X)d", 0, "abc!d"), (MID2, "e", 0, "e")],
    "on a connection": [(MID1, "aC6(bX)c", 0, "ab!c"), (MID1, "C6(d)", 0, "d")],
    "with a message kept": [
        (MID1, "A(aC3(bK)c)", 0, ""),
        (MID1, "N2", 0, "ab"),
        (MID2, "dX", COMMUNICATION_FAILURE, "d!c"),
        (MID2, "e", 0, "e"),
    ],
    "with several messages kept": [
        (MID1, "A(aC3(bK)c)", 0, ""),
        (LOW, "A(dC3(eK)f)", 0, ""),
        (HIGH, "A(gC3(hK)i)", 0, ""),
        (MID1, "N2N4N1", 0, "ghabde"),
        (MID2, "jX", COMMUNICATION_FAILURE, "j!i!c!f"),
        (HIGH, "C3(k)", 0, "k"),
        (MID1, "A()C3(k)", 0, "k"),
        (LOW, "A()C3(k)", 0, "k"),
    ],
    "with messages in the queue": [
        (MID1, "A(aC3(q)b)", 0, ""),
        (LOW, "A(cC3(r)d)", 0, ""),
        (MID2, "C7(A(N3)T)N2N4DeX", COMMUNICATION_FAILURE, "ace!b!d"),
        (MID2, "f", 0, "f"),
        (SLIH, "A()", 0, ""),
    ],
    "its doorbell is silent again": [
        (MID1, "N2aX", COMMUNICATION_FAILURE, "a"),
        (MID1, "b", 0, "b"),
    ],
    "its data are as at first": [
        (MID1, "A(aX)", 0, ""),
        (MID2, "N2b", 0, "ab"),
        (MID2, "N2b", 0, "Mb"),
    ],
    "in an interrupt, in the middle of another's work": [
        (SLIH, "A(aX)", 0, ""),
        (MID1, "C7(T)bZc", 0, "bac"),
        (SLIH, "A(d)Ue", 0, "ed"),
    ],
    "of the 1.0 model": [
        (LEGACY, "A(aX)Ub", 0, "ba"),
        (LEGACY, "A(c)Ud", 0, "dc"),
    ],
}


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff_restart"), RESTART)


@pytest.fixture
def driver(driver_of, isolation: int) -> Driver:
    return driver_of(isolation)


def play(driver: Driver, name: str) -> None:
    for number, script, status, trace in PLAYS[name]:
        assert driver.play(number, script) == status
        assert driver.trace() == trace


def check_all_of_use(driver: Driver) -> None:
    for number in (HIGH, MID1, MID2, LOW, ROT, LEGACY, SLIH, FLIH):
        assert driver.play(number, "A()z") == 0
    assert driver.trace() == "z" * 8
    for name in ("connect", "room", "rhandle", "echo"):
        assert driver.check(OWN, name) == 0


@pytest.mark.parametrize("name", PLAYS)
def test_end_and_new_start(driver: Driver, name: str) -> None:
    play(driver, name)
    check_all_of_use(driver)


def test_again_and_again(driver: Driver) -> None:
    for _ in range(10):
        for name in PLAYS:
            play(driver, name)
    check_all_of_use(driver)


def test_connections_are_lost(driver: Driver) -> None:
    _, (first,) = driver.ask(f"open {STRICT:x} 2")
    _, (second,) = driver.ask(f"open {STRICT:x} 2")
    for count in (1, 2):
        assert driver.ask(f"call {first:x} {SERVER_COUNT:x} 0") == (0, [count])
    assert driver.ask(f"break {SERVER} panic")[0] == COMMUNICATION_FAILURE
    for _ in range(2):
        assert driver.ask(f"call {first:x} {SERVER_COUNT:x} 0")[0] == COMMUNICATION_FAILURE
    _, (third,) = driver.ask(f"open {STRICT:x} 2")
    assert third not in (first, second)
    assert driver.ask(f"call {third:x} {SERVER_COUNT:x} 0") == (0, [1])
    assert driver.ask(f"close {first:x}")[0] == 0
    assert driver.ask(f"close {second:x}")[0] == 0
    assert driver.do(SERVER, SERVER_CLOSED) == (0, [0, 0]), "the new one knows nothing of them"
    assert driver.ask(f"call {first:x} {SERVER_COUNT:x} 0")[0] == PROGRAMMER_ERROR
    assert driver.ask(f"call {third:x} {SERVER_COUNT:x} 0") == (0, [2])
    assert driver.ask(f"close {third:x}")[0] == 0
    assert driver.do(SERVER, SERVER_CLOSED) == (2, [1, 0])
    check_all_of_use(driver)


def test_its_own_connections_are_closed(driver: Driver) -> None:
    _, (before, _) = driver.do(SERVER, SERVER_CLOSED)
    for turn in range(1, 10):  # more than there is room for
        assert driver.ask(f"break {CLIENT} panic-connected")[0] == COMMUNICATION_FAILURE
        assert driver.do(SERVER, SERVER_CLOSED) == (1, [before + 2 * turn, 0])
    for name in ("connect", "room", "rhandle"):
        assert driver.check(CLIENT, name) == 0
    check_all_of_use(driver)


def test_heap_is_as_at_first(driver: Driver) -> None:
    for _ in range(3):
        assert driver.check(HEAP, "spoil") == COMMUNICATION_FAILURE
        for name in ("kept", "pieces", "all", "realloc"):
            assert driver.check(HEAP, name) == 0


def test_interrupts_are_as_at_first(driver: Driver) -> None:
    """Asserted ones are forgotten, disabled until enabled again; the timer runs on meanwhile."""
    for _ in range(3):
        assert driver.do(FLIH, FLIH_START, 5000)[0] == 0
        assert driver.play(FLIH, "ZX") == COMMUNICATION_FAILURE
        for name in ("disabled", "count", "signal", "uart"):
            assert driver.check(FLIH, name) == 0
        assert driver.ask(f"break {SLIH} eoi-two")[0] == COMMUNICATION_FAILURE
        for name in ("disabled", "state", "masked-until-eoi", "two"):
            assert driver.check(SLIH, name) == 0
    check_all_of_use(driver)


def test_mappings_are_taken_away(driver: Driver) -> None:
    for name in ("map-twice", "use-past", "read-after-map"):
        assert driver.ask(f"break {MAPPER} {name}")[0] == COMMUNICATION_FAILURE
        assert driver.check(OWN, "mapping") == 0
        assert driver.check(CLIENT, "mapping") == 0
    assert driver.ask(f"break {MAPPER} use-unmapped")[0] == COMMUNICATION_FAILURE


def test_says_so(driver: Driver) -> None:
    assert driver.play(MID1, "X") == COMMUNICATION_FAILURE
    lines = driver.board.lines("secure")
    place = len(lines) - 1 - lines[::-1].index("spm: partition mid1 ended: psa_panic()")
    assert "spm: partition mid1 starts afresh" in lines[place:]


# --- Ends that reset the device all the same ------------------------------------------------------


def test_psa_rot_partition(driver: Driver) -> None:
    assert driver.end_of(f"play {ROT} X") == "spm: partition rot ended: psa_panic()"


def test_before_the_first_wait(driver: Driver) -> None:
    """A partition that ends whenever it starts would do so for ever."""
    driver.end_of(f"break {FLIH} panic-again")
    ends = [line for line in driver.board.lines("secure") if "partition flih ended" in line]
    assert len(ends) == 2
    assert driver.board.lines("secure").count("spm: partition flih starts afresh") == 1


def test_in_the_middle_of_its_own_call(driver: Driver) -> None:
    """Its interrupt function panics while its thread waits for a server, which has the message."""
    said = driver.end_of(f"break {FLIH} panic-calling")
    assert said == "spm: partition flih ended: psa_panic()"
