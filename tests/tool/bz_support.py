"""What the tests of ./bz share: running the command as a user does, and finding what it left
behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bz import paths

BZ = str(paths.ROOT / "bz")


def bz(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ./bz to its end."""
    argv = [*options.pop("prefix", []), BZ, *map(str, arguments)]
    return subprocess.run(
        argv,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=options.pop("timeout", 300),
        check=False,
        **options,
    )


def processes_with(text: str) -> list[int]:
    """Processes, zombies left out, that name `text` in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in line:
            found.append(int(entry.name))
    return found


def without_network() -> list[str]:
    """A prefix that runs a command with no network; skips the test where that is not permitted."""
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare"):
            tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
            if tried.returncode == 0:
                return prefix
    pytest.skip("unshare -n is not permitted here")


def copy_of_setup(folder: Path) -> Path:
    """A checkout that has the set-up only."""
    shutil.copy(BZ, folder / "bz")
    shutil.copytree(paths.ROOT / "tools", folder / "tools")
    return folder / "bz"


def run_setup_py(
    folder: Path, python_ready: bool = True, stamp: str = "ready"
) -> subprocess.CompletedProcess[str]:
    """Only the second half of the set-up; `python_ready` leaves out pip."""
    state = folder / ".bz"
    (state / "log").mkdir(parents=True, exist_ok=True)
    program = (
        f"import runpy, sys; sys.argv = ['setup.py', '{stamp}'];"
        "space = runpy.run_path('tools/setup/setup.py', run_name='loaded');"
        "main = space['main'];"
        f"{python_ready} and main.__globals__.update(ensure_python=lambda: None);"
        "sys.exit(main())"
    )
    return subprocess.run(
        ["python3", "-c", program],
        cwd=folder,
        env=dict(os.environ, BZ_ROOT=str(folder), BZ_STATE=str(state)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
