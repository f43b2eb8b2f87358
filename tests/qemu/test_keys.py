"""Persistent keys on the real flash file: over power cuts and resets, while keys are made and
destroyed, and when the storage is full.

The application is probe/ns/keys.c: it announces each change before it begins it and tells when it
succeeded. After a power cut every key must be there, or not, as was last told; only the change that
was under way may have happened.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from machine import PROBE, Machine

from bz import signing
from bz.emulator import APPLICATION, Emulator

DEVICE_KEY = re.compile(r"^demo: device key(?P<made> made)?, public key = (?P<key>[0-9a-f]{32})$")
MAKING = re.compile(r"^keys: (making|made) (\d+) ([0-9a-f]{32})$")
DESTROYING = re.compile(r"^keys: (destroying|destroyed) ([2-6])$")
TOTAL = re.compile(r"^keys: (full with|destroyed all) \d+")
INSUFFICIENT_STORAGE = -142
KEEPER = 1


def device_key(board: Emulator) -> tuple[bool, str]:
    """Whether the demo made its key, and the key."""
    found = board.wait_for(DEVICE_KEY, source=APPLICATION)
    board.wait_for("^demo: signed with the device key: ok$", source=APPLICATION)
    board.wait_for("^demo: done$")
    return found["made"] is not None, found["key"]


@pytest.mark.parametrize("profile", ["small", "medium", "large"])
def test_device_key_stays(machine_of: Callable[..., Machine], profile: str) -> None:
    machine = machine_of(profile=profile)
    keys = []
    for start in range(3):
        made, key = device_key(machine.power_on())
        machine.power_off()
        assert made == (start == 0)
        keys.append(key)
    assert len(set(keys)) == 1
    assert int(keys[0], 16) != 0


def test_devices_have_keys_of_their_own(machine_of: Callable[..., Machine]) -> None:
    first = device_key(machine_of().power_on())
    # The same secrets, one boot later: the generator was seeded anew.
    other = machine_of()
    other.power_on().wait_for("^boot: image ")
    other.power_off()
    second = device_key(other.power_on())
    assert first[0] and second[0]
    assert first[1] != second[1]


# --- changes under power cuts ---------------------------------------------------------------------


@dataclass
class Ledger:
    """What the application said, and so what must be stored."""

    keys: dict[int, str] = field(default_factory=dict)
    pending: tuple[int, str | None] | None = None  # key and what it may hold by now; None: gone

    def read(self, line: str) -> bool:
        """Takes in one line; False: the power went while it was being written."""
        assert "FAILED" not in line, line
        if found := MAKING.match(line):
            key = int(found[2])
            if found[1] == "making":
                self.pending = (key, found[3])
            else:
                self.keys[key] = found[3]
                self.pending = None
        elif found := DESTROYING.match(line):
            key = int(found[2])
            if found[1] == "destroying":
                self.pending = (key, None)
            else:
                del self.keys[key]
                self.pending = None
        return found is not None

    def settle(self, found: dict[int, str]) -> None:
        """Compare with what a start found; it decides whether a pending change has happened."""
        if self.pending is not None:
            key, value = self.pending
            if found.get(key) == value:
                self.keys.pop(key, None)
                if value is not None:
                    self.keys[key] = value
        assert found == self.keys
        self.pending = None


class Keys:
    """A machine with the key-keeping application, and the ledger of what it said."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.ledger = Ledger()
        payload = machine.variant.directory / "bin" / "keys.bin"
        signed = machine.path.with_name("keys_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        self.keeper = ""
        self.start()

    def start(self) -> None:
        """Power on, take the inventory, compare it."""
        self.board = self.machine.power_on()
        self.board.wait_for(r"^keys: ready with \d+$", source=APPLICATION)
        found: dict[int, str] = {}
        for line in self.said():
            words = line.split()
            assert words[1] != "FAILED", line
            if words[1] == "holds":
                found[int(words[2])] = words[3]
        keeper = found.pop(KEEPER)
        assert self.keeper in ("", keeper), "the key that nobody touches changed"
        self.keeper = keeper
        self.ledger.settle(found)
        self.seen = len(self.said())

    def said(self) -> list[str]:
        return [line for line in self.board.lines(APPLICATION) if line.startswith("keys: ")]

    def cut(self) -> int:
        """Power off; takes in what was said since the start; the number of complete lines."""
        self.machine.power_off()
        lines = [line for line in self.said()[self.seen :] if not TOTAL.match(line)]
        read = [self.ledger.read(line) for line in lines]
        assert all(read[:-1]), lines
        return sum(read)


@pytest.fixture
def keys(machine_of: Callable[..., Machine]) -> Keys:
    return Keys(machine_of(PROBE, 3))


def test_kills_while_keys_change(keys: Keys) -> None:
    """No acknowledged change is lost, no other key is touched, and every start succeeds."""
    moments = random.Random(3)
    changes = 0
    unfinished = 0
    for _ in range(20):
        keys.board.write("c")
        keys.board.wait_for("^keys: (made|destroyed) ", source=APPLICATION)
        keys.board.run_for(moments.uniform(0.0, 0.3))
        changes += keys.cut() // 2
        unfinished += keys.ledger.pending is not None
        keys.start()
    assert changes >= 100, "too few changes for the test to mean something"
    assert unfinished > 0, "no kill hit a change"


def test_full_storage_loses_nothing(keys: Keys) -> None:
    """Full, a refused key, two power cuts, and all is there; emptied, it takes as many again."""
    counts = []
    for _ in range(2):
        keys.board.write("f")
        said = keys.board.wait_for(r"^keys: full with (\d+): (-?\d+)$", source=APPLICATION)
        assert int(said[2]) == INSUFFICIENT_STORAGE
        counts.append(int(said[1]))
        keys.cut()
        keys.ledger.pending = None  # it was refused
        keys.start()
        keys.cut()
        keys.start()
        assert len(keys.ledger.keys) == counts[-1]
        keys.board.write("e")
        said = keys.board.wait_for(r"^keys: destroyed all (\d+)$", source=APPLICATION)
        assert int(said[1]) == counts[-1]
        keys.ledger.keys.clear()
        keys.cut()
        keys.start()
    assert counts[0] == counts[1] > 30
