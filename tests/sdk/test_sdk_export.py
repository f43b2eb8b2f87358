"""What an exported SDK holds, where it may be put, and that the same source gives the same SDK."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from sdk_support import WARNINGS, described, run

from bz import keys, paths, sdk, variant
from bz.console import BzError
from gen import emit_build

# The contract: what must be there (docs/integrate.md).
TREE = """
sdk.json README.md LICENSE
include/psa/client.h include/psa/service.h include/psa/lifecycle.h include/psa/crypto.h
include/psa/crypto_types.h include/psa/crypto_values.h include/psa/crypto_sizes.h
include/psa/crypto_struct.h include/psa/crypto_platform.h include/psa/error.h
include/psa/internal_trusted_storage.h include/psa/storage_common.h
include/psa/initial_attestation.h include/psa/protected_storage.h include/psa/update.h
include/psa/fwu_config.h include/psa/framework_feature.h
include/psa_manifest/sid.h include/psa_manifest/pid.h
include/bartizan/board.h include/bartizan/fault.h include/bartizan/platform_service.h
include/bartizan/product.h include/bartizan/ns_lock.h include/bartizan/storage.h
include/bartizan/nv_counters.h
lib/libpsa_ns.a lib/s_veneers.o
ns/ns.ld ns/startup_ns.c ns/syscalls.c ns/board.c ns/sdk.mk
cmake/BartizanConfig.cmake cmake/BartizanConfigVersion.cmake cmake/toolchain_ns_gnuarm.cmake
bin/boot.elf bin/spe_signed.bin bin/spe.elf
tools/sign_ns tools/make_device tools/run_qemu
keys/ns_signing_dev.pem keys/iak_public.pem
examples/bare/main.c examples/bare/CMakeLists.txt examples/bare/Makefile
examples/rtos/main.c examples/rtos/CMakeLists.txt examples/rtos/rtos.ld
"""
TEXT, NUMBER, TEXTS = "text", "number", "texts"
SCHEMA = {
    "contract_version": NUMBER,
    "product": TEXT,
    "profile": TEXT,
    "version": TEXT,
    "board": TEXT,
    "cpu_arch": TEXT,
    "cflags": TEXTS,
    "defines": TEXTS,
    "include_dirs": TEXTS,
    "libs": TEXTS,
    "startup": TEXT,
    "board_sources": TEXTS,
    "linker_script": TEXT,
    "sign_ns": TEXTS,
    "qemu": TEXTS,
    "uart_ns": TEXT,
    "uart_ns_base": NUMBER,
    "nvmem_ns_base": NUMBER,
    "isolation_level": NUMBER,
    "services": TEXTS,
    "eat_profile": TEXT,
    "iak_public_key_pem": TEXT,
}
# What libpsa_ns.a may leave to be defined by others, beside the gateways.
ALLOWED = {"memcpy", "memset", "memmove", "memcmp"}
WEAK = {"bartizan_ns_lock", "bartizan_ns_unlock"}


def tree_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        name: ((folder / name).read_bytes(), (folder / name).stat().st_mode & 0o777)
        for name in sdk.files_of(folder)
    }


def assert_same(first: Path, second: Path) -> None:
    one, other = tree_of(first), tree_of(second)
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []


# ---- Contents ------------------------------------------------------------------------------------


def kind_of(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return TEXTS
    kinds = {str: TEXT, int: NUMBER}
    return kinds.get(type(value))


def test_sdk_json(the_sdk: Path) -> None:
    of = described(the_sdk)
    assert {key: kind_of(value) for key, value in of.items()} == SCHEMA
    assert of["contract_version"] == 1
    assert of["cpu_arch"] in ("armv8m_ml", "armv81m_ml")
    assert any(flag.startswith("-mfloat-abi=") for flag in of["cflags"])
    named = [of["startup"], of["linker_script"], *of["libs"], *of["board_sources"]]
    for path in (*named, *of["include_dirs"], of["sign_ns"][0], "bin/boot.elf"):
        assert (the_sdk / path).exists() and not Path(path).is_absolute(), path
    assert sum("@DEVICE@" in word for word in of["qemu"]) == 2
    assert "bin/boot.elf" in of["qemu"] and of["qemu"][-2:] == ["-serial", "stdio"]
    assert not [word for word in of["qemu"] if word.startswith("loader")]
    assert {"crypto", "its", "attestation", "platform"} <= set(of["services"])
    product = (the_sdk / "include" / "bartizan" / "product.h").read_text("utf-8")
    assert f"#define BARTIZAN_UART_BASE {of['uart_ns_base']:#x}U" in product
    assert f"#define BARTIZAN_NVMEM_BASE {of['nvmem_ns_base']:#x}U" in product
    assert "#define BARTIZAN_NVMEM_SIZE 1024U" in product


def test_the_tree(the_sdk: Path) -> None:
    present = set(sdk.files_of(the_sdk))
    assert sorted(set(TREE.split()) - present) == []
    headers = {f"include/psa/{each.name}" for each in paths.ROOT.glob("include/psa/*.h")}
    assert headers <= present
    internal = ("handoff.h", "fault_record.h", "call.h", "layout.h", "secure_signing.pem")
    assert [name for name in present if name.endswith(internal)] == []
    assert present == set((the_sdk / sdk.FILES).read_text("utf-8").splitlines())
    assert os.access(the_sdk / "tools" / "sign_ns", os.X_OK)
    total = sum((the_sdk / name).stat().st_size for name in present)
    assert total < 40e6, "an SDK is of a sensible size"


def test_nothing_names_the_checkout(the_sdk: Path) -> None:
    """Nor has it a secret of its developer but the one key that signs applications."""
    secrets = [str(paths.ROOT).encode()]
    for key in paths.KEYS.glob("*.pem"):
        if key.stem != "nonsecure_signing":
            secrets += [key.read_bytes().splitlines()[1], keys.private_scalar(key)]
    assert len(secrets) >= 5
    for name, (data, _) in tree_of(the_sdk).items():
        assert not [each for each in secrets if each in data], name


def test_packages_bring_their_licences(the_sdk: Path) -> None:
    packages = the_sdk / "tools" / "python"
    for name in sdk.PACKAGES:
        found = [
            each
            for each in packages.glob("*.dist-info")
            if each.name.lower().startswith(name.lower() + "-")
        ]
        assert len(found) == 1, name
        texts = [each.name.lower() for each in found[0].rglob("*")]
        metadata = (found[0] / "METADATA").read_text("utf-8")
        assert any("licen" in each or "copying" in each for each in texts) or "License" in metadata


def nm(*argv: object) -> list[str]:
    return run("arm-none-eabi-nm", *argv).stdout.splitlines()


def gateways() -> list[str]:
    text = (paths.ROOT / "spm" / "gateways.def").read_text("utf-8")
    return re.findall(r"^GATEWAY (\w+),", text, re.M)


def test_undefined_symbols_of_the_library(the_sdk: Path) -> None:
    lines = nm(the_sdk / "lib" / "libpsa_ns.a")
    defined = {line.split()[-1] for line in lines if re.search(r" [TDRBWV] ", line)}
    undefined = {line.split()[-1] for line in lines if re.search(r"^ +U ", line)}
    weak = {line.split()[-1] for line in lines if re.search(r"^ +w ", line)}
    assert "psa_call" in defined and "psa_its_set" in defined
    assert undefined - defined - ALLOWED <= set(gateways())
    assert weak - defined <= WEAK
    assert not [line for line in lines if re.search(r" [DBbdC] ", line)], "the library has no data"


def test_the_import_library_is_addresses_only(exported: Callable[..., Path]) -> None:
    """The same at each level, those of the secure image, one for each gateway in its order."""
    seen = []
    for level in (1, 3):
        folder = exported("an505", level)
        with (folder / "lib" / "s_veneers.o").open("rb") as file:
            elf = ELFFile(file)
            sizes = {each.name: each["sh_size"] for each in elf.iter_sections()}
            assert sizes[".text"] == sizes[".data"] == sizes[".bss"] == 0
            symbols = [
                (each.name, each["st_value"])
                for each in elf.get_section_by_name(".symtab").iter_symbols()
                if each["st_info"]["bind"] == "STB_GLOBAL"
            ]
            shndx = {
                each["st_shndx"]
                for each in elf.get_section_by_name(".symtab").iter_symbols()
                if each["st_info"]["bind"] == "STB_GLOBAL"
            }
        assert shndx == {"SHN_ABS"}
        addresses = dict(symbols)
        assert sorted(addresses, key=addresses.__getitem__) == gateways()
        secure = dict(line.split()[::-2] for line in nm(folder / "bin" / "spe.elf"))
        for name, address in addresses.items():
            assert int(secure[name], 16) | 1 == address
        seen.append(addresses)
    assert seen[0] == seen[1]


def test_sources_have_no_warnings(the_sdk: Path, tmp_path: Path) -> None:
    of = described(the_sdk)
    for file in (of["startup"], *of["board_sources"]):
        includes = [f"-I{the_sdk / each}" for each in of["include_dirs"]]
        output = ("-c", the_sdk / file, "-o", tmp_path / "o.o")
        run("arm-none-eabi-gcc", *of["cflags"], "-std=gnu11", *WARNINGS, *includes, *output)
    undefined = {line.split()[-1] for line in nm("-u", tmp_path / "o.o")}
    assert "printf" not in undefined


def test_the_emulator_reloads_only_what_nobody_writes(the_sdk: Path) -> None:
    """The one blob that is written at each reset, boot.elf, lies in the board's ROM."""
    product = variant.load_product("an505")
    rom = product.memories["boot_code"]
    with (the_sdk / "bin" / "boot.elf").open("rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            if segment["p_filesz"]:
                start = segment["p_paddr"]
                assert rom.base <= start and start + segment["p_filesz"] <= rom.base + rom.size
    assert emit_build.DEVICE in " ".join(emit_build.qemu_args(product))


def test_what_the_default_product_offers() -> None:
    product = variant.load_product("an505")
    assert product.non_secure_image.payload_size >= 256 * 1024
    assert product.profile_values["its_asset_size"] >= 2048
    assert product.profile_values["crypto_keys"] >= 32
    assert product.profile_values["crypto_operations"] >= 8


# ---- Where it may be put -------------------------------------------------------------------------


def bz(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [paths.ROOT / "bz", *map(str, words)],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )


def test_the_command(tmp_path: Path, the_sdk: Path) -> None:
    """It says what to do next, or JSON; an SDK that is there is replaced by the same."""
    place = tmp_path / "sdk"
    place.mkdir()
    done = bz("sdk", place)
    assert done.returncode == 0, done.stderr
    assert f"made {place}/: SDK of an505-i3-medium" in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("  cmake -S "))
    shown = shlex.split(line)
    assert all(Path(shown[each]).is_absolute() and Path(shown[each]).exists() for each in (2, -1))
    assert f"{place}/cmake/toolchain_ns_gnuarm.cmake" in done.stdout
    assert_same(place, the_sdk)
    (place / "README.md").unlink()
    (place / "sdk.json").write_text(json.dumps(described(place) | {"contract_version": 0}))
    answer = json.loads(bz("sdk", place, "--json").stdout)
    size = sum(each.stat().st_size for each in place.rglob("*") if each.is_file())
    folder = str(place)
    assert answer == {"ok": True, "variant": "an505-i3-medium", "folder": folder, "bytes": size}
    assert_same(place, the_sdk)
    assert [each.name for each in tmp_path.iterdir()] == ["sdk"], "something was left beside it"


