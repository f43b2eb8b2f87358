"""Stored assets on the emulated board survive power cuts at any moment: the emulator is killed.

An application (probe/ns/storage.c) tells each operation on its UART before and after. This side
holds what every asset must be; after each cut the application tells all of them. What was
acknowledged is there, exactly; the operation in flight happened wholly or not at all.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from machine import PROBE, Machine

from bz import signing
from bz.emulator import APPLICATION, Emulator

UIDS = 12
SUCCESS, DOES_NOT_EXIST = 0, -140
INVALID_ARGUMENT, NOT_PERMITTED, ALREADY_EXISTS = -135, -133, -139
FULL = bool(os.environ.get("BZ_TEST_FULL"))
CUTS = 500 if FULL else 30
LONGEST_SECONDS = 0.25

Key = tuple[str, int]


@dataclass(frozen=True)
class Asset:
    data: bytes
    capacity: int
    flags: int


@dataclass
class Reference:
    """What every asset must be, and the operation that was begun but not answered."""

    assets: dict[Key, Asset] = field(default_factory=dict)
    begun: tuple[Key, Asset | None, int] | None = None
    operations: int = 0
    in_flight: int = 0

    def begin(self, words: list[str]) -> None:
        assert self.begun is None, f"begun before the last one was answered: {words}"
        key = (words[0], int(words[1]))
        self.begun = (key, *self.outcome(key, words[2], int(words[3]), words[4], words[5]))

    def outcome(
        self, key: Key, what: str, length: int, third: str, content: str
    ) -> tuple[Asset | None, int]:
        """What the asset is afterwards, and what the answer must be."""
        old = self.assets.get(key)
        data = content_of(int(content, 16), length)
        if what == "set":
            return Asset(data, length, int(third, 16)), SUCCESS
        if what == "create":
            if old:
                return old, ALREADY_EXISTS
            return Asset(b"", length, int(third, 16)), SUCCESS
        if not old:
            return None, DOES_NOT_EXIST
        if what == "remove":
            return None, SUCCESS
        offset = int(third, 16)
        if offset > len(old.data) or offset + length > old.capacity:
            return old, INVALID_ARGUMENT
        changed = old.data[:offset] + data + old.data[offset + length :]
        return Asset(changed, old.capacity, old.flags), SUCCESS

    def answer(self, status: int) -> None:
        assert self.begun, "an answer to nothing"
        key, after, expected = self.begun
        assert status == expected, f"{key}: answered {status}, must be {expected}"
        self.settle(key, after)
        self.operations += 1

    def settle(self, key: Key, asset: Asset | None) -> None:
        self.begun = None
        if asset:
            self.assets[key] = asset
        else:
            self.assets.pop(key, None)

    def follow(self, lines: list[str]) -> None:
        """The lines of one stream; the last one may be cut off."""
        for line in lines:
            words = line.split()
            if words[:1] == ["b"] and words[-1] == ".":
                self.begin(words[1:])
            elif words[:1] == ["d"] and words[-1] == ".":
                self.answer(int(words[1]))

    def compare(self, told: dict[Key, tuple[int, ...]]) -> None:
        if self.begun:
            self.in_flight += 1
            key, after, _ = self.begun
            before = self.assets.get(key)
            assert told[key] in (seen(before), seen(after)), (
                f"{key} was being changed: it is {told[key]}, neither {seen(before)} as before "
                f"nor {seen(after)} as asked for"
            )
            self.settle(key, after if told[key] == seen(after) else before)
        for key, what in told.items():
            assert what == seen(self.assets.get(key)), f"{key} is not what was acknowledged"


def content_of(content: int, length: int) -> bytes:
    return bytes(((content >> 8 * (i % 4)) + i) & 0xFF for i in range(length))


def seen(asset: Asset | None) -> tuple[int, ...]:
    """As the application tells it: status, size, length, capacity, flags, hash."""
    value = 2166136261
    for byte in asset.data if asset else b"":
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    if asset is None:
        return DOES_NOT_EXIST, 0, 0, 0, 0, value
    return SUCCESS, len(asset.data), len(asset.data), asset.capacity, asset.flags, value


def told_assets(board: Emulator, stores: str) -> dict[Key, tuple[int, ...]]:
    board.wait_for("^storage: ready$", source=APPLICATION)
    board.write(f"check {stores}\n")
    board.wait_for("^storage: checked$", source=APPLICATION)
    told = {}
    for line in board.lines(APPLICATION):
        words = line.split()
        if words[:1] == ["a"]:
            numbers = [int(word) for word in words[3:7]] + [int(word, 16) for word in words[7:]]
            told[words[1], int(words[2])] = tuple(numbers)
    assert len(told) == UIDS * len(stores)
    return told


def prepared(machine: Machine) -> str:
    """Installs the application; the stores that the product has."""
    payload = machine.variant.directory / "bin" / "storage.bin"
    signed = machine.path.with_name("storage_signed.bin")
    signing.sign_image(machine.product, "nonsecure", payload, signed)
    machine.install("nonsecure", signed.read_bytes())
    names = {partition.name for partition in machine.product.partitions}
    return "ip" if "ps" in names else "i"


@pytest.mark.slow
def test_assets_survive_cuts_at_any_moment(machine_of: Callable[..., Machine]) -> None:
    machine = machine_of(PROBE, 2)
    stores = prepared(machine)
    reference = Reference()
    moments = random.Random(random.randrange(2**31) if FULL else 6)
    for _ in range(CUTS):
        board = machine.power_on()
        reference.compare(told_assets(board, stores))
        passed = len(board.lines(APPLICATION))
        board.write(f"go {moments.randrange(2**31)} {stores}\n")
        board.run_for(moments.uniform(0.001, LONGEST_SECONDS))
        machine.power_off()
        reference.follow(board.lines(APPLICATION)[passed:])
    board = machine.power_on()
    reference.compare(told_assets(board, stores))
    print(
        f"{CUTS} cuts, {reference.operations} operations acknowledged, "
        f"{reference.in_flight} cut in flight"
    )
    assert reference.operations > 20 * CUTS and reference.in_flight > CUTS // 10
