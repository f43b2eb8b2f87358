"""Every knob of the product file, flipped: the firmware builds and boots, what was switched off
says so, and nothing of it is left in the image.

The products are an505 with changes, in build/knobs/. All of them boot one application, that of
tests/qemu/knobs, built once: an application does not change with the product. It tells what it
finds; here stands what it must find. Which test flips which knob: tests/tool/test_knob_table.py.
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from machine import Machine, symbols_of

from bz import build, device, paths, size, variant
from bz.commands import run
from bz.emulator import SECURE, Emulator
from bz.variant import Variant

FOLDER = paths.BUILD / "knobs"
PROBE = "tests/qemu/knobs/knobs.toml"

SUCCESS, NOT_SUPPORTED, DOES_NOT_EXIST = 0, -134, -140
REFUSED, STATELESS = -130, -129  # psa_connect() to no service, and to a stateless one

ALGORITHMS = (
    "sha384",
    "sha512",
    "ecdsa_p256",
    "ecdsa_p384",
    "ecdh_p256",
    "rsa",
    "aes_ccm",
    "aes_gcm",
)
# Functions of the secure image, and the algorithms that need them: without all of these there is
# none. SHA-384 is SHA-512 with other numbers at the start; ECDH on P-384 comes with the curve.
NEEDED_BY = {
    r"mbedtls_(internal_)?sha512_\w+": {"sha384", "sha512"},
    r"p256_ecdsa_\w+": {"ecdsa_p256"},
    r"p256_ecdh_\w+": {"ecdh_p256"},
    r"p256_gen_keypair|p256_public_from_private": {"ecdsa_p256", "ecdh_p256"},
    r"mbedtls_(psa_)?ecdsa_\w+": {"ecdsa_p384"},
    r"mbedtls_ecp_\w+": {"ecdsa_p384"},
    r"mbedtls_mpi_\w+": {"ecdsa_p384", "rsa"},
    r"mbedtls_(psa_)?rsa_\w+": {"rsa"},
    r"mbedtls_ccm_\w+": {"aes_ccm"},
    r"mbedtls_gcm_\w+": {"aes_gcm"},
    r"mbedtls_aes_\w+|mbedtls_ctr_drbg_\w+": {"aes_ccm", "aes_gcm"},
    r"adapter_aead_(setup|update|finish)": {"aes_ccm", "aes_gcm"},
    r"adapter_(sign|verify)_\w+": {"ecdsa_p256", "ecdsa_p384", "rsa"},
    r"adapter_agree": {"ecdh_p256"},
}

# Each service: one function of its API and what it answers, archives that are its own.
SERVICES = {
    "crypto": ("psa_crypto_init", SUCCESS, {"partition_crypto", "mbedcrypto"}),
    "its": ("psa_its_get_info", DOES_NOT_EXIST, {"partition_its"}),
    "attestation": (
        "psa_initial_attest_get_token_size",
        SUCCESS,
        {"partition_attestation", "cose"},
    ),
    "platform": ("bartizan_get_status", SUCCESS, {"partition_platform"}),
    "ps": ("psa_ps_get_info", DOES_NOT_EXIST, {"partition_ps"}),
}
# Libraries that several may need: with none of these there is no code of it.
SHARED = {"store": {"its", "ps"}, "flash": {"its", "ps"}, "seal": {"ps"}}
BUDGET_WITH_PS = "[budget.small]\nsecure_code = 77_824\nsecure_ram = 49_152\n"
# Every set there can be without Protected Storage; it alone, beside the other storage, with all.
_OTHERS = [name for name in SERVICES if name != "ps"]
COMBINATIONS = [
    on
    for count in range(len(_OTHERS) + 1)
    for on in itertools.combinations(_OTHERS, count)
    if "crypto" in on or "attestation" not in on
] + [("ps",), ("its", "ps"), tuple(SERVICES)]


def declare(name: str, text: str, base: str = "products/an505.toml") -> str:
    """The path of a product that is `base` with changes."""
    path = FOLDER / f"{name}.toml"
    whole = f'extends = "{base}"\n\n[product]\nname = "knobs-{name}"\n{text}'
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != whole:
        path.write_text(whole, "utf-8")
    return str(path)


def off(*services: str) -> str:
    return "".join(f'[[partition]]\nname = "{name}"\nenabled = false\n' for name in services)


def with_algorithms(algorithms: tuple[str, ...]) -> str:
    """Nothing but the Crypto service, with these."""
    names = ", ".join(f'"{name}"' for name in ("sha256", *algorithms))
    return (
        f'profile = "medium"\n{off("its", "attestation", "platform", "ps")}'
        f"[profile.medium]\ncrypto_algorithms = [{names}]\n[budget.medium]\nsecure_code = 131072\n"
    )


@pytest.fixture(scope="session")
def probe() -> Variant:
    """The product with everything, and the application."""
    found = replace(variant.find(PROBE), application="knobs")
    build.build(found)
    return found


@pytest.fixture(scope="session")
def built_knobs(probe: Variant) -> Callable[[str], Variant]:
    """Builds boot and secure image of a product once, with the application beside them."""
    done: dict[str, Variant] = {}

    def get(declaration: str) -> Variant:
        if declaration not in done:
            found = replace(variant.find(declaration), application="knobs")
            folder = found.directory / "bin"
            folder.mkdir(parents=True, exist_ok=True)
            for source in (probe.elf("non-secure"), probe.payload("non-secure")):
                shutil.copyfile(source, folder / source.name)
            build.build(found, ("boot", "spe"))
            done[declaration] = found
        return done[declaration]

    return get


class Seen:
    """What the application told."""

    def __init__(self, board: Emulator) -> None:
        self.lines = [line.text for line in board.transcript]
        self.values = {
            found[1]: int(found[2])
            for line in self.lines
            if (found := re.fullmatch(r"knobs: (\w+) (-?\d+)", line))
        }
        self.services = {
            found[1]: (int(found[2]), int(found[3]))
            for line in self.lines
            if (found := re.fullmatch(r"knobs: (\w+) version (\d+) connect (-?\d+)", line))
        }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Variant], tuple[Machine, Emulator]]]:
    """Powers on a new device until the application has told all; off when the test ends."""
    machines: list[Machine] = []

    def get(found: Variant) -> tuple[Machine, Emulator]:
        machine = Machine(found, tmp_path / f"device{len(machines)}.bin")
        machines.append(machine)
        device.create(machine.path, found.product)
        for image in found.product.images:
            machine.install(image.name, found.signed(image.world).read_bytes())
        board = machine.power_on()
        board.wait_for("^knobs: end$", 60)
        return machine, board

    yield get
    for machine in machines:
        machine.power_off()


@pytest.fixture
def seen(start: Callable[[Variant], tuple[Machine, Emulator]]) -> Callable[[Variant], Seen]:
    return lambda found: Seen(start(found)[1])


def crypto_bytes(found: Variant) -> int:
    return size.measure(found.elf("secure"))["owners"]["partition crypto"]["text"]


# ---- Algorithms ----------------------------------------------------------------------------------


def check_algorithms(told: Seen, elf: Path, on: set[str]) -> None:
    """What is on works, what is off is not supported, and has no function in the image."""
    expected = {name: SUCCESS if name in on else NOT_SUPPORTED for name in ALGORITHMS}
    assert {name: told.values[name] for name in ALGORITHMS} == expected
    assert (told.values["sha256"], told.values["random"]) == (SUCCESS, SUCCESS)
    both = {"ecdh_p256", "ecdsa_p384"} <= on
    assert told.values["ecdh_p384"] == (SUCCESS if both else NOT_SUPPORTED)
    names = symbols_of(elf)
    for pattern, needed_by in NEEDED_BY.items():
        there = [name for name in names if re.fullmatch(pattern, name)]
        if needed_by & on:
            assert there, f"{sorted(needed_by & on)} without {pattern}"
        else:
            assert not there, f"{there} although {sorted(needed_by)} are off"


@pytest.fixture(scope="session")
def all_algorithms(built_knobs: Callable[[str], Variant]) -> Variant:
    return built_knobs(declare("all", with_algorithms(ALGORITHMS)))


@pytest.fixture(scope="session")
def no_algorithm(built_knobs: Callable[[str], Variant]) -> Variant:
    return built_knobs(declare("none", with_algorithms(())))


def test_all_algorithms(all_algorithms: Variant, seen: Callable[[Variant], Seen]) -> None:
    check_algorithms(seen(all_algorithms), all_algorithms.elf("secure"), set(ALGORITHMS))


def test_no_algorithm(no_algorithm: Variant, seen: Callable[[Variant], Seen]) -> None:
    """SHA-256 alone, which the random generator stands on."""
    check_algorithms(seen(no_algorithm), no_algorithm.elf("secure"), set())


@pytest.mark.slow
@pytest.mark.parametrize("name", ALGORITHMS)
def test_algorithm_off(
    built_knobs: Callable[[str], Variant],
    seen: Callable[[Variant], Seen],
    all_algorithms: Variant,
    name: str,
) -> None:
    rest = tuple(each for each in ALGORITHMS if each != name)
    found = built_knobs(declare(f"not_{name}", with_algorithms(rest)))
    check_algorithms(seen(found), found.elf("secure"), set(rest))
    assert crypto_bytes(found) < crypto_bytes(all_algorithms)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALGORITHMS)
def test_algorithm_alone(
    built_knobs: Callable[[str], Variant],
    seen: Callable[[Variant], Seen],
    no_algorithm: Variant,
    name: str,
) -> None:
    found = built_knobs(declare(f"only_{name}", with_algorithms((name,))))
    check_algorithms(seen(found), found.elf("secure"), {name})
    assert crypto_bytes(found) > crypto_bytes(no_algorithm)


# ---- Services ------------------------------------------------------------------------------------


def check_services(told: Seen, elf: Path, on: tuple[str, ...]) -> None:
    libraries = size.libraries(elf)
    owners = size.measure(elf)["owners"]
    symbols = symbols_of(elf)
    for name, (function, answer, own) in SERVICES.items():
        is_on = name in on
        assert told.services[name] == ((1, STATELESS) if is_on else (0, REFUSED)), name
        assert told.values[function] == (answer if is_on else NOT_SUPPORTED), name
        assert (f"partition {name}" in owners) == is_on
        assert bool(own & set(libraries)) == is_on, f"{name}: {own & set(libraries)}"
        left = [symbol for symbol in symbols if symbol.startswith(f"__part_{name}_")]
        assert bool(left) == is_on, left
    for name, users in SHARED.items():
        assert (name in libraries) == bool(users & set(on)), name


def check_persistent_keys(told: Seen, elf: Path, on: tuple[str, ...]) -> None:
    """They take the Crypto service and storage; without storage there is no code for them."""
    if "crypto" not in on:
        return
    is_on = "its" in on
    assert told.values["persistent_key"] == (SUCCESS if is_on else NOT_SUPPORTED)
    assert told.values["key_of_storage"] == -136  # INVALID_HANDLE: no such key, with or without
    code = {"storage_set", "psa_save_persistent_key", "psa_load_persistent_key"}
    assert bool(code & set(symbols_of(elf))) == is_on


@pytest.mark.slow
@pytest.mark.parametrize(
    "on", [pytest.param(on, id="-".join(on) or "none") for on in COMBINATIONS]
)
def test_services(
    built_knobs: Callable[[str], Variant], seen: Callable[[Variant], Seen], on: tuple[str, ...]
) -> None:
    """Each set of services that there can be builds, boots, and has nothing of the others."""
    rest = [name for name in SERVICES if name not in on]
    name = "_".join(("with", *on)) if on else "without"
    # The profile leaves out Protected Storage by itself, and its budget is for that.
    more = f"[profile.small]\nwithout = []\n{BUDGET_WITH_PS}" if "ps" in on else ""
    off_here = off(*(each for each in rest if each != "ps"))
    found = built_knobs(declare(name, f'profile = "small"\n{off_here}{more}'))
    told = seen(found)
    check_services(told, found.elf("secure"), on)
    check_persistent_keys(told, found.elf("secure"), on)
    assert not [line for line in told.lines if "fault" in line]


def test_demo_without_services(tmp_path: Path) -> None:
    """./bz run of the smallest product: the demo leaves out what is not there, and says so."""
    found = variant.find(declare("demo", f'profile = "small"\n{off(*SERVICES)}'))
    build.build(found)
    path = tmp_path / "device.bin"
    run.prepare_device(found, path, True)
    board = run.boot(found, path, 30)
    result = run.judge(found, board)
    texts = [line.text for line in board.transcript]
    assert result["ok"], result
    assert [step["step"] for step in result["steps"]][-2:] == [
        "the application started",
        "the demo ended well",
    ]
    for what in ("storage", "hash", "signature", "device", "attestation token"):
        assert f"demo: {what}: left out, the product has no such service" in texts


# ---- Numbers -------------------------------------------------------------------------------------

# Of the product with everything in it, and flipped: all in one product, each has its own effect.
FLIPPED = """\
version = "7.8.9+10"
security_counter = 5

