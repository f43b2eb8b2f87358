"""Protected Storage on the board: every function and answer, from both worlds; and a medium that is
in the hands of an attacker between two starts of the device.

The application is probe/ns/ps.c. What lies on the medium is read and changed here by the pages of
the formats (docs/formats/store.md, ps.md), with right checksums: an attacker knows them too. Cuts
at every point are a matter of the native tests.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from machine import PROBE, Machine
from test_handoff import hkdf

from bz import device, signing
from bz.emulator import APPLICATION, SECURE, Emulator

OK = 0
NOT_PERMITTED, NOT_SUPPORTED, INVALID_ARGUMENT = -133, -134, -135
ALREADY_EXISTS, DOES_NOT_EXIST, INSUFFICIENT_STORAGE = -139, -140, -142
STORAGE_FAILURE, INVALID_SIGNATURE, DATA_CORRUPT = -146, -149, -152
WRITE_ONCE = 1
ASSET_SIZE = 2048  # of profile medium
NONSECURE = -1
PARTITION_ID = 0x104
HEADER = 32  # of sectors and records
ASSET = 1  # kind of record
GET = re.compile(r"^ps: get (-?\d+) (\d+) ([0-9a-f]*)$")
INFO = re.compile(r"^ps: info (-?\d+) size (\d+) capacity (\d+) flags (\d+)$")


def pattern(seed: int, size: int) -> bytes:
    """Data as the application makes them."""
    return bytes((seed + 7 * at) & 0xFF for at in range(size))


class Keeper:
    """The running application."""

    def __init__(self, machine: Machine) -> None:
        self.board: Emulator = machine.power_on("-no-reboot")
        self.board.wait_for("^ps: ready$", source=APPLICATION)

    def ask(self, command: str, *numbers: int) -> str:
        self.board.write(" ".join([command, *(f"{number:x}" for number in numbers)]) + "\n")
        return self.board.wait_for(rf"^ps: {command} .*$", source=APPLICATION)[0]

    def status(self, command: str, *numbers: int) -> int:
        return int(self.ask(command, *numbers).split()[2])

    def set(self, uid: int, size: int, flags: int = 0, seed: int = 0) -> int:
        return self.status("set", uid, size, flags, seed)

    def get(self, uid: int, offset: int = 0, size: int = 4096) -> bytes | int:
        """The data, or the status."""
        said = self.ask("get", uid, offset, size)
        found = GET.match(said)
        assert found, said
        return bytes.fromhex(found[3]) if int(found[1]) == OK else int(found[1])

    def info(self, uid: int) -> tuple[int, ...]:
        found = INFO.match(self.ask("info", uid))
        assert found
        return tuple(int(each) for each in found.groups())


@pytest.fixture
def keeper_of(machine_of: Callable[..., Machine]) -> Callable[..., Machine]:
    """A machine with the application in it."""

    def get(isolation: int = 3) -> Machine:
        machine = machine_of(PROBE, isolation)
        payload = machine.variant.directory / "bin" / "ps.bin"
        signed = machine.path.with_name("ps_signed.bin")
        signing.sign_image(machine.product, "nonsecure", payload, signed)
        machine.install("nonsecure", signed.read_bytes())
        return machine

    return get


# ---- The interface -------------------------------------------------------------------------------


def check_set_and_get(keeper: Keeper) -> None:
    assert keeper.get(1) == DOES_NOT_EXIST
    assert keeper.set(1, 64, seed=5) == OK
    assert keeper.get(1) == pattern(5, 64)
    assert keeper.info(1) == (OK, 64, 64, 0)
    assert keeper.get(1, 60) == pattern(5, 64)[60:]
    assert keeper.get(1, 10, 3) == pattern(5, 64)[10:13]
    assert keeper.get(1, 64) == b"" and keeper.get(1, 0, 0) == b""
    assert keeper.get(1, 65) == INVALID_ARGUMENT
    assert keeper.get(1, 0xFFFFFFFF) == INVALID_ARGUMENT
    assert keeper.set(1, 3, 6, seed=9) == OK
    assert keeper.info(1) == (OK, 3, 3, 6)
    assert keeper.set(2, 0) == OK
    assert keeper.get(2) == b"" and keeper.info(2) == (OK, 0, 0, 0)
    assert keeper.set(3, ASSET_SIZE, seed=1) == OK
    assert keeper.get(3) == pattern(1, ASSET_SIZE)
    assert keeper.set(3, ASSET_SIZE + 1) == INSUFFICIENT_STORAGE
    assert keeper.get(3) == pattern(1, ASSET_SIZE)
    assert keeper.set(4, 1, 8) == NOT_SUPPORTED
    assert keeper.status("remove", 2) == OK
    assert keeper.status("remove", 2) == DOES_NOT_EXIST
    assert keeper.info(2)[0] == DOES_NOT_EXIST


def check_write_once(keeper: Keeper) -> None:
    assert keeper.set(10, 16, WRITE_ONCE, 3) == OK
    assert keeper.set(10, 16) == NOT_PERMITTED
    assert keeper.status("remove", 10) == NOT_PERMITTED
    assert keeper.status("extend", 10, 0, 1) == NOT_PERMITTED
    assert keeper.status("create", 10, 16) == ALREADY_EXISTS
    assert keeper.get(10) == pattern(3, 16)
    assert keeper.info(10) == (OK, 16, 16, WRITE_ONCE)


def check_create_and_extend(keeper: Keeper) -> None:
    assert keeper.ask("support") == "ps: support 1"
    assert keeper.status("create", 20, 100, WRITE_ONCE) == NOT_SUPPORTED
    assert keeper.status("create", 20, 100, 16) == NOT_SUPPORTED
    assert keeper.status("create", 20, ASSET_SIZE + 1) == INSUFFICIENT_STORAGE
    assert keeper.status("extend", 20, 0, 1) == DOES_NOT_EXIST
    assert keeper.status("create", 20, 100, 2) == OK
    assert keeper.status("create", 20, 100, 2) == ALREADY_EXISTS
    assert keeper.info(20) == (OK, 0, 100, 2)
    assert keeper.get(20) == b""
    assert keeper.status("extend", 20, 1, 1) == INVALID_ARGUMENT  # a gap
    assert keeper.status("extend", 20, 0, 60, 7) == OK
    assert keeper.status("extend", 20, 50, 20, 11) == OK
    assert keeper.status("extend", 20, 0, 2, 13) == OK  # does not shrink it
    assert keeper.status("extend", 20, 70, 0) == OK
    assert keeper.status("extend", 20, 70, 31) == INVALID_ARGUMENT
    assert keeper.status("extend", 20, 71, 0) == INVALID_ARGUMENT
    assert keeper.status("extend", 20, 0xFFFFFFFF, 2) == INVALID_ARGUMENT
    assert keeper.info(20) == (OK, 70, 100, 2)
    expected = pattern(13, 2) + pattern(7, 60)[2:50] + pattern(11, 20)
    assert keeper.get(20) == expected
    assert keeper.set(20, 10, seed=4) == OK
    assert keeper.info(20) == (OK, 10, 10, 0)
    assert keeper.status("extend", 20, 4, 6, 8) == OK
    assert keeper.get(20) == pattern(4, 4) + pattern(8, 6)


def check_uid_0(keeper: Keeper) -> None:
    assert keeper.set(0, 1) == INVALID_ARGUMENT
    assert keeper.get(0) == INVALID_ARGUMENT
    assert keeper.info(0)[0] == INVALID_ARGUMENT
    for command in ("remove", "create", "extend"):
        assert keeper.status(command, 0) == INVALID_ARGUMENT


def check_clients(keeper: Keeper) -> None:
    """The probe partition has an asset 1 of its own."""
    assert keeper.set(1, 4, seed=1) == OK
    assert keeper.ask("partition", 0xC0FFEE) == "ps: partition 0 c0ffee"
    assert keeper.get(1) == pattern(1, 4)
    assert keeper.status("remove", 1) == OK
    assert keeper.ask("partition", 0xFEE) == "ps: partition 0 fee"
    assert keeper.get(1) == DOES_NOT_EXIST


def test_functions_and_answers(keeper_of: Callable[..., Machine], isolation: int) -> None:
    machine = keeper_of(isolation)
    keeper = Keeper(machine)
    check_set_and_get(keeper)
    check_write_once(keeper)
    check_create_and_extend(keeper)
    check_uid_0(keeper)
    check_clients(keeper)
    machine.power_off()
    keeper = Keeper(machine)
    assert keeper.get(3) == pattern(1, ASSET_SIZE)
    assert keeper.get(10) == pattern(3, 16)
    assert keeper.set(10, 16) == NOT_PERMITTED
    assert keeper.get(20) == pattern(4, 4) + pattern(8, 6)
    assert not [line for line in keeper.board.lines(SECURE) if "ended" in line or "fault" in line]


def test_as_many_assets_as_the_product_says(keeper_of: Callable[..., Machine]) -> None:
    machine = keeper_of()
    keeper = Keeper(machine)
    count = machine.product.profile_values["ps_assets"]
    for uid in range(1, count + 1):
        assert keeper.set(uid, 64, seed=uid) == OK
    assert keeper.set(count + 1, 1) == INSUFFICIENT_STORAGE
    assert keeper.status("create", count + 1, 1) == INSUFFICIENT_STORAGE
    assert keeper.set(1, 64, seed=99) == OK
    assert keeper.status("remove", 2) == OK
    assert keeper.set(count + 1, 64, seed=7) == OK
    machine.power_off()
    keeper = Keeper(machine)
    assert [keeper.get(uid) for uid in (1, 2, 3, count, count + 1)] == [
        pattern(99, 64),
        DOES_NOT_EXIST,
        pattern(3, 64),
        pattern(count & 0xFF, 64),
        pattern(7, 64),
    ]


# ---- What lies in flash --------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """One of a store; offset in its region."""

    offset: int
    owner: int
    uid: int
    flags: int
    data: bytes

    def packed(self) -> bytes:
        head = struct.pack(
            "<IiQIII",
            ASSET,
            self.owner,
            self.uid,
            self.flags,
            len(self.data),
            zlib.crc32(self.data),
        )
        return head + struct.pack("<I", zlib.crc32(head)) + self.data


class Flash:
    """A region of the device that is off: its records, and what an attacker does to them."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.region = next(each for each in machine.product.regions if each.name == name)
        self.content = bytearray(machine.read(self.region.offset, self.region.size))

    def records(self) -> list[Record]:
        """Every whole record of an asset, by place."""
        found = []
        for offset in range(0, len(self.content) - HEADER + 1, 8):
            head = bytes(self.content[offset : offset + HEADER])
            kind, owner, uid, flags, size, crc = struct.unpack_from("<IiQIII", head)
            if zlib.crc32(head[:28]) != struct.unpack_from("<I", head, 28)[0] or kind & 0xFF != 1:
                continue
            data = bytes(self.content[offset + HEADER : offset + HEADER + size])
            if zlib.crc32(data) == crc:
                found.append(Record(offset, owner, uid, flags, data))
        return found

    def newest(self, uid: int) -> Record:
        return max(
            (each for each in self.records() if (each.owner, each.uid) == (NONSECURE, uid)),
            key=lambda each: each.flags,
        )

    def put(self, offset: int, data: bytes) -> None:
        self.content[offset : offset + len(data)] = data

    def replace(self, old: Record, data: bytes, flags: int | None = None, uid: int = 0) -> None:
        """Another record in the place of one, with right checksums."""
        new_flags = old.flags if flags is None else flags
        self.put(
            old.offset, Record(old.offset, old.owner, uid or old.uid, new_flags, data).packed()
        )

    def write(self) -> None:
        self.machine.write(self.region.offset, bytes(self.content))


