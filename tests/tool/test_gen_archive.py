"""What is refused about the archive of a partition from outside the tree, before it is linked.

The archives are compiled with the real compiler; each refusal names the archive (or the manifest's
line), what is wrong, and what to change.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from gen_bench import (
    GCC,
    OUTSIDE_FLAGS,
    archive_member,
    hiding_archive,
    outside_archive,
    outside_source,
    run,
)
from gen_workshop import DRIVER, DRIVER_LIST, Workshop

from gen import archive, emit_headers, model
from gen.model import Partition, Product
from gen.source import ProductError

pytestmark = pytest.mark.skipif(shutil.which(GCC) is None, reason=f"{GCC} is not installed")

LIST = "away/list.json"
MANIFEST = "away/driver_psa.json"
SFN = """\
psa_framework_version: 1.1
name: BENCH_DRIVER
type: APPLICATION-ROT
priority: LOW
model: SFN
entry_init: driver_init
stack_size: 256
services:
  - name: BENCH_DRIVER
    sid: 0xFC01
    non_secure_clients: true
irqs:
  - source: UART_IRQ
    name: SENT
    handling: FLIH
"""


class Away:
    """A workshop, and beside it a driver whose archive is made in many ways."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.archive = workshop.root / "away/driver.a"
        workshop.write(LIST, DRIVER_LIST.replace("manifests/", ""))
        workshop.write(MANIFEST, DRIVER)
        workshop.change(
            "services/app/app_manifest.yaml", "  - name: TIMER0\n    permission: READ-WRITE\n", ""
        )

    @property
    def declared(self) -> Product:
        return self.workshop.load(extra_lists=[self.workshop.root / LIST])

    @property
    def partition(self) -> Partition:
        return next(each for each in self.declared.partitions if each.is_outside)

    @property
    def source(self) -> str:
        return outside_source(self.partition)

    def make(self, source: str | None = None, flags: tuple[str, ...] = OUTSIDE_FLAGS) -> None:
        outside_archive(self.workshop, self.declared, "bench_driver", self.archive, source, flags)

    def load(self) -> Product:
        return self.workshop.load(
            extra_lists=[self.workshop.root / LIST], extra_archives={"bench_driver": self.archive}
        )

    def refusal(self) -> str:
        with pytest.raises(ProductError) as caught:
            self.load()
        message = str(caught.value)
        assert "; " in message and "\n" not in message
        return message

    def refused(self, what: str) -> None:
        assert self.refusal().startswith(f"{self.archive}: {what}"), self.refusal()


@pytest.fixture
def away(workshop: Workshop) -> Away:
    return Away(workshop)


def test_a_right_one(away: Away) -> None:
    away.make()
    away.load()


# ---- Not an archive ------------------------------------------------------------------------------


def test_no_archive(away: Away) -> None:
    away.make()
    shutil.copy(away.archive.with_suffix(".o"), away.archive)
    away.refused("it is no archive; make one of the object files with 'ar rcsD'")


def test_empty(away: Away) -> None:
    away.archive.write_bytes(b"!<arch>\n")
    away.refused("it has no member; put")


def test_thin_archive(away: Away) -> None:
    away.make()
    away.archive.unlink()
    run("arm-none-eabi-ar", "rcsDT", away.archive, away.archive.with_suffix(".o"))
    away.refused("it is a thin archive")


def test_cut_archive(away: Away) -> None:
    """At every length: a clear refusal, never an exception."""
    away.make()
    whole = away.archive.read_bytes()
    for size in range(0, len(whole), 41):
        away.archive.write_bytes(whole[:size])
        away.refused("it")


def test_damaged_archive(away: Away) -> None:
    """A changed byte may go unnoticed; if it does not, it is a refusal that names the archive."""
    away.make()
    whole = away.archive.read_bytes()
    refused = 0
    for at in range(0, len(whole), 7):
        away.archive.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            away.load()
        except ProductError as error:
            assert str(away.archive) in str(error)
            refused += 1
    assert refused > 20


def test_member_that_is_no_object_file(away: Away) -> None:
    away.make()
    note = away.archive.with_name("a_name_longer_than_the_header_has_room_for.txt")
    note.write_text("not code")
    run("arm-none-eabi-ar", "rcsD", away.archive, note)
    away.refused(f"its member {note.name} is no object file")


