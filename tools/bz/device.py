"""Device files: the flash content of an emulated board, in one file of the board's flash size.

`bz device`, `bz run` and the tests make, fill and decode them here. A device file is locked while it is written, so it
never changes under an emulator. Secrets go from here into the provisioning region and are never printed or returned.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bz import counters, image, keys, provisioning
from bz.console import BzError
from bz.emulator import Board, lock_device
from bz.signing import find_image

_CHUNK = 1 << 20
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Randomness:
    """Random bytes: the system's, or a repeatable stream from a seed (for tests only)."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._used = 0

    def bytes(self, count: int) -> bytes:
        if self._seed is None:
            return os.urandom(count)
        self._used += 1
        return hashlib.shake_256(f"bz device {self._seed} {self._used}".encode()).digest(count)

    def scalar(self) -> int:
        """A P-256 private key."""
        while True:
            value = int.from_bytes(self.bytes(32), "big")
            if 0 < value < _P256_ORDER:
                return value


def find_region(product: Any, name: str) -> Any:
    for region in product.regions:
        if region.name == name:
            return region
    raise BzError(f"product {product.name} has no flash region '{name}'",
                  "choose one of: " + ", ".join(region.name for region in product.regions))


# --- files ----------------------------------------------------------------------------------------

def create(path: Path, product: Any, seed: int | None = None, force: bool = False,
           provisioned: bool = True) -> None:
    """Make a device file: erased flash with the provisioning region filled in."""
    path = Path(path)
    if path.exists():
        if not force:
            raise BzError(f"{path} exists already", "choose another name, or add --force to replace it: "
                          "its secrets, counters and stored data are then gone")
        if path.is_file():
            lock_device(path).close()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            chunk = bytes([product.flash.erased]) * _CHUNK
            for start in range(0, product.flash.size, _CHUNK):
                out.write(chunk[:product.flash.size - start])
            if provisioned:
                out.seek(find_region(product, "provisioning").offset)
                out.write(provisioning.pack(new_provisioning(product, Randomness(seed))))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check(path: Path, product: Any) -> None:
    """Refuse a file that is not there or not of this product's size."""
    if not path.is_file():
        raise BzError(f"there is no device file {path}", f"run ./bz device new {path}")
    size = path.stat().st_size
    if size != product.flash.size:
        raise BzError(f"{path} has {size} bytes, the flash of product {product.name} has {product.flash.size}",
                      "choose the right --product, or make a new file with ./bz device new")


def read(path: Path, product: Any, offset: int, size: int) -> bytes:
    check(path, product)
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)


@contextmanager
def writing(path: Path, product: Any) -> Iterator[Any]:
    """The file, open for writing and locked against emulators and other commands."""
    check(path, product)
    with lock_device(path, Board.of(product)) as file:
        yield file


def write(path: Path, product: Any, offset: int, data: bytes) -> None:
    """Change bytes as no flash controller would: for factories and for tests that tamper."""
    if offset < 0 or offset + len(data) > product.flash.size:
        raise BzError(f"{len(data)} bytes at {offset:#x} exceed the flash", "use an offset inside the flash")
    with writing(path, product) as file:
        file.seek(offset)
        file.write(data)


def erase(path: Path, product: Any, offset: int, size: int) -> None:
    write(path, product, offset, bytes([product.flash.erased]) * size)


# --- images ---------------------------------------------------------------------------------------

def slot_of(product: Any, name: str, secondary: bool = False) -> tuple[int, int]:
    """Offset and size of an image's slot."""
    found = find_image(product, name)
    if secondary:
        return found.secondary_offset, found.secondary_size
    return found.slot_offset, found.slot_size


def write_image(path: Path, product: Any, name: str, data: bytes, secondary: bool = False) -> None:
    """Put a signed image into its slot; the rest of the slot is erased."""
    offset, size = slot_of(product, name, secondary)
    if len(data) > size:
        raise BzError(f"the image has {len(data)} bytes, the slot of '{name}' has {size}",
                      "make the image smaller, or its slot larger in the product file")
    write(path, product, offset, data + bytes([product.flash.erased]) * (size - len(data)))


def update_images(path: Path, product: Any, images: dict[str, bytes]) -> list[str]:
    """Write the images that the primary slots do not hold yet; returns their names. All else stays."""
    changed = []
    for name, data in images.items():
        if read(path, product, slot_of(product, name)[0], len(data)) != data:
            write_image(path, product, name, data)
            changed.append(name)
    return changed


# --- provisioning ---------------------------------------------------------------------------------

def new_provisioning(product: Any, random: Randomness) -> provisioning.Provisioning:
    """A new device's secrets and identity, with the developer's keys as its trust anchors."""
    huk, attestation = random.bytes(32), random.scalar()
    public = ec.derive_private_key(attestation, ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    kind = f"bartizan {product.platform} {product.name}"
    return provisioning.Provisioning(
        life_cycle=provisioning.LIFE_CYCLE_SECURED,
        huk=huk,
        attestation_private_key=attestation.to_bytes(32, "big"),
        attestation_public_key=public,
        implementation_id=hashlib.sha256(kind.encode()).digest(),
        entropy_seed=random.bytes(64),
        decryption_key=keys.private_scalar(keys.path_of(keys.IMAGE_ENCRYPTION)),
        anchors={described.id: [keys.digest(keys.path_of(described.key))] for described in product.images},
    )
