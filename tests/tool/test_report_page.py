"""The page of ./bz report in a real browser: at a laptop's and a phone's width, light and dark.

Nothing overflows, everything is large and clear enough to read, every rectangle is to scale, and
only the file is fetched. Each check is also given a page that is wrong, which it must see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_page
from browser import Browser
from bz_support import processes_with

from bz import build, variant
from bz.report import facts, page
from bz.variant import Variant

LAPTOP, PHONE = (1366, 768), (390, 844)
SCREENS = [LAPTOP, PHONE]
OTHERS = [(320, 640), (901, 700), (1000, 700), (1241, 800), (1920, 1080)]
FONT_MIN = 12  # pixels
CONTRAST_MIN = 4.5  # WCAG 2, level AA
PIXELS = 0.6  # that a rectangle may be off: the browser rounds
VISIBLE_MIN = 2.0  # per cent of a strip that shows an area

# Everything about the page that is wrong, in words; and the rectangles of the strips.
MEASURE = """(() => {
  const wrong = [];
  const say = (what, node) => wrong.push(
    what + ": " + (node.textContent || node.id || node.tagName).trim().slice(0, 60));
  const colour = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = rgb => {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, two) => {
    const [a, b] = [light(one), light(two)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const fills = text => {
    const group = text.closest("g.seg");
    if (!group) return [behind(text.closest("figure") || document.body)];
    return [...group.querySelectorAll("rect")].map(r => getComputedStyle(r).fill)
      .filter(fill => fill !== "none").map(colour);
  };
  const root = document.documentElement;
  const width = root.clientWidth;
  if (root.scrollWidth > width) wrong.push("the document is " + root.scrollWidth + " wide");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const owner = node.parentElement;
    if (!node.textContent.trim() || owner.tagName === "title") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(box => box.width > 0);
    if (!boxes.length) continue;
    texts++;
    if (boxes.some(box => box.left < -0.5 || box.right > width + 0.5)) say("outside", node);
    const style = getComputedStyle(owner);
    if (parseFloat(style.fontSize) < FONT_MIN) say("small", node);
    const inside = owner.closest("svg");
    const ink = colour(inside ? style.fill : style.color);
    const papers = inside ? fills(owner) : [behind(owner)];
    if (papers.some(paper => contrast(ink, paper) < CONTRAST_MIN)) say("faint", node);
    if (!inside) continue;
    const frame = inside.getBoundingClientRect();
    const rects = owner.closest("g.seg") ? [...owner.parentElement.querySelectorAll("rect")] : [];
    const room = rects.length ? rects[rects.length - 1].getBoundingClientRect() : frame;
    if (boxes.some(box => box.left < room.left - 1 || box.right > room.right + 1 ||
                          box.bottom > frame.bottom + 1)) say("does not fit", node);
  }
  for (const svg of document.querySelectorAll("figure.strip svg")) {
    const shown = [...svg.querySelectorAll("text")].map(text => text.getBoundingClientRect())
      .filter(box => box.width > 0);
    shown.forEach((one, at) => shown.slice(at + 1).forEach(two => {
      if (one.left < two.right && two.left < one.right && one.top < two.bottom &&
          two.top < one.bottom) say("on each other", svg.closest("figure"));
    }));
  }
  const strips = [...document.querySelectorAll("figure.strip")].map(figure => {
    const frame = figure.querySelector("svg").getBoundingClientRect();
    const rect = drawn => {
      const box = drawn.getBoundingClientRect();
      return {start: Number(drawn.dataset.start), size: Number(drawn.dataset.size),
              owner: drawn.dataset.owner, fill: getComputedStyle(drawn).fill,
              left: box.left - frame.left, width: box.width};
    };
    return {id: figure.id, scale: figure.querySelector(".scale").textContent, width: frame.width,
            groups: [...figure.querySelectorAll("g.seg")].map(
              group => [...group.querySelectorAll("rect")].map(rect))};
  });
  const legend = [...document.querySelectorAll("#legend .owners li")].map(
    item => [item.textContent, getComputedStyle(item.querySelector("i")).backgroundColor]);
  return {wrong, texts, strips, legend, words: document.body.innerText};
})()""".replace("FONT_MIN", str(FONT_MIN)).replace("CONTRAST_MIN", str(CONTRAST_MIN))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as one:
        yield one
    assert processes_with(one.profile) == [], "the browser has ended"
    assert not Path(one.profile).exists()


@pytest.fixture(scope="module")
def default() -> Variant:
    found = variant.find("an505", 3, "medium")
    build.build(found)
    return found


@pytest.fixture(scope="module")
def text(default: Variant) -> str:
    return page.render(facts.collect(default))


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Any:
    """Shows a page and measures it."""

    def show(
        written: str, screen: tuple[int, int] = LAPTOP, scheme: str = "light", media: str = "screen"
    ) -> dict[str, Any]:
        file = tmp_path / "page.html"
        file.write_text(written, "utf-8")
        browser.show(*screen, scheme, media)
        browser.open(file)
        measured = dict(browser.run(MEASURE))
        measured["requests"] = browser.requests()
        measured["complaints"] = browser.complaints()
        measured["file"] = file.as_uri()
        return measured

    return show


# --- checks ---------------------------------------------------------------------------------------


def check_readable(measured: dict[str, Any]) -> None:
    assert measured["wrong"] == []
    assert measured["texts"] > 300
    assert measured["complaints"] == []
    assert measured["requests"] == [measured["file"]], "nothing but the file is fetched"


def check_names(measured: dict[str, Any], made: Variant) -> None:
    """Every partition, region, service, image and device; as words, not as part of others."""
    words = set(re.findall(r"[A-Za-z0-9_]+", measured["words"]))
    assert {name for name in report_page.names(made) if name not in words} == set()


def check_scale(measured: dict[str, Any]) -> None:
    """Within a strip, widths and places follow the bytes."""
    for strip in measured["strips"]:
        total = report_page.size_of(strip["scale"].removeprefix("full width ").split(", 1 %")[0])
        offset = 0
        for group in strip["groups"]:
            *parts, whole = group
            check_rect(strip, whole, offset, total)
            inside = offset
            for part in parts:
                check_rect(strip, part, inside, total)
                inside += part["size"]
            assert not parts or inside == offset + whole["size"], strip["id"]
            offset += whole["size"]
        assert offset == total, f"{strip['id']} is {offset} of {total} bytes"


def check_rect(strip: dict[str, Any], rect: dict[str, Any], offset: int, total: int) -> None:
    wanted = [strip["width"] * part / total for part in (offset, rect["size"])]
    for what, pixels in zip(("left", "width"), wanted, strict=True):
        off = rect[what] - pixels
        assert abs(off) < PIXELS, f"{strip['id']}, {rect['start']:#x}: {what} is off by {off}"


def check_drawn(measured: dict[str, Any], made: Variant) -> None:
    """All that the product and the images have is drawn whole, large enough to see in some strip,
    in the colour that the legend gives its owner."""
    drawn: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for strip in measured["strips"]:
        for rect in (each for group in strip["groups"] for each in group):
            share = 100 * rect["width"] / strip["width"]
            found = drawn.setdefault((rect["start"], rect["size"]), [])
            found.append(rect | {"share": share})
    for (start, bytes_), owner in report_page.expected(made).items():
        rects = drawn.get((start, bytes_), [])
        assert rects, f"{start:#x}, {bytes_} bytes of {owner}, is not drawn"
        assert max(each["share"] for each in rects) >= VISIBLE_MIN, f"{start:#x} of {owner}"
        for each in rects:
            assert each["owner"] == owner, f"{start:#x} is drawn as {each['owner']}'s"
            assert each["fill"] == colour_of(measured, owner), f"{start:#x} of {owner}"


def colour_of(measured: dict[str, Any], owner: str) -> str:
    pattern = re.compile(rf"^(partition )?{owner}(:|$)")
    found = [colour for words, colour in measured["legend"] if pattern.match(words)]
    assert len(found) == 1, f"{owner} is {len(found)} times in the legend"
    return str(found[0])


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_page(
    shown: Any, text: str, default: Variant, screen: tuple[int, int], scheme: str
) -> None:
    measured = shown(text, screen, scheme)
    check_readable(measured)
    check_names(measured, default)
    check_scale(measured)
    check_drawn(measured, default)


@pytest.mark.parametrize("screen", OTHERS, ids=str)
def test_other_screens(shown: Any, text: str, screen: tuple[int, int]) -> None:
    check_readable(shown(text, screen))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_dark_on_light(shown: Any, text: str, scheme: str, browser: Browser) -> None:
    check_readable(shown(text, (760, 1000), scheme, "print"))
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_light_and_dark_differ(shown: Any, text: str) -> None:
    legends = [shown(text, LAPTOP, scheme)["legend"] for scheme in ("light", "dark")]
    assert all(one[1] != two[1] for one, two in zip(*legends, strict=True))
    colours = [colour for _, colour in legends[0]]
    assert len(set(colours)) == len(colours), "each owner has its own"


@pytest.mark.slow
@pytest.mark.parametrize(
    "product, isolation", [("an505", 1), ("an505", 2), ("tests/qemu/matrix/matrix.toml", 2)]
)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_other_products(shown: Any, product: str, isolation: int, screen: tuple[int, int]) -> None:
    made = variant.find(product, isolation)
    build.build(made)
    measured = shown(page.render(facts.collect(made)), screen)
    check_readable(measured)
    check_names(measured, made)
    check_scale(measured)
    check_drawn(measured, made)


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_as_many_partitions_as_a_product_can_have(
    shown: Any, default: Variant, screen: tuple[int, int]
) -> None:
    """Thirty, with long names: the page of the default product with copies of one of them."""
    report = facts.collect(default)
    product, rights = report.product, report.rights
    model = product.partitions[0]
    more = [replace(model, name=f"a_partition_of_a_long_name_{number}") for number in range(26)]
    report = replace(report, product=replace(product, partitions=[*product.partitions, *more]))
    template = next(each for each in rights.subjects if each.name == model.name)
    rights.subjects[-1:-1] = [replace(template, name=each.name) for each in more]
    rights.mpu_lists |= {each.name: rights.mpu_lists[model.name] for each in more}
    measured = shown(page.render(report), screen)
    assert measured["wrong"] == []
    assert all(each.name in measured["words"] for each in more)


# --- wrong pages are seen -------------------------------------------------------------------------


def first_rect(text: str, owner: str) -> re.Match[str]:
    pattern = rf'<rect x="([\d.]+)%"[^>]*width="([\d.]+)%"[^>]*data-owner="{owner}"/>'
    found = re.search(pattern, text)
    assert found
    return found


@pytest.mark.parametrize("owner", ["its", "crypto", "boot"])
@pytest.mark.parametrize("change", ["wider", "moved", "bytes"])
def test_a_wrong_rectangle_is_seen(shown: Any, text: str, owner: str, change: str) -> None:
    found = first_rect(text, owner)
    rect = found[0]
    if change == "wider":
        wrong = rect.replace(f'width="{found[2]}%"', f'width="{float(found[2]) + 0.2}%"')
    elif change == "moved":
        wrong = rect.replace(f'x="{found[1]}%"', f'x="{float(found[1]) + 0.2}%"')
    else:
        wrong = re.sub(r'data-size="(\d+)"', 'data-size="1\\1"', rect)
    assert wrong != rect
    with pytest.raises(AssertionError):
        check_scale(shown(text.replace(rect, wrong, 1)))


@pytest.mark.parametrize("owner", ["its", "crypto", "boot", "agent", "application"])
def test_an_owner_left_out_is_seen(shown: Any, text: str, default: Variant, owner: str) -> None:
    unnamed = text.replace(f'data-owner="{owner}"', 'data-owner=""')
    undrawn = re.sub(rf'<rect [^>]*data-owner="{owner}"/>', "", text)
    listed = rf'(class="owners">.*?<li>.*?)(partition )?{owner}:'
    unlisted = re.sub(listed, r"\1someone:", text, count=1)
    for wrong in (unnamed, undrawn, unlisted):
        assert wrong != text
        with pytest.raises(AssertionError):
            check_drawn(shown(wrong), default)


def test_a_name_left_out_is_seen(shown: Any, text: str, default: Variant) -> None:
    for name in ("PSA_ITS", "fault_log", "ethernet", "attestation"):
        with pytest.raises(AssertionError, match=name):
            check_names(shown(re.sub(rf"\b{name}\b", "x", text)), default)


@pytest.mark.parametrize(
    "style, what",
    [
        ("table { min-width: 1500px; }", "wide"),
        ("h1 { position: relative; left: 1200px; }", "outside"),
        (".scale { font-size: 11px; }", "small"),
        ("dt { color: #b0b0b0; }", "faint"),
        (":root { --p0: #404040; }", "faint"),
        (".seg text { font-size: 30px; }", "does not fit"),
        (".narrow { display: inline; }", "on each other"),
    ],
)
def test_a_bad_style_is_seen(shown: Any, text: str, style: str, what: str) -> None:
    measured = shown(text.replace("</style>", f"{style}</style>"))
    assert any(what in each for each in measured["wrong"]), measured["wrong"]


@pytest.mark.parametrize(
    "element",
    [
        '<img src="other.png" alt="x"/>',
        '<script>console.error("x")</script>',
        "<script>nothing.there()</script>",
        '<link rel="stylesheet" href="other.css"/>',
    ],
)
def test_other_files_and_errors_are_seen(shown: Any, text: str, element: str) -> None:
    with pytest.raises(AssertionError):
        check_readable(shown(text.replace("</footer>", f"{element}</footer>")))
