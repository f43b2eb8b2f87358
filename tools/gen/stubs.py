"""Client stubs, numbers and wire page of the function tables: python -m gen.stubs --out DIR.

Emits for each table <prefix>_client.c (the API's functions: each packs its arguments and calls the
service) and <prefix>_functions.h (numbers on the wire, and the rows that the service serves).
Called by the product generator, and by the build of the native tests through the command line,
which also gives them psa_manifest/sid.h of the standard services. The public header that a stub
includes proves the prototypes; nothing is checked here.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gen import emit_headers
from gen.functions import NONE, SERVICE, Function, FunctionTable, load_table
from gen.output import banner, write_files
from gen.source import ProductError, display_path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("crypto", "fwu", "ps")  # services/<name>/functions.table
PAGE_BEGIN, PAGE_END = "<!-- functions: begin -->\n", "<!-- functions: end -->\n"
_COLUMNS = 100


def standard_tables() -> list[Path]:
    return [ROOT / "services" / name / "functions.table" for name in TABLES]


def stub_files(tables: list[Path]) -> dict[str, str]:
    """Every file that comes from the tables: name, text."""
    files = {}
    for path in tables:
        table = load_table(path, display_path(path, ROOT))
        files[f"{table.prefix}_functions.h"] = functions_header(table)
        files[f"{table.prefix}_client.c"] = client_source(table)
    return files


# ---- Numbers and rows ----------------------------------------------------------------------------


def functions_header(table: FunctionTable) -> str:
    """<prefix>_functions.h: enum <prefix>_number, and <PREFIX>_FUNCTIONS for the dispatch table."""
    name = table.prefix.upper()
    numbers = "".join(
        f"    {_number(table, each)} = {each.number:#04x},\n" for each in table.of(SERVICE, NONE)
    )
    guard = f"{name}_FUNCTIONS_H"
    return (
        f"{banner(table.file, 'Numbers of the functions on the wire.')}"
        f"#ifndef {guard}\n#define {guard}\n\n"
        f"enum {table.prefix}_number {{\n{numbers}}};\n{_dispatch(name, table)}\n#endif\n"
    )


def _dispatch(name: str, table: FunctionTable) -> str:
    served = table.of(SERVICE)
    if not served:
        return ""
    rows = " \\\n".join(
        f"    FUNCTION({each.number:#04x}, {each.name}, {(each.kind or 'none').upper()}, "
        f"{each.mode}, {len(each.vectors('ins')) + 1}, {len(each.vectors('outs'))})"
        for each in served
    )
    return (
        f"\n/* Largest number of a function that the service serves. */\n"
        f"#define {name}_FUNCTION_MAX {max(each.number for each in served):#04x}\n\n"
        f"/* FUNCTION(number, name, kind of operation, mode, input vectors, output vectors) for\n"
        f" * each function that it serves. */\n"
        f"#define {name}_FUNCTIONS(FUNCTION) \\\n{rows}\n"
    )


# ---- Stubs ---------------------------------------------------------------------------------------


def client_source(table: FunctionTable) -> str:
    """<prefix>_client.c: one function for each row that is not in the header."""
    role = f"The client's side of {table.service}: each function packs its arguments and calls it."
    handle, sid = f"{table.service}_HANDLE", f"{table.service}_SID"
    parameters = ["const psa_invec *in", "size_t in_count", "psa_outvec *out", "size_t out_count"]
    kind = "PSA_IPC_CALL"
    if not table.number_field:
        parameters.insert(0, f"enum {table.prefix}_number number")
        kind = "(int32_t)number"
    called = f"psa_call({handle}, {kind}, in, in_count, out, out_count)"
    call = _function(
        "static psa_status_t call", parameters, [f"return client_status({sid}, {called});"]
    )
    stubs = "\n".join(_stub(table, each) for each in table.of(SERVICE, NONE))
    return (
        f"{banner(table.file, role)}"
        f'#include "{table.header}"\n\n#include "psa/client.h"\n#include "psa_manifest/sid.h"\n'
        f'#include "services/client_status.h"\n#include "{table.include}"\n'
        f'#include "{table.prefix}_functions.h"\n\n{call}\n{stubs}'
    )


def _stub(table: FunctionTable, function: Function) -> str:
    arguments = function.arguments
    answer = next((each for each in arguments if each.answer), None)
    parameters = [text for each in arguments for text in each.parameters] or ["void"]
    lines = _request(table, function)
    lines += [text for each in arguments for text in each.locals]
    lines += [f"const psa_invec in[] = {{{_joined(function, 'ins')}}};"]
    outs = function.vectors("outs")
    if outs:
        lines.append(f"psa_outvec out[] = {{{_joined(function, 'outs')}}};")
    before = [text for each in arguments for text in each.before]
    counts = f"in, {len(function.vectors('ins')) + 1}U, "
    counts += f"out, {len(outs)}U" if outs else "NULL, 0U"
    number = "" if table.number_field else f"{_number(table, function)}, "
    lines += _ending(function, f"call({number}{counts})", before)
    kind = "uint32_t" if answer else "psa_status_t"
    return _function(f"{kind} {function.name}", parameters, lines)


def _number(table: FunctionTable, function: Function) -> str:
    return f"{table.prefix.upper()}_NUMBER_{function.name}"


def _request(table: FunctionTable, function: Function) -> list[str]:
    """The declaration of in_vec[0]."""
    fields = dict(function.fields)
    if table.number_field:
        fields = {table.number_field: _number(table, function)} | fields
    setters = "\n".join(f".{name} = {text}," for name, text in fields.items())
    struct = f"struct {table.prefix}_request request"
    if function.mode == "NONCE":
        struct = f"struct {table.prefix}_nonce_request request"
        return [f"{struct} = {{\n.request = {{\n{setters}\n}},\n}};"]
    return [f"const {struct} = {{\n{setters}\n}};" if fields else f"const {struct} = {{0}};"]


def _joined(function: Function, side: str) -> str:
    vectors = [text for text, _ in function.vectors(side)]
    if side == "ins":
        vectors.insert(0, "{&request, sizeof request}")
    return ", ".join(vectors)


def _ending(function: Function, call: str, before: list[str]) -> list[str]:
    """The call, and what it leaves in the caller's objects."""
    success, failure, always = [], [], []
    place = 0
    for each in sorted(function.arguments, key=lambda argument: not argument.first):
        success += [text.replace("OUT", f"out[{place}]") for text in each.success]
        failure += each.failure
        always += each.always
        place += len(each.outs)
    answer = next((each for each in function.arguments if each.answer), None)
    if answer is not None:
        name = answer.outs[0][1].partition(",")[0]
        return ["", *before, f"return {call} == PSA_SUCCESS ? {name} : 0U;"]
    if not success and not always:
        return ["", *before, f"return {call};"]
    declaration = ["psa_status_t status;", "", *before, f"status = {call};"]
    lines = declaration if before else [f"psa_status_t status = {call};", ""]
    if success:
        lines += ["if (status == PSA_SUCCESS) {", *success]
        lines += ["} else {", *failure, "}"] if failure else ["}"]
    return [*lines, *always, "return status;"]


