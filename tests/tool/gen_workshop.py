"""A workshop of small products for the tests of tools/gen.

A `Workshop` is a repository root in a temporary directory with one complete product and the
manifests of its partitions; tests change its text and load it. It never touches the real tree.
"""

from __future__ import annotations

from pathlib import Path

from gen.__main__ import generate
from gen.model import Product
from gen.product import load_product

PRODUCT = """\
[product]
name = "bench"
title = "A product of the tests"
platform = "mps2"
version = "1.2.3"
security_counter = 4
release = true
isolation = 3
profile = "small"
reserved_partition_ids = [0x99]

[cpu]
core = "cortex-m33"
dsp = true
fpu = true
clock_hz = 20_000_000
mpu_regions = 8

[qemu]
machine = "mps2-an505"

[memory.boot_code]
base = 0x1000_0000
size = 0x0000_8000
world = "secure"
[memory.boot_ram]
base = 0x3000_0000
size = 0x0000_6000
world = "secure"
[memory.handoff]
base = 0x3000_6000
size = 0x0000_1000
world = "secure"
[memory.retained]
base = 0x3000_7000
size = 0x0000_1000
world = "secure"
[memory.secure_ram]
base = 0x3800_0000
size = 0x0004_0000
world = "secure"
[memory.ns_ram]
base = 0x2820_0000
size = 0x0020_0000
world = "non-secure"

[flash]
base = 0x8000_0000
size = 0x0100_0000
sector_size = 4096
program_unit = 8
erased = 0xff

[[region]]
name = "provisioning"
offset = 0x00_0000
size = 0x00_1000
owner = "boot"
[[region]]
name = "its"
offset = 0x01_0000
size = 0x01_0000
owner = "its"
[[region]]
name = "spare"
offset = 0x02_0000
size = 0x02_0000
owner = "none"

[[image]]
name = "secure"
id = 0
world = "secure"
slot = { offset = 0x10_0000, size = 0x08_0000 }
secondary = { offset = 0x18_0000, size = 0x08_0000 }
header_size = 0x400
key = "secure_signing"
[[image]]
name = "nonsecure"
id = 1
world = "non-secure"
slot = { offset = 0x20_0000, size = 0x10_0000 }
secondary = { offset = 0x30_0000, size = 0x10_0000 }
header_size = 0x400
key = "nonsecure_signing"

[boot]
stack_size = 6144
[nonsecure]
stack_size = 65536
uart = "cmsdk_uart1"
uart_base = 0x4020_1000
[manager]
stack_size = 2048
agent_stack_size = 512
connections = 8
partition_panic = "restart"
shared_libraries = ["common"]

[[peripheral]]
name = "TIMER0"
base = 0x5000_0000
size = 0x1000
[[interrupt]]
name = "TIMER0_IRQ"
number = 3
[[interrupt]]
name = "UART_IRQ"
number = 36

[[partition]]
name = "crypto"
id = 0x100
manifest = "services/crypto/manifest.yaml"
libraries = ["mbedcrypto"]
secrets = ["generator_seed"]
[[partition]]
name = "app"
id = 0x200
manifest = "services/app/app_manifest.yaml"
[[partition]]
name = "its"
id = 0x101
manifest = "services/its/manifest.yaml"
libraries = ["store"]
flash = [{ region = "its", rights = "read-write" }]
budget = { code = 5000, ram = 6000 }

[budget]
boot_code = 1000
boot_ram = 2000
secure_code = 3000
[budget.medium]
secure_code = 4000
secure_ram = 7000

[profile.small]
crypto_algorithms = ["sha256", "ecdsa_p256"]
crypto_heap_size = 4096
crypto_keys = 8
crypto_operations = 4
its_assets = 32
its_asset_size = 2048
[profile.medium]
crypto_algorithms = ["sha256", "sha384"]
crypto_heap_size = 16384
crypto_keys = 32
crypto_operations = 8
its_assets = 64
its_asset_size = 2048
"""

CRYPTO = """\
psa_framework_version: 1.1
name: BENCH_CRYPTO
type: PSA-ROT
priority: NORMAL
model: SFN
entry_init: crypto_init
stack_size: 0x800
services:
  - name: BENCH_CRYPTO
    sid: 0x00000c80
    non_secure_clients: true
    connection_based: false
    stateless_handle: 7
    version: 1
    version_policy: STRICT
"""

