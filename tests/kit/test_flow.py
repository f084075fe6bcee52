"""The drawing of states: every state a link with its number, arrows between neighbours, letters that stay whole."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from kit.flow import ACROSS, DOWN, Group, State, flow

STATES = [
    State("a", "Waiting", "1,204", "/rows?state=a", 0, tone="info", note="3 stopped"),
    State("b", "Promised & <delivered>", "0", "/rows?state=b", 1, is_empty=True),
    State("x", "Called off", "7", "/rows?state=x", 0, "aside"),
    State("y", "Auseinandersetzungsangelegenheit", "2", "/rows?state=y", 1, "aside"),
]
ARROWS = [("a", "b"), ("a", "x"), ("b", "x"), ("a", "y"), ("y", "b")]


def drawings() -> list[BeautifulSoup]:
    text = str(flow(STATES, ARROWS, [Group("First", 0, 0), Group("Then", 1, 1)], title="Where things stand"))
    return BeautifulSoup(text, "html.parser").find_all("svg")


def test_both_drawings_have_every_state_as_a_link_that_says_its_name_and_number() -> None:
    assert [svg["class"] for svg in drawings()] == [["flow", "flow-across"], ["flow", "flow-down"]]
    for svg in drawings():
        assert (svg["role"], svg["aria-label"]) == ("group", "Where things stand")
        assert [(link["href"], link["aria-label"]) for link in svg.find_all("a")] == [
            ("/rows?state=a", "Waiting, 1,204, 3 stopped"),
            ("/rows?state=b", "Promised & <delivered>, 0"),
            ("/rows?state=x", "Called off, 7"),
            ("/rows?state=y", "Auseinandersetzungsangelegenheit, 2"),
        ]


def test_labels_break_into_two_rows_and_keep_every_letter_of_a_long_word() -> None:
    for svg in drawings():
        rows = [[row.get_text() for row in link.find_all("tspan")] for link in svg.find_all("a")]
        assert rows[:2] == [["Waiting"], ["Promised &", "<delivered>"]]
        assert "".join(rows[3]) == "Auseinandersetzungsangelegenheit"


def test_boxes_lie_inside_the_drawing_and_apart_from_each_other() -> None:
    for svg, shape in zip(drawings(), (ACROSS, DOWN), strict=True):
        _x, _y, width, height = map(float, svg["viewbox"].split())
        boxes = [tuple(float(rect[name]) for name in ("x", "y", "width", "height")) for rect in svg.find_all("rect")]
        assert all(x >= 0 and y >= 0 and x + wide <= width and y + high <= height for x, y, wide, high in boxes)
        for place, (x, y, wide, high) in enumerate(boxes):
            for other_x, other_y, _wide, _high in boxes[place + 1 :]:
                assert abs(x - other_x) >= wide + min(shape.gap, shape.apart) or abs(y - other_y) >= high + 20


def test_each_arrow_ends_at_the_edge_of_its_box() -> None:
    for svg in drawings():
        lines = [path["d"] for path in svg.find_all("path", class_="flow-line")]
        assert len(lines) == len(ARROWS)
        edges = {(link["href"][-1]): link.find("rect") for link in svg.find_all("a")}
        for (_one, other), line in zip(ARROWS, lines, strict=True):
            x, y = (float(part) for part in re.findall(r"-?[\d.]+", line)[-2:])
            box = edges[other]
            left, top = float(box["x"]), float(box["y"])
            right, bottom = left + float(box["width"]), top + float(box["height"])
            assert left - 3 <= x <= right + 3, (other, line)
            assert top - 3 <= y <= bottom + 3, (other, line)


def test_nothing_is_inline() -> None:
    assert not re.search(r"style=|<script|<style", "".join(map(str, drawings())))
