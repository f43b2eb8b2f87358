"""`bz device new` and `bz device info`: makes device files and tells what one holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bz import variant as variants

SUMMARY = "make a device file, or tell what one holds"
EXAMPLES = [
    ("bz device new my.bin", "a new device with secrets of its own, its slots empty"),
    ("bz device new my.bin --images", "and with the signed images of the default variant in them"),
    ("bz device info my.bin", "identity, life cycle, counters, slots, stores; never a secret"),
    ("bz device info my.bin --all", "and every object of the stores"),
    ("bz device info my.bin --json", "the same for a script"),
]
OBJECTS_SHOWN = 8  # of each store, without --all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="new|info", required=True)
    new = actions.add_parser(
        "new",
        help="make a device file",
        description="Make a device file.",
        allow_abbrev=False,
        epilog="example:  bz device new my.bin --product an521",
    )
    new.add_argument("file", type=Path)
    new.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="secrets from a number: for tests, such a device has none",
    )
    new.add_argument("--force", action="store_true", help="replace a file that exists")
    new.add_argument(
        "--images", action="store_true", help="build, and put the signed images into the slots"
    )
    info = actions.add_parser(
        "info",
        help="tell what a device file holds",
        allow_abbrev=False,
        description="Tell what a device file holds: never a secret.",
        epilog="example:  bz device info my.bin --json",
    )
    info.add_argument("file", type=Path)
    info.add_argument("--all", action="store_true", help="every object of the stores")
    for action, full in ((new, True), (info, False)):
        variants.add_options(action, full)
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    return new_device(options) if options.action == "new" else show_device(options)


def new_device(options: argparse.Namespace) -> int:
    from bz import build, device, keys
    from bz.console import console

    variant = variants.from_options(options)
    keys.ensure(variant.product)
    if options.images:
        build.build(variant)
    device.create(options.file, variant.product, options.seed, options.force)
    if options.images:
        device.update_images(
            options.file,
            variant.product,
            {each.name: variant.signed(each.world).read_bytes() for each in variant.product.images},
        )
    made = device.describe(options.file, variant.product)
    if options.json:
        console.result({"ok": True, **made})
        return 0
    console.say(
        f"made {options.file}: device {made['provisioning']['instance_id']}, "
        f"{made['provisioning']['life_cycle_text']}",
        "good",
    )
    return 0


def show_device(options: argparse.Namespace) -> int:
    from bz import device
    from bz.console import console

    found = device.describe(options.file, variants.from_options(options).product)
    if options.json:
        console.result({"ok": True, **found})
        return 0
    held: dict[str, Any] = found["provisioning"]
    console.say(
        f"device         {held['instance_id']}\nproduct        {found['product']}\n"
        f"implementation {held['implementation_id']}\n"
        f"life cycle     {held['life_cycle_text']} ({held['life_cycle']:#06x})"
    )
    for anchors in held["trust_anchors"]:
        for key in anchors["keys"]:
            console.say(
                f"trust anchor   image {anchors['image_id']}: {key['digest']}"
                + (" REVOKED" if key["revoked"] else "")
            )
    counted = found["counters"]
    if "error" in counted:
        console.say(f"counters       {counted['error']}", "bad")
    else:
        console.say(
            f"counters       {counted['boots']} boots, security: "
            + ", ".join(f"{name} {value}" for name, value in counted["security"].items())
        )
    for slot in found["slots"]:
        text = (
            f"slot           {slot['image']} {slot['slot']} at {slot['offset']:#x}: {slot['state']}"
        )
        if "version" in slot:
            text += (
                f", version {slot['version']}, counter {slot['security_counter']}, "
                f"{slot['image_size']} bytes\n               sha256 {slot['sha256']}"
            )
        console.say(text)
    for store in found["stores"]:
        show_store(store, options.all)
    return 0


def show_store(told: dict[str, Any], everything: bool) -> None:
    """Metadata of the objects only; `bz store check` tells what is wrong."""
    from bz import store_view
    from bz.console import console

    style = "bad" if told["findings"] else ""
    console.say(f"store          {told['region']}: {store_view.summary(told)}", style)
    is_listed = told["region"] not in store_view.COMPANIONS.values()  # another one lists these
    lines = [store_view.object_line(each) for each in told["objects"] if is_listed]
    for line in store_view.cut(lines, OBJECTS_SHOWN, everything):
        console.say(f"               {line}")
    if told["findings"]:
        console.say("               see ./bz store check")
