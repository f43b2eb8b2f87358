"""./bz run, build, size and debug on the real firmware: exit codes, what they say when something
is missing, no network, no process left behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bz_support import BZ, bz, processes_with, without_network

from bz import build, device, provisioning, variant
from bz.commands import run
from bz.variant import Variant


@pytest.fixture(scope="module")
def built() -> Variant:
    found = variant.find("an505")
    build.build(found)
    return found


@pytest.fixture
def device_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "device.bin"
    yield path
    assert processes_with(str(path)) == []


def run_json(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    done = bz("run", "--json", *arguments)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_run_boots_everything_and_the_counters_grow(built: Variant, device_file: Path) -> None:
    for start in (1, 2):
        code, told = run_json("--device", device_file)
        assert code == 0, told
        assert told["ok"] and not told["faults"]
        assert all(step["ok"] for step in told["steps"])
        texts = [line["text"] for line in told["lines"]]
        assert f"demo: this is start number {start} of this device" in texts
        assert device.describe(device_file, built.product)["counters"]["boots"] == start


def test_run_is_readable_in_a_pipe(built: Variant, device_file: Path) -> None:
    done = bz("run", "--device", device_file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ +secure \| boot: image secure .* verified$", done.stdout, re.M)
    assert re.search(r"^application \| demo: done$", done.stdout, re.M)
    assert "everything happened in" in done.stdout
    assert "\033[" not in done.stdout


def test_fresh_makes_a_new_device(built: Variant, device_file: Path) -> None:
    run_json("--device", device_file)
    first = device.describe(device_file, built.product)["provisioning"]["instance_id"]
    code, told = run_json("--device", device_file, "--fresh")
    assert code == 0
    assert "demo: this is start number 1 of this device" in [line["text"] for line in told["lines"]]
    assert device.describe(device_file, built.product)["provisioning"]["instance_id"] != first


def test_run_says_what_is_missing(
    built: Variant, device_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Boot refuses a broken image: run fails, and names what did not happen."""
    device.create(device_file, built.product)
    for image in built.product.images:
        data = bytearray(built.signed(image.world).read_bytes())
        if image.name == "nonsecure":
            data[0x500] ^= 1
        device.write_image(device_file, built.product, image.name, bytes(data))
    board = run.boot(built, device_file, 20)
    result = run.judge(built, board)
    run.show(built, result, device_file)
    said = capsys.readouterr().out
    assert not result["ok"]
    assert "MISSING  boot verified image 'nonsecure'" in said
    assert "MISSING  the application started" in said
    assert re.search("FAULT    boot: image nonsecure refused: .*", said)


def test_run_with_a_device_of_other_keys_says_fresh(built: Variant, device_file: Path) -> None:
    device.create(device_file, built.product)
    region = device.find_region(built.product, "provisioning")
    held = provisioning.parse(device.read(device_file, built.product, region.offset, region.size))
    held.anchors[0] = [bytes(32)]
    device.write(device_file, built.product, region.offset, provisioning.pack(held))
    done = bz("run", "--device", device_file)
    assert done.returncode == 1
    assert "does not trust" in done.stderr and "--fresh" in done.stderr


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("whole_group", [True, False])
def test_interrupt_leaves_nothing_behind(
    built: Variant, device_file: Path, number: int, code: int, whole_group: bool
) -> None:
    # A firmware that never ends the demo keeps the board running: wait for its first line.
    child = subprocess.Popen(
        [BZ, "run", "--device", str(device_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in child.stdout:
            if line.startswith("booting"):
                break
        if whole_group:
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
        _, errors = child.communicate(timeout=20)
    finally:
        if child.poll() is None:
            child.kill()
    assert child.returncode == code, errors
    assert "Traceback" not in errors
    time.sleep(0.2)


def test_build_again_is_quick_and_the_same(built: Variant) -> None:
    before = {path: path.read_bytes() for path in (built.directory / "bin").glob("*_signed.bin")}
    assert len(before) == 2
    started = time.monotonic()
    done = bz("build", "--json")
    assert time.monotonic() - started < 10
    assert json.loads(done.stdout)["variant"] == built.name
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.slow
def test_build_without_network() -> None:
    """Nothing is downloaded after the set-up: a variant is built from nothing with no network."""
    prefix = without_network()
    options = ["--product", "an521", "--isolation", "1", "--profile", "small"]
    folder = variant.find("an521", 1, "small").directory
    for path in folder.glob("*") if folder.exists() else []:
        if not path.name.startswith("device"):
            subprocess.run(["rm", "-rf", str(path)], check=True)
    done = bz("build", "--json", *options, prefix=prefix, timeout=600)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(Path(path).exists() for path in [told["boot"], *told["images"].values()])


def test_size_counts_each_image_and_partition(built: Variant) -> None:
    told = json.loads(bz("size", "--json").stdout)
    images = told["images"]
    assert set(images) == {"boot", "secure", "nonsecure"}
    for sizes in images.values():
        assert sizes["text"] > 0
    owners = images["secure"]["owners"]
    for partition in built.product.partitions:
        assert owners[f"partition {partition.name}"]["code"] > 0
        assert owners[f"partition {partition.name}"]["ram"] > 0
    assert "partition crypto" in bz("size").stdout


def test_debug_sees_the_symbols_of_all_images(built: Variant, device_file: Path) -> None:
    symbols = ["boot_reset", "__manager_ram_start", "psa_generate_random"]  # one of each image
    commands = ["info symbol $pc", *(f"info address {symbol}" for symbol in symbols)]
    arguments = [word for command in commands for word in ("--command", command)]
    done = bz("debug", "--batch", "--device", device_file, *arguments)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^boot_reset in section", done.stdout, re.M), done.stdout + done.stderr
    for symbol in symbols:
        assert re.search(rf'^Symbol "{symbol}" is ', done.stdout, re.M), done.stdout + done.stderr


def test_debug_print_runs_nothing(built: Variant, device_file: Path) -> None:
    done = bz("debug", "--print", "--device", device_file)
    assert done.returncode == 0
    assert "qemu-system-arm" in done.stdout and "gdb" in done.stdout
    assert not device_file.exists()
