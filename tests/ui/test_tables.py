"""A list's table: what stands in a cell is text unless it is markup, and nothing is drawn for what is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Customer
from kit.ids import uuid7
from referral_saas.dashboard.lists.table import Column, Pen, Table, together

HOSTILE = "<script>alert('1')</script>"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DESK: Any = SimpleNamespace(
    merchant=SimpleNamespace(slug="nordlicht"), workspace=SimpleNamespace(time_zone="Europe/Berlin"), now=NOW
)


def drawn(cell: Any, row: object = None) -> str:
    return Table(_("Rewards"), (Column(_("State"), cell),)).drawn(DESK, [row])


def test_text_is_escaped_wherever_it_stands() -> None:
    person = Customer(email="a@mail.example", name=HOSTILE, merchant_id=uuid7())
    for cell in (
        lambda _pen, _row: HOSTILE,
        lambda pen, _row: pen.link(person),
        lambda pen, _row: pen.way(f"/x?{HOSTILE}", HOSTILE),
        lambda pen, _row: pen.note(HOSTILE, ", ", HOSTILE),
        lambda pen, _row: together(pen.quiet(HOSTILE), HOSTILE),
    ):
        assert "<script" not in drawn(cell)
        assert "&lt;script&gt;" in drawn(cell)


def test_every_cell_says_which_column_it_is_in() -> None:
    columns = (Column(_("For"), lambda _pen, row: row), Column(_("Amount"), lambda _pen, _row: 7, is_number=True))
    table = Table(_("Rewards"), columns, is_dense=True).drawn(DESK, ["Ada", "Bo"])
    assert table.count('<th scope="row">') == 2
    assert table.count('<td class="number" data-label="Amount">7</td>') == 2
    assert '<table class="table table-dense">' in table


def test_nothing_is_drawn_for_nothing() -> None:
    pen = Pen(DESK)
    assert (pen.link(None), pen.when(None), pen.note("")) == ("", "", "")


def test_words_of_choices_are_those_of_the_model_and_of_their_own_column() -> None:
    pen, row = Pen(DESK), Advocate(state="PAUSED", kind="CUSTOMER", merchant_id=uuid7())
    assert pen.word(row, "state") == row.get_state_display()
    assert pen.word(row, "kind") == row.get_kind_display()
    assert pen.state(row) == f'<span class="status status-warn tone-warn">{row.get_state_display()}</span>'


def test_moments_are_told_from_the_workspaces_now() -> None:
    assert ">2 hours ago</time>" in drawn(lambda pen, at: pen.when(at), NOW - timedelta(hours=2))
