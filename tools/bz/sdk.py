"""Exports the non-secure SDK: one relocatable folder that an application outside the tree is built,
signed and booted with.

Called by `bz sdk`, and through it by CMake's install step. What the folder holds, and sdk.json, are
a contract with users (docs/integrate.md): names and keys stay. The folder holds what a development
device is made of, its secrets too; so a product with secret ones has no SDK. It is built beside its
place and moved there when it is whole.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bz import attest, device, keys, paths, provisioning
from bz.console import BzError, short
from bz.variant import Variant
from gen import emit_build
from gen.model import CONTRACT_VERSION

FILES = "tools/files.txt"  # what an export made, so that the next one removes nothing else
TEMPLATES = paths.ROOT / "tools" / "bz" / "templates" / "sdk"
CPU_ARCHES = {"cortex-m33": "armv8m_ml"}
# Headers of include/bartizan that are for applications; the others are between our images.
HEADERS = ("board.h", "fault.h", "ns_lock.h", "platform_service.h", "storage.h")
GENERATED = (
    *("bartizan/product.h", "bartizan/nv_counters.h"),
    *("psa_manifest/sid.h", "psa_manifest/pid.h"),
)
EXAMPLES = ("bare", "rtos")
SOURCES = (".c", ".h", ".S", ".ld", ".cmake", ".txt", ".md")
# What sdk_tools.py imports.
MODULES = (
    *("__init__", "console", "counters", "device", "emulator", "image", "keys", "paths"),
    *("process", "provisioning", "sdk_tools", "signing"),
)
PACKAGES = ("imgtool", "cryptography", "cffi", "pycparser", "click", "intelhex", "cbor2", "PyYAML")


def export(variant: Variant, target: Path) -> int:
    """Make or replace the SDK of a built variant; returns its size in bytes."""
    target = target.absolute()
    check_release(variant.product)
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f".{target.name}.{os.getpid()}.new")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        fill(variant, made)
        if target.exists():
            target.rename(old)
        made.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return sum(each.stat().st_size for each in target.rglob("*") if each.is_file())


def check_release(product: Any) -> None:
    if product.release:
        raise BzError(
            f"{product.name} is a release product: an SDK of it would give away a signing key and "
            "the secrets of a device",
            "derive a development product from it: extends = ..., release = false",
        )


def check_target(target: Path) -> None:
    """Refuse a place where something else is; an SDK of ours is replaced."""
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir() or target.is_symlink():
        raise BzError(f"{target} is no folder", "give the path of a new folder")
    present = set(files_of(target))
    if not present and not any(target.iterdir()):
        return
    try:
        ours = isinstance(json.loads((target / "sdk.json").read_bytes())["contract_version"], int)
        known = set((target / FILES).read_text("utf-8").splitlines()) if ours else set()
    except (OSError, ValueError, KeyError, TypeError):
        ours, known = False, set()
    if not ours:
        raise BzError(
            f"{target} is neither empty nor an SDK (no sdk.json of ours in it)",
            "give the path of a new folder, or of an SDK to replace",
        )
    if strange := sorted(present - known):
        raise BzError(
            f"{target} holds files that are not the SDK's: {strange[0]}",
            "move them elsewhere (replacing the SDK would remove them), or export to a new folder",
            "\n".join(strange[:20]),
        )


def files_of(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() or path.is_symlink():
            yield str(path.relative_to(folder))


# ---- The folder ----------------------------------------------------------------------------------


def fill(variant: Variant, folder: Path) -> None:
    product = variant.product
    folder.mkdir()
    held = development_device(variant)
    for source, place in copies(variant):
        copy(source, folder / place)
    shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True)
    copy_packages(folder / "tools" / "python")
    described = describe(variant, pem_of(held))
    write(folder / "sdk.json", to_json(described))
    write(folder / "keys" / "iak_public.pem", pem_of(held))
    write(folder / "ns" / "sdk.mk", makefile_of(described))
    write(folder / "tools" / "product.json", to_json(tools_view(product)))
    region = folder / "tools" / "device" / "provisioning.bin"
    region.parent.mkdir()
    region.write_bytes(device.pack_provisioning(product, held))
    export_partitions(variant, folder / "partitions")
    write(folder / FILES, "\n".join([*files_of(folder), FILES]) + "\n")


def copies(variant: Variant) -> Iterator[tuple[Path, str]]:
    """Every file that is copied as it is, and where to."""
    product, root, built = variant.product, paths.ROOT, variant.directory
    for header in sorted((root / "include" / "psa").glob("*.h")):
        yield header, f"include/psa/{header.name}"
    for name in HEADERS:
        if (root / "include" / "bartizan" / name).exists():
            yield root / "include" / "bartizan" / name, f"include/bartizan/{name}"
    for name in GENERATED:
        yield variant.generated / name, f"include/{name}"
    for name in ("libpsa_ns.a", "s_veneers.o"):
        yield built / "lib" / name, f"lib/{name}"
    yield variant.generated / "ns.ld", "ns/ns.ld"
    for name in ("startup_ns.c", "syscalls.c"):
        yield root / "ns" / "start" / name, f"ns/{name}"
    yield root / "ns" / "board" / f"{product.platform}.c", "ns/board.c"
    for name in ("boot.elf", "spe.elf", "spe_signed.bin"):
        yield built / "bin" / name, f"bin/{name}"
    yield keys.path_of(product.non_secure_image.key, variant.key_folder), "keys/ns_signing_dev.pem"
    for name in MODULES:
        yield root / "tools" / "bz" / f"{name}.py", f"tools/bz/{name}.py"
    for module in sorted((root / "tools" / "gen").glob("*.py")):
        yield module, f"tools/gen/{module.name}"
    for file in example_files():
        yield file, str(file.relative_to(root))
    yield root / "LICENSE", "LICENSE"


def example_files() -> Iterator[Path]:
    """Sources of the examples, without what somebody built beside them."""
    for name in EXAMPLES:
        folder = paths.ROOT / "examples" / name
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder)
            if inside.parts[0] != "build" and (file.suffix in SOURCES or file.name == "Makefile"):
                yield file


def copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BzError(f"{short(source)} is missing", "build it: ./bz build, or cmake --build")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if os.access(source, os.X_OK) and source.suffix == "" else 0o644)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def copy_packages(folder: Path) -> None:
    """The Python packages of the tools, whole and unmodified, with their licences."""
    for name in PACKAGES:
        found = metadata.distribution(name)
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                source = Path(found.locate_file(file))
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / file)
    write(folder / "version", f"python{sys.version_info.major}.{sys.version_info.minor}\n")
    write(folder / "machine", f"{platform.system()} {platform.machine()}\n")


def export_partitions(variant: Variant, folder: Path) -> None:
    if importlib.util.find_spec("bz.sdk_partitions") is None:
        return
    importlib.import_module("bz.sdk_partitions").export(variant, folder)


# ---- What is written -----------------------------------------------------------------------------


def development_device(variant: Variant) -> provisioning.Provisioning:
    """The device that make_device of this SDK makes. Its secrets follow from the application's
    signing key, which is in the SDK: they protect nothing, and the same keys give the same SDK.
    """
    product = variant.product
    anchors = {
        each.id: [keys.digest(keys.path_of(each.key, variant.key_folder))]
        for each in product.images
    }
    scalar = keys.private_scalar(keys.path_of(product.non_secure_image.key, variant.key_folder))
    seed = hashlib.sha256(b"bartizan sdk device " + product.name.encode() + b" " + scalar)
    return provisioning.generate(anchors, int.from_bytes(seed.digest(), "big"))


def pem_of(held: provisioning.Provisioning) -> str:
    public = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), held.attestation_public_key
    )
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode("ascii")


def describe(variant: Variant, iak_public_key_pem: str) -> dict[str, Any]:
    """sdk.json. Paths are relative to its folder."""
    product = variant.product
    return {
        "contract_version": CONTRACT_VERSION,
        "product": product.name,
        "profile": product.profile,
        "version": product.version,
        "board": product.qemu_machine,
        "cpu_arch": CPU_ARCHES[product.cpu.core],
        "cflags": emit_build.cpu_flags_ns(product),
        "defines": [],
        "include_dirs": ["include"],
        "libs": ["lib/libpsa_ns.a", "lib/s_veneers.o"],
        "startup": "ns/startup_ns.c",
        "board_sources": ["ns/board.c", "ns/syscalls.c"],
        "linker_script": "ns/ns.ld",
        "sign_ns": ["tools/sign_ns"],
        "qemu": qemu_command(product),
        "uart_ns": product.ns_uart,
        "uart_ns_base": product.ns_uart_base,
        "nvmem_ns_base": product.nvmem_base,
        "isolation_level": product.isolation,
        "services": [partition.name for partition in product.partitions],
        "eat_profile": attest.PROFILE,
        "iak_public_key_pem": iak_public_key_pem,
    }


def qemu_command(product: Any) -> list[str]:
    """The application's UART is the terminal, the secure one a file beside the device's."""
    return [
        "qemu-system-arm",
        *emit_build.qemu_args(product),
        *("-kernel", "bin/boot.elf"),
        *("-serial", f"file:{emit_build.DEVICE}.log"),
        *("-serial", "stdio"),
    ]


def tools_view(product: Any) -> dict[str, Any]:
    """product.json of the SDK: what sdk_tools.py needs to know of the product."""
    ram = product.memories["ns_ram"]
    flash, fields = product.flash, ("name", "id", "world", "slot_offset", "slot_size")
    more = ("secondary_offset", "secondary_size", "header_size", "payload_size")
    return {
        **{key: getattr(product, key) for key in ("name", "title", "version", "security_counter")},
        "flash": {
            key: getattr(flash, key) for key in ("size", "sector_size", "program_unit", "erased")
        },
        "ns_ram": {"base": ram.base, "size": ram.size},
        "regions": [
            {"name": each.name, "offset": each.offset, "size": each.size}
            for each in product.regions
            if each.name == "provisioning"
        ],
        "images": [
            {
                **{key: getattr(each, key) for key in (*fields, *more)},
                "payload_base": product.payload_base(each),
            }
            for each in product.images
        ],
        "qemu_machine": product.qemu_machine,
        "qemu_args": emit_build.qemu_args(product),
    }


def to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def makefile_of(described: dict[str, Any]) -> str:
    """ns/sdk.mk: the values of sdk.json for make."""
    sdk = "$(BARTIZAN_SDK)/"
    sources = [described["startup"], *described["board_sources"]]
    values = {
        "CFLAGS": [
            *described["cflags"],
            *(f"-D{each}" for each in described["defines"]),
            *(f"-I{sdk}{each}" for each in described["include_dirs"]),
        ],
        "SOURCES": [sdk + each for each in sources],
        "LIBS": [sdk + each for each in described["libs"]],
        "LDFLAGS": [
            f"-T {sdk}{described['linker_script']}",
            *("-nostartfiles", "-static", "--specs=nano.specs", "-Wl,--gc-sections"),
            *("-Wl,--fatal-warnings", "-Wl,--no-warn-rwx-segments"),
        ],
        "LINKER_SCRIPT": [sdk + described["linker_script"]],
    }
    lines = [f"BARTIZAN_{name} := {' '.join(value)}\n" for name, value in values.items()]
    return (
        "# Values of sdk.json for make: include this file. BARTIZAN_SDK is the folder of the SDK.\n"
        "BARTIZAN_SDK := $(patsubst %/ns/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))\n"
        + "".join(lines)
    )
