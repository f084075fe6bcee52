"""A lead goes on: along its stages, to its end, and back where nothing was paid.

Every verb takes the stage that whoever pressed the button saw: of two who press at once the second learns that it has
moved, and nothing happens twice. Order of locks: the lead, then its order and what belongs to that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kit.days import local_date
from kit.tenancy import transaction_required
from kit.text import clean_text
from leads.actions.arrive import MOST_MINOR, external_id, sale_of
from leads.actions.refusals import Refused, refuse_erased
from leads.locks import lead_for_update
from leads.models import Lead
from leads.rules import BEFORE_WON, No, Stage, end_refused, step_refused
from merchants import events
from merchants.selectors import workspace
from rewards.actions.sales import HAND, LEAD, cancel_sale, is_known, tell_sale
from rewards.selectors import was_released
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import lock_friend, referral_for_update

LONGEST_NUMBER, LONGEST_WORDS = 100, 300


@transaction_required
def move_lead(*, lead: Lead, expected: str, to: str, by: str, now: datetime) -> Lead:
    """To another stage of the talks, onwards or back; out of a lost one too. Raises Refused."""
    found = lead_for_update(lead.pk)
    _refuse(step_refused(Stage(found.stage), expected, to), "to")
    was, found.lost_reason, found.lost_words = found.stage, "", ""
    _stand(found, to, now, "lost_reason", "lost_words")
    events.record("lead.moved", subject=found, by=by, now=now, data={"from": was, "to": to})
    return found


@transaction_required
def lose_lead(*, lead: Lead, expected: str, reason: str, words: str = "", by: str, now: datetime) -> Lead:
    """Raises Refused. Of the reason its code alone is told on; the words stay with the lead."""
    found = lead_for_update(lead.pk)
    _refuse(end_refused(Stage(found.stage), expected))
    if reason not in Lead.Lost.values:
        raise Refused(No.NEEDS_REASON, "reason")
    if found.stage == Stage.LOST:
        raise Refused(No.SAME)
    was = found.stage
    found.lost_reason = reason
    found.lost_words = " ".join(clean_text(words, max_length=LONGEST_WORDS).split())
    _stand(found, Stage.LOST, now, "lost_reason", "lost_words")
    events.record("lead.lost", subject=found, by=by, now=now, data={"from": was, "lost": reason})
    return found


@transaction_required
def win_lead(
    *, lead: Lead, expected: str, amount_minor: int, won_at: datetime, number: str = "", by: str, now: datetime
) -> Lead:
    """Record the sale as an order, by the way every order takes. ``amount_minor``: net of tax, in the lead's currency.
    ``number``: of the contract or invoice, if it has one. Won again after it was taken back, it is the same order in
    a newer version. Raises Refused."""
    found = lead_for_update(lead.pk)
    _refuse(end_refused(Stage(found.stage), expected))
    refuse_erased(found)
    _check_sale(found, amount_minor, won_at, now)
    was, told = found.stage, _number(found, number)
    key = OrderKey(LEAD, external_id(found))
    lock_order(key)
    if told != _own_number(found):
        _refuse_anothers(found, told)
    agreed: dict[str, Any] = {"number": told, "amount_minor": amount_minor, "paid_at": won_at}
    settled = tell_sale(key=key, sale=sale_of(found, **agreed), by=by, now=now)
    found.order, found.won_minor, found.won_at = settled.order, amount_minor, won_at
    found.lost_reason, found.lost_words = "", ""
    _stand(found, Stage.WON, now, "order", "won_minor", "won_at", "lost_reason", "lost_words")
    data = {"from": was, "amount_minor": amount_minor, "unit": found.currency, "order_id": str(settled.order.pk)}
    events.record("lead.won", subject=found, by=by, now=now, data=data)
    return found


@transaction_required
def take_back_sale(*, lead: Lead, by: str, now: datetime) -> Lead:
    """It was not won after all: the sale is cancelled, and they are talked to again. Only while no reward of it was
    released. Raises Refused."""
    found = lead_for_update(lead.pk)
    if found.stage != Stage.WON:
        raise Refused("not_won")
    lock_order(OrderKey(LEAD, external_id(found)))
    lock_friend(found.customer_id)
    order = found.order
    assert order is not None, "won leads have their sale"
    referral = referral_for_update(order.pk)
    if referral is not None and was_released(referral):
        raise Refused("already_released")
    if order.cancelled_at is None:
        cancel_sale(order=order, by=by, now=now)
    found.won_minor = found.won_at = None
    _stand(found, BEFORE_WON, now, "won_minor", "won_at")
    events.record("lead.reopened", subject=found, by=by, now=now, data={"order_id": str(found.order_id)})
    return found


def _refuse(no: No | None, field: str = "") -> None:
    if no is not None:
        raise Refused(no, field)


def _stand(lead: Lead, stage: str, now: datetime, *changed: str) -> None:
    lead.stage, lead.moved_at = stage, now
    lead.save(update_fields=["stage", "moved_at", *changed])


def _check_sale(lead: Lead, amount_minor: int, won_at: datetime, now: datetime) -> None:
    if not 0 < amount_minor <= MOST_MINOR:
        raise Refused(No.NEEDS_AMOUNT if amount_minor <= 0 else "too_much", "amount")
    if won_at > now:
        raise Refused("future", "won_on")
    zone = workspace().time_zone
    if local_date(won_at, zone) < local_date(lead.created_at, zone):
        raise Refused("won_too_early", "won_on")


def _number(lead: Lead, number: str) -> str:
    told = " ".join(clean_text(number).split())
    if len(told) > LONGEST_NUMBER:
        raise Refused("no_number", "contract")
    return told or _own_number(lead)


def _own_number(lead: Lead) -> str:
    """Of a sale without one: short enough to be said aloud."""
    return f"L-{external_id(lead)[-8:].upper()}"


def _refuse_anothers(lead: Lead, number: str) -> None:
    """Somebody told us of this order already: it would be rewarded twice. Whoever tells of the same number at this
    moment, of another lead or by hand, is waited for."""
    lock_order(OrderKey(HAND, number))
    own = lead.order.number if lead.order else ""
    if number != own and is_known(number):
        raise Refused("number_known", "contract")
