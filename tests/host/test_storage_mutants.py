"""The proofs of trusted storage bite: each finds one wrong change in what it proves.

A case compiles one file with one change, links it with the rest of a proof and runs that: the power
cuts (store_cuts, ps_cuts), the attacks on the medium of Protected Storage, damaged images, or the
work that is counted (test_store_wear).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from test_host import build_host_tests

from bz import paths

TIMEOUT_SECONDS = 120
RED = re.compile(r"^VIOLATION .*|^\[  FAILED  \].*|^wrong: .*", re.MULTILINE)

CHECKPOINT = "lib/store/checkpoint.c"
LOG, MOUNT, STORE = "lib/store/log.c", "lib/store/mount.c", "lib/store/store.c"
SPACE = "lib/store/space.c"
ASSETS = "services/ps/assets.c"


class Mutant(NamedTuple):
    proof: str
    file: str
    old: str
    new: str


MUTANTS = {
    # ---- The store ----
    "collection does not go along": Mutant(
        "test_store_wear",
        LOG,
        "        (void)collect_some(store, bytes * pace / PACE_UNIT + 1U, true);",
        "        (void)bytes;",
    ),
    "no room is kept for the pace": Mutant(
        "test_store_wear", SPACE, "load.count > 1U) {", "load.count == 0U) {"
    ),
    "the commit record is skipped": Mutant(
        "store_cuts",
        LOG,
        "flash_area_program(store->area, sector, &header, sizeof header)",
        "(header.magic == 0U)",
    ),
    "the sector's header goes before the copies": Mutant(
        "store_cuts",
        LOG,
        """        status = carried == NO_SECTOR ? begin_sector(store, sector, &end)
                                      : carry(store, carried, sector, &end);
    }
    if (status == PSA_SUCCESS) {
        status = sector_commit(store, sector, tail, end, erases);
    }""",
        """        status = sector_commit(store, sector, tail, end, erases);
    }
    if (status == PSA_SUCCESS) {
        status = carried == NO_SECTOR ? begin_sector(store, sector, &end)
                                      : carry(store, carried, sector, &end);
        store->end = end;
    }""",
    ),
    "the tail is erased before its records are copied": Mutant(
        "store_cuts",
        LOG,
        "    return open_sector(store, tail_sector, store->tail + 1U);",
        "    (void)store->area->erase(store->area, tail_sector);\n"
        "    return open_sector(store, tail_sector, store->tail + 1U);",
    ),
    "no sector is kept free": Mutant(
        "store_cuts", LOG, "if (store_free_sectors(store) >= 2U)", "if (store_free_sectors(store))"
    ),
    "an erase is trusted that reads blank": Mutant(
        "store_cuts",
        LOG,
        "    psa_status_t status = store->area->erase(store->area, sector);\n\n    if (status",
        "    psa_status_t status = flash_area_is_erased(store->area, sector, "
        "store->area->sector_size) ? PSA_SUCCESS : store->area->erase(store->area, sector);\n\n"
        "    if (status",
    ),
    "a copy that the flash did not take counts": Mutant(
        "store_cuts",
        LOG,
        "    if (record_copy(store, entry, store->head + store->end, &place) == PSA_SUCCESS) {",
        "    if (record_copy(store, entry, store->head + store->end, &place) <= PSA_SUCCESS) {",
    ),
    "the CRC of data is ignored": Mutant(
        "store_cuts", STORE, "    return crc == record->data_crc;", "    return true;"
    ),
    "the CRC of a record's header is ignored": Mutant(
        "store_cuts", STORE, "record->crc == header_crc(record) &&", "true &&"
    ),
    "the CRC of a sector's header is ignored": Mutant(
        "store_cuts", LOG, "header->crc == header_crc(header)", "true"
    ),
    "a header that the flash did not take counts": Mutant(
        "store_cuts",
        STORE,
        "if (flash_area_program(store->area, offset, record, sizeof *record) == PSA_SUCCESS &&",
        "if (flash_area_program(store->area, offset, record, sizeof *record) <= PSA_SUCCESS &&",
    ),
    "an unfinished record stays the last": Mutant(
        "store_cuts", MOUNT, "if (!last_is_finished(store, replay))", "if (false)"
    ),
    "an unfinished record is not taken back": Mutant(
        "store_cuts",
        MOUNT,
        "store_index_put(store, replay->entry, replay->entry->hash, replay->before);",
        "0;",
    ),
    "a removal is dropped too early": Mutant(
        "store_cuts",
        MOUNT,
        "    case KIND_REMOVED:\n",
        "    case KIND_REMOVED:\n        if (replay->limit % store->area->sector_size != 0U) {\n"
        "            return PSA_SUCCESS;\n        }\n",
    ),
    "a checkpoint is trusted: what comes after it is not replayed": Mutant(
        "store_cuts",
        MOUNT,
        "        status = replay_log(store, &window, sequence, position);",
        "        status = replay_log(store, &window, store->sequence, sequence == store->sequence\n"
        "                            ? position : HEADER_BYTES);",
    ),
    "the sums of a checkpoint are ignored": Mutant(
        "test_store_mount",
        CHECKPOINT,
        "return sums.plain == record->uid_low && sums.weighted == record->uid_high;",
        "return true;",
    ),
    "the places of a checkpoint are not looked at": Mutant(
        "test_store_mount",
        CHECKPOINT,
        "!pairs_are_possible(bounds, pairs, pairs_end)",
        "bounds == NULL",
    ),
    "a size that wraps around is that of a free slot": Mutant(
        "test_store_mount", MOUNT, "record->size > bytes", "record->size > data"
    ),
    "a damaged asset is as good as none": Mutant(
        "test_damage", STORE, "    return crc == record->data_crc;", "    return true;"
    ),
    # ---- Protected Storage ----
    "the anchor is written first": Mutant(
        "ps_cuts",
        ASSETS,
        "    status = store_prepare(&assets->medium,",
        "    (void)store_set(&assets->anchor, key, anchor, sizeof(*anchor), marks);\n"
        "    status = store_prepare(&assets->medium,",
    ),
    "the medium counts without the anchor": Mutant(
        "ps_cuts",
        ASSETS,
        "(medium_flags(of_anchor.flags) == info->flags)",
        "true",
    ),
    "a removal begins on the medium": Mutant(
        "ps_cuts",
        ASSETS,
        "        status = doubt(assets, store_remove(&assets->anchor, key));",
        "        (void)store_remove(&assets->medium, key);\n"
        "        status = doubt(assets, store_remove(&assets->anchor, key));",
    ),
    "the version does not grow": Mutant(
        "ps_cuts",
        ASSETS,
        "(old_marks >> VERSION_SHIFT) + 1U;",
        "(old_marks >> VERSION_SHIFT) | 1U;",
    ),
    "the nonce's counter does not grow": Mutant(
        "ps_cuts", ASSETS, "    assets->nonces_used++;\n", ""
    ),
    "the nonce says nothing of the start": Mutant(
        "ps_cuts",
        ASSETS,
        "(void)memcpy(nonce, assets->nonce_prefix, ASSETS_NONCE_PREFIX_BYTES);",
        "(void)memset(nonce, 0, ASSETS_NONCE_PREFIX_BYTES);",
    ),
    "the tag is not compared": Mutant(
        "test_ps_attacks",
        ASSETS,
        "    return seal_decrypt(&assets->key, &text, anchor->tag);",
        "    psa_status_t opened = seal_decrypt(&assets->key, &text, anchor->tag);\n"
        "    return opened == PSA_ERROR_INVALID_SIGNATURE ? PSA_SUCCESS : opened;",
    ),
    "a missing record is no asset": Mutant(
        "test_ps_attacks",
        ASSETS,
        "    if (status == PSA_ERROR_DOES_NOT_EXIST) {\n        return PSA_ERROR_DATA_CORRUPT;\n",
        "    if (status == PSA_ERROR_DOES_NOT_EXIST) {\n        return status;\n",
    ),
    "a record of any length is accepted": Mutant(
        "test_ps_core_attacks",
        ASSETS,
        "(info->size_bytes - ASSETS_OVERHEAD_BYTES == anchor.capacity_bytes);",
        "(anchor.capacity_bytes != UINT32_MAX);",
    ),
    "a sequence may wrap": Mutant(
        "test_store_mount", MOUNT, " && store->sequence < SEQUENCE_END &&", " &&"
    ),
    "the medium goes on showing the old record": Mutant(
        "ps_cuts", ASSETS, "        store_commit(&assets->medium, &pending);\n", ""
    ),
}


@pytest.fixture(scope="module")
def commands() -> dict[str, list[str]]:
    """How ninja makes each proof: a compiler's line for each object, then the linker's."""
    build_host_tests()
    told = {}
    for proof in {mutant.proof for mutant in MUTANTS.values()}:
        done = subprocess.run(
            ["ninja", "-C", str(paths.HOST_BUILD), "-t", "commands", proof],
            capture_output=True,
            text=True,
            check=True,
        )
        told[proof] = done.stdout.splitlines()
    return told


def run(command: str) -> None:
    done = subprocess.run(command, shell=True, cwd=paths.HOST_BUILD, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def build(commands: list[str], mutant: Mutant, changed: Path) -> Path:
    """The proof with the changed file in place of the one that it has."""
    compile_one = next(line for line in commands if line.rstrip().endswith("/" + mutant.file))
    link = next(line for line in commands if re.search(rf" -o {mutant.proof}\s", line))
    place = re.search(r"-o (\S+)", compile_one)
    assert place
    program = changed.parent / "run"
    compile_one = compile_one.replace(f"-o {place[1]}", f"-o {changed}.o")
    compile_one = re.sub(r"-M[FT] \S+|-MD", "", compile_one).replace("-Werror", "-w")
    run(re.sub(r"-c \S+\s*$", f"-c {changed}", compile_one))
    # An object in an archive comes from the program's own first.
    linked = link.replace(f" {place[1]} ", f" {changed}.o ")
    if linked == link:
        linked = re.sub(rf" -o {mutant.proof}\s", f" {changed}.o\\g<0>", link)
    run(re.sub(rf" -o {mutant.proof}\s", f" -o {program} ", linked))
    return program


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_found(name: str, commands: dict[str, list[str]], tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    text = (paths.ROOT / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, (
        f"not once in {mutant.file}, so change this mutant with it:\n{mutant.old}"
    )
    changed = tmp_path / Path(mutant.file).name
    changed.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    program = build(commands[mutant.proof], mutant, changed)
    done = subprocess.run(
        [str(program)], capture_output=True, text=True, errors="replace", timeout=TIMEOUT_SECONDS
    )
    told = done.stdout + done.stderr
    assert done.returncode != 0, f"nobody noticed:\n{told}"
    assert RED.search(told), f"it ended, but not as a finding:\n{told[-2000:]}"
