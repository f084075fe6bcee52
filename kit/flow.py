"""A flow of states as SVG: boxes in two lines, each a link with its number, and arrows between them. Pure.

The first line is the way things should go, the second where they can end up instead: a box of it stands beside the one
of the first line that has the same place. Drawn across for a desk and down for a phone; stylesheets show one of them,
so that letters keep their size. Every box is a link that says its name and number, so no description is needed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Tone = Literal["good", "warn", "bad", "info", "neutral"]
Line = Literal["main", "aside"]


@dataclass(frozen=True, slots=True)
class State:
    """``place`` counts from 0 along the flow. ``note`` is a few words under the number."""

    key: str
    label: str
    number: str
    href: str
    place: int
    line: Line = "main"
    tone: Tone = "neutral"
    note: str = ""
    is_empty: bool = False

    @property
    def said(self) -> str:
        return ", ".join(part for part in (self.label, self.number, self.note) if part)


@dataclass(frozen=True, slots=True)
class Group:
    """States of one kind of thing: a heading over the places from ``first`` to ``last``."""

    label: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes in pixels of one of the two drawings."""

    is_across: bool
    wide: int
    high: int
    gap: int  # along the flow
    apart: int  # between the two lines
    head: int  # room for the heading of a group
    letters: int  # of a label in one row

    def corner(self, state: State, groups: Sequence[Group]) -> tuple[int, int]:
        """Left and top of a box."""
        begun = sum(1 for group in groups if group.first <= state.place)
        beside = state.line == "aside"
        if self.is_across:
            return state.place * (self.wide + self.gap), self.head + beside * (self.high + self.apart)
        return beside * (self.wide + self.apart), begun * self.head + state.place * (self.high + self.gap)


ACROSS = Shape(True, wide=148, high=84, gap=34, apart=40, head=30, letters=17)
DOWN = Shape(False, wide=146, high=84, gap=22, apart=30, head=34, letters=17)


def flow(
    states: Sequence[State], arrows: Iterable[tuple[str, str]], groups: Sequence[Group], *, title: str
) -> SafeString:
    """Both drawings. ``arrows`` are pairs of keys, of neighbours only: next along the flow or beside each other."""
    arrows = list(arrows)
    return format_html_join("", "{}", ((_drawn(states, arrows, groups, title, shape),) for shape in (ACROSS, DOWN)))


def _drawn(
    states: Sequence[State], arrows: Iterable[tuple[str, str]], groups: Sequence[Group], title: str, shape: Shape
) -> SafeString:
    corners = {state.key: shape.corner(state, groups) for state in states}
    width = max(x for x, _y in corners.values()) + shape.wide
    height = max(y for _x, y in corners.values()) + shape.high
    size = (width + 4, height + 2)
    return format_html(
        '<svg class="flow flow-{}" viewBox="-2 0 {} {}" width="{}" height="{}" role="group" aria-label="{}">'
        "{}{}{}</svg>",
        "across" if shape.is_across else "down",
        *size,
        *size,
        title,
        _lines(arrows, states, corners, shape),
        _headings(groups, states, corners),
        _boxes(states, corners, shape),
    )


def _headings(groups: Sequence[Group], states: Sequence[State], corners: Mapping[str, tuple[int, int]]) -> SafeString:
    first = {state.place: corners[state.key] for state in states if state.line == "main"}
    return format_html_join(
        "",
        '<text class="flow-head" x="{}" y="{}">{}</text>',
        ((first[group.first][0], first[group.first][1] - 12, group.label) for group in groups),
    )


def _boxes(states: Sequence[State], corners: Mapping[str, tuple[int, int]], shape: Shape) -> SafeString:
    return format_html_join("", "{}", ((_box(state, *corners[state.key], shape),) for state in states))


