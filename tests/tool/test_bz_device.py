"""Keys, signing, device files and counters: what ./bz makes is what the formats say, the same
source gives the same bits, and nothing is overwritten, shared or shown that must not be.
"""

from __future__ import annotations

import binascii
import fcntl
import hashlib
import json
import os
import stat
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from bz_support import bz

from bz import counters, device, image, keys, paths, provisioning, signing, variant
from bz.console import BzError


@pytest.fixture
def product() -> Any:
    return variant.find("an505").product


@pytest.fixture
def own_keys(tmp_path: Path, product: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys of this test, so that the developer's are not touched."""
    folder = tmp_path / "keys"
    monkeypatch.setattr(paths, "KEYS", folder)
    keys.ensure(product)
    return folder


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    path = tmp_path / "payload.bin"
    path.write_bytes(hashlib.shake_256(b"payload").digest(9001))
    return path


# --- keys -----------------------------------------------------------------------------------------


def test_keys_are_private_and_kept(own_keys: Path, product: Any) -> None:
    files = sorted(own_keys.iterdir())
    assert [path.stem for path in files] == sorted(keys.names_of(product))
    assert len(files) == 3
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    before = [path.read_bytes() for path in files]
    assert len(set(before)) == 3
    assert keys.ensure(product) == []
    with pytest.raises(BzError, match="exists already"):
        keys.make(files[0])
    assert [path.read_bytes() for path in files] == before
    keys.make(files[0], force=True)
    assert files[0].read_bytes() != before[0]


def test_keys_command_prints_digests_only(product: Any) -> None:
    keys.ensure(product)
    told = json.loads(bz("keys", "--json").stdout)
    for key in told["keys"]:
        assert bytes.fromhex(key["sha256"]) == keys.digest(Path(key["file"]))
    assert "PRIVATE" not in bz("keys").stdout


# --- signing --------------------------------------------------------------------------------------


def test_signing_is_deterministic(own_keys: Path, product: Any, payload: Path) -> None:
    results = [payload.with_name(name) for name in ("one.bin", "two.bin")]
    for result in results:
        signing.sign_image(product, "secure", payload, result)
    assert results[0].read_bytes() == results[1].read_bytes()


def test_signed_image_is_what_was_asked_for(own_keys: Path, product: Any, payload: Path) -> None:
    result = payload.with_name("signed.bin")
    made = signing.sign_image(product, "nonsecure", payload, result, "1.2.3+4", 7)
    data = result.read_bytes()
    assert (made.version, made.security_counter, made.header_size) == ("1.2.3+4", 7, 0x400)
    assert data[0x400 : 0x400 + 9001] == payload.read_bytes()
    assert made.check() == ""
    assert made.signer_ids == [keys.digest(keys.path_of("nonsecure_signing"))]
    assert [tlv.kind for tlv in made.tlvs] == [0x50, 0x10, 0x02, 0x22]
    assert not payload.with_name("signed.bin.new").exists()


@pytest.mark.parametrize("key, code", [("secure_signing", 0), ("nonsecure_signing", 1)])
def test_imgtool_agrees(own_keys: Path, product: Any, payload: Path, key: str, code: int) -> None:
    result = payload.with_name("signed.bin")
    signing.sign_image(product, "secure", payload, result)
    verify = [paths.python(), "-m", "imgtool.main", "verify", "-k", str(keys.path_of(key))]
    done = subprocess.run([*verify, str(result)], capture_output=True, check=False)
    assert (done.returncode != 0) == bool(code)


def test_every_changed_byte_is_seen(own_keys: Path, product: Any, payload: Path) -> None:
    result = payload.with_name("signed.bin")
    good = bytearray(signing.sign_image(product, "secure", payload, result) and result.read_bytes())
    for place in [*range(0, 0x20), 0x3FF, 0x400, 9000, *range(0x400 + 9001, len(good))]:
        bad = bytearray(good)
        bad[place] ^= 0x01
        try:
            changed = image.parse(bytes(bad))
            fault = changed.check() or changed.signer_ids != image.parse(bytes(good)).signer_ids
        except image.ImageError:
            continue
        assert fault, f"byte {place:#x}"


def test_image_that_exceeds_its_slot_is_refused(
    own_keys: Path, product: Any, tmp_path: Path
) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(signing.find_image(product, "secure").slot_size))
    with pytest.raises(BzError) as failure:
        signing.sign_image(product, "secure", large, tmp_path / "signed.bin")
    assert failure.value.details
    assert not (tmp_path / "signed.bin").exists()


def test_sign_command(tmp_path: Path, payload: Path, product: Any) -> None:
    result = tmp_path / "signed.bin"
    done = bz(
        "sign", payload, "--image", "nonsecure", "--out", result, "--version", "2.0.1", "--json"
    )
    told = json.loads(done.stdout)
    assert (told["ok"], told["version"]) == (True, "2.0.1")
    assert image.parse(result.read_bytes()).digest.hex() == told["sha256"]
    assert bz("sign", payload, "--image", "third", "--out", result).returncode == 1


