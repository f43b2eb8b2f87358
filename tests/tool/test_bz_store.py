"""The second reader of the store (docs/formats/store.md), against the page's own bytes, against
lib/store, and against damage of every kind.
"""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from store_images import ONE, THREE, TWO, Image, example, findings, read, sums, three_sectors

from bz import build, paths, store, store_objects
from bz.store_format import DAMAGED, DEVIATION, HIDDEN, REFUSED, Geometry, Key, Store

HISTORIES = 400
PS_HISTORIES = 200


# --- the page -------------------------------------------------------------------------------------


EXAMPLE_KEY = Key(-1, 0x1122334455667788)


def test_the_first_example_of_the_page() -> None:
    data, without_hint, _ = example("store.md")
    assert (len(data), len(without_hint)) == (0x70, 0x20)
    geometry = Geometry(size=2 * 4096, sector_size=4096, program_unit=8)
    for end, hints in ((data[0x50:], 1), (without_hint, 0)):
        found = store.read((data[:0x50] + end).ljust(geometry.size, b"\xff"), geometry)
        assert (found.findings, found.assets, found.removed) == ([], {}, {EXAMPLE_KEY})
        assert found.head and (found.head.sequence, found.head.end) == (1, 0x70)
        assert (found.hints, found.hints_checked) == (hints, hints)
    set_only = data[:0x50].ljust(geometry.size, b"\xff")
    found = store.read(set_only, geometry)
    assert found.findings == []
    assert store.data_of(set_only, found.assets[EXAMPLE_KEY]) == b"Bartizan!"
    assert (found.assets[EXAMPLE_KEY].flags, found.usage["fill"]) == (2, 7)


def test_the_example_with_a_checkpoint() -> None:
    """Of the first sector, the page has the first record: the others are made here."""
    (first, _, second) = example("store.md")
    assert len(second) == 0x80
    image = Image(Geometry(size=3 * 256, sector_size=256, program_unit=8))
    image.sector()
    image.put(32, first[0x20:0x50])
    image.at = 0x50
    for value in range(4):
        image.asset(Key(7, 5), bytes([value]))
    assert image.at == 0xF0
    image.put(0x100, second)
    found = read(image)
    assert found.findings == []
    assert (found.checkpoints, found.checkpoints_checked) == (1, 2)
    assert found.assets.keys() == {EXAMPLE_KEY, Key(7, 5)}
    assert store.data_of(image.data, found.assets[Key(7, 5)]) == second[0x70:0x71]


# --- lib/store ------------------------------------------------------------------------------------