def _box(state: State, x: int, y: int, shape: Shape) -> SafeString:
    rows = textwrap.wrap(state.label, shape.letters)[:2] or [""]
    label = format_html_join(
        "", '<tspan x="{}" y="{}">{}</tspan>', ((x + 26, y + 22 + 15 * row, text) for row, text in enumerate(rows))
    )
    note = (
        format_html('<text class="flow-note" x="{}" y="{}">{}</text>', x + shape.wide - 12, y + 68, state.note)
        if state.note
        else ""
    )
    return format_html(
        '<a class="flow-state tone-{}{}" href="{}" aria-label="{}"><rect x="{}" y="{}" width="{}" height="{}" rx="10"/>'
        '<circle cx="{}" cy="{}" r="4"/><text class="flow-label">{}</text>'
        '<text class="flow-number" x="{}" y="{}">{}</text>{}</a>',
        state.tone, " is-empty" if state.is_empty else "", state.href, state.said, x, y, shape.wide, shape.high,
        x + 15, y + 18, label, x + 12, y + 70, state.number, note,
    )  # fmt: skip


# --- arrows -------------------------------------------------------------------------------------------------------


def _lines(
    arrows: Iterable[tuple[str, str]], states: Sequence[State], corners: Mapping[str, tuple[int, int]], shape: Shape
) -> SafeString:
    known = {state.key: state for state in states}
    return format_html_join("", "{}", ((_arrow(known[one], known[other], corners, shape),) for one, other in arrows))


def _arrow(one: State, other: State, corners: Mapping[str, tuple[int, int]], shape: Shape) -> SafeString:
    """Along the flow from edge to edge, beside each other from edge to edge, else a bow through the gap between."""
    start, end = corners[one.key], corners[other.key]
    along = other.place - one.place
    if not shape.is_across:
        start, end = start[::-1], end[::-1]  # drawn as if across, and turned in the end
    length, depth = (shape.wide, shape.high) if shape.is_across else (shape.high, shape.wide)
    points: list[tuple[float, float]]
    if one.line == other.line:
        points = [(start[0] + length, start[1] + depth / 2), (end[0] - 2, end[1] + depth / 2)]
    elif along == 0:
        down = other.line == "aside"
        middle = start[0] + length / 2
        points = [(middle, start[1] + depth * down), (middle, end[1] - 2 if down else end[1] + depth + 2)]
    elif along > 0:
        points = [(start[0] + length, start[1] + depth * 0.75), (end[0] - 2, end[1] + depth * 0.3)]
    else:
        points = [(start[0], start[1] + depth * 0.75), (end[0] + length + 2, end[1] + depth * 0.3)]
    is_bow = one.line != other.line and along != 0
    (x1, y1), (x2, y2) = points if shape.is_across else [point[::-1] for point in points]
    path = _bow(x1, y1, x2, y2, shape) if is_bow else f"M{x1:g} {y1:g}L{x2:g} {y2:g}"
    return format_html(
        '<path class="flow-line" d="{}"/><path class="flow-tip" d="{}"/>', path, _tip(x1, y1, x2, y2, shape, is_bow)
    )


def _bow(x1: float, y1: float, x2: float, y2: float, shape: Shape) -> str:
    """Leaves and arrives along the flow, and goes over to the other line between."""
    if shape.is_across:
        half = (x1 + x2) / 2
        return f"M{x1:g} {y1:g}C{half:g} {y1:g} {half:g} {y2:g} {x2:g} {y2:g}"
    half = (y1 + y2) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {half:g} {x2:g} {half:g} {x2:g} {y2:g}"


def _tip(x1: float, y1: float, x2: float, y2: float, shape: Shape, is_bow: bool) -> str:
    """A small head in the direction in which the line arrives."""
    flat = abs(x2 - x1) > abs(y2 - y1) if not is_bow else shape.is_across
    if flat:
        back = x2 - 6 if x2 > x1 else x2 + 6
        return f"M{back:g} {y2 - 4:g}L{x2:g} {y2:g}L{back:g} {y2 + 4:g}"
    back = y2 - 6 if y2 > y1 else y2 + 6
    return f"M{x2 - 4:g} {back:g}L{x2:g} {y2:g}L{x2 + 4:g} {back:g}"
