"""Erase a person: all that says who they were goes in one transaction, and what the books need stays.

What the person could still get is given up before (privacy.steps.erasure), each reward in its own transaction and
under its own locks. Here their leads are locked, then the person, whom whoever settles an order of theirs holds too,
then the advocates they are, then their rewards: nothing that is settled at the same moment finds half of them.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast, Lower

from advocates.actions.forget import forget_advocates, forget_customer, forget_desk, mark_erased
from advocates.locks import customer_for_update
from advocates.models import Customer
from advocates.selectors import former_addresses
from integrations.actions.forget import forget_deliveries_of, waiting_deliveries_name
from kit.tenancy import transaction_required
from kit.text import email_key
from leads.locks import lock_leads_of
from leads.models import Lead, LeadAsked
from merchants.events import SYSTEM, record
from merchants.locks import workspace_for_update
from merchants.models import IdempotentRequest
from privacy.selectors import friends_to_forget, obstacles_to_erasing
from rewards.actions.forget import OPEN, forget_in_rewards, lock_rewards_of
from tracking.actions.forget import forget_in_tracking, was_referred
from tracking.models import Order


class CannotErase(Exception):
    """Refused, nothing changed. ``code``: payout, delivery, in_doubt, unread, open_rewards or merged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def refuse_if_money_is_on_its_way(*, customer: Customer) -> None:
    """Raises CannotErase."""
    for code in obstacles_to_erasing(customer):
        raise CannotErase(code)
    if any(waiting_deliveries_name(email=address) for address in addresses_of(customer)):
        raise CannotErase("unread")


def addresses_of(customer: Customer) -> list[str]:
    """With those of whoever was merged into them."""
    return [address for address in (customer.email, *former_addresses(customer)) if address]


@transaction_required
def erase_person(*, customer: Customer, by: str, now: datetime) -> Customer:
    """Nothing says who this was from here on. Erased already, they stay as they are. Raises CannotErase."""
    found = _held(customer.pk)
    if found.erased_at is not None:
        return found
    told, data = addresses_of(found), {"was_referred": was_referred(found)}
    record("customer.erased", subject=found, by=by, now=now)  # while its links still have the codes they are known by
    forget_advocates(customer=found, now=now)
    rewards = lock_rewards_of(customer=found)
    refuse_if_money_is_on_its_way(customer=found)
    if any(reward.state in OPEN for reward in rewards):
        raise CannotErase("open_rewards")
    mark_erased(customer=found, days=settings.ERASED_MARK_DAYS, now=now, **data)
    forget_in_rewards(customer=found, rewards=rewards, now=now)
    forget_in_tracking(customer=found)
    forget_desk(customer=found)
    _forget_lead(found)
    forget_deliveries_of(orders=list(Order.objects.filter(customer=found).values_list("pk", flat=True)))
    for address in told:
        _forget_answers(address)
    forget_customer(customer=found, now=now)
    return found


@transaction_required
def forget_friend(*, customer_id: UUID, now: datetime) -> bool:
    """Somebody of ``friends_to_forget``, asked once more under the locks of erasing: since they were listed they may
    have bought. Says whether they are forgotten. Raises CannotErase."""
    friend = _held(customer_id)
    if not friends_to_forget(now=now).filter(pk=customer_id).exists():
        return False
    erase_person(customer=friend, by=SYSTEM, now=now)
    return True


def _held(customer_id: UUID) -> Customer:
    workspace_for_update()  # before any other lock: words of the desk come and go under it
    lock_leads_of(customer_id)
    return customer_for_update(customer_id)


def _forget_lead(customer: Customer) -> None:
    """Stage, value and sale stay; who it was and what they wrote goes."""
    nothing = {"name": "", "company": "", "phone": "", "message": "", "token": "", "lost_words": ""}
    Lead.objects.filter(customer=customer).update(**nothing, name_shown=False)
    spelled = {spelling for one in addresses_of(customer) for spelling in (one, email_key(one))}
    LeadAsked.objects.filter(email__in=spelled).delete()


def _forget_answers(email: str) -> None:
    """Answers of the API, kept for a day so that a request can be repeated."""
    rows = IdempotentRequest.objects.annotate(words=Lower(Cast("answer", TextField())))
    # The whole address: with another's answer gone, a request of theirs that is sent again would be done twice.
    found = rows.filter(words__regex=rf"(^|[^a-z0-9._%+-]){re.escape(email.lower())}([^a-z0-9-]|$)")
    IdempotentRequest.objects.filter(pk__in=found.values("pk")).delete()
