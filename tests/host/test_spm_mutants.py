"""The manager's proof (tests/host/spm) bites: it finds the manager wrong after one wrong change.

Each case compiles one file of the manager with one change, links it with the rest of the proof of
level 3, and runs that.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_host import build_host_tests

from bz import paths

PROOF = "spm_proof_3"
TIMEOUT_SECONDS = 240

# What it does, in which file, what stands there, and what instead.
MUTANTS = {
    "a written length is the size": (
        "call.c",
        "message->view.out_size[i] - out[i].size_bytes;",
        "message->view.out_size[i];",
    ),
    "a length is read twice": (
        "call.c",
        "message->view.out_size[i] = size_bytes;",
        "message->view.out_size[i] = array[i].len;",
    ),
    "a client writes what it may only read": (
        "memory.c",
        "(!write || ((regions[i].rbar & RBAR_READ_ONLY) == 0U))",
        "true",
    ),
    "a map stays after the answer": (
        "map.c",
        "region_remove(server, &message->vectors[i]);",
        ";",
    ),
    "a closed handle comes again": (
        "connection.c",
        "connection_serial = (connection_serial + 1U) & HANDLE_SERIAL_MASK;",
        "",
    ),
}


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """How ninja makes the proof: a compiler's line for each object, then the linker's."""
    build_host_tests()
    told = subprocess.run(
        ["ninja", "-C", str(paths.HOST_BUILD), "-t", "commands", PROOF],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()


def run(command: str) -> None:
    done = subprocess.run(command, shell=True, cwd=paths.HOST_BUILD, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def build(commands: list[str], file: str, folder: Path) -> Path:
    """The proof with folder/spm/<file> in place of the manager's."""
    inside = f'#include "spm/{file}"' in (paths.HOST_TESTS / "spm/insides.c").read_text()
    source = "insides.c" if inside else f"/spm/{file}"
    compile_one = next(
        line for line in commands if f"{PROOF}.dir" in line and line.rstrip().endswith(source)
    )
    link = next(line for line in commands if f"-o spm/{PROOF}" in line)
    place = re.search(r"-o (\S+)", compile_one)
    assert place
    compile_one = compile_one.replace(f"-o {place[1]}", f"-I{folder} -o {folder}/mutant.o")
    compile_one = re.sub(r"-M[FT] \S+|-MD", "", compile_one).replace("-Werror", "-w")
    if inside:  # the folder comes before all others
        compile_one = re.sub(r"^(\S+) ", rf"\1 -I{folder} ", compile_one)
    else:
        compile_one = re.sub(r"-c \S+\s*$", f"-c {folder}/spm/{file}", compile_one)
    run(compile_one)
    run(link.replace(place[1], f"{folder}/mutant.o").replace(f"-o spm/{PROOF}", f"-o {folder}/run"))
    return folder / "run"


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_found(name: str, commands: list[str], tmp_path: Path) -> None:
    file, old, new = MUTANTS[name]
    text = (paths.ROOT / "spm" / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is not once in spm/{file}: change the mutant with it"
    (tmp_path / "spm").mkdir()
    (tmp_path / "spm" / file).write_text(text.replace(old, new), encoding="utf-8")
    program = build(commands, file, tmp_path)
    runner = paths.HOST_TESTS / "spm/run.py"
    corpus = paths.HOST_BUILD / "spm/level3/corpus"
    done = subprocess.run(
        [sys.executable, "-B", str(runner), str(program), str(corpus), "500"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert done.returncode == 1, done.stdout
    assert "the manager is wrong" in done.stdout, done.stdout
