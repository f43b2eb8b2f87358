"""Declarations as trees that know where each value was written.

Reads TOML, YAML and JSON into `Node` trees in which every table, key and element carries its file
and line, so that any later check can point at the line to change. Used by product.py and
manifest.py. It knows nothing about products: what a key means is decided by its callers.
"""

from __future__ import annotations

import bisect
import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

MAX_DEPTH = 16


class ProductError(Exception):
    """A declaration that cannot be built. Its text is `file:line: what is wrong; what to do`."""

    def __init__(self, file: str, line: int | None, what: str, todo: str) -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {what}; {todo}")
        self.file = file
        self.line = line


@dataclass
class Node:
    """One value: a dict of nodes, a list of nodes, or a scalar; `line` is that of its key."""

    value: Any
    file: str
    line: int

    def fail(self, what: str, todo: str) -> NoReturn:
        raise ProductError(self.file, self.line, what, todo)

    def plain(self) -> Any:
        """The value without the positions."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def suggest(word: str, known: Iterable[str]) -> str:
    """What to do about an unknown word: the nearest known one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(str(word), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known: {', '.join(names)}" if names else "none is declared"


def display_path(path: Path, root: Path) -> str:
    """A path as messages and generated files show it: relative to the repository root."""
    resolved = path.resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(path)


def read_text(path: Path, file: str, asked_by: Node | None = None) -> str:
    """The text of a declaration; a missing file is reported where it was asked for."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        what = f"cannot read {file}: {reason}"
        todo = "correct the path or create the file"
        if asked_by is not None:
            asked_by.fail(what, todo)
        raise ProductError(file, None, what, todo) from error


# ---- TOML ----------------------------------------------------------------------------------------


class _TomlLines:
    """Finds the line of every key of a TOML text that tomllib has already accepted."""

    _BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
    _BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
    _SCALAR = re.compile(r"[^,\]}#\r\n]+")

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[tuple[str | int, ...], int] = {(): 1}
        self.arrays: dict[tuple[str | int, ...], int] = {}
        self._document()

    def _line(self) -> int:
        return bisect.bisect_left(self.newlines, self.pos) + 1

    def _blank(self) -> None:
        match = self._BLANK.match(self.text, self.pos)
        assert match is not None
        self.pos = match.end()

    def _at(self, token: str) -> bool:
        return self.text.startswith(token, self.pos)

    def _document(self) -> None:
        table: tuple[str | int, ...] = ()
        self._blank()
        while self.pos < len(self.text):
            if self._at("["):
                table = self._header()
            else:
                self._pair(table)
            self._blank()

    def _header(self) -> tuple[str | int, ...]:
        line = self._line()
        is_array = self._at("[[")
        self.pos += 2 if is_array else 1
        parts = self._key()
        self.pos += 2 if is_array else 1
        path: tuple[str | int, ...] = ()
        for index, part in enumerate(parts):
            path += (part,)
            if is_array and index == len(parts) - 1:
                self.arrays[path] = self.arrays.get(path, -1) + 1
            self.lines.setdefault(path, line)
            if path in self.arrays:
                path += (self.arrays[path],)
                self.lines.setdefault(path, line)
        return path

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._blank()
            if self._at('"') or self._at("'"):
                start = self.pos
                self._string()
                parts.append(tomllib.loads("k = " + self.text[start : self.pos])["k"])
            else:
                match = self._BARE_KEY.match(self.text, self.pos)
                assert match is not None
                parts.append(match.group())
                self.pos = match.end()
            self._blank()
            if not self._at("."):
                return parts
            self.pos += 1

    def _pair(self, table: tuple[str | int, ...]) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path += (part,)
            self.lines.setdefault(path, line)
        self.pos += 1  # '='
        self._blank()
        self._value(path)

    def _value(self, path: tuple[str | int, ...]) -> None:
        if self._at('"') or self._at("'"):
            self._string()
        elif self._at("["):
            self._array(path)
        elif self._at("{"):
            self._inline_table(path)
        else:
            match = self._SCALAR.match(self.text, self.pos)
            assert match is not None
            self.pos = match.end()

    def _string(self) -> None:
        quote = self.text[self.pos]
        delimiter = quote * 3 if self._at(quote * 3) else quote
        self.pos += len(delimiter)
        while not self._at(delimiter):
            self.pos += 2 if quote == '"' and self._at("\\") else 1
        self.pos += len(delimiter)
        while len(delimiter) == 3 and self._at(quote):  # quotes may stand right before the end
            self.pos += 1

    def _array(self, path: tuple[str | int, ...]) -> None:
        self.pos += 1
        index = 0
        self._blank()
        while not self._at("]"):
            self.lines[path + (index,)] = self._line()
            self._value(path + (index,))
            index += 1
            self._blank()
            self.pos += 1 if self._at(",") else 0
            self._blank()
        self.pos += 1

    def _inline_table(self, path: tuple[str | int, ...]) -> None:
        self.pos += 1
        self._blank()
        while not self._at("}"):
            self._pair(path)
            self._blank()
            self.pos += 1 if self._at(",") else 0
            self._blank()
        self.pos += 1


def parse_toml(text: str, file: str) -> Node:
    """A TOML text as a tree of nodes."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(match.group(1)) if match else text.count("\n") + 1
        what = re.sub(r" \(at .*\)$", "", str(error))
        raise ProductError(file, line, f"not valid TOML: {what}", "correct the line") from None
    lines = _TomlLines(text).lines

    def wrap(value: Any, path: tuple[str | int, ...], line: int) -> Node:
        line = lines.get(path, line)
        if isinstance(value, dict):
            value = {key: wrap(item, path + (key,), line) for key, item in value.items()}
        elif isinstance(value, list):
            value = [wrap(item, path + (index,), line) for index, item in enumerate(value)]
        return Node(value, file, line)

    return wrap(data, (), 1)


# ---- YAML and JSON -------------------------------------------------------------------------------


def parse_yaml(text: str, file: str) -> Node:
    """A YAML or JSON text as a tree of nodes."""
    if file.endswith(".json"):
        text = text.replace("\t", " ")  # legal in JSON, where strings cannot hold one; not in YAML
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise ProductError(file, 1, "the file is empty", "write the keys of a manifest")
        return _wrap_yaml(loader, root, file, root.start_mark.line + 1, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ProductError(
            file, line, f"not valid YAML: {error.problem}", "correct the line"
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ProductError(file, 1, f"not valid YAML: {error}", "correct the file") from None
    finally:
        loader.dispose()


def _wrap_yaml(loader: yaml.SafeLoader, node: yaml.Node, file: str, line: int, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise ProductError(
            file,
            line,
            f"nested deeper than {MAX_DEPTH} levels",
            "write it without anchors that contain themselves",
        )
    if isinstance(node, yaml.MappingNode):
        table: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            key = str(key_node.value)
            if key in table:
                raise ProductError(
                    file,
                    key_line,
                    f"key '{key}' appears twice",
                    f"remove one (the first is in line {table[key].line})",
                )
            table[key] = _wrap_yaml(loader, value_node, file, key_line, depth + 1)
        return Node(table, file, line)
    if isinstance(node, yaml.SequenceNode):
        items = [
            _wrap_yaml(loader, item, file, item.start_mark.line + 1, depth + 1)
            for item in node.value
        ]
        return Node(items, file, line)
    return Node(loader.construct_object(node), file, line)


# ---- Typed access --------------------------------------------------------------------------------

_REQUIRED = object()


class Table:
    """A node that must be a table with known keys; its getters check types and ranges."""

    def __init__(
        self, node: Node, what: str, keys: Iterable[str], numbers_in_text: bool = False
    ) -> None:
        self.node = node
        self.what = what
        self.numbers_in_text = numbers_in_text
        if not isinstance(node.value, dict):
            node.fail(
                f"{what} must be a table, not {describe(node.value)}",
                "write its keys (docs/product.md)",
            )
        known = list(keys)
        for key, item in node.value.items():
            if key not in known:
                item.fail(f"unknown key '{key}' in {what}", suggest(key, known))

    def __contains__(self, key: str) -> bool:
        return key in self.node.value

    def get(self, key: str) -> Node | None:
        return self.node.value.get(key)

    def at(self, key: str) -> Node:
        """The node of a key for messages: the table itself when the key is absent."""
        return self.node.value.get(key, self.node)

    def require(self, key: str) -> Node:
        node = self.get(key)
        if node is None:
            self.node.fail(f"{self.what} has no '{key}'", f"add {key} = ... (docs/product.md)")
        return node

    def _typed(self, key: str, kind: type, name: str, default: Any) -> Any:
        node = self.get(key) if default is not _REQUIRED else self.require(key)
        if node is None:
            return default
        return check_type(node, kind, f"'{key}' of {self.what}", name)

    def integer(
        self, key: str, default: Any = _REQUIRED, low: int = 0, high: int = 0xFFFFFFFF
    ) -> int:
        """An integer from low to high; where allowed, a string such as "0x100" counts as one."""
        node = self.get(key) if default is not _REQUIRED else self.require(key)
        if node is None:
            return default
        return check_integer(node, f"'{key}' of {self.what}", low, high, self.numbers_in_text)

    def text(
        self, key: str, default: Any = _REQUIRED, pattern: str | None = None, hint: str = ""
    ) -> str:
        value = self._typed(key, str, "a string", default)
        if pattern is not None and key in self and re.fullmatch(pattern, value) is None:
            self.at(key).fail(f"'{key}' of {self.what} is {value!r}", f"write {hint}")
        return value

    def boolean(self, key: str, default: Any = _REQUIRED) -> bool:
        return self._typed(key, bool, "true or false", default)

    def choice(self, key: str, known: Iterable[str], default: Any = _REQUIRED) -> str:
        value = self.text(key, default)
        names = list(known)
        if key in self and value not in names:
            self.at(key).fail(f"'{key}' of {self.what} is {value!r}", suggest(value, names))
        return value

    def nodes(self, key: str) -> list[Node]:
        """The elements of an optional list."""
        return self._typed(key, list, "a list", [])

    def texts(self, key: str) -> list[Node]:
        """The elements of an optional list of strings."""
        nodes = self.nodes(key)
        for node in nodes:
            check_type(node, str, f"an element of '{key}' of {self.what}", "a string")
        return nodes


def describe(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    return f"the string {value!r}" if isinstance(value, str) else f"{value!r}"


def check_type(node: Node, kind: type, what: str, name: str) -> Any:
    if not isinstance(node.value, kind):
        node.fail(f"{what} is {describe(node.value)}", f"write {name}")
    return node.value


def check_integer(node: Node, what: str, low: int, high: int, number_in_text: bool) -> int:
    value = node.value
    if number_in_text and isinstance(value, str):
        try:
            value = int(value, 0)
        except ValueError:
            value = node.value
    if isinstance(value, bool) or not isinstance(value, int):
        node.fail(f"{what} is {describe(node.value)}", "write an integer")
    if not low <= value <= high:
        node.fail(f"{what} is {value}", f"write an integer from {low} to {high}")
    return value
