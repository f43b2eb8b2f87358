"""Partitions from outside the tree: manifest lists, archives, and what is refused about them.

Their place in the image is proved in test_gen_link.py.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from gen_bench import GCC, outside_archive
from gen_workshop import DRIVER, DRIVER_LIST, SMALL, Workshop

from gen.__main__ import generate, main
from gen.model import Partition, Product
from gen.product import load_product
from gen.source import ProductError

pytestmark = pytest.mark.skipif(shutil.which(GCC) is None, reason=f"{GCC} is not installed")

LIST = "away/list.json"
MANIFEST = "away/manifests/driver_psa.json"
ARCHIVE = "away/vendor_driver.a"


@pytest.fixture
def away(workshop: Workshop) -> Workshop:
    """The workshop and, beside it, what comes from elsewhere."""
    workshop.write(LIST, DRIVER_LIST)
    workshop.write(MANIFEST, DRIVER)
    workshop.write(ARCHIVE, "!<arch>\n")
    return workshop


@pytest.fixture(autouse=True)
def free_timer(workshop: Workshop) -> None:
    """The app of the workshop leaves the timer to the driver."""
    workshop.change(
        "services/app/app_manifest.yaml", "  - name: TIMER0\n    permission: READ-WRITE\n", ""
    )


def load(away: Workshop, lists=(LIST,), archives=None, **options) -> Product:
    """Loads the product with archives that fit what is declared."""
    archives = {"bench_driver": ARCHIVE} if archives is None else archives
    lists = [away.root / file for file in lists]
    declared = away.load(extra_lists=lists, **options)
    for partition in declared.partitions:
        file = away.root / archives.get(partition.name, "none.a")
        if partition.is_outside and file.is_file():
            outside_archive(away, declared, partition.name, file)
    return away.load(
        extra_lists=lists,
        extra_archives={name: away.root / file for name, file in archives.items()},
        **options,
    )


def driver(product: Product) -> Partition:
    return next(each for each in product.partitions if each.name == "bench_driver")


def refusal(away: Workshop, **options) -> str:
    with pytest.raises(ProductError) as caught:
        load(away, **options)
    message = str(caught.value)
    assert "; " in message and "\n" not in message
    return message


# ---- Right ones ----------------------------------------------------------------------------------


def test_a_partition_from_outside(away: Workshop) -> None:
    product = load(away)
    assert [each.name for each in product.partitions] == ["crypto", "app", "its", "bench_driver"]
    found = driver(product)
    assert (found.id, found.manifest.name, found.is_psa_rot) == (3000, "BENCH_DRIVER", False)
    assert found.archives == ["libpartition_bench_driver.a"]
    assert (found.is_outside, found.archive) == (True, str(away.root / ARCHIVE))
    assert (found.secrets, found.rights, found.flash, found.libraries) == ([], [], [], [])
    assert (found.dependency_sids, found.manifest.irqs[0].number) == ([0xc80], 36)
    assert [(each.name, each.base) for each in found.peripherals] == [("TIMER0", 0x5000_0000)]
    assert product.files[-3:] == [LIST, MANIFEST, str(away.root / ARCHIVE)]


def test_generated_files(away: Workshop) -> None:
    files = generate(load(away))
    assert "#define BENCH_DRIVER (0xbb8)" in files["psa_manifest/pid.h"]
    assert "#define BENCH_DRIVER_SID (0x0000fc01U)" in files["psa_manifest/sid.h"]
    header = files["psa_manifest/driver_psa.h"]
    for line in (
        "void driver_main(void);",
        "#define BENCH_DRIVER_SIGNAL ((psa_signal_t)1U << 4)",
        "#define DRIVER_INTR_SIG ((psa_signal_t)1U << 5)",
    ):
        assert f"\n{line}\n" in header
    cmake = dict(re.findall(r'^set\((\w+) "(.*)"\)$', files["product.cmake"], re.MULTILINE))
    assert cmake["BZ_PARTITIONS"] == "crypto;app;its;bench_driver"
    assert cmake["BZ_PARTITION_bench_driver_ARCHIVE"] == str(away.root / ARCHIVE)
    assert cmake["BZ_PARTITION_bench_driver_FUNCTIONS"] == "driver_main"
    assert cmake["BZ_PARTITION_its_ARCHIVE"] == ""
    assert f"${{CMAKE_SOURCE_DIR}}/{LIST}" in cmake["BZ_PRODUCT_FILES"].split(";")
    rows = json.loads(files["product.json"])["partition"]
    found = next(row for row in rows if row["name"] == "bench_driver")
    assert (found["id"], found["archive"], found["type"]) == (
        3000,
        str(away.root / ARCHIVE),
        "APPLICATION-ROT",
    )


def test_of_a_path_outside_only_the_name_gets_into_the_image(
    away: Workshop, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "list.yaml").write_text(DRIVER_LIST.replace("manifests/", ""))
    (folder / "driver_psa.json").write_text(DRIVER)
    files = generate(load(away, lists=(folder / "list.yaml",)))
    assert '    "driver_psa.json",\n' in files["fault_tables.c"]
    for name in ("fault_tables.c", "spm_tables.c", "spe.ld", "layout.h"):
        assert str(tmp_path) not in files[name], name
    assert str(folder / "driver_psa.json") in files["product.cmake"]


def test_a_bare_list_in_yaml(away: Workshop) -> None:
    manifest = away.root / MANIFEST
    away.write("away/list.yaml", f'- manifest: {manifest}\n  pid: "0x2000"\n')
    assert driver(load(away, lists=("away/list.yaml",))).id == 0x2000


@pytest.mark.parametrize(
    "conditional, count",
    (("true", 4), ('"ON"', 4), ('"CONFIG_DRIVER"', 4), ("false", 3), ('"OFF"', 3), ("0", 3)),
)
def test_conditional(away: Workshop, conditional: str, count: int) -> None:
    away.change(LIST, '"conditional": true', f'"conditional": {conditional}')
    archives = {"bench_driver": ARCHIVE} if count == 4 else {}
    assert len(load(away, archives=archives).partitions) == count


def test_two_lists(away: Workshop) -> None:
    away.write("away/more.yaml", "manifest_list:\n  - manifest: more.yaml.in\n    pid: 3001\n")
    away.write("away/more.yaml.in", SMALL.format(name="More"))
    away.write("away/more.a", "!<arch>\n")
    product = load(
        away,
        lists=("away/more.yaml", LIST),
        archives={"more": "away/more.a", "bench_driver": ARCHIVE},
    )
    assert [each.name for each in product.partitions[3:]] == ["more", "bench_driver"]
    assert [each.id for each in product.partitions[3:]] == [3001, 3000]


def test_it_may_be_psa_rot(away: Workshop) -> None:
    """Who links an archive into the secure image trusts it as far as its manifest says."""
    away.change(MANIFEST, "APPLICATION-ROT", "PSA-ROT")
    files = generate(load(away))
    assert driver(load(away)).is_psa_rot
    order = [files["spe.ld"].index(f".part_{name}_stack") for name in ("bench_driver", "app")]
    assert order == sorted(order), "RAM of PSA RoT partitions lies together"


def test_partitions_of_the_tree_may_depend_on_it(away: Workshop) -> None:
    away.change("services/app/app_manifest.yaml", "NOT_IN_THIS_PRODUCT", "BENCH_DRIVER")
    assert load(away).partitions[1].dependency_sids == [0xc70, 0xFC01]


# ---- Refused -------------------------------------------------------------------------------------

# File, text, replacement; then the line that is named, by a text in it, and parts of the message.
WRONG = {
    "pid zero": (LIST, "3000", "0", '"pid"', ("from 1 to",)),
    "pid taken": (LIST, "3000", "257", '"pid"', ("'its' and 'bench_driver' have id 0x101",)),
    "pid reserved": (LIST, "3000", '"0x99"', '"pid"', ("id 0x99", "is reserved")),
    "manifest missing": (
        LIST,
        "driver_psa",
        "none",
        '"manifest":',
        ("cannot read away/manifests",),
    ),
    "unknown key": (LIST, '"short_name"', '"shortname"', "shortname", ("'short_name'?",)),
    "unknown key of a list": (LIST, '"type"', '"kind"', "kind", ("unknown key 'kind'",)),
    "no list": (LIST, '"manifest_list": [', '"description_": [', "description_", ("unknown key",)),
    "pattern": (LIST, '"object_list"', '"objects"', "objects", ("did you mean 'object_list'?",)),
    "pattern of numbers": (LIST, '["*driver.*"]', "[1]", "[1]", ("write a string",)),
    "name taken": (
        MANIFEST,
        '"name": "BENCH_DRIVER",\n  "type"',
        '"name": "Its",\n  "type"',
        '"Its"',
        ("partition 'its' is also declared by services/its/manifest.yaml", "rename one"),
    ),
    "name of an owner": (
        MANIFEST,
        '"name": "BENCH_DRIVER",\n  "type"',
        '"name": "MANAGER",\n  "type"',
        '"MANAGER"',
        ("'manager' cannot name a partition",),
    ),
    "service taken": (
        MANIFEST,
        '      "name": "BENCH_DRIVER"',
        '      "name": "BENCH_ITS"',
        '"BENCH_ITS"',
        ("service 'BENCH_ITS' is also declared by partition 'its'",),
    ),
    "SID taken": (MANIFEST, "0x0000FC01", "0xc80", '"0xc80"', ("is also that of service",)),
    "function taken": (
        MANIFEST,
        "driver_main",
        "app_init",
        "app_init",
        ("one of partition 'app'",),
    ),
    "unknown registers": (
        MANIFEST,
        '"TIMER0"',
        '"TIMER1"',
        '"TIMER1"',
        ("no [[peripheral]] 'TIMER1' in the product", "did you mean 'TIMER0'?"),
    ),
    "unknown interrupt": (
        MANIFEST,
        '"UART_IRQ"',
        '"UART_IRC"',
        '"UART_IRC"',
        ("no [[interrupt]] 'UART_IRC' in the product", "did you mean 'UART_IRQ'?"),
    ),
    "unknown dependency": (
        MANIFEST,
        '["BENCH_CRYPTO"]',
        '["BENCH_CRIPTO"]',
        "BENCH_CRIPTO",
        ("did you mean 'BENCH_CRYPTO'?",),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(away: Workshop, case: str) -> None:
    file, old, new, marker, parts = WRONG[case]
    away.change(file, old, new)
    name = "its" if case == "name taken" else "bench_driver"
    message = refusal(away, archives={name: ARCHIVE})
    assert message.startswith(f"{file}:{away.line(file, marker)}: "), message
    for part in parts:
        assert part in message, message


def test_list_without_entries(away: Workshop) -> None:
    away.write(LIST, '{"description": "nothing"}')
    assert refusal(away).startswith(f"{LIST}:1: the manifest list has no 'manifest_list'")


def test_entry_without_an_id(away: Workshop) -> None:
    line = away.line(LIST, '"description": "A driver"') - 1
    away.change(LIST, '      "pid": 3000,\n', "")
    assert refusal(away).startswith(
        f"{LIST}:{line}: an entry of the manifest list has no 'pid'; add pid"
    )


def test_missing_list(away: Workshop) -> None:
    assert refusal(away, lists=("away/none.yaml",)).startswith(
        "away/none.yaml: cannot read away/none.yaml: No such file"
    )


def test_no_archive(away: Workshop) -> None:
    line = away.line(LIST, '"description": "A driver"') - 1
    assert refusal(away, archives={}) == (
        f"{LIST}:{line}: partition 'bench_driver' has no archive; "
        "add --extra-archive bench_driver=FILE"
    )


def test_missing_archive(away: Workshop) -> None:
    path = away.root / "none.a"
    assert refusal(away, archives={"bench_driver": "none.a"}) == (
        f"--extra-archive bench_driver={path}: there is no file {path}; "
        "build it or correct the path"
    )


def test_archive_of_nobody(away: Workshop) -> None:
    message = refusal(away, archives={"bench_driver": ARCHIVE, "bench_drive": ARCHIVE})
    assert message == (
        f"--extra-archive bench_drive={away.root / ARCHIVE}: no manifest list has a partition "
        "'bench_drive'; did you mean 'bench_driver'?"
    )


def test_archives_without_lists(away: Workshop) -> None:
    message = refusal(away, lists=(), archives={"its": ARCHIVE})
    assert "no manifest list has a partition 'its'; none is declared" in message


@pytest.mark.parametrize("name", ("vendor driver.a", "driver*.a", "driver.a)", "libstore.a"))
def test_an_archive_may_have_any_name(away: Workshop, name: str) -> None:
    away.write(f"away/{name}", "")
    product = load(away, archives={"bench_driver": f"away/{name}"})
    assert driver(product).archive == str(away.root / "away" / name)


@pytest.mark.parametrize("sign", (";", '"', "\\", "*/", "\t"))
def test_a_path_that_generated_files_cannot_have(away: Workshop, sign: str) -> None:
    """It stands in C texts and comments of the manager's tables, and in lists of the build."""
    away.write(f"away/a{sign}b.a", "")
    message = refusal(away, archives={"bench_driver": f"away/a{sign}b.a"})
    assert f"b.a has a {sign!r}; rename it" in message
    away.write(f"away/l{sign}m.json", DRIVER_LIST)
    message = refusal(away, lists=(f"away/l{sign}m.json",))
    assert f"m.json has a {sign!r}; rename it" in message
    away.write(f"away/manifests/x{sign}y.json", DRIVER)
    written = json.dumps(f"x{sign}y.json")[1:-1]
    away.write("away/other.json", DRIVER_LIST.replace("driver_psa.json", written))
    message = refusal(away, lists=("away/other.json",))
    assert message.startswith("away/other.json:") and f"has a {sign!r}; rename it" in message


