"""`bz test`: runs all tests with pytest: tools, host (built with sanitizers) and system (on the
emulator).
"""

from __future__ import annotations

import argparse
import os

SUMMARY = "run all tests; further arguments go to pytest"
EXAMPLES = [
    ("bz test", "everything"),
    ("bz test --quick", "without the tests marked slow"),
    ("bz test --full", "the same, with far more random histories, another seed each time"),
    ("bz test tests/qemu -k tamper -x", "some system tests, stop at the first failure"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="leave out the tests marked slow")
    parser.add_argument("--full", action="store_true", help="far more of what is random")
    parser.add_argument(
        "pytest", nargs="*", metavar="PYTEST-ARGUMENT", help="paths and options of pytest"
    )


def from_here(word: str) -> str:
    """A path that is meant from the caller's folder; pytest runs in the checkout."""
    path, separator, rest = word.partition("::")
    here = not word.startswith("-") and ("/" in path or path.endswith(".py"))
    return os.path.abspath(path) + separator + rest if here and os.path.exists(path) else word


def run(options: argparse.Namespace) -> int:
    from bz import paths, process
    from bz.console import BzError

    # Options of pytest may stand anywhere, so all words come from the command line as they are.
    own = ("--quick", "--full")
    arguments = [from_here(word) for word in options.command_line if word not in own]
    if options.quick:
        arguments = ["-m", "not slow", *arguments]
    environment = dict(os.environ, PYTHONPATH=str(paths.ROOT / "tools"))
    if options.full:
        environment["BZ_TEST_FULL"] = "1"
    code = process.run_in_foreground(
        [paths.python(), "-m", "pytest", *arguments], cwd=paths.ROOT, env=environment
    )
    if code == 5:
        raise BzError("pytest found no test to run", "check the path or the -k expression")
    return min(code, 1)
