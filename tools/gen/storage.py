"""What a product says about storage: quotas, runtime counters, and whether a store can hold it all.

Called by product.py: decoding with the profile and the tables, rules once the partitions are known.
The space rule is that of docs/formats/store.md, so that what the firmware would refuse at run time
is an error of the declaration. Protected Storage and others that own a store use check_store().
"""

from __future__ import annotations

from collections.abc import Sequence

from gen.model import NONSECURE, NvCounter, Partition, Product, Quota, Region
from gen.source import Node, Table, suggest

HIGHEST = {"its_asset_size": 8192, "ps_asset_size": 8192}  # of numbers of a profile
SEAL_BYTES = 28  # PROTECT_BYTES of services/its/protect.h
MEDIUM_BYTES = 12  # ASSETS_OVERHEAD_BYTES of services/ps/assets.h
ANCHOR_BYTES = 24  # ASSETS_ANCHOR_BYTES
COUNTERS_REGIONS = ("nv_counters", "nv_counters_copy")  # services/platform/counters.c
COUNTER_BYTES = 4

_HEADER_BYTES = 32  # of a sector and of a record
_PACED_SECTORS = 8  # from so many on, the store keeps room for its pace
_RECORD_STEP = 8  # records begin at multiples of the program unit and of this
_REGION_SIZE_MAX = 8 << 19  # what a place in the index can tell


# ---- Decoding ------------------------------------------------------------------------------------


def quotas(profile: Table) -> list[Quota]:
    """The rows of its_quota of a profile."""
    rows = []
    for node in profile.nodes("its_quota"):
        row = Table(node, f"a row of its_quota of {profile.what}", ("client", "assets", "bytes"))
        assets = row.integer("assets", low=1)
        rows.append(Quota(row.text("client"), assets, row.integer("bytes"), node))
    return rows


def counters(product: Table) -> list[NvCounter]:
    """The [[nv_counter]] of a product."""
    found = []
    for node in product.nodes("nv_counter"):
        name = node.value["name"].value
        table = Table(node, f"nv_counter '{name}'", ("name", "id", "clients"))
        table.require("clients")
        clients = [each.value for each in table.texts("clients")]
        found.append(NvCounter(name, table.integer("id", low=1), clients, node))
    return found


# ---- Rules ---------------------------------------------------------------------------------------


def check(product: Product) -> None:
    """Clients exist, ids are unique, regions are there and large enough. Rows of partitions that
    are off are left out: nobody can be that client."""
    product.its_quota = _check_quotas(product)
    product.nv_counters = _check_counters(product)
    region = _region(product, "its")
    if region is not None and _owner(product, region) is not None:
        _check_its(product, region)
    _check_ps(product)


def client_id(product: Product, client: str) -> int:
    """What stands for a client in tables: the id of a partition, or -1 for the non-secure side."""
    if client == NONSECURE:
        return -1
    return next(partition.id for partition in product.partitions if partition.name == client)


def _is_client(product: Product, client: str, node: Node) -> bool:
    """True for a client that can call; an unknown one is an error."""
    known = [partition.name for partition in product.partitions]
    off = [partition.name for partition in product.disabled]
    if client not in (NONSECURE, *known, *off):
        node.fail(f"client '{client}' names no partition", suggest(client, (NONSECURE, *known)))
    return client not in off


def _check_quotas(product: Product) -> list[Quota]:
    seen: dict[str, Quota] = {}
    kept = []
    assets_max = product.profile_values["its_assets"]
    for quota in product.its_quota:
        keys = quota.node.value
        if quota.client in seen:
            keys["client"].fail(f"client '{quota.client}' has two rows in its_quota", "keep one")
        seen[quota.client] = quota
        if quota.assets > assets_max:
            keys["assets"].fail(
                f"the quota of client '{quota.client}' is {quota.assets} assets, its_assets is "
                f"{assets_max}",
                "lower it: a quota limits, it reserves nothing",
            )
        if _is_client(product, quota.client, keys["client"]):
            kept.append(quota)
    return kept


def _check_counters(product: Product) -> list[NvCounter]:
    seen: dict[int, NvCounter] = {}
    for counter in product.nv_counters:
        keys = counter.node.value
        if counter.id in seen:
            keys["id"].fail(
                f"nv_counters '{seen[counter.id].name}' and '{counter.name}' have id {counter.id}",
                "give each its own, and never one that was used before",
            )
        seen[counter.id] = counter
        _check_counter_clients(product, counter)
    if not product.nv_counters or _platform(product) is None:
        return []  # without the service there are none
    _check_counters_regions(product)
    return product.nv_counters


def _check_counter_clients(product: Product, counter: NvCounter) -> None:
    nodes = counter.node.value["clients"].value
    if not nodes:
        counter.node.value["clients"].fail(
            f"nv_counter '{counter.name}' has no clients", f'write ["{NONSECURE}"], for example'
        )
    kept: list[str] = []
    for node in nodes:
        if node.value in kept:
            node.fail(f"client '{node.value}' is listed twice", "remove one")
        if _is_client(product, node.value, node):
            kept.append(node.value)
    counter.clients[:] = kept


