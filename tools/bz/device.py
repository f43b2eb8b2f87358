"""Device files: the flash content of an emulated board, in one file of the board's flash size.

`bz device`, `bz run` and the tests make, fill and decode them here. A device file is locked
while it is written, so it never changes under an emulator. Secrets go from here into the
provisioning region and are never printed or returned.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bz import counters, image, keys, provisioning
from bz.console import BzError
from bz.emulator import Board, lock_device
from bz.signing import find_image

_CHUNK = 1 << 20


def find_region(product: Any, name: str) -> Any:
    for region in product.regions:
        if region.name == name:
            return region
    raise BzError(
        f"product {product.name} has no flash region '{name}'",
        "choose one of: " + ", ".join(region.name for region in product.regions),
    )


# --- files ----------------------------------------------------------------------------------------


def create(
    path: Path,
    product: Any,
    seed: int | None = None,
    force: bool = False,
    provisioned: bool = True,
    key_folder: Path | None = None,
) -> None:
    """Make a device file: erased flash with the provisioning region filled in."""
    path = Path(path)
    if seed is not None and product.release:
        raise BzError(
            f"{product.name} is a release product: its devices have secrets, not a seed",
            "leave out --seed, or use a product without release = true",
        )
    check_new(path, force)
    region = None
    if provisioned:
        region = pack_provisioning(product, new_provisioning(product, seed, key_folder))
    write_new(path, product, region)


def check_new(path: Path, force: bool) -> None:
    """Refuse to make a file where one is, unless forced; never one that an emulator uses."""
    if not path.exists():
        return
    if not path.is_file():
        raise BzError(f"{path} is no regular file", "choose another name")
    if not force:
        raise BzError(
            f"{path} exists already",
            "choose another name, or add --force to replace it: "
            "its secrets, counters and stored data are then gone",
        )
    lock_device(path).close()


def write_new(path: Path, product: Any, region: bytes | None) -> None:
    """A file of erased flash with this provisioning region; complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)  # of a process that was killed; or a link of somebody else's
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as out:
            chunk = bytes([product.flash.erased]) * _CHUNK
            for start in range(0, product.flash.size, _CHUNK):
                out.write(chunk[: product.flash.size - start])
            if region is not None:
                out.seek(find_region(product, "provisioning").offset)
                out.write(region)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check(path: Path, product: Any) -> None:
    """Refuse a file that is not there or not of this product's size."""
    if not path.is_file():
        raise BzError(f"there is no device file {path}", f"run ./bz device new {path}")
    size = path.stat().st_size
    if size != product.flash.size:
        raise BzError(
            f"{path} has {size} bytes, the flash of {product.name} has {product.flash.size}",
            "choose the right --product, or make a new file with ./bz device new",
        )


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
        raise BzError(
            f"{len(data)} bytes at {offset:#x} exceed the flash", "use an offset inside the flash"
        )
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
        raise BzError(
            f"the image has {len(data)} bytes, the slot of '{name}' has {size}",
            "make the image smaller, or its slot larger in the product file",
        )
    write(path, product, offset, data + bytes([product.flash.erased]) * (size - len(data)))


def update_images(path: Path, product: Any, images: dict[str, bytes]) -> list[str]:
    """Write the images that the primary slots do not hold yet; returns their names."""
    changed = []
    for name, data in images.items():
        if read(path, product, slot_of(product, name)[0], len(data)) != data:
            write_image(path, product, name, data)
            changed.append(name)
    return changed


# --- provisioning ---------------------------------------------------------------------------------


def new_provisioning(
    product: Any, seed: int | None = None, key_folder: Path | None = None
) -> provisioning.Provisioning:
    """A new device's secrets and identity, with the developer's keys as its trust anchors."""
    anchors = {
        described.id: [keys.digest(keys.path_of(described.key, key_folder))]
        for described in product.images
    }
    made = provisioning.generate(anchors, seed)
    made.decryption_key = keys.private_scalar(keys.path_of(keys.IMAGE_ENCRYPTION, key_folder))
    return made


def pack_provisioning(product: Any, held: provisioning.Provisioning) -> bytes:
    return provisioning.pack(held, product.flash.sector_size, product.flash.erased)


def read_provisioning(path: Path, product: Any) -> provisioning.Provisioning:
    """What the device holds, secrets included."""
    region = find_region(product, "provisioning")
    try:
        return provisioning.parse(
            read(path, product, region.offset, region.size), product.flash.erased
        )
    except ValueError as error:
        raise BzError(
            f"{path}: {error}",
            f"make a new device: ./bz device new --force {path}, or ./bz run --fresh",
        ) from error


def untrusted_keys(path: Path, product: Any) -> list[str]:
    """Names of the images whose developer key the device does not trust (any more)."""
    sets = _standing_anchors(read_provisioning(path, product))
    return [
        described.name
        for described in product.images
        if keys.digest(keys.path_of(described.key)) not in sets.get(described.id, [])
    ]


# --- what a device tells --------------------------------------------------------------------------


def describe(path: Path, product: Any) -> dict[str, Any]:
    """Everything public about a device: never a secret."""
    from bz import store_view  # which reads device files with this module

    held = read_provisioning(path, product)
    trusted = _standing_anchors(held)
    return {
        "file": str(path),
        "product": product.name,
        "provisioning": provisioning.public_view(held),
        "counters": _counters(path, product),
        "slots": [
            _slot(path, product, described, secondary, trusted.get(described.id, []))
            for described in product.images
            for secondary in (False, True)
        ],
        "stores": store_view.describe_all(path, product, store_view.regions(product)),
    }


def _standing_anchors(held: provisioning.Provisioning) -> dict[int, list[bytes]]:
    """The trust anchors that are not revoked, by image id."""
    return {
        image_id: [each for entry, each in enumerate(anchors) if not held.is_revoked(number, entry)]
        for number, (image_id, anchors) in enumerate(held.anchors.items())
    }


def _counters(path: Path, product: Any) -> dict[str, Any]:
    region = find_region(product, "counters")
    try:
        values = counters.read(
            read(path, product, region.offset, region.size),
            product.flash.sector_size,
            product.flash.program_unit,
            product.flash.erased,
        )
    except counters.CountersError as error:
        return {"error": str(error)}
    return {
        "boots": values.get(counters.ID_BOOT, 0),
        "security": {
            described.name: values.get(counters.ID_FIRST_IMAGE + described.id, 0)
            for described in product.images
        },
    }


def _slot(
    path: Path, product: Any, described: Any, secondary: bool, anchors: list[bytes]
) -> dict[str, Any]:
    offset, size = slot_of(product, described.name, secondary)
    slot: dict[str, Any] = {
        "image": described.name,
        "slot": "secondary" if secondary else "primary",
        "offset": offset,
        "size": size,
    }
    try:
        found = image.parse(read(path, product, offset, size))
    except image.ImageError as error:
        return slot | {"state": str(error)}
    fault = found.check()
    if not fault and not set(found.signer_ids) <= set(anchors):
        fault = "signed with a key that the device does not trust"
    return slot | {
        "state": fault or "verified",
        "version": found.version,
        "security_counter": found.security_counter,
        "sha256": found.digest.hex(),
        "signers": [signer.hex() for signer in found.signer_ids],
        "image_size": found.size,
    }
