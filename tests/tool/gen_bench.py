"""A bench that links with the real compiler what tools/gen makes, for test_gen_link.py.

SOURCES are stand-ins for manager, partitions and libraries; `Bench` compiles and links them; `Elf`
answers what is where in the result. No assertions about products are made here.
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from elftools.elf.elffile import ELFFile
from gen_workshop import Workshop

from gen.emit_headers import psa_manifest_headers
from gen.model import Partition, Product
from gen.output import write_files

ROOT = Path(__file__).resolve().parents[2]
GCC = "arm-none-eabi-gcc"

WARNINGS = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Werror",
    "-O1",
    "-ffunction-sections",
    "-fdata-sections",
]

SOURCES = {
    "manager": """
        #include <stdint.h>
        #include <string.h>
        #include "spm/tables.h"
        extern uint8_t __manager_stack_top[];
        uint32_t spm_threads[2048]; /* as many as any product here; only addresses matter */
        uint32_t manager_data = 0x11111111;
        uint32_t manager_bss;
        const char manager_constant[] = "manager";
        uint64_t manager_work(const char *text, uint64_t a, uint64_t b);
        uint64_t manager_work(const char *text, uint64_t a, uint64_t b)
        {
            manager_data += (uint32_t)strlen(text);
            return a / b + manager_bss;
        }
        __attribute__((section(".shared.text"), noinline)) uint32_t shared_work(uint32_t value);
        uint32_t shared_work(uint32_t value) { return value + 1U; }
        void reset(void);
        void reset(void)
        {
            manager_bss = (uint32_t)manager_work(manager_constant, shared_work(1), manager_data);
        }
        const void *const spm_vectors[] __attribute__((section(".vectors"), used)) = {
            __manager_stack_top, (const void *)reset,
            spm_partitions, &spm_partition_count, spm_services,
            spm_stateless_services, spm_flash_grants, &spm_flash_grant_count,
            spm_agent_services, spm_irqs,
            spm_agent_regions, &spm_agent_region_count, &spm_manager_region};
        __asm__(".section .gateways,\\"ax\\"\\n.global gateway_call\\n.thumb_func\\n"
                "gateway_call: sg\\n b.w reset\\n");
    """,
    "partition_api": """
        #include "psa/service.h"
        size_t psa_read(psa_handle_t handle, uint32_t index, void *buffer, size_t length)
        { (void)handle; (void)index; (void)buffer; return length; }
    """,
    "partition_crypto": """
        #include "psa/service.h"
        uint32_t mbed_work(uint32_t value);
        psa_status_t crypto_init(void);
        psa_status_t bench_crypto_sfn(const psa_msg_t *message);
        uint32_t crypto_data = 0x22222222;
        psa_status_t crypto_init(void) { return (psa_status_t)mbed_work(crypto_data); }
        psa_status_t bench_crypto_sfn(const psa_msg_t *message) { return message->type; }
    """,
    "mbedcrypto": """
        #include <stdint.h>
        #include <string.h>
        uint32_t mbed_work(uint32_t value);
        uint8_t mbed_heap[100];
        const uint32_t mbed_table[4] = {1, 2, 3, 4};
        uint32_t mbed_work(uint32_t value)
        { memset(mbed_heap, (int)value, sizeof mbed_heap); return mbed_table[value & 3U]; }
    """,
    "partition_its": """
        #include "psa/service.h"
        uint32_t store_work(uint32_t value);
        psa_status_t bench_its_sfn(const psa_msg_t *message);
        uint64_t its_data = 0x3333333344444444;
        psa_status_t bench_its_sfn(const psa_msg_t *message)
        {
            uint8_t byte = 0;
            (void)psa_read(message->handle, 0, &byte, 1);
            return (psa_status_t)(store_work(byte) + its_data);
        }
    """,
    "store": """
        #include <stdint.h>
        uint32_t common_work(uint32_t value);
        uint32_t store_work(uint32_t value);
        uint32_t store_bss;
        uint32_t store_work(uint32_t value) { return store_bss += common_work(value); }
    """,
    "common": """
        #include <stdint.h>
        uint32_t common_work(uint32_t value);
        uint32_t common_work(uint32_t value) { return value ^ 0x5555U; }
    """,
    "partition_app": """
        #include "psa/service.h"
        psa_status_t app_init(void);
        psa_status_t bench_app_sfn(const psa_msg_t *message);
        psa_status_t app_init(void) { return 0; }
        psa_status_t bench_app_sfn(const psa_msg_t *message) { return message->type; }
    """,
}

# Stand-ins for the app of the IPC model and for the driver from outside the tree.
IPC_APP_SOURCE = """
    #include "psa/service.h"
    void app_main(void);
    psa_flih_result_t tick_flih(void);
    uint32_t app_bss;
    void app_main(void) { app_bss++; }
    psa_flih_result_t tick_flih(void) { return PSA_FLIH_SIGNAL; }
