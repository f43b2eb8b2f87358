"""Drives the application of vault/: one API call a line, made by the non-secure side or, through
the vault partition, by the secure one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from machine import Machine

from bz import signing
from bz.emulator import APPLICATION, Emulator

VAULT = "tests/qemu/vault/vault.toml"
SEALED = "tests/qemu/vault/sealed.toml"

SUCCESS, NOT_PERMITTED, NOT_SUPPORTED, INVALID_ARGUMENT = 0, -133, -134, -135
DOES_NOT_EXIST, INSUFFICIENT_STORAGE, DATA_CORRUPT = -140, -142, -152


def content(size: int, seed: int = 0) -> bytes:
    """What the application stores."""
    return bytes((seed + 7 * i + (i >> 8)) & 0xFF for i in range(size))


@dataclass
class Usage:
    assets: int
    assets_max: int
    bytes: int
    bytes_max: int
    store_assets: int
    store_assets_max: int
    store_bytes: int
    store_bytes_max: int
    store_erases: int


class Client:
    """One of the two clients: its calls and what they answer."""

    def __init__(self, vault: Vault, prefix: str) -> None:
        self._vault = vault
        self._prefix = prefix

    def _call(self, verb: str, *numbers: int) -> tuple[int, list[int]]:
        line = " ".join([self._prefix + verb, *(f"{number:x}" for number in numbers)])
        status, *words = self._vault.answer(line, r"^vault: (-?\d+)" + r" (\w+)" * 9 + "$").groups()
        return int(status), [int(word, 16) for word in words]

    def set(self, uid: int, size: int, flags: int = 0, seed: int = 0) -> int:
        return self._call("set", uid, size, flags, seed)[0]

    def get(self, uid: int, offset: int, size: int) -> tuple[int, int, int]:
        """Status, length and CRC-32."""
        status, words = self._call("get", uid, offset, size)
        return status, words[0], words[1]

    def holds(self, uid: int, size: int, seed: int = 0) -> bool:
        return self.get(uid, 0, size + 8) == (SUCCESS, size, zlib.crc32(content(size, seed)))

    def info(self, uid: int) -> tuple[int, int, int, int]:
        """Status, size, capacity, flags."""
        status, words = self._call("info", uid)
        return status, words[0], words[1], words[2]

    def remove(self, uid: int) -> int:
        return self._call("remove", uid)[0]

    def usage(self) -> Usage:
        status, words = self._call("usage")
        assert status == SUCCESS
        return Usage(*words)

    def fill(self, first: int, size: int) -> tuple[int, int]:
        """How many assets could be set, and the status that ended it."""
        status, words = self._call("fill", first, size)
        return words[0], status

    def count(self, counter: int) -> tuple[int, int]:
        status, words = self._call("count", counter)
        return status, words[0]

    def step(self, counter: int) -> int:
        return self._call("step", counter)[0]


class Vault:
    """A device of the test product, powered on."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        payload = machine.variant.directory / "bin" / "vault.bin"
        signed = machine.path.with_name("vault_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        self.start()

    def start(self) -> None:
        self.board: Emulator = self.machine.power_on()
        self._ready()
        self.client = Client(self, "")
        self.partition = Client(self, "vault ")

    def _ready(self) -> None:
        self.board.wait_for("^vault: ready$", source=APPLICATION)

    def power_cycle(self) -> None:
        self.machine.power_off()
        self.start()

    def reset(self) -> None:
        self.board.write("reset\n")
        self._ready()

    def answer(self, line: str, pattern: str) -> re.Match[str]:
        self.board.write(line + "\n")
        return self.board.wait_for(pattern, source=APPLICATION)


def twice(vault: Vault, check: Callable[[], None]) -> None:
    """Holds now, after a reset, and after a power cut."""
    check()
    vault.reset()
    check()
    vault.power_cycle()
    check()
