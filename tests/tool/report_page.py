"""What the tests of `bz report` share: a page as data, and what must be on it, found out without
the code that makes the page: from product.json and the symbols of the linked images.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from bz.variant import Variant


@dataclass(frozen=True)
class Row:
    """A row of a table of areas. `rights`: the text for each subject."""

    name: str
    start: int
    size: int
    owner: str
    rights: dict[str, str]


def text_of(element: xml.Element) -> str:
    return "".join(element.itertext())


def parse(text: str) -> xml.Element:
    """The page, which is well-formed XML too."""
    return xml.fromstring(text.removeprefix("<!DOCTYPE html>"))


def size_of(text: str) -> int:
    number, unit = text.replace(",", "").split()
    return int(number) * {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}[unit]


def rows_of(page: xml.Element, section: str) -> list[Row]:
    """The areas of a section, without those that only hold others."""
    found = []
    for tr in page.findall(f".//section[@id='{section}']//tbody/tr"):
        if tr.get("class") == "whole":
            continue
        cells = {(each.get("class") or "").split(" ")[0]: text_of(each) for each in tr}
        rights = {
            each.get("data-who", ""): text_of(each)
            for each in tr
            if (each.get("class") or "").startswith("right")
        }
        name = (tr.find("th").text or "") if tr.find("th") is not None else ""
        start, size = int(cells["from"], 16), size_of(cells["size"])
        found.append(Row(name, start, size, cells["owner"], rights))
    return found


def symbols_of(path: Path) -> dict[str, int]:
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {each.name: each["st_value"] for each in table.iter_symbols()}


def product_of(made: Variant) -> dict[str, Any]:
    return dict(json.loads((made.generated / "product.json").read_text("utf-8")))


def expected(made: Variant) -> dict[tuple[int, int], str]:
    """Owner by start and size: of flash regions, slots and all that the images have."""
    product = product_of(made)
    base = product["flash"]["base"]
    found: dict[tuple[int, int], str] = {}
    for region in product["region"]:
        owner = "reserved" if region["owner"] == "none" else region["owner"]
        found[base + region["offset"], region["size"]] = owner
    for image in product["image"]:
        secondary = image["secondary"]
        found[base + secondary["offset"], secondary["size"]] = "reserved"
    found |= _secure(made, product) | _others(made, product)
    return {place: owner for place, owner in found.items() if place[1]}


def _span(at: dict[str, int], first: str, last: str) -> tuple[int, int]:
    return at[first], at[last] - at[first]


def _secure(made: Variant, product: dict[str, Any]) -> dict[tuple[int, int], str]:
    at = symbols_of(made.elf("secure"))
    found = {
        _span(at, "__gateways_start", "__gateways_end"): "shared",
        _span(at, "__shared_code_start", "__shared_code_end"): "shared",
        _span(at, "__manager_code_start", "__manager_code_end"): "manager",
        _span(at, "__manager_stack_limit", "__manager_stack_top"): "manager",
        _span(at, "__manager_bss_start", "__manager_ram_end"): "manager",
        _span(at, "__agent_stack_limit", "__agent_stack_top"): "agent",
        _span(at, "__idle_stack_limit", "__idle_stack_top"): "agent",
    }
    for partition in product["partition"]:
        name = partition["name"]
        own = f"__part_{name}"
        bss_end = f"{own}_heap_start" if partition["heap_size"] else f"{own}_ram_end"
        found |= {
            _span(at, f"{own}_code_start", f"{own}_code_end"): name,
            _span(at, f"{own}_stack_limit", f"{own}_stack_top"): name,
            _span(at, f"{own}_data_start", f"{own}_bss_start"): name,
            _span(at, f"{own}_bss_start", bss_end): name,
        }
        if partition["heap_size"]:
            found[_span(at, bss_end, f"{own}_ram_end")] = name
    return found


def _others(made: Variant, product: dict[str, Any]) -> dict[tuple[int, int], str]:
    boot, application = symbols_of(made.boot_elf), symbols_of(made.elf("non-secure"))
    memory = product["memory"]
    return {
        _span(boot, "__boot_code_start", "__boot_code_end"): "boot",
        _span(boot, "__boot_stack_limit", "__boot_stack_top"): "boot",
        _span(boot, "__boot_bss_start", "__boot_bss_end"): "boot",
        _span(application, "__ns_image_start", "__ns_image_end"): "application",
        _span(application, "__ns_stack_limit", "__ns_stack_top"): "application",
        _span(application, "__bss_start", "__bss_end"): "application",
        (memory["handoff"]["base"], memory["handoff"]["size"]): "boot",
        (memory["retained"]["base"], memory["retained"]["size"]): "boot",
    }


def names(made: Variant) -> set[str]:
    """All that has to be named."""
    product = product_of(made)
    found = {"boot", "manager", "agent", "shared", "application"}
    found |= {each["name"] for key in ("region", "image", "partition") for each in product[key]}
    found |= {each["name"] for each in product.get("peripheral", [])} | set(product["memory"])
    for partition in product["partition"]:
        found |= {service["name"] for service in partition["services"]}
        found |= {each["name"] for each in partition["mmio"]}
    return found
