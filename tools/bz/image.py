"""Reads a signed image in the MCUboot format and checks its signature, independently of imgtool
and of boot.

Used by `device info`, by signing (to check what imgtool made) and by tests that break images on
purpose. It never writes, and never trusts a length without comparing it with what is there.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

MAGIC = 0x96F3B83D
HEADER = struct.Struct("<IIHHIIBBHII")
TLV_INFO = struct.Struct("<HH")
PROTECTED_MAGIC = 0x6908
UNPROTECTED_MAGIC = 0x6907
TLV_PUBLIC_KEY = 0x02
TLV_SHA256 = 0x10
TLV_ECDSA = 0x22
TLV_SECURITY_COUNTER = 0x50


class ImageError(ValueError):
    """The bytes are no well-formed image; the text says what is wrong."""


@dataclass(frozen=True)
class Tlv:
    kind: int
    value: bytes
    offset: int  # of the TLV's own header, from the start of the image
    protected: bool


@dataclass(frozen=True)
class Image:
    header_size: int
    payload_size: int
    flags: int
    version: str
    digest: bytes  # computed, over header, payload and protected TLVs
    tlvs: list[Tlv]
    size: int  # bytes from the header to the end of the last TLV

    def values(self, kind: int) -> list[bytes]:
        return [tlv.value for tlv in self.tlvs if tlv.kind == kind]

    @property
    def security_counter(self) -> int | None:
        protected = [
            tlv.value for tlv in self.tlvs if tlv.kind == TLV_SECURITY_COUNTER and tlv.protected
        ]
        return (
            int.from_bytes(protected[0], "little") if protected and len(protected[0]) == 4 else None
        )

    @property
    def signer_ids(self) -> list[bytes]:
        """SHA-256 of each public key that the image carries."""
        return [hashlib.sha256(value).digest() for value in self.values(TLV_PUBLIC_KEY)]

    def check(self) -> str:
        """What is wrong; empty if the digest and every signature are right."""
        if self.values(TLV_SHA256) != [self.digest]:
            return "digest does not match"
        pairs, key = 0, None
        for tlv in self.tlvs:
            if tlv.kind == TLV_PUBLIC_KEY:
                key = tlv.value
            elif tlv.kind == TLV_ECDSA:
                if key is None or not verifies(key, tlv.value, self.digest):
                    return "signature does not verify"
                pairs, key = pairs + 1, None
        return "" if pairs else "no signature"


def verifies(public_der: bytes, signature: bytes, digest: bytes) -> bool:
    """Whether an ECDSA P-256 signature over a SHA-256 digest is good."""
    try:
        key = serialization.load_der_public_key(public_der)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
            key.curve, ec.SECP256R1
        ):
            return False
        key.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def parse(data: bytes) -> Image:
    """Decode an image at the start of `data` (a file, or a whole slot)."""
    if len(data) < HEADER.size:
        raise ImageError("too short for a header")
    (
        magic,
        _,
        header_size,
        protected_size,
        payload_size,
        flags,
        major,
        minor,
        revision,
        build,
        _,
    ) = HEADER.unpack_from(data)
    if magic == 0xFFFFFFFF:
        raise ImageError("empty")
    if magic != MAGIC:
        raise ImageError(f"no image (magic {magic:#010x})")
    end = header_size + payload_size
    if header_size < HEADER.size or end + protected_size > len(data):
        raise ImageError("sizes in the header exceed the slot")
    tlvs: list[Tlv] = []
    position = end
    if protected_size:
        position = _walk(data, position, PROTECTED_MAGIC, tlvs)
        if position - end != protected_size:
            raise ImageError("the protected TLV area has another size than the header says")
    digest = hashlib.sha256(data[:position]).digest()
    position = _walk(data, position, UNPROTECTED_MAGIC, tlvs)
    version = f"{major}.{minor}.{revision}" + (f"+{build}" if build else "")
    return Image(header_size, payload_size, flags, version, digest, tlvs, position)


def _walk(data: bytes, start: int, magic: int, tlvs: list[Tlv]) -> int:
    if start + TLV_INFO.size > len(data):
        raise ImageError("the TLV area exceeds the slot")
    found, total = TLV_INFO.unpack_from(data, start)
    if found != magic:
        raise ImageError(f"TLV area magic is {found:#06x}, not {magic:#06x}")
    end, position = start + total, start + TLV_INFO.size
    if end > len(data):
        raise ImageError("the TLV area exceeds the slot")
    while position < end:
        if position + TLV_INFO.size > end:
            raise ImageError("a TLV is cut off")
        kind, length = TLV_INFO.unpack_from(data, position)
        value = data[position + TLV_INFO.size : position + TLV_INFO.size + length]
        if position + TLV_INFO.size + length > end:
            raise ImageError(f"TLV {kind:#06x} exceeds its area")
        tlvs.append(Tlv(kind, value, position, magic == PROTECTED_MAGIC))
        position += TLV_INFO.size + length
    return end
