"""The stacks of the services that store something are large enough for their deepest call.

Counted in the linked image: what each function takes of the stack, and whom it calls. Calls through
pointers are not seen there, so they stand here. The Crypto service is left out: its engine calls
through pointers everywhere; that its stack suffices is seen when it runs.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bz import build, variant

ROOTS = {"its": "psa_its_sfn", "ps": "psa_ps_sfn", "platform": "psa_platform_sfn"}
# Who calls through a pointer, and what may be behind it.
INDIRECT = {
    "ps": {
        "store_mount": {"assets_accept"},
        "replay_log": {"assets_accept"},
        "replay_sector": {"assets_accept"},
        "store_checkpoint_read": {"assets_accept"},
    },
}
# An exception stacks 8 words, or 26 when floating-point registers are live; the stack is sealed with
# two words, and a read of flash goes through two functions with at most this many bytes.
FRAME = 26 * 4 + 2 * 4 + 16


class Stacks:
    def __init__(self, disassembly: str) -> None:
        self.own: dict[str, int] = {}
        self.calls: dict[str, set[str]] = {}
        name = ""
        for line in disassembly.splitlines():
            if start := re.match(r"[0-9a-f]+ <(\S+)>:", line):
                name = start[1]
                self.own.setdefault(name, 0)
                self.calls.setdefault(name, set())
            elif name:
                self.own[name] += taken(line)
                if call := re.search(r"\tb(?:l|\.w|\.n)?\t[0-9a-f]+ <([^+>]+)>", line):
                    self.calls[name].add(call[1])

    def deepest(self, name: str, indirect: dict[str, set[str]], path: tuple[str, ...] = ()) -> int:
        assert name not in path, f"recursion: {' > '.join((*path, name))}"
        behind = (self.calls[name] | indirect.get(name, set())) - {name}
        return self.own[name] + max(
            (self.deepest(one, indirect, (*path, name)) for one in behind if one in self.own),
            default=0,
        )


def taken(line: str) -> int:
    """Bytes of stack that one instruction takes. Both arms of a branch are counted: too much is safe."""
    if pushed := re.search(r"\t(?:push|stmdb\tsp!,|vpush)\s*\{(.*)\}", line):
        words = 0
        for part in pushed[1].split(","):
            span = re.match(r"\s*\w(\d+)-\w(\d+)", part)
            words += int(span[2]) - int(span[1]) + 1 if span else 1
        return 4 * words
    if moved := re.search(r"\tsub(?:w|\.w)?\tsp, (?:sp, )?#(\d+)", line):
        return int(moved[1])
    if stored := re.search(r"\tstr(?:d|\.w)?\t.*\[sp, #-(\d+)\]!", line):
        return int(stored[1])
    return 0


@pytest.fixture(scope="module")
def stacks() -> tuple[variant.Variant, Stacks]:
    found = variant.find("an505", 3, "large")
    build.build(found)
    return found, Stacks(disassembly_of(found.elf("secure")))


def disassembly_of(elf: Path) -> str:
    return subprocess.run(
        ["arm-none-eabi-objdump", "-d", "--no-show-raw-insn", elf],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("name", ROOTS)
def test_the_deepest_call_fits(stacks: tuple[variant.Variant, Stacks], name: str) -> None:
    found, counted = stacks
    partition = next(each for each in found.product.partitions if each.name == name)
    needed = counted.deepest(ROOTS[name], INDIRECT.get(name, {})) + FRAME
    size = partition.manifest.stack_size
    assert needed <= size, f"{name} needs {needed} bytes of stack, its manifest gives {size}"


def test_what_instructions_take() -> None:
    assert taken(" 8010: \tpush\t{r3, r4-r7, lr}") == 24
    assert taken(" 8010: \tstmdb\tsp!, {r4, r5, r6, r7, r8, lr}") == 24
    assert taken(" 8010: \tsub\tsp, #40") == 40
    assert taken(" 8010: \tsub.w\tsp, sp, #400") == 400
    assert taken(" 8010: \tadd\tsp, #40") == 0
