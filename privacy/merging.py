"""What merging two rows of one person would mean, in numbers, and what stands in its way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from advocates.models import Advocate, Customer, Link, Note, Tagged, Task
from advocates.rules.merging import STRICTEST
from insights.together import count_of, row_of
from kit.asked import asked_often
from leads.models import Lead
from rewards.actions.forget import OPEN
from rewards.balances import Balance, balances_of
from rewards.models import (
    Account,
    FulfilmentAttempt,
    LedgerEntry,
    Payout,
    PayoutAccount,
    PayoutLine,
    Reward,
    TaxForm,
)
from rewards.selectors import MoneyInState, money_by_state
from tracking.actions.merge import between
from tracking.actions.ties import STANDING
from tracking.models import Claim, Order, Referral

#: Codes that are named before a merge; there may be dozens.
CODES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two rows. ``back``: what of each unit is still to be kept back from them."""

    customer: Customer
    counts: Mapping[str, int]
    money: list[MoneyInState]
    back: Mapping[str, int]
    balances: list[Balance]


@dataclass(frozen=True, slots=True)
class Place:
    """A program in which ``goes`` takes part. ``state``: what the person is there afterwards."""

    program: str
    is_both: bool
    state: str
    codes: list[str]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """``obstacles`` are codes, of which each stands in the way: erased, payout, delivery, in_doubt, tax_form, accounts,
    both_referred, leads, own_rewards, balances."""

    goes: Part
    stays: Part
    obstacles: list[str]
    places: list[Place]
    #: Referrals between the two of which a reward was released: they stay as they were decided.
    own_released: int
    is_unsubscribed: bool

    @property
    def digest(self) -> str:
        """Of all that was shown: it is confirmed as it was seen, or shown anew."""
        told = (self.goes.customer.pk, self.stays.customer.pk, self)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def merge_outlook(*, goes: Customer, stays: Customer, now: datetime) -> Outlook:
    [numbers] = _numbers(goes.pk, stays.pk)
    found = dict(zip(_names(), numbers, strict=True))
    parts = [
        _part(one, {name: count for (of, name), count in found.items() if of == whose}, now)
        for one, whose in ((goes, "goes"), (stays, "stays"))
    ]
    obstacles = [code for (of, code), count in found.items() if of == "way" and count]
    if goes.erased_at or stays.erased_at:
        obstacles.insert(0, "erased")
    if not _adds_up(parts, balances_of(goes, stays, now=now)):
        obstacles.append("balances")
    return Outlook(
        goes=parts[0],
        stays=parts[1],
        obstacles=obstacles,
        places=_places(goes, stays),
        own_released=found["both", "own_released"],
        is_unsubscribed=bool(goes.unsubscribed_at or stays.unsubscribed_at),
    )


@asked_often
def _numbers(goes: UUID, stays: UUID) -> QuerySet[Any]:
    return row_of(*map(count_of, _questions(goes, stays).values()))


@cache
def _names() -> list[tuple[str, str]]:
    return list(_questions(UUID(int=0), UUID(int=1)))


def _questions(goes: UUID, stays: UUID) -> dict[tuple[str, str], QuerySet[Any]]:
    """What is counted, and of whom: what stands in the way, what is between the two, what each has."""
    return {
        **{("way", code): rows for code, rows in _obstacles(goes, stays).items()},
        ("both", "own_released"): between(goes, stays).filter(Exists(_released()), state__in=STANDING),
        **{("goes", name): rows for name, rows in _counted(goes).items()},
        **{("stays", name): rows for name, rows in _counted(stays).items()},
    }


def own_unreleased(goes: Customer, stays: Customer) -> QuerySet[Referral]:
    """What one referred to the other and was not rewarded for so far."""
    return between(goes.pk, stays.pk).exclude(Exists(_released()))


def _released() -> QuerySet[Reward]:
    rows: QuerySet[Reward] = Reward.objects.filter(referral=OuterRef("pk"), released_at__isnull=False)
    return rows


