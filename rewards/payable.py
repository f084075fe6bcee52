"""Who is owed what, from the rows and the ledger: what a payout would pay, and what it would keep back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum

from advocates.models import Advocate, Customer
from kit.asked import asked_often
from kit.many import any_of
from kit.money import is_currency
from programs.rules import Fulfilment
from rewards.models import (
    Account,
    LedgerEntry,
    Payout,
    PayoutAccount,
    PayoutItem,
    PayoutLine,
    PayoutPolicy,
    Reward,
    RewardBlock,
    TaxForm,
    Withdrawal,
)

#: A payout that can still be changed.
OPEN = (Payout.State.PREVIEW, Payout.State.AWAITING_APPROVAL)


def payout_policy() -> PayoutPolicy:
    """The merchant's, or what holds until they have said anything (not stored then)."""
    return PayoutPolicy.objects.first() or PayoutPolicy()


def minimum_in(unit: str, *, policy: PayoutPolicy, currency: str) -> int:
    """The smallest payout; ``currency`` is the workspace's. Amounts are never converted: in any other there is none."""
    return policy.minimum_minor if unit == currency else 0


def payable_rewards(*, unit: str, cut_off_at: datetime | None = None) -> QuerySet[Reward]:
    """Released for a payout, in no payout yet and not stopped, by key. Without a cut-off: whenever released."""
    found: QuerySet[Reward] = Reward.objects.filter(
        fulfilment=Fulfilment.PAYOUT, unit=unit, state=Reward.State.RELEASED, amount_minor__gt=0
    )
    if cut_off_at is not None:
        found = found.filter(released_at__lte=cut_off_at)
    return found.exclude(Exists(_open_blocks())).order_by("pk")


def stopped_payable_minor(*, unit: str) -> int:
    """Released for a payout and stopped: in no preview until somebody lets it go."""
    rows = Reward.objects.filter(fulfilment=Fulfilment.PAYOUT, unit=unit, state=Reward.State.RELEASED)
    total: int | None = rows.filter(Exists(_open_blocks())).aggregate(total=Sum("amount_minor"))["total"]
    return total or 0


def _open_blocks() -> QuerySet[Any]:
    return RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None)


@dataclass(frozen=True, slots=True)
class Debt:
    """What a person owes for one reward; negative where it came back and has to be given again."""

    reward_id: UUID
    recipient_id: UUID
    amount_minor: int


def debts(*, unit: str, recipient_ids: Collection[UUID] | None = None) -> list[Debt]:
    """Of every kind of reward in this unit, by key: the ledger's word, less what a payout under way keeps back already.

    While a provider is asked to disable a code, nobody knows whether that debt comes back by itself: it waits.
    """
    known = _clawed_back(unit) if recipient_ids is None else _clawed_back_of(unit, list(recipient_ids))
    found = []
    for reward_id, recipient_id, total, kept_back in known:
        if left := total + (kept_back or 0):
            found.append(Debt(reward_id, recipient_id, left))
    return found


@asked_often
def _clawed_back(unit: str) -> QuerySet[Any]:
    return _by_reward(LedgerEntry.objects.all(), unit)


@asked_often
def _clawed_back_of(unit: str, recipient_ids: list[UUID]) -> QuerySet[Any]:
    return _by_reward(LedgerEntry.objects.filter(any_of("posting__reward__recipient", recipient_ids)), unit)


def _by_reward(entries: QuerySet[Any], unit: str) -> QuerySet[Any]:
    """(reward, recipient, what came back, minus what a payout under way keeps back of it)."""
    entries = entries.filter(account=Account.CLAWED_BACK, unit=unit, posting__reward__isnull=False)
    asked = Withdrawal.objects.filter(reward=OuterRef("posting__reward"), state=Withdrawal.State.WAITING)
    sums = entries.exclude(Exists(asked)).values_list("posting__reward_id", "posting__reward__recipient_id")
    under_way = Subquery(_corrections_under_way(unit).filter(reward=OuterRef("posting__reward_id")).values("total"))
    return sums.annotate(total=Sum("amount_minor"), under_way=under_way).order_by("posting__reward_id")


def _corrections_under_way(unit: str) -> QuerySet[Any]:
    """By reward, minus where it is kept back. Of confirmed payouts whose transfers nobody has heard of yet."""
    items = PayoutItem.objects.filter(
        is_live=True,
        is_correction=True,
        line__state=PayoutLine.State.INCLUDED,
        line__payout__state=Payout.State.CONFIRMED,
        line__payout__unit=unit,
    )
    rows: QuerySet[Any] = items.order_by().values("reward_id").annotate(total=Sum("amount_minor"))
    return rows


@dataclass(slots=True)
class Due:
    """What one person would be paid: rewards with their amounts, and corrections (minus is kept back)."""

    pays: list[tuple[UUID, int]] = field(default_factory=list)
    corrections: list[tuple[UUID, int]] = field(default_factory=list)

    @property
    def amount_minor(self) -> int:
        return sum(amount for _key, amount in (*self.pays, *self.corrections))

    def items(self) -> set[tuple[UUID, int, bool]]:
        paid = {(key, amount, False) for key, amount in self.pays}
        return paid | {(key, amount, True) for key, amount in self.corrections}


def due_by_recipient(*, unit: str, cut_off_at: datetime) -> dict[UUID, Due]:
    """Everybody with something to be paid or to be given again. A debt alone makes nobody a recipient."""
    due: defaultdict[UUID, Due] = defaultdict(Due)
    rows = payable_rewards(unit=unit, cut_off_at=cut_off_at).values_list("recipient_id", "pk", "amount_minor")
    for recipient_id, reward_id, amount in rows:
        due[recipient_id].pays.append((reward_id, amount))
    for debt in sorted(debts(unit=unit), key=lambda one: one.amount_minor):  # what has to be given again comes first
        if debt.amount_minor < 0 or debt.recipient_id in due:
            due[debt.recipient_id].corrections.append((debt.reward_id, -debt.amount_minor))
    return {key: one for key, one in due.items() if one.pays or one.amount_minor > 0}