def _platform(product: Product) -> Partition | None:
    for partition in product.partitions:
        if any(service.name == "PSA_PLATFORM" for service in partition.manifest.services):
            return partition
    return None


def _check_counters_regions(product: Product) -> None:
    partition, first = _platform(product), product.nv_counters[0]
    assert partition is not None
    granted = {grant.region.name: grant for grant in partition.flash}
    sizes = [COUNTER_BYTES] * len(product.nv_counters)
    for name in COUNTERS_REGIONS:
        if name not in granted or granted[name].rights != "read-write":
            first.node.fail(
                f"nv_counter '{first.name}' needs region '{name}', which partition "
                f"'{partition.name}' cannot write",
                f"declare [[region]] {name} with owner = \"{partition.name}\", and grant it: "
                f'flash = [{{ region = "{name}", rights = "read-write" }}]',
            )
        what = f"{len(product.nv_counters)} nv_counters"
        check_store(product, granted[name].region, sizes, what, first.node)


# ---- Space ---------------------------------------------------------------------------------------


def _region(product: Product, name: str) -> Region | None:
    return next((region for region in product.regions if region.name == name), None)


def _owner(product: Product, region: Region) -> Partition | None:
    return next((each for each in product.partitions if each.name == region.owner), None)


def _check_its(product: Product, region: Region) -> None:
    values = product.profile_values
    profile = product.tree.value["profile"].value[product.profile].value
    added = SEAL_BYTES if values["its_encryption"] else 0
    owner = _owner(product, region)
    assert owner is not None
    if added and "partition_key" not in owner.secrets:
        profile["its_encryption"].fail(
            f"its_encryption needs a key, and partition '{owner.name}' has none",
            f'write secrets = ["partition_key"] in [[partition]] {owner.name}',
        )
    size = values["its_asset_size"]
    check_store(
        product, region, [size + added], f"its_asset_size {size}", profile["its_asset_size"], added
    )
    count = values["its_assets"]
    check_store(product, region, [added] * count, f"its_assets {count}", profile["its_assets"])


def _check_ps(product: Product) -> None:
    """The medium takes the largest asset, and as many empty ones as there may be; the anchor takes
    a record for each."""
    medium, anchor = _region(product, "ps"), _region(product, "ps_anchor")
    if medium is None or anchor is None or _owner(product, medium) is None:
        return
    values = product.profile_values
    profile = product.tree.value["profile"].value[product.profile]
    size, count = values["ps_asset_size"], values["ps_assets"]
    size_node = profile.value.get("ps_asset_size", profile)
    count_node = profile.value.get("ps_assets", profile)
    told = f"ps_asset_size {size}"
    check_store(product, medium, [size + MEDIUM_BYTES], told, size_node, MEDIUM_BYTES)
    for region, record in ((medium, MEDIUM_BYTES), (anchor, ANCHOR_BYTES)):
        check_store(product, region, [record] * count, f"ps_assets {count}", count_node)


def record_bytes(unit: int, size: int) -> int:
    """Bytes of flash that an asset of that size takes."""
    step = max(unit, _RECORD_STEP)
    return _HEADER_BYTES + -(-size // step) * step


def store_holds(region: Region, unit: int, sizes: Sequence[int]) -> bool:
    """True when a store in the region admits assets of these sizes, all at once."""
    sectors = region.size // region.sector_size
    if sectors < 2 or max(sizes) > region.sector_size - 2 * _HEADER_BYTES:
        return False
    records = sorted((record_bytes(unit, size) for size in sizes), reverse=True)
    spare = records[0]
    step = max(unit, _RECORD_STEP)
    room = region.sector_size - _HEADER_BYTES
    waste = sum(each - step for each in [spare, *records][: sectors - 2])
    paced = 0
    if sectors >= _PACED_SECTORS and len(records) > 1:
        paced = (sum(records) // max(2 * (room - spare), spare) + 1) * spare + room
    return sum(records) + spare + waste + paced <= (sectors - 1) * room


def check_store(
    product: Product, region: Region, sizes: Sequence[int], what: str, node: Node, added: int = 0
) -> None:
    """Refuses sizes that a store in the region cannot hold at once. added: bytes in each size that
    the user did not write."""
    unit, sectors = product.flash.program_unit, region.size // region.sector_size
    if region.size > _REGION_SIZE_MAX:
        region.node.value["size"].fail(
            f"region '{region.name}' has {region.size:#x} bytes, a store takes at most "
            f"{_REGION_SIZE_MAX:#x}",
            "shrink it",
        )
    if store_holds(region, unit, sizes):
        return
    place = f"region '{region.name}' ({sectors} sectors of {region.sector_size} bytes)"
    most = 0
    if len(sizes) == 1:
        fitting = (size for size in range(sizes[0], -1, -1) if store_holds(region, unit, [size]))
        most = next(fitting, 0) - added
    todo = f"write at most {most}, or enlarge" if most > 0 else "enlarge"
    node.fail(f"{what} does not fit {place}", f"{todo} the region or its sector_size")
