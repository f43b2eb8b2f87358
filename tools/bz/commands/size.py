"""`bz size`: how big the images of a variant are, and who uses what."""

from __future__ import annotations

import argparse

from bz import variant as variants

SUMMARY = "show the sizes of the images and of their parts"
EXAMPLES = [
    ("bz size", "the default variant"),
    ("bz size --profile small --json", "another one, for a script"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import build, size
    from bz.console import console

    variant = variants.from_options(options)
    build.build(variant)
    images = {
        "boot": variant.boot_elf,
        **{each.name: variant.elf(each.world) for each in variant.product.images},
    }
    measured = {name: size.measure(path) for name, path in images.items()}
    if options.json:
        console.result({"ok": True, "variant": variant.name, "images": measured})
        return 0
    console.say(f"{variant.name:<24}{'text':>9}{'data':>9}{'bss':>9}   bytes")
    for name, sizes in measured.items():
        console.say(f"{name:<24}{sizes['text']:>9}{sizes['data']:>9}{sizes['bss']:>9}")
        for owner, part in sizes["owners"].items():
            console.say(f"  {owner:<22}{part['code']:>9}{'':>9}{part['ram']:>9}", "dim")
    console.say(
        "parts: code and constants under text, all memory (stack included) under bss", "dim"
    )
    return 0
