"""The public headers: they compile for everybody, declare what the specifications list, and say so.

A user includes any of them first, in any order, in the C or C++ of his project, with nothing
defined, and reads there what a function does. Values and sizes are checked by
services/crypto/tests/headers_test.c, which ctest compiles for the host, and which is compiled here
for the device.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from bz import paths

INCLUDE = paths.ROOT / "include"
CRYPTO = paths.ROOT / "services" / "crypto"
HEADERS_TEST = CRYPTO / "tests" / "headers_test.c"
CONSTANTS = CRYPTO / "constants.def"

# Headers that the parts of the firmware share among each other; no user of the SDK sees them.
INTERNAL = {"bartizan/call.h", "bartizan/fault_record.h", "bartizan/handoff.h"}

CONTRACT = set(
    """client.h service.h lifecycle.h crypto.h crypto_types.h crypto_values.h crypto_sizes.h
    crypto_struct.h crypto_platform.h error.h internal_trusted_storage.h protected_storage.h
    storage_common.h initial_attestation.h update.h fwu_config.h framework_feature.h""".split()
)

# What the specifications list, as a prefix and the rest of the names: Crypto 1.2 with what 1.3 to
# 1.5 added; Storage 1.0; Attestation 2.0; Firmware Update 1.0; Firmware Framework for M 1.0, 1.1.
LISTED = [
    ("psa_", """crypto_init generate_random"""),
    ("psa_", """attach_key check_key_usage copy_key destroy_key export_key export_public_key
        generate_key generate_key_custom import_key purge_key unwrap_key wrap_key"""),
    ("psa_", """get_key_algorithm get_key_attributes get_key_bits get_key_id get_key_lifetime
        get_key_type get_key_usage_flags key_attributes_init reset_key_attributes set_key_algorithm
        set_key_bits set_key_id set_key_lifetime set_key_type set_key_usage_flags"""),
    ("psa_hash_", """abort clone compare compute finish operation_init resume setup suspend update
        verify"""),
    ("psa_xof_", "abort operation_init output set_context setup update"),
    ("psa_mac_", """abort compute operation_init sign_finish sign_setup update verify verify_finish
        verify_setup"""),
    ("psa_cipher_", """abort decrypt decrypt_setup encrypt encrypt_setup finish generate_iv
        operation_init set_iv update"""),
    ("psa_aead_", """abort decrypt decrypt_setup encrypt encrypt_setup finish generate_nonce
        operation_init set_lengths set_nonce update update_ad verify"""),
    ("psa_key_derivation_", """abort get_capacity input_bytes input_integer input_key key_agreement
        operation_init output_bytes output_key output_key_custom set_capacity setup verify_bytes
        verify_key"""),
    ("psa_sign_", """abort finish hash hash_with_context message message_with_context operation_init
        set_context setup update"""),
    ("psa_verify_", """abort finish hash hash_with_context message message_with_context
        operation_init set_context setup update"""),
    ("psa_", """asymmetric_decrypt asymmetric_encrypt decapsulate encapsulate key_agreement
        raw_key_agreement"""),
    ("psa_pake_", """abort cipher_suite_init cs_get_algorithm cs_get_key_confirmation
        cs_get_primitive cs_set_algorithm cs_set_key_confirmation cs_set_primitive get_shared_key
        input operation_init output set_context set_peer set_role set_user setup"""),
    ("psa_its_", "get get_info remove set"),
    ("psa_ps_", "create get get_info get_support remove set set_extended"),
    ("psa_initial_attest_", "get_token get_token_size"),
    ("psa_fwu_", "accept cancel clean finish install query reject request_reboot start write"),
    ("psa_", "call close connect framework_version version"),
    ("psa_", """clear eoi get notify panic read reply rot_lifecycle_state set_rhandle skip wait
        write"""),
    ("psa_", """irq_disable irq_enable map_invec map_outvec reset_signal unmap_invec
        unmap_outvec"""),
]  # fmt: skip
FUNCTIONS = {prefix + name for prefix, names in LISTED for name in names.split()}


# ---- Reading a header ----

HIDDEN = re.compile(r"/\*[\s\S]*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
DECLARATION = re.compile(
    r"^(?P<result>[a-z][\w \n*]*?[ \n*])(?P<name>(?:psa|bartizan)_\w+)\((?P<parameters>[^()]*)\)"
    r"(?: __attribute__\(\(\w+\)\))?\s*[;{]",
    re.M,
)
HEADING = re.compile(r"/\* ---- [\s\S]*?\*/")
SECTION = re.compile(
    r"\b\d\.\d\.\d\b|\b(?:IHI 00\d\d|FF-M|AES 0039)(?: 1\.\d)?, (?:chapter \d|\d|\"\w)"
)


@dataclass(frozen=True)
class Function:
    header: str
    name: str
    result: str
    parameters: str
    comment: str  # the block before it; declarations without a blank line between share one
    chapter: str  # heading of the chapter, and the blocks in it that belong to no declaration


def words(comment: str) -> str:
    """A comment as one line of text."""
    return re.sub(r"\s+", " ", re.sub(r"^ ?/?\*+/?|\*/$", "", comment, flags=re.M))


def chapter_of(chapters: list[int], text: str) -> str:
    """What the chapter that text ends in says for all its functions; chapters: where they start."""
    begun = [start for start in chapters if start < len(text)]
    if not begun:
        return ""
    return words(" ".join(re.findall(r"/\*[\s\S]*?\*/(?=\n\n)", text[begun[-1] :])))


def functions_of(header: str, text: str) -> list[Function]:
    """The functions that a header declares, with the words about them."""
    code = HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    chapters = [match.start() for match in HEADING.finditer(text)]
    found: list[Function] = []
    end = -1
    for match in DECLARATION.finditer(code):
        before = text[: match.start()]
        comment = ""
        if before.endswith("*/\n"):
            comment = words(before[before.rindex("/*") :])
        elif found and end == match.start() - 1:
            comment = found[-1].comment
        end = match.end()
        result, parameters = (" ".join(match[key].split()) for key in ("result", "parameters"))
        chapter = chapter_of(chapters, before)
        found.append(Function(header, match["name"], result, parameters, comment, chapter))
    return found


def names_of(parameters: str) -> list[str]:
    if parameters == "void":
        return []
    return [re.findall(r"\w+", each)[-1] for each in parameters.split(",")]


def silences(function: Function) -> list[str]:
    """What a reader of this function's documentation is not told."""
    if not function.comment:
        return ["no comment stands before it"]
    told = function.comment + " " + function.chapter
    missing = [
        f"the parameter {name} is not mentioned"
        for name in names_of(function.parameters)
        if not re.search(rf"\b{name}\b", told)
    ]
    if function.name.startswith("psa_") and not SECTION.search(told):
        missing.append("no section of a specification is named")
    if "size_t" in function.parameters and not re.search(r"\b(bytes?|bits|vectors)\b", told):
        missing.append("a size has no unit")
    if re.search(r"psa_(status|handle)_t$", function.result) and not re.search(
        r"PSA_(SUCCESS|ERROR_\w+)", told
    ):
        missing.append("no status is named")
    return missing


