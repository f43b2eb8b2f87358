"""The manager's tables for its native proof: tables.py OUT LEVEL.

Runs tools/gen on the product beside this file and puts numbers where the linker script of the
device would put addresses: the test maps its memory there. Writes layout.h, spm_tables.c,
symbols.h (the numbers), symbols.S (the same for the linker) and a corpus of random input.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "tools"))

from gen.__main__ import generate  # noqa: E402
from gen.model import Product  # noqa: E402
from gen.product import load_product  # noqa: E402

RAM = 0x3800_0000
CODE = 0x1000_0000
CODE_SHARED = 0x400
CODE_PARTITION = 0x80
RAM_PARTITION = 0x800
DATA = 0x20
CORPUS_FILES = 48
CORPUS_BYTES = 3000


def symbols(product: Product) -> dict[str, int]:
    """As spe.ld: PSA RoT partitions first, each its stack, data, bss."""
    parts = sorted(product.partitions, key=lambda part: not part.is_psa_rot)
    rot_count = sum(part.is_psa_rot for part in parts)
    first = RAM + 0x400
    code = CODE + CODE_SHARED
    code_end = code + CODE_PARTITION * len(parts)
    numbers = {
        "__manager_ram_start": RAM,
        "__manager_ram_end": RAM + 0x100,
        "__agent_ram_start": RAM + 0x100,
        "__agent_stack_limit": RAM + 0x100,
        "__agent_stack_top": RAM + 0x300,
        "__idle_stack_limit": RAM + 0x300,
        "__idle_stack_top": RAM + 0x380,
        "__agent_ram_end": first,
        "__psa_rot_ram_end": first + rot_count * RAM_PARTITION,
        "__partitions_ram_end": first + len(parts) * RAM_PARTITION,
        "__code_start": CODE,
        "__gateways_start": CODE,
        "__shared_code_end": code,
        "__code_end": code_end,
    }
    for place, part in enumerate(parts):
        own = f"__part_{part.name}"
        ram = first + place * RAM_PARTITION
        data = ram + part.manifest.stack_size
        load = code_end + 0x1000 + place * DATA
        numbers |= {
            f"{own}_ram_start": ram,
            f"{own}_stack_limit": ram,
            f"{own}_stack_top": data,
            f"{own}_data_start": data,
            f"{own}_data_end": data + DATA,
            f"{own}_bss_start": data + DATA,
            f"{own}_bss_end": ram + RAM_PARTITION,
            f"{own}_ram_end": ram + RAM_PARTITION,
            f"{own}_data_load": load,
            f"{own}_code_start": code + place * CODE_PARTITION,
            f"{own}_code_end": code + (place + 1) * CODE_PARTITION,
        }
    return numbers


def write(out: Path, level: int) -> None:
    product = load_product("fuzz.toml", level, root=HERE / "product")
    generated = generate(product)
    numbers = symbols(product)
    defines = "".join(f"#define {name} {value:#x}U\n" for name, value in numbers.items())
    tables = re.sub(r"(?m)^extern uint8_t \w+\[\];\n", "", generated["spm_tables.c"])
    texts = {
        "layout.h": generated["layout.h"],
        "symbols.h": f"#define PRODUCT_ISOLATION {level}\n{defines}",
        "symbols.S": "".join(
            f".globl {name}\n.set {name}, {value:#x}\n" for name, value in numbers.items()
        )
        + '.section .note.GNU-stack, "", %progbits\n',
        "spm_tables.c": tables.replace(
            '#include "spm/spm.h"\n', '#include "spm/spm.h"\n#include "symbols.h"\n'
        ),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    corpus = out / "corpus"
    corpus.mkdir(exist_ok=True)
    source = random.Random(level)
    for number in range(CORPUS_FILES):
        (corpus / f"{number:02}").write_bytes(source.randbytes(CORPUS_BYTES))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