def test_linked_member(away: Away) -> None:
    away.make()
    item = away.archive.with_suffix(".o")
    linked = away.archive.with_name("linked.o")
    run(GCC, *OUTSIDE_FLAGS, "-nostdlib", "-Wl,--entry=driver_main", item, "-o", linked)
    away.archive.unlink()
    run("arm-none-eabi-ar", "rcsD", away.archive, linked)
    away.refused("its member linked.o is linked already")


# ---- Compiled for something else -----------------------------------------------------------------

FLAGS = {
    "hard float": (
        ("-mcpu=cortex-m33", "-mfloat-abi=hard", "-mthumb"),
        "has the hard float ABI; compile it with the cflags of partitions.json: -mfloat-abi=soft",
    ),
    "soft float ABI with an FPU": (
        ("-mcpu=cortex-m33", "-mfloat-abi=softfp", "-mthumb"),
        "uses floating-point registers; compile it",
    ),
    "newer core": (
        ("-mcpu=cortex-m55", "-mfloat-abi=soft", "-mthumb"),
        "is for another core than cortex-m33",
    ),
    "application core": (
        ("-mcpu=cortex-a7", "-mfloat-abi=soft", "-mthumb"),
        "is for another core than cortex-m33",
    ),
    "link-time optimisation": (
        (*OUTSIDE_FLAGS, "-flto"),
        "is compiled with -flto; compile it with -fno-lto",
    ),
}


@pytest.mark.parametrize("case", FLAGS)
def test_wrong_flags(away: Away, case: str) -> None:
    flags, what = FLAGS[case]
    source = away.source + "float f(float x);\nfloat f(float x) { return x * 2.0f; }\n"
    away.make(source, flags)
    away.refused(f"its member driver.o {what}")


def test_dsp_instructions(away: Away) -> None:
    away.make(flags=("-mcpu=cortex-m33+nofp", "-mfloat-abi=soft", "-mthumb"))
    away.load()
    away.workshop.change(away.workshop.product, "dsp = true", "dsp = false")
    away.refused("its member driver.o uses DSP instructions; compile it")


def test_older_core(away: Away) -> None:
    away.make(flags=("-mcpu=cortex-m23", "-mfloat-abi=soft", "-mthumb"))
    away.load()


def test_another_machine(away: Away) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    item = away.archive.with_name("host.o")
    subprocess.run([compiler, "-xc", "-c", "-", "-o", item], input=b"int x;", check=True)
    run("arm-none-eabi-ar", "rcsD", away.archive, item)
    away.refused("its member host.o is for ")


@pytest.mark.parametrize(
    "section", (".gateways", ".vectors", ".shared.text.x", ".gnu.sgstubs", ".ramfunc", ".textual")
)
def test_section_without_a_place(away: Away, section: str) -> None:
    """Some of these names would put a vendor's code among the gateways, or the manager's."""
    source = f'__asm__(".section {section}, \\"ax\\"\\nnop\\n");\n'
    away.make(away.source + source)
    away.refused(f"its member driver.o has a section {section}, which has no place in the image")


@pytest.mark.parametrize(
    "section", (".gateways", ".vectors", ".shared.text", ".manager_data", ".part_its_code", ".any")
)
def test_section_that_is_not_loaded(away: Away, section: str) -> None:
    """The linker's patterns take it all the same; from .gateways, the other world would call it."""
    code = f'__asm__(".section {section}, \\"\\"\\n.thumb\\nsg\\nbx lr\\n");\n'
    away.make(away.source + code)
    away.refused(f"its member driver.o has a section {section}, which has no place in the image")


def test_empty_section_without_a_place(away: Away) -> None:
    """Its symbols would be addresses of gateways, its alignment theirs."""
    code = '__asm__(".section .gateways, \\"ax\\"\\n.balign 4096\\n.global g\\ng:\\n");\n'
    away.make(away.source + code)
    away.refused("its member driver.o has a section .gateways, which has no place in the image")