def partition_key(machine: Machine) -> bytes:
    """NIST SP 800-108r1 in counter mode with CMAC-AES-256, from the root that boot derives."""
    huk = device.read_provisioning(machine.path, machine.product).huk
    mac = CMAC(AES(hkdf(b"", huk, b"bartizan runtime root", 32)))
    mac.update(b"\x01PARTKEY1\x00" + struct.pack(">IH", PARTITION_ID, 128))
    return mac.finalize()


def test_a_second_reader_opens_the_records(keeper_of: Callable[..., Machine]) -> None:
    """The key is that of this device and this partition, the format that of the page, and no nonce
    comes twice, over starts and cuts."""
    machine = keeper_of()
    nonces = []
    for start in (1, 2):
        keeper = Keeper(machine)
        for uid in (1, 2, 1):
            assert keeper.set(uid, 48, 2, seed=uid + start) == OK
        assert keeper.status("create", 5 + start, 30) == OK
        machine.power_off()  # which is a cut
    medium, anchor = Flash(machine, "ps"), Flash(machine, "ps_anchor")
    cipher = AESCCM(partition_key(machine), tag_length=16)
    for uid, plain in ((1, pattern(3, 48)), (2, pattern(4, 48)), (6, bytes(30)), (7, bytes(30))):
        named, record = anchor.newest(uid), medium.newest(uid)
        size, capacity = struct.unpack_from("<II", named.data)
        bound = struct.pack("<iQIII", NONSECURE, uid, named.flags, size, capacity)
        assert record.flags == named.flags >> 3 << 1
        assert size == (48 if uid < 5 else 0)
        sealed = record.data[12:] + named.data[8:]
        assert cipher.decrypt(record.data[:12], sealed, bound) == plain
    nonces = [each.data[:12] for each in medium.records()]
    assert len(nonces) == 8 and len(set(nonces)) == 8
    assert {struct.unpack(">III", nonce)[:2] for nonce in nonces} == {(1, 1), (2, 1)}


