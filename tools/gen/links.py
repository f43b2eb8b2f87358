"""Rules between declarations: owners, ids, services, dependencies, grants.

Called by product.py once all manifests are read. It also fills what can only be known then: service
owners, indices of stateless services, SIDs of dependencies, addresses of named device registers and
numbers of named interrupts.
"""

from __future__ import annotations

from gen import standard
from gen.model import (
    IRQ_NUMBER_MAX,
    IRQS_MAX,
    MANAGER_ARCHIVES,
    PARTITIONS_MAX,
    SERVICES_MAX,
    STATELESS_MAX,
    Irq,
    Partition,
    Peripheral,
    Product,
    Service,
)
from gen.source import Node, Table, check_integer, suggest

_MMIO_KEYS = ("name", "base", "size", "permission", "description")
_OTHER_OWNERS = ("boot", "none")


def check(product: Product, reserved_ids: list[int]) -> None:
    """Runs every rule; raises ProductError at the first violation."""
    _check_owners(product)
    _check_ids(product, reserved_ids)
    _check_unique_files(product)
    _check_archives(product)
    _check_services(product)
    standard.check(product.services)
    _check_functions(product)
    _resolve_irqs(product)
    _number_stateless(product.services)
    _check_secrets(product)
    for partition in product.partitions:
        _check_grants(partition)
        _resolve_dependencies(product, partition)
        _check_algorithms(product, partition)
        partition.peripherals = _resolve_mmio(product, partition)


def _check_owners(product: Product) -> None:
    known = [partition.name for partition in product.partitions] + list(_OTHER_OWNERS)
    for region in product.regions:
        if region.owner not in known:
            region.node.value["owner"].fail(
                f"owner '{region.owner}' of region '{region.name}' names no partition",
                suggest(region.owner, known),
            )


def _check_ids(product: Product, reserved_ids: list[int]) -> None:
    if len(product.partitions) > PARTITIONS_MAX:
        product.partitions[PARTITIONS_MAX].node.fail(
            f"there are {len(product.partitions)} partitions, {PARTITIONS_MAX} are possible",
            "leave some out or join them",
        )
    seen: dict[int, Partition] = {}
    for partition in product.disabled + product.partitions:  # one that is off keeps its id
        node = partition.node.value["id"]
        if partition.id in reserved_ids:
            node.fail(
                f"id {partition.id:#x} of partition '{partition.name}' is reserved",
                "choose an id that was never used",
            )
        if partition.id in seen:
            node.fail(
                f"partitions '{seen[partition.id].name}' and '{partition.name}' have id "
                f"{partition.id:#x}",
                "give each its own",
            )
        seen[partition.id] = partition


def _check_unique_files(product: Product) -> None:
    """No two partitions share a manifest name, a generated header or a library."""
    names: dict[str, str] = {}
    headers: dict[str, str] = {"sid": "the list of services", "pid": "the list of partitions"}
    libraries = {name: "every partition (shared_libraries)" for name in product.shared_libraries}
    for partition in product.partitions:
        manifest = partition.manifest
        if manifest.name in names:
            manifest.node.value["name"].fail(
                f"manifest name '{manifest.name}' is also that of partition "
                f"'{names[manifest.name]}'",
                "rename one",
            )
        names[manifest.name] = partition.name
        if manifest.header in headers:
            partition.node.value["manifest"].fail(
                f"psa_manifest/{manifest.header}.h would also be made for "
                f"{headers[manifest.header]}",
                "rename the manifest file",
            )
        headers[manifest.header] = f"partition '{partition.name}'"
        for node in _elements(partition, "libraries"):
            if node.value in libraries:
                node.fail(
                    f"library '{node.value}' already belongs to {libraries[node.value]}",
                    "give it one owner, or share it if it has no data",
                )
            libraries[node.value] = f"partition '{partition.name}'"


