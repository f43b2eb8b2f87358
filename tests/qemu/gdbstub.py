"""The few packets of the GDB remote protocol that tests need to look into a stopped board."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import TracebackType


class Stub:
    """A connection to the stub of an emulator that was started with Stub.options(path)."""

    @staticmethod
    def options(path: Path) -> tuple[str, ...]:
        """Arguments of an emulator that waits for the debugger before its first instruction."""
        return ("-gdb", f"unix:{path},server=on,wait=off", "-S")

    def __init__(self, path: Path, timeout: float = 30.0) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        self._link.settimeout(timeout)
        deadline = time.monotonic() + timeout
        while self._link.connect_ex(str(path)) != 0:  # the emulator is still starting
            assert time.monotonic() < deadline, "the emulator opened no stub"
            time.sleep(0.02)
        self._stream = self._link.makefile("rb")

    def __enter__(self) -> Stub:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._link.close()

    def ask(self, text: str) -> str:
        """Send a packet; the answer, which for a step or continue is the next stop."""
        self._link.sendall(f"${text}#{sum(text.encode()) & 0xFF:02x}".encode())
        return self.answer()

    def answer(self) -> str:
        """The next packet. A board that was running tells on its own that it has stopped."""
        while self._stream.read(1) != b"$":  # acknowledgements
            pass
        answer = b""
        while (byte := self._stream.read(1)) != b"#":
            answer += byte
        self._stream.read(2)
        self._link.sendall(b"+")
        return answer.decode()

    def run_to(self, address: int) -> None:
        """Continue until the instruction at `address` is next."""
        where = f",{address & ~1:x},2"
        assert self.ask(f"Z1{where}") == "OK"
        assert self.ask("c").startswith("T05")
        assert self.ask(f"z1{where}") == "OK"

    def read(self, address: int, size: int) -> bytes:
        """Memory as the stopped processor sees it."""
        data = b""
        while len(data) < size:
            length = min(1024, size - len(data))
            part = bytes.fromhex(self.ask(f"m{address + len(data):x},{length:x}"))
            assert len(part) == length
            data += part
        return data
