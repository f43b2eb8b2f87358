"""Emits the linker scripts boot.ld, spe.ld and ns.ld, and partition.ld of an SDK.

An image that does not fit is a link error with the number of missing bytes, from the MEMORY
command; an archive that was forgotten is one from ASSERT. All boundaries that the MPU uses are
multiples of 32.
"""

from __future__ import annotations

from gen.model import (
    GATEWAYS_OFFSET,
    GATEWAYS_SIZE,
    HEAP_HEAD_SIZE,
    IDLE_STACK_SIZE,
    MPU_GRANULE,
    NVMEM_SIZE,
    Image,
    Partition,
    Product,
)
from gen.output import banner

_CODE = ".text .text.* .rodata .rodata.*"
_DATA = ".data .data.*"
_BSS = ".bss .bss.* COMMON"
_TABLES = ("*spm_tables.*", "*fault_tables.*")  # objects of generated files of these names
_DISCARD = "    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) *(.bartizan.contract) }\n"


def _memory_command(regions: list[tuple[str, str, int, int]]) -> str:
    rows = "".join(
        f"    {name} ({access}) : ORIGIN = {base:#010x}, LENGTH = {size:#x}\n"
        for name, access, base, size in regions
    )
    return f"MEMORY\n{{\n{rows}}}\n"


def _image_memory(product: Product, image: Image, name: str) -> tuple[str, str, int, int]:
    return (name, "rx", product.payload_base(image), image.payload_size)


_BOOT_ALIASES = """__data_load = __boot_data_load;
__data_start = __boot_data_start;
__data_end = __boot_data_end;
__bss_start = __boot_bss_start;
__bss_end = __boot_bss_end;
"""
_NS_CODE = """    .text :
    {
        KEEP(*(.vectors))
        KEEP(*(.vectors.board))
        *(.text .text.*)
        KEEP(*(.init))
        KEEP(*(.fini))
        *(.rodata .rodata.*)
        . = ALIGN(8);
        PROVIDE_HIDDEN(__preinit_array_start = .);
        KEEP(*(.preinit_array*))
        PROVIDE_HIDDEN(__preinit_array_end = .);
        PROVIDE_HIDDEN(__init_array_start = .);
        KEEP(*(SORT(.init_array.*) .init_array))
        PROVIDE_HIDDEN(__init_array_end = .);
        PROVIDE_HIDDEN(__fini_array_start = .);
        KEEP(*(SORT(.fini_array.*) .fini_array))
        PROVIDE_HIDDEN(__fini_array_end = .);
        . = ALIGN(8);
    } > NS_FLASH

"""


# ---- Boot ----------------------------------------------------------------------------------------


def boot_script(product: Product) -> str:
    """boot.ld. Program headers of its own keep stack and .bss out of what is loaded."""
    code, ram = product.memories["boot_code"], product.memories["boot_ram"]
    memory = _memory_command(
        [("BOOT_CODE", "rx", code.base, code.size), ("BOOT_RAM", "rw", ram.base, ram.size)]
    )
    return f"""{banner(product.file, "Memory of boot: code in ROM, stack lowest in RAM.")}
ENTRY(__boot_code_start)

{memory}
PHDRS
{{
    code PT_LOAD FLAGS(5);
    data PT_LOAD FLAGS(6);
}}

__boot_code_start = ORIGIN(BOOT_CODE);
__boot_ram_start = ORIGIN(BOOT_RAM);
__boot_ram_end = ORIGIN(BOOT_RAM) + LENGTH(BOOT_RAM);

SECTIONS
{{
    .text :
    {{
        KEEP(*(.vectors))
        *(.text .text.*)
        *(.rodata .rodata.*)
        . = ALIGN(8);
    }} > BOOT_CODE :code

    /* The 8 bytes below __boot_stack_top hold the seal. */
    .stack (NOLOAD) : ALIGN(8)
    {{
        __boot_stack_limit = .;
        . += {product.boot_stack_size};
        __boot_stack_top = .;
    }} > BOOT_RAM AT> BOOT_RAM :NONE

    .data : ALIGN(8)
    {{
        __boot_data_start = .;
        *({_DATA})
        . = ALIGN(8);
        __boot_data_end = .;
    }} > BOOT_RAM AT> BOOT_CODE :data

    .bss (NOLOAD) : ALIGN(8)
    {{
        __boot_bss_start = .;
        *({_BSS})
        . = ALIGN(8);
        __boot_bss_end = .;
    }} > BOOT_RAM AT> BOOT_RAM :NONE

{_DISCARD}}}

__boot_data_load = LOADADDR(.data);
__boot_code_end = LOADADDR(.data) + SIZEOF(.data);

{_BOOT_ALIASES}"""


