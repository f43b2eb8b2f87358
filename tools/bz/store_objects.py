"""What the objects of the standard stores are, as far as it is no secret: the fields that ITS, the
anchor of Protected Storage and the counters of the Platform service keep beside their data.

Formats: docs/formats/its.md, ps.md, nv_counters.md. Called by store_view. Contents
of assets are never read here, tags and nonces neither: of Protected Storage only sizes, flags and
versions, of counters the value, which is no secret.
"""

from __future__ import annotations

import struct
from typing import Any

from bz.store import data_of
from bz.store_format import ASSET, DAMAGED, LOST, REMOVED, Finding, Key, Record, Store

FLAGS = {1: "write-once", 2: "no confidentiality", 4: "no replay protection"}
CRYPTO = "services/crypto"  # whose assets are keys, uid: client << 32 | key id (docs/crypto.md)
ITS_SEALED = 0x80000000
ITS_SEALED_BYTES = 28  # nonce and tag
PS_NONCE_BYTES = 12
ANCHOR_BYTES = 24
_ANCHOR = struct.Struct("<II")
_VERSIONS = 1 << 29
COUNTER_BYTES = 4


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
    """All objects, in the order of client and uid; of counters see counters()."""
    records = sorted(found.assets.values(), key=lambda each: (each.key.owner, each.key.uid))
    details = {"its": _its, "ps": _ps, "ps_anchor": _anchor}[kind]
    return [_asset(product, each) | details(region, each) for each in records]


def _asset(product: Any, record: Record) -> dict[str, Any]:
    owner, uid = record.key.owner, record.key.uid
    if record.key.is_hash:  # its header is damaged: whose it was is not known
        unknown = {"client": None, "client_name": "unknown", "uid": None, "size": record.size}
        return unknown | {"hash": record.key.hash, "state": _state(record)}
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


def counters(product: Any, copies: list[tuple[bytes, Store]]) -> list[dict[str, Any]]:
    """The counters of the Platform service, which has them in two stores: the larger value counts,
    and a copy that is damaged, or lags because a step was cut off, is made up for by the other."""
    names = {each.id: each.name for each in product.nv_counters}
    told = []
    for number in sorted({key.uid for _, found in copies for key in found.assets}):
        values = [_value(region, found, number) for region, found in copies]
        good = [each for each in values if each is not None]
        state = "damaged" if not good else "one copy damaged" if None in values else "good"
        if state == "good" and len(set(values)) > 1:
            state = "one copy lags"
        value = max(good, default=None)
        told.append({"counter": number, "name": names.get(number), "value": value, "state": state})
    return told


def _value(region: bytes, found: Store, number: int) -> int | None:
    """What one store says, 0 where it has nothing yet; None: it is damaged there."""
    record = found.assets.get(Key(0, number))
    if found.is_refused:
        return None
    if record is None:
        return 0
    is_good = _state(record) == "good" and record.size == COUNTER_BYTES
    return int.from_bytes(data_of(region, record), "little") if is_good else None


def counter_findings(told: list[dict[str, Any]]) -> list[Finding]:
    """Counters that are served no more."""
    return [
        Finding(DAMAGED, 0, f"both copies of counter {each['counter']} are damaged: DATA_CORRUPT")
        for each in told
        if each["state"] == "damaged"
    ]
