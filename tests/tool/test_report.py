"""./bz report, without a browser: the facts on the page against the product, the linked images and
what the isolation levels promise; its text is well-formed, the same in every run, and harmless.
(How it looks is in test_report_page.py.)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_page
from bz_support import bz
from report_page import Row

from bz import bench, build, figures, image, keys, paths, sdk_partitions, size, variant
from bz.console import BzError
from bz.report import facts, page, strips
from bz.report.areas import FREE, Area, cut
from bz.report.facts import Report
from bz.variant import Variant

sys.path.append(str(paths.ROOT / "tests" / "qemu"))
import test_matrix as promise  # noqa: E402  what the levels promise, which the board keeps

LEVELS = [3, *(pytest.param(level, marks=pytest.mark.slow) for level in (1, 2))]
VARIANTS = [
    ("an505", 3, "medium"),
    *(
        pytest.param(*each, marks=pytest.mark.slow)
        for each in (
            ("an505", 1, "medium"),
            ("an505", 2, "medium"),
            ("an505", 3, "small"),
            ("an505", 3, "large"),
            ("an521", 2, "medium"),
            (promise.MATRIX, 3, None),
        )
    ),
]
HOSTILE = "</title><script>alert(\"1\")</script> & 'x' <b onclick='y'>"


def made(product: str = "an505", isolation: int = 3, profile: str | None = "medium") -> Variant:
    found = variant.find(product, isolation, profile)
    build.build(found)
    return found


@pytest.fixture(scope="module")
def default() -> Variant:
    return made()


@pytest.fixture(scope="module")
def report(default: Variant) -> Report:
    return facts.collect(default)


@pytest.fixture
def measurements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of measurements that is empty."""
    monkeypatch.setattr(bench, "FOLDER", tmp_path / "bench")
    bench.FOLDER.mkdir()
    return bench.FOLDER


def page_of(found: Variant) -> xml.Element:
    return report_page.parse(page.render(facts.collect(found)))


def rows_of(parsed: xml.Element) -> list[Row]:
    return report_page.rows_of(parsed, "flash") + report_page.rows_of(parsed, "ram")


# --- the command ----------------------------------------------------------------------------------


def test_the_command_names_the_page(default: Variant, tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "page.html"
    done = bz("report", "--out", file)
    assert done.returncode == 0, done.stderr
    assert f"open it in a browser: {file.as_uri()}" in done.stdout
    again = bz("report", "--json")
    kept = default.directory / "report.html"
    assert json.loads(again.stdout) == {"ok": True, "file": str(kept)}
    assert kept.read_bytes() == file.read_bytes(), "the same source gives the same page"
    assert [each.name for each in file.parent.iterdir()] == ["page.html"]


def test_a_directory_is_no_page(tmp_path: Path) -> None:
    done = bz("report", "--out", tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path} is a directory" in done.stderr
    assert "next: give the name of a file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_variant_is_refused(tmp_path: Path) -> None:
    done = bz("report", "--profile", "huge", "--out", tmp_path / "page.html")
    assert done.returncode == 1
    assert "huge" in done.stderr and "next:" in done.stderr
    assert list(tmp_path.iterdir()) == []


# --- where things are, and whose they are ---------------------------------------------------------


@pytest.mark.parametrize("product, isolation, profile", VARIANTS)
def test_every_area_has_its_place_and_owner(
    product: str, isolation: int, profile: str | None
) -> None:
    found = made(product, isolation, profile)
    parsed = page_of(found)
    check_areas(parsed, found)
    check_whole(parsed, found)
    text = report_page.text_of(parsed)
    missing = {name for name in report_page.names(found) if name not in text}
    assert missing == set(), "not named on the page"


def check_areas(parsed: xml.Element, found: Variant) -> None:
    on_page = {(each.start, each.size): each.owner for each in rows_of(parsed)}
    for (start, bytes_), owner in report_page.expected(found).items():
        told = on_page.get((start, bytes_))
        assert told == owner, f"{start:#x}, {bytes_} bytes of {owner}: the page says {told}"


def check_whole(parsed: xml.Element, found: Variant) -> None:
    """Every byte of flash and memories is in exactly one row."""
    product = report_page.product_of(found)
    wholes = [product["flash"], *product["memory"].values()]
    rows = rows_of(parsed)
    assert sum(each.size for each in rows) == sum(each["size"] for each in wholes)
    for whole in wholes:
        position = whole["base"]
        while position < whole["base"] + whole["size"]:
            here = [each for each in rows if each.start == position and each.size]
            assert len(here) == 1, f"{position:#x} is in {len(here)} rows"
            position += here[0].size
        assert position == whole["base"] + whole["size"]


@pytest.mark.parametrize(
    "old, new",
    [
        ('<td class="owner">its</td>', '<td class="owner"></td>'),
        ('<td class="owner">crypto</td>', '<td class="owner">its</td>'),
        ("<code>0x80010000</code>", "<code>0x80011000</code>"),
        ('<td class="size">64 KiB</td>', '<td class="size">65 KiB</td>'),
    ],
)
def test_a_wrong_page_is_seen(report: Report, default: Variant, old: str, new: str) -> None:
    text = page.render(report)
    assert old in text
    with pytest.raises(AssertionError):
        check_areas(report_page.parse(text.replace(old, new, 1)), default)


def test_areas_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="second"):
        cut(0, 64, [Area("first", 0, 32, "a"), Area("second", 16, 32, "b")])
    with pytest.raises(ValueError, match="third"):
        cut(0, 64, [Area("third", 32, 64, "a")])


