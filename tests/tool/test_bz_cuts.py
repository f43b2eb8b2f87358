"""`./bz cuts` as a user meets it: counts, JSON, a violation, its place again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bz_support import bz

from bz import cuts
from bz.console import BzError

SMALL = "store:1024x2/32"
TOLD = """VIOLATION store 512x4/8: asset 3 is not what was acknowledged
    at step 17: remove asset 3, answer 0
    power cut in step 17 at operation 5, left ecc
    next: ./bz cuts --repeat store:512x4/8:1:17.5.ecc
"""


def program_that_says(folder: Path, text: str, code: int) -> Path:
    (folder / "said").write_text(text)
    program = folder / "store_cuts"
    program.write_text(f"#!/bin/sh\ncat {folder}/said\nexit {code}\n")
    program.chmod(0o755)
    return program


def test_one_configuration() -> None:
    done = bz("cuts", "--quick", "--only", SMALL)
    assert done.returncode == 0, done.stderr
    assert re.search(r"1 configurations: \d+ cut points, \d+ ways, \d+ pairs", done.stdout)
    assert "0 violations" in done.stdout.splitlines()[-1]


def test_json_tells_what_was_cut() -> None:
    done = bz("cuts", "--quick", "--only", SMALL, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["ok"] is True
    (one,) = told["configurations"]
    assert f"{one['subject']}:{one['configuration']}" == SMALL
    assert one["ways"] == 6 * one["points"] > 1000
    assert one["pairs"] > one["pruned"] > 0
    assert told["total"]["violations"] == 0


def test_seed_changes_the_script() -> None:
    pairs = set()
    for seed in ("1", "2"):
        done = bz("cuts", "--quick", "--only", SMALL, "--seed", seed, "--json")
        pairs.add(json.loads(done.stdout)["total"]["pairs"])
    assert len(pairs) == 2


def test_a_place_is_gone_to_again() -> None:
    done = bz("cuts", "--repeat", f"{SMALL}:1:3.2.ecc:4.1.weak")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "step 3: set asset 3" in done.stdout
    assert "0 violations" in done.stdout


@pytest.mark.parametrize("place", ["shelf:1", f"{SMALL}", f"{SMALL}:1:3.2.loud", "store:none:1"])
def test_a_wrong_place_is_refused(place: str) -> None:
    done = bz("cuts", "--repeat", place)
    assert done.returncode == 1
    assert "next:" in done.stderr and "Traceback" not in done.stderr


def test_an_unknown_configuration_names_the_others() -> None:
    done = bz("cuts", "--only", "store:1x1")
    assert done.returncode == 1
    assert SMALL in done.stderr


def test_a_violation_is_shown_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = program_that_says(tmp_path, TOLD, 1)
    results = cuts.explore_all(["store:512x4/8"], {"store": program}, seed=1, sample=1)
    assert cuts.total(results)["violations"] == 1
    assert cuts.document(results)["ok"] is False
    assert "next: ./bz cuts --repeat store:512x4/8:1:17.5.ecc" in capsys.readouterr().out


def test_a_program_that_dies_is_a_violation(tmp_path: Path) -> None:
    program = program_that_says(tmp_path, "", 139)
    (result,) = cuts.explore_all(["store:512x4/8"], {"store": program}, seed=1, sample=1)
    assert "139" in result.violation


def test_a_place_of_nobody(tmp_path: Path) -> None:
    with pytest.raises(BzError):
        cuts.repeat("shelf:512x4/8:1:1.1.ecc", {"store": tmp_path / "store_cuts"})
