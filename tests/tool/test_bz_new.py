"""./bz new partition: what it makes works and names itself in sizes and faults; what it refuses
leaves nothing behind. (The first model is made, built and called by the test of docs/partition.md.)
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from bz_support import bz

from bz import build, device, paths, variant
from bz.commands import new
from bz.emulator import SECURE, Board, Emulator

NAME = "ledger_of_the_tests"  # also of the test of docs/partition.md: they share build directories
CHOICES = [(model, kind) for model in ("sfn", "ipc") for kind in ("application-rot", "psa-rot")]


def make(folder: Path, *options: str, name: str = NAME) -> Path:
    done = bz("new", "partition", name, "--dir", folder, *options)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("model, kind", CHOICES)
def test_the_folder_is_complete(tmp_path: Path, model: str, kind: str) -> None:
    folder = make(tmp_path / "made", "--model", model, "--type", kind, name="ledger")
    files = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert files == {
        "CMakeLists.txt",
        "client.c",
        "ledger.h",
        "ledger.toml",
        "manifest.yaml",
        "ns/CMakeLists.txt",
        "ns/main.c",
        "service.c",
        "test_ledger.py",
    }
    product = variant.load_product(str(folder / "ledger.toml"))
    made = next(each for each in product.partitions if each.name == "ledger")
    assert (made.manifest.model, made.manifest.rot) == (model.upper(), kind.upper())
    assert [service.name for service in made.manifest.services] == ["LEDGER"]
    for each in files:
        text = (folder / each).read_text("utf-8")
        assert "template" not in text.lower(), each
        assert "EDGER" in text or "edger" in text, each


def test_sources_are_in_the_style_of_the_tree(tmp_path: Path) -> None:
    sources = [*new.TEMPLATES.rglob("*.c"), *new.TEMPLATES.rglob("*.h")]
    assert len(sources) == 5
    checked = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", *sources],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_ids_are_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of another partition, and reserved ones, are not given out again."""
    first = make(tmp_path / "partitions" / "one", name="one")
    product = (first / "one.toml").read_text("utf-8")
    assert "id = 0x1000 " in product
    (first / "one.toml").write_text(
        product.replace("[product]\n", "[product]\nreserved_partition_ids = [0x1001, 0x1003]\n")
    )
    monkeypatch.setattr(new, "PARTITIONS", tmp_path / "partitions")
    taken = new.find_taken()
    assert new.free(new.FIRST_ID, taken.ids) == 0x1002
    assert new.free(0x1003, taken.ids) == 0x1004
    assert new.free(new.FIRST_SID, taken.sids) == 0xFFFFF001
    assert {"one", "its"} <= taken.names
    assert {"one", "psa_its"} <= taken.services


def test_json(tmp_path: Path) -> None:
    done = bz("new", "partition", "ledger", "--dir", tmp_path / "made", "--json")
    answer = json.loads(done.stdout)
    assert answer == {
        "ok": True,
        "folder": str(tmp_path / "made"),
        "id": 0x1000,
        "sid": 0xFFFFF000,
    }


# ---- Refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, why",
    [
        ("Ledger", "cannot name a partition"),
        ("1st", "cannot name a partition"),
        ("a-b", "cannot name a partition"),
        ("../up", "cannot name a partition"),
        ("", "cannot name a partition"),
        ("a" * 25, "cannot name a partition"),
        ("psa_ledger", "cannot name a partition"),
        ("manager", "cannot name a partition"),
        ("its", "there is a partition 'its' already"),
        ("crypto", "there is a partition 'crypto' already"),
        ("api", "libpartition_api.a"),  # an archive of the tree: found by the generator
    ],
)
def test_names_that_are_refused(tmp_path: Path, name: str, why: str) -> None:
    done = bz("new", "partition", name, "--dir", tmp_path / "made")
    assert done.returncode in (1, 2)
    assert why in done.stderr and "    next: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_service_of_this_name(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = new.Taken(services={"ledger"})
    with pytest.raises(new.BzError, match="there is a service 'ledger' already"):
        new.check("ledger", Path("nowhere"), taken)


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine").write_text("kept")
    done = bz("new", "partition", "ledger", "--dir", tmp_path / "made")
    assert done.returncode == 1
    assert f"{tmp_path}/made exists" in done.stderr
    assert [each.name for each in (tmp_path / "made").iterdir()] == ["mine"]


# ---- Built and booted ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_partition_with_a_thread_passes_its_own_test(tmp_path: Path) -> None:
    folder = make(tmp_path / "made", "--model", "ipc", "--type", "psa-rot")
    done = bz("test", folder, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"= 3 passed in ", done.stdout)
    service = folder / "service.c"
    service.write_text(service.read_text("utf-8").replace("sum += number", "sum -= number"))
    assert bz("test", folder, "-k", "3", timeout=900).returncode == 1, "its test cannot fail"


@pytest.mark.slow
def test_sizes_and_faults_name_it(tmp_path: Path) -> None:
    """The fault is the one that docs/partition.md shows."""
    folder = make(tmp_path / "made")
    service = folder / "service.c"
    text = service.read_text("utf-8")
    reading = text.replace("sum += number;", "sum += *(volatile uint32_t *)0x50000000U;")
    assert reading != text
    service.write_text(reading, "utf-8")
    product = str(folder / f"{NAME}.toml")
    built = replace(variant.find(product, 3), application=f"{NAME}_test")
    build.build(built)
    sizes = bz("size", "--product", product, "--json")
    assert f"partition {NAME}" in json.loads(sizes.stdout)["images"]["secure"]["owners"]
    said = faults_of(built, tmp_path / "device.bin")
    assert re.fullmatch(rf"spm: fault: MemManage fault in partition {NAME}, pc 0x.*", said[0])
    page = (paths.ROOT / "docs" / "partition.md").read_text("utf-8")
    shown = [line for line in page.splitlines() if line.startswith("spm: fault: ")]
    assert said[0].startswith(shown[0].replace("ledger", NAME).removesuffix("..."))
    manifest = shown[2].replace("partitions/ledger/manifest.yaml", "manifest.yaml")
    assert said[1:3] == [shown[1], manifest]


def faults_of(built: variant.Variant, path: Path) -> list[str]:
    device.create(path, built.product, seed=1)
    images = {each.name: built.signed(each.world).read_bytes() for each in built.product.images}
    device.update_images(path, built.product, images)
    with Emulator(Board.of(built.product), path, built.boot_elf, ("-no-reboot",)) as board:
        board.wait_for("^spm: resetting$", source=SECURE)
        return [line for line in board.lines(SECURE) if line.startswith("spm: fault: ")]