def defects(headers: dict[str, str], listed: set[str]) -> list[str]:
    """All that is wrong with the declarations in headers (name: text)."""
    every = [each for name, text in headers.items() for each in functions_of(name, text)]
    wrong = [f"{each.header}: {each.name}(): {what}" for each in every for what in silences(each)]
    declared = [each.name for each in every]
    wrong += [f"{name}() is declared nowhere" for name in sorted(listed - set(declared))]
    wrong += [
        f"{name}() is declared {declared.count(name)} times"
        for name in sorted(set(declared))
        if declared.count(name) > 1
    ]
    ours = {name for name in declared if name.startswith("bartizan_")}
    wrong += [
        f"{name}() is in no specification's list (LISTED)"
        for name in sorted(set(declared) - listed - ours)
    ]
    return wrong


def public_headers() -> dict[str, str]:
    found = [*INCLUDE.glob("psa/*.h"), *INCLUDE.glob("bartizan/*.h")]
    names = sorted(str(path.relative_to(INCLUDE)) for path in found)
    return {name: (INCLUDE / name).read_text() for name in names if name not in INTERNAL}


# ---- What they declare and say ----


def test_the_contract_has_its_headers() -> None:
    here = {path.name for path in INCLUDE.glob("psa/*.h")}
    assert here == CONTRACT, f"missing {CONTRACT - here}, not in the contract {here - CONTRACT}"


def test_every_function_is_declared_once_and_documented() -> None:
    wrong = defects(public_headers(), FUNCTIONS)
    assert not wrong, "\n".join(wrong)


def test_no_comment_can_go() -> None:
    """Mutants: without its comment, each function is a defect."""
    unnoticed, tried = [], 0
    for header, text in public_headers().items():
        for comment in re.finditer(r"/\*[\s\S]*?\*/\n", text):
            if not DECLARATION.match(text, comment.end()):
                continue
            tried += 1
            rest = text[: comment.start()] + text[comment.end() :]
            if all(each.comment for each in functions_of(header, rest)):
                unnoticed.append(f"{header}: {comment[0]}")
    assert tried > 150
    assert not unnoticed, "\n".join(unnoticed)


