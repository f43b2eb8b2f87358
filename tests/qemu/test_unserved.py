"""Functions of the PSA APIs that no service serves: the stubs say so, on the target as natively.

The calls are those of services/tests; that the library has a stub of every function is proved in
tests/tool/test_functions.py.
"""

from __future__ import annotations

from machine import Attacker

from bz.emulator import APPLICATION

UNSERVED = 70 + 10  # of the Crypto API, Firmware Update


def test_unserved_functions_are_not_supported(attacker: Attacker) -> None:
    attacker.tell("check functions")
    attacker.board.wait_for("^attack: functions done$")
    answers = attacker.board.lines(APPLICATION)[1:-1]
    assert len(answers) == UNSERVED
    assert not [line for line in answers if not line.endswith(": ok")]


def test_partition_asks_before_it_uses_a_service(attacker3: Attacker) -> None:
    """To a partition an absent service is a programmer error: it asks for the version first."""
    attacker3.tell("probe 22 0 0")  # PROBE_ABSENT
    said = attacker3.board.wait_for(r"^attack: probe status (-?\d+) word (\w+)$")
    assert said.groups() == ("0", "00000000")
    attacker3.tell("probe 22 0 1")
    attacker3.board.wait_for("^spm: partition probe ended: a handle that is not one of its own$")
