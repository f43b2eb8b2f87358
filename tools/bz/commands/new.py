"""`bz new partition NAME`: makes the folder of a partition that works, with stub, test and product;
`bz new app NAME` that of an application for the SDK (bz/new_app.py).

The partition's files are those of bz/templates/partition, a partition named "template", with the
name, ids and type of the new one in their place. Nothing else in the checkout is changed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bz import paths
from bz import variant as variants
from bz.console import BzError

SUMMARY = "make a new partition of the tree, or a new application for the SDK"
EXAMPLES = [
    ("bz new partition ledger", "partitions/ledger/: an Application RoT partition, SFN model"),
    ("bz new partition ledger --model ipc --dir ../ledger", "one with a thread, elsewhere"),
    ("bz new app blinky --dir ../blinky", "an application outside the tree"),
]

TEMPLATES = paths.ROOT / "tools" / "bz" / "templates" / "partition"
PARTITIONS = paths.ROOT / "partitions"  # where new ones go by default
MODELS = ("sfn", "ipc")  # folders of TEMPLATES for what differs
FIRST_ID = 0x1000  # the first partition id that is given out; lower ones are the tree's
FIRST_SID = 0xFFFFF000
BASE = "an505"  # the product that template.toml extends
ROOM = 16384  # bytes of code and of RAM that the new product's budgets have beyond those of BASE
_NAME = r"(?!psa_)[a-z][a-z0-9_]{0,23}"
_WHAT = {
    "manifest.yaml": "what it is, what it offers, and all that it may touch",
    "service.c": "the service",
    "client.c": "its API for clients of both worlds",
    "ns": "an application that calls it",
}


@dataclass
class Taken:
    """What the products of the checkout use already."""

    names: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    sids: set[int] = field(default_factory=set)

    def add(self, product: Any) -> None:
        self.names |= {partition.name for partition in product.partitions}
        self.ids |= {partition.id for partition in product.partitions}
        self.ids |= set(product.tree.plain()["product"].get("reserved_partition_ids", []))
        self.services |= {service.name.lower() for service in product.services}
        self.sids |= {service.sid for service in product.services}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("partition", "app"))
    parser.add_argument("name", metavar="NAME", help="of the partition or application")
    parser.add_argument(
        "--type",
        choices=("application-rot", "psa-rot"),
        help="of a partition: what the product trusts it with (default application-rot)",
    )
    parser.add_argument(
        "--model",
        choices=MODELS,
        help="of a partition: sfn: a function per message; ipc: a thread that waits (default sfn)",
    )
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="the new folder (default partitions/NAME, or NAME)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    from bz.console import console

    if options.what == "app":
        from bz import new_app

        return new_app.run(options)
    name = options.name
    folder = (options.dir or PARTITIONS / name).absolute()
    taken = find_taken()
    check(name, folder, taken)
    partition_id, sid = free(FIRST_ID, taken.ids), free(FIRST_SID, taken.sids)
    manifest = shown(folder / "manifest.yaml")
    words = {
        '"partitions/template/manifest.yaml"': json.dumps(manifest, ensure_ascii=False),
        "0x1000 ": f"{partition_id:#x} ",
        "0xFFFFF000": f"0x{sid:08X}",
        "APPLICATION-ROT": (options.type or "application-rot").upper(),
        "template": name,
        "TEMPLATE": name.upper(),
    }
    product = folder / f"{name}.toml"
    try:
        write(folder, options.model or "sfn", words)
        with product.open("a", encoding="utf-8") as file:
            file.write(budgets())
        variants.load_product(str(product))
    except (BzError, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if options.json:
        console.result({"ok": True, "folder": str(folder), "id": partition_id, "sid": sid})
        return 0
    console.say(f"made {shown(folder)}/: partition {name}, id {partition_id:#x}", "good")
    for line in next_steps(name, folder, partition_id, manifest):
        console.say(line)
    return 0


def find_taken() -> Taken:
    """From all products of the checkout; one that cannot be read takes nothing."""
    taken = Taken()
    for file in (*paths.PRODUCTS.glob("*.toml"), *PARTITIONS.glob("*/*.toml")):
        try:
            taken.add(variants.load_product(str(file)))
        except BzError:
            continue
    return taken


def check(name: str, folder: Path, taken: Taken) -> None:
    from gen.model import NO_PARTITION

    if re.fullmatch(_NAME, name) is None or name in NO_PARTITION:
        raise BzError(
            f"'{name}' cannot name a partition",
            "write at most 24 lower-case letters, digits and underscores, a letter first, "
            f"not psa_, and none of {', '.join(NO_PARTITION)}",
            code=2,
        )
    for kind, names in (("partition", taken.names), ("service", taken.services)):
        if name in names:
            raise BzError(f"there is a {kind} '{name}' already", "choose another name")
    if folder.exists() or folder.is_symlink():
        raise BzError(f"{shown(folder)} exists", "remove it, or choose another --dir")


def free(first: int, taken: set[int]) -> int:
    while first in taken:
        first += 1
    return first


def shown(path: Path) -> str:
    """As product files and the commands take it: from the top of the checkout, or absolute."""
    path = path.resolve()
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)


def write(folder: Path, model: str, words: dict[str, str]) -> None:
    for base in (TEMPLATES, TEMPLATES / model):
        for source in base.rglob("*"):
            path = source.relative_to(base)
            if path.parts[0] in MODELS or not source.is_file() or source.suffix == ".pyc":
                continue
            target = folder / filled(str(path), words)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(source.read_text("utf-8"), words), "utf-8")


def budgets() -> str:
    """For each profile, as TOML."""
    text = f"\n# Bytes of the whole secure image: those of {BASE}, and room for this partition."
    for profile in variants.load_product(BASE).tree.plain()["profile"]:
        limits = variants.load_product(BASE, None, profile).budget
        text += f"\n[budget.{profile}]\n" + "".join(
            f"{key} = {limits[key] + ROOM}\n"
            for key in ("secure_code", "secure_ram")
            if key in limits
        )
    return text


def filled(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], text)


def next_steps(name: str, folder: Path, partition_id: int, manifest: str) -> list[str]:
    what = {**_WHAT, f"test_{name}.py": "a test that boots it", f"{name}.toml": "a product with it"}
    return [
        *(f"  {file:<{len(name) + 8}}  {role}" for file, role in what.items()),
        "next:",
        f"  ./bz test {shown(folder)}",
        f"  ./bz run --product {shown(folder / name)}.toml",
        "in a product of your own:",
        "  [[partition]]",
        f'  name = "{name}"',
        f"  id = {partition_id:#x}",
        f"  manifest = {json.dumps(manifest, ensure_ascii=False)}",
    ]