def changed(header: str, old: str, new: str) -> list[str]:
    """The defects after a change of one header."""
    headers = public_headers()
    assert old in headers[header], f"{header} does not have {old!r} any more: adapt the mutant"
    headers[header] = headers[header].replace(old, new)
    return defects(headers, FUNCTIONS)


HASH_UPDATE = """psa_status_t psa_hash_update(psa_hash_operation_t *operation, const uint8_t *input,
                             size_t input_length);
"""


@pytest.mark.parametrize(
    ("header", "old", "new", "complaint"),
    [
        ("psa/crypto.h", HASH_UPDATE, "", "psa_hash_update() is declared nowhere"),
        ("psa/crypto.h", HASH_UPDATE, HASH_UPDATE * 2, "psa_hash_update() is declared 2 times"),
        ("psa/crypto.h", "psa_hash_update(", "psa_hash_add(", "psa_hash_add() is in no"),
        ("psa/crypto.h", "size_t *mac_length", "size_t *mac_bytes", "mac_bytes is not mentioned"),
        ("psa/crypto.h", "psa_key_id_t wrapping_key", "psa_key_id_t kek", "kek is not mentioned"),
        ("psa/crypto.h", "(IHI 0086, 8.2)", "", "psa_crypto_init(): no section"),
        ("psa/initial_attestation.h", "PSA_", "", "get_token(): no status"),
        ("psa/initial_attestation.h", "bytes", "much", "get_token_size(): a size has no unit"),
        ("psa/client.h", "to service sid,", "to it,", "psa_connect(): the parameter sid"),
        ("psa/service.h", "FF-M 1.0, 4.4.2", "", "psa_read(): no section"),
    ],
)
def test_mutants_are_seen(header: str, old: str, new: str, complaint: str) -> None:
    wrong = changed(header, old, new)
    assert any(complaint in each for each in wrong), f"not among {wrong}"


# ---- That they compile ----

STANDARDS = ("c99", "c11", "c17", "c++17")
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-pedantic", "-Wshadow", "-Wconversion")
COMPILERS = {
    "clang": ("clang", "clang"),
    "gcc": ("gcc", "g++"),
    "arm": ("arm-none-eabi-gcc", "arm-none-eabi-g++"),
}


def command(compiler: str, standard: str) -> list[str]:
    """The compiler for this standard; the case is skipped where set-up does not bring it."""
    plus = standard.startswith("c++")
    program = COMPILERS[compiler][plus]
    if shutil.which(program) is None:
        if program == "g++":  # clang and the cross compiler have C++17
            pytest.skip(f"{program} is not installed")
        pytest.fail(f"{program} is not installed: run ./bz setup", pytrace=False)
    machine = ["-mcpu=cortex-m33", "-mthumb"] if compiler == "arm" else []
    return [program, *machine, "-x", "c++" if plus else "c", f"-std={standard}", "-fsyntax-only"]


def complaints(argv: list[str], source: str, folder: Path) -> str:
    """What the compiler says against this source; nothing if it takes it."""
    path = folder / "user.c"
    path.write_text(source)
    done = subprocess.run(
        [*argv, "-I", str(INCLUDE), str(path)], capture_output=True, text=True, check=False
    )
    return done.stderr if done.returncode != 0 else ""


cases = pytest.mark.parametrize("standard", STANDARDS)
compilers = pytest.mark.parametrize("compiler", COMPILERS)


@cases
@compilers
def test_each_header_stands_alone(compiler: str, standard: str, tmp_path: Path) -> None:
    argv = [*command(compiler, standard), *WARNINGS]
    wrong = []
    for header in public_headers():
        source = f'#include "{header}"\n#include "{header}"\ntypedef int user;\n'
        text = complaints(argv, source, tmp_path)
        if text:
            wrong.append(f"{header} alone, {standard}, {compiler}:\n{text}")
    assert not wrong, "\n".join(wrong)


@cases
@compilers
def test_headers_together_in_any_order(compiler: str, standard: str, tmp_path: Path) -> None:
    argv = [*command(compiler, standard), *WARNINGS]
    headers = list(public_headers())
    for order in (headers, headers[::-1]):
        source = "".join(f"#include <{header}>\n" for header in order)
        text = complaints(argv, source, tmp_path)
        assert not text, f"all headers, {order[0]} first, {standard}, {compiler}:\n{text}"


