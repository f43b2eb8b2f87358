"""Wrong declarations: each is refused with its file, its line, what is wrong and what to do.

A case changes one place of the workshop's product or of a manifest. The line that the message must
name is the one that contains the marker after the change.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from gen_cases import APP, CASES, ITS, NTH, PRODUCT, Case
from gen_workshop import DRIVER, IPC_APP, SMALL, Workshop

from gen import load_product
from gen.source import ProductError

ROOT = Path(__file__).resolve().parents[2]


def line_of(text: str, marker: str) -> int:
    """Lines are counted here on their own, not by what is tested."""
    wanted, nth = NTH.get(marker, (marker, 1))
    found = [number for number, line in enumerate(text.splitlines(), 1) if wanted in line]
    assert len(found) >= nth, f"{marker!r} is in lines {found}"
    return found[nth - 1]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_refused(workshop: Workshop, case: Case) -> None:
    workshop.change(case.file, case.old, case.new)
    text = (workshop.root / case.file).read_text()
    with pytest.raises(ProductError) as caught:
        workshop.load()
    message = str(caught.value)
    assert message.startswith(f"{case.file}:{line_of(text, case.marker)}: "), message
    for part in case.parts:
        assert part in message
    assert "; " in message and "\n" not in message


def test_the_unchanged_workshop_is_accepted(workshop: Workshop) -> None:
    for isolation in (1, 2, 3):
        for profile in ("small", "medium"):
            assert workshop.load(isolation=isolation, profile=profile).isolation == isolation


# ---- Refusals that need more than one change -----------------------------------------------------


def refusal(workshop: Workshop, **options) -> str:
    with pytest.raises(ProductError) as caught:
        workshop.load(**options)
    return str(caught.value)


def test_unknown_product(workshop: Workshop) -> None:
    message = refusal(workshop, product="bensh")
    assert message.startswith("products/bensh.toml: there is no product 'bensh'")
    assert "did you mean 'bench'?" in message


def test_missing_product_file(workshop: Workshop) -> None:
    assert "cannot read other/x.toml: No such file" in refusal(workshop, product="other/x.toml")


@pytest.mark.parametrize("isolation", (0, 4, -1))
def test_asked_isolation(workshop: Workshop, isolation: int) -> None:
    line = workshop.line(PRODUCT, "isolation = 3")
    assert refusal(workshop, isolation=isolation).startswith(
        f"{PRODUCT}:{line}: isolation {isolation} does not exist; choose 1, 2 or 3"
    )


def test_asked_profile(workshop: Workshop) -> None:
    assert "profile 'larg' does not exist; known: small, medium" in refusal(
        workshop, profile="larg"
    )


def test_extends_a_missing_file(workshop: Workshop) -> None:
    workshop.write("products/child.toml", '# a child\nextends = "bensh.toml"\n')
    message = refusal(workshop, product="child")
    assert message.startswith("products/child.toml:2: cannot read bensh.toml")


def test_extends_in_a_circle(workshop: Workshop) -> None:
    workshop.write("products/a.toml", 'extends = "b.toml"\n')
    workshop.write("products/b.toml", 'extends = "a.toml"\n')
    assert refusal(workshop, product="a").startswith("products/b.toml:1: 'extends' leads back to")


def test_extends_is_not_a_text(workshop: Workshop) -> None:
    workshop.write("products/child.toml", "extends = 5\n")
    assert refusal(workshop, product="child").startswith("products/child.toml:1: 'extends'")


def test_a_wrong_key_of_an_extension_is_reported_there(workshop: Workshop) -> None:
    workshop.write("products/child.toml", 'extends = "bench.toml"\n[flash]\n\nsector_size = 3000\n')
    assert refusal(workshop, product="child").startswith("products/child.toml:4: sector_size 3000")


def test_a_misspelt_partition_of_an_extension(workshop: Workshop) -> None:
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n\n[[partition]]\nname = "itss"\nenabled = false\n',
    )
    assert refusal(workshop, product="child") == (
        "products/child.toml:3: partition 'itss' has no 'manifest'; did you mean 'its'? "
        "A new one needs manifest = ... (docs/product.md)"
    )


PROTECTED = """extends = "bench.toml"
[[region]]
name = "ps"
offset = 0x04_0000
size = 0x4000
owner = "app"
[[region]]
name = "ps_anchor"
offset = 0x04_4000
size = 0x3000
owner = "app"
[profile.small]
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "ps_asset_size = 3005",
            "ps_asset_size 3005 does not fit region 'ps' (4 sectors of 4096 bytes); write at most "
            "3004, or enlarge the region or its sector_size",
        ),
        ("ps_asset_size = 9000", "'ps_asset_size' of [profile.small] is 9000; write an integer"),
        (
            "ps_assets = 144",
            "ps_assets 144 does not fit region 'ps_anchor' (3 sectors of 4096 bytes); enlarge",
        ),
        ("ps_assets = 252", "ps_assets 252 does not fit region 'ps' (4 sectors"),
    ],
)
def test_protected_storage_that_does_not_fit(workshop: Workshop, line: str, message: str) -> None:
    workshop.write("products/child.toml", f"{PROTECTED}{line}\n")
    assert refusal(workshop, product="child").startswith(f"products/child.toml:13: {message}")


