"""A non-secure scheduler that switches threads in the middle of secure work, with interrupts of
partitions coming; mappings and traps that outlive what they belonged to.

The checks are in the application (ff/client/ns/threads.c); a check answers with the line that
failed.
"""

from __future__ import annotations

import pytest
from ff.driver import COMMUNICATION_FAILURE, FF, OWN, RESTART, SERVER, drivers


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff"), FF)


@pytest.fixture(scope="module")
def restarting(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff_restart"), RESTART)


@pytest.mark.parametrize("name", ("switched", "switched-copy", "switched-lazy", "switched-waiting"))
def test_scheduler_switches_in_the_middle(driver_of, isolation: int, name: str) -> None:
    """Of a call, of a copy, with FP state not stacked yet, while everybody waits."""
    assert driver_of(isolation).check(OWN, name) == 0


def test_mapping_outlives_a_call_of_the_server(driver_of, isolation: int) -> None:
    """Between map and use, the server calls a partition with the same list of regions."""
    assert driver_of(isolation).check(OWN, "mapping") == 0


def test_trap_that_could_not_be_stacked_is_gone(restarting, isolation: int) -> None:
    """It faults on its way in; the restart must not leave it to the thread that runs next."""
    answer = restarting(isolation).ask(f"break {SERVER} low-stack")
    assert answer[0] == COMMUNICATION_FAILURE