def _check_archives(product: Product) -> None:
    """The linker script matches the end of a path, so no name may end in another one."""
    owners = [(name, "every partition") for name in product.shared_archives]
    owners += [(name, "the manager") for name in MANAGER_ARCHIVES]
    for partition in product.partitions:
        for name in partition.archives:
            for other, owner in owners:
                if name.endswith(other) or other.endswith(name):
                    partition.node.fail(
                        f"archive '{name}' of partition '{partition.name}' cannot be told from "
                        f"'{other}' of {owner}",
                        "rename one so that neither name ends in the other",
                    )
            owners.append((name, f"partition '{partition.name}'"))


def _elements(partition: Partition, key: str) -> list[Node]:
    node = partition.node.value.get(key)
    return [] if node is None else node.value


def _check_services(product: Product) -> None:
    by_name: dict[str, Service] = {}
    by_sid: dict[int, Service] = {}
    for partition in product.partitions:
        for service in partition.manifest.services:
            service.partition = partition.name
            same = by_name.get(service.name.lower())
            if same is not None:
                service.node.value["name"].fail(
                    f"service '{service.name}' is also declared by partition '{same.partition}'",
                    "rename one",
                )
            same = by_sid.get(service.sid)
            if same is not None:
                service.node.value["sid"].fail(
                    f"SID {service.sid:#010x} is also that of service '{same.name}' of partition "
                    f"'{same.partition}'",
                    "give each its own",
                )
            by_name[service.name.lower()] = service
            by_sid[service.sid] = service
            if len(by_sid) > SERVICES_MAX:
                service.node.fail(
                    f"more than {SERVICES_MAX} services", "leave some out or join them"
                )


def _check_functions(product: Product) -> None:
    """All partitions are linked into one image: two of one name would be one of the two."""
    owners: dict[str, str] = {}
    for partition in product.partitions:
        for function, _, node in partition.manifest.functions:
            if function.startswith("__"):  # such as __aeabi_uldivmod: the manager would call it
                node.fail(
                    f"function '{function}' of partition '{partition.name}' has a name of the "
                    "compiler's library",
                    "rename it: no two underscores in front",
                )
            if function in owners:
                node.fail(
                    f"function '{function}' of partition '{partition.name}' is also one of "
                    f"partition '{owners[function]}'",
                    "rename one",
                )
            owners[function] = partition.name


def _resolve_irqs(product: Product) -> None:
    named = {interrupt.name: interrupt.number for interrupt in product.interrupts}
    owners: dict[int, str] = {}
    for partition in product.partitions:
        for irq in partition.manifest.irqs:
            irq.number = _irq_number(irq, named)
            if irq.number in owners:
                irq.source.fail(
                    f"interrupt {irq.number} of partition '{partition.name}' is already handled "
                    f"by partition '{owners[irq.number]}'",
                    "keep one of the two",
                )
            owners[irq.number] = partition.name
            if len(owners) > IRQS_MAX:
                irq.node.fail(f"more than {IRQS_MAX} interrupts", "leave some out")


def _irq_number(irq: Irq, named: dict[str, int]) -> int:
    source = irq.source.value
    if isinstance(source, str) and not source[:1].isdigit():
        if source not in named:
            irq.source.fail(f"no [[interrupt]] '{source}' in the product", suggest(source, named))
        return named[source]
    return check_integer(irq.source, "'source' of an interrupt", 0, IRQ_NUMBER_MAX, True)


def _number_stateless(services: list[Service]) -> None:
    """Explicit handles take their index; "auto" gets the lowest free one, in declaration order.
    The indices of the standard services are theirs."""
    stateless = [service for service in services if not service.connection_based]
    taken: dict[int, Service] = {}
    for service in stateless:
        if service.stateless_handle is None:
            continue
        index = service.stateless_handle - 1
        if index in taken:
            service.node.value["stateless_handle"].fail(
                f"stateless_handle {service.stateless_handle} is also that of service "
                f"'{taken[index].name}'",
                'choose another or "auto"',
            )
        taken[index] = service
        service.stateless_index = index
    for service in stateless:
        if service.stateless_index is not None:
            continue
        free = [
            index
            for index in range(STATELESS_MAX)
            if index not in taken and index not in standard.INDICES
        ]
        if not free:
            service.node.fail(
                f"more than {STATELESS_MAX - len(standard.STANDARD)} stateless services of "
                "your own",
                "write connection_based: true",
            )
        service.stateless_index = free[0]
        taken[free[0]] = service


