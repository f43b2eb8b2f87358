"""./bz as a user meets it: help everywhere, mistakes answered, set-up quick and offline, errors
with a next step, JSON where a machine reads.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from bz_support import BZ, bz, copy_of_setup, run_setup_py, without_network

from bz import __main__ as command_line
from bz import paths

COMMANDS = sorted(command_line.COMMANDS)
PIN = {"package": "mbedtls", "series": "3.6", "version": "3.6.6-0.1~deb13u1"}


def test_help_lists_every_command() -> None:
    for done in (bz(), bz("--help")):
        assert done.returncode == 0
        for name in COMMANDS:
            assert re.search(rf"^    {name}( |$)", done.stdout, re.M), name


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples(name: str) -> None:
    done = bz(name, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    assert f"bz {name}" in done.stdout.partition("examples:")[2]


@pytest.mark.parametrize("action", ["new", "info"])
def test_device_actions_have_help(action: str) -> None:
    done = bz("device", action, "--help")
    assert done.returncode == 0
    assert f"bz device {action}" in done.stdout


def test_the_shell_knows_the_same_commands() -> None:
    shell = Path(BZ).read_text("utf-8")
    listed = re.search(r"^ +(setup \| .*)\) return 0", shell, re.M)
    assert listed and sorted(listed[1].split(" | ")) == COMMANDS


def test_help_needs_no_set_up(tmp_path: Path) -> None:
    shutil.copy(BZ, tmp_path / "bz")
    shutil.copytree(paths.ROOT / "tools", tmp_path / "tools")
    for arguments in ([], ["run", "--help"], ["buidl"]):
        subprocess.run([tmp_path / "bz", *arguments], capture_output=True, timeout=60, check=False)
        assert not (tmp_path / ".bz").exists()


def test_bz_works_through_a_link_and_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "bz").symlink_to(BZ)
    done = subprocess.run(
        [tmp_path / "bz", "--help"], capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    "wrong, nearest", [("buidl", "build"), ("tset", "test"), ("devise", "device")]
)
def test_unknown_command_names_the_nearest(wrong: str, nearest: str) -> None:
    done = bz(wrong)
    assert done.returncode == 2
    assert f"no command '{wrong}'" in done.stderr
    assert f"./bz {nearest}" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--isolation", "4"],
        ["build", "--colour", "blue"],
        ["sign", "x.bin"],
        ["device"],
        ["device", "make", "x"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = bz(*arguments)
    assert done.returncode == 2
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "--product", "an555"],
        ["build", "--profile", "gigantic"],
        ["device", "info", "/nowhere/device.bin"],
        ["sign", "/nowhere/x.bin", "--image", "secure", "--out", "/nowhere/y.bin"],
        ["keys", "no_such_key"],
    ],
)
def test_a_failure_has_cause_and_next_step(arguments: list[str]) -> None:
    done = bz(*arguments)
    assert done.returncode == 1
    assert re.search(r"^bz: \S", done.stderr, re.M)
    assert re.search(r"^    next: \S", done.stderr, re.M)
    assert "Traceback" not in done.stderr


def test_a_failure_with_json_is_json() -> None:
    done = bz("device", "info", "/nowhere/device.bin", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert "/nowhere/device.bin" in told["error"]


# --- set-up ---------------------------------------------------------------------------------------


def quickest(*prefix: str, options: tuple[str, ...] = ()) -> float:
    times = []
    for _ in range(3):
        started = time.monotonic()
        done = bz("setup", "--json", *options, prefix=list(prefix))
        times.append(time.monotonic() - started)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["tools"]["Mbed TLS"].startswith("3.6.")
    return min(times)


def test_set_up_again_costs_under_a_second() -> None:
    assert quickest() < 1.0


def test_set_up_again_needs_no_network() -> None:
    assert quickest(*without_network()) < 1.0


def test_set_up_of_all_again_needs_no_network_either() -> None:
    quickest(*without_network(), options=("--all",))


def fake_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BZ_ROOT", str(folder))
    monkeypatch.setenv("BZ_STATE", str(folder / ".bz"))


def test_mbedtls_override_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_of_setup(tmp_path)
    good = paths.mbedtls()
    monkeypatch.setenv("BZ_MBEDTLS_DIR", str(tmp_path))
    done = run_setup_py(tmp_path)
    assert done.returncode == 1
    assert "is not a Mbed TLS source tree" in done.stderr and "next:" in done.stderr
    monkeypatch.setenv("BZ_MBEDTLS_DIR", str(good))
    assert run_setup_py(tmp_path).returncode == 0
    assert not (tmp_path / ".bz" / "mbedtls").exists()


def test_mbedtls_of_another_series_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of_setup(tmp_path)
    tree = tmp_path / "mbedtls"
    for name in ("include/mbedtls", "library", "3rdparty"):
        (tree / name).mkdir(parents=True)
    (tree / "library" / "psa_crypto.c").touch()
    header = tree / "include" / "mbedtls" / "build_info.h"
    header.write_text('#define MBEDTLS_VERSION_STRING "2.28.9"\n')
    monkeypatch.setenv("BZ_MBEDTLS_DIR", str(tree))
    done = run_setup_py(tmp_path)
    assert done.returncode == 1
    assert "holds Mbed TLS 2.28.9" in done.stderr and "next:" in done.stderr


def test_failed_download_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BZ_MBEDTLS_DIR", raising=False)
    copy_of_setup(tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    fake = programs / "apt-get"
    fake.write_text(
        "#!/bin/sh\ncase $1 in indextargets) printf 'http://mirror.invalid/debian\\tstable\\n' ;;\n"
        "*) echo 'E: no route to the mirror'; exit 100 ;; esac\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    done = run_setup_py(tmp_path)
    assert done.returncode == 1
    assert "no route to the mirror" in done.stderr
    assert "BZ_MBEDTLS_DIR" in done.stderr and "next:" in done.stderr
    assert (tmp_path / ".bz" / "log" / "mbedtls.log").exists()
    assert not (tmp_path / ".bz" / "mbedtls").exists()


@pytest.mark.parametrize(
    "offered, chosen",
    [
        (["3.6.6-0.1~deb13u1", "3.6.9-1"], "3.6.6-0.1~deb13u1"),
        (["2.28.3-1", "3.6.9-1~deb13u1", "4.0.0-1"], "3.6.9-1~deb13u1"),
        (["3.6.2-3"], None),
        (["4.0.0-1"], None),
        ([], None),
    ],
)
def test_which_mbedtls_is_accepted(
    offered: list[str], chosen: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_environment(tmp_path, monkeypatch)
    space = runpy.run_path(str(paths.ROOT / "tools" / "setup" / "setup.py"), run_name="loaded")
    choose = space["choose_version"]
    text = "".join(f"Package: mbedtls\nVersion: {version}\n\n" for version in offered)
    monkeypatch.setitem(choose.__globals__, "run", lambda *_: (0, text))
    if chosen:
        assert choose(tmp_path, PIN, tmp_path) == chosen
    else:
        with pytest.raises(space["SetupError"]) as failure:
            choose(tmp_path, PIN, tmp_path)
        assert "BZ_MBEDTLS_DIR" in failure.value.next_step
