"""Writes docs/figures.md: what the product takes at each isolation level, beside upstream TF-M.

From `bench` and `size` alone, so that the same source and tools give the same page; the peer's
figures are in tests/bench/peers.toml, our goals in goals.toml. Called by `bz bench --figures`.
"""

from __future__ import annotations

import itertools
import tomllib
from typing import Any

from bz import bench, build, masks, paths, process, profile, size, variant
from bz.console import console

FILE = paths.ROOT / "docs" / "figures.md"
PEERS = bench.SOURCE / "peers.toml"
GOALS = bench.SOURCE / "goals.toml"
PRODUCT, PROFILE = "an505", "medium"
OTHER, OTHER_LEVEL = "an521", 2  # a board whose figures must be close to those of PRODUCT
PROFILES = ("small", "medium", "large")
LEVELS = (1, 2, 3)
STORAGE_PROFILE, STORAGE_LEVEL = "large", 2
STORAGE = tuple(each for each in bench.METRICS if each.startswith(("its_", "ps_", "store_")))
STORAGE_ONLY = ("its_set_64_amortised", "store_mount_64")  # in no other table
PATH_METRIC = "its_set_64"

_START = ("boot_to_ns_first", "boot_to_ns_warm", "secure_main_to_ns_warm")
TITLES = {
    "boot_to_ns_first": "reset to the application's reset handler, first start of a device",
    "boot_to_ns_warm": "the same, later starts",
    "secure_main_to_ns_warm": "of which in the secure image",
    "psa_framework_version": "`psa_framework_version()`",
    "psa_version": "`psa_version()`",
    "psa_call_0vec_prot_ipc": "`psa_call()` without vectors, PSA RoT, IPC",
    "psa_call_0vec_arot_ipc": "`psa_call()` without vectors, Application RoT, IPC",
    "psa_call_0vec_sfn": "`psa_call()` without vectors, PSA RoT, SFN",
    "psa_call_1in1out_64_arot_ipc": "`psa_call()`, 64 bytes in and out, Application RoT, IPC",
    "psa_call_1in1out_64_sfn": "`psa_call()`, 64 bytes in and out, PSA RoT, SFN",
    "psa_call_1in1out_4096_arot_ipc": "`psa_call()`, 4096 bytes in and out, Application RoT, IPC",
    "psa_call_1in1out_4096_sfn": "`psa_call()`, 4096 bytes in and out, PSA RoT, SFN",
    "connect_close_arot": "`psa_connect()` and `psa_close()`, Application RoT, IPC",
    masks.METRIC: "longest time with non-secure interrupts masked",
    "its_set_64": "`psa_its_set()`, 64 bytes, replaces",
    "its_set_512": "`psa_its_set()`, 512 bytes, replaces",
    "its_get_64": "`psa_its_get()`, 64 bytes",
    "its_get_512": "`psa_its_get()`, 512 bytes",
    "its_get_info": "`psa_its_get_info()`",
    "its_set_64_amortised": "`psa_its_set()`, 64 bytes, mean of many",
    "ps_set_64": "`psa_ps_set()`, 64 bytes, replaces",
    "ps_set_512": "`psa_ps_set()`, 512 bytes, replaces",
    "ps_get_64": "`psa_ps_get()`, 64 bytes",
    "ps_get_512": "`psa_ps_get()`, 512 bytes",
    "store_mount_64": "first call of a start: mount of 64 assets in a region full of old records",
    "hash_sha256_64": "SHA-256 of 64 bytes",
    "hash_sha256_1024": "SHA-256 of 1 KiB",
    "hash_sha256_65536": "SHA-256 of 64 KiB in one call",
    "aead_ccm_1024": "AES-128-CCM of 1 KiB",
    "aead_gcm_1024": "AES-128-GCM of 1 KiB",
    "random_32": "32 random bytes",
    "import_aes": "import of an AES-128 key",
    "sign_p256": "ECDSA P-256, sign a hash",
    "verify_p256": "ECDSA P-256, verify",
    "ecdh_p256": "ECDH P-256",
    "attest_token": "attestation token",
    "attest_token_size": "size of the token beforehand",
}

