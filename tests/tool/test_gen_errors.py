"""Wrong declarations: each is refused with its file, its line, what is wrong and what to do.

A case changes one place of the workshop's product or of a manifest. The line that the message must
name is the one that contains the marker after the change.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gen import manifest as manifest_module
from gen.source import ProductError
from gen_workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = "products/bench.toml"
APP = "services/app/app_manifest.yaml"
ITS = "services/its/manifest.yaml"
CRYPTO = "services/crypto/manifest.yaml"


@dataclass(frozen=True)
class Case:
    """Replace old by new in file; expect a message at the line with marker that has all parts."""

    name: str
    file: str
    old: str
    new: str
    marker: str
    parts: tuple[str, ...]


CASES = [
    # ---- Text ----
    Case("not TOML", PRODUCT, "dsp = true", "dsp = = true", "dsp = = true", ("not valid TOML",)),
    Case("TOML key twice", PRODUCT, "dsp = true", "dsp = true\ndsp = false", "dsp = false",
         ("not valid TOML", "overwrite")),
    Case("not YAML", APP, "priority: LOW", "priority: [LOW", "model: SFN", ("not valid YAML",)),
    Case("YAML key twice", APP, "priority: LOW", "priority: LOW\npriority: HIGH", "priority: HIGH",
         ("'priority' appears twice",)),
    Case("YAML list", ITS, "dependencies:\n  - BENCH_CRYPTO", "dependencies: BENCH_CRYPTO",
         "dependencies:", ("'dependencies'", "write a list")),
    # ---- Keys and types ----
    Case("unknown table", PRODUCT, "[qemu]", "[qemo]", "[qemo]",
         ("unknown key 'qemo'", "did you mean 'qemu'?")),
    Case("unknown key", PRODUCT, "sector_size = 4096", "sectorsize = 4096", "sectorsize",
         ("unknown key 'sectorsize' in [flash]", "did you mean 'sector_size'?")),
    Case("unknown key in a slot", PRODUCT, "slot = { offset = 0x10_0000,", "slot = { ofset = 0x10_0000,",
         "ofset", ("unknown key 'ofset'", "did you mean 'offset'?")),
    Case("unknown key of a partition", PRODUCT, 'libraries = ["store"]', 'library = ["store"]',
         'library = ["store"]', ("unknown key 'library' in partition 'its'", "'libraries'")),
    Case("missing key", PRODUCT, "clock_hz = 20_000_000\n", "", "[cpu]",
         ("[cpu] has no 'clock_hz'", "add clock_hz")),
    Case("missing memory", PRODUCT, "[memory.handoff]", "[memory.hand_off]", "[memory.boot_code]",
         ("[memory] has no 'handoff'",)),
    Case("text for a number", PRODUCT, "sector_size = 4096", 'sector_size = "4096"', "sector_size",
         ("'sector_size' of [flash] is the string '4096'", "write an integer")),
    Case("number for a text", PRODUCT, 'title = "A product of the tests"', "title = 5", "title = 5",
         ("'title' of [product] is 5", "write a string")),
    Case("number for a boolean", PRODUCT, "dsp = true", "dsp = 1", "dsp = 1", ("write true or false",)),
    Case("boolean for a number", PRODUCT, "connections = 8", "connections = true", "connections = true",
         ("is true", "write an integer")),
    Case("table for a list", PRODUCT, 'libraries = ["store"]', "libraries = {}", "libraries = {}",
         ("write a list",)),
    Case("number in a list of texts", PRODUCT, 'libraries = ["store"]', "libraries = [1]",
         "libraries = [1]", ("write a string",)),
    Case("value for a table", PRODUCT, "[qemu]\n", "[other]\n", "[other]", ("unknown key 'other'",)),
    Case("negative size", PRODUCT, "connections = 8", "connections = -1", "connections = -1",
         ("-1", "from 1 to 256")),
    Case("array written as a table", PRODUCT, "[[peripheral]]", "[peripheral]", "[peripheral]",
         ("must be an array of tables", "[[peripheral]]")),
    Case("element without a name", PRODUCT, '[[region]]\nname = "spare"', "[[region]]", "XREGION",
         ("[[region]] has no 'name'",)),
    # ---- Product ----
    Case("isolation", PRODUCT, "isolation = 3", "isolation = 4", "isolation = 4",
         ("is 4", "from 1 to 3")),
    Case("profile", PRODUCT, 'profile = "small"', 'profile = "smal"', 'profile = "smal"',
         ("profile 'smal' does not exist", "did you mean 'small'?")),
    Case("version", PRODUCT, 'version = "1.2.3"', 'version = "1.2"', 'version = "1.2"',
         ("'1.2'", "major.minor.revision")),
    Case("version too large", PRODUCT, 'version = "1.2.3"', 'version = "1.256.3"', '"1.256.3"',
         ("256 in version 1.256.3 is too large",)),
    Case("security counter", PRODUCT, "security_counter = 4", "security_counter = 0x1_0000_0000",
         "security_counter", ("4294967296", "from 0 to 4294967295")),
    Case("core", PRODUCT, 'core = "cortex-m33"', 'core = "cortex-m3"', "core =",
         ("did you mean 'cortex-m33'?",)),
    Case("too few MPU regions", PRODUCT, "mpu_regions = 8", "mpu_regions = 4", "mpu_regions = 4",
         ("from 8 to 16",)),
    Case("algorithm", PRODUCT, '"sha384"]', '"sha348"]', '"sha348"',
         ("unknown algorithm 'sha348'", "did you mean 'sha384'?")),
    Case("algorithm twice", PRODUCT, '"sha384"]', '"sha256"]', '["sha256", "sha256"]',
         ("'sha256' is listed twice",)),
    Case("profile without a value", PRODUCT, "its_assets = 64\n", "", "[profile.medium]",
         ("[profile.medium] has no 'its_assets'",)),
    Case("heap size", PRODUCT, "crypto_heap_size = 4096", "crypto_heap_size = 4097", "4097",
         ("multiple of 8",)),
    # ---- Memories ----
    Case("memories overlap", PRODUCT, "base = 0x3000_6000", "base = 0x3000_5000", "[memory.handoff]",
         ("memory 'handoff' (0x30005000..0x30005fff) overlaps memory 'boot_ram'",
          "products/bench.toml:")),
    Case("memory in the flash", PRODUCT, "base = 0x3000_7000", "base = 0x8000_0000", "[flash]",
         ("the flash", "overlaps memory 'retained'")),
    Case("memory base alignment", PRODUCT, "base = 0x3000_7000", "base = 0x3000_7010", "base = 0x3000_7010",
         ("base of memory 'retained' 0x30007010 is not a multiple of 0x20", "use 0x30007000")),
    Case("memory size alignment", PRODUCT, "size = 0x0004_0000", "size = 0x0004_0001",
         "size = 0x0004_0001", ("size of memory 'secure_ram'", "multiple")),
    Case("memory past the address space", PRODUCT, "base = 0x3800_0000", "base = 0xffff_ffe0",
         "size = 0x0004_0000", ("past the 32-bit address space",)),
    Case("memory world", PRODUCT, 'size = 0x0020_0000\nworld = "non-secure"',
         'size = 0x0020_0000\nworld = "secure"', "XWORLD", ("memory 'ns_ram' is secure",)),
    Case("unknown world", PRODUCT, 'size = 0x0020_0000\nworld = "non-secure"',
         'size = 0x0020_0000\nworld = "nonsecure"', "XWORLD", ("did you mean 'non-secure'?",)),
    Case("stack larger than its memory", PRODUCT, "stack_size = 6144", "stack_size = 0x6000",
         "stack_size = 0x6000", ("does not fit in memory 'boot_ram'",)),
    Case("stack alignment", PRODUCT, "agent_stack_size = 512", "agent_stack_size = 516",
         "agent_stack_size", ("516 is not a multiple of 8",)),
    # ---- Flash ----
    Case("sector size", PRODUCT, "sector_size = 4096", "sector_size = 4000", "sector_size",
         ("not a power of two",)),
    Case("program unit", PRODUCT, "program_unit = 8", "program_unit = 12", "program_unit",
         ("program_unit 12", "1, 2, 4, 8, 16 or 32")),
    Case("erased value", PRODUCT, "erased = 0xff", "erased = 0x55", "erased", ("0x55", "0xff or 0x00")),
    Case("flash size alignment", PRODUCT, "size = 0x0100_0000", "size = 0x0100_0800",
         "size = 0x0100_0800", ("size of the flash", "multiple of 0x1000")),
    Case("flash base alignment", PRODUCT, "base = 0x8000_0000", "base = 0x8000_0800",
         "base = 0x8000_0800", ("base of the flash",)),
    Case("region offset alignment", PRODUCT, "offset = 0x02_0000", "offset = 0x02_0800",
         "offset = 0x02_0800", ("offset of region 'spare' 0x20800 is not a multiple of 0x1000",
                                "use 0x20000 or 0x21000")),
    Case("region size alignment", PRODUCT, "size = 0x02_0000", "size = 0x02_0010", "size = 0x02_0010",
         ("size of region 'spare'",)),
    Case("empty region", PRODUCT, "size = 0x02_0000", "size = 0", "size = 0", ("from 1 to",)),
    Case("regions overlap", PRODUCT, "offset = 0x02_0000", "offset = 0x01_f000", 'name = "spare"',
         ("region 'spare' (0x1f000..0x3efff) overlaps region 'its'",)),
    Case("region inside another", PRODUCT, "size = 0x00_1000", "size = 0x80_0000", "XITS",
         ("overlaps region 'provisioning'",)),
    Case("region past the flash", PRODUCT, "size = 0x02_0000", "size = 0xff_0000", "size = 0xff_0000",
         ("region 'spare' ends at 0x1010000, past the flash of 0x1000000 bytes",)),
    Case("slot over region", PRODUCT, "slot = { offset = 0x10_0000", "slot = { offset = 0x02_0000",
         "slot = { offset = 0x02_0000", ("the slot of image 'secure'", "overlaps region 'spare'")),
    Case("slots overlap", PRODUCT, "secondary = { offset = 0x18_0000", "secondary = { offset = 0x17_f000",
         "0x17_f000", ("the secondary slot of image 'secure'", "overlaps the slot of image 'secure'")),
    Case("slot alignment", PRODUCT, "slot = { offset = 0x10_0000", "slot = { offset = 0x10_0400",
         "0x10_0400", ("offset of the slot of image 'secure'",)),
    Case("slot past the flash", PRODUCT, "secondary = { offset = 0x30_0000", "secondary = { offset = 0xf8_0000",
         "0xf8_0000", ("the secondary slot of image 'nonsecure' ends at",)),
    Case("slots of two sizes", PRODUCT, "secondary = { offset = 0x18_0000, size = 0x08_0000 }",
         "secondary = { offset = 0x18_0000, size = 0x07_0000 }", "size = 0x07_0000",
         ("the slots of image 'secure' differ in size",)),
    Case("slot without room", PRODUCT, "slot = { offset = 0x10_0000, size = 0x08_0000 }",
         "slot = { offset = 0x10_0000, size = 0x2000 }", "size = 0x2000", ("has no room",)),
    Case("owner", PRODUCT, 'owner = "its"', 'owner = "itz"', 'owner = "itz"',
         ("owner 'itz' of region 'its' names no partition", "did you mean 'its'?")),
    Case("no owner", PRODUCT, 'owner = "its"\n', "", "XITS", ("region 'its' has no 'owner'",)),
    # ---- Images ----
    Case("header size", PRODUCT, 'header_size = 0x400\nkey = "secure_signing"',
         'header_size = 0x300\nkey = "secure_signing"', "header_size = 0x300",
         ("header_size of image 'secure' 0x300 is not a multiple of 0x400",)),
    Case("two secure images", PRODUCT, 'id = 1\nworld = "non-secure"', 'id = 1\nworld = "secure"',
         "XIMAGE", ("there are 2 images of the secure world",)),
    Case("image ids", PRODUCT, "id = 1\n", "id = 0 # twice\n", "# twice",
         ("images 'secure' and 'nonsecure' have id 0",)),
    Case("image id too large", PRODUCT, "id = 1\n", "id = 4\n", "id = 4", ("from 0 to 3",)),
    Case("key name", PRODUCT, 'key = "secure_signing"', 'key = "../secret"', "../secret",
         ("the name of a file in keys/",)),
    # ---- Partitions ----
    Case("partition twice", PRODUCT, 'name = "app"', 'name = "crypto"', "XAPP",
         ("[[partition]] 'crypto' is declared twice",)),
    Case("partition name", PRODUCT, 'name = "app"', 'name = "App"', 'name = "App"',
         ("lower-case letters",)),
    Case("partition named like an owner", PRODUCT, 'name = "app"', 'name = "boot"', 'name = "boot"',
         ("'boot' cannot name a partition",)),
    Case("partition id missing", PRODUCT, "id = 0x200\n", "", "XAPP",
         ("partition 'app' has no 'id'",)),
    Case("partition id zero", PRODUCT, "id = 0x200", "id = 0 # none", "# none", ("from 1 to",)),
    Case("partition id negative", PRODUCT, "id = 0x200", "id = -7", "id = -7", ("from 1 to",)),
    Case("partition id reserved", PRODUCT, "id = 0x200", "id = 0x99", "id = 0x99",
         ("id 0x99 of partition 'app' is reserved",)),
    Case("partition id twice", PRODUCT, "id = 0x200", "id = 0x100 # again", "# again",
         ("partitions 'crypto' and 'app' have id 0x100",)),
    Case("no manifest", PRODUCT, "services/app/app_manifest.yaml", "services/app/none.yaml",
         "none.yaml", ("cannot read services/app/none.yaml: No such file", "correct the path")),
    Case("secret", PRODUCT, '["generator_seed"]', '["generator_sed"]', "generator_sed",
         ("unknown secret 'generator_sed'", "did you mean 'generator_seed'?")),
    Case("grant of an unknown region", PRODUCT, 'region = "its"', 'region = "ist"', 'region = "ist"',
         ("'ist'", "did you mean 'its'?")),
    Case("grant of another's region", PRODUCT, 'region = "its"', 'region = "provisioning"',
         'region = "provisioning"', ("partition 'its' is granted region 'provisioning', whose owner is 'boot'",)),
    Case("grant of nobody's region", PRODUCT, 'region = "its"', 'region = "spare"', 'region = "spare"',
         ("whose owner is 'none'",)),
    Case("rights", PRODUCT, 'rights = "read-write"', 'rights = "write"', 'rights = "write"',
         ("'write'", "read-write")),
    Case("grant twice", PRODUCT, 'rights = "read-write" }]',
         'rights = "read-write" },\n  { region = "its", rights = "read" }]', 'rights = "read" }',
         ("two grants for region 'its'",)),
    Case("library twice", PRODUCT, 'libraries = ["store"]', 'libraries = ["mbedcrypto"]', "XLIB",
         ("library 'mbedcrypto' already belongs to partition 'crypto'",)),
    Case("library shared and owned", PRODUCT, 'libraries = ["store"]', 'libraries = ["common"]',
         'libraries = ["common"]', ("already belongs to every partition",)),
    # ---- Manifests ----
    Case("unknown manifest key", APP, "stack_size: 1024", "stacksize: 1024", "stacksize",
         ("unknown key 'stacksize' in the manifest", "did you mean 'stack_size'?")),
    Case("unknown service key", APP, "    sid: 0xF0000001", "    sid: 0xF0000001\n    signal: X",
         "signal: X", ("unknown key 'signal' in a service",)),
    Case("framework version", APP, "psa_framework_version: 1.1", "psa_framework_version: 2.0",
         "psa_framework_version", ("psa_framework_version is 2.0",)),
    Case("type", APP, "APPLICATION-ROT", "APP-ROT", "APP-ROT", ("'APP-ROT'", "PSA-ROT")),
    Case("priority", APP, "priority: LOW", "priority: LOWEST", "LOWEST", ("did you mean 'LOW'?",)),
    Case("model", APP, "model: SFN", "model: SFM", "model: SFM", ("did you mean 'SFN'?",)),
    Case("manifest name", APP, "name: BENCH_APP\ntype", "name: BENCH-APP\ntype", "name: BENCH-APP",
         ("a C identifier",)),
    Case("manifest name twice", APP, "name: BENCH_APP\ntype", "name: BENCH_CRYPTO\ntype",
         "name: BENCH_CRYPTO", ("manifest name 'BENCH_CRYPTO' is also that of partition 'crypto'",)),
    Case("stack size missing", APP, "stack_size: 1024\n", "", "psa_framework_version",
         ("the manifest has no 'stack_size'",)),
    Case("stack size zero", APP, "stack_size: 1024", "stack_size: 0", "stack_size: 0", ("from 1 to",)),
    Case("stack size not a number", APP, "stack_size: 1024", "stack_size: big", "stack_size: big",
         ("the string 'big'", "write an integer")),
    Case("entry point of an SFN partition", APP, "entry_init:", "entry_point:", "entry_point:",
         ("'entry_point' does not belong to an SFN partition", "entry_init")),
    Case("service name twice", APP, "  - name: BENCH_APP", "  - name: BENCH_CRYPTO", "  - name: BENCH_CRYPTO",
         ("is also declared by partition",)),
    Case("SID twice", APP, "sid: 0xF0000001", "sid: 0x80", "sid: 0x80",
         ("SID 0x00000080 is also that of service 'BENCH_CRYPTO' of partition 'crypto'",)),
    Case("SID zero", APP, "sid: 0xF0000001", "sid: 0", "sid: 0", ("from 1 to",)),
    Case("SID too large", APP, "sid: 0xF0000001", "sid: 0x1F0000001", "sid:", ("from 1 to 4294967295",)),
    Case("stateless handle twice", ITS, "stateless_handle: auto", "stateless_handle: 1",
         "stateless_handle: 1", ("stateless_handle 1 is also that of service 'BENCH_CRYPTO'",)),
    Case("stateless handle range", ITS, "stateless_handle: auto", "stateless_handle: 33",
         "stateless_handle: 33", ("from 1 to 32",)),
    Case("handle of a connection-based service", APP, "connection_based: true",
         "connection_based: true\n    stateless_handle: 4", "stateless_handle: 4",
         ("a connection-based service has no stateless_handle",)),
    Case("version of a stateless service", ITS, "version: 2", "version: 256", "version: 256",
         ("does not fit in a static handle",)),
    Case("version zero", ITS, "version: 2", "version: 0", "version: 0", ("from 1 to",)),
    Case("dependency", ITS, "- BENCH_CRYPTO", "- BENCH_CRIPTO", "- BENCH_CRIPTO",
         ("dependency 'BENCH_CRIPTO' is no service of this product", "did you mean 'BENCH_CRYPTO'?")),
    Case("dependency on itself", ITS, "- BENCH_CRYPTO", "- BENCH_ITS", "  - BENCH_ITS",
         ("depends on its own service",)),
    Case("non_secure_clients missing", APP, "    non_secure_clients: false\n", "", "- name: BENCH_APP",
         ("a service has no 'non_secure_clients'",)),
    # ---- Device registers ----
    Case("unknown peripheral", APP, "name: TIMER0", "name: TIMER1", "name: TIMER1",
         ("no [[peripheral]] 'TIMER1' in the product", "did you mean 'TIMER0'?")),
    Case("mmio permission", APP, "permission: READ-ONLY", "permission: READ", "permission: READ\n",
         ("'READ'",)),
    Case("mmio alignment", APP, "base: 0x50002000", "base: 0x50002004", "base: 0x50002004",
         ("base of mmio region '0x50002004' 0x50002004 is not a multiple of 0x20",)),
    Case("mmio size", APP, "size: 0x1000", "size: 0x1010", "size: 0x1010", ("size of mmio region",)),
    Case("mmio in memory", APP, "base: 0x50002000", "base: 0x38000000", "base: 0x38000000",
         ("mmio region '0x38000000' of partition 'app'", "overlaps memory 'secure_ram'")),
    Case("mmio in the flash", APP, "base: 0x50002000", "base: 0x80000000", "base: 0x80000000",
         ("overlaps the flash",)),
    Case("mmio twice", APP, "base: 0x50002000", "base: 0x50000000", "base: 0x50000000",
         ("overlaps mmio region 'TIMER0' of partition 'app'",)),
    Case("mmio past the address space", APP, "base: 0x50002000", "base: 0xfffffff0", "base: 0xfffffff0",
         ("not a multiple",)),
    Case("peripheral in memory", PRODUCT, "base = 0x5000_0000", "base = 0x3000_0000", "XPERIPHERAL",
         ("peripheral 'TIMER0'", "overlaps memory 'boot_ram'")),
    Case("too many mmio regions", APP, "    permission: READ-ONLY",
         "    permission: READ-ONLY\n  - base: 0x50004000\n    size: 32\n    permission: READ-ONLY",
         "base: 0x50004000",
         ("partition 'app' needs 6 MPU regions at isolation level 3, 5 are available",
          "keep at most 2 mmio_regions")),
    # ---- Not available ----
    Case("IPC model", APP, "model: SFN\nentry_init", "model: IPC\nentry_point", "model: IPC",
         ("IPC model is not available in this version", "SFN")),
    Case("FF-M 1.0 is IPC", APP, "psa_framework_version: 1.1\nname: BENCH_APP\n",
         "psa_framework_version: 1.0\nname: BENCH_APP\n", "XMODEL", ("'model' is a key of FF-M 1.1",)),
    Case("irqs", APP, "weak_dependencies:", "irqs:\n  - source: 4\n    name: T\n    handling: FLIH\nweak_dependencies:",
         "irqs:", ("irqs is not available in this version",)),
    Case("heap", APP, "stack_size: 1024", "stack_size: 1024\nheap_size: 0x100", "heap_size",
         ("heap_size is not available in this version", "write 0")),
    Case("mm_iovec", APP, "connection_based: true", "connection_based: true\n    mm_iovec: enable",
         "mm_iovec", ("mm_iovec is not available in this version",)),
]

# Markers for lines whose text alone is not unique: the n-th line that contains a text.
NTH = {
    "XREGION": ("[[region]]", 3),
    "XWORLD": ("world =", 6),
    "XITS": ("[[region]]", 2),
    "XIMAGE": ("[[image]]", 1),
    "XAPP": ("[[partition]]", 2),
    "XLIB": ('libraries = ["mbedcrypto"]', 2),
    "XPERIPHERAL": ("[[peripheral]]", 1),
    "XMODEL": ("model: SFN", 1),
}


def line_of(text: str, marker: str) -> int:
    """Lines are counted here on their own, not by what is tested."""
    wanted, nth = NTH.get(marker, (marker, 1))
    table = wanted.startswith('name = "spare"')
    lines = text.splitlines()
    found = [number for number, line in enumerate(lines, 1) if wanted.rstrip("\n") in line]
    if table:
        return found[0] - 1  # the header above the name
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


# ---- Refusals that need more than one change --------------------------------------------------------


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
        f"{PRODUCT}:{line}: isolation {isolation} does not exist; choose 1, 2 or 3")


def test_asked_profile(workshop: Workshop) -> None:
    assert "profile 'larg' does not exist; known: small, medium" in refusal(workshop, profile="larg")


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
    workshop.write("products/child.toml",
                   'extends = "bench.toml"\n[flash]\n\nsector_size = 3000\n')
    assert refusal(workshop, product="child").startswith("products/child.toml:4: sector_size 3000")


def test_overlap_between_two_files(workshop: Workshop) -> None:
    workshop.write("products/child.toml", 'extends = "bench.toml"\n\n[[region]]\nname = "more"\n'
                   'offset = 0x01_8000\nsize = 0x1000\nowner = "none"\n')
    line = workshop.line(PRODUCT, 'name = "its"\noffset'.splitlines()[0]) if False else None
    message = refusal(workshop, product="child")
    assert message.startswith("products/child.toml:3: region 'more' (0x18000..0x18fff) overlaps "
                              "region 'its' (0x10000..0x1ffff, products/bench.toml:")
    assert line is None


def test_two_manifests_with_one_header(workshop: Workshop) -> None:
    workshop.write("services/more/app_manifest.yaml",
                   (workshop.root / APP).read_text().replace("BENCH_APP", "MORE"))
    workshop.write("products/child.toml", 'extends = "bench.toml"\n[[partition]]\nname = "more"\n'
                   'id = 0x300\nmanifest = "services/more/app_manifest.yaml"\n')
    message = refusal(workshop, product="child")
    assert message.startswith("products/child.toml:5: psa_manifest/app_manifest.h would also be made")


def test_device_registers_have_one_owner(workshop: Workshop) -> None:
    workshop.write(ITS, (workshop.root / ITS).read_text()
                   + "mmio_regions:\n  - name: TIMER0\n    permission: READ-ONLY\n")
    message = refusal(workshop)
    assert message.startswith(f"{ITS}:")
    assert "overlaps mmio region 'TIMER0' of partition 'app'" in message


def test_more_than_32_stateless_services(workshop: Workshop) -> None:
    services = "".join(f"  - name: S{index}\n    sid: {0x1000 + index}\n    connection_based: false\n"
                       f"    non_secure_clients: true\n" for index in range(31))
    workshop.change(APP, "services:\n", "services:\n" + services)
    assert "more than 32 stateless services" in refusal(workshop)


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


def test_framework_1_0_is_the_ipc_model(workshop: Workshop) -> None:
    text = (workshop.root / APP).read_text()
    workshop.write(APP, text.replace("version: 1.1", "version: 1.0").replace("model: SFN\n", ""))
    assert refusal(workshop).startswith(f"{APP}:1: IPC model is not available in this version")


def test_signals_of_a_large_ipc_partition(workshop: Workshop, monkeypatch) -> None:
    monkeypatch.delitem(manifest_module.UNAVAILABLE, "IPC model")
    services = "".join(f"  - name: S{index}\n    sid: {0x1000 + index}\n    non_secure_clients: true\n"
                       for index in range(28))
    workshop.change(APP, "model: SFN\nentry_init", "model: IPC\nentry_point")
    workshop.change(APP, "services:\n", "services:\n" + services)
    assert "29 services and 0 interrupts need more than 28 signals" in refusal(workshop)


# ---- Command line -----------------------------------------------------------------------------------


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "gen", *map(str, arguments)], cwd=ROOT,
                          env={"PYTHONPATH": str(ROOT / "tools")}, capture_output=True, text=True)


def test_command_reports_without_a_traceback(tmp_path: Path) -> None:
    product = tmp_path / "wrong.toml"
    product.write_text("[product]\nnaem = 1\n")
    result = command("--product", product, "--out", tmp_path / "out")
    assert result.returncode == 2
    assert result.stderr == (f"{product}:2: unknown key 'naem' in [product]; "
                             "did you mean 'name'?\n")
    assert result.stdout == "" and not (tmp_path / "out").exists()


def test_command_with_an_unknown_isolation(tmp_path: Path) -> None:
    result = command("--product", "an505", "--isolation", "7", "--out", tmp_path / "out")
    assert result.returncode == 2
    assert "isolation 7 does not exist; choose 1, 2 or 3" in result.stderr