def run_history(program: str, seed: int, count: int) -> list[dict[str, Any]]:
    """Build a program of tests/host, and what it prints."""
    options = {
        "CMAKE_C_COMPILER": shutil.which("clang") or "cc",
        "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        "BZ_PYTHON": paths.python(),
    }
    with build.locked(paths.HOST_BUILD):
        build.configure(paths.HOST_TESTS, paths.HOST_BUILD, options)
        ninja = ["ninja", "-C", paths.HOST_BUILD, program]
        done = subprocess.run(ninja, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    argv = [paths.HOST_BUILD / program, str(seed), str(count)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == count
    return told


@pytest.fixture(scope="module")
def histories() -> list[dict[str, Any]]:
    """Random histories of lib/store, with what it reads back."""
    return run_history("store_history", 20, HISTORIES)


def geometry_of(told: dict[str, Any]) -> Geometry:
    return Geometry(told["size"], told["sector_size"], told["program_unit"], told["erased"])


def contents(image: bytes, found: Store) -> dict[tuple[int, int], Any]:
    return {
        (key.owner, key.uid): None
        if record in found.damaged
        else (record.flags, store.data_of(image, record).hex())
        for key, record in found.assets.items()
        if not key.is_hash
    }


def has_unreadable_header(found: Store) -> bool:
    """The firmware may know from its index what such a record was, and read on behind it; this
    reader cannot."""
    return any(each.gap for each in found.log) or any(
        each.severity == HIDDEN or "no valid record header" in each.what for each in found.findings
    )


def test_both_readers_read_the_same(histories: list[dict[str, Any]]) -> None:
    """Histories with power cuts, half of them damaged behind the back of the store."""
    compared = checked = torn = 0
    for number, told in enumerate(histories):
        image, where = bytes.fromhex(told["image"]), f"history {number}: {geometry_of(told)}"
        found = store.read(image, geometry_of(told))
        if not told["damaged"]:
            assert found.findings == [], where
            checked += found.checkpoints_checked + found.hints_checked
            torn += found.torn is not None
        if has_unreadable_header(found):
            continue
        compared += told["damaged"]
        assert found.is_refused == (told["status"] != 0), (where, found.findings)
        if found.is_refused:
            continue
        expected = {
            (each["owner"], each["uid"]): (each["flags"], each["data"])
            if each["status"] == 0
            else None
            for each in told["assets"]
            if each["is_known"]
        }
        assert contents(image, found) == expected, where
        unknown = sum(key.is_hash for key in found.assets)
        assert unknown == sum(not each["is_known"] for each in told["assets"]), where
        assert sum(each.bytes for each in found.assets.values()) == told["record_bytes"], where
        assert sum(found.usage.values()) == told["size"], where
        assert max(found.erases.values(), default=0) >= told["erases"], where
    assert checked > 10 * HISTORIES
    assert torn > HISTORIES // 20 and compared > HISTORIES // 5, "or they show too little"


def ignore_removals(reader: Any, record: store.Record) -> None:
    if record.kind != store.REMOVED:
        APPLY(reader, record)


def trust_all_data(reader: Any, start: int, limit: int) -> store.Record | None:
    record = RECORD(reader, start, limit)
    return record and dataclasses.replace(record, is_right=True)


def take_torn_records(reader: Any, sector: store.Sector) -> None:
    reader._records(sector, reader.geometry.sector_size)


APPLY, RECORD = store._Reader._apply, store._Reader._record
MUTANTS = {
    "_apply": ignore_removals,
    "_record": trust_all_data,
    "_head_records": take_torn_records,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_reader_that_is_wrong_is_told(
    histories: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(store._Reader, name, MUTANTS[name])
    with pytest.raises(AssertionError):
        test_both_readers_read_the_same(histories)


def test_both_have_the_same_space_rule(histories: list[dict[str, Any]]) -> None:
    answers = []
    for told in histories:
        if told["damaged"] or told["status"] != 0:
            continue
        found = store.read(bytes.fromhex(told["image"]), geometry_of(told))
        size = told["new_size"]
        fits = found.admits(size) and len(found.assets) < told["assets_max"]
        assert fits == (told["new_status"] == 0), (geometry_of(told), size, told["new_status"])
        largest = found.largest_new
        assert found.admits(size) == (largest is not None and size <= largest)
        answers.append(fits)
    assert min(answers.count(True), answers.count(False)) > len(answers) // 20


def test_protected_storage_has_what_its_anchor_names() -> None:
    """Histories with cuts in both flash parts: the reader, which has no key and does not know the
    order of the steps, finds nothing wrong, and the assets that the service tells."""
    torn = 0
    for number, told in enumerate(run_history("ps_history", 9, PS_HISTORIES)):
        images = [bytes.fromhex(told[name]) for name in ("medium", "anchor")]
        medium, anchor = (
            store.read(
                image,
                Geometry(len(image), told["sector_size"], told["program_unit"], told["erased"]),
                is_selective,
            )
            for image, is_selective in zip(images, (True, False), strict=True)
        )
        wrong = medium.findings + anchor.findings
        wrong += store_objects.anchor_findings(images[1], anchor, medium)
        assert wrong == [], f"history {number}"
        product = SimpleNamespace(partitions=[], disabled=[])
        found = store_objects.objects(product, "ps_anchor", images[1], anchor)
        names = ("client", "uid", "size", "capacity", "flags")
        assert sorted([each[name] for name in names] for each in found) == sorted(
            [each[name] for name in names] for each in told["assets"]
        ), f"history {number}"
        torn += medium.torn is not None or anchor.torn is not None
    assert torn > PS_HISTORIES // 20


# --- what is good ---------------------------------------------------------------------------------


def test_a_log_of_three_sectors() -> None:
    image = three_sectors()
    found = read(image)
    assert findings(found) == []
    assert {key: store.data_of(image.data, each) for key, each in found.assets.items()} == {
        ONE: b"newer",
        TWO: b"again",
        THREE: b"k" * 32,
    }
    assert (found.checkpoints, found.checkpoints_checked) == (2, 3 + 2)
    assert (found.hints, found.hints_checked) == (2, 2)
    assert sum(found.usage.values()) == image.geometry.size
    assert found.usage["headers"] == 3 * 32 and found.usage["free"] == 2 * 2048
    assert found.usage["stale"] == 36 + 732 + 32, "two assets and a removal"


def test_a_log_that_went_round() -> None:
    """Old sectors are collected; what checkpoints and hints say of them cannot be checked."""
    image = Image()
    for turn in range(11):
        image.sector(checkpoint=True)
        for key in (ONE, TWO, THREE):
            image.asset(key, bytes([turn]) * 40)
    found = read(image)
    assert findings(found) == []
    assert [each.sequence for each in found.log] == [9, 10, 11]
    assert found.checkpoints == 3 and 0 < found.checkpoints_checked < 9
    assert found.erases == {0: 2, 1: 2, 2: 2, 3: 1}


def test_new_regions() -> None:
    geometry = Geometry(size=4 * 2048, sector_size=2048, program_unit=8)
    blank = bytearray(b"\xff" * geometry.size)
    for torn in (0, 5, 31):
        blank[2048 : 2048 + torn] = bytes(torn)
        found = store.read(bytes(blank), geometry)
        assert found.is_new and found.findings == []
    blank[2048 + 32] = 0
    assert findings(store.read(bytes(blank), geometry)) == [(REFUSED, 2048 + 32)]


@pytest.mark.parametrize("kept", [1, 31, 32, 33, 60, 71])
def test_a_torn_record_is_no_fault(kept: int) -> None:
    """Of a power cut: header and data are there as far as it came."""
    image = three_sectors()
    place = image.asset(ONE, b"x" * 40)
    image.data[place + kept : place + 72] = b"\xff" * (72 - kept)
    found = read(image)
    assert (findings(found), found.torn, found.is_closed) == ([], place, True)
    assert store.data_of(image.data, found.assets[ONE]) == b"newer"
    image.at = place
    image.sector()
    image.asset(THREE, b"goes on")
    found = read(image)
    assert findings(found) == []
    assert store.data_of(image.data, found.assets[ONE]) == b"newer"


def test_unknown_kinds_of_record() -> None:
    image = three_sectors()
    image.record(0x81, ONE, b"what can be made again")
    assert findings(read(image)) == []
    place = image.record(0x7F, ONE, b"of the next version")
    assert findings(read(image)) == [(REFUSED, place)]


# --- what is not ----------------------------------------------------------------------------------

OLD, MIDDLE, HEAD = 0, 2048, 4096  # the sectors of three_sectors()


def missing_sector(image: Image) -> tuple[str, int]:
    image.flip(MIDDLE + 12)
    return REFUSED, MIDDLE


def wrong_sequence(image: Image) -> tuple[str, int]:
    image.put(MIDDLE, bytes(image.data[OLD : OLD + 32]))
    return REFUSED, MIDDLE


def bad_header_in_the_middle(image: Image) -> tuple[str, int]:
    image.flip(OLD + 32 + 40 + 16)
    return REFUSED, OLD + 32 + 40


def a_previous_end_between_records(image: Image) -> tuple[str, int]:
    image.sector(end=40)
    return REFUSED, HEAD + 32


def bad_data_of_a_live_asset(image: Image) -> tuple[str, int]:
    place = image.live[THREE][0]
    image.flip(place + 32 + 31)
    return DAMAGED, place


def bad_data_of_a_stale_record(image: Image) -> tuple[str, int]:
    image.flip(OLD + 32 + 32)
    return DEVIATION, OLD + 32


def bad_record_before_the_last(image: Image) -> tuple[str, int]:
    place = image.asset(ONE, b"one more")
    image.asset(ONE, b"and the last")
    image.flip(place + 9)
    return HIDDEN, place


def a_lost_asset(image: Image) -> tuple[str, int]:
    return DAMAGED, image.record(3, THREE, replaces=image.live[THREE][0])


def another_version(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(version=2) + 4


def another_unit(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(unit=16) + 6


def another_sector_size(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(size=4096) + 6


def a_tail_that_leaves_none_free(image: Image) -> tuple[str, int]:
    image.sector()
    return REFUSED, image.sector(tail=1) + 16


def a_tail_in_the_future(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(tail=5) + 16


def a_previous_end_beyond_the_sector(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(end=4096) + 20


def a_previous_end_that_is_no_end(image: Image) -> tuple[str, int]:
    return REFUSED, image.sector(end=44) + 20


def a_record_past_its_sector(image: Image) -> tuple[str, int]:
    place = image.record(1, ONE, size=4096)
    image.at = place + 40
    image.sector()
    return REFUSED, place


def a_checkpoint_that_lacks_an_asset(image: Image) -> tuple[str, int]:
    return DEVIATION, image.sector(checkpoint=image.pairs()[:-1]) + 32


def a_checkpoint_with_a_dead_asset(image: Image) -> tuple[str, int]:
    first = image.sector(checkpoint=[(ONE.hash, (OLD + 32) // 8 | 40 // 8 << 19), *image.pairs()])
    return DEVIATION, first + 64


def a_checkpoint_with_another_hash(image: Image) -> tuple[str, int]:
    pairs = image.pairs()
    pairs[1] = (pairs[1][0] ^ 1, pairs[1][1])
    return DEVIATION, image.sector(checkpoint=pairs) + 64 + 8


def a_checkpoint_with_another_length(image: Image) -> tuple[str, int]:
    pairs = image.pairs()
    pairs[2] = (pairs[2][0], pairs[2][1] + (1 << 19))
    return DEVIATION, image.sector(checkpoint=pairs) + 64 + 16


def a_checkpoint_that_says_lost(image: Image) -> tuple[str, int]:
    pairs = image.pairs()
    pairs[0] = (pairs[0][0], pairs[0][1] | 1 << 30)
    return DEVIATION, image.sector(checkpoint=pairs) + 64


def a_checkpoint_with_a_key_twice(image: Image) -> tuple[str, int]:
    pairs = image.pairs()
    return DEVIATION, image.sector(checkpoint=[*pairs, pairs[0]]) + 64 + 24


def a_checkpoint_with_a_place_outside(image: Image) -> tuple[str, int]:
    return DEVIATION, image.sector(checkpoint=[*image.pairs(), (1, 0x7FFFF)]) + 64 + 24 + 4


def a_checkpoint_that_is_not_first(image: Image) -> tuple[str, int]:
    return DEVIATION, image.record(0x80, Key(0, 0))


def a_checkpoint_with_other_sums(image: Image) -> tuple[str, int]:
    data = b"".join(struct.pack("<II", *pair) for pair in image.pairs())
    image.sector()
    return DEVIATION, image.record(0x80, Key(0, sums(data) + 1), data) + 8


def a_damaged_checkpoint(image: Image) -> tuple[str, int]:
    image.flip(MIDDLE + 64 + 3)
    return DEVIATION, MIDDLE + 32


def a_hint_to_an_older_record(image: Image) -> tuple[str, int]:
    return DEVIATION, image.record(1, ONE, b"x", replaces=OLD + 32) + 1


def a_hint_to_another_key(image: Image) -> tuple[str, int]:
    return DEVIATION, image.record(1, ONE, b"x", replaces=image.live[TWO][0]) + 1


def a_hint_outside(image: Image) -> tuple[str, int]:
    return DEVIATION, image.record(1, ONE, b"x", replaces=image.geometry.size) + 1


def a_write_once_asset_replaced(image: Image) -> tuple[str, int]:
    image.asset(ONE, b"for ever", flags=1)
    image.asset(ONE, b"for ever", flags=1)  # a copy may be
    return DEVIATION, image.asset(ONE, b"no")


def a_write_once_asset_removed(image: Image) -> tuple[str, int]:
    image.asset(ONE, b"for ever", flags=1)
    return DEVIATION, image.record(2, ONE)


def a_removal_with_flags(image: Image) -> tuple[str, int]:
    return DEVIATION, image.record(2, ONE, flags=2) + 16


def a_fill_that_is_not_erased(image: Image) -> tuple[str, int]:
    place = image.record(1, ONE, b"12345", fill=0)
    return DEVIATION, place + 32 + 5


def a_sequence_twice(image: Image) -> tuple[str, int]:
    image.put(3 * 2048, bytes(image.data[HEAD : HEAD + 32]))
    return DEVIATION, 3 * 2048 + 12


# Seen by a mount only if no checkpoint lies behind it.
WITHOUT_CHECKPOINT = [missing_sector, wrong_sequence, bad_header_in_the_middle]
WRONG: list[Callable[[Image], tuple[str, int]]] = [
    *WITHOUT_CHECKPOINT,
    bad_data_of_a_live_asset,
    bad_data_of_a_stale_record,
    bad_record_before_the_last,
    a_lost_asset,
    another_version,
    another_unit,
    another_sector_size,
    a_tail_that_leaves_none_free,
    a_tail_in_the_future,
    a_previous_end_between_records,
    a_previous_end_beyond_the_sector,
    a_previous_end_that_is_no_end,
    a_record_past_its_sector,
    a_checkpoint_that_lacks_an_asset,
    a_checkpoint_with_a_dead_asset,
    a_checkpoint_with_another_hash,
    a_checkpoint_with_another_length,
    a_checkpoint_that_says_lost,
    a_checkpoint_with_a_key_twice,
    a_checkpoint_with_a_place_outside,
    a_checkpoint_that_is_not_first,
    a_checkpoint_with_other_sums,
    a_damaged_checkpoint,
    a_hint_to_an_older_record,
    a_hint_to_another_key,
    a_hint_outside,
    a_write_once_asset_replaced,
    a_write_once_asset_removed,
    a_removal_with_flags,
    a_fill_that_is_not_erased,
    a_sequence_twice,
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.__name__)
def test_what_is_wrong_is_found_where_it_is(wrong: Callable[[Image], tuple[str, int]]) -> None:
    image = three_sectors(checkpoint=wrong not in WITHOUT_CHECKPOINT)
    expected = wrong(image)
    assert findings(read(image)) == [expected], read(image).findings


@pytest.mark.parametrize("wrong", WITHOUT_CHECKPOINT, ids=lambda each: each.__name__)
def test_a_checkpoint_makes_up_for_what_is_wrong_before_it(
    wrong: Callable[[Image], tuple[str, int]],
) -> None:
    """The device starts with it, finds the live assets by their places, and refuses nothing."""
    image = three_sectors()
    _, place = wrong(image)
    found = read(image)
    assert findings(found)[0] == (DAMAGED, place)
    assert not found.is_refused
    assert {key: store.data_of(image.data, each) for key, each in found.assets.items()} == {
        ONE: b"newer",
        TWO: b"again",
        THREE: b"k" * 32,
    }
    assert sum(found.usage.values()) == image.geometry.size


def test_an_asset_whose_header_is_damaged() -> None:
    """Only the hash of its key is left, in the checkpoint."""
    image = three_sectors()
    place = image.live[THREE][0]
    image.flip(place + 9)
    found = read(image)
    unknown = Key(0, THREE.hash, is_hash=True)
    assert findings(found) == [(DAMAGED, place), (DAMAGED, place)], "no header, no key"
    assert set(found.assets) == {ONE, TWO, unknown}
    assert [each.key for each in found.damaged] == [unknown]


def test_lost_with_its_key() -> None:
    """Kind 4 stands for the asset with that hash, until it is set again or removed."""
    image = three_sectors()
    place = image.record(4, Key(0, THREE.hash), replaces=image.live[THREE][0])
    found = read(image)
    assert findings(found) == [(DAMAGED, place)]
    assert set(found.assets) == {ONE, TWO, Key(0, THREE.hash, is_hash=True)}
    image.asset(THREE, b"here again", hint=False)
    found = read(image)
    assert findings(found) == [] and set(found.assets) == {ONE, TWO, THREE}


def test_a_copy_that_is_missing() -> None:
    """The newest checkpoint has an asset in a sector that was collected since."""
    image = Image()
    image.sector()
    image.asset(THREE)
    for key in (ONE, TWO):
        image.sector(checkpoint=True)
        image.asset(key)
    image.sector(tail=2)  # without the copy of THREE
    found = read(image)
    assert found.assets.keys() == {ONE, TWO, Key(0, THREE.hash, is_hash=True)}
    assert findings(found) == [(DAMAGED, image.live[THREE][0])]


# --- any bytes ------------------------------------------------------------------------------------


def test_no_content_stops_the_reader(histories: list[dict[str, Any]]) -> None:
    """Random bytes, and images with damage whose checksums are made right again."""
    dice = random.Random(6)
    geometry = Geometry(size=4 * 2048, sector_size=2048, program_unit=8)
    for _ in range(50):
        store.read(dice.randbytes(geometry.size), geometry)
    seen = set()
    for _ in range(600):
        told = dice.choice(histories)
        image, here = bytearray.fromhex(told["image"]), geometry_of(told)
        for _ in range(dice.randint(1, 3)):
            spoil(image, here, dice)
        found = store.read(bytes(image), here)
        assert not found.usage or sum(found.usage.values()) == here.size
        seen |= {each.severity for each in found.findings}
        found.largest_new  # noqa: B018
    assert seen == {REFUSED, DAMAGED, HIDDEN, DEVIATION}


def spoil(image: bytearray, geometry: Geometry, dice: random.Random) -> None:
    """Change bytes of a header and make its checksum right, or change any bytes."""
    size = geometry.sector_size
    start = dice.randrange(geometry.sectors) * size
    headers = [start]
    at = start + 32
    while at + 32 <= start + size and image[at] in (1, 2, 3, 0x80):
        headers.append(at)
        at += geometry.record_bytes(min(int.from_bytes(image[at + 20 : at + 24], "little"), size))
    at = dice.choice(headers)
    if dice.random() < 0.3:
        image[dice.randrange(len(image))] ^= 1 << dice.randrange(8)
        return
    place = at + dice.randrange(28)
    image[place : place + 1] = dice.randbytes(1) if dice.random() < 0.5 else b"\xff"
    image[at + 28 : at + 32] = zlib.crc32(image[at : at + 28]).to_bytes(4, "little")
