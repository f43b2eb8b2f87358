"""`bz run`: keys, build, device, boot; shows the device's output live and checks that everything
happened.

Exit code 0 only if boot verified every image, the partition manager started, and the application
did each of its steps; otherwise it says what was missing.
"""

from __future__ import annotations

import argparse
import re
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bz import variant as variants
from bz.variant import Variant

if TYPE_CHECKING:
    from bz.emulator import Emulator, Line

SUMMARY = "build everything, boot it on an emulated board, show the demo"
EXAMPLES = [
    ("bz run", "the default product; the device is kept, so its counters grow"),
    ("bz run --fresh", "on a new device"),
    ("bz run --product an521 --isolation 1", "another variant"),
    ("bz run --json", "the result for a script"),
]

# Beginnings of lines after which nothing more can happen.
_ENDS = re.compile(r"^(demo: (done|failed)|boot: halted|spm: halted)")
# Lines that mean failure even if all steps are seen.
_FAULTS = re.compile(
    r"^(demo: .*FAILED|demo: failed|boot: .* refused: |boot: fault|spm: fault|.*: halted)"
)
# The demo faults on purpose, at the first start of a device.
_PLANNED = "demo: reading secure memory on purpose, once"
# What the demo does, the line that proves it, and the services and algorithms it takes.
_DEMO = (
    ("the application started", "non-secure application started", ()),
    (
        "it kept a counter in Internal Trusted Storage",
        "counter in Internal Trusted Storage: ok",
        ("PSA_ITS",),
    ),
    ("it hashed with the Crypto service", "hash equals the known answer: ok", ("PSA_CRYPTO",)),
    ("it signed and verified", "signature made and verified: ok", ("ecdsa_p256",)),
    (
        "it signed with its persistent key",
        "signed with the device key: ok",
        ("ecdsa_p256", "PSA_ITS"),
    ),
    ("it encrypted and decrypted", "message encrypted and decrypted: ok", ("aes_ccm",)),
    ("it refused a changed message", "changed message refused: ok", ("aes_ccm",)),
    ("it drew random bytes", "random bytes differ: ok", ("PSA_CRYPTO",)),
    ("it asked the Platform service", "status from the Platform service: ok", ("PSA_PLATFORM",)),
    ("it got an attestation token", "attestation token made: ok", ("PSA_ATTESTATION",)),
    ("the demo ended well", "done", ()),
)
_SETTLE_SECONDS = 0.2  # for the last lines of the other UART


@dataclass(frozen=True)
class Step:
    """Something that must happen: a line of one source."""

    what: str
    source: str
    pattern: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    variants.add_options(parser)
    parser.add_argument(
        "--device", type=Path, metavar="FILE", help="device file (default: one kept per variant)"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="make a new device: secrets, counters, data are new"
    )
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="seconds for the demo (default 60)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def steps_of(product: Any) -> list[Step]:
    """All that must be seen, in the words of the people who read the summary."""
    verified = [
        Step(
            f"boot verified image '{image.name}'",
            "secure",
            rf"^boot: image {image.name} \S+ counter \d+ verified$",
        )
        for image in product.images
    ]
    has = set(product.parts)
    return [
        *verified,
        Step("the partition manager started", "secure", r"^spm: partitions ready"),
        *(
            Step(what, "application", f"^demo: {line}$")
            for what, line, needs in _DEMO
            if has.issuperset(needs)
        ),
    ]


def run(options: argparse.Namespace) -> int:
    from bz import build
    from bz.console import console

    variant = variants.from_options(options)
    build.build(variant)
    device_path = options.device or variant.device
    for line in prepare_device(variant, device_path, options.fresh):
        console.say(line)
    console.say(f"booting {variant.name} on {variant.product.qemu_machine}")
    started = time.monotonic()
    board = boot(variant, device_path, options.timeout)
    result = judge(variant, board)
    if "PSA_ATTESTATION" in variant.product.parts:
        result["steps"].append(judge_token(variant, device_path, board))
        result["ok"] = result["ok"] and result["steps"][-1]["ok"]
    result["story"] = judge_fault(variant, device_path, board, result)
    result["milliseconds"] = round(1000 * (result.pop("ended") or time.monotonic() - started))
    result["device"] = str(device_path)
    if options.json:
        console.result(result)
    else:
        show(variant, result, device_path)
    return 0 if result["ok"] else 1


def prepare_device(variant: Variant, path: Path, fresh: bool) -> list[str]:
    """A device with the images that were built; a kept one keeps all else. Says what it did."""
    from bz import device
    from bz.console import BzError, short

    product = variant.product
    said = []
    if fresh or not path.exists():
        device.create(path, product, force=fresh)
        said.append(f"made device {short(path)}")
    elif untrusted := device.untrusted_keys(path, product):
        raise BzError(
            f"device {short(path)} does not trust the key of image '{untrusted[0]}'",
            "the keys in keys/ were replaced after it was made: add --fresh for a new device",
        )
    changed = device.update_images(
        path,
        product,
        {image.name: variant.signed(image.world).read_bytes() for image in product.images},
    )
    if changed:
        said.append("wrote to its slots: " + ", ".join(changed))
    return said


