"""`bz fault decode FILE`: function, file and line for the faults in a device file or a log."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bz import variant as variants

SUMMARY = "find the source lines of the faults in a device file or in a captured log"
EXAMPLES = [
    ("bz fault decode my.bin", "all faults in a device's log"),
    ("bz fault decode console.txt", "in the captured output of a device"),
    ("bz fault decode - < console.txt", "the same, from standard input"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="decode", required=True)
    decode = actions.add_parser(
        "decode",
        help="add function, file and line",
        description="Add function, file and line to the faults in a device file or a log.",
        allow_abbrev=False,
        epilog="example:  bz fault decode console.txt",
    )
    decode.add_argument(
        "file", metavar="FILE", help="device file, text file, or - for standard input"
    )
    decode.add_argument(
        "--elf",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="look into this ELF file too, before those of the build",
    )
    variants.add_options(decode)
    decode.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import fault
    from bz.console import console

    variant = variants.from_options(options)
    elves = options.elf + fault.elf_files(variant)
    path = Path(options.file)
    if options.file != "-" and path.is_file() and path.stat().st_size == variant.product.flash.size:
        records = fault.of_device(path, variant.product)
        lines = [line for record in records for line in record.text.splitlines()]
        places = [place for record in records for place in fault.places_of(record, elves)]
    else:
        lines = fault.text_of_log(_read_text(path))
        places = fault.places_in_text(lines, elves)
    if options.json:
        console.result({"ok": True, "lines": lines, "places": [vars(place) for place in places]})
        return 0
    if not lines:
        console.say("it tells of no fault")
    for line in [*lines, *(str(place) for place in places)]:
        console.say(line)
    return 0


def _read_text(path: Path) -> list[str]:
    if str(path) == "-":
        return sys.stdin.read().splitlines()
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
