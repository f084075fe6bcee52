"""Charts as SVG: pure functions without scripts or inline styles. static/css/parts.css colours their classes.

A plot is one image with a name and a description for screen readers; `chart_table` gives the same values as rows.
Across, positions are percentages of the container, so that the plot fits a phone while letters keep their size; down,
they are pixels. Funnels and bars are lists of words with a drawn bar each: they wrap, and need no description.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypedDict

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kit import wording
from kit.language import language_of_page

HEIGHT, TOP, BOTTOM = 220, 18, 26
TICKS = 3
NOTHING = SafeString("")

Number = int | float
Say = Callable[[Number], str]
Spots = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Point:
    """One value; `said` is how a person reads it (money, percent), else the plain number. `href` opens its rows."""

    label: str
    value: Number
    said: str = ""
    href: str = ""

    @property
    def text(self) -> str:
        return self.said or _plain(self.value)


@dataclass(frozen=True)
class Bar(Point):
    """`tone` colours it beside its label: good, warn, bad or neutral; "" is the accent."""

    tone: Literal["", "good", "warn", "bad", "neutral"] = ""


class Table(TypedDict):
    caption: str
    head: list[str]
    rows: list[list[str]]


# The small line in a figure tile


def sparkline(values: Sequence[Number], *, width: int = 96, height: int = 28) -> SafeString:
    """Decoration beside a number that says the same, so it is hidden from screen readers. Needs two values."""
    if len(values) < 2:
        return NOTHING
    low, span = min(values), max(values) - min(values)
    shares = [(value - low) / span if span else 0.5 for value in values]
    spots = [
        (round(3 + index * (width - 6) / (len(values) - 1), 1), round(3 + (height - 6) * (1 - share), 1))
        for index, share in enumerate(shares)
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">'
        '<path class="chart-line" d="{}"/><circle class="chart-dot" cx="{}" cy="{}" r="2.5"/></svg>',
        width, height, _line(spots), *spots[-1],
    )  # fmt: skip


# A series over time


def area(
    series: Sequence[Point],
    *,
    previous: Sequence[Point] | None = None,
    title: str,
    value_label: str,
    say: Say = lambda value: _plain(round(value)),
) -> SafeString:
    """A thin line over a soft area; the period before is dashed; the last value is written at its end.

    `say` writes the values of the axis. Hovering a day tells its values; `chart_table` tells them to the keyboard.
    """
    if not series:
        return NOTHING
    before = [point.value for point in previous or ()][: len(series)]
    top = nice_top(max(*(point.value for point in series), *before, 0))
    spots = _spots([point.value for point in series], top=top, slots=len(series))
    return format_html(
        '<svg class="chart" width="100%" height="{}" role="img" aria-label="{}"><desc>{}</desc>{}{}{}{}{}</svg>',
        HEIGHT,
        title,
        _described(series, value_label),
        _grid(top, say),
        _stretched(spots, _spots(before, top=top, slots=len(series))),
        _end_label(spots, series[-1]),
        _day_labels(series, spots),
        _hits(series, previous or (), spots),
    )


def _plain(value: Number) -> str:
    return wording.number(value, language_of_page())


def _grid(top: Number, say: Say) -> SafeString:
    steps = [(top * step / TICKS, _down(top * step / TICKS, top)) for step in range(TICKS + 1)]
    return format_html_join(
        "",
        '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/><text x="0" y="{}">{}</text>',
        (("chart-grid" if value else "chart-axis", y, y, y - 5, say(value) if value else "") for value, y in steps),
    )


def _stretched(spots: Spots, before: Spots) -> SafeString:
    """Paths cannot speak in percentages: they lie in an inner image of 100 units that stretches with the outer."""
    return format_html(
        '<svg viewBox="0 0 100 {}" width="100%" height="{}" preserveAspectRatio="none" overflow="visible">'
        '<path class="chart-area" d="{}"/><path class="chart-before" d="{}"/><path class="chart-line" d="{}"/></svg>',
        HEIGHT, HEIGHT, _closed(spots), _line(before) if len(before) > 1 else "", _line(spots),
    )  # fmt: skip


def _end_label(spots: Spots, last: Point) -> SafeString:
    """The last value stands above its dot, or below where the line comes down to it and would run through."""
    x, y = spots[-1]
    falling = len(spots) > 1 and spots[-2][1] < y - 4
    return format_html(
        '<circle class="chart-dot" cx="{}%" cy="{}" r="4"/>'
        '<text class="chart-now" x="{}%" y="{}" text-anchor="{}">{}</text>',
        x,
        y,
        x,
        y + 20 if falling and y + 20 < HEIGHT - BOTTOM else max(y - 10, 12),
        "end" if x else "start",
        last.text,
    )


def _day_labels(series: Sequence[Point], spots: Spots) -> SafeString:
    """First, middle and last: few enough never to touch."""
    last = len(series) - 1
    anchors = {0: "start"} | ({last // 2: "middle"} if last > 1 else {}) | ({last: "end"} if last else {})
    return format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        ((spots[index][0], HEIGHT - 6, anchor, series[index].label) for index, anchor in anchors.items()),
    )


def _hits(series: Sequence[Point], previous: Sequence[Point], spots: Spots) -> SafeString:
    """An invisible column per point whose title is the tooltip."""
    wide = 100 / max(len(spots) - 1, 1)
    return format_html_join(
        "",
        '<rect class="chart-hit" x="{}%" y="0" width="{}%" height="{}"><title>{}</title></rect>',
        (
            (round(x - wide / 2, 2), round(wide, 2), HEIGHT - BOTTOM, _tip(series[index], previous[index : index + 1]))
            for index, (x, _y) in enumerate(spots)
        ),
    )


def _tip(point: Point, before: Sequence[Point]) -> str:
    now = f"{point.label}: {point.text}"
    return now if not before else now + "\n" + _("before: %(value)s") % {"value": before[0].text}


# Steps of a funnel, and bars with their names


def funnel(steps: Sequence[Point], *, title: str) -> SafeString:
    """One row per step: its name, its number, its share of the step before, and a bar against the largest step."""
    shares = ["", *(_share(after.value, before.value) for before, after in pairwise(steps))]
    return _rows(steps, shares, title=title, kind="funnel")


def _share(value: Number, of: Number) -> str:
    """More than one for each before (clicks of a share) is said as a ratio, not as 1,348 percent."""
    language = language_of_page()
    if not of:
        return ""
    if value > of:
        return _("%(ratio)s for each one before") % {"ratio": wording.number(round(value / of, 1), language)}
    return _("%(share)s of the step before") % {"share": wording.percent(round(value * 100 / of) * 100, language)}


def bars(items: Sequence[Point], *, title: str) -> SafeString:
    """One row per item: its name, its value and a bar against the largest; values below zero count by their size."""
    return _rows(items, [""] * len(items), title=title, kind="bars")


def _rows(items: Sequence[Point], notes: Sequence[str], *, title: str, kind: str) -> SafeString:
    if not items:
        return NOTHING
    most = max(*(abs(item.value) for item in items), 1)
    rows = format_html_join(
        "",
        '<li>{}<span class="bar-value">{}</span><span class="bar-note">{}</span>'
        '<svg class="bar" aria-hidden="true" focusable="false">'
        '<rect class="chart-track" width="100%" height="8" rx="4"/>'
        '<rect class="chart-bar{}" width="{}%" height="8" rx="4"/></svg></li>',
        (
            (_name(item), item.text, note, _tone_class(item), _wide(abs(item.value), most))
            for item, note in zip(items, notes, strict=True)
        ),
    )
    return format_html('<ol class="bars bars-{}" aria-label="{}">{}</ol>', kind, title, rows)


def _name(item: Point) -> SafeString:
    if item.href:
        return format_html('<a class="bar-name" href="{}">{}</a>', item.href, item.label)
    return format_html('<span class="bar-name">{}</span>', item.label)


def _tone_class(item: Point) -> str:
    tone = getattr(item, "tone", "")
    return f" chart-tone-{tone}" if tone else ""


# The same values as a table


def chart_table(
    series: Sequence[Point], *, caption: str, label: str, value_label: str, previous: Sequence[Point] | None = None
) -> Table:
    """Caption, head and rows of text, for the table under a plot; a missing day of the period before is empty."""
    if not previous:
        return {
            "caption": caption,
            "head": [label, value_label],
            "rows": [[point.label, point.text] for point in series],
        }
    before = [point.text for point in previous[: len(series)]]
    before += [""] * (len(series) - len(before))
    rows = [[point.label, point.text, earlier] for point, earlier in zip(series, before, strict=True)]
    return {"caption": caption, "head": [label, value_label, _("Period before")], "rows": rows}


# Geometry


def nice_top(most: Number) -> Number:
    """The first round number at or above the largest value that three ticks divide into round numbers."""
    size = 1
    while size * 60 < most:
        size *= 10
    return next(step * size for step in (3, 6, 9, 12, 15, 18, 24, 30, 45, 60) if step * size >= most)


def _down(value: Number, top: Number) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _spots(values: Sequence[Number], *, top: Number, slots: int) -> list[tuple[float, float]]:
    """(percent across, pixels down) of each value; the first at the left edge, slot number `slots` at the right."""
    gaps = max(slots - 1, 1)
    return [(round(index * 100 / gaps, 2), _down(value, top)) for index, value in enumerate(values)]


def _line(spots: Spots) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in spots)


def _closed(spots: Spots) -> str:
    return f"{_line(spots)}L{spots[-1][0]} {HEIGHT - BOTTOM}L{spots[0][0]} {HEIGHT - BOTTOM}Z"


def _wide(value: Number, most: Number) -> float:
    """A value above zero always shows at least as a sliver."""
    return max(round(100 * value / most, 1), 0.5) if value > 0 else 0


def _described(series: Sequence[Point], value_label: str) -> str:
    said = [f"{point.label}: {point.text}" for point in series]
    return f"{value_label}. " + "; ".join(said if len(said) <= 8 else [said[0], "…", said[-1]])
