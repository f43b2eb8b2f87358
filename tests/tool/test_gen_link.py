"""The generated linker scripts and tables, proved with the real compiler and linker.

Small stand-ins for manager, partitions and libraries are linked with what tools/gen makes for each
isolation level; the ELF file is then asked where everything ended up and what the MPU would load.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from gen_bench import DRIVER_SOURCE, GCC, IPC_APP_SOURCE, SOURCES, Bench, Elf, outside_archive, run
from gen_workshop import DRIVER, DRIVER_LIST, IPC_APP, Workshop

from gen.emit_build import cpu_flags_secure
from gen.output import write_files

needs_gcc = pytest.mark.skipif(shutil.which(GCC) is None, reason=f"{GCC} is not installed")
pytestmark = needs_gcc


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    flags = cpu_flags_secure(Workshop(tmp_path_factory.mktemp("flags")).load())
    return Bench(tmp_path_factory.mktemp("bench"), flags)


@pytest.fixture(scope="module")
def linked(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Elf]:
    """The secure image at each isolation level."""
    images = {}
    for isolation in (1, 2, 3):
        workshop = Workshop(tmp_path_factory.mktemp(f"level{isolation}"))
        generated = workshop.root / "generated"
        write_files(generated, workshop.generate(isolation=isolation))
        bench.compile_tables(generated)
        run(*bench.link_command(generated))
        images[isolation] = Elf(generated / "spe.elf")
    return images


LEVELS = pytest.mark.parametrize("isolation", (1, 2, 3))

PLACES = {
    "__manager_code": (
        "reset",
        "manager_work",
        "manager_constant",
        "spm_partitions",
        "spm_agent_regions",
        "spm_manager_region",
    ),
    "__shared_code": (
        "shared_work",
        "psa_read",
        "common_work",
        "strlen",
        "memset",
        "__aeabi_uldivmod",
    ),
    "__part_crypto_code": ("crypto_init", "bench_crypto_sfn", "mbed_work", "mbed_table"),
    "__part_its_code": ("bench_its_sfn", "store_work"),
    "__part_app_code": ("app_init", "bench_app_sfn"),
    "__gateways": ("gateway_call",),
    "__manager_ram": ("manager_data", "manager_bss"),
    "__part_crypto_ram": ("crypto_data", "mbed_heap"),
    "__part_its_ram": ("its_data", "store_bss"),
}


@LEVELS
@pytest.mark.parametrize("place", PLACES)
def test_everything_is_in_its_place(linked: dict[int, Elf], isolation: int, place: str) -> None:
    elf = linked[isolation]
    for name in PLACES[place]:
        assert elf.inside(name, f"{place}_start", f"{place}_end"), f"{name} is not in {place}"


def test_head_of_the_secure_image(linked: dict[int, Elf]) -> None:
    elf = linked[3]
    assert elf["spm_vectors"] == elf["__secure_image_start"] == 0x8010_0400
    assert elf["__gateways_start"] == 0x8010_0800
    assert elf["__gateways_end"] == 0x8010_0900
    assert elf.words(elf["spm_vectors"], 2) == (elf["__manager_stack_top"], elf["reset"])


@LEVELS
def test_boundaries_are_mpu_boundaries(linked: dict[int, Elf], isolation: int) -> None:
    elf = linked[isolation]
    for name, value in elf.symbols.items():
        if name.endswith(("_code_start", "_code_end", "_ram_start", "_ram_end")):
            assert value % 32 == 0, name
    for name in ("__manager_stack_top", "__agent_stack_top", "__idle_stack_top"):
        assert elf[name] % 8 == 0
    for name in ("__idle_stack_limit", "__part_its_stack_top"):
        assert elf[name] % 8 == 0


def test_order_and_stacks_in_ram(linked: dict[int, Elf]) -> None:
    elf = linked[3]
    borders = [
        elf[name]
        for name in (
            "__manager_ram_start",
            "__manager_ram_end",
            "__agent_ram_start",
            "__agent_ram_end",
            "__part_crypto_ram_start",
            "__part_crypto_ram_end",
            "__part_its_ram_start",
            "__part_its_ram_end",
            "__psa_rot_ram_end",
            "__part_app_ram_start",
            "__part_app_ram_end",
            "__partitions_ram_end",
        )
    ]
    assert borders == sorted(borders)
    assert borders[0] == 0x3800_0000
    assert elf["__idle_stack_limit"] == elf["__agent_stack_top"]
    assert elf["__idle_stack_top"] == elf["__idle_stack_limit"] + 128 <= elf["__agent_ram_end"]
    sizes = {
        "manager": 2048,
        "agent": 512,
        "part_crypto": 0x800,
        "part_its": 0x408,
        "part_app": 1024,
    }
    for name, size in sizes.items():
        assert elf[f"__{name}_stack_limit"] == elf[f"__{name}_ram_start"]
        assert elf[f"__{name}_stack_top"] == elf[f"__{name}_stack_limit"] + size


def test_load_images_of_data(linked: dict[int, Elf]) -> None:
    elf = linked[3]
    for owner, variable, value in (
        ("manager", "manager_data", struct.pack("<I", 0x11111111)),
        ("part_crypto", "crypto_data", struct.pack("<I", 0x22222222)),
        ("part_its", "its_data", struct.pack("<Q", 0x3333333344444444)),
    ):
        load = elf[f"__{owner}_data_load"]
        assert load % 4 == 0
        assert elf["__code_end"] <= load < elf["__secure_image_end"]
        offset = elf[variable] - elf[f"__{owner}_data_start"]
        assert elf.loaded(load + offset, len(value)) == value
    end = max(paddr + len(data) for _, paddr, data, _ in elf.segments)
    assert end == elf["__secure_image_end"]


# ---- MPU words -----------------------------------------------------------------------------------

PARTITION_WORDS = 22
(ID, NAME, FLAGS, ENTRY, SFN_INIT, STACK_LIMIT, STACK_TOP, HEAP_BASE, HEAP_SIZE) = range(9)
MEMORY = slice(9, 14)
(REGIONS, REGION_COUNT, SERVICES, SIGNALS, RIGHTS, SECRETS, PERIPHERALS, PERIPHERAL_COUNT) = range(
    14, 22
)
MODE = {
    "code": (0x6, 0x1),
    "ram": (0x3, 0x1),
    "device": (0x3, 0x3),
    "device-read": (0x7, 0x3),
    "manager": (0x1, 0x1),
}


def expected(elf: Elf, *regions: tuple[str, int | str, int | str]) -> list[tuple[int, int]]:
    """Register pairs of (mode, start, end), padded to a group."""
    pairs = []
    for mode, start, end in regions:
        base = elf[start] if isinstance(start, str) else start
        limit = (elf[end] if isinstance(end, str) else end) - 32
        pairs.append((base | MODE[mode][0], limit | MODE[mode][1]))
    return pairs + [(0, 0)] * (4 - len(pairs))


def partitions(elf: Elf) -> dict[str, tuple[int, ...]]:
    rows = [
        elf.words(elf["spm_partitions"] + 4 * PARTITION_WORDS * index, PARTITION_WORDS)
        for index in range(elf.words(elf["spm_partition_count"], 1)[0])
    ]
    return {elf.text(row[NAME]): row for row in rows}


def region_list(elf: Elf, address: int, count: int) -> list[tuple[int, int]]:
    words = elf.words(address, 2 * count)
    return list(zip(words[0::2], words[1::2], strict=True))


def lists(elf: Elf) -> dict[str, list[tuple[int, int]]]:
    found = {
        name: region_list(elf, row[REGIONS], row[REGION_COUNT])
        for name, row in partitions(elf).items()
    }
    found["agent"] = region_list(
        elf, elf["spm_agent_regions"], elf.words(elf["spm_agent_region_count"], 1)[0]
    )
    return found


WHOLE = ("code", "__code_start", "__code_end")
SHARED = ("code", "__gateways_start", "__shared_code_end")
DEVICES = (("device", 0x5000_0000, 0x5000_1000), ("device-read", 0x5000_2000, 0x5000_3000))


def test_regions_of_level_1(linked: dict[int, Elf]) -> None:
    elf = linked[1]
    common = (WHOLE, ("ram", "__agent_ram_start", "__partitions_ram_end"))
    found = lists(elf)
    for name in ("agent", "crypto", "its"):
        assert found[name] == expected(elf, *common)
    assert found["app"] == expected(elf, *common, *DEVICES)


def test_regions_of_level_2(linked: dict[int, Elf]) -> None:
    elf = linked[2]
    found = lists(elf)
    for name in ("agent", "crypto", "its"):
        assert found[name] == expected(
            elf, WHOLE, ("ram", "__agent_ram_start", "__psa_rot_ram_end")
        )
    assert found["app"] == expected(
        elf, WHOLE, ("ram", "__part_app_ram_start", "__part_app_ram_end"), *DEVICES
    )


def test_regions_of_level_3(linked: dict[int, Elf]) -> None:
    elf = linked[3]
    found = lists(elf)
    for name in ("crypto", "its"):
        assert found[name] == expected(
            elf,
            SHARED,
            ("ram", f"__part_{name}_ram_start", f"__part_{name}_ram_end"),
            ("code", f"__part_{name}_code_start", f"__part_{name}_code_end"),
        )
    assert found["app"] == expected(
        elf,
        SHARED,
        ("ram", "__part_app_ram_start", "__part_app_ram_end"),
        ("code", "__part_app_code_start", "__part_app_code_end"),
        *DEVICES,
    )
    assert found["agent"] == expected(
        elf,
        SHARED,
        ("ram", "__agent_ram_start", "__agent_ram_end"),
    )


@LEVELS
def test_every_list_begins_with_the_same_region(linked: dict[int, Elf], isolation: int) -> None:
    """The manager loads it once; it holds the gateways, which must always be executable."""
    elf = linked[isolation]
    first = {name: regions[0] for name, regions in lists(elf).items()}
    assert set(first.values()) == {first["agent"]}
    base, limit = first["agent"][0] & ~0x1F, first["agent"][1] | 0x1F
    assert base <= elf["__gateways_start"] and elf["__shared_code_end"] <= limit + 1


@LEVELS
def test_the_second_region_is_the_ram(linked: dict[int, Elf], isolation: int) -> None:
    elf = linked[isolation]
    for name, row in partitions(elf).items():
        base, limit = region_list(elf, row[REGIONS], 2)[1]
        assert base & 0x1F == MODE["ram"][0]
        assert base & ~0x1F <= row[STACK_LIMIT] and row[STACK_TOP] <= (limit | 0x1F) + 1, name


@pytest.mark.parametrize("isolation, shares", ((1, True), (2, True), (3, False)))
def test_equal_lists_are_one_list(linked: dict[int, Elf], isolation: int, shares: bool) -> None:
    elf = linked[isolation]
    rows = partitions(elf)
    for name in ("crypto", "its"):
        assert (rows[name][REGIONS] == elf["spm_agent_regions"]) == shares


@LEVELS
def test_manager_region_is_privileged(linked: dict[int, Elf], isolation: int) -> None:
    elf = linked[isolation]
    assert (
        region_list(elf, elf["spm_manager_region"], 1)
        == expected(elf, ("manager", "__manager_ram_start", "__manager_ram_end"))[:1]
    )


def test_partition_rows(linked: dict[int, Elf]) -> None:
    elf = linked[3]
    rows = partitions(elf)
    assert list(rows) == ["its", "crypto", "app"]  # HIGH, NORMAL, LOW
    its, crypto, app = rows.values()
    assert (its[ID], crypto[ID], app[ID]) == (0x101, 0x100, 0x200)
    assert [row[FLAGS] & 0xFFFF for row in rows.values()] == [0, 0, 0x0101]  # RoT, restart
    assert (crypto[ENTRY], crypto[SFN_INIT], its[SFN_INIT]) == (0, elf["crypto_init"], 0)
    assert crypto[STACK_LIMIT] == elf["__part_crypto_stack_limit"]
    assert crypto[STACK_TOP] == elf["__part_crypto_stack_top"]
    assert crypto[MEMORY] == tuple(
        elf[f"__part_crypto_{name}"]
        for name in ("data_load", "data_start", "data_end", "bss_start", "bss_end")
    )
    assert (crypto[HEAP_BASE], crypto[HEAP_SIZE]) == (0, 0)
    assert (its[SERVICES], crypto[SERVICES], app[SERVICES]) == (0b10, 0, 0b01)
    assert [row[SIGNALS] for row in rows.values()] == [0, 0, 0]
    assert [row[RIGHTS] for row in rows.values()] == [0, 0, 0]
    assert (crypto[SECRETS], its[SECRETS]) == (1, 0)
    assert app[PERIPHERAL_COUNT] == 2
    assert elf.words(app[PERIPHERALS], 2) == (0x5000_0000, 0x5000_2000)
    assert elf.words(elf["spm_agent_services"], 1) == (0b11,)


SERVICE_WORDS = 8
SID, VERSION, HANDLE, THREAD, SFN, SIGNAL, MASK, BYTES = range(SERVICE_WORDS)


def service_rows(elf: Elf) -> list[tuple[int, ...]]:
    return [
        elf.words(elf["spm_services"] + 4 * SERVICE_WORDS * index, SERVICE_WORDS)
        for index in range(elf.sizes["spm_services"] // (4 * SERVICE_WORDS))
    ]


def ranks_of(elf: Elf, rows: list[tuple[int, ...]]) -> list[int]:
    """Places of the services' threads: the distances of rows are multiples of one size."""
    places = [row[THREAD] - elf["spm_threads"] for row in rows]
    size = min(place for place in places if place)
    assert all(place % size == 0 for place in places)
    return [place // size for place in places]


def test_service_rows(linked: dict[int, Elf]) -> None:
    """The bytes are: word of the mask, policy, connection-based, mm_iovec."""
    elf = linked[3]
    rows = service_rows(elf)
    its, crypto, app = rows
    assert its[: HANDLE + 1] == (0xc70, 2, 0x4000_0207) and its[SFN] == elf["bench_its_sfn"]
    assert crypto[: HANDLE + 1] == (0xc80, 1, 0x4000_0106)
    assert app[: HANDLE + 1] == (0xF0000001, 1, 0)
    assert ranks_of(elf, rows) == [0, 1, 2]
    assert [row[MASK] for row in rows] == [1 << 0, 1 << 1, 1 << 2]
    assert [row[BYTES] for row in rows] == [0x00_00_00_00, 0x00_00_01_00, 0x00_01_01_00]
    assert [row[SIGNAL] for row in rows] == [1, 1, 1]  # SPM_SIGNAL_SFN
    stateless = elf.words(elf["spm_stateless_services"], 32)
    size = 4 * SERVICE_WORDS
    assert stateless[6:8] == (elf["spm_services"] + size, elf["spm_services"])
    assert not any(stateless[:6] + stateless[8:])


# ---- IPC model, interrupts, heaps, partitions from outside the tree ------------------------------


@pytest.fixture(scope="module")
def mixed(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Elf]:
    """The app as an IPC partition, and a driver from outside the tree."""
    images = {}
    for isolation in (1, 2, 3):
        workshop = Workshop(tmp_path_factory.mktemp(f"mixed{isolation}"))
        workshop.write("services/app/app_manifest.yaml", IPC_APP)
        workshop.write("away/list.json", DRIVER_LIST)
        workshop.write("away/manifests/driver_psa.json", DRIVER)
        lists = [workshop.root / "away/list.json"]
        driver = outside_archive(
            workshop,
            workshop.load(extra_lists=lists),
            "bench_driver",
            workshop.root / "libpartition_bench_driver.a",  # as the build names it
            DRIVER_SOURCE,
        )
        app = bench.archive(workshop.root / "libpartition_app.a", IPC_APP_SOURCE)
        generated = workshop.root / "generated"
        files = workshop.generate(
            isolation=isolation,
            extra_lists=lists,
            extra_archives={"bench_driver": driver},
        )
        write_files(generated, files)
        bench.compile_tables(generated)
        run(*bench.link_command(generated, app, driver))
        images[isolation] = Elf(generated / "spe.elf")
    return images


@LEVELS
def test_an_archive_from_outside_is_in_its_place(mixed: dict[int, Elf], isolation: int) -> None:
    elf = mixed[isolation]
    own = "__part_bench_driver"
    for name in ("driver_main", "driver_table"):
        assert elf.inside(name, f"{own}_code_start", f"{own}_code_end")
    for name in ("driver_data", "driver_bss"):
        assert elf.inside(name, f"{own}_ram_start", f"{own}_ram_end")
    assert elf.loaded(elf[f"{own}_data_load"], 4) == struct.pack("<I", 0x44444444)


def test_regions_of_an_archive_from_outside(mixed: dict[int, Elf]) -> None:
    elf = mixed[3]
    assert lists(elf)["bench_driver"] == expected(
        elf,
        SHARED,
        ("ram", "__part_bench_driver_ram_start", "__part_bench_driver_ram_end"),
        ("code", "__part_bench_driver_code_start", "__part_bench_driver_code_end"),
        ("device", 0x5000_0000, 0x5000_1000),
    )


@LEVELS
@pytest.mark.parametrize("name, size", (("app", 104), ("bench_driver", 32)))
def test_heaps(mixed: dict[int, Elf], isolation: int, name: str, size: int) -> None:
    """Its first 16 bytes are zeroed with .bss, the rest is not; the RAM region has all of it."""
    elf = mixed[isolation]
    own = f"__part_{name}"
    start, end = elf[f"{own}_heap_start"], elf[f"{own}_heap_end"]
    assert start % 8 == 0 and end - start == size
    assert elf[f"{own}_bss_end"] == start + 16
    assert elf[f"{own}_bss_start"] < start and end <= elf[f"{own}_ram_end"]
    last = {"app": "app_bss", "bench_driver": "driver_bss"}[name]
    assert elf[last] < start
    row = partitions(elf)[name]
    assert (row[HEAP_BASE], row[HEAP_SIZE]) == (start, size)
    base, limit = region_list(elf, row[REGIONS], 2)[1]
    assert base & ~0x1F <= start and end <= (limit | 0x1F) + 1


def test_heaps_do_not_grow_the_image(mixed: dict[int, Elf]) -> None:
    elf = mixed[3]
    assert elf.sections[".part_app_bss"][0] == "SHT_NOBITS"
    end = max(paddr + len(data) for _, paddr, data, _ in elf.segments)
    assert end == elf["__secure_image_end"] < 0x8020_0000


def test_rows_of_ipc_partitions(mixed: dict[int, Elf]) -> None:
    elf = mixed[3]
    rows = partitions(elf)
    assert list(rows) == ["app", "its", "crypto", "bench_driver"]
    app, driver = rows["app"], rows["bench_driver"]
    assert (app[ENTRY], app[SFN_INIT], app[SIGNALS]) == (elf["app_main"], 0, 0xF8)
    assert (driver[ENTRY], driver[ID], driver[SIGNALS]) == (elf["driver_main"], 3000, 0x38)
    assert driver[FLAGS] & 0xFFFF == 0x0101
    # places by SID: open 0xc60, its 0xc70, crypto 0xc80, driver 0xfc01, app
    assert (app[SERVICES], driver[SERVICES]) == (0b00010, 0b00100)
    assert elf.words(elf["spm_agent_services"], 1) == (0b01111,)
    services = service_rows(elf)
    opened, _, _, driver_service, app_service = services
    assert ranks_of(elf, services) == [0, 1, 2, 3, 0]
    assert (opened[SFN], opened[SIGNAL], opened[BYTES]) == (0, 1 << 5, 0x00_00_01_00)
    assert driver_service[: HANDLE + 1] == (0xFC01, 3, 0)
    assert (driver_service[MASK], driver_service[BYTES]) == (1 << 3, 0x00_01_00_00)
    assert (app_service[BYTES] >> 24, app_service[SIGNAL]) == (1, 1 << 4)


def test_interrupt_rows(mixed: dict[int, Elf]) -> None:
    """Bytes of the first word: number (two), partition, enabled from the start."""
    elf = mixed[3]
    words = elf.words(elf["spm_irqs"], 9)
    assert words[:3] == (3, 1 << 6, elf["tick_flih"])
    assert words[3:6] == (40, 1 << 7, 0)
    assert words[6:] == (36 | 3 << 16 | 1 << 24, 1 << 5, 0)


# ---- What does not fit or is missing -------------------------------------------------------------


def link_fails(bench: Bench, workshop: Workshop, *extra: str | Path) -> str:
    generated = workshop.root / "generated"
    write_files(generated, workshop.generate())
    bench.compile_tables(generated)
    result = subprocess.run(
        [str(word) for word in bench.link_command(generated, *extra)],
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    return result.stderr


def test_secure_image_too_large(bench: Bench, workshop: Workshop) -> None:
    workshop.change(
        workshop.product,
        "slot = { offset = 0x10_0000, size = 0x08_0000 }",
        "slot = { offset = 0x10_0000, size = 0x3000 }",
    )
    workshop.change(
        workshop.product,
        "secondary = { offset = 0x18_0000, size = 0x08_0000 }",
        "secondary = { offset = 0x18_0000, size = 0x3000 }",
    )
    big = workshop.root / "big.c"
    big.write_text(
        'const char big[4096] __attribute__((section(".vectors.big"), used)) = {1};\n'
        'const char text[8192] __attribute__((section(".shared.rodata"), used)) = {1};\n'
        "const char *force(int i); const char *force(int i) { return &text[i]; }\n"
    )
    run(GCC, *bench.flags, "-O1", "-c", big, "-o", workshop.root / "big.o")
    errors = link_fails(bench, workshop, workshop.root / "big.o", "-Wl,-u,force")
    assert "region `SECURE_FLASH' overflowed by " in errors and " bytes" in errors


def test_secure_ram_too_small(bench: Bench, workshop: Workshop) -> None:
    workshop.change(
        workshop.product,
        "base = 0x3800_0000\nsize = 0x0004_0000",
        "base = 0x3800_0000\nsize = 0x1000",
    )
    errors = link_fails(bench, workshop)
    assert "region `SECURE_RAM' overflowed by " in errors


def test_forgotten_archive(bench: Bench, workshop: Workshop) -> None:
    path = workshop.root / "elsewhere.c"
    path.write_text(SOURCES["partition_app"])
    run(GCC, *bench.compile_flags, "-c", path, "-o", workshop.root / "elsewhere.o")
    errors = link_fails(bench, workshop, workshop.root / "elsewhere.o")
    assert "partition 'app' has no code: link libpartition_app.a" in errors


REFERENCES = {
    "manager code": ("uint32_t reset(void);", "reset()", "reset"),
    "manager data": ("extern uint32_t manager_data;", "manager_data", "manager_data"),
    "manager bss": ("extern uint32_t manager_bss;", "manager_bss", "manager_bss"),
    "other code": ("uint32_t mbed_work(uint32_t v);", "mbed_work(1)", "mbed_work"),
    "other bss": ("extern uint32_t store_bss;", "store_bss", "store_bss"),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_references_that_would_fault_are_refused(
    bench: Bench, workshop: Workshop, case: str
) -> None:
    declaration, use, name = REFERENCES[case]
    path = workshop.root / "app.c"
    path.write_text(f"""
        #include "psa/service.h"
        {declaration}
        psa_status_t app_init(void);
        psa_status_t bench_app_sfn(const psa_msg_t *message);
        psa_status_t app_init(void) {{ return (psa_status_t)({use}); }}
        psa_status_t bench_app_sfn(const psa_msg_t *message) {{ return message->type; }}
    """)
    run(GCC, *bench.compile_flags, "-c", path, "-o", workshop.root / "app.o")
    archive = workshop.root / "libpartition_app.a"
    run("arm-none-eabi-ar", "rcs", archive, workshop.root / "app.o")
    errors = link_fails(bench, workshop, archive)
    assert f"prohibited cross reference from .part_app_code to `{name}'" in errors


@pytest.mark.parametrize("section, kind", ((".shared.text", "shared"), (".text", "manager")))
def test_only_tables_refer_to_a_partition(
    bench: Bench, workshop: Workshop, section: str, kind: str
) -> None:
    """A partition's function with the name of a shared one, such as memset(), would run with the
    rights of whoever calls that."""
    path = workshop.root / "stub.c"
    path.write_text(f"""
        int app_init(void);
        int stub(void);
        __attribute__((section("{section}"), used)) int stub(void) {{ return app_init() + 1; }}
    """)
    run(GCC, *bench.flags, "-c", path, "-o", workshop.root / "stub.o")
    errors = link_fails(bench, workshop, workshop.root / "stub.o", "-Wl,--undefined=stub")
    assert f"prohibited cross reference from .{kind}_code to `app_init'" in errors


def test_vectors_do_not_reach_the_gateways(bench: Bench, workshop: Workshop) -> None:
    big = workshop.root / "big.c"
    big.write_text('const char big[1024] __attribute__((section(".vectors"), used)) = {1};\n')
    run(GCC, *bench.flags, "-c", big, "-o", workshop.root / "big.o")
    assert "vector table reaches into the gateways" in link_fails(
        bench, workshop, workshop.root / "big.o"
    )


def test_gateways_do_not_grow(bench: Bench, workshop: Workshop) -> None:
    big = workshop.root / "big.c"
    big.write_text('const char big[252] __attribute__((section(".gateways"), used)) = {1};\n')
    run(GCC, *bench.flags, "-c", big, "-o", workshop.root / "big.o")
    assert "cannot move location counter backwards" in link_fails(
        bench, workshop, workshop.root / "big.o"
    )


def test_compiler_made_gateways_are_refused(bench: Bench, workshop: Workshop) -> None:
    entry = workshop.root / "entry.c"
    entry.write_text(
        "int entry(void) __attribute__((cmse_nonsecure_entry, used));\n"
        "int entry(void) { return 1; }\n"
    )
    run(GCC, *bench.flags, "-c", entry, "-o", workshop.root / "entry.o")
    errors = link_fails(bench, workshop, workshop.root / "entry.o", "-Wl,-u,entry")
    assert "sgstubs" in errors or "gateways are written in section" in errors


# ---- Boot and non-secure -------------------------------------------------------------------------

PROGRAM = """
    #include <stdint.h>
    extern uint8_t STACK_TOP[];
    uint32_t with_value = 0x55667788;
    uint32_t zeroed[64];
    const char text[] = "constant";
    void reset(void);
    void reset(void) { zeroed[with_value & 63U] = (uint32_t)text[with_value & 7U]; }
    const void *const vectors[2] __attribute__((section(".vectors"), used)) =
        {STACK_TOP, (const void *)reset};
"""


def link_program(bench: Bench, workshop: Workshop, script: str, stack_top: str, *extra: str) -> Elf:
    generated = workshop.root / "generated"
    write_files(generated, workshop.generate())
    path = workshop.root / "program.c"
    path.write_text(PROGRAM)
    elf = workshop.root / "program.elf"
    run(
        GCC,
        *bench.compile_flags,
        f"-DSTACK_TOP={stack_top}",
        "-nostartfiles",
        "-Wl,--gc-sections",
        *extra,
        f"-Wl,-T,{generated / script}",
        path,
        "-o",
        elf,
    )
    return Elf(elf)


def test_boot_program(bench: Bench, workshop: Workshop) -> None:
    elf = link_program(bench, workshop, "boot.ld", "__boot_stack_top")
    assert elf["vectors"] == 0x1000_0000
    assert elf["__boot_ram_start"] == elf["__boot_stack_limit"] == 0x3000_0000
    assert elf["__boot_ram_end"] == 0x3000_6000
    assert elf["__boot_stack_top"] == 0x3000_0000 + 6144
    assert elf["__boot_stack_top"] <= elf["with_value"] < elf["__boot_ram_end"]
    assert elf["__bss_start"] <= elf["zeroed"] < elf["__bss_end"]
    for name in ("data_load", "data_start", "data_end", "bss_start", "bss_end"):
        assert elf[f"__{name}"] == elf[f"__boot_{name}"]
    assert elf.loaded(elf["__data_load"], 4) == struct.pack("<I", 0x55667788)
    for _, paddr, data, memsz in elf.segments:
        assert paddr >= 0x1000_0000 and paddr + memsz <= 0x1000_8000  # nothing loads into RAM
        assert memsz == len(data)


def test_boot_program_too_large(bench: Bench, workshop: Workshop) -> None:
    workshop.change(
        workshop.product,
        "base = 0x1000_0000\nsize = 0x0000_8000",
        "base = 0x1000_0000\nsize = 0x20",
    )
    with pytest.raises(AssertionError, match="BOOT_CODE' overflowed by"):
        link_program(bench, workshop, "boot.ld", "__boot_stack_top")


def test_non_secure_program(bench: Bench, workshop: Workshop) -> None:
    elf = link_program(bench, workshop, "ns.ld", "__ns_stack_top")
    assert elf["vectors"] == 0x8020_0400
    assert elf["__ns_stack_limit"] == 0x2820_0000
    assert elf["__ns_stack_top"] == 0x2820_0000 + 65536
    assert elf["__data_start"] <= elf["with_value"] < elf["__data_end"]
    assert elf["__heap_start"] == elf["__bss_end"] == elf["end"] if "end" in elf.symbols else True
    assert elf["__heap_end"] == elf["__nvmem_start"] == 0x2840_0000 - 1024
    assert elf["__nvmem_end"] == 0x2840_0000
    assert elf.loaded(elf["__data_load"], 4) == struct.pack("<I", 0x55667788)


def test_non_secure_stack_size_of_a_program(bench: Bench, workshop: Workshop) -> None:
    elf = link_program(
        bench, workshop, "ns.ld", "__ns_stack_top", "-Wl,--defsym=__ns_stack_size=0x2000"
    )
    assert elf["__ns_stack_top"] == 0x2820_2000


def test_non_secure_program_too_large(bench: Bench, workshop: Workshop) -> None:
    workshop.change(
        workshop.product,
        "base = 0x2820_0000\nsize = 0x0020_0000",
        "base = 0x2820_0000\nsize = 0x10020",
    )
    with pytest.raises(AssertionError, match="NS_RAM' overflowed by"):
        link_program(bench, workshop, "ns.ld", "__ns_stack_top")
