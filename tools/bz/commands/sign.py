"""`bz sign`: signs one payload as an image of a product."""

from __future__ import annotations

import argparse
from pathlib import Path

from bz import variant as variants

SUMMARY = "sign a payload as an image of a product"
EXAMPLES = [
    (
        "bz sign app.bin --image nonsecure --out app.signed",
        "with the product's version and counter",
    ),
    (
        "bz sign app.bin --image nonsecure --out app.signed --version 1.2.0 --security-counter 2",
        "with others",
    ),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("payload", type=Path, help="the program, a raw binary without header")
    parser.add_argument(
        "--image", required=True, metavar="NAME", help="image of the product: secure, nonsecure"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the signed image")
    parser.add_argument(
        "--version", metavar="V", help="major.minor.revision (default: the product's)"
    )
    parser.add_argument(
        "--security-counter",
        type=int,
        metavar="N",
        help="roll-back counter (default: the product's)",
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="another private key than keys/<key of the image>.pem",
    )
    variants.add_options(parser, full=False)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import keys, signing
    from bz.console import console

    product = variants.from_options(options).product
    if options.key is None:
        keys.ensure(product)
    made = signing.sign_image(
        product,
        options.image,
        options.payload,
        options.out,
        options.version,
        options.security_counter,
        options.key,
    )
    if options.json:
        console.result(
            {
                "ok": True,
                "file": str(options.out),
                "image": options.image,
                "version": made.version,
                "security_counter": made.security_counter,
                "sha256": made.digest.hex(),
                "signer": made.signer_ids[0].hex(),
                "size": made.size,
            }
        )
        return 0
    console.say(
        f"signed {options.out}: image {options.image}, version {made.version}, "
        f"counter {made.security_counter}, {made.size} bytes",
        "good",
    )
    console.say(f"  sha256 {made.digest.hex()}\n  signer {made.signer_ids[0].hex()}")
    return 0
