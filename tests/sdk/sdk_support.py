"""What the tests of the SDK share: commands that cannot see the checkout, applications built from
sdk.json alone, and boards that are started as sdk.json says.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bz import paths, process

APPS = Path(__file__).resolve().parent / "apps"
WARNINGS = ("-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror")
_HIDE = f"mount -t tmpfs none '{paths.ROOT}' && exec \"$@\""


@functools.cache
def seal() -> tuple[str, ...]:
    """Put before a command: it runs with an empty folder in the place of the checkout."""
    words = ("unshare", "-m", "sh", "-c", _HIDE, "sh")
    try:
        done = subprocess.run([*words, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return ()
    return words if done.returncode == 0 else ()


def run(
    *argv: object, cwd: Path = Path("/"), check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command that cannot see the checkout (where the system lets us hide it)."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "BZ_ROOT")}
    done = subprocess.run(
        [*seal(), *map(str, argv)],
        cwd=cwd,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    if check:
        assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done


def refusal(*argv: object, **environment: str) -> str:
    """What a command says that must fail, for a reason and with a next step."""
    done = run(*argv, check=False, **environment)
    assert done.returncode in (1, 2), done.stdout
    assert "    next: " in done.stderr and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def described(sdk: Path) -> dict[str, Any]:
    return json.loads((sdk / "sdk.json").read_text("utf-8"))


def compile_app(sdk: Path, folder: Path, source: Path, board: bool = False) -> Path:
    """An application's signed image, made as sdk.json says; without warnings."""
    of, elf, binary = described(sdk), folder / "app.elf", folder / "app.bin"
    sources = [sdk / of["startup"], *(sdk / each for each in of["board_sources"] if board)]
    objects = []
    for each in (Path(shutil.copy(source, folder)), *sources):
        objects.append(folder / f"{each.stem}.o")
        run(
            "arm-none-eabi-g++" if each.suffix == ".cpp" else "arm-none-eabi-gcc",
            *of["cflags"],
            *(f"-D{define}" for define in of["defines"]),
            *(f"-I{sdk / include}" for include in of["include_dirs"]),
            *("-Os", "-ffunction-sections", *WARNINGS),
            *(("-fno-exceptions", "-fno-rtti") if each.suffix == ".cpp" else ()),
            *("-c", each, "-o", objects[-1]),
        )
    run(
        *("arm-none-eabi-gcc", *of["cflags"], "-nostartfiles", "--specs=nano.specs"),
        *("-Wl,--gc-sections", "-Wl,--fatal-warnings", "-Wl,--no-warn-rwx-segments"),
        *("-T", sdk / of["linker_script"], *objects, *(sdk / each for each in of["libs"])),
        *("-o", elf),
    )
    run("arm-none-eabi-objcopy", "-O", "binary", elf, binary)
    run(*of["sign_ns"], binary, folder / "app_signed.bin", cwd=sdk)
    return folder / "app_signed.bin"


@contextmanager
def powered(sdk: Path, device: Path) -> Iterator[Iterator[str]]:
    """The board, started with the argument vector of sdk.json: lines of the application."""
    argv = [word.replace("@DEVICE@", str(device)) for word in described(sdk)["qemu"]]
    board = process.start(
        [*seal(), *argv], cwd=sdk, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    watchdog = threading.Timer(240, process.stop, [board])
    watchdog.start()
    try:
        yield (line.decode("utf-8", "replace").rstrip() for line in board.stdout)
    finally:
        watchdog.cancel()
        process.stop(board)
        board.stdout.close()


def lines_until(sdk: Path, device: Path, last: str) -> list[str]:
    """The application's lines up to one that matches; a failure if it never comes."""
    said = []
    with powered(sdk, device) as lines:
        for line in lines:
            said.append(line)
            if re.search(last, line):
                return said
    raise AssertionError(f"no line matched {last!r}:\n" + "\n".join(said))


def boot(sdk: Path, folder: Path, signed: Path, last: str) -> list[str]:
    """On a device that make_device makes."""
    device = folder / "device.bin"
    run(sdk / "tools" / "make_device", "--force", signed, device)
    return lines_until(sdk, device, last)