# ---- Attacks -------------------------------------------------------------------------------------

Attack = Callable[[Flash, Flash], None]


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def cipher_text_changed(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    medium.replace(record, flip(record.data, 30))


def nonce_changed(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    medium.replace(record, flip(record.data, 11))


def data_decayed(medium: Flash, before: Flash) -> None:
    """Without a right checksum."""
    record = medium.newest(1)
    medium.put(record.offset + HEADER + 20, bytes([medium.content[record.offset + 52] ^ 1]))


def cut_short(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    medium.replace(record, record.data[:-8])


def version_changed(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    medium.replace(record, record.data, flags=record.flags + 2)


def renamed(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    medium.replace(record, record.data, uid=77)


def copied_over(medium: Flash, before: Flash) -> None:
    """Another asset of the same size and version."""
    medium.replace(medium.newest(1), medium.newest(2).data)


def older_with_the_new_version(medium: Flash, before: Flash) -> None:
    record = medium.newest(1)
    old = next(each for each in before.records() if each.uid == 1)
    assert old.flags != record.flags and old.data != record.data
    medium.replace(record, old.data)


def newest_made_unreadable(medium: Flash, before: Flash) -> None:
    """So that the older one, which is still there, shows."""
    record = medium.newest(1)
    assert [each for each in medium.records() if each.uid == 1 and each.flags < record.flags]
    medium.put(record.offset, bytes(len(record.packed())))


ONE_ASSET = (
    (cipher_text_changed, {INVALID_SIGNATURE}),
    (nonce_changed, {INVALID_SIGNATURE}),
    (data_decayed, {DATA_CORRUPT}),
    (cut_short, {DATA_CORRUPT}),
    (version_changed, {DATA_CORRUPT}),
    (renamed, {DATA_CORRUPT}),
    (copied_over, {INVALID_SIGNATURE}),
    (older_with_the_new_version, {INVALID_SIGNATURE}),
    (newest_made_unreadable, {DATA_CORRUPT}),
)


@dataclass
class Scene:
    """A device with five assets, off: 1 is attacked. `before`: the medium when 1 and 2 were older,
    and 3 and 4 not there."""

    machine: Machine
    before: Flash

    def attacked(self, attack: Attack) -> Keeper:
        medium = Flash(self.machine, "ps")
        kept = bytes(medium.content)
        attack(medium, self.before)
        assert bytes(medium.content) != kept, "the attack changed nothing"
        medium.write()
        return Keeper(self.machine)


EXPECTED = {1: pattern(21, 60), 2: pattern(22, 60), 3: pattern(23, 700), 4: b"", 5: pattern(5, 33)}


@pytest.fixture
def scene(keeper_of: Callable[..., Machine]) -> Scene:
    machine = keeper_of()
    keeper = Keeper(machine)
    assert [keeper.set(uid, 60, seed=uid) for uid in (1, 2)] == [OK, OK]
    assert keeper.set(5, 33, seed=5) == OK
    machine.power_off()
    before = Flash(machine, "ps")
    keeper = Keeper(machine)
    assert keeper.set(3, 700, seed=23) == OK and keeper.status("create", 4, 50) == OK
    assert [keeper.set(uid, 60, seed=20 + uid) for uid in (2, 1)] == [OK, OK]
    assert {uid: keeper.get(uid) for uid in EXPECTED} == EXPECTED
    machine.power_off()
    return Scene(machine, before)


def check_others(keeper: Keeper) -> None:
    others = {uid: data for uid, data in EXPECTED.items() if uid != 1}
    assert {uid: keeper.get(uid) for uid in others} == others


def test_attacks_on_one_asset(scene: Scene) -> None:
    """Each is found, the others stay readable, and the asset can be set again."""
    medium = Flash(scene.machine, "ps")
    anchor = Flash(scene.machine, "ps_anchor")
    for number, (attack, answers) in enumerate(ONE_ASSET):
        medium.write()  # as it was
        anchor.write()
        keeper = scene.attacked(attack)
        name = attack.__name__
        assert keeper.get(1) in answers, name
        assert keeper.status("extend", 1, 0, 1) in answers, name
        check_others(keeper)
        if number % 2:
            assert keeper.status("remove", 1) == OK, name
            assert keeper.get(1) == DOES_NOT_EXIST, name
        assert keeper.set(1, 5, seed=number) == OK, name
        scene.machine.power_off()
        keeper = Keeper(scene.machine)
        assert keeper.get(1) == pattern(number, 5), name
        check_others(keeper)
        scene.machine.power_off()


def test_two_assets_swapped(scene: Scene) -> None:
    def swap(medium: Flash, before: Flash) -> None:
        one, two = medium.newest(1), medium.newest(2)
        medium.replace(one, two.data)
        medium.replace(two, one.data)

    keeper = scene.attacked(swap)
    assert [keeper.get(uid) for uid in (1, 2)] == [INVALID_SIGNATURE, INVALID_SIGNATURE]
    assert [keeper.get(uid) for uid in (3, 4, 5)] == [EXPECTED[uid] for uid in (3, 4, 5)]


def test_a_damaged_header(scene: Scene) -> None:
    """Of a record that is not the last one: those behind it are still found."""

    def damage(medium: Flash, before: Flash) -> None:
        record = medium.newest(2)
        assert medium.newest(1).offset > record.offset
        medium.put(record.offset + 8, b"\x00\x00")

    keeper = scene.attacked(damage)
    assert keeper.get(2) == DATA_CORRUPT
    assert [keeper.get(uid) for uid in (1, 3, 4, 5)] == [EXPECTED[uid] for uid in (1, 3, 4, 5)]
    assert keeper.set(2, 60, seed=22) == OK
    scene.machine.power_off()
    keeper = Keeper(scene.machine)
    assert {uid: keeper.get(uid) for uid in EXPECTED} == EXPECTED


def test_an_old_snapshot_of_the_medium(scene: Scene) -> None:
    """What was not changed since is still right; what was is not, and what was removed stays so."""

    def restore(medium: Flash, before: Flash) -> None:
        medium.put(0, bytes(before.content))

    keeper = Keeper(scene.machine)
    assert keeper.set(1, 60, seed=1) == OK  # the very bytes of the old state
    scene.machine.power_off()
    keeper = scene.attacked(restore)
    assert [keeper.get(uid) for uid in (1, 2, 3, 4)] == [DATA_CORRUPT] * 4
    assert [keeper.info(uid)[0] for uid in (1, 2, 3, 4)] == [DATA_CORRUPT] * 4
    assert keeper.get(5) == EXPECTED[5]
    assert keeper.set(2, 60, seed=2) == OK and keeper.status("remove", 2) == OK
    scene.machine.power_off()
    keeper = scene.attacked(restore)
    assert keeper.get(2) == DOES_NOT_EXIST
    assert keeper.get(5) == EXPECTED[5]
    assert keeper.set(3, 10, seed=3) == OK and keeper.get(3) == pattern(3, 10)


def test_an_erased_medium(scene: Scene) -> None:
    def erase(medium: Flash, before: Flash) -> None:
        medium.put(0, b"\xff" * len(medium.content))

    keeper = scene.attacked(erase)
    assert [keeper.get(uid) for uid in range(1, 7)] == [DATA_CORRUPT] * 5 + [DOES_NOT_EXIST]
    assert keeper.status("create", 4, 50) == ALREADY_EXISTS
    assert keeper.set(1, 60, seed=1) == OK
    scene.machine.power_off()
    keeper = Keeper(scene.machine)
    assert [keeper.get(uid) for uid in (1, 2)] == [pattern(1, 60), DATA_CORRUPT]


def test_a_medium_that_is_no_store(scene: Scene) -> None:
    """Nothing is overwritten while an asset counts; when none does, the medium is made new."""

    def overwrite(medium: Flash, before: Flash) -> None:
        medium.put(0, bytes(at * 73 & 0xFF for at in range(len(medium.content))))

    keeper = scene.attacked(overwrite)
    assert [keeper.get(uid) for uid in range(1, 7)] == [DATA_CORRUPT] * 5 + [DOES_NOT_EXIST]
    assert keeper.set(6, 10) == STORAGE_FAILURE
    assert [keeper.status("remove", uid) for uid in range(1, 6)] == [OK] * 5
    assert keeper.set(6, 10, seed=6) == OK
    scene.machine.power_off()
    keeper = Keeper(scene.machine)
    assert keeper.get(6) == pattern(6, 10)


def test_write_once_is_decided_by_the_anchor(keeper_of: Callable[..., Machine]) -> None:
    machine = keeper_of()
    keeper = Keeper(machine)
    assert keeper.set(1, 20, WRITE_ONCE, 1) == OK
    machine.power_off()
    medium = Flash(machine, "ps")
    medium.put(0, b"\xff" * len(medium.content))
    medium.write()
    keeper = Keeper(machine)
    assert keeper.get(1) == DATA_CORRUPT
    assert keeper.set(1, 20, 0, 2) == NOT_PERMITTED
    assert keeper.status("remove", 1) == NOT_PERMITTED
