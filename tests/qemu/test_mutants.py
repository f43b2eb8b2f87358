"""The isolation proofs bite: copies of the source with one check taken out must fail them.

Each mutant is one change in a copy of the checkout, built there; the tests named with it must turn
red on the board, not in the build. The copy as it is must pass them, which is the first test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bz import paths

pytestmark = pytest.mark.slow

MATRIX = "tests/qemu/test_matrix.py"
LEFT_OUT = shutil.ignore_patterns(".git", ".bz", "build", "keys", "__pycache__")
FAILED, PASSED = 1, 0


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: str  # of test_matrix.py, as pytest's -k has it


MUTANTS = (
    Mutant(
        "a partition's memory reaches into the next",
        "tools/gen/emit_tables.py",
        '_ram(f"{own}_ram_start", f"{own}_ram_end"),\n            _code',
        '_ram(f"{own}_ram_start", f"{own}_ram_end + 32"),\n            _code',
        "level3 and promises and app_sfn",
    ),
    Mutant(
        "data is executable",
        "tools/gen/emit_tables.py",
        "_RBAR_DATA = 0x3",
        "_RBAR_DATA = 0x2",
        "level3 and promises and psa_sfn",
    ),
    Mutant(
        "regions stay as another partition had them",
        "spm/isolate.c",
        "(thread->region_count | spm_state.region_count) > SPM_MPU_GROUP",
        "thread->region_count > SPM_MPU_GROUP",
        "level3 and promises and psa_sfn",
    ),
    Mutant(
        "only the first byte of a vector is looked at",
        "spm/memory.c",
        "(first_answer == nonsecure_test(last, unprivileged))",
        "(last != 0U)",
        "level3 and refused and edges",
    ),
    Mutant(
        "a connection is anybody's",
        "spm/connection.c",
        "(connections[index].client_id != client_id)",
        "(client_id == 0)",
        "level3 and refused and handles",
    ),
    Mutant(
        "a message is anybody's",
        "spm/call.c",
        " || (client->server != server)",
        "",
        "level3 and message_of",
    ),
)


class Copy:
    """A copy of the checkout that is built and tested in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(paths.ROOT, folder, ignore=LEFT_OUT)

    def test(self, tests: str) -> tuple[int, str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "tools"),
            "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        }
        argv = [sys.executable, "-B", "-m", "pytest", "-q", "-x", MATRIX, "-k", tests]
        done = subprocess.run(
            argv, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("mutants") / "checkout")


@contextmanager
def changed(copy: Copy, mutant: Mutant) -> Iterator[None]:
    path = copy.folder / mutant.file
    text = path.read_text()
    assert text.count(mutant.old) == 1, f"{mutant.file} has changed: adapt the mutant"
    path.write_text(text.replace(mutant.old, mutant.new))
    yield
    path.write_text(text)


def test_copy_as_it_is_passes(copy: Copy) -> None:
    every = " or ".join(sorted({f"({mutant.tests})" for mutant in MUTANTS}))
    code, text = copy.test(every)
    assert code == PASSED, text


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_found(copy: Copy, mutant: Mutant) -> None:
    with changed(copy, mutant):
        code, text = copy.test(mutant.tests)
    assert code == FAILED, text
    assert "error" not in text.splitlines()[-1], f"nothing was tested:\n{text}"
