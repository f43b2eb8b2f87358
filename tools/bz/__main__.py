"""Command line of `./bz`: finds the command, runs it, turns every failure into one message and
an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C, 143 terminated. The command modules are
in bz/commands; they import what needs the private Python environment only when they run, so that
help works before the set-up.
"""

from __future__ import annotations

import argparse
import difflib
import signal
import sys
from typing import NoReturn

from bz.commands import (
    attest,
    bench,
    build,
    cuts,
    debug,
    device,
    fault,
    keys,
    new,
    report,
    run,
    sdk,
    setup,
    sign,
    size,
    store,
    test,
    why_reset,
)
from bz.console import BzError, console

COMMANDS = {
    module.__name__.rpartition(".")[2].replace("_", "-"): module
    for module in (
        run,
        test,
        cuts,
        build,
        new,
        sdk,
        device,
        store,
        keys,
        sign,
        attest,
        size,
        bench,
        report,
        why_reset,
        fault,
        debug,
        setup,
    )
}
INTERRUPTED = 130
TERMINATED = 143


class Parser(argparse.ArgumentParser):
    """argparse with our form of error message."""

    def error(self, message: str) -> NoReturn:
        print(f"bz: {message}\n    next: {self.prog} --help", file=sys.stderr)
        sys.exit(2)


def make_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="bz",
        allow_abbrev=False,
        description="Trusted firmware for Arm Cortex-M: build it, boot it, prove it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Start with:  ./bz run     boots everything on an emulated board\n"
        "             ./bz test    proves it",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, module in COMMANDS.items():
        child = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY[0].upper() + module.SUMMARY[1:] + ".",
            epilog=_examples(module.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        child.set_defaults(run=module.run)
        module.add_arguments(child)
    return parser


def _examples(examples: list[tuple[str, str]]) -> str:
    width = max(len(line) for line, _ in examples)
    return "examples:\n" + "\n".join(f"  {line:<{width}}  {what}" for line, what in examples)


def check_command(arguments: list[str]) -> None:
    """An unknown command names the nearest one."""
    if not arguments or arguments[0].startswith("-") or arguments[0] in COMMANDS:
        return
    near = difflib.get_close_matches(arguments[0], COMMANDS, 1, 0.5)
    raise BzError(
        f"there is no command '{arguments[0]}'",
        f"did you mean ./bz {near[0]}?" if near else "see ./bz --help",
        code=2,
    )


def terminate(*_: object) -> NoReturn:
    sys.exit(TERMINATED)  # an exception, so that every child is ended on the way out


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, terminate)
    try:
        check_command(arguments)
        parser = make_parser()
        options, rest = parser.parse_known_args(arguments)
        if rest and options.command != "test":
            name = options.command or "bz"
            usage = f"bz {name} --help" if options.command else "bz --help"
            raise BzError(f"unknown argument {rest[0]} of '{name}'", usage, code=2)
        if not options.command:
            parser.print_help()
            return 0
        options.command_line = arguments[arguments.index(options.command) + 1 :]
        console.machine = getattr(options, "json", False)
        return options.run(options)
    except BzError as error:
        console.error(error)
        return error.code
    except KeyboardInterrupt:
        print("\nbz: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        console.error(
            BzError(str(error), "check the path, its permissions and the free disk space")
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
