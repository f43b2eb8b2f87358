"""`bz new app NAME`: the folder of a non-secure application outside the tree, for an SDK.

The files are those of examples/bare with the new name in the place of "bare". Called by
bz/commands/new.py; writes into the new folder only.
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
from pathlib import Path

from bz import paths
from bz.console import BzError, console, short

TEMPLATE = paths.ROOT / "examples" / "bare"
TEMPLATE_NAME = "bare"
FILES = {
    "main.c": "the application",
    "CMakeLists.txt": "builds, signs and tests it",
    "Makefile": "the same with make",
    "README.md": "the commands",
}
_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,31}"
# Targets that CMake and the SDK make themselves.
_TAKEN = (
    *("all", "bartizan_ns_startup", "clean", "edit_cache", "help", "install", "package"),
    *("rebuild_cache", "test"),
)


def run(options: argparse.Namespace) -> int:
    for option in ("type", "model"):
        if getattr(options, option) is not None:
            raise BzError(f"--{option} is for partitions", "leave it out", code=2)
    folder = (options.dir or Path(options.name)).absolute()
    check(options.name, folder)
    try:
        write(options.name, folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if options.json:
        console.result({"ok": True, "folder": str(folder), "files": list(FILES)})
        return 0
    console.say(f"made {short(folder)}/: application {options.name}", "good")
    for line in next_steps(folder):
        console.say(line)
    return 0


def check(name: str, folder: Path) -> None:
    if re.fullmatch(_NAME, name) is None or name in _TAKEN:
        raise BzError(
            f"'{name}' cannot name an application",
            "write at most 32 letters, digits, _ and -, a letter first, and none of "
            + ", ".join(_TAKEN),
            code=2,
        )
    if folder.exists() or folder.is_symlink():
        raise BzError(f"{short(folder)} exists", "remove it, or choose another --dir")


def write(name: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in FILES:
        text = (TEMPLATE / file).read_text("utf-8")
        (folder / file).write_text(text.replace(TEMPLATE_NAME, name), "utf-8")


def next_steps(folder: Path) -> list[str]:
    place, command = short(folder), shlex.quote(short(paths.ROOT / "bz"))
    build = shlex.quote(f"{place}/build")
    toolchain = "SDK/cmake/toolchain_ns_gnuarm.cmake"
    width = max(map(len, FILES))
    return [
        *(f"  {file:<{width}}  {role}" for file, role in FILES.items()),
        "next:",
        f"  {command} sdk SDK     unless you have one; SDK is its folder",
        f"  cmake -S {shlex.quote(place)} -B {build} --toolchain {toolchain}",
        f"  cmake --build {build}",
        f"  ctest --test-dir {build} --verbose",
    ]