# ---- Secure image --------------------------------------------------------------------------------


def secure_script(product: Product) -> str:
    """spe.ld: the manager, the shared code and one block of code and of RAM for each partition."""
    psa = [partition for partition in product.partitions if partition.is_psa_rot]
    application = [partition for partition in product.partitions if not partition.is_psa_rot]
    ram = product.memories["secure_ram"]
    memory = _memory_command(
        [
            _image_memory(product, product.secure_image, "SECURE_FLASH"),
            ("SECURE_RAM", "rw", ram.base, ram.size),
        ]
    )
    code = "".join(_partition_code(partition) for partition in psa + application)
    last = (psa + application)[-1].name if product.partitions else None
    last_data = f".part_{last}_data" if last else ".manager_data"
    asserts = "".join(
        f"ASSERT(__part_{name}_code_end > __part_{name}_code_start,\n"
        f"       \"partition '{name}' has no code: link {archive}\")\n"
        for name, archive in (
            (partition.name, partition.archives[0]) for partition in product.partitions
        )
    )
    return f"""{banner(product.file, "Memory of the secure image: manager and partitions.")}
ENTRY(__secure_image_start)

{memory}
__secure_image_start = ORIGIN(SECURE_FLASH);
__code_start = ORIGIN(SECURE_FLASH);

SECTIONS
{{
{_secure_head(product)}{code}    __code_end = .;

{_manager_ram(product)}
{_agent_ram(product)}
{"".join(_partition_ram(partition) for partition in psa)}    __psa_rot_ram_end = .;

{"".join(_partition_ram(partition) for partition in application)}    __partitions_ram_end = .;

    .gnu.sgstubs : {{ *(.gnu.sgstubs*) }} > SECURE_FLASH
    .constructors :
    {{
        *(.preinit_array* .init_array* .fini_array* .ctors* .dtors*)
    }} > SECURE_FLASH
{_DISCARD}}}

{_forbidden_references(product)}
__secure_image_end = LOADADDR({last_data}) + SIZEOF({last_data});

ASSERT(SIZEOF(.vectors) <= {GATEWAYS_OFFSET:#x}, "the vector table reaches into the gateways")
ASSERT(__shared_code_start == __gateways_end, "shared code must follow the gateways")
ASSERT(SIZEOF(.gnu.sgstubs) == 0, "gateways are written in section .gateways, not by the compiler")
ASSERT(SIZEOF(.constructors) == 0, "secure code has no constructors")
{asserts}"""


def _exclude(archives: list[str], files: tuple[str, ...] = ()) -> str:
    """Everything but these archives and files; the catch-all patterns of the manager."""
    patterns = [*files, *(f"*{archive}:*" for archive in archives)]
    if not patterns:
        return ""
    lines = "".join(f"\n            {pattern}" for pattern in patterns)
    return f"EXCLUDE_FILE({lines}\n        )"


def _from(archives: list[str], sections: str) -> str:
    return "".join(f"        *{archive}:*({sections})\n" for archive in archives)


def _partition_archives(product: Product) -> list[str]:
    return [archive for partition in product.partitions for archive in partition.archives]


