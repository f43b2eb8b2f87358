"""`./bz cuts`: the proof that stored data survive power cuts, all of it."""

from __future__ import annotations

import argparse

SUMMARY = "cut the power at every flash operation of the stores, and again in what follows"
EXAMPLES = [
    ("bz cuts", "everything: a few minutes"),
    ("bz cuts --quick", "a sample of the second cuts: half a minute"),
    ("bz cuts --only store:512x4/8 --json", "one configuration, for a script"),
    ("bz cuts --repeat store:512x4/8:1:17.5.ecc", "the place that a violation named"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Runs the code of the stores natively over a model of flash, through a script that fills, "
        "replaces, removes and collects. Power fails at every program unit and every erase, in "
        "every way: not started, partly, ECC error, random content, blank but weak, done. After "
        "each cut the store is mounted and compared with a reference; then power fails once more "
        "at each operation of the steps that follow (pairs). States seen before are pruned."
    )
    parser.add_argument(
        "--only", metavar="NAME", help="one configuration, or all of one subject: store"
    )
    parser.add_argument("--quick", action="store_true", help="cut again after one cut in 97")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of contents and mix (1)")
    parser.add_argument("--repeat", metavar="PLACE", help="go to the place of a violation again")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz import cuts
    from bz.console import BzError, console

    programs = cuts.programs()
    if options.repeat:
        return cuts.repeat(options.repeat, programs)
    every = cuts.configurations(programs)
    names = [name for name in every if options.only in (None, name, name.partition(":")[0])]
    if not names:
        raise BzError(f"there is no {options.only}", f"one of: {' '.join(every)}")
    results = cuts.explore_all(names, programs, options.seed, 97 if options.quick else 1)
    summed = cuts.total(results)
    if options.json:
        console.result(cuts.document(results))
    else:
        console.say(
            f"{len(results)} configurations: {summed['points']} cut points, {summed['ways']} ways, "
            f"{summed['pairs']} pairs, {summed['pruned']} states pruned, "
            f"{summed['violations']} violations",
            "bad" if summed["violations"] else "good",
        )
    return 1 if summed["violations"] else 0