@pytest.mark.parametrize("name, other", (("API", "libpartition_api.a"),))
def test_a_name_whose_archive_is_another(away: Workshop, name: str, other: str) -> None:
    away.change(MANIFEST, '"name": "BENCH_DRIVER",\n  "type"', f'"name": "{name}",\n  "type"')
    message = refusal(away, archives={name.lower(): ARCHIVE})
    assert message.startswith(f"{LIST}:")
    assert f"of partition '{name.lower()}' cannot be told from '{other}'" in message


def test_one_archive_for_two_partitions_must_be_compiled_for_both(away: Workshop) -> None:
    away.write("away/more.yaml", "- manifest: more.yaml.in\n  pid: 3001\n")
    away.write("away/more.yaml.in", SMALL.format(name="MORE"))
    message = refusal(
        away, lists=("away/more.yaml", LIST), archives={"more": ARCHIVE, "bench_driver": ARCHIVE}
    )
    assert "no object in it was compiled with psa_manifest/more.yaml.h" in message


def test_one_interrupt_of_two_worlds(away: Workshop) -> None:
    away.write(
        "services/app/app_manifest.yaml",
        (away.root / "services/app/app_manifest.yaml").read_text()
        + "irqs:\n  - source: 36\n    name: U\n    handling: FLIH\n",
    )
    message = refusal(away)
    assert message.startswith(f"{MANIFEST}:{away.line(MANIFEST, 'UART_IRQ')}: interrupt 36 of ")


