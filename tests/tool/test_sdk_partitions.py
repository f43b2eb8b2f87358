"""partitions/ of an SDK: what a vendor has instead of this tree. Its manifest compiler says what
the build says, writes what the build writes, and reads nothing of the tree.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from gen_bench import GCC, outside_archive, run
from gen_workshop import SMALL

from bz import build, paths, sdk_partitions, variant
from bz.variant import Extras
from gen import ProductError, load_product
from gen.emit_headers import psa_manifest_headers
from gen.model import CONTRACT_VERSION

EXAMPLE = paths.ROOT / "examples" / "partition"
PYTHON = "/usr/bin/python3"  # not that of the tree, which has its packages

# Runs a program and writes what it opened.
WATCH = """
import runpy, sys
log, program, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = program
opened = open(log, "w")
sys.addaudithook(lambda event, args: event == "open" and opened.write(f"{args[0]}\\n"))
sys.path.insert(0, program.rpartition("/")[0])
runpy.run_path(program, run_name="__main__")
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SDK as far as partitions need it, and moved since it was made."""
    built = variant.find("an505", 2, "small")
    build.build(built)
    made = tmp_path_factory.mktemp("made") / "sdk"
    sdk_partitions.export(built, made / "partitions")
    package = Path(yaml.__file__).parent
    shutil.copytree(package, made / "tools" / "python" / "yaml")
    moved = tmp_path_factory.mktemp("moved") / "an sdk"
    made.rename(moved)
    return moved / "partitions"


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """The manifest and list of the example, to be changed."""
    for name in ("manifest.yaml", "manifest_list.yaml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    return tmp_path


def compiled(parts: Path, away: Path, *lists: Path) -> subprocess.CompletedProcess[str]:
    lists = lists or (away / "manifest_list.yaml",)
    return subprocess.run(
        [PYTHON, parts / "compile_manifests", *lists, "--out", away / "headers"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), "utf-8")


# ---- What is in it -------------------------------------------------------------------------------


def test_description(exported: Path) -> None:
    product = load_product("an505", 2, "small")
    found = json.loads((exported / "partitions.json").read_text())
    assert (found["contract_version"], found["product"]) == (CONTRACT_VERSION, "an505")
    assert found["isolation_level"] == 2
    assert found["cflags"] == ["-mcpu=cortex-m33+nofp", "-mfloat-abi=soft", "-mthumb"]
    assert {"name": "timer0", "base": 0x5000_0000, "size": 0x1000} in found["mmio_regions"]
    assert len(found["mmio_regions"]) == len(product.peripherals)
    assert {"name": "uart2_tx", "number": 37} in found["interrupts"]
    assert found["services"] == [
        {"name": each.name, "sid": each.sid, "version": each.version, "handle": each.handle}
        for each in product.services
    ]


def test_it_names_no_path_of_the_machine(exported: Path) -> None:
    for file in exported.rglob("*"):
        if file.is_file():
            assert str(paths.ROOT).encode() not in file.read_bytes(), file


def test_it_holds_no_key_and_no_secret(exported: Path) -> None:
    """It can be given to a vendor alone; what is between our images is not in it either."""
    assert sorted(each.name for each in (exported / "include" / "bartizan").iterdir()) == [
        "nv_counters.h",
        "platform_service.h",
        "storage.h",
    ]
    for file in exported.rglob("*"):
        assert file.suffix not in (".pem", ".bin", ".elf"), file
        assert not file.is_file() or b"PRIVATE KEY" not in file.read_bytes(), file


def test_same_build_same_bytes(exported: Path, tmp_path: Path) -> None:
    sdk_partitions.export(variant.find("an505", 2, "small"), tmp_path / "again")
    files = sorted(each.relative_to(exported) for each in exported.rglob("*") if each.is_file())
    again = tmp_path / "again"
    assert files == sorted(each.relative_to(again) for each in again.rglob("*") if each.is_file())
    for file in files:
        assert (exported / file).read_bytes() == (again / file).read_bytes(), file


def test_headers_compile_as_they_are(exported: Path, away: Path) -> None:
    """With every warning, in C99 and later, and with all public headers."""
    assert compiled(exported, away).returncode == 0
    names = sorted(each.name for each in (exported / "include" / "psa").glob("*.h"))
    assert {"service.h", "client.h", "lifecycle.h", "error.h", "crypto.h"} <= set(names)
    assert "internal_trusted_storage.h" in names and "initial_attestation.h" in names
    text = "".join(f'#include "psa/{name}"\n' for name in names)
    text += '#include "psa_manifest/ticker.h"\n#include "psa_manifest/sid.h"\nint x = TICKER_SID;\n'
    source = away / "all.c"
    source.write_text(text)
    flags = json.loads((exported / "partitions.json").read_text())["cflags"]
    for standard in ("c99", "c11", "c17"):
        run(
            GCC, *flags, f"-std={standard}", "-Wall", "-Wextra", "-Werror",
            f"-I{exported / 'include'}", f"-I{away / 'headers'}",
            "-c", source, "-o", away / "all.o",
        )  # fmt: skip


# ---- The manifest compiler -----------------------------------------------------------------------


def test_headers_are_those_of_the_build(exported: Path, away: Path) -> None:
    done = compiled(exported, away)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    product = load_product("an505", 2, "small", extra_lists=[away / "manifest_list.yaml"])
    expected = psa_manifest_headers(product)
    written = {
        str(each.relative_to(away / "headers")): each.read_text()
        for each in (away / "headers").rglob("*.h")
    }
    assert written.keys() == expected.keys()
    for name, text in expected.items():
        assert code(written[name]) == code(text), name


def code(text: str) -> str:
    """Without the comment on top, which names the product file."""
    return re.sub(r"^/\*.*?\*/", "", text, flags=re.S)


def test_it_opens_nothing_of_the_tree(exported: Path, away: Path) -> None:
    watch, log = away / "watch.py", away / "opened.txt"
    watch.write_text(WATCH)
    subprocess.run(
        [PYTHON, watch, log, exported / "compile_manifests", away / "manifest_list.yaml"]
        + ["--out", away / "headers"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        check=True,
    )
    opened = log.read_text().splitlines()
    assert str(exported / "product.json") in opened
    assert not [each for each in opened if each.startswith(str(paths.ROOT))]
    assert (away / "headers" / "psa_manifest" / "ticker.h").is_file()


def test_it_leaves_nothing_in_the_sdk(exported: Path, away: Path) -> None:
    before = sorted(exported.parent.rglob("*"))
    assert compiled(exported, away).returncode == 0
    assert sorted(exported.parent.rglob("*")) == before


MANIFEST, LIST = "manifest.yaml", "manifest_list.yaml"
WRONG = {
    "missing manifest": (LIST, "manifest.yaml", "none.yaml", "cannot read "),
    "pid of a partition of the product": (LIST, "0x2000", "0x101", "have id 0x101"),
    "no pid": (LIST, "    pid: 0x2000\n", "", "has no 'pid'"),
    "SID of a service of the product": (MANIFEST, '"0xFFFFF100"', "0x70", "SID 0x00000070 "),
    "name of a service of the product": (
        MANIFEST,
        "name: TICKER\n    d",
        "name: PSA_ITS\n    d",
        "service 'PSA_ITS' is also declared",
    ),
    "unknown region": (MANIFEST, "name: timer0", "name: timer9", "no [[peripheral]] 'timer9'"),
    "unknown interrupt": (MANIFEST, "source: timer0", "source: timer9", "[[interrupt]] 'timer9'"),
    "unknown dependency": (MANIFEST, "- PSA_ITS", "- PSA_LEDGER", "is no service of this product"),
    "type": (MANIFEST, "APPLICATION-ROT", "SECURE", "'type' of the manifest is 'SECURE'"),
    "stack": (MANIFEST, "stack_size: 0x400", "stack_size: many", "write an integer"),
    "unknown key": (MANIFEST, "heap_size", "heapsize", "did you mean 'heap_size'?"),
    "not YAML": (MANIFEST, "services:", "services: [", "not valid YAML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_it_says_what_the_build_says(exported: Path, away: Path, case: str) -> None:
    file, old, new, part = WRONG[case]
    change(away / file, old, new)
    with pytest.raises(ProductError) as caught:
        load_product("an505", 2, "small", extra_lists=[away / LIST])
    said = compiled(exported, away)
    assert said.returncode == 2 and not (away / "headers").exists()
    assert said.stderr == f"compile_manifests: {caught.value}\n"
    assert part in said.stderr and f"{away}/" in said.stderr


def test_too_many_regions(exported: Path, away: Path) -> None:
    more = "".join(
        f"  - {{name: {name}, permission: READ-ONLY}}\n"
        for name in ("uart2", "watchdog", "ethernet", "security_controller")
    )
    change(away / MANIFEST, "irqs:\n", f"{more}irqs:\n")
    said = compiled(exported, away).stderr
    assert "needs 7 MPU regions at isolation level 2, 5 are available" in said


def test_two_lists_and_one_that_is_missing(exported: Path, away: Path) -> None:
    (away / "more.yaml").write_text("- {manifest: other.yaml, pid: 0x2001}\n")
    (away / "other.yaml").write_text(SMALL.format(name="OTHER"))
    assert compiled(exported, away, away / LIST, away / "more.yaml").returncode == 0
    assert {each.name for each in (away / "headers/psa_manifest").iterdir()} >= {
        "other.h",
        "ticker.h",
    }
    said = compiled(exported, away, away / "none.yaml")
    assert said.returncode == 2
    assert said.stderr.startswith(f"compile_manifests: {away}/none.yaml: cannot read ")


def test_a_place_that_cannot_be_written(exported: Path, away: Path) -> None:
    (away / "headers").write_text("in the way")
    said = compiled(exported, away)
    assert said.returncode == 2 and "Traceback" not in said.stderr
    assert "; choose another --out" in said.stderr


def test_python_without_the_package(exported: Path, away: Path) -> None:
    """partitions/ given away alone: what is missing is said, and how to get it."""
    alone = away / "alone"
    shutil.copytree(exported, alone)
    said = subprocess.run(
        [PYTHON, "-S", "-E", alone / "compile_manifests", away / LIST, "--out", away / "headers"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert said.stderr == (
        "compile_manifests: Python cannot import yaml; install PyYAML: apt-get install "
        "python3-yaml, or pip install pyyaml\n"
    )


# ---- A product that has partitions from outside already ------------------------------------------


@pytest.fixture
def with_ticker(exported: Path, away: Path, tmp_path: Path) -> Iterator[Path]:
    """partitions/ of a variant with the example in it."""
    from gen_workshop import Workshop

    declared = load_product("an505", 2, "small", extra_lists=[away / LIST])
    archive = outside_archive(Workshop(tmp_path / "w"), declared, "ticker", away / "ticker.a")
    plain = variant.find("an505", 2, "small")
    extras = Extras((str(away / LIST),), (("ticker", str(archive)),))
    built = replace(plain, extras=extras, build_directory=plain.directory)
    sdk_partitions.export(built, tmp_path / "second" / "partitions")
    shutil.copytree(exported.parent / "tools", tmp_path / "second" / "tools")
    yield tmp_path / "second" / "partitions"


def test_their_services_are_services_of_the_product(with_ticker: Path, away: Path) -> None:
    services = json.loads((with_ticker / "partitions.json").read_text())["services"]
    assert services[-1]["name"] == "TICKER" and services[-1]["handle"]
    (away / "more.yaml").write_text("- {manifest: other.yaml, pid: 0x2001}\n")
    other = SMALL.format(name="OTHER") + "dependencies: [TICKER]\n"
    (away / "other.yaml").write_text(other)
    assert compiled(with_ticker, away, away / "more.yaml").returncode == 0
    said = compiled(with_ticker, away)
    assert said.returncode == 2 and "partition 'ticker' is also declared by" in said.stderr
