"""The provisioning region of a device: make it, write it, read it.

Written from docs/formats/provisioning.md alone, so that it checks boot's reader as much as boot's reader checks it. Used by
`bz device`, `bz provision` and the tests. Whoever holds a Provisioning holds every secret of the device: only public_view()
may be printed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
import zlib
from dataclasses import dataclass, field
from typing import Callable

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
SECURED = 0x3000

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_HEADER = struct.Struct("<IHHHHI")
_IDENTITY = struct.Struct("<32s32s65s3x33s3x32s64sI32s4x")
_SET_HEADER = struct.Struct("<II8x")
_ENTRY = struct.Struct("<I32s")


@dataclass(frozen=True)
class Anchor:
    """The digest of one key that may sign an image."""

    digest: bytes
    algorithm: int = ANCHOR_ECDSA_P256


@dataclass(frozen=True)
class AnchorSet:
    """The anchors of one image, and how many different ones must have signed it."""

    image_id: int
    anchors: tuple[Anchor, ...]
    required: int = 1


@dataclass
class Provisioning:
    """All that the region holds. Secrets are left out of repr()."""

    attestation_public_key: bytes
    instance_id: bytes
    implementation_id: bytes
    anchor_sets: list[AnchorSet]
    huk: bytes = field(repr=False)
    attestation_private_key: bytes = field(repr=False)
    entropy_seed: bytes = field(repr=False)
    decryption_key: bytes = field(repr=False)
    decryption_algorithm: int = DECRYPTION_ECIES_P256
    initial_life_cycle: int = SECURED
    marks: set[int] = field(default_factory=set)

    @property
    def life_cycle(self) -> int:
        """State of the device: the largest of the initial one and those whose mark is set."""
        reached = [0x1000 * (2 + mark - FIRST_LIFE_CYCLE_MARK)
                   for mark in self.marks if FIRST_LIFE_CYCLE_MARK <= mark < MARKS_USED]
        return max([self.initial_life_cycle, *reached])

    def is_revoked(self, set_index: int, entry_index: int) -> bool:
        """Is the revoked mark of an anchor set?"""
        return ENTRIES * set_index + entry_index in self.marks


def public_key_of(private_key: bytes) -> bytes:
    """The uncompressed P-256 point (65 bytes) of a private scalar."""
    number = int.from_bytes(private_key, "big")
    if not 0 < number < P256_ORDER:
        raise ValueError("private key is not a P-256 scalar: expected 1 to the group order less one")
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def instance_id_of(public_key: bytes) -> bytes:
    """The UEID made from the attestation public key: type byte 0x01 and its SHA-256."""
    return b"\x01" + hashlib.sha256(public_key).digest()


def generate(anchors: dict[int, list[bytes]], seed: int | None = None) -> Provisioning:
    """Makes a new device's secrets and identity.

    anchors: for each image id the SHA-256 digests of its keys' DER SubjectPublicKeyInfo. seed: None for a real device; a
    number makes every byte a function of it, for measurements that must repeat: such a device has no secrets.
    """
    draw = secrets.token_bytes if seed is None else _repeatable_bytes(seed)
    attestation_private_key = _draw_scalar(draw)
    attestation_public_key = public_key_of(attestation_private_key)
    provisioning = Provisioning(
        huk=draw(32),
        attestation_private_key=attestation_private_key,
        attestation_public_key=attestation_public_key,
        instance_id=instance_id_of(attestation_public_key),
        implementation_id=hashlib.sha256(b"bartizan emulated board").digest(),
        entropy_seed=draw(64),
        decryption_key=_draw_scalar(draw),
        anchor_sets=[AnchorSet(image_id, tuple(Anchor(digest) for digest in digests))
                     for image_id, digests in sorted(anchors.items())],
    )
    check(provisioning)
    return provisioning


def check(provisioning: Provisioning) -> None:
    """Raises ValueError for the first field that the format cannot hold or that contradicts another."""
    for name, size in (("huk", 32), ("attestation_private_key", 32), ("attestation_public_key", 65),
                       ("instance_id", 33), ("implementation_id", 32), ("entropy_seed", 64),
                       ("decryption_key", 32)):
        if len(getattr(provisioning, name)) != size:
            raise ValueError(f"{name} has {len(getattr(provisioning, name))} bytes: expected {size}")
    if provisioning.attestation_public_key != public_key_of(provisioning.attestation_private_key):
        raise ValueError("attestation public key does not belong to the private key")
    if provisioning.instance_id != instance_id_of(provisioning.attestation_public_key):
        raise ValueError("instance id is not made from the attestation public key")
    if provisioning.initial_life_cycle not in LIFE_CYCLES:
        raise ValueError(f"initial life cycle {provisioning.initial_life_cycle:#x} is unknown")
    if provisioning.decryption_algorithm not in (DECRYPTION_NONE, DECRYPTION_ECIES_P256):
        raise ValueError(f"image decryption algorithm {provisioning.decryption_algorithm} is unknown")
    if provisioning.decryption_algorithm == DECRYPTION_NONE and any(provisioning.decryption_key):
        raise ValueError("there is an image decryption key without an algorithm")
    if any(not 0 <= mark < MARKS_USED for mark in provisioning.marks):
        raise ValueError(f"marks are numbered 0 to {MARKS_USED - 1}")
    _check_sets(provisioning.anchor_sets)


def pack(provisioning: Provisioning, sector_size: int = 4096, erased: int = 0xFF) -> bytes:
    """The bytes of the region: one sector, at least 4096 bytes."""
    check(provisioning)
    if sector_size < REGION_SIZE:
        raise ValueError(f"sector of {sector_size} bytes is too small: provisioning needs {REGION_SIZE}")
    body = _HEADER.pack(MAGIC, VERSION, IMMUTABLE_SIZE, MARKS_OFFSET, MARK_SIZE,
                        provisioning.initial_life_cycle)
    body += _IDENTITY.pack(provisioning.huk, provisioning.attestation_private_key,
                           provisioning.attestation_public_key, provisioning.instance_id,
                           provisioning.implementation_id, provisioning.entropy_seed,
                           provisioning.decryption_algorithm, provisioning.decryption_key)
    for index in range(SETS):
        body += _pack_set(provisioning.anchor_sets, index)
    body = body.ljust(IMMUTABLE_SIZE - 4, b"\0")
    region = bytearray([erased]) * sector_size
    region[:IMMUTABLE_SIZE] = body + struct.pack("<I", zlib.crc32(body))
    for mark in provisioning.marks:
        start = MARKS_OFFSET + MARK_SIZE * mark
        region[start:start + MARK_SIZE] = bytes([erased ^ 0xFF]) * MARK_SIZE
    return bytes(region)


def parse(region: bytes, erased: int = 0xFF) -> Provisioning:
    """Reads a region back. Raises ValueError with the words that boot uses for the same refusal, and what to do."""
    if len(region) < REGION_SIZE:
        raise ValueError(f"size: provisioning region has {len(region)} bytes, expected {REGION_SIZE}")
    body = region[:IMMUTABLE_SIZE]
    if body in (bytes([erased]) * IMMUTABLE_SIZE, bytes(IMMUTABLE_SIZE)):
        raise ValueError("not provisioned: make a device with `./bz device new`")
    magic, version, size, marks_offset, mark_size, life_cycle = _HEADER.unpack_from(body)
    if magic != MAGIC:
        raise ValueError(f"magic: {magic:#010x}, expected {MAGIC:#010x}; this is no provisioning region")
    if version != VERSION:
        raise ValueError(f"version: {version}, expected {VERSION}; use the tools of the device's release")
    if (size, marks_offset, mark_size) != (IMMUTABLE_SIZE, MARKS_OFFSET, MARK_SIZE):
        raise ValueError(f"size: {size:#x}, {marks_offset:#x}, {mark_size} are not those of version 1")
    if zlib.crc32(body[:-4]) != struct.unpack_from("<I", body, IMMUTABLE_SIZE - 4)[0]:
        raise ValueError("crc: the region is damaged; a device cannot be repaired, make a new one")
    marks = _parse_marks(region, erased)
    provisioning = _parse_body(body, life_cycle, marks)
    if life_cycle not in LIFE_CYCLES:
        raise ValueError(f"life cycle: {life_cycle:#x} is unknown")
    _check_sets(provisioning.anchor_sets)
    return provisioning


def public_view(provisioning: Provisioning) -> dict[str, object]:
    """What may be shown of a device: no secret, nothing that one could be derived from."""
    revoked = [[provisioning.is_revoked(s, e) for e in range(len(anchor_set.anchors))]
               for s, anchor_set in enumerate(provisioning.anchor_sets)]
    return {
        "version": VERSION,
        "life_cycle": provisioning.life_cycle,
        "life_cycle_text": LIFE_CYCLES[provisioning.life_cycle],
        "instance_id": provisioning.instance_id.hex(),
        "implementation_id": provisioning.implementation_id.hex(),
        "attestation_public_key": provisioning.attestation_public_key.hex(),
        "decryption_algorithm": provisioning.decryption_algorithm,
        "trust_anchors": [
            {
                "image_id": anchor_set.image_id,
                "required": anchor_set.required,
                "keys": [{"algorithm": anchor.algorithm, "digest": anchor.digest.hex(), "revoked": flag}
                         for anchor, flag in zip(anchor_set.anchors, flags)],
            }
            for anchor_set, flags in zip(provisioning.anchor_sets, revoked)
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


def _check_sets(anchor_sets: list[AnchorSet]) -> None:
    if len(anchor_sets) > SETS:
        raise ValueError(f"trust anchors: {len(anchor_sets)} images, at most {SETS} have room")
    ids = [anchor_set.image_id for anchor_set in anchor_sets]
    if len(set(ids)) != len(ids):
        raise ValueError("trust anchors: two sets for one image")
    for anchor_set in anchor_sets:
        if not 0 <= anchor_set.image_id < SET_UNUSED:
            raise ValueError(f"trust anchors: image id {anchor_set.image_id} does not fit 32 bits")
        if not 1 <= len(anchor_set.anchors) <= ENTRIES:
            raise ValueError(f"trust anchors: image {anchor_set.image_id} has {len(anchor_set.anchors)} "
                             f"anchors, expected 1 to {ENTRIES}")
        if not 1 <= anchor_set.required <= len(anchor_set.anchors):
            raise ValueError(f"trust anchors: image {anchor_set.image_id} requires "
                             f"{anchor_set.required} of {len(anchor_set.anchors)} anchors")
        for anchor in anchor_set.anchors:
            if anchor.algorithm == 0 or len(anchor.digest) != 32:
                raise ValueError(f"trust anchors: image {anchor_set.image_id} has an anchor without an "
                                 "algorithm or with a digest that is not 32 bytes")


def _pack_set(anchor_sets: list[AnchorSet], index: int) -> bytes:
    if index >= len(anchor_sets):
        return _SET_HEADER.pack(SET_UNUSED, 0).ljust(SET_SIZE, b"\0")
    anchor_set = anchor_sets[index]
    packed = _SET_HEADER.pack(anchor_set.image_id, anchor_set.required)
    for anchor in anchor_set.anchors:
        packed += _ENTRY.pack(anchor.algorithm, anchor.digest)
    return packed.ljust(SET_SIZE, b"\0")


def _parse_body(body: bytes, life_cycle: int, marks: set[int]) -> Provisioning:
    (huk, private_key, public_key, instance_id, implementation_id, entropy_seed, decryption_algorithm,
     decryption_key) = _IDENTITY.unpack_from(body, _HEADER.size)
    sets = [_parse_set(body, _HEADER.size + _IDENTITY.size + SET_SIZE * index) for index in range(SETS)]
    used = [anchor_set for anchor_set in sets if anchor_set is not None]
    if sets[:len(used)] != used:
        raise ValueError("trust anchors: an unused set before a used one")
    return Provisioning(
        huk=huk, attestation_private_key=private_key, attestation_public_key=public_key,
        instance_id=instance_id, implementation_id=implementation_id, entropy_seed=entropy_seed,
        decryption_algorithm=decryption_algorithm, decryption_key=decryption_key,
        initial_life_cycle=life_cycle, anchor_sets=used, marks=marks)


def _parse_set(body: bytes, offset: int) -> AnchorSet | None:
    image_id, required = _SET_HEADER.unpack_from(body, offset)
    if image_id == SET_UNUSED:
        if any(body[offset + 4:offset + SET_SIZE]):
            raise ValueError("trust anchors: an unused set with content")
        return None
    anchors = []
    for index in range(ENTRIES):
        start = offset + _SET_HEADER.size + _ENTRY.size * index
        algorithm, digest = _ENTRY.unpack_from(body, start)
        if algorithm != 0:
            if len(anchors) != index:
                raise ValueError("trust anchors: an unused entry before a used one")
            anchors.append(Anchor(digest, algorithm))
        elif any(digest):
            raise ValueError("trust anchors: a digest without an algorithm")
    return AnchorSet(image_id, tuple(anchors), required)


def _parse_marks(region: bytes, erased: int) -> set[int]:
    clear = bytes([erased]) * MARK_SIZE
    starts = {mark: MARKS_OFFSET + MARK_SIZE * mark for mark in range(MARKS_USED)}
    return {mark for mark, start in starts.items() if region[start:start + MARK_SIZE] != clear}