def test_variables_of_a_thread(away: Away) -> None:
    code = '__asm__(".section .data.own, \\"awT\\", %progbits\\n.word 1\\n");\n'
    away.make(away.source + code)
    away.refused("its member driver.o has variables of a thread (.data.own)")
    away.make(away.source + "extern _Thread_local int count;\n_Thread_local int count;\n")
    away.refused("its member driver.o has variables of a thread (.tbss.count)")


@pytest.mark.parametrize("type", ("gnu_unique_object", "gnu_indirect_function"))
def test_symbols_for_a_dynamic_linker(away: Away, type: str) -> None:
    """A unique memset() would be that of the manager: objcopy does not make it local."""
    code = f'__asm__(".global memset\\n.type memset, %{type}\\nmemset: bx lr\\n");\n'
    away.make(away.source + code)
    away.refused("its member driver.o has symbol memset, which asks for a dynamic linker")


def test_debug_information_has_a_place(away: Away) -> None:
    away.make(flags=(*OUTSIDE_FLAGS, "-g3", "-gz", "-funwind-tables", "-Wa,--gdwarf-5"))
    away.load()


# ---- What the index names ------------------------------------------------------------------------

GATEWAY = '__asm__(".section .gateways, \\"ax\\"\\nsg\\n");\n'


def test_member_that_only_the_index_names(away: Away) -> None:
    """The linker finds members by the index; what it has found is looked at again."""
    away.make()
    good = away.archive.with_suffix(".o").read_bytes()
    away.make(away.source + GATEWAY)
    names = [name for name, _, _ in away.partition.manifest.functions]
    hidden = away.archive.with_suffix(".o").read_bytes()
    away.archive.write_bytes(hiding_archive(good, hidden, names))
    away.load()
    linked = away.archive.with_name("linked.o")
    wanted = [f"--undefined={name}" for name in names]
    run("arm-none-eabi-ld", "--relocatable", *wanted, away.archive, "-o", linked)
    with pytest.raises(ProductError, match=r"has a section \.gateways, which has no place"):
        archive.check_linked(linked, away.archive, names)
    assert archive.main([str(linked), str(away.archive), *names]) == 2
    linked.write_bytes(good)
    assert archive.main([str(linked), str(away.archive), *names]) == 0


def test_linked_object_that_shows_more(away: Away) -> None:
    away.make(away.source + "int memset_of_mine(void);\nint memset_of_mine(void) { return 1; }\n")
    names = [name for name, _, _ in away.partition.manifest.functions]
    with pytest.raises(ProductError, match="its symbol memset_of_mine would be seen by the rest"):
        archive.check_linked(away.archive.with_suffix(".o"), away.archive, names)


def test_second_index(away: Away) -> None:
    """The linker takes a member of this name for one that can be linked."""
    away.make()
    whole = away.archive.read_bytes()
    hidden = away.archive.with_suffix(".o").read_bytes()
    away.archive.write_bytes(whole + archive_member("/", hidden))
    away.refused(f"its member at byte {len(whole)} is a second index; make the archive again")


def test_sections_with_a_place(away: Away) -> None:
    names = (".text.fast", ".rodata.t", ".data.rel.ro")
    source = "".join(f'__asm__(".section {name}\\n.word 1");\n' for name in names)
    away.make(away.source + source)
    away.load()


# ---- Functions of the manifest -------------------------------------------------------------------


def manifest_line(away: Away, text: str) -> int:
    return away.workshop.line(MANIFEST, text)


def test_entry_point_that_is_missing(away: Away) -> None:
    away.make(away.source.replace("driver_main", "other_main"))
    assert away.refusal() == (
        f"{MANIFEST}:{manifest_line(away, 'entry_point')}: entry_point needs function "
        f"'driver_main', which archive {away.archive} does not define; define it in the partition, "
        "not static, or correct the manifest"
    )


