"""`bz build`: builds and signs one variant."""

from __future__ import annotations

import argparse
import time

from bz import variant as variants

SUMMARY = "build and sign the firmware"
EXAMPLES = [
    ("bz build", "the default product and variant"),
    ("bz build --product an521 --isolation 1 --profile small", "another variant"),
    ("bz build --extra-manifest-list L.yaml --extra-archive N=N.a", "with partition N of L"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import build
    from bz.console import console, short

    started = time.monotonic()
    variant = variants.from_options(options)
    build.build(variant)
    seconds = time.monotonic() - started
    signed = {
        described.name: variant.signed(described.world) for described in variant.product.images
    }
    if options.json:
        console.result(
            {
                "ok": True,
                "variant": variant.name,
                "directory": str(variant.directory),
                "boot": str(variant.boot_elf),
                "seconds": round(seconds, 2),
                "images": {name: str(path) for name, path in signed.items()},
            }
        )
        return 0
    console.say(f"built {variant.name} in {seconds:.1f} s", "good")
    for path in (variant.boot_elf, *signed.values()):
        console.say(f"  {short(path)}")
    return 0