@pytest.mark.parametrize("line", ["ps_asset_size = 3004", "ps_assets = 143", ""])
def test_protected_storage_that_fits(workshop: Workshop, line: str) -> None:
    workshop.write("products/child.toml", f"{PROTECTED}{line}\n")
    workshop.load(product="child")


def test_overlap_between_two_files(workshop: Workshop) -> None:
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n\n[[region]]\nname = "more"\n'
        'offset = 0x01_8000\nsize = 0x1000\nowner = "none"\n',
    )
    message = refusal(workshop, product="child")
    assert message.startswith(
        "products/child.toml:3: region 'more' (0x18000..0x18fff) overlaps "
        "region 'its' (0x10000..0x1ffff, products/bench.toml:"
    )


def test_two_manifests_with_one_header(workshop: Workshop) -> None:
    workshop.write(
        "services/more/app_manifest.yaml",
        (workshop.root / APP).read_text().replace("BENCH_APP", "MORE"),
    )
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n[[partition]]\nname = "more"\n'
        'id = 0x300\nmanifest = "services/more/app_manifest.yaml"\n',
    )
    message = refusal(workshop, product="child")
    assert message.startswith(
        "products/child.toml:5: psa_manifest/app_manifest.h would also be made"
    )


def test_device_registers_have_one_owner(workshop: Workshop) -> None:
    workshop.write(
        ITS,
        (workshop.root / ITS).read_text()
        + "mmio_regions:\n  - name: TIMER0\n    permission: READ-ONLY\n",
    )
    message = refusal(workshop)
    assert message.startswith(f"{ITS}:")
    assert "overlaps mmio region 'TIMER0' of partition 'app'" in message


def test_too_many_stateless_services(workshop: Workshop) -> None:
    services = "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    connection_based: false\n"
        f"    non_secure_clients: true\n"
        for index in range(25)
    )
    workshop.change(APP, "services:\n", "services:\n" + services)
    assert "more than 26 stateless services of your own" in refusal(workshop)


def test_empty_manifest(workshop: Workshop) -> None:
    workshop.write(APP, "# nothing\n")
    assert refusal(workshop) == f"{APP}:1: the file is empty; write the keys of a manifest"


def test_manifest_that_contains_itself(workshop: Workshop) -> None:
    workshop.write(APP, "psa_framework_version: &a\n  - *a\n")
    assert "nested deeper" in refusal(workshop)


def test_manifest_that_is_a_list(workshop: Workshop) -> None:
    workshop.write(APP, "- a\n- b\n")
    assert refusal(workshop).startswith(f"{APP}:1: the manifest must be a table, not a list")