_HEAD = """\
# Figures

Written by `./bz bench --figures`; a second run gives the same page. Do not edit it.

Executed instructions and flash operations on the emulated board {title},
profile {profile}; QEMU {qemu}; {compiler}.

* An instruction is one that QEMU executes with `-icount shift=0,sleep=off`, counted by the plugin
  [tests/bench/plugin.c](../tests/bench/plugin.c). (It does not see the one `SG` of a call.)
* Calls are counted in the non-secure caller, from the first instruction that prepares the arguments
  to the return of the API function; the second of two calls.
* The services behind `psa_call()` copy their input to a buffer of their own and write that back.
  They and the application are in [tests/bench](../tests/bench); keys, images and device follow from
  fixed seeds.
* Interrupts are masked from the start of a secure exception, or a store that raises the trap's
  priority, or `CPSID i`, to what undoes it. Counted over all calls of this page, from the first
  instruction of the application on; a fault, which resets the device, is not.
* Functions that one call runs through: function symbols, of the application's library and of the
  secure image, of which at least one instruction is executed. Files: the sources (`.c`, `.S`) that
  define these. A header is none, since an inline function is part of the function that it is
  inlined into; one that the compiler keeps apart counts as a function of the source that includes
  the header. Functions of the C library and of the compiler's run time count, each object of theirs
  as one file. Whether upstream's number of files has headers in it is not recorded: compare the
  files with care.
* Flash: erases of one sector / programs of one unit of {unit} bytes.
* Beside it: upstream TF-M v2.2.2 with MCUboot v2.2.0 and Mbed TLS 3.6.5, gcc 12.2, MinSizeRel,
  mps2-an521, counted in the same way. The processor of that board has neither DSP instructions
  nor an FPU. Its products have either IPC or SFN services, SFN at level 1 only.
* Goals are for isolation level 1 / 2 / 3; **bold** is above.

For one variant: `./bz bench --product {product} --isolation N --profile {profile}`; where the
instructions go: `--profile-functions METRIC`; sizes: `./bz size`. "-": not available.
"""


def write() -> bool:
    """Measure everything and write the page; true if it changed."""
    text = page()
    if FILE.exists() and FILE.read_text("utf-8") == text:
        return False
    FILE.write_text(text, "utf-8")
    return True


def page() -> str:
    peers = tomllib.loads(PEERS.read_text("utf-8"))
    goals = tomllib.loads(GOALS.read_text("utf-8"))
    measured = {level: measure(PRODUCT, level) for level in LEVELS}
    metrics = {level: found for level, (found, _) in measured.items()}
    profiles = [found for _, found in measured.values()]
    calls = [*(name for name in bench.METRICS if name in peers["call"]), masks.METRIC]
    shown = {*_START, *calls, *STORAGE_ONLY}
    services = [name for name in bench.METRICS if name not in shown]
    limits = goals["instructions"]
    sections = [
        _head(),
        _section("Start", _START, metrics, peers["start"], limits),
        _flash("Flash operations of a start", _START[:2], metrics, peers["start"]),
        _section("One call", calls, metrics, peers["call"], limits),
        _other(calls, metrics[OTHER_LEVEL], measure(OTHER, OTHER_LEVEL)[0]),
        _section("Services", services, metrics, peers["service"]),
        _flash("Flash operations of a call", services, metrics, peers["service"]),
        _storage(measure_storage(), peers["storage"], goals["storage"]),
        _path(profiles, peers["path"], goals["path"]),
        _sizes(peers["size"]),
    ]
    return "\n".join(sections)


def measure(product: str, level: int) -> tuple[dict[str, Any], profile.Profile]:
    """Metrics by name, and the profile of PATH_METRIC."""
    console.say(f"measuring {product} at isolation level {level}")
    measured = variant.find(product, level, PROFILE)
    one = bench.Bench(measured)
    traces = one.run(PATH_METRIC)
    kept = bench.keep(measured, one.metrics(traces))
    metrics = {each["name"]: each for each in kept["metrics"]}
    return metrics, profile.make(traces["first"].executions, one.images, one.symbols)


def measure_storage() -> dict[str, Any]:
    """Metrics by name, of the variant that the storage table is about."""
    console.say(f"measuring {PRODUCT}, profile {STORAGE_PROFILE}, level {STORAGE_LEVEL}")
    found = bench.result(variant.find(PRODUCT, STORAGE_LEVEL, STORAGE_PROFILE))
    return {each["name"]: each for each in found["metrics"]}


def _head() -> str:
    product = variant.find(PRODUCT, LEVELS[0], PROFILE).product
    code, compiler = process.run(["arm-none-eabi-gcc", "--version"])
    return _HEAD.format(
        title=product.title,
        product=PRODUCT,
        profile=PROFILE,
        qemu=bench.qemu_version(),
        compiler=compiler.splitlines()[0] if code == 0 else "unknown compiler",
        unit=product.flash.program_unit,
    )


# ---- Tables --------------------------------------------------------------------------------------


def _table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


def _section(
    title: str,
    names: Any,
    metrics: dict[int, dict[str, Any]],
    peers: dict[str, Any],
    goals: dict[str, list[int]] | None = None,
) -> str:
    rows = []
    for name in names:
        ours = [metrics[level].get(name) for level in LEVELS]
        theirs = peers.get(name, ["-"] * len(peers["columns"]))
        if any(ours):
            limits = (goals or {}).get(name, [])
            numbers = [
                _number(each["instructions"], limit) if each else "-"
                for each, limit in itertools.zip_longest(ours, limits)
            ]
            value = next((each["value"] for each in ours if each and "value" in each), None)
            title_of = TITLES[name] + (f" ({value} bytes)" if value else "")
            goal = [] if goals is None else [_goal(limits)]
            rows.append([title_of, *numbers, *goal, *theirs])
    levels = [f"level {level}" for level in LEVELS]
    goal = [] if goals is None else ["goal"]
    return _table(title, ["instructions", *levels, *goal, *peers["columns"]], rows)


