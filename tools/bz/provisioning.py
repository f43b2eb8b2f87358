"""The provisioning region of a device: make it, write it, read it.

Written from docs/formats/provisioning.md alone, so that it checks boot's reader as much as boot's
reader checks it. Used by `bz device` and the tests. Whoever holds a Provisioning holds every secret
of the device: only public_view() may be printed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAGIC = 0x56505A42
VERSION = 1
IMMUTABLE_SIZE = 0x400
MARKS_OFFSET = 0x800
MARK_SIZE = 32
REGION_SIZE = 0x1000

ANCHOR_ECDSA_P256 = 1
DECRYPTION_NONE = 0
DECRYPTION_ECIES_P256 = 1

SETS = 4
ENTRIES = 4
SET_SIZE = 0xA0
SET_UNUSED = 0xFFFFFFFF
MARKS_USED = 21
FIRST_LIFE_CYCLE_MARK = 16

LIFE_CYCLES = {
    0x1000: "assembly and test",
    0x2000: "PSA RoT provisioning",
    0x3000: "secured",
    0x4000: "non-PSA RoT debug",
    0x5000: "recoverable PSA RoT debug",
    0x6000: "decommissioned",
}
LIFE_CYCLE_SECURED = 0x3000

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_HEADER = struct.Struct("<IHHHHI")
_IDENTITY = struct.Struct("<32s32s65s3x33s3x32s64sI32s4x")
_SET_HEADER = struct.Struct("<II8x")
_ENTRY = struct.Struct("<I32s")


@dataclass
class Provisioning:
    """All that the region holds. Secrets are left out of repr().

    anchors: for each image id the SHA-256 digests of its P-256 keys, as DER SubjectPublicKeyInfo.
    required: how many different ones must have signed; images that it does not name need one.
    life_cycle: the initial state.
    """

    attestation_public_key: bytes
    implementation_id: bytes
    anchors: dict[int, list[bytes]]
    huk: bytes = field(repr=False)
    attestation_private_key: bytes = field(repr=False)
    entropy_seed: bytes = field(repr=False)
    decryption_key: bytes = field(repr=False)
    decryption_algorithm: int = DECRYPTION_ECIES_P256
    life_cycle: int = LIFE_CYCLE_SECURED
    required: dict[int, int] = field(default_factory=dict)
    marks: set[int] = field(default_factory=set)

    @property
    def instance_id(self) -> bytes:
        """The UEID made from the attestation public key: type byte 0x01 and its SHA-256."""
        return b"\x01" + hashlib.sha256(self.attestation_public_key).digest()

    @property
    def current_life_cycle(self) -> int:
        """State of the device: the largest of the initial one and those whose mark is set."""
        reached = [
            0x1000 * (2 + mark - FIRST_LIFE_CYCLE_MARK)
            for mark in self.marks
            if FIRST_LIFE_CYCLE_MARK <= mark < MARKS_USED
        ]
        return max([self.life_cycle, *reached])

    def is_revoked(self, set_index: int, entry_index: int) -> bool:
        """Is the revoked mark of an anchor set? Sets are numbered in the order of anchors."""
        return ENTRIES * set_index + entry_index in self.marks


def public_key_of(private_key: bytes) -> bytes:
    """The uncompressed P-256 point (65 bytes) of a private scalar."""
    number = int.from_bytes(private_key, "big")
    if not 0 < number < P256_ORDER:
        raise ValueError("private key is not a P-256 scalar: expected 1 to group order - 1")
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def generate(anchors: dict[int, list[bytes]], seed: int | None = None) -> Provisioning:
    """Makes a new device's secrets and identity.

    anchors: as in Provisioning. seed: None for a real device; a number makes every byte a function
    of it, for measurements that must repeat: such a device has no secrets.
    """
    draw = secrets.token_bytes if seed is None else _repeatable_bytes(seed)
    attestation_private_key = _draw_scalar(draw)
    provisioning = Provisioning(
        huk=draw(32),
        attestation_private_key=attestation_private_key,
        attestation_public_key=public_key_of(attestation_private_key),
        implementation_id=hashlib.sha256(b"bartizan emulated board").digest(),
        entropy_seed=draw(64),
        decryption_key=_draw_scalar(draw),
        anchors=anchors,
    )
    check(provisioning)
    return provisioning


def check(provisioning: Provisioning) -> None:
    """Raises ValueError for a field that the format cannot hold or that contradicts another."""
    for name, size in (
        ("huk", 32),
        ("attestation_private_key", 32),
        ("attestation_public_key", 65),
        ("implementation_id", 32),
        ("entropy_seed", 64),
        ("decryption_key", 32),
    ):
        found = len(getattr(provisioning, name))
        if found != size:
            raise ValueError(f"{name} has {found} bytes: expected {size}")
    if provisioning.attestation_public_key != public_key_of(provisioning.attestation_private_key):
        raise ValueError("attestation public key does not belong to the private key")
    if provisioning.life_cycle not in LIFE_CYCLES:
        raise ValueError(f"life cycle: {provisioning.life_cycle:#x} is unknown")
    if provisioning.decryption_algorithm not in (DECRYPTION_NONE, DECRYPTION_ECIES_P256):
        raise ValueError(f"decryption algorithm {provisioning.decryption_algorithm} is unknown")
    if provisioning.decryption_algorithm == DECRYPTION_NONE and any(provisioning.decryption_key):
        raise ValueError("there is an image decryption key without an algorithm")
    if any(not 0 <= mark < MARKS_USED for mark in provisioning.marks):
        raise ValueError(f"marks are numbered 0 to {MARKS_USED - 1}")
    _check_anchors(provisioning)


def pack(provisioning: Provisioning, sector_size: int = 4096, erased: int = 0xFF) -> bytes:
    """The bytes of the region: one sector, at least 4096 bytes."""
    check(provisioning)
    if sector_size < REGION_SIZE:
        raise ValueError(f"sector of {sector_size} bytes: too small, expected {REGION_SIZE}")
    body = _HEADER.pack(
        MAGIC, VERSION, IMMUTABLE_SIZE, MARKS_OFFSET, MARK_SIZE, provisioning.life_cycle
    )
    body += _IDENTITY.pack(
        provisioning.huk,
        provisioning.attestation_private_key,
        provisioning.attestation_public_key,
        provisioning.instance_id,
        provisioning.implementation_id,
        provisioning.entropy_seed,
        provisioning.decryption_algorithm,
        provisioning.decryption_key,
    )
    body += _pack_sets(provisioning)
    body = body.ljust(IMMUTABLE_SIZE - 4, b"\0")
    region = bytearray([erased]) * sector_size
    region[:IMMUTABLE_SIZE] = body + struct.pack("<I", zlib.crc32(body))
    for mark in provisioning.marks:
        start = MARKS_OFFSET + MARK_SIZE * mark
        region[start : start + MARK_SIZE] = bytes([erased ^ 0xFF]) * MARK_SIZE
    return bytes(region)


def parse(region: bytes, erased: int = 0xFF) -> Provisioning:
    """Reads a region back. Raises ValueError with boot's word for the refusal, and what to do."""
    if len(region) < REGION_SIZE:
        raise ValueError(f"size: region has {len(region)} bytes, expected {REGION_SIZE}")
    body = region[:IMMUTABLE_SIZE]
    if body in (bytes([erased]) * IMMUTABLE_SIZE, bytes(IMMUTABLE_SIZE)):
        raise ValueError("not provisioned: make a device with `./bz device new`")
    magic, version, size, marks_offset, mark_size, life_cycle = _HEADER.unpack_from(body)
    if magic != MAGIC:
        raise ValueError(f"magic: {magic:#010x}, expected {MAGIC:#010x}: no provisioning region")
    if version != VERSION:
        raise ValueError(f"version: {version}, expected {VERSION}; use the device's tools")
    if (size, marks_offset, mark_size) != (IMMUTABLE_SIZE, MARKS_OFFSET, MARK_SIZE):
        raise ValueError(f"size: {size:#x}, {marks_offset:#x}, {mark_size}: not of version 1")
    if zlib.crc32(body[:-4]) != struct.unpack_from("<I", body, IMMUTABLE_SIZE - 4)[0]:
        raise ValueError("crc: the region is damaged; a device cannot be repaired, make a new one")
    provisioning = _parse_body(body)
    provisioning.marks = _parse_marks(region, erased)
    check(provisioning)
    return provisioning


