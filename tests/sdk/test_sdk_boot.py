"""Applications built from a moved SDK alone, with the checkout out of sight: they build without
warnings, are signed, and run on devices of make_device, started as sdk.json says.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from sdk_support import APPS, boot, compile_app, described, lines_until, run, seal

from bz import attest, paths

VARIANTS = [("an505", 1), ("an505", 2), ("an505", 3), ("an521", 3)]
DONE = "^(bare: (done|failed)|.*FAILED)"


def test_the_checkout_is_out_of_sight() -> None:
    if not seal():
        pytest.skip("this system does not let us hide the checkout (no CAP_SYS_ADMIN)")
    assert run("ls", "-A", paths.ROOT).stdout == ""


def hex_of(lines: list[str], what: str) -> bytes:
    found = [re.fullmatch(rf"bare: {what} ([0-9a-f]+)", line) for line in lines]
    return bytes.fromhex("".join(match[1] for match in found if match))


def check_token(sdk: Path, lines: list[str]) -> attest.Claims:
    """The device's token verifies with the key of sdk.json, which is the one in keys/."""
    pem = described(sdk)["iak_public_key_pem"]
    assert (sdk / "keys" / "iak_public.pem").read_text("ascii") == pem
    point = serialization.load_pem_public_key(pem.encode()).public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    token = hex_of(lines, "token")
    claims = attest.verify(token, point, hex_of(lines, "challenge"))
    with pytest.raises(attest.TokenError):
        attest.verify(token[:-1] + bytes([token[-1] ^ 1]), point)
    return claims


@pytest.mark.slow
@pytest.mark.parametrize("product, isolation", VARIANTS)
def test_the_example(
    exported: Callable[..., Path], tmp_path: Path, product: str, isolation: int
) -> None:
    """With CMake, its test, and by hand; every start of a device that is kept counts."""
    sdk, app = exported(product, isolation), tmp_path / "app"
    assert described(sdk)["isolation_level"] == isolation
    shutil.copytree(sdk / "examples" / "bare", app)
    built = app / "build"
    toolchain = sdk / "cmake" / "toolchain_ns_gnuarm.cmake"
    run("cmake", "-S", app, "-B", built, "--toolchain", toolchain, "-DCMAKE_C_FLAGS=-Werror")
    made = run("cmake", "--build", built)
    assert "warning:" not in (made.stdout + made.stderr).lower()
    tested = run("ctest", "--test-dir", built, "--output-on-failure")
    assert "100% tests passed, 0 tests failed out of 1" in tested.stdout
    lines = boot(sdk, app, built / "bare_signed.bin", DONE)
    assert lines[-1] == "bare: done" and "bare: start 1 of this device" in lines
    claims = check_token(sdk, lines)
    versions = {each.kind: each.version for each in claims.components}
    assert versions["App"] == "1.0.0", versions
    assert claims.client_id < 0
    lines = lines_until(sdk, app / "device.bin", DONE)
    assert lines[-1] == "bare: done" and "bare: start 2 of this device" in lines
    log = (app / "device.bin.log").read_text("utf-8")
    assert "boot: image nonsecure 1.0.0 counter 1 verified" in log and "bare:" not in log


@pytest.mark.slow
def test_the_example_with_make(the_sdk: Path, tmp_path: Path) -> None:
    shutil.copytree(the_sdk / "examples" / "bare", tmp_path / "app")
    linked = tmp_path / "sdk"  # make has no names with spaces
    linked.symlink_to(the_sdk)
    flags = "-std=gnu11 -Os -Wall -Wextra -Wshadow -Wconversion -Werror -ffunction-sections"
    done = run("make", "-C", tmp_path / "app", f"SDK={linked}", f"CFLAGS={flags}", "run")
    assert "warning:" not in (done.stdout + done.stderr).lower()
    assert "bare: done" in done.stdout
    again = run("make", "-C", tmp_path / "app", f"SDK={linked}", f"CFLAGS={flags}")
    assert "up to date" in again.stdout
    run("make", "-C", tmp_path / "app", f"SDK={linked}", "clean")
    assert not list((tmp_path / "app").glob("bare*"))


@pytest.mark.slow
def test_ninety_resets_in_a_row(the_sdk: Path, tmp_path: Path) -> None:
    """The reset of the device; what is kept is kept, what is stored is stored, at each of them."""
    signed = compile_app(the_sdk, tmp_path, APPS / "plain.c")
    lines = boot(the_sdk, tmp_path, signed, "^plain: (done|.*FAILED)")
    assert lines == [*map(str, range(1, 92)), "plain: done"]


