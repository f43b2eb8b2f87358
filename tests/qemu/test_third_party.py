"""Partitions of other authors: the commands of docs/partition.md, and examples/partition outside
the tree, well-behaved and not.

The folders have fixed names, so that build directories are used again by the next run; what is made
in them is removed.
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import outside
import pytest
from machine import symbols_of
from outside import HERE

from bz import build, device, paths, size, variant
from bz.emulator import SECURE, Board, Emulator
from bz.variant import Variant

sys.path.append(str(paths.ROOT / "tests" / "tool"))
from gen_bench import hiding_archive  # noqa: E402

PAGE = paths.ROOT / "docs" / "partition.md"
LEDGER = "ledger_of_the_tests"  # the page's is somebody's, perhaps


@pytest.fixture
def folder() -> Iterator[Path]:
    """What is the parent of the checkout on the page."""
    made = paths.ROOT / "partitions" / LEDGER
    for each in (HERE, made):
        shutil.rmtree(each, ignore_errors=True)
    HERE.mkdir(mode=0o700)
    yield HERE
    for each in (HERE, made):
        shutil.rmtree(each, ignore_errors=True)
    if made.parent.is_dir() and not any(made.parent.iterdir()):
        made.parent.rmdir()


@pytest.fixture
def ticker(folder: Path) -> Path:
    """The example, copied out of the tree."""
    return outside.copy_of_example()


def run(command: str) -> subprocess.CompletedProcess[str]:
    return outside.run("sh", "-euc", command)


def make(ticker: Path, target: str = "ticker.a") -> None:
    done = run(f"make -C '{ticker}' SDK='{outside.sdk()}' {target}")
    assert done.returncode == 0, done.stderr


def options(ticker: Path, name: str = "ticker", archive: str = "ticker.a") -> str:
    listed = f"--extra-manifest-list '{ticker}/manifest_list.yaml'"
    return f"{listed} --extra-archive {name}='{ticker}/{archive}'"


def built_with(ticker: Path, isolation: int) -> Variant:
    found = outside.with_ticker(ticker, isolation, "ticker_demo")
    build.build(found)
    return found


# ---- The page ------------------------------------------------------------------------------------


def commands(heading: str) -> list[str]:
    """Of the page's sh blocks, from a heading to the next of its level."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## )", PAGE.read_text("utf-8"), re.M | re.S)
    assert section, heading
    blocks = re.findall(r"^```sh\n(.*?)^```", section[1], re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("heading, count", [("Inside the tree", 4), ("Outside the tree", 5)])
def test_the_commands_of_the_page(folder: Path, heading: str, count: int) -> None:
    lines = commands(heading)
    assert len(lines) == count
    for line in lines:
        for name in ("ticker", "sdk"):
            line = line.replace(f"../{name}", f"{folder}/{name}")
        line = line.replace("ledger", LEDGER)
        done = run(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if line.startswith("./bz test"):
            assert re.search(r"= 3 passed in ", done.stdout), done.stdout
        if line.startswith("./bz size"):
            assert f"partition {LEDGER} " in done.stdout


def test_the_page_has_no_other_command() -> None:
    text = PAGE.read_text("utf-8")
    known = commands("Inside the tree") + commands("Outside the tree")
    assert len(known) == sum(
        len(each.splitlines()) for each in re.findall(r"```sh\n(.*?)```", text, re.S)
    )


# ---- The example, misbehaving --------------------------------------------------------------------


def change(ticker: Path, file: str, before: str, after: str) -> None:
    text = (ticker / file).read_text("utf-8")
    assert text.count(before) == 1, before
    (ticker / file).write_text(text.replace(before, after), "utf-8")


def faults_of(built: Variant, path: Path) -> list[str]:
    """What the secure side says of a fault or panic; nothing if the application ends well."""
    device.create(path, built.product, seed=1)
    images = {each.name: built.signed(each.world).read_bytes() for each in built.product.images}
    device.update_images(path, built.product, images)
    with Emulator(Board.of(built.product), path, built.boot_elf, ("-no-reboot",)) as board:
        board.wait_for("^(spm: resetting$|spm: partition .* ended: |ticker: done$)")
        board.run_for(0.2)
        said = board.lines(SECURE)
    return [line for line in said if re.match("spm: (fault: |partition .* ended: )", line)]


@pytest.mark.parametrize("isolation", [1, 2, 3])
def test_it_reads_the_memory_of_another_partition(
    ticker: Path, tmp_path: Path, isolation: int
) -> None:
    """At levels 2 and 3 that is a fault with its name; at level 1 all partitions are one."""
    make(ticker)
    symbols = symbols_of(built_with(ticker, isolation).elf("secure"))
    victim = symbols["__part_its_ram_start"] + 8
    stop = "    TIMER->control = 0U;\n"
    change(ticker, "ticker.c", stop, f"{stop}    (void)*(volatile uint32_t *){victim:#x}U;\n")
    make(ticker)
    built = built_with(ticker, isolation)
    assert symbols_of(built.elf("secure"))["__part_its_ram_start"] + 8 == victim
    said = faults_of(built, tmp_path / "device.bin")
    if isolation == 1:
        assert said == []
        return
    assert said[0].startswith("spm: fault: MemManage fault in partition ticker, pc ")
    assert said[1] == (f"spm: fault: tried to read 4 bytes at {victim:#010x}: RAM of partition its")


def test_a_grant_that_is_missing_is_named(ticker: Path, tmp_path: Path) -> None:
    """Without the line of its manifest, the timer is closed to it; the fault says which line."""
    manifest = ticker / "manifest.yaml"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    start = next(at for at, line in enumerate(lines) if line.startswith("mmio_regions"))
    manifest.write_text("".join(lines[:start] + lines[start + 3 :]), "utf-8")
    make(ticker)
    said = faults_of(built_with(ticker, 3), tmp_path / "device.bin")
    assert said[0].startswith("spm: fault: MemManage fault in partition ticker, pc ")
    assert said[1] == "spm: fault: tried to write 4 bytes at 0x50000008: peripheral timer0"
    assert said[2] == (
        "spm: fault: lacks: mmio_regions: [{name: timer0, permission: READ-WRITE}] in manifest.yaml"
    )


def test_it_frees_memory_twice(ticker: Path, tmp_path: Path) -> None:
    change(ticker, "ticker.c", "    free(dropped);\n", "    free(dropped);\n    free(dropped);\n")
    change(ticker, "Makefile", "-Wall -Wextra -Werror", "-w")
    make(ticker)
    said = faults_of(built_with(ticker, 3), tmp_path / "device.bin")
    assert len(said) == 1 and said[0].startswith("spm: partition ticker ended: ")


def test_a_variant_has_a_directory_of_its_own(ticker: Path) -> None:
    make(ticker)
    shutil.copy(ticker / "ticker.a", ticker / "other.a")
    parser = argparse.ArgumentParser()
    variant.add_options(parser)
    names = []
    for archive in ("ticker.a", "other.a", "ticker.a"):
        words = shlex.split(options(ticker, archive=archive))
        names.append(variant.from_options(parser.parse_args(words)).directory.name)
    assert names[0] == names[2] != names[1]
    assert all(re.fullmatch("an505-i3-medium-x[0-9a-f]{8}", name) for name in names)
    assert variant.find("an505").name == "an505-i3-medium"


def test_budgets_are_those_of_the_product(ticker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes from outside is not counted; the rest is."""
    make(ticker)
    built = built_with(ticker, 3)
    measured = size.measure(built.elf("secure"))
    own = measured["owners"]["partition ticker"]
    code = measured["binary"] - own["text"] - own["data"]
    ram = measured["ram"] - own["ram"]
    assert own["ram"] >= 0x800, "stack and heap are not in it"
    for more, exceeded in ((0, 0), (-1, 2)):
        monkeypatch.setitem(built.product.budget, "secure_code", code + more)
        monkeypatch.setitem(built.product.budget, "secure_ram", ram + more)
        assert len(size.exceeded_budgets(built)) == exceeded


# ---- What is refused -----------------------------------------------------------------------------


def refusal(command: str) -> str:
    done = run(f"./bz build {command}")
    assert done.returncode in (1, 2), done.stdout
    assert "    next: " in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_missing_archive(ticker: Path) -> None:
    said = refusal(options(ticker))
    assert f"there is no file {ticker}/ticker.a" in said
    said = refusal(f"--extra-manifest-list '{ticker}/manifest_list.yaml'")
    assert "partition 'ticker' has no archive" in said
    assert "--extra-archive ticker=FILE" in said


def test_wrong_name(ticker: Path) -> None:
    (ticker / "ticker.a").write_bytes(b"!<arch>\n")
    said = refusal(options(ticker) + f" --extra-archive tocker='{ticker}/ticker.a'")
    assert "no manifest list has a partition 'tocker'" in said and "'ticker'" in said
    assert "is not NAME=FILE" in refusal(f"--extra-archive '{ticker}/ticker.a'")
    assert "partition 'ticker' has two archives" in refusal(2 * (options(ticker) + " "))


def test_list_with_a_missing_manifest(ticker: Path) -> None:
    make(ticker)
    (ticker / "manifest.yaml").unlink()
    said = refusal(options(ticker))
    assert "manifest_list.yaml:3: " in said and f"{ticker}/manifest.yaml" in said
    compiler = f"{HERE}/sdk/partitions/compile_manifests"
    done = run(f"{compiler} {ticker}/manifest_list.yaml --out {ticker}/headers")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith(
        f"compile_manifests: {ticker}/manifest_list.yaml:3: cannot read {ticker}/manifest.yaml"
    )
    said = refusal(options(ticker / "nowhere"))
    assert f"{ticker}/nowhere/manifest_list.yaml" in said


def test_archive_without_the_partition(ticker: Path) -> None:
    """Said before anything is linked, at the line of the manifest."""
    change(
        ticker,
        "ticker.c",
        "void ticker_main(void)",
        "void other_main(void);\n\nvoid other_main(void)",
    )
    change(ticker, "Makefile", "-Wall -Wextra -Werror", "-w")
    make(ticker)
    said = refusal(options(ticker))
    assert f"{ticker}/manifest.yaml:7: entry_point needs function 'ticker_main', " in said
    assert f"archive {ticker}/ticker.a does not define" in said


def test_the_check_link_finds_what_the_build_would(ticker: Path) -> None:
    stop = "    TIMER->control = 0U;\n"
    change(ticker, "ticker.c", stop, f"{stop}    extern void spm_secret(void); spm_secret();\n")
    done = run(f"make -C '{ticker}' SDK='{outside.sdk()}' check")
    assert done.returncode != 0 and "undefined reference to `spm_secret'" in done.stderr


TAKEN = """
int log_text(void);
int log_text(void) { return 1; }
int thread_init_all(void);
int thread_init_all(void) { return 1; }
int panic_partition(void);
int panic_partition(void) { return 1; }
size_t strlen(const char *text);
size_t strlen(const char *text) { return (size_t)text; }
"""


def test_functions_of_an_archive_replace_nobody_elses(ticker: Path, tmp_path: Path) -> None:
    """Names that the manager and the C library have too: each keeps its own."""
    with (ticker / "ticker.c").open("a", encoding="utf-8") as file:
        file.write(TAKEN)
    make(ticker)
    built = built_with(ticker, 3)
    symbols = symbols_of(built.elf("secure"))
    start, end = symbols["__part_ticker_code_start"], symbols["__part_ticker_code_end"]
    assert start <= symbols["ticker_main"] < end
    for name in ("log_text", "thread_init_all", "panic_partition", "strlen"):
        assert name in symbols and not start <= symbols[name] < end, name
    assert faults_of(built, tmp_path / "device.bin") == []


def test_archive_that_reaches_into_the_manager(ticker: Path) -> None:
    change(
        ticker,
        "ticker.c",
        "    TIMER->control = 0U;\n",
        "    extern uint32_t spm_state;\n    TIMER->control = spm_state;\n",
    )
    make(ticker)
    said = refusal(options(ticker))
    assert "prohibited cross reference" in said and "spm_state" in said


GROUP = '__asm__(".section .text.both,\\"axG\\",%progbits,inline_of_both,comdat\\nbx lr\\n");\n'


def test_groups_of_an_archive_are_its_own(ticker: Path) -> None:
    """Two archives with the same inline function would be linked to one of the two."""
    with (ticker / "ticker.c").open("a", encoding="utf-8") as file:
        file.write(GROUP)
    make(ticker)
    folder = built_with(ticker, 3).directory / "partitions" / "ticker"
    names = run(f"arm-none-eabi-readelf -gW '{folder}/partition.o'").stdout
    assert "There are no section groups" in names


def test_member_that_only_the_index_names(ticker: Path) -> None:
    """The archive's members are harmless in turn; what the linker takes is not."""
    make(ticker)
    good = (ticker / "ticker.o").read_bytes()
    with (ticker / "ticker.c").open("a", encoding="utf-8") as file:
        file.write('__asm__(".section .gateways,\\"ax\\"\\nsg\\n");\n')
    make(ticker)
    made = hiding_archive(good, (ticker / "ticker.o").read_bytes(), ["ticker_main"])
    (ticker / "ticker.a").write_bytes(made)
    said = refusal(options(ticker))
    assert f"{ticker}/ticker.a: its member that its index names has a section .gateways" in said
