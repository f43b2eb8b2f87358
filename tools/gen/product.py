"""Loads a product: its TOML or JSON file, what it extends, its profile, its partitions' manifests.

`load_product` is the one entry, for the generator and for tools/bz. Decoding is here and in
profiles.py, rules between several declarations are in layout.py, links.py and storage.py; every
refusal is a ProductError with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gen import external, layout, links, profiles, storage
from gen.manifest import load_manifest
from gen.model import (
    FLASH_RIGHTS,
    IRQ_NUMBER_MAX,
    NO_PARTITION,
    PANICS,
    PARTITION_BUDGETS,
    RIGHTS,
    SECRETS,
    Cpu,
    Flash,
    FlashGrant,
    Image,
    Interrupt,
    Memory,
    Partition,
    Peripheral,
    Product,
    Region,
)
from gen.profiles import ALGORITHMS
from gen.source import (
    Node,
    ProductError,
    Table,
    display_path,
    parse_toml,
    parse_yaml,
    read_text,
    suggest,
)

ROOT = Path(__file__).resolve().parents[2]

MEMORIES = ("boot_code", "boot_ram", "handoff", "retained", "secure_ram", "ns_ram")
WORLDS = ("secure", "non-secure")
CORES = ("cortex-m33",)
PARTITION_KEYS = (
    "name",
    "id",
    "enabled",
    "manifest",
    "libraries",
    "secrets",
    "rights",
    "flash",
    "crypto_algorithms",
    "budget",
)
IMAGES_MAX = 4  # HANDOFF_IMAGES_MAX of include/bartizan/handoff.h
COUNTER_MAX = 0xFFFFFFFF

_NAME = r"[a-z][a-z0-9_]*"
_NAME_HINT = "a name of lower-case letters, digits and underscore"
_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_IDENTIFIER_HINT = "a name of letters, digits and underscore"
_VERSION_HINT = "major.minor.revision with an optional +build, such as 1.2.3+4"
# Merged by name.
_ARRAYS = ("region", "image", "partition", "peripheral", "interrupt", "nv_counter")
_FREE_NAMES = ("peripheral", "interrupt")  # named as in manifests
_TOP_KEYS = (
    "extends",
    "product",
    "cpu",
    "qemu",
    "memory",
    "flash",
    "boot",
    "nonsecure",
    "manager",
    "profile",
    "budget",
) + _ARRAYS


def load_product(
    path: str | Path,
    isolation: int | None = None,
    profile: str | None = None,
    root: Path = ROOT,
    extra_lists: Sequence[str | Path] = (),
    extra_archives: Mapping[str, str | Path] | None = None,
) -> Product:
    """Loads products/<name>.toml by name, or a file by path (relative to the repository root).

    `extra_lists` are manifest lists of partitions from outside the tree, `extra_archives` the
    archive of each by its name; relative paths are from the current directory. Without
    `extra_archives` their partitions are declared only, which is enough for their headers.
    """
    file = find_product(path, root)
    files: list[str] = []
    tree = _load_tree(file, None, root, files, [])
    table = Table(tree, "the product", _TOP_KEYS)
    product = _decode(table, isolation, profile)
    layout.check_memories(product)
    layout.check_flash(product)
    declared = _partitions(table, product, root, files)
    profiles.leave_out(table, product, declared)
    product.partitions = [partition for partition in declared if partition.enabled]
    product.disabled = [partition for partition in declared if not partition.enabled]
    _reserve_regions(product)
    product.partitions += external.load_partitions(
        extra_lists, extra_archives, product.partitions, root, files
    )
    links.check(product, _reserved_ids(table))
    storage.check(product)
    layout.check_mpu(product)
    external.check_archives(product)
    product.files = files + [each.archive for each in product.partitions if each.archive]
    return product


def find_product(path: str | Path, root: Path = ROOT) -> Path:
    """The file of a product given by name or path."""
    text = str(path)
    if re.fullmatch(r"[A-Za-z0-9_-]+", text):
        file = root / "products" / f"{text}.toml"
        if not file.is_file():
            known = sorted(entry.stem for entry in (root / "products").glob("*.toml"))
            raise ProductError(
                f"products/{text}.toml", None, f"there is no product '{text}'", suggest(text, known)
            )
        return file
    return root / path


# ---- Reading and `extends` -----------------------------------------------------------------------


def _load_tree(
    path: Path, asked_by: Node | None, root: Path, files: list[str], chain: list[Path]
) -> Node:
    file = display_path(path, root)
    parse = parse_yaml if path.suffix == ".json" else parse_toml
    tree = parse(read_text(path, file, asked_by), file)
    _check_names(tree)
    files.insert(0, file)
    base = tree.value.pop("extends", None)
    if base is None:
        return tree
    if not isinstance(base.value, str):
        base.fail("'extends' is not a string", 'write the file name, such as "an505.toml"')
    beside = path.parent / base.value
    base_path = beside if beside.is_file() else root / base.value
    chain = chain + [path.resolve()]
    if base_path.resolve() in chain:
        base.fail(f"'extends' leads back to {display_path(base_path, root)}", "break the circle")
    return _merge(_load_tree(base_path, base, root, files, chain), tree, ())


def _check_names(tree: Node) -> None:
    """Elements of arrays of tables have a name, and one file says each name once."""
    for array in _ARRAYS:
        node = tree.value.get(array)
        if node is None:
            continue
        if not isinstance(node.value, list):
            node.fail(f"'{array}' must be an array of tables", f"write [[{array}]]")
        seen: dict[str, Node] = {}
        for element in node.value:
            keys = element.value if isinstance(element.value, dict) else ()
            pattern, hint = (
                (_IDENTIFIER, _IDENTIFIER_HINT) if array in _FREE_NAMES else (_NAME, _NAME_HINT)
            )
            name = Table(element, f"[[{array}]]", keys).text("name", pattern=pattern, hint=hint)
            if name in seen:
                element.fail(
                    f"[[{array}]] '{name}' is declared twice",
                    f"rename one (the first is in line {seen[name].line})",
                )
            seen[name] = element


def _merge(base: Node, over: Node, path: tuple[str, ...]) -> Node:
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        merged = dict(base.value)
        for key, node in over.value.items():
            merged[key] = _merge(merged[key], node, path + (key,)) if key in merged else node
        return Node(merged, over.file, over.line)
    if len(path) == 1 and path[0] in _ARRAYS:
        elements = {node.value["name"].value: node for node in base.value}
        for node in over.value:
            name = node.value["name"].value
            elements[name] = (
                _merge(elements[name], node, path + (name,)) if name in elements else node
            )
        return Node(list(elements.values()), over.file, over.line)
    return over


# ---- Decoding ------------------------------------------------------------------------------------


def _decode(table: Table, isolation: int | None, profile: str | None) -> Product:
    head = Table(
        table.require("product"),
        "[product]",
        (
            "name",
            "title",
            "platform",
            "version",
            "security_counter",
            "release",
            "isolation",
            "profile",
            "reserved_partition_ids",
        ),
    )
    manager = Table(
        table.require("manager"),
        "[manager]",
        ("stack_size", "agent_stack_size", "connections", "partition_panic", "shared_libraries"),
    )
    boot = Table(table.require("boot"), "[boot]", ("stack_size", "faulting_boots_max"))
    nonsecure = Table(
        table.require("nonsecure"), "[nonsecure]", ("stack_size", "uart", "uart_base")
    )
    chosen = profiles.choose(table, head, profile)
    values, quotas = profiles.decode(table)
    flash = _flash(table)
    return Product(
        name=head.text("name", pattern=r"[a-z][a-z0-9_-]*", hint=_NAME_HINT),
        title=head.text("title"),
        platform=head.text("platform", pattern=_NAME, hint=_NAME_HINT),
        version=_version(head),
        security_counter=head.integer("security_counter", high=COUNTER_MAX),
        release=head.boolean("release", False),
        isolation=_isolation(head, isolation),
        profile=chosen,
        profile_values=values[chosen],
        cpu=_cpu(table),
        qemu_machine=Table(table.require("qemu"), "[qemu]", ("machine",)).text("machine"),
        memories=_memories(table),
        flash=flash,
        regions=_regions(table, flash),
        images=_images(table),
        boot_stack_size=_stack_size(boot, "stack_size"),
        faulting_boots_max=boot.integer("faulting_boots_max", low=1, high=255, default=3),
        ns_stack_size=_stack_size(nonsecure, "stack_size"),
        ns_uart=nonsecure.text("uart", pattern=_NAME, hint=_NAME_HINT),
        ns_uart_base=nonsecure.integer("uart_base"),
        manager_stack_size=_stack_size(manager, "stack_size"),
        agent_stack_size=_stack_size(manager, "agent_stack_size"),
        connections=manager.integer("connections", low=1, high=256),
        partition_panic=manager.choice("partition_panic", PANICS, "reset"),
        shared_libraries=[node.value for node in manager.texts("shared_libraries")],
        peripherals=[_peripheral(node) for node in table.nodes("peripheral")],
        interrupts=[_interrupt(node) for node in table.nodes("interrupt")],
        partitions=[],
        disabled=[],
        budget=profiles.budget(table, chosen),
        its_quota=quotas[chosen],
        nv_counters=storage.counters(table),
        file=table.node.file,
        files=[],
        tree=table.node,
    )


def _version(head: Table) -> str:
    version = head.text("version", pattern=r"\d+\.\d+\.\d+(\+\d+)?", hint=_VERSION_HINT)
    limits = (0xFF, 0xFF, 0xFFFF, 0xFFFFFFFF)
    for part, limit in zip(re.split(r"[.+]", version), limits, strict=False):
        if int(part) > limit:
            head.at("version").fail(
                f"{part} in version {version} is too large", "stay within 255.255.65535+4294967295"
            )
    return version


def _isolation(head: Table, asked: int | None) -> int:
    declared = head.integer("isolation", low=1, high=3)
    if asked is None:
        return declared
    if asked not in (1, 2, 3):
        head.at("isolation").fail(f"isolation {asked} does not exist", "choose 1, 2 or 3")
    return asked


def _cpu(table: Table) -> Cpu:
    cpu = Table(table.require("cpu"), "[cpu]", ("core", "dsp", "fpu", "clock_hz", "mpu_regions"))
    return Cpu(
        core=cpu.choice("core", CORES),
        dsp=cpu.boolean("dsp"),
        fpu=cpu.boolean("fpu"),
        clock_hz=cpu.integer("clock_hz", low=1),
        mpu_regions=cpu.integer("mpu_regions", low=8, high=16),
    )


def _stack_size(table: Table, key: str) -> int:
    size = table.integer(key, low=64, high=0x100000)
    if size % 8 != 0:
        table.at(key).fail(f"{key} {size} is not a multiple of 8", "round it up")
    return size


def _memories(table: Table) -> dict[str, Memory]:
    node = table.require("memory")
    names = node.value if isinstance(node.value, dict) else ()
    declared = Table(node, "[memory]", names)
    memories = {}
    for name in MEMORIES:
        declared.require(name)
    for name, element in node.value.items():
        if re.fullmatch(_NAME, name) is None:
            element.fail(f"memory name '{name}'", f"write {_NAME_HINT}")
        memory = Table(element, f"[memory.{name}]", ("base", "size", "world"))
        memories[name] = Memory(
            name,
            memory.integer("base"),
            memory.integer("size", low=1),
            memory.choice("world", WORLDS),
            element,
        )
    return memories


def _flash(table: Table) -> Flash:
    node = table.require("flash")
    flash = Table(node, "[flash]", ("base", "size", "sector_size", "program_unit", "erased"))
    erased = flash.integer("erased")
    if erased not in (0x00, 0xFF):
        flash.at("erased").fail(f"erased is {erased:#x}", "write 0xff or 0x00")
    return Flash(
        base=flash.integer("base"),
        size=flash.integer("size", low=1),
        sector_size=flash.integer("sector_size", low=1),
        program_unit=flash.integer("program_unit", low=1),
        erased=erased,
        node=node,
    )


def _regions(table: Table, flash: Flash) -> list[Region]:
    regions = []
    for number, node in enumerate(table.nodes("region")):
        name = node.value["name"].value
        region = Table(node, f"region '{name}'", ("name", "offset", "size", "owner", "sector_size"))
        regions.append(
            Region(
                name,
                number,
                region.integer("offset"),
                region.integer("size", low=1),
                region.text("owner"),
                region.integer("sector_size", default=flash.sector_size, low=1),
                node,
            )
        )
    return regions


def _images(table: Table) -> list[Image]:
    images = [_image(node) for node in table.nodes("image")]
    for world in WORLDS:
        count = sum(image.world == world for image in images)
        if count != 1:
            table.at("image").fail(
                f"there are {count} images of the {world} world",
                "declare exactly one [[image]] for each world",
            )
    ids: dict[int, str] = {}
    for image in images:
        if image.id in ids:
            image.node.value["id"].fail(
                f"images '{ids[image.id]}' and '{image.name}' have id {image.id}",
                "give each its own",
            )
        ids[image.id] = image.name
    return images


def _image(node: Node) -> Image:
    name = node.value["name"].value
    image = Table(
        node, f"image '{name}'", ("name", "id", "world", "slot", "secondary", "header_size", "key")
    )
    slot = Table(image.require("slot"), f"the slot of image '{name}'", ("offset", "size"))
    secondary = Table(
        image.require("secondary"), f"the secondary slot of image '{name}'", ("offset", "size")
    )
    return Image(
        name=name,
        id=image.integer("id", high=IMAGES_MAX - 1),
        world=image.choice("world", WORLDS),
        slot_offset=slot.integer("offset"),
        slot_size=slot.integer("size", low=1),
        secondary_offset=secondary.integer("offset"),
        secondary_size=secondary.integer("size", low=1),
        header_size=image.integer("header_size", low=1),
        key=image.text("key", pattern=r"[A-Za-z0-9_-]+", hint="the name of a file in keys/"),
        node=node,
    )


def _peripheral(node: Node) -> Peripheral:
    name = node.value["name"].value
    table = Table(node, f"peripheral '{name}'", ("name", "base", "size"))
    return Peripheral(name, table.integer("base"), table.integer("size", low=1), True, node)


def _interrupt(node: Node) -> Interrupt:
    name = node.value["name"].value
    table = Table(node, f"interrupt '{name}'", ("name", "number"))
    return Interrupt(name, table.integer("number", high=IRQ_NUMBER_MAX))


# ---- Partitions ----------------------------------------------------------------------------------


def _reserved_ids(table: Table) -> list[int]:
    head = Table(table.require("product"), "[product]", table.require("product").value)
    reserved = []
    for node in head.nodes("reserved_partition_ids"):
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            node.fail("a reserved partition id is not an integer", "write an integer")
        reserved.append(node.value)
    return reserved


def _partitions(table: Table, product: Product, root: Path, files: list[str]) -> list[Partition]:
    partitions = []
    for node in table.nodes("partition"):
        name = node.value["name"].value
        entry = Table(
            node,
            f"partition '{name}'",
            PARTITION_KEYS,
        )
        if name in NO_PARTITION:
            entry.at("name").fail(f"'{name}' cannot name a partition", "choose another name")
        if "manifest" not in entry:
            known = [each.value["name"].value for each in table.nodes("partition") if each != node]
            near = suggest(name, known)
            if near.startswith("did you mean"):
                todo = f"{near} A new one needs manifest = ... (docs/product.md)"
                node.fail(f"partition '{name}' has no 'manifest'", todo)
        path = root / entry.text("manifest")
        file = display_path(path, root)
        partition = Partition(
            name=name,
            id=entry.integer("id", low=1, high=0x7FFFFFFF),
            manifest=load_manifest(path, file, name, entry.require("manifest")),
            directory=str(Path(file).parent),
            libraries=[library.value for library in entry.texts("libraries")],
            secrets=_known(entry, "secrets", "secret", SECRETS),
            rights=_known(entry, "rights", "right", RIGHTS),
            flash=_grants(entry, product.regions),
            budget=_partition_budget(entry),
            node=node,
            enabled=entry.boolean("enabled", True),
            algorithms=_known(entry, "crypto_algorithms", "algorithm", ALGORITHMS),
        )
        files.append(file)
        partitions.append(partition)
    return partitions


def _reserve_regions(product: Product) -> None:
    """A region of a partition that is off is kept, and nobody's."""
    off = [partition.name for partition in product.disabled]
    product.regions = [
        replace(region, owner="none") if region.owner in off else region
        for region in product.regions
    ]


def _partition_budget(entry: Table) -> dict[str, int]:
    node = entry.get("budget")
    if node is None:
        return {}
    return profiles.limits(Table(node, f"the budget of {entry.what}", PARTITION_BUDGETS), PARTITION_BUDGETS)


def _known(entry: Table, key: str, what: str, known: tuple[str, ...]) -> list[str]:
    names = []
    for node in entry.texts(key):
        if node.value not in known:
            node.fail(f"unknown {what} '{node.value}'", suggest(node.value, known))
        names.append(node.value)
    return names


def _grants(entry: Table, regions: list[Region]) -> list[FlashGrant]:
    by_name = {region.name: region for region in regions}
    grants: dict[str, FlashGrant] = {}
    for node in entry.nodes("flash"):
        grant = Table(node, f"a flash grant of {entry.what}", ("region", "rights"))
        name = grant.choice("region", by_name)
        if name in grants:
            node.fail(f"{entry.what} has two grants for region '{name}'", "keep one")
        grants[name] = FlashGrant(by_name[name], grant.choice("rights", FLASH_RIGHTS))
    return list(grants.values())
