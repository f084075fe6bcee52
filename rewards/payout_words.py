"""Payouts in words: why somebody is not in one, why a transfer failed, and what a released reward waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Subquery, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.clock import now_for
from kit.days import local_date
from kit.units import amount_text
from kit.wording import day
from merchants.models import Workspace
from merchants.selectors import workspace
from programs.rules import Fulfilment
from rewards.models import Payout, PayoutItem, PayoutPolicy, Reward
from rewards.payable import debts, minimum_in, payable_rewards, ready_of
from rewards.rules.payouts import LeftOut, NotPaid, Owed, left_out, payout_day_for
from rewards.wording import Missing

Cycle = PayoutPolicy.Cycle

LEFT_OUT: dict[str, Promise | str] = {
    LeftOut.BY_HAND: _("Left out by hand."),
    LeftOut.OWES_MORE: _("Nothing is left after what was taken back earlier."),
    LeftOut.TAX_FORM: _("A tax form is missing."),
    LeftOut.NO_ACCOUNT: _("Has not said where to pay."),
    LeftOut.BELOW_MINIMUM: _("Below the smallest payout."),
}
NOT_PAID: dict[str, Promise | str] = {
    NotPaid.ACCOUNT_WRONG: _("The account is wrong"),
    NotPaid.ACCOUNT_CLOSED: _("The account is closed"),
    NotPaid.RETURNED: _("The money came back"),
    NotPaid.CALLED_OFF: _("Not sent after all"),
    NotPaid.OTHER: _("Another reason"),
}
_CYCLES: dict[str, Promise | str] = {
    Cycle.WEEKLY: _("every Monday"),
    Cycle.MONTHLY: _("on the first day of every month"),
    Cycle.QUARTERLY: _("on the first day of every quarter"),
}


def line_reason(code: str) -> str:
    """Why a line is left out or failed."""
    return str(LEFT_OUT.get(code) or NOT_PAID.get(code) or "")


def cycle_text(policy: PayoutPolicy) -> str:
    return str(_CYCLES[policy.cycle])


@dataclass(frozen=True, slots=True)
class PayoutDays:
    """The merchant's days of payout from ``earliest`` on: read once, asked for many rewards."""

    policy: PayoutPolicy
    earliest: date
    zone: str

    def day_for(self, released_at: datetime) -> date:
        released_on, policy = local_date(released_at, self.zone), self.policy
        return payout_day_for(released_on, cycle=policy.cycle, cut_off_days=policy.cut_off_days, earliest=self.earliest)


def payout_days(*, place: Workspace, now: datetime) -> PayoutDays:
    """From today on. A cycle's day on which a payout was confirmed is over."""
    zone, (policy, last) = place.time_zone, _policy_and_last()
    today = local_date(now, zone)
    earliest = max(today, local_date(last, zone) + timedelta(days=1)) if last else today
    return PayoutDays(policy, earliest, zone)


def _policy_and_last() -> tuple[PayoutPolicy, datetime | None]:
    """What holds, and when a payout was last confirmed: one statement where the merchant has said anything."""
    confirmed = Payout.objects.filter(confirmed_at__isnull=False).order_by("-confirmed_at")
    rows = PayoutPolicy.objects.annotate(last=Subquery(confirmed.values("confirmed_at")[:1]))
    if policy := rows.first():
        return policy, policy.last
    return PayoutPolicy(), confirmed.values_list("confirmed_at", flat=True).first()


def next_payout_day(*, place: Workspace, now: datetime) -> date:
    """When something released now is paid."""
    return payout_days(place=place, now=now).day_for(now)


# --- what a released reward waits for -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """What stands between one recipient and a payout in one unit."""

    reason: LeftOut | None
    amount_minor: int


def payout_steps(
    rewards: Iterable[Reward], *, language: str, zone: str, place: Workspace | None = None, now: datetime | None = None
) -> dict[UUID, Missing]:
    """For rewards that a payout pays, by id. No query where there are none; ``place`` and ``now`` are asked for where
    the caller has not got them."""
    waiting = [reward for reward in rewards if reward.fulfilment == Fulfilment.PAYOUT]
    under_way = [reward.pk for reward in waiting if reward.state == Reward.State.FULFILLING]
    released = [reward for reward in waiting if reward.state == Reward.State.RELEASED]
    found = dict(_under_way(under_way)) if under_way else {}
    if released:
        place = place or workspace()
        found |= dict(_released(released, place, now or now_for(place.merchant), language, zone))
    return found


def _under_way(reward_ids: list[UUID]) -> Iterator[tuple[UUID, Missing]]:
    items = PayoutItem.objects.filter(reward__in=reward_ids, is_live=True, is_correction=False)
    for reward_id, number in items.values_list("reward_id", "line__payout__number"):
        text = _now("In payout %(number)s. Waiting for the bank.") % {"number": number}
        yield reward_id, Missing("transfer", text)


def _released(
    rewards: list[Reward], place: Workspace, now: datetime, language: str, zone: str
) -> Iterator[tuple[UUID, Missing]]:
    days = payout_days(place=place, now=now)
    minimum = {unit: minimum_in(unit, policy=days.policy, currency=place.currency) for unit in _units(rewards)}
    people = {unit: _people(unit, _recipients(rewards, unit), minimum[unit]) for unit in minimum}
    for reward in rewards:
        person = people[reward.unit].get(reward.recipient_id)
        if person is None or person.reason is None:
            assert reward.released_at is not None, "what is released has its time"
            when = day(days.day_for(reward.released_at), zone, language)
            yield reward.pk, Missing("payout", _now("Waits for the payout of %(day)s.") % {"day": when})
        else:
            words = _standing_in_the_way(person, minimum[reward.unit], reward.unit, language)
            yield reward.pk, Missing(f"payout_{person.reason}", words)


def _units(rewards: list[Reward]) -> set[str]:
    return {reward.unit for reward in rewards}


def _recipients(rewards: list[Reward], unit: str) -> set[UUID]:
    return {reward.recipient_id for reward in rewards if reward.unit == unit}


def _people(unit: str, recipient_ids: set[UUID], minimum_minor: int) -> dict[UUID, Person]:
    sums: defaultdict[UUID, int] = defaultdict(int)
    payable = payable_rewards(unit=unit).filter(recipient__in=recipient_ids).order_by()
    for key, total in payable.values_list("recipient_id").annotate(total=Sum("amount_minor")):
        sums[key] += total
    for debt in debts(unit=unit, recipient_ids=recipient_ids):
        sums[debt.recipient_id] -= debt.amount_minor
    ready = ready_of(recipient_ids) if sums else {}
    return {
        key: Person(left_out(Owed(total, *ready[key]), minimum_minor=minimum_minor), total)
        for key, total in sums.items()
    }


def _standing_in_the_way(person: Person, minimum_minor: int, unit: str, language: str) -> str:
    if person.reason == LeftOut.BELOW_MINIMUM:
        amounts = {
            "minimum": amount_text(minimum_minor, unit, language),
            "sum": amount_text(person.amount_minor, unit, language),
        }
        return _now("Waits until %(minimum)s have come together; so far it is %(sum)s.") % amounts
    texts = {
        LeftOut.NO_ACCOUNT: _now("Waits until the recipient has said in the portal where to pay."),
        LeftOut.TAX_FORM: _now("Waits for the recipient's tax form."),
        LeftOut.OWES_MORE: _now("Kept back: the recipient still owes more from rewards that were taken back."),
    }
    return texts[person.reason or LeftOut.NO_ACCOUNT]