def test_manifest_that_is_not_text(workshop: Workshop) -> None:
    (workshop.root / APP).write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text" in refusal(workshop)


# ---- Counters need regions of their own ----

COUNTER = '[[nv_counter]]\nname = "one"\nid = 1\nclients = ["nonsecure"]\n'


def with_counters(workshop: Workshop, regions: str, grants: str, counters: str = COUNTER) -> None:
    """The app as the Platform service."""
    workshop.change(APP, "  - name: BENCH_APP\n", "  - name: PSA_PLATFORM\n    stateless_handle: 4\n")
    workshop.change(APP, "sid: 0xF0000001", "sid: 0x40")
    workshop.change(APP, "connection_based: true", "connection_based: false")
    workshop.change(PRODUCT, "[budget]\n", f"{regions}{counters}[budget]\n")
    place = 'manifest = "services/app/app_manifest.yaml"\n'
    workshop.change(PRODUCT, place, f"{place}flash = [{grants}]\n")


def region(name: str, offset: int, size: int = 0x2000) -> str:
    return (
        f'[[region]]\nname = "{name}"\noffset = {offset}\nsize = {size}\nowner = "app"\n'
    )


def grant(name: str, rights: str = "read-write") -> str:
    return f'{{ region = "{name}", rights = "{rights}" }},'


def test_counters_have_two_regions(workshop: Workshop) -> None:
    regions = region("nv_counters", 0x4_0000) + region("nv_counters_copy", 0x4_2000)
    with_counters(workshop, regions, grant("nv_counters") + grant("nv_counters_copy"))
    assert [counter.name for counter in workshop.load().nv_counters] == ["one"]
    workshop.change(PRODUCT, grant("nv_counters_copy"), grant("nv_counters_copy", "read"))
    line = workshop.line(PRODUCT, "[[nv_counter]]")
    for named in ("read", "gone"):
        message = refusal(workshop)
        assert message.startswith(
            f"{PRODUCT}:{line}: nv_counter 'one' needs region 'nv_counters_copy', which partition "
            "'app' cannot write; declare [[region]] nv_counters_copy with owner = \"app\""
        ), named
        text = (workshop.root / PRODUCT).read_text()
        workshop.write(PRODUCT, text.replace(grant("nv_counters_copy", "read"), ""))


def test_counters_fit_their_regions(workshop: Workshop) -> None:
    regions = region("nv_counters", 0x4_0000) + region("nv_counters_copy", 0x4_2000, 0x1000)
    with_counters(workshop, regions, grant("nv_counters") + grant("nv_counters_copy"))
    assert "1 nv_counters does not fit region 'nv_counters_copy' (1 sectors of" in refusal(workshop)


def test_too_many_counters(workshop: Workshop) -> None:
    regions = region("nv_counters", 0x4_0000) + region("nv_counters_copy", 0x4_2000)
    many = "".join(
        COUNTER.replace("one", f"c{index}").replace("id = 1", f"id = {index + 1}")
        for index in range(101)
    )
    with_counters(workshop, regions, grant("nv_counters") + grant("nv_counters_copy"), many)
    assert "101 nv_counters does not fit region 'nv_counters' (2 sectors of" in refusal(workshop)