ITS = """\
psa_framework_version: 1.1
name: BENCH_ITS
type: PSA-ROT
priority: HIGH
model: SFN
stack_size: "0x0404"
services:
  - name: BENCH_ITS
    sid: "0x00000c70"
    non_secure_clients: true
    connection_based: false
    stateless_handle: auto
    version: 2
    version_policy: RELAXED
dependencies:
  - BENCH_CRYPTO
"""

APP = """\
psa_framework_version: 1.1
name: BENCH_APP
type: APPLICATION-ROT
priority: LOW
model: SFN
entry_init: app_init
stack_size: 1024
services:
  - name: BENCH_APP
    sid: 0xF0000001
    non_secure_clients: false
    connection_based: true
mmio_regions:
  - name: TIMER0
    permission: READ-WRITE
  - base: 0x50002000
    size: 0x1000
    permission: READ-ONLY
weak_dependencies:
  - BENCH_ITS
  - NOT_IN_THIS_PRODUCT
"""

# The app as a partition of the IPC model, with everything that a manifest can ask for.
IPC_APP = """\
psa_framework_version: 1.1
name: BENCH_APP
type: APPLICATION-ROT
priority: HIGH
model: IPC
entry_point: app_main
stack_size: 1024
heap_size: 0x61
services:
  - name: BENCH_APP
    sid: 0xF0000001
    non_secure_clients: false
    connection_based: true
    mm_iovec: enable
  - name: BENCH_OPEN
    sid: 0xc60
    non_secure_clients: true
    connection_based: false
irqs:
  - source: TIMER0_IRQ
    name: TICK
    handling: FLIH
  - source: "40"
    name: TOCK
    handling: SLIH
    description: nobody knows it
dependencies:
  - BENCH_ITS
"""

# A partition from outside the tree, in the keys of FF-M 1.0, and the list that names it.
DRIVER = """\
{
  "psa_framework_version": 1.0,
  "name": "BENCH_DRIVER",
  "type": "APPLICATION-ROT",
  "priority": "NORMAL",
  "description": "A driver from elsewhere",
  "entry_point": "driver_main",
  "stack_size": "0x400",
  "heap_size": "0x8",
  "services": [
    {
      "name": "BENCH_DRIVER",
      "sid": "0x0000FC01",
      "non_secure_clients": true,
      "version": "3",
      "version_policy": "RELAXED"
    }
  ],
  "mmio_regions": [
    {"name": "TIMER0", "permission": "READ-WRITE"}
  ],
  "irqs": [
    {"description": "sent", "source": "UART_IRQ", "signal": "DRIVER_INTR_SIG"}
  ],
  "dependencies": ["BENCH_CRYPTO"]
}
"""
DRIVER_LIST = """\
{
  "description": "Manifests from elsewhere",
  "type": "manifest_list",
  "version_major": 0,
  "version_minor": 1,
  "manifest_list": [
    {
      "description": "A driver",
      "name": "driver",
      "short_name": "driver",
      "manifest": "manifests/driver_psa.json",
      "output_path": "elsewhere/driver",
      "conditional": true,
      "version_major": 0,
      "version_minor": 1,
      "pid": 3000,
      "linker_pattern": {"library_list": ["*driver.*"], "object_list": []}
    }
  ]
}
"""

# A partition of nothing.
SMALL = """\
psa_framework_version: 1.1
name: {name}
type: APPLICATION-ROT
priority: LOW
model: SFN
stack_size: 256
"""


class Workshop:
    """A repository root with products/bench.toml and three manifests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.product = "products/bench.toml"
        self.write(self.product, PRODUCT)
        self.write("services/crypto/manifest.yaml", CRYPTO)
        self.write("services/its/manifest.yaml", ITS)
        self.write("services/app/app_manifest.yaml", APP)

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, file: str, old: str, new: str) -> None:
        """Replaces the only place where old stands."""
        text = (self.root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def line(self, file: str, text: str) -> int:
        """Number of the only line that contains text."""
        lines = (self.root / file).read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines, 1) if text in line]
        assert len(found) == 1, f"{text!r} is in lines {found} of {file}"
        return found[0]

    def load(
        self,
        product: str = "bench",
        isolation: int | None = None,
        profile: str | None = None,
        **extra,
    ) -> Product:
        return load_product(product, isolation, profile, root=self.root, **extra)

    def generate(self, **options) -> dict[str, str]:
        return generate(self.load(**options))
