"""Counts executed instructions and flash operations of a product, under the emulator.

A bench product is derived: the product under measure and a few partitions more, with the measuring
application of tests/bench in its non-secure slot. Keys, images and device follow from fixed seeds,
and the emulator's time from the instructions, so that two runs give identical numbers. The counting
is done by a plugin of the emulator (tests/bench/plugin.c); here its addresses get names.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from bz import build, device, keys, masks, paths, process
from bz.console import BzError
from bz.emulator import APPLICATION, QEMU, Board, Emulator
from bz.masks import Symbol
from bz.variant import Variant
from gen.model import Product
from gen.product import find_product

SOURCE = paths.ROOT / "tests" / "bench"
FOLDER = paths.BUILD / "bench"
SEED = 1
# Folders and ids of the partitions; the ids are the largest, which no product is likely to use.
PARTITIONS = {
    "bench": (SOURCE, 0x7FFFFFFF),
    "bench_prot_ipc": (SOURCE / "prot_ipc", 0x7FFFFFFE),
    "bench_arot_ipc": (SOURCE / "arot_ipc", 0x7FFFFFFD),
}
TIMEOUT_SECONDS = 300.0
NOT_SUPPORTED = -134  # PSA_ERROR_NOT_SUPPORTED: the profile leaves the operation out
FIRST_API_2 = 9  # the first QEMU that refuses plugins of interface version 1

# In the order in which they are shown; what a product has no operation for is absent.
METRICS = (
    "boot_to_ns_first",
    "boot_to_ns_warm",
    "secure_main_to_ns_warm",
    "psa_framework_version",
    "psa_version",
    "psa_call_0vec_prot_ipc",
    "psa_call_0vec_arot_ipc",
    "psa_call_0vec_sfn",
    "psa_call_1in1out_64_arot_ipc",
    "psa_call_1in1out_64_sfn",
    "psa_call_1in1out_4096_arot_ipc",
    "psa_call_1in1out_4096_sfn",
    "connect_close_arot",
    masks.METRIC,
    "its_set_64",
    "its_set_512",
    "its_get_64",
    "its_get_512",
    "its_get_info",
    "its_set_64_amortised",
    "ps_set_64",
    "ps_set_512",
    "ps_get_64",
    "ps_get_512",
    "store_mount_64",
    "hash_sha256_64",
    "hash_sha256_1024",
    "hash_sha256_65536",
    "aead_ccm_1024",
    "aead_gcm_1024",
    "random_32",
    "import_aes",
    "sign_p256",
    "verify_p256",
    "ecdh_p256",
    "attest_token",
    "attest_token_size",
)
# Metrics of a start: on which power-on, from where to where.
_STARTS = {
    "boot_to_ns_first": ("first", "reset", "ns_reset"),
    "boot_to_ns_warm": ("warm", "reset", "ns_reset"),
    "secure_main_to_ns_warm": ("warm", "spm_entry", "ns_reset"),
}
_MEASURED_CALL = 2  # the second of two
# What a start adds to its first call: what the first of two calls takes more than the second. The
# first power-on leaves the device as it is measured at the next one.
_FIRST_CALLS = {"store_mount_64": "warm"}
# Metrics that are the mean of many calls: how many, as in tests/bench/ns.
CALLS = {"its_set_64_amortised": 500}
_ROW = re.compile(r"^bench: (\w+) (-?\d+) (\d+)$")
_ENDED = re.compile(r"^bench: done$")


@dataclass(frozen=True)
class Reading:
    """The plugin's counters when a point was reached."""

    instructions: int = 0
    erases: int = 0
    programmed_bytes: int = 0

    def without(self, begin: Reading, end: Reading) -> Reading:
        """Less what was counted between two others."""
        return Reading(
            self.instructions - (end.instructions - begin.instructions),
            self.erases - (end.erases - begin.erases),
            self.programmed_bytes - (end.programmed_bytes - begin.programmed_bytes),
        )


@dataclass
class Trace:
    """What one power-on gave."""

    points: dict[int, list[Reading]] = field(default_factory=lambda: defaultdict(list))
    executions: dict[int, int] = field(default_factory=dict)  # by address, of the profiled metric
    masked: masks.Run = field(default_factory=masks.Run)
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)  # status and value, by name


