"""The service ticker on the emulated board, called from the non-secure side. Run make first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bz import build, device, variant
from bz.emulator import APPLICATION, Board, Emulator

FOLDER = Path(__file__).resolve().parent
EXTRAS = variant.Extras(
    (str(FOLDER / "manifest_list.yaml"),), (("ticker", str(FOLDER / "ticker.a")),)
)
ENTRY = r"ticker: entry of tick (\d+), (\d+) clocks late"


@pytest.mark.parametrize("isolation", [1, 2, 3])
def test_service(isolation: int, tmp_path: Path) -> None:
    built = replace(variant.find("an505", isolation, extras=EXTRAS), application="ticker_demo")
    build.build(built)
    path = tmp_path / "device.bin"
    device.create(path, built.product, seed=1)
    images = {each.name: built.signed(each.world).read_bytes() for each in built.product.images}
    device.update_images(path, built.product, images)
    for start in (1, 2):
        answers = answers_of(built, path)
        assert answers[:2] == ["ticker: too fast: status -135", "ticker: start: status 0"]
        assert [ticks_of(line) for line in answers[2:6]] == [1, 2, 3, 4]
        assert answers[6] == "ticker: stop: status 0"
        found = re.fullmatch(r"ticker: starts (\d+), ticks (\d+), entries (\d+)", answers[7])
        assert found, answers[7]
        starts, ticks, entries = map(int, found.groups())
        assert starts == start
        assert ticks >= 100 and 20 <= entries <= 0x400 // 24
        first = ticks - entries + 1  # the older ones made room
        assert [ticks_of(line) for line in answers[8:12]] == list(range(first, first + 4))


def answers_of(built: variant.Variant, path: Path) -> list[str]:
    with Emulator(Board.of(built.product), path, built.boot_elf) as board:
        board.wait_for("^ticker: done$", source=APPLICATION)
        return board.lines(APPLICATION)


def ticks_of(line: str) -> int:
    found = re.fullmatch(ENTRY, line)
    assert found, line
    return int(found[1])