def accounts_of(recipient_ids: Collection[UUID]) -> dict[UUID, PayoutAccount]:
    rows = PayoutAccount.objects.filter(customer__in=recipient_ids)
    return {account.customer_id: account for account in rows}


def shared_fingerprints(accounts: Collection[PayoutAccount]) -> set[str]:
    """Of these accounts, those that more than one person gave."""
    rows = PayoutAccount.objects.filter(fingerprint__in=[account.fingerprint for account in accounts])
    seen: dict[str, int] = {}
    for fingerprint in rows.values_list("fingerprint", flat=True):
        seen[fingerprint] = seen.get(fingerprint, 0) + 1
    return {fingerprint for fingerprint, times in seen.items() if times > 1}


def ready_of(recipient_ids: Collection[UUID]) -> dict[UUID, tuple[bool, bool]]:
    """By person: whether they have said where to pay, and whether a tax form of theirs is missing. One statement."""
    mine = OuterRef("pk")
    rows = Customer.objects.filter(pk__in=recipient_ids).annotate(
        has_account=Exists(PayoutAccount.objects.filter(customer=mine)),
        waits=Exists(TaxForm.objects.filter(customer=mine, collected_at=None)),
    )
    return {key: (has, waits) for key, has, waits in rows.values_list("pk", "has_account", "waits")}


def waiting_for_form(recipient_ids: Collection[UUID]) -> set[UUID]:
    rows = TaxForm.objects.filter(customer__in=recipient_ids, collected_at=None)
    return set(rows.values_list("customer_id", flat=True))


@dataclass(frozen=True, slots=True)
class Coming:
    """What the next payout would pay one person in one unit: released and free, less what they owe."""

    unit: str
    owed_minor: int
    back_minor: int

    @property
    def total_minor(self) -> int:
        return self.owed_minor - self.back_minor


def coming_to(recipient_id: UUID) -> list[Coming]:
    owed, found = dict(_owed(recipient_id)), []
    for unit in sorted({*owed, *_units_of_debts(recipient_id)}):
        back = sum(debt.amount_minor for debt in debts(unit=unit, recipient_ids=[recipient_id]))
        if owed.get(unit, 0) or back:
            found.append(Coming(unit, owed.get(unit, 0), back))
    return found


@asked_often
def _owed(recipient_id: UUID) -> QuerySet[Any]:
    """(unit, sum) of what is released for a payout and not stopped."""
    rows = Reward.objects.filter(recipient=recipient_id, fulfilment=Fulfilment.PAYOUT, state=Reward.State.RELEASED)
    free = rows.exclude(Exists(_open_blocks()))
    return free.order_by().values_list("unit").annotate(total=Sum("amount_minor"))


def _units_of_debts(recipient_id: UUID) -> set[str]:
    """Money only: what is owed in points is no business of a payout."""
    return {unit for (unit,) in _units_clawed_back(recipient_id) if is_currency(unit)}


@asked_often
def _units_clawed_back(recipient_id: UUID) -> QuerySet[Any]:
    entries = LedgerEntry.objects.filter(account=Account.CLAWED_BACK, posting__reward__recipient=recipient_id)
    return entries.order_by().values_list("unit").distinct()


def is_paid_out(advocate: Advocate) -> bool:
    """Whether money can come to them: by the program's terms, or by a reward they have."""
    terms = advocate.program.live_terms
    rules = [terms.advocate_reward, *(tier.advocate_reward for tier in terms.tiers)]
    ways = [taken for rule in rules for taken in (rule, *(rule.as_chosen(choice.key) for choice in rule.choices))]
    by_terms = any((way.gives.fulfilment if way.gives else way.fulfilment) == Fulfilment.PAYOUT for way in ways)
    return by_terms or has_cash(advocate.customer_id)


def has_cash(recipient_id: UUID) -> bool:
    return bool(Reward.objects.filter(recipient=recipient_id, fulfilment=Fulfilment.PAYOUT).exists())


def payable_units() -> list[tuple[str, int, int]]:
    """(unit, rewards, sum) of all that is released for a payout and not stopped."""
    rows = Reward.objects.filter(fulfilment=Fulfilment.PAYOUT, state=Reward.State.RELEASED, amount_minor__gt=0)
    rows = rows.exclude(Exists(_open_blocks())).values("unit").annotate(total=Sum("amount_minor"))
    return [(row["unit"], row["count"], row["total"]) for row in rows.annotate(count=Count("pk")).order_by("unit")]


def total_of(payout: Payout, *states: str) -> int:
    lines = PayoutLine.objects.filter(payout=payout, state__in=states or [PayoutLine.State.INCLUDED])
    total: int | None = lines.aggregate(total=Sum("amount_minor"))["total"]
    return total or 0


def confirmed_alone_minor(by: str, *, unit: str, since: datetime) -> int:
    """What somebody confirmed without asking a second person. What did not arrive does not count."""
    lines = PayoutLine.objects.filter(
        payout__unit=unit,
        payout__confirmed_by=by,
        payout__asked_by="",
        payout__confirmed_at__gt=since,
        state__in=[PayoutLine.State.INCLUDED, PayoutLine.State.PAID],
    )
    total: int | None = lines.aggregate(total=Sum("amount_minor"))["total"]
    return total or 0
