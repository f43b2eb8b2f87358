"""Runs the manager's proof: run.py PROGRAM CORPUS.

The same histories each time: a fixed number of runs from a fixed seed and a corpus that nothing is
added to. With BZ_TEST_FULL in the environment, many more of them and another seed each time.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 900
RUNS_FULL = 60_000
HISTORY_BYTES = 1500
HISTORY_SECONDS = 30  # a manager that looks for a thread for ever


def main(program: str, corpus: str) -> int:
    full = bool(os.environ.get("BZ_TEST_FULL"))
    seed = random.randrange(1, 2**31) if full else 1
    failures = Path(program).parent / "failures"
    failures.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        command = [
            program,
            f"-seed={seed}",
            f"-runs={RUNS_FULL if full else RUNS}",
            f"-max_len={HISTORY_BYTES}",
            "-len_control=0",
            f"-timeout={HISTORY_SECONDS}",
            f"-artifact_prefix={failures}/",
            found,
            corpus,
        ]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    if done.returncode == 0 and runs:
        print(f"[  PASSED  ] {runs[1]} histories from seed {seed}")
        return 0
    wrong = re.findall(r"the manager is wrong: .*|.*runtime error: .*|.*ERROR: .*", done.stderr)
    print("\n".join(wrong) or done.stderr[-3000:])
    unit = re.search(r"Test unit written to (\S+)", done.stderr)
    if unit:
        print(f"    next: BZ_TRACE=1 {program} {unit[1]} tells what led there")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