@pytest.mark.parametrize(
    "key, value, old, what",
    [
        ("ps_asset_size", 4096, "ps_asset_size = 2048", "write at most 4020, or enlarge"),
        ("ps_assets", 280, "ps_assets = 64", "does not fit region 'ps_anchor' (4 sectors of 4096"),
    ],
)
def test_protected_storage_fits(key: str, value: int, old: str, what: str) -> None:
    """In the tree's own product, of which the workshop has no part."""
    text = (ROOT / "products" / "an505.toml").read_text("utf-8").replace(old, f"{key} = {value}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "an505.toml"
        path.write_text(text, "utf-8")
        with pytest.raises(ProductError) as caught:
            load_product(path, profile="medium")
    line = text.splitlines().index(f"{key} = {value}") + 1
    assert str(caught.value).startswith(f"{path}:{line}: {key} {value} does not fit region"), caught
    assert what in str(caught.value)


def test_no_partition_is_called_as_the_non_secure_side(workshop: Workshop) -> None:
    workshop.change(PRODUCT, 'name = "app"', 'name = "nonsecure"')
    assert "'nonsecure' cannot name a partition" in refusal(workshop)


# What only FF-M 1.1 has: text of DRIVER, its replacement, marker of the line, parts of the message.
ONLY_1_1 = (
    ('"version": "3"', '"connection_based": false', "connection_based", "a stateless service"),
    ('"version": "3"', '"stateless_handle": 3', "stateless_handle", "a stateless service"),
    ('"version": "3"', '"mm_iovec": "enable"', "mm_iovec", "mapping of vectors needs FF-M 1.1"),
    (
        '"priority": "NORMAL"',
        '"priority": "NORMAL",\n"model": "IPC"',
        '"model"',
        "'model' is a key",
    ),
)


@pytest.mark.parametrize("old, new, marker, what", ONLY_1_1, ids=[new for _, new, *_ in ONLY_1_1])
def test_only_in_framework_1_1(
    workshop: Workshop, old: str, new: str, marker: str, what: str
) -> None:
    workshop.write(APP, DRIVER.replace("BENCH_DRIVER", "BENCH_APP"))
    workshop.change(APP, old, new)
    message = refusal(workshop)
    assert message.startswith(f"{APP}:{workshop.line(APP, marker)}: ")
    assert what in message and "write psa_framework_version: 1.1 or remove" in message


@pytest.mark.parametrize(
    "old, new, parts",
    (
        ('"entry_point"', '"entry_init"', ("'entry_init' does not belong", "write entry_point")),
        (
            '"signal": "DRIVER',
            '"name": "DRIVER',
            ("unknown key 'name' in an interrupt of FF-M 1.0",),
        ),
        (', "signal": "DRIVER_INTR_SIG"', "", ("an interrupt of FF-M 1.0 has no 'signal'",)),
        ('"sent", ', '"sent", "handling": "SLIH", ', ("unknown key 'handling'",)),
        ("DRIVER_INTR_SIG", "BENCH_APP_SIGNAL", ("two signals of this partition are named",)),
        ('      "non_secure_clients": true,\n', "", ("a service has no 'non_secure_clients'",)),
        ('"stack_size": "0x400",', "", ("the manifest has no 'stack_size'",)),
        ('"type": "APPLICATION-ROT",', "", ("the manifest has no 'type'",)),
        ('"priority": "NORMAL",', "", ("the manifest has no 'priority'",)),
        ('["BENCH_CRYPTO"]', '["BENCH_CRIPTO"]', ("is no service", "did you mean 'BENCH_CRYPTO'")),
    ),
)
def test_wrong_manifest_of_framework_1_0(
    workshop: Workshop, old: str, new: str, parts: tuple[str, ...]
) -> None:
    workshop.write(APP, DRIVER.replace("BENCH_DRIVER", "BENCH_APP"))
    workshop.change(APP, old, new)
    message = refusal(workshop)
    assert message.startswith(f"{APP}:")
    for part in parts:
        assert part in message


def services(count: int) -> str:
    return "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    non_secure_clients: true\n"
        for index in range(count)
    )


def test_signals_of_a_large_ipc_partition(workshop: Workshop) -> None:
    """28 signals: bits 4 to 31."""
    workshop.write(APP, IPC_APP.replace("services:\n", "services:\n" + services(24)))
    assert workshop.load().partitions[1].manifest.signals == 0xFFFF_FFF8
    workshop.write(APP, IPC_APP.replace("services:\n", "services:\n" + services(25)))
    assert "27 services and 2 interrupts need more than 28 signals" in refusal(workshop)


