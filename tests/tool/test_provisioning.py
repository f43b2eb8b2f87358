"""tools/bz/provisioning.py against docs/formats/provisioning.md: positions, refusals, no leaks."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable

import pytest

from bz import provisioning
from bz.provisioning import Provisioning, generate, pack, parse, public_view

KEY_A = hashlib.sha256(b"key a").digest()
KEY_B = hashlib.sha256(b"key b").digest()
ANCHORS = {0: [KEY_A, KEY_B], 1: [KEY_B]}


def device() -> Provisioning:
    return generate(ANCHORS, seed=1)


def resealed(change: Callable[[bytearray], None]) -> bytes:
    """A region after a change, with a CRC that holds again."""
    region = bytearray(pack(device()))
    change(region)
    region[0x3FC:0x400] = struct.pack("<I", zlib.crc32(region[:0x3FC]))
    return bytes(region)


def put(offset: int, *values: int) -> Callable[[bytearray], None]:
    def change(region: bytearray) -> None:
        region[offset : offset + 4 * len(values)] = struct.pack(f"<{len(values)}I", *values)

    return change


def test_fields_stand_where_the_page_says() -> None:
    made = device()
    region = pack(made)
    assert len(region) == 4096
    assert region[:12] == b"BZPV" + struct.pack("<HHHH", 1, 0x400, 0x800, 32)
    assert region[0x00C:0x010] == struct.pack("<I", 0x3000)
    assert region[0x010:0x030] == made.huk
    assert region[0x030:0x050] == made.attestation_private_key
    assert region[0x050:0x091] == made.attestation_public_key
    assert region[0x094:0x0B5] == b"\x01" + hashlib.sha256(made.attestation_public_key).digest()
    assert region[0x0B8:0x0D8] == made.implementation_id
    assert region[0x0D8:0x118] == made.entropy_seed
    assert region[0x118:0x11C] == struct.pack("<I", 1)
    assert region[0x11C:0x13C] == made.decryption_key
    assert region[0x140:0x150] == struct.pack("<IIQ", 0, 1, 0)
    assert region[0x150:0x198] == struct.pack("<I32sI32s", 1, KEY_A, 1, KEY_B)
    assert region[0x198:0x1E0] == bytes(72)
    assert region[0x1E0:0x214] == struct.pack("<IIQI32s", 1, 1, 0, 1, KEY_B)
    assert region[0x280:0x320] == struct.pack("<I", 0xFFFFFFFF) + bytes(0x9C)
    assert struct.unpack_from("<I", region, 0x3FC)[0] == zlib.crc32(region[:0x3FC])
    assert region[0x400:] == b"\xff" * 0xC00


def test_parse_returns_what_was_packed() -> None:
    made = device()
    made.required[0] = 2
    made.marks = {1, 17}
    read = parse(pack(made))
    assert read.required.pop(1) == 1
    assert read == made
    assert read.is_revoked(0, 1) and not read.is_revoked(1, 0)
    assert len(pack(made, sector_size=8192)) == 8192


@pytest.mark.parametrize("erased", [0xFF, 0x00])
def test_marks_for_both_erased_values(erased: int) -> None:
    made = device()
    made.marks = {4, 20}
    region = pack(made, erased=erased)
    assert region[0x800 + 32 * 4 : 0x800 + 32 * 5] == bytes([erased ^ 0xFF]) * 32
    assert region[0xA80:0xAA0] == bytes([erased ^ 0xFF]) * 32
    assert parse(region, erased).marks == {4, 20}
    assert parse(region, erased).current_life_cycle == 0x6000


def test_any_changed_byte_of_a_cell_sets_the_mark() -> None:
    for position in range(32):
        region = bytearray(pack(device()))
        region[0x800 + 32 * 5 + position] = 0xFE
        assert parse(bytes(region)).marks == {5}


def test_marks_without_a_meaning_are_ignored() -> None:
    region = bytearray(pack(device()))
    region[0xAA0:0x1000] = bytes(0x1000 - 0xAA0)
    assert parse(bytes(region)).marks == set()


def test_life_cycle_is_the_largest_reached() -> None:
    made = device()
    made.marks = {16}
    assert made.current_life_cycle == 0x3000
    made.marks = {16, 18}
    assert made.current_life_cycle == 0x4000


def test_every_changed_byte_of_the_immutable_part_is_found() -> None:
    region = pack(device())
    for position in range(0x400):
        damaged = bytearray(region)
        damaged[position] ^= 1
        with pytest.raises(ValueError):
            parse(bytes(damaged))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put(0x000, 0), "magic"),
        (put(0x004, 0x04000002), "version"),
        (put(0x008, 0x00200900), "size"),
        (put(0x00C, 0x3001), "life cycle"),
        (put(0x00C, 0x7000), "life cycle"),
        (put(0x050, 0), "public key"),
        (put(0x094, 0), "instance id"),
        (put(0x118, 2), "decryption"),
        (put(0x118, 0), "decryption"),
        (put(0x140, 1), "two sets"),
        (put(0x140, 0xFFFFFFFF), "unused set"),
        (put(0x144, 0), "requires 0"),
        (put(0x144, 3), "requires 3"),
        (put(0x150, 0), "without an algorithm"),
        (put(0x150, 9), "unknown"),
        (put(0x150, *[0] * 9), "behind an unused"),
        (put(0x140, *[0xFFFFFFFF] + [0] * 39), "behind an unused"),
    ],
)
def test_refusals_name_their_cause(change: Callable[[bytearray], None], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(resealed(change))


def test_blank_and_short_regions_are_refused() -> None:
    with pytest.raises(ValueError, match="not provisioned"):
        parse(b"\xff" * 4096)
    with pytest.raises(ValueError, match="not provisioned"):
        parse(bytes(4096))
    with pytest.raises(ValueError, match="size"):
        parse(pack(device())[:4095])


def test_a_seed_repeats_and_no_seed_does_not() -> None:
    assert pack(generate(ANCHORS, seed=7)) == pack(generate(ANCHORS, seed=7))
    assert pack(generate(ANCHORS, seed=7)) != pack(generate(ANCHORS, seed=8))
    assert generate(ANCHORS).huk != generate(ANCHORS).huk


def test_what_cannot_be_packed_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        generate({number: [KEY_A] for number in range(5)})
    with pytest.raises(ValueError, match="expected 1 to 4"):
        generate({0: [KEY_A] * 5})
    with pytest.raises(ValueError, match="expected 1 to 4"):
        generate({0: []})
    with pytest.raises(ValueError, match="not 32 bytes"):
        generate({0: [b"short"]})
    made = device()
    with pytest.raises(ValueError, match="too small"):
        pack(made, sector_size=2048)
    made.huk = b""
    with pytest.raises(ValueError, match="huk"):
        pack(made)


def test_nothing_shown_holds_a_secret() -> None:
    made = device()
    shown = repr(public_view(made)) + repr(made)
    for secret in (made.huk, made.attestation_private_key, made.entropy_seed, made.decryption_key):
        assert secret.hex() not in shown and repr(secret)[2:-1] not in shown
    assert public_view(made)["life_cycle_text"] == "secured"
    assert provisioning.LIFE_CYCLE_SECURED == 0x3000
