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

from bz import build, device, provisioning, size, variant
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
    for start in (2, 3):  # the first start ends in the demo's fault on purpose
        code, told = run_json("--device", device_file)
        assert code == 0, told
        assert told["ok"] and not told["faults"]
        assert all(step["ok"] for step in told["steps"])
        texts = [line["text"] for line in told["lines"]]
        assert f"demo: this is start number {start} of this device" in texts
        assert device.describe(device_file, built.product)["counters"]["boots"] == start


def test_run_tells_the_story_of_the_fault_on_purpose(built: Variant, device_file: Path) -> None:
    code, told = run_json("--device", device_file)
    assert code == 0, told
    assert told["story"][1] == "tried to read 4 bytes at 0x38000000: RAM of the manager"
    assert re.match(
        r"pc 0x\w{8} is read_secure_memory\(\) at ns/apps/demo/main\.c:\d+$", told["story"][3]
    )
    assert "it read secure memory on purpose" in told["steps"][-1]["step"]
    code, told = run_json("--device", device_file)
    assert code == 0 and told["story"] == []


def test_run_fails_at_a_fault_that_is_not_planned(built: Variant, device_file: Path) -> None:
    """The same fault without the demo's word for it."""
    device.create(device_file, built.product)
    run.prepare_device(built, device_file, False)
    board = run.boot(built, device_file, 20)
    board.transcript = [line for line in board.transcript if "on purpose" not in line.text]
    result = run.judge(built, board)
    story = run.judge_fault(built, device_file, board, result)
    assert not result["ok"]
    assert [fault for fault in result["faults"] if "SecureFault in the non-secure" in fault]
    assert story, "a fault that is not planned has a story too"


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
        owner = owners[f"partition {partition.name}"]
        assert owner["text"] > 0
        assert owner["stack"] == partition.manifest.stack_size
        assert owner["ram"] == owner["data"] + owner["bss"] + owner["stack"]
    assert "partition crypto" in bz("size").stdout


def test_size_agrees_with_the_compilers_tool(built: Variant) -> None:
    images = json.loads(bz("size", "--json").stdout)["images"]
    for image in images.values():
        told = subprocess.run(
            ["arm-none-eabi-size", image["file"]], capture_output=True, text=True, check=True
        )
        text, data, bss = (int(word) for word in told.stdout.splitlines()[1].split()[:3])
        assert (image["text"], image["data"], image["bss"] + image["stack"]) == (text, data, bss)
        payload = Path(image["file"]).with_suffix(".bin")
        if payload.exists():
            assert image["binary"] == payload.stat().st_size


def test_size_knows_libraries_and_functions(built: Variant) -> None:
    secure = json.loads(bz("size", "--json", "--functions", "3").stdout)["images"]["secure"]
    libraries = secure["libraries"]
    assert {"mbedcrypto", "store", "partition_its", "spe"} <= set(libraries)
    given = sum(sizes["text"] for sizes in libraries.values())
    assert 0.95 * secure["text"] <= given <= secure["text"], "the rest is alignment"
    assert [each["bytes"] for each in secure["functions"]] == sorted(
        (each["bytes"] for each in secure["functions"]), reverse=True
    )
    assert len(secure["functions"]) == 3


# --- budgets --------------------------------------------------------------------------------------


def with_budget(tmp_path: Path, text: str) -> Variant:
    """The variant that was built, with a budget."""
    product = tmp_path / "product.toml"
    product.write_text(f'extends = "products/an505.toml"\n{text}', "utf-8")
    return variant.find(str(product))


def test_a_build_within_its_budget_passes(built: Variant, tmp_path: Path) -> None:
    boot, secure = (size.measure(path) for path in (built.boot_elf, built.elf("secure")))
    exact = (
        f"[budget.{built.profile}]\n"
        f"boot_code = {boot['binary']}\nboot_ram = {boot['ram']}\n"
        f"secure_code = {secure['binary']}\nsecure_ram = {secure['ram']}\n"
    )
    assert size.exceeded_budgets(with_budget(tmp_path, exact)) == []


@pytest.mark.parametrize("budget", ["boot_code", "boot_ram", "secure_code", "secure_ram"])
def test_an_exceeded_budget_has_its_numbers(built: Variant, tmp_path: Path, budget: str) -> None:
    image, _, what = budget.partition("_")
    measured = size.measure(built.boot_elf if image == "boot" else built.elf("secure"))
    used = measured["binary" if what == "code" else "ram"]
    product = with_budget(tmp_path, f"[budget.{built.profile}]\n{budget} = {used - 1}\n")
    assert size.exceeded_budgets(product) == [
        f"{image} {what} takes {used} of {used - 1} bytes, 1 too many"
    ]


def test_an_exceeded_budget_of_a_partition(built: Variant, tmp_path: Path) -> None:
    partition = '[[partition]]\nname = "its"\nbudget = { code = 1, ram = 2 }\n'
    exceeded = size.exceeded_budgets(with_budget(tmp_path, partition))
    assert [re.sub(r"\d+", "N", line) for line in exceeded] == [
        "its code takes N of N bytes, N too many",
        "its ram takes N of N bytes, N too many",
    ]


@pytest.mark.slow
def test_an_exceeded_budget_fails_the_build(tmp_path: Path) -> None:
    product = tmp_path / "product.toml"
    product.write_text(
        'extends = "products/an505.toml"\n[product]\nname = "budget-test"\n'
        "[budget.medium]\nsecure_code = 1000\nboot_ram = 100\n",
        "utf-8",
    )
    done = bz("build", "--product", product)
    assert done.returncode == 1
    assert "budget-test-i3-medium exceeds its budget: " in done.stderr
    assert re.search(r"secure code takes \d+ of \d+ bytes, \d+ too many", done.stderr)
    assert re.search(r"boot ram takes \d+ of 100 bytes, \d+ too many", done.stderr)
    assert f"or raise the budget in {product}" in done.stderr
    assert not variant.find(str(product)).signed("secure").exists(), "signed all the same"


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
