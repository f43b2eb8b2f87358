"""What the system tests drive: a machine (device file and boot program), and one that is attacked.

Everything runs on the emulated board with the images that users get; a test that needs to misbehave
uses the product in probe/, which is an505 with one more partition and an application that attacks.
"""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path

from elftools.elf.elffile import ELFFile

from bz import device, signing
from bz.emulator import APPLICATION, SECURE, Board, Emulator
from bz.variant import Variant

PROBE = "tests/qemu/probe/probe.toml"


class Machine:
    """A device file and the boot program of a variant: power it on as often as needed."""

    def __init__(self, built: Variant, path: Path) -> None:
        self.variant = built
        self.product = built.product
        self.path = path
        self.boot_elf = built.boot_elf  # a test may put a changed one in its place
        self._boards: list[Emulator] = []

    def power_on(self, *extra: str) -> Emulator:
        board = Emulator(Board.of(self.product), self.path, self.boot_elf, extra)
        self._boards.append(board)
        return board.start()

    def power_off(self) -> None:
        for board in self._boards:
            board.kill()
        self._boards.clear()

    @property
    def qmp_options(self) -> tuple[str, ...]:
        """What power_on() needs so that qmp() can be used."""
        return "-qmp", f"unix:{self.path}.qmp,server=on,wait=off"

    def qmp(self, command: str, **arguments: object) -> object:
        """One command of the emulator's monitor."""
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(f"{self.path}.qmp")
            stream = link.makefile("rw")
            stream.readline()
            answer = None
            for name, values in (("qmp_capabilities", {}), (command, arguments)):
                stream.write(json.dumps({"execute": name, "arguments": values}) + "\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    assert "error" not in answer, answer
            return answer["return"]

    def memory(self, address: int, words: int) -> list[int]:
        """Words of the running board's memory, whoever they belong to."""
        text = self.qmp("human-monitor-command", **{"command-line": f"xp /{words}xw {address:#x}"})
        return [int(word, 16) for word in re.findall(r"0x([0-9a-f]{8})", str(text))]

    def slot(self, name: str) -> tuple[int, int]:
        return device.slot_of(self.product, name)

    def read(self, offset: int, size: int) -> bytes:
        return device.read(self.path, self.product, offset, size)

    def write(self, offset: int, data: bytes) -> None:
        device.write(self.path, self.product, offset, data)

    def install(self, name: str, data: bytes) -> None:
        device.write_image(self.path, self.product, name, data)


class Debugger:
    """The emulator's debug stub, as far as a fault needs it. Power on with options(machine)."""

    def __init__(self, machine: Machine) -> None:
        self._link = socket.socket(socket.AF_UNIX)
        self._link.settimeout(30)
        deadline = time.monotonic() + 10
        while self._link.connect_ex(f"{machine.path}.gdb") != 0:
            assert time.monotonic() < deadline, "no debug stub"
            time.sleep(0.02)
        self._stream = self._link.makefile("rwb")
        self.ask("qXfer:features:read:target.xml:0,ffb")  # without it, no registers by number

    @staticmethod
    def options(machine: Machine) -> tuple[str, ...]:
        return "-S", "-gdb", f"unix:{machine.path}.gdb,server=on,wait=off"

    def ask(self, packet: str) -> str:
        self._stream.write(f"${packet}#{sum(packet.encode()) & 0xFF:02x}".encode())
        self._stream.flush()
        while self._stream.read(1) != b"$":
            pass
        answer = b""
        while (byte := self._stream.read(1)) != b"#":
            answer += byte
        self._stream.read(2)
        self._stream.write(b"+")
        self._stream.flush()
        return answer.decode()

    def run_to(self, *addresses: int) -> int:
        """Runs until one of the addresses is reached, not counting the present one: which."""
        self.ask("s")
        for address in addresses:
            self.ask(f"Z1,{address:x},2")
        self.ask("c")
        for address in addresses:
            self.ask(f"z1,{address:x},2")
        return int.from_bytes(bytes.fromhex(self.ask("pf")), "little")

    def skip_to(self, address: int) -> None:
        self.ask(f"Pf={address.to_bytes(4, 'little').hex()}")

    def leave(self) -> None:
        self.ask("D")
        self._stream.close()
        self._link.close()


def boot_refusal(machine: Machine) -> str:
    """Power on, expect the defined end state; the line that says why. Nothing may have started."""
    board = machine.power_on()
    board.wait_for(r"^boot: halted$", source=SECURE)
    board.run_for(0.2)
    assert not board.lines(APPLICATION), "the application ran although boot refused"
    assert not [line for line in board.lines(SECURE) if line.startswith("spm:")], "the manager ran"
    assert board.lines(SECURE)[-1] == "boot: halted"
    machine.power_off()
    return board.lines(SECURE)[-2]


class Attacker:
    """The probe product with the attacking application, which takes commands."""

    def __init__(
        self, machine: Machine, free_running: bool = False, extra: tuple[str, ...] = ()
    ) -> None:
        self.machine = machine
        payload = machine.variant.directory / "bin" / "attack.bin"
        signed = machine.path.with_name("attack_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        # Time follows the instructions: interrupts come at the same places in every run.
        timing = () if free_running else ("-icount", "shift=6,sleep=off")
        self.board = machine.power_on("-no-reboot", *timing, *extra)
        self.board.wait_for("^attack: ready$", source=APPLICATION)

    def tell(self, command: str) -> None:
        self.board.write(command + "\n")

    def fault_of(self, command: str) -> str:
        """Sends a command that must end in a fault or panic of the secure world: its line."""
        self.tell(command)
        said = self.board.wait_for(r"^spm: (fault|partition \S+ ended): .*$", source=SECURE)
        self.board.wait_exit()
        answers = self.board.lines(APPLICATION)
        assert answers[-1] == "attack: ready", f"the attack came back: {answers[-1]}"
        return said[0]


def symbols_of(elf: Path) -> dict[str, int]:
    """Addresses of an ELF file's symbols."""
    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {symbol.name: symbol["st_value"] for symbol in table.iter_symbols() if symbol.name}
