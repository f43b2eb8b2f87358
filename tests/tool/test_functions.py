"""The function tables: complete, refused when wrong, and the same as the page of the wire format.

What the stubs send is proved natively (services/tests), and what they answer where nobody serves
them on the target too (tests/qemu/test_unserved.py).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from psa_functions import ATTESTATION, CLIENT, CRYPTO, PROTECTED_STORAGE, STORAGE, UPDATE

from bz import build, variant
from gen import standard, stubs
from gen.functions import HEADER, load_table
from gen.product import load_product
from gen.source import ProductError

ROOT = Path(__file__).resolve().parents[2]
CRYPTO_TABLE = ROOT / "services/crypto/functions.table"
HEAD = "service PSA_X\nprefix x\nheader psa/x.h\ninclude services/x/client.h\n"
DECLARED = HEAD + "scalar key psa_key_id_t % -> key\nscalar alg uint32_t % -> key\n"


def names_of(service: str) -> list[str]:
    table = load_table(ROOT / f"services/{service}/functions.table", service)
    return [function.name for function in table.functions]


# ---- Complete ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "names"), [("crypto", CRYPTO), ("ps", PROTECTED_STORAGE), ("fwu", UPDATE)]
)
def test_table_has_every_function(service: str, names: list[str]) -> None:
    assert sorted(names_of(service)) == sorted(names)


def test_functions_of_the_header_are_in_the_header(tmp_path: Path) -> None:
    """Their addresses are taken without a library to link: they are inline."""
    table = load_table(CRYPTO_TABLE, "crypto")
    uses = "".join(f"    (void (*)(void)){each.name},\n" for each in table.of(HEADER))
    source = tmp_path / "uses.c"
    source.write_text(
        f'#include "psa/crypto.h"\nvoid (*const uses[])(void) = {{\n{uses}}};\n'
        "int main(void) { return uses[0] == 0; }\n"
    )
    command = ["cc", "-w", "-I", str(ROOT / "include"), str(source), "-o", str(tmp_path / "uses")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def library() -> Path:
    found = variant.find("an505", None, None)
    build.build(found)
    return found.directory / "lib" / "libpsa_ns.a"


@pytest.mark.slow
def test_library_has_every_function(library: Path) -> None:
    """Or the header has it. What the library needs from elsewhere: tests/sdk."""
    inline = {each.name for each in load_table(CRYPTO_TABLE, "crypto").of(HEADER)}
    wanted = set(CRYPTO + STORAGE + PROTECTED_STORAGE + UPDATE + ATTESTATION + CLIENT)
    command = ["arm-none-eabi-nm", "-g", "--defined-only", str(library)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    defined = {line.split()[-1] for line in text.splitlines() if " T " in line}
    assert wanted - defined == inline


def test_page_has_the_table() -> None:
    page = ROOT / "docs/crypto.md"
    table = load_table(CRYPTO_TABLE, "crypto")
    assert page.read_text() == stubs.page_with_table(page.read_text(), table), (
        "run: PYTHONPATH=tools .bz/venv/bin/python -m gen.stubs --out /tmp/stubs "
        "--page docs/crypto.md services/crypto/functions.table"
    )


def test_tables_do_not_depend_on_the_product(tmp_path: Path) -> None:
    """The command line for the native tests gives what the product generator gives."""
    assert stubs.main(["--out", str(tmp_path)]) == 0
    expected = stubs.stub_files(stubs.standard_tables())
    assert {name: (tmp_path / name).read_text() for name in expected} == expected
    assert (tmp_path / "psa_manifest/sid.h").is_file()


# ---- What a row becomes --------------------------------------------------------------------------


def table_of(tmp_path: Path, text: str) -> stubs.FunctionTable:
    path = tmp_path / "functions.table"
    path.write_text(text)
    return load_table(path, "functions.table")


def test_row(tmp_path: Path) -> None:
    """A new key's identifier is the first output, packed arguments are the first inputs."""
    text = DECLARED + "packed attributes const psa_key_attributes_t *attributes\n"
    table = table_of(tmp_path, text + "0x1f service psa_f key out:b attributes made:k\n")
    function = table.functions[0]
    assert (function.number, function.name, function.mode) == (0x1F, "psa_f", "CREATE")
    assert [name for _, name in function.vectors("ins")] == ["attributes"]
    assert [name for _, name in function.vectors("outs")] == ["key identifier, 4 bytes", "b"]
    assert "FUNCTION(0x1f, psa_f, NONE, CREATE, 2, 2)" in stubs.functions_header(table)
    source = stubs.client_source(table)
    assert "*b_length = out[1].len;" in source and ".key = (uint32_t)key," in source