def test_more_services_than_the_manager_counts(workshop: Workshop) -> None:
    text = (workshop.root / APP).read_text()
    workshop.write(APP, text.replace("services:\n", "services:\n" + services(253)))
    assert len(workshop.load().services) == 256
    workshop.write(APP, text.replace("services:\n", "services:\n" + services(254)))
    assert "more than 256 services" in refusal(workshop)


def test_more_partitions_than_the_manager_counts(workshop: Workshop) -> None:
    child = 'extends = "bench.toml"\n'
    for index in range(28):
        file = f"services/small{index}/manifest.yaml"
        workshop.write(file, SMALL.format(name=f"SMALL{index}"))
        child += f'[[partition]]\nname = "small{index}"\nid = {index + 1}\nmanifest = "{file}"\n'
        if index >= 26:
            workshop.write(f"products/of{index + 4}.toml", child)
    assert len(workshop.load("of30").partitions) == 30
    message = refusal(workshop, product="of31")
    assert message.startswith("products/of31.toml:110: there are 31 partitions, 30 are possible")


def irqs(first: int, count: int) -> str:
    return "irqs:\n" + "".join(
        f"  - source: {number}\n    name: I{number}\n    handling: FLIH\n"
        for number in range(first, first + count)
    )


def test_more_than_32_interrupts(workshop: Workshop) -> None:
    app, its = (workshop.root / APP).read_text(), (workshop.root / ITS).read_text()
    workshop.write(APP, app + irqs(0, 20))
    workshop.write(ITS, its + irqs(20, 12))
    assert sum(len(each.manifest.irqs) for each in workshop.load().partitions) == 32
    workshop.write(ITS, its + irqs(20, 13))
    message = refusal(workshop)
    line = workshop.line(ITS, "source: 32")
    assert message.startswith(f"{ITS}:{line}: more than 32 interrupts; ")


def test_one_interrupt_of_two_partitions(workshop: Workshop) -> None:
    workshop.write(APP, (workshop.root / APP).read_text() + irqs(3, 1))
    workshop.write(ITS, (workshop.root / ITS).read_text() + irqs(3, 1).replace("I3", "J3"))
    line = workshop.line(ITS, "source: 3")
    assert refusal(workshop) == (
        f"{ITS}:{line}: interrupt 3 of partition 'its' is already handled by partition 'app'; "
        "keep one of the two"
    )


def test_first_level_handlers_of_one_name(workshop: Workshop) -> None:
    workshop.write(APP, (workshop.root / APP).read_text() + irqs(3, 1))
    workshop.write(ITS, (workshop.root / ITS).read_text() + irqs(4, 1).replace("I4", "i3"))
    line = workshop.line(ITS, "name: i3")
    assert refusal(workshop).startswith(
        f"{ITS}:{line}: function 'i3_flih' of partition 'its' is also one of partition 'app'"
    )


def test_a_name_of_an_archive_that_the_manager_has(workshop: Workshop) -> None:
    """Else its code would be found in the partition."""
    workshop.change(PRODUCT, 'libraries = ["store"]', 'libraries = ["fault"]')
    assert "'libfault.a' of partition 'its' cannot be told from 'libfault.a' of the manager" in (
        refusal(workshop)
    )


# ---- Command line --------------------------------------------------------------------------------


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gen", *map(str, arguments)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
    )


def test_command_reports_without_a_traceback(tmp_path: Path) -> None:
    product = tmp_path / "wrong.toml"
    product.write_text("[product]\nnaem = 1\n")
    result = command("--product", product, "--out", tmp_path / "out")
    assert result.returncode == 2
    assert result.stderr == (
        f"{product}:2: unknown key 'naem' in [product]; did you mean 'name'?\n"
    )
    assert result.stdout == "" and not (tmp_path / "out").exists()


def test_command_with_an_unknown_isolation(tmp_path: Path) -> None:
    result = command("--product", "an505", "--isolation", "7", "--out", tmp_path / "out")
    assert result.returncode == 2
    assert "isolation 7 does not exist; choose 1, 2 or 3" in result.stderr
