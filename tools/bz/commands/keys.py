"""`bz keys`: makes the developer's signing keys and shows the digests of all."""

from __future__ import annotations

import argparse

from bz import variant as variants

SUMMARY = "make the signing keys of this checkout and show their digests"
EXAMPLES = [
    ("bz keys", "make those that are missing, show all"),
    (
        "bz keys --force secure_signing",
        "replace one; devices that trust the old one refuse new images",
    ),
    ("bz keys --json", "digests for a script"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help="only these keys (default: all of the product)")
    parser.add_argument(
        "--force", action="store_true", help="replace keys that exist; the old ones are lost"
    )
    variants.add_options(parser, full=False)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import keys
    from bz.console import BzError, console, short

    known = keys.names_of(variants.from_options(options).product)
    if unknown := [name for name in options.name if name not in known]:
        raise BzError(
            f"product {options.product} uses no key '{unknown[0]}'",
            "choose from: " + ", ".join(known),
        )
    result = []
    for name in options.name or known:
        path = keys.path_of(name)
        is_new = options.force or not path.exists()
        if is_new:
            keys.make(path, options.force)
        result.append(
            {"name": name, "file": str(path), "new": is_new, "sha256": keys.digest(path).hex()}
        )
    if options.json:
        console.result({"ok": True, "keys": result})
        return 0
    for key, name in zip(result, options.name or known, strict=True):
        console.say(
            f"{short(keys.path_of(name)):<32} {'made' if key['new'] else 'kept'}"
            f"  sha256 {key['sha256']}"
        )
    return 0
