"""The suites of Internal Trusted Storage and of the runtime counters bite: each finds one wrong
change in the service.

A suite includes the sources of its service. A case compiles it with one changed source, which is
found first, links it as the build does, and runs it: it must fail, and must have begun.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from test_host import build_host_tests

from bz import paths

TIMEOUT_SECONDS = 120
ITS, ACCOUNT, PROTECT = (f"services/its/{name}.c" for name in ("its", "account", "protect"))
COUNTERS = "services/platform/counters.c"


class Mutant(NamedTuple):
    suite: str
    file: str
    old: str
    new: str


MUTANTS = {
    # ---- Sealing ----
    "a nonce comes twice": Mutant(
        "test_its_sealed", PROTECT, "    nonces_used++;", "    nonces_used = 1U;"
    ),
    "the uid is not bound": Mutant(
        "test_its_sealed", PROTECT, ".uid_low = (uint32_t)key->uid,", ".uid_low = 0U,"
    ),
    "the client is not bound": Mutant(
        "test_its_sealed", PROTECT, ".client = (uint32_t)key->owner,", ".client = 0U,"
    ),
    "the flags are not bound": Mutant(
        "test_its_sealed", PROTECT, "flags & ~PROTECT_SEALED", "flags & 0U"
    ),
    "ciphertext is served as data": Mutant(
        "test_its_plain",
        ITS,
        "sealed_read(key, &info) : PSA_ERROR_DATA_CORRUPT",
        "sealed_read(key, &info) : PSA_SUCCESS",
    ),
    # ---- Rules ----
    "what was read stays in the buffer": Mutant(
        "test_its",
        ITS,
        "data_wipe(ITS_ENCRYPTION != 0U ? sizeof(data) : length);",
        "data_wipe(0U);",
    ),
    "assets of all are counted": Mutant(
        "test_its",
        ACCOUNT,
        "if (holder_of(key.owner) == holder_of(client)) {",
        "if (holder_of(key.owner) == holder_of(client) || client != 0) {",
    ),
    # ---- Quotas ----
    "what was set is not counted": Mutant(
        "test_its_quota", ITS, "        account_settle(change);", "        (void)change;"
    ),
    "what was replaced stays counted": Mutant(
        "test_its_quota", ACCOUNT, "account->bytes - old.bytes +", "account->bytes +"
    ),
    "a damaged asset stays counted": Mutant(
        "test_its_quota",
        ACCOUNT,
        "!= PSA_ERROR_DATA_CORRUPT && is_counted",
        "!= PSA_ERROR_ALREADY_EXISTS && is_counted",
    ),
    # ---- Counters ----
    "any client counts": Mutant(
        "test_nv_counters",
        COUNTERS,
        "counter->clients[i] == holder",
        "(counter->clients[i] == holder || holder != 0)",
    ),
    "the first region alone counts": Mutant(
        "test_nv_counters",
        COUNTERS,
        "is_good[copy] && told[copy] > *value",
        "copy == 0U && is_good[copy] && told[copy] > *value",
    ),
    "the second region is not written": Mutant(
        "test_nv_counters",
        COUNTERS,
        "second = copy_write(1U, id, value + 1U);",
        "second = PSA_SUCCESS;",
    ),
    "a region that lags is served": Mutant(
        "test_nv_counters",
        COUNTERS,
        "if (!is_good[copy] || told[copy] != *value) {",
        "if (false) {",
    ),
}


@pytest.fixture(scope="module")
def commands() -> dict[str, tuple[list[str], str]]:
    """By suite: how the build compiles its own source, and the object that this makes."""
    build_host_tests()
    found = {}
    for entry in json.loads((paths.HOST_BUILD / "compile_commands.json").read_text("utf-8")):
        words = shlex.split(entry["command"])
        item = words[words.index("-o") + 1]
        if entry["file"].endswith("_test.c"):
            found[item.split(".dir/")[0].removeprefix("CMakeFiles/")] = words, item
    return found


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_found(
    commands: dict[str, tuple[list[str], str]], name: str, tmp_path: Path
) -> None:
    mutant = MUTANTS[name]
    text = (paths.ROOT / mutant.file).read_text("utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.file} has changed: {mutant.old}"
    changed = tmp_path / mutant.file
    changed.parent.mkdir(parents=True)
    changed.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    compile_words, item = commands[mutant.suite]
    where = compile_words.index("-o") + 1
    compiler, *flags = compile_words[:where]
    test = compile_words[-1]
    made = str(tmp_path / "suite.o")
    run(compiler, f"-I{tmp_path}", *flags, made, "-c", test)
    client = item.replace(Path(item).parts[-2] + "/" + Path(item).name, "client.c.o")
    libraries = ("host_fixture", "host_libraries", "host_seal")
    run(
        compiler,
        *(flag for flag in flags if flag.startswith("-fsanitize")),
        made,
        client,
        *(f"lib{library}.a" for library in libraries),
        *("-lcmocka", "-o", str(tmp_path / "suite")),
    )
    result = subprocess.run(
        [str(tmp_path / "suite")],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert result.returncode != 0, f"{mutant.suite} does not find it: {mutant.new}"
    assert "[  FAILED  ]" in result.stdout + result.stderr, result.stdout + result.stderr


def run(*words: str) -> None:
    done = subprocess.run(
        words, cwd=paths.HOST_BUILD, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
