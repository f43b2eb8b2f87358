"""The programs in tools/ of an exported SDK: sign_ns, make_device, run_qemu.

An SDK carries this file, what it imports of bz and gen, and the Python packages they need; `launch`
beside them starts it. All that it knows of the product is in product.json, which tools/bz/sdk.py
writes. It never reads a file outside the SDK but those that it is given.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from bz import device, image, keys, paths, process, signing
from bz.console import BzError
from bz.emulator import APPLICATION, EMULATOR, SECURE, Board, Emulator, Line

TOOLS = paths.ROOT / "tools"
PRODUCT = TOOLS / "product.json"
PROVISIONING = TOOLS / "device" / "provisioning.bin"
SIGNING_KEY = paths.ROOT / "keys" / "ns_signing_dev.pem"
BOOT = paths.ROOT / "bin" / "boot.elf"
SECURE_IMAGE = paths.ROOT / "bin" / "spe_signed.bin"
VERSION_LIMITS = (0xFF, 0xFF, 0xFFFF, 0xFFFFFFFF)
TIMEOUT = 60.0  # seconds
HOUR = 3600.0


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BzError(message, f"{self.prog} --help", code=2)


def load_product() -> Any:
    """product.json as the objects that device.py and signing.py take."""
    try:
        text = PRODUCT.read_text("utf-8")
    except FileNotFoundError as error:
        raise BzError(f"this SDK is not whole: {PRODUCT} is missing", "export it again") from error
    return json.loads(text, object_hook=lambda fields: SimpleNamespace(**fields))


def image_of(product: Any, world: str) -> Any:
    return next(each for each in product.images if each.world == world)


def read(path: Path, what: str) -> bytes:
    if not path.is_file():
        raise BzError(f"there is no file {path}", f"give the path of {what}", code=2)
    return path.read_bytes()


# ---- sign_ns -------------------------------------------------------------------------------------


def check_payload(product: Any, path: Path) -> None:
    """Refuse what cannot start in the non-secure slot, before it is signed."""
    payload = read(path, "the application's binary (objcopy -O binary)")
    slot = image_of(product, "non-secure")
    if not payload:
        raise BzError(f"{path} is empty", "see what objcopy -O binary said")
    if len(payload) > slot.payload_size:
        raise BzError(
            f"{path} does not fit: it has {len(payload)} bytes, {len(payload) - slot.payload_size} "
            f"more than the room of {slot.payload_size} (slot of {slot.slot_size}, header of "
            f"{slot.header_size}, the rest for signatures)",
            "make the application smaller, or the slot larger in the product file",
        )
    if payload.startswith(b"\x7fELF"):
        raise BzError(f"{path} is an ELF file", "make a binary of it: objcopy -O binary")
    if image.MAGIC.to_bytes(4, "little") == payload[:4]:
        raise BzError(f"{path} is signed already", "give the binary that the linker made")
    check_vectors(product, slot, path, payload)


def check_vectors(product: Any, slot: Any, path: Path, payload: bytes) -> None:
    stack, reset = (int.from_bytes(payload[at : at + 4], "little") for at in (0, 4))
    ram, start = product.ns_ram, slot.payload_base
    next_step = "link the application with ns/ns.ld and ns/startup_ns.c of this SDK"
    if not (ram.base < stack <= ram.base + ram.size and stack % 8 == 0):
        raise BzError(
            f"{path} does not start with a vector table for this product: its first word, the "
            f"stack, is {stack:#010x}; the memory is {ram.base:#010x} to {ram.base + ram.size:#x}",
            next_step,
        )
    if not (start <= reset < start + len(payload) and reset % 2 == 1):
        raise BzError(
            f"{path} is linked for another place: its reset handler is at {reset:#010x}; the "
            f"application runs from {start:#010x} to {start + len(payload):#010x}",
            next_step,
        )


def check_version(parser: Parser, version: str | None) -> None:
    if version is None:
        return
    if not re.fullmatch(r"\d+\.\d+\.\d+(\+\d+)?", version):
        parser.error(f"version '{version}' is not X.Y.Z or X.Y.Z+BUILD")
    parts = zip(re.split(r"[.+]", version), VERSION_LIMITS, strict=False)
    if any(int(part) > limit for part, limit in parts):
        parser.error(f"version '{version}' is too large: at most 255.255.65535+4294967295")


def sign_ns(arguments: list[str]) -> None:
    parser = Parser(prog="sign_ns", description="Sign an application for the non-secure slot.")
    parser.add_argument("payload", type=Path, metavar="NS_BIN", help="what objcopy -O binary made")
    parser.add_argument("out", type=Path, metavar="OUT", help="the signed image")
    parser.add_argument("--version", metavar="X.Y.Z", help="version of the image")
    parser.add_argument(
        "--security-counter", type=int, metavar="N", help="0 to 4294967295; refuses older ones"
    )
    parser.add_argument(
        "--key", type=Path, default=SIGNING_KEY, help="default: keys/ns_signing_dev.pem of the SDK"
    )
    options = parser.parse_args(arguments)
    check_version(parser, options.version)
    if options.security_counter is not None and not 0 <= options.security_counter < 1 << 32:
        parser.error(f"security counter {options.security_counter} does not fit 32 bits")
    product = load_product()
    check_payload(product, options.payload)
    read(options.key, "a private key in PEM form")
    made = signing.sign(
        options.payload,
        options.out,
        signing.arguments(
            product,
            image_of(product, "non-secure"),
            options.version,
            options.security_counter,
        ),
        options.key,
    )
    print(f"signed {options.out}: version {made.version}, {made.size} bytes")


# ---- make_device ---------------------------------------------------------------------------------


def check_signed(product: Any, path: Path) -> bytes:
    """The bytes of a signed image, if boot will accept them."""
    data, slot = read(path, "an image that sign_ns made"), image_of(product, "non-secure")
    if len(data) > slot.slot_size:
        raise BzError(
            f"{path} does not fit: it has {len(data)} bytes, the slot has {slot.slot_size}",
            "make the application smaller",
        )
    try:
        found = image.parse(data)
    except image.ImageError as error:
        raise BzError(
            f"{path} is not a signed image: {error}", "sign it with tools/sign_ns"
        ) from error
    fault = found.check()
    if not fault and found.header_size != slot.header_size:
        fault = f"its header has {found.header_size} bytes, not {slot.header_size}"
    if not fault and found.signer_ids != [keys.digest(SIGNING_KEY)]:
        fault = "signed with a key that the device does not trust"
    if fault:
        raise BzError(f"{path} is refused: {fault}", "sign it again with tools/sign_ns")
    return data


def make_file(product: Any, signed: bytes, out: Path) -> None:
    """A device file with both images; complete or not at all."""
    secure = image_of(product, "secure").name
    temporary = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        device.write_new(temporary, product, read(PROVISIONING, "a whole SDK"))
        device.write_image(temporary, product, secure, read(SECURE_IMAGE, "a whole SDK"))
        device.write_image(temporary, product, image_of(product, "non-secure").name, signed)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def make_device(arguments: list[str]) -> None:
    parser = Parser(
        prog="make_device", description="Make a provisioned development device: its flash, a file."
    )
    parser.add_argument("signed", type=Path, metavar="SIGNED_NS", help="what sign_ns made")
    parser.add_argument("out", type=Path, metavar="OUT", help="the device file")
    parser.add_argument("--force", action="store_true", help="replace OUT")
    options = parser.parse_args(arguments)
    product = load_product()
    signed = check_signed(product, options.signed)
    device.check_new(options.out, options.force)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    make_file(product, signed, options.out)
    print(f"made {options.out}: {product.title}, both images in their slots")


# ---- run_qemu ------------------------------------------------------------------------------------


@contextlib.contextmanager
def device_of(product: Any, options: argparse.Namespace) -> Iterator[Path]:
    """The device to power on: one that is kept, or a fresh one that goes when it is off."""
    signed = check_signed(product, options.signed)
    if options.device is None:
        with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
            path = Path(folder) / "device.bin"
            make_file(product, signed, path)
            yield path
        return
    if not options.device.exists():
        make_file(product, signed, options.device)
    images = {"secure": read(SECURE_IMAGE, "a whole SDK"), "non-secure": signed}
    by_name = {image_of(product, world).name: data for world, data in images.items()}
    device.update_images(options.device, product, by_name)
    yield options.device


def show(line: Line) -> None:
    mark = {SECURE: "secure | ", EMULATOR: "emulator | ", APPLICATION: ""}[line.source]
    print(mark + line.text, flush=True)


def pattern(text: str) -> str:
    try:
        re.compile(f"(?:{text})")  # as await_line uses it
    except re.error as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no regular expression: {error}") from error
    return text


def seconds(text: str) -> float:
    if not 0 < float(text) < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no time to wait")
    return float(text)


def run_qemu(arguments: list[str]) -> None:
    parser = qemu_parser()
    options = parser.parse_args(arguments)
    process.die_with_parent()  # and the emulator with us
    product = load_product()
    with device_of(product, options) as path, emulator_of(product, path) as board:
        if options.expect is None:
            run_on(board, options.timeout)
            return
        await_line(board, options.expect, options.fail, options.timeout or TIMEOUT)


def qemu_parser() -> Parser:
    parser = Parser(
        prog="run_qemu",
        description="Boot a signed application on the emulated board, a fresh device unless "
        "--device is given. Lines of the secure world are marked.",
    )
    parser.add_argument("signed", type=Path, metavar="SIGNED_NS", help="what sign_ns made")
    parser.add_argument("--device", type=Path, metavar="FILE", help="made once, then kept")
    parser.add_argument(
        "--expect",
        type=pattern,
        metavar="REGEX",
        help="end, with success, when a line of the application matches; without it: run on",
    )
    parser.add_argument("--fail", type=pattern, metavar="REGEX", help="end, with failure")
    parser.add_argument(
        "--timeout", type=seconds, metavar="SECONDS", help="default 60 with --expect"
    )
    return parser


def emulator_of(product: Any, path: Path) -> Emulator:
    board = Board(product.qemu_machine, product.flash.size, tuple(product.qemu_args))
    return Emulator(board, path, BOOT, on_line=show)


def run_on(board: Emulator, timeout: float | None) -> None:
    """Until the time is over, the emulator ends, or somebody stops us."""
    while timeout is None and board.is_running:
        board.run_for(HOUR)
    board.run_for(timeout or 0)


def await_line(board: Emulator, expect: str, fail: str | None, timeout: float) -> None:
    either = f"(?:{expect})" + (f"|(?:{fail})" if fail else "")
    found = board.wait_for(either, timeout, source=APPLICATION)
    if fail and re.search(fail, found.string):
        raise BzError(f"a line matched '{fail}': {found.string}", "see the output above")


# ---- all of them ---------------------------------------------------------------------------------

PROGRAMS = {"sign_ns": sign_ns, "make_device": make_device, "run_qemu": run_qemu}


def main(arguments: list[str]) -> int:
    program, *rest = arguments
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left behind
    try:
        PROGRAMS[program](rest)
    except BzError as error:
        report(program, error)
        return error.code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        report(program, BzError(str(error), "check the path, its permissions and the free space"))
        return 1
    return 0


# What to do where there is no ./bz; modules that a checkout has too name its commands.
HERE = {
    "./bz setup": "install it, and have it in PATH",
    "./bz device new": "make another device: tools/make_device --force",
}


def report(program: str, error: BzError) -> None:
    print(f"{program}: {error.cause}", file=sys.stderr)
    if program != "run_qemu":  # its details are the output, which was shown
        for line in error.details.rstrip().splitlines():
            print(f"    | {line}", file=sys.stderr)
    named = (todo for command, todo in HERE.items() if command in error.next_step)
    print(f"    next: {next(named, error.next_step)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
