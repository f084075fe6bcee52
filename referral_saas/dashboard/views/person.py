"""What the team keeps about a person: notes and tags. The forms stand on the pages of advocates and customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.actions.notes import add_note, remove_note
from advocates.actions.refusals import Refused
from advocates.actions.tags import add_tag, remove_tag
from referral_saas.dashboard.access import customer_for, note_for
from referral_saas.dashboard.answers import done, point_out, refused
from referral_saas.dashboard.forms.desk import NoteForm, TagForm
from referral_saas.dashboard.frame import DeskRequest, change
from referral_saas.dashboard.person_page import page_again, path_back


@change("person.note")
def write_note(request: DeskRequest, public_id: str) -> HttpResponse:
    person, desk, form = customer_for(public_id), request.desk, NoteForm(request.POST)
    if form.is_valid():
        try:
            add_note(customer=person, text=form.cleaned_data["text"], member=desk.membership, now=desk.now)
            return done(request, path_back(request, person, "notes"), _("Noted."))
        except Refused as error:
            point_out(form, error.field, str(error))
    return page_again(request, person, note_form=form)


@change("person.note")
def drop_note(request: DeskRequest, public_id: str) -> HttpResponse:
    note, desk = note_for(public_id), request.desk
    back = path_back(request, note.customer, "notes")
    try:
        remove_note(note=note, member=desk.membership, now=desk.now)
    except Refused as error:
        return refused(request, back, str(error))
    return done(request, back, _("The note is removed."))


@change("advocate.edit")
def give_tag(request: DeskRequest, public_id: str) -> HttpResponse:
    person, form = customer_for(public_id), TagForm(request.POST)
    if form.is_valid():
        try:
            word = add_tag(customer=person, word=form.cleaned_data["word"], **_told(request))
            return done(request, path_back(request, person, "tags"), _("Tagged with %(word)s.") % {"word": word})
        except Refused as error:
            point_out(form, error.field, str(error))
    return page_again(request, person, tag_form=form)


@change("advocate.edit")
def take_tag(request: DeskRequest, public_id: str) -> HttpResponse:
    person, word = customer_for(public_id), request.POST.get("word", "")
    remove_tag(customer=person, word=word, **_told(request))
    return done(request, path_back(request, person, "tags"), _("The tag is removed."))


def _told(request: DeskRequest) -> dict[str, Any]:
    return {"by": request.desk.by, "now": request.desk.now}
