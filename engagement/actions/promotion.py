"""Counting who comes to join by which place, what the merchant says of places, and links for the shop's own staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from advocates.models import Advocate
from engagement.locks import place_word_for_update, staff_link_for_update
from engagement.models import Arrival, PlaceDay, PlaceWord, StaffLink
from engagement.rules.coverage import BY_WORD, Place
from engagement.selectors import By, staff_links
from kit.days import local_date
from kit.ids import new_code
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.selectors import workspace
from programs.locks import program_for_update
from programs.models import Program

#: Links of one program in use; each is a line on the page.
MOST_STAFF_LINKS = 100


class BadStaffLink(ValueError):
    """Refused, nothing changed; the message says what to do."""


class BadWord(ValueError):
    """Nobody can say this of that place: it can be seen whether it is live."""


@transaction_required
def note_opened(*, program: Program, by: By, now: datetime) -> None:
    """One more opening of the page to join. No event: like clicks these are numbers, and nobody's."""
    day = local_date(now, workspace().time_zone)
    where: dict[str, Any] = {"program": program, "place": by.place, "staff_link": by.staff_link, "day": day}
    if _one_more(where):
        return
    PlaceDay.objects.bulk_create([PlaceDay(**where)], ignore_conflicts=True)
    _one_more(where)


def _one_more(where: dict[str, Any]) -> int:
    return int(PlaceDay.objects.filter(**where).update(opened=F("opened") + 1))


@transaction_required
def note_arrival(*, advocate: Advocate, by: By, now: datetime) -> None:
    """Where somebody who has just been made an advocate came from. The first place stays."""
    row = Arrival(advocate=advocate, place=by.place, staff_link=by.staff_link, at=now)
    Arrival.objects.bulk_create([row], ignore_conflicts=True)


@transaction_required
def say_of_place(*, place: Place, says: str, by: str, now: datetime) -> PlaceWord:
    """``says``: a PlaceWord.Says, or empty to take back what was said. Raises BadWord; then nothing was changed."""
    if says == PlaceWord.Says.DONE and place not in BY_WORD:
        raise BadWord(place)
    fresh = PlaceWord(place=place, says="", said_at=now, said_by=by)
    PlaceWord.objects.bulk_create([fresh], ignore_conflicts=True)
    word = place_word_for_update(place)
    if not says and not word.says:
        return word
    word.says, word.said_at, word.said_by = says, now, by
    word.save(update_fields=["says", "said_at", "said_by"])
    events.record("place.said", subject=word, by=by, now=now, data={"place": str(place), "says": str(says)})
    return word


@transaction_required
def add_staff_link(*, program: Program, name: str, by: str, now: datetime) -> StaffLink:
    """A link of its own for a colleague or a till. Raises BadStaffLink; then nothing was written."""
    called = " ".join(clean_text(name).split())[:80].strip()
    if not called:
        raise BadStaffLink(_("Say whose link it is, for example Till 2 or Maria."))
    program_for_update(program.pk)
    standing = staff_links(program)
    if standing.filter(name=called).exists():
        raise BadStaffLink(_("There is a link of this name already."))
    if standing.count() >= MOST_STAFF_LINKS:
        raise BadStaffLink(_("These are too many links: take one out of use first."))
    link: StaffLink = StaffLink.objects.create(program=program, name=called, mark=new_code(), created_at=now)
    events.record("staff.link_added", subject=link, by=by, now=now, data={"program": str(program.pk)})
    return link


@transaction_required
def retire_staff_link(*, link: StaffLink, by: str, now: datetime) -> None:
    """Its address goes on leading to the page to join, for printed cards stay about; it counts for nobody any more."""
    found = staff_link_for_update(link.pk)
    if found.retired_at is not None:
        return
    found.retired_at = now
    found.save(update_fields=["retired_at"])
    events.record("staff.link_retired", subject=found, by=by, now=now, data={"program": str(found.program_id)})