def _number(count: int, limit: int | None = None) -> str:
    return f"**{count:,}**" if limit is not None and count > limit else f"{count:,}"


def _goal(limits: list[int]) -> str:
    """One number where it is the same at all levels."""
    different = limits if len(set(limits)) > 1 else limits[:1]
    return " / ".join(f"{limit:,}" for limit in different) or "-"


def _other(names: list[str], ours: dict[str, Any], others: dict[str, Any]) -> str:
    """The framework's figures on another board, which has to be close."""
    rows = []
    for name in names:
        count, other = (metrics[name]["instructions"] for metrics in (ours, others))
        rows.append([TITLES[name], _number(count), _number(other), f"{other / count - 1:+.1%}"])
    columns = [f"instructions, level {OTHER_LEVEL}", PRODUCT, OTHER, "difference"]
    return _table("One call, on another board", columns, rows)


def _flash(
    title: str, names: Any, metrics: dict[int, dict[str, Any]], peers: dict[str, Any]
) -> str:
    """Only rows that touch the flash."""
    rows = []
    for name in names:
        ours = [metrics[level].get(name) for level in LEVELS]
        theirs = peers["flash"].get(name, ["-"] * len(peers["columns"]))
        if any(each and each["erases"] + each["programs"] for each in ours):
            numbers = [f"{each['erases']} / {each['programs']}" if each else "-" for each in ours]
            rows.append([TITLES[name], *numbers, *theirs])
    columns = ["erases / programs", *(f"level {level}" for level in LEVELS), *peers["columns"]]
    return _table(title, columns, rows)


def _storage(ours: dict[str, Any], peers: dict[str, Any], goals: dict[str, Any]) -> str:
    """Instructions, erases and programs of one call, beside the goals."""
    rows = []
    for name in STORAGE:
        limit, most = goals[name], goals["erases"].get(name)
        counts = _counts(ours[name], limit, most) if name in ours else ["-", "-"]
        rows.append(
            [
                TITLES[name],
                counts[0],
                f"{limit:,}",
                counts[1],
                f"{most:g}" if most is not None else "-",
                *peers.get(name, ["-"]),
                *peers["flash"].get(name, ["-"]),
            ]
        )
    theirs = peers["columns"][0]
    columns = ["operation", "instructions", "goal", "erases / programs", "goal: erases"]
    columns += [f"{theirs}: instructions", f"{theirs}: erases / programs"]
    text = _table("Storage", columns, rows)
    return (
        f"{text}\nProfile {STORAGE_PROFILE}, level {STORAGE_LEVEL}. "
        f"The mean is of {bench.CALLS['its_set_64_amortised']} calls, in which the log comes round "
        "to its oldest sectors.\n"
        "What a mount takes is what the first call after a start takes more "
        "than a second one; the newest sector is about to be\nfull, when there is most to read.\n"
    )


def _counts(metric: dict[str, Any], limit: int, most: float | None) -> list[str]:
    """Instructions, and erases / programs."""
    erases = metric["erases"]
    told = f"**{erases}**" if most is not None and erases > most else f"{erases}"
    return [_number(metric["instructions"], limit), f"{told} / {metric['programs']}"]


def _path(profiles: list[profile.Profile], peers: dict[str, Any], goals: dict[str, int]) -> str:
    numbers = []
    for found in profiles:
        counts = {"functions": len(found.functions), "files": len(found.files)}
        numbers.append(" / ".join(_number(counts[what], goals[what]) for what in counts))
    columns = ["functions / source files", *(f"level {level}" for level in LEVELS), "goal"]
    goal = f"{goals['functions']} / {goals['files']}"
    return _table(
        "Code that one call runs through",
        [*columns, *peers["columns"]],
        [[TITLES[PATH_METRIC], *numbers, goal, *peers[PATH_METRIC]]],
    )


def _sizes(peers: dict[str, Any]) -> str:
    rows = []
    for name in PROFILES:
        sized = variant.find(PRODUCT, LEVELS[-1], name)
        build.build(sized)
        boot, secure = size.measure(sized.boot_elf), size.measure(sized.elf("secure"))
        numbers = [boot["binary"], boot["ram"], secure["binary"], secure["ram"]]
        rows.append([name, *(f"{number:,}" for number in numbers), *peers[name]])
    columns = ["profile", "boot", "boot RAM", "secure image", "secure RAM"]
    text = _table("Size", [*columns, *peers["columns"]], rows)
    return (
        f"{text}\nBytes of the binary, and of data, bss, stacks and heap, at isolation level "
        f"{LEVELS[-1]}; more with `./bz size --profile X`.\n"
    )
