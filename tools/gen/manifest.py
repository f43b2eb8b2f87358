"""Partition manifests in the YAML or JSON keys of TF-M, FF-M 1.0 and 1.1.

Decodes one file into a `Manifest`; called by product.py. What the partition manager of this version
cannot do is refused here, by name, from one list: UNAVAILABLE. It does not look at the product or
at other manifests.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from gen.model import APPLICATION_ROT, PRIORITIES, PSA_ROT, STATELESS_MAX, Irq, Manifest, Service
from gen.source import Node, Table, check_integer, parse_yaml, read_text

# Parts of FF-M that manifests can express and this version of the partition manager cannot do.
UNAVAILABLE = {
    "IPC model": 'use model: "SFN" with psa_framework_version: 1.1',
    "irqs": "remove the key",
    "heap_size": "remove the key or write 0; memory of a partition is static",
    "mm_iovec": 'write mm_iovec: "disable" and use psa_read() and psa_write()',
}

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
_IRQ_KEYS = ("description", "source", "name", "signal", "handling")
_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_IDENTIFIER_HINT = "a C identifier (letters, digits, underscore)"
_FIRST_SIGNAL_BIT = 4  # FF-M 1.0, 3.3.1: bits 0..3 are the framework's (PSA_DOORBELL is bit 3)
_LAST_SIGNAL_BIT = 31


def load_manifest(path: Path, file: str, partition: str, asked_by: Node) -> Manifest:
    """Reads and decodes the manifest of the named partition."""
    root = parse_yaml(read_text(path, file, asked_by), file)
    table = Table(root, "the manifest", _MANIFEST_KEYS, numbers_in_text=True)
    framework = _framework_version(table)
    model = _model(table, framework)
    entry = _entry(table, model)
    heap_size = table.integer("heap_size", 0)
    if heap_size != 0:
        _refuse_unavailable(table.at("heap_size"), "heap_size")
    services = [_service(node, framework) for node in table.nodes("services")]
    irqs = _irqs(table, framework)
    _number_signals(table, services if model == "IPC" else [], irqs)
    stack_size = table.integer("stack_size", low=1, high=0x100000)
    return Manifest(
        file=file,
        header=partition if path.stem == "manifest" else path.stem,
        name=table.text("name", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT),
        rot=table.choice("type", (PSA_ROT, APPLICATION_ROT)),
        model=model,
        priority=table.choice("priority", PRIORITIES),
        entry=entry,
        stack_size=(stack_size + 7) // 8 * 8,
        heap_size=heap_size,
        services=services,
        mmio=table.nodes("mmio_regions"),
        irqs=irqs,
        dependencies=table.texts("dependencies"),
        weak_dependencies=table.texts("weak_dependencies"),
        node=root,
    )


def _refuse_unavailable(node: Node, feature: str) -> None:
    if feature in UNAVAILABLE:
        node.fail(f"{feature} is not available in this version", UNAVAILABLE[feature])


def _framework_version(table: Table) -> str:
    node = table.require("psa_framework_version")
    version = str(node.value)
    if version not in ("1.0", "1.1"):
        node.fail(f"psa_framework_version is {version}", "write 1.1 (or 1.0)")
    return version


def _model(table: Table, framework: str) -> str:
    if framework == "1.0":
        if "model" in table:
            table.at("model").fail(
                "'model' is a key of FF-M 1.1", "write psa_framework_version: 1.1"
            )
        model, node = "IPC", table.at("psa_framework_version")
    else:
        model, node = table.choice("model", ("SFN", "IPC")), table.at("model")
    if model == "IPC":
        _refuse_unavailable(node, "IPC model")
    return model


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
    if table.choice("mm_iovec", ("enable", "disable"), "disable") == "enable":
        _refuse_unavailable(table.at("mm_iovec"), "mm_iovec")
    connection_based = table.boolean("connection_based", True)
    if framework == "1.0" and not connection_based:
        table.at("connection_based").fail(
            "a stateless service needs FF-M 1.1", "write psa_framework_version: 1.1"
        )
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


def _irqs(table: Table, framework: str) -> list[Irq]:
    nodes = table.nodes("irqs")
    if nodes:
        _refuse_unavailable(table.at("irqs"), "irqs")
    return [_irq(node, framework) for node in nodes]


def _irq(node: Node, framework: str) -> Irq:
    table = Table(node, "an interrupt", _IRQ_KEYS)
    source = str(table.require("source").plain())
    if framework == "1.0":
        return Irq(
            source, table.text("signal", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT), 0, "SLIH"
        )
    name = table.text("name", pattern=_IDENTIFIER, hint=_IDENTIFIER_HINT)
    return Irq(source, f"{name}_SIGNAL", 0, table.choice("handling", ("FLIH", "SLIH")))


def _number_signals(table: Table, services: list[Service], irqs: list[Irq]) -> None:
    bit = _FIRST_SIGNAL_BIT
    for service in services:
        service.signal_bit = bit
        bit += 1
    for index, irq in enumerate(irqs):
        irqs[index] = Irq(irq.source, irq.signal, bit, irq.handling)
        bit += 1
    if bit > _LAST_SIGNAL_BIT + 1:
        _too_many_signals(table.at("services"), len(services), len(irqs))


def _too_many_signals(node: Node, services: int, irqs: int) -> NoReturn:
    node.fail(
        f"{services} services and {irqs} interrupts need more than "
        f"{_LAST_SIGNAL_BIT - _FIRST_SIGNAL_BIT + 1} signals",
        "split the partition",
    )
