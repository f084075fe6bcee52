"""Charts as SVG text: pure functions, no scripts, no inline styles. Classes name the parts; static/css/parts.css colours them.

Every chart is one image with a name and a description for screen readers; `chart_table` gives the same values as rows.
Coordinates are pixels of a viewBox that scales with its container.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 720, 220
TOP, BOTTOM, LEFT, RIGHT = 16, 26, 4, 4
TICKS = 3
NOTHING = SafeString("")

Number = int | float
Say = Callable[[Number], str]


@dataclass(frozen=True)
class Point:
    """One value of a series; `said` is the value as a person reads it (money, percent), else the plain number."""

    label: str
    value: Number
    said: str = ""

    @property
    def text(self) -> str:
        return self.said or f"{self.value:,}"


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
    spots = _spots(values, top=max(values), box=(2, 3, width - 5, height - 6), floor=min(values))
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
    say: Say = lambda value: f"{value:,.0f}",
) -> SafeString:
    """A thin line over a soft area; the period before is dashed; the last value is written at its end.

    `say` writes the values of the axis. Each point can be reached by pointer and keyboard and tells its values.
    """
    if not series:
        return NOTHING
    values, before = [point.value for point in series], [point.value for point in previous or ()]
    top = nice_top(max([*values, *before, 0]))
    box = (LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    spots = _spots(values, top=top, box=box)
    parts = [
        _grid(top, say),
        format_html('<path class="chart-area" d="{}"/>', _closed(spots, HEIGHT - BOTTOM)) if len(spots) > 1 else NOTHING,
        _dashed(before, count=len(values), top=top, box=box),
        format_html('<path class="chart-line" d="{}"/>', _line(spots)),
        _end_label(spots[-1], series[-1]),
        _day_labels(series, spots),
        _hits(series, previous, spots),
    ]
    return _framed(parts, title=title, description=_described(series, value_label), height=HEIGHT)


def _grid(top: Number, say: Say) -> SafeString:
    steps = [(top * step / TICKS, _down(top * step / TICKS, top)) for step in range(TICKS + 1)]
    lines = format_html_join(
        "",
        '<line class="{}" x1="0" x2="{}" y1="{}" y2="{}"/><text x="0" y="{}">{}</text>',
        (
            ("chart-axis" if value == 0 else "chart-grid", WIDTH, y, y, y - 4, say(value) if value else "")
            for value, y in steps
        ),
    )
    return lines


def _dashed(before: Sequence[Number], *, count: int, top: Number, box: tuple[Number, ...]) -> SafeString:
    """The period before, laid over the days of this one: its first with the first, what is longer is left out."""
    if len(before) < 2 or count < 2:
        return NOTHING
    spots = _spots(before[:count], top=top, box=box, slots=count)
    return format_html('<path class="chart-before" d="{}"/>', _line(spots))


def _end_label(spot: tuple[float, float], last: Point) -> SafeString:
    x, y = spot
    return format_html(
        '<circle class="chart-dot" cx="{}" cy="{}" r="4"/><text class="chart-now" x="{}" y="{}" text-anchor="end">{}</text>',
        x - 1, y, x - 8, max(y - 8, 12), last.text,
    )  # fmt: skip


def _day_labels(series: Sequence[Point], spots: Sequence[tuple[float, float]]) -> SafeString:
    """First, middle and last: few enough never to touch."""
    last = len(series) - 1
    wanted = {0: "start", last // 2: "middle", last: "end"} if last > 1 else {0: "start"} if last == 0 else {0: "start", 1: "end"}
    return format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((spots[index][0], HEIGHT - 6, anchor, series[index].label) for index, anchor in wanted.items()),
    )


def _hits(
    series: Sequence[Point], previous: Sequence[Point] | None, spots: Sequence[tuple[float, float]]
) -> SafeString:
    """An invisible column per point: its title is the tooltip, and the arrow and tab keys reach it."""
    wide = (WIDTH - LEFT - RIGHT) / max(len(spots) - 1, 1)
    return format_html_join(
        "",
        '<rect class="chart-hit" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (round(max(x - wide / 2, 0), 1), TOP, round(min(wide, WIDTH), 1), HEIGHT - TOP - BOTTOM, _tip(series, previous, index))
            for index, (x, _y) in enumerate(spots)
        ),
    )


def _tip(series: Sequence[Point], previous: Sequence[Point] | None, index: int) -> str:
    now = f"{series[index].label}: {series[index].text}"
    if not previous or index >= len(previous):
        return now
    return now + "\n" + _("before: %(value)s") % {"value": previous[index].text}


# Steps of a funnel


def funnel(steps: Sequence[Point], *, title: str, value_label: str) -> SafeString:
    """One bar per step, as wide as its share of the first, and beside it the share of the step before."""
    if not steps:
        return NOTHING
    row, most = 44, max(max(step.value for step in steps), 1)
    shares = [_share(step.value, steps[index - 1].value) if index else "" for index, step in enumerate(steps)]
    rows = format_html_join(
        "",
        '<text class="chart-now" x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="chart-step" x="0" y="{}" width="{}" height="10" rx="3"/>'
        '<rect class="chart-step-edge" x="0" y="{}" width="{}" height="10" rx="3"/>',
        (
            (index * row + 16, f"{step.label}  {step.text}", WIDTH, index * row + 16, share, index * row + 23, WIDTH,
             index * row + 23, _wide(step.value, most))
            for index, (step, share) in enumerate(zip(steps, shares, strict=True))
        ),
    )  # fmt: skip
    return _framed([rows], title=title, description=_described(steps, value_label), height=row * len(steps))


def _share(value: Number, of: Number) -> str:
    return _("%(share)s %% of the step before") % {"share": round(value * 100 / of)} if of else ""


# Bars with their names


def bars(items: Sequence[Bar | Point], *, title: str, value_label: str) -> SafeString:
    """Lying bars with the name above and the value at the end; negative values count by their size."""
    if not items:
        return NOTHING
    row, most = 40, max(max(abs(item.value) for item in items), 1)
    rows = format_html_join(
        "",
        '<text x="0" y="{}">{}</text><text class="chart-now" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="chart-bar{}" x="0" y="{}" width="{}" height="8" rx="4"/>',
        (
            (index * row + 14, item.label, WIDTH, index * row + 14, item.text, _tone_class(item), index * row + 21,
             _wide(abs(item.value), most))
            for index, item in enumerate(items)
        ),
    )  # fmt: skip
    return _framed([rows], title=title, description=_described(items, value_label), height=row * len(items))


def _tone_class(item: Point) -> str:
    tone = getattr(item, "tone", "")
    return f" chart-tone-{tone}" if tone else ""


# The same values as a table


def chart_table(
    series: Sequence[Point], *, caption: str, label: str, value_label: str, previous: Sequence[Point] | None = None
) -> Table:
    """Caption, head and rows of text, for the table under a chart; a missing day of the period before is empty."""
    if not previous:
        return {"caption": caption, "head": [label, value_label], "rows": [[point.label, point.text] for point in series]}
    before = [point.text for point in previous[: len(series)]]
    before += [""] * (len(series) - len(before))
    rows = [[point.label, point.text, earlier] for point, earlier in zip(series, before, strict=True)]
    return {"caption": caption, "head": [label, value_label, _("Period before")], "rows": rows}


# Geometry


def nice_top(most: Number) -> Number:
    """The first round number at or above the largest value that three ticks divide into round numbers."""
    if most <= 0:
        return TICKS
    size = 1
    while size * 60 < most:
        size *= 10
    return next(step * size for step in (3, 6, 9, 12, 15, 18, 24, 30, 45, 60) if step * size >= most)


def _down(value: Number, top: Number) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _spots(
    values: Sequence[Number], *, top: Number, box: tuple[Number, ...], floor: Number = 0, slots: int = 0
) -> list[tuple[float, float]]:
    """Where each value stands inside box (x, y, width, height); an even series lies in the middle."""
    x, y, width, height = box
    span, gaps = top - floor, max((slots or len(values)) - 1, 1)
    share = [(value - floor) / span if span else 0.5 for value in values]
    return [(round(x + index * width / gaps, 1), round(y + height * (1 - part), 1)) for index, part in enumerate(share)]


def _line(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in spots)


def _closed(spots: Sequence[tuple[float, float]], ground: Number) -> str:
    return f"{_line(spots)}L{spots[-1][0]} {ground}L{spots[0][0]} {ground}Z"


def _wide(value: Number, most: Number) -> float:
    """A value above zero always shows at least as a sliver."""
    return 0 if value <= 0 else max(round(WIDTH * value / most, 1), 3)


def _described(series: Sequence[Point], value_label: str) -> str:
    said = [f"{point.label}: {point.text}" for point in series]
    return f"{value_label}. " + "; ".join(said if len(said) <= 8 else [said[0], "…", said[-1]])


def _framed(parts: Sequence[SafeString], *, title: str, description: str, height: int) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title><desc>{}</desc>{}</svg>',
        WIDTH, height, title, title, description, format_html_join("", "{}", ((part,) for part in parts)),
    )  # fmt: skip