@pytest.mark.slow
def test_an_application_stays_linked(exported: Callable[..., Path], tmp_path: Path) -> None:
    """Built and signed with one SDK, it runs beside the secure image of another."""
    signed = compile_app(exported("an505", 1), tmp_path, APPS / "objects.cpp", board=True)
    other = exported("an505", 3)
    secure = [(exported("an505", n) / "bin" / "spe_signed.bin").read_bytes() for n in (1, 3)]
    assert secure[0] != secure[1]
    lines = boot(other, tmp_path, signed, "^objects: done")
    assert not [line for line in lines if "FAILED" in line], lines


@pytest.mark.parametrize("product", ["an505", "an521"])
def test_cpp_and_the_board(exported: Callable[..., Path], tmp_path: Path, product: str) -> None:
    sdk = exported(product, 3)
    signed = compile_app(sdk, tmp_path, APPS / "objects.cpp", board=True)
    lines = boot(sdk, tmp_path, signed, "^objects: done")
    assert len(lines) == 14 and not [line for line in lines if "FAILED" in line], lines


def test_another_toolchain_and_a_prefix(the_sdk: Path, tmp_path: Path) -> None:
    """The package is found by CMAKE_PREFIX_PATH; a second find_package() does no harm."""
    shutil.copytree(the_sdk / "examples" / "bare", tmp_path / "app")
    lists = tmp_path / "app" / "CMakeLists.txt"
    lists.write_text(lists.read_text("utf-8") + "find_package(Bartizan REQUIRED CONFIG)\n")
    toolchain = (the_sdk / "cmake" / "toolchain_ns_gnuarm.cmake").read_text("utf-8")
    mine = tmp_path / "toolchain.cmake"
    mine.write_text(toolchain[: toolchain.index("if(NOT DEFINED Bartizan_DIR)")], "utf-8")
    where = ("-S", tmp_path / "app", "-B", tmp_path / "b", "--toolchain", mine)
    assert run("cmake", *where, check=False).returncode != 0
    run("cmake", *where, f"-DCMAKE_PREFIX_PATH={the_sdk}")
    run("cmake", "--build", tmp_path / "b")
    assert (tmp_path / "b" / "bare_signed.bin").is_file()


# ---- The CMake package, misused ------------------------------------------------------------------


def test_a_compiler_of_the_host(the_sdk: Path, tmp_path: Path) -> None:
    where = ("-S", the_sdk / "examples" / "bare", "-B", tmp_path / "b")
    prefix = (f"-DCMAKE_PREFIX_PATH={the_sdk}", "-DCMAKE_C_COMPILER=clang")
    done = run("cmake", *where, *prefix, check=False)
    said = re.sub(r"\s+", " ", done.stderr)
    assert done.returncode != 0 and "does not compile for Arm" in said
    assert f"--toolchain {the_sdk}/cmake/toolchain_ns_gnuarm.cmake" in said


def configure(sdk: Path, folder: Path, before: str, after: str) -> str:
    """What CMake says about the example with one line changed; it must refuse."""
    shutil.copytree(sdk / "examples" / "bare", folder)
    text = (folder / "CMakeLists.txt").read_text("utf-8")
    assert text.count(before) == 1
    (folder / "CMakeLists.txt").write_text(text.replace(before, after), "utf-8")
    toolchain = sdk / "cmake" / "toolchain_ns_gnuarm.cmake"
    done = run("cmake", "-S", folder, "-B", folder / "b", "--toolchain", toolchain, check=False)
    assert done.returncode != 0
    return re.sub(r"\s+", " ", done.stderr)


@pytest.mark.parametrize(
    "before, after, said",
    [
        ("Bartizan 1 REQUIRED", "Bartizan 2 REQUIRED", 'compatible with requested version "2"'),
        ("bartizan_sign_ns(bare VER", "bartizan_sign_ns(bear VER", "there is no target 'bear'"),
        ("VERSION 1.0.0", "VERSIONS 1.0.0", "unknown argument VERSIONS"),
        ("_qemu_test(bare ", "_qemu_test(bear ", "there is no target 'bear'"),
        ("EXPECT", "EXPECTS", "unknown argument EXPECTS"),
    ],
)
def test_cmake_refuses(the_sdk: Path, tmp_path: Path, before: str, after: str, said: str) -> None:
    assert said in configure(the_sdk, tmp_path / "app", before, after)


@pytest.mark.slow
def test_a_failing_application_fails_its_test(the_sdk: Path, tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(the_sdk / "examples" / "bare", app)
    text = (app / "main.c").read_text("utf-8")
    assert text.count('good ? "bare: done') == 1
    (app / "main.c").write_text(text.replace('good ? "bare: done', '!good ? "bare: done'), "utf-8")
    toolchain = the_sdk / "cmake" / "toolchain_ns_gnuarm.cmake"
    run("cmake", "-S", app, "-B", app / "b", "--toolchain", toolchain)
    run("cmake", "--build", app / "b")
    done = run("ctest", "--test-dir", app / "b", "--output-on-failure", check=False)
    assert done.returncode != 0 and "a line matched '^bare: failed'" in done.stdout
