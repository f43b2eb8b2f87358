"""`bz bench`: counts instructions and flash operations of a variant under the emulator."""

from __future__ import annotations

import argparse
from typing import Any

from bz import variant as variants

SUMMARY = "count executed instructions and flash operations on the emulated board"
EXAMPLES = [
    ("bz bench", "the default variant"),
    ("bz bench --isolation 1 --json", "another one, for a script"),
    ("bz bench --profile-functions its_set_64", "which functions and files one operation runs"),
    ("bz bench --profile-functions interrupts_masked_max", "the longest time with them masked"),
    ("bz bench --figures", "write docs/figures.md: all levels beside upstream TF-M"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--profile-functions",
        metavar="METRIC",
        help="instructions of one metric by function and by source file",
    )
    what.add_argument(
        "--figures",
        action="store_true",
        help="write docs/figures.md (product an505, every level)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz.console import console

    if options.figures:
        from bz import figures
        from bz.console import short

        changed = figures.write()
        if options.json:
            console.result({"ok": True, "file": str(figures.FILE), "changed": changed})
        else:
            console.say(f"{short(figures.FILE)}: {'written' if changed else 'unchanged'}", "good")
        return 0
    variant = variants.from_options(options)
    if options.profile_functions:
        return show_profile(variant, options.profile_functions, options.json)
    return show_metrics(variant, options.json)


def show_metrics(variant: variants.Variant, as_json: bool) -> int:
    from bz import bench
    from bz.console import console

    measured = bench.result(variant)
    if as_json:
        console.result(measured)
        return 0
    console.say(f"{variant.name:<31}{'instructions':>14}{'erases':>9}{'programs':>10}")
    for each in measured["metrics"]:
        console.say(
            f"{each['name']:<31}{each['instructions']:>14,}{each['erases']:>9}"
            f"{each['programs']:>10}{_remark(each)}"
        )
    console.say("executed between two points of the caller, second call of two", "dim")
    return 0


def _remark(metric: dict[str, Any]) -> str:
    if "calls" in metric:
        return f"   mean of {metric['calls']} calls"
    if "value" in metric:
        return f"   value {metric['value']}"
    return f"   {metric['begin']} to {metric['end']}" if "begin" in metric else ""


def show_profile(variant: variants.Variant, metric: str, as_json: bool) -> int:
    from bz import bench, profile
    from bz.console import console

    measured = bench.Bench(variant)
    found = profile.make(measured.executed(metric), measured.images, measured.symbols)
    if as_json:
        console.result(profile_document(variant, metric, found))
        return 0
    console.say(
        f"{metric} on {variant.name}: {found.instructions:,} instructions, "
        f"{len(found.functions)} functions, {len(found.files)} source files"
    )
    for (image, name), count in found.functions:
        console.say(f"{count:>12,}  {image:<10}{name}()")
    for name, count in found.files:
        console.say(f"{count:>12,}  {name}", "dim")
    if found.unknown:
        console.say(f"{found.unknown:>12,}  without line information", "dim")
    return 0


def profile_document(variant: variants.Variant, metric: str, found: Any) -> dict[str, Any]:
    return {
        "product": variant.product_name,
        "isolation": variant.isolation,
        "profile": variant.profile,
        "metric": metric,
        "instructions": found.instructions,
        "functions": [
            {"image": image, "name": name, "instructions": count}
            for (image, name), count in found.functions
        ],
        "files": [{"name": name, "instructions": count} for name, count in found.files],
        "without_line_information": found.unknown,
    }
