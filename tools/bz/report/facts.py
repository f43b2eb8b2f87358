"""Collects what the page tells, from the product, the built images and the last measurement.

Called by commands/report.py after a build; page.py renders the result. The same source, keys and
measurement give the same facts: no time, no path of the machine, no state of a device.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bz import bench, device, image, provisioning, size
from bz.report import areas
from bz.report.areas import Area
from bz.report.elf import Elf
from bz.report.rights import Rights
from bz.variant import Variant
from gen.model import Product

SEED = 1  # of a device whose anchors are read and whose secrets nobody sees


@dataclass(frozen=True)
class ImageFacts:
    """A signed image, as boot will find it in its slot."""

    name: str
    world: str
    version: str
    security_counter: int | None
    key: str
    key_digest: str
    digest: str
    size: int
    slot_size: int


@dataclass(frozen=True)
class Report:
    """Everything that the page shows."""

    product: Product
    variant: str
    flash: Area
    memories: list[Area]
    devices: list[Area]
    rights: Rights
    images: list[ImageFacts]
    anchors: list[dict[str, Any]]  # as provisioning.public_view() tells them
    life_cycle: str
    sizes: dict[str, dict[str, Any]]  # by image: size.measure() and "libraries"
    budgets: list[size.Budget]
    costs: dict[str, Any] | None  # the last `bz bench` of the variant
    bench_command: str


def collect(variant: Variant) -> Report:
    """The facts of a variant that is built."""
    product = variant.product
    secure = Elf(variant.elf("secure"))
    boot, application = Elf(variant.boot_elf), Elf(variant.elf("non-secure"))
    signed = {each.name: variant.signed(each.world) for each in product.images}
    view = provisioning.public_view(device.new_provisioning(product, SEED, variant.key_folder))
    return Report(
        product=product,
        variant=f"{variant.product_name}-i{variant.isolation}-{variant.profile}",
        flash=areas.flash(product, secure, signed),
        memories=areas.memories(product, boot, secure, application),
        devices=_devices(product),
        rights=Rights(product, secure),
        images=[_image(each, signed[each.name]) for each in product.images],
        anchors=list(view["trust_anchors"]),  # type: ignore[call-overload]
        life_cycle=str(view["life_cycle_text"]),
        sizes=_sizes(variant),
        budgets=size.budgets(variant),
        costs=bench.last_result(variant),
        bench_command=_bench_command(variant),
    )


def _image(described: Any, signed: Path) -> ImageFacts:
    held = image.parse(signed.read_bytes())
    public = held.values(image.TLV_PUBLIC_KEY)
    return ImageFacts(
        name=described.name,
        world=described.world,
        version=held.version,
        security_counter=held.security_counter,
        key=described.key,
        key_digest=hashlib.sha256(public[0]).hexdigest() if public else "",
        digest=held.digest.hex(),
        size=held.size,
        slot_size=described.slot_size,
    )


def _devices(product: Product) -> list[Area]:
    """Device registers that a partition has, then those that the product names."""
    found: dict[tuple[int, int], Area] = {}
    for partition in product.partitions:
        for each in partition.peripherals:
            found[each.base, each.size] = Area(each.name, each.base, each.size, partition.name)
    for each in product.peripherals:
        named = Area(each.name, each.base, each.size, areas.MANAGER)
        found.setdefault((each.base, each.size), named)
    return sorted(found.values(), key=lambda each: each.start)


def _sizes(variant: Variant) -> dict[str, dict[str, Any]]:
    images = {
        "boot": variant.boot_elf,
        **{each.name: variant.elf(each.world) for each in variant.product.images},
    }
    return {
        name: {**size.measure(path), "libraries": size.libraries(path)}
        for name, path in images.items()
    }


def _bench_command(variant: Variant) -> str:
    declared = Path(variant.declaration)
    product = declared.name if declared.is_absolute() else variant.declaration
    more = " and the same --extra options" if variant.extras.suffix else ""
    return (
        f"./bz bench --product {product} --isolation {variant.isolation} "
        f"--profile {variant.profile}{more}"
    )