@pytest.mark.parametrize(
    "function, asked_by, line",
    (
        ("driver_init", "entry_init", "entry_init"),
        ("bench_driver_sfn", "service BENCH_DRIVER", "- name: BENCH_DRIVER"),
        ("sent_flih", "interrupt SENT", "name: SENT"),
    ),
)
def test_function_that_is_missing(away: Away, function: str, asked_by: str, line: str) -> None:
    away.workshop.write(MANIFEST, SFN)
    away.make()
    away.load()
    away.make(away.source.replace(function, f"my_{function}"))
    message = away.refusal()
    assert message.startswith(
        f"{MANIFEST}:{manifest_line(away, line)}: {asked_by} needs function '{function}', "
        f"which archive {away.archive} does not define; "
    ), message


@pytest.mark.parametrize(
    "definition",
    (
        "__attribute__((used)) static void driver_main(void) {}",
        "int driver_main;",
        "extern void (*p)(void);",
    ),
)
def test_what_is_no_function_that_others_see(away: Away, definition: str) -> None:
    header = away.source.splitlines()[0]
    hidden = f"#define driver_main driver_other\n{header}\n#undef driver_main\n"
    away.make(f"{hidden}{definition}\n")
    assert "entry_point needs function 'driver_main'" in away.refusal()


# ---- Contract ------------------------------------------------------------------------------------


def test_another_contract(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emit_headers, "CONTRACT_VERSION", model.CONTRACT_VERSION + 1)
    away.make()
    monkeypatch.undo()
    away.refused(
        f"it was compiled for contract {model.CONTRACT_VERSION + 1}, this is contract "
        f"{model.CONTRACT_VERSION}; write the headers again with compile_manifests"
    )


def test_an_archive_that_includes_no_header(away: Away) -> None:
    away.make("void driver_main(void);\nvoid driver_main(void) {}\n")
    away.refused("no object in it was compiled with psa_manifest/driver_psa.h; include it")


def test_a_manifest_that_changed_its_signals(away: Away) -> None:
    away.make()
    service = '{"name": "BENCH_MORE", "sid": "0xFC00", "non_secure_clients": true},'
    away.workshop.change(MANIFEST, '"services": [', f'"services": [{service}')
    away.refused(
        f"it was compiled with another psa_manifest/driver_psa.h than {MANIFEST} makes; write the "
        "headers again with compile_manifests, then compile it again"
    )
    away.make()
    away.load()


@pytest.mark.parametrize(
    "old, new", (('"0x400"', '"0x800"'), ("READ-WRITE", "READ-ONLY"), ("NORMAL", "HIGH"))
)
def test_a_manifest_that_changed_what_its_code_does_not_see(away: Away, old: str, new: str) -> None:
    away.make()
    away.workshop.change(MANIFEST, old, new)
    away.load()


def test_a_service_that_it_calls_has_another_handle(away: Away) -> None:
    """The handle is compiled in: it would be that of some other service."""
    away.make()
    manifest = away.workshop.root / "services/crypto/manifest.yaml"
    text, count = re.subn(r"stateless_handle: \d+", "stateless_handle: 9", manifest.read_text())
    assert count == 1
    manifest.write_text(text)
    away.refused("it was compiled with another psa_manifest/driver_psa.h than")


def test_headers_of_others_may_be_included_too(away: Away) -> None:
    """As test suites do, whose partitions include the headers of one another."""
    other = SFN.replace("BENCH_DRIVER", "BENCH_OTHER").replace("driver_init", "other_init")
    other = other.replace("0xFC01", "0xFC02").replace("UART_IRQ", "41")
    away.workshop.write("away/other.yaml", other)
    away.workshop.write("away/others.yaml", "- {manifest: other.yaml, pid: 3001}\n")
    lists = [away.workshop.root / LIST, away.workshop.root / "away/others.yaml"]
    declared = away.workshop.load(extra_lists=lists)
    source = '#include "psa_manifest/other.h"\n' + away.source
    outside_archive(away.workshop, declared, "bench_driver", away.archive, source)
    away.load()


def test_marks_are_not_in_the_image(away: Away) -> None:
    """They are in the archive only; partitions of the tree have none."""
    files = away.workshop.generate(extra_lists=[away.workshop.root / LIST])
    assert ".bartizan.contract" in files["psa_manifest/driver_psa.h"]
    assert ".bartizan.contract" not in files["psa_manifest/its.h"]
    assert "*(.bartizan.contract)" in files["spe.ld"].split("/DISCARD/")[1]