@pytest.mark.slow
def test_partitions_from_outside_the_tree(tmp_path: Path) -> None:
    ticker = Path(shutil.copytree(paths.ROOT / "examples" / "partition", tmp_path / "ticker"))
    sdk_partitions.export(made(), tmp_path / "sdk" / "partitions")
    python = {"PATH": f"{Path(paths.python()).parent}:{os.environ['PATH']}"}
    subprocess.run(["make", "-C", ticker], check=True, env=os.environ | python)
    file = tmp_path / "page.html"
    lists = ("--extra-manifest-list", ticker / "manifest_list.yaml")
    archives = ("--extra-archive", f"ticker={ticker / 'ticker.a'}")
    done = bz("report", *lists, *archives, "--out", file)
    assert done.returncode == 0, done.stderr
    text = file.read_text("utf-8")
    parsed = report_page.parse(text)
    owners = {each.owner for each in rows_of(parsed)}
    assert "ticker" in owners
    card = parsed.find(".//article[@id='partition-ticker']")
    assert card is not None and "outside the tree" in report_page.text_of(card)
    check_harmless(text)
    assert str(tmp_path) not in text
    made_name = re.search(r"shows (\S+)", done.stdout)
    assert made_name
    shutil.rmtree(paths.BUILD / made_name[1])


# --- who may touch what ---------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_rights_are_those_that_the_level_promises(level: int) -> None:
    """The same promises that tests/qemu/test_matrix.py holds the board to."""
    found = made(promise.MATRIX, level, None)
    parsed = page_of(found)
    secure = promise.Image(found.elf("secure"))
    rows = rows_of(parsed) + report_page.rows_of(parsed, "devices")
    seen = check_rights(level, secure, rows)
    assert seen > 300


def check_rights(level: int, secure: promise.Image, rows: list[Row]) -> int:
    targets = promise.secure_targets(secure) + list(promise.DEVICES)
    for name in promise.PARTITIONS:
        targets += promise.partition_targets(secure, name)
    closed = [
        promise.Target(name, promise.NOTHING, "none", at) for name, at in promise.CLOSED.items()
    ]
    checked = 0
    for target in targets + closed:
        row = next((e for e in rows if e.start <= target.address < e.start + e.size), None)
        if row is None:
            assert target in closed, f"{target.name} at {target.address:#x} is in no row"
            continue
        for subject in (*promise.PARTITIONS, "agent"):
            if subject == "agent" and target.kind == promise.DEVICE:
                continue
            checked += 1
            may = [promise.partition_may(level, subject, how, target) for how in promise.NUMBERS]
            assert may == allowed(row.rights[subject]), f"{subject}, {target.name}, {row}"
        told = row.rights["application"]
        assert told == ("call" if target.name == "a gateway" else ""), f"{target.name}, {row}"
    return checked


def allowed(text: str) -> list[bool]:
    """Reading, writing, executing without the manager's help."""
    direct = [word for word in text.split() if not word.endswith("*")]
    return [any(letter in word for word in direct) for letter in "rwx"]


def test_a_wrong_right_is_seen() -> None:
    found = made(promise.MATRIX, 3, None)
    parsed = page_of(found)
    secure = promise.Image(found.elf("secure"))
    rows = rows_of(parsed) + report_page.rows_of(parsed, "devices")
    place = next(at for at, each in enumerate(rows) if each.name == "code of partition psa_sfn")
    for subject, text in (("psa_sfn", "rwx"), ("psa_sfn", ""), ("app_ipc", "r--")):
        changed = replace(rows[place], rights=rows[place].rights | {subject: text})
        with pytest.raises(AssertionError):
            check_rights(3, secure, [*rows[:place], changed, *rows[place + 1 :]])


