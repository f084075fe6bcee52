"""Asking the shop to look again at a recommendation that brings no reward: once, in one's own words.

What is said here is the same whatever was seen: an advocate never learns which rule, sign or list decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.ids import parse_public_id, public_id
from kit.language import language_of_page
from kit.wording import day
from merchants.events import by_advocate
from referral_saas.portal.access import Visit, action, for_advocates
from referral_saas.portal.frame import show
from rewards.actions.reviews import LONGEST_APPEAL, ReviewStateError, ask_second_look, can_ask_second_look
from rewards.review_selectors import review_of
from tracking.models import Referral, Review

REFUSED = (Review.State.REFUSED, Review.State.VOIDED)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """``may_ask`` of what is declined; ``sentence`` once they have asked."""

    referral_id: UUID
    may_ask: bool
    sentence: str = ""
    #: The shop declined it, so no reward is made whatever the order does.
    is_declined: bool = False

    @property
    def public_id(self) -> str:
        return public_id("ref", self.referral_id)


def second_looks(referrals: Iterable[Referral], *, zone: str, language: str) -> dict[UUID, SecondLook]:
    """By referral, in one statement where any of them was ever looked at."""
    told = {referral.pk: referral for referral in referrals}
    looked_at = [key for key, referral in told.items() if referral.has_review]
    reviews = {row.referral_id: row for row in Review.objects.filter(referral__in=looked_at)} if looked_at else {}
    return {key: _look(referral, reviews.get(key), zone, language) for key, referral in told.items()}


def _look(referral: Referral, review: Review | None, zone: str, language: str) -> SecondLook:
    return SecondLook(
        referral.pk,
        may_ask=can_ask_second_look(referral, review),
        sentence=_sentence(review, zone, language) if review and review.appealed_at else "",
        is_declined=review is not None and review.advocate_ok is False,
    )


def _sentence(review: Review, zone: str, language: str) -> str:
    if review.state in REFUSED:
        return _("The shop has looked at it again and stays with its answer.")
    if review.state != Review.State.OPEN:
        return _("The shop has looked at it again: it counts.")
    if review.answer_by is None or review.appealed_at is None:
        return _("You asked for a second look. The shop will answer you.")
    asked, until = (day(at, zone, language) for at in (review.appealed_at, review.answer_by))
    return _("You asked for a second look on %(asked)s. The shop answers by %(until)s.") % {
        "asked": asked,
        "until": until,
    }


# --- the page -----------------------------------------------------------------------------------------------------


class SecondLookForm(forms.Form):
    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("What the shop should know"),
        max_length=LONGEST_APPEAL,
        error_messages={"required": gettext_lazy("Write a few words first.")},
        help_text=gettext_lazy("Say it in your own words, such as who your friend is. You can ask once."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def second_look(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    return (_asked if request.method == "POST" else _asking)(request, slug=slug, public_id=public_id)


@for_advocates
def _asking(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    _own(visit, public_id)
    return _page(request, visit, SecondLookForm())


@action
def _asked(request: HttpRequest, visit: Visit, public_id: str) -> HttpResponse:
    referral, form = _own(visit, public_id), SecondLookForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, form, status=400)
    by = by_advocate(visit.advocate.pk)
    try:
        review = ask_second_look(referral=referral, text=form.cleaned_data["text"], by=by, now=visit.now)
    except ReviewStateError:
        raise Http404 from None
    until = day(review.answer_by or visit.now, visit.zone, language_of_page())
    messages.success(request, _("Thank you. The shop looks at it again and answers by %(day)s.") % {"day": until})
    return HttpResponseRedirect(reverse("portal:friends", args=[visit.merchant.slug]), status=303)


def _own(visit: Visit, public_id: str) -> Referral:
    """One of theirs that was declined and not asked about before; everything else is unknown here."""
    found = Referral.objects.filter(pk=parse_public_id("ref", public_id), advocate=visit.advocate)
    referral: Referral | None = found.first()
    if referral is None or not can_ask_second_look(referral, review_of(referral)):
        raise Http404
    return referral


def _page(request: HttpRequest, visit: Visit, form: SecondLookForm, *, status: int = 200) -> HttpResponse:
    return show(request, visit, "second_look.html", {"form": form}, status=status)
