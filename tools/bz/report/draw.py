"""Draws strips and bars as inline SVG, to scale.

Widths are percentages of the drawing, so that the page needs no script and fits every screen; text
is not scaled. A label is drawn only where it fits, on the narrowest screen or on a wide one; each
area's name and numbers are in its title and in the tables. Called by page.py and sections.py.
"""

from __future__ import annotations

from bz.report.areas import Area
from bz.report.html import Markup, each_in, element
from bz.report.strips import Segment, Strip, Zoom

NARROW, WIDE = 320, 1000  # pixels that a strip has at least, on a phone and on a laptop
_LETTER = 7.4  # pixels of a letter of a label, at most
_APART = 18  # pixels between the middles of two letters of zooms, at least
_BAR, _MARK, _TEXT = 40, 3, 16  # heights: a bar, the mark of a zoom, its letter


def amount(size: int) -> str:
    """Bytes, exactly, in the largest unit that divides them."""
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size:,} B"


def address(value: int) -> str:
    return f"0x{value:08x}"


def share(part: int, whole: int) -> str:
    """A length of the drawing."""
    return f"{100 * part / whole:.4f}%" if whole else "0%"


def strip(drawn: Strip, numbers: dict[Area, int], style: dict[str, str], key: str) -> Markup:
    """`numbers`: of the areas, as in the tables; `style`: the class of each owner."""
    height = _BAR + (_MARK + 3 + _TEXT if drawn.zooms else 0)
    parts = [_segment(drawn, each, numbers, style) for each in drawn.segments]
    parts += [_zoom(drawn, each) for each in drawn.zooms] + _letters(drawn)
    letter = element("b", drawn.name, class_="letter") if drawn.name else None
    return element(
        "figure",
        element(
            "figcaption",
            letter,
            element("span", drawn.title, class_="what"),
            element("span", _scale(drawn), class_="scale"),
        ),
        element(
            "svg",
            *parts,
            width="100%",
            height=height,
            role="img",
            aria_label=f"{drawn.title}, to scale",
        ),
        class_="strip",
        id=f"{key}-{drawn.name or 'all'}",
    )


def _scale(drawn: Strip) -> str:
    hundredth = drawn.size / 100
    small = f"{hundredth:.1f}" if hundredth < 100 else f"{hundredth:,.0f}"
    return f"full width {amount(drawn.size)}, 1 % is {small} B"


def _segment(
    drawn: Strip, segment: Segment, numbers: dict[Area, int], style: dict[str, str]
) -> Markup:
    area = segment.area
    part = "" if segment.size == area.size else f" (here {amount(segment.size)} of it)"
    title = element("title", f"{area.name}: {address(area.start)}, {amount(area.size)}{part}")
    inside = [
        _rect(drawn, each, segment.offset + each.start - area.start, each.size, style)
        for each in area.leaves()
        if area.parts
    ]
    own = _rect(drawn, area, segment.offset, segment.size, style)
    labels = _labels(drawn, segment, numbers)
    return element("g", title, *inside, own, *labels, class_="seg")


def _rect(drawn: Strip, area: Area, offset: int, size: int, style: dict[str, str]) -> Markup:
    fine = "" if size * 100 > drawn.size else " fine"
    return element(
        "rect",
        x=share(offset, drawn.size),
        y=0,
        width=share(size, drawn.size),
        height=_BAR,
        class_=f"{style[area.owner]}{fine}",
        data_start=area.start,
        data_size=size,
        data_owner=area.owner,
    )


def _labels(drawn: Strip, segment: Segment, numbers: dict[Area, int]) -> list[Markup]:
    middle = share(2 * segment.offset + segment.size, 2 * drawn.size)
    number = numbers.get(segment.area)
    texts = [
        _fitting(segment.area, number, width * segment.size / drawn.size)
        for width in (NARROW, WIDE)
    ]
    if texts[0] == texts[1]:
        return [_label(texts[0], middle, None)] if texts[0] else []
    classes = ("narrow", "wide")
    return [_label(text, middle, name) for text, name in zip(texts, classes, strict=True) if text]


def _fitting(area: Area, number: int | None, width: float) -> str:
    """The name where it fits, else the number where that does."""
    for text in (area.name, "" if number is None else str(number)):
        if text and len(text) * _LETTER + 2 <= width:
            return text
    return ""


def _label(text: str, middle: str, name: str | None) -> Markup:
    return element("text", text, x=middle, y=_BAR // 2 + 4, class_=name)


def _zoom(drawn: Strip, zoom: Zoom) -> Markup:
    """A line below the part that another strip shows."""
    return element(
        "g",
        element("title", f"{zoom.strip.title}: shown in strip {zoom.strip.name}"),
        element(
            "line",
            x1=share(zoom.offset, drawn.size),
            x2=share(zoom.offset + zoom.size, drawn.size),
            y1=_BAR + 3,
            y2=_BAR + 3,
            stroke_width=_MARK,
        ),
        class_="zoom",
    )


def _letters(drawn: Strip) -> list[Markup]:
    """The letters below the lines, moved aside where they would lie on each other."""
    letters = []
    for width, name in ((NARROW, "narrow"), (WIDE, "wide")):
        middles = [width * (2 * each.offset + each.size) / (2 * drawn.size) for each in drawn.zooms]
        letters += [
            element(
                "text",
                zoom.strip.name,
                x=f"{100 * place / width:.4f}%",
                y=_BAR + _MARK + _TEXT,
                class_=f"at {name}",
            )
            for zoom, place in zip(drawn.zooms, _apart(middles, width), strict=True)
        ]
    return letters


def _apart(middles: list[float], width: int) -> list[float]:
    """The places nearest to these that are within the width and apart from each other."""
    places: list[float] = []
    for each in middles:
        places.append(max(each, places[-1] + _APART if places else _APART / 2))
    limit = width - _APART / 2
    for index in reversed(range(len(places))):
        places[index] = min(places[index], limit)
        limit = places[index] - _APART
    return places


def bar(used: int, whole: int, style: str = "used") -> Markup:
    """How much of a whole is used; more than the whole fills it."""
    return element(
        "svg",
        element("rect", x=0, y=0, width="100%", height=10, class_="whole"),
        element("rect", x=0, y=0, width=share(min(used, whole), whole), height=10, class_=style),
        class_="bar",
        width="100%",
        height=10,
        aria_hidden="true",
    )


def stack(parts: list[tuple[str, int, str]]) -> Markup:
    """Parts of one whole side by side: name, bytes, class."""
    whole = sum(size for _, size, _ in parts)
    drawn, offset = [], 0
    for name, size, style in parts:
        title = element("title", f"{name}: {amount(size)}")
        x, width = share(offset, whole), share(size, whole)
        rect = element("rect", x=x, y=0, width=width, height=16, class_=style, data_size=size)
        drawn.append(element("g", title, rect, class_="seg"))
        offset += size
    return element(
        "svg", each_in(drawn), class_="stack", width="100%", height=16, aria_hidden="true"
    )
