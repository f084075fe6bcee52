"""What typed words find among a workspace's rows: by the search of "Find a person", and by the beginnings of addresses
that the lists know too. Each way is an equality or a range on an indexed column, and gives a handful."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from advocates.link_words import share_name
from advocates.models import Advocate, Customer, Link
from insights.finding import find_things
from kit.asked import asked_often
from kit.language import language_of_page
from kit.many import any_of
from kit.units import amount_text
from programs.models import Program
from referral_saas.dashboard.find_page import order_name
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.palette import MOST, Group, Option, fitting
from referral_saas.dashboard.paths import path_of
from referral_saas.dashboard.people import addresses_beginning
from rewards.models import Reward
from tracking.models import Claim, Order, Referral


def found(desk: Desk, text: str) -> list[Group]:
    """Groups of things; those of which nothing fits are left out. A dozen statements, however much is found."""
    if not text.strip():
        return []
    rows = _Rows.of(text)
    base = f"/w/{desk.merchant.slug}"
    groups = (
        Group(_("Programs"), fitting((_program(base, one) for one in _programs()), text)),
        Group(_("Advocates"), [_advocate(base, one) for one in rows.advocates]),
        Group(_("Customers"), [_customer(base, one) for one in rows.customers]),
        Group(_("Orders"), [_order(base, one) for one in rows.orders]),
        Group(_("Referrals"), [_referral(base, one) for one in rows.referrals]),
        Group(_("Rewards"), [_reward(base, one) for one in rows.rewards]),
        Group(_("Codes"), [*(_link(base, one) for one in rows.links), *(_claim(base, one) for one in rows.claims)]),
    )
    return [group for group in groups if group.options]


# --- rows -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    customers: list[Customer]
    advocates: list[Advocate]
    orders: list[Order]
    referrals: list[Referral]
    rewards: list[Reward]
    links: list[Link]
    claims: list[Claim]

    @classmethod
    def of(cls, text: str) -> _Rows:
        things = [hit.thing for hit in find_things(text).hits]
        orders = _some(Order, things)
        customers = _some(Customer, [*things, *addresses_beginning(text)[:MOST]])
        named = {referral.pk: referral for referral in _some(Referral, things)}
        of_orders = {row.pk: row for row in _referrals_of([order.pk for order in orders])} if orders else {}
        taking_part = _advocates_of([person.pk for person in customers]) if customers else []
        return cls(
            customers=customers,
            advocates=_some(Advocate, [*things, *taking_part]),
            orders=orders,
            referrals=_some(Referral, (named | of_orders).values()),
            rewards=_some(Reward, things),
            links=_some(Link, things),
            claims=_some(Claim, things),
        )


def _some(kind: type[Any], things: Iterable[Model]) -> list[Any]:
    """The first few of a kind, each once."""
    unique = {thing.pk: thing for thing in things if isinstance(thing, kind)}
    return list(islice(unique.values(), MOST))


@asked_often
def _advocates_of(customers: list[UUID]) -> QuerySet[Advocate]:
    found = Advocate.objects.filter(any_of("customer", customers))
    return found.select_related("customer", "program").order_by("-enrolled_at", "-pk")[:MOST]


@asked_often
def _referrals_of(orders: list[UUID]) -> QuerySet[Referral]:
    return Referral.objects.filter(any_of("order", orders)).select_related("order", "advocate__customer")


@asked_often
def _programs() -> QuerySet[Program]:
    """Archived ones too: somebody may look for one."""
    return Program.objects.only("merchant_id", "slug", "name", "state").order_by("name")


# --- words ----------------------------------------------------------------------------------------------------------


def _program(base: str, one: Program) -> Option:
    return Option(one.name, path_of(base, one), "gift", str(one.get_state_display()))


def _advocate(base: str, one: Advocate) -> Option:
    return Option(str(one), path_of(base, one), "megaphone", one.program.name)


def _customer(base: str, one: Customer) -> Option:
    return Option(str(one), path_of(base, one), "user", one.email if one.name else "")


def _order(base: str, one: Order) -> Option:
    return Option(order_name(one), path_of(base, one), "shopping-cart", str(one.customer or ""))


def _referral(base: str, one: Referral) -> Option:
    whose = _("brought by %(name)s") % {"name": one.advocate}
    return Option(order_name(one.order), path_of(base, one), "arrows-right-left", whose)


def _reward(base: str, one: Reward) -> Option:
    amount = amount_text(one.standing_minor, one.unit, language_of_page())
    return Option(amount, path_of(base, one), "banknotes", _("For %(name)s") % {"name": one.recipient})


def _link(base: str, one: Link) -> Option:
    return Option(one.code, path_of(base, one), "link", f"{one.advocate} · {share_name(one)}")


def _claim(base: str, one: Claim) -> Option:
    whose = one.friend or _("A friend without an address")
    return Option(one.code, path_of(base, one), "ticket", str(whose))
