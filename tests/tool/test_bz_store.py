"""The second reader of the store (docs/formats/store.md), against the page's own bytes, against
lib/store, against damage of every kind, and as the commands show it: never the contents.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bz_support import bz
from gen_workshop import ITS
from store_images import ONE, THREE, TWO, Image, three_sectors

from bz import build, console, device, keys, paths, store, store_objects, store_view, variant
from bz.store import DAMAGED, DEVIATION, HIDDEN, REFUSED, Geometry, Key, Store
from gen import __main__ as gen_main

PAGE = paths.ROOT / "docs" / "formats" / "store.md"
EXAMPLE_ROW = re.compile(r"^00[0-9a-f]{2}  ((?:[0-9a-f]{2}(?: {1,2}|$)){8,16})", re.M)
HISTORIES = 400
SECRET = b"a key that nobody may see: 93c1!"


def findings(found: Store) -> list[tuple[str, int]]:
    return [(each.severity, each.offset) for each in found.findings]


def read(image: Image) -> Store:
    return store.read(bytes(image.data), image.geometry)


# --- the page -------------------------------------------------------------------------------------


def test_the_example_of_the_page() -> None:
    rows = re.findall(r"^([0-9a-f]{4})  ((?:[0-9a-f]{2} {1,2}){15}[0-9a-f]{2})", PAGE.read_text("utf-8"), re.M)
    data = b"".join(bytes.fromhex(row) for _, row in rows)
    assert len(data) == 0x70, "the page's example"
    assert [int(offset, 16) for offset, _ in rows] == list(range(0, 0x70, 16))
    geometry = Geometry(size=2 * 4096, sector_size=4096, program_unit=8)
    key = Key(-1, 0x1122334455667788)
    found = store.read(data.ljust(geometry.size, b"\xff"), geometry)
    assert (found.findings, found.assets, found.removed) == ([], {}, {key})
    assert found.head and (found.head.sequence, found.head.end) == (1, 0x70)
    set_only = data[:0x50].ljust(geometry.size, b"\xff")
    found = store.read(set_only, geometry)
    assert found.findings == []
    assert store.data_of(set_only, found.assets[key]) == b"Bartizan!"
    assert (found.assets[key].flags, found.usage["fill"]) == (2, 7)


# --- lib/store ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def histories() -> list[dict[str, Any]]:
    """Random histories of lib/store, with what it reads back."""
    options = {
        "CMAKE_C_COMPILER": shutil.which("clang") or "cc",
        "BZ_MBEDTLS_DIR": str(paths.mbedtls()),
        "BZ_PYTHON": paths.python(),
    }
    with build.locked(paths.HOST_BUILD):
        build.configure(paths.HOST_TESTS, paths.HOST_BUILD, options)
        subprocess.run(
            ["ninja", "-C", paths.HOST_BUILD, "store_history"], check=True, capture_output=True
        )
    done = subprocess.run(
        [paths.HOST_BUILD / "store_history", "20", str(HISTORIES)],
        check=True,
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


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


def test_both_readers_read_the_same(histories: list[dict[str, Any]]) -> None:
    """Histories with power cuts, half of them damaged behind the back of the store."""
    refused = checked = torn = 0
    for number, told in enumerate(histories):
        image, where = bytes.fromhex(told["image"]), f"history {number}: {geometry_of(told)}"
        found = store.read(image, geometry_of(told))
        assert found.is_refused == (told["status"] != 0), (where, found.findings)
        if not told["damaged"]:
            assert found.findings == [], where
            checked += found.checkpoints_checked + found.hints_checked
            torn += found.torn is not None
        if found.is_refused:
            refused += 1
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
    assert len(histories) == HISTORIES and checked > 1000 * HISTORIES // 100
    assert min(refused, torn) > HISTORIES // 20, "or the histories show too little"


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
    image[at + 28 : at + 32] = store.zlib.crc32(image[at : at + 28]).to_bytes(4, "little")


# --- what the objects are -------------------------------------------------------------------------

PRODUCT = SimpleNamespace(
    partitions=[SimpleNamespace(id=0x104, name="ps", directory="services/ps")],
    disabled=[],
    nv_counters=[SimpleNamespace(id=3, name="licences")],
)
ANCHORED = Geometry(size=4 * 4096, sector_size=4096, program_unit=8)


def test_clients_have_names() -> None:
    names = [store_objects.client_name(PRODUCT, client) for client in (-7, 0x104, 0x105)]
    assert names == ["non-secure (-7)", "ps (0x104)", "unknown partition (0x105)"]


def test_flags_in_words() -> None:
    assert store_objects.flags_text(0) == "-"
    assert store_objects.flags_text(5) == "write-once, no replay protection"
    assert store_objects.flags_text(0x12) == "no confidentiality, flags 0x10"


def test_an_encrypted_asset_has_the_size_that_was_set() -> None:
    image = Image(ANCHORED)
    image.sector()
    image.asset(ONE, bytes(64 + 28), flags=0x80000001)
    (told,) = store_objects.objects(PRODUCT, "its", image.data, read(image))
    assert (told["size"], told["flags_text"]) == (64, "write-once, encrypted")


def anchor(image: Image, key: Key, version: int, size: int, capacity: int, **more: Any) -> int:
    data = struct.pack("<II", size, capacity) + b"T" * 16
    return image.record(1, key, data + more.pop("rest", b""), version << 3 | more.pop("flags", 0))


def protected() -> tuple[Image, Image, dict[Key, int]]:
    """Anchor and medium with three assets, each of version 2 after version 1."""
    stores = Image(ANCHORED), Image(ANCHORED)
    places = {}
    for each in stores:
        each.sector()
    for version in (1, 2):
        for number, key in enumerate((ONE, TWO, THREE)):
            stores[1].record(1, key, bytes(12 + 100), version << 1)
            places[key] = anchor(stores[0], key, version, 40 + number, 100, flags=number)
    return *stores, places


def protected_findings(stores: tuple[Image, Image, Any]) -> list[tuple[str, int]]:
    told, medium = read(stores[0]), store.read(bytes(stores[1].data), ANCHORED, True)
    found = store_objects.anchor_findings(bytes(stores[0].data), told, medium)
    return [(each.severity, each.offset) for each in found]


def test_what_the_anchor_tells() -> None:
    stores = protected()
    told = store_objects.objects(PRODUCT, "ps_anchor", stores[0].data, read(stores[0]))
    assert [each["uid"] for each in told] == [ONE.uid, TWO.uid, THREE.uid]
    assert {each: told[1][each] for each in ("size", "capacity", "version", "flags_text")} == {
        "size": 41,
        "capacity": 100,
        "version": 2,
        "flags_text": "write-once",
    }
    assert protected_findings(stores) == []
    (first, *_) = store_objects.objects(PRODUCT, "ps", stores[1].data, read(stores[1]))
    assert (first["version"], first["size"]) == (2, 112)


def test_the_example_of_the_page_of_protected_storage() -> None:
    page = (PAGE.parent / "ps.md").read_text("utf-8")
    parts = [bytes.fromhex("".join(EXAMPLE_ROW.findall(part))) for part in page.split("Anchor:")]
    assert [len(part) for part in parts] == [0x38, 0x38]
    stores = []
    for part in parts:
        image = Image(ANCHORED)
        image.sector()
        image.put(32, part)
        stores.append(image)
    medium, anchors = stores
    (told,) = store_objects.objects(PRODUCT, "ps_anchor", anchors.data, read(anchors))
    assert (told["uid"], told["size"], told["capacity"]) == (0x1122334455667788, 9, 9)
    assert (told["version"], told["flags_text"]) == (1, "no confidentiality")
    assert protected_findings((anchors, medium, None)) == []
    (told,) = store_objects.objects(PRODUCT, "ps", medium.data, read(medium))
    assert (told["version"], told["size"]) == (1, 21)


def test_a_step_in_flight_is_no_fault_of_the_medium() -> None:
    """Later records that no anchor names, and a removal that did not come to the medium."""
    stores = protected()
    stores[1].record(1, ONE, bytes(112), 3 << 1)
    stores[0].record(2, TWO)
    stores[1].record(1, Key(-1, 0x44), bytes(112), 1 << 1)
    assert protected_findings(stores) == []


@pytest.mark.parametrize("attack", ["removed", "older", "shorter", "unknown", "larger", "erased"])
def test_what_the_anchor_names_and_the_medium_lacks(attack: str) -> None:
    image, medium, places = protected()
    place = places[ONE]
    if attack == "removed":
        medium.record(2, ONE)
    elif attack == "older":
        place = anchor(image, ONE, 3, 40, 100)
    elif attack == "shorter":
        medium.record(1, ONE, bytes(50), 3 << 1)
        place = anchor(image, ONE, 3, 40, 100)
    elif attack == "unknown":
        place = anchor(image, ONE, 2, 40, 100, rest=b"of the future")
    elif attack == "larger":
        place = anchor(image, ONE, 2, 101, 100)
    else:
        medium = Image(ANCHORED)
        expected = [(DAMAGED, each) for each in sorted(places.values())]
        assert sorted(protected_findings((image, medium, None))) == expected
        return
    assert protected_findings((image, medium, None)) == [(DAMAGED, place)]


def counted(*copies: int | bytes | None) -> list[dict[str, Any]]:
    stores = []
    for value in copies:
        image = Image(ANCHORED)
        image.sector()
        if value is not None:
            data = value if isinstance(value, bytes) else struct.pack("<I", value)
            image.record(1, Key(0, 3), data)
        stores.append((bytes(image.data), read(image)))
    return store_objects.counters(PRODUCT, stores)


@pytest.mark.parametrize(
    "copies, value, state",
    [
        ((7, 7), 7, "good"),
        ((8, 7), 8, "one copy lags"),
        ((1, None), 1, "one copy lags"),
        ((b"?", 7), 7, "one copy damaged"),
        ((7, b"?"), 7, "one copy damaged"),
        ((b"?", b"?"), None, "damaged"),
    ],
)
def test_values_of_counters(copies: tuple[Any, Any], value: int | None, state: str) -> None:
    told = counted(*copies)
    assert told == [{"counter": 3, "name": "licences", "value": value, "state": state}]
    assert store_view.object_line(told[0]).startswith(f"counter 3 (licences)    value {value}")
    assert len(store_objects.counter_findings(told)) == (state == "damaged")
    assert counted(None, None) == []


# --- commands -------------------------------------------------------------------------------------


@pytest.fixture
def product() -> Any:
    return variant.find("an505").product


@pytest.fixture
def flash(tmp_path: Path, product: Any) -> Path:
    """A device with assets in its ITS, a key of the Crypto service among them."""
    keys.ensure(product)
    path = tmp_path / "device.bin"
    device.create(path, product, seed=1)
    put(path, product, its_image(product))
    medium, anchors = new_store(product, "ps"), new_store(product, "ps_anchor")
    medium.record(1, ONE, SECRET[:12] + SECRET, 1 << 1)
    anchors.record(1, ONE, struct.pack("<II", 20, len(SECRET)) + SECRET[:16], 1 << 3)
    put(path, product, medium, "ps")
    put(path, product, anchors, "ps_anchor")
    return path


def new_store(product: Any, name: str) -> Image:
    region = device.find_region(product, name)
    image = Image(Geometry(region.size, region.sector_size, product.flash.program_unit))
    image.sector()
    return image


def its_image(product: Any) -> Image:
    image = new_store(product, "its")
    image.asset(Key(0x100, 0xFFFFFFFF00000001), SECRET)
    image.asset(Key(-1, 0x77), SECRET, flags=1 | 4)
    for uid in range(1, 31):
        image.asset(Key(-2, uid), SECRET[: uid % 9])
    return image


def put(path: Path, product: Any, image: Image, name: str = "its") -> None:
    device.write(path, product, device.find_region(product, name).offset, bytes(image.data))


def test_check_command(flash: Path, product: Any) -> None:
    done = bz("store", "check", flash)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(store_view.regions(product))
    assert any(re.match(r"its +sound: 32 objects, ", line) for line in lines), done.stdout
    told = json.loads(bz("store", "check", flash, "--json", "--region", "its").stdout)
    (its,) = told["stores"]
    assert told["ok"] and its["state"] == "sound" and len(its["objects"]) == 32
    assert its["objects"][-1] == {
        "client": 0x100,
        "client_name": "crypto (0x100)",
        "uid": 0xFFFFFFFF00000001,
        "size": len(SECRET),
        "flags": 0,
        "flags_text": "-",
        "state": "good",
        "key": "key 0x1 of non-secure (-1)",
    }


def test_check_command_tells_what_is_wrong_and_what_to_do(flash: Path, product: Any) -> None:
    region = device.find_region(product, "its")
    device.write(flash, product, region.offset + 64 + 3, b"?")
    done = bz("store", "check", flash)
    assert done.returncode == 1
    assert f"its at 0x00020 (file {region.offset + 32:#08x}), damaged: " in done.stdout
    assert "next, damaged: " in done.stdout
    told = json.loads(bz("store", "check", flash, "--json").stdout)
    assert not told["ok"]
    (found,) = [each for one in told["stores"] for each in one["findings"]]
    assert (found["offset"], found["file_offset"]) == (32, region.offset + 32)
    other = bz("store", "check", flash, "--region", "nothing")
    assert other.returncode == 1 and "choose one of: " in other.stderr


def test_a_long_list_is_cut(flash: Path, product: Any) -> None:
    image = its_image(product)
    for _ in range(40):
        image.record(2, ONE, flags=2)
    put(flash, product, image)
    short, full = (bz("store", "check", flash, *more).stdout for more in ((), ("--all",)))
    assert len(short.splitlines()) <= 25 and "21 more: --all" in short
    assert full.count("has flags") == 40
    short, full = (bz("device", "info", flash, *more).stdout for more in ((), ("--all",)))
    assert "25 more: --all" in short and short.count("uid ") == 7 + 1
    assert full.count("uid ") == 32 + 1 and "see ./bz store check" in full


def test_info_command_lists_the_objects(flash: Path, product: Any) -> None:
    text = bz("device", "info", flash, "--all").stdout
    assert "crypto (0x100)          uid 0xffffffff00000001, 32 bytes, key 0x1 of non" in text
    assert "non-secure (-1)         uid 0x77, 32 bytes, write-once, no replay protection" in text
    assert "non-secure (-1)         uid 0x11, 20 bytes, capacity 32, version 1" in text
    told = json.loads(bz("device", "info", flash, "--json").stdout)
    assert [each["region"] for each in told["stores"]] == store_view.regions(product)


def test_contents_are_never_shown(flash: Path, product: Any) -> None:
    """Assets of the Crypto service are keys. Neither when all is well nor when it is not."""
    region = device.find_region(product, "its")
    for place in (None, 64 + 3, 32 + 3):
        if place is not None:
            device.write(flash, product, region.offset + place, b"?")
        for arguments in (
            ("store", "check", flash, "--all"),
            ("store", "check", flash, "--json"),
            ("device", "info", flash, "--all"),
            ("device", "info", flash, "--json"),
        ):
            done = bz(*arguments)
            said = done.stdout + done.stderr
            for part in (SECRET[:6], SECRET[8:14], SECRET[-6:]):
                assert part.decode() not in said, arguments
                assert part.hex() not in said.replace(" ", "").lower(), arguments
                assert str(list(part))[1:-1] not in re.sub(r"\s+", " ", said), arguments


def test_a_reserved_and_a_new_region(tmp_path: Path, product: Any) -> None:
    """Every standard region is told of, whatever its owner."""
    keys.ensure(product)
    path = tmp_path / "device.bin"
    device.create(path, product, seed=1)
    done = bz("store", "check", path, "--json")
    assert done.returncode == 0, done.stderr
    told = {each["region"]: each for each in json.loads(done.stdout)["stores"]}
    for region in product.regions:
        if region.name in store_view.SERVICES:
            expected = "reserved" if region.owner == "none" else "new"
            assert told[region.name]["state"] == expected, region.name


def test_regions_of_others_are_left_alone(tmp_path: Path, workshop: Any) -> None:
    """A region is a store because the service of the product owns it, not because of its name."""
    workshop.change(
        workshop.product, "services/its/manifest.yaml", "third/its/manifest.yaml"
    )
    workshop.write("third/its/manifest.yaml", ITS)
    product = workshop.load()
    assert store_view.regions(product) == []
    with pytest.raises(console.BzError, match="is no store"):
        store_view.chosen(product, "its")


def test_a_store_of_a_service_that_is_off_is_still_read(tmp_path: Path) -> None:
    declaration = tmp_path / "off.toml"
    declaration.write_text(
        'extends = "products/an505.toml"\n[[partition]]\nname = "its"\nenabled = false\n', "utf-8"
    )
    assert "its" in store_view.regions(variant.load_product(str(declaration)))


# --- the page for users ---------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    page = (paths.ROOT / "docs" / "storage.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)


def test_the_examples_of_the_page_for_users(tmp_path: Path) -> None:
    """The product is one, and the program compiles with its headers."""
    (declaration,) = blocks("toml")
    product_file = tmp_path / "meter.toml"
    product_file.write_text(declaration.replace('"an505.toml"', '"products/an505.toml"'), "utf-8")
    loaded = variant.load_product(str(product_file))
    assert loaded.profile_values["its_assets"] == 100
    for name, text in gen_main.generate(loaded).items():
        if name.endswith(".h"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
    (program,) = blocks("c")
    source = tmp_path / "meter.c"
    source.write_text("#include <stdbool.h>\n" + program, "utf-8")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-mcpu=cortex-m33"]
    headers = [f"-I{tmp_path}", f"-I{paths.ROOT / 'include'}"]
    done = subprocess.run(
        ["arm-none-eabi-gcc", *flags, *headers, "-c", source, "-o", tmp_path / "meter.o"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_page_for_users_exist() -> None:
    for line in "".join(blocks("sh")).splitlines():
        command = line.split()[1:3]
        action = command if command[0] in ("device", "store") else command[:1]
        assert bz(*action, "--help").returncode == 0, line