def boot(variant: Variant, path: Path, timeout: float) -> Emulator:
    """One power-on, shown live, until the demo has ended or nothing more can come."""
    from bz.console import console
    from bz.emulator import Board, Emulator, EmulatorEnded, EmulatorTimeout

    def show_line(line: Line) -> None:
        console.marked(line.source, line.text, line.source)

    board = Emulator(Board.of(variant.product), path, variant.boot_elf, on_line=show_line)
    with board:
        try:
            board.wait_for(_ENDS, timeout)
            board.run_for(_SETTLE_SECONDS)
        except (EmulatorTimeout, EmulatorEnded) as error:
            console.say(error.cause, "bad")
    return board


def judge(variant: Variant, board: Emulator) -> dict[str, Any]:
    """Compare what was seen with what must be seen."""
    steps = []
    for step in steps_of(variant.product):
        seen = next(
            (
                line.seconds
                for line in board.transcript
                if line.source == step.source and re.search(step.pattern, line.text)
            ),
            None,
        )
        steps.append(
            {"step": step.what, "ok": seen is not None, "milliseconds": seen and round(1000 * seen)}
        )
    faults = [
        line.text
        for line in board.transcript
        if _FAULTS.search(line.text) or line.source == "emulator"
    ]
    if board.locked_up:
        faults.append("the processor locked up")
    ended = next((line.seconds for line in board.transcript if line.text == "demo: done"), None)
    return {
        "ok": all(step["ok"] for step in steps) and not faults,
        "variant": variant.name,
        "steps": steps,
        "faults": faults,
        "ended": ended,
        "lines": [
            {"milliseconds": round(1000 * line.seconds), "source": line.source, "text": line.text}
            for line in board.transcript
        ],
    }


def judge_fault(variant: Variant, path: Path, board: Emulator, result: dict[str, Any]) -> list[str]:
    """The story of the last fault of this run, with source lines. The one that the demo makes on
    purpose is a step; any other stays a failure."""
    from bz import fault

    if not any(line.text == "spm: resetting" for line in board.transcript):
        return []
    records = fault.of_device(path, variant.product)
    story = fault.story(records[-1], fault.elf_files(variant)) if records else []
    if not any(line.text == _PLANNED for line in board.transcript):
        return story
    told = [line for line in board.transcript if line.text.startswith("boot: record | ")]
    resets = sum(line.text == "spm: resetting" for line in board.transcript)
    good = (
        resets == 1
        and [line.text.removeprefix("boot: record | ") for line in told] == story[: len(told)]
        and any(" is read_secure_memory() at " in line for line in story)
    )
    result["steps"].append(
        {
            "step": "it read secure memory on purpose, and the next start told the story",
            "ok": good,
            "milliseconds": round(1000 * told[0].seconds) if told else None,
        }
    )
    if good:
        result["faults"] = [each for each in result["faults"] if not each.startswith("spm: fault")]
    result["ok"] = all(step["ok"] for step in result["steps"]) and not result["faults"]
    return story


def judge_token(variant: Variant, path: Path, board: Emulator) -> dict[str, Any]:
    """Verify the demo's token as a server does: with the key that the factory registered."""
    from bz import attest
    from bz.emulator import APPLICATION

    what = "the host verified the token"
    lines = [line for line in board.transcript if line.source == APPLICATION]
    token, challenge = attest.find_in_lines(line.text for line in lines)
    try:
        claims = attest.verify(token, attest.device_key(path, variant.product), challenge)
        attest.check_device(claims, path, variant.product)
    except attest.TokenError as error:
        why = str(error) if token else "there was none"
        return {"step": f"{what} ({why})", "ok": False, "milliseconds": None}
    seconds = max(line.seconds for line in lines if line.text.startswith("demo: token "))
    return {
        "step": f"{what}: {claims.summary}",
        "ok": True,
        "milliseconds": round(1000 * seconds),
        "claims": claims.view(),
    }


def show(variant: Variant, result: dict[str, Any], path: Path) -> None:
    from bz.console import console, short

    if result["ok"]:
        lines = [f"{step['milliseconds']:>6} ms  {step['step']}" for step in result["steps"]]
        lines += [f"           {line}" for line in result.get("story", [])]
        lines += [
            "",
            f"firmware  {short(variant.directory)}/bin",
            f"device    {short(path)}",
            "",
            "next      ./bz run            again: its counters grow",
            f"          ./bz device info {shlex.quote(short(path))}",
            "          ./bz test           proves the rest",
        ]
        console.panel(
            f"{variant.name}: everything happened in {result['milliseconds']} ms", lines, "good"
        )
        return
    lines = [
        ("ok       " if step["ok"] else "MISSING  ") + step["step"] for step in result["steps"]
    ]
    lines += [f"FAULT    {fault}" for fault in result["faults"]]
    lines += [f"STORY    {line}" for line in result.get("story", [])]
    lines += ["", "next      ./bz debug steps through it;  ./bz run --fresh tries a new device"]
    console.panel(f"{variant.name}: not everything happened", lines, "bad")
