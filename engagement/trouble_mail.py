"""Mails to the team about what broke or is running out: what happened, what it means, and one link to the place.

Each is told when it begins. Where it is mended by the time the mail would go, nothing is sent; the next time it begins
it is told again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from engagement import addresses
from engagement.desk import House, Occasion, Pen, Recipient, Values
from kit.ids import public_id
from kit.money import BASIS_POINTS
from kit.wording import percent
from merchants.models import Event, Membership
from programs.actions.kinds import is_low
from programs.actions.stock import pool_is_low
from programs.models import CodePool, KindStock, PoolCode, Program
from rewards.actions.setbacks import setbacks_aside
from rewards.models import Budget, Reward


@dataclass(frozen=True, slots=True)
class ConnectionTold:
    """What is to be known of a connection. ``is_off``: the shop took our access away."""

    id: UUID
    name: str
    is_failing: bool
    is_off: bool


def connection_failing(event: Event, house: House) -> Occasion | None:
    found: ConnectionTold | None = _told("connection")(_subject(event))
    if found is None:
        return None

    def values(_pen: Pen) -> Values:
        page = f"connections/{public_id('con', found.id)}"
        return {"what": found.name, "is_off": found.is_off, "link": addresses.workspace(house.merchant.slug, page)}

    return _to_member(event, house, values, is_mended=not (found.is_failing or found.is_off))


def messages_aside(event: Event, house: House) -> Occasion | None:
    """What the shop told us and nobody could understand."""
    count: int = _told("messages")()

    def values(_pen: Pen) -> Values:
        link = addresses.workspace(house.merchant.slug, "connections/deliveries?state=SET_ASIDE")
        return {"count": count, "link": link}

    return _to_member(event, house, values, is_mended=not count)


def work_aside(event: Event, house: House) -> Occasion | None:
    count = setbacks_aside().count()

    def values(_pen: Pen) -> Values:
        return {"count": count, "link": addresses.workspace(house.merchant.slug, "set-aside")}

    return _to_member(event, house, values, is_mended=not count)


def rewards_failed(event: Event, house: House) -> Occasion | None:
    count = Reward.objects.filter(state=Reward.State.FAILED).count()

    def values(_pen: Pen) -> Values:
        return {"count": count, "link": addresses.workspace(house.merchant.slug, "rewards?state=FAILED")}

    return _to_member(event, house, values, is_mended=not count)


def budget_used(event: Event, house: House) -> Occasion | None:
    budget: Budget | None = Budget.objects.select_related("program").filter(pk=_subject(event)).first()
    if budget is None:
        return None
    is_used_up = event.data["about"] == "budget.reached"
    share = budget.reserved_minor * BASIS_POINTS // budget.limit_minor if budget.limit_minor else BASIS_POINTS

    def values(pen: Pen) -> Values:
        return {
            "program": budget.program.name,
            "share": percent(share, pen.language),
            "is_used_up": is_used_up,
            "is_hard": budget.is_hard,
            "link": addresses.workspace(house.merchant.slug, f"programs/{budget.program.slug}/budget"),
        }

    standing = budget.reached_at if is_used_up else budget.warned_at
    return _to_member(event, house, values, is_mended=standing is None)


def stock_low(event: Event, house: House) -> Occasion | None:
    stock = _pieces(event) if event.data["about"] == "stock.low" else _codes(event)
    if stock is None:
        return None

    def values(_pen: Pen) -> Values:
        told = {"what": stock.what, "left": stock.left, "is_codes": stock.is_codes, "for_friends": stock.for_friends}
        return told | {"link": addresses.workspace(house.merchant.slug, stock.page)}

    return _to_member(event, house, values, is_mended=not stock.is_low)


# --- what runs out -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stock:
    name: str
    left: int
    is_low: bool
    page: str
    is_codes: bool = True
    for_friends: bool = False
    size: str = ""

    @property
    def what(self) -> str:
        """In the language in force: the recipient's."""
        values = {"name": self.name, "size": self.size}
        return _("%(name)s, size %(size)s") % values if self.size else self.name


def _codes(event: Event) -> _Stock | None:
    pool: CodePool | None = CodePool.objects.select_related("program", "kind").filter(pk=_subject(event)).first()
    whose = (pool.kind or pool.program) if pool else None
    if pool is None or whose is None:
        return None
    codes = PoolCode.objects.filter(pool=pool)
    left = codes.filter(taken_for=None).count()
    if isinstance(whose, Program):
        page = f"programs/{whose.slug}/codes/{pool.purpose.lower()}"
    else:
        page = f"kinds/{public_id('knd', whose.pk)}/codes"
    is_friends = pool.purpose == CodePool.Purpose.OFFER
    return _Stock(whose.name, left, pool_is_low(left, codes.count()), page, for_friends=is_friends)


def _pieces(event: Event) -> _Stock | None:
    row: KindStock | None = KindStock.objects.select_related("kind").filter(pk=_subject(event)).first()
    if row is None:
        return None
    page = f"kinds/{public_id('knd', row.kind_id)}"
    return _Stock(row.kind.name, row.left, is_low(row), page, is_codes=False, size=row.size)


# --- whom and about what -------------------------------------------------------------------------------------------


def _told(what: str) -> Any:
    """Connections live on a higher floor, which says what is to be known of them."""
    return import_string(settings.TROUBLE_TOLD[what])


def _subject(event: Event) -> UUID | None:
    """Of the event that the team is told of."""
    found: UUID | None = Event.objects.filter(pk=event.data["event_id"]).values_list("subject_id", flat=True).first()
    return found


def _to_member(event: Event, house: House, values: Callable[[Pen], Values], *, is_mended: bool) -> Occasion | None:
    """To one person of the team, who may have left meanwhile."""
    members = Membership.objects.select_related("user").filter(merchant=house.merchant)
    member = members.filter(pk=event.data["member"]).first()
    if member is None:
        return None
    to = Recipient(member.user.email, language=member.user.language)
    return Occasion(to, values, skip="overtaken" if is_mended else "")
