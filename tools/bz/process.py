"""Child processes that never outlive us. Every tool that bz starts goes through here.

A child gets its own process group and a death signal from the kernel: it ends when its command
ends, is interrupted with Ctrl-C, or is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bz.console import BzError

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
STOP_SECONDS = 3.0


def die_with_parent() -> None:
    """Runs in the child before exec: the kernel kills it when the thread that started it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(argv: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a child of ours in its own process group."""
    try:
        return subprocess.Popen(
            list(argv), preexec_fn=die_with_parent, start_new_session=True, **options
        )
    except FileNotFoundError as error:
        raise BzError(f"{argv[0]} is not installed", "run ./bz setup") from error


def stop(child: subprocess.Popen[Any], sig: int = signal.SIGTERM) -> None:
    """End a child and all that it started, for certain."""
    for each in (sig, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def run(
    argv: Sequence[str],
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    each_line: Callable[[str], None] | None = None,
    stdin: Any = subprocess.DEVNULL,
) -> tuple[int, str]:
    """Run a tool to its end; returns its exit code and everything it printed."""
    child = start(
        argv,
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    try:
        for line in child.stdout:
            lines.append(line)
            if each_line:
                each_line(line.rstrip("\n"))
        return child.wait(), "".join(lines)
    finally:
        if child.poll() is None:
            stop(child)
        child.stdout.close()


def run_in_foreground(
    argv: Sequence[str],
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    own_interrupt: bool = False,
) -> int:
    """Run a tool that owns the terminal (pytest, gdb), in our process group: Ctrl-C reaches it.

    own_interrupt: the tool handles Ctrl-C itself although we ignore it.
    """

    def before_exec() -> None:
        die_with_parent()
        if own_interrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    try:
        child = subprocess.Popen(list(argv), cwd=cwd, env=env, preexec_fn=before_exec)
    except FileNotFoundError as error:
        raise BzError(f"{argv[0]} is not installed", "run ./bz setup") from error
    try:
        return child.wait()
    except BaseException:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
        if child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            child.kill()
            child.wait()
        raise
