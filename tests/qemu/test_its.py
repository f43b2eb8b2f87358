"""Internal Trusted Storage on the running device: every function and answer from both worlds,
quotas, a full store, assets of 8 KiB, and encryption.

The product is vault/: an505 with its storage in sectors of 16 KiB, quotas and one more client.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from machine import Machine, symbols_of
from vault_driver import (
    DATA_CORRUPT,
    DOES_NOT_EXIST,
    INSUFFICIENT_STORAGE,
    INVALID_ARGUMENT,
    NOT_PERMITTED,
    NOT_SUPPORTED,
    SEALED,
    SUCCESS,
    VAULT,
    Client,
    Vault,
    content,
    twice,
)

from bz.emulator import APPLICATION

LARGEST = 8192
WRITE_ONCE = 1


@pytest.fixture(params=[VAULT, SEALED], ids=["plain", "sealed"])
def vault(request: pytest.FixtureRequest, machine_of: Callable[..., Machine]) -> Iterator[Vault]:
    """Both products keep the same rules."""
    yield Vault(machine_of(request.param))


@pytest.fixture
def plain(machine_of: Callable[..., Machine]) -> Vault:
    return Vault(machine_of(VAULT))


def region(vault: Vault) -> bytes:
    its = next(each for each in vault.machine.product.regions if each.name == "its")
    return vault.machine.read(its.offset, its.size)


# ---- Functions and answers -----------------------------------------------------------------------


def test_hostile_vectors_are_answered(vault: Vault) -> None:
    vault.answer("vectors", "^vault: end of vectors$")
    answers = [line for line in vault.board.lines(APPLICATION) if line.endswith(")")]
    assert len(answers) == 28
    assert not [line for line in answers if ": ok (" not in line]


def check_functions(client: Client) -> None:
    assert client.get(7, 0, 1)[0] == client.info(7)[0] == client.remove(7) == DOES_NOT_EXIST
    assert client.set(7, 100, 6, seed=9) == SUCCESS
    assert client.info(7) == (SUCCESS, 100, 100, 6)
    for offset, size, length in ((0, 100, 100), (0, 99, 99), (37, 40, 40), (99, 9, 1), (100, 5, 0)):
        part = content(100, 9)[offset : offset + length]
        assert client.get(7, offset, size) == (SUCCESS, length, zlib.crc32(part))
    for offset in (101, 128, 0xFFFFFFFF):
        assert client.get(7, offset, 0)[0] == INVALID_ARGUMENT
    assert client.set(7, 0) == SUCCESS
    assert client.info(7) == (SUCCESS, 0, 0, 0)
    assert client.set(7, 1, flags=8) == NOT_SUPPORTED
    assert client.set(0, 1) == client.get(0, 0, 1)[0] == INVALID_ARGUMENT
    assert client.info(0)[0] == client.remove(0) == INVALID_ARGUMENT
    assert client.remove(7) == SUCCESS
    assert client.info(7)[0] == DOES_NOT_EXIST


def test_functions(vault: Vault) -> None:
    check_functions(vault.client)
    check_functions(vault.partition)


def test_assets_belong_to_their_clients(vault: Vault) -> None:
    assert vault.client.set(1, 50, seed=1) == SUCCESS
    assert vault.partition.get(1, 0, 50)[0] == vault.partition.remove(1) == DOES_NOT_EXIST
    assert vault.partition.set(1, 60, seed=2) == SUCCESS

    def check() -> None:
        assert vault.client.holds(1, 50, seed=1)
        assert vault.partition.holds(1, 60, seed=2)

    twice(vault, check)


def test_write_once_over_resets(vault: Vault) -> None:
    assert vault.client.set(5, 20, WRITE_ONCE) == SUCCESS

    def check() -> None:
        assert vault.client.set(5, 20) == vault.client.remove(5) == NOT_PERMITTED
        assert vault.client.info(5) == (SUCCESS, 20, 20, WRITE_ONCE)
        assert vault.client.holds(5, 20)

    twice(vault, check)


def test_the_largest_asset(vault: Vault) -> None:
    assert vault.client.set(1, LARGEST + 1) == INSUFFICIENT_STORAGE
    assert vault.client.set(1, LARGEST, seed=3) == SUCCESS

    def check() -> None:
        assert vault.client.holds(1, LARGEST, seed=3)
        tail = zlib.crc32(content(LARGEST, 3)[-100:])
        assert vault.client.get(1, LARGEST - 100, 200) == (SUCCESS, 100, tail)

    twice(vault, check)
    for seed in range(10):  # more than the region holds
        assert vault.client.set(1, LARGEST, seed=seed) == SUCCESS
        assert vault.client.holds(1, LARGEST, seed=seed)


# ---- Quotas and space ----------------------------------------------------------------------------


def test_quotas(plain: Vault) -> None:
    """12 assets for the non-secure side, 3 and 300 bytes for the partition."""
    assert plain.partition.fill(1, 100) == (3, INSUFFICIENT_STORAGE)
    assert plain.client.fill(1, 10) == (12, INSUFFICIENT_STORAGE)

    def check() -> None:
        assert plain.client.set(13, 0) == plain.partition.set(4, 0) == INSUFFICIENT_STORAGE
        assert plain.client.info(13)[0] == plain.partition.info(4)[0] == DOES_NOT_EXIST
        assert plain.partition.set(3, 101) == INSUFFICIENT_STORAGE
        assert plain.partition.info(3)[1] == 100
        assert plain.client.set(12, 5000, seed=1) == SUCCESS
        assert plain.client.set(12, 10) == SUCCESS
        usage = plain.client.usage()
        assert (usage.assets, usage.assets_max) == (12, 12)
        assert (usage.bytes, usage.bytes_max) == (120, 0x10000)
        usage = plain.partition.usage()
        assert (usage.assets, usage.assets_max, usage.bytes, usage.bytes_max) == (3, 3, 300, 300)
        assert (usage.store_assets, usage.store_assets_max) == (15, 32)

    twice(plain, check)
    assert plain.partition.remove(1) == SUCCESS
    assert plain.partition.set(2, 150) == SUCCESS
    assert plain.partition.set(9, 51) == INSUFFICIENT_STORAGE
    assert plain.partition.set(9, 50) == SUCCESS


def test_a_full_store(plain: Vault) -> None:
    """Filled until it refuses; replacing and removing go on, and all is there after two resets."""
    count, status = plain.client.fill(1, LARGEST)
    assert (count, status) == (2, INSUFFICIENT_STORAGE)
    smaller, status = plain.client.fill(100, 1000)
    assert smaller < 12 - count, "the quota came first"
    assert status == INSUFFICIENT_STORAGE
    assert plain.client.set(200, LARGEST) == INSUFFICIENT_STORAGE
    for seed in range(1, 12):
        for uid in range(1, count + 1):
            assert plain.client.set(uid, LARGEST, seed=seed + uid) == SUCCESS
    usage = plain.client.usage()
    assert usage.store_bytes_max == 3 * (0x4000 - 32)
    assert 0.4 < usage.store_bytes / usage.store_bytes_max <= 1
    assert usage.store_erases >= 4
    assert plain.client.remove(1) == SUCCESS
    assert plain.client.set(300, LARGEST, seed=99) == SUCCESS

    def check() -> None:
        for uid in range(2, count + 1):
            assert plain.client.holds(uid, LARGEST, seed=11 + uid)
        assert plain.client.holds(300, LARGEST, seed=99)
        assert plain.client.info(1)[0] == DOES_NOT_EXIST
        assert plain.client.info(200)[0] == DOES_NOT_EXIST
        for uid in range(100, 100 + smaller):
            assert plain.client.info(uid)[:2] == (SUCCESS, 1000)

    twice(plain, check)


# ---- Encryption ----------------------------------------------------------------------------------


def test_the_flash_has_no_plaintext(vault: Vault) -> None:
    """What is searched for is found where the product does not encrypt: so the search bites."""
    is_sealed = vault.machine.variant.declaration == SEALED
    assert vault.client.set(1, 600, seed=5) == SUCCESS
    assert vault.partition.set(1, 100, seed=77) == SUCCESS
    vault.machine.power_off()
    flash = vault.machine.read(0, vault.machine.product.flash.size)
    for text in (content(600, 5), content(100, 77)):
        pieces = [text[at : at + 8] for at in range(0, len(text) - 8, 8)]
        assert [piece in flash for piece in pieces] == [not is_sealed] * len(pieces)
    vault.start()
    assert vault.client.holds(1, 600, seed=5)


def test_only_the_sealed_product_links_sealing(machine_of: Callable[..., Machine]) -> None:
    names = {
        product: symbols_of(machine_of(product).variant.elf("secure"))
        for product in (VAULT, SEALED)
    }
    for name in ("protect_seal", "protect_open", "seal_encrypt", "mbedtls_ccm_auth_decrypt"):
        assert name in names[SEALED] and name not in names[VAULT], name
    plain = symbols_of(machine_of().variant.elf("secure"))
    assert not {"account_plan", "account_settle", "counter_read", "protect_seal"} & set(plain)


def records(flash: bytes) -> list[int]:
    """Places of the asset records in the first sector (docs/formats/store.md)."""
    places, at = [], 32
    while flash[at] == 1 and zlib.crc32(flash[at : at + 28]) == word(flash, at + 28):
        places.append(at)
        at += 32 + -(-word(flash, at + 20) // 8) * 8
    return places


def word(flash: bytes, at: int) -> int:
    return int.from_bytes(flash[at : at + 4], "little")


def test_changed_data_are_refused(machine_of: Callable[..., Machine]) -> None:
    """One who writes the flash, and makes the checksums right."""
    vault = Vault(machine_of(SEALED))
    assert vault.client.set(1, 100, seed=1) == SUCCESS
    assert vault.client.set(2, 100, seed=2) == SUCCESS
    vault.machine.power_off()
    its = next(each for each in vault.machine.product.regions if each.name == "its")
    flash = bytearray(region(vault))
    first, second = records(flash)
    one, two = (bytes(flash[at : at + 32 + 128]) for at in (first, second))

    def put(at: int, record: bytearray) -> None:
        record[24:28] = zlib.crc32(record[32 : 32 + word(record, 20)]).to_bytes(4, "little")
        record[28:32] = zlib.crc32(record[:28]).to_bytes(4, "little")
        vault.machine.write(its.offset + at, bytes(record))

    for at in (32, 32 + 99, 32 + 100, 32 + 112, 32 + 127):  # data, nonce, tag
        changed = bytearray(one)
        changed[at] ^= 1
        put(first, changed)
        vault.start()
        assert vault.client.get(1, 0, 100) == (DATA_CORRUPT, 0, 0)
        assert vault.client.holds(2, 100, seed=2)
        vault.machine.power_off()
    for at, other in ((first, two), (second, one)):  # the two change places, under their own names
        mixed = bytearray(one if at == first else two)
        mixed[32:] = other[32:]
        put(at, mixed)
    vault.start()
    assert vault.client.get(1, 0, 100)[0] == vault.client.get(2, 0, 100)[0] == DATA_CORRUPT
    assert vault.client.set(1, 5) == vault.client.remove(2) == SUCCESS
    assert vault.client.holds(1, 5)


def test_the_product_is_changed(
    built: Callable[..., object], machine_of: Callable[..., Machine], tmp_path: Path
) -> None:
    """Encryption is switched on, and off again, on one device: plain assets are still read, sealed
    ones are refused where nobody can open them, and nothing is served that was not set."""
    vault = Vault(machine_of(VAULT))
    assert vault.client.set(1, 300, seed=1) == SUCCESS

    def become(product: str) -> None:
        vault.machine.power_off()
        vault.machine.install("secure", built(product).signed("secure").read_bytes())
        vault.start()

    become(SEALED)
    assert vault.client.holds(1, 300, seed=1)
    assert vault.client.set(2, 200, seed=2) == SUCCESS
    assert vault.client.holds(2, 200, seed=2)
    become(VAULT)
    assert vault.client.holds(1, 300, seed=1)
    for offset in (0, 10, 200, 220):
        assert vault.client.get(2, offset, 20) == (DATA_CORRUPT, 0, 0)
    assert vault.client.info(2)[0] == DATA_CORRUPT
    become(SEALED)
    assert vault.client.holds(2, 200, seed=2)
    become(VAULT)
    assert vault.client.set(2, 10, seed=3) == SUCCESS
    assert vault.client.holds(2, 10, seed=3)
