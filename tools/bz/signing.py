"""Signs images with imgtool, so that the same source gives the same bits.

imgtool's own ECDSA nonces are random. So imgtool makes the digest, the signature over it is made
here with the nonce of RFC 6979, and imgtool puts it in (--fix-sig). The result is checked by an
independent reader before it is used.
"""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from bz import image, keys, paths, process
from bz.console import BzError
from gen import emit_build


def arguments(
    product: Any, described: Any, version: str | None = None, counter: int | None = None
) -> list[str]:
    """imgtool's arguments for one image of a product."""
    options = emit_build.imgtool_args(product, described)
    for name, value in (("--version", version), ("--security-counter", counter)):
        if value is not None:
            options[options.index(name) + 1] = str(value)
    return options


def find_image(product: Any, name: str) -> Any:
    for described in product.images:
        if described.name == name:
            return described
    raise BzError(
        f"product {product.name} has no image '{name}'",
        "choose one of: " + ", ".join(described.name for described in product.images),
    )


def sign_digest(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """A DER signature that depends on the key and the digest only (RFC 6979)."""
    return key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True))


def _imgtool(argv: list[str]) -> None:
    code, text = process.run([paths.python(), "-m", "imgtool.main", *argv])
    if code != 0:
        raise BzError(
            "imgtool could not sign the image",
            "see its message; the slot may be too small for the image",
            details=text,
        )


def sign(payload: Path, result: Path, options: list[str], key_path: Path) -> image.Image:
    """Sign a payload; `options` are imgtool's (see `arguments`). Returns what image.py reads."""
    if not payload.exists():
        raise BzError(f"there is no {payload}", "run ./bz build, or give the path of a payload")
    key = keys.load(key_path)
    with tempfile.TemporaryDirectory(prefix="bz-sign-") as name:
        folder = Path(name)
        public = folder / "public.pem"
        public.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        digest = folder / "digest.bin"
        _imgtool(["sign", *options, "--vector-to-sign", "digest", str(payload), str(digest)])
        signature = folder / "signature.b64"
        signature.write_bytes(base64.b64encode(sign_digest(key, digest.read_bytes())))
        made = folder / "image.bin"
        _imgtool(
            [
                "sign",
                *options,
                "--fix-sig",
                str(signature),
                "--fix-sig-pubkey",
                str(public),
                str(payload),
                str(made),
            ]
        )
        data = made.read_bytes()
    parsed = image.parse(data)
    fault = parsed.check() or (
        "" if parsed.values(image.TLV_PUBLIC_KEY) == [keys.public_der(key)] else "wrong key"
    )
    if fault:
        raise BzError(
            f"the image that imgtool made does not verify: {fault}",
            "report this with the versions that ./bz setup prints",
        )
    write(result, data)
    return parsed


def write(result: Path, data: bytes) -> None:
    """A file with these bytes, complete or not at all; never in the place of /dev/null."""
    if result.exists() and not result.is_file():
        raise BzError(f"{result} is no regular file", "choose another name for the result")
    result.parent.mkdir(parents=True, exist_ok=True)
    temporary = result.with_name(f".{result.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(data)
        temporary.replace(result)
    finally:
        temporary.unlink(missing_ok=True)


def sign_image(
    product: Any,
    name: str,
    payload: Path,
    result: Path,
    version: str | None = None,
    counter: int | None = None,
    key_path: Path | None = None,
) -> image.Image:
    """Sign a payload as one image of a product, with the developer's key unless one is given."""
    described = find_image(product, name)
    return sign(
        payload,
        result,
        arguments(product, described, version, counter),
        key_path or keys.path_of(described.key),
    )
