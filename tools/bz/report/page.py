"""Renders the facts of a build as one HTML page that needs nothing else.

No script, no font, no image, no address of a network: it is read from a file, printed, or kept with
a release. What the colours and rights mean is said in its legend. Called by commands/report.py.
"""

from __future__ import annotations

from pathlib import Path

from bz.report import areas, draw, sections, strips
from bz.report.areas import Area
from bz.report.facts import Report
from bz.report.html import Child, Markup, element, join
from bz.report.rights import CALL, Access, Subject
from bz.report.sections import three

STYLE = Path(__file__).with_name("style.css")
PARTITION_COLOURS = 8
# Subjects that fit beside each other with room for their names, and at all; more are listed.
ROOMY_MAX, MATRIX_MAX = 8, 14

_FIXED = {  # class, and words of the legend
    areas.BOOT: ("o-boot", "boot: immutable, runs first, checks the images"),
    areas.MANAGER: ("o-manager", "manager: privileged, keeps everybody apart"),
    areas.SHARED: ("o-shared", "shared: gateways, and code that partitions share"),
    areas.AGENT: ("o-agent", "agent: the thread behind the gateways"),
    areas.APPLICATION: ("o-application", "application: the non-secure world"),
    areas.RESERVED: ("o-reserved", "reserved: no code touches it"),
    areas.FREE: ("o-free", "free"),
    areas.PLAN: ("o-plan", "framed: its parts are in a strip of their own"),
}
_LEVELS = {
    1: "the application cannot touch the secure world; partitions can touch each other",
    2: "as level 1, and an Application RoT partition can touch no data but its own",
    3: "as level 2, and no partition can touch code or data of another",
}
_INTRO = (
    "Bartizan is firmware that keeps a device's secrets and services in a secure world, out of "
    "reach of the application beside it. This page shows one build of it: what lies where in "
    "memory, who may touch it, how large it is and what a call costs."
)