def _secure_head(product: Product) -> str:
    shared = product.shared_archives
    exclude = _exclude(_partition_archives(product) + shared, _TABLES)
    tables = "".join(f"        {file}({_CODE})\n" for file in _TABLES)
    return f"""    .vectors ORIGIN(SECURE_FLASH) :
    {{
        KEEP(*(.vectors))
    }} > SECURE_FLASH

    /* Non-secure callable, alone in a block whose place and size never change. */
    .gateways ORIGIN(SECURE_FLASH) + {GATEWAYS_OFFSET:#x} :
    {{
        __gateways_start = .;
        KEEP(*(.gateways))
        . = {GATEWAYS_SIZE:#x};
        __gateways_end = .;
    }} > SECURE_FLASH

    /* Directly behind the gateways: one MPU region holds both, see the lists in spm_tables.c. */
    .shared_code : ALIGN({MPU_GRANULE})
    {{
        __shared_code_start = .;
        *(.shared.text .shared.text.* .shared.rodata .shared.rodata.*)
{_from(shared, _CODE)}        . = ALIGN({MPU_GRANULE});
        __shared_code_end = .;
    }} > SECURE_FLASH

    .manager_code : ALIGN({MPU_GRANULE})
    {{
        __manager_code_start = .;
        {exclude} *({_CODE})
    }} > SECURE_FLASH

    /* Apart: what may name the functions of partitions, see below. */
    .manager_tables : ALIGN(8)
    {{
{tables}        . = ALIGN({MPU_GRANULE});
        __manager_code_end = .;
    }} > SECURE_FLASH

"""


def _partition_code(partition: Partition) -> str:
    name = partition.name
    return f"""    .part_{name}_code : ALIGN({MPU_GRANULE})
    {{
        __part_{name}_code_start = .;
{_from(partition.archives, _CODE)}        . = ALIGN({MPU_GRANULE});
        __part_{name}_code_end = .;
    }} > SECURE_FLASH

"""


def _manager_ram(product: Product) -> str:
    exclude = _exclude(_partition_archives(product))
    return f"""    /* The 8 bytes below __manager_stack_top hold the seal. */
    .manager_stack (NOLOAD) : ALIGN({MPU_GRANULE})
    {{
        __manager_ram_start = .;
        __manager_stack_limit = .;
        . += {product.manager_stack_size};
        __manager_stack_top = .;
    }} > SECURE_RAM AT> SECURE_RAM

    .manager_data : ALIGN(8)
    {{
        __manager_data_start = .;
        {exclude} *({_DATA})
        . = ALIGN(8);
        __manager_data_end = .;
    }} > SECURE_RAM AT> SECURE_FLASH
    __manager_data_load = LOADADDR(.manager_data);

    .manager_bss (NOLOAD) : ALIGN(8)
    {{
        __manager_bss_start = .;
        {exclude} *({_BSS})
        . = ALIGN(8);
        __manager_bss_end = .;
        . = ALIGN({MPU_GRANULE});
        __manager_ram_end = .;
    }} > SECURE_RAM AT> SECURE_RAM
"""


def _agent_ram(product: Product) -> str:
    return f"""    .agent_stack (NOLOAD) : ALIGN({MPU_GRANULE})
    {{
        __agent_ram_start = .;
        __agent_stack_limit = .;
        . += {product.agent_stack_size};
        __agent_stack_top = .;
        __idle_stack_limit = .;
        . += {IDLE_STACK_SIZE};
        __idle_stack_top = .;
        . = ALIGN({MPU_GRANULE});
        __agent_ram_end = .;
    }} > SECURE_RAM AT> SECURE_RAM
"""


