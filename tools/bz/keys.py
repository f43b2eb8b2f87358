"""The developer's signing keys, in keys/ of the checkout (never committed).

One ECDSA P-256 key per image key of a product, and one for image decryption. Used by build, run,
sign and device. It never overwrites a key unless told to, and never prints a private one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bz import paths
from bz.console import BzError

IMAGE_ENCRYPTION = "image_encryption"


def path_of(name: str, folder: Path | None = None) -> Path:
    return (folder or paths.KEYS) / f"{name}.pem"


def names_of(product: Any) -> list[str]:
    """Every key that a product needs, in the order of its images."""
    return [*dict.fromkeys(image.key for image in product.images), IMAGE_ENCRYPTION]


def make(path: Path, force: bool = False, scalar: int | None = None) -> None:
    """Write a new private key, readable by its owner only; complete or not at all.

    scalar: None for a key that nobody knows; a number where the key need not be secret.
    """
    if path.exists() and not force:
        raise BzError(
            f"{path} exists already",
            "keep it, or add --force to replace it: devices made with the old "
            "key then refuse images signed with the new one",
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    curve = ec.SECP256R1()
    key = ec.generate_private_key(curve) if scalar is None else ec.derive_private_key(scalar, curve)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    temporary = path.with_suffix(f".{os.getpid()}.new")
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as out:
            out.write(pem)
        if force:
            temporary.replace(path)
        else:
            with contextlib.suppress(
                FileExistsError
            ):  # somebody else made it at the same time: theirs stays
                os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def ensure(product: Any, folder: Path | None = None) -> list[Path]:
    """Make the keys of a product that are missing; returns those that were made."""
    made = []
    for name in names_of(product):
        path = path_of(name, folder)
        if not path.exists():
            make(path)
            made.append(path)
    return made


def make_known(product: Any, folder: Path) -> None:
    """Keys that follow from their names, so that measured images are the same everywhere. They
    protect nothing, and no device but one made with them trusts them."""
    if folder == paths.KEYS:
        raise ValueError("the developer's keys are never replaced by known ones")
    for name in names_of(product):
        scalar = int.from_bytes(hashlib.sha256(f"bartizan bench key {name}".encode()).digest())
        make(path_of(name, folder), force=True, scalar=scalar >> 1)


def load(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        raise BzError(f"there is no key {path}", "run ./bz keys")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise BzError(
            f"{path} is not an unencrypted private key in PEM form",
            "give the private half of a signing key, as openssl genpkey or imgtool keygen makes it",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BzError(
            f"{path} is not an ECDSA P-256 key", "only this algorithm is supported: use a P-256 key"
        )
    return key


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The DER SubjectPublicKeyInfo: what an image carries."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def digest(path: Path) -> bytes:
    """SHA-256 of the public key: what a trust anchor holds."""
    return hashlib.sha256(public_der(load(path))).digest()


def private_scalar(path: Path) -> bytes:
    return load(path).private_numbers().private_value.to_bytes(32, "big")
