"""The list of knobs is whole: every key of a product that the generator knows is a declaration of
the board or a knob; every knob stands in docs/product.md and has a test that flips it.

A knob is a key that a user turns to change what the firmware does or how large it is; the others
say what the board is, or what a thing is called. The keys are recorded while a product is loaded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from gen_workshop import Workshop

import gen.product as loader
from gen import profiles, storage
from gen.source import Node, ProductError, Table

ROOT = Path(__file__).resolve().parents[2]
KNOBS_MAX = 40  # rows of the table: keys that belong together share one
SERVICES = tuple(each.name for each in loader.load_product("an505").partitions)
ALGORITHMS = tuple(name for name in profiles.ALGORITHMS if name != profiles.GENERATOR_HASH)

# The test that flips each knob, `table.key`; an algorithm or a service is a knob of its own.
_BUDGETS = "tests/tool/test_bz_run.py::test_an_exceeded_budget_has_its_numbers"
_PARTITION_BUDGETS = "tests/tool/test_bz_run.py::test_an_exceeded_budget_of_a_partition"
_KNOBS = "tests/qemu/test_knobs.py"
KNOBS = {
    "product.version": f"{_KNOBS}::test_version_and_counter",
    "product.security_counter": f"{_KNOBS}::test_version_and_counter",
    "product.release": "tests/tool/test_bz_device.py::test_a_release_product_refuses_a_seed",
    "product.isolation": "tests/qemu/test_boot.py::test_boots_and_runs_the_demo",
    "product.profile": "tests/qemu/test_boot.py::test_boots_with_other_profiles",
    "cpu.mpu_regions": "tests/tool/test_knob_table.py::test_mpu_regions",
    "boot.stack_size": f"{_KNOBS}::test_stacks",
    "boot.faulting_boots_max": f"{_KNOBS}::test_faulting_boots_max",
    "nonsecure.stack_size": f"{_KNOBS}::test_stacks",
    "manager.stack_size": f"{_KNOBS}::test_stacks",
    "manager.agent_stack_size": f"{_KNOBS}::test_stacks",
    "manager.connections": f"{_KNOBS}::test_numbers",
    "manager.partition_panic": "tests/qemu/test_ff_restart.py::test_end_and_new_start",
    **{f"partition.enabled {name}": f"{_KNOBS}::test_services" for name in SERVICES},
    "profile.without": f"{_KNOBS}::test_services",
    "partition.budget.code": _PARTITION_BUDGETS,
    "partition.budget.ram": _PARTITION_BUDGETS,
    "budget.boot_code": _BUDGETS,
    "budget.boot_ram": _BUDGETS,
    "budget.secure_code": _BUDGETS,
    "budget.secure_ram": _BUDGETS,
    **{
        f"profile.crypto_algorithms {name}": f"{_KNOBS}::test_algorithm_off" for name in ALGORITHMS
    },
    "profile.crypto_heap_size": f"{_KNOBS}::test_numbers",
    "profile.crypto_keys": f"{_KNOBS}::test_numbers",
    "profile.crypto_operations": f"{_KNOBS}::test_numbers",
    "profile.its_assets": f"{_KNOBS}::test_numbers",
    "profile.its_asset_size": f"{_KNOBS}::test_numbers",
    "profile.ps_assets": f"{_KNOBS}::test_numbers",
    "profile.ps_asset_size": f"{_KNOBS}::test_numbers",
    "profile.its_quota": "tests/qemu/test_its.py::test_quotas",
    "profile.its_encryption": "tests/qemu/test_its.py::test_the_flash_has_no_plaintext",
}

# What the board, the memory map and the tree are; and names.
DECLARATIONS = {
    "product": {"name", "title", "platform", "reserved_partition_ids"},
    "cpu": {"core", "dsp", "fpu", "clock_hz"},
    "qemu": {"machine"},
    "memory": {"base", "size", "world"},
    "flash": {"base", "size", "sector_size", "program_unit", "erased"},
    "region": {"name", "offset", "size", "owner", "sector_size"},
    "image": {"name", "id", "world", "slot", "secondary", "header_size", "key"},
    "slot": {"offset", "size"},
    "nonsecure": {"uart", "uart_base"},
    "manager": {"shared_libraries"},
    "peripheral": {"name", "base", "size"},
    "interrupt": {"name", "number"},
    "partition": {
        "name",
        "id",
        "manifest",
        "libraries",
        "secrets",
        "rights",
        "flash",
        "crypto_algorithms",  # what it needs, not what there is
    },
    "grant": {"region", "rights"},
    "quota": {"client", "assets", "bytes"},
    "nv_counter": {"name", "id", "clients"},
}
# The tables of the generator's messages, in the words used here.
TABLES = (
    (r"\[(\w+)\]", r"\1"),
    (r"\[(memory|profile|budget)\.\w+\]", r"\1"),
    (r"(region|image|peripheral|interrupt|partition|nv_counter) '\w+'", r"\1"),
    (r"the (?:secondary )?slot of image '\w+'", "slot"),
    (r"a flash grant of partition '\w+'", "grant"),
    (r"the budget of partition '\w+'", "partition.budget"),
    (r"a row of its_quota of \[profile\.\w+\]", "quota"),
)


def table_name(what: str) -> str | None:
    for pattern, name in TABLES:
        if re.fullmatch(pattern, what):
            return re.sub(pattern, name, what)
    return None


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Keys by table, of all tables that loading a product asks for: an505 with quotas, counters."""
    seen: dict[str, set[str]] = {}

    class Recorder(Table):
        def __init__(self, node: Node, what: str, keys: Iterable[str], *rest: bool) -> None:
            known = set(keys)
            super().__init__(node, what, known, *rest)
            name = table_name(what)
            if name is None:
                assert what == "the product" or what.startswith("[["), f"unknown table: {what}"
            elif name not in ("memory", "profile") or what.count("."):  # not the names in them
                seen.setdefault(name, set()).update(known)

    for module in (loader, profiles, storage):
        monkeypatch.setattr(module, "Table", Recorder)
    product = loader.load_product("tests/qemu/vault/vault.toml")
    seen["budget"] -= set(product.tree.value["profile"].value)
    return seen


