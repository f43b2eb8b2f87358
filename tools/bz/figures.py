"""Writes docs/figures.md: what the product takes at each isolation level, beside upstream TF-M.

From `bench` and `size` alone, so that the same source and tools give the same page; the peer's
figures are in tests/bench/peers.toml. Called by `bz bench --figures`.
"""

from __future__ import annotations

import tomllib
from typing import Any

from bz import bench, build, paths, process, profile, size, variant
from bz.console import console

FILE = paths.ROOT / "docs" / "figures.md"
PEERS = bench.SOURCE / "peers.toml"
PRODUCT, PROFILE = "an505", "medium"
PROFILES = ("small", "medium", "large")
LEVELS = (1, 2, 3)
PATH_METRIC = "its_set_64"

_START = ("boot_to_ns_first", "boot_to_ns_warm", "secure_main_to_ns_warm")
_TITLES = {
    "boot_to_ns_first": "reset to the application's reset handler, first start of a device",
    "boot_to_ns_warm": "the same, later starts",
    "secure_main_to_ns_warm": "of which in the secure image",
    "psa_framework_version": "`psa_framework_version()`",
    "psa_version": "`psa_version()`",
    "psa_call_0vec_sfn": "`psa_call()` without vectors",
    "psa_call_1in1out_64_sfn": "`psa_call()`, 64 bytes in and 64 out",
    "psa_call_1in1out_4096_sfn": "`psa_call()`, 4096 bytes in and 4096 out",
    "its_set_64": "`psa_its_set()`, 64 bytes, replaces",
    "its_set_512": "`psa_its_set()`, 512 bytes, replaces",
    "its_get_64": "`psa_its_get()`, 64 bytes",
    "its_get_512": "`psa_its_get()`, 512 bytes",
    "its_get_info": "`psa_its_get_info()`",
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
* The called service of `psa_call()` is an Application RoT partition that echoes its input. The
  application is [tests/bench](../tests/bench); keys, images and device follow from fixed seeds.
* Flash: erases of one sector / programs of one unit of {unit} bytes.
* Beside it: upstream TF-M v2.2.2 with MCUboot v2.2.0 and Mbed TLS 3.6.5, gcc 12.2, MinSizeRel,
  mps2-an521, counted in the same way. The processor of that board has neither DSP instructions
  nor an FPU.

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
    benches = {}
    for level in LEVELS:
        console.say(f"measuring {PRODUCT} at isolation level {level}")
        benches[level] = bench.Bench(variant.find(PRODUCT, level, PROFILE))
    metrics = {
        level: {each["name"]: each for each in one.metrics(one.run())}
        for level, one in benches.items()
    }
    product = benches[LEVELS[0]].measured.product
    code, compiler = process.run(["arm-none-eabi-gcc", "--version"])
    head = _HEAD.format(
        title=product.title,
        product=PRODUCT,
        profile=PROFILE,
        qemu=bench.qemu_version(),
        compiler=compiler.splitlines()[0] if code == 0 else "unknown compiler",
        unit=product.flash.program_unit,
    )
    services = [name for name in bench.METRICS if name not in _START and name not in peers["call"]]
    calls = [name for name in bench.METRICS if name in peers["call"]]
    sections = [
        head,
        _section("Start", "instructions", _START, metrics, peers["start"]),
        _flash("Flash operations of a start", _START[:2], metrics, peers["start"]),
        _section("One call", "instructions", calls, metrics, peers["call"]),
        _section("Services", "instructions", services, metrics, peers["service"]),
        _flash("Flash operations of a call", services, metrics, peers["service"]),
        _path(benches, peers["path"]),
        _sizes(peers["size"]),
    ]
    return "\n".join(sections)


# ---- Tables --------------------------------------------------------------------------------------


def _table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


def _section(
    title: str, unit: str, names: Any, metrics: dict[int, dict[str, Any]], peers: dict[str, Any]
) -> str:
    rows = []
    for name in names:
        ours = [metrics[level].get(name) for level in LEVELS]
        theirs = peers.get(name, ["-"] * len(peers["columns"]))
        if any(ours):
            numbers = [f"{each['instructions']:,}" if each else "-" for each in ours]
            value = next((each["value"] for each in ours if each and "value" in each), None)
            title_of = _TITLES[name] + (f" ({value} bytes)" if value else "")
            rows.append([title_of, *numbers, *theirs])
    return _table(title, [unit, *(f"level {level}" for level in LEVELS), *peers["columns"]], rows)


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
            rows.append([_TITLES[name], *numbers, *theirs])
    columns = ["erases / programs", *(f"level {level}" for level in LEVELS), *peers["columns"]]
    return _table(title, columns, rows)


def _path(benches: dict[int, bench.Bench], peers: dict[str, Any]) -> str:
    numbers = []
    for one in benches.values():
        found = profile.make(one.executed(PATH_METRIC), one.images, one.symbols)
        numbers.append(f"{len(found.functions)} / {len(found.files)}")
    columns = ["functions / source files", *(f"level {level}" for level in LEVELS)]
    return _table(
        "Code that one call runs through",
        [*columns, *peers["columns"]],
        [[_TITLES[PATH_METRIC], *numbers, *peers[PATH_METRIC]]],
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