def _partition_heap(partition: Partition) -> str:
    """The heap's own words are zeroed with .bss, which makes it an empty one; the rest is not."""
    name, size = partition.name, partition.manifest.heap_size
    end = f"        __part_{name}_bss_end = .;\n"
    if size == 0:
        return end
    return f"""        __part_{name}_heap_start = .;
        . += {HEAP_HEAD_SIZE};
{end}        . += {size - HEAP_HEAD_SIZE};
        __part_{name}_heap_end = .;
"""


def _partition_ram(partition: Partition) -> str:
    name = partition.name
    archives = partition.archives
    return f"""    .part_{name}_stack (NOLOAD) : ALIGN({MPU_GRANULE})
    {{
        __part_{name}_ram_start = .;
        __part_{name}_stack_limit = .;
        . += {partition.manifest.stack_size};
        __part_{name}_stack_top = .;
    }} > SECURE_RAM AT> SECURE_RAM

    .part_{name}_data : ALIGN(8)
    {{
        __part_{name}_data_start = .;
{_from(archives, _DATA)}        . = ALIGN(8);
        __part_{name}_data_end = .;
    }} > SECURE_RAM AT> SECURE_FLASH
    __part_{name}_data_load = LOADADDR(.part_{name}_data);

    .part_{name}_bss (NOLOAD) : ALIGN(8)
    {{
        __part_{name}_bss_start = .;
{_from(archives, _BSS)}        . = ALIGN(8);
{_partition_heap(partition)}        . = ALIGN({MPU_GRANULE});
        __part_{name}_ram_end = .;
    }} > SECURE_RAM AT> SECURE_RAM

"""


def _forbidden_references(product: Product) -> str:
    """What would fault at run time is refused at link time.

    Code and data of a partition may refer to shared code and to themselves, not to the manager and
    not to another partition. Shared code and the manager's refer to none, the tables apart: a
    partition's function with the name of one that they call would run with their rights.
    """
    own = {
        partition.name: [f".part_{partition.name}_{kind}" for kind in ("code", "data", "bss")]
        for partition in product.partitions
    }
    lines = []
    for target in (".manager_code", ".manager_tables", ".manager_data", ".manager_bss"):
        sources = [section for sections in own.values() for section in sections[:2]]
        lines.append(_no_references(target, sources))
    for name, targets in own.items():
        sources = [
            section for other, sections in own.items() if other != name for section in sections[:2]
        ]
        sources += [".shared_code", ".manager_code"]
        lines += [_no_references(target, sources) for target in targets]
    return "".join(lines)


def _no_references(target: str, sources: list[str]) -> str:
    return f"NOCROSSREFS_TO({target} {' '.join(sources)})\n" if sources else ""


# ---- A partition alone ----


def partition_script(product: Product, traps: list[str]) -> str:
    """partition.ld: where the parts of one partition from outside the tree come to lie, as a script
    that links it alone, which its author can do as a check. The traps into the manager are only
    names there."""
    ram = product.memories["secure_ram"]
    memory = _memory_command(
        [
            _image_memory(product, product.secure_image, "SECURE_FLASH"),
            ("SECURE_RAM", "rw", ram.base, ram.size),
        ]
    )
    shared = product.shared_archives
    offered = "".join(f"PROVIDE({name} = __traps + 1);\n" for name in traps)
    return f"""{banner(product.file, _PARTITION_ROLE)}
{memory}
SECTIONS
{{
    .shared_code : ALIGN({MPU_GRANULE})
    {{
        __traps = .;
        . += 4;
{_from(shared, _CODE)}        . = ALIGN({MPU_GRANULE});
    }} > SECURE_FLASH

    .part_code : ALIGN({MPU_GRANULE})
    {{
        *({_CODE})
        . = ALIGN({MPU_GRANULE});
    }} > SECURE_FLASH

    .part_data : ALIGN({MPU_GRANULE})
    {{
        *({_DATA})
        . = ALIGN(8);
    }} > SECURE_RAM AT> SECURE_FLASH

    .part_bss (NOLOAD) : ALIGN(8)
    {{
        *({_BSS})
        . = ALIGN({MPU_GRANULE});
    }} > SECURE_RAM AT> SECURE_RAM

    .constructors :
    {{
        *(.preinit_array* .init_array* .fini_array* .ctors* .dtors*)
    }} > SECURE_FLASH
{_DISCARD}}}

{offered}
NOCROSSREFS_TO(.part_code .shared_code)
NOCROSSREFS_TO(.part_data .shared_code)
NOCROSSREFS_TO(.part_bss .shared_code)
ASSERT(SIZEOF(.constructors) == 0, "secure code has no constructors")
"""