# ---- What is measured ----------------------------------------------------------------------------


def derive(measured: Variant) -> Variant:
    """The bench product of a product: written into the build directory, with keys of its own."""
    file = find_product(measured.declaration, paths.ROOT).resolve()
    base = file.relative_to(paths.ROOT) if file.is_relative_to(paths.ROOT) else file
    name = f"bench-{measured.product_name}"
    text = (
        (
            f"# Made by ./bz bench: {measured.product_name} with the partitions of tests/bench.\n"
            f"extends = {json.dumps(str(base))}\n\n"
            f"[product]\nname = {json.dumps(name)}\n"
            "release = false   # its keys and its device are known to everybody\n"
        )
        + "".join(
            f'\n[[partition]]\nname = "{partition}"\nid = {number:#x}\n'
            f'manifest = "{folder.relative_to(paths.ROOT)}/manifest.yaml"\n'
            for partition, (folder, number) in PARTITIONS.items()
        )
        + _no_budgets(measured.product)
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    declaration = FOLDER / f"{measured.product_name}.toml"
    if not declaration.exists() or declaration.read_text("utf-8") != text:
        declaration.write_text(text, "utf-8")
    return Variant(
        str(declaration.relative_to(paths.ROOT)),
        name,
        measured.isolation,
        measured.profile,
        application="bench",
        key_folder=FOLDER / "keys",
        extras=measured.extras,
    )


def _no_budgets(product: Product) -> str:
    """The budgets are the real product's; here only the memory limits."""
    limits = f"secure_code = {product.secure_image.slot_size}\n"
    limits += f"secure_ram = {product.memories['secure_ram'].size}\n"
    return "".join(f"\n[budget.{name}]\n{limits}" for name in product.tree.plain()["profile"])


def qemu_version() -> str:
    """The version in the emulator's own words, such as `7.2.22 (Debian ...)`."""
    code, text = process.run([QEMU, "--version"])
    found = re.search(r"version (.*)", text)
    if code != 0 or not found:
        raise BzError(f"{QEMU} does not tell its version", "run ./bz setup", text)
    return found[1]


def build_plugin() -> Path:
    """Compile the counting plugin for the emulator that is installed."""
    api = 2 if int(qemu_version().partition(".")[0]) >= FIRST_API_2 else 1
    plugin = FOLDER / f"plugin{api}.so"
    source = SOURCE / "plugin.c"
    if plugin.exists() and plugin.stat().st_mtime > source.stat().st_mtime:
        return plugin
    made = plugin.with_suffix(".new")
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    code, text = process.run(
        [
            "clang",
            *flags,
            "-fvisibility=hidden",
            f"-DPLUGIN_API={api}",
            "-o",
            str(made),
            str(source),
        ]
    )
    if code != 0:
        raise BzError("the emulator's plugin could not be compiled", "see clang's message", text)
    made.replace(plugin)
    return plugin


def symbols_of(elf: Path) -> list[Symbol]:
    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return [
            Symbol(
                each.name,
                each["st_value"] & ~1,
                each["st_size"],
                each["st_info"]["type"] == "STT_FUNC",
            )
            for each in table.iter_symbols()
            if each.name and each["st_shndx"] != "SHN_UNDEF"
        ]


# ---- Measuring -----------------------------------------------------------------------------------


class Bench:
    """A bench product, built, with one new device that it is measured on."""

    def __init__(self, measured: Variant) -> None:
        self.measured = measured
        self.variant = derive(measured)
        with build.locked(FOLDER):
            keys.make_known(self.variant.product, FOLDER / "keys")
            self.plugin = build_plugin()
            build.build(self.variant)
        self.images = {
            "boot": self.variant.boot_elf,
            "secure": self.variant.elf("secure"),
            "nonsecure": self.variant.elf("non-secure"),
        }
        self.symbols = {image: symbols_of(path) for image, path in self.images.items()}
        self.points = self._points()

    def _points(self) -> dict[str, int]:
        """Addresses by what they are called here."""
        points = {
            each.name: each.address
            for each in self.symbols["nonsecure"]
            if each.name.startswith(("bench_begin_", "bench_end_")) or each.name == "ns_reset"
        }
        points["spm_entry"] = self._address("secure", "spm_entry")
        with self.images["boot"].open("rb") as file:
            vectors = self._address("boot", "__boot_code_start")
            text = next(
                section
                for section in ELFFile(file).iter_sections()
                if section["sh_addr"] == vectors
            )
            points["reset"] = int.from_bytes(text.data()[4:8], "little") & ~1
        return points

    def _address(self, image: str, name: str) -> int:
        for each in self.symbols[image]:
            if each.name == name:
                return each.address
        raise BzError(
            f"the {image} image has no symbol {name}, which is measured",
            "correct the name in tools/bz/bench.py",
        )

    def _ends_of(self, metric: str) -> tuple[str, str, str, int]:
        """Power-on, the names of two points, and which visit of the first counts."""
        if metric in _STARTS:
            return (*_STARTS[metric], 1)
        if metric in _FIRST_CALLS:
            return _FIRST_CALLS[metric], f"bench_begin_{metric}", f"bench_end_{metric}", 1
        return "first", f"bench_begin_{metric}", f"bench_end_{metric}", _MEASURED_CALL

    def _requests(self, power_on: str, profiled: str | None) -> str:
        """The plugin's file of requests."""
        lines = [f"point {address:x}" for address in self.points.values()]
        for image in ("boot", "secure"):
            lines.append(f"program {self._address(image, 'platform_flash_program'):x}")
            lines.append(f"erase {self._address(image, 'platform_flash_erase'):x}")
        lines += masks.requests(
            self.images["secure"], self.symbols["secure"], self.points["ns_reset"]
        )
        flash = self.variant.product.flash
        lines.append(f"flash {flash.base:x} {flash.size:x}")
        if profiled and profiled != masks.METRIC:
            where, begin, end, visit = self._ends_of(profiled)
            if where == power_on:
                lines.append(f"profile {self.points[begin]:x} {self.points[end]:x} {visit:x}")
        return "\n".join(lines) + "\n"

    def run(self, profiled: str | None = None) -> dict[str, Trace]:
        """Power a new device on for the first time, and once more ("warm")."""
        if profiled not in (None, masks.METRIC) and self._ends_of(profiled)[1] not in self.points:
            raise BzError(
                f"{self.measured.name} has no operation '{profiled}'",
                "choose one that ./bz bench shows",
            )
        product = self.variant.product
        with tempfile.TemporaryDirectory(prefix="bz-bench-") as name:
            folder = Path(name)
            flash = folder / "device.bin"
            device.create(flash, product, SEED, key_folder=self.variant.key_folder)
            device.update_images(
                flash,
                product,
                {
                    each.name: self.variant.signed(each.world).read_bytes()
                    for each in product.images
                },
            )
            return {
                power_on: self._power_on(folder, flash, power_on, profiled)
                for power_on in ("first", "warm")
            }

    def _power_on(self, folder: Path, flash: Path, power_on: str, profiled: str | None) -> Trace:
        requests, out = folder / "requests", folder / f"{power_on}.out"
        requests.write_text(self._requests(power_on, profiled))
        plugin = str(self.plugin).replace(",", ",,")
        extra = [
            "-no-reboot",
            "-icount",
            "shift=0,sleep=off",
            "-plugin",
            f"{plugin},config={requests},out={out}",
        ]
        board = Emulator(Board.of(self.variant.product), flash, self.variant.boot_elf, extra)
        with board:
            board.wait_for(_ENDED if power_on == "first" else "^bench: ", TIMEOUT_SECONDS)
        trace = read_trace(out.read_text("ascii"))
        for line in board.lines(APPLICATION):
            if row := _ROW.match(line):
                trace.rows[row[1]] = int(row[2]), int(row[3])
        return trace

    def metrics(self, traces: dict[str, Trace]) -> list[dict[str, Any]]:
        """What was measured, in the order of METRICS; what is not supported is left out."""
        measured = []
        for name in METRICS:
            if name == masks.METRIC:
                measured += self._masked(traces["first"].masked)
                continue
            power_on, begin, end, visit = self._ends_of(name)
            if begin not in self.points:
                continue
            trace = traces[power_on]
            status, value = (0, 0) if name in _STARTS else trace.rows[name]
            if status == NOT_SUPPORTED:
                continue
            if status != 0:
                raise BzError(
                    f"operation {name} failed with status {status} on {self.variant.name}",
                    "see include/psa/error.h, and the row in tests/bench/ns",
                )
            before, after = (self._reading(trace, point, visit) for point in (begin, end))
            if name in _FIRST_CALLS:
                again = [self._reading(trace, point, _MEASURED_CALL) for point in (begin, end)]
                after = after.without(*again)
            metric = self._metric(name, before, after) | ({"value": value} if value else {})
            measured.append(_mean(metric, CALLS[name]) if name in CALLS else metric)
        return measured

    def _reading(self, trace: Trace, point: str, visit: int) -> Reading:
        readings = trace.points.get(self.points[point], [])
        if len(readings) < visit:
            raise BzError(
                f"{self.variant.name} never came to {point}",
                "run it again: the build must not change while it is measured",
            )
        return readings[visit - 1]

    def _metric(self, name: str, before: Reading, after: Reading) -> dict[str, Any]:
        programmed = after.programmed_bytes - before.programmed_bytes
        return {
            "name": name,
            "instructions": after.instructions - before.instructions,
            "erases": after.erases - before.erases,
            "programs": programmed // self.variant.product.flash.program_unit,
            "bytes": programmed,
        }

    def _masked(self, run: masks.Run) -> list[dict[str, Any]]:
        """Also says where the run begins and ends; nothing if nothing was watched."""
        if not run.instructions:
            return []
        masks.check(run, self.symbols)
        names = masks.Names(self.symbols)
        zero = Reading()
        return [
            self._metric(masks.METRIC, zero, Reading(run.instructions))
            | {"begin": names.of(run.addresses[0]), "end": names.of(run.addresses[-1])}
        ]

    def executed(self, metric: str) -> dict[int, int]:
        """How often each address was executed in a metric."""
        traces = self.run(metric)
        self.metrics(traces)
        if metric == masks.METRIC:
            return Counter(traces["first"].masked.addresses)
        return traces[self._ends_of(metric)[0]].executions


def _mean(metric: dict[str, Any], calls: int) -> dict[str, Any]:
    """Of one of many calls: erases are few, so only they keep a fraction."""
    means = {each: metric[each] // calls for each in ("instructions", "programs", "bytes")}
    return metric | means | {"erases": round(metric["erases"] / calls, 3), "calls": calls}


def read_trace(text: str) -> Trace:
    """Decode what the plugin wrote; the emulator may have been killed in the middle of a line."""
    trace = Trace()
    for line in text[: text.rfind("\n") + 1].splitlines():
        word, *numbers = line.split()
        values = [int(number, 16) for number in numbers]
        if word == "point":
            trace.points[values[0]].append(Reading(*values[1:]))
        elif word == "at":
            trace.executions[values[0]] = values[1]
        else:
            trace.masked.take(word, values[0])
    return trace


def result(measured: Variant) -> dict[str, Any]:
    """The whole measurement of a variant, as `bz bench --json` prints it."""
    bench = Bench(measured)
    return keep(measured, bench.metrics(bench.run()))


def keep(measured: Variant, metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """Make metrics the last measurement of a variant, for `bz report`."""
    document = {
        "product": measured.product_name,
        "isolation": measured.isolation,
        "profile": measured.profile,
        "build": "release",
        "metrics": metrics,
    }
    file = result_file(measured)
    made = file.with_suffix(".new")
    made.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    made.replace(file)
    return document


def result_file(measured: Variant) -> Path:
    """Where the last measurement of a variant is."""
    return FOLDER / f"{measured.name}.json"


def last_result(measured: Variant) -> dict[str, Any] | None:
    """The last measurement of a variant, or None; a file that is none is an error."""
    file = result_file(measured)
    if not file.exists():
        return None
    try:
        document = json.loads(file.read_text("utf-8"))
        for each in document["metrics"]:
            for name in ("instructions", "erases", "programs"):
                int(each[name])
    except (ValueError, KeyError, TypeError) as error:
        raise BzError(f"{file} is no measurement: {error}", "run ./bz bench again") from error
    return document