@pytest.mark.parametrize("what", ["file", "link", "folder", "other json", "no json"])
def test_what_is_there_is_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "place"
    if what == "file":
        place.write_text("mine")
    elif what == "link":
        place.symlink_to(tmp_path)
    else:
        place.mkdir()
        (place / "mine").mkdir()
    if what.endswith("json"):
        (place / "sdk.json").write_text('{"name": "mine"}' if what == "other json" else "{")
    done = bz("sdk", place)
    assert done.returncode == 1
    assert str(place) in done.stderr and "    next: " in done.stderr
    assert ("is no folder" if what in ("file", "link") else "neither empty nor") in done.stderr
    assert place.exists()


def test_files_of_others_in_an_sdk_are_not_removed(tmp_path: Path, the_sdk: Path) -> None:
    place = tmp_path / "sdk"
    run("cp", "-r", the_sdk, place)
    (place / "examples" / "bare" / "mine.c").write_text("mine")
    done = bz("sdk", place)
    assert done.returncode == 1
    assert "files that are not the SDK's: examples/bare/mine.c" in done.stderr
    assert (place / "examples" / "bare" / "mine.c").read_text() == "mine"


def test_a_failure_leaves_the_old_one(tmp_path: Path, the_sdk: Path, monkeypatch) -> None:
    place = tmp_path / "sdk"
    run("cp", "-r", the_sdk, place)
    monkeypatch.setattr(sdk, "GENERATED", ("nowhere.h",))
    with pytest.raises(BzError, match="nowhere.h is missing"):
        sdk.export(variant.find("an505"), place)
    assert filecmp.cmp(place / "sdk.json", the_sdk / "sdk.json", shallow=False)
    assert [each.name for each in tmp_path.iterdir()] == ["sdk"]


def test_a_release_product_has_no_sdk(tmp_path: Path) -> None:
    product = tmp_path / "release.toml"
    product.write_text('extends = "products/an505.toml"\n[product]\nrelease = true\n')
    done = bz("sdk", tmp_path / "sdk", "--product", product)
    assert done.returncode == 1
    assert "an505 is a release product" in done.stderr and "release = false" in done.stderr
    assert not (tmp_path / "sdk").exists()


@pytest.mark.slow
def test_cmake_installs_the_same(tmp_path: Path, the_sdk: Path) -> None:
    """From another build directory: so the same source gives the same bits, too."""
    built = tmp_path / "build"

    def cmake(*words: object, code: int = 0) -> str:
        done = subprocess.run(
            ["cmake", *map(str, words)],
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert (done.returncode == 0) == (code == 0), done.stdout + done.stderr
        return done.stderr

    cmake("--preset", "an505", "-B", built)
    cmake("--build", built)
    cmake("--install", built, "--prefix", tmp_path / "sdk")
    assert_same(tmp_path / "sdk", the_sdk)
    said = cmake("--install", built, "--prefix", tmp_path, code=1)
    assert "neither empty nor an SDK" in said and "no SDK was installed" in said
