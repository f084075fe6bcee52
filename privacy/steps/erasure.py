"""Erase a person, whatever they still have to get: first that is given up, then they are forgotten.

Died half-way, everything that was done is done, the person still stands there, and asking again goes on.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from advocates.models import Customer
from engagement.mailbox import forget_mails_to
from exports.actions import remove_all
from imports.actions import Busy, drop, waiting_import
from imports.selectors import file_names, kept_files
from integrations.actions.forget import forget_deliveries
from kit.clock import now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.events import SYSTEM, told_to_nobody
from merchants.models import Merchant, merchant_of
from privacy.actions.erasure import CannotErase, addresses_of, erase_person, refuse_if_money_is_on_its_way
from privacy.selectors import open_rewards_of, open_rewards_of_erased
from rewards.actions.blocks import RewardStateError
from rewards.actions.forget import OPEN
from rewards.actions.rejection import reject_reward
from rewards.models import Reward

#: How often giving up and erasing is begun anew.
TRIES = 3


@transaction_forbidden
def erase(ref: TenantRef, *, customer_id: UUID, gives_up: bool, by: str) -> None:
    """``gives_up``: they do not get what is held or due for them. Raises CannotErase; the person then stays."""
    merchant = merchant_of(ref)
    told = in_tenant_transaction(ref, lambda: _begin(customer_id, gives_up=gives_up))
    if not told:
        return
    for address in told:
        _drop_files_that_name(ref, merchant, address, by)
        _forget_deliveries(ref, address)
    _give_up_and_erase(ref, merchant, customer_id, gives_up=gives_up, by=by)
    in_tenant_transaction(ref, lambda: remove_all(now=now_for(merchant)))  # those that were begun in that moment
    for address in told:
        forget_mails_to(merchant.slug, address)


def _give_up_and_erase(ref: TenantRef, merchant: Merchant, customer_id: UUID, *, gives_up: bool, by: str) -> None:
    """An order that is settled meanwhile may bring a reward more: then both once more."""
    for attempt in range(1, TRIES + 1):
        if gives_up:
            give_up_all(ref, merchant, customer_id, by)
        try:
            in_tenant_transaction(ref, partial(_erase, customer_id, merchant, by))
            return
        except CannotErase as error:
            if error.code != "open_rewards" or not gives_up or attempt == TRIES:
                raise


def _erase(customer_id: UUID, merchant: Merchant, by: str) -> None:
    """With the files they may stand in: nobody could ask for that any more once they are erased."""
    now = now_for(merchant)
    erase_person(customer=_one(customer_id), by=by, now=now)
    remove_all(now=now)


@transaction_forbidden
def sweep(ref: TenantRef) -> None:
    """What was settled for somebody in the very moment they were erased is given up too: nobody is there to get it."""
    left = in_tenant_transaction(ref, open_rewards_of_erased)
    if left:
        merchant = merchant_of(ref)
        for key in left:
            in_tenant_transaction(ref, partial(_give_up, key, merchant, SYSTEM))


def _one(customer_id: UUID) -> Customer:
    """Raises CannotErase for somebody who was merged meanwhile: whoever they are now was not meant."""
    found: Customer | None = Customer.objects.filter(pk=customer_id).first()
    if found is None:
        raise CannotErase("merged")
    return found


def _begin(customer_id: UUID, *, gives_up: bool) -> list[str]:
    """Their addresses; none where they are erased already."""
    customer = _one(customer_id)
    if customer.erased_at is not None:
        return []
    refuse_if_money_is_on_its_way(customer=customer)
    if open_rewards_of(customer) and not gives_up:
        raise CannotErase("open_rewards")
    return addresses_of(customer)


def give_up_all(ref: TenantRef, merchant: Merchant, customer_id: UUID, by: str) -> int:
    """Refuse each reward that is held or due for them; nobody is mailed about it. Gives how many."""
    keys = in_tenant_transaction(ref, lambda: [one.pk for one in _refusable(customer_id)])
    for key in keys:
        in_tenant_transaction(ref, partial(_give_up, key, merchant, by))
    return len(keys)


def _refusable(customer_id: UUID) -> list[Reward]:
    """One that was refused and is still open is another's to end, and stands in the way."""
    return [reward for reward in open_rewards_of(_one(customer_id)) if reward.rejected_at is None]


def _give_up(reward_id: UUID, merchant: Merchant, by: str) -> None:
    reward: Reward = Reward.objects.select_related("order").get(pk=reward_id)
    if reward.rejected_at is not None or reward.state not in OPEN:
        return
    try:
        with told_to_nobody():
            reject_reward(reward=reward, reason="", by=by, now=now_for(merchant))
    except RewardStateError as error:
        raise CannotErase("delivery") from error


def _forget_deliveries(ref: TenantRef, email: str) -> None:
    below: UUID | None = None
    while True:
        below, _gone = in_tenant_transaction(ref, partial(forget_deliveries, email=email, below=below))
        if below is None:
            return


def _drop_files_that_name(ref: TenantRef, merchant: Merchant, email: str, by: str) -> None:
    """Files that were brought and are not taken in yet: importing one would make the person known again. Raises
    CannotErase while one is being read."""
    for key in in_tenant_transaction(ref, kept_files):
        in_tenant_transaction(ref, partial(_drop_if_it_names, key, merchant, email, by))


def _drop_if_it_names(import_id: UUID, merchant: Merchant, email: str, by: str) -> None:
    if not file_names(import_id, email):
        return
    try:
        drop(one=waiting_import(import_id), by=by, now=now_for(merchant))
    except Busy as error:
        raise CannotErase("unread") from error