def public_view(provisioning: Provisioning) -> dict[str, object]:
    """What may be shown of a device: no secret, nothing that one could be derived from."""
    return {
        "version": VERSION,
        "life_cycle": provisioning.current_life_cycle,
        "life_cycle_text": LIFE_CYCLES[provisioning.current_life_cycle],
        "instance_id": provisioning.instance_id.hex(),
        "implementation_id": provisioning.implementation_id.hex(),
        "attestation_public_key": provisioning.attestation_public_key.hex(),
        "decryption_algorithm": provisioning.decryption_algorithm,
        "trust_anchors": [
            {
                "image_id": image_id,
                "required": provisioning.required.get(image_id, 1),
                "keys": [
                    {"digest": digest.hex(), "revoked": provisioning.is_revoked(number, entry)}
                    for entry, digest in enumerate(digests)
                ],
            }
            for number, (image_id, digests) in enumerate(provisioning.anchors.items())
        ],
    }


def _repeatable_bytes(seed: int) -> Callable[[int], bytes]:
    """A byte source that is a function of the seed: HMAC-SHA256 over a counter."""
    key = hashlib.sha256(f"bartizan device {seed}".encode()).digest()
    state = {"count": 0}

    def draw(length: int) -> bytes:
        output = b""
        while len(output) < length:
            output += hmac.digest(key, state["count"].to_bytes(8, "big"), "sha256")
            state["count"] += 1
        return output[:length]

    return draw