def test_what_the_manager_does_for_partitions(report: Report) -> None:
    rows = {each.name: each for each in rows_of(report_page.parse(page.render(report)))}
    assert {who: text for who, text in rows["its"].rights.items() if "*" in text} == {"its": "rw*"}
    helped = {who for who, text in rows["handoff"].rights.items() if text == "r*"}
    assert helped == {"crypto", "attestation", "platform", "ps"}
    product = report_page.product_of(made())
    granted = {
        each["name"] for each in product["partition"] if each.get("rights") or each.get("secrets")
    }
    assert helped == granted


def test_the_privileged(report: Report) -> None:
    rows = {each.name: each for each in rows_of(report_page.parse(page.render(report)))}
    told = {name: (row.rights["boot"], row.rights["manager"]) for name, row in rows.items()}
    assert told["provisioning"] == ("rwx", ""), "closed before the manager starts"
    assert told["bss of the manager"] == ("rwx", "rw-")
    assert told["gateways"] == ("rwx", "r-x")
    assert told["application"] == ("rwx", "rw-"), "secure code never executes what is non-secure"
    assert rows["application"].rights["application"] == "rwx"
    others = {who for who, text in rows["application"].rights.items() if text}
    assert others == {"boot", "manager", "application"}


# --- images, sizes, costs -------------------------------------------------------------------------


def test_images_and_anchors(report: Report, default: Variant) -> None:
    parsed = report_page.parse(page.render(report))
    anchors = report_page.text_of(parsed.find(".//article[@id='anchors']"))
    for each in default.product.images:
        held = image.parse(default.signed(each.world).read_bytes())
        key = keys.digest(keys.path_of(each.key)).hex()
        card = report_page.text_of(parsed.find(f".//article[@id='image-{each.name}']"))
        for fact in (held.version, each.key, key, held.digest.hex(), f"{held.size:,} of"):
            assert fact in card, each.name
        assert f"security counter{held.security_counter}" in card
        assert f"{each.key} {key}" in anchors


def test_no_secret_is_on_the_page(report: Report, default: Variant) -> None:
    text = page.render(report)
    for path in paths.KEYS.glob("*.pem"):
        assert keys.private_scalar(path).hex() not in text
        assert not [line for line in path.read_text().splitlines() if line in text]


def test_sizes_and_budgets(report: Report, default: Variant) -> None:
    parsed = report_page.parse(page.render(report))
    for name, path in (("boot", default.boot_elf), ("secure", default.elf("secure"))):
        told = report_page.text_of(parsed.find(f".//div[@id='size-{name}']"))
        assert f"binary {size.measure(path)['binary']:,}" in told
        for library in size.libraries(path):
            assert library in told
    rows = parsed.findall(".//table[@class='numbers budgets']/tbody/tr")
    limits = {report_page.text_of(row[0]): report_page.text_of(row[2]) for row in rows}
    product = report_page.product_of(default)
    wanted = {name.replace("_", " "): f"{limit:,}" for name, limit in product["budget"].items()}
    for partition in product["partition"]:
        for what, limit in partition.get("budget", {}).items():
            wanted[f"{partition['name']} {what}"] = f"{limit:,}"
    assert limits == wanted


def test_without_a_measurement_the_page_says_how(default: Variant, measurements: Path) -> None:
    told = report_page.text_of(page_of(default).find(".//section[@id='costs']"))
    assert "./bz bench --product an505 --isolation 3 --profile medium" in told


def test_the_last_measurement(default: Variant, measurements: Path) -> None:
    one = {"erases": 0, "programs": 0, "bytes": 0}
    metrics = [
        one | {"name": "psa_version", "instructions": 99},
        one | {"name": "psa_framework_version", "instructions": 12345},
        one | {"name": "its_set_64", "instructions": 2294, "programs": 12},
        one | {"name": "attest_token", "instructions": 7, "value": 461},
        one | {"name": "an <odd> one", "instructions": 1},
    ]
    file = bench.result_file(default)
    file.write_text(json.dumps({"metrics": metrics}), "utf-8")
    table = page_of(default).find(".//table[@class='numbers costs']")
    rows = [[report_page.text_of(cell) for cell in row] for row in table.findall("tbody/tr")]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("psa_version()", "99", "-"),
        ("psa_framework_version()", "12,345", "-"),
        ("psa_its_set(), 64 bytes, replaces", "2,294", "0 / 12"),
        ("attestation token (461 bytes)", "7", "-"),
        ("an <odd> one", "1", "-"),
    ]
    limit = promise_of("psa_framework_version")
    assert rows[1][2] == f"{limit:,}"
    over = [report_page.text_of(each) for each in table.findall(".//b[@class='over']")]
    assert over == ["12,345"], "above its goal"


def promise_of(name: str) -> int:
    goals = re.search(rf"^{name} = \[(.*)\]$", figures.GOALS.read_text("utf-8"), re.M)
    assert goals
    return int(goals[1].split(",")[2])


