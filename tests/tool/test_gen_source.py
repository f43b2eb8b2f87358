"""Declarations as trees: every key of a TOML, YAML or JSON text has the line where it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

from gen.source import Node, parse_toml, parse_yaml

ROOT = Path(__file__).resolve().parents[2]

TRICKY = '''\
# comment with [table] and key = 1
title = "a # b \\" = ["   # after
empty = {}
multi = """
[not.a.table]
not_a_key = 1
ends with quotes"""""
literal = \'\'\'
[[no]]
\'\'\'
path = 'C:\\'
a.b."c d" = 1
"quoted key" = [ # comment ]
    1,
    [2, "]"],   # nested
    { x = 1, y = { z = [3] } },
]
when = 1979-05-27 07:32:00
[ table . "sub table" ]
key = 0x10_00
[[list]]
name = "one"
  [list.inner]
  deep = true
  [[list.items]]
  value = 1.5
[[list]]
name = "two"
[[list.items]]
value = -1
'''


def positions(node: Node, path: str = "") -> dict[str, int]:
    found = {path: node.line}
    items = (
        node.value.items()
        if isinstance(node.value, dict)
        else enumerate(node.value)
        if isinstance(node.value, list)
        else ()
    )
    for key, item in items:
        found |= positions(item, f"{path}/{key}")
    return found


def test_lines_of_tricky_toml() -> None:
    tree = parse_toml(TRICKY, "t.toml")
    assert tree.plain() == tomllib.loads(TRICKY)
    lines = positions(tree)
    expected = {
        "/title": 2,
        "/empty": 3,
        "/multi": 4,
        "/literal": 8,
        "/path": 11,
        "/a": 12,
        "/a/b": 12,
        "/a/b/c d": 12,
        "/quoted key": 13,
        "/quoted key/0": 14,
        "/quoted key/1": 15,
        "/quoted key/1/1": 15,
        "/quoted key/2/y/z/0": 16,
        "/when": 18,
        "/table": 19,
        "/table/sub table/key": 20,
        "/list": 21,
        "/list/0": 21,
        "/list/0/name": 22,
        "/list/0/inner": 23,
        "/list/0/inner/deep": 24,
        "/list/0/items/0": 25,
        "/list/0/items/0/value": 26,
        "/list/1": 27,
        "/list/1/name": 28,
        "/list/1/items/0": 29,
        "/list/1/items/0/value": 30,
    }
    assert {path: lines[path] for path in expected} == expected


def test_lines_with_windows_line_ends() -> None:
    tree = parse_toml("a = 1\r\n[b]\r\nc = 2\r\n", "t.toml")
    assert positions(tree) == {"": 1, "/a": 1, "/b": 2, "/b/c": 3}


def test_every_key_of_the_products_has_its_line() -> None:
    for path in sorted((ROOT / "products").glob("*.toml")):
        text = path.read_text(encoding="utf-8").splitlines()
        for where, line in positions(parse_toml("\n".join(text), path.name)).items():
            key = where.rsplit("/", 1)[-1]
            if key and not key.isdigit():
                assert key in text[line - 1], f"{path.name}:{line}: {where}"


def test_lines_of_yaml_and_json() -> None:
    tree = parse_yaml("# c\na: 1\nb:\n  - x: 2\n    y: 3\n  - 4\n", "m.yaml")
    assert positions(tree) == {
        "": 2,
        "/a": 2,
        "/b": 3,
        "/b/0": 4,
        "/b/0/x": 4,
        "/b/0/y": 5,
        "/b/1": 6,
    }
    tree = parse_yaml('{\n\t"a": 1,\n\t"b": [\n\t\t{"x": "0x10"}\n\t]\n}\n', "m.json")
    assert positions(tree) == {"": 1, "/a": 2, "/b": 3, "/b/0": 4, "/b/0/x": 4}