def _function(head: str, parameters: list[str], lines: list[str]) -> str:
    """A function's text, indented; a line of `lines` may be several."""
    indent = 1
    body = []
    for line in "\n".join(lines).splitlines():
        closing = line.startswith("}")
        indent -= closing
        body.append(_wrapped("    " * indent + line) if line else "")
        indent += line.endswith("{")
    first = f"{head}("
    return f"{_wrapped(first + ', '.join(parameters) + ')')}\n{{\n" + "\n".join(body) + "\n}\n"


def _wrapped(line: str) -> str:
    """A line of at most 100 columns, broken after commas."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    words = line.split(", ")
    rows = [words[0]]
    for word in words[1:]:
        if len(rows[-1]) + len(word) + 3 <= _COLUMNS:
            rows[-1] += f", {word}"
        else:
            rows[-1] += ","
            rows.append(indent + word)
    return "\n".join(rows)


# ---- The page of the wire format -----------------------------------------------------------------


def wire_page(table: FunctionTable) -> str:
    """The table of the documentation: what each function sends, one row each."""
    lines = ["| number | function | request | in_vec[1..] | out_vec | |\n", "|---" * 6 + "|\n"]
    for each in table.of(SERVICE, NONE):
        cells = [
            f"{each.number:#04x}",
            f"`{each.name}`",
            ", ".join(each.fields),
            "; ".join(text.replace("_", " ") for _, text in each.vectors("ins")),
            "; ".join(text.replace("_", " ") for _, text in each.vectors("outs")),
            "" if each.by == SERVICE else "not yet",
        ]
        lines.append("|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n")
    return "".join(lines)


def page_with_table(text: str, table: FunctionTable) -> str:
    """The text of a page with its table as it must be."""
    head, begin, rest = text.partition(PAGE_BEGIN)
    _, end, tail = rest.partition(PAGE_END)
    return f"{head}{begin}{wire_page(table)}{end}{tail}"


# ---- Command line --------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="gen.stubs", description="Generate client stubs and numbers of function tables."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="write the table of the first TABLE into this page, between its marks",
    )
    parser.add_argument(
        "tables",
        nargs="*",
        type=Path,
        metavar="TABLE",
        help="default: those of the standard services",
    )
    options = parser.parse_args(arguments)
    tables = options.tables or standard_tables()
    try:
        files = stub_files(tables)
    except ProductError as error:
        print(error, file=sys.stderr)
        return 2
    files["psa_manifest/sid.h"] = emit_headers.sid_header("tools/gen/standard.py", [])
    write_files(options.out, files)
    if options.page:
        table = load_table(tables[0], display_path(tables[0], ROOT))
        options.page.write_text(page_with_table(options.page.read_text(), table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