# --- device files ---------------------------------------------------------------------------------


def test_new_device_is_erased_flash_with_provisioning(
    own_keys: Path, product: Any, tmp_path: Path
) -> None:
    path = tmp_path / "device.bin"
    device.create(path, product)
    data = path.read_bytes()
    region = device.find_region(product, "provisioning")
    assert len(data) == product.flash.size
    rest = data[: region.offset] + data[region.offset + region.size :]
    assert rest == b"\xff" * len(rest)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = provisioning.parse(data[region.offset : region.offset + region.size])
    assert held.anchors == {
        0: [keys.digest(keys.path_of("secure_signing"))],
        1: [keys.digest(keys.path_of("nonsecure_signing"))],
    }
    assert held.decryption_key == keys.private_scalar(keys.path_of("image_encryption"))
    assert device.untrusted_keys(path, product) == []
    keys.make(keys.path_of("secure_signing"), force=True)
    assert device.untrusted_keys(path, product) == ["secure"]


def test_seed_makes_a_device_repeatable(own_keys: Path, product: Any, tmp_path: Path) -> None:
    digests = []
    for number, seed in enumerate((1, 1, 2, None, None)):
        path = tmp_path / f"{number}.bin"
        device.create(path, product, seed)
        digests.append(hashlib.sha256(path.read_bytes()).digest())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_a_release_product_refuses_a_seed(own_keys: Path, tmp_path: Path) -> None:
    declaration = tmp_path / "release.toml"
    declaration.write_text('extends = "products/an505.toml"\n[product]\nrelease = true\n', "utf-8")
    product = variant.load_product(str(declaration))
    path = tmp_path / "device.bin"
    with pytest.raises(BzError, match="an505 is a release product"):
        device.create(path, product, seed=1)
    assert not path.exists()
    device.create(path, product)
    assert device.describe(path, product)["product"] == "an505"


def test_a_device_is_not_overwritten(own_keys: Path, product: Any, tmp_path: Path) -> None:
    path = tmp_path / "device.bin"
    device.create(path, product)
    before = path.read_bytes()
    with pytest.raises(BzError, match="exists already"):
        device.create(path, product)
    assert path.read_bytes() == before
    device.create(path, product, force=True)
    assert path.read_bytes() != before
    assert sorted(tmp_path.iterdir()) == sorted([path, own_keys])


def test_secrets_are_not_written_into_what_is_there(tmp_path: Path, product: Any) -> None:
    """Whoever may write the folder can guess the temporary name, and put a link there."""
    path, stolen = tmp_path / "device.bin", tmp_path / "stolen"
    stolen.touch()
    (tmp_path / f".device.bin.{os.getpid()}.new").symlink_to(stolen)
    device.create(path, product, seed=1)
    assert stolen.read_bytes() == b""
    assert not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) == 0o600
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BzError, match="is no regular file"):
        device.create(tmp_path / "pipe", product, seed=1, force=True)


def test_a_device_in_use_is_not_touched(own_keys: Path, product: Any, tmp_path: Path) -> None:
    path = tmp_path / "device.bin"
    device.create(path, product)
    before = path.read_bytes()
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for change in (
            lambda: device.write(path, product, 0, b"x"),
            lambda: device.create(path, product, force=True),
        ):
            with pytest.raises(BzError, match="in use"):
                change()
    assert path.read_bytes() == before


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_file_of_another_size_is_refused(
    own_keys: Path, product: Any, tmp_path: Path, difference: int
) -> None:
    path = tmp_path / "device.bin"
    with path.open("wb") as file:
        file.truncate(product.flash.size + difference)
    for use in (
        lambda: device.describe(path, product),
        lambda: device.write(path, product, 0, b"x"),
        lambda: device.read(path, product, 0, 1),
    ):
        with pytest.raises(BzError, match="has .* bytes"):
            use()


def test_writes_stay_inside(own_keys: Path, product: Any, tmp_path: Path) -> None:
    path = tmp_path / "device.bin"
    device.create(path, product)
    with pytest.raises(BzError, match="exceed"):
        device.write(path, product, product.flash.size - 1, b"xy")
    size = device.slot_of(product, "secure")[1]
    with pytest.raises(BzError, match="slot"):
        device.write_image(path, product, "secure", bytes(size + 1))


def test_info_tells_the_state_of_each_slot(
    own_keys: Path, product: Any, tmp_path: Path, payload: Path
) -> None:
    path = tmp_path / "device.bin"
    device.create(path, product)
    signed = tmp_path / "signed.bin"
    signing.sign_image(product, "secure", payload, signed, "0.3.0", 5)
    data = signed.read_bytes()
    assert device.update_images(path, product, {"secure": data}) == ["secure"]
    assert device.update_images(path, product, {"secure": data}) == []
    device.write_image(path, product, "nonsecure", data)  # signed with the other image's key
    broken = bytearray(data)
    broken[0x500] ^= 1
    device.write_image(path, product, "secure", bytes(broken), secondary=True)
    slots = {
        (slot["image"], slot["slot"]): slot for slot in device.describe(path, product)["slots"]
    }
    first = slots["secure", "primary"]
    assert (first["state"], first["version"], first["security_counter"]) == ("verified", "0.3.0", 5)
    assert (
        slots["nonsecure", "primary"]["state"] == "signed with a key that the device does not trust"
    )
    assert slots["secure", "secondary"]["state"] == "digest does not match"
    assert slots["nonsecure", "secondary"]["state"] == "empty"


