"""`bz attest`: verifies a device's attestation token, shows one, writes a device's public key."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bz import variant as variants

if TYPE_CHECKING:
    from bz.attest import Claims

SUMMARY = "verify the token by which a device proves what it is and what it runs"
EXAMPLES = [
    ("bz run | bz attest verify -", "the token of the demo, with the default device's key"),
    ("bz attest verify token.cbor --key device.pem --challenge 00..1f", "as a server does it"),
    ("bz attest show token.cbor", "what it says, verified by nobody"),
    ("bz attest key my.bin > device.pem", "the public key that a factory registers"),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="verify|show|key", required=True)
    verify = _add_action(
        actions, "verify", "check signature, device and challenge; exit code 1 if refused"
    )
    with_key = verify.add_mutually_exclusive_group()
    with_key.add_argument(
        "--key", type=Path, metavar="PEM", help="public key of the device that must have signed"
    )
    with_key.add_argument(
        "--device",
        type=Path,
        metavar="FILE",
        help="its key, and its images must be those measured (default: the device of `bz run`)",
    )
    verify.add_argument(
        "--challenge", metavar="HEX", help="what the token must answer (default: not checked)"
    )
    verify.add_argument(
        "--client", type=int, metavar="ID", help="who must have asked (default: not checked)"
    )
    show = _add_action(actions, "show", "tell what a token says, without verifying it")
    for action in (verify, show):
        action.add_argument(
            "token",
            help="file with the token: binary, hexadecimal, or a log of an application; - reads",
        )
        action.add_argument("--json", action="store_true", help="print the result as JSON")
    key = _add_action(actions, "key", "write the public key of a device file as PEM")
    key.add_argument("device", type=Path, nargs="?", metavar="FILE")
    for action in (verify, key):
        variants.add_options(action)


def _add_action(
    actions: argparse._SubParsersAction, name: str, text: str
) -> argparse.ArgumentParser:
    examples = [line for line, _ in EXAMPLES if f"attest {name}" in line]
    return actions.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        allow_abbrev=False,
        epilog="example:  " + "\n          ".join(examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run(options: argparse.Namespace) -> int:
    return {"verify": verify_token, "show": show_token, "key": write_key}[options.action](options)


def verify_token(options: argparse.Namespace) -> int:
    from bz import attest

    token = _read_token(options.token)
    challenge = _challenge_of(options.challenge)
    variant = variants.from_options(options)
    path = options.device or variant.device
    key = (
        attest.read_public_key(options.key)
        if options.key
        else attest.device_key(path, variant.product)
    )
    try:
        claims = attest.verify(token, key, challenge)
        if options.client is not None and claims.client_id != options.client:
            raise attest.TokenError(f"it was made for {claims.caller_text}, not {options.client}")
        if not options.key:
            attest.check_device(claims, path, variant.product)
    except attest.TokenError as error:
        return _refuse(options, str(error))
    _tell(options, claims, f"token verified: {len(token)} bytes", challenge is not None)
    return 0


def show_token(options: argparse.Namespace) -> int:
    from bz import attest

    token = _read_token(options.token)
    try:
        claims = attest.peek(token)
    except attest.TokenError as error:
        return _refuse(options, str(error))
    _tell(options, claims, f"NOT verified: {len(token)} bytes", False)
    return 0


def write_key(options: argparse.Namespace) -> int:
    from bz import attest

    variant = variants.from_options(options)
    key = attest.device_key(options.device or variant.device, variant.product)
    print(attest.public_key_pem(key), end="")
    return 0


def _read_token(name: str) -> bytes:
    from bz import attest
    from bz.console import BzError

    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BzError(
            f"token {name}: {error.strerror}", "give the file of a token, or -"
        ) from error
    if token := attest.read_token(data):
        return token
    raise BzError(
        f"there is no token in {name}",
        "give the file of a token, or a log with lines `NAME: token HEX`, as ./bz run prints them",
    )


def _challenge_of(text: str | None) -> bytes | None:
    from bz.console import BzError

    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError as error:
        raise BzError(
            "--challenge is not hexadecimal", "two digits for each byte: 64, 96 or 128", code=2
        ) from error


def _refuse(options: argparse.Namespace, why: str) -> int:
    from bz.console import console

    if options.json:
        console.result({"ok": False, "error": why})
    else:
        console.say(f"REFUSED: {why}", "bad")
    return 1


def _tell(options: argparse.Namespace, claims: Claims, title: str, answered: bool) -> None:
    from bz.console import console

    verified = options.action == "verify"
    if options.json:
        console.result({"ok": True, "verified": verified, "claims": claims.view()})
        return
    console.say(title, "good" if verified else "bad")
    console.say(
        f"device         {claims.instance_id.hex()}\n"
        f"implementation {claims.implementation_id.hex()}\n"
        f"life cycle     {claims.life_cycle_text} ({claims.life_cycle:#06x})\n"
        f"asked by       {claims.caller_text}\n"
        f"challenge      {claims.challenge.hex()}{': yours' if answered else ''}\n"
        f"boot seed      {claims.boot_seed.hex() or '-'}"
    )
    for each in claims.components:
        console.say(
            f"component      {each.kind or '?'} {each.version or '?'}\n"
            f"               {each.algorithm or 'measured'} {each.measurement.hex()}\n"
            f"               signer  {each.signer_id.hex()}"
        )
    for key, value in claims.others.items():
        console.say(f"claim {key}: {value}")
