"""What boot leaves behind: hand-off, derived secrets, wiped memory, closed provisioning region.

The payload (tests/qemu/payload) takes the place of the secure image and reports; what it must
report is computed here from the provisioning region of the device, with RFC 5869 and the page of
the format only.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable

import pytest
from machine import Machine

from bz import build, device, image, keys, paths, signing
from bz.emulator import SECURE

RULES = (
    "registers",
    "vector table",
    "boot ram wiped",
    "provisioning closed",
    "other flash open",
    "magic",
    "crc",
)


def hkdf(salt: bytes, key: bytes, info: bytes, length: int) -> bytes:
    root = hmac.digest(salt or bytes(32), key, "sha256")
    output = block = b""
    for number in range(1, 256):
        if len(output) >= length:
            break
        block = hmac.digest(root, block + info + bytes([number]), "sha256")
        output += block
    return output[:length]


def install_payload(machine: Machine) -> None:
    variant = machine.variant
    with build.locked(variant.directory):
        build.configure(paths.ROOT, variant.directory, build.options_of(variant))
        build.ninja(variant.directory, "building the hand-off payload", ("payload",))
    signed = machine.path.with_name("payload_signed.bin")
    payload = variant.directory / "bin" / "payload.bin"
    signing.sign_image(machine.product, "secure", payload, signed, counter=7, version="3.2.1+9")
    machine.install("secure", signed.read_bytes())


def report(machine: Machine) -> list[str]:
    """Powers on; the lines of the payload's report."""
    board = machine.power_on()
    board.wait_for("^payload: done$", source=SECURE)
    lines = board.lines(SECURE)
    machine.power_off()
    prefix = "payload: "
    return [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]


@pytest.fixture(params=("an505", "an521"))
def machine(request: pytest.FixtureRequest, machine_of: Callable[..., Machine]) -> Machine:
    made = machine_of(request.param)
    install_payload(made)
    return made


def test_rules_of_the_jump(machine: Machine) -> None:
    lines = report(machine)
    assert [line for line in lines if line.endswith("BAD")] == []
    for rule in RULES:
        assert f"{rule} OK" in lines


def test_secrets_are_those_of_the_device(machine: Machine) -> None:
    held = device.read_provisioning(machine.path, machine.product)
    for boot in (1, 2, 3):
        count = struct.pack("<I", boot)
        lines = report(machine)
        expected = {
            "boot seed": hkdf(b"", held.entropy_seed, b"bartizan boot seed" + count, 32),
            "generator seed": hkdf(b"", held.entropy_seed, b"bartizan generator seed" + count, 48),
            "runtime root": hkdf(b"", held.huk, b"bartizan runtime root", 32),
            "attestation key": held.attestation_private_key,
        }
        assert f"boot count {boot}" in lines
        for name, secret in expected.items():
            assert f"{name} crc {zlib.crc32(secret):#010x}" in lines


def test_public_parts(machine: Machine) -> None:
    held = device.read_provisioning(machine.path, machine.product)
    lines = report(machine)
    assert f"life cycle {0x3000}" in lines
    assert "reset reason 1" in lines
    assert "update result 0" in lines
    assert f"instance id {held.instance_id.hex()}000000" in lines
    assert f"implementation id {held.implementation_id.hex()}" in lines


def test_images(machine: Machine) -> None:
    lines = report(machine)
    assert "images 2" in lines
    starts = [number for number, line in enumerate(lines) if line.startswith("image ")]
    for described, start in zip(machine.product.images, starts, strict=True):
        slot, size = machine.slot(described.name)
        data = machine.read(slot, size)
        parsed = image.parse(data)
        key_digest = keys.digest(keys.path_of(described.key))
        payload_size = struct.unpack_from("<I", data, 12)[0]
        header_size, protected_size = struct.unpack_from("<HH", data, 8)
        hashed = data[: header_size + payload_size + protected_size]
        major, minor, revision, build_number = struct.unpack_from("<BBHI", data, 20)
        vectors = machine.product.flash.base + slot + header_size
        assert lines[start : start + 10] == [
            f"image {described.id}",
            f"major {major}",
            f"minor {minor}",
            f"revision {revision}",
            f"build {build_number}",
            f"counter {parsed.security_counter}",
            f"vectors {vectors}",
            f"size {payload_size}",
            f"measurement {hashlib.sha256(hashed).hexdigest()}",
            f"signer {key_digest.hex()}",
        ]
