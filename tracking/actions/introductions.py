"""Who sent you? A friend whose order nobody referred says afterwards who it was, and that advocate is asked.

Whether a name or code belongs to somebody is told to nobody: whatever the friend writes gets the same answer. What the
advocate confirms becomes a touch of the order (tracking.actions.attribute) and is judged like every other.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet, Value
from django.db.models.functions import Lower

from advocates.models import Advocate
from advocates.selectors import advocate_by_link_code
from kit.asked import asked_often
from kit.clock import real_time
from kit.days import add_days
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants.events import SYSTEM, record
from merchants.selectors import workspace
from merchants.wakeups import wake
from programs.models import Program
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import introduction_for_update, open_introductions_for_update
from tracking.models import Introduction, Order
from tracking.selectors import asking_programs, has_bought_before, introduction_of, who_sent_until

#: In the log: the buyer of the order, who has no account anywhere.
FRIEND = "friend"
#: So often one friend may write a name or a code about one order.
MOST_TRIES = 3
LONGEST_CODE, LONGEST_NAME = 40, 80
#: Orders told later than this are history: their buyers are not written to.
MAIL_WITHIN = timedelta(days=3)
BATCH = 200

_CODE = re.compile(r"[A-Z0-9_-]{3,40}", re.ASCII)
_State = Introduction.State
_OPEN = (_State.ASKED, _State.NAMED, _State.DENIED)


def asks_by_mail() -> bool:
    return bool(_mailing_programs())


@asked_often
def _mailing_programs() -> QuerySet[Any]:
    return asking_programs().filter(introduction_mail=True).values_list("pk")[:1]


@transaction_required
def ask_by_mail(*, order: Order, now: datetime) -> Introduction | None:
    """The question goes out by mail, once, where a program wants it so and the buyer is new. For orders just placed."""
    if order.placed_at is None or now > order.placed_at + MAIL_WITHIN or order.customer is None:
        return None
    if not asks_by_mail():
        return None
    until = who_sent_until(order, zone=workspace().time_zone)
    if until is None or until <= now or has_bought_before(order.customer, order.placed_at):
        return None
    made = question_about(order, until, now)
    record("introduction.asked", subject=made, by=SYSTEM, now=now, data={"order_id": str(order.pk)})
    return made


@transaction_required
def say_who(*, order: Order, said: str, friend_name: str, now: datetime) -> None:
    """The friend writes a code, a link or a name. Says nothing about what was found; too often changes nothing."""
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    zone = workspace().time_zone
    until = who_sent_until(order, zone=zone)
    told = _locked(introduction_of(order))
    if until is None or until <= now or not clean_text(said).strip():
        return
    if told and (told.tries >= MOST_TRIES or told.state not in _OPEN):
        return
    _note(told or question_about(order, until, now), order, said, friend_name, zone, now)


def _locked(told: Introduction | None) -> Introduction | None:
    """The end of its time (``expire_introductions``) comes without the order's lock."""
    return introduction_for_update(told.pk) if told else None


@transaction_required
def question_about(order: Order, until: datetime, now: datetime) -> Introduction:
    made: Introduction = Introduction.objects.create(order=order, asked_at=now, expires_at=until)
    wake("introduce", due_at=real_time(until, made.merchant))
    return made


def _note(told: Introduction, order: Order, said: str, friend_name: str, zone: str, now: datetime) -> None:
    found = advocate_named(said, order=order, zone=zone, now=now)
    code = code_in(said)
    told.tries += 1
    told.said_at = now
    told.said_code = code if found and code and advocate_by_link_code(code) == found else ""
    told.said_name = "" if told.said_code else _one_line(said)[:LONGEST_NAME]
    told.friend_name = plain_name(friend_name)
    is_asked_again = found is not None and found.pk == told.advocate_id
    if found and not is_asked_again:
        told.advocate, told.state, told.answered_at = found, _State.NAMED, None
        told.expires_at = add_days(now, found.program.introduction_days, zone)
        wake("introduce", due_at=real_time(told.expires_at, told.merchant))
    told.save()
    data = {"order_id": str(order.pk)}
    if found is None:
        record("introduction.unknown", subject=told, by=FRIEND, now=now, data=data)
    elif not is_asked_again:
        record("introduction.named", subject=told, by=FRIEND, now=now, data=data | {"advocate_id": str(found.pk)})


# --- who is meant -------------------------------------------------------------------------------------------------


def advocate_named(said: str, *, order: Order, zone: str, now: datetime) -> Advocate | None:
    """The one advocate whose code, link or name this is; None for unknown ones, for a name that several people have,
    and for the buyer themselves."""
    code = code_in(said)
    by_code = advocate_by_link_code(code) if code else None
    if by_code is not None:
        return by_code if _can_be_asked(by_code, order, zone, now) else None
    named = list(Advocate.objects.filter(_has_name(said)).select_related("program__terms").order_by("enrolled_at")[:50])
    known = [advocate for advocate in named if _can_be_asked(advocate, order, zone, now)]
    return known[0] if len({advocate.customer_id for advocate in known}) == 1 else None


def _can_be_asked(advocate: Advocate, order: Order, zone: str, now: datetime) -> bool:
    program: Program = advocate.program
    if advocate.state != Advocate.State.ACTIVE or advocate.customer_id == order.customer_id or not order.placed_at:
        return False
    is_asking = program.state == Program.State.ACTIVE and program.introduction_days > 0
    return is_asking and now <= add_days(order.placed_at, program.introduction_days, zone)


def code_in(said: str) -> str:
    """The code in what somebody typed or pasted: by itself, or at the end of a link; "" where there is none."""
    text = _one_line(said).partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].upper()
    return text if _CODE.fullmatch(text) else ""


def _has_name(said: str) -> Q:
    """The whole name as the shop knows it; a single word may also be the first name alone. A range on the stored
    column, as searching does."""
    name = " ".join(_one_line(said).split())
    whole = Q(customer__name_key=Lower(Value(name)))
    if " " in name or not name:
        return whole & ~Q(customer__name_key="")
    begins, ends = Lower(Value(name + " ")), Lower(Value(name + "!"))  # "!" follows the space under COLLATE "C"
    return whole | Q(customer__name_key__gte=begins, customer__name_key__lt=ends)


def plain_name(text: str) -> str:
    """A name that is put before somebody else's eyes: letters, spaces and what stands in names; no address, no link."""
    kept = "".join(sign for sign in _one_line(text) if unicodedata.category(sign)[0] in "LM" or sign in " -'’")
    return " ".join(kept.split())[:LONGEST_CODE]


def _one_line(text: str) -> str:
    return clean_text(text).replace("\n", " ").strip()


# --- the end ------------------------------------------------------------------------------------------------------


@transaction_required
def expire_introductions(*, now: datetime) -> int:
    """Nobody found, or nobody answered, in time. Returns how many were ended."""
    over = open_introductions_for_update(now=now, limit=BATCH)
    for told in over:
        was_named = told.state == _State.NAMED
        told.state = _State.EXPIRED
        told.save(update_fields=["state"])
        if was_named:
            data = {"order_id": str(told.order_id), "advocate_id": str(told.advocate_id)}
            record("introduction.expired", subject=told, by=SYSTEM, now=now, data=data)
    return len(over)


def next_expiry() -> datetime | None:
    waiting = Introduction.objects.filter(state__in=[_State.ASKED, _State.NAMED])
    at: datetime | None = waiting.aggregate(at=Min("expires_at"))["at"]
    return at