[boot]
stack_size = 7168
faulting_boots_max = 1
[nonsecure]
stack_size = 0x8000
[manager]
stack_size = 3072
agent_stack_size = 1024
connections = 5

[profile.small]
crypto_heap_size = 5120
crypto_keys = 6
crypto_operations = 3
its_assets = 20
its_asset_size = 1024
ps_assets = 7
ps_asset_size = 512
"""


@pytest.fixture(scope="session")
def flipped() -> Variant:
    """With its own application: the size of the non-secure stack is a part of it."""
    declaration = declare("flipped", FLIPPED, PROBE)
    found = replace(variant.find(declaration), application="knobs")
    build.build(found, ("boot", "spe", "knobs"))
    return found


def test_numbers(probe: Variant, flipped: Variant, seen: Callable[[Variant], Seen]) -> None:
    """Keys, operations, assets and connections, as many as the product says. The Attestation
    service holds one key; working memory is seen in how many keys of 1 KB there is room for."""
    names = (
        "connections",
        "keys",
        "operations",
        "large_keys",
        "assets",
        "asset_size",
        "protected_assets",
        "protected_asset_size",
    )
    one, other = seen(probe), seen(flipped)
    assert {name: one.values[name] for name in names} == {
        "connections": 8,
        "keys": 7,
        "operations": 4,
        "large_keys": 2,
        "assets": 32,
        "asset_size": 2048,
        "protected_assets": 64,
        "protected_asset_size": 2048,
    }
    assert {name: other.values[name] for name in names} == {
        "connections": 5,
        "keys": 5,
        "operations": 3,
        "large_keys": 4,
        "assets": 20,
        "asset_size": 1024,
        "protected_assets": 7,
        "protected_asset_size": 512,
    }


def test_stacks(probe: Variant, flipped: Variant, seen: Callable[[Variant], Seen]) -> None:
    """A stack is as large as the product says, and the device works with it."""

    def stack(found: Variant, world: str, name: str) -> int:
        at = symbols_of(found.boot_elf if world == "boot" else found.elf(world))
        return at[f"__{name}_stack_top"] - at[f"__{name}_stack_limit"]

    wanted = {
        ("boot", "boot"): (6144, 7168),
        ("secure", "manager"): (2048, 3072),
        ("secure", "agent"): (512, 1024),
        ("non-secure", "ns"): (0x10000, 0x8000),
    }
    for (world, name), sizes in wanted.items():
        assert (stack(probe, world, name), stack(flipped, world, name)) == sizes, name
    assert seen(flipped).values["psa_crypto_init"] == SUCCESS


def test_version_and_counter(flipped: Variant, seen: Callable[[Variant], Seen]) -> None:
    lines = seen(flipped).lines
    for image in ("secure", "nonsecure"):
        assert f"boot: image {image} 7.8.9+10 counter 5 verified" in lines


def test_faulting_boots_max(
    flipped: Variant, start: Callable[[Variant], tuple[Machine, Emulator]]
) -> None:
    _, board = start(flipped)
    board.write("f")
    board.wait_for("^boot: the application is held after 1 fault", source=SECURE)
    board.wait_for("^boot: halted$", source=SECURE)