"""
DRIVER_SOURCE = """
    #include <stdint.h>
    #include "psa_manifest/driver_psa.h"
    uint32_t driver_data = 0x44444444;
    uint8_t driver_bss[5];
    const uint32_t driver_table[2] = {5, 6};
    void driver_main(void)
    { driver_bss[driver_data & 3U] = (uint8_t)driver_table[driver_data & 1U]; }
"""


def run(*command: str | Path) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert result.returncode == 0, f"{' '.join(map(str, command))}\n{result.stderr}"
    assert "warning" not in result.stderr, result.stderr


OUTSIDE_FLAGS = ("-mcpu=cortex-m33+nodsp+nofp", "-mfloat-abi=soft", "-mthumb")


def outside_source(partition: Partition) -> str:
    """A partition of nothing but the functions that its manifest names."""
    functions = "".join(
        f'__asm__(".global {name}\\n.type {name}, %function\\n.thumb_func\\n{name}: bx lr");\n'
        for name, _, _ in partition.manifest.functions
    )
    return f'#include "psa_manifest/{partition.manifest.header}.h"\n{functions}'


def outside_archive(
    workshop: Workshop,
    product: Product,
    name: str,
    path: Path,
    source: str | None = None,
    flags: tuple[str, ...] = OUTSIDE_FLAGS,
) -> Path:
    """The archive of a partition from outside the tree, compiled with the headers of a product
    that only declares it."""
    headers = workshop.root / "headers"
    write_files(headers, psa_manifest_headers(product))
    partition = next(each for each in product.partitions if each.name == name)
    text, item = path.with_suffix(".c"), path.with_suffix(".o")
    text.write_text(outside_source(partition) if source is None else source)
    includes = (f"-I{headers}", f"-I{ROOT}/include")
    run(GCC, *flags, *WARNINGS, *includes, "-c", text, "-o", item)
    path.unlink(missing_ok=True)
    run("arm-none-eabi-ar", "rcsD", path, item)
    return path


def archive_member(name: str, data: bytes) -> bytes:
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n"
    return head.encode("ascii") + data + b"\n" * (len(data) % 2)


def hiding_archive(good: bytes, hidden: bytes, functions: list[str]) -> bytes:
    """An archive of one object, with another behind what the first needs of its member. The index
    says that the functions are in the hidden one."""
    good += b"\0" * (len(good) % 2)
    texts = b"".join(name.encode("ascii") + b"\0" for name in functions)
    texts += b"\0" * (len(texts) % 2)
    count = len(functions)
    at = 8 + 60 + 4 + 4 * count + len(texts) + 60 + len(good)
    index = count.to_bytes(4, "big") + at.to_bytes(4, "big") * count + texts
    member = archive_member("good.o/", good + archive_member("hidden.o/", hidden))
    return b"!<arch>\n" + archive_member("/", index) + member


class Elf:
    """Symbols and memory of a linked file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            elf = ELFFile(file)
            self.symbols = {
                symbol.name: symbol["st_value"]
                for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            }
            self.sizes = {
                symbol.name: symbol["st_size"]
                for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            }
            self.sections = {
                section.name: (section["sh_type"], section["sh_addr"], section["sh_size"])
                for section in elf.iter_sections()
            }
            self.blocks = [
                (section["sh_addr"], section.data())
                for section in elf.iter_sections()
                if section["sh_type"] == "SHT_PROGBITS" and section["sh_flags"] & 2
            ]
            self.segments = [
                (segment["p_vaddr"], segment["p_paddr"], segment.data(), segment["p_memsz"])
                for segment in elf.iter_segments()
                if segment["p_type"] == "PT_LOAD"
            ]

    def __getitem__(self, name: str) -> int:
        return self.symbols[name]

    def words(self, address: int, count: int) -> tuple[int, ...]:
        for base, data in self.blocks:
            if base <= address and address + 4 * count <= base + len(data):
                return struct.unpack_from(f"<{count}I", data, address - base)
        raise AssertionError(f"{address:#x} is in no section of the file")

    def text(self, address: int) -> str:
        for base, data in self.blocks:
            if base <= address < base + len(data):
                return data[address - base :].split(b"\0")[0].decode()
        raise AssertionError(f"{address:#x} is in no section of the file")

    def loaded(self, address: int, size: int) -> bytes:
        """Bytes of the image at a load address."""
        for _, paddr, data, _ in self.segments:
            if paddr <= address and address + size <= paddr + len(data):
                return data[address - paddr : address - paddr + size]
        raise AssertionError(f"{address:#x} is not loaded")

    def inside(self, name: str, start: str, end: str) -> bool:
        return self[start] <= (self[name] & ~1) < self[end]


