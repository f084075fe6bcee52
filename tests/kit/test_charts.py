from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kit.charts import Bar, Point, area, bars, chart_table, funnel, nice_top, sparkline

WEEK = [Point(f"{day} Dec", value) for day, value in zip(range(1, 8), [3, 0, 4, 8, 6, 9, 12], strict=True)]
BEFORE = [Point(f"{day} Nov", 2) for day in range(24, 31)]


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


@pytest.mark.parametrize(
    "drawing",
    [
        sparkline([1, 2, 3]),
        area(WEEK, title="Clicks", value_label="Clicks"),
        area(WEEK, previous=BEFORE, title="Clicks", value_label="Clicks"),
        area(WEEK[:1], title="Clicks", value_label="Clicks"),
        funnel(WEEK, title="Steps"),
        bars([Bar("Failed", 3, tone="bad"), Bar("Fine", 0)], title="Rewards"),
    ],
)
def test_drawing_is_well_formed_and_without_inline_styles(drawing: str) -> None:
    parsed(drawing)
    assert "style=" not in drawing
    assert "<script" not in drawing


@pytest.mark.parametrize(
    "drawing", [sparkline([]), sparkline([1]), area([], title="t", value_label="v"), funnel([], title="t")]
)
def test_nothing_to_draw_draws_nothing(drawing: str) -> None:
    assert drawing == ""


def test_names_from_people_are_escaped() -> None:
    hostile = [Point("<b>", 1, "<i>", href='"><x'), Point("&", 2)]
    for drawing in (
        area(hostile, title="<t>", value_label="<v>"),
        bars(hostile, title="<t>"),
        funnel(hostile, title="<t>"),
    ):
        parsed(drawing)
        assert "<b>" not in drawing
        assert "<t>" not in drawing


def test_sparkline_is_hidden_from_screen_readers() -> None:
    assert parsed(sparkline([1, 2])).get("aria-hidden") == "true"


def test_even_sparkline_lies_in_the_middle() -> None:
    assert re.search(r'd="M3.0 14.0L93.0 14.0"', sparkline([5, 5]))


def test_area_is_one_named_and_described_image() -> None:
    image = parsed(area(WEEK, title="Clicks per day", value_label="Clicks"))
    assert (image.get("role"), image.get("aria-label")) == ("img", "Clicks per day")
    assert image.findtext("desc") == "Clicks. 1 Dec: 3; 2 Dec: 0; 3 Dec: 4; 4 Dec: 8; 5 Dec: 6; 6 Dec: 9; 7 Dec: 12"


def test_area_labels_first_middle_and_last_day_and_the_last_value() -> None:
    texts = [text.text for text in parsed(area(WEEK, title="t", value_label="v")).iter("text") if text.text]
    assert texts == ["4", "8", "12", "12", "1 Dec", "4 Dec", "7 Dec"]


def test_area_reaches_the_top_at_the_largest_value_and_the_ground_at_zero() -> None:
    line = next(
        path.get("d")
        for path in parsed(area(WEEK, title="t", value_label="v")).iter("path")
        if path.get("class") == "chart-line"
    )
    spots = str(line).removeprefix("M").split("L")
    assert (spots[1], spots[-1]) == ("16.67 194.0", "100.0 18.0")


def test_period_before_is_dashed_and_told_in_the_tip() -> None:
    drawing = area(WEEK, previous=BEFORE, title="t", value_label="v")
    dashed = next(path.get("d") for path in parsed(drawing).iter("path") if path.get("class") == "chart-before")
    assert str(dashed).count("L") == 6
    assert "1 Dec: 3\nbefore: 2" in drawing


def test_longer_period_before_is_cut_to_this_one() -> None:
    drawing = area(WEEK[:3], previous=[Point("x", 900)] * 9, title="t", value_label="v")
    dashed = next(path.get("d") for path in parsed(drawing).iter("path") if path.get("class") == "chart-before")
    assert str(dashed).count("L") == 2


def test_table_pairs_each_day_with_the_period_before() -> None:
    table = chart_table(WEEK[:2], previous=BEFORE[:1], caption="Clicks", label="Day", value_label="Clicks")
    assert table["head"] == ["Day", "Clicks", "Period before"]
    assert table["rows"] == [["1 Dec", "3", "2"], ["2 Dec", "0", ""]]


def test_funnel_says_shares_and_ratios_of_the_step_before() -> None:
    drawing = funnel(
        [Point("Shares", 230), Point("Clicks", 3100), Point("Claims", 520), Point("Orders", 0), Point("x", 1)],
        title="t",
    )
    notes = [span.text or "" for span in parsed(drawing).iter("span") if span.get("class") == "bar-note"]
    assert notes == ["", "13.5 for each one before", "17% of the step before", "0% of the step before", ""]


def test_bars_are_as_wide_as_their_share_and_never_vanish() -> None:
    drawing = bars([Point("a", 1000), Point("b", 250), Point("c", 1), Point("d", 0), Point("e", -500)], title="t")
    widths = [rect.get("width") for rect in parsed(drawing).iter("rect") if "chart-bar" in str(rect.get("class"))]
    assert widths == ["100.0%", "25.0%", "0.5%", "0%", "50.0%"]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 3), (1, 3), (3, 3), (4, 6), (13, 15), (60, 60), (61, 90), (134, 150), (3100, 4500), (599_000, 600_000)],
)
def test_nice_top_divides_into_three_round_ticks(most: int, top: int) -> None:
    assert nice_top(most) == top
