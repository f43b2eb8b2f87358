"""Boot on the emulated board: what must start starts; whatever was tampered with is refused.

Every refusal ends in the defined end state: one line with image and check, "boot: halted", and
nothing started.
"""

from __future__ import annotations

import binascii
import hashlib
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from elftools.elf.elffile import ELFFile
from machine import Debugger, Machine, boot_refusal, symbols_of

from bz import counters, image, keys, signing
from bz.emulator import APPLICATION, SECURE

HEADER = 0x400
DEMO_LINES = (
    "counter in Internal Trusted Storage: ok",
    "hash equals the known answer: ok",
    "signature made and verified: ok",
    "signature of another message refused: ok",
    "private key not exportable: ok",
    "random bytes differ: ok",
)


# --- what must start ----------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", (1, 2, 3))
@pytest.mark.parametrize("product", ("an505", "an521"))
def test_boots_and_runs_the_demo(machine_of, product: str, isolation: int) -> None:
    board = machine_of(product, isolation).power_on()
    board.wait_for("^demo: done$", source=APPLICATION)
    secure = board.lines(SECURE)
    assert "boot: image secure 0.1.0 counter 1 verified" in secure
    assert "boot: image nonsecure 0.1.0 counter 1 verified" in secure
    assert "spm: partitions ready, starting the non-secure world" in secure
    said = board.lines(APPLICATION)
    assert all(f"demo: {line}" in said for line in DEMO_LINES)
    assert not [line for line in said if "FAILED" in line]


@pytest.mark.parametrize("profile", ("small", "large"))
def test_boots_with_other_profiles(machine_of, profile: str) -> None:
    machine_of("an505", 3, profile).power_on().wait_for("^demo: done$", source=APPLICATION)


def test_random_bytes_differ_from_boot_to_boot(machine: Machine) -> None:
    seen = set()
    for _ in range(3):
        board = machine.power_on()
        board.wait_for("^demo: done$")
        seen.add(next(line for line in board.lines(APPLICATION) if "random bytes =" in line))
        seen.add(next(line for line in board.lines(APPLICATION) if "signature =" in line))
        machine.power_off()
    assert len(seen) == 6


# --- tampering: one byte ------------------------------------------------------------------------


def flip(machine: Machine, name: str, offset: int) -> None:
    start = machine.slot(name)[0] + offset
    machine.write(start, bytes([machine.read(start, 1)[0] ^ 1]))


@pytest.mark.parametrize("name", ("secure", "nonsecure"))
@pytest.mark.parametrize(
    ("offset", "check"),
    (
        (0, "header magic"),
        (4, "load address"),
        (8, "header size"),
        (10, "tlv area"),
        (16, "header flags"),
        (20, "digest"),
        (28, "digest"),
        (0x20, "digest"),
        (HEADER, "digest"),
        (HEADER + 0x200, "digest"),
    ),
    ids=(
        "magic",
        "load address",
        "header size",
        "protected size",
        "flags",
        "version",
        "padding",
        "header rest",
        "first word of the payload",
        "payload",
    ),
)
def test_changed_header_or_payload_is_refused(
    machine: Machine, name: str, offset: int, check: str
) -> None:
    flip(machine, name, offset)
    assert boot_refusal(machine) == f"boot: image {name} refused: {check}"


def signed_of(machine: Machine, name: str) -> image.Image:
    start, size = machine.slot(name)
    return image.parse(machine.read(start, size))


def tlv_of(machine: Machine, name: str, kind: int) -> image.Tlv:
    return next(tlv for tlv in signed_of(machine, name).tlvs if tlv.kind == kind)


@pytest.mark.parametrize("name", ("secure", "nonsecure"))
@pytest.mark.parametrize(
    ("kind", "part", "check"),
    (
        (0x50, "value", "digest"),
        (0x10, "value", "digest"),
        (0x02, "value", "unknown key"),
        (0x22, "last", "signature"),
        (0x22, "value", "signature format"),
        (0x50, "type", "tlv type"),
        (0x10, "type", "tlv type"),
        (0x02, "type", "tlv type"),
        (0x22, "type", "tlv type"),
        (0x10, "length", "tlv length"),
        (0x02, "length", "tlv length"),
        (0x22, "length", "tlv length"),
    ),
)
def test_each_changed_tlv_is_refused(
    machine: Machine, name: str, kind: int, part: str, check: str
) -> None:
    tlv = tlv_of(machine, name, kind)
    where = {"type": 0, "length": 2, "value": 4, "last": 3 + len(tlv.value)}[part]
    flip(machine, name, tlv.offset + where)
    said = boot_refusal(machine)
    assert said.startswith(f"boot: image {name} refused: ")
    if part in ("value", "last"):
        assert said.endswith(check)


