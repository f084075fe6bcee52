"""Send a mail once more: the same news, said with what is true today."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.kinds import KINDS, news_behind
from engagement.locks import customer_for_update
from engagement.models import Message
from engagement.readers import AGAIN
from kit.tenancy import transaction_required
from merchants import events
from merchants.models import Event, Outbox

#: One piece of news comes once in this span, whoever presses.
QUIET_FOR = timedelta(hours=1)
MOST_A_DAY = 5
REPEATED = (Message.State.SENT, Message.State.FAILED)
_WAITING = Outbox.State.WAITING


class NotSent(Exception):
    """Nothing is sent, nothing changed: ``code`` says why (not_again, still_tried, sent_lately, enough_today)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def send_again(*, message: Message, by: str, now: datetime) -> None:
    """The mail is written anew: what has moved on since is not claimed, and may keep it from being sent."""
    customer = customer_for_update(message.customer_id) if message.customer_id else None
    news = _news_of(message)
    if customer is None or news is None or not can_send_again(message):
        raise NotSent("not_again")
    if message.state == Message.State.FAILED and Outbox.objects.filter(pk=message.outbox_id, state=_WAITING).exists():
        raise NotSent("still_tried")
    asked = Event.objects.filter(subject_id=customer.pk, code=AGAIN)
    if asked.filter(at__gt=now - QUIET_FOR, data__event_id=str(news.pk)).exists():
        raise NotSent("sent_lately")
    if asked.filter(at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise NotSent("enough_today")
    data = {"message": str(message.pk), "event_id": str(news.pk), "mail": message.kind}
    events.record("mail.asked_again", subject=customer, by=by, now=now, data=data)


def can_send_again(message: Message) -> bool:
    """Of the mail alone: some have a button of their own that does more (a way into the portal, a friend's code)."""
    kind = KINDS.get(message.kind)
    return message.customer_id is not None and kind is not None and kind.may_repeat and message.state in REPEATED


def _news_of(message: Message) -> Event | None:
    row = Outbox.objects.select_related("event").filter(pk=message.outbox_id).first()
    return news_behind(row.event) if row else None
