"""Which strips show an area to scale, so that everything is large enough to see in one of them.

Sizes range from a few bytes to megabytes: a strip shows a stretch, and neighbours in it that are
too small to see get a strip of their own, with its own scale. Pure computation; called by page.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bz.report.areas import FREE, Area, name_of

VISIBLE = 0.025  # of a strip: below, an area is shown again in a larger scale
CLUSTER = 0.6  # a cluster that takes more of a strip is shown in several
PIECE = 0.25


@dataclass(frozen=True)
class Segment:
    """An area, or the part of it that a strip shows, at an offset from the strip's start."""

    area: Area
    offset: int
    size: int


@dataclass(frozen=True)
class Zoom:
    """A part of a strip that another strip shows."""

    offset: int
    size: int
    strip: Strip


@dataclass
class Strip:
    """Segments side by side, on one scale. `name`: letters; empty for the overview."""

    name: str
    title: str
    segments: list[Segment]
    zooms: list[Zoom] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(each.size for each in self.segments)

    def is_visible(self, segment: Segment) -> bool:
        return segment.size >= VISIBLE * self.size

    def is_opened(self, segment: Segment) -> bool:
        """Has parts, which a strip of their own shows."""
        return self.is_visible(segment) and bool(segment.area.parts)


def plan(title: str, areas: list[Area]) -> list[Strip]:
    """The overview of these areas and every strip that it needs, each before its own zooms."""
    strips: list[Strip] = []
    _show(title, _side_by_side(areas), strips)
    return strips


def _side_by_side(areas: list[Area]) -> list[Segment]:
    return _packed([(each, each.size) for each in areas])


def _packed(shown: list[tuple[Area, int]]) -> list[Segment]:
    segments, offset = [], 0
    for area, size in shown:
        segments.append(Segment(area, offset, size))
        offset += size
    return segments


def _show(title: str, segments: list[Segment], strips: list[Strip]) -> Strip:
    strip = Strip(_letters(len(strips)), title, segments)
    strips.append(strip)
    shown = [(cluster, _window(strip, cluster)) for cluster in _clusters(strip)]
    shown += [
        ([each], _side_by_side(list(each.area.parts))) for each in segments if strip.is_opened(each)
    ]
    for cluster, inside in sorted(shown, key=lambda each: each[0][0].offset):
        first, last = cluster[0], cluster[-1]
        child = _show(name_of(first.area, last.area), inside, strips)
        strip.zooms.append(Zoom(first.offset, last.offset + last.size - first.offset, child))
    return strip


def _letters(number: int) -> str:
    """Nothing for the overview, then A to Z, AA to AZ, and so on."""
    text = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        text = chr(ord("A") + letter) + text
    return text


def _clusters(strip: Strip) -> list[list[Segment]]:
    """Runs of neighbours that are too small to see, without free memory at either end."""
    runs: list[list[Segment]] = [[]]
    for each in strip.segments:
        if strip.is_visible(each):
            runs.append([])
        else:
            runs[-1].append(each)
    return [piece for run in map(_trim, runs) if run for piece in _pieces(strip, run)]


def _trim(run: list[Segment]) -> list[Segment]:
    kept = [index for index, each in enumerate(run) if each.area.owner != FREE]
    return run[kept[0] : kept[-1] + 1] if kept else []


def _pieces(strip: Strip, run: list[Segment]) -> list[list[Segment]]:
    if sum(each.size for each in run) < CLUSTER * strip.size:
        return [run]
    pieces: list[list[Segment]] = [[]]
    for each in run:
        if sum(one.size for one in pieces[-1]) > PIECE * strip.size:
            pieces.append([])
        pieces[-1].append(each)
    return pieces


def _window(strip: Strip, cluster: list[Segment]) -> list[Segment]:
    """What a cluster's strip shows: the cluster, and round a single area as much of what is beside
    it as the area is large."""
    areas = [each.area for each in cluster]
    if len(cluster) > 1:
        return _side_by_side(areas)
    only = cluster[0]
    place = strip.segments.index(only)
    beside = strip.segments[max(0, place - 1) : place + 2]
    return _packed([(each.area, min(only.size, each.size)) for each in beside])
