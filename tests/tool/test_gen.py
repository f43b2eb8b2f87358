"""Right declarations: what the loader makes of them and what the generator writes.

Placement by the linker and MPU words are proved in test_gen_link.py, refusals in
test_gen_errors.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from gen_workshop import DRIVER, IPC_APP, PRODUCT, Workshop

import gen
from gen import emit_build, external, load_product, storage
from gen import manifest as manifest_module
from gen.__main__ import generate, main
from gen.model import MANAGER_ARCHIVES, Region
from gen.output import write_files
from gen.source import Node

ROOT = Path(__file__).resolve().parents[2]
BENCH = "products/bench.toml"
APP = "services/app/app_manifest.yaml"
needs_gcc = pytest.mark.skipif(
    shutil.which("arm-none-eabi-gcc") is None, reason="arm-none-eabi-gcc is not installed"
)


def defines(text: str) -> dict[str, str]:
    return dict(re.findall(r"^#define (\w+) (.+)$", text, re.MULTILINE))


# ---- Loading -------------------------------------------------------------------------------------


def test_product_values(workshop: Workshop) -> None:
    product = workshop.load()
    assert (product.name, product.version, product.security_counter) == ("bench", "1.2.3", 4)
    assert (product.isolation, product.profile) == (3, "small")
    assert product.profile_values["crypto_keys"] == 8
    assert product.memories["secure_ram"].base == 0x3800_0000
    assert [region.number for region in product.regions] == [0, 1, 2]
    assert product.secure_image.payload_size == 0x8_0000 - 0x400 - 0x2000
    assert product.payload_base(product.non_secure_image) == 0x8020_0400
    assert [partition.name for partition in product.partitions] == ["crypto", "app", "its"]
    assert product.files == [
        BENCH,
        "services/crypto/manifest.yaml",
        APP,
        "services/its/manifest.yaml",
    ]


def test_isolation_and_profile_can_be_chosen(workshop: Workshop) -> None:
    product = workshop.load(isolation=1, profile="medium")
    assert (product.isolation, product.profile) == (1, "medium")
    assert product.profile_values["crypto_heap_size"] == 16384


def test_budgets_of_the_chosen_profile(workshop: Workshop) -> None:
    every = {"boot_code": 1000, "boot_ram": 2000, "secure_code": 3000}
    small, medium = workshop.load(profile="small"), workshop.load(profile="medium")
    assert small.budget == every
    assert medium.budget == every | {"secure_code": 4000, "secure_ram": 7000}
    assert [partition.budget for partition in small.partitions] == [
        {},
        {},
        {"code": 5000, "ram": 6000},
    ]
    assert json.loads(generate(medium)["product.json"])["budget"] == medium.budget


def test_budgets_and_release_may_be_left_out(workshop: Workshop) -> None:
    assert workshop.load().release is True
    text = (workshop.root / BENCH).read_text()
    start, end = text.index("[budget]"), text.index("[profile.small]")
    workshop.write(BENCH, (text[:start] + text[end:]).replace("release = true\n", ""))
    product = workshop.load()
    assert (product.budget, product.release) == ({}, False)


def test_manifest_values(workshop: Workshop) -> None:
    crypto, app, its = workshop.load().partitions
    assert its.manifest.stack_size == 0x408  # rounded up to 8
    assert (its.manifest.header, app.manifest.header) == ("its", "app_manifest")
    assert (crypto.manifest.entry, its.manifest.entry) == ("crypto_init", None)
    assert [crypto.is_psa_rot, app.is_psa_rot] == [True, False]
    assert its.manifest.services[0].handle == 0x4000_0207
    assert crypto.manifest.services[0].handle == 0x4000_0106
    assert app.manifest.services[0].handle is None
    assert app.manifest.services[0].version == 1
    assert (its.dependency_sids, app.dependency_sids) == ([0xc80], [0xc70])
    assert [(grant.base, grant.writable) for grant in app.peripherals] == [
        (0x5000_0000, True),
        (0x5000_2000, False),
    ]


def test_stateless_indices_fill_the_gaps(workshop: Workshop) -> None:
    """Those of the standard services, 0 to 5, stay free."""
    services = "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    connection_based: false\n"
        f"    non_secure_clients: true\n    stateless_handle: {handle}\n"
        for index, handle in enumerate(("auto", 8, "auto", 32))
    )
    workshop.change(APP, "services:\n", "services:\n" + services)
    indices = {service.name: service.stateless_index for service in workshop.load().services}
    assert indices == {
        "BENCH_CRYPTO": 6,
        "S0": 8,
        "S1": 7,
        "S2": 9,
        "S3": 31,
        "BENCH_APP": None,
        "BENCH_ITS": 10,
    }


def test_json_manifest(workshop: Workshop) -> None:
    workshop.write(
        "services/app/app.json",
        json.dumps(
            {
                "psa_framework_version": 1.1,
                "name": "BENCH_APP",
                "type": "APPLICATION-ROT",
                "priority": "NORMAL",
                "model": "SFN",
                "stack_size": "0x400",
                "services": [
                    {
                        "name": "BENCH_APP",
                        "sid": "0xF0000001",
                        "non_secure_clients": True,
                        "connection_based": False,
                        "stateless_handle": "auto",
                        "version": 1,
                        "version_policy": "STRICT",
                    }
                ],
            },
            indent="\t",
        ),
    )
    workshop.change(BENCH, APP, "services/app/app.json")
    app = workshop.load().partitions[1]
    assert (app.manifest.header, app.manifest.stack_size) == ("app", 0x400)
    assert app.manifest.services[0].sid == 0xF000_0001


# ---- extends -------------------------------------------------------------------------------------

CHILD = """\
extends = "{base}"
[product]
name = "child"
[cpu]
dsp = false
fpu = false
[[partition]]
name = "crypto"
secrets = ["boot_seed", "runtime_root"]
[[partition]]
name = "probe"
id = 0x300
manifest = "tests/probe.yaml"
[[region]]
name = "spare"
owner = "probe"
[[region]]
name = "scratch"
offset = 0x04_0000
size = 0x1000
owner = "none"
[profile.small]
crypto_keys = 9
"""
PROBE = """\
psa_framework_version: 1.1
name: PROBE
type: APPLICATION-ROT
priority: NORMAL
model: SFN
stack_size: 512
"""


@pytest.mark.parametrize(
    "file, base",
    (
        ("products/child.toml", "bench.toml"),
        ("tests/deep/child.toml", "products/bench.toml"),
        ("tests/deep/child.toml", "../../products/bench.toml"),
    ),
)
def test_extends_merges_by_key_and_by_name(workshop: Workshop, file: str, base: str) -> None:
    workshop.write(file, CHILD.format(base=base))
    workshop.write("tests/probe.yaml", PROBE)
    product = workshop.load(file)
    assert (product.name, product.title) == ("child", "A product of the tests")
    assert (product.cpu.dsp, product.cpu.clock_hz) == (False, 20_000_000)
    assert [partition.name for partition in product.partitions] == ["crypto", "app", "its", "probe"]
    assert product.partitions[0].id == 0x100
    assert product.partitions[0].secrets == ["boot_seed", "runtime_root"]
    assert [(region.name, region.owner, region.offset) for region in product.regions[2:]] == [
        ("spare", "probe", 0x2_0000),
        ("scratch", "none", 0x4_0000),
    ]
    assert product.profile_values["crypto_keys"] == 9
    assert product.profile_values["its_assets"] == 32
    assert (product.file, product.files[:2]) == (file, [BENCH, file])


def test_extends_over_two_steps(workshop: Workshop) -> None:
    workshop.write("products/middle.toml", 'extends = "bench.toml"\n[product]\ntitle = "middle"\n')
    workshop.write("products/last.toml", 'extends = "middle.toml"\n[product]\nversion = "2.0.0"\n')
    product = workshop.load("last")
    assert (product.name, product.title, product.version) == ("bench", "middle", "2.0.0")


def test_a_product_outside_the_tree(workshop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "away.toml"
    path.write_text('extends = "products/bench.toml"\n[product]\nname = "away"\n')
    assert workshop.load(str(path)).name == "away"


# ---- Generated files -----------------------------------------------------------------------------


def test_list_of_generated_files(workshop: Workshop) -> None:
    assert sorted(workshop.generate()) == [
        "bartizan/nv_counters.h",
        "bartizan/product.h",
        "boot.ld",
        "boot_images.c",
        "crypto_algorithms.h",
        "crypto_client.c",
        "crypto_functions.h",
        "fault_tables.c",
        "fwu_client.c",
        "fwu_functions.h",
        "its_quotas.c",
        "layout.h",
        "ns.ld",
        "nv_counters.c",
        "product.cmake",
        "product.json",
        "ps_client.c",
        "ps_functions.h",
        "psa_manifest/app_manifest.h",
        "psa_manifest/crypto.h",
        "psa_manifest/its.h",
        "psa_manifest/pid.h",
        "psa_manifest/sid.h",
        "spe.ld",
        "spm_tables.c",
    ]


STORAGE = """\
its_quota = [
    { client = "nonsecure", assets = 20, bytes = 5000 },
    { client = "app", assets = 1, bytes = 0 },
]
"""
COUNTERS = """\
[[nv_counter]]
name = "one"
id = 5
clients = ["app", "nonsecure"]
[[nv_counter]]
name = "two"
id = 0x8000_0000
clients = ["app"]
"""


def test_tables_of_storage(workshop: Workshop) -> None:
    """Clients are ids of partitions, or -1. Without the Platform service there are no counters."""
    files = workshop.generate()
    for table in ("its_quotas.c", "nv_counters.c"):
        assert "= {\n    {0},\n};" in files[table]
    values = defines(files["layout.h"])
    for name in ("ITS_QUOTAS", "ITS_ENCRYPTION", "NV_COUNTERS"):
        assert values[name] == "0U"
    workshop.change(workshop.product, "its_assets = 32\n", f"its_assets = 32\n{STORAGE}")
    workshop.change(workshop.product, "[budget]\n", f"{COUNTERS}[budget]\n")
    files = workshop.generate()
    assert defines(files["layout.h"])["ITS_QUOTAS"] == "2U"
    assert "{-1, {20U, 5000U}}, /* nonsecure */" in files["its_quotas.c"]
    assert "{512, {1U, 0U}}, /* app */" in files["its_quotas.c"]
    assert defines(files["layout.h"])["NV_COUNTERS"] == "0U"
    assert "#define BARTIZAN_NV_COUNTER_ONE" not in files["bartizan/nv_counters.h"]
    assert defines(workshop.generate(profile="medium")["layout.h"])["ITS_QUOTAS"] == "0U"


def test_tables_of_a_product_with_all_storage() -> None:
    files = generate(load_product("tests/qemu/vault/sealed.toml"))
    values = defines(files["layout.h"])
    names = ("ITS_QUOTAS", "ITS_ENCRYPTION", "NV_COUNTERS")
    assert [values[name] for name in names] == ["2U", "1U", "3U"]
    assert "static const int32_t common_clients[] = {544, -1};" in files["nv_counters.c"]
    assert "    {0x80000002U, 2U, common_clients},\n" in files["nv_counters.c"]
    assert (
        "#define BARTIZAN_NV_COUNTER_COMMON (0x80000002u)\n" in files["bartizan/nv_counters.h"]
    )


def test_rows_of_partitions_that_are_off(workshop: Workshop) -> None:
    """They are left out, not refused: the product that switches a partition off need not know."""
    workshop.change(workshop.product, "its_assets = 32\n", f"its_assets = 32\n{STORAGE}")
    workshop.change(workshop.product, "[budget]\n", f"{COUNTERS}[budget]\n")
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n[[partition]]\nname = "app"\nenabled = false\n',
    )
    product = workshop.load("child")
    assert [quota.client for quota in product.its_quota] == ["nonsecure"]


@pytest.mark.parametrize(
    "sector, sectors, unit, most",
    [(4096, 2, 8, 2000), (4096, 3, 8, 2680), (4096, 16, 8, 4032), (0x4000, 4, 8, 12232)],
)
def test_space_rule(sector: int, sectors: int, unit: int, most: int) -> None:
    """The rule of docs/formats/store.md, worked out by hand for one asset."""
    where = Region("x", 0, 0, sector * sectors, "its", sector, Node({}, "", 1))
    assert storage.store_holds(where, unit, [most])
    assert not storage.store_holds(where, unit, [most + 1])


@pytest.mark.parametrize(
    "sectors, size, most",
    [(2, 64, 41), (4, 512, 19), (8, 64, 244), (16, 64, 571), (16, 2048, 9), (32, 512, 179)],
)
def test_space_rule_for_many(sectors: int, size: int, most: int) -> None:
    """The numbers of docs/storage.md, and of tests/host/test_store_wear.c."""
    where = Region("x", 0, 0, 4096 * sectors, "its", 4096, Node({}, "", 1))
    assert storage.store_holds(where, 8, [size] * most)
    assert not storage.store_holds(where, 8, [size] * (most + 1))


def test_application_header(workshop: Workshop) -> None:
    """Independent of the isolation level; what survives a reset is the end of the memory."""
    text = workshop.generate()["bartizan/product.h"]
    values = defines(text)
    assert values["BARTIZAN_PRODUCT"] == '"bench"'
    assert values["BARTIZAN_UART_BASE"] == "0x40201000U"
    assert values["BARTIZAN_NS_CODE_BASE"] == "0x80200400U"
    assert values["BARTIZAN_NVMEM_BASE"] == "0x283ffc00U"
    assert values["BARTIZAN_NVMEM_SIZE"] == "1024U"
    assert generate(workshop.load(isolation=1))["bartizan/product.h"] == text


def test_layout_header(workshop: Workshop) -> None:
    values = defines(workshop.generate()["layout.h"])
    assert values["PRODUCT_NAME"] == '"bench"'
    numbers = {
        name: int(value.removesuffix("U"), 0)
        for name, value in values.items()
        if value.endswith("U")
    }
    declared = tomllib.loads(PRODUCT)
    for name, memory in declared["memory"].items():
        assert numbers[f"{name.upper()}_BASE"] == memory["base"]
        assert numbers[f"{name.upper()}_SIZE"] == memory["size"]
    for number, region in enumerate(declared["region"]):
        name = region["name"].upper()
        assert numbers[f"FLASH_{name}_OFFSET"] == region["offset"]
        assert numbers[f"FLASH_{name}_SIZE"] == region["size"]
        assert numbers[f"FLASH_REGION_{name}"] == number
    for image in declared["image"]:
        name = image["name"].upper()
        assert numbers[f"IMAGE_{name}_ID"] == image["id"]
        assert numbers[f"IMAGE_{name}_SLOT_OFFSET"] == image["slot"]["offset"]
        assert numbers[f"IMAGE_{name}_SECONDARY_SIZE"] == image["secondary"]["size"]
        assert numbers[f"IMAGE_{name}_HEADER_SIZE"] == 0x400
    assert numbers["IMAGE_COUNT"] == 2
    assert numbers["FLASH_BASE"] == 0x8000_0000 and numbers["FLASH_ERASED"] == 0xFF
    assert numbers["FLASH_SECTOR_SIZE"] == 4096 and numbers["FLASH_PROGRAM_UNIT"] == 8
    assert numbers["CLOCK_HZ"] == 20_000_000 and numbers["MPU_REGIONS_MIN"] == 8
    assert numbers["SPM_CONNECTIONS"] == 8 and numbers["SPM_PARTITIONS"] == 3
    assert numbers["SPM_SERVICES"] == 3
    assert numbers["CRYPTO_HEAP_SIZE"] == 4096 and numbers["ITS_ASSET_SIZE"] == 2048
    assert numbers["GATEWAYS_BASE"] == 0x8010_0800 and numbers["GATEWAYS_SIZE"] == 0x100
    assert "ISOLATION_LEVEL" not in values


def test_isolation_level_is_only_in_the_tables(workshop: Workshop) -> None:
    one, three = workshop.generate(isolation=1), workshop.generate(isolation=3)
    changed = {name for name in one if one[name] != three[name]}
    assert changed == {"spm_tables.c", "product.cmake", "product.json"}


def test_manifest_headers(workshop: Workshop) -> None:
    files = workshop.generate()
    sid = defines(files["psa_manifest/sid.h"])
    assert sid["BENCH_ITS_SID"] == "(0x00000c70U)"
    assert sid["BENCH_ITS_VERSION"] == "(2U)"
    assert sid["BENCH_ITS_HANDLE"] == "(0x40000207U)"
    assert "BENCH_APP_HANDLE" not in sid
    assert defines(files["psa_manifest/pid.h"])["BENCH_APP"] == "(0x200)"
    assert "psa_status_t bench_its_sfn(const psa_msg_t *message);" in files["psa_manifest/its.h"]
    assert "psa_status_t app_init(void);" in files["psa_manifest/app_manifest.h"]


def test_algorithms_of_the_profile(workshop: Workshop) -> None:
    small = defines(workshop.generate()["crypto_algorithms.h"])
    assert {name for name in small if name.startswith("CRYPTO_ALG_")} == {
        "CRYPTO_ALG_SHA256",
        "CRYPTO_ALG_ECDSA_P256",
    }
    assert "CRYPTO_ALG_SHA384 1" in workshop.generate(profile="medium")["crypto_algorithms.h"]


def test_boot_images(workshop: Workshop) -> None:
    text = workshop.generate()["boot_images.c"]
    assert re.findall(r'\.name = "(\w+)"', text) == ["secure", "nonsecure"]
    assert re.findall(r"\.world = (\w+)", text) == ["BOOT_WORLD_SECURE", "BOOT_WORLD_NON_SECURE"]


def test_flash_grants(workshop: Workshop) -> None:
    text = workshop.generate()["spm_tables.c"]
    rows = re.findall(
        r"\.partition = (\d)U,\s+\.region = (\d)U,\s+\.rights = (.*),\s+"
        r"\.offset = (\w+)U,\s+\.size_bytes = (\w+)U",
        text,
    )
    assert rows == [("0", "1", "SPM_FLASH_READ | SPM_FLASH_WRITE", "0x10000", "0x10000")]
    workshop.change(BENCH, '"read-write"', '"read"')
    assert ".rights = SPM_FLASH_READ," in workshop.generate()["spm_tables.c"]


def test_secrets(workshop: Workshop) -> None:
    workshop.change(BENCH, '["generator_seed"]', '["generator_seed", "runtime_root"]')
    assert (
        ".secrets = (1U << SPM_SECRET_GENERATOR_SEED) | (1U << SPM_SECRET_RUNTIME_ROOT),"
        in workshop.generate()["spm_tables.c"]
    )


def test_product_cmake(workshop: Workshop) -> None:
    values = dict(
        re.findall(r'^set\((\w+) "(.*)"\)$', workshop.generate()["product.cmake"], re.MULTILINE)
    )
    assert values["BZ_PLATFORM"] == "mps2"
    assert values["BZ_PARTITIONS"] == "crypto;app;its"
    assert values["BZ_PARTITION_its_DIR"] == "${CMAKE_SOURCE_DIR}/services/its"
    assert values["BZ_PARTITION_its_LIBRARIES"] == "store"
    assert values["BZ_CPU_FLAGS_SECURE"] == "-mcpu=cortex-m33+nofp;-mfloat-abi=soft;-mthumb;-mcmse"
    assert (
        values["BZ_CPU_FLAGS_NS"] == "-mcpu=cortex-m33;-mfloat-abi=hard;-mfpu=fpv5-sp-d16;-mthumb"
    )
    workshop.change(BENCH, "dsp = true\nfpu = true", "dsp = false\nfpu = false")
    product = workshop.load()
    assert emit_build.cpu_flags_secure(product)[0] == "-mcpu=cortex-m33+nodsp+nofp"
    assert emit_build.cpu_flags_ns(product) == [
        "-mcpu=cortex-m33+nodsp+nofp",
        "-mfloat-abi=soft",
        "-mthumb",
    ]


@needs_gcc
@pytest.mark.parametrize("has_fpu, has_dsp", ((True, True), (True, False), (False, False)))
def test_cpu_flags_are_accepted_by_the_compiler(
    workshop: Workshop, tmp_path: Path, has_fpu: bool, has_dsp: bool
) -> None:
    workshop.change(
        BENCH,
        "dsp = true\nfpu = true",
        f"dsp = {str(has_dsp).lower()}\nfpu = {str(has_fpu).lower()}",
    )
    product = workshop.load()
    for flags, fp in (
        (emit_build.cpu_flags_secure(product), False),
        (emit_build.cpu_flags_ns(product), has_fpu),
    ):
        macros = subprocess.run(
            ["arm-none-eabi-gcc", *flags, "-dM", "-E", "-x", "c", "/dev/null"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert ("__ARM_FP " in macros) == fp
        assert ("__ARM_FEATURE_DSP 1" in macros) == has_dsp


def test_product_json(workshop: Workshop) -> None:
    data = json.loads(workshop.generate(profile="medium", isolation=2)["product.json"])
    assert (data["isolation"], data["profile"]) == (2, "medium")
    assert data["profile_values"]["its_assets"] == 64
    assert data["product"]["name"] == "bench"
    assert data["flash"]["size"] == 0x100_0000
    its = next(partition for partition in data["partition"] if partition["name"] == "its")
    assert (its["id"], its["libraries"], its["services"][0]["sid"]) == (0x101, ["store"], 0xc70)
    assert data["region"][1] == {
        "name": "its",
        "offset": 0x1_0000,
        "size": 0x1_0000,
        "owner": "its",
        "number": 1,
    }
    assert data["payload"]["secure"] == {"base": 0x8010_0400, "size": 0x7_DC00}


def test_qemu_arguments(workshop: Workshop) -> None:
    arguments = emit_build.qemu_args(workshop.load())
    assert arguments[:2] == ["-machine", "mps2-an505,memory-backend=flash"]
    assert arguments[3] == "memory-backend-file,id=flash,size=16777216,mem-path=@DEVICE@,share=on"
    assert not {"-kernel", "-serial"} & set(arguments)


def test_imgtool_arguments(workshop: Workshop) -> None:
    product = workshop.load()
    assert emit_build.imgtool_args(product, product.secure_image) == [
        "--header-size",
        "0x400",
        "--pad-header",
        "--slot-size",
        "0x80000",
        "--align",
        "8",
        "--version",
        "1.2.3",
        "--security-counter",
        "4",
        "--public-key-format",
        "full",
    ]


def row(text: str, table: str, key: str, value: str) -> dict[str, str]:
    """The row of a C table in which key has that value."""
    found = re.search(rf" {table}\[\w*\] = \{{", text)
    assert found, f"no table {table}"
    body = text[found.start() :]
    for found in re.findall(r"^    \{\n(.*?)^    \},$", body[: body.index("\n};")], re.M | re.S):
        fields = dict(re.findall(r"\.([\w.]+) = (.*),$", found, re.M))
        if fields[key] == value:
            return fields
    raise AssertionError(f"no row of {table} has {key} = {value}")


def test_ipc_partition_in_the_tables(workshop: Workshop) -> None:
    workshop.write(APP, IPC_APP)
    text = workshop.generate()["spm_tables.c"]
    app = row(text, "spm_partitions", "name", '"app"')
    assert (app["entry"], app["sfn_init"]) == ("app_main", "NULL")
    assert app["signals"] == "0x000000f8U"  # two services, two interrupts, the doorbell
    assert (app["heap_base"], app["heap_size"]) == ("(uint32_t)__part_app_heap_start", "104U")
    crypto = row(text, "spm_partitions", "name", '"crypto"')
    assert (crypto["entry"], crypto["sfn_init"]) == ("NULL", "crypto_init")
    assert (crypto["signals"], crypto["heap_base"], crypto["heap_size"]) == (
        "0x00000000U",
        "0U",
        "0U",
    )
    service = row(text, "spm_services", "sid", "0xf0000001U")
    assert (service["sfn"], service["signal"], service["mm_iovec"]) == ("NULL", "1U << 4", "1U")
    service = row(text, "spm_services", "sid", "0x00000c80U")
    assert (service["sfn"], service["signal"]) == ("bench_crypto_sfn", "SPM_SIGNAL_SFN")
    assert row(text, "spm_irqs", "number", "3U") == {
        "number": "3U",
        "partition": "0U",
        "from_start": "0U",
        "signal": "1U << 6",
        "flih": "tick_flih",
    }
    assert row(text, "spm_irqs", "number", "40U")["flih"] == "NULL"


def test_header_of_an_ipc_partition(workshop: Workshop) -> None:
    workshop.write(APP, IPC_APP)
    text = workshop.generate()["psa_manifest/app_manifest.h"]
    assert defines(text) == {
        "BENCH_APP_MODEL_IPC": "1",
        "BENCH_APP_STACK_SIZE": "(1024U)",
        "BENCH_APP_HEAP_SIZE": "(104U)",
        "BENCH_APP_SIGNAL": "((psa_signal_t)1U << 4)",
        "BENCH_OPEN_SIGNAL": "((psa_signal_t)1U << 5)",
        "TICK_SIGNAL": "((psa_signal_t)1U << 6)",
        "TOCK_SIGNAL": "((psa_signal_t)1U << 7)",
    }
    assert re.findall(r"^\w.*;$", text, re.M) == [
        "void app_main(void);",
        "psa_flih_result_t tick_flih(void);",
    ]


def test_interrupts_of_an_sfn_partition(workshop: Workshop) -> None:
    """Its services have no signals, so the interrupts are counted from bit 4."""
    workshop.change(
        APP,
        "weak_dependencies:",
        "irqs:\n  - source: 7\n    name: Beat\n    handling: FLIH\nweak_dependencies:",
    )
    files = workshop.generate()
    text = files["spm_tables.c"]
    assert row(text, "spm_partitions", "name", '"app"')["signals"] == "0x00000010U"
    assert row(text, "spm_irqs", "number", "7U")["flih"] == "beat_flih"
    assert row(text, "spm_irqs", "number", "7U")["partition"] == "2U"
    header = files["psa_manifest/app_manifest.h"]
    assert defines(header)["Beat_SIGNAL"] == "((psa_signal_t)1U << 4)"
    assert "BENCH_APP_SIGNAL" not in header
    assert "psa_flih_result_t beat_flih(void);" in header


def test_manifest_of_framework_1_0(workshop: Workshop) -> None:
    workshop.write(APP, DRIVER.replace("BENCH_DRIVER", "BENCH_APP"))
    app = workshop.load().partitions[1]
    manifest, service = app.manifest, app.manifest.services[0]
    assert (manifest.model, manifest.entry, manifest.stack_size) == ("IPC", "driver_main", 0x400)
    assert manifest.heap_size == 32  # the least that holds the heap's own words
    assert (service.connection_based, service.version, service.strict) == (True, 3, False)
    assert (manifest.irqs[0].signal, manifest.irqs[0].number) == ("DRIVER_INTR_SIG", 36)
    files = workshop.generate()
    assert row(files["spm_tables.c"], "spm_irqs", "number", "36U") == {
        "number": "36U",
        "partition": "2U",
        "from_start": "1U",
        "signal": "1U << 5",
        "flih": "NULL",
    }
    header = defines(files["psa_manifest/app_manifest.h"])
    assert header["DRIVER_INTR_SIG"] == "((psa_signal_t)1U << 5)"


def test_defaults_of_framework_1_0(workshop: Workshop) -> None:
    text = DRIVER.replace("BENCH_DRIVER", "BENCH_APP")
    text = text.replace('  "heap_size": "0x8",\n', "")
    text = text.replace('true,\n      "version": "3",\n      "version_policy": "RELAXED"', "true")
    text = text.replace('"sid"', '"mm_iovec": "disable", "connection_based": true, "sid"')
    workshop.write(APP, text)
    manifest = workshop.load().partitions[1].manifest
    service = manifest.services[0]
    assert (service.version, service.strict, manifest.heap_size) == (1, True, 0)
    assert (service.connection_based, service.mm_iovec) == (True, False)


@pytest.mark.parametrize(
    "declared, size", ((0, 0), (1, 32), ("0x20", 32), (33, 40), ("0x100", 256), (4095, 4096))
)
def test_heap_sizes(workshop: Workshop, declared: object, size: int) -> None:
    workshop.write(APP, IPC_APP.replace("0x61", str(declared)))
    assert workshop.load().partitions[1].manifest.heap_size == size


def names_of(text: str) -> list[str]:
    body = text[text.index("spm_partitions[]") : text.index("spm_partition_count")]
    return re.findall(r'\.name = "(\w+)"', body)


def test_priorities_are_ranks(workshop: Workshop) -> None:
    """Highest first, as declared within one; the product's order is another matter."""
    assert names_of(workshop.generate()["spm_tables.c"]) == ["its", "crypto", "app"]
    workshop.change(APP, "priority: LOW", "priority: HIGH")
    files = workshop.generate()
    text = files["spm_tables.c"]
    assert names_of(text) == ["app", "its", "crypto"]
    assert row(text, "spm_services", "sid", "0xf0000001U")["thread"] == "&spm_threads[0]"
    assert row(text, "spm_services", "sid", "0x00000c80U")["thread"] == "&spm_threads[2]"
    assert row(text, "spm_flash_grants", "region", "1U")["partition"] == "1U"
    manifests = re.findall(r'^    "(services\S+)",$', files["fault_tables.c"], re.M)
    assert manifests == [APP, "services/its/manifest.yaml", "services/crypto/manifest.yaml"]
    assert [each.name for each in workshop.load().partitions] == ["crypto", "app", "its"]


