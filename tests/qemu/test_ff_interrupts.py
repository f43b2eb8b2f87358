"""Interrupts of partitions against everything else that goes on; floating point registers with it.

The checks are in the application (ff/client/ns); a check answers with the line that failed.
"""

from __future__ import annotations

import pytest
from ff.driver import FF, OWN, Driver, drivers


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff"), FF)


@pytest.fixture(scope="module")
def free_running(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff_free"), FF, options=())


@pytest.fixture
def driver(driver_of, isolation: int) -> Driver:
    return driver_of(isolation)


@pytest.mark.parametrize(
    "name",
    (
        "flih-in-thread",
        "slih-in-thread",
        "in-handler",
        "masked",
        "copy",
        "storm",
        "own-tick",
        "switched",
    ),
)
def test_secure_and_nonsecure_interrupts(driver: Driver, name: str) -> None:
    assert driver.check(OWN, name) == 0


@pytest.mark.parametrize(
    "name", ("fp-calls", "fp-partitions", "fp-ticks", "fp-secure-interrupts", "fp-all")
)
def test_floating_point(driver: Driver, name: str) -> None:
    assert driver.check(OWN, name) == 0


@pytest.mark.parametrize("name", ("storm", "switched", "fp-ticks", "fp-all"))
def test_at_other_places_in_every_run(free_running, name: str) -> None:
    """Time runs freely: an interrupt may come with the very instruction that traps."""
    assert free_running(3).check(OWN, name) == 0
