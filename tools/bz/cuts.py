"""Runs the proofs of power cuts (tests/host/cuts.h), one process for each configuration, as many at
a time as there are processors.
"""

from __future__ import annotations

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from bz import build, paths, process
from bz.console import BzError, console

SUBJECTS = ("store", "ps")
_COUNTS = re.compile(
    r"^cuts (\S+) (\S+): (\d+) cut points, (\d+) ways, (\d+) pairs, (\d+) states pruned, "
    r"0 violations$",
    re.MULTILINE,
)


@dataclass
class Result:
    """One configuration: counts, or the violation as the program tells it."""

    subject: str
    configuration: str
    points: int = 0
    ways: int = 0
    pairs: int = 0
    pruned: int = 0
    violation: str = ""


def programs() -> dict[str, Path]:
    """Builds the proofs: the program of each subject."""
    options = {
        "CMAKE_C_COMPILER": shutil.which("clang") or "cc",
        "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        "BZ_PYTHON": paths.python(),
    }
    with build.locked(paths.HOST_BUILD):
        build.configure(paths.HOST_TESTS, paths.HOST_BUILD, options)
        build.ninja(
            paths.HOST_BUILD, "building", tuple(f"{subject}_cuts" for subject in SUBJECTS)
        )
    return {subject: paths.HOST_BUILD / f"{subject}_cuts" for subject in SUBJECTS}


def configurations(of: dict[str, Path]) -> list[str]:
    """All of them, as SUBJECT:NAME."""
    names = []
    for subject, program in of.items():
        _, text = process.run([str(program), "--list"])
        names += [f"{subject}:{name}" for name in text.split()]
    return names


def explore(program: Path, name: str, seed: int, sample: int) -> Result:
    subject, _, configuration = name.partition(":")
    code, text = process.run(
        [str(program), "--sample", str(sample), "--seed", str(seed), "--only", configuration]
    )
    counts = _COUNTS.search(text)
    if code == 0 and counts:
        return Result(subject, configuration, *(int(counts[i]) for i in range(3, 7)))
    return Result(subject, configuration, violation=text.strip() or f"it ended with code {code}")


def explore_all(names: list[str], of: dict[str, Path], seed: int, sample: int) -> list[Result]:
    """In the order of names; tells each line when it is there."""
    results = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        futures = [
            pool.submit(explore, of[name.partition(":")[0]], name, seed, sample) for name in names
        ]
        for future in as_completed(futures):
            result = future.result()
            results[f"{result.subject}:{result.configuration}"] = result
            show(result)
    return [results[name] for name in names]


def show(result: Result) -> None:
    if result.violation:
        console.say(result.violation, "bad")
        return
    name = f"{result.subject} {result.configuration}"
    console.say(
        f"{name:<28}{result.points:>8} points {result.ways:>8} ways {result.pairs:>10} pairs "
        f"{result.pruned:>9} pruned  0 violations"
    )


def total(results: list[Result]) -> dict[str, int]:
    kinds = ("points", "ways", "pairs", "pruned")
    summed = {kind: sum(getattr(result, kind) for result in results) for kind in kinds}
    return {**summed, "violations": sum(bool(result.violation) for result in results)}


def document(results: list[Result]) -> dict[str, object]:
    summed = total(results)
    return {
        "ok": summed["violations"] == 0,
        "total": summed,
        "configurations": [asdict(result) for result in results],
    }


def repeat(place: str, of: dict[str, Path]) -> int:
    """Goes to the place of one violation again, and tells each step."""
    subject, _, rest = place.partition(":")
    if subject not in of:
        known = ", ".join(of)
        raise BzError(f"{place} begins with none of {known}", "copy the line of a violation")
    code, text = process.run([str(of[subject]), "--repeat", rest])
    if code not in (0, 1):
        raise BzError(f"{place} is not a place", "copy the line of a violation", text)
    console.say(text.rstrip())
    return code