def test_sets_of_services(workshop: Workshop) -> None:
    """Places by SID: its 0xc70, crypto 0xc80, app."""
    text = workshop.generate()["spm_tables.c"]
    callable_ = {
        name: row(text, "spm_partitions", "name", f'"{name}"')["services"]
        for name in ("crypto", "app", "its")
    }
    assert callable_ == {"crypto": "{0x00000000U}", "app": "{0x00000001U}", "its": "{0x00000002U}"}
    assert "spm_agent_services[SPM_SERVICE_WORDS] = {0x00000003U};" in text
    assert [row(text, "spm_services", "mask", f"1U << {n}")["sid"] for n in range(3)] == [
        "0x00000c70U",
        "0x00000c80U",
        "0xf0000001U",
    ]


@pytest.mark.parametrize("more, words", ((29, 1), (30, 2), (62, 3)))
def test_sets_of_many_services(workshop: Workshop, more: int, words: int) -> None:
    services = "".join(
        f"  - name: S{index}\n    sid: {0x1000 + index}\n    non_secure_clients: true\n"
        for index in range(more)
    )
    workshop.change(APP, "services:\n", "services:\n" + services)
    workshop.change("services/its/manifest.yaml", "- BENCH_CRYPTO", f"- S{more - 1}")
    files = workshop.generate()
    assert defines(files["layout.h"])["SPM_SERVICES"] == f"{more + 3}U"
    text = files["spm_tables.c"]
    place = more + 1  # its, crypto, S0, S1, ...
    expected = [0] * words
    expected[place // 32] = 1 << place % 32
    its = row(text, "spm_partitions", "name", '"its"')["services"]
    assert its == "{" + ", ".join(f"0x{word:08x}U" for word in expected) + "}"


def test_partitions_that_restart(workshop: Workshop) -> None:
    """Only those of the Application RoT, and only if the product says so."""

    def restarts() -> dict[str, str]:
        text = workshop.generate()["spm_tables.c"]
        names = ("crypto", "app", "its")
        return {name: row(text, "spm_partitions", "name", f'"{name}"')["restart"] for name in names}

    assert restarts() == {"crypto": "0U", "app": "1U", "its": "0U"}
    workshop.change(BENCH, 'partition_panic = "restart"', 'partition_panic = "reset"')
    assert restarts() == {"crypto": "0U", "app": "0U", "its": "0U"}
    workshop.change(BENCH, 'partition_panic = "reset"\n', "")
    assert workshop.load().partition_panic == "reset"


def test_models_and_interrupts_for_the_tools(workshop: Workshop) -> None:
    workshop.write(APP, IPC_APP)
    files = workshop.generate()
    data = json.loads(files["product.json"])
    app = next(partition for partition in data["partition"] if partition["name"] == "app")
    assert (app["model"], app["priority"], app["heap_size"]) == ("IPC", "HIGH", 104)
    assert (app["archive"], app["id"]) == ("", 0x200)
    assert app["irqs"] == [
        {"number": 3, "signal": "TICK_SIGNAL", "handling": "FLIH"},
        {"number": 40, "signal": "TOCK_SIGNAL", "handling": "SLIH"},
    ]
    assert data["interrupt"] == [
        {"name": "TIMER0_IRQ", "number": 3},
        {"name": "UART_IRQ", "number": 36},
    ]
    assert 'set(BZ_PARTITION_app_ARCHIVE "")' in files["product.cmake"]


def test_interrupts_merge_by_name(workshop: Workshop) -> None:
    workshop.write(
        "products/child.toml",
        'extends = "bench.toml"\n[[interrupt]]\nname = "UART_IRQ"\nnumber = 37\n'
        '[[interrupt]]\nname = "ALIAS"\nnumber = 37\n',
    )
    assert {each.name: each.number for each in workshop.load("child").interrupts} == {
        "TIMER0_IRQ": 3,
        "UART_IRQ": 37,
        "ALIAS": 37,
    }


def test_interrupts_of_the_boards() -> None:
    for name in ("an505", "an521"):
        product = gen.load_product(name)
        assert {each.name: each.number for each in product.interrupts} == {
            "timer0": 3,
            "uart2_rx": 36,
            "uart2_tx": 37,
        }


def test_every_archive_of_the_secure_image_is_known() -> None:
    """What is neither a partition's nor in these lists could be taken over by a name."""
    text = (ROOT / "spm" / "CMakeLists.txt").read_text()
    words = re.search(r"target_link_libraries\(spe PRIVATE(.*?)\)", text, re.S)[1].split()
    names = {f"lib{word}.a" for word in words if not word.startswith(("bz_", "${"))}
    shared = load_product("an505").shared_archives  # with those of the product
    assert names and names <= set(MANAGER_ARCHIVES) | set(shared)


@needs_gcc
def test_headers_compile_alone(workshop: Workshop, tmp_path: Path) -> None:
    write_files(tmp_path / "out", workshop.generate())
    headers = [name for name in workshop.generate() if name.endswith(".h")]
    for name in headers:
        source = tmp_path / "one.c"
        source.write_text(f'#include "{name}"\n#include "{name}"\nextern int unused;\n')
        subprocess.run(
            [
                "arm-none-eabi-gcc",
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-pedantic",
                f"-I{tmp_path / 'out'}",
                f"-I{ROOT / 'include'}",
                "-fsyntax-only",
                source,
            ],
            check=True,
        )


@needs_gcc
def test_layout_is_usable_in_assembly(workshop: Workshop, tmp_path: Path) -> None:
    write_files(tmp_path, workshop.generate())
    source = tmp_path / "one.S"
    source.write_text('#include "layout.h"\n.word FLASH_BASE + IMAGE_SECURE_SLOT_OFFSET\n')
    subprocess.run(
        ["arm-none-eabi-gcc", "-c", f"-I{tmp_path}", source, "-o", tmp_path / "one.o"], check=True
    )


@needs_gcc
def test_a_product_without_partitions_compiles(workshop: Workshop, tmp_path: Path) -> None:
    text = (workshop.root / BENCH).read_text()
    text = re.sub(r"\[\[partition\]\].*?(?=\[profile)", "", text, flags=re.DOTALL)
    workshop.write(BENCH, text.replace('owner = "its"', 'owner = "none"'))
    write_files(tmp_path, workshop.generate())
    subprocess.run(
        [
            "arm-none-eabi-gcc",
            *emit_build.cpu_flags_secure(workshop.load()),
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Wshadow",
            "-Wconversion",
            "-Werror",
            f"-I{ROOT}",
            f"-I{ROOT / 'include'}",
            f"-I{tmp_path}",
            "-c",
            tmp_path / "spm_tables.c",
            "-o",
            tmp_path / "spm_tables.o",
        ],
        check=True,
    )


# ---- Writing -------------------------------------------------------------------------------------


def test_same_source_same_bits(workshop: Workshop, tmp_path: Path) -> None:
    other = Workshop(tmp_path / "elsewhere" / "root")
    assert workshop.generate() == other.generate()
    for name, text in workshop.generate().items():
        assert str(tmp_path) not in text, name


def test_only_changed_files_are_written(workshop: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = workshop.generate()
    assert write_files(out, files) == sorted(files)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert write_files(out, workshop.generate()) == []
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    workshop.change(BENCH, "connections = 8", "connections = 9")
    assert write_files(out, workshop.generate()) == ["layout.h", "product.json"]


def test_headers_of_removed_partitions_go(workshop: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_files(out, workshop.generate())
    files = {name: text for name, text in workshop.generate().items() if "app_manifest" not in name}
    write_files(out, files)
    assert not (out / "psa_manifest/app_manifest.h").exists()
    assert (out / "psa_manifest/its.h").exists()


# ---- Documentation and the products of the tree --------------------------------------------------


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs" / "product.md").read_text(encoding="utf-8")
    declared = tomllib.loads(PRODUCT)
    names = set(declared["memory"]) | set(declared["profile"])
    keys = keys_of(declared) - names
    keys |= set(manifest_module._MANIFEST_KEYS) | set(manifest_module._SERVICE_KEYS)
    keys |= set().union(*manifest_module._IRQ_KEYS.values()) | set(external._ENTRY_KEYS)
    assert {key for key in keys if not re.search(rf"[`\[.]{key}[`\].]", text)} == set()


PRODUCTS = sorted(path.stem for path in (ROOT / "products").glob("*.toml"))


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("isolation", (1, 2, 3))
@pytest.mark.parametrize("profile", ("small", "medium", "large"))
def test_products_of_the_tree(name: str, isolation: int, profile: str) -> None:
    product = gen.load_product(name, isolation, profile)
    assert product.name == name
    assert str(ROOT) not in "".join(generate(product).values())


def test_an521_differs_from_an505_in_its_processor() -> None:
    one, other = gen.load_product("an505"), gen.load_product("an521")
    assert (other.cpu.dsp, other.cpu.fpu, other.qemu_machine) == (False, False, "mps2-an521")
    assert (one.memories, one.flash, one.regions, one.images) == (
        other.memories,
        other.flash,
        other.regions,
        other.images,
    )


def test_fault_tables_name_everything_the_product_names() -> None:
    """The first match is told, so what is particular comes before what holds it."""
    product = gen.load_product("an505")
    text = generate(product)["fault_tables.c"]
    rows = re.findall(r'^    \{(\S+), (\S+), SPM_PLACE_(\w+), (\d+)U, "([^"]+)"\},$', text, re.M)
    assert len(rows) == text.count("SPM_PLACE_") > 20
    names = [name for *_, name in rows]
    assert len(set(names)) == len(names)
    for region in product.regions:
        start = product.flash.base + region.offset
        row = (f"{start:#010x}U", f"{start + region.size:#010x}U", "FLASH", str(region.number))
        assert (*row, region.name) in rows
    for peripheral in product.peripherals:
        assert [kind for _, _, kind, _, name in rows if name == peripheral.name] == ["PERIPHERAL"]
    for one in product.partitions:
        assert f'    "{one.manifest.file}",\n' in text
        assert names.index(f"RAM of partition {one.name}") < names.index("unused secure RAM")
    assert names.index("RAM of the manager") < names.index("unused secure RAM")
    assert names.index("its") < names.index("flash that no region names")
    assert 'spm_product_file[] = "products/an505.toml"' in text


def test_faulting_boots_have_a_default(workshop: Workshop) -> None:
    assert workshop.load().faulting_boots_max == 3
    assert "#define BOOT_FAULTING_BOOTS_MAX 3U" in workshop.generate()["layout.h"]


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--product", "an505", "--isolation", "2", "--out", str(tmp_path)]) == 0
    assert "isolation level 2" in (tmp_path / "spm_tables.c").read_text()
    assert capsys.readouterr() == ("", "")


# ---- What is off ---------------------------------------------------------------------------------


def test_a_partition_that_is_off_vanishes(workshop: Workshop) -> None:
    """Code, services, grants, budget; its region is kept, its id too, and who can do without it
    goes on."""
    whole = generate(workshop.load())
    workshop.change(BENCH, "id = 0x101", "id = 0x101\nenabled = false")
    product = workshop.load()
    files = generate(product)
    assert [each.name for each in product.partitions] == ["crypto", "app"]
    assert [each.name for each in product.disabled] == ["its"]
    assert next(each for each in product.regions if each.name == "its").owner == "none"
    app = product.partitions[1]
    assert app.dependency_sids == []  # a weak dependency
    assert "BENCH_ITS" not in [service.name for service in product.services]
    for name in ("spm_tables.c", "spe.ld", "fault_tables.c", "psa_manifest/pid.h"):
        left = [line for line in files[name].splitlines() if re.search(r"its\b|ITS\b", line)]
        assert not [line for line in left if "region" not in line and "FLASH" not in line], name
        assert files[name] != whole[name]
    told = json.loads(files["product.json"])["partition"]
    assert [each["name"] for each in told] == ["crypto", "app"]
    assert "libstore.a" not in files["spe.ld"]


def test_a_product_of_nothing(workshop: Workshop) -> None:
    text = (workshop.root / BENCH).read_text("utf-8")
    workshop.write(BENCH, text.replace("[[partition]]\n", "[[partition]]\nenabled = false\n"))
    product = workshop.load()
    assert product.partitions == [] and len(product.disabled) == 3
    assert product.parts == []


def test_an_extension_switches_on_and_off(workshop: Workshop) -> None:
    switch = '[[partition]]\nname = "its"\nenabled = '
    workshop.write("products/without.toml", f'extends = "bench.toml"\n{switch}false\n')
    workshop.write("products/again.toml", f'extends = "without.toml"\n{switch}true\n')
    assert len(workshop.load("without").partitions) == 2
    assert len(workshop.load("again").partitions) == 3
    for extension in ("without", "again"):
        assert "its" not in workshop.load(extension).parts
