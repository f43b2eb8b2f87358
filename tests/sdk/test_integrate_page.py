"""The commands of docs/integrate.md, one after the other, and applications of ./bz new app."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from bz import paths

PAGE = paths.ROOT / "docs" / "integrate.md"
BUILD = "build/an505"  # of the page: somebody's, perhaps


def run(command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-euc", command],
        cwd=options.get("cwd", paths.ROOT),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=900,
        check=False,
    )


def blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def commands() -> list[str]:
    return [line for block in blocks(PAGE.read_text("utf-8")) for line in block.splitlines()]


@pytest.mark.slow
def test_the_commands_of_the_page(tmp_path: Path) -> None:
    """In their order; what the page has beside the checkout, and its build, in a folder of ours."""
    lines = commands()
    assert len(lines) == 20
    for line in lines:
        here = line.replace("$PWD/..", str(tmp_path)).replace("../", f"{tmp_path}/")
        here = here.replace("--preset an505", f"--preset an505 -B {tmp_path}/build", 1)
        if line.startswith("cmake --build --preset"):
            here = f"cmake --build {tmp_path}/build"
        done = run(here.replace(BUILD, f"{tmp_path}/build"))
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if line.startswith("ctest"):
            assert "100% tests passed, 0 tests failed out of 1" in done.stdout
        if "attest verify" in line:
            assert "token verified" in done.stdout
        if "run" in line.split()[-1] or "run_qemu" in line:
            assert "meter: done" in done.stdout


def test_the_page_says_what_is_there() -> None:
    """Every key of sdk.json, and every section that others are sent to."""
    text = PAGE.read_text("utf-8")
    source = (paths.ROOT / "tools" / "bz" / "sdk.py").read_text("utf-8")
    described = source[source.index("def describe(") : source.index("def qemu_command(")]
    keys = re.findall(r'^        "(\w+)": ', described, re.M)
    assert len(keys) == 22
    assert [key for key in keys if f"`{key}`" not in text] == []
    for heading in ("With CMake", "With make", "With an RTOS", "Sign and boot by hand"):
        assert f"\n## {heading}\n" in text


@pytest.mark.slow
def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    """In an SDK, as its README says."""
    assert run(f"./bz sdk {tmp_path}/sdk").returncode == 0
    sdk = tmp_path / "sdk"
    (shown,) = blocks((sdk / "README.md").read_text("utf-8"))
    done = run(shown, cwd=sdk)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(shown.splitlines()) == 5 and done.stdout.count("\nbare: done\n") == 1
    assert "100% tests passed, 0 tests failed out of 1" in done.stdout


# ---- ./bz new app --------------------------------------------------------------------------------


def test_new_app(tmp_path: Path) -> None:
    done = run(f"'{paths.ROOT}/bz' new app meter-2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "meter-2"
    assert sorted(each.name for each in folder.iterdir()) == [
        "CMakeLists.txt",
        "Makefile",
        "README.md",
        "main.c",
    ]
    for each in folder.iterdir():
        text = each.read_text("utf-8")
        assert "bare" not in text and "meter-2" in text, each
    assert "made meter-2/: application meter-2" in done.stdout
    assert f"{paths.ROOT}/bz sdk SDK" in done.stdout


def test_next_steps_can_be_copied(tmp_path: Path) -> None:
    done = run("./bz new app meter --dir '" + f"{tmp_path}/my meter'")
    configure, build = (
        shlex.split(line) for line in done.stdout.splitlines() if line.startswith("  cmake ")
    )
    assert configure[2] == f"{tmp_path}/my meter"
    assert configure[4] == build[2] == f"{tmp_path}/my meter/build"


def test_new_app_as_json(tmp_path: Path) -> None:
    done = run(f"./bz new app meter --dir '{tmp_path}/made' --json")
    files = ["main.c", "CMakeLists.txt", "Makefile", "README.md"]
    assert json.loads(done.stdout) == {"ok": True, "folder": f"{tmp_path}/made", "files": files}


@pytest.mark.parametrize(
    "words, said",
    [
        ("1st", "'1st' cannot name an application"),
        ("a/b", "'a/b' cannot name an application"),
        ("''", "'' cannot name an application"),
        ("a.b", "'a.b' cannot name an application"),
        ("test", "'test' cannot name an application"),
        ("bartizan_ns_startup", "'bartizan_ns_startup' cannot name an application"),
        (33 * "a", "cannot name an application"),
        ("meter --model ipc", "--model is for partitions"),
        ("meter --type psa-rot", "--type is for partitions"),
    ],
)
def test_new_app_refuses(tmp_path: Path, words: str, said: str) -> None:
    done = run(f"./bz new app {words} --dir '{tmp_path}/made'")
    assert done.returncode == 2
    assert said in done.stderr and "    next: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "meter").mkdir()
    done = run(f"./bz new app meter --dir '{tmp_path}/meter'")
    assert done.returncode == 1 and f"{tmp_path}/meter exists" in done.stderr
    assert list((tmp_path / "meter").iterdir()) == []
