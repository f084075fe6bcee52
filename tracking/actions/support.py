"""What support sends people once more: the code they claimed, the question who sent them. Seldom, and in the log."""

from __future__ import annotations

from datetime import datetime, timedelta

from kit.tenancy import transaction_required
from merchants.events import record
from merchants.models import Event, TenantModel
from merchants.selectors import workspace
from tracking.actions.facts import lock_order
from tracking.actions.introductions import question_about
from tracking.facts import OrderKey
from tracking.locks import claim_for_update
from tracking.models import Claim, Introduction, Order
from tracking.selectors import introduction_of, who_sent_until

#: The same thing is not sent to the same person more often.
QUIET_FOR = timedelta(hours=1)


class NotSent(Exception):
    """Refused, nothing changed. ``code``: no_address, no_code, over, sent_lately or not_askable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def send_code_again(*, claim: Claim, by: str, now: datetime) -> None:
    """The mail with the friend's code, to the address they claimed with. Raises NotSent."""
    locked = claim_for_update(claim.pk)
    if locked.friend_id is None:
        raise NotSent("no_address")
    if locked.state != Claim.State.ISSUED:
        raise NotSent("no_code")
    if locked.expires_at <= now:
        raise NotSent("over")
    _refuse_too_often(locked, "claim.sent_again", now)
    record("claim.sent_again", subject=locked, by=by, now=now, data={"advocate_id": str(locked.advocate_id)})


@transaction_required
def ask_who_sent(*, order: Order, by: str, now: datetime) -> Introduction:
    """The question by mail, whatever the program does by itself, while the buyer may still answer. Raises NotSent."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    until, told = who_sent_until(order, zone=workspace().time_zone), introduction_of(order)
    if until is None or until <= now or (told and told.state != Introduction.State.ASKED):
        raise NotSent("not_askable")
    if told:
        _refuse_too_often(told, "introduction.asked", now)
    question = told or question_about(order, until, now)
    record("introduction.asked", subject=question, by=by, now=now, data={"order_id": str(order.pk)})
    return question


def _refuse_too_often(subject: TenantModel, code: str, now: datetime) -> None:
    lately = Event.objects.filter(subject_id=subject.pk, code=code, at__gt=now - QUIET_FOR)
    if lately.exists():
        raise NotSent("sent_lately")