def test_manifest_lists_twice(away: Workshop) -> None:
    assert "partition 'bench_driver' is also declared by" in refusal(away, lists=(LIST, LIST))


# ---- Command line --------------------------------------------------------------------------------


def test_command(away: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real product, with paths from the current directory."""
    away.change(MANIFEST, '"TIMER0"', '"timer0"')
    away.change(MANIFEST, '"UART_IRQ"', '"uart2_tx"')
    away.change(MANIFEST, "BENCH_CRYPTO", "PSA_CRYPTO")
    monkeypatch.chdir(away.root / "away")
    declared = load_product("an505", extra_lists=["list.json"])
    outside_archive(away, declared, "bench_driver", away.root / ARCHIVE)
    options = ["--extra-manifest-list", "list.json"]
    options += ["--extra-archive", "bench_driver=vendor_driver.a"]
    assert main(["--product", "an505", "--out", str(tmp_path / "out"), *options]) == 0
    assert f'ARCHIVE "{away.root / ARCHIVE}"' in (tmp_path / "out/product.cmake").read_text()
    assert ".number = 37U" in (tmp_path / "out/spm_tables.c").read_text()


def test_command_with_two_archives_of_one_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--extra-archive", "a=x.a", "--extra-archive", "a=y.a"]
    assert main(["--product", "an505", "--out", str(tmp_path), *options]) == 2
    assert capsys.readouterr().err == (
        "--extra-archive a: partition 'a' has two archives; give one NAME=FILE for each\n"
    )


@pytest.mark.parametrize("text", ("driver", "=x.a", "driver="))
def test_command_with_half_an_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--product", "an505", "--out", str(tmp_path), "--extra-archive", text])
    assert caught.value.code == 2
    assert f"{text!r} is not NAME=FILE" in capsys.readouterr().err
