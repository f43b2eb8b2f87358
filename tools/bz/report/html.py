"""Makes HTML that is well-formed XML too: every text is escaped, every element closed.

Used by page.py and its parts. Markup is text that is known to be safe; whatever else is given as a
child or an attribute is escaped.
"""

from __future__ import annotations

from html import escape

_VOID = ("meta", "link", "br", "col", "rect", "line")  # never have children


class Markup(str):
    """Text that is HTML already."""


Child = str | None


def join(*children: Child) -> Markup:
    return Markup(
        "".join(
            each if isinstance(each, Markup) else escape(each, quote=False)
            for each in children
            if each is not None
        )
    )


def element(tag: str, *children: Child, **attributes: object) -> Markup:
    """An element; attribute names: `class_` is class, `a_b` is a-b, a value of None is left out."""
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{told}/>")
    return Markup(f"<{tag}{told}>{join(*children)}</{tag}>")


def each_in(children: list[Markup]) -> Markup:
    return Markup("".join(children))
