"""`bz size`: how big the images of a variant are, and who uses what."""

from __future__ import annotations

import argparse
from typing import Any

from bz import variant as variants

SUMMARY = "show the sizes of the images, partitions, libraries and biggest functions"
EXAMPLES = [
    ("bz size", "the default variant"),
    ("bz size --profile small --json", "another one, for a script"),
    ("bz size --functions 20", "more of the biggest functions"),
]
_COLUMNS = ("text", "data", "bss", "stack")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument(
        "--functions",
        type=int,
        default=5,
        metavar="N",
        help="how many of each image's biggest functions (default 5)",
    )
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
    measured = {
        name: {
            **size.measure(path),
            "libraries": size.libraries(path),
            "functions": size.functions(path, options.functions),
        }
        for name, path in images.items()
    }
    if options.json:
        budget = dict(variant.product.budget)
        console.result({"ok": True, "variant": variant.name, "budget": budget, "images": measured})
        return 0
    columns = "".join(f"{column:>9}" for column in _COLUMNS)
    console.say(f"{variant.name:<26}{columns}   bytes")
    for name, sizes in measured.items():
        show_image(name, sizes)
    console.say("text: code and constants; data: initialised, in flash and in RAM", "dim")
    return 0


def show_image(name: str, sizes: dict[str, Any]) -> None:
    from bz.console import console

    def row(title: str, values: dict[str, int]) -> str:
        return f"{title:<26}" + "".join(f"{values[column] or '-':>9}" for column in _COLUMNS)

    console.say("")
    console.say(row(name, sizes) + f"   binary {sizes['binary']}, RAM {sizes['ram']}", "good")
    for owner, part in sizes["owners"].items():
        console.say(row(f"  {owner}", part))
    for library, part in sizes["libraries"].items():
        console.say(row(f"  library {library}", part), "dim")
    for function in sizes["functions"]:
        console.say(f"  {function['name'] + '()':<24}{function['bytes']:>9}", "dim")