def test_extra_unprotected_tlv_is_refused(machine: Machine) -> None:
    """A security counter, say, that nobody signed."""
    start, size = machine.slot("nonsecure")
    found = signed_of(machine, "nonsecure")
    data = bytearray(machine.read(start, found.size))
    area = (
        found.header_size
        + found.payload_size
        + 4
        + sum(4 + len(t.value) for t in found.tlvs if t.protected)
    )
    magic, total = struct.unpack_from("<HH", data, area)
    struct.pack_into("<HH", data, area, magic, total + 8)
    data += struct.pack("<HHI", 0x50, 4, 99)
    machine.write(start, bytes(data))
    assert boot_refusal(machine) == "boot: image nonsecure refused: tlv type"


# --- tampering: whole images --------------------------------------------------------------------


def test_zero_signature_is_refused(machine: Machine) -> None:
    """r = s = 0, and r = s = order, satisfy a careless verifier."""
    for value in (0, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551):
        resign(machine, "secure", lambda _key, _digest, v=value: encode_dss_signature(v, v))
        assert "refused: signature" in boot_refusal(machine)


def resign(machine: Machine, name: str, make) -> None:
    """Puts another signature into the image in the slot: make(key, digest) -> DER."""
    start, _ = machine.slot(name)
    found = signed_of(machine, name)
    described = signing.find_image(machine.product, name)
    key = keys.load(keys.path_of(described.key))
    tlv = tlv_of(machine, name, 0x22)
    der = make(key, found.digest)
    area = (
        found.header_size
        + found.payload_size
        + 4
        + sum(4 + len(t.value) for t in found.tlvs if t.protected)
    )
    data = bytearray(machine.read(start, tlv.offset))
    magic, total = struct.unpack_from("<HH", data, area)
    struct.pack_into("<HH", data, area, magic, total - len(tlv.value) + len(der))
    data += struct.pack("<HH", 0x22, len(der)) + der
    machine.install(name, bytes(data))