def render(report: Report) -> str:
    """The page's text; the same facts give the same text."""
    style = _styles(report)
    product = report.product
    title = f"{product.name}, isolation level {product.isolation}, profile {product.profile}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"Bartizan: {title}"),
        element("style", Markup(STYLE.read_text("utf-8"))),
    )
    body = element(
        "body",
        _header(report, title),
        element(
            "main",
            _legend(report, style),
            _map("flash", "Flash", [report.flash], report, style),
            _map("ram", "RAM, and the ROM of boot", report.memories, report, style),
            _devices(report, style),
            sections.partitions(report, style),
            sections.images(report, style),
            sections.sizes(report),
            sections.costs(report),
        ),
        _footer(report),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _styles(report: Report) -> dict[str, str]:
    """The class of each owner."""
    style = {owner: class_ for owner, (class_, _) in _FIXED.items()}
    for number, each in enumerate(report.product.partitions):
        style[each.name] = f"o-p{number % PARTITION_COLOURS}"
    return style


# ---- Head and foot -------------------------------------------------------------------------------


def _header(report: Report, title: str) -> Markup:
    product = report.product
    cpu = product.cpu
    extras = [name for name, has in (("DSP", cpu.dsp), ("FPU", cpu.fpu)) if has]
    core = cpu.core.replace("cortex-m", "Cortex-M") + "".join(f", {each}" for each in extras)
    told = [
        ("board", product.title),
        ("core", f"{core}, {cpu.clock_hz / 1e6:g} MHz, {cpu.mpu_regions} MPU regions"),
        (f"level {product.isolation}", _LEVELS[product.isolation]),
        ("version", f"{product.version}, security counter {product.security_counter}"),
        ("algorithms", ", ".join(product.profile_values["crypto_algorithms"])),
    ]
    links = [
        ("flash", "Flash"),
        ("ram", "RAM"),
        ("devices", "Devices"),
        ("partitions", "Partitions"),
        ("images", "Images"),
        ("sizes", "Sizes"),
        ("costs", "Costs"),
    ]
    return element(
        "header",
        element("h1", title),
        element("p", _INTRO, class_="intro"),
        sections.facts_list([(name, text) for name, text in told]),
        element("nav", *(element("a", text, href=f"#{key}") for key, text in links)),
    )


def _footer(report: Report) -> Markup:
    source = Path(report.product.file)
    name = source.name if source.is_absolute() else str(source)
    words = f"Made by ./bz report from {name}, the linked images and their MPU tables."
    return element("footer", element("p", words))


def _legend(report: Report, style: dict[str, str]) -> Markup:
    owners = [(style[owner], words) for owner, (_, words) in _FIXED.items()]
    kinds = {True: "PSA RoT", False: "Application RoT"}
    named = [
        (style[each.name], f"partition {each.name}: {kinds[each.is_psa_rot]}")
        for each in report.product.partitions
    ]
    swatches = [
        element("li", element("i", class_=f"swatch {class_}"), words)
        for class_, words in owners[:4] + named + owners[4:]
    ]
    rights: list[tuple[str, Child]] = [
        ("r w x", "may read, write, execute; - may not. Who tries anyway causes a fault."),
        (CALL, "may be entered from the application, at the gateways only"),
        ("r*", "not directly: the manager does it for a partition that asks"),
        ("~", "in a part of the area only"),
        ("boot", "has no limits, and nothing of it is left once it has started the secure image"),
        (
            "manager",
            "is privileged: no limits but the closed provisioning region, and what it may "
            "neither change nor execute itself",
        ),
        ("application", "may itself forbid more within its own world"),
    ]
    return element(
        "section",
        element("h2", "How to read it"),
        element("ul", *swatches, class_="owners"),
        sections.facts_list(rights),
        id="legend",
    )


# ---- Maps ----------------------------------------------------------------------------------------


def _map(key: str, title: str, tree: list[Area], report: Report, style: dict[str, str]) -> Markup:
    rows = [each for area in tree for each in _rows(area)]
    numbers = {each: number for number, each in enumerate(rows, 1)}
    whole = list(tree[0].parts) if len(tree) == 1 else tree
    drawn = strips.plan(title, whole)
    total = sum(each.size for each in tree)
    words = (
        f"{draw.amount(total)}. Every strip is to scale, on the scale written above it; what is "
        "too small to see in one is shown larger in the strip with the letter below it. Numbers "
        "are those of the table."
    )
    return element(
        "section",
        element("h2", title),
        element("p", words, class_="words"),
        *(draw.strip(each, numbers, style, key) for each in drawn),
        _table(rows, numbers, report, style),
        id=key,
    )


def _rows(area: Area) -> list[Area]:
    """An area and its parts, in the order of the table; the flash itself is the heading."""
    own = [] if area.name == "flash" else [area]
    return own + [each for part in area.parts for each in _rows(part)]


def _devices(report: Report, style: dict[str, str]) -> Markup:
    numbers = {each: number for number, each in enumerate(report.devices, 1)}
    return element(
        "section",
        element("h2", "Devices"),
        element("p", sections.devices_words(report.devices), class_="words"),
        _table(report.devices, numbers, report, style) if report.devices else None,
        id="devices",
    )


def _table(
    rows: list[Area], numbers: dict[Area, int], report: Report, style: dict[str, str]
) -> Markup:
    subjects = report.rights.subjects
    heads = ["", "area", "from", "size", "owner"]
    head = element(
        "tr",
        *(element("th", each, scope="col") for each in heads),
        *(element("th", each.name, scope="col", class_="subject") for each in subjects),
    )
    body = [_row(each, numbers[each], report, style) for each in rows]
    return element(
        "table",
        element("thead", head),
        element("tbody", *body),
        class_=f"areas{_form(len(subjects))}",
    )


def _form(subjects: int) -> str:
    if subjects <= ROOMY_MAX:
        return ""
    return " dense" if subjects <= MATRIX_MAX else " many"


def _row(area: Area, number: int, report: Report, style: dict[str, str]) -> Markup:
    note = element("span", area.note, class_="note") if area.note else None
    used = element("span", _used(area), class_="note") if _used(area) else None
    return element(
        "tr",
        element("td", element("i", str(number), class_=f"swatch {style[area.owner]}")),
        element("th", area.name, note, used, scope="row"),
        element("td", element("code", draw.address(area.start)), class_="from"),
        element("td", draw.amount(area.size), class_="size"),
        element("td", "" if area.parts else area.owner, class_="owner"),
        *(_right(each, area, report) for each in report.rights.subjects),
        class_="whole" if area.parts else None,
    )


def _used(area: Area) -> str:
    free = sum(each.size for each in area.leaves() if each.owner == areas.FREE)
    if free == 0 or not area.parts:
        return ""
    used = area.size - free
    return f"{draw.amount(used)} used ({used / area.size:.1%}), {draw.amount(free)} free"


def _right(subject: Subject, area: Area, report: Report) -> Markup:
    """Of an area with parts nothing is told: its parts differ."""
    access = Access("") if area.parts else report.rights.of(subject, area)
    text = _words(access)
    kind = "right" if text else "right none"
    kind += " privileged" if subject.privileged else ""
    return element("td", text or None, class_=kind, data_who=subject.name)


def _words(access: Access) -> str:
    direct = access.direct if access.direct in ("", CALL) else three(access.direct)
    told = f"~{direct}" if access.partly and direct else direct
    called = f"{access.by_call}*" if access.by_call else ""
    return join(told, " " if told and called else None, called)
