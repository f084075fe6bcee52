"""The two transactions around a mail: decide and write it down before it is sent, note that it was sent after."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from advocates.models import Advocate
from engagement.actions.team import tell_team
from engagement.desk import House, Occasion, Recipient
from engagement.kinds import Kind, kind_of, news_behind
from engagement.letters import Letter, write_letter
from engagement.locks import customer_for_update, message_for_update
from engagement.models import Message
from engagement.notices import SWITCHED_OFF, notice_of
from engagement.readers import TEAM_MAIL_OF_EVENT, writes_to_somebody
from kit.asked import asked_often
from kit.limits import within_limit_of
from kit.tenancy import transaction_required
from kit.text import email_key
from merchants.events import SYSTEM, record
from merchants.models import Outbox
from merchants.selectors import workspace

DAY_SECONDS = 86_400
#: Why a mail was not sent: its recipient had enough of its sort today.
TOO_MANY = "too_many_a_day"


@transaction_required
def begin_message(*, outbox_id: UUID, now: datetime) -> Letter | None:
    """The mail this outbox row asks for, written down as SENDING. None: nobody is to be told, or it is done already.

    Who the person is, what they want and whether the news still holds is asked now, not when the event happened.
    """
    row = next(iter(_rows(outbox_id)), None)
    if row is None:
        return None
    if mail := TEAM_MAIL_OF_EVENT.get(row.event.code):
        tell_team(event=row.event, mail=mail, now=now)
    if not writes_to_somebody(row.event.code):
        return None
    news = news_behind(row.event)
    if news is None:
        return None
    kind, house = kind_of(news), House(row.merchant, workspace())
    occasion = kind.build(news, house)
    if occasion is None or (news is not row.event and occasion.to.customer_id != row.event.subject_id):
        return None
    message, is_new = _message(row, kind, occasion, now)
    if message.state in (Message.State.SENT, Message.State.SKIPPED):
        return None
    notice = notice_of(news, kind.name)
    reason = occasion.skip or _kept_from(kind, occasion.to) or (SWITCHED_OFF if notice and notice.is_off else "")
    if not reason and is_new and _is_too_much(kind, occasion.to, house):
        reason = TOO_MANY
        _tell_dropped(message, now)
    if reason:
        _set(message, Message.State.SKIPPED, reason)
        return None
    _set(message, Message.State.SENDING)
    way_out = notice.way_out if notice else ""
    return write_letter(kind=kind, occasion=occasion, house=house, message_id=message.pk, way_out=way_out)


@asked_often
def _rows(outbox_id: UUID) -> QuerySet[Outbox]:
    rows: QuerySet[Outbox] = Outbox.objects.select_related("event", "merchant").filter(pk=outbox_id)
    return rows


def _message(row: Outbox, kind: Kind, occasion: Occasion, now: datetime) -> tuple[Message, bool]:
    """The one message of this row and person, and whether it is new; locked, so that two workers do not both decide."""
    made, is_new = Message.objects.get_or_create(
        outbox_id=row.pk,
        kind=kind.name,
        customer_id=occasion.to.customer_id,
        defaults={"state": Message.State.SENDING, "at": now},
    )
    return message_for_update(made.pk), is_new


def _is_too_much(kind: Kind, to: Recipient, house: House) -> bool:
    """More was asked for with this address today, at whatever shops, than a person asks for. Sandboxes mail nobody."""
    if not kind.on_request or house.merchant.is_sandbox:
        return False
    who, most, spared = email_key(to.email), settings.MAILS_ON_REQUEST_A_DAY, kind.even_beyond
    if within_limit_of("mail on request", who, most=most, seconds=DAY_SECONDS):
        return False
    seconds = int(spared.total_seconds()) if spared else 0
    return not (seconds and within_limit_of(kind.name, house.merchant.pk, who, most=1, seconds=seconds))


def _tell_dropped(message: Message, now: datetime) -> None:
    """Dropped and not kept waiting: later it would be the same flood a day late, and whoever really wants one of these
    asks again (a claim and its code stay, and are mailed once more)."""
    customer = customer_for_update(message.customer_id) if message.customer_id else None
    if customer:
        record("mail.dropped", subject=customer, by=SYSTEM, now=now, data={"kind": message.kind})


def _kept_from(kind: Kind, to: Recipient) -> str:
    """Why this person gets no mail of this kind; empty when they do."""
    if not to.email:
        return "no_address"
    if to.unsubscribed and not kind.is_transactional:
        return "unsubscribed"
    state = to.advocate.state if to.advocate else None
    if state == Advocate.State.BANNED and not kind.even_if_banned:
        return "advocate_banned"
    if state == Advocate.State.PAUSED and not kind.is_transactional:
        return "advocate_paused"
    return ""


def _set(message: Message, state: Message.State, reason: str = "") -> None:
    if (message.state, message.reason) != (state, reason):
        message.state, message.reason = state, reason
        message.save(update_fields=["state", "reason"])


@transaction_required
def note_sent(*, message_id: UUID, now: datetime) -> None:
    message = message_for_update(message_id)
    message.state, message.reason, message.sent_at = Message.State.SENT, "", now
    message.save(update_fields=["state", "reason", "sent_at"])


@transaction_required
def note_failed(*, message_id: UUID, reason: str) -> None:
    """The mail server refused; the next try begins again. Sent by another worker meanwhile, it stays sent."""
    message = message_for_update(message_id)
    if message.state == Message.State.SENDING:
        _set(message, Message.State.FAILED, reason[:60])
