"""Every function of the client and of the partition interface, rightly used, from both worlds.

The checks are in C, beside the partitions (ff/); a check answers with the line that failed.
"""

from __future__ import annotations

import pytest
from ff.driver import CLIENT, FF, FLIH, HEAP, OWN, SLIH, Driver, drivers

CASES = (
    "versions",
    "connect",
    "room",
    "rhandle",
    "status",
    "types",
    "shapes",
    "echo",
    "skip",
    "client-id",
    "legacy",
)


@pytest.fixture(scope="module")
def driver_of(built, tmp_path_factory):
    yield from drivers(built, tmp_path_factory.mktemp("ff"), FF)


@pytest.fixture
def driver(driver_of, isolation: int) -> Driver:
    return driver_of(isolation)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("number", (OWN, CLIENT), ids=("non-secure", "secure"))
def test_client(driver: Driver, number: int, name: str) -> None:
    assert driver.check(number, name) == 0


@pytest.mark.parametrize(
    "name",
    ("handles", "services", "vectors", "misuse-found", "mapping", "places", "near", "heapless"),
)
def test_nonsecure_client(driver: Driver, name: str) -> None:
    assert driver.check(OWN, name) == 0


@pytest.mark.parametrize("name", ("secure-only", "overlap", "mapping"))
def test_secure_client(driver: Driver, name: str) -> None:
    assert driver.check(CLIENT, name) == 0


@pytest.mark.parametrize("name", ("pieces", "all", "none", "calloc", "realloc", "kept"))
def test_heap(driver: Driver, name: str) -> None:
    assert driver.check(HEAP, name) == 0


@pytest.mark.parametrize(
    "name", ("disabled", "state", "masked-until-eoi", "disable-while-asserted", "two")
)
def test_second_level_interrupt(driver: Driver, name: str) -> None:
    assert driver.check(SLIH, name) == 0


@pytest.mark.parametrize(
    "name", ("count", "disabled", "signal", "signals", "disable-within", "uart")
)
def test_first_level_interrupt(driver: Driver, name: str) -> None:
    assert driver.check(FLIH, name) == 0
