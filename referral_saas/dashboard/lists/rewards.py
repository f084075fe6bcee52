"""Rewards, and those that somebody gave at their own discretion."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.units import plain_amount
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, each, moment
from referral_saas.dashboard.lists.table import Column, Pen, Table, together
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import search_orders
from referral_saas.dashboard.reader import Reader
from referral_saas.dashboard.reward_filters import CHOICES, GROUPS, WHEN, units_of
from referral_saas.dashboard.reward_page import RewardLine
from referral_saas.dashboard.vouchers import voucher_shown
from referral_saas.templatetags.ui import status
from rewards.models import Reward, Surprise


def _filters(asks: Asks, reader: Reader) -> Filters:
    shown = ("q", "program", "state", "side", "unit", "when", "from", "to", "advocate")
    options = {"state": CHOICES, "side": Reward.Side.choices, "unit": units_of(reader), "when": WHEN.items()}
    search = _("Order number or recipient's e-mail")
    return Filters(asks, show=shown, search=search, sorts=by_moment("created_at"), **options)


def of_any_state(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    """What is asked for but for the choices: state, side and unit."""
    days_of = filters.asked.get("when", "created_at")
    rows = filters.by_program(filters.by_days(rows, zone=reader.workspace.time_zone, at=days_of))
    return search_orders(rows, filters.asked.get("q", ""), person="recipient")


def _narrowed(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    return filters.by_choice(of_any_state(rows, filters, reader), GROUPS)


def _lines(reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    return [_line(reader, row) for row in rows]


def _line(reader: Reader, row: Reward) -> list[object]:
    order = row.order.number or row.order.external_id if row.order else ""
    people = [row.recipient.email, row.advocate.customer.email, order]
    amounts = [row.unit, *both_ways(row.amount_minor, row.unit), *both_ways(row.clawed_back_minor, row.unit)]
    told = [row.state, *amounts, moment(row.release_at), moment(row.fulfilled_at), voucher_shown(reader, row)]
    return [public(row), row.program.name, row.side, *people, *told, moment(row.created_at)]


def both_ways(minor: int, unit: str) -> list[object]:
    """As people write it, and as we count it."""
    return [plain_amount(minor, unit), minor]


REWARDS = Listing(
    name="rewards",
    path="/rewards",
    filters=_filters,
    every=lambda: Reward.objects.select_related("program", "advocate__customer", "recipient", "order", "kind"),
    on_page=lambda: Reward.objects.select_related("program", "recipient", "order", "kind").only(
        *("side", "unit", "state", "reason", "amount_minor", "clawed_back_minor", "release_at", "program__name"),
        *("kind__name", "recipient__name", "recipient__email", "order__number", "order__external_id"),
    ),
    narrowed=_narrowed,
    columns=[
        "id",
        "program",
        "side",
        "recipient",
        "advocate",
        "order",
        "state",
        "unit",
        "amount",
        "amount_minor",
        "taken_back",
        "taken_back_minor",
        "release_at",
        "fulfilled_at",
        "voucher",
        "created_at",
    ],
    lines=_lines,
)


def _for(pen: Pen, line: RewardLine) -> object:
    row = line.reward
    return together(pen.link(row, row.recipient), pen.note(pen.word(row, "side"), ", ", row.program.name))


def _stands(pen: Pen, line: RewardLine) -> object:
    return together(_state(pen, line), *(pen.note(text) for text in line.stops), pen.note(line.why))


def _state(pen: Pen, line: RewardLine) -> object:
    if line.asks_recipient:
        return status("info", _now("Waiting for the recipient"))
    return status("warn", _now("Stopped")) if line.is_stopped else pen.state(line.reward)


def _amount(pen: Pen, line: RewardLine) -> object:
    row = line.reward
    return together(pen.money(row.standing_minor, row.unit), pen.note(row.kind.name) if row.kind else "")


def _order(pen: Pen, line: RewardLine) -> object:
    order = line.reward.order
    return pen.link(order, order.number or order.external_id) if order else pen.quiet(_("Surprise"))


def _hold_ends(pen: Pen, line: RewardLine) -> object:
    row = line.reward
    if row.release_at:
        return pen.day(row.release_at)
    return _("Waiting for shipment") if row.state == Reward.State.HELD else ""


REWARDS_TABLE = Table(
    _("Rewards"),
    (
        Column(_("For"), _for),
        Column(_("State"), _stands),
        Column(_("Amount"), _amount, is_number=True),
        Column(_("Order"), _order),
        Column(_("Hold ends"), _hold_ends),
    ),
)


def _surprise_filters(asks: Asks, _reader: Reader) -> Filters:
    return Filters(asks, show=("from", "to"), sorts=by_moment("given_at"))


def _surprise_line(row: Surprise) -> list[object]:
    reward: Reward = row.reward
    what = [reward.kind.name if reward.kind else "", reward.unit, *both_ways(reward.full_minor, reward.unit)]
    return [public(row), reward.recipient.email, reward.note, *what, reward.state, row.user.email, moment(row.given_at)]


SURPRISES = Listing(
    name="surprises",
    path="/surprises",
    filters=_surprise_filters,
    every=lambda: Surprise.objects.select_related(
        "reward__recipient", "reward__advocate__customer", "reward__program", "reward__kind", "user"
    ),
    narrowed=lambda rows, filters, reader: filters.by_days(rows, zone=reader.workspace.time_zone, at="given_at"),
    columns=["id", "recipient", "for", "kind", "unit", "amount", "amount_minor", "state", "given_by", "given_at"],
    lines=each(_surprise_line),
)
