"""Attestation tokens of the running device, taken apart with cbor2 and cryptography, not with the
product's own tools.

Both callers, every challenge size, each isolation level; what is claimed against the device file
and the images.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from gdbstub import Stub
from machine import PROBE, Attacker, Machine, symbols_of

from bz import attest, device, image, provisioning, signing
from bz.emulator import APPLICATION

NONSECURE, PARTITION = -1, 0x200
CAPACITY = 768
ANSWER = re.compile(
    r"^attack: token status (-?\d+) length (\d+) announced (\d+) guard (ok|FAILED)$"
)


def challenge_of(size: int) -> bytes:
    return bytes((3 * i + size) & 0xFF for i in range(size))


def token_of(
    attacker: Attacker, size: int, who: int = NONSECURE, capacity: int = CAPACITY
) -> bytes:
    """A token, printed by the attacking application; its length is what was announced."""
    first = len(attacker.board.lines(APPLICATION))
    attacker.tell(f"token {size:x} {capacity:x} {int(who == PARTITION):x}")
    said = attacker.board.wait_for(ANSWER, source=APPLICATION)
    assert said.groups()[0] == "0" and said[4] == "ok", said[0]
    rows = attacker.board.lines(APPLICATION)[first:]
    token = bytes.fromhex(
        "".join(row.removeprefix("attack: bytes ") for row in rows if "bytes " in row)
    )
    assert len(token) == int(said[2]) == int(said[3])
    return token


def open_token(token: bytes, public_key: bytes) -> dict[int, Any]:
    """The claims, after the signature was checked by libraries that are not ours."""
    outer = cbor2.loads(token)
    assert outer.tag == 18
    protected, unprotected, payload, signature = outer.value
    assert cbor2.loads(protected) == {1: -7} and unprotected == {} and len(signature) == 64
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    claims = cbor2.loads(payload)
    assert payload == cbor2.dumps(claims, canonical=True), "the encoding is not deterministic"
    assert token == cbor2.dumps(outer, canonical=True)
    return claims


def held_by(machine: Machine) -> provisioning.Provisioning:
    return device.read_provisioning(machine.path, machine.product)


def expected_claims(machine: Machine, challenge: bytes, who: int) -> dict[int, Any]:
    """What the token must say, from the device file and the images in its slots."""
    held = held_by(machine)
    components = []
    for described in machine.product.images:
        offset, size = machine.slot(described.name)
        found = image.parse(machine.read(offset, size))
        components.append(
            {
                1: "PRoT" if described.world == "secure" else "App",
                2: found.digest,
                4: found.version,
                5: found.signer_ids[0],
                6: "sha-256",
            }
        )
    return {
        10: challenge,
        256: b"\x01" + hashlib.sha256(held.attestation_public_key).digest(),
        265: "tag:psacertified.org,2023:psa#tfm",
        2394: who,
        2395: held.current_life_cycle,
        2396: held.implementation_id,
        2399: components,
    }


@pytest.mark.parametrize("who", (NONSECURE, PARTITION), ids=("nonsecure", "partition"))
def test_tokens_say_what_the_device_is(attacker: Attacker, who: int) -> None:
    held = held_by(attacker.machine)
    for size in (32, 48, 64):
        claims = open_token(token_of(attacker, size, who), held.attestation_public_key)
        seed = claims.pop(268)
        assert len(seed) == 32 and seed != bytes(32)
        assert claims == expected_claims(attacker.machine, challenge_of(size), who)


def test_the_products_own_verifier_agrees(attacker3: Attacker) -> None:
    machine = attacker3.machine
    key = held_by(machine).attestation_public_key
    for who in (NONSECURE, PARTITION):
        claims = attest.verify(token_of(attacker3, 32, who), key, challenge_of(32))
        attest.check_device(claims, machine.path, machine.product)
        assert claims.client_id == who and not claims.others
    machine.power_off()
    built = machine.variant.signed("non-secure").read_bytes()
    machine.install("nonsecure", built)  # the demo; the token is of another application
    with pytest.raises(attest.TokenError, match="'nonsecure' in the device is not what was meas"):
        attest.check_device(claims, machine.path, machine.product)


def test_no_byte_of_a_token_can_change(attacker3: Attacker) -> None:
    """Each byte, with one bit and with all bits flipped; and each shorter token."""
    key = held_by(attacker3.machine).attestation_public_key
    token = token_of(attacker3, 32)
    attest.verify(token, key)
    for place in range(len(token)):
        for flip in (1 << place % 8, 0xFF):
            changed = bytearray(token)
            changed[place] ^= flip
            with pytest.raises(attest.TokenError):
                attest.verify(bytes(changed), key)
        with pytest.raises(attest.TokenError):
            attest.verify(token[:place], key)
    with pytest.raises(attest.TokenError):
        attest.verify(token + b"\0", key)


def test_a_token_of_another_device_is_refused(attacker3: Attacker) -> None:
    other = provisioning.generate({0: [bytes(32)]}, seed=2)
    token = token_of(attacker3, 32)
    with pytest.raises(attest.TokenError, match="signature"):
        attest.verify(token, other.attestation_public_key)
    with pytest.raises(attest.TokenError, match="challenge"):
        attest.verify(token, held_by(attacker3.machine).attestation_public_key, challenge_of(48))


def test_boot_seed_names_the_boot(machine_of) -> None:
    machine = machine_of(PROBE, 3)
    attacker = Attacker(machine)
    key = held_by(machine).attestation_public_key
    first = [open_token(token_of(attacker, 32), key) for _ in range(2)]
    machine.power_off()
    second = open_token(token_of(Attacker(machine), 32), key)
    assert first[0] == first[1]
    assert first[0].pop(268) != second.pop(268)
    assert first[0] == second


def test_misuse_is_answered(attacker3: Attacker) -> None:
    attacker3.tell("check attestation")
    attacker3.board.wait_for("^attack: attestation done$", timeout=60)
    answers = attacker3.board.lines(APPLICATION)[1:-1]
    assert len(answers) > 40
    assert not [line for line in answers if not line.endswith(": ok")]


def test_the_smallest_profile_attests(machine_of) -> None:
    machine = machine_of("an505", 3, "small")
    board = machine.power_on()
    board.wait_for("^demo: (done|failed)$")
    token, challenge = attest.find_in_lines(board.lines(APPLICATION))
    claims = open_token(token, held_by(machine).attestation_public_key)
    assert claims[10] == challenge and claims[2394] == NONSECURE


def test_versions_and_signers_follow_the_images(machine_of) -> None:
    machine = machine_of(PROBE, 3)
    name = machine.variant.payload("secure")
    signed = machine.path.with_name("renamed.bin")
    signing.sign_image(machine.product, "secure", name, signed, version="255.255.65535+4294967295")
    machine.install("secure", signed.read_bytes())
    attacker = Attacker(machine)
    claims = open_token(token_of(attacker, 64), held_by(machine).attestation_public_key)
    claims.pop(268)
    assert claims == expected_claims(machine, challenge_of(64), NONSECURE)
    assert claims[2399][0][4] == "255.255.65535+4294967295"


@pytest.mark.parametrize(
    "mark, state, trusted", ((18, 0x4000, True), (19, 0x5000, False)), ids=("debug", "open debug")
)
def test_life_cycle_is_told(machine_of, mark: int, state: int, trusted: bool) -> None:
    machine = machine_of(PROBE, 3)
    region = device.find_region(machine.product, "provisioning")
    machine.write(region.offset + 0x800 + 32 * mark, bytes(32))
    key = held_by(machine).attestation_public_key
    token = token_of(Attacker(machine), 32)
    assert open_token(token, key)[2395] == state
    if trusted:
        assert attest.verify(token, key).life_cycle == state
    else:
        with pytest.raises(attest.TokenError, match="life cycle"):
            attest.verify(token, key)


def holders_of(secret: bytes, machine: Machine, stub: Stub) -> list[str]:
    """Who has a copy of the secret in memory: the manager's, or a partition's."""
    symbols = symbols_of(machine.variant.elf("secure"))
    base = machine.product.memories["secure_ram"].base
    memory = stub.read(base, symbols["__partitions_ram_end"] - base)
    holders = []
    for found in re.finditer(re.escape(secret), memory):
        place = base + found.start()
        owners = [
            partition.name
            for partition in machine.product.partitions
            if symbols[f"__part_{partition.name}_ram_start"]
            <= place
            < symbols[f"__part_{partition.name}_ram_end"]
        ]
        holders += owners or ["manager"]
    return holders


def test_the_manager_keeps_the_key_until_it_is_used(machine: Machine) -> None:
    path = machine.path.with_suffix(".gdb")
    machine.power_on(*Stub.options(path))
    with Stub(path) as stub:
        stub.run_to(symbols_of(machine.variant.elf("secure"))["start_trap_started"])
        secret = held_by(machine).attestation_private_key
        assert holders_of(secret, machine, stub) == ["manager"]


def test_a_used_key_is_in_one_place_only(machine_of: Callable[..., Machine]) -> None:
    """After the first token the Crypto service alone holds the attestation key."""
    machine = machine_of(PROBE, 3)
    path = machine.path.with_suffix(".gdb")
    attacker = Attacker(machine, extra=Stub.options(path)[:-1])  # running, not waiting
    token_of(attacker, 32)
    with Stub(path) as stub:
        assert stub.answer().startswith("T02")
        attacker.tell(f"token 20 {CAPACITY:x} 0")
        stub.run_to(symbols_of(machine.variant.elf("secure"))["spm_trap_entry"])
        secret = held_by(machine).attestation_private_key
        assert holders_of(secret, machine, stub) == ["crypto"]
