"""`bz debug`: a board that waits at its first instruction, and gdb with the symbols of boot and
both worlds.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import tempfile
import time
from pathlib import Path

from bz import variant as variants
from bz.variant import Variant

SUMMARY = "step through it with gdb, with the symbols of both worlds"
EXAMPLES = [
    ("bz debug", "then: break psa_call, continue"),
    ("bz debug --command 'break main' --command continue", "gdb commands to start with"),
    ("bz debug --print", "only print the two commands, to run them elsewhere"),
]
_SOCKET_SECONDS = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument(
        "--device", type=Path, metavar="FILE", help="device file (default: the one of bz run)"
    )
    parser.add_argument(
        "--command",
        action="append",
        default=[],
        metavar="CMD",
        dest="commands",
        help="a gdb command to start with; may be repeated",
    )
    parser.add_argument("--batch", action="store_true", help="end after these commands")
    parser.add_argument("--print", action="store_true", help="print the commands, run nothing")


def emulator_command(variant: Variant, device: Path, socket: Path) -> list[str]:
    from bz.emulator import QEMU, Board

    logs = [variant.directory / f"debug-{name}.log" for name in ("secure", "application")]
    return [
        QEMU,
        *Board.of(variant.product).arguments(device),
        "-kernel",
        str(variant.boot_elf),
        "-S",
        "-chardev",
        f"socket,id=gdb,path={socket},server=on,wait=off",
        "-gdb",
        "chardev:gdb",
        "-serial",
        f"file:{logs[0]}",
        "-serial",
        f"file:{logs[1]}",
    ]


def gdb_command(variant: Variant, socket: Path, commands: list[str], batch: bool) -> list[str]:
    gdb = next(
        (tool for tool in ("gdb-multiarch", "arm-none-eabi-gdb") if shutil.which(tool)),
        "gdb-multiarch",
    )
    argv = [gdb, "-q", "-nx", *(["-batch"] if batch else []), str(variant.boot_elf)]
    for image in variant.product.images:
        argv += ["-ex", f"add-symbol-file {variant.elf(image.world)}"]
    argv += ["-ex", "set confirm off", "-ex", f"target remote {socket}"]
    for command in commands:
        argv += ["-ex", command]
    return argv


def run(options: argparse.Namespace) -> int:
    from bz import build
    from bz.commands.run import prepare_device
    from bz.console import console, short

    variant = variants.from_options(options)
    device = options.device or variant.device
    if options.print:
        socket = variant.directory / "gdb.socket"
        console.say(shlex.join(emulator_command(variant, device, socket)))
        console.say(shlex.join(gdb_command(variant, socket, options.commands, options.batch)))
        return 0
    build.build(variant)
    for line in prepare_device(variant, device, False):
        console.say(line)
    console.say(
        f"the board's output: {short(variant.directory)}/debug-*.log",
        "dim",
    )
    with tempfile.TemporaryDirectory(prefix="bz-gdb-") as folder:
        return _debug(variant, device, Path(folder) / "socket", options)


def _debug(variant: Variant, device: Path, socket: Path, options: argparse.Namespace) -> int:
    from bz import process
    from bz.console import BzError
    from bz.emulator import Board, lock_device

    with lock_device(device, Board.of(variant.product)) as lock:
        board = process.start(emulator_command(variant, device, socket), pass_fds=[lock.fileno()])
        try:
            deadline = time.monotonic() + _SOCKET_SECONDS
            while not socket.exists():
                if board.poll() is not None or time.monotonic() > deadline:
                    raise BzError("the emulator did not start", "see its message above")
                time.sleep(0.02)
            before = signal.signal(
                signal.SIGINT, signal.SIG_IGN
            )  # Ctrl-C belongs to gdb: it stops the target
            try:
                return process.run_in_foreground(
                    gdb_command(variant, socket, options.commands, options.batch),
                    own_interrupt=True,
                )
            finally:
                signal.signal(signal.SIGINT, before)
        finally:
            process.stop(board, signal.SIGKILL)
