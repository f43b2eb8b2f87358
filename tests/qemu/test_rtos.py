"""examples/rtos: built outside the tree from an exported SDK and the FreeRTOS kernel, booted.

Unprivileged tasks of different priorities call secure services while SysTick switches between them;
one of them attacks another. Copies of the example with the lock or the isolation taken out must be
noticed by the example itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bz import paths, sdk
from bz.emulator import SECURE

EXAMPLE = paths.ROOT / "examples" / "rtos"
LOCK = paths.ROOT / "tests" / "qemu" / "lock"
KERNEL = paths.STATE / "freertos"
GOOD = (
    r"FreeRTOS V11\.\d+\.\d+",
    r"calls before the scheduler runs: ok",
    r"worker_high: 60 rounds, \d{3} calls, 0 wrong, 0 refused as busy: ok",
    r"worker_low: 60 rounds, \d{3} calls, 0 wrong, 0 refused as busy: ok",
    r"intruder: (\d+) calls with memory of others in vectors, \1 refused: ok",
    r"intruder: what it wanted is as it was: ok",
    r"intruder: the same call by a privileged task is served: ok",
    r"intruder: stopped by the MPU reading 0x[0-9a-f]{8}: ok",
    r"\d+ secure calls, [1-9]\d* ticks and [1-9]\d* switches of tasks in the middle of one: ok",
    r"done",
)


@pytest.fixture(scope="module")
def sdk_of(built, tmp_path_factory) -> Callable[[str, int], Path]:
    """An exported SDK; each once."""
    done: dict[tuple[str, int], Path] = {}

    def get(product: str, level: int) -> Path:
        key = (product, level)
        if key not in done:
            done[key] = tmp_path_factory.mktemp("sdk") / f"{product}-i{level}"
            sdk.export(built(product, level), done[key])
        return done[key]

    return get


def run(*argv: str | Path, status: int = 0) -> str:
    done = subprocess.run(
        [*map(str, argv)], capture_output=True, text=True, timeout=180, check=False
    )
    assert (done.returncode == 0) == (status == 0), done.stdout + done.stderr
    return done.stdout + done.stderr


def build(folder: Path, source: Path, *options: str) -> Path:
    """The folder that it was built in."""
    made = folder / "build"
    run("cmake", "-G", "Ninja", "-S", source, "-B", made, *options)
    run("cmake", "--build", made)
    return made


def copy_of_example(folder: Path, **changes: tuple[str, str]) -> Path:
    """The example outside the tree; for file x.y, x_y=(old, new) changes it."""
    copy = folder / "rtos"
    shutil.copytree(EXAMPLE, copy)
    for name, (old, new) in changes.items():
        file = copy / ".".join(name.rsplit("_", 1))
        text = file.read_text("utf-8")
        assert old in text, f"{file.name} has no {old!r}"
        file.write_text(text.replace(old, new), "utf-8")
    return copy


def build_example(kit: Path, folder: Path, **changes: tuple[str, str]) -> Path:
    source = copy_of_example(folder, **changes)
    toolchain = kit / "cmake" / "toolchain_ns_gnuarm.cmake"
    return build(folder, source, "--toolchain", str(toolchain), f"-DFREERTOS_DIR={KERNEL}")


def boot_example(kit: Path, folder: Path, status: int = 0, **changes: tuple[str, str]) -> list[str]:
    """What the example says, without its name in front."""
    made = build_example(kit, folder, **changes)
    said = run("ctest", "--test-dir", made, "--verbose", status=status)
    return re.findall(r"^1: rtos: (.*)$", said, re.M)


def refused(said: list[str]) -> str:
    assert said[-1] == "FAILED", said
    return "\n".join(line for line in said if line.endswith(": FAILED"))


@pytest.mark.parametrize(
    "product, level", [("an505", 1), ("an505", 2), ("an505", 3), ("an521", 3)]
)
def test_tasks_share_the_secure_world(
    sdk_of, tmp_path: Path, product: str, level: int
) -> None:
    said = boot_example(sdk_of(product, level), tmp_path)
    assert len(said) == len(GOOD), said
    for line, wanted in zip(said, GOOD, strict=True):
        assert re.fullmatch(wanted, line), line


def test_without_the_lock_calls_are_refused_as_busy(sdk_of, tmp_path: Path) -> None:
    said = boot_example(sdk_of("an505", 3), tmp_path, 1, CMakeLists_txt=(" lock.c", ""))
    told = refused(said)
    assert re.search(r"worker_high: .* [1-9]\d* wrong, [1-9]\d* refused as busy", told), said


def test_intruder_with_access_is_noticed(sdk_of, tmp_path: Path) -> None:
    """It has an MPU region for the other's memory: its calls are served, its read comes back."""
    said = boot_example(
        sdk_of("an505", 3),
        tmp_path,
        1,
        main_c=(
            "                {&shared, sizeof shared,",
            "                {&low_space.data, (space == &intruder_space) * sizeof low_space.data,"
            " tskMPU_REGION_READ_WRITE | tskMPU_REGION_EXECUTE_NEVER},\n"
            "                {&shared, sizeof shared,",
        ),
    )
    told = refused(said)
    assert "calls with memory of others" in told, said
    assert "what it wanted is as it was" in told, said
    assert "stopped by the MPU" in told, said


