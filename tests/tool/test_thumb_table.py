"""The table behind the fault handler's instruction decoder, against the real assembler.

tests/host/test_thumb.c checks the decoder against tests/host/thumb_table.def. Here the assembler
makes the halfwords of every row again from its text, and the disassembler names all 59392
instructions of 16 bits, so that none that loads or stores is missing.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bz import paths

TABLE = paths.HOST_TESTS / "thumb_table.def"
ROW = re.compile(r'^ROW\("([^"]+)", 0x(\w{4}), 0x(\w{4}), (\w+), (.+), (\d+)\)$', re.M)
HEAD = ".syntax unified\n.thumb\n.arch armv8-m.main\n.fpu fpv5-d16\n.text\n"
NARROW_END = 0xE800

# Encodings that must be in the table, by the beginnings of their texts.
_FAMILIES = """
ldr.n ldrh.n ldrb.n ldrsb.n ldrsh.n str.n strh.n strb.n push pop stmia.w ldmia.w stmdb ldmdb
ldr.w ldrh.w ldrb.w ldrsb.w ldrsh.w str.w strh.w strb.w ldrt ldrht ldrbt ldrsbt ldrsht strt strht
strbt ldrd strd ldrex ldrexb ldrexh strex strexb strexh lda ldab ldah stl stlb stlh ldaex ldaexb
ldaexh stlex stlexb stlexh tbb tbh vldr vstr vldmia vldmdb vstmia vstmdb vpush vpop vlldm vlstm
ldc stc pld pli tt sg
"""
READS = ("ldr", "ldm", "pop")
WRITES = ("str", "stm", "push")


def assemble(source: str, folder: Path) -> Path:
    text, made = folder / "table.s", folder / "table.o"
    text.write_text(HEAD + source)
    subprocess.run(["arm-none-eabi-as", "-mcpu=cortex-m33", "-o", made, text], check=True)
    return made


def disassemble(made: Path) -> list[tuple[str, str]]:
    """(halfwords, mnemonic) of each instruction, in order."""
    said = subprocess.run(
        ["arm-none-eabi-objdump", "-d", made], check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^ *[0-9a-f]+:\t([0-9a-f ]+)\t *(\S*)", said, re.M)
    return [(code.strip(), mnemonic) for code, mnemonic in found]


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, ...]]:
    text = TABLE.read_text()
    found = ROW.findall(text)
    assert len(found) == text.count("ROW("), "a row that this test does not understand"
    return found


def test_assembler_makes_the_halfwords_of_every_row(
    rows: list[tuple[str, ...]], tmp_path: Path
) -> None:
    source = "".join(f".balign 4\n{row[0]}\n" for row in rows)
    made = assemble(source, tmp_path)
    binary = tmp_path / "table.bin"
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", made, binary], check=True)
    data = binary.read_bytes()
    for number, (text, first, second, *_) in enumerate(rows):
        code = data[4 * number : 4 * number + 4]
        assert code[:2] == int(first, 16).to_bytes(2, "little"), text
        if int(first, 16) >= NARROW_END:
            assert code[2:] == int(second, 16).to_bytes(2, "little"), text


def test_kind_follows_from_the_mnemonic(rows: list[tuple[str, ...]]) -> None:
    for text, _, _, kind, *_ in rows:
        name = text.split()[0].removeprefix("v").removeprefix("f")
        loads = name.startswith(("ldr", "ldm", "pop", "lda", "tb", "ldc", "lldm"))
        stores = name.startswith(("str", "stm", "push", "stl", "stc", "lstm"))
        assert kind == ("READ" if loads else "WRITE" if stores else "OTHER"), text


def test_every_family_is_in_the_table(rows: list[tuple[str, ...]]) -> None:
    names = {text.split()[0] for text, *_ in rows}
    assert [family for family in re.findall(r"\S+", _FAMILIES) if family not in names] == []


def test_decoder_knows_every_narrow_load_and_store(tmp_path: Path) -> None:
    """Each of the 16-bit encodings: the decoder and the disassembler agree on what it does."""
    made = assemble("".join(f".inst.n {code:#06x}\n" for code in range(NARROW_END)), tmp_path)
    named = disassemble(made)
    assert len(named) == NARROW_END
    program = tmp_path / "kinds.c"
    program.write_text(
        '#include <stdio.h>\n#include "lib/thumb/thumb.h"\nint main(void)\n{\n'
        "    uint32_t registers[16] = {0};\n"
        f"    for (uint32_t first = 0; first < {NARROW_END}; first++)\n"
        "        putchar('0' + thumb_decode(first, 0, registers).kind);\n    return 0;\n}\n"
    )
    built = tmp_path / "kinds"
    decoder = paths.ROOT / "lib" / "thumb" / "thumb.c"
    subprocess.run(["cc", "-I", paths.ROOT, program, decoder, "-o", built], check=True)
    kinds = subprocess.run([built], check=True, capture_output=True, text=True).stdout
    for code, (_, mnemonic) in enumerate(named):
        wanted = "1" if mnemonic.startswith(READS) else "2" if mnemonic.startswith(WRITES) else "0"
        assert kinds[code] == wanted, f"{code:#06x} {mnemonic}"
