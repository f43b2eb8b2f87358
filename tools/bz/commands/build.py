"""`bz build`: builds and signs one variant, or writes the headers that a partition from outside the
tree is compiled with.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bz import variant as variants

SUMMARY = "build and sign the firmware"
EXAMPLES = [
    ("bz build", "the default product and variant"),
    ("bz build --product an521 --isolation 1 --profile small", "another variant"),
    ("bz build --extra-manifest-list L.yaml --manifest-headers DIR", "headers for partitions of L"),
    ("bz build --extra-manifest-list L.yaml --extra-archive N=N.a", "with partition N of L"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument(
        "--manifest-headers",
        type=Path,
        metavar="DIR",
        help="write DIR/psa_manifest/ only: what partitions from outside the tree are compiled "
        "with; needs no --extra-archive",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import build
    from bz.console import console, short

    if options.manifest_headers:
        return write_headers(options)
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


def write_headers(options: argparse.Namespace) -> int:
    from bz.console import console, short
    from gen.emit_headers import psa_manifest_headers
    from gen.output import write_files

    product = variants.load_product(
        options.product,
        options.isolation,
        options.profile,
        variants.extras_of(options),
        with_archives=False,
    )
    files = psa_manifest_headers(product)
    write_files(options.manifest_headers, files)
    if options.json:
        console.result(
            {"ok": True, "files": [str(options.manifest_headers / each) for each in files]}
        )
        return 0
    console.say(f"wrote {short(options.manifest_headers / 'psa_manifest')}/", "good")
    return 0
