"""Attestation tokens (docs/formats/token.md): takes one apart, checks who signed it and what it
says.

Used by `bz attest`, `bz run` and the tests. It reads bytes and public keys; it never needs the
device, and never a secret. Nothing of the payload is decoded before the signature is good, except
to show a token that the caller knows to be unverified.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bz import image
from bz.console import BzError
from bz.provisioning import LIFE_CYCLES

PROFILE = "tag:psacertified.org,2023:psa#tfm"
COSE_SIGN1_TAG = 18
PROTECTED_ES256 = bytes.fromhex("a10126")
SIGNATURE_SIZE = 64
CHALLENGE_SIZES = (32, 48, 64)
TOKEN_SIZE_MAX = 1 << 16

# A verifier trusts no report from a device in another state (RFC 9783, 4.3.1).
TRUSTED_LIFE_CYCLES = (0x3000, 0x4000)

NONCE, INSTANCE_ID, EAT_PROFILE, BOOT_SEED = 10, 256, 265, 268
CLIENT_ID, LIFE_CYCLE, IMPLEMENTATION_ID = 2394, 2395, 2396
CERTIFICATION, COMPONENTS, VERIFIER = 2398, 2399, 2400

# As the demonstration and applications of ./bz new app print them, behind their name.
_LINE = re.compile(r"(?:^|\s)[\w-]+: (token|challenge) ([0-9a-f]+)$")


class TokenError(ValueError):
    """The token is refused; the text says why."""


@dataclass(frozen=True)
class Component:
    """One piece of software that was measured before it ran."""

    measurement: bytes
    signer_id: bytes
    kind: str = ""
    version: str = ""
    algorithm: str = ""


@dataclass(frozen=True)
class Claims:
    challenge: bytes
    instance_id: bytes
    client_id: int
    life_cycle: int
    implementation_id: bytes
    components: tuple[Component, ...]
    boot_seed: bytes = b""
    others: dict[Any, Any] = field(default_factory=dict)  # claims that this tool does not know

    @property
    def life_cycle_text(self) -> str:
        return LIFE_CYCLES.get(self.life_cycle & 0xFF00, f"unknown ({self.life_cycle:#06x})")

    @property
    def caller_text(self) -> str:
        return f"{'non-secure' if self.client_id < 0 else 'partition'} {self.client_id}"

    @property
    def summary(self) -> str:
        """One line for people."""
        software = [f"{each.kind} {each.version}".strip() for each in self.components]
        return ", ".join([self.life_cycle_text, *software, f"for {self.caller_text}"])

    def view(self) -> dict[str, Any]:
        """For JSON: byte strings in hexadecimal."""
        return {
            "challenge": self.challenge.hex(),
            "instance_id": self.instance_id.hex(),
            "implementation_id": self.implementation_id.hex(),
            "client_id": self.client_id,
            "life_cycle": self.life_cycle,
            "life_cycle_text": self.life_cycle_text,
            "boot_seed": self.boot_seed.hex(),
            "components": [
                {
                    "type": each.kind,
                    "version": each.version,
                    "measurement": each.measurement.hex(),
                    "algorithm": each.algorithm,
                    "signer_id": each.signer_id.hex(),
                }
                for each in self.components
            ],
            "others": {str(key): str(value) for key, value in self.others.items()},
        }


# --- from bytes to claims -------------------------------------------------------------------------


def verify(token: bytes, public_key: bytes, challenge: bytes | None = None) -> Claims:
    """The claims of a token that `public_key` (65 bytes, uncompressed) signed; else TokenError.

    challenge: what the token must answer; None if the caller has no such demand.
    """
    payload, signature = _unwrap(token)
    _check_signature(public_key, payload, signature)
    claims = _claims_of(payload)
    if claims.instance_id != b"\x01" + hashlib.sha256(public_key).digest():
        raise TokenError("instance id is not that of the key")
    if claims.life_cycle & 0xFF00 not in TRUSTED_LIFE_CYCLES:
        raise TokenError(f"life cycle of the device is '{claims.life_cycle_text}': not trusted")
    if challenge is not None and claims.challenge != challenge:
        raise TokenError("challenge is another one: a replayed token, or one for somebody else")
    return claims


def peek(token: bytes) -> Claims:
    """The claims of a token that nobody has verified."""
    return _claims_of(_unwrap(token)[0])


def _decode(data: bytes, what: str) -> Any:
    """One CBOR item that fills `data`: definite lengths, no key twice."""
    stream = io.BytesIO(data)
    try:
        item = cbor2.CBORDecoder(
            stream, allow_indefinite=False, allow_duplicate_keys=False, max_depth=8
        ).decode()
    except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise TokenError(f"{what} is not well-formed CBOR") from error
    if stream.tell() != len(data):
        raise TokenError(f"{what} has bytes behind its end")
    return item


def _unwrap(token: bytes) -> tuple[bytes, bytes]:
    """Payload and signature of a tagged COSE_Sign1 with ES256."""
    if len(token) > TOKEN_SIZE_MAX:
        raise TokenError(f"{len(token)} bytes are too many for a token")
    item = _decode(token, "token")
    if not isinstance(item, cbor2.CBORTag) or item.tag != COSE_SIGN1_TAG:
        raise TokenError("not a COSE_Sign1 with its tag 18")
    parts = item.value
    if not isinstance(parts, (list, tuple)) or len(parts) != 4:
        raise TokenError("COSE_Sign1 does not have four parts")
    protected, unprotected, payload, signature = parts
    if protected != PROTECTED_ES256:
        raise TokenError("algorithm is not ES256, the only one that is accepted")
    if not isinstance(unprotected, Mapping) or len(unprotected) != 0:
        raise TokenError("unprotected header is not empty")
    if not isinstance(payload, bytes) or not isinstance(signature, bytes):
        raise TokenError("payload or signature is no byte string")
    return payload, signature


def _check_signature(public_key: bytes, payload: bytes, signature: bytes) -> None:
    if len(signature) != SIGNATURE_SIZE:
        raise TokenError(f"signature has {len(signature)} bytes, not {SIGNATURE_SIZE}")
    signed = cbor2.dumps(["Signature1", PROTECTED_ES256, b"", payload])
    number = int.from_bytes
    try:
        der = encode_dss_signature(number(signature[:32], "big"), number(signature[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise TokenError("signature does not verify with this key") from error


def _claims_of(payload: bytes) -> Claims:
    held = _decode(payload, "payload")
    if not isinstance(held, Mapping):
        raise TokenError("payload is no map of claims")
    held = dict(held)
    if _take(held, EAT_PROFILE, str, "profile") != PROFILE:
        raise TokenError(f"profile is not {PROFILE}")
    claims = Claims(
        challenge=_take(held, NONCE, bytes, "challenge", CHALLENGE_SIZES),
        instance_id=_take(held, INSTANCE_ID, bytes, "instance id", (33,)),
        client_id=_take(held, CLIENT_ID, int, "client id"),
        life_cycle=_take(held, LIFE_CYCLE, int, "life cycle"),
        implementation_id=_take(held, IMPLEMENTATION_ID, bytes, "implementation id", (32,)),
        components=_components_of(_take(held, COMPONENTS, (list, tuple), "software components")),
        boot_seed=_take(held, BOOT_SEED, bytes, "boot seed", range(8, 33), b""),
        others=held,
    )
    if claims.client_id == 0 or not -(1 << 31) <= claims.client_id < 1 << 31:
        raise TokenError(f"client id {claims.client_id} names nobody")
    if not 0 <= claims.life_cycle <= 0xFFFF:
        raise TokenError(f"life cycle {claims.life_cycle} is none")
    return claims


def _components_of(items: list[Any]) -> tuple[Component, ...]:
    components = []
    for item in items:
        if not isinstance(item, Mapping):
            raise TokenError("a software component is no map")
        held = dict(item)
        components.append(
            Component(
                measurement=_take(held, 2, bytes, "measurement", (32, 48, 64)),
                signer_id=_take(held, 5, bytes, "signer id", (32, 48, 64)),
                kind=_take(held, 1, str, "measurement type", missing=""),
                version=_take(held, 4, str, "version", missing=""),
                algorithm=_take(held, 6, str, "measurement description", missing=""),
            )
        )
    if not components:
        raise TokenError("there is no software component")
    return tuple(components)


def _take(
    held: dict[Any, Any],
    key: int,
    kind: type | tuple[type, ...],
    name: str,
    sizes: Iterable[int] | None = None,
    missing: Any = None,
) -> Any:
    """Remove a claim from the map, of the right type and size."""
    if key not in held:
        if missing is None:
            raise TokenError(f"{name} (key {key}) is missing")
        return missing
    value = held.pop(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TokenError(f"{name} (key {key}) has the wrong type")
    if sizes is not None and len(value) not in sizes:
        raise TokenError(f"{name} (key {key}) has {len(value)} bytes")
    return value


# --- against a device -----------------------------------------------------------------------------


def check_device(claims: Claims, path: Path, product: Any) -> None:
    """Raise TokenError unless the claims describe this device and the images in its slots."""
    from bz import device

    held = device.read_provisioning(path, product)
    if claims.implementation_id != held.implementation_id:
        raise TokenError("implementation id is not that of the device")
    if claims.life_cycle != held.current_life_cycle:
        raise TokenError(f"life cycle of the device is {held.current_life_cycle:#06x} by now")
    measured = [(each.measurement, each.version, each.signer_id) for each in claims.components]
    for described in product.images:
        offset, size = device.slot_of(product, described.name)
        try:
            found = image.parse(device.read(path, product, offset, size))
        except image.ImageError as error:
            raise TokenError(f"the slot of image '{described.name}': {error}") from error
        if (found.digest, found.version, found.signer_ids[0]) not in measured:
            raise TokenError(
                f"image '{described.name}' in the device is not what was measured: "
                f"version {found.version}, {found.digest.hex()}"
            )
    if len(measured) != len(product.images):
        raise TokenError(f"{len(measured)} components measured, {len(product.images)} images held")


def device_key(path: Path, product: Any) -> bytes:
    """The public key that the factory registered for a device: 65 bytes."""
    from bz import device

    return device.read_provisioning(path, product).attestation_public_key


# --- files ----------------------------------------------------------------------------------------


def find_in_lines(lines: Iterable[str]) -> tuple[bytes, bytes]:
    """Token and challenge that an application printed; empty if it printed none."""
    token = challenge = ""
    for line in lines:
        if match := _LINE.search(line.rstrip()):
            if match[1] == "challenge":
                token, challenge = "", match[2]  # the next token
            else:
                token += match[2]
    try:
        return bytes.fromhex(token), bytes.fromhex(challenge)
    except ValueError:
        return b"", b""


def read_token(data: bytes) -> bytes:
    """A token from a file: its bytes, hexadecimal text, or a log with an application's lines.

    Empty if there is none; no token is all text, its first byte is not.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return data
    try:
        return bytes.fromhex(text)
    except ValueError:
        return find_in_lines(text.splitlines())[0]


def read_public_key(path: Path) -> bytes:
    """The 65 bytes of a P-256 public key in a PEM or DER file."""
    try:
        data = path.read_bytes()
        load = (
            serialization.load_pem_public_key
            if data.startswith(b"-----")
            else serialization.load_der_public_key
        )
        key = load(data)
    except (OSError, ValueError) as error:
        raise BzError(
            f"{path} is no public key: {error}",
            "give the public half, as `bz attest key` writes it",
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise BzError(f"{path} is no P-256 key", "tokens are signed with ECDSA on P-256 only")
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def public_key_pem(public_key: bytes) -> str:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