def _check_grants(partition: Partition) -> None:
    for node, grant in zip(_elements(partition, "flash"), partition.flash, strict=True):
        if grant.region.owner != partition.name:
            node.value["region"].fail(
                f"partition '{partition.name}' is granted region '{grant.region.name}', whose "
                f"owner is '{grant.region.owner}'",
                f'set owner = "{partition.name}" in the region or remove the grant',
            )


def _check_secrets(product: Product) -> None:
    """The runtime root leaves the manager once; partition keys are made of it while it stays."""
    has_key = [each for each in product.partitions if "partition_key" in each.secrets]
    for partition in product.partitions:
        for node in _elements(partition, "secrets"):
            if node.value == "runtime_root" and has_key:
                node.fail(
                    f"partition '{partition.name}' takes the runtime root, of which the key of "
                    f"partition '{has_key[0].name}' is made",
                    'take "partition_key" instead',
                )
    if has_key and "seal" not in product.shared_libraries:
        _elements(has_key[0], "secrets")[0].fail(
            f"partition '{has_key[0].name}' takes a partition key, for which the manager needs the "
            "library 'seal'",
            'add "seal" to shared_libraries of [manager]',
        )


def _resolve_dependencies(product: Product, partition: Partition) -> None:
    by_name = {service.name: service for service in product.services}
    manifest = partition.manifest
    for node in manifest.dependencies:
        if node.value not in by_name:
            _check_not_disabled(product, partition, node)
            node.fail(
                f"dependency '{node.value}' is no service of this product",
                suggest(node.value, by_name),
            )
    for node in manifest.dependencies + manifest.weak_dependencies:
        service = by_name.get(node.value)
        if service is None:
            continue  # a weak dependency on a service that this product leaves out
        if service.partition == partition.name:
            node.fail(
                f"partition '{partition.name}' depends on its own service '{node.value}'",
                "remove it",
            )
        if service.sid not in partition.dependency_sids:
            partition.dependency_sids.append(service.sid)


def _check_not_disabled(product: Product, partition: Partition, dependency: Node) -> None:
    for other in product.disabled:
        if any(service.name == dependency.value for service in other.manifest.services):
            (other.left_out or other.node.value["enabled"]).fail(
                f"partition '{partition.name}' needs service '{dependency.value}' of partition "
                f"'{other.name}', which is off",
                f"remove it here, or switch '{partition.name}' off too",
            )


def _check_algorithms(product: Product, partition: Partition) -> None:
    """What a partition needs of Crypto is in the chosen profile."""
    selected = product.profile_values["crypto_algorithms"]
    for name in partition.algorithms:
        if name not in selected:
            profile = product.tree.value["profile"].value[product.profile]
            profile.value["crypto_algorithms"].fail(
                f"partition '{partition.name}' needs algorithm '{name}', which profile "
                f"'{product.profile}' has not",
                f"add it, or switch '{partition.name}' off: enabled = false",
            )


def _resolve_mmio(product: Product, partition: Partition) -> list[Peripheral]:
    by_name = {peripheral.name: peripheral for peripheral in product.peripherals}
    grants = []
    for node in partition.manifest.mmio:
        table = Table(node, "an mmio region", _MMIO_KEYS, numbers_in_text=True)
        writable = table.choice("permission", ("READ-ONLY", "READ-WRITE")) == "READ-WRITE"
        if "base" in table:
            base, size = table.integer("base"), table.integer("size", low=1)
            grants.append(Peripheral(f"{base:#010x}", base, size, writable, node))
            continue
        name = table.text("name")
        if name not in by_name:
            table.at("name").fail(
                f"no [[peripheral]] '{name}' in the product", suggest(name, by_name)
            )
        named = by_name[name]
        grants.append(Peripheral(name, named.base, named.size, writable, node))
    return grants
