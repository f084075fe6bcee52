"""Tax forms: who reaches a threshold waits for the form, and goes on once it is there (rewards.rules.tax)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from advocates.models import Customer
from kit.days import local_date, start_of_day
from kit.locks import Rank, lock_named
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.models import Workspace
from merchants.selectors import workspace
from rewards.actions.blocks import RewardStateError, block_reward, lift_block
from rewards.actions.payouts.lines import PayoutError
from rewards.locks import rewards_for_update
from rewards.models import Reward, RewardBlock, TaxForm
from rewards.rules.tax import Threshold, countries_for, over_threshold, threshold_for

#: Once released it counts, whatever became of its delivery. What was cancelled or taken back wholly counts no more.
COUNTED = (Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FULFILLED, Reward.State.FAILED)
TAX = RewardBlock.Kind.TAX_FORM


@transaction_required
def hold_for_tax(*, now: datetime) -> int:
    """Stop what is due and would reach its recipient's threshold, and ask for the form. Returns how many were stopped.

    Called before each batch of a release. One read where nobody lives in a country with a rule.
    """
    place = workspace()
    countries = countries_for(place.currency)
    if not countries:
        return 0
    due = _due(countries, now)
    rows: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for reward_id, recipient_id in due.values_list("pk", "recipient_id"):
        rows[recipient_id].append(reward_id)
    return sum(_hold(recipient_id, rows[recipient_id], place, now) for recipient_id in sorted(rows))


def _due(countries: Iterable[str], now: datetime) -> QuerySet[Reward]:
    held: QuerySet[Reward] = Reward.objects.filter(
        state=Reward.State.HELD, release_at__lte=now, recipient__country__in=countries
    )
    stopped = RewardBlock.objects.filter(lifted_at=None).values("reward_id")
    return held.exclude(pk__in=stopped).order_by("release_at", "pk")


def _hold(recipient_id: UUID, reward_ids: list[UUID], place: Workspace, now: datetime) -> int:
    _lock_form_of(recipient_id)
    customer = Customer.objects.get(pk=recipient_id)
    year = local_date(now, place.time_zone).year
    threshold = threshold_for(customer.country, unit=place.currency, year=year)
    if threshold is None or _is_collected(customer):
        return 0
    held = [reward for reward in rewards_for_update(reward_ids) if reward.state == Reward.State.HELD]
    held.sort(key=lambda reward: (reward.release_at, reward.pk))
    due = [(reward.pk, _value_of(reward, place.currency)) for reward in held]
    counted = counted_minor(customer, year=year, place=place)
    over = set(over_threshold(due, counted_minor=counted, threshold_minor=threshold.amount_minor))
    stopped = [reward for reward in held if reward.pk in over]
    if stopped:
        _ask(customer, threshold, now)
    for reward in stopped:
        block_reward(reward=reward, kind=TAX, reason=threshold.form, by=SYSTEM, now=now)
    return len(stopped)


def _lock_form_of(customer_id: UUID) -> None:
    """Nothing is stopped for a form that is just marked collected: nobody would ever let it go. Whoever holds this asks
    for rewards of the same person only, so it matters not that a sweep comes to it with other people's rewards."""
    lock_named(Rank.ADVOCATE, "tax form", customer_id)


def _is_collected(customer: Customer) -> bool:
    rows = TaxForm.objects.filter(customer=customer, country=customer.country, collected_at__isnull=False)
    return bool(rows.exists())


def _value_of(reward: Reward, currency: str) -> int:
    return reward.amount_minor if reward.unit == currency else reward.fair_minor or 0


def counted_minor(customer: Customer, *, year: int, place: Workspace) -> int:
    """The fair value of all that was released to a person in a calendar year of the merchant's zone."""
    first, last = (start_of_day(date(each, 1, 1), place.time_zone) for each in (year, year + 1))
    left = F("amount_minor") - F("clawed_back_minor")
    own = Case(When(unit=place.currency, then=left), default=F("fair_minor"), output_field=BigIntegerField())
    rows = Reward.objects.filter(
        recipient=customer, state__in=COUNTED, released_at__gte=first, released_at__lt=last
    ).aggregate(total=Sum(Coalesce(own, 0)))
    return rows["total"] or 0


def _ask(customer: Customer, threshold: Threshold, now: datetime) -> None:
    form, is_new = TaxForm.objects.get_or_create(
        customer=customer, country=customer.country, defaults={"asked_at": now}
    )
    if is_new:
        data = {"country": customer.country, "form": threshold.form, "customer_id": str(customer.pk)}
        record("tax_form.asked", subject=form, by=SYSTEM, now=now, data=data)


@transaction_required
def collect_tax_form(*, form: TaxForm, by: str, now: datetime) -> None:
    """The form is there: everything of this person that waited for it goes on. Twice is PayoutError."""
    _lock_form_of(form.customer_id)
    rows = TaxForm.objects.filter(pk=form.pk, collected_at=None)
    if not rows.update(collected_at=now, collected_by=by):
        raise PayoutError("form_collected_already")
    data = {"country": form.country, "customer_id": str(form.customer_id)}
    record("tax_form.collected", subject=form, by=by, now=now, data=data)
    for block in _blocks_of(form.customer_id):
        with suppress(RewardStateError):  # it went to somebody else meanwhile, and does not wait any more
            lift_block(reward=block.reward, kind=TAX, by=by, now=now)


def _blocks_of(customer_id: UUID) -> QuerySet[RewardBlock]:
    rows: QuerySet[RewardBlock] = RewardBlock.objects.filter(
        reward__recipient=customer_id, kind=TAX, lifted_at=None
    ).select_related("reward")
    return rows.order_by("reward_id")
