"""The sections of the page below the maps: partitions, devices, images, sizes, costs.

Called by page.py with the facts; each function gives the markup of one section or part. Nothing is
computed here but sums and percentages of what the facts hold.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from bz import figures, size
from bz.report import draw
from bz.report.areas import AGENT, Area, name_of, partition_code, partition_parts
from bz.report.draw import address, amount
from bz.report.facts import ImageFacts, Report
from bz.report.html import Child, Markup, element, join
from bz.report.rights import Window
from gen.model import MPU_RESERVED, Irq, Partition, Service

_KINDS = {
    "PSA-ROT": "PSA Root of Trust",
    "APPLICATION-ROT": "Application Root of Trust",
}
_MODELS = {
    "SFN": "SFN: the manager calls a function for each message",
    "IPC": "IPC: a thread that waits for messages",
}
_HANDED = {"handoff": "the public part of the hand-off", "reset": "a reset of the device"}


def three(rights: str) -> str:
    """The rights in three letters, such as r-x."""
    return "".join(letter if letter in rights else "-" for letter in "rwx")


def table(heads: list[Child], rows: list[list[Child]], class_: str) -> Markup:
    """A table whose first column names the row; the others are numbers or bars."""
    head = element("tr", *(element("th", each, scope="col") for each in heads))
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", each) for each in row[1:]),
        )
        for row in rows
    ]
    return element("table", element("thead", head), element("tbody", *body), class_=class_)


def facts_list(rows: list[tuple[str, Child]]) -> Markup:
    pairs = [join(element("dt", name), element("dd", value)) for name, value in rows if value]
    return element("dl", *pairs)


def lines(texts: list[Child]) -> Markup | None:
    return element("ul", *(element("li", each) for each in texts)) if texts else None


def _section(key: str, title: str, words: str, *children: Child) -> Markup:
    heading = element("h2", title)
    return element("section", heading, element("p", words, class_="words"), *children, id=key)


# ---- Partitions ----------------------------------------------------------------------------------


def partitions(report: Report, style: dict[str, str]) -> Markup:
    cards = [_partition(report, each, style) for each in report.product.partitions]
    return _section(
        "partitions",
        "Secure partitions",
        "Each service runs in a partition: unprivileged code that sees the memory listed here and "
        "nothing else. Whatever it needs beyond that it asks the manager for.",
        element("div", *cards, _agent(report, style), class_="cards"),
    )


def _partition(report: Report, partition: Partition, style: dict[str, str]) -> Markup:
    manifest = partition.manifest
    parts = partition_parts(report.memories, partition.name)
    code = partition_code(report.flash, partition.name)
    limits = {each.name: each for each in report.budgets}
    rows: list[tuple[str, Child]] = [
        ("trusted as", _KINDS[manifest.rot]),
        ("model", _MODELS[manifest.model]),
        ("priority", manifest.priority.lower()),
        ("services", lines([_service(each) for each in manifest.services])),
        ("may call", lines(_called(report, partition))),
        ("code", _budget(limits.get(f"{partition.name} code")) or amount(code)),
        ("RAM", join(_ram(parts), _budget(limits.get(f"{partition.name} ram")))),
        ("MPU regions", _mpu(report, partition.name, manifest.map_regions)),
        ("by the manager", lines(_given(partition))),
        ("interrupts", lines([_interrupt(each) for each in manifest.irqs])),
        ("from", "outside the tree" if partition.archive else None),
    ]
    return _card(partition.name, f"id 0x{partition.id:x}", style[partition.name], rows)


def _ram(parts: list[tuple[str, int]]) -> Markup:
    told = [
        element(
            "span",
            element("i", class_=f"swatch mini k-{name}"),
            f"{name} {amount(size)}",
            class_="part",
        )
        for name, size in parts
    ]
    spaced = [each for one in told for each in (" ", one)]
    whole = f"{amount(sum(size for _, size in parts))}:"
    return join(whole, *spaced, draw.stack([(name, size, f"k-{name}") for name, size in parts]))


def _budget(budget: size.Budget | None) -> Markup | None:
    """How much of its budget a partition uses, if it has one."""
    if budget is None:
        return None
    told = f"{budget.used:,} of {budget.limit:,} bytes of its budget"
    return join(element("p", told), draw.bar(budget.used, budget.limit))


def _card(name: str, right: str, style: str, rows: list[tuple[str, Child]]) -> Markup:
    swatch = element("i", class_=f"swatch {style}")
    head = element("h3", swatch, name, element("span", right, class_="id"))
    return element("article", head, facts_list(rows), id=f"partition-{name}")


def _agent(report: Report, style: dict[str, str]) -> Markup:
    rows: list[tuple[str, Child]] = [
        ("what it is", "the thread that brings calls of the application in, through the gateways"),
        ("MPU regions", _mpu(report, AGENT)),
    ]
    return _card(AGENT, "", style[AGENT], rows)


def _service(service: Service) -> Markup:
    callers = "application and partitions" if service.non_secure_clients else "partitions only"
    handle = f", handle 0x{service.handle:08x}" if service.handle else ", by connection"
    told = f" SID 0x{service.sid:08x}, version {service.version}{handle}; for {callers}"
    return join(element("b", service.name), told)


def _called(report: Report, partition: Partition) -> list[Child]:
    names = {each.sid: each for each in report.product.services}
    return [f"{names[sid].name} of {names[sid].partition}" for sid in partition.dependency_sids]


def _secret(name: str) -> str:
    return "a key of its own" if name == "partition_key" else f"secret {name.replace('_', ' ')}, once"


def _given(partition: Partition) -> list[Child]:
    return [
        *(f"flash region {each.region.name}: {each.rights}" for each in partition.flash),
        *(_HANDED.get(each, each) for each in partition.rights),
        *(_secret(each) for each in partition.secrets),
    ]


def _interrupt(irq: Irq) -> Child:
    return f"{irq.number}, signal {irq.signal}, {irq.handling}"


def _mpu(report: Report, name: str, maps: int = 0) -> Markup:
    windows = report.rights.mpu_lists[name]
    room = report.product.cpu.mpu_regions - MPU_RESERVED
    more = f", {maps} more for mapped vectors" if maps else ""
    told = lines([_window(report, each) for each in windows])
    return join(element("p", f"{len(windows)} of {room}{more}"), told)


def _window(report: Report, window: Window) -> Markup:
    rights = element("code", three(window.rights), class_="r")
    span = element("code", f"{address(window.start)}..{address(window.end - 1)}")
    return join(rights, " ", _covered(report, window), " ", span)


def _covered(report: Report, window: Window) -> str:
    """The first and the last area of a window."""
    leaves = [
        leaf for area in (report.flash, *report.memories) for leaf in area.leaves()
    ] + report.devices
    inside = [each for each in leaves if each.start < window.end and window.start < each.end]
    if not inside:
        return "device registers"
    return name_of(inside[0], inside[-1])


# ---- Images and trust ----------------------------------------------------------------------------


def images(report: Report, style: dict[str, str]) -> Markup:
    cards = [_image(each) for each in report.images]
    return _section(
        "images",
        "Signed images",
        "Boot starts an image only if its digest and signature are right, its key is one that the "
        "device trusts, and its security counter is not below the device's.",
        element("div", *cards, class_="cards"),
        _anchors(report),
    )


def _image(held: ImageFacts) -> Markup:
    used = f"{held.size:,} of {held.slot_size:,} bytes ({held.size / held.slot_size:.1%})"
    rows: list[tuple[str, Child]] = [
        ("world", held.world),
        ("version", held.version),
        ("security counter", str(held.security_counter)),
        ("slot", join(used, draw.bar(held.size, held.slot_size))),
        ("digest", element("code", held.digest, class_="digest")),
        ("key", held.key),
        ("key digest", element("code", held.key_digest, class_="digest")),
    ]
    return element("article", element("h3", held.name), facts_list(rows), id=f"image-{held.name}")


def _anchors(report: Report) -> Markup:
    names = {each.id: each.name for each in report.product.images}
    keys = {each.key_digest: each.key for each in report.images}
    rows: list[tuple[str, Child]] = []
    for anchor in report.anchors:
        digests = [
            join(
                keys.get(each["digest"], "another key"),
                " ",
                element("code", each["digest"], class_="digest"),
            )
            for each in anchor["keys"]
        ]
        needed = element("p", f"{anchor['required']} of {len(digests)} must have signed")
        title = f"image {names.get(anchor['image_id'], anchor['image_id'])}"
        rows.append((title, join(needed, lines(list(digests)))))
    words = (
        "What ./bz device new puts into a device with the keys of this checkout; "
        f"its life cycle: {report.life_cycle}."
    )
    return element(
        "article",
        element("h3", "Trust anchors of a new device"),
        element("p", words),
        facts_list(rows),
        id="anchors",
        class_="full",
    )


# ---- Sizes ---------------------------------------------------------------------------------------


def sizes(report: Report) -> Markup:
    return _section(
        "sizes",
        "Sizes",
        "Bytes. Code has constants in it; data has first values, in flash, and lies in RAM; bss "
        "starts as zeros, heaps are in it. A build that exceeds a budget of the product fails.",
        _budgets(report.budgets) if report.budgets else None,
        *(_image_sizes(name, held) for name, held in report.sizes.items()),
    )


def _budgets(budgets: list[size.Budget]) -> Markup:
    rows: list[list[Child]] = [
        [
            each.name,
            f"{each.used:,}",
            f"{each.limit:,}",
            f"{each.used / each.limit:.0%}",
            draw.bar(each.used, each.limit),
        ]
        for each in budgets
    ]
    title = element("h3", "Budgets")
    return join(title, table(["budget", "used", "limit", "", ""], rows, "numbers budgets"))


def _image_sizes(name: str, held: dict[str, Any]) -> Markup:
    views = {"owner": held["owners"], "library": held["libraries"]}
    title = f"{name}: binary {held['binary']:,}, RAM {held['ram']:,}"
    return element(
        "div",
        element("h3", title),
        *(_size_table(what, found, held) for what, found in views.items() if found),
        id=f"size-{name}",
    )


def _size_table(what: str, found: dict[str, Any], held: dict[str, Any]) -> Markup:
    whole = max(1, held["text"] + held["data"])
    heads: list[Child] = [f"by {what}", "code", "data", "bss", "stack", "share of code and data"]
    rows = [_size_row(name, each, whole) for name, each in found.items()]
    return table(heads, rows, "numbers sizes")


def _size_row(name: str, held: dict[str, int], whole: int) -> list[Child]:
    numbers = [f"{held[kind]:,}" if held[kind] else "-" for kind in size.KINDS]
    return [name, *numbers, draw.bar(held["text"] + held["data"], whole)]


# ---- Costs ---------------------------------------------------------------------------------------


def costs(report: Report) -> Markup:
    words = (
        "Executed instructions on the emulated board, the same in every run, and operations of the "
        "flash: erased sectors and programmed units."
    )
    if report.costs is None:
        missing = join("Not measured yet: run ", element("code", report.bench_command), ", then ")
        again = join(missing, element("code", "./bz report"), " again.")
        return _section("costs", "What a call costs", words, element("p", again, class_="missing"))
    limits = tomllib.loads(figures.GOALS.read_text("utf-8"))["instructions"]
    level = report.product.isolation
    rows = [
        _cost_row(each, limits.get(each["name"], [None] * level)[level - 1])
        for each in report.costs["metrics"]
    ]
    heads: list[Child] = ["call", "instructions", "goal", "", "erases / programs"]
    return _section(
        "costs",
        "What a call costs",
        words,
        table(heads, rows, "numbers costs"),
        element("p", "From the last ./bz bench of this variant.", class_="words"),
    )


def _cost_row(metric: dict[str, Any], goal: int | None) -> list[Child]:
    count = metric["instructions"]
    over = "over" if goal is not None and count > goal else "used"
    number = element("b", f"{count:,}", class_="over") if over == "over" else f"{count:,}"
    flash = f"{metric['erases']} / {metric['programs']}"
    return [
        _title(metric),
        number,
        "-" if goal is None else f"{goal:,}",
        None if goal is None else draw.bar(count, goal, over),
        flash if metric["erases"] + metric["programs"] else "-",
    ]


def _title(metric: dict[str, Any]) -> Markup:
    """As in docs/figures.md; what stands between backticks there is code."""
    title = figures.TITLES.get(metric["name"], metric["name"])
    title += f" ({metric['value']} bytes)" if "value" in metric else ""
    parts = re.split(r"`([^`]*)`", title)
    return join(*(element("code", each) if at % 2 else each for at, each in enumerate(parts)))


def devices_words(devices: list[Area]) -> str:
    return (
        "Registers that the product names. The manager gives a partition those that its manifest "
        "asks for, and keeps the others."
        if devices
        else "The product names none."
    )