def test_new_and_info_commands_round_trip(tmp_path: Path, product: Any) -> None:
    path = tmp_path / "device.bin"
    made = json.loads(bz("device", "new", path, "--json").stdout)
    told = bz("device", "info", path, "--json")
    assert told.returncode == 0
    found = json.loads(told.stdout)
    assert found == made
    assert found["provisioning"]["life_cycle"] == 0x3000
    assert found["counters"] == {"boots": 0, "security": {"secure": 0, "nonsecure": 0}}
    assert bz("device", "new", path).returncode == 1
    text = bz("device", "info", path)
    assert found["provisioning"]["instance_id"] in text.stdout
    region = device.find_region(product, "provisioning")
    held = provisioning.parse(device.read(path, product, region.offset, region.size))
    for secret in ("huk", "attestation_private_key", "entropy_seed", "decryption_key"):
        assert getattr(held, secret).hex() not in (told.stdout + text.stdout)


def test_info_refuses_what_is_no_device(tmp_path: Path, product: Any) -> None:
    path = tmp_path / "device.bin"
    path.write_bytes(b"\xff" * product.flash.size)
    done = bz("device", "info", path)
    assert done.returncode == 1
    assert "not provisioned" in done.stderr and "next:" in done.stderr


# --- counters -------------------------------------------------------------------------------------

SECTOR = 4096


def header(sequence: int, version: int = 1) -> bytes:
    body = struct.pack("<III", counters.MAGIC, version, sequence)
    return body + struct.pack("<I", zlib.crc32(body))


def entry(counter: int, value: int) -> bytes:
    kind = bytes([0x40 + counter])
    number = struct.pack("<I", value)
    crc = struct.pack("<H", binascii.crc_hqx(kind + number, 0xFFFF))
    counted = kind + crc + number
    zeros = sum(8 - byte.bit_count() for byte in counted)
    return kind + bytes([zeros]) + crc + number


def sector(*parts: bytes) -> bytes:
    return b"".join(parts).ljust(SECTOR, b"\xff")


def test_counters_of_a_new_region_are_zero() -> None:
    assert counters.read(sector() + sector(), SECTOR, 8) == {}
    torn = sector(header(1)[:9])
    assert counters.read(torn + sector(), SECTOR, 8) == {}


def test_counters_take_the_highest_value_of_all_sectors() -> None:
    old = sector(header(4), entry(0, 900), entry(2, 90))
    new = sector(header(5), entry(0, 7), entry(1, 3), entry(0, 9), entry(0, 8))
    assert counters.read(new + old, SECTOR, 8) == {0: 900, 1: 3, 2: 90}
    assert counters.read(old + new, SECTOR, 8) == {0: 900, 1: 3, 2: 90}


def test_counters_do_not_need_headers() -> None:
    """The header of the current sector, or of the only one, may be lost."""
    old = sector(header(1), entry(0, 8))
    headless = sector(bytes(16), entry(0, 9), entry(1, 3))
    assert counters.read(old + headless, SECTOR, 8) == {0: 9, 1: 3}
    assert counters.read(headless + sector(), SECTOR, 8) == {0: 9, 1: 3}


def test_a_torn_entry_does_not_count() -> None:
    whole = entry(0, 0x12345678)
    for bit in range(64):
        place, mask = divmod(bit, 8)
        torn = bytearray(whole)
        torn[place] ^= 1 << mask
        read = counters.read(sector(header(1), entry(0, 1), bytes(torn)) + sector(), SECTOR, 8)
        assert read == {0: 1}, f"bit {bit}"


def test_counters_keep_room_for_large_program_units() -> None:
    parts = [header(1).ljust(32, b"\xff"), entry(0, 5).ljust(32, b"\xff"), entry(3, 6)]
    assert counters.read(sector(*parts) + sector(), SECTOR, 32) == {0: 5, 3: 6}


@pytest.mark.parametrize(
    "region",
    [
        sector(header(1, version=2)),
        sector(header(0), entry(0, 1)),
        sector(header(0xFFFFFFFF), entry(0, 1)),
        sector(b"\0" * 64),
    ],
)
def test_unknown_counters_are_refused(region: bytes) -> None:
    with pytest.raises(counters.CountersError):
        counters.read(region + sector(), SECTOR, 8)


def test_process_ids_do_not_stay_in_names(own_keys: Path) -> None:
    assert not [path for path in own_keys.iterdir() if str(os.getpid()) in path.name]
