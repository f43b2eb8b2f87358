"""The service template, called from the non-secure side on the emulated board."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bz import build, device, variant
from bz.emulator import APPLICATION, Board, Emulator

PRODUCT = Path(__file__).with_name("template.toml")


@pytest.mark.parametrize("isolation", [1, 2, 3])
def test_service(isolation: int, tmp_path: Path) -> None:
    built = replace(variant.find(str(PRODUCT), isolation), application="template_test")
    build.build(built)
    path = tmp_path / "device.bin"
    device.create(path, built.product, seed=1)
    images = {each.name: built.signed(each.world).read_bytes() for each in built.product.images}
    device.update_images(path, built.product, images)
    with Emulator(Board.of(built.product), path, built.boot_elf) as board:
        board.wait_for("^test: done$", source=APPLICATION)
        answers = board.lines(APPLICATION)
    assert answers == [
        "test: version 1",
        "test: add 30: status 0, sum 30",
        "test: add 12: status 0, sum 42",
        "test: empty request: status -135",  # PSA_ERROR_INVALID_ARGUMENT
        "test: unknown request: status -134",  # PSA_ERROR_NOT_SUPPORTED
        "test: done",
    ]
