"""Who runs when: partitions play scripts and leave letters; see ff/actor/actor.h for the alphabet.

A row is what the application asks for, in order, and the trace that must come of it. Priorities:
high, slih; mid1, mid2, rot, legacy; low, flih; the application. The first of equals comes first.
"""

from __future__ import annotations

import pytest
from ff.driver import BUSY, FF, FLIH, HIGH, LEGACY, LOW, MID1, MID2, ROT, SLIH, Driver, drivers

PLAYS = {
    # One call in another, and back.
    "chain": [(HIGH, "aC2(bC4(cC5(d)e)f)g", "abcdefg")],
    "connection of a 1.0 partition": [(MID1, "aC6(bC4(c)d)e", "abcde")],
    # A caller that a server waits for is told so: no circle.
    "circle of two": [(MID1, "aC3(bC2(x)c)d", "ab#cd")],
    "circle of three": [(MID1, "aC3(bC4(cC2(x)d)e)f", "abc#def")],
    "circle through a connection": [(LEGACY, "aC2(bC6(x)c)d", "ab#cd")],
    "a circle leaves all of use": [
        (MID1, "C3(C2(x))", "#"),
        (MID1, "C3(a)", "a"),
        (MID2, "b", "b"),
    ],
    # A reply is not the end of the work; whoever is of higher priority goes on first.
    "work after reply to a lower client": [(MID1, "aRb", "ab")],
    "work after reply to a higher client": [(HIGH, "aC4(bRc)d", "abdc")],
    "work after reply with a call": [(MID1, "aRbC3(c)d", "abcd")],
    # The doorbell.
    "doorbell of a higher one": [(LOW, "aN1b", "aHb")],
    "doorbell of an equal one": [(MID2, "aN2b", "aMb")],
    "doorbell of a lower one": [(MID1, "aN3b", "abN")],
    "doorbell twice is once": [(HIGH, "aN2N2b", "abM")],
    "doorbell of itself": [(MID1, "aN2b", "abM")],
    "doorbell waited for": [(MID1, "N2aDb", "ab")],
    "doorbells by priority": [(HIGH, "N4N3N2N5a", "aMNRL")],
    # Donation: who works for a client is not kept waiting by less urgent ones.
    "low works for the application": [(LOW, "aN2b", "aMb")],
    "low works for high": [(HIGH, "aC4(bN2c)d", "abcdM")],
    "through a chain": [(HIGH, "aC2(bC4(cN3d)e)f", "abcdefN")],
    "of a chain that is no more": [(HIGH, "C4(aRN2b)c", "acMb")],
    "by a client in the queue": [
        (HIGH, "A(C4(x)y)", ""),
        (LOW, "aN1bN2cN3d", "abcdxyMN"),
    ],
    "what is left after the reply is not donated": [(HIGH, "aC4(C2(bRc)d)e", "abdec")],
    "who has a message of high comes before others": [
        (HIGH, "A(aC4(K)b)", ""),
        (LOW, "A(L0c)", ""),
        (MID1, "N1dN4e", "adbec"),
    ],
    # A call to a busy server waits in its queue.
    "busy server": [
        (HIGH, "A(C4(q)r)", ""),
        (LOW, "aN1b", "abqr"),
    ],
    "queue in the order of arrival": [
        (MID2, "A(aC4(c)d)", ""),
        (HIGH, "A(eC4(f)g)", ""),
        (LOW, "wN3N1x", "waexcfgd"),
    ],
    "polling": [
        (MID2, "A(C4(q)r)", ""),
        (LOW, "PaN3Pb", "0a1bqr"),
    ],
    # Several messages at once, answered in any order.
    "held and answered in another order": [
        (MID2, "A(aC4(x)b)", ""),
        (MID1, "A(cC4(y)d)", ""),
        (LOW, "N3MN2MeL1fL0g", "acedfbg"),
    ],
    "kept by the server, answered later": [
        (MID1, "A(aC3(bK)c)", ""),
        (MID1, "N2", "ab"),
        (MID2, "L0d", "cd"),
    ],
    "the application's own message kept": [
        (MID1, "A(C3(L0))", ""),
        (MID2, "KaN2b", "ab"),
    ],
    "of two services, in the order of the server": [
        (MID1, "A(aC3(x)b)", ""),
        (LOW, "A(cC@(y)d)", ""),
        (HIGH, "A(eC@(y)f)", ""),
        (MID2, "N2N4N1gOhMiOjL1kL0lL2", "aeghicjkfbld"),
    ],
    # Another mask: what is not waited for stays.
    "wait for the doorbell only": [
        (MID1, "A(aC4(q)b)", ""),
        (MID2, "A(cN4d)", ""),
        (LOW, "N2wN4DzPx", "awz1xqb"),
    ],
    # Interrupts.
    "interrupt in the middle of a request": [(MID1, "C7(A(i)T)aZb", "aib")],
    "for one of lower priority": [(MID1, "C8(A(i)T)aZb", "abi")],
    "waited for in the middle of a request": [(SLIH, "aIb", "ab")],
    "interrupt answers the application's call": [(MID2, "C7(A(C3(L0))T)KaZb", "ab")],
    "interrupt frees a busy server": [
        (MID1, "A(C3(aK)b)", ""),
        (SLIH, "A(C3(cL0))", ""),
        (LOW, "C7(T)N2C2(d)e", "acbde"),
    ],
    "of a UART, at once": [(MID1, "aC7(A(i)Ub)c", "abic")],
    "of a 1.0 partition": [(LEGACY, "A(i)Ua", "ai")],
}


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff"), FF)


@pytest.fixture
def driver(driver_of, isolation: int) -> Driver:
    return driver_of(isolation)


@pytest.mark.parametrize("name", PLAYS)
def test_play(driver: Driver, name: str) -> None:
    for number, script, trace in PLAYS[name]:
        assert driver.play(number, script) == 0
        assert driver.trace() == trace
    for number in (HIGH, MID1, MID2, LOW, ROT, LEGACY, SLIH, FLIH):  # all of use, nothing left
        assert driver.play(number, "A()z") == 0
    assert driver.trace() == "z" * 8


def test_busy_is_a_status_of_its_own(driver: Driver) -> None:
    """What '#' in a trace stands for."""
    assert BUSY == -131
    assert driver.play(MID1, "C3(C2(x)a)") == 0
    assert driver.trace() == "#a"