@pytest.mark.parametrize(
    ("step", "mode"),
    [("start", "START"), ("use", "USE"), ("read", "USE"), ("end", "END"), ("abort", "ABORT")],
)
def test_steps_of_operations(tmp_path: Path, step: str, mode: str) -> None:
    function = table_of(tmp_path, f"{HEAD}0x1 service psa_f hash.{step}\n").functions[0]
    assert (function.kind, function.mode) == ("hash", mode)


def test_lines_are_short() -> None:
    for name, text in stubs.stub_files(stubs.standard_tables()).items():
        long = [line for line in text.splitlines() if len(line) > 100]
        assert not long, f"{name}: {long[0]}"


# ---- Refused -------------------------------------------------------------------------------------

WRONG = {
    "number twice": ("0x1 none psa_f\n0x1 none psa_g\n", 8, "0x01 of psa_g() is that of psa_f"),
    "name twice": ("0x1 none psa_f\n0x2 none psa_f\n", 8, "psa_f() has two rows"),
    "no number": ("- none psa_f\n", 7, "'-' is no number"),
    "number zero": ("0x0 none psa_f\n", 7, "'0x0' is no number"),
    "number too large": ("0x100 none psa_f\n", 7, "0x01 to 0xff"),
    "number of a header function": ("0x1 header psa_f\n", 7, "in the header and has number 0x1"),
    "arguments in the header": ("- header psa_f key\n", 7, "in the header and has arguments"),
    "nobody does it": ("0x1 servise psa_f\n", 7, "did you mean 'service'?"),
    "short row": ("0x1 none\n", 7, "too few columns"),
    "no name": ("0x1 none Psa-F\n", 7, "'Psa-F' is no name of a function"),
    "unknown argument": ("0x1 none psa_f kye\n", 7, "did you mean 'key'?"),
    "argument without name": ("0x1 none psa_f in:\n", 7, "write in:NAME"),
    "unknown step": ("0x1 none psa_f hash.begin\n", 7, "unknown step 'hash.begin'"),
    "not packed": ("0x1 none psa_f unpack:info\n", 7, "add: packed info C-PARAMETERS"),
    "five vectors": ("0x1 none psa_f in:a in:b in:c out:d\n", 7, "a call has at most 4"),
    "argument twice": ("0x1 none psa_f in:a in:a\n", 7, "two parameters are named 'a'"),
    "field twice": ("0x1 none psa_f key alg\n", 7, "two arguments take the field 'key'"),
    "unknown line": ("scaler x\n", 7, "did you mean 'scalar'?"),
    "scalar": ("scalar x uint32_t %\n", 7, "write: scalar NAME"),
    "packed": ("packed x\n", 7, "write: packed NAME"),
    "two words": ("prefix a b\n", 7, "'prefix' takes one word"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_row(tmp_path: Path, name: str) -> None:
    rows, line, message = WRONG[name]
    with pytest.raises(ProductError) as refused:
        table_of(tmp_path, DECLARED + rows)
    assert str(refused.value).startswith(f"functions.table:{line}: ")
    assert message in str(refused.value)


def test_missing_line(tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="no line 'include'; add: include"):
        table_of(tmp_path, HEAD.replace("include services/x/client.h\n", ""))


def test_missing_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stubs.main(["--out", str(tmp_path), str(tmp_path / "none.table")]) == 2
    assert "none.table: cannot read" in capsys.readouterr().err


# ---- Standard services ---------------------------------------------------------------------------


@pytest.mark.parametrize("product", ["an505", "an521"])
def test_manifests_say_what_clients_know(product: str) -> None:
    """Each partition of the tree declares its standard service, with the same handle."""
    services = {each.name: each for each in load_product(product).services}
    for name in ("PSA_CRYPTO", "PSA_ITS", "PSA_ATTESTATION", "PSA_PLATFORM"):
        assert services[name].handle == standard.NAMES[name].handle
        assert services[name].sid == standard.NAMES[name].sid


def test_handles_are_permanent() -> None:
    """Applications are built with them; the page says which they are."""
    page = (ROOT / "docs/product.md").read_text()
    for each in standard.STANDARD:
        assert re.search(
            rf"\| `{each.name}`.* \| {each.sid:#x} \| {each.version} \| {each.stateless_handle} \|",
            page,
            re.IGNORECASE,
        )
    assert {each.name: (each.sid, each.handle) for each in standard.STANDARD} == {
        "PSA_CRYPTO": (0x80, 0x4000_0100),
        "PSA_ITS": (0x70, 0x4000_0101),
        "PSA_ATTESTATION": (0x20, 0x4000_0102),
        "PSA_PLATFORM": (0x40, 0x4000_0103),
        "PSA_PS": (0x60, 0x4000_0104),
        "PSA_FWU": (0xA0, 0x4000_0105),
    }