def test_good_signature_in_its_other_forms(machine: Machine) -> None:
    """The control of the test above: a right signature from resign() is accepted, as (r, n - s)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

    def negated(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
        r, s = decode_dss_signature(signing.sign_digest(key, digest))
        return encode_dss_signature(r, order - s)

    resign(machine, "secure", negated)
    machine.power_on().wait_for("^demo: done$")


def test_signature_of_another_digest_is_refused(machine: Machine) -> None:
    resign(
        machine,
        "nonsecure",
        lambda key, digest: signing.sign_digest(key, hashlib.sha256(digest).digest()),
    )
    assert boot_refusal(machine) == "boot: image nonsecure refused: signature"


@pytest.mark.parametrize("name", ("secure", "nonsecure"))
def test_image_signed_with_a_foreign_key_is_refused(
    machine: Machine, tmp_path: Path, name: str
) -> None:
    foreign = tmp_path / "foreign.pem"
    keys.make(foreign)
    world = signing.find_image(machine.product, name).world
    signed = tmp_path / "signed.bin"
    signing.sign_image(
        machine.product, name, machine.variant.payload(world), signed, key_path=foreign
    )
    machine.install(name, signed.read_bytes())
    assert boot_refusal(machine) == f"boot: image {name} refused: unknown key"


def test_swapped_images_are_refused(machine: Machine) -> None:
    """Each is authentic, but not for this slot."""
    found = machine.variant
    machine.install("secure", found.signed("non-secure").read_bytes())
    machine.install("nonsecure", found.signed("secure").read_bytes())
    assert boot_refusal(machine) == "boot: image secure refused: unknown key"


@pytest.mark.parametrize("name", ("secure", "nonsecure"))
@pytest.mark.parametrize(
    "keep", (0, 31, 1024, 5000), ids=("empty", "part of the header", "header only", "part")
)
def test_truncated_slot_is_refused(machine: Machine, name: str, keep: int) -> None:
    start, _ = machine.slot(name)
    machine.install(name, machine.read(start, keep))
    assert boot_refusal(machine).startswith(f"boot: image {name} refused: ")


@pytest.mark.parametrize("fill", (0x00, 0xFF))
def test_blank_flash_is_refused(machine: Machine, fill: int) -> None:
    machine.write(0, bytes([fill]) * machine.product.flash.size)
    assert boot_refusal(machine).startswith("boot: provisioning refused: ")


def test_image_without_counter_is_refused(machine: Machine, tmp_path: Path) -> None:
    described = signing.find_image(machine.product, "nonsecure")
    options = signing.arguments(machine.product, described)
    at = options.index("--security-counter")
    signed = tmp_path / "signed.bin"
    signing.sign(
        machine.variant.payload("non-secure"),
        signed,
        options[:at] + options[at + 2 :],
        keys.path_of(described.key),
    )
    machine.install("nonsecure", signed.read_bytes())
    assert boot_refusal(machine) == "boot: image nonsecure refused: no security counter"


def test_changed_provisioning_is_refused(machine: Machine) -> None:
    for offset in (0, 8, 64, 200):
        start = machine.read(offset, 1)[0]
        machine.write(offset, bytes([start ^ 0x10]))
        assert boot_refusal(machine).startswith("boot: provisioning refused: ")
        machine.write(offset, bytes([start]))


# --- counters -----------------------------------------------------------------------------------


def counter_entry(counter: int, value: int) -> bytes:
    """One step of a counter, from the byte picture in docs/formats/counters.md."""
    kind = 0x40 + counter
    crc = binascii.crc_hqx(struct.pack("<BI", kind, value), 0xFFFF)
    zeros = 56 - sum(byte.bit_count() for byte in struct.pack("<BHI", kind, crc, value))
    return struct.pack("<BBHI", kind, zeros, crc, value)


def test_counter_below_the_devices_is_refused(machine: Machine, tmp_path: Path) -> None:
    """Roll-back: the device has seen counter 5 of the non-secure image; 1 is refused, 5 is not."""
    region = next(region for region in machine.product.regions if region.name == "counters")
    machine.power_on().wait_for("^demo: done$")
    machine.power_off()
    raw = machine.read(region.offset, machine.product.flash.sector_size)
    free = next(at for at in range(16, len(raw), 8) if raw[at : at + 8] == b"\xff" * 8)
    machine.write(region.offset + free, counter_entry(1 + 1, 5))
    assert boot_refusal(machine) == "boot: image nonsecure refused: security counter"
    signed = tmp_path / "signed.bin"
    signing.sign_image(
        machine.product, "nonsecure", machine.variant.payload("non-secure"), signed, counter=5
    )
    machine.install("nonsecure", signed.read_bytes())
    machine.power_on().wait_for("^demo: done$")


def install_with_counter(machine: Machine, tmp_path: Path, counter: int) -> None:
    signed = tmp_path / f"signed{counter}.bin"
    payload = machine.variant.payload("non-secure")
    signing.sign_image(machine.product, "nonsecure", payload, signed, counter=counter)
    machine.install("nonsecure", signed.read_bytes())


def test_counters_outlive_the_header_of_their_sector(machine: Machine, tmp_path: Path) -> None:
    """After a rotation the new sector loses its header; the old one must not count again."""
    region = next(region for region in machine.product.regions if region.name == "counters")
    size = machine.product.flash.sector_size
    fields = struct.pack("<III", 0x434E5A42, 1, 1)
    steps = b"".join(counter_entry(0, count) for count in range(1, (size - 16) // 8 + 1))
    full = fields + struct.pack("<I", binascii.crc32(fields)) + steps
    machine.write(region.offset, full)
    machine.power_on().wait_for("^demo: done$")
    machine.power_off()
    boots = len(steps) // 8 + 1
    second = region.offset + size
    assert machine.read(second, 4) == b"BZNC"
    machine.write(second + 32, counter_entry(1 + 1, 5))
    machine.write(second, b"\0")
    assert boot_refusal(machine) == "boot: image nonsecure refused: security counter"
    install_with_counter(machine, tmp_path, 5)
    machine.power_on().wait_for("^demo: done$")
    machine.power_off()
    raw = machine.read(region.offset, region.size)
    assert counters.read(raw, size, machine.product.flash.program_unit) == {0: boots + 2, 2: 5}
    install_with_counter(machine, tmp_path, 4)
    assert boot_refusal(machine) == "boot: image nonsecure refused: security counter"


# --- faults ---------------------------------------------------------------------------------------

NOP_WIDE = bytes.fromhex("aff30080")
UNDEFINED = bytes.fromhex("00de00de")


def calls_of(elf: Path, callee: str) -> list[int]:
    """Addresses of all BL instructions to a function."""
    target = symbols_of(elf)[callee] & ~1
    with elf.open("rb") as file:
        text = ELFFile(file).get_section_by_name(".text")
        code, base = text.data(), text["sh_addr"]
    found = []
    for at in range(0, len(code) - 2, 2):
        high, low = struct.unpack_from("<HH", code, at)
        if high & 0xF800 != 0xF000 or low & 0xD000 != 0xD000:
            continue
        sign = high >> 10 & 1
        bits = [sign, ~((low >> 13) ^ sign) & 1, ~((low >> 11) ^ sign) & 1]
        upper = bits[0] << 24 | bits[1] << 23 | bits[2] << 22
        distance = upper | (high & 0x3FF) << 12 | (low & 0x7FF) << 1
        if base + at + 4 + distance - (sign << 25) == target:
            found.append(base + at)
    assert found, f"nobody calls {callee}"
    return found


def change_boot(machine: Machine, address: int, code: bytes) -> None:
    original = machine.variant.boot_elf.read_bytes()
    with machine.variant.boot_elf.open("rb") as file:
        text = ELFFile(file).get_section_by_name(".text")
        offset = address - text["sh_addr"] + text["sh_offset"]
    machine.boot_elf = machine.path.with_name("changed.elf")
    machine.boot_elf.write_bytes(original[:offset] + code + original[offset + len(code) :])


@pytest.mark.parametrize(
    "callee",
    (
        "ecdsa_verify",
        "fih_judge_at_least",
        "fih_judge_both",
        "fih_judge_equal",
        "fih_judge_equal_word",
        "fih_judge_filled",
        "mbedtls_sha256_finish",
        "p256_recover_x",
        "verify_image",
    ),
)
def test_one_skipped_call_does_not_start_a_bad_image(machine: Machine, callee: str) -> None:
    """The first image is good: no verdict on it may stand in for one on the second."""
    resign(
        machine,
        "nonsecure",
        lambda key, digest: signing.sign_digest(key, hashlib.sha256(digest).digest()),
    )
    symbols = symbols_of(machine.variant.boot_elf)
    halt, jump = symbols["platform_halt"] & ~1, symbols["boot_jump"] & ~1
    second = symbols["verify_image"] & ~1
    for address in calls_of(machine.variant.boot_elf, callee):
        board = machine.power_on(*Debugger.options(machine))
        debugger = Debugger(machine)
        if callee == "verify_image":
            assert debugger.run_to(address, halt, jump) == address
        else:
            for _ in range(2):
                assert debugger.run_to(second, halt, jump) == second
        if debugger.run_to(address, halt, jump) == address:
            debugger.skip_to(address + 4)
            assert debugger.run_to(halt, jump) == halt, f"started without {address:#x}"
        debugger.leave()
        machine.power_off()
        assert not board.lines(APPLICATION)


def test_skipped_read_of_the_counter_does_not_start_an_image(machine: Machine) -> None:
    for address in calls_of(machine.variant.boot_elf, "counters_read_security"):
        change_boot(machine, address, NOP_WIDE)
        assert boot_refusal(machine) == "boot: image secure refused: security counter"


def test_fault_in_each_start_halts(machine: Machine) -> None:
    """One reset, in case it was a disturbance; then the end state, not a loop."""
    change_boot(machine, calls_of(machine.variant.boot_elf, "provisioning_read")[0], UNDEFINED)
    board = machine.power_on()
    board.wait_for("^boot: halted$", source=SECURE)
    board.run_for(0.2)
    said = board.lines(SECURE)
    assert [line for line in said if line.startswith("boot: reset reason")] == [
        "boot: reset reason cold",
        "boot: reset reason fault",
    ]
    assert len([line for line in said if line.startswith("boot: fault usage fault")]) == 2
    assert said[-1] == "boot: halted"
