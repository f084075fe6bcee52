"""Choices of the rewards' list that mean more than one state: what sums, the calendar and Home's lines lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from insights.calendar import cash_needed, dated, stopped
from insights.home import due, stopped_here, unshipped_long
from kit.asked import asked_often
from programs.models import RewardKind
from programs.rules import Fulfilment
from referral_saas.dashboard.reader import Reader
from rewards.locks import can_end_unclaimed, is_unused
from rewards.models import Reward, Withdrawal

State = Reward.State

#: What the days of the list's filter are days of.
WHEN = {"release_at": _("End of the hold"), "valid_until": _("End of validity"), "fulfilled_at": _("Delivery")}
CHOICES = [
    ("DUE", _("Due")),
    ("PAID", _("Paid")),
    ("TO_SEND", _("To be sent by hand")),
    ("STOPPED", _("Stopped")),
    ("STOPPED_HERE", _("Stopped, not by the recipient")),
    ("DATED", _("Held until a day")),
    ("UNSHIPPED", _("Waiting for shipment")),
    ("UNSHIPPED_LONG", _("Not shipped for more than 60 days")),
    ("DUE_NOW", _("Due and not stopped")),
    ("CASH", _("Needs cash")),
    ("CAN_END", _("Can still be used")),
    ("UNCLAIMED", _("Address missing")),
    ("TO_DISABLE", _("Code to be disabled")),
    ("TO_GIVE_ANEW", _("Code to be replaced")),
    *State.choices,
]


#: Each is made when it is asked for: at import no merchant is in scope.
GROUPS: dict[str, Callable[[], Q]] = {
    "DUE": due,
    "PAID": lambda: Q(state__in=[State.FULFILLED, State.REVERSED]),
    "TO_SEND": lambda: Q(state=State.RELEASED, fulfilment__in=[Fulfilment.MANUAL, Fulfilment.SHIPMENT]),
    "STOPPED": stopped,
    "STOPPED_HERE": stopped_here,
    "DATED": dated,
    "UNSHIPPED": lambda: Q(state=State.HELD, release_at=None) & ~stopped(),
    "UNSHIPPED_LONG": unshipped_long,
    "DUE_NOW": lambda: due() & ~stopped(),
    "CASH": cash_needed,
    "CAN_END": is_unused,
    "UNCLAIMED": lambda: Q(pk__in=can_end_unclaimed().values("pk")),
    "TO_DISABLE": lambda: Q(Exists(to_disable().filter(reward=OuterRef("pk")))),
    "TO_GIVE_ANEW": lambda: Q(Exists(to_give_anew().filter(reward=OuterRef("pk")))),
}


def to_disable() -> QuerySet[Withdrawal]:
    """Only a person can: disable it in the shop, or look whether it was used."""
    asked = [Withdrawal.State.IMPOSSIBLE, Withdrawal.State.NOT_FOUND]
    found: QuerySet[Withdrawal] = Withdrawal.objects.filter(state__in=asked)
    return found


def to_give_anew() -> QuerySet[Withdrawal]:
    """Disabled, and then the order came back: what the person has is worth nothing."""
    found: QuerySet[Withdrawal] = Withdrawal.objects.filter(
        state=Withdrawal.State.DISABLED, reward__state=State.FULFILLED
    )
    return found


def units_of(reader: Reader) -> list[tuple[str, str]]:
    """Every unit something can be of, the workspace's currency first."""
    others = sorted({unit for (unit,) in _units()} - {reader.workspace.currency})
    return [(unit, unit) for unit in (reader.workspace.currency, *others)]


@asked_often
def _units() -> QuerySet[Any]:
    return RewardKind.objects.values_list("unit").distinct().order_by()