def test_cpp_sees_functions_of_c(tmp_path: Path) -> None:
    """What a header declares is in libraries of C, under its plain name."""
    headers = public_headers()
    names = {each.name for header, text in headers.items() for each in functions_of(header, text)}
    source = "".join(f"#include <{header}>\n" for header in headers) + "namespace bartizan_user {\n"
    source += "".join(f"auto *use_{name} = &::{name};\n" for name in sorted(names)) + "}\n"
    argv = [*command("arm", "c++17")[:-1], "-c", "-o", str(tmp_path / "user.o")]
    text = complaints(argv, source, tmp_path)
    assert not text, text
    symbols = ["arm-none-eabi-nm", "--undefined-only", "--format=just-symbols", tmp_path / "user.o"]
    done = subprocess.run(symbols, capture_output=True, text=True, check=True)
    assert {each for each in done.stdout.split() if each not in names} == set()


# Types of macro parameters; a name that is not here is a number of bytes or bits.
TYPES = {
    "psa_key_type_t": "type key_type wrap_key_type base",
    "psa_algorithm_t": "alg hash_alg mac_alg aead_alg ka_alg kdf_alg",
    "psa_ecc_family_t": "curve family",
    "psa_dh_family_t": "group",
    "psa_slh_dsa_family_t": "set",
    "psa_key_lifetime_t": "lifetime",
    "psa_key_persistence_t": "persistence",
    "psa_key_location_t": "location",
    "psa_pake_primitive_t": "primitive pake_primitive",
    "psa_pake_primitive_type_t": "pake_type",
    "psa_pake_family_t": "pake_family",
    "psa_pake_step_t": "output_step input_step",
    "psa_handle_t": "handle",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
MACRO = re.compile(r"^#define (PSA_\w+)(?:\(([^)]*)\))?[ \t]+\\?\s*\S", re.M)


def macro_users() -> str:
    """A function for each macro of include/psa, which takes its arguments and yields its value."""
    source = "".join(f"#include <{header}>\n" for header in public_headers())
    for text in public_headers().values():
        for name, arguments in MACRO.findall(text):
            if name.endswith("_INIT"):
                continue
            known = [each.strip() for each in arguments.split(",") if each.strip()]
            taken = ", ".join(f"{TYPE_OF.get(each, 'size_t')} {each}" for each in known)
            used = " ".join(f"(void){each};" for each in known)
            value = f"{name}({', '.join(known)})" if known else name
            source += f"unsigned long long use_{name}({taken or 'void'});\n"
            source += f"unsigned long long use_{name}({taken or 'void'})\n"
            source += f"{{\n    {used}\n    return (unsigned long long)({value});\n}}\n"
    return source


@cases
@compilers
def test_every_macro_is_an_expression(compiler: str, standard: str, tmp_path: Path) -> None:
    """An application that uses any of them gets no warning."""
    source = macro_users()
    assert source.count("return") > 400
    text = complaints([*command(compiler, standard), *WARNINGS[:4]], source, tmp_path)
    assert not text, f"macros, {standard}, {compiler}:\n{text}"


def test_the_engine_agrees_on_every_value() -> None:
    """What the engine defines too has a row in constants.def, which both must fulfil."""
    engine = (paths.mbedtls() / "include" / "psa" / "crypto_values.h").read_text()
    shared = {name for name, _ in MACRO.findall(public_headers()["psa/crypto_values.h"])}
    shared &= set(re.findall(r"#define (PSA_\w+)", engine))
    rows = set(re.findall(r"\w+", CONSTANTS.read_text()))
    assert len(shared) > 200
    assert not shared - rows, f"no row in {CONSTANTS.name}: {sorted(shared - rows)}"


@cases
@compilers
def test_values_and_sizes(compiler: str, standard: str, tmp_path: Path) -> None:
    """For the device too: types have the sizes that the contract fixes."""
    text = complaints(
        [*command(compiler, standard), *WARNINGS], HEADERS_TEST.read_text(), tmp_path
    )
    assert not text, f"{HEADERS_TEST.name}, {standard}, {compiler}:\n{text}"


def test_a_warning_is_a_failure(tmp_path: Path) -> None:
    """Mutants of the compile cases: a header that needs another, one without a guard."""
    argv = [*command("clang", "c99"), *WARNINGS]
    assert "unknown type name" in complaints(argv, "psa_status_t user(void);\n", tmp_path)
    assert "redefinition" in complaints(argv, "struct a {int b;};\n" * 2, tmp_path)
    assert "conversion" in complaints(
        argv, "char user(int a);\nchar user(int a)\n{\n    return a;\n}\n", tmp_path
    )
