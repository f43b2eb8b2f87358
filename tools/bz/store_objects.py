"""What the objects of the standard stores are, as far as it is no secret: the fields that ITS, the
anchor of Protected Storage and the counters of the Platform service keep beside their data.

Formats: docs/formats/its.md, ps.md, counters.md (runtime counters). Called by store_view. Contents
of assets are never read here, tags and nonces neither: of Protected Storage only sizes, flags and
versions, of counters the value, which is no secret.
"""

from __future__ import annotations

import struct
from typing import Any

from bz.store import ASSET, DAMAGED, LOST, REMOVED, Finding, Key, Record, Store, data_of

FLAGS = {1: "write-once", 2: "no confidentiality", 4: "no replay protection"}
CRYPTO = "services/crypto"  # whose assets are keys, uid: client << 32 | key id (docs/crypto.md)
ITS_SEALED = 0x80000000
ITS_SEALED_BYTES = 28  # nonce and tag
PS_NONCE_BYTES = 12
ANCHOR_BYTES = 24
_ANCHOR = struct.Struct("<II")
_VERSIONS = 1 << 29
COUNTER_BYTES = 4
FIRST, SECOND = 0, 1  # copies of a counter: owners in its store


def flags_text(flags: int, names: dict[int, str] = FLAGS) -> str:
    known = [text for bit, text in names.items() if flags & bit]
    rest = flags & ~sum(names)
    return ", ".join(known + ([f"flags {rest:#x}"] if rest else [])) or "-"


def client_name(product: Any, client: int) -> str:
    """Who owns an object: client ids of the non-secure side are negative."""
    if client < 0:
        return f"non-secure ({client})"
    for each in [*product.partitions, *product.disabled]:
        if each.id == client:
            return f"{each.name} ({client:#x})"
    return f"unknown partition ({client:#x})"


def objects(product: Any, kind: str, region: bytes, found: Store) -> list[dict[str, Any]]:
    """All objects, in the order of client and uid."""
    records = sorted(found.assets.values(), key=lambda each: (each.key.owner, each.key.uid))
    if kind == "nv_counters":
        return _counters(product, region, records)
    details = {"its": _its, "ps": _ps, "ps_anchor": _anchor}[kind]
    return [_asset(product, each) | details(region, each) for each in records]


def _asset(product: Any, record: Record) -> dict[str, Any]:
    owner, uid = record.key.owner, record.key.uid
    told = {
        "client": owner,
        "client_name": client_name(product, owner),
        "uid": uid,
        "size": record.size,
        "state": _state(record),
    }
    crypto = [each.id for each in product.partitions if each.directory == CRYPTO]
    if owner in crypto and uid >> 32:
        holder = (uid >> 32) - (uid >> 63 << 32)
        told["key"] = f"key {uid & 0xFFFFFFFF:#x} of {client_name(product, holder)}"
    return told


def _state(record: Record) -> str:
    return "lost" if record.is_lost else "good" if record.is_right else "damaged"


# ---- Internal Trusted Storage --------------------------------------------------------------------


def _its(_region: bytes, record: Record) -> dict[str, Any]:
    if not record.flags & ITS_SEALED:
        return {"flags": record.flags, "flags_text": flags_text(record.flags)}
    told = flags_text(record.flags, FLAGS | {ITS_SEALED: "encrypted"})
    size = max(record.size - ITS_SEALED_BYTES, 0)
    return {"size": size, "flags": record.flags, "flags_text": told}


# ---- Protected Storage ---------------------------------------------------------------------------


def _ps(_region: bytes, record: Record) -> dict[str, Any]:
    return {"version": record.flags >> 1, "flags": 0, "flags_text": "-"}


def _anchor(region: bytes, record: Record) -> dict[str, Any]:
    told = {
        "version": record.flags >> 3,
        "flags": record.flags & 7,
        "flags_text": flags_text(record.flags & 7),
    }
    fields = _anchor_fields(region, record)
    return told | ({"size": fields[0], "capacity": fields[1]} if fields else {})


def _anchor_fields(region: bytes, record: Record) -> tuple[int, int] | None:
    """Size and capacity; None where the anchor says nothing."""
    if _state(record) != "good" or record.size != ANCHOR_BYTES:
        return None
    size, capacity = _ANCHOR.unpack_from(data_of(region, record))
    return size, capacity


def anchor_findings(region: bytes, anchor: Store, medium: Store) -> list[Finding]:
    """Assets that the anchor names, and that Protected Storage cannot give."""
    kept = _records_of(medium)
    findings = []
    for key, record in anchor.assets.items():
        if _state(record) != "good":
            continue  # told already
        fields = _anchor_fields(region, record)
        version = record.flags >> 3
        there = [each for each in kept.get(key, []) if each.flags >> 1 == version]
        if fields is None:
            what = f"the anchor of {key} has {record.size} bytes, which no known version has"
        elif fields[0] > fields[1]:
            what = f"the anchor of {key} has size {fields[0]}, above its capacity {fields[1]}"
        elif not there:
            what = f"the medium lacks version {version} of {key}: DATA_CORRUPT"
        elif there[-1].size != PS_NONCE_BYTES + fields[1]:
            what = f"the medium has another version {version} of {key}: INVALID_SIGNATURE"
        else:
            continue
        findings.append(Finding(DAMAGED, record.offset, what))
    return findings


def _records_of(medium: Store) -> dict[Key, list[Record]]:
    """The records of each asset on the medium that no removal undid, oldest first."""
    kept: dict[Key, list[Record]] = {}
    for record in [each for sector in medium.log for each in sector.records]:
        if record.kind in (REMOVED, LOST):
            kept.pop(record.key, None)
        elif record.kind == ASSET:
            kept.setdefault(record.key, []).append(record)
    return kept


# ---- Runtime counters ----------------------------------------------------------------------------


def _counters(product: Any, region: bytes, records: list[Record]) -> list[dict[str, Any]]:
    names = {each.id: each.name for each in getattr(product, "nv_counters", ())}
    told = []
    for number in sorted({each.key.uid for each in records}):
        value, state = _counter(region, records, number)
        told.append({"counter": number, "name": names.get(number), "value": value, "state": state})
    return told


def _counter(region: bytes, records: list[Record], number: int) -> tuple[int | None, str]:
    """The value, and whether both copies tell it. A step sets the first, then the second."""
    copies: dict[int, int | None] = {FIRST: 0, SECOND: 0}
    for each in records:
        if each.key.uid == number and each.key.owner in copies:
            is_good = _state(each) == "good" and each.size == COUNTER_BYTES
            value = int.from_bytes(data_of(region, each), "little") if is_good else None
            copies[each.key.owner] = value
    first, second = copies[FIRST], copies[SECOND]
    if first is None or (second is not None and first - second not in (0, 1)):
        return None, "damaged"
    if second is None:
        return first, "one copy damaged"
    return first, "good" if first == second else "a step was cut off"


def counter_findings(told: list[dict[str, Any]], found: Store) -> list[Finding]:
    """Counters whose copies contradict each other, though each is what was written."""
    places = {record.key.uid: record.offset for record in found.assets.values()}
    known = {record.key.uid for record in found.damaged}
    return [
        Finding(DAMAGED, places[each["counter"]], f"counter {each['counter']} is DATA_CORRUPT")
        for each in told
        if each["state"] == "damaged" and each["counter"] not in known
    ]
