"""`bz setup`: says what the set-up made. The set-up itself ran before, in tools/setup."""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

SUMMARY = "install what is needed (once, then offline) and show what there is"
EXAMPLES = [
    ("bz setup", "install what is missing"),
    ("bz setup --all", "and what only bz test and examples/rtos need"),
    ("BZ_MBEDTLS_DIR=~/mbedtls bz setup", "use a Mbed TLS 3.6 source tree that you have"),
    ("rm -rf .bz && bz setup", "make the private environment anew"),
]

TOOLS = {
    "compiler": "arm-none-eabi-gcc",
    "emulator": "qemu-system-arm",
    "cmake": "cmake",
    "ninja": "ninja",
    "host compiler": "clang",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--all",
        action="store_true",
        help="also what only tests and examples need, as bz test does: Chromium, FreeRTOS",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def version_of(tool: str) -> str:
    text = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(
        r"\d+\.\d+[.\d]*", text.split("\n")[0].rpartition(")")[2] or text
    ) or re.search(r"\d[.\d]+", text)
    return found[0] if found else "unknown"


def freertos_version(kernel: Path) -> str:
    found = re.search(
        r'tskKERNEL_VERSION_NUMBER\s+"V([^"]+)"', (kernel / "include" / "task.h").read_text("utf-8")
    )
    return f"{found[1] if found else 'unknown'} in {kernel}"


def run(options: argparse.Namespace) -> int:
    from bz import paths
    from bz.console import console

    versions = {name: f"{tool} {version_of(tool)}" for name, tool in TOOLS.items()}
    header = (paths.mbedtls() / "include" / "mbedtls" / "build_info.h").read_text("utf-8")
    found = re.search(r'MBEDTLS_VERSION_STRING\s+"([0-9.]+)"', header)
    versions["Mbed TLS"] = f"{found[1] if found else 'unknown'} in {paths.mbedtls()}"
    versions["Python"] = paths.python()
    if options.all:
        versions["FreeRTOS"] = freertos_version(paths.STATE / "freertos")
    if options.json:
        console.machine = True
        console.result({"ok": True, "tools": versions})
        return 0
    for name, text in versions.items():
        console.say(f"{name:>14}  {text}")
    console.say("ready; next: ./bz run", "good")
    return 0
