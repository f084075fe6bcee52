"""What the team keeps about a person, as it stands on the person's pages, with the forms that add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.actions.notes import may_remove
from advocates.desk_selectors import notes_on, tasks_of
from advocates.models import Advocate, Customer, Note
from advocates.selectors import advocates_of
from kit.ids import parse_public_id
from referral_saas.dashboard.access import advocate_for, customer_for
from referral_saas.dashboard.advocate_page import advocate_context, with_counts
from referral_saas.dashboard.customer_page import customer_context, with_kept
from referral_saas.dashboard.forms.desk import NoteForm, TagForm
from referral_saas.dashboard.frame import Desk, DeskRequest, show
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.tasks_page import line_of, today_of

#: Notes that are shown at once; the rest is folded.
NEWEST = 3


@dataclass(frozen=True)
class NoteLine:
    note: Note
    author: str
    may_remove: bool


def kept_context(desk: Desk, customer: Customer, **bound: Any) -> dict[str, Any]:
    """``bound`` holds a form that was filled in wrongly, by the name it has in the templates."""
    notes = [_line(note, desk) for note in notes_on(customer)]
    return {
        "person": customer,
        "notes": notes[:NEWEST],
        "older_notes": notes[NEWEST:],
        "note_form": NoteForm(),
        "tasks": [line_of(task, today_of(desk)) for task in tasks_of(customer)],
        "tag_form": TagForm(),
        **bound,
    }


def _line(note: Note, desk: Desk) -> NoteLine:
    author = str(note.written_by) if note.written_by else _("Somebody who has left")
    return NoteLine(note, author, desk.may("person.note") and may_remove(note, desk.membership, desk.now))


def place_of(request: DeskRequest, customer: Customer) -> Advocate | None:
    """The advocate on whose page the form or the link stood; anything else means the customer's own page."""
    key = parse_public_id("adv", request.GET.get("place") or request.POST.get("place", ""))
    return next((one for one in advocates_of(customer) if one.pk == key), None) if key else None


def path_back(request: DeskRequest, customer: Customer, part: str = "") -> str:
    place = place_of(request, customer)
    path = f"/advocates/{public(place)}" if place else f"/customers/{public(customer)}"
    return f"{path}#{part}" if part else path


def page_again(request: DeskRequest, customer: Customer, *, status: int = 422, **bound: Any) -> HttpResponse:
    """The page the form stood on, with what was wrong in it."""
    place = place_of(request, customer)
    if place is not None:
        return advocate_page(request, public(place), status=status, **bound)
    return customer_page(request, public(customer), status=status, **bound)


def advocate_page(request: DeskRequest, public_id: str, *, status: int = 200, **bound: Any) -> HttpResponse:
    advocate: Any = advocate_for(public_id, with_counts)
    context = advocate_context(request.desk, advocate)
    context |= kept_context(request.desk, advocate.customer, place=public(advocate), tags=advocate.tag_words, **bound)
    return show(request, "dashboard/advocates/page.html", context, status=status)


def customer_page(request: DeskRequest, public_id: str, *, status: int = 200, **bound: Any) -> HttpResponse:
    customer: Any = customer_for(public_id, with_kept)
    kept = kept_context(request.desk, customer, tags=customer.tag_words, **bound)
    context = customer_context(request.desk, customer) | kept
    return show(request, "dashboard/customers/page.html", context, status=status)
