"""`bz why-reset DEVICE`: the last fault of a device, from its fault log, with the emulator off."""

from __future__ import annotations

import argparse
from pathlib import Path

from bz import variant as variants

SUMMARY = "tell the last fault of a device: who tried what, where, and what it lacked"
EXAMPLES = [
    ("bz why-reset my.bin", "the last fault that the device has in its log"),
    ("bz why-reset my.bin --all", "all of them, the oldest first"),
    ("bz why-reset my.bin --json", "the fields for a script"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="DEVICE", help="device file")
    parser.add_argument("--all", action="store_true", help="every record that the log still has")
    variants.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import fault
    from bz.console import console

    variant = variants.from_options(options)
    records = fault.of_device(options.file, variant.product)
    elves = fault.elf_files(variant)
    chosen = records if options.all else records[-1:]
    if options.json:
        told = [
            record.view() | {"places": [vars(place) for place in fault.places_of(record, elves)]}
            for record in chosen
        ]
        console.result({"ok": True, "records": len(records), "faults": told})
        return 0
    if not records:
        console.say("the fault log is empty: no start of this device has ended in a fault")
        return 0
    for record in chosen:
        title = f"fault {record.sequence} of this device"
        console.panel(title, fault.story(record, elves), "bad")
    console.say(fault.image_note(elves), "dim")
    return 0
