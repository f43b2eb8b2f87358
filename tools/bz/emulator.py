"""An emulated board: starts QEMU on a device file, follows its two UARTs, cuts its power.

Used by run, debug and all system tests. UART 0 is the secure world, UART 1 the application; both
can be written to. Killing the emulator is a power cut: the device file keeps what the guest had
written. The file is locked as long as the emulator lives, so that two boards never share a
flash, and the emulator ends with us, whatever ends us. It never creates or changes a device file
by itself (see device.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bz import process
from bz.console import BzError
from gen import emit_build

SECURE, APPLICATION, EMULATOR = "secure", "application", "emulator"
QEMU = "qemu-system-arm"
LOCK_SECONDS = 1.0  # an emulator that was killed a moment ago may still be ending
LOCKUP_CODE = 134  # QEMU aborts when the guest locks up


class Line(NamedTuple):
    seconds: float  # since start()
    source: str  # SECURE, APPLICATION or EMULATOR (QEMU's own messages)
    text: str


class EmulatorTimeout(BzError):
    """What was waited for did not come in time; `transcript` has what came."""


class EmulatorEnded(BzError):
    """The emulator ended while something was waited for."""


@dataclass(frozen=True)
class Board:
    """What QEMU needs to know of a product: its arguments, with a place for the device file."""

    machine: str
    flash_size: int
    qemu_args: tuple[str, ...]

    @staticmethod
    def of(product: Any) -> Board:
        return Board(product.qemu_machine, product.flash.size, tuple(emit_build.qemu_args(product)))

    def arguments(self, device: Path) -> list[str]:
        path = str(device).replace(",", ",,")
        return [argument.replace(emit_build.DEVICE, path) for argument in self.qemu_args]


def lock_device(path: Path, board: Board | None = None) -> Any:
    """Open a device file for one user at a time; checks that it is there and of the right size."""
    if not path.is_file():
        raise BzError(f"there is no device file {path}", f"run ./bz device new {path}")
    size = path.stat().st_size
    if board and size != board.flash_size:
        raise BzError(
            f"{path} has {size} bytes, the flash of {board.machine} has {board.flash_size}",
            f"use the file of this product, or make one: ./bz device new --force {path}",
        )
    handle = path.open("r+b")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                handle.close()
                raise BzError(
                    f"{path} is in use by another emulator or command",
                    "end that one first, or use another device file",
                ) from error
            time.sleep(0.02)


class Emulator:
    """One power-on of one board. Use as a context manager: leaving it cuts the power."""

    def __init__(
        self,
        board: Board,
        device: Path,
        kernel: Path,
        extra: Sequence[str] = (),
        on_line: Callable[[Line], None] | None = None,
    ) -> None:
        self.board = board
        self.device = Path(device)
        self.kernel = Path(kernel)
        self.extra = list(extra)
        self.on_line = on_line
        self.transcript: list[Line] = []
        self._cursor = 0  # first line of the transcript that wait_for has not passed yet
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: Any = None
        self._partial: dict[str, bytes] = {}
        self._ends: dict[str, Any] = {}
        self._selector = selectors.DefaultSelector()
        self._started = 0.0

    # --- power ---

    def start(self) -> Emulator:
        if self._child is not None:
            raise RuntimeError("an Emulator is one power-on: make a new one to power on again")
        if not self.kernel.is_file():
            raise BzError(f"there is no {self.kernel}", "run ./bz build")
        self._lock = lock_device(self.device, self.board)
        theirs = []
        argv = [QEMU, *self.board.arguments(self.device), "-kernel", str(self.kernel)]
        for number, source in enumerate((SECURE, APPLICATION)):
            mine, other = socket.socketpair()
            theirs.append(other)
            self._follow(source, mine)
            argv += [
                "-chardev",
                f"socket,id=uart{number},fd={other.fileno()}",
                "-serial",
                f"chardev:uart{number}",
            ]
        try:
            # The emulator inherits the lock, which so holds as long as either of us lives.
            self._child = process.start(
                [*argv, *self.extra],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[self._lock.fileno(), *(end.fileno() for end in theirs)],
            )
        except BaseException:
            self._close()
            raise
        finally:
            for end in theirs:
                end.close()
        self._started = time.monotonic()
        self._follow(EMULATOR, self._child.stderr)
        return self

    def kill(self) -> None:
        """Cut the power: SIGKILL, at once. Output that had left the board is still collected."""
        if self._child is None:
            return
        if self._child.poll() is None:
            process.stop(self._child, signal.SIGKILL)
        self._drain()
        self._close()

    def __enter__(self) -> Emulator:
        return self if self._child else self.start()

    def __exit__(self, *_: Any) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; as a shell says it: 134 is a locked-up guest, 137 a power cut."""
        code = self._child.poll() if self._child else None
        return 128 - code if code is not None and code < 0 else code

    @property
    def locked_up(self) -> bool:
        return self.exit_code == LOCKUP_CODE

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    # --- input and output ---

    def write(self, data: bytes | str, source: str = APPLICATION) -> None:
        """Type into a UART."""
        self._ends[source].sendall(data.encode() if isinstance(data, str) else data)

    def wait_for(
        self, pattern: str | re.Pattern[str], timeout: float = 30.0, source: str | None = None
    ) -> re.Match[str]:
        """The first match in the lines after the last one waited for; all before it are passed."""
        wanted = re.compile(pattern) if isinstance(pattern, str) else pattern
        deadline = time.monotonic() + timeout
        while True:
            while self._cursor < len(self.transcript):
                line = self.transcript[self._cursor]
                self._cursor += 1
                if source in (None, line.source) and (match := wanted.search(line.text)):
                    return match
            left = deadline - time.monotonic()
            if left <= 0:
                raise EmulatorTimeout(
                    f"no line matched '{wanted.pattern}' within {timeout:g} s",
                    "see the device's last lines above",
                    self.text(last=15),
                )
            if not self._pump(left) and self._cursor == len(self.transcript):
                raise EmulatorEnded(
                    self._how_it_ended(f"before a line matched '{wanted.pattern}'"),
                    "see the device's last lines above",
                    self.text(last=15),
                )

    def run_for(self, seconds: float) -> None:
        """Collect output for a while, or until the emulator ends."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._pump(left):
            pass

    def wait_exit(self, timeout: float = 10.0) -> int:
        """Wait until the emulator ends by itself; returns its exit code."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            if not self._pump(left):
                break
        if self.is_running and not self._selector.get_map():
            self._child.wait(max(0.1, deadline - time.monotonic()))
        if self.exit_code is None:
            raise EmulatorTimeout(
                f"the emulator was still running after {timeout:g} s",
                "see its last lines above",
                self.text(last=15),
            )
        return self.exit_code

    def lines(self, source: str | None = None) -> list[str]:
        return [line.text for line in self.transcript if source in (None, line.source)]

    def text(self, last: int | None = None) -> str:
        """The merged transcript in the order of time."""
        lines = self.transcript[-last:] if last else self.transcript
        return "\n".join(f"{line.seconds:8.3f} {line.source:>11} | {line.text}" for line in lines)

    def _how_it_ended(self, when: str) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(process.STOP_SECONDS)
        code = self.exit_code
        if code == LOCKUP_CODE:
            return f"the guest locked up (emulator exit code 134) {when}"
        return f"the emulator ended with exit code {code} {when}"

    # --- inside ---

    def _follow(self, source: str, end: Any) -> None:
        self._ends[source] = end
        self._partial[source] = b""
        self._selector.register(end, selectors.EVENT_READ, source)

    def _pump(self, timeout: float) -> bool:
        """Wait for output and turn it into lines; false once all three sources have ended."""
        if not self._selector.get_map():
            return False
        for key, _ in self._selector.select(timeout):
            try:
                data = (
                    key.fileobj.recv(65536)
                    if isinstance(key.fileobj, socket.socket)
                    else key.fileobj.read1(65536)
                )
            except ConnectionResetError:
                data = b""
            if data:
                self._add(key.data, data)
            else:
                self._selector.unregister(key.fileobj)
                self._end_line(key.data)
        return True

    def _drain(self) -> None:
        while self._selector.get_map() and self._selector.select(0):
            self._pump(0)
        for source in list(self._partial):
            self._end_line(source)

    def _add(self, source: str, data: bytes) -> None:
        *complete, rest = (self._partial[source] + data).split(b"\n")
        self._partial[source] = rest
        for raw in complete:
            self._line(source, raw)

    def _end_line(self, source: str) -> None:
        if rest := self._partial[source]:
            self._partial[source] = b""
            self._line(source, rest)

    def _line(self, source: str, raw: bytes) -> None:
        line = Line(self.seconds, source, raw.decode("utf-8", errors="replace").rstrip("\r"))
        self.transcript.append(line)
        if self.on_line:
            self.on_line(line)

    def _close(self) -> None:
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        for end in self._ends.values():
            end.close()
        if self._lock:
            self._lock.close()
