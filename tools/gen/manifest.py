"""Partition manifests in the YAML or JSON keys of TF-M, FF-M 1.0 and 1.1.

Decodes one file into a `Manifest`; called by product.py and external.py. Manifests of both versions
give the same model; what only 1.1 can express is refused in a 1.0 manifest. It does not look at the
product or at other manifests.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from gen.model import (
    APPLICATION_ROT,
    HEAP_SIZE_MIN,
    PRIORITIES,
    PSA_ROT,
    STATELESS_MAX,
    Irq,
    Manifest,
    Service,
)
from gen.source import Node, Table, check_integer, parse_yaml, read_text

_MANIFEST_KEYS = (
    "psa_framework_version",
    "name",
    "description",
    "type",
    "priority",
    "model",
    "entry_init",
    "entry_point",
    "stack_size",
    "heap_size",
    "services",
    "mmio_regions",
    "irqs",
    "dependencies",
    "weak_dependencies",
)
_SERVICE_KEYS = (
    "name",
    "description",
    "sid",
    "non_secure_clients",
    "connection_based",
    "stateless_handle",
    "version",
    "version_policy",
    "mm_iovec",
)
_IRQ_KEYS = {
    "1.0": ("description", "source", "signal"),
    "1.1": ("description", "source", "name", "handling"),
}
_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_IDENTIFIER_HINT = "a C identifier (letters, digits, underscore)"
_FIRST_SIGNAL_BIT = 4  # FF-M 1.0, 3.3.1: bits 0..3 are the framework's (PSA_DOORBELL is bit 3)
_LAST_SIGNAL_BIT = 31


def load_manifest(path: Path, file: str, partition: str | None, asked_by: Node) -> Manifest:
    """Reads and decodes a manifest; a partition without a name has that of its manifest."""
    root = parse_yaml(read_text(path, file, asked_by), file)
    table = Table(root, "the manifest", _MANIFEST_KEYS, numbers_in_text=True)
    framework = _framework_version(table)
    model = _model(table, framework)
    services = [_service(node, framework) for node in table.nodes("services")]
    irqs = [_irq(node, framework, model) for node in table.nodes("irqs")]
    _number_signals(table, services if model == "IPC" else [], irqs)
    name = table.text("name", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT)
    return Manifest(
        file=file,
        header=(partition or name.lower()) if path.stem == "manifest" else path.stem,
        name=name,
        rot=table.choice("type", (PSA_ROT, APPLICATION_ROT)),
        model=model,
        priority=table.choice("priority", PRIORITIES),
        entry=_entry(table, model),
        stack_size=_multiple_of_8(table.integer("stack_size", low=1, high=0x100000)),
        heap_size=_heap_size(table),
        services=services,
        mmio=table.nodes("mmio_regions"),
        irqs=irqs,
        dependencies=table.texts("dependencies"),
        weak_dependencies=table.texts("weak_dependencies"),
        node=root,
    )


def _multiple_of_8(size: int) -> int:
    return (size + 7) // 8 * 8


def _heap_size(table: Table) -> int:
    size = table.integer("heap_size", 0, high=0x100000)
    return max(_multiple_of_8(size), HEAP_SIZE_MIN) if size else 0


def _framework_version(table: Table) -> str:
    node = table.require("psa_framework_version")
    version = str(node.value)
    if version not in ("1.0", "1.1"):
        node.fail(f"psa_framework_version is {version}", "write 1.1 (or 1.0)")
    return version


def _model(table: Table, framework: str) -> str:
    if framework == "1.1":
        return table.choice("model", ("SFN", "IPC"))
    _refuse_in_1_0(table, "model", "'model' is a key of FF-M 1.1")
    return "IPC"


def _refuse_in_1_0(table: Table, key: str, what: str) -> None:
    if key in table:
        table.at(key).fail(what, f"write psa_framework_version: 1.1 or remove '{key}'")


def _entry(table: Table, model: str) -> str | None:
    key, other = ("entry_init", "entry_point") if model == "SFN" else ("entry_point", "entry_init")
    if other in table:
        table.at(other).fail(
            f"'{other}' does not belong to an {model} partition", f"write {key} instead"
        )
    if model == "SFN" and key not in table:
        return None
    return table.text(key, pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT)


def _service(node: Node, framework: str) -> Service:
    table = Table(node, "a service", _SERVICE_KEYS, numbers_in_text=True)
    connection_based = table.boolean("connection_based", True)
    mm_iovec = table.choice("mm_iovec", ("enable", "disable"), "disable") == "enable"
    if framework == "1.0" and mm_iovec:
        _refuse_in_1_0(table, "mm_iovec", "mapping of vectors needs FF-M 1.1")
    if framework == "1.0" and not connection_based:
        _refuse_in_1_0(table, "connection_based", "a stateless service needs FF-M 1.1")
    if framework == "1.0":
        _refuse_in_1_0(table, "stateless_handle", "a stateless service needs FF-M 1.1")
    version = table.integer("version", 1, low=1)
    if not connection_based and version > 0xFF:
        table.at("version").fail(
            f"version {version} does not fit in a static handle",
            "write 1 to 255 for a stateless service",
        )
    return Service(
        name=table.text("name", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT),
        sid=table.integer("sid", low=1),
        version=version,
        strict=table.choice("version_policy", ("STRICT", "RELAXED"), "STRICT") == "STRICT",
        connection_based=connection_based,
        non_secure_clients=table.boolean("non_secure_clients"),
        stateless_handle=_stateless_handle(table, connection_based),
        mm_iovec=mm_iovec,
        node=node,
    )


def _stateless_handle(table: Table, connection_based: bool) -> int | None:
    node = table.get("stateless_handle")
    if node is None or node.value == "auto":
        return None
    if connection_based:
        node.fail(
            "a connection-based service has no stateless_handle",
            "remove it or write connection_based: false",
        )
    return check_integer(node, "'stateless_handle'", 1, STATELESS_MAX, number_in_text=True)


def _irq(node: Node, framework: str, model: str) -> Irq:
    table = Table(node, f"an interrupt of FF-M {framework}", _IRQ_KEYS[framework])
    source = table.require("source")
    if framework == "1.0":
        signal = table.text("signal", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT)
        return Irq(source, signal, None, True, node)
    name = table.text("name", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT)
    flih = f"{name.lower()}_flih" if table.choice("handling", ("FLIH", "SLIH")) == "FLIH" else None
    if model == "SFN" and flih is None:
        table.at("handling").fail(
            f"an SFN partition cannot wait for the signal of interrupt '{name}'",
            "write handling: FLIH, or model: IPC",
        )
    return Irq(source, f"{name}_SIGNAL", flih, False, node)


def _number_signals(table: Table, services: list[Service], irqs: list[Irq]) -> None:
    """Services first, then interrupts, from _FIRST_SIGNAL_BIT up."""
    if len(services) + len(irqs) > _LAST_SIGNAL_BIT - _FIRST_SIGNAL_BIT + 1:
        _too_many_signals(table.at("services"), len(services), len(irqs))
    for bit, each in enumerate([*services, *irqs], _FIRST_SIGNAL_BIT):
        each.signal_bit = bit
    taken = {f"{service.name}_SIGNAL" for service in services}
    for irq in irqs:
        if irq.signal in taken:
            irq.node.fail(f"two signals of this partition are named {irq.signal}", "rename one")
        taken.add(irq.signal)


def _too_many_signals(node: Node, services: int, irqs: int) -> NoReturn:
    node.fail(
        f"{services} services and {irqs} interrupts need more than "
        f"{_LAST_SIGNAL_BIT - _FIRST_SIGNAL_BIT + 1} signals",
        "split the partition",
    )