_PARTITION_ROLE = """One partition alone: a check, with the rules of the secure image.
 *
 *   arm-none-eabi-gcc <cflags> -nostartfiles -static -Wl,--gc-sections -Wl,-T,partition.ld
 *       -Wl,--entry=<function of the manifest> partition.a lib/*.a -o partition.elf
 *
 * Where the sections of an archive come to lie in the secure image, and what the partition may do
 * there at isolation level 3. Each is a region of its own, in multiples of 32 bytes:
 *
 *   .part_code    .text* .rodata*       flash   read, execute; of this partition alone
 *   .part_data    .data*                RAM     read, write; copied from flash at the start
 *   .part_bss     .bss* COMMON          RAM     read, write; zeroed at the start
 *   .shared_code  libraries of lib/, C library, libgcc: read, execute; of all partitions
 *
 * Stack and heap, with the sizes of the manifest, lie in RAM before and behind .part_data and
 * .part_bss, in the same region. Other sections have no place in the image."""


# ---- Non-secure image ----------------------------------------------------------------------------


def non_secure_script(product: Product) -> str:
    """ns.ld: stack lowest in RAM, so that its overflow leaves the memory; heap up to NVMEM, the end
    of RAM that a start leaves as it is."""
    ram = product.memories["ns_ram"]
    memory = _memory_command(
        [
            _image_memory(product, product.non_secure_image, "NS_FLASH"),
            ("NS_RAM", "rw", ram.base, product.nvmem_base - ram.base),
            ("NS_NVMEM", "rw", product.nvmem_base, NVMEM_SIZE),
        ]
    )
    return f"""{banner(product.file, "Memory of the non-secure image; __ns_stack_size may be set.")}
ENTRY(__ns_image_start)

{memory}
__ns_image_start = ORIGIN(NS_FLASH);
__ns_stack_bytes = DEFINED(__ns_stack_size) ? __ns_stack_size : {product.ns_stack_size};

SECTIONS
{{
{_NS_CODE}    .stack (NOLOAD) : ALIGN(8)
    {{
        __ns_stack_limit = .;
        . += __ns_stack_bytes;
        . = ALIGN(8);
        __ns_stack_top = .;
    }} > NS_RAM AT> NS_RAM

    .data : ALIGN(8)
    {{
        __data_start = .;
        *({_DATA})
        . = ALIGN(8);
        __data_end = .;
    }} > NS_RAM AT> NS_FLASH

    .bss (NOLOAD) : ALIGN(8)
    {{
        __bss_start = .;
        *({_BSS})
        . = ALIGN(8);
        __bss_end = .;
    }} > NS_RAM AT> NS_RAM

    .noinit (NOLOAD) :
    {{
        *(.noinit .noinit.*)
    }} > NS_NVMEM AT> NS_NVMEM

{_DISCARD}}}

__data_load = LOADADDR(.data);
__ns_image_end = LOADADDR(.data) + SIZEOF(.data);
__heap_start = __bss_end;
__heap_end = ORIGIN(NS_RAM) + LENGTH(NS_RAM);
__nvmem_start = ORIGIN(NS_NVMEM);
__nvmem_end = ORIGIN(NS_NVMEM) + LENGTH(NS_NVMEM);
PROVIDE(end = __heap_start);
PROVIDE(__dso_handle = 0);
"""
