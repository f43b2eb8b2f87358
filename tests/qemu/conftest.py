"""Fixtures of the system tests: variants built once, machines that are off when their test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machine import PROBE, Attacker, Machine

from bz import build, device, variant
from bz.variant import Variant


@pytest.fixture(scope="session")
def built() -> Callable[..., Variant]:
    """Builds a variant once in a session: built('an505', isolation=3)."""
    done: dict[tuple[object, ...], Variant] = {}

    def get(
        product: str = "an505", isolation: int | None = None, profile: str | None = None
    ) -> Variant:
        key = (product, isolation, profile)
        if key not in done:
            found = variant.find(product, isolation, profile)
            build.build(found)
            done[key] = found
        return done[key]

    return get


@pytest.fixture
def machine_of(built: Callable[..., Variant], tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes provisioned machines with signed images in their slots; off when the test ends."""
    made: list[Machine] = []

    def get(
        product: str = "an505", isolation: int | None = None, profile: str | None = None
    ) -> Machine:
        found = built(product, isolation, profile)
        machine = Machine(found, tmp_path / f"device{len(made)}.bin")
        device.create(machine.path, found.product, seed=1)
        for image in found.product.images:
            machine.install(image.name, found.signed(image.world).read_bytes())
        made.append(machine)
        return machine

    yield get
    for machine in made:
        machine.power_off()


@pytest.fixture
def machine(machine_of: Callable[..., Machine]) -> Machine:
    """The default product, ready to power on."""
    return machine_of()


@pytest.fixture(params=(1, 2, 3), ids=lambda level: f"level{level}")
def isolation(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def attacker(machine_of: Callable[..., Machine], isolation: int) -> Attacker:
    """At each isolation level."""
    return Attacker(machine_of(PROBE, isolation))


@pytest.fixture
def attacker3(machine_of: Callable[..., Machine]) -> Attacker:
    """At level 3 only."""
    return Attacker(machine_of(PROBE, 3))
