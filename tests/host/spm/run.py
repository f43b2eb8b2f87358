"""Runs a proof that is led by libFuzzer, as the manager's: run.py PROGRAM CORPUS RUNS.

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

FULL_FACTOR = 40
HISTORY_BYTES = 3000
HISTORY_SECONDS = 30  # a manager that looks for a thread for ever


def main(program: str, corpus: str, runs: str) -> int:
    full = bool(os.environ.get("BZ_TEST_FULL"))
    seed = random.randrange(1, 2**31) if full else 1
    failures = Path(program).parent / "failures"
    failures.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        command = [
            program,
            f"-seed={seed}",
            f"-runs={int(runs) * (FULL_FACTOR if full else 1)}",
            f"-max_len={HISTORY_BYTES}",
            "-len_control=0",
            f"-timeout={HISTORY_SECONDS}",
            f"-artifact_prefix={failures}/",
            found,
            corpus,
        ]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    count = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    if done.returncode == 0 and count:
        print(f"[  PASSED  ] {count[1]} histories from seed {seed}")
        return 0
    told = r"(?:the manager is )?wrong: .*|.*runtime error: .*|.*ERROR: .*"
    wrong = re.findall(told, done.stderr)
    print("\n".join(wrong) or done.stderr[-3000:])
    unit = re.search(r"Test unit written to (\S+)", done.stderr)
    if unit:
        print(f"    next: BZ_TRACE=1 {program} {unit[1]} tells what led there")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