def test_privileged_intruder_is_noticed(sdk_of, tmp_path: Path) -> None:
    """The secure world serves what a privileged caller may reach."""
    said = boot_example(
        sdk_of("an505", 3),
        tmp_path,
        1,
        main_c=(
            ".uxPriority = priority,",
            ".uxPriority = priority | ((space == &intruder_space) ? portPRIVILEGE_BIT : 0u),",
        ),
    )
    assert "calls with memory of others" in refused(said), said


def test_fault_of_the_kernel_is_handed_on(sdk_of, machine_of, tmp_path: Path) -> None:
    """A fault that is not a task's own: the secure world records it and resets."""
    made = build_example(
        sdk_of("an505", 3),
        tmp_path,
        main_c=("    tell_counts();\n", "    *(volatile uint8_t *)(uintptr_t)supervisor = 0;\n"),
    )
    machine = machine_of("an505", 3)
    machine.install("nonsecure", (made / "rtos_signed.bin").read_bytes())
    board = machine.power_on("-no-reboot")
    board.wait_for(r"^spm: fault: MemManage fault in the non-secure world, pc 0x802", source=SECURE)
    board.wait_for(r"^spm: resetting$", source=SECURE)


def test_missing_kernel_says_what_to_do(sdk_of, tmp_path: Path) -> None:
    toolchain = sdk_of("an505", 3) / "cmake" / "toolchain_ns_gnuarm.cmake"
    arguments = ("-S", EXAMPLE, "-B", tmp_path, "--toolchain", toolchain)
    for options in ([], ["-DFREERTOS_DIR=/nowhere"]):
        said = run("cmake", *arguments, *options, status=1)
        assert "no tasks.c" in said and "-DFREERTOS_DIR=" in said


def test_lock_hooks_keep_their_contract(sdk_of, tmp_path: Path) -> None:
    toolchain = sdk_of("an505", 3) / "cmake" / "toolchain_ns_gnuarm.cmake"
    made = build(tmp_path, LOCK, "--toolchain", str(toolchain))
    said = re.findall(r"^1: lock: (.*)$", run("ctest", "--test-dir", made, "--verbose"), re.M)
    assert said[-1] == "done" and len(said) == 9


def test_library_has_no_memory_of_its_own(sdk_of) -> None:
    """So that an unprivileged thread needs no MPU region for it."""
    sizes = run("arm-none-eabi-size", "-t", sdk_of("an505", 3) / "lib" / "libpsa_ns.a")
    text, data, bss = map(int, sizes.splitlines()[-1].split()[:3])
    assert text > 0 and (data, bss) == (0, 0), sizes
