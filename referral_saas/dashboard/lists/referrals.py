"""Referrals, and the clicks and claims that came before them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kit.days import start_of_day
from kit.ids import public_id
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, each, moment
from referral_saas.dashboard.lists.table import Column, Pen, Table, together
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import search_orders, search_people
from referral_saas.dashboard.reader import Reader
from referral_saas.templatetags.desk import device
from tracking.figures import program_days
from tracking.models import Claim, Click, Referral

NEEDS_WORTH = "NEEDS_WORTH"


def _referral_filters(asks: Asks, _reader: Reader) -> Filters:
    shown = ("q", "program", "state", "from", "to", "advocate")
    states = [*Referral.State.choices, (NEEDS_WORTH, _("Other currency, to be decided"))]
    search = _("Order number or friend's e-mail")
    return Filters(asks, show=shown, search=search, sorts=by_moment("attributed_at"), state=states)


def _referrals(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    zone, groups = reader.workspace.time_zone, {NEEDS_WORTH: Q(needs_worth=True)}
    rows = filters.narrow(rows, zone=zone, at="attributed_at", groups=groups)
    return search_orders(rows, filters.asked.get("q", ""), person="friend")


def _referral_line(row: Referral) -> list[object]:
    friend = row.friend.email if row.friend else ""
    why = row.reasons[0] if row.reasons else ""
    people = [row.program.name, row.advocate.customer.email, friend, row.order.number or row.order.external_id]
    return [public(row), *people, row.state, row.matched_by, why, moment(row.attributed_at)]


REFERRALS = Listing(
    name="referrals",
    path="/referrals",
    filters=_referral_filters,
    every=lambda: Referral.objects.select_related("program", "advocate__customer", "friend", "order"),
    on_page=lambda: Referral.objects.select_related("program", "advocate__customer", "friend", "order").only(
        *("state", "matched_by", "attributed_at", "program__name", "order__number", "order__external_id"),
        *("advocate__customer__name", "advocate__customer__email", "friend__name", "friend__email"),
    ),
    narrowed=_referrals,
    columns=["id", "program", "advocate", "friend", "order", "state", "matched_by", "reason", "attributed_at"],
    lines=each(_referral_line),
)


def _order(pen: Pen, row: Referral) -> object:
    return together(pen.link(row, row.order.number or row.order.external_id), pen.note(row.program.name))


REFERRALS_TABLE = Table(
    _("Referrals"),
    (
        Column(_("Order"), _order),
        Column(_("Advocate"), lambda pen, row: pen.link(row.advocate)),
        Column(_("Friend"), lambda pen, row: pen.link(row.friend)),
        Column(_("State"), lambda pen, row: pen.state(row)),
        Column(_("Recognised by"), lambda pen, row: pen.word(row, "matched_by")),
        Column(_("Attributed"), lambda pen, row: pen.when(row.attributed_at)),
    ),
)


def _click_filters(asks: Asks, _reader: Reader) -> Filters:
    return Filters(asks, show=("program", "from", "to", "advocate"), sorts=by_moment("at"))


def _clicks(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    zone = reader.workspace.time_zone
    rows = filters.narrow(rows, zone=zone, at="at", advocate="link__advocate_id")
    return _while_opened(rows, filters.asked.get("program", ""), zone)


def _while_opened(rows: QuerySet[Any], slug: str, zone: str) -> QuerySet[Any]:
    """Of a program only its own days, so that nobody looks for its clicks among the millions of another's."""
    days = program_days(slug) if slug else None
    if not slug or not days:
        return rows.none() if slug else rows
    first, last = days
    return rows.filter(at__gte=start_of_day(first, zone), at__lt=start_of_day(last + timedelta(days=1), zone))


def _click_line(row: Click) -> list[object]:
    link = row.link
    told = [row.program.name, link.advocate.customer.email, link.channel, link.code, row.device]
    return [public_id("clk", row.pk), moment(row.at), *told]


CLICKS = Listing(
    name="clicks",
    path="/clicks",
    filters=_click_filters,
    every=lambda: Click.objects.select_related("program", "link__advocate__customer"),
    on_page=lambda: Click.objects.select_related("program", "link__advocate__customer").only(
        *("at", "device", "program__name", "link__channel", "link__code"),
        *("link__advocate__customer__name", "link__advocate__customer__email"),
    ),
    narrowed=_clicks,
    columns=["id", "at", "program", "advocate", "channel", "code", "device"],
    lines=each(_click_line),
)


def _shared_where(pen: Pen, row: Click) -> object:
    return together(pen.word(row.link, "channel"), pen.note(row.link.code))


CLICKS_TABLE = Table(
    _("Clicks"),
    (
        Column(_("Advocate"), lambda pen, row: pen.link(row.link.advocate)),
        Column(_("Program"), lambda _pen, row: row.program.name),
        Column(_("Where it was shared"), _shared_where),
        Column(_("Device"), lambda _pen, row: device(row.device)),
        Column(_("When"), lambda pen, row: pen.when(row.at)),
    ),
)


def _claim_filters(asks: Asks, _reader: Reader) -> Filters:
    shown, states = ("q", "program", "state", "from", "to", "advocate"), Claim.State.choices
    return Filters(asks, show=shown, search=_("Friend's e-mail or name"), sorts=by_moment("claimed_at"), state=states)


def _claims(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.narrow(rows, zone=reader.workspace.time_zone, at="claimed_at")
    return search_people(rows, filters.asked.get("q", ""), prefix="friend__")


def _claim_line(row: Claim) -> list[object]:
    friend = row.friend.email if row.friend else ""
    told = [row.program.name, row.advocate.customer.email, friend, row.code, row.state]
    return [public_id("clm", row.pk), moment(row.claimed_at), *told, moment(row.expires_at)]


CLAIMS = Listing(
    name="claims",
    path="/claims",
    filters=_claim_filters,
    every=lambda: Claim.objects.select_related("program", "advocate__customer", "friend", "link"),
    on_page=lambda: Claim.objects.select_related("program", "advocate__customer", "friend").only(
        *("state", "code", "claimed_at", "program__name", "friend__name", "friend__email"),
        *("advocate__customer__name", "advocate__customer__email"),
    ),
    narrowed=_claims,
    columns=["id", "claimed_at", "program", "advocate", "friend", "code", "state", "expires_at"],
    lines=each(_claim_line),
)


def _friend(pen: Pen, row: Claim) -> object:
    return together(pen.link(row.friend) if row.friend else _("Left no address"), pen.note(row.program.name))


def _code(_pen: Pen, row: Claim) -> object:
    return format_html("<code>{}</code>", row.code) if row.code else ""


CLAIMS_TABLE = Table(
    _("Claims"),
    (
        Column(_("Friend"), _friend),
        Column(_("Advocate"), lambda pen, row: pen.link(row.advocate)),
        Column(_("Code"), _code),
        Column(_("State"), lambda pen, row: pen.state(row)),
        Column(_("Claimed"), lambda pen, row: pen.when(row.claimed_at)),
    ),
)
