"""`bz store check FILE`: verifies the stores of a device file, with a reader that shares no code with
the firmware."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bz import variant as variants

SUMMARY = "check the stores of a device file: structure, objects, space, wear"
EXAMPLES = [
    ("bz store check my.bin", "one line for each store, then what is wrong and what to do"),
    ("bz store check my.bin --region its", "one of them"),
    ("bz store check my.bin --json", "everything, the list of objects too, for a script"),
]
_LINES = 15  # of findings, without --all: all stores and what to do fit a screen too
_STYLES = {"sound": "good", "new": "", "reserved": "dim"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="check", required=True)
    check = actions.add_parser(
        "check",
        help="verify the structure of all stores",
        description="Verify the structure of the stores of a device file; exit code 1 if anything "
        "is not as docs/formats/store.md says.",
        allow_abbrev=False,
        epilog="example:  bz store check my.bin --region its",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="device file")
    check.add_argument("--region", metavar="NAME", help="only this one, such as its or ps")
    check.add_argument("--all", action="store_true", help="every finding, however many")
    variants.add_options(check)
    check.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import store_view
    from bz.console import console

    product = variants.from_options(options).product
    names = store_view.chosen(product, options.region)
    told = store_view.describe_all(options.file, product, names)
    is_good = store_view.is_good(told)
    if options.json:
        console.result({"ok": is_good, "file": str(options.file), "stores": told})
        return 0 if is_good else 1
    if not told:
        console.say(f"{product.name} has no region that is a store")
    for each in told:
        line = f"{each['region']:<16} {store_view.summary(each)}"
        console.say(line, _STYLES.get(each["state"], "bad"))
    lines = [line for each in told for line in _findings(each)]
    for line in store_view.cut(lines, _LINES, options.all):
        console.say(line)
    for severity, step in store_view.next_steps(told).items():
        console.say(f"next, {severity}: {step}")
    return 0 if is_good else 1


def _findings(told: dict[str, Any]) -> list[str]:
    return [
        f"{told['region']} at {each['offset']:#07x} (file {each['file_offset']:#08x}), "
        f"{each['severity']}: {each['what']}"
        for each in told["findings"]
    ]
