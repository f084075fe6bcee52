"""Details that were left on a friend's page wait in rows until a worker takes them in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min

from advocates.models import Link
from kit.clock import database_now
from kit.patience import MOST_ATTEMPTS, pause_after
from kit.tenancy import transaction_required
from leads.actions.arrive import Arrived, LeadIn, take_lead
from leads.locks import asked_for_update
from leads.models import Lead, LeadAsked
from merchants.wakeups import wake

#: Who leaves their details is nobody we know by a session.
FRIEND = "friend"
LEASE = timedelta(minutes=2)
WAKES = "leads"


@transaction_required
def ask_to_talk(*, link: Link, told: LeadIn) -> LeadAsked:
    """Nothing is looked up: whoever the address belongs to, this does the same and takes as long."""
    real_now = database_now()
    known = {name: getattr(told, name) for name in ("email", "name_shown", "language", "token")}
    asked: LeadAsked = LeadAsked.objects.create(link=link, next_try_at=real_now, **known, **told.cleaned())
    wake(WAKES, due_at=real_now)
    return asked


@transaction_required
def take_next_asked(*, real_now: datetime) -> LeadAsked | None:
    """One that is due, with a lease on it: whoever finds that over takes it up again, and finds the same lead."""
    asked = asked_for_update(real_now=real_now)
    if asked is not None:
        asked.attempts += 1
        asked.next_try_at = real_now + LEASE
        asked.save(update_fields=["attempts", "next_try_at"])
    return asked


@transaction_required
def take_in_asked(*, asked: LeadAsked, now: datetime) -> Arrived:
    """The lead, in the same transaction in which what waited for it goes. Raises Refused."""
    link = Link.objects.select_related("advocate__program__terms").get(pk=asked.link_id)
    told = LeadIn(
        email=asked.email,
        source=Lead.Source.FORM,
        name=asked.name,
        company=asked.company,
        phone=asked.phone,
        message=asked.message,
        name_shown=asked.name_shown,
        language=asked.language,
        token=asked.token,
    )
    arrived = take_lead(program=link.advocate.program, told=told, by=FRIEND, now=now)
    LeadAsked.objects.filter(pk=asked.pk, attempts=asked.attempts).delete()
    return arrived


@transaction_required
def put_off_asked(*, asked: LeadAsked, real_now: datetime) -> None:
    """Half an hour from the eighth try on."""
    at = real_now + pause_after(min(asked.attempts, MOST_ATTEMPTS))
    LeadAsked.objects.filter(pk=asked.pk, attempts=asked.attempts).update(next_try_at=at)


def next_asked_at() -> datetime | None:
    """Real time."""
    at: datetime | None = LeadAsked.objects.aggregate(at=Min("next_try_at"))["at"]
    return at