def _obstacles(goes: UUID, stays: UUID) -> dict[str, QuerySet[Any]]:
    """Rows that stand in the way, by code."""
    pair = [goes, stays]
    lines = PayoutLine.objects.filter(recipient__in=pair)
    in_preview = Q(payout__state__in=[Payout.State.PREVIEW, Payout.State.AWAITING_APPROVAL])
    at_the_bank = Q(payout__state=Payout.State.CONFIRMED, state=PayoutLine.State.INCLUDED)
    rewards, unknown = Reward.objects.filter(recipient__in=pair), FulfilmentAttempt.State.UNKNOWN
    #: The next try would carry the key of the first one and another address.
    was_tried = Q(recipient=goes, state=Reward.State.RELEASED, attempts__gt=0)
    in_doubt = FulfilmentAttempt.objects.filter(reward=OuterRef("pk"), state=unknown)
    theirs = PayoutAccount.objects.filter(customer=stays)
    standing = Referral.objects.filter(follows=None, state__in=STANDING)
    still_to_come = Reward.objects.filter(referral=OuterRef("pk"), state__in=OPEN)
    return {
        "payout": lines.filter(in_preview | at_the_bank),
        "delivery": rewards.filter(Q(state=Reward.State.FULFILLING) | was_tried),
        "in_doubt": rewards.filter(Exists(in_doubt), state=Reward.State.FAILED),
        "tax_form": TaxForm.objects.filter(customer__in=pair, collected_at=None),
        "accounts": PayoutAccount.objects.filter(Exists(theirs), customer=goes).exclude(
            Exists(theirs.filter(fingerprint=OuterRef("fingerprint")))
        ),
        "both_referred": standing.filter(
            Exists(standing.filter(friend=stays, program=OuterRef("program"))), friend=goes
        ),
        "leads": Lead.objects.filter(
            Exists(Lead.objects.filter(customer=stays, program=OuterRef("program"))), customer=goes
        ),
        #: What one referred to the other, with a reward that is still to come.
        "own_rewards": between(goes, stays).filter(Exists(still_to_come)),
    }


def _counted(one: UUID) -> dict[str, QuerySet[Any]]:
    advocates = Advocate.objects.filter(customer=one).values("pk")
    return {
        "orders": Order.objects.filter(customer=one),
        "brought": Referral.objects.filter(advocate__in=advocates),
        "came_by": Referral.objects.filter(friend=one),
        "claims": Claim.objects.filter(friend=one),
        "rewards": Reward.objects.filter(recipient=one),
        "links": Link.objects.filter(advocate__in=advocates),
        "notes": Note.objects.filter(customer=one),
        "tags": Tagged.objects.filter(customer=one),
        "tasks": Task.objects.filter(customer=one),
        "leads": Lead.objects.filter(customer=one),
    }


def _part(one: Customer, counts: dict[str, int], now: datetime) -> Part:
    entries = LedgerEntry.objects.filter(account=Account.CLAWED_BACK, posting__reward__recipient=one)
    back = entries.values_list("unit").annotate(total=Sum("amount_minor")).order_by("unit")
    return Part(
        customer=one,
        counts=counts,
        money=money_by_state(Reward.objects.filter(recipient=one)),
        back={unit: total for unit, total in back if total},
        balances=balances_of(one, now=now),
    )


def _adds_up(parts: list[Part], together: list[Balance]) -> bool:
    """What was used of one account could have been covered by what had run out on the other: then it would come back
    to life, and somebody has to look first."""
    apart: Counter[str] = Counter()
    for part in parts:
        apart.update({each.unit: each.left for each in part.balances})
    return all(each.left == apart[each.unit] for each in together)


def _places(goes: Customer, stays: Customer) -> list[Place]:
    rows = Advocate.objects.filter(customer__in=[goes.pk, stays.pk]).select_related("program").order_by("pk")
    of_both: dict[UUID, dict[UUID, Advocate]] = {}
    for row in rows:
        of_both.setdefault(row.program_id, {})[row.customer_id] = row
    going = [each for each in of_both.values() if goes.pk in each]
    links = Link.objects.filter(advocate__in=[each[goes.pk].pk for each in going], retired_at=None)
    codes: dict[UUID, list[str]] = {}
    for advocate_id, code in links.order_by("created_at", "pk").values_list("advocate_id", "code"):
        codes.setdefault(advocate_id, []).append(code)
    return [_place(each, goes, codes.get(each[goes.pk].pk, [])) for each in going]


def _place(each: dict[UUID, Advocate], goes: Customer, codes: list[str]) -> Place:
    state = min((row.state for row in each.values()), key=STRICTEST.index)
    name = each[goes.pk].program.name
    return Place(name, len(each) > 1, str(state), codes[:CODES_SHOWN], len(codes) > CODES_SHOWN)
