"""Function tables: the functions of one service's API, one row each (services/*/functions.table).

Reads a table into a `FunctionTable`: for each function its number on the wire, who does it, and
what each argument becomes in the call: a field of the request, an input vector or an output vector.
stubs.py makes the client stubs, the numbers and the page of the wire format from it. It reads one
file and decides nothing about products. docs/crypto.md describes the format of a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from gen.source import ProductError, read_text, suggest

IOVEC_MAX = 4  # PSA_MAX_IOVEC: vectors of one call, in and out together
NUMBER_MAX = 0xFF
SERVICE, NONE, HEADER = "service", "none", "header"
_BY = (SERVICE, NONE, HEADER)
_STEPS = ("start", "use", "read", "end", "abort", "target")
_MODES = {"start": "START", "use": "USE", "read": "USE", "end": "END", "abort": "ABORT"}
_ROLE_MODES = {"nonce": "NONCE", "made": "CREATE"}
_NAME = r"[a-z][a-z0-9_]*"


@dataclass
class Argument:
    """What one token adds to a function: C parameters, and its part of the call."""

    parameters: list[str]
    fields: dict[str, str] = field(default_factory=dict)  # of the request: name, expression
    locals: list[str] = field(default_factory=list)  # declarations
    ins: list[tuple[str, str]] = field(default_factory=list)  # vector, what the page calls it
    outs: list[tuple[str, str]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)  # statements before the call
    success: list[str] = field(default_factory=list)  # after it; OUT is the first of its outs
    failure: list[str] = field(default_factory=list)
    always: list[str] = field(default_factory=list)
    first: bool = False  # its vectors come before those of the others
    answer: bool = False  # the function returns the word, 0 on an error, and no status


@dataclass
class Function:
    number: int
    by: str
    name: str
    kind: str  # of operation, "" for none
    mode: str  # what the service does around the handler
    arguments: list[Argument]
    line: int

    @property
    def fields(self) -> dict[str, str]:
        return {name: text for each in self.arguments for name, text in each.fields.items()}

    def vectors(self, side: str) -> list[tuple[str, str]]:
        """Its vectors in the order of the wire, the request not counted. side: ins or outs."""
        ordered = sorted(self.arguments, key=lambda each: not each.first)
        return [vector for each in ordered for vector in getattr(each, side)]


@dataclass
class FunctionTable:
    file: str
    service: str = ""  # <service>_SID and _HANDLE in psa_manifest/sid.h
    prefix: str = ""  # of files, structs and numbers
    header: str = ""  # the public header
    include: str = ""  # what the stubs need besides: packing and the wire's structs
    number_field: str = ""  # of the request; "" where the number is the type of the call
    bytes: str = "uint8_t"  # what a buffer points to
    scalars: dict[str, tuple[str, list[str], str]] = field(default_factory=dict)
    packed: dict[str, str] = field(default_factory=dict)  # name: C parameters
    functions: list[Function] = field(default_factory=list)

    def of(self, *by: str) -> list[Function]:
        return [function for function in self.functions if function.by in by]


def load_table(path: Path, file: str) -> FunctionTable:
    """Reads and checks a table. file: the path as messages show it."""
    return _Reader(file).read(read_text(path, file))


# ---- Arguments -----------------------------------------------------------------------------------


def _in(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"const {table.bytes} *{name}", f"size_t {name}_length"],
        ins=[(f"{{{name}, {name}_length}}", name)],
    )


def _sized_in(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"size_t {name}_length", f"const {table.bytes} *{name}"],
        ins=[(f"{{{name}, {name}_length}}", name)],
    )


def _out(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"{table.bytes} *{name}", f"size_t {name}_size", f"size_t *{name}_length"],
        outs=[(f"{{{name}, {name}_size}}", name)],
        success=[f"*{name}_length = OUT.len;"],
        failure=[f"*{name}_length = 0U;"],
    )


def _sized_out(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"size_t {name}_size", f"{table.bytes} *{name}", f"size_t *{name}_length"],
        outs=[(f"{{{name}, {name}_size}}", name)],
        before=[f"if ({name}_length == NULL) {{\nreturn PSA_ERROR_INVALID_ARGUMENT;\n}}"],
        success=[f"*{name}_length = OUT.len;"],
    )


def _fill(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"{table.bytes} *{name}", f"size_t {name}_size"],
        outs=[(f"{{{name}, {name}_size}}", f"{name}, as much as there is room")],
    )


def _nonce(table: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"const {table.bytes} *{name}", f"size_t {name}_length"],
        fields={"value": f"(uint32_t){name}_length"},
        before=[f"{table.prefix}_put_nonce(&request, {name}, {name}_length);"],
    )


def _made(_: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"psa_key_id_t *{name}"],
        locals=[f"uint32_t {name}_made = 0U;"],
        outs=[(f"{{&{name}_made, sizeof {name}_made}}", "key identifier, 4 bytes")],
        success=[f"*{name} = {name}_made;"],
        failure=[f"*{name} = PSA_KEY_ID_NULL;"],
        first=True,
    )


def _size_out(_: FunctionTable, name: str) -> Argument:
    return Argument(
        [f"size_t *{name}"],
        locals=[f"uint32_t {name}_word = 0U;"],
        outs=[(f"{{&{name}_word, sizeof {name}_word}}", f"{name}, 4 bytes")],
        success=[f"*{name} = {name}_word;"],
        failure=[f"*{name} = 0U;"],
    )


def _unpack(table: FunctionTable, name: str) -> Argument:
    """An object that the service fills. <prefix>_unpack_<name>() declares its type."""
    return Argument(
        [table.packed[name].removeprefix("const ")],
        locals=[f"struct {table.prefix}_{name} packed = {{0}};"],
        outs=[("{&packed, sizeof packed}", name)],
        before=[f"if ({name} == NULL) {{\nreturn PSA_ERROR_INVALID_ARGUMENT;\n}}"],
        always=[f"{table.prefix}_unpack_{name}(status, &packed, {name});"],
    )


def _answer(_: FunctionTable, name: str) -> Argument:
    return Argument(
        [],
        locals=[f"uint32_t {name} = 0U;"],
        outs=[(f"{{&{name}, sizeof {name}}}", f"{name}, 4 bytes")],
        answer=True,
    )


_ROLES: dict[str, Callable[[FunctionTable, str], Argument]] = {
    "in": _in,
    "out": _out,
    "fill": _fill,
    "nonce": _nonce,
    "made": _made,
    "size_out": _size_out,
    "sized_in": _sized_in,
    "sized_out": _sized_out,
    "unpack": _unpack,
    "answer": _answer,
}


def _operation(kind: str, step: str) -> Argument:
    """The object of an operation in several parts; in the service it is a handle."""
    name = "target_operation" if step == "target" else "operation"
    handle = f"{name}->private_handle"
    constant = "const " if step == "read" else ""
    argument = Argument([f"{constant}psa_{kind}_operation_t *{name}"])
    argument.fields["value" if step == "target" else "operation"] = handle
    if step in ("start", "target"):
        argument.locals = ["uint32_t handle = 0U;"]
        argument.outs = [("{&handle, sizeof handle}", "handle, 4 bytes")]
        argument.success = [f"{handle} = handle;"]
    elif step == "end":
        argument.success = [f"{handle} = 0U;"]
    elif step == "abort":
        argument.before = [
            "if (request.operation == 0U) {\nreturn PSA_SUCCESS;\n}",
            f"{handle} = 0U;",
        ]
    return argument


def _scalar(table: FunctionTable, token: str, name: str) -> Argument:
    declaration, fields, expression = table.scalars[token]
    value = expression.replace("%", name)
    texts = [f"(uint32_t){value}"]
    if len(fields) == 2:
        texts.append(f"(uint32_t)({value} >> 32)")
    return Argument([declaration.replace("%", name)], fields=dict(zip(fields, texts, strict=True)))


def _packed(table: FunctionTable, name: str) -> Argument:
    """An argument that travels as struct <prefix>_<name>, which <prefix>_pack_<name>() makes."""
    parameters = [each.strip() for each in table.packed[name].split(",")]
    names = ", ".join(re.findall(r"\w+$", each)[0] for each in parameters)
    make = f"{table.prefix}_pack_{name}({names})"
    return Argument(
        parameters,
        locals=[f"const struct {table.prefix}_{name} {name}_packed = {make};"],
        ins=[(f"{{&{name}_packed, sizeof {name}_packed}}", name.replace("_", " "))],
        first=True,
    )


# ---- The file ------------------------------------------------------------------------------------


class _Reader:
    """Decodes the lines of one table."""

    def __init__(self, file: str) -> None:
        self.table = FunctionTable(file)
        self.line = 0
        self.directives: dict[str, Callable[[str], None]] = {
            "service": lambda text: self._word("service", text),
            "prefix": lambda text: self._word("prefix", text),
            "header": lambda text: self._word("header", text),
            "include": lambda text: self._word("include", text),
            "number_field": lambda text: self._word("number_field", text),
            "bytes": lambda text: self._word("bytes", text),
            "scalar": self._scalar,
            "packed": self._packed,
        }

    def _fail(self, what: str, todo: str) -> NoReturn:
        raise ProductError(self.table.file, self.line, what, todo)

    def read(self, text: str) -> FunctionTable:
        for self.line, each in enumerate(text.splitlines(), 1):
            line = each.partition("#")[0].strip()
            word, _, rest = line.partition(" ")
            if re.match(r"0x|\d|-$", word):
                self._row(line.split())
            elif word in self.directives:
                self.directives[word](rest.strip())
            elif word:
                todo = suggest(word, ["a row's number, or - for none", *self.directives])
                self._fail(f"a line cannot begin with '{word}'", todo)
        for key in ("service", "prefix", "header", "include"):
            if not getattr(self.table, key):
                self._fail(f"the table has no line '{key}'", f"add: {key} ...")
        return self.table

    def _word(self, key: str, text: str) -> None:
        if len(text.split()) != 1:
            self._fail(f"'{key}' takes one word, not {text!r}", f"write: {key} NAME")
        setattr(self.table, key, text)

    def _scalar(self, text: str) -> None:
        match = re.fullmatch(rf"({_NAME})\s+(.+?)\s*->\s*([a-z_ ,]+?)\s*(?::\s*(.+))?", text)
        fields = [each.strip() for each in match[3].split(",")] if match else []
        if match is None or "%" not in match[2] or len(fields) > 2:
            self._fail(
                f"scalar {text!r} cannot be read",
                "write: scalar NAME C-TYPE % -> FIELD[, HIGH FIELD] [: EXPRESSION OF %]",
            )
        self.table.scalars[match[1]] = (match[2], fields, match[4] or "%")

    def _packed(self, text: str) -> None:
        name, _, parameters = text.partition(" ")
        if not re.fullmatch(_NAME, name) or not parameters.strip():
            self._fail(f"packed {text!r} cannot be read", "write: packed NAME C-PARAMETERS")
        self.table.packed[name] = parameters.strip()

    # ---- Rows ----

    def _row(self, words: list[str]) -> None:
        if len(words) < 3:
            self._fail("a row has too few columns", "write: NUMBER BY NAME ARGUMENTS")
        number, by, name, *tokens = words
        if by not in _BY:
            self._fail(f"'{by}' does not say who does {name}()", suggest(by, _BY))
        if not re.fullmatch(_NAME, name):
            self._fail(f"'{name}' is no name of a function", "write a C identifier, lower case")
        function = Function(self._number(number, by, name), by, name, "", "PLAIN", [], self.line)
        if by == HEADER and tokens:
            self._fail(f"{name}() is in the header and has arguments", "remove them")
        for token in tokens:
            function.arguments.append(self._argument(token, function))
        self._check(function)
        self.table.functions.append(function)

    def _number(self, text: str, by: str, name: str) -> int:
        if by == HEADER:
            if text != "-":
                self._fail(f"{name}() is in the header and has number {text}", "write - for none")
            return 0
        if not re.fullmatch(r"0x[0-9a-f]+", text) or not 1 <= int(text, 16) <= NUMBER_MAX:
            self._fail(
                f"'{text}' is no number of a function",
                f"write one that was never used, 0x01 to {NUMBER_MAX:#x}",
            )
        return int(text, 16)

    def _argument(self, token: str, function: Function) -> Argument:
        kind, dot, step = token.partition(".")
        if dot:
            return self._step(kind, step, function)
        role, _, name = token.partition(":")
        if role in self.table.scalars:
            return _scalar(self.table, role, name or role)
        if role in self.table.packed and not name:
            return _packed(self.table, role)
        known = [*self.table.scalars, *self.table.packed]
        if role not in _ROLES:
            roles = [f"{each}:NAME" for each in _ROLES]
            steps = [f"KIND.{each}" for each in _STEPS]
            self._fail(
                f"unknown argument '{token}' of {function.name}()",
                suggest(token, known + roles + steps),
            )
        if not re.fullmatch(_NAME, name):
            self._fail(
                f"argument '{token}' of {function.name}() has no name", f"write {role}:NAME"
            )
        if role == "unpack" and name not in self.table.packed:
            self._fail(
                f"'{token}' of {function.name}() is not declared",
                f"add: packed {name} C-PARAMETERS",
            )
        if role in _ROLE_MODES and function.mode == "PLAIN":
            function.mode = _ROLE_MODES[role]
        return _ROLES[role](self.table, name)

    def _step(self, kind: str, step: str, function: Function) -> Argument:
        if step not in _STEPS or not re.fullmatch(_NAME, kind):
            self._fail(
                f"unknown step '{kind}.{step}' of {function.name}()",
                suggest(f"{kind}.{step}", [f"{kind}.{each}" for each in _STEPS]),
            )
        function.kind = kind
        function.mode = "CLONE" if step == "target" else _MODES[step]
        return _operation(kind, step)

    def _check(self, function: Function) -> None:
        for other in self.table.functions:
            if other.name == function.name:
                self._fail(f"{function.name}() has two rows", f"keep one (line {other.line})")
            if function.number and other.number == function.number:
                self._fail(
                    f"number {function.number:#04x} of {function.name}() is that of "
                    f"{other.name}() (line {other.line})",
                    "give it one that was never used",
                )
        self._check_places(function)
        ins, outs = len(function.vectors("ins")) + 1, len(function.vectors("outs"))
        if ins + outs > IOVEC_MAX:
            self._fail(
                f"{function.name}() has {ins} input vectors, the request included, and {outs} "
                f"output vectors: a call has at most {IOVEC_MAX}",
                "join some in one struct (packed)",
            )

    def _check_places(self, function: Function) -> None:
        """Two arguments that share a name or a field would be one of the two on the wire."""
        parameters = [each for argument in function.arguments for each in argument.parameters]
        names = [re.findall(r"\w+$", each)[0] for each in parameters]
        fields = [each for argument in function.arguments for each in argument.fields]
        for what, places, todo in (
            ("parameters are named", names, "rename one (in:NAME)"),
            ("arguments take the field", fields, "send one in a struct of its own (packed)"),
        ):
            twice = [place for place in places if places.count(place) > 1]
            if twice:
                self._fail(f"two {what} '{twice[0]}' in {function.name}()", todo)
