"""Who may read, write and execute what, decoded from the MPU words in the linked secure image.

The words are the tables that tools/gen emitted and the linker resolved: what the device loads. The
non-secure world is what the product says is non-secure, as platform/ gives it to the SAU. Called by
facts.py. The rules of the processor (ARM DDI 0553: MPU, default memory map) are here; no right of a
product is.
"""

from __future__ import annotations

from dataclasses import dataclass

from bz.report.areas import AGENT, APPLICATION, BOOT, MANAGER, Area
from bz.report.elf import Elf
from gen.emit_tables import AGENT_REGIONS, region_arrays
from gen.model import FLASH_RIGHTS, Product

CALL = "call"  # non-secure callable: only entered, at a gateway
_MANAGER_CODE = ("__manager_code_start", "__manager_code_end")
_ADDRESS = 0xFFFFFFE0
_XN, _AP_ANY, _AP_READ_ONLY = 0x1, 0x2, 0x4
_ENABLE = 0x1
# The default map, used by privileged code where no region is: never executable, DDI 0553 B7.
_DEFAULT_XN = ((0x40000000, 0x60000000), (0xA0000000, 0x100000000))


@dataclass(frozen=True)
class Window:
    """A stretch with one set of rights: letters of "rwx", or CALL."""

    start: int
    end: int
    rights: str


@dataclass(frozen=True)
class Subject:
    """Somebody who runs. `privileged`: has the default map behind the windows."""

    name: str
    windows: tuple[Window, ...]
    privileged: bool = False
    foreign: tuple[Window, ...] = ()  # of the non-secure world, where secure code never executes

    def rights_at(self, address: int) -> str:
        """An address in two regions faults for everybody; one in none has the default, or none."""
        hits = [each for each in self.windows if each.start <= address < each.end]
        if len(hits) > 1:
            return ""
        found = hits[0].rights if hits else self._default(address)
        if any(each.start <= address < each.end for each in self.foreign):
            found = found.replace("x", "")
        return found

    def _default(self, address: int) -> str:
        if not self.privileged:
            return ""
        return "rw" if any(start <= address < end for start, end in _DEFAULT_XN) else "rwx"

    def edges(self) -> set[int]:
        windows = (*self.windows, *self.foreign)
        return {edge for each in windows for edge in (each.start, each.end)}


@dataclass(frozen=True)
class Access:
    """Of a subject to an area: what it may directly, and what the manager does when called."""

    direct: str
    partly: bool = False  # different in parts of the area; `direct` is what some part allows
    by_call: str = ""


class Rights:
    """The subjects of a build, and their rights."""

    def __init__(self, product: Product, secure: Elf) -> None:
        self.mpu_lists = {
            name: _windows(secure.words(array, _MANAGER_CODE))
            for name, array in {AGENT: AGENT_REGIONS, **region_arrays(product)}.items()
        }
        self._granted = _granted(product)
        outside = _non_secure(product)
        callable_ = Window(secure.at("__gateways_start"), secure.at("__gateways_end"), CALL)
        manager = _manager_windows(product, secure)
        unprivileged = [Subject(name, found) for name, found in self.mpu_lists.items()]
        self.subjects = [
            Subject(BOOT, (), privileged=True),
            Subject(MANAGER, manager, privileged=True, foreign=outside),
            *unprivileged,
            Subject(APPLICATION, (*outside, callable_)),
        ]

    def of(self, subject: Subject, area: Area) -> Access:
        """What a subject may do everywhere in an area, or in some part of it."""
        points = {area.start} | {edge for edge in subject.edges() if area.start < edge < area.end}
        found = [subject.rights_at(each) for each in sorted(points)]
        by_call = self._granted.get((subject.name, area.start, area.size), "")
        if len(set(found)) == 1:
            return Access(found[0], by_call=by_call)
        some = "".join(letter for letter in "rwx" if any(letter in each for each in found))
        return Access(some, partly=True, by_call=by_call)


def _windows(words: list[int], privileged: bool = False) -> tuple[Window, ...]:
    """The enabled regions of a list of RBAR and RLAR."""
    pairs = zip(words[::2], words[1::2], strict=True)
    return tuple(
        Window(rbar & _ADDRESS, (rlar & _ADDRESS) + 32, _rights(rbar, privileged))
        for rbar, rlar in pairs
        if rlar & _ENABLE
    )


def _rights(rbar: int, privileged: bool) -> str:
    if not privileged and not rbar & _AP_ANY:
        return ""
    writable = "" if rbar & _AP_READ_ONLY else "w"
    return f"r{writable}{'' if rbar & _XN else 'x'}"


def _manager_windows(product: Product, secure: Elf) -> tuple[Window, ...]:
    """Its own RAM; the code that every list begins with, never unloaded; the closed region, which
    two regions cover."""
    own = _windows(secure.words("spm_manager_region", _MANAGER_CODE), privileged=True)
    first = _windows(secure.words(AGENT_REGIONS, _MANAGER_CODE)[:2], privileged=True)
    closed = [
        Window(start, start + region.size, "")
        for region in product.regions
        if region.name == "provisioning"
        for start in (product.flash.base + region.offset,)
    ]
    return (*own, *first, *closed, *closed)


def _non_secure(product: Product) -> tuple[Window, ...]:
    memories = [each for each in product.memories.values() if each.world == "non-secure"]
    slot = product.non_secure_image
    start = product.flash.base + slot.slot_offset
    return (
        Window(start, start + slot.slot_size, "rwx"),
        *(Window(each.base, each.base + each.size, "rwx") for each in memories),
    )


def _granted(product: Product) -> dict[tuple[str, int, int], str]:
    """What the manager does for partitions: flash regions, and reading of the hand-off."""
    found = {}
    handoff = product.memories["handoff"]
    for partition in product.partitions:
        for grant in partition.flash:
            start = product.flash.base + grant.region.offset
            rights = "rw" if FLASH_RIGHTS[grant.rights] & 2 else "r"
            found[partition.name, start, grant.region.size] = rights
        if "handoff" in partition.rights or partition.secrets:
            found[partition.name, handoff.base, handoff.size] = "r"
    return found