def test_every_key_is_a_declaration_or_a_knob(accepted: dict[str, set[str]]) -> None:
    keys = {f"{table}.{key}" for table, names in accepted.items() for key in names}
    declared = {f"{table}.{key}" for table, names in DECLARATIONS.items() for key in names}
    turned = {knob.split(" ")[0] for knob in KNOBS}
    assert declared <= keys, "no key of the generator"
    assert not declared & turned
    # An algorithm or a budget is a knob in a table of its own: the key itself is none.
    assert keys - declared - {"partition.budget"} == turned


def test_there_are_few_knobs() -> None:
    assert len(documented_rows()) <= KNOBS_MAX


@pytest.mark.parametrize("knob, test", KNOBS.items())
def test_each_knob_has_a_test(knob: str, test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in functions, f"{knob}: no {name} in {file}"


def test_each_knob_is_documented() -> None:
    """With its test, in the table of docs/product.md; nothing else is there."""
    told = {
        name: f"{file}::{test}" for names, test, file in documented_rows() for name in expand(names)
    }
    assert told == KNOBS


def documented_rows() -> list[tuple[str, str, str]]:
    """Keys, test and file of each row of the table of docs/product.md."""
    text = (ROOT / "docs" / "product.md").read_text("utf-8")
    _, _, section = text.partition("\n## Knobs\n")
    return re.findall(r"^\| `([^`]+)` \|.*\[(\w+)\]\(\.\./(tests/\S+\.py)\) \|$", section, re.M)


def expand(names: str) -> list[str]:
    """`a.b x, y` is `a.b x` and `a.b y`; `a.b, c` is `a.b` and `a.c`."""
    first, *others = names.split(", ")
    separator = " " if " " in first else "."
    stem = first.rpartition(separator)[0]
    return [first] + [f"{stem}{separator}{other}" for other in others]


def test_mpu_regions(workshop: Workshop) -> None:
    """More MPU regions make room for a partition that does not fit."""
    workshop.change(
        "services/app/app_manifest.yaml",
        "weak_dependencies:",
        "  - base: 0x50004000\n    size: 0x1000\n    permission: READ-ONLY\nweak_dependencies:",
    )
    with pytest.raises(ProductError, match="needs 6 MPU regions at isolation level 3, 5 are"):
        workshop.load()
    workshop.change(workshop.product, "mpu_regions = 8", "mpu_regions = 9")
    assert len(workshop.load().partitions[1].peripherals) == 3
