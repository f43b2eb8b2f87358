"""`bz sdk DIR`: exports the non-secure SDK. CMake's install step calls it with --build-directory,
for a build that is there already.
"""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path

from bz import variant as variants

SUMMARY = "export the SDK that applications outside the tree are built with"
EXAMPLES = [
    ("bz sdk ../sdk", "of the default product and variant"),
    ("bz sdk ../sdk --product an521 --isolation 1", "of another one"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="new, empty, or an older SDK")
    variants.add_options(parser)
    parser.add_argument(
        "--build-directory",
        type=Path,
        metavar="DIR",
        help="of a finished CMake build of this variant, instead of building it",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import build, sdk
    from bz.console import console, short

    variant = variants.from_options(options)
    sdk.check_release(variant.product)
    sdk.check_target(options.folder.absolute())
    if options.build_directory:
        variant = replace(variant, build_directory=options.build_directory.absolute())
        build.finish(variant)
    else:
        build.build(variant)
    size = sdk.export(variant, options.folder)
    if options.json:
        console.result(
            {
                "ok": True,
                "variant": variant.name,
                "folder": str(options.folder.absolute()),
                "bytes": size,
            }
        )
        return 0
    place = options.folder.resolve()
    example = shlex.quote(str(place / "examples" / "bare"))
    toolchain = shlex.quote(str(place / "cmake" / "toolchain_ns_gnuarm.cmake"))
    folder = short(options.folder)
    console.say(f"made {folder}/: SDK of {variant.name}, {size / 1e6:.0f} MB", "good")
    for line in (
        "next, from anywhere (more in its README.md and in docs/integrate.md):",
        f"  cmake -S {example} -B app --toolchain {toolchain}",
        "  cmake --build app",
        "  ctest --test-dir app --verbose",
    ):
        console.say(line)
    return 0