class Bench:
    """Compiles the stand-ins once and links them with generated files."""

    def __init__(self, directory: Path, flags: list[str]) -> None:
        self.directory = directory
        self.compile_flags = flags + WARNINGS + [f"-I{ROOT}", f"-I{ROOT}/include"]
        self.flags = flags
        self.objects: list[Path] = []
        (directory / "layout.h").write_text("#define SPM_SERVICES 1U\n")
        for name, source in SOURCES.items():
            path = directory / f"{name}.c"
            path.write_text(source)
            run(
                GCC,
                *self.compile_flags,
                f"-I{directory}",
                "-c",
                path,
                "-o",
                directory / f"{name}.o",
            )
            if name != "manager":
                run("arm-none-eabi-ar", "rcs", directory / f"lib{name}.a", directory / f"{name}.o")

    def archive(self, path: Path, source: str) -> Path:
        """An archive of one stand-in."""
        path.with_suffix(".c").write_text(source)
        item = path.with_suffix(".o")
        run(GCC, *self.compile_flags, "-c", path.with_suffix(".c"), "-o", item)
        run("arm-none-eabi-ar", "rcs", path, item)
        return path

    def compile_tables(self, generated: Path) -> Path:
        run(
            GCC,
            *self.compile_flags,
            f"-I{generated}",
            "-c",
            generated / "spm_tables.c",
            "-o",
            generated / "spm_tables.o",
        )
        return generated / "spm_tables.o"

    def link_command(self, generated: Path, *extra: str | Path) -> list[str | Path]:
        archives = [self.directory / f"lib{name}.a" for name in SOURCES if name != "manager"]
        return [
            GCC,
            *self.flags,
            "-nostartfiles",
            "-Wl,--gc-sections",
            f"-Wl,-T,{generated / 'spe.ld'}",
            self.directory / "manager.o",
            generated / "spm_tables.o",
            *extra,
            "-Wl,--start-group",
            *archives,
            "-Wl,--end-group",
            "-o",
            generated / "spe.elf",
        ]
