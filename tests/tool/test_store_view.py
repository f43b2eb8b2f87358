"""What `./bz store check` and `./bz device info` tell of the stores of a device: objects with their
owners, what is wrong and where, and never the contents. And the page for users, docs/storage.md.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bz_support import bz
from gen_workshop import ITS
from store_images import ONE, THREE, TWO, Image, example, read, three_sectors

from bz import console, device, keys, paths, store, store_objects, store_view, variant
from bz.store_format import DAMAGED, Geometry, Key
from gen import __main__ as gen_main

SECRET = b"a key that nobody may see: 93c1!"

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


def test_an_asset_whose_header_is_damaged_has_no_owner() -> None:
    image = three_sectors()
    image.flip(image.live[THREE][0] + 9)
    told = store_objects.objects(PRODUCT, "its", image.data, read(image))
    (lost,) = [each for each in told if each["state"] != "good"]
    assert (lost["client"], lost["uid"], lost["hash"]) == (None, None, THREE.hash)
    assert store_view.object_line(lost).startswith(f"unknown                 hash {THREE.hash:#x}")


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
    parts = example("ps.md")
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
    assert len(short.splitlines()) <= 24 and "26 more: --all" in short
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


def test_what_the_page_for_users_says_that_fits() -> None:
    page = (paths.ROOT / "docs" / "storage.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) KiB \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", page, re.M)
    assert len(rows) == 4
    for kib, *counts in rows:
        held = store.Store(Geometry(int(kib) * 1024, 4096, 8))
        for count, size in zip(counts, (64, 512, 2048), strict=True):
            number = int(count.replace(",", ""))
            assert held.admits(*[size] * number) and not held.admits(*[size] * (number + 1))


def test_the_commands_of_the_page_for_users_exist() -> None:
    for line in "".join(blocks("sh")).splitlines():
        command = line.split()[1:3]
        action = command if command[0] in ("device", "store") else command[:1]
        assert bz(*action, "--help").returncode == 0, line
