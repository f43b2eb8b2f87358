"""What the stores of a device hold, for people: which regions are stores, the objects of each with
client, size and flags, wear, use of space, and what is wrong and what to do about it.

Used by `bz store check` and `bz device info`. Never contents: assets of the Crypto service are
keys. What it tells of an object is what its record's header tells, and for the two kinds of object
whose data are no secret (the anchors of Protected Storage, the counters) their fields.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bz import device, store, store_objects
from bz.console import BzError
from bz.store_format import DAMAGED, DEVIATION, HIDDEN, REFUSED, Finding, Geometry, Store

# The standard regions that are stores, and the folder of the service that owns each.
SERVICES = {
    "its": "services/its",
    "ps": "services/ps",
    "ps_anchor": "services/ps",
    "nv_counters": "services/platform",
    "nv_counters_copy": "services/platform",
}
SELECTIVE = ("ps",)  # its owner says which records count
# What tells of the objects of another store, which has the rest of them.
COMPANIONS = {"ps_anchor": "ps", "nv_counters": "nv_counters_copy"}

_SERIOUS = {REFUSED: 0, DAMAGED: 1, HIDDEN: 2, DEVIATION: 3}
_NEXT = {
    REFUSED: "the device refuses this store and never changes it: restore the region, or "
    "erase it, and all its objects are gone",
    DAMAGED: "its owner gets an error for what is damaged, until it sets or removes the "
    "asset: restore the region, or go on without",
    HIDDEN: "the newest records may be damaged, then the device shows what was before them: "
    "restore the region if that matters",
    DEVIATION: "the device reads the store all the same; report it, with the file",
}


def regions(product: Any) -> list[str]:
    """Names of the regions that are stores, or reserved for one, in the order of the flash."""
    found = [each for each in product.regions if kind_of(product, each)]
    return [each.name for each in sorted(found, key=lambda each: each.offset)]


def kind_of(product: Any, region: Any) -> str:
    """`its` and so on; `reserved` where nobody owns it; empty for a region of somebody else."""
    folder = SERVICES.get(region.name)
    if folder is None:
        return ""
    if region.owner == "none":
        return "reserved"
    for each in [*product.partitions, *product.disabled]:
        if each.name == region.owner and not each.is_outside and each.directory == folder:
            return region.name
    return ""


# ---- One region ----------------------------------------------------------------------------------


def describe_all(path: Path, product: Any, names: list[str]) -> list[dict[str, Any]]:
    device.check(path, product)
    return [describe(path, product, name) for name in names]


def describe(path: Path, product: Any, name: str) -> dict[str, Any]:
    """Everything public about the store in a region."""
    region = device.find_region(product, name)
    kind = kind_of(product, region)
    data = device.read(path, product, region.offset, region.size)
    told: dict[str, Any] = {"region": name, "offset": region.offset, "size": region.size}
    told["owner"] = region.owner
    if kind == "reserved":
        is_erased = data.count(product.flash.erased) == len(data)
        return told | {"state": kind, "is_erased": is_erased, "findings": [], "objects": []}
    found = _read(product, region, data)
    other = _companion(path, product, name)
    if kind == "nv_counters" and other:
        objects = store_objects.counters(product, [(data, found), other])
        found.findings += store_objects.counter_findings(objects)
    elif kind.startswith("nv_counters"):
        objects = store_objects.counters(product, [(data, found)])
    else:
        objects = store_objects.objects(product, kind, data, found)
    if kind == "ps_anchor" and other and not found.is_refused:
        found.findings += store_objects.anchor_findings(data, found, other[1])
    told |= {
        "state": state_of(found),
        "findings": [
            {
                "severity": each.severity,
                "offset": each.offset,
                "file_offset": region.offset + each.offset,
                "what": each.what,
                "next": _NEXT[each.severity],
            }
            for each in sorted(found.findings, key=_by_weight)
        ],
        "objects": objects,
    }
    return told | _measures(found)


def _read(product: Any, region: Any, data: bytes) -> Store:
    flash = product.flash
    geometry = Geometry(region.size, region.sector_size, flash.program_unit, flash.erased)
    return store.read(data, geometry, region.name in SELECTIVE)


def _companion(path: Path, product: Any, name: str) -> tuple[bytes, Store] | None:
    """The store that has the rest of the objects of this one."""
    for region in product.regions:
        if region.name == COMPANIONS.get(name) and kind_of(product, region) == region.name:
            data = device.read(path, product, region.offset, region.size)
            return data, _read(product, region, data)
    return None


def state_of(found: Store) -> str:
    if found.findings:
        return min((each.severity for each in found.findings), key=_SERIOUS.__getitem__)
    return "new" if found.is_new else "sound"


def _by_weight(finding: Finding) -> tuple[int, int]:
    return _SERIOUS[finding.severity], finding.offset


def _measures(found: Store) -> dict[str, Any]:
    geometry = found.geometry
    return {
        "sectors": geometry.sectors,
        "sectors_of_log": len(found.log),
        "head": found.head.number if found.head else None,
        "sequence": found.head.sequence if found.head else 0,
        "is_closed": found.is_closed,
        "torn": found.torn,
        "removed": len(found.removed),
        "checkpoints": found.checkpoints,
        "hints": found.hints,
        "erases": {str(number): count for number, count in found.erases.items()},
        "usage": found.usage,
        "capacity": geometry.capacity,
        "record_bytes": sum(each.bytes for each in found.assets.values()),
        "largest_new": None if found.is_refused else found.largest_new,
    }


# ---- For people ----------------------------------------------------------------------------------


def summary(told: dict[str, Any]) -> str:
    """One line: state, objects, space, wear."""
    if told["state"] == "reserved":
        content = "erased" if told["is_erased"] else "not erased, and not looked into"
        return f"reserved: no partition owns it; {content}"
    if told["state"] == "new":
        return f"new: nothing was ever stored; {_room(told)}"
    parts = [told["state"]]
    if told["state"] != REFUSED:
        count = len(told["objects"])
        parts[0] += f": {count} object{'s' * (count != 1)}"
        parts.append(f"{told['record_bytes']:,} of {told['capacity']:,} bytes")
        parts.append(_room(told))
    counts = list(told["erases"].values())
    if counts:
        least, most = min(counts), max(counts)
        parts.append(f"erases {least}" if least == most else f"erases {least} to {most}")
    return ", ".join(parts)


def _room(told: dict[str, Any]) -> str:
    largest = told["largest_new"]
    return "full" if largest is None else f"room for a new one of {largest:,}"


def object_line(told: dict[str, Any]) -> str:
    """One object, without its contents."""
    if "counter" in told:
        name = f"counter {told['counter']}" + (f" ({told['name']})" if told["name"] else "")
        parts = [f"{name:<23} value {told['value']}"]
    else:
        uid = f"hash {told['hash']:#x}" if told["uid"] is None else f"uid {told['uid']:#x}"
        parts = [f"{told['client_name']:<23} {uid}", f"{told['size']} bytes"]
        parts += [told["key"]] if "key" in told else []
        parts += [f"{name} {told[name]}" for name in ("capacity", "version") if name in told]
        parts += [told["flags_text"]] if told["flags_text"] != "-" else []
    return ", ".join(parts + ([told["state"].upper()] if told["state"] != "good" else []))


def cut(lines: list[str], most: int, everything: bool) -> list[str]:
    """At most so many lines, and how many more there are."""
    if everything or len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"... and {len(lines) - most + 1} more: --all shows them"]


def is_good(told: list[dict[str, Any]]) -> bool:
    return not any(each["findings"] for each in told)


def next_steps(told: list[dict[str, Any]]) -> dict[str, str]:
    """What to do, by severity, for the severities there are."""
    there = {each["severity"] for one in told for each in one["findings"]}
    return {severity: step for severity, step in _NEXT.items() if severity in there}


def chosen(product: Any, name: str | None) -> list[str]:
    """The regions that were asked for."""
    names = regions(product)
    if name is None:
        return names
    if name not in names:
        raise BzError(
            f"region '{name}' of {product.name} is no store that this tool knows",
            "choose one of: " + ", ".join(names) if names else "choose another --product",
        )
    return [name]
