"""What only tests and examples need: installed and fetched for `bz test` and `bz setup --all`,
never for the other commands; the FreeRTOS kernel through cargo, once, whole or not at all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bz_support import copy_of_setup, run_setup_py

from bz import paths

PORT = "FreeRTOS-Kernel/portable/GCC/ARM_CM33_NTZ/non_secure"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set-up without a state, with the Mbed TLS of this checkout, and programs/ first in PATH."""
    copy_of_setup(tmp_path)
    monkeypatch.setenv("BZ_MBEDTLS_DIR", str(paths.mbedtls()))
    (tmp_path / "programs").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:{os.environ['PATH']}")
    return tmp_path


def program(checkout: Path, name: str, body: str) -> None:
    file = checkout / "programs" / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def fake_cargo(checkout: Path, ending: str = "", made: str = PORT) -> None:
    """Counts its calls; makes a kernel where it is told to (the last argument)."""
    program(
        checkout,
        "cargo",
        f"echo call >>{checkout}/calls\nfor folder; do :; done\n"
        f'mkdir -p "$folder/freertos-next-0.12.0/{made}"\n'
        f'touch "$folder/freertos-next-0.12.0/FreeRTOS-Kernel/tasks.c"\n{ending}',
    )


def calls(checkout: Path) -> int:
    log = checkout / "calls"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_users_need_no_cargo(checkout: Path) -> None:
    fake_cargo(checkout)
    assert run_setup_py(checkout).returncode == 0
    assert calls(checkout) == 0
    assert not (checkout / ".bz" / "freertos").exists()


def test_kernel_is_fetched_once(checkout: Path) -> None:
    fake_cargo(checkout)
    for _ in range(2):
        assert run_setup_py(checkout, stamp="ready-all").returncode == 0
    assert calls(checkout) == 1
    assert (checkout / ".bz" / "freertos" / "tasks.c").exists()
    assert not (checkout / ".bz" / "cargo").exists()


@pytest.mark.parametrize("lost", ["freertos.stamp", "freertos"])
def test_what_was_interrupted_is_repeated(checkout: Path, lost: str) -> None:
    fake_cargo(checkout)
    assert run_setup_py(checkout, stamp="ready-all").returncode == 0
    path = checkout / ".bz" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert run_setup_py(checkout, stamp="ready-all").returncode == 0
    assert calls(checkout) == 2
    assert (checkout / ".bz" / "freertos" / "tasks.c").exists()


def test_another_pin_is_fetched(checkout: Path) -> None:
    fake_cargo(checkout)
    assert run_setup_py(checkout, stamp="ready-all").returncode == 0
    with (checkout / "tools" / "setup" / "rtos" / "Cargo.lock").open("a") as lock:
        lock.write("# another\n")
    assert run_setup_py(checkout, stamp="ready-all").returncode == 0
    assert calls(checkout) == 2


def test_failed_fetch_says_what_to_do(checkout: Path) -> None:
    fake_cargo(checkout, "echo 'error: no route to the registry' >&2; exit 101")
    done = run_setup_py(checkout, stamp="ready-all")
    assert done.returncode == 1
    assert "no route to the registry" in done.stderr
    assert "bz setup --all" in done.stderr and "next:" in done.stderr
    assert (checkout / ".bz" / "log" / "freertos.log").exists()
    assert not (checkout / ".bz" / "freertos").exists()


def test_fetch_without_the_port_is_refused(checkout: Path) -> None:
    fake_cargo(checkout, made="FreeRTOS-Kernel/portable/GCC/ARM_CM3")
    done = run_setup_py(checkout, stamp="ready-all")
    assert done.returncode == 1
    assert "no FreeRTOS kernel for this processor" in done.stderr and "next:" in done.stderr
    assert not (checkout / ".bz" / "freertos").exists()


def test_missing_cargo_says_what_to_do(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "programs" / "python3").symlink_to(os.path.realpath(sys.executable))
    monkeypatch.setenv("PATH", str(checkout / "programs"))
    done = run_setup_py(checkout, stamp="ready-all")
    assert done.returncode == 1
    assert "no cargo command" in done.stderr and "next: install cargo" in done.stderr


def test_pin_is_exact_and_has_checksums() -> None:
    folder = paths.ROOT / "tools" / "setup" / "rtos"
    wanted = re.search(r'^freertos-next = "=([\d.]+)"$', (folder / "Cargo.toml").read_text(), re.M)
    packages = (folder / "Cargo.lock").read_text().split("[[package]]")[1:]
    assert wanted and any(
        f'name = "freertos-next"\nversion = "{wanted[1]}"' in package for package in packages
    )
    for package in packages:
        assert "bartizan-rtos-source" in package or "checksum = " in package


# --- packages -------------------------------------------------------------------------------------


def missing_for_tests(checkout: Path, stamp: str) -> list[str]:
    """What setup.sh would ask apt for, with the commands of programs/ and no others."""
    for name in ("sed", "tr"):
        (checkout / "programs" / name).symlink_to(shutil.which(name))
    script = f". tools/setup/setup.sh; setup_stamp={stamp}; setup_missing_for_tests"
    done = subprocess.run(
        ["/bin/sh", "-euc", script],
        cwd=checkout,
        env={"PATH": str(checkout / "programs"), "BZ_ROOT": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    "known, chosen", [("cargo-web cargo", "cargo-web"), ("cargo", "cargo"), ("", "cargo")]
)
def test_package_for_a_missing_command(checkout: Path, known: str, chosen: str) -> None:
    program(checkout, "apt-cache", f"case ' {known} ' in *\" $2 \"*) exit 0 ;; esac; exit 100")
    program(checkout, "chromium", "exit 0")
    assert missing_for_tests(checkout, "ready-all") == [chosen]


def test_no_package_where_the_command_is_there(checkout: Path) -> None:
    for name in ("apt-cache", "chromium", "cargo"):
        program(checkout, name, "exit 0")
    assert missing_for_tests(checkout, "ready-all") == []


def test_users_get_no_package_of_the_tests(checkout: Path) -> None:
    program(checkout, "apt-cache", "exit 0")
    assert missing_for_tests(checkout, "ready") == []


@pytest.mark.parametrize(
    "line, stamp",
    [
        ("run", "ready"),
        ("build --product an521", "ready"),
        ("setup", "ready"),
        ("setup --json", "ready"),
        ("setup --all", "ready-all"),
        ("setup --json --all", "ready-all"),
        ("test", "ready-all"),
        ("test tests/tool -x", "ready-all"),
        ("test --help", None),
    ],
)
def test_which_command_sets_up_what(checkout: Path, line: str, stamp: str | None) -> None:
    with (checkout / "tools" / "setup" / "setup.sh").open("a") as script:
        script.write('setup_everything() { echo "asked for $1"; exit 7; }\n')
    done = subprocess.run(
        [checkout / "bz", *line.split()], capture_output=True, text=True, timeout=60, check=False
    )
    assert (f"asked for {stamp}\n" == done.stdout) if stamp else ("asked for" not in done.stdout)
