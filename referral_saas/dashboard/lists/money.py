"""The ledger's postings and the payouts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from insights.ledger import account_sums
from referral_saas.dashboard.ledger_page import COLUMNS, Side, export_lines
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, each, moment
from referral_saas.dashboard.lists.rewards import both_ways
from referral_saas.dashboard.lists.table import Column, Pen, Table, together
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.reader import Reader
from referral_saas.dashboard.reward_page import posting_text
from rewards.models import Account, LedgerEntry, Payout, PayoutLine, Posting

#: Everything that is ever posted; words: reward_page.posting_text.
KINDS = (
    "reward.held", "reward.follows", "reward.handed_over", "reward.released", "reward.fulfilled", "reward.clawed_back",
    "reward.netted", "reward.withdrawn", "reward.expired", "reward.used", "offer.granted", "budget.set",
    "budget.follows",
)  # fmt: skip


class LedgerFilters(Filters):
    """A kind means the kind of posting here; account and unit mean that some entry of it is so."""

    LABELS = Filters.LABELS | {"account": _("Account"), "kind": _("What")}

    @property
    def entries(self) -> Q:
        """The entries that are asked for; empty means all."""
        return Q(**{name: self.asked[name] for name in ("account", "unit") if self.asked.get(name)})


def _ledger_filters(asks: Asks, _reader: Reader) -> LedgerFilters:
    return LedgerFilters(
        asks,
        show=("account", "program", "unit", "kind", "from", "to"),
        sorts=by_moment("at"),
        account=Account.choices,
        unit=[(unit, unit) for unit in sorted({one.unit for one in account_sums()})],
        kind=[(code, posting_text(code)) for code in KINDS],
    )


def _postings(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.by_program(filters.by_days(rows, zone=reader.workspace.time_zone, at="at"))
    if kind := filters.asked.get("kind"):
        rows = rows.filter(kind=kind)
    which = filters.entries  # type: ignore[attr-defined]  # of LedgerFilters
    return rows.filter(Exists(LedgerEntry.objects.filter(which, posting=OuterRef("pk")))) if which else rows


def _posting_lines(reader: Reader, filters: Filters, rows: list[Any]) -> Iterator[list[object]]:
    """A line for each entry that is asked for."""
    which = filters.entries  # type: ignore[attr-defined]  # of LedgerFilters
    return export_lines(rows, zone=reader.workspace.time_zone, entries=which)


LEDGER = Listing(
    name="ledger",
    path="/ledger",
    filters=_ledger_filters,
    every=lambda: Posting.objects.select_related("program", "reward", "order"),
    narrowed=_postings,
    columns=COLUMNS,
    lines=_posting_lines,
)


def _sides(pen: Pen, sides: list[Side]) -> SafeString:
    """One below the other."""
    told = ((f"{side.account} {pen.money(side.amount_minor, side.unit)}",) for side in sides)
    return format_html_join(SafeString("<br>"), "{}", told)


LEDGER_TABLE = Table(
    _("Postings"),
    (
        Column(_("What"), lambda pen, row: together(pen.way(row.url, row.title), pen.note(row.about))),
        Column(_("Debit"), lambda pen, row: _sides(pen, row.debits)),
        Column(_("Credit"), lambda pen, row: _sides(pen, row.credits)),
        Column(_("When"), lambda pen, row: pen.when(row.at)),
    ),
    is_dense=True,
)


def _of_lines(figure: Any) -> Any:
    """Of those who are paid; who is left out counts nowhere."""
    lines = PayoutLine.objects.filter(payout=OuterRef("pk")).exclude(state=PayoutLine.State.EXCLUDED).order_by()
    return Coalesce(Subquery(lines.values("payout").annotate(figure=figure).values("figure")), 0)


def _payout_line(row: Any) -> list[object]:
    times = (row.cut_off_at, row.made_at, row.confirmed_at, row.ended_at)
    amount = [row.unit, *both_ways(row.total, row.unit)]
    return [public(row), row.number, row.state, row.people, *amount, *(moment(at) for at in times)]


PAYOUTS = Listing(
    name="payouts",
    path="/payouts",
    filters=lambda asks, _reader: Filters(
        asks, show=("state",), sorts=by_moment("made_at"), state=Payout.State.choices
    ),
    every=lambda: Payout.objects.annotate(people=_of_lines(Count("pk")), total=_of_lines(Sum("amount_minor"))),
    narrowed=lambda rows, filters, _reader: filters.by_choice(rows),
    columns=[
        "id",
        "number",
        "state",
        "people",
        "unit",
        "amount",
        "amount_minor",
        "cut_off_at",
        "made_at",
        "confirmed_at",
        "ended_at",
    ],
    lines=each(_payout_line),
    need="reward.pay",
)