def _draw_scalar(draw: Callable[[int], bytes]) -> bytes:
    while True:
        candidate = draw(32)
        if 0 < int.from_bytes(candidate, "big") < P256_ORDER:
            return candidate


def _check_anchors(provisioning: Provisioning) -> None:
    if len(provisioning.anchors) > SETS:
        raise ValueError(
            f"trust anchors: room for at most {SETS} images, not {len(provisioning.anchors)}"
        )
    unknown = set(provisioning.required) - set(provisioning.anchors)
    if unknown:
        raise ValueError(f"trust anchors: signatures required of unknown images {sorted(unknown)}")
    for image_id, digests in provisioning.anchors.items():
        required = provisioning.required.get(image_id, 1)
        if not 0 <= image_id < SET_UNUSED:
            raise ValueError(f"trust anchors: image id {image_id} does not fit 32 bits")
        if not 1 <= len(digests) <= ENTRIES:
            raise ValueError(
                f"trust anchors: image {image_id} has {len(digests)} anchors, "
                f"expected 1 to {ENTRIES}"
            )
        if not 1 <= required <= len(digests):
            raise ValueError(
                f"trust anchors: image {image_id} requires {required} of {len(digests)} anchors"
            )
        if any(len(digest) != 32 for digest in digests):
            raise ValueError(f"trust anchors: a digest of image {image_id} is not 32 bytes")


def _pack_sets(provisioning: Provisioning) -> bytes:
    packed = b""
    for image_id, digests in provisioning.anchors.items():
        one = _SET_HEADER.pack(image_id, provisioning.required.get(image_id, 1))
        one += b"".join(_ENTRY.pack(ANCHOR_ECDSA_P256, digest) for digest in digests)
        packed += one.ljust(SET_SIZE, b"\0")
    unused = _SET_HEADER.pack(SET_UNUSED, 0).ljust(SET_SIZE, b"\0")
    return packed + unused * (SETS - len(provisioning.anchors))


def _parse_body(body: bytes) -> Provisioning:
    (
        huk,
        private_key,
        public_key,
        instance_id,
        implementation_id,
        entropy_seed,
        decryption_algorithm,
        decryption_key,
    ) = _IDENTITY.unpack_from(body, _HEADER.size)
    provisioning = Provisioning(
        huk=huk,
        attestation_private_key=private_key,
        attestation_public_key=public_key,
        implementation_id=implementation_id,
        entropy_seed=entropy_seed,
        decryption_algorithm=decryption_algorithm,
        decryption_key=decryption_key,
        life_cycle=_HEADER.unpack_from(body)[-1],
        anchors={},
    )
    if instance_id != provisioning.instance_id:
        raise ValueError("instance id: not made from the attestation public key")
    for number in range(SETS):
        _parse_set(body, _HEADER.size + _IDENTITY.size + SET_SIZE * number, provisioning, number)
    return provisioning


def _parse_set(body: bytes, offset: int, provisioning: Provisioning, number: int) -> None:
    image_id, required = _SET_HEADER.unpack_from(body, offset)
    if image_id == SET_UNUSED:
        if any(body[offset + 4 : offset + SET_SIZE]):
            raise ValueError("trust anchors: an unused set with content")
        return
    if len(provisioning.anchors) != number:
        raise ValueError("trust anchors: a used set behind an unused one")
    if image_id in provisioning.anchors:
        raise ValueError(f"trust anchors: two sets for image {image_id}")
    provisioning.anchors[image_id] = []
    provisioning.required[image_id] = required
    for index in range(ENTRIES):
        start = offset + _SET_HEADER.size + _ENTRY.size * index
        algorithm, digest = _ENTRY.unpack_from(body, start)
        if algorithm not in (0, ANCHOR_ECDSA_P256):
            raise ValueError(f"trust anchors: algorithm {algorithm} is unknown; use newer tools")
        if algorithm == 0 and any(digest):
            raise ValueError("trust anchors: a digest without an algorithm")
        if algorithm != 0 and len(provisioning.anchors[image_id]) != index:
            raise ValueError("trust anchors: a used entry behind an unused one")
        if algorithm != 0:
            provisioning.anchors[image_id].append(digest)


def _parse_marks(region: bytes, erased: int) -> set[int]:
    clear = bytes([erased]) * MARK_SIZE
    starts = {mark: MARKS_OFFSET + MARK_SIZE * mark for mark in range(MARKS_USED)}
    return {mark for mark, start in starts.items() if region[start : start + MARK_SIZE] != clear}
