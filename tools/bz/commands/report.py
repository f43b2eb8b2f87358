"""`bz report`: one static page that shows a build: memory map, rights, sizes, costs, images."""

from __future__ import annotations

import argparse
from pathlib import Path

from bz import variant as variants

SUMMARY = "write a page that shows memory map, rights, sizes, call costs and images"
EXAMPLES = [
    ("bz report", "the default variant; open the page that it names in a browser"),
    ("bz report --isolation 1 --profile small", "another one"),
    ("bz report --out here.html --json", "elsewhere, for a script"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the page (default: report.html in the build directory of the variant)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import build
    from bz.console import BzError, console, short
    from bz.report import facts, page

    variant = variants.from_options(options)
    file = (options.out or variant.directory / "report.html").absolute()
    if file.is_dir():
        raise BzError(f"{file} is a directory", f"give the name of a file: {file}/report.html")
    build.build(variant)
    text = page.render(facts.collect(variant))
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(file)
    if options.json:
        console.result({"ok": True, "file": str(file)})
        return 0
    console.say(f"{short(file)} shows {variant.name}", "good")
    console.say(f"open it in a browser: {file.as_uri()}", "dim")
    return 0