@pytest.mark.parametrize("text", ["", "[]", '{"metrics": [{"name": "x"}]}', '{"metrics": 3}'])
def test_a_damaged_measurement_is_refused(default: Variant, measurements: Path, text: str) -> None:
    bench.result_file(default).write_text(text, "utf-8")
    with pytest.raises(BzError, match="is no measurement") as caught:
        facts.collect(default)
    assert "./bz bench" in caught.value.next_step


# --- the text -------------------------------------------------------------------------------------


def check_harmless(text: str) -> None:
    """Well-formed, complete in itself, nothing of the machine."""
    parsed = report_page.parse(text)
    ids = [each.get("id") for each in parsed.iter() if each.get("id")]
    assert len(ids) == len(set(ids)), "an id twice"
    for each in parsed.iter():
        assert each.tag not in ("script", "iframe", "object", "embed", "img"), each.tag
        assert not [name for name in each.attrib if name.startswith("on")]
        for name in ("href", "src", "data", "action"):
            target = each.get(name)
            assert target in (None, "data:,") or target.removeprefix("#") in ids, target
    for forbidden in ("http:", "https:", "url(", "@import", str(paths.ROOT), str(Path.home())):
        assert forbidden not in text, forbidden
    assert not re.search(r"20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d", text), "a time"


def test_the_page_is_harmless_and_repeats(report: Report, default: Variant) -> None:
    text = page.render(report)
    check_harmless(text)
    assert page.render(facts.collect(default)) == text


@pytest.mark.parametrize(
    "wrong",
    [
        '<script src="https://example.org/x.js"></script>',
        '<p id="flash"></p>',
        '<a href="#nowhere">x</a>',
        '<p onclick="x">x</p>',
        "<p>",
    ],
)
def test_a_harmful_page_is_seen(report: Report, wrong: str) -> None:
    text = page.render(report).replace("</footer>", f"{wrong}</footer>")
    with pytest.raises((AssertionError, xml.ParseError)):
        check_harmless(text)


def test_hostile_names_are_text(report: Report) -> None:
    area = replace(report.flash.parts[0], name=HOSTILE, note=HOSTILE)
    product = replace(report.product, title=HOSTILE)
    hostile = replace(
        report,
        product=product,
        flash=replace(report.flash, parts=(area, *report.flash.parts[1:])),
        devices=[replace(each, name=HOSTILE) for each in report.devices],
        images=[replace(each, key=HOSTILE) for each in report.images],
        life_cycle=HOSTILE,
    )
    text = page.render(hostile)
    check_harmless(text)
    parsed = report_page.parse(text)
    assert report_page.text_of(parsed).count(HOSTILE) >= 7
    assert report_page.text_of(parsed.find("head/title")).startswith("Bartizan: an505")


# --- strips ---------------------------------------------------------------------------------------

SIZES: list[list[int]] = [
    [32, 16 << 20],
    [16 << 20, 32],
    [32, 16 << 20, 32, 8 << 20, 32],
    [1 << bits for bits in range(5, 25)],
    [1 << bits for bits in range(24, 4, -1)],
    [32] * 200,
    [4096] * 30 + [1 << 24] + [64] * 30,
    [1],
]


@pytest.mark.parametrize("sizes", SIZES)
def test_every_area_is_visible_in_a_strip(sizes: list[int]) -> None:
    areas = line_of(sizes)
    shown = strips.plan("all", areas)
    check_strips(shown, areas)
    assert [each.name for each in shown][:3] == ["", "A", "B"][: len(shown)]
    assert len({each.name for each in shown}) == len(shown)


def test_parts_are_shown_in_strips_of_their_own() -> None:
    inner = tuple(line_of([32, 1 << 20, 32]))
    holder = Area("holder", 0, sum(each.size for each in inner), "plan", inner)
    shown = strips.plan("all", [holder, Area("rest", holder.end, 1 << 21, FREE)])
    check_strips(shown, list(inner))


def line_of(sizes: list[int]) -> list[Area]:
    areas, position = [], 0
    for number, each in enumerate(sizes):
        areas.append(Area(f"area {number}", position, each, "owner"))
        position += each
    return areas


def check_strips(shown: list[Any], areas: list[Area]) -> None:
    for strip in shown:
        offset = 0
        for segment in strip.segments:
            assert segment.offset == offset and 0 < segment.size <= segment.area.size
            offset += segment.size
        for zoom in strip.zooms:
            assert 0 <= zoom.offset <= strip.size - zoom.size
            assert zoom.strip in shown
    visible = {
        segment.area.name
        for strip in shown
        for segment in strip.segments
        if strip.is_visible(segment) and segment.size == segment.area.size
    }
    assert visible == visible | {each.name for each in areas}
