"""What rewards know of a person goes: accounts, addresses and words. Amounts, dates and the ledger stay as they are."""

from __future__ import annotations

from datetime import datetime

from advocates.models import Customer
from kit.locks import Rank, note
from kit.tenancy import transaction_required
from rewards.models import (
    DeliveryAddress,
    PayoutAccount,
    PayoutLine,
    Reward,
    RewardBlock,
    Spend,
    Surprise,
)

#: Neither with the person nor off for good.
OPEN = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)
#: What stands for the words of a reward that was given for no order: its row may not be without any.
NO_WORDS = "-"


@transaction_required
def lock_rewards_of(*, customer: Customer) -> list[Reward]:
    """Every reward this person gets, as it stands, in the order of locks. Whoever is writing one just now holds the
    person's row by its key, so they are waited for first."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    note(Rank.REWARD)
    rows = Reward.objects.filter(recipient=customer).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


@transaction_required
def forget_in_rewards(*, customer: Customer, rewards: list[Reward], now: datetime) -> None:
    """``rewards``: as locked, none of them open. One that is off comes back for nobody, whatever its order does."""
    ids = [reward.pk for reward in rewards]
    theirs = Reward.objects.filter(pk__in=ids)
    theirs.filter(state=Reward.State.CANCELLED, rejected_at=None).update(rejected_at=now)
    theirs.exclude(order=None).update(note="")
    theirs.filter(order=None).update(note=NO_WORDS)
    RewardBlock.objects.filter(reward__in=ids, kind=RewardBlock.Kind.MANUAL).update(reason="")
    Surprise.objects.filter(reward__in=ids).update(message="")
    DeliveryAddress.objects.filter(reward__in=ids).delete()
    PayoutAccount.objects.filter(customer=customer).delete()
    PayoutLine.objects.filter(recipient=customer).update(sealed="", hint="")
    Spend.objects.filter(customer=customer).update(reason="")
