"""The emulator driver, on a guest of a few lines: lines and their sources, input, power cuts,
locking, lockup, and that no emulator outlives whoever started it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bz import paths, variant
from bz.console import BzError
from bz.emulator import APPLICATION, SECURE, Board, Emulator, EmulatorEnded, EmulatorTimeout

GUEST = Path(__file__).parent / "guest" / "guest.c"
FLASH_SIZE = 16 << 20
BOARD = Board(
    "mps2-an505",
    FLASH_SIZE,
    (
        "-machine",
        "mps2-an505,memory-backend=nv",
        "-object",
        f"memory-backend-file,id=nv,size={FLASH_SIZE},mem-path=@DEVICE@,share=on",
        "-display",
        "none",
        "-monitor",
        "none",
    ),
)


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    elf = tmp_path_factory.mktemp("guest") / "guest.elf"
    subprocess.run(
        ["arm-none-eabi-gcc", "-mcpu=cortex-m33", "-mthumb", "-Os", "-nostdlib", "-ffreestanding"]
        + ["-Wl,-Ttext=0x10000100,--section-start=.vectors=0x10000000,-ereset"]
        + ["-o", str(elf), str(GUEST)],
        check=True,
    )
    return elf


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    path = tmp_path / "device.bin"
    path.write_bytes(b"\xff" * FLASH_SIZE)
    return path


@pytest.fixture
def board(guest: Path, flash: Path) -> Iterator[Emulator]:
    with Emulator(BOARD, flash, guest) as running:
        yield running


def exists(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not exists(pid)


def test_lines_have_their_source(board: Emulator) -> None:
    board.wait_for("secure line", 10, SECURE)
    board.wait_for("flash new", 10, APPLICATION)
    assert board.lines(SECURE) == ["guest: secure line"]
    assert board.lines(APPLICATION) == ["guest: flash new"]
    assert [line.seconds for line in board.transcript] == sorted(
        line.seconds for line in board.transcript
    )
    assert "application | guest: flash new" in board.text()


def test_input_reaches_the_guest(board: Emulator) -> None:
    board.wait_for("flash new", 10)
    board.write("?")
    board.wait_for("what?", 10)


def test_wait_passes_each_line_once(board: Emulator) -> None:
    board.wait_for("flash new", 10)
    with pytest.raises(EmulatorTimeout) as failure:
        board.wait_for("flash new", 0.3)
    assert "flash new" in failure.value.details


def test_power_cut_keeps_the_flash(guest: Path, flash: Path) -> None:
    with Emulator(BOARD, flash, guest) as first:
        first.wait_for("flash new", 10)
        first.write("w")
        first.wait_for("written", 10)
        first.kill()
        assert first.exit_code == 137
    assert flash.read_bytes()[0x50000:0x50004] == bytes.fromhex("78563412")
    with Emulator(BOARD, flash, guest) as second:
        second.wait_for("flash kept", 10)


def test_lockup_is_recognised(board: Emulator) -> None:
    board.wait_for("flash new", 10)
    board.write("l")
    with pytest.raises(EmulatorEnded, match="locked up"):
        board.wait_for("never", 10)
    assert board.locked_up
    assert board.exit_code == 134
    assert board.wait_exit() == 134
    assert board.lines(APPLICATION)[-1] == "guest: no end of line"
    assert any("ockup" in line for line in board.lines("emulator"))


def test_two_boards_cannot_share_a_device(board: Emulator, guest: Path, flash: Path) -> None:
    with pytest.raises(BzError, match="in use"):
        Emulator(BOARD, flash, guest).start()
    board.kill()
    with Emulator(BOARD, flash, guest) as second:
        second.wait_for("secure line", 10)


@pytest.mark.parametrize("size", [0, FLASH_SIZE - 1, FLASH_SIZE + 1])
def test_wrong_size_is_refused(size: int, guest: Path, tmp_path: Path) -> None:
    path = tmp_path / "device.bin"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(BzError, match=f"has {size} bytes"):
        Emulator(BOARD, path, guest).start()


def test_missing_files_are_refused(guest: Path, flash: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nothing"
    with pytest.raises(BzError, match="no device file"):
        Emulator(BOARD, missing, guest).start()
    assert not missing.exists()
    with pytest.raises(BzError, match="bz build|nothing"):
        Emulator(BOARD, flash, missing).start()


def test_board_dies_with_its_owner(guest: Path, flash: Path) -> None:
    program = f"""
        import time
        from pathlib import Path
        from test_bz_emulator import BOARD
        from bz.emulator import Emulator
        board = Emulator(BOARD, Path({str(flash)!r}), Path({str(guest)!r})).start()
        board.wait_for("flash new", 10)
        print(board.pid, flush=True)
        time.sleep(60)
    """
    search = os.pathsep.join([str(paths.ROOT / "tools"), str(Path(__file__).parent)])
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=dict(os.environ, PYTHONPATH=search),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        pid = int(owner.stdout.readline())
        assert exists(pid)
        owner.send_signal(signal.SIGKILL)
        owner.wait(10)
        assert wait_until_gone(pid)
    finally:
        owner.kill()
        owner.stdout.close()
    with Emulator(BOARD, flash, guest) as second:  # the lock is free again
        second.wait_for("secure line", 10)


def test_the_products_board_is_the_one_tried_here() -> None:
    board = Board.of(variant.find("an505").product)
    assert (board.machine, board.flash_size) == (BOARD.machine, BOARD.flash_size)
    arguments = board.arguments(Path("/x,y/device.bin"))
    assert any("mem-path=/x,,y/device.bin" in argument for argument in arguments)
